"""Layers that pool, pad, crop, enlarge and permute, in one, two and three dimensions."""

from golden import integers, np

# The layer under test has a layer with weights before it, so that its gradient for x counts too: a Dense, which
# mixes what stands last, whatever the data format.


def case(name, size, layer, channels=2, behind=2, **more):
    """The layer that `layer(l)` makes, behind a Dense of `channels` units and before one of `behind`."""
    def layers(l):
        made = layer(l)
        return [l.Dense(channels), *(made if isinstance(made, list) else [made]), l.Flatten(), l.Dense(behind)]

    return dict(name=name, input=size, layers=layers, optimizer=lambda o: o.SGD(0.02)) | more


def first(name, size, layer, **more):
    """The same with channels first, through XLA."""
    return case(f"{name}_channels_first", size, layer, channels=size[-1], mode={"jit_compile": True}, **more)


SIZES = {1: (7, 2), 2: (5, 6, 2), 3: (3, 4, 5, 2)}


def both(name, rank, options, class_name, size=None, **more_of_case):
    """A case of each data format."""
    make = lambda **more: lambda l: getattr(l, class_name)(**options, **more)
    *places, channels = size or SIZES[rank]
    yield case(name, (*places, channels), make(), **more_of_case)
    yield first(name, (channels, *places), make(data_format="channels_first"))


def poolings():
    for rank, uneven in ((1, 3), (2, (3, 2)), (3, (2, 1, 3))):
        steps = {1: 2, 2: (2, 1), 3: (1, 2, 2)}[rank]
        for kind in ("max", "average"):
            if (kind, rank) == ("max", 2):
                continue  # cases_layers.py has them.
            name, of = f"{kind}_pooling{rank}d", f"{kind.capitalize()}Pooling{rank}D"
            # TensorFlow's kernel for CPUs gives the gradient of a volume's maximum also to what is nearly as large.
            xla = dict(mode={"jit_compile": True}) if (kind, rank) == ("max", 3) else {}
            yield case(f"{name}_2", SIZES[rank], lambda l, of=of: getattr(l, of)(2), **xla)
            yield from both(f"{name}_same", rank, dict(pool_size=uneven, strides=steps, padding="same"), of, **xla)
            overlapping = lambda l, of=of, size=uneven: getattr(l, of)(size, strides=1)
            yield case(f"{name}_overlapping", SIZES[rank], overlapping, **xla)
    yield case("average_pooling2d_same_larger_than_input", (3, 2, 2), lambda l: l.AveragePooling2D(5, 1, "same"))
    yield case("average_pooling2d_strides_3", (6, 6, 2), lambda l: l.AveragePooling2D(2, strides=3))
    ties = case("max_pooling1d_ties", (7, 2), lambda l: l.MaxPooling1D(3, strides=2, padding="same"))
    yield tied(ties)


def tied(made):
    """Small whole numbers and a kernel of halves: sums are exact, and numbers under one window are equal."""
    made["x"] = integers(made["name"], (12, *made["input"]), 0, 2)
    made["change_weights"] = lambda weights: [np.round(2 * w) / 2 for w in weights[:2]] + weights[2:]
    return made


def global_poolings():
    for rank in (1, 2, 3):
        for kind in ("Average", "Max"):
            name, of = f"global_{kind.lower()}_pooling{rank}d", f"Global{kind}Pooling{rank}D"
            yield from both(name, rank, {}, of)
            yield case(f"{name}_keepdims", SIZES[rank], lambda l, of=of: getattr(l, of)(keepdims=True))
    yield first("global_average_pooling2d_keepdims", (2, 5, 6),
                lambda l: l.GlobalAveragePooling2D("channels_first", keepdims=True))
    yield tied(case("global_max_pooling2d_ties", (3, 3, 2), lambda l: l.GlobalMaxPooling2D()))


def adaptive_poolings():
    for rank, size in ((1, 3), (2, (3, 4)), (3, (2, 3, 2))):
        for kind in ("Average", "Max"):
            name, of = f"adaptive_{kind.lower()}_pooling{rank}d", f"Adaptive{kind}Pooling{rank}D"
            yield from both(name, rank, dict(output_size=size), of)
    yield case("adaptive_average_pooling1d_more", (3, 2), lambda l: l.AdaptiveAveragePooling1D(5))
    yield case("adaptive_max_pooling2d_more", (3, 3, 2), lambda l: l.AdaptiveMaxPooling2D((5, 2)))
    yield tied(case("adaptive_max_pooling2d_ties", (5, 4, 2), lambda l: l.AdaptiveMaxPooling2D((2, 3))))


