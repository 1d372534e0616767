//! Optimizers, losses, metrics, callbacks, compile and fit
