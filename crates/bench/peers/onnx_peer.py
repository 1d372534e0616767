"""Engines that only answer: `onnxruntime` and `openvino`."""

import sys
from pathlib import Path

import measure

# Beside the virtual environment that runs this.
FOLDER = Path(sys.prefix).parent / "networks"


def onnxruntime(path, threads):
    """A function from a batch to the answer."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {"x": x})[0]


def openvino(path, threads, shape):
    """The same. OpenVINO is at its best when it knows the shape of the batch."""
    import openvino as ov

    model = ov.convert_model(path)
    model.reshape({0: list(shape)})
    config = {
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": "f32",
    }
    request = ov.Core().compile_model(model, "CPU", config).create_infer_request()

    def answer(x):
        request.infer([x], share_inputs=True)
        return request.get_output_tensor(0).data

    return answer


class Peer:
    def __init__(self, name, work, x, _):
        path = FOLDER / f"{work}.onnx"
        self.x = measure.channels_first(x)
        self.one = self.x[:1].copy()

        def engine(x, threads=measure.THREADS):
            if name == "onnxruntime":
                return onnxruntime(path, threads)
            return openvino(path, threads, x.shape)

        self.parts = measure.batches(self.x)
        self.many = engine(self.parts[0])
        # Two threads may cost a small network more than they bring.
        self.ones = [engine(self.one, threads) for threads in {1, measure.THREADS}]

    def predict(self):
        for part in self.parts:
            self.many(part)

    def answers(self):
        return [lambda f=f: f(self.one) for f in self.ones]


measure.main(Peer)
