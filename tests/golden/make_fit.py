"""Writes fit/<case>.json: what model.fit(shuffle=False) of real Keras reports, epoch by epoch.

    python -m venv ~/keras-venv && ~/keras-venv/bin/pip install keras tensorflow-cpu tf-keras
    ~/keras-venv/bin/python tests/golden/make_fit.py [case ...]

Without names every case is made anew. Seeds are fixed: a second run on the same machine writes the same bytes.
"""

import json
import sys
import warnings

from golden import (HERE, array, arrays, initial_weights, integers, keras, normal, np, numbers, one_hot,
                    refuse_degenerate, write)

REGRESSION = dict(loss="mse", metrics=["mae", "mse"], units=2, activation=None)
BINARY = dict(loss="binary_crossentropy", metrics=["accuracy"], units=1, activation="sigmoid")
CATEGORICAL = dict(loss="categorical_crossentropy", metrics=["accuracy"], units=3, activation="softmax")
SPARSE = dict(loss="sparse_categorical_crossentropy", metrics=["accuracy"], units=3, activation="softmax")


def y_of(kind, name, n):
    if kind["loss"] == "mse":
        return normal(name, (n, kind["units"]))
    classes = integers(name, (n,), 0, max(kind["units"] - 1, 1))
    return one_hot(classes, 3) if kind is CATEGORICAL else classes[:, None] if kind is BINARY else classes


def case(name, kind, n=12, fit=None, y=None, validation=None, weight=False, **more):
    """A case: `fit` goes to model.fit, `validation` says how many samples of its own it has and whether they are weighted."""
    found = dict(kind, name=name, x=normal(name + "/x", (n, 4)), y=y_of(kind, name + "/y", n) if y is None else y)
    found["fit"] = {"batch_size": 4, "epochs": 3, **(fit or {})}
    if weight:
        found["sample_weight"] = positive(name + "/weight", n)
    if validation:
        rows, weighted = validation
        found["validation_data"] = [normal(name + "/vx", (rows, 4)), y_of(kind, name + "/vy", rows)]
        if weighted:
            found["validation_data"].append(positive(name + "/vw", rows))
    return found | more


def positive(name, n):
    return np.abs(normal(name, (n,))) + np.float32(0.1)


def labels():
    yield case("regression", REGRESSION)
    yield case("binary_column", BINARY)
    yield case("binary_flat", BINARY, y=integers("binary_flat", (12,), 0, 1))
    yield case("categorical", CATEGORICAL)
    yield case("sparse_flat", SPARSE)
    yield case("sparse_column", SPARSE, y=integers("sparse_column", (12, 1), 0, 2))
    # The word accuracy looks at shapes, not at the loss: three outputs make it categorical, one makes it binary.
    yield case("accuracy_of_three_sigmoids", BINARY, y=integers("three", (12, 3), 0, 1), units=3)
    yield case("accuracy_of_a_regression", REGRESSION, y=integers("one", (12, 1), 0, 1), units=1, metrics=["accuracy", "mae"])
    yield case("acc_keeps_its_name", CATEGORICAL, metrics=["acc"])
    yield case("metrics_in_another_order", REGRESSION, metrics=["mse", "mae"])
    yield case("no_metrics", REGRESSION, metrics=[])
    yield case("from_logits", SPARSE, activation=None, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))


def batches():
    yield case("short_last_batch", REGRESSION, n=10)
    yield case("short_last_batch_accuracy", SPARSE, n=10)
    yield case("batch_larger_than_data", REGRESSION, n=10, fit={"batch_size": 32})
    yield case("default_batch_size", REGRESSION, n=40, fit={"batch_size": None})
    yield case("initial_epoch", REGRESSION, fit={"epochs": 5, "initial_epoch": 2})
    yield case("batch_normalization", REGRESSION, n=10, normalized=True, validation=(6, False))


def validated():
    yield case("validation_split", REGRESSION, n=16, fit={"validation_split": 0.25})
    yield case("validation_split_rounded", CATEGORICAL, n=15, fit={"validation_split": 0.25})
    yield case("validation_split_weighted", REGRESSION, n=16, fit={"validation_split": 0.25}, weight=True)
    yield case("validation_data", SPARSE, validation=(7, False))
    yield case("validation_data_weighted", REGRESSION, validation=(7, True))
    yield case("validation_batch_size", REGRESSION, validation=(7, False), fit={"validation_batch_size": 3})
    yield case("validation_freq", REGRESSION, validation=(7, False), fit={"epochs": 4, "validation_freq": 2})
    yield case("validation_freq_list", REGRESSION, validation=(7, False), fit={"epochs": 4, "validation_freq": [1, 4]})


def weighted():
    yield case("class_weight_binary", BINARY, class_weight={0: 0.5, 1: 2.0})
    yield case("class_weight_categorical", CATEGORICAL, class_weight={0: 0.5, 1: 2.0, 2: 1.5})
    yield case("class_weight_sparse", SPARSE, n=10, class_weight={0: 0.5, 1: 2.0, 2: 1.5})
    yield case("class_weight_validation", SPARSE, class_weight={0: 0.5, 1: 2.0, 2: 1.5}, validation=(6, False))
    yield case("sample_weight", REGRESSION, n=10, weight=True)
    yield case("sample_weight_metrics", SPARSE, n=10, weight=True, weighted_metrics=["accuracy"])
    yield case("weighted_metrics_regression", REGRESSION, n=10, weight=True, metrics=["mse"], weighted_metrics=["mae"])


