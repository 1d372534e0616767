"""Writes weights.json: what real Keras makes of initializers, regularizers and constraints.

Run with keras 3, tf_keras and tensorflow installed:
    KERAS_BACKEND=tensorflow python make_weights.py
"""

import json
import pathlib

import keras
import numpy as np
import tensorflow as tf
import tf_keras

HERE = pathlib.Path(__file__).parent
rng = np.random.default_rng(7)


def array(*shape):
    return np.round(rng.normal(size=shape), 3).astype("float32")


def tensor(x):
    x = np.asarray(x)
    return {"shape": list(x.shape), "data": [float(v) for v in x.ravel()]}


def serialized(obj):
    return keras.saving.serialize_keras_object(obj)


def regularizers():
    R = keras.regularizers
    w2, w4 = array(4, 5), array(2, 3, 2, 3)
    w2[1, 2] = 0.0
    cases = [
        (R.L1(0.3), w2),
        (R.L2(0.7), w2),
        (R.L1L2(0.3, 0.7), w4),
        (R.L1L2(), w2),
        (R.get("l1"), w4),
        (R.get("l2"), w4),
        (R.OrthogonalRegularizer(0.9, "rows"), w2),
        (R.OrthogonalRegularizer(0.9, "columns"), w2),
    ]
    for regularizer, w in cases:
        v = tf.Variable(w)
        with tf.GradientTape() as tape:
            loss = tf.convert_to_tensor(regularizer(v))
        gradient = tape.gradient(loss, v)
        yield {
            "json": serialized(regularizer),
            "w": tensor(w),
            "loss": float(loss),
            "gradient": tensor(np.zeros_like(w) if gradient is None else gradient),
        }


def constraints():
    C = keras.constraints
    w2, w4 = array(3, 4) * 2, array(2, 3, 2, 3)
    w2[:, 1] = 0.0
    cases = [(C.NonNeg(), w2), (C.MaxNorm(), w2), (C.UnitNorm(), w2), (C.MinMaxNorm(), w2)]
    for axis in (0, 1, -1, [0, 1], None):
        cases += [
            (C.MaxNorm(1.5, axis), w2),
            (C.UnitNorm(axis), w2),
            (C.MinMaxNorm(1.0, 2.0, 0.25, axis), w2),
            (C.MinMaxNorm(5.0, 6.0, 1.0, axis), w2),
        ]
    for axis in ([0, 1, 2], [-1], [1, 3]):
        cases += [
            (C.MaxNorm(1.5, axis), w4),
            (C.UnitNorm(axis), w4),
            (C.MinMaxNorm(0.5, 1.0, 0.5, axis), w4),
        ]
    for constraint, w in cases:
        yield {"json": serialized(constraint), "w": tensor(w), "y": tensor(constraint(w))}


def draws():
    I = keras.initializers
    cases = [
        (I.RandomNormal(0.5, 0.3), [400, 500]),
        (I.RandomUniform(-1.0, 3.0), [400, 500]),
        (I.TruncatedNormal(0.5, 0.3), [400, 500]),
        (I.VarianceScaling(3.0, "fan_out", "untruncated_normal"), [400, 500]),
        (I.VarianceScaling(3.0, "fan_avg", "uniform"), [200000]),
    ]
    for name in ("Glorot", "He", "Lecun"):
        for kind in ("Normal", "Uniform"):
            for shape in ([200, 1000], [5, 4, 40, 250]):
                cases.append((getattr(I, name + kind)(), shape))
    for initializer, shape in cases:
        # The mean of four draws, so that chance moves the moments little.
        x = np.stack([np.asarray(initializer(shape), "float64") for _ in range(4)])
        yield {
            "json": serialized(initializer),
            "shape": shape,
            "mean": x.mean(),
            "stddev": x.std(),
            "min": x.min(),
            "max": x.max(),
        }


def fixed():
    I = keras.initializers
    for initializer, shape in [
        (I.Zeros(), [2, 3]),
        (I.Ones(), [2]),
        (I.Constant(0.1), [2, 1]),
        (I.Identity(), [2, 3]),
        (I.Identity(), [3, 2]),
    ]:
        yield {"json": serialized(initializer), "y": tensor(initializer(shape))}


