//! Are these two the same digit? Two towers that share their layers learn it from pairs of images, and
//! thereby where to put each image, so that digits of a kind stand together.
//!
//! Run it with `cargo run --release --example two_towers`.

use std::time::Instant;

use ceratops::datasets::mnist::{self, Split};
use ceratops::prelude::*;

/// How many numbers the tower makes of an image.
const SIZE: usize = 32;

fn main() -> Result<()> {
    let data = mnist::digits()?;
    let (train, test) = (&data.train, &data.test);
    let model = network()?;
    println!("{}\n", model.summary().expand_nested(true));

    let mut model = model.compile(Adam::new(0.002), "binary_crossentropy", "accuracy")?;
    let pairs = Pairs::of(train, 3);
    println!("{} pairs to learn from, half of them of the same digit\n", pairs.same.len());
    let halve = LambdaCallback::new().on_epoch_end(|_, _, training| {
        training.set_learning_rate(training.learning_rate() / 2.0);
    });
    let options = FitOptions::new().epochs(4).batch_size(32).callback(halve);
    let start = Instant::now();
    model.fit(pairs.images(train)?, [("same", &pairs.labels())], options)?;
    println!("\nlearned in {:.1} s", start.elapsed().as_secs_f64());

    judge(&model, test)?;
    // The tower alone: its first call, on the left image.
    let tower = model.up_to("tower[0]")?;
    compare(&tower, train, test)?;
    neighbours(&tower, train, test)
}

/// Two images go through one tower. What it makes of them differs little where the digits are the same.
fn network() -> Result<Model> {
    let left = Input::new([28, 28, 1]).named("left").tensor();
    let right = Input::new([28, 28, 1]).named("right").tensor();
    let tower = sequential![
        Input::new([28, 28, 1]),
        Conv2D::new(16, 3).activation("relu"),
        MaxPooling2D::new(2),
        Conv2D::new(32, 3).activation("relu"),
        MaxPooling2D::new(2),
        Flatten::new(),
        Dropout::new(0.25),
        Dense::new(SIZE),
    ]?;
    let tower = tower.named("tower").shared();
    let difference = (&tower.call(&left)? - &tower.call(&right)?)?;
    let squares = (&difference * &difference)?;
    let same = Dense::new(1).activation("sigmoid").named("same").call(&squares)?;
    Ok(Model::new([&left, &right], [&same])?.with_name("two_towers"))
}

/// Pairs of images, by their numbers.
struct Pairs {
    left: Vec<usize>,
    right: Vec<usize>,
    same: Vec<f32>,
}

impl Pairs {
    /// For each image, `rounds` times, one of the same digit and one of another.
    fn of(split: &Split, rounds: usize) -> Self {
        let labels = split.y.as_slice();
        let count = labels.len();
        let mut pairs = Self { left: Vec::new(), right: Vec::new(), same: Vec::new() };
        for i in 0..rounds * count {
            let image = i % count;
            // The images from here on, around the end: the first that is the same, and that is not.
            let from = image + 1 + (i * 37) % (count - 1);
            for same in [true, false] {
                let mut others = (from..from + count).map(|other| other % count);
                let fits =
                    |&other: &usize| other != image && (labels[other] == labels[image]) == same;
                if let Some(other) = others.find(fits) {
                    pairs.left.push(image);
                    pairs.right.push(other);
                    pairs.same.push(if same { 1.0 } else { 0.0 });
                }
            }
        }
        pairs
    }

