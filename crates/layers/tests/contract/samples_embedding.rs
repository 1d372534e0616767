//! Samples of layers that look up or hand on: Embedding, TimeDistributed.

use ceratops_layers::{
    BatchNormalization, Dense, Dropout, Embedding, Flatten, IntoNode, LSTM, PReLU,
    ReversibleEmbedding, SpectralNormalization, TimeDistributed, sequential,
};

use crate::samples::{Sample, sample};

/// A vector for each id; those of the same id share it.
pub(crate) fn embeddings() -> Vec<Sample> {
    vec![
        sample(Embedding::new(5, 3), &[4]).ids(5),
        sample(Embedding::new(3, 2), &[2, 3]).ids(3),
        sample(Embedding::new(2, 1), &[]).ids(2),
        sample(Embedding::new(4, 3).mask_zero(true).embeddings_regularizer("l2"), &[5]).ids(4),
        sample(Embedding::new(4, 3).embeddings_constraint("unit_norm"), &[5]).ids(4),
    ]
}

/// Each step by itself: alone, in training one after the other, as a model.
pub(crate) fn time_distributed() -> Vec<Sample> {
    let encoder = sequential![Dense::new(3).activation("tanh"), BatchNormalization::new()].unwrap();
    vec![
        sample(ReversibleEmbedding::new(5, 3), &[4]).ids(5),
        sample(ReversibleEmbedding::new(3, 2).mask_zero(true), &[2, 3]).ids(3),
        sample(SpectralNormalization::new(Dense::new(3)), &[4]).differs_in_training(),
        sample(SpectralNormalization::new(Embedding::new(4, 2)), &[3]).ids(4).differs_in_training(),
        sample(TimeDistributed::new(Dense::new(3).activation("tanh")), &[2, 4]),
        sample(TimeDistributed::new(Dense::new(2).activation(PReLU::new())), &[3, 4]).kinks([0.0]),
        sample(TimeDistributed::new(Flatten::new().named("flat")), &[2, 2, 3]),
        sample(TimeDistributed::new(LSTM::new(2)), &[2, 3, 2]),
        sample(TimeDistributed::new(Dense::new(2).frozen()), &[2, 4]),
        sample(TimeDistributed::new(Embedding::new(4, 2)), &[2, 3]).ids(4),
        sample(TimeDistributed::new(Dropout::new(0.4)), &[2, 6]).differs_in_training(),
        sample(TimeDistributed::new(BatchNormalization::new()), &[3, 2]).differs_in_training(),
        sample(TimeDistributed::new(encoder), &[2, 4]).differs_in_training(),
        sample(
            TimeDistributed::new(TimeDistributed::new(Dense::new(2).activation("tanh"))),
            &[2, 2, 3],
        ),
    ]
}
