//! Tensors: what they refuse, how they share, and their way from and to ndarray.

use ceratops_core::{Error, Result, Tensor};
use ndarray::{Array2, ArrayD, ArrayViewD, Axis, Ix1, Ix2, ShapeBuilder, Slice, array};

fn message(result: Result<Tensor>) -> String {
    result.map_or_else(|e| e.to_string(), |tensor| format!("no error, but {tensor}"))
}

/// 0, 1, 2, ... in the given shape.
fn range(shape: [usize; 2]) -> Array2<f32> {
    Array2::from_shape_fn(shape, |(i, j)| (i * shape[1] + j) as f32)
}

#[test]
fn numbers_that_do_not_fill_the_shape_are_refused() {
    let expected = |shape: &str, n: usize| {
        format!(
            "invalid `data`: expected as many numbers as the shape {shape} holds, got {n} numbers"
        )
    };
    assert_eq!(message(Tensor::new(&[2, 3], vec![0.0; 5])), expected("[2, 3]", 5));
    assert_eq!(message(Tensor::new(&[], vec![])), expected("[]", 0));
    let huge = [usize::MAX, 2];
    assert_eq!(message(Tensor::new(&huge, vec![])), expected("[18446744073709551615, 2]", 0));
    assert!(message(Tensor::new(&[0, usize::MAX, 2], vec![])).contains("`data`"));
    assert!(message(Tensor::try_full(&[usize::MAX, 2], 0.0)).contains("fits in memory"));
    assert!(message(Tensor::try_full(&[1 << 60], 0.0)).contains("fits in memory"));
    assert_eq!(Tensor::new(&[], vec![7.0]).unwrap(), Tensor::scalar(7.0));
    assert_eq!(Tensor::new(&[3, 0], vec![]).unwrap(), Tensor::zeros(&[3, 0]));
}

#[test]
fn a_reshape_keeps_the_numbers_and_their_count() {
    let tensor = Tensor::from(range([2, 6]));
    let cube = tensor.clone().reshape(&[3, 2, 2]).unwrap();
    assert_eq!(cube.as_slice(), tensor.as_slice());
    assert_eq!(cube.shape(), [3, 2, 2]);
    for shape in [&[5][..], &[], &[0], &[usize::MAX, 2]] {
        let error = message(tensor.clone().reshape(shape));
        assert_eq!(error, format!("reshape: expected a size of {shape:?}, got (2, 6)"));
    }
}

#[test]
fn samples_by_range_and_by_index() {
    let tensor = Tensor::from(range([4, 2]));
    let samples = |rows: &[f32]| Tensor::new(&[rows.len() / 2, 2], rows.to_vec()).unwrap();
    assert_eq!(tensor.batch_slice(1..3).unwrap(), samples(&[2.0, 3.0, 4.0, 5.0]));
    assert_eq!(tensor.batch_slice(4..4).unwrap(), samples(&[]));
    assert_eq!(tensor.batch_gather(&[3, 0, 3]).unwrap(), samples(&[6.0, 7.0, 0.0, 1.0, 6.0, 7.0]));
    assert_eq!(tensor.batch_gather(&[]).unwrap(), samples(&[]));
}

#[test]
fn samples_that_are_not_there_are_refused() {
    let tensor = Tensor::from(range([4, 2]));
    #[expect(clippy::reversed_empty_ranges, reason = "it is what is tested")]
    for range in [0..5, 3..2, 5..5, 0..usize::MAX, usize::MAX..usize::MAX] {
        let error = message(tensor.batch_slice(range.clone()));
        assert_eq!(error, format!("invalid `range`: expected a part of 0..4, got {range:?}"));
    }
    for index in [4, usize::MAX] {
        let error = message(tensor.batch_gather(&[0, index]));
        assert_eq!(error, format!("invalid `index`: expected less than 4, got {index}"));
    }
    // Samples without numbers, and a scalar, which has no samples.
    assert!(Tensor::zeros(&[2, 0]).batch_slice(0..3).is_err());
    assert!(Tensor::zeros(&[2, 0]).batch_gather(&[2]).is_err());
    assert!(Tensor::scalar(1.0).batch_slice(0..1).is_err());
    assert!(Tensor::scalar(1.0).batch_gather(&[0]).is_err());
}

#[test]
fn only_tensors_that_agree_are_concatenated() {
    let (a, b) = (Tensor::from([[1.0, 2.0]]), Tensor::from([[3.0, 4.0], [5.0, 6.0]]));
    let whole = Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    assert_eq!(Tensor::concat(&[a.clone(), b]).unwrap(), whole);
    assert_eq!(
        message(Tensor::concat(&[])),
        "nothing to concatenate: the list of tensors is empty"
    );
    for other in [Tensor::from([[1.0]]), Tensor::from([1.0, 2.0]), Tensor::scalar(1.0)] {
        let error = message(Tensor::concat(&[a.clone(), other]));
        assert!(
            error.starts_with("a part to concatenate: expected shape (1, 2), got ("),
            "{error}"
        );
    }
    assert!(Tensor::concat(&[Tensor::scalar(1.0), Tensor::scalar(2.0)]).is_err());
}

