//! The nearest known name to a mistyped one.

/// The candidate most like `name`, if any is near enough to be what was meant.
///
/// Case and underscores do not count, so that `LeakyRelu` finds `leaky_relu`.
///
/// ```
/// assert_eq!(ceratops_core::nearest("rleu", ["relu", "tanh"]), Some("relu"));
/// assert_eq!(ceratops_core::nearest("quux", ["relu", "tanh"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |s: &str| s.replace('_', "").to_lowercase();
    let wanted = plain(name);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &plain(candidate)), candidate))
        .min_by_key(|&(distance, _)| distance)
        .filter(|&(distance, candidate)| distance <= plain(candidate).len().max(3) / 3)
        .map(|(_, candidate)| candidate)
}
