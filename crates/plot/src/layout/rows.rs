//! Boxes in rows, with a bend in each row that a line passes.

use ceratops_core::{Error, Result};

use super::{Extent, Held, Link, rank};

/// No graph is drawn that has so many more lines than boxes, or whose lines pass so many rows: nobody
/// could follow them.
const MOST_LINES: usize = 20_000;
const MOST_BENDS: usize = 500_000;

/// Boxes and bends in rows. Bends are numbered behind the boxes.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) boxes: usize,
    pub(super) extents: Vec<Extent>,
    /// The row of each.
    pub(super) rank: Vec<usize>,
    /// From left to right.
    pub(super) rows: Vec<Vec<usize>>,
    /// What each is connected to in the row above, and in the row below.
    pub(super) above: Vec<Vec<usize>>,
    pub(super) below: Vec<Vec<usize>>,
    /// Whether it is a bend of a line that goes around boxes between its own two.
    pub(super) is_aside: Vec<bool>,
    /// Each link from its upper box by its bends to the lower one.
    pub(super) lines: Vec<Vec<usize>>,
    /// Whether a link leads upward.
    pub(super) turned: Vec<bool>,
}

impl Rows {
    pub(super) fn new(boxes: &[Extent], links: &[Link], held: Held) -> Result<Self> {
        let turned = rank::turned(boxes.len(), links);
        let ends = |(link, &turned): (&Link, &bool)| {
            if turned { (link.to, link.from) } else { (link.from, link.to) }
        };
        let ends: Vec<(usize, usize)> = links.iter().zip(&turned).map(ends).collect();
        let rank = rank::ranks(boxes.len(), &ends, held);
        check(&ends, &rank, boxes.len())?;
        let height = rank.iter().max().map_or(0, |rank| rank + 1);
        let mut rows = Self {
            boxes: boxes.len(),
            extents: boxes.to_vec(),
            rank,
            rows: vec![Vec::new(); height],
            above: vec![Vec::new(); boxes.len()],
            below: vec![Vec::new(); boxes.len()],
            is_aside: vec![false; boxes.len()],
            lines: Vec::with_capacity(links.len()),
            turned,
        };
        let around = rank::around(&ends, &rows.rank);
        let lines = ends.into_iter().zip(around);
        lines.for_each(|((from, to), around)| rows.add_line(from, to, around));
        Ok(rows)
    }

    fn add_line(&mut self, from: usize, to: usize, is_around: bool) {
        let mut line = vec![from];
        for rank in self.rank[from] + 1..self.rank[to] {
            line.push(self.extents.len());
            self.extents.push(Extent::default());
            self.rank.push(rank);
            self.is_aside.push(is_around);
            self.above.push(Vec::new());
            self.below.push(Vec::new());
        }
        line.push(to);
        for (&upper, &lower) in line.iter().zip(&line[1..]) {
            self.below[upper].push(lower);
            self.above[lower].push(upper);
        }
        self.lines.push(line);
    }

    pub(super) fn is_bend(&self, node: usize) -> bool {
        node >= self.boxes
    }

    /// Where each stands in its row.
    pub(super) fn positions(&self) -> Vec<usize> {
        let mut positions = vec![0; self.extents.len()];
        for row in &self.rows {
            row.iter().enumerate().for_each(|(place, &node)| positions[node] = place);
        }
        positions
    }
}

/// Refuses a graph whose picture would be a black sheet.
fn check(ends: &[(usize, usize)], rank: &[usize], boxes: usize) -> Result<()> {
    let bends: usize = ends.iter().map(|&(from, to)| rank[to] - rank[from] - 1).sum();
    if ends.len() <= boxes + MOST_LINES && bends <= MOST_BENDS {
        return Ok(());
    }
    Err(Error::Model(format!(
        "a picture of {boxes} layers with {} connections, which pass {bends} others, could not be \
         read; `summary` says what is connected to what",
        ends.len()
    )))
}
