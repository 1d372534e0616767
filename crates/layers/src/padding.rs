//! Where a window may stand: the `padding` argument of convolutions and pools.

use ceratops_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// How a window meets the border.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Padding {
    /// The window stays inside: the output is smaller than the input.
    #[default]
    Valid,
    /// The border is padded so that the output has ceil(input / stride) places; of an odd number
    /// of pads the extra one goes to the bottom and the right.
    Same,
    /// All pads stand in front, so that no output sees a later step. Only Conv1D takes it.
    Causal,
}

impl Padding {
    /// Refuses the padding that only Conv1D takes.
    pub(crate) fn check_not_causal(self) -> Result<()> {
        match self {
            Self::Valid | Self::Same => Ok(()),
            Self::Causal => Err(Error::argument("padding", "\"valid\" or \"same\"", "\"causal\"")
                .with_help("only Conv1D takes it")),
        }
    }
}
