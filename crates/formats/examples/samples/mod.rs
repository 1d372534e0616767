//! Models with every layer class and option.

mod convolutions;

use ceratops_activations as activations;
use ceratops_core::Result;
use ceratops_layers::{
    Activation, BatchNormalization, Conv2D, DataFormat, Dense, Dropout, ELU, EinsumDense, Flatten,
    GroupNormalization, Input, IntoNode, LSTM, LayerNormalization, LeakyReLU, MaxPooling2D,
    Normalization, PReLU, Padding, RMSNormalization, ReLU, Rescaling, Reshape, Sequential, Softmax,
    ThresholdedReLU, UnitNormalization, sequential,
};
use ceratops_weights::{
    Constraint, Initializer, Regularizer,
    constraints::{MaxNorm, MinMaxNorm, NonNeg, UnitNorm},
    initializers::{
        Constant, Distribution, Identity, Mode, Orthogonal, RandomNormal, RandomUniform,
        TruncatedNormal, VarianceScaling,
    },
    regularizers::{L1, L1L2, L2, Mode as Lines, OrthogonalRegularizer},
};

/// Name and model: every layer, activation, initializer, regularizer and constraint.
pub(crate) fn models() -> Result<Vec<(String, Sequential)>> {
    let mut models = vec![
        ("convolutions".into(), images()?),
        ("channels_first".into(), channels_first()?),
        ("rectifiers".into(), rectifiers()?),
        ("nested".into(), nested()?),
        ("unbuilt".into(), sequential![Dense::new(2), PReLU::new()]?),
        ("empty".into(), Sequential::new()),
        ("open_shape".into(), open_shape()?),
        ("recurrent".into(), recurrent()?),
        ("preprocessing".into(), preprocessing()?),
        ("norms".into(), norms()?),
    ];
    models.extend(convolutions::models()?);
    // These have no name, or no plain function, in Keras 3.
    let foreign = ["keras2>hard_sigmoid", "gelu_new", "threshold"];
    for name in activations::names().filter(|name| !foreign.contains(name)) {
        let model = sequential![Input::new([4]), Dense::new(4), Activation::new(name)]?;
        models.push((format!("activation_{name}"), model));
    }
    let initializers = initializers();
    for (i, initializer) in initializers.into_iter().enumerate() {
        let dense = Dense::new(4).kernel_initializer(initializer);
        models.push((format!("initializer_{i}"), sequential![Input::new([4]), dense]?));
    }
    for (i, (regularizer, constraint)) in governing().into_iter().enumerate() {
        let dense = Dense::new(4).kernel_regularizer(regularizer).kernel_constraint(constraint);
        models.push((format!("governed_{i}"), sequential![Input::new([4]), dense]?));
    }
    Ok(models)
}

fn images() -> Result<Sequential> {
    let convolution = Conv2D::new(4, [3, 5])
        .padding(Padding::Same)
        .strides([2, 1])
        .groups(2)
        .activation("relu")
        .kernel_initializer("he_normal")
        .kernel_regularizer(L2::new(1e-4))
        .kernel_constraint(MaxNorm::new(2.0).axis([0, 1, 2]))
        .bias_initializer(Constant::new(0.1))
        .bias_regularizer("l1")
        .bias_constraint("non_neg");
    let normalization = BatchNormalization::new().momentum(0.9).epsilon(1e-5).scale(false);
    sequential![
        Input::new([28, 28, 2]),
        convolution.named("c1"),
        PReLU::new()
            .shared_axes([1, 2])
            .alpha_initializer(Constant::new(0.25))
            .alpha_regularizer(L2::new(1e-4))
            .alpha_constraint("non_neg"),
        normalization,
        MaxPooling2D::new([2, 3]).strides(1).padding(Padding::Same),
        Conv2D::new(2, 3).dilation_rate(2).use_bias(false).frozen(),
        MaxPooling2D::default(),
        Flatten::new(),
        Dropout::new(0.25).seed(7),
        Dropout::new(0.5).noise_shape([None, Some(1)]),
        Dense::new(3).activation("softmax"),
    ]
    .map(|model| model.with_name("convolutions"))
}

fn channels_first() -> Result<Sequential> {
    let first = DataFormat::ChannelsFirst;
    sequential![
        Conv2D::new(2, 3).data_format(first).with_input_shape([1, 8, 8]),
        BatchNormalization::new().axis(1).center(false),
        MaxPooling2D::new(2).data_format(first),
        Flatten::new().data_format(first),
    ]
}

fn rectifiers() -> Result<Sequential> {
    sequential![
        Input::new([6]),
        ReLU::new(),
        ReLU::new().max_value(6.0).negative_slope(0.1).threshold(0.5),
        LeakyReLU::default(),
        LeakyReLU::new(0.1),
        ELU::new(0.5),
        PReLU::new(),
        ThresholdedReLU::new(0.7),
        Dense::new(6).activation(LeakyReLU::new(0.2)),
        Dense::new(6).activation(ThresholdedReLU::new(0.5)),
        Activation::new(PReLU::new()),
        Reshape::new([2, -1]),
        Softmax::new([1, 2]),
        Softmax::default(),
    ]
}

