"""Writes <case>/{model.json, keras3.txt, keras2.txt, meta.json}: what model.summary() of Keras 3 and of tf_keras prints.

    python -m venv ~/keras-venv && ~/keras-venv/bin/pip install keras tensorflow-cpu tf-keras
    ~/keras-venv/bin/python tests/summaries/make_summaries.py [CASE ...]

model.json is Keras 3's to_json() before compile; meta.json has the arguments of summary(), the columns of the
terminal (Keras 3 cuts its table at the terminal's edge, so most cases have room for 200), and the optimizer.
"""

import json
import os
import pathlib
import sys
import warnings

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "golden"))

import graphs  # noqa: E402
from golden import keras  # noqa: E402

import tf_keras  # noqa: E402


def lenet(k, name="lenet"):
    l = k.layers
    return k.Sequential([
        k.Input((28, 28, 1)), l.Conv2D(32, 3, activation="relu"), l.MaxPooling2D(), l.Conv2D(64, 3, activation="relu"),
        l.MaxPooling2D(), l.Flatten(), l.Dropout(0.5), l.Dense(10, activation="softmax"),
    ], name=name)


def prelu(k):
    l = k.layers
    return k.Sequential([
        k.Input((28, 28, 1)), l.Conv2D(8, 5, padding="same", use_bias=False), l.PReLU(shared_axes=[1, 2]), l.MaxPooling2D(),
        l.Conv2D(16, 3), l.BatchNormalization(), l.PReLU(), l.Flatten(), l.Dense(32), l.LeakyReLU(), l.Dense(10), l.Softmax(),
    ])


def nested(k):
    l = k.layers
    block = k.Sequential([k.Input((12, 12, 3)), l.Conv2D(4, 3), l.PReLU(shared_axes=[1, 2])], name="block")
    features = k.Sequential([k.Input((12, 12, 3)), block, l.MaxPooling2D(name="pool")], name="features")
    return k.Sequential([k.Input((12, 12, 3)), features, l.Flatten(), l.Dense(5, name="scores")], name="nested")


def nested_frozen(k):
    model = nested(k)
    model.layers[0].trainable = False
    return model


def long_names(k):
    l = k.layers
    return k.Sequential([
        k.Input((16, 16, 3)), l.Conv2D(4, 3, name="the_first_convolution_of_the_feature_extractor"),
        l.BatchNormalization(name="normalisation_of_the_first_convolution"), l.MaxPooling2D(name="pooling_after_the_first"),
        l.Flatten(name="x" * 60), l.Dense(2, name="a_name_that_fits"),
    ], name="a_model_whose_own_name_is_longer_than_a_line_of_sixty_columns_could_hold")


def frozen(k):
    model = prelu(k)
    model.layers[0].trainable = model.layers[4].trainable = False
    return model


def dense(k, name="classifier"):
    l = k.layers
    return k.Sequential([k.Input((784,)), l.Dense(512, "relu"), l.Dense(512, "relu"), l.Dense(10)], name=name)


def millions(k):
    l = k.layers
    return k.Sequential([k.Input((3072,)), l.Dense(4096, "relu"), l.Dense(1024, "relu"), l.Dense(1000, use_bias=False)], name="wide")


def no_weights(k):
    l = k.layers
    return k.Sequential([k.Input((8, 8, 3)), l.MaxPooling2D(), l.ReLU(), l.Flatten(), l.Dropout(0.1), l.Softmax()])


def unbuilt(k):
    l = k.layers
    return k.Sequential([l.Conv2D(4, 3), l.ReLU(), l.Flatten(), l.Dense(2)], name="unbuilt")


def large_shapes(k):
    l = k.layers
    return k.Sequential([
        k.Input((1024, 2048, 3)), l.Conv2D(16, 3, padding="same"), l.PReLU(shared_axes=[1, 2]),
        l.MaxPooling2D((1, 2)), l.Reshape((1024, 1024, 2, 2, 2, 2)),
    ], name="large")


def any_size(k):
    l = k.layers
    return k.Sequential([k.Input((None, None, 3)), l.Conv2D(8, 3), l.PReLU(shared_axes=[1, 2]), l.MaxPooling2D(), l.Conv2D(2, 1)], name="any_size")


def lstm(k):
    l = k.layers
    return k.Sequential([k.Input((None, 12)), l.LSTM(64, return_sequences=True), l.LSTM(32, use_bias=False), l.Dense(3, "softmax")])


def empty(k):
    return k.Sequential(name="empty")


def only_input(k):
    return k.Sequential([k.Input((3,))], name="only_input")


def case(name, make, columns=200, optimizer=None, built=True, keras2=True, **arguments):
    return dict(name=name, make=make, columns=columns, optimizer=optimizer, built=built, keras2=keras2, arguments=arguments)


