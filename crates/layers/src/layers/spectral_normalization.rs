//! SpectralNormalization: a layer whose kernel stretches nothing by more than 1.

use std::any::Any;

use ceratops_core::{
    Closing, Context, Error, Gradients, Layer, Mask, Mode, Param, Part, Result, Rng, Saved, Shape,
    Tensor,
};
use ceratops_weights::{Initializer, initializers::TruncatedNormal};
use serde::{Deserialize, Serialize};

use super::built;
use crate::{HeldLayer, Registry, Resolve};

/// y = layer(x), whose kernel W is divided by σ(W) at each step of training, the largest factor by which it
/// stretches a vector.
///
/// σ = v · W · uᵀ, found by `power_iterations` of v = u · Wᵀ / |u · Wᵀ|, u = v · W / |v · W|, where W has a
/// row for each input and a column for each output; the u of one step is where the next one begins. A kernel
/// of zeros stays. Without training the layer is as training left it. The layer is one with a `kernel`, such
/// as Dense or Conv2D, or an Embedding.
///
/// Weights: the layer's kernel, `vector_u` (1, outputs), which does not learn, then the layer's others.
///
/// ```
/// use ceratops_layers::{Conv2D, Flatten, Dense, Input, SpectralNormalization, sequential};
///
/// let model = sequential![
///     Input::new([8, 8, 1]),
///     SpectralNormalization::new(Conv2D::new(4, 3)),
///     Flatten::new(),
///     SpectralNormalization::new(Dense::new(1)).power_iterations(2),
/// ]?;
/// assert_eq!(model.output_shape().unwrap().to_string(), "(None, 1)");
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks"; Keras,
/// `keras.layers.SpectralNormalization`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct SpectralNormalization {
    /// The layer.
    pub layer: HeldLayer,
    /// How often u is drawn nearer at each step.
    pub power_iterations: usize,
    #[serde(skip)]
    vector_u: Option<Param>,
}

impl Default for SpectralNormalization {
    fn default() -> Self {
        Self { layer: HeldLayer::default(), power_iterations: 1, vector_u: None }
    }
}

impl SpectralNormalization {
    /// Normalizes the kernel of `layer`.
    pub fn new(layer: impl Into<HeldLayer>) -> Self {
        Self { layer: layer.into(), ..Self::default() }
    }

    /// Draws u nearer so often at each step; once is the default.
    #[must_use]
    pub fn power_iterations(self, power_iterations: usize) -> Self {
        Self { power_iterations, ..self }
    }

    /// The kernel's place among the weights of the layer.
    fn kernel(&self) -> Result<usize> {
        let node = self.layer.node()?;
        let parts = node.layer().parts();
        let own = parts.first().map(|part| &part.params[..]).unwrap_or_default();
        let named = |name: &str| own.iter().position(|param| param.name() == name);
        // To Keras a DepthwiseConv has a `kernel`, a SeparableConv has none but its two.
        let depthwise = named("depthwise_kernel").filter(|_| named("pointwise_kernel").is_none());
        let place = named("kernel").or_else(|| named("embeddings")).or(depthwise);
        place.ok_or_else(|| {
            let expected = "a layer with a `kernel`, or an Embedding";
            Error::argument("layer", expected, node.class_name())
        })
    }

    /// The place here of weight `index` of the layer, whose kernel is at `kernel`: that comes first.
    fn place(index: usize, kernel: usize) -> usize {
        match index.cmp(&kernel) {
            std::cmp::Ordering::Less => index + 2,
            std::cmp::Ordering::Equal => 0,
            std::cmp::Ordering::Greater => index + 1,
        }
    }

    /// The kernel over σ, and the next u.
    fn normalized(&self, kernel: &Tensor, u: &Tensor) -> Result<(Tensor, Tensor)> {
        if kernel.as_slice().iter().all(|w| *w == 0.0) {
            return Ok((kernel.clone(), u.clone()));
        }
        let columns = u.len().max(1);
        let rows = || kernel.as_slice().chunks_exact(columns);
        let mut next: Vec<f64> = u.as_slice().iter().map(|u| f64::from(*u)).collect();
        let mut sigma = 0.0;
        for _ in 0..self.power_iterations {
            let dot = |row: &[f32]| row.iter().zip(&next).map(|(w, u)| f64::from(*w) * u).sum();
            let mut v: Vec<f64> = rows().map(dot).collect();
            normalize(&mut v);
            next.fill(0.0);
            for (row, v) in rows().zip(&v) {
                next.iter_mut().zip(row).for_each(|(u, w)| *u += v * f64::from(*w));
            }
            // σ = v · W · uᵀ, where u is v · W over its length
            let image = next.clone();
            normalize(&mut next);
            sigma = image.iter().zip(&next).map(|(image, u)| image * u).sum();
        }
        let sigma = sigma as f32;
        let u = Tensor::new(u.shape(), next.into_iter().map(|u| u as f32).collect())?;
        Ok((kernel.clone().map(move |w| w / sigma), u))
    }
}

