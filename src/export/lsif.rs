//! LSIF: vertices and edges as JSON lines, columns in UTF-16 units since the format has no others.
//!
//! An edge may only name what came before, and uses come before the definitions of later files. So the results of all
//! definitions are written first, with numbers that follow from the file and the definition; nothing is remembered.
//! A use that several definitions can be meant by is among the references of each but leads to none.

use std::collections::BTreeMap;
use std::io::Write;

use rustc_hash::FxHashMap;

use crate::model::{Role, SymbolKind, Visibility};
use crate::store::{FileId, FileRow, SymbolKey, SymbolRow, Target};

use super::json::Object;
use super::monikers::Monikers;
use super::places::{Places, Range};
use super::source::{Source, keys};
use super::{Result, escape};

/// The newest version that the reader of the protocol's authors takes.
const VERSION: &str = "0.6.0-next.7";
/// Vertices before those of definitions.
const FIRST: u64 = 5;
const PROJECT: u64 = 4;

/// The vertices that each definition has from the start.
#[derive(Clone, Copy)]
enum Of {
    ResultSet,
    Definition,
    References,
    Moniker,
}

/// Writes the dump.
pub(super) fn write(source: &Source<'_>, out: &mut dyn Write) -> Result<()> {
    let mut dump = Dump::new(source, out);
    dump.head()?;
    let monikers = Monikers::default();
    for file in source.files() {
        source.go_on()?;
        dump.results(&monikers, file)?;
    }
    for file in source.files() {
        source.go_on()?;
        dump.document(file)?;
    }
    dump.event("end", "project", PROJECT)
}

struct Dump<'s, 'o> {
    source: &'s Source<'s>,
    out: &'o mut dyn Write,
    /// The next free number.
    next: u64,
    /// The first number of the definitions of each file.
    starts: FxHashMap<FileId, u64>,
}

/// The ranges of a document and what they stand for.
#[derive(Default)]
struct Ranges {
    ids: BTreeMap<Range, u64>,
    definitions: BTreeMap<SymbolKey, u64>,
    references: BTreeMap<u64, Vec<u64>>,
}

impl<'s, 'o> Dump<'s, 'o> {
    fn new(source: &'s Source<'s>, out: &'o mut dyn Write) -> Self {
        let mut next = FIRST + 1;
        let mut starts = FxHashMap::default();
        for file in source.files() {
            starts.insert(file.id, next);
            next += 4 * u64::from(file.symbols);
        }
        Self { source, out, next, starts }
    }

    fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    fn of(&self, key: SymbolKey, what: Of) -> Option<u64> {
        Some(self.starts.get(&key.file)? + 4 * u64::from(key.symbol.0) + what as u64)
    }

    fn vertex(&mut self, id: u64, label: &str, fill: impl FnOnce(&mut Object)) -> Result<()> {
        let mut object = Object::new();
        object.number("id", id).text("type", "vertex").text("label", label);
        fill(&mut object);
        self.put(object)
    }

    fn edge(&mut self, label: &str, from: u64, to: u64) -> Result<()> {
        let mut object = Object::new();
        object.number("id", self.fresh()).text("type", "edge").text("label", label);
        object.number("outV", from).number("inV", to);
        self.put(object)
    }

    fn contains(&mut self, from: u64, to: &[u64]) -> Result<()> {
        if to.is_empty() {
            return Ok(());
        }
        let mut object = Object::new();
        object.number("id", self.fresh()).text("type", "edge").text("label", "contains");
        object.number("outV", from).raw("inVs", &list(to));
        self.put(object)
    }

    /// `document` is what `shard` was called before 0.6.
    fn items(&mut self, from: u64, to: &[u64], document: u64, property: Option<&str>) -> Result<()> {
        let mut object = Object::new();
        object.number("id", self.fresh()).text("type", "edge").text("label", "item");
        object.number("outV", from).raw("inVs", &list(to)).number("shard", document).number("document", document);
        if let Some(property) = property {
            object.text("property", property);
        }
        self.put(object)
    }

    fn event(&mut self, kind: &str, scope: &str, of: u64) -> Result<()> {
        let id = self.fresh();
        self.vertex(id, "$event", |object| {
            object.text("kind", kind).text("scope", scope).number("data", of);
        })
    }

    fn put(&mut self, object: Object) -> Result<()> {
        let mut line = object.end();
        line.push('\n');
        self.out.write_all(line.as_bytes())?;
        Ok(())
    }

