//! Convolutions with 3 x 3 kernels in a quarter of the multiplications.
//!
//! Winograd's F(4 x 4, 3 x 3): a tile of 6 x 6 pixels d gives 4 x 4 outputs
//!
//! ```text
//! y = Aᵀ ((G g Gᵀ) ⊙ (Bᵀ d B)) A
//! ```
//!
//! with 36 multiplications instead of 144. Summed over the channels, each of the 36 is a product of
//! matrices, (tiles, channels) times (channels, filters); the gradients are the same steps
//! backwards, transposed. With c channels and f filters a tile takes 72·c·f operations for 36·(c + f)
//! numbers.
//!
//! The error is a few times that of the plain sum: up to 4e-6 of the largest output in what was
//! tried, up to 256 channels. A tile's outputs share their sums, so that a pixel much larger than
//! its neighbours costs all 16 some digits (as many as it has more), and a NaN or an infinity makes
//! NaN of them all.
//!
//! Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks".

mod tiles;
mod transform;

use std::{ops::Range, sync::OnceLock};

use ceratops_core::{Tensor, parallel};

use self::{
    tiles::{Finish, Layout, Tiles},
    transform::{Input, InputGradient, Kernel, KernelGradient, Output, OutputGradient},
};
use super::{
    Window,
    tile::{COLUMNS, Pieces, Product, Rows, Start},
    window::WindowAxis,
};

/// How many products there are: one for each place of a transformed tile.
const PLACES: usize = 36;
/// About how many numbers the transformed tiles of a block may have, in and out.
const BLOCK_NUMBERS: usize = 1 << 18;
/// The fewest tiles in a block: the transformed kernel is read once for each.
const BLOCK_TILES: usize = 48;

/// A convolution of 3 x 3 with stride 1, over images whose channels stand last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Winograd {
    batch: usize,
    /// Height and width of the image, of the output, and of the pads in front.
    input: [usize; 2],
    output: [usize; 2],
    before: [usize; 2],
    channels: usize,
    filters: usize,
}

/// Products of so many multiply-adds or more are shared by cores that would be idle.
const LARGE: usize = 1 << 22;

/// A kernel's 36 matrices: (channels, filters), and transposed for the gradient.
#[derive(Debug)]
pub(crate) struct Transformed {
    matrices: Tensor,
    transposed: OnceLock<Tensor>,
}

impl Transformed {
    /// G g Gᵀ of a kernel of shape (3, 3, channels, filters).
    pub(crate) fn new(kernel: &[f32], channels: usize, filters: usize) -> Self {
        Self { matrices: transform(kernel, channels, filters), transposed: OnceLock::new() }
    }

    /// The matrices (filters, channels), of the same kernel.
    fn transposed(&self, kernel: &[f32], channels: usize, filters: usize) -> &[f32] {
        let transposed = self.transposed.get_or_init(|| {
            let mut turned = Tensor::for_overwrite(&[kernel.len()]);
            let pairs = kernel
                .chunks(channels * filters)
                .zip(turned.as_mut_slice().chunks_mut(channels * filters));
            pairs.for_each(|(matrix, turned)| transpose(matrix, filters, turned));
            transform(turned.as_slice(), filters, channels)
        });
        transposed.as_slice()
    }
}

fn transform(kernel: &[f32], rows: usize, columns: usize) -> Tensor {
    let matrix = apart(rows, columns);
    let mut matrices = Tensor::for_overwrite(&[PLACES * matrix]);
    Tiles {
        transform: Kernel,
        from: (kernel, Layout::Stack { side: 3, matrix: rows * columns, row: columns }),
        to: (matrices.as_mut_slice(), Layout::Stack { side: 6, matrix, row: columns }),
        tiles: 0..rows,
        channels: columns,
        finish: Finish::Replace,
    }
    .run();
    matrices
}

/// Rows for columns, in blocks that stay in the cache.
fn transpose(matrix: &[f32], columns: usize, turned: &mut [f32]) {
    let rows = matrix.len() / columns;
    for block in (0..columns).step_by(COLUMNS) {
        for (i, row) in matrix.chunks(columns).enumerate() {
            for (j, number) in (block..columns).zip(&row[block..]).take(COLUMNS) {
                turned[j * rows + i] = *number;
            }
        }
    }
}

