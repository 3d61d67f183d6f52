//! JSON objects, key by key.

use super::escape;
use super::table::Cell;

/// An object under construction, on one line.
pub(super) struct Object {
    text: String,
}

impl Object {
    pub(super) fn new() -> Self {
        Self { text: "{".into() }
    }

    pub(super) fn key(&mut self, key: &str) -> &mut String {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        escape::json(key, &mut self.text);
        self.text.push(':');
        &mut self.text
    }

    pub(super) fn text(&mut self, key: &str, value: &str) -> &mut Self {
        escape::json(value, self.key(key));
        self
    }

    pub(super) fn number(&mut self, key: &str, value: u64) -> &mut Self {
        let value = value.to_string();
        self.key(key).push_str(&value);
        self
    }

    /// A value that is JSON already.
    pub(super) fn raw(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key).push_str(value);
        self
    }

    pub(super) fn cell(&mut self, key: &str, cell: &Cell) -> &mut Self {
        match cell {
            Cell::Nothing => self.raw(key, "null"),
            Cell::Text(text) => self.text(key, text),
            Cell::Number(number) => self.number(key, *number),
            Cell::Truth(truth) => self.raw(key, if *truth { "true" } else { "false" }),
        }
    }

    /// What it is so far, to be gone on with.
    pub(super) fn open(self) -> String {
        self.text
    }

    pub(super) fn end(mut self) -> String {
        self.text.push('}');
        self.text
    }
}
