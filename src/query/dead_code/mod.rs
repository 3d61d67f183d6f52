//! What nothing uses: no program, no test, no export, no foreign caller leads to it.
//!
//! Life spreads from the entries over every use and every candidate. What is left is dead, unless something could use
//! it that the graph does not show: then it is doubtful, and told only on request, with the doubts.

mod doubt;
mod life;

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::lang;
use crate::model::{Binding, BindingTarget, FileFacts, LineIndex, Marks, Role, ScopeKind, SymbolKind, Visibility};
use crate::store::{FileId, SymbolRow};

use doubt::{Search, Wakes, mentions, unresolved};
use life::{Life, Node};

use super::callers::unseen;
use super::entry_points::decorated;
use super::name::{by_glob, similar};
use super::offered::Reason as Root;
use super::within::{Narrowed, Within};
use super::{Brief, Ground, List, QueryError, Question, Reply as AnyReply, Result, SymbolName, pattern};

/// The row of the table.
pub const QUESTION: Question = Question {
    name: "dead-code",
    version: 1,
    about: "Definitions that nothing uses, with the reason and how certain that is",
    examples: &[
        ("magellan dead-code", "what no entry point, test or export leads to"),
        ("magellan dead-code --doubtful", "and what only something unsettled could use"),
        ("magellan dead-code --no-exports --entry serve", "of a program: what it offers does not count as used"),
    ],
    schema: schemars::SchemaGenerator::subschema_for::<Reply>,
    arguments: <Args as clap::Args>::augment_args,
    ask: |ground, matches| run(ground, &super::parse(matches)?).map(AnyReply::DeadCode),
};

/// What counts as used, and what to list.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Something that is used from outside: a name or a glob; may be given several times
    #[arg(long, value_name = "SYMBOL")]
    pub entry: Vec<String>,
    /// Exports are not used: nothing outside of the tree knows it
    #[arg(long)]
    pub no_exports: bool,
    /// List the doubtful ones too, each with its doubts
    #[arg(long)]
    pub doubtful: bool,
    /// Only definitions of this kind: function, method, class, struct, ...
    #[arg(long, value_name = "KIND", value_parser = pattern::kind)]
    pub kind: Option<SymbolKind>,
    /// Which definitions to list.
    #[command(flatten)]
    pub within: Within,
}

/// What is dead.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// By path and position; of what is dead as a whole, only the whole.
    pub dead: List<Dead>,
    /// How many there are for each reason.
    pub reasons: Vec<(&'static str, usize)>,
    /// Lines of all of them.
    pub lines: u64,
    /// How many more there are that something unsettled could use; zero if they are listed.
    pub doubtful: usize,
    /// How many entries life spread from, by reason.
    pub entries: Vec<(&'static str, usize)>,
    /// Source files that could not be looked at and may use anything.
    pub unseen_files: usize,
}

impl Reply {
    /// Whether everything dead is listed, nothing is in doubt and no file unseen.
    pub fn is_complete(&self) -> bool {
        let is_doubted = self.doubtful > 0 || self.dead.items.iter().any(|dead| dead.certainty == Certainty::Doubtful);
        self.dead.is_whole() && !is_doubted && self.unseen_files == 0
    }
}

/// A definition that nothing uses.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Dead {
    /// The definition.
    #[serde(flatten)]
    pub definition: Brief,
    /// Why it is dead.
    pub reason: Reason,
    /// `certain`, or `doubtful` if there are doubts.
    pub certainty: Certainty,
    /// What could use it all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
    /// Number of named definitions in it.
    pub inside: usize,
    /// Its lines.
    pub lines: u32,
}

/// Why a definition is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nothing uses it but itself.
    Unused,
    /// Only what is dead itself uses it.
    UsedByDeadOnly,
    /// Only tests lead to it.
    UsedByTestsOnly,
}

/// How certain it is that nothing uses a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Every site that could mean it is settled and means something else.
    Certain,
    /// Something is not known.
    Doubtful,
}

