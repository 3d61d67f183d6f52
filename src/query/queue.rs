//! What is still to be looked at where looking at one leads to others: each has its turn once, in the order it came.

use std::hash::Hash;

use rustc_hash::FxHashSet;

/// All that came, and whose turn it is.
#[derive(Default)]
pub(super) struct Queue<T> {
    all: Vec<T>,
    seen: FxHashSet<T>,
    turn: usize,
}

impl<T: Copy + Eq + Hash> Queue<T> {
    /// These come first.
    pub(super) fn of(first: impl IntoIterator<Item = T>) -> Self {
        let mut queue = Self { all: Vec::new(), seen: FxHashSet::default(), turn: 0 };
        queue.add(first);
        queue
    }

    /// Adds those that have not come before.
    pub(super) fn add(&mut self, more: impl IntoIterator<Item = T>) {
        self.all.extend(more.into_iter().filter(|one| self.seen.insert(*one)));
    }

    /// Whose turn it is.
    pub(super) fn next(&mut self) -> Option<T> {
        let next = self.all.get(self.turn).copied();
        self.turn += usize::from(next.is_some());
        next
    }

    /// All that came.
    pub(super) fn all(self) -> Vec<T> {
        self.all
    }
}
