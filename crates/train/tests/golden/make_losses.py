"""Writes losses.json: value and gradient of every loss of real Keras 3, with its options, for ordinary and extreme numbers.

    KERAS_BACKEND=tensorflow python make_losses.py

Written by Keras 3.15.1 and TensorFlow 2.21.0, in float32 on one CPU.
"""

import json
import os
import pathlib
import zlib

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", TF_ENABLE_ONEDNN_OPTS="0")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

L = keras.losses
REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight"]


def rng(name):
    return np.random.default_rng(zlib.crc32(name.encode()))


def real(name, *shape):
    return rng(name).standard_normal(shape).round(3)


def positive(name, *shape):
    return (np.abs(real(name, *shape)) + 0.05).round(3)


def between(name, *shape):
    return rng(name).uniform(0.05, 0.95, shape).round(3)


def zeros_and_ones(name, *shape):
    return rng(name).integers(0, 2, shape)


def one_hot(name, *shape):
    return np.eye(shape[-1])[rng(name).integers(0, shape[-1], shape[:-1])]


def distribution(name, *shape):
    x = positive(name, *shape)
    return x / x.sum(-1, keepdims=True)


def classes(name, n, *shape):
    return rng(name).integers(0, n, shape)


def unit(name, *shape):
    x = real(name, *shape)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


# The extremes are where formulas clip, kink or overflow. Labels that Keras answers with NaN are left out.
HUGE = [[-1e4, 1e4, 1e8, -1e8, 0, 1e-8, -1e-8, 3.25]]
LOGITS = [[200, -200, 30], [-1e4, 1e4, 0], [1e-3, -1e-3, 0]]
SATURATED = [[0, 1, 0.5], [1, 0, 1e-8], [1e-7, 0.9999999, 0.3]]


def pairs():
    """Each loss with labels and predictions."""
    for loss in (L.MeanSquaredError(), L.MeanAbsoluteError(), L.LogCosh(), L.Huber(), L.Huber(delta=0.3)):
        yield loss, real("t", 4, 3), real("p", 4, 3)
        yield loss, [[0] * 8], HUGE
        yield loss, [[0, 0, 1, 2]], [[1, -1, 1, 1.7]]
        yield loss, real("t", 2, 3, 2), real("p", 2, 3, 2)
        yield loss, real("t", 2, 19), real("p", 2, 19)
    for loss in (L.MeanAbsolutePercentageError(), L.MeanSquaredLogarithmicError()):
        yield loss, positive("t", 4, 3), positive("p", 4, 3)
        yield loss, real("t", 4, 3), real("p", 4, 3)
        yield loss, [[0, 0, 1, 2, -1, 1e-8]], [[1, 0, 1, 1e5, -3, 2]]
    for loss in (L.KLDivergence(), L.Poisson()):
        yield loss, distribution("t", 4, 3), distribution("p", 4, 3)
        yield loss, [[0, 1, 0.5, 0.5, 2]], [[1, 0, 1e-7, 3, 0.1]]
    yield L.Poisson(), [[0, 3, 100]], [[0, 1e5, 1e-5]]
    for axis in (-1, 1, -2):
        yield L.CosineSimilarity(axis=axis), real("t", 3, 4, 2), real("p", 3, 4, 2)
    yield L.CosineSimilarity(), real("t", 4, 3), real("p", 4, 3)
    yield L.CosineSimilarity(), [[1, 2], [0, 0], [1, 2], [1, 2], [1e-9, 0]], [[0, 0], [1, 2], [1e-9, 2e-9], [1e8, -1e8], [1, 1]]

    for logits in (False, True):
        p = real if logits else between
        extreme = LOGITS if logits else SATURATED
        for smoothing in (0, 0.25):
            both = dict(from_logits=logits, label_smoothing=smoothing)
            for loss in (
                L.BinaryCrossentropy(**both), L.BinaryFocalCrossentropy(**both), L.BinaryFocalCrossentropy(gamma=1, **both),
                L.BinaryFocalCrossentropy(gamma=3.5, apply_class_balancing=True, alpha=0.7, **both),
            ):
                yield loss, zeros_and_ones("t", 4, 3), p("p", 4, 3)
                yield loss, between("t", 4, 3), p("p", 4, 3)
                yield loss, [[0, 1, 1], [1, 0, 0], [0, 1, 0]], extreme
            for loss in (
                L.CategoricalCrossentropy(**both), L.CategoricalFocalCrossentropy(**both),
                L.CategoricalFocalCrossentropy(gamma=0.5, alpha=[0.2, 0.5, 0.9], **both),
            ):
                yield loss, one_hot("t", 4, 3), p("p", 4, 3)
                yield loss, distribution("t", 4, 3), p("p", 4, 3)
                yield loss, [[0, 1, 0], [1, 0, 0], [0, 0, 1]], extreme
        yield L.BinaryFocalCrossentropy(gamma=0, from_logits=logits), zeros_and_ones("t", 4, 3), p("p", 4, 3)
        yield L.BinaryCrossentropy(from_logits=logits, axis=1), zeros_and_ones("t", 2, 3, 4), p("p", 2, 3, 4)
        yield L.BinaryFocalCrossentropy(from_logits=logits, axis=1), zeros_and_ones("t", 2, 3, 4), p("p", 2, 3, 4)
        yield L.CategoricalCrossentropy(from_logits=logits, axis=1), one_hot("t", 2, 4, 3).transpose(0, 2, 1), p("p", 2, 3, 4)
        yield L.CategoricalFocalCrossentropy(from_logits=logits, axis=1), one_hot("t", 2, 4, 3).transpose(0, 2, 1), p("p", 2, 3, 4)
        yield L.SparseCategoricalCrossentropy(from_logits=logits), classes("t", 3, 4), p("p", 4, 3)
        yield L.SparseCategoricalCrossentropy(from_logits=logits), [0, 1, 2], extreme
        yield L.SparseCategoricalCrossentropy(from_logits=logits), classes("t", 3, 2, 4), p("p", 2, 4, 3)
        for ignored in (-1, 255, 1):
            loss = L.SparseCategoricalCrossentropy(from_logits=logits, ignore_class=ignored)
            yield loss, [0, ignored, 2, 1], p("p", 4, 3)
            yield loss, [[0, ignored], [2, 1]], p("p", 2, 2, 3)
            yield loss, [ignored, ignored], p("p", 2, 3)
    yield L.CategoricalGeneralizedCrossEntropy(), classes("t", 3, 4), between("p", 4, 3)
    yield L.CategoricalGeneralizedCrossEntropy(q=0.9), classes("t", 3, 4), between("p", 4, 3)

    for loss in (L.Hinge(), L.SquaredHinge()):
        yield loss, zeros_and_ones("t", 4, 3), real("p", 4, 3)
        yield loss, 2 * zeros_and_ones("t", 4, 3) - 1, real("p", 4, 3)
        # All of the batch are ones, one row is and one is not, kinks.
        yield loss, [[1, 1], [1, 1]], [[0.3, -2], [5, 0]]
        yield loss, [[1, 0], [1, -1]], [[0.3, -2], [5, 0]]
        yield loss, [[-1, 1, 1, 0.5]], [[-1, 1, -1e4, 2]]
        yield loss, zeros_and_ones("t", 2, 3, 2), real("p", 2, 3, 2)
    yield L.CategoricalHinge(), one_hot("t", 4, 3), real("p", 4, 3)
    yield L.CategoricalHinge(), [[0, 1, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]], [[0.5, 0.5, 0.5], [1, 3, 2], [0, 0, 0], [1, 1e4, 3]]

    for axis in (None, -1, 1, [1, 2], [-1, 1], 0, [0, 1]):
        for loss in (L.Dice(axis=axis), L.Tversky(axis=axis), L.Tversky(alpha=0.3, beta=0.9, axis=axis)):
            yield loss, zeros_and_ones("t", 2, 3, 4), between("p", 2, 3, 4)
    yield L.Dice(), [[0, 0], [0, 0]], [[0, 0], [0, 0]]
    yield L.Tversky(), [[0, 0], [1, 0]], [[0, 1], [0, 0]]
    for loss in (L.Circle(), L.Circle(gamma=2, margin=0.25), L.Circle(gamma=5, remove_diagonal=False)):
        yield loss, [0, 0, 1, 1, 2, 0], unit("p", 6, 3)
        yield loss, [[0], [0], [0]], unit("p", 3, 3)
    yield L.Circle(gamma=3), [0, 1, 0], [[1, 0], [0, 1], [1.5, 0]]


