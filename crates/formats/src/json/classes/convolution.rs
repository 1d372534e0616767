//! Convolutions.

use ceratops_core::Result;
use serde_json::json;

use super::{Card, dense::lora};
use crate::json::{Dialect, subject::Subject};

pub(super) const CARDS: &[Card] = &[Card {
    aliases: &["Convolution2D"],
    keras1: &[("nb_filter", "filters"), ("subsample", "strides")],
    read: &[rows_and_columns, lora],
    tfjs: Some(&[
        "filters",
        "kernel_size",
        "strides",
        "padding",
        "data_format",
        "dilation_rate",
        "activation",
        "use_bias",
        "kernel_initializer",
        "bias_initializer",
        "kernel_regularizer",
        "bias_regularizer",
        "kernel_constraint",
        "bias_constraint",
    ]),
    ..Card::of("Conv2D")
}];

/// `nb_row` and `nb_col` of Keras 1 are `kernel_size`.
fn rows_and_columns(layer: &mut Subject<'_>) -> Result<()> {
    if layer.log.detected.dialect != Dialect::Keras1 {
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
