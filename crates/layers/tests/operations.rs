//! Operations: what they refuse, what has no gradient, and how they are made of symbolic tensors.

#![allow(clippy::unwrap_used, reason = "a test's helpers fail by panicking")]

use ceratops_core::{Result, Tensor};
use ceratops_layers::{CallLayer, Dense, Input, IntoNode, KerasTensor, Model, ops};

fn x() -> KerasTensor {
    Input::new([3, 2]).named("x").tensor()
}

fn of(make: impl Fn(&KerasTensor) -> Result<KerasTensor>) -> Result<Tensor> {
    let x = x();
    let model = Model::new([&x], [&make(&x)?])?;
    model.predict(Tensor::from([[[1.0, -2.0], [0.0, 4.0], [3.0, 0.5]]]))
}

type Comparison = fn(&KerasTensor, f64) -> Result<KerasTensor>;
type Step = fn(&KerasTensor) -> Result<KerasTensor>;

#[test]
fn what_is_true_is_1() {
    let truths: [(Comparison, [f32; 6]); 6] = [
        (|x, n| ops::greater(x, n), [1.0, 0.0, 0.0, 1.0, 1.0, 0.0]),
        (|x, n| ops::greater_equal(x, n), [1.0, 0.0, 0.0, 1.0, 1.0, 0.0]),
        (|x, n| ops::less(x, n), [0.0, 1.0, 1.0, 0.0, 0.0, 1.0]),
        (|x, n| ops::less_equal(x, n), [0.0, 1.0, 1.0, 0.0, 0.0, 1.0]),
        (|x, n| ops::not_equal(x, n), [1.0; 6]),
        (|x, n| ops::equal(x, n), [0.0; 6]),
    ];
    for (op, expected) in truths {
        assert_eq!(of(|x| op(x, 0.75)).unwrap().as_slice(), expected);
    }
    let steps: [(Step, [f32; 6]); 5] = [
        (ops::sign, [1.0, -1.0, 0.0, 1.0, 1.0, 1.0]),
        (ops::floor, [1.0, -2.0, 0.0, 4.0, 3.0, 0.0]),
        (ops::ceil, [1.0, -2.0, 0.0, 4.0, 3.0, 1.0]),
        (ops::round, [1.0, -2.0, 0.0, 4.0, 3.0, 0.0]),
        (ops::logical_not, [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
    ];
    for (op, expected) in steps {
        assert_eq!(of(op).unwrap().as_slice(), expected);
    }
    let any = of(|x| ops::any(x, 2, false)).unwrap();
    assert_eq!(any, Tensor::from([[1.0, 1.0, 1.0]]));
    assert_eq!(of(|x| ops::all(x, 2, false)).unwrap(), Tensor::from([[1.0, 0.0, 1.0]]));
    assert_eq!(of(|x| ops::argmax(x, 1)).unwrap(), Tensor::from([[2.0, 1.0]]));
    let hot = of(|x| ops::one_hot(&ops::get_item(x, (.., .., 0))?, 3)).unwrap();
    assert_eq!(hot.as_slice(), [0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(of(|x| ops::cast(x, "int32")).unwrap().as_slice(), [1.0, -2.0, 0.0, 4.0, 3.0, 0.0]);
    assert_eq!(of(|x| ops::cast(x, "bool")).unwrap().as_slice(), [1.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
}

#[test]
fn numbers_stand_on_either_side() {
    assert_eq!(of(|x| 2.0 * x).unwrap().as_slice(), [2.0, -4.0, 0.0, 8.0, 6.0, 1.0]);
    assert_eq!(of(|x| x - 1.0).unwrap().as_slice(), [0.0, -3.0, -1.0, 3.0, 2.0, -0.5]);
    assert_eq!(of(|x| 1.0 - x).unwrap().as_slice(), [0.0, 3.0, 1.0, -3.0, -2.0, 0.5]);
    assert_eq!(of(|x| -x).unwrap().as_slice(), [-1.0, 2.0, 0.0, -4.0, -3.0, -0.5]);
    assert_eq!(of(|x| x / 2.0).unwrap().as_slice(), [0.5, -1.0, 0.0, 2.0, 1.5, 0.25]);
    let inverse = of(|x| 1.0 / &(x + 3.0)?).unwrap();
    assert_eq!(inverse.as_slice()[..2], [0.25, 1.0]);
    assert_eq!(of(|x| x / x).unwrap().as_slice()[..2], [1.0, 1.0]);
    let row = Tensor::from([1.0, 10.0]);
    assert_eq!(of(|x| ops::multiply(x, &row)).unwrap().as_slice()[..2], [1.0, -20.0]);
}

/// The batch is axis 0, and no sample looks at another.
#[test]
fn samples_do_not_meet() {
    let refused = |error: Result<KerasTensor>, what: &str| {
        let error = error.unwrap_err().to_string();
        assert!(error.contains(what), "{error}\n{what}");
    };
    let x = x();
    let flat = ops::mean(&x, [1, 2], false).unwrap();
    refused(ops::mean(&x, 0, false), "axis 0 is the batch");
    refused(ops::sum(&x, 3, false), "1 to 2 or -2 to -1 for an input of 3 axes");
    refused(ops::get_item(&x, (0, ..)), "axis 0, which counts the samples");
    refused(ops::get_item(&x, (1.., ..)), "axis 0, which counts the samples");
    refused(ops::get_item(&x, (.., 7)), "a place of an axis of length 3");
    refused(ops::transpose(&x, [1, 0, 2]), "axis 0 counts the samples");
    refused(ops::expand_dims(&x, 0), "axis");
    refused(ops::stack([&x, &x], 0), "axis");
    refused(ops::subtract(&x, &flat), "the samples of one tensor must not meet");
    refused(ops::add(&x, &Tensor::zeros(&[2, 3, 2])), "axes are lined up");
    refused(ops::matmul(&flat, &flat), "");
    refused(ops::einsum("bij,kij->bk", &x, &x), "counts the samples");
    refused(ops::einsum("bij,bij->b", &x, 2.0), "letters for operands");
    refused(ops::squeeze(&x, 1), "an axis of length 1");
    refused(ops::tile(&x, &[2, 1, 1]), "1 for the batch");
    refused(ops::tile(&x, &[1, usize::MAX, 1]), "");
    refused(ops::pad(&x, &[[1, 0], [0, 0], [0, 0]]), "0 and 0 for the batch");
    refused(ops::cast(&x, "float16"), "float32, a whole number or bool");
    assert!(ops::split(&x, 2, 1).unwrap_err().to_string().contains("divides the axis"));
    let unknown = ops::call("Conv", serde_json::json!({}), [ops::IntoOperand::operand(&x)]);
    assert!(unknown.unwrap_err().to_string().contains("unknown operation `Conv`"));
}

/// What has no gradient lets none through, and stops nobody else's.
#[test]
fn steps_have_no_gradient() {
    let x = Input::new([2]).tensor();
    let h = Dense::new(2).named("d").call(&x).unwrap();
    let y = ops::add(&ops::floor(&h).unwrap(), &ops::greater(&h, 0.0).unwrap()).unwrap();
    let model = Model::new([&x], [&y]).unwrap();
    assert_eq!(model.layers().len(), 4);
    assert_eq!(model.count_params(), 6);
}

#[test]
fn open_axes_stay_open() {
    let x = Input::new([None, Some(4)]).tensor();
    let shape = |y: Result<KerasTensor>| y.unwrap().shape().to_string();
    assert_eq!(shape(ops::mean(&x, 1, false)), "(None, 4)");
    assert_eq!(shape(ops::get_item(&x, (.., 1..3))), "(None, None, 4)");
    assert_eq!(shape(ops::get_item(&x, (.., 0))), "(None, 4)");
    assert_eq!(shape(ops::expand_dims(&x, -1)), "(None, None, 4, 1)");
    assert_eq!(shape(ops::einsum("bij,bkj->bik", &x, &x)), "(None, None, None)");
    assert_eq!(shape(ops::tile(&x, &[1, 2, 2])), "(None, None, 8)");
    let model =
        Model::new([&x], [&ops::get_item(&x, (.., ops::Slice::every(-2), 0)).unwrap()]).unwrap();
    let y = model.predict(Tensor::new(&[1, 3, 4], (0..12u8).map(f32::from).collect()).unwrap());
    assert_eq!(y.unwrap(), Tensor::from([[8.0, 0.0]]));
}
