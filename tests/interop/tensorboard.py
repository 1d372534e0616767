"""Real TensorBoard reads the events that Ceratops writes.

    python tests/interop/tensorboard.py

The example `callbacks` trains a small network and writes, of every epoch, TensorBoard's events, a line
of a table, and the weights. TensorBoard's own loaders must find in the events what is in the table,
and histograms whose buckets hold the weights; its data server must serve all of them.

TENSORBOARD_PYTHON names a Python that has tensorboard and h5py; without it a virtual environment is
made in the system's folder for temporary files, and they are installed there.
"""

import csv
import os
import pathlib
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]


def tensorboard_python():
    given = os.environ.get("TENSORBOARD_PYTHON")
    if given:
        return given
    home = pathlib.Path(tempfile.gettempdir()) / "ceratops-tensorboard-venv"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(home, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "tensorboard", "h5py", "setuptools<81"], check=True)
    return str(python)


def main():
    with tempfile.TemporaryDirectory() as folder:
        profile = os.environ.get("CERATOPS_PROFILE", "release")
        command = ["cargo", "run", "-q", "--profile", profile, "--example", "callbacks", "--", folder]
        subprocess.run(command, cwd=ROOT, check=True)
        folder = pathlib.Path(folder) / "ceratops-callbacks"
        sys.exit(subprocess.run([tensorboard_python(), __file__, "--check", str(folder)]).returncode)


def check(folder):
    # This file has the name of the package.
    sys.path = [path for path in sys.path if pathlib.Path(path).resolve() != pathlib.Path(__file__).resolve().parent]
    import h5py
    import numpy as np
    from tensorboard.backend.event_processing import event_accumulator, event_file_loader
    from tensorboard.util import tensor_util

    table = list(csv.DictReader((folder / "log.csv").open()))
    faults, compared = [], 0

    def compare(what, found, expected, tolerance=1e-6):
        nonlocal compared
        compared += 1
        found, expected = np.asarray(found, float), np.asarray(expected, float)
        if found.shape != expected.shape or not np.allclose(found, expected, rtol=tolerance, atol=1e-12):
            faults.append(f"{what}: {found} is not {expected}")

    # The loader that the program itself uses, with what it upgrades and checks on the way.
    runs = {}
    for run in ("train", "validation"):
        files = list((folder / "logs" / run).iterdir())
        compare(f"files of {run}", len(files), 1)
        steps = {}
        for event in event_file_loader.EventFileLoader(str(files[0])).Load():
            for value in event.summary.value:
                kind = value.metadata.plugin_data.plugin_name
                steps.setdefault((value.tag, kind), []).append((event.step, tensor_util.make_ndarray(value.tensor)))
        runs[run] = steps

    columns = {name for name in table[0] if name != "epoch"}
    for name in columns:
        run, tag = ("validation", name[4:]) if name.startswith("val_") else ("train", name)
        found = runs[run].pop((f"epoch_{tag}", "scalars"))
        compare(f"steps of {name}", [step for step, _ in found], [int(row["epoch"]) for row in table])
        compare(name, [value for _, value in found], [float(row[name]) for row in table])
    batches = runs["train"].pop(("batch_loss", "scalars"))
    runs["train"].pop(("batch_mae", "scalars"))
    # 48 samples are six batches of 8; each sixth one is written, and its mean is that of the epoch.
    compare("steps of batches", [step for step, _ in batches], [6 * (i + 1) for i in range(len(table))])
    compare("batches", [value for _, value in batches], [float(row["loss"]) for row in table])

    weights = {
        "dense/kernel": "layers/dense/vars/0", "dense/bias": "layers/dense/vars/1",
        "batch_normalization/gamma": "layers/batch_normalization/vars/0",
        "batch_normalization/beta": "layers/batch_normalization/vars/1",
        "batch_normalization/moving_mean": "layers/batch_normalization/vars/2",
        "batch_normalization/moving_variance": "layers/batch_normalization/vars/3",
        "dense_1/kernel": "layers/dense_1/vars/0", "dense_1/bias": "layers/dense_1/vars/1",
    }
    for name, place in weights.items():
        found = runs["train"].pop((f"sequential/{name}/histogram", "histograms"))
        compare(f"steps of {name}", [step for step, _ in found], range(len(table)))
        for (step, buckets), row in zip(found, table):
            with h5py.File(folder / "weights" / f"{step + 1:03d}.weights.h5") as file:
                compare(f"{name} after epoch {step}", buckets, histogram(np, file[place][()]), 1e-9)
    # With validation there may be values by update as well.
    for run, left in runs.items():
        left = {tag for tag, _ in left if not tag.startswith("evaluation_")}
        if left:
            faults.append(f"{run} has more: {left}")

    # What TensorBoard's dashboards ask for.
    for run in ("train", "validation"):
        accumulator = event_accumulator.EventAccumulator(str(folder / "logs" / run), {event_accumulator.TENSORS: 0})
        accumulator.Reload()
        tags = accumulator.Tags()["tensors"]
        compare(f"epochs of {run}", len(accumulator.Tensors("epoch_loss")), len(table))
        plugins = {accumulator.SummaryMetadata(tag).plugin_data.plugin_name for tag in tags}
        expected = {"scalars", "histograms"} if run == "train" else {"scalars"}
        if plugins != expected:
            faults.append(f"plugins of {run}: {plugins}")
    served = serve(folder / "logs")
    for run, tag, count in (("train", "epoch_loss", len(table)), ("validation", "epoch_mae", len(table))):
        compare(f"{tag} of {run} as served", len(served("scalars/scalars", run, tag)), count)
    compare("histogram as served", len(served("histograms/histograms", "train", "sequential/dense/kernel/histogram")), len(table))

    print(f"{compared} comparisons over {len(table)} epochs, {len(faults)} differ")
    for fault in faults[:20]:
        print(fault)
    sys.exit(min(len(faults), 1))


def serve(logs):
    """What the web server of TensorBoard answers."""
    import json
    import time
    import urllib.parse
    import urllib.request

    from tensorboard import program

    server = program.TensorBoard()
    server.configure(argv=[None, "--logdir", str(logs), "--port", "0", "--load_fast", "false"])
    url = server.launch()

    def ask(path, run, tag):
        query = urllib.parse.urlencode({"run": run, "tag": tag})
        for _ in range(50):
            try:
                with urllib.request.urlopen(f"{url}data/plugin/{path}?{query}") as answer:
                    found = json.load(answer)
                    if found:
                        return found
            except urllib.error.HTTPError:
                pass
            time.sleep(0.2)
        return []

    return ask


def histogram(np, weight):
    """Thirty buckets of equal width, or all numbers in the last of thirty where they are equal."""
    numbers = np.sort(weight.astype("f8").ravel())
    low, high = numbers[0], numbers[-1]
    edges = np.linspace(low, high, 31)
    places = np.zeros(30)
    for number in numbers:
        place = 29 if high == low else min(29, int(np.floor((number - low) / ((high - low) / 30))))
        places[place] += 1
    return np.stack([edges[:-1], edges[1:], places], axis=1)


if __name__ == "__main__":
    if "--check" in sys.argv:
        check(pathlib.Path(sys.argv[-1]))
    else:
        main()
