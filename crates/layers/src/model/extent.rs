//! How large a model may be, so that it is made and runs in moments and never overflows the stack.

use ceratops_core::{Error, Result, Shape};

use crate::Node;

/// How many calls of layers a pass makes at most. Models that are nested thirty deep, each calling the
/// next twice, would make a thousand million.
const MOST_CALLS: usize = 1 << 17;
/// How deep models are nested at most: who walks through them calls itself for each.
const DEEPEST: usize = 64;
/// How many numbers a sample of an output has at most: 8 GiB of them. A few layers that each double
/// what they are given would ask for more than any memory holds.
const MOST_NUMBERS: usize = 1 << 31;

/// How large a model is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    /// The calls of a pass, those within nested models each time that these are called.
    calls: usize,
    /// How many models are nested in it, one in the other.
    depth: usize,
}

impl Extent {
    /// Of a model that calls these of its layers.
    pub(crate) fn of(layers: &[Node], calls: impl Iterator<Item = usize>) -> Self {
        calls.filter_map(|layer| layers.get(layer)).fold(Self::default(), Self::with)
    }

    /// The same with one more call of a layer.
    pub(crate) fn with(self, node: &Node) -> Self {
        let (calls, depth) = match node.as_model() {
            Some(model) => {
                let inner = model.schedule().extent();
                (inner.calls, inner.depth + 1)
            }
            None => (1, 0),
        };
        Self { calls: self.calls.saturating_add(calls), depth: self.depth.max(depth) }
    }

    /// Refuses what is too large, before it is made.
    pub(crate) fn check(self) -> Result<()> {
        if self.calls > MOST_CALLS {
            return Err(Error::Model(format!(
                "a pass would make {} calls of layers, with each call of a nested model all of its \
                 own; at most {MOST_CALLS} are made here: call nested models fewer times",
                self.calls
            )));
        }
        if self.depth > DEEPEST {
            return Err(Error::Model(format!(
                "models would be nested {} deep, expected {DEEPEST} at most; put layers into the outer \
                 model",
                self.depth
            )));
        }
        Ok(())
    }
}

/// Refuses an output of which no memory would hold a sample.
pub(crate) fn check_size(output: &Shape) -> Result<()> {
    let lens = output.axes().iter().skip(1).flatten();
    let numbers = lens.fold(1usize, |numbers, &len| numbers.saturating_mul(len));
    if numbers > MOST_NUMBERS {
        return Err(Error::Model(format!(
            "a sample of its output {output} would have more than {MOST_NUMBERS} numbers; make the \
             layers before it smaller"
        )));
    }
    Ok(())
}
