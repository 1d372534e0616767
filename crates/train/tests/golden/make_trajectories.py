"""Writes trajectories.json: 20 steps of training by real Keras 3 with each optimizer, with options
that all optimizers have, and with each schedule; and tables of the schedules.

    KERAS_BACKEND=tensorflow python make_trajectories.py

Written by Keras 3.15.1, TensorFlow 2.21.0, NumPy 2.4.
"""

import json
import os

import keras
import numpy as np
from keras.optimizers import schedules as s

STEPS = 20


def o(cls, *args, exclude=None, **kwargs):
    def make():
        optimizer = getattr(keras.optimizers, cls)(*args, **kwargs)
        if exclude:
            optimizer.exclude_from_weight_decay(var_names=exclude)
        return optimizer

    return make, exclude


OPTIMIZERS = {
    "adamw": o("AdamW", 0.01),
    "adamw_options": o("AdamW", 0.02, weight_decay=0.3, amsgrad=True, beta_1=0.8, exclude=["bias", "last"]),
    "adamax": o("Adamax", 0.01),
    "adamax_options": o("Adamax", 0.02, beta_1=0.7, beta_2=0.9, epsilon=0.01, clipvalue=0.2),
    "nadam": o("Nadam", 0.01),
    "nadam_options": o("Nadam", 0.02, beta_1=0.7, beta_2=0.9, epsilon=0.01, weight_decay=0.1),
    "nadam_accumulates": o("Nadam", 0.02, gradient_accumulation_steps=3),
    "adagrad": o("Adagrad", 0.1),
    "adagrad_options": o("Adagrad", 0.3, initial_accumulator_value=0.5, epsilon=0.05, clipnorm=0.5),
    "adadelta": o("Adadelta", 1.0),
    "adadelta_options": o("Adadelta", 0.5, rho=0.7, epsilon=1e-3, global_clipnorm=1.0),
    "ftrl": o("Ftrl", 0.1),
    "ftrl_power": o("Ftrl", 0.1, learning_rate_power=-0.3, initial_accumulator_value=0.4),
    "ftrl_regularized": o(
        "Ftrl",
        0.1,
        l1_regularization_strength=0.05,
        l2_regularization_strength=0.2,
        l2_shrinkage_regularization_strength=0.1,
        beta=0.3,
    ),
    "lion": o("Lion", 0.003),
    "lion_options": o("Lion", 0.005, beta_1=0.5, beta_2=0.8, weight_decay=0.5),
    "adafactor": o("Adafactor", 0.02),
    "adafactor_options": o(
        "Adafactor",
        0.5,
        beta_2_decay=-0.5,
        epsilon_1=1e-3,
        epsilon_2=0.7,
        clip_threshold=0.4,
        relative_step=False,
        weight_decay=0.05,
    ),
    "lamb": o("Lamb", 0.01),
    "lamb_options": o("Lamb", 0.02, beta_1=0.7, beta_2=0.9, epsilon=0.01, weight_decay=0.2),
    "muon": o("Muon", 0.01),
    "muon_options": o(
        "Muon",
        0.01,
        adam_beta_1=0.8,
        adam_beta_2=0.95,
        adam_weight_decay=0.2,
        epsilon=0.01,
        weight_decay=0.4,
        exclude_layers=["last"],
        muon_a=3.0,
        muon_b=-4.0,
        muon_c=1.9,
        adam_lr_ratio=0.5,
        momentum=0.8,
        ns_steps=3,
        nesterov=False,
        rms_rate=None,
    ),
    "muon_embeddings": o("Muon", 0.01, adam_weight_decay=None, exclude=["kernel"]),
    "decay_excluded": o("SGD", 0.05, weight_decay=0.5, exclude=["conv", "second/bias"]),
    "ema": o("Adam", 0.02, use_ema=True, ema_momentum=0.8),
    "ema_overwrites": o("SGD", 0.05, momentum=0.5, use_ema=True, ema_momentum=0.6, ema_overwrite_frequency=4),
    "accumulates": o("Adam", 0.02, gradient_accumulation_steps=4, clipnorm=0.3, weight_decay=0.1),
    "accumulates_ema": o(
        "RMSprop",
        0.01,
        gradient_accumulation_steps=2,
        use_ema=True,
        ema_momentum=0.7,
        ema_overwrite_frequency=3,
    ),
    "accumulates_scheduled": o("Adagrad", s.ExponentialDecay(0.2, 5, 0.5), gradient_accumulation_steps=3),
    "loss_scale": o("SGD", 0.05, momentum=0.9, clipvalue=0.1, loss_scale_factor=1024.0),
    "adafactor_scheduled": o("Adafactor", s.PiecewiseConstantDecay([6, 12], [0.05, 0.02, 0.01])),
    "nadam_scheduled": o("Nadam", s.CosineDecay(0.02, 10, warmup_target=0.05, warmup_steps=4)),
    "muon_scheduled": o("Muon", s.InverseTimeDecay(0.02, 3, 0.5)),
}
SCHEDULES = {
    "exponential": s.ExponentialDecay(0.1, 7, 0.6),
    "exponential_staircase": s.ExponentialDecay(0.1, 7, 0.6, staircase=True),
    "piecewise": s.PiecewiseConstantDecay([3, 10], [0.1, 0.05, 0.01]),
    "piecewise_parts": s.PiecewiseConstantDecay([2.9, 10.5, 15], [0.1, 0.05, 0.01, 0.02]),
    "polynomial": s.PolynomialDecay(0.1, 12),
    "polynomial_bent": s.PolynomialDecay(0.1, 12.5, 0.01, power=2.5),
    "polynomial_cycle": s.PolynomialDecay(0.1, 6, 0.01, power=0.5, cycle=True),
    "inverse_time": s.InverseTimeDecay(0.1, 1, 0.2),
    "inverse_time_staircase": s.InverseTimeDecay(0.1, 4.5, 0.7, staircase=True),
    "cosine": s.CosineDecay(0.1, 15),
    "cosine_alpha": s.CosineDecay(0.1, 9, alpha=0.2),
    "cosine_warmup": s.CosineDecay(0.01, 12, alpha=0.1, warmup_target=0.1, warmup_steps=5),
    "cosine_no_target": s.CosineDecay(0.1, 12, warmup_steps=5),
    "restarts": s.CosineDecayRestarts(0.1, 3),
    "restarts_longer": s.CosineDecayRestarts(0.1, 7, t_mul=1.5, m_mul=0.8, alpha=0.1),
    "restarts_equal": s.CosineDecayRestarts(0.1, 5, t_mul=1.0, m_mul=0.5),
}


