//! Which of an optimizer's variables in a file is which slot of which weight.
//!
//! Keras 3 and the optimizers of TensorFlow 2.11 to 2.15 keep some slots together weight by weight
//! ([`Optimizer::interleaved`](super::Optimizer::interleaved)); those before, and TensorFlow.js,
//! keep one slot after another. Names say which it is; where there are none, the shapes do.

use ceratops_core::{Error, Result, Shape, Tensor};

use super::{Optimizer, Slot, Weight, slot};

/// The slots of Keras 3, and what other versions call them.
const ALIASES: [(&str, &[&str]); 7] = [
    ("momentum", &["m", "moment"]),
    ("velocity", &["v", "rms", "accumulator"]),
    ("velocity_hat", &["vhat"]),
    ("average_gradient", &["mg"]),
    ("norm", &["u", "v"]),
    ("accumulated_grad", &["accum_grad"]),
    ("accumulated_delta_var", &["accum_var"]),
];

/// What other versions call the numbers that belong to no weight.
const SHARED: [&str; 3] = ["variable", "u_product", "momentum_cache"];

/// A weight that learns.
pub(super) struct Learned {
    /// Its place among all weights of the model.
    pub(super) index: usize,
    /// The names of model, layers and weight, joined by slashes.
    pub(super) path: String,
    pub(super) shape: Vec<usize>,
}

impl Learned {
    pub(super) fn weight(&self) -> Weight<'_> {
        Weight { path: &self.path, shape: &self.shape }
    }
}

/// The slots that an optimizer has for some weights.
pub(super) struct Slots<'a> {
    weights: &'a [Learned],
    /// Those of each weight.
    slots: Vec<Vec<Slot>>,
    /// How many of each weight's stand for themselves, before those that are kept together.
    of_base: usize,
    /// How many are kept together, weight by weight.
    interleaved: usize,
    /// How many numbers belong to no weight.
    shared: usize,
}

/// The slots of each weight, and the numbers that belong to none, where a file has them.
pub(super) type Arranged = (Vec<Vec<Tensor>>, Option<Vec<f32>>);

impl<'a> Slots<'a> {
    pub(super) fn new(optimizer: &dyn Optimizer, weights: &'a [Learned]) -> Self {
        let all = weights.iter().map(|weight| slot::all_slots(optimizer, &weight.weight()));
        Self {
            weights,
            slots: all.collect(),
            of_base: slot::of_base(optimizer),
            interleaved: optimizer.interleaved(),
            shared: optimizer.shared().len(),
        }
    }

    /// The weight and the slot of each variable, in Keras 3's order.
    pub(super) fn order(&self) -> Vec<(usize, usize)> {
        let together = self.of_base..self.of_base + self.interleaved;
        self.order_by(|s| if together.contains(&s) { together.start } else { s })
    }

    /// The same in the older order, one slot after another.
    fn order_by_slot(&self) -> Vec<(usize, usize)> {
        self.order_by(|s| s)
    }

    /// All slots of the first group weight by weight, then those of the next.
    fn order_by(&self, group: impl Fn(usize) -> usize) -> Vec<(usize, usize)> {
        let slots = self.slots.iter().enumerate();
        let mut order: Vec<_> =
            slots.flat_map(|(w, slots)| (0..slots.len()).map(move |s| (w, s))).collect();
        order.sort_by_key(|&(_, s)| group(s));
        order
    }

    /// The name of a variable in Keras 3: the weight's and the slot's.
    pub(super) fn name(&self, (w, s): (usize, usize)) -> String {
        let (path, slot) = (&self.weights[w].path, &self.slots[w][s]);
        match slot.shape {
            Some(_) => path.rsplit('/').next().unwrap_or(path).to_owned(),
            None => format!("{}_{}", path.replace('/', "_"), slot.name),
        }
    }

