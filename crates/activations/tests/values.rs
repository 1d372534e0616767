//! The values people try first, and what the functions refuse.

use ceratops_activations::*;
use ceratops_core::Tensor;

#[track_caller]
fn assert_near(found: &Tensor, expected: impl Into<Tensor>) {
    let expected = expected.into();
    assert_eq!(found.shape(), expected.shape());
    for (found, expected) in found.as_slice().iter().zip(expected.as_slice()) {
        assert!((found - expected).abs() < 2e-7, "{found} is not {expected}");
    }
}

const X: [f32; 7] = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0];

#[test]
fn first_tries() {
    assert_near(
        &sigmoid(X),
        [0.04742587, 0.11920292, 0.26894143, 0.5, 0.7310586, 0.880797, 0.95257413],
    );
    assert_near(&leaky_relu([-3.0, -2.0, -1.0], 0.2), [-0.6, -0.4, -0.2]);
    assert_near(
        &elu([-10000.0, -100.0, -3.0, -2.0, -1.0], 1.0),
        [-1.0, -1.0, -0.95021296, -0.86466473, -0.63212055],
    );
    assert_near(
        &softmax_1d(X).unwrap(),
        [0.0015683, 0.00426308, 0.01158826, 0.03150015, 0.0856263, 0.23275642, 0.6326975],
    );
    assert_near(
        &softmax([[2.0, 4.0, 6.0], [1.0, 2.0, 3.0]], -1).unwrap(),
        [[0.0158762, 0.1173104, 0.8668135], [0.0900306, 0.2447284, 0.6652408]],
    );
    assert_near(&sparsemax([[1.0, 1.0, 1.0]], -1).unwrap(), [[1.0 / 3.0; 3]]);
}

#[test]
fn relu_in_keras_order_of_operations() {
    assert_near(
        &relu([-3.0, -1.0, -0.5, 0.0, 0.3, 0.5, 0.7, 1.0, 2.0], 0.1, Some(1.5), 0.5),
        [-0.35, -0.15, -0.1, -0.05, -0.02, 0.0, 0.7, 1.0, 1.5],
    );
    assert_near(&relu([2.0, 3.0, 4.0], 0.0, Some(2.0), 3.0), [0.0, 0.0, 2.0]);
    assert_near(&relu([-2.0, -0.5, 2.0], 0.0, None, -1.0), [0.0, -0.5, 2.0]);
    assert_near(&relu([-2.0, -0.5, 2.0], 0.0, Some(-1.0), 0.0), [0.0, 0.0, 0.0]);
}

#[test]
fn anything_that_becomes_a_tensor_goes_in() {
    let x = [-1.0f32, 2.0];
    let y = Tensor::from([0.0, 2.0]);
    assert_eq!(relu6(x), y);
    assert_eq!(relu6(x.to_vec()), y);
    assert_eq!(relu6(&x[..]), y);
    assert_eq!(relu6(ndarray::arr1(&x)), y);
    assert_eq!(relu6(ndarray::arr1(&x).view()), y);
    assert_eq!(relu6(Tensor::from(x)), y);
    let shared = Tensor::from(x);
    assert_eq!(relu6(&shared), y);
    assert_eq!(shared, Tensor::from(x));
}

#[test]
fn softmax_goes_along_any_axes() {
    let x = Tensor::from([[[1.0, 2.0], [3.0, 5.0]], [[0.0, 1.0], [7.0, 7.0]]]);
    let sums = |y: &Tensor, pick: &dyn Fn(usize, usize, usize) -> usize| {
        let mut sums = [0.0; 8];
        for (i, y) in y.as_slice().iter().enumerate() {
            sums[pick(i / 4, i / 2 % 2, i % 2)] += y;
        }
        sums
    };
    let near = |sums: [f32; 8], lanes: usize| {
        sums[..lanes].iter().all(|sum| (sum - 1.0).abs() < 1e-6)
            && sums[lanes..] == [0.0; 8][lanes..]
    };
    for (axis, negative) in [(0, -3), (1, -2), (2, -1)] {
        let y = softmax(&x, axis).unwrap();
        assert_eq!(y, softmax(&x, negative).unwrap());
        let rest =
            move |i: usize, j: usize, k: usize| [2 * j + k, 2 * i + k, 2 * i + j][axis as usize];
        assert!(near(sums(&y, &rest), 4), "axis {axis}: {y}");
    }
    for (axes, across) in [([0, 1], 2), ([2, 0], 1), ([-1, 1], 0)] {
        let y = softmax_over(&x, &axes).unwrap();
        assert!(near(sums(&y, &|i, j, k| [i, j, k][across]), 2), "axes {axes:?}: {y}");
    }
    assert!(near(sums(&softmax_over(&x, &[0, 1, 2]).unwrap(), &|_, _, _| 0), 1));
}

