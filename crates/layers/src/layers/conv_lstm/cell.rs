//! What a ConvLSTM runs over its sequence.

use ceratops_core::{Context, Error, Gradients, Param, Part, Result, Rng, Shape, Tensor};

use super::{
    super::{
        built,
        conv::{check_sizes, check_strided_or_dilated, known_channels},
        lstm::{self, first_bias, remember, remember_back},
        recurrent::{
            Cells, Drops, Governing, Kept, Ran, build_activation, check_activation, check_rate,
            put, take,
        },
        shape_error,
    },
    linear::Linear,
};
use crate::{
    AnyActivation, DataFormat, Extent, One, Padding, Rank, Three, Two,
    kernels::{Convolution, Window, WindowOptions, add_bias_gradient},
};

cell! {
    /// The arguments of a [`ConvLSTM2D`](crate::ConvLSTM2D).
    ConvLSTMCell [R: ConvLSTMRank], filters: "How many output channels.",
    /// The kernels' length along each axis.
    kernel_size: Extent<R> = 0.into(),
    /// How far the kernel moves at each step over the input.
    strides: Extent<R> = 1.into(),
    /// How the kernel meets the border of the input.
    padding: Padding = Padding::Valid,
    /// Where the channels stand.
    data_format: DataFormat = DataFormat::ChannelsLast,
    /// How far apart the kernel's taps are over the input.
    dilation_rate: Extent<R> = 1.into(),
    /// σ, applied to the gates.
    recurrent_activation: AnyActivation = "sigmoid".into(),
    /// Whether the bias of f is 1 at first, whatever the initializer: nothing is forgotten so far.
    unit_forget_bias: bool = true,
}

/// The ranks that have a ConvLSTM.
pub trait ConvLSTMRank: Rank {
    /// The name of its class.
    const CONV_LSTM: &'static str;
}

impl ConvLSTMRank for One {
    const CONV_LSTM: &'static str = "ConvLSTM1D";
}

impl ConvLSTMRank for Two {
    const CONV_LSTM: &'static str = "ConvLSTM2D";
}

impl ConvLSTMRank for Three {
    const CONV_LSTM: &'static str = "ConvLSTM3D";
}

/// What the way back needs: the input and every h₋₁, in the order of the steps, what was dropped of
/// them, what each step keeps, and whether the states before the first were given.
#[derive(Debug)]
pub struct SavedConvLSTM {
    x: Tensor,
    hidden: Tensor,
    drops: [Drops; 2],
    steps: Vec<lstm::Step>,
    given: bool,
}

impl<R: ConvLSTMRank> ConvLSTMCell<R> {
    pub(super) fn new(filters: usize, kernel_size: Extent<R>) -> Self {
        Self { filters, kernel_size, ..Self::default() }
    }

