//! Operations on symbolic tensors, named as in `keras.ops`.
//!
//! ```
//! use ceratops_core::Tensor;
//! use ceratops_layers::{Input, Model, ops};
//!
//! let x = Input::new([3, 2]).tensor();
//! let first = ops::get_item(&x, (.., 0))?;
//! let centred = ops::subtract(&x, &ops::mean(&x, 1, true)?)?;
//! let model = Model::new([&x], [&first, &ops::max(&centred, [1], false)?])?;
//! let y = model.predict_all(Tensor::from([[[1.0, 2.0], [3.0, 5.0], [5.0, 2.0]]]))?;
//! assert_eq!(y[0], Tensor::from([[1.0, 2.0]]));
//! assert_eq!(y[1], Tensor::from([[2.0, 2.0]]));
//! # Ok::<(), ceratops_core::Error>(())
//! ```
//!
//! Each makes a layer of its own, an [`Operation`]. Axes are counted with the batch as axis 0, which no
//! operation touches; an operand may be a number or an array as well as a tensor.
//!
//! Source: Keras, `keras.ops`.

mod operand;
mod slice;

use ceratops_core::{Error, Result};
use serde_json::{Map, Value, json};

use crate::{
    Activation, CallLayer, KerasTensor, Node, Operation, Softmax, functional::call_operation,
};

pub use self::{
    operand::{IntoOperand, OpAxes, Operand},
    slice::{IntoKey, Slice},
};

/// Calls an operation by its class in Keras 3: `keras.ops` has a function for each. `config` are its
/// settings as Keras writes them.
///
/// # Errors
/// For a class that is not known here, and operands that do not fit.
pub fn call(
    class_name: &str,
    config: Value,
    operands: impl IntoIterator<Item = Operand>,
) -> Result<Vec<KerasTensor>> {
    let (mut args, mut tensors) = (Vec::new(), Vec::new());
    for operand in operands {
        args.push(operand.argument(&mut tensors));
    }
    let config = config.as_object().cloned().unwrap_or_else(Map::new);
    let operation = Operation::new(class_name, config, &json!({ "args": args, "kwargs": {} }))?;
    if tensors.is_empty() {
        return Err(Error::argument("operands", "at least one tensor", "numbers only"));
    }
    call_operation(Node::from(operation), tensors)
}

fn one(
    class_name: &str,
    config: Value,
    operands: impl IntoIterator<Item = Operand>,
) -> Result<KerasTensor> {
    let made = call(class_name, config, operands)?;
    let mut made = made.into_iter();
    made.next().ok_or_else(|| Error::Model(format!("{class_name} made nothing")))
}

macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident $class:literal;)*) => {$(
        $(#[$doc])*
        pub fn $name(x: &KerasTensor) -> Result<KerasTensor> {
            one($class, json!({}), [x.operand()])
        }
    )*};
}

unary! {
    /// |x|
    abs "Absolute";
    /// The smallest whole number that is not below x.
    ceil "Ceil";
    /// cos(x)
    cos "Cos";
    /// erf(x)
    erf "Erf";
    /// exp(x)
    exp "Exp";
    /// exp(x) - 1
    expm1 "Expm1";
    /// The largest whole number that is not above x.
    floor "Floor";
    /// ln(x)
    log "Log";
    /// ln(1 + x)
    log1p "Log1p";
    /// 1 where x is 0, else 0.
    logical_not "LogicalNot";
    /// 1 / x
    reciprocal "Reciprocal";
    /// The nearest whole number, of two the even one.
    round "Round";
    /// 1 / √x
    rsqrt "Rsqrt";
    /// -1, 0 or 1
    sign "Sign";
    /// sin(x)
    sin "Sin";
    /// √x
    sqrt "Sqrt";
    /// x²
    square "Square";
    /// x, through which no gradient goes back.
    stop_gradient "StopGradient";
}

/// Activations, which are [`Activation`](crate::Activation) layers here.
macro_rules! activations {
    ($($name:ident)*) => {$(
        #[doc = concat!("The activation `", stringify!($name), "`.")]
        pub fn $name(x: &KerasTensor) -> Result<KerasTensor> {
            Activation::new(stringify!($name)).call(x)
        }
    )*};
}

activations! {
    celu elu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu log_sigmoid mish relu relu6 selu sigmoid
    silu soft_shrink softplus softsign squareplus tanh_shrink
}

