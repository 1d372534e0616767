//! What an optimizer remembers, and how one update of a whole model goes.

use ceratops_core::{Error, Param, Result, Shape, Tensor};

use super::{
    Optimizer, Slot, Step, Weight,
    base::shrink_weight,
    elementwise::update_each,
    slot::{all_slots, of_base},
};

/// What an optimizer remembers between updates.
#[derive(Debug, Clone, Default)]
pub struct OptimizerState {
    built: bool,
    iterations: u64,
    /// The path of each weight of the model, where the model has told them.
    paths: Vec<String>,
    /// For each weight of the model its running mean and its accumulated gradient, where the base
    /// asks for them, then the tensors of [`Optimizer::slots`].
    slots: Vec<Vec<Tensor>>,
    /// The numbers of [`Optimizer::shared`].
    shared: Vec<f32>,
}

impl OptimizerState {
    /// What was remembered after so many batches: for each weight of the model its slots.
    pub(crate) fn restored(iterations: u64, slots: Vec<Vec<Tensor>>, shared: Vec<f32>) -> Self {
        Self { built: true, iterations, slots, shared, ..Self::default() }
    }

    /// How many batches there have been: updates, unless the gradients of several are accumulated.
    pub fn iterations(&self) -> u64 {
        self.iterations
    }

    /// Whether it remembers anything yet.
    pub fn is_built(&self) -> bool {
        self.built
    }

    /// How many numbers it remembers of all weights together.
    pub fn len(&self) -> usize {
        self.slots.iter().flatten().map(Tensor::len).sum::<usize>() + self.shared.len()
    }

    /// Whether it remembers no numbers.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Names the weights: `sequential/dense/kernel`. Unnamed ones have the name that their layer
    /// gives them, `kernel`. Optimizers may treat weights differently by their path.
    pub fn set_paths(&mut self, paths: Vec<String>) {
        self.paths = paths;
    }