    fn governing(&self) -> Governing<'_> {
        governing!(self)
    }

    fn functions(&self) -> [&AnyActivation; 2] {
        [&self.activation, &self.recurrent_activation]
    }

    fn window(&self) -> WindowOptions<R> {
        WindowOptions {
            kernel: self.kernel_size,
            strides: self.strides,
            dilation: self.dilation_rate,
            padding: self.padding,
        }
    }

    /// The same kernel over the state, whose shape it keeps.
    fn recurrent_window(&self) -> WindowOptions<R> {
        let one = Extent::from(1);
        WindowOptions { strides: one, dilation: one, padding: Padding::Same, ..self.window() }
    }

    /// The shape of an input of one time, its channels last.
    fn of_time(&self, input: &Shape) -> Result<Shape> {
        let axes = input.axes();
        if axes.len() != R::AXES + 3 || axes[1] == Some(0) {
            let expected = match self.data_format {
                DataFormat::ChannelsLast => format!("(batch, time, {}, channels)", R::NAMES),
                DataFormat::ChannelsFirst => format!("(batch, time, channels, {})", R::NAMES),
            };
            return Err(shape_error(input, expected, "a sequence has at least one time"));
        }
        let step = Shape::from([&axes[..1], &axes[2..]].concat());
        Ok(self.data_format.shape_to_last(&step))
    }

    /// The shape of a state, its channels last.
    fn state(&self, input: &Shape) -> Result<Shape> {
        let window = self.window();
        let places = window.places(&self.of_time(input)?, Some(self.filters));
        places.ok_or_else(|| window.misfit("kernel", input))
    }

    /// Both convolutions for an input (batch, time, places, channels).
    fn convolutions(&self, x: &Tensor) -> Result<[Convolution; 2]> {
        let channels = |kernel: &Option<Param>| {
            let kernel = built(kernel.as_ref())?.value();
            Ok::<_, Error>(kernel.shape().iter().nth_back(1).copied().unwrap_or(0))
        };
        let (depth, shape) = (channels(&self.weights.kernel)?, x.shape());
        if shape.len() != R::AXES + 3 || shape.last() != Some(&depth) || shape[1] == 0 {
            let expected = format!("(batch, time, {}, {depth})", R::NAMES);
            return Err(Error::shape("input", expected, shape, ""));
        }
        let of = |window: Window, channels| {
            let filters = self.filters.saturating_mul(4);
            Convolution { window, channels, filters, groups: 1 }
        };
        let window = self.window().on("kernel", &[&shape[..1], &shape[2..]].concat())?;
        let state = window.output::<R>(x.batch(), self.filters);
        let recurrent = self.recurrent_window().on("kernel", &state)?;
        Ok([of(window, depth), of(recurrent, self.filters)])
    }

    fn linears<'a>(&'a self, x: &Tensor, drops: &'a [Drops; 2]) -> Result<[Linear<'a>; 2]> {
        let [input, recurrent] = self.convolutions(x)?;
        let kernel = built(self.weights.kernel.as_ref())?;
        let recurrent_kernel = built(self.weights.recurrent_kernel.as_ref())?;
        Ok([
            Linear { convolution: input, kernel, drops: &drops[0] },
            Linear { convolution: recurrent, kernel: recurrent_kernel, drops: &drops[1] },
        ])
    }

    /// What is dropped of the input and of h₋₁: a pattern a gate for each.
    fn draw(&self, x: &Tensor, state: &[usize], cx: &mut Context) -> Result<[Drops; 2]> {
        let mut draw = |rate: f64, shape: &[usize]| {
            let rate = if rate < 1.0 { rate } else { 0.0 };
            Drops::draw(rate, self.seed, 4, shape, cx)
        };
        let input = draw(self.dropout, &[&x.shape()[..1], &x.shape()[2..]].concat())?;
        Ok([input, draw(self.recurrent_dropout, state)?])
    }

    /// A sequence, or what stands at one time, with its channels last; or back.
    fn turned(&self, x: Tensor, turn: fn(DataFormat, Tensor) -> Result<Tensor>) -> Result<Tensor> {
        if x.ndim() != R::AXES + 3 {
            return turn(self.data_format, x);
        }
        let (batch, time) = (x.batch(), x.shape()[1]);
        let images = x.shape().to_vec();
        let turned = turn(self.data_format, x.reshape(&[&[batch * time], &images[2..]].concat())?)?;
        let shape = [&[batch, time], &turned.shape()[1..]].concat();
        turned.reshape(&shape)
    }

    fn to_last(&self, x: Tensor) -> Result<Tensor> {
        self.turned(x, DataFormat::channels_to_last)
    }

    fn in_own_format(&self, x: Tensor) -> Result<Tensor> {
        self.turned(x, DataFormat::channels_from_last)
    }
}

impl<R: ConvLSTMRank> Cells for ConvLSTMCell<R> {
    const LAYER: &'static str = R::CONV_LSTM;
    type Saved = SavedConvLSTM;

    fn validate(&self) -> Result<()> {
        if self.filters == 0 {
            return Err(Error::argument("filters", "a positive integer", self.filters));
        }
        check_sizes(&self.window())?;
        check_strided_or_dilated(self.strides, self.dilation_rate)?;
        self.padding.check_not_causal()?;
        self.functions().iter().try_for_each(|activation| activation.validate())?;
        check_rate("dropout", self.dropout)?;
        check_rate("recurrent_dropout", self.recurrent_dropout)?;
        self.governing().validate()
    }

