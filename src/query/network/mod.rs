//! The tree as a graph of dense numbers: every definition and the top level of every file is a node. Numbers go by path
//! and position, so that whatever is sorted by number is sorted for people.

mod doubt;
mod drawing;
mod options;
mod place;

pub use doubt::Doubt;
pub use drawing::{Drawing, Line, Shape};
pub use options::{By, Follow, Picture, Scope};
pub use place::Place;

pub(super) use doubt::{doubt_backward, doubt_forward, doubt_of_all};
pub(super) use drawing::draw;
pub(super) use options::Filter;
pub(super) use place::Namer;

use rustc_hash::FxHashMap;

use crate::graph::Adjacency;
use crate::model::{Marks, RelationKind, Role, SymbolId, SymbolKind};
use crate::store::{FileEdges, FileId, FileRow, SymbolKey, Vertex};

use super::{Ground, Result};

/// The graph of the whole tree.
pub(super) struct Network {
    /// All files, sorted by path.
    pub(super) files: Vec<FileRow>,
    /// The node of each file's top level; its definitions follow. One more at the end.
    starts: Vec<u32>,
    places: FxHashMap<FileId, usize>,
    vertices: Vec<Option<Vertex>>,
    /// What each node counts as: closures as the callable around them.
    owners: Vec<u32>,
    is_test: Vec<bool>,
    /// What occurrences lead to, from the owner of where they stand.
    pub(super) uses: Vec<Use>,
    /// What relations lead to.
    pub(super) relations: Vec<(u32, RelationKind, u32)>,
    /// What imports lead to, top level to top level.
    pub(super) imports: Vec<(u32, u32)>,
    /// Unsettled call sites of each node.
    pub(super) unknown_calls: Vec<u32>,
}

/// An occurrence that leads to a definition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) role: Role,
    pub(super) is_certain: bool,
}

impl Network {
    /// Reads the whole graph.
    pub(super) fn read(ground: &Ground<'_>) -> Result<Self> {
        let files = ground.snapshot.files()?;
        let mut starts = Vec::with_capacity(files.len() + 1);
        let mut next = 0;
        for file in &files {
            starts.push(next);
            next += file.symbols + 1;
        }
        starts.push(next);
        let places = files.iter().enumerate().map(|(index, file)| (file.id, index)).collect();
        let nodes = next as usize;
        let mut network = Self {
            files,
            starts,
            places,
            vertices: vec![None; nodes],
            owners: (0..next).collect(),
            is_test: vec![false; nodes],
            uses: Vec::new(),
            relations: Vec::new(),
            imports: Vec::new(),
            unknown_calls: vec![0; nodes],
        };
        ground.snapshot.edges(None, &mut |edges| network.add(&edges))?;
        network.settle();
        Ok(network)
    }

    fn add(&mut self, edges: &FileEdges) {
        let Some(&index) = self.places.get(&edges.file) else { return };
        let top = self.starts[index];
        let count = self.starts[index + 1] - top - 1;
        // What only a damaged entry can name counts as the top level.
        let own = |symbol: Option<SymbolId>| {
            symbol.filter(|symbol| symbol.0 < count).map_or(top, |symbol| top + 1 + symbol.0)
        };
        for (number, vertex) in (1..=count).zip(&edges.symbols) {
            let node = top + number;
            let parent = vertex.parent.filter(|parent| parent.0 + 1 < number);
            let around = own(parent);
            self.vertices[node as usize] = Some(Vertex { parent, ..*vertex });
            self.is_test[node as usize] = vertex.marks.has(Marks::TEST) || self.is_test[around as usize];
            self.owners[node as usize] = self.owner(around, node, vertex.kind);
        }
        for edge in &edges.uses {
            if let Some(to) = self.node(edge.to) {
                let (from, role) = (self.owners[own(edge.from) as usize], edge.role);
                self.uses.push(Use { from, to, role, is_certain: edge.is_certain });
            }
        }
        for relation in &edges.relations {
            if let Some(to) = self.node(relation.to) {
                self.relations.push((own(Some(relation.from)), relation.kind, to));
            }
        }
        for file in &edges.imports {
            if let Some(&place) = self.places.get(file).filter(|place| **place != index) {
                self.imports.push((top, self.starts[place]));
            }
        }
        for &(symbol, count) in &edges.unknown_calls {
            let owner = self.owners[own(symbol) as usize];
            self.unknown_calls[owner as usize] += count;
        }
    }

    /// A closure counts as what it stands in, and so does what is defined in a callable without being one. A parent comes
    /// before what is in it.
    fn owner(&self, around: u32, node: u32, kind: SymbolKind) -> u32 {
        let owner = self.owners[around as usize];
        let is_in_callable = self.vertex(owner).is_some_and(|vertex| vertex.kind.is_callable());
        let is_part = kind == SymbolKind::Closure || (!kind.is_callable() && is_in_callable);
        if is_part { owner } else { node }
    }

