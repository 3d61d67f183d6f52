//! Strings of one file's facts, each kept once and named by a small integer.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// A string of [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NameId(pub u32);

/// The distinct strings of one file, in order of first appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    text: String,
    ends: Vec<u32>,
}

impl Names {
    /// The string behind `id`.
    pub fn get(&self, id: NameId) -> &str {
        let index = id.0 as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start as usize..self.ends[index] as usize]
    }

    /// Length in bytes of the string behind `id`; none if there is no such string.
    pub(super) fn length(&self, id: NameId) -> Option<u32> {
        let index = id.0 as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.ends.get(before).copied().unwrap_or(0));
        self.ends.get(index).map(|end| end - start)
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

    /// All strings one after another.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The strings of these lengths that make up `text`; none if they do not.
    pub(super) fn from_parts(text: &str, lengths: &[u32]) -> Option<Self> {
        let mut end = 0u32;
        let mut ends = Vec::with_capacity(lengths.len());
        for &length in lengths {
            end = end.checked_add(length)?;
            if !text.is_char_boundary(end as usize) {
                return None;
            }
            ends.push(end);
        }
        (end as usize == text.len()).then(|| Self { text: text.to_owned(), ends })
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
