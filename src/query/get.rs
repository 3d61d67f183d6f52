//! Everything known about one symbol in one short reply: counts rather than lists where lists can be long.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{RelationKind, SymbolKind, SymbolMetrics, Tally};
use crate::store::{RelationRow, SymbolRow, Target};

use super::{Brief, Ground, List, Result, SymbolName, callees, callers, piece};

/// Which symbol.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The symbol.
    #[command(flatten)]
    pub name: SymbolName,
}

/// What is known about a symbol.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The symbol.
    pub symbol: SymbolRow,
    /// The definition directly around it.
    pub parent: Option<Brief>,
    /// The text of its documentation.
    pub doc: Option<String>,
    /// Its metrics, if it is a callable with a body.
    pub metrics: Option<SymbolMetrics>,
    /// Who calls it.
    pub callers: Callers,
    /// What it calls.
    pub callees: Callees,
    /// Its uses that are no calls.
    pub other_uses: usize,
    /// What it relates to: bases, interfaces and traits, those of its `impl` blocks included.
    pub relations: List<Related>,
    /// What relates to it: implementations, subclasses.
    pub related: List<Related>,
    /// Definitions directly inside it, or in its `impl` blocks, closures left out.
    pub members: List<Member>,
}

/// Call sites that reach a symbol.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Callers {
    /// Number of call sites.
    pub sites: usize,
    /// Whether no other site can call it.
    pub complete: bool,
    /// Unresolved sites that could mean it.
    pub unresolved: usize,
}

/// Call sites inside a symbol.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Callees {
    /// Number of call sites.
    pub sites: usize,
    /// Whether the targets of every one are known.
    pub complete: bool,
    /// The call sites by outcome.
    pub calls: Tally,
}

/// A relation to or from other definitions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Related {
    /// `extends`, `implements`, `embeds` or `member_of`.
    pub kind: &'static str,
    /// The definitions at the other end: one, or all it can be.
    pub definitions: Vec<Brief>,
    /// The name at the other end if it is outside the tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external: Option<String>,
    /// Why the other end is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

/// A definition inside another.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Member {
    /// The definition.
    #[serde(flatten)]
    pub brief: Brief,
    /// Its signature on one line.
    pub signature: String,
}

impl Reply {
    /// Whether every list is whole and no caller or callee is in doubt.
    pub fn is_complete(&self) -> bool {
        let lists = self.relations.is_whole() && self.related.is_whole() && self.members.is_whole();
        lists && self.callers.complete && self.callees.complete
    }
}

/// Gathers all of it.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let snapshot = ground.snapshot;
    let symbol = args.name.one(ground)?;
    let blocks = blocks(ground, &symbol)?;
    let found = callers::Found::of(ground, &symbol)?;
    let metrics = snapshot.symbol_metrics(symbol.key.file)?;
    let parent = symbol.parent.map(|parent| snapshot.symbol(parent)).transpose()?.flatten();
    Ok(Reply {
        parent: parent.as_ref().map(Brief::from),
        doc: doc(ground, &symbol)?,
        metrics: metrics.into_iter().find(|metrics| metrics.symbol == symbol.key.symbol),
        callers: Callers { sites: found.calls.len(), complete: found.is_complete(), unresolved: found.possible.len() },
        callees: count_callees(ground, &symbol)?,
        other_uses: found.other_uses,
        relations: List::new(relations(ground, &symbol, &blocks)?, ground.limit),
        related: List::new(related(ground, &symbol)?, ground.limit),
        members: List::new(members(ground, &symbol, &blocks)?, ground.limit),
        symbol,
    })
}

fn doc(ground: &Ground<'_>, symbol: &SymbolRow) -> Result<Option<String>> {
    let Some(span) = symbol.doc else { return Ok(None) };
    let content = ground.snapshot.text(symbol.key.file)?;
    Ok(Some(piece::decoded(span.slice(&content)).0))
}

fn count_callees(ground: &Ground<'_>, symbol: &SymbolRow) -> Result<Callees> {
    let sites = callees::sites(ground, symbol)?;
    let calls = callees::tally(&sites);
    Ok(Callees { sites: sites.len(), complete: calls.unknown == 0, calls })
}

/// What is declared a member of the symbol from outside: `impl` blocks, out-of-line definitions.
fn blocks(ground: &Ground<'_>, symbol: &SymbolRow) -> Result<Vec<SymbolRow>> {
    let mut blocks = Vec::new();
    for relation in ground.snapshot.relations(symbol.key, false)? {
        if relation.kind == RelationKind::MemberOf {
            blocks.extend(ground.snapshot.symbol(relation.from)?);
        }
    }
    Ok(blocks)
}

fn members(ground: &Ground<'_>, symbol: &SymbolRow, blocks: &[SymbolRow]) -> Result<Vec<Member>> {
    let mut members = children(ground, symbol)?;
    for block in blocks {
        match block.kind {
            SymbolKind::Impl => members.extend(children(ground, block)?),
            _ => members.push(block.clone()),
        }
    }
    members.sort_by(|a, b| (&a.path, a.span, a.key).cmp(&(&b.path, b.span, b.key)));
    members.dedup_by_key(|member| member.key);
    let member = |row: &SymbolRow| Member { brief: Brief::from(row), signature: row.signature.clone() };
    Ok(members.iter().map(member).collect())
}

fn children(ground: &Ground<'_>, symbol: &SymbolRow) -> Result<Vec<SymbolRow>> {
    let mut symbols = ground.snapshot.symbols(symbol.key.file)?;
    symbols.retain(|row| row.parent == Some(symbol.key) && row.kind != SymbolKind::Closure);
    Ok(symbols)
}

fn relations(ground: &Ground<'_>, symbol: &SymbolRow, blocks: &[SymbolRow]) -> Result<Vec<Related>> {
    let mut rows = ground.snapshot.relations(symbol.key, true)?;
    for block in blocks.iter().filter(|block| block.kind == SymbolKind::Impl) {
        let more = ground.snapshot.relations(block.key, true)?;
        rows.extend(more.into_iter().filter(|relation| relation.kind != RelationKind::MemberOf));
    }
    rows.iter().map(|row| outgoing(ground, row)).collect()
}

fn outgoing(ground: &Ground<'_>, row: &RelationRow) -> Result<Related> {
    let mut related = Related { kind: row.kind.word(), definitions: Vec::new(), external: None, reason: None };
    let keys = match &row.target {
        Target::Resolved(key, _) => std::slice::from_ref(key),
        Target::Candidates(keys, _) => keys,
        Target::File(name, _) | Target::External(name, _) => {
            related.external = Some(name.clone());
            &[]
        }
        Target::Unknown(reason) => {
            related.reason = Some(reason.word());
            &[]
        }
    };
    for &key in keys {
        related.definitions.extend(ground.snapshot.symbol(key)?.as_ref().map(Brief::from));
    }
    Ok(related)
}

/// What is a member is told as such.
fn related(ground: &Ground<'_>, symbol: &SymbolRow) -> Result<Vec<Related>> {
    let mut related = Vec::new();
    for row in ground.snapshot.relations(symbol.key, false)? {
        if row.kind != RelationKind::MemberOf {
            let definitions = ground.snapshot.symbol(row.from)?.iter().map(Brief::from).collect();
            related.push(Related { kind: row.kind.word(), definitions, external: None, reason: None });
        }
    }
    Ok(related)
}
