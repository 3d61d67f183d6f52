//! All nodes of one kind in the syntax trees of files.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::lang::{self, GrammarNames};
use crate::model::{LineIndex, Position, Span, SyntaxNode};
use crate::store::{FileRow, Glob};

use super::ast::no_grammar;
use super::piece::{self, Around};
use super::{Brief, Ground, List, QueryError, Result, pattern};

/// Which nodes, and where.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The grammar's word for the nodes, as `magellan ast` shows it
    #[arg(value_name = "KIND")]
    pub kind: String,
    /// A file, a folder or a glob as in `.gitignore`; the whole tree if not given
    #[arg(value_name = "PATH")]
    pub path: Option<String>,
    /// Only nodes that fill this field of their parent
    #[arg(long, value_name = "FIELD")]
    pub field: Option<String>,
    /// Only nodes whose whole source matches: `*`, `?`, `[...]`
    #[arg(long, value_name = "GLOB")]
    pub text: Option<String>,
}

/// The nodes found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// Sorted by path and position, outer before inner.
    pub nodes: List<Found>,
}

/// A node and where it stands.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Found {
    /// File path.
    pub path: String,
    /// Its number in the tree of the file, as `magellan ast` counts.
    pub id: u32,
    /// Where it starts.
    #[serde(flatten)]
    pub position: Position,
    /// One past its last byte.
    pub end: Position,
    /// Byte range.
    pub span: Span,
    /// The field it fills in its parent.
    pub field: Option<String>,
    /// The innermost definition around it, or the one it is.
    pub symbol: Option<Brief>,
    /// The first line of its source, or the start of that.
    pub text: String,
    /// Whether that is exactly its source: not cut, and no byte replaced that is not UTF-8.
    pub text_is_exact: bool,
}

/// A line longer than this is cut.
const TEXT_BYTES_MAX: usize = 200;

/// How many similar words an error offers.
const SIMILAR_MAX: usize = 8;

/// Finds nodes.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let files = pattern::some_files(ground, args.path.as_deref())?;
    let grammars = grammars(&files, args)?;
    let glob = args.text.as_deref().map(Glob::new);
    let mut list = List::default();
    for file in &files {
        let Some(grammar) = grammars.get(file.dialect.as_str()).filter(|grammar| !grammar.kinds.is_empty()) else {
            continue;
        };
        let nodes = ground.snapshot.ast(file.id)?;
        let mut found: Vec<u32> = (0..).zip(&nodes).filter(|(_, node)| grammar.wants(node)).map(|(id, _)| id).collect();
        if found.is_empty() {
            continue;
        }
        // Without a glob the text is only needed to show a node.
        let room = ground.limit - list.items.len();
        if let Some(glob) = &glob {
            let content = ground.snapshot.text(file.id)?;
            let source = |id: &u32| nodes[*id as usize].span.slice(&content);
            found.retain(|id| glob.matches(&String::from_utf8_lossy(source(id))));
        }
        list.total += found.len();
        found.truncate(room);
        if !found.is_empty() {
            list.items.extend(shown(ground, file, grammar, &nodes, &found)?);
        }
    }
    Ok(Reply { nodes: list })
}

/// A grammar, and the numbers that it has for what is wanted.
struct Grammar {
    names: GrammarNames,
    kinds: Vec<u16>,
    /// The field that is wanted; none if any will do.
    field: Option<u8>,
}

impl Grammar {
    fn wants(&self, node: &SyntaxNode) -> bool {
        self.kinds.contains(&node.kind) && self.field.is_none_or(|field| node.field == field)
    }
}

/// The grammars of the files, each loaded once. One without the field has nothing that is wanted.
fn grammars<'f>(files: &'f [FileRow], args: &Args) -> Result<BTreeMap<&'f str, Grammar>> {
    let mut grammars = BTreeMap::new();
    let (mut knows_kind, mut knows_field) = (false, args.field.is_none());
    for file in files {
        if grammars.contains_key(file.dialect.as_str()) {
            continue;
        }
        let (_, dialect) = lang::by_dialect(&file.dialect).ok_or_else(|| no_grammar(file))?;
        let names = dialect.names();
        let mut kinds = names.kinds_of(&args.kind);
        knows_kind |= !kinds.is_empty();
        let field = args.field.as_deref().and_then(|field| names.field_of(field));
        knows_field |= field.is_some();
        if args.field.is_some() && field.is_none() {
            kinds.clear();
        }
        grammars.insert(file.dialect.as_str(), Grammar { names, kinds, field });
    }
    match (&args.field, files.is_empty()) {
        (_, false) if !knows_kind => Err(unknown_kind(&grammars, &args.kind)),
        (Some(field), false) if !knows_field => {
            Err(QueryError::Usage(format!("no grammar of these files has a field {field}")))
        }
        _ => Ok(grammars),
    }
}

/// Names kinds that share a word with the one that is not there.
fn unknown_kind(grammars: &BTreeMap<&str, Grammar>, kind: &str) -> QueryError {
    let words: Vec<&str> = kind.split('_').filter(|word| word.len() > 2).collect();
    let is_near = |known: &str| known.split('_').any(|word| words.contains(&word));
    let all = grammars.values().flat_map(|grammar| grammar.names.named_kinds());
    let mut near: Vec<&str> = all.map(|(_, known)| known).filter(|known| is_near(known)).collect();
    near.sort_unstable();
    near.dedup();
    near.truncate(SIMILAR_MAX);
    let similar = if near.is_empty() { String::new() } else { format!("; similar: {}", near.join(", ")) };
    QueryError::Usage(format!("no grammar of these files has a kind of node {kind}{similar}"))
}

fn shown(
    ground: &Ground<'_>,
    file: &FileRow,
    grammar: &Grammar,
    nodes: &[SyntaxNode],
    ids: &[u32],
) -> Result<Vec<Found>> {
    let content = ground.snapshot.text(file.id)?;
    let index = LineIndex::new(&content);
    let mut around = Around::new(ground.snapshot.symbols(file.id)?);
    let found = |&id: &u32| {
        let SyntaxNode { field, span, .. } = nodes[id as usize];
        let (text, text_is_exact) = piece::first_line(span.slice(&content), TEXT_BYTES_MAX);
        Found {
            path: file.path.clone(),
            id,
            position: index.position(span.start),
            end: index.position(span.end),
            span,
            field: grammar.names.field(field).map(str::to_owned),
            symbol: around.of(span).map(Brief::from),
            text,
            text_is_exact,
        }
    };
    Ok(ids.iter().map(found).collect())
}
