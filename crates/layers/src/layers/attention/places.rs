//! Along which axes of its input attention goes, and how the others lie.

use ceratops_core::{Error, Result, Tensor};

/// The axes of an input of so many: those that attention goes along, and those before them.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// The batch, and axes that are treated like it.
    pub(super) lead: Vec<usize>,
    pub(super) along: Vec<usize>,
}

impl Places {
    /// `given`, or all between the batch and the last axis.
    pub(super) fn of(given: Option<&[isize]>, ndim: usize) -> Result<Self> {
        let inner = 1..ndim.saturating_sub(1);
        let Some(given) = given else { return Ok(Self { lead: vec![0], along: inner.collect() }) };
        let mut along = Vec::with_capacity(given.len());
        for &axis in given {
            let place =
                if axis < 0 { ndim.checked_add_signed(axis) } else { Some(axis.unsigned_abs()) };
            match place {
                Some(place) if inner.contains(&place) && !along.contains(&place) => {
                    along.push(place);
                }
                _ => {
                    let expected = format!(
                        "axes between the batch and the last one of an input of {ndim} axes, each once"
                    );
                    return Err(Error::argument("attention_axes", expected, format!("{given:?}")));
                }
            }
        }
        let lead = (0..ndim - 1).filter(|axis| !along.contains(axis)).collect();
        Ok(Self { lead, along })
    }

    /// The axes in the order in which they are worked on, then `behind` further ones; `None` if they
    /// stand so.
    fn order(&self, behind: usize) -> Option<Vec<usize>> {
        let mut order = [&self.lead[..], &self.along].concat();
        let count = order.len();
        order.extend(count..count + behind);
        (!order.iter().copied().eq(0..count + behind)).then_some(order)
    }

    /// `x` with the axes that attention goes along behind all others but the last `behind`.
    pub(super) fn gathered(&self, x: &Tensor, behind: usize) -> Result<Tensor> {
        self.order(behind).map_or_else(|| Ok(x.clone()), |order| x.permuted(&order))
    }

    /// The other way.
    pub(super) fn scattered(&self, y: Tensor, behind: usize) -> Result<Tensor> {
        let Some(order) = self.order(behind) else { return Ok(y) };
        let mut back = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, &old)| back[old] = new);
        y.permuted(&back)
    }

    /// Of the lengths of all axes, those of the lead and those along.
    pub(super) fn split<T: Copy>(&self, lengths: &[T]) -> [Vec<T>; 2] {
        [&self.lead, &self.along].map(|axes| axes.iter().map(|&axis| lengths[axis]).collect())
    }
}