/// e^x / Σ e^x along the axis.
pub fn softmax(x: &KerasTensor, axis: isize) -> Result<KerasTensor> {
    Softmax::new(axis).call(x)
}

macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident $class:literal;)*) => {$(
        $(#[$doc])*
        pub fn $name(a: impl IntoOperand, b: impl IntoOperand) -> Result<KerasTensor> {
            one($class, json!({}), [a.operand(), b.operand()])
        }
    )*};
}

binary! {
    /// a + b
    add "Add";
    /// a / b
    divide "TrueDivide";
    /// 1 where a = b, else 0.
    equal "Equal";
    /// ⌊a / b⌋
    floor_divide "FloorDivide";
    /// 1 where a > b, else 0.
    greater "Greater";
    /// 1 where a ≥ b, else 0.
    greater_equal "GreaterEqual";
    /// 1 where a < b, else 0.
    less "Less";
    /// 1 where a ≤ b, else 0.
    less_equal "LessEqual";
    /// 1 where neither is 0, else 0.
    logical_and "LogicalAnd";
    /// 0 where both are 0, else 1.
    logical_or "LogicalOr";
    /// The product of matrices, those of the last two axes.
    matmul "Matmul";
    /// The larger one; of equal numbers the first has the gradient.
    maximum "Maximum";
    /// The smaller one; of equal numbers the first has the gradient.
    minimum "Minimum";
    /// What a leaves of the largest multiple of b below it.
    mod_ "Mod";
    /// a · b
    multiply "Multiply";
    /// 1 where a ≠ b, else 0.
    not_equal "NotEqual";
    /// aᵇ
    power "Power";
    /// a - b
    subtract "Subtract";
}

