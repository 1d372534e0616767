"""What `ceratops convert` writes means the same to whoever reads it.

    python tests/interop/converted_everywhere.py PROGRAM [PART_OF_A_NAME]

Keras 3 and tf_keras each make a model for every layer, activation and option, and save it. PROGRAM converts it to every
kind of file. Keras 3, tf_keras and TensorFlow.js open what is for them and must give the outputs of the model that was
saved, to numbers that are small, large, negative and on the kinks. What is refused is listed with the reason.

KERAS_PYTHON names a Python that has keras, tf_keras and tensorflow; NODE_FOLDER a folder in which @tensorflow/tfjs
and @tensorflow/tfjs-backend-wasm are installed. Without them both are installed in the system's folder for temporary files.
"""

import collections
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import embedding_cases
from json_everywhere import keras_python, node_folder
import preprocessing_cases
import shape_cases

import rnn_cases

HERE = pathlib.Path(__file__).resolve().parent
# The largest difference between outputs, as a part of them: single precision, in another order.
TOLERANCE = 1e-4
# Which reader opens which kinds of files, architectures with the weights of the model that was saved.
READERS = {
    "keras": ["keras", "keras3-h5", "h5", "json", "portable-json"],
    "tf_keras": ["h5", "keras2-json", "portable-json"],
    "tfjs": ["tfjs", "portable-json"],
}
NAMES = {"keras": "m.keras", "keras3-h5": "m3.h5", "h5": "m2.h5", "tfjs": "web", "json": "m3.json",
         "keras2-json": "m2.json", "portable-json": "m.json", "weights.h5": "m.weights.h5"}  # fmt: skip
MAKERS = {"keras": "made.keras", "tf_keras": "made.h5"}


