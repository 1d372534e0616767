//! What BatchNormalization remembers of its batches.

use ceratops_core::Result;

use super::{Change, Dialect, subject::Subject};

/// Keras 2 follows the unbiased variance of a batch of images, Keras 3 and TensorFlow.js its own.
pub(super) fn unbiased_variance(layer: &mut Subject<'_>) -> Result<()> {
    let speaks = layer.log.detected.dialect == Dialect::Keras2;
    if speaks && layer.class_name == "BatchNormalization" {
        let text = "one whose moving variance follows n / (n - 1) times that of a batch of images";
        layer.log.note(layer.path, Change::Reinterpreted, text);
        layer.config.insert("unbiased_variance".into(), true.into());
    }
    Ok(())
}
