//! The mean cosine between the rows of a matrix, or its columns.

use ceratops_core::{Error, Regularize, Result, Tensor};
use ndarray::{Array1, Array2, ArrayView2, Axis, Ix2};
use serde::{Deserialize, Serialize};

use super::Penalty;
use crate::numbers::non_negative;

/// What shall be orthogonal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The rows of the matrix.
    #[default]
    Rows,
    /// Its columns.
    Columns,
}

/// `factor · mean |cos(wᵢ, wⱼ)|` over the pairs of rows (or columns) `i < j` of a matrix `w`
/// (Keras: `OrthogonalRegularizer`).
///
/// `check` refuses a weight that is no matrix or has no pair; its penalty is NaN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrthogonalRegularizer {
    /// The factor; 0.01 by default.
    pub factor: f64,
    /// Rows or columns.
    pub mode: Mode,
}

impl OrthogonalRegularizer {
    /// `factor` times the mean cosine between rows or columns.
    pub fn new(factor: f64, mode: Mode) -> Self {
        Self { factor, mode }
    }

    /// `matrix` with what shall be orthogonal in its rows.
    fn rows<'a, T>(&self, matrix: ArrayView2<'a, T>) -> ArrayView2<'a, T> {
        match self.mode {
            Mode::Rows => matrix,
            Mode::Columns => matrix.reversed_axes(),
        }
    }

    /// The factor divided by the number of pairs among `n`.
    fn per_pair(&self, n: usize) -> f64 {
        let n = n as f64;
        self.factor / (n * (n - 1.0) / 2.0)
    }
}

impl Default for OrthogonalRegularizer {
    fn default() -> Self {
        Self::new(0.01, Mode::default())
    }
}

impl Regularize for OrthogonalRegularizer {
    fn loss(&self, w: &Tensor) -> f64 {
        let Ok(w) = w.view::<Ix2>("(rows, columns)") else { return f64::NAN };
        let (unit, _) = normalize(self.rows(w));
        let cosines = unit.dot(&unit.t());
        let sum: f64 =
            cosines.indexed_iter().filter(|((i, j), _)| i < j).map(|(_, c)| c.abs()).sum();
        self.per_pair(unit.nrows()) * sum
    }

    fn add_gradient(&self, w: &Tensor, dw: &mut Tensor) -> Result<()> {
        self.check(w.shape())?;
        let (unit, norms) = normalize(self.rows(w.view::<Ix2>("(rows, columns)")?));
        let signs = unit.dot(&unit.t()).mapv(sign);
        // dL/duᵢ = c · Σⱼ sign(uᵢ·uⱼ) uⱼ, of which only the part across uᵢ turns wᵢ = |wᵢ| uᵢ.
        // The pair of uᵢ with itself, which the loss does not count, has no such part.
        let mut gradient = signs.dot(&unit) * self.per_pair(unit.nrows());
        for ((mut du, u), norm) in gradient.rows_mut().into_iter().zip(unit.rows()).zip(&norms) {
            let along = du.dot(&u);
            du.scaled_add(-along, &u);
            du /= *norm;
        }
        let gradient = self.rows(gradient.view()).mapv(|g| g as f32);
        dw.add_scaled(1.0, &gradient.into())
    }
}

impl Penalty for OrthogonalRegularizer {
    fn validate(&self) -> Result<()> {
        non_negative("factor", self.factor).map(|_| ())
    }

    fn check(&self, shape: &[usize]) -> Result<()> {
        let fits = match (self.mode, shape) {
            (Mode::Rows, &[n, _]) | (Mode::Columns, &[_, n]) => n >= 2,
            _ => false,
        };
        if fits {
            return Ok(());
        }
        let help = "take another regularizer, such as L2";
        let expected = match self.mode {
            Mode::Rows => "(rows, columns) with two rows or more",
            Mode::Columns => "(rows, columns) with two columns or more",
        };
        Err(Error::shape("the OrthogonalRegularizer", expected, shape, help))
    }
}

/// The rows divided by their norms, and the norms, which are kept from being 0.
fn normalize(rows: ArrayView2<'_, f32>) -> (Array2<f64>, Array1<f64>) {
    let rows = rows.mapv(f64::from);
    let norms = rows.map_axis(Axis(1), |row| row.dot(&row).sqrt().max(1e-12));
    (rows / norms.view().insert_axis(Axis(1)), norms)
}

/// The derivative of the absolute value; 0 at 0.
fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}
