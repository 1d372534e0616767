"""Attention, layers that normalize samples, and EinsumDense; all in graphs, so that what stands before learns too."""

from cases_graphs import graph
from cases_masks import masked


def sequence(name, layers, size=(4, 6), **options):
    """Layers between two that learn."""
    make = lambda library, l, x: l.Dense(2)(layers(l)(l.Dense(size[-1], "tanh")(x)))
    return graph(name, size, make, **options)


def called(layer, inputs, **call):
    """What a layer puts out that takes a list, or each input as an argument of its own."""
    apart = hasattr(layer, "use_bias") or hasattr(layer, "_use_bias")
    y = layer(*inputs, **call) if apart else layer(inputs, **call)
    return y if isinstance(y, (list, tuple)) else [y]


def looks(name, layer, key=False, size=(5, 4), width=3, **call):
    """Query, value and key from one sequence."""
    def make(library, l, x):
        inputs = [l.Dense(4, "tanh")(x), l.Dense(width if key else 4)(x), *([l.Dense(4, "tanh")(x)] if key else [])]
        y = called(layer(l), inputs, **call)
        return l.Concatenate()([l.Dense(2)(l.Flatten()(part)) for part in y]) if len(y) > 1 else l.Dense(2)(y[0])

    return graph(name, size, make)


def norms():
    yield sequence("layer_norm", lambda l: l.LayerNormalization())
    yield sequence("layer_norm_axes", lambda l: l.LayerNormalization(axis=[1, 2], epsilon=0.1))
    yield sequence("layer_norm_first", lambda l: l.LayerNormalization(axis=1, center=False))
    yield sequence("layer_norm_no_scale", lambda l: l.LayerNormalization(scale=False, beta_regularizer="l2"))
    yield sequence("layer_norm_governed", lambda l: l.LayerNormalization(
        gamma_initializer="he_normal", gamma_regularizer="l1", beta_constraint="non_neg", gamma_constraint="max_norm"),
        size=(3, 2, 4))
    yield sequence("group_norm", lambda l: l.GroupNormalization(3))
    yield sequence("group_norm_image", lambda l: l.GroupNormalization(2, epsilon=0.1), size=(3, 3, 4))
    yield sequence("group_norm_instance", lambda l: l.GroupNormalization(-1, center=False), size=(3, 3, 2))
    yield sequence("group_norm_first", lambda l: l.GroupNormalization(2, axis=1, scale=False), size=(4, 3, 2))
    yield sequence("unit_norm", lambda l: l.UnitNormalization())
    yield sequence("unit_norm_axes", lambda l: l.UnitNormalization(axis=[1, 2]))


