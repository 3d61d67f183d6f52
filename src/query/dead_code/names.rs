//! What all definitions are called and where they stand: read from the facts, by several threads, since reading a row for
//! each takes longer.

use rustc_hash::{FxHashMap, FxHashSet};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::model::{Arity, FileFacts, Span, SymbolId, scope_path};
use crate::query::texts::each_part;
use crate::query::{Ground, Result};
use crate::store::{FileRow, Part, Texts, unpack};

use super::life::{Life, Node};

/// Of all files, in their order.
pub(super) struct Names {
    files: Vec<OfFile>,
}

/// Of the definitions of a file, in their order.
struct OfFile {
    names: Texts,
    scope_paths: Texts,
    /// Of each name.
    hashes: Vec<u64>,
    /// Of each qualified name with the name.
    qualified_hashes: Vec<u128>,
    spans: Vec<(Span, Span)>,
    special: Vec<bool>,
    arities: Vec<Option<Arity>>,
}

impl Names {
    pub(super) fn read(ground: &Ground<'_>, files: &[FileRow]) -> Result<Self> {
        let files = each_part(ground.snapshot, files, [Part::Facts], |place, [packed]| {
            Some(OfFile::new(&FileFacts::decode_symbols(&unpack(&packed)?)?, &files[place]))
        })?;
        Ok(Self { files })
    }

    /// The simple name of a definition; empty if there is no such definition.
    pub(super) fn name(&self, life: &Life, node: Node) -> &str {
        life.place(node).map_or("", |(file, index)| self.files[file].names.get(index))
    }

    /// The whole of a definition, and its name.
    pub(super) fn spans(&self, life: &Life, node: Node) -> (Span, Span) {
        self.of(life, node, |file| &file.spans)
    }

    /// Whether a definition is of something for some arguments only.
    pub(super) fn is_special(&self, life: &Life, node: Node) -> bool {
        self.of(life, node, |file| &file.special)
    }

    /// How many arguments a definition takes; none if that is not known.
    pub(super) fn arity(&self, life: &Life, node: Node) -> Option<Arity> {
        self.of(life, node, |file| &file.arities)
    }

    /// A hash of the name of a definition.
    fn hash(&self, life: &Life, node: Node) -> u64 {
        self.of(life, node, |file| &file.hashes)
    }

    /// The same for definitions of one qualified name, and for no others.
    fn qualified_hash(&self, life: &Life, node: Node) -> u128 {
        self.of(life, node, |file| &file.qualified_hashes)
    }

    fn of<T: Copy + Default>(&self, life: &Life, node: Node, all: impl FnOnce(&OfFile) -> &[T]) -> T {
        let found = life.place(node).and_then(|(file, index)| all(&self.files[file]).get(index));
        found.copied().unwrap_or_default()
    }

    /// The qualified name of a definition; empty if there is no such definition.
    pub(super) fn qualified(&self, life: &Life, node: Node) -> String {
        let Some((file, index)) = life.place(node) else { return String::new() };
        let scope_path = self.files[file].scope_paths.get(index);
        let row = &life.files[file];
        if row.module.is_empty() { scope_path.to_owned() } else { [&row.module, &row.separator, scope_path].concat() }
    }
}

impl OfFile {
    fn new(facts: &FileFacts, file: &FileRow) -> Self {
        let mut found = Self {
            names: Texts::default(),
            scope_paths: Texts::default(),
            hashes: Vec::with_capacity(facts.symbols.len()),
            qualified_hashes: Vec::with_capacity(facts.symbols.len()),
            spans: Vec::with_capacity(facts.symbols.len()),
            special: Vec::with_capacity(facts.symbols.len()),
            arities: facts.symbols.iter().map(|symbol| symbol.arity).collect(),
        };
        let mut qualified = String::new();
        for (index, symbol) in (0..).zip(&facts.symbols) {
            let (name, scope_path) = (facts.name(symbol.name), scope_path(facts, SymbolId(index), &file.separator));
            qualified.clear();
            let parts = if file.module.is_empty() { ["", ""] } else { [&*file.module, &*file.separator] };
            parts.into_iter().chain([&*scope_path, "\0", name]).for_each(|part| qualified.push_str(part));
            found.names.push(name);
            found.hashes.push(xxh3_64(name.as_bytes()));
            found.qualified_hashes.push(xxh3_128(qualified.as_bytes()));
            found.scope_paths.push(&scope_path);
            let is_special = symbol.qualifier.is_some_and(|qualifier| facts.name(qualifier).starts_with('<'));
            found.special.push(is_special);
            found.spans.push((symbol.span, symbol.name_span));
        }
        found
    }
}

/// The definitions that share their names with some of interest.
pub(super) struct Namesakes<'n> {
    names: &'n Names,
    life: &'n Life,
    by_name: FxHashMap<&'n str, Vec<Node>>,
    /// The same with hashes of their qualified names, sorted, those of one together.
    by_qualified_name: Vec<(u128, Node)>,
}

impl<'n> Namesakes<'n> {
    /// Those of these names.
    pub(super) fn of<'w>(names: &'n Names, life: &'n Life, wanted: impl Iterator<Item = &'w str>) -> Self {
        let wanted: FxHashSet<u64> = wanted.map(|name| xxh3_64(name.as_bytes())).collect();
        let mut by_name: FxHashMap<&str, Vec<Node>> = FxHashMap::default();
        let mut by_qualified_name = Vec::new();
        for node in life.definitions().filter(|node| wanted.contains(&names.hash(life, *node))) {
            by_name.entry(names.name(life, node)).or_default().push(node);
            by_qualified_name.push((names.qualified_hash(life, node), node));
        }
        by_qualified_name.sort_unstable();
        Self { names, life, by_name, by_qualified_name }
    }

    /// Whether something has this name, which is one of those asked for.
    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    fn named(&self, node: Node) -> &[Node] {
        self.by_name.get(self.names.name(self.life, node)).map_or(&[], |nodes| nodes)
    }

    /// The others of its name.
    pub(super) fn others(&self, node: Node) -> impl Iterator<Item = Node> + Clone {
        self.named(node).iter().copied().filter(move |other| *other != node)
    }

    /// The others of its qualified name.
    pub(super) fn twins(&self, node: Node) -> impl Iterator<Item = Node> {
        let hash = self.names.qualified_hash(self.life, node);
        let first = self.by_qualified_name.partition_point(|known| known.0 < hash);
        let known = self.by_qualified_name[first..].iter().take_while(move |known| known.0 == hash);
        known.map(|known| known.1).filter(move |twin| *twin != node)
    }

    /// The constructors written outside of a type under its qualified name, among these.
    pub(super) fn outside_of<'s>(&'s self, class: Node, among: &'s [Node]) -> impl Iterator<Item = Node> + 's {
        let name = self.names.name(self.life, class);
        let around = if among.is_empty() { String::new() } else { self.names.qualified(self.life, class) };
        among.iter().copied().filter(move |&node| {
            let whole = self.names.qualified(self.life, node);
            let rest = whole.strip_prefix(&around).and_then(|rest| rest.strip_suffix(name));
            rest.is_some_and(|separator| matches!(separator, "::" | "."))
        })
    }
}
