//! Exit codes. They are a promise to scripts.

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Exit {
    /// Found, or done.
    Done = 0,
    /// Nothing found.
    Nothing = 1,
    /// Wrong usage.
    Usage = 2,
    /// No database, or one that cannot be used.
    Database = 3,
    /// The name can mean several definitions.
    Ambiguous = 4,
    /// Done, but some files failed.
    Partial = 5,
    /// A bug of ours.
    Bug = 70,
    /// Stopped from outside.
    Interrupted = 130,
}