#[test]
fn any_layout_of_ndarray_becomes_rows() {
    let a = range([2, 3]);
    let columns_first = Array2::from_shape_vec((2, 3).f(), vec![0., 3., 1., 4., 2., 5.]).unwrap();
    let transposed = Tensor::from([[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]);
    let backwards = Slice::new(0, None, -2);
    let mut turned = a.clone();
    turned.invert_axis(Axis(0));
    let table: [(Tensor, Tensor); 9] = [
        (Tensor::from(&a), Tensor::from([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])),
        (Tensor::from(columns_first.view()), Tensor::from(&a)),
        (Tensor::from(columns_first), Tensor::from(&a)),
        (Tensor::from(a.t()), transposed.clone()),
        (Tensor::from(a.clone().reversed_axes()), transposed.clone()),
        (Tensor::from(a.clone().into_shared().reversed_axes()), transposed),
        (
            Tensor::from(a.slice_axis(Axis(1), Slice::from(1..))),
            Tensor::from([[1.0, 2.0], [4.0, 5.0]]),
        ),
        (Tensor::from(a.row(1).slice_axis(Axis(0), backwards)), Tensor::from([5.0, 3.0])),
        (Tensor::from(turned), Tensor::from([[3.0, 4.0, 5.0], [0.0, 1.0, 2.0]])),
    ];
    for (tensor, rows) in table {
        assert_eq!(tensor, rows);
        assert_eq!(tensor.as_slice(), rows.as_slice());
    }
}

#[test]
fn the_way_back_to_ndarray() {
    let tensor = Tensor::from(range([2, 2]));
    let array: ArrayD<f32> = tensor.clone().into();
    assert_eq!(array, array![[0.0, 1.0], [2.0, 3.0]].into_dyn());
    assert_eq!(ArrayViewD::from(&tensor), array);
    let columns = tensor.view::<Ix2>("(rows, columns)").unwrap();
    assert_eq!(columns.column(1), array![1.0, 3.0]);
    let error = tensor.view::<Ix1>("(n,)").unwrap_err();
    assert_eq!(error.to_string(), "input: expected shape (n,), got (2, 2)");
    assert!(matches!(error, Error::Shape { .. }));
}

#[test]
fn a_change_is_not_seen_by_the_other_owner() {
    let tensor = Tensor::from([1.0, 2.0]);
    let mut copy = tensor.clone();
    assert_eq!(copy.as_slice().as_ptr(), tensor.as_slice().as_ptr(), "cloning copied");
    copy.as_mut_slice()[0] = 9.0;
    assert_eq!((tensor.as_slice(), copy.as_slice()), (&[1.0, 2.0][..], &[9.0, 2.0][..]));
    let mut copy = tensor.clone();
    copy.view_mut::<Ix1>("(n,)").unwrap()[1] = 7.0;
    assert_eq!(tensor.clone().map(|x| -x), Tensor::from([-1.0, -2.0]));
    let sum = tensor.clone().zip_map(&copy, |a, b| a + b).unwrap();
    assert_eq!(sum, Tensor::from([2.0, 9.0]));
    assert_eq!(tensor, Tensor::from([1.0, 2.0]));
    let mut sum = tensor.clone();
    sum.add_scaled(2.0, &copy).unwrap();
    assert_eq!(sum, Tensor::from([3.0, 16.0]));
    let other = Tensor::from([[1.0, 1.0]]);
    let text = "the second tensor: expected shape (2,), got (1, 2)";
    assert_eq!(sum.add_scaled(1.0, &other).unwrap_err().to_string(), text);
    assert_eq!(sum, Tensor::from([3.0, 16.0]));
    assert_eq!(tensor.zip_map(&other, |a, _| a).unwrap_err().to_string(), text);
}

#[test]
fn what_has_one_owner_is_changed_in_place() {
    let tensor = Tensor::from([1.0, 2.0]);
    let place = tensor.as_slice().as_ptr();
    let mut tensor = tensor.map(|x| x + 1.0).reshape(&[2, 1]).unwrap();
    tensor.as_mut_slice()[0] = 5.0;
    assert_eq!(tensor, Tensor::from([[5.0], [3.0]]));
    assert_eq!(tensor.as_slice().as_ptr(), place);
}

#[test]
fn arrays_and_vectors_come_and_go() {
    let row = vec![1.0, 2.0];
    let rows = [[1.0, 2.0], [3.0, 4.0]];
    for tensor in [Tensor::from(&row), Tensor::from(&[1.0, 2.0])] {
        assert_eq!(tensor, Tensor::from([1.0, 2.0]));
    }
    for tensor in [
        Tensor::from(&rows),
        Tensor::from(&rows[..]),
        Tensor::from(rows.to_vec()),
        Tensor::from(&rows.to_vec()),
    ] {
        assert_eq!((tensor.shape(), tensor.as_slice()), (&[2, 2][..], &[1.0, 2.0, 3.0, 4.0][..]));
        assert_eq!(Vec::from(tensor), [1.0, 2.0, 3.0, 4.0]);
    }
}
