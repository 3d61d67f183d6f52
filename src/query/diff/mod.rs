//! What changed between two databases, or between a database and its tree: files, definitions, calls.
//!
//! A definition is known by its name and what it stands in, never by its place. Only files whose content or links differ are looked into, so
//! two equal databases of any size are told apart from none at once.

mod calls;
mod definitions;
mod moves;
mod side;
mod symbols;

pub use calls::Edge;
pub use symbols::{Defined, Redefined};

use std::cmp::Ordering;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::index::{IndexError, IndexOptions, changes, rehearse};
use crate::model::SymbolKind;
use crate::store::{self, Execution, Snapshot, Store, StoreError};

use super::freshness::tree;
use super::pattern::{self, Paths};
use super::{Ground, List, QueryError, Result};

use calls::{Edges, Renamed};
use definitions::{Definition, definitions};
use moves::{Moves, moves};
use side::{FileState, Overlay, Side};

/// With what to compare, and what to show.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The database to start from: its folder or file, of any engine, or the root of its tree. If not given, what
    /// changed from the index to the tree as it is now
    #[arg(value_name = "OTHER")]
    pub other: Option<String>,
    /// Only in these files: a file, a folder or a glob as in `.gitignore`
    #[arg(long, value_name = "GLOB")]
    pub file: Option<String>,
    /// Only definitions of this kind, and calls in them: function, method, class, struct, ...
    #[arg(long, value_name = "KIND", value_parser = pattern::kind)]
    pub kind: Option<SymbolKind>,
    /// End with exit code 1 if there are differences
    #[arg(long)]
    pub exit_code: bool,
}

/// The differences.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// What is compared from.
    pub before: Compared,
    /// What is compared to.
    pub after: Compared,
    /// Whether there is no difference among what was asked for.
    pub equal: bool,
    /// Files.
    pub files: Files,
    /// Definitions, closures left out.
    pub symbols: Symbols,
    /// Calls, by caller and callee.
    pub calls: Calls,
    /// Whether differences are to be told by the exit code.
    #[serde(skip)]
    pub exit_code: bool,
}

/// A side of the comparison.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Compared {
    /// `database` or `tree`.
    pub kind: &'static str,
    /// Where it is.
    pub path: String,
}

/// Files that differ. All lists are sorted by path.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Files {
    /// New ones.
    pub added: List<String>,
    /// Gone ones.
    pub removed: List<String>,
    /// Those with other content.
    pub changed: List<String>,
    /// Those that are at another path, with the same definitions or most of them.
    pub renamed: List<RenamedFile>,
}

/// A file at another path.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RenamedFile {
    /// The path before.
    pub from: String,
    /// The path after.
    pub to: String,
    /// Whether the content is another as well.
    pub changed: bool,
}

/// Definitions that differ. All lists are sorted by path and position.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Symbols {
    /// New ones.
    pub added: List<Defined>,
    /// Gone ones.
    pub removed: List<Defined>,
    /// Those with another signature, body, documentation or qualified name.
    pub changed: List<Redefined>,
    /// Those that are in another file, changed or not.
    pub moved: List<Redefined>,
}

/// Calls that differ. All lists are sorted by the place of the caller. Callers and callees that were moved are the
/// same before and after.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Calls {
    /// New ones.
    pub added: List<Edge>,
    /// Gone ones.
    pub removed: List<Edge>,
    /// Those with another number of call sites.
    pub changed: List<Edge>,
}

impl Reply {
    /// Whether all differences are shown.
    pub fn is_whole(&self) -> bool {
        let Self { files, symbols, calls, .. } = self;
        let paths = [&files.added, &files.removed, &files.changed].iter().all(|list| list.is_whole());
        let defined = symbols.added.is_whole() && symbols.removed.is_whole();
        let redefined = symbols.changed.is_whole() && symbols.moved.is_whole();
        let edges = [&calls.added, &calls.removed, &calls.changed].iter().all(|list| list.is_whole());
        paths && files.renamed.is_whole() && defined && redefined && edges
    }
}