/// What could use a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "what", content = "count")]
pub enum Doubt {
    /// Sites of fitting name and arguments that are not settled.
    UnresolvedSites(usize),
    /// Its name in code where it was not looked up; it or a part that begins or ends at an underscore or capital in strings
    /// and macros.
    Mentions(usize),
    /// Sites of its name that are taken to mean something outside of the tree.
    ExternalSites(usize),
    /// A base type that is outside of the tree or not known may call it.
    OutsideBase,
    /// It stands in or beside source that does not parse.
    ParseError,
    /// It is a macro: what others expand to may use it.
    Expansion,
    /// The linker knows its name, so that other programs can declare and use it.
    Linkage,
    /// Something that is doubtful itself leads to it.
    UsedByDoubtful,
}

impl Reason {
    /// Every reason with the words used for it.
    pub const WORDS: [(Self, &'static str); 3] = [
        (Self::Unused, "unused"),
        (Self::UsedByDeadOnly, "used by dead code only"),
        (Self::UsedByTestsOnly, "used by tests only"),
    ];

    /// The words shown for this reason.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }
}

/// Finds what is dead.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let mut life = Life::read(ground, !args.no_exports)?;
    let named = entries(ground, args)?;
    let nodes: Vec<Node> = named.iter().filter_map(|row| life.node(row.key)).collect();
    life.root(nodes, Root::Main);
    let (mut asleep, rows) = sleepers(ground, &life, !args.no_exports)?;
    let narrowed = args.within.read(ground)?;
    let mut looked_at = BTreeSet::new();
    let told = loop {
        let alive = [false, true].map(|with_tests| awake(&life, &asleep, with_tests, &[]));
        let told = Finding { life: &life, rows: &rows, alive: &alive }.outermost(&narrowed, args.kind);
        let hidden = hidden_uses(ground, &life, &told, &mut looked_at)?;
        if hidden.is_empty() {
            break told;
        }
        asleep.extend(hidden);
    };
    let mut all = judge(ground, &life, &asleep, &told)?;
    spread_doubts(&life, &asleep, &told, &mut all);
    let doubtful = all.iter().filter(|dead| dead.certainty == Certainty::Doubtful).count();
    all.retain(|dead| args.doubtful || dead.certainty == Certainty::Certain);
    let count = |reason: Reason| all.iter().filter(|dead| dead.reason == reason).count();
    let roots = |wanted: Root| life.roots.iter().filter(|(_, reason)| *reason == wanted).count();
    Ok(Reply {
        reasons: Reason::WORDS.iter().map(|(reason, word)| (*word, count(*reason))).collect(),
        lines: all.iter().map(|dead| u64::from(dead.lines)).sum(),
        doubtful: if args.doubtful { 0 } else { doubtful },
        entries: Root::WORDS.iter().map(|(reason, word)| (*word, roots(*reason))).collect(),
        unseen_files: unseen(ground)?,
        dead: List::new(all, ground.limit),
    })
}

/// What was said to be used.
fn entries(ground: &Ground<'_>, args: &Args) -> Result<Vec<SymbolRow>> {
    let mut rows = Vec::new();
    for name in &args.entry {
        let found = if pattern::is_glob(name) {
            by_glob(ground, name)?
        } else {
            SymbolName { symbol: name.clone(), kind: None }.all(ground)?
        };
        if found.is_empty() {
            return Err(QueryError::NoSymbol { name: name.clone(), kind: None, similar: similar(ground, name)? });
        }
        rows.extend(found);
    }
    Ok(rows)
}

/// Definitions that are not alive at first sight, by number.
type Rows = FxHashMap<Node, SymbolRow>;
/// What would bring each of these to life, in order.
type Asleep = Vec<(Node, Wakes)>;

/// Fewer definitions of a file are read one by one.
const ROWS_MIN: usize = 4;

