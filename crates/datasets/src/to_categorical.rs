//! `to_categorical`: labels as rows of zeros with a single one.

use ceratops_core::{Error, Result, Tensor, index};

/// y\[i, c\] = 1 where c = x\[i\], else 0, as `keras.utils.to_categorical`.
///
/// Shape `(n,)` or `(n, 1)` becomes `(n, num_classes)`; any other shape gets a last axis of
/// `num_classes`. Without `num_classes` it is the largest label + 1.
///
/// An error where a label is not a whole number of 0..num_classes. (Keras cuts 1.7 to 1 and takes
/// -1 for the last class.)
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_datasets::to_categorical;
///
/// let y = to_categorical(&Tensor::from([0.0, 2.0]), 3)?;
/// assert_eq!(y, Tensor::from([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn to_categorical(x: &Tensor, num_classes: impl Into<Option<usize>>) -> Result<Tensor> {
    let num_classes = match num_classes.into() {
        Some(num_classes) => num_classes,
        None => count_classes(x)?,
    };
    let mut shape = match x.shape() {
        [shape @ .., 1] if !shape.is_empty() => shape.to_vec(),
        shape => shape.to_vec(),
    };
    shape.push(num_classes);
    let classes: Vec<usize> = labels(x, Some(num_classes))?;
    let mut y = Tensor::try_full(&shape, 0.0)?;
    for (row, &class) in y.as_mut_slice().chunks_exact_mut(num_classes.max(1)).zip(&classes) {
        row[class] = 1.0;
    }
    Ok(y)
}

/// The largest label + 1.
fn count_classes(x: &Tensor) -> Result<usize> {
    let largest = labels(x, None)?.into_iter().max();
    largest.map(|largest| largest.saturating_add(1)).ok_or_else(|| {
        Error::argument("num_classes", "a number, as there are no labels to count", "None")
    })
}

/// The labels as integers, each below `num_classes`.
fn labels(x: &Tensor, num_classes: Option<usize>) -> Result<Vec<usize>> {
    let expected = num_classes.map_or_else(
        || "whole numbers from 0".into(),
        |n| format!("whole numbers from 0 below {n}"),
    );
    let label = |(i, &label): (usize, &f32)| {
        let known = |class: &usize| num_classes.is_none_or(|n| *class < n);
        index(label).filter(known).ok_or((i, label))
    };
    x.as_slice().iter().enumerate().map(label).collect::<Result<_, _>>().map_err(|(i, label)| {
        Error::argument("x", expected.as_str(), format!("{label} at index {i}"))
    })
}
