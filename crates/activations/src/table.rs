//! The table of the built-in activations.

use ceratops_core::{Error, Result, Shape, Tensor};

use Keeps::{Input, Output};

use crate::*;

/// What the backward function of an activation wants to be kept of the forward pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    /// x.
    Input,
    /// y, which costs nothing where the next layer keeps it too.
    Output,
}

/// A built-in activation with the default arguments of Keras.
#[derive(Debug)]
pub struct Entry {
    /// Its identifier in Keras 3.
    pub name: &'static str,
    /// Its other identifiers: Keras' second names, and TF.js' spelling.
    pub aliases: &'static [&'static str],
    /// What `backward` takes.
    pub keeps: Keeps,
    /// The formula in a line.
    pub formula: &'static str,
    /// y from x.
    pub forward: fn(Tensor) -> Result<Tensor>,
    /// dx from x or y, and dy.
    pub backward: fn(&Tensor, Tensor) -> Result<Tensor>,
    /// The shape of y from that of x.
    pub output_shape: fn(&Shape) -> Result<Shape>,
}

impl Entry {
    /// The name and the aliases.
    pub fn identifiers(&self) -> impl Iterator<Item = &'static str> + use<> {
        [self.name].into_iter().chain(self.aliases.iter().copied())
    }
}

/// Keras' `linear`, which is also its activation `None`.
pub(crate) const LINEAR: Entry =
    row("linear", &[], Output, "x", |x| Ok(linear(x)), linear_backward);

