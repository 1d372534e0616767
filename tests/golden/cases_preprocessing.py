"""Image layers with each of their options; random ones with ranges of one number. And some in models that learn."""

import itertools

from golden import np  # first: its settings must stand before TensorFlow begins

import tf_keras


def learning(name, size, layers, **options):
    """A layer behind one with weights, so that its gradient for x counts too."""
    behind = lambda l: [l.Conv2D(2, 1), *layers(l), l.Flatten(), l.Dense(2)]
    return dict(name=name, input=(*size, 2), layers=behind, optimizer=lambda o: o.SGD(0.02), **options)


def cases():
    """Cases for make_training.py."""
    for interpolation in ["bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"]:
        yield learning(f"resizing_{interpolation}", (4, 3), lambda l, i=interpolation: [l.Resizing(3, 5, interpolation=i)])
    first = lambda l: [l.Resizing(3, 2, interpolation="area"), l.Conv2D(2, 2), l.Flatten(), l.Dense(2)]
    yield dict(name="resizing_area_first_layer", input=(5, 4, 2), layers=first, optimizer=lambda o: o.SGD(0.02))
    yield learning("resizing_crop", (4, 3), lambda l: [l.Resizing(3, 5, crop_to_aspect_ratio=True)])
    yield learning("resizing_pad", (4, 3), lambda l: [l.Resizing(3, 5, pad_to_aspect_ratio=True, fill_value=0.5)])
    yield learning("resizing_antialias", (5, 4), lambda l: [l.Resizing(2, 2, antialias=True)])
    yield learning("center_crop", (5, 4), lambda l: [l.CenterCrop(2, 3)])
    yield learning("center_crop_smaller", (3, 4), lambda l: [l.CenterCrop(4, 2)])
    # A range of one number leaves nothing to chance; TensorFlow's own gradient of a turned image is another.
    ranges = lambda l: [l.RandomBrightness((0.1, 0.1), value_range=(-1.0, 1.0)), l.RandomContrast((-0.5, 0.5), value_range=(-1.5, 1.5))]
    yield learning("random_colours", (3, 4), ranges)
    turned = lambda l: [l.RandomRotation((0.1, 0.1)), l.RandomZoom((-0.2, -0.2), (0.3, 0.3)), l.RandomTranslation((0.2, 0.2), (-0.1, -0.1))]
    yield dict(name="random_moves_first_layers", input=(5, 4, 2), optimizer=lambda o: o.SGD(0.02),
               layers=lambda l: [*turned(l), l.Conv2D(2, 2), l.Flatten(), l.Dense(2)])
    wide = dict(value_range=(-3.0, 3.0))
    # It makes up for a bias.
    stretched = lambda l: [l.Conv2D(2, 1, use_bias=False), l.AutoContrast(**wide), l.Flatten(), l.Dense(2)]
    yield dict(name="auto_contrast", input=(3, 4, 2), layers=stretched, optimizer=lambda o: o.SGD(0.02))
    yield learning("random_sharpness", (4, 3), lambda l: [l.RandomSharpness((0.8, 0.8), **wide)])
    yield learning("random_gaussian_blur", (4, 3), lambda l: [l.RandomGaussianBlur((1.0, 1.0), sigma=(0.7, 0.7), **wide)])
    yield learning("solarization", (3, 4), lambda l: [l.Solarization(**wide)])
    # Gradients of steps are none; that of TensorFlow's hues, too.
    steps = lambda l: [l.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(2, 2), **wide), l.RandomPosterization((3, 3), **wide)]
    colours = lambda l: [l.RandomColorJitter(brightness_factor=(0.1, 0.1), contrast_factor=(-0.2, 0.2), saturation_factor=(0.6, 0.6), **wide)]
    for name, layers in [("posterization_clahe_first_layers", steps), ("random_color_jitter_first_layer", colours)]:
        yield dict(name=name, input=(5, 4, 3), optimizer=lambda o: o.SGD(0.02),
                   layers=lambda l, made=layers: [*made(l), l.Conv2D(2, 2), l.Flatten(), l.Dense(2)])


