//! How certain it is that nothing uses what is told as dead.

use std::collections::BTreeSet;
use std::iter;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::lang;
use crate::model::{LineIndex, Marks, Span, SymbolKind, Visibility};
use crate::query::offered::outside;
use crate::query::within::may_be_data;
use crate::query::{Ground, Result};
use crate::store::{FileId, FileRow, StoreError, SymbolKey, SymbolRow, Vertex};

use super::doubt::{Mentions, Wanted};
use super::life::{Life, Node};
use super::names::{Names, Namesakes};
use super::remarks::Remarks;
use super::unsettled::Unsettled;
use super::wakes::{has_duck_types, has_linkage};
use super::{Asleep, Doubt, Told, by_file};

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
    /// The doubts about each, the cheapest to find first looked for, and its lines; those of doubtful ones are told only
    /// if every doubt is.
    pub(super) fn doubts(&self, asleep: &Asleep) -> Result<(Vec<Vec<Doubt>>, Vec<u32>)> {
        let mut found: Vec<Found> = self.at_sight(asleep)?;
        let name = |at: usize| self.names.name(self.life, self.told[at].node);
        let stems = self.stems(&self.open(&found));
        let mut names: Vec<&str> = self.open(&found).into_iter().map(name).chain(stems.iter().copied()).collect();
        names.sort_unstable();
        names.dedup();
        let place = |name: &str| names.binary_search(&name).ok();
        // The places of the name of a definition, and of what it may be pasted together with a number from.
        let places = |at: usize| {
            let stem = stem(name(at)).filter(|stem| stems.contains(stem));
            place(name(at)).into_iter().chain(stem.and_then(place))
        };
        let wanted = Wanted { names: &names, is_all: self.is_all };
        let (life, all, told) = (self.life, self.names, self.told);
        let by_file: FxHashMap<usize, &[Told]> = by_file(life, told).collect();
        let remarks = |file: usize, text: &[u8]| -> Vec<Remarks> {
            let told = by_file.get(&file).copied().unwrap_or_default();
            told.iter().map(|told| Remarks::of(life, all, told, text)).collect()
        };
        let mentions = Mentions::of(self.ground, &life.files, &wanted, remarks)?;
        let mut remarks = mentions.besides.concat();
        remarks.resize(told.len(), Remarks::default());
        for at in self.open(&found) {
            found[at].documented = remarks[at].is_documented;
            found[at].unread = places(at).map(|name| mentions.unread[name]).sum();
            found[at].unread += usize::from(remarks[at].is_passed_on);
        }
        let open = self.open(&found);
        let nodes: Vec<Node> = open.iter().map(|at| self.told[*at].node).collect();
        let mut unsettled = Unsettled::of(self.ground, self.life, self.names, &nodes);
        for (at, node) in open.into_iter().zip(nodes) {
            found[at].unresolved = unsettled.count(node, !self.is_all)?;
        }
        let mut wanted = vec![false; names.len()];
        self.open(&found).into_iter().flat_map(places).for_each(|name| wanted[name] = true);
        let external = mentions.external(self.ground, &wanted, if self.is_all { usize::MAX } else { 1 })?;
        for at in self.open(&found) {
            found[at].external = places(at).map(|name| external[name]).sum();
        }
        Ok((found.into_iter().map(Found::told).collect(), remarks.iter().map(|remarks| remarks.lines).collect()))
    }

    /// What macros may paste names of these definitions together from, where nothing has that name.
    fn stems(&self, open: &[usize]) -> FxHashSet<&str> {
        let nodes = open.iter().map(|at| self.told[*at].node);
        let pasted = nodes.filter(|node| self.life.file(*node).is_some_and(has_linkage));
        let mut stems: FxHashSet<&str> = pasted.filter_map(|node| stem(self.names.name(self.life, node))).collect();
        if !stems.is_empty() {
            let namesakes = Namesakes::of(self.names, self.life, stems.iter().copied());
            stems.retain(|stem| !namesakes.has(stem));
        }
        stems
    }

    /// Those that are to be looked at further.
    fn open(&self, found: &[Found]) -> Vec<usize> {
        (0..found.len()).filter(|at| self.is_all || found[*at].is_none()).collect()
    }

    /// Whether whoever is handed an object can call a method of it by its name, declared or not.
    fn is_handed_on(&self, node: Node, file: &FileRow, vertex: &Vertex) -> bool {
        let is_open = vertex.kind == SymbolKind::Method && vertex.visibility != Visibility::Private;
        has_duck_types(file) && is_open && !self.life.owners(node).is_empty()
    }

    /// Whether a definition, or the head of one around it, stands on a line that does not parse, or beside one.
    fn is_broken(&self, told: &Told, broken: &BrokenLines) -> bool {
        let head = |around: Node| {
            let (span, name) = self.names.spans(self.life, around);
            Span::new(span.start, name.end.max(span.start))
        };
        broken.touch(told.span) || self.life.around(told.node).any(|around| broken.touch(head(around)))
    }

    /// Functions that others may be shown by a declaration of their name which a misread file has somewhere else.
    fn misdeclared(&self) -> FxHashSet<Node> {
        let life = self.life;
        let is_function = |node: Node, is_declared: bool| {
            let is_one = |vertex: Vertex| {
                let (declared, kept) = (vertex.marks.has(Marks::DECLARATION), vertex.marks.has(Marks::STATIC));
                vertex.kind == SymbolKind::Function && declared == is_declared && !kept
            };
            life.vertex(node).is_some_and(is_one) && life.file(node).is_some_and(has_linkage)
        };
        let is_linked = |node: &Node| is_function(*node, false);
        let linked: Vec<Node> = self.told.iter().map(|told| told.node).filter(is_linked).collect();
        if linked.is_empty() {
            return FxHashSet::default();
        }
        let names = linked.iter().map(|node| self.names.name(life, *node));
        let namesakes = Namesakes::of(self.names, life, names);
        let is_misread = |other: Node| is_function(other, true) && life.file(other).is_some_and(|file| file.errors > 0);
        linked.into_iter().filter(|node| namesakes.others(*node).any(is_misread)).collect()
    }

    /// Whether a definition stands in a module that stands in a callable: something was misread before.
    fn is_misplaced(&self, node: Node) -> bool {
        let own = iter::once(node).chain(self.life.around(node));
        let mut modules = own.skip_while(|own| !self.life.is(*own, SymbolKind::is_module));
        modules.any(|around| self.life.is(around, SymbolKind::is_callable))
    }

    /// What is known without looking at texts and sites.
    fn at_sight(&self, asleep: &Asleep) -> Result<Vec<Found>> {
        let outside_bases: FxHashSet<Node> =
            asleep.iter().filter(|(_, wakes)| wakes.outside_base).map(|(node, _)| *node).collect();
        let mut used_files = None;
        let undeclared = Undeclared::of(&self.life.files);
        let misdeclared = self.misdeclared();
        let mut all = Vec::with_capacity(self.told.len());
        for (at, told) in by_file(self.life, self.told) {
            let file = &self.life.files[at];
            let by_name = outside(&file.language).is_some_and(|outside| outside.named_tests);
            let test_data =
                may_be_data(&file.path, by_name) && !used_files.get_or_insert_with(|| self.life.used_files())[at];
            let is_outermost = |told: &Told| self.life.parent(told.node).is_none();
            let is_shared = told.iter().any(is_outermost) && is_script(self.ground, file)?;
            let broken = if file.errors > 0 { Some(BrokenLines::of(self.ground, file.id)?) } else { None };
            let undeclared = undeclared.has(file);
            for told in told {
                let Some(vertex) = self.life.vertex(told.node) else { continue };
                all.push(Found {
                    broken: misdeclared.contains(&told.node)
                        || has_linkage(file) && self.is_misplaced(told.node)
                        || broken.as_ref().is_some_and(|broken| self.is_broken(told, broken)),
                    expansion: vertex.kind == SymbolKind::Macro,
                    linkage: is_linked(file, &vertex) || is_shared && is_outermost(told),
                    handed_on: self.is_handed_on(told.node, file, &vertex),
                    outside_base: outside_bases.contains(&told.node),
                    test_data,
                    undeclared,
                    ..Found::default()
                });
            }
        }
        Ok(all)
    }
}

