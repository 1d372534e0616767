"""Models of words and whole numbers answer here as in Keras 3 and tf_keras, and so do the files that are written here, there.

    python tests/interop/lookups.py PROGRAM

Crosses of features by hash, lookups the other way round, whose outputs are words, and an embedding that is read both ways.
KERAS_PYTHON is that of converted_everywhere.py.
"""

import importlib
import os
import pathlib
import subprocess
import sys
import tempfile

from json_everywhere import keras_python

WORDS = [["a", "été"], ["b", "x" * 40], ["", "a"], ["c", "b"]]
NUMBERS = [[0, 1], [2, 3], [1, 7], [5, 4]]
# The kinds of files that each opens.
KINDS = {"keras": {"keras": "m.keras", "keras3-h5": "m3.h5"}, "tf_keras": {"h5": "m2.h5"}}


def models(keras):
    """Name, model and its inputs."""
    l, is3 = keras.layers, keras.__version__ >= "3"
    cross = lambda bins, **options: (l.HashedCrossing if is3 else l.experimental.preprocessing.HashedCrossing)(bins, **options)
    for name, dtype in (("words", "string"), ("numbers", "int64")):
        a, b = l.Input((1,), dtype=dtype, name="a"), l.Input((1,), dtype=dtype, name="b")
        yield f"crossed_{name}", keras.Model([a, b], cross(50)([a, b])), {"a": dtype, "b": dtype}
        hot = cross(7, output_mode="one_hot")([a, b])
        yield f"crossed_{name}_one_hot", keras.Model([a, b], l.Dense(2)(hot)), {"a": dtype, "b": dtype}
    x = l.Input((2,), dtype="int64", name="x")
    for name, options in (("", {}), ("_masked", dict(mask_token="", num_oov_indices=2)), ("_own", dict(oov_token="?"))):
        yield f"words{name}", keras.Model(x, l.StringLookup(vocabulary=["a", "été", "c"], invert=True, **options)(x)), {"x": "int64"}
    yield "numbers", keras.Model(x, l.IntegerLookup(vocabulary=[42, -7], mask_token=0, invert=True)(x)), {"x": "int64"}
    if is3:
        ids = l.Input((2,), dtype="int64", name="x")
        for tied in (True, False):
            embedding = l.ReversibleEmbedding(8, 3, tie_weights=tied, logit_soft_cap=None if tied else 5.0)
            yield f"reversible_{tied}", keras.Model(ids, embedding(l.Dense(3)(embedding(ids)), reverse=True)), {"x": "int64"}


def inputs(np, kinds):
    """A column for each of two inputs, or both columns for one."""
    of = {"string": np.array(WORDS), "int64": np.array(NUMBERS)}
    if len(kinds) == 1:
        return {name: of[kind] for name, kind in kinds.items()}
    return {name: of[kind][:, i : i + 1] for i, (name, kind) in enumerate(kinds.items())}


def answer(np, model, xs):
    import tensorflow as tf

    given = [tf.constant(x) for x in xs.values()]
    y = np.asarray(model(given[0] if len(given) == 1 else given))
    return np.char.decode(y.astype(bytes), "utf-8") if y.dtype.kind in "OS" else y


def same(np, a, b):
    if a.shape != b.shape or (a.dtype.kind == "U") != (b.dtype.kind == "U"):
        return False
    return (a == b).all() if a.dtype.kind == "U" else np.allclose(a, b, 1e-5, 1e-5)


def check(library, program):
    import numpy as np

    keras = importlib.import_module(library)
    right, faults = 0, []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for name, model, kinds in models(keras):
            xs = inputs(np, kinds)
            y = answer(np, model, xs)
            made = folder / ("made.keras" if library == "keras" else "made.h5")
            model.save(made)
            np.savez(folder / "x.npz", **xs)
            run = [program, "predict", made, "--input", folder / "x.npz", "--output", folder / "y.npy"]
            runs = [("predict", run)] + [(kind, [program, "convert", made, folder / file, "--to", kind]) for kind, file in KINDS[library].items()]
            for kind, command in runs:
                done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
                if done.returncode:
                    faults.append(f"{name} {kind}: {done.stderr.strip()}")
                    continue
                try:
                    file = KINDS[library].get(kind)
                    found = np.load(folder / "y.npy") if file is None else answer(np, keras.models.load_model(folder / file), xs)
                except Exception as error:
                    faults.append(f"{name} {kind}: {type(error).__name__}: {str(error)[:300]}")
                    continue
                right += same(np, found, y)
                if not same(np, found, y):
                    faults.append(f"{name} {kind}: {found.ravel()[:8]}, not {y.ravel()[:8]}")
    print(f"{library} {keras.__version__}: {right} right, {len(faults)} wrong", *faults, sep="\n  ")
    return int(bool(faults))


def main(program):
    quiet = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    checks = [[keras_python(), __file__, "--check", library, program] for library in KINDS]
    sys.exit(any([subprocess.run(check, env=quiet).returncode for check in checks]))


if __name__ == "__main__":
    sys.exit(check(*sys.argv[2:4])) if sys.argv[1:2] == ["--check"] else main(sys.argv[1])