def resizing():
    sizes = [((2, 5, 4, 1), (3, 7)), ((1, 4, 6, 2), (9, 5)), ((1, 3, 3, 1), (3, 3)), ((1, 1, 2, 1), (2, 3))]
    for interpolation in ["bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5"]:
        for shape, size in sizes:
            yield dict(shape=shape, layer=lambda l, s=size, i=interpolation: l.Resizing(*s, interpolation=i))
    for interpolation in ["bilinear", "bicubic", "lanczos3", "nearest", "area"]:
        layer = lambda l, i=interpolation: l.Resizing(3, 2, interpolation=i, antialias=True)
        yield dict(shape=(1, 7, 9, 1), layer=layer)
        yield dict(shape=(1, 2, 9, 1), layer=layer)
    yield dict(shape=(1, 31, 29, 1), layer=lambda l: l.Resizing(7, 11, interpolation="bicubic"))
    yield dict(shape=(1, 13, 3, 1), layer=lambda l: l.Resizing(41, 5, interpolation="nearest"))
    for shape in [(1, 5, 8, 2), (1, 8, 5, 1), (2, 6, 6, 1), (1, 7, 2, 1), (1, 2, 7, 1)]:
        for size in [(4, 4), (3, 6), (7, 2)]:
            yield dict(shape=shape, layer=lambda l, s=size: l.Resizing(*s, crop_to_aspect_ratio=True))
            yield dict(shape=shape, layer=lambda l, s=size: l.Resizing(*s, pad_to_aspect_ratio=True, fill_value=7.5))
    yield dict(shape=(1, 2, 5, 4), layer=lambda l: l.Resizing(3, 6, data_format="channels_first"))
    yield dict(shape=(1, 2, 5, 4), layer=lambda l: l.Resizing(3, 3, data_format="channels_first", crop_to_aspect_ratio=True))
    yield dict(shape=(1, 2, 5, 4), layer=lambda l: l.Resizing(3, 3, data_format="channels_first", pad_to_aspect_ratio=True))


def center_crop():
    for size in [(3, 2), (2, 3), (5, 4), (1, 1), (6, 4), (3, 6), (7, 7), (5, 9)]:
        yield dict(shape=(2, 5, 4, 2), layer=lambda l, s=size: l.CenterCrop(*s))
    yield dict(shape=(1, 2, 5, 4), layer=lambda l: l.CenterCrop(2, 3, data_format="channels_first"))
    yield dict(shape=(1, 2, 5, 4), layer=lambda l: l.CenterCrop(7, 3, data_format="channels_first"))


def rescaling():
    yield dict(shape=(2, 2, 3), layer=lambda l: l.Rescaling([0.5, 2.0, 3.0], [1.0, 0.0, -1.0]))
    yield dict(shape=(2, 2, 3), layer=lambda l: l.Rescaling(1 / 255, [1.0, 0.0, -1.0]))
    yield dict(shape=(2, 2, 3), layer=lambda l: l.Rescaling([[0.5], [2.0]], -1.0))


MODES = [dict(fill_mode=f, interpolation=i, fill_value=v) for f, i, v in itertools.product(
    ["reflect", "wrap", "constant", "nearest"], ["bilinear", "nearest"], [9.0])]


def moving(make, ranges):
    """Each way to read an image, for each of the ranges; then with the channels first."""
    for options, given in itertools.product(MODES, ranges):
        yield dict(shape=(1, 5, 4, 2), training=True, layer=lambda l, g=given, o=options: make(l, *g, **o))
    yield dict(shape=(1, 2, 5, 4), training=True, layer=lambda l: make(l, *ranges[0], data_format="channels_first"))
    yield dict(shape=(2, 1, 4, 1), training=True, layer=lambda l: make(l, *ranges[0]))


def rotation():
    yield from moving(lambda l, *a, **o: l.RandomRotation(*a, **o), [((0.07, 0.07),), ((-0.3, -0.3),), ((0.25, 0.25),)])


def zoom():
    ranges = [((0.6, 0.6), None), ((-0.3, -0.3), (0.2, 0.2)), ((0.9, 0.9), (-0.45, -0.45))]
    yield from moving(lambda l, *a, **o: l.RandomZoom(*a, **o), ranges)


def translation():
    ranges = [((0.3, 0.3), (0.2, 0.2)), ((-0.9, -0.9), (0.77, 0.77)), ((0.2, 0.2), (-0.25, -0.25))]
    yield from moving(lambda l, *a, **o: l.RandomTranslation(*a, **o), ranges)


def shear():
    def draws(u, v):
        return lambda x: [{"shear_factor": np.array([[s * u, s * v]], "float32")} for s in (1, -1)]

    for options in MODES:
        yield dict(shape=(1, 5, 4, 2), training=True, draws=draws(0.4, 0.2),
                   layer=lambda l, o=options: l.RandomShear((0.4, 0.4), (0.2, 0.2), **o))


