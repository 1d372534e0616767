"""The example `words` in real Keras: the same words, the same layers, the same settings, three seeds.

    python tests/interop/words.py

Prints the accuracy on the words that were held back; `SEED=1 cargo run --release --example words` prints ours.
"""

import os
import pathlib

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras  # noqa: E402
import numpy as np  # noqa: E402

LANGUAGES = ["english", "french", "german", "italian", "spanish"]
LETTERS = 12


def words():
    """Rows of ids and labels; every fifth word of a language is held back."""
    folder = pathlib.Path(__file__).resolve().parents[2] / "examples/data/words"
    x, y, held_back = [], [], []
    for label, language in enumerate(LANGUAGES):
        for i, word in enumerate((folder / f"{language}.txt").read_text().split()):
            x.append([ord(letter) - ord("a") + 1 for letter in word] + [0] * (LETTERS - len(word)))
            y.append(label)
            held_back.append(i % 5 == 4)
    x, y, held_back = np.array(x), np.array(y), np.array(held_back)
    return x[~held_back], y[~held_back], x[held_back], y[held_back]


def accuracy(seed, x, y, x_test, y_test):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([
        keras.Input((LETTERS,)), keras.layers.Embedding(27, 16, mask_zero=True), keras.layers.LSTM(64),
        keras.layers.Dense(len(LANGUAGES), activation="softmax"),
    ])  # fmt: skip
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=12, batch_size=32, verbose=0)
    return model.evaluate(x_test, y_test, verbose=0)[1]


if __name__ == "__main__":
    data = words()
    print(*(f"seed {seed}: {accuracy(seed, *data):.4f}" for seed in range(3)), sep="\n")
