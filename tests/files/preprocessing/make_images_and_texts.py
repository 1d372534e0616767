"""Writes potatoes.keras and potatoes.h5 (the model of TensorFlow's tutorial on augmentation, small), lookups.keras (a
model whose lookups were adapted), and what they answer, potatoes.json and lookups.json.

    ~/keras-venv/bin/python tests/files/preprocessing/make_images_and_texts.py
"""

import json
import os
import pathlib

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", TF_USE_LEGACY_KERAS="1")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tf_keras  # noqa: E402

HERE = pathlib.Path(__file__).parent


def potatoes(library):
    l = library.layers
    prepare = library.Sequential([l.Resizing(8, 8), l.Rescaling(1 / 255)])
    augment = library.Sequential([l.RandomFlip("horizontal_and_vertical"), l.RandomRotation(0.2), l.RandomZoom(0.1), l.RandomContrast(0.2)])
    return library.Sequential([
        library.Input((6, 5, 3)), prepare, augment, l.Conv2D(4, 3, activation="relu"), l.MaxPooling2D(2), l.Flatten(), l.Dense(3, activation="softmax"),
    ])


def lookups():
    l = keras.layers
    word, number = keras.Input((1,), dtype="string", name="word"), keras.Input((1,), dtype="int64", name="id")
    real, text = keras.Input((1,), name="real"), keras.Input((), dtype="string", name="text")
    strings, integers, bins = l.StringLookup(output_mode="one_hot"), l.IntegerLookup(), l.Discretization(num_bins=3)
    weighed, counted = l.TextVectorization(output_mode="tf_idf"), l.TextVectorization(output_sequence_length=3)
    strings.adapt(np.array(["a", "b", "a", "Zürich"]))
    integers.adapt(np.array([5, 5, 7]))
    bins.adapt(np.random.default_rng(1).normal(size=(50, 1)).astype("float32"))
    weighed.adapt(np.array(["the cat sat", "the dog", "a bird"]))
    counted.adapt(np.array(["the cat sat", "the dog"]))
    parts = [
        strings(word), l.Hashing(7, output_mode="one_hot")(word), l.CategoryEncoding(4)(integers(number)), weighed(text),
        l.CategoryEncoding(9, output_mode="count")(counted(text)), l.CategoryEncoding(4, output_mode="one_hot")(bins(real)),
    ]
    return keras.Model([word, number, real, text], l.Dense(3)(l.Concatenate()(parts)))


def main():
    chance = np.random.default_rng(3)
    x = chance.integers(0, 256, (2, 6, 5, 3)).astype("float32")
    answers = {"x": x.ravel().tolist()}
    for library, file in [(keras, "potatoes.keras"), (tf_keras, "potatoes.h5")]:
        library.utils.set_random_seed(4)
        model = potatoes(library)
        model.save(HERE / file)
        answers[file] = np.asarray(model(x, training=False)).tolist()
    (HERE / "potatoes.json").write_text(json.dumps(answers) + "\n")
    keras.utils.set_random_seed(5)
    model = lookups()
    model.save(HERE / "lookups.keras")
    inputs = {"word": [["a"], ["q"], ["Zürich"]], "id": [[7], [5], [6]], "real": [[-3.0], [0.0], [3.0]],
              "text": ["the cat", "dog dog Bird!", ""]}
    y = model([tf.constant(inputs["word"]), tf.constant(inputs["id"], "int64"), tf.constant(inputs["real"]), tf.constant(inputs["text"])])
    (HERE / "lookups.json").write_text(json.dumps(inputs | {"y": np.asarray(y).tolist()}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
