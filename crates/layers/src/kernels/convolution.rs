//! The convolution of a batch of images, by the best way for its sizes.
//!
//! By Winograd's method, or straight from the image, or as a product of patches and kernel (see
//! [`Method`]). The last goes block by block: as many rows of output places as keep their patches
//! in the cache, so that the product reads them while they are hot. With p places, k taps and f
//! filters it makes 2·p·k·f operations on p·k + k·f + p·f numbers.

use std::ops::Range;

use ceratops_core::{Error, Param, Result, Shape, Tensor};
use ndarray::Ix4;

use super::{
    Matrix, MatrixMut, Patches, Window, WindowOptions, add_bias, direct::Direct, matmul,
    matmul_add, tile::COLUMNS, winograd::Winograd,
};

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
    window: Window,
    channels: usize,
    convolution: Convolution,
}

/// A group of channels, and the filters that see it.
struct Group {
    patches: Patches,
    filters: Range<usize>,
}

/// The ways to do it, the best first.
enum Method {
    /// 3 x 3 with stride 1, channels and filters in sixteens.
    Winograd(Winograd),
    /// Filters in sixteens; but the gradient of the image goes by patches.
    Direct(Direct),
    /// A product of the image's patches and the kernel: other filters, and groups.
    Patches,
}

impl Convolution {
    /// y = x * kernel + bias, from (batch, height, width, channels).
    pub(crate) fn forward(
        &self,
        x: &Tensor,
        kernel: &Param,
        bias: Option<&Tensor>,
    ) -> Result<Tensor> {
        let sizes = self.sizes(x, kernel.value())?;
        let shape = [sizes.batch, sizes.rows, sizes.columns, self.filters];
        let mut y = Tensor::for_overwrite(&shape);
        if y.is_empty() {
            return Ok(y);
        }
        let places = sizes.rows * sizes.columns * self.filters;
        let images = x.as_slice().chunks(sizes.image.max(1));
        let start = bias.map(Tensor::as_slice);
        match self.method(&sizes) {
            Method::Winograd(winograd) => {
                let kernel = kernel.derived(|kernel| winograd.transformed(kernel.as_slice()));
                winograd.forward(x.as_slice(), &kernel, start, y.as_mut_slice());
            }
            Method::Direct(direct) => {
                for (image, y) in images.zip(y.as_mut_slice().chunks_mut(places)) {
                    direct.forward(image, kernel.value().as_slice(), start, y);
                }
            }
            Method::Patches => {
                for (image, y) in images.zip(y.as_mut_slice().chunks_mut(places)) {
                    self.forward_patches(&sizes, image, kernel.value(), y);
                }
                if let Some(bias) = bias {
                    add_bias(&mut y, bias);
                }
            }
        }
        Ok(y)
    }

    fn forward_patches(&self, sizes: &Sizes, image: &[f32], kernel: &Tensor, y: &mut [f32]) {
        let kernel = Matrix::new(kernel.as_slice(), self.filters);
        for (Group { patches: group, filters }, block) in sizes.blocks() {
            let mut patches = sizes.scratch(&group, &block);
            let patches = patches.as_mut_slice();
            group.gather(image, block.clone(), patches);
            let y = MatrixMut::new(&mut y[sizes.part(&block, self.filters)], self.filters);
            let patches = Matrix::new(patches, group.len());
            matmul(patches, kernel.columns(filters.clone()), y.columns(filters.clone()));
        }
    }

    /// Adds to `dkernel` and returns dx, each if it is wanted.
    pub(crate) fn backward(
        &self,
        x: &Tensor,
        kernel: &Param,
        dy: &Tensor,
        mut dkernel: Option<&mut Tensor>,
        wants_dx: bool,
    ) -> Result<Option<Tensor>> {
        let sizes = self.sizes(x, kernel.value())?;
        let mut dx = wants_dx.then(|| Tensor::zeros(x.shape()));
        if dy.is_empty() {
            return Ok(dx);
        }
        let direct = match self.method(&sizes) {
            Method::Winograd(winograd) => {
                if let Some(dkernel) = dkernel {
                    winograd.kernel_gradient(x.as_slice(), dy.as_slice(), dkernel.as_mut_slice());
                }
                if let Some(dx) = &mut dx {
                    let kept = kernel.derived(|kernel| winograd.transformed(kernel.as_slice()));
                    let kernel = (kernel.value().as_slice(), &*kept);
                    winograd.input_gradient(dy.as_slice(), kernel, dx.as_mut_slice());
                }
                return Ok(dx);
            }
            Method::Direct(direct) => Some(direct),
            Method::Patches => None,
        };
        let places = sizes.rows * sizes.columns * self.filters;
        for (i, dy) in dy.as_slice().chunks(places).enumerate() {
            let image = i * sizes.image..(i + 1) * sizes.image;
            let x = &x.as_slice()[image.clone()];
            match (&mut dkernel, &direct) {
                (Some(dkernel), Some(direct)) => {
                    direct.kernel_gradient(x, dy, dkernel.as_mut_slice());
                }
                (Some(dkernel), None) => self.patches_kernel(&sizes, x, dy, dkernel),
                (None, _) => {}
            }
            if let Some(dx) = &mut dx {
                let dx = &mut dx.as_mut_slice()[image];
                self.patches_input(&sizes, dy, kernel.value(), dx);
            }
        }
        Ok(dx)
    }