    fn shapes(&self, input: &Shape) -> Result<(Shape, Vec<Shape>)> {
        let state = self.state(input)?;
        check_activation("activation", &self.activation, &state)?;
        check_activation("recurrent_activation", &self.recurrent_activation, &state)?;
        let state = self.data_format.shape_from_last(&state);
        Ok((state.clone(), vec![state; 2]))
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let channels = known_channels(&self.of_time(input)?)?;
        let columns = self.filters.saturating_mul(4);
        let shape = |depth: usize| [self.kernel_size.lengths(), &[depth, columns]].concat();
        let bias = |rng: &mut Rng| {
            let forgets = self.unit_forget_bias;
            let draw = || first_bias(&self.bias_initializer, forgets, self.filters, rng);
            self.use_bias.then(draw).transpose()
        };
        let shapes = [shape(channels), shape(self.filters)];
        let weights = self.governing().draw([&shapes[0], &shapes[1]], bias, rng)?;
        self.weights = weights;
        let state = self.state(input)?;
        for (key, activation) in Cells::activations_mut(self) {
            build_activation(&key, activation, &state, rng)?;
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
    ) -> Result<Ran<SavedConvLSTM>> {
        let x = self.to_last(x)?;
        let [convolution, _] = self.convolutions(&x)?;
        let (batch, time) = (x.batch(), x.shape()[1]);
        let state = convolution.window.output::<R>(batch, self.filters);
        let drops = self.draw(&x, &state, cx)?;
        let [input, recurrent] = self.linears(&x, &drops)?;
        let bias = self.weights.bias.as_ref().map(Param::value);
        let columns = convolution.window.output::<R>(batch, 4 * self.filters);
        let z_shape = [&[batch * time], &columns[1..]].concat();
        let z = input.forward(&x, bias, &z_shape)?;
        let z = z.reshape(&[&[batch, time], &columns[1..]].concat())?;
        let given = !initial.is_empty();
        let mut states = Vec::with_capacity(2);
        for state in initial {
            states.push(self.to_last(state)?);
        }
        states.resize(2, Tensor::zeros(&state));
        if let Some(wrong) = states.iter().find(|given| *given.shape() != *state) {
            return Err(Error::shape("initial state", Shape::of(&state), wrong.shape(), ""));
        }
        let sequence = || Tensor::for_overwrite(&[&[batch, time], &state[1..]].concat());
        let (mut steps, mut hidden) = (Vec::new(), cx.save(sequence));
        let mut y = all_times.then(sequence);
        for t in 0..time {
            if let Some(hidden) = &mut hidden {
                put(&states[0], hidden, t);
            }
            let before = kept.map(|kept| (kept, states.clone()));
            let mut z = take(&z, t);
            if t > 0 || given {
                z.add_scaled(1.0, &recurrent.forward(&states[0], None, &columns)?)?;
            }
            let [h, c] = &mut states[..] else { continue };
            steps.extend(remember(self.functions(), &z, [h, c], cx)?);
            if let Some((kept, before)) = before {
                kept.hold(t, &mut states, &before);
            }
            if let Some(y) = &mut y {
                put(&states[0], y, t);
            }
        }
        let y = self.in_own_format(y.unwrap_or_else(|| states[0].clone()))?;
        let states =
            states.into_iter().map(|state| self.in_own_format(state)).collect::<Result<_>>()?;
        let saved = hidden.map(|hidden| SavedConvLSTM { x, hidden, drops, steps, given });
        Ok(Ran { y, states, saved })
    }

    fn run_back(
        &self,
        saved: SavedConvLSTM,
        dy: Option<Tensor>,
        dstates: Vec<Option<Tensor>>,
        kept: Option<&Kept>,
        dw: &mut Gradients<'_>,
    ) -> Result<(Option<Tensor>, Vec<Tensor>)> {
        let SavedConvLSTM { x, hidden, drops, steps, given } = saved;
        let [input, recurrent] = self.linears(&x, &drops)?;
        let (batch, time) = (x.batch(), x.shape()[1]);
        let shape = input.convolution.window.output::<R>(batch, self.filters);
        let columns = input.convolution.window.output::<R>(batch, 4 * self.filters);
        let dy = dy.map(|dy| self.to_last(dy)).transpose()?;
        let all_times = dy.as_ref().is_some_and(|dy| dy.ndim() == hidden.ndim());
        let expected = if all_times { hidden.shape() } else { &shape };
        if let Some(dy) = dy.as_ref().filter(|dy| dy.shape() != expected) {
            let what = "gradient of the output";
            return Err(Error::shape(what, Shape::of(expected), dy.shape(), ""));
        }
        let mut states = Vec::with_capacity(2);
        for state in dstates.into_iter().chain([None, None]).take(2) {
            states.push(state.map_or_else(|| Ok(Tensor::zeros(&shape)), |d| self.to_last(d))?);
        }
        let mut dz = Tensor::for_overwrite(&[&[batch, time], &columns[1..]].concat());
        for (t, step) in steps.into_iter().enumerate().rev() {
            match &dy {
                Some(dy) if all_times => states[0].add_scaled(1.0, &take(dy, t))?,
                Some(dy) if t + 1 == time => states[0].add_scaled(1.0, dy)?,
                _ => {}
            }
            let behind = kept.map(|kept| (kept, states.clone()));
            let mut dz_t = remember_back(self.functions(), step, &mut states, dw)?;
            if let Some(kept) = kept {
                kept.clear(t, &mut dz_t);
            }
            put(&dz_t, &mut dz, t);
            if t > 0 || given {
                states[0] = recurrent.input_gradient(&dz_t, &shape)?;
            }
            if let Some((kept, behind)) = behind {
                kept.hold(t, &mut states, &behind);
            }
        }
        let dz = dz.reshape(&[&[batch * time], &columns[1..]].concat())?;
        if let Some(dkernel) = dw.get(0) {
            input.kernel_gradient(&x, &dz, dkernel)?;
        }
        if let Some(dkernel) = dw.get(1) {
            recurrent.kernel_gradient(&hidden, &dz, dkernel)?;
        }
        if let (Some(_), Some(dbias)) = (&self.weights.bias, dw.get(2)) {
            add_bias_gradient(&dz, dbias);
        }
        let dx = dw.wants_dx().then(|| input.input_gradient(&dz, x.shape())).transpose()?;
        states.truncate(if given { 2 } else { 0 });
        let states =
            states.into_iter().map(|state| self.in_own_format(state)).collect::<Result<_>>()?;
        Ok((dx.map(|dx| self.in_own_format(dx)).transpose()?, states))
    }

    fn params(&self) -> Vec<&Param> {
        self.weights.params()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.weights.params_mut()
    }

    fn parts(&self) -> Vec<Part<'_>> {
        vec![Part::own(Vec::new()), Part::held("cell", "conv_lstm_cell", self.weights.params())]
    }

    fn activations_mut(&mut self) -> Vec<(String, &mut AnyActivation)> {
        vec![
            ("activation".into(), &mut self.activation),
            ("recurrent_activation".into(), &mut self.recurrent_activation),
        ]
    }
}