/// Compares.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let own = || Compared { kind: "database", path: ground.database.display().to_string() };
    let wanted = Wanted { paths: Paths::of(ground, args.file.as_deref())?, kind: args.kind };
    let (before, after, found) = match &args.other {
        Some(other) => {
            let (path, store) = open(ground, other)?;
            let snapshot = store.snapshot()?;
            let found = compare(&*snapshot, &Side::Stored(ground.snapshot))?;
            (Compared { kind: "database", path }, own(), found)
        }
        None => {
            let root = ground.root.display().to_string();
            (own(), Compared { kind: "tree", path: root }, with_tree(ground)?)
        }
    };
    Ok(found.reply(before, after, &wanted, ground.limit, args.exit_code))
}

/// Opens another database: the path itself, or in the folder that an index has at the root of its tree.
fn open(ground: &Ground<'_>, other: &str) -> Result<(String, Box<dyn Store>)> {
    let path = ground.folder.join(other);
    let inside = path.join(".magellan");
    let path = if path.is_dir() && !store::exists(&path)? && store::exists(&inside)? { inside } else { path };
    Ok((path.display().to_string(), store::open(&path)?))
}

/// How often to start again because the database was written meanwhile.
const TRIES: u32 = 5;

/// Compares the database with its tree. Files that did not change are not extracted again.
fn with_tree(ground: &Ground<'_>) -> Result<Found> {
    let tree = tree(ground.root)?;
    let found = changes(&tree, ground.snapshot)?;
    if found.files() == 0 && !found.manifests && !found.other_version {
        return Ok(Found::default());
    }
    let store = store::open(ground.database)?;
    let options = IndexOptions::default();
    for _ in 0..TRIES {
        let before = store.snapshot()?;
        let rehearsal = rehearse(&options, &tree, &*store).map_err(|error| match error {
            IndexError::Store(error) => error,
            IndexError::Interrupted => StoreError::Aborted(IndexError::Interrupted.to_string()),
        })?;
        let after = store.snapshot()?;
        if state(&*before)? == state(&*after)? {
            return compare(&*before, &Side::Tree(Box::new(Overlay::new(&*before, rehearsal)?)));
        }
    }
    let path = ground.database.display().to_string();
    Err(QueryError::Store(StoreError::Locked { path, holder: "another process all the time".into() }))
}

/// The newest run and the bookkeeping: something of these is another after any run that wrote.
type State = (Vec<Execution>, Vec<(String, String)>);

fn state(snapshot: &dyn Snapshot) -> Result<State> {
    Ok((snapshot.executions(1)?, snapshot.metas()?))
}

/// Which differences are asked for.
struct Wanted {
    paths: Paths,
    kind: Option<SymbolKind>,
}

/// A file that may have differences in it.
struct Pair {
    before: Option<FileState>,
    after: Option<FileState>,
    /// Whether the definitions may have other content.
    content: bool,
}

impl Pair {
    fn path(&self) -> &str {
        self.before.as_ref().or(self.after.as_ref()).map_or("", |file| &file.path)
    }

    fn both(&self) -> Option<(&FileState, &FileState)> {
        self.before.as_ref().zip(self.after.as_ref())
    }
}

/// All differences.
#[derive(Default)]
struct Found {
    added_files: Vec<String>,
    removed_files: Vec<String>,
    changed_files: Vec<String>,
    renamed_files: Vec<RenamedFile>,
    symbols: symbols::Found,
    edges: Vec<Edge>,
}

