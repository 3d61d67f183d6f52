//! Records of the native engine that are values as a whole.

use serde::{Deserialize, Serialize};

use crate::model::{
    ContentHash, FileLinks, LineCounts, Marks, Outcome, Position, Reason, RelationKind, Rule, Span, Stamp, SymbolId,
    SymbolKind, SymbolMetrics, Tally, Visibility,
};
use crate::store::record::ImportContent;
use crate::store::tally::CallCounts;
use crate::store::{
    Chunk, FileContent, FileId, FileRow, ImportRow, Label, LinkContent, RelationRow, Result, SymbolKey, Target,
};

use super::tables::Promise;

/// What is known of a file. Path and stamp come first: they are read without the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileRecord {
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) modified_ns: u64,
    pub(super) language: String,
    dialect: String,
    pub(super) separator: String,
    pub(super) module: String,
    pub(super) hash: [u8; 32],
    links_hash: [u8; 32],
    pub(super) metrics_hash: [u8; 32],
    pub(super) lines: LineCounts,
    pub(super) symbols: u32,
    pub(super) occurrences: u32,
    pub(super) errors: u32,
    pub(super) calls: Tally,
    /// Unknown call sites by reason, sorted.
    pub(super) unknown: Vec<(Reason, u32)>,
    /// The labels that its definitions have, one bit each.
    pub(super) labels: u64,
}

impl FileRecord {
    pub(super) fn new(content: &FileContent) -> Self {
        let facts = &*content.facts;
        let labels = facts.symbols.iter().map(|symbol| labels(symbol.kind, symbol.visibility, symbol.marks));
        Self {
            path: content.path.clone(),
            size: content.stamp.size,
            modified_ns: content.stamp.modified_ns,
            language: content.language.to_string(),
            dialect: content.dialect.to_string(),
            separator: content.separator.to_string(),
            module: String::new(),
            hash: content.hash.0,
            links_hash: [0; 32],
            metrics_hash: [0; 32],
            lines: facts.lines,
            symbols: facts.symbols.len() as u32,
            occurrences: facts.occurrences.len() as u32,
            errors: facts.diagnostics.len() as u32,
            calls: Tally::default(),
            unknown: Vec::new(),
            labels: labels.fold(0, |all, one| all | one),
        }
    }

    /// Takes over what links say of the file as a whole.
    pub(super) fn set_links(&mut self, content: &LinkContent) {
        self.module.clone_from(&content.links.module);
        self.links_hash = content.links_hash.0;
        let CallCounts { tally, reasons } = CallCounts::of(content);
        self.calls = tally;
        self.unknown = reasons;
    }

    /// Whether links were set since it was put.
    pub(super) fn is_linked(&self) -> bool {
        self.links_hash != [0; 32]
    }

    /// What it says of its imports and relations.
    pub(super) fn promise(&self) -> Promise {
        if self.is_linked() { Promise::Kept } else { Promise::None }
    }

    pub(super) fn row(&self, id: FileId) -> FileRow {
        FileRow {
            id,
            path: self.path.clone(),
            language: self.language.clone(),
            dialect: self.dialect.clone(),
            separator: self.separator.clone(),
            module: self.module.clone(),
            stamp: Stamp { size: self.size, modified_ns: self.modified_ns },
            size: self.size,
            hash: ContentHash(self.hash),
            links_hash: ContentHash(self.links_hash),
            metrics_hash: ContentHash(self.metrics_hash),
            lines: self.lines,
            symbols: self.symbols,
            occurrences: self.occurrences,
            errors: self.errors,
        }
    }
}

/// The bits of a definition's labels: kinds from bit 0, marks from bit 32, visibilities from bit 60.
fn labels(kind: SymbolKind, visibility: Visibility, marks: Marks) -> u64 {
    1 << kind as u32 | u64::from(marks.0) << 32 | 1 << (60 + visibility as u32)
}

/// The bit of a label.
pub(super) fn label(label: Label) -> u64 {
    match label {
        Label::Kind(kind) => 1 << kind as u32,
        Label::Mark(mark) => u64::from(mark.0) << 32,
        Label::Visibility(visibility) => 1 << (60 + visibility as u32),
    }
}

/// An import.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredImport {
    specifier: String,
    member: Option<String>,
    bound: Option<String>,
    reexport: bool,
    position: Position,
    pub(super) file: Option<u32>,
    external: Option<String>,
}

impl StoredImport {
    /// The imports of a file.
    pub(super) fn all(content: &LinkContent) -> Vec<Self> {
        let own = |import: ImportContent<'_>| Self {
            specifier: import.specifier,
            member: import.member.map(str::to_owned),
            bound: import.bound.map(str::to_owned),
            reexport: import.reexport,
            position: import.position,
            file: import.file,
            external: import.external.map(str::to_owned),
        };
        ImportContent::all(content).map(own).collect()
    }

    /// As read by others; `file` is the path of the file it leads to.
    pub(super) fn row(self, file: Option<String>) -> ImportRow {
        ImportRow {
            specifier: self.specifier,
            member: self.member,
            bound: self.bound,
            reexport: self.reexport,
            position: self.position,
            file,
            external: self.external,
        }
    }
}

