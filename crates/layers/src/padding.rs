//! Where a window may stand: the `padding` argument of convolutions and pools.

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
}
