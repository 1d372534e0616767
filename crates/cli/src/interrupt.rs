//! Signals. At Ctrl-C the work at hand is brought to an end, and what is done is kept; at the largest
//! file that the system allows, writing fails.

use std::sync::atomic::{AtomicBool, Ordering};

use ceratops::{Error, Result};

/// The exit code of a program that was interrupted, as of shells.
pub(crate) const INTERRUPTED: u8 = 130;

/// Whether somebody pressed Ctrl-C, or asked the program to end.
static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on the first Ctrl-C only sets a flag, which is returned; the second ends the program at
/// once.
pub(crate) fn listen() -> Result<&'static AtomicBool> {
    let handler = || {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED.into());
        }
    };
    ctrlc::set_handler(handler)
        .map_err(|e| Error::Data(format!("Ctrl-C cannot be listened to: {e}")))?;
    Ok(&ASKED)
}

/// From now on a file that may not grow any more is an error of whoever writes it. Left alone, the
/// signal would end the program without a word, and leave half of a file.
pub(crate) fn outlive_full_files() {
    #[cfg(unix)]
    {
        use signal_hook::{consts::SIGXFSZ, flag};
        // Where that fails, all is as it was.
        drop(flag::register(SIGXFSZ, std::sync::Arc::default()));
    }
}
