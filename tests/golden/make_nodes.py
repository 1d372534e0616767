"""Writes nodes.json: operations as Keras of TensorFlow 2.0 to 2.3 records them, as nodes of a graph, and what they make.

    ~/keras-venv/bin/python tests/golden/make_nodes.py

tf_keras still records them so where TensorFlow runs as version 1 did.
"""

import json

from golden import HERE, array, normal, write
import tensorflow as tf

tf.compat.v1.disable_eager_execution()
tf.compat.v1.disable_v2_behavior()
import tf_keras as keras  # noqa: E402


def cases(x, z):
    yield "brackets", [x[:, 0], x[..., 1:, None], x[:, ::-1, ::2], x[:, 1:3, -1]]
    yield "arithmetic", [x / 2.0, 1.0 - x, x + z, x * z, x ** 2, tf.maximum(x, 0.1), -x, x // 0.3]
    yield "reductions", [tf.reduce_mean(x, 1), tf.reduce_sum(x, [1, 2], keepdims=True), tf.reduce_max(x, -1),
                         tf.cast(tf.argmax(x, 1), "float32")]
    yield "shapes", [tf.expand_dims(x, 1), tf.squeeze(x[:, :1], 1), tf.transpose(x, [0, 2, 1]), tf.reshape(x, [-1, 12]),
                     tf.tile(x, [1, 2, 1]), tf.pad(x, [[0, 0], [1, 1], [0, 2]]), tf.nn.depth_to_space(tf.expand_dims(x, 1), 2)]
    yield "joins", [tf.concat([x, z], -1), tf.stack([x, z], 1), tf.split(x, 2, 2)[1], tf.split(x, [1, 2], 1)[1],
                    tf.gather(x, [2, 0], axis=1), tf.unstack(x, axis=1)[2]]
    yield "functions", [tf.sigmoid(x), tf.nn.relu(x), tf.exp(x), tf.sqrt(tf.abs(x)), tf.square(x), tf.tanh(x),
                        tf.nn.softmax(x), tf.nn.leaky_relu(x), tf.clip_by_value(x, -0.3, 0.4)]
    yield "choices", [tf.where(x > z, x, z * 2.0), tf.cast(x > 0.0, "float32"), tf.one_hot(tf.argmax(x, 2), 4)]
    yield "products", [tf.matmul(x, z, transpose_b=True), tf.matmul(x, tf.transpose(z, [0, 2, 1]))]


def main():
    x, z = (keras.Input((3, 4), name=name) for name in "xz")
    xs = {name: normal(f"nodes/{name}", (2, 3, 4)) for name in "xz"}
    made = {"x": array(xs["x"]), "z": array(xs["z"])}
    with tf.compat.v1.Session() as session:
        for name, ys in cases(x, z):
            for i, y in enumerate(ys):
                model = keras.Model([x, z], y)
                found = session.run(y, {x: xs["x"], z: xs["z"]})
                made[f"{name}_{i}"] = {"model": json.loads(model.to_json()), "y": array(found.astype("float32"))}
    write(HERE / "nodes.json", made)


if __name__ == "__main__":
    main()
