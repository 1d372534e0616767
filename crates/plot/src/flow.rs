//! Blocks and the arrows between them: what a model's picture shows, and what a frame holds.

use std::{collections::HashSet, ops::Range};

use ceratops_core::Result;

use crate::{
    block::{Block, FRAME},
    canvas::{self, Area, stroke},
    colors::DARK,
    layout::{Extent, Held, Layout, Link},
    mark::Point,
};

/// How far a box reaches to the right with the arrow from it to itself.
const LOOP: f64 = 26.0;

/// An arrow from an output of a block to an input of a block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrow {
    pub(crate) from: usize,
    pub(crate) output: usize,
    pub(crate) to: usize,
    pub(crate) input: usize,
}

/// Blocks and the arrows between them, each in its place.
#[derive(Debug)]
pub(crate) struct Flow {
    blocks: Vec<Block>,
    /// For each block, whether an arrow leads from it to itself.
    loops: Vec<bool>,
    layout: Layout,
    /// For each block the routes of the arrows that lead to it.
    arrows: Vec<Vec<usize>>,
    /// Where the inputs and the outputs are, counted from the middle; none where a single one is
    /// meant.
    pub(crate) entrances: Vec<f64>,
    pub(crate) exits: Vec<f64>,
}

impl Flow {
    /// Puts blocks in their places. So many of the first ones are inputs; so many of the last ones are
    /// where outputs leave the frame around, if there is one.
    pub(crate) fn new(
        blocks: Vec<Block>,
        arrows: &[Arrow],
        inputs: usize,
        outputs: usize,
    ) -> Result<Self> {
        let mut loops = vec![false; blocks.len()];
        let mut found = HashSet::new();
        let mut links = Vec::new();
        for arrow in arrows {
            loops[arrow.from] |= arrow.from == arrow.to;
            let link = link(&blocks, arrow);
            // A value that is read twice leads there once, as in Keras.
            let ends = [link.leaves, link.enters].map(|end| end.map(f64::to_bits));
            if arrow.from != arrow.to && found.insert((link.from, link.to, ends)) {
                links.push(link);
            }
        }
        let extents = blocks.iter().zip(&loops).map(|(block, &loops)| extent(block, loops));
        let extents: Vec<Extent> = extents.collect();
        let held = Held { sources: outputs > 0, last: outputs };
        let layout = Layout::new(&extents, &links, held)?;
        let mut arrows = vec![Vec::new(); blocks.len()];
        links.iter().enumerate().for_each(|(i, link)| arrows[link.to].push(i));
        let places =
            |range: Range<usize>| layout.places[range].iter().map(|&(x, _)| x).collect::<Vec<_>>();
        let entrances = if outputs > 0 { places(0..inputs) } else { Vec::new() };
        let exits = places(blocks.len() - outputs..blocks.len());
        Ok(Self { blocks, loops, layout, arrows, entrances, exits })
    }

    pub(crate) fn size(&self) -> Point {
        self.layout.size
    }

    /// Draws everything around that middle.
    pub(crate) fn draw(&self, area: &Area<'_>, (middle, top): Point) -> Result<()> {
        for &i in &self.layout.order {
            let ((x, y), block) = (self.layout.places[i], &self.blocks[i]);
            let (width, height) = block.size();
            let at = (middle + (x - block.anchor()) - width / 2.0, top + y);
            for &route in &self.arrows[i] {
                let mut route = placed(&self.layout.routes[route], (middle, top));
                match block {
                    Block::Exit => {
                        route.iter_mut().rev().take(1).for_each(|(_, y)| *y += FRAME);
                        canvas::line(area, &route, stroke(DARK, 1.0))?;
                    }
                    _ => arrow(area, route)?,
                }
            }
            if self.loops[i] {
                around(area, (at.0 + width, at.1), height)?;
            }
            block.draw(area, at)?;
        }
        Ok(())
    }
}

/// The line that an arrow becomes.
fn link(blocks: &[Block], arrow: &Arrow) -> Link {
    let (from, to) = (&blocks[arrow.from], &blocks[arrow.to]);
    Link {
        from: arrow.from,
        to: arrow.to,
        leaves: from.exit(arrow.output).map(|x| x - from.anchor()),
        enters: to.entrance(arrow.input).map(|x| x - to.anchor()),
    }
}

fn extent(block: &Block, loops: bool) -> Extent {
    let ((width, height), anchor) = (block.size(), block.anchor());
    let beside = if loops { LOOP } else { 0.0 };
    Extent { left: width / 2.0 + anchor, right: width / 2.0 - anchor + beside, height }
}

/// Draws an arrow along the route, its head at the end.
fn arrow(area: &Area<'_>, mut route: Vec<Point>) -> Result<()> {
    let [.., (_, before), (x, tip)] = route[..] else { return Ok(()) };
    let ahead = if tip < before { -1.0 } else { 1.0 };
    if let Some(end) = route.last_mut() {
        end.1 -= 6.0 * ahead;
    }
    canvas::line(area, &route, stroke(DARK, 1.0))?;
    let back = tip - 8.0 * ahead;
    canvas::polygon(area, &[(x - 4.0, back), (x + 4.0, back), (x, tip)], DARK)
}

/// Draws an arrow from a box of that height to itself, at its right upper corner.
fn around(area: &Area<'_>, (right, top): Point, height: f64) -> Result<()> {
    let [from, to] = [0.7, 0.3].map(|share| top + height * share);
    let out = right + LOOP - 8.0;
    let route = [(right, from), (out, from), (out, to), (right + 6.0, to)];
    canvas::line(area, &route, stroke(DARK, 1.0))?;
    canvas::polygon(area, &[(right + 8.0, to - 4.0), (right + 8.0, to + 4.0), (right, to)], DARK)
}

/// The route where it is drawn. One of several pieces runs in the middle of pixels, so that what goes
/// straight down fills one column of them.
fn placed(route: &[Point], (middle, top): Point) -> Vec<Point> {
    let middle = if route.len() > 2 { middle.floor() + 0.5 } else { middle };
    route.iter().map(|&(x, y)| (middle + x, top + y)).collect()
}
