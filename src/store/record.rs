//! The records that go into and come out of a store.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{
    ContentHash, FileFacts, FileLinks, FileMetrics, Import, ImportShape, ImportTarget, LineCounts, Marks, Position,
    Reason, RelationKind, Role, Rule, Skipped, Span, Stamp, SymbolHash, SymbolId, SymbolKind, SymbolMetrics, Tally,
    Visibility,
};

use super::CacheEntry;

/// A file's number inside one database. Never shown to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A definition inside one database. Never shown to a user; [`SymbolHash`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolKey {
    /// The file.
    pub file: FileId,
    /// The symbol in its facts.
    pub symbol: SymbolId,
}

impl SymbolKey {
    /// The key as one integer: file in the high half, symbol in the low half.
    pub const fn packed(self) -> u64 {
        (self.file.0 as u64) << 32 | self.symbol.0 as u64
    }

    /// The key behind [`packed`](Self::packed).
    pub const fn unpack(packed: u64) -> Self {
        Self { file: FileId((packed >> 32) as u32), symbol: SymbolId(packed as u32) }
    }
}

/// One step of a change to a database. A stream of them is applied as a whole or not at all.
///
/// Every `Definition::file` in links is the number of a [`FileId`] of this database.
pub enum Change {
    /// Drop all files, skips, bookkeeping values and the cache; execution records stay.
    Clear,
    /// Drop a file with everything of its own.
    Remove(FileId),
    /// Add a file, or replace it whole; its links follow in a [`Change::Link`].
    Put(Box<FileContent>),
    /// Set the links of a file, replacing any earlier ones.
    Link(Box<LinkContent>),
    /// Set the metrics of a file and its callables, replacing any earlier ones.
    Metrics(FileId, Box<MetricsContent>),
    /// Set the metrics of the file at a path, whether it is indexed or not. They go with the file.
    FileMetrics(String, FileMetrics),
    /// Keep a chunk, replacing one of the same path and span. It goes when a file of its path is put or removed.
    Chunk(Box<Chunk>),
    /// Drop all chunks of a path.
    RemoveChunks(String),
    /// New size and modification time of a file whose content is the same.
    Touch(FileId, Stamp),
    /// The whole new list of skipped files.
    Skipped(Vec<Skipped>),
    /// Set a bookkeeping value.
    Meta(String, String),
    /// Add an execution record, or replace the one with this id.
    Execution(Execution),
    /// Put what was made of a content into the cache, replacing what has its number.
    Cache(Box<CacheEntry>),
    /// Drop what the cache has under a number.
    Evict(u64),
    /// Give up: nothing of this stream is to be kept. The text says why.
    Abort(String),
}

/// A file with its facts.
pub struct FileContent {
    /// Its number.
    pub id: FileId,
    /// Path relative to the root, `/`-separated. A path that is not UTF-8 is shown with `\\xHH` for each odd byte.
    pub path: String,
    /// The language's name; a copied database may have one that this build does not know.
    pub language: Cow<'static, str>,
    /// The grammar used, where a language has several (`tsx`).
    pub dialect: Cow<'static, str>,
    /// Stands between the parts of a qualified name in this language.
    pub separator: Cow<'static, str>,
    /// Size and modification time.
    pub stamp: Stamp,
    /// Hash of the content.
    pub hash: ContentHash,
    /// The content compressed with zstd.
    pub text_packed: Vec<u8>,
    /// [`FileFacts::encode`], compressed with zstd.
    pub facts_packed: Vec<u8>,
    /// [`Ast::encode`](crate::model::Ast::encode), compressed with zstd.
    pub ast_packed: Vec<u8>,
    /// The control flow of its callables, encoded with [`encode_functions`](crate::model::encode_functions) and
    /// compressed with zstd.
    pub functions_packed: Vec<u8>,
    /// The facts.
    pub facts: Arc<FileFacts>,
    /// Ids of the symbols, in symbol order.
    pub hashes: Vec<SymbolHash>,
    /// Where the symbols stand, in symbol order.
    pub places: Vec<SymbolPlace>,
    /// Names of the symbols with those of their parents, in symbol order.
    pub scope_paths: Texts,
    /// The signatures on one line each, in symbol order.
    pub signatures: Texts,
}

