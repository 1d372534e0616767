//! How far from the left the nodes of the rows stand.
//!
//! After Brandes and Köpf, "Fast and Simple Horizontal Coordinate Assignment" (2002): nodes that
//! should stand below one another are joined to columns, from above and from below, from the left and
//! from the right; each time the columns are pushed together; the mean of the four counts.

use std::collections::HashSet;

use super::rows::Rows;

/// How far it is between neighbours: two boxes, a box and a line, two lines.
const BETWEEN: [f64; 3] = [28.0, 22.0, 16.0];

/// The x of each node, in whole pixels; the middle of all is 0.
pub(super) fn columns(rows: &Rows) -> Vec<f64> {
    let crossing = crossing(rows);
    let mut found: Vec<Vec<f64>> = Vec::with_capacity(4);
    for upward in [false, true] {
        for mirrored in [false, true] {
            let view = View::new(rows, upward, mirrored);
            let xs = view.pushed_together(&view.columns(&crossing));
            found.push(if mirrored { xs.into_iter().map(|x| -x).collect() } else { xs });
        }
    }
    let mean = mean(rows, found);
    let (left, right) = sides(rows, &mean);
    mean.into_iter().map(|x| (x - (left + right) / 2.0).round()).collect()
}

/// The mean of the middle two of the four, after they were moved next to the narrowest of them.
fn mean(rows: &Rows, mut found: Vec<Vec<f64>>) -> Vec<f64> {
    let all: Vec<(f64, f64)> = found.iter().map(|xs| sides(rows, xs)).collect();
    let by_width = |(a, b): &&(f64, f64), (c, d): &&(f64, f64)| (b - a).total_cmp(&(d - c));
    let (left, right) = all.iter().min_by(by_width).copied().unwrap_or_default();
    for (i, xs) in found.iter_mut().enumerate() {
        // The odd ones were pushed to the right.
        let shift = if i % 2 == 0 { left - all[i].0 } else { right - all[i].1 };
        xs.iter_mut().for_each(|x| *x += shift);
    }
    let middle = |node: usize| {
        let mut four: Vec<f64> = found.iter().map(|xs| xs[node]).collect();
        four.sort_by(f64::total_cmp);
        (four[1] + four[2]) / 2.0
    };
    (0..rows.extents.len()).map(middle).collect()
}

/// How far to the left and to the right anything reaches.
fn sides(rows: &Rows, xs: &[f64]) -> (f64, f64) {
    let each = xs.iter().zip(&rows.extents).map(|(x, extent)| (x - extent.left, x + extent.right));
    each.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or_default()
}

/// Connections that cross a long line where that goes from bend to bend: they give way.
fn crossing(rows: &Rows) -> HashSet<(usize, usize)> {
    let positions = rows.positions();
    let mut found = HashSet::new();
    for row in &rows.rows {
        let (mut from, mut first) = (0, 0);
        for (i, &node) in row.iter().enumerate() {
            let mut bends = rows.above[node].iter().filter(|&&upper| rows.is_bend(upper));
            let bend = bends.next().filter(|_| rows.is_bend(node)).map(|&upper| positions[upper]);
            if bend.is_none() && i + 1 < row.len() {
                continue;
            }
            let to = bend.unwrap_or(usize::MAX);
            for &lower in &row[first..=i] {
                let crosses = |&&upper: &&usize| {
                    let is_inner = rows.is_bend(upper) && rows.is_bend(lower);
                    !is_inner && !(from..=to).contains(&positions[upper])
                };
                found.extend(rows.above[lower].iter().filter(crosses).map(|&u| (u, lower)));
            }
            (from, first) = (to, i + 1);
        }
    }
    found
}

/// The rows, as seen from one of the four corners.
struct View<'a> {
    all: &'a Rows,
    rows: Vec<Vec<usize>>,
    positions: Vec<usize>,
    /// What each node is connected to in the row before.
    before: &'a [Vec<usize>],
    behind: &'a [Vec<usize>],
    mirrored: bool,
}

