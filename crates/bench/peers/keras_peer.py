"""Keras, on TensorFlow (`keras-tf`) or on JAX (`keras-jax`)."""

import os
import sys

BACKEND = {"keras-tf": "tensorflow", "keras-jax": "jax"}[sys.argv[1]]
os.environ["KERAS_BACKEND"] = BACKEND
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from keras import layers

import measure


def network(work, sample):
    model = keras.Sequential([keras.Input(sample)])
    if work == "mlp":
        model.add(layers.Dense(512, activation="relu"))
        model.add(layers.Dense(512, activation="relu"))
    elif work == "vgg":
        for filters in (64, 128, 256):
            for _ in range(2):
                model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
            model.add(layers.MaxPooling2D(2))
        model.add(layers.Flatten())
        model.add(layers.Dense(256, activation="relu"))
    else:
        cnn(model, work)
    model.add(layers.Dense(10, activation="softmax"))
    return model


def cnn(model, work):
    for i, filters in enumerate((32, 64, 64)):
        model.add(layers.Conv2D(filters, 3))
        if work == "bncnn":
            model.add(layers.BatchNormalization())
        if work == "prelu":
            model.add(layers.PReLU(shared_axes=[1, 2]))
        else:
            model.add(layers.LeakyReLU(negative_slope=0.05))
        if i < 2:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(64, activation="relu"))


class Peer:
    def __init__(self, _, work, x, y):
        self.x, self.y = x, y
        self.model = network(work, x.shape[1:])
        self.model.compile(keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy")

    def epoch(self, size):
        self.model.fit(self.x, self.y, batch_size=size, verbose=0)

    def predict(self):
        self.model.predict(self.x, batch_size=measure.PREDICTED, verbose=0)

    def answers(self):
        """`predict_on_batch`, and a function compiled by the backend without Keras around it."""
        one = self.x[:1]
        compiled = self.compiled()
        return [lambda: self.model.predict_on_batch(one), lambda: np.asarray(compiled(one))]

    def compiled(self):
        if BACKEND == "tensorflow":
            import tensorflow as tf

            signature = [tf.TensorSpec((1, *self.x.shape[1:]), tf.float32)]
            answer = tf.function(lambda x: self.model(x, training=False), input_signature=signature)
            answer = answer.get_concrete_function()
            return lambda x: answer(tf.constant(x))
        import jax

        # Copies, since Keras gives its own arrays away when it calls a compiled function.
        weights = [np.array(v.numpy()) for v in self.model.trainable_variables]
        states = [np.array(v.numpy()) for v in self.model.non_trainable_variables]
        return jax.jit(lambda x: self.model.stateless_call(weights, states, x, training=False)[0])


if BACKEND == "tensorflow":
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(measure.THREADS)
    tensorflow.config.threading.set_inter_op_parallelism_threads(measure.THREADS)
measure.main(Peer)
