//! `.weights.h5`, and the weights within a `.keras` archive: `/layers/<class>_<n>/vars/<i>`.

use ceratops_core::{Error, Result};
use ceratops_layers::Sequential;

use crate::{
    hdf5::Group,
    training::{OptimizerWeights, Training},
};

/// Gives `model` the weights in `root`, all or none.
pub(crate) fn assign(model: &mut Sequential, root: &Group) -> Result<()> {
    let _ = (model, root);
    Err(Error::Data(".weights.h5 is not read yet".into()))
}

/// What the optimizer remembers, if the file holds it.
pub(crate) fn optimizer(root: &Group) -> Result<Option<OptimizerWeights>> {
    let _ = root;
    Ok(None)
}

/// The tree of a model's weights, and of what its optimizer remembers.
pub(crate) fn tree(model: &Sequential, training: Option<&Training>) -> Result<Group> {
    let _ = (model, training);
    Err(Error::Data(".weights.h5 is not written yet".into()))
}
