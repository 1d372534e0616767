//! What an optimizer remembers as plain data, as model files keep it.

use std::collections::HashSet;

use ceratops_core::Tensor;
use ceratops_core::{Param, Result};
use ceratops_layers::Model;

use super::{
    Optimizer, OptimizerState,
    slots::{Learned, Slots},
    within,
};
use crate::{CompiledModel, schedules::LearningRate};

/// What an optimizer remembers as plain data: Keras' `optimizer.variables`.
///
/// Source: Keras, `keras.optimizers.Optimizer.variables`; `optimizer/vars` of `.weights.h5` and
/// `.keras`, `optimizer_weights` of legacy `.h5`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OptimizerVariables {
    /// How many batches there have been: Keras' first variable.
    pub iterations: u64,
    /// The learning rate: Keras 3's second variable, unless it follows a schedule. Other versions
    /// keep it in the config only.
    pub learning_rate: Option<f32>,
    /// The tensors remembered for the weights that learn, each with its name, such as
    /// `adam/sequential_dense_kernel_momentum`; then those of no weight (`nadam/variable`).
    pub slots: Vec<(String, Tensor)>,
}

impl OptimizerVariables {
    /// The variables as they stand in a file, with their names (which may be empty, or numbers): a
    /// scalar that counts the updates, in Keras 3 another that is the learning rate, then the
    /// slots. RMSprop of Keras up to 2.2 has slots only.
    ///
    /// ```
    /// use ceratops_core::Tensor;
    /// use ceratops_train::optimizers::OptimizerVariables;
    ///
    /// let list = [("0", Tensor::scalar(7.0)), ("1", Tensor::scalar(0.01)), ("2", Tensor::zeros(&[3]))];
    /// let list = list.map(|(name, tensor)| (name.to_owned(), tensor));
    /// let variables = OptimizerVariables::from_list(list.into());
    /// assert_eq!((variables.iterations, variables.learning_rate), (7, Some(0.01)));
    /// assert_eq!(variables.slots.len(), 1);
    /// ```
    pub fn from_list(mut list: Vec<(String, Tensor)>) -> Self {
        let scalar = |variable: Option<&(String, Tensor)>| match variable {
            Some((_, tensor)) if tensor.ndim() == 0 => tensor.as_slice().first().copied(),
            _ => None,
        };
        let iterations = scalar(list.first());
        let rate = list.get(1).filter(|(name, _)| {
            name.chars().all(|c| c.is_ascii_digit()) || name.ends_with("learning_rate")
        });
        let learning_rate = iterations.and_then(|_| scalar(rate));
        let taken = usize::from(iterations.is_some()) + usize::from(learning_rate.is_some());
        let slots = list.split_off(taken);
        // What is no count of updates (negative, NaN) becomes 0.
        Self { iterations: iterations.unwrap_or(0.0) as u64, learning_rate, slots }
    }
}

impl CompiledModel {
    /// What the optimizer remembers, in the order of Keras 3's `optimizer.variables` and under its
    /// names. Only weights that learn have slots: not those of frozen layers, nor moving statistics.
    /// Before the first update (or [`CompiledModel::build_optimizer`]) there are none.
    pub fn optimizer_variables(&self) -> OptimizerVariables {
        let iterations = self.state.iterations();
        let learning_rate = match self.optimizer.base().learning_rate {
            LearningRate::Constant(rate) => Some(rate as f32),
            LearningRate::Schedule(_) => None,
        };
        if !self.state.is_built() {
            return OptimizerVariables { iterations, learning_rate, slots: Vec::new() };
        }
        // A layer may have been thawed since the last update.
        let mut state = self.state.clone();
        state.set_paths(paths(&self.model));
        state.build(&*self.optimizer, self.model.params().into_iter());
        let weights = weights_that_learn(&self.model);
        let slots = Slots::new(&*self.optimizer, &weights);
        let name = self.optimizer.name();
        let variable = |at: (usize, usize)| {
            let tensor = state.slots(weights[at.0].index).get(at.1)?.clone();
            Some((format!("{name}/{}", slots.name(at)), tensor))
        };
        let shared = self.optimizer.shared().into_iter().zip(state.shared());
        let shared = shared.map(|((own, _), x)| (format!("{name}/{own}"), Tensor::scalar(*x)));
        let slots = slots.order().into_iter().filter_map(variable).chain(shared).collect();
        OptimizerVariables { iterations, learning_rate, slots }
    }

