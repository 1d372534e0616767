//! The boxes of a model's graph, and the frames around them.

use ceratops_core::Result;

use crate::{
    axis::grouped,
    canvas::{self, Area, Type, fill, stroke},
    colors::{AXIS, BLACK, DARK, GREEN, PALE, RED, WHITE},
    flow::Flow,
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
/// How far it is from a shape to the next below it.
const LINE: f64 = 16.0;
/// How far a frame is from what is in it.
pub(crate) const FRAME: f64 = 16.0;

/// A layer, or a model in a model.
#[derive(Debug)]
pub(crate) enum Block {
    Layer(LayerBox),
    Frame {
        title: String,
        flow: Flow,
    },
    /// Where an output leaves the frame around; it has no extent.
    Exit,
}

/// A box: the layer's name, and in the rows below what is to be said of it.
#[derive(Debug)]
pub(crate) struct LayerBox {
    name: String,
    /// The activation and the number of weights.
    facts: String,
    /// Whether the weights train, if there are any.
    trains: Option<bool>,
    /// The shapes of the inputs and of the outputs, each in a line of its own. An input of the model
    /// has outputs only.
    inputs: Vec<String>,
    outputs: Vec<String>,
}

impl LayerBox {
    pub(crate) fn new(
        name: &str,
        activation: Option<String>,
        weights: usize,
        trains: Option<bool>,
        [inputs, outputs]: [Vec<String>; 2],
    ) -> Self {
        let half = (WIDEST - PAD) / 2.0;
        let activation = activation.map(|name| format!("Activation: {}", fit(&name, SMALL, half)));
        let params = trains.map(|_| format!("Params: {}", grouped(weights as u64)));
        let facts: Vec<_> = activation.into_iter().chain(params).collect();
        Self {
            name: fit(name, NAME, WIDEST),
            facts: facts.join(" · "),
            trains,
            inputs: titled("Input: ", inputs, half),
            outputs: titled("Output: ", outputs, half),
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
        let shapes = self.inputs.iter().chain(&self.outputs).map(|shape| width(shape, SMALL));
        let cell = shapes.fold(0.0, f64::max) + PAD;
        let cells = if self.inputs.is_empty() { 1.0 } else { 2.0 };
        let inner = width(&self.name, NAME).max(facts).max(cells * cell);
        let facts = if self.facts.is_empty() { 0.0 } else { ROW };
        (inner + 2.0 * PAD, HEAD + facts + self.height_of_shapes())
    }

    fn height_of_shapes(&self) -> f64 {
        let lines = self.inputs.len().max(self.outputs.len()).max(1);
        ROW + LINE * (lines - 1) as f64
    }

    fn draw(&self, area: &Area<'_>, (left, top): Point) -> Result<()> {
        let (width, height) = self.size();
        canvas::rect(area, (left, top), (width, height), fill(WHITE))?;
        canvas::rect(area, (left, top), (width, HEAD), fill(BLACK))?;
        let middle = (left + width / 2.0, top + HEAD / 2.0);
        canvas::text(area, &self.name, middle, Type::new(NAME).color(WHITE))?;
        if !self.facts.is_empty() {
            self.draw_facts(area, (left, top + HEAD), width)?;
        }
        let shapes = self.height_of_shapes();
        let y = top + height - shapes / 2.0;
        if self.inputs.is_empty() {
            draw_lines(area, &self.outputs, (left + width / 2.0, y))?;
        } else {
            draw_lines(area, &self.inputs, (left + width * 0.25, y))?;
            draw_lines(area, &self.outputs, (left + width * 0.75, y))?;
            let (x, above, below) = (left + width / 2.0, y - shapes / 2.0, y + shapes / 2.0);
            canvas::line(area, &[(x, above), (x, below)], stroke(AXIS, 1.0))?;
        }
        canvas::rect(area, (left, top), (width, height), stroke(BLACK, 1.0))
    }

    /// Draws the row below the name.
    fn draw_facts(&self, area: &Area<'_>, (left, top): Point, width: f64) -> Result<()> {
        let (look, y) = (Type::new(SMALL), top + ROW / 2.0);
        canvas::text(area, &self.facts, (left + PAD, y), look.left())?;
        let color = if self.trains == Some(true) { GREEN } else { RED };
        let right = (left + width - PAD, y);
        if self.trains.is_some() {
            canvas::text(area, self.trains(), right, look.color(color).right())?;
        }
        let below = top + ROW;
        canvas::line(area, &[(left, below), (left + width, below)], stroke(AXIS, 1.0))
    }
}

/// The shapes, the first with a title in front, as far as there is room.
fn titled(title: &str, shapes: Vec<String>, widest: f64) -> Vec<String> {
    let titles = std::iter::once(title).chain(std::iter::repeat(""));
    let lines = titles.zip(shapes).map(|(title, shape)| format!("{title}{shape}"));
    lines.map(|line| fit(&line, SMALL, widest)).collect()
}

/// Draws lines one below the other, all around the same middle.
fn draw_lines(area: &Area<'_>, lines: &[String], (x, y): Point) -> Result<()> {
    let above = LINE * (lines.len() as f64 - 1.0) / 2.0;
    for (i, line) in lines.iter().enumerate() {
        canvas::text(area, line, (x, y - above + LINE * i as f64), Type::new(SMALL))?;
    }
    Ok(())
}

impl Block {
    /// How wide and high it is.
    pub(crate) fn size(&self) -> Point {
        match self {
            Self::Layer(layer) => layer.size(),
            Self::Frame { title, flow } => {
                let (across, down) = flow.size();
                let title = width(&fit(title, NAME, WIDEST), NAME);
                (across.max(title) + 2.0 * FRAME, down + HEAD + FRAME)
            }
            Self::Exit => (0.0, 0.0),
        }
    }

    /// How far from its middle the place is that stands below or above other blocks: the input of a
    /// frame that has one.
    pub(crate) fn anchor(&self) -> f64 {
        match self {
            Self::Frame { flow, .. } => match flow.entrances[..] {
                [only] => only,
                _ => 0.0,
            },
            _ => 0.0,
        }
    }

    /// How far from its middle that input is, where it has several places for them.
    pub(crate) fn entrance(&self, input: usize) -> Option<f64> {
        let Self::Frame { flow, .. } = self else { return None };
        flow.entrances.get(input).copied()
    }

    /// How far from its middle that output is.
    pub(crate) fn exit(&self, output: usize) -> Option<f64> {
        let Self::Frame { flow, .. } = self else { return None };
        flow.exits.get(output).copied()
    }

    pub(crate) fn draw(&self, area: &Area<'_>, at: Point) -> Result<()> {
        match self {
            Self::Layer(layer) => layer.draw(area, at),
            Self::Frame { title, flow } => {
                let (width, height) = self.size();
                canvas::rect(area, at, (width, height), fill(PALE))?;
                canvas::rect(area, at, (width, height), stroke(DARK, 1.0))?;
                let title = fit(title, NAME, WIDEST);
                let middle = at.0 + width / 2.0;
                canvas::text(area, &title, (middle, at.1 + HEAD / 2.0), Type::new(NAME))?;
                flow.draw(area, (middle, at.1 + HEAD))
            }
            Self::Exit => Ok(()),
        }
    }
}
