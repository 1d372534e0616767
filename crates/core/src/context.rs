//! What a layer is told when it runs.

use std::sync::Arc;

use crate::{Arguments, Mask, Purpose, Result, Rng, Tensor};

/// Whether a model learns or answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `fit`: Dropout drops, BatchNormalization uses the statistics of the batch.
    Training,
    /// `predict` and `evaluate`.
    Inference,
}

/// What becomes of a weight that its layer computes itself, such as a moving mean.
#[derive(Debug, Clone)]
pub struct Update {
    /// Which weight, counted over all layers of the model.
    pub index: usize,
    /// Which call of the model's layers said so, and which within that. A layer that is called twice
    /// says it twice, and both hold, one after the other.
    pub call: Vec<usize>,
    /// The new value, or what the weight follows.
    pub value: Tensor,
    /// How much of the old value stays: 0 where the new one takes its place.
    pub momentum: f32,
}

impl Update {
    /// momentum · old + (1 - momentum) · value.
    pub fn of(&self, old: &Tensor) -> Result<Tensor> {
        if self.momentum == 0.0 {
            return Ok(self.value.clone());
        }
        let momentum = self.momentum;
        old.clone().zip_map(&self.value, move |old, new| old * momentum + new * (1.0 - momentum))
    }
}

/// What a layer computes within, for those who look into a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Inside {
    /// The gates of a step of a recurrent layer, behind their activation.
    Gates,
    /// Which query looks at which key, as probabilities: (batch, heads, queries, keys).
    Scores,
}

/// What holds for one run through the layers: the mode, the randomness, what to keep.
#[derive(Debug)]
pub struct Context {
    mode: Mode,
    saving: bool,
    logits: bool,
    seed: u64,
    step: u64,
    chunk: u64,
    draws: u64,
    samples: usize,
    first_row: usize,
    keeps_states: bool,
    loss: f64,
    sums: Option<Arc<[f64]>>,
    first_param: usize,
    call: Vec<usize>,
    penalizes: bool,
    updates: Vec<Update>,
    masks: Vec<Option<Mask>>,
    arguments: Option<Arc<Arguments>>,
    inside: Option<Vec<(Inside, Tensor)>>,
}

impl Context {
    /// A run that only answers: nothing is saved, nothing is random.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed` in ceratops-layers.
    #[inline(never)]
    pub fn inference() -> Self {
        Self {
            mode: Mode::Inference,
            saving: false,
            logits: false,
            seed: 0,
            step: 0,
            chunk: 0,
            draws: 0,
            samples: 1,
            first_row: 0,
            keeps_states: false,
            loss: 0.0,
            sums: None,
            first_param: 0,
            call: Vec::new(),
            penalizes: true,
            updates: Vec::new(),
            masks: Vec::new(),
            arguments: None,
            inside: None,
        }
    }

    /// A run whose gradient will be asked for. `step` and `chunk` tell the runs of one `seed`
    /// apart, so that each chunk of each batch draws its own numbers, on any number of threads.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed` in ceratops-layers.
    #[inline(never)]
    pub fn training(seed: u64, step: u64, chunk: u64) -> Self {
        let mode = Mode::Training;
        Self { mode, saving: true, seed, step, chunk, ..Self::inference() }
    }

    /// A run in inference mode whose gradient will be asked for.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed` in ceratops-layers.
    #[inline(never)]
    pub fn saving() -> Self {
        Self { saving: true, ..Self::inference() }
    }

    /// The same run over all or a part of a batch of so many samples.
    #[must_use]
    pub fn of_batch(self, samples: usize) -> Self {
        Self { samples: samples.max(1), ..self }
    }

    /// The same run over the chunk of that number, which draws numbers of its own.
    #[must_use]
    pub fn of_chunk(self, chunk: u64) -> Self {
        Self { chunk, ..self }
    }

    /// The same run, which is looked into: what [`Context::show`] is given is kept.
    #[must_use]
    pub fn looked_into(self) -> Self {
        Self { inside: Some(Vec::new()), ..self }
    }

    /// Shows what the running layer computes within, if somebody looks.
    pub fn show(&mut self, what: Inside, values: &Tensor) {
        if let Some(inside) = &mut self.inside {
            inside.push((what, values.clone()));
        }
    }

