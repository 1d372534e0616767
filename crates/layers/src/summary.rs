//! A model's summary: a value that prints what `model.summary()` prints in Keras.

mod keras2;
mod keras3;
mod numbers;
mod plain;
mod table;
mod terminal;
mod text;
mod wiring;

use std::fmt;
use std::ops::Add;

use ceratops_core::{Error, Param, Result, Shape};

pub use plain::Table;
pub(crate) use wiring::Wiring;

/// The longest line that is printed.
const WIDEST: usize = 1000;

/// The layers of a model and its numbers of weights. It prints, character for character, as Keras
/// does; the methods are the arguments of Keras' `summary`.
///
/// ```
/// use ceratops_core::Shape;
/// use ceratops_layers::summary::{Count, Row, Summary, Totals};
///
/// let dense = Row {
///     name: "dense".into(),
///     class_name: "Dense".into(),
///     output_shape: Some(Shape::batched([10])),
///     params: Some(7850),
///     trainable: true,
///     depth: 0,
/// };
/// let totals = Totals { trainable: Count::f32(7850), ..Totals::default() };
/// let summary = Summary::new("sequential", [dense], totals).line_length(50);
/// assert_eq!(
///     summary.to_string(),
///     r#"
/// Model: "sequential"
/// ┏━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━┓
/// ┃ Layer (type)        ┃ Output Shape   ┃ Param # ┃
/// ┡━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━┩
/// │ dense (Dense)       │ (None, 10)     │   7,850 │
/// └─────────────────────┴────────────────┴─────────┘
///  Total params: 7,850 (30.66 KB)
///  Trainable params: 7,850 (30.66 KB)
///  Non-trainable params: 0 (0.00 B)"#
///         .trim_start()
/// );
/// ```
///
/// `Display` never asks the terminal and has no line break at the end; [`print`](Self::print)
/// does and has. Nothing is cropped at the width of the console, as it is in Keras.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The model's name.
    pub name: String,
    /// The layers in their order, those of a nested model behind it.
    pub rows: Vec<Row>,
    /// The sums below the table.
    pub totals: Totals,
    /// For each row what comes out of it, and for a graph what it reads.
    wiring: Vec<Wiring>,
    options: Options,
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// The layer's name. A control character prints as a space.
    pub name: String,
    /// Its class, as Keras spells it.
    pub class_name: String,
    /// The shape of its output; unknown before it is built: `?`, in Keras 2 `multiple`.
    pub output_shape: Option<Shape>,
    /// The number of its weights; unknown before it is built: `0 (unbuilt)`, in Keras 2
    /// `0 (unused)`. (Keras 2 prints no summary at all of a model that is not built.)
    pub params: Option<usize>,
    /// Whether it trains: `Y` or `N`, and in Keras 3 `-` where it has no weights.
    pub trainable: bool,
    /// How many nested models it is in, from 0. The rows behind this one that are deeper are its
    /// layers.
    pub depth: usize,
}

/// The sums below the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// The weights that train.
    pub trainable: Count,
    /// The weights that do not.
    pub non_trainable: Count,
    /// The optimizer's variables, once it has them. Only Keras 3 prints them, and adds them to
    /// the total.
    pub optimizer: Option<Count>,
}

/// A number of weights, and the bytes they take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// The number.
    pub params: usize,
    /// The bytes.
    pub bytes: usize,
}

impl Count {
    /// So many weights of four bytes.
    pub fn f32(params: usize) -> Self {
        Self { params, bytes: params.saturating_mul(4) }
    }

    /// The numbers of one weight.
    pub(crate) fn of(param: &Param) -> Self {
        let (params, size) = (param.value().len(), if param.is_integer() { 8 } else { 4 });
        Self { params, bytes: params.saturating_mul(size) }
    }
}

impl Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            params: self.params.saturating_add(other.params),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}

/// Whose summary it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// A table with lines between the cells.
    #[default]
    Keras3,
    /// Columns of plain text, as since Keras 2.13.
    Keras2,
}

/// The arguments of Keras' `summary`.
#[derive(Debug, Clone, PartialEq)]
struct Options {
    style: Style,
    line_length: Option<usize>,
    positions: Option<[f64; 3]>,
    columns: usize,
    show_trainable: bool,
    expand_nested: bool,
    colored: bool,
}

impl Summary {
    /// The summary of the model `name`.
    pub fn new(
        name: impl Into<String>,
        rows: impl IntoIterator<Item = Row>,
        totals: Totals,
    ) -> Self {
        let options = Options {
            style: Style::Keras3,
            line_length: None,
            positions: None,
            columns: 80,
            show_trainable: false,
            expand_nested: false,
            colored: false,
        };
        let rows = rows.into_iter().collect();
        Self { name: name.into(), rows, totals, wiring: Vec::new(), options }
    }

