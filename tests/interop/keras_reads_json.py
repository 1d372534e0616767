"""Real Keras 3 opens the JSON that ceratops-formats writes.

    python tests/interop/keras_reads_json.py

Every document is opened with model_from_json (every layer with layers.deserialize). What Keras
then writes itself must say all that the document says, and beyond it only defaults.

KERAS_PYTHON names a Python that has keras and tensorflow; without it a virtual environment is made
in the system's folder for temporary files, and both are installed there.
"""

import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]


def keras_python():
    """A Python that has Keras."""
    given = os.environ.get("KERAS_PYTHON")
    if given:
        return given
    home = pathlib.Path(tempfile.gettempdir()) / "ceratops-interop-venv"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(home, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "keras>=3", "tensorflow-cpu"], check=True)
    return str(python)


def main():
    with tempfile.TemporaryDirectory() as folder:
        write = ["cargo", "run", "-q", "-p", "ceratops-formats", "--example", "write_json_samples"]
        subprocess.run([*write, "--", folder], cwd=ROOT, check=True)
        quiet = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
        check = [keras_python(), __file__, "--check", folder]
        sys.exit(subprocess.run(check, env={**os.environ, **quiet}).returncode)


def differences(ours, theirs, path=""):
    """Where Keras says something else than the document."""
    # A plain dtype is short for a policy.
    if isinstance(ours, str) and isinstance(theirs, dict) and theirs.get("class_name") == "DTypePolicy":
        theirs = theirs["config"]["name"]
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in ours.keys() - theirs.keys():
            if not is_forgotten(key, path, ours[key]):
                yield f"{path}.{key}: Keras lost {ours[key]!r}"
        for key in theirs.keys() - ours.keys():
            if not is_default(key, theirs[key]):
                yield f"{path}.{key}: Keras added {theirs[key]!r}"
        for key in ours.keys() & theirs.keys():
            if not is_stated(key, ours, theirs):
                yield from differences(ours[key], theirs[key], f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for i, (our, their) in enumerate(zip(ours, theirs)):
            yield from differences(our, their, f"{path}[{i}]")
    elif not same(ours, theirs):
        yield f"{path}: {ours!r} became {theirs!r}"


def same(ours, theirs):
    if isinstance(ours, float) and isinstance(theirs, float):
        # Some regularizers of Keras keep their numbers in single precision.
        return theirs in (ours, struct.unpack("f", struct.pack("f", ours))[0])
    return ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool)


def is_forgotten(key, path, value):
    """What Keras reads but does not write: an Identity's gain, the shape an Activation took, no activity_regularizer."""
    if key == "activity_regularizer" and value is None:
        return True
    return key == "build_config" or (key == "gain" and path.endswith("_initializer.config"))


def is_stated(key, ours, theirs):
    """Whether Keras states what the document leaves open: pools move by their own size."""
    return key == "strides" and ours[key] is None and theirs[key] == theirs.get("pool_size")


def is_default(key, value):
    """Whether what Keras adds changes nothing."""
    defaults = {
        "sparse": False, "ragged": False, "optional": False, "synchronized": False,
        "renorm": False, "renorm_momentum": 0.99, "return_state": False, "stateful": False, "unroll": False, "compile_config": {},
    }
    if key == "build_config":
        return True
    return value is None or (key in defaults and defaults[key] == value)


def check(folder):
    import keras

    read = {
        "model": lambda text: json.loads(keras.models.model_from_json(text).to_json()),
        "layer": lambda text: keras.layers.serialize(keras.layers.deserialize(json.loads(text))),
    }
    failed, files = 0, sorted(pathlib.Path(folder).glob("*.json"))
    for file in files:
        text, kind = file.read_text(), file.stem.split("_")[0]
        try:
            # Through JSON, since Keras keeps tuples.
            theirs = json.loads(json.dumps(read[kind](text)))
            found = list(differences(json.loads(text), theirs))
        except Exception as error:
            found = [f"{type(error).__name__}: {str(error)[:500]}"]
        failed += bool(found)
        for difference in found:
            print(f"{file.name}{difference if difference.startswith('.') else ': ' + difference}")
    print(f"Keras {keras.__version__}: {len(files) - failed} of {len(files)} documents agree")
    return int(failed > 0 or not files)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        sys.exit(check(sys.argv[2]))
    main()
