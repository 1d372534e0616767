//! Models made of symbolic tensors.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod up_to;

use ceratops_core::{Result, Tensor};
use ceratops_layers::{
    Add, BatchNormalization, CallLayer, Concatenate, Dense, Dropout, Input, IntoNode, LSTM, Logits,
    Masking, Model, Multiply, PassOptions, Registry, Sequential, sequential,
};

const OPTIONS: PassOptions = PassOptions { seed: 5, step: 2, logits: Logits::NONE, whole: false };

/// Numbers between -1 and 1 that look random.
fn draw(shape: &[usize], seed: u32) -> Tensor {
    let len: usize = shape.iter().product();
    let number = |i: usize| {
        let mixed = (i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed.wrapping_mul(40_503));
        (mixed ^ (mixed >> 15)).wrapping_mul(2_246_822_519) as f32 / u32::MAX as f32 * 2.0 - 1.0
    };
    Tensor::new(shape, (0..len).map(number).collect()).unwrap()
}

fn names(model: &Model) -> Vec<&str> {
    model.layers().iter().map(|node| node.name()).collect()
}

fn residual() -> Result<Model> {
    let x = Input::new([6]).named("x").tensor();
    let h = Dense::new(6).activation("relu").call(&x)?;
    let h = BatchNormalization::new().call(&h)?;
    let y = Dense::new(2).named("out").call(&Add::new().call([&h, &x])?)?;
    Model::new([&x], [&y])
}

#[test]
fn a_residual_block_adds_its_input() {
    let model = residual().unwrap();
    assert_eq!(names(&model), ["dense", "batch_normalization", "add", "out"]);
    assert_eq!(model.output_names(), ["out"]);
    let x = draw(&[5, 6], 1);
    // By hand, layer by layer.
    let layers = model.layers();
    let chain = sequential![Input::new([6]), layers[0].clone(), layers[1].clone()].unwrap();
    let h = chain.predict(&x).unwrap().zip_map(&x, |h, x| h + x).unwrap();
    let expected = sequential![Input::new([6]), layers[3].clone()].unwrap().predict(&h).unwrap();
    assert_eq!(model.predict(&x).unwrap(), expected);
    assert_eq!(model.layer_outputs(&x).unwrap()[2], h);
    assert_eq!(model.leaf_outputs(&x).unwrap()[3], expected);
}

/// Gradients of a graph are those that small changes of the weights show.
fn check_gradients(model: &Model, xs: &[Tensor]) {
    let batch = xs[0].batch();
    let targets: Vec<Tensor> = model
        .output_shapes()
        .iter()
        .enumerate()
        .map(|(i, shape)| {
            let mut dims = vec![batch];
            dims.extend(shape.features().unwrap());
            draw(&dims, 77 + i as u32)
        })
        .collect();
    let loss = |part: &ceratops_layers::Part<'_>| {
        let one = |(y, t): (&Tensor, &Tensor)| -> Result<(f64, Option<Tensor>)> {
            let t = t.batch_slice(part.range.clone())?;
            let sum = y.clone().zip_map(&t, |y, t| y * t)?.sum();
            Ok((sum, Some(t)))
        };
        part.outputs.iter().zip(&targets).map(one).collect()
    };
    let pass = model.train_pass_all(xs, OPTIONS, &loss).unwrap();
    let count = model.params().len();
    assert_eq!(pass.gradients.len(), count);
    for i in 0..count {
        let Some(gradient) = &pass.gradients[i] else { continue };
        for j in (0..gradient.len()).step_by(gradient.len().div_ceil(3)) {
            let at = |shift: f32| {
                let mut moved = model.clone();
                moved.params_mut()[i].value_mut()[j] += shift;
                let pass = moved.train_pass_all(xs, OPTIONS, &loss).unwrap();
                pass.losses.iter().sum::<f64>()
            };
            let step = 4e-3;
            let expected = (at(step) - at(-step)) / f64::from(2.0 * step);
            let found = f64::from(gradient.as_slice()[j]);
            let name = model.params()[i].name().to_owned();
            assert!(
                (found - expected).abs() < 2e-2 * expected.abs().max(1.0),
                "{i} {name}: {found} {expected}"
            );
        }
    }
}