impl Winograd {
    pub(crate) fn new(window: &Window, batch: usize, channels: usize, filters: usize) -> Self {
        let Window { rows, columns, .. } = window;
        Self {
            batch,
            input: [rows.input, columns.input],
            output: [rows.output, columns.output],
            before: [rows.before, columns.before],
            channels,
            filters,
        }
    }

    /// The kernel as the other methods take it.
    pub(crate) fn transformed(&self, kernel: &[f32]) -> Transformed {
        Transformed::new(kernel, self.channels, self.filters)
    }

    /// Whether it is possible, and worth the tiles that reach beyond the output.
    pub(crate) fn suits(window: &Window, channels: usize, filters: usize) -> bool {
        let plain = |axis: &WindowAxis| (axis.kernel, axis.stride, axis.dilation) == (3, 1, 1);
        let Window { rows, columns, .. } = window;
        let places = rows.output * columns.output;
        let tiles = rows.output.div_ceil(4) * columns.output.div_ceil(4);
        plain(rows)
            && plain(columns)
            && channels.is_multiple_of(COLUMNS)
            && filters.is_multiple_of(COLUMNS)
            && 3 * PLACES * tiles < 2 * 9 * places
    }

    /// y = x * kernel + bias, from the kernel transformed.
    pub(crate) fn forward(
        &self,
        x: &[f32],
        kernel: &Transformed,
        bias: Option<&[f32]>,
        y: &mut [f32],
    ) {
        let Self { channels, filters, .. } = *self;
        let block = self.block();
        let [mut inputs, mut products] = self.scratch(block);
        let (inputs, products) = (inputs.as_mut_slice(), products.as_mut_slice());
        for tiles in self.blocks(block) {
            self.inputs(x, inputs, &tiles);
            matrices(
                [tiles.len(), channels, filters],
                inputs,
                kernel.matrices.as_slice(),
                products,
            );
            Tiles {
                transform: Output,
                from: (products, stack(&tiles, filters)),
                to: (y, self.outputs()),
                tiles,
                channels: filters,
                finish: bias.map_or(Finish::Replace, Finish::Bias),
            }
            .run();
        }
    }

    /// Adds dL/dx to `dx`; the kernel is given as it is and transformed.
    pub(crate) fn input_gradient(
        &self,
        dy: &[f32],
        (kernel, transformed): (&[f32], &Transformed),
        dx: &mut [f32],
    ) {
        let Self { channels, filters, .. } = *self;
        let transposed = transformed.transposed(kernel, channels, filters);
        let block = self.block();
        let [mut inputs, mut products] = self.scratch(block);
        let (inputs, products) = (inputs.as_mut_slice(), products.as_mut_slice());
        for tiles in self.blocks(block) {
            self.output_gradients(dy, products, &tiles);
            matrices([tiles.len(), filters, channels], products, transposed, inputs);
            Tiles {
                transform: InputGradient,
                from: (inputs, stack(&tiles, channels)),
                to: (dx, self.images()),
                tiles,
                channels,
                finish: Finish::Add,
            }
            .run();
        }
    }

    /// Adds dL/dkernel to `dkernel`.
    pub(crate) fn kernel_gradient(&self, x: &[f32], dy: &[f32], dkernel: &mut [f32]) {
        let Self { channels, filters, .. } = *self;
        let block = self.block();
        let [mut inputs, mut products] = self.scratch(block);
        let (inputs, products) = (inputs.as_mut_slice(), products.as_mut_slice());
        let matrix = apart(channels, filters);
        let mut sums = Tensor::for_overwrite(&[PLACES * matrix]);
        let sums = sums.as_mut_slice();
        for tiles in self.blocks(block) {
            self.inputs(x, inputs, &tiles);
            self.output_gradients(dy, products, &tiles);
            let inputs = inputs.chunks(apart(tiles.len(), channels));
            let products = products.chunks(apart(tiles.len(), filters));
            let start = if tiles.start == 0 { Start::Zero } else { Start::Sum };
            let places = inputs.zip(products).zip(sums.chunks_mut(matrix));
            for_each_place(tiles.len() * matrix, places, |((input, product), sum)| {
                Product {
                    a: Rows { numbers: input, down: 1, right: channels },
                    b: (product, filters),
                    pieces: Pieces::ONE,
                    len: tiles.len(),
                    size: (channels, filters),
                    start,
                }
                .write(sum, filters);
            });
        }
        Tiles {
            transform: KernelGradient,
            from: (sums, Layout::Stack { side: 6, matrix, row: filters }),
            to: (dkernel, Layout::Stack { side: 3, matrix: channels * filters, row: filters }),
            tiles: 0..channels,
            channels: filters,
            finish: Finish::Add,
        }
        .run();
    }

