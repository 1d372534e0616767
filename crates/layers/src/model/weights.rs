//! The weights of a model: counting, reading, replacing, freezing.

use ceratops_core::{MultiLayer, Param, Result, Tensor};

use super::Model;
use crate::{Node, node::set_values};

impl Model {
    /// The number of weights, each number counted.
    pub fn count_params(&self) -> usize {
        self.layers.iter().map(Node::count_params).sum()
    }

    /// The weights with what governs them, layer by layer, each layer's in Keras' order.
    pub fn params(&self) -> Vec<&Param> {
        MultiLayer::params(self)
    }

    /// The weights, to be changed.
    pub fn params_mut(&mut self) -> Vec<&mut Param> {
        MultiLayer::params_mut(self)
    }

    /// The weights' values, layer by layer: Keras' `model.get_weights()`.
    pub fn get_weights(&self) -> Vec<Tensor> {
        self.params().iter().map(|param| param.value().clone()).collect()
    }

    /// Replaces all weights, given in the order of [`Model::get_weights`]. Their number and
    /// shapes must be the model's own; if one is not, nothing is changed.
    pub fn set_weights(&mut self, weights: &[Tensor]) -> Result<()> {
        let owners: Vec<String> = self
            .layers
            .iter()
            .flat_map(|node| vec![node.name().to_owned(); node.params().len()])
            .collect();
        let owner = |i: usize| format!("layer \"{}\"", owners.get(i).map_or("?", String::as_str));
        set_values(self.layers.iter_mut().flat_map(Node::params_mut).collect(), weights, owner)
    }

    /// Freezes all layers, or lets them all learn again: Keras' `model.trainable = ...`.
    pub fn set_trainable(&mut self, trainable: bool) {
        self.layers.iter_mut().for_each(|node| node.set_trainable(trainable));
    }

    /// Draws all weights anew, from `seed`.
    pub fn draw_weights(&mut self, seed: u64) -> Result<()> {
        self.seed = seed;
        for index in 0..self.layers.len() {
            let mut rng = self.rng(index);
            let node = &mut self.layers[index];
            match node.as_model_mut() {
                Some(nested) => nested.draw_weights(seed.wrapping_add(index as u64 + 1))?,
                None => node.draw(&mut rng)?,
            }
        }
        Ok(())
    }
}
