"""Embedding, and layers that look at each step: every option, ids that come again, masks, layers within that couple."""

from golden import keras, normal, np


def ids(name, shape, most):
    """Ids from 0 to below `most`, of which some come again, and some are 0."""
    return np.floor(np.abs(normal(f"{name}/ids", shape)) * most / 2).clip(0, most - 1).astype("float32")


def embedding(name, /, size=(5,), words=7, units=3, tail=None, **options):
    name = f"embedding_{name}"
    tail = tail or (lambda l: [l.Flatten(), l.Dense(2)])
    return dict(name=name, input=size, x=ids(name, (12, *(length or 6 for length in size)), words), optimizer=lambda o: o.SGD(0.1),
                layers=lambda l: [l.Embedding(words, units, **options), *tail(l)])


def lstm(**options):
    return lambda l: [l.LSTM(3, **options), l.Dense(2)]


def embeddings():
    yield embedding("flat")
    yield embedding("alone", tail=lambda l: [])
    yield embedding("matrix_of_ids", size=(2, 3), units=2)
    yield embedding("one_id", size=(1,), words=3)
    yield embedding("lstm", tail=lstm())
    yield embedding("mask_zero", mask_zero=True, tail=lstm())
    yield embedding("mask_zero_sequences", mask_zero=True, size=(4,), tail=lambda l: [l.LSTM(3, return_sequences=True)])
    yield embedding("regularizer", embeddings_regularizer="l1")
    yield embedding("activity_regularizer", activity_regularizer=keras.regularizers.L1L2(0.01, 0.02))
    yield embedding("constraint", embeddings_constraint=keras.constraints.MaxNorm(0.5, axis=1))
    yield embedding("unit_norm", embeddings_constraint="unit_norm")
    yield embedding("sgd_momentum", tail=lstm()) | dict(optimizer=lambda o: o.SGD(0.05, momentum=0.9))
    yield embedding("frozen", name="words") | dict(frozen=["words"])
    yield embedding("labels", tail=lambda l: [l.Flatten(), l.Dense(3, "softmax")]) | dict(
        y=ids("labels", (12,), 3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    yield embedding("short_last_batch") | dict(batch_size=5)
    # The initializer's own values are what training starts from.
    seeded = dict(embeddings_initializer=keras.initializers.RandomNormal(seed=3))
    yield embedding("initializer", tail=lambda l: [], **seeded) | dict(keep_weights=True)
    # The length of the sequence is open.
    yield embedding("open", size=(None,), tail=lstm())


def reversible(name, /, between=lambda l: l.Dense(3, "tanh"), size=(4,), words=6, **options):
    """Words to vectors, a layer, and back by the same embedding."""
    def model(library):
        l = library.layers
        x = library.Input(size)
        words_and_back = l.ReversibleEmbedding(words, 3, **options)
        return library.Model(x, words_and_back(between(l)(words_and_back(x)), reverse=True))

    name = f"reversible_embedding_{name}"
    x = ids(name, (8, *(length or 4 for length in size)), words)
    return dict(name=name, input=size, x=x, graph=model, optimizer=lambda o: o.SGD(0.1))


def reversibles():
    yield reversible("tied")
    yield reversible("apart", tie_weights=False)
    yield reversible("soft_cap", logit_soft_cap=0.5)
    yield reversible("soft_cap_apart", logit_soft_cap=1.5, tie_weights=False, embeddings_regularizer="l2")
    yield reversible("mask_zero", mask_zero=True, between=lambda l: l.LSTM(3, return_sequences=True))
    yield reversible("regularizers", embeddings_regularizer="l1", activity_regularizer=keras.regularizers.L1L2(0.01, 0.02))
    yield reversible("constraint", embeddings_constraint=keras.constraints.MaxNorm(0.5, axis=1))
    yield reversible("open", size=(None,), between=lambda l: l.LSTM(3))
    yield reversible("one_sample") | dict(batch_size=1)


def spectral(name, layer, /, size=(4,), behind=lambda l: [l.Dense(2)], before=lambda l: [l.Dense(3, "tanh")], iterations=1, **more):
    """A layer whose kernel is normalized, between two others."""
    layers = lambda l: [*before(l), l.SpectralNormalization(layer(l), power_iterations=iterations), *behind(l)]  # noqa: E731
    return dict(name=f"spectral_{name}", input=size, x_scale=1.5, layers=layers, optimizer=lambda o: o.SGD(0.05), **more)


def spectrals():
    yield spectral("dense", lambda l: l.Dense(5, "tanh"))
    yield spectral("iterations", lambda l: l.Dense(5, use_bias=False), iterations=3)
    yield spectral("last", lambda l: l.Dense(3, "softmax"), behind=lambda l: [])
    yield spectral("alone", lambda l: l.Dense(1), behind=lambda l: [], before=lambda l: [])
    yield spectral("regularizers", lambda l: l.Dense(3, kernel_regularizer="l2", bias_regularizer="l1", activity_regularizer="l2"))
    yield spectral("frozen", lambda l: l.Dense(3, trainable=False))
    yield spectral("prelu", lambda l: l.Dense(3, activation=l.PReLU("random_normal")))
    yield spectral("adam", lambda l: l.Dense(5, "elu")) | dict(optimizer=lambda o: o.Adam(0.01))
    flat = dict(behind=lambda l: [l.Flatten(), l.Dense(2)])
    yield spectral("conv2d", lambda l: l.Conv2D(3, 2, padding="same"), size=(4, 3, 2), **flat)
    yield spectral("conv1d_strided", lambda l: l.Conv1D(2, 3, strides=2, activation="relu"), size=(7, 2), **flat)
    yield spectral("conv2d_transpose", lambda l: l.Conv2DTranspose(2, 2), size=(3, 3, 2), **flat)
    yield spectral("depthwise", lambda l: l.DepthwiseConv2D(2), size=(3, 4, 2), **flat)
    yield spectral("einsum", lambda l: l.EinsumDense("abc,cd->abd", (3, 4), bias_axes="d"), size=(3, 2), **flat)
    yield spectral("embedding", lambda l: l.Embedding(6, 3, mask_zero=True), before=lambda l: [], behind=lstm()) | dict(x=ids("spectral", (12, 4), 6))
    yield spectral("each_step", lambda l: l.Dense(3), size=(3, 2), behind=lstm(), before=lambda l: [l.Masking(0.0), l.Dense(3)])


def steps(name, layer, /, size=(3, 4), behind=True, named=None, **more):
    """A Dense, the layer on each step, and a Dense."""
    name = f"time_distributed_{name}"
    return dict(name=name, input=size, x_scale=1.5, optimizer=lambda o: o.SGD(0.05), **more,
                layers=lambda l: [l.Dense(3, "tanh"), l.TimeDistributed(layer(l), name=named),
                                  *([l.Dense(2)] if behind else [])])


def wrapped():
    yield steps("dense", lambda l: l.Dense(2, "tanh"))
    yield steps("last", lambda l: l.Dense(3, "softmax"), behind=False)
    yield steps("flatten", lambda l: l.Flatten(), size=(3, 2, 2))
    yield steps("conv2d", lambda l: l.Conv2D(2, 2), size=(2, 3, 3, 2))
    yield steps("lstm", lambda l: l.LSTM(2), size=(2, 3, 2))
    yield steps("twice", lambda l: l.TimeDistributed(l.Dense(2, "tanh")), size=(2, 2, 3))
    yield steps("prelu", lambda l: l.PReLU())
    yield steps("regularizers", lambda l: l.Dense(2, kernel_regularizer="l2", bias_regularizer="l1"))
    yield steps("activity_regularizer", lambda l: l.Dense(2, activity_regularizer=keras.regularizers.L2(0.1)))
    yield steps("constraint", lambda l: l.Dense(2, kernel_constraint="unit_norm"))
    yield steps("batch_normalization", lambda l: l.BatchNormalization(momentum=0.5))
    yield steps("model", lambda l: keras.Sequential([
        keras.Input((3,)), l.Dense(3, "tanh"), l.BatchNormalization(momentum=0.7), l.Dense(2)]))
    yield steps("model_activity_regularizer", lambda l: keras.Sequential([
        keras.Input((3,)), l.Dense(2, activity_regularizer=keras.regularizers.L2(0.1))]))
    yield steps("frozen", lambda l: l.Dense(2), named="steps", frozen=["steps"])
    yield steps("short_last_batch", lambda l: l.BatchNormalization(momentum=0.5), batch_size=5)
    # What is dropped is random, so that this one is not trained.
    yield steps("dropout_inference", lambda l: l.Dropout(0.5), steps=0)
    yield masked("masked_batch_normalization", lambda l: l.BatchNormalization(momentum=0.5))
    yield masked("masked_lstm", lambda l: l.Dense(2, "tanh"))


def masked(name, layer):
    """Some steps hold nothing."""
    name = f"time_distributed_{name}"
    x = normal(f"{name}/x", (12, 4, 3), 1.5)
    x[0, 2:] = x[1, 0] = x[2, 1] = x[4, -1] = x[7, :2] = x[10, 1:3] = 0
    return dict(name=name, input=(4, 3), x=x, optimizer=lambda o: o.SGD(0.05),
                layers=lambda l: [l.Masking(), l.TimeDistributed(layer(l)), l.LSTM(2)])


def cases():
    yield from reversibles()
    yield from spectrals()
    yield from embeddings()
    yield from wrapped()
