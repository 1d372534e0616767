//! The places of a command line: no output may take that of another, or of what is read.
//!
//! Two paths are compared as what they lead to: through links, `.` and `..`, by either name of a file
//! that has two, and whatever the case of their letters where it is not there yet.

mod spot;

use std::path::{Path, PathBuf};

use ceratops::{callbacks::ModelCheckpoint, formats::Format};

use self::spot::{Pattern, Spot};
use crate::{
    failure::{Failure, Outcome},
    input,
    model::Source,
};

/// The paths of a command line and the options that name them.
#[derive(Debug, Default)]
pub(crate) struct Places(Vec<Place>);

#[derive(Debug)]
struct Place {
    /// `--out`, or `MODEL`.
    option: &'static str,
    /// As it was typed.
    path: PathBuf,
    spot: Spot,
    role: Role,
}

/// What is done with a place.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Role {
    Read,
    /// Read, and the result may be written in its place: a model that goes on learning, say.
    Renewed(Holds),
    Written,
    /// Written with all that a model holds, or a part of it.
    Result(Format),
    /// A folder in which files get names of their own.
    Folder,
}

/// What would be lost with a file that is replaced.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Holds {
    Architecture,
    Weights,
}

impl Places {
    /// The model, and its weights if they are elsewhere.
    pub(crate) fn of_model(source: &Source) -> Self {
        let model =
            Self::default().with("MODEL", &source.model, Role::Renewed(Holds::Architecture));
        match &source.weights {
            Some(weights) => model.with("--weights", weights, Role::Renewed(Holds::Weights)),
            None => model,
        }
    }

    /// With a file, or an array of a file, that is read.
    pub(crate) fn read<'a>(
        self,
        option: &'static str,
        path: impl Into<Option<&'a PathBuf>>,
    ) -> Self {
        let path = path.into().map(|path| input::file(path));
        self.with_some(option, path.as_deref(), Role::Read)
    }

    /// With a file that is written.
    pub(crate) fn written<'a>(
        self,
        option: &'static str,
        path: impl Into<Option<&'a Path>>,
    ) -> Self {
        self.with_some(option, path.into(), Role::Written)
    }

    /// With the file or folder that a model is written to.
    pub(crate) fn result(self, option: &'static str, path: &Path, format: Format) -> Self {
        let file = model_file(path, format);
        let mut places = self.with(option, &file, Role::Result(format));
        if format == Format::TensorFlowJs && path != Path::new("-") {
            let spot = Spot::of_pattern(&spot::shards(&file));
            places.0.push(Place { option, path: path.into(), spot, role: Role::Written });
        }
        places
    }

    /// With files whose names may have places for numbers.
    pub(crate) fn checkpoints<'a>(
        mut self,
        option: &'static str,
        path: impl Into<Option<&'a Path>>,
    ) -> Outcome<Self> {
        let Some(path) = path.into() else { return Ok(self) };
        let literals = ModelCheckpoint::new(path).literals()?;
        let spot = match literals.as_slice() {
            [name] => Spot::of(Path::new(name)),
            _ => Spot::of_pattern(&Pattern::new(literals)),
        };
        self.0.push(Place { option, path: path.into(), spot, role: Role::Written });
        Ok(self)
    }

    /// With a folder, in which files get names that nothing else has.
    pub(crate) fn folder<'a>(
        self,
        option: &'static str,
        path: impl Into<Option<&'a Path>>,
    ) -> Self {
        self.with_some(option, path.into(), Role::Folder)
    }

    fn with_some(self, option: &'static str, path: Option<&Path>, role: Role) -> Self {
        match path {
            Some(path) => self.with(option, path, role),
            None => self,
        }
    }

    fn with(mut self, option: &'static str, path: &Path, role: Role) -> Self {
        if path != Path::new("-") {
            self.0.push(Place { option, path: path.into(), spot: Spot::of(path), role });
        }
        self
    }

    /// Refuses a command line on which something would be lost.
    pub(crate) fn check(&self) -> Outcome<()> {
        for (i, place) in self.0.iter().enumerate() {
            for other in &self.0[..i] {
                if let Some(message) = other.clash(place).or_else(|| place.clash(other)) {
                    return Err(Failure::Usage(message));
                }
            }
        }
        Ok(())
    }

    /// Whether the result goes where the architecture comes from.
    pub(crate) fn renews_the_model(&self) -> bool {
        let found = |of: fn(Role) -> bool| self.0.iter().find(move |place| of(place.role));
        let model = found(|role| role == Role::Renewed(Holds::Architecture));
        let result = found(|role| matches!(role, Role::Result(_)));
        model.zip(result).is_some_and(|(model, result)| model.spot.holds(&result.spot))
    }
}

impl Place {
    /// What is wrong where this place was there first, and `other` is written.
    fn clash(&self, other: &Self) -> Option<String> {
        use Role::{Folder, Read, Renewed, Result, Written};
        let (a, b) = (&self.spot, &other.spot);
        let is_lost = match (self.role, other.role) {
            (_, Read | Renewed(_)) | (Folder, Folder) => false,
            (Renewed(held), Result(format)) => a.holds(b) && !keeps(held, format),
            (Renewed(_), Written) if self.is_web_of(other) => false,
            (Read | Renewed(_), Written | Result(_) | Folder) => a.holds(b) && !a.is_stream(),
            // One option has several places where it writes several files.
            (Written | Result(_), Written | Result(_)) if self.option == other.option => false,
            (Written | Result(_), Written | Result(_)) => {
                (a.is(b) || a.is_above(b) || b.is_above(a)) && !a.is_nowhere()
            }
            (Folder, Written | Result(_)) => a.is(b) || b.is_above(a),
            (Written | Result(_), Folder) => a.is(b) || a.is_above(b),
        };
        is_lost.then(|| self.message(other))
    }

    /// Whether these are the shards of the folder of TensorFlow.js that the model comes from.
    fn is_web_of(&self, shards: &Self) -> bool {
        let folder = |path: &Path| model_file(path, Format::TensorFlowJs);
        shards.spot.is_pattern()
            && Spot::of(&folder(&self.path)).is(&Spot::of(&folder(&shards.path)))
    }

    fn message(&self, other: &Self) -> String {
        let (one, two) = (self.path.display(), other.path.display());
        let (first, second) = (self.option, other.option);
        if !matches!(self.role, Role::Read | Role::Renewed(_)) {
            return match self.path == other.path {
                true => format!("{first} and {second} are both {one}; one would be lost"),
                false => {
                    format!("{first} {one} and {second} {two} lead to one place; one would be lost")
                }
            };
        }
        match self.path == other.path {
            true => format!(
                "{second} would be written over what {first} reads, {one}; give it another place"
            ),
            false => format!(
                "{second} {two} would be written over what {first} {one} reads; give it another place"
            ),
        }
    }
}

/// Whether a file of that kind has all that is there.
fn keeps(held: Holds, format: Format) -> bool {
    match (held, format) {
        (Holds::Weights, Format::Json | Format::Keras2Json | Format::PortableJson)
        | (Holds::Architecture, Format::WeightsH5 | Format::Safetensors | Format::Npz) => false,
        // Whether an architecture came with weights is only known when it is read.
        _ => true,
    }
}

/// The file that is written first of all: `model.json` in a folder of TensorFlow.js.
fn model_file(path: &Path, format: Format) -> PathBuf {
    let is_file = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    if format == Format::TensorFlowJs && (path.is_dir() || !is_file) {
        return path.join("model.json");
    }
    path.into()
}