    /// The slots of each weight, from the variables of a file.
    pub(super) fn arrange(&self, mut variables: Vec<(String, Tensor)>) -> Result<Arranged> {
        let shared = self.take_shared(&mut variables);
        self.drop_unused(&mut variables);
        let kinds: Option<Vec<_>> = variables.iter().map(|(name, _)| self.kind(name)).collect();
        if let Some(kinds) = kinds {
            return Ok((self.place_by_kind(variables, &kinds)?, shared));
        }
        // Keras 2.1 and 2.2 had no names either, and the older order.
        let old = variables.iter().any(|(name, _)| name.contains("/Variable"));
        let (new, by_slot) = (self.order(), self.order_by_slot());
        let mut orders = if old { [by_slot, new] } else { [new, by_slot] };
        if variables.len() < self.len() {
            orders.iter_mut().for_each(|order| order.retain(|&at| self.is_in_keras_2(at)));
        }
        if variables.len() != orders[0].len() {
            return Err(self.other_count(variables.len()));
        }
        let tensors: Vec<Tensor> = variables.into_iter().map(|(_, tensor)| tensor).collect();
        let fits = |order: &&Vec<(usize, usize)>| {
            order.iter().zip(&tensors).all(|(&at, tensor)| tensor.shape() == self.shape(at))
        };
        let order = orders.iter().find(fits).unwrap_or(&orders[0]);
        let mut slots = self.fresh();
        order.iter().zip(tensors).try_for_each(|(&at, tensor)| self.put(&mut slots, at, tensor))?;
        Ok((slots, shared))
    }

    /// Whether `found` variables are all but the first, which is a single number.
    pub(super) fn lacks_one(&self, found: usize) -> bool {
        let first_is_number = self.order().first().is_some_and(|&at| self.shape(at).is_empty());
        first_is_number && [0, self.shared].iter().any(|shared| found + 1 == self.len() + shared)
    }

    /// How many variables the weights have.
    fn len(&self) -> usize {
        self.slots.iter().map(Vec::len).sum()
    }

    fn shape(&self, (w, s): (usize, usize)) -> &[usize] {
        let Learned { shape, .. } = &self.weights[w];
        self.slots[w][s].shape.as_deref().unwrap_or(shape)
    }

    /// Keras 3 has a number where Keras 2 has nothing.
    fn is_in_keras_2(&self, (w, s): (usize, usize)) -> bool {
        !self.slots[w][s].shape.as_ref().is_some_and(Vec::is_empty)
    }

    /// The slots before the first update.
    fn fresh(&self) -> Vec<Vec<Tensor>> {
        let each = self.weights.iter().zip(&self.slots);
        each.map(|(w, slots)| slots.iter().map(|slot| slot.tensor(&w.weight())).collect()).collect()
    }

    /// Takes the numbers that belong to no weight out of the variables: those called so, else what
    /// stands at the end of them. Some versions keep none.
    fn take_shared(&self, variables: &mut Vec<(String, Tensor)>) -> Option<Vec<f32>> {
        if self.shared == 0 {
            return None;
        }
        let is_shared = |(name, tensor): &(String, Tensor)| {
            let last = name.split(':').next().and_then(|name| name.split('/').next_back());
            let bare =
                last.map(|last| last.trim_end_matches(|c: char| c == '_' || c.is_ascii_digit()));
            tensor.ndim() == 0 && bare.is_some_and(|bare| SHARED.contains(&bare))
        };
        let mut taken: Vec<_> = variables.extract_if(.., |variable| is_shared(variable)).collect();
        let surplus = variables.len().checked_sub(self.len());
        if taken.is_empty() && surplus == Some(self.shared) {
            taken = variables.split_off(self.len());
        }
        let numbers: Vec<f32> =
            taken.iter().filter_map(|(_, tensor)| tensor.as_slice().first().copied()).collect();
        (numbers.len() == self.shared).then_some(numbers)
    }