def flip():
    flips = lambda x: [{"flips": np.full((len(x), 1, 1, 1), flip)} for flip in (True, False)]
    for mode in ["horizontal", "vertical", "horizontal_and_vertical"]:
        yield dict(shape=(1, 3, 4, 2), training=True, draws=flips, may_rest=True, layer=lambda l, m=mode: l.RandomFlip(m))
    yield dict(shape=(1, 2, 3, 4), training=True, draws=flips, may_rest=True,
               layer=lambda l: l.RandomFlip("horizontal", data_format="channels_first"))


def brightness():
    for factor in [(0.3, 0.3), (-0.25, -0.25)]:
        yield dict(shape=(1, 3, 4, 2), training=True, layer=lambda l, f=factor: l.RandomBrightness(f))
    yield dict(shape=(1, 3, 4, 2), training=True, layer=lambda l: l.RandomBrightness((0.1, 0.1), value_range=(50.0, 200.0)))


def invert():
    yield dict(shape=(1, 3, 4, 2), training=True, layer=lambda l: l.RandomInvert((1.0, 1.0)))
    yield dict(shape=(1, 3, 4, 2), training=True, layer=lambda l: l.RandomInvert((1.0, 1.0), value_range=(50, 200)))


def grayscale():
    yield dict(shape=(1, 3, 2, 3), training=True, layer=lambda l: l.RandomGrayscale(1.0))
    yield dict(shape=(1, 3, 2, 4), training=True, layer=lambda l: l.RandomGrayscale(1.0, data_format="channels_first"))


def degeneration():
    for factor in [(0.3, 0.3), (-0.6, -0.6)]:
        yield dict(shape=(1, 2, 3, 3), training=True, layer=lambda l, f=factor: l.RandomColorDegeneration(f))


def contrast():
    # A range of one number: Keras checks the first bound from above and the second from below only.
    yield dict(shape=(1, 3, 4, 2), training=True, layer=lambda l: l.RandomContrast((-0.5, 0.5)))
    yield dict(shape=(1, 3, 4, 2), training=True, layer=lambda l: l.RandomContrast((-1.0, 1.0), value_range=(20.0, 220.0)))
    yield dict(shape=(1, 2, 3, 4), training=True, layer=lambda l: l.RandomContrast((-0.5, 0.5), data_format="channels_first"))


def auto_contrast():
    yield dict(shape=(2, 3, 4, 2), training=True, layer=lambda l: l.AutoContrast())
    yield dict(shape=(1, 3, 1, 1), training=True, layer=lambda l: l.AutoContrast())
    yield dict(x=np.array([[[[0.2, 0.5], [0.8, 0.5]], [[0.3, 0.5], [0.4, 0.5]]]], "float32"), training=True,
               layer=lambda l: l.AutoContrast(value_range=(0, 1)))


def equalization():
    yield dict(shape=(1, 5, 4, 2), training=True, layer=lambda l: l.Equalization())
    yield dict(shape=(3, 4, 3, 1), training=True, layer=lambda l: l.Equalization(bins=16))
    yield dict(x=np.random.default_rng(3).random((2, 4, 3, 2), "float32"), training=True,
               layer=lambda l: l.Equalization(value_range=(0, 1)))
    flat = np.stack([np.full((1, 3, 3), 7.0), np.arange(9.0).reshape(1, 3, 3) * 20], -1).astype("float32")
    yield dict(x=flat, training=True, layer=lambda l: l.Equalization())
    yield dict(shape=(1, 2, 5, 4), training=True, layer=lambda l: l.Equalization(data_format="channels_first"))


def clahe():
    named = lambda l, **o: l.ContrastLimitedAdaptiveHistogramEqualization(**o)
    yield dict(shape=(2, 16, 16, 1), training=True, layer=lambda l: named(l))
    yield dict(shape=(1, 9, 7, 2), training=True, layer=lambda l: named(l, tile_grid_size=(2, 3)))
    yield dict(shape=(1, 12, 12, 1), training=True, layer=lambda l: named(l, tile_grid_size=(3, 2), clip_limit=20.0))
    yield dict(shape=(1, 6, 8, 1), training=True, layer=lambda l: named(l, tile_grid_size=(1, 1), clip_limit=0.0))
    yield dict(x=np.random.default_rng(4).random((1, 8, 6, 1), "float32"), training=True,
               layer=lambda l: named(l, tile_grid_size=(2, 2), value_range=(0, 1)))
    yield dict(shape=(1, 2, 6, 5), training=True, layer=lambda l: named(l, tile_grid_size=(2, 2), data_format="channels_first"))


