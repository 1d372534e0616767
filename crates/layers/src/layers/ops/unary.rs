//! Functions of one number: y = f(x).

use std::sync::Arc;

use ceratops_core::{Error, Result, Shape, Tensor, Tensors};
use serde_json::Value;

use super::{
    class::Class,
    compute::{Compute, Kept, Operand, only, only_gradient},
};

/// A function of each number.
#[derive(Debug)]
struct Function {
    f: fn(Tensor) -> Tensor,
    /// dx of x and dy; none for steps, whose slope is 0 wherever they have one.
    gradient: Option<fn(&Tensor, Tensor) -> Result<Tensor>>,
}

/// `Name "module": f;` or `Name "module": f, f';`
macro_rules! functions {
    ($($name:ident $module:literal: $f:expr $(, $df:expr)?;)*) => {
        pub(super) const CLASSES: &[Class] = &[$(
            Class {
                name: stringify!($name),
                module: $module,
                operands: None,
                make: |settings| {
                    without_settings(&settings)?;
                    Ok(Arc::new(Function { f: |x| x.map($f), gradient: functions!(@ $($df)?) }))
                },
            },
        )*];
    };
    (@) => { None };
    (@ $df:expr) => { Some(|x, dy| dy.zip_map(x, |dy, x| dy * $df(x))) };
}

functions! {
    Absolute "numpy": f32::abs, sign;
    Arccos "numpy": f32::acos, |x: f32| -1.0 / (1.0 - x * x).sqrt();
    Arccosh "numpy": f32::acosh, |x: f32| 1.0 / (x * x - 1.0).sqrt();
    Arcsin "numpy": f32::asin, |x: f32| 1.0 / (1.0 - x * x).sqrt();
    Arcsinh "numpy": f32::asinh, |x: f32| 1.0 / (x * x + 1.0).sqrt();
    Arctan "numpy": f32::atan, |x: f32| 1.0 / (x * x + 1.0);
    Arctanh "numpy": f32::atanh, |x: f32| 1.0 / (1.0 - x * x);
    Ceil "numpy": f32::ceil;
    Cos "numpy": f32::cos, |x: f32| -x.sin();
    Cosh "numpy": f32::cosh, f32::sinh;
    Erf "math": ceratops_activations::erf, ceratops_activations::erf_slope;
    Exp "numpy": f32::exp, f32::exp;
    Expm1 "numpy": f32::exp_m1, f32::exp;
    Floor "numpy": f32::floor;
    Isfinite "numpy": |x| f32::from(x.is_finite());
    Isinf "numpy": |x| f32::from(x.is_infinite());
    Isnan "numpy": |x| f32::from(x.is_nan());
    Log "numpy": f32::ln, |x: f32| 1.0 / x;
    Log10 "numpy": f32::log10, |x: f32| 1.0 / (x * std::f32::consts::LN_10);
    Log1p "numpy": f32::ln_1p, |x: f32| 1.0 / (1.0 + x);
    Log2 "numpy": f32::log2, |x: f32| 1.0 / (x * std::f32::consts::LN_2);
    LogicalNot "numpy": |x| f32::from(x == 0.0);
    Negative "numpy": |x: f32| -x, |_| -1.0;
    OnesLike "numpy": |_| 1.0;
    Reciprocal "numpy": |x: f32| 1.0 / x, |x: f32| -1.0 / (x * x);
    Round "numpy": f32::round_ties_even;
    Rsqrt "math": |x: f32| 1.0 / x.sqrt(), |x: f32| -0.5 / (x * x.sqrt());
    Sign "numpy": sign;
    Sin "numpy": f32::sin, f32::cos;
    Sinh "numpy": f32::sinh, f32::cosh;
    Sqrt "numpy": f32::sqrt, |x: f32| 0.5 / x.sqrt();
    Square "numpy": |x: f32| x * x, |x: f32| 2.0 * x;
    StopGradient "core": |x| x;
    Tan "numpy": f32::tan, |x: f32| 1.0 + x.tan() * x.tan();
    Tanh "numpy": f32::tanh, |x: f32| 1.0 - x.tanh() * x.tanh();
    Trunc "numpy": f32::trunc;
    ZerosLike "numpy": |_| 0.0;
}

/// 0 at 0, where [`f32::signum`] has 1.
fn sign(x: f32) -> f32 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// What some write, and what changes nothing here: `round(x, decimals=0)`, `zeros_like(x, "float32")`.
pub(super) fn without_settings(settings: &Value) -> Result<()> {
    for (key, value) in settings.as_object().into_iter().flatten() {
        let nothing = match key.as_str() {
            "decimals" => *value == 0,
            "dtype" => true,
            _ => false,
        };
        if !nothing {
            let message = format!("the operation has no such setting here: {value}");
            return Err(Error::config(key.as_str(), message));
        }
    }
    Ok(())
}

impl Compute for Function {
    fn shapes(&self, operands: &[Operand]) -> Result<Vec<Shape>> {
        Ok(vec![only(operands)?.clone()])
    }

    fn forward(&self, operands: Tensors) -> Result<Tensors> {
        Ok((self.f)(operands.single()?).into())
    }

    fn backward(&self, kept: &Kept, dys: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>> {
        let (Some(dy), Some(gradient)) = (only_gradient(dys), self.gradient) else {
            return Ok(vec![None]);
        };
        Ok(vec![Some(gradient(kept.x()?, dy)?)])
    }

    fn keeps_operands(&self) -> bool {
        self.gradient.is_some()
    }
}
