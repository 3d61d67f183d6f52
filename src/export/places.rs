//! Places as SCIP and LSIF count them: lines and columns from 0.

use std::borrow::Cow;

use crate::model::{LineIndex, Span};

/// A range between two places, half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Range {
    pub(super) start: (u32, u32),
    pub(super) end: (u32, u32),
}

/// The text of a file with its lines.
pub(super) struct Places {
    text: Vec<u8>,
    lines: LineIndex,
}

impl Places {
    pub(super) fn new(text: Vec<u8>) -> Self {
        Self { lines: LineIndex::new(&text), text }
    }

    /// Columns in bytes.
    pub(super) fn in_bytes(&self, span: Span) -> Range {
        let place = |offset| {
            let position = self.lines.position(offset);
            (position.line - 1, position.column)
        };
        Range { start: place(span.start), end: place(span.end) }
    }

    /// Columns in UTF-16 units; each byte that is not UTF-8 counts as the character that is shown for it.
    pub(super) fn in_utf16(&self, span: Span) -> Range {
        let place = |offset: u32| {
            let position = self.lines.position(offset);
            let before = Span::new(offset - position.column, offset).slice(&self.text);
            let column = if before.is_ascii() {
                position.column
            } else {
                String::from_utf8_lossy(before).encode_utf16().count() as u32
            };
            (position.line - 1, column)
        };
        Range { start: place(span.start), end: place(span.end) }
    }

    /// The text of a range, bytes that are not UTF-8 replaced.
    pub(super) fn text(&self, span: Span) -> Cow<'_, str> {
        String::from_utf8_lossy(span.slice(&self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_bytes_and_in_utf_16() {
        let places = Places::new("a\n\u{1d54f}\u{e9}b".into());
        let span = Span::new(8, 9);
        assert_eq!(places.text(span), "b");
        assert_eq!(places.in_bytes(span), Range { start: (1, 6), end: (1, 7) });
        assert_eq!(places.in_utf16(span), Range { start: (1, 3), end: (1, 4) });
    }
}
