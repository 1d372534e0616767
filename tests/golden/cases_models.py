"""Models of several inputs and outputs, shared and nested layers, masks: what `make_graphs.py` trains.

A case gives the inputs and outputs of a model, given the library (Keras 3 or tf_keras), and how it is compiled. Labels
are drawn unless the case has them; `losses`, `metrics` and the like are by the names of outputs or lists.
"""

SPARSE = "sparse_categorical_crossentropy"


def case(name, make, loss="mse", **options):
    return dict(name=name, make=make, loss=loss, **options)


def two_in_three_out(k, l):
    a, b = k.Input((4,), name="a"), k.Input((3,), name="b")
    h = l.Concatenate(name="both")([a, b])
    h = l.Dense(6, "tanh", name="hidden")(h)
    return [a, b], [l.Dense(3, "softmax", name="kind")(h), l.Dense(1, name="size")(h), l.Dense(2, name="place")(l.Add()([h, l.Dense(6)(a)]))]


def siamese(k, l):
    left, right = k.Input((6, 6, 1), name="left"), k.Input((6, 6, 1), name="right")
    tower = k.Sequential([k.Input((6, 6, 1)), l.Conv2D(3, 3, activation="relu"), l.MaxPooling2D(), l.Flatten(), l.Dense(4, "tanh")], name="tower")
    a, b = tower(left), tower(right)
    return [left, right], l.Dense(1, "sigmoid", name="same")(l.Multiply()([l.Subtract()([a, b]), l.Subtract()([a, b])]))


def towers_sharing_layers(k, l):
    left, right = k.Input((5,), name="left"), k.Input((5,), name="right")
    first, second = l.Dense(4, "tanh", name="first"), l.Dense(3, name="second")
    return [left, right], l.Dot(1, normalize=True, name="likeness")([second(first(left)), second(first(right))])


def unet(k, l):
    x = k.Input((8, 8, 2), name="image")
    down1 = l.Conv2D(3, 3, padding="same", activation="relu", name="down1")(x)
    down2 = l.Conv2D(4, 3, padding="same", activation="relu", name="down2")(l.MaxPooling2D(name="half")(down1))
    low = l.Conv2D(4, 3, padding="same", activation="relu", name="low")(l.MaxPooling2D(name="quarter")(down2))
    up2 = l.Reshape((4, 4, 4), name="double")(l.Dense(64, name="wide")(l.Flatten(name="flat")(low)))
    up2 = l.Conv2D(4, 3, padding="same", activation="relu", name="up2")(l.Concatenate(name="skip2")([up2, down2]))
    up1 = l.Reshape((8, 8, 2), name="again")(l.Dense(128, name="wider")(l.Flatten(name="flatter")(up2)))
    return x, l.Conv2D(1, 1, activation="sigmoid", name="mask")(l.Concatenate(name="skip1")([up1, down1]))


def three_deep(k, l):
    def within(name, size, inner=None):
        x = k.Input((size,))
        h = l.Dense(size, "tanh")(x)
        return k.Model(x, h if inner is None else l.Add()([inner(h), x]), name=name)

    x = k.Input((4,), name="x")
    return x, l.Dense(2, name="out")(within("outer", 4, within("middle", 4, within("inner", 4)))(x))


def parallel_norms(k, l):
    x = k.Input((5,), name="x")
    a = l.BatchNormalization(momentum=0.8, name="left")(l.Dense(4, use_bias=False)(x))
    b = l.BatchNormalization(momentum=0.6, name="right")(l.Dense(4, "tanh")(x))
    return x, l.Dense(2, name="out")(l.Concatenate()([a, b]))


def shared_norm(k, l):
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    norm, dense = l.BatchNormalization(momentum=0.7, name="norm"), l.Dense(4, "tanh", name="dense")
    return [a, b], l.Dense(2, name="out")(l.Add()([norm(dense(a)), norm(dense(b))]))


def frozen_base(k, l):
    x = k.Input((6, 6, 1), name="image")
    base = k.Sequential([k.Input((6, 6, 1)), l.Conv2D(3, 3), l.BatchNormalization(), l.ReLU(), l.Flatten()], name="base")
    base.trainable = False
    return x, l.Dense(3, "softmax", name="head")(base(x))


