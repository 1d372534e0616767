"""Functional models for graphs_everywhere.py: every way in which layers can be connected."""

import rnn_cases

import attention_cases

def graphs(k):
    """Under each name a function that makes the model, with the layers of `k`, Keras 3 or tf_keras."""
    layers, made = k.layers, {}
    dense = layers.Dense

    def graph(make):
        made[make.__name__] = make
        return make

    rnn_cases.graphs(k, graph)

    def image(name="image"):
        return layers.Input((8, 8, 3), name=name)

    def tower(name, inside="dense"):
        x = layers.Input((4,), name=f"{name}_in")
        h = dense(5, activation="tanh", name=inside)(x)
        return k.Model(x, dense(3, name=f"{inside}_last")(h), name=name)

    def chain(name, shape=(4,), inside="dense", units=4):
        return k.Sequential([layers.Input(shape), dense(units, activation="sigmoid", name=inside)], name=name)

    @graph
    def residual():
        x = image()
        h = layers.Conv2D(3, 3, padding="same", use_bias=False, name="c1")(x)
        h = layers.BatchNormalization(name="b1")(h)
        h = layers.ReLU(name="r1")(h)
        h = layers.Add(name="sum")([x, h])
        return k.Model(x, dense(2, name="y")(layers.Flatten(name="f")(h)))

    @graph
    def two_inputs():
        a, b = layers.Input((4,), name="a"), layers.Input((3,), name="b")
        both = layers.Concatenate(name="both")([dense(5, activation="relu", name="da")(a), b])
        return k.Model([b, a], dense(2, name="y")(both))

    @graph
    def two_outputs():
        x = layers.Input((6,), name="x")
        h = dense(5, activation="elu", name="h")(x)
        return k.Model(x, [dense(3, activation="softmax", name="kind")(h), dense(1, name="size")(h)])

    @graph
    def shared_twice():
        a, b = layers.Input((4,), name="left"), layers.Input((4,), name="right")
        tower = dense(5, activation="tanh", name="tower")
        return k.Model([a, b], layers.Dot(1, normalize=True, name="cosine")([tower(a), tower(b)]))

    @graph
    def shared_with_a_layer_behind():
        # TensorFlow.js has no leaky_relu: a layer of its own behind each call.
        a, b = layers.Input((4,), name="left"), layers.Input((4,), name="right")
        act = layers.LeakyReLU(name="leaky")
        tower = dense(4, activation="selu" if k.__version__ < "3" else "leaky_relu", name="tower")
        return k.Model([a, b], layers.Add(name="y")([tower(tower(a)), act(tower(b))]))

    @graph
    def in_a_row():
        x = layers.Input((4,), name="x")
        a, b = dense(4, activation="tanh", name="a"), dense(4, name="b")
        return k.Model(x, a(b(a(b(x)))))

    @graph
    def overtaken():
        # Who makes calls as soon as they can be made gives the two of `a` the wrong numbers.
        x = layers.Input((4,), name="x")
        a, b = dense(4, activation="tanh", name="a"), dense(4, activation="sigmoid", name="b")
        first = a(b(x))
        second = a(x)
        return k.Model(x, layers.Subtract(name="y")([b(second), first]))

    @graph
    def merges():
        a, b = layers.Input((5,), name="a"), layers.Input((5,), name="b")
        c = dense(5, name="c")(a)
        parts = [layers.Add(name="add")([a, b, c]), layers.Subtract(name="sub")([b, c]),
                 layers.Multiply(name="mul")([a, b, c]), layers.Average(name="avg")([a, b]),
                 layers.Maximum(name="max")([a, b, c]), layers.Minimum(name="min")([c, b])]  # fmt: skip
        return k.Model([a, b], layers.Concatenate(name="all")(parts))

    @graph
    def merges_of_other_shapes():
        a, b = layers.Input((4, 5), name="a"), layers.Input((1, 5), name="b")
        c = layers.Input((4, 1), name="c")
        parts = [layers.Add(name="add")([a, b]), layers.Multiply(name="mul")([b, c]),
                 layers.Maximum(name="max")([a, c]), layers.Subtract(name="sub")([c, b])]  # fmt: skip
        return k.Model([a, b, c], parts)

    @graph
    def merge_of_other_ranks():
        a, b = layers.Input((4, 5), name="a"), layers.Input((5,), name="b")
        return k.Model([a, b], [layers.Multiply(name="mul")([a, b]), layers.Average(name="avg")([b, a])])

    @graph
    def concatenations():
        a, b = layers.Input((4, 5), name="a"), layers.Input((4, 5), name="b")
        rows = layers.Concatenate(axis=1, name="rows")([a, b])
        columns = layers.Concatenate(axis=-1, name="columns")([a, b])
        last = layers.Concatenate(axis=2, name="last")([columns, a, b])
        return k.Model([a, b], [rows, layers.Concatenate(axis=-2, name="again")([rows, a]), last])

    @graph
    def dots():
        a, b, c = (layers.Input(shape, name=name) for name, shape in (("a", (4, 5)), ("b", (6, 5)), ("c", (5,))))
        products = [layers.Dot(2, name="both")([a, b]), layers.Dot((1, 2), name="turned")([a, dense(4, name="d")(b)]),
                    layers.Dot((2, 1), name="row")([a, c]), layers.Dot((1, -1), name="column")([c, b]),
                    layers.Dot(-1, normalize=True, name="cosine")([a, b]),
                    layers.Dot((-1, -1), name="minus")([a, b]), layers.Dot(1, name="plain")([c, c])]  # fmt: skip
        return k.Model([a, b, c], products)

    @graph
    def output_that_is_read():
        x = layers.Input((4,), name="x")
        h = dense(3, activation="tanh", name="h")(x)
        return k.Model(x, [dense(2, name="y")(h), h])

    @graph
    def one_tensor_as_two_outputs():
        x = layers.Input((4,), name="x")
        h, z = dense(3, name="h")(x), dense(2, name="z")(x)
        return k.Model(x, [h, z, h])

    @graph
    def input_as_output():
        a, b = layers.Input((4,), name="a"), layers.Input((4,), name="b")
        return k.Model([a, b], [layers.Add(name="sum")([a, b]), b])

    @graph
    def one_tensor_twice():
        x = layers.Input((4,), name="x")
        return k.Model(x, layers.Multiply(name="square")([x, x]))

    @graph
    def frozen():
        x = layers.Input((4,), name="x")
        h = dense(5, activation="relu", name="still", trainable=False)(x)
        h = layers.BatchNormalization(name="b", trainable=False)(h)
        return k.Model(x, layers.Concatenate(name="y")([dense(2, name="moves")(h), h]))

    @graph
    def nested_functional_twice():
        a, b = layers.Input((4,), name="a"), layers.Input((4,), name="b")
        inner = tower("inner", "deep")
        return k.Model([a, b], layers.Subtract(name="y")([inner(a), inner(b)]))

    @graph
    def nested_sequential_twice():
        a, b = layers.Input((4,), name="a"), layers.Input((4,), name="b")
        inner = chain("inner", inside="deep")
        return k.Model([a, b], layers.Concatenate(name="y")([inner(inner(a)), inner(b)]))

    @graph
    def nested_output():
        x = layers.Input((4,), name="x")
        one, two = chain("one", inside="d1"), tower("two", "d2")
        return k.Model(x, [one(x), two(x), two(one(x))])

    @graph
    def nested_of_several():
        a, b = layers.Input((4,), name="ia"), layers.Input((3,), name="ib")
        h = layers.Concatenate(name="j")([a, b])
        inner = k.Model([a, b], [dense(2, name="p")(h), dense(4, name="q")(h)], name="inner")
        x, z = layers.Input((4,), name="x"), layers.Input((3,), name="z")
        p, q = inner([x, z])
        p2, _ = inner([q, z])
        return k.Model([z, x], layers.Add(name="y")([p, p2]))

    @graph
    def nested_three_deep():
        x = layers.Input((4,), name="x0")
        deepest = tower("deepest", "d3")
        x1 = layers.Input((4,), name="x1")
        middle = k.Model(x1, layers.Add(name="m")([deepest(x1), dense(3, name="dm")(x1)]), name="middle")
        return k.Model(x, layers.Concatenate(name="y")([middle(x), tower("other", "d4")(x)]))

    @graph
    def nested_of_one_name():
        # Ceratops names layers so: each model counts from `dense` on.
        x = layers.Input((4,), name="x")
        h = layers.Concatenate(name="both")([tower("left")(x), chain("right")(x)])
        return k.Model(x, dense(2, name="dense")(h))

    @graph
    def functional_in_sequential():
        a = layers.Input((6,), name="a")
        h = dense(6, activation="tanh", name="h")(a)
        inner = k.Model(a, layers.Add(name="s")([a, h]), name="inner")
        return k.Sequential([layers.Input((4,)), dense(6, name="first"), inner, dense(2, name="last")])

    @graph
    def functional_first_in_sequential():
        a = layers.Input((6,), name="a")
        inner = k.Model(a, layers.Multiply(name="s")([a, dense(6, name="h")(a)]), name="inner")
        return k.Sequential([layers.Input((6,)), inner, dense(2, name="last")])

    @graph
    def recurrent():
        x, s = layers.Input((5, 3), name="steps"), layers.Input((4,), name="static")
        cell = layers.LSTM(4, name="cell")
        h = layers.Concatenate(name="j")([cell(x), s])
        return k.Model([x, s], dense(2, name="y")(h))

    @graph
    def convolutions():
        x = image()
        conv = layers.Conv2D(4, 3, padding="same", activation="relu", name="conv")(x)
        pool = layers.MaxPooling2D(3, strides=1, padding="same", name="pool")(x)
        h = layers.Concatenate(name="j")([conv, pool])
        h = layers.PReLU(shared_axes=[1, 2], name="p")(h)
        h = layers.Softmax(name="soft")(layers.LeakyReLU(name="leaky")(h))
        h = layers.Reshape((-1,), name="flat")(layers.Dropout(0.5, name="drop")(h))
        return k.Model(x, [h, layers.Rescaling(0.5, 1.0, name="scaled")(pool)])

    @graph
    def masked():
        x = layers.Input((4, 3), name="x")
        m = layers.Masking(0.0, name="mask")(x)
        return k.Model(x, [dense(2, name="y")(m), m])

    @graph
    def unused_input():
        x, u = layers.Input((4,), name="x"), layers.Input((2,), name="unused")
        return k.Model([u, x], dense(2, name="y")(x))

    @graph
    def by_keys():
        a, b = layers.Input((4,), name="right"), layers.Input((4,), name="left")
        s = layers.Subtract(name="s")([a, b])
        return k.Model({"right": a, "left": b}, {"small": s, "big": dense(3, name="d")(s)})

    @graph
    def operators():
        a, b = layers.Input((4,), name="a"), layers.Input((4,), name="b")
        return k.Model([a, b], dense(2, name="y")(2.0 * a - b + 1.0))

    return made | attention_cases.graphs(k)


# Those of one input and one output, which are trained, too.
# Those that hold nothing to learn, draw a Dropout of their own, or have a weight whose gradient is 0 but for rounding.
NOT_TRAINED = [
    "concatenations", "convolutions", "input_as_output", "merge_of_other_ranks", "merges_of_other_shapes",
    "nested_functional_twice", "one_tensor_twice",
]  # fmt: skip
