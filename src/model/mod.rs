//! The nouns: spans, names, symbols, occurrences, expressions, facts and links.
//!
//! Plain data. Nothing here reads a file, opens a database or knows a language.

mod ast;
mod cfg;
mod expr;
mod facts;
mod facts_code;
mod id;
mod links;
mod list;
mod metrics;
mod names;
mod source;
mod span;
mod steering;
mod symbol;
pub(crate) mod varint;

pub use ast::{Ast, AstNode, Children, Node, SyntaxNode, decode_ast};
pub use cfg::{
    Block, BlockKind, Cfg, Complexity, Edge, EdgeKind, Function, Terminator, decode_functions, encode_functions,
};
pub use expr::{Expr, ExprId, ExprList, Literal, Space};
pub use facts::{
    Binding, BindingTarget, Diagnostic, Export, FileFacts, Flow, Import, ImportId, ImportPath, ImportShape, LineCounts,
    Occurrence, Parameter, Relation, RelationKind, Role, Scope, ScopeId, ScopeKind,
};
pub use id::{ContentHash, SymbolHash, scope_path, symbol_hashes};
#[cfg(feature = "native-v2")]
pub(crate) use id::{root_hash, symbol_hash, symbol_ordinals};
pub use links::{Definition, FileLinks, ImportTarget, Outcome, Reason, Rule, Tally};
pub use list::List;
pub use metrics::{FileMetrics, SymbolMetrics};
pub use names::{NameId, Names, NamesBuilder};
pub use source::{SkipReason, Skipped, Stamp};
pub use span::{LineIndex, Position, Span};
pub use steering::steers;
pub use symbol::{Arity, Marks, Symbol, SymbolId, SymbolKind, Visibility};
