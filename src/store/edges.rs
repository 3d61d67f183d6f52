//! What each file brings to the graph of the tree, as numbers: its definitions and what leads from them to others.
//! Kept once more beside the rows, packed for each file, so that questions about everything read a few megabytes
//! instead of every row. The same form for all engines.

use std::collections::BTreeMap;

use crate::model::varint::{Reader, put, put_delta};
use crate::model::{
    Definition, ImportTarget, Marks, Outcome, RelationKind, Role, Rule, SymbolId, SymbolKind, Visibility,
};

use super::packed::packed_if_smaller;
use super::{FileId, FileRow, LinkContent, Result, Snapshot, SymbolKey, Target, unpack};

const PLAIN: u8 = 0;
const PACKED: u8 = 1;
/// Added to a role where there are several targets.
const SEVERAL: u8 = 0x80;

/// What one linked file brings to the graph. Ends of edges are there or not: a target may be gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdges {
    /// The file.
    pub file: FileId,
    /// Its definitions in source order.
    pub symbols: Vec<Vertex>,
    /// What its occurrences lead to, in source order; one edge for each candidate.
    pub uses: Vec<Edge>,
    /// What its relations lead to, in source order; one edge for each candidate.
    pub relations: Vec<RelationEdge>,
    /// The files that its imports lead to, each once, sorted.
    pub imports: Vec<FileId>,
    /// Call sites whose outcome is unknown, counted by the definition they stand in, sorted.
    pub unknown_calls: Vec<(Option<SymbolId>, u32)>,
}

/// What the graph knows of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vertex {
    /// What it is.
    pub kind: SymbolKind,
    /// Who may use it.
    pub visibility: Visibility,
    /// Test, exported and so on.
    pub marks: Marks,
    /// The definition it stands in.
    pub parent: Option<SymbolId>,
}

/// An occurrence that leads to a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The innermost definition it stands in; none at top level.
    pub from: Option<SymbolId>,
    /// What it leads to.
    pub to: SymbolKey,
    /// How that is used.
    pub role: Role,
    /// The rule that settled it.
    pub rule: Rule,
    /// Whether nothing else can be meant; else it is one of several candidates.
    pub is_certain: bool,
}

/// A relation that leads to a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelationEdge {
    /// The definition that has the relation.
    pub from: SymbolId,
    /// How it relates.
    pub kind: RelationKind,
    /// What it relates to.
    pub to: SymbolKey,
}

impl FileEdges {
    /// Of what is about to be stored.
    pub(super) fn of_links(content: &LinkContent) -> Self {
        let facts = &*content.facts;
        let symbols = facts.symbols.iter().map(|symbol| Vertex {
            kind: symbol.kind,
            visibility: symbol.visibility,
            marks: symbol.marks,
            parent: symbol.parent,
        });
        let mut edges = Self::new(content.id, symbols.collect());
        for (occurrence, outcome) in facts.occurrences.iter().zip(&content.links.outcomes) {
            let (from, role) = (occurrence.symbol, occurrence.role);
            match outcome {
                Outcome::Resolved(to, rule) => edges.add(from, role, *rule, [key(to)], true),
                Outcome::Candidates(all, rule) => edges.add(from, role, *rule, all.iter().map(key), false),
                Outcome::Unknown(_) if role.is_call() => edges.count_unknown(from),
                Outcome::Unknown(_) | Outcome::File(..) | Outcome::External(..) => {}
            }
        }
        for (relation, outcome) in facts.relations.iter().zip(&content.links.relations) {
            let targets: &[Definition] = match outcome {
                Outcome::Resolved(to, _) => std::slice::from_ref(to),
                Outcome::Candidates(all, _) => all,
                Outcome::File(..) | Outcome::External(..) | Outcome::Unknown(_) => &[],
            };
            let related = |to| RelationEdge { from: relation.symbol, kind: relation.kind, to: key(to) };
            edges.relations.extend(targets.iter().map(related));
        }
        edges.imports.extend(content.links.imports.iter().filter_map(|import| match import {
            ImportTarget::File(file) => Some(FileId(*file)),
            ImportTarget::External(_) | ImportTarget::Unknown => None,
        }));
        edges.finished()
    }

