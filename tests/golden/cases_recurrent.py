"""Recurrent layers, each with a layer that learns before it, so that its gradient for x counts too."""

from golden import keras, normal


def lstm_case(name, /, size=(5, 3), units=4, tail=None, **options):
    """A sequence (time, features) through a Dense, the layer, and a Dense behind the last time, or behind each."""
    layers = lambda l: [l.Dense(3, "tanh"), l.LSTM(units, **options), *(tail(l) if tail else []), l.Dense(2)]
    return dict(name=f"lstm_{name}", input=size, x_scale=2, layers=layers, optimizer=lambda o: o.SGD(0.05))


def first(name, /, units=3, size=(4, 2), **options):
    """The layer alone: it reads the data, and what it puts out is the answer."""
    return dict(name=f"lstm_{name}", input=size, x_scale=1.5, layers=lambda l: [l.LSTM(units, **options)],
                optimizer=lambda o: o.SGD(0.05))


def both():
    """Cases that Keras 2 and Keras 3 are both asked for."""
    yield lstm_case("last")
    yield lstm_case("sequences", return_sequences=True)
    yield lstm_case("backwards", go_backwards=True)
    yield lstm_case("backwards_sequences", size=(6, 2), units=3, go_backwards=True, return_sequences=True)
    yield lstm_case("no_bias", use_bias=False)
    yield lstm_case("hard_sigmoid", recurrent_activation="hard_sigmoid") | dict(x_scale=4, scale=2.0)
    yield lstm_case("odd_sizes", size=(7, 5), units=9, return_sequences=True)
    # With one time nothing comes from the time before: the penalty alone moves the recurrent kernel.
    yield lstm_case("one_time", size=(1, 3), recurrent_regularizer="l2")
    yield lstm_case("one_of_each", size=(2, 1), units=1, return_sequences=True)
    yield lstm_case("one_sample") | dict(n=1, batch_size=1)
    yield first("first_layer")
    yield first("closing_sequences", return_sequences=True)
    yield lstm_case("twice", return_sequences=True, tail=lambda l: [l.LSTM(3, go_backwards=True)])


def options():
    yield lstm_case("activations", activation="softsign", recurrent_activation="silu", return_sequences=True)
    yield lstm_case("activation_relu", activation="relu")
    yield lstm_case("recurrent_softmax", activation="linear", recurrent_activation="softmax")
    yield lstm_case("regularizers", kernel_regularizer="l2", recurrent_regularizer="l1", bias_regularizer="l1")
    yield first("activity_regularizer", activity_regularizer=keras.regularizers.L1L2(0.01, 0.02))
    yield first("activity_regularizer_sequences", activity_regularizer=keras.regularizers.L2(0.05), return_sequences=True)
    yield lstm_case("constraints", kernel_constraint=keras.constraints.MaxNorm(0.8), recurrent_constraint="unit_norm",
                    bias_constraint="non_neg")
    yield lstm_case("frozen", name="frozen_lstm") | dict(frozen=["frozen_lstm"])
    yield lstm_case("adam") | dict(optimizer=lambda o: o.Adam(0.01))
    yield lstm_case("short_last_batch") | dict(n=13, batch_size=5)
    # Here the initializers' own values are what training starts from: the bias of the second gate is 1.
    seeds = dict(kernel_initializer=keras.initializers.GlorotUniform(seed=1),
                 recurrent_initializer=keras.initializers.Orthogonal(seed=2))
    for name, more in (("unit_forget_bias", {}), ("no_unit_forget_bias", dict(unit_forget_bias=False))):
        yield first(name, **seeds, bias_initializer=keras.initializers.Constant(0.25), **more) | dict(keep_weights=True)
    # The length of time is open.
    open_time = lstm_case("open_time", size=(None, 3), return_sequences=True, tail=lambda l: [l.LSTM(2)])
    yield open_time | dict(x=normal("lstm_open_time/x", (12, 6, 3), 2))
    # What is dropped is random, so that this one is not trained: at inference nothing is.
    yield first("dropout_inference", dropout=0.5, recurrent_dropout=0.3) | dict(steps=0)
    # Rates of 1 drop nothing.
    yield first("dropout_1", dropout=1.0, recurrent_dropout=1.0)


def cases():
    yield from both()
    for case in both():
        yield case | dict(name=case["name"].replace("lstm_", "lstm_keras2_"), dialect="keras2")
    yield from options()
