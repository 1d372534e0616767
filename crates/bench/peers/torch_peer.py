"""PyTorch, eagerly: `torch` as it comes, `torch-cl` with the channels last in memory."""

import torch
from torch.nn import functional as F

import measure
from networks import network


class Peer:
    def __init__(self, name, work, x, y):
        self.model = network(work)
        self.x, self.y = torch.from_numpy(measure.channels_first(x)), torch.from_numpy(y)
        if name == "torch-cl" and self.x.ndim == 4:
            self.model = self.model.to(memory_format=torch.channels_last)
            self.x = self.x.to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.SGD(self.model.parameters(), 0.01)

    def epoch(self, size):
        self.model.train()
        for x, y in zip(self.x.split(size), self.y.split(size)):
            self.optimizer.zero_grad(set_to_none=True)
            F.cross_entropy(self.model(x), y).backward()
            self.optimizer.step()

    def predict(self):
        self.model.eval()
        with torch.inference_mode():
            for x in self.x.split(measure.PREDICTED):
                self.model(x).softmax(1)

    def answers(self):
        """Eagerly, and as a frozen TorchScript graph."""
        whole = torch.nn.Sequential(self.model, torch.nn.Softmax(1)).eval()
        one = self.x[:1].clone()
        with torch.inference_mode():
            frozen = torch.jit.freeze(torch.jit.trace(whole, one))
        return [torch.inference_mode()(lambda f=f: f(one)) for f in (whole, frozen)]


torch.set_num_threads(measure.THREADS)
measure.main(Peer)
