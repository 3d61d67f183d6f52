//! What the occurrences of a file mean, and their positions, as stored: in groups, column by column. Everything else
//! of an occurrence stands in the facts.

use rustc_hash::FxHashMap;

use crate::model::varint::{Reader, put, put_column, put_delta};
use crate::model::{Definition, Occurrence, Outcome, Position, Reason, Rule, SymbolId};
use crate::store::{FileId, LinkContent, SymbolKey};

use super::records::StoredTarget;

/// Occurrences in a group.
pub(super) const GROUP_ROWS: usize = 4096;

const RESOLVED: u8 = 0;
const CANDIDATES: u8 = 1;
const FILE: u8 = 2;
const EXTERNAL: u8 = 3;
const UNKNOWN: u8 = 4;

/// A group while it is written.
#[derive(Default)]
struct Columns<'a> {
    words: FxHashMap<&'a str, u32>,
    texts: Vec<u8>,
    outcomes: Vec<u8>,
    evidence: Vec<u8>,
    positions: Vec<u8>,
    targets: Vec<u8>,
}

/// Where the row before stands: on its line, the column follows from the bytes between.
#[derive(Clone, Copy, Default)]
struct Before {
    start: u32,
    line: u32,
    column: u32,
}

impl Before {
    fn expected_column(self, start: u32, line: u32) -> u32 {
        if self.line == line { self.column.wrapping_add(start.wrapping_sub(self.start)) } else { 0 }
    }
}

/// Targets and positions of the occurrences `first..` of a file as a group, at most [`GROUP_ROWS`].
pub(super) fn encode(content: &LinkContent, first: usize) -> Vec<u8> {
    let mut columns = Columns::default();
    let mut before = Before::default();
    let rows = content.facts.occurrences.iter().zip(&content.positions).zip(&content.links.outcomes);
    for ((occurrence, &Position { line, column }), outcome) in rows.skip(first).take(GROUP_ROWS) {
        let start = occurrence.span.start;
        put_delta(&mut columns.positions, before.line, line);
        put_delta(&mut columns.positions, before.expected_column(start, line), column);
        before = Before { start, line, column };
        columns.target(content.id, outcome);
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

    fn target(&mut self, own: FileId, outcome: &'a Outcome) {
        let (outcome, evidence) = match outcome {
            Outcome::Resolved(to, rule) => {
                self.definition(own.0, to);
                (RESOLVED, *rule as u8)
            }
            Outcome::Candidates(candidates, rule) => {
                put(&mut self.targets, candidates.len() as u32);
                let mut file = own.0;
                for candidate in candidates {
                    self.definition(file, candidate);
                    file = candidate.file;
                }
                (CANDIDATES, *rule as u8)
            }
            Outcome::File(file, rule) => {
                put(&mut self.targets, *file);
                (FILE, *rule as u8)
            }
            Outcome::External(name, rule) => {
                let word = self.word(name);
                put(&mut self.targets, word);
                (EXTERNAL, *rule as u8)
            }
            Outcome::Unknown(reason) => (UNKNOWN, *reason as u8),
        };
        self.outcomes.push(outcome);
        self.evidence.push(evidence);
    }

    fn definition(&mut self, file: u32, to: &Definition) {
        put_delta(&mut self.targets, file, to.file);
        put(&mut self.targets, to.symbol.0);
    }

    fn finish(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.outcomes.len() * 6 + self.texts.len());
        let columns = [&self.texts, &self.outcomes, &self.evidence, &self.positions];
        columns.into_iter().for_each(|column| put_column(&mut out, column));
        out.extend(self.targets);
        out
    }
}

/// The columns of a group while it is read.
struct Group<'b> {
    words: Vec<&'b [u8]>,
    outcomes: Reader<'b>,
    evidence: Reader<'b>,
    positions: Reader<'b>,
    targets: Reader<'b>,
}

impl<'b> Group<'b> {
    fn new(bytes: &'b [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let mut texts = reader.column()?;
        let mut words = Vec::new();
        while !texts.is_empty() {
            let length = texts.get()? as usize;
            words.push(texts.take(length)?);
        }
        let (outcomes, evidence, positions) = (reader.column()?, reader.column()?, reader.column()?);
        Some(Self { words, outcomes, evidence, positions, targets: reader })
    }
}

/// The positions of `occurrences`, those of the group; none if it is damaged.
pub(super) fn positions(bytes: &[u8], occurrences: &[Occurrence]) -> Option<Vec<Position>> {
    let mut column = Group::new(bytes)?.positions;
    let mut before = Before::default();
    let mut positions = Vec::with_capacity(occurrences.len());
    for start in occurrences.iter().map(|occurrence| occurrence.span.start) {
        let line = column.get_delta(before.line)?;
        let column = column.get_delta(before.expected_column(start, line))?;
        before = Before { start, line, column };
        positions.push(Position { line, column });
    }
    column.is_empty().then_some(positions)
}

/// Hands the targets of the rows whose index is `wanted` to `visit`; none if the group is damaged.
pub(super) fn decode(
    bytes: &[u8],
    own: FileId,
    wanted: &mut dyn FnMut(usize) -> bool,
    visit: &mut dyn FnMut(usize, StoredTarget),
) -> Option<()> {
    let Group { words, mut outcomes, mut evidence, mut targets, .. } = Group::new(bytes)?;
    for index in 0..outcomes.len() {
        let is_wanted = wanted(index);
        let target = target(&mut targets, (outcomes.byte()?, evidence.byte()?), own, &words, is_wanted)?;
        if let Some(target) = target.filter(|_| is_wanted) {
            visit(index, target);
        }
    }
    (targets.is_empty() && evidence.is_empty()).then_some(())
}

/// Reads past a target, and makes it if `is_wanted`.
fn target(
    reader: &mut Reader<'_>,
    (outcome, evidence): (u8, u8),
    own: FileId,
    words: &[&[u8]],
    is_wanted: bool,
) -> Option<Option<StoredTarget>> {
    if outcome == UNKNOWN {
        return Some(Some(StoredTarget::Unknown(Reason::WORDS.get(usize::from(evidence))?.0)));
    }
    let rule = Rule::WORDS.get(usize::from(evidence))?.0;
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
            let name = if is_wanted { Some(std::str::from_utf8(word).ok()?) } else { None };
            name.map(|name| StoredTarget::External(name.to_owned(), rule))
        }
        _ => return None,
    })
}

fn definition(reader: &mut Reader<'_>, file: u32) -> Option<SymbolKey> {
    let file = FileId(reader.get_delta(file)?);
    Some(SymbolKey { file, symbol: SymbolId(reader.get()?) })
}