    /// Lets the optimizer go on from there: the updates are counted from `iterations`, the learning
    /// rate becomes that of `variables` if they have one, and the slots are those of the weights
    /// that learn.
    ///
    /// The slots are understood in the orders of Keras 3, of TensorFlow 2.11 to 2.15, of Keras and
    /// TensorFlow before them, and of TensorFlow.js: by their names where these say it, else by
    /// their shapes. The model must be built.
    ///
    /// # Errors
    /// Where their number or a shape is not what the optimizer needs for this model, and where they
    /// have a learning rate and the optimizer follows a schedule; nothing is changed then.
    pub fn set_optimizer_variables(&mut self, variables: OptimizerVariables) -> Result<()> {
        let OptimizerVariables { iterations, mut learning_rate, mut slots } = variables;
        // With numbers for names, the slot of a weight that is a single number looks like a learning rate.
        if let Some(slot) = learning_rate.filter(|_| self.lacks_one(slots.len())) {
            slots.insert(0, (String::new(), Tensor::scalar(slot)));
            learning_rate = None;
        }
        let mut rate = self.optimizer.base().learning_rate.clone();
        if let Some(new) = learning_rate {
            within("learning_rate", new.into(), 0.0..=f64::MAX)?;
            // The same number in f32 may have more digits in the config.
            if !matches!(rate, LearningRate::Constant(old) if old as f32 == new) {
                rate.set(f64::from(new))?;
            }
        }
        // An optimizer that has not begun has no slots in Keras' files.
        self.state = if iterations == 0 && slots.is_empty() {
            OptimizerState::default()
        } else {
            self.state_of(iterations, slots)?
        };
        self.optimizer.base_mut().learning_rate = rate;
        Ok(())
    }

    /// Whether there is one slot less than the weights need, of which the first is a single number.
    fn lacks_one(&self, slots: usize) -> bool {
        let weights = weights_that_learn(&self.model);
        Slots::new(&*self.optimizer, &weights).lacks_one(slots)
    }

    /// The state that the slots of a file speak of.
    fn state_of(&self, iterations: u64, slots: Vec<(String, Tensor)>) -> Result<OptimizerState> {
        let optimizer = &*self.optimizer;
        let weights = weights_that_learn(&self.model);
        let (arranged, shared) = Slots::new(optimizer, &weights).arrange(slots)?;
        let mut all = vec![Vec::new(); self.model.params().len()];
        for (weight, slots) in weights.iter().zip(arranged) {
            all[weight.index] = slots;
        }
        let updates = iterations / optimizer.base().batches();
        let shared = shared.unwrap_or_else(|| advanced(optimizer, updates));
        Ok(OptimizerState::restored(iterations, all, shared))
    }
}

/// The numbers that belong to no weight after so many updates, as they are without a file's.
fn advanced(optimizer: &dyn Optimizer, updates: u64) -> Vec<f32> {
    /// After so many they do not change any more.
    const ENOUGH: u64 = 1 << 16;
    let mut shared: Vec<f32> = optimizer.shared().iter().map(|(_, first)| *first).collect();
    if !shared.is_empty() {
        (1..=updates.min(ENOUGH)).for_each(|update| optimizer.advance(update, &mut shared));
    }
    shared
}

/// The weights that the optimizer updates, in order: Keras' `model.trainable_variables`.
fn weights_that_learn(model: &Model) -> Vec<Learned> {
    let params = model.params().into_iter().zip(paths(model)).enumerate();
    let learn = params.filter(|(_, (param, _))| param.learns());
    let weight = |(index, (param, path)): (usize, (&Param, String))| Learned {
        index,
        path,
        shape: param.value().shape().to_vec(),
    };
    learn.map(weight).collect()
}

/// The path of each weight of the model.
pub fn paths(model: &Model) -> Vec<String> {
    let mut paths = Vec::new();
    add_paths(model, &model.name(), &mut paths);
    paths
}

/// The path of each weight, as Keras 3 writes it: `sequential/dense/kernel`.
fn add_paths(model: &Model, prefix: &str, paths: &mut Vec<String>) {
    for node in model.layers() {
        let prefix = format!("{prefix}/{}", node.name());
        if let Some(inner) = node.as_model() {
            add_paths(inner, &prefix, paths);
        } else {
            let mut taken = HashSet::new();
            for param in node.params() {
                let path = format!("{prefix}/{}", param.name());
                // A layer within a layer may name its weights alike.
                let numbered = (1..).map(|i| format!("{path}_{i}"));
                let mut free = std::iter::once(path.clone()).chain(numbered);
                paths.extend(free.find(|path| taken.insert(path.clone())));
            }
        }
    }
}
