//! Draws a control-flow graph while code is walked in the order it runs.
//!
//! Works like an assembler: control goes to labels, and a label becomes the block that is open when code first
//! follows it. Code that does nothing opens no block; a label with no code before the next jump is another name for
//! where that jump goes. Knows neither syntax nor languages.

use crate::model::{Block, BlockKind, Cfg, Edge, EdgeKind, Span, Terminator};

/// A place in the graph that control can go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label(u32);

/// What has become of a label.
#[derive(Clone, Copy)]
enum Place {
    Unbound,
    Block(u32),
    /// Another label, reached by a step of this kind.
    Alias(Label, EdgeKind),
}

/// How the edges of a block come about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Plain,
    Switch,
    Resume,
}

struct Draft {
    kind: BlockKind,
    span: Span,
    unwind: Option<Label>,
    ending: Ending,
}

const ENTRY: u32 = 0;
const EXIT: u32 = 1;

pub(super) struct Graph {
    blocks: Vec<Draft>,
    edges: Vec<(u32, Label, EdgeKind)>,
    labels: Vec<Place>,
    /// Whether anything goes to a label so far.
    used: Vec<bool>,
    /// The block that code goes into.
    current: Option<u32>,
    /// Labels bound since the last block was closed.
    waiting: Vec<Label>,
    /// What the next block is for.
    next_kind: BlockKind,
    /// Where control goes when the code that is walked throws; none if it leaves the callable.
    unwind: Option<Label>,
    exit: Label,
}

impl Graph {
    /// The graph of a body, with control at its start.
    pub(super) fn new(body: Span) -> Self {
        let start = Span::new(body.start, body.start);
        let mut graph = Self {
            blocks: Vec::new(),
            edges: Vec::new(),
            labels: Vec::new(),
            used: Vec::new(),
            current: None,
            waiting: Vec::new(),
            next_kind: BlockKind::Body,
            unwind: None,
            exit: Label(0),
        };
        graph.exit = graph.label();
        for (kind, span) in [(BlockKind::Entry, start), (BlockKind::Exit, Span::new(body.end, body.end))] {
            graph.blocks.push(Draft { kind, span, unwind: None, ending: Ending::Plain });
        }
        graph.current = Some(ENTRY);
        graph.cut(BlockKind::Body);
        graph
    }

    /// A new label, to be bound once.
    pub(super) fn label(&mut self) -> Label {
        self.labels.push(Place::Unbound);
        self.used.push(false);
        Label(self.labels.len() as u32 - 1)
    }

    /// Where the callable ends.
    pub(super) fn exit(&self) -> Label {
        self.exit
    }

    /// Makes a new end of the callable and gives the old one, to be bound where control goes that was sent there.
    pub(super) fn move_exit(&mut self) -> Label {
        let new = self.label();
        std::mem::replace(&mut self.exit, new)
    }

    /// Where control goes when the code that is walked throws.
    pub(super) fn unwind(&self) -> Option<Label> {
        self.unwind
    }

    /// What is walked from here on throws to `unwind`.
    pub(super) fn set_unwind(&mut self, unwind: Option<Label>) {
        if let Some(label) = unwind {
            self.expect(label);
        }
        if self.unwind != unwind {
            self.cut(BlockKind::Body);
            self.unwind = unwind;
            if let Some(block) = self.current {
                self.blocks[block as usize].unwind = unwind;
            }
        }
    }

    /// Something will go to `label`, though nothing does yet.
    pub(super) fn expect(&mut self, label: Label) {
        self.used[label.0 as usize] = true;
    }

    /// Whether control may arrive at what is walked next.
    pub(super) fn is_live(&self) -> bool {
        self.current.is_some() || self.waiting.iter().any(|label| self.used[label.0 as usize])
    }

    /// Whether what is walked next goes into a block that is there already.
    pub(super) fn is_open(&self) -> bool {
        self.current.is_some()
    }

