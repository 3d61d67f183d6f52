//! Control flow inside one callable: basic blocks and edges, and the complexity counted from the same syntax.

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
    /// The body of a handler of exceptions.
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
    /// One edge `true` and one `false`.
    Branch,
    /// One edge for each case, at least one.
    Switch,
    /// `break`, `continue`, `goto`: one edge.
    Jump,
    /// One edge, to the exit or to what runs before it.
    Return,
    /// At least one edge: to handlers, to what runs on the way out, or to the exit.
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

/// Why control goes from one block to another.
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

/// How hard a callable is to follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
