//! The products of attention, head by head, without moving a number: each head is some columns of what
//! was projected.

use ceratops_core::Tensor;

use crate::kernels::{Matrix, MatrixMut, matmul, matmul_add};

/// How many there are of everything, for each of `outer` samples: queries, keys, heads, and numbers of a
/// head. With fewer heads of keys and values than of queries, neighbours share one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heads {
    pub(super) outer: usize,
    pub(super) queries: usize,
    pub(super) keys: usize,
    pub(super) heads: usize,
    pub(super) shared: usize,
    pub(super) key_dim: usize,
    pub(super) value_dim: usize,
}

/// Matrices side by side, one for each head, below each other those of all samples.
#[derive(Clone, Copy)]
struct Columns {
    rows: usize,
    heads: usize,
    dim: usize,
}

impl Columns {
    fn width(self) -> usize {
        self.heads * self.dim
    }

    /// The matrix of one head of a sample.
    fn of(self, all: &Tensor, sample: usize, head: usize) -> Matrix<'_> {
        let len = self.rows * self.width();
        let own = &all.as_slice()[sample * len..(sample + 1) * len];
        Matrix::new(own, self.width()).columns(head * self.dim..(head + 1) * self.dim)
    }

    /// The same, to be written.
    fn of_mut(self, all: &mut Tensor, sample: usize, head: usize) -> MatrixMut<'_> {
        let len = self.rows * self.width();
        let own = &mut all.as_mut_slice()[sample * len..(sample + 1) * len];
        MatrixMut::new(own, self.width()).columns(head * self.dim..(head + 1) * self.dim)
    }

    fn zeros(self, samples: usize) -> Tensor {
        Tensor::zeros(&[samples * self.rows, self.width()])
    }
}

impl Heads {
    fn query(self) -> Columns {
        Columns { rows: self.queries, heads: self.heads, dim: self.key_dim }
    }

    fn key(self) -> Columns {
        Columns { rows: self.keys, heads: self.shared, dim: self.key_dim }
    }

    fn value(self) -> Columns {
        Columns { rows: self.keys, heads: self.shared, dim: self.value_dim }
    }

    fn context(self) -> Columns {
        Columns { rows: self.queries, heads: self.heads, dim: self.value_dim }
    }

    /// Each head of each sample, with the place of its scores, and the head of keys and values.
    fn each(self) -> impl Iterator<Item = [usize; 4]> {
        let apart = (self.heads / self.shared.max(1)).max(1);
        (0..self.outer * self.heads).map(move |place| {
            let (sample, head) = (place / self.heads, place % self.heads);
            [place, sample, head, head / apart]
        })
    }

    /// The scores of one head of a sample: a row for each query, a column for each key.
    fn block(self, scores: &Tensor, place: usize) -> Matrix<'_> {
        let len = self.queries * self.keys;
        Matrix::new(&scores.as_slice()[place * len..(place + 1) * len], self.keys)
    }

    fn block_mut(self, scores: &mut Tensor, place: usize) -> MatrixMut<'_> {
        let len = self.queries * self.keys;
        MatrixMut::new(&mut scores.as_mut_slice()[place * len..(place + 1) * len], self.keys)
    }

    fn no_scores(self) -> Tensor {
        Tensor::for_overwrite(&[self.outer, self.heads, self.queries, self.keys])
    }

    /// q · kᵀ
    pub(super) fn scores(self, q: &Tensor, k: &Tensor) -> Tensor {
        let mut scores = self.no_scores();
        for [place, sample, head, shared] in self.each() {
            let keys = self.key().of(k, sample, shared).transposed();
            matmul(self.query().of(q, sample, head), keys, self.block_mut(&mut scores, place));
        }
        scores
    }

    /// dL/dq and dL/dk of the scores
    pub(super) fn scores_gradient(self, q: &Tensor, k: &Tensor, dscores: &Tensor) -> [Tensor; 2] {
        let [mut dq, mut dk] = [self.query(), self.key()].map(|part| part.zeros(self.outer));
        for [place, sample, head, shared] in self.each() {
            let dscores = self.block(dscores, place);
            let keys = self.key().of(k, sample, shared);
            matmul(dscores, keys, self.query().of_mut(&mut dq, sample, head));
            let queries = self.query().of(q, sample, head);
            matmul_add(dscores.transposed(), queries, self.key().of_mut(&mut dk, sample, shared));
        }
        [dq, dk]
    }

    /// p · v
    pub(super) fn combined(self, p: &Tensor, v: &Tensor) -> Tensor {
        let mut context = self.context().zeros(self.outer);
        for [place, sample, head, shared] in self.each() {
            let values = self.value().of(v, sample, shared);
            let to = self.context().of_mut(&mut context, sample, head);
            matmul(self.block(p, place), values, to);
        }
        context
    }

    /// dL/dp and dL/dv of what was combined
    pub(super) fn combined_gradient(self, p: &Tensor, v: &Tensor, dy: &Tensor) -> [Tensor; 2] {
        let (mut dp, mut dv) = (self.no_scores(), self.value().zeros(self.outer));
        for [place, sample, head, shared] in self.each() {
            let dy = self.context().of(dy, sample, head);
            let values = self.value().of(v, sample, shared).transposed();
            matmul(dy, values, self.block_mut(&mut dp, place));
            let to = self.value().of_mut(&mut dv, sample, shared);
            matmul_add(self.block(p, place).transposed(), dy, to);
        }
        [dp, dv]
    }
}
