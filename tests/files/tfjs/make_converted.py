"""Makes `converted` with tf_keras and tensorflowjs, TensorFlow's converter: python make_converted.py"""

import json
import os
import pathlib

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import numpy as np  # noqa: E402
import tf_keras as k  # noqa: E402
from tensorflowjs.converters import keras_h5_conversion  # noqa: E402

folder = pathlib.Path(__file__).parent / "converted"
k.utils.set_random_seed(5)
x, z = k.layers.Input((4,), name="x"), k.layers.Input((3, 4), name="z")
h = k.layers.Input((4,), name="h")
inner = k.Model(h, k.layers.Add(name="sum")([k.layers.Dense(4, activation="tanh", name="deep")(h), h]), name="inner")
state = k.layers.LSTM(4, name="state")(z)
y = k.layers.Subtract(name="y")([inner(x), inner(state)])
model = k.Model([x, z], [k.layers.Dense(2, activation="softmax", name="kind")(y), y])
chance = np.random.default_rng(5)
xs = [chance.normal(size=(2, *part.shape[1:])).astype("f4") for part in (x, z)]
keras_h5_conversion.save_keras_model(model, str(folder))
written = lambda array: {"shape": list(array.shape), "values": array.ravel().astype(float).tolist()}  # noqa: E731
expected = {"x": [written(part) for part in xs], "y": [written(np.asarray(part)) for part in model(xs)]}
(folder / "expected.json").write_text(json.dumps(expected) + "\n")
