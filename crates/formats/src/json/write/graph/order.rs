//! The order in which TensorFlow.js makes the calls of a functional model that it reads.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

/// A call by the place of its layer, and by its place among the layer's calls.
type Place = (usize, usize);

/// Brings the calls of each layer into the order in which TensorFlow.js makes them, and numbers them so;
/// `models` are the layers whose calls count from 1.
///
/// It goes through the layers again and again, and makes of each the calls whose inputs are there by
/// then. Keras lets a call wait for those that stand before it; there it is overtaken, gets a number
/// that means another call, and the model computes something else, without a word.
pub(super) fn as_made(layers: &mut [Value], outputs: &mut Value, models: &HashSet<String>) {
    let Some(calls) = Calls::of(layers, models) else { return };
    let made = calls.made();
    let mut numbers: HashMap<String, Vec<usize>> = HashMap::new();
    for (layer, order) in layers.iter_mut().zip(&made) {
        if order.is_sorted() {
            continue;
        }
        let (Some(name), Some(nodes)) = (name(layer), layer["inbound_nodes"].as_array_mut()) else {
            continue;
        };
        *nodes = order.iter().map(|&call| nodes[call].take()).collect();
        let mut own = vec![0; order.len()];
        order.iter().enumerate().for_each(|(number, &call)| own[call] = number);
        numbers.insert(name, own);
    }
    if numbers.is_empty() {
        return;
    }
    let nodes = layers.iter_mut().map(|layer| &mut layer["inbound_nodes"]);
    for link in nodes.chain([outputs]) {
        renumber(link, &numbers, models);
    }
}

fn name(layer: &Value) -> Option<String> {
    layer["name"].as_str().map(str::to_owned)
}

/// Gives the calls that links name their new numbers.
fn renumber(links: &mut Value, numbers: &HashMap<String, Vec<usize>>, models: &HashSet<String>) {
    let Some(items) = links.as_array_mut() else { return };
    let Some(name) = items.first().and_then(Value::as_str) else {
        items.iter_mut().for_each(|item| renumber(item, numbers, models));
        return;
    };
    let first = usize::from(models.contains(name));
    let old = number(&items[1]).and_then(|number| number.checked_sub(first));
    let new = numbers.get(name).and_then(|numbers| numbers.get(old?));
    if let Some(&new) = new {
        items[1] = (new + first).into();
    }
}

fn number(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|number| number.try_into().ok())
}

/// For each layer its calls, and for each call those that it reads.
struct Calls(Vec<Vec<Vec<Place>>>);

impl Calls {
    fn of(layers: &[Value], models: &HashSet<String>) -> Option<Self> {
        let places: HashMap<&str, usize> =
            layers.iter().enumerate().filter_map(|(i, l)| Some((l["name"].as_str()?, i))).collect();
        let link = |link: &Value| {
            let name = link[0].as_str()?;
            let first = usize::from(models.contains(name));
            Some((*places.get(name)?, number(&link[1])?.checked_sub(first)?))
        };
        let call = |node: &Value| node.as_array()?.iter().map(link).collect::<Option<Vec<_>>>();
        let calls = |layer: &Value| layer["inbound_nodes"].as_array()?.iter().map(call).collect();
        layers.iter().map(calls).collect::<Option<_>>().map(Self)
    }

    /// For each layer its calls in the order in which they are made.
    ///
    /// Each layer makes here all calls that it can before it is the turn of the next. With the calls
    /// in this order TensorFlow.js makes them at the same turns, since none that it comes to can be
    /// made before those in front of it.
    fn made(&self) -> Vec<Vec<usize>> {
        let mut waiting: Vec<Vec<usize>> =
            self.0.iter().map(|calls| (0..calls.len()).collect()).collect();
        let mut made: Vec<Vec<usize>> = vec![Vec::new(); self.0.len()];
        let mut is_made: Vec<Vec<bool>> =
            self.0.iter().map(|calls| vec![false; calls.len()]).collect();
        let mut goes_on = true;
        while std::mem::take(&mut goes_on) {
            for (layer, calls) in self.0.iter().enumerate() {
                while let Some(next) = waiting[layer].iter().position(|&call| {
                    // An input, of which there are no calls, is there from the start.
                    calls[call]
                        .iter()
                        .all(|&(other, call)| is_made[other].get(call) != Some(&false))
                }) {
                    let call = waiting[layer].remove(next);
                    is_made[layer][call] = true;
                    made[layer].push(call);
                    goes_on = true;
                }
            }
        }
        made
    }
}
