//! A callable as slices see it: its steps with what decides them, what they define and use, and what they call.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::graph::{Access, Adjacency, Control, Event, Moment, Reaching};
use crate::model::{Cfg, EdgeKind, Role, Span, SymbolId, Terminator};

use super::names::{Mention, Names, names};
use super::tree::{Argument, Tree};

/// A call in a step.
pub(super) struct Call {
    /// Its number among the occurrences of the file.
    pub(super) occurrence: u32,
    pub(super) step: u32,
    /// What is called, with what it is called on.
    pub(super) callee: Span,
    pub(super) arguments: Vec<Argument>,
}

/// An event with where it comes from.
#[derive(Clone, Copy)]
pub(super) struct Origin {
    pub(super) moment: Moment,
    pub(super) mention: u32,
}

/// An access of a variable in a block.
#[derive(Clone, Copy)]
struct Placed {
    /// Place in the block, in bytes of the file.
    at: u32,
    /// Order at that place.
    order: u8,
    /// Number of the mention.
    number: u32,
    access: Access,
}

/// The blocks of a graph, to be found by place.
struct Blocks {
    /// Sorted by start; only those with source.
    spans: Vec<(Span, u32)>,
    /// The furthest end of those up to each.
    ends: Vec<u32>,
}

/// A callable.
pub(super) struct Body {
    pub(super) symbol: SymbolId,
    pub(super) span: Span,
    pub(super) names: Names,
    pub(super) control: Control,
    pub(super) reaching: Reaching,
    /// The blocks of each step.
    pub(super) blocks_of: Vec<Vec<u32>>,
    /// The steps of each block, in order.
    pub(super) steps_in: Vec<Vec<u32>>,
    /// For each block, whether all its steps decide what runs next: any may throw.
    pub(super) may_throw: Vec<bool>,
    /// Which blocks end by going elsewhere on purpose.
    pub(super) jumps: Vec<bool>,
    /// The events of each step.
    pub(super) events_of: Vec<Vec<Origin>>,
    /// By moment, the number of the mention.
    pub(super) mention_at: FxHashMap<Moment, u32>,
    /// Steps whose value a step hands on, and the other way round.
    pub(super) parts_of: Vec<Vec<u32>>,
    pub(super) wholes_of: Vec<Vec<u32>>,
    pub(super) calls: Vec<Call>,
    pub(super) calls_of: Vec<Vec<u32>>,
}

/// The block where control leaves.
const EXIT: u32 = 1;

/// The node of the callable with this body, and the node of the body.
fn root(tree: &Tree, body: Span, whole: Span) -> Option<(u32, u32)> {
    let first = tree.nodes.partition_point(|node| node.span.start < whole.start) as u32;
    let inside = (first..tree.nodes.len() as u32).take_while(|node| tree.span(*node).start < whole.end);
    let found = inside
        .filter(|node| tree.span(*node) == body)
        .find(|node| tree.parent(*node).is_some_and(|parent| tree.role(parent).is_callable));
    let body = found.or_else(|| (first..tree.nodes.len() as u32).find(|node| tree.span(*node) == body))?;
    Some((tree.parent(body)?, body))
}

impl Body {
    /// The callable of a file that has this flow; none if its syntax is not where it should be.
    pub(super) fn new(tree: &Tree, function: usize) -> Option<Self> {
        let function = tree.functions.get(function)?;
        let cfg = &function.cfg;
        let (entry, exit) = (cfg.blocks.first()?, cfg.blocks.get(1)?);
        let whole = tree.facts.symbols.get(function.symbol.0 as usize)?.span;
        let (root, body) = root(tree, Span::new(entry.span.start, exit.span.end), whole)?;
        let names = names(tree, root, body);
        let graph = graph(cfg);
        let blocks = Blocks::new(cfg);
        let mut found = Self {
            symbol: function.symbol,
            span: tree.span(root),
            control: Control::new(graph.clone(), EXIT),
            reaching: Reaching::new(graph.clone(), FxHashSet::default(), vec![Vec::new(); graph.nodes()]),
            blocks_of: vec![Vec::new(); names.steps.len()],
            steps_in: vec![Vec::new(); graph.nodes()],
            may_throw: vec![false; graph.nodes()],
            jumps: cfg.blocks.iter().map(|block| is_jump(block.terminator)).collect(),
            events_of: vec![Vec::new(); names.steps.len()],
            mention_at: FxHashMap::default(),
            parts_of: vec![Vec::new(); names.steps.len()],
            wholes_of: vec![Vec::new(); names.steps.len()],
            calls: Vec::new(),
            calls_of: vec![Vec::new(); names.steps.len()],
            names,
        };
        for edge in cfg.edges.iter().filter(|edge| edge.kind == EdgeKind::Exceptional) {
            found.may_throw[edge.from as usize] = true;
        }
        let leaves = found.place_leaves(tree, &blocks);
        found.return_results(tree, root);
        found.place_events(tree, cfg, &blocks, &leaves);
        found.join_values(tree, body);
        found.find_calls(tree, root);
        Some(found)
    }

