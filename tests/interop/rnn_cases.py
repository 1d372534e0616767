"""Recurrent layers for converted_everywhere.py and graphs_everywhere.py."""


def cases(keras):
    """Name, shape of a sample, and the layers of a model."""
    layers = keras.layers
    for class_name in ("GRU", "SimpleRNN"):
        layer = getattr(layers, class_name)
        for options in ({}, {"return_sequences": True}, {"go_backwards": True}, {"use_bias": False}, {"unroll": True},
                        {"return_sequences": True, "go_backwards": True}, {"dropout": 0.5, "recurrent_dropout": 0.5},
                        {"activation": "relu"}):  # fmt: skip
            yield f"rnn_{class_name}_{options}", (5, 3), [layer(4, **options)]
    for options in ({}, {"return_sequences": True}, {"use_bias": False}, {"recurrent_activation": "hard_sigmoid"}):
        yield f"rnn_gru_before_{options}", (5, 3), [layers.GRU(4, reset_after=False, **options)]
    yield "rnn_open", (None, 3), [layers.GRU(4, return_sequences=True), layers.SimpleRNN(2)]
    for mode in ("concat", "sum", "mul", "ave"):
        yield f"rnn_both_{mode}", (5, 3), [layers.Bidirectional(layers.LSTM(3), merge_mode=mode)]
        inner = layers.GRU(3, return_sequences=True, reset_after=False, recurrent_activation="hard_sigmoid")
        yield f"rnn_both_sequences_{mode}", (5, 3), [layers.Bidirectional(inner, merge_mode=mode)]
    yield "rnn_both_reset_after", (5, 3), [layers.Bidirectional(layers.GRU(3))]
    yield "rnn_both_simple", (5, 3), [layers.Bidirectional(layers.SimpleRNN(3)), layers.Dense(2)]
    yield "rnn_both_other", (5, 3), [layers.Bidirectional(
        layers.LSTM(3), backward_layer=layers.SimpleRNN(3, go_backwards=True))]  # fmt: skip
    yield "rnn_both_named", (5, 3), [layers.Bidirectional(layers.LSTM(3, name="walker"), name="both")]
    yield "rnn_both_twice", (5, 3), [layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
                                     layers.Bidirectional(layers.LSTM(2))]  # fmt: skip
    for class_name in ("LSTMCell", "GRUCell", "SimpleRNNCell"):
        yield f"rnn_{class_name}", (5, 3), [layers.RNN(getattr(layers, class_name)(4))]
    yield "rnn_before_cell", (5, 3), [layers.RNN(layers.GRUCell(4, reset_after=False), return_sequences=True)]
    stack = lambda: [layers.LSTMCell(3), layers.GRUCell(2, reset_after=False), layers.LSTMCell(4)]  # noqa: E731
    yield "rnn_stacked", (5, 3), [layers.RNN(stack())]
    yield "rnn_stacked_sequences", (None, 3), [layers.RNN(stack(), return_sequences=True, go_backwards=True)]
    yield "rnn_both_stacked", (5, 3), [layers.Bidirectional(layers.RNN(stack(), return_sequences=True))]
    for class_name in ("LSTM", "GRU", "SimpleRNN"):
        yield f"stateful_{class_name}", (5, 3), [getattr(layers, class_name)(3, stateful=True)]
    yield "stateful_both", (5, 3), [layers.Bidirectional(layers.GRU(3, stateful=True))]
    yield "stateful_cell", (5, 3), [layers.RNN(layers.LSTMCell(3), stateful=True)]
    yield "stateful_conv", (3, 5, 5, 1), [layers.ConvLSTM2D(2, 2, recurrent_activation="sigmoid", stateful=True)]
    yield "rnn_frozen", (5, 3), [layers.Bidirectional(layers.GRU(3), trainable=False), layers.Dense(2)]
    if keras.__version__ < "3":
        # What Keras 1 and Keras 2 before 2.1 called it.
        yield "rnn_gru_tf1", (5, 3), [keras.layers.GRU(3, reset_after=False, recurrent_activation="hard_sigmoid")]


def graphs(k, graph):
    """Models whose states are tensors, each made by a function that is handed to `graph`."""
    layers = k.layers

    def seq2seq(class_name, both=False, **options):
        wrap = (lambda layer, name: layers.Bidirectional(layer, name=name)) if both else (lambda layer, name: layer)
        of = getattr(layers, class_name)
        source, target = layers.Input((None, 3), name="source"), layers.Input((4, 2), name="target")
        name = (lambda name: {}) if both else (lambda name: {"name": name})
        _, *states = wrap(of(3, return_state=True, **name("encoder"), **options), "encoder")(source)
        states = states if len(states) > 1 else states[0]
        decoder = wrap(of(3, return_sequences=True, return_state=True, **name("decoder"), **options), "decoder")
        y, *ends = decoder(target, initial_state=states)
        outputs = [layers.Dense(2, name="y")(y), layers.Add(name="ends")(ends) if len(ends) > 1 else ends[0]]
        return k.Model([source, target], outputs)

    @graph
    def rnn_seq2seq_lstm():
        return seq2seq("LSTM")

    @graph
    def rnn_seq2seq_gru():
        return seq2seq("GRU")

    @graph
    def rnn_seq2seq_gru_before():
        return seq2seq("GRU", reset_after=False)

    @graph
    def rnn_seq2seq_simple():
        return seq2seq("SimpleRNN")

    @graph
    def rnn_seq2seq_both():
        return seq2seq("LSTM", both=True)

    @graph
    def rnn_shared():
        x = layers.Input((4, 3), name="x")
        lstm = layers.LSTM(3, return_state=True, name="lstm")
        y, h, c = lstm(x)
        z, _, d = lstm(x, initial_state=[c, h])
        return k.Model(x, layers.Concatenate(name="y")([y, z, d]))

    @graph
    def rnn_two_outputs():
        x = layers.Input((4, 3), name="x")
        y, z = layers.Bidirectional(layers.GRU(3, return_sequences=True), merge_mode=None, name="both")(x)
        return k.Model(x, [layers.Dense(2, name="a")(y), layers.Dense(2, name="b")(z)])

    @graph
    def rnn_masked():
        x = layers.Input((4, 3), name="x")
        h = layers.Bidirectional(layers.GRU(3, return_sequences=True), name="both")(layers.Masking(0.5, name="mask")(x))
        return k.Model(x, layers.SimpleRNN(2, name="y")(h))