/// What is kept of each file in packed form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The exact bytes.
    Text,
    /// Facts.
    Facts,
    /// Every named node of the syntax tree.
    Ast,
    /// Control flow and complexity of the callables.
    Functions,
}

impl Part {
    /// Every part with the word used for it.
    pub const WORDS: [(Self, &'static str); 4] =
        [(Self::Text, "text"), (Self::Facts, "facts"), (Self::Ast, "ast"), (Self::Functions, "functions")];

    /// The word shown for this part.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }
}

/// Metrics of a file and of its callables that have a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricsContent {
    /// Of the file.
    pub file: FileMetrics,
    /// Of its callables, in symbol order.
    pub symbols: Vec<SymbolMetrics>,
    /// Hash of the numbers that depend on other files, to tell whether they changed.
    pub hash: ContentHash,
}

/// A piece of text that is kept under a path and span, with what it is. The definitions of indexed files need none:
/// their text is that of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Chunk {
    /// Path of the file it is from.
    pub path: String,
    /// Its byte range there.
    pub span: Span,
    /// Name of the symbol it is of, if of one.
    pub symbol: Option<String>,
    /// What it is, in a word: a symbol kind, or any other.
    pub kind: String,
    /// Its exact bytes.
    #[serde(skip)]
    pub text: Vec<u8>,
    /// Hash of the bytes, as hex in JSON.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    pub hash: ContentHash,
}

/// Which chunks to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChunkPattern {
    /// All.
    All,
    /// Those of a path.
    Path(String),
    /// The one of a path and span.
    Span(String, Span),
    /// Those of a symbol's name.
    Symbol(String),
}

/// What a definition can be labelled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// What it is.
    Kind(SymbolKind),
    /// One mark.
    Mark(Marks),
    /// Who may use it.
    Visibility(Visibility),
}

impl Label {
    /// The label of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        let mark = || Marks::WORDS.iter().find(|(_, known)| *known == word).map(|(mark, _)| Self::Mark(*mark));
        let visibility = || {
            let row = Visibility::WORDS.iter().find(|(_, known)| *known == word);
            row.map(|(visibility, _)| Self::Visibility(*visibility))
        };
        SymbolKind::from_word(word).map(Self::Kind).or_else(mark).or_else(visibility)
    }

    /// The word of this label.
    pub fn word(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.word(),
            Self::Mark(mark) => Marks::WORDS.iter().find(|(known, _)| *known == mark).map_or("", |(_, word)| word),
            Self::Visibility(visibility) => visibility.word(),
        }
    }

    /// Every label there is.
    pub fn all() -> impl Iterator<Item = Self> {
        let kinds = SymbolKind::WORDS.iter().map(|(kind, _)| Self::Kind(*kind));
        let marks = Marks::WORDS.iter().map(|(mark, _)| Self::Mark(*mark));
        kinds.chain(marks).chain(Visibility::WORDS.iter().map(|(visibility, _)| Self::Visibility(*visibility)))
    }

    /// Whether a definition of this kind, visibility and marks has the label.
    pub fn is_on(self, kind: SymbolKind, visibility: Visibility, marks: Marks) -> bool {
        match self {
            Self::Kind(wanted) => kind == wanted,
            Self::Mark(wanted) => marks.has(wanted),
            Self::Visibility(wanted) => visibility == wanted,
        }
    }
}

/// Where a definition stands, as people count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SymbolPlace {
    /// Position of the name.
    pub position: Position,
    /// 1-based first line of the whole definition.
    pub start_line: u32,
    /// 1-based last line of the whole definition.
    pub end_line: u32,
}

