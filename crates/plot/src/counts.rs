//! Counting which classes were taken for which.

use ceratops_core::{Error, Result, Tensor};

/// More classes no picture can show.
pub(crate) const MOST_CLASSES: usize = 1000;

/// How many samples of each class (the rows) were taken for each class (the columns).
///
/// `y_true` holds the number of a class for each sample, or one-hot rows; `y_pred` what the model
/// answered: a score for each class, of which the largest counts; one probability, which counts as
/// class 1 above 0.5; or numbers of classes.
///
/// ```
/// use ceratops_core::Tensor;
///
/// let y_true = Tensor::from([0.0, 1.0, 1.0]);
/// let y_pred = Tensor::from([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]);
/// assert_eq!(ceratops_plot::confusion_counts(&y_true, &y_pred)?, [[1, 0], [1, 1]]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// # Errors
/// Where the numbers of samples differ or there are none, where a label is no class or a score is NaN,
/// and of more than a thousand classes.
pub fn confusion_counts(y_true: &Tensor, y_pred: &Tensor) -> Result<Vec<Vec<u64>>> {
    let samples = |tensor: &Tensor| if tensor.ndim() == 0 { 0 } else { tensor.batch() };
    let (n, answers) = (samples(y_true), samples(y_pred));
    if n != answers || n == 0 {
        let message =
            format!("y_true has {n} samples, y_pred {answers}; expected as many, and some");
        return Err(Error::Data(message));
    }
    let (labels, answers) = (classes("y_true", y_true)?, answered(y_pred)?);
    let [own, answered] = [y_true, y_pred].map(|t| if t.ndim() == 2 { t.sample_len() } else { 1 });
    if own > 1 && answered > 1 && own != answered {
        let expected = format!("({n}, {answered}), as y_pred has it");
        let help = "give numbers of classes, or one-hot rows";
        return Err(Error::shape("y_true", expected, y_true.shape(), help));
    }
    let largest = labels.iter().chain(&answers).max().map_or(0, |class| class.saturating_add(1));
    let count = largest.max(own).max(answered).max(2);
    if count > MOST_CLASSES {
        let message =
            format!("{count} classes are too many for a confusion matrix; it takes {MOST_CLASSES}");
        return Err(Error::Data(message));
    }
    let mut counts = vec![vec![0; count]; count];
    labels.into_iter().zip(answers).for_each(|(label, answer)| counts[label][answer] += 1);
    Ok(counts)
}

/// The class that the model answered for each sample.
fn answered(y_pred: &Tensor) -> Result<Vec<usize>> {
    let values = y_pred.as_slice();
    let probabilities = values.iter().all(|value| (0.0..=1.0).contains(value));
    if y_pred.sample_len() == 1 && probabilities {
        return Ok(values.iter().map(|&value| usize::from(value > 0.5)).collect());
    }
    classes("y_pred", y_pred)
}

/// The class of each sample: its number, or the place of the largest number in its row.
fn classes(name: &str, tensor: &Tensor) -> Result<Vec<usize>> {
    let len = tensor.sample_len();
    if tensor.ndim() > 2 || len == 0 {
        let expected = "(samples,) or (samples, classes)";
        return Err(Error::shape(name, expected, tensor.shape(), ""));
    }
    let class = |(i, row): (usize, &[f32])| {
        let refused = |what: String| Err(Error::Data(format!("{name}: sample {i} {what}")));
        match row {
            row if row.iter().any(|value| value.is_nan()) => refused("is NaN".into()),
            // A class that is too large to be counted is refused with the number of classes.
            [class] if *class >= 0.0 && class.fract() == 0.0 => Ok(*class as usize),
            [other] => refused(format!("is {other}; expected the number of a class: 0, 1, 2...")),
            row => Ok(largest(row)),
        }
    };
    tensor.as_slice().chunks(len).enumerate().map(class).collect()
}

/// The place of the first of the largest numbers.
fn largest(row: &[f32]) -> usize {
    let first = |best: usize, i: usize| if row[i] > row[best] { i } else { best };
    (0..row.len()).fold(0, first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_answers_come_in_several_forms() {
        let labels = Tensor::from([0.0, 1.0, 2.0, 2.0]);
        let one_hot =
            Tensor::from([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]);
        let scores =
            Tensor::from([[5.0, -1.0, 0.0], [0.0, 0.0, 9.0], [0.0, 0.1, 0.2], [3.0, 0.1, 0.2]]);
        let numbers = Tensor::from([0.0, 2.0, 2.0, 0.0]);
        let expected = [[1, 0, 0], [0, 0, 1], [1, 0, 1]];
        for y_true in [&labels, &one_hot] {
            for y_pred in [&scores, &numbers] {
                assert_eq!(confusion_counts(y_true, y_pred).unwrap(), expected);
            }
        }
        let sigmoid = Tensor::from([[0.4], [0.6]]);
        let counts = confusion_counts(&Tensor::from([1.0, 1.0]), &sigmoid).unwrap();
        assert_eq!(counts, [[0, 0], [1, 1]]);
    }

    #[test]
    fn nonsense_is_refused() {
        let y = Tensor::from([0.0, 1.0]);
        let error = |y_true: &Tensor, y_pred: &Tensor| {
            confusion_counts(y_true, y_pred).unwrap_err().to_string()
        };
        assert!(error(&y, &Tensor::from([0.0])).contains("2 samples, y_pred 1"));
        assert!(error(&Tensor::zeros(&[0]), &Tensor::zeros(&[0])).contains("0 samples"));
        assert!(error(&Tensor::from([0.5, 1.0]), &y).contains("sample 0 is 0.5"));
        assert!(error(&y, &Tensor::from([f32::NAN, 1.0])).contains("sample 0 is NaN"));
        assert!(error(&Tensor::from([0.0, -1.0]), &y).contains("sample 1 is -1"));
        assert!(error(&Tensor::from([0.0, 1e30]), &y).contains("too many"));
        assert!(error(&Tensor::zeros(&[2, 2, 2]), &y).contains("(samples, classes)"));
        assert!(error(&Tensor::zeros(&[2, 4]), &Tensor::zeros(&[2, 3])).contains("one-hot"));
        assert!(error(&Tensor::scalar(1.0), &Tensor::scalar(1.0)).contains("0 samples"));
    }
}
