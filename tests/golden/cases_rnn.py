"""GRU, SimpleRNN, Bidirectional, cells, and states that go in and come out."""

from cases_graphs import graph
from cases_masks import masked
from golden import keras


def row(name, make, size=(5, 3), **options):
    """A Dense, the layer, a Dense."""
    return dict(name=name, input=size, x_scale=2, layers=lambda l: [l.Dense(3, "tanh"), make(l), l.Dense(2)],
                optimizer=lambda o: o.SGD(0.05)) | options


def layer(class_name, units=4, /, **options):
    return lambda l: getattr(l, class_name)(units, **options)


def around(inner, /, **options):
    return lambda l: l.Bidirectional(inner(l), **options)


def gru(name, units=4, /, size=(5, 3), **options):
    return row(f"gru_{name}", layer("GRU", units, **options), size)


def simple(name, units=4, /, size=(5, 3), **options):
    return row(f"simple_rnn_{name}", layer("SimpleRNN", units, **options), size)


def bidirectional(name, inner, /, size=(5, 3), **options):
    return row(f"bidirectional_{name}", around(inner, **options), size)


def other_backwards(l):
    return l.Bidirectional(l.LSTM(3, return_sequences=True),
                           backward_layer=l.GRU(3, return_sequences=True, go_backwards=True, name="other"))


def two_outputs(library, l, x):
    y, z = l.Bidirectional(l.SimpleRNN(3, return_sequences=True), merge_mode=None)(l.Dense(3)(x))
    return l.Dense(2)(l.Concatenate()([y, z, l.Add()([y, z])]))


def all_states(library, l, x):
    y, h, c, i, d = l.Bidirectional(l.LSTM(3, return_state=True), merge_mode="sum")(l.Dense(3)(x))
    return l.Dense(2)(l.Concatenate()([y, h, c, i, d]))


def seq2seq(class_name, count, both=False, **options):
    """What an encoder ends with is what a decoder begins with; its own states are read too."""
    def make(library, l, x):
        wrap = (lambda layer: l.Bidirectional(layer)) if both else (lambda layer: layer)
        of = getattr(l, class_name)
        _, *states = wrap(of(3, return_state=True, name="encoder", **options))(x)
        states = states if len(states) > 1 else states[0]
        decoder = wrap(of(3, return_sequences=True, return_state=True, name="decoder", **options))
        y, *ends = decoder(l.Dense(3)(x), initial_state=states)
        return l.Dense(2)(y) if len(ends) != count else l.Dense(2)(l.Add()([l.LSTM(3)(y), *ends]))

    return make


def masked_states(library, l, x):
    """At first nothing counts, and the output is 0, whatever states were given."""
    x = l.Masking(0.0)(x)
    _, h, c = l.LSTM(3, return_state=True)(l.Dense(3)(x))
    y = l.LSTM(3, return_sequences=True)(x, initial_state=[h, c])
    return l.Dense(2)(y)


def over(make):
    return lambda library, l, x: l.Dense(2)(make(l)(l.Dense(3, "tanh")(l.Masking()(x))))


def stacked(l, **options):
    return l.RNN([l.LSTMCell(3), l.GRUCell(2), l.SimpleRNNCell(4)], **options)


def shared_decoder(library, l, x):
    """One layer, called with and without states."""
    lstm = l.LSTM(3, return_state=True)
    y, h, c = lstm(x)
    z, _, d = lstm(x, initial_state=[c, h])
    return l.Dense(2)(l.Concatenate()([y, z, d]))


def convolutional(name, size=(3, 4, 4, 2), rank=2, flat=True, **options):
    """A ConvLSTM alone, or with a Dense behind it."""
    def layers(l):
        of = getattr(l, f"ConvLSTM{rank}D")(2, **({"kernel_size": 3} | options))
        return [of, l.Flatten(), l.Dense(2)] if flat else [of]

    return dict(name=f"conv_lstm_{name}", input=size, x_scale=1.5, layers=layers, optimizer=lambda o: o.SGD(0.05), n=6)


def conv_states(library, l, x):
    """The states of one ConvLSTM are those that another one begins with."""
    y, h, c = l.ConvLSTM2D(2, 2, padding="same", return_state=True)(x)
    z = l.ConvLSTM2D(2, 3, padding="same", return_sequences=True)(x, initial_state=[h, c])
    return l.Dense(2)(l.Concatenate()([l.Flatten()(y), l.Flatten()(z)]))


def conv_masked(library, l, x):
    """Steps that hold nothing, as images of 2 x 2."""
    h = l.TimeDistributed(l.Reshape((2, 2, 1)))(l.Masking(0.0)(x))
    return l.Dense(2)(l.Flatten()(l.ConvLSTM2D(2, 2, return_sequences=True)(h)))


