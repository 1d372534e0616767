"""Writes masks/<case>.json: one pass through models with masks, there and back, by real Keras.

    ~/keras-venv/bin/python tests/golden/make_masks.py [case ...]

Without names every case is made anew. Seeds are fixed: a second run on the same machine writes the same bytes.
"""

import json
import sys
import warnings

import cases_attention
import cases_masks
from golden import HERE, array, arrays, normal, np, tf, write, learns
from make_training import build


def there_and_back(case, model):
    """Outputs in both modes, the gradients of Σ y · r, and all weights after that pass."""
    x = case["x"]
    answers = np.asarray(model(x, training=False))
    r = normal(case["name"] + "/r", answers.shape)
    with tf.GradientTape() as tape:
        y = model(x, training=True)
        loss = tf.reduce_sum(y * r)
    gradients = [np.asarray(gradient) for gradient in tape.gradient(loss, model.trainable_weights)]
    return answers, r, np.asarray(y), gradients


def refuse_degenerate(case, model, answers, gradients):
    """Fails on a case that could pass with wrong code: equal answers, no gradient, no steps that are left out."""
    if np.ptp(answers) < 1e-3 or not np.isfinite(answers).all():
        raise ValueError(f"{case['name']}: outputs {answers}")
    learning = zip(model.trainable_weights, gradients)
    if any(learns(weight) and not np.abs(gradient).max() > 1e-4 for weight, gradient in learning):
        raise ValueError(f"{case['name']}: a weight has no gradient")
    shifted = case["x"] + 0.01 * np.isin(case["x"], [0.0, 0.5]).astype("float32")
    if np.abs(np.asarray(model(shifted, training=False)) - answers).max() < 1e-3 and "ending" not in case["name"]:
        raise ValueError(f"{case['name']}: nothing is masked")


def run(case):
    library, model = build(case)
    result = {"name": case["name"], "keras_version": library.__version__}
    if "dialect" in case:
        result["dialect"] = case["dialect"]
    result |= {"model": json.loads(model.to_json()), "frozen": case.get("frozen", []), "weights": arrays(model.get_weights())}
    answers, r, trained, gradients = there_and_back(case, model)
    after = model.get_weights()
    refuse_degenerate(case, model, answers, gradients)
    return result | {
        "x": array(case["x"]), "r": array(r), "outputs": array(answers), "outputs_in_training": array(trained),
        "gradients": arrays(gradients), "after": arrays(after),
    }


def main(wanted):
    warnings.simplefilter("ignore")
    for case in [*cases_masks.cases(), *cases_attention.mask_cases()]:
        if not wanted or case["name"] in wanted:
            write(HERE / "masks" / f"{case['name']}.json", run(case))
            print(case["name"], flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