fn compare(before: &dyn Snapshot, after: &Side<'_>) -> Result<Found> {
    let old = Side::Stored(before);
    let is_same_version = old.version()? == after.version()?;
    let (mut pairs, same) = pair_up(old.files()?, after.files()?, is_same_version);
    let mut symbols = symbols::Found::default();
    for pair in &pairs {
        if pair.both().is_none_or(|(before, after)| pair.content || before.module != after.module) {
            let load = |side: &Side<'_>, file: &Option<FileState>| match file {
                Some(file) => definitions(side, file, pair.content),
                None => Ok(Vec::new()),
            };
            symbols.compare(load(&old, &pair.before)?, load(after, &pair.after)?);
        }
    }
    add_users(before, after, same, &symbols, &mut pairs)?;
    let moves = moves_of(&pairs, &symbols);
    let mut edges = Edges::new(renamed(&moves, &symbols));
    edges.before(&old, pairs.iter().filter_map(|pair| pair.before.as_ref()))?;
    edges.after(after, pairs.iter().filter_map(|pair| pair.after.as_ref()))?;
    Ok(found(&pairs, moves, symbols, edges.differing()))
}

/// Files that may have differences in them, sorted by path; and those that are the same, as far as their own content
/// and links tell.
fn pair_up(before: Vec<FileState>, after: Vec<FileState>, is_same_version: bool) -> (Vec<Pair>, Vec<Pair>) {
    let (mut before, mut after) = (before.into_iter().peekable(), after.into_iter().peekable());
    let (mut different, mut same) = (Vec::new(), Vec::new());
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => return (different, same),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(before), Some(after)) => before.path.cmp(&after.path),
        };
        let before = if order.is_le() { before.next() } else { None };
        let after = if order.is_ge() { after.next() } else { None };
        let mut pair = Pair { before, after, content: true };
        let (content, links) = pair.both().map_or((true, true), |(before, after)| {
            let content = before.hash != after.hash || before.dialect != after.dialect;
            (content || !is_same_version, before.links_hash != after.links_hash)
        });
        pair.content = content;
        if content || links { different.push(pair) } else { same.push(pair) }
    }
}

/// Links say which number a definition has in its file. Where another definition has that number now, they say the
/// same and mean something else: files with such links are to be looked into as well.
fn add_users(
    before: &dyn Snapshot,
    after: &Side<'_>,
    same: Vec<Pair>,
    symbols: &symbols::Found,
    pairs: &mut Vec<Pair>,
) -> Result<()> {
    let mut users = BTreeSet::new();
    for (old, new) in pairs.iter().filter(|pair| pair.content).filter_map(Pair::both) {
        let (old, new) = (Side::Stored(before).symbols(old.id)?, after.symbols(new.id)?);
        let mut stays: Vec<bool> = Vec::with_capacity(old.len());
        for (index, row) in old.iter().enumerate() {
            let new = new.get(index);
            stays.push(match row.kind {
                SymbolKind::Closure => {
                    let owner_stays =
                        row.parent.is_none_or(|parent| stays.get(parent.symbol.0 as usize) == Some(&true));
                    owner_stays && new.is_some_and(|new| new.id == row.id)
                }
                _ => new.is_some_and(|new| symbols.same.get(&row.key) == Some(&new.key)),
            });
            if !stays[index] {
                users.extend(before.uses(row.key)?.into_iter().map(|occurrence| occurrence.path));
            }
        }
    }
    let is_user = |pair: &Pair| pair.before.as_ref().is_some_and(|file| users.contains(&file.path));
    pairs.extend(same.into_iter().filter(is_user));
    pairs.sort_by(|one, other| one.path().cmp(other.path()));
    Ok(())
}

fn moves_of(pairs: &[Pair], symbols: &symbols::Found) -> Moves {
    let gone = |pair: &&Pair| pair.after.is_none();
    let new = |pair: &&Pair| pair.before.is_none();
    let removed: Vec<&FileState> = pairs.iter().filter(gone).filter_map(|pair| pair.before.as_ref()).collect();
    let added: Vec<&FileState> = pairs.iter().filter(new).filter_map(|pair| pair.after.as_ref()).collect();
    moves(&removed, &added, &symbols.removed, &symbols.added)
}

