//! What may break if something changes: everything that uses it, overrides it, implements it or imports it, and what uses
//! that, by distance, with the tests that reach it.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use rustc_hash::{FxHashMap, FxHashSet};
use schemars::JsonSchema;
use serde::Serialize;

use crate::graph::{Adjacency, Reach, reach, reached_by_each};
use crate::model::{RelationKind, Role};
use crate::store::SymbolRow;
use crate::walk::{Since, changed_lines};

use super::network::{Doubt, Drawing, Filter, Namer, Network, Place, Scope, Use, doubt_backward, draw};
use super::overrides::Overrides;
use super::pattern::{Paths, Subject};
use super::reachable::{by_distance, roots};
use super::{Ground, List, QueryError, Result};

/// Of what, and how far.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// What changes.
    #[command(flatten)]
    pub change: Change,
    /// What to list.
    #[command(flatten)]
    pub scope: Scope,
}

/// What changes.
#[derive(clap::Args, Clone, Debug)]
pub struct Change {
    /// A symbol, or a file, a folder or a glob as in `.gitignore`
    #[arg(value_name = "SYMBOL|FILE", required_unless_present_any = ["diff", "staged"], conflicts_with_all = ["diff", "staged"])]
    pub subject: Option<String>,
    /// What git says has changed between a revision, HEAD if none is given, and the files on disk
    #[arg(long, value_name = "REV", num_args = 0..=1, default_missing_value = "HEAD", conflicts_with = "staged")]
    pub diff: Option<String>,
    /// What is staged in git
    #[arg(long)]
    pub staged: bool,
}

/// What may break.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// What changes: definitions and top levels of files. Of what changes as a whole the outermost.
    pub roots: List<Place>,
    /// Changed files that are not in the index: gone, new or of no known language.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_indexed: Vec<String>,
    /// Whether nothing else can break, within the depth asked for, as far as names lead.
    pub complete: bool,
    /// How many may break at each distance from 1 on, whatever is listed.
    pub by_distance: Vec<usize>,
    /// What may break, near ones first, then by path and position.
    pub affected: List<Affected>,
    /// Tests that reach what changes.
    pub tests: List<Affected>,
    /// What stands between this and completeness.
    pub doubt: Doubt,
    /// What to draw, if that is wanted.
    #[serde(skip)]
    pub drawing: Option<Drawing>,
}

/// Something that may break.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Affected {
    /// What it is.
    #[serde(flatten)]
    pub place: Place,
    /// Steps on the shortest way to what changes.
    pub distance: u32,
    /// How it depends on the next on that way: a role as in `refs`, a relation as in `get`, or `overrides`; empty for what
    /// changes itself.
    pub by: &'static str,
    /// What that is.
    pub through: String,
    /// Whether no step of that way is a candidate.
    pub certain: bool,
}

/// Finds what may break.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let network = Network::read(ground)?;
    let filter = Filter::new(ground, &args.scope)?;
    let impact = Impact::find(ground, &network, &filter, &args.change)?;
    let listed: Vec<u32> = impact.beyond().filter(|&node| filter.lists(&network, node)).collect();
    let tests: Vec<u32> = listed.iter().copied().filter(|&node| is_test_callable(&network, node)).collect();
    let namer = Namer { ground, network: &network };
    let shown = &listed[..listed.len().min(ground.limit)];
    let edges = impact.edges.iter().map(|edge| (edge.from, impact.outermost(&network, edge.to), edge.is_certain));
    let roots = &impact.shown_roots;
    let drawn = &roots[..roots.len().min(ground.limit)];
    let hidden = listed.len() - shown.len() + roots.len() - drawn.len();
    let drawing = draw(namer, (drawn, shown), edges, hidden, args.scope.picture)?;
    Ok(Reply {
        roots: List { total: roots.len(), items: namer.places(drawn)? },
        complete: impact.doubt.is_none() && impact.not_indexed.is_empty(),
        by_distance: by_distance(impact.beyond().map(|node| impact.found.distance[node as usize])),
        affected: impact.list(namer, &listed)?,
        tests: impact.list(namer, &tests)?,
        drawing,
        doubt: impact.doubt,
        not_indexed: impact.not_indexed,
    })
}

/// A test that can be run, not a module of tests.
pub(super) fn is_test_callable(network: &Network, node: u32) -> bool {
    network.is_test(node) && network.vertex(node).is_some_and(|vertex| vertex.kind.is_callable())
}

/// Something that depends on something.
#[derive(Clone, Copy)]
struct Dependency {
    from: u32,
    to: u32,
    by: &'static str,
    is_certain: bool,
}

/// What depends on what changes.
pub(super) struct Impact {
    found: Reach,
    /// All dependencies, also those that are not reached.
    edges: Vec<Dependency>,
    /// Roots without what is inside of others.
    pub(super) shown_roots: Vec<u32>,
    pub(super) not_indexed: Vec<String>,
    pub(super) doubt: Doubt,
}

