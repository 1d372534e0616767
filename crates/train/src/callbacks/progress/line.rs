//! The words of a progress line: pace, time left, metrics.

use std::{fmt, time::Instant};

use ceratops_core::printable;

use crate::Logs;

/// How long a step takes. The first one, which warms things up, does not count.
#[derive(Debug)]
pub(super) struct Pace {
    begin: Instant,
    after_first: Instant,
    now: Instant,
    steps: usize,
}

impl Default for Pace {
    fn default() -> Self {
        let now = Instant::now();
        Self { begin: now, after_first: now, now, steps: 0 }
    }
}

impl Pace {
    /// Counts a step.
    pub(super) fn step(&mut self) {
        self.steps += 1;
        self.now = Instant::now();
        if self.steps == 1 {
            self.after_first = self.now;
        }
    }

    /// The seconds since the beginning.
    pub(super) fn elapsed(&self) -> f64 {
        self.begin.elapsed().as_secs_f64()
    }

    /// The seconds that a step takes.
    pub(super) fn per_step(&self) -> f64 {
        match self.steps {
            0 => 0.0,
            1 => (self.now - self.begin).as_secs_f64(),
            n => (self.now - self.after_first).as_secs_f64() / (n - 1) as f64,
        }
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&per_step(self.per_step()))
    }
}

/// `3s/step`, `17ms/step`, `250us/step`.
fn per_step(seconds: f64) -> String {
    if seconds >= 1.0 || seconds == 0.0 {
        format!("{seconds:.0}s/step")
    } else if seconds >= 1e-3 {
        format!("{:.0}ms/step", seconds * 1e3)
    } else {
        format!("{:.0}us/step", seconds * 1e6)
    }
}

/// `42s`, `3:05`, `1:00:09`.
pub(super) fn eta(seconds: f64) -> String {
    let s = seconds as u64;
    match s {
        3601.. => format!("{}:{:02}:{:02}", s / 3600, s % 3600 / 60, s % 60),
        61.. => format!("{}:{:02}", s / 60, s % 60),
        _ => format!("{s}s"),
    }
}

/// ` - accuracy: 0.9123 - loss: 1.2500e-04`.
pub(super) fn metrics(logs: &Logs) -> String {
    // A metric is named by whoever made the model.
    format!(" - {}", printable(&logs.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_keras() {
        for (seconds, text) in
            [(0.0, "0s/step"), (2.4, "2s/step"), (0.0174, "17ms/step"), (0.00025, "250us/step")]
        {
            assert_eq!(per_step(seconds), text);
        }
        for (seconds, text) in
            [(0.9, "0s"), (60.0, "60s"), (185.0, "3:05"), (3600.0, "60:00"), (3609.0, "1:00:09")]
        {
            assert_eq!(eta(seconds), text);
        }
        let mut logs = Logs::default();
        logs.insert("accuracy", 0.5);
        logs.insert("loss", 0.25);
        assert_eq!(metrics(&logs), " - accuracy: 0.5000 - loss: 0.2500");
    }
}
