"""Losses: on logits, on probabilities, on saturated ones, smoothed and weighted."""

from golden import integers, keras, normal, np, one_hot

losses = keras.losses


def labels(name, n=12, classes=3):
    return integers(name + "/labels", (n,), 0, classes - 1)


def case(name, loss, y, layers, **more):
    return dict(name=f"loss_{name}", input=(4,), loss=loss, y=y, layers=layers, metrics=more.pop("metrics", ["accuracy"]), **more)


def tail(units, activation):
    return lambda l: [l.Dense(5, "tanh"), l.Dense(units, activation)]


IMAGE = dict(input=(4, 4, 1))


def image_tail(activation):
    """One output a position: images of 3x3 pixels and 2 channels."""
    return lambda l: [l.Conv2D(2, 2, activation=activation)]


def regression():
    weights = np.abs(normal("sample_weight", (12,))) + np.float32(0.1)
    for loss in ("mse", "mae"):
        y = normal(loss + "/y", (12, 2))
        yield case(loss, loss, y, tail(2, None), metrics=["mse", "mae"])
        yield case(f"{loss}_sample_weight", loss, y, tail(2, None), metrics=["mse", "mae"], sample_weight=weights)
        y = normal(loss + "/y4", (12, 3, 3, 2))
        yield case(f"{loss}_rank_4", loss, y, image_tail(None), metrics=["mae"]) | IMAGE
        # One weight a position: Keras cannot spread one weight a sample over losses of rank 3.
        spread = np.abs(normal("position_weight", (12, 3, 3)))
        yield case(f"{loss}_rank_4_sample_weight", loss, y, image_tail(None), metrics=["mae"], sample_weight=spread) | IMAGE


def binary():
    bce = "binary_crossentropy"
    one, three = labels("binary", classes=2)[:, None], integers("binary3", (12, 3), 0, 1)
    weights = np.abs(normal("binary/sample_weight", (12,))) + np.float32(0.1)
    yield case(f"{bce}_sigmoid", bce, one, tail(1, "sigmoid"))
    yield case(f"{bce}_sigmoid_3_outputs", bce, three, tail(3, "sigmoid"))
    yield case(f"{bce}_sigmoid_activation_layer", bce, one, lambda l: [l.Dense(5, "tanh"), l.Dense(1), l.Activation("sigmoid")])
    yield case(f"{bce}_sigmoid_extreme", bce, one, lambda l: [l.Dense(1, "sigmoid")], x_scale=150, optimizer=lambda o: o.SGD(0.0005))
    yield case(f"{bce}_sample_weight", bce, three, tail(3, "sigmoid"), sample_weight=weights)
    yield case(f"{bce}_label_smoothing", losses.BinaryCrossentropy(label_smoothing=0.1), three, tail(3, "sigmoid"))
    yield case(f"{bce}_from_logits", losses.BinaryCrossentropy(from_logits=True), three, tail(3, None))
    yield case(f"{bce}_from_logits_smoothing", losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1), three, tail(3, None))
    # No logits to be had: probabilities are clipped to [1e-7, 1 - 1e-7], and where the clip holds no gradient passes.
    yield case(f"{bce}_hard_sigmoid", bce, three, tail(3, "hard_sigmoid"), scale=2.5)
    yield case(f"{bce}_hard_sigmoid_smoothing", losses.BinaryCrossentropy(label_smoothing=0.1), three, tail(3, "hard_sigmoid"), scale=2.5)
    yield case(f"{bce}_relu6", bce, three, tail(3, "relu6"), scale=2.5)
    # Keras remembers the logits but not what made probabilities of them: it takes a sigmoid of the softmax's logits.
    yield case(f"{bce}_softmax", bce, three, tail(3, "softmax"))


def categorical():
    cce, n3 = "categorical_crossentropy", 3
    y = one_hot(labels("categorical"), n3)
    soft = np.abs(normal("soft", (12, 3))) + np.float32(0.1)
    soft = (soft / soft.sum(-1, keepdims=True)).round(3)
    # TensorFlow's gradient takes for granted that the labels of a sample sum to 1.
    soft[:, -1] = (1 - soft[:, :-1].sum(-1)).round(3)
    yield from crossentropy(cce, y)
    yield case(f"{cce}_soft_labels", cce, soft, tail(3, "softmax"))
    yield case(f"{cce}_label_smoothing", losses.CategoricalCrossentropy(label_smoothing=0.1), y, tail(3, "softmax"))
    yield case(f"{cce}_label_smoothing_softplus", losses.CategoricalCrossentropy(label_smoothing=0.1), y, tail(3, "softplus"))
    yield case(f"{cce}_from_logits", losses.CategoricalCrossentropy(from_logits=True), y, tail(3, None))
    yield case(f"{cce}_from_logits_smoothing", losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1), y, tail(3, None))
    yield case(f"{cce}_from_logits_of_softmax", losses.CategoricalCrossentropy(from_logits=True), y, tail(3, "softmax"))
    image = one_hot(integers("image", (12, 3, 3), 0, 1), 2)
    yield case(f"{cce}_rank_4", cce, image, image_tail("softmax"), optimizer=lambda o: o.SGD(0.2)) | IMAGE


