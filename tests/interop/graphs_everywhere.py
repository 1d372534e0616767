"""Functional models, written by `ceratops convert`, mean the same to whoever reads them.

    python tests/interop/graphs_everywhere.py PROGRAM [PART_OF_A_NAME]

Keras 3 and tf_keras make the models of graph_cases.py, TensorFlow.js those of graphs_everywhere.mjs, and each saves them.
PROGRAM must answer as they did, and converts each to every kind of file; Keras 3, tf_keras and TensorFlow.js open what is
for them and must give the outputs of the model that was saved. Most are trained too: a step
there, a step by PROGRAM, a step there, and the weights must be those of three steps there. What is refused is listed.

KERAS_PYTHON and NODE_FOLDER are those of converted_everywhere.py.
"""

import collections
import importlib
import json
import logging
import os
import pathlib
import subprocess
import sys
import tempfile

import graph_cases
from graph_cases import NOT_TRAINED
from json_everywhere import keras_python, node_folder
from operation_cases import operations

HERE = pathlib.Path(__file__).resolve().parent
# The largest difference of outputs and of trained weights, as a part of them.
TOLERANCE, OF_WEIGHTS = 1e-5, 2e-4
NAMES = {"keras": "m.keras", "keras3-h5": "m3.h5", "h5": "m2.h5", "tfjs": "web", "json": "m3.json",
         "keras2-json": "m2.json", "portable-json": "m.json", "weights.h5": "m.weights.h5"}  # fmt: skip
READERS = {
    "keras": ["keras", "keras3-h5", "h5", "json", "portable-json"],
    "tf_keras": ["h5", "keras2-json", "portable-json"],
}
# What each maker saves; and, for training, in which kind of file it goes there and comes back.
MAKERS = {"keras": ["made.keras"], "tf_keras": ["made.h5", "made.keras"], "tfjs": ["made"]}
ROUTES = {"keras": [("made.keras", "keras"), ("made.h5", "keras")], "tf_keras": [("made.h5", "h5"), ("made.keras", "h5")]}


def graphs(keras):
    return graph_cases.graphs(keras) | operations(keras)


def make(maker, folder, wanted):
    """A folder for each model, with its input and its output."""
    import numpy as np

    keras = importlib.import_module(maker)
    for name, graph in graphs(keras).items():
        if wanted not in name:
            continue
        keras.utils.set_random_seed(7)
        model = graph()
        chance = np.random.default_rng(3)
        model.set_weights([np.abs(w) + chance.uniform(0.1, 0.6, w.shape) if "variance" in v.name or "gamma" in v.name
                           else w + chance.normal(0, 0.2, w.shape)
                           for v, w in zip(model.weights, model.get_weights(), strict=True)])  # fmt: skip
        xs = [chance.normal(size=(6, *(n or 5 for n in x.shape[1:]))).astype("f4") for x in model.inputs]
        xs = [(x > -0.5).astype("f4") if "bool" in str(to.dtype) else x for x, to in zip(xs, model.inputs, strict=True)]
        place = folder / f"{maker}.{name}"
        place.mkdir()
        for file in MAKERS[maker]:
            model.save(place / file)
        ys = called(model, xs)
        put(place, [x.name.split(":")[0] for x in model.inputs], xs, ys, name not in NOT_TRAINED)


def called(model, xs):
    """What the model answers, as a list."""
    import numpy as np

    nest = getattr(model, "_inputs_struct", getattr(model, "_nested_inputs", None))
    xs = [x.astype("bool") if "bool" in str(to.dtype) else x for x, to in zip(xs, model.inputs, strict=True)]
    given = xs[0] if len(xs) == 1 else xs
    if isinstance(nest, dict):
        given = dict(zip(sorted(nest), xs, strict=True))
    ys = model(given, training=False)
    return [np.asarray(y) for y in importlib.import_module("tensorflow").nest.flatten(ys)]


