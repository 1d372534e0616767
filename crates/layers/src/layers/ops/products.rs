//! Products of matrices: Matmul, Dot, Tensordot and Einsum, all of which are written as an Einsum.

mod contraction;

use std::fmt::Debug;

use ceratops_core::{Error, Result, Shape, Tensor, Tensors};
use serde::Deserialize;

use self::contraction::{Contraction, Letters};
use super::{
    axes::Axes,
    class::Class,
    compute::{Compute, Kept, Operand, only_gradient},
};

pub(super) const CLASSES: &[Class] = &[
    Class::of::<Product<Matmul>>("Dot", "numpy"),
    Class::of::<Product<Einsum>>("Einsum", "numpy"),
    Class::of::<Product<Matmul>>("Matmul", "numpy"),
    Class::of::<Product<Tensordot>>("Tensordot", "numpy"),
];

/// Which axes of two operands are multiplied and summed over.
trait Equation: Debug + Send + Sync {
    /// The letters of the axes of two operands of so many axes, and those of the result's.
    fn letters(&self, ndims: [usize; 2]) -> Result<[Letters; 3]>;
}

/// A product of two operands.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Product<E>(E);

impl<E: Equation> Product<E> {
    fn contraction(&self, ndims: [usize; 2]) -> Result<Contraction> {
        self.0.letters(ndims).and_then(Contraction::new)
    }
}

impl<E: Equation> Compute for Product<E> {
    fn shapes(&self, operands: &[Operand]) -> Result<Vec<Shape>> {
        let [a, b] = operands else {
            let found = format!("{} operands", operands.len());
            return Err(Error::argument("inputs", "two operands", found));
        };
        let contraction = self.contraction([a.shape.ndim(), b.shape.ndim()])?;
        contraction.check_samples([a.is_constant, b.is_constant])?;
        Ok(vec![contraction.shape(&a.shape, &b.shape)?])
    }

    fn forward(&self, operands: Tensors) -> Result<Tensors> {
        let (a, b) = operands.pair()?;
        Ok(self.contraction([a.ndim(), b.ndim()])?.of(&a, &b)?.into())
    }

    fn backward(&self, kept: &Kept, dys: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>> {
        let (Some(dy), [a, b]) = (only_gradient(dys), &kept.xs[..]) else {
            return Ok(vec![None, None]);
        };
        let contraction = self.contraction([a.ndim(), b.ndim()])?;
        let [of_a, of_b] = contraction.gradients()?;
        let da = if kept.wants(0) { Some(of_a.of(&dy, b)?) } else { None };
        let db = if kept.wants(1) { Some(of_b.of(a, &dy)?) } else { None };
        Ok(vec![da, db])
    }
}

/// The last axis of the first operand with the last but one of the second, as NumPy multiplies matrices.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Matmul {}

impl Equation for Matmul {
    fn letters(&self, [a, b]: [usize; 2]) -> Result<[Letters; 3]> {
        // From the end, so that axes in front are lined up from the last one on.
        let front = |count: usize| (0..count).rev().map(front_letter);
        let (left, right) = (front(a.saturating_sub(2)), front(b.saturating_sub(2)));
        let rows = (a > 1).then_some('m');
        let columns = (b > 1).then_some('n');
        let most = front(a.max(b).saturating_sub(2));
        let out = most.chain(rows).chain(columns).collect();
        Ok([
            left.chain(rows).chain(['k']).collect(),
            right.chain(['k']).chain(columns).collect(),
            out,
        ])
    }
}

/// Stands for an axis in front, counted from the last of them.
fn front_letter(i: usize) -> char {
    u32::try_from(i).ok().and_then(|i| char::from_u32(0x1_0000 + i)).unwrap_or('\u{fffd}')
}

/// Some last axes of the first operand with as many first ones of the second, or those named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tensordot {
    #[serde(default = "two")]
    axes: Pairs,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Pairs {
    Count(usize),
    Named([Axes; 2]),
}

fn two() -> Pairs {
    Pairs::Count(2)
}

impl Equation for Tensordot {
    fn letters(&self, [a, b]: [usize; 2]) -> Result<[Letters; 3]> {
        let unfit = || {
            let expected = format!("axes of operands of {a} and {b} axes");
            Error::argument("axes", expected, format!("{:?}", self.axes))
        };
        let places = |axes: &Axes, ndim: usize| -> Result<Vec<usize>> {
            let place = |&axis: &i64| if axis < 0 { axis + ndim as i64 } else { axis };
            let places = axes.list().iter().map(|axis| usize::try_from(place(axis)).ok());
            places.map(|place| place.filter(|place| *place < ndim).ok_or_else(unfit)).collect()
        };
        let (left, right) = match &self.axes {
            Pairs::Count(count) if *count <= a.min(b) => {
                ((a - count..a).collect(), (0..*count).collect())
            }
            Pairs::Count(_) => return Err(unfit()),
            Pairs::Named([left, right]) => (places(left, a)?, places(right, b)?),
        };
        let (left, right): (Vec<usize>, Vec<usize>) = (left, right);
        if left.len() != right.len() {
            return Err(unfit());
        }
        let of_a: Letters = (0..a).map(front_letter).collect();
        let mut of_b: Letters = (a..a + b).map(front_letter).collect();
        left.iter().zip(&right).for_each(|(&left, &right)| of_b[right] = of_a[left]);
        let free_a = (0..a).filter(|axis| !left.contains(axis)).map(|axis| of_a[axis]);
        let free_b = (0..b).filter(|axis| !right.contains(axis)).map(|axis| of_b[axis]);
        let out = free_a.chain(free_b).collect();
        Ok([of_a, of_b, out])
    }
}

/// As the letters say: `bij,bkj->bik`. `...` stands for axes in front.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Einsum {
    subscripts: String,
}

impl Equation for Einsum {
    fn letters(&self, [a, b]: [usize; 2]) -> Result<[Letters; 3]> {
        let unfit = || {
            let expected =
                format!("letters for operands of {a} and {b} axes, as in \"bij,bjk->bik\"");
            Error::argument("subscripts", expected, &self.subscripts)
        };
        let plain: String = self.subscripts.chars().filter(|c| !c.is_whitespace()).collect();
        let (operands, out) = plain.split_once("->").ok_or_else(unfit)?;
        let (left, right) = operands.split_once(',').ok_or_else(unfit)?;
        let spelled =
            |letters: &str, ndim: Option<usize>, most: usize| -> Option<(Letters, usize)> {
                let Some((front, back)) = letters.split_once("...") else {
                    let letters: Letters = letters.chars().collect();
                    return Some((letters, 0))
                        .filter(|(letters, _)| ndim.is_none_or(|n| n == letters.len()));
                };
                let named = front.chars().count() + back.chars().count();
                let between = ndim.map_or(Some(most), |ndim| ndim.checked_sub(named))?;
                let middle = (0..between).rev().map(front_letter);
                Some((front.chars().chain(middle).chain(back.chars()).collect(), between))
            };
        let (left, in_left) = spelled(left, Some(a), 0).ok_or_else(unfit)?;
        let (right, in_right) = spelled(right, Some(b), 0).ok_or_else(unfit)?;
        let (out, _) = spelled(out, None, in_left.max(in_right)).ok_or_else(unfit)?;
        Ok([left, right, out])
    }
}
