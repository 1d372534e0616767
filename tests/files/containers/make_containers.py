"""Writes the files of Keras, NumPy and safetensors in this folder.

Run with keras 3, tensorflow, ml_dtypes and safetensors installed:
    KERAS_BACKEND=tensorflow python make_containers.py
"""

import io
import json
import pathlib
import zipfile

import keras
import ml_dtypes
import numpy as np
from keras.src.saving import saving_lib
from numpy.lib import format as npy_format
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent
ROWS = np.array([[0, 1, 2], [100, 3, 5]])


def numpy_files():
    """Every member is ROWS, but for those whose name begins with `_`."""
    kinds = ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]
    arrays = {kind: ROWS.astype("<" + kind) for kind in kinds}
    arrays |= {"big_" + kind: ROWS.astype(">" + kind) for kind in kinds[2:]}
    arrays["fortran"] = np.asfortranarray(ROWS.astype("<f4"))
    arrays["_scalar"] = np.float32(2.5)
    arrays["_empty"] = np.zeros((0, 3), "<f4")
    arrays["_one_axis"] = np.array([1, 2, 3], "<f8")
    arrays["_fortran_3"] = np.asfortranarray(np.arange(24, dtype="<i2").reshape(2, 3, 4))
    np.savez(HERE / "numbers.npz", **arrays)
    np.savez_compressed(HERE / "numbers_deflated.npz", **arrays)
    with zipfile.ZipFile(HERE / "versions.npz", "w") as archive:
        for version in [(1, 0), (2, 0), (3, 0)]:
            file = io.BytesIO()
            npy_format.write_array(file, ROWS.astype("<f4"), version=version)
            archive.writestr(f"v{version[0]}.npy", file.getvalue())
        archive.writestr("note.txt", "no array")


def safetensors_file():
    kinds = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
    kinds += ["float16", "float32", "float64", ml_dtypes.bfloat16]
    arrays = {np.dtype(kind).name: ROWS.astype(kind) for kind in kinds}
    arrays["_scalar"] = np.array(2.5, "float32")
    arrays["_empty"] = np.zeros((0, 3), "float32")
    save_file(arrays, HERE / "numbers.safetensors", metadata={"format": "np"})


def keras_files():
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3), keras.layers.PReLU(), keras.layers.Dense(2)]
    )
    model.compile("adam", "mse", metrics=["mae"])
    model.layers[1].set_weights([np.array([0.1, 0.2, 0.3], "float32")])
    x = np.sin(np.arange(8, dtype="float32")).reshape(2, 4)
    model.fit(x, np.ones((2, 2)), epochs=2, batch_size=1, verbose=0)
    model.save(HERE / "small.keras")
    with zipfile.ZipFile(HERE / "small.keras") as stored:
        with zipfile.ZipFile(HERE / "small_deflated.keras", "w", zipfile.ZIP_DEFLATED) as deflated:
            for name in stored.namelist():
                deflated.writestr(name, stored.read(name))
    with open(HERE / "pickled.keras", "wb") as file:
        saving_lib._save_model_to_fileobj(model, file, "npz")
    model.save_weights(HERE / "small.weights.json", max_shard_size=1e-7)
    y = model.predict(x, verbose=0)
    expected = {"x": x.ravel().tolist(), "y": y.ravel().tolist()}
    (HERE / "small_expected.json").write_text(json.dumps(expected) + "\n")


numpy_files()
safetensors_file()
keras_files()
