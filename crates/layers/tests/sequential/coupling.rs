//! Layers that couple the samples of a batch, in a model: through sums, or seeing it whole.

use std::sync::{Arc, Mutex};

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use ceratops_layers::{BatchNormalization, Dense, Input, Sequential, sequential};
use serde::Serialize;

use crate::{OPTIONS, assert_near, draw};

/// y = x - mean of the batch while training; it remembers how many samples it saw at a time.
#[derive(Debug, Clone, Default, Serialize)]
struct Center {
    #[serde(skip)]
    how: How,
    #[serde(skip)]
    seen: Arc<Mutex<Vec<usize>>>,
}

/// How it couples.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum How {
    #[default]
    Sums,
    Whole,
    /// With another number of sums for every chunk, which is wrong.
    Ragged,
}

fn count_and_sum(x: &Tensor) -> Vec<f64> {
    vec![x.len() as f64, x.sum()]
}

fn without_mean(x: Tensor, sums: Option<&[f64]>) -> Tensor {
    let own = count_and_sum(&x);
    let sums = sums.unwrap_or(&own);
    let mean = (sums[1] / sums[0]) as f32;
    x.map(move |x| x - mean)
}

impl Layer for Center {
    const CLASS_NAME: &'static str = "Center";
    type Saved = ();

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<()>)> {
        self.seen.lock().unwrap().push(x.batch());
        Ok((without_mean(x, cx.sums().as_deref()), cx.save(|| ())))
    }

    fn backward(&self, (): (), dy: Tensor, dw: &mut Gradients<'_>) -> Result<Option<Tensor>> {
        Ok(Some(without_mean(dy, dw.sums())))
    }

    fn couples_samples(&self) -> bool {
        true
    }

    fn forward_sums(&self, x: &Tensor) -> Result<Option<Vec<f64>>> {
        Ok(match self.how {
            How::Sums => Some(count_and_sum(x)),
            How::Whole => None,
            How::Ragged => Some(vec![0.0; (x.as_slice()[0].abs() * 1e6) as usize % 1000]),
        })
    }

    fn backward_sums(&self, (): &(), dy: &Tensor, _: &mut Gradients<'_>) -> Result<Vec<f64>> {
        Ok(count_and_sum(dy))
    }
}

fn model(how: How) -> (Sequential, Arc<Mutex<Vec<usize>>>) {
    let center = Center { how, ..Center::default() };
    let seen = center.seen.clone();
    // Two that couple stand side by side, one of them at the end.
    let layers = sequential![
        Input::new([4]),
        Dense::new(3),
        center.clone(),
        Dense::new(2),
        center.clone(),
        center
    ];
    (layers.unwrap(), seen)
}

#[test]
fn through_sums_or_whole_is_the_same() {
    let x = draw(&[150, 4], 0);
    let pass = |model: &Sequential| model.train_pass(&x, OPTIONS, &|_, y| Ok((0.0, y.clone())));
    let ((sums, in_chunks), (whole, at_once)) = (model(How::Sums), model(How::Whole));
    let (chunked, expected) = (pass(&sums).unwrap(), pass(&whole).unwrap());
    assert_near(&chunked.y, &expected.y, "y");
    for (chunked, expected) in chunked.gradients.iter().zip(&expected.gradients) {
        assert_near(chunked.as_ref().unwrap(), expected.as_ref().unwrap(), "dw");
    }
    assert_eq!(*at_once.lock().unwrap(), [150; 3]);
    let in_chunks = in_chunks.lock().unwrap();
    assert!(in_chunks.len() > 3 && in_chunks.iter().sum::<usize>() == 450, "{in_chunks:?}");
}

#[test]
fn chunks_must_give_the_same_number_of_sums() {
    let x = draw(&[150, 4], 0);
    let error = model(How::Ragged).0.train_pass(&x, OPTIONS, &|_, y| Ok((0.0, y.clone())));
    let expected = "a layer must give the same number of sums for every chunk";
    assert!(error.unwrap_err().to_string().contains(expected));
}

#[test]
fn a_batch_of_one_or_none_is_normalized() {
    let model = sequential![Input::new([4]), BatchNormalization::new(), Dense::new(2)].unwrap();
    assert_eq!(model.predict(Tensor::zeros(&[0, 4])).unwrap().shape(), [0, 2]);
    let x = draw(&[1, 4], 0);
    let pass = model.train_pass(&x, OPTIONS, &|_, y| Ok((0.0, y.clone()))).unwrap();
    // A number alone is its own mean, and the variance is 0.
    assert_eq!(pass.y, Tensor::zeros(&[1, 2]));
    let [mean, variance] =
        [(0, 0.0), (1, 1.0)].map(|(i, old)| pass.updates[i].of(&Tensor::full(&[4], old)).unwrap());
    assert_near(&mean, &x.map(|x| 0.01 * x).reshape(&[4]).unwrap(), "mean");
    assert_near(&variance, &Tensor::full(&[4], 0.99), "variance");
}

#[test]
fn the_variance_that_keras_2_follows_is_unbiased_for_images() {
    // The numbers 0, 2, 0, 2 of one channel have the variance 1, of which 4 / 3 is unbiased.
    let followed = |shape: &[usize], unbiased_variance| {
        let mut layer = BatchNormalization::new().momentum(0.0);
        layer.unbiased_variance = unbiased_variance;
        let model = sequential![Input::new(shape[1..].to_vec()), layer].unwrap();
        let x = Tensor::new(shape, vec![0.0, 2.0, 0.0, 2.0]).unwrap();
        let pass = model.train_pass(&x, OPTIONS, &|_, y| Ok((0.0, y.clone()))).unwrap();
        pass.updates[1].value.as_slice()[0]
    };
    for (shape, unbiased, variance) in [
        (&[2, 2, 1, 1][..], true, 4.0 / 3.0),
        (&[2, 2, 1, 1][..], false, 1.0),
        (&[4, 1][..], true, 1.0),
    ] {
        assert!((followed(shape, unbiased) - variance).abs() < 1e-6, "{shape:?}, {unbiased}");
    }
}
