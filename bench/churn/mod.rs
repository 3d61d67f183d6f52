//! Trees of every language, edits of them at random, and the comparison of a database that followed all edits with a
//! fresh one. Shared by the tests and `examples/churn.rs`.

mod dice;
mod editor;
pub(crate) mod edits;
pub(crate) mod follow;
mod shrink;
pub(crate) mod tree;

pub(crate) use dice::Dice;
pub(crate) use editor::Editor;
pub(crate) use follow::Follower;
pub(crate) use shrink::shrink;
pub(crate) use tree::{Disk, Files, Spare, TREES};
