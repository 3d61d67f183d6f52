//! The control flow of a callable: basic blocks and the edges between them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{self, Complexity, LineIndex, Span};
use crate::store::SymbolRow;

use super::{Ground, List, QueryError, Result, SymbolName, piece};

/// Which callable, and in which form.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The callable.
    #[command(flatten)]
    pub name: SymbolName,
    /// How to show it to people: lines of text, or a graph for Graphviz
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// How to show a control-flow graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Lines of text
    Text,
    /// A graph in the DOT language, whole whatever the limit
    Dot,
}

/// A control-flow graph.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The callable.
    pub symbol: SymbolRow,
    /// Its complexity.
    pub complexity: Complexity,
    /// The blocks: entry, exit, then the others in source order.
    pub blocks: List<Block>,
    /// The edges, sorted.
    pub edges: List<Edge>,
    /// The form that was asked for.
    #[serde(skip)]
    pub format: Format,
}

/// A basic block.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Block {
    /// Its number, 0 for the entry, 1 for the exit.
    pub index: u32,
    /// What it is for.
    pub kind: &'static str,
    /// Byte range; empty where no source stands for it.
    pub span: Span,
    /// 1-based first line.
    pub start_line: u32,
    /// 1-based last line.
    pub end_line: u32,
    /// How control leaves it.
    pub terminator: &'static str,
    /// Whether some path from the entry leads here.
    pub reachable: bool,
    /// The first line of its source, or the start of that.
    pub text: String,
    /// Whether that is exactly its source: not cut, and no byte replaced that is not UTF-8.
    pub text_is_exact: bool,
}

/// A step of control.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Edge {
    /// Number of the block that is left.
    pub from: u32,
    /// Number of the block that is entered.
    pub to: u32,
    /// Why.
    pub kind: &'static str,
}

/// A line longer than this is cut.
const TEXT_BYTES_MAX: usize = 80;

/// Finds the graph.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let symbol = args.name.one(ground)?;
    let functions = ground.snapshot.functions(symbol.key.file)?;
    let Some(function) = functions.into_iter().find(|function| function.symbol == symbol.key.symbol) else {
        return Err(QueryError::NoBody { kind: symbol.kind.word(), name: symbol.qualified_name });
    };
    let content = ground.snapshot.text(symbol.key.file)?;
    let index = LineIndex::new(&content);
    let limit = if args.format == Format::Dot { usize::MAX } else { ground.limit };
    let blocks = (0..).zip(&function.cfg.blocks).map(|(number, found)| block(number, found, &content, &index));
    let edges = function.cfg.edges.iter().map(|edge| Edge { from: edge.from, to: edge.to, kind: edge.kind.word() });
    Ok(Reply {
        complexity: function.complexity,
        blocks: List::new(blocks.collect(), limit),
        edges: List::new(edges.collect(), limit),
        format: args.format,
        symbol,
    })
}

fn block(number: u32, block: &model::Block, content: &[u8], index: &LineIndex) -> Block {
    let (start_line, end_line) = piece::lines(index, block.span);
    let (text, text_is_exact) = piece::first_line(block.span.slice(content), TEXT_BYTES_MAX);
    Block {
        index: number,
        kind: block.kind.word(),
        span: block.span,
        start_line,
        end_line,
        terminator: block.terminator.word(),
        reachable: block.reachable,
        text,
        text_is_exact,
    }
}
