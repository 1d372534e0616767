"""The examples `words` and `transformer` in real Keras: the same words, layers and settings, three seeds.

    python tests/interop/words.py

Prints the accuracy on the words that were held back; `SEED=1 cargo run --release --example words` prints ours.
"""

import os
import pathlib

# With TensorFlow, Adam squares the gradients of an id that comes twice in a batch before it adds them, and not after.
os.environ.update(KERAS_BACKEND="jax", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402

LANGUAGES = ["english", "french", "german", "italian", "spanish"]
LETTERS, WIDTH, HEADS = 12, 32, 4


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


def recurrent(layer):
    return keras.Sequential([
        keras.Input((LETTERS,)), layers.Embedding(27, 16, mask_zero=True), layer(),
        layers.Dense(len(LANGUAGES), activation="softmax"),
    ])  # fmt: skip


def transformer():
    letters = keras.Input((LETTERS,))
    places = keras.Input((LETTERS,))
    x = layers.Add()([
        layers.Embedding(27, WIDTH, mask_zero=True)(letters), layers.Embedding(LETTERS + 1, WIDTH, mask_zero=True)(places),
    ])  # fmt: skip
    x = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(HEADS, WIDTH // HEADS)(x, x)]))
    h = layers.Dense(WIDTH)(layers.Dense(2 * WIDTH, activation="relu")(x))
    x = layers.LayerNormalization()(layers.Add()([x, h]))
    y = layers.Dense(len(LANGUAGES), activation="softmax")(layers.GlobalAveragePooling1D()(x))
    return keras.Model([letters, places], y)


def with_places(x):
    return [x, np.where(x > 0, np.arange(1, LETTERS + 1), 0)]


NETWORKS = {
    "LSTM": (lambda: recurrent(lambda: layers.LSTM(64)), 0.003, lambda x: x),
    "GRU": (lambda: recurrent(lambda: layers.GRU(64)), 0.003, lambda x: x),
    "Bidirectional(LSTM)": (lambda: recurrent(lambda: layers.Bidirectional(layers.LSTM(64))), 0.003, lambda x: x),
    "transformer": (transformer, 0.002, with_places),
}


def accuracy(network, seed, x, y, x_test, y_test):
    make, rate, inputs = NETWORKS[network]
    keras.utils.set_random_seed(seed)
    model = make()
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(inputs(x), y, epochs=12, batch_size=32, verbose=0)
    return model.evaluate(inputs(x_test), y_test, verbose=0)[1]


if __name__ == "__main__":
    data = words()
    for network in NETWORKS:
        print(network, *(f"{accuracy(network, seed, *data):.4f}" for seed in range(3)), flush=True)
