//! Control flow inside one callable: basic blocks and edges, and the complexity counted from the same syntax.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Span, SymbolId};

/// What a basic block is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum BlockKind {
    /// Where control enters; block 0 of every graph.
    Entry,
    /// Where control leaves, by return or by an error nobody handles; block 1 of every graph.
    Exit,
    /// Statements that run one after another.
    Body,
    /// A condition, subject of a switch, or operand of a short-circuit operator.
    Condition,
    /// Where each round of a loop starts.
    LoopHeader,
    /// The body of a case or match arm.
    Case,
    /// Where a handler of exceptions starts: the test whether it is for this one, or the body if it takes all.
    Handler,
    /// What runs on the way out: `finally`, `defer`, the closing of `with` or `try (...)`.
    Cleanup,
}

impl BlockKind {
    /// Every kind with the word used for it.
    pub const WORDS: [(Self, &'static str); 8] = [
        (Self::Entry, "entry"),
        (Self::Exit, "exit"),
        (Self::Body, "body"),
        (Self::Condition, "condition"),
        (Self::LoopHeader, "loop_header"),
        (Self::Case, "case"),
        (Self::Handler, "handler"),
        (Self::Cleanup, "cleanup"),
    ];

    /// The word shown for this kind.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }
}

/// How control leaves a block. Edges of kind [`EdgeKind::Exceptional`] come on top and are not counted here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Terminator {
    /// On to the next block, around a loop, or to the end: one edge.
    Fallthrough,
    /// One edge `true` and one `false`; where an operator leaves the callable for lack of a value (Rust's `?`), one
    /// edge `true` and one `return`.
    Branch,
    /// One edge `case` to each case, and one `false` where none of them need match; at least one edge.
    Switch,
    /// `break`, `continue`, `goto`: one edge.
    Jump,
    /// One edge, to the exit or to what runs before it.
    Return,
    /// One edge: to a handler, to what runs on the way out, or to the exit.
    Throw,
    /// What runs on the way out, when it ends: one edge for each way control came in, at least one.
    Resume,
    /// No edge: the exit, or a block after which control never goes on.
    End,
}

impl Terminator {
    /// Every terminator with the word used for it.
    pub const WORDS: [(Self, &'static str); 8] = [
        (Self::Fallthrough, "fallthrough"),
        (Self::Branch, "branch"),
        (Self::Switch, "switch"),
        (Self::Jump, "jump"),
        (Self::Return, "return"),
        (Self::Throw, "throw"),
        (Self::Resume, "resume"),
        (Self::End, "end"),
    ];

    /// The word shown for this terminator.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }
}

/// Why control goes from one block to another. Code that does nothing has no block, so an edge may stand for several
/// steps: it has the kind of the first that says more than `fallthrough`. Hence `loop_back` marks the steps back to
/// the start of a loop that depend on no condition; a `true` or `false` edge may lead there, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are the field's own terms")]
pub enum EdgeKind {
    Fallthrough,
    True,
    False,
    Case,
    LoopBack,
    Break,
    Continue,
    Goto,
    Return,
    Throw,
    Exceptional,
}

impl EdgeKind {
    /// Every kind with the word used for it.
    pub const WORDS: [(Self, &'static str); 11] = [
        (Self::Fallthrough, "fallthrough"),
        (Self::True, "true"),
        (Self::False, "false"),
        (Self::Case, "case"),
        (Self::LoopBack, "loop_back"),
        (Self::Break, "break"),
        (Self::Continue, "continue"),
        (Self::Goto, "goto"),
        (Self::Return, "return"),
        (Self::Throw, "throw"),
        (Self::Exceptional, "exceptional"),
    ];

    /// The word shown for this kind.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }
}

/// A maximal run of code with one way in and one way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What it is for.
    pub kind: BlockKind,
    /// From its first byte to its last; empty where no source stands for it.
    pub span: Span,
    /// How control leaves it.
    pub terminator: Terminator,
    /// Whether some path from the entry leads here.
    pub reachable: bool,
}

/// A step of control from block to block, by their indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Edge {
    /// Index of the block that is left.
    pub from: u32,
    /// Index of the block that is entered.
    pub to: u32,
    /// Why.
    pub kind: EdgeKind,
}

/// A control-flow graph. Block 0 is the entry, block 1 the exit; the others stand in source order. Edges are
/// sorted and without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cfg {
    /// The blocks.
    pub blocks: Vec<Block>,
    /// The edges.
    pub edges: Vec<Edge>,
}

impl Cfg {
    /// The edges that leave a block.
    pub fn edges_from(&self, block: u32) -> &[Edge] {
        let start = self.edges.partition_point(|edge| edge.from < block);
        let count = self.edges[start..].iter().take_while(|edge| edge.from == block).count();
        &self.edges[start..start + count]
    }