macro_rules! reductions {
    ($($(#[$doc:meta])* $name:ident $class:literal;)*) => {$(
        $(#[$doc])*
        pub fn $name(x: &KerasTensor, axis: impl Into<OpAxes>, keepdims: bool) -> Result<KerasTensor> {
            one($class, json!({ "axis": axis.into(), "keepdims": keepdims }), [x.operand()])
        }
    )*};
}

reductions! {
    /// 1 where no number is 0, else 0.
    all "All";
    /// 0 where all numbers are 0, else 1.
    any "Any";
    /// ln Σ exp(x)
    logsumexp "Logsumexp";
    /// The largest number; equal ones share the gradient.
    max "Max";
    /// The mean.
    mean "Mean";
    /// The smallest number; equal ones share the gradient.
    min "Min";
    /// √Σ x²
    norm "Norm";
    /// The product.
    prod "Prod";
    /// √(Σ (x - mean)² / n)
    std "Std";
    /// The sum.
    sum "Sum";
    /// Σ (x - mean)² / n
    var "Var";
}

macro_rules! along {
    ($($(#[$doc:meta])* $name:ident $class:literal;)*) => {$(
        $(#[$doc])*
        pub fn $name(x: &KerasTensor, axis: impl Into<OpAxes>) -> Result<KerasTensor> {
            one($class, json!({ "axis": axis.into() }), [x.operand()])
        }
    )*};
}

along! {
    /// The sum of each number and those before it.
    cumsum "Cumsum";
    /// A new axis of length 1.
    expand_dims "ExpandDims";
    /// The numbers from the last to the first.
    flip "Flip";
    /// x - ln Σ exp(x)
    log_softmax "LogSoftmax";
    /// Without these axes, of length 1.
    squeeze "Squeeze";
}

/// The place of the largest number, of equal ones the first.
pub fn argmax(x: &KerasTensor, axis: i64) -> Result<KerasTensor> {
    one("Argmax", json!({ "axis": axis, "keepdims": false }), [x.operand()])
}

/// Whole numbers (`"int32"`), 0 and 1 (`"bool"`), or x itself (`"float32"`).
pub fn cast(x: &KerasTensor, dtype: &str) -> Result<KerasTensor> {
    one("Cast", json!({ "dtype": dtype }), [x.operand()])
}

/// x cut to a range.
pub fn clip(x: &KerasTensor, min: f64, max: f64) -> Result<KerasTensor> {
    one("Clip", json!({ "x_min": min, "x_max": max }), [x.operand()])
}

/// The product that letters describe: `"bij,bkj->bik"`.
pub fn einsum(subscripts: &str, a: impl IntoOperand, b: impl IntoOperand) -> Result<KerasTensor> {
    one("Einsum", json!({ "subscripts": subscripts }), [a.operand(), b.operand()])
}

/// x Φ(x), or a function near it, which Keras' `ops.gelu` is unless told otherwise.
pub fn gelu(x: &KerasTensor, approximate: bool) -> Result<KerasTensor> {
    one("Gelu", json!({ "approximate": approximate }), [x.operand()])
}

/// What brackets take: `x[:, 0]` is `get_item(&x, (.., 0))`, `x[:, 1:, -1]` is
/// `get_item(&x, (.., 1.., -1))`.
pub fn get_item(x: &KerasTensor, key: impl IntoKey) -> Result<KerasTensor> {
    one("GetItem", json!({}), [x.operand(), Operand::setting(key.key())])
}

/// Every vector along the axis divided by its length.
pub fn normalize(x: &KerasTensor, axis: impl Into<OpAxes>) -> Result<KerasTensor> {
    let config = json!({ "axis": axis.into(), "order": 2, "epsilon": null });
    one("Normalize", config, [x.operand()])
}

/// For each number n a row of zeros with a 1 in place n.
pub fn one_hot(x: &KerasTensor, num_classes: usize) -> Result<KerasTensor> {
    let config =
        json!({ "num_classes": num_classes, "axis": -1, "dtype": "float32", "sparse": false });
    one("OneHot", config, [x.operand()])
}

/// Zeros around: for each axis how many in front and behind, none for the batch.
pub fn pad(x: &KerasTensor, pad_width: &[[usize; 2]]) -> Result<KerasTensor> {
    one("Pad", json!({ "pad_width": pad_width, "mode": "constant" }), [x.operand()])
}

/// Each place of an axis so many times.
pub fn repeat(x: &KerasTensor, repeats: usize, axis: i64) -> Result<KerasTensor> {
    one("Repeat", json!({ "repeats": repeats, "axis": axis }), [x.operand()])
}

/// The numbers so many places further on; what falls off stands in front.
pub fn roll(x: &KerasTensor, shift: i64, axis: i64) -> Result<KerasTensor> {
    one("Roll", json!({ "shift": shift, "axis": axis }), [x.operand()])
}

/// An axis in so many equal parts.
pub fn split(x: &KerasTensor, sections: usize, axis: i64) -> Result<Vec<KerasTensor>> {
    call("Split", json!({ "indices_or_sections": sections, "axis": axis }), [x.operand()])
}

/// Tensors of one shape, side by side along a new axis.
pub fn stack<const N: usize>(xs: [&KerasTensor; N], axis: i64) -> Result<KerasTensor> {
    one("Stack", json!({ "axis": axis }), [Operand::list(&xs)])
}

/// Two axes, each in the place of the other.
pub fn swapaxes(x: &KerasTensor, axis1: i64, axis2: i64) -> Result<KerasTensor> {
    one("Swapaxes", json!({ "axis1": axis1, "axis2": axis2 }), [x.operand()])
}

/// These places of an axis.
pub fn take(x: &KerasTensor, indices: &[i64], axis: i64) -> Result<KerasTensor> {
    one("Take", json!({ "axis": axis }), [x.operand(), Operand::setting(json!(indices))])
}

/// Each axis so many times, once for the batch.
pub fn tile(x: &KerasTensor, repeats: &[usize]) -> Result<KerasTensor> {
    one("Tile", json!({ "repeats": repeats }), [x.operand()])
}

/// The axes in another order, the batch first.
pub fn transpose<const N: usize>(x: &KerasTensor, axes: [usize; N]) -> Result<KerasTensor> {
    one("Transpose", json!({ "axes": axes.to_vec() }), [x.operand()])
}

/// Each place of an axis as a tensor of its own.
pub fn unstack(x: &KerasTensor, axis: i64) -> Result<Vec<KerasTensor>> {
    call("Unstack", json!({ "num": null, "axis": axis }), [x.operand()])
}

/// a where the condition is not 0, else b.
pub fn where_(
    condition: &KerasTensor,
    a: impl IntoOperand,
    b: impl IntoOperand,
) -> Result<KerasTensor> {
    one("Where", json!({}), [condition.operand(), a.operand(), b.operand()])
}
