//! What all definitions are called and where they stand: read from the facts, by several threads, since reading a row for
//! each takes longer.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::{FileFacts, Span, SymbolId, scope_path};
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
    spans: Vec<(Span, Span)>,
    special: Vec<bool>,
}

impl Names {
    pub(super) fn read(ground: &Ground<'_>, files: &[FileRow]) -> Result<Self> {
        let files = each_part(ground.snapshot, files, [Part::Facts], |place, [packed]| {
            Some(OfFile::new(&FileFacts::decode_symbols(&unpack(&packed)?)?, &files[place].separator))
        })?;
        Ok(Self { files })
    }

    /// The simple name of a definition; empty if there is no such definition.
    pub(super) fn name(&self, life: &Life, node: Node) -> &str {
        life.place(node).map_or("", |(file, index)| self.files[file].names.get(index))
    }

    /// The whole of a definition, and its name.
    pub(super) fn spans(&self, life: &Life, node: Node) -> (Span, Span) {
        let found = life.place(node).and_then(|(file, index)| self.files[file].spans.get(index));
        found.copied().unwrap_or_default()
    }

    /// Whether a definition is of something for some arguments only.
    pub(super) fn is_special(&self, life: &Life, node: Node) -> bool {
        life.place(node).is_some_and(|(file, index)| self.files[file].special.get(index) == Some(&true))
    }

    fn qualified(&self, life: &Life, node: Node) -> String {
        let Some((file, index)) = life.place(node) else { return String::new() };
        let scope_path = self.files[file].scope_paths.get(index);
        let row = &life.files[file];
        if row.module.is_empty() { scope_path.to_owned() } else { [&row.module, &row.separator, scope_path].concat() }
    }
}

impl OfFile {
    fn new(facts: &FileFacts, separator: &str) -> Self {
        let mut found =
            Self { names: Texts::default(), scope_paths: Texts::default(), spans: Vec::new(), special: Vec::new() };
        for (index, symbol) in (0..).zip(&facts.symbols) {
            found.names.push(facts.name(symbol.name));
            found.scope_paths.push(&scope_path(facts, SymbolId(index), separator));
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
    /// Of the names asked for, by qualified name.
    by_qualified_name: FxHashMap<&'n str, FxHashMap<String, Vec<Node>>>,
}

impl<'n> Namesakes<'n> {
    /// Of these definitions.
    pub(super) fn of(names: &'n Names, life: &'n Life, wanted: &[Node]) -> Self {
        let wanted: FxHashSet<&str> = wanted.iter().map(|node| names.name(life, *node)).collect();
        let mut by_name: FxHashMap<&str, Vec<Node>> = FxHashMap::default();
        for node in life.definitions() {
            let name = names.name(life, node);
            if wanted.contains(name) {
                by_name.entry(name).or_default().push(node);
            }
        }
        Self { names, life, by_name, by_qualified_name: FxHashMap::default() }
    }

    /// All definitions of the name of one, that among them.
    pub(super) fn named(&self, node: Node) -> &[Node] {
        self.by_name.get(self.names.name(self.life, node)).map_or(&[], |nodes| nodes)
    }

    /// Those of the same qualified name.
    pub(super) fn twins(&mut self, node: Node) -> &[Node] {
        let Self { names, life, by_name, by_qualified_name } = self;
        let name = names.name(life, node);
        let known = by_qualified_name.entry(name).or_insert_with(|| {
            let mut known: FxHashMap<String, Vec<Node>> = FxHashMap::default();
            for other in by_name.get(name).into_iter().flatten() {
                known.entry(names.qualified(life, *other)).or_default().push(*other);
            }
            known
        });
        known.get(&names.qualified(life, node)).map_or(&[], |nodes| nodes)
    }

    /// The constructors written outside of a type under its qualified name, among these.
    pub(super) fn outside_of<'s>(&'s self, class: Node, among: &'s [Node]) -> impl Iterator<Item = Node> + 's {
        let (name, around) = (self.names.name(self.life, class), self.names.qualified(self.life, class));
        among.iter().copied().filter(move |&node| {
            let whole = self.names.qualified(self.life, node);
            let rest = whole.strip_prefix(&around).and_then(|rest| rest.strip_suffix(name));
            rest.is_some_and(|separator| matches!(separator, "::" | "."))
        })
    }
}
