//! How high the rows stand, and how the lines run between them.

use super::{Layout, Link, rows::Rows};
use crate::mark::Point;

/// How far it is from a row to the next where all lines go straight down.
const STRAIGHT: f64 = 26.0;
/// How far where they go aside: at least, for each pixel to the side, and at most.
const ASIDE: [f64; 3] = [38.0, 0.12, 80.0];
/// How far the ends of lines at a box are apart.
const APART: f64 = 22.0;
/// The end of a line goes straight for so long, under its arrow head.
const HEAD: f64 = 8.0;
/// In how many straight pieces a curve is drawn.
const PIECES: usize = 24;

/// Gives the rows their heights and the lines their corners.
pub(super) fn layout(rows: &Rows, xs: &[f64], links: &[Link]) -> Layout {
    let ends = Ends::new(rows, xs, links);
    let bands = bands(rows, &gaps(rows, xs, &ends));
    let place = |node: usize| {
        let (top, bottom) = bands[rows.rank[node]];
        (xs[node], top + (bottom - top - rows.extents[node].height) / 2.0)
    };
    let places: Vec<Point> = (0..rows.boxes).map(place).collect();
    let route = |i: usize| {
        let line = &rows.lines[i];
        let (upper, lower) = (line[0], line[line.len() - 1]);
        let mut route = vec![(ends.upper[i], places[upper].1 + rows.extents[upper].height)];
        for (j, pair) in line.windows(2).enumerate() {
            let [above, below] = [pair[0], pair[1]].map(|node| bands[rows.rank[node]]);
            let [from, to] = [j, j + 1].map(|j| ends.x(rows, xs, i, j));
            curve(&mut route, (from, above.1), (to, below.0));
        }
        push(&mut route, (ends.lower[i], places[lower].1));
        if rows.turned[i] {
            route.reverse();
        }
        route
    };
    let half = xs.iter().zip(&rows.extents).map(|(x, e)| (x + e.right).max(e.left - x));
    Layout {
        routes: (0..links.len()).map(route).collect(),
        size: (2.0 * half.fold(0.0, f64::max), bands.last().map_or(0.0, |&(_, bottom)| bottom)),
        order: rows.rows.iter().flatten().copied().filter(|&node| !rows.is_bend(node)).collect(),
        places,
    }
}

/// The top and the bottom of each row, with these gaps between them.
fn bands(rows: &Rows, gaps: &[f64]) -> Vec<Point> {
    let mut top = 0.0;
    let mut bands = Vec::with_capacity(rows.rows.len());
    for (i, row) in rows.rows.iter().enumerate() {
        let height = row.iter().map(|&node| rows.extents[node].height).fold(0.0, f64::max);
        bands.push((top, top + height));
        top += height + gaps.get(i).unwrap_or(&0.0);
    }
    bands
}

/// How far below each row the next one begins.
fn gaps(rows: &Rows, xs: &[f64], ends: &Ends) -> Vec<f64> {
    let mut aside = vec![0.0_f64; rows.rows.len().saturating_sub(1)];
    for (i, line) in rows.lines.iter().enumerate() {
        for (j, &upper) in line[..line.len() - 1].iter().enumerate() {
            let [from, to] = [j, j + 1].map(|j| ends.x(rows, xs, i, j));
            let widest = &mut aside[rows.rank[upper]];
            *widest = widest.max((from - to).abs());
        }
    }
    let [least, per_pixel, most] = ASIDE;
    let gap = |aside: f64| {
        if aside < 0.5 { STRAIGHT } else { (least + aside * per_pixel).min(most) }
    };
    aside.into_iter().map(gap).collect()
}

/// The x of the upper and the lower end of each line.
struct Ends {
    upper: Vec<f64>,
    lower: Vec<f64>,
}

impl Ends {
    fn new(rows: &Rows, xs: &[f64], links: &[Link]) -> Self {
        let (mut upper, mut lower) = (Vec::new(), Vec::new());
        let mut into = vec![Vec::new(); rows.boxes];
        for (i, (line, link)) in rows.lines.iter().zip(links).enumerate() {
            let (above, below) = (line[0], line[line.len() - 1]);
            // What leads up ends beside the lines that begin there.
            let beside = (2.0 * APART).min(rows.extents[above].right / 2.0).round();
            let (leaves, enters) =
                if rows.turned[i] { (Some(beside), None) } else { (link.leaves, link.enters) };
            upper.push(xs[above] + leaves.unwrap_or(0.0));
            lower.push(xs[below] + enters.unwrap_or(0.0));
            if enters.is_none() {
                let from = if line.len() == 2 { upper[i] } else { xs[line[line.len() - 2]] };
                into[below].push((from, i));
            }
        }
        for (node, mut lines) in into.into_iter().enumerate() {
            lines.sort_by(|a, b| a.0.total_cmp(&b.0));
            let room = rows.extents[node].left.min(rows.extents[node].right);
            let apart = APART.min(2.0 * room / (lines.len() + 1) as f64);
            let middle = middle(&lines, xs[node]);
            for (place, &(_, i)) in lines.iter().enumerate() {
                lower[i] = xs[node] + ((place as f64 - middle) * apart).round();
            }
        }
        Self { upper, lower }
    }

    /// The x of the `j`th box or bend of line `i`.
    fn x(&self, rows: &Rows, xs: &[f64], i: usize, j: usize) -> f64 {
        let line = &rows.lines[i];
        match j {
            0 => self.upper[i],
            j if j + 1 == line.len() => self.lower[i],
            j => xs[line[j]],
        }
    }
}

/// Which of the lines ends in the middle of the box: one that comes straight down, or where there is
/// none the middle one.
fn middle(lines: &[(f64, usize)], x: f64) -> f64 {
    let straight = lines.iter().position(|(from, _)| (from - x).abs() < 0.5);
    straight.map_or(lines.len().saturating_sub(1) as f64 / 2.0, |place| place as f64)
}

/// Goes straight down to `from`, and from there in a curve to `to`.
fn curve(route: &mut Vec<Point>, from: Point, to: Point) {
    push(route, from);
    if from.0 != to.0 {
        let end = to.1 - HEAD;
        for i in 1..=PIECES {
            let t = i as f64 / PIECES as f64;
            // The cubic curve that is upright at both ends.
            let (across, down) = (t * t * (3.0 - 2.0 * t), t * (1.5 + t * (t - 1.5)));
            push(route, (from.0 + (to.0 - from.0) * across, from.1 + (end - from.1) * down));
        }
    }
    push(route, to);
}

/// Adds a corner; one between two places straight below each other is none.
fn push(route: &mut Vec<Point>, to: Point) {
    if let [.., before, last] = &mut route[..]
        && before.0 == last.0
        && last.0 == to.0
    {
        *last = to;
        return;
    }
    if route.last() != Some(&to) {
        route.push(to);
    }
}
