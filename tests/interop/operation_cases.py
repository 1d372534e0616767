"""Operations for graphs_everywhere.py: the models of `tests/golden/cases_ops.py`, one for every operation."""

import pathlib
import sys

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent / "golden"))


def operations(k):
    """Under each name a function that makes the model, with the operations of Keras 3, or those of TensorFlow for tf_keras."""
    import cases_ops

    cases = cases_ops.keras3() if k.__version__ >= "3" else cases_ops.keras2()
    return {case["name"].replace("graph_", ""): (lambda case=case: case["graph"](k)) for case in cases}
