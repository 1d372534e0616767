//! What governs a weight: initializers, regularizers and constraints, as in Keras