    /// The step of a node of the callable.
    pub(super) fn step_of(&self, node: u32) -> Option<u32> {
        self.names.step_of.get(node.checked_sub(self.names.first)? as usize).copied()
    }

    /// The source that a step shows.
    pub(super) fn span_of(&self, tree: &Tree, step: u32) -> Span {
        let step = &self.names.steps[step as usize];
        let span = tree.span(step.node);
        if let Some(other) = step.other {
            return Span::new(span.start, tree.span(other).end.max(span.end));
        }
        match step.cut {
            Some(cut) if span.start < cut => {
                let text = Span::new(span.start, cut).slice(&tree.text).trim_ascii_end();
                Span::new(span.start, span.start + text.len() as u32)
            }
            _ => span,
        }
    }

    /// Whether the step is one that runs.
    pub(super) fn is_placed(&self, step: u32) -> bool {
        !self.blocks_of[step as usize].is_empty()
    }

    fn is_said(&self, node: u32) -> bool {
        !self.names.is_skipped[(node - self.names.first) as usize]
    }

    /// Finds the block of each leaf, and by that those of each step. Gives the leaves with their blocks, by place.
    fn place_leaves(&mut self, tree: &Tree, blocks: &Blocks) -> Vec<(u32, u32)> {
        let first = self.names.first;
        let mut leaves = Vec::new();
        for node in first + 1..tree.next[first as usize] {
            if !tree.is_leaf(node) || !self.is_said(node) {
                continue;
            }
            let (at, step) = (tree.span(node).start, self.names.step_of[(node - first) as usize]);
            let Some(block) = blocks.at(at) else { continue };
            leaves.push((at, block));
            let known = &mut self.blocks_of[step as usize];
            if step != 0 && !known.contains(&block) {
                known.push(block);
                self.steps_in[block as usize].push(step);
            }
        }
        // Preorder is the order of places, so the steps of a block stand in order already; a step comes up again only if
        // another stands inside it.
        for steps in &mut self.steps_in {
            steps.dedup();
        }
        leaves
    }

    /// A `return` without a value gives the variables that hold the results.
    fn return_results(&mut self, tree: &Tree, root: u32) {
        let is_result = |node: &u32| tree.is_field(tree.field(*node), tree.variables.results);
        let Some(results) = tree.children(root).find(is_result) else { return };
        let range = results..tree.next[results as usize];
        let inside = self.names.mentions.iter().filter(|mention| range.contains(&mention.leaf));
        let variables: Vec<u32> = inside.map(|mention| mention.variable).collect();
        for step in 1..self.names.steps.len() as u32 {
            let node = self.names.steps[step as usize].node;
            if !self.names.steps[step as usize].returns || !tree.is_leaf(node) {
                continue;
            }
            self.names.mentions.extend(variables.iter().map(|variable| Mention {
                leaf: node,
                step,
                variable: *variable,
                access: Access::Use,
                construct: None,
                is_at_leaf: false,
                is_parameter: false,
                has_subject: false,
            }));
        }
    }

    /// The events of all mentions, by block and in their order there.
    fn placed(&self, tree: &Tree, cfg: &Cfg, blocks: &Blocks, leaves: &[(u32, u32)]) -> Vec<Vec<Placed>> {
        let mut events: Vec<Vec<Placed>> = vec![Vec::new(); self.control.graph().nodes()];
        for (number, mention) in (0..).zip(&self.names.mentions) {
            for (block, at, order, access) in self.places(tree, cfg, blocks, leaves, mention) {
                events[block as usize].push(Placed { at, order, number, access });
            }
        }
        for events in &mut events {
            // A definition that comes first in its block stands before the uses at that place.
            events.sort_by_key(|event| (event.at, event.order, event.access == Access::Use, event.number));
        }
        events
    }

