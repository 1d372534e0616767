//! `.keras`: `metadata.json`, `config.json` and `model.weights.h5`, zipped or in a folder.
//!
//! The layout is that of `saving_lib.py` of Keras 3, which Keras 2.12 began.

use std::{
    borrow::Cow,
    fs::File,
    io::{BufWriter, Read, Seek, Write},
    path::Path,
};

use ceratops_core::{Error, Result};
use serde_json::{Value, json};

use crate::{
    Note, assets,
    contents::{Contents, Weights},
    hdf5::{self, Group, Member},
    inside::read_inside,
    json,
    training::{self, Training},
    weights_h5, zip,
};

pub(crate) const CONFIG: &str = "config.json";
const METADATA: &str = "metadata.json";
const WEIGHTS: &str = "model.weights.h5";
const PICKLED_WEIGHTS: &str = "model.weights.npz";

/// The version of Keras in whose words an archive is written.
const KERAS_VERSION: &str = "3.15.1";

/// What an archive holds.
pub(crate) fn contents<R: Read + Seek>(archive: &mut zip::Archive<R>) -> Result<Contents> {
    of_members(|name| archive.find(name).map(|index| archive.read(index)).transpose())
}

/// What an unpacked archive holds.
pub(crate) fn folder_contents(folder: &Path) -> Result<Contents> {
    of_members(|name| {
        let is_there = folder.join(name).symlink_metadata().is_ok();
        is_there.then(|| read_inside(folder, name, u64::MAX)).transpose()
    })
}

/// Makes the contents of members, of which some may be missing.
fn of_members(mut member: impl FnMut(&str) -> Result<Option<Vec<u8>>>) -> Result<Contents> {
    let document = member(CONFIG)?.ok_or_else(|| missing(CONFIG))?;
    let mut document = parse(CONFIG, &document)?;
    // Keras itself does not look at it.
    let metadata = member(METADATA)?.map(|text| parse(METADATA, &text)).transpose()?;
    let keras_version = metadata.and_then(|m| m["keras_version"].as_str().map(str::to_owned));
    let Some(weights) = member(WEIGHTS)? else {
        return Err(if member(PICKLED_WEIGHTS)?.is_some() { pickled() } else { missing(WEIGHTS) });
    };
    let mut root = hdf5::read(&weights).map_err(|e| Error::Data(format!("{WEIGHTS}: {e}")))?;
    assets::put_in_place(&mut document, &mut root, &mut member)?;
    let mut notes = Vec::new();
    let training = training(&document, &root, &mut notes);
    Ok(Contents { document, keras_version, weights: Weights::Tree(root), training, notes })
}

fn parse(name: &str, text: &[u8]) -> Result<Value> {
    json::parse_bytes(text).map_err(|e| Error::Data(format!("{name}: {e}")))
}

fn missing(name: &str) -> Error {
    Error::Data(format!(
        "{name} is missing; a .keras file holds {METADATA}, {CONFIG} and {WEIGHTS}"
    ))
}

/// Keras can write them, and refuses to open them.
fn pickled() -> Error {
    Error::Data(format!(
        "the weights are in {PICKLED_WEIGHTS}, as Python objects, which are never executed here; \
         save the model again with the weights in {WEIGHTS}, as `model.save` does"
    ))
}

/// How the model was compiled, and what its optimizer remembers.
fn training(document: &Value, root: &Group, notes: &mut Vec<Note>) -> Option<Training> {
    let config = document.get("compile_config").unwrap_or(&Value::Null);
    // A model that is not compiled has an empty one.
    let compiled = config.as_object().is_some_and(|config| !config.is_empty());
    let optimizer = training::readable(training::OPTIMIZER, weights_h5::optimizer(root), notes);
    let config = if compiled { config.clone() } else { Value::Null };
    (compiled || optimizer.is_some()).then_some(Training { config, optimizer })
}