def cases(keras):
    """Name, shape of a sample, and the layers of a model."""
    layers, is3 = keras.layers, keras.__version__ >= "3"
    names = """elu exponential gelu hard_sigmoid leaky_relu linear log_softmax mish relu relu6 selu sigmoid silu softmax
        softplus softsign swish tanh"""
    if is3:
        names += """ celu glu hard_shrink hard_silu hard_tanh log_sigmoid soft_shrink sparse_plus sparse_sigmoid
            sparsemax squareplus tanh_shrink"""
    for name in names.split():
        yield f"activation_{name}", (6,), [layers.Activation(name)]
        yield f"activation_map_{name}", (3, 5, 4), [layers.Activation(name)]
        yield f"dense_{name}", (5,), [layers.Dense(4, activation=name)]
        yield f"conv2d_{name}", (6, 5, 2), [layers.Conv2D(4, 3, activation=name)]
        if name not in ("glu", "softmax", "log_softmax", "sparsemax"):
            yield f"lstm_{name}", (4, 3), [layers.LSTM(4, activation=name)]
            yield f"lstm_recurrent_{name}", (4, 3), [layers.LSTM(4, recurrent_activation=name)]
    for name in ("softmax", "hard_sigmoid", "relu"):
        yield f"dense_last_{name}", (3, 5), [layers.Dense(4, activation=name)]
        yield f"nested_{name}", (5,), [keras.Sequential([layers.Input((5,)), layers.Dense(4, activation=name)])]

    yield from preprocessing_cases.cases(keras)
    slope = "negative_slope" if is3 else "alpha"
    for value in (0.0, 0.3, 1.0, 2.5):
        yield f"leaky_{value}", (7,), [layers.LeakyReLU(**{slope: value})]
    for value in (0.5, 1.0, 2.5) + ((0.0, -0.5) if is3 else ()):
        yield f"elu_{value}", (7,), [layers.ELU(alpha=value)]
    for most in (None, 0.0, 1.5, 6.0):
        for below in (0.0, 0.25):
            for threshold in (0.0, 0.5, 2.0):
                options = {"max_value": most, "negative_slope": below, "threshold": threshold}
                yield f"relu_{most}_{below}_{threshold}", (9,), [layers.ReLU(**options)]
    if not is3:
        for value in (0.0, 0.5, 1.0):
            yield f"thresholded_{value}", (9,), [layers.ThresholdedReLU(value)]
    for held, made in {
        "leaky": lambda: layers.LeakyReLU(**{slope: 0.2}), "elu": lambda: layers.ELU(0.5), "prelu": layers.PReLU,
        "relu": lambda: layers.ReLU(max_value=1.0), "relu_th": lambda: layers.ReLU(threshold=0.5),
    }.items():  # fmt: skip
        yield f"dense_holds_{held}", (5,), [layers.Dense(4, activation=made())]
        yield f"conv_holds_{held}", (5, 5, 2), [layers.Conv2D(3, 2, activation=made())]
        yield f"activation_holds_{held}", (5,), [layers.Activation(made())]

    shapes = {1: (5,), 2: (4, 5), 3: (3, 4, 5), 4: (2, 3, 4, 5)}
    for ndim, shape in shapes.items():
        for bits in range(2**ndim):
            shared = [axis + 1 for axis in range(ndim) if bits >> axis & 1]
            yield f"prelu_{ndim}_{shared}", shape, [layers.PReLU("random_normal", shared_axes=shared or None)]
    yield "prelu_behind_conv", (7, 6, 2), [layers.Conv2D(3, 3), layers.PReLU("random_normal", shared_axes=[1, 2])]
    yield "prelu_open", (None, None, 3), [layers.PReLU("random_normal", shared_axes=[1, 2])]
    yield "prelu_open_1", (None, 3), [layers.PReLU("random_normal", shared_axes=[1])]
    yield "prelu_rows", (1, 5), [layers.PReLU("random_normal", shared_axes=[1])]

    for ndim, shape in shapes.items():
        for axis in [-1, *range(1, ndim + 1)]:
            yield f"softmax_{ndim}_{axis}", shape, [layers.Softmax(axis=axis)]
            if ndim < 4:
                yield f"bn_{ndim}_{axis}", shape, [layers.BatchNormalization(axis=axis)]
    for axes in ([1], [-1], [1, 2], [2, 3], [1, 3], [1, 2, 3]):
        yield f"softmax_list_{axes}", (3, 4, 5), [layers.Softmax(axis=axes)]
    for center in (True, False):
        for scale in (True, False):
            normalization = layers.BatchNormalization(center=center, scale=scale, epsilon=0.1, momentum=0.5)
            yield f"bn_{center}_{scale}", (4, 5), [normalization]

    for padding in ("valid", "same"):
        for strides in (1, 2, (2, 3)):
            options = {"strides": strides, "padding": padding}
            yield f"conv_{padding}_{strides}", (9, 8, 2), [layers.Conv2D(3, (3, 2), **options)]
            yield f"pool_{padding}_{strides}", (9, 8, 2), [layers.MaxPooling2D((3, 2), **options)]
            yield f"pool_2_{padding}_{strides}", (9, 8, 2), [layers.MaxPooling2D(2, **options)]
        for dilation in (2, (2, 3)):
            yield f"conv_dilated_{padding}_{dilation}", (12, 11, 2), [
                layers.Conv2D(3, 3, padding=padding, dilation_rate=dilation)]  # fmt: skip
        yield f"pool_default_{padding}", (9, 8, 2), [layers.MaxPooling2D(padding=padding)]
        yield f"conv_groups_{padding}", (6, 6, 4), [layers.Conv2D(4, 3, padding=padding, groups=2)]
        yield f"conv_bare_{padding}", (6, 6, 4), [layers.Conv2D(4, 3, padding=padding, use_bias=False)]
    if not is3:
        for way in (1, 2, 3):
            yield f"local_1d_{way}", (6, 2), [layers.LocallyConnected1D(3, 2, implementation=way)]
            yield f"local_2d_{way}", (4, 5, 2), [layers.LocallyConnected2D(3, 2, strides=2, implementation=way)]
    yield "conv_1x1", (5, 6, 3), [layers.Conv2D(2, 1)]
    yield "conv_even_same", (5, 7, 3), [layers.Conv2D(2, (4, 2), padding="same", strides=2)]

    yield "dense_bare", (5,), [layers.Dense(3, use_bias=False)]
    yield "dense_deep", (2, 3, 5), [layers.Dense(4)]
    for ndim, shape in shapes.items():
        yield f"flatten_{ndim}", shape, [layers.Flatten()]
    for order in ("channels_first", "channels_last"):
        yield f"flatten_{order}", (3, 4, 5), [layers.Flatten(data_format=order)]
        yield f"flatten_2_{order}", (3, 4), [layers.Flatten(data_format=order)]
        yield f"flatten_1_{order}", (3,), [layers.Flatten(data_format=order)]
    for target in ((6, 10), (-1,), (3, -1), (2, 3, -1), (60,), (-1, 1), (5, 4, 3)):
        yield f"reshape_{target}", (3, 4, 5), [layers.Reshape(target)]
    yield "reshape_open", (None, 4), [layers.Reshape((-1, 2))]
    yield "dropout", (6,), [layers.Dropout(0.5, seed=3)]
    yield "dropout_noise", (4, 6), [layers.Dropout(0.5, noise_shape=(None, 1, 6))]
    for scale, offset in ((0.5, 0.0), (1 / 255, -1.0), ([0.5, 2.0, 1.0], 0.0), (2.0, [1.0, 2.0, 3.0]),
                          ([0.5, 2.0, 1.0], [1.0, 2.0, 3.0]), ([[0.5], [2.0]], 1.0)):  # fmt: skip
        yield f"rescaling_{scale}_{offset}", (2, 3), [layers.Rescaling(scale, offset)]
    for axis in (-1, 1, None, (1, 2)):
        for invert in (False, True):
            yield f"normalization_{axis}_{invert}", (2, 3), [layers.Normalization(axis=axis, invert=invert)]
    yield "normalization_given", (3,), [layers.Normalization(mean=[1.0, 2, 3], variance=[4.0, 1, 2])]
    yield "normalization_scalar", (3,), [layers.Normalization(mean=1.0, variance=4.0)]

    for options in ({}, {"return_sequences": True}, {"go_backwards": True}, {"use_bias": False}, {"unroll": True},
                    {"return_sequences": True, "go_backwards": True}, {"dropout": 0.5, "recurrent_dropout": 0.5},
                    {"unit_forget_bias": False}):  # fmt: skip
        yield f"lstm_{options}", (5, 3), [layers.LSTM(4, **options)]
    yield from rnn_cases.cases(keras)
    yield "lstm_open", (None, 3), [layers.LSTM(4, return_sequences=True), layers.LSTM(2)]

    for initializer in """zeros ones random_normal random_uniform truncated_normal variance_scaling glorot_normal
            glorot_uniform he_normal he_uniform lecun_normal lecun_uniform orthogonal""".split():  # fmt: skip
        yield f"initializer_{initializer}", (4,), [layers.Dense(4, kernel_initializer=initializer)]
    yield "initializer_identity", (4,), [layers.Dense(4, kernel_initializer=keras.initializers.Identity())]
    yield "initializer_constant", (4,), [layers.Dense(4, kernel_initializer=keras.initializers.Constant(0.5))]
    for regularizer in ("l1", "l2", keras.regularizers.L1L2(0.1, 0.2)):
        yield f"regularizer_{regularizer}", (4,), [
            layers.Dense(4, kernel_regularizer=regularizer, bias_regularizer=regularizer)]  # fmt: skip
        yield f"activity_{regularizer}", (4,), [layers.Dense(4, activity_regularizer=regularizer)]
    orthogonal = keras.regularizers.OrthogonalRegularizer(0.1)
    yield "regularizer_orthogonal", (4,), [layers.Dense(4, kernel_regularizer=orthogonal)]
    for constraint in ("max_norm", "non_neg", "unit_norm", "min_max_norm"):
        yield f"constraint_{constraint}", (4,), [layers.Dense(4, kernel_constraint=constraint)]

    names = ("a.b", "a-b", "hard_sigmoid", "channels_last", "CamelName", "x__y", "1st")
    for name in names + (("Ünïcode", "a b", "_a") if is3 else ()):
        yield f"named_{name}", (4,), [layers.Dense(4, name=name), layers.Dense(2)]
    yield "nested_deep", (4,), [keras.Sequential([layers.Input((4,)), keras.Sequential(
        [layers.Input((4,)), layers.Dense(3, name="inner", activation="tanh")], name="one")], name="two"),
        layers.Dense(2)]  # fmt: skip
    yield "nested_twins", (4,), [
        keras.Sequential([layers.Input((4,)), layers.Dense(4, name="dense")], name="one"),
        keras.Sequential([layers.Input((4,)), layers.Dense(4, name="dense")], name="two"),
    ]
    for name, shape, made in shape_cases.cases(keras):
        yield f"shape_{name}", shape, made
    yield "frozen", (4,), [layers.Dense(4, trainable=False), layers.BatchNormalization(trainable=False), layers.Dense(2)]


