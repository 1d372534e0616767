"""Geometry of convolution and pooling, and the layers that shape, drop, normalise and nest."""

from golden import integers, keras, np

# The layer under test has a layer with weights before it, so that its gradient for x counts too.


def conv_case(name, size, filters, kernel, channels=2, **options):
    layers = lambda l: [l.Conv2D(channels, 1), l.Conv2D(filters, kernel, **options), l.Flatten(), l.Dense(2)]
    return dict(name=f"conv2d_{name}", input=(*size, 2), layers=layers, optimizer=lambda o: o.SGD(0.02))


def convolutions():
    yield conv_case("1x1", (5, 4), 3, 1)
    yield conv_case("3x3", (6, 5), 3, 3)
    yield conv_case("2x3", (5, 6), 2, (2, 3))
    yield conv_case("5x5", (7, 6), 2, 5)
    yield conv_case("same_1x1_strides_2", (5, 4), 3, 1, strides=2, padding="same")
    yield conv_case("same_3x3", (5, 4), 2, 3, padding="same")
    yield conv_case("same_2x3", (4, 5), 2, (2, 3), padding="same")
    yield conv_case("same_2x2_even", (4, 6), 2, 2, padding="same")
    yield conv_case("same_5x5_wider_than_input", (3, 4), 2, 5, padding="same")
    yield conv_case("strides_2_odd", (7, 5), 3, 3, strides=2)
    yield conv_case("strides_2_even", (6, 8), 3, 3, strides=2)
    yield conv_case("strides_2_1", (7, 5), 2, 3, strides=(2, 1))
    yield conv_case("strides_1_3", (4, 8), 2, 2, strides=(1, 3))
    yield conv_case("strides_3_wider_than_kernel", (7, 7), 2, 2, strides=3)
    yield conv_case("same_strides_2_odd", (7, 5), 3, 3, strides=2, padding="same")
    yield conv_case("same_strides_2_even", (6, 8), 3, 3, strides=2, padding="same")
    yield conv_case("same_strides_2_1", (5, 4), 2, (2, 3), strides=(2, 1), padding="same")
    yield conv_case("same_strides_1_3", (4, 7), 2, 3, strides=(1, 3), padding="same")
    yield conv_case("dilation_2", (7, 6), 2, 3, dilation_rate=2)
    yield conv_case("dilation_1_2", (4, 7), 2, (2, 3), dilation_rate=(1, 2))
    yield conv_case("same_dilation_2", (5, 6), 2, 3, dilation_rate=2, padding="same")
    yield conv_case("groups_2", (5, 4), 4, 3, channels=4, groups=2)
    yield conv_case("same_groups_2_strides_2", (5, 6), 4, 3, channels=4, groups=2, strides=2, padding="same")
    yield conv_case("same_groups_3", (4, 4), 3, 2, channels=3, groups=3, padding="same")
    yield conv_case("no_bias", (5, 4), 3, 3, channels=1, use_bias=False)
    yield conv_case("activation", (5, 4), 4, 3, channels=3, activation="relu")
    yield conv_case("activation_softmax", (4, 4), 3, 2, activation="softmax")
    first = lambda l: [l.Conv2D(3, 3, padding="same", activation="relu"), l.Flatten(), l.Dense(2)]
    yield dict(name="conv2d_first_layer", input=(6, 5, 1), layers=first, optimizer=lambda o: o.SGD(0.02))
    yield dict(
        name="conv2d_channels_first", input=(2, 5, 4), optimizer=lambda o: o.SGD(0.02), mode={"jit_compile": True},
        layers=lambda l: [
            l.Conv2D(3, (2, 3), data_format="channels_first"),
            l.PReLU(shared_axes=[2, 3]),
            l.MaxPooling2D(2, strides=1, padding="same", data_format="channels_first"),
            l.Flatten(data_format="channels_first"),
            l.Dense(2),
        ],
    )


def pool_case(name, size, pool, **options):
    layers = lambda l: [l.Conv2D(2, 2), l.MaxPooling2D(pool, **options), l.Flatten(), l.Dense(2)]
    return dict(name=f"max_pooling2d_{name}", input=(*size, 2), layers=layers, optimizer=lambda o: o.SGD(0.02))


