//! What a file is that is no model here, and what to do with it: one sentence for each kind.

use std::path::Path;

use serde_json::Value;

/// A kind of file, and what to do with it.
struct Row {
    is: fn(&[u8]) -> bool,
    what: &'static str,
    advice: &'static str,
}

const SAVE: &str = "open the model in Keras and save it as .keras";
const UNPACK: &str = "unpack it, and open what is in it";
const DOWNLOAD: &str =
    "download the file itself (on a page that shows it, \"raw\" or \"download\")";
const NO_MODEL: &str = "give the path of the model instead";

/// Kinds that their first bytes tell for sure come first, texts last.
const ROWS: &[Row] = &[
    Row {
        is: |b| b.get(4..8) == Some(b"TFL3"),
        what: "a TensorFlow Lite model (.tflite)",
        advice: "its layers are no longer told apart; convert the Keras model it was made of",
    },
    Row { is: |b| b.starts_with(b"\x1f\x8b"), what: "a gzip file", advice: UNPACK },
    Row { is: |b| b.starts_with(b"BZh"), what: "a bzip2 file", advice: UNPACK },
    Row { is: |b| b.starts_with(b"\xfd7zXZ\0"), what: "an xz file", advice: UNPACK },
    Row { is: |b| b.starts_with(b"7z\xbc\xaf\x27\x1c"), what: "a 7-Zip archive", advice: UNPACK },
    Row { is: |b| b.starts_with(b"Rar!\x1a\x07"), what: "a RAR archive", advice: UNPACK },
    Row { is: |b| b.starts_with(b"\x28\xb5\x2f\xfd"), what: "a zstd file", advice: UNPACK },
    Row { is: |b| b.get(257..262) == Some(b"ustar"), what: "a tar archive", advice: UNPACK },
    Row { is: |b| b.starts_with(b"\x89PNG\r\n"), what: "an image (PNG)", advice: NO_MODEL },
    Row { is: |b| b.starts_with(b"\xff\xd8\xff"), what: "an image (JPEG)", advice: NO_MODEL },
    Row { is: |b| b.starts_with(b"GIF8"), what: "an image (GIF)", advice: NO_MODEL },
    Row { is: |b| b.starts_with(b"%PDF"), what: "a PDF document", advice: NO_MODEL },
    Row { is: is_torch_legacy, what: "a PyTorch checkpoint", advice: TORCH },
    Row {
        is: is_pickle,
        what: "a Python pickle",
        advice: "it holds a program, which is never executed here; open it where it was written, and \
                 save the model as .keras",
    },
    Row {
        is: is_checkpoint,
        what: "part of a TensorFlow checkpoint",
        advice: "load it into its model in Keras, and save that as .keras",
    },
    Row { is: is_saved_model, what: "a TensorFlow SavedModel's saved_model.pb", advice: SAVE },
    Row {
        is: is_onnx,
        what: "an ONNX model",
        advice: "its layers are no longer told apart; save the model it was made of as .keras",
    },
    Row {
        is: is_graph_def,
        what: "a frozen TensorFlow graph (.pb)",
        advice: "its layers are no longer told apart; save the Keras model it was made of as .keras",
    },
    Row {
        is: |b| b.starts_with(b"version https://git-lfs.github.com/"),
        what: "a Git LFS pointer, which stands for the file",
        advice: "fetch the file itself with `git lfs pull`, or download it",
    },
    Row { is: is_html, what: "a web page (HTML), not the file it speaks of", advice: DOWNLOAD },
    Row {
        is: |b| text(b).starts_with("<?xml") || text(b).starts_with("<error"),
        what: "XML, such as a server's answer where it has no such file",
        advice: ANEW,
    },
    Row {
        is: is_yaml,
        what: "YAML, which older versions of Keras wrote with to_yaml()",
        advice: "write it as JSON instead: model_from_yaml(...).to_json() in that version",
    },
];

const ANEW: &str = "read it in an editor, and download the file anew";

const EXPECTED: &str =
    "expected what Keras' model.to_json() writes, or model.json of TensorFlow.js";

const TORCH: &str = "its weights belong to a program; give them to the same model in Keras, or save \
                     them as .safetensors";

/// How much of a file has to be seen to tell what it is.
pub(crate) const SEEN: u64 = 4096;

/// What the file is whose first bytes these are, and what to do.
pub(crate) fn of_start(start: &[u8]) -> Option<String> {
    let row = ROWS.iter().find(|row| (row.is)(start))?;
    Some(said(row.what, row.advice))
}

/// What the text that is no JSON is.
pub(crate) fn of_text(start: &[u8]) -> String {
    let text = String::from_utf8_lossy(start);
    let plain = !text.chars().any(|c| c == '\u{fffd}' || (c.is_control() && !c.is_whitespace()));
    if plain {
        let line: String =
            text.trim().lines().next().unwrap_or_default().chars().take(60).collect();
        return said(&format!("a text that begins with \"{line}\""), NO_MODEL);
    }
    "this is no file of a model: expected a .keras archive, an HDF5 file, JSON, or weights as \
     .safetensors or .npz"
        .into()
}

