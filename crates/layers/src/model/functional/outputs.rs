//! A model with other outputs.

use ceratops_core::{Error, Result};

use crate::{
    Model,
    model::{Call, Listed, Nest, Value},
};

impl Model {
    /// The same model, which gives what these layers put out, in this order, in place of its own
    /// outputs; of a layer that is called several times it is that of the last call.
    ///
    /// ```
    /// use ceratops_core::Tensor;
    /// use ceratops_layers::{Dense, Input, IntoNode, Model, sequential};
    ///
    /// let chain = sequential![Input::new([4]), Dense::new(3).named("h"), Dense::new(2).named("y")]?;
    /// let model = Model::from(chain).with_outputs(&["y", "h"])?;
    /// assert_eq!(model.predict_all(Tensor::zeros(&[5, 4]))?["h"].shape(), [5, 3]);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// For names that no layer has, none at all, and a model whose input is not known.
    pub fn with_outputs(mut self, layers: &[impl AsRef<str>]) -> Result<Self> {
        if layers.is_empty() {
            return Err(Error::argument("layers", "the names of layers, at least one", "none"));
        }
        if self.inputs.is_empty() {
            let message = "the model does not know its input yet; give it an Input, or build it";
            return Err(Error::Model(message.into()));
        }
        let mut outputs = Vec::with_capacity(layers.len());
        for name in layers {
            outputs.extend(self.put_out_by(name.as_ref())?);
        }
        if self.sequential {
            let inputs = (0..self.inputs.len()).map(Listed::Input);
            self.listed = inputs.chain((0..self.layers.len()).map(Listed::Layer)).collect();
            self.sequential = false;
        }
        self.output_nest = Nest::of(outputs.len(), true);
        self.outputs = outputs;
        self.reschedule();
        Ok(self)
    }

    /// What the layer or the input of that name puts out.
    fn put_out_by(&self, name: &str) -> Result<std::ops::Range<Value>> {
        if let Some(input) = self.inputs.iter().position(|input| input.name() == name) {
            return Ok(input..input + 1);
        }
        let node = self.get_layer(name)?;
        let of_layer = |call: &&Call| std::ptr::eq(&self.layers[call.layer], node);
        let call = self.calls.iter().rfind(of_layer);
        call.map(|call| call.outputs.clone()).ok_or_else(|| {
            Error::Model(format!("the layer \"{name}\" is called by nobody, and puts out nothing"))
        })
    }
}
