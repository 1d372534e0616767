//! Merging where steps are masked, as Keras 3 does it.

use ceratops_core::{Error, Mask, Result, Tensor, Tensors};

/// For each input, for each of its numbers, whether it counts; `None` where all do.
pub(super) fn spread(xs: &[Tensor], masks: &[Option<Mask>]) -> Result<Vec<Option<Tensor>>> {
    let masks = masks.iter().chain(std::iter::repeat(&None));
    let spread = |(x, mask): (&Tensor, &Option<Mask>)| {
        let keep = mask.as_ref().map(|mask| mask.spread(x.shape())).transpose()?;
        keep.map(|keep| Tensor::new(x.shape(), keep)).transpose()
    };
    xs.iter().zip(masks).map(spread).collect()
}

/// One of two numbers, merged from left to right, and which: for each input but the first 1 where
/// what was merged before it is handed on, 0 where its own number is.
pub(super) struct Choices {
    pub(super) merged: Tensor,
    pub(super) before: Vec<Tensor>,
}

impl Choices {
    /// Those that `left` makes of two numbers that count; one that does not takes the other's place.
    pub(super) fn of(
        xs: &[Tensor],
        masks: &[Option<Mask>],
        left: impl Fn(f32, f32) -> bool + Copy,
    ) -> Result<Self> {
        let keep = spread(xs, masks)?;
        let Some((first, others)) = xs.split_first() else {
            return Err(Error::argument("inputs", "at least one tensor", "none"));
        };
        let (mut merged, mut kept) = (first.clone(), keep[0].clone());
        let mut before = Vec::with_capacity(others.len());
        for (x, keep) in others.iter().zip(&keep[1..]) {
            let choice = choice([&merged, x], [kept.as_ref(), keep.as_ref()], left)?;
            merged = chosen(&choice, [merged, x.clone()])?;
            kept = match (kept, keep) {
                (Some(kept), Some(keep)) => Some(kept.broadcast_map(keep, f32::max)?),
                _ => None,
            };
            before.push(choice);
        }
        Ok(Self { merged, before })
    }

    /// The gradient of each input.
    pub(super) fn gradients(&self, dy: &Tensor) -> Result<Vec<Tensor>> {
        let (mut dxs, mut rest) = (vec![dy.clone(); self.before.len() + 1], dy.clone());
        for (i, before) in self.before.iter().enumerate().rev() {
            let own = |dy: f32, before: f32| if before != 0.0 { 0.0 } else { dy };
            dxs[i + 1] = rest.clone().broadcast_map(before, own)?;
            rest = rest.broadcast_map(before, |dy, before| if before != 0.0 { dy } else { 0.0 })?;
        }
        dxs[0] = rest;
        Ok(dxs)
    }
}

/// For each place 1 where the number of `a` is handed on, 0 where that of `b` is.
fn choice(
    [a, b]: [&Tensor; 2],
    keep: [Option<&Tensor>; 2],
    left: impl Fn(f32, f32) -> bool + Copy,
) -> Result<Tensor> {
    let mut choice = a.clone().broadcast_map(b, |a, b| f32::from(left(a, b) || a.is_nan()))?;
    let [of_a, of_b] = keep;
    if let Some(of_a) = of_a {
        choice = choice.broadcast_map(of_a, |own, keep| if keep == 0.0 { 0.0 } else { own })?;
    }
    if let Some(of_b) = of_b {
        // Where neither counts, the left one stays.
        choice = choice.broadcast_map(of_b, |own, keep| if keep == 0.0 { 1.0 } else { own })?;
    }
    Ok(choice)
}

/// The numbers of `a` where the choice is 1, else those of `b`.
fn chosen(choice: &Tensor, [a, b]: [Tensor; 2]) -> Result<Tensor> {
    let (a, b) = (a.broadcast_to(choice.shape())?, b.broadcast_to(choice.shape())?);
    let pairs = a.as_slice().iter().zip(b.as_slice());
    let numbers = choice.as_slice().iter().zip(pairs);
    let numbers = numbers.map(|(left, (a, b))| if *left != 0.0 { *a } else { *b });
    Tensor::new(choice.shape(), numbers.collect())
}

/// The factors of a product, 1 where they do not count, and where any counts, if each has a mask.
pub(super) fn factors(
    xs: Tensors,
    masks: &[Option<Mask>],
) -> Result<(Vec<Tensor>, Option<Tensor>)> {
    let keep = spread(&xs, masks)?;
    let factor = |(x, keep): (Tensor, &Option<Tensor>)| match keep {
        Some(keep) => x.zip_map(keep, |x, keep| if keep == 0.0 { 1.0 } else { x }),
        None => Ok(x),
    };
    let factors = xs.into_iter().zip(&keep).map(factor).collect::<Result<_>>()?;
    let all: Option<Vec<Tensor>> = keep.into_iter().collect();
    let mut all = all.into_iter().flatten();
    let first = all.next();
    let any =
        first.map(|first| all.try_fold(first, |any, keep| any.broadcast_map(&keep, f32::max)));
    Ok((factors, any.transpose()?))
}

/// `x`, but 0 where `keep` is.
pub(super) fn dropped(x: Tensor, keep: Option<&Tensor>) -> Result<Tensor> {
    match keep {
        Some(keep) => x.broadcast_map(keep, |x, keep| if keep == 0.0 { 0.0 } else { x }),
        None => Ok(x),
    }
}