    /// The same summary with what comes out of each row, and what it reads.
    pub(crate) fn wired(self, wiring: Vec<Wiring>) -> Self {
        Self { wiring, ..self }
    }

    /// Whether it has a column that says what each layer reads: as in Keras, if the layers are no
    /// chain.
    fn is_graph(&self) -> bool {
        self.wiring.iter().any(|wiring| wiring.connected.is_some())
    }

    /// As Keras 3 prints it, or Keras 2.
    #[must_use]
    pub fn style(mut self, style: Style) -> Self {
        self.options.style = style;
        self
    }

    /// The length of a line: in Keras 3 by default 88, or 100 with
    /// [`show_trainable`](Self::show_trainable), but at most four less than
    /// [`columns`](Self::columns); in Keras 2 65, to which `show_trainable` adds 11. A length
    /// that leaves a column fewer than 4 cells is an error in Keras; here such columns get 4.
    #[must_use]
    pub fn line_length(mut self, cells: usize) -> Self {
        self.options.line_length = Some(cells);
        self
    }

    /// Where the columns for name, shape and params end, as parts of the length of a line; in
    /// Keras 2 also in characters, if the last is above 1. By default `[0.45, 0.80, 1.0]`, in
    /// Keras 2 `[0.45, 0.85, 1.0]`.
    #[must_use]
    pub fn positions(mut self, ends: [f64; 3]) -> Self {
        self.options.positions = Some(ends);
        self
    }

    /// How wide the console is, 80 by default. Only Keras 3 heeds it.
    #[must_use]
    pub fn columns(mut self, cells: usize) -> Self {
        self.options.columns = cells;
        self
    }

    /// Adds the column that says which layers train.
    #[must_use]
    pub fn show_trainable(mut self, show: bool) -> Self {
        self.options.show_trainable = show;
        self
    }

    /// Shows the layers of nested models too.
    #[must_use]
    pub fn expand_nested(mut self, expand: bool) -> Self {
        self.options.expand_nested = expand;
        self
    }

    /// Adds Keras 3's colours, for a terminal that has 256. Keras 2 has none.
    #[must_use]
    pub fn colored(mut self, colored: bool) -> Self {
        self.options.colored = colored;
        self
    }

    /// Keeps the layers from the first whose name begins with `first` to the last whose name
    /// begins with `last`, both included. (Keras matches the beginning of a name with regular
    /// expressions, which these are as long as they hold no special character.)
    pub fn layer_range(mut self, first: &str, last: &str) -> Result<Self> {
        let begins = |prefix: &str| {
            let layers = self.rows.iter().enumerate().filter(|(_, row)| row.depth == 0);
            let mut found = layers.filter(|(_, row)| row.name.starts_with(prefix)).map(|(i, _)| i);
            let start = found.next().ok_or_else(|| self.no_layer(prefix))?;
            Ok((start, found.next_back().unwrap_or(start)))
        };
        let (first, last) = (begins(first)?, begins(last)?);
        // Given the wrong way round, the range is from the first `last` to the last `first`.
        let (start, end) = if first.0 > last.1 { (last.0, first.1) } else { (first.0, last.1) };
        let layers = self.rows[end + 1..].iter().take_while(|row| row.depth > 0).count();
        self.rows = self.rows.drain(start..=end + layers).collect();
        if self.wiring.len() > end + layers {
            self.wiring = self.wiring.drain(start..=end + layers).collect();
        }
        Ok(self)
    }

    fn no_layer(&self, prefix: &str) -> Error {
        let names = self.rows.iter().filter(|row| row.depth == 0).map(|row| row.name.as_str());
        Error::unknown("layer in `layer_range`", prefix, names)
            .with_help("a layer's name has to begin with it; see the summary without a range")
    }

    /// The rows to print, each with its depth, which is at most one more than the row above has.
    fn visible(&self) -> Vec<(usize, &Row, &Wiring)> {
        let mut deepest = 0;
        let nest = |row: &'_ Row| {
            let depth = row.depth.min(deepest);
            deepest = depth + 1;
            depth
        };
        let depths: Vec<usize> = self.rows.iter().map(nest).collect();
        let shown = |depth| self.options.expand_nested || depth == 0;
        let wirings = self.wiring.iter().chain(std::iter::repeat(Wiring::NONE));
        let rows = depths.into_iter().zip(&self.rows).zip(wirings);
        let rows = rows.map(|((depth, row), wiring)| (depth, row, wiring));
        rows.filter(|&(depth, ..)| shown(depth)).collect()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.options.style {
            Style::Keras3 => keras3::write(self, f),
            Style::Keras2 => keras2::write(self, f),
        }
    }
}
