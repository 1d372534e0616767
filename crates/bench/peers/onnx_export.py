"""`onnx_export.py FOLDER`: writes the networks, with their softmax, as ONNX files."""

import sys
import warnings
from pathlib import Path

import torch

from measure import WORKS
from networks import network

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
warnings.simplefilter("ignore")
for work, (sample, _) in WORKS.items():
    torch.manual_seed(0)
    model = torch.nn.Sequential(network(work), torch.nn.Softmax(1)).eval()
    one = torch.zeros(1, sample[-1], *sample[:-1]) if len(sample) == 3 else torch.zeros(1, *sample)
    open_batch = {"x": {0: "batch"}, "y": {0: "batch"}}
    names = {"input_names": ["x"], "output_names": ["y"], "dynamic_axes": open_batch}
    torch.onnx.export(model, (one,), folder / f"{work}.onnx", dynamo=False, opset_version=17, **names)
