"""The networks in PyTorch, for its own peer and for those that read ONNX files."""

from torch import nn


def network(work):
    """The network up to its logits."""
    if work == "mlp":
        sizes = [784, 512, 512, 10]
        layers = [f(i, o) for i, o in zip(sizes, sizes[1:]) for f in (nn.Linear, lambda *_: nn.ReLU())]
        return nn.Sequential(*layers[:-1])
    return vgg() if work == "vgg" else cnn(work)


def cnn(work):
    layers, channels = [], 1
    for filters in (32, 64, 64):
        layers.append(nn.Conv2d(channels, filters, 3))
        if work == "bncnn":
            layers.append(nn.BatchNorm2d(filters, eps=1e-3, momentum=0.01))
        layers.append(nn.PReLU(filters) if work == "prelu" else nn.LeakyReLU(0.05))
        layers.append(nn.MaxPool2d(2))
        channels = filters
    del layers[-1]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(576, 64), nn.ReLU(), nn.Linear(64, 10))


def vgg():
    layers, channels = [], 3
    for filters in (64, 128, 256):
        for _ in range(2):
            layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU()]
            channels = filters
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4096, 256), nn.ReLU(), nn.Linear(256, 10))
