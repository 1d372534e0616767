//! A chart: curves or bars over two axes, with a title, and a legend that covers nothing.

use ceratops_core::Result;
use plotters::{
    chart::{ChartBuilder, ChartContext},
    coord::cartesian::Cartesian2d,
    element::{Circle, PathElement, Rectangle},
    style::RGBAColor,
};

use crate::{
    axis::{Axis, extent, widened},
    canvas::{self, Area, Type, failed, fill, size, stroke},
    colors::{AXIS, BLACK, DARK, MESH, TRANSPARENT},
    curve::stretches,
    font,
    mark::Point,
    recorder::{Recorder, units},
};

const TITLE: f64 = 14.0;
const SMALL: f64 = 11.0;

/// A curve of so many points, or fewer, has a dot at each.
const DOTTED: usize = 30;

/// A chart, to be drawn in any size.
#[derive(Debug, Clone)]
pub(crate) struct Chart {
    pub(crate) title: String,
    /// What is to be said beside, below the title.
    pub(crate) note: String,
    pub(crate) across: Across,
    /// What is counted along the axes.
    pub(crate) axis_names: [&'static str; 2],
    pub(crate) series: Vec<Series>,
    /// Whether the lines x = 0 and y = 0 stand out.
    pub(crate) zero_lines: bool,
}

/// The axis across.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Across {
    /// From here to there.
    Numbers(f64, f64),
    /// From 1 to this.
    Epochs(usize),
}

/// Something drawn over the axes, with a name for the legend.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    /// Its name; empty if the legend does not have it.
    pub(crate) name: String,
    pub(crate) color: RGBAColor,
    pub(crate) shape: Shape,
}

/// What a series looks like.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    /// A curve, with gaps where it has no value.
    Curve { points: Vec<Point>, width: f64, dots: bool },
    /// Bars that stand on zero: from, to, height.
    Bars(Vec<(f64, f64, f64)>),
}

type Context<'c, 'r> = ChartContext<'c, Recorder<'r>, Cartesian2d<Axis, Axis>>;

impl Chart {
    /// Draws it on the whole of `area`.
    pub(crate) fn draw(&self, area: &Area<'_>) -> Result<()> {
        let (width, height) = size(area);
        let middle = width / 2.0;
        let title = font::fit(&self.title, TITLE, width - 16.0);
        canvas::text(area, &title, (middle, 16.0), Type::new(TITLE))?;
        let mut top = 30.0;
        if !self.note.is_empty() {
            let note = font::fit(&self.note, SMALL, width - 16.0);
            canvas::text(area, &note, (middle, top + 4.0), Type::new(SMALL).color(DARK))?;
            top += 16.0;
        }
        if self.series.iter().any(|series| !series.name.is_empty()) {
            self.legend(area, top + 4.0)?;
            top += 16.0;
        }
        let rest = canvas::part(area, (0.0, top), (width, height - top));
        self.axes(&rest)
    }

    /// Draws the names of the series side by side, each behind a bit of its colour.
    fn legend(&self, area: &Area<'_>, y: f64) -> Result<()> {
        const SWATCH: f64 = 20.0;
        const GAP: f64 = 18.0;
        let width = size(area).0;
        let room = (width - 16.0) / self.series.len() as f64 - SWATCH - 6.0 - GAP;
        let names: Vec<_> =
            self.series.iter().map(|series| font::fit(&series.name, SMALL, room)).collect();
        let used: f64 = names.iter().map(|n| SWATCH + 6.0 + font::width(n, SMALL) + GAP).sum();
        let mut x = (width - used + GAP) / 2.0;
        for (series, name) in self.series.iter().zip(&names) {
            canvas::line(area, &[(x, y), (x + SWATCH, y)], stroke(series.color, 2.0))?;
            x += SWATCH + 6.0;
            canvas::text(area, name, (x, y), Type::new(SMALL).left())?;
            x += font::width(name, SMALL) + GAP;
        }
        Ok(())
    }

