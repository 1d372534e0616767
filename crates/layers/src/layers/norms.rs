//! Norms: what the layers share that bring each sample, or parts of it, to one size.

mod group_normalization;
mod layer_normalization;
mod rms_normalization;
mod rows;
mod unit_normalization;

use ceratops_core::{Error, Param, Result, Shape, Tensor};

use self::rows::SavedNorm;
pub use self::{
    group_normalization::GroupNormalization, layer_normalization::LayerNormalization,
    rms_normalization::RMSNormalization, unit_normalization::UnitNormalization,
};
use super::{Axes, built, wrong_axis};

/// Some axes of an input, counted from 0 and in order: those that are normalized together.
struct Together {
    axes: Vec<usize>,
    ndim: usize,
}

impl Together {
    /// Those that `given` names, of an input of so many axes; each once, and not that of the batch.
    fn of(given: &Axes, ndim: usize) -> Result<Self> {
        let mut axes = Vec::with_capacity(given.as_slice().len());
        for &axis in given.as_slice() {
            axes.push(place_of(axis, ndim)?);
        }
        axes.sort_unstable();
        if axes.is_empty() || axes.windows(2).any(|pair| pair[0] == pair[1]) {
            let found = format!("{:?}", given.as_slice());
            return Err(Error::argument("axis", "an axis, or several, each once", found));
        }
        Ok(Self { axes, ndim })
    }

    /// How many numbers of a tensor of that shape are normalized together.
    fn len(&self, shape: &[usize]) -> usize {
        self.axes.iter().map(|&axis| shape[axis]).product()
    }

    /// The axes with these last; `None` if they are.
    fn order(&self) -> Option<Vec<usize>> {
        let last = self.ndim - self.axes.len();
        let others = (0..self.ndim).filter(|axis| !self.axes.contains(axis));
        (self.axes[0] != last).then(|| others.chain(self.axes.iter().copied()).collect())
    }

    /// `x` with these axes last, so that what is normalized together is one piece of memory.
    fn gathered(&self, x: Tensor) -> Result<Tensor> {
        let Some(order) = self.order() else { return Ok(x) };
        x.permuted(&order)
    }

    /// The other way.
    fn scattered(&self, x: Tensor) -> Result<Tensor> {
        let Some(order) = self.order() else { return Ok(x) };
        let mut back = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, &old)| back[old] = new);
        x.permuted(&back)
    }
}

/// An axis of an input of `ndim` axes, counted from 0; it is not that of the batch, whose samples do not
/// see each other.
fn place_of(axis: isize, ndim: usize) -> Result<usize> {
    let place = if axis < 0 { ndim.checked_add_signed(axis) } else { Some(axis.unsigned_abs()) };
    place.filter(|place| (1..ndim).contains(place)).ok_or_else(|| wrong_axis(axis, ndim))
}

/// The length of an axis, which must be known.
fn known(input: &Shape, axis: usize) -> Result<usize> {
    input.axes()[axis].ok_or_else(|| {
        Error::argument("input_shape", format!("a known length of axis {axis}"), input)
            .with_help("set it in the Input: there is a weight for each place along it")
    })
}

/// The numbers of a weight, if the layer has it; there must be `len`.
fn numbers(param: Option<&Param>, wanted: bool, len: usize) -> Result<Option<&[f32]>> {
    if !wanted {
        return Ok(None);
    }
    let param = built(param)?;
    match param.value().as_slice() {
        numbers if numbers.len() == len => Ok(Some(numbers)),
        _ => {
            let (expected, own) = (format!("{len} numbers"), param.value().shape());
            let help = "the layer was built for an input of another shape";
            Err(Error::shape(param.name(), expected, own, help))
        }
    }
}

/// Refuses an epsilon that is negative, or no number.
fn check_epsilon(epsilon: f64) -> Result<()> {
    match epsilon >= 0.0 {
        true => Ok(()),
        false => Err(Error::argument("epsilon", "a number >= 0", epsilon)),
    }
}
