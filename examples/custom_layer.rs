//! A layer of one's own: it trains, is summarised, and comes back from JSON.
//!
//! Run it with `cargo run --release --example custom_layer`.

use ceratops::prelude::*;
use serde::{Deserialize, Serialize};

/// y = x · sigmoid(beta · x), with one beta that is learned: Swish (Ramachandran et al. 2017).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
struct LearnedSwish {
    /// Where beta begins. A public field with serde is a key of the config.
    initial_beta: f32,
    /// Weights are not part of the config.
    #[serde(skip)]
    beta: Option<Param>,
}

impl Default for LearnedSwish {
    fn default() -> Self {
        Self { initial_beta: 1.0, beta: None }
    }
}

impl LearnedSwish {
    fn beta(&self) -> f32 {
        self.beta.as_ref().map_or(self.initial_beta, |beta| beta.value().as_slice()[0])
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

impl Layer for LearnedSwish {
    const CLASS_NAME: &'static str = "LearnedSwish";
    /// What the gradient needs: the input.
    type Saved = Tensor;

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    fn build(&mut self, _: &Shape, _: &mut Rng) -> Result<()> {
        self.beta = Some(Param::new("beta", Tensor::from([self.initial_beta])));
        Ok(())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Tensor>)> {
        let (beta, saved) = (self.beta(), cx.save(|| x.clone()));
        Ok((x.map(|x| x * sigmoid(beta * x)), saved))
    }

    fn backward(&self, x: Tensor, dy: Tensor, dw: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        let beta = self.beta();
        // dL/dbeta = Σ dy · x² · s · (1 - s), with s = sigmoid(beta · x)
        if let Some(dbeta) = dw.get(0) {
            let terms = x.as_slice().iter().zip(dy.as_slice()).map(|(x, dy)| {
                let s = sigmoid(beta * x);
                dy * x * x * s * (1.0 - s)
            });
            dbeta.as_mut_slice()[0] += terms.sum::<f32>();
        }
        // dL/dx = dy · (s + beta · x · s · (1 - s))
        let dx = dy.zip_map(&x, |dy, x| {
            let s = sigmoid(beta * x);
            dy * (s + beta * x * s * (1.0 - s))
        })?;
        Ok(Some(dx))
    }

    fn params(&self) -> Vec<&Param> {
        self.beta.iter().collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.beta.iter_mut().collect()
    }
}

fn main() -> Result<()> {
    // Something for it to learn: a swish whose beta is 3.
    let x: Vec<f32> = (0..200).map(|i| (i as f32 - 100.0) / 25.0).collect();
    let y: Vec<f32> = x.iter().map(|x| x * sigmoid(3.0 * x)).collect();
    let (x, y) = (Tensor::new(&[200, 1], x)?, Tensor::new(&[200, 1], y)?);

    let model = sequential![Input::new([1]), LearnedSwish::default()]?.with_name("swish");
    println!("{}\n", model.summary());
    let mut model = model.compile(Adam::new(0.05), "mse", ())?;
    let history = model.fit(&x, &y, FitOptions::new().epochs(60).verbose(Verbose::Silent))?;
    println!("loss {:.6}", history["loss"].last().copied().unwrap_or(f64::NAN));
    println!("beta {} (3 was right)\n", model.get_weights()[0]);

    // A class of one's own is registered with the loader, and then opens like any other.
    let json = model.to_json()?;
    if let Err(why) = Sequential::from_json(&json) {
        println!("not registered: {why}\n");
    }
    let registry = Registry::builtin().with_layer::<LearnedSwish>();
    let again = Sequential::from_json_with(&json, &registry)?;
    println!("registered: a {} of {} layer(s)", again.name(), again.layers().len());
    Ok(())
}