/// What the zip archive is whose members these are, if it is no model of Keras.
pub(crate) fn of_archive<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    let has =
        |end: &str| names.iter().any(|name| *name == end || name.ends_with(&format!("/{end}")));
    let ends = |end: &str| names.iter().find(|name| name.ends_with(end));
    let path = |found: Option<&&str>| found.map(|name| format!("unpack it, and open {name}"));
    let (what, advice) = if has("data.pkl") {
        ("a PyTorch checkpoint (.pt, .pth)", TORCH.into())
    } else if has("saved_model.pb") {
        ("a packed TensorFlow SavedModel", SAVE.into())
    } else if ends(".mlmodel").is_some() {
        ("a Core ML package", SAVE.into())
    } else if names.is_empty() {
        ("an empty zip archive", NO_MODEL.into())
    } else {
        let model = ends(".keras").or(ends(".h5")).or(ends("model.json")).or(ends("config.json"));
        ("a zip archive that is no .keras file", path(model)?)
    };
    Some(said(what, &advice))
}

/// What the folder is, if it is no model of Keras.
pub(crate) fn of_folder(folder: &Path) -> String {
    let has = |name: &str| folder.join(name).exists();
    if has("saved_model.pb") || has("saved_model.pbtxt") {
        return said("a folder of TensorFlow's SavedModel", SAVE);
    }
    if has("checkpoint") {
        let advice = "load it into its model in Keras, and save that as .keras";
        return said("a folder of TensorFlow's checkpoints", advice);
    }
    if has("model.mlmodel") || has("Manifest.json") {
        return said("a Core ML package", SAVE);
    }
    "this folder holds neither config.json (an unpacked .keras) nor model.json (TensorFlow.js)"
        .into()
}

/// What the JSON is whose keys these are, if no part of it can be a model's.
pub(crate) fn of_json(document: &Value) -> Option<String> {
    const OURS: [&str; 6] =
        ["class_name", "config", "layers", "modelTopology", "model_config", "node"];
    if let Value::Array(items) = document {
        let layers = !items.is_empty() && items.iter().all(|item| item.get("class_name").is_some());
        return (!layers).then(|| said("a JSON list without layers", EXPECTED));
    }
    let Value::Object(object) = document else { return None };
    if OURS.iter().any(|key| object.contains_key(*key)) {
        return None;
    }
    let answers = ["error", "errors", "message", "detail", "status"];
    if answers.iter().any(|key| object.contains_key(*key)) {
        return Some(said(
            "JSON with a server's message, not the file that it was asked for",
            ANEW,
        ));
    }
    let keys: Vec<&str> = object.keys().take(4).map(String::as_str).collect();
    let what = format!("JSON without a model: it has {}", keys.join(", "));
    Some(said(&what, EXPECTED))
}

fn said(what: &str, advice: &str) -> String {
    format!("this is {what}; {advice}")
}

/// The beginning as lowercase text, without what stands in front.
fn text(start: &[u8]) -> String {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    String::from_utf8_lossy(&start[..start.len().min(256)]).to_lowercase()
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn is_html(start: &[u8]) -> bool {
    let text = text(start);
    let starts = ["<!doctype html", "<html", "<head", "<body", "<!--", "<script", "<title"];
    starts.iter().any(|tag| text.starts_with(tag))
        || (text.starts_with("<?xml") && text.contains("<html"))
}

/// Keys in the first lines, as Keras' `to_yaml` writes them.
fn is_yaml(start: &[u8]) -> bool {
    let text = String::from_utf8_lossy(start);
    let keys = ["backend:", "class_name:", "config:", "keras_version:", "---", "!!python"];
    text.lines().take(3).any(|line| keys.iter().any(|key| line.starts_with(key)))
}

/// The protocol, and an opcode with which pickles begin.
fn is_pickle(start: &[u8]) -> bool {
    let framed = matches!(start, [0x80, 2..=5, opcode, ..] if b"\x95c}](\x8cXKq.".contains(opcode));
    // Protocol 0 is text: a dict, a list, an object.
    let text = [&b"(dp"[..], b"(lp", b"ccopy_reg\n", b"c__builtin__", b"cnumpy"];
    framed || text.iter().any(|start_of| start.starts_with(start_of))
}

/// The number with which the old files of `torch.save` begin.
fn is_torch_legacy(start: &[u8]) -> bool {
    start.starts_with(b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.")
}

/// An index names the graph of objects; one of version 1 begins with an empty key.
fn is_checkpoint(start: &[u8]) -> bool {
    let names = [&b"_CHECKPOINTABLE_OBJECT_GRAPH"[..], b"/.ATTRIBUTES/VARIABLE_VALUE"];
    names.iter().any(|name| has(start, name))
}

/// A schema of version 1, then a list of graphs, which begins with a graph's description.
fn is_saved_model(start: &[u8]) -> bool {
    let Some(rest) = start.strip_prefix(b"\x08\x01\x12") else { return false };
    let mut behind_length = rest.iter().skip_while(|byte| **byte >= 0x80).skip(1);
    behind_length.next() == Some(&b'\n')
}

/// The version of its words, then who wrote it.
fn is_onnx(start: &[u8]) -> bool {
    matches!(start, [0x08, 1..=30, 0x12, len, name, ..]
        if (1..64).contains(len) && name.is_ascii_alphabetic())
        && !is_saved_model(start)
}

/// A list of nodes, each with a name and an operation.
fn is_graph_def(start: &[u8]) -> bool {
    let operations = [&b"Placeholder"[..], b"Const", b"VarHandleOp", b"NoOp"];
    start.starts_with(b"\x0a") && operations.iter().any(|operation| has(start, operation))
}
