//! `ceratops plot`: pictures, as SVG and PNG.

mod activation;
mod confusion;
mod history;

use std::{path::PathBuf, process::ExitCode};

use ceratops::{
    Result, SavePicture,
    plot::{self, Kind, Picture},
};
use clap::{Args, Subcommand};

use crate::{
    console::Console,
    failure::Outcome,
    input,
    model::{Source, load},
    output,
    places::Places,
};

/// Draw pictures: histories, activations, models, weights, filters, confusion matrices.
#[derive(Debug, Args)]
#[command(after_help = "\
The ending of OUT says what it becomes: .svg, which can be enlarged, or .png.

Examples:
  ceratops plot history h.json -o h.svg
  ceratops plot activation prelu --alpha 0.25 -o prelu.svg
  ceratops plot model lenet.keras -o lenet.svg
  ceratops plot weights lenet.keras -o weights.png --width 2000
  ceratops plot activations lenet.keras --input digits.npy -o outputs.svg
  ceratops plot filters lenet.keras -o filters.png
  ceratops plot confusion lenet.keras --x digits.npz --y digits.npz -o confusion.svg")]
pub(crate) struct Plot {
    #[command(subcommand)]
    what: What,
}

/// Of what.
#[derive(Debug, Subcommand)]
enum What {
    History(history::History),
    Activation(activation::Activation),
    Model(Model),
    Weights(Weights),
    Activations(Activations),
    Filters(Filters),
    Confusion(confusion::Confusion),
}

/// A model as a graph: its layers in boxes, with their shapes, and what reads what.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ceratops plot model lenet.keras -o lenet.svg
  ceratops plot model model.json -o model.png --width 1000")]
struct Model {
    /// A file or folder of a model; `-` for the standard input.
    model: PathBuf,

    #[command(flatten)]
    out: Out,
}

/// A histogram of each weight of a model.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ceratops plot weights lenet.keras -o weights.svg
  ceratops plot weights model.json --weights w.h5 -o weights.png")]
struct Weights {
    #[command(flatten)]
    source: Source,

    #[command(flatten)]
    out: Out,
}

/// A histogram of each layer's output for samples.
#[derive(Debug, Args)]
#[command(after_help = format!("{}\n\n{}", input::HELP, "\
Examples:
  ceratops plot activations lenet.keras --input digits.npy -o outputs.svg"))]
struct Activations {
    #[command(flatten)]
    source: Source,

    /// The samples: an array of the shape that the model takes.
    #[arg(long, value_name = "X.npy")]
    input: PathBuf,

    #[command(flatten)]
    out: Out,
}

/// The filters of a model's first Conv2D, as tiles.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ceratops plot filters lenet.keras -o filters.svg
  ceratops plot filters model.json --weights w.h5 -o filters.png --width 1200")]
struct Filters {
    #[command(flatten)]
    source: Source,

    #[command(flatten)]
    out: Out,
}

/// Where a picture goes, and how large it is.
#[derive(Debug, Args)]
struct Out {
    /// The file to write: .svg or .png.
    #[arg(long, short, value_name = "OUT")]
    output: PathBuf,

    /// How many pixels wide; by default as many as the texts need.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    width: Option<u32>,

    /// How many pixels high.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    height: Option<u32>,
}

impl Plot {
    pub(super) fn run(self, console: &Console) -> Outcome {
        let out = self.what.out();
        self.what.places().written("-o", out.output.as_path()).check()?;
        out.check()?;
        let picture = match &self.what {
            What::History(history) => history.picture()?,
            What::Activation(activation) => activation.picture()?,
            What::Model(Model { model, .. }) => plot::model(&load(model, console)?.model)?,
            What::Weights(Weights { source, .. }) => {
                plot::weights(&source.open_with_weights(None, console)?.model)?
            }
            What::Activations(Activations { source, input, .. }) => {
                input::one_stream([&source.model, input])?;
                let (model, x) = input::samples_for(source, input, console)?;
                plot::activations(&model, x)?
            }
            What::Filters(Filters { source, .. }) => {
                plot::filters(&source.open_with_weights(None, console)?.model)?
            }
            What::Confusion(confusion) => confusion.picture(console)?,
        };
        out.write(picture, console)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl What {
    /// What is read.
    fn places(&self) -> Places {
        match self {
            Self::History(history) => Places::default().read("H.json", &history.history),
            Self::Activation(_) => Places::default(),
            Self::Model(model) => Places::default().read("MODEL", &model.model),
            Self::Weights(Weights { source, .. }) | Self::Filters(Filters { source, .. }) => {
                Places::of_model(source)
            }
            Self::Activations(Activations { source, input, .. }) => {
                Places::of_model(source).read("--input", input)
            }
            Self::Confusion(confusion) => confusion.places(),
        }
    }

    fn out(&self) -> &Out {
        match self {
            Self::History(history) => &history.out,
            Self::Activation(activation) => &activation.out,
            Self::Model(model) => &model.out,
            Self::Weights(weights) => &weights.out,
            Self::Activations(activations) => &activations.out,
            Self::Filters(filters) => &filters.out,
            Self::Confusion(confusion) => &confusion.out,
        }
    }
}

impl Out {
    /// Refuses a place that could not be written to, before the work is done.
    fn check(&self) -> Result<()> {
        Kind::of_path(&self.output)?;
        output::check_file(&self.output)
    }

    fn write(&self, picture: Picture, console: &Console) -> Result<()> {
        let unknown: String = match Kind::of_path(&self.output)? {
            Kind::Png => picture.unknown_letters().into_iter().collect(),
            Kind::Svg => String::new(),
        };
        if !unknown.is_empty() {
            console.note(format_args!(
                "no font here has \"{unknown}\", drawn as boxes: install one that has (such as Noto Sans CJK), \
                 or write an .svg"
            ));
        }
        picture.sized(self.width, self.height)?.save(&self.output)
    }
}
