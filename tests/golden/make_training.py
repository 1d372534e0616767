"""Writes training/<case>.json: twenty training steps of real Keras on tiny models.

    python -m venv ~/keras-venv && ~/keras-venv/bin/pip install keras tensorflow-cpu tf-keras
    ~/keras-venv/bin/python tests/golden/make_training.py [case ...]

Without names every case is made anew. Seeds are fixed: a second run on the same machine writes the same bytes.
"""

import json
import sys
import warnings

from golden import HERE, array, arrays, initial_weights, keras, np, number, numbers, normal, refuse_degenerate, tf, write
import cases_activations
import cases_convolutions
import cases_embedding
import cases_attention
import cases_graphs
import cases_keras1
import cases_layers
import cases_local
import cases_losses
import cases_masks
import cases_ops
import cases_preprocessing
import cases_recurrent
import cases_rnn
import cases_shapes
import cases_sound
import cases_updates

STEPS = 20
EAGER = {"run_eagerly": True}
MODULES = [cases_activations, cases_attention, cases_convolutions, cases_embedding, cases_graphs, cases_keras1, cases_layers, cases_local, cases_losses, cases_masks, cases_ops, cases_preprocessing, cases_recurrent, cases_rnn, cases_shapes, cases_sound, cases_updates]


def tf_keras():
    import tf_keras

    return tf_keras


def steps(case):
    return case.get("steps", STEPS)


def batch(case, step, n):
    """The rows of one step: batches in order, beginning again after the last, which may be short."""
    size = case.get("batch_size", 4)
    start = step % -(-n // size) * size
    return slice(start, min(start + size, n))


def build(case):
    """The model with its starting weights and its frozen layers."""
    library = tf_keras() if case.get("dialect") == "keras2" else keras
    library.backend.clear_session()
    if "graph" in case:
        model = case["graph"](library)
    else:
        model = library.Sequential([library.Input(case["input"]), *case["layers"](library.layers)])
    frozen = case.get("frozen", [])
    for layer in model.layers:
        layer.trainable = layer.name not in frozen
    if not case.get("keep_weights"):
        change = case.get("change_weights", lambda weights: weights)
        model.set_weights(change(initial_weights(case["name"], model, case.get("scale", 1.0))))
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()  # Normalization computes with copies of its weights.
    return library, model


def needs_xla(layer):
    """Whether TensorFlow has no kernel on a CPU without XLA: channels first, and a transposed convolution that is dilated."""
    dilated = "Transpose" in type(layer).__name__ and max(layer.dilation_rate) > 1
    first = getattr(layer, "data_format", None) == "channels_first"
    return dilated or first and "LocallyConnected" not in type(layer).__name__


def predict(model, x):
    """What model.predict(x) returns; traced only where it must be."""
    if any(needs_xla(layer) for layer in model.layers):
        model = tf.function(model, jit_compile=True)
    return np.asarray(model(x, training=False))


def data(case, model):
    n = case.get("n", 12)
    x = case["x"] if "x" in case else normal(case["name"] + "/x", (n, *case["input"]), case.get("x_scale", 1.0))
    y = case["y"] if "y" in case else normal(case["name"] + "/y", predict(model, x).shape)
    return x, y


def loss_of(case):
    """The loss for compile, and what the file says of it."""
    loss = case.get("loss", "mse")
    if isinstance(loss, str):
        return loss, {"loss": loss}
    return loss, {"loss": loss.name, "loss_from": keras.losses.serialize(loss)}


def train(case, model, x, y):
    """Twenty steps of train_on_batch; the weights after the first and the last, and every loss."""
    sample_weight = case.get("sample_weight")
    after, losses = {}, []
    for step in range(steps(case)):
        rows = batch(case, step, len(x))
        weight = None if sample_weight is None else sample_weight[rows]
        losses.append(model.train_on_batch(x[rows], y[rows], sample_weight=weight, return_dict=True)["loss"])
        if step + 1 in (1, steps(case)):
            after[str(step + 1)] = model.get_weights()
    return after, losses


def compiled(case, library, model, **mode):
    """Compiles the model; eager mode, because tracing a graph takes longer than twenty steps."""
    loss, described = loss_of(case)
    optimizer = case.get("optimizer", lambda o: o.SGD(0.05))
    metrics = case.get("metrics", ["mae"])
    model.compile(optimizer(library.optimizers), loss, metrics=list(metrics), **(mode or case.get("mode", EAGER)))
    as_keras3 = model.optimizer if library is keras else optimizer(keras.optimizers)
    return {**described, "optimizer": keras.optimizers.serialize(as_keras3), "batch_size": case.get("batch_size", 4),
            "metrics": metrics}


def run(case, **mode):
    library, model = build(case)
    x, y = data(case, model)
    result = {"name": case["name"], "keras_version": library.__version__}
    if "dialect" in case:
        result["dialect"] = case["dialect"]
    result |= {"model": json.loads(model.to_json()), "frozen": case.get("frozen", [])}
    before, outputs = model.get_weights(), predict(model, x)
    settings = compiled(case, library, model, **mode)
    after, losses = train(case, model, x, y)
    trained = predict(model, x)
    weight = case.get("sample_weight")
    scores = model.evaluate(x, y, sample_weight=weight, batch_size=settings["batch_size"], verbose=0, return_dict=True)
    if steps(case):
        refuse_degenerate(case["name"], model.weights, before, model.get_weights(), losses, outputs)
    result |= {"weights": arrays(before), "x": array(x), "y": array(y)}
    if weight is not None:
        result["sample_weight"] = array(weight)
    return result | settings | {
        "steps": steps(case), "after": {step: arrays(w) for step, w in after.items()}, "outputs_before": array(outputs),
        "outputs_after": array(trained), "losses": [number(v) for v in losses], "evaluate": numbers(scores),
    }


def cases():
    found = [case for module in MODULES for case in module.cases()]
    names = [case["name"] for case in found]
    if len(set(names)) != len(names):
        raise ValueError(f"two cases share a name: {sorted(names)}")
    return found


def main(wanted):
    warnings.simplefilter("ignore")
    for case in cases():
        if not wanted or case["name"] in wanted:
            result = run(case)
            write(HERE / "training" / f"{case['name']}.json", result)
            print(case["name"], *result["losses"][:1], "->", *result["losses"][-1:], flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
