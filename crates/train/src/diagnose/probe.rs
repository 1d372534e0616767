//! Looking at a batch on its way through a model: what is counted in every layer.

use ceratops_activations::Activation;
use ceratops_core::{Closing, Inside, Tensor};
use ceratops_layers::{LeafCall, Model, Watch};

use super::{attention::Entropies, nature::Nature, statistics::Statistics};

/// What is counted in each layer.
#[derive(Debug)]
pub(super) struct Plan {
    layers: Vec<Look>,
    /// For each layer the activation that it leaves out, since a loss works on logits.
    closings: Vec<Option<Activation>>,
}

/// How one layer is looked at.
#[derive(Debug, Clone, Copy)]
struct Look {
    nature: Nature,
    /// Whether the units of an image stand on axis 1, and not on the last.
    channels_first: bool,
}

impl Plan {
    /// For `model`, whose outputs leave out what `closing` says of each.
    pub(super) fn new(model: &Model, closing: impl Fn(usize) -> Option<Closing>) -> Self {
        let mut channels_first = false;
        let look = |call: &LeafCall<'_>| {
            // An activation behind a convolution stands as that does.
            let config = call.node.layer().config().unwrap_or_default();
            if let Some(format) = config["data_format"].as_str() {
                channels_first = format == "channels_first";
            }
            Look { nature: Nature::of(call.node), channels_first }
        };
        let calls = model.leaf_calls();
        let layers = calls.iter().map(look).collect();
        let left_out = |call: &LeafCall<'_>| Activation::get(closing(call.closes?)?.name()).ok();
        Self { layers, closings: calls.iter().map(left_out).collect() }
    }

    /// What the layers of one chunk are looked at with.
    pub(super) fn probe(&self) -> Probe<'_> {
        Probe { plan: self, seen: vec![Seen::default(); self.layers.len()] }
    }

    /// The nature of a layer's activation.
    pub(super) fn nature(&self, layer: usize) -> Nature {
        self.layers.get(layer).map_or(Nature::Other, |look| look.nature)
    }
}

/// What was seen of one layer.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) output: Statistics,
    pub(super) gradient: Option<Statistics>,
    /// For each unit whether it gave anything but 0; empty where none can die.
    alive: Vec<bool>,
    /// How many values are saturated, of how many.
    saturated: Option<(usize, usize)>,
    /// How widely attention looks.
    pub(super) entropies: Option<Entropies>,
}

/// Looks at one chunk of the batch.
#[derive(Debug)]
pub(super) struct Probe<'a> {
    plan: &'a Plan,
    seen: Vec<Seen>,
}

impl Watch for Probe<'_> {
    fn output(&mut self, layer: usize, y: &Tensor) {
        let closed = self.plan.closings.get(layer).and_then(Option::as_ref);
        let closed = closed.and_then(|closing| closing.call(y.clone()).ok());
        let y = closed.as_ref().unwrap_or(y);
        let (Some(look), Some(seen)) = (self.plan.layers.get(layer), self.seen.get_mut(layer))
        else {
            return;
        };
        seen.output = Statistics::of(y.as_slice());
        let width = y.shape().last().copied().unwrap_or(1);
        seen.saturated = both(look.nature.saturated(y.as_slice(), width), seen.saturated, sum);
        if look.nature.dies() {
            seen.alive = alive(y, look.channels_first);
        }
    }

    fn inside(&mut self, layer: usize, what: Inside, values: &Tensor) {
        let (Some(look), Some(seen)) = (self.plan.layers.get(layer), self.seen.get_mut(layer))
        else {
            return;
        };
        match what {
            Inside::Gates => {
                let gates = look.nature.saturated_gates(values.as_slice());
                seen.saturated = both(seen.saturated, gates, sum);
            }
            Inside::Scores => {
                let entropies = Some(Entropies::of(values));
                seen.entropies = both(seen.entropies.take(), entropies, Entropies::and);
            }
            _ => {}
        }
    }

    fn gradient(&mut self, layer: usize, dy: &Tensor) {
        if let Some(seen) = self.seen.get_mut(layer) {
            seen.gradient = Some(Statistics::of(dy.as_slice()));
        }
    }
}

/// For each unit of a layer's output (a filter of a convolution is one) whether it gives anything
/// but 0.
fn alive(y: &Tensor, channels_first: bool) -> Vec<bool> {
    // The numbers of a unit stand together in runs of this length.
    let (units, run) = match y.shape() {
        [_, units, rest @ ..] if channels_first && !rest.is_empty() => {
            (*units, rest.iter().product())
        }
        shape => (shape.last().copied().unwrap_or(1), 1),
    };
    let mut alive = vec![false; units];
    for (i, numbers) in y.as_slice().chunks(run.max(1)).enumerate() {
        if let Some(unit) = alive.get_mut(i % units.max(1)) {
            *unit |= numbers.iter().any(|y| *y != 0.0);
        }
    }
    alive
}

impl Seen {
    /// The share of units that gave 0 for every sample.
    pub(super) fn dead(&self) -> Option<f64> {
        let dead = self.alive.iter().filter(|alive| !**alive).count();
        (!self.alive.is_empty()).then(|| dead as f64 / self.alive.len() as f64)
    }

    /// The share of saturated values.
    pub(super) fn saturated(&self) -> Option<f64> {
        self.saturated.map(|(saturated, of)| saturated as f64 / of.max(1) as f64)
    }

    fn and(mut self, other: Self) -> Self {
        self.output = self.output.and(other.output);
        self.gradient = both(self.gradient, other.gradient, Statistics::and);
        self.saturated = both(self.saturated, other.saturated, sum);
        self.entropies = both(self.entropies, other.entropies, Entropies::and);
        self.alive.iter_mut().zip(other.alive).for_each(|(a, b)| *a |= b);
        self
    }
}

/// Both together, or the one that there is.
fn both<T>(a: Option<T>, b: Option<T>, together: impl FnOnce(T, T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(together(a, b)),
        (a, b) => a.or(b),
    }
}

/// Counts, of how many.
fn sum((a, of_a): (usize, usize), (b, of_b): (usize, usize)) -> (usize, usize) {
    (a + b, of_a + of_b)
}

/// What was seen of each layer by all probes together.
pub(super) fn together(probes: Vec<Probe<'_>>) -> Vec<Seen> {
    let seen = probes.into_iter().map(|probe| probe.seen);
    let both = |a: Vec<Seen>, b: Vec<Seen>| a.into_iter().zip(b).map(|(a, b)| a.and(b)).collect();
    seen.reduce(both).unwrap_or_default()
}
