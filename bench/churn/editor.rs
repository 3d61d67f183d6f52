//! Edits a tree at random, step by step; the same seed makes the same edits.

use std::sync::Arc;

use magellan::extract::Extractor;
use magellan::lang;
use magellan::model::FileFacts;

use super::Dice;
use super::edits::EDITS;
use super::tree::{Files, Spare};

/// Earlier states that an edit may go back to.
const HISTORY: usize = 24;
/// A tree is put back to its beginning about every so many steps: edits on edits leave little that is linked.
const BACK: u64 = 24;
/// Tries to find an edit that can be made.
const TRIES: u32 = 200;

/// A tree with its history and what may be put into it.
pub(crate) struct Editor {
    pub(super) files: Files,
    pub(super) dice: Dice,
    /// Files that may be put into the tree.
    pub(super) spare: Spare,
    pub(super) history: Vec<Files>,
    pub(super) start: Files,
    /// Files whose time is to be changed.
    pub(super) touched: Vec<String>,
    extractor: Extractor,
}

impl Editor {
    pub(crate) fn new(files: Files, spare: Spare, seed: u64) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        // The first numbers of small seeds are alike.
        for _ in 0..8 {
            dice.roll(2);
        }
        let start = files.clone();
        Self { files, dice, spare, history: Vec::new(), start, touched: Vec::new(), extractor: Extractor::new() }
    }

    /// The tree as it is now.
    pub(crate) fn files(&self) -> &Files {
        &self.files
    }

    /// Files whose time is to be changed since this was asked the last time.
    pub(crate) fn take_touched(&mut self) -> Vec<String> {
        let mut touched = std::mem::take(&mut self.touched);
        touched.retain(|path| self.files.contains_key(path));
        touched
    }

    /// Makes an edit, or several; says which.
    pub(crate) fn step(&mut self) -> String {
        self.history.push(self.files.clone());
        if self.history.len() > HISTORY {
            self.history.remove(0);
        }
        if self.dice.roll(BACK) == 0 || self.has_grown() {
            self.files = self.start.clone();
            return "back to the beginning".into();
        }
        let edits = if self.dice.roll(4) == 0 { 2 + self.dice.roll(5) } else { 1 };
        let told: Vec<String> = (0..edits).map(|_| self.edit()).collect();
        told.join("; ")
    }

    /// Makes one edit.
    pub(crate) fn edit(&mut self) -> String {
        let weights: u64 = EDITS.iter().map(|edit| edit.weight).sum();
        for _ in 0..TRIES {
            let mut roll = self.dice.roll(weights);
            let edit = EDITS.iter().find(|edit| {
                let is_it = roll < edit.weight;
                roll = roll.saturating_sub(edit.weight);
                is_it
            });
            let edit = edit.expect("the roll is below the sum");
            let before = self.files.clone();
            let told = (edit.make)(self);
            if self.is_tree() {
                if let Some(told) = told {
                    return format!("{}: {told}", edit.name);
                }
            } else {
                self.files = before;
            }
        }
        "nothing".into()
    }

    /// Makes an edit of this kind.
    pub(crate) fn edit_of(&mut self, kind: &str) -> String {
        let edit = EDITS.iter().find(|edit| edit.name == kind).expect("a kind of edit");
        let made = (0..TRIES).find_map(|_| (edit.make)(self));
        made.unwrap_or_else(|| "nothing".into())
    }

    /// Whether the files can stand together on a disk, and some of them are source.
    fn is_tree(&self) -> bool {
        let is_folder = |path: &String| {
            let inside = format!("{path}/");
            self.files.range(inside.clone()..).next().is_some_and(|(next, _)| next.starts_with(&inside))
        };
        self.sources().len() > 1 && !self.files.keys().any(is_folder)
    }

    fn has_grown(&self) -> bool {
        let size = |files: &Files| files.values().map(|text| text.len()).sum::<usize>();
        self.files.len() > 2 * self.start.len() + 8 || size(&self.files) > 2 * size(&self.start) + 10_000
    }

    /// Paths of all source files.
    pub(super) fn sources(&self) -> Vec<&String> {
        self.files.keys().filter(|path| language(path).is_some()).collect()
    }

    /// A source file.
    pub(super) fn source(&mut self) -> Option<String> {
        let sources = self.sources().len();
        let index = self.dice.index(sources)?;
        Some(self.sources()[index].clone())
    }

    /// What a source file says.
    pub(super) fn facts(&mut self, path: &str) -> Option<FileFacts> {
        let (language, dialect) = language(path)?;
        Some(self.extractor.extract(language, dialect, self.files.get(path)?).facts)
    }

    /// The content of a file as text; positions are those of bytes as long as it is UTF-8.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        String::from_utf8(self.files.get(path)?.to_vec()).ok()
    }

    /// Gives a file a content; says whether it is a new one.
    pub(super) fn put(&mut self, path: &str, text: impl Into<Vec<u8>>) -> bool {
        let text: Arc<[u8]> = text.into().into();
        self.files.insert(path.to_owned(), Arc::clone(&text)) != Some(text)
    }

    /// A name that stands somewhere in the tree, rarely one that does not.
    pub(super) fn name(&mut self) -> Option<String> {
        if self.dice.roll(12) == 0 {
            return Some(format!("new_{}", self.dice.roll(5)));
        }
        let path = self.source()?;
        let facts = self.facts(&path)?;
        let names = facts.symbols.iter().map(|symbol| symbol.name);
        let names: Vec<_> = names.chain(facts.occurrences.iter().map(|occurrence| occurrence.name)).collect();
        let name = facts.name(*self.dice.pick(&names)?).to_owned();
        is_name(&name).then_some(name)
    }
}

/// Whether a text is a name in all languages.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !text.as_bytes()[0].is_ascii_digit()
}

fn language(path: &str) -> Option<(&'static lang::Language, &'static lang::Dialect)> {
    lang::by_extension(path.rsplit_once('.')?.1)
}
