"""Spectrograms with each of their options, and in models that learn."""

from golden import normal  # first: its settings must stand before TensorFlow begins

WINDOWS = ("hann hamming blackman nuttall blackmanharris flattop boxcar bartlett triang cosine barthann bohman parzen "
           "lanczos exponential").split()
# TensorFlow makes another "hann" of an odd number of samples than JAX and PyTorch do.
ODD = [0.0, 0.1, 0.4, 0.8, 1.0, 0.9, 0.5, 0.2, 0.1]
MODES = ["log", "magnitude", "psd", "real", "imag", "angle", "stft"]


def behind(size, *layers, rate=0.02, **more):
    """Layers behind one with weights, so that their gradient for x counts too."""
    def made(l):
        return [l.Conv1D(size[-1], 2, padding="same"), *(layer(l) for layer in layers), l.Flatten(), l.Dense(2)]

    return dict(input=size, layers=made, optimizer=lambda o: o.SGD(rate), **more)


def cases():
    """Cases for make_training.py."""
    for mode in MODES:
        # Angles jump and powers grow, so that only small steps are sure.
        rate = 0.001 if mode in ("angle", "log", "psd") else 0.02
        yield behind((14, 2), lambda l, m=mode: l.STFTSpectrogram(m, frame_length=5, frame_step=3, fft_length=8), rate=rate) | dict(
            name=f"stft_{mode}")
    stft = lambda **options: lambda l: l.STFTSpectrogram("magnitude", **options)  # noqa: E731
    yield behind((13, 2), stft(frame_length=4, padding="same")) | dict(name="stft_same")
    yield behind((13, 2), stft(frame_length=4, padding="same", expand_dims=True)) | dict(name="stft_expand")
    yield behind((9, 1), stft(frame_length=6, fft_length=7)) | dict(name="stft_odd")
    yield behind((9, 1), stft(frame_length=4), n=1, batch_size=1) | dict(name="stft_one_sample")
    frozen = lambda l: l.STFTSpectrogram("log", frame_length=4, trainable=False, name="stft")  # noqa: E731
    yield behind((9, 1), frozen, frozen=["stft"]) | dict(name="stft_frozen")
    for expand in (False, True):
        first = lambda l, e=expand: [l.STFTSpectrogram("psd", frame_length=4, data_format="channels_first", expand_dims=e),  # noqa: E731
                                     l.Flatten(), l.Dense(2)]
        yield dict(name=f"stft_first{'_expand' * expand}", input=(2, 9), layers=first, optimizer=lambda o: o.SGD(0.001),
                   mode={"jit_compile": True})
    # Keras has it among those that only prepare data; a gradient for x it has all the same.
    mel = lambda **options: lambda l: [  # noqa: E731
        l.Dense(22), l.MelSpectrogram(fft_length=8, sequence_stride=3, sampling_rate=100, num_mel_bins=3, min_freq=1.0, **options),
        l.Flatten(), l.Dense(2)]
    for name, options in (("decibels", dict(min_power=0.5)), ("floor", dict(top_db=6.0, min_power=0.5)), ("power", dict(power_to_db=False)),
                          ("magnitude", dict(power_to_db=False, mag_exp=1.0))):
        yield dict(name=f"mel_{name}", input=(6,), layers=mel(**options), optimizer=lambda o: o.SGD(0.0005))


def stft():
    for window in WINDOWS:
        for length, periodic in ((7, False), (8, True)):
            yield sound((1, 20, 1), lambda l, w=window, n=length, p=periodic: l.STFTSpectrogram(
                "stft", frame_length=n, window=w, periodic=p, scaling=None))
    for scaling in (None, "density", "spectrum"):
        yield sound((2, 30, 2), lambda l, s=scaling: l.STFTSpectrogram("magnitude", frame_length=12, scaling=s))
    for mode in MODES:
        yield sound((2, 40, 2), lambda l, m=mode: l.STFTSpectrogram(m, frame_length=16, expand_dims=True))
    yield sound((1, 30, 1), lambda l: l.STFTSpectrogram(frame_length=8, window=None))
    yield sound((1, 30, 1), lambda l: l.STFTSpectrogram(frame_length=4, window=[0.1, 0.7, 0.5, -0.2]))
    yield sound((1, 30, 1), lambda l: l.STFTSpectrogram(frame_length=8, frame_step=8, fft_length=32, padding="same"))
    yield sound((1, 600, 1), lambda l: l.STFTSpectrogram(padding="same", frame_step=250))


def mel():
    small = dict(fft_length=16, sequence_stride=5, sampling_rate=1000, num_mel_bins=4)
    for options in ({}, dict(window="hamming"), dict(window=None), dict(sequence_length=10),
                    dict(sequence_length=9, window=None), dict(sequence_length=9, window=ODD),
                    dict(power_to_db=False), dict(power_to_db=False, mag_exp=1.0), dict(top_db=3.0), dict(ref_power=4.0),
                    dict(min_power=5.0), dict(min_freq=100.0, max_freq=400.0), dict(fft_length=15, window=None), dict(fft_length=12)):
        yield sound((2, 50), lambda l, o=options: l.MelSpectrogram(**(small | o)))
    yield sound((1, 49), lambda l: l.MelSpectrogram(**small))
    yield sound((1, 1200), lambda l: l.MelSpectrogram(fft_length=256, sequence_stride=400, sampling_rate=8000, num_mel_bins=20))


def sound(shape, layer):
    return dict(x=normal(f"sound{shape}", shape), layer=layer)


def classes():
    """Cases for make_preprocessing.py."""
    return dict(stft_spectrogram=stft, mel_spectrogram=mel)