/// What is not alive at first sight even with tests left in, and what would bring it to life.
fn sleepers(ground: &Ground<'_>, life: &Life, has_exports: bool) -> Result<(Asleep, Rows)> {
    let alive = life.alive(false, &[]);
    let can_wake = |node: &Node| life.vertex(*node).is_some_and(|vertex| is_waking(vertex.kind));
    let dead: Vec<Node> = life.definitions().filter(|node| !alive[*node as usize] && can_wake(node)).collect();
    let mut search = Search::new(ground, life);
    let (mut asleep, mut rows) = (Vec::new(), Rows::default());
    for nodes in dead.chunk_by(|one, other| life.file_of(*one) == life.file_of(*other)) {
        for (node, row) in read(ground, life, nodes)? {
            let mut wakes = search.wakes(&row)?;
            wakes.is_offered &= has_exports;
            asleep.push((node, wakes));
            rows.insert(node, row);
        }
    }
    Ok((asleep, rows))
}

/// The rows of definitions of one file.
fn read(ground: &Ground<'_>, life: &Life, nodes: &[Node]) -> Result<Vec<(Node, SymbolRow)>> {
    let mut rows = Vec::with_capacity(nodes.len());
    let keys = nodes.iter().filter_map(|&node| Some((node, life.key(node)?)));
    if nodes.len() < ROWS_MIN {
        for (node, key) in keys {
            rows.extend(ground.snapshot.symbol(key)?.map(|row| (node, row)));
        }
        return Ok(rows);
    }
    let Some(file) = life.key(nodes[0]).map(|key| key.file) else { return Ok(rows) };
    let symbols = ground.snapshot.symbols(file)?;
    rows.extend(keys.filter_map(|(node, key)| Some((node, symbols.get(key.symbol.0 as usize)?.clone()))));
    Ok(rows)
}

/// Of files with something dead in them, what the graph does not show: what frameworks call, which lives with its file,
/// and uses of a name that lead to what its value is.
fn hidden_uses(ground: &Ground<'_>, life: &Life, told: &[Told], looked_at: &mut BTreeSet<usize>) -> Result<Asleep> {
    let mut hidden = Vec::new();
    let mut wake = |node: Node, by: Node| hidden.push((node, Wakes { by: vec![by], ..Wakes::default() }));
    for dead in told.chunk_by(|one, other| one.row.key.file == other.row.key.file) {
        let Some(at) = life.file_of(dead[0].node).filter(|at| looked_at.insert(*at)) else { continue };
        let file = &life.files[at];
        let symbols = ground.snapshot.symbols(file.id)?;
        for (key, _) in decorated(ground, file, &symbols, true)? {
            if let Some(node) = life.node(key) {
                wake(node, life.top_of(file.id));
            }
        }
        let facts = ground.snapshot.facts(file.id)?;
        for dead in dead.iter().filter(|dead| is_unbound(&facts, &dead.row)) {
            wake(dead.node, life.top_of(file.id));
        }
        let values: FxHashMap<&str, &SymbolRow> =
            symbols.iter().filter(|row| is_value(row)).map(|row| (&*row.name, row)).collect();
        for site in ground.snapshot.occurrences(file.id)? {
            let Some(row) = values
                .get(&*site.name)
                .filter(|row| row.span.end <= site.span.start || site.span.end <= row.span.start)
            else {
                continue;
            };
            let by = site.symbol.and_then(|key| life.node(key)).unwrap_or_else(|| life.top_of(file.id));
            if let Some(node) = life.node(row.key).filter(|_| site.role != Role::Write) {
                wake(node, by);
            }
        }
    }
    Ok(hidden)
}

/// A function in an expression: its name is known to nobody but itself.
fn is_unbound(facts: &FileFacts, row: &SymbolRow) -> bool {
    let own = BindingTarget::Symbol(row.key.symbol);
    let is_file = |binding: &Binding| facts.scopes[binding.scope.0 as usize].kind == ScopeKind::File;
    row.parent.is_none()
        && row.kind == SymbolKind::Function
        && !facts.bindings.iter().any(|binding| binding.target == own && is_file(binding))
}

/// A name for a value that a use may be followed through.
fn is_value(row: &SymbolRow) -> bool {
    let is_local = row.parent.is_some();
    matches!(row.kind, SymbolKind::Variable | SymbolKind::Constant) && !is_local
}

