//! The activation functions of Keras: stateless functions on tensors, each with its derivative
