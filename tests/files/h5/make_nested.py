"""Writes models within models, of Keras 3 and tf_keras, and what each answers."""
import json
import os
import pathlib

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
import keras
import numpy as np
import tf_keras

HERE = pathlib.Path(__file__).resolve().parent
expected = json.loads((HERE / "expected.json").read_text())


def model(K, activation):
    layers = K.layers
    inner = K.Sequential(
        [layers.Dense(4, name="one"), layers.BatchNormalization(name="two"), layers.Dense(3, name="three")],
        name="inner",
    )
    return K.Sequential(
        [layers.Input((3,)), layers.Dense(4, activation=activation, name="first"), inner, layers.Dense(2, name="last")],
        name="outer",
    )


for K, name in [(keras, "nested_k3"), (tf_keras, "nested_k2")]:
    held = keras.layers.PReLU(alpha_initializer=keras.initializers.Constant(0.25))
    m = model(K, held if K is keras else "tanh")
    x = (2 * np.sin(0.37 * np.arange(6))).astype("float32").reshape(2, 3)
    m.compile(K.optimizers.Adam(0.01), K.losses.MeanSquaredError())
    m.fit(x, np.ones((2, 2), "float32"), verbose=0)
    m.save(HERE / f"{name}.h5")
    m.save_weights(HERE / f"{name}.weights.h5")
    expected[name] = np.array(m(x, training=False)).ravel().tolist()
(HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