def put(place, names, xs, ys, trains, weights=None):
    import numpy as np

    np.savez(place / "x.npz", **dict(zip(names, xs, strict=True)))
    if len(xs) == 1:
        np.save(place / "x.npy", xs[0])
    for kind, arrays in (("x", xs), ("y", ys)):
        for i, array in enumerate(arrays):
            array.astype("f4").tofile(place / f"{kind}{i}.bin")
    case = {"names": names, "x": [x.shape for x in xs], "y": [y.shape for y in ys],
            "trains": trains, "weights": weights}  # fmt: skip
    (place / "case.json").write_text(json.dumps(case))
    if trains:
        labels = [np.random.default_rng(4 + i).normal(size=y.shape).astype("f4") for i, y in enumerate(ys)]
        np.savez(place / "labels.npz", *labels)


def arrays(place, kind):
    import numpy as np

    shapes = json.loads((place / "case.json").read_text())[kind]
    return [np.fromfile(place / f"{kind}{i}.bin", "f4").reshape(shape) for i, shape in enumerate(shapes)]


def off(found, expected):
    """How far the outputs are apart."""
    import numpy as np

    if [y.shape for y in found] != [y.shape for y in expected]:
        return f"shapes {[y.shape for y in found]}, not {[y.shape for y in expected]}"
    worst = max((np.abs(a - b) / (1 + np.abs(b))).max() for a, b in zip(found, expected, strict=True))
    return "" if worst <= TOLERANCE else f"off by {worst}"


def answers(program, place, file):
    """What PROGRAM answers."""
    import numpy as np

    case = json.loads((place / "case.json").read_text())
    x, several = place / f"x.np{'y' if len(case['x']) == 1 else 'z'}", len(case["y"]) > 1
    y = place / f"found.np{'z' if several else 'y'}"
    done = run(program, "predict", place / file, "--input", x, "--output", y)
    if done.returncode:
        return None, done.stderr.strip()
    found = np.load(y)
    return ([found[name] for name in found.files] if several else [found]), ""


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def ours(program, folder):
    """Answers, and converts each to every kind; what is refused, with the reason, in refused.json."""
    refused, count = collections.Counter(), collections.Counter()
    for place in sorted(folder.iterdir()):
        maker = place.name.split(".")[0]
        expected = arrays(place, "y")
        reasons = {}
        for file in MAKERS[maker]:
            found, error = answers(program, place, file)
            fault = error or off(found, expected)
            count["answered as the maker" if not fault else "answered otherwise"] += 1
            if fault:
                print(f"ceratops {place.name} {file}: {fault}")
        for kind, name in NAMES.items():
            done = run(program, "convert", place / MAKERS[maker][0], place / name, "--to", kind)
            if done.returncode:
                reasons[kind] = done.stderr.strip()
                refused[f"{place.name} {kind}: {done.stderr.strip()}"] += 1
            elif done.stderr:
                (place / f"{kind}.notes").write_text(done.stderr)
        for kind in ("keras", "h5", "tfjs"):
            if kind in reasons:
                continue
            found, error = answers(program, place, NAMES[kind])
            fault = error or off(found, expected)
            count["read again as written" if not fault else "read again otherwise"] += 1
            if fault:
                print(f"ceratops {place.name} {kind} again: {fault}")
        (place / "refused.json").write_text(json.dumps(reasons))
    print("ceratops:", ", ".join(f"{n} {what}" for what, n in sorted(count.items())))
    for line in refused:
        print("refused:", line)
    return count["answered otherwise"] + count["read again otherwise"]


def opened(keras, kind, place):
    file = place / NAMES[kind]
    if not kind.endswith("json"):
        return keras.models.load_model(file)
    model = keras.models.model_from_json(file.read_text())
    # Keras 3's portable weights go by class and place, which its own reading of old words keeps.
    source = place / ("m3.h5" if keras.__version__ >= "3" else "m2.h5")
    model.load_weights(source if source.exists() else place / "m.weights.h5")
    return model