    /// What follows is at `label`, and in a block of this kind.
    pub(super) fn bind(&mut self, label: Label, kind: BlockKind) {
        if let Some(from) = self.current.take() {
            self.edge(from, label, EdgeKind::Fallthrough);
        }
        self.waiting.push(label);
        self.next_kind = kind;
    }

    /// What follows is not in one block with what was before: in a new one of this kind, unless the current one has no
    /// code yet.
    pub(super) fn cut(&mut self, kind: BlockKind) {
        match self.current {
            Some(block) if block != ENTRY && self.blocks[block as usize].span.is_empty() => {}
            Some(_) => {
                let label = self.label();
                self.bind(label, kind);
            }
            None => self.next_kind = kind,
        }
    }

    /// Opens a block at the byte `at`, even if no code follows. None must be open.
    pub(super) fn open(&mut self, kind: BlockKind, at: u32) -> u32 {
        debug_assert!(self.current.is_none(), "two blocks open at once");
        let block = self.blocks.len() as u32;
        let span = Span::new(at, at);
        self.blocks.push(Draft { kind, span, unwind: self.unwind, ending: Ending::Plain });
        for label in self.waiting.drain(..) {
            self.labels[label.0 as usize] = Place::Block(block);
        }
        self.next_kind = BlockKind::Body;
        self.current = Some(block);
        block
    }

    /// Adds code to the current block.
    pub(super) fn touch(&mut self, span: Span) {
        if span.is_empty() {
            return;
        }
        let block = match self.current {
            Some(block) => block,
            None => self.open(self.next_kind, span.start),
        };
        let known = &mut self.blocks[block as usize].span;
        *known = if known.is_empty() { span } else { Span::new(known.start.min(span.start), known.end.max(span.end)) };
    }

    /// Control goes to `label`.
    pub(super) fn jump(&mut self, kind: EdgeKind, label: Label) {
        match self.current.take() {
            Some(from) => self.edge(from, label, kind),
            None => {
                self.used[label.0 as usize] |= self.is_live();
                for waiting in self.waiting.drain(..) {
                    self.labels[waiting.0 as usize] = Place::Alias(label, kind);
                }
            }
        }
        self.next_kind = BlockKind::Body;
    }

    /// Closes the current block, opening one of `kind` at the byte `at` if only labels stand here. None in dead code
    /// without a block. The edges are up to the caller.
    pub(super) fn close(&mut self, kind: BlockKind, at: u32, ending: Ending) -> Option<u32> {
        if !self.is_live() {
            return None;
        }
        let block = self.current.unwrap_or_else(|| self.open(kind, at));
        self.blocks[block as usize].ending = ending;
        self.current = None;
        Some(block)
    }

    /// Adds an edge from a closed block.
    pub(super) fn edge(&mut self, from: u32, to: Label, kind: EdgeKind) {
        self.edges.push((from, to, kind));
        self.expect(to);
    }

    /// Ends the walk and gives the graph.
    pub(super) fn finish(mut self) -> Cfg {
        let exit = self.exit;
        self.jump(EdgeKind::Fallthrough, exit);
        self.labels[exit.0 as usize] = Place::Block(EXIT);
        let places = resolve(&self.labels);
        let order = source_order(&self.blocks);
        let edges = self.place_edges(&places, &order);
        let nothing =
            Block { kind: BlockKind::Exit, span: Span::default(), terminator: Terminator::End, reachable: false };
        let mut cfg = Cfg { blocks: vec![nothing; self.blocks.len()], edges };
        for (draft, index) in self.blocks.iter().zip(order) {
            let terminator = terminator(draft.ending, cfg.edges_from(index));
            let (kind, span) = (draft.kind, draft.span);
            cfg.blocks[index as usize] = Block { kind, span, terminator, reachable: false };
        }
        for (index, is_reached) in cfg.reached().into_iter().enumerate() {
            cfg.blocks[index].reachable = is_reached;
        }
        cfg
    }