/// Makes the length of a vector 1, if it has any.
fn normalize(vector: &mut [f64]) {
    const SMALLEST: f64 = 1e-7;
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt().max(SMALLEST);
    vector.iter_mut().for_each(|x| *x /= length);
}

impl Resolve for SpectralNormalization {
    fn resolve(&mut self, registry: &Registry) -> Result<()> {
        self.layer.resolve("layer", registry)
    }
}

/// What the layer saved, and in training the layer with its kernel as it was then.
#[derive(Debug)]
pub struct SavedSpectralNormalization {
    layer: Option<HeldLayer>,
    saved: Option<Saved>,
}

impl Layer for SpectralNormalization {
    const CLASS_NAME: &'static str = "SpectralNormalization";
    type Saved = SavedSpectralNormalization;

    fn validate(&self) -> Result<()> {
        if self.power_iterations == 0 {
            return Err(Error::argument("power_iterations", "a positive integer", 0));
        }
        self.layer.validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.layer.output_shape(input)
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        self.layer.build(input, rng)?;
        let kernel = self.kernel()?;
        let columns = self.layer.params()[kernel].value().shape().last().copied().unwrap_or(1);
        let initializer = Initializer::from(TruncatedNormal::new(0.0, 0.02));
        let u = initializer.draw(&[1, columns], rng)?;
        self.vector_u = Some(Param::new("vector_u", u).non_trainable());
        Ok(())
    }

    fn forward(
        &self,
        x: Tensor,
        cx: &mut Context,
    ) -> Result<(Tensor, Option<SavedSpectralNormalization>)> {
        let mut normalized = None;
        if cx.is_training() {
            let place = self.kernel()?;
            // A second call goes on from what the first one made.
            let kernel = cx.assigned(0).unwrap_or(self.layer.params()[place].value());
            let u = built(self.vector_u.as_ref())?.value();
            let (kernel, u) = self.normalized(kernel, cx.assigned(1).unwrap_or(u))?;
            cx.assign(0, kernel.clone());
            cx.assign(1, u);
            let mut layer = self.layer.clone();
            layer.params_mut()[place].set_value(kernel)?;
            normalized = Some(layer);
        }
        let (y, saved) = normalized.as_ref().unwrap_or(&self.layer).forward(x, cx, 1)?;
        Ok((y, cx.save(|| SavedSpectralNormalization { layer: normalized, saved })))
    }

    fn backward(
        &self,
        SavedSpectralNormalization { layer, saved }: SavedSpectralNormalization,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let (layer, kernel) = (layer.as_ref().unwrap_or(&self.layer), self.kernel()?);
        let mut slots = Gradients::slots(self.layer.params());
        let mut own = Gradients::new(&mut slots, dw.wants_dx());
        let dx = layer.backward(saved, dy, &mut own, 0)?;
        for (index, slot) in slots.iter().enumerate() {
            if let (Some(own), Some(all)) = (slot, dw.get(Self::place(index, kernel))) {
                all.add_scaled(1.0, own)?;
            }
        }
        Ok(dx)
    }

    fn output_mask(&self, x: &Tensor, mask: Option<&Mask>) -> Result<Option<Mask>> {
        self.layer.output_mask(x, mask)
    }

    fn makes_mask(&self) -> bool {
        self.layer.node().is_ok_and(|node| node.layer().makes_mask())
    }

    fn params(&self) -> Vec<&Param> {
        let (Some(u), Ok(kernel)) = (&self.vector_u, self.kernel()) else {
            return self.layer.params();
        };
        let mut params = self.layer.params();
        let kernel = params.remove(kernel);
        [kernel, u].into_iter().chain(params).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        let place = self.kernel();
        let (Some(u), Ok(place)) = (&mut self.vector_u, place) else {
            return self.layer.params_mut();
        };
        let mut params = self.layer.params_mut();
        let kernel = params.remove(place);
        [kernel, u].into_iter().chain(params).collect()
    }

    /// To Keras the kernel is a weight of this layer, too.
    fn parts(&self) -> Vec<Part<'_>> {
        let own = self.params().into_iter().take(2 * usize::from(self.vector_u.is_some()));
        let own = [Part::own(own.collect())].into_iter();
        own.chain(self.layer.parts("layer")).collect()
    }

    fn held(&self) -> Vec<(&'static str, &dyn Any)> {
        vec![("layer", &self.layer)]
    }

    fn freeze(&mut self, frozen: bool) {
        self.layer.freeze(frozen);
        self.vector_u.iter_mut().for_each(|u| u.set_frozen(frozen));
    }

    fn set_held_trainable(&mut self, trainable: bool) {
        self.layer.set_trainable(trainable);
    }

    fn couples_samples(&self) -> bool {
        self.layer.couples_samples(Mode::Training)
    }

    fn closing_activation(&self) -> Option<Closing> {
        self.layer.closing_activation()
    }
}