def measured():
    mean = {"fit": {"validation_split": 0.25}, "n": 22}
    yield case("metrics_binary", BINARY, **mean, metrics=["auc", "precision", "recall", "root_mean_squared_error"])
    yield case("metrics_weighted", BINARY, n=10, weight=True, metrics=["auc", "accuracy"], weighted_metrics=["auc", "accuracy", "auc", "recall"])
    yield case("metrics_class_weighted", SPARSE, n=10, class_weight={0: 0.5, 1: 2.0, 2: 1.5}, weighted_metrics=["accuracy", "sparse_categorical_crossentropy"])
    yield case("metrics_regression", REGRESSION, **mean, metrics=["r2_score", "cosine_similarity", "mape", "hinge"])
    # Batches matter to these losses: in validation and in evaluate too.
    large = {"fit": {"batch_size": None, "validation_split": 0.45}, "n": 80}
    yield case("loss_sum", REGRESSION, **large, loss=keras.losses.MeanSquaredError(reduction="sum"))
    yield case("loss_dice", BINARY, **large, loss=keras.losses.Dice())
    yield case("loss_mean_with_sample_weight", REGRESSION, **large, weight=True,
               loss=keras.losses.MeanAbsoluteError(reduction="mean_with_sample_weight"))


def penalised():
    l1, l2 = keras.regularizers.L1(0.02), keras.regularizers.L2(0.05)
    yield case("regularizers", REGRESSION, n=10, validation=(7, False), dense={"kernel_regularizer": l2, "bias_regularizer": l1})
    yield case("activity_regularizer", REGRESSION, n=10, validation=(7, False), dense={"activity_regularizer": l2})
    yield case("constraint", REGRESSION, validation=(7, False), dense={"kernel_constraint": keras.constraints.MaxNorm(0.8)})


def cases():
    for part in (labels, batches, validated, weighted, measured, penalised):
        yield from part()


def build(case):
    keras.backend.clear_session()
    layers = [keras.layers.Input((4,)), keras.layers.Dense(5, "tanh", **case.get("dense", {}))]
    if case.get("normalized"):
        layers.append(keras.layers.BatchNormalization(momentum=0.8))
    model = keras.Sequential([*layers, keras.layers.Dense(case["units"], activation=case["activation"])])
    model.set_weights(initial_weights(case["name"], model, 1.5))
    return model


def compiled(case, model):
    loss, optimizer = case["loss"], keras.optimizers.Adam(0.05)
    settings = {"loss": loss} if isinstance(loss, str) else {"loss": loss.name, "loss_from": keras.losses.serialize(loss)}
    metrics = {key: case.get(key, []) for key in ("metrics", "weighted_metrics")}
    model.compile(optimizer, loss, run_eagerly=True, **{key: list(names) for key, names in metrics.items()})
    return settings | {"optimizer": keras.optimizers.serialize(optimizer)} | metrics


def inputs(case):
    """The data of a case as the file has it, in the order x, y, sample_weight."""
    names = ("x", "y", "sample_weight")
    found = {name: array(case[name]) for name in names if name in case}
    if "class_weight" in case:
        found["class_weight"] = {str(label): weight for label, weight in case["class_weight"].items()}
    if "validation_data" in case:
        found["validation_data"] = {name: array(v) for name, v in zip(names, case["validation_data"])}
    return found


def run(case):
    model = build(case)
    result = {"name": case["name"], "keras_version": keras.__version__, "model": json.loads(model.to_json())}
    before = model.get_weights()
    settings = compiled(case, model)
    x, y, weight = case["x"], case["y"], case.get("sample_weight")
    validation = case.get("validation_data")
    history = model.fit(
        x, y, sample_weight=weight, class_weight=case.get("class_weight"), shuffle=False, verbose=0,
        validation_data=tuple(validation) if validation else None, **case["fit"],
    )
    size = case["fit"]["batch_size"]
    scores = model.evaluate(x, y, sample_weight=weight, batch_size=size, verbose=0, return_dict=True)
    predictions = np.asarray(model(x, training=False))
    refuse_degenerate(case["name"], model.weights, before, model.get_weights(), history.history["loss"], predictions)
    return result | {"weights": arrays(before)} | inputs(case) | {
        "compile": settings, "fit": {**case["fit"], "shuffle": False}, "epoch": history.epoch,
        "history_keys": list(history.history), "history": numbers(history.history), "evaluate_keys": list(scores),
        "evaluate": numbers(scores), "predictions": array(predictions), "after": arrays(model.get_weights()),
    }


def main(wanted):
    warnings.simplefilter("ignore")
    for case in cases():
        if not wanted or case["name"] in wanted:
            result = run(case)
            write(HERE / "fit" / f"{case['name']}.json", result)
            print(case["name"], result["history"], flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