    /// The edges between blocks in their final order, those of exceptions included.
    fn place_edges(&self, places: &[(u32, EdgeKind)], order: &[u32]) -> Vec<Edge> {
        let place = |from: u32, label: Label, kind: EdgeKind| {
            let (to, way) = places[label.0 as usize];
            let kind = if kind == EdgeKind::Fallthrough { way } else { kind };
            Edge { from: order[from as usize], to: order[to as usize], kind }
        };
        let mut edges: Vec<Edge> = Vec::with_capacity(self.edges.len() + self.blocks.len() / 8);
        edges.extend(self.edges.iter().map(|(from, label, kind)| place(*from, *label, *kind)));
        for (from, draft) in (0u32..).zip(&self.blocks) {
            if let (Some(unwind), false) = (draft.unwind, draft.span.is_empty()) {
                edges.push(place(from, unwind, EdgeKind::Exceptional));
            }
        }
        edges.sort_unstable();
        // What is thrown on purpose need not be thrown by the way as well; the two stand side by side.
        edges.dedup_by(|second, first| {
            let is_thrown = first.kind == EdgeKind::Throw && second.kind == EdgeKind::Exceptional;
            (first.from, first.to) == (second.from, second.to) && (first.kind == second.kind || is_thrown)
        });
        edges
    }
}

/// The block each label stands for, and the kind of step that leads from the label to it. What was never bound (the
/// target of a `goto` that is missing) is the exit.
fn resolve(labels: &[Place]) -> Vec<(u32, EdgeKind)> {
    let mut places: Vec<Option<(u32, EdgeKind)>> = vec![None; labels.len()];
    let mut path = Vec::new();
    for start in 0..labels.len() {
        let mut at = start;
        let (block, mut way) = loop {
            match (places[at], labels[at]) {
                (Some(place), _) => break place,
                (None, Place::Block(block)) => break (block, EdgeKind::Fallthrough),
                (None, Place::Alias(next, kind)) if path.len() < labels.len() => {
                    path.push((at, kind));
                    at = next.0 as usize;
                }
                (None, Place::Alias(..) | Place::Unbound) => break (EXIT, EdgeKind::Fallthrough),
            }
        };
        places[at] = Some((block, way));
        while let Some((label, kind)) = path.pop() {
            way = if kind == EdgeKind::Fallthrough { way } else { kind };
            places[label] = Some((block, way));
        }
    }
    places.into_iter().map(|place| place.expect("every label was visited")).collect()
}

/// The final index of each block: entry, exit, then by where they start.
fn source_order(blocks: &[Draft]) -> Vec<u32> {
    let mut sorted: Vec<u32> = (0..blocks.len() as u32).collect();
    sorted[2..].sort_by_key(|block| (blocks[*block as usize].span.start, blocks[*block as usize].span.end));
    let mut order = vec![0; blocks.len()];
    for (index, block) in (0u32..).zip(sorted) {
        order[block as usize] = index;
    }
    order
}

fn terminator(ending: Ending, edges: &[Edge]) -> Terminator {
    let mut kinds = edges.iter().map(|edge| edge.kind).filter(|kind| *kind != EdgeKind::Exceptional);
    match (ending, kinds.next()) {
        (_, None) => Terminator::End,
        (Ending::Switch, _) => Terminator::Switch,
        (Ending::Resume, _) => Terminator::Resume,
        (Ending::Plain, Some(first)) => {
            if matches!(first, EdgeKind::True | EdgeKind::False)
                || kinds.any(|kind| matches!(kind, EdgeKind::True | EdgeKind::False))
            {
                return Terminator::Branch;
            }
            match first {
                EdgeKind::Break | EdgeKind::Continue | EdgeKind::Goto => Terminator::Jump,
                EdgeKind::Return => Terminator::Return,
                EdgeKind::Throw => Terminator::Throw,
                _ => Terminator::Fallthrough,
            }
        }
    }
}
