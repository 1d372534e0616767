//! Models that branch, as people make them.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ceratops_layers::{
    Add, BatchNormalization, CallLayer, Concatenate, Conv2D, Dense, Flatten, Input, IntoNode,
    KerasTensor, MaxPooling2D, Model, Multiply, Node, Padding, ReLU, Reshape, Subtract, sequential,
};

fn on(layer: impl Into<Node>, x: &KerasTensor) -> KerasTensor {
    layer.into().call(x).unwrap()
}

fn add(a: &KerasTensor, b: &KerasTensor) -> KerasTensor {
    Add::new().call([a, b]).unwrap()
}

fn concatenated(xs: &[KerasTensor]) -> KerasTensor {
    Concatenate::new().call(xs).unwrap()
}

fn image(size: usize, channels: usize) -> KerasTensor {
    Input::new([size, size, channels]).tensor()
}

fn same(filters: usize, size: usize) -> Conv2D {
    Conv2D::new(filters, size).padding(Padding::Same)
}

/// Two convolutions, and a way around them; with another number of channels a convolution lies on it.
fn block(x: &KerasTensor, filters: usize) -> KerasTensor {
    let y = on(ReLU::new(), &on(BatchNormalization::new(), &on(same(filters, 3), x)));
    let y = on(BatchNormalization::new(), &on(same(filters, 3), &y));
    let around = match x.shape().last() == Some(filters) {
        true => x.clone(),
        false => on(BatchNormalization::new(), &on(same(filters, 1), x)),
    };
    on(ReLU::new(), &add(&around, &y))
}

pub(crate) fn residual(blocks: usize) -> Model {
    let x = image(8, 4);
    let y = (0..blocks).fold(x.clone(), |y, _| block(&y, 4));
    Model::new([&x], [&y]).unwrap()
}

pub(crate) fn projected() -> Model {
    let x = image(8, 4);
    let y = [4, 8, 8, 16].into_iter().fold(x.clone(), |y, filters| block(&y, filters));
    Model::new([&x], [&y]).unwrap()
}

pub(crate) fn two_ways() -> Model {
    let title = Input::new([20]).named("title").tensor();
    let text = Input::new([300]).named("text").tensor();
    let words = on(Dense::new(32).activation("relu"), &on(Dense::new(64), &text));
    let both = concatenated(&[on(Dense::new(8), &title), words]);
    let hidden = on(Dense::new(16).activation("relu"), &both);
    let digit = on(Dense::new(10).activation("softmax").named("digit"), &hidden);
    let even = on(Dense::new(1).activation("sigmoid").named("even"), &hidden);
    Model::new([&title, &text], [&digit, &even]).unwrap().with_name("two ways")
}

pub(crate) fn siamese() -> Model {
    let tower = sequential![Input::new([28, 28]), Flatten::new(), Dense::new(64), ReLU::new()];
    let tower = tower.unwrap().named("tower").shared();
    let [a, b] = ["left", "right"].map(|name| Input::new([28, 28]).named(name).tensor());
    let difference =
        Subtract::new().call([&tower.call(&a).unwrap(), &tower.call(&b).unwrap()]).unwrap();
    Model::new([&a, &b], [&on(Dense::new(1), &difference)]).unwrap()
}

/// A layer that is called on its own output, and on what was made of it.
pub(crate) fn circular() -> Model {
    let x = Input::new([4]).tensor();
    let shared = Dense::new(4).named("again").shared();
    let once = shared.call(&x).unwrap();
    let twice = shared.call(&once).unwrap();
    let other = on(Dense::new(4), &on(Dense::new(4), &twice));
    Model::new([&x], [&on(Dense::new(2), &shared.call(&other).unwrap())]).unwrap()
}

pub(crate) fn nested() -> Model {
    let a = Input::new([8]).named("a").tensor();
    let b = Input::new([8]).named("b").tensor();
    let early = on(Dense::new(8).activation("tanh"), &a);
    let late = on(Dense::new(4), &add(&early, &b));
    let inner = Model::new([&a, &b], [&late, &early]).unwrap();
    let gate = {
        let x = Input::new([8]).tensor();
        let y = Multiply::new().call([&x, &on(Dense::new(8).activation("sigmoid"), &x)]).unwrap();
        Model::new([&x], [&y]).unwrap()
    };
    let x = Input::new([8]).named("x").tensor();
    let gated = on(gate.named("gate"), &x);
    let y = concatenated(&inner.named("inner").call_all([&gated, &x]).unwrap());
    Model::new([&x], [&on(Dense::new(3), &y)]).unwrap()
}

/// A U-Net of that depth: what is made on the way down is read again on the way up.
pub(crate) fn u_net(levels: u32) -> Model {
    let x = image(8 << levels, 3);
    let two = |x: &KerasTensor, filters| {
        let relu = || same(filters, 3).activation("relu");
        on(relu(), &on(relu(), x))
    };
    let (mut y, mut skipped) = (x.clone(), Vec::new());
    for level in 0..levels {
        let made = two(&y, 8 << level);
        y = on(MaxPooling2D::new(2), &made);
        skipped.push(made);
    }
    y = two(&y, 8 << levels);
    for (level, made) in (0..levels).zip(&skipped).rev() {
        let size = 8 << (levels - level);
        y = on(Reshape::new([size, size, 4 << level]), &y);
        y = two(&concatenated(&[y, made.clone()]), 8 << level);
    }
    Model::new([&x], [&on(same(1, 1).activation("sigmoid"), &y)]).unwrap().with_name("u_net")
}

pub(crate) fn inception() -> Model {
    let x = image(28, 192);
    let pooled = on(MaxPooling2D::new(3).strides(1).padding(Padding::Same), &x);
    let ways = [
        on(same(64, 1), &x),
        on(same(128, 3), &on(same(96, 1), &x)),
        on(same(32, 5), &on(same(32, 3), &on(same(16, 1), &x))),
        on(same(32, 1), &pooled),
    ];
    let y = concatenated(&ways);
    Model::new([&x], [&on(ReLU::new(), &y)]).unwrap().with_name("inception")
}

/// Every layer of a block reads all before.
pub(crate) fn dense_block(layers: usize) -> Model {
    let x = image(8, 4);
    let mut made = vec![x.clone()];
    for _ in 0..layers {
        let all = match &made[..] {
            [only] => only.clone(),
            all => concatenated(all),
        };
        made.push(on(same(4, 3), &all));
    }
    Model::new([&x], [&made[layers]]).unwrap()
}

/// The blocks of MobileNetV2: wide, deep, narrow, and a way around where the shapes allow it.
pub(crate) fn mobile_net() -> Model {
    let x = image(16, 3);
    let normed = |x: &KerasTensor| on(BatchNormalization::new(), x);
    let active = |x: &KerasTensor| on(ReLU::new().max_value(6.0), &normed(x));
    let mut y = active(&on(same(4, 3), &x));
    for (filters, repeats) in [(2, 1), (3, 2), (4, 3), (6, 4), (9, 3), (12, 3), (16, 1)] {
        for _ in 0..repeats {
            let wide = active(&on(same(8, 1), &y));
            let deep = active(&on(same(8, 3), &wide));
            let narrow = normed(&on(same(filters, 1), &deep));
            let fits = y.shape() == narrow.shape();
            y = if fits { add(&y, &narrow) } else { narrow };
        }
    }
    Model::new([&x], [&active(&on(same(32, 1), &y))]).unwrap().with_name("mobilenetv2")
}
