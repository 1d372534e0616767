//! How Normalization finds the means and variances of data.

use ceratops_core::{Error, Param, Result, Rng, Samples, Shape, Tensor};
use ceratops_weights::initializers::{Initializer, Ones, Zeros};

use super::{super::places::Places, Found, Normalization, moments::Moments};

/// How many numbers are read at once from samples that are not in memory.
const AT_ONCE: usize = 1 << 18;

impl Normalization {
    /// Takes mean and (population) variance of these samples, in place of those of earlier ones.
    ///
    /// Samples that are not in memory are read piece by piece. The sums run in f64; Keras' run in
    /// f32, so that its last digits may differ. The weights are made if they are not there yet.
    ///
    /// ```
    /// use ceratops_layers::Normalization;
    ///
    /// let mut normalization = Normalization::new().axis([]);
    /// normalization.adapt([1.0, 2.0, 3.0, 4.0, 5.0])?;
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Without samples, for samples of another shape than the layer was made for, for numbers that
    /// are NaN or infinite, and for a layer whose mean is given. The layer is then unchanged.
    pub fn adapt(&mut self, samples: impl Into<Samples>) -> Result<()> {
        let samples = samples.into();
        if self.mean.is_some() || self.variance.is_some() {
            let help = "leave mean and variance out, or do without adapt";
            let expected = "None for a layer that is adapted";
            return Err(Error::argument("mean", expected, "a value").with_help(help));
        }
        if samples.is_empty() {
            return Err(Error::Data("cannot adapt to no samples".into()));
        }
        let shape = samples.shape();
        let lens = self.lens(&Shape::of(&shape))?;
        self.expect(&lens, &shape)?;
        let [mean, variance] = self.moments(&samples, &lens)?;
        match &mut self.found {
            Some(found) => {
                found.mean.set_value(mean)?;
                found.variance.set_value(variance)?;
                found.adapted = true;
            }
            None => self.found = Some(Found { adapted: true, ..Found::new(mean, variance) }),
        }
        Ok(())
    }

    /// Makes the weights for inputs of that shape, unless they are there from `adapt`.
    pub(super) fn prepare(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        if self.mean.is_some() {
            self.found = None;
            return Ok(());
        }
        let lens = self.lens(input)?;
        if self.found.as_ref().is_some_and(|found| found.adapted) {
            let sizes: Vec<usize> = input.axes().iter().map(|len| len.unwrap_or(0)).collect();
            return self.expect(&lens, &sizes);
        }
        let mean = Initializer::from(Zeros).draw(&lens, rng)?;
        let variance = Initializer::from(Ones).draw(&lens, rng)?;
        self.found = Some(Found::new(mean, variance));
        Ok(())
    }

    /// The lengths of the axes that are kept.
    fn lens(&self, input: &Shape) -> Result<Vec<usize>> {
        let len = |axis: usize| {
            input.axes()[axis].ok_or_else(|| {
                Error::argument("input_shape", format!("a known length of axis {axis}"), input)
                    .with_help("set it in the Input: each place along it has a mean of its own")
            })
        };
        self.kept(input.ndim())?.into_iter().map(len).collect()
    }

    /// Refuses samples of that shape if there are weights for others.
    fn expect(&self, lens: &[usize], shape: &[usize]) -> Result<()> {
        let Some(found) = &self.found else { return Ok(()) };
        if found.mean.value().shape() == lens {
            return Ok(());
        }
        let made = Shape::of(found.mean.value().shape());
        let expected = format!("samples for means of shape {made} along the axes {:?}", self.axis);
        Err(Error::shape("samples", expected, shape, "add a new layer for these"))
    }

    fn moments(&self, samples: &Samples, lens: &[usize]) -> Result<[Tensor; 2]> {
        let shape = samples.shape();
        let sample = shape.get(1..).unwrap_or_default();
        let dims = self.aligned(lens, shape.len())?;
        let places = Places::new(&dims, sample)
            .ok_or_else(|| Error::shape("samples", Shape::of(&dims), sample, ""))?;
        let mut moments = Moments::new(places, lens.iter().product());
        match samples.in_memory() {
            Some(all) => moments.add(all.as_slice()),
            None => {
                let len = sample.iter().product::<usize>().max(1);
                let step = (AT_ONCE / len).max(1);
                for start in (0..samples.len()).step_by(step) {
                    let end = (start + step).min(samples.len());
                    moments.add(samples.read(start..end)?.as_slice());
                }
            }
        }
        let (mean, variance) = (moments.mean(), moments.variance());
        if let Some(place) = mean.iter().zip(&variance).position(|(m, v)| !(m + v).is_finite()) {
            return Err(Error::Data(format!(
                "the samples have a NaN or an infinite number at feature {place} (from 0), or \
                 numbers too large to be squared; take these samples out, or put another number \
                 in their place"
            )));
        }
        Ok([Tensor::new(lens, mean)?, Tensor::new(lens, variance)?])
    }
}

impl Found {
    fn new(mean: Tensor, variance: Tensor) -> Self {
        Self {
            mean: Param::new("mean", mean).non_trainable(),
            variance: Param::new("variance", variance).non_trainable(),
            count: Param::new("count", Tensor::scalar(0.0)).non_trainable().integer(),
            adapted: false,
        }
    }
}
