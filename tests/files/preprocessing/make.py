"""Writes models that begin with Normalization and Rescaling, in every kind of file of Keras 3 and tf_keras.

    pip install keras tf_keras tensorflow-cpu
    python tests/files/preprocessing/make.py
"""

import json
import os
import pathlib

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras
import numpy as np
import tf_keras

HERE = pathlib.Path(__file__).parent
DATA = np.array([[0, 7, 400], [2, 9, 600], [0, 7, 400], [2, 8, 700.5]], "float32")
X = np.array([[1, 2, 300], [-0.5, 8, 1000]], "float32")


def model(K):
    """Adapted before it is in the model, adapted within, given, and inverted."""
    layers = K.layers
    first = layers.Normalization(name="first")
    first.adapt(DATA)
    model = K.Sequential([
        layers.Input((3,)),
        first,
        layers.Rescaling([0.5, 2.0, 1.0], offset=-0.25, name="scaled"),
        layers.Normalization(axis=None, name="single"),
        layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[4.0, 1.0, 0.25], name="given"),
        layers.Normalization(mean=1.5, variance=9.0, invert=True, name="undone"),
        layers.Rescaling(1 / 255, name="last"),
        layers.Dense(2, kernel_initializer=K.initializers.Constant(0.5), name="dense"),
    ], name="preprocessing")
    model.get_layer("single").adapt(np.array([[-1.0, 2.0, 3.5]], "float32"))
    return model


def main():
    written = {}
    for name, K in [("keras3", keras), ("keras2", tf_keras)]:
        made = model(K)
        # What Normalization computes with is made when it is adapted, or when a model is loaded.
        for ending in ["keras", "h5", "weights.h5"]:
            path = HERE / f"{name}.{ending}"
            path.unlink(missing_ok=True)
            made.save_weights(path) if ending == "weights.h5" else made.save(path)
        again = K.models.load_model(HERE / f"{name}.keras")
        written[name] = np.array(again(X)).tolist()
        (HERE / f"{name}.json").write_text(made.to_json())
    (HERE / "expected.json").write_text(json.dumps({"x": X.tolist(), **written}) + "\n")


main()
