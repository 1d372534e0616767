//! Layers that begin a batch with the states that the one before left.

#![allow(clippy::unwrap_used, reason = "tests")]

use ceratops_core::{Result, Tensor};
use ceratops_layers::{
    Bidirectional, CallLayer, ConvLSTM2D, Dense, GRU, Input, IntoNode, LSTM, LSTMCell, Model, RNN,
    Sequential, SimpleRNN, sequential,
};

/// Numbers without a pattern that repeats.
fn wave(shape: &[usize]) -> Tensor {
    let len: usize = shape.iter().product();
    let data: Vec<f32> =
        (0..len).map(|i| (0.7 * i as f32).sin() + 0.3 * (0.13 * i as f32).cos()).collect();
    Tensor::new(shape, data).unwrap()
}

/// The times of each sample from `start` on.
fn times(x: &Tensor, start: usize, len: usize) -> Tensor {
    let (batch, time) = (x.shape()[0], x.shape()[1]);
    let n = x.sample_len() / time;
    let sample = |i: usize| {
        let from = (i * time + start) * n;
        x.as_slice()[from..from + len * n].to_vec()
    };
    let shape = [&[batch, len], &x.shape()[2..]].concat();
    Tensor::new(&shape, (0..batch).flat_map(sample).collect::<Vec<_>>()).unwrap()
}

#[test]
fn pieces_of_a_sequence_are_the_sequence() -> Result<()> {
    // So many samples that a batch is cut into chunks, which find their rows again.
    let x = wave(&[300, 12, 3]);
    let whole =
        sequential![Input::new([None, Some(3)]), LSTM::new(8).return_sequences(true), GRU::new(5)]?;
    let mut pieces = sequential![
        Input::new([None, Some(3)]).batch_size(300),
        LSTM::new(8).return_sequences(true).stateful(true),
        GRU::new(5).stateful(true),
    ]?;
    pieces.set_weights(&whole.get_weights())?;
    for start in [0, 4] {
        pieces.predict(times(&x, start, 4))?;
    }
    let y = pieces.predict(times(&x, 8, 4))?;
    assert_eq!(y, whole.predict(&x)?);
    Ok(())
}

#[test]
fn every_layer_remembers_and_forgets() -> Result<()> {
    fn check(model: Sequential, x: &Tensor) -> Result<()> {
        let (first, second) = (model.predict(x)?, model.predict(x)?);
        assert_ne!(first, second, "{model}");
        let copy = model.clone();
        let third = model.predict(x)?;
        assert_eq!(copy.predict(x)?, third);
        // Batch after batch within one call of predict is the same.
        copy.reset_states();
        let twice = Tensor::concat(&[x.clone(), x.clone()])?;
        assert_eq!(copy.predict(&twice)?, Tensor::concat(&[first.clone(), second])?);
        model.reset_states();
        assert_eq!(model.predict(x)?, first);
        Ok(())
    }
    let x = wave(&[2, 4, 3]);
    let input = || Input::new([4, 3]).batch_size(2);
    check(sequential![input(), SimpleRNN::new(4).stateful(true)]?, &x)?;
    check(sequential![input(), Bidirectional::new(GRU::new(4).stateful(true))]?, &x)?;
    check(
        sequential![
            input(),
            RNN::stacked([LSTMCell::new(3).into(), LSTMCell::new(2).into()]).stateful(true)
        ]?,
        &x,
    )?;
    let nested = sequential![input(), LSTM::new(4).stateful(true)]?;
    check(sequential![input(), nested, Dense::new(2)]?, &x)?;
    let images = Input::new([3, 5, 5, 1]).batch_size(2);
    check(sequential![images, ConvLSTM2D::new(2, 3).stateful(true)]?, &wave(&[2, 3, 5, 5, 1]))
}

#[test]
fn given_states_come_first_and_what_follows_is_kept() -> Result<()> {
    let x = Input::new([4, 3]).batch_size(2).named("x").tensor();
    let h = Input::new([5]).batch_size(2).named("h").tensor();
    let y = GRU::new(5).stateful(true).call([&x, &h])?;
    let model = Model::new([&x, &h], [&y])?;
    let (x, h) = (wave(&[2, 4, 3]), wave(&[2, 5]));
    let first = model.predict([&x, &h])?;
    assert_eq!(model.predict([&x, &h])?, first);
    Ok(())
}

#[test]
fn looking_changes_nothing() -> Result<()> {
    let x = wave(&[2, 4, 3]);
    let model = sequential![Input::new([4, 3]).batch_size(2), LSTM::new(4).stateful(true)]?;
    let first = model.predict(&x)?;
    let copy = model.clone();
    struct Nobody;
    impl ceratops_layers::Watch for Nobody {
        fn output(&mut self, _: usize, _: &Tensor) {}
    }
    model.watch(&x, || Nobody)?;
    assert_eq!(model.predict(&x)?, copy.predict(&x)?);
    model.reset_states();
    assert_eq!(model.predict(&x)?, first);
    Ok(())
}

#[test]
fn batches_of_other_lengths_are_refused() -> Result<()> {
    let error = sequential![Input::new([4, 3]), LSTM::new(4).stateful(true)].unwrap_err();
    assert_eq!(
        error.to_string(),
        "LSTM \"lstm\" (layer 0): invalid `batch_shape`: expected one length of all batches, got an open one; layer \
         \"lstm\" is stateful, and keeps a state for each sample of a batch; say how many there are: \
         Input::new(...).batch_size(32)"
    );
    let x = Input::new([4, 3]).tensor();
    let y = LSTM::new(4).stateful(true).call(&x)?;
    assert!(Model::new([&x], [&y]).unwrap_err().to_string().contains("say how many there are"));
    let model = sequential![Input::new([4, 3]).batch_size(2), LSTM::new(4).stateful(true)]?;
    let error = model.predict(wave(&[3, 4, 3])).unwrap_err().to_string();
    assert!(
        error.contains("expected batches of 2 samples, as the Input says, got 3 samples"),
        "{error}"
    );
    assert!(model.predict(wave(&[1, 4, 3])).is_err());
    assert!(model.predict(Tensor::zeros(&[0, 4, 3])).is_err());
    Ok(())
}
