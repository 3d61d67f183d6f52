//! Occurrences and what they mean as stored: in groups, each by itself, column by column.

use rustc_hash::FxHashMap;

use crate::model::varint::{Reader, put, put_column, put_delta};
use crate::model::{Definition, Outcome, Position, Reason, Role, Rule, Span, SymbolId};
use crate::store::{FileId, LinkContent, SymbolKey};

use super::records::StoredTarget;

/// Occurrences in a group.
pub(super) const GROUP_ROWS: usize = 128;

/// An occurrence as it stands in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredOccurrence {
    pub(super) role: Role,
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) position: Position,
    pub(super) symbol: Option<SymbolId>,
    pub(super) arity: Option<u16>,
    pub(super) target: StoredTarget,
}

const RESOLVED: u8 = 0;
const CANDIDATES: u8 = 1;
const FILE: u8 = 2;
const EXTERNAL: u8 = 3;
const UNKNOWN: u8 = 4;
/// Roles are fewer than this; a row's first byte is the role and this many times the outcome.
const ROLES_MAX: u8 = 16;

/// A group while it is written.
#[derive(Default)]
struct Columns<'a> {
    words: FxHashMap<&'a str, u32>,
    texts: Vec<u8>,
    tags: Vec<u8>,
    names: Vec<u8>,
    spans: Vec<u8>,
    positions: Vec<u8>,
    symbols: Vec<u8>,
    arities: Vec<u8>,
    targets: Vec<u8>,
}

/// What differences are taken from: the row before.
#[derive(Clone, Copy, Default)]
struct Before {
    start: u32,
    position: Position0,
    symbol: u32,
}

/// A position that starts at zero.
#[derive(Clone, Copy, Default)]
struct Position0 {
    line: u32,
    column: u32,
}

/// Occurrences `first..` of a file as a group, at most [`GROUP_ROWS`].
pub(super) fn encode(content: &LinkContent, first: usize) -> Vec<u8> {
    let mut columns = Columns::default();
    let mut before = Before::default();
    let facts = &*content.facts;
    for index in first..(first + GROUP_ROWS).min(facts.occurrences.len()) {
        let occurrence = &facts.occurrences[index];
        let name = facts.name(occurrence.name);
        let position = content.positions[index];
        let word = columns.word(name);
        put(&mut columns.names, word);
        put_delta(&mut columns.spans, before.start, occurrence.span.start);
        put_delta(&mut columns.spans, name.len() as u32, occurrence.span.len());
        columns.position(before, occurrence.span.start, position);
        let symbol = occurrence.symbol.map_or(0, |symbol| symbol.0 + 1);
        put_delta(&mut columns.symbols, before.symbol, symbol);
        put(&mut columns.arities, occurrence.arity.map_or(0, |arity| u32::from(arity) + 1));
        let outcome = columns.target(content.id, &content.links.outcomes[index]);
        columns.tags.push(occurrence.role as u8 + ROLES_MAX * outcome);
        let position = Position0 { line: position.line, column: position.column };
        before = Before { start: occurrence.span.start, position, symbol };
    }
    columns.finish()
}

impl<'a> Columns<'a> {
    fn word(&mut self, text: &'a str) -> u32 {
        let next = self.words.len() as u32;
        *self.words.entry(text).or_insert_with(|| {
            put(&mut self.texts, text.len() as u32);
            self.texts.extend_from_slice(text.as_bytes());
            next
        })
    }

    /// On the line of the row before, the column follows from the bytes between.
    fn position(&mut self, before: Before, start: u32, position: Position) {
        put_delta(&mut self.positions, before.position.line, position.line);
        let expected = expected_column(before, start, position.line);
        put_delta(&mut self.positions, expected, position.column);
    }

    /// Writes the target and gives the number of the outcome.
    fn target(&mut self, own: FileId, outcome: &'a Outcome) -> u8 {
        match outcome {
            Outcome::Resolved(to, rule) => {
                self.targets.push(*rule as u8);
                self.definition(own.0, to);
                RESOLVED
            }
            Outcome::Candidates(candidates, rule) => {
                self.targets.push(*rule as u8);
                put(&mut self.targets, candidates.len() as u32);
                let mut file = own.0;
                for candidate in candidates {
                    self.definition(file, candidate);
                    file = candidate.file;
                }
                CANDIDATES
            }
            Outcome::File(file, rule) => {
                self.targets.push(*rule as u8);
                put(&mut self.targets, *file);
                FILE
            }
            Outcome::External(name, rule) => {
                self.targets.push(*rule as u8);
                let word = self.word(name);
                put(&mut self.targets, word);
                EXTERNAL
            }
            Outcome::Unknown(reason) => {
                self.targets.push(*reason as u8);
                UNKNOWN
            }
        }
    }

