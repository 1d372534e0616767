//! The layers that the contract is tried on: each class with every option that changes what it
//! computes.

use ceratops_activations as activations;
use ceratops_core::{AnyLayer, Rng, Shape, Tensor};
use ceratops_layers::{
    Activation, AnyActivation, BatchNormalization, Conv2D, DataFormat, Dense, Dropout, ELU,
    Flatten, Identity, Input, LSTM, LeakyReLU, Masking, Node, Normalization, PReLU, Padding, ReLU,
    Registry, Rescaling, Reshape, Softmax, ThresholdedReLU, sequential,
};
use ceratops_weights::initializers::RandomUniform;
use rand::{Rng as _, SeedableRng, seq::SliceRandom};
use serde_json::json;

use crate::samples_convolutions::convolutions;

use crate::samples_embedding;
use crate::samples_shapes;
/// A layer, and what to feed it.
pub(crate) struct Sample {
    pub(crate) node: Node,
    /// The shape of its input.
    pub(crate) shape: Shape,
    /// Where its derivative jumps.
    kinks: Vec<f32>,
    /// How many ids there are, if its input are ids.
    pub(crate) ids: Option<usize>,
    /// Whether training gives another output than inference.
    pub(crate) differs_in_training: bool,
}

/// A layer for samples of shape `dims`.
pub(crate) fn sample(layer: impl Into<Node>, dims: &[usize]) -> Sample {
    let shape = Shape::batched(dims);
    Sample { node: layer.into(), shape, kinks: Vec::new(), ids: None, differs_in_training: false }
}

impl Sample {
    pub(crate) fn kinks(self, kinks: impl Into<Vec<f32>>) -> Self {
        Self { kinks: kinks.into(), ..self }
    }

    pub(crate) fn ids(self, ids: usize) -> Self {
        Self { ids: Some(ids), ..self }
    }

    /// More places where its derivative jumps.
    pub(super) fn kinks_too(mut self, kinks: impl IntoIterator<Item = f32>) -> Self {
        self.kinks.extend(kinks);
        self
    }

    pub(crate) fn differs_in_training(self) -> Self {
        Self { differs_in_training: true, ..self }
    }

    /// The layer with weights of which none is special: initial zeros and ones hide mistakes.
    pub(crate) fn built(&self, seed: u64) -> Box<dyn AnyLayer> {
        let mut rng = Rng::seed_from_u64(seed);
        let mut layer = self.node.layer().boxed_clone();
        layer.build(&self.shape, &mut rng).unwrap();
        for param in layer.params_mut() {
            for w in param.value_mut() {
                *w += rng.random_range(0.05..0.3);
            }
        }
        layer
    }

    /// A batch of distinct numbers, none nearer than 0.05 to a kink.
    pub(crate) fn x(&self, batch: usize) -> Tensor {
        let mut dims = self.shape.features().unwrap();
        dims.insert(0, batch);
        if let Some(ids) = self.ids {
            let len = dims.iter().product();
            let drawn = (0..len).map(|i: usize| (i * 7 % 11 % ids) as f32);
            return Tensor::new(&dims, drawn.collect()).unwrap();
        }
        draw(&dims, 3).map(|x| {
            let near = self.kinks.iter().find(|&&kink| (x - kink).abs() < 0.05);
            near.map_or(x, |kink| kink + 0.05f32.copysign(x - kink))
        })
    }
}

/// Distinct numbers from -2 to 2, evenly spread, in random order.
pub(crate) fn draw(shape: &[usize], seed: u64) -> Tensor {
    let len: usize = shape.iter().product();
    let spread = |i: usize| (i as f32 + 0.5) / len as f32 * 4.0 - 2.0;
    let mut numbers: Vec<f32> = (0..len).map(spread).collect();
    numbers.shuffle(&mut Rng::seed_from_u64(seed));
    Tensor::new(shape, numbers).unwrap()
}

