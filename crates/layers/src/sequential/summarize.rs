//! What a model's summary says: its layers, and its sums.

use super::Sequential;
use crate::{
    Node, Registry,
    summary::{Count, Row, Summary, Totals},
};

impl Sequential {
    /// The model as a table, to be printed: layers, output shapes, numbers of weights.
    ///
    /// ```
    /// use ceratops_layers::{Dense, Input, sequential};
    ///
    /// let model = sequential![Input::new([4]), Dense::new(3)]?;
    /// assert!(model.summary().to_string().contains("│ dense (Dense) "));
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn summary(&self) -> Summary {
        Summary::new(self.name(), self.rows(0, self.batch_size()), self.totals())
    }

    /// The batch size that the Input names, which the table shows as Keras does.
    fn batch_size(&self) -> Option<usize> {
        self.input_shape().and_then(|shape| shape.axes().first().copied().flatten())
    }

    /// A row for each layer, those of nested models after their model's.
    fn rows(&self, depth: usize, batch: Option<usize>) -> Vec<Row> {
        let row = |node: &Node| Row {
            name: node.name().into(),
            class_name: node.class_name().into(),
            output_shape: node.output_shape().map(|shape| shape.with_axis(0, batch)),
            params: (node.is_built()
                || !node.params().is_empty()
                || Registry::is_built_from_start(node.class_name()))
            .then(|| node.count_params()),
            trainable: node.trainable(),
            depth,
        };
        let nested =
            |node: &Node| node.downcast_ref::<Self>().map(|model| model.rows(depth + 1, batch));
        self.layers()
            .iter()
            .flat_map(|node| [row(node)].into_iter().chain(nested(node).into_iter().flatten()))
            .collect()
    }

    fn totals(&self) -> Totals {
        let count = |learns: bool| {
            let params = self.params().into_iter().filter(|param| param.learns() == learns);
            params.map(Count::of).fold(Count::default(), |sum, count| sum + count)
        };
        Totals { trainable: count(true), non_trainable: count(false), optimizer: None }
    }
}
