//! Masking: leaves out the steps that hold nothing.

use ceratops_core::{Context, Error, Gradients, Layer, Mask, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::shape_error;

/// y = x, and a mask that leaves out the steps of which every number is `mask_value`; their numbers
/// become 0, whatever `mask_value` is.
///
/// The mask goes beside the numbers from layer to layer. LSTM passes over what is masked,
/// BatchNormalization does not count it, merging layers join masks; what gives each step an output of
/// its own (Dense, Activation, Dropout, ...) passes the mask on, and what moves numbers elsewhere
/// (Conv2D, MaxPooling2D, Reshape, Flatten, Dot) ends it.
///
/// The input has the shape (batch, steps, features).
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{Input, Masking, sequential};
///
/// let model = sequential![Input::new([2, 2]), Masking::new(-1.0)]?;
/// let y = model.predict([[[1.0, -1.0], [-1.0, -1.0]]])?;
/// assert_eq!(y, Tensor::from([[[1.0, -1.0], [0.0, 0.0]]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Masking`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Masking {
    /// The number that a step is full of which holds nothing; 0 by default.
    pub mask_value: f32,
}

impl Masking {
    /// Leaves out the steps that are full of `mask_value`.
    pub fn new(mask_value: f32) -> Self {
        Self { mask_value }
    }

    /// For each step 1 if it counts, else 0.
    fn steps(&self, x: &Tensor) -> Result<Tensor> {
        let Some((&features, steps)) = x.shape().split_last() else {
            return Err(Error::shape("input", "(batch, steps, features)", x.shape(), ""));
        };
        let counts = |step: &[f32]| f32::from(step.iter().any(|x| *x != self.mask_value));
        let count: usize = steps.iter().product();
        let mut keep = vec![0.0; count];
        let rows = x.as_slice().chunks_exact(features.max(1));
        keep.iter_mut().zip(rows).for_each(|(keep, step)| *keep = counts(step));
        Tensor::new(steps, keep)
    }
}

impl Layer for Masking {
    const CLASS_NAME: &'static str = "Masking";
    const MAKES_MASK: bool = true;
    /// Which numbers count.
    type Saved = Vec<f32>;

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        match input.ndim() {
            0 | 1 => Err(shape_error(input, "(batch, steps, features)", "")),
            _ => Ok(input.clone()),
        }
    }

    fn forward(&self, mut x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Vec<f32>>)> {
        let keep = Mask::from(self.steps(&x)?).spread(x.shape())?;
        drop_masked(&mut x, &keep);
        Ok((x, cx.save(|| keep)))
    }

    fn backward(
        &self,
        keep: Vec<f32>,
        mut dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        drop_masked(&mut dy, &keep);
        Ok(Some(dy))
    }

    fn output_mask(&self, x: &Tensor, _: Option<&Mask>) -> Result<Option<Mask>> {
        self.steps(x).map(|steps| Some(Mask::from(steps)))
    }
}

fn drop_masked(x: &mut Tensor, keep: &[f32]) {
    for (x, keep) in x.as_mut_slice().iter_mut().zip(keep) {
        if *keep == 0.0 {
            *x = 0.0;
        }
    }
}
