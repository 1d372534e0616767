"""Operations that Keras records in a graph: brackets, arithmetic, `keras.ops`, and `tf.*` in Keras 2."""

from cases_graphs import graph
from golden import keras, np, tf

ROW = np.array([0.5, -1.0, 2.0, 1.5], "float32")
MATRIX = np.array([[0.5, -1.0], [2.0, 0.25], [1.5, 0.75], [-0.5, 1.0]], "float32")


def behind_dense(make, size):
    """A Dense layer, what `make` computes of its output h and of the input, and one more behind it."""
    def model(library, l, x):
        made = make(l.Dense(size[-1], "tanh")(x), x)
        made = [made] if not isinstance(made, (list, tuple)) else made
        ends = [l.Dense(2)(y if len(y.shape) == 2 else l.Flatten()(y)) for y in made]
        return ends[0] if len(ends) == 1 else l.Add()(ends)

    return model


def op(name, make, size=(3, 4), **options):
    return graph(f"op_{name}", size, behind_dense(make, size), **{"optimizer": lambda o: o.SGD(0.004), **options})


def keras3():
    o = keras.ops
    yield op("divide", lambda h, x: [h / (x * x + 1.0), 1.0 / (h + 3.0), h / 4.0])
    yield op("power", lambda h, x: [h ** 2, (h + 2.0) ** 0.5, o.power(h + 2.0, x)])
    yield op("floor_divide_mod", lambda h, x: [h + h // 0.3, h % 0.4, h * (x % 0.3)])
    yield op("maximum_minimum", lambda h, x: [o.maximum(h, 0.1), o.minimum(h, x), o.maximum(h, ROW)])
    yield op("constant", lambda h, x: [h * ROW, o.subtract(ROW, h), h / ROW, h + ROW.reshape(1, 1, 4)])
    yield op("compare", lambda h, x: [h * o.cast(h > 0.1, "float32"), h * o.cast(o.less_equal(h, x), "float32"),
                                     h * o.cast(o.logical_or(h < 0.0, o.logical_not(x >= 0.2)), "float32")])
    yield op("where", lambda h, x: [o.where(h > 0, h, 0.0), o.where(x < 0.1, x, h[:, :1])])
    yield op("clip", lambda h, x: [o.clip(h, -0.3, 0.4)])
    yield op("cast", lambda h, x: [h * o.cast(o.cast(x * 3.0, "int32"), "float32")])
    yield op("functions", lambda h, x: [o.exp(h) + o.expm1(h), o.log(h + 2.0), o.log1p(h + 0.5), o.sqrt(h + 2.0),
                                       o.rsqrt(h + 2.0), o.square(h), abs(h), o.reciprocal(h + 3.0)])
    yield op("functions_circular", lambda h, x: [o.sin(h), o.cos(h), o.tan(h), o.arctan(h), o.sinh(h), o.cosh(h), o.erf(h)])
    yield op("steps", lambda h, x: [h * o.sign(x), h * o.floor(x), h * o.ceil(x), h * o.round(x * 2.0)])
    yield op("gelu", lambda h, x: [o.gelu(h * 2.0), o.gelu(h * 2.0, approximate=False), o.log_softmax(h), o.log_softmax(h, axis=1)])
    yield op("activations", lambda h, x: [o.relu(h), o.silu(h), o.softplus(h), o.softmax(h, axis=1), o.leaky_relu(h, 0.3), o.elu(h)])
    yield op("mean", lambda h, x: [o.mean(h, axis=1), o.mean(h, axis=-1, keepdims=True), o.mean(h, axis=(1, 2), keepdims=True)])
    yield op("sum", lambda h, x: [o.sum(h, axis=1), o.sum(h, axis=-1, keepdims=True), o.prod(h, axis=2)])
    yield op("extremes", lambda h, x: [o.max(h, axis=1), o.min(h, axis=-1, keepdims=True), o.amax(h, axis=(1, 2), keepdims=True)])
    yield op("spread", lambda h, x: [o.var(h, axis=1), o.std(h, axis=-1, keepdims=True), o.logsumexp(h, axis=1)])
    yield op("norm", lambda h, x: [o.norm(h, axis=-1), o.normalize(h, axis=-1), o.normalize(h, axis=1)])
    yield op("argmax", lambda h, x: [h, o.one_hot(o.argmax(x, axis=1), 3), o.cast(o.any(x > 1.0, axis=1), "float32"),
                                    o.cast(o.all(x > -1.0, axis=-1), "float32")])
    yield op("get_item", lambda h, x: [h[:, 0], h[:, 1:, -1], h[..., ::2], h[:, None], h[:, ::-1, 1:3], h[:, -2]])
    yield op("squeeze", lambda h, x: [o.squeeze(h[:, :1], axis=1), o.expand_dims(h, -1), o.expand_dims(h, 1)])
    yield op("transpose", lambda h, x: [o.transpose(h, (0, 2, 1)), o.swapaxes(h, 1, 2), o.moveaxis(h, -1, 1)])
    yield op("reshape", lambda h, x: [o.reshape(h, (-1, 4, 3)), o.reshape(h, (-1, 2, 6))])
    yield op("repeat", lambda h, x: [o.tile(h, (1, 2, 1)), o.repeat(h, 2, axis=-1),
                                    o.repeat(h[:, :1], 3, axis=1)])
    yield op("flip_roll", lambda h, x: [o.flip(h, axis=1) * x, o.roll(h, 1, axis=-1) * x, o.roll(h, (1, -1), axis=(1, 2)) * x])
    yield op("pad", lambda h, x: [o.pad(h, ((0, 0), (1, 2), (0, 1))), o.pad(h, ((0, 0), (1, 1), (2, 0)), mode="reflect"),
                                 o.pad(h, ((0, 0), (1, 1), (0, 2)), mode="symmetric"),
                                 o.pad(h, ((0, 0), (1, 0), (0, 0)), constant_values=0.5)])
    yield op("stack_split", lambda h, x: [o.stack([h, x], axis=1), o.stack([h, x], axis=-1), *o.split(h, 2, axis=-1)[1:],
                                         *o.split(h, [1], axis=1), *o.unstack(h, axis=1)[:2]])
    yield op("take", lambda h, x: [o.take(h, [2, 0, 2], axis=1), o.take(h, np.array([1, 3]), axis=-1)])
    yield op("cumsum", lambda h, x: [o.cumsum(h, axis=1), o.cumprod(h + 0.2, axis=2)])
    yield op("matmul", lambda h, x: [o.matmul(h, o.transpose(x, (0, 2, 1))), h @ MATRIX, o.dot(h, MATRIX),
                                    o.matmul(MATRIX.T, o.swapaxes(h, 1, 2))])
    yield op("einsum", lambda h, x: [o.einsum("bij,bkj->bik", h, x), o.einsum("bij,jk->bki", h, MATRIX),
                                    o.einsum("...ij,...ij->...i", h, x), o.tensordot(h, MATRIX, axes=1)])
    yield op("depth_to_space", lambda h, x: [o.nn.depth_to_space(h, 2), o.nn.space_to_depth(h, 2)], size=(2, 4, 4))

    yield op("resize", lambda h, x: [o.image.resize(h, (5, 3)), o.image.resize(h, (2, 6), interpolation="nearest")], size=(3, 3, 2))


def keras2():
    yield op("tf_divide", lambda h, x: [h / (x * x + 1.0), 1.0 / (h + 3.0), tf.divide(h, 4.0), tf.math.divide_no_nan(h, tf.cast(x > 0.0, "float32"))])
    yield op("tf_power", lambda h, x: [h ** 2, tf.pow(h + 2.0, x), h // 0.3 + h, h % 0.4])
    yield op("tf_constant", lambda h, x: [h * ROW, tf.subtract(h, ROW), h / ROW, tf.nn.bias_add(h, ROW)])
    yield op("tf_compare", lambda h, x: [h * tf.cast(h > 0.1, "float32"), tf.where(x > 0.1, h, 0.0), tf.where(h > x, h, x),
                                        tf.clip_by_value(h, -0.3, 0.4)])
    yield op("tf_functions", lambda h, x: [tf.exp(h), tf.math.log(h + 2.0), tf.sqrt(h + 2.0), tf.math.rsqrt(h + 2.0), tf.square(h),
                                          abs(h), -h, tf.sin(h), tf.math.squared_difference(h, x)])
    yield op("tf_nn", lambda h, x: [tf.nn.relu(h), tf.nn.gelu(h * 2.0), tf.nn.log_softmax(h), tf.nn.softmax(h, axis=1), tf.nn.leaky_relu(h),
                                   tf.nn.silu(h), tf.nn.elu(h), tf.math.l2_normalize(h, axis=-1)])
    yield op("tf_reduce", lambda h, x: [tf.reduce_mean(h, axis=1), tf.reduce_mean(h, axis=[1, 2], keepdims=True), tf.reduce_sum(h, -1),
                                       tf.reduce_max(h, axis=1), tf.reduce_min(h, axis=-1, keepdims=True), tf.norm(h, axis=-1),
                                       tf.math.reduce_variance(h, axis=1), tf.reduce_logsumexp(h, axis=-1), tf.reduce_prod(h, axis=2)])
    yield op("tf_get_item", lambda h, x: [h[:, 0], h[:, 1:, -1], h[:, :, ::2], h[:, None], h[:, ::-1]])
    yield op("tf_shapes", lambda h, x: [tf.expand_dims(h, -1), tf.squeeze(h[:, :1], 1), tf.transpose(h, [0, 2, 1]), tf.reshape(h, (-1, 4, 3)),
                                       tf.tile(h, (1, 2, 1)), tf.repeat(h, 2, axis=1), tf.pad(h, ((0, 0), (1, 2), (0, 1))),
                                       tf.reverse(h, [1]) * x, tf.roll(h, 1, 1) * x])
    yield op("tf_join", lambda h, x: [tf.stack([h, x], axis=1), tf.concat([h, x], -1), tf.split(h, 2, axis=-1)[1], tf.split(h, [1, 3], axis=2)[1],
                                     tf.gather(h, [2, 0], axis=1), tf.unstack(h, axis=1)[1], tf.cumsum(h, axis=1)])
    yield op("tf_matmul", lambda h, x: [tf.matmul(h, x, transpose_b=True), h @ tf.transpose(x, [0, 2, 1]), tf.tensordot(h, MATRIX, 1)])
    yield op("tf_depth_to_space", lambda h, x: [tf.nn.depth_to_space(h, 2), tf.nn.space_to_depth(h, 2)], size=(2, 4, 4))

    yield op("tf_resize", lambda h, x: [tf.image.resize(h, (5, 3)), tf.image.resize(h, (2, 6), method="nearest")], size=(3, 3, 2))


def cases():
    yield from keras3()
    for case in keras2():
        yield case | dict(dialect="keras2")
