"""Convolutions of all ranks, and the depthwise, separable and transposed ones.

The layer under test has a layer with weights before it, so that its gradient for x counts too.
"""

KINDS = {1: "1D", 2: "2D", 3: "3D"}
XLA = {"jit_compile": True}  # TensorFlow has no kernels on a CPU for channels first, nor some gradients of dilation.


def case(prefix, name, size, layer, channels=2, rank=None, mode=None, **extra):
    rank = rank or len(size)
    first = lambda l: getattr(l, f"Conv{KINDS[rank]}")(channels, 1)
    made = dict(name=f"{prefix}_{name}", input=(*size, 2), optimizer=lambda o: o.SGD(0.02),
                layers=lambda l: [first(l), layer(l), l.Flatten(), l.Dense(2)], **extra)
    return made if mode is None else made | dict(mode=mode)


def channels_first(prefix, name, size, layer, **extra):
    """The layer under test alone: what stands before it would need XLA too."""
    return dict(name=f"{prefix}_{name}", input=(2, *size), optimizer=lambda o: o.SGD(0.02), mode=XLA,
                layers=lambda l: [layer(l), l.Flatten(), l.Dense(2)], **extra)


def conv1d(name, size, *arguments, **options):
    keys = {key: options.pop(key) for key in ("channels", "mode") if key in options}
    return case("conv1d", name, (size,), lambda l: l.Conv1D(*arguments, **options), **keys)


def convolutions_of_sequences():
    yield conv1d("3", 6, 3, 3)
    yield conv1d("1", 4, 3, 1)
    yield conv1d("same", 5, 2, 3, padding="same")
    yield conv1d("same_even", 6, 2, 4, padding="same")
    yield conv1d("strides_2", 7, 3, 3, strides=2)
    yield conv1d("same_strides_3", 8, 2, 2, strides=3, padding="same")
    yield conv1d("causal", 5, 2, 3, padding="causal")
    yield conv1d("causal_strides_2", 6, 2, 3, padding="causal", strides=2)
    yield conv1d("causal_dilation_2", 7, 2, 3, padding="causal", dilation_rate=2)
    yield conv1d("causal_wider_than_input", 3, 2, 5, padding="causal")
    yield conv1d("dilation_2", 7, 2, 3, dilation_rate=2)
    yield conv1d("same_dilation_3", 6, 2, 3, dilation_rate=3, padding="same")
    yield conv1d("groups_2", 6, 4, 3, channels=4, groups=2)
    yield conv1d("activation", 5, 3, 3, activation="relu", use_bias=False)
    yield conv1d("governed", 5, 3, 2, kernel_regularizer="l2", bias_regularizer="l1", activity_regularizer="l2",
                 kernel_constraint="unit_norm", bias_constraint="non_neg")
    yield channels_first("conv1d", "channels_first", (6,),
                         lambda l: l.Conv1D(3, 3, strides=2, data_format="channels_first", activation="tanh"))
    yield channels_first("conv1d", "channels_first_causal", (5,),
                         lambda l: l.Conv1D(3, 3, dilation_rate=2, data_format="channels_first", padding="causal"))


def conv3d(name, size, *arguments, **options):
    keys = {key: options.pop(key) for key in ("channels", "mode") if key in options}
    return case("conv3d", name, size, lambda l: l.Conv3D(*arguments, **options), **keys)


def convolutions_of_volumes():
    yield conv3d("2x3x2", (3, 4, 3), 2, (2, 3, 2))
    yield conv3d("same", (3, 3, 4), 2, (3, 2, 3), padding="same")
    yield conv3d("strides", (5, 4, 4), 2, 2, strides=(2, 1, 3), activation="tanh")
    yield conv3d("same_strides_2", (4, 3, 5), 2, 3, strides=2, padding="same", use_bias=False)
    yield conv3d("dilation", (5, 3, 4), 2, 2, dilation_rate=(2, 1, 2), mode=XLA)
    yield conv3d("groups_2", (3, 3, 3), 4, 2, channels=4, groups=2, mode=XLA)
    yield channels_first("conv3d", "channels_first", (3, 4, 3),
                         lambda l: l.Conv3D(2, (2, 3, 1), padding="same", data_format="channels_first"))