impl<'a> View<'a> {
    fn new(all: &'a Rows, upward: bool, mirrored: bool) -> Self {
        let mut rows = all.rows.clone();
        let (mut before, mut behind) = (&all.above[..], &all.below[..]);
        if upward {
            rows.reverse();
            (before, behind) = (behind, before);
        }
        if mirrored {
            rows.iter_mut().for_each(|row| row.reverse());
        }
        let mut positions = vec![0; all.extents.len()];
        for row in &rows {
            row.iter().enumerate().for_each(|(place, &node)| positions[node] = place);
        }
        Self { all, rows, positions, before, behind, mirrored }
    }

    /// The column of each node, called by its first node: each node joins that of the middle one of
    /// its neighbours in the row before.
    fn columns(&self, crossing: &HashSet<(usize, usize)>) -> Vec<usize> {
        let mut columns: Vec<usize> = (0..self.positions.len()).collect();
        for row in &self.rows {
            let mut free_from = 0;
            for &node in row {
                let joined = self.middle(node).into_iter().find(|&other| {
                    let crosses =
                        crossing.contains(&(node, other)) || crossing.contains(&(other, node));
                    self.positions[other] >= free_from && !crosses
                });
                if let Some(other) = joined {
                    columns[node] = columns[other];
                    free_from = self.positions[other] + 1;
                }
            }
        }
        columns
    }

    /// The one or two middle ones of those that the node may join, from the left.
    fn middle(&self, node: usize) -> Vec<usize> {
        let may = |&other: &usize| self.may_join(node, other);
        let mut near: Vec<usize> = self.before[node].iter().copied().filter(may).collect();
        near.sort_by_key(|&other| self.positions[other]);
        let (from, to) = (near.len().saturating_sub(1) / 2, near.len() / 2 + 1);
        near.get(from..to.min(near.len())).unwrap_or_default().to_vec()
    }

    /// Whether a node and its neighbour in the row before may stand below each other: a line that
    /// goes around others leaves that to them.
    fn may_join(&self, node: usize, other: usize) -> bool {
        let aside = &self.all.is_aside;
        let only_aside = |near: &[usize]| near.iter().all(|&near| aside[near]);
        match (aside[node], aside[other]) {
            (true, false) => only_aside(&self.behind[other]),
            (false, true) => only_aside(&self.before[node]),
            _ => true,
        }
    }

    /// The x of each node where all columns are pushed to the left, and those that nothing holds
    /// there to their neighbours on the right.
    fn pushed_together(&self, columns: &[usize]) -> Vec<f64> {
        let count = columns.len();
        let mut right = vec![Vec::new(); count];
        let mut waits = vec![0; count];
        for row in &self.rows {
            for pair in row.windows(2) {
                let (a, b) = (columns[pair[0]], columns[pair[1]]);
                right[a].push((b, self.distance(pair[0], pair[1])));
                waits[b] += 1;
            }
        }
        let mut order: Vec<usize> = (0..count).filter(|&column| waits[column] == 0).collect();
        let (mut xs, mut done) = (vec![0.0_f64; count], 0);
        while let Some(&column) = order.get(done) {
            done += 1;
            for &(next, distance) in &right[column] {
                xs[next] = xs[next].max(xs[column] + distance);
                waits[next] -= 1;
                if waits[next] == 0 {
                    order.push(next);
                }
            }
        }
        for &column in order.iter().rev() {
            let room = right[column].iter().map(|&(next, distance)| xs[next] - distance);
            if let Some(furthest) = room.reduce(f64::min) {
                xs[column] = xs[column].max(furthest);
            }
        }
        columns.iter().map(|&column| xs[column]).collect()
    }

    /// How far the anchors of two neighbours must be apart.
    fn distance(&self, a: usize, b: usize) -> f64 {
        let (a, b, extents) =
            if self.mirrored { (b, a, &self.all.extents) } else { (a, b, &self.all.extents) };
        let lines = usize::from(self.all.is_bend(a)) + usize::from(self.all.is_bend(b));
        extents[a].right + BETWEEN[lines] + extents[b].left
    }
}
