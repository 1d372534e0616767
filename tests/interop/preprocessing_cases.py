"""Models that begin with preparing images, for converted_everywhere.py."""


def cases(keras):
    """Name, shape of a sample, and the layers of a model."""
    l, is3 = keras.layers, keras.__version__ >= "3"
    size = (6, 5, 3)
    for interpolation in ["bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5"]:
        yield f"resizing_{interpolation}", size, [l.Resizing(4, 7, interpolation=interpolation)]
    yield "resizing_crop", size, [l.Resizing(3, 6, crop_to_aspect_ratio=True)]
    yield "center_crop", size, [l.CenterCrop(4, 3)]
    yield "center_crop_smaller", size, [l.CenterCrop(8, 3)]
    yield "random_flip", size, [l.RandomFlip("horizontal", seed=3), l.Conv2D(2, 3)]
    yield "random_moves", size, [l.RandomRotation(0.2), l.RandomZoom(0.3), l.RandomZoom((-0.2, 0.1), (0.1, 0.3), fill_mode="constant"),
                                 l.RandomTranslation(0.1, (-0.2, 0.3), interpolation="nearest"), l.Conv2D(2, 3)]
    yield "random_colours", size, [l.RandomContrast(0.3), l.RandomBrightness(0.2), l.Conv2D(2, 3)]
    inner = [l.Resizing(8, 8), l.Rescaling(1 / 255)]
    augment = [l.RandomFlip("horizontal_and_vertical"), l.RandomRotation(0.2)]
    yield "potatoes", size, [keras.Sequential(inner), keras.Sequential(augment), l.Conv2D(4, 3, activation="relu"), l.MaxPooling2D(2),
                             l.Flatten(), l.Dense(3, activation="softmax")]
    if is3:
        yield "resizing_pad", size, [l.Resizing(3, 6, pad_to_aspect_ratio=True, fill_value=0.5)]
        yield "resizing_antialias", size, [l.Resizing(3, 3, antialias=True)]
        yield "resizing_channels_first", size, [l.Resizing(3, 4, data_format="channels_first")]
        yield "random_greys", size, [l.RandomInvert(0.3), l.RandomGrayscale(0.2), l.RandomColorDegeneration((0.1, 0.4)), l.Conv2D(2, 3)]
        yield "random_shear", size, [l.RandomShear(0.2, (0.1, 0.3)), l.Conv2D(2, 3)]
        yield "random_contrast_range", size, [l.RandomContrast((0.3, 0.4), value_range=(0, 1)), l.Conv2D(2, 3)]
