//! What every layer of several inputs keeps, and models as layers: its promised shapes, its
//! gradients, the same numbers however a batch is cut.

use ceratops_core::{AnyLayer, Context, Gradients, Rng, Shape, Tensor, Tensors};
use ceratops_layers::{
    Add, AdditiveAttention, Attention, Average, CallLayer, Concatenate, Dense, Dot,
    GroupQueryAttention, Input, Maximum, Minimum, Model, MultiHeadAttention, Multiply, Node,
    Subtract,
};
use rand::SeedableRng;

use super::{OF_SEVERAL, assert_near};

/// A layer, and the shapes of a sample of its inputs.
pub(crate) type Sample = (Node, Vec<Vec<usize>>);

/// A model of two inputs and two outputs, with a layer that is called twice.
fn model() -> Model {
    let (a, b) = (Input::new([3]).tensor(), Input::new([3]).tensor());
    let dense = Dense::new(3).activation("tanh").shared();
    let (h, i) = (dense.call(&a).unwrap(), dense.call(&b).unwrap());
    let product = (&h * &i).unwrap();
    let sum = Add::new().call([&product, &a, &h]).unwrap();
    Model::new([&a, &b], [&sum, &product]).unwrap()
}

fn samples() -> Vec<Sample> {
    [layers(), super::samples_ops::samples()].concat()
}

fn layers() -> Vec<Sample> {
    let (one, three) = (vec![2, 3], vec![vec![2, 3]; 3]);
    let two = || vec![one.clone(); 2];
    [
        (Add::new().into(), three.clone()),
        (Add::new().into(), vec![vec![2, 3], vec![1, 3], vec![3]]),
        (Average::new().into(), three.clone()),
        (Maximum::new().into(), three.clone()),
        (Minimum::new().into(), three.clone()),
        (Multiply::new().into(), three.clone()),
        (Multiply::new().into(), vec![vec![2, 1], vec![2, 3]]),
        (Subtract::new().into(), two()),
        (Concatenate::new().into(), vec![vec![2, 3], vec![2, 1], vec![2, 2]]),
        (Dot::new(1).into(), vec![vec![3]; 2]),
        (Dot::new(2).into(), two()),
        (Attention::new().use_scale(true).into(), two()),
        (AdditiveAttention::new().into(), two()),
        (MultiHeadAttention::new(2, 2).into(), vec![vec![2, 3], vec![4, 2]]),
        (MultiHeadAttention::new(1, 4).into(), three.clone()),
        (GroupQueryAttention::new(2, 2, 1).into(), two()),
        (model().into(), vec![vec![3]; 2]),
    ]
    .into_iter()
    .chain(super::samples_recurrent::with_states())
    .collect()
}

/// Numbers of which no two are equal, so that no largest one is in doubt.
fn numbers(batch: usize, sample: &[usize], seed: usize) -> Tensor {
    let shape: Vec<usize> = [batch].iter().chain(sample).copied().collect();
    let len: usize = shape.iter().product();
    let number = |i: usize| ((i * 37 + seed * 53) % 101) as f32 / 50.0 - 1.0;
    Tensor::new(&shape, (0..len).map(number).collect()).unwrap()
}

fn inputs(sample: &[Vec<usize>], batch: usize) -> Tensors {
    sample.iter().enumerate().map(|(i, dims)| numbers(batch, dims, i)).collect()
}

fn built((node, shapes): Sample) -> (Box<dyn AnyLayer>, Vec<Vec<usize>>) {
    let batched: Vec<Shape> = shapes.iter().map(|dims| Shape::batched(&dims[..])).collect();
    let mut layer = node.layer().boxed_clone();
    layer.build_all(&batched, &mut Rng::seed_from_u64(1)).unwrap();
    (layer, shapes)
}

/// The outputs, the gradients of the inputs where those of the outputs are `dys`, and of the weights.
fn pass(layer: &dyn AnyLayer, xs: &Tensors, dys: &[Tensor]) -> [Vec<Tensor>; 3] {
    let (ys, saved) = layer.forward_all(xs.clone(), &mut Context::saving()).unwrap();
    let mut slots = Gradients::slots(layer.params());
    let dys = dys.iter().cloned().map(Some).collect();
    let dxs = layer.backward_all(saved, dys, &mut Gradients::new(&mut slots, true)).unwrap();
    let all = |tensors: Vec<Option<Tensor>>| tensors.into_iter().flatten().collect();
    [ys.into_iter().collect(), all(dxs), all(slots)]
}

fn run(layer: &dyn AnyLayer, xs: &Tensors) -> Vec<Tensor> {
    let (ys, _) = layer.forward_all(xs.clone(), &mut Context::inference()).unwrap();
    ys.into_iter().collect()
}

fn gradients_of(ys: &[Tensor]) -> Vec<Tensor> {
    let like = |(i, y): (usize, &Tensor)| numbers(y.batch(), &y.shape()[1..], 7 + i);
    ys.iter().enumerate().map(like).collect()
}

#[test]
fn every_class_of_several_inputs_has_a_sample() {
    for class in OF_SEVERAL {
        assert!(samples().iter().any(|(node, _)| node.class_name() == class), "{class}");
    }
}

