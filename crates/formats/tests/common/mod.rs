//! The documents in `tests/json`.
#![allow(dead_code)]

use serde_json::Value;

macro_rules! fixtures {
    ($($NAME:ident = $file:literal,)+) => {
        $(pub(crate) const $NAME: &str = include_str!(concat!("../../../../tests/json/", $file));)+
    };
}

fixtures! {
    K1_LENET = "k1_lenet.json",
    K2_LIST = "k2_list.json",
    K2_SEQ = "k2_seq.json",
    K2_SEQ_MIN = "k2_seq_min.json",
    K2B = "k2b.json",
    K2_DOTKERAS = "k2_dotkeras_config.json",
    K3_SEQ = "k3_seq.json",
    K3_SEQ_MIN = "k3_seq_min.json",
    K3B = "k3b.json",
    TFJS = "tfjs_model.json",
    PORTABLE_A = "portable_A.json",
    PORTABLE_B = "portable_B.json",
    PORTABLE_C = "portable_C.json",
    LENET_K222 = "lenet_k222.json",
    LENET_TFJS = "lenet_tfjs.json",
    ABALONE_TFJS = "abalone_tfjs.json",
}

/// All that can be loaded.
pub(crate) const LOADABLE: [(&str, &str); 16] = [
    ("k1_lenet", K1_LENET),
    ("k2_list", K2_LIST),
    ("k2_seq", K2_SEQ),
    ("k2_seq_min", K2_SEQ_MIN),
    ("k2b", K2B),
    ("k2_dotkeras_config", K2_DOTKERAS),
    ("k3_seq", K3_SEQ),
    ("k3_seq_min", K3_SEQ_MIN),
    ("k3b", K3B),
    ("tfjs_model", TFJS),
    ("portable_A", PORTABLE_A),
    ("portable_B", PORTABLE_B),
    ("portable_C", PORTABLE_C),
    ("lenet_k222", LENET_K222),
    ("lenet_tfjs", LENET_TFJS),
    ("abalone_tfjs", ABALONE_TFJS),
];

pub(crate) fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A Keras 3 model around these layer entries, for inputs of four numbers.
pub(crate) fn model_of(layers: Value) -> Value {
    let mut entries = vec![serde_json::json!({
        "module": "keras.layers", "class_name": "InputLayer",
        "config": {"batch_shape": [null, 4], "name": "input_layer"}
    })];
    entries.extend(layers.as_array().unwrap().iter().cloned());
    serde_json::json!({
        "module": "keras", "class_name": "Sequential",
        "config": {"name": "m", "layers": entries}
    })
}
