//! Reading files and their stamps.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::model::{SkipReason, Stamp};

use super::{Found, paths};

/// A NUL byte this early makes a file binary.
const BINARY_PREFIX_BYTES: usize = 8 * 1024;

/// The bytes of a file that was found, or why it is to be skipped.
pub fn read(found: &Found) -> Result<Vec<u8>, (SkipReason, String)> {
    let bytes = std::fs::read(&found.absolute).map_err(|error| failure(&error))?;
    let prefix = &bytes[..bytes.len().min(BINARY_PREFIX_BYTES)];
    match memchr::memchr(0, prefix) {
        Some(offset) => Err((SkipReason::Binary, format!("NUL at byte {offset}"))),
        None => Ok(bytes),
    }
}

/// The same, unless there are more bytes than so many.
pub fn read_up_to(found: &Found, bytes_max: u64) -> Result<Vec<u8>, (SkipReason, String)> {
    let size = stamp_of(&found.absolute)?.size;
    match size <= bytes_max {
        true => read(found),
        false => Err((SkipReason::TooLarge, format!("{size} bytes, limit {bytes_max}"))),
    }
}

/// The present stamp of the file that is shown as `path` under `root`; none if it cannot be had.
pub fn stamp(root: &Path, path: &str) -> Option<Stamp> {
    stamp_of(&paths::real_path(root, path)).ok()
}

/// The present bytes of the file that is shown as `path` under `root`; none if they cannot be had.
pub fn content(root: &Path, path: &str) -> Option<Vec<u8>> {
    std::fs::read(paths::real_path(root, path)).ok()
}

pub(super) fn stamp_of(path: &Path) -> Result<Stamp, (SkipReason, String)> {
    let metadata = path.metadata().map_err(|error| failure(&error))?;
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    // A time before 1970 or after 2554 is as good as none: the content hash still tells the truth.
    let modified_ns = modified.and_then(|time| u64::try_from(time.as_nanos()).ok()).unwrap_or(0);
    Ok(Stamp { size: metadata.len(), modified_ns })
}

/// The first bytes of a file; empty if it cannot be read, which the reading proper will report.
pub(super) fn prefix(path: &Path, limit: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|file| file.take(limit as u64).read_to_end(&mut bytes)) {
        Ok(_) => bytes,
        Err(_) => Vec::new(),
    }
}

pub(super) fn failure(error: &std::io::Error) -> (SkipReason, String) {
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => SkipReason::Vanished,
        _ => SkipReason::Unreadable,
    };
    (reason, error.to_string())
}