def hue():
    turns = lambda f: lambda x: [{"factor": np.full(len(x), s * f, "float32")} for s in (0.5, -0.5)]
    for factor in [0.3, 0.9, 0.75]:
        yield dict(shape=(1, 4, 5, 3), training=True, draws=turns(factor), layer=lambda l, f=factor: l.RandomHue((f, f)))
    yield dict(shape=(1, 3, 4, 3), training=True, draws=turns(0.4), layer=lambda l: l.RandomHue((0.4, 0.4), value_range=(20.0, 200.0)))
    yield dict(shape=(1, 3, 2, 4), training=True, draws=turns(0.4), layer=lambda l: l.RandomHue((0.4, 0.4), data_format="channels_first"))


def saturation():
    for factor in [0.3, 0.8, -0.2, 0.95]:
        yield dict(shape=(2, 3, 4, 3), training=True, layer=lambda l, f=factor: l.RandomSaturation((f, f)))
    yield dict(x=np.random.default_rng(5).random((1, 3, 4, 3), "float32"), training=True,
               layer=lambda l: l.RandomSaturation((0.7, 0.7), value_range=(0, 1)))
    yield dict(shape=(1, 3, 2, 4), training=True, layer=lambda l: l.RandomSaturation((0.7, 0.7), data_format="channels_first"))


def posterization():
    for bits in [1, 3, 7]:
        yield dict(shape=(1, 3, 4, 2), training=True, layer=lambda l, b=bits: l.RandomPosterization((b, b)))
    yield dict(shape=(1, 3, 4, 2), training=True, layer=lambda l: l.RandomPosterization(2))
    yield dict(x=np.random.default_rng(6).random((1, 3, 4, 2), "float32"), training=True,
               layer=lambda l: l.RandomPosterization((2, 2), value_range=(0, 1)))


def sharpness():
    for factor in [0.1, 0.9]:
        yield dict(shape=(1, 5, 4, 2), training=True, layer=lambda l, f=factor: l.RandomSharpness((f, f)))
    yield dict(shape=(1, 1, 2, 1), training=True, layer=lambda l: l.RandomSharpness((1.0, 1.0), value_range=(50, 200)))
    yield dict(shape=(1, 2, 5, 4), training=True, layer=lambda l: l.RandomSharpness((0.2, 0.2), data_format="channels_first"))


def gaussian_blur():
    for size, sigma in [(3, (0.7, 0.7)), (5, (1.0, 1.0)), ((3, 5), (0.8, 0.8)), ((7, 1), (0.5, 0.5))]:
        yield dict(shape=(1, 5, 4, 2), training=True,
                   layer=lambda l, k=size, s=sigma: l.RandomGaussianBlur((1.0, 1.0), kernel_size=k, sigma=s))
    yield dict(shape=(1, 4, 4, 1), training=True, layer=lambda l: l.RandomGaussianBlur((1.0, 1.0), sigma=(0.9, 0.9), value_range=(40, 90)))
    yield dict(shape=(1, 4, 4, 1), training=True, layer=lambda l: l.RandomGaussianBlur((0.0, 0.0), value_range=(40, 90)))


def solarization():
    # Without factors nothing is left to chance.
    yield dict(shape=(2, 3, 4, 2), training=True, layer=lambda l: l.Solarization())
    yield dict(shape=(1, 3, 4, 2), training=True, layer=lambda l: l.Solarization(value_range=(10, 240)))
    yield dict(shape=(1, 2, 3, 4), training=True, layer=lambda l: l.Solarization(data_format="channels_first"))


def color_jitter():
    still = dict(brightness_factor=(0.1, 0.1), contrast_factor=(-0.3, 0.3), saturation_factor=(0.6, 0.6))
    yield dict(shape=(2, 3, 4, 3), training=True, layer=lambda l: l.RandomColorJitter(**still))
    yield dict(shape=(1, 3, 4, 3), training=True, layer=lambda l: l.RandomColorJitter(hue_factor=(0.0, 0.0), **still))
    yield dict(shape=(1, 3, 4, 3), training=True, layer=lambda l: l.RandomColorJitter(value_range=(20, 230), brightness_factor=(-0.2, -0.2)))


