//! The kernels by themselves: what each layer does to a chunk of a batch, at the shapes of the
//! networks. `RAYON_NUM_THREADS=1 cargo bench -p ceratops-bench -- Conv2D`
//!
//! For layers with a kernel, criterion's "elem/s" are floating-point operations per second.

use std::{hint::black_box, time::Duration};

use ceratops::prelude::*;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, measurement::WallTime};

#[path = "../src/flops.rs"]
mod flops;

/// About how many numbers the larger of input and output has, so that both stay in the cache.
const NUMBERS: usize = 1 << 16;
/// The most samples at once.
const SAMPLES: usize = 64;

fn main() -> Result<()> {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let c = &mut criterion;

    bench(c, Conv2D::new(32, 3), &[28, 28, 1])?;
    bench(c, Conv2D::new(64, 3), &[13, 13, 32])?;
    bench(c, Conv2D::new(64, 3), &[5, 5, 64])?;
    for (side, channels, filters) in
        [(32, 3, 64), (32, 64, 64), (16, 64, 128), (16, 128, 128), (8, 128, 256), (8, 256, 256)]
    {
        let same = Conv2D::new(filters, 3).padding(Padding::Same);
        bench(c, same, &[side, side, channels])?;
    }
    for (inputs, units) in [(576, 64), (64, 10), (784, 512), (512, 512), (4096, 256)] {
        bench(c, Dense::new(units), &[inputs])?;
    }
    for shape in [[26, 26, 32], [11, 11, 64], [32, 32, 64]] {
        bench(c, MaxPooling2D::new(2), &shape)?;
    }
    for shape in [[26, 26, 32], [11, 11, 64]] {
        bench(c, LeakyReLU::new(0.05), &shape)?;
        bench(c, PReLU::new().shared_axes([1, 2]), &shape)?;
        bench(c, BatchNormalization::new(), &shape)?;
    }
    bench(c, Softmax::new(-1), &[10])?;
    criterion.final_summary();
    Ok(())
}

/// Times a layer for samples of one shape: `predict`, `forward` as in training, `backward`.
fn bench<L: Layer>(criterion: &mut Criterion, mut layer: L, sample: &[usize]) -> Result<()> {
    let input = Shape::batched(Shape::of(sample));
    layer.build(&input, &mut ceratops::rng(0))?;
    let output = layer.output_shape(&input)?;
    let len = |shape: &Shape| shape.features().map(|axes| axes.iter().product::<usize>());
    let numbers = len(&input)?.max(len(&output)?);
    let samples = (NUMBERS / numbers).clamp(1, SAMPLES);
    let x = numbers_of(&[&[samples], sample].concat())?;
    let y = layer.forward(x.clone(), &mut training())?.0;
    let dy = numbers_of(y.shape())?;

    let axes: Vec<_> = x.shape().iter().map(ToString::to_string).collect();
    let name = format!("{} {} to {}", L::CLASS_NAME, axes.join("x"), output.last().unwrap_or(0));
    let mut group = criterion.benchmark_group(name);
    let flops = flops::of_layer(L::CLASS_NAME, &layer.params(), &output)? * samples as u64;
    let throughput = |passes: u64| match flops {
        0 => Throughput::Bytes(4 * (samples * numbers) as u64),
        flops => Throughput::Elements(passes * flops),
    };

    group.throughput(throughput(1));
    time(&mut group, "predict", || own(&x), |x| layer.forward(x, &mut Context::inference()));
    time(&mut group, "forward", || own(&x), |x| layer.forward(x, &mut training()));
    group.throughput(throughput(2));
    let mut slots = Gradients::slots(layer.params());
    let saved = || layer.forward(own(&x), &mut training()).map(|(_, saved)| (saved, own(&dy)));
    time(&mut group, "backward", saved, |ready| {
        let (saved, dy) = ready?;
        saved
            .map(|saved| layer.backward(saved, dy, &mut Gradients::new(&mut slots, true)))
            .transpose()
    });
    group.finish();
    Ok(())
}

/// Times `run` on what `make` makes anew each time.
fn time<I, O>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    mut make: impl FnMut() -> I,
    mut run: impl FnMut(I) -> Result<O>,
) {
    group.bench_function(name, |bencher| {
        bencher.iter_batched(&mut make, |x| black_box(run(x)), BatchSize::PerIteration);
    });
}

fn training() -> Context {
    Context::training(0, 0, 0)
}

/// Numbers on both sides of 0.
fn numbers_of(shape: &[usize]) -> Result<Tensor> {
    let len = shape.iter().product();
    Tensor::new(shape, (0..len).map(|i: usize| (i * 7919 % 1000) as f32 * 0.002 - 1.0).collect())
}

/// A copy that is not shared, so that a layer may work in place as it does in a model.
fn own(x: &Tensor) -> Tensor {
    let mut copy = x.clone();
    copy.as_mut_slice();
    copy
}
