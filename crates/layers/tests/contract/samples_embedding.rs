//! Samples of layers that look up or hand on: Embedding, TimeDistributed.

use ceratops_layers::{
    BatchNormalization, Dense, Dropout, Flatten, IntoNode, LSTM, PReLU, TimeDistributed, sequential,
};

use crate::samples::{Sample, sample};

/// Each step by itself: alone, in training one after the other, as a model.
pub(crate) fn time_distributed() -> Vec<Sample> {
    let encoder = sequential![Dense::new(3).activation("tanh"), BatchNormalization::new()].unwrap();
    vec![
        sample(TimeDistributed::new(Dense::new(3).activation("tanh")), &[2, 4]),
        sample(TimeDistributed::new(Dense::new(2).activation(PReLU::new())), &[3, 4]).kinks([0.0]),
        sample(TimeDistributed::new(Flatten::new().named("flat")), &[2, 2, 3]),
        sample(TimeDistributed::new(LSTM::new(2)), &[2, 3, 2]),
        sample(TimeDistributed::new(Dense::new(2).frozen()), &[2, 4]),
        sample(TimeDistributed::new(Dropout::new(0.4)), &[2, 6]).differs_in_training(),
        sample(TimeDistributed::new(BatchNormalization::new()), &[3, 2]).differs_in_training(),
        sample(TimeDistributed::new(encoder), &[2, 4]).differs_in_training(),
        sample(
            TimeDistributed::new(TimeDistributed::new(Dense::new(2).activation("tanh"))),
            &[2, 2, 3],
        ),
    ]
}