/// Every built-in activation, in the order of Keras' documentation.
///
/// Three names are not Keras 3's: `keras2>hard_sigmoid` is what Keras 1, Keras 2 and TF.js mean by
/// hard_sigmoid (TF.js writes `hardSigmoid`), and `gelu_new` is TF.js' name for the approximate
/// gelu, for which Keras has no string.
pub static BUILTIN: &[Entry] = &[
    // With the default arguments, relu and its kin have the same derivative at y as at x.
    row(
        "relu",
        &[],
        Output,
        "max(x, 0)",
        |x| Ok(relu(x, 0.0, None, 0.0)),
        |y, dy| relu_backward(y, dy, 0.0, None, 0.0),
    ),
    row(
        "leaky_relu",
        &["leakyRelu"],
        Output,
        "x if x > 0, else 0.2 x",
        |x| Ok(leaky_relu(x, 0.2)),
        |y, dy| leaky_relu_backward(y, dy, 0.2),
    ),
    row("relu6", &[], Output, "min(max(x, 0), 6)", |x| Ok(relu6(x)), relu6_backward),
    Entry {
        output_shape: softmax_shape,
        ..row(
            "softmax",
            &[],
            Output,
            "exp(x) / sum(exp(x))",
            |x| softmax(x, -1),
            |y, dy| softmax_backward(y, dy, -1),
        )
    },
    row(
        "celu",
        &[],
        Output,
        "x if x > 0, else exp(x) - 1",
        |x| Ok(celu(x, 1.0)),
        |y, dy| celu_backward(y, dy, 1.0),
    ),
    row(
        "elu",
        &[],
        Output,
        "x if x > 0, else exp(x) - 1",
        |x| Ok(elu(x, 1.0)),
        |y, dy| elu_backward(y, dy, 1.0),
    ),
    row(
        "selu",
        &[],
        Output,
        "1.050701 x if x > 0, else 1.7580993 (exp(x) - 1)",
        |x| Ok(selu(x)),
        selu_backward,
    ),
    row("softplus", &[], Output, "ln(exp(x) + 1)", |x| Ok(softplus(x)), softplus_backward),
    row("softsign", &[], Input, "x / (|x| + 1)", |x| Ok(softsign(x)), softsign_backward),
    row(
        "squareplus",
        &[],
        Input,
        "(x + sqrt(x² + 4)) / 2",
        |x| Ok(squareplus(x, 4.0)),
        |x, dy| squareplus_backward(x, dy, 4.0),
    ),
    row(
        "soft_shrink",
        &["softShrink"],
        Input,
        "x - 0.5 if x > 0.5, x + 0.5 if x < -0.5, else 0",
        |x| Ok(soft_shrink(x, 0.5)),
        |x, dy| soft_shrink_backward(x, dy, 0.5),
    ),
    row(
        "sparse_plus",
        &["sparsePlus"],
        Input,
        "0 if x <= -1, x if x >= 1, else (x + 1)² / 4",
        |x| Ok(sparse_plus(x)),
        sparse_plus_backward,
    ),
    row("silu", &["swish"], Input, "x / (1 + exp(-x))", |x| Ok(silu(x)), silu_backward),
    row(
        "gelu",
        &[],
        Input,
        "x (1 + erf(x / sqrt(2))) / 2",
        |x| Ok(gelu(x, false)),
        |x, dy| gelu_backward(x, dy, false),
    ),
    row(
        "gelu_new",
        &["geluNew"],
        Input,
        "x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x³))) / 2",
        |x| Ok(gelu(x, true)),
        |x, dy| gelu_backward(x, dy, true),
    ),
    Entry {
        output_shape: |input| glu::output_shape(input, -1),
        ..row(
            "glu",
            &[],
            Input,
            "a / (1 + exp(-b)), where a and b are the halves of x",
            |x| glu(x, -1),
            |x, dy| glu_backward(x, dy, -1),
        )
    },
    row("tanh", &[], Output, "tanh(x)", |x| Ok(tanh(x)), tanh_backward),
    row(
        "tanh_shrink",
        &["tanhShrink"],
        Input,
        "x - tanh(x)",
        |x| Ok(tanh_shrink(x)),
        tanh_shrink_backward,
    ),
    row(
        "threshold",
        &[],
        Input,
        "x if x > threshold, else default_value",
        |_| Err(needs_arguments()),
        |_, _| Err(needs_arguments()),
    ),
    row("sigmoid", &[], Output, "1 / (1 + exp(-x))", |x| Ok(sigmoid(x)), sigmoid_backward),
    row(
        "sparse_sigmoid",
        &["sparseSigmoid"],
        Input,
        "min(max((x + 1) / 2, 0), 1)",
        |x| Ok(sparse_sigmoid(x)),
        sparse_sigmoid_backward,
    ),
    row("exponential", &[], Output, "exp(x)", |x| Ok(exponential(x)), exponential_backward),
    row(
        "hard_sigmoid",
        &[],
        Input,
        "min(max(x / 6 + 0.5, 0), 1)",
        |x| Ok(hard_sigmoid(x)),
        hard_sigmoid_backward,
    ),
    row(
        "keras2>hard_sigmoid",
        &["hardSigmoid"],
        Input,
        "min(max(0.2 x + 0.5, 0), 1)",
        |x| Ok(hard_sigmoid_keras2(x)),
        hard_sigmoid_keras2_backward,
    ),
    row(
        "hard_silu",
        &["hard_swish", "hardSilu", "hardSwish"],
        Input,
        "x min(max(x / 6 + 0.5, 0), 1)",
        |x| Ok(hard_silu(x)),
        hard_silu_backward,
    ),
    row(
        "hard_tanh",
        &["hardTanh"],
        Input,
        "min(max(x, -1), 1)",
        |x| Ok(hard_tanh(x)),
        hard_tanh_backward,
    ),
    row(
        "hard_shrink",
        &["hardShrink"],
        Input,
        "x if |x| > 0.5, else 0",
        |x| Ok(hard_shrink(x, 0.5)),
        |x, dy| hard_shrink_backward(x, dy, 0.5),
    ),
    LINEAR,
    row("mish", &[], Input, "x tanh(ln(exp(x) + 1))", |x| Ok(mish(x)), mish_backward),
    Entry {
        output_shape: along_last_axis,
        ..row(
            "log_softmax",
            &["logSoftmax"],
            Output,
            "x - ln(sum(exp(x)))",
            |x| log_softmax(x, -1),
            |y, dy| log_softmax_backward(y, dy, -1),
        )
    },
    row(
        "log_sigmoid",
        &["logSigmoid"],
        Output,
        "-ln(1 + exp(-x))",
        |x| Ok(log_sigmoid(x)),
        log_sigmoid_backward,
    ),
    Entry {
        output_shape: along_last_axis,
        ..row(
            "sparsemax",
            &[],
            Input,
            "max(x - tau, 0), where tau makes the sum 1",
            |x| sparsemax(x, -1),
            |x, dy| sparsemax_backward(x, dy, -1),
        )
    },
];

const fn row(
    name: &'static str,
    aliases: &'static [&'static str],
    keeps: Keeps,
    formula: &'static str,
    forward: fn(Tensor) -> Result<Tensor>,
    backward: fn(&Tensor, Tensor) -> Result<Tensor>,
) -> Entry {
    Entry { name, aliases, keeps, formula, forward, backward, output_shape: |x| Ok(x.clone()) }
}

fn along_last_axis(input: &Shape) -> Result<Shape> {
    crate::lanes::resolve(-1, input.axes())?;
    Ok(input.clone())
}

fn softmax_shape(input: &Shape) -> Result<Shape> {
    if input.ndim() >= 2 { Ok(input.clone()) } else { Err(crate::softmax::too_few_axes(input)) }
}

fn needs_arguments() -> Error {
    Error::argument("activation", "a function with default arguments", "threshold").with_help(
        "wrap threshold(x, threshold, default_value) with Activation::new under another name",
    )
}
