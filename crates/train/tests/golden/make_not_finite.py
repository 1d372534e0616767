"""Writes not_finite.json: what Keras' losses and metrics make of predictions that are NaN or infinite.

    KERAS_BACKEND=tensorflow python make_not_finite.py

A row of four predictions has one number in the place of a label of 1 or of 0 that is none. Numbers that JSON
does not have are strings.
"""

import json
import math
import pathlib

import keras
import numpy as np

LABELS = [[1.0, 0.0, 1.0, 0.0]]
ONE_HOT = [[0.0, 1.0, 0.0, 0.0]]
CLASS = [1.0]
PREDICTIONS = [
    [[bad if i == place else number for i, number in enumerate([0.2, 0.3, 0.6, 0.1])]]
    for bad in (math.nan, math.inf, -math.inf)
    for place in (0, 1)
]
LOSSES = [
    ("BinaryCrossentropy", {}, LABELS), ("BinaryCrossentropy", {"from_logits": True}, LABELS),
    ("BinaryFocalCrossentropy", {}, LABELS), ("BinaryFocalCrossentropy", {"from_logits": True}, LABELS),
    ("CategoricalCrossentropy", {}, ONE_HOT), ("CategoricalCrossentropy", {"from_logits": True}, ONE_HOT),
    ("CategoricalFocalCrossentropy", {}, ONE_HOT), ("CategoricalGeneralizedCrossEntropy", {}, CLASS),
    ("CategoricalHinge", {}, ONE_HOT), ("CosineSimilarity", {}, LABELS), ("Dice", {}, LABELS),
    ("Hinge", {}, LABELS), ("SquaredHinge", {}, LABELS), ("Huber", {}, LABELS), ("KLDivergence", {}, LABELS),
    ("LogCosh", {}, LABELS), ("MeanAbsoluteError", {}, LABELS), ("MeanAbsolutePercentageError", {}, LABELS),
    ("MeanSquaredError", {}, LABELS), ("MeanSquaredLogarithmicError", {}, LABELS), ("Poisson", {}, LABELS),
    ("SparseCategoricalCrossentropy", {}, CLASS),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, CLASS), ("Tversky", {}, LABELS),
]
METRICS = [
    ("Accuracy", {}, LABELS), ("BinaryAccuracy", {}, LABELS), ("CategoricalAccuracy", {}, ONE_HOT),
    ("SparseCategoricalAccuracy", {}, CLASS), ("TopKCategoricalAccuracy", {"k": 2}, ONE_HOT),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, CLASS), ("Precision", {}, LABELS), ("Recall", {}, LABELS),
    ("TruePositives", {}, LABELS), ("FalsePositives", {}, LABELS), ("TrueNegatives", {}, LABELS),
    ("FalseNegatives", {}, LABELS), ("AUC", {}, LABELS), ("F1Score", {}, ONE_HOT),
    ("F1Score", {"threshold": 0.5}, ONE_HOT), ("R2Score", {}, LABELS), ("RootMeanSquaredError", {}, LABELS),
    ("CosineSimilarity", {}, LABELS), ("PearsonCorrelation", {}, LABELS),
    ("ConcordanceCorrelation", {}, LABELS), ("BinaryIoU", {}, LABELS),
    ("OneHotMeanIoU", {"num_classes": 4}, ONE_HOT), ("Hinge", {}, LABELS), ("LogCoshError", {}, LABELS),
]


def number(x):
    x = float(x)
    return x if math.isfinite(x) else "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity"


def numbers(x):
    return [number(x) for x in np.asarray(x, "float64").ravel()]


def loss(name, config, y_true, y_pred):
    return numbers(getattr(keras.losses, name)(**config)(np.float32(y_true), np.float32(y_pred)))


def metric(name, config, y_true, y_pred):
    found = getattr(keras.metrics, name)(**config)
    found.update_state(np.float32(y_true), np.float32(y_pred))
    return numbers(found.result())


def cases(kind, measure, all_of_them):
    for name, config, labels in all_of_them:
        for y_pred in PREDICTIONS:
            try:
                value = measure(name, config, labels, y_pred)
            except Exception:
                continue  # Keras refuses it.
            yield {"kind": kind, "class_name": name, "config": config, "y_true": numbers(labels),
                   "rows": np.shape(labels), "y_pred": numbers(y_pred), "value": value}


found = [*cases("loss", loss, LOSSES), *cases("metric", metric, METRICS)]
lines = ",\n".join(json.dumps(case) for case in found)
pathlib.Path(__file__).with_name("not_finite.json").write_text(f"[\n{lines}\n]\n")
