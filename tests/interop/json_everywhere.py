"""Keras 3, tf_keras and TensorFlow.js open the JSON that ceratops-formats writes for them, and compute the same.

    python tests/interop/json_everywhere.py

Each model is written in the words of each reader, with weights, an input and the output. The reader opens the
document, takes the weights, and must give that output. What Keras then writes itself must be equal to the document.
What is written for all is opened by all.

KERAS_PYTHON names a Python that has keras, tf_keras and tensorflow; NODE_FOLDER a folder in which @tensorflow/tfjs is
installed. Without them both are installed in the system's folder for temporary files.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# The largest difference between outputs: single precision, in another order.
TOLERANCE = 2e-5
WORDS = {"keras": ["keras3", "keras3short", "portable"], "tf_keras": ["keras2", "portable"]}


def keras_python():
    """A Python that has both Kerases."""
    given = os.environ.get("KERAS_PYTHON")
    if given:
        return given
    home = pathlib.Path(tempfile.gettempdir()) / "ceratops-interop-venv"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(home, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "keras>=3", "tf_keras", "tensorflow-cpu"], check=True)
    return str(python)


def node_folder():
    """A folder with TensorFlow.js."""
    given = os.environ.get("NODE_FOLDER")
    if given:
        return given
    home = pathlib.Path(tempfile.gettempdir()) / "ceratops-interop-node"
    home.mkdir(exist_ok=True)
    if not (home / "node_modules").exists():
        subprocess.run(["npm", "install", "--silent", "@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"], cwd=home, check=True)
    return str(home)


def main():
    with tempfile.TemporaryDirectory() as folder:
        write = ["cargo", "run", "-q", "-p", "ceratops-formats", "--example", "write_json_everywhere"]
        subprocess.run([*write, "--", folder], cwd=ROOT, check=True)
        quiet = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
        checks = [[keras_python(), __file__, "--check", reader, folder] for reader in WORDS]
        checks.append(["node", str(HERE / "json_everywhere.mjs"), node_folder(), folder])
        results = [subprocess.run(check, env={**os.environ, **quiet}).returncode for check in checks]
        sys.exit(any(results))


def leaves(model):
    """The layers, those in nested models included."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from leaves(layer)
        else:
            yield layer


def differences(ours, theirs, path=""):
    """Where Keras writes something else than the document."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in [*ours, *(key for key in theirs if key not in ours)]:
            place = f"{path}.{key}"
            if key not in ours or key not in theirs:
                if not is_known(place):
                    yield f"{place}: only {'here' if key in ours else 'in Keras'}"
            elif not is_known(place):
                yield from differences(ours[key], theirs[key], place)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for i, (our, their) in enumerate(zip(ours, theirs)):
            yield from differences(our, their, f"{path}[{i}]")
    elif isinstance(ours, float) and isinstance(theirs, float):
        # Some numbers pass through single precision in Keras.
        if abs(ours - theirs) > 1e-7 * abs(ours):
            yield f"{path}: {ours!r} became {theirs!r}"
    elif ours != theirs or isinstance(ours, bool) != isinstance(theirs, bool):
        yield f"{path}: {ours!r} became {theirs!r}"


def is_known(place):
    """What Keras reads but does not write, or not always: an Identity's gain; what a layer was built for that stands
    in for an activation, and the layer that holds one."""
    return place.endswith("_initializer.config.gain") or place.endswith("build_config")


# Models that the reader computes wrongly, and why we think so.
SPARSEMAX = "Keras' sparsemax does not sum to 1"
WRONG = {"keras3.activation_sparsemax": SPARSEMAX, "keras3short.activation_sparsemax": SPARSEMAX}


def check_one(keras, sample, words):
    import numpy as np

    model = keras.models.model_from_json(json.dumps(sample["document"]))
    found = []
    if words in ("keras3", "keras2"):
        written = json.loads(model.to_json())
        found += differences(sample["document"], written)
    if "y" not in sample:
        return found
    array = lambda tensor: np.array(tensor["values"], "float32").reshape(tensor["shape"])  # noqa: E731
    layers = {layer.name: layer for layer in leaves(model)}
    x, y = array(sample["x"]), array(sample["y"])
    # Some layers make their weights only now.
    model(x)
    for name, weights in sample["weights"].items():
        layers[name].set_weights([array(weight) for weight in weights])
        if hasattr(layers[name], "finalize_state"):
            layers[name].finalize_state()  # Normalization computes with copies of its weights.
    worst = float(np.abs(np.array(model(x)) - y).max(initial=0.0))
    if np.array(model(x)).shape != y.shape or not worst <= TOLERANCE:
        found.append(f": outputs differ by {worst}")
    return found


def check(reader, folder):
    import importlib

    keras = importlib.import_module(reader)
    failed = 0
    for words in WORDS[reader]:
        opened, computed, refused, bad = 0, 0, 0, 0
        for file in sorted(pathlib.Path(folder).glob(f"{words}.*.json")):
            sample = json.loads(file.read_text())
            if "refused" in sample:
                refused += 1
                continue
            try:
                found = check_one(keras, sample, words)
                if file.stem in WRONG and found:
                    print(f"{reader}, {file.name}{found.pop()} (known: {WRONG[file.stem]})")
                else:
                    computed += "y" in sample
            except Exception as error:
                found = [f": {type(error).__name__}: {str(error)[:400]}"]
            opened += 1
            bad += bool(found)
            for difference in found:
                print(f"{reader}, {file.name}{difference}")
        failed += bad + (opened == 0)
        print(
            f"{reader} {keras.__version__}, words {words}: {opened - bad} of {opened} documents agree, of {computed} the"
            f" output too; {refused} were refused when written"
        )
    return int(failed > 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        sys.exit(check(*sys.argv[2:4]))
    main()
