"""Asks Keras 3 for every activation and its gradient, and writes activations.json.

Run it with Keras 3, TensorFlow and tf_keras installed:

    python tests/golden/make_activations.py

The answers are Keras' in float64, so that they are the function's values and not the rounding of
one float32 formula. Where float32 Keras differs from them by more than rounding, the script says
so; activations/tests/golden.rs repeats what it says.
"""

import json
import os
import pathlib

os.environ.update(
    KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES=".", TF_ENABLE_ONEDNN_OPTS="0"
)

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tf_keras  # noqa: E402

A = keras.activations

# Every knee of every function, both sides of them, and far out.
POINTS = [
    -1e4, -100, -20, -10, -6, -5, -3.5, -3, -2.5, -2, -1.5, -1, -0.75, -0.5, -0.25, -0.125, -1e-3, -1e-6, 0,
    1e-6, 1e-3, 0.125, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 5, 6, 10, 20, 100, 1e4,
]  # fmt: skip
AROUND_0 = [x for x in POINTS if x != 0]
MATRIX = [
    [-3, -2, -1, 0, 1, 2], [2, 4, 6, 1, 2, 3], [0, 0, 0, 0, 0, 0],
    [1e4, -1e4, 0, 9999, 1e4, 1], [-1e4, -1e4, -1e4, -10001, -1e4, -1e4], [0.5, -0.25, 100, 3, 99, -100],
]  # fmt: skip
CUBE = np.random.default_rng(1).normal(0, 2, (2, 4, 3)).round(2).tolist()
# Rows in which one number is above tau, some of them with others exactly at tau.
SPARSE = [[1, 2.5, -3], [1e4, 0, -1e4], [3, 2, 2], [-1, 0, -5]]

# Function, its arguments in Keras' order, and the inputs it is asked for.
CASES = [
    ("relu", [0.0, None, 0.0], POINTS), ("relu", [0.25, None, 0.0], POINTS), ("relu", [-0.5, None, 0.0], POINTS),
    ("relu", [0.0, 6.0, 0.0], POINTS), ("relu", [0.0, 2.5, 0.0], POINTS), ("relu", [0.1, 6.0, 0.0], POINTS),
    ("relu", [0.0, None, 0.5], POINTS), ("relu", [0.0, None, -1.0], POINTS), ("relu", [0.1, 1.5, 0.5], POINTS),
    ("relu", [0.1, 6.0, 0.5], POINTS), ("relu", [0.0, 2.0, 3.0], POINTS), ("relu", [0.1, 1.0, -1.0], POINTS),
    ("relu", [0.0, -1.0, 0.0], POINTS), ("relu", [0.0, 0.0, 0.0], POINTS), ("relu", [0.0, 6.0, -1.0], POINTS),
    ("relu", [-0.5, 1.0, 0.0], POINTS), ("relu", [0.1, None, -1.0], POINTS),
    ("leaky_relu", [0.2], POINTS), ("leaky_relu", [0.0], POINTS), ("leaky_relu", [-0.5], POINTS), ("leaky_relu", [2.0], POINTS),
    ("relu6", [], POINTS),
    ("celu", [1.0], AROUND_0), ("celu", [0.5], AROUND_0), ("celu", [3.0], AROUND_0),
    ("elu", [1.0], POINTS), ("elu", [0.3], POINTS), ("elu", [2.0], POINTS), ("elu", [0.0], POINTS),
    ("selu", [], POINTS), ("softplus", [], POINTS), ("softsign", [], POINTS),
    ("squareplus", [4.0], POINTS), ("squareplus", [0.5], POINTS),
    ("soft_shrink", [0.5], POINTS), ("soft_shrink", [2.0], POINTS), ("soft_shrink", [-1.0], POINTS),
    ("sparse_plus", [], POINTS), ("silu", [], POINTS), ("gelu", [False], POINTS), ("gelu", [True], POINTS),
    ("tanh", [], POINTS), ("tanh_shrink", [], POINTS),
    ("threshold", [0.5, -7.0], POINTS), ("threshold", [-1.0, 0.0], POINTS),
    ("sigmoid", [], POINTS), ("sparse_sigmoid", [], POINTS), ("exponential", [], POINTS),
    ("hard_sigmoid", [], POINTS), ("hard_sigmoid_keras2", [], POINTS), ("hard_silu", [], POINTS), ("hard_tanh", [], POINTS),
    ("hard_shrink", [0.5], POINTS), ("hard_shrink", [0.0], POINTS), ("hard_shrink", [-1.0], POINTS),
    ("linear", [], POINTS), ("mish", [], POINTS), ("log_sigmoid", [], POINTS),
    *[(name, [axis], MATRIX) for name in ("softmax", "log_softmax", "glu") for axis in (-1, 0)],
    *[("softmax", [axis], CUBE) for axis in (-1, -2, 0)],
    *[("log_softmax", [axis], CUBE) for axis in (2, 1, -3)],
    *[("glu", [axis], CUBE) for axis in (0, 1)],
    *[("softmax_over", [axes], CUBE) for axes in ([1, 2], [0, -1], [-2, 0], [0, 1, 2])],
    ("sparsemax", [-1], SPARSE), ("sparsemax", [0], np.array(SPARSE).T.tolist()),
]  # fmt: skip