/// A relation.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredRelation {
    pub(super) symbol: SymbolId,
    kind: RelationKind,
    pub(super) target: StoredTarget,
}

/// What an occurrence means or a relation leads to, definitions as packed keys, files by number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum StoredTarget {
    Resolved(u64, Rule),
    Candidates(Vec<u64>, Rule),
    File(u32, Rule),
    External(String, Rule),
    Unknown(Reason),
}

impl StoredRelation {
    /// The relations of a file.
    pub(super) fn all(content: &LinkContent) -> Vec<Self> {
        let FileLinks { relations, .. } = &content.links;
        let rows = content.facts.relations.iter().zip(relations);
        rows.map(|(relation, outcome)| Self {
            symbol: relation.symbol,
            kind: relation.kind,
            target: StoredTarget::new(outcome),
        })
        .collect()
    }

    /// As read by others; `path_of` as in [`StoredTarget::row`].
    pub(super) fn row(self, file: FileId, path_of: &PathOf<'_>) -> Result<RelationRow> {
        let target = self.target.row(path_of)?;
        Ok(RelationRow { from: SymbolKey { file, symbol: self.symbol }, kind: self.kind, target })
    }
}

impl StoredTarget {
    fn new(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Resolved(to, rule) => Self::Resolved(packed(to), *rule),
            Outcome::Candidates(candidates, rule) => Self::Candidates(candidates.iter().map(packed).collect(), *rule),
            Outcome::File(file, rule) => Self::File(*file, *rule),
            Outcome::External(name, rule) => Self::External(name.to_string(), *rule),
            Outcome::Unknown(reason) => Self::Unknown(*reason),
        }
    }

    /// The definitions it can be.
    pub(super) fn definitions(&self) -> &[u64] {
        match self {
            Self::Resolved(key, _) => std::slice::from_ref(key),
            Self::Candidates(keys, _) => keys,
            Self::File(..) | Self::External(..) | Self::Unknown(_) => &[],
        }
    }

    /// As read by others; `path_of` gives the path of a file, empty if that is gone.
    pub(super) fn row(self, path_of: &PathOf<'_>) -> Result<Target> {
        Ok(match self {
            Self::Resolved(key, rule) => Target::Resolved(SymbolKey::unpack(key), rule),
            Self::Candidates(keys, rule) => Target::Candidates(keys.into_iter().map(SymbolKey::unpack).collect(), rule),
            Self::File(file, rule) => Target::File(path_of(FileId(file))?, rule),
            Self::External(name, rule) => Target::External(name, rule),
            Self::Unknown(reason) => Target::Unknown(reason),
        })
    }
}

/// Gives the path of a file, empty if there is none of that number.
pub(super) type PathOf<'f> = dyn Fn(FileId) -> Result<String> + 'f;

fn packed(to: &crate::model::Definition) -> u64 {
    SymbolKey { file: FileId(to.file), symbol: to.symbol }.packed()
}

/// The metrics of a callable, in the order of their fields.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredMetrics(u32, u32, u32, u32, u32, u32, u32, u32);

impl StoredMetrics {
    pub(super) fn new(metrics: &SymbolMetrics) -> Self {
        let SymbolMetrics { symbol, lines, parameters, cyclomatic, cognitive, nesting, fan_in, fan_out } = *metrics;
        Self(symbol.0, lines, parameters, cyclomatic, cognitive, nesting, fan_in, fan_out)
    }

    pub(super) fn row(&self) -> SymbolMetrics {
        let Self(symbol, lines, parameters, cyclomatic, cognitive, nesting, fan_in, fan_out) = *self;
        let symbol = SymbolId(symbol);
        SymbolMetrics { symbol, lines, parameters, cyclomatic, cognitive, nesting, fan_in, fan_out }
    }
}

/// A chunk that stands by itself, its text compressed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredChunk<'c> {
    pub(super) path: &'c str,
    pub(super) span: Span,
    pub(super) symbol: Option<&'c str>,
    kind: &'c str,
    hash: [u8; 32],
    packed: &'c [u8],
}

impl<'c> StoredChunk<'c> {
    pub(super) fn new(chunk: &'c Chunk, packed: &'c [u8]) -> Self {
        let Chunk { path, span, symbol, kind, hash, .. } = chunk;
        Self { path, span: *span, symbol: symbol.as_deref(), kind, hash: hash.0, packed }
    }

    /// The chunk; none if its text is damaged.
    pub(super) fn row(&self) -> Option<Chunk> {
        let text = crate::store::unpack(self.packed)?;
        Some(Chunk {
            path: self.path.to_owned(),
            span: self.span,
            symbol: self.symbol.map(str::to_owned),
            kind: self.kind.to_owned(),
            text,
            hash: ContentHash(self.hash),
        })
    }
}
