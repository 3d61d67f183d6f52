//! Nodes and edges for the formats that draw: calls, imports or types.
//!
//! All nodes come before all edges, in two passes. Which definitions are nodes can be told from each by itself, so that
//! nothing has to be remembered.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use crate::model::{ContentHash, RelationKind, Role, SymbolKind};
use crate::store::{FileRow, RelationRow, SymbolKey, SymbolRow, Target};

use super::Result;
use super::source::{Source, keys};

/// What a graph is drawn of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Graph {
    /// Which definitions call which; candidates of a call are told apart
    Calls,
    /// Which files import which
    Imports,
    /// Which types extend, implement or embed which
    Types,
}

impl Graph {
    /// Its name.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Imports => "imports",
            Self::Types => "types",
        }
    }
}

/// A node.
pub(super) struct Node {
    /// Letters and digits.
    pub(super) id: String,
    pub(super) label: String,
    pub(super) kind: &'static str,
    pub(super) path: String,
    /// 1-based line; none for a file.
    pub(super) line: Option<u32>,
}

/// An edge, with how many places it stands for.
pub(super) struct Edge {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) kind: &'static str,
    pub(super) count: u64,
}

/// How a format writes a graph.
pub(super) trait Drawing {
    fn begin(&mut self, graph: Graph) -> String;
    fn node(&mut self, node: &Node) -> String;
    fn edge(&mut self, edge: &Edge) -> String;
    fn end(&mut self) -> String;
}

/// Writes the graph that is asked for.
pub(super) fn write(source: &Source<'_>, drawing: &mut dyn Drawing, out: &mut dyn Write) -> Result<()> {
    let graph = source.task.graph;
    out.write_all(drawing.begin(graph).as_bytes())?;
    for file in source.files() {
        source.go_on()?;
        for node in nodes(source, graph, file)? {
            out.write_all(drawing.node(&node).as_bytes())?;
        }
    }
    for file in source.files() {
        source.go_on()?;
        for edge in edges(source, graph, file)? {
            out.write_all(drawing.edge(&edge).as_bytes())?;
        }
    }
    out.write_all(drawing.end().as_bytes())?;
    Ok(())
}

fn nodes(source: &Source<'_>, graph: Graph, file: &FileRow) -> Result<Vec<Node>> {
    match graph {
        Graph::Calls => call_nodes(source, file),
        Graph::Imports => Ok(vec![file_node(file)]),
        Graph::Types => {
            let from: BTreeSet<_> = kinships(source, file)?.into_iter().map(|kinship| kinship.from).collect();
            let is_node = |symbol: &SymbolRow| symbol.kind.is_type() || from.contains(&symbol.key);
            let symbols = source.symbols(file.id)?;
            Ok(symbols.iter().filter(|symbol| is_node(symbol)).map(symbol_node).collect())
        }
    }
}

/// What can be called, what is called although it is no callable (a type, a field with a function), and what calls.
fn call_nodes(source: &Source<'_>, file: &FileRow) -> Result<Vec<Node>> {
    let mut from = BTreeSet::new();
    let mut nodes = Vec::new();
    let mut is_file_one = false;
    for site in source.snapshot.occurrences(file.id)?.iter().filter(|site| site.role == Role::Call) {
        match site.symbol {
            Some(key) => drop(from.insert(key)),
            None => is_file_one |= source.definitions(&site.target)?.iter().any(|symbol| source.has(symbol)),
        }
    }
    if is_file_one && source.task.kinds.is_empty() {
        nodes.push(file_node(file));
    }
    for symbol in source.symbols(file.id)? {
        let is_plain = symbol.kind.is_callable() || symbol.kind == SymbolKind::Macro || from.contains(&symbol.key);
        if is_plain || is_called(source, symbol.key)? {
            nodes.push(symbol_node(&symbol));
        }
    }
    Ok(nodes)
}