#[test]
fn gradients_of_branches_add_up() {
    check_gradients(&residual().unwrap(), &[draw(&[7, 6], 1)]);
    // Two branches with statistics of the batch, shared layers, a nested model, two outputs.
    let a = Input::new([4]).named("a").tensor();
    let b = Input::new([4]).named("b").tensor();
    let tower = Dense::new(3).activation("tanh").named("tower").shared();
    let norm = BatchNormalization::new().shared();
    let (p, q) = (tower.call(&a).unwrap(), tower.call(&b).unwrap());
    let (p, q) = (norm.call(&p).unwrap(), norm.call(&q).unwrap());
    let inner = sequential![Input::new([3]), Dense::new(3), BatchNormalization::new()].unwrap();
    let inner = inner.named("inner").shared();
    let p = inner.call(&p).unwrap();
    let both = Concatenate::new().call([&p, &q, &p]).unwrap();
    let first = Dense::new(2).named("first").call(&both).unwrap();
    let second = Multiply::new().call([&inner.call(&q).unwrap(), &q]).unwrap();
    let model = Model::new([&a, &b], [&first, &second]).unwrap();
    assert_eq!(
        names(&model),
        ["tower", "batch_normalization", "inner", "concatenate", "first", "multiply"]
    );
    assert_eq!(model.output_names(), ["first", "multiply"]);
    let xs = [draw(&[200, 4], 1), draw(&[200, 4], 2)];
    check_gradients(&model, &xs);
    let whole = PassOptions { whole: true, ..OPTIONS };
    let zero = |part: &ceratops_layers::Part<'_>| {
        Ok(part.outputs.iter().map(|y| (0.0, Some(y.clone()))).collect())
    };
    let [cut, whole] = [OPTIONS, whole].map(|o| model.train_pass_all(&xs, o, &zero).unwrap());
    for (a, b) in cut.gradients.iter().zip(&whole.gradients) {
        let (Some(a), Some(b)) = (a, b) else { continue };
        let scale = b.as_slice().iter().fold(1.0f32, |m, x| m.max(x.abs()));
        for (a, b) in a.as_slice().iter().zip(b.as_slice()) {
            assert!((a - b).abs() <= 1e-4 * scale, "{a} {b}");
        }
    }
    // The shared statistics follow both calls.
    let of_norm = cut.updates.iter().filter(|u| u.index == 4).count();
    assert_eq!(of_norm, 2);
}

