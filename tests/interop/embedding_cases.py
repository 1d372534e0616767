"""Models that look up words, or look at each step, for converted_everywhere.py. A name says how many ids there are, if
the input is made of them: `ids7_`."""


def cases(keras):
    """Name, shape of a sample, and the layers of a model."""
    layers, is3 = keras.layers, keras.__version__ >= "3"
    for options in ({}, {"mask_zero": True}, {"embeddings_initializer": "random_normal"},
                    {"embeddings_regularizer": "l2"}, {"embeddings_constraint": "non_neg"}):  # fmt: skip
        yield f"ids7_embedding_{options}", (5,), [layers.Embedding(7, 3, **options)]
        yield f"ids7_embedding_lstm_{options}", (5,), [layers.Embedding(7, 3, **options), layers.LSTM(4), layers.Dense(2)]
    yield "ids4_embedding_matrix", (2, 3), [layers.Embedding(4, 2)]
    yield "ids4_embedding_open", (None,), [layers.Embedding(4, 2, mask_zero=True), layers.LSTM(2, return_sequences=True)]
    if not is3:
        yield "ids4_embedding_length", (6,), [layers.Embedding(4, 2, input_length=6), layers.Flatten(), layers.Dense(2)]

    wrapped = {
        "dense": lambda: layers.Dense(2, "tanh"), "named": lambda: layers.Dense(2, name="inner"),
        "frozen": lambda: layers.Dense(2, trainable=False), "bn": layers.BatchNormalization, "dropout": lambda: layers.Dropout(0.5),
        "lstm": None, "conv": None, "flatten": None,
        "model": lambda: keras.Sequential([layers.Input((3,)), layers.Dense(4, "relu", name="first"),
                                           layers.Dense(2, name="second")]),
        "leaky": lambda: layers.Dense(2, activation="leaky_relu"), "twice": None,
    }  # fmt: skip
    for name, make in wrapped.items():
        if make:
            yield f"each_{name}", (4, 3), [layers.TimeDistributed(make()), layers.Dense(2)]
    yield "each_lstm", (2, 3, 3), [layers.TimeDistributed(layers.LSTM(2)), layers.Dense(2)]
    yield "each_conv", (2, 4, 4, 2), [layers.TimeDistributed(layers.Conv2D(3, 2)), layers.TimeDistributed(layers.Flatten())]
    yield "each_twice", (2, 3, 4), [layers.TimeDistributed(layers.TimeDistributed(layers.Dense(2)))]
    yield "each_open", (None, 3), [layers.TimeDistributed(layers.Dense(2)), layers.LSTM(2)]
    if is3:
        # tf_keras 2.21 itself cannot build it beside Keras 3.
        normalized = layers.SpectralNormalization
        for name, size, layer in (("dense", (4,), layers.Dense(3, "tanh")), ("bare", (4,), layers.Dense(3, use_bias=False)),
                                  ("conv", (5, 5, 2), layers.Conv2D(3, 2)), ("frozen", (4,), layers.Dense(2, trainable=False)),
                                  ("named", (4,), layers.Dense(3, name="inner"))):  # fmt: skip
            yield f"spectral_{name}", size, [normalized(layer), layers.Dense(2)]
        yield "ids5_spectral_embedding", (3,), [normalized(layers.Embedding(5, 2)), layers.Flatten()]
    functional = layers.Input((3,))
    inner = keras.Model(functional, layers.Add()([layers.Dense(2, name="a")(functional), layers.Dense(2, name="b")(functional)]))
    yield "each_functional", (4, 3), [layers.TimeDistributed(inner)]
    yield "ids5_each_embedding", (2, 3), [layers.TimeDistributed(layers.Embedding(5, 2))]
    yield "each_masked", (4, 3), [layers.Masking(), layers.TimeDistributed(layers.Dense(2, "tanh")), layers.LSTM(2)]
