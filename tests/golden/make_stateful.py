"""Writes stateful/<case>.json: what layers of real Keras make of batches that go on where the one before ended.

    python -m venv ~/keras-venv && ~/keras-venv/bin/pip install keras tensorflow-cpu tf-keras
    ~/keras-venv/bin/python tests/golden/make_stateful.py [case ...]

Without names every case is made anew. Seeds are fixed: a second run on the same machine writes the same bytes.
"""

import json
import sys
import warnings

from golden import HERE, array, arrays, initial_weights, keras, normal, np, numbers, refuse_degenerate, tf, write

BATCH, BATCHES = 4, 3


def case(name, layers, size=(5, 3), **more):
    """A learning layer before the stateful ones, so that their gradient for x counts too, and one behind."""
    return dict(name=name, size=size, layers=lambda l: [l.Dense(3, "tanh"), *layers(l), l.Dense(2)], **more)


def both():
    """Cases that Keras 2 and Keras 3 are both asked for."""
    yield case("simple_rnn", lambda l: [l.SimpleRNN(4, stateful=True)])
    yield case("gru", lambda l: [l.GRU(4, stateful=True)])
    yield case("gru_reset_before", lambda l: [l.GRU(3, reset_after=False, stateful=True, return_sequences=True)])
    yield case("lstm", lambda l: [l.LSTM(4, stateful=True)])
    yield case("lstm_backwards", lambda l: [l.LSTM(4, stateful=True, go_backwards=True, return_sequences=True)])
    yield case("lstm_twice", lambda l: [l.LSTM(4, stateful=True, return_sequences=True), l.LSTM(3, stateful=True)])
    yield case("lstm_beside", lambda l: [l.LSTM(4, stateful=True, return_sequences=True), l.LSTM(3)])
    yield case("lstm_one_sample", lambda l: [l.LSTM(4, stateful=True)], batch=1)
    yield case("bidirectional", lambda l: [l.Bidirectional(l.LSTM(3, stateful=True, return_sequences=True))])
    yield case("bidirectional_sum", lambda l: [l.Bidirectional(l.GRU(3, stateful=True), merge_mode="sum")])
    yield case("rnn_cell", lambda l: [l.RNN(l.LSTMCell(3), stateful=True)])
    yield case("conv_lstm_1d", lambda l: [l.ConvLSTM1D(2, 2, stateful=True)], size=(3, 5, 2))
    yield case("conv_lstm_2d", lambda l: [l.ConvLSTM2D(2, 2, stateful=True, return_sequences=True)], size=(3, 4, 5, 1))
    yield case("conv_lstm_3d", lambda l: [l.ConvLSTM3D(2, 2, stateful=True), l.Flatten()], size=(2, 3, 3, 3, 1))


def cases():
    yield from both()
    for found in both():
        yield found | dict(name="keras2_" + found["name"], dialect="keras2")
    yield case("rnn_stacked", lambda l: [l.RNN([l.LSTMCell(3), l.GRUCell(2), l.SimpleRNNCell(4)], stateful=True)])
    yield case("time_distributed", lambda l: [l.TimeDistributed(l.GRU(3, stateful=True))], size=(2, 4, 3))
    masking = lambda l: l.Masking(mask_value=0.0)  # noqa: E731
    for name, options in {"last": {}, "sequences": {"return_sequences": True},
                          "zero": {"return_sequences": True, "zero_output_for_mask": True},
                          "backwards": {"go_backwards": True}}.items():  # fmt: skip
        layers = lambda l, options=options: [masking(l), l.LSTM(3, stateful=True, **options), l.Dense(2)]  # noqa: E731
        yield dict(name=f"masked_{name}", size=(5, 3), layers=layers, masked=True)
    layers = lambda l: [masking(l), l.Bidirectional(l.GRU(3, stateful=True)), l.Dense(2)]  # noqa: E731
    yield dict(name="masked_bidirectional", size=(5, 3), layers=layers, masked=True)


def build(case):
    library = keras
    if case.get("dialect") == "keras2":
        import tf_keras as library
    library.backend.clear_session()
    batch = case.get("batch", BATCH)
    model = library.Sequential([library.Input(batch_shape=(batch, *case["size"])), *case["layers"](library.layers)])
    model.set_weights(initial_weights(case["name"], model, 1.5))
    return library, model


def reset(model):
    """Keras 3 has no such function of a model, and fails at the states of stacked cells."""
    if hasattr(model, "reset_states"):
        return model.reset_states()
    for layer in model.layers:
        for walker in (layer, *(getattr(layer, key, None) for key in ("layer", "forward_layer", "backward_layer"))):
            for state in tf.nest.flatten(getattr(walker, "states", None) or []):
                state.assign(np.zeros(state.shape))


def run(case):
    library, model = build(case)
    name, batch = case["name"], case.get("batch", BATCH)
    x = normal(name + "/x", (batch * BATCHES, *case["size"]), 2.0)
    if case.get("masked"):
        # Steps at the beginning, in the middle and at the end, and one sample's all.
        x[0, :2] = x[1, 2] = x[5, 3:] = x[6] = x[9, 0] = 0
    before = model.get_weights()
    result = {"name": name, "keras_version": library.__version__} | ({"dialect": "keras2"} if library is not keras else {})
    result |= {"model": json.loads(model.to_json()), "batch_size": batch, "weights": arrays(before), "x": array(x)}
    model.compile(library.optimizers.SGD(0.05), "mse", run_eagerly=True)
    predict = lambda: model.predict(x, batch_size=batch, verbose=0)  # noqa: E731
    first = predict()
    second = predict()
    reset(model)
    if not np.array_equal(first, predict()) or np.abs(first - second).max() < 1e-3:
        raise ValueError(f"{name}: no state, or one that cannot be reset")
    reset(model)
    y = normal(name + "/y", first.shape)
    history = model.fit(x, y, batch_size=batch, epochs=2, shuffle=False, verbose=0)
    after = model.get_weights()
    refuse_degenerate(name, model.weights, before, after, history.history["loss"], first)
    # Neither evaluate nor predict begins anew.
    scores = model.evaluate(x, y, batch_size=batch, verbose=0, return_dict=True)
    third = predict()
    return result | {
        "y": array(y), "predictions": arrays([first, second]), "optimizer": keras.optimizers.serialize(keras.optimizers.SGD(0.05)),
        "history": numbers(history.history), "after": arrays(after), "evaluate": numbers(scores), "predictions_after": array(third),
    }


def main(wanted):
    warnings.simplefilter("ignore")
    for case in cases():
        if not wanted or case["name"] in wanted:
            result = run(case)
            write(HERE / "stateful" / f"{case['name']}.json", result)
            print(case["name"], result["history"], flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