    /// Leads what means a closure to what that counts as; a callable that calls its own closure does not call itself.
    fn settle(&mut self) {
        let owners = &self.owners;
        self.uses.retain_mut(|edge| {
            let owner = owners[edge.to as usize];
            let is_inside = owner != edge.to && owner == edge.from;
            edge.to = owner;
            !is_inside
        });
    }

    /// How many nodes there are.
    pub(super) fn nodes(&self) -> usize {
        self.vertices.len()
    }

    /// The node of a definition; none if it is gone.
    pub(super) fn node(&self, key: SymbolKey) -> Option<u32> {
        let place = *self.places.get(&key.file)?;
        let node = self.starts[place].checked_add(key.symbol.0)?.checked_add(1)?;
        (node < self.starts[place + 1]).then_some(node)
    }

    /// The node of a file's top level.
    pub(super) fn top(&self, file: FileId) -> Option<u32> {
        self.places.get(&file).map(|place| self.starts[*place])
    }

    /// What a node counts as.
    pub(super) fn owner_of(&self, node: u32) -> u32 {
        self.owners[node as usize]
    }

    /// The file of a node.
    pub(super) fn file(&self, node: u32) -> &FileRow {
        &self.files[self.starts.partition_point(|start| *start <= node) - 1]
    }

    /// Place of a node's file among the files.
    pub(super) fn place(&self, node: u32) -> usize {
        self.starts.partition_point(|start| *start <= node) - 1
    }

    /// The definition of a node; none for a top level.
    pub(super) fn key(&self, node: u32) -> Option<SymbolKey> {
        let place = self.starts.partition_point(|start| *start <= node) - 1;
        let symbol = (node - self.starts[place]).checked_sub(1)?;
        Some(SymbolKey { file: self.files[place].id, symbol: SymbolId(symbol) })
    }

    /// What is known of a node; none for a top level.
    pub(super) fn vertex(&self, node: u32) -> Option<&Vertex> {
        self.vertices[node as usize].as_ref()
    }

    /// The node that a node stands in.
    pub(super) fn parent(&self, node: u32) -> Option<u32> {
        let parent = self.vertex(node)?.parent?;
        Some(self.starts[self.starts.partition_point(|start| *start <= node) - 1] + 1 + parent.0)
    }

    /// Whether a node is a test or part of one.
    pub(super) fn is_test(&self, node: u32) -> bool {
        self.is_test[node as usize]
    }

    /// The nodes of what is defined in a file, its top level first.
    pub(super) fn inside_file(&self, top: u32) -> std::ops::Range<u32> {
        let place = self.starts.partition_point(|start| *start <= top) - 1;
        top..self.starts[place + 1]
    }

    /// These nodes with everything that is defined inside of types and modules among them, also outside of their source as
    /// in blocks of a type; sorted.
    pub(super) fn with_inside(&self, mut nodes: Vec<u32>) -> Vec<u32> {
        let mut is_in = vec![false; self.nodes()];
        nodes.iter().for_each(|&node| is_in[node as usize] = true);
        let is_open = |node: u32| self.vertex(node).is_some_and(|vertex| !vertex.kind.is_callable());
        let mut members: Vec<(u32, u32)> =
            self.relations.iter().filter(|row| row.1 == RelationKind::MemberOf).map(|row| (row.2, row.0)).collect();
        members.sort_unstable();
        let mut next = 0;
        while let Some(&node) = nodes.get(next) {
            next += 1;
            if !is_open(node) {
                continue;
            }
            let first = members.partition_point(|row| row.0 < node);
            let outside = members[first..].iter().take_while(|row| row.0 == node).map(|row| row.1);
            for inside in self.children(node).chain(outside).collect::<Vec<_>>() {
                if !std::mem::replace(&mut is_in[inside as usize], true) {
                    nodes.push(inside);
                }
            }
        }
        nodes.sort_unstable();
        nodes
    }

    /// What stands directly in a node.
    pub(super) fn children(&self, node: u32) -> impl Iterator<Item = u32> {
        let end = self.inside_file(self.file_start(node)).end;
        let inside = (node + 1..end).take_while(move |&child| self.parent(child).is_some_and(|parent| parent >= node));
        inside.filter(move |&child| self.parent(child) == Some(node))
    }

    fn file_start(&self, node: u32) -> u32 {
        self.starts[self.starts.partition_point(|start| *start <= node) - 1]
    }

    /// The graph of those uses that are wanted; tests are left out unless the filter wants them.
    pub(super) fn graph(&self, filter: &Filter, wanted: impl Fn(&Use) -> bool) -> Adjacency {
        let is_kept = |node: u32| !(filter.no_tests && self.is_test(node));
        let wanted = self.uses.iter().filter(|edge| wanted(edge) && is_kept(edge.from) && is_kept(edge.to));
        Adjacency::new(self.nodes(), &wanted.map(|edge| (edge.from, edge.to)).collect::<Vec<_>>())
    }
}

/// Whether a use of this role runs what it leads to.
pub(super) fn is_call(role: Role) -> bool {
    matches!(role, Role::Call | Role::Decorator | Role::Macro)
}
