//! Reading handwritten digits: a convolutional network with LeakyReLU, then the same with PReLU.
//!
//! Run it with `cargo run --release --example digits`. The 5,000 digits are part of the program;
//! with a folder that holds the full MNIST (or Fashion-MNIST) as an argument, it reads that.

use ceratops::datasets::mnist::{self, Split};
use ceratops::prelude::*;

fn main() -> Result<()> {
    let data = match std::env::args().nth(1) {
        Some(folder) => mnist::from_folder(folder)?,
        None => mnist::digits()?,
    };
    let (train, test) = (&data.train, &data.test);
    println!("{} digits to learn from, {} to be tested with\n", train.y.len(), test.y.len());

    println!("With LeakyReLU(0.05):\n");
    let model = learn(network(|| LeakyReLU::new(0.05).into())?, train)?;
    report(&model, test)?;

    println!("With PReLU, which learns a slope for each of its channels:\n");
    let model = learn(network(|| PReLU::new().shared_axes([1, 2]).into())?, train)?;
    report(&model, test)?;
    slopes(&model);
    Ok(())
}

/// Three convolutions, each with its activation, and two dense layers.
fn network(activation: impl Fn() -> Node) -> Result<Sequential> {
    sequential![
        Input::new([28, 28, 1]),
        Conv2D::new(32, 3),
        activation(),
        MaxPooling2D::new(2),
        Conv2D::new(64, 3),
        activation(),
        MaxPooling2D::new(2),
        Conv2D::new(64, 3),
        activation(),
        Flatten::new(),
        Dropout::new(0.4),
        Dense::new(64).activation("relu"),
        Dense::new(10).activation("softmax"),
    ]
}

/// Five epochs of Adam, whose learning rate is halved after each.
fn learn(model: Sequential, train: &Split) -> Result<CompiledModel> {
    println!("{}\n", model.summary());
    let loss = "sparse_categorical_crossentropy";
    let mut model = model.compile(Adam::new(0.0015), loss, "accuracy")?;
    let halve = LambdaCallback::new().on_epoch_end(|_, _, training| {
        training.set_learning_rate(training.learning_rate() / 2.0);
    });
    model.fit(&train.x, &train.y, FitOptions::new().epochs(5).batch_size(8).callback(halve))?;
    Ok(model)
}

/// The accuracy on digits the network never saw, and a few of them with what it says.
fn report(model: &CompiledModel, test: &Split) -> Result<()> {
    let logs = model.evaluate(&test.x, &test.y)?;
    println!("\ntest accuracy {:.2}%, loss {:.4}\n", 100.0 * logs["accuracy"], logs["loss"]);

    let answers = answers(&model.predict(&test.x)?)?;
    let wrong = |&i: &usize| answers[i].0 as f32 != test.y.as_slice()[i];
    let (missed, read): (Vec<usize>, Vec<usize>) = (0..answers.len()).partition(wrong);
    draw(test, &answers, &read[..3.min(read.len())])?;
    if !missed.is_empty() {
        println!("It got {} wrong, such as:", missed.len());
        draw(test, &answers, &missed[..3.min(missed.len())])?;
    }
    Ok(())
}

/// The most probable class of each sample, and its probability.
fn answers(probabilities: &Tensor) -> Result<Vec<(usize, f32)>> {
    let classes = probabilities.argmax(-1)?;
    Ok(probabilities.rows().zip(classes).map(|(row, class)| (class, row[class])).collect())
}

/// Draws digits side by side, two pixels a character, and below each what the network says.
fn draw(test: &Split, answers: &[(usize, f32)], which: &[usize]) -> Result<()> {
    for y in (4..24).step_by(2) {
        for &i in which {
            let image = test.x.batch_slice(i..i + 1)?;
            let ink = |x: usize, y: usize| image.as_slice()[y * 28 + x] > 0.4;
            let line: String = (4..24)
                .map(|x| match (ink(x, y), ink(x, y + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                })
                .collect();
            print!("  {line}  ");
        }
        println!();
    }
    for &i in which {
        let (digit, probability) = answers[i];
        let text =
            format!("a {} read as {digit} ({:.0}%)", test.y.as_slice()[i], 100.0 * probability);
        print!("  {text:<22}");
    }
    println!("\n");
    Ok(())
}

/// The slopes that each PReLU learned, as a histogram.
fn slopes(model: &CompiledModel) {
    println!("The slopes it learned (all began at 0):");
    for node in model.layers().iter().filter(|node| node.class_name() == "PReLU") {
        let weights = node.get_weights();
        let alphas = weights[0].as_slice();
        let (least, most) = (
            alphas.iter().copied().fold(f32::MAX, f32::min),
            alphas.iter().copied().fold(f32::MIN, f32::max),
        );
        let mut counts = [0usize; 16];
        for alpha in alphas {
            counts[(((alpha - least) / (most - least + 1e-9)) * 16.0) as usize % 16] += 1;
        }
        let largest = counts.iter().copied().max().unwrap_or(1).max(1);
        let bars: String = counts
            .iter()
            .map(|&n| [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'][n * 8 / largest])
            .collect();
        println!("  {:<12} {least:6.3} {bars} {most:.3}", node.name());
    }
}
