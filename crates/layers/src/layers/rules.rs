//! What governs one weight: its first values, the penalty on it, the condition it meets.

use ceratops_core::{Param, Result, Rng, Tensor};
use ceratops_weights::{Constraint, Initializer, Regularizer};

/// The arguments of a layer that govern one of its weights.
pub(super) struct Rules<'a> {
    pub(super) initializer: &'a Initializer,
    pub(super) regularizer: Option<&'a Regularizer>,
    pub(super) constraint: Option<&'a Constraint>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(
        initializer: &'a Initializer,
        regularizer: &'a Option<Regularizer>,
        constraint: &'a Option<Constraint>,
    ) -> Self {
        Self { initializer, regularizer: regularizer.as_ref(), constraint: constraint.as_ref() }
    }

    /// Refuses unknown names, and configs that make no sense.
    pub(super) fn validate(&self) -> Result<()> {
        self.initializer.validate()?;
        self.regularizer.map_or(Ok(()), Regularizer::validate)?;
        self.constraint.map_or(Ok(()), Constraint::validate)
    }

    /// The weight of that name and shape.
    pub(super) fn weight(&self, name: &str, shape: &[usize], rng: &mut Rng) -> Result<Param> {
        self.check(shape)?;
        Ok(self.govern(Param::new(name, self.initializer.draw(shape, rng)?)))
    }

    /// The kernel of that name and shape, of which the axes `inputs` are summed over and the others are
    /// put out. An initializer that goes by their numbers counts all of either kind.
    pub(super) fn kernel(
        &self,
        name: &str,
        shape: &[usize],
        inputs: &[usize],
        rng: &mut Rng,
    ) -> Result<Param> {
        let product = |summed: bool| {
            let axes = shape.iter().enumerate().filter(|(axis, _)| inputs.contains(axis) == summed);
            axes.map(|(_, len)| *len).try_fold(1usize, usize::checked_mul)
        };
        match (product(true), product(false)) {
            (Some(inputs), Some(outputs)) if self.initializer.scales_variance() => {
                // Each number is drawn for itself, so that the order of the axes does not matter.
                let drawn = self.initializer.draw(&[inputs, outputs], rng)?;
                self.of(name, drawn.reshape(shape)?)
            }
            _ => self.weight(name, shape, rng),
        }
    }

    /// The weight of that name with first values that the layer has made up.
    pub(super) fn of(&self, name: &str, value: Tensor) -> Result<Param> {
        self.check(value.shape())?;
        Ok(self.govern(Param::new(name, value)))
    }

    fn check(&self, shape: &[usize]) -> Result<()> {
        self.validate()?;
        self.regularizer.map_or(Ok(()), |regularizer| regularizer.check(shape))?;
        self.constraint.map_or(Ok(()), |constraint| constraint.check(shape))
    }

    fn govern(&self, param: Param) -> Param {
        param.regularized(self.regularizer.cloned()).constrained(self.constraint.cloned())
    }
}
