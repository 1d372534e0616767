//! STUB
#![allow(missing_docs, missing_debug_implementations)]
pub struct Summary;
impl Summary {
    pub fn of(_: &crate::Sequential) -> Self {
        Self
    }
}
impl std::fmt::Display for Summary {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