# What Keras gets wrong; the test asserts that the crate does not agree.
WRONG = [
    ("sparsemax", [-1], [[1, 1, 1], [0.75, 1, -3]], "of several numbers above tau, y does not sum to 1"),
    ("celu", [1.0], [0], "dx at 0 is 2 dy: TensorFlow adds the gradients of both sides"),
]


def call(name, args, x):
    if name == "hard_sigmoid_keras2":
        return tf_keras.activations.hard_sigmoid(x)
    if name == "softmax_over":
        return keras.ops.softmax(x, axis=tuple(axis % len(x.shape) for axis in args[0]))
    return getattr(A, name)(x, *args)


def ask(name, args, x, dy, dtype):
    """y, and dx for the given dy, which is cut to the size of y."""
    x = tf.constant(np.float32(x), dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.convert_to_tensor(call(name, args, x))
    dy = np.resize(np.float32(dy), y.shape)
    with np.errstate(over="ignore"):
        answers = [y.numpy(), tape.gradient(y, x, tf.constant(dy, dtype)).numpy()]
        return [answer.astype("float32") for answer in answers] + [dy]


def numbers(array):
    """As few digits as tell each float32 apart (at most 9); what JSON lacks as a string."""
    return [float(str(v)) if np.isfinite(v) else str(v) for v in array.ravel()]


def case(index, name, args, x):
    dy = np.random.default_rng(index).normal(0, 1, 64).round(2)
    y, dx, dy = ask(name, args, x, dy, "float64")
    for what, exact, single in zip(("y", "dx"), (y, dx), ask(name, args, x, dy, "float32")):
        with np.errstate(invalid="ignore"):
            off = ~np.isclose(single, exact, rtol=1e-5, atol=1e-6, equal_nan=True)
        if off.any():
            found = ", ".join(f"{s:.6g} for {e:.6g}" for s, e in zip(single[off], exact[off]))
            print(f"float32 Keras, {name}{args}: {what} = {found}")
    return {
        "function": name, "args": args, "shape": list(np.shape(x)), "x": numbers(np.float32(x)), "dy": numbers(dy),
        "y_shape": list(y.shape), "y": numbers(y), "dx": numbers(dx),
    }  # fmt: skip


def main():
    right = [case(index, *one) for index, one in enumerate(CASES)]
    wrong = [case(index, *one) | {"why": why} for index, (*one, why) in enumerate(WRONG)]
    written = {"keras": keras.__version__, "tensorflow": tf.__version__, "cases": right, "wrong": wrong}
    lines = json.dumps(written, separators=(",", ":")).replace('{"function"', '\n{"function"')
    (pathlib.Path(__file__).parent / "activations.json").write_text(lines + "\n")


main()
