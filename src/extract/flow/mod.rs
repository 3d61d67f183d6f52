//! The flow of control in each callable: its graph and its complexity, from the flat syntax tree.
//!
//! Knows no language: each says what its nodes are, in the terms of [`Shape`](crate::lang::Shape). Two walks over a
//! body, one that draws (`walk` with `graph`, `jumps` and `handlers`) and one that counts (`complexity`).

mod complexity;
mod graph;
mod handlers;
mod jumps;
mod syntax;
mod walk;

use rustc_hash::FxHashSet;

use crate::lang::{Classify, Code};
use crate::model::{Ast, Function, SymbolId};

use syntax::Syntax;

/// The flow of control in the callables `bodies`, each given with the node that is its body; in symbol order.
pub(super) fn functions(ast: &Ast, source: &[u8], classify: Classify, bodies: &[(SymbolId, u32)]) -> Vec<Function> {
    let nodes: FxHashSet<u32> = bodies.iter().map(|(_, body)| *body).collect();
    let syntax = Syntax { ast, source, classify, bodies: &nodes };
    let mut functions: Vec<Function> = bodies
        .iter()
        .map(|(symbol, body)| {
            let body = ast.node(*body);
            let complexity = complexity::count(syntax, Code::of(body));
            Function { symbol: *symbol, complexity, cfg: walk::draw(syntax, body) }
        })
        .collect();
    functions.sort_by_key(|function| function.symbol);
    functions
}
