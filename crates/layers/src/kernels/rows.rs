//! Many rows become one: what the pools over all places are made of.

use ceratops_core::vectorize;

/// How many columns are folded at once, in registers.
const BLOCK: usize = 32;

/// y = `finish` of all rows of x, each as long as y, joined column by column: `zero` is joined with
/// what `lift` makes of each number. The order does not depend on the CPU.
pub(crate) fn fold_rows<T: Copy>(
    x: &[f32],
    y: &mut [f32],
    zero: T,
    lift: impl Fn(f32) -> T,
    join: impl Fn(T, T) -> T,
    finish: impl Fn(T) -> f32,
) {
    vectorize(
        #[inline(always)]
        move || {
            let (lift, join) = (lift, join);
            if let [y] = y {
                // A single column is folded as several, side by side.
                let mut lanes = [zero; BLOCK];
                for x in x.chunks(BLOCK) {
                    fold_row(&mut lanes, x, &lift, &join);
                }
                *y = finish(lanes.into_iter().fold(zero, &join));
                return;
            }
            let width = y.len();
            for (block, y) in y.chunks_mut(BLOCK).enumerate() {
                let mut lanes = [zero; BLOCK];
                for x in x.chunks_exact(width) {
                    let x = &x[block * BLOCK..][..y.len()];
                    fold_row(&mut lanes, x, &lift, &join);
                }
                y.iter_mut().zip(lanes).for_each(|(y, lane)| *y = finish(lane));
            }
        },
    );
}

#[inline(always)]
fn fold_row<T: Copy>(
    lanes: &mut [T; BLOCK],
    x: &[f32],
    lift: impl Fn(f32) -> T,
    join: impl Fn(T, T) -> T,
) {
    // A row of known length stays in registers.
    match <&[f32; BLOCK]>::try_from(x) {
        Ok(x) => lanes.iter_mut().zip(x).for_each(|(lane, x)| *lane = join(*lane, lift(*x))),
        Err(_) => lanes.iter_mut().zip(x).for_each(|(lane, x)| *lane = join(*lane, lift(*x))),
    }
}

/// dx = dy where x, whose rows are as long as y, has the largest number y of its column; several of
/// them share it.
pub(crate) fn share_among_largest(x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]) {
    let width = y.len();
    for start in (0..width).step_by(BLOCK) {
        let end = width.min(start + BLOCK);
        let (y, dy) = (&y[start..end], &dy[start..end]);
        let mut shares = [0.0; BLOCK];
        for x in x.chunks_exact(width) {
            let counts = shares.iter_mut().zip(&x[start..end]).zip(y);
            counts.for_each(|((count, x), y)| *count += f32::from(x == y));
        }
        shares.iter_mut().zip(dy).for_each(|(share, dy)| *share = dy / *share);
        for (x, dx) in x.chunks_exact(width).zip(dx.chunks_exact_mut(width)) {
            let dx = dx[start..end].iter_mut().zip(&x[start..end]);
            dx.zip(y.iter().zip(&shares)).for_each(|((dx, x), (y, share))| {
                *dx = if x == y { *share } else { 0.0 };
            });
        }
    }
}