fn renamed(moves: &Moves, symbols: &symbols::Found) -> Renamed {
    let id = |definition: &Definition| definition.row.id;
    let pairs = moves.symbols.iter().map(|(&old, &new)| (id(&symbols.removed[old]), id(&symbols.added[new])));
    let gone = symbols.removed.iter().enumerate().filter(|(index, _)| !moves.symbols.contains_key(index));
    Renamed {
        files: moves.files.clone(),
        symbols: pairs.chain(symbols.renumbered.iter().copied()).collect(),
        gone: gone.map(|(_, definition)| id(definition)).collect(),
    }
}

fn found(pairs: &[Pair], moves: Moves, symbols: symbols::Found, edges: Vec<Edge>) -> Found {
    let mut found = Found { edges, ..Found::default() };
    let hash = |path: &str| {
        let pair = pairs.binary_search_by(|pair| pair.path().cmp(path)).ok().map(|index| &pairs[index])?;
        pair.before.as_ref().or(pair.after.as_ref()).map(|file| file.hash)
    };
    for (from, to) in &moves.files {
        let changed = hash(from) != hash(to);
        found.renamed_files.push(RenamedFile { from: from.clone(), to: to.clone(), changed });
    }
    let targets: BTreeSet<&String> = moves.files.values().collect();
    for pair in pairs {
        match (&pair.before, &pair.after) {
            (Some(file), None) if !moves.files.contains_key(&file.path) => found.removed_files.push(file.path.clone()),
            (None, Some(file)) if !targets.contains(&file.path) => found.added_files.push(file.path.clone()),
            (Some(before), Some(after)) if before.hash != after.hash || before.dialect != after.dialect => {
                found.changed_files.push(after.path.clone());
            }
            _ => {}
        }
    }
    found.symbols = symbols.moved(&moves.symbols);
    found
}

impl Found {
    fn reply(self, before: Compared, after: Compared, wanted: &Wanted, limit: usize, exit_code: bool) -> Reply {
        let paths = |mut paths: Vec<String>| {
            paths.retain(|path| wanted.paths.has(path));
            List::new(paths, limit)
        };
        let mut renamed = self.renamed_files;
        renamed.retain(|file| wanted.paths.has(&file.from) || wanted.paths.has(&file.to));
        let files = Files {
            added: paths(self.added_files),
            removed: paths(self.removed_files),
            changed: paths(self.changed_files),
            renamed: List::new(renamed, limit),
        };
        let symbols = self.symbols.reply(&|row| wanted.has(row.path, row.kind), limit);
        let calls = calls(self.edges, wanted, limit);
        let mut reply = Reply { before, after, equal: false, files, symbols, calls, exit_code };
        reply.equal = reply.is_empty();
        reply
    }
}

impl Wanted {
    fn has(&self, path: &str, kind: SymbolKind) -> bool {
        self.kind.is_none_or(|wanted| kind == wanted) && self.paths.has(path)
    }

    fn has_edge(&self, edge: &Edge) -> bool {
        let kind = edge.caller.as_ref().map(|caller| caller.kind);
        self.kind.is_none_or(|wanted| kind == Some(wanted.word())) && self.paths.has(&edge.path)
    }
}

fn calls(edges: Vec<Edge>, wanted: &Wanted, limit: usize) -> Calls {
    let mut lists = [const { Vec::new() }; 3];
    for edge in edges.into_iter().filter(|edge| wanted.has_edge(edge)) {
        let list = match (edge.before, edge.after) {
            (0, _) => 0,
            (_, 0) => 1,
            _ => 2,
        };
        lists[list].push(edge);
    }
    let [added, removed, changed] = lists.map(|list| List::new(list, limit));
    Calls { added, removed, changed }
}

impl Reply {
    fn is_empty(&self) -> bool {
        let Self { files, symbols, calls, .. } = self;
        let totals = [
            files.added.total,
            files.removed.total,
            files.changed.total,
            files.renamed.total,
            symbols.added.total,
            symbols.removed.total,
            symbols.changed.total,
            symbols.moved.total,
            calls.added.total,
            calls.removed.total,
            calls.changed.total,
        ];
        totals.iter().all(|&total| total == 0)
    }
}
