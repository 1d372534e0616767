//! A cell's way over a sequence, and back.

use ceratops_core::{Context, Error, Gradients, Param, Part, Result, Rng, Shape, Tensor};

use super::{
    cell::{Back, Cell, Cells, Ran},
    drops::{Drops, Linear},
    kept::Kept,
    sequence::{Sizes, put, repeat, take},
    weights::{build_activation, check_activation, check_rate},
};
use crate::{
    AnyActivation, entry,
    kernels::add_bias_gradient,
    layers::{built, expect_ndim, shape_error},
};

/// What to do about a sequence of length 0, of which Keras makes nothing either.
const NO_TIME: &str = "a sequence has at least one time";

/// What the way back needs: the input and every h₋₁, in the order of the steps, what was dropped of
/// them, what each step keeps, and whether the states before the first were given.
#[derive(Debug)]
pub struct SavedPass<S> {
    x: Tensor,
    hidden: Tensor,
    drops: [Drops; 2],
    steps: Vec<S>,
    given: bool,
}

/// The lengths of an input, which must be those that the weights are for.
fn sizes<C: Cell>(cell: &C, x: &Tensor) -> Result<Sizes> {
    let &[features, _] = built(cell.weights().kernel.as_ref())?.value().shape() else {
        return Err(Error::Model("the kernel of a recurrent layer has two axes".into()));
    };
    let units = built(cell.weights().recurrent_kernel.as_ref())?.value().shape()[0];
    match *x.shape() {
        [batch, time, last] if last == features && time > 0 => {
            Ok(Sizes { batch, time, state: vec![units] })
        }
        _ => {
            let expected = format!("(batch, time, {features})");
            let help = if x.shape().get(1) == Some(&0) { NO_TIME } else { "" };
            Err(Error::shape("input", expected, x.shape(), help))
        }
    }
}

/// What is dropped of the features and of h₋₁.
fn draw<C: Cell>(cell: &C, x: &Tensor, sizes: &Sizes, cx: &mut Context) -> Result<[Drops; 2]> {
    let (rates, seed) = cell.drops();
    let count = if rates[1] == 0.0 { 1 } else { C::GATES };
    let [rate, recurrent_rate] =
        rates.map(|rate| if rate == 1.0 && !C::DROPS_ALL { 0.0 } else { rate });
    let of_x = [&x.shape()[..1], &x.shape()[2..]].concat();
    let features = Drops::draw(rate, seed, count, &of_x, cx)?;
    let of_h = [&[sizes.batch], &sizes.state[..]].concat();
    Ok([features, Drops::draw(recurrent_rate, seed, C::GATES, &of_h, cx)?])
}

/// The two products.
fn linears<'a, C: Cell>(cell: &'a C, drops: &'a [Drops; 2]) -> Result<[Linear<'a>; 2]> {
    let weights = cell.weights();
    let of = |weight: &'a Option<Param>, drops: &'a Drops| {
        let weight = built(weight.as_ref())?.value();
        Ok(Linear { weight, drops, gates: C::GATES, still: false })
    };
    Ok([of(&weights.kernel, &drops[0])?, of(&weights.recurrent_kernel, &drops[1])?])
}

/// z = bias + x · kernel, for all times at once. Of a bias of two rows the second one is for the
/// recurrent kernel.
fn from_input<C: Cell>(cell: &C, x: &Tensor, input: &Linear<'_>, sizes: &Sizes) -> Tensor {
    let mut z = sizes.sequence(C::GATES);
    let columns = z.shape().last().copied().unwrap_or(0);
    let bias = cell.weights().bias.as_ref().map(|bias| bias.value().as_slice());
    repeat(bias.and_then(|bias| bias.get(..columns)), &mut z);
    input.multiply(x, 0..C::GATES, &mut z);
    z
}

impl<C: Cell> Cells for C {
    const LAYER: &'static str = C::LAYER;
    type Saved = SavedPass<C::Step>;

    fn validate(&self) -> Result<()> {
        if self.units() == 0 {
            return Err(Error::argument("units", "a positive integer", self.units()));
        }
        self.activations().iter().try_for_each(|(_, activation)| activation.validate())?;
        let ([dropout, recurrent_dropout], _) = self.drops();
        check_rate("dropout", dropout)?;
        check_rate("recurrent_dropout", recurrent_dropout)?;
        self.governing().validate()
    }

