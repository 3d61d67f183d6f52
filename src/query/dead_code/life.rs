//! The definitions of a tree as a graph in which life spreads: from what is used from outside, over uses, to what is
//! used; and from a part to what it is a part of.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::graph::{Adjacency, FAR, reach};
use crate::model::{Marks, RelationKind, SymbolId, SymbolKind, Visibility};
use crate::query::offered::{ProgramModules, Reason, is_shown, marked, visible};
use crate::query::site::family;
use crate::query::within::{is_test_path, test_code};
use crate::query::{Ground, Result};
use crate::store::{FileEdges, FileId, FileRow, SymbolKey, Vertex};

/// A definition, or the top level of a file, by number.
pub(super) type Node = u32;

/// The graph, and what is known of its nodes.
pub(super) struct Life {
    pub(super) files: Vec<FileRow>,
    /// Of each file in order: number of its first definition, and its definitions.
    vertices: Vec<(Node, Vec<Vertex>)>,
    index: FxHashMap<FileId, usize>,
    definitions: u32,
    edges: Vec<(Node, Node)>,
    /// What each definition is related to, sorted.
    relations: Vec<(Node, RelationKind, Node)>,
    /// The same the other way round, sorted.
    related: Vec<(Node, Node)>,
    graph: Adjacency,
    /// Whether each definition is test code.
    tests: Vec<bool>,
    /// What is used from outside, and why.
    pub(super) roots: Vec<(Node, Reason)>,
}

impl Life {
    /// Reads all definitions and edges.
    pub(super) fn read(ground: &Ground<'_>, has_exports: bool) -> Result<Self> {
        let files = ground.snapshot.files()?;
        let index: FxHashMap<FileId, usize> = files.iter().enumerate().map(|(at, file)| (file.id, at)).collect();
        let mut all: Vec<Option<FileEdges>> = files.iter().map(|_| None).collect();
        ground.snapshot.edges(None, &mut |edges| {
            if let Some(&at) = index.get(&edges.file) {
                all[at] = Some(edges);
            }
        })?;
        let mut first = 0;
        let mut vertices = Vec::with_capacity(files.len());
        for edges in &mut all {
            let symbols = edges.as_mut().map(|edges| std::mem::take(&mut edges.symbols)).unwrap_or_default();
            vertices.push((first, symbols));
            first += vertices.last().map_or(0, |(_, symbols)| symbols.len() as u32);
        }
        let graph = Adjacency::new(0, &[]);
        let mut life = Self {
            files,
            vertices,
            index,
            definitions: first,
            edges: Vec::new(),
            relations: Vec::new(),
            related: Vec::new(),
            graph,
            tests: Vec::new(),
            roots: Vec::new(),
        };
        for (at, edges) in all.iter().enumerate() {
            let symbols = life.vertices[at].1.iter().map(|symbol| (symbol.marks, symbol.parent));
            life.tests.extend(test_code(&life.files[at].path, symbols));
            life.hold_together(at);
            if let Some(edges) = edges {
                life.spread(at, edges);
            }
        }
        life.relations.sort_unstable_by_key(|&(from, kind, to)| (from, kind as u8, to));
        life.related = life.relations.iter().map(|&(from, _, to)| (to, from)).collect();
        life.related.sort_unstable();
        life.find_roots(ground, has_exports)?;
        life.graph = Adjacency::new(life.nodes(), &life.edges);
        Ok(life)
    }

    fn nodes(&self) -> usize {
        self.definitions as usize + self.files.len()
    }

    /// The number of a definition; none if it is gone.
    pub(super) fn node(&self, key: SymbolKey) -> Option<Node> {
        let (first, symbols) = &self.vertices[*self.index.get(&key.file)?];
        ((key.symbol.0 as usize) < symbols.len()).then_some(first + key.symbol.0)
    }

    /// The definition of a number; none for the top level of a file.
    pub(super) fn key(&self, node: Node) -> Option<SymbolKey> {
        let at = self.file_of(node)?;
        Some(SymbolKey { file: self.files[at].id, symbol: SymbolId(node - self.vertices[at].0) })
    }