def output_read_by_others(k, l):
    x = k.Input((4,), name="x")
    h = l.Dense(3, "softmax", name="first")(x)
    return x, [h, l.Dense(2, name="second")(l.Multiply()([h, l.Dense(3)(x)]))]


def spectral_twice(k, l):
    x = k.Input((4,), name="x")
    shared = l.SpectralNormalization(l.Dense(4, "tanh"), name="shared")
    return x, [l.Dense(2, name="one")(shared(shared(x))), l.Dense(1, name="two")(x)]


def twice_the_same(k, l):
    x = k.Input((4,), name="x")
    h = l.Dense(3, name="once")(x)
    return x, [h, l.Dense(2, name="other")(h)]


def input_as_output(k, l):
    x = k.Input((3,), name="x")
    return x, [l.Dense(2, name="dense")(x), x]


def nested_two_outputs(k, l):
    inner = k.Input((4,), name="inner")
    h = l.Dense(4, "relu", name="inside")(inner)
    fork = k.Model(inner, [h, l.Dense(3, name="side")(h)], name="fork")
    x = k.Input((4,), name="x")
    first, side = fork(x)
    return x, [l.Dense(2, name="kept")(first), l.Dense(1, name="sided")(side)]


def nested_two_inputs(k, l):
    p, q = k.Input((3,), name="p"), k.Input((2,), name="q")
    join = k.Model([p, q], l.Dense(3, "tanh", name="joined")(l.Concatenate()([p, q])), name="join")
    a, b, c = k.Input((3,), name="a"), k.Input((2,), name="b"), k.Input((2,), name="c")
    return [a, b, c], l.Dense(2, name="out")(join([join([a, b]), c]))


def sequential_within(k, l):
    x = k.Input((4,), name="x")
    block = k.Sequential([k.Input((4,)), l.Dense(4), l.PReLU()], name="block")
    return x, l.Dense(2, name="out")(l.Average()([block(x), block(block(x)), x]))


def inputs_in_another_order(k, l):
    a, b = k.Input((2,), name="a"), k.Input((3,), name="b")
    return [b, a], l.Dense(2, name="out")(l.Concatenate()([l.Dense(3)(a), l.Dense(2)(b)]))


def recurrent_towers(k, l):
    words, numbers = k.Input((4, 3), name="words"), k.Input((2,), name="numbers")
    h = l.LSTM(4, name="lstm")(words)
    return [words, numbers], l.Dense(2, "softmax", name="kind")(l.Concatenate()([h, l.Dense(3, "relu")(numbers)]))


def inception(k, l):
    x = k.Input((6, 6, 2), name="image")
    a = l.Conv2D(2, 1, padding="same", activation="relu")(x)
    b = l.Conv2D(2, 3, padding="same", activation="relu")(l.Conv2D(2, 1)(x))
    c = l.Conv2D(2, 1)(l.MaxPooling2D(3, strides=1, padding="same")(x))
    h = l.Concatenate(name="mixed")([a, b, c])
    return x, l.Dense(3, name="out")(l.Flatten()(h))


def two_losses_in_a_row(k, l):
    x = k.Input((5,), name="x")
    h = l.Dense(4, "relu", name="h")(x)
    early = l.Dense(3, "softmax", name="early")(h)
    late = l.Dense(3, "softmax", name="late")(l.Concatenate()([l.Dense(4, "relu")(h), early]))
    return x, [early, late]


def regularized(k, l):
    x = k.Input((4,), name="x")
    shared = l.Dense(4, "tanh", kernel_regularizer=k.regularizers.L2(0.02), activity_regularizer=k.regularizers.L2(0.01), name="shared")
    return x, [l.Dense(2, name="one")(shared(shared(x))), l.Dense(1, name="two")(shared(x))]


def elementwise_merges(k, l):
    a, b = k.Input((3, 4), name="a"), k.Input((1, 4), name="b")
    h = l.Concatenate(axis=1)([l.Add()([a, b]), l.Maximum()([a, b]), l.Minimum()([a, b])])
    return [a, b], l.Dense(2, name="out")(l.Flatten()(l.Multiply()([h, l.Dense(4, "sigmoid")(h)])))


