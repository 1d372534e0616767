//! Bidirectional: a recurrent layer forwards, another backwards, and both outputs as one.

mod held;

use ceratops_core::{
    Context, Error, Gradients, Mask, MultiLayer, Param, Part, Result, Rng, Saved, Shape, Tensor,
    Tensors,
};
use serde::{Deserialize, Serialize};

use self::held::Held;
pub use self::held::{AnyRecurrent, Walk};
use super::recurrent::{forget_mask_beside_states, reversed};
use crate::{Registry, Resolve};

/// y = merge(forward(x), backward(x)), where the second layer walks from the last time to the first; its
/// outputs of all times are turned, so that both stand at the same time.
///
/// The layers are an [`LSTM`](crate::LSTM) or any other recurrent one and, unless it is given, a second
/// one of its kind; both pass on their states, the first one's before the second one's, and take half of
/// the given states each. With `return_sequences` their outputs are 0 at masked times.
///
/// Weights: those of the first layer, then those of the second.
///
/// ```
/// use ceratops_layers::{Bidirectional, GRU, Input, sequential};
///
/// let model = sequential![Input::new([None, Some(3)]), Bidirectional::new(GRU::new(4))]?;
/// assert_eq!(model.predict([[[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]])?.shape(), [1, 8]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Schuster and Paliwal 1997, "Bidirectional Recurrent Neural Networks"; Keras,
/// `keras.layers.Bidirectional`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Bidirectional {
    /// How the two outputs become one; with `None` they are two outputs.
    pub merge_mode: Option<MergeMode>,
    /// The layer that walks forwards.
    layer: Held,
    /// The layer that walks backwards.
    backward_layer: Held,
}

/// How [`Bidirectional`] makes one output of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MergeMode {
    /// The one behind the other, along the last axis.
    Concat,
    /// Their sum.
    Sum,
    /// Their product, number by number.
    Mul,
    /// Half of their sum.
    Ave,
}

impl Default for Bidirectional {
    fn default() -> Self {
        Self {
            merge_mode: Some(MergeMode::Concat),
            layer: Held::default(),
            backward_layer: Held::default(),
        }
    }
}

impl Bidirectional {
    /// The layer and one of its kind that walks the other way, their outputs one behind the other.
    pub fn new(layer: impl AnyRecurrent) -> Self {
        let mut both = Self { layer: Held::of(Box::new(layer)), ..Self::default() };
        both.complete();
        both
    }

    /// Sets how the two outputs become one: `MergeMode::Sum`, or `None` for two outputs.
    #[must_use]
    pub fn merge_mode(self, merge_mode: impl Into<Option<MergeMode>>) -> Self {
        Self { merge_mode: merge_mode.into(), ..self }
    }

    /// Sets the layer that walks backwards, with `go_backwards`.
    #[must_use]
    pub fn backward_layer(mut self, layer: impl AnyRecurrent) -> Self {
        self.backward_layer = Held::of(Box::new(layer));
        self.complete();
        self
    }

    /// Names the layers, makes the second one of the first if there is none, and lets both put out 0 at
    /// masked times if they put out all, as Keras does.
    fn complete(&mut self) {
        if self.backward_layer.is_empty() {
            self.backward_layer = self.layer.turned();
        }
        self.layer.begin_name("forward_");
        self.backward_layer.begin_name("backward_");
        for held in [&mut self.layer, &mut self.backward_layer] {
            held.silence_masked();
        }
    }

    /// The layer that walks forwards, and the one that walks backwards.
    pub fn layers(&self) -> impl Iterator<Item = &dyn AnyRecurrent> {
        [&self.layer, &self.backward_layer].into_iter().filter_map(|held| held.layer().ok())
    }

    /// The two layers.
    fn both(&self) -> Result<[&dyn AnyRecurrent; 2]> {
        Ok([self.layer.layer()?, self.backward_layer.layer()?])
    }

    /// The second output in the order of the first one's times, or back.
    fn aligned(y: Tensor, sequences: bool) -> Tensor {
        if sequences { reversed(&y) } else { y }
    }
}

impl Resolve for Bidirectional {
    fn resolve(&mut self, registry: &Registry) -> Result<()> {
        self.layer.resolve(registry).map_err(|e| e.at("layer"))?;
        self.backward_layer.resolve(registry).map_err(|e| e.at("backward_layer"))?;
        self.complete();
        Ok(())
    }
}

/// What the gradient needs: what the layers saved, the lengths of their outputs' last axes, and for a
/// product the outputs.
#[derive(Debug)]
pub struct SavedBidirectional {
    saved: [Option<Saved>; 2],
    widths: [usize; 2],
    factors: Option<[Tensor; 2]>,
}

impl MultiLayer for Bidirectional {
    const CLASS_NAME: &'static str = "Bidirectional";
    type Saved = SavedBidirectional;

