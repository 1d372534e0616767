//! The convolution of a batch of volumes, by the best way for its sizes. An image is a volume of one
//! slice, and a sequence an image of one row.
//!
//! Each slice of the output is a sum of convolutions of images, one for each tap of the kernel along
//! the depth: by Winograd's method, or straight from the image, or as a product of patches and kernel
//! (see [`Method`]). The last goes block by block: as many rows of output places as keep their
//! patches in the cache, so that the product reads them while they are hot. With p places, k taps and
//! f filters it makes 2·p·k·f operations on p·k + k·f + p·f numbers.

use std::ops::Range;

use ceratops_core::{Param, Tensor};

use super::{
    Matrix, MatrixMut, Patches, Window, add_bias,
    direct::Direct,
    matmul, matmul_add,
    tile::{COLUMNS, Start},
    winograd::Winograd,
};

/// About how many numbers the patches of a block may have.
const BLOCK_NUMBERS: usize = 1 << 16;

/// A convolution of volumes of one size, whose channels stand last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Convolution {
    pub(crate) window: Window,
    pub(crate) channels: usize,
    pub(crate) filters: usize,
    pub(crate) groups: usize,
}

/// An image of the input, the image of the output that it adds to, and the part of the kernel between
/// them.
struct Slice {
    x: Range<usize>,
    y: Range<usize>,
    kernel: Range<usize>,
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
    /// Filters in sixteens; but the gradient of the input goes by patches.
    Direct(Direct),
    /// A product of the image's patches and the kernel: other filters, and groups.
    Patches,
}

impl Convolution {
    /// y = x * kernel + bias
    pub(crate) fn forward(
        &self,
        x: &Tensor,
        kernel: &Param,
        bias: Option<&Tensor>,
        y: &mut Tensor,
    ) {
        if y.is_empty() {
            return;
        }
        let start = bias.map_or(Start::Zero, |bias| Start::Bias(bias.as_slice()));
        match self.method(x.batch()) {
            Method::Winograd(winograd) => {
                let kernel = kernel.derived(|kernel| winograd.transformed(kernel.as_slice()));
                let bias = bias.map(Tensor::as_slice);
                winograd.forward(x.as_slice(), &kernel, bias, y.as_mut_slice());
            }
            Method::Direct(direct) => {
                let start = self.begin(start, y);
                for slice in self.slices(x.batch()) {
                    let (image, kernel) = slice.of(x, kernel.value());
                    direct.forward(image, kernel, start, &mut y.as_mut_slice()[slice.y]);
                }
            }
            Method::Patches => {
                let start = self.begin(Start::Zero, y);
                for slice in self.slices(x.batch()) {
                    let (image, kernel) = slice.of(x, kernel.value());
                    self.forward_patches(image, kernel, start, &mut y.as_mut_slice()[slice.y]);
                }
                if let Some(bias) = bias {
                    add_bias(y, bias);
                }
            }
        }
    }