    /// Of what the rows of a file say. Imports that lead to files that are gone are not among them.
    pub(super) fn of_rows(snapshot: &dyn Snapshot, file: &FileRow, files: &BTreeMap<String, FileId>) -> Result<Self> {
        let symbols = snapshot.symbols(file.id)?.into_iter().map(|row| Vertex {
            kind: row.kind,
            visibility: row.visibility,
            marks: row.marks,
            parent: row.parent.map(|parent| parent.symbol),
        });
        let mut edges = Self::new(file.id, symbols.collect());
        for row in snapshot.occurrences(file.id)? {
            let from = row.symbol.map(|key| key.symbol);
            match row.target {
                Target::Resolved(to, rule) => edges.add(from, row.role, rule, [to], true),
                Target::Candidates(all, rule) => edges.add(from, row.role, rule, all, false),
                Target::Unknown(_) if row.role.is_call() => edges.count_unknown(from),
                Target::Unknown(_) | Target::File(..) | Target::External(..) => {}
            }
        }
        for row in snapshot.relations_in(file.id)? {
            let targets = match row.target {
                Target::Resolved(to, _) => vec![to],
                Target::Candidates(all, _) => all,
                Target::File(..) | Target::External(..) | Target::Unknown(_) => Vec::new(),
            };
            let related = |to| RelationEdge { from: row.from.symbol, kind: row.kind, to };
            edges.relations.extend(targets.into_iter().map(related));
        }
        let imports = snapshot.imports(file.id)?.into_iter().filter_map(|import| import.file);
        edges.imports.extend(imports.filter_map(|path| files.get(&path).copied()));
        Ok(edges.finished())
    }

    fn new(file: FileId, symbols: Vec<Vertex>) -> Self {
        let (uses, relations, imports) = (Vec::new(), Vec::new(), Vec::new());
        Self { file, symbols, uses, relations, imports, unknown_calls: Vec::new() }
    }

    fn add(
        &mut self,
        from: Option<SymbolId>,
        role: Role,
        rule: Rule,
        targets: impl IntoIterator<Item = SymbolKey>,
        is_certain: bool,
    ) {
        self.uses.extend(targets.into_iter().map(|to| Edge { from, to, role, rule, is_certain }));
    }

    /// Counted one by one, put together by [`finished`](Self::finished).
    fn count_unknown(&mut self, from: Option<SymbolId>) {
        match self.unknown_calls.last_mut() {
            Some((last, count)) if *last == from => *count += 1,
            _ => self.unknown_calls.push((from, 1)),
        }
    }

    fn finished(mut self) -> Self {
        self.imports.sort_unstable();
        self.imports.dedup();
        self.unknown_calls.sort_unstable();
        self.unknown_calls.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            kept.1 += if is_same { next.1 } else { 0 };
            is_same
        });
        self
    }

    /// As an entry of the database, for [`decode`](Self::decode).
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.symbols.len() * 5 + self.uses.len() * 5);
        self.put_symbols(&mut body);
        self.put_uses(&mut body);
        put(&mut body, self.relations.len() as u32);
        let mut file = self.file.0;
        for relation in &self.relations {
            body.push(relation.kind as u8);
            put(&mut body, relation.from.0);
            file = put_key(&mut body, file, relation.to);
        }
        put(&mut body, self.imports.len() as u32);
        self.imports.iter().for_each(|file| put_delta(&mut body, self.file.0, file.0));
        for (symbol, count) in &self.unknown_calls {
            put(&mut body, numbered(*symbol));
            put(&mut body, *count);
        }
        let (form, bytes) = packed_if_smaller(&body).map_or((PLAIN, body), |packed| (PACKED, packed));
        [&[form], &*bytes].concat()
    }

    fn put_symbols(&self, out: &mut Vec<u8>) {
        put(out, self.symbols.len() as u32);
        for symbol in &self.symbols {
            out.extend([symbol.kind as u8, symbol.visibility as u8]);
            put(out, symbol.marks.0);
            put(out, numbered(symbol.parent));
        }
    }

    /// Neighbours that differ in nothing but what they lead to stand together.
    fn put_uses(&self, out: &mut Vec<u8>) {
        let is_one =
            |a: &Edge, b: &Edge| (a.from, a.role, a.rule, a.is_certain) == (b.from, b.role, b.rule, b.is_certain);
        put(out, self.uses.chunk_by(is_one).count() as u32);
        let (mut from, mut file) = (0, self.file.0);
        for group in self.uses.chunk_by(is_one) {
            let first = group[0];
            out.push(first.role as u8 | if group.len() > 1 { SEVERAL } else { 0 });
            out.push(first.rule as u8 | if first.is_certain { 0 } else { SEVERAL });
            put_delta(out, from, numbered(first.from));
            from = numbered(first.from);
            if group.len() > 1 {
                put(out, group.len() as u32);
            }
            for edge in group {
                file = put_key(out, file, edge.to);
            }
        }
    }

    /// What [`encode`](Self::encode) wrote; none if it is damaged.
    pub(super) fn decode(file: FileId, bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&PLAIN, body) => Self::decode_body(file, body),
            (&PACKED, packed) => Self::decode_body(file, &unpack(packed)?),
            _ => None,
        }
    }

    fn decode_body(file: FileId, body: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(body);
        let mut edges = Self::new(file, get_symbols(&mut reader)?);
        edges.uses = get_uses(&mut reader, file)?;
        let mut target = file.0;
        for _ in 0..reader.get()? {
            let kind = RelationKind::WORDS.get(usize::from(reader.byte()?))?.0;
            let from = SymbolId(reader.get()?);
            let to = get_key(&mut reader, target)?;
            target = to.file.0;
            edges.relations.push(RelationEdge { from, kind, to });
        }
        for _ in 0..reader.get()? {
            edges.imports.push(FileId(reader.get_delta(file.0)?));
        }
        while !reader.is_empty() {
            edges.unknown_calls.push((reader.get()?.checked_sub(1).map(SymbolId), reader.get()?));
        }
        Some(edges)
    }
}

