//! Matrices whose rows, or columns, are orthogonal.

use ceratops_core::{Error, Result, Rng, Tensor, parallel};
use ndarray::{Array1, Array2, ArrayView2, Axis, linalg::general_mat_mul};
use ndarray_rand::{RandomExt, rand_distr::StandardNormal};
use serde::{Deserialize, Serialize};

use super::{Initialize, reserve};
use crate::numbers::finite;

/// `wᵀ w = gain² I` if the matrix `w` is tall, `w wᵀ = gain² I` if it is wide; a weight of more
/// axes is taken as the matrix of all axes but the last by the last (Keras: `Orthogonal`).
///
/// Drawn evenly from all such matrices.
/// Source: Saxe et al., Exact solutions to the nonlinear dynamics of learning, 2014.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Orthogonal {
    /// Draws the same numbers every time, if given.
    pub seed: Option<i64>,
    /// The length of each row or column; 1 by default.
    pub gain: f64,
}

impl Orthogonal {
    /// An orthogonal matrix times `gain`.
    pub fn new(gain: f64) -> Self {
        Self { seed: None, gain }
    }
}

impl Default for Orthogonal {
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl Initialize for Orthogonal {
    fn validate(&self) -> Result<()> {
        finite("gain", self.gain).map(|_| ())
    }

    fn seed(&self) -> Option<i64> {
        self.seed
    }

    fn draw(&self, shape: &[usize], rng: &mut Rng) -> Result<Tensor> {
        let [leading @ .., columns] = shape else {
            return Err(too_few_axes(shape));
        };
        if leading.is_empty() {
            return Err(too_few_axes(shape));
        }
        reserve::<f64>(shape)?;
        let rows: usize = leading.iter().product();
        let vectors = orthonormal(rows.min(*columns), rows.max(*columns), rng);
        let w = if rows < *columns { vectors.view() } else { vectors.t() };
        let gain = self.gain;
        Tensor::from(w.mapv(|w| (gain * w) as f32)).reshape(shape)
    }
}

fn too_few_axes(shape: &[usize]) -> Error {
    let help = "take another initializer for a weight of one axis";
    Error::shape("the Orthogonal initializer", "at least two axes", shape, help)
}

/// How many rows are drawn, and freed of those before them, at once: as products of matrices, which
/// is many times as fast as row by row.
const BLOCK: usize = 64;
/// Into how many parts the cores share a block.
const PARTS: usize = 4;

/// `count` orthonormal rows of length `len`, which is no less than `count`.
///
/// They are Gaussian vectors after Gram and Schmidt: the Q of a QR decomposition whose R has a
/// positive diagonal. It is this choice of signs that makes all directions equally likely.
fn orthonormal(count: usize, len: usize, rng: &mut Rng) -> Array2<f64> {
    let mut rows = Array2::zeros((count, len));
    for start in (0..count).step_by(BLOCK) {
        let end = (start + BLOCK).min(count);
        let mut block = Array2::random_using((end - start, len), StandardNormal, rng);
        let (before, mut own) = rows.view_mut().split_at(Axis(0), start);
        remove(before.view(), &mut block);
        for (i, drawn) in block.outer_iter().enumerate() {
            let mut drawn = drawn.to_owned();
            let row = loop {
                let in_block = own.view().split_at(Axis(0), i).0;
                if let Some(row) = orthonormal_to(in_block, drawn) {
                    break row;
                }
                // Too little was left to be accurate, which another draw mends.
                drawn = Array1::random_using(len, StandardNormal, rng);
                for _ in 0..2 {
                    take_off(before.view(), &mut drawn);
                }
            };
            own.row_mut(i).assign(&row);
        }
    }
    rows
}

/// Takes off the rows of `block` their parts along those of `before`, which are orthonormal.
fn remove(before: ArrayView2<'_, f64>, block: &mut Array2<f64>) {
    let height = block.nrows().div_ceil(PARTS);
    let mut parts: Vec<_> = block.axis_chunks_iter_mut(Axis(0), height).collect();
    parallel::for_each(&mut parts, |part| {
        // The second pass removes what rounding left of the first.
        for _ in 0..2 {
            let along = part.dot(&before.t());
            general_mat_mul(-1.0, &along, &before, 1.0, part);
        }
    });
}

/// `x` less its part along `rows`, of length 1; nothing if too little is left to be accurate.
fn orthonormal_to(rows: ArrayView2<'_, f64>, mut x: Array1<f64>) -> Option<Array1<f64>> {
    for _ in 0..2 {
        take_off(rows, &mut x);
    }
    let norm = x.dot(&x).sqrt();
    (norm > 1e-6).then(|| x / norm)
}

fn take_off(rows: ArrayView2<'_, f64>, x: &mut Array1<f64>) {
    for row in rows.rows() {
        let along = row.dot(x);
        x.scaled_add(-along, &row);
    }
}
