//! The progress of `fit`, on the standard error stream, in Keras 3's form.

mod line;

use std::{
    io::{IsTerminal, Write, stderr},
    time::{Duration, Instant},
};

use ceratops_core::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Callback, Training};
use crate::{Logs, Verbose};
use line::{Pace, eta, metrics};

/// How often at most the bar is drawn.
const INTERVAL: Duration = Duration::from_millis(50);

/// How long the bar is.
const WIDTH: usize = 20;

/// What to do about a loss that is NaN, which it stays.
const NO_NUMBER: &str = "The loss is no number any more, and will not become one: look for NaN in the data \
                         (which samples have it, `diagnose` says), or take a smaller learning rate.";

/// Shows a bar while an epoch runs, or a line after it.
#[derive(Debug)]
pub(super) struct Progress {
    /// The bar of the epoch, if bars are wanted.
    bar: Option<ProgressBar>,
    wants_bar: bool,
    /// How many batches an epoch has, as was said or as the last one had.
    steps: Option<usize>,
    steps_done: usize,
    pace: Pace,
    drawn: Instant,
    /// Whether it was said that the loss is no number.
    told: bool,
}

impl Progress {
    /// What `verbose` asks for; nothing where it is silent.
    pub(super) fn new(verbose: Verbose) -> Option<Self> {
        let wants_bar = match verbose {
            Verbose::Silent => return None,
            Verbose::Auto => stderr().is_terminal(),
            Verbose::Bar => true,
            Verbose::Lines => false,
        };
        let (pace, drawn) = (Pace::default(), Instant::now());
        Some(Self { bar: None, wants_bar, steps: None, steps_done: 0, pace, drawn, told: false })
    }
}

impl Callback for Progress {
    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training<'_>) -> Result<()> {
        let params = training.params();
        say(&format!("Epoch {}/{}", epoch + 1, params.epochs));
        self.steps = params.steps.or(self.steps);
        self.bar = self.wants_bar.then(|| bar(self.steps));
        (self.steps_done, self.pace, self.drawn) = (0, Pace::default(), Instant::now());
        Ok(())
    }

    fn on_train_batch_end(
        &mut self,
        batch: usize,
        logs: &Logs,
        _: &mut Training<'_>,
    ) -> Result<()> {
        self.steps_done = batch + 1;
        self.pace.step();
        let Some(bar) = &self.bar else { return Ok(()) };
        if self.drawn.elapsed() >= INTERVAL {
            self.drawn = Instant::now();
            let left = self.steps.map(|steps| steps.saturating_sub(self.steps_done));
            let time = left.map(|left| eta(self.pace.per_step() * left as f64) + " ");
            let time = time.unwrap_or_default();
            bar.set_message(format!("{time}{}{}", self.pace, metrics(logs)));
            bar.set_position(self.steps_done as u64);
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, _: usize, logs: &mut Logs, _: &mut Training<'_>) -> Result<()> {
        self.end_epoch(logs);
        Ok(())
    }

    fn on_train_end(&mut self, logs: &Logs, _: &mut Training<'_>) -> Result<()> {
        // An epoch that was interrupted has no end of its own.
        if self.bar.is_some() {
            self.end_epoch(logs);
        }
        Ok(())
    }
}

impl Progress {
    fn end_epoch(&mut self, logs: &Logs) {
        let done = self.steps_done;
        let steps = *self.steps.get_or_insert(done);
        let time = format!("{:.0}s", self.pace.elapsed());
        let rest = format!("{}{}", self.pace, metrics(logs));
        match self.bar.take() {
            // The bar makes room for a line of its form, which a narrow terminal does not cut.
            Some(bar) => {
                bar.finish_and_clear();
                say(&format!("{done}/{steps} {} {time} {rest}", "━".repeat(WIDTH)));
            }
            None => say(&format!("{done}/{steps} - {time} - {rest}")),
        }
        if !self.told && logs.get("loss").is_some_and(|loss| loss.is_nan()) {
            self.told = true;
            say(NO_NUMBER);
        }
    }
}

fn bar(steps: Option<usize>) -> ProgressBar {
    let template = match steps.map(|steps| steps.to_string().len()) {
        Some(width) => format!("{{pos:>{width}}}/{{len}} {{bar:{WIDTH}.green/white}} {{msg}}"),
        None => "{pos}/Unknown {msg}".into(),
    };
    let length = steps.map(|steps| steps as u64);
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template(&template) {
        Ok(style) => bar.with_style(style.progress_chars("━━")),
        Err(_) => bar,
    }
}

/// Writes a line. That nobody can read it is no reason to end a training.
fn say(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}