    /// Whether some path from the entry leads there, for each block.
    pub fn reached(&self) -> Vec<bool> {
        let mut reached = vec![false; self.blocks.len()];
        let mut open = vec![0];
        while let Some(block) = open.pop() {
            let Some(is_reached @ false) = reached.get_mut(block as usize) else { continue };
            *is_reached = true;
            open.extend(self.edges_from(block).iter().map(|edge| edge.to));
        }
        reached
    }

    /// What is wrong with the graph, a sentence for each fault; nothing if it keeps all that its documentation says.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let count = self.blocks.len();
        for (index, block) in self.blocks.iter().enumerate() {
            let is_placed =
                (index == 0) == (block.kind == BlockKind::Entry) && (index == 1) == (block.kind == BlockKind::Exit);
            if !is_placed {
                faults.push(format!("block {index} is of kind {}", block.kind.word()));
            }
            if block.span.start > block.span.end {
                faults.push(format!("block {index} ends before it starts"));
            }
            let kinds: Vec<EdgeKind> = self.edges_from(index as u32).iter().map(|edge| edge.kind).collect();
            if !block.terminator.allows(&kinds, index == 1) {
                faults.push(format!("block {index} ends by {} with edges {kinds:?}", block.terminator.word()));
            }
        }
        if count < 2 {
            faults.push("entry or exit is missing".to_owned());
        }
        if !self.blocks.get(2..).unwrap_or_default().is_sorted_by_key(|block| block.span) {
            faults.push("blocks are not in source order".to_owned());
        }
        if !self.edges.is_sorted_by(|a, b| a < b) {
            faults.push("edges are not sorted or not unique".to_owned());
        }
        for edge in
            self.edges.iter().filter(|edge| edge.from as usize >= count || edge.to as usize >= count || edge.to == 0)
        {
            faults.push(format!("no edge can go from {} to {}", edge.from, edge.to));
        }
        if faults.is_empty() && self.reached() != self.blocks.iter().map(|block| block.reachable).collect::<Vec<_>>() {
            faults.push("blocks are not marked as they can be reached".to_owned());
        }
        faults
    }
}

impl Terminator {
    /// Whether a block that ends so may have out-edges of these kinds.
    fn allows(self, kinds: &[EdgeKind], is_exit: bool) -> bool {
        use EdgeKind::{Break, Case, Continue, Exceptional, Fallthrough, False, Goto, LoopBack, Return, Throw, True};
        let counted: Vec<EdgeKind> = kinds.iter().copied().filter(|kind| *kind != Exceptional).collect();
        if is_exit {
            return self == Self::End && kinds.is_empty();
        }
        match self {
            Self::Fallthrough => matches!(counted[..], [Fallthrough | LoopBack]),
            Self::Branch => matches!(counted[..], [True, False] | [False, True] | [True, Return] | [Return, True]),
            Self::Switch => {
                let others: Vec<EdgeKind> = counted.iter().copied().filter(|kind| *kind != Case).collect();
                !counted.is_empty() && matches!(others[..], [] | [False])
            }
            Self::Jump => matches!(counted[..], [Break | Continue | Goto]),
            Self::Return => matches!(counted[..], [Return]),
            Self::Throw => matches!(counted[..], [Throw]),
            Self::Resume => !counted.is_empty(),
            Self::End => counted.is_empty(),
        }
    }
}

/// How hard a callable is to follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Complexity {
    /// Cyclomatic complexity: decision points, short-circuit operators among them, plus one
    /// (McCabe, "A Complexity Measure", 1976).
    pub cyclomatic: u32,
    /// Cognitive complexity (Campbell, "Cognitive Complexity: a new way of measuring understandability",
    /// SonarSource, 2018).
    pub cognitive: u32,
    /// How deep control structures are nested in each other; 0 where there are none.
    pub nesting: u32,
}

/// The flow of control in one callable that has a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// The callable.
    pub symbol: SymbolId,
    /// Its complexity.
    pub complexity: Complexity,
    /// Its control-flow graph.
    pub cfg: Cfg,
}

const FUNCTIONS_FORMAT: u8 = 1;

/// Encodes the callables of a file for storage: a version byte, then postcard.
pub fn encode_functions(functions: &[Function]) -> Vec<u8> {
    postcard::to_extend(functions, vec![FUNCTIONS_FORMAT]).expect("a Vec grows as needed")
}

/// Decodes what [`encode_functions`] wrote; none if the bytes are not that.
pub fn decode_functions(bytes: &[u8]) -> Option<Vec<Function>> {
    let (&format, rest) = bytes.split_first()?;
    (format == FUNCTIONS_FORMAT).then(|| postcard::from_bytes(rest).ok())?
}
