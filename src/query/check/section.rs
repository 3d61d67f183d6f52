//! Sections of a rules file, read key by key, so that whatever is wrong is told with its line, its key and what is allowed.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::query::search::nearest;
use crate::query::{QueryError, Result};

/// The file.
#[derive(Clone, Copy)]
pub(super) struct Source<'s> {
    pub(super) path: &'s Path,
    pub(super) text: &'s str,
}

impl Source<'_> {
    /// An error at a place of the file.
    pub(super) fn error(&self, at: &Range<usize>, what: &str) -> QueryError {
        QueryError::Rules(format!("{}:{}: {what}", self.path.display(), self.line(at)))
    }

    fn line(&self, at: &Range<usize>) -> usize {
        1 + self.text.bytes().take(at.start).filter(|byte| *byte == b'\n').count()
    }
}

/// One table of it.
pub(super) struct Section<'s> {
    source: Source<'s>,
    /// As it is written, for messages.
    heading: &'static str,
    at: Range<usize>,
    table: &'s DeTable<'s>,
}

impl<'s> Section<'s> {
    /// A table with no other keys than the known ones.
    pub(super) fn of(
        source: Source<'s>,
        heading: &'static str,
        value: &'s Spanned<DeValue<'s>>,
        known: &[&str],
    ) -> Result<Self> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(source.error(&value.span(), &format!("a table {heading} is wanted")));
        };
        if let Some(key) = table.keys().find(|key| !known.contains(&key.get_ref().as_ref())) {
            let what = format!("{heading} has no key {:?}", key.get_ref());
            return Err(source.error(&key.span(), &format!("{what}: {}", allowed(key.get_ref(), known))));
        }
        Ok(Self { source, heading, at: value.span(), table })
    }

    fn get(&self, key: &str) -> Option<&'s Spanned<DeValue<'s>>> {
        self.table.get(key)
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) -> QueryError {
        let found = value.get_ref().type_str();
        self.source.error(&value.span(), &format!("{key} in {} must be {wanted}, not {found}", self.heading))
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let text = value.get_ref().as_str().ok_or_else(|| self.wrong(key, value, "a text"))?;
        Ok(Some(text.to_owned()))
    }

    /// A number from 0 on.
    pub(super) fn number(&self, key: &str) -> Result<Option<u64>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let number = value.get_ref().as_integer();
        let number = number.and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok());
        number.map(Some).ok_or_else(|| self.wrong(key, value, "a whole number from 0 on"))
    }

    /// Yes or no; no if it is not there.
    pub(super) fn flag(&self, key: &str) -> Result<bool> {
        let Some(value) = self.get(key) else { return Ok(false) };
        value.get_ref().as_bool().ok_or_else(|| self.wrong(key, value, "true or false"))
    }

    /// A list of texts; empty if it is not there.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<String>> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let wrong = || self.wrong(key, value, "a list of texts, as in [\"src/**\"]");
        let items = value.get_ref().as_array().ok_or_else(wrong)?;
        items.iter().map(|item| item.get_ref().as_str().map(str::to_owned).ok_or_else(wrong)).collect()
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(&self, key: &str, words: &[(T, &str)]) -> Result<Option<T>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let given = value.get_ref().as_str().ok_or_else(|| self.wrong(key, value, "a text"))?;
        let known: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
        match words.iter().find(|(_, word)| *word == given) {
            Some((meaning, _)) => Ok(Some(*meaning)),
            None => {
                let what = format!("{key} in {} cannot be {given:?}", self.heading);
                Err(self.source.error(&value.span(), &format!("{what}: {}", allowed(given, &known))))
            }
        }
    }

    /// File and line of a key, or of the section if that is not there.
    pub(super) fn place(&self, key: &str) -> String {
        let at = self.get(key).map_or_else(|| self.at.clone(), Spanned::span);
        format!("{}:{}", self.source.path.display(), self.source.line(&at))
    }

    /// What must be there.
    pub(super) fn required<T>(&self, key: &str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| self.error(&format!("{} needs {key}", self.heading)))
    }

    /// An error about the section as a whole.
    pub(super) fn error(&self, what: &str) -> QueryError {
        self.source.error(&self.at, what)
    }
}

/// What is allowed instead of a word, the nearest first.
pub(super) fn allowed(given: &str, known: &[&str]) -> String {
    match nearest(given, known) {
        Some(near) => format!("did you mean {near}? Allowed are {}", known.join(", ")),
        None => format!("allowed are {}", known.join(", ")),
    }
}
