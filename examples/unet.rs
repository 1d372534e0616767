//! Which pixel belongs to what: a U-Net learns to tell discs from squares in pictures full of noise, and
//! colours each pixel.
//!
//! Run it with `cargo run --release --example unet`. With `--features plot` it also draws the network,
//! into a folder that is given as an argument, or into that for temporary files.

use ceratops::core::rng;
use ceratops::prelude::*;
use rand::Rng as _;

/// The height and the width of a picture.
const SIDE: usize = 32;
/// What a pixel can belong to, and how it is drawn.
const CLASSES: [(&str, char); 3] = [("background", '·'), ("disc", 'o'), ("square", '#')];

fn main() -> Result<()> {
    let (train, test) = (pictures(1500, 1)?, pictures(200, 2)?);
    let model = unet()?;
    println!("{}\n", model.summary());
    draw_network(&model)?;

    let mut model =
        model.compile(Adam::new(0.003), "sparse_categorical_crossentropy", "accuracy")?;
    let halve = LambdaCallback::new().on_epoch_end(|epoch, _, training| {
        if epoch > 11 {
            training.set_learning_rate(training.learning_rate() / 2.0);
        }
    });
    let options = FitOptions::new().epochs(16).batch_size(16).callback(halve);
    model.fit(&train.0, &train.1, options)?;

    let found = model.predict(&test.0)?;
    println!("\nintersection over union, in {} pictures it never saw:", test.0.batch());
    for (class, (name, _)) in CLASSES.iter().enumerate() {
        println!("  {name:<11} {:.3}", overlap(&classes(&found)?, test.1.as_slice(), class as f32));
    }
    println!("\nA picture, what is in it, and what the network says:\n");
    draw(&test.0, &[test.1.as_slice(), &classes(&found)?]);
    Ok(())
}

/// Down three steps and up again; at each height what was seen on the way down comes in again.
fn unet() -> Result<Model> {
    let picture = Input::new([SIDE, SIDE, 1]).named("picture").tensor();
    let (mut h, mut seen) = (picture.clone(), Vec::new());
    for filters in [16, 32] {
        h = convolutions(&h, filters)?;
        seen.push(h.clone());
        h = MaxPooling2D::new(2).call(&h)?;
    }
    h = convolutions(&h, 64)?;
    for (filters, seen) in [32, 16].into_iter().zip(seen.iter().rev()) {
        let up = UpSampling2D::new(2).call(&h)?;
        h = convolutions(&Concatenate::new().call([&up, seen])?, filters)?;
    }
    let classes = Conv2D::new(CLASSES.len(), 1).activation("softmax").named("classes").call(&h)?;
    Model::with_seed(0, &picture, &classes)
}

fn convolutions(x: &KerasTensor, filters: usize) -> Result<KerasTensor> {
    let h = Conv2D::new(filters, 3).padding(Padding::Same).activation("relu").call(x)?;
    Conv2D::new(filters, 3).padding(Padding::Same).activation("relu").call(&h)
}

/// Pictures of a disc and a square each, of any grey, in noise, with the class of each pixel.
fn pictures(count: usize, seed: u64) -> Result<(Tensor, Tensor)> {
    let (mut rng, mut pixels, mut classes) = (rng(seed), Vec::new(), Vec::new());
    for _ in 0..count {
        let mut class = [0.0; SIDE * SIDE];
        let mut grey = [0.0; 3].map(|_: f32| rng.random_range(0.0..1.0));
        // The shapes are lighter or darker than what is behind them.
        grey[1] = if grey[0] < 0.5 { grey[0] + 0.4 } else { grey[0] - 0.4 };
        grey[2] = grey[1];
        for kind in [1, 2] {
            let radius: f32 = rng.random_range(4.0..8.0);
            let mut center = || rng.random_range(radius..SIDE as f32 - radius);
            let (row, column) = (center(), center());
            for (i, class) in class.iter_mut().enumerate() {
                let (y, x) = ((i / SIDE) as f32 - row, (i % SIDE) as f32 - column);
                let inside = match kind {
                    1 => x.hypot(y) <= radius,
                    _ => x.abs().max(y.abs()) <= 0.85 * radius,
                };
                if inside {
                    *class = kind as f32;
                }
            }
        }
        let noisy = |class: &f32| grey[*class as usize] + rng.random_range(-0.15..0.15);
        pixels.extend(class.iter().map(noisy));
        classes.extend(class);
    }
    let x = Tensor::new(&[count, SIDE, SIDE, 1], pixels)?;
    Ok((x, Tensor::new(&[count, SIDE, SIDE, 1], classes)?))
}

/// The most probable class of each pixel.
fn classes(found: &Tensor) -> Result<Vec<f32>> {
    Ok(found.argmax(-1)?.into_iter().map(|class| class as f32).collect())
}

/// How much of what is one or the other is both: pixels of a class, found and true.
fn overlap(found: &[f32], truth: &[f32], class: f32) -> f64 {
    let both = found.iter().zip(truth).filter(|(a, b)| **a == class && **b == class).count();
    let either = found.iter().zip(truth).filter(|(a, b)| **a == class || **b == class).count();
    both as f64 / either.max(1) as f64
}

/// Draws the first picture in shades, and beside it classes of its pixels; two rows are one line.
fn draw(pictures: &Tensor, classes: &[&[f32]]) {
    const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];
    for row in (0..SIDE).step_by(2) {
        let pixels = row * SIDE..(row + 1) * SIDE;
        let shade = |&x: &f32| SHADES[(x.clamp(0.0, 1.0) * 4.0).round() as usize];
        print!("{}", pictures.as_slice()[pixels.clone()].iter().map(shade).collect::<String>());
        for classes in classes {
            let line = classes[pixels.clone()].iter().map(|&class| CLASSES[class as usize].1);
            print!("   {}", line.collect::<String>());
        }
        println!();
    }
}

#[cfg(feature = "plot")]
fn draw_network(model: &Model) -> Result<()> {
    use ceratops::SavePicture;

    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let path = folder.join("unet.svg");
    ceratops::plot::model(model)?.save(&path)?;
    println!("It is drawn in {}\n", path.display());
    Ok(())
}

#[cfg(not(feature = "plot"))]
fn draw_network(_: &Model) -> Result<()> {
    println!("Run this with `--features plot` to have a picture of it.\n");
    Ok(())
}
