"""Small models that their own Keras opens though they surprise readers, with what it answers.
usage: make.py FOLDER   (Keras 3.15, tf_keras 2.21; writes the models and expected.json)
"""
import json, os, sys, pathlib
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"
import h5py, keras, numpy as np, tf_keras

out = pathlib.Path(sys.argv[1])
expected = {}
draw = np.random.default_rng(7)

def weigh(model):
    """Weights that differ from their first values, variances positive."""
    values = [draw.normal(size=w.shape).astype("float32") * 0.5 for w in model.get_weights()]
    names = [w.name for w in model.weights]
    model.set_weights([abs(v) + 0.5 if "variance" in n or "stddev" in n else v for v, n in zip(values, names)])

def keep(name, model, x, y=None, change=None):
    path = str(out / name)
    model.save(path)
    if change:
        with h5py.File(path, "r+") as f:
            f.attrs["model_config"] = change(f.attrs["model_config"])
    y = model.predict(x, verbose=0) if y is None else y
    expected[name] = {"x": np.asarray(x).tolist(), "y": np.asarray(y, "float32").tolist()}

x4 = draw.normal(size=(5, 4)).astype("float32")
# Keras 2: the recorded mode of a call stays, in fit and in predict.
L = tf_keras.layers
for mode in (False, True):
    i = tf_keras.Input((4,), name="i")
    base = tf_keras.Sequential([tf_keras.Input((4,)), L.Dense(3, name="d"), L.BatchNormalization(momentum=0.5, name="bn")], name="base")
    m = tf_keras.Model(i, L.Dense(2, name="head")(base(i, training=mode)), name="m")
    weigh(m)
    name = f"mode_{str(mode).lower()}.h5"
    # In training mode `predict` moves the moving statistics, too.
    first = m.get_weights()
    keep(name, m, x4)
    m.set_weights(first)
    y = draw.normal(size=(5, 2)).astype("float32")
    m.compile(tf_keras.optimizers.SGD(0.1), "mse")
    m.fit(x4, y, batch_size=5, epochs=3, shuffle=False, verbose=0)
    expected[name].update(labels=y.tolist(), trained=[w.tolist() for w in m.get_weights()])
# Keras 3 names modes too, and does not heed them.
i = keras.Input((4,), name="i")
h = keras.layers.BatchNormalization(name="bn")(i, training=True)
h = keras.layers.Dropout(0.5, name="drop")(h)
m = keras.Model({"a": i}, {"b": keras.layers.Dense(2, name="head")(h)}, name="m")
weigh(m)
keep("mode_keras3.keras", m, x4, m.predict({"a": x4}, verbose=0)["b"])
# Several axes of channels, apart and side by side; renormalization.
x = draw.normal(size=(2, 3, 2, 4)).astype("float32")
for axis in ((1, 3), (1, 2), (3, 2)):
    m = tf_keras.Sequential([tf_keras.Input((3, 2, 4)), L.BatchNormalization(axis=axis, momentum=0.5, name="bn"), L.Flatten(), L.Dense(2, name="d")])
    weigh(m)
    name = f"axes_{axis[0]}_{axis[1]}.h5"
    keep(name, m, x)
    y = draw.normal(size=(2, 2)).astype("float32")
    m.compile(tf_keras.optimizers.SGD(0.1), "mse")
    m.fit(x, y, batch_size=2, epochs=2, shuffle=False, verbose=0)
    expected[name].update(labels=y.tolist(), trained=[w.tolist() for w in m.get_weights()])
m = tf_keras.Sequential([tf_keras.Input((4,)), L.BatchNormalization(renorm=True, renorm_clipping={"rmax": 2.0}, name="bn")])
weigh(m)
keep("renorm.h5", m, x4)
m = keras.Sequential([keras.Input((4,)), keras.layers.BatchNormalization(renorm=True, name="bn")])
weigh(m)
keep("renorm.keras", m, x4)
# Numbers that JSON has no words for.
m = keras.Sequential([keras.Input((4,)), keras.layers.ReLU(max_value=float("inf"), negative_slope=0.1), keras.layers.Dense(2, kernel_constraint=keras.constraints.MaxNorm(float("inf")))])
weigh(m)
m.compile(keras.optimizers.Adam(clipvalue=float("inf")), "mse")
keep("infinity.keras", m, x4)
# Policies: weights of f16 and f64, and bfloat16.
for policy in ("float16", "float64", "mixed_float16", "mixed_bfloat16", "bfloat16"):
    keras.config.set_dtype_policy(policy)
    m = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="relu"), keras.layers.Dense(2)])
    weigh(m)
    keep(f"{policy}.keras", m, x4, np.asarray(m(x4)).astype("float32"))
keras.config.set_dtype_policy("float32")
for policy in ("float16", "float64", "mixed_float16"):
    tf_keras.mixed_precision.set_global_policy(policy)
    m = tf_keras.Sequential([tf_keras.Input((4,)), L.Dense(3, activation="relu"), L.Dense(2)])
    weigh(m)
    keep(f"{policy}_k2.h5", m, x4, np.asarray(m(x4)).astype("float32"))
tf_keras.mixed_precision.set_global_policy("float32")
# Classes of one's own that only first values and training need.
@tf_keras.utils.register_keras_serializable("mine")
class Drawn(tf_keras.initializers.Initializer):
    def __call__(self, shape, dtype=None, **_): return tf_keras.backend.ones(shape)
    def get_config(self): return {}
@tf_keras.utils.register_keras_serializable("mine")
class Small(tf_keras.regularizers.Regularizer):
    def __call__(self, w): return 0.1 * tf_keras.backend.sum(w ** 4)
    def get_config(self): return {}
for key, value in (("initializer", Drawn()), ("regularizer", Small())):
    m = tf_keras.Sequential([tf_keras.Input((4,)), L.Dense(2, name="d", **{f"kernel_{key}": value})])
    weigh(m)
    keep(f"own_{key}.h5", m, x4)
# A batch size, and sizes with a point.
m = tf_keras.Sequential([tf_keras.Input((4,), batch_size=2), L.Dense(2)])
weigh(m)
keep("batch.h5", m, x4)
m = tf_keras.Sequential([tf_keras.Input((6, 6, 1)), L.Conv2D(2, 3, name="c"), L.MaxPooling2D(2), L.Flatten(), L.Dense(2, name="d")])
weigh(m)
point = lambda text: text.replace('"units": 2', '"units": 2.0').replace('"filters": 2', '"filters": 2.0').replace("[3, 3]", "[3.0, 3.0]").replace("[2, 2]", "[2.0, 2.0]").replace("[1, 1]", "[1.0, 1.0]").replace("[null, 6, 6, 1]", "[null, 6.0, 6.0, 1.0]")
keep("point.h5", m, draw.normal(size=(2, 6, 6, 1)).astype("float32"), change=point)
(out / "expected.json").write_text(json.dumps(expected))