    fn validate(&self) -> Result<()> {
        let both = self.both()?;
        both.iter().try_for_each(|layer| layer.validate())?;
        let [forward, backward] = both.map(AnyRecurrent::walk);
        if forward.go_backwards == backward.go_backwards {
            let expected =
                format!("go_backwards={}, unlike the other layer", !forward.go_backwards);
            return Err(Error::argument("backward_layer", expected, backward.go_backwards));
        }
        for (key, a, b) in [
            ("return_sequences", forward.return_sequences, backward.return_sequences),
            ("return_state", forward.return_state, backward.return_state),
            ("stateful", forward.stateful, backward.stateful),
        ] {
            if a != b {
                let expected = format!("{key}={a}, as the other layer");
                return Err(Error::argument("backward_layer", expected, b));
            }
        }
        Ok(())
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let [forward, backward] = self.both()?;
        let (of_forward, of_backward) = halves(inputs)?;
        let mut shapes = forward.output_shapes(&of_forward)?.into_iter();
        let mut others = backward.output_shapes(&of_backward)?.into_iter();
        let (Some(y), Some(z)) = (shapes.next(), others.next()) else { return Ok(Vec::new()) };
        let outputs = match self.merge_mode {
            None => vec![y, z],
            Some(MergeMode::Concat) => {
                let last = y.ndim() - 1;
                let sum = y.last().zip(z.last()).map(|(a, b)| a.saturating_add(b));
                vec![y.with_axis(last, sum)]
            }
            Some(_) if y == z => vec![y],
            Some(_) => {
                let (what, help) = ("output of the backward layer".into(), String::new());
                let (expected, found) = (y.to_string(), z.to_string());
                return Err(Error::Shape { what, expected, found, help });
            }
        };
        Ok(outputs.into_iter().chain(shapes).chain(others).collect())
    }

    fn build_all(&mut self, inputs: &[Shape], rng: &mut Rng) -> Result<()> {
        let (of_forward, of_backward) = halves(inputs)?;
        self.layer.layer_mut()?.build_all(&of_forward, rng)?;
        self.backward_layer.layer_mut()?.build_all(&of_backward, rng)
    }

    fn forward_all(
        &self,
        xs: Tensors,
        cx: &mut Context,
    ) -> Result<(Tensors, Option<SavedBidirectional>)> {
        forget_mask_beside_states(&xs, cx);
        let [forward, backward] = self.both()?;
        let sequences = forward.walk().return_sequences;
        let (of_forward, of_backward) = halves(&xs)?;
        let (ys, of_forward) = forward.forward_all(of_forward.into(), cx)?;
        let (zs, of_backward) = backward.forward_all(of_backward.into(), cx)?;
        let (mut ys, mut zs) = (ys.into_iter(), zs.into_iter());
        let (Some(y), Some(z)) = (ys.next(), zs.next()) else { return Ok(Default::default()) };
        let z = Self::aligned(z, sequences);
        let widths = [&y, &z].map(|y| y.shape().last().copied().unwrap_or(0));
        let product = self.merge_mode == Some(MergeMode::Mul);
        let factors = if product { cx.save(|| [y.clone(), z.clone()]) } else { None };
        let outputs: Vec<Tensor> = match self.merge_mode {
            None => vec![y, z],
            Some(MergeMode::Concat) => vec![side_by_side(&y, &z)],
            Some(MergeMode::Sum) => vec![y.zip_map(&z, |y, z| y + z)?],
            Some(MergeMode::Ave) => vec![y.zip_map(&z, |y, z| (y + z) / 2.0)?],
            Some(MergeMode::Mul) => vec![y.zip_map(&z, |y, z| y * z)?],
        };
        let saved = [of_forward, of_backward];
        let saved = cx.save(|| SavedBidirectional { saved, widths, factors });
        Ok((outputs.into_iter().chain(ys).chain(zs).collect(), saved))
    }

