//! How many keys attention looks at.

use ceratops_core::Tensor;
use serde::Serialize;

/// How widely attention looks around: its entropy.
///
/// A head whose entropy is H = -Σ p ln p looks at about exp(H) keys: at 1 where one key gets all, at all of
/// them where it looks at all alike.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttentionDiagnosis {
    /// How many keys there are; the most, if calls or batches differ.
    pub keys: usize,
    /// The mean of H over samples and queries, for each head.
    pub entropy: Vec<f64>,
}

impl AttentionDiagnosis {
    /// The least and the most keys that a head looks at, as exp(H).
    pub fn looked_at(&self) -> (f64, f64) {
        let each = self.entropy.iter().map(|entropy| entropy.exp());
        each.fold((f64::INFINITY, 0.0), |(least, most), keys| (least.min(keys), most.max(keys)))
    }
}

/// Sums of entropies.
#[derive(Debug, Clone, Default)]
pub(super) struct Entropies {
    keys: usize,
    /// For each head the sum of H, and of how many queries.
    heads: Vec<(f64, usize)>,
}

impl Entropies {
    /// Those of probabilities (batch, heads, queries, keys).
    pub(super) fn of(scores: &Tensor) -> Self {
        let &[_, heads, queries, keys] = scores.shape() else { return Self::default() };
        let mut sums = vec![(0.0, 0); heads];
        let blocks = scores.as_slice().chunks_exact((queries * keys).max(1));
        for (block, rows) in blocks.enumerate() {
            let (sum, count) = &mut sums[block % heads.max(1)];
            for row in rows.chunks_exact(keys.max(1)) {
                // A query that looks at nothing has no entropy.
                if row.iter().any(|p| *p > 0.0) {
                    *sum += row.iter().map(|p| term(f64::from(*p))).sum::<f64>();
                    *count += 1;
                }
            }
        }
        Self { keys, heads: sums }
    }

    pub(super) fn and(mut self, other: Self) -> Self {
        self.keys = self.keys.max(other.keys);
        self.heads.resize(self.heads.len().max(other.heads.len()), (0.0, 0));
        for ((sum, count), (more, of)) in self.heads.iter_mut().zip(other.heads) {
            *sum += more;
            *count += of;
        }
        self
    }

    pub(super) fn mean(&self) -> AttentionDiagnosis {
        let entropy = self.heads.iter().map(|(sum, count)| sum / (*count).max(1) as f64);
        AttentionDiagnosis { keys: self.keys, entropy: entropy.collect() }
    }
}

/// -p ln p, which is 0 at 0.
fn term(p: f64) -> f64 {
    if p > 0.0 { -p * p.ln() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_of_the_entropy_counts_keys() {
        // Two heads, one query each: one looks at all four keys alike, the other at one.
        let mut scores = Tensor::full(&[1, 2, 1, 4], 0.25);
        scores.as_mut_slice()[4..].copy_from_slice(&[0.0, 1.0, 0.0, 0.0]);
        let found = Entropies::of(&scores).and(Entropies::of(&scores)).mean();
        assert_eq!(found.keys, 4);
        let (least, most) = found.looked_at();
        assert!((least - 1.0).abs() < 1e-12 && (most - 4.0).abs() < 1e-12, "{found:?}");
    }
}
