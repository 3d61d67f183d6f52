//! Lists that may be cut off, and say so.

use schemars::JsonSchema;
use serde::Serialize;

/// The first items of a list and how many there are in all.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct List<T> {
    /// How many there are.
    pub total: usize,
    /// Those shown.
    pub items: Vec<T>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { total: 0, items: Vec::new() }
    }
}

impl<T> List<T> {
    /// The first `limit` of `items`.
    pub fn new(mut items: Vec<T>, limit: usize) -> Self {
        let total = items.len();
        items.truncate(limit);
        Self { total, items }
    }

    /// How many are not shown.
    pub fn hidden(&self) -> usize {
        self.total - self.items.len()
    }

    /// Whether all are shown.
    pub fn is_whole(&self) -> bool {
        self.hidden() == 0
    }
}
