//! Trees of every language, edits of them at random, and the comparison of a database that followed all edits with a
//! fresh one. Shared by the tests and `examples/churn.rs`.

mod dice;
mod editor;
mod edits;
mod follow;
mod shrink;
mod tree;

pub(crate) use dice::Dice;
pub(crate) use editor::Editor;
pub(crate) use follow::{Follower, Mismatch, fresh_fingerprint};
pub(crate) use shrink::shrink;
pub(crate) use tree::{Disk, Files, TREES, show, states};