    fn head(&mut self) -> Result<()> {
        let root = self.source.task.root;
        self.vertex(1, "metaData", |object| {
            let mut tool = Object::new();
            tool.text("name", "magellan").text("version", env!("CARGO_PKG_VERSION"));
            object.text("version", VERSION).text("positionEncoding", "utf-16");
            object.text("projectRoot", root).raw("toolInfo", &tool.end());
        })?;
        self.vertex(2, "source", |object| {
            object.text("workspaceRoot", root);
        })?;
        self.vertex(3, "capabilities", |object| {
            for (provider, has) in PROVIDERS {
                object.raw(provider, has);
            }
        })?;
        self.vertex(PROJECT, "project", |object| {
            object.text("kind", "magellan");
        })?;
        // The event has the last number before those of definitions.
        self.vertex(FIRST, "$event", |object| {
            object.text("kind", "begin").text("scope", "project").number("data", PROJECT);
        })
    }

    /// What definitions have whether anything uses them or not.
    fn results(&mut self, monikers: &Monikers, file: &FileRow) -> Result<()> {
        let named = monikers.file(self.source, file.id)?;
        for (row, name) in named.rows.iter().zip(&named.names) {
            if !self.has(row) {
                continue;
            }
            let ids = [Of::ResultSet, Of::Definition, Of::References, Of::Moniker].map(|what| self.of(row.key, what));
            let [Some(set), Some(definition), Some(references), Some(moniker)] = ids else { continue };
            self.vertex(set, "resultSet", |_| {})?;
            self.vertex(definition, "definitionResult", |_| {})?;
            self.vertex(references, "referenceResult", |_| {})?;
            let kind = if row.visibility == Visibility::Public { "export" } else { "local" };
            self.vertex(moniker, "moniker", |object| {
                object.text("scheme", "magellan").text("identifier", name);
                object.text("unique", "project").text("kind", kind);
            })?;
            self.edge("textDocument/definition", set, definition)?;
            self.edge("textDocument/references", set, references)?;
            self.edge("moniker", set, moniker)?;
        }
        Ok(())
    }

    /// An `impl` block has no name of its own.
    fn has(&self, row: &SymbolRow) -> bool {
        row.kind != SymbolKind::Impl && self.source.has(row)
    }

    fn document(&mut self, file: &FileRow) -> Result<()> {
        let document = self.fresh();
        let mut uri = format!("{}/", self.source.task.root);
        escape::uri(&file.path, &mut uri);
        self.vertex(document, "document", |object| {
            object.text("uri", &uri).text("languageId", &file.language);
        })?;
        self.event("begin", "document", document)?;
        let places = Places::new(self.source.snapshot.text(file.id)?);
        let mut rows = self.source.symbols(file.id)?;
        rows.retain(|row| self.has(row));
        let mut ranges = Ranges::default();
        for row in &rows {
            self.definition(row, &places, &mut ranges)?;
        }
        self.uses(file, &places, &mut ranges)?;
        self.contains(document, &ranges.ids.values().copied().collect::<Vec<_>>())?;
        for row in &rows {
            self.links(row, &places, document, &ranges)?;
        }
        for (references, uses) in &ranges.references {
            self.items(*references, uses, document, Some("references"))?;
        }
        let result = self.fresh();
        let tree = tree(&rows, &ranges.definitions);
        self.vertex(result, "documentSymbolResult", |object| {
            object.raw("result", &tree);
        })?;
        self.edge("textDocument/documentSymbol", document, result)?;
        self.event("end", "document", document)?;
        self.contains(PROJECT, &[document])
    }

    /// No two ranges of a document may be equal: of several definitions at one place the first has it.
    fn definition(&mut self, row: &SymbolRow, places: &Places, ranges: &mut Ranges) -> Result<()> {
        let range = places.in_utf16(row.name_span);
        if ranges.ids.contains_key(&range) {
            return Ok(());
        }
        let id = self.fresh();
        ranges.ids.insert(range, id);
        ranges.definitions.insert(row.key, id);
        let mut tag = Object::new();
        tag.text("type", "definition").text("text", &row.name).number("kind", kind(row.kind));
        let mut full = Object::new();
        put_range(&mut full, places.in_utf16(row.span));
        tag.raw("fullRange", &full.end()).text("detail", &row.signature);
        self.vertex(id, "range", |object| {
            put_range(object, range);
            object.raw("tag", &tag.end());
        })
    }