    /// Drops what some versions write and never read: a number in place of each `velocity_hat`
    /// where there is none, and the momentum of an SGD without momentum.
    fn drop_unused(&self, variables: &mut Vec<(String, Tensor)>) {
        let (n, len) = (self.weights.len(), self.len());
        let Some(surplus) = variables.get(len..).filter(|surplus| surplus.len() == n) else {
            return;
        };
        let unused = |((_, tensor), weight): (&(String, Tensor), &Learned)| {
            if len == 0 { tensor.shape() == weight.shape } else { tensor.shape() == [1] }
        };
        let of_momentum = |name: &str| self.kind(name).is_none_or(|kind| kind == "momentum");
        if surplus.iter().zip(self.weights).all(unused)
            && (len > 0 || surplus.iter().all(|(name, _)| of_momentum(name)))
        {
            variables.truncate(len);
        }
    }

    /// Gives each weight its tensors, which stand in the order of the weights for each slot.
    fn place_by_kind(
        &self,
        variables: Vec<(String, Tensor)>,
        kinds: &[&'static str],
    ) -> Result<Vec<Vec<Tensor>>> {
        let names = self.names();
        // TensorFlow.js' RMSProp writes momentum whether it is used or not.
        let strange = |kind: &&&str| !names.contains(kind) && **kind != "momentum";
        if let Some(kind) = kinds.iter().find(strange) {
            let expected = self.expected();
            return Err(Error::argument("optimizer variables", expected, kind).with_help(HELP));
        }
        let mut slots = self.fresh();
        for name in names {
            let found = kinds.iter().zip(&variables).filter(|(kind, _)| **kind == name);
            let mut places: Vec<_> = self.order_by_slot();
            places.retain(|&(w, s)| self.slots[w][s].name == name);
            let count = found.clone().count();
            if count < places.len() {
                places.retain(|&at| self.is_in_keras_2(at));
            }
            if count != places.len() {
                return Err(self.other_count(variables.len()));
            }
            let pairs = places.into_iter().zip(found);
            for (at, (_, (_, tensor))) in pairs {
                self.put(&mut slots, at, tensor.clone())?;
            }
        }
        Ok(slots)
    }

    /// Puts a tensor into its place, if it has the shape.
    fn put(&self, slots: &mut [Vec<Tensor>], (w, s): (usize, usize), tensor: Tensor) -> Result<()> {
        let expected = self.shape((w, s));
        if tensor.shape() != expected {
            let (path, name) = (&self.weights[w].path, self.slots[w][s].name);
            let what = format!("optimizer variable \"{name}\" of weight \"{path}\"");
            return Err(Error::shape(what, Shape::of(expected), tensor.shape(), HELP));
        }
        slots[w][s] = tensor;
        Ok(())
    }

    /// The names of all slots, each once.
    fn names(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for slot in self.slots.iter().flatten() {
            if !names.contains(&slot.name) {
                names.push(slot.name);
            }
        }
        names
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
            let known = self.names().into_iter().chain(ALIASES.iter().map(|(slot, _)| *slot));
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
        let own = self.names();
        let called = |slot: &str, other: &[&str]| slot == name || other.contains(&name);
        let aliases = || ALIASES.iter().filter(|(slot, other)| called(slot, other));
        let known = own.iter().copied().find(|slot| *slot == name);
        let alias = || aliases().map(|(slot, _)| *slot).find(|slot| own.contains(slot));
        known.or_else(alias).or_else(|| aliases().map(|(slot, _)| *slot).next())
    }

    fn other_count(&self, found: usize) -> Error {
        Error::argument("optimizer variables", self.expected(), found).with_help(HELP)
    }

    /// What the optimizer has, in words.
    fn expected(&self) -> String {
        if self.len() == 0 {
            return "none, since the optimizer remembers nothing".to_owned();
        }
        let (slots, weights) = (self.names().join(", "), self.weights.len());
        format!("{} ({slots} of the {weights} weights that learn)", self.len())
    }
}

const HELP: &str = "they must come from the same optimizer on the same model, with the same layers \
                    frozen";
