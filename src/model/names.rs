//! Strings of one file's facts, each kept once and named by a small integer.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// A string of [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NameId(pub u32);

/// The distinct strings of one file, in order of first appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    text: String,
    lengths: Vec<u32>,
    #[serde(skip)]
    ends: Vec<u32>,
}

impl Names {
    /// The string behind `id`.
    pub fn get(&self, id: NameId) -> &str {
        let index = id.0 as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start as usize..self.ends[index] as usize]
    }

    /// All strings in id order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|index| self.get(NameId(index as u32)))
    }

    /// Number of strings.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no string.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Restores what decoding leaves out; false if the lengths do not fit the text.
    #[must_use]
    pub(crate) fn restore(&mut self) -> bool {
        let mut end = 0u32;
        self.ends.clear();
        for &length in &self.lengths {
            end = end.saturating_add(length);
            if !self.text.is_char_boundary(end as usize) {
                return false;
            }
            self.ends.push(end);
        }
        end as usize == self.text.len()
    }
}

/// Collects [`Names`].
#[derive(Debug, Default)]
pub struct NamesBuilder {
    names: Names,
    ids: FxHashMap<Box<str>, NameId>,
}

impl NamesBuilder {
    /// The id of `text`, new or known.
    pub fn intern(&mut self, text: &str) -> NameId {
        if let Some(&id) = self.ids.get(text) {
            return id;
        }
        let id = NameId(self.names.ends.len() as u32);
        self.names.text.push_str(text);
        self.names.lengths.push(text.len() as u32);
        self.names.ends.push(self.names.text.len() as u32);
        self.ids.insert(text.into(), id);
        id
    }

    /// The string behind `id`.
    pub fn get(&self, id: NameId) -> &str {
        self.names.get(id)
    }

    /// The collected strings.
    pub fn finish(self) -> Names {
        self.names
    }
}
