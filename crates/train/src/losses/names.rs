//! The names of losses: Keras' of today, and those of others.

use ceratops_core::Result;
use serde_json::{Map, Value};

use super::{
    BinaryCrossentropy, BinaryFocalCrossentropy, CategoricalCrossentropy,
    CategoricalFocalCrossentropy, CategoricalGeneralizedCrossEntropy, CategoricalHinge, Circle,
    CosineSimilarity, Dice, Hinge, Huber, KLDivergence, LogCosh, Loss, MeanAbsoluteError,
    MeanAbsolutePercentageError, MeanSquaredError, MeanSquaredLogarithmicError, Poisson,
    SparseCategoricalCrossentropy, SquaredHinge, Tversky, read,
};
use crate::spelling;

/// Makes a loss from its config.
type Read = fn(&Map<String, Value>) -> Result<Box<dyn Loss>>;

/// The identifiers of each loss in Keras 3 (function, class, short forms), those that only Keras 1 and
/// 2 or TensorFlow.js know, and how it is read from its config.
const BUILTIN: &[(&[&str], &[&str], Read)] = &[
    (&["mean_squared_error", "MeanSquaredError", "mse", "MSE"], &[], read::<MeanSquaredError>),
    (&["mean_absolute_error", "MeanAbsoluteError", "mae", "MAE"], &[], read::<MeanAbsoluteError>),
    (
        &["mean_absolute_percentage_error", "MeanAbsolutePercentageError", "mape", "MAPE"],
        &[],
        read::<MeanAbsolutePercentageError>,
    ),
    (
        &["mean_squared_logarithmic_error", "MeanSquaredLogarithmicError", "msle", "MSLE"],
        &[],
        read::<MeanSquaredLogarithmicError>,
    ),
    (&["huber", "Huber"], &["huber_loss"], read::<Huber>),
    (&["log_cosh", "LogCosh"], &["logcosh"], read::<LogCosh>),
    (&["binary_crossentropy", "BinaryCrossentropy", "bce", "BCE"], &[], read::<BinaryCrossentropy>),
    (
        &["binary_focal_crossentropy", "BinaryFocalCrossentropy"],
        &[],
        read::<BinaryFocalCrossentropy>,
    ),
    (
        &["categorical_crossentropy", "CategoricalCrossentropy"],
        &[],
        read::<CategoricalCrossentropy>,
    ),
    (
        &["categorical_focal_crossentropy", "CategoricalFocalCrossentropy"],
        &[],
        read::<CategoricalFocalCrossentropy>,
    ),
    (
        &["sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"],
        &[],
        read::<SparseCategoricalCrossentropy>,
    ),
    (
        &["categorical_generalized_cross_entropy", "CategoricalGeneralizedCrossEntropy"],
        &[],
        read::<CategoricalGeneralizedCrossEntropy>,
    ),
    (
        &["kl_divergence", "KLDivergence", "kld", "KLD"],
        &["kullback_leibler_divergence"],
        read::<KLDivergence>,
    ),
    (&["poisson", "Poisson"], &[], read::<Poisson>),
    (
        &["cosine_similarity", "CosineSimilarity"],
        &["cosine_proximity", "cosine"],
        read::<CosineSimilarity>,
    ),
    (&["hinge", "Hinge"], &[], read::<Hinge>),
    (&["squared_hinge", "SquaredHinge"], &[], read::<SquaredHinge>),
    (&["categorical_hinge", "CategoricalHinge"], &[], read::<CategoricalHinge>),
    (&["dice", "Dice"], &[], read::<Dice>),
    (&["tversky", "Tversky"], &[], read::<Tversky>),
    (&["circle", "Circle"], &[], read::<Circle>),
];

/// The row of the loss with this identifier, which TensorFlow.js writes `meanSquaredError`.
fn find(
    identifier: &str,
) -> Option<&'static (&'static [&'static str], &'static [&'static str], Read)> {
    let spelled = spelling::identifier(identifier);
    let has = |names: &[&str]| names.contains(&identifier) || names.contains(&spelled.as_str());
    BUILTIN.iter().find(|(names, others, _)| has(names) || has(others))
}

/// How the loss with this identifier is read.
pub(super) fn reader(identifier: &str) -> Option<Read> {
    find(identifier).map(|&(_, _, read)| read)
}

/// The first of the identifiers of the loss that has this one.
pub(crate) fn canonical(identifier: &str) -> Option<&'static str> {
    find(identifier).and_then(|(names, ..)| names.first().copied())
}

/// Keras 3's name for a loss of another dialect: the identifier itself if Keras 3 knows it.
pub(crate) fn known_to_keras(identifier: &str) -> Option<&str> {
    let (names, ..) = find(identifier)?;
    if names.contains(&identifier) { Some(identifier) } else { names.first().copied() }
}

/// The first identifier of each loss.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    BUILTIN.iter().flat_map(|(names, ..)| names.first().copied())
}
