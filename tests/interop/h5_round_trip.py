"""HDF5 files go from Keras to ceratops and back, whole models and weights alone.

    python tests/interop/h5_round_trip.py

For models of Keras 3 and of tf_keras: ceratops opens what they saved and must answer as they do;
they open what ceratops saved and must answer as before; and the groups, data sets and attributes
in what ceratops saved must be those that Keras 3 itself writes for the model.

KERAS_PYTHON names a Python that has keras, tf_keras, tensorflow and h5py; by default it is the one
that runs this.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
if os.environ.get("KERAS_PYTHON", sys.executable) != sys.executable:
    sys.exit(subprocess.call([os.environ["KERAS_PYTHON"], *sys.argv]))

import h5py
import keras
import numpy as np
import tf_keras

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLOSE = 1e-6


def image_model(K):
    layers = K.layers
    return K.Sequential([
        layers.Input((6, 6, 3)),
        layers.Conv2D(4, 3, padding="same", name="first"),
        layers.PReLU(shared_axes=[1, 2], alpha_initializer=K.initializers.Constant(0.25)),
        layers.BatchNormalization(),
        layers.MaxPooling2D(),
        layers.Conv2D(4, 2, activation="relu"),
        layers.LeakyReLU(),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(3, activation="softmax"),
    ], name="image")


def nested_model(K):
    layers = K.layers
    inner = K.Sequential([layers.Dense(4), layers.BatchNormalization(), layers.Dense(5)], name="inner")
    return K.Sequential([layers.Input((3,)), layers.Dense(4), inner, layers.Dense(2)], name="nested")


def held_activation_model(K):
    layers = K.layers
    return K.Sequential([
        layers.Input((3,)),
        layers.Dense(4, activation=layers.PReLU()),
        layers.Dense(2, activation=layers.LeakyReLU(0.1)),
    ], name="held")


def many_layers_model(K):
    layers = K.layers
    dense = [layers.Dense(2, name=f"a_layer_with_quite_a_long_name_{i:04}_{'x' * 600}") for i in range(120)]
    return K.Sequential([layers.Input((2,)), *dense], name="many")


def preprocessing_model(K):
    layers = K.layers
    data = np.array([[0, 7, 400], [2, 9, 600], [2, 8, 700.5]], "float32")
    model = K.Sequential([
        layers.Input((3,)),
        layers.Rescaling([0.5, 2.0, 1.0], offset=-0.25),
        layers.Normalization(),
        layers.Normalization(axis=1),
        layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[4.0, 1.0, 0.25], invert=True),
        layers.Dense(2),
    ], name="preprocessing")
    model.layers[1].adapt(data)
    model.layers[2].adapt(data)
    return model


def trained(model, K):
    """The model with a step of training, so that nothing is as it was made."""
    x = samples(model)
    # Keras 3.15 cannot read its own legacy files with the loss "mse".
    model.compile(K.optimizers.Adam(0.01), K.losses.MeanSquaredError())
    model.fit(x, np.ones((2,) + tuple(model.output_shape[1:]), "float32"), verbose=0)
    return model


def samples(model):
    shape = (2,) + tuple(model.input_shape[1:])
    return (2 * np.sin(0.37 * np.arange(np.prod(shape)))).astype("float32").reshape(shape)


def answer(model):
    return np.array(model(samples(model), training=False)).ravel()


def ceratops(*args):
    """What ceratops answers for the model it opens."""
    run = ["cargo", "run", "-q", "-p", "ceratops-formats", "--example", "reopen", "--", *map(str, args)]
    done = subprocess.run(run, cwd=ROOT, check=True, capture_output=True, text=True)
    return np.array(json.loads(done.stdout)["output"])


def tree(path, below="/"):
    """Groups, data sets with their bytes, attributes."""
    found = {}

    def plain(value):
        value = value.tolist() if hasattr(value, "tolist") else value
        # Long lists of names are texts of one length in Keras' files; it reads both.
        is_bytes = isinstance(value, list) and value and isinstance(value[0], bytes)
        return [text.decode() for text in value] if is_bytes else value

    def visit(name, thing):
        attributes = {key: plain(value) for key, value in thing.attrs.items()}
        if isinstance(thing, h5py.Dataset):
            value = thing[()]
            found[name] = (thing.shape, str(thing.dtype), value.tobytes(), attributes)
        else:
            found[name] = attributes

    with h5py.File(path) as file:
        visit("", file[below])
        file[below].visititems(visit)
    return found


def same_tree(ours, theirs, what):
    missing, surplus = sorted(theirs.keys() - ours.keys()), sorted(ours.keys() - theirs.keys())
    assert not missing and not surplus, f"{what}: missing {missing[:5]}, surplus {surplus[:5]}"
    for name, value in theirs.items():
        assert ours[name] == value, f"{what}: {name}: {str(ours[name])[:300]} != {str(value)[:300]}"


def close(ours, theirs, what):
    difference = np.abs(ours - theirs).max()
    assert difference <= CLOSE, f"{what}: {difference}"
    print(f"  {what}: {difference:.1e}")


def from_keras3(make, folder):
    model = trained(make(keras), keras)
    theirs, ours, for_keras2 = folder / "theirs.h5", folder / "ours.keras3.h5", folder / "ours.h5"
    their_weights, our_weights = folder / "theirs.weights.h5", folder / "ours.weights.h5"
    model.save(theirs)
    model.save_weights(their_weights)
    expected = answer(model)
    close(ceratops(theirs, ours, for_keras2, our_weights), expected, "opened by ceratops")
    other = folder / "other.h5"
    trained(make(keras), keras).save(other)
    close(ceratops(other, "--weights", their_weights), expected, "weights read by ceratops")
    # Keras 3.15 does not read its own legacy files of layers whose activation has weights.
    if make is not held_activation_model:
        again = keras.models.load_model(ours)
        close(answer(again), expected, "opened by Keras 3 again")
        # Keras may give up on the optimizer; then it must do so for its own file too.
        their_own = keras.models.load_model(theirs).optimizer.variables
        for got, wanted in zip(again.optimizer.variables, their_own, strict=True):
            assert np.array_equal(np.array(got), np.array(wanted)), wanted.path
    fresh = trained(make(keras), keras)
    fresh.load_weights(our_weights)
    close(answer(fresh), expected, "weights loaded by Keras 3")
    same_tree(tree(our_weights), tree(their_weights), "weights.h5")
    if make is held_activation_model:
        return theirs, ours
    legacy = make(tf_keras)
    legacy.load_weights(ours)
    close(answer(legacy), expected, "weights loaded by tf_keras")
    # The compile config is Keras 3's here; ceratops' facade puts it in the words of the file.
    for k in (tf_keras, keras):
        again = k.models.load_model(for_keras2, compile=False)
        close(answer(again), expected, f"in the words of Keras 2, opened by {k.__name__}")
    return theirs, ours


def same_legacy_tree(theirs, ours):
    for group in ["/model_weights", "/optimizer_weights"]:
        same_tree(tree(ours, group), tree(theirs, group), group)


def from_keras2(make, folder):
    model = trained(make(tf_keras), tf_keras)
    expected = answer(model)
    theirs, weights = folder / "k2.h5", folder / "k2w.h5"
    new_weights, ours = folder / "k2.weights.h5", folder / "ours.h5"
    model.save(theirs)
    model.save_weights(weights)
    model.save_weights(new_weights)
    close(ceratops(theirs, ours), expected, "of tf_keras, opened by ceratops")
    # Keras 3 cannot compile what tf_keras says in its own files either; resume.py compiles.
    again = keras.models.load_model(ours, compile=False)
    close(answer(again), expected, "of tf_keras, opened by Keras 3 then")
    other = folder / "other.h5"
    trained(make(tf_keras), tf_keras).save(other)
    for path in [weights, new_weights, theirs]:
        close(ceratops(other, "--weights", path), expected, f"weights of {path.name}")


def main():
    for make in [image_model, nested_model, held_activation_model, many_layers_model, preprocessing_model]:
        print(make.__name__)
        with tempfile.TemporaryDirectory() as folder:
            keras.utils.clear_session()
            theirs, ours = from_keras3(make, pathlib.Path(folder))
            # Names of weights in nested models depend on which of the models was built first.
            if make is not nested_model:
                same_legacy_tree(theirs, ours)
        if make is held_activation_model:
            continue  # tf_keras does not save a layer in an activation's place.
        with tempfile.TemporaryDirectory() as folder:
            from_keras2(make, pathlib.Path(folder))
    print("all files agree")


if __name__ == "__main__":
    main()