impl Impact {
    pub(super) fn find(ground: &Ground<'_>, network: &Network, filter: &Filter, change: &Change) -> Result<Self> {
        let Changed { mut nodes, whole_files, not_indexed } = changed(ground, network, change)?;
        nodes.iter_mut().for_each(|node| *node = network.owner_of(*node));
        nodes.sort_unstable();
        nodes.dedup();
        let mut edges = dependents(network, filter, &nodes);
        let mut overrides = Overrides::new(ground, network);
        // What overrides a method is only looked for where a method is reached: that may reach more.
        let found = loop {
            let pairs: Vec<(u32, u32)> = edges.iter().map(|edge| (edge.to, edge.from)).collect();
            let found = reach(&Adjacency::new(network.nodes(), &pairs), &nodes, filter.depth);
            let more = overrides.of_all(&found.order)?.into_iter();
            let more = more.filter(|(_, by)| !(filter.no_tests && network.is_test(*by)));
            let known = edges.len();
            edges.extend(more.map(|(to, from)| Dependency { from, to, by: "overrides", is_certain: true }));
            if edges.len() == known {
                break found;
            }
        };
        let doubt = doubt_backward(ground, network, &found.order)?;
        let is_root = |node: u32| nodes.binary_search(&node).is_ok();
        let is_outermost = |node: u32| match network.parent(node) {
            Some(parent) => !is_root(parent),
            None => !whole_files || network.vertex(node).is_none(),
        };
        let shown_roots = nodes.iter().copied().filter(|&node| is_outermost(node)).collect();
        Ok(Self { found, edges, shown_roots, not_indexed, doubt })
    }

    /// Of what changes the outermost that it stands in, anything else itself.
    fn outermost(&self, network: &Network, node: u32) -> u32 {
        let is_hidden = |node: u32| self.shown_roots.binary_search(&node).is_err();
        let mut outer = node;
        while self.found.distance[node as usize] == 0 && is_hidden(outer) {
            // What stands in no definition stands in a file, which changes as a whole.
            let top = network.vertex(outer).and_then(|_| network.top(network.file(outer).id));
            let Some(around) = network.parent(outer).or(top) else { break };
            outer = around;
        }
        outer
    }

    /// What changes and what depends on it, near ones first.
    pub(super) fn all(&self) -> impl Iterator<Item = u32> {
        self.found.order.iter().copied()
    }

    /// What depends on what changes without being part of it, near ones first.
    pub(super) fn beyond(&self) -> impl Iterator<Item = u32> {
        self.found.order.iter().copied().filter(|&node| self.found.distance[node as usize] > 0)
    }

    /// What changes.
    pub(super) fn roots(&self) -> impl Iterator<Item = u32> {
        self.all().take_while(|&node| self.found.distance[node as usize] == 0)
    }

    /// How much would depend on each thing that changes if it changed by itself.
    pub(super) fn alone(&self, network: &Network, depth: u32) -> Vec<(u32, usize)> {
        let roots: Vec<u32> = self.roots().collect();
        let is_top = |node: u32| network.vertex(node).is_none();
        // A top level leads no further unless it changes itself: as such it stands apart, where nothing leads to it.
        let nodes = network.nodes();
        let apart = |node: u32| roots.binary_search(&node).map_or(node, |at| (nodes + at) as u32);
        let dependents = self.edges.iter().map(|edge| match is_top(edge.to) {
            true => (apart(edge.to), edge.from),
            false => (edge.to, edge.from),
        });
        let graph = Adjacency::new(nodes + roots.len(), &dependents.collect::<Vec<_>>());
        let sources: Vec<u32> = roots.iter().map(|&root| if is_top(root) { apart(root) } else { root }).collect();
        let is_other = |source: u32, node: u32| match (source as usize).checked_sub(nodes) {
            Some(at) => roots[at] != node,
            None => true,
        };
        roots.iter().copied().zip(reached_by_each(&graph, &sources, depth, is_other)).collect()
    }

