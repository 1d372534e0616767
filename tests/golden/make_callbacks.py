"""Writes callbacks/<callback>.json: what the callbacks of real Keras do in trainings whose logs are made up.

    python -m venv ~/keras-venv && ~/keras-venv/bin/pip install keras tensorflow-cpu tensorboard
    ~/keras-venv/bin/python tests/golden/make_callbacks.py [callback ...]

Each training has one weight, which a first callback sets to the number of the epoch (or batch), so that the weight
tells which epoch it comes from; the same callback puts other logs in the place of Keras' own. NaN and infinity are
written as words. Without names every file is made anew.
"""

import math
import pathlib
import sys
import tempfile
import warnings

from golden import HERE, array, arrays, keras, normal, np, number, tf, write

callbacks = keras.callbacks
NAN, INF = float("nan"), float("inf")


class Script(callbacks.Callback):
    """Sets the weight and the logs; goes first."""

    def __init__(self, logs, weight_by="epoch"):
        super().__init__()
        self.epochs, self.weight_by, self.batches, self.rates = logs, weight_by, 0, []

    def put(self, value):
        self.model.set_weights([np.array([[value]], "float32")])

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1
        if self.weight_by == "batch":
            self.put(self.batches)

    def on_epoch_end(self, epoch, logs=None):
        self.rates.append(number(self.model.optimizer.learning_rate))
        if self.weight_by == "epoch":
            self.put(epoch + 1)
        logs.clear()
        logs.update(self.epochs[epoch])


