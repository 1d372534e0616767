//! `to_categorical` against what Keras 3.15 gives.

use ceratops_core::Tensor;
use ceratops_datasets::to_categorical;

#[test]
fn shapes_as_in_keras() {
    let table = [
        (Tensor::from([0.0, 2.0]), Some(3), Tensor::from([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])),
        (Tensor::from([0.0, 1.0]), None, Tensor::from([[1.0, 0.0], [0.0, 1.0]])),
        (Tensor::from([2.0]), None, Tensor::from([[0.0, 0.0, 1.0]])),
        (Tensor::from([[0.0], [1.0]]), Some(2), Tensor::from([[1.0, 0.0], [0.0, 1.0]])),
        (Tensor::from([[0.0, 1.0]]), Some(2), Tensor::from([[[1.0, 0.0], [0.0, 1.0]]])),
        (Tensor::scalar(1.0), Some(3), Tensor::from([0.0, 1.0, 0.0])),
        (Tensor::zeros(&[0]), Some(3), Tensor::zeros(&[0, 3])),
    ];
    for (x, num_classes, y) in table {
        assert_eq!(to_categorical(&x, num_classes).unwrap(), y, "{x}");
    }
}

#[test]
fn labels_that_are_no_classes_are_errors() {
    for (label, text) in
        [(3.0, "3"), (-1.0, "-1"), (0.5, "0.5"), (f32::NAN, "NaN"), (f32::INFINITY, "inf")]
    {
        let error = to_categorical(&Tensor::from([0.0, label]), 3).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("invalid `x`: expected whole numbers from 0 below 3, got {text} at index 1")
        );
    }
    let error = to_categorical(&Tensor::from([-1.0]), None).unwrap_err();
    assert_eq!(error.to_string(), "invalid `x`: expected whole numbers from 0, got -1 at index 0");
    assert!(to_categorical(&Tensor::from([0.0]), 0).is_err());
}

#[test]
fn the_number_of_classes_can_be_unknowable_or_absurd() {
    let error = to_categorical(&Tensor::zeros(&[0]), None).unwrap_err().to_string();
    assert!(error.contains("`num_classes`"), "{error}");
    // Beyond 2^24 a label may be another one.
    let error = to_categorical(&Tensor::from([2f32.powi(60)]), None).unwrap_err().to_string();
    assert!(error.contains("whole numbers from 0"), "{error}");
    let error = to_categorical(&Tensor::from([0.0]), 1 << 60).unwrap_err().to_string();
    assert!(error.contains("fits in memory"), "{error}");
    assert!(to_categorical(&Tensor::from([f32::MAX]), None).is_err());
}
