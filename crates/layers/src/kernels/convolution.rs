//! The convolution of a batch of images: patches times kernel, block by block.
//!
//! A block is as many rows of output places as keep their patches in the cache, so that the
//! product reads them while they are hot. With p places, k taps and f filters it makes 2·p·k·f
//! operations on p·k + k·f + p·f numbers.

use std::ops::Range;

use ceratops_core::{Error, Result, Shape, Tensor};
use ndarray::Ix4;

use super::{Matrix, MatrixMut, Patches, WindowOptions, matmul, matmul_add};

/// About how many numbers the patches of a block may have.
const BLOCK_NUMBERS: usize = 1 << 16;

/// A convolution's settings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Convolution {
    pub(crate) window: WindowOptions,
    pub(crate) filters: usize,
    pub(crate) groups: usize,
}

/// The sizes of one run.
struct Sizes {
    batch: usize,
    rows: usize,
    columns: usize,
    image: usize,
    groups: Vec<Group>,
}

/// A group of channels, and the filters that see it.
struct Group {
    patches: Patches,
    filters: Range<usize>,
}

impl Convolution {
    /// y = x * kernel, from (batch, height, width, channels).
    pub(crate) fn forward(&self, x: &Tensor, kernel: &Tensor) -> Result<Tensor> {
        let sizes = self.sizes(x, kernel)?;
        let kernel = Matrix::new(kernel.as_slice(), self.filters);
        let shape = [sizes.batch, sizes.rows, sizes.columns, self.filters];
        let mut y = Tensor::zeros(&shape);
        let places = sizes.rows * sizes.columns * self.filters;
        let (images, outputs) = (x.as_slice(), y.as_mut_slice());
        let mut patches = Vec::new();
        for (image, y) in images.chunks(sizes.image.max(1)).zip(outputs.chunks_mut(places.max(1))) {
            for (Group { patches: group, filters }, block) in sizes.blocks() {
                let rows = block.len() * sizes.columns;
                patches.resize(rows * group.len(), 0.0);
                group.gather(image, block.clone(), &mut patches);
                let y = MatrixMut::new(&mut y[sizes.part(&block, self.filters)], self.filters);
                matmul(
                    Matrix::new(&patches, group.len()),
                    kernel.columns(filters.clone()),
                    y.columns(filters.clone()),
                );
            }
        }
        Ok(y)
    }

    /// Adds to `dkernel` and returns dx, each if it is wanted.
    pub(crate) fn backward(
        &self,
        x: &Tensor,
        kernel: &Tensor,
        dy: &Tensor,
        mut dkernel: Option<&mut Tensor>,
        wants_dx: bool,
    ) -> Result<Option<Tensor>> {
        let sizes = self.sizes(x, kernel)?;
        let kernel = Matrix::new(kernel.as_slice(), self.filters);
        let mut dx = wants_dx.then(|| Tensor::zeros(x.shape()));
        let places = sizes.rows * sizes.columns * self.filters;
        let mut patches = Vec::new();
        for (i, dy) in dy.as_slice().chunks(places.max(1)).enumerate() {
            let image = i * sizes.image..(i + 1) * sizes.image;
            for (Group { patches: group, filters }, block) in sizes.blocks() {
                let dy = Matrix::new(&dy[sizes.part(&block, self.filters)], self.filters);
                let dy = dy.columns(filters.clone());
                patches.resize(block.len() * sizes.columns * group.len(), 0.0);
                // dL/dkernel = patchesᵀ · dy
                if let Some(dkernel) = &mut dkernel {
                    group.gather(&x.as_slice()[image.clone()], block.clone(), &mut patches);
                    let dkernel = MatrixMut::new(dkernel.as_mut_slice(), self.filters);
                    let patches = Matrix::new(&patches, group.len());
                    matmul_add(patches.transposed(), dy, dkernel.columns(filters.clone()));
                }
                // dL/dpatches = dy · kernelᵀ, added back to where the patches came from
                if let Some(dx) = &mut dx {
                    let kernel = kernel.columns(filters.clone());
                    matmul(dy, kernel.transposed(), MatrixMut::new(&mut patches, group.len()));
                    group.scatter(&patches, block, &mut dx.as_mut_slice()[image.clone()]);
                }
            }
        }
        Ok(dx)
    }

    fn sizes(&self, x: &Tensor, kernel: &Tensor) -> Result<Sizes> {
        let axes = "(batch, height, width, channels)";
        let (batch, height, width, channels) = x.view::<Ix4>(axes)?.dim();
        let depth = channels.checked_div(self.groups).unwrap_or(0);
        let expected = [self.window.kernel.height, self.window.kernel.width, depth, self.filters];
        if kernel.shape() != expected || depth * self.groups != channels {
            let fits = kernel.shape().get(2).map_or(0, |depth| depth * self.groups);
            let expected = format!("(batch, height, width, {fits})");
            return Err(Error::shape("input", expected, x.shape(), ""));
        }
        let misfit = || self.window.misfit("kernel", &Shape::of(x.shape()));
        let window = self.window.over(height, width).ok_or_else(misfit)?;
        let filters = self.filters / self.groups;
        let group = |g: usize| {
            let part = g * depth..(g + 1) * depth;
            let patches = Patches { window, channels, part };
            Group { patches, filters: g * filters..(g + 1) * filters }
        };
        Ok(Sizes {
            batch,
            rows: window.rows.output,
            columns: window.columns.output,
            image: height * width * channels,
            groups: (0..self.groups).map(group).collect(),
        })
    }
}

impl Sizes {
    /// Each group of channels with each block of output rows.
    fn blocks(&self) -> impl Iterator<Item = (&Group, Range<usize>)> {
        self.groups.iter().flat_map(move |group| {
            let row = (self.columns * group.patches.len()).max(1);
            let (rows, end) = ((BLOCK_NUMBERS / row).max(1), self.rows);
            (0..end).step_by(rows).map(move |start| (group, start..(start + rows).min(end)))
        })
    }

    /// Where the outputs of a block lie.
    fn part(&self, block: &Range<usize>, filters: usize) -> Range<usize> {
        let row = self.columns * filters;
        block.start * row..block.end * row
    }
}