    fn backward_all(
        &self,
        saved: SavedBidirectional,
        dys: Vec<Option<Tensor>>,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        let SavedBidirectional { saved: [of_forward, of_backward], widths, factors } = saved;
        let [forward, backward] = self.both()?;
        let sequences = forward.walk().return_sequences;
        let mut dys = dys.into_iter();
        let first = dys.next().flatten();
        let [dy, dz] = match (self.merge_mode, first, factors) {
            (None, dy, _) => [dy, dys.next().flatten()],
            (_, None, _) => [None, None],
            (Some(MergeMode::Concat), Some(dy), _) => apart(&dy, widths).map(Some),
            (Some(MergeMode::Ave), Some(dy), _) => {
                let half = dy.map(|dy| dy / 2.0);
                [Some(half.clone()), Some(half)]
            }
            (Some(MergeMode::Mul), Some(dy), Some([y, z])) => [
                Some(dy.clone().zip_map(&z, |dy, z| dy * z)?),
                Some(dy.zip_map(&y, |dy, y| dy * y)?),
            ],
            (Some(_), Some(dy), _) => [Some(dy.clone()), Some(dy)],
        };
        let dz = dz.map(|dz| Self::aligned(dz, sequences));
        let mut dstates: Vec<Option<Tensor>> = dys.collect();
        let others = dstates.split_off(dstates.len() / 2);
        let join = |dy, dstates: Vec<_>| std::iter::once(dy).chain(dstates).collect();
        let (own, wants_dx) = (forward.params().len(), dw.wants_dx());
        let mut dxs =
            forward.backward_all(of_forward, join(dy, dstates), &mut dw.part(0, own, wants_dx))?;
        let more = backward.backward_all(
            of_backward,
            join(dz, others),
            &mut dw.part(own, backward.params().len(), wants_dx),
        )?;
        let mut more = more.into_iter();
        if let (Some(Some(dx)), Some(Some(other))) = (dxs.first_mut(), more.next()) {
            dx.add_scaled(1.0, &other)?;
        }
        dxs.extend(more);
        Ok(dxs)
    }

    fn output_masks(&self, _: &[Tensor], masks: &[Option<Mask>]) -> Result<Vec<Option<Mask>>> {
        let sequences = self.layer.layer()?.walk().return_sequences;
        let mask = masks.first().cloned().flatten().filter(|_| sequences);
        Ok(vec![mask; if self.merge_mode.is_none() { 2 } else { 1 }])
    }

    fn is_stateful(&self) -> bool {
        self.layers().any(|layer| layer.is_stateful())
    }

    fn reset_state(&self) {
        self.layers().for_each(|layer| layer.reset_state());
    }

    fn memories(&self) -> Vec<Vec<Tensor>> {
        self.layers().flat_map(|layer| layer.memories()).collect()
    }

    fn remember(&self, memories: Vec<Vec<Tensor>>) {
        let mut rest = memories.into_iter();
        for layer in self.layers() {
            let own = layer.memories().len();
            layer.remember(rest.by_ref().take(own).collect());
        }
    }

    fn params(&self) -> Vec<&Param> {
        self.layers().flat_map(|layer| layer.params()).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        let held = [&mut self.layer, &mut self.backward_layer].into_iter();
        held.filter_map(|held| held.layer_mut().ok()).flat_map(|layer| layer.params_mut()).collect()
    }

    fn parts(&self) -> Vec<Part<'_>> {
        let held = [("forward_layer", &self.layer), ("backward_layer", &self.backward_layer)];
        let mut parts = vec![Part::own(Vec::new())];
        for (attribute, held) in held {
            let Ok(layer) = held.layer() else { continue };
            parts.extend(layer.parts().into_iter().map(|part| part.within(attribute, held.name())));
        }
        parts
    }
}

/// What the first layer takes, and what the second: the sequence, and half of the states each.
fn halves<T: Clone>(inputs: &[T]) -> Result<(Vec<T>, Vec<T>)> {
    let Some((x, states)) = inputs.split_first() else {
        return Err(Error::argument("inputs", "a sequence", "none"));
    };
    if states.len() % 2 == 1 {
        let found = format!("{} states", states.len());
        return Err(Error::argument("inputs", "states for both layers", found));
    }
    let (first, second) = states.split_at(states.len() / 2);
    let of = |states: &[T]| std::iter::once(x).chain(states).cloned().collect();
    Ok((of(first), of(second)))
}

/// One behind the other, along the last axis.
fn side_by_side(y: &Tensor, z: &Tensor) -> Tensor {
    let [m, n] = [y, z].map(|y| y.shape().last().copied().unwrap_or(0));
    let mut shape = y.shape().to_vec();
    if let Some(last) = shape.last_mut() {
        *last = m + n;
    }
    let mut both = Tensor::for_overwrite(&shape);
    let rows = y.as_slice().chunks_exact(m.max(1)).zip(z.as_slice().chunks_exact(n.max(1)));
    for (to, (y, z)) in both.as_mut_slice().chunks_exact_mut((m + n).max(1)).zip(rows) {
        to[..m].copy_from_slice(y);
        to[m..].copy_from_slice(z);
    }
    both
}

/// The reverse of [`side_by_side`].
fn apart(both: &Tensor, [m, n]: [usize; 2]) -> [Tensor; 2] {
    let rows = || both.as_slice().chunks_exact((m + n).max(1));
    let part = |start: usize, len: usize| {
        let mut shape = both.shape().to_vec();
        if let Some(last) = shape.last_mut() {
            *last = len;
        }
        let mut part = Tensor::for_overwrite(&shape);
        for (to, from) in part.as_mut_slice().chunks_exact_mut(len.max(1)).zip(rows()) {
            to.copy_from_slice(&from[start..start + len]);
        }
        part
    };
    [part(0, m), part(m, n)]
}
