"""Makes the files that the fuzzing begins with: small models in every format, by real Keras.

python fuzz/seeds.py (needs keras, tensorflow, tf_keras, safetensors)
"""

import io
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import h5py
import keras
import numpy as np
import tf_keras

HERE = pathlib.Path(__file__).parent / "seeds"


def small(k):
    """A model of the layers with weights and options, compiled and trained one step."""
    k.utils.set_random_seed(1)
    model = k.Sequential(
        [
            k.layers.Input((4, 4, 1)),
            k.layers.Conv2D(1, 2, activation="relu"),
            k.layers.PReLU(shared_axes=[1, 2]),
            k.layers.LeakyReLU(0.25),
            k.layers.BatchNormalization(),
            k.layers.MaxPooling2D(),
            k.layers.Flatten(),
            k.layers.Dense(2, activation="softmax", kernel_regularizer="l2"),
        ],
        name="m",
    )
    model.compile(k.optimizers.Adam(0.01), "categorical_crossentropy", metrics=["accuracy"])
    x = np.sin(np.arange(32, dtype="f4")).reshape(2, 4, 4, 1)
    model.fit(x, np.eye(2, dtype="f4"), verbose=0)
    return model


def folder(name):
    path = HERE / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def arrays():
    """Arrays of many types, which the readers of plain arrays take."""
    yield "f4", np.arange(6, dtype="<f4").reshape(2, 3)
    yield "f8", np.asfortranarray(np.arange(6, dtype=">f8").reshape(2, 3))
    yield "f2", np.arange(3, dtype="<f2")
    yield "i8", np.arange(-2, 2, dtype="<i8")
    yield "u1", np.zeros((0, 2), "u1")
    yield "bool", np.array(True)


def main():
    for name, k in (("k3", keras), ("k2", tf_keras)):
        model = small(k)
        model.save(folder("keras") / f"{name}.keras")
        model.save(folder("h5") / f"{name}.h5")
        model.save_weights(folder("h5") / f"{name}.weights.h5")
        (folder("json") / f"{name}.json").write_text(model.to_json())
    with h5py.File(folder("h5") / "latest.h5", "w", libver="latest") as file:
        group = file.create_group("layers/dense/vars")
        group.create_dataset("0", data=np.ones((2, 2), "f4"), compression="gzip", shuffle=True)
        group.attrs["name"] = "dense"
    for name, array in arrays():
        np.save(folder("npy") / f"{name}.npy", array)
    np.savez(folder("npz") / "plain.npz", **dict(arrays()))
    np.savez_compressed(folder("npz") / "compressed.npz", **dict(arrays()))
    from safetensors.numpy import save_file

    tensors = {f"d/{i}": np.ascontiguousarray(a) for i, (_, a) in enumerate(arrays()) if a.dtype.isnative}
    save_file(tensors, folder("safetensors") / "plain.safetensors", metadata={"format": "np"})
    topology = {
        "class_name": "Sequential",
        "config": {
            "name": "m",
            "layers": [
                {
                    "class_name": "Dense",
                    "config": {"units": 2, "name": "d", "batch_input_shape": [None, 3]},
                }
            ],
        },
        "keras_version": "tfjs-layers 4.22.0",
        "backend": "tensor_flow.js",
    }
    weights = [
        {"name": "d/kernel", "shape": [3, 2], "dtype": "float32"},
        {
            "name": "d/bias",
            "shape": [2],
            "dtype": "float32",
            "quantization": {"dtype": "uint8", "min": -1.0, "scale": 0.01, "original_dtype": "float32"},
        },
    ]
    document = {
        "format": "layers-model",
        "generatedBy": "TensorFlow.js tfjs-layers v4.22.0",
        "convertedBy": None,
        "modelTopology": topology,
        "weightsManifest": [{"paths": ["weights.bin"], "weights": weights}],
    }
    # The target takes the shard behind a zero byte.
    shard = np.arange(6, dtype="<f4").tobytes() + bytes([1, 200])
    (folder("tfjs") / "small").write_bytes(json.dumps(document).encode() + b"\0" + shard)


if __name__ == "__main__":
    main()