    /// The images under the names of the model's inputs.
    fn images(&self, split: &Split) -> Result<[(&'static str, Tensor); 2]> {
        let left = split.x.batch_gather(&self.left)?;
        Ok([("left", left), ("right", split.x.batch_gather(&self.right)?)])
    }

    fn labels(&self) -> Tensor {
        Tensor::from(self.same.clone())
    }
}

/// How often it is right about digits that it never saw, and a few pairs.
fn judge(model: &CompiledModel, test: &Split) -> Result<()> {
    let pairs = Pairs::of(test, 2);
    let logs = model.evaluate(pairs.images(test)?, [("same", &pairs.labels())])?;
    println!("right about {:.2}% of {} new pairs\n", 100.0 * logs["accuracy"], pairs.same.len());

    let answers = model.predict(pairs.images(test)?)?;
    let answers = answers.as_slice();
    let is_right = |&i: &usize| (answers[i] > 0.5) == (pairs.same[i] > 0.5);
    let (right, wrong): (Vec<usize>, Vec<usize>) = (0..answers.len()).partition(is_right);
    println!("Some pairs, the last two of which it gets wrong:\n");
    for i in right.into_iter().step_by(999).skip(1).take(3).chain(wrong.into_iter().take(2)) {
        draw(test, &[pairs.left[i], pairs.right[i]]);
        println!("  the same: {:.1}%\n", 100.0 * answers[i]);
    }
    Ok(())
}

/// Names each digit of the test after its nearest neighbour among those that were learned from.
fn compare(tower: &Model, train: &Split, test: &Split) -> Result<()> {
    let score = |known: &Tensor, asked: &Tensor| {
        let right = (0..asked.batch()).filter(|&i| {
            let nearest = nearest(known, asked, i, 1);
            nearest.iter().all(|&j| train.y.as_slice()[j] == test.y.as_slice()[i])
        });
        100.0 * right.count() as f64 / asked.batch() as f64
    };
    let pixels = score(&train.x, &test.x);
    let towers = score(&tower.predict(&train.x)?, &tower.predict(&test.x)?);
    println!("A digit named after its nearest neighbour is right");
    println!("  {pixels:.1}% of the time where pixels are compared ({} numbers)", 28 * 28);
    println!("  {towers:.1}% of the time where what the tower makes of them is ({SIZE} numbers)\n");
    Ok(())
}

/// Draws some digits with their nearest neighbours.
fn neighbours(tower: &Model, train: &Split, test: &Split) -> Result<()> {
    let (known, asked) = (tower.predict(&train.x)?, tower.predict(&test.x)?);
    println!("Digits, each with its nearest neighbours:\n");
    for digit in [2.0, 5.0, 9.0] {
        let Some(i) = test.y.as_slice().iter().position(|&y| y == digit) else { continue };
        draw_rows(&[(test, vec![i]), (train, nearest(&known, &asked, i, 4))]);
        println!();
    }
    Ok(())
}

/// The `count` rows of `known` that are nearest to row `i` of `asked`.
fn nearest(known: &Tensor, asked: &Tensor, i: usize, count: usize) -> Vec<usize> {
    let size = known.sample_len();
    let one = &asked.as_slice()[i * size..][..size];
    let distance = |other: &[f32]| one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum();
    let distances: Vec<f32> = known.as_slice().chunks(size).map(distance).collect();
    let mut order: Vec<usize> = (0..distances.len()).collect();
    order.sort_by(|&a, &b| distances[a].total_cmp(&distances[b]));
    order.truncate(count);
    order
}

fn draw(split: &Split, which: &[usize]) {
    draw_rows(&[(split, which.to_vec())]);
}

/// Draws digits side by side, two pixels a character, a line between those of different sources.
fn draw_rows(parts: &[(&Split, Vec<usize>)]) {
    for y in (4..24).step_by(2) {
        for (part, (split, which)) in parts.iter().enumerate() {
            print!("{}", if part > 0 { "│" } else { " " });
            for &i in which {
                let image = &split.x.as_slice()[i * 28 * 28..][..28 * 28];
                print!(" {} ", line(image, y));
            }
        }
        println!();
    }
}

/// Two rows of pixels as characters.
fn line(image: &[f32], y: usize) -> String {
    let ink = |x: usize, y: usize| image[y * 28 + x] > 0.4;
    let character = |x| match (ink(x, y), ink(x, y + 1)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    (4..24).map(character).collect()
}
