//! The order in which Keras lists the layers of a graph.

use std::cmp::Reverse;

use super::{Listed, Model};

impl Model {
    /// The same model with its layers in the order in which Keras lists them where masks flow by
    /// themselves; `None` if they stand so. In a file where masks are operations they may not: an
    /// operation lengthens the way from a layer to the outputs.
    pub fn in_keras_order(&self) -> Option<Self> {
        if !self.schedule.makes_masks() {
            return None;
        }
        let mut model = self.clone();
        let mut changed = false;
        for node in &mut model.layers {
            if let Some(inner) = node.as_model_mut()
                && let Some(ordered) = inner.in_keras_order()
            {
                (*inner, changed) = (ordered, true);
            }
        }
        let order = if model.sequential { model.listed.clone() } else { model.order() };
        let layers = |listed: &Listed| match *listed {
            Listed::Layer(layer) => Some(layer),
            Listed::Input(_) => None,
        };
        let old: Vec<usize> = order.iter().filter_map(layers).collect();
        if model.sequential || old.iter().enumerate().all(|(new, old)| new == *old) {
            return changed.then_some(model);
        }
        let mut places = vec![0; old.len()];
        old.iter().enumerate().for_each(|(new, &old)| places[old] = new);
        model.layers = old.iter().map(|&old| model.layers[old].clone()).collect();
        model.calls.iter_mut().for_each(|call| call.layer = places[call.layer]);
        let moved = |listed| match listed {
            Listed::Layer(layer) => Listed::Layer(places[layer]),
            input => input,
        };
        model.listed = order.into_iter().map(moved).collect();
        Some(model)
    }

    /// The layers and inputs: the farthest from the outputs first, then as they are met on the way
    /// from the outputs to the inputs. Inputs that nothing needs stand last.
    fn order(&self) -> Vec<Listed> {
        let (calls, met) = self.met();
        let inputs = self.input_count();
        let depths = self.depths(&calls);
        let depth = |listed: &Listed| match *listed {
            Listed::Input(place) => depths[place],
            Listed::Layer(layer) => depths[inputs + layer],
        };
        let unused = (0..inputs).map(Listed::Input).filter(|input| !met.contains(input));
        let mut order: Vec<Listed> = unused.chain(met.iter().copied()).collect();
        order.sort_by_key(|listed| Reverse(depth(listed)));
        order
    }

    /// The calls, each behind those that it reads, and the layers and inputs in the order in which
    /// they are met, depth first. The stack is our own, as models may be deep.
    fn met(&self) -> (Vec<usize>, Vec<Listed>) {
        let (mut order, mut met) = (Vec::new(), Vec::new());
        let mut done = vec![false; self.calls.len()];
        let mut known = vec![false; self.input_count() + self.layers.len()];
        let mut meet = |listed: Listed, place: usize| {
            if !std::mem::replace(&mut known[place], true) {
                met.push(listed);
            }
        };
        for &output in &self.outputs {
            let mut stack = vec![(output, 0)];
            while let Some((value, next)) = stack.pop() {
                let Some(call) = self.made_by(value) else {
                    meet(Listed::Input(value), value);
                    continue;
                };
                if next == 0 && done[call] {
                    continue;
                }
                let layer = self.calls[call].layer;
                meet(Listed::Layer(layer), self.input_count() + layer);
                match self.calls[call].inputs.get(next) {
                    Some(&input) => stack.extend([(value, next + 1), (input, 0)]),
                    None => {
                        done[call] = true;
                        order.push(call);
                    }
                }
            }
        }
        (order, met)
    }

    /// How far each input and each layer is from the outputs: the longest way of any call.
    fn depths(&self, calls: &[usize]) -> Vec<usize> {
        let inputs = self.input_count();
        let mut of_values = vec![0; self.value_count()];
        let mut depths = vec![0; inputs + self.layers.len()];
        for &call in calls.iter().rev() {
            let call = &self.calls[call];
            let own = call.outputs.clone().map(|value| of_values[value]).max().unwrap_or(0);
            let depth = own.max(depths[inputs + call.layer]);
            depths[inputs + call.layer] = depth;
            for &value in &call.inputs {
                of_values[value] = of_values[value].max(depth + 1);
                // All outputs of a call are as far as the farthest.
                if let Some(maker) = self.made_by(value) {
                    let outputs = self.calls[maker].outputs.clone();
                    outputs.for_each(|other| of_values[other] = of_values[other].max(depth + 1));
                }
            }
        }
        depths[..inputs].copy_from_slice(&of_values[..inputs]);
        depths
    }

    /// The call that makes a value; none for an input.
    pub(super) fn made_by(&self, value: usize) -> Option<usize> {
        value.checked_sub(self.input_count())?;
        let place = self.calls.partition_point(|call| call.outputs.end <= value);
        Some(place)
    }
}
