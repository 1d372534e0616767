//! What becomes of masks at a layer.

use ceratops_core::{Arguments, Error, Mask, Result, Tensor};
use serde::Deserialize;
use serde_json::Value;

use super::Node;

/// What becomes of masks at a layer, where it is not what Keras 3's layer of that class does. The
/// layer itself then knows nothing of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MaskRule {
    /// They end, as at an operation, or at a layer that passes them on since Keras 3 only.
    End,
    /// A step counts where it does in all inputs, as where Keras 2 merges.
    All,
    /// The layer is told the mask of its first input alone, as Keras 2 tells a recurrent layer that is
    /// given states. Keras 3 tells it none then.
    First,
}

impl MaskRule {
    /// The rule that an entry names under `masks`.
    pub(crate) fn of(entry: &Value) -> Result<Option<Self>> {
        let masks = entry.get("masks").cloned().unwrap_or_default();
        serde_json::from_value(masks).map_err(|e| Error::config("masks", e))
    }

    /// The word for it in an entry.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::All => "all",
            Self::First => "first",
        }
    }
}

impl Node {
    /// The masks that the layer is told of, and those of its outputs, for a call on inputs with these masks.
    pub(crate) fn masks(
        &self,
        xs: &[Tensor],
        masks: Vec<Option<Mask>>,
        arguments: &Arguments,
    ) -> Result<[Vec<Option<Mask>>; 2]> {
        match self.masks {
            None => {
                let made = self.layer.masks_of_call(xs, &masks, arguments)?;
                Ok([masks, made])
            }
            Some(MaskRule::First) => {
                let made = self.layer.output_masks(xs, &masks)?;
                Ok([masks.into_iter().take(1).collect(), made])
            }
            Some(MaskRule::End) => Ok([Vec::new(), Vec::new()]),
            Some(MaskRule::All) => Ok([Vec::new(), self.all_of(xs, &masks)?]),
        }
    }

    /// The masks joined so that a step counts where it does in all inputs; one without a mask counts
    /// as a whole. The layer itself joins by any: all(m) = not any(not m).
    fn all_of(&self, xs: &[Tensor], masks: &[Option<Mask>]) -> Result<Vec<Option<Mask>>> {
        if masks.iter().all(Option::is_none) {
            return Ok(Vec::new());
        }
        let not = |mask: &Mask| Mask::from(mask.tensor().clone().map(|keep| 1.0 - keep));
        let masked = |(x, mask): (&Tensor, &Option<Mask>)| match mask {
            Some(mask) => Ok(Some(not(mask))),
            None => {
                let steps = &x.shape()[..x.ndim().saturating_sub(1)];
                Tensor::try_full(steps, 0.0).map(|none| Some(Mask::from(none)))
            }
        };
        let masked = xs.iter().zip(masks).map(masked).collect::<Result<Vec<_>>>()?;
        let joined = self.layer.output_masks(xs, &masked)?;
        Ok(joined.iter().map(|mask| mask.as_ref().map(not)).collect())
    }
}
