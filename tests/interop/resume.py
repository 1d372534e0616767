"""Training goes on where it stopped, across programs.

    python tests/interop/resume.py

Python (Keras 3, and tf_keras in the words of Keras 2) trains ten steps and saves; the program
`ceratops train` goes on for ten; Python goes on from what that wrote, and so in turn. At every turn
the weights must be those of Python alone, within 2e-5 of each tensor's largest.

KERAS_PYTHON names a Python that has keras, tensorflow and tf_keras; without it a virtual environment
is made in the system's folder for temporary files, and they are installed there.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
BATCH = 4
TOLERANCE = 2e-5


def keras_python():
    """A Python that has both Keras."""
    given = os.environ.get("KERAS_PYTHON")
    if given:
        return given
    home = pathlib.Path(tempfile.gettempdir()) / "ceratops-interop-venv"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(home, with_pip=True)
    packages = ["keras>=3", "tensorflow-cpu", "tf_keras"]
    subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
    return str(python)


def main():
    subprocess.run(["cargo", "build", "-q", "--release", "-p", "ceratops-cli"], cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    program = target / "release" / ("ceratops.exe" if os.name == "nt" else "ceratops")
    quiet = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    command = [keras_python(), __file__, "--check", str(program)]
    sys.exit(subprocess.run(command, env={**os.environ, **quiet}).returncode)


def optimizers(k):
    """Every optimizer with the options that change what it remembers."""
    make = k.optimizers
    return {
        "sgd": lambda: make.SGD(0.05),
        "momentum": lambda: make.SGD(0.02, momentum=0.9),
        "nesterov": lambda: make.SGD(0.02, momentum=0.9, nesterov=True),
        "rmsprop": lambda: make.RMSprop(0.003),
        "rmsprop-all": lambda: make.RMSprop(0.003, momentum=0.5, centered=True),
        "adam": lambda: make.Adam(0.01),
        "amsgrad": lambda: make.Adam(0.01, amsgrad=True, clipnorm=1.0),
    }


def other_optimizers(k):
    """Those of Keras 3 that the older formats do not hold in the same way, and the options of all."""
    make, schedules = k.optimizers, k.optimizers.schedules
    return {
        "adamw": lambda: make.AdamW(0.01, weight_decay=0.01),
        "adadelta": lambda: make.Adadelta(0.5),
        "adagrad": lambda: make.Adagrad(0.05),
        "adamax": lambda: make.Adamax(0.01),
        "adafactor": lambda: make.Adafactor(0.01),
        "nadam": lambda: make.Nadam(0.01),
        "ftrl": lambda: make.Ftrl(0.05, l1_regularization_strength=0.001),
        "lion": lambda: make.Lion(0.001),
        "lamb": lambda: make.Lamb(0.01),
        "muon": lambda: make.Muon(0.01),
        "exponential": lambda: make.SGD(schedules.ExponentialDecay(0.05, 4, 0.8)),
        "cosine": lambda: make.Adam(schedules.CosineDecay(0.001, 30, warmup_target=0.01, warmup_steps=5)),
        "restarts": lambda: make.RMSprop(schedules.CosineDecayRestarts(0.003, 7)),
        "piecewise": lambda: make.SGD(schedules.PiecewiseConstantDecay([8, 15], [0.05, 0.02, 0.01])),
        "polynomial": lambda: make.Adam(schedules.PolynomialDecay(0.01, 30)),
        "inverse": lambda: make.SGD(schedules.InverseTimeDecay(0.05, 5, 0.5)),
        "ema": lambda: make.Adam(0.01, use_ema=True, ema_momentum=0.9),
        "accumulated": lambda: make.SGD(0.05, momentum=0.9, gradient_accumulation_steps=3),
        "clipped": lambda: make.SGD(0.1, global_clipnorm=0.5),
    }


def model_of(k, optimizer):
    """Weights that learn, weights that are frozen, and statistics that are no weights to learn."""
    k.utils.set_random_seed(3)
    model = k.Sequential(
        [
            k.layers.Input((6, 6, 2)),
            k.layers.Conv2D(4, 3, activation="tanh"),
            k.layers.PReLU(shared_axes=[1, 2]),
            k.layers.BatchNormalization(),
            k.layers.Flatten(),
            k.layers.Dense(5, activation="sigmoid", trainable=False),
            k.layers.Dense(3, activation="softmax", kernel_regularizer=k.regularizers.L2(0.01)),
        ]
    )
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    return model


def check(program):
    import keras
    import numpy as np
    import tf_keras

    rng = np.random.default_rng(5)
    x = rng.normal(size=(40, 6, 6, 2)).astype("f4")
    y = np.eye(3, dtype="f4")[rng.integers(0, 3, 40)]
    failures = 0
    # Which file carries the training in which Keras, there and back.
    routes = [
        ("Keras 3", keras, "keras", "keras"),
        # Not back: of a model with a frozen layer Keras 3 cannot go on from its own .h5 either.
        ("Keras 3", keras, "h5", "keras"),
        ("tf_keras", tf_keras, "h5", "h5"),
        ("tf_keras", tf_keras, "keras", "h5"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        np.save(folder / "x.npy", x)
        np.save(folder / "y.npy", y)

        def python(model):
            model.fit(x, y, batch_size=BATCH, epochs=1, shuffle=False, verbose=0)

        def ours(from_path, to_path, to):
            data = ["--x", folder / "x.npy", "--y", folder / "y.npy"]
            how = ["--epochs", "1", "--batch-size", str(BATCH), "--no-shuffle"]
            trained = folder / "trained.keras"
            run([program, "train", from_path, *data, *how, "--out", trained])
            run([program, "convert", trained, to_path, "--to", to])

        for name, k, there, back in routes:
            all_kinds = optimizers(k)
            if (name, there, back) == ("Keras 3", "keras", "keras"):
                all_kinds |= other_optimizers(k)
            for label, optimizer in all_kinds.items():
                alone = model_of(k, optimizer())
                shared = model_of(k, optimizer())
                worst = 0.0
                for turn in range(2):
                    python(alone), python(shared)
                    path = folder / f"python.{there}"
                    shared.save(path)
                    result = folder / f"ours.{back}"
                    ours(path, result, back)
                    python(alone)
                    shared = k.models.load_model(result)
                    worst = max(worst, distance(alone, shared))
                failures += worst > TOLERANCE
                verdict = "same" if worst <= TOLERANCE else "DIFFERENT"
                print(f"{name:8} {there:>5} -> {back:9} {label:12} {verdict} ({worst:.1e})", flush=True)
    sys.exit(min(failures, 1))


def run(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")


def distance(a, b):
    """How far the weights are apart, in parts of each tensor's largest."""
    import numpy as np

    pairs = list(zip(a.get_weights(), b.get_weights(), strict=True))
    return max(float(np.abs(u - v).max() / max(np.abs(u).max(), 1e-6)) for u, v in pairs)


if __name__ == "__main__":
    if "--check" in sys.argv:
        check(sys.argv[-1])
    else:
        main()