def check(reader, folder):
    keras = importlib.import_module(reader)
    worse = 0
    for kind in READERS[reader]:
        right = told = 0
        for place in sorted(folder.iterdir()):
            if kind in json.loads((place / "refused.json").read_text()):
                continue
            notes = place / f"{kind}.notes"
            said = notes.read_text().strip() if notes.exists() else "nothing said"
            try:
                fault = off(called(opened(keras, kind, place), arrays(place, "x")), arrays(place, "y"))
            except Exception as error:
                if "refuses" in said or "does not open" in said or "cannot open" in said:
                    told += 1
                    continue
                fault = f"{type(error).__name__}: {str(error)[:300]}"
            right += not fault
            if fault:
                print(f"{reader} {kind} {place.name}: {fault} ({said})")
                worse += 1
        print(f"{reader} {keras.__version__}, {kind}: {right} right, {told} not opened, as was said")
    return int(worse > 0)


def unique(names):
    """The names, of which one that comes again is numbered, as PROGRAM has them."""
    found = []
    for name in names:
        found.append(next(n for n in [name, *(f"{name}_{i}" for i in range(1, 9))] if n not in found))
    return found


def nested(model, xs, ys):
    """The samples and labels as the model was made: alone, in a list, or under keys."""
    def like(nest, values):
        if isinstance(nest, dict):
            return dict(zip(sorted(nest), values, strict=True))
        return values if len(values) > 1 else values[0]

    structs = [("_inputs_struct", "_nested_inputs"), ("_outputs_struct", "_nested_outputs")]
    nests = [getattr(model, new, getattr(model, old, None)) for new, old in structs]
    return like(nests[0], xs), like(nests[1], ys)


def known(model):
    """The weights, but for the biases of keys: each adds the same to all scores of a query, of which softmax takes no
    notice, so that their gradients are rounding errors, and Adam makes whole steps of these."""
    names = [getattr(w, "path", w.name) for w in model.weights]
    return [w for name, w in zip(names, model.get_weights(), strict=True) if "key/bias" not in name]


def train(maker, program, folder):
    """A step there, one by PROGRAM, one there: the weights are those of three steps there."""
    import numpy as np

    keras = importlib.import_module(maker)
    worse, right = 0, 0
    for place in sorted(folder.glob(f"{maker}.*")):
        if not json.loads((place / "case.json").read_text())["trains"]:
            continue
        labels = list(np.load(place / "labels.npz").values())
        for file, back in ROUTES[maker]:
            alone = graphs(keras)[place.name.split(".")[1]]()
            alone.compile(keras.optimizers.Adam(0.01), "mse")
            x, y = nested(alone, arrays(place, "x"), labels)
            step = lambda model: model.fit(x, y, batch_size=3, shuffle=False, verbose=0)  # noqa: E731
            step(alone)
            there, trained, result = place / f"step.{file}", place / "trained.keras", place / f"back.{back}"
            try:
                alone.save(there)
            except ValueError as error:
                # Of an .h5 where two layers have one name.
                print(f"{maker} itself cannot save {place.name} as {file}: {str(error)[:100]}")
                continue
            how = ["--epochs", "1", "--batch-size", "3", "--no-shuffle"]
            np.savez(place / "y.npz", **dict(zip(unique(getattr(alone, "output_names", ["y"])), labels, strict=True)))
            data = ["--x", place / "x.npz", "--y", place / "y.npz"]
            done = run(program, "train", there, *data, *how, "--out", trained)
            done = done if done.returncode else run(program, "convert", trained, result, "--to", back)
            try:
                if done.returncode:
                    raise ValueError(done.stderr.strip())
                back_there = keras.models.load_model(result)
                step(back_there), step(alone), step(alone)
                pairs = zip(known(alone), known(back_there), strict=True)
                worst = max(np.abs(u - v).max() / max(np.abs(u).max(), 1e-3) for u, v in pairs)
                fault = "" if worst <= OF_WEIGHTS else f"weights off by {worst}"
            except Exception as error:
                fault = f"{type(error).__name__}: {str(error)[:300]}"
            right += not fault
            if fault:
                worse += 1
                print(f"{maker} trained {place.name} {file} -> {back}: {fault}")
    print(f"{maker} {keras.__version__}, trained here and there: {right} right")
    return int(worse > 0)


