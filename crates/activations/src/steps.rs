//! Long element-wise functions in two loops, which are faster than one.
//!
//! Such a function is one chain of some fifty operations, each waiting for the one before; a CPU
//! is kept busy only by having several numbers under way, and what it can look ahead is no more
//! than one or two such chains. Half as long a chain lets it see twice as many. The block that
//! goes through both loops stays in the L1 cache.

use ceratops_core::{Tensor, vectorize};

/// How many numbers go through the first loop before they go through the second.
const BLOCK: usize = 256;

/// y = second(x, first(x)), number by number. Both must hold values, as for `Tensor::map`.
pub(crate) fn map_in_steps(
    mut x: Tensor,
    first: impl Fn(f32) -> f32,
    second: impl Fn(f32, f32) -> f32,
) -> Tensor {
    let numbers = x.as_mut_slice();
    vectorize(
        #[inline(always)]
        move || {
            let (first, second) = (first, second);
            let mut steps = [0.0; BLOCK];
            for block in numbers.chunks_mut(BLOCK) {
                for (step, &x) in steps.iter_mut().zip(&*block) {
                    *step = first(x);
                }
                for (x, &step) in block.iter_mut().zip(&steps) {
                    *x = second(*x, step);
                }
            }
        },
    );
    x
}
