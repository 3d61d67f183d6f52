//! What the text of a file says of a definition in it besides what it is: to whom, and over how many lines.

use memchr::{memchr_iter, memmem};

use crate::lang::Outside;
use crate::model::{Span, SymbolKind, Visibility};
use crate::query::offered::outside;

use super::Told;
use super::life::Life;
use super::names::Names;

/// Of one definition.
#[derive(Clone, Copy, Default)]
pub(super) struct Remarks {
    pub(super) lines: u32,
    /// Whether a comment or an attribute right before it, or a comment behind it, tells users of it.
    pub(super) is_documented: bool,
    /// Whether a macro is given what could pass on all names of the module that it is a public part of.
    pub(super) is_passed_on: bool,
}

impl Remarks {
    /// Of a definition in a file of this text.
    pub(super) fn of(life: &Life, names: &Names, told: &Told, text: &[u8]) -> Self {
        let outside = life.file(told.node).and_then(|file| outside(&file.language));
        let name = names.spans(life, told.node).1;
        Self {
            lines: lines(text, told.span),
            is_documented: outside.is_some_and(|outside| is_documented(outside, text, told.span.start, name.end)),
            is_passed_on: outside.is_some_and(|outside| is_passed_on(outside, life, names, told, text)),
        }
    }
}

/// How many lines a span touches.
fn lines(text: &[u8], span: Span) -> u32 {
    let last = span.end.saturating_sub(1).max(span.start);
    memchr_iter(b'\n', Span::new(span.start, last).slice(text)).count() as u32 + 1
}

fn is_documented(outside: Outside, text: &[u8], start: u32, name_end: u32) -> bool {
    let telling = outside.telling;
    if telling.is_empty() {
        return false;
    }
    let is_comment = |line: &str| telling.iter().any(|(start, _)| line.starts_with(start));
    let tells =
        |line: &str| telling.iter().any(|(start, word)| line.starts_with(start) && line.to_lowercase().contains(word));
    let (before, rest) = text.split_at(text.len().min(start as usize));
    let (head, rest) = rest.split_at(rest.len().min(name_end.saturating_sub(start) as usize));
    // The first is what stands before it on its own line.
    let above = before.rsplit(|byte| *byte == b'\n').skip(1).map(String::from_utf8_lossy);
    let mut comments = above.take_while(|line| is_comment(line.trim_start()));
    let line = String::from_utf8_lossy(rest.split(|byte| *byte == b'\n').next().unwrap_or_default());
    let behind = telling.iter().filter_map(|(start, _)| line.find(start)).min().map(|at| &line[at..]);
    let head = String::from_utf8_lossy(head);
    comments.any(|line| tells(line.trim_start()))
        || behind.is_some_and(tells)
        || head.lines().map(str::trim_start).any(tells)
}

fn is_passed_on(outside: Outside, life: &Life, names: &Names, told: &Told, text: &[u8]) -> bool {
    let is_public = life.vertex(told.node).is_some_and(|vertex| vertex.visibility == Visibility::Public);
    let Some(module) = life.parent(told.node).filter(|parent| is_public && life.is(*parent, SymbolKind::is_module))
    else {
        return false;
    };
    let has = |line: &[u8], word: &str| memmem::find(line, word.as_bytes()).is_some();
    outside.passing_on.iter().any(|(start, end)| {
        let all = [names.name(life, module), end].concat();
        has(text, &all) && text.split(|byte| *byte == b'\n').any(|line| has(line, start) && has(line, &all))
    })
}
