"""Writes compile_configs.json: what real Keras 3 and tf_keras write for compiled models, in
.keras files (`keras`) and in legacy .h5 files (`h5`).

    KERAS_BACKEND=tensorflow python make_compile_configs.py

Written by Keras 3.15.1, tf_keras 2.21.0, TensorFlow 2.21.0.
"""

import json
import os
import tempfile
import zipfile

import h5py
import keras
import numpy as np
import tf_keras

CASES = {
    "strings": lambda k: dict(
        optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    ),
    "objects": lambda k: dict(
        optimizer=k.optimizers.SGD(0.5, momentum=0.9, nesterov=True, clipnorm=1.0),
        loss=k.losses.CategoricalCrossentropy(label_smoothing=0.1),
        metrics=["acc", "mse", k.metrics.CategoricalAccuracy(), k.metrics.MeanSquaredError()],
    ),
    "no_metrics": lambda k: dict(
        optimizer=k.optimizers.RMSprop(0.25, momentum=0.5, centered=True), loss="mae", metrics=None
    ),
    "settings": lambda k: dict(
        optimizer=k.optimizers.Adam(0.5, amsgrad=True, weight_decay=0.25),
        loss=k.losses.BinaryCrossentropy(from_logits=True),
        metrics=[
            k.metrics.BinaryAccuracy(threshold=0.75, name="sure"),
            k.metrics.MeanAbsoluteError(name="gap"),
            k.metrics.BinaryCrossentropy(from_logits=True),
        ],
    ),
    "sparse": lambda k: dict(
        optimizer="sgd",
        loss=k.losses.SparseCategoricalCrossentropy(),
        metrics=[
            k.metrics.SparseCategoricalAccuracy(name="hits"),
            "sparse_categorical_accuracy",
            k.metrics.SparseCategoricalCrossentropy(name="loss_again"),
        ],
    ),
    "lists": lambda k: dict(
        optimizer="rmsprop",
        loss=[k.losses.mean_squared_error],
        metrics=[[k.losses.mean_absolute_error, "MSE"]],
    ),
    "classes": lambda k: dict(
        optimizer="adam", loss=k.losses.MeanSquaredError(), metrics=["mean_absolute_error"]
    ),
}


def written(k, arguments):
    model = k.Sequential([k.layers.Input((3,)), k.layers.Dense(2, activation="softmax")])
    model.compile(**arguments)
    loss = arguments["loss"]
    sparse = "sparse" in getattr(loss, "name", str(loss))
    # tf_keras resolves metrics with the first batch.
    model.train_on_batch(np.ones((4, 3)), np.zeros(4) if sparse else np.ones((4, 2)))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "m.keras")
        model.save(path)
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))["compile_config"]
        path = os.path.join(folder, "m.h5")
        model.save(path)
        with h5py.File(path) as file:
            training = json.loads(file.attrs["training_config"])
    return {"keras": config, "h5": training}


def main():
    cases = {}
    for name, arguments in CASES.items():
        keras.utils.clear_session()
        cases[name] = {"3": written(keras, arguments(keras)), "2": written(tf_keras, arguments(tf_keras))}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compile_configs.json")
    with open(path, "w") as file:
        json.dump(cases, file, indent=1)
        file.write("\n")


main()