/// Lanes are worked on several at a time: here more than fit, and some longer than a vector.
#[test]
fn a_lane_does_not_care_where_it_lies() {
    for [rows, columns] in [[700, 10], [300, 37], [3, 5000]] {
        let number = |i: usize| (i * 7919 % 1009) as f32 / 100.0 - 5.0;
        let last = Tensor::new(&[rows, columns], (0..rows * columns).map(number).collect());
        let last = last.unwrap();
        // The same lanes, lying along the first axis.
        let transposed = |x: &Tensor| {
            let x = x.as_slice();
            let y = (0..columns).flat_map(|j| (0..rows).map(move |i| x[i * columns + j]));
            Tensor::new(&[columns, rows], y.collect()).unwrap()
        };
        let first = transposed(&last);
        let (y, y_first) = (softmax(&last, -1).unwrap(), softmax(&first, 0).unwrap());
        assert_eq!(transposed(&y), y_first);
        for y in y.as_slice().chunks(columns) {
            let sum: f64 = y.iter().map(|&y| f64::from(y)).sum();
            assert!((sum - 1.0).abs() < 1e-6, "{sum}");
        }
        let dx = softmax_backward(&y, last.clone(), -1).unwrap();
        assert_eq!(transposed(&dx), softmax_backward(&y_first, first.clone(), 0).unwrap());
        let y = log_softmax(&last, -1).unwrap();
        assert_eq!(transposed(&y), log_softmax(&first, 0).unwrap());
        assert_near_logarithm(&y, &softmax(&last, -1).unwrap());
    }
}

fn assert_near_logarithm(logarithm: &Tensor, y: &Tensor) {
    for (logarithm, y) in logarithm.as_slice().iter().zip(y.as_slice()) {
        assert!((logarithm - y.ln()).abs() < 2e-6, "{logarithm} is not ln({y})");
    }
}

#[test]
fn refusals_say_what_to_do() {
    let vector = || Tensor::from([1.0, 2.0, 3.0]);
    for (error, text) in [
        (
            softmax(vector(), -1).unwrap_err(),
            "softmax: expected shape (batch, ..., classes), got (3,); for a single vector call \
             softmax_1d",
        ),
        (
            Activation::get("softmax").unwrap().output_shape(&[3].into()).unwrap_err(),
            "softmax: expected shape (batch, ..., classes), got (3,); for a single vector call \
             softmax_1d",
        ),
        (
            softmax_1d([[1.0]]).unwrap_err(),
            "softmax_1d: expected shape (classes,), got (1, 1); call softmax(x, axis)",
        ),
        (
            softmax([[1.0]], 2).unwrap_err(),
            "invalid `axis`: expected -2 to 1 for a tensor of 2 axes, got 2",
        ),
        (
            log_softmax(vector(), -2).unwrap_err(),
            "invalid `axis`: expected -1 to 0 for a tensor of 1 axes, got -2",
        ),
        (sparsemax(1.0, -1).unwrap_err(), "invalid `axis`: expected a tensor with axes, got -1"),
        (
            log_softmax(vector(), isize::MIN).unwrap_err(),
            "invalid `axis`: expected -1 to 0 for a tensor of 1 axes, got -9223372036854775808",
        ),
        (
            softmax_over([[1.0]], &[0, -2]).unwrap_err(),
            "invalid `axis`: expected different axes, got [0, -2]",
        ),
        (
            softmax_over([[1.0]], &[]).unwrap_err(),
            "invalid `axis`: expected at least one axis, got none",
        ),
        (
            glu(vector(), -1).unwrap_err(),
            "glu: expected an even length of axis -1, got (3,); glu cuts it into two \
             halves: double the units of the layer before",
        ),
        (
            elu_backward(&vector(), vector(), -1.0).unwrap_err(),
            "invalid `alpha`: expected at least 0 for elu's derivative, got -1",
        ),
        (
            sigmoid_backward(&vector(), [1.0].into()).unwrap_err(),
            "dy: expected shape (3,), got (1,); dy has one number for each number of the output",
        ),
    ] {
        assert_eq!(error.to_string(), text);
    }
}
