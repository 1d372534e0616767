//! Writing `model.json` and its shards.

use std::{
    collections::HashSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use ceratops_core::{Error, Result, Tensor};
use serde_json::{Value, json};

use super::{ITERATIONS, values::OPTIMIZER};
use crate::{
    Format, json as documents, numbers,
    training::Training,
    whole::{Beside, sweep},
};

/// Browsers keep files up to this size in their caches; `tensorflowjs_converter` splits there too.
const SHARD: usize = 4 << 20;

/// Writes `model.json` at `path`, and the shards beside it. `topology` is the value of
/// `modelTopology`. Where `path` is a folder, or ends in nothing known, `model.json` goes in it.
///
/// Of `training` only what came from TF.js is written: its optimizers keep their numbers in another
/// order than Keras', and it refuses a whole model for the sake of a `trainingConfig` in Keras'
/// words.
///
/// All files are written beside first; the shards take their places before `model.json` does.
pub(crate) fn write(
    path: &Path,
    topology: Value,
    weights: &[(String, Tensor)],
    training: Option<&Training>,
) -> Result<()> {
    tell_apart(weights)?;
    let path = place(path)?;
    let training = training.filter(|training| is_of_tfjs(&training.config));
    let remembered = training.and_then(|training| training.optimizer.as_ref());
    let count = remembered.map(|optimizer| optimizer.iterations);
    let slots = remembered.map_or(&[][..], |optimizer| &optimizer.slots);

    let mut specs: Vec<Value> = weights.iter().map(|weight| spec(weight, "float32")).collect();
    let count = count.map(|count| i32::try_from(count).unwrap_or(i32::MAX).to_le_bytes());
    if count.is_some() {
        let scalar = (ITERATIONS.to_owned(), Tensor::scalar(0.0));
        let own = std::iter::once(spec(&scalar, "int32"));
        for mut spec in own.chain(slots.iter().map(|slot| spec(slot, "float32"))) {
            spec["group"] = OPTIMIZER.into();
            specs.push(spec);
        }
    }
    let count = count.as_ref().map_or(&[][..], |count| count.as_slice());
    let parts = weights.iter().map(Part::of).chain([Part::Bytes(count)]);
    let (shards, names) = write_shards(&path, parts.chain(slots.iter().map(Part::of)))?;

    let mut document = json!({
        "modelTopology": topology,
        "format": "layers-model",
        "generatedBy": concat!("Ceratops v", env!("CARGO_PKG_VERSION")),
        "convertedBy": null,
        "weightsManifest": [{"paths": names, "weights": specs}],
    });
    if let Some(training) = training {
        document["trainingConfig"] = training.config.clone();
    }
    sweep(&path);
    let text = documents::to_text(&document)?;
    let model = Beside::write(&path, |file| {
        file.write_all(text.as_bytes()).map_err(|e| Error::io(path.display(), e))
    })?;
    shards.into_iter().try_for_each(Beside::put)?;
    model.put()
}

/// TF.js knows a weight by its own name and that of its layer, whatever models are around it, and
/// opens no model that has two of the same.
fn tell_apart(weights: &[(String, Tensor)]) -> Result<()> {
    let mut names = HashSet::new();
    for (name, _) in weights {
        let slash = name.rmatch_indices('/').nth(1).map_or(0, |(slash, _)| slash + 1);
        if !names.insert(&name[slash..]) {
            return Err(Error::Model(format!(
                "two weights \"{}\", which TensorFlow.js cannot tell apart; give the layers of \
                 nested models names of their own",
                &name[slash..]
            )));
        }
    }
    Ok(())
}

/// Whether a config is TF.js' own: Keras writes `learning_rate`.
fn is_of_tfjs(config: &Value) -> bool {
    config["optimizer_config"]["config"]["learningRate"].is_number()
}

/// Where `model.json` goes; its folder is made.
fn place(path: &Path) -> Result<PathBuf> {
    let json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if !path.is_dir() && json {
        return Ok(path.into());
    }
    if !path.is_dir() && Format::of_path(path).is_ok() {
        let found = format!("\"{}\"", path.display());
        return Err(Error::argument("path", "a folder, or the path of its model.json", found));
    }
    fs::create_dir_all(path).map_err(|e| Error::io(path.display(), e))?;
    Ok(path.join("model.json"))
}

fn spec((name, tensor): &(String, Tensor), dtype: &str) -> Value {
    json!({"name": name, "shape": tensor.shape(), "dtype": dtype})
}

/// What comes next in the shards.
#[derive(Clone, Copy)]
enum Part<'a> {
    Numbers(&'a [f32]),
    Bytes(&'a [u8]),
}

impl<'a> Part<'a> {
    fn of((_, tensor): &'a (String, Tensor)) -> Self {
        Self::Numbers(tensor.as_slice())
    }

    fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => size_of_val(*numbers),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// Takes off what fits in `room` bytes; all parts are of whole numbers of four bytes.
    fn split(&mut self, room: usize) -> Self {
        match self {
            Self::Numbers(numbers) => {
                let (taken, rest) = numbers.split_at(numbers.len().min(room / 4));
                *numbers = rest;
                Self::Numbers(taken)
            }
            Self::Bytes(bytes) => {
                let (taken, rest) = bytes.split_at(bytes.len().min(room));
                *bytes = rest;
                Self::Bytes(taken)
            }
        }
    }

    fn write(&self, to: &mut impl Write) -> std::io::Result<()> {
        match self {
            Self::Numbers(numbers) => numbers::write_f32(numbers, to),
            Self::Bytes(bytes) => to.write_all(bytes),
        }
    }
}

/// Writes the parts one after another into shards of [`SHARD`] bytes, and says their names.
fn write_shards<'a>(
    model: &Path,
    parts: impl Iterator<Item = Part<'a>> + Clone,
) -> Result<(Vec<Beside>, Vec<String>)> {
    let count = parts.clone().map(|part| part.len()).sum::<usize>().div_ceil(SHARD).max(1);
    // Two models in one folder must not take each other's shards.
    let Some(stem) = model.file_stem().unwrap_or_default().to_str() else {
        let expected = "a name of UTF-8, since model.json names the files beside it";
        return Err(Error::argument("path", expected, format!("\"{}\"", model.display())));
    };
    let owner = if stem == "model" { String::new() } else { format!("{stem}-") };
    let mut parts = parts.filter(|part| part.len() > 0);
    let mut part = parts.next();
    let (mut shards, mut names) = (Vec::new(), Vec::new());
    for number in 1..=count {
        let name = format!("{owner}group1-shard{number}of{count}.bin");
        let path = model.with_file_name(&name);
        sweep(&path);
        shards.push(Beside::write(&path, |file| {
            let mut room = SHARD;
            while let Some(current) = part.as_mut().filter(|_| room > 0) {
                let taken = current.split(room);
                taken.write(file).map_err(|e| Error::io(path.display(), e))?;
                room -= taken.len();
                if current.len() == 0 {
                    part = parts.next();
                }
            }
            Ok(())
        })?);
        names.push(name);
    }
    Ok((shards, names))
}
