"""Writes optimizers.json: what real Keras 3, tf_keras and its older optimizers remember after 5
steps of training, in their order and under their names, and where 10 further steps lead.

    KERAS_BACKEND=tensorflow python make_optimizers.py

Written by Keras 3.15.1, tf_keras 2.21.0, TensorFlow 2.21.0, NumPy 2.4.
"""

import json
import os

import keras
import numpy as np
import tf_keras

CASES = {
    "sgd": ("SGD", dict(learning_rate=0.05)),
    "momentum": ("SGD", dict(learning_rate=0.05, momentum=0.9)),
    "nesterov": ("SGD", dict(learning_rate=0.05, momentum=0.9, nesterov=True)),
    "rmsprop": ("RMSprop", dict(learning_rate=0.01)),
    "rmsprop_momentum": ("RMSprop", dict(learning_rate=0.01, momentum=0.5)),
    "rmsprop_centered": ("RMSprop", dict(learning_rate=0.01, centered=True)),
    "rmsprop_both": ("RMSprop", dict(learning_rate=0.01, momentum=0.5, centered=True)),
    "adam": ("Adam", dict(learning_rate=0.01)),
    "amsgrad": ("Adam", dict(learning_rate=0.01, amsgrad=True)),
}
# TensorFlow's older RMSprop adds epsilon outside of the root where it has no momentum.
OLDER = ["sgd", "momentum", "nesterov", "rmsprop_momentum", "rmsprop_both", "adam", "amsgrad"]
# Of these, trajectories.json has what Keras 3 remembers. Nadam is not here: compiled, that of
# tf_keras multiplies its product once for each weight, and remembers none.
OTHERS = {
    "adamw": ("AdamW", dict(learning_rate=0.01)),
    "adamax": ("Adamax", dict(learning_rate=0.01)),
    "adagrad": ("Adagrad", dict(learning_rate=0.1)),
    "adadelta": ("Adadelta", dict(learning_rate=1.0)),
    "ftrl": ("Ftrl", dict(learning_rate=0.1, beta=0.1)),
    "lion": ("Lion", dict(learning_rate=0.002)),
    "adafactor": ("Adafactor", dict(learning_rate=0.02)),
    "averages": ("Adam", dict(learning_rate=0.01, use_ema=True, ema_overwrite_frequency=4)),
    "decays": ("Adam", dict(learning_rate=0.01, decay=0.2)),
    "scheduled": ("SGD", dict(learning_rate=tf_keras.optimizers.schedules.ExponentialDecay(0.1, 4, 0.7))),
}
OTHERS_OLDER = ["adamax", "adagrad", "adadelta", "ftrl", "decays", "scheduled"]


def numbers(array):
    return [float(np.format_float_positional(x, unique=True)) for x in np.ravel(array).astype("float32")]


def tensor(array):
    return {"shape": list(np.shape(array)), "data": numbers(array)}


def model(k):
    layers = k.layers
    built = k.Sequential(
        [
            layers.Input((2,)),
            layers.Dense(3, name="first"),
            layers.PReLU(alpha_initializer=k.initializers.Constant(0.25), name="prelu"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(3, activation="tanh", name="frozen"),
            layers.Dense(1, name="last"),
        ],
        name="model",
    )
    built.get_layer("frozen").trainable = False
    return built


def values(built):
    # In the order of the layers, which is that of get_weights.
    return [tensor(w) for layer in built.layers for w in layer.get_weights()]


def variables(optimizer):
    listed = optimizer.variables
    listed = listed() if callable(listed) else listed
    return [{"name": getattr(v, "path", v.name), **tensor(v.numpy())} for v in listed]


def case(k, optimizer, first, x, y):
    built = model(k)
    for layer in built.layers:
        layer.set_weights(first[layer.name])
    built.compile(optimizer, "mse")
    for step in range(1, 16):
        built.train_on_batch(x, y)
        if step == 5:
            found = {"weights_5": values(built), "variables_5": variables(optimizer)}
    config = {"class_name": type(optimizer).__name__, "config": optimizer.get_config()}
    optimizer = json.loads(json.dumps(config, default=float))
    return {"optimizer": optimizer, **found, "weights_15": values(built)}


def main():
    random = np.random.default_rng(4)
    x = random.normal(size=(16, 2)).astype("float32")
    y = (np.sin(2 * x[:, :1]) + x[:, 1:]).astype("float32")
    start = model(keras)
    first = {}
    for layer in start.layers:
        for w in layer.weights:
            if w.name in ("kernel", "bias"):
                w.assign(random.normal(size=w.shape).astype("float32"))
        first[layer.name] = layer.get_weights()
    cases = {}
    for name, (cls, config) in CASES.items():
        # So that names are counted from the first.
        keras.utils.clear_session()
        cases[f"keras3_{name}"] = case(keras, getattr(keras.optimizers, cls)(**config), first, x, y)
        cases[f"keras2_{name}"] = case(
            tf_keras, getattr(tf_keras.optimizers, cls)(**config), first, x, y
        )
        if name in OLDER:
            older = getattr(tf_keras.optimizers.legacy, cls)(**config)
            cases[f"older_{name}"] = case(tf_keras, older, first, x, y)
    for name, (cls, config) in OTHERS.items():
        if name != "decays":
            newer = getattr(tf_keras.optimizers, cls)(**config)
            cases[f"keras2_{name}"] = case(tf_keras, newer, first, x, y)
        if name in OTHERS_OLDER:
            older = getattr(tf_keras.optimizers.legacy, cls)(**config)
            cases[f"older_{name}"] = case(tf_keras, older, first, x, y)
    golden = {"x": tensor(x), "y": tensor(y), "first": values(start), "cases": cases}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "optimizers.json")
    with open(path, "w") as file:
        json.dump({**golden, "cases": None}, file)
        file.seek(file.tell() - len("null}"))
        lines = [f"  {json.dumps(name)}: {json.dumps(case)}" for name, case in cases.items()]
        file.write("{\n" + ",\n".join(lines) + "\n}}\n")
        file.truncate()


main()
