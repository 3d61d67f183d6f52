//! A queue that takes everything once: for searches through what may lead in circles.

use std::hash::Hash;

use rustc_hash::FxHashSet;

/// Up to this many, going through them is faster than hashing.
const FEW: usize = 16;

/// Items in the order of their arrival, each once.
pub(super) struct Queue<T> {
    items: Vec<T>,
    /// The items, once they are many.
    known: FxHashSet<T>,
    next: usize,
}

impl<T: Copy + Eq + Hash> Queue<T> {
    pub(super) fn new(first: T) -> Self {
        Self { items: vec![first], known: FxHashSet::default(), next: 0 }
    }

    /// Adds an item unless it has been there before.
    pub(super) fn push(&mut self, item: T) {
        if self.items.len() < FEW {
            if !self.items.contains(&item) {
                self.items.push(item);
            }
            return;
        }
        if self.known.is_empty() {
            self.known.extend(&self.items);
        }
        if self.known.insert(item) {
            self.items.push(item);
        }
    }

    /// The next item, and how many came before it.
    pub(super) fn pop(&mut self) -> Option<(usize, T)> {
        let item = *self.items.get(self.next)?;
        self.next += 1;
        Some((self.next - 1, item))
    }
}