    /// What was shown since this was last asked.
    pub fn take_inside(&mut self) -> Vec<(Inside, Tensor)> {
        self.inside.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The same run over the samples of its batch from `first` on.
    #[must_use]
    pub fn of_rows(self, first: usize) -> Self {
        Self { first_row: first, ..self }
    }

    /// The same run over a batch that the next one follows: stateful layers keep their states for it.
    #[must_use]
    pub fn keeping_states(self) -> Self {
        Self { keeps_states: true, ..self }
    }

    /// Which sample of the batch is the first of those that the layer sees.
    pub fn first_row(&self) -> usize {
        self.first_row
    }

    /// Whether stateful layers keep their states for the next batch; where a model is only looked at, they
    /// stay as they are.
    pub fn keeps_states(&self) -> bool {
        self.keeps_states
    }

    /// How many samples the whole batch has, of which the layer may see only a part.
    pub fn batch(&self) -> usize {
        self.samples
    }

    /// Adds to the loss, as Keras' `layer.add_loss`; the layer's `backward` must then add the
    /// gradient.
    pub fn add_loss(&mut self, loss: f64) {
        self.loss += loss;
    }

    /// What was added to the loss, taken out.
    pub fn take_loss(&mut self) -> f64 {
        std::mem::take(&mut self.loss)
    }

    /// The sums of [`Layer::forward_sums`](crate::Layer::forward_sums) over all chunks of the
    /// batch; `None` if the layer sees the whole batch at once.
    pub fn sums(&self) -> Option<Arc<[f64]>> {
        self.sums.clone()
    }

    /// Says what the chunks of the batch sum up to for the next layer, or no longer.
    pub fn set_sums(&mut self, sums: Option<Arc<[f64]>>) {
        self.sums = sums;
    }

    /// The mode.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Runs what follows in that mode, whatever the run is for. Returns the mode that was.
    pub fn set_mode(&mut self, mode: Mode) -> Mode {
        std::mem::replace(&mut self.mode, mode)
    }

    /// Whether the model learns.
    pub fn is_training(&self) -> bool {
        self.mode == Mode::Training
    }

    /// `what()` if the gradient will be asked for, else nothing: how a layer makes its `Saved`.
    pub fn save<T>(&self, what: impl FnOnce() -> T) -> Option<T> {
        self.saving.then(what)
    }

    /// Whether the layer shall leave out its closing softmax or sigmoid, because the loss works
    /// on logits.
    pub fn wants_logits(&self) -> bool {
        self.logits
    }

    /// Asks the next layer for logits, or no longer.
    pub fn set_wants_logits(&mut self, logits: bool) {
        self.logits = logits;
    }

    /// A generator of its own for the asking layer.
    pub fn rng(&mut self) -> Rng {
        self.draws += 1;
        let Self { step, chunk, draws: draw, .. } = *self;
        Purpose::Layer { step, chunk, draw }.rng(self.seed)
    }

    /// Sets weight `index` of the running layer to `value` after this step, before the optimizer updates it. Where several chunks
    /// of a batch do, the last one's value stays.
    pub fn assign(&mut self, index: usize, value: Tensor) {
        self.follow(index, value, 0.0);
    }

    /// What weight `index` of the running layer was set to in an earlier call of this step, if it was.
    pub fn assigned(&self, index: usize) -> Option<&Tensor> {
        let index = self.first_param.saturating_add(index);
        let of_it = |update: &&Update| update.index == index && update.momentum == 0.0;
        self.updates.iter().rev().find(of_it).map(|update| &update.value)
    }

    /// Lets weight `index` of the running layer follow `value` after this step:
    /// momentum · weight + (1 - momentum) · value. Where several chunks of a batch do, the last one's
    /// value counts; where the layer is called twice, it follows both.
    pub fn follow(&mut self, index: usize, value: Tensor, momentum: f32) {
        let (index, call) = (self.first_param.saturating_add(index), self.call.clone());
        self.updates.push(Update { index, call, value, momentum });
    }

    /// Which steps of the input count; `None` where all do.
    pub fn mask(&self) -> Option<&Mask> {
        self.masks.first().and_then(Option::as_ref)
    }

    /// The masks of the inputs, where the layer has several; of those behind the end there is none.
    pub fn masks(&self) -> &[Option<Mask>] {
        &self.masks
    }

    /// Says which steps of the next layer's inputs count.
    pub fn set_masks(&mut self, masks: Vec<Option<Mask>>) {
        self.masks = masks;
    }

    /// Says that call `index` of a layer follows, counted over the model or the layer that makes it.
    pub fn enter_call(&mut self, index: usize) {
        self.call.push(index);
    }

    /// Says that the call is over.
    pub fn leave_call(&mut self) {
        self.call.pop();
    }

    /// Whether a penalty on the running layer's output counts: not on that of a layer which another one
    /// calls for each step.
    pub fn penalizes(&self) -> bool {
        self.penalizes
    }

    /// Says whether the penalty on the next layer's output counts. Returns what was said before.
    pub fn set_penalizes(&mut self, penalizes: bool) -> bool {
        std::mem::replace(&mut self.penalizes, penalizes)
    }

    /// What the layer is called with besides its inputs.
    pub fn arguments(&self) -> &Arguments {
        self.arguments.as_deref().unwrap_or(const { &Arguments::NONE })
    }

    /// Says what the next layer is called with besides its inputs.
    pub fn set_arguments(&mut self, arguments: Option<Arc<Arguments>>) {
        self.arguments = arguments;
    }

    /// Where the weights of the running layer begin; containers set it as they go.
    pub fn first_param(&self) -> usize {
        self.first_param
    }

    /// Says where the weights of the next layer begin.
    pub fn set_first_param(&mut self, index: usize) {
        self.first_param = index;
    }

    /// The values assigned so far.
    pub fn updates(&self) -> &[Update] {
        &self.updates
    }

    /// The values assigned so far, taken out.
    pub fn take_updates(&mut self) -> Vec<Update> {
        std::mem::take(&mut self.updates)
    }
}
