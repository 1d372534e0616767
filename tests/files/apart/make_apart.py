"""Makes models and weights that came apart, in files of Keras 3 and of tf_keras (Keras 2).
usage: make_apart.py   (keras, tf_keras, tensorflow and h5py; writes beside itself)
expected.json lists each case: the file of the model, that of the weights if there is one, what goes in
and what comes out. Where two files were made in different states of freezing, what comes out is what
the model computed that the weights were saved from.
"""
import json, os, pathlib, shutil
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import h5py, keras, numpy as np, tensorflow as tf, tf_keras

here = pathlib.Path(__file__).resolve().parent
rng = np.random.default_rng(7)
cases = []

def case(name, model, x, y, weights=None):
    cases.append({"name": name, "model": model, "weights": weights,
                  "x_shape": list(x.shape), "x": x.astype("float64").ravel().tolist(),
                  "y_shape": list(y.shape), "y": y.astype("float64").ravel().tolist()})

def drawn(model):
    model.set_weights([rng.uniform(0.2, 1, w.shape).astype(w.dtype) * rng.choice([-1, 1] if i % 7 else [1], w.shape)
                       if "variance" not in str(v.name) else rng.uniform(0.5, 2, w.shape)
                       for i, (v, w) in enumerate(zip(model.weights, model.get_weights()))])
    return model

def nested(k, frozen):
    L = k.layers
    inner = k.Sequential([L.Dense(3, name="a"), L.BatchNormalization(name="n"), L.Dense(3, name="b"),
                          L.Dense(3, name="c")], name="inner")
    model = k.Sequential([k.Input((3,)), inner, L.Dense(2, name="out")], name="whole")
    for name in frozen:
        (inner if name == "inner" else inner.get_layer(name)).trainable = False
    return model

x = rng.uniform(-1, 1, (2, 3)).astype("float32")
for word, k in [("k2", tf_keras), ("k3", keras)]:
    states = {"free": [], "a": ["a"], "nb": ["n", "b"], "all": ["inner"]}
    for state, frozen in states.items():
        model = drawn(nested(k, frozen))
        (here / f"nested_{word}_{state}.json").write_text(model.to_json())
        model.save_weights(str(here / f"nested_{word}_{state}.weights.h5"))
        os.rename(here / f"nested_{word}_{state}.weights.h5", here / f"new_{word}_{state}.h5")
        if k is tf_keras:
            model.save_weights(str(here / f"nested_{word}_{state}.h5"))
        else:
            with h5py.File(here / f"nested_{word}_{state}.h5", "w") as f:
                keras.src.legacy.saving.legacy_h5_format.save_weights_to_hdf5_group(f, model)
        y = np.asarray(model(x))
        for other in states:
            case(f"{word} weights of {state} into {other}", f"nested_{word}_{other}.json", x, y, f"nested_{word}_{state}.h5")
            case(f"{word} new weights of {state} into {other}", f"nested_{word}_{other}.json", x, y, f"new_{word}_{state}.h5")

# The layers have other names in the file, and nothing says which of them were frozen.
model = drawn(nested(tf_keras, ["a"]))
model.save_weights(str(here / "unnamed.h5"))
with h5py.File(here / "unnamed.h5", "r+") as f:
    g = f["inner"]
    for old, new in [("a", "x"), ("b", "z"), ("c", "y")]: g.move(old, new)
    names = [n.replace("a/k", "x/k").replace("a/b", "x/b").replace("b/k", "z/k").replace("b/b", "z/b").replace("c/", "y/") for n in g.attrs["weight_names"]]
    g.attrs["weight_names"] = [n for n in names]
# The same with the names that Keras gives: their numbers tell the order of the layers.
for state, frozen in [("free", []), ("a", ["a"])]:
    model = drawn(nested(tf_keras, frozen))
    model.save_weights(str(here / f"numbered_{state}.h5"))
    with h5py.File(here / f"numbered_{state}.h5", "r+") as f:
        g = f["inner"]
        for old, new in [("a", "dense_5"), ("b", "dense_9"), ("c", "dense_10"), ("n", "norm")]: g.move(old, new)
        put = {"a": "dense_5", "b": "dense_9", "c": "dense_10", "n": "norm"}
        g.attrs["weight_names"] = [put[n.split("/")[0]] + "/" + n.split("/")[1] for n in g.attrs["weight_names"]]
    if state == "free": case("numbered names", "nested_k2_free.json", x, np.asarray(model(x)), "numbered_free.h5")

def chains(k):
    """A Sequential, a functional chain, a Sequential, two functional ones: of equal shapes."""
    L = k.layers
    def functional(name):
        i = k.Input((3,)); o = L.Dense(3, name=name + "_d")(i)
        return k.Model(i, o, name=name)
    def sequential(name):
        return k.Sequential([k.Input((3,)), L.Dense(3, name=name + "_d")], name=name)
    i = k.Input((3,)); y = i
    for part in [sequential("s"), functional("f"), sequential("t"), functional("g"), functional("h")]:
        y = part(y)
    return k.Model(i, y, name="whole")