def numbers(np, shape, name):
    """Samples: small ones, large ones, and numbers on the kinks; or ids."""
    shape = (7, *(6 if length is None else length for length in shape))
    if ids := re.match(r"ids(\d+)_", name):
        return np.random.default_rng(0).integers(0, int(ids[1]), shape).astype("float32")
    x = np.random.default_rng(0).normal(0, 2, shape)
    x[1] *= 30
    x[2] = np.round(x[2])
    x[3] = np.round(x[3] * 2) / 2
    x[4] = -np.abs(x[4])
    x[5] = 0
    x[6] *= 0.01
    return x.astype("float32")


def make(maker, folder, wanted):
    import importlib

    import numpy as np

    keras = importlib.import_module(maker)
    chance = np.random.default_rng(1)
    for name, shape, layers in itertools.chain(cases(keras), embedding_cases.cases(keras)):
        if wanted not in name:
            continue
        keras.backend.clear_session()
        x = numbers(np, shape, name)
        # The batches of a stateful layer have one length.
        batch = {"batch_size": len(x)} if name.startswith("stateful_") else {}
        model = keras.Sequential([keras.layers.Input(shape, **batch), *layers])
        model(x)
        forget(model)
        draw = lambda w: chance.normal(0.3, 1, w.shape).astype("float32")  # noqa: E731
        model.set_weights([np.abs(draw(w)) + 0.1 if w.ndim < 2 else draw(w) for w in model.get_weights()])
        restore(model)
        place = folder / f"{maker}.{len(list(folder.iterdir()))}"
        place.mkdir()
        model.save(place / MAKERS[maker])
        y = np.asarray(model(x, training=False))
        np.savez(place / "samples.npz", x=x, y=y)
        weights = [w.astype("float32") for w in model.get_weights()]
        np.savez(place / "weights.npz", *weights)
        x.tofile(place / "x.bin"), y.tofile(place / "y.bin")
        np.concatenate([w.ravel() for w in [*weights, np.zeros(0, "float32")]]).tofile(place / "weights.bin")
        case = {"name": name, "x": x.shape, "y": y.shape, "weights": [w.shape for w in weights]}
        (place / "case.json").write_text(json.dumps(case))