/// A name without the number at its end: `context` of `context8`.
fn stem(name: &str) -> Option<&str> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (stem.len() < name.len() && stem.len() >= STEM_BYTES_MIN).then_some(stem)
}

/// Shorter names without their number say nothing.
const STEM_BYTES_MIN: usize = 4;

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
    documented: bool,
    test_data: bool,
    undeclared: bool,
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
            self.documented.then_some(Doubt::Documented),
            self.test_data.then_some(Doubt::TestData),
            self.undeclared.then_some(Doubt::Undeclared),
        ];
        doubts.into_iter().flatten().collect()
    }
}

/// Whether whoever links with the tree can use a definition without seeing a declaration.
fn is_linked(file: &FileRow, vertex: &Vertex) -> bool {
    let is_object = matches!(vertex.kind, SymbolKind::Function | SymbolKind::Variable);
    has_linkage(file) && is_object && vertex.parent.is_none() && vertex.visibility == Visibility::Public
}

/// Whether other scripts, and pages, can use what stands outermost in a file by its name alone: where modules say what they
/// export, a file that neither imports nor exports is none.
fn is_script(ground: &Ground<'_>, file: &FileRow) -> Result<bool> {
    if !lang::by_name(&file.language).is_some_and(|language| language.link.explicit_exports) {
        return Ok(false);
    }
    let facts = ground.snapshot.facts(file.id)?;
    Ok(facts.imports.is_empty() && facts.exports.is_empty())
}

