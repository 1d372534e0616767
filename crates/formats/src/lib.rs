//! Reading and writing the model files of Keras
