//! What a model's summary says: its layers, and its sums.

use std::collections::HashMap;

use super::{Listed, Model};
use crate::{
    Node, Registry,
    entry::inner_name,
    summary::{Count, Row, Summary, Totals, Wiring},
};

impl Model {
    /// The model as a table, to be printed: layers, output shapes, numbers of weights, and of a graph
    /// what each layer reads.
    ///
    /// ```
    /// use ceratops_layers::{Dense, Input, sequential};
    ///
    /// let model = sequential![Input::new([4]), Dense::new(3)]?;
    /// assert!(model.summary().to_string().contains("│ dense (Dense) "));
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn summary(&self) -> Summary {
        let graph = !self.reads_like_a_chain();
        let table = Table { graph, batch: self.batch_size() };
        let (rows, wiring) = self.rows(&table, 0, true).into_iter().unzip();
        let rows: Vec<Row> = rows;
        Summary::new(self.name(), rows, self.totals()).wired(wiring)
    }

    /// The batch size that the first Input names, which the table shows as Keras does.
    fn batch_size(&self) -> Option<usize> {
        self.input_shapes().first().and_then(|shape| shape.axes().first().copied().flatten())
    }

    /// A row for each layer, those of nested models after their model's. Inputs are frozen where the
    /// model is.
    fn rows(&self, table: &Table, depth: usize, trainable: bool) -> Vec<(Row, Wiring)> {
        let mut connected = self.connections();
        let mut rows = Vec::with_capacity(self.layers.len());
        for listed in self.shown() {
            let (node, is_input, read) = match listed {
                Listed::Input(place) => (&self.inputs[place], true, Vec::new()),
                Listed::Layer(layer) => {
                    let node = &self.layers[layer];
                    (node, false, connected.remove(node.name()).unwrap_or_default())
                }
            };
            // Keras shows connections of the outermost model only.
            let read = if depth == 0 { read } else { Vec::new() };
            let outputs =
                node.output_shapes().iter().map(|shape| shape.with_axis(0, table.batch)).collect();
            let wiring = Wiring { outputs, is_input, connected: table.graph.then_some(read) };
            let row = row(node, depth, table.batch);
            let trainable = row.trainable && (trainable || !is_input);
            rows.push((Row { trainable, ..row }, wiring));
            if let Some(model) = node.as_model() {
                rows.extend(model.rows(table, depth + 1, node.trainable()));
            }
        }
        rows
    }

    /// What has a row: of a Sequential the layers, of a functional model the inputs too.
    pub(super) fn shown(&self) -> Vec<Listed> {
        if !self.sequential {
            return self.listed.clone();
        }
        let inputs = if self.functional { self.inputs.len() } else { 0 };
        let layers = (0..self.layers.len()).map(Listed::Layer);
        (0..inputs).map(Listed::Input).chain(layers).collect()
    }

    /// Whether each call reads the one before and no layer is called twice: then Keras does not say
    /// what a layer reads.
    fn reads_like_a_chain(&self) -> bool {
        let mut before = 0..self.input_count();
        let mut called = vec![false; self.layers.len()];
        self.sequential
            || self.inputs.len() == 1
                && self.calls.iter().all(|call| {
                    let follows = matches!(call.inputs[..], [input] if before.contains(&input));
                    before = call.outputs.clone();
                    follows && !std::mem::replace(&mut called[call.layer], true)
                })
    }

    /// For each layer the tensors that it reads, call after call.
    fn connections(&self) -> HashMap<&str, Vec<(String, usize, usize)>> {
        let mut connected: HashMap<_, Vec<_>> = HashMap::new();
        for call in self.layer_calls() {
            let reads = call.reads.iter();
            let reads = reads.map(|read| (read.layer.name().to_owned(), read.call, read.output));
            connected.entry(call.layer.name()).or_default().extend(reads);
        }
        connected
    }

    fn totals(&self) -> Totals {
        let count = |learns: bool| {
            let params = self.params().into_iter().filter(|param| param.learns() == learns);
            params.map(Count::of).fold(Count::default(), |sum, count| sum + count)
        };
        Totals { trainable: count(true), non_trainable: count(false), optimizer: None }
    }
}

/// What all rows of a table have in common.
struct Table {
    /// Whether it says what a layer reads.
    graph: bool,
    /// The batch size that is shown.
    batch: Option<usize>,
}

fn row(node: &Node, depth: usize, batch: Option<usize>) -> Row {
    let is_built = node.is_built()
        || !node.params().is_empty()
        || Registry::is_built_from_start(node.class_name());
    Row {
        name: node.name().into(),
        class_name: inner_name(node.saved_class()).into(),
        output_shape: node.output_shape().map(|shape| shape.with_axis(0, batch)),
        params: is_built.then(|| node.count_params()),
        trainable: node.trainable(),
        depth,
    }
}