def depthwise(rank, name, size, *arguments, channels=3, mode=None, **options):
    kind = f"DepthwiseConv{KINDS[rank]}"
    return case(f"depthwise_conv{rank}d", name, size, lambda l: getattr(l, kind)(*arguments, **options), channels, rank, mode)


def depthwise_convolutions():
    yield depthwise(2, "3", (5, 4), 3)
    yield depthwise(2, "2x3_multiplier_2", (4, 5), (2, 3), depth_multiplier=2)
    yield depthwise(2, "same", (4, 5), (3, 2), padding="same")
    yield depthwise(2, "strides_2", (6, 7), 3, strides=2)
    yield depthwise(2, "same_strides_2", (5, 6), 3, strides=2, padding="same", depth_multiplier=2)
    yield depthwise(2, "dilation_2", (6, 5), 2, dilation_rate=2)
    yield depthwise(2, "same_dilation", (4, 6), (2, 3), dilation_rate=(1, 2), padding="same")
    yield depthwise(2, "strides_and_dilation", (7, 6), 2, strides=2, dilation_rate=2, padding="same")
    yield depthwise(2, "many_channels", (2, 3), 2, channels=19, depth_multiplier=2)
    yield depthwise(2, "activation", (4, 4), 3, activation="relu", use_bias=False)
    yield depthwise(2, "governed", (4, 4), 2, depthwise_regularizer="l2", bias_regularizer="l1", activity_regularizer="l2",
                    depthwise_constraint="unit_norm", bias_constraint="non_neg")
    yield channels_first("depthwise_conv2d", "channels_first", (4, 5), lambda l: l.DepthwiseConv2D(
        (2, 3), depth_multiplier=2, padding="same", data_format="channels_first"))
    yield depthwise(1, "3", (6,), 3)
    yield depthwise(1, "same_strides_2", (7,), 3, strides=2, padding="same", depth_multiplier=2)
    yield depthwise(1, "dilation_2", (7,), 2, dilation_rate=2, activation="tanh")
    # Five steps of four channels: of as many steps as channels, Keras 3.15 on TensorFlow adds the bias to the steps.
    yield channels_first("depthwise_conv1d", "channels_first", (6,), lambda l: l.DepthwiseConv1D(
        2, depth_multiplier=2, data_format="channels_first"))


def separable(rank, name, size, *arguments, mode=None, dialect=None, **options):
    kind = f"SeparableConv{KINDS[rank]}"
    extra = {} if dialect is None else dict(dialect=dialect)
    return case(f"separable_conv{rank}d", name, size, lambda l: getattr(l, kind)(*arguments, **options), 3, rank, mode, **extra)


def separable_convolutions():
    yield separable(2, "3", (5, 4), 2, 3)
    yield separable(2, "2x3_multiplier_2", (4, 5), 3, (2, 3), depth_multiplier=2, activation="tanh")
    yield separable(2, "same_strides_2", (5, 6), 2, 3, strides=2, padding="same")
    yield separable(2, "dilation", (6, 6), 2, (2, 3), dilation_rate=2, use_bias=False)
    yield separable(2, "strides_and_dilation", (7, 6), 2, 2, strides=2, dilation_rate=2)
    yield separable(2, "governed", (4, 4), 2, 2, depthwise_regularizer="l2", pointwise_regularizer="l1", bias_regularizer="l2",
                    activity_regularizer="l2", depthwise_constraint="unit_norm", pointwise_constraint="max_norm",
                    bias_constraint="non_neg")
    yield channels_first("separable_conv2d", "channels_first", (4, 5), lambda l: l.SeparableConv2D(
        3, (2, 3), depth_multiplier=2, padding="same", data_format="channels_first"))
    yield separable(1, "3", (6,), 2, 3)
    yield separable(1, "same_strides_2", (7,), 3, 3, strides=2, padding="same", depth_multiplier=2)
    yield separable(1, "dilation_2", (7,), 2, 2, dilation_rate=2, activation="tanh")
    yield separable(1, "causal_keras2", (6,), 3, 3, padding="causal", depth_multiplier=2, dialect="keras2")
    yield channels_first("separable_conv1d", "channels_first", (5,), lambda l: l.SeparableConv1D(
        2, 2, data_format="channels_first"))