def from_tfjs(folder):
    """Gives the models that TensorFlow.js made what the others have."""
    for place in folder.glob("tfjs.*"):
        case = json.loads((place / "case.json").read_text())
        put(place, case["names"], arrays(place, "x"), arrays(place, "y"), False, case.get("weights"))


def after_tfjs(program, folder):
    """Trains on what TensorFlow.js trained, and compares the weights with its own next step."""
    import numpy as np

    worse = right = 0
    for place in sorted(folder.glob("tfjs.trained_*")):
        case = json.loads((place / "case.json").read_text())
        labels = np.fromfile(place / "labels.bin", "f4").reshape(case["y"][0])
        np.save(place / "labels.npy", labels)
        (place / "trained").mkdir()
        how = ["--epochs", "1", "--batch-size", "3", "--no-shuffle", "--out", place / "trained" / "model.json"]
        data = ["--x", place / "x.npy", "--y", place / "labels.npy"]
        done = run(program, "train", place / "made", *data, *how)
        expected = np.fromfile(place / "after.bin", "f4")
        fault = done.stderr.strip() if done.returncode else ""
        if not fault:
            document = json.loads((place / "trained" / "model.json").read_text())
            [group] = document["weightsManifest"]
            shards = [np.fromfile(place / "trained" / name, "u1") for name in group["paths"]]
            numbers = np.concatenate(shards).view("f4")
            found, start = {}, 0
            for spec in group["weights"]:
                size = int(np.prod(spec["shape"]))
                found[spec["name"]], start = numbers[start : start + size], start + size
            mine = np.concatenate([found[name] for name in case["weights"]])
            worst = np.abs(mine - expected).max() / np.abs(expected).max()
            fault = "" if worst <= OF_WEIGHTS else f"weights off by {worst}"
        right += not fault
        if fault:
            worse += 1
            print(f"ceratops trains on {place.name}: {fault}")
    print(f"ceratops, trained after TensorFlow.js: {right} right")
    return worse


def main(program, wanted=""):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(os.environ.get("KEEP_IN", name))
        quiet = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "",
                 "PYTHONWARNINGS": "ignore"}  # fmt: skip
        here = lambda *arguments: [keras_python(), __file__, *map(str, arguments)]  # noqa: E731
        script = ["node", str(HERE / "graphs_everywhere.mjs"), node_folder(), str(folder)]
        for maker in ("keras", "tf_keras"):
            subprocess.run(here("--make", maker, folder, wanted), env=quiet, check=True)
        subprocess.run([*script, "make", wanted], env=quiet, check=True)
        checks = [here("--ours", program, folder)]
        checks += [here("--check", reader, folder) for reader in READERS]
        checks += [[*script, "check"]]
        checks += [here("--train", maker, program, folder) for maker in ROUTES]
        sys.exit(any([subprocess.run(check, env=quiet).returncode for check in checks]))


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    first, *rest = sys.argv[1:]
    if first == "--make":
        make(rest[0], pathlib.Path(rest[1]), rest[2])
    elif first == "--ours":
        from_tfjs(pathlib.Path(rest[1]))
        sys.exit(ours(rest[0], pathlib.Path(rest[1])) + after_tfjs(rest[0], pathlib.Path(rest[1])) > 0)
    elif first == "--check":
        sys.exit(check(rest[0], pathlib.Path(rest[1])))
    elif first == "--train":
        sys.exit(train(rest[0], rest[1], pathlib.Path(rest[2])))
    else:
        main(first, *rest)
