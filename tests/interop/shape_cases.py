"""Models for converted_everywhere.py: layers that pool, pad, crop, enlarge, permute and make noise."""

PLACES = {1: (9,), 2: (9, 8), 3: (5, 6, 7)}


def shapes(rank, first):
    return (2, *PLACES[rank]) if first else (*PLACES[rank], 2)


def cases(keras):
    """Name, shape of a sample, and the layers of a model."""
    layers, is3 = keras.layers, keras.__version__ >= "3"
    last = {"data_format": "channels_last"}
    for rank in (1, 2, 3):
        for kind in ("Max", "Average"):
            pool = getattr(layers, f"{kind}Pooling{rank}D")
            for padding in ("valid", "same"):
                for strides in (None, 1, 2, 3):
                    options = {"pool_size": 3, "strides": strides, "padding": padding}
                    yield f"{kind}{rank}_{padding}_{strides}", shapes(rank, False), [pool(**options)]
            uneven = {1: 2, 2: (2, 3), 3: (1, 2, 3)}[rank]
            yield f"{kind}{rank}_uneven", shapes(rank, False), [pool(uneven)]
            if rank == 2 or is3:
                # tf_keras computes none of them on a CPU.
                yield f"{kind}{rank}_explicit", shapes(rank, False), [pool(2, **last)]
            total = getattr(layers, f"Global{kind}Pooling{rank}D")
            yield f"global_{kind}{rank}", shapes(rank, False), [total()]
            yield f"global_{kind}{rank}_keepdims", shapes(rank, False), [total(keepdims=True)]
            yield f"global_{kind}{rank}_first", shapes(rank, True), [total(data_format="channels_first")]
            if is3:
                adaptive = getattr(layers, f"Adaptive{kind}Pooling{rank}D")
                yield f"adaptive_{kind}{rank}", shapes(rank, False), [adaptive(4)]
                yield f"adaptive_{kind}{rank}_first", shapes(rank, True), [adaptive(4, data_format="channels_first")]
        yield from borders(layers, rank, is3)
    yield from enlarging(layers, is3)
    yield "permute", (4, 3), [layers.Permute((2, 1))]
    yield "permute_3", (4, 3, 2), [layers.Permute((3, 1, 2)), layers.Dense(3)]
    yield "permute_open", (None, None, 2), [layers.Permute((2, 1, 3))]
    yield "repeat_vector", (3,), [layers.RepeatVector(4)]
    yield "noise", (5,), [layers.GaussianNoise(0.3, seed=1), layers.GaussianDropout(0.2), layers.AlphaDropout(0.1, seed=2)]
    yield "noise_sequence", (4, 3), [layers.SpatialDropout1D(0.3), layers.GaussianNoise(0.1)]
    yield "alpha_noise_shape", (4, 3), [layers.AlphaDropout(0.3, noise_shape=(None, 1, 3))]
    yield "spatial_2", (4, 3, 2), [layers.SpatialDropout2D(0.3)]
    yield "spatial_2_first", (2, 4, 3), [layers.SpatialDropout2D(0.3, data_format="channels_first")]
    yield "spatial_3", (4, 3, 3, 2), [layers.SpatialDropout3D(0.3)]
    yield "spatial_seed", (4, 3), [layers.SpatialDropout1D(0.3, seed=5) if is3 else layers.SpatialDropout1D(0.3)]
    yield "activity_regularization", (5,), [layers.ActivityRegularization(0.1, 0.2)]
    for name, shape in (("open_1", (None, 2)), ("open_2", (None, None, 2))):
        rank = len(shape) - 1
        made = [getattr(layers, f"ZeroPadding{rank}D")(2), getattr(layers, f"AveragePooling{rank}D")(2),
                getattr(layers, f"UpSampling{rank}D")(2), getattr(layers, f"GlobalMaxPooling{rank}D")()]
        yield name, shape, made


def borders(layers, rank, is3):
    """Padding and cropping."""
    pad, crop = getattr(layers, f"ZeroPadding{rank}D"), getattr(layers, f"Cropping{rank}D")
    pairs = {1: (1, 2), 2: ((0, 1), (2, 1)), 3: ((1, 0), (0, 2), (1, 1))}[rank]
    yield f"pad{rank}", shapes(rank, False), [pad()]
    yield f"pad{rank}_pairs", shapes(rank, False), [pad(pairs)]
    yield f"crop{rank}", shapes(rank, False), [crop(1)]
    yield f"crop{rank}_pairs", shapes(rank, False), [crop(pairs)]
    if rank > 1:
        yield f"pad{rank}_sides", shapes(rank, False), [pad(tuple(range(1, rank + 1)))]
        yield f"crop{rank}_default", shapes(rank, False), [crop()]
        yield f"crop{rank}_first", shapes(rank, True), [crop(pairs, data_format="channels_first")]
    if rank > 1 or is3:
        yield f"pad{rank}_first", shapes(rank, True), [pad(pairs, data_format="channels_first")]


def enlarging(layers, is3):
    yield "up1", (4, 2), [layers.UpSampling1D(3)]
    methods = "nearest bilinear bicubic lanczos3 lanczos5 area".split()
    for method in methods:
        for size in (2, (3, 1)):
            yield f"up2_{method}_{size}", (5, 4, 2), [layers.UpSampling2D(size, interpolation=method)]
        yield f"up2_{method}_first", (2, 5, 4), [layers.UpSampling2D((1, 3), "channels_first", interpolation=method)]
    yield "up3", (2, 3, 4, 2), [layers.UpSampling3D((1, 2, 3))]
    yield "up3_first", (2, 2, 3, 4), [layers.UpSampling3D(2, data_format="channels_first")]