def einsums():
    yield sequence("einsum_dense", lambda l: l.EinsumDense("abc,cd->abd", (None, 3), bias_axes="d", activation="tanh"))
    yield sequence("einsum_left", lambda l: l.EinsumDense("...x,xy->...y", 3, bias_axes="y"), size=(2, 3, 4))
    yield sequence("einsum_right", lambda l: l.EinsumDense("ab...,bc->ac...", (3,), bias_axes="c"), size=(4, 5))
    yield sequence("einsum_heads", lambda l: l.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de", kernel_regularizer="l2"))
    yield sequence("einsum_shared", lambda l: l.EinsumDense("abc,bcd->abd", (4, 3), bias_axes="bd", bias_constraint="non_neg"))


def attentions():
    mha = lambda **options: lambda l: l.MultiHeadAttention(2, 3, **options)
    yield looks("mha", mha())
    yield looks("mha_key", mha(value_dim=2, use_bias=False), key=True)
    yield looks("mha_causal", mha(output_shape=3), use_causal_mask=True)
    yield looks("mha_scores", mha(kernel_regularizer="l2", kernel_constraint="unit_norm"), return_attention_scores=True, use_causal_mask=True)
    yield looks("mha_penalty", mha(activity_regularizer="l2", bias_regularizer="l1"))
    yield looks("mha_image", mha(), size=(2, 3, 4))
    yield looks("mha_axes", mha(attention_axes=(2,), output_shape=(2, 2)), size=(2, 3, 4))
    yield looks("mha_outer_axis", mha(attention_axes=1), size=(3, 2, 4))
    yield looks("attention", lambda l: l.Attention())
    yield looks("attention_scale", lambda l: l.Attention(use_scale=True), key=True, use_causal_mask=True, return_attention_scores=True)
    yield looks("attention_concat", lambda l: l.Attention(score_mode="concat"))
    yield looks("attention_concat_scale", lambda l: l.Attention(score_mode="concat", use_scale=True), key=True)
    yield looks("attention_additive", lambda l: l.AdditiveAttention(), key=True, width=4, use_causal_mask=True)
    yield looks("attention_additive_plain", lambda l: l.AdditiveAttention(use_scale=False))

    def block(library, l, x):
        h = l.LayerNormalization(epsilon=1e-6)(l.Dense(4)(x))
        h = l.Add()([h, l.MultiHeadAttention(2, 2)(h, h)])
        return l.Dense(2)(l.Add()([h, l.Dense(4)(l.Dense(8, "gelu")(l.LayerNormalization()(h)))]))

    yield graph("transformer", (5, 3), block)


def keras3_only():
    mha = lambda **options: lambda l: l.MultiHeadAttention(2, 3, **options)
    yield sequence("layer_norm_rms_scaling", lambda l: l.LayerNormalization(rms_scaling=True))
    yield sequence("rms_norm", lambda l: l.RMSNormalization())
    yield sequence("rms_norm_axes", lambda l: l.RMSNormalization(axis=[2, 3], epsilon=0.1), size=(2, 3, 4))
    yield looks("mha_gate", mha(use_gate=True))
    yield looks("mha_window", mha(sliding_window=2), key=True, use_causal_mask=True)
    grouped = lambda **options: lambda l: l.GroupQueryAttention(2, 4, 2, **options)
    yield looks("gqa", grouped())
    yield looks("gqa_gate", grouped(use_gate=True, use_bias=False, sliding_window=2), key=True, width=4)
    yield looks("gqa_causal_scores", grouped(), use_causal_mask=True, return_attention_scores=True)


def masks():
    """Models with Masking in front, that Keras 2 and Keras 3 are both asked for."""
    def attends(layer, **call):
        def make(library, l, x):
            a, b = l.Dense(4, name="a")(l.Masking(0.0)(x)), l.Dense(4, "tanh", name="b")(l.Masking(0.5)(x))
            return l.LSTM(2)(called(layer(l), [a, b], **call)[0])

        return make

    # The bias of the keys would have a gradient that is 0 but for rounding.
    mha = lambda l: l.MultiHeadAttention(2, 2, use_bias=False)
    yield masked("mha", attends(mha))
    yield masked("mha_causal", attends(mha, use_causal_mask=True))
    yield masked("attention", attends(lambda l: l.Attention()))
    yield masked("attention_causal", attends(lambda l: l.Attention(use_scale=True), use_causal_mask=True))
    yield masked("attention_additive", attends(lambda l: l.AdditiveAttention()))
    yield masked("layer_norm", lambda library, l, x: l.LSTM(2)(l.LayerNormalization()(l.Dense(3)(l.Masking()(x)))))


def mask_cases():
    """What `make_masks.py` keeps a pass of."""
    def scores(library, l, x):
        a, b = l.Dense(4, name="a")(l.Masking(0.0)(x)), l.Dense(4, "tanh", name="b")(l.Masking(0.5)(x))
        y = l.MultiHeadAttention(2, 2, use_bias=False)(a, b, return_attention_scores=True)
        return l.Dense(2)(l.Concatenate()([l.Flatten()(part) for part in y]))

    def grouped(library, l, x):
        a = l.Dense(4, name="a")(l.Masking(0.0)(x))
        return l.LSTM(2)(l.GroupQueryAttention(2, 2, 1, use_bias=False)(a, a, use_causal_mask=True))

    yield from masks()
    yield masked("mha_scores", scores)
    yield masked("gqa", grouped)
    for case in masks():
        if case["name"] == "masks_mha_causal":
            continue  # Keras 2 has another gradient where a query may look at nothing.
        yield case | dict(name=case["name"].replace("masks_", "masks_keras2_"), dialect="keras2")


def cases():
    yield from norms()
    yield from einsums()
    yield from attentions()
    yield from keras3_only()
    for case in [*norms(), *attentions()]:
        if case["name"] == "graph_mha_penalty":
            continue  # Keras 2 penalizes the output alone.
        yield case | dict(name=f"keras2_{case['name']}", dialect="keras2")