    /// How the steps of some ways depend, and whether that is certain: a certain use tells more than a candidate, the first
    /// of either the most.
    fn told(&self, ways: &[Vec<u32>]) -> FxHashMap<(u32, u32), (&'static str, bool)> {
        let steps: FxHashSet<(u32, u32)> =
            ways.iter().flat_map(|way| way.windows(2)).map(|pair| (pair[1], pair[0])).collect();
        let mut told: FxHashMap<(u32, u32), (&'static str, bool)> = FxHashMap::default();
        for edge in self.edges.iter().filter(|edge| steps.contains(&(edge.from, edge.to))) {
            let known = told.entry((edge.from, edge.to)).or_insert((edge.by, edge.is_certain));
            if edge.is_certain && !known.1 {
                *known = (edge.by, true);
            }
        }
        told
    }

    /// The first of some nodes, as the limit allows.
    pub(super) fn list(&self, namer: Namer<'_>, nodes: &[u32]) -> Result<List<Affected>> {
        let shown = &nodes[..nodes.len().min(namer.ground.limit)];
        let ways: Vec<Vec<u32>> = shown.iter().map(|&node| self.found.way_to(node)).collect();
        let told = self.told(&ways);
        let mut items = Vec::with_capacity(shown.len());
        for (&node, way) in shown.iter().zip(&ways) {
            let steps = || way.windows(2).filter_map(|pair| told.get(&(pair[1], pair[0])));
            items.push(Affected {
                place: namer.place(node)?,
                distance: self.found.distance[node as usize],
                by: steps().next_back().map_or("", |(by, _)| by),
                through: match way[..] {
                    [.., before, _] => namer.place(before)?.qualified_name,
                    _ => String::new(),
                },
                certain: steps().all(|(_, is_certain)| *is_certain),
            });
        }
        Ok(List { total: nodes.len(), items })
    }
}

/// What depends on each definition at once, relations first. The top level of a file leads no further: what imports
/// something is not what that changes, unless the file itself changes.
fn dependents(network: &Network, filter: &Filter, roots: &[u32]) -> Vec<Dependency> {
    let is_root = |node: u32| roots.binary_search(&node).is_ok();
    // What is a member of a type is used by itself.
    let relations = network.relations.iter().filter(|row| row.1 != RelationKind::MemberOf);
    let relations = relations.map(|&(from, kind, to)| {
        let (from, to) = (network.owner_of(from), network.owner_of(to));
        Dependency { from, to, by: kind.word(), is_certain: true }
    });
    let uses = network.uses.iter().filter(|edge| network.vertex(edge.to).is_some() || is_root(edge.to));
    let uses = uses.map(|&Use { from, to, role, is_certain }| Dependency { from, to, by: role.word(), is_certain });
    let imports = network.imports.iter().filter(|(_, imported)| is_root(*imported));
    let imports = imports.map(|&(from, to)| Dependency { from, to, by: Role::Import.word(), is_certain: true });
    let is_kept = |edge: &Dependency| edge.from != edge.to && !(filter.no_tests && network.is_test(edge.from));
    relations.chain(uses).chain(imports).filter(is_kept).collect()
}

/// What changes.
struct Changed {
    nodes: Vec<u32>,
    /// Whether those are files as a whole.
    whole_files: bool,
    not_indexed: Vec<String>,
}

fn changed(ground: &Ground<'_>, network: &Network, change: &Change) -> Result<Changed> {
    if let Some(subject) = &change.subject {
        return named(ground, network, subject);
    }
    let since = change.diff.as_deref().map_or(Since::Staged, Since::Revision);
    let mut changed = Changed { nodes: Vec::new(), whole_files: false, not_indexed: Vec::new() };
    for file in changed_lines(ground.root, since)? {
        let row = if file.is_gone { None } else { ground.snapshot.file(&file.path)? };
        match row.as_ref().and_then(|row| network.top(row.id)).zip(row.as_ref()) {
            Some((top, row)) => {
                let symbols = ground.snapshot.symbols(row.id)?;
                changed.nodes.extend(innermost(&symbols, &file.lines).into_iter().map(|place| top + place));
            }
            None => changed.not_indexed.push(file.path),
        }
    }
    Ok(changed)
}

/// The innermost definitions around some lines, as one more than their number; 0 for lines that stand in none.
fn innermost(symbols: &[SymbolRow], lines: &[RangeInclusive<u32>]) -> BTreeSet<u32> {
    let last = symbols.iter().map(|symbol| symbol.end_line).max().unwrap_or(0);
    // A parent comes before its children, which so overwrite it.
    let mut around = vec![0u32; last as usize + 1];
    for (place, symbol) in (1..).zip(symbols) {
        if let Some(own) = around.get_mut(symbol.start_line as usize..=symbol.end_line as usize) {
            own.fill(place);
        }
    }
    let mut found = BTreeSet::new();
    for range in lines {
        let end = (*range.end()).min(last);
        found.extend((*range.start()..=end).map(|line| around[line as usize]));
        if *range.end() > last {
            found.insert(0);
        }
    }
    found
}

fn named(ground: &Ground<'_>, network: &Network, subject: &str) -> Result<Changed> {
    let has_files = |paths: &Paths| Ok(!paths.files(ground)?.is_empty());
    let not_indexed = Vec::new();
    match Subject::of(ground, Some(subject), has_files)? {
        Subject::Symbol(symbol) => {
            let nodes = roots(ground, network, &symbol)?;
            Ok(Changed { nodes, whole_files: false, not_indexed })
        }
        Subject::Paths(paths) => {
            let tops: Vec<u32> = paths.files(ground)?.iter().filter_map(|file| network.top(file.id)).collect();
            if tops.is_empty() {
                return Err(QueryError::NoFile(subject.to_owned()));
            }
            let nodes = tops.into_iter().flat_map(|top| network.inside_file(top)).collect();
            Ok(Changed { nodes, whole_files: true, not_indexed })
        }
    }
}
