//! STUB
#![allow(missing_docs, missing_debug_implementations)]
use ceratops_core::*;
#[derive(Debug, Clone, PartialEq)]
pub struct Activation(String);
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Keeps {
    Input,
    Output,
}
pub fn names() -> impl Iterator<Item = &'static str> {
    ["linear", "relu", "softmax"].into_iter()
}
impl Activation {
    pub fn get(n: &str) -> Result<Self> {
        if names().any(|m| m == n) {
            Ok(Self(n.into()))
        } else {
            Err(Error::unknown("activation", n, names()))
        }
    }
    pub fn name(&self) -> &str {
        &self.0
    }
    pub fn is_custom(&self) -> bool {
        false
    }
    pub fn keeps(&self) -> Keeps {
        Keeps::Input
    }
    pub fn call(&self, x: Tensor) -> Result<Tensor> {
        Ok(match self.name() {
            "relu" => x.map(|x| if x > 0.0 { x } else { 0.0 }),
            _ => x,
        })
    }
    pub fn backward(&self, x: &Tensor, dy: Tensor) -> Result<Tensor> {
        match self.name() {
            "relu" => dy.zip_map(x, |d, x| if x > 0.0 { d } else { 0.0 }),
            _ => Ok(dy),
        }
    }
    pub fn output_shape(&self, s: &Shape) -> Result<Shape> {
        Ok(s.clone())
    }
}