fn get_symbols(reader: &mut Reader<'_>) -> Option<Vec<Vertex>> {
    let count = reader.get()? as usize;
    let mut symbols = Vec::with_capacity(count.min(reader.len()));
    for _ in 0..count {
        symbols.push(Vertex {
            kind: SymbolKind::WORDS.get(usize::from(reader.byte()?))?.0,
            visibility: Visibility::WORDS.get(usize::from(reader.byte()?))?.0,
            marks: Marks(reader.get()?),
            parent: reader.get()?.checked_sub(1).map(SymbolId),
        });
    }
    Some(symbols)
}

fn get_uses(reader: &mut Reader<'_>, file: FileId) -> Option<Vec<Edge>> {
    let count = reader.get()? as usize;
    let mut uses = Vec::with_capacity(count.min(reader.len()));
    let (mut from, mut file) = (0, file.0);
    for _ in 0..count {
        let (role, rule) = (reader.byte()?, reader.byte()?);
        let is_certain = rule & SEVERAL == 0;
        from = reader.get_delta(from)?;
        let targets = if role & SEVERAL == 0 { 1 } else { reader.get()? };
        let role = Role::WORDS.get(usize::from(role & !SEVERAL))?.0;
        let rule = Rule::WORDS.get(usize::from(rule & !SEVERAL))?.0;
        for _ in 0..targets {
            let to = get_key(reader, file)?;
            file = to.file.0;
            uses.push(Edge { from: from.checked_sub(1).map(SymbolId), to, role, rule, is_certain });
        }
    }
    Some(uses)
}

/// A symbol that may be none as one number.
fn numbered(symbol: Option<SymbolId>) -> u32 {
    symbol.map_or(0, |symbol| symbol.0 + 1)
}

fn put_key(out: &mut Vec<u8>, file: u32, to: SymbolKey) -> u32 {
    put_delta(out, file, to.file.0);
    put(out, to.symbol.0);
    to.file.0
}

fn get_key(reader: &mut Reader<'_>, file: u32) -> Option<SymbolKey> {
    let file = FileId(reader.get_delta(file)?);
    Some(SymbolKey { file, symbol: SymbolId(reader.get()?) })
}

fn key(to: &Definition) -> SymbolKey {
    SymbolKey { file: FileId(to.file), symbol: to.symbol }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(repeated: u32) -> FileEdges {
        let symbols = (0..repeated).map(|index| Vertex {
            kind: SymbolKind::WORDS[index as usize % SymbolKind::WORDS.len()].0,
            visibility: Visibility::WORDS[index as usize % 4].0,
            marks: Marks(index * 77),
            parent: index.checked_sub(3).map(SymbolId),
        });
        let mut edges = FileEdges::new(FileId(300), symbols.collect());
        let to = |file, symbol| SymbolKey { file: FileId(file), symbol: SymbolId(symbol) };
        for index in 0..repeated {
            let from = (index % 3 > 0).then_some(SymbolId(index));
            edges.add(from, Role::Call, Rule::Import, [to(index * 7, 4)], true);
            edges.add(from, Role::Call, Rule::Import, [to(300, 5)], true);
            edges.add(from, Role::Type, Rule::Dispatch, [to(1, 2), to(1, 3), to(900, 0)], false);
            edges.add(None, Role::Decorator, Rule::Fallback, [to(u32::MAX, u32::MAX)], false);
            edges.relations.push(RelationEdge { from: SymbolId(index), kind: RelationKind::Embeds, to: to(7, 7) });
            edges.imports.extend([FileId(index + 9), FileId(0), FileId(u32::MAX)]);
            edges.count_unknown(from);
        }
        edges.finished()
    }

    #[test]
    fn edges_come_back() {
        for repeated in [0, 1, 3, 500] {
            let edges = sample(repeated);
            assert_eq!(FileEdges::decode(FileId(300), &edges.encode()), Some(edges));
        }
    }

    #[test]
    fn damage_is_refused_or_reads_as_something_shorter() {
        for bytes in [sample(2).encode(), sample(200).encode()] {
            for end in 0..bytes.len() {
                assert_ne!(FileEdges::decode(FileId(300), &bytes[..end]), FileEdges::decode(FileId(300), &bytes));
            }
        }
        assert_eq!(FileEdges::decode(FileId(1), &[9, 9]), None);
        assert_eq!(FileEdges::decode(FileId(1), &[]), None);
    }
}
