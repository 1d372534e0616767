//! UnitNormalization: brings every vector to length 1.

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    super::Axes,
    SavedNorm, Together,
    rows::{Learned, Rule, Size},
};

/// y = x / √Σx², the sum going over the numbers along `axis`, for each index along the other axes. Where
/// all of them are 0 they stay so.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::UnitNormalization;
///
/// let x = Tensor::from([[3.0, 4.0]]);
/// let (y, _) = UnitNormalization::new().forward(x, &mut Context::inference())?;
/// assert_eq!(y, Tensor::from([[0.6, 0.8]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.UnitNormalization`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct UnitNormalization {
    /// The axis or axes that are normalized together; -1, the last, by default.
    pub axis: Axes,
}

impl Default for UnitNormalization {
    fn default() -> Self {
        Self { axis: Axes::from(-1) }
    }
}

/// The length of a vector is not taken for less than one over that, as in Keras 3.
const LARGEST: f32 = 1e12;

impl UnitNormalization {
    /// The layer with Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Normalizes along this axis, or these together.
    #[must_use]
    pub fn axis(self, axis: impl Into<Axes>) -> Self {
        Self { axis: axis.into() }
    }

    fn rule() -> Rule {
        Rule { centers: false, about_mean: false, size: Size::Sum { largest: LARGEST } }
    }
}

impl Layer for UnitNormalization {
    const CLASS_NAME: &'static str = "UnitNormalization";
    const KEEPS_MASK: bool = true;
    type Saved = SavedNorm;

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Together::of(&self.axis, input.ndim()).map(|_| input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedNorm>)> {
        let together = Together::of(&self.axis, x.ndim())?;
        let len = together.len(x.shape());
        let mut x = together.gathered(x)?;
        let kept = cx.save(|| x.clone());
        let rows = Self::rule().forward(x.as_mut_slice(), len, Learned::default());
        Ok((together.scattered(x)?, kept.map(|x| SavedNorm::new(x, rows))))
    }

    fn backward(
        &self,
        saved: SavedNorm,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let together = Together::of(&self.axis, dy.ndim())?;
        let len = together.len(dy.shape());
        let mut dy = together.gathered(dy)?;
        Self::rule().backward(&saved, dy.as_mut_slice(), len, None);
        together.scattered(dy).map(Some)
    }
}