def both():
    """Cases that Keras 2 and Keras 3 are both asked for."""
    yield gru("last")
    yield gru("sequences", return_sequences=True)
    yield gru("reset_before", reset_after=False)
    yield gru("reset_before_sequences", reset_after=False, return_sequences=True, go_backwards=True)
    yield gru("no_bias", use_bias=False)
    yield gru("reset_before_no_bias", use_bias=False, reset_after=False)
    yield gru("backwards_sequences", 3, size=(6, 2), go_backwards=True, return_sequences=True)
    yield gru("hard_sigmoid", recurrent_activation="hard_sigmoid") | dict(x_scale=4, scale=2.0)
    yield gru("one_of_each", 1, size=(2, 1), return_sequences=True)
    yield simple("last")
    yield simple("sequences", return_sequences=True, go_backwards=True)
    yield simple("no_bias", use_bias=False)
    yield bidirectional("concat", layer("LSTM", 3))
    yield bidirectional("concat_sequences", layer("GRU", 3, return_sequences=True))
    yield bidirectional("sum", layer("SimpleRNN", 3, return_sequences=True), merge_mode="sum")
    yield bidirectional("mul", layer("LSTM", 3), merge_mode="mul")
    yield bidirectional("ave", layer("GRU", 3, return_sequences=True), merge_mode="ave")
    yield row("bidirectional_other", other_backwards)
    yield graph("bidirectional_none", (4, 3), two_outputs)
    yield graph("bidirectional_states", (4, 3), all_states)
    yield graph("seq2seq_lstm", (4, 3), seq2seq("LSTM", 2))
    yield graph("seq2seq_gru", (4, 3), seq2seq("GRU", 1))
    yield graph("seq2seq_simple_rnn", (4, 3), seq2seq("SimpleRNN", 1))
    yield graph("seq2seq_bidirectional", (4, 3), seq2seq("GRU", 1, both=True))
    yield graph("shared_decoder", (4, 3), shared_decoder)
    yield row("rnn_cell", lambda l: l.RNN(l.GRUCell(4), return_sequences=True))
    # With larger steps Keras' own losses part by 1e-3 from weights that differ by 1e-7.
    yield row("rnn_stacked", stacked) | dict(optimizer=lambda o: o.SGD(0.01))
    yield row("rnn_stacked_sequences", lambda l: stacked(l, return_sequences=True, go_backwards=True))
    yield bidirectional("stacked", stacked)
    gates = dict(recurrent_activation="sigmoid")
    yield convolutional("last", **gates)
    yield convolutional("sequences", return_sequences=True, padding="same", flat=False, **gates)
    yield convolutional("strided", strides=2, padding="same", kernel_size=(3, 2), go_backwards=True, **gates)
    yield convolutional("dilated", size=(2, 5, 5, 1), dilation_rate=2, use_bias=False, kernel_size=2, **gates)
    yield convolutional("hard_sigmoid", recurrent_activation="hard_sigmoid") | dict(x_scale=3)
    yield convolutional("1d", (3, 5, 2), 1, **gates)
    yield convolutional("3d", (2, 3, 3, 3, 1), 3, kernel_size=2, return_sequences=True, flat=False, **gates)
    yield graph("conv_lstm_states", (3, 4, 4, 1), conv_states, n=6)
    yield row("conv_lstm_both", lambda l: l.Bidirectional(l.ConvLSTM1D(2, 2, **gates)), (3, 4, 2),
              layers=lambda l: [l.Bidirectional(l.ConvLSTM1D(2, 2, **gates)), l.Flatten(), l.Dense(2)])
    yield masked("states", masked_states)
    yield masked("gru", over(layer("GRU", 3, return_sequences=True)))
    yield masked("gru_reset_before", over(layer("GRU", 3, reset_after=False)))
    yield masked("simple_rnn_backwards", over(layer("SimpleRNN", 3, return_sequences=True, go_backwards=True)))
    yield masked("bidirectional", over(around(layer("GRU", 3, return_sequences=True), merge_mode="mul")))
    yield masked("bidirectional_last", over(around(layer("LSTM", 3))))
    yield masked("rnn_stacked", over(lambda l: stacked(l, return_sequences=True)))


def options():
    yield gru("activations", activation="softsign", recurrent_activation="softmax", return_sequences=True)
    yield gru("regularizers", kernel_regularizer="l2", recurrent_regularizer="l1", bias_regularizer="l1")
    yield gru("constraints", kernel_constraint=keras.constraints.MaxNorm(0.8), recurrent_constraint="unit_norm",
              bias_constraint="non_neg")
    yield gru("activity_regularizer", activity_regularizer=keras.regularizers.L1L2(0.01, 0.02))
    yield gru("frozen", name="frozen_gru") | dict(frozen=["frozen_gru"])
    yield simple("adam", activation="relu") | dict(optimizer=lambda o: o.Adam(0.01))
    # Here a rate of 1 drops everything; only the penalty moves the recurrent kernel.
    yield simple("recurrent_dropout_1", recurrent_dropout=1.0, recurrent_regularizer="l2")
    yield gru("dropout_1", dropout=1.0, recurrent_dropout=1.0)
    yield gru("dropout_inference", dropout=0.5, recurrent_dropout=0.3) | dict(steps=0)
    yield bidirectional("regularizers", layer("GRU", 3, kernel_regularizer="l2", activity_regularizer="l2"))
    yield graph("penalized_states", (4, 3), seq2seq("LSTM", 2, activity_regularizer="l2"))
    yield masked("conv_lstm", conv_masked, size=(5, 4))
    yield convolutional("channels_first", (3, 2, 4, 4), data_format="channels_first", return_sequences=True) | dict(
        mode={"jit_compile": True})
    yield convolutional("regularizers", kernel_regularizer="l2", recurrent_regularizer="l1", activation="softsign")
    yield masked("simple_rnn_zero", over(layer("SimpleRNN", 3, return_sequences=True, zero_output_for_mask=True)))


def cases():
    yield from both()
    for case in both():
        yield case | dict(name=f"keras2_{case['name']}", dialect="keras2")
    yield from options()
