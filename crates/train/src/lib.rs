//! Optimizers, losses, metrics, callbacks, compile and fit.
//!
//! ```
//! use ceratops_core::Tensor;
//! use ceratops_layers::{Dense, Input, sequential};
//! use ceratops_train::{Compile, FitOptions};
//!
//! let x = Tensor::from([[-1.0], [0.0], [1.0], [2.0], [3.0], [4.0]]);
//! let y = Tensor::from([-3.0, -1.0, 1.0, 3.0, 5.0, 7.0]); // y = 2x - 1
//! let model = sequential![Input::new([1]), Dense::new(1)]?;
//! let mut model = model.compile("sgd", "mean_squared_error", ())?;
//! let history = model.fit(&x, &y, FitOptions::new().epochs(20))?;
//! assert!(history["loss"][19] < history["loss"][0]);
//! # Ok::<(), ceratops_core::Error>(())
//! ```
//!
//! A model must be compiled before it can be fitted, and the compiler says so:
//!
//! ```compile_fail,E0599
//! # use ceratops_core::Tensor;
//! # use ceratops_train::{Fit, FitOptions};
//! let mut model = ceratops_layers::Sequential::new();
//! model.fit(Tensor::zeros(&[1, 1]), Tensor::zeros(&[1, 1]), FitOptions::new());
//! ```
//!
//! ```text
//! error[E0599]: `Sequential` is not compiled: it has no optimizer, no loss and no metrics
//! note: compile it first: let mut model = model.compile("adam", "mse", ())?;
//! ```

mod compile;
mod compile_config;
mod compiled;
mod config;
mod custom_objects;
mod data;
mod exact;
mod fit;
mod named;
mod spelling;
mod step;
mod tracker;

pub mod callbacks;
pub mod diagnose;
pub mod losses;
pub mod metrics;
pub mod optimizers;
pub mod schedules;

pub use callbacks::{Callback, History, LambdaCallback, TrainParams, Training};
pub use compile::{Compile, Compiled, Fit};
pub use compile_config::{CompileConfig, KerasVersion};
pub use compiled::CompiledModel;
pub use custom_objects::CustomObjects;
pub use data::{Batch, Batches};
pub use diagnose::{
    Advice, AdviceKind, Checkup, Diagnose, Diagnosis, Origin, TerminateOnDivergence,
};
pub use fit::{Backup, FitOptions, Snapshot, ValidationFreq, Verbose};
pub use losses::{IntoLoss, IntoLosses, Loss};
pub use metrics::{IntoMetrics, Metric};
pub use named::{Logs, Named};
pub use optimizers::{IntoOptimizer, Optimizer, OptimizerVariables};
pub use schedules::{LearningRate, LearningRateSchedule};
