//! Examples: a batch as the model takes it, its inputs and labels in the model's order.

use ceratops_core::{Inputs, Tensor, Tensors};

use super::Batch;

/// A batch as the model takes it.
#[derive(Debug, Clone)]
pub(crate) struct Examples {
    /// A tensor for each input.
    pub(crate) x: Tensors,
    /// For each output what it should be; none where it is not measured.
    pub(crate) labels: Vec<Option<Labels>>,
}

/// What an output should be, and how much each sample weighs.
#[derive(Debug, Clone)]
pub(crate) struct Labels {
    pub(crate) y: Tensor,
    pub(crate) weights: Option<Tensor>,
}

impl Examples {
    /// The number of samples.
    pub(crate) fn len(&self) -> usize {
        self.x.first().map_or(0, Tensor::batch)
    }

    /// The same for those who are told of a batch. Outputs that are not measured are left out.
    pub(crate) fn to_batch(&self, outputs: &[String]) -> Batch {
        let x = match &self.x[..] {
            [only] => Inputs::One(only.clone()),
            all => Inputs::List(all.to_vec()),
        };
        let known = || outputs.iter().zip(&self.labels).filter_map(|(n, l)| Some((n, l.as_ref()?)));
        let by_name = |of: &dyn Fn(&Labels) -> Option<Tensor>| match &self.labels[..] {
            [Some(only)] => of(only).map(Inputs::One),
            _ => {
                let named: Vec<_> = known()
                    .filter_map(|(name, labels)| Some((name.clone(), of(labels)?)))
                    .collect();
                (!named.is_empty()).then_some(Inputs::Named(named))
            }
        };
        let y = by_name(&|labels| Some(labels.y.clone())).unwrap_or(Inputs::List(Vec::new()));
        Batch { x, y, sample_weight: by_name(&|labels| labels.weights.clone()) }
    }
}
