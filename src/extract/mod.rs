//! From the bytes of one file to its facts: one parse, one pass.
//!
//! [`Extractor::extract`] cannot fail and knows no path, no clock and no other file: broken source gives facts
//! plus diagnostics. The syntax tree is flattened into an array once, and the language's visitor walks that.

mod flatten;
mod flow;
mod lines;

use tree_sitter::Parser;

use crate::lang::{Builder, Dialect, Language};
use crate::model::{Ast, FileFacts, Function};

use flatten::{Flattener, Tables};

/// What one file says.
#[derive(Clone, Debug, Default)]
pub struct Extraction {
    /// Its facts.
    pub facts: FileFacts,
    /// Its syntax tree.
    pub ast: Ast,
    /// The flow of control in its callables that have a body, in symbol order.
    pub functions: Vec<Function>,
}

/// Extracts facts; keeps parsers and buffers between files. One for each thread.
#[derive(Default)]
pub struct Extractor {
    parsers: Vec<(&'static str, Parser, Tables)>,
}

impl Extractor {
    /// An extractor that has not loaded any grammar yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What `source` says.
    pub fn extract(&mut self, language: &'static Language, dialect: &'static Dialect, source: &[u8]) -> Extraction {
        let (parser, tables) = self.parser(language, dialect);
        let masked = language.mask.and_then(|mask| mask(source));
        let tree = parser
            .parse(masked.as_deref().unwrap_or(source), None)
            .expect("a parser with a language and no cancellation always gives a tree");
        let flat = Flattener::new(tables, source).flatten(&tree);
        let mut builder = Builder::new(source, dialect.name, language.link.open_classes);
        if let Some(root) = flat.ast.root() {
            (language.visit)(&mut builder, root);
        }
        let bodies = language.flow.map(|classify| (classify, builder.bodies().to_vec()));
        let mut facts = builder.finish();
        facts.lines = lines::count(source, &flat.comments);
        facts.diagnostics = flat.diagnostics;
        let functions = bodies.map(|(classify, bodies)| flow::functions(&flat.ast, source, classify, &bodies));
        Extraction { facts, ast: flat.ast, functions: functions.unwrap_or_default() }
    }

    /// Parses and walks the whole tree without extracting anything: the floor that indexing is measured against.
    /// Gives the number of nodes.
    pub fn floor(&mut self, language: &'static Language, dialect: &'static Dialect, source: &[u8]) -> usize {
        let (parser, _) = self.parser(language, dialect);
        let tree =
            parser.parse(source, None).expect("a parser with a language and no cancellation always gives a tree");
        flatten::count_nodes(&tree)
    }

    fn parser(&mut self, language: &'static Language, dialect: &'static Dialect) -> (&mut Parser, &Tables) {
        let known = self.parsers.iter().position(|(name, ..)| *name == dialect.name);
        let index = known.unwrap_or_else(|| {
            let grammar = (dialect.grammar)();
            let mut parser = Parser::new();
            parser.set_language(&grammar).expect("grammars are built for this tree-sitter version");
            self.parsers.push((dialect.name, parser, Tables::new(language, &grammar)));
            self.parsers.len() - 1
        });
        let (_, parser, tables) = &mut self.parsers[index];
        (parser, tables)
    }
}
