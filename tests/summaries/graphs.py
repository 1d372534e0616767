"""Models whose layers are no chain, for make_summaries.py. Names that Keras 2 and 3 choose differently are given."""


def residual(k):
    l = k.layers
    image = k.Input((8, 8, 3), name="image")
    h = l.Conv2D(8, 3, padding="same", activation="relu")(image)
    skip = h
    for _ in range(2):
        h = l.Conv2D(8, 3, padding="same")(h)
        h = l.BatchNormalization()(h)
        h = l.Add()([h, skip])
        skip = h = l.ReLU()(h)
    return k.Model(image, l.Dense(10, activation="softmax", name="digit")(l.Flatten()(h)), name="residual")


def frozen_branch(k):
    model = residual(k)
    for layer in model.layers[1:6]:
        layer.trainable = False
    return model


def two_in_three_out(k):
    l = k.layers
    image, age = k.Input((28, 28), name="image"), k.Input((1,), name="age")
    h = l.Dense(32, activation="relu")(l.Flatten()(image))
    both = l.Concatenate()([h, age])
    digit = l.Dense(10, activation="softmax", name="digit")(both)
    size = l.Dense(1, name="size")(h)
    style = l.Dense(4, activation="softmax", name="style")(l.Concatenate()([digit, size, both]))
    return k.Model([image, age], [digit, size, style], name="two_in_three_out")


def siamese(k):
    l = k.layers
    left, right = k.Input((12, 12, 1), name="left"), k.Input((12, 12, 1), name="right")
    tower = k.Sequential([k.Input((12, 12, 1)), l.Conv2D(4, 3), l.PReLU(shared_axes=[1, 2]), l.Flatten(), l.Dense(16)], name="tower")
    distance = l.Subtract()([tower(left), tower(right)])
    return k.Model([left, right], l.Dense(1, activation="sigmoid", name="same")(distance), name="siamese")


def block(k, name, width, depth=0):
    l = k.layers
    x = k.Input((width,), name=f"{name}_in")
    h = l.Dense(width, activation="relu", name=f"{name}_dense")(x)
    if depth:
        h = block(k, f"{name}_inner", width, depth - 1)(h)
    return k.Model(x, l.Add(name=f"{name}_add")([x, h]), name=name)


def nested(k):
    l = k.layers
    x = k.Input((6,), name="x")
    h = block(k, "first", 6)(x)
    h = l.Multiply()([block(k, "second", 6)(h), x])
    return k.Model(x, l.Dense(2, name="out")(h), name="nested_graph")


def nested_twice(k):
    l = k.layers
    x = k.Input((6,), name="x")
    h = block(k, "outer", 6, 2)(x)
    return k.Model(x, l.Dense(2, name="out")(l.Average()([h, x])), name="nested_twice")


def nested_frozen(k):
    model = nested_twice(k)
    model.get_layer("outer").get_layer("outer_inner").trainable = False
    return model


def several_of_a_nested_model(k):
    l = k.layers
    inner_x = k.Input((5, 4), name="inner_x")
    inner = k.Model(inner_x, [l.Dense(6, name="wide")(inner_x), l.Dense(3, name="narrow")(l.Flatten()(inner_x))], name="split")
    x = k.Input((5, 4), name="x")
    wide, narrow = inner(x)
    return k.Model(x, l.Concatenate(name="both")([l.Flatten(name="flat")(wide), narrow]), name="several")


def shared_layer(k):
    l = k.layers
    x = k.Input((7,), name="x")
    twice = l.Dense(7, activation="tanh", name="twice")
    return k.Model(x, l.Dense(2, name="out")(twice(twice(x))), name="shared_layer")


def output_that_is_read(k):
    l = k.layers
    x = k.Input((7,), name="x")
    h = l.Dense(5, name="hidden")(x)
    return k.Model(x, [h, l.Dense(2, name="out")(h)], name="output_that_is_read")


