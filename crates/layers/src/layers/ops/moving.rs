//! Operations that take numbers as they are and put them elsewhere.

mod longer;

use std::fmt::Debug;

use ceratops_core::{Error, Result, Shape, Tensor, Tensors};
use serde::Deserialize;
use serde_json::Value;

use self::longer::{BroadcastTo, Pad, Repeat, Tile};
use super::{
    axes::{Axes, named, place},
    class::{Class, read},
    compute::{Compute, Kept, Operand, only},
    places::{Axis, Places, Plan},
    slices::Key,
};

pub(super) const CLASSES: &[Class] = &[
    Class::of::<Moved<BroadcastTo>>("BroadcastTo", "numpy"),
    Class::of::<Moved<Flip>>("Flip", "numpy"),
    Class::of::<Moved<GetItem>>("GetItem", "numpy").of_one(),
    Class::of::<Moved<Moveaxis>>("Moveaxis", "numpy"),
    Class::of::<Moved<Pad>>("Pad", "numpy"),
    Class::of::<Moved<Repeat>>("Repeat", "numpy"),
    Class::of::<Moved<Roll>>("Roll", "numpy"),
    Class::of::<Moved<Split>>("Split", "numpy"),
    Class::of::<Moved<Swapaxes>>("Swapaxes", "numpy"),
    Class::of::<Moved<Take>>("Take", "numpy").of_one(),
    Class::of::<Moved<Tile>>("Tile", "numpy"),
    Class::of::<Moved<Transpose>>("Transpose", "numpy"),
    Class::of::<Moved<Unstack>>("Unstack", "core"),
];

/// What goes where.
trait Mover: Debug + Send + Sync {
    /// What each output consists of, for an input of that shape.
    fn plans(&self, shape: &Shape) -> Result<Vec<Plan>>;

    /// What stands where nothing goes.
    fn fill(&self) -> f32 {
        0.0
    }
}

/// An operation that moves numbers.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Moved<M>(M);

impl<M: Mover> Compute for Moved<M> {
    fn shapes(&self, operands: &[Operand]) -> Result<Vec<Shape>> {
        let shape = only(operands)?;
        self.0.plans(shape)?.iter().map(|plan| plan.shape(shape)).collect()
    }

    fn forward(&self, operands: Tensors) -> Result<Tensors> {
        let x = operands.single()?;
        let plans = self.0.plans(&Shape::of(x.shape()))?;
        plans
            .iter()
            .map(|plan| plan.take(&x, self.0.fill()))
            .collect::<Result<Vec<_>>>()
            .map(Into::into)
    }

    fn backward(&self, kept: &Kept, dys: Vec<Option<Tensor>>) -> Result<Vec<Option<Tensor>>> {
        let plans = self.0.plans(&Shape::of(kept.shape()))?;
        let mut dx = Tensor::zeros(kept.shape());
        for (plan, dy) in plans.iter().zip(&dys) {
            dy.as_ref().map_or(Ok(()), |dy| plan.give_back(dy, &mut dx))?;
        }
        Ok(vec![Some(dx)])
    }

    fn keeps_operands(&self) -> bool {
        false
    }
}

/// `x[key]`
#[derive(Debug, Deserialize)]
#[serde(try_from = "Rest")]
struct GetItem(Key);

/// Arguments that are no operands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rest {
    rest: Vec<Value>,
}

impl TryFrom<Rest> for GetItem {
    type Error = Error;

    fn try_from(Rest { rest }: Rest) -> Result<Self> {
        match rest.as_slice() {
            [key] => Key::of(key).map(Self),
            _ => Err(Error::config("args", "expected a tensor and what is taken of it")),
        }
    }
}

impl Mover for GetItem {
    fn plans(&self, shape: &Shape) -> Result<Vec<Plan>> {
        Ok(vec![self.0.plan(shape.ndim())?])
    }
}

/// The axes in another order; turned round without one, which moves the batch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Transpose {
    axes: Option<Vec<i64>>,
}

impl Mover for Transpose {
    fn plans(&self, shape: &Shape) -> Result<Vec<Plan>> {
        let ndim = shape.ndim();
        let reversed = || (0..ndim as i64).rev().collect();
        ordered(&self.axes.clone().unwrap_or_else(reversed), ndim)
    }
}

/// The plan of these axes, each once, the batch first.
fn ordered(axes: &[i64], ndim: usize) -> Result<Vec<Plan>> {
    let from_start = |axis: &i64| if *axis < 0 { axis + ndim as i64 } else { *axis };
    let order: Vec<usize> =
        axes.iter().filter_map(|axis| usize::try_from(from_start(axis)).ok()).collect();
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if !sorted.iter().copied().eq(0..ndim) || order.first() != Some(&0) {
        let expected = format!("each axis from 0 to {} once, 0 first", ndim.saturating_sub(1));
        return Err(Error::argument("axes", expected, format!("{axes:?}"))
            .with_help("axis 0 counts the samples, and stays where it is"));
    }
    let axes = order.into_iter().map(|axis| Axis::Of(axis, Places::All)).collect();
    Ok(vec![Plan { axes, picks: Vec::new() }])
}

/// Two axes, each in the place of the other.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Swapaxes {
    axis1: i64,
    axis2: i64,
}

