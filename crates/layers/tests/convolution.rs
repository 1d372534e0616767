//! Every way in which a convolution is calculated against the sum of the definition in f64.

#![allow(clippy::unwrap_used, reason = "a test's helpers may fail by panicking")]

use ceratops_core::{Context, Gradients, Layer, Purpose, Shape, Tensor};
use ceratops_layers::{Conv2D, Extent, Padding, Two};

struct Case {
    layer: Conv2D,
    input: [usize; 4],
}

/// Layer, batch, height, width, channels.
fn cases() -> Vec<Case> {
    let case = |layer, input| Case { layer, input };
    let mut cases = Vec::new();
    // Winograd's tiles of 4 x 4 outputs: whole, cut at one or both borders, several images.
    for (height, width) in [(6, 6), (5, 5), (13, 13), (7, 12), (14, 9)] {
        for padding in [Padding::Valid, Padding::Same] {
            for (channels, filters) in [(16, 16), (32, 48)] {
                let layer = Conv2D::new(filters, 3).padding(padding);
                cases.push(case(layer, [3, height, width, channels]));
            }
        }
    }
    // More tiles than a block takes.
    cases.push(case(Conv2D::new(64, 3), [5, 34, 30, 64]));
    // Straight from the image: few channels, other kernels, strides, dilation, pads.
    let direct = || Conv2D::new(32, 3);
    for padding in [Padding::Valid, Padding::Same] {
        for channels in [1, 3, 17] {
            cases.push(case(direct().padding(padding), [2, 9, 11, channels]));
            cases.push(case(direct().padding(padding).strides([2, 3]), [2, 9, 11, channels]));
            cases.push(case(direct().padding(padding).dilation_rate([2, 1]), [2, 9, 11, channels]));
            cases.push(case(direct().padding(padding).dilation_rate([1, 3]), [2, 9, 11, channels]));
            cases.push(case(Conv2D::new(16, [2, 5]).padding(padding), [1, 6, 7, channels]));
            cases.push(case(Conv2D::new(80, 1).padding(padding), [2, 5, 4, channels]));
        }
    }
    // Columns that the last window does not reach.
    cases.push(case(Conv2D::new(16, 2).strides(3), [1, 6, 7, 2]));
    // By patches: filters that fill no vector, groups.
    cases.push(case(Conv2D::new(5, 3), [2, 7, 8, 16]));
    cases.push(case(Conv2D::new(32, 3).groups(2), [2, 7, 8, 32]));
    cases
}

/// y, dx, dkernel and dbias, in f64.
struct Sums {
    y: Vec<f64>,
    dx: Vec<f64>,
    dkernel: Vec<f64>,
    dbias: Vec<f64>,
}

struct Size {
    height: usize,
    width: usize,
}

fn size(extent: Extent<Two>) -> Size {
    Size { height: extent.lengths()[0], width: extent.lengths()[1] }
}

