//! The boxes of a model's graph, and the frames around them.

use ceratops_core::Result;

use crate::{
    axis::grouped,
    canvas::{self, Area, Type, fill, stroke},
    colors::{AXIS, BLACK, DARK, GREEN, PALE, RED, WHITE},
    font::{fit, width},
    mark::Point,
};

const NAME: f64 = 12.0;
const SMALL: f64 = 11.0;
/// No box is wider within.
const WIDEST: f64 = 460.0;
const PAD: f64 = 12.0;
const HEAD: f64 = 26.0;
const ROW: f64 = 22.0;
/// How far it is from a box to the next.
const ARROW: f64 = 26.0;
/// How far a frame is from what is in it.
const FRAME: f64 = 16.0;

/// A layer, or a model in a model.
#[derive(Debug)]
pub(crate) enum Block {
    Layer(LayerBox),
    Frame { title: String, blocks: Vec<Self> },
}

/// A box: the layer's name, and in the rows below what is to be said of it.
#[derive(Debug)]
pub(crate) struct LayerBox {
    name: String,
    /// The activation and the number of weights.
    facts: String,
    /// Whether the weights train, if there are any.
    trains: Option<bool>,
    input: String,
    output: String,
}

impl LayerBox {
    pub(crate) fn new(
        name: &str,
        activation: Option<String>,
        weights: usize,
        trains: Option<bool>,
        [input, output]: [String; 2],
    ) -> Self {
        let half = (WIDEST - PAD) / 2.0;
        let activation = activation.map(|name| format!("Activation: {}", fit(&name, SMALL, half)));
        let params = trains.map(|_| format!("Params: {}", grouped(weights as u64)));
        let facts: Vec<_> = activation.into_iter().chain(params).collect();
        Self {
            name: fit(name, NAME, WIDEST),
            facts: facts.join(" · "),
            trains,
            input: fit(&format!("Input: {input}"), SMALL, half),
            output: fit(&format!("Output: {output}"), SMALL, half),
        }
    }

    fn trains(&self) -> &'static str {
        match self.trains {
            None => "",
            Some(true) => "Trainable",
            Some(false) => "Frozen",
        }
    }

    fn size(&self) -> Point {
        let facts = width(&self.facts, SMALL) + width(self.trains(), SMALL) + 2.0 * PAD;
        let half = width(&self.input, SMALL).max(width(&self.output, SMALL)) + PAD;
        let inner = width(&self.name, NAME).max(facts).max(2.0 * half);
        (inner + 2.0 * PAD, HEAD + ROW * if self.facts.is_empty() { 1.0 } else { 2.0 })
    }

    fn draw(&self, area: &Area<'_>, (left, top): Point) -> Result<()> {
        let (width, height) = self.size();
        let look = Type::new(SMALL);
        canvas::rect(area, (left, top), (width, height), fill(WHITE))?;
        canvas::rect(area, (left, top), (width, HEAD), fill(BLACK))?;
        let middle = (left + width / 2.0, top + HEAD / 2.0);
        canvas::text(area, &self.name, middle, Type::new(NAME).color(WHITE))?;
        let mut y = top + HEAD + ROW / 2.0;
        if !self.facts.is_empty() {
            canvas::text(area, &self.facts, (left + PAD, y), look.left())?;
            let color = if self.trains == Some(true) { GREEN } else { RED };
            let right = (left + width - PAD, y);
            if self.trains.is_some() {
                canvas::text(area, self.trains(), right, look.color(color).right())?;
            }
            let below = y + ROW / 2.0;
            canvas::line(area, &[(left, below), (left + width, below)], stroke(AXIS, 1.0))?;
            y += ROW;
        }
        canvas::text(area, &self.input, (left + width * 0.25, y), look)?;
        canvas::text(area, &self.output, (left + width * 0.75, y), look)?;
        let (x, above, below) = (left + width / 2.0, y - ROW / 2.0, y + ROW / 2.0);
        canvas::line(area, &[(x, above), (x, below)], stroke(AXIS, 1.0))?;
        canvas::rect(area, (left, top), (width, height), stroke(BLACK, 1.0))
    }
}

impl Block {
    fn size(&self) -> Point {
        match self {
            Self::Layer(layer) => layer.size(),
            Self::Frame { title, blocks } => {
                let (across, down) = stack_size(blocks);
                let title = width(&fit(title, NAME, WIDEST), NAME);
                (across.max(title) + 2.0 * FRAME, down + HEAD + FRAME)
            }
        }
    }

    fn draw(&self, area: &Area<'_>, at: Point) -> Result<()> {
        match self {
            Self::Layer(layer) => layer.draw(area, at),
            Self::Frame { title, blocks } => {
                let (width, height) = self.size();
                canvas::rect(area, at, (width, height), fill(PALE))?;
                canvas::rect(area, at, (width, height), stroke(DARK, 1.0))?;
                let title = fit(title, NAME, WIDEST);
                let middle = at.0 + width / 2.0;
                canvas::text(area, &title, (middle, at.1 + HEAD / 2.0), Type::new(NAME))?;
                draw_stack(area, blocks, (middle, at.1 + HEAD))
            }
        }
    }
}

/// How wide and high blocks are, one below the other.
pub(crate) fn stack_size(blocks: &[Block]) -> Point {
    let sizes = blocks.iter().map(Block::size);
    let (width, height) = sizes.fold((0.0, 0.0), |(w, h): Point, (x, y)| (w.max(x), h + y + ARROW));
    (width, height - ARROW)
}

/// Draws blocks one below the other, the first at the top, all around the same middle.
pub(crate) fn draw_stack(area: &Area<'_>, blocks: &[Block], (middle, top): Point) -> Result<()> {
    let mut y = top;
    for (i, block) in blocks.iter().enumerate() {
        if i > 0 {
            arrow(area, (middle, y), y + ARROW)?;
            y += ARROW;
        }
        let (width, height) = block.size();
        block.draw(area, (middle - width / 2.0, y))?;
        y += height;
    }
    Ok(())
}

/// Draws an arrow down to the height `to`.
fn arrow(area: &Area<'_>, (x, from): Point, to: f64) -> Result<()> {
    canvas::line(area, &[(x, from), (x, to - 6.0)], stroke(DARK, 1.0))?;
    canvas::polygon(area, &[(x - 4.0, to - 8.0), (x + 4.0, to - 8.0), (x, to)], DARK)
}