def borders():
    yield from both("zero_padding1d", 1, dict(padding=(1, 2)), "ZeroPadding1D")
    yield from both("zero_padding2d", 2, dict(padding=((1, 0), (2, 3))), "ZeroPadding2D", (3, 2, 2))
    yield case("zero_padding2d_symmetric", (3, 4, 2), lambda l: [l.ZeroPadding2D((1, 2)), l.Conv2D(2, 3)])
    yield from both("zero_padding3d", 3, dict(padding=((1, 0), (0, 1), (2, 1))), "ZeroPadding3D", (2, 1, 2, 2))
    yield case("cropping1d", (6, 2), lambda l: l.Cropping1D((1, 2)))
    yield from both("cropping2d", 2, dict(cropping=((1, 0), (2, 1))), "Cropping2D")
    yield case("cropping2d_symmetric", (5, 6, 2), lambda l: l.Cropping2D((1, 2)))
    yield from both("cropping3d", 3, dict(cropping=((1, 0), (0, 1), (2, 1))), "Cropping3D")


def enlarging():
    yield case("up_sampling1d", (3, 2), lambda l: l.UpSampling1D(3))
    yield case("up_sampling2d", (3, 2, 2), lambda l: l.UpSampling2D((2, 3)))
    yield first("up_sampling2d", (2, 2, 3), lambda l: l.UpSampling2D((3, 2), data_format="channels_first"))
    for method in ("bilinear", "bicubic", "lanczos3", "lanczos5"):
        yield case(f"up_sampling2d_{method}", (3, 4, 2), lambda l, by=method: l.UpSampling2D((3, 2), interpolation=by))
    yield case("up_sampling2d_bilinear_of_one", (1, 3, 2), lambda l: l.UpSampling2D((5, 1), interpolation="bilinear"))
    yield case("up_sampling2d_bicubic_by_5", (2, 3, 2), lambda l: l.UpSampling2D((1, 5), interpolation="bicubic"))
    yield case("up_sampling2d_lanczos5_wide", (2, 12, 1), lambda l: l.UpSampling2D((1, 2), interpolation="lanczos5"))
    yield dict(name="up_sampling2d_bilinear_channels_first", input=(2, 3, 4), optimizer=lambda o: o.SGD(0.02), layers=lambda l: [
        l.Dense(4), l.UpSampling2D(2, data_format="channels_first", interpolation="bilinear"), l.Flatten("channels_first"), l.Dense(2)])
    for made in both("up_sampling3d", 3, dict(size=(1, 3, 2)), "UpSampling3D", (2, 1, 3, 2)):
        yield made | dict(optimizer=lambda o: o.SGD(0.001))
    yield case("repeat_vector", (3,), lambda l: [l.RepeatVector(4), l.Dense(3, "tanh")])


def orders():
    yield case("permute", (3, 2), lambda l: [l.Permute((2, 1)), l.Dense(3)])
    yield case("permute_3", (3, 4, 2), lambda l: [l.Permute((3, 1, 2)), l.Dense(2)])
    yield case("flatten_channels_first", (2, 3, 4), lambda l: l.Flatten("channels_first"), channels=4)
    yield case("flatten_channels_first_5d", (2, 2, 3, 2), lambda l: l.Flatten("channels_first"))
    yield case("reshape_open_axes", (None, 2), lambda l: [l.Reshape((-1, 1, 2)), l.GlobalAveragePooling2D()],
               x=integers("reshape_open_axes", (12, 6, 2), -3, 4).astype("float32"))


def penalties():
    """The one kin of Dropout that is not random."""
    yield case("activity_regularization", (4,), lambda l: l.ActivityRegularization(0.01, 0.02), channels=3)
    yield case("activity_regularization_short_batch", (4,), lambda l: l.ActivityRegularization(l2=0.05), channels=3,
               n=13, batch_size=5)


def inference():
    """At inference, noise passes x on as it is; training it is random."""
    noise = lambda l: [l.GaussianNoise(0.5), l.GaussianDropout(0.5), l.AlphaDropout(0.5, noise_shape=(None, 1, 3)),
                       l.SpatialDropout1D(0.5), l.Reshape((5, 1, 3)), l.SpatialDropout2D(0.5)]
    yield case("noise_inference", (5, 3), noise, channels=3, steps=0)


def cases():
    for made in (poolings, global_poolings, adaptive_poolings, borders, enlarging, orders, penalties, inference):
        yield from made()