    /// Place of a definition's file among the files.
    pub(super) fn file_of(&self, node: Node) -> Option<usize> {
        (node < self.definitions).then(|| self.vertices.partition_point(|(first, _)| *first <= node) - 1)
    }

    /// The top level of a file, by its number in the database.
    pub(super) fn top_of(&self, file: FileId) -> Node {
        self.top(self.index.get(&file).copied().unwrap_or_default())
    }

    /// The top level of a file.
    fn top(&self, at: usize) -> Node {
        self.definitions + at as u32
    }

    pub(super) fn vertex(&self, node: Node) -> Option<Vertex> {
        let (first, symbols) = &self.vertices[self.file_of(node)?];
        symbols.get((node - first) as usize).copied()
    }

    /// The definition around one.
    pub(super) fn parent(&self, node: Node) -> Option<Node> {
        let first = self.vertices[self.file_of(node)?].0;
        Some(first + self.vertex(node)?.parent?.0)
    }

    /// Place of a definition's file among the files, and of the definition in it.
    pub(super) fn place(&self, node: Node) -> Option<(usize, usize)> {
        let at = self.file_of(node)?;
        Some((at, (node - self.vertices[at].0) as usize))
    }

    /// The file of a definition.
    pub(super) fn file(&self, node: Node) -> Option<&FileRow> {
        Some(&self.files[self.file_of(node)?])
    }

    /// What stands directly in a definition.
    pub(super) fn children(&self, node: Node) -> impl Iterator<Item = Node> {
        let (first, symbols) =
            self.file_of(node).map_or((0, &[][..]), |at| (self.vertices[at].0, &self.vertices[at].1));
        let own = Some(SymbolId(node - first));
        (first..)
            .zip(symbols)
            .skip_while(move |(other, _)| *other <= node)
            .filter(move |(_, vertex)| vertex.parent == own)
            .map(|(other, _)| other)
    }

    /// A definition with all that stands in it, and its members that are written elsewhere.
    pub(super) fn whole(&self, node: Node) -> Vec<Node> {
        let mut all = vec![node];
        let mut seen = FxHashSet::from_iter([node]);
        let mut next = 0;
        while let Some(&around) = all.get(next) {
            next += 1;
            let members = self.related.iter().skip(self.related.partition_point(|row| row.0 < around));
            let members = members.take_while(|row| row.0 == around).map(|row| row.1);
            let is_member = |member: &Node| {
                self.related_from(*member).iter().any(|row| row.1 == RelationKind::MemberOf && row.2 == around)
            };
            let inside: Vec<Node> = self.children(around).chain(members.filter(is_member)).collect();
            all.extend(inside.into_iter().filter(|member| seen.insert(*member)));
        }
        all
    }

    fn related_from(&self, node: Node) -> &[(Node, RelationKind, Node)] {
        let first = self.relations.partition_point(|row| row.0 < node);
        let count = self.relations[first..].partition_point(|row| row.0 == node);
        &self.relations[first..first + count]
    }

    /// What a type is built on.
    pub(super) fn bases_of(&self, node: Node) -> impl Iterator<Item = Node> {
        self.related_from(node).iter().filter(|row| row.1 != RelationKind::MemberOf).map(|row| row.2)
    }

    /// What is related to a definition.
    pub(super) fn related_to(&self, node: Node) -> impl Iterator<Item = Node> {
        let first = self.related.partition_point(|row| row.0 < node);
        self.related[first..].iter().take_while(move |row| row.0 == node).map(|row| row.1)
    }

    /// The types that a method is a member of; for one of a block, the type of the block.
    pub(super) fn owners(&self, method: Node) -> Vec<Node> {
        let parent = self.parent(method).and_then(|parent| Some((parent, self.vertex(parent)?.kind)));
        let holder = match parent {
            Some((parent, kind)) if kind.is_type() => return vec![parent],
            Some((parent, SymbolKind::Impl)) => parent,
            _ => method,
        };
        self.related_from(holder).iter().filter(|row| row.1 == RelationKind::MemberOf).map(|row| row.2).collect()
    }