def transposed(rank, name, size, *arguments, channels=3, mode=None, **options):
    kind = f"Conv{KINDS[rank]}Transpose"
    return case(f"conv{rank}d_transpose", name, size, lambda l: getattr(l, kind)(*arguments, **options), channels, rank, mode)


def transposed_convolutions():
    yield transposed(2, "3", (3, 2), 2, 3)
    yield transposed(2, "2x3_same", (3, 4), 2, (2, 3), padding="same")
    yield transposed(2, "strides_2", (3, 2), 2, 3, strides=2)
    yield transposed(2, "same_strides_2", (2, 3), 2, 3, strides=2, padding="same", activation="tanh")
    yield transposed(2, "same_strides_2_even", (2, 3), 2, 4, strides=2, padding="same")
    yield transposed(2, "strides_wider_than_kernel", (2, 3), 2, 2, strides=3)
    yield transposed(2, "same_strides_wider_than_kernel", (2, 3), 2, 2, strides=3, padding="same")
    yield transposed(2, "strides_2_1", (2, 3), 2, (3, 2), strides=(2, 1))
    yield transposed(2, "output_padding", (2, 3), 2, 3, strides=2, output_padding=1)
    yield transposed(2, "output_padding_0", (2, 3), 2, (1, 2), strides=3, output_padding=0)
    yield transposed(2, "same_output_padding", (2, 3), 2, 3, strides=2, output_padding=(1, 0), padding="same")
    yield transposed(2, "same_output_padding_even", (3, 2), 2, (4, 2), strides=(3, 2), output_padding=(2, 1), padding="same")
    yield transposed(2, "dilation_2", (3, 2), 2, 2, dilation_rate=2, mode=XLA)
    yield transposed(2, "same_dilation", (3, 4), 2, (2, 3), dilation_rate=(2, 1), padding="same", mode=XLA)
    yield transposed(2, "governed", (2, 3), 2, 2, use_bias=True, kernel_regularizer="l2", bias_regularizer="l1",
                     activity_regularizer="l2", kernel_constraint="unit_norm", bias_constraint="non_neg")
    yield channels_first("conv2d_transpose", "channels_first", (2, 3), lambda l: l.Conv2DTranspose(
        3, (2, 3), strides=2, data_format="channels_first", use_bias=False))
    yield transposed(1, "3", (4,), 2, 3)
    yield transposed(1, "same_strides_2", (3,), 2, 3, strides=2, padding="same", activation="tanh")
    yield transposed(1, "output_padding", (3,), 2, 2, strides=3, output_padding=1)
    yield transposed(1, "dilation_2", (4,), 2, 3, dilation_rate=2, mode=XLA)
    yield channels_first("conv1d_transpose", "channels_first", (3,), lambda l: l.Conv1DTranspose(
        2, 3, strides=2, padding="same", data_format="channels_first"))
    yield transposed(3, "2", (2, 2, 3), 2, 2, channels=2)
    yield transposed(3, "same_strides", (2, 2, 2), 2, (3, 2, 3), strides=(2, 1, 2), padding="same", channels=2)
    yield transposed(3, "output_padding", (2, 1, 2), 2, 2, strides=(2, 3, 2), output_padding=(1, 2, 0), channels=2)
    yield channels_first("conv3d_transpose", "channels_first", (2, 2, 2), lambda l: l.Conv3DTranspose(
        2, 2, strides=(1, 2, 1), data_format="channels_first"))


def cases():
    for part in (convolutions_of_sequences, convolutions_of_volumes, depthwise_convolutions, separable_convolutions,
                 transposed_convolutions):
        yield from part()
