//! What an operation computes of its operands, and the gradient of that.

use std::fmt::Debug;

use ceratops_core::{Error, Result, Shape, Tensor, Tensors};

/// What an operation of some settings computes. Operands are tensors, batch first, and constants.
pub(super) trait Compute: Debug + Send + Sync {
    /// The shapes of the outputs.
    fn shapes(&self, operands: &[Operand]) -> Result<Vec<Shape>>;

    /// The outputs.
    fn forward(&self, operands: Tensors) -> Result<Tensors>;

    /// The gradient of each operand, those of the outputs being `dys`.
    fn backward(&self, kept: &Kept, dys: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>>;

    /// Whether the gradient needs the operands themselves.
    fn keeps_operands(&self) -> bool {
        true
    }

    /// Whether the gradient needs the outputs.
    fn keeps_outputs(&self) -> bool {
        false
    }
}

/// What is known of an operand before there are numbers.
#[derive(Debug, Clone)]
pub(super) struct Operand {
    pub(super) shape: Shape,
    /// Whether it is a number or an array, which has no batch axis.
    pub(super) is_constant: bool,
}

/// What the gradient needs.
#[derive(Debug)]
pub struct Kept {
    /// The shapes of the operands.
    pub(super) shapes: Vec<Vec<usize>>,
    /// Which of the operands are constants, whose gradient nobody reads.
    pub(super) constants: Vec<bool>,
    pub(super) xs: Tensors,
    pub(super) ys: Tensors,
}

impl Kept {
    pub(super) fn of(operands: &Tensors, whole: bool) -> Self {
        Self {
            shapes: operands.iter().map(|x| x.shape().to_vec()).collect(),
            constants: Vec::new(),
            xs: if whole { operands.clone() } else { Tensors::new() },
            ys: Tensors::new(),
        }
    }

    /// Whether anybody reads the gradient of operand `i`.
    pub(super) fn wants(&self, i: usize) -> bool {
        self.constants.get(i) != Some(&true)
    }

    /// The shape of the only operand.
    pub(super) fn shape(&self) -> &[usize] {
        self.shapes.first().map_or(&[], Vec::as_slice)
    }

    /// The only operand.
    pub(super) fn x(&self) -> Result<&Tensor> {
        self.xs.first().ok_or_else(lost)
    }

    /// The only output.
    pub(super) fn y(&self) -> Result<&Tensor> {
        self.ys.first().ok_or_else(lost)
    }
}

fn lost() -> Error {
    Error::Model("backward without a forward that saved".into())
}

/// The gradient of the only output; without one there is none of the operands.
pub(super) fn only_gradient(dys: Vec<Option<Tensor>>) -> Option<Tensor> {
    dys.into_iter().next().flatten()
}

/// The shape of the only operand, a tensor.
pub(super) fn only(operands: &[Operand]) -> Result<&Shape> {
    match operands {
        [Operand { shape, is_constant: false }] => Ok(shape),
        _ => Err(Error::argument("inputs", "one tensor", format!("{} operands", operands.len()))),
    }
}

/// The shape of operands that are stretched to each other, as NumPy does: axes are lined up from the
/// last one on. The batch axes of tensors must meet.
pub(super) fn stretched(operands: &[Operand]) -> Result<Shape> {
    let tensor = operands.iter().find(|operand| !operand.is_constant);
    let shape = tensor.map(|operand| &operand.shape);
    let shape = shape.ok_or_else(|| Error::argument("inputs", "a tensor", "numbers only"))?;
    let mut axes = shape.axes().to_vec();
    for operand in operands {
        let own = operand.shape.axes();
        let own = match own {
            [Some(1) | None, rest @ ..] if own.len() == axes.len() => rest,
            [_, rest @ ..] if own.len() == axes.len() && !operand.is_constant => rest,
            _ if operand.is_constant && own.len() < axes.len() => own,
            _ => return Err(misfit(shape, &operand.shape)),
        };
        let lead = axes.len() - own.len();
        for (place, &len) in axes[lead..].iter_mut().zip(own) {
            *place = match (*place, len) {
                (Some(1) | None, len) | (len, Some(1) | None) => len,
                (Some(a), Some(b)) if a == b => Some(a),
                _ => return Err(misfit(shape, &operand.shape)),
            };
        }
    }
    Ok(axes.into())
}

fn misfit(shape: &Shape, other: &Shape) -> Error {
    let (what, expected, found) = ("operand".into(), shape.to_string(), other.to_string());
    let help = "axes are lined up from the last one on; each must have the same length, or 1, and the \
                samples of one tensor must not meet another axis than the samples of the other: give \
                both tensors as many axes"
        .into();
    Error::Shape { what, expected, found, help }
}