def classes(I, R, C):
    names = "Glorot He Lecun".split()
    scaled = [getattr(I, n + k) for n in names for k in ("Normal", "Uniform")]
    return {
        "initializers": [
            I.Zeros(),
            I.Ones(),
            I.Constant(0.1),
            I.RandomNormal(),
            I.RandomNormal(1.0, 2.0, seed=3),
            I.RandomUniform(),
            I.RandomUniform(0.25, 0.5, seed=3),
            I.TruncatedNormal(),
            I.VarianceScaling(),
            I.VarianceScaling(2.5, "fan_avg", "normal"),
            I.VarianceScaling(2.5, "fan_out", "untruncated_normal", seed=3),
            I.Orthogonal(),
            I.Orthogonal(0.5, seed=3),
            I.Identity(),
            *[c() for c in scaled],
            *[c(seed=3) for c in scaled],
        ],
        "regularizers": [
            R.L1(),
            R.L2(1e-4),
            R.L1L2(),
            R.L1L2(0.1, 0.2),
            R.OrthogonalRegularizer(),
            R.OrthogonalRegularizer(0.5, "columns"),
        ],
        "constraints": [
            C.MaxNorm(),
            C.MaxNorm(3.5, [0, 1, 2]),
            C.MaxNorm(axis=None),
            C.NonNeg(),
            C.UnitNorm(),
            C.UnitNorm(-1),
            C.MinMaxNorm(),
            C.MinMaxNorm(0.5, 1.5, 0.25, [0, 1]),
        ],
    }


def texts():
    """The same objects as Keras 3, Keras 2, and Keras 2 in .h5 files write them."""
    three = classes(keras.initializers, keras.regularizers, keras.constraints)
    two = classes(tf_keras.initializers, tf_keras.regularizers, tf_keras.constraints)
    for family in three:
        module = getattr(tf_keras, family)
        for a, b in zip(three[family], two[family]):
            yield {
                "family": family,
                "keras3": serialized(a),
                "keras2": module.serialize(b),
                "h5": module.serialize(b, use_legacy_format=True),
            }
    seed = keras.random.SeedGenerator(3)
    generator = keras.initializers.HeNormal(seed=seed)
    yield {"family": "initializers", "keras3": serialized(generator)}
    zero_d = keras.initializers.Constant(tf.constant(0.25))
    yield {"family": "initializers", "keras3": serialized(zero_d)}


def names():
    """Which names Keras knows, and the class that each means."""
    families = {
        "initializers": "zeros Zeros zero ones one constant Constant random_normal RandomNormal "
        "normal random_uniform uniform truncated_normal variance_scaling VarianceScaling "
        "glorot_uniform GlorotUniform glorot_normal he_normal HeUniform he_uniform lecun_normal "
        "LecunUniform orthogonal Orthogonal OrthogonalInitializer identity Identity "
        "IdentityInitializer GlorotUniformV2 ZerosV2",
        "regularizers": "l1 l2 L1 L2 L1L2 l1l2 l1_l2 OrthogonalRegularizer orthogonal_regularizer",
        "constraints": "max_norm MaxNorm maxnorm non_neg NonNeg nonneg unit_norm UnitNorm "
        "unitnorm min_max_norm MinMaxNorm",
    }
    for family, known in families.items():
        for name in known.split():
            for library in (keras, tf_keras):
                try:
                    found = getattr(library, family).get(name)
                    config = found.get_config()
                except (AttributeError, KeyError, TypeError, ValueError):
                    continue
                yield {
                    "family": family,
                    "name": name,
                    "class_name": type(found).__name__,
                    "config": config,
                }
                break


if __name__ == "__main__":
    keras.utils.set_random_seed(7)
    parts = [regularizers, constraints, draws, fixed, texts, names]
    lines = []
    for part in parts:
        cases = ",\n  ".join(json.dumps(case) for case in part())
        lines.append(f' "{part.__name__}": [\n  {cases}\n ]')
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (HERE / "weights.json").write_text(text)