    fn definition(&mut self, file: u32, to: &Definition) {
        put_delta(&mut self.targets, file, to.file);
        put(&mut self.targets, to.symbol.0);
    }

    fn finish(self) -> Vec<u8> {
        let columns =
            [&self.texts, &self.tags, &self.names, &self.spans, &self.positions, &self.symbols, &self.arities];
        let mut out = Vec::with_capacity(self.tags.len() * 12);
        columns.into_iter().for_each(|column| put_column(&mut out, column));
        out.extend(self.targets);
        out
    }
}

fn expected_column(before: Before, start: u32, line: u32) -> u32 {
    let same_line = before.position.line == line;
    if same_line { before.position.column.wrapping_add(start.wrapping_sub(before.start)) } else { 0 }
}

/// Hands each row of a group whose index is wanted to `visit`; none if the group is damaged.
pub(super) fn decode(
    bytes: &[u8],
    own: FileId,
    wanted: &mut dyn FnMut(usize) -> bool,
    visit: &mut dyn FnMut(usize, StoredOccurrence),
) -> Option<()> {
    let mut reader = Reader::new(bytes);
    let mut texts = reader.column()?;
    let mut words = Vec::new();
    while !texts.is_empty() {
        let length = texts.get()? as usize;
        words.push(std::str::from_utf8(texts.take(length)?).ok()?);
    }
    let mut column = || reader.column();
    let (mut tags, mut names, mut spans, mut positions, mut symbols, mut arities) =
        (column()?, column()?, column()?, column()?, column()?, column()?);
    let mut before = Before::default();
    let mut index = 0;
    while !tags.is_empty() {
        let tag = tags.byte()?;
        let name = *words.get(names.get()? as usize)?;
        let start = spans.get_delta(before.start)?;
        let length = spans.get_delta(name.len() as u32)?;
        let line = positions.get_delta(before.position.line)?;
        let column = positions.get_delta(expected_column(before, start, line))?;
        let symbol = symbols.get_delta(before.symbol)?;
        let arity = arities.get()?;
        let is_wanted = wanted(index);
        let target = target(&mut reader, tag / ROLES_MAX, own, &words, is_wanted)?;
        if let (true, Some(target)) = (is_wanted, target) {
            let role = Role::WORDS.get(usize::from(tag % ROLES_MAX))?.0;
            let arity = arity.checked_sub(1).map(u16::try_from).transpose().ok()?;
            let span = Span::new(start, start.checked_add(length)?);
            let position = Position { line, column };
            let symbol = symbol.checked_sub(1).map(SymbolId);
            visit(index, StoredOccurrence { role, name: name.to_owned(), span, position, symbol, arity, target });
        }
        before = Before { start, position: Position0 { line, column }, symbol };
        index += 1;
    }
    reader.is_empty().then_some(())
}

/// Reads past a target, and makes it if `is_wanted`.
fn target(
    reader: &mut Reader<'_>,
    outcome: u8,
    own: FileId,
    words: &[&str],
    is_wanted: bool,
) -> Option<Option<StoredTarget>> {
    let evidence = usize::from(reader.byte()?);
    if outcome == UNKNOWN {
        return Some(Some(StoredTarget::Unknown(Reason::WORDS.get(evidence)?.0)));
    }
    let rule = Rule::WORDS.get(evidence)?.0;
    Some(match outcome {
        RESOLVED => Some(StoredTarget::Resolved(definition(reader, own.0)?.packed(), rule)),
        CANDIDATES => {
            let count = reader.get()? as usize;
            let mut keys = Vec::with_capacity(if is_wanted { count.min(reader.len()) } else { 0 });
            let mut file = own.0;
            for _ in 0..count {
                let key = definition(reader, file)?;
                file = key.file.0;
                if is_wanted {
                    keys.push(key.packed());
                }
            }
            Some(StoredTarget::Candidates(keys, rule))
        }
        FILE => Some(StoredTarget::File(reader.get()?, rule)),
        EXTERNAL => {
            let word = *words.get(reader.get()? as usize)?;
            is_wanted.then(|| StoredTarget::External(word.to_owned(), rule))
        }
        _ => return None,
    })
}

fn definition(reader: &mut Reader<'_>, file: u32) -> Option<SymbolKey> {
    let file = FileId(reader.get_delta(file)?);
    Some(SymbolKey { file, symbol: SymbolId(reader.get()?) })
}