def word(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


def words(logs):
    return [{name: word(value) for name, value in epoch.items()} for epoch in logs]


def one_weight(metrics=(), optimizer=None):
    keras.backend.clear_session()
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(optimizer or keras.optimizers.SGD(0.1), "mse", metrics=list(metrics))
    return model


def train(model, script, more, epochs=None, initial_epoch=0, batches=1):
    x = np.zeros((batches, 1), "float32")
    return model.fit(x, x, batch_size=1, epochs=epochs or len(script.epochs), initial_epoch=initial_epoch, verbose=0,
                     callbacks=[script, *more])


def series(name, *values):
    return [{"loss": 9.0, name: value} for value in values]


def case(name, logs, metrics=(), initial_epoch=0, **arguments):
    return dict(name=name, logs=logs, metrics=list(metrics), initial_epoch=initial_epoch, arguments=arguments)


def early_stopping_cases():
    falls = series("val_loss", 5.0, 4.0, 4.5, 3.9, 4.0, 4.1, 4.2, 4.3)
    for patience in (0, 1, 3):
        for restore in (False, True):
            yield case(f"patience {patience} restore {restore}", falls, patience=patience, restore_best_weights=restore)
    yield case("never worse", series("val_loss", 5.0, 4.0, 3.0), restore_best_weights=True)
    for delta in (0.2, -0.2):
        yield case(f"min_delta {delta}", series("val_loss", 5.0, 4.9, 4.7, 4.5, 4.4, 4.0), min_delta=delta, patience=1)
        yield case(f"min_delta {delta} of a maximum", series("val_accuracy", 0.1, 0.2, 0.4, 0.5, 0.9, 0.8), ["accuracy"],
                   min_delta=delta, patience=1, monitor="val_accuracy")
    yield case("mode max of a loss", series("val_loss", 1.0, 2.0, 1.5, 1.4, 1.3), mode="max", patience=1, restore_best_weights=True)
    yield case("mode min of an accuracy", series("accuracy", 0.5, 0.6, 0.4, 0.5), ["accuracy"], mode="min", monitor="accuracy")
    yield case("equal is no improvement", series("val_loss", 1.0, 1.0, 1.0, 1.0), patience=2)
    yield case("less than f32 can tell", series("val_loss", 1.0, 1.0 - 1e-9, 1.0 - 2e-9, 1.0 - 1e-3), patience=2)
    for patience in (0, 2):
        yield case(f"baseline never reached, patience {patience}", series("val_loss", 5.0, 4.0, 3.5, 3.6, 3.4, 3.3), baseline=3.0,
                   patience=patience, restore_best_weights=True)
        yield case(f"baseline reached, patience {patience}", series("val_loss", 5.0, 2.0, 3.5, 2.5, 2.1, 2.2), baseline=3.0,
                   patience=patience, restore_best_weights=True)
    for start in (1, 3):
        for restore in (False, True):
            yield case(f"start_from_epoch {start} restore {restore}", series("val_loss", 1.0, 2.0, 3.0, 4.0, 3.5, 5.0, 6.0),
                       start_from_epoch=start, patience=1, restore_best_weights=restore)
    yield case("initial_epoch", series("val_loss", 1.0, 1.0, 3.0, 4.0, 5.0, 6.0), initial_epoch=2, patience=1, restore_best_weights=True)
    yield case("NaN first", series("val_loss", NAN, 1.0, 0.5, 0.4), patience=1, restore_best_weights=True)
    yield case("NaN later", series("val_loss", 2.0, NAN, 1.0, NAN, NAN, 0.5), patience=1, restore_best_weights=True)
    yield case("infinity first", series("val_loss", INF, INF, 1.0, 2.0), patience=2, restore_best_weights=True)
    sometimes = [{"loss": 1.0} if epoch % 2 == 0 else {"loss": 1.0, "val_loss": value}
                 for epoch, value in enumerate([0, 5.0, 0, 4.0, 0, 4.5, 0, 4.6, 0, 4.7])]
    yield case("every other epoch", sometimes, patience=1, restore_best_weights=True)


def early_stopping():
    for c in early_stopping_cases():
        model, script = one_weight(c["metrics"]), Script(c["logs"])
        callback = callbacks.EarlyStopping(**c["arguments"])
        # Twice: the callback begins anew.
        for _ in range(2):
            history = train(model, script, [callback], initial_epoch=c["initial_epoch"])
        yield c | {
            "logs": words(c["logs"]), "epoch": history.epoch, "stopped_epoch": callback.stopped_epoch, "wait": callback.wait,
            "best": word(callback.best), "best_epoch": callback.best_epoch, "weight": number(model.get_weights()[0][0, 0]),
        }


def reduce_cases():
    falls = series("val_loss", 5.0, 4.0, 4.5, 3.9, 4.0, 4.1, 4.2, 4.3, 4.4, 4.5)
    flat = series("val_loss", *[1.0] * 10)
    for patience in (0, 1, 3):
        yield case(f"patience {patience}", falls, patience=patience)
    for cooldown in (1, 2):
        for patience in (0, 1, 2):
            yield case(f"cooldown {cooldown} patience {patience}", flat, patience=patience, cooldown=cooldown)
    yield case("factor", flat, patience=2, factor=0.5)
    yield case("min_lr", flat, patience=1, min_lr=0.004)
    yield case("min_lr reached exactly", flat, patience=1, min_lr=0.1)
    yield case("min_delta", series("val_loss", 1.0, 0.99995, 0.9999, 0.99985, 0.9), patience=1)
    yield case("min_delta given", series("val_loss", 1.0, 0.9, 0.85, 0.6, 0.4), patience=1, min_delta=0.2)
    yield case("accuracy", series("accuracy", 0.1, 0.2, 0.2, 0.2, 0.3), ["accuracy"], patience=1, monitor="accuracy")
    yield case("mode max", series("mine", 1.0, 2.0, 1.5, 3.0, 1.0), patience=1, monitor="mine", mode="max")
    yield case("NaN", series("val_loss", 1.0, NAN, NAN, 0.5, NAN, 0.4), patience=2)
    yield case("NaN first", series("val_loss", NAN, 1.0, 0.5, 0.4), patience=2)
    yield case("absent", [{"loss": 1.0}, {"loss": 1.0, "val_loss": 1.0}] * 5, patience=2)
    yield case("initial_epoch", flat, initial_epoch=3, patience=2)


def reduce_lr_on_plateau():
    for c in reduce_cases():
        model, script = one_weight(c["metrics"]), Script(c["logs"])
        callback = callbacks.ReduceLROnPlateau(**c["arguments"])
        for _ in range(2):
            script.rates = []
            model.optimizer.learning_rate = 0.1
            history = train(model, script, [callback], initial_epoch=c["initial_epoch"])
        yield c | {
            "logs": words(c["logs"]), "rates": script.rates, "history": [number(rate) for rate in history.history["learning_rate"]],
            "wait": callback.wait, "cooldown_counter": callback.cooldown_counter, "best": word(callback.best),
            "rate": number(model.optimizer.learning_rate),
        }


SCHEDULES = {
    "halves": lambda epoch, rate: rate / 2,
    "steps": lambda epoch, rate: 0.5 if epoch < 2 else 0.25,
    "by epoch": lambda epoch, rate: 1.0 / (1 + epoch),
}


def learning_rate_scheduler():
    for name, schedule in SCHEDULES.items():
        for initial_epoch in (0, 2):
            script = Script([{"loss": 1.0}] * 5)
            model = one_weight()
            history = train(model, script, [callbacks.LearningRateScheduler(schedule)], initial_epoch=initial_epoch)
            yield {"name": f"{name} from {initial_epoch}", "schedule": name, "initial_epoch": initial_epoch, "rates": script.rates,
                   "history": [number(rate) for rate in history.history["learning_rate"]], "names": list(history.history)}


def direction():
    """Whether mode="auto" takes more or less of a metric for better; null where Keras cannot tell."""
    names = ["accuracy", "acc"]
    names += sorted({name for name in keras.src.metrics.ALL_OBJECTS_DICT if not name.startswith("_")})
    given = {"SensitivityAtSpecificity": [0.5], "SpecificityAtSensitivity": [0.5], "PrecisionAtRecall": [0.5],
             "RecallAtPrecision": [0.5], "IoU": [2, [0]], "MeanIoU": [2], "OneHotIoU": [2, [0]], "OneHotMeanIoU": [2], "BinaryIoU": []}
    for name in names:
        cls = keras.src.metrics.ALL_OBJECTS_DICT.get(name)
        if cls in (keras.metrics.Metric, keras.metrics.Mean, keras.metrics.Sum, keras.metrics.MeanMetricWrapper):
            continue
        if cls and name != cls.__name__:
            continue  # An alias of the class.
        metric = cls(*given.get(name, [])) if cls else name
        reported = metric.name if cls else name
        keras.backend.clear_session()
        sparse = "Sparse" in name
        model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(3 if sparse else 2, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy" if sparse else "mse", metrics=[metric])
        x, y = np.ones((4, 2), "float32"), np.eye(2, dtype="float32")[[0, 1, 0, 1]]
        found = []
        for monitor in (reported, f"val_{reported}"):
            callback = callbacks.EarlyStopping(monitor=monitor)
            try:
                model.fit(x, y[:, 0] if sparse else y, verbose=0, callbacks=[callback])
            except ValueError as error:
                assert "isn't able to automatically determine" in str(error), (name, error)
                found.append(None)
            else:
                found.append("max" if callback.monitor_op is keras.ops.greater else "min")
        assert found[0] == found[1], name
        yield {"name": name, "class": name if cls else None, "reported": reported, "mode": found[0]}


def csv_logger():
    long = [{"loss": 0.1 + 0.2, "mae": 1e-05}, {"loss": 1e16, "mae": 123456789.0}, {"loss": NAN, "mae": INF}, {"loss": -0.0, "mae": -INF},
            {"loss": 1e22, "mae": 1.5e-07}, {"loss": 100.0, "mae": 0.0001}, {"loss": 9999999999999998.0, "mae": 5e-324}]
    both = [{"loss": 0.5, "accuracy": 0.25, "val_loss": 2.0, "val_accuracy": 1.0}] * 2
    later = [{"loss": 0.5}, {"loss": 0.25, "extra": 3.0, "val_loss": 2.0}]
    fewer = [{"loss": 0.5, "val_loss": 1.0, "mae": 2.0}, {"loss": 0.25}]
    comma = [{"loss": 0.5, "a,b": 1.0, 'say "x"': 2.0, "two\nlines": 3.0}]
    for name, arguments, parts in (
        ("numbers", {}, [long]), ("validation", {}, [both]), ("later", {}, [later]), ("fewer", {}, [fewer]),
        ("separator", {"separator": ";"}, [both]), ("quoted", {}, [comma]), ("separator in numbers", {"separator": "."}, [both]),
        ("appended", {"append": True}, [both, both]), ("written over", {}, [both, both[:1]]),
    ):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "log.csv"
            first = 0
            for part in parts:
                script = Script({first + i: logs for i, logs in enumerate(part)})
                train(one_weight(), script, [callbacks.CSVLogger(str(path), **arguments)], epochs=first + len(part), initial_epoch=first)
                first += len(part)
            yield {"name": name, "arguments": arguments, "parts": [words(part) for part in parts], "text": path.read_bytes().decode()}


class Folder(callbacks.Callback):
    """Notes after each epoch which files there are, and the weight in each; goes last."""

    def __init__(self, folder, weights_only):
        super().__init__()
        self.folder, self.weights_only, self.seen = folder, weights_only, []

    def on_epoch_end(self, epoch, logs=None):
        found = {}
        for path in sorted(p for p in self.folder.rglob("*") if p.is_file()):
            if self.weights_only:
                again = one_weight()
                again.load_weights(path)
            else:
                again = keras.models.load_model(path, compile=False)
            found[str(path.relative_to(self.folder))] = number(again.get_weights()[0][0, 0])
        self.seen.append(found)


def model_checkpoint_cases():
    falls = series("val_loss", 5.0, 4.0, 4.5, 3.9, 4.0)
    rises = series("val_accuracy", 0.5, 0.7, 0.6, 0.71, 0.7)
    yield case("each epoch", falls, filepath="m.keras")
    yield case("h5", falls[:2], filepath="m.h5")
    yield case("pattern", falls, filepath="{epoch:02d}-{val_loss:.2f}.weights.h5", save_weights_only=True)
    yield case("best", falls, filepath="m.weights.h5", save_weights_only=True, save_best_only=True)
    yield case("best, each its own file", falls, filepath="e{epoch}.weights.h5", save_weights_only=True, save_best_only=True)
    yield case("best of a maximum", rises, ["accuracy"], filepath="{epoch}-{val_accuracy:.1e}.weights.h5", save_weights_only=True,
               save_best_only=True, monitor="val_accuracy")
    yield case("best by mode", rises, filepath="{epoch}.weights.h5", save_weights_only=True, save_best_only=True, monitor="val_accuracy",
               mode="min")
    yield case("threshold", falls, filepath="{epoch}.weights.h5", save_weights_only=True, save_best_only=True, initial_value_threshold=4.2)
    yield case("NaN", series("val_loss", 3.0, NAN, 2.0), filepath="{epoch}.weights.h5", save_weights_only=True, save_best_only=True)
    yield case("NaN first", series("val_loss", NAN, 3.0, 2.0), filepath="{epoch}.weights.h5", save_weights_only=True, save_best_only=True)
    yield case("every 3 batches", falls, filepath="{epoch}-{batch}.weights.h5", save_weights_only=True, save_freq=3) | {"batches": 4}
    yield case("every 5 batches of 3", falls, filepath="{epoch:03d}/{batch:d}.weights.h5", save_weights_only=True, save_freq=5) | {"batches": 3}
    yield case("folders", falls[:2], filepath="a/{epoch}/m.weights.h5", save_weights_only=True)
    yield case("initial_epoch", falls, initial_epoch=3, filepath="{epoch}.weights.h5", save_weights_only=True)


def model_checkpoint():
    for c in model_checkpoint_cases():
        batches, weights_only = c.get("batches", 1), c["arguments"].get("save_weights_only", False)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            arguments = c["arguments"] | {"filepath": str(folder / c["arguments"]["filepath"])}
            script = Script(c["logs"], "batch" if batches > 1 else "epoch")
            seen = Folder(folder, weights_only)
            train(one_weight(c["metrics"]), script, [callbacks.ModelCheckpoint(**arguments), seen], initial_epoch=c["initial_epoch"],
                  batches=batches)
        yield c | {"logs": words(c["logs"]), "batches": batches, "files": seen.seen}


def formats():
    """What Python makes of a number under each format of a file name."""
    values = [0.0, -0.0, 1.0, -2.5, 0.25, 0.5, 1.5, 0.1 + 0.2, 1e-05, 1.5e-07, 1e16, 123456.789, 999999.5, 0.00012345, 1e300, 12.0, NAN, INF, -INF]
    specs = ["", ".2f", ".0f", "08.3f", "f", ".3e", "e", ".0e", "g", ".3g", ".0g", "010.4g", "8", "012", "E", "F", "G"]
    for spec in specs:
        yield {"name": f"float {spec}", "spec": spec, "values": [word(v) for v in values], "texts": [f"{v:{spec}}" for v in values]}
    integers = [0, 1, 7, 12, 1234567]
    for spec in ["", "d", "02d", "03", "4d", ".2f", "e", "g"]:
        yield {"name": f"int {spec}", "spec": spec, "integers": integers, "texts": [f"{v:{spec}}" for v in integers]}


def terminate_on_nan():
    """Epochs and batches that run where the labels of one batch are not finite."""
    for name, bad in (("NaN", NAN), ("infinity", INF), ("none", 0.0)):
        model = one_weight()
        y = np.zeros((6, 1), "float32")
        y[3] = bad
        batches = []
        watch = callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: batches.append(batch))
        history = model.fit(np.ones((6, 1), "float32"), y, batch_size=1, epochs=3, shuffle=False, verbose=0,
                            callbacks=[callbacks.TerminateOnNaN(), watch])
        yield {"name": name, "bad": word(bad), "epoch": history.epoch, "batches": batches}


def averaged():
    keras.backend.clear_session()
    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2)])
    model.set_weights([normal("ema/kernel", (3, 2)), normal("ema/bias", (2,))])
    return model