/// Writes an archive of the architecture `document` and the tree of weights.
pub(crate) fn write(to: &mut BufWriter<File>, document: &Value, weights: &Group) -> Result<()> {
    let mut archive = zip::Writer::new(to);
    let mut metadata = json!({"keras_version": KERAS_VERSION});
    if let Some(date) = now() {
        metadata["date_saved"] = date.into();
    }
    for (name, document) in [(METADATA, &metadata), (CONFIG, document)] {
        archive.member(name, 0, |member| {
            let text = json::to_text(document)?;
            member.write_all(text.as_bytes()).map_err(|e| Error::io(name, e))
        })?;
    }
    let mut beside = assets::idf_weights(document).into_iter().peekable();
    let mut weights = Cow::Borrowed(weights);
    if beside.peek().is_some() {
        let weights = weights.to_mut();
        beside.for_each(|(path, tensor)| weights.insert(&path, Member::Tensor(tensor)));
    }
    archive.member(WEIGHTS, size(&weights), |member| hdf5::write(&weights, member))?;
    archive.finish()
}

/// How many bytes the numbers in a tree take.
fn size(group: &Group) -> u64 {
    let members = group.members.iter().map(|(_, member)| match member {
        Member::Group(group) => size(group),
        Member::Tensor(tensor) => 4 * tensor.len() as u64,
        Member::Integers { values, .. } => 8 * values.len() as u64,
    });
    members.sum()
}

/// The date and time, in UTC, as Keras writes them; none where there is no clock.
fn now() -> Option<String> {
    // In a browser, asking for the time ends the program.
    if cfg!(target_family = "wasm") {
        return None;
    }
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(date(since.as_secs()))
}

/// Seconds since 1970 as a date of the Gregorian calendar: `2026-11-21@15:02:48`.
fn date(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Counted from the first of March of the year 0, so that leap days end a year, in eras of 400
    // years.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = (400 * era + year + u64::from(month >= 10), (month + 2) % 12 + 1);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}@{hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ceratops_core::Tensor;

    use super::*;
    use crate::whole::write_whole;

    #[test]
    fn dates() {
        // As `date -u -d @...` says.
        for (seconds, expected) in [
            (0, "1970-01-01@00:00:00"),
            (951_782_399, "2000-02-28@23:59:59"),
            (951_782_400, "2000-02-29@00:00:00"),
            (951_868_800, "2000-03-01@00:00:00"),
            (1_795_273_368, "2026-11-21@15:02:48"),
            (4_107_542_400, "2100-03-01@00:00:00"),
        ] {
            assert_eq!(date(seconds), expected);
        }
    }

    #[test]
    fn members_are_those_of_keras_in_its_order() {
        let mut weights = Group::default();
        weights.insert("layers/dense/vars/0", Member::Tensor(Tensor::from([[1.0, 2.0]])));
        let document = json!({"class_name": "Sequential", "config": {}});
        let file = std::env::temp_dir().join(format!("ceratops-{}.keras", std::process::id()));
        write_whole(&file, |to| write(to, &document, &weights)).unwrap();
        let mut archive = zip::Archive::open(File::open(&file).unwrap()).unwrap();
        fs::remove_file(file).unwrap();

        let names: Vec<String> = archive.names().map(str::to_owned).collect();
        assert_eq!(names, [METADATA, CONFIG, WEIGHTS]);
        let metadata: Value = serde_json::from_slice(&archive.read(0).unwrap()).unwrap();
        assert_eq!(metadata["keras_version"], KERAS_VERSION);
        assert_eq!(
            metadata["date_saved"].as_str().map(str::len),
            Some("2026-11-21@15:02:48".len())
        );
        let contents = contents(&mut archive).unwrap();
        assert_eq!(contents.document, document);
        assert_eq!(contents.keras_version.as_deref(), Some(KERAS_VERSION));
        assert!(contents.training.is_none());
        let Weights::Tree(root) = contents.weights else { unreachable!("a tree was written") };
        assert_eq!(root.tensors(), weights.tensors());
    }
}
