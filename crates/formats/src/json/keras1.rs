//! The words of Keras 1.

use ceratops_core::Result;
use serde_json::{Map, Value, json};

use super::{Change, Dialect, log::join, shown, subject::Subject};

/// Of each class (any, where none is named) the old keys and the new.
const KEYS: &[(&str, &str, &str)] = &[
    ("Dense", "output_dim", "units"),
    ("LSTM", "output_dim", "units"),
    ("LSTM", "inner_init", "recurrent_initializer"),
    ("LSTM", "inner_activation", "recurrent_activation"),
    ("LSTM", "U_regularizer", "recurrent_regularizer"),
    ("LSTM", "dropout_W", "dropout"),
    ("LSTM", "dropout_U", "recurrent_dropout"),
    ("Conv2D", "nb_filter", "filters"),
    ("Conv2D", "subsample", "strides"),
    ("Dropout", "p", "rate"),
    ("PReLU", "init", "alpha_initializer"),
    ("BatchNormalization", "beta_init", "beta_initializer"),
    ("BatchNormalization", "gamma_init", "gamma_initializer"),
    ("", "border_mode", "padding"),
    ("", "init", "kernel_initializer"),
    ("", "bias", "use_bias"),
    ("", "W_regularizer", "kernel_regularizer"),
    ("", "b_regularizer", "bias_regularizer"),
    ("", "W_constraint", "kernel_constraint"),
    ("", "b_constraint", "bias_constraint"),
    ("", "input_dtype", "dtype"),
];

fn speaks(layer: &Subject<'_>) -> bool {
    layer.log.detected.dialect == Dialect::Keras1
}

pub(super) fn rename_keys(layer: &mut Subject<'_>) -> Result<()> {
    if speaks(layer) {
        for (class_name, old, new) in KEYS {
            if class_name.is_empty() || *class_name == layer.class_name {
                layer.rename(old, new);
            }
        }
    }
    Ok(())
}

/// `nb_row` and `nb_col` are `kernel_size`.
pub(super) fn kernel_size(layer: &mut Subject<'_>) -> Result<()> {
    if !speaks(layer) || layer.class_name != "Conv2D" {
        return Ok(());
    }
    if let (Some(rows), Some(columns)) =
        (layer.config.remove("nb_row"), layer.config.remove("nb_col"))
    {
        layer.config.insert("kernel_size".into(), json!([rows, columns]));
        layer.renamed("nb_row", "kernel_size", "`kernel_size`, together with `nb_col`");
        layer.log.moved(layer.path, "nb_col", "kernel_size[1]");
    }
    Ok(())
}

/// `dim_ordering` is `data_format`.
pub(super) fn data_format(layer: &mut Subject<'_>) -> Result<()> {
    if !speaks(layer) {
        return Ok(());
    }
    let data_format = match layer.config.get("dim_ordering") {
        None => return Ok(()),
        Some(Value::String(order)) if order == "tf" => "channels_last",
        Some(Value::String(order)) if order == "th" => "channels_first",
        Some(other) => {
            let message = format!("expected \"tf\" or \"th\", got {}", shown(other));
            return Err(layer.error("dim_ordering", message));
        }
    };
    layer.rename("dim_ordering", "data_format");
    layer.config.insert("data_format".into(), data_format.into());
    Ok(())
}

/// `mode` 0 is what later versions do.
pub(super) fn batch_normalization(layer: &mut Subject<'_>) -> Result<()> {
    if !speaks(layer) || layer.class_name != "BatchNormalization" {
        return Ok(());
    }
    match layer.config.get("mode") {
        None | Some(Value::Null) => {}
        Some(mode) if *mode == json!(0) => {
            layer.ignore("mode", "0 is the only mode of later versions");
        }
        Some(other) => {
            let message = format!(
                "expected 0, got {}; only mode 0, with statistics for each channel, is known to \
                 later versions of Keras",
                shown(other)
            );
            return Err(layer.error("mode", message));
        }
    }
    Ok(())
}

/// The bias of an LSTM's forget gate had an initializer of its own, of which one is left.
pub(super) fn lstm(layer: &mut Subject<'_>) -> Result<()> {
    if !speaks(layer) || layer.class_name != "LSTM" {
        return Ok(());
    }
    layer.ignore("consume_less", "it chooses how Keras computes the same numbers");
    let Some(init) = layer.config.remove("forget_bias_init") else { return Ok(()) };
    let ones = init == "one" || init == "ones";
    let text = match ones {
        true => "`unit_forget_bias`",
        false => "`unit_forget_bias` = false; it matters only where weights are drawn",
    };
    layer.renamed("forget_bias_init", "unit_forget_bias", text);
    layer.config.insert("unit_forget_bias".into(), ones.into());
    Ok(())
}

/// Regularizers and constraints stood as `{"name": class, ...arguments}`.
pub(super) fn governing_objects(layer: &mut Subject<'_>) -> Result<()> {
    if !speaks(layer) {
        return Ok(());
    }
    for (key, value) in layer.config.iter_mut() {
        let Value::Object(object) = value else { continue };
        if !(key.ends_with("_regularizer") || key.ends_with("_constraint")) {
            continue;
        }
        let Some(Value::String(name)) = object.remove("name") else { continue };
        let class_name = match name.as_str() {
            "WeightRegularizer" | "ActivityRegularizer" | "L1L2Regularizer" => "L1L2",
            other => other,
        };
        let config: Map<String, Value> = std::mem::take(object)
            .into_iter()
            .map(|(key, value)| (renamed_limit(key), value))
            .collect();
        *value = json!({ "class_name": class_name, "config": config });
        let path = join(layer.path, key);
        layer.log.note(&path, Change::Reinterpreted, format!("`{class_name}`"));
    }
    Ok(())
}

/// The limits of constraints had other names.
fn renamed_limit(key: String) -> String {
    match key.as_str() {
        "m" | "high" => "max_value".into(),
        "low" => "min_value".into(),
        _ => key,
    }
}
