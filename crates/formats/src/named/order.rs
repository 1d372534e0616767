//! Weights whose names in a file are others than in the model: whether their order tells them.

use std::collections::HashMap;

use ceratops_core::Tensor;

use super::{Places, find::plain, leaves::Leaf};

/// For each weight the place of its tensor by order, or nothing where the order cannot be trusted.
///
/// Files sort names: `dense_10` comes before `dense_2` then, and `bias` before `kernel`. So each
/// name must end as the weight is called, and the layers' numbers must rise. `arr_0`, `arr_1`, as
/// NumPy names what has no name, say nothing but the order.
pub(super) fn places(leaves: &[Leaf<'_>], tensors: &[(String, Tensor)]) -> Option<Places> {
    if leaves.len() != tensors.len() {
        return None;
    }
    if let Some(numbers) = tensors.iter().map(|(name, _)| array_number(name)).collect() {
        return by_number(numbers);
    }
    let names: Vec<String> = tensors.iter().map(|(name, _)| plain(name)).collect();
    let ends_alike = |(leaf, name): (&Leaf<'_>, &String)| {
        name.rsplit_once('/').is_some_and(|(_, weight)| weight == leaf.param.name())
    };
    let alike = leaves.iter().zip(&names).all(ends_alike);
    // In the order of the alphabet, the layers need not be in that of the model.
    let sorted = names.len() > 1 && names.is_sorted();
    let in_order = alike && !sorted && numbers_rise(&names);
    in_order.then(|| (0..tensors.len()).map(Some).collect())
}

/// The number in `arr_7`.
fn array_number(name: &str) -> Option<usize> {
    name.strip_prefix("arr_")?.parse().ok()
}

fn by_number(numbers: Vec<usize>) -> Option<Places> {
    let mut places = vec![None; numbers.len()];
    for (place, number) in numbers.into_iter().enumerate() {
        *places.get_mut(number)? = Some(place);
    }
    places.iter().all(Option::is_some).then_some(places)
}

/// Whether `dense_1`, `dense_2` and `dense_10` come in this order, for every class of layers.
fn numbers_rise(names: &[String]) -> bool {
    let mut last: HashMap<&str, u64> = HashMap::new();
    names.iter().filter_map(|name| name.rsplit_once('/')).all(|(layer, _)| {
        let (stem, number) = numbered(layer);
        let before = last.insert(stem, number);
        before.is_none_or(|before| before <= number)
    })
}

/// The name of a layer without its number, and the number.
pub(crate) fn numbered(layer: &str) -> (&str, u64) {
    let split = layer.rsplit_once('_').and_then(|(stem, n)| Some((stem, n.parse().ok()?)));
    split.unwrap_or((layer, 0))
}
