"""Writes preprocessing/<class>.json: what real Keras makes of images, at rest and in training.

    ~/keras-venv/bin/python tests/golden/make_preprocessing.py [class ...]

and preprocessing/drawn.json (class "drawn"): what it makes of images with draws that are given to it.

Random layers are given ranges of one number, so that nothing is left to chance; where a coin is tossed all the same,
the file has each outcome. Seeds are fixed: a second run on the same machine writes the same bytes.
"""

import sys

import cases_drawn
import cases_preprocessing
import cases_sound
from golden import HERE, array, integers, keras, np, tf, write


def entry(layer):
    """The layer as Keras writes it, without its dtype policy."""
    if not isinstance(layer, keras.Layer):
        config = {key: value for key, value in layer.get_config().items() if key != "rng_type"}
        return {"class_name": type(layer).__name__, "config": config}
    found = keras.saving.serialize_keras_object(layer)
    found["config"]["dtype"] = "float32"
    return found


def outcomes(case, layer, x):
    """What training may make of each image."""
    if "draws" in case:
        return [np.asarray(layer.transform_images(keras.ops.convert_to_tensor(x), draw, training=True)) for draw in case["draws"](x)]
    return [np.asarray(layer(x, training=True))]


def texts(value):
    """Strings, or numbers too large for float32, as strings."""
    return {"shape": list(value.shape), "strings": [str(v) for v in value.ravel()]}


def looked_up(layer, case):
    """Of strings and whole numbers."""
    x = np.array(case["tokens"], "float32" if case.get("real") else None)
    if "adapt" in case:
        layer.adapt(np.array(case["adapt"]))
    large = x.dtype.kind == "U" or np.abs(x).max() >= 2**24
    result = {"layer": entry(layer), "x": texts(x) if large else array(x), "y": array(np.asarray(layer(tf.constant(x))))}
    if "adapt" in case:
        data = np.array(case["adapt"])
        result["adapt"] = texts(data) if data.dtype.kind == "U" else array(data)
        if hasattr(layer, "get_vocabulary"):
            result["vocabulary"] = [str(token) for token in layer.get_vocabulary()]
    return result


def run(name, case):
    layer = case["layer"](keras.layers)
    if "tokens" in case:
        return looked_up(layer, case)
    x = case.get("x", integers(name, case["shape"], 0, 255) if "shape" in case else None)
    result = {"layer": entry(layer), "x": array(x)}
    if case.get("inference", True):
        result["y"] = array(np.asarray(layer(x, training=False)))
    if case.get("training"):
        found = outcomes(case, layer, x)
        if any(np.abs(y - x).max() < 1e-3 for y in found if y.shape == x.shape) and not case.get("may_rest"):
            raise ValueError(f"{name}: training changes nothing")
        result["outcomes"] = [array(y) for y in found]
    return result


def with_draw(name, case):
    """Of images and what was drawn for them."""
    layer, x = case["layer"], integers(name, case["shape"], 0, 255) * np.float32(case.get("scale", 1))
    given = lambda x: layer.transform_images(keras.ops.convert_to_tensor(x), case["change"], training=True)
    y = np.asarray(case.get("transform", given)(x))
    if np.abs(y - x).max() < 1e-3:
        raise ValueError(f"{name}: nothing changes")
    return {"layer": entry(layer), "draw": case["draw"], "x": array(x), "y": array(y)}


def main(wanted):
    if not wanted or "drawn" in wanted:
        keras.backend.clear_session()
        found = {name: [with_draw(f"{name}{i}", case) for i, case in enumerate(cases)] for name, cases in cases_drawn.cases(keras.layers)}
        write(HERE / "preprocessing" / "drawn.json", found)
        print("drawn", len(found), flush=True)
    classes = cases_preprocessing.classes() | {name: list(made()) for name, made in cases_sound.classes().items()}
    for name, cases in classes.items():
        if wanted and name not in wanted:
            continue
        keras.backend.clear_session()
        found = {f"{i}": run(f"{name}{i}", case) for i, case in enumerate(cases)}
        write(HERE / "preprocessing" / f"{name}.json", found)
        print(name, len(found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