#[test]
fn inputs_are_given_by_name_or_in_order_and_checked() {
    let a = Input::new([2]).named("a").tensor();
    let b = Input::new([3]).named("b").tensor();
    let y = Concatenate::new().call([&b, &a]).unwrap();
    let model = Model::new([&a, &b], [&y]).unwrap();
    let (x, z) = (draw(&[2, 2], 1), draw(&[2, 3], 2));
    let y = model.predict([&x, &z]).unwrap();
    assert_eq!(y.shape(), [2, 5]);
    assert_eq!(model.predict([("b", &z), ("a", &x)]).unwrap(), y);
    for (wrong, part) in [
        (model.predict(&x), "each of the inputs \"a\", \"b\""),
        (model.predict([&z, &x]), "input \"a\""),
        (model.predict([("a", &x), ("c", &z)]), "unknown input `c`"),
        (model.predict([("a", &x)]), "none for \"b\""),
        (model.predict([("a", &x), ("a", &z)]), "two for \"a\""),
        (model.predict([&x, &draw(&[3, 3], 0)]), "3 samples of \"b\""),
    ] {
        let error = wrong.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_shared_layer_takes_what_its_weights_fit() {
    let [a, b] = [4, 5].map(|len| Input::new([len]).tensor());
    let dense = Dense::new(2).named("dense").shared();
    dense.call(&a).unwrap();
    let error = dense.call(&b).unwrap_err().to_string();
    let part = "Dense \"dense\": its weights were made for inputs of shape (None, 4) and do not fit (None, 5)";
    assert!(error.contains(part), "{error}");
    // Other lengths of axes that no weight has are fine.
    let [c, d] = [3, 7].map(|len| Input::new([len, 4]).tensor());
    let dense = Dense::new(2).shared();
    assert_eq!(dense.call(&c).unwrap().shape().to_string(), "(None, 3, 2)");
    assert_eq!(dense.call(&d).unwrap().shape().to_string(), "(None, 7, 2)");
}

#[test]
fn mistakes_are_told_at_the_call() {
    let x = Input::new([4]).named("x").tensor();
    let other = Input::new([3]).named("other").tensor();
    let sum = Add::new().call([&x, &other]).unwrap_err().to_string();
    assert!(sum.contains("(None, 4)") && sum.contains("(None, 3)"), "{sum}");
    let missing = Model::new([&x], [&Dense::new(2).call(&other).unwrap()]).unwrap_err().to_string();
    assert!(missing.contains("\"other\""), "{missing}");
    let h = Dense::new(2).call(&x).unwrap();
    assert!(Model::new([&h], [&h]).is_err());
    assert!(Model::new([&x, &x], [&h]).is_err());
    let two = Dense::new(2).named("same").call(Dense::new(2).named("same").call(&x).unwrap());
    let error = Model::new([&x], [&two.unwrap()]).unwrap_err().to_string();
    assert!(error.contains("same"), "{error}");
}

#[test]
fn configs_come_back() {
    let model = residual().unwrap();
    let entry = model.to_entry().unwrap();
    let back = Registry::builtin().layer(&entry).unwrap();
    let mut back = back.as_model().unwrap().clone();
    back.set_weights(&model.get_weights()).unwrap();
    let x = draw(&[3, 6], 1);
    assert_eq!(back.predict(&x).unwrap(), model.predict(&x).unwrap());
    assert_eq!(back.to_entry().unwrap(), entry);
}

#[test]
fn ten_thousand_layers_in_a_row() {
    let x = Input::new([1]).tensor();
    let mut y = x.clone();
    for _ in 0..10_000 {
        y = Dropout::new(0.5).call(&y).unwrap();
    }
    let model = Model::new(&x, &y).unwrap();
    let ones = Tensor::full(&[1, 1], 1.0);
    assert_eq!(model.predict(&ones).unwrap(), ones);
    let back = Registry::builtin().layer(&model.to_entry().unwrap()).unwrap();
    assert_eq!(back.as_model().unwrap().layers().len(), 10_000);
}

#[test]
fn masks_travel_through_branches() {
    let x = Input::new([3, 2]).tensor();
    let m = Masking::new(0.0).call(&x).unwrap();
    let a = Dense::new(2).call(&m).unwrap();
    let b = Dense::new(2).call(&m).unwrap();
    let model = Model::new(&x, Add::new().call([&a, &b]).unwrap()).unwrap();
    let x = Tensor::from([[[1.0, 1.0], [0.0, 0.0], [2.0, 0.0]]]);
    let loss = |part: &ceratops_layers::Part<'_>| {
        let (mask, scale) = part.masks[0].clone().expect("a mask");
        assert_eq!(mask.tensor(), &Tensor::from([[1.0, 0.0, 1.0]]));
        assert!((scale - 1.5).abs() < 1e-6);
        Ok(vec![(0.0, Some(part.outputs[0].clone()))])
    };
    let pass = model.train_pass_all(&[x], OPTIONS, &loss).unwrap();
    assert_eq!(pass.masks[0].as_ref().unwrap().count(), 2.0);
}

#[test]
fn a_graph_has_no_last_layer() {
    let x = Input::new([2]).tensor();
    let model = Model::new(&x, [&x, &Dense::new(2).call(&x).unwrap()]).unwrap();
    let mut row = Sequential::from(model);
    for error in [row.pop().unwrap_err(), row.add(Dense::new(3)).unwrap_err()] {
        assert!(error.to_string().contains("graph of layers"), "{error}");
    }
}

/// Branches that are masked differently, in chunks of any size, through what reads masks.
#[test]
fn gradients_behind_masks() {
    let (a, b) = (Input::new([4, 3]).tensor(), Input::new([4, 3]).tensor());
    let (p, q) = (Masking::new(0.0).call(&a).unwrap(), Masking::new(0.5).call(&b).unwrap());
    let p = LSTM::new(2).return_sequences(true).call(&p).unwrap();
    let q = Dense::new(2).call(BatchNormalization::new().call(&q).unwrap()).unwrap();
    let sum = Add::new().call([&p, &q]).unwrap();
    let both = Concatenate::new().call([&p, &sum, &q]).unwrap();
    let norm = BatchNormalization::new().call(&both).unwrap();
    let y = LSTM::new(2).go_backwards(true).call(&norm).unwrap();
    let model = Model::new([&a, &b], [&y, &sum]).unwrap();
    for batch in [3, 300] {
        let mut xs = [draw(&[batch, 4, 3], 1), draw(&[batch, 4, 3], 2)];
        for (x, (value, every)) in xs.iter_mut().zip([(0.0, 2), (0.5, 3)]) {
            x.as_mut_slice().chunks_mut(3).step_by(every).for_each(|step| step.fill(value));
        }
        check_gradients(&model, &xs);
    }
}

/// Each merging layer, also where axes are stretched, by numerical gradients through what it reads.
#[test]
fn gradients_of_merging_layers() {
    let merges: Vec<(ceratops_layers::Node, [usize; 2])> = vec![
        (Add::new().into(), [3, 3]),
        (Add::new().into(), [3, 1]),
        (ceratops_layers::Subtract::new().into(), [1, 3]),
        (Multiply::new().into(), [3, 3]),
        (Multiply::new().into(), [1, 3]),
        (ceratops_layers::Average::new().into(), [3, 3]),
        (ceratops_layers::Maximum::new().into(), [3, 3]),
        (ceratops_layers::Minimum::new().into(), [3, 1]),
        (Concatenate::new().into(), [3, 2]),
        (ceratops_layers::Dot::new(-1).into(), [3, 3]),
        (ceratops_layers::Dot::new(-1).normalize(true).into(), [3, 3]),
    ];
    for (merge, [m, n]) in merges {
        let (a, b) = (Input::new([4]).tensor(), Input::new([2]).tensor());
        let p = Dense::new(m).call(&a).unwrap();
        let q = Dense::new(n).activation("tanh").call(&b).unwrap();
        let model = Model::new([&a, &b], [&merge.clone().call([&p, &q]).unwrap()]).unwrap();
        check_gradients(&model, &[draw(&[5, 4], 1), draw(&[5, 2], 2)]);
        // A batch of one, and one without samples.
        let shape = model.output_shape().unwrap().with_axis(0, Some(1));
        let y = model.predict([&draw(&[1, 4], 1), &draw(&[1, 2], 2)]).unwrap();
        assert!(shape.admits(y.shape()), "{merge:?}");
        assert_eq!(model.predict([&draw(&[0, 4], 1), &draw(&[0, 2], 2)]).unwrap().batch(), 0);
    }
}

/// Along every axis, and of maps: the numbers by hand.
#[test]
fn merging_layers_compute_what_their_formulas_say() {
    let of = |merge: ceratops_layers::Node, xs: [Tensor; 2]| {
        let inputs: Vec<_> = xs.iter().map(|x| Input::new(&x.shape()[1..]).tensor()).collect();
        let y = merge.call(&inputs).unwrap();
        Model::new(&inputs, y).unwrap().predict(xs).unwrap()
    };
    let (a, b) = (Tensor::from([[[1.0, 2.0], [3.0, 4.0]]]), Tensor::from([[[5.0, 6.0]]]));
    let y = of(Concatenate::new().axis(1).into(), [a.clone(), b.clone()]);
    assert_eq!(y, Tensor::from([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]]));
    let y = of(Add::new().into(), [a.clone(), b]);
    assert_eq!(y, Tensor::from([[[6.0, 8.0], [8.0, 10.0]]]));
    let y = of(Multiply::new().into(), [a.clone(), Tensor::from([[10.0, 1.0]])]);
    assert_eq!(y, Tensor::from([[[10.0, 2.0], [30.0, 4.0]]]));
    let y = of(ceratops_layers::Dot::new([1, 2]).into(), [a.clone(), a.clone()]);
    // y[i][j] = Σₖ a[k][i] · a[j][k]
    assert_eq!(y, Tensor::from([[[7.0, 15.0], [10.0, 22.0]]]));
    let y = of(ceratops_layers::Maximum::new().into(), [a.clone(), Tensor::from([[[2.5]]])]);
    assert_eq!(y, Tensor::from([[[2.5, 2.5], [3.0, 4.0]]]));
}

