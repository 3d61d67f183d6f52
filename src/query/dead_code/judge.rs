//! How certain it is that nothing uses what is told as dead.

use rustc_hash::FxHashMap;

use crate::lang;
use crate::model::{LineIndex, Span, SymbolKind, Visibility};
use crate::query::{Ground, Result};
use crate::store::{FileId, FileRow, StoreError, SymbolKey, SymbolRow, Vertex};

use super::doubt::{Mentions, unresolved};
use super::life::{Life, Node};
use super::names::{Names, Namesakes};
use super::{Asleep, Doubt, Told};

/// Says of what is told how certain that is.
pub(super) struct Judge<'a> {
    pub(super) ground: &'a Ground<'a>,
    pub(super) life: &'a Life,
    pub(super) names: &'a Names,
    pub(super) told: &'a [Told],
    /// Whether every doubt is to be told; else one is enough.
    pub(super) is_all: bool,
}

impl Judge<'_> {
    /// The doubts about each, the cheapest to find first looked for.
    pub(super) fn doubts(&self, asleep: &Asleep) -> Result<Vec<Vec<Doubt>>> {
        let mut found: Vec<Found> = self.at_sight(asleep)?;
        let name = |at: usize| self.names.name(self.life, self.told[at].node);
        let mut names: Vec<&str> = self.open(&found).into_iter().map(name).collect();
        names.sort_unstable();
        names.dedup();
        let place = |at: usize| names.binary_search(&name(at)).ok();
        let mentions = Mentions::of(self.ground, &self.life.files, &names)?;
        for at in self.open(&found) {
            found[at].unread = place(at).map_or(0, |name| mentions.unread[name]);
        }
        let open = self.open(&found);
        let nodes: Vec<Node> = open.iter().map(|at| self.told[*at].node).collect();
        let mut namesakes = Namesakes::of(self.names, self.life, &nodes);
        for (at, row) in open.into_iter().zip(rows(self.ground, self.life, &nodes)?) {
            let has_twins = namesakes.twins(self.told[at].node).len() > 1;
            found[at].unresolved = unresolved(self.ground, &row, has_twins)?;
        }
        let mut wanted = vec![false; names.len()];
        self.open(&found).into_iter().filter_map(place).for_each(|name| wanted[name] = true);
        let external = mentions.external(self.ground, &wanted, if self.is_all { usize::MAX } else { 1 })?;
        for at in self.open(&found) {
            found[at].external = place(at).map_or(0, |name| external[name]);
        }
        Ok(found.into_iter().map(Found::told).collect())
    }

    /// Those that are to be looked at further.
    fn open(&self, found: &[Found]) -> Vec<usize> {
        (0..found.len()).filter(|at| self.is_all || found[*at].is_none()).collect()
    }

    /// Whether whoever is handed an object can call a method of it by its name, declared or not.
    fn is_handed_on(&self, node: Node, file: &FileRow, vertex: &Vertex) -> bool {
        let has_duck_types = lang::by_name(&file.language).is_some_and(|language| language.link.outside.duck_types);
        let is_open = vertex.kind == SymbolKind::Method && vertex.visibility != Visibility::Private;
        has_duck_types && is_open && !self.life.owners(node).is_empty()
    }

    /// What is known without looking at texts and sites.
    fn at_sight(&self, asleep: &Asleep) -> Result<Vec<Found>> {
        let outside: FxHashMap<Node, bool> = asleep.iter().map(|(node, wakes)| (*node, wakes.outside_base)).collect();
        let mut broken = BrokenLines::default();
        let mut scripts = Scripts::default();
        let mut all = Vec::with_capacity(self.told.len());
        for &Told { node, span, .. } in self.told {
            let mut found = Found { outside_base: outside.get(&node).copied().unwrap_or_default(), ..Found::default() };
            if let Some((vertex, file)) = self.life.vertex(node).zip(self.life.file(node)) {
                found.broken = file.errors > 0 && broken.touch(self.ground, file.id, span)?;
                found.expansion = vertex.kind == SymbolKind::Macro;
                found.linkage = is_linked(file, &vertex) || scripts.share(self.ground, file, &vertex)?;
                found.handed_on = self.is_handed_on(node, file, &vertex);
            }
            all.push(found);
        }
        Ok(all)
    }
}

/// The first and the last line of a span.
fn lines(index: &LineIndex, span: Span) -> (u32, u32) {
    (index.position(span.start).line, index.position(span.end).line)
}