    fn shapes(&self, input: &Shape) -> Result<(Shape, Vec<Shape>)> {
        let help = "if there are no times, put Reshape([1, -1]) before it";
        expect_ndim(input, 3, "(batch, time, features)", help)?;
        if input.axes()[1] == Some(0) {
            return Err(shape_error(input, "(batch, time, features)", NO_TIME));
        }
        let state = Shape::from([input.axes()[0], Some(self.units())]);
        for (key, activation) in self.activations() {
            check_activation(key, activation, &state)?;
        }
        Ok((state.clone(), vec![state; C::STATES]))
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let features = input.last().ok_or_else(|| {
            Error::argument("input_shape", "a known length of the last axis", input)
                .with_help("set it in the Input: the kernel's size depends on it")
        })?;
        let (units, columns) = (self.units(), self.units().saturating_mul(C::GATES));
        let bias = |rng: &mut Rng| self.first_bias(rng);
        let weights =
            self.governing().draw([&[features, columns], &[units, columns]], bias, rng)?;
        *self.weights_mut() = weights;
        let state = Shape::batched([units]);
        for (key, activation) in Cell::activations_mut(self) {
            build_activation(key, activation, &state, rng)?;
        }
        Ok(())
    }

    fn run(
        &self,
        x: Tensor,
        initial: Vec<Tensor>,
        kept: Option<&Kept>,
        all_times: bool,
        cx: &mut Context,
    ) -> Result<Ran<Self::Saved>> {
        let sizes = sizes(self, &x)?;
        initial.iter().try_for_each(|state| sizes.expect_state("initial state", state))?;
        let drops = draw(self, &x, &sizes, cx)?;
        let [input, mut recurrent] = linears(self, &drops)?;
        let z = from_input(self, &x, &input, &sizes);
        let given = !initial.is_empty();
        let mut states = if given { initial } else { vec![sizes.zeros(); C::STATES] };
        let (mut steps, mut hidden) = (Vec::new(), cx.save(|| sizes.sequence(1)));
        let mut y = all_times.then(|| sizes.sequence(1));
        for t in 0..sizes.time {
            if let Some(hidden) = &mut hidden {
                put(&states[0], hidden, t);
            }
            recurrent.still = t == 0 && !given;
            let before = kept.map(|kept| (kept, states.clone()));
            steps.extend(self.step(take(&z, t), &mut states, &recurrent, cx)?);
            // At a masked time the states stay.
            if let Some((kept, before)) = before {
                kept.hold(t, &mut states, &before);
            }
            if let Some(y) = &mut y {
                put(&states[0], y, t);
            }
        }
        let y = y.unwrap_or_else(|| states[0].clone());
        let saved = hidden.map(|hidden| SavedPass { x, hidden, drops, steps, given });
        Ok(Ran { y, states, saved })
    }