/// Every layer of the table.
pub(crate) fn samples() -> Vec<Sample> {
    [
        elementwise(),
        shapes(),
        normalizations(),
        preprocessing(),
        dense(),
        conv2d(),
        convolutions(),
        samples_shapes::shapes(),
        recurrent(),
        super::samples_recurrent::samples(),
        super::samples_recurrent::convolutional(),
        nested(),
        samples_embedding::embeddings(),
        samples_embedding::time_distributed(),
        super::samples_images::images(),
        crate::samples_norms::samples(),
        super::samples_categories::categories(),
        super::samples_sound::samples(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn elementwise() -> Vec<Sample> {
    let slopes = || RandomUniform::new(0.1, 0.4);
    vec![
        sample(ELU::default(), &[4]).kinks([0.0]),
        sample(ELU::new(1.7), &[2, 3]).kinks([0.0]),
        sample(ELU::new(0.0), &[4]).kinks([0.0]),
        sample(ELU::new(-0.5), &[4]).kinks([0.0]),
        sample(LeakyReLU::default(), &[4]).kinks([0.0]),
        sample(LeakyReLU::new(0.0), &[2, 3]).kinks([0.0]),
        sample(ThresholdedReLU::default(), &[7]).kinks([1.0]),
        sample(ThresholdedReLU::new(0.3), &[7]).kinks([0.3]),
        sample(ReLU::new(), &[7]).kinks([0.0]),
        sample(ReLU::new().max_value(1.5), &[7]).kinks([0.0, 1.5]),
        sample(ReLU::new().negative_slope(0.2), &[7]).kinks([0.0]),
        sample(ReLU::new().threshold(0.5), &[7]).kinks([0.5]),
        sample(ReLU::new().max_value(1.2).negative_slope(0.2).threshold(0.5), &[9])
            .kinks([0.5, 1.2]),
        sample(ReLU::new().max_value(0.5).threshold(1.0), &[9]).kinks([0.5, 1.0]),
        sample(PReLU::new(), &[4]).kinks([0.0]),
        sample(PReLU::new().alpha_initializer(slopes()), &[2, 3]).kinks([0.0]),
        sample(PReLU::new().alpha_initializer(slopes()).shared_axes([1]), &[2, 3]).kinks([0.0]),
        sample(PReLU::new().alpha_initializer(slopes()).shared_axes([2]), &[2, 3]).kinks([0.0]),
        sample(PReLU::new().shared_axes([1, 2]), &[3, 2, 4]).kinks([0.0]),
        sample(PReLU::new().shared_axes([1, 3]), &[3, 2, 4]).kinks([0.0]),
        sample(PReLU::new().shared_axes([2, 3]).alpha_regularizer("l2"), &[3, 2, 4]).kinks([0.0]),
        sample(PReLU::new().shared_axes([1, 2, 3]).alpha_constraint("non_neg"), &[3, 2, 4])
            .kinks([0.0]),
        sample(Softmax::default(), &[4]),
        sample(Softmax::new(1), &[3, 4]),
        sample(Softmax::new(-2), &[3, 4]),
        sample(Softmax::new([1, 2]), &[3, 4]),
        sample(Softmax::new([1, 3]), &[3, 2, 4]),
        sample(Dropout::new(0.0), &[4]),
        sample(Dropout::new(0.4), &[6]).differs_in_training(),
        sample(Dropout::new(1.0), &[6]).differs_in_training(),
        sample(Dropout::new(0.5).seed(3).noise_shape([None, Some(1), None]), &[4, 3])
            .differs_in_training(),
        sample(Activation::default(), &[4]),
        sample(Activation::new("glu"), &[3, 4]),
        sample(Activation::new(PReLU::new()), &[4]).kinks([0.0]),
    ]
    .into_iter()
    // Keras knows `threshold` too, but it has no default arguments and cannot be called by name.
    .chain(activations::names().filter(|&name| name != "threshold").map(|name| {
        let kinks = [-3.0, -2.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.5, 3.0, 6.0];
        sample(Activation::new(name), &[6]).kinks(kinks)
    }))
    .collect()
}

fn shapes() -> Vec<Sample> {
    vec![
        sample(Identity::new(), &[4]),
        sample(Masking::new(0.0), &[3, 2]),
        sample(Input::new([4]), &[4]),
        sample(Input::new([None, None, Some(3)]), &[5, 4, 3]),
        sample(Flatten::new(), &[2, 3, 4]),
        sample(Flatten::new(), &[]),
        sample(Flatten::new().data_format(DataFormat::ChannelsFirst), &[2, 3, 4]),
        sample(Flatten::new().data_format(DataFormat::ChannelsFirst), &[2, 5]),
        sample(Reshape::new([3, -1]), &[2, 6]),
        sample(Reshape::new([2, 2, 3]), &[12]),
        sample(Reshape::new([]), &[1]),
    ]
}

fn normalizations() -> Vec<Sample> {
    let bn = BatchNormalization::new;
    let config = json!({
        "axis": 1, "momentum": 0.9, "beta_initializer": "ones", "gamma_initializer": "he_normal",
        "moving_mean_initializer": "ones", "moving_variance_initializer": {
            "class_name": "Constant", "config": { "value": 2.0 } },
        "beta_regularizer": "l1", "gamma_constraint": "non_neg",
    });
    let entry = json!({ "class_name": "BatchNormalization", "config": config });
    vec![
        sample(bn(), &[4]),
        sample(bn().epsilon(0.1).momentum(0.5), &[3, 2, 4]),
        sample(bn().axis(1), &[3, 2, 4]),
        sample(bn().axis(-2).scale(false), &[3, 4]),
        sample(bn().center(false), &[4]),
        sample(bn().center(false).scale(false), &[4]),
        sample(Registry::builtin().layer(&entry).unwrap(), &[3, 2]),
    ]
    .into_iter()
    .map(Sample::differs_in_training)
    .collect()
}

fn preprocessing() -> Vec<Sample> {
    let n = Normalization::new;
    vec![
        sample(n(), &[4]),
        sample(n().invert(true), &[3, 4]),
        sample(n().axis([1, -1]), &[3, 2, 4]),
        sample(n().axis([3, 2]), &[3, 2, 4]),
        sample(n().axis([1]), &[3, 2, 4]),
        sample(n().axis([]), &[3, 2]),
        sample(n().axis([]), &[]),
        sample(n().mean(0.5).variance(4.0), &[3, 2]),
        sample(n().mean([0.5, 1.0]).variance([4.0, 0.5]).invert(true), &[3, 2]),
        sample(n().axis([1, 2]).mean([0.5, 1.0]).variance([4.0, 0.5]), &[3, 2]),
        sample(n().axis([1, 2]).mean([[0.5], [1.0]]).variance([[4.0], [0.5]]), &[2, 3]),
        sample(Rescaling::new(1.0 / 255.0), &[4]),
        sample(Rescaling::new(-0.5).offset(2.0), &[2, 3]),
        sample(Rescaling::new([0.5, 2.0, 3.0]).offset([1.0, 0.0, -1.0]), &[2, 3]),
        sample(Rescaling::new([[0.5], [2.0]]).offset([1.0, 0.0, -1.0]), &[2, 3]),
        sample(Rescaling::new(0.5).offset([[1.0, 0.0, -1.0], [2.0, 3.0, 4.0]]), &[5, 2, 3]),
    ]
}

fn dense() -> Vec<Sample> {
    let p_re_lu = || AnyActivation::layer(PReLU::new());
    vec![
        sample(Dense::new(3), &[4]),
        sample(Dense::new(3).use_bias(false), &[4]),
        sample(Dense::new(3).activation("tanh"), &[2, 4]),
        sample(Dense::new(3).activation("softmax"), &[2, 2, 4]),
        sample(Dense::new(4).activation("glu"), &[3]),
        sample(Dense::new(3).activation(p_re_lu()), &[4]),
        sample(Dense::new(3).activation(p_re_lu()).use_bias(false), &[2, 4]),
        sample(Dense::new(3).activation(LeakyReLU::new(0.2)), &[4]),
        sample(Dense::new(3).activation(Softmax::default()), &[4]),
        sample(Dense::new(3).activation(AnyActivation::layer(Dense::new(2))), &[4]),
        sample(Dense::new(3).activation(AnyActivation::layer(BatchNormalization::new())), &[4])
            .differs_in_training(),
        sample(
            Dense::new(3)
                .kernel_initializer("he_normal")
                .bias_initializer("ones")
                .kernel_regularizer("l2")
                .bias_regularizer("l1")
                .kernel_constraint("max_norm")
                .bias_constraint("non_neg"),
            &[4],
        ),
    ]
}

fn conv2d() -> Vec<Sample> {
    let conv = |filters: usize, size: [usize; 2]| Conv2D::new(filters, size).activation("softplus");
    let first = DataFormat::ChannelsFirst;
    vec![
        sample(conv(2, [3, 2]), &[4, 5, 3]),
        sample(conv(2, [1, 1]).use_bias(false), &[3, 2, 3]),
        sample(conv(2, [3, 3]).padding(Padding::Same), &[4, 3, 2]),
        sample(conv(2, [2, 3]).padding(Padding::Same).strides(2), &[4, 5, 2]),
        sample(conv(2, [2, 2]).strides([2, 3]), &[5, 6, 1]),
        sample(conv(2, [2, 2]).dilation_rate([2, 1]), &[5, 3, 2]),
        sample(conv(2, [3, 2]).dilation_rate([2, 3]).padding(Padding::Same), &[4, 4, 1]),
        sample(conv(4, [2, 2]).groups(2), &[3, 3, 4]),
        sample(conv(6, [2, 2]).groups(3).padding(Padding::Same).strides(2), &[3, 4, 3]),
        sample(conv(2, [2, 3]).data_format(first), &[3, 4, 5]),
        sample(conv(4, [2, 2]).data_format(first).groups(2).padding(Padding::Same), &[2, 3, 4]),
        sample(Conv2D::new(2, 2).activation(LeakyReLU::new(0.2)), &[3, 3, 2]),
        sample(Conv2D::new(2, 2).activation(PReLU::new().shared_axes([1, 2])), &[3, 3, 2]),
        sample(
            Conv2D::new(2, 2)
                .data_format(first)
                .use_bias(false)
                .activation(PReLU::new().shared_axes([2, 3])),
            &[2, 3, 3],
        ),
        sample(
            Conv2D::new(2, 2)
                .kernel_regularizer("l2")
                .bias_regularizer("l1")
                .kernel_constraint("unit_norm")
                .bias_constraint("non_neg")
                .kernel_initializer("orthogonal"),
            &[3, 3, 1],
        ),
    ]
}

fn recurrent() -> Vec<Sample> {
    let of = |layer: LSTM| sample(layer, &[4, 3]);
    vec![
        of(LSTM::new(2)),
        of(LSTM::new(3).return_sequences(true)),
        of(LSTM::new(2).go_backwards(true)),
        of(LSTM::new(2).go_backwards(true).return_sequences(true).use_bias(false)),
        of(LSTM::new(1).unit_forget_bias(false).bias_initializer("ones")),
        sample(LSTM::new(3), &[1, 1]),
        of(LSTM::new(2).activation("softsign").recurrent_activation("keras2>hard_sigmoid")),
        of(LSTM::new(3).activation("linear").recurrent_activation("softmax")),
        of(LSTM::new(2).activation(ELU::new(0.7)).recurrent_activation(Softmax::default())),
        of(LSTM::new(2).dropout(1.0).recurrent_dropout(1.0)),
        of(LSTM::new(2).dropout(0.4).return_sequences(true)).differs_in_training(),
        of(LSTM::new(5).recurrent_dropout(0.4).seed(5)).differs_in_training(),
        of(LSTM::new(2).dropout(0.3).recurrent_dropout(0.3).go_backwards(true))
            .differs_in_training(),
        of(LSTM::new(2)
            .kernel_initializer("he_normal")
            .recurrent_initializer("glorot_normal")
            .kernel_regularizer("l2")
            .recurrent_regularizer("l1")
            .bias_regularizer("l2")
            .kernel_constraint("max_norm")
            .recurrent_constraint("unit_norm")
            .bias_constraint("non_neg")),
    ]
}

fn nested() -> Vec<Sample> {
    let inner = sequential![Dense::new(3).activation("tanh"), Dense::new(2)].unwrap();
    let built = sequential![Input::new([4]), Dense::new(3), PReLU::new()].unwrap();
    let normal = sequential![BatchNormalization::new(), Dropout::new(0.3), Dense::new(2)].unwrap();
    let deep = sequential![Dense::new(3), inner.clone(), Softmax::default()].unwrap();
    vec![
        sample(inner, &[4]),
        sample(built, &[4]),
        sample(deep, &[4]),
        sample(normal, &[4]).differs_in_training(),
    ]
}