for word, k in [("k2", tf_keras), ("k3", keras)]:
    model = drawn(chains(k))
    y = np.asarray(model(x))
    (here / f"chains_{word}.json").write_text(model.to_json())
    for ending in ["keras", "weights.h5", "h5"]:
        path = here / f"chains_{word}.{ending}"
        (model.save_weights if ending == "weights.h5" else model.save)(str(path))
    case(f"{word} chains .keras", f"chains_{word}.keras", x, y)
    case(f"{word} chains .h5", f"chains_{word}.h5", x, y)
    case(f"{word} chains weights", f"chains_{word}.json", x, y, f"chains_{word}.weights.h5")

for word, k in [("k2", tf_keras), ("k3", keras)]:
    L = k.layers
    slopes = L.PReLU(name="slopes")
    model = drawn(k.Sequential([k.Input((3,)), L.Dense(3, activation=slopes), L.Dense(3, activation=slopes),
                                L.Dense(2)], name="shared"))
    y = np.asarray(model(x))
    (here / f"shared_{word}.json").write_text(model.to_json())
    model.save(str(here / f"shared_{word}.keras"))
    model.save(str(here / f"shared_{word}.h5"))
    case(f"{word} shared .keras", f"shared_{word}.keras", x, y)
    case(f"{word} shared .h5", f"shared_{word}.h5", x, y)

model = drawn(keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, name="d"), keras.layers.Dense(2)]))
model.get_layer("d").enable_lora(2)
for v in model.get_layer("d").trainable_variables:
    v.assign(rng.uniform(-1, 1, v.shape))
model.save(str(here / "lora.keras"))
case("LoRA merged", "lora.keras", x, np.asarray(model(x)))

for dtype in ["float16", "bfloat16", "float64"]:
    model = drawn(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]))
    half = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, dtype=dtype)])
    half.set_weights([np.asarray(w) for w in model.get_weights()])
    model.set_weights([np.asarray(tf.cast(w, tf.float32)) for w in half.weights])
    (here / "dense.json").write_text(model.to_json())
    half.save_weights(str(here / f"{dtype}.weights.h5"))
    case(f"weights of {dtype}", "dense.json", x, np.asarray(model(x)), f"{dtype}.weights.h5")

for block in [512, 2048, 8192]:
    with h5py.File(here / f"block_{block}.h5", "w", userblock_size=block) as f:
        keras.src.legacy.saving.legacy_h5_format.save_model_to_hdf5(model, f, include_optimizer=False)
    with open(here / f"block_{block}.h5", "r+b") as f:
        f.write(b"#!/usr/bin/env python\n")
    case(f"user block of {block}", f"block_{block}.h5", x, np.asarray(model(x)))

k = tf_keras
model = drawn(k.Sequential([k.layers.InputLayer((3,), name="in/put"), k.layers.Dense(2, name="in"),
                            k.layers.Dense(2, name="in/two")]))
for ending in ["h5", "keras"]:
    model.save(str(here / f"slash.{ending}"))
    case(f"slash .{ending}", f"slash.{ending}", x, np.asarray(model(x)))

model = k.Sequential([k.Input((3,)), k.layers.Dense(2, name="d")])
model.compile("adam", "mse"); model.fit(x, np.ones((2, 2)), verbose=0)
model.save(str(here / "training.h5"))
y = np.asarray(model(x))
def damaged(name, damage):
    shutil.copy(here / "training.h5", here / f"training_{name}.h5")
    with h5py.File(here / f"training_{name}.h5", "r+") as f:
        damage(f)
    case(f"training {name}", f"training_{name}.h5", x, y)
def cut(f): f.attrs["training_config"] = f.attrs["training_config"][:60]
def missing(f): del f["optimizer_weights/Adam/m/d/kernel:0"]
def negative(f):
    del f["optimizer_weights/iteration:0"]; f["optimizer_weights/iteration:0"] = np.int64(-1)
def foreign(f): f.attrs["training_config"] = f.attrs["training_config"].replace("Adam", "Sofia")
def numbers(f): f.attrs["training_config"] = 7.0
for damage in [cut, missing, negative, foreign, numbers]:
    damaged(damage.__name__, damage)