def numbers(array):
    return [float(np.format_float_positional(x, unique=True)) for x in np.ravel(array).astype("float32")]


def tensor(array):
    return {"shape": list(np.shape(array)), "data": numbers(array)}


def model():
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((5, 4, 1)),
            layers.Conv2D(2, 3, strides=(2, 1), name="conv"),
            layers.PReLU(alpha_initializer=keras.initializers.Constant(0.25), name="prelu"),
            layers.Flatten(name="flatten"),
            layers.Dense(3, activation="tanh", name="second"),
            layers.Dense(5, name="wide"),
            layers.Dense(3, name="embedding"),
            layers.Dense(2, name="last"),
        ],
        name="model",
    )


def variables(optimizer):
    return [{"name": v.path, **tensor(v.numpy())} for v in optimizer.variables]


def case(optimizer, exclude, first, x, y):
    keras.utils.clear_session()
    optimizer = optimizer()
    built = model()
    built.set_weights(first)
    built.compile(optimizer, "mse")
    found = {"losses": []}
    for step in range(STEPS):
        batch = slice(step % 4 * 6, step % 4 * 6 + 6)
        found["losses"] += [float(built.train_on_batch(x[batch], y[batch]))]
        if step == 0:
            found["weights_1"] = [tensor(w) for w in built.get_weights()]
        if step == 9:
            found["weights_10"] = [tensor(w) for w in built.get_weights()]
            found["variables_10"] = variables(optimizer)
    found["weights_20"] = [tensor(w) for w in built.get_weights()]
    if optimizer.use_ema:
        optimizer.finalize_variable_values(built.trainable_variables)
        found["weights_final"] = [tensor(w) for w in built.get_weights()]
    entry = json.loads(json.dumps(keras.optimizers.serialize(optimizer), default=float))
    return {"optimizer": entry, "exclude": exclude, **found}


def dumps(value):
    return json.dumps(value, separators=(",", ":"))


def main():
    random = np.random.default_rng(7)
    x = random.normal(size=(24, 5, 4, 1)).astype("float32")
    y = np.stack([np.sin(x.sum((1, 2, 3))), x[:, 0, 0, 0] * x[:, 1, 1, 0]], 1).astype("float32")
    first = [(0.5 * random.normal(size=w.shape)).astype("float32") for w in model().get_weights()]
    cases = {name: case(*made, first, x, y) for name, made in OPTIMIZERS.items()}
    tables = {}
    for name, schedule in SCHEDULES.items():
        make = lambda: keras.optimizers.SGD(schedule)
        kept = ["optimizer", "exclude", "losses", "weights_20"]
        whole = case(make, None, first, x, y)
        cases[f"schedule_{name}"] = {key: whole[key] for key in kept}
        steps = [*range(64), 100, 1000, 123456]
        rates = [float(schedule(np.int64(step))) for step in steps]
        tables[name] = {"schedule": s.serialize(schedule), "steps": steps, "rates": rates}
    golden = {"x": tensor(x), "y": tensor(y), "first": [tensor(w) for w in first]}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "trajectories.json")
    with open(path, "w") as file:
        lines = [f'"{key}": {dumps(value)}' for key, value in golden.items()]
        for key, entries in [("schedules", tables), ("cases", cases)]:
            entries = [f"  {json.dumps(name)}: {dumps(entry)}" for name, entry in entries.items()]
            lines += [f'"{key}": {{\n' + ",\n".join(entries) + "\n}"]
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


main()
