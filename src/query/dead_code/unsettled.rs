//! Unsettled sites that could mean a definition, counted without reading its row: what [`Meaning`](crate::query::site)
//! finds for one symbol, for thousands of them. Each name's sites are read once.

use rustc_hash::FxHashMap;

use crate::lang;
use crate::model::{Arity, Marks, Role, Rule, SymbolKind};
use crate::query::site::{accepts, family};
use crate::query::{Ground, Result};
use crate::store::{OccurrenceRow, OpenSite, SymbolKey, Target};

use super::life::{Life, Node};
use super::names::Names;
use super::wakes::Search;

/// Looks for them, and remembers what it read.
pub(super) struct Unsettled<'a> {
    ground: &'a Ground<'a>,
    life: &'a Life,
    names: &'a Names,
    search: Search<'a>,
    /// Definitions that something means unless another is passed to it, by name.
    fallbacks: FxHashMap<&'a str, Vec<Node>>,
    unknown: FxHashMap<&'a str, Vec<OpenSite>>,
    uses: FxHashMap<Node, Vec<(OpenSite, Target)>>,
}

impl<'a> Unsettled<'a> {
    /// For these definitions.
    pub(super) fn of(ground: &'a Ground<'a>, life: &'a Life, names: &'a Names, wanted: &[Node]) -> Self {
        let mut fallbacks: FxHashMap<&str, Vec<Node>> = FxHashMap::default();
        for &node in life.fallbacks() {
            fallbacks.entry(names.name(life, node)).or_default().push(node);
        }
        let search = Search::new(ground, life, names, wanted);
        let (unknown, uses) = (FxHashMap::default(), FxHashMap::default());
        Self { ground, life, names, search, fallbacks, unknown, uses }
    }

    /// How many could mean a definition, those inside of it left out; or one, if one is enough.
    pub(super) fn count(&mut self, node: Node, is_one_enough: bool) -> Result<usize> {
        let Some(key) = self.life.key(node) else { return Ok(0) };
        let meant = self.meant(node);
        let arities = self.arities(&meant);
        let own = self.names.spans(self.life, node).0;
        let (life, own_family) = (self.life, self.family(node));
        let is_outside =
            |site: &OpenSite| site.file != key.file || site.span.start < own.start || own.end < site.span.end;
        let could_be = |site: &OpenSite| {
            (site.role != Role::Call || accepts(&arities, site.arity))
                && is_outside(site)
                && family(life.language(site.file)) == own_family
        };
        let place = |site: &OpenSite| (site.file, site.span, site.role as u8);
        let keys: Vec<SymbolKey> = meant.iter().filter_map(|node| life.key(*node)).collect();
        let mut places = Vec::new();
        for name in self.names_of(&meant) {
            let mut found = self.unknown(name)?.iter().filter(|site| could_be(site)).map(place);
            if is_one_enough && found.next().is_some() {
                return Ok(1);
            }
            places.extend(found);
            for other in self.fallbacks(name, own_family, &meant) {
                let sites =
                    self.uses(other)?.iter().filter(|(site, target)| is_fallback(target, &keys) && could_be(site));
                places.extend(sites.map(|(site, _)| place(site)));
            }
        }
        for base in self.overridden(node) {
            // A use that lists candidates lists this one too, or cannot mean it.
            let is_call = |(site, target): &&(OpenSite, Target)| {
                site.role.is_call() && matches!(target, Target::Resolved(..)) && is_outside(site)
            };
            places.extend(self.uses(base)?.iter().filter(is_call).map(|(site, _)| place(site)));
        }
        places.sort_unstable();
        places.dedup();
        Ok(places.len())
    }

    fn family(&self, node: Node) -> &'static str {
        self.life.file(node).map_or("", |file| family(&file.language))
    }

    /// What naming a definition means, itself first.
    fn meant(&mut self, node: Node) -> Vec<Node> {
        let Some((file, vertex)) = self.life.file(node).zip(self.life.vertex(node)) else { return vec![node] };
        let mut meant = self.search.declared(node);
        meant.insert(0, node);
        if vertex.kind.is_type() {
            meant.extend(self.search.constructors(node, file));
        }
        meant.extend(self.search.inheriting(node, file));
        meant
    }

    fn names_of(&self, nodes: &[Node]) -> Vec<&'a str> {
        let mut names: Vec<&str> = nodes.iter().map(|node| self.names.name(self.life, *node)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What the callables among these take; empty if one takes who knows what.
    fn arities(&self, nodes: &[Node]) -> Vec<(Arity, Marks)> {
        let vertices = nodes.iter().filter_map(|node| Some((*node, self.life.vertex(*node)?)));
        let callables = vertices.filter(|(_, vertex)| vertex.kind.is_callable());
        let arities = callables.map(|(node, vertex)| Some((self.names.arity(self.life, node)?, vertex.marks)));
        arities.collect::<Option<Vec<_>>>().unwrap_or_default()
    }

    fn unknown(&mut self, name: &'a str) -> Result<&[OpenSite]> {
        if !self.unknown.contains_key(name) {
            self.unknown.insert(name, self.ground.snapshot.open_sites(name)?);
        }
        Ok(self.unknown.get(name).map_or(&[], |sites| sites))
    }

    fn uses(&mut self, node: Node) -> Result<&[(OpenSite, Target)]> {
        if let (false, Some(key)) = (self.uses.contains_key(&node), self.life.key(node)) {
            let rows = self.ground.snapshot.uses(key)?;
            self.uses.insert(node, rows.into_iter().map(short).collect());
        }
        Ok(self.uses.get(&node).map_or(&[], |sites| sites))
    }

    /// Other members of a name that are meant unless a caller passes something else.
    fn fallbacks(&self, name: &str, own_family: &str, meant: &[Node]) -> Vec<Node> {
        let has_defaults = |file: &str| lang::by_name(file).is_some_and(|language| language.link.default_types);
        if !self.life.file(meant[0]).is_some_and(|file| has_defaults(&file.language)) {
            return Vec::new();
        }
        let is_other = |node: &Node| {
            self.life.parent(*node).is_some() && !meant.contains(node) && self.family(*node) == own_family
        };
        self.fallbacks.get(name).into_iter().flatten().copied().filter(is_other).collect()
    }

    /// The methods of base types that a method overrides or implements: a call that names one of them may run it.
    fn overridden(&self, node: Node) -> Vec<Node> {
        let life = self.life;
        let is_method = |kind| matches!(kind, SymbolKind::Method | SymbolKind::Destructor);
        let is_one = life.vertex(node).is_some_and(|vertex| is_method(vertex.kind));
        let bases = life.with_bases(life.parent(node).filter(|_| is_one)).into_iter().skip(1);
        let name = self.names.name(life, node);
        bases.flat_map(|base| life.children(base)).filter(|member| self.names.name(life, *member) == name).collect()
    }
}

/// What counts of a use.
fn short(row: OccurrenceRow) -> (OpenSite, Target) {
    (OpenSite::from(&row), row.target)
}

/// Whether what a use means is something else only unless one of these is passed.
fn is_fallback(target: &Target, meant: &[SymbolKey]) -> bool {
    match target {
        Target::Candidates(keys, rule) => *rule == Rule::Fallback && !meant.iter().any(|key| keys.contains(key)),
        _ => false,
    }
}