/// Many short texts in one allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    /// Adds a text after the others.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
    }

    /// The text added as number `index`; empty if there is none.
    pub fn get(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| self.ends.get(before).copied().unwrap_or(0));
        let end = self.ends.get(index).copied().unwrap_or(start);
        &self.text[start as usize..end as usize]
    }
}

/// The links of one file, with the facts they belong to.
pub struct LinkContent {
    /// The file.
    pub id: FileId,
    /// Its facts.
    pub facts: Arc<FileFacts>,
    /// Stands between the parts of a path in this language.
    pub separator: Cow<'static, str>,
    /// Position of each occurrence, in order.
    pub positions: Vec<Position>,
    /// Position of each import, in order.
    pub import_positions: Vec<Position>,
    /// The links, file numbers being those of this database.
    pub links: FileLinks,
    /// Hash of the encoded links, to tell whether they changed.
    pub links_hash: ContentHash,
    /// What the links rest on besides the file itself: bookkeeping of the linker, no content. Empty if that is not
    /// known, so that the file is linked again.
    pub record: Vec<u8>,
}

/// An import as engines keep it, the file that it leads to being a number.
pub(super) struct ImportContent<'c> {
    pub(super) specifier: String,
    pub(super) member: Option<&'c str>,
    pub(super) bound: Option<&'c str>,
    pub(super) reexport: bool,
    pub(super) position: Position,
    pub(super) file: Option<u32>,
    pub(super) external: Option<&'c str>,
}

impl<'c> ImportContent<'c> {
    /// The imports of a file in source order.
    pub(super) fn all(content: &'c LinkContent) -> impl Iterator<Item = Self> {
        content.facts.imports.iter().enumerate().map(|(index, import)| Self::new(content, index, import))
    }

    fn new(content: &'c LinkContent, index: usize, import: &Import) -> Self {
        let facts = &*content.facts;
        let member = match import.shape {
            ImportShape::Whole => None,
            ImportShape::Member(name) => Some(facts.name(name)),
            ImportShape::Glob | ImportShape::GlobTypes => Some("*"),
        };
        let (file, external) = match content.links.imports.get(index) {
            Some(ImportTarget::File(file)) => (Some(*file), None),
            Some(ImportTarget::External(name)) => (None, Some(&**name)),
            Some(ImportTarget::Unknown) | None => (None, None),
        };
        Self {
            specifier: facts.import_specifier(import.path, &content.separator),
            member,
            bound: import.bound.map(|name| facts.name(name)),
            reexport: import.reexport,
            position: content.import_positions[index],
            file,
            external,
        }
    }
}

/// A file as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileRow {
    /// Its number.
    #[serde(skip)]
    pub id: FileId,
    /// Path relative to the root.
    pub path: String,
    /// Language.
    pub language: String,
    /// The grammar used.
    #[serde(skip)]
    pub dialect: String,
    /// Stands between the parts of a qualified name.
    #[serde(skip)]
    pub separator: String,
    /// Module, package or crate path as people write it; empty where the language has none.
    pub module: String,
    /// Size and modification time when indexed.
    #[serde(skip)]
    pub stamp: Stamp,
    /// Size in bytes.
    pub size: u64,
    /// Hash of the content, as hex in JSON.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    pub hash: ContentHash,
    /// Hash of the links.
    #[serde(skip)]
    pub links_hash: ContentHash,
    /// Hash of the metrics.
    #[serde(skip)]
    pub metrics_hash: ContentHash,
    /// Line counts.
    pub lines: LineCounts,
    /// Number of definitions.
    pub symbols: u32,
    /// Number of occurrences.
    pub occurrences: u32,
    /// Number of parse errors.
    pub errors: u32,
}