fn by_definition(
    case: &Case,
    output: &[usize],
    weights: [&Tensor; 2],
    x: &Tensor,
    dy: &Tensor,
) -> Sums {
    let Case { layer, input: [batch, height, width, channels] } = case;
    let [rows, columns, filters] = [output[1], output[2], output[3]];
    let [k, s, d] = [layer.kernel_size, layer.strides, layer.dilation_rate].map(size);
    let before = |len: usize, out: usize, kernel: usize, stride: usize, dilation: usize| {
        let reach = (out - 1) * stride + (kernel - 1) * dilation + 1;
        if layer.padding == Padding::Same { reach.saturating_sub(len) / 2 } else { 0 }
    };
    let top = before(*height, rows, k.height, s.height, d.height);
    let left = before(*width, columns, k.width, s.width, d.width);
    let [kernel, bias] =
        weights.map(|w| w.as_slice().iter().map(|&w| f64::from(w)).collect::<Vec<_>>());
    let (depth, part) = (channels / layer.groups, filters / layer.groups);
    let mut sums = Sums {
        y: Vec::new(),
        dx: vec![0.0; x.len()],
        dkernel: vec![0.0; kernel.len()],
        dbias: vec![0.0; filters],
    };
    for n in 0..*batch {
        for (r, c, f) in (0..rows)
            .flat_map(|r| (0..columns).flat_map(move |c| (0..filters).map(move |f| (r, c, f))))
        {
            let dy = f64::from(dy.as_slice()[sums.y.len()]);
            let mut y = bias[f];
            sums.dbias[f] += dy;
            for (i, j) in (0..k.height).flat_map(|i| (0..k.width).map(move |j| (i, j))) {
                let row = (r * s.height + i * d.height).wrapping_sub(top);
                let column = (c * s.width + j * d.width).wrapping_sub(left);
                if row >= *height || column >= *width {
                    continue;
                }
                for g in 0..depth {
                    let at =
                        ((n * height + row) * width + column) * channels + f / part * depth + g;
                    let tap = ((i * k.width + j) * depth + g) * filters + f;
                    let x = f64::from(x.as_slice()[at]);
                    y += x * kernel[tap];
                    sums.dx[at] += dy * kernel[tap];
                    sums.dkernel[tap] += dy * x;
                }
            }
            sums.y.push(y);
        }
    }
    sums
}

/// Numbers between -1 and 1.
fn random(shape: &[usize], seed: u64) -> Tensor {
    use rand::Rng;
    let mut rng = Purpose::Own.rng(seed);
    let len = shape.iter().product();
    Tensor::new(shape, (0..len).map(|_| rng.random_range(-1.0..1.0)).collect()).unwrap()
}

fn close(what: &str, case: &Case, found: &Tensor, expected: &[f64]) {
    let largest = expected.iter().fold(0.0f64, |largest, x| largest.max(x.abs()));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.as_slice().iter().zip(expected) {
        let error = (f64::from(*found) - expected).abs();
        assert!(
            error <= 1e-5 * largest,
            "{what} of {:?} on {:?}: {found}, not {expected}",
            case.layer,
            case.input
        );
    }
}

#[test]
fn outputs_and_gradients_are_those_of_the_definition() {
    for mut case in cases() {
        let shape = Shape::of(&case.input);
        case.layer.build(&shape, &mut Purpose::Own.rng(1)).unwrap();
        let filters = case.layer.filters;
        case.layer.params_mut()[1].set_value(random(&[filters], 4)).unwrap();
        let x = random(&case.input, 2);
        let (y, saved) = case.layer.forward(x.clone(), &mut Context::training(0, 0, 0)).unwrap();
        let dy = random(y.shape(), 3);
        let mut slots = Gradients::slots(case.layer.params());
        let mut dw = Gradients::new(&mut slots, true);
        let dx = case.layer.backward(saved.unwrap(), dy.clone(), &mut dw).unwrap().unwrap();
        let weights = case.layer.params();
        let weights = [weights[0].value(), weights[1].value()];
        let expected = by_definition(&case, y.shape(), weights, &x, &dy);
        close("y", &case, &y, &expected.y);
        close("dx", &case, &dx, &expected.dx);
        close("dkernel", &case, slots[0].as_ref().unwrap(), &expected.dkernel);
        close("dbias", &case, slots[1].as_ref().unwrap(), &expected.dbias);
    }
}

/// Without images there is nothing to calculate, and nothing to divide by.
#[test]
fn an_empty_batch_has_an_empty_output() {
    for mut case in cases() {
        let [_, height, width, channels] = case.input;
        let input = [0, height, width, channels];
        case.layer.build(&Shape::of(&input), &mut Purpose::Own.rng(1)).unwrap();
        let x = Tensor::zeros(&input);
        let (y, saved) = case.layer.forward(x, &mut Context::training(0, 0, 0)).unwrap();
        assert_eq!((y.batch(), y.len()), (0, 0));
        let mut slots = Gradients::slots(case.layer.params());
        let mut dw = Gradients::new(&mut slots, true);
        let dx = case.layer.backward(saved.unwrap(), y, &mut dw).unwrap().unwrap();
        assert_eq!(dx.shape(), input);
    }
}