def u_net(k):
    l = k.layers
    conv = lambda filters, x: l.Conv2D(filters, 3, padding="same", activation="relu")(x)
    image = k.Input((16, 16, 3), name="image")
    levels, h = [], image
    for filters in (8, 16, 32):
        h = conv(filters, h)
        levels.append(h)
        h = l.MaxPooling2D()(h)
    h = conv(64, h)
    for skip, filters in zip(reversed(levels), (32, 16, 8)):
        _, rows, columns, channels = h.shape
        h = l.Reshape((2 * rows, 2 * columns, channels // 4))(h)
        h = conv(filters, l.Concatenate()([h, skip]))
    return k.Model(image, l.Conv2D(1, 1, activation="sigmoid", name="mask")(h), name="u_net")


def long_names(k):
    l = k.layers
    first = k.Input((4,), name="the_first_of_the_two_inputs_of_this_model")
    second = k.Input((4,), name="the_second_of_the_two_inputs_of_this_model")
    h = l.Dense(4, name="a_layer_between_the_second_input_and_the_sum")(second)
    both = l.Add(name="the_sum_of_both")([first, h, second])
    return k.Model([first, second], [both, h], name="a_graph_whose_own_name_is_longer_than_a_line_of_sixty_columns_holds")


def unused_input(k):
    l = k.layers
    a, b = k.Input((4,), name="a"), k.Input((3,), name="nobody_reads_it")
    return k.Model([a, b], l.Dense(2, name="out")(a), name="unused_input")


def operators(k):
    l = k.layers
    x, y = k.Input((4,), name="x"), k.Input((4,), name="y")
    h = l.Dense(4, name="h")(x) + y
    return k.Model([x, y], l.Dense(1, name="out")((h - x) * y), name="operators")


def functional_chain(k):
    l = k.layers
    x = k.Input((28, 28, 1), name="x")
    h = l.Flatten()(l.MaxPooling2D()(l.Conv2D(8, 3)(x)))
    return k.Model(x, l.Dense(10, name="out")(h), name="functional_chain")


def batch_of_eight(k):
    l = k.layers
    a, b = k.Input((4,), batch_size=8, name="a"), k.Input((4,), batch_size=8, name="b")
    return k.Model([a, b], l.Dense(2, name="out")(l.Maximum()([a, b])), name="batch_of_eight")


def cases(case):
    """The cases; `case` makes one."""
    return [
        case("graph_residual", residual),
        case("graph_residual_80", residual, columns=80),
        case("graph_residual_line_length_60", residual, line_length=60),
        case("graph_residual_line_length_80", residual, line_length=80),
        case("graph_residual_line_length_100", residual, line_length=100),
        case("graph_residual_layer_range", residual, columns=120, layer_range=["conv2d_1", "re_lu_1"]),
        case("graph_residual_adam", residual, optimizer=lambda o: o.Adam()),
        case("graph_frozen_branch", frozen_branch, show_trainable=True),
        case("graph_frozen_branch_80", frozen_branch, columns=80, show_trainable=True),
        case("graph_frozen_branch_line_length_100", frozen_branch, line_length=100, show_trainable=True),
        case("graph_two_in_three_out", two_in_three_out),
        case("graph_two_in_three_out_80", two_in_three_out, columns=80),
        case("graph_siamese", siamese),
        case("graph_siamese_expanded", siamese, expand_nested=True),
        case("graph_siamese_expanded_line_length_80", siamese, line_length=80, expand_nested=True),
        case("graph_nested", nested),
        case("graph_nested_expanded", nested, expand_nested=True),
        case("graph_nested_expanded_line_length_60", nested, line_length=60, expand_nested=True),
        case("graph_nested_twice", nested_twice, columns=80),
        case("graph_nested_twice_expanded", nested_twice, expand_nested=True),
        case("graph_nested_frozen_show_trainable", nested_frozen, expand_nested=True, show_trainable=True),
        case("graph_several_of_a_nested_model", several_of_a_nested_model),
        case("graph_several_of_a_nested_model_expanded_80", several_of_a_nested_model, columns=80, expand_nested=True),
        case("graph_shared_layer", shared_layer, columns=80),
        case("graph_output_that_is_read", output_that_is_read, columns=100),
        case("graph_u_net", u_net),
        case("graph_u_net_80", u_net, columns=80),
        case("graph_long_names_60", long_names, line_length=60),
        case("graph_long_names_80", long_names, columns=80),
        case("graph_long_names_100", long_names, line_length=100),
        case("graph_unused_input", unused_input, columns=100),
        case("graph_operators", operators, columns=100, keras2=False),
        case("graph_functional_chain", functional_chain, columns=80),
        case("graph_batch_of_eight", batch_of_eight, columns=100),
    ]
