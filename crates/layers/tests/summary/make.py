"""Writes cases.json: summaries printed by real Keras, with the rows they were printed from.

    pip install keras==3.15.1 tensorflow-cpu tf-keras==2.21.0 rich==15.0.0
    python crates/layers/tests/summary/make.py
"""

import copy
import io
import json
import os
import pathlib

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES=".")
import keras
import rich.console
import tensorflow
import tf_keras
from keras.src.backend import StatelessScope
from keras.src.utils import summary_utils
from tf_keras.src.utils import layer_utils

MODELS, CASES = [], []


# --- what a model tells its summary ------------------------------------------------------------


def shape_of(layer):
    try:
        shape = layer.output.shape if isinstance(layer, keras.Layer) else layer.output_shape
    except AttributeError:
        return None
    return [None if n is None else int(n) for n in shape]


def rows_of(layers, depth=0):
    for layer in layers:
        yield {
            "name": layer.name,
            "class_name": type(layer).__name__,
            "output_shape": shape_of(layer),
            "params": int(layer.count_params()) if layer.built else None,
            "trainable": bool(layer.trainable),
            "depth": depth,
        }
        yield from rows_of(getattr(layer, "layers", []), depth + 1)


def count(utils, weights):
    return [utils.count_params(weights), int(utils.weight_memory_size(weights))]


def totals_of(model, utils):
    optimizer = getattr(model, "optimizer", None) if isinstance(model, keras.Model) else None
    return {
        "trainable": count(utils, model.trainable_weights),
        "non_trainable": count(utils, model.non_trainable_weights),
        "optimizer": count(utils, optimizer.variables) if optimizer and optimizer.built else None,
    }


# --- what Keras prints -------------------------------------------------------------------------


def text_of(model, arguments):
    """The text as printed to a file, or to a terminal of 256 colours."""
    colored, out = arguments.get("colored", False), io.StringIO()
    wanted = {k: v for k, v in arguments.items() if k not in ("colored", "columns")}
    if not colored:
        model.summary(print_fn=lambda line, **_: out.write(line.rstrip("\n") + "\n"), **wanted)
        return out.getvalue()
    plain, forced = rich.console.Console, dict(force_terminal=True, color_system="256", file=out)
    rich.console.Console = lambda **kwargs: plain(**{**kwargs, **forced})
    try:
        summary_utils.print_summary(model, **wanted)
    finally:
        rich.console.Console = plain
    return out.getvalue()


def case(title, model, **arguments):
    style = "Keras3" if isinstance(model, keras.Model) else "Keras2"
    # Wider than any table, where a case does not say otherwise: Keras crops lines at the console.
    default = 80 if style == "Keras3" and "line_length" not in arguments else 200
    os.environ["COLUMNS"] = str(arguments.get("columns", default))
    lines = text_of(model, copy.deepcopy(arguments)).split("\n")
    assert lines.pop() == ""
    told = {
        "name": model.name,
        "rows": list(rows_of(model.layers)),
        "totals": totals_of(model, summary_utils if style == "Keras3" else layer_utils),
    }
    if told not in MODELS:
        MODELS.append(told)
    CASES.append({
        "case": title,
        "style": style,
        "arguments": arguments,
        "model": MODELS.index(told),
        "text": lines,
    })


# --- the models, in either Keras ---------------------------------------------------------------


def cnn(k):
    return [
        k.layers.Conv2D(8, 3, activation="relu", name="c1"),
        k.layers.MaxPooling2D(name="max_pooling2d"),
        k.layers.Flatten(name="flatten"),
        k.layers.Dense(10, activation="softmax", name="dense"),
    ]


def prelu(k):
    return [
        k.layers.Conv2D(32, 3, name="conv2d"),
        k.layers.PReLU(shared_axes=[1, 2], name="p_re_lu"),
        k.layers.BatchNormalization(name="batch_normalization"),
        k.layers.Flatten(name="flatten"),
        k.layers.Dense(128, name="dense"),
        k.layers.PReLU(name="p_re_lu_1"),
    ]


def sequential(k, name, shape, layers):
    return k.Sequential([k.layers.Input(shape), *layers], name=name)


def nested(k):
    """Two levels, with rows before, after and at the end of a container."""
    dense = k.layers.Dense
    tail = k.Sequential([dense(3, name="t1"), dense(2, name="t2")], name="tail")
    inner = [dense(4, name="d1"), tail, k.layers.ReLU(name="re_lu")]
    outer = [dense(8, name="first"), k.Sequential(inner, name="inner"), dense(5, name="middle"),
             k.Sequential([k.Sequential([dense(1, name="deepest")], name="deeper")], name="deep")]
    return sequential(k, "nested", (6,), outer)


def named(k):
    """Names too long, and in many scripts."""
    names = ["a_name_that_is_far_too_long_for_any_column_of_this_table", "x" * 26, "two words here", "f(a), g(b)",
             "畳み込み層その一", "層" * 10, "層" * 20, "слой_свёртки_номер_один", "couche_cachée_e\u0301_n\u0303", "밀집층", "طبقة", "ชั้น", "न\u094d\u200dय"]
    model = sequential(k, "named", (3,), [k.layers.Dense(3) for _ in names])
    for layer, name in zip(model.layers, names):
        # Keras 2 refuses most of them, but prints them.
        setattr(layer, "name" if k is keras else "_name", name)
    return model


def wide(k):
    """Shapes that wrap, and counts that do."""
    return sequential(k, "wide", (128, 128, 16), [
        k.layers.Reshape((16, 16, 16, 16, 4), name="reshape"),
        k.layers.Reshape((512, 512, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), name="again"),
        k.layers.Flatten(name="flatten"),
    ])