def swap_ema_weights():
    for name, optimizer, on_epoch, stop in (
        ("in validation", dict(ema_momentum=0.5), False, None), ("on epochs", dict(ema_momentum=0.5), True, None),
        ("overwritten", dict(ema_momentum=0.8, ema_overwrite_frequency=3), True, None),
        ("not swapped", dict(ema_momentum=0.5), None, None),
    ):
        model = averaged()
        before = model.get_weights()
        model.compile(keras.optimizers.SGD(0.1, use_ema=True, **optimizer), "mse", run_eagerly=True)
        x, y, vx, vy = (normal(f"ema/{k}", (8, n)) for k, n in (("x", 3), ("y", 2), ("vx", 3), ("vy", 2)))
        seen = []
        watch = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(arrays(model.get_weights())))
        swap = [] if on_epoch is None else [callbacks.SwapEMAWeights(swap_on_epoch=on_epoch)]
        history = model.fit(x, y, validation_data=(vx, vy), batch_size=4, epochs=3, shuffle=False, verbose=0, callbacks=[*swap, watch])
        yield {"name": name, "optimizer": keras.optimizers.serialize(model.optimizer), "swap_on_epoch": on_epoch,
               "weights": arrays(before), "x": array(x), "y": array(y), "vx": array(vx), "vy": array(vy),
               "loss": [number(v) for v in history.history["loss"]], "val_loss": [number(v) for v in history.history["val_loss"]],
               "epochs": seen, "after": arrays(model.get_weights())}


