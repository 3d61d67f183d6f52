//! Which calls there are on one side only, or more often on one: counted by caller, callee and certainty.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Position, SymbolHash, SymbolKind};
use crate::query::{Brief, Result};
use crate::store::{SymbolKey, SymbolRow, Target};

use super::side::{Call, FileState, Side};

/// Calls from one definition to another.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Edge {
    /// The file of the caller.
    pub path: String,
    /// The caller; none for calls at the top level of the file.
    pub caller: Option<Brief>,
    /// The callee, if it is in the tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callee: Option<Brief>,
    /// The name of what is outside the tree or not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `resolved`, `candidates` (one of several), `external` or `unknown`.
    pub outcome: &'static str,
    /// Number of call sites before.
    pub before: usize,
    /// Number of call sites after.
    pub after: usize,
}

impl Edge {
    /// Where it is listed.
    fn place(&self) -> (&str, Position, &str, &str) {
        let position = self.caller.as_ref().map_or(Position { line: 0, column: 0 }, |caller| caller.position);
        let callee = self.callee.as_ref().map(|callee| &*callee.qualified_name);
        (&self.path, position, callee.or(self.name.as_deref()).unwrap_or_default(), self.outcome)
    }
}

/// Under what names things of the side before are known after.
pub(super) struct Renamed {
    pub(super) files: BTreeMap<String, String>,
    pub(super) symbols: FxHashMap<SymbolHash, SymbolHash>,
    /// Definitions that are gone: an overload can have the id of one of them after.
    pub(super) gone: FxHashSet<SymbolHash>,
}

/// One end of an edge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Symbol(SymbolHash),
    /// A definition that there is only before.
    Gone(SymbolHash),
    /// The top level of a file.
    File(String),
    /// Outside the tree, or not known.
    Name(String),
}

type Key = (End, End, &'static str);

/// Collects edges of both sides.
pub(super) struct Edges {
    renamed: Renamed,
    found: BTreeMap<Key, Edge>,
}

impl Edges {
    pub(super) fn new(renamed: Renamed) -> Self {
        Self { renamed, found: BTreeMap::new() }
    }

    /// Counts the calls of `files` before.
    pub(super) fn before<'f>(&mut self, side: &Side<'_>, files: impl Iterator<Item = &'f FileState>) -> Result<()> {
        let mut reader = Reader::new(side);
        for file in files {
            for (key, edge) in reader.edges(file)? {
                let key = (self.renamed(key.0), self.renamed(key.1), key.2);
                self.found.entry(key).or_insert(edge).before += 1;
            }
        }
        Ok(())
    }

    /// Counts the calls of `files` after; what is on both sides is told as it is after.
    pub(super) fn after<'f>(&mut self, side: &Side<'_>, files: impl Iterator<Item = &'f FileState>) -> Result<()> {
        let mut reader = Reader::new(side);
        for file in files {
            for (key, edge) in reader.edges(file)? {
                let known = self.found.entry(key).or_insert_with(|| edge.clone());
                *known = Edge { before: known.before, after: known.after + 1, ..edge };
            }
        }
        Ok(())
    }

    /// Those that differ, sorted by place.
    pub(super) fn differing(self) -> Vec<Edge> {
        let mut edges: Vec<Edge> = self.found.into_values().filter(|edge| edge.before != edge.after).collect();
        edges.sort_by(|one, other| one.place().cmp(&other.place()));
        edges
    }

    fn renamed(&self, end: End) -> End {
        match end {
            End::Symbol(id) if self.renamed.gone.contains(&id) => End::Gone(id),
            End::Symbol(id) => End::Symbol(self.renamed.symbols.get(&id).copied().unwrap_or(id)),
            End::File(path) => End::File(self.renamed.files.get(&path).cloned().unwrap_or(path)),
            other @ (End::Gone(_) | End::Name(_)) => other,
        }
    }
}

/// Reads calls from one side.
struct Reader<'r, 's> {
    side: &'r Side<'s>,
    rows: FxHashMap<SymbolKey, Option<Rc<SymbolRow>>>,
}

impl<'r, 's> Reader<'r, 's> {
    fn new(side: &'r Side<'s>) -> Self {
        Self { side, rows: FxHashMap::default() }
    }

    /// Each call site of a file once for each definition that it can reach, not counted yet.
    fn edges(&mut self, file: &FileState) -> Result<Vec<(Key, Edge)>> {
        for row in self.side.symbols(file.id)? {
            self.rows.insert(row.key, Some(Rc::new(row)));
        }
        let mut edges = Vec::new();
        for call in self.side.calls(file.id)? {
            self.edges_of(file, &call, &mut edges)?;
        }
        Ok(edges)
    }

    fn edges_of(&mut self, file: &FileState, call: &Call, edges: &mut Vec<(Key, Edge)>) -> Result<()> {
        let caller = match call.caller {
            Some(key) => self.owner(key)?.0,
            None => None,
        };
        let from = caller.as_ref().map_or_else(|| End::File(file.path.clone()), |row| End::Symbol(row.id));
        let edge = Edge {
            path: file.path.clone(),
            caller: caller.as_deref().map(Brief::from),
            callee: None,
            name: None,
            outcome: "unknown",
            before: 0,
            after: 0,
        };
        let (keys, outcome): (&[SymbolKey], _) = match &call.target {
            Target::Resolved(key, _) => (std::slice::from_ref(key), "resolved"),
            Target::Candidates(keys, _) => (keys, "candidates"),
            Target::External(name, _) => {
                let edge = Edge { name: Some(name.clone()), outcome: "external", ..edge };
                edges.push(((from, End::Name(name.clone()), "external"), edge));
                return Ok(());
            }
            Target::File(..) | Target::Unknown(_) => {
                let edge = Edge { name: Some(call.name.clone()), ..edge };
                edges.push(((from, End::Name(call.name.clone()), "unknown"), edge));
                return Ok(());
            }
        };
        for &key in keys {
            let (callee, is_closure) = self.owner(key)?;
            let Some(callee) = callee else { continue };
            let is_inside = caller.as_ref().is_some_and(|caller| caller.id == callee.id);
            if is_closure && is_inside {
                continue;
            }
            let edge = Edge { callee: Some(Brief::from(&*callee)), outcome, ..edge.clone() };
            edges.push(((from.clone(), End::Symbol(callee.id), outcome), edge));
        }
        Ok(())
    }

    /// A definition, or what is around it if it is a closure; and whether it is one.
    fn owner(&mut self, key: SymbolKey) -> Result<(Option<Rc<SymbolRow>>, bool)> {
        let mut row = self.row(key)?;
        let mut is_closure = false;
        while let Some(closure) = row.as_ref().filter(|row| row.kind == SymbolKind::Closure) {
            is_closure = true;
            row = match closure.parent {
                Some(parent) => self.row(parent)?,
                None => None,
            };
        }
        Ok((row, is_closure))
    }

    fn row(&mut self, key: SymbolKey) -> Result<Option<Rc<SymbolRow>>> {
        if let Some(known) = self.rows.get(&key) {
            return Ok(known.clone());
        }
        let row = self.side.symbol(key)?.map(Rc::new);
        self.rows.insert(key, row.clone());
        Ok(row)
    }
}
