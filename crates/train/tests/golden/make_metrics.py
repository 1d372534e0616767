"""Writes metrics.json: every metric of real Keras 3 with its options, after three batches of unequal size, with and without weights.

    KERAS_BACKEND=tensorflow python make_metrics.py

Written by Keras 3.15.1 and TensorFlow 2.21.0, in float32 on one CPU. The data is written once; a case names it.
"""

import contextlib
import copy
import json
import os
import pathlib
import warnings
import zlib

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", TF_ENABLE_ONEDNN_OPTS="0")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

M = keras.metrics
BATCHES = (5, 4, 2)
N = sum(BATCHES)


def rng(name):
    return np.random.default_rng(zlib.crc32(name.encode()))


def uniform(name, *shape):
    # Some are on a threshold.
    x = rng(name).uniform(0, 1, shape).round(2)
    x.ravel()[::5] = 0.5
    x.ravel()[[1, 7]] = 0, 1
    return x


def real(name, *shape):
    return rng(name).standard_normal(shape).round(2)


def integers(name, n, *shape):
    return rng(name).integers(0, n, shape)


def one_hot(name, *shape):
    return np.eye(shape[-1])[integers(name, shape[-1], *shape[:-1])]


DATA = {
    "binary": (integers("b", 2, N, 1), uniform("b", N, 1)),
    "flat": (integers("f", 2, N), uniform("f", N)),
    "labels": (integers("l", 2, N, 3), uniform("l", N, 3)),
    "one_hot": (one_hot("o", N, 4), uniform("o", N, 4)),
    "one_hot_rank_3": (one_hot("o3", N, 2, 4), uniform("o3", N, 2, 4)),
    "sparse": (integers("s", 4, N), uniform("s", N, 4)),
    "sparse_column": (integers("s", 4, N, 1), uniform("s", N, 4)),
    "sparse_rank_3": (integers("s3", 4, N, 2), uniform("s3", N, 2, 4)),
    "real": (real("r", N, 3), real("rp", N, 3)),
    "positive": (np.abs(real("p", N, 3)) + 0.1, np.abs(real("pp", N, 3)) + 0.1),
    "real_rank_3": (real("r3", N, 2, 3), real("rp3", N, 2, 3)),
    "logits": (integers("lo", 2, N, 1), 2 * real("lo", N, 1)),
    "ids": (integers("i", 4, N), np.stack([rng(f"i{k}").permutation(4) for k in range(N)])),
    "maps": (integers("m", 3, N, 2), integers("mp", 4, N, 2)),
    "constant": (np.full((N, 2), 0.5), real("c", N, 2)),
    "none_right": (np.zeros((N, 1)), uniform("n", N, 1)),
}
WEIGHTS = rng("weights").uniform(0.1, 3, N).round(2)
ROW_WEIGHTS = rng("row weights").uniform(0.1, 3, (N, 2)).round(2)