    /// Draws the axes and what is between them.
    fn axes(&self, area: &Area<'_>) -> Result<()> {
        let (width, height) = size(area);
        let [x_name, y_name] = self.axis_names;
        let below = if x_name.is_empty() { 22.0 } else { 38.0 };
        let most = ((height - below) / 38.0).clamp(2.0, 8.0) as usize;
        let y = if self.counts() { Axis::whole } else { Axis::new }(self.up(), most);
        let names = widest(&y) + if y_name.is_empty() { 20.0 } else { 36.0 };
        let x = self.x_axis(width - names);
        // The label of a tick at the end reaches over it.
        let over = widest(&x) / 2.0 + 4.0;
        let (beside, right) = (names.max(over), over.max(16.0));
        let mut chart = ChartBuilder::on(area)
            .margin_top(units(8.0))
            .margin_right(units(right))
            .margin_bottom(units(5.0))
            .x_label_area_size(units(below))
            .y_label_area_size(units(beside))
            .build_cartesian_2d(x.clone(), y.clone())
            .map_err(failed)?;
        chart
            .configure_mesh()
            .bold_line_style(stroke(MESH, 1.0))
            .light_line_style(stroke(TRANSPARENT, 1.0))
            .axis_style(stroke(AXIS, 1.0))
            .set_all_tick_mark_size(units(4.0))
            .label_style(Type::new(SMALL).color(BLACK).style())
            .axis_desc_style(Type::new(SMALL).color(DARK).style())
            .x_desc(x_name)
            .y_desc(y_name)
            .draw()
            .map_err(failed)?;
        self.zero_lines(&mut chart, &x, &y)?;
        self.series.iter().try_for_each(|series| series.draw(&mut chart))
    }

    /// The axis across, in a chart of that width.
    fn x_axis(&self, width: f64) -> Axis {
        let most = (width / 60.0).clamp(2.0, 10.0) as usize;
        match self.across {
            Across::Numbers(from, to) => Axis::new((from, to), most),
            Across::Epochs(n) => Axis::counting(n, most),
        }
    }

    /// Whether heights are numbers of things.
    fn counts(&self) -> bool {
        self.series.iter().any(|series| matches!(series.shape, Shape::Bars(_)))
    }

    /// From where to where the axis goes up: a bit further than the curves.
    fn up(&self) -> (f64, f64) {
        let bars = self.counts();
        let heights = self.series.iter().flat_map(|series| series.heights());
        let zero = bars || self.zero_lines;
        let (low, high) = extent(heights.chain(zero.then_some(0.0))).unwrap_or((0.0, 1.0));
        let (low, high) = widened((low, high));
        let beside = 0.05 * (high - low);
        (if bars { 0.0 } else { low - beside }, high + beside)
    }

    fn zero_lines(&self, chart: &mut Context<'_, '_>, x: &Axis, y: &Axis) -> Result<()> {
        let across = vec![(x.from, 0.0), (x.to, 0.0)];
        let up = vec![(0.0, y.from), (0.0, y.to)];
        let within = |axis: &Axis| self.zero_lines && axis.from <= 0.0 && axis.to >= 0.0;
        let lines = [(within(y), across), (within(x), up)].into_iter();
        let lines = lines.filter(|(within, _)| *within);
        let lines = lines.map(|(_, points)| PathElement::new(points, stroke(AXIS, 1.0)));
        chart.draw_series(lines).map(|_| ()).map_err(failed)
    }
}

impl Series {
    /// How high it reaches, everywhere.
    fn heights(&self) -> Vec<f64> {
        match &self.shape {
            Shape::Curve { points, .. } => points.iter().map(|&(_, y)| y).collect(),
            Shape::Bars(bars) => bars.iter().map(|&(_, _, height)| height).collect(),
        }
    }

    fn draw(&self, chart: &mut Context<'_, '_>) -> Result<()> {
        let color = self.color;
        match &self.shape {
            Shape::Curve { points, width, dots } => {
                let lines = stretches(points).into_iter().filter(|stretch| stretch.len() > 1);
                let lines = lines.map(|s| PathElement::new(s.to_vec(), stroke(color, *width)));
                chart.draw_series(lines).map_err(failed)?;
                let dotted =
                    |stretch: &&[Point]| stretch.len() == 1 || (*dots && points.len() <= DOTTED);
                let dots = stretches(points).into_iter().filter(dotted).flatten();
                let dots = dots.map(|&at| Circle::new(at, units(3.0), fill(color)));
                chart.draw_series(dots).map(|_| ())
            }
            Shape::Bars(bars) => {
                let bars = bars.iter().filter(|&&(_, _, height)| height > 0.0);
                let bar =
                    |&(from, to, height)| Rectangle::new([(from, 0.0), (to, height)], fill(color));
                chart.draw_series(bars.map(bar)).map(|_| ())
            }
        }
        .map_err(failed)
    }
}

/// How wide the widest label of the axis is.
fn widest(axis: &Axis) -> f64 {
    axis.ticks.iter().map(|(_, label)| font::width(label, SMALL)).fold(0.0, f64::max)
}