    /// Whether of two definitions of one qualified name one declares the other.
    pub(super) fn is_declared_by(&self, node: Node, other: Node) -> bool {
        let known = |node: Node| self.vertex(node).zip(self.file(node));
        let Some(((one, file), (two, other_file))) = known(node).zip(known(other)) else { return false };
        let is_either = |mark: Marks| one.marks.has(mark) || two.marks.has(mark);
        let same_sort = one.kind == two.kind || (one.kind.is_callable() && two.kind.is_callable());
        // Internal linkage: a static function of another file is another function.
        let apart = file.id != other_file.id && one.parent.is_none() && is_either(Marks::STATIC);
        is_either(Marks::DECLARATION) && same_sort && !apart && family(&file.language) == family(&other_file.language)
    }

    pub(super) fn is_test(&self, node: Node) -> bool {
        self.tests.get(node as usize).copied().unwrap_or_default()
    }

    /// All definitions in the order of files and positions.
    pub(super) fn definitions(&self) -> std::ops::Range<Node> {
        0..self.definitions
    }

    /// A part keeps the whole alive, and the whole those parts that nobody names.
    fn hold_together(&mut self, at: usize) {
        let (first, symbols) = &self.vertices[at];
        let (top, is_test) = (self.top(at), is_test_path(&self.files[at].path));
        for (own, symbol) in (*first..).zip(symbols) {
            // What stands directly in a module runs with the file.
            if symbol.kind.is_module() && (is_test || !self.is_test(own)) {
                self.edges.push((top, own));
            }
            let Some(parent) = symbol.parent else { continue };
            let around = symbols.get(parent.0 as usize).map(|vertex| vertex.kind);
            let parent = first + parent.0;
            if !around.is_some_and(SymbolKind::is_module) {
                self.edges.push((own, parent));
            }
            if around.is_some_and(|around| is_unnamed(symbol, around)) {
                self.edges.push((parent, own));
            }
        }
    }

    fn spread(&mut self, at: usize, edges: &FileEdges) {
        let (first, top) = (self.vertices[at].0, self.top(at));
        let from = |symbol: Option<SymbolId>| symbol.map_or(top, |symbol| first + symbol.0);
        for edge in &edges.uses {
            if let Some(to) = self.node(edge.to) {
                self.edges.push((from(edge.from), to));
            }
        }
        for relation in &edges.relations {
            let Some(to) = self.node(relation.to) else { continue };
            let own = first + relation.from.0;
            self.edges.push((own, to));
            // What is written outside of its type, and what lives with the type all the same.
            let is_part = |vertex: Vertex| vertex.kind == SymbolKind::Impl || is_unnamed(&vertex, SymbolKind::Class);
            let is_block = self.vertex(own).is_some_and(is_part);
            match relation.kind {
                RelationKind::MemberOf if is_block => self.edges.push((to, own)),
                RelationKind::MemberOf => {}
                RelationKind::Extends | RelationKind::Implements | RelationKind::Embeds => {}
            }
            self.relations.push((own, relation.kind, to));
        }
    }

    fn find_roots(&mut self, ground: &Ground<'_>, has_exports: bool) -> Result<()> {
        let programs = ProgramModules::of(ground.snapshot, &self.files)?;
        let mut roots = Vec::new();
        let mut shown = vec![false; self.definitions as usize];
        for (at, file) in self.files.iter().enumerate() {
            let (first, symbols) = &self.vertices[at];
            let is_test = is_test_path(&file.path);
            // Whoever runs tests may look for more than what is marked.
            let offers = is_test || (has_exports && is_shown(file) && !programs.has(file));
            let visible = if offers { visible(file, symbols) } else { Vec::new() };
            let export = if is_test { Reason::Test } else { Reason::Export };
            for (own, symbol) in symbols.iter().enumerate() {
                let node = first + own as u32;
                let is_export = visible.get(own).copied().unwrap_or_default() && !symbol.kind.is_module();
                shown[node as usize] = is_export;
                match marked(symbol.marks) {
                    Some(reason) if !is_called_hook(symbol) => roots.push((node, reason)),
                    _ if is_export => roots.push((node, export)),
                    _ => {}
                }
            }
        }
        roots.extend(self.inherited(&shown).into_iter().map(|node| (node, Reason::Export)));
        roots.sort_unstable_by_key(|(node, _)| *node);
        roots.dedup_by_key(|(node, _)| *node);
        self.roots = roots;
        Ok(())
    }

