"""Image layers with what they draw: the same numbers are given to Keras and to the layer here."""

from golden import np, tf


def constant(values):
    return tf.constant(np.asarray(values, "float32"))


def solarization(l):
    for options, (addition, threshold) in [(dict(), (40.0, 120.0)), (dict(value_range=(0, 1)), (10.0, 200.0))]:
        shape, scale = (1, 3, 4, 2), 1 / 255 if options else 1
        change = {"additions": constant([[[[addition]]]]), "thresholds": constant([[[[threshold]]]])}
        yield dict(layer=l.Solarization(0.5, 0.5, **options), shape=shape, scale=scale, change=change, draw=[addition, threshold])


def gaussian_blur(l):
    for size, sigma in [((5, 5), (0.6, 1.3)), ((3, 5), (0.9, 0.4))]:
        change = {"should_apply_blur": tf.constant([True]), "blur_factor": constant(sigma)}
        yield dict(layer=l.RandomGaussianBlur(kernel_size=size), shape=(1, 5, 6, 2), change=change, draw=sigma)


def erasing(l):
    corners = [(0.5, 3.2, 1.0, 4.5), (2.0, 2.9, 0.0, 6.0), (1.2, 2.9, 1.0, 3.0)]
    for patch, fill, options in zip(corners, [None, 90.0, [10.0, 300.0, 200.0]], [dict(), dict(), dict(value_range=(0, 250))]):
        layer, shape = l.RandomErasing(fill_value=fill, **options), (1, 6, 5, 3)
        mask = layer._generate_batch_mask(shape, [constant([bound]) for bound in patch])
        value = np.asarray(layer._get_fill_value(tf.zeros(shape), shape, 7))
        change = {"apply_erasing": tf.constant([True]), "batch_masks": mask, "fill_value": tf.constant(value)}
        yield dict(layer=layer, shape=shape, change=change, draw={"patch": patch, "fill": value.ravel().tolist()})


def perspective(l):
    factors = [[[0.3, 0.2], [-0.2, 0.4], [0.1, -0.3], [-0.25, 0.1]], [[0.0, 0.0], [0.3, -0.4], [0.4, 0.3], [0.2, 0.45]]]
    for factor, options in zip(factors * 2, [dict(), dict(interpolation="nearest", fill_value=9.0), dict(fill_value=50.0), dict()]):
        height, width = 6, 5
        start = np.array([[0.0, 0.0], [width - 1, 0.0], [0.0, height - 1], [width - 1, height - 1]], "float32")
        end = start + start * np.array(factor, "float32")
        change = {"apply_perspective": tf.constant([True]), "start_points": constant([start]), "end_points": constant([end])}
        yield dict(layer=l.RandomPerspective(**options), shape=(1, height, width, 2), change=change, draw=end.tolist())


def elastic(l):
    import jax
    from keras.src.backend.jax.image import elastic_transform

    # On JAX: TensorFlow's reflection is another one on the left and above than on the right and below.
    for i, (mode, interpolation) in enumerate([("reflect", "bilinear"), ("wrap", "bilinear"), ("constant", "bilinear"),
                                               ("nearest", "bilinear"), ("reflect", "nearest"), ("constant", "nearest")]):
        layer = l.RandomElasticTransform(fill_mode=mode, interpolation=interpolation, fill_value=30.0, value_range=(20, 230))
        shape, strength = (1, 12, 9, 2) if i % 2 else (1, 24, 21, 1), 0.7 if i % 2 else 1.0
        noise = np.random.default_rng(i).standard_normal((2, 1, *shape[1:3])).round(2).astype("float32")
        alpha, sigma = layer.get_elastic_transform_params(*shape[1:3], strength)

        def transform(x, layer=layer, noise=noise, alpha=alpha, sigma=sigma):
            real, left = jax.random.normal, list(noise)
            jax.random.normal = lambda seed, shape, dtype: jax.numpy.asarray(left.pop(0))
            try:
                y = elastic_transform(x, alpha, sigma, layer.interpolation, layer.fill_mode, layer.fill_value, 1, "channels_last")
            finally:
                jax.random.normal = real
            return np.clip(np.asarray(y), *layer.value_range)

        draw = {"scale": strength, "right": noise[0].ravel().tolist(), "down": noise[1].ravel().tolist()}
        yield dict(layer=layer, shape=shape, transform=transform, draw=draw)


def rand_augment(l):
    # Of the changes those that a range of one number leaves nothing of to chance: all but shear, contrast, solarization.
    for order in [[1, 2], [3, 4], [6, 7], [9, 10], [10, 6], [2, 2], [4, 9, 1]]:
        layer = l.RandAugment(num_ops=len(order), factor=(0.3, 0.3), seed=1)
        x = np.zeros((1, 6, 5, 3), "float32")
        change = {**layer.get_random_transformation(x), "layer_idxes": tf.constant(order)}
        yield dict(layer=layer, shape=x.shape, change=change, draw=order)


def aug_mix(l):
    for chains in [[[1, 9], [3], []], [[2, 4, 6], [10, 7]]]:
        layer = l.AugMix(num_chains=len(chains), factor=(0.3, 0.3), seed=1)
        x, names = np.zeros((1, 6, 5, 3), "float32"), l.RandAugment._AUGMENT_LAYERS
        steps = [[{"layer_name": names[i], "transformation": getattr(layer, names[i]).get_random_transformation(x)} for i in chain]
                 for chain in chains]
        weights = [0.2, 0.5, 0.3] if len(chains) == 3 else [0.6, 0.4]
        change = {"chain_mixing_weights": constant(weights), "weight_sample": constant(0.35), "chain_transforms": steps}
        yield dict(layer=layer, shape=x.shape, change=change, draw={"own": 0.35, "weights": weights, "chains": chains})


def mix_up(l):
    weights, order = [0.2, 0.7, 1.0], [2, 0, 1]
    change = {"mix_weight": constant(weights), "permutation_order": tf.constant(order)}
    yield dict(layer=l.MixUp(), shape=(3, 2, 3, 2), change=change, draw={"weights": weights, "order": order})


def cut_mix(l):
    layer, shape, order = l.CutMix(), (3, 5, 4, 2), [1, 2, 0]
    patches = [(0.5, 3.2, 1.0, 4.5), (2.0, 2.9, 0.0, 5.0), (3.5, 3.6, 1.0, 2.0)]
    masks, _ = layer._generate_batch_mask(shape, [constant(bounds) for bounds in zip(*patches)])
    change = {"batch_masks": masks, "permutation_order": tf.constant(order)}
    yield dict(layer=layer, shape=shape, change=change, draw={"patches": patches, "order": order})


CLASSES = [solarization, gaussian_blur, erasing, perspective, elastic, rand_augment, aug_mix, mix_up, cut_mix]


def cases(layers):
    for make in CLASSES:
        yield make.__name__, list(make(layers))