    fn inputs(&self, x: &[f32], inputs: &mut [f32], tiles: &Range<usize>) {
        Tiles {
            transform: Input,
            from: (x, self.images()),
            to: (inputs, stack(tiles, self.channels)),
            tiles: tiles.clone(),
            channels: self.channels,
            finish: Finish::Replace,
        }
        .run();
    }

    fn output_gradients(&self, dy: &[f32], products: &mut [f32], tiles: &Range<usize>) {
        Tiles {
            transform: OutputGradient,
            from: (dy, self.outputs()),
            to: (products, stack(tiles, self.filters)),
            tiles: tiles.clone(),
            channels: self.filters,
            finish: Finish::Replace,
        }
        .run();
    }

    fn images(&self) -> Layout {
        let Self { input: size, before, channels, .. } = *self;
        Layout::Image { step: 4, before, size, tiles: self.tiles(), channels }
    }

    fn outputs(&self) -> Layout {
        let Self { output: size, filters: channels, .. } = *self;
        Layout::Image { step: 4, before: [0; 2], size, tiles: self.tiles(), channels }
    }

    /// How many tiles cover an image, down and to the right.
    fn tiles(&self) -> [usize; 2] {
        self.output.map(|len| len.div_ceil(4))
    }

    /// Memory for the transformed tiles of a block, in and out.
    fn scratch(&self, block: usize) -> [Tensor; 2] {
        [self.channels, self.filters].map(|n| Tensor::for_overwrite(&[PLACES * apart(block, n)]))
    }

    fn block(&self) -> usize {
        let tiles = BLOCK_NUMBERS / (PLACES * (self.channels + self.filters));
        tiles.max(BLOCK_TILES).min(self.all()).max(1)
    }

    fn all(&self) -> usize {
        self.batch * self.tiles()[0] * self.tiles()[1]
    }

    fn blocks(&self, block: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let all = self.all();
        (0..all).step_by(block).map(move |start| start..(start + block).min(all))
    }
}

/// The layout of the transformed tiles of a block: 36 matrices (tiles, channels).
fn stack(tiles: &Range<usize>, channels: usize) -> Layout {
    Layout::Stack { side: 6, matrix: apart(tiles.len(), channels), row: channels }
}

/// How far apart matrices of that size lie: a little more than their size, for at a distance of a
/// power of two the 36 numbers of a tile would fight for the same places of the cache.
fn apart(rows: usize, columns: usize) -> usize {
    rows * columns + COLUMNS
}

/// Each of the 36 products c = a · b, of (rows, depth) and (depth, columns).
fn matrices([rows, depth, columns]: [usize; 3], a: &[f32], b: &[f32], c: &mut [f32]) {
    let pairs = a.chunks(apart(rows, depth)).zip(b.chunks(apart(depth, columns)));
    let places = pairs.zip(c.chunks_mut(apart(rows, columns)));
    for_each_place(rows * depth * columns, places, |((a, b), c)| {
        Product {
            a: Rows { numbers: a, down: depth, right: 1 },
            b: (b, columns),
            pieces: Pieces::ONE,
            len: depth,
            size: (rows, columns),
            start: Start::Zero,
        }
        .write(c, columns);
    });
}

/// Does `work`, of so many multiply-adds, for each of the 36 places: at the same time if that is
/// much and the other cores are idle.
fn for_each_place<T: Send>(
    adds: usize,
    places: impl Iterator<Item = T>,
    work: impl Fn(&mut T) + Send + Sync,
) {
    let places = places.take(PLACES);
    if parallel::is_spread() || adds.saturating_mul(PLACES) < LARGE {
        places.for_each(|mut place| work(&mut place));
    } else {
        parallel::for_each(&mut places.collect::<Vec<_>>(), work);
    }
}