def sides(name):
    """Of Keras 2 alone."""
    for interpolation in ["bilinear", "nearest", "bicubic", "area"]:
        for factor in [(0.4, 0.4), (-0.35, -0.35)]:
            layer = lambda l, i=interpolation, f=factor: getattr(tf_keras.layers, name)(f, interpolation=i)
            yield dict(shape=(2, 5, 6, 2), training=True, layer=layer)


WORDS = ["to", "be", "or", "not", "to", "be", "that", "is", "the", "question", "or", "is", "it", "to"]
UNKNOWN = [["to", "whether", ""], ["it", "be", "nobler"], ["Bern", "", "is"], ["Zürich", "[UNK]", "that"]]
MODES_OF_SETS = ["int", "one_hot", "multi_hot", "count"]


def category_encoding():
    for mode in ["one_hot", "multi_hot", "count"]:
        yield dict(tokens=[[0, 3, 3], [1, 2, 0]], layer=lambda l, m=mode: l.CategoryEncoding(4, output_mode=m))
        yield dict(tokens=[[2], [0]], layer=lambda l, m=mode: l.CategoryEncoding(3, output_mode=m))


def discretization():
    x = [[-1.0, 0.0, 0.5], [1.0, 1.5, 99.0]]
    for mode in MODES_OF_SETS:
        yield dict(tokens=x, real=True, layer=lambda l, m=mode: l.Discretization([0.0, 1.0, 1.5], output_mode=m))
    chance = np.random.default_rng(5)
    for count, bins, epsilon in [(8, 4, 0.01), (400, 5, 0.01), (1000, 7, 0.05), (3, 4, 0.01)]:
        data = chance.normal(size=count).round(3).astype("float32")
        yield dict(tokens=[[-2.0], [-0.3], [0.0], [0.4], [3.0]], real=True, adapt=data,
                   layer=lambda l, b=bins, e=epsilon: l.Discretization(num_bins=b, epsilon=e))


def hashing():
    lengths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 47, 63, 64, 65, 100, 127, 128, 129, 192, 200, 300]
    letters = "The quick brown fox jumps over the lazy dog; Grüße, 世界! 0123456789 "
    strings = [[(letters * 6)[n:2 * n][:n]] for n in lengths]
    for options in [dict(), dict(salt=133), dict(salt=[137, 2**40]), dict(mask_value=""), dict(mask_value="T", salt=7)]:
        yield dict(tokens=strings, layer=lambda l, o=options: l.Hashing(1 << 20, **o))
    numbers = [[0], [-1], [5], [123456], [-987654]]
    for options in [dict(), dict(salt=133), dict(mask_value=5)]:
        yield dict(tokens=numbers, layer=lambda l, o=options: l.Hashing(1000, **o))
    yield dict(tokens=[[2**53 + 1], [-(2**62)]], layer=lambda l: l.Hashing(1 << 20))
    for mode in MODES_OF_SETS:
        yield dict(tokens=[["a", "b", "a"], ["c", "d", "e"]], layer=lambda l, m=mode: l.Hashing(5, output_mode=m))
        yield dict(tokens=[["a"], ["c"]], layer=lambda l, m=mode: l.Hashing(5, output_mode=m))
    yield dict(tokens=[["a"], ["c"]], layer=lambda l: l.Hashing(1, mask_value="a"))


def string_lookup():
    vocabulary = ["that", "it", "be", "to"]
    for mode in MODES_OF_SETS:
        for options in [dict(), dict(mask_token=""), dict(num_oov_indices=3), dict(num_oov_indices=3, mask_token="", salt=5),
                        dict(mask_token="it", max_tokens=9, pad_to_max_tokens=True)]:
            given = [word for word in vocabulary if word != options.get("mask_token")]
            yield dict(tokens=UNKNOWN, layer=lambda l, m=mode, o=options, v=given: l.StringLookup(vocabulary=v, output_mode=m, **o))
    yield dict(tokens=UNKNOWN, layer=lambda l: l.StringLookup(vocabulary=vocabulary, idf_weights=[0.5, 1.0, 2.0, 0.25], output_mode="tf_idf"))
    yield dict(tokens=[["to"], ["it"]], layer=lambda l: l.StringLookup(vocabulary=vocabulary, num_oov_indices=0))
    yield dict(tokens=[["to"], ["it"]], layer=lambda l: l.StringLookup(vocabulary=["[UNK]", *vocabulary], output_mode="one_hot"))
    for options in [dict(), dict(max_tokens=5), dict(mask_token="to"), dict(num_oov_indices=2, output_mode="count")]:
        yield dict(tokens=UNKNOWN, adapt=WORDS, layer=lambda l, o=options: l.StringLookup(**o))
    yield dict(tokens=UNKNOWN, adapt=UNKNOWN + [["to", "be", "to"]], layer=lambda l: l.StringLookup(output_mode="tf_idf"))


