//! Diagnosis: what goes on in each layer of a model, what is unusual, and what to do about it.

mod advice;
mod attention;
mod checkup;
mod divergence;
mod layer;
mod nature;
mod origin;
mod probe;
mod report;
mod statistics;
mod update;

use ceratops_core::{Error, Inputs, IntoInputs, Result, Tensor};
use ceratops_layers::Model;
use serde::Serialize;
use serde_json::Value;

pub use advice::{
    Advice, AdviceKind, COLLAPSED, DEAD, GRADIENT, GROWN, LARGE_UPDATE, LEARNED, SAMPLES_FOR_DEAD,
    SATURATED, SLOPES, SMALL_UPDATE, UNSCALED,
};
pub use attention::AttentionDiagnosis;
pub use checkup::{Checked, Checkup};
pub use divergence::{Divergence, DivergenceKind, EXPLODED, TerminateOnDivergence};
pub use layer::{LayerDiagnosis, Slopes, WeightDiagnosis};
pub use origin::{NotFinite, Origin};
pub use statistics::Statistics;

use self::{
    probe::{Plan, Seen, together},
    update::Step,
};
use crate::{Batch, CompiledModel};

/// What was found in a model: as data, and in print as a table with sentences of advice.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{Dense, Input, sequential};
/// use ceratops_train::Diagnose;
///
/// let mut model = sequential![Input::new([2]), Dense::new(4).activation("relu"), Dense::new(1)]?;
/// // All units of the first layer are switched off.
/// model.params_mut()[1].set_value(Tensor::full(&[4], -100.0))?;
/// let diagnosis = model.diagnose(Tensor::full(&[32, 2], 0.5))?;
/// assert_eq!(diagnosis.layers[0].dead, Some(1.0));
/// assert!(diagnosis.to_string().contains("dense: 100% of its units are dead"));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagnosis {
    /// The model's name.
    pub model: String,
    /// How many samples it saw.
    pub samples: usize,
    /// The loss on them, if their labels were given; a mean over them, penalties included.
    pub loss: Option<f64>,
    /// The numbers of the samples.
    pub input: Statistics,
    /// The layers in their order, those of nested models in their place.
    pub layers: Vec<LayerDiagnosis>,
    /// Where the first number came from that is not finite, if there is one.
    pub origin: Option<Origin>,
    /// What is unusual.
    pub advice: Vec<Advice>,
}

/// [`Diagnose::diagnose`], for a [`Model`] and what derefs to it, as a [`CompiledModel`] does.
pub trait Diagnose {
    /// Looks into the model while it answers for the samples `x`, in inference mode: for each layer
    /// the mean and spread of its output, dead units, saturated values and gates, the slopes of PReLU, the
    /// entropy of attention, its weights; and the first number that is not finite.
    ///
    /// The samples pass in pieces, so that there may be many; the more, the surer is what is said of
    /// dead units.
    ///
    /// # Errors
    /// As `predict`, and where there are no samples.
    fn diagnose(&self, x: impl IntoInputs) -> Result<Diagnosis>;
}

impl Diagnose for Model {
    fn diagnose(&self, x: impl IntoInputs) -> Result<Diagnosis> {
        let x = x.into();
        check(&x)?;
        let plan = Plan::new(self, |_| None);
        let seen = together(self.watch(&x, || plan.probe())?);
        Ok(diagnosis(self, &x, None, &plan, &seen, None))
    }
}

impl CompiledModel {
    /// Looks into the model while it would learn from the samples `x` with labels `y`: to what
    /// [`Diagnose::diagnose`] finds come the loss, the gradients and the next update. These are
    /// those of [`CompiledModel::train_on_batch`], Dropout included; but nothing is learned.
    ///
    /// Where labels are not finite there is no loss, and only the rest is found. A batch with
    /// BatchNormalization is kept in memory as a whole, as in training; any other passes in pieces.
    ///
    /// ```
    /// use ceratops_core::Tensor;
    /// use ceratops_layers::{Dense, Input, sequential};
    /// use ceratops_train::{AdviceKind, Compile, optimizers::SGD};
    ///
    /// let model = sequential![Input::new([1]), Dense::new(1)]?;
    /// let model = model.compile(SGD::new(1e4), "mse", ())?;
    /// let x = Tensor::from([[1.0], [2.0]]);
    /// let diagnosis = model.diagnose_training(&x, &x)?;
    /// assert_eq!(diagnosis.advice[0].kind, AdviceKind::LargeUpdate);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As `train_on_batch`; and where the model has no weights yet.
    pub fn diagnose_training(&self, x: impl IntoInputs, y: impl IntoInputs) -> Result<Diagnosis> {
        let (x, y) = (x.into(), y.into());
        check(&x)?;
        let data = self.dataset_of(Batch::new(&x, &y))?;
        if origin::in_data("y", &y).is_some() {
            let plan = Plan::new(&self.model, |_| None);
            let seen = together(self.model.watch(&x, || plan.probe())?);
            return Ok(diagnosis(&self.model, &x, Some(&y), &plan, &seen, None));
        }
        let (data, objective) = self.align(data)?;
        let plan = Plan::new(&self.model, |place| objective.closing(place));
        let batch = data.read(0..data.len())?;
        let (step, seen) = update::step(self, &objective, &batch, &plan)?;
        Ok(diagnosis(&self.model, &x, Some(&y), &plan, &seen, Some(&step)))
    }
}

impl Diagnosis {
    /// All of it as JSON. A number that is not finite is `null` there.
    ///
    /// # Errors
    /// None that is known of.
    pub fn to_json(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(|e| Error::config("diagnosis", e))
    }

    /// The layer of that name or path.
    pub fn layer(&self, name: &str) -> Option<&LayerDiagnosis> {
        self.layers.iter().find(|layer| layer.name == name)
    }

    /// The layer with the largest update for its weights, and how large that is.
    pub fn largest_update(&self) -> Option<(&LayerDiagnosis, f64)> {
        let updates = self.layers.iter().filter_map(|l| Some((l, l.update_to_weight?)));
        updates.max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

fn check(x: &Inputs) -> Result<()> {
    if x.iter().any(|x| x.ndim() == 0 || x.batch() == 0) {
        return Err(Error::Data("there are no samples: x is empty; check how it was read".into()));
    }
    Ok(())
}

/// What was seen, put together.
fn diagnosis(
    model: &Model,
    x: &Inputs,
    y: Option<&Inputs>,
    plan: &Plan,
    seen: &[Seen],
    step: Option<&Step>,
) -> Diagnosis {
    let each = x.iter().map(|x| Statistics::of(x.as_slice()));
    let input = each.reduce(Statistics::and).unwrap_or_default();
    let layers = layer::layers(model, plan, seen, step);
    let origin = origin::in_data("x", x)
        .or_else(|| origin::in_data("y", y?))
        .or_else(|| origin::in_weights(model))
        .or_else(|| origin::in_outputs(model, &input, &layers))
        .or_else(|| origin::in_step(model, &layers, step?));
    let mut diagnosis = Diagnosis {
        model: model.name(),
        samples: x.iter().next().map_or(0, Tensor::batch),
        loss: step.map(|step| step.loss),
        input,
        layers,
        origin,
        advice: Vec::new(),
    };
    diagnosis.advice = advice::advice(&diagnosis);
    diagnosis
}
