//! Who watches a training: what ends it early, what is kept and logged while it runs.

use std::path::{Path, PathBuf};

use ceratops::{
    callbacks::{
        CSVLogger, EarlyStopping, Mode, ModelCheckpoint, ReduceLROnPlateau, TensorBoard,
        TerminateOnNaN,
    },
    core::Inputs,
    train::{FitOptions, TerminateOnDivergence},
};
use clap::Args;

use crate::failure::{Failure, Outcome};

/// Keras' callbacks, as options.
#[derive(Debug, Args)]
#[command(next_help_heading = "While it trains")]
pub(super) struct Watch {
    /// End where the monitored value has not got better for so many epochs.
    #[arg(long, value_name = "EPOCHS", allow_negative_numbers = true)]
    early_stopping: Option<usize>,

    /// Put the best weights back at the end.
    #[arg(long, requires = "early_stopping")]
    restore_best: bool,

    /// Make the learning rate ten times smaller where the monitored value has not got better for so
    /// many epochs.
    #[arg(long, value_name = "EPOCHS", allow_negative_numbers = true)]
    reduce_lr: Option<usize>,

    /// Save the model after each epoch; the name may hold {epoch}, {val_loss:.2f} and the like.
    #[arg(long, value_name = "NAME.keras")]
    checkpoint: Option<PathBuf>,

    /// Save it only where the monitored value is better than ever.
    #[arg(long, requires = "checkpoint")]
    save_best_only: bool,

    /// What is monitored: by default val_loss where something is validated on, else loss.
    #[arg(long, value_name = "NAME")]
    monitor: Option<String>,

    /// Which of two monitored values is better: min, max, or auto, as the metric has it.
    #[arg(long, value_name = "MODE", default_value = "auto")]
    mode: Mode,

    /// Write loss and metrics of each epoch to a table.
    #[arg(long, value_name = "LOG.csv")]
    csv_log: Option<PathBuf>,

    /// Write curves, and histograms of the weights, for `tensorboard --logdir FOLDER`.
    #[arg(long, value_name = "FOLDER")]
    tensorboard: Option<PathBuf>,

    /// End where the loss is NaN or infinite, and save the model as it is then.
    #[arg(long)]
    terminate_on_nan: bool,

    /// Fail where the loss is NaN, infinite or explodes, and say where that began.
    #[arg(long)]
    terminate_on_divergence: bool,
}

impl Watch {
    pub(super) fn checkpoint(&self) -> Option<&Path> {
        self.checkpoint.as_deref()
    }

    pub(super) fn csv_log(&self) -> Option<&Path> {
        self.csv_log.as_deref()
    }

    pub(super) fn tensorboard(&self) -> Option<&Path> {
        self.tensorboard.as_deref()
    }

    /// Refuses what can only be known where something is validated on, before the first epoch.
    pub(super) fn check(&self, validates: bool) -> Outcome<()> {
        let monitors = self.early_stopping.is_some()
            || self.reduce_lr.is_some()
            || self.checkpoint.is_some() && self.save_best_only;
        let monitor = self.monitor.as_deref().filter(|name| monitors && name.starts_with("val_"));
        let name = self.checkpoint.as_ref().and_then(|path| path.to_str());
        let named = name.filter(|name| name.contains("{val_"));
        let wanted = [("--monitor", monitor), ("--checkpoint", named)];
        match wanted.into_iter().find_map(|(option, name)| Some((option, name?))) {
            Some((option, name)) if !validates => Err(Failure::Usage(format!(
                "{option} {name}: nothing is validated on; give --validation-split, or --val-x and --val-y"
            ))),
            _ => Ok(()),
        }
    }

    /// The same options with those who watch; of a large file there is no `data` in memory.
    pub(super) fn add_to<'a>(
        &self,
        mut options: FitOptions<'a>,
        validates: bool,
        data: Option<(Inputs, Inputs)>,
    ) -> FitOptions<'a> {
        let default = if validates { "val_loss" } else { "loss" };
        let monitor = self.monitor.as_deref().unwrap_or(default);
        if let Some(patience) = self.reduce_lr {
            options = options.callback(
                ReduceLROnPlateau::new().monitor(monitor).mode(self.mode).patience(patience),
            );
        }
        if let Some(patience) = self.early_stopping {
            let stopping = EarlyStopping::new().monitor(monitor).mode(self.mode).patience(patience);
            options = options.callback(stopping.restore_best_weights(self.restore_best));
        }
        if let Some(path) = &self.checkpoint {
            let checkpoint = ModelCheckpoint::new(path).monitor(monitor).mode(self.mode);
            options = options.callback(checkpoint.save_best_only(self.save_best_only));
        }
        if let Some(path) = &self.csv_log {
            options = options.callback(CSVLogger::new(path));
        }
        if let Some(folder) = &self.tensorboard {
            options = options.callback(TensorBoard::new(folder).histogram_freq(1));
        }
        if self.terminate_on_nan {
            options = options.callback(TerminateOnNaN::new());
        }
        if self.terminate_on_divergence {
            let guard = TerminateOnDivergence::new();
            options = options.callback(match data {
                // A sample is then named by its place in the file.
                Some((x, y)) => guard.data(x, y),
                None => guard,
            });
        }
        options
    }
}