def tensor_board():
    """The scalars and histograms that real TensorBoard finds in what Keras wrote."""
    from tensorboard.backend.event_processing import event_file_loader

    for name, arguments in (
        ("epochs", {}), ("every batch", {"update_freq": "batch"}), ("every 3 batches", {"update_freq": 3}),
        ("histograms", {"histogram_freq": 1}), ("histograms every 2 epochs", {"histogram_freq": 2}),
    ):
        model = averaged()
        before = model.get_weights()
        model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"], run_eagerly=True)
        x, y, vx, vy = (normal(f"ema/{k}", (8, n)) for k, n in (("x", 3), ("y", 2), ("vx", 3), ("vy", 2)))
        with tempfile.TemporaryDirectory() as folder:
            callback = callbacks.TensorBoard(folder, write_graph=False, **arguments)
            model.fit(x, y, validation_data=(vx, vy), batch_size=4, epochs=3, shuffle=False, verbose=0, callbacks=[callback])
            events = []
            for path in sorted(pathlib.Path(folder).rglob("events*")):
                for event in event_file_loader.EventFileLoader(str(path)).Load():
                    for value in event.summary.value:
                        events.append([path.parent.name, value.tag, event.step, value.metadata.plugin_data.plugin_name,
                                       [word(float(v)) for v in tf.make_ndarray(value.tensor).ravel()]])
        yield {"name": name, "arguments": arguments, "weights": arrays(before), "x": array(x), "y": array(y), "vx": array(vx),
               "vy": array(vy), "model": model.name, "events": events}


FILES = [early_stopping, reduce_lr_on_plateau, learning_rate_scheduler, direction, csv_logger, model_checkpoint, formats,
         terminate_on_nan, swap_ema_weights, tensor_board]


def main(wanted):
    warnings.simplefilter("ignore")
    for make in FILES:
        if not wanted or make.__name__ in wanted:
            found = {c.pop("name"): c for c in make()}
            write(HERE / "callbacks" / f"{make.__name__}.json", {"keras_version": keras.__version__, **found})
            print(make.__name__, len(found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