/// The modules that no declaration leads to which could be read: macros may make one, or name the file.
struct Undeclared<'l> {
    /// The first parts of their names, sorted.
    modules: Vec<&'l str>,
}

impl<'l> Undeclared<'l> {
    fn of(files: &'l [FileRow]) -> Self {
        let must_declare = |file: &&FileRow| outside(&file.language).is_some_and(|outside| outside.declared_files);
        let (alone, others): (Vec<&FileRow>, Vec<&FileRow>) = files.iter().filter(must_declare).partition(|file| {
            let (_, name) = split(file);
            name.split('.').next() == Some(file.module.as_str())
        });
        // Beside no other file it is a program by itself.
        let folders: BTreeSet<&str> = others.iter().map(|file| split(file).0).collect();
        let is_beside = |file: &&FileRow| {
            let folder = split(file).0;
            let ends = folder.match_indices('/').map(|(end, _)| end).chain([0, folder.len()]);
            ends.into_iter().any(|end| folders.contains(&folder[..end]))
        };
        let mut modules: Vec<&str> = alone.into_iter().filter(is_beside).map(|file| file.module.as_str()).collect();
        modules.sort_unstable();
        Self { modules }
    }

    fn has(&self, file: &FileRow) -> bool {
        let first = file.module.split(file.separator.as_str()).next().unwrap_or_default();
        outside(&file.language).is_some_and(|outside| outside.declared_files)
            && self.modules.binary_search(&first).is_ok()
    }
}

/// The folder and the name of a file.
fn split(file: &FileRow) -> (&str, &str) {
    file.path.rsplit_once('/').unwrap_or(("", &file.path))
}

/// Lines of a file that do not parse.
struct BrokenLines {
    index: LineIndex,
    lines: Vec<(u32, u32)>,
}

impl BrokenLines {
    fn of(ground: &Ground<'_>, file: FileId) -> Result<Self> {
        let facts = ground.snapshot.facts(file)?;
        let index = LineIndex::new(&ground.snapshot.text(file)?);
        let found = facts.diagnostics.iter().map(|found| lines(&index, found.span)).collect();
        Ok(Self { index, lines: found })
    }

    /// Whether a definition stands on such a line, or beside one.
    fn touch(&self, span: Span) -> bool {
        let (first, last) = lines(&self.index, Span::new(span.start, span.end.saturating_sub(1).max(span.start)));
        self.lines.iter().any(|&(from, to)| from <= last + 1 && first <= to + 1)
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
