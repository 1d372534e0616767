"""Makes what real Keras writes: in tests/json/whole of Sequential models with every layer that Ceratops has, in
tests/json/graphs of functional models.

    python tests/json/make_documents.py

needs Python packages keras, tf_keras and tensorflow-cpu. Files are named for who wrote them: k3_ for Keras 3,
k2_ for tf_keras.
"""

import json
import os
import pathlib

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras  # noqa: E402
import tf_keras  # noqa: E402

FOLDER = pathlib.Path(__file__).parent


def models(k):
    """Name and model, made anew by the Keras `k`."""
    layers, initializers = k.layers, k.initializers
    regularizers, constraints = k.regularizers, k.constraints
    Input = layers.Input if k is tf_keras else k.Input

    yield "image", k.Sequential([
        Input((8, 8, 2), name="image"),
        layers.Conv2D(4, (3, 2), strides=(2, 1), padding="same", groups=2, activation="relu",
                      kernel_initializer="he_normal", kernel_regularizer=regularizers.L1L2(0.125, 0.25),
                      kernel_constraint=constraints.MaxNorm(3, axis=[0, 1, 2])),
        layers.BatchNormalization(momentum=0.9, scale=False, beta_constraint="non_neg"),
        layers.PReLU(shared_axes=[1, 2], alpha_initializer=initializers.Constant(0.25)),
        layers.Conv2D(2, 3, dilation_rate=2, use_bias=False, padding="same", activity_regularizer="l2"),
        layers.MaxPooling2D(),
        layers.Reshape((-1, 2)),
        layers.Flatten(),
        layers.Dropout(0.25, seed=7),
        layers.Dense(3, activation="softmax"),
    ], name="image_model")
    yield "first", k.Sequential([
        Input((2, 9, 9)),
        layers.Conv2D(2, 3, data_format="channels_first"),
        layers.BatchNormalization(axis=1, center=False),
        layers.MaxPooling2D(2, strides=1, padding="same", data_format="channels_first"),
        layers.Flatten(data_format="channels_first"),
    ])
    yield "rectifiers", k.Sequential([
        layers.Dense(6, input_shape=(5,)) if k is tf_keras else Input((5,)),
        layers.ReLU(), layers.ReLU(6.0, 0.125, 0.5), layers.LeakyReLU(), layers.LeakyReLU(0.125),
        layers.ELU(), layers.ELU(0.5), layers.PReLU(), layers.Softmax(), layers.Softmax(axis=1),
        layers.Activation("swish"), layers.Activation(layers.PReLU()),
        layers.Dense(4, activation=layers.LeakyReLU(0.25)), layers.Reshape((2, 2)),
        layers.Softmax(axis=[1, 2]), layers.Dropout(0.5, noise_shape=(None, 1, 2)),
    ] + ([layers.ThresholdedReLU(), layers.Activation("hard_sigmoid")] if k is tf_keras else []))
    shared = initializers.RandomNormal(0.5, 2.0, seed=2)
    yield "initializers", k.Sequential([Input((4,))] + [
        layers.Dense(4, kernel_initializer=i, bias_initializer=b) for i, b in [
            ("zeros", "ones"), ("glorot_normal", "random_uniform"), ("glorot_uniform", "random_normal"),
            ("he_uniform", "truncated_normal"), ("lecun_normal", shared), ("lecun_uniform", shared),
            (initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal", seed=3), "zeros"),
            (initializers.Orthogonal(0.5), initializers.RandomUniform(-0.5, 0.25)),
            ("identity", initializers.TruncatedNormal(0.25, 0.5)),
        ]
    ])
    yield "governed", k.Sequential([Input((4,))] + [
        layers.Dense(4, kernel_regularizer=r, kernel_constraint=c, activity_regularizer=a) for r, c, a in [
            ("l1", "max_norm", "l2"), (regularizers.L1(0.1), "unit_norm", None), (regularizers.L2(0.1), "non_neg", None),
            (regularizers.OrthogonalRegularizer(0.1, "columns"), constraints.UnitNorm(axis=[0, 1]), None),
            (None, constraints.MinMaxNorm(0.5, 2.0, 0.75, axis=1), None),
        ]
    ])
    names = ["elu", "exponential", "gelu", "linear", "mish", "relu6", "selu", "sigmoid", "softplus", "softsign", "tanh"]
    if k is keras:
        names += ["celu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu", "log_sigmoid",
                  "log_softmax", "soft_shrink", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "tanh_shrink"]
    yield "activations", k.Sequential([Input((4,))] + [layers.Activation(name) for name in names])
    inner = k.Sequential([Input((3,)), layers.Dense(2), layers.LeakyReLU(0.5)], name="inner")
    frozen = k.Sequential([layers.Dense(3), layers.BatchNormalization()], name="frozen")
    model = k.Sequential([Input((3,)), inner, frozen, layers.Dense(1, trainable=False)], name="outer")
    frozen.trainable = False
    yield "nested", model
    yield "unbuilt", k.Sequential([
        layers.Flatten(), layers.Dense(2), layers.BatchNormalization(), layers.PReLU(), layers.Softmax(),
        k.Sequential([layers.Dense(2)]),
    ])
    yield "empty", k.Sequential(name="nothing")
    yield "open", k.Sequential([
        Input((None, None, 3), batch_size=2), layers.Conv2D(2, 3), layers.PReLU(shared_axes=[1, 2]),
    ])
    model = k.Sequential([Input((4,)), layers.Dense(3, activation="softmax")])
    model.compile(optimizer=k.optimizers.Adam(0.5), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    yield "compiled", model
    yield "recurrent", k.Sequential([
        Input((None, 3), name="sequence"),
        layers.LSTM(4, return_sequences=True, go_backwards=True, recurrent_activation="relu", dropout=0.25),
        layers.LSTM(2, use_bias=False, unit_forget_bias=False, recurrent_constraint="unit_norm"),
    ])


def graphs(k):
    """Name and functional model; only the first three are chains."""
    layers = k.layers
    x = k.Input((6, 6, 1), name="image")
    c = layers.Conv2D(2, 3, name="c")(x)
    d = layers.Dense(3, name="d")(layers.Flatten(name="f")(layers.LeakyReLU(0.5, name="l")(c)))
    yield "chain", k.Model(x, d, name="chain")
    yield "outputs", k.Model(x, [d, c], name="outputs")
    inner = k.Sequential([k.Input((3,)), layers.Dense(2, name="e")], name="inner")
    y = k.Input((2,), name="y")
    deep = k.Model(y, layers.Dense(1, name="h")(y), name="deep")
    yield "nested", k.Model(x, deep(inner(d)), name="holder")
    yield "branch", k.Model(x, layers.Add(name="sum")([d, layers.Dense(3, name="g")(d)]), name="branch")
    shared = layers.Dense(3, name="shared")
    yield "shared", k.Model(x, shared(shared(d)), name="shared_model")
    yield "frozen", k.Model(x, layers.BatchNormalization(name="b")(c, training=False), name="frozen")
    two = [k.Input((2,), name=name) for name in "ab"]
    yield "two", k.Model(two, layers.Concatenate(name="both")(two), name="two")


def main():
    for folder, make in (("whole", models), ("graphs", graphs)):
        folder = FOLDER / folder
        folder.mkdir(exist_ok=True)
        for prefix, k in (("k3", keras), ("k2", tf_keras)):
            for name, model in make(k):
                document = json.loads(model.to_json())
                (folder / f"{prefix}_{name}.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
        print(f"{folder.name}: {len(list(folder.iterdir()))} files")
    print(f"by Keras {keras.__version__} and tf_keras {tf_keras.__version__}")


if __name__ == "__main__":
    main()