fn is_called(source: &Source<'_>, key: SymbolKey) -> Result<bool> {
    let uses = source.snapshot.uses(key)?;
    Ok(uses.iter().any(|site| site.role == Role::Call && source.has_file(&site.path)))
}

fn file_node(file: &FileRow) -> Node {
    Node { id: file_id(&file.path), label: file.path.clone(), kind: "file", path: file.path.clone(), line: None }
}

fn symbol_node(symbol: &SymbolRow) -> Node {
    Node {
        id: symbol_id(symbol),
        label: symbol.qualified_name.clone(),
        kind: symbol.kind.word(),
        path: symbol.path.clone(),
        line: Some(symbol.position.line),
    }
}

fn symbol_id(symbol: &SymbolRow) -> String {
    format!("s{}", symbol.id)
}

fn file_id(path: &str) -> String {
    let hash = ContentHash::of(path.as_bytes()).to_string();
    format!("f{}", &hash[..32])
}

/// Edges of one file, counted: from, to, kind.
type Counted = BTreeMap<(String, String, &'static str), u64>;

fn edges(source: &Source<'_>, graph: Graph, file: &FileRow) -> Result<Vec<Edge>> {
    let mut counted = Counted::new();
    match graph {
        Graph::Calls => call_edges(source, file, &mut counted)?,
        Graph::Imports => {
            for import in source.snapshot.imports(file.id)? {
                if let Some(to) = import.file.filter(|path| source.has_file(path)) {
                    *counted.entry((file_id(&file.path), file_id(&to), "imports")).or_default() += 1;
                }
            }
        }
        Graph::Types => {
            for kinship in kinships(source, file)? {
                if let Some(from) = source.symbol(kinship.from)?.filter(|symbol| source.has(symbol)) {
                    to_all(source, &symbol_id(&from), &kinship.target, kinship.kind.word(), &mut counted)?;
                }
            }
        }
    }
    let edge = |((from, to, kind), count)| Edge { from, to, kind, count };
    Ok(counted.into_iter().map(edge).collect())
}

/// What a file says of the descent of types. What an `impl` block says is said of the type it belongs to, if that is in the
/// tree.
fn kinships(source: &Source<'_>, file: &FileRow) -> Result<Vec<RelationRow>> {
    let relations = source.snapshot.relations_in(file.id)?;
    let (belongs, kin): (Vec<_>, Vec<_>) =
        relations.into_iter().partition(|relation| relation.kind == RelationKind::MemberOf);
    let mut kinships = Vec::new();
    for relation in kin {
        let owners = belongs.iter().filter(|belonging| belonging.from == relation.from);
        let owners: Vec<SymbolKey> = owners.flat_map(|belonging| keys(&belonging.target)).copied().collect();
        match owners.is_empty() {
            true => kinships.push(relation),
            false => kinships.extend(owners.into_iter().map(|from| RelationRow { from, ..relation.clone() })),
        }
    }
    Ok(kinships)
}

fn call_edges(source: &Source<'_>, file: &FileRow, counted: &mut Counted) -> Result<()> {
    for site in source.snapshot.occurrences(file.id)? {
        if site.role != Role::Call {
            continue;
        }
        let from = match site.symbol {
            Some(key) => source.symbol(key)?.filter(|symbol| source.has_kind(symbol)).map(|symbol| symbol_id(&symbol)),
            None => source.task.kinds.is_empty().then(|| file_id(&file.path)),
        };
        let kind = if matches!(site.target, Target::Candidates(..)) { "candidate" } else { "calls" };
        if let Some(from) = from {
            to_all(source, &from, &site.target, kind, counted)?;
        }
    }
    Ok(())
}

fn to_all(source: &Source<'_>, from: &str, target: &Target, kind: &'static str, counted: &mut Counted) -> Result<()> {
    for to in source.definitions(target)?.iter().filter(|symbol| source.has(symbol)) {
        *counted.entry((from.to_owned(), symbol_id(to), kind)).or_default() += 1;
    }
    Ok(())
}
