"""Writes graphs/<case>.json: twenty training steps of real Keras on small models that branch.

    python -m venv ~/keras-venv && ~/keras-venv/bin/pip install keras tensorflow-cpu tf-keras
    ~/keras-venv/bin/python tests/golden/make_graphs.py [case ...]

The cases are in `cases_models.py`; those with two dialects are made by Keras 3 and by tf_keras, from the same numbers.
"""

import json
import sys
import warnings
from types import SimpleNamespace

from golden import HERE, array, arrays, initial_weights, integers, keras, normal, np, numbers, one_hot, refuse_degenerate, rng, write
from cases_models import cases

STEPS = 20
N = 12


def tf_keras():
    import tf_keras

    return tf_keras


def listed(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def unique(names):
    """The names, of which one that comes again is numbered."""
    found = []
    for name in names:
        found.append(next(n for n in [name, *(f"{name}_{i}" for i in range(1, 9))] if n not in found))
    return found


def input_names(model):
    return [getattr(tensor, "name", "").split(":")[0] for tensor in model.inputs]


def model_of(case, library):
    library.backend.clear_session()
    inputs, outputs = case["make"](library, library.layers)
    model = library.Model(inputs, outputs, name=case["name"])
    model.set_weights(initial_weights(case["name"], model, case.get("scale", 1.0)))
    return model


def inputs_of(case, model):
    x = {}
    for tensor, name in zip(model.inputs, input_names(model)):
        values = normal(f"{case['name']}/{name}", (N, *tensor.shape[1:]))
        if name in case.get("masked", []):
            # Sample i keeps some of its steps, the first always.
            kept = rng(f"{case['name']}/{name}/mask").random(values.shape[:2]) < 0.6
            kept[:, 0] = True
            values *= kept[..., None]
        x[name] = values
    return x


def labels_of(case, names, outputs):
    y = {}
    for name, output in zip(names, outputs):
        seed, shape = f"{case['name']}/y/{name}", output.shape
        if name in case.get("labels", {}):
            classes = case["labels"][name]
            y[name] = integers(seed, shape if case.get("column") else shape[:-1], 0, classes - 1)
        elif name in case.get("one_hot", []):
            y[name] = one_hot(integers(seed, shape[:1], 0, shape[-1] - 1), shape[-1])
        else:
            y[name] = normal(seed, shape)
    return y


def weights_of(case, y):
    """Weights of the samples, or of their steps, of some outputs."""
    of = lambda name, labels: rng(f"{case['name']}/weights/{name}").random(labels.shape[:2] if case.get("step_weights") else len(labels))
    return {name: of(name, y[name]).round(2).astype("float32") + 0.1 for name in case.get("weights", [])}


def compiled(case, library, model):
    optimizer = case.get("optimizer", "sgd")
    make = lambda o: {"sgd": lambda: o.SGD(0.05), "adam": lambda: o.Adam(0.01), "rmsprop": lambda: o.RMSprop(0.005)}[optimizer]()
    settings = {key: case.get(key) for key in ("loss", "loss_weights", "metrics", "weighted_metrics")}
    model.compile(make(library.optimizers), **{k: v for k, v in settings.items() if v is not None}, run_eagerly=True)
    return settings | {"optimizer": keras.optimizers.serialize(make(keras.optimizers)), "batch_size": case.get("batch_size", 4)}


def run(case, dialect):
    library = tf_keras() if dialect == "keras2" else keras
    model = model_of(case, library)
    names = unique([name for name in model.output_names])
    result = {"name": case["name"], "keras_version": library.__version__, "dialect": dialect, "frozen": case.get("frozen", [])}
    result |= {"model": json.loads(model.to_json()), "outputs": names}
    x = inputs_of(case, model)
    predict = lambda: [np.asarray(y) for y in listed(model([x[n] for n in input_names(model)] if len(x) > 1 else next(iter(x.values())), training=False))]
    before, outputs = model.get_weights(), predict()
    y = labels_of(case, names, outputs)
    weights = weights_of(case, y)
    settings = compiled(case, library, model)
    one = lambda values: values[0] if len(values) == 1 else values
    rows_of = lambda of, rows: one([of[name][rows] for name in of])
    weight_of = lambda rows: one([weights[n][rows] if n in weights else np.ones(len(y[n][rows]), "float32") for n in names]) if weights else None
    logs, after = [], {}
    for step in range(STEPS):
        start = step % -(-N // settings["batch_size"]) * settings["batch_size"]
        rows = slice(start, start + settings["batch_size"])
        found = model.train_on_batch(rows_of(x, rows), rows_of(y, rows), sample_weight=weight_of(rows), return_dict=True)
        logs.append(numbers({key: float(value) for key, value in found.items()}))
        if step + 1 in (1, STEPS):
            after[str(step + 1)] = model.get_weights()
    trained = predict()
    scores = model.evaluate(rows_of(x, slice(None)), rows_of(y, slice(None)), sample_weight=weight_of(slice(None)),
                            batch_size=settings["batch_size"], verbose=0, return_dict=True)
    learning = {id(variable) for variable in model.trainable_variables}
    variables = [SimpleNamespace(name=v.name, trainable=id(v) in learning) for v in model.weights]
    refuse_degenerate(case["name"], variables, before, model.get_weights(), [log["loss"] for log in logs], outputs[0])
    named = lambda values: {name: array(value) for name, value in zip(names, values)}
    return result | settings | {
        "weights": arrays(before), "x": {name: array(value) for name, value in x.items()},
        "y": {name: array(value) for name, value in y.items()},
        "sample_weight": {name: array(value) for name, value in weights.items()}, "steps": STEPS,
        "after": {step: arrays(w) for step, w in after.items()}, "outputs_before": named(outputs),
        "outputs_after": named(trained), "logs": logs, "evaluate": numbers(scores),
    }


def main(wanted):
    warnings.simplefilter("ignore")
    for case in cases():
        for dialect in case.get("dialects", ("keras3",)):
            name = case["name"] if dialect == "keras3" else f"{dialect}_{case['name']}"
            if not wanted or name in wanted:
                result = run(case, dialect)
                write(HERE / "graphs" / f"{name}.json", result)
                print(name, result["logs"][0], "->", result["logs"][-1], flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