#[test]
fn outputs_have_the_promised_shapes() {
    for (layer, shapes) in samples().into_iter().map(built) {
        let batched: Vec<Shape> = shapes.iter().map(|dims| Shape::batched(&dims[..])).collect();
        for batch in [0, 1, 5] {
            let ys = run(&*layer, &inputs(&shapes, batch));
            let promised = layer.output_shapes(&batched).unwrap();
            assert_eq!(ys.len(), promised.len());
            for (y, promised) in ys.iter().zip(promised) {
                assert!(promised.admits(y.shape()), "{} {:?}", layer.class_name(), y.shape());
                assert_eq!(y.batch(), batch);
            }
        }
    }
}

/// In every number of every input.
#[test]
fn gradients_are_those_of_small_steps() {
    const STEP: f32 = 1.0 / 256.0;
    for (layer, shapes) in samples().into_iter().map(built) {
        let xs = inputs(&shapes, 2);
        let dys = gradients_of(&run(&*layer, &xs));
        let [_, dxs, _] = pass(&*layer, &xs, &dys);
        let loss = |xs: &Tensors| -> f64 {
            let numbers = |(y, dy): (Tensor, &Tensor)| -> f64 {
                let pairs = y.as_slice().iter().zip(dy.as_slice());
                pairs.map(|(y, dy)| f64::from(*y) * f64::from(*dy)).sum()
            };
            run(&*layer, xs).into_iter().zip(&dys).map(numbers).sum()
        };
        for (place, dx) in dxs.iter().enumerate() {
            for (i, &dx) in dx.as_slice().iter().enumerate() {
                let moved = |step: f32| {
                    let mut xs = xs.clone();
                    xs[place].as_mut_slice()[i] += step;
                    loss(&xs)
                };
                let slope = (moved(STEP) - moved(-STEP)) / f64::from(2.0 * STEP);
                let near = (slope - f64::from(dx)).abs() <= 2e-3 * slope.abs().max(1.0);
                assert!(near, "{} input {place}, {i}: {dx} and {slope}", layer.class_name());
            }
        }
    }
}

#[test]
fn a_batch_may_be_cut_anywhere() {
    for (layer, shapes) in samples().into_iter().map(built) {
        let xs = inputs(&shapes, 5);
        let dys = gradients_of(&run(&*layer, &xs));
        let whole = pass(&*layer, &xs, &dys);
        for cut in 1..5 {
            let part = |tensors: &[Tensor], range: std::ops::Range<usize>| -> Vec<Tensor> {
                tensors.iter().map(|x| x.batch_slice(range.clone()).unwrap()).collect()
            };
            let [first, second] = [0..cut, cut..5]
                .map(|range| pass(&*layer, &part(&xs, range.clone()).into(), &part(&dys, range)));
            for kind in 0..2 {
                for (i, whole) in whole[kind].iter().enumerate() {
                    let parts = [first[kind][i].clone(), second[kind][i].clone()];
                    let joined = Tensor::concat(&parts).unwrap();
                    // Matrix products add up in another order where there are fewer rows.
                    match layer.params().is_empty() {
                        true => assert_eq!(&joined, whole, "{}", layer.class_name()),
                        false => assert_near(&joined, whole, layer.class_name()),
                    }
                }
            }
            for (i, whole) in whole[2].iter().enumerate() {
                let sum = first[2][i].zip_sum(&second[2][i]);
                assert_near(&sum, whole, layer.class_name());
            }
        }
    }
}

trait Sum {
    fn zip_sum(&self, other: &Self) -> Self;
}

impl Sum for Tensor {
    fn zip_sum(&self, other: &Self) -> Self {
        self.clone().zip_map(other, |a, b| a + b).unwrap()
    }
}

/// One tensor in all places: what comes back is the sum of what comes back to each.
#[test]
fn a_tensor_may_be_given_twice() {
    for (node, shapes) in samples() {
        if shapes.iter().any(|dims| *dims != shapes[0]) {
            continue;
        }
        let class = node.class_name();
        let x = Input::new(shapes[0].clone()).tensor();
        let ys = node.call_all(vec![x.clone(); shapes.len()]).unwrap();
        let model = Model::new([&x], ys).unwrap();
        let held = model.layers()[0].layer();
        let (x, other) = (numbers(3, &shapes[0], 0), vec![numbers(3, &shapes[0], 0); shapes.len()]);
        let dys = gradients_of(&run(held, &other.clone().into()));
        let [ys, dxs, _] = pass(held, &other.into(), &dys);
        let [again, dx, _] = pass(&model, &x.into(), &dys);
        assert_eq!(again, ys, "{class}");
        let sum = dxs.into_iter().reduce(|sum, dx| sum.zip_sum(&dx)).unwrap();
        assert_near(&dx[0], &sum, class);
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let model = model();
    let xs = inputs(&[vec![3], vec![3]], 300);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| model.predict_all(xs.to_vec()).unwrap().into_tensors())
    };
    let alone = on(1);
    assert_eq!(on(2), alone);
    assert_eq!(on(8), alone);
}