fn nested() -> Result<Sequential> {
    let inner = sequential![Input::new([4]), Dense::new(3).activation("tanh"), ELU::default()]?;
    sequential![inner.with_name("inner"), Dense::new(2).named("scores")]
}

fn norms() -> Result<Sequential> {
    sequential![
        Input::new([3, 4]),
        LayerNormalization::new().axis([1, 2]).epsilon(1e-5).gamma_regularizer("l2"),
        LayerNormalization::new().rms_scaling(true),
        RMSNormalization::new(),
        GroupNormalization::new(2).beta_constraint("non_neg"),
        GroupNormalization::new(-1).axis(1).scale(false),
        UnitNormalization::new().axis([1, 2]),
        EinsumDense::new("abc,cde->abde", [Some(3), Some(2), Some(2)]).bias_axes("de"),
        EinsumDense::new("...x,xy->...y", [Some(2)]).activation("tanh"),
    ]
}

fn preprocessing() -> Result<Sequential> {
    let given = |mean: f64| Normalization::new().mean([mean, 1.0]).variance([4.0, 0.25]);
    sequential![
        Input::new([3, 2]),
        Rescaling::new(1.0 / 255.0),
        Rescaling::new([0.5, 2.0]).offset(-1.0),
        Rescaling::new(0.5).offset([[1.0], [2.0], [3.0]]),
        Normalization::new(),
        Normalization::new().axis([]).invert(true),
        Normalization::new().axis([1, -1]),
        given(0.5),
        given(1.0).invert(true),
        Normalization::new().mean(0.5).variance(2.0).frozen(),
        Flatten::new(),
        Dense::new(2),
    ]
}

fn open_shape() -> Result<Sequential> {
    sequential![
        Input::new([None, None, Some(3)]),
        Conv2D::new(2, 3).padding(Padding::Same),
        PReLU::new().shared_axes([1, 2]),
    ]
}

/// Every initializer, with every option.
fn initializers() -> Vec<Initializer> {
    let mut all: Vec<Initializer> = [
        "zeros",
        "ones",
        "constant",
        "random_normal",
        "random_uniform",
        "truncated_normal",
        "variance_scaling",
        "glorot_normal",
        "glorot_uniform",
        "he_normal",
        "he_uniform",
        "lecun_normal",
        "lecun_uniform",
        "orthogonal",
        "identity",
    ]
    .map(Initializer::from)
    .into();
    let scaling = |mode, distribution| VarianceScaling::new(2.0, mode, distribution).seed(3);
    all.extend([
        Constant::new(0.25).into(),
        RandomNormal::new(0.5, 2.0).seed(1).into(),
        RandomUniform::new(-1.0, 0.5).seed(1).into(),
        TruncatedNormal::new(0.5, 2.0).seed(1).into(),
        scaling(Mode::FanIn, Distribution::TruncatedNormal).into(),
        scaling(Mode::FanOut, Distribution::UntruncatedNormal).into(),
        scaling(Mode::FanAvg, Distribution::Uniform).into(),
        Orthogonal::new(2.0).seed(1).into(),
        Identity::new(2.0).into(),
    ]);
    all
}

/// Every regularizer and every constraint, with every option.
fn governing() -> Vec<(Regularizer, Constraint)> {
    vec![
        (L1::new(0.1).into(), NonNeg.into()),
        (L2::new(0.1).into(), MaxNorm::new(3.0).into()),
        (L1L2::new(0.1, 0.2).into(), UnitNorm::new([0, 1]).into()),
        (
            OrthogonalRegularizer::new(0.1, Lines::Rows).into(),
            MinMaxNorm::new(0.5, 2.0).rate(0.5).axis(1).into(),
        ),
        (OrthogonalRegularizer::new(0.2, Lines::Columns).into(), UnitNorm::new(1).into()),
        ("l1_l2".into(), "min_max_norm".into()),
    ]
}

fn recurrent() -> Result<Sequential> {
    let every_option = LSTM::new(3)
        .return_sequences(true)
        .go_backwards(true)
        .activation("softsign")
        .recurrent_activation("hard_sigmoid")
        .kernel_initializer("he_normal")
        .recurrent_initializer("glorot_normal")
        .bias_initializer(Constant::new(0.5))
        .unit_forget_bias(false)
        .kernel_regularizer("l2")
        .recurrent_regularizer("l1")
        .bias_regularizer(L2::new(0.5))
        .activity_regularizer(L1::new(0.5))
        .kernel_constraint("max_norm")
        .recurrent_constraint("unit_norm")
        .bias_constraint("non_neg")
        .dropout(0.25)
        .recurrent_dropout(0.5)
        .seed(7);
    let with_layer = LSTM::new(3).activation(LeakyReLU::new(0.2)).return_sequences(true);
    sequential![Input::new([None, Some(2)]), every_option, with_layer, LSTM::new(2).use_bias(false),]
}
