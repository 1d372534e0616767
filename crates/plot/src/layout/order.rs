//! The order within the rows: one in which few lines cross.

use super::rows::Rows;

/// How often the rows are gone through, and how often in vain.
const SWEEPS: usize = 24;
const IN_VAIN: usize = 4;

/// Puts the nodes of each row in an order in which few lines cross: those of the graph first, then
/// row by row that of the neighbours' mean places, down and up (Sugiyama's barycenter method).
pub(super) fn arrange(rows: &mut Rows) {
    start(rows);
    let mut best = (crossings(rows), rows.rows.clone());
    let mut in_vain = 0;
    for i in 0..SWEEPS {
        if best.0 == 0 || in_vain == IN_VAIN {
            break;
        }
        sweep(rows, i % 2 == 0, i % 4 >= 2);
        let found = crossings(rows);
        in_vain += 1;
        if found < best.0 {
            (best, in_vain) = ((found, rows.rows.clone()), 0);
        }
    }
    rows.rows = best.1;
}

/// The order in which the nodes are met, each followed by what reads it: the way through all layers
/// first, then those that go around some.
fn start(rows: &mut Rows) {
    let mut sources: Vec<usize> = (0..rows.boxes).collect();
    sources.sort_by_key(|&node| rows.rank[node]);
    let mut met = vec![false; rows.extents.len()];
    for source in sources {
        let mut waiting = vec![source];
        while let Some(node) = waiting.pop() {
            if !std::mem::replace(&mut met[node], true) {
                rows.rows[rows.rank[node]].push(node);
                waiting.extend(rows.below[node].iter().rev());
            }
        }
    }
}

/// Sorts each row by the mean places of the neighbours in the row before it, downward or upward.
fn sweep(rows: &mut Rows, downward: bool, reverse_equals: bool) {
    let mut positions = rows.positions();
    let last = rows.rows.len() - 1;
    for i in 1..=last {
        let (row, near) = if downward { (i, &rows.above) } else { (last - i, &rows.below) };
        let row = &mut rows.rows[row];
        if reverse_equals {
            row.reverse();
        }
        let mean = |node: usize| {
            let near = &near[node];
            match near.len() {
                0 => positions[node] as f64,
                n => near.iter().map(|&other| positions[other]).sum::<usize>() as f64 / n as f64,
            }
        };
        let mut means: Vec<(f64, usize)> = row.iter().map(|&node| (mean(node), node)).collect();
        means.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        for (place, (_, node)) in means.into_iter().enumerate() {
            row[place] = node;
            positions[node] = place;
        }
    }
}

/// How many pairs of lines cross.
fn crossings(rows: &Rows) -> usize {
    let positions = rows.positions();
    let between = |pair: &[Vec<usize>]| {
        let mut ends = Vec::new();
        for &node in &pair[0] {
            let from = ends.len();
            ends.extend(rows.below[node].iter().map(|&lower| positions[lower]));
            ends[from..].sort_unstable();
        }
        inversions(&ends, pair[1].len())
    };
    rows.rows.windows(2).map(between).sum()
}

/// How many pairs of `values`, all below `count`, stand the wrong way round; by a tree of sums
/// (Fenwick 1994).
fn inversions(values: &[usize], count: usize) -> usize {
    let mut tree = vec![0; count + 1];
    let mut found = 0;
    for (before, &value) in values.iter().enumerate() {
        let (mut i, mut up_to) = (value + 1, 0);
        while i > 0 {
            up_to += tree[i];
            i &= i - 1;
        }
        found += before - up_to;
        let mut i = value + 1;
        while i <= count {
            tree[i] += 1;
            i += i & i.wrapping_neg();
        }
    }
    found
}