    /// dL/dkernel = patchesᵀ · dy
    fn patches_kernel(&self, sizes: &Sizes, image: &[f32], dy: &[f32], dkernel: &mut Tensor) {
        for (Group { patches: group, filters }, block) in sizes.blocks() {
            let dy = Matrix::new(&dy[sizes.part(&block, self.filters)], self.filters);
            let mut patches = sizes.scratch(&group, &block);
            let patches = patches.as_mut_slice();
            group.gather(image, block.clone(), patches);
            let dkernel = MatrixMut::new(dkernel.as_mut_slice(), self.filters);
            let patches = Matrix::new(patches, group.len()).transposed();
            matmul_add(patches, dy.columns(filters.clone()), dkernel.columns(filters.clone()));
        }
    }

    /// dL/dpatches = dy · kernelᵀ, added back to where the patches came from.
    fn patches_input(&self, sizes: &Sizes, dy: &[f32], kernel: &Tensor, dx: &mut [f32]) {
        let kernel = Matrix::new(kernel.as_slice(), self.filters);
        for (Group { patches: group, filters }, block) in sizes.blocks() {
            let dy = Matrix::new(&dy[sizes.part(&block, self.filters)], self.filters);
            let mut patches = sizes.scratch(&group, &block);
            let patches = patches.as_mut_slice();
            let kernel = kernel.columns(filters.clone()).transposed();
            let dpatches = MatrixMut::new(patches, group.len());
            matmul(dy.columns(filters.clone()), kernel, dpatches);
            group.scatter(patches, block, dx);
        }
    }

    fn method(&self, sizes: &Sizes) -> Method {
        let (&Sizes { window, channels, .. }, filters) = (sizes, self.filters);
        if self.groups > 1 {
            return Method::Patches;
        }
        if Winograd::suits(&window, channels, filters) {
            return Method::Winograd(Winograd::new(&window, sizes.batch, channels, filters));
        }
        if filters.is_multiple_of(COLUMNS) {
            return Method::Direct(Direct::new(window, channels, filters));
        }
        Method::Patches
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
        Ok(Sizes {
            batch,
            rows: window.rows.output,
            columns: window.columns.output,
            image: height * width * channels,
            window,
            channels,
            convolution: *self,
        })
    }
}

impl Sizes {
    /// Each group of channels with each block of output rows.
    fn blocks(&self) -> impl Iterator<Item = (Group, Range<usize>)> {
        (0..self.convolution.groups).flat_map(move |g| {
            let row = (self.columns * self.group(g).patches.len()).max(1);
            let (rows, end) = ((BLOCK_NUMBERS / row).max(1), self.rows);
            (0..end).step_by(rows).map(move |start| (self.group(g), start..(start + rows).min(end)))
        })
    }

    fn group(&self, g: usize) -> Group {
        let Convolution { groups, filters, .. } = self.convolution;
        let (depth, filters) = (self.channels / groups, filters / groups);
        let part = g * depth..(g + 1) * depth;
        let patches = Patches { window: self.window, channels: self.channels, part };
        Group { patches, filters: g * filters..(g + 1) * filters }
    }

    /// Memory for the patches of a block.
    fn scratch(&self, patches: &Patches, block: &Range<usize>) -> Tensor {
        Tensor::for_overwrite(&[block.len() * self.columns * patches.len()])
    }

    /// Where the outputs of a block lie.
    fn part(&self, block: &Range<usize>, filters: usize) -> Range<usize> {
        let row = self.columns * filters;
        block.start * row..block.end * row
    }
}
