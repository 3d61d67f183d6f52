//! The definitions of a tree as a graph in which life spreads: from what is used from outside, over uses, to what is
//! used; and from a part to what it is a part of.

use std::mem;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::graph::Adjacency;
use crate::model::{Marks, RelationKind, Rule, SymbolId, SymbolKind, Visibility};
use crate::query::offered::{ProgramModules, Reason, is_shown, marked, visible};
use crate::query::queue::Queue;
use crate::query::site::family;
use crate::query::within::{is_test_path, test_code};
use crate::query::{Ground, Result};
use crate::store::{FileEdges, FileId, FileRow, SymbolKey, Vertex};

use super::wakes::has_linkage;

/// A definition, or the top level of a file, by number.
pub(super) type Node = u32;

/// No node.
const NONE: Node = Node::MAX;

/// The graph, and what is known of its nodes.
pub(super) struct Life {
    pub(super) files: Vec<FileRow>,
    /// Of each file in order: number of its first definition, and its definitions.
    vertices: Vec<(Node, Vec<Vertex>)>,
    index: FxHashMap<FileId, usize>,
    definitions: u32,
    /// Place of each definition's file among the files.
    file_at: Vec<u32>,
    /// What each definition stands in, the first definition in it, and the next beside it; [`NONE`] where there is none.
    parents: Vec<Node>,
    first_children: Vec<Node>,
    next_siblings: Vec<Node>,
    edges: Vec<(Node, Node)>,
    /// What each definition is related to, sorted.
    relations: Vec<(Node, RelationKind, Node)>,
    /// The same the other way round, sorted.
    related: Vec<(Node, Node)>,
    graph: Adjacency,
    /// What something means unless another is passed to it, sorted.
    fallbacks: Vec<Node>,
    /// Whether each definition is test code.
    tests: Vec<bool>,
    /// Whether each file is one of tests: by its path, or because only tests declare it.
    test_files: Vec<bool>,
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
            let symbols = edges.as_mut().map(|edges| mem::take(&mut edges.symbols)).unwrap_or_default();
            vertices.push((first, symbols));
            first += vertices.last().map_or(0, |(_, symbols)| symbols.len() as u32);
        }
        let graph = Adjacency::new(0, &[]);
        let mut life = Self {
            files,
            vertices,
            index,
            definitions: first,
            file_at: Vec::with_capacity(first as usize),
            parents: Vec::with_capacity(first as usize),
            first_children: vec![NONE; first as usize],
            next_siblings: vec![NONE; first as usize],
            edges: Vec::new(),
            relations: Vec::new(),
            related: Vec::new(),
            graph,
            fallbacks: Vec::new(),
            tests: Vec::new(),
            test_files: Vec::new(),
            roots: Vec::new(),
        };
        life.find_tests(ground)?;
        life.stand();
        for (at, edges) in all.iter().enumerate() {
            life.hold_together(at);
            if let Some(edges) = edges {
                life.spread(at, edges);
            }
        }
        life.relations.sort_unstable_by_key(|&(from, kind, to)| (from, kind as u8, to));
        life.related = life.relations.iter().map(|&(from, _, to)| (to, from)).collect();
        life.related.sort_unstable();
        life.fallbacks.sort_unstable();
        life.fallbacks.dedup();
        life.find_roots(ground, has_exports)?;
        life.graph = Adjacency::new(life.nodes(), &life.edges);
        Ok(life)
    }

    fn find_tests(&mut self, ground: &Ground<'_>) -> Result<()> {
        self.test_files = self.files.iter().map(|file| is_test_path(&file.path)).collect();
        for (at, (_, symbols)) in self.vertices.iter().enumerate() {
            let all = self.test_files[at] || is_of_tests(&self.files[at], symbols);
            self.tests.extend(test_code(all, symbols.iter().map(|symbol| (symbol.marks, symbol.parent))));
        }
        for (language, module, separator) in self.test_modules(ground)? {
            for (at, file) in self.files.iter().enumerate().filter(|(_, file)| file.language == language) {
                let rest = file.module.strip_prefix(&module);
                if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(&separator)) {
                    let (first, symbols) = &self.vertices[at];
                    self.test_files[at] = true;
                    self.tests[*first as usize..][..symbols.len()].fill(true);
                }
            }
        }
        Ok(())
    }

    /// The modules in files of their own that tests declare, each with its language and the separator of that.
    fn test_modules(&self, ground: &Ground<'_>) -> Result<Vec<(String, String, String)>> {
        let mut found = Vec::new();
        let is_elsewhere = |vertex: &Vertex| vertex.kind.is_module() && vertex.marks.has(Marks::DECLARATION);
        for (at, (first, symbols)) in self.vertices.iter().enumerate().filter(|(at, _)| !self.test_files[*at]) {
            let file = &self.files[at];
            for (own, _) in (*first..).zip(symbols).filter(|(own, symbol)| self.is_test(*own) && is_elsewhere(symbol)) {
                let key = SymbolKey { file: file.id, symbol: SymbolId(own - first) };
                let row = ground.snapshot.symbol(key)?;
                found.extend(row.map(|row| (file.language.clone(), row.qualified_name, file.separator.clone())));
            }
        }
        Ok(found)
    }

    /// Notes where each definition stands.
    fn stand(&mut self) {
        for (at, (first, symbols)) in (0..).zip(&self.vertices) {
            self.file_at.resize(self.file_at.len() + symbols.len(), at);
            self.parents.extend(symbols.iter().map(|symbol| symbol.parent.map_or(NONE, |parent| first + parent.0)));
        }
        for node in self.definitions().rev() {
            let parent = self.parents[node as usize];
            if parent < node {
                self.next_siblings[node as usize] = self.first_children[parent as usize];
                self.first_children[parent as usize] = node;
            }
        }
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
        self.file_at.get(node as usize).map(|at| *at as usize)
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

    pub(super) fn kind(&self, node: Node) -> Option<SymbolKind> {
        self.vertex(node).map(|vertex| vertex.kind)
    }

    /// Whether the kind of a definition is one of some sort.
    pub(super) fn is(&self, node: Node, is_sort: impl FnOnce(SymbolKind) -> bool) -> bool {
        self.kind(node).is_some_and(is_sort)
    }

    /// The definition around one.
    pub(super) fn parent(&self, node: Node) -> Option<Node> {
        self.parents.get(node as usize).copied().filter(|parent| *parent != NONE)
    }

    /// What a definition stands in, the nearest first.
    pub(super) fn around(&self, node: Node) -> impl Iterator<Item = Node> {
        std::iter::successors(self.parent(node), |around| self.parent(*around))
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
        let some = |node: Option<&Node>| node.copied().filter(|node| *node != NONE);
        let first = some(self.first_children.get(node as usize));
        std::iter::successors(first, move |node| some(self.next_siblings.get(*node as usize)))
    }

    /// A definition with all that stands in it, and its members that are written elsewhere.
    pub(super) fn whole(&self, node: Node) -> Vec<Node> {
        let mut all = Queue::of([node]);
        while let Some(around) = all.next() {
            let is_member = |member: &Node| {
                self.related_from(*member).iter().any(|row| row.1 == RelationKind::MemberOf && row.2 == around)
            };
            all.add(self.children(around).chain(self.related_to(around).filter(is_member)));
        }
        all.all()
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

    /// These types with all that they are built on.
    pub(super) fn with_bases(&self, types: impl IntoIterator<Item = Node>) -> Vec<Node> {
        let mut types = Queue::of(types);
        while let Some(class) = types.next() {
            types.add(self.bases_of(class));
        }
        types.all()
    }

    /// What is related to a definition.
    pub(super) fn related_to(&self, node: Node) -> impl Iterator<Item = Node> {
        let first = self.related.partition_point(|row| row.0 < node);
        self.related[first..].iter().take_while(move |row| row.0 == node).map(|row| row.1)
    }

    /// The types that a method is a member of; for one of a block, the type of the block.
    pub(super) fn owners(&self, method: Node) -> Vec<Node> {
        let parent = self.parent(method).and_then(|parent| Some((parent, self.kind(parent)?)));
        let holder = match parent {
            Some((parent, kind)) if kind.is_type() => return vec![parent],
            Some((parent, SymbolKind::Impl)) => parent,
            _ => method,
        };
        self.related_from(holder).iter().filter(|row| row.1 == RelationKind::MemberOf).map(|row| row.2).collect()
    }

    /// The language of a file, by its number in the database.
    pub(super) fn language(&self, file: FileId) -> &str {
        self.index.get(&file).map_or("", |at| &self.files[*at].language)
    }

    /// Whether of two definitions of one qualified name one declares the other.
    pub(super) fn is_declared_by(&self, node: Node, other: Node) -> bool {
        let known = |node: Node| self.vertex(node).zip(self.file(node));
        let Some(((one, file), (two, other_file))) = known(node).zip(known(other)) else { return false };
        let is_either = |mark: Marks| one.marks.has(mark) || two.marks.has(mark);
        let same_sort = one.kind == two.kind || (one.kind.is_callable() && two.kind.is_callable());
        // Internal linkage: a static function of another file is another function; `static` of a member says nothing of
        // that.
        let is_member = |vertex: Vertex| matches!(vertex.kind, SymbolKind::Method | SymbolKind::Field);
        let apart = file.id != other_file.id && is_either(Marks::STATIC) && !is_member(one) && !is_member(two);
        is_either(Marks::DECLARATION) && same_sort && !apart && family(&file.language) == family(&other_file.language)
    }

    /// What something means unless another is passed to it, sorted.
    pub(super) fn fallbacks(&self) -> &[Node] {
        &self.fallbacks
    }

    pub(super) fn is_test(&self, node: Node) -> bool {
        self.tests.get(node as usize).copied().unwrap_or_default()
    }

    /// What lives if this does: what it uses, and what it is a part of.
    pub(super) fn uses(&self, node: Node) -> &[Node] {
        self.graph.successors(node)
    }

    /// The uses of some definitions, each with what it stands in.
    pub(super) fn users(&self, wanted: &FxHashSet<Node>) -> Vec<(Node, Node)> {
        self.edges.iter().filter(|(_, to)| wanted.contains(to)).map(|&(from, to)| (to, from)).collect()
    }

    /// Whether something in each file is used in another.
    pub(super) fn used_files(&self) -> Vec<bool> {
        let mut used = vec![false; self.files.len()];
        let file_of = |node: Node| self.file_of(node).unwrap_or_else(|| (node - self.definitions) as usize);
        for &(from, to) in &self.edges {
            let at = file_of(to);
            used[at] |= at != file_of(from);
        }
        used
    }

    /// All definitions in the order of files and positions.
    pub(super) fn definitions(&self) -> std::ops::Range<Node> {
        0..self.definitions
    }

    /// A part keeps the whole alive, and the whole those parts that nobody names.
    fn hold_together(&mut self, at: usize) {
        let (first, symbols) = &self.vertices[at];
        let (top, is_test) = (self.top(at), self.test_files[at]);
        for (own, symbol) in (*first..).zip(symbols) {
            // What stands directly in a module runs with the file.
            if symbol.kind.is_module() && (is_test || !self.is_test(own)) {
                self.edges.push((top, own));
            }
            let Some(parent) = symbol.parent else { continue };
            let around = symbols.get(parent.0 as usize).map(|vertex| vertex.kind);
            let parent = first + parent.0;
            // Or with the module around it, which may be one of tests.
            if symbol.kind.is_module() && around.is_some_and(SymbolKind::is_module) {
                self.edges.push((parent, own));
            }
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
                if edge.rule == Rule::Fallback {
                    self.fallbacks.push(to);
                }
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
            let is_test = self.test_files[at];
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
        // Two runs that are in order each.
        roots.sort_by_key(|(node, _)| *node);
        roots.dedup_by_key(|(node, _)| *node);
        self.roots = roots;
        Ok(())
    }

    /// Public members of hidden types that types which are shown are built on.
    fn inherited(&self, shown: &[bool]) -> Vec<Node> {
        let is_type = |node: &Node| self.is(*node, SymbolKind::is_type);
        let mut types: Vec<Node> = self.definitions().filter(|node| shown[*node as usize] && is_type(node)).collect();
        let mut seen = vec![false; self.definitions as usize];
        types.iter().for_each(|node| seen[*node as usize] = true);
        let mut next = 0;
        while let Some(&node) = types.get(next) {
            types.extend(self.bases_of(node).filter(|base| !mem::replace(&mut seen[*base as usize], true)));
            next += 1;
        }
        let is_open = |vertex: &Vertex| matches!(vertex.visibility, Visibility::Public | Visibility::Protected);
        let is_member = |node: &Node| self.parent(*node).is_some_and(|parent| seen[parent as usize]);
        let hidden = self.definitions().filter(|node| !shown[*node as usize] && is_member(node));
        hidden.filter(|node| self.vertex(*node).as_ref().is_some_and(is_open)).collect()
    }

    /// Adds roots.
    pub(super) fn root(&mut self, nodes: impl IntoIterator<Item = Node>, reason: Reason) {
        let before = self.roots.len();
        self.roots.extend(nodes.into_iter().map(|node| (node, reason)));
        self.roots[before..].sort_unstable_by_key(|(node, _)| *node);
    }

    /// Everything that lives because of its roots, with tests or without.
    pub(super) fn alive(&self, with_tests: bool) -> Vec<bool> {
        let tops = (0..self.files.len()).filter(|at| with_tests || !self.test_files[*at]);
        let mut sources: Vec<Node> = tops.map(|at| self.top(at)).collect();
        let is_source =
            |(node, reason): &(Node, Reason)| with_tests || !(*reason == Reason::Test || self.is_test(*node));
        sources.extend(self.roots.iter().filter(|root| is_source(root)).map(|(node, _)| *node));
        let mut alive = vec![false; self.nodes()];
        self.enliven(&mut alive, &sources);
        alive
    }

    /// Lets life spread further, from these nodes.
    pub(super) fn enliven(&self, alive: &mut [bool], sources: &[Node]) {
        let mut next = sources.to_vec();
        while let Some(node) = next.pop() {
            if !mem::replace(&mut alive[node as usize], true) {
                next.extend(self.graph.successors(node).iter().filter(|to| !alive[**to as usize]));
            }
        }
    }

    /// Of the `wanted` definitions, those that something else than themselves and their parts uses.
    pub(super) fn used_elsewhere(&self, wanted: &[bool]) -> Vec<bool> {
        let mut used = vec![false; wanted.len()];
        for &(from, to) in &self.edges {
            let is_wanted = wanted.get(to as usize).copied().unwrap_or_default();
            let is_within = |node: Node, around: Node| self.around(node).any(|other| other == around);
            if is_wanted && !used[to as usize] && from != to && !is_within(from, to) && !is_within(to, from) {
                used[to as usize] = true;
            }
        }
        used
    }
}

/// Whether a file that others do not include has tests, which stand apart from what they test: it all serves them.
fn is_of_tests(file: &FileRow, symbols: &[Vertex]) -> bool {
    has_linkage(file) && !is_shown(file) && symbols.iter().any(|symbol| symbol.marks.has(Marks::TEST))
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