    /// What the convolutions of images begin with: where several add to one image, they go on from
    /// what it holds, which here is made `start`.
    fn begin<'a>(&self, start: Start<'a>, y: &mut Tensor) -> Start<'a> {
        if self.window.depth.kernel == 1 {
            return start;
        }
        match start {
            Start::Sum => {}
            Start::Zero => y.as_mut_slice().fill(0.0),
            Start::Bias(bias) => {
                let places = y.as_mut_slice().chunks_exact_mut(bias.len().max(1));
                places.for_each(|place| place.copy_from_slice(bias));
            }
        }
        Start::Sum
    }

    fn forward_patches(&self, image: &[f32], kernel: &[f32], start: Start<'_>, y: &mut [f32]) {
        let kernel = Matrix::new(kernel, self.filters);
        for (Group { patches: group, filters }, block) in self.blocks() {
            let mut patches = self.scratch(&group, &block);
            let patches = patches.as_mut_slice();
            group.gather(image, block.clone(), patches);
            let y = MatrixMut::new(&mut y[self.part(&block)], self.filters);
            let (y, kernel) = (y.columns(filters.clone()), kernel.columns(filters));
            let patches = Matrix::new(patches, group.len());
            match start {
                Start::Sum => matmul_add(patches, kernel, y),
                Start::Zero | Start::Bias(_) => matmul(patches, kernel, y),
            }
        }
    }

    /// Adds dL/dkernel to `dkernel`.
    pub(crate) fn kernel_gradient(&self, x: &Tensor, dy: &Tensor, dkernel: &mut Tensor) {
        if dy.is_empty() {
            return;
        }
        let method = self.method(x.batch());
        if let Method::Winograd(winograd) = method {
            return winograd.kernel_gradient(x.as_slice(), dy.as_slice(), dkernel.as_mut_slice());
        }
        for slice in self.slices(x.batch()) {
            let (image, dy) = (&x.as_slice()[slice.x], &dy.as_slice()[slice.y]);
            let dkernel = &mut dkernel.as_mut_slice()[slice.kernel];
            match &method {
                Method::Direct(direct) => direct.kernel_gradient(image, dy, dkernel),
                _ => self.patches_kernel(image, dy, dkernel),
            }
        }
    }

    /// Adds dL/dx to `dx`.
    pub(crate) fn input_gradient(&self, dy: &Tensor, kernel: &Param, dx: &mut Tensor) {
        if dy.is_empty() {
            return;
        }
        if let Method::Winograd(winograd) = self.method(dy.batch()) {
            let kept = kernel.derived(|kernel| winograd.transformed(kernel.as_slice()));
            let kernel = (kernel.value().as_slice(), &*kept);
            return winograd.input_gradient(dy.as_slice(), kernel, dx.as_mut_slice());
        }
        for slice in self.slices(dy.batch()) {
            let kernel = &kernel.value().as_slice()[slice.kernel];
            let (dy, dx) = (&dy.as_slice()[slice.y], &mut dx.as_mut_slice()[slice.x]);
            self.patches_input(dy, kernel, dx);
        }
    }

    /// dL/dkernel = patchesᵀ · dy
    fn patches_kernel(&self, image: &[f32], dy: &[f32], dkernel: &mut [f32]) {
        for (Group { patches: group, filters }, block) in self.blocks() {
            let dy = Matrix::new(&dy[self.part(&block)], self.filters);
            let mut patches = self.scratch(&group, &block);
            let patches = patches.as_mut_slice();
            group.gather(image, block, patches);
            let dkernel = MatrixMut::new(dkernel, self.filters);
            let patches = Matrix::new(patches, group.len()).transposed();
            matmul_add(patches, dy.columns(filters.clone()), dkernel.columns(filters));
        }
    }

    /// dL/dpatches = dy · kernelᵀ, added back to where the patches came from.
    fn patches_input(&self, dy: &[f32], kernel: &[f32], dx: &mut [f32]) {
        let kernel = Matrix::new(kernel, self.filters);
        for (Group { patches: group, filters }, block) in self.blocks() {
            let dy = Matrix::new(&dy[self.part(&block)], self.filters);
            let mut patches = self.scratch(&group, &block);
            let patches = patches.as_mut_slice();
            let kernel = kernel.columns(filters.clone()).transposed();
            matmul(dy.columns(filters), kernel, MatrixMut::new(patches, group.len()));
            group.scatter(patches, block, dx);
        }
    }

    fn method(&self, batch: usize) -> Method {
        let Self { window, channels, filters, groups } = *self;
        if groups > 1 {
            return Method::Patches;
        }
        let flat = (window.depth.input, window.depth.kernel) == (1, 1);
        if flat && Winograd::suits(&window, channels, filters) {
            return Method::Winograd(Winograd::new(&window, batch, channels, filters));
        }
        if filters.is_multiple_of(COLUMNS) {
            return Method::Direct(Direct::new(window, channels, filters));
        }
        Method::Patches
    }

    /// Each image of the output with each image of the input that a tap sees, for all samples.
    fn slices(&self, batch: usize) -> impl Iterator<Item = Slice> {
        let Self { window: Window { depth, rows, columns }, channels, filters, groups } = *self;
        let x = rows.input * columns.input * channels;
        let y = rows.output * columns.output * filters;
        let kernel = rows.kernel * columns.kernel * (channels / groups) * filters;
        let part = |i: usize, len: usize| i * len..(i + 1) * len;
        let places = (0..batch).flat_map(move |i| (0..depth.output).map(move |at| (i, at)));
        places.flat_map(move |(i, at)| {
            (0..depth.kernel).filter_map(move |k| {
                let seen = depth.tap(at, k)?;
                Some(Slice {
                    x: part(i * depth.input + seen, x),
                    y: part(i * depth.output + at, y),
                    kernel: part(k, kernel),
                })
            })
        })
    }

    /// Each group of channels with each block of output rows.
    fn blocks(&self) -> impl Iterator<Item = (Group, Range<usize>)> {
        let Window { rows, columns, .. } = self.window;
        (0..self.groups).flat_map(move |g| {
            let row = (columns.output * self.group(g).patches.len()).max(1);
            let (height, end) = ((BLOCK_NUMBERS / row).max(1), rows.output);
            let block = move |start: usize| start..(start + height).min(end);
            (0..end).step_by(height).map(move |start| (self.group(g), block(start)))
        })
    }

    fn group(&self, g: usize) -> Group {
        let (depth, filters) = (self.channels / self.groups, self.filters / self.groups);
        let part = g * depth..(g + 1) * depth;
        let patches = Patches { window: self.window, channels: self.channels, part };
        Group { patches, filters: g * filters..(g + 1) * filters }
    }

    /// Memory for the patches of a block.
    fn scratch(&self, patches: &Patches, block: &Range<usize>) -> Tensor {
        Tensor::for_overwrite(&[block.len() * self.window.columns.output * patches.len()])
    }

    /// Where the outputs of a block lie.
    fn part(&self, block: &Range<usize>) -> Range<usize> {
        let row = self.window.columns.output * self.filters;
        block.start * row..block.end * row
    }
}

impl Slice {
    /// The image of the input, and the part of the kernel.
    fn of<'a>(&self, x: &'a Tensor, kernel: &'a Tensor) -> (&'a [f32], &'a [f32]) {
        (&x.as_slice()[self.x.clone()], &kernel.as_slice()[self.kernel.clone()])
    }
}
