//! A product of two tensors, summed over the axes that are in both and not in the result.

use ceratops_core::{Error, Result, Shape, Tensor};

use crate::kernels::{Matrix, MatrixMut, matmul};

/// The letter of each axis.
pub(super) type Letters = Vec<char>;

/// Which axes of two operands are the same, and which the result has.
#[derive(Debug, Clone)]
pub(super) struct Contraction {
    left: Letters,
    right: Letters,
    out: Letters,
    /// In both and in the result.
    shared: Letters,
    /// In the left one and in the result.
    rows: Letters,
    /// In both, and summed over.
    summed: Letters,
    /// In the right one and in the result.
    columns: Letters,
}

impl Contraction {
    pub(super) fn new([left, right, out]: [Letters; 3]) -> Result<Self> {
        let twice =
            |letters: &Letters| (1..letters.len()).any(|i| letters[..i].contains(&letters[i]));
        let unknown = |c: &char| !left.contains(c) && !right.contains(c);
        let lone = |own: &Letters, other: &Letters| {
            own.iter().any(|c| !other.contains(c) && !out.contains(c))
        };
        if [&left, &right, &out].into_iter().any(twice)
            || out.iter().any(unknown)
            || lone(&left, &right)
            || lone(&right, &left)
        {
            let expected = "each axis once, in the result or in both operands";
            return Err(Error::argument("axes", expected, "others"));
        }
        let pick = |in_left: bool, in_right: bool, in_out: bool| -> Letters {
            let order = if in_out { &out } else { &left };
            let fits = |c: &&char| {
                left.contains(c) == in_left
                    && right.contains(c) == in_right
                    && out.contains(c) == in_out
            };
            order.iter().filter(fits).copied().collect()
        };
        let shared = pick(true, true, true);
        let (rows, summed, columns) =
            (pick(true, false, true), pick(true, true, false), pick(false, true, true));
        Ok(Self { left, right, out, shared, rows, summed, columns })
    }

    /// Refuses a product in which samples meet: the first axis of each tensor must be the first of the
    /// result.
    pub(super) fn check_samples(&self, are_constant: [bool; 2]) -> Result<()> {
        let samples = self.out.first();
        let fits = |(letters, is_constant): (&Letters, bool)| match is_constant {
            true => samples.is_none_or(|samples| !letters.contains(samples)),
            false => samples.is_some() && letters.first() == samples,
        };
        if [&self.left, &self.right].into_iter().zip(are_constant).all(fits) {
            return Ok(());
        }
        let expected = "tensors whose first axis is the first of the result: it counts the samples";
        Err(Error::argument("inputs", expected, "a product between samples"))
    }

    /// The gradients of both operands: that of the left one is a product of dy and the right one, and
    /// that of the right one of the left one and dy.
    pub(super) fn gradients(&self) -> Result<[Self; 2]> {
        let letters = || (self.left.clone(), self.right.clone(), self.out.clone());
        let of_left = letters();
        let of_right = letters();
        Ok([
            Self::new([of_left.2, of_left.1, of_left.0])?,
            Self::new([of_right.0, of_right.2, of_right.1])?,
        ])
    }

    /// The shape of the result.
    pub(super) fn shape(&self, a: &Shape, b: &Shape) -> Result<Shape> {
        let mut axes = vec![None; self.out.len()];
        let sides = [(&self.left, a), (&self.right, b)];
        let len = |letter: char, (letters, shape): (&Letters, &Shape)| {
            let axis = letters.iter().position(|c| *c == letter)?;
            shape.axes().get(axis).copied().flatten()
        };
        for letter in self.left.iter().chain(&self.right) {
            let lens = sides.map(|side| len(*letter, side));
            if let [Some(a_len), Some(b_len)] = lens
                && a_len != b_len
            {
                let (what, expected, found) = ("operand".into(), a.to_string(), b.to_string());
                let help = "axes that are multiplied with each other must be of one length".into();
                return Err(Error::Shape { what, expected, found, help });
            }
            if let Some(place) = self.out.iter().position(|c| c == letter) {
                axes[place] = lens[0].or(lens[1]);
            }
        }
        Ok(axes.into())
    }

    /// The product.
    pub(super) fn of(&self, a: &Tensor, b: &Tensor) -> Result<Tensor> {
        let shape = self.shape(&Shape::of(a.shape()), &Shape::of(b.shape()))?;
        let sizes = |letters: &Letters| -> Vec<usize> {
            let len =
                |c: &char| shape_of(*c, &self.left, a).or_else(|| shape_of(*c, &self.right, b));
            letters.iter().filter_map(len).collect()
        };
        let [shared, rows, summed, columns] =
            [&self.shared, &self.rows, &self.summed, &self.columns]
                .map(|letters| sizes(letters).iter().product::<usize>());
        let (a, a_turned) = arranged(a, &self.left, [&self.shared, &self.rows, &self.summed])?;
        let (b, b_turned) = arranged(b, &self.right, [&self.shared, &self.summed, &self.columns])?;
        let made = [&self.shared[..], &self.rows, &self.columns].concat();
        let mut y = Tensor::try_full(&sizes(&made), 0.0)?;
        if shared * rows * summed * columns > 0 {
            let (a, b) = (a.as_slice(), b.as_slice());
            let cs = y.as_mut_slice().chunks_exact_mut(rows * columns);
            let pairs = a.chunks_exact(rows * summed).zip(b.chunks_exact(summed * columns));
            for (c, (a, b)) in cs.zip(pairs) {
                let a = if a_turned {
                    Matrix::new(a, rows).transposed()
                } else {
                    Matrix::new(a, summed)
                };
                let b = if b_turned {
                    Matrix::new(b, summed).transposed()
                } else {
                    Matrix::new(b, columns)
                };
                matmul(a, b, MatrixMut::new(c, columns));
            }
        }
        if made == self.out {
            return Ok(y);
        }
        let order: Vec<usize> =
            self.out.iter().filter_map(|c| made.iter().position(|m| m == c)).collect();
        let y = y.permuted(&order)?;
        debug_assert!(shape.admits(y.shape()));
        Ok(y)
    }
}

fn shape_of(letter: char, letters: &Letters, x: &Tensor) -> Option<usize> {
    letters.iter().position(|c| *c == letter).map(|axis| x.shape()[axis])
}

/// The tensor with its axes in these groups, or with the last two groups in each other's place.
fn arranged(x: &Tensor, letters: &Letters, groups: [&Letters; 3]) -> Result<(Tensor, bool)> {
    let [shared, first, second] = groups;
    let wanted = [&shared[..], first, second].concat();
    let turned = [&shared[..], second, first].concat();
    if *letters == wanted {
        return Ok((x.clone(), false));
    }
    if *letters == turned {
        return Ok((x.clone(), true));
    }
    let order: Vec<usize> =
        wanted.iter().filter_map(|c| letters.iter().position(|own| own == c)).collect();
    Ok((x.permuted(&order)?, false))
}