/// What could use a definition, as far as it was looked for.
#[derive(Clone, Default, PartialEq, Eq)]
struct Found {
    broken: bool,
    unresolved: usize,
    expansion: bool,
    linkage: bool,
    unread: usize,
    external: usize,
    outside_base: bool,
    handed_on: bool,
}

impl Found {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }

    fn told(self) -> Vec<Doubt> {
        let doubts = [
            self.broken.then_some(Doubt::ParseError),
            (self.unresolved > 0).then_some(Doubt::UnresolvedSites(self.unresolved)),
            self.expansion.then_some(Doubt::Expansion),
            self.linkage.then_some(Doubt::Linkage),
            (self.unread > 0).then_some(Doubt::Mentions(self.unread)),
            (self.external > 0).then_some(Doubt::ExternalSites(self.external)),
            self.outside_base.then_some(Doubt::OutsideBase),
            self.handed_on.then_some(Doubt::HandedOn),
        ];
        doubts.into_iter().flatten().collect()
    }
}

/// Whether whoever links with the tree can use a definition without seeing a declaration.
fn is_linked(file: &FileRow, vertex: &Vertex) -> bool {
    let has_linkage = lang::by_name(&file.language).is_some_and(|language| language.link.linkage);
    let is_object = matches!(vertex.kind, SymbolKind::Function | SymbolKind::Variable);
    has_linkage && is_object && vertex.parent.is_none() && vertex.visibility == Visibility::Public
}

/// Whether the file asked for last is a script that shares its names with those loaded beside it.
#[derive(Default)]
struct Scripts {
    file: Option<FileId>,
    is_script: bool,
}

impl Scripts {
    /// Whether other scripts, and pages, can use a definition by its name alone: where modules say what they export, a
    /// file that neither imports nor exports is none.
    fn share(&mut self, ground: &Ground<'_>, file: &FileRow, vertex: &Vertex) -> Result<bool> {
        let can_share = lang::by_name(&file.language).is_some_and(|language| language.link.explicit_exports);
        if !can_share || vertex.parent.is_some() {
            return Ok(false);
        }
        if self.file != Some(file.id) {
            let facts = ground.snapshot.facts(file.id)?;
            self.file = Some(file.id);
            self.is_script = facts.imports.is_empty() && facts.exports.is_empty();
        }
        Ok(self.is_script)
    }
}

/// Lines that do not parse, of the file asked for last.
#[derive(Default)]
struct BrokenLines {
    file: Option<FileId>,
    index: Option<LineIndex>,
    lines: Vec<(u32, u32)>,
}

impl BrokenLines {
    /// Whether a definition stands on such a line, or beside one.
    fn touch(&mut self, ground: &Ground<'_>, file: FileId, span: Span) -> Result<bool> {
        if self.file != Some(file) {
            self.file = Some(file);
            let facts = ground.snapshot.facts(file)?;
            let index = LineIndex::new(&ground.snapshot.text(file)?);
            let spans = facts.diagnostics.iter().map(|found| found.span);
            self.lines = spans.map(|span| lines(&index, span)).collect();
            self.index = Some(index);
        }
        let Some(index) = &self.index else { return Ok(false) };
        let (first, last) = lines(index, Span::new(span.start, span.end.saturating_sub(1).max(span.start)));
        Ok(self.lines.iter().any(|&(from, to)| from <= last + 1 && first <= to + 1))
    }
}

/// Fewer definitions of a file are read one by one.
const ROWS_MIN: usize = 4;

/// The rows of definitions, which come in order.
pub(super) fn rows(ground: &Ground<'_>, life: &Life, nodes: &[Node]) -> Result<Vec<SymbolRow>> {
    let mut rows = Vec::with_capacity(nodes.len());
    for nodes in nodes.chunk_by(|one, other| life.file_of(*one) == life.file_of(*other)) {
        let keys: Vec<SymbolKey> = nodes.iter().filter_map(|node| life.key(*node)).collect();
        if keys.len() < ROWS_MIN {
            for key in keys {
                rows.extend(ground.snapshot.symbol(key)?);
            }
        } else {
            let symbols = ground.snapshot.symbols(keys[0].file)?;
            rows.extend(keys.iter().filter_map(|key| symbols.get(key.symbol.0 as usize).cloned()));
        }
    }
    if rows.len() < nodes.len() {
        let what = "definitions that the graph knows are not there".to_owned();
        return Err(StoreError::Damaged { path: "database".into(), what }.into());
    }
    Ok(rows)
}