def ties(name, pool, **options):
    """Small whole numbers and a kernel of halves: sums are exact, and different patches share the maximum.

    Who gets the gradient shows in the kernel after the first step.
    """
    case = pool_case(f"ties_{name}", (5, 6), pool, **options)
    case["x"] = integers(case["name"], (12, 5, 6, 2), 0, 2)
    case["change_weights"] = lambda weights: [np.round(2 * w) / 2 for w in weights[:2]] + weights[2:]
    return case


def poolings():
    yield pool_case("2", (5, 7), 2)
    yield pool_case("2_odd", (6, 6), 2)
    yield pool_case("3", (7, 7), 3)
    yield pool_case("2x3", (5, 7), (2, 3))
    yield pool_case("2_strides_1", (4, 5), 2, strides=1)
    yield pool_case("3_strides_2", (6, 7), 3, strides=2)
    yield pool_case("2_strides_1_2", (4, 6), 2, strides=(1, 2))
    yield pool_case("2_strides_3", (6, 6), 2, strides=3)
    yield pool_case("same_2", (6, 4), 2, padding="same")
    yield pool_case("same_3", (6, 5), 3, padding="same")
    yield pool_case("same_2x3_strides_1", (4, 5), (2, 3), strides=1, padding="same")
    yield pool_case("same_3_strides_2", (5, 6), 3, strides=2, padding="same")
    yield pool_case("same_3_strides_1_2", (5, 6), 3, strides=(1, 2), padding="same")
    yield pool_case("same_larger_than_input", (4, 3), 5, padding="same")
    yield pool_case("same_larger_than_input_strides_1", (4, 3), 5, strides=1, padding="same")
    yield ties("2", 2)
    yield ties("3_strides_1", 3, strides=1)
    yield ties("same_3_strides_2", 3, strides=2, padding="same")


def shapes():
    sgd = lambda o: o.SGD(0.02)
    yield dict(name="dense", input=(4,), optimizer=sgd, layers=lambda l: [l.Dense(5), l.Dense(3, use_bias=False)])
    yield dict(name="dense_rank_3", input=(3, 4), optimizer=sgd, layers=lambda l: [l.Dense(5, "tanh"), l.Dense(2)])
    yield dict(name="dense_rank_4", input=(2, 3, 2), optimizer=sgd, layers=lambda l: [l.Dense(4, "tanh"), l.Dense(2)])
    yield dict(name="flatten", input=(3, 2, 2), optimizer=sgd,
               layers=lambda l: [l.Dense(3), l.Flatten(), l.Dense(2)])
    yield dict(name="reshape", input=(12,), optimizer=sgd,
               layers=lambda l: [l.Reshape((3, 2, 2)), l.Conv2D(2, 2), l.Reshape((2, 2)), l.Dense(2)])
    yield dict(name="reshape_inferred", input=(6, 2), optimizer=sgd,
               layers=lambda l: [l.Dense(4), l.Reshape((-1, 4, 2)), l.Conv2D(2, 2), l.Reshape((-1,)), l.Dense(2)])
    yield dict(name="dropout_0", input=(4,), optimizer=sgd,
               layers=lambda l: [l.Dense(6, "tanh"), l.Dropout(0.0), l.Dense(2)])
    # Dropping is random, so this one is not trained: at inference the layer passes x on as it is.
    yield dict(name="dropout_inference", input=(4,), steps=0,
               layers=lambda l: [l.Dense(6, "tanh"), l.Dropout(0.5), l.Dense(2)])
    # The batches run over the end: thirteen rows by fives leave three.
    yield dict(name="short_last_batch", input=(4,), n=13, batch_size=5, optimizer=sgd,
               layers=lambda l: [l.Dense(6, "tanh"), l.Dense(2)])


def batch_normalization(name, size, frozen=(), **options):
    bias = bool(frozen)  # The batch's mean takes a bias out again, unless the moving one stands in for it.
    layers = lambda l: [l.Conv2D(3, 2, padding="same", use_bias=bias), l.BatchNormalization(**options),
                        l.Activation("tanh"), l.Flatten(), l.Dense(2)]
    if len(size) == 1:
        layers = lambda l: [l.Dense(4, use_bias=bias), l.BatchNormalization(**options), l.Activation("tanh"), l.Dense(2)]
    return dict(name=f"batch_normalization_{name}", input=size, layers=layers, frozen=list(frozen))


