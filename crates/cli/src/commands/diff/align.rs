//! Which layer of one model belongs to which of the other.

use crate::leaf::Leaf;

/// Above this number of pairs to consider, layers are matched by their order alone.
const MOST_PAIRS: usize = 1 << 22;

/// A layer of A and its counterpart in B, by their places; one of them may be missing.
pub(super) type Pair = (Option<usize>, Option<usize>);

/// The pairs in order. No two cross each other, and as many as can be have the same class and name.
pub(super) fn align(a: &[Leaf<'_>], b: &[Leaf<'_>]) -> Vec<Pair> {
    let (n, m) = (a.len(), b.len());
    if (n + 1).saturating_mul(m + 1) > MOST_PAIRS {
        return (0..n.max(m)).map(|i| ((i < n).then_some(i), (i < m).then_some(i))).collect();
    }
    // The best score that the layers from i and from j on can reach.
    let mut best = vec![vec![0; m + 1]; n + 1];
    for i in (0..n).rev() {
        for j in (0..m).rev() {
            let score = likeness(&a[i], &b[j]);
            let paired = if score > 0 { best[i + 1][j + 1] + score } else { 0 };
            best[i][j] = paired.max(best[i + 1][j]).max(best[i][j + 1]);
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < n && j < m {
        let score = likeness(&a[i], &b[j]);
        if score > 0 && best[i][j] == best[i + 1][j + 1] + score {
            pairs.push((Some(i), Some(j)));
            (i, j) = (i + 1, j + 1);
        } else if best[i][j] == best[i + 1][j] {
            pairs.push((Some(i), None));
            i += 1;
        } else {
            pairs.push((None, Some(j)));
            j += 1;
        }
    }
    pairs.extend((i..n).map(|i| (Some(i), None)));
    pairs.extend((j..m).map(|j| (None, Some(j))));
    pairs
}

/// How much speaks for two layers belonging together; 0 if nothing does.
fn likeness(a: &Leaf<'_>, b: &Leaf<'_>) -> u32 {
    2 * u32::from(a.node.class_name() == b.node.class_name()) + u32::from(a.name == b.name)
}

#[cfg(test)]
mod tests {
    use ceratops::layers::{Dense, Flatten, IntoNode, Node};

    use super::*;

    fn leaves(nodes: &[Node]) -> Vec<Leaf<'_>> {
        let leaf = |(i, node): (usize, _)| Leaf {
            place: i.to_string(),
            name: Node::name(node).to_owned(),
            node,
        };
        nodes.iter().enumerate().map(leaf).collect()
    }

    #[test]
    fn names_decide_where_classes_do_not() {
        let dense = |name: &str| Dense::new(1).named(name);
        let a = [dense("one"), dense("two"), dense("three")];
        let b = [dense("one"), dense("three")];
        let pairs = align(&leaves(&a), &leaves(&b));
        assert_eq!(pairs, [(Some(0), Some(0)), (Some(1), None), (Some(2), Some(1))]);
        // Other names throughout: their order counts.
        let b = [dense("x"), dense("y"), dense("z")];
        let pairs = align(&leaves(&a), &leaves(&b));
        assert_eq!(pairs, [0, 1, 2].map(|i| (Some(i), Some(i))));
    }

    #[test]
    fn what_has_nothing_in_common_is_no_pair() {
        let (a, b) = ([Dense::new(1).named("a")], [Flatten::new().named("b")]);
        assert_eq!(align(&leaves(&a), &leaves(&b)), [(Some(0), None), (None, Some(0))]);
    }
}