def masked_dense(k, l):
    x = k.Input((5, 3), name="x")
    return x, l.Dense(2, name="out")(l.Dense(4, "tanh")(l.Masking()(x)))


def masked_merge(k, l):
    a, b = k.Input((4, 3), name="a"), k.Input((4, 3), name="b")
    return [a, b], l.Dense(2, name="out")(l.Add()([l.Dense(3)(l.Masking()(a)), l.Dense(3, "tanh")(l.Masking()(b))]))


def masked_and_not(k, l):
    x = k.Input((4, 3), name="x")
    h = l.Dense(3, "tanh", name="h")(l.Masking()(x))
    return x, [l.Dense(2, "softmax", name="steps")(h), l.Dense(1, name="whole")(l.Flatten()(h))]


def masked_nested(k, l):
    inner = k.Input((4, 3))
    block = k.Model(inner, l.Dropout(0.0)(l.Dense(3)(inner)), name="block")
    x = k.Input((4, 3), name="x")
    return x, l.Dense(2, name="out")(block(l.Masking(mask_value=0.0)(x)))


def cases():
    both = dict(dialects=("keras3", "keras2"))
    return [
        case("two_in_three_out", two_in_three_out, {"kind": SPARSE, "size": "mse", "place": "mae"}, labels={"kind": 3},
             loss_weights={"kind": 1.0, "size": 0.5, "place": 2.0}, metrics={"kind": ["accuracy"], "size": ["mae", "mse"]}, **both),
        case("two_in_three_out_lists", two_in_three_out, [SPARSE, "mse", "mae"], labels={"kind": 3}, loss_weights=[0.2, 1.0, 3.0],
             metrics=[["accuracy"], [], ["mse"]], weighted_metrics=[[], ["mae"], ["mse"]], weights=["kind", "place"], optimizer="adam", **both),
        case("siamese", siamese, "binary_crossentropy", labels={"same": 2}, column=True, metrics=["accuracy"], **both),
        case("towers_sharing_layers", towers_sharing_layers, optimizer="adam", **both),
        case("unet", unet, "binary_crossentropy", labels={"mask": 2}, column=True, **both),
        case("three_deep", three_deep, optimizer="rmsprop", **both),
        case("parallel_norms", parallel_norms, batch_size=6, **both),
        case("shared_norm", shared_norm, batch_size=6, **both),
        case("frozen_base", frozen_base, SPARSE, labels={"head": 3}, frozen=["base"], metrics=["accuracy"], **both),
        case("output_read_by_others", output_read_by_others, ["categorical_crossentropy", "mse"], one_hot=["first"], **both),
        case("spectral_twice", spectral_twice, ["mse", "mae"]),
        case("twice_the_same", twice_the_same, ["mse", "mae"], **both),
        case("input_as_output", input_as_output, ["mse", "mse"], loss_weights=[1.0, 0.5], **both),
        case("nested_two_outputs", nested_two_outputs, {"kept": "mse", "sided": "huber"}, **both),
        case("nested_two_inputs", nested_two_inputs, optimizer="adam", **both),
        case("sequential_within", sequential_within, **both),
        case("inputs_in_another_order", inputs_in_another_order, **both),
        case("recurrent_towers", recurrent_towers, SPARSE, labels={"kind": 2}, metrics=["accuracy"], **both),
        case("inception", inception, optimizer="adam", **both),
        case("two_losses_in_a_row", two_losses_in_a_row, [SPARSE, SPARSE], labels={"early": 3, "late": 3}, loss_weights=[0.3, 1.0],
             metrics=[["accuracy"], ["accuracy"]], **both),
        case("regularized", regularized, ["mse", "mse"], **both),
        case("elementwise_merges", elementwise_merges, **both),
        case("masked_dense", masked_dense, masked=["x"], metrics=["mae"], batch_size=6, **both),
        case("masked_weighted", masked_dense, masked=["x"], weighted_metrics=["mae"], weights=["out"], step_weights=True, **both),
        case("masked_merge", masked_merge, masked=["a", "b"], metrics=["mae"]),
        case("masked_and_not", masked_and_not, [SPARSE, "mse"], labels={"steps": 2}, masked=["x"],
             metrics=[["accuracy"], ["mae"]], **both),
        case("masked_nested", masked_nested, masked=["x"]),
    ]