#[test]
fn the_calls_of_a_shared_layer_are_numbered() {
    let [a, b] = ["a", "b"].map(|name| Input::new([3]).named(name).tensor());
    let tower = Dense::new(2).named("tower").shared();
    let (x, y) = (tower.call(&a).unwrap(), tower.call(&b).unwrap());
    let both = Concatenate::new().named("both").call([&x, &y]).unwrap();
    let model = Model::new([&a, &b], [&both, &y]).unwrap();
    let calls = model.layer_calls();
    let told: Vec<String> = calls
        .iter()
        .map(|call| {
            let reads: Vec<String> = call.reads.iter().map(ToString::to_string).collect();
            let shape = &call.output_shapes[0];
            format!("{} {} of {} {shape}", call.layer.name(), call.number, reads.join(" "))
        })
        .collect();
    assert_eq!(
        told,
        [
            "tower 0 of a[0][0] (None, 2)",
            "tower 1 of b[0][0] (None, 2)",
            "both 0 of tower[0][0] tower[1][0] (None, 4)",
        ]
    );
    assert_eq!(calls[2].reads[1].shape.unwrap().to_string(), "(None, 2)");
    let outputs: Vec<String> = model.output_origins().iter().map(ToString::to_string).collect();
    assert_eq!(outputs, ["both[0][0]", "tower[1][0]"]);
    // A chain that does not know its input yet reads nothing that has a name.
    let chain = sequential![Dense::new(2), Dense::new(3)].unwrap();
    let calls = chain.layer_calls();
    assert!(calls[0].reads.is_empty() && calls[0].output_shapes.is_empty());
    assert_eq!(calls[1].reads[0].to_string(), "dense[0][0]");
}
