//! STUB
#![allow(missing_docs)]
use ceratops_core::*;
use serde::{Deserialize, Serialize};
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Initializer(String);
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Regularizer(String);
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Constraint(String);
impl From<&str> for Initializer {
    fn from(s: &str) -> Self {
        Self(s.into())
    }
}
impl From<&str> for Regularizer {
    fn from(s: &str) -> Self {
        Self(s.into())
    }
}
impl From<&str> for Constraint {
    fn from(s: &str) -> Self {
        Self(s.into())
    }
}
impl Initializer {
    pub fn draw(&self, s: &[usize], _: &mut Rng) -> Result<Tensor> {
        Tensor::try_full(s, 0.1)
    }
    pub fn validate(&self) -> Result<()> {
        Ok(())
    }
}
impl Regularizer {
    pub fn validate(&self) -> Result<()> {
        Ok(())
    }
}
impl Constraint {
    pub fn check(&self, _: &[usize]) -> Result<()> {
        Ok(())
    }
}
impl Regularize for Regularizer {
    fn loss(&self, _: &Tensor) -> f64 {
        0.0
    }
    fn add_gradient(&self, _: &Tensor, _: &mut Tensor) {}
}
impl Constrain for Constraint {
    fn apply(&self, w: Tensor) -> Tensor {
        w
    }
}
