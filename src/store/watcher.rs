//! Who watches a database: an advisory lock of its own, held as long as the watcher runs. It keeps other watchers away
//! and tells readers that there is one; writers are not hindered by it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::place::{Holder, Place, WriterLock};
use super::{Result, StoreError};

/// What the lock file says its holder is doing.
const COMMAND: &str = "watch";
/// Whoever asks for the watcher has its lock for a moment: a lock is only taken as held when it is so each time.
const TRIES: u32 = 5;
const STEP: Duration = Duration::from_millis(20);

/// Held by the one watcher of a database.
#[derive(Debug)]
pub struct WatcherLock {
    lock: WriterLock,
    path: PathBuf,
}

impl WatcherLock {
    /// Becomes the watcher of the database at this path, which need not exist yet; [`StoreError::Watched`] if there is
    /// one.
    pub fn take(database: &Path) -> Result<Self> {
        let place = Place::of(database);
        place.prepare()?;
        let path = place.watch_lock();
        let mut tries = TRIES;
        loop {
            tries -= 1;
            match WriterLock::take(&path, COMMAND) {
                Ok(lock) => return Ok(Self { lock, path }),
                Err(StoreError::Locked { .. }) if tries > 0 => sleep(STEP),
                Err(StoreError::Locked { holder, .. }) => {
                    return Err(StoreError::Watched { path: database.display().to_string(), holder });
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether others still see this lock: not if the database was deleted with everything that belongs to it.
    pub fn is_seen(&self) -> bool {
        self.lock.is_at(&self.path)
    }
}

/// A process that keeps a database fresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Watcher {
    /// Its process id.
    pub process: u32,
    /// When it started, in milliseconds since 1970.
    pub since_ms: u64,
    /// How long ago that was.
    pub running_ms: u64,
}

/// The watcher of the database at this path, if there is one. Writes nothing.
pub fn watcher(database: &Path) -> Option<Watcher> {
    let mut file = File::open(Place::of(database).watch_lock()).ok()?;
    match file.try_lock_shared() {
        Err(std::fs::TryLockError::WouldBlock) => {}
        // Nobody holds it; where locks are not to be had, no watcher could have one.
        Ok(()) | Err(std::fs::TryLockError::Error(_)) => return None,
    }
    let holder = Holder::of(&mut file)?;
    Some(Watcher { process: holder.process, since_ms: 1_000 * holder.started_s, running_ms: 1_000 * holder.age_s() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_watcher_and_everybody_can_tell_who() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        for name in [".magellan", "map.db"] {
            let database = folder.path().join(name);
            assert_eq!(watcher(&database), None);
            let lock = WatcherLock::take(&database).expect("nobody has it");
            assert_eq!(watcher(&database).map(|watcher| watcher.process), Some(std::process::id()));
            let second = WatcherLock::take(&database).map(drop);
            assert!(matches!(second, Err(StoreError::Watched { .. })), "{second:?}");
            drop(super::super::open_writer(&database, "index", None).expect("writers are not hindered"));
            drop(lock);
            assert_eq!(watcher(&database), None);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_that_was_deleted_is_no_longer_seen() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let database = folder.path().join(".magellan");
        let lock = WatcherLock::take(&database).expect("nobody has it");
        assert!(lock.is_seen());
        std::fs::remove_dir_all(&database).expect("it is there");
        assert!(!lock.is_seen());
        let other = WatcherLock::take(&database).expect("nobody is seen to have it");
        assert!(!lock.is_seen() && other.is_seen());
    }
}