def forget(model):
    """States begin anew."""
    for layer in model.layers:
        if getattr(layer, "stateful", False):
            (layer.reset_states if hasattr(layer, "reset_states") else layer.reset_state)()


def restore(model):
    """A Normalization computes with copies of its weights."""
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
        if hasattr(layer, "layers"):
            restore(layer)


def convert(program, folder):
    """Each to every kind; what is refused, with the reason, in refused.json."""
    refused = collections.Counter()
    for place in sorted(folder.iterdir()):
        reasons = {}
        source = place / MAKERS[place.name.split(".")[0]]
        for kind, file in NAMES.items():
            command = [program, "convert", str(source), str(place / file), "--to", kind]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                reasons[kind] = done.stderr.strip()
                name = json.loads((place / "case.json").read_text())["name"]
                refused[f"{place.name} {name} {kind}: {done.stderr.strip()}"] += 1
            elif done.stderr:
                (place / f"{kind}.notes").write_text(done.stderr)
        (place / "refused.json").write_text(json.dumps(reasons))
    return refused


def opened(keras, kind, place, np):
    """The model that a file is for its reader."""
    file = place / NAMES[kind]
    if not kind.endswith("json"):
        return keras.models.load_model(file)
    model = keras.models.model_from_json(file.read_text())
    with np.load(place / "weights.npz") as weights:
        given = [weights[f"arr_{i}"] for i in range(len(weights.files))]
    if not model.built:
        model.build((None, *np.load(place / "samples.npz")["x"].shape[1:]))
    model.set_weights(given)
    restore(model)
    return model


def check(reader, folder):
    import importlib

    import numpy as np

    keras = importlib.import_module(reader)
    worse = 0
    for kind in READERS[reader]:
        right = told = 0
        for place in sorted(folder.iterdir()):
            name = json.loads((place / "case.json").read_text())["name"]
            if reader == "keras" and name.startswith("local_"):
                continue  # An .h5 file is one for Keras 2 here: Keras 3 has no such layer.
            notes = place / f"{kind}.notes"
            said = notes.read_text().strip() if notes.exists() else "nothing said"
            if kind in json.loads((place / "refused.json").read_text()):
                continue
            samples = np.load(place / "samples.npz")
            try:
                y = np.asarray(opened(keras, kind, place, np)(samples["x"], training=False))
                fault = "" if close(np, y, samples["y"]) else f"off by {off(np, y, samples['y'])}"
            except Exception as error:
                if "refuses" in said or "takes only names" in said:
                    told += 1
                    continue
                fault = f"{type(error).__name__}: {str(error)[:300]}"
            right += not fault
            if fault:
                print(f"{reader} {kind} {place.name} {name}: {fault} ({said})")
                worse += 1
        print(f"{reader} {keras.__version__}, {kind}: {right} right, {told} not opened, as was said")
    return int(worse > 0)


def off(np, y, expected):
    if y.shape != expected.shape:
        return f"shape {y.shape}, not {expected.shape}"
    return np.nanmax(np.abs(y - expected))


def close(np, y, expected):
    return y.shape == expected.shape and np.allclose(y, expected, TOLERANCE, TOLERANCE, equal_nan=True)


def main(program, wanted=""):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(os.environ.get("KEEP_IN", name))
        quiet = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
        python = keras_python()
        for maker in MAKERS:
            subprocess.run([python, __file__, "--make", maker, str(folder), wanted], env=quiet, check=True)
        for line in convert(program, folder):
            print("refused:", line)
        checks = [[python, __file__, "--check", reader, str(folder)] for reader in ("keras", "tf_keras")]
        script = str(HERE / "converted_everywhere.mjs")
        checks += [["node", script, node_folder(), str(folder), backend] for backend in ("cpu", "wasm")]
        sys.exit(any([subprocess.run(check, env=quiet).returncode for check in checks]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        make(sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4])
    elif sys.argv[1:2] == ["--check"]:
        sys.exit(check(sys.argv[2], pathlib.Path(sys.argv[3])))
    else:
        main(*sys.argv[1:3])