def sparse():
    scce, y = "sparse_categorical_crossentropy", labels("sparse")
    yield from crossentropy(scce, y)
    yield case(f"{scce}_column", scce, y[:, None], tail(3, "softmax"))
    yield case(f"{scce}_from_logits", losses.SparseCategoricalCrossentropy(from_logits=True), y, tail(3, None))
    image = integers("sparse image", (12, 3, 3), 0, 1)
    yield case(f"{scce}_rank_4", scce, image, image_tail("softmax"), optimizer=lambda o: o.SGD(0.2)) | IMAGE


def crossentropy(loss, y):
    """The tails that one-hot and whole-number labels share."""
    weights = np.abs(normal(loss + "/sample_weight", (12,))) + np.float32(0.1)
    yield case(f"{loss}_softmax", loss, y, tail(3, "softmax"))
    yield case(f"{loss}_softmax_activation_layer", loss, y, lambda l: [l.Dense(5, "tanh"), l.Dense(3), l.Activation("softmax")])
    yield case(f"{loss}_softmax_layer", loss, y, lambda l: [l.Dense(5, "tanh"), l.Dense(3), l.Softmax()])
    yield case(f"{loss}_softmax_extreme", loss, y, lambda l: [l.Dense(3, "softmax")], x_scale=100, optimizer=lambda o: o.SGD(0.0005))
    yield case(f"{loss}_sigmoid", loss, y, tail(3, "sigmoid"))
    yield case(f"{loss}_softplus", loss, y, tail(3, "softplus"))
    yield case(f"{loss}_hard_sigmoid", loss, y, tail(3, "hard_sigmoid"), scale=2.5)
    yield case(f"{loss}_sample_weight", loss, y, tail(3, "softmax"), sample_weight=weights)


def others():
    """The other losses, where the model closes as they want it."""
    y, positive = normal("others", (12, 2)), np.abs(normal("others+", (12, 2))) + np.float32(0.1)
    weights = np.abs(normal("others/sample_weight", (12,))) + np.float32(0.1)
    three, classes = integers("others3", (12, 3), 0, 1), labels("others")
    mae = dict(metrics=["mae"])
    yield case("huber", losses.Huber(), y, tail(2, None), **mae)
    yield case("log_cosh_sum", losses.LogCosh(reduction="sum"), y, tail(2, None), sample_weight=weights, optimizer=lambda o: o.SGD(0.005), **mae)
    yield case("cosine_similarity", losses.CosineSimilarity(), y, tail(2, None), **mae)
    yield case("mape", "mape", positive, tail(2, "softplus"), optimizer=lambda o: o.SGD(0.0005), **mae)
    yield case("msle", "msle", positive, tail(2, "softplus"), sample_weight=weights, **mae)
    yield case("poisson", "poisson", positive, tail(2, "softplus"), **mae)
    yield case("kl_divergence", "kl_divergence", one_hot(classes, 3), tail(3, "softmax"), **mae)
    yield case("hinge", "hinge", three, tail(3, None), **mae)
    yield case("squared_hinge_signs", "squared_hinge", 2 * three - 1, tail(3, None), **mae)
    yield case("categorical_hinge", "categorical_hinge", one_hot(classes, 3), tail(3, None), **mae)
    yield case("binary_focal_crossentropy", losses.BinaryFocalCrossentropy(apply_class_balancing=True), three, tail(3, "sigmoid"), **mae)
    yield case("categorical_focal_crossentropy", losses.CategoricalFocalCrossentropy(label_smoothing=0.1), one_hot(classes, 3), tail(3, "softmax"), **mae)
    yield case("mse_mean_with_sample_weight", losses.MeanSquaredError(reduction="mean_with_sample_weight"), y, tail(2, None), sample_weight=weights, **mae)
    ignored = np.where(np.arange(12) % 5 == 1, -1, classes).astype("float32")
    scce = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    yield case("sparse_categorical_crossentropy_ignore_class", scce, ignored, tail(3, "softmax"), metrics=[], sample_weight=weights)
    image = integers("others image", (12, 3, 3, 2), 0, 1)
    # Whole batches, samples, and the samples of each class.
    yield case("dice", losses.Dice(), image, image_tail("sigmoid"), optimizer=lambda o: o.SGD(0.5), **mae) | IMAGE
    yield case("dice_axis", losses.Dice(axis=[1, 2]), image, image_tail("sigmoid"), optimizer=lambda o: o.SGD(0.5), **mae) | IMAGE
    tversky = losses.Tversky(alpha=0.3, beta=0.7, axis=[0, 1, 2])
    yield case("tversky_batch_axis", tversky, image, image_tail("sigmoid"), optimizer=lambda o: o.SGD(0.5), **mae) | IMAGE
    yield case("circle", losses.Circle(gamma=4), classes, tail(3, "tanh"), metrics=[], sample_weight=weights)


def cases():
    for part in (regression, binary, categorical, sparse, others):
        yield from part()