    /// Makes room for what `optimizer` remembers of the weights that learn: what the first update
    /// does otherwise.
    pub fn build<'a>(
        &mut self,
        optimizer: &dyn Optimizer,
        params: impl ExactSizeIterator<Item = &'a Param>,
    ) {
        self.built = true;
        let first = optimizer.shared();
        if self.shared.len() != first.len() {
            self.shared = first.iter().map(|(_, value)| *value).collect();
        }
        self.slots.resize_with(params.len(), Vec::new);
        let averages = optimizer.base().use_ema && self.iterations > 0;
        let Self { slots, paths, .. } = self;
        for (i, (slots, param)) in slots.iter_mut().zip(params).enumerate() {
            if param.learns() {
                let (weight, is_new) = (weight(paths, i, param), slots.is_empty());
                fit_slots(slots, &all_slots(optimizer, &weight), &weight);
                // The running mean of a weight that is thawed later begins with the weight.
                if let Some(mean) = slots.first_mut().filter(|_| is_new && averages) {
                    *mean = param.value().clone();
                }
            }
        }
    }

    /// The tensors remembered for weight `index` of the model: its running mean (`use_ema`), its
    /// accumulated gradient (`gradient_accumulation_steps`), then those of [`Optimizer::slots`];
    /// none before the first update, and none for a frozen weight.
    pub fn slots(&self, index: usize) -> &[Tensor] {
        self.slots.get(index).map_or(&[], Vec::as_slice)
    }

    /// The numbers that belong to no weight, in the order of [`Optimizer::shared`].
    pub fn shared(&self) -> &[f32] {
        &self.shared
    }

    /// One update of all weights that learn, in Keras' order: the gradients are clipped, the
    /// weights decay, follow their gradients, and are brought back under their constraints.
    /// Where gradients are accumulated, all but every n-th call only add to them.
    ///
    /// Weights change where they are, and gradients are clipped where they are: nothing is copied,
    /// but for a weight that somebody else holds too, or that has a constraint.
    ///
    /// # Errors
    /// Where there is not one gradient of its shape for each weight; nothing is changed then. Where
    /// a constraint makes a tensor of another shape; its weight stays without it.
    pub fn apply(
        &mut self,
        optimizer: &dyn Optimizer,
        params: &mut [&mut Param],
        gradients: &mut [Option<Tensor>],
    ) -> Result<()> {
        check(params, gradients)?;
        self.build(optimizer, params.iter().map(|param| &**param));
        if self.accumulate(optimizer, params, gradients) {
            self.update(optimizer, params, gradients);
        }
        if optimizer.base().use_ema {
            self.average(optimizer, params);
        }
        self.iterations = self.iterations.saturating_add(1);
        for (param, _) in
            params.iter_mut().zip(gradients).filter(|(p, dw)| p.learns() && dw.is_some())
        {
            if let Some(constraint) = param.constraint() {
                let w = constraint.apply(param.value().clone());
                let help = "a constraint must keep the shape";
                param.set_value(w).map_err(|e| e.with_help(help))?;
            }
        }
        Ok(())
    }

    /// Adds the gradients up, if they are to be; with the last of them they become the mean of all.
    /// Says whether the weights are to follow.
    fn accumulate(
        &mut self,
        optimizer: &dyn Optimizer,
        params: &[&mut Param],
        gradients: &mut [Option<Tensor>],
    ) -> bool {
        let batches = optimizer.base().batches();
        if batches == 1 {
            return true;
        }
        let due = self.iterations.saturating_add(1).is_multiple_of(batches);
        let at = of_base(optimizer) - 1;
        let learning = params.iter().zip(gradients).zip(&mut self.slots);
        for ((_, dw), slots) in learning.filter(|((param, _), _)| param.learns()) {
            let (Some(dw), Some(sum)) = (dw, slots.get_mut(at)) else { continue };
            if due {
                let n = batches as f32;
                update_each(dw.as_mut_slice(), sum.as_slice(), [], move |g, s, []| {
                    ((g + s) / n, [])
                });
                sum.as_mut_slice().fill(0.0);
            } else {
                update_each(sum.as_mut_slice(), dw.as_slice(), [], |s, g, []| (s + g, []));
            }
        }
        due
    }

    /// Moves the weights along their gradients.
    fn update(
        &mut self,
        optimizer: &dyn Optimizer,
        params: &mut [&mut Param],
        gradients: &mut [Option<Tensor>],
    ) {
        let base = optimizer.base();
        base.clip(gradients);
        let iteration = self.updates(optimizer).saturating_add(1);
        optimizer.advance(iteration, &mut self.shared);
        let Self { slots, paths, shared, iterations, .. } = self;
        let learning_rate = base.learning_rate.at(*iterations) as f32;
        let (step, skip) = (Step { learning_rate, iteration, shared }, of_base(optimizer));
        for (i, ((param, dw), slots)) in params.iter_mut().zip(gradients).zip(slots).enumerate() {
            let Some(dw) = dw.as_ref().filter(|_| param.learns()) else { continue };
            if let Some(decay) = optimizer.decay_of(&weight(paths, i, param)) {
                shrink_weight(param.value_mut(), decay, learning_rate);
            }
            let slots = slots.get_mut(skip..).unwrap_or_default();
            optimizer.update(step, param.value_mut(), dw.as_slice(), slots);
        }
    }

    /// Lets the running means follow the weights, and puts them into their places where it is time.
    fn average(&mut self, optimizer: &dyn Optimizer, params: &mut [&mut Param]) {
        let base = optimizer.base();
        let updates = self.updates(optimizer);
        let keep = if updates == 0 { 0.0 } else { base.ema_momentum as f32 };
        let frequency = base.ema_overwrite_frequency.filter(|n| *n > 0);
        let overwrites = frequency.is_some_and(|n| updates.saturating_add(1).is_multiple_of(n));
        for (param, slots) in params.iter_mut().zip(&mut self.slots).filter(|(p, _)| p.learns()) {
            let Some(mean) = slots.first_mut() else { continue };
            let w = param.value().as_slice();
            update_each(mean.as_mut_slice(), w, [], move |m, w, []| {
                (keep * m + (1.0 - keep) * w, [])
            });
        }
        if overwrites {
            self.overwrite(params);
        }
    }

    /// Puts the running means into the weights' places.
    fn overwrite(&self, params: &mut [&mut Param]) {
        for (param, slots) in params.iter_mut().zip(&self.slots).filter(|(p, _)| p.learns()) {
            if let Some(mean) = slots.first().filter(|mean| mean.shape() == param.value().shape()) {
                param.value_mut().copy_from_slice(mean.as_slice());
            }
        }
    }

    /// Ends a training: with `use_ema` the weights become their running means. Keras'
    /// `finalize_variable_values`.
    pub fn finalize(&self, optimizer: &dyn Optimizer, params: &mut [&mut Param]) {
        if optimizer.base().use_ema && self.iterations > 0 {
            self.overwrite(params);
        }
    }

    /// How many updates there have been.
    fn updates(&self, optimizer: &dyn Optimizer) -> u64 {
        self.iterations / optimizer.base().batches()
    }
}

fn weight<'a>(paths: &'a [String], index: usize, param: &'a Param) -> Weight<'a> {
    let path = paths.get(index).map_or(param.name(), String::as_str);
    Weight { path, shape: param.value().shape() }
}

/// Refuses gradients that are not those of the weights.
fn check(params: &[&mut Param], gradients: &[Option<Tensor>]) -> Result<()> {
    if params.len() != gradients.len() {
        let expected = format!("{} gradients, one for each weight", params.len());
        return Err(Error::argument("gradients", expected, gradients.len()));
    }
    for (param, dw) in params.iter().zip(gradients) {
        let shape = param.value().shape();
        if let Some(dw) = dw.as_ref().filter(|dw| dw.shape() != shape) {
            let what = format!("gradient of weight \"{}\"", param.name());
            return Err(Error::shape(what, Shape::of(shape), dw.shape(), ""));
        }
    }
    Ok(())
}

/// Sees to it that the slots are those that are wanted; those that are not begin anew.
fn fit_slots(slots: &mut Vec<Tensor>, wanted: &[Slot], weight: &Weight<'_>) {
    slots.truncate(wanted.len());
    for (slot, wanted) in slots.iter_mut().zip(wanted) {
        if slot.shape() != wanted.shape(weight) {
            *slot = wanted.tensor(weight);
        }
    }
    slots.extend(wanted[slots.len()..].iter().map(|slot| slot.tensor(weight)));
}
