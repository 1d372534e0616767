//! Where BatchNormalization finds its channels, and what shape its weights have.

use ceratops_core::{Error, Param, Result, Shape, Tensor};
use smallvec::SmallVec;

use super::{
    super::{built, wrong_axis},
    BatchNormalization,
    channels::Channels,
};

impl BatchNormalization {
    /// The axes of the channels, counted from 0, in order.
    pub(super) fn channel_axes(&self, ndim: usize) -> Result<SmallVec<[usize; 2]>> {
        let mut axes = SmallVec::new();
        for &given in self.axis.as_slice() {
            let axis = if given < 0 { given + ndim as isize } else { given };
            let behind_batch = |axis: &usize| (1..ndim).contains(axis);
            let axis = usize::try_from(axis).ok().filter(behind_batch);
            axes.push(axis.ok_or_else(|| wrong_axis(given, ndim))?);
        }
        axes.sort_unstable();
        if axes.is_empty() || axes.windows(2).any(|pair| pair[0] == pair[1]) {
            let found = format!("{:?}", self.axis.as_slice());
            return Err(Error::argument("axis", "an axis, or several, each once", found));
        }
        Ok(axes)
    }

    /// The shape of each weight: the number of channels, or with several axes all axes, those that
    /// are not named being 1.
    pub(super) fn weight_shape(&self, input: &Shape) -> Result<Vec<usize>> {
        let axes = self.channel_axes(input.ndim())?;
        let len = |axis: usize| {
            input.axes()[axis].ok_or_else(|| {
                Error::argument("input_shape", format!("a known length of axis {axis}"), input)
                    .with_help("set it in the Input: it is the number of channels")
            })
        };
        if let [axis] = *axes {
            return Ok(vec![len(axis)?]);
        }
        let of_axis = |axis| if axes.contains(&axis) { len(axis) } else { Ok(1) };
        (0..input.ndim()).map(of_axis).collect()
    }

    /// The channels of `x`, of which there must be as many as the layer has weights.
    pub(super) fn channels(&self, x: &Tensor) -> Result<Channels> {
        let axes = self.channel_axes(x.ndim())?;
        let shape = built(self.moving_mean.as_ref())?.value().shape();
        let mut others =
            self.gamma.iter().chain(&self.beta).chain(&self.moving_variance).chain(&self.of_renorm);
        if let Some(param) = others.find(|param| param.value().shape() != shape) {
            let found = param.value().shape();
            return Err(Error::shape(param.name(), Shape::of(shape), found, ""));
        }
        if fits(shape, &axes, x.shape()) {
            return Ok(Channels::along(x.shape(), &axes));
        }
        let own =
            |axis: usize| if let [len] = *shape { Some(len) } else { shape.get(axis).copied() };
        let expected =
            axes.iter().fold(Shape::of(x.shape()), |shape, &axis| shape.with_axis(axis, own(axis)));
        Err(Error::shape("input", expected, x.shape(), ""))
    }

    /// What renormalization remembers, at its beginning: that of the moving statistics.
    pub(super) fn begin_renorm(&self) -> Result<Vec<Param>> {
        let mean = built(self.moving_mean.as_ref())?.value().clone();
        let deviation = built(self.moving_variance.as_ref())?.value().clone().map(f32::sqrt);
        let weights: [(&str, Tensor); 3] = [
            ("moving_stddev", deviation.clone()),
            ("renorm_mean", mean),
            ("renorm_stddev", deviation),
        ];
        let weight = |(name, value)| Param::new(name, value).non_trainable();
        Ok(weights.map(weight).into())
    }
}

/// Whether weights of that shape are those for the channels along `axes` of `x`.
fn fits(shape: &[usize], axes: &[usize], x: &[usize]) -> bool {
    if let [axis] = *axes {
        return shape == [x[axis]];
    }
    let of_axis = |(axis, &len)| if axes.contains(&axis) { len } else { 1 };
    shape.iter().copied().eq(x.iter().enumerate().map(of_axis))
}
