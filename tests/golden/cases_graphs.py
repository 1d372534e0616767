"""Models that branch: layers of several inputs, layers called twice, models within models, operators."""


def graph(name, size, make, **options):
    """The model of what `make` calls on an input of that size, given the library and its layers."""
    def model(library):
        x = library.Input(size, name="x")
        return library.Model(x, make(library, library.layers, x))

    return dict(name=f"graph_{name}", input=size, graph=model, **options)


def residual(library, l, x):
    h = l.Conv2D(3, 3, padding="same", activation="relu")(x)
    h = l.BatchNormalization(momentum=0.9)(h)
    return l.Dense(2)(l.Flatten()(l.Add()([h, l.Conv2D(3, 1)(x)])))


def shared(library, l, x):
    tower, turn = l.Dense(4, "tanh", name="tower"), l.Dense(4)
    once = tower(x)
    return l.Dense(2)(l.Concatenate()([once, tower(turn(once)), x]))


def merges(library, l, x):
    a, b, c = l.Dense(3)(x), l.Dense(3, "tanh")(x), l.Dense(1)(x)
    h = l.Concatenate()([l.Subtract()([a, b]), l.Multiply()([a, b, c]), l.Average()([a, b]), l.Add()([b, c])])
    return l.Dense(2)(l.Concatenate(axis=-1)([h, l.Maximum()([a, b]), l.Minimum()([a, c])]))


def concatenated_in_the_middle(library, l, x):
    return l.Dense(2)(l.Concatenate(axis=1)([l.Dense(3)(x), l.Dense(3, "relu")(x)]))


def dot(axes, normalize):
    def make(library, l, x):
        return l.Dot(axes, normalize=normalize)([l.Dense(3)(x), l.Dense(3, "tanh")(x)])

    return make


def nested(library, l, x):
    inner = library.Input((4,), name="inner")
    h = l.Dense(4, "relu")(inner)
    fork = library.Model(inner, [h, l.Dense(3)(h)], name="fork")
    first, side = fork(x)
    again, other = fork(first)
    return l.Dense(2)(l.Concatenate()([side, other, again]))


def nested_normalization(library, l, x):
    block = library.Sequential([library.Input((4,)), l.Dense(4, use_bias=False), l.BatchNormalization(momentum=0.8)], name="block")
    return l.Dense(2)(l.Add()([block(x), l.PReLU()(l.Dense(4)(x))]))


def operators(library, l, x):
    h = l.Dense(4, "tanh")(x) + x
    return l.Dense(2)(2.0 * h - 1.0) * l.Dense(2)(x) - l.Dense(2)(h)


def both():
    """Cases that Keras 2 and Keras 3 are both asked for."""
    yield graph("residual", (5, 4, 2), residual, optimizer=lambda o: o.SGD(0.01))
    yield graph("shared", (4,), shared)
    yield graph("merges", (4,), merges)
    yield graph("concatenate_axis_1", (3, 2), concatenated_in_the_middle)
    yield graph("dot", (4, 2), dot((1, 1), False))
    yield graph("dot_normalized", (4,), dot(1, True))
    yield graph("nested", (4,), nested)
    yield graph("nested_normalization", (4,), nested_normalization, batch_size=5)
    yield graph("operators", (4,), operators)


def cases():
    yield from both()
    yield graph("frozen", (4,), shared, frozen=["tower"])
    for case in both():
        yield case | dict(name=case["name"].replace("graph_", "graph_keras2_"), dialect="keras2")
