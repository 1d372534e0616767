//! `ceratops plot activation`: an activation and its derivative.

use ceratops::{
    Error, Result, activations,
    layers::{AnyActivation, Registry},
    plot::{self, Picture},
};
use clap::Args;
use serde_json::{Map, Value, json};

use super::Out;

/// An activation function, or a layer such as PReLU, with its derivative.
#[derive(Debug, Args)]
#[command(after_help = "\
`ceratops activations` lists the functions; PReLU, LeakyReLU, ELU, ReLU and ThresholdedReLU take \
arguments.

Examples:
  ceratops plot activation gelu -o gelu.svg
  ceratops plot activation prelu --alpha 0.25 -o prelu.svg
  ceratops plot activation leaky_relu --negative-slope 0.1 --from -2 --to 2 -o leaky.png
  ceratops plot activation relu --max-value 6 -o relu6.svg")]
pub(super) struct Activation {
    /// Its name, as in Keras: of a function, or of a layer.
    name: String,

    /// The slope below 0 of PReLU and LeakyReLU; where ELU levels off, negated.
    #[arg(long, value_name = "A", allow_negative_numbers = true)]
    alpha: Option<f64>,

    /// The slope below 0 of LeakyReLU, below the threshold of ReLU.
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    negative_slope: Option<f64>,

    /// The largest value of ReLU.
    #[arg(long, value_name = "M", allow_negative_numbers = true)]
    max_value: Option<f64>,

    /// Where ReLU begins.
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    threshold: Option<f64>,

    /// Where ThresholdedReLU begins.
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    theta: Option<f64>,

    /// Where the picture begins; by default -5, or further.
    #[arg(long, value_name = "X", allow_negative_numbers = true, requires = "to")]
    from: Option<f64>,

    /// Where it ends.
    #[arg(long, value_name = "X", allow_negative_numbers = true, requires = "from")]
    to: Option<f64>,

    #[command(flatten)]
    pub(super) out: Out,
}

/// The layers that are activations, whose names may be written as those of functions.
const LAYERS: [&str; 5] = ["PReLU", "LeakyReLU", "ELU", "ReLU", "ThresholdedReLU"];

impl Activation {
    pub(super) fn picture(&self) -> Result<Picture> {
        let range = self.from.zip(self.to).map(|(from, to)| from..to);
        plot::activation(self.activation()?, range)
    }

    /// The function of that name, or the layer, where it is the name of one alone or where there are
    /// arguments.
    fn activation(&self) -> Result<AnyActivation> {
        let plain = |name: &str| name.replace('_', "").to_lowercase();
        let layer = LAYERS.into_iter().find(|layer| plain(layer) == plain(&self.name));
        let arguments = self.arguments(layer);
        let function = activations::Activation::get(&self.name);
        match (layer, function) {
            (Some(layer), Err(_)) => self::layer(layer, arguments),
            (Some(layer), Ok(_)) if !arguments.is_empty() => self::layer(layer, arguments),
            (_, Ok(function)) if arguments.is_empty() => Ok(function.into()),
            (_, Ok(_)) => {
                let names: Vec<_> = arguments.keys().map(String::as_str).collect();
                Err(Error::argument(names.join(", "), "no arguments", &self.name)
                    .with_help(format!("those that take some are {}", LAYERS.join(", "))))
            }
            (None, Err(_)) => {
                let known = activations::BUILTIN.iter().flat_map(activations::Entry::identifiers);
                Err(Error::unknown("activation", &self.name, known.chain(LAYERS))
                    .with_help("`ceratops activations` lists them"))
            }
        }
    }

    /// The arguments that were given, under Keras' names of them.
    fn arguments(&self, layer: Option<&str>) -> Map<String, Value> {
        // As Keras 2 calls it.
        let alpha = if layer == Some("LeakyReLU") { "negative_slope" } else { "alpha" };
        let given = [
            (alpha, self.alpha),
            ("negative_slope", self.negative_slope),
            ("max_value", self.max_value),
            ("threshold", self.threshold),
            ("theta", self.theta),
        ];
        let given = given.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
        given.map(|(name, value)| (name.to_owned(), json!(value))).collect()
    }
}

/// The layer of that class, made as its config in a file would be.
fn layer(class_name: &str, mut config: Map<String, Value>) -> Result<AnyActivation> {
    if class_name == "PReLU"
        && let Some(alpha) = config.remove("alpha")
    {
        let constant = json!({ "class_name": "Constant", "config": { "value": alpha } });
        config.insert("alpha_initializer".into(), constant);
    }
    Registry::builtin().activation(&json!({ "class_name": class_name, "config": config }))
}
