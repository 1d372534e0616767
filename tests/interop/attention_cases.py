"""Functional models with attention, layers that normalize samples, and EinsumDense, for graph_cases.py."""


def graphs(k):
    """Under each name a function that makes the model, with the layers of `k`, Keras 3 or tf_keras."""
    l, made = k.layers, {}

    def graph(make):
        made[make.__name__] = make
        return make

    def only(library):
        return graph if (k.__version__ >= "3") == (library == 3) else lambda make: make

    @graph
    def attention_itself():
        x = l.Input((5, 4), name="x")
        h = l.MultiHeadAttention(2, 3, name="look")(x, x)
        return k.Model(x, l.Dense(2, name="y")(l.Add(name="sum")([x, h])))

    @graph
    def attention_to_others():
        q, v = l.Input((5, 4), name="q"), l.Input((3, 6), name="v")
        look = l.MultiHeadAttention(2, 3, value_dim=2, output_shape=5, use_bias=False, name="look")
        return k.Model([q, v], l.Dense(2, name="y")(look(q, v)))

    @graph
    def attention_with_arguments():
        q, v, pairs = l.Input((5, 4), name="q"), l.Input((3, 4), name="v"), l.Input((5, 3), dtype="bool", name="pairs")
        once = l.MultiHeadAttention(2, 3, name="once")(q, v, v, attention_mask=pairs)
        # Keras 3 cannot put out the scores of a second call of one layer, and takes them for square.
        again, scores = l.MultiHeadAttention(2, 3, name="look")(q, value=q, use_causal_mask=True, return_attention_scores=True)
        ends = [l.Dense(2, name="a")(once), l.Dense(2, name="b")(again), l.Dense(1, name="c")(l.Flatten(name="f")(scores))]
        return k.Model([q, v, pairs], ends)

    @graph
    def attention_by_keyword():
        q, v = l.Input((5, 4), name="q"), l.Input((3, 4), name="v")
        return k.Model([q, v], l.Dense(2, name="y")(l.MultiHeadAttention(1, 2, name="look")(q, key=v, value=v)))

    @graph
    def attention_masked():
        x = l.Input((5, 4), name="x")
        h = l.Masking(0.0, name="m")(x)
        h = l.LayerNormalization(name="n")(l.MultiHeadAttention(2, 2, name="look")(h, h))
        return k.Model(x, l.LSTM(3, name="last")(h))

    @graph
    def attention_of_one_head():
        q, v = l.Input((5, 4), name="q"), l.Input((3, 4), name="v")
        a = l.Attention(use_scale=True, name="dots")([q, v], use_causal_mask=True)
        b = l.Attention(score_mode="concat", name="sums")([q, v, v])
        c, scores = l.AdditiveAttention(name="additive")([q, v], return_attention_scores=True)
        return k.Model([q, v], [l.Dense(2, name="y")(l.Concatenate(name="all")([a, b, c])), l.Dense(1, name="s")(scores)])

    @graph
    def attention_along_an_axis():
        x = l.Input((2, 3, 4), name="x")
        h = l.MultiHeadAttention(2, 2, attention_axes=(2,), name="rows")(x, x)
        return k.Model(x, l.Dense(2, name="y")(l.MultiHeadAttention(1, 2, name="all")(h, h)))

    @graph
    def norms():
        x = l.Input((3, 4), name="x")
        h = l.Dense(4, name="d")(x)
        ends = [
            l.LayerNormalization(name="last")(h), l.LayerNormalization(axis=[1, 2], epsilon=1e-5, name="both")(h),
            l.LayerNormalization(axis=1, center=False, name="first")(h), l.LayerNormalization(scale=False, name="bare")(h),
            l.GroupNormalization(2, name="groups")(h), l.GroupNormalization(-1, scale=False, name="instance")(h),
            l.UnitNormalization(name="unit")(h),
        ]
        return k.Model(x, l.Dense(2, name="y")(l.Concatenate(name="all")(ends)))

    @graph
    def layer_norm_alone():
        x = l.Input((3, 4), name="x")
        h = l.LayerNormalization(name="last")(l.Dense(4, activation="relu", name="d")(x))
        return k.Model(x, l.Dense(2, name="y")(l.Add(name="sum")([x, h])))

    @graph
    def einsums():
        x = l.Input((3, 4), name="x")
        h = l.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de", activation="tanh", name="heads")(x)
        h = l.EinsumDense("abde,def->abf", (None, 4), name="back")(h)
        return k.Model(x, l.EinsumDense("...x,xy->...y", 2, bias_axes="y", name="y")(l.Add(name="sum")([x, h])))

    @only(3)
    def attention_of_keras3():
        x = l.Input((5, 4), name="x")
        h = l.MultiHeadAttention(2, 3, use_gate=True, sliding_window=2, name="window")(x, x)
        h = l.RMSNormalization(name="rms")(l.LayerNormalization(rms_scaling=True, name="older")(h))
        h = l.GroupQueryAttention(3, 4, 2, name="shared")(h, x, use_causal_mask=True)
        return k.Model(x, l.Dense(2, name="y")(l.GroupQueryAttention(3, 2, 1, use_gate=True)(h, x)))

    return made
