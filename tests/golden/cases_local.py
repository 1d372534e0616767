"""LocallyConnected, which Keras 3 no longer has: every way of keeping its kernel."""


def local(name, size, layer, /, **more):
    """A layer before it that learns, so that its gradient for x counts too, and a Dense behind."""
    first = lambda l: l.Dense(size[-1], "tanh")  # noqa: E731
    return dict(name=f"locally_connected_{name}", dialect="keras2", input=size, x_scale=1.5, optimizer=lambda o: o.SGD(0.05),
                # The flat kernel of the third way says nothing of how many inputs an output has.
                scale=0.3 if name.endswith("_3") else 1.0, layers=lambda l: [first(l), layer(l), l.Flatten(), l.Dense(2)], **more)


def cases():
    for way in (1, 2, 3):
        one = lambda units, window, way=way, **options: (  # noqa: E731
            lambda l: l.LocallyConnected1D(units, window, implementation=way, **options))
        two = lambda units, window, way=way, **options: (  # noqa: E731
            lambda l: l.LocallyConnected2D(units, window, implementation=way, **options))
        yield local(f"1d_{way}", (6, 2), one(3, 3))
        yield local(f"1d_strided_{way}", (7, 2), one(2, 2, strides=3, activation="relu"))
        yield local(f"1d_first_{way}", (2, 6), one(3, 2, data_format="channels_first"))
        yield local(f"2d_{way}", (4, 5, 2), two(2, (2, 3)))
        yield local(f"2d_strided_{way}", (5, 4, 1), two(3, 2, strides=(2, 1), use_bias=False))
        yield local(f"2d_first_{way}", (2, 3, 4), two(2, 2, data_format="channels_first"))
        if way > 1:
            yield local(f"1d_same_{way}", (5, 2), one(2, 4, padding="same"))
            yield local(f"2d_same_{way}", (4, 3, 2), two(2, (3, 2), padding="same", strides=2))
    rules = dict(kernel_regularizer="l2", bias_regularizer="l1", activity_regularizer="l2", kernel_constraint="non_neg")
    yield local("regularizers", (5, 2), lambda l: l.LocallyConnected1D(2, 2, **rules))
    yield local("one_sample", (4, 3, 1), lambda l: l.LocallyConnected2D(2, 2)) | dict(n=1, batch_size=1)