def huge(k):
    return sequential(k, "huge", (1_000_000,), [
        k.layers.Dense(2_000_000, name="dense"),
        k.layers.Dense(300_000, name="dense_1"),
    ])


def rounding(k):
    """256 weights are 1 KB; 288 are 1.125 KB, which Python rounds to even."""
    frozen, dense = k.layers.Dense(8, name="frozen"), k.layers.Dense(32, name="dense")
    model = sequential(k, "rounding", (31,), [frozen, dense, k.layers.ReLU(name="re_lu")])
    frozen.trainable = False
    model.layers[2].trainable = False
    return model


def both(k):
    case("cnn", sequential(k, "m", (28, 28, 1), cnn(k)))
    frozen = sequential(k, "m", (28, 28, 1), prelu(k))
    frozen.layers[0].trainable = frozen.layers[2].trainable = False
    case("prelu", frozen)
    case("prelu, show_trainable", frozen, show_trainable=True)
    short = sequential(k, "m", (28, 28, 1), prelu(k)[:2])
    for length in (50, 60, 88, 100, 120):
        case(f"line_length {length}", short, line_length=length)
        case(f"trainable, line_length {length}", short, line_length=length, show_trainable=True)
    case("layer_range", frozen, layer_range=["batch", "p_re_lu"])
    case("layer_range, the wrong way round", frozen, layer_range=["flatten", "batch_norm"])
    model = nested(k)
    case("nested", model)
    case("nested, expanded", model, expand_nested=True)
    case("nested, expanded, trainable", model, expand_nested=True, show_trainable=True, line_length=70)
    case("nested, layer_range", model, expand_nested=True, layer_range=["first", "inner"])
    case("nested, narrow", model, expand_nested=True, line_length=44)
    case("nested, too narrow for the branches", model, expand_nested=True, line_length=20)
    case("names", named(k))
    for length in (52, 60):
        case(f"names, line_length {length}", named(k), line_length=length)
    case("shapes that wrap", wide(k))
    case("shapes that wrap, positions", wide(k), line_length=64, positions=[0.3, 0.7, 1.0])
    case("positions, trainable", wide(k), line_length=90, positions=[0.5, 0.6, 1.0], show_trainable=True)
    case("rounding", rounding(k), show_trainable=True)
    model = sequential(k, "compiled", (28, 28, 1), cnn(k))
    model.compile(k.optimizers.Adam(), "mse")
    model.optimizer.build(model.trainable_variables)
    case("compiled", model)


def keras3():
    both(keras)
    case("empty", keras.Sequential(name="nothing"))
    case("unbuilt", keras.Sequential(cnn(keras), name="unbuilt"), show_trainable=True)
    case("unbuilt, expanded", keras.Sequential([keras.Sequential(cnn(keras), name="inner")], name="u"),
         expand_nested=True)
    model = sequential(keras, "m", (28, 28, 1), prelu(keras)[:3])
    for columns in (60, 90, 200):
        case(f"columns {columns}", model, columns=columns)
        case(f"trainable, columns {columns}", model, columns=columns, show_trainable=True)
    case("smallest line_length", model, line_length=16)
    case("a column without room", model, line_length=40, positions=[0.8, 0.9, 1.0])
    case("a narrower last position", model, line_length=60, positions=[0.3, 0.5, 0.6])
    case("last position just beyond the line", model, line_length=60, positions=[0.4, 0.8, 1.05])
    case("last position beyond the line", model, line_length=60, positions=[0.4, 0.8, 1.5])
    model.layers[0].trainable = False
    for length in (36, 50):
        case(f"coloured, line_length {length}", model, line_length=length, colored=True)
        case(f"coloured, trainable, {length}", model, line_length=length, colored=True, show_trainable=True)
    case("coloured, expanded", nested(keras), line_length=60, colored=True, expand_nested=True)
    case("coloured, unbuilt", keras.Sequential(cnn(keras), name="u"), line_length=60, colored=True)
    case("coloured, names", named(keras), line_length=52, colored=True)
    case("coloured, empty", keras.Sequential(name="nothing"), line_length=60, colored=True)
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    case("coloured, compiled", model, line_length=60, colored=True)
    StatelessScope().__enter__()  # Leaving it would allocate the weights.
    case("huge", huge(keras), columns=200)
    case("huge, narrow", huge(keras), line_length=30)


class Unused(tf_keras.Model):
    """Keras 2 refuses to summarise what is not built, but not a model that leaves layers unbuilt."""

    def __init__(self, name, layers):
        super().__init__(name=name)
        self.unused = layers
        self.build((None, 3))

    def call(self, x):
        return x


def keras2():
    both(tf_keras)
    with tensorflow.Graph().as_default():
        case("huge", huge(tf_keras))
        case("huge, narrow", huge(tf_keras), line_length=30)
    case("empty", Unused("nothing", []))
    case("unused", Unused("unused", cnn(tf_keras)), show_trainable=True)
    model = sequential(tf_keras, "m", (28, 28, 1), prelu(tf_keras)[:3])
    case("absolute positions", model, line_length=70, positions=[25, 55, 70])
    case("positions beyond the line", model, line_length=40, positions=[25, 55, 70])
    case("absolute positions, trainable", model, positions=[20, 50, 65], show_trainable=True)
    case("smallest columns", model, line_length=12, positions=[4, 8, 9])


if __name__ == "__main__":
    keras3()
    keras2()
    file = pathlib.Path(__file__).with_name("cases.json")
    parts = {"models": MODELS, "cases": CASES}
    lines = {k: ",\n".join(json.dumps(one, ensure_ascii=False) for one in v) for k, v in parts.items()}
    file.write_text("{%s\n}\n" % ",".join(f'\n"{k}": [\n{v}\n]' for k, v in lines.items()), encoding="utf-8")
    print(len(CASES), "cases")
