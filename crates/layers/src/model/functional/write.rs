//! A functional model as the config that Keras 3 writes.

use ceratops_core::{Result, Shape};
use serde_json::{Map, Value, json};

use crate::{
    Node, Operation, Registry,
    model::{Call, Form, Listed, Model, Value as Place},
};

/// The config of a functional model.
pub(in crate::model) fn write(model: &Model) -> Result<Value> {
    let histories = Histories::of(model);
    let mut of_layers = vec![Vec::new(); model.layers.len()];
    model.calls.iter().for_each(|call| of_layers[call.layer].push(call));
    let mut layers = Vec::with_capacity(model.listed.len());
    for listed in &model.listed {
        let (node, calls) = match *listed {
            Listed::Input(place) => (&model.inputs[place], Vec::new()),
            Listed::Layer(layer) => {
                let own = of_layers[layer].iter();
                (&model.layers[layer], own.map(|call| histories.call(call)).collect())
            }
        };
        let mut entry = node.to_entry()?;
        entry["name"] = node.name().into();
        entry["inbound_nodes"] = Value::Array(calls);
        layers.push(entry);
    }
    let inputs = model.inputs.iter().map(|input| json!([input.name(), 0, 0]));
    let outputs = model.outputs.iter().map(|&output| histories.end(output));
    Ok(json!({
        "layers": layers,
        "input_layers": model.input_nest.write(&mut inputs.into_iter()),
        "output_layers": model.output_nest.write(&mut outputs.into_iter()),
    }))
}

/// Where each value comes from, as Keras says it: layer, call of the layer, output of the call.
struct Histories<'a> {
    model: &'a Model,
    of_values: Vec<(&'a Node, usize, usize)>,
    shapes: Vec<Option<&'a Shape>>,
}

impl<'a> Histories<'a> {
    fn of(model: &'a Model) -> Self {
        let mut of_values: Vec<_> = model.inputs.iter().map(|input| (input, 0, 0)).collect();
        let mut counts = vec![0; model.layers.len()];
        for call in &model.calls {
            let number = counts[call.layer];
            counts[call.layer] += 1;
            let node = &model.layers[call.layer];
            of_values.extend((0..call.outputs.len()).map(|index| (node, number, index)));
        }
        Self { model, of_values, shapes: model.value_shapes().collect() }
    }

    fn call(&self, call: &Call) -> Value {
        let layer = &self.model.layers[call.layer];
        let arguments = call.manner.arguments();
        let (inputs, named) = arguments.split(&call.inputs);
        let mut tensors: Vec<Value> = inputs.iter().map(|&value| self.tensor(value)).collect();
        if let Some(operation) = layer.downcast_ref::<Operation>() {
            return operation.call(tensors);
        }
        let mut kwargs = recorded(layer, inputs.len());
        if tensors.len() > 1 && RECURRENT.contains(&layer.class_name()) {
            kwargs = json!({ "initial_state": states(tensors.split_off(1)) });
        }
        let args = match call.manner.form {
            Form::List if tensors.len() > 1 || kwargs.get("initial_state").is_none() => {
                json!([tensors])
            }
            _ => tensors.into(),
        };
        for (name, &value) in arguments.tensors().iter().zip(named) {
            kwargs[name] = self.tensor(value);
        }
        for (name, value) in arguments.values() {
            kwargs[name] = value.clone();
        }
        let mut node = json!({ "args": args, "kwargs": kwargs });
        // Keras 3 has no word for it: there the mode of the model counts.
        if let Some(training) = call.manner.training {
            node["training"] = training.into();
        }
        node
    }

    fn tensor(&self, value: Place) -> Value {
        let (node, number, index) = self.of_values[value];
        let operation = node.downcast_ref::<Operation>();
        json!({"class_name": "__keras_tensor__", "config": {
            "shape": self.shapes[value],
            "dtype": operation.map_or("float32", Operation::dtype),
            "keras_history": [node.name(), number, index],
        }})
    }

    /// An output of the model. Keras counts the calls of a functional model from 1 here.
    fn end(&self, value: Place) -> Value {
        let (node, number, index) = self.of_values[value];
        let number = number + usize::from(node.saved_class() == "Functional");
        json!([node.name(), number, index])
    }
}

/// The classes whose further inputs are the states that they begin with.
const RECURRENT: [&str; 8] =
    ["Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRU", "LSTM", "RNN", "SimpleRNN"];

/// States as Keras writes them: a list, or the only one alone.
fn states(mut states: Vec<Value>) -> Value {
    match states.len() {
        1 => states.remove(0),
        _ => states.into(),
    }
}

/// The arguments that Keras records at each call of such a layer on so many inputs.
fn recorded(node: &Node, inputs: usize) -> Value {
    match node.saved_class() {
        "Functional" if inputs > 1 => json!({"mask": vec![Value::Null; inputs]}),
        "Functional" | "Sequential" => json!({"mask": null}),
        class_name if Registry::trains_unless_told(class_name) => json!({"training": true}),
        class_name => {
            let value = |&key: &&str| (key.to_owned(), training_or_mask(key));
            Registry::recorded(class_name).iter().map(value).collect::<Map<_, _>>().into()
        }
    }
}

/// What is recorded of an argument that was not given.
fn training_or_mask(key: &str) -> Value {
    if key == "training" { false.into() } else { Value::Null }
}
