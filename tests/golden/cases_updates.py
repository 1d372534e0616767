"""What moves a weight: optimizers, regularizers, constraints."""

from golden import keras

regularizers, constraints = keras.regularizers, keras.constraints

OPTIMIZERS = {
    "sgd": lambda o: o.SGD(0.01),
    "sgd_momentum": lambda o: o.SGD(0.01, momentum=0.9),
    "sgd_nesterov": lambda o: o.SGD(0.01, momentum=0.9, nesterov=True),
    "sgd_weight_decay": lambda o: o.SGD(0.05, weight_decay=0.1),
    "sgd_clipnorm": lambda o: o.SGD(0.05, clipnorm=0.3),
    "sgd_clipvalue": lambda o: o.SGD(0.05, clipvalue=0.1),
    "sgd_global_clipnorm": lambda o: o.SGD(0.05, global_clipnorm=0.5),
    "rmsprop": lambda o: o.RMSprop(),
    "rmsprop_momentum": lambda o: o.RMSprop(0.005, momentum=0.9),
    "rmsprop_centered": lambda o: o.RMSprop(0.005, centered=True),
    "rmsprop_centered_momentum": lambda o: o.RMSprop(0.002, rho=0.8, momentum=0.5, centered=True),
    "adam": lambda o: o.Adam(),
    "adam_fast": lambda o: o.Adam(0.05),
    "adam_amsgrad": lambda o: o.Adam(0.05, beta_2=0.9, amsgrad=True),
    "adam_betas_epsilon": lambda o: o.Adam(0.02, beta_1=0.8, beta_2=0.95, epsilon=0.01),
    "adam_weight_decay": lambda o: o.Adam(0.02, weight_decay=0.1),
    "adam_clipnorm": lambda o: o.Adam(0.02, clipnorm=0.3, epsilon=0.1),
    "adam_clipvalue": lambda o: o.Adam(0.02, clipvalue=0.1, epsilon=0.1),
    "adam_global_clipnorm": lambda o: o.Adam(0.02, global_clipnorm=0.5, epsilon=0.1),
}


def optimizers():
    net = lambda l: [l.Conv2D(3, 3, padding="same"), l.PReLU(shared_axes=[1, 2]), l.Flatten(), l.Dense(2)]
    for name, optimizer in OPTIMIZERS.items():
        yield dict(name=f"optimizer_{name}", input=(4, 5, 1), layers=net, optimizer=optimizer)


def dense(name, **options):
    return dict(name=name, input=(4,), layers=lambda l: [l.Dense(6, "tanh", **options), l.Dense(2)])


def conv(name, **options):
    return dict(name=name, input=(4, 4, 1), layers=lambda l: [l.Conv2D(3, 2, **options), l.Flatten(), l.Dense(2)])


def regularized():
    yield dense("regularizer_l1", kernel_regularizer=regularizers.L1(0.02))
    yield dense("regularizer_l2", kernel_regularizer=regularizers.L2(0.05))
    yield dense("regularizer_l1_l2", kernel_regularizer=regularizers.L1L2(l1=0.02, l2=0.05))
    yield dense("regularizer_l2_by_name", kernel_regularizer="l2")
    yield dense("regularizer_orthogonal_rows", kernel_regularizer=regularizers.OrthogonalRegularizer(0.05))
    yield dense("regularizer_orthogonal_columns", kernel_regularizer=regularizers.OrthogonalRegularizer(0.05, mode="columns"))
    yield dense("regularizer_bias", bias_regularizer=regularizers.L2(0.1), kernel_regularizer=regularizers.L1(0.01))
    yield conv("regularizer_conv2d", kernel_regularizer=regularizers.L2(0.05), bias_regularizer=regularizers.L1(0.05))
    yield dense("activity_dense", activity_regularizer=regularizers.L2(0.05))
    yield dense("activity_dense_l1", activity_regularizer=regularizers.L1(0.05)) | dict(n=13, batch_size=5)
    yield conv("activity_conv2d", activity_regularizer=regularizers.L2(0.05))


def constrained():
    yield dense("constraint_max_norm", kernel_constraint=constraints.MaxNorm(0.8), bias_constraint=constraints.MaxNorm(0.5))
    yield dense("constraint_max_norm_axis_1", kernel_constraint=constraints.MaxNorm(0.8, axis=1))
    yield conv("constraint_max_norm_conv2d", kernel_constraint=constraints.MaxNorm(0.8, axis=[0, 1, 2]))
    yield dense("constraint_non_neg", kernel_constraint=constraints.NonNeg(), bias_constraint="non_neg")
    yield dense("constraint_unit_norm", kernel_constraint=constraints.UnitNorm())
    yield conv("constraint_unit_norm_conv2d", kernel_constraint=constraints.UnitNorm(axis=[0, 1, 2]))
    yield dense("constraint_min_max_norm", kernel_constraint=constraints.MinMaxNorm(0.7, 0.9, rate=0.5))


def cases():
    for part in (optimizers, regularized, constrained):
        yield from part()
