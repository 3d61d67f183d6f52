//! Pieces of a file's text and places in it, as replies show them.

use std::borrow::Cow;

use crate::model::{LineIndex, Position, Span};
use crate::store::SymbolRow;

/// Bytes as text, and whether some that are not UTF-8 were replaced.
pub(super) fn decoded(bytes: &[u8]) -> (String, bool) {
    let text = String::from_utf8_lossy(bytes);
    let lossy = matches!(text, Cow::Owned(_));
    (text.into_owned(), lossy)
}

/// The first line of a piece of source, at most `bytes_max` bytes of it, and whether that is exactly the
/// piece: not cut, and nothing replaced in it.
pub(super) fn first_line(bytes: &[u8], bytes_max: usize) -> (String, bool) {
    let end = memchr::memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
    let (text, lossy) = decoded(&bytes[..end]);
    let mut cut = text.len().min(bytes_max);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    let is_exact = cut == text.len() && end == bytes.len() && !lossy;
    (text[..cut].to_owned(), is_exact)
}

/// 1-based first and last line of a byte range.
pub(super) fn lines(index: &LineIndex, span: Span) -> (u32, u32) {
    (index.position(span.start).line, last_position(index, span).line)
}

/// Where the last byte of a range stands; its start if it is empty.
fn last_position(index: &LineIndex, span: Span) -> Position {
    index.position(span.end.saturating_sub(1).max(span.start))
}

/// Finds the innermost definition around byte ranges that come in source order, outer before inner.
pub(super) struct Around {
    symbols: Vec<SymbolRow>,
    next: usize,
    open: Vec<usize>,
}

impl Around {
    /// Over the definitions of a file.
    pub(super) fn new(mut symbols: Vec<SymbolRow>) -> Self {
        symbols.sort_by_key(|symbol| (symbol.span.start, std::cmp::Reverse(symbol.span.end)));
        Self { symbols, next: 0, open: Vec::new() }
    }

    /// The innermost definition that holds all of `span`, or is it.
    pub(super) fn of(&mut self, span: Span) -> Option<&SymbolRow> {
        while self.symbols.get(self.next).is_some_and(|symbol| symbol.span.start <= span.start) {
            self.open.push(self.next);
            self.next += 1;
        }
        self.open.retain(|&index| self.symbols[index].span.end >= span.start);
        let holds = |index: &&usize| self.symbols[**index].span.end >= span.end;
        self.open.iter().rev().find(holds).map(|&index| &self.symbols[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_is_cut_between_characters_and_says_so() {
        assert_eq!(first_line(b"ab\ncd", 10), ("ab".into(), false));
        assert_eq!(first_line("aé".as_bytes(), 2), ("a".into(), false));
        assert_eq!(first_line("aé".as_bytes(), 3), ("aé".into(), true));
        assert_eq!(first_line(b"\xff", 3), ("\u{fffd}".into(), false));
        assert_eq!(first_line(b"", 3), (String::new(), true));
    }
}
