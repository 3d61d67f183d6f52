//! What nothing uses: no program, no test, no export, no foreign caller leads to it.
//!
//! Life spreads from the entries over every use and every candidate. What is left is dead, unless something could use
//! it that the graph does not show: then it is doubtful, and told only on request, with the doubts.

mod aids;
mod chosen;
mod conditional;
mod doubt;
mod hidden;
mod judge;
mod life;
mod names;
mod remarks;
mod unsettled;
mod wakes;

use std::collections::BTreeSet;
use std::mem;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Marks, Span, SymbolKind};
use crate::store::{SymbolRow, Vertex};

use aids::without_aids;
use chosen::Choices;
use hidden::hidden_uses;
use judge::{Judge, rows};
use life::{Life, Node};
use names::Names;
use wakes::{Search, Wakes};

use super::callers::unseen;
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
    /// A base type that is outside of the tree or not known may call it, or a decorator of what it stands in.
    OutsideBase,
    /// Whoever is handed an object of its type can call it by its name, no type being declared.
    HandedOn,
    /// A comment right before it tells users of it.
    Documented,
    /// It stands in a file beside tests that nothing uses, which they may read.
    TestData,
    /// No declaration that could be read leads to its file.
    Undeclared,
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
    let names = Names::read(ground, &life.files)?;
    let mut alive = [false, true].map(|with_tests| life.alive(with_tests));
    let mut asleep = sleepers(ground, &life, &names, &alive[0], !args.no_exports)?;
    let narrowed = args.within.read(ground)?;
    let mut looked_at = BTreeSet::new();
    let mut choices = Choices::new(ground, &life, &names);
    let told = loop {
        alive.iter_mut().for_each(|alive| awake(&life, &asleep, alive, &[]));
        let told = Finding { life: &life, names: &names, alive: &alive }.outermost(&narrowed, args.kind);
        let mut hidden = hidden_uses(ground, &life, &told, &alive[0], &mut looked_at)?;
        hidden.extend(choices.wakes(&told)?);
        if hidden.is_empty() {
            break told;
        }
        asleep.extend(hidden);
    };
    let told = without_aids(&life, told);
    let judge = Judge { ground, life: &life, names: &names, told: &told, is_all: args.doubtful };
    let (mut doubts, lines) = judge.doubts(&asleep)?;
    let [alive, _] = alive;
    spread_doubts(&life, &asleep, &told, alive, &mut doubts);
    let doubtful = doubts.iter().filter(|doubts| !doubts.is_empty()).count();
    let all: Vec<usize> = (0..told.len()).filter(|at| args.doubtful || doubts[*at].is_empty()).collect();
    let count = |reason: Reason| all.iter().filter(|at| told[**at].reason == reason).count();
    let roots = |wanted: Root| life.roots.iter().filter(|(_, reason)| *reason == wanted).count();
    Ok(Reply {
        reasons: Reason::WORDS.iter().map(|(reason, word)| (*word, count(*reason))).collect(),
        lines: all.iter().map(|at| u64::from(lines[*at])).sum(),
        doubtful: if args.doubtful { 0 } else { doubtful },
        entries: Root::WORDS.iter().map(|(reason, word)| (*word, roots(*reason))).collect(),
        unseen_files: unseen(ground)?,
        dead: List {
            total: all.len(),
            // Only what is listed is read.
            items: dead(
                ground,
                &life,
                all.iter().take(ground.limit).map(|at| (&told[*at], mem::take(&mut doubts[*at]))),
            )?,
        },
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

/// What would bring each of these to life, in order.
type Asleep = Vec<(Node, Wakes)>;

/// What is not alive at first sight, and what would bring it to life.
fn sleepers(ground: &Ground<'_>, life: &Life, names: &Names, alive: &[bool], has_exports: bool) -> Result<Asleep> {
    let dead: Vec<Node> = life.definitions().filter(|node| !alive[*node as usize] && can_wake(life, *node)).collect();
    let mut search = Search::new(ground, life, names, &dead);
    let mut asleep = Vec::with_capacity(dead.len());
    for node in dead {
        let mut wakes = search.wakes(node)?;
        wakes.is_offered &= has_exports;
        asleep.push((node, wakes));
    }
    Ok(asleep)
}

/// Whether a definition can be brought to life by something else than what the graph shows.
fn can_wake(life: &Life, node: Node) -> bool {
    let is_value = |kind| matches!(kind, SymbolKind::Macro | SymbolKind::Variable | SymbolKind::Constant);
    let is_waking =
        |kind: SymbolKind| kind.is_callable() || kind.is_type() || kind == SymbolKind::Impl || is_value(kind);
    life.vertex(node).is_some_and(|vertex| is_waking(vertex.kind))
}

/// Spreads life from `more` and what is alive until nothing more wakes up.
fn awake(life: &Life, asleep: &Asleep, alive: &mut [bool], more: &[Node]) {
    life.enliven(alive, more);
    let mut is_settled = false;
    while !is_settled {
        is_settled = true;
        for (node, wakes) in asleep {
            let can_wake = || wakes.is_offered || wakes.by.iter().any(|by| alive[*by as usize]);
            if !alive[*node as usize] && can_wake() {
                life.enliven(alive, &[*node]);
                is_settled = false;
            }
        }
    }
}

/// A dead definition that stands in no other one.
struct Told {
    node: Node,
    span: Span,
    reason: Reason,
    inside: usize,
}

/// What is told, with the place of the file of each lot.
fn by_file<'t>(life: &Life, told: &'t [Told]) -> impl Iterator<Item = (usize, &'t [Told])> {
    let lots = told.chunk_by(|one, other| life.file_of(one.node) == life.file_of(other.node));
    lots.filter_map(|lot| Some((life.file_of(lot[0].node)?, lot)))
}

/// What is alive, and what is left.
struct Finding<'a> {
    life: &'a Life,
    names: &'a Names,
    /// Without and with tests.
    alive: &'a [Vec<bool>; 2],
}

