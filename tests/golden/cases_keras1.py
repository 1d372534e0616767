"""Layers that no Keras of today has: their formulas in Keras 3, which finds the gradients and trains."""

from golden import keras  # first: its settings must stand before TensorFlow begins

ops = keras.ops


class OfKeras1(keras.layers.Layer):
    def __init__(self, use_bias=True, kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 kernel_constraint=None, bias_constraint=None, **options):
        super().__init__(activity_regularizer=activity_regularizer, **options)
        self.use_bias = use_bias
        self.regularizers = [keras.regularizers.get(kernel_regularizer), keras.regularizers.get(bias_regularizer)]
        self.constraints = [keras.constraints.get(kernel_constraint), keras.constraints.get(bias_constraint)]

    def weight(self, name, shape, rules=None):
        governed = {} if rules is None else dict(regularizer=self.regularizers[rules], constraint=self.constraints[rules])
        return self.add_weight(name=name, shape=shape, **governed)

    def get_config(self):
        kernel, bias = map(keras.regularizers.serialize, self.regularizers)
        limits = map(keras.constraints.serialize, self.constraints)
        return super().get_config() | dict(
            use_bias=self.use_bias, kernel_regularizer=kernel, bias_regularizer=bias,
            activity_regularizer=keras.regularizers.serialize(self.activity_regularizer),
            **dict(zip(("kernel_constraint", "bias_constraint"), limits)))


class Highway(OfKeras1):
    def __init__(self, activation="linear", **options):
        super().__init__(**options)
        self.activation = keras.activations.get(activation)

    def build(self, shape):
        size = shape[-1]
        self.kernel, self.carry = self.weight("kernel", (size, size), 0), self.weight("carry_kernel", (size, size))
        self.bias = self.weight("bias", (size,), 1) if self.use_bias else 0.0
        self.carry_bias = self.weight("carry_bias", (size,)) if self.use_bias else 0.0

    def call(self, x):
        transformed = ops.sigmoid(ops.matmul(x, self.carry) + self.carry_bias)
        return transformed * self.activation(ops.matmul(x, self.kernel) + self.bias) + (1 - transformed) * x

    def get_config(self):
        return super().get_config() | dict(activation=keras.activations.serialize(self.activation))


class MaxoutDense(OfKeras1):
    def __init__(self, units, nb_feature=4, **options):
        super().__init__(**options)
        self.units, self.nb_feature = units, nb_feature

    def build(self, shape):
        self.kernel = self.weight("kernel", (self.nb_feature, shape[-1], self.units), 0)
        self.bias = self.weight("bias", (self.nb_feature, self.units), 1) if self.use_bias else 0.0

    def call(self, x):
        return ops.max(ops.einsum("bi,kiu->bku", x, self.kernel) + self.bias, axis=1)

    def get_config(self):
        return super().get_config() | dict(units=self.units, nb_feature=self.nb_feature)


RULES = dict(kernel_regularizer="l2", bias_regularizer="l1", activity_regularizer="l2", kernel_constraint="max_norm",
             bias_constraint="non_neg")


def cases():
    for name, make in (("", {}), ("_relu", dict(activation="relu")), ("_tanh_bare", dict(activation="tanh", use_bias=False)),
                       ("_rules", RULES)):
        yield case(f"highway{name}", lambda o=make: Highway(**o))
    for name, make in (("", {}), ("_two", dict(nb_feature=2)), ("_one", dict(nb_feature=1)), ("_bare", dict(use_bias=False)),
                       ("_rules", RULES)):
        yield case(f"maxout_dense{name}", lambda o=make: MaxoutDense(3, **o))
    yield case("highway_one_sample", Highway) | dict(n=1, batch_size=1)


def case(name, make):
    # A Dense before it, so that its gradient for x counts too.
    return dict(name=name, input=(4,), layers=lambda l: [l.Dense(5, "tanh"), make(), l.Dense(2)], optimizer=lambda o: o.SGD(0.05))
