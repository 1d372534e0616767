//! How fast the activations run, measured against a plain copy of as many numbers.

use std::{hint::black_box, time::Instant};

use ceratops::{
    activations::{BUILTIN, Keeps},
    prelude::*,
};
use serde_json::json;

/// Ten million numbers: far more than a cache holds.
const SHAPE: [usize; 2] = [100_000, 100];
/// The same as 32 channels, for the layer whose slopes belong to channels.
const IMAGES: [usize; 4] = [500, 25, 25, 32];
/// How often each is timed.
const RUNS: usize = 50;
/// After so many seconds it is not timed again.
const LONG: f64 = 1.5;

/// Reports value = (bytes of a function / its seconds) / (bytes of a copy / its seconds) for every
/// built-in activation and its derivative, on one thread.
///
/// The bytes are those that have to move: x is read and y written, as in a copy; of a derivative x
/// or y and dy are read and dx is written. Buffers live on, so none is fetched from the system
/// within the time (but `glu`, whose output is smaller than its input, makes a new one). A function
/// works in place, where a copy has two buffers: both read and write each number once, but in
/// place fewer of them are pushed out of the cache, so that a cheap one comes out above 1.
pub(crate) fn run() -> Result<()> {
    let mut copy = Copy::new(SHAPE.iter().product());
    // `threshold` has no default arguments, and `linear` does nothing.
    let left_out = |name| ["threshold", "linear"].contains(&name);
    for entry in BUILTIN.iter().filter(|entry| !left_out(entry.name)) {
        let x = Tensor::new(&SHAPE, numbers(SHAPE.iter().product()))?;
        let y = (entry.forward)(x.clone())?;
        let bytes = x.len() + y.len();
        report(entry.name, "forward", copy.share(bytes, &x, entry.forward)?);
        let kept = if entry.keeps == Keeps::Input { &x } else { &y };
        let dy = Tensor::new(y.shape(), numbers(y.len()))?;
        let bytes = kept.len() + dy.len() + x.len();
        let backward = |dy| (entry.backward)(kept, dy);
        report(entry.name, "backward", copy.share(bytes, &dy, backward)?);
    }
    layers(&mut copy)
}

/// The same of the layers that are activations.
fn layers(copy: &mut Copy) -> Result<()> {
    layer(copy, PReLU::new().alpha_initializer("ones").shared_axes([1, 2]))?;
    layer(copy, LeakyReLU::new(0.3))?;
    layer(copy, ReLU::new())?;
    layer(copy, ThresholdedReLU::new(1.0))?;
    layer(copy, ELU::new(1.0))
}

fn layer(copy: &mut Copy, mut layer: impl Layer<Saved = Tensor>) -> Result<()> {
    let x = Tensor::new(&IMAGES, numbers(IMAGES.iter().product()))?;
    layer.build(&Shape::of(x.shape()), &mut ceratops::rng(0))?;
    let forward = |x| Ok(layer.forward(x, &mut Context::inference())?.0);
    let name = class_name(&layer);
    report(name, "forward", copy.share(2 * x.len(), &x, forward)?);

    let missing = || Error::Model(format!("{name} has no gradient"));
    let saved = layer.forward(x.clone(), &mut Context::saving())?.1.ok_or_else(missing)?;
    let mut slots = Gradients::slots(layer.params());
    let backward = |dy| {
        let dx = layer.backward(saved.clone(), dy, &mut Gradients::new(&mut slots, true))?;
        dx.ok_or_else(missing)
    };
    report(name, "backward", copy.share(3 * x.len(), &x, backward)?);
    Ok(())
}

fn class_name<L: Layer>(_: &L) -> &'static str {
    L::CLASS_NAME
}

/// The plain copy that all is measured against.
struct Copy {
    from: Vec<f32>,
    to: Vec<f32>,
}

impl Copy {
    fn new(len: usize) -> Self {
        Self { from: numbers(len), to: vec![0.0; len] }
    }

    /// How fast `f` moves its `count` numbers, a copy being 1: both are timed in turn.
    fn share(
        &mut self,
        count: usize,
        input: &Tensor,
        mut f: impl FnMut(Tensor) -> Result<Tensor>,
    ) -> Result<f64> {
        let (mut copy, mut function) = (f64::INFINITY, f64::INFINITY);
        let mut buffer = input.clone();
        let begin = Instant::now();
        for _ in 0..RUNS {
            self.to.copy_from_slice(&self.from);
            let start = Instant::now();
            self.to.copy_from_slice(black_box(&self.from));
            black_box(&mut self.to);
            copy = copy.min(start.elapsed().as_secs_f64());

            buffer.as_mut_slice().copy_from_slice(input.as_slice());
            let start = Instant::now();
            let output = black_box(f(buffer)?);
            function = function.min(start.elapsed().as_secs_f64());
            buffer = if output.shape() == input.shape() { output } else { input.clone() };
            if begin.elapsed().as_secs_f64() > LONG {
                break;
            }
        }
        let copied = (self.from.len() + self.to.len()) as f64;
        Ok((count as f64 / function) / (copied / copy))
    }
}

/// Numbers from -5 to 5 in no order.
fn numbers(count: usize) -> Vec<f32> {
    let number = |i: usize| (i as u32).wrapping_mul(0x9E37_79B1) as f32 / 2f32.powi(32);
    (0..count).map(|i| 10.0 * (number(i) - 0.5)).collect()
}

fn report(name: &str, pass: &str, value: f64) {
    let what = format!("{name} {pass} share of copy");
    let value = (100.0 * value).round() / 100.0;
    println!("{}", json!({"peer": "ceratops", "work": "activation", "what": what, "value": value}));
}