impl Finding<'_> {
    /// Test code is dead if tests do not lead to it.
    fn is_dead(&self, node: Node) -> bool {
        !self.alive[usize::from(self.life.is_test(node))][node as usize]
    }

    /// What is worth telling by itself. Members without a body of their own, fields and locals go with what they are of.
    fn is_told(&self, node: Node) -> bool {
        let Some(Vertex { kind, marks, .. }) = self.life.vertex(node) else { return false };
        let is_kind = matches!(kind, SymbolKind::Function | SymbolKind::Method | SymbolKind::Macro)
            || (kind.is_type() && kind != SymbolKind::AssociatedType)
            || matches!(kind, SymbolKind::Variable | SymbolKind::Constant);
        let is_silent = marks.has(Marks::DECLARATION) || marks.has(Marks::ABSTRACT) && kind.is_callable();
        if !is_kind || is_silent {
            return false;
        }
        let (span, name_span) = self.names.spans(self.life, node);
        // A macro without a replacement is a switch that files outside of the tree may look at.
        let is_switch = kind == SymbolKind::Macro && span.end <= name_span.end + 2;
        let name = self.names.name(self.life, node);
        !is_switch && !name.starts_with('<') && name != "_"
    }

    /// The dead definitions that stand in no other one.
    fn outermost(&self, narrowed: &Narrowed, kind: Option<SymbolKind>) -> Vec<Told> {
        let dead: Vec<bool> = self.life.definitions().map(|node| self.is_dead(node)).collect();
        let used = self.life.used_elsewhere(&dead);
        let mut told: Vec<Told> = Vec::new();
        for node in self.life.definitions().filter(|node| dead[*node as usize] && self.is_told(*node)) {
            let Some((vertex, file)) = self.life.vertex(node).zip(self.life.file(node)) else { continue };
            let (span, _) = self.names.spans(self.life, node);
            if self.is_in_dead(node) {
                let is_around =
                    |last: &Told| self.life.file_of(last.node) == self.life.file_of(node) && span.start < last.span.end;
                if let Some(around) = told.last_mut().filter(|last| is_around(last)) {
                    around.inside += 1;
                }
            } else if kind.is_none_or(|kind| vertex.kind == kind) && narrowed.has(&file.path, self.life.is_test(node)) {
                let reason = self.reason(node, used[node as usize]);
                told.push(Told { node, span, reason, inside: 0 });
            }
        }
        told
    }

    /// Whether something around it is dead and told instead.
    fn is_in_dead(&self, node: Node) -> bool {
        let mut around = self.life.around(node);
        around.any(|parent| self.is_dead(parent) && can_wake(self.life, parent) && self.is_told(parent))
    }

    fn reason(&self, node: Node, is_used: bool) -> Reason {
        match (self.alive[1][node as usize], is_used) {
            (true, _) => Reason::UsedByTestsOnly,
            (false, true) => Reason::UsedByDeadOnly,
            (false, false) => Reason::Unused,
        }
    }
}

/// The reply's lines on what is told.
fn dead<'t>(ground: &Ground<'_>, life: &Life, told: impl Iterator<Item = (&'t Told, Vec<Doubt>)>) -> Result<Vec<Dead>> {
    let told: Vec<(&Told, Vec<Doubt>)> = told.collect();
    let nodes: Vec<Node> = told.iter().map(|(told, _)| told.node).collect();
    let rows = rows(ground, life, &nodes)?;
    let all = told.into_iter().zip(rows).map(|((told, doubts), row)| Dead {
        definition: Brief::from(&row),
        reason: told.reason,
        certainty: if doubts.is_empty() { Certainty::Certain } else { Certainty::Doubtful },
        doubts,
        inside: told.inside,
        lines: row.end_line - row.start_line.min(row.end_line) + 1,
    });
    Ok(all.collect())
}

/// What only something doubtful leads to is as doubtful, and so on.
fn spread_doubts(life: &Life, asleep: &Asleep, told: &[Told], mut alive: Vec<bool>, doubts: &mut [Vec<Doubt>]) {
    let mut is_added = vec![false; told.len()];
    loop {
        let mut doubted = Vec::new();
        for (at, told) in told.iter().enumerate().filter(|(at, _)| !doubts[*at].is_empty()) {
            if !std::mem::replace(&mut is_added[at], true) {
                doubted.extend(life.whole(told.node));
            }
        }
        if doubted.is_empty() {
            return;
        }
        awake(life, asleep, &mut alive, &doubted);
        for (told, doubts) in told.iter().zip(&mut *doubts) {
            if alive[told.node as usize] && doubts.is_empty() {
                doubts.push(Doubt::UsedByDoubtful);
            }
        }
    }
}