/// A definition as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SymbolRow {
    /// Its key.
    #[serde(skip)]
    pub key: SymbolKey,
    /// Its id, as hex in JSON.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    pub id: SymbolHash,
    /// File path.
    pub path: String,
    /// Language of the file.
    pub language: String,
    /// What it is.
    #[serde(serialize_with = "kind_word")]
    #[schemars(with = "String")]
    pub kind: SymbolKind,
    /// Simple name.
    pub name: String,
    /// Module path and scope path: `crate::module::Type::method`.
    pub qualified_name: String,
    /// The definition it stands in.
    #[serde(skip)]
    pub parent: Option<SymbolKey>,
    /// The signature on one line.
    pub signature: String,
    /// Who may use it.
    #[serde(serialize_with = "visibility_word")]
    #[schemars(with = "String")]
    pub visibility: Visibility,
    /// Test, async and so on.
    #[serde(serialize_with = "mark_words")]
    #[schemars(with = "Vec<String>")]
    pub marks: Marks,
    /// Byte range of the whole definition.
    pub span: Span,
    /// Byte range of the name.
    pub name_span: Span,
    /// Byte range of the documentation.
    pub doc: Option<Span>,
    /// Position of the name.
    #[serde(flatten)]
    pub position: Position,
    /// 1-based first line of the whole definition.
    pub start_line: u32,
    /// 1-based last line of the whole definition.
    pub end_line: u32,
}

/// What an occurrence was found to mean, as stored. Sorted candidates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Exactly this definition.
    Resolved(SymbolKey, Rule),
    /// Any of these.
    Candidates(Vec<SymbolKey>, Rule),
    /// A module that is the file at this path, empty if that was removed since. Never the target of a call.
    File(String, Rule),
    /// Outside the tree, by this name.
    External(String, Rule),
    /// Not settled.
    Unknown(Reason),
}

/// An occurrence as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OccurrenceRow {
    /// The file.
    pub file: FileId,
    /// File path.
    pub path: String,
    /// Language of the file.
    pub language: String,
    /// Byte range of the name.
    pub span: Span,
    /// Position of the name.
    pub position: Position,
    /// How it is used.
    pub role: Role,
    /// The name as written.
    pub name: String,
    /// The definition it stands in.
    pub symbol: Option<SymbolKey>,
    /// Number of arguments, if a call and countable.
    pub arity: Option<u16>,
    /// What it means.
    pub target: Target,
}

/// An import as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportRow {
    /// What is imported, as written without quotes.
    pub specifier: String,
    /// The imported member, `*` for all, none for the whole.
    pub member: Option<String>,
    /// The name it has here.
    pub bound: Option<String>,
    /// Whether it is passed on.
    pub reexport: bool,
    /// Where it stands.
    #[serde(flatten)]
    pub position: Position,
    /// Path of the file it leads to.
    pub file: Option<String>,
    /// The outside package it leads to.
    pub external: Option<String>,
}

/// A relation between definitions as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationRow {
    /// The definition that has the relation.
    pub from: SymbolKey,
    /// How it relates.
    pub kind: RelationKind,
    /// What it relates to.
    pub target: Target,
}

/// Which definitions to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamePattern {
    /// Exactly this simple name.
    Exact(String),
    /// Exactly this qualified name.
    Qualified(String),
    /// Simple names that start with this text, upper and lower case told apart.
    Prefix(String),
    /// Exactly this simple name, and before it in the qualified name the last word of the other text.
    Within(String, String),
    /// Simple names with `*`, `?` and `[...]`.
    Glob(String),
    /// Ids that start with these hex digits.
    Id(String),
}

impl NamePattern {
    /// Definitions of the simple name of `symbol` that stand where it stands, as far as the word before tells.
    pub fn beside(symbol: &SymbolRow) -> Self {
        let name = symbol.name.clone();
        match container_word(&symbol.qualified_name, &name) {
            Some(around) => Self::Within(name, around.to_owned()),
            None => Self::Exact(name),
        }
    }
}

/// Whether a qualified name has the last word of `around` right before the simple name.
pub(super) fn is_within(qualified_name: &str, name: &str, around: &str) -> bool {
    container_word(qualified_name, name) == Some(last_word(around))
}

/// The last word before the simple name at the end of a qualified name, if there is one.
pub(super) fn container_word<'q>(qualified_name: &'q str, name: &str) -> Option<&'q str> {
    qualified_name.strip_suffix(name).map(last_word).filter(|word| !word.is_empty())
}