impl Mover for Swapaxes {
    fn plans(&self, shape: &Shape) -> Result<Vec<Plan>> {
        let mut plan = Plan::whole(shape.ndim());
        plan.axes.swap(place(self.axis1, shape.ndim())?, place(self.axis2, shape.ndim())?);
        Ok(vec![plan])
    }
}

/// Axes in other places, the others in their order between them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moveaxis {
    source: Axes,
    destination: Axes,
}

impl Mover for Moveaxis {
    fn plans(&self, shape: &Shape) -> Result<Vec<Plan>> {
        let ndim = shape.ndim();
        let places = |axes: &Axes| -> Result<Vec<usize>> {
            axes.list().iter().map(|&axis| place(axis, ndim)).collect()
        };
        let (from, to) = (places(&self.source)?, places(&self.destination)?);
        let mut moves: Vec<(usize, usize)> = to.iter().copied().zip(from.iter().copied()).collect();
        moves.sort_unstable();
        let mut order: Vec<i64> =
            (0..ndim).filter(|axis| !from.contains(axis)).map(|axis| axis as i64).collect();
        for (to, from) in moves {
            order.insert(to.min(order.len()), from as i64);
        }
        ordered(&order, ndim)
    }
}

/// Axes walked through from the end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Flip {
    axis: Option<Axes>,
}

impl Mover for Flip {
    fn plans(&self, shape: &Shape) -> Result<Vec<Plan>> {
        let axes = named(self.axis.as_ref(), shape.ndim())?;
        let flipped = Places::Slice([None, None, Some(-1)]);
        let whole = Plan::whole(shape.ndim());
        Ok(vec![axes.into_iter().fold(whole, |plan, axis| plan.with(axis, flipped.clone()))])
    }
}

/// Each number so many places further on; what falls off stands in front.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Roll {
    shift: Axes,
    axis: Option<Axes>,
}

impl Mover for Roll {
    fn plans(&self, shape: &Shape) -> Result<Vec<Plan>> {
        named(self.axis.as_ref(), shape.ndim())?;
        let axes = self.axis.as_ref().map_or(&[][..], Axes::list);
        let shifts = self.shift.list();
        if shifts.len() != axes.len() && shifts.len() != 1 {
            let expected = "one shift, or one for each axis";
            return Err(Error::argument("shift", expected, format!("{shifts:?}")));
        }
        let mut plan = Plan::whole(shape.ndim());
        for (&axis, &shift) in axes.iter().zip(shifts.iter().cycle()) {
            plan = plan.with(place(axis, shape.ndim())?, Places::Rolled(shift));
        }
        Ok(vec![plan])
    }
}

/// Some places of an axis.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Take {
    axis: Option<Axes>,
    rest: Vec<Value>,
}

impl Mover for Take {
    fn plans(&self, shape: &Shape) -> Result<Vec<Plan>> {
        let axes = named(self.axis.as_ref(), shape.ndim())?;
        let (&[axis], [indices]) = (axes.as_slice(), self.rest.as_slice()) else {
            return Err(Error::argument("axis", "one axis", format!("{axes:?}")));
        };
        let indices = indices.pointer("/config/value").unwrap_or(indices);
        let mut plan = Plan::whole(shape.ndim());
        match read::<Axes>(indices.clone()).map_err(|e| e.at("indices"))? {
            Axes::One(place) => {
                plan.axes.remove(axis);
                plan.picks.push((axis, place));
            }
            Axes::Several(list) => plan = plan.with(axis, Places::Listed(list)),
        }
        Ok(vec![plan])
    }
}

/// An axis in parts: so many equal ones, or cut at these places.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Split {
    indices_or_sections: Axes,
    #[serde(default)]
    axis: i64,
}

impl Mover for Split {
    fn plans(&self, shape: &Shape) -> Result<Vec<Plan>> {
        let axis = place(self.axis, shape.ndim())?;
        let with = |places| Plan::whole(shape.ndim()).with(axis, places);
        match &self.indices_or_sections {
            Axes::One(count) => {
                let count =
                    usize::try_from(*count).ok().filter(|count| (1..1 << 16).contains(count));
                let count = count.ok_or_else(|| {
                    Error::argument("indices_or_sections", "1 or more", format!("{count:?}"))
                })?;
                Ok((0..count).map(|part| with(Places::Part(part, count))).collect())
            }
            Axes::Several(cuts) => {
                let starts = [None].into_iter().chain(cuts.iter().copied().map(Some));
                let ends = cuts.iter().copied().map(Some).chain([None]);
                Ok(starts.zip(ends).map(|(a, b)| with(Places::Slice([a, b, None]))).collect())
            }
        }
    }
}

/// Each place of an axis as a tensor of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unstack {
    num: Option<usize>,
    #[serde(default)]
    axis: i64,
}

impl Mover for Unstack {
    fn plans(&self, shape: &Shape) -> Result<Vec<Plan>> {
        let axis = place(self.axis, shape.ndim())?;
        let count = self.num.or(shape.axes()[axis]).filter(|count| *count < 1 << 16);
        let count =
            count.ok_or_else(|| Error::argument("num", "how many tensors there are", "None"))?;
        let whole = Plan::whole(shape.ndim());
        let one = |i: usize| {
            let mut plan = whole.clone();
            plan.axes.remove(axis);
            plan.picks.push((axis, i as i64));
            plan
        };
        Ok((0..count).map(one).collect())
    }
}
