//! Batches: what `fit_batches` takes, one epoch after the other.

use ceratops_core::Result;

use super::Batch;

/// A source of batches: what [`CompiledModel::fit_batches`](crate::CompiledModel::fit_batches) takes,
/// where the data is no array, or is made while the model learns (augmented, simulated, read from
/// somewhere). A closure that gives an iterator for each epoch is one.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{Dense, Input, sequential};
/// use ceratops_train::{Batch, Compile, FitOptions};
///
/// let mut model = sequential![Input::new([1]), Dense::new(1)]?.compile("sgd", "mse", ())?;
/// // Ten batches an epoch, of y = 2x.
/// let line = |epoch: usize| {
///     (0..10).map(move |step| {
///         let x = Tensor::from([[step as f32 / 10.0], [epoch as f32]]);
///         let y = Tensor::new(x.shape(), x.as_slice().iter().map(|x| 2.0 * x).collect())?;
///         Ok(Batch::new(x, y))
///     })
/// };
/// let history = model.fit_batches(line, FitOptions::new().epochs(2))?;
/// assert_eq!(history["loss"].len(), 2);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.utils.PyDataset`.
pub trait Batches: Send {
    /// The batches of epoch `epoch`, counted from 0. They are asked for in another thread, one or
    /// two ahead of the model. A training that was interrupted goes on to the bit if an epoch has the
    /// same batches whenever it is begun.
    fn epoch(&mut self, epoch: usize) -> Box<dyn Iterator<Item = Result<Batch>> + Send + '_>;

    /// How many batches an epoch has, if that is known beforehand; the progress bar shows it.
    fn steps(&self) -> Option<usize> {
        None
    }
}

impl<F, I> Batches for F
where
    F: FnMut(usize) -> I + Send,
    I: Iterator<Item = Result<Batch>> + Send + 'static,
{
    fn epoch(&mut self, epoch: usize) -> Box<dyn Iterator<Item = Result<Batch>> + Send + '_> {
        Box::new(self(epoch))
    }
}
