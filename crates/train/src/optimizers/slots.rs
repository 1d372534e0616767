//! Which of an optimizer's variables in a file is which slot of which weight.
//!
//! Keras 3 and the optimizers of TensorFlow 2.11 to 2.15 keep some slots together weight by weight
//! ([`Optimizer::interleaved`](super::Optimizer::interleaved)); those before, and TensorFlow.js,
//! keep one slot after another. Names say which it is; where there are none, the shapes do.

use ceratops_core::{Error, Result, Shape, Tensor};

/// The slots of Keras 3, and what other versions call them.
const ALIASES: [(&str, &[&str]); 4] = [
    ("momentum", &["m", "moment"]),
    ("velocity", &["v", "rms", "accumulator"]),
    ("velocity_hat", &["vhat"]),
    ("average_gradient", &["mg"]),
];

/// A weight that learns.
pub(super) struct Weight {
    /// Its place among all weights of the model.
    pub(super) index: usize,
    /// The names of model, layers and weight, joined by slashes.
    pub(super) path: String,
    pub(super) shape: Vec<usize>,
}

/// The slots that an optimizer has for some weights.
pub(super) struct Slots<'a> {
    pub(super) names: Vec<&'static str>,
    pub(super) interleaved: usize,
    pub(super) weights: &'a [Weight],
}

