//! Writes models with every layer class and option to a folder, as JSON: what
//! `tests/interop/keras_reads_json.py` lets Keras 3 open.
//!
//! `cargo run -p ceratops-formats --example write_json_samples -- FOLDER`

use std::{collections::BTreeSet, env, fs, path::Path};

use ceratops_core::{Error, Result};
use ceratops_formats::{ModelJson, layer_to_json};
use ceratops_layers::{Dense, Input, Node, Registry, Sequential, sequential};
use samples::models;

mod samples;

fn main() -> Result<()> {
    let folder = env::args().nth(1).ok_or_else(|| Error::Model("name a folder".into()))?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).map_err(|e| Error::io(folder.display(), e))?;
    let models = models()?;
    check_that_all_are_there(&models)?;
    for (name, model) in &models {
        write(&folder.join(format!("model_{name}.json")), &model.to_json()?)?;
        for (i, layer) in model.layers().iter().enumerate() {
            write(&folder.join(format!("layer_{name}_{i}.json")), &layer_to_json(layer)?)?;
        }
    }
    let keras2 = sequential![Input::new([4]), Dense::new(3).activation("keras2>hard_sigmoid")]?;
    write(&folder.join("model_keras2_hard_sigmoid.json"), &keras2.to_json_pretty()?)
}

fn write(path: &Path, json: &str) -> Result<()> {
    fs::write(path, json).map_err(|e| Error::io(path.display(), e))
}

/// A layer class that no sample has would go unseen.
fn check_that_all_are_there(models: &[(String, Sequential)]) -> Result<()> {
    let nodes = models.iter().flat_map(|(_, model)| model.layers());
    let mut there: BTreeSet<&str> = nodes.map(Node::class_name).collect();
    there.insert("InputLayer");
    match Registry::builtin().class_names().find(|name| !there.contains(name)) {
        Some(missing) => Err(Error::Model(format!("no sample has a {missing}"))),
        None => Ok(()),
    }
}
