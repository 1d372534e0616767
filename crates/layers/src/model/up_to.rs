//! The first part of a model: up to what one of its layers puts out.

mod end;
mod trace;

use ceratops_core::{Error, Result};

use self::end::End;
use super::{Model, Nest, Value};
use crate::{
    Node, Sequential,
    functional::{Cell, KerasTensor},
};

impl Model {
    /// The model up to a layer: what that layer puts out, computed of the inputs that it needs. Keras
    /// writes it as `Model(model.inputs, model.get_layer("features").output)`.
    ///
    /// The layers keep their names, and come with copies of their weights: training one of the two
    /// models leaves the other as it is. (In Keras both train the same weights.) A
    /// [`Sequential`](crate::Sequential) gives a chain. The new model has no name of its own.
    ///
    /// ```
    /// use ceratops_core::Tensor;
    /// use ceratops_layers::{Dense, Input, IntoNode, sequential};
    ///
    /// let model = sequential![
    ///     Input::new([4]),
    ///     Dense::new(8).activation("relu").named("features"),
    ///     Dense::new(2),
    /// ]?;
    /// let features = model.up_to("features")?;
    /// assert_eq!(features.predict(Tensor::zeros(&[3, 4]))?.shape(), [3, 8]);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    ///
    /// A layer within a nested model is named by its path, `"encoder/dense"`. Of a layer that is called
    /// several times, say which call, counted from 0 as in the summary: `"tower[1]"`. A layer of several
    /// outputs gives all of them, `"split[0][1]"` one.
    ///
    /// ```
    /// use ceratops_layers::{Add, CallLayer, Dense, Input, IntoNode, Model};
    ///
    /// let left = Input::new([4]).named("left").tensor();
    /// let right = Input::new([4]).named("right").tensor();
    /// let tower = Dense::new(8).named("tower").shared();
    /// let sum = Add::new().call([&tower.call(&left)?, &tower.call(&right)?])?;
    /// let model = Model::new([&left, &right], [&sum])?;
    /// assert_eq!(model.up_to("tower[1]")?.input_names(), ["right"]);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// For a layer that is not there, and for one that is called several times where it is not said
    /// which call is meant.
    pub fn up_to(&self, layer: &str) -> Result<Self> {
        Ok(self.cut(layer)?.model)
    }

    fn cut(&self, path: &str) -> Result<Cut> {
        if let Some(place) = self.inputs.iter().position(|node| node.name() == path) {
            return self.ending_at(&[place]);
        }
        let End { call, output, within } = self.end(path)?;
        let Some(within) = within else {
            let made = self.calls[call].outputs.clone();
            let outputs = output.map_or(made.clone(), |i| made.start + i..made.start + i + 1);
            return self.ending_at(&outputs.collect::<Vec<_>>());
        };
        let node = &self.layers[self.calls[call].layer];
        let nested = node.as_model().ok_or_else(|| {
            let name = node.name();
            Error::Model(format!("\"{path}\": the layer \"{name}\" holds no others"))
        })?;
        let nested = nested.cut(within)?;
        match self.sequential {
            true => self.chain_into(call, nested.model),
            false => self.graph_into(call, nested),
        }
    }

    /// The model that makes these values.
    fn ending_at(&self, values: &[Value]) -> Result<Cut> {
        if self.sequential {
            // Value 0 is the input, and each layer makes the next one.
            return Ok(Cut { model: self.first(values[0]), kept: vec![0] });
        }
        let trace = self.trace(values)?;
        let outputs = values.iter().filter_map(|&value| trace.tensor(value)).collect();
        self.of_tensors(&trace.inputs(), outputs)
    }

    /// The first layers of a chain.
    fn first(&self, len: usize) -> Self {
        let mut chain = self.clone();
        chain.layers.truncate(len);
        chain.calls.truncate(len);
        (chain.name, chain.names, chain.outputs) = (None, None, vec![len]);
        chain.reschedule();
        chain
    }

    /// The layers before a nested model of a chain, and a part of it.
    fn chain_into(&self, place: usize, nested: Self) -> Result<Cut> {
        let mut chain = self.first(place);
        chain.append(part_of(&self.layers[place], nested))?;
        Ok(Cut { model: chain, kept: vec![0] })
    }

    /// What leads to a call of a nested model, and a part of that.
    fn graph_into(&self, call: usize, nested: Cut) -> Result<Cut> {
        let call = &self.calls[call];
        let node = &self.layers[call.layer];
        let taken: Vec<Value> = nested.kept.iter().map(|&place| call.inputs[place]).collect();
        let trace = self.trace(&taken)?;
        if trace.has(call.layer) {
            let name = node.name();
            return Err(Error::Model(format!(
                "\"{name}\" is called before as a whole, and cannot stand in the same model in part; \
                 take its first call, \"{name}[0]/...\""
            )));
        }
        let inputs = taken.iter().filter_map(|&value| trace.tensor(value)).collect();
        let cell = Cell::new(part_of(node, nested.model));
        let outputs = KerasTensor::call(&cell, inputs, call.manner.clone())?;
        self.of_tensors(&trace.inputs(), outputs)
    }

    /// The model of these inputs, none where one is not needed, and outputs.
    fn of_tensors(&self, inputs: &[Option<KerasTensor>], outputs: Vec<KerasTensor>) -> Result<Cut> {
        let kept: Vec<usize> = (0..inputs.len()).filter(|&i| inputs[i].is_some()).collect();
        let inputs: Vec<KerasTensor> = inputs.iter().flatten().cloned().collect();
        let mut model = Self::with_seed(self.seed, inputs, &outputs)?;
        model.input_nest = self.input_nest.keeping(&kept);
        model.output_nest = Nest::of(outputs.len(), outputs.len() > 1);
        Ok(Cut { model, kept })
    }
}

/// A part of a model, and which of the inputs it needs.
struct Cut {
    model: Model,
    kept: Vec<usize>,
}

/// A nested model, cut, in the place of the whole.
fn part_of(node: &Node, model: Model) -> Node {
    let layer = match node.downcast_ref::<Sequential>() {
        Some(_) => Node::from(Sequential::from(model)).into_layer(),
        None => Node::from(model).into_layer(),
    };
    let name = Some(node.name().to_owned());
    Node { name, layer, input_shape: None, built: None, ..node.clone() }
}