def batch_normalizations():
    yield batch_normalization("2d", (4,))
    yield batch_normalization("2d_momentum", (4,), momentum=0.9)
    yield batch_normalization("4d", (3, 4, 2))
    yield batch_normalization("4d_momentum_epsilon", (3, 4, 2), momentum=0.9, epsilon=0.1)
    yield batch_normalization("4d_axis_1", (3, 4, 2), axis=1, momentum=0.9)
    yield batch_normalization("no_center", (4,), center=False, momentum=0.9)
    yield batch_normalization("no_scale", (4,), scale=False, momentum=0.9)
    yield batch_normalization("bare", (4,), scale=False, center=False, momentum=0.9)
    yield batch_normalization("frozen_2d", (4,), frozen=["batch_normalization"], momentum=0.9)
    yield batch_normalization("frozen_4d", (3, 4, 2), frozen=["batch_normalization"], momentum=0.9)
    short = batch_normalization("short_last_batch", (4,), momentum=0.9)
    yield short | dict(n=13, batch_size=5)


def normalization(name, size, **options):
    """Its numbers are among the weights, so that the start is not that of a layer without data."""
    layers = lambda l: [l.Dense(3), l.Normalization(**options), l.Activation("tanh"), l.Flatten(), l.Dense(2)]
    return dict(name=f"normalization_{name}", input=size, optimizer=lambda o: o.SGD(0.02), layers=layers)


def preprocessing():
    yield normalization("2d", (4,))
    yield normalization("inverted", (4,), invert=True)
    yield normalization("no_axis", (2, 4), axis=None)
    yield normalization("two_axes", (2, 4), axis=(1, 2))
    yield normalization("axis_1", (2, 4), axis=1)
    yield normalization("given", (2, 4), mean=[0.5, -0.5, 0.1], variance=[2.0, 0.5, 1.0])
    yield normalization("given_single", (2, 4), mean=0.5, variance=2.0, invert=True)
    for name, scale, offset in [("single", 0.5, 0.0), ("list", [0.5, 2.0, -1.0], -0.25), ("lists", [[0.5], [2.0]], [0.1, 0.2, 0.3])]:
        layers = lambda l, scale=scale, offset=offset: [l.Dense(3), l.Rescaling(scale, offset), l.Activation("tanh"), l.Flatten(), l.Dense(2)]
        yield dict(name=f"rescaling_{name}", input=(2, 4), optimizer=lambda o: o.SGD(0.02), layers=layers)


def nested():
    sgd = lambda o: o.SGD(0.02)
    inner = lambda l: keras.Sequential([l.Conv2D(3, 2), l.PReLU(shared_axes=[1, 2])], name="features")
    yield dict(name="nested", input=(4, 4, 1), optimizer=sgd, layers=lambda l: [inner(l), l.Flatten(), l.Dense(2)])
    deep = lambda l: keras.Sequential([inner(l), keras.Sequential([l.Flatten(), l.Dense(4, "tanh")], name="head")], name="body")
    yield dict(name="nested_two_levels", input=(4, 4, 1), optimizer=sgd, layers=lambda l: [deep(l), l.Dense(2)])
    yield dict(name="nested_frozen", input=(4, 4, 1), optimizer=sgd, frozen=["features"],
               layers=lambda l: [inner(l), l.Conv2D(2, 2), l.Flatten(), l.Dense(2)])
    # A softmax at the end of an inner model still meets the loss as logits.
    tail = lambda l: keras.Sequential([l.Dense(5, "tanh"), l.Dense(3, "softmax")], name="tail")
    labels = keras.ops.one_hot(integers("nested_softmax", (12,), 0, 2).astype(int), 3).numpy()
    yield dict(name="nested_softmax", input=(4,), y=labels, loss="categorical_crossentropy", metrics=["accuracy"],
               scale=3.0, layers=lambda l: [l.Dense(4, "tanh"), tail(l)])


def frozen():
    stack = lambda l: [l.Conv2D(3, 2, name="conv"), l.PReLU(shared_axes=[1, 2], name="slope"), l.Flatten(),
                       l.Dense(4, "tanh", name="hidden"), l.Dense(2, name="out")]
    for names in (["conv"], ["slope"], ["hidden"], ["conv", "slope"], ["out"]):
        yield dict(name="frozen_" + "_".join(names), input=(4, 4, 1), frozen=names, layers=stack)


def cases():
    for part in (convolutions, poolings, shapes, batch_normalizations, preprocessing, nested, frozen):
        yield from part()
