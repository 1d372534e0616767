"""Models that begin with preparing images or sounds, for converted_everywhere.py."""


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
    if not is3:
        yield "random_sides", size, [l.RandomHeight(0.2), l.RandomWidth((-0.1, 0.3), interpolation="nearest", seed=3), l.Conv2D(2, 3)]
    if is3:
        yield "resizing_pad", size, [l.Resizing(3, 6, pad_to_aspect_ratio=True, fill_value=0.5)]
        yield "resizing_antialias", size, [l.Resizing(3, 3, antialias=True)]
        yield "resizing_channels_first", size, [l.Resizing(3, 4, data_format="channels_first")]
        yield "random_greys", size, [l.RandomInvert(0.3), l.RandomGrayscale(0.2), l.RandomColorDegeneration((0.1, 0.4)), l.Conv2D(2, 3)]
        yield "random_shear", size, [l.RandomShear(0.2, (0.1, 0.3)), l.Conv2D(2, 3)]
        yield "random_contrast_range", size, [l.RandomContrast((0.3, 0.4), value_range=(0, 1)), l.Conv2D(2, 3)]
        yield "auto_contrast", size, [l.AutoContrast(value_range=(-5, 5)), l.Conv2D(2, 3)]
        yield "clahe", size, [l.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(2, 2), clip_limit=3.0, value_range=(-9, 9))]
        yield "solarization", size, [l.Solarization(0.1, (0.2, 0.5), seed=2), l.Conv2D(2, 3)]
        yield "random_hue", size, [l.RandomHue(0.3), l.RandomSaturation((0.4, 0.6)), l.RandomSaturation(0.3), l.Conv2D(2, 3)]
        yield "random_sharpness", size, [l.RandomSharpness(0.6), l.RandomPosterization((3, 6)), l.RandomPosterization(4), l.Conv2D(2, 3)]
        yield "random_blur", size, [l.RandomGaussianBlur(0.5, kernel_size=(3, 5), sigma=(0.2, 0.9)), l.RandomGaussianBlur(), l.Conv2D(2, 3)]
        yield "random_jitter", size, [l.RandomColorJitter(brightness_factor=0.2, hue_factor=(0.1, 0.3), value_range=(0, 1)),
                                      l.RandomColorJitter(contrast_factor=0.2, saturation_factor=0.4, seed=3), l.Conv2D(2, 3)]
        yield "random_erasing", size, [l.RandomErasing(0.5, scale=(0.1, 0.3)), l.RandomErasing(fill_value=(1.0, 2.0, 3.0), seed=1), l.Conv2D(2, 3)]
        yield "random_perspective", size, [l.RandomPerspective(0.5, scale=0.3, interpolation="nearest", fill_value=2.0), l.Conv2D(2, 3)]
        yield "random_elastic", size, [l.RandomElasticTransform(0.5, scale=(0.2, 0.4), fill_mode="constant"), l.Conv2D(2, 3)]
        yield "rand_augment", size, [l.RandAugment(num_ops=3, factor=(0.1, 0.4), interpolation="nearest"), l.Conv2D(2, 3)]
        yield "aug_mix", size, [l.AugMix(num_chains=2, chain_depth=4, factor=0.2, alpha=0.5, all_ops=False), l.Conv2D(2, 3)]
        yield "mix_up", size, [l.MixUp(0.4, seed=3), l.CutMix((0.2, 0.8)), l.Conv2D(2, 3)]
        for mode in ("log", "magnitude", "psd", "real", "imag", "stft"):
            yield f"stft_{mode}", (30, 2), [l.STFTSpectrogram(mode, frame_length=6, frame_step=2, padding="same"), l.Dense(3)]
        options = dict(fft_length=16, window="hamming", periodic=True, scaling="spectrum", expand_dims=True)
        yield "stft_options", (30, 2), [l.STFTSpectrogram("magnitude", 9, **options), l.Conv2D(2, 2)]
        yield "stft_frozen", (30, 2), [l.STFTSpectrogram(frame_length=8, window=[1, 2, 3, 4, 4, 3, 2, 1], scaling=None, trainable=False)]
        small = dict(fft_length=16, sequence_stride=5, num_mel_bins=4)
        yield "mel", (50,), [l.MelSpectrogram(**small), l.Dense(2)]
        yield "mel_options", (50,), [l.MelSpectrogram(**small, sequence_length=12, window="hamming", sampling_rate=2000, min_freq=50.0,
                                                      max_freq=800.0, power_to_db=False, mag_exp=1.0), l.Dense(2)]
        yield "pipeline", size, [l.Pipeline([l.RandomFlip(), l.Rescaling(0.5)]), l.Conv2D(2, 3)]
        yield "pipeline_learns", (4,), [l.Pipeline([l.Dense(3, "tanh"), l.Dropout(0.5), l.Dense(2)], name="pipe"), l.Dense(2)]
