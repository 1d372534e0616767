//! What PReLU can and others cannot: bend below 0 as far as the data wants. One unit is to be |x|.
//!
//! Run it with `cargo run --release --example prelu`.

use ceratops::prelude::*;

const SEEDS: u64 = 5;

type MakeNode = fn() -> Node;

fn main() -> Result<()> {
    let x: Vec<f32> = (-30..=30).map(|i| i as f32 / 10.0).collect();
    let y: Vec<f32> = x.iter().map(|x| x.abs()).collect();
    let (x, y) = (Tensor::new(&[61, 1], x)?, Tensor::new(&[61, 1], y)?);

    let contestants: [(&str, MakeNode); 4] = [
        ("ReLU", || ReLU::new().into()),
        ("LeakyReLU(0.1)", || LeakyReLU::new(0.1).into()),
        ("ELU(1.0)", || ELU::new(1.0).into()),
        ("PReLU", || PReLU::new().into()),
    ];
    println!("y = |x|, as out · f(x · kernel + bias) + b with one unit, whose f is:\n");
    println!("{:<16} mean squared error with {SEEDS} seeds", "f");
    println!("{}", "─".repeat(64));
    let mut best: Option<(f64, CompiledModel)> = None;
    for (name, activation) in contestants {
        let mut errors = String::new();
        for seed in 0..SEEDS {
            let (error, model) = fit(activation, seed, &x, &y)?;
            errors += &format!("{error:>9.4}");
            if best.as_ref().is_none_or(|(least, _)| error < *least) {
                best = Some((error, model));
            }
        }
        println!("{name:<16} {errors}");
    }
    let Some((_, model)) = best else { return Ok(()) };
    if let Ok(prelu) = model.get_layer("p_re_lu") {
        println!(
            "\nThe slope that PReLU learned is {:.3}: |x| is -x below 0.",
            prelu.get_weights()[0][[0]]
        );
    }
    draw(&model.predict(&x)?);
    println!(
        "\nA fixed slope is that of one half alone. Where there are units enough, two of them share the"
    );
    println!(
        "work, and the choice matters less: see `--example advanced_activations`. From a start as"
    );
    println!("unlucky as the first one here none of them finds the way.");
    Ok(())
}

/// What is left of the error, and the model.
fn fit(
    activation: fn() -> Node,
    seed: u64,
    x: &Tensor,
    y: &Tensor,
) -> Result<(f64, CompiledModel)> {
    let mut model = Sequential::with_seed(seed);
    model.add(Input::new([1]))?.add(Dense::new(1))?.add(activation())?.add(Dense::new(1))?;
    let mut model = model.compile(Adam::new(0.02), "mse", ())?;
    let history = model.fit(x, y, FitOptions::new().epochs(400).verbose(Verbose::Silent))?;
    let error = history["loss"].last().copied().unwrap_or(f64::NAN);
    Ok((error, model))
}

/// The curve, a column for each x.
fn draw(y: &Tensor) {
    println!();
    for level in (0..=6).rev() {
        let line: String = y
            .as_slice()
            .iter()
            .map(|y| if (y * 2.0).round() as i32 == level { '•' } else { ' ' })
            .collect();
        println!("{:>4} │{line}", level as f32 / 2.0);
    }
    println!("     └{}", "─".repeat(y.len()));
    println!("      -3{:>28}{:>31}", "0", "3");
}