    /// Where a mention counts: block, place in it, order at that place, access.
    fn places(
        &self,
        tree: &Tree,
        cfg: &Cfg,
        blocks: &Blocks,
        leaves: &[(u32, u32)],
        mention: &Mention,
    ) -> Vec<(u32, u32, u8, Access)> {
        let at = tree.span(mention.leaf).start;
        if mention.is_parameter {
            return vec![(0, at, 0, Access::Define)];
        }
        let Some(construct) = mention.construct else {
            return blocks.at(at).map(|block| (block, at, 0, Access::Use)).into_iter().collect();
        };
        let region = tree.span(if mention.is_at_leaf { mention.leaf } else { construct });
        let within = blocks_within(leaves, region);
        if within.is_empty() {
            // A pattern has no block of its own; what it binds is there where the code behind it starts.
            let root = self.names.first;
            let mut around =
                std::iter::once(construct).chain(tree.ancestors(construct)).take_while(|node| *node > root);
            let behind = |node| blocks.first_within(Span::new(region.end, tree.span(node).end.max(region.end)));
            let behind = around.find_map(behind);
            return behind.map(|(start, block)| (block, start, 0, mention.access)).into_iter().collect();
        }
        let ends = ends_of(cfg, &within, mention.access).into_iter();
        ends.map(|(block, access)| (block, region.end, 1, access)).collect()
    }

    fn place_events(&mut self, tree: &Tree, cfg: &Cfg, blocks: &Blocks, leaves: &[(u32, u32)]) {
        let events = self.placed(tree, cfg, blocks, leaves);
        let mut placed = Vec::with_capacity(events.len());
        for (block, events) in (0..).zip(&events) {
            for (index, Placed { number, .. }) in (0..).zip(events) {
                let step = self.names.mentions[*number as usize].step;
                self.events_of[step as usize].push(Origin { moment: (block, index), mention: *number });
                self.mention_at.insert((block, index), *number);
                if !self.blocks_of[step as usize].contains(&block) && step != 0 {
                    self.blocks_of[step as usize].push(block);
                }
            }
            let variable = |number: u32| self.names.mentions[number as usize].variable;
            let own = events.iter().map(|event| Event { variable: variable(event.number), access: event.access });
            placed.push(own.collect());
        }
        let thrown = cfg.edges.iter().filter(|edge| edge.kind == EdgeKind::Exceptional);
        let early = thrown.map(|edge| (edge.from, edge.to)).collect();
        self.reaching = Reaching::new(self.control.graph().clone(), early, placed);
    }

    /// Joins what gives a value inside of a step to that step, patterns to what they are compared with, and marks the steps
    /// that give the value of the callable.
    fn join_values(&mut self, tree: &Tree, body: u32) {
        if tree.variables.returns_last {
            for step in self.values(tree, body) {
                self.names.steps[step as usize].returns = true;
            }
        }
        let first = self.names.first;
        for node in first + 1..tree.next[first as usize] {
            let is_inner = tree.role(node).is_step && self.is_open(node);
            let Some(step) = self.step_of(node).filter(|_| is_inner) else { continue };
            for tail in tree.tails(node) {
                for part in self.values(tree, tail) {
                    self.join(part, step);
                }
            }
        }
        for mention in self.names.mentions.clone().iter().filter(|mention| mention.has_subject) {
            let around = tree.ancestors(mention.leaf).take_while(|node| *node > first);
            let Some(subject) = around.into_iter().find(|node| tree.role(*node).has_subject()) else { continue };
            for child in tree.children(subject).filter(|child| tree.role(subject).is_subject(tree.field(*child))) {
                if let Some(step) = self.step_of(child) {
                    self.join(step, mention.step);
                }
            }
        }
    }

    fn is_nested(&self, node: u32) -> bool {
        self.names.is_nested[(node - self.names.first) as usize]
    }

    fn is_open(&self, node: u32) -> bool {
        let index = (node - self.names.first) as usize;
        !self.names.is_skipped[index] && !self.names.is_nested[index]
    }

    fn join(&mut self, part: u32, whole: u32) {
        if part != whole && self.is_placed(whole) && !self.parts_of[whole as usize].contains(&part) {
            self.parts_of[whole as usize].push(part);
            self.wholes_of[part as usize].push(whole);
        }
    }

