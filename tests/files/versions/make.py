"""Makes the files of this folder: small models by real Keras 2 (tf_keras) and Keras 3.

    python tests/files/versions/make.py   (needs keras, tensorflow, tf_keras)

Each file's prediction for x[i] = 2 sin(0.37 i), a batch of 2, by the program that wrote it, stands in
expected.json.
"""

import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import tf_keras

HERE = pathlib.Path(__file__).parent
expected = {}


def numbers(shape):
    return (2 * np.sin(0.37 * np.arange(np.prod(shape)))).astype("f4").reshape(shape)


def images(k):
    """What both Keras know: a convolution, PReLU, LeakyReLU, BatchNormalization, pooling, Dense."""
    layers = k.layers
    slope = {"alpha": 0.1} if k is tf_keras else {"negative_slope": 0.1}
    return [
        layers.Input((6, 6, 1)),
        layers.Conv2D(3, 3, padding="same"),
        layers.PReLU(shared_axes=[1, 2], alpha_initializer=k.initializers.Constant(0.3)),
        layers.LeakyReLU(**slope),
        layers.BatchNormalization(),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(4, activation="softmax"),
    ]


def made(k, layers):
    k.utils.set_random_seed(1)
    model = k.Sequential(layers, name="m")
    model.compile("adam", "categorical_crossentropy")
    shape = (8, *model.input_shape[1:])
    classes = model.output_shape[-1]
    model.fit(numbers(shape), np.eye(classes, dtype="f4")[np.arange(8) % classes], verbose=0)
    return model


def note(model, *names):
    y = model.predict(numbers((2, *model.input_shape[1:])), verbose=0)
    for name in names:
        expected[name] = {"shape": [2, *model.input_shape[1:]], "output": y.tolist()}


def main():
    model = made(tf_keras, images(tf_keras))
    (HERE / "k2.json").write_text(model.to_json())
    model.save(HERE / "k2.keras")
    model.save(HERE / "k2.h5")
    model.save_weights(HERE / "k2.weights.h5")
    model.save_weights(HERE / "k2_legacy_weights.h5")
    note(model, "k2.json", "k2.keras", "k2.h5", "k2.weights.h5", "k2_legacy_weights.h5")

    model = made(keras, images(keras))
    (HERE / "k3.json").write_text(model.to_json())
    model.save(HERE / "k3.keras")
    model.save(HERE / "k3.h5")
    model.save_weights(HERE / "k3.weights.h5")
    note(model, "k3.json", "k3.keras", "k3.h5", "k3.weights.h5")

    layers = tf_keras.layers
    thresholded = [layers.Input((5,)), layers.Dense(8), layers.ThresholdedReLU(0.7), layers.Dense(3)]
    lstm = [layers.Input((4, 3)), layers.LSTM(2, recurrent_activation="hard_sigmoid"), layers.Dense(2)]
    hard = [layers.Input((5,)), layers.Dense(4, activation="hard_sigmoid")]
    elu = [layers.Input((5,)), layers.Dense(4), layers.ELU(0.5)]
    for name, list_ in {"thresholded": thresholded, "lstm": lstm, "hard_sigmoid": hard, "elu": elu}.items():
        model = made(tf_keras, list_)
        model.save(HERE / f"k2_{name}.h5")
        note(model, f"k2_{name}.h5")

    # The words of Keras 3 for a layer, in what Keras 2 and TensorFlow.js put round a model.
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.LeakyReLU(0.1)])
    layer = {"class_name": "LeakyReLU", "config": model.layers[0].get_config()}
    layer["config"] = {"name": "a", "negative_slope": 0.1, "batch_input_shape": [None, 4]}
    document = {"class_name": "Sequential", "config": {"name": "m", "layers": [layer]}}
    document |= {"keras_version": "2.15.0", "backend": "tensorflow"}
    (HERE / "mixed.json").write_text(json.dumps(document))
    note(model, "mixed.json")
    (HERE / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main()