    /// Public members of hidden types that types which are shown are built on.
    fn inherited(&self, shown: &[bool]) -> Vec<Node> {
        let is_type = |node: &Node| self.vertex(*node).is_some_and(|vertex| vertex.kind.is_type());
        let mut types: Vec<Node> = self.definitions().filter(|node| shown[*node as usize] && is_type(node)).collect();
        let mut seen: FxHashSet<Node> = types.iter().copied().collect();
        let mut next = 0;
        while let Some(&node) = types.get(next) {
            types.extend(self.bases_of(node).filter(|base| seen.insert(*base)));
            next += 1;
        }
        let is_open = |vertex: &Vertex| matches!(vertex.visibility, Visibility::Public | Visibility::Protected);
        let is_member = |node: &Node| self.parent(*node).is_some_and(|parent| seen.contains(&parent));
        let hidden = self.definitions().filter(|node| !shown[*node as usize] && is_member(node));
        hidden.filter(|node| self.vertex(*node).as_ref().is_some_and(is_open)).collect()
    }

    /// Adds roots.
    pub(super) fn root(&mut self, nodes: impl IntoIterator<Item = Node>, reason: Reason) {
        let before = self.roots.len();
        self.roots.extend(nodes.into_iter().map(|node| (node, reason)));
        self.roots[before..].sort_unstable_by_key(|(node, _)| *node);
    }

    /// Everything that lives: because of its roots, with tests or without, and what `more` gives.
    pub(super) fn alive(&self, with_tests: bool, more: &[Node]) -> Vec<bool> {
        let tops = self.files.iter().enumerate().filter(|(_, file)| with_tests || !is_test_path(&file.path));
        let mut sources: Vec<Node> = tops.map(|(at, _)| self.top(at)).collect();
        let is_source =
            |(node, reason): &(Node, Reason)| with_tests || !(*reason == Reason::Test || self.is_test(*node));
        sources.extend(self.roots.iter().filter(|root| is_source(root)).map(|(node, _)| *node));
        sources.extend(more);
        reach(&self.graph, &sources, u32::MAX).distance.iter().map(|&distance| distance != FAR).collect()
    }

    /// Of the `wanted` definitions, those that something else than themselves and their parts uses.
    pub(super) fn used_elsewhere(&self, wanted: &[bool]) -> Vec<bool> {
        let mut used = vec![false; wanted.len()];
        for &(from, to) in &self.edges {
            let is_wanted = wanted.get(to as usize).copied().unwrap_or_default();
            if is_wanted && !used[to as usize] && from != to && !self.is_within(from, to) && !self.is_within(to, from) {
                used[to as usize] = true;
            }
        }
        used
    }

    fn is_within(&self, node: Node, around: Node) -> bool {
        let mut next = self.parent(node);
        while let Some(parent) = next {
            if parent == around {
                return true;
            }
            next = self.parent(parent);
        }
        false
    }
}

/// What others call for its type or its function only lives with that.
fn is_called_hook(symbol: &Vertex) -> bool {
    symbol.parent.is_some() && symbol.marks.has(Marks::FOREIGN) && !symbol.marks.has(Marks::TEST)
}

/// Whether a part lives with the whole: nobody need name it.
fn is_unnamed(symbol: &Vertex, around: SymbolKind) -> bool {
    let lives_with_type = matches!(
        symbol.kind,
        SymbolKind::Closure
            | SymbolKind::Initializer
            | SymbolKind::Constructor
            | SymbolKind::Destructor
            | SymbolKind::Field
            | SymbolKind::Property
            | SymbolKind::EnumMember
            | SymbolKind::AssociatedType
    );
    let is_value = matches!(symbol.kind, SymbolKind::Variable | SymbolKind::Constant);
    // What stands in a function, a variable or an object can be handed on in many ways without its name.
    let is_in_value = !(around.is_module() || around.is_type() || around == SymbolKind::Impl);
    lives_with_type
        || is_in_value
        || is_called_hook(symbol)
        || symbol.marks.has(Marks::ABSTRACT)
        || (!around.is_module() && is_value)
        || matches!(around, SymbolKind::ExternBlock)
}