/// Whether a definition can be brought to life by something else than what the graph shows.
fn is_waking(kind: SymbolKind) -> bool {
    let is_value = matches!(kind, SymbolKind::Macro | SymbolKind::Variable | SymbolKind::Constant);
    kind.is_callable() || kind.is_type() || kind == SymbolKind::Impl || is_value
}

/// Spreads life until nothing more wakes up.
fn awake(life: &Life, asleep: &Asleep, with_tests: bool, more: &[Node]) -> Vec<bool> {
    let offered = asleep.iter().filter(|(_, wakes)| wakes.is_offered).map(|(node, _)| *node);
    let mut woken: Vec<Node> = offered.chain(more.iter().copied()).collect();
    loop {
        let alive = life.alive(with_tests, &woken);
        let before = woken.len();
        for (node, wakes) in asleep {
            if !alive[*node as usize] && wakes.by.iter().any(|by| alive[*by as usize]) {
                woken.push(*node);
            }
        }
        if woken.len() == before {
            return alive;
        }
    }
}

/// What is worth telling by itself. Members without a body of their own, fields and locals go with what they are of.
fn is_told(row: &SymbolRow) -> bool {
    let is_kind = matches!(row.kind, SymbolKind::Function | SymbolKind::Method | SymbolKind::Macro)
        || (row.kind.is_type() && row.kind != SymbolKind::AssociatedType)
        || (matches!(row.kind, SymbolKind::Variable | SymbolKind::Constant));
    let is_silent = row.marks.has(Marks::DECLARATION) || row.marks.has(Marks::ABSTRACT) && row.kind.is_callable();
    // A macro without a replacement is a switch that files outside of the tree may look at.
    let is_switch = row.kind == SymbolKind::Macro && row.span.end <= row.name_span.end + 2;
    is_kind && !is_silent && !is_switch && !row.name.starts_with('<') && row.name != "_"
}

/// A dead definition that stands in no other one.
struct Told {
    node: Node,
    row: SymbolRow,
    reason: Reason,
    inside: usize,
}

/// What is alive, and what is left.
struct Finding<'a> {
    life: &'a Life,
    rows: &'a Rows,
    /// Without and with tests.
    alive: &'a [Vec<bool>; 2],
}

impl Finding<'_> {
    /// Test code is dead if tests do not lead to it.
    fn is_dead(&self, node: Node) -> bool {
        !self.alive[usize::from(self.life.is_test(node))][node as usize]
    }

    /// The dead definitions that stand in no other one.
    fn outermost(&self, narrowed: &Narrowed, kind: Option<SymbolKind>) -> Vec<Told> {
        let dead: Vec<bool> = self.life.definitions().map(|node| self.is_dead(node)).collect();
        let used = self.life.used_elsewhere(&dead);
        let mut told: Vec<Told> = Vec::new();
        for node in self.life.definitions().filter(|node| dead[*node as usize]) {
            let Some(row) = self.rows.get(&node).filter(|row| is_told(row)) else { continue };
            if self.is_in_dead(node) {
                let around = told
                    .last_mut()
                    .filter(|last| last.row.key.file == row.key.file && row.span.start < last.row.span.end);
                if let Some(around) = around {
                    around.inside += 1;
                }
            } else if kind.is_none_or(|kind| row.kind == kind) && narrowed.has(&row.path, self.life.is_test(node)) {
                let reason = self.reason(node, used[node as usize]);
                told.push(Told { node, row: row.clone(), reason, inside: 0 });
            }
        }
        told
    }

    /// Whether something around it is dead and told instead.
    fn is_in_dead(&self, node: Node) -> bool {
        let mut next = self.life.parent(node);
        while let Some(parent) = next {
            if self.is_dead(parent) && self.rows.get(&parent).is_some_and(is_told) {
                return true;
            }
            next = self.life.parent(parent);
        }
        false
    }

    fn reason(&self, node: Node, is_used: bool) -> Reason {
        match (self.alive[1][node as usize], is_used) {
            (true, _) => Reason::UsedByTestsOnly,
            (false, true) => Reason::UsedByDeadOnly,
            (false, false) => Reason::Unused,
        }
    }
}