/// The last run of letters, digits and `_`.
pub(super) fn last_word(text: &str) -> &str {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let text = text.trim_end_matches(|character| !is_word(character));
    text.rsplit(|character| !is_word(character)).next().unwrap_or(text)
}

/// The simple names that a qualified name can end in: every text after a character that can end a separator.
pub(super) fn simple_names(name: &str) -> impl Iterator<Item = &str> {
    let ends_separator = |(_, character): &(usize, char)| !character.is_alphanumeric() && *character != '_';
    let starts = name.char_indices().filter(ends_separator).map(|(at, character)| at + character.len_utf8());
    std::iter::once(0).chain(starts).map(|start| &name[start..])
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionOutcome {
    /// Not ended, or ended without a word.
    Running,
    /// All went well.
    Success,
    /// Some files failed.
    Partial,
    /// It failed.
    Error,
    /// It was stopped.
    Interrupted,
}

impl ExecutionOutcome {
    /// Every outcome with the word used for it.
    pub const WORDS: [(Self, &'static str); 5] = [
        (Self::Running, "running"),
        (Self::Success, "success"),
        (Self::Partial, "partial"),
        (Self::Error, "error"),
        (Self::Interrupted, "interrupted"),
    ];

    /// The word shown for this outcome.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }
}

/// One run of a deed. Outside the fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Execution {
    /// UUIDv7.
    pub id: String,
    /// Version of Magellan.
    pub version: String,
    /// The deed, `index`.
    pub command: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The project root.
    pub root: String,
    /// Start, milliseconds since 1970.
    pub started_ms: u64,
    /// Duration in milliseconds; none while running.
    pub duration_ms: Option<u64>,
    /// How it ended.
    pub outcome: ExecutionOutcome,
    /// What went wrong.
    pub error: Option<String>,
    /// Files written.
    pub files: u64,
    /// Definitions written.
    pub symbols: u64,
    /// Occurrences written.
    pub occurrences: u64,
    /// Links written.
    pub links: u64,
}

impl Execution {
    /// A run that begins at `started_ms`, with an id that sorts by the time of now.
    pub fn begin(command: &str, arguments: Vec<String>, root: &str, started_ms: u64) -> Self {
        Self {
            id: uuid::Uuid::now_v7().to_string(),
            version: env!("CARGO_PKG_VERSION").into(),
            command: command.into(),
            arguments,
            root: root.into(),
            started_ms,
            duration_ms: None,
            outcome: ExecutionOutcome::Running,
            error: None,
            files: 0,
            symbols: 0,
            occurrences: 0,
            links: 0,
        }
    }
}

/// How much a run wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files.
    pub files: u64,
    /// Definitions.
    pub symbols: u64,
    /// Occurrences.
    pub occurrences: u64,
    /// Links.
    pub links: u64,
}

/// Counts over a whole database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Totals {
    /// By language, sorted by name.
    pub languages: Vec<LanguageTotals>,
    /// Files that have parse errors.
    pub files_with_errors: u64,
    /// Unknown call sites by reason, most first.
    pub unknown_reasons: Vec<(String, u64)>,
}

/// Counts over the files of one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LanguageTotals {
    /// The language.
    pub language: String,
    /// Files.
    pub files: u64,
    /// Bytes of source.
    pub bytes: u64,
    /// Lines.
    pub lines: LineCounts,
    /// Definitions.
    pub symbols: u64,
    /// Occurrences of every role.
    pub occurrences: u64,
    /// Call sites by outcome.
    pub calls: Tally,
}

fn as_text<S: serde::Serializer>(value: &impl std::fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn kind_word<S: serde::Serializer>(kind: &SymbolKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.word())
}

fn visibility_word<S: serde::Serializer>(visibility: &Visibility, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(visibility.word())
}

fn mark_words<S: serde::Serializer>(marks: &Marks, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(marks.words())
}