    /// The steps that the value of a node comes from.
    fn values(&self, tree: &Tree, node: u32) -> Vec<u32> {
        let mut found = Vec::new();
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            if !self.is_open(node) {
                found.extend(self.step_of(node));
            } else if tree.role(node).is_step {
                open.extend(tree.tails(node));
            } else {
                found.extend(self.step_of(node).filter(|step| self.is_placed(*step)));
                open.extend(tree.children(node).filter(|child| tree.role(*child).is_step));
                // `if` as a statement: the step is nothing but that.
                let only = tree.children(node).find(|child| self.is_open(*child) && !tree.is_leaf(*child));
                open.extend(
                    only.filter(|child| !tree.role(*child).is_step && self.step_of(*child) == self.step_of(node)),
                );
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn find_calls(&mut self, tree: &Tree, root: u32) {
        let mut at_start: FxHashMap<u32, u32> = FxHashMap::default();
        for node in root + 1..tree.next[root as usize] {
            at_start.insert(tree.span(node).start, node);
        }
        let start = tree.occurrences.partition_point(|row| row.span.start < self.span.start);
        for (index, row) in (start as u32..).zip(&tree.occurrences[start..]) {
            if row.span.start >= self.span.end {
                break;
            }
            let leaf =
                at_start.get(&row.span.start).copied().filter(|leaf| row.role == Role::Call && !self.is_nested(*leaf));
            let Some((leaf, step)) = leaf.and_then(|leaf| Some((leaf, self.step_of(leaf)?))) else { continue };
            let (callee, arguments) = match call_node(tree, leaf, root) {
                Some((call, callee)) => (callee, tree.arguments(call)),
                None => (row.span, Vec::new()),
            };
            self.calls_of[step as usize].push(self.calls.len() as u32);
            self.calls.push(Call { occurrence: index, step, callee, arguments });
        }
    }
}

/// The call whose callee ends in `leaf`, and all that is before its arguments.
fn call_node(tree: &Tree, leaf: u32, root: u32) -> Option<(u32, Span)> {
    let mut below = leaf;
    for node in tree.ancestors(leaf).take_while(|node| *node > root) {
        let role = tree.role(node);
        if role.is_call() && role.is_callee(tree.field(below)) {
            return Some((node, Span::new(tree.span(node).start, tree.span(leaf).end)));
        }
        if role.is_step {
            return None;
        }
        below = node;
    }
    None
}

fn is_jump(terminator: Terminator) -> bool {
    matches!(terminator, Terminator::Jump | Terminator::Return | Terminator::Throw)
}

fn graph(cfg: &Cfg) -> Adjacency {
    let edges: Vec<(u32, u32)> = cfg.edges.iter().map(|edge| (edge.from, edge.to)).collect();
    Adjacency::new(cfg.blocks.len(), &edges)
}

/// The blocks that hold leaves in a region, sorted.
fn blocks_within(leaves: &[(u32, u32)], region: Span) -> Vec<u32> {
    let start = leaves.partition_point(|(at, _)| *at < region.start);
    let mut found: Vec<u32> =
        leaves[start..].iter().take_while(|(at, _)| *at < region.end).map(|(_, block)| *block).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Which of the blocks that a construct runs through end it: what happens at its end happens there for sure, or only on
/// some way out.
fn ends_of(cfg: &Cfg, blocks: &[u32], access: Access) -> Vec<(u32, Access)> {
    let end = |block: &u32| {
        let edges = cfg.edges_from(*block).iter().filter(|edge| edge.kind != EdgeKind::Exceptional);
        let (mut inside, mut outside) = (false, blocks.len() == 1);
        for edge in edges {
            let is_inside = edge.to != *block && blocks.binary_search(&edge.to).is_ok();
            inside |= is_inside;
            outside |= !is_inside;
        }
        match (inside, outside) {
            (true, false) => None,
            (true, true) => Some((*block, Access::Change)),
            (false, _) => Some((*block, access)),
        }
    };
    blocks.iter().filter_map(end).collect()
}

impl Blocks {
    fn new(cfg: &Cfg) -> Self {
        let placed = (0..).zip(&cfg.blocks).filter(|(_, block)| !block.span.is_empty());
        let mut spans: Vec<(Span, u32)> = placed.map(|(index, block)| (block.span, index)).collect();
        spans.sort_unstable_by_key(|(span, index)| (span.start, std::cmp::Reverse(span.end), *index));
        let mut furthest = 0;
        let ends = spans.iter().map(|(span, _)| {
            furthest = span.end.max(furthest);
            furthest
        });
        Self { ends: ends.collect(), spans }
    }

    /// The innermost block around a byte.
    fn at(&self, offset: u32) -> Option<u32> {
        let mut index = self.spans.partition_point(|(span, _)| span.start <= offset);
        while index > 0 && self.ends[index - 1] > offset {
            index -= 1;
            if self.spans[index].0.contains(offset) {
                return Some(self.spans[index].1);
            }
        }
        None
    }

    /// The first block that starts in a region, and where.
    fn first_within(&self, region: Span) -> Option<(u32, u32)> {
        let index = self.spans.partition_point(|(span, _)| span.start < region.start);
        self.spans.get(index).filter(|(span, _)| span.start < region.end).map(|(span, block)| (span.start, *block))
    }
}