def integer_lookup():
    tokens = [[42, 1138, 7], [7, 5, -3], [1000, 0, 42]]
    for mode in MODES_OF_SETS:
        for options in [dict(), dict(mask_token=0), dict(num_oov_indices=3), dict(num_oov_indices=3, mask_token=0),
                        dict(num_oov_indices=3, oov_method="farmhash"), dict(num_oov_indices=4, oov_method="farmhash", salt=[3, 9])]:
            yield dict(tokens=tokens, layer=lambda l, m=mode, o=options: l.IntegerLookup(vocabulary=[7, 42, 1000], output_mode=m, **o))
    yield dict(tokens=[[2**53 + 1], [2**53 + 2], [-5]], layer=lambda l: l.IntegerLookup(vocabulary=[2**53 + 1, -5], num_oov_indices=2))
    yield dict(tokens=tokens, adapt=[[42, 42, 7], [5, 7, 42], [1000, 5, 7]], layer=lambda l: l.IntegerLookup())
    yield dict(tokens=tokens, adapt=[[42, 42, 7], [5, 7, 42], [1000, 5, 7]], layer=lambda l: l.IntegerLookup(output_mode="tf_idf", max_tokens=4))


TEXTS = ["The cat sat on the mat.", "  A dog\tsat, didn't it?\n", "", "Über ÄPFEL & birnen-saft (kalt) ~42%", "the the THE dog"]


def text_vectorization():
    vocabulary = ["the", "sat", "dog", "Äpfel", "über", "the cat", "t"]
    for options in [dict(), dict(output_sequence_length=4), dict(output_sequence_length=9), dict(standardize=None), dict(standardize="lower"),
                    dict(standardize="strip_punctuation"), dict(split="character"), dict(ngrams=2), dict(ngrams=(2,)), dict(ngrams=(3, 1)),
                    dict(output_mode="multi_hot"), dict(output_mode="count", ngrams=2),
                    dict(output_mode="multi_hot", max_tokens=12, pad_to_max_tokens=True)]:
        yield dict(tokens=TEXTS, layer=lambda l, o=options: l.TextVectorization(vocabulary=vocabulary, **o))
    yield dict(tokens=[[text] for text in TEXTS], layer=lambda l: l.TextVectorization(vocabulary=vocabulary))
    yield dict(tokens=UNKNOWN, layer=lambda l: l.TextVectorization(vocabulary=["to", "bern"], split=None, output_sequence_length=2))
    weights = [0.5, 1.0, 2.0, 0.25, 3.0, 1.5, 0.75]
    yield dict(tokens=TEXTS, layer=lambda l: l.TextVectorization(vocabulary=vocabulary, idf_weights=weights, output_mode="tf_idf"))
    for options in [dict(), dict(max_tokens=6), dict(ngrams=2), dict(output_mode="count"), dict(output_mode="tf_idf")]:
        yield dict(tokens=TEXTS[::-1], adapt=TEXTS, layer=lambda l, o=options: l.TextVectorization(**o))


def classes():
    found = dict(
        category_encoding=category_encoding, discretization=discretization, hashing=hashing, string_lookup=string_lookup,
        integer_lookup=integer_lookup, text_vectorization=text_vectorization,
        resizing=resizing, center_crop=center_crop, rescaling=rescaling, random_rotation=rotation, random_zoom=zoom,
        random_translation=translation, random_shear=shear, random_flip=flip, random_brightness=brightness,
        random_contrast=contrast, random_invert=invert, random_grayscale=grayscale, random_color_degeneration=degeneration,
        auto_contrast=auto_contrast, equalization=equalization, clahe=clahe, random_hue=hue, random_saturation=saturation,
        random_posterization=posterization, random_sharpness=sharpness, random_gaussian_blur=gaussian_blur,
        solarization=solarization, random_height=lambda: sides("RandomHeight"), random_width=lambda: sides("RandomWidth"),
        random_color_jitter=color_jitter,
    )
    return {name: list(cases()) for name, cases in found.items()}