    fn uses(&mut self, file: &FileRow, places: &Places, ranges: &mut Ranges) -> Result<()> {
        let mut sites = self.source.occurrences(file.id)?;
        // Where a name is both called and used as a type, it leads to what is called.
        sites.sort_by_key(|site| site.role != Role::Call);
        for site in sites {
            let mut meant = Vec::new();
            for key in keys(&site.target) {
                if self.source.symbol(*key)?.is_some_and(|row| self.has(&row)) {
                    meant.push(*key);
                }
            }
            if meant.is_empty() {
                continue;
            }
            let range = places.in_utf16(site.span);
            let id = match ranges.ids.get(&range) {
                Some(&id) => id,
                None => {
                    let id = self.fresh();
                    ranges.ids.insert(range, id);
                    self.vertex(id, "range", |object| put_range(object, range))?;
                    if let (Target::Resolved(key, _), Some(set)) = (&site.target, self.of(meant[0], Of::ResultSet)) {
                        debug_assert_eq!(*key, meant[0]);
                        self.edge("next", id, set)?;
                    }
                    id
                }
            };
            for key in meant {
                if let Some(references) = self.of(key, Of::References) {
                    let uses = ranges.references.entry(references).or_default();
                    if uses.last() != Some(&id) {
                        uses.push(id);
                    }
                }
            }
        }
        Ok(())
    }

    /// What leads from a definition's place to its results and back.
    fn links(&mut self, row: &SymbolRow, places: &Places, document: u64, ranges: &Ranges) -> Result<()> {
        let Some(&range) = ranges.definitions.get(&row.key) else { return Ok(()) };
        let ids = [Of::ResultSet, Of::Definition, Of::References].map(|what| self.of(row.key, what));
        let [Some(set), Some(definition), Some(references)] = ids else { return Ok(()) };
        self.edge("next", range, set)?;
        self.items(definition, &[range], document, None)?;
        self.items(references, &[range], document, Some("definitions"))?;
        let hover = self.fresh();
        let mut signature = Object::new();
        signature.text("language", &row.language).text("value", &row.signature);
        let mut contents = format!("[{}", signature.end());
        if let Some(doc) = row.doc {
            contents.push(',');
            escape::json(&places.text(doc), &mut contents);
        }
        contents.push(']');
        self.vertex(hover, "hoverResult", |object| {
            let mut result = Object::new();
            result.raw("contents", &contents);
            object.raw("result", &result.end());
        })?;
        self.edge("textDocument/hover", set, hover)
    }
}

const PROVIDERS: [(&str, &str); 8] = [
    ("hoverProvider", "true"),
    ("declarationProvider", "false"),
    ("definitionProvider", "true"),
    ("referencesProvider", "true"),
    ("typeDefinitionProvider", "false"),
    ("documentSymbolProvider", "true"),
    ("foldingRangeProvider", "false"),
    ("diagnosticProvider", "false"),
];

fn list(ids: &[u64]) -> String {
    let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
    format!("[{}]", ids.join(","))
}

fn put_range(object: &mut Object, range: Range) {
    for (key, (line, character)) in [("start", range.start), ("end", range.end)] {
        let mut place = Object::new();
        place.number("line", line.into()).number("character", character.into());
        object.raw(key, &place.end());
    }
}

/// The definitions of a file, nested; a parent comes before what stands in it. Those without a range of their own are
/// left out, what stands in them moves up.
fn tree(rows: &[SymbolRow], ids: &BTreeMap<SymbolKey, u64>) -> String {
    let mut text = String::from("[");
    let mut open: Vec<SymbolKey> = Vec::new();
    let mut has_element = vec![false];
    for row in rows {
        let Some(id) = ids.get(&row.key) else { continue };
        while open.last().is_some_and(|last| Some(*last) != row.parent) {
            open.pop();
            has_element.pop();
            text.push_str("]}");
        }
        if let Some(has) = has_element.last_mut() {
            if *has {
                text.push(',');
            }
            *has = true;
        }
        text.push_str(&format!("{{\"id\":{id},\"children\":["));
        open.push(row.key);
        has_element.push(false);
    }
    text.push_str(&"]}".repeat(open.len()));
    text.push(']');
    text
}

/// The number that the Language Server Protocol has for a kind.
fn kind(kind: SymbolKind) -> u64 {
    match kind {
        SymbolKind::Module => 2,
        SymbolKind::Namespace | SymbolKind::Impl | SymbolKind::ExternBlock => 3,
        SymbolKind::Package => 4,
        SymbolKind::Class | SymbolKind::Record | SymbolKind::TypeAlias => 5,
        SymbolKind::Method | SymbolKind::Destructor => 6,
        SymbolKind::Property => 7,
        SymbolKind::Field => 8,
        SymbolKind::Constructor => 9,
        SymbolKind::Enum => 10,
        SymbolKind::Interface | SymbolKind::Trait | SymbolKind::Annotation | SymbolKind::Concept => 11,
        SymbolKind::Function | SymbolKind::Closure | SymbolKind::Initializer | SymbolKind::Macro => 12,
        SymbolKind::Variable => 13,
        SymbolKind::Constant => 14,
        SymbolKind::EnumMember => 22,
        SymbolKind::Struct | SymbolKind::Union => 23,
        SymbolKind::AssociatedType => 26,
    }
}