def weights_of(loss, t, values):
    """One weight a sample, where Keras can spread it over the losses."""
    return positive("weights", len(t)) if values.ndim == 1 and len(values) == len(t) or values.ndim == 0 else \
        positive("weights", *values.shape) if values.shape[0] == len(t) else None


def computed(loss, t, p, weights):
    t, p = np.asarray(t, "float32"), tf.Variable(np.asarray(p, "float32"))
    with tf.GradientTape() as tape:
        value = loss(t, p, sample_weight=weights)
    return np.asarray(value), np.asarray(tape.gradient(value, p))


def number(x):
    x = np.float32(x)
    short = float(str(x))
    return int(short) if short.is_integer() and abs(short) < 1e6 else short


def array(x):
    x = np.asarray(x, "float32")
    return {"shape": list(x.shape), "data": [number(v) for v in x.ravel()]}


def config_of(loss):
    config = keras.losses.serialize(loss)
    # Keras leaves these out of its files, but reads them.
    for key in ("delta", "axis"):
        if key in loss._fn_kwargs and not isinstance(loss, L.SparseCategoricalCrossentropy):
            config["config"][key] = loss._fn_kwargs[key]
    return {"class_name": config["class_name"], "config": config["config"]}


def case(loss, t, p, weights):
    value, gradient = computed(loss, t, p, weights)
    what = (loss.name, t, p, value, gradient)
    assert value.shape == () and np.isfinite(value) and np.isfinite(gradient).all(), what
    found = {"loss": config_of(loss), "y_true": array(t), "y_pred": array(p)}
    if weights is not None:
        found["sample_weight"] = array(weights)
    return found | {"value": number(value), "gradient": array(gradient)}


def main():
    cases, seen = [], set()
    for loss, t, p in pairs():
        values = np.asarray(loss.call(tf.constant(t, "float32"), tf.constant(p, "float32")))
        weights = weights_of(loss, t, values)
        cases.append(case(loss, t, p, None))
        setting = json.dumps(config_of(loss))
        if setting not in seen and weights is not None:
            cases.append(case(loss, t, p, weights))
        # Where a reduction has something to do: rows, one row, rows that do not count, samples compared.
        if isinstance(loss, (L.MeanSquaredError, L.Dice, L.Circle)) or loss._fn_kwargs.get("ignore_class") is not None:
            for loss.reduction in REDUCTIONS[1:]:
                cases.append(case(loss, t, p, None))
                if weights is not None:
                    cases.append(case(loss, t, p, weights))
        loss.reduction = REDUCTIONS[0]
        seen.add(setting)
    path = pathlib.Path(__file__).parent / "losses.json"
    lines = [json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(len(cases), "cases,", path.stat().st_size, "bytes")


main()
