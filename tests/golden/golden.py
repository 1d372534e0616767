"""What the golden scripts share: seeds, starting weights, arrays as JSON, and the checks that refuse a file that tests nothing.

Importing this module first is what makes the runs repeatable: one thread, no GPU, no oneDNN.
"""

import json
import os
import pathlib
import zlib

os.environ.update(
    KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", TF_ENABLE_ONEDNN_OPTS="0",
    TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1",
)

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

HERE = pathlib.Path(__file__).parent


def rng(name):
    """A generator of the case's own, so that a new case changes no other file."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def normal(name, shape, scale=1.0):
    """Normal numbers with two decimals, which are short to write down."""
    return (scale * rng(name).standard_normal(shape)).round(2).astype("float32")


def integers(name, shape, low, high):
    """Whole numbers low..high, both included."""
    return rng(name).integers(low, high + 1, shape).astype("float32")


def one_hot(labels, classes):
    return np.eye(classes, dtype="float32")[np.asarray(labels, int)]


def initial_weight(random, leaf, shape, scale):
    """A start at which nothing is degenerate: no zero bias, no two equal slopes, some slopes negative."""
    z = random.standard_normal(shape)
    if "kernel" in leaf:
        value = z * scale * np.sqrt(1.5 / np.prod(shape[:-1]))
    elif "alpha" in leaf:
        value = random.permutation(np.linspace(-0.4, 0.6, z.size)).reshape(shape)
    elif "gamma" in leaf:
        value = 1 + 0.3 * z
    elif "variance" in leaf:
        value = 0.5 + random.random(shape)
    else:
        value = 0.4 * z
    return value.round(3).astype("float32")


def initial_weights(name, model, scale=1.0):
    random = rng(name + "/weights")
    leaves = [getattr(w, "path", w.name).split("/")[-1] for w in model.weights]
    return [initial_weight(random, leaf, tuple(w.shape), scale) for leaf, w in zip(leaves, model.weights)]


def number(value):
    """The shortest decimal that reads back as the same float32 (at most nine digits)."""
    value = np.float32(value)
    short = float(str(value))
    return int(short) if short.is_integer() and abs(short) < 1e6 and not np.signbit(value) else short


def array(value):
    value = np.asarray(value, "float32")
    return {"shape": list(value.shape), "data": [number(v) for v in value.ravel()]}


def arrays(values):
    return [array(v) for v in values]


def numbers(logs):
    """A dictionary of figures, in the order Keras gave."""
    return {key: [number(v) for v in value] if isinstance(value, list) else number(value) for key, value in logs.items()}


def write(path, content):
    """One line a key, so that a difference shows which part of a case changed. NaN and infinity are refused."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'), allow_nan=False)}" for k, v in content.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def learns(variable):
    """Whether anything depends on a weight: a softmax does not see what all keys of a query get more."""
    return variable.trainable and not getattr(variable, "path", variable.name).split(":")[0].endswith("key/bias")


def refuse_degenerate(name, variables, before, after, losses, outputs):
    """Fails on a case that could pass with wrong code: weights that stay, losses that run away, one and the same output."""
    for variable, old, new in zip(variables, before, after):
        moved = float(np.abs(new - old).max()) if old.size else 0.0
        if learns(variable) and not moved > 1e-4:
            raise ValueError(f"{name}: {getattr(variable, 'path', variable.name)} moved by {moved} only")
    if not np.isfinite(losses).all() or max(losses) > 1e4:
        raise ValueError(f"{name}: losses {losses}")
    if np.ptp(outputs) < 1e-3:
        raise ValueError(f"{name}: every output is the same")
