//! One pass of a pool over a batch: along two axes, or one.

use ceratops_core::{Error, Result, Tensor};

use crate::{Rank, kernels::PoolWindow};

/// A batch of sequences, images or volumes, with channels last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Volume {
    pub(super) batch: usize,
    /// Depth, height and width; 1 along the axes that the rank lacks.
    pub(super) lens: [usize; 3],
    pub(super) channels: usize,
}

impl Volume {
    /// That of a tensor of rank `R`, with channels last.
    pub(super) fn of<R: Rank>(x: &Tensor) -> Result<Self> {
        let mut lens = [1; 3];
        match x.shape() {
            &[batch, ref places @ .., channels] if places.len() == R::AXES => {
                lens[3 - R::AXES..].copy_from_slice(places);
                Ok(Self { batch, lens, channels })
            }
            shape => {
                let axes = format!("(batch, {}, channels)", R::NAMES);
                Err(Error::shape("input", axes, shape, ""))
            }
        }
    }

    /// Its shape with as many axes as `R` has.
    pub(super) fn shape<R: Rank>(&self) -> Vec<usize> {
        [&[self.batch], &self.lens[3 - R::AXES..], &[self.channels]].concat()
    }

    /// Gives numbers that shape.
    pub(super) fn shaped<R: Rank>(&self, x: Tensor) -> Result<Tensor> {
        let Self { batch, lens: [depth, height, width], channels } = *self;
        match R::AXES {
            1 => x.reshape(&[batch, width, channels]),
            2 => x.reshape(&[batch, height, width, channels]),
            _ => x.reshape(&[batch, depth, height, width, channels]),
        }
    }
}

/// A window over images, of which there are as many as the numbers make.
#[derive(Debug, Clone, Copy)]
pub struct Pass {
    pub(super) window: PoolWindow,
    pub(super) channels: usize,
}

impl Pass {
    /// The size of an image.
    pub(super) fn image(&self) -> usize {
        self.window.pixels() * self.channels
    }

    /// The size of what becomes of an image.
    pub(super) fn pooled(&self) -> usize {
        self.window.places() * self.channels
    }

    /// Memory for what becomes of images of `len` numbers in all.
    pub(super) fn output(&self, len: usize) -> Result<Tensor> {
        let images = len.checked_div(self.image()).unwrap_or(0);
        let PoolWindow { rows, columns } = self.window;
        Tensor::try_for_overwrite(&[images, rows.output(), columns.output(), self.channels])
    }

    /// Memory for the gradient of images that became `len` numbers: zeros, but where every pixel will
    /// be written.
    pub(super) fn gradient(&self, len: usize) -> Tensor {
        let shape = [len.checked_div(self.pooled()).unwrap_or(0), self.image()];
        match self.window.is_partition() {
            true => Tensor::for_overwrite(&shape),
            false => Tensor::zeros(&shape),
        }
    }
}

/// The numbers of a batch as the pool over all places sees them: `n` rows of `inner` numbers, again
/// and again.
#[derive(Debug, Clone, Copy)]
pub struct Rows {
    pub(super) n: usize,
    pub(super) inner: usize,
}

/// How the passes of a pool are made.
pub trait Pool {
    /// What becomes of images; with `keep` also what the gradient needs.
    fn pool(pass: &Pass, x: &Tensor, keep: bool) -> Result<(Tensor, Option<Tensor>)>;

    /// The gradient of the images, given that of what became of them.
    fn gradient(pass: &Pass, dy: &Tensor, kept: Option<Tensor>) -> Result<Tensor>;

    /// The row that becomes of each `n` rows: by `places`, of how many places a mean is taken.
    fn reduce(rows: Rows, x: &Tensor, y: &mut Tensor, places: impl Fn(usize) -> f32);

    /// The gradient of [`Pool::reduce`] for `x`, which became `y`.
    fn spread(
        rows: Rows,
        seen: Option<&(Tensor, Tensor)>,
        dy: &Tensor,
        dx: &mut Tensor,
        places: impl Fn(usize) -> f32,
    );

    /// Whether the gradient needs what [`Pool::reduce`] saw.
    const KEEPS_SEEN: bool;
    /// Whether the global pool of a sequence leaves out masked steps.
    const READS_MASK: bool;
}