def cases():
    yield M.Accuracy(), "maps", "labels"
    yield M.BinaryAccuracy(), "binary", "flat", "labels"
    yield M.BinaryAccuracy(threshold=0.3), "labels"
    yield M.CategoricalAccuracy(), "one_hot", "one_hot_rank_3"
    yield M.SparseCategoricalAccuracy(), "sparse", "sparse_column", "sparse_rank_3"
    for k in (1, 2, 3, 5):
        yield M.TopKCategoricalAccuracy(k=k), "one_hot", "one_hot_rank_3"
        yield M.SparseTopKCategoricalAccuracy(k=k), "sparse", "sparse_rank_3"
    yield M.SparseTopKCategoricalAccuracy(k=2, from_sorted_ids=True), "ids"

    for metric in (M.TruePositives, M.FalsePositives, M.TrueNegatives, M.FalseNegatives, M.Precision, M.Recall):
        yield metric(), "binary", "flat", "labels", "one_hot_rank_3", "none_right"
        yield metric(thresholds=0.3), "labels"
        yield metric(thresholds=[0.8, 0.2, 0.5]), "labels"
        yield metric(thresholds=[0, 0.25, 0.5, 0.75, 1]), "labels", "real"
    for metric in (M.Precision, M.Recall):
        yield metric(top_k=2), "one_hot", "one_hot_rank_3"
        yield metric(class_id=1), "one_hot", "one_hot_rank_3"
        yield metric(top_k=1, class_id=2, thresholds=0.4), "one_hot"
        yield metric(top_k=2, class_id=0), "one_hot"
    for value in (0, 0.3, 0.5, 0.9, 1):
        for metric in (M.SensitivityAtSpecificity, M.SpecificityAtSensitivity, M.PrecisionAtRecall, M.RecallAtPrecision):
            yield metric(value), "binary", "labels"
    for metric in (M.SensitivityAtSpecificity, M.SpecificityAtSensitivity, M.PrecisionAtRecall, M.RecallAtPrecision):
        yield metric(0.5, num_thresholds=1), "binary", "none_right"
        yield metric(0.5, num_thresholds=7, class_id=2), "one_hot"

    for curve in ("ROC", "PR", "PRGAIN"):
        for method in ("interpolation", "minoring", "majoring"):
            yield M.AUC(curve=curve, summation_method=method), "binary", "flat", "labels"
            yield M.AUC(curve=curve, summation_method=method, num_thresholds=5), "binary"
        yield M.AUC(curve=curve, thresholds=[0.9, 0.5, 0.3]), "labels"
        yield M.AUC(curve=curve, thresholds=[0.25, 0.5, 0.75]), "labels"
        yield M.AUC(curve=curve, from_logits=True), "logits"
        yield M.AUC(curve=curve), "none_right", "real"
        yield M.AUC(curve=curve, multi_label=True), "labels", "one_hot"
        yield M.AUC(curve=curve, multi_label=True, num_labels=3, label_weights=[0.5, 2, 1]), "labels"
        yield M.AUC(curve=curve, label_weights=[0.5, 2, 1]), "labels"
    yield M.AUC(num_thresholds=2), "binary"

    for average in (None, "micro", "macro", "weighted"):
        yield M.F1Score(average=average), "one_hot", "labels"
        yield M.F1Score(average=average, threshold=0.4), "labels"
        yield M.FBetaScore(average=average, beta=0.5), "one_hot"
        yield M.FBetaScore(average=average, beta=2.0, threshold=0.5), "labels"

    for dtype in ("int64", "float32"):
        yield M.MeanIoU(num_classes=4, dtype=dtype), "maps"
        yield M.MeanIoU(num_classes=4, dtype=dtype, sparse_y_pred=False), "sparse", "sparse_rank_3"
        yield M.MeanIoU(num_classes=2, dtype=dtype), "maps"
        yield M.IoU(num_classes=4, target_class_ids=[0, 2], dtype=dtype), "maps"
        yield M.IoU(num_classes=4, target_class_ids=[1], ignore_class=0, dtype=dtype), "maps"
        yield M.IoU(num_classes=4, target_class_ids=[1], sparse_y_true=False, sparse_y_pred=False, dtype=dtype), "one_hot"
        yield M.BinaryIoU(dtype=dtype), "binary", "labels"
        yield M.BinaryIoU(target_class_ids=[1], threshold=0.3, dtype=dtype), "labels"
        yield M.OneHotIoU(num_classes=4, target_class_ids=[0, 3], dtype=dtype), "one_hot", "one_hot_rank_3"
        yield M.OneHotMeanIoU(num_classes=4, ignore_class=1, dtype=dtype), "one_hot"

    for metric in (
        M.MeanSquaredError(), M.RootMeanSquaredError(), M.MeanAbsoluteError(), M.CosineSimilarity(), M.LogCoshError(),
        M.CosineSimilarity(axis=1), M.PearsonCorrelation(), M.ConcordanceCorrelation(), M.PearsonCorrelation(axis=1),
    ):
        yield metric, "real", "real_rank_3"
    for metric in (M.MeanAbsolutePercentageError(), M.MeanSquaredLogarithmicError(), M.KLDivergence(), M.Poisson()):
        yield metric, "positive"
    yield M.KLDivergence(), "one_hot"
    yield M.Hinge(), "labels", "real"
    yield M.SquaredHinge(), "labels", "real"
    yield M.CategoricalHinge(), "one_hot"
    yield M.BinaryCrossentropy(), "labels", "binary"
    yield M.BinaryCrossentropy(from_logits=True, label_smoothing=0.2), "logits"
    yield M.CategoricalCrossentropy(), "one_hot", "one_hot_rank_3"
    yield M.CategoricalCrossentropy(label_smoothing=0.2), "one_hot"
    yield M.SparseCategoricalCrossentropy(), "sparse", "sparse_rank_3"
    yield M.SparseCategoricalCrossentropy(ignore_class=2), "sparse"
    yield M.MeanMetricWrapper(keras.losses.huber, name="wrapped", delta=0.5), "real"
    for aggregation in (None, "uniform_average", "variance_weighted_average"):
        yield M.R2Score(class_aggregation=aggregation), "real", "constant"
        yield M.R2Score(class_aggregation=aggregation, num_regressors=2), "real"
    yield M.R2Score(num_regressors=40), "real"


