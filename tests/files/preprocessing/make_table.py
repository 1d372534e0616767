"""Writes table.keras, a model of words, integers and numbers, one input a column; a table for it in three forms; and
its answers.

    pip install keras tensorflow-cpu
    python tests/files/preprocessing/make_table.py
"""

import csv
import os
import pathlib

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras
import numpy as np
import tensorflow as tf

HERE = pathlib.Path(__file__).parent
WORDS = {
    "city": ["Bern", "Zürich", "Genf"],
    "sex": ["m", "f"],
    "job": ["baker", "smith", "clerk", "judge"],
    "colour": ["red", "green"],
}
# Integers that no float32 is, unknown words, and an empty cell.
ROWS = [
    ["Bern", "m", "smith", "red", 3004, 17000001, 33, 51.5, 0],
    ["Zürich", "f", "judge", "blue", 9007199254740993, 16777217, 51, 90, 1],
    ["Basel", "f", "", "green", 8001, 5, 20, 12.25, 0],
    ["Genf", "x", "clerk", "red", 9007199254740992, -3, 64, 33, 1],
]
NAMES = [*WORDS, "zip", "id", "age", "income", "rich"]


def model():
    keras.utils.set_random_seed(3)
    layers, inputs, features = keras.layers, {}, []
    for name, known in WORDS.items():
        inputs[name] = keras.Input((1,), dtype="string", name=name)
        features.append(layers.StringLookup(vocabulary=known, output_mode="one_hot")(inputs[name]))
    inputs["zip"] = keras.Input((1,), dtype="int64", name="zip")
    known = [3004, 8001, 9007199254740993]
    features.append(layers.IntegerLookup(vocabulary=known, output_mode="one_hot")(inputs["zip"]))
    inputs["id"] = keras.Input((1,), dtype="int64", name="id")
    features.append(layers.CategoryEncoding(8)(layers.Hashing(8)(inputs["id"])))
    for name in ["age", "income"]:
        inputs[name] = keras.Input((1,), name=name)
        features.append(layers.Normalization(mean=40.0, variance=100.0)(inputs[name]))
    h = layers.Dense(4, activation="tanh")(layers.Concatenate()(features))
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid", name="rich")(h))


def column(name):
    values = [row[NAMES.index(name)] for row in ROWS]
    kind = str if name in WORDS else "float32" if name in ("age", "income") else "int64"
    return np.array(values, kind)


def main():
    made = model()
    made.compile("sgd", "binary_crossentropy")
    made.save(HERE / "table.keras")
    columns = {name: column(name) for name in NAMES[:-1]}
    as_bytes = {n: np.char.encode(c, "utf-8") if c.dtype.kind == "U" else c for n, c in columns.items()}
    fed = {n: tf.constant(c.astype(object) if c.dtype.kind == "U" else c)[:, None] for n, c in columns.items()}
    np.save(HERE / "table_answers.npy", made(fed).numpy())
    np.savez(HERE / "table.npz", **columns)
    # Big-endian, compressed, with the bytes of UTF-8.
    np.savez_compressed(HERE / "table_bytes.npz", **{n: c if c.dtype.kind == "S" else c.astype(c.dtype.newbyteorder(">")) for n, c in as_bytes.items()})
    with open(HERE / "table.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([NAMES, *ROWS])


main()