impl Slots<'_> {
    /// The weight and the slot of each variable, in Keras 3's order.
    pub(super) fn order(&self) -> Vec<(usize, usize)> {
        self.order_of(self.interleaved)
    }

    fn order_of(&self, together: usize) -> Vec<(usize, usize)> {
        let (n, k) = (self.weights.len(), self.names.len());
        let together = together.min(k);
        let by_weight = (0..n).flat_map(|w| (0..together).map(move |s| (w, s)));
        by_weight.chain((together..k).flat_map(|s| (0..n).map(move |w| (w, s)))).collect()
    }

    /// The slots of each weight, from the variables of a file.
    pub(super) fn arrange(&self, mut variables: Vec<(String, Tensor)>) -> Result<Vec<Vec<Tensor>>> {
        self.drop_unused(&mut variables);
        let kinds: Option<Vec<_>> = variables.iter().map(|(name, _)| self.kind(name)).collect();
        let by_slot = self.order_of(1);
        if let Some(kinds) = kinds {
            return self.place(&by_slot, self.slot_after_slot(variables, &kinds)?);
        }
        if variables.len() != self.names.len() * self.weights.len() {
            return Err(self.other_count(variables.len()));
        }
        // Keras 2.1 and 2.2 had no names either, and the older order.
        let old = variables.iter().any(|(name, _)| name.contains("/Variable"));
        let orders = if old { [by_slot, self.order()] } else { [self.order(), by_slot] };
        let tensors: Vec<Tensor> = variables.into_iter().map(|(_, tensor)| tensor).collect();
        let fits = |order: &&Vec<(usize, usize)>| {
            order.iter().zip(&tensors).all(|(&(w, _), t)| t.shape() == self.weights[w].shape)
        };
        let order = orders.iter().find(fits).unwrap_or(&orders[0]);
        self.place(order, tensors)
    }

    /// Drops what some versions write and never read: a number in place of each `velocity_hat`
    /// where there is none, and the momentum of an SGD without momentum.
    fn drop_unused(&self, variables: &mut Vec<(String, Tensor)>) {
        let (n, k) = (self.weights.len(), self.names.len());
        let Some(surplus) = variables.get(n * k..).filter(|surplus| surplus.len() == n) else {
            return;
        };
        let unused = |((_, tensor), weight): (&(String, Tensor), &Weight)| {
            if k == 0 { tensor.shape() == weight.shape } else { tensor.shape() == [1] }
        };
        let of_momentum = |name: &str| self.kind(name).is_none_or(|kind| kind == "momentum");
        if surplus.iter().zip(self.weights).all(unused)
            && (k > 0 || surplus.iter().all(|(name, _)| of_momentum(name)))
        {
            variables.truncate(n * k);
        }
    }

    /// The tensors of the first slot in their order, then those of the second, and so on.
    fn slot_after_slot(
        &self,
        variables: Vec<(String, Tensor)>,
        kinds: &[&'static str],
    ) -> Result<Vec<Tensor>> {
        // TensorFlow.js' RMSProp writes momentum whether it is used or not.
        let strange = |kind: &&&str| !self.names.contains(kind) && **kind != "momentum";
        if let Some(kind) = kinds.iter().find(strange) {
            let expected = self.expected();
            return Err(Error::argument("optimizer variables", expected, kind).with_help(HELP));
        }
        let n = self.weights.len();
        let mut tensors = Vec::with_capacity(n * self.names.len());
        for (s, slot) in (1..).zip(&self.names) {
            let found = kinds.iter().zip(&variables).filter(|(kind, _)| *kind == slot);
            tensors.extend(found.map(|(_, (_, tensor))| tensor.clone()));
            if tensors.len() != n * s {
                return Err(self.other_count(variables.len()));
            }
        }
        Ok(tensors)
    }

    /// Gives each weight its tensors, which stand in that order.
    fn place(&self, order: &[(usize, usize)], tensors: Vec<Tensor>) -> Result<Vec<Vec<Tensor>>> {
        let mut slots = vec![vec![Tensor::scalar(0.0); self.names.len()]; self.weights.len()];
        for (&(w, s), tensor) in order.iter().zip(tensors) {
            let Weight { path, shape, .. } = &self.weights[w];
            if tensor.shape() != shape.as_slice() {
                let what = format!("optimizer variable \"{}\" of weight \"{path}\"", self.names[s]);
                return Err(Error::shape(what, Shape::of(shape), tensor.shape(), HELP));
            }
            slots[w][s] = tensor;
        }
        Ok(slots)
    }

    /// Which slot a variable is by its name, of any version.
    fn kind(&self, name: &str) -> Option<&'static str> {
        let name = name.split(':').next().unwrap_or(name);
        let parts: Vec<&str> = name.split('/').collect();
        let last = *parts.last()?;
        // "Adam/dense/kernel/m" (TensorFlow to 2.10, TensorFlow.js), "training/Adam/m_0" (Keras 2.3)
        let numbered = last.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_');
        let whole = self.slot(last).or_else(|| self.slot(numbered));
        // "adam/sequential_dense_kernel_velocity_hat" (Keras 3)
        let suffix = || {
            let known = self.names.iter().copied().chain(ALIASES.iter().map(|(slot, _)| *slot));
            known
                .filter(|slot| last.strip_suffix(slot).is_some_and(|s| s.ends_with('_')))
                .max_by_key(|slot| slot.len())
        };
        // "Adam/m/dense/kernel" (TensorFlow 2.11 to 2.15)
        let second = || parts.get(1).filter(|_| parts.len() > 2).and_then(|part| self.slot(part));
        whole.or_else(suffix).or_else(second)
    }

    /// The slot of that name or alias; those that this optimizer has come first.
    fn slot(&self, name: &str) -> Option<&'static str> {
        let own = self.names.iter().copied().find(|slot| *slot == name);
        let aliases =
            || ALIASES.iter().filter(|(slot, other)| *slot == name || other.contains(&name));
        own.or_else(|| aliases().map(|(slot, _)| *slot).next())
    }

    fn other_count(&self, found: usize) -> Error {
        Error::argument("optimizer variables", self.expected(), found).with_help(HELP)
    }

    /// What the optimizer has, in words.
    fn expected(&self) -> String {
        if self.names.is_empty() {
            return "none, since the optimizer remembers nothing".to_owned();
        }
        let (slots, weights) = (self.names.join(", "), self.weights.len());
        format!("{} ({slots} of the {weights} weights that learn)", self.names.len() * weights)
    }
}

const HELP: &str = "they must come from the same optimizer on the same model, with the same layers \
                    frozen";