def after(metric, name, weights):
    """What the metric says after each batch."""
    y_true, y_pred = (np.asarray(a, "float32") for a in DATA[name])
    # Some take their shape from the first data that they see. A copy is made from the config, which Keras cannot do
    # with an AUC's label weights, and which has no axis of a cosine.
    if getattr(metric, "label_weights", None) is None and not isinstance(metric, M.CosineSimilarity):
        metric = copy.deepcopy(metric)
    metric.reset_state()
    found, start = [], 0
    for size in BATCHES:
        part = slice(start, start + size)
        metric.update_state(y_true[part], y_pred[part], None if weights is None else weights[part].astype("float32"))
        found.append([number(x) for x in np.atleast_1d(np.asarray(metric.result()))])
        start += size
    return found


def number(x):
    x = np.float32(x)
    assert not np.isinf(x), x
    if np.isnan(x):
        return None
    short = float(str(x))
    return int(short) if short.is_integer() and abs(short) < 1e6 else short


def array(x):
    x = np.asarray(x, "float32")
    return {"shape": list(x.shape), "data": [number(v) for v in x.ravel()]}


def config_of(metric):
    config = keras.metrics.serialize(metric)
    # Keras leaves it out of its files, but reads it.
    if isinstance(metric, M.CosineSimilarity) and metric._fn_kwargs["axis"] != -1:
        config["config"]["axis"] = metric._fn_kwargs["axis"]
    return {"class_name": config["class_name"], "config": config["config"]}


def main():
    warnings.simplefilter("ignore")
    found = []
    for metric, *names in cases():
        metric.name = type(metric).__name__
        for name in names:
            case = {"metric": config_of(metric), "data": name, "results": after(metric, name, None)}
            for key, weights in (("weighted", WEIGHTS), ("row_weighted", ROW_WEIGHTS)):
                if key == "row_weighted" and not name.endswith("rank_3"):
                    continue
                # Keras cannot spread every weight over every shape.
                with contextlib.suppress(tf.errors.InvalidArgumentError, ValueError):
                    case[key] = after(metric, name, weights)
            found.append(case)
    data = {name: [array(y_true), array(y_pred)] for name, (y_true, y_pred) in DATA.items()}
    heads = {"batches": BATCHES, "weights": array(WEIGHTS), "row_weights": array(ROW_WEIGHTS), "data": data}
    line = lambda value: json.dumps(value, separators=(",", ":"), allow_nan=False)
    lines = [f'"{key}":{line(value)}' for key, value in heads.items()]
    lines.append('"cases":[\n' + ",\n".join(map(line, found)) + "\n]")
    path = pathlib.Path(__file__).parent / "metrics.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(len(found), "cases,", path.stat().st_size, "bytes")


main()
