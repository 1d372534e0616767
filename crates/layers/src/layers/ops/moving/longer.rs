//! Operations that make axes longer: Tile, Repeat, Pad, BroadcastTo.

use ceratops_core::{Error, Result, Shape};
use serde::Deserialize;

use super::{
    super::{
        axes::{Axes, named},
        places::{Padding, Places, Plan},
    },
    Mover,
};

/// Each axis so many times, one behind the other.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tile {
    repeats: Axes,
}

impl Mover for Tile {
    fn plans(&self, shape: &Shape) -> Result<Vec<Plan>> {
        let repeats = self.repeats.list();
        let unfit = || {
            let expected = "a number for each axis, 1 for the batch";
            Error::argument("repeats", expected, format!("{repeats:?}"))
        };
        // Axes that are not named, the first ones, stay as they are.
        let lead = shape.ndim().checked_sub(repeats.len()).ok_or_else(unfit)?;
        let mut plan = Plan::whole(shape.ndim());
        for (axis, &count) in repeats.iter().enumerate().map(|(i, count)| (lead + i, count)) {
            match (axis, usize::try_from(count)) {
                (_, Ok(1)) => {}
                (1.., Ok(count)) => plan = plan.with(axis, Places::Tiled(count)),
                _ => return Err(unfit()),
            }
        }
        Ok(vec![plan])
    }
}

/// Each place of an axis so many times.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Repeat {
    repeats: usize,
    axis: Option<Axes>,
}

impl Mover for Repeat {
    fn plans(&self, shape: &Shape) -> Result<Vec<Plan>> {
        match named(self.axis.as_ref(), shape.ndim())?.as_slice() {
            [axis] => {
                Ok(vec![Plan::whole(shape.ndim()).with(*axis, Places::Repeated(self.repeats))])
            }
            axes => Err(Error::argument("axis", "one axis", format!("{axes:?}"))),
        }
    }
}

/// Axes made longer at their ends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pad {
    pad_width: Widths,
    #[serde(default = "constant")]
    mode: String,
    #[serde(default)]
    constant_values: f32,
}

/// How much longer: for each axis in front and behind, or the same for all.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Widths {
    Each(Vec<[usize; 2]>),
    All([usize; 2]),
    One(usize),
}

fn constant() -> String {
    "constant".into()
}

impl Mover for Pad {
    fn plans(&self, shape: &Shape) -> Result<Vec<Plan>> {
        let padding = match self.mode.as_str() {
            "constant" => Padding::Constant,
            "reflect" => Padding::Reflect,
            "symmetric" => Padding::Symmetric,
            other => {
                return Err(Error::argument("mode", "constant, reflect or symmetric", other));
            }
        };
        let widths = match &self.pad_width {
            Widths::Each(widths) if widths.len() == shape.ndim() => widths.clone(),
            Widths::Each(widths) if widths.len() == 1 => vec![widths[0]; shape.ndim()],
            Widths::All(both) => vec![*both; shape.ndim()],
            Widths::One(both) => vec![[*both; 2]; shape.ndim()],
            Widths::Each(_) => Vec::new(),
        };
        if widths.first() != Some(&[0, 0]) {
            let expected = "two numbers for each axis, 0 and 0 for the batch";
            return Err(Error::argument("pad_width", expected, format!("{:?}", self.pad_width)));
        }
        let mut plan = Plan::whole(shape.ndim());
        for (axis, [before, after]) in widths.into_iter().enumerate() {
            if before > 0 || after > 0 {
                plan = plan.with(axis, Places::Padded(before, after, padding));
            }
        }
        Ok(vec![plan])
    }

    fn fill(&self) -> f32 {
        self.constant_values
    }
}

/// Axes of length 1 stretched.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BroadcastTo {
    shape: Vec<Option<i64>>,
}

impl Mover for BroadcastTo {
    fn plans(&self, shape: &Shape) -> Result<Vec<Plan>> {
        let unfit = || {
            let expected = "as many axes as the input has, the first one -1 or None";
            Error::argument("shape", expected, format!("{:?}", self.shape))
        };
        let is_open = |len: &Option<i64>| len.is_none_or(|len| len < 0);
        if self.shape.len() != shape.ndim() || !self.shape.first().is_some_and(is_open) {
            return Err(unfit());
        }
        let mut plan = Plan::whole(shape.ndim());
        for (axis, len) in self.shape.iter().enumerate().filter(|(_, len)| !is_open(len)) {
            let len = usize::try_from(len.unwrap_or_default()).map_err(|_| unfit())?;
            plan = plan.with(axis, Places::Stretched(len));
        }
        Ok(vec![plan])
    }
}