    fn run_back(
        &self,
        saved: Self::Saved,
        dy: Option<Tensor>,
        dstates: Vec<Option<Tensor>>,
        kept: Option<&Kept>,
        dw: &mut Gradients<'_>,
    ) -> Result<(Option<Tensor>, Vec<Tensor>)> {
        let SavedPass { x, hidden, drops, steps, given } = saved;
        let sizes = sizes(self, &x)?;
        let [input, recurrent] = linears(self, &drops)?;
        let turned = recurrent.turned();
        let direct = 0..self.direct_gates();
        let mut states = Vec::with_capacity(C::STATES);
        for state in dstates.into_iter().chain(std::iter::repeat(None)).take(C::STATES) {
            let state = state.unwrap_or_else(|| sizes.zeros());
            sizes.expect_state("gradient of a state", &state)?;
            states.push(state);
        }
        let all_times = dy.as_ref().is_some_and(|dy| dy.ndim() == hidden.ndim());
        if let Some(dy) = &dy {
            sizes.expect_output(all_times, dy)?;
        }
        let mut dz = sizes.sequence(C::GATES);
        let (mut drecurrent, mut inner) = (None, None);
        for (t, step) in steps.into_iter().enumerate().rev() {
            // What is put out at this time, besides what the next time makes of it
            match &dy {
                Some(dy) if all_times => states[0].add_scaled(1.0, &take(dy, t))?,
                Some(dy) if t + 1 == sizes.time => states[0].add_scaled(1.0, dy)?,
                _ => {}
            }
            let behind = kept.map(|kept| (kept, states.clone()));
            let mut back = self.step_back(step, &mut states, (&recurrent, &turned), dw)?;
            if let Some(kept) = kept {
                let gradients = [Some(&mut back.dz), back.recurrent.as_mut(), back.inner.as_mut()];
                gradients.into_iter().flatten().for_each(|gradient| kept.clear(t, gradient));
            }
            put(&back.dz, &mut dz, t);
            // dL/dh₋₁ = dz · recurrent_kernelᵀ
            if t > 0 || given {
                let to_h = back.recurrent.as_ref().unwrap_or(&back.dz);
                states[0] = recurrent.input_gradient(to_h, direct.clone(), &turned)?;
                if let Some(direct) = &back.direct {
                    states[0].add_scaled(1.0, direct)?;
                }
            }
            let Back { recurrent: of_recurrent, inner: of_inner, .. } = back;
            collect(of_recurrent, t, C::GATES, &sizes, &mut drecurrent);
            collect(of_inner, t, 1, &sizes, &mut inner);
            // At a masked time the gradients of the states go through.
            if let Some((kept, behind)) = behind {
                kept.hold(t, &mut states, &behind);
            }
        }
        let drecurrent = drecurrent.as_ref().unwrap_or(&dz);
        // dL/dkernel = xᵀ · dz
        if let Some(dkernel) = dw.get(0) {
            input.weight_gradient(&x, &dz, 0..C::GATES, dkernel);
        }
        // dL/drecurrent_kernel = h₋₁ᵀ · dz
        if let Some(dweight) = dw.get(1) {
            recurrent.weight_gradient(&hidden, drecurrent, direct.clone(), dweight);
            if let Some(inner) = &inner {
                recurrent.weight_gradient(inner, &dz, direct.end..C::GATES, dweight);
            }
        }
        if let (Some(_), Some(dbias)) = (&self.weights().bias, dw.get(2)) {
            add_bias_gradients([&dz, drecurrent], dbias)?;
        }
        // dL/dx = dz · kernelᵀ
        let dx = dw.wants_dx().then(|| input.input_gradient(&dz, 0..C::GATES, &input.turned()));
        Ok((dx.transpose()?, if given { states } else { Vec::new() }))
    }

    fn params(&self) -> Vec<&Param> {
        self.weights().params()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.weights_mut().params_mut()
    }

    fn parts(&self) -> Vec<Part<'_>> {
        let name = entry::snake_case(C::CLASS_NAME);
        vec![Part::own(Vec::new()), Part::held("cell", name, self.weights().params())]
    }

    fn activations_mut(&mut self) -> Vec<(String, &mut AnyActivation)> {
        let own = Cell::activations_mut(self).into_iter();
        own.map(|(key, activation)| (key.to_owned(), activation)).collect()
    }
}

/// Puts what a step gives to time `t` of a sequence, made when the first one comes.
fn collect(
    of_step: Option<Tensor>,
    t: usize,
    gates: usize,
    sizes: &Sizes,
    sequence: &mut Option<Tensor>,
) {
    if let Some(of_step) = of_step {
        put(&of_step, sequence.get_or_insert_with(|| sizes.sequence(gates)), t);
    }
}

/// dL/dbias = the sum of dz over samples and times; of a bias of two rows the second one is that of
/// the recurrent kernel.
fn add_bias_gradients([dz, drecurrent]: [&Tensor; 2], dbias: &mut Tensor) -> Result<()> {
    if dbias.ndim() == 1 {
        add_bias_gradient(dz, dbias);
        return Ok(());
    }
    let columns = dbias.sample_len();
    let mut rows = [Tensor::zeros(&[1, columns]), Tensor::zeros(&[1, columns])];
    for (row, dz) in rows.iter_mut().zip([dz, drecurrent]) {
        add_bias_gradient(dz, row);
    }
    dbias.add_scaled(1.0, &Tensor::concat(&rows)?)
}
