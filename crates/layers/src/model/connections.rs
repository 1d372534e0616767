//! Who reads what: the calls of a model's layers, and whose tensors they read.

use std::fmt;

use ceratops_core::Shape;

use super::{Model, entrance::batch_shape};
use crate::Node;

/// One call of a layer: what it reads, and what comes out. [`Model::layer_calls`] gives them.
#[derive(Debug, Clone)]
pub struct LayerCall<'a> {
    /// The layer that is called.
    pub layer: &'a Node,
    /// Which of the layer's calls it is, from 0: a layer that several branches share has several.
    pub number: usize,
    /// The tensors that it reads. (That of a chain whose input is not known yet has no origin.)
    pub reads: Vec<Origin<'a>>,
    /// The shapes of its outputs, batch first; none before they are known.
    pub output_shapes: &'a [Shape],
}

/// Where a tensor of a model comes from: an input, or an output of a layer's call.
///
/// It is shown as `summary` does: the layer, which of its calls, and which output of that.
///
/// Source: Keras, `KerasTensor._keras_history`.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The layer, or the input layer.
    pub layer: &'a Node,
    /// Which of the layer's calls, from 0.
    pub call: usize,
    /// Which output of the call, from 0.
    pub output: usize,
    /// The tensor's shape, batch first; `None` before it is known.
    pub shape: Option<&'a Shape>,
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}][{}]", self.layer.name(), self.call, self.output)
    }
}

impl Model {
    /// The calls of the layers, each behind those that it reads.
    ///
    /// ```
    /// use ceratops_layers::{Add, CallLayer, Dense, Input, IntoNode, Model};
    ///
    /// let x = Input::new([4]).named("x").tensor();
    /// let y = Add::new().call([&x, &Dense::new(4).call(&x)?])?;
    /// let model = Model::new([&x], [&y])?;
    /// let calls = model.layer_calls();
    /// assert_eq!(calls[1].layer.name(), "add");
    /// assert_eq!(calls[1].reads[0].to_string(), "x[0][0]");
    /// assert_eq!(calls[1].reads[1].to_string(), "dense[0][0]");
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn layer_calls(&self) -> Vec<LayerCall<'_>> {
        let origins = self.origins();
        let mut called = vec![0; self.layers.len()];
        let calls = self.calls.iter().map(|call| {
            let number = called[call.layer];
            called[call.layer] += 1;
            let reads = call.inputs.iter().filter_map(|&value| origins[value]).collect();
            let layer = &self.layers[call.layer];
            LayerCall { layer, number, reads, output_shapes: &call.shapes }
        });
        calls.collect()
    }

    /// Where the outputs come from.
    ///
    /// ```
    /// use ceratops_layers::{CallLayer, Dense, Input, IntoNode, Model};
    ///
    /// let x = Input::new([4]).tensor();
    /// let model = Model::new([&x], [&Dense::new(3).named("scores").call(&x)?])?;
    /// assert_eq!(model.output_origins()[0].layer.name(), "scores");
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn output_origins(&self) -> Vec<Origin<'_>> {
        let origins = self.origins();
        self.outputs.iter().filter_map(|&value| origins.get(value).copied().flatten()).collect()
    }

    /// Where each value comes from; of an input that is not known yet nobody can say.
    fn origins(&self) -> Vec<Option<Origin<'_>>> {
        let input = |place| {
            let layer: &Node = self.inputs.get(place)?;
            Some(Origin { layer, call: 0, output: 0, shape: batch_shape(layer) })
        };
        let mut origins: Vec<_> = (0..self.input_count()).map(input).collect();
        let mut called = vec![0; self.layers.len()];
        for call in &self.calls {
            let (layer, number) = (&self.layers[call.layer], called[call.layer]);
            called[call.layer] += 1;
            origins.extend((0..call.outputs.len()).map(|output| {
                Some(Origin { layer, call: number, output, shape: call.shapes.get(output) })
            }));
        }
        origins
    }
}
