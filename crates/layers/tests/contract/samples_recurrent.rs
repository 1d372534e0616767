//! Recurrent layers that the contract is tried on.

use ceratops_layers::{
    Bidirectional, ConvLSTM1D, ConvLSTM2D, ConvLSTM3D, DataFormat, GRU, GRUCell, LSTM, LSTMCell,
    MergeMode, Node, Padding, RNN, SimpleRNN, SimpleRNNCell,
};

use super::{
    samples::{Sample, sample},
    several,
};

pub(crate) fn samples() -> Vec<Sample> {
    let of = |layer: Node| sample(layer, &[4, 3]);
    let gru = || GRU::new(2);
    let rnn = || SimpleRNN::new(3);
    vec![
        of(gru().into()),
        of(gru().reset_after(false).into()),
        of(gru().return_sequences(true).go_backwards(true).into()),
        of(gru().reset_after(false).return_sequences(true).use_bias(false).into()),
        of(gru().use_bias(false).activation("softsign").recurrent_activation("softmax").into()),
        of(gru().dropout(0.4).into()).differs_in_training(),
        of(gru().dropout(0.3).recurrent_dropout(0.4).seed(5).into()).differs_in_training(),
        of(gru().reset_after(false).dropout(0.3).recurrent_dropout(0.4).into())
            .differs_in_training(),
        of(gru()
            .kernel_regularizer("l2")
            .recurrent_regularizer("l1")
            .bias_regularizer("l2")
            .into()),
        sample(GRU::new(3), &[1, 1]),
        of(rnn().into()),
        of(rnn().return_sequences(true).use_bias(false).into()),
        of(rnn().go_backwards(true).activation("softplus").into()),
        of(rnn().dropout(0.4).recurrent_dropout(0.3).into()).differs_in_training(),
        of(RNN::new(LSTMCell::new(2)).return_sequences(true).into()),
        of(stacked().into()),
        of(stacked().return_sequences(true).go_backwards(true).into()),
        of(RNN::stacked([GRUCell::new(2).dropout(0.3).into(), LSTMCell::new(2).into()]).into())
            .differs_in_training(),
        of(Bidirectional::new(gru()).into()),
        of(Bidirectional::new(LSTM::new(2).return_sequences(true))
            .merge_mode(MergeMode::Sum)
            .into()),
        of(Bidirectional::new(rnn().return_sequences(true)).merge_mode(MergeMode::Mul).into()),
        of(Bidirectional::new(stacked()).merge_mode(MergeMode::Ave).into()),
        of(Bidirectional::new(gru().return_sequences(true))
            .backward_layer(rnn().go_backwards(true).return_sequences(true))
            .into()),
    ]
}

/// ConvLSTMs, one of each rank, with each option.
pub(crate) fn convolutional() -> Vec<Sample> {
    let of = |layer: ConvLSTM2D| sample(layer, &[3, 4, 3, 2]);
    let two = || ConvLSTM2D::new(2, 2);
    vec![
        of(two()),
        of(two().return_sequences(true).padding(Padding::Same).strides(2)),
        of(ConvLSTM2D::new(1, [2, 1]).dilation_rate([2, 1]).use_bias(false).go_backwards(true)),
        of(two().data_format(DataFormat::ChannelsFirst).return_sequences(true)),
        of(two().activation("softsign").unit_forget_bias(false).recurrent_activation("softmax")),
        of(two().dropout(0.3)).differs_in_training(),
        of(two().dropout(0.3).recurrent_dropout(0.4).return_sequences(true)).differs_in_training(),
        of(two().kernel_regularizer("l2").recurrent_regularizer("l1").bias_regularizer("l2")),
        sample(ConvLSTM1D::new(2, 2), &[3, 4, 2]),
        sample(ConvLSTM3D::new(1, 2).return_sequences(true), &[2, 2, 3, 2, 1]),
        sample(Bidirectional::new(ConvLSTM1D::new(1, 2).return_sequences(true)), &[3, 4, 2]),
    ]
}

fn stacked() -> RNN {
    RNN::stacked([
        LSTMCell::new(2).into(),
        GRUCell::new(3).reset_after(false).into(),
        SimpleRNNCell::new(2).into(),
    ])
}

/// Layers for (5, 2) that read masks.
pub(crate) fn masked() -> Vec<Node> {
    let gru = || GRU::new(2).return_sequences(true);
    vec![
        gru().into(),
        gru().zero_output_for_mask(true).go_backwards(true).into(),
        gru().reset_after(false).recurrent_dropout(0.3).into(),
        GRU::new(2).reset_after(false).into(),
        SimpleRNN::new(2).zero_output_for_mask(true).into(),
        SimpleRNN::new(2).return_sequences(true).dropout(0.3).into(),
        stacked().into(),
        stacked().return_sequences(true).go_backwards(true).into(),
        Bidirectional::new(gru()).merge_mode(MergeMode::Mul).into(),
        Bidirectional::new(LSTM::new(2)).into(),
    ]
}

/// Layers whose states come in or go out.
pub(crate) fn with_states() -> Vec<several::Sample> {
    let (x, h, g) = (vec![4, 3], vec![2], vec![3]);
    let lstm = || LSTM::new(2).return_state(true);
    vec![
        (lstm().into(), vec![x.clone()]),
        (lstm().return_sequences(true).go_backwards(true).into(), vec![x.clone()]),
        (LSTM::new(2).into(), vec![x.clone(), h.clone(), h.clone()]),
        (lstm().return_sequences(true).into(), vec![x.clone(), h.clone(), h.clone()]),
        (GRU::new(2).return_state(true).into(), vec![x.clone(), h.clone()]),
        (GRU::new(2).reset_after(false).return_state(true).into(), vec![x.clone(), h.clone()]),
        (SimpleRNN::new(2).return_state(true).into(), vec![x.clone(), h.clone()]),
        (
            stacked().return_state(true).return_sequences(true).into(),
            vec![x.clone(), h.clone(), h.clone(), g.clone(), h.clone()],
        ),
        (
            Bidirectional::new(GRU::new(2).return_state(true)).into(),
            vec![x.clone(), h.clone(), h.clone()],
        ),
        (
            Bidirectional::new(lstm().return_sequences(true)).merge_mode(None).into(),
            vec![x.clone(), h.clone(), h.clone(), h.clone(), h],
        ),
        (Bidirectional::new(GRU::new(2)).merge_mode(None).into(), vec![x]),
        (
            ConvLSTM1D::new(2, 2).return_state(true).return_sequences(true).into(),
            vec![vec![3, 4, 1], vec![3, 2], vec![3, 2]],
        ),
    ]
}
