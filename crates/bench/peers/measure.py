"""What the Python peers share: the works, made-up data for them, the clock, the form of a figure.

A peer is a class `Peer(name, work, x, y)`. `epoch(batch)` trains once on all of x (peers that cannot
train have none), `predict()` answers all of x, and `answers()` lists the ways to answer one sample,
of which the fastest counts.
"""

import json
import os
import sys
import time

import numpy as np

THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))
PREDICTED = 256
RUNS, SECONDS, ANSWERS = 3, 1.0, 200

# The shape of a sample with the channels last, and how many samples there are.
WORKS = {
    "cnn": ((28, 28, 1), 4096),
    "prelu": ((28, 28, 1), 4096),
    "bncnn": ((28, 28, 1), 4096),
    "mlp": ((784,), 16384),
    "vgg": ((32, 32, 3), 512),
}


def best(run):
    """The shortest of several runs, in seconds."""
    times, start = [], time.perf_counter()
    while len(times) < RUNS or time.perf_counter() - start < SECONDS:
        times.append(seconds(run))
    return min(times)


def median(run):
    """The time that half of many short runs stay below, in seconds."""
    for _ in range(10):
        run()
    return sorted(seconds(run) for _ in range(ANSWERS))[ANSWERS // 2]


def seconds(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def channels_first(x):
    """The images as PyTorch and ONNX have them."""
    return np.ascontiguousarray(np.moveaxis(x, -1, 1)) if x.ndim == 4 else x


def batches(x, size=PREDICTED):
    return [x[i : i + size] for i in range(0, len(x), size)]


def main(make):
    """Runs `peer.py NAME WORKS BATCHES`: prints what `make(name, work, x, y)` can do."""
    name, works, sizes = sys.argv[1:4]
    for work in works.split(","):
        sample, samples = WORKS[work]
        rng = np.random.default_rng(0)
        x = rng.random((samples, *sample), dtype=np.float32)
        peer = make(name, work, x, rng.integers(0, 10, samples))

        def report(what, value):
            line = {"peer": name, "work": work, "what": what, "value": value}
            print(json.dumps(line), flush=True)

        if hasattr(peer, "epoch"):
            for size in map(int, sizes.split(",")):
                taken = best(lambda: peer.epoch(size))
                report(f"fit b{size} samples/s", round(samples / taken))
        taken = best(peer.predict)
        report(f"predict b{PREDICTED} samples/s", round(samples / taken))
        report("predict 1 ms", 1e3 * min(median(answer) for answer in peer.answers()))
