//! Waiting for another writer, up to a limit.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Backend, Result, STOPPED, Store, StoreError, open_writer};

/// How often to look whether the lock is free.
const STEP: Duration = Duration::from_millis(20);

/// How long to wait for another writer, and who hears about it.
pub struct Patience<'a> {
    /// At most this long.
    pub wait: Duration,
    /// Is told once which process is waited for.
    pub told: &'a dyn Fn(&str),
    /// Setting it ends the waiting with [`StoreError::Aborted`].
    pub cancel: &'a AtomicBool,
}

/// Opens a database for writing as [`open_writer`] does, but waits while another process writes.
pub fn open_writer_within(
    path: &Path,
    command: &str,
    wanted: Option<Backend>,
    patience: &Patience<'_>,
) -> Result<Box<dyn Store>> {
    let clock = Instant::now();
    let mut is_told = false;
    loop {
        let locked = match open_writer(path, command, wanted) {
            Err(error @ StoreError::Locked { .. }) if clock.elapsed() < patience.wait => error,
            other => return other,
        };
        if let (StoreError::Locked { holder, .. }, false) = (&locked, is_told) {
            (patience.told)(holder);
            is_told = true;
        }
        if patience.cancel.load(Ordering::Relaxed) {
            return Err(StoreError::Aborted(STOPPED.into()));
        }
        std::thread::sleep(STEP);
    }
}
