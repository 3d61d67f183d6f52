//! Source files as they are found on disk, and why some are left out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the operating system says of a file; a hint whether it changed, outside the fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Size in bytes.
    pub size: u64,
    /// Modification time in nanoseconds since 1970.
    pub modified_ns: u64,
}

/// Why a file is not indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// Holds NUL bytes in its first part.
    Binary,
    /// Over the size limit.
    TooLarge,
    /// Could not be read.
    Unreadable,
    /// Vanished during the run.
    Vanished,
    /// Extraction broke down on it: a bug of ours.
    Failed,
}

impl SkipReason {
    /// Every reason with the word used for it.
    pub const WORDS: [(Self, &'static str); 5] = [
        (Self::Binary, "binary"),
        (Self::TooLarge, "too_large"),
        (Self::Unreadable, "unreadable"),
        (Self::Vanished, "vanished"),
        (Self::Failed, "failed"),
    ];

    /// The word shown for this reason.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }

    /// Whether a user should be told that the index is partial.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Unreadable | Self::Failed)
    }
}

/// A file of a known language that was found but not indexed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// Path relative to the root.
    pub path: String,
    /// Why.
    pub reason: SkipReason,
    /// More of it, such as the system's error text.
    pub detail: String,
}
