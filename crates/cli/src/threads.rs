//! How many threads work.

use ceratops::{Error, Result};
use clap::Args;

use crate::values::count;

/// How many threads work.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Threads {
    /// How many threads work; by default one for each core. The result is the same, bit for bit.
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    threads: Option<usize>,
}

impl Threads {
    /// Starts them, once for the whole program.
    pub(crate) fn start(self) -> Result<()> {
        let Some(threads) = self.threads else { return Ok(()) };
        // More threads than this only wait for each other, and the system may refuse them.
        let threads = threads.min(1024);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
        pool.map_err(|e| Error::argument("--threads", "a number of threads to be had", e))
    }
}
