//! Checks of the labels of classification.

use ceratops_core::{Error, Result, Tensor, index};

/// Refuses labels that are NaN or infinite.
pub(super) fn check_finite(y_true: &Tensor) -> Result<()> {
    check(y_true, f32::is_finite, |label, sample| {
        format!(
            "label {label} of sample {sample} is not a finite number; remove the samples without a label"
        )
    })
}

/// Refuses labels that are not between 0 and 1.
pub(super) fn check_probabilities(y_true: &Tensor) -> Result<()> {
    check_finite(y_true)?;
    check(
        y_true,
        |label| (0.0..=1.0).contains(&label),
        |label, sample| {
            format!(
                "label {label} of sample {sample} is outside 0 to 1: binary crossentropy takes \
                 yes (1) or no (0); for the index of a class use \
                 loss=\"sparse_categorical_crossentropy\""
            )
        },
    )
}

/// The class that a label names; none for what is no index.
pub(super) fn class(y_true: &[f32]) -> Option<usize> {
    y_true.first().copied().and_then(index)
}

/// Refuses labels that are not the index of one of `classes` classes, unless they are `ignored`.
pub(super) fn check_classes(
    y_true: &Tensor,
    classes: usize,
    ignored: impl Fn(f32) -> bool,
) -> Result<()> {
    let last = classes.saturating_sub(1);
    check(
        y_true,
        |label| label.fract() == 0.0 || ignored(label),
        |label, sample| {
            format!(
                "label {label} of sample {sample} is not the index of a class: expected an integer from \
             0 to {last}; for numbers to be predicted use loss=\"mse\""
            )
        },
    )?;
    check(
        y_true,
        |label| (0.0..classes as f32).contains(&label) || ignored(label),
        |label, sample| {
            format!(
                "label {label} of sample {sample} is outside 0 to {last}: the model has {classes} \
             outputs; count classes from 0, and give the last layer as many units as there are \
             classes"
            )
        },
    )
}

/// Refuses labels that are not `good`, naming the first and its sample.
fn check(
    y_true: &Tensor,
    good: impl Fn(f32) -> bool,
    message: impl Fn(f32, usize) -> String,
) -> Result<()> {
    match y_true.as_slice().iter().position(|&label| !good(label)) {
        None => Ok(()),
        Some(i) => {
            let label = y_true.as_slice().get(i).copied().unwrap_or_default();
            Err(Error::Data(message(label, i / y_true.sample_len().max(1))))
        }
    }
}
