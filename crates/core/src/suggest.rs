//! The nearest known name to a mistyped one.

/// The candidate most like `name`, if any is near enough to be what was meant.
///
/// Case and underscores do not count, so that `LeakyRelu` finds `leaky_relu`. A name that only one candidate begins
/// with is taken for that.
///
/// ```
/// assert_eq!(ceratops_core::nearest("rleu", ["relu", "tanh"]), Some("relu"));
/// assert_eq!(ceratops_core::nearest("f1", ["f1_score", "f_beta_score"]), Some("f1_score"));
/// assert_eq!(ceratops_core::nearest("quux", ["relu", "tanh"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |s: &str| s.replace('_', "").to_lowercase();
    let wanted = plain(name);
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let near = candidates
        .iter()
        .map(|&candidate| (strsim::damerau_levenshtein(&wanted, &plain(candidate)), candidate))
        .min_by_key(|&(distance, _)| distance)
        .filter(|&(distance, candidate)| distance <= plain(candidate).len().max(3) / 3)
        .map(|(_, candidate)| candidate);
    let begins = |candidate: &&&str| wanted.len() > 1 && plain(candidate).starts_with(&wanted);
    near.or_else(|| {
        let mut beginning = candidates.iter().filter(begins);
        beginning.next().copied().filter(|_| beginning.next().is_none())
    })
}