CASES = [
    case("lenet", lenet, columns=80),
    case("lenet_wide_terminal", lenet),
    case("lenet_line_length_40", lenet, line_length=40),
    case("lenet_line_length_60", lenet, line_length=60),
    case("lenet_line_length_88", lenet, line_length=88),
    case("lenet_line_length_100", lenet, line_length=100),
    case("lenet_positions", lenet, positions=[0.3, 0.7, 1.0], line_length=80),
    case("lenet_layer_range", lenet, columns=80, layer_range=["max_pooling2d", "flatten"]),
    case("lenet_layer_range_pattern", lenet, columns=80, layer_range=["conv.*_1$", "dropout"]),
    case("lenet_adam", lenet, optimizer=lambda o: o.Adam()),
    case("lenet_adam_unbuilt", lenet, optimizer=lambda o: o.Adam(), built=False),
    case("lenet_adam_amsgrad", lenet, optimizer=lambda o: o.Adam(amsgrad=True)),
    case("lenet_sgd", lenet, optimizer=lambda o: o.SGD()),
    case("lenet_sgd_momentum", lenet, optimizer=lambda o: o.SGD(momentum=0.9)),
    case("lenet_rmsprop", lenet, optimizer=lambda o: o.RMSprop()),
    case("lenet_rmsprop_centered_momentum", lenet, optimizer=lambda o: o.RMSprop(momentum=0.9, centered=True)),
    case("prelu", prelu, columns=80),
    case("prelu_line_length_60", prelu, line_length=60),
    case("prelu_show_trainable", prelu, show_trainable=True),
    case("frozen", frozen, columns=80),
    case("frozen_show_trainable", frozen, columns=80, show_trainable=True),
    case("frozen_show_trainable_88", frozen, line_length=88, show_trainable=True),
    case("frozen_adam", frozen, optimizer=lambda o: o.Adam()),
    case("nested", nested, columns=80),
    case("nested_expanded", nested, columns=80, expand_nested=True),
    case("nested_expanded_60", nested, line_length=60, expand_nested=True),
    case("nested_frozen_show_trainable", nested_frozen, expand_nested=True, show_trainable=True),
    case("nested_adam", nested, expand_nested=True, optimizer=lambda o: o.Adam()),
    case("long_names", long_names, columns=80),
    case("long_names_60", long_names, line_length=60),
    case("long_names_40", long_names, line_length=40),
    case("dense", dense, columns=80),
    case("dense_show_trainable_60", dense, line_length=60, show_trainable=True),
    case("millions", millions, columns=80),
    case("millions_adam", millions, columns=80, optimizer=lambda o: o.Adam()),
    case("lstm", lstm, columns=80),
    case("no_weights", no_weights, columns=80, show_trainable=True),
    case("unbuilt", unbuilt, columns=80),
    case("unbuilt_show_trainable", unbuilt, columns=80, show_trainable=True),
    case("empty", empty, columns=80),
    case("only_input", only_input, columns=80),
    case("large_shapes", large_shapes, columns=80),
    case("large_shapes_50", large_shapes, line_length=50),
    case("any_size", any_size, columns=80),
    *graphs.cases(case),
]


def summary(library, case, meta):
    """The text of summary(), which Keras 3 prints at once and Keras 2 line by line."""
    library.backend.clear_session()
    model, lines = case["make"](library), []
    config = model.to_json()
    if case["optimizer"]:
        model.compile(case["optimizer"](library.optimizers), "mse")
        if case["built"]:
            model.optimizer.build(model.trainable_variables)
        if library is keras:
            meta |= {"optimizer": keras.optimizers.serialize(model.optimizer), "optimizer_built": case["built"]}
    model.summary(print_fn=lambda line, line_break=True: lines.append(line), **case["arguments"])
    text = "\n".join(lines)
    return config, text if text.endswith("\n") else text + "\n"


def write(case):
    os.environ["COLUMNS"] = str(case["columns"])
    folder = HERE / case["name"]
    folder.mkdir(exist_ok=True)
    meta = {"keras_version": keras.__version__, "tf_keras_version": tf_keras.__version__,
            "terminal_columns": case["columns"], "arguments": case["arguments"]}
    config, text = summary(keras, case, meta)
    (folder / "model.json").write_text(config + "\n")
    (folder / "keras3.txt").write_text(text)
    try:
        if case["keras2"]:  # It names the layers of operators otherwise.
            (folder / "keras2.txt").write_text(summary(tf_keras, case, meta)[1])
    except ValueError as error:  # Keras 2 has no summary of a model that is not built.
        meta["keras2_error"] = str(error)
    (folder / "meta.json").write_text(json.dumps(meta, indent=1) + "\n")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for one in CASES:
        if len(sys.argv) == 1 or one["name"] in sys.argv[1:]:
            write(one)
            print(one["name"], flush=True)
