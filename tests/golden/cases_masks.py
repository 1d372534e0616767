"""Masks: what makes, passes on, joins and reads them. Some steps of the data hold nothing: at the beginning, within, at the end, all."""

from golden import normal


def padded(name, size, fill=0.0, other=None):
    """Twelve samples of which some steps are full of `fill`, and some of `other`."""
    x = normal(name + "/x", (12, *size), 1.5)
    x[0, 2:] = x[1, 0] = x[2, 1] = x[3] = x[4, -1] = x[7, :2] = x[10, 1:3] = fill
    if other is not None:
        x[1, -1] = x[2, 1:] = x[5, 0] = x[8, 2] = x[9] = other
    return x


def masked(name, make, size=(5, 3), **options):
    """The model of what `make` calls on an input of that size, two of whose numbers stand for nothing."""
    def model(library):
        x = library.Input(size, name="x")
        return library.Model(x, make(library, library.layers, x))

    name = f"masks_{name}"
    return dict(name=name, input=size, graph=model, x=padded(name, size, other=0.5), optimizer=lambda o: o.SGD(0.05)) | options


def recurrent(**options):
    """An LSTM between two layers that learn."""
    def make(library, l, x):
        return l.Dense(2)(l.LSTM(3, **options)(l.Dense(3, "tanh")(l.Masking()(x))))

    return make


def rows(*layers):
    """Layers one behind the other, Masking first, an LSTM last."""
    def make(library, l, x):
        h = l.Masking(0.5)(x)
        for layer in layers:
            h = layer(l)(h)
        return l.LSTM(2)(h)

    return make


def joined(join):
    """Two branches that leave out other steps, joined."""
    def make(library, l, x):
        a = l.Dense(3, "tanh", name="a")(l.Masking(0.0)(x))
        b = l.Dense(3, name="b")(l.Masking(0.5)(x))
        return l.LSTM(3)(join(l, a, b))

    return make


def merged(class_name):
    return joined(lambda l, a, b: getattr(l, class_name)()([a, b]))


def half(l, a, b):
    """One branch without a mask."""
    return l.Add()([a, l.Reshape((5, 3))(b)])


def images(library, l, x):
    return l.Dense(2)(l.Flatten()(l.BatchNormalization(momentum=0.8)(l.Dense(3, use_bias=False)(l.Masking()(x)))))


def nested(library, l, x):
    inner = library.Input((5, 3), name="inner_x")
    inner = library.Model(inner, l.LSTM(4, return_sequences=True)(l.Masking()(inner)), name="inner")
    return l.LSTM(2)(inner(x))


def nested_below(library, l, x):
    inner = library.Input((5, 3), name="inner_x")
    inner = library.Model(inner, l.LSTM(3, return_sequences=True)(l.Dense(3)(inner)), name="inner")
    row = library.Sequential([library.Input((5, 3)), l.Dense(3, "tanh"), l.LSTM(3, return_sequences=True)], name="row")
    return l.LSTM(2)(row(inner(l.Masking()(x))))


def shared(library, l, x):
    masking, lstm = l.Masking(), l.LSTM(3, return_sequences=True)
    return l.LSTM(2)(l.Add()([lstm(lstm(masking(x))), lstm(x)]))


def several(library, l, x):
    h = l.LSTM(3, return_sequences=True)(l.Masking()(x))
    return l.Dense(2)(l.Concatenate()([l.LSTM(2)(h), l.LSTM(2, go_backwards=True)(l.Dropout(0.0)(h)), l.Flatten()(h)]))


def averaged(name, **options):
    """A mean over the steps that count. No sample is left out as a whole: of nothing the mean is NaN."""
    make = lambda library, l, x: l.Dense(2)(l.GlobalAveragePooling1D(**options)(l.Dense(3, "tanh")(l.Masking()(x))))
    x = padded(f"masks_{name}", (5, 3))
    x[3, 2] = 0.25
    return masked(name, make, x=x)


def both():
    """Cases that Keras 2 and Keras 3 are both asked for."""
    for zero in (False, True):
        for backwards in (False, True):
            for sequences in (False, True):
                options = dict(zero_output_for_mask=zero, go_backwards=backwards, return_sequences=sequences)
                name = "_".join(word for word, said in zip(("zero", "backwards", "sequences"), options.values()) if said)
                options = {key: said for key, said in options.items() if said}
                yield masked(f"lstm_{name or 'last'}", recurrent(**options))
    yield masked("lstm_alone", rows())
    yield masked("lstm_twice", rows(lambda l: l.LSTM(3, return_sequences=True), lambda l: l.Dense(3, "relu")))
    yield masked("activations", rows(lambda l: l.Dense(3), lambda l: l.LeakyReLU(), lambda l: l.PReLU(), lambda l: l.Activation("softmax")))
    yield masked("batch_normalization", rows(lambda l: l.Dense(3, use_bias=False), lambda l: l.BatchNormalization(momentum=0.8)))
    yield masked("batch_normalization_axis_1", rows(lambda l: l.BatchNormalization(axis=1, momentum=0.8)))
    yield masked("batch_normalization_images", images, (3, 4, 2))
    yield masked("passing", rows(lambda l: l.Identity(), lambda l: l.Rescaling(2.0)))
    yield masked("normalization", rows(lambda l: l.Normalization(mean=0.25, variance=2.0)))
    yield masked("ending", rows(lambda l: l.Reshape((5, 3))))
    for name in ("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract"):
        yield masked(f"join_{name.lower()}", merged(name))
    yield masked("join_half", joined(half))
    yield masked("join_three", joined(lambda l, a, b: l.Maximum()([a, l.Add()([a, b]), b])))
    yield masked("join_in_time", joined(lambda l, a, b: l.Concatenate(axis=1)([a, b])))
    yield masked("join_half_of_the_features", joined(lambda l, a, b: l.Concatenate()([l.Reshape((5, 3))(a), b])))
    yield masked("operators", joined(lambda l, a, b: a + b))
    yield masked("operator_of_one", joined(lambda l, a, b: l.Add()([a, 2.0 * b])))
    yield averaged("global_average_pooling1d")
    yield averaged("global_average_pooling1d_keepdims", keepdims=True)
    yield masked("nested", nested)
    yield masked("nested_below", nested_below)
    yield masked("shared", shared)
    yield masked("several", several)


def cases():
    yield from both()
    yield masked("join_half_in_time", joined(lambda l, a, b: l.Concatenate(axis=1)([a, l.Reshape((5, 3))(b)])))
    frozen = rows(lambda l: l.Dense(3, use_bias=False), lambda l: l.BatchNormalization(name="norm"))
    yield masked("batch_normalization_frozen", frozen, frozen=["norm"])
    for case in both():
        yield case | dict(name=case["name"].replace("masks_", "masks_keras2_"), dialect="keras2")