/// Says of what is told how certain that is.
fn judge(ground: &Ground<'_>, life: &Life, asleep: &Asleep, told: &[Told]) -> Result<Vec<Dead>> {
    let mut names: Vec<&str> = told.iter().map(|dead| dead.row.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mentioned = if names.is_empty() { Vec::new() } else { mentions(ground, &life.files, &names)? };
    let outside: FxHashMap<Node, bool> = asleep.iter().map(|(node, wakes)| (*node, wakes.outside_base)).collect();
    let mut all = Vec::with_capacity(told.len());
    let mut broken = BrokenLines::default();
    for Told { node, row, reason, inside } in told {
        let mut doubts = Vec::new();
        if broken.touch(ground, row)? {
            doubts.push(Doubt::ParseError);
        }
        let unresolved = unresolved(ground, row)?;
        if unresolved > 0 {
            doubts.push(Doubt::UnresolvedSites(unresolved));
        }
        if row.kind == SymbolKind::Macro {
            doubts.push(Doubt::Expansion);
        }
        if is_linked(row) {
            doubts.push(Doubt::Linkage);
        }
        let mentions = names.binary_search(&row.name.as_str()).map(|at| mentioned[at]).unwrap_or_default();
        if mentions.unread > 0 {
            doubts.push(Doubt::Mentions(mentions.unread));
        }
        if mentions.external > 0 {
            doubts.push(Doubt::ExternalSites(mentions.external));
        }
        if outside.get(node).copied().unwrap_or_default() {
            doubts.push(Doubt::OutsideBase);
        }
        all.push(Dead {
            definition: Brief::from(row),
            reason: *reason,
            certainty: if doubts.is_empty() { Certainty::Certain } else { Certainty::Doubtful },
            doubts,
            inside: *inside,
            lines: row.end_line - row.start_line.min(row.end_line) + 1,
        });
    }
    Ok(all)
}

/// Whether whoever links with the tree can use a definition without seeing a declaration.
fn is_linked(row: &SymbolRow) -> bool {
    let has_linkage = lang::by_name(&row.language).is_some_and(|language| language.link.linkage);
    let is_object = matches!(row.kind, SymbolKind::Function | SymbolKind::Variable);
    has_linkage && is_object && row.parent.is_none() && row.visibility == Visibility::Public
}

/// Lines that do not parse, of the file asked for last.
#[derive(Default)]
struct BrokenLines {
    file: Option<FileId>,
    lines: Vec<(u32, u32)>,
}

impl BrokenLines {
    /// Whether a definition stands on such a line, or beside one.
    fn touch(&mut self, ground: &Ground<'_>, row: &SymbolRow) -> Result<bool> {
        if self.file != Some(row.key.file) {
            self.file = Some(row.key.file);
            let facts = ground.snapshot.facts(row.key.file)?;
            let index = LineIndex::new(&ground.snapshot.text(row.key.file)?);
            let line = |offset: u32| index.position(offset).line;
            let spans = facts.diagnostics.iter().map(|found| found.span);
            self.lines = spans.map(|span| (line(span.start), line(span.end))).collect();
        }
        let (first, last) = (row.start_line.saturating_sub(1), row.end_line + 1);
        Ok(self.lines.iter().any(|&(from, to)| from <= last && first <= to))
    }
}

/// What only something doubtful leads to is as doubtful.
fn spread_doubts(life: &Life, asleep: &Asleep, told: &[Told], all: &mut [Dead]) {
    let is_doubted = |(_, dead): &(&Told, &Dead)| dead.certainty == Certainty::Doubtful;
    let doubted: Vec<Node> = told.iter().zip(&*all).filter(is_doubted).map(|(told, _)| told.node).collect();
    let alive = awake(life, asleep, false, &doubted);
    for (told, dead) in told.iter().zip(all) {
        if alive[told.node as usize] && dead.certainty == Certainty::Certain {
            dead.certainty = Certainty::Doubtful;
            dead.doubts.push(Doubt::UsedByDoubtful);
        }
    }
}