# Answers of Keras 1 and of Keras 2's CuDNNLSTM, which do not run any more, in float64. The files are
# given: README.md says whence they are.
def sigmoid(x): return 1 / (1 + np.exp(-x))
def correlate(x, w):
    """x (channels, rows, columns), w (filters, channels, rows, columns), zeros around."""
    n, _, h, k = w.shape; pad = ((0, 0), (h // 2, h // 2), (k // 2, k // 2)) if correlate.same else ((0, 0),) * 3
    x = np.pad(x, pad); windows = np.lib.stride_tricks.sliding_window_view(x, (h, k), axis=(1, 2))
    return np.einsum("crsij,fcij->frs", windows, w)

with h5py.File(here / "cudnn_gpu.h5") as f:
    kernel, recurrent, bias = (np.float64(f["cu_dnnlstm/cu_dnnlstm"][n][()]) for n in ["kernel:0", "recurrent_kernel:0", "bias:0"])
    units, inputs = recurrent.shape[0], kernel.shape[0]
    # CuDNN multiplies by matrices of (units, inputs), of which the file has the numbers in a row.
    W = [k.reshape(-1).reshape(units, inputs) for k in np.hsplit(kernel, 4)]
    R = [k.reshape(-1).reshape(units, units) for k in np.hsplit(recurrent, 4)]
    b = np.split(bias, 8)
    xs = rng.uniform(-1, 1, (2, 7, inputs)).astype("float32"); ys = []
    for sample in np.float64(xs):
        h = c = np.zeros(units)
        for step in sample:
            i, f_, g, o = (W[n] @ step + R[n] @ h + b[n] + b[n + 4] for n in range(4))
            c = sigmoid(f_) * c + sigmoid(i) * np.tanh(g); h = sigmoid(o) * np.tanh(c)
        ys.append(h @ np.float64(f["dense/dense/kernel:0"][()]) + np.float64(f["dense/dense/bias:0"][()]))
    case("CuDNNLSTM", "cudnn_cpu.json", xs, np.array(ys), "cudnn_gpu.h5")

with h5py.File(here / "keras1_th.h5") as f:
    w = f["model_weights"]; at = lambda l, p: np.float64(w[f"{l}/{l}_{p}:0"][()])
    xs = rng.uniform(-1, 1, (2, 3, 5, 5)).astype("float32"); correlate.same = False
    ys = [np.maximum(correlate(np.float64(s), at("convolution2d_1", "W")) + at("convolution2d_1", "b")[:, None, None], 0).ravel()
          @ at("dense_1", "W") + at("dense_1", "b") for s in xs]
    case("Keras 1, channels first", "keras1_th.h5", xs, np.array(ys))

# As Keras 1 wrote with Theano, whose names do not end in :0: no attribute names version or backend.
config = [{"class_name": "Convolution2D", "config": {"name": "c", "nb_filter": 2, "nb_row": 3, "nb_col": 3, "dim_ordering": order,
           "border_mode": "same", "subsample": [1, 1], "activation": "relu", "batch_input_shape": shape}} for order, shape in
          [("th", [None, 2, 4, 5]), ("tf", [None, 4, 5, 2])]]
rest = [{"class_name": "Flatten", "config": {"name": "f"}}, {"class_name": "Dense", "config": {"name": "d", "output_dim": 3, "activation": "linear"}}]
w, b = rng.uniform(-1, 1, (2, 2, 3, 3)), rng.uniform(-1, 1, 2)
dw, db = rng.uniform(-1, 1, (40, 3)), rng.uniform(-1, 1, 3)
xs = rng.uniform(0, 1, (2, 2, 4, 5)).astype("float32"); correlate.same = True
maps = [np.maximum(correlate(np.float64(s), w[:, :, ::-1, ::-1]) + b[:, None, None], 0) for s in xs]
for layer in config:
    order = layer["config"]["dim_ordering"]
    last = (lambda m: m) if order == "th" else (lambda m: np.moveaxis(m, 0, -1))
    (here / f"theano_{order}.json").write_text(json.dumps({"class_name": "Sequential", "config": [layer, *rest]}))
    with h5py.File(here / f"theano_{order}.h5", "w") as f:
        f.attrs["layer_names"] = np.array([b"c", b"f", b"d"])
        for name, weights in [("c", [w if order == "th" else w.transpose(2, 3, 1, 0), b]), ("f", []), ("d", [dw, db])]:
            g = f.create_group(name)
            g.attrs["weight_names"] = np.array([f"{name}_{n}".encode() for n in "Wb"][:len(weights)])
            for n, values in zip("Wb", weights): g[f"{name}_{n}"] = values.astype("float32")
    ys = np.array([last(m).ravel() @ dw + db for m in maps])
    case(f"Keras 1 with Theano, {order}", f"theano_{order}.json", np.array([last(s) for s in xs]), ys, f"theano_{order}.h5")
lora = np.random.default_rng(8)
model = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Conv2D(2, 3, name="c"), keras.layers.Flatten(),
                          keras.Sequential([keras.layers.Dense(4, name="d"), keras.layers.Dense(2)], name="n")])
model.get_layer("c").enable_lora(2, lora_alpha=3)
model.get_layer("n").get_layer("d").enable_lora(1)
for v in model.variables:
    v.assign(lora.uniform(-1, 1, v.shape))
x = lora.uniform(-1, 1, (2, 4, 4, 3)).astype("float32")
model.save(str(here / "lora.h5"))
case("LoRA beside its kernels", "lora.h5", x, np.asarray(model(x)))

(here / "expected.json").write_text(json.dumps(cases))
