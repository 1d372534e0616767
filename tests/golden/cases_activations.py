"""Activations by name, and the activation layers with each of their options."""

from golden import keras, np, tf


def sparsemax(x, axis=-1):
    """max(x - tau, 0) with tau = (sum of the k largest - 1) / k, as keras/pull/23469 has it."""
    ordered = tf.sort(x, axis=axis, direction="DESCENDING")
    shape = [-1 if i == axis % len(x.shape) else 1 for i in range(len(x.shape))]
    count = tf.reshape(tf.range(1, x.shape[axis] + 1, dtype=x.dtype), shape)
    support = ordered - (tf.cumsum(ordered, axis=axis) - 1) / count > 0
    k = tf.reduce_sum(tf.cast(support, x.dtype), axis=axis, keepdims=True)
    tau = (tf.reduce_sum(tf.where(support, ordered, 0.0), axis=axis, keepdims=True) - 1) / k
    return tf.maximum(x - tau, 0.0)


# Keras up to 3.15.1 adds up the running sums instead, and its "probabilities" do not sum to 1. The golden file
# holds the function as it was meant and as later versions have it.
if not np.isclose(np.sum(keras.ops.sparsemax(np.float32([[0.0, 0.5, 1.0]]))), 1.0):
    keras.src.backend.nn.sparsemax = sparsemax

# Left out: "threshold" cannot be called without its arguments, and inside a net "glu" halves the width that
# Dense promised, so that Keras itself fails in the next layer; "glu" is therefore a last layer here.
# The figure beside a name scales x, so that both sides of each kink are reached and a sparsemax keeps several winners.
NAMES = {
    "relu": 1, "leaky_relu": 1, "relu6": 6, "softmax": 1, "celu": 1, "elu": 1, "selu": 1, "softplus": 2, "softsign": 1,
    "squareplus": 2, "soft_shrink": 1, "sparse_plus": 1.5, "silu": 2, "gelu": 1.5, "tanh": 1, "tanh_shrink": 1.5,
    "sigmoid": 2, "sparse_sigmoid": 1.5, "exponential": 0.5, "hard_sigmoid": 3, "hard_silu": 3, "hard_tanh": 1.5,
    "hard_shrink": 1, "linear": 1, "mish": 1.5, "log_softmax": 1, "log_sigmoid": 1.5, "sparsemax": 0.7,
}


def by_name():
    for name, x_scale in NAMES.items():
        yield dict(
            name=f"activation_{name}", input=(4,), x_scale=x_scale, optimizer=lambda o: o.SGD(0.02),
            layers=lambda l, name=name: [l.Dense(8, activation=name), l.Dense(3)],
        )
    yield dict(name="activation_glu_last", input=(4,), layers=lambda l: [l.Dense(8, "tanh"), l.Dense(6, "glu")])
    yield dict(name="activation_layer_by_name", input=(4,), layers=lambda l: [l.Dense(6), l.Activation("mish"), l.Dense(3)])


def conv_net(make, use_bias=True):
    """The layer under test between a convolution, which has weights to train before it, and a dense tail."""
    return lambda l: [l.Conv2D(3, 2, use_bias=use_bias), make(l), l.Flatten(), l.Dense(2)]


def dense_net(make):
    return lambda l: [l.Dense(6), make(l), l.Dense(3)]


IN_CONV_NETS = {
    "prelu": lambda l: l.PReLU(),
    "prelu_shared_1_2": lambda l: l.PReLU(shared_axes=[1, 2]),
    "prelu_shared_1": lambda l: l.PReLU(shared_axes=[1]),
    "prelu_shared_3": lambda l: l.PReLU(shared_axes=[3]),
    "prelu_regularizer_l2": lambda l: l.PReLU(shared_axes=[1, 2], alpha_regularizer=keras.regularizers.L2(0.05)),
    "prelu_constraint_non_neg": lambda l: l.PReLU(shared_axes=[1], alpha_constraint="non_neg"),
    "softmax_conv_last_axis": lambda l: l.Softmax(),
    "relu_conv_max_6": lambda l: l.ReLU(max_value=6.0),
}

# A softmax over positions does not see the bias of a channel, whose gradient would be rounding noise: no bias.
IN_CONV_NETS_WITHOUT_BIAS = {
    "softmax_conv_axis_1": lambda l: l.Softmax(axis=1),
    "softmax_conv_axis_2": lambda l: l.Softmax(axis=2),
    "softmax_conv_axes_1_2": lambda l: l.Softmax(axis=[1, 2]),
}

IN_DENSE_NETS = {
    "leaky_relu": lambda l: l.LeakyReLU(),
    "leaky_relu_slope": lambda l: l.LeakyReLU(negative_slope=0.05),
    "prelu_dense": lambda l: l.PReLU(),
    "elu": lambda l: l.ELU(),
    "elu_alpha": lambda l: l.ELU(alpha=0.5),
    "relu": lambda l: l.ReLU(),
    "relu_max_6": lambda l: l.ReLU(max_value=6.0),
    "relu_all_options": lambda l: l.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.5),
    "relu_slope": lambda l: l.ReLU(negative_slope=0.2),
    "relu_threshold": lambda l: l.ReLU(threshold=0.7),
    "relu_max_below_threshold": lambda l: l.ReLU(max_value=0.5, negative_slope=0.1, threshold=1.0),
    "softmax": lambda l: l.Softmax(),
}

# Keras 2 alone has ThresholdedReLU, calls LeakyReLU's slope alpha, and means 0.2x + 0.5 by hard_sigmoid.
IN_KERAS_2 = {
    "keras2_thresholded_relu": lambda l: l.ThresholdedReLU(),
    "keras2_thresholded_relu_theta": lambda l: l.ThresholdedReLU(theta=0.4),
    "keras2_leaky_relu": lambda l: l.LeakyReLU(alpha=0.1),
    "keras2_hard_sigmoid": lambda l: l.Activation("hard_sigmoid"),
    "keras2_relu_all_options": lambda l: l.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.5),
}


def layer_cases():
    for name, make in IN_CONV_NETS.items():
        yield dict(name=f"layer_{name}", input=(4, 5, 2), x_scale=5 if "max_6" in name else 1, layers=conv_net(make),
                   optimizer=lambda o, name=name: o.SGD(0.002 if "max_6" in name else 0.02))
    for name, make in IN_CONV_NETS_WITHOUT_BIAS.items():
        yield dict(name=f"layer_{name}", input=(4, 5, 2), layers=conv_net(make, use_bias=False))
    for name, make in IN_DENSE_NETS.items():
        yield dict(name=f"layer_{name}", input=(4,), x_scale=6 if "max_6" in name else 1.5, layers=dense_net(make),
                   optimizer=lambda o: o.SGD(0.02))
    for name, make in IN_KERAS_2.items():
        yield dict(name=f"layer_{name}", input=(4,), x_scale=2, layers=dense_net(make), dialect="keras2",
                   optimizer=lambda o: o.SGD(0.02))
    # Here the initializer's own value is what training starts from.
    yield dict(
        name="layer_prelu_initializer_constant", input=(4, 5, 2), keep_weights=True,
        layers=lambda l: [
            l.Conv2D(3, 2, kernel_initializer=keras.initializers.GlorotUniform(seed=1)),
            l.PReLU(alpha_initializer=keras.initializers.Constant(0.25), shared_axes=[1, 2]),
            l.Flatten(),
            l.Dense(2, kernel_initializer=keras.initializers.GlorotUniform(seed=2)),
        ],
    )


def cases():
    yield from by_name()
    yield from layer_cases()
