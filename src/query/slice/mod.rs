//! Program slices: the statements that what stands at a place depends on, or those that depend on it.
//!
//! Everything is derived from what is stored of a file: syntax, control flow, text and links. `docs/slices.md` says what a
//! slice means and what it does not follow.

mod body;
mod criterion;
mod names;
mod spread;
mod tree;

use clap::Args as _;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Span, SymbolKind};
use crate::store::SymbolKey;

use super::within::Within;
use super::{Brief, Ground, List, Question, Result, parse, pattern, piece};

use spread::{Entry, Loose, Spot, Spread};

/// The row of this question.
pub const QUESTION: Question = Question {
    name: "slice",
    version: 1,
    about: "The statements that a place depends on, or that depend on it",
    examples: &[
        ("magellan slice src/parser.rs:42", "what decides what happens at a line"),
        ("magellan slice src/parser.rs:42:8 --depth 0", "where a variable's value comes from, in its function"),
        ("magellan slice Parser::next --forward", "what depends on the value that a method gives"),
    ],
    schema: schemars::SchemaGenerator::subschema_for::<Reply>,
    arguments: Args::augment_args,
    ask: |ground, matches| run(ground, &parse(matches)?).map(|reply| super::Reply::Slice(Box::new(reply))),
};

/// From where, which way and how far.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// A callable, or `path:line` or `path:line:column`: the statements of a line, or the variable at a column (bytes from 0)
    #[arg(value_name = "SYMBOL|FILE:LINE[:COLUMN]")]
    pub start: String,
    /// Start only in callables of this kind: function, method, constructor, ...
    #[arg(long, value_name = "KIND", value_parser = pattern::kind)]
    pub kind: Option<SymbolKind>,
    /// What depends on it, instead of what it depends on
    #[arg(long)]
    pub forward: bool,
    /// How many calls to follow, one inside the other; 0 stays in the callable
    #[arg(long, value_name = "CALLS", default_value_t = 2)]
    pub depth: u32,
    /// What to list, and what to follow.
    #[command(flatten)]
    pub within: Within,
}

impl Args {
    fn direction(&self) -> Direction {
        if self.forward { Direction::Forward } else { Direction::Backward }
    }
}

/// Which way a slice goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To what the start depends on.
    Backward,
    /// To what depends on the start.
    Forward,
}

/// What a slice starts from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Criterion {
    /// Backward the values it returns, or all its statements if it returns none; forward the calls of it.
    Symbol {
        /// The callable.
        symbol: Brief,
    },
    /// The statements of a line, or what stands at a column.
    Place {
        /// File path.
        path: String,
        /// The line, from 1.
        line: u32,
        /// The column, if one was given.
        #[serde(skip_serializing_if = "Option::is_none")]
        column: Option<u32>,
        /// The text of the line, without white space at its end.
        text: String,
    },
}

/// A slice.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// What it starts from.
    pub criterion: Criterion,
    /// Which way it goes.
    pub direction: Direction,
    /// How many calls were followed, one inside the other.
    pub depth: u32,
    /// Whether nothing is left out as far as the rules of slices go, which do not see aliases.
    pub complete: bool,
    /// Number of statements in the slice, shown or not, of the files asked for.
    pub statements: usize,
    /// Number of statements not shown: those furthest away.
    pub hidden: usize,
    /// The callables of these statements, by path and position; listed are those of what is shown.
    pub functions: List<Part>,
    /// What stands between this and completeness.
    pub doubt: Doubt,
    /// What a slice takes for granted.
    pub assumptions: &'static [&'static str],
}

/// The part of a slice in one callable.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Part {
    /// The callable.
    pub symbol: Brief,
    /// Its statements, by position.
    pub statements: Vec<Statement>,
}

/// A statement of a slice, or a part of one that runs by itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Statement {
    /// Byte range.
    pub span: Span,
    /// 1-based first line.
    pub start_line: u32,
    /// 1-based last line.
    pub end_line: u32,
    /// The first line of its source, or the start of that.
    pub text: String,
    /// Whether that is exactly its source: not cut, and no byte replaced that is not UTF-8.
    pub text_is_exact: bool,
    /// How many steps away from the start it is.
    pub distance: u32,
    /// How many calls lie between, one inside the other.
    pub calls: u32,
    /// Why it is in the slice.
    pub because: Because,
}

/// Why a statement is in a slice, seen from the statement by which it was found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Because {
    /// What joins the two.
    pub reason: Reason,
    /// The variable, parameter or callable that does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// File path of the other statement; none for what the slice starts from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// 1-based line of the other statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// What joins two statements of a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The slice starts here.
    Criterion,
    /// One defines or changes a variable that the other uses.
    Data,
    /// One decides whether the other runs.
    Control,
    /// One goes elsewhere, so that the other does not run.
    Jump,
    /// The value of one is the value of the other, or what it is compared with.
    Value,
    /// One gives the value of a callable that the other calls.
    Returned,
    /// One passes an argument to a parameter of the other's callable.
    Passed,
}

/// What a slice does not follow.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Doubt {
    /// Calls in the slice whose callee is not known.
    pub unresolved_calls: usize,
    /// Calls anywhere that may be calls of a callable whose callers belong to the slice.
    pub unresolved_callers: usize,
    /// Calls whose other end is further away than asked for, or in no callable.
    pub calls_beyond: usize,
    /// Calls that leave the tree or lead to what has no body: taken to give a value made from nothing but what they are given.
    pub external_calls: usize,
    /// Statements with callables in them, whose statements are not looked at one by one.
    pub closures: usize,
    /// Variables of something around a callable: what happens to them elsewhere is not followed.
    pub shared: List<String>,
}

/// What every slice takes for granted.
const ASSUMPTIONS: &[&str] = &[
    "one variable is never another one: what is changed through aliases, pointers and references is not seen, save by methods called on a variable and by references handed out to be changed",
    "a field or element is its variable: to change one is to change it",
    "a call changes nothing but what it is called on and what is handed to it to be changed",
];

/// How a step came into the slice, before places are looked up.
#[derive(Clone)]
struct Why {
    reason: Reason,
    name: Option<String>,
    from: Option<Spot>,
}

/// A line longer than this is cut.
const TEXT_BYTES_MAX: usize = 120;

/// Finds the slice.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let direction = args.direction();
    let listed = Within { no_tests: false, ..args.within.clone() }.read(ground)?;
    let followed = Within { file: None, ..args.within.clone() }.read(ground)?;
    let mut spread = Spread::new(ground, direction, args.depth, followed);
    let criterion = criterion::start(ground, args, &mut spread)?;
    spread.run()?;
    spread.entries.retain(|spot, _| listed.has_file(&spread.members[spot.member as usize].row.path));
    let statements = spread.entries.len();
    let shown = nearest(&spread, ground.limit);
    let doubt = doubt(&spread.loose, ground.limit);
    let functions = parts(&spread, &shown);
    Ok(Reply {
        criterion,
        direction,
        depth: args.depth,
        complete: doubt.is_none(),
        statements,
        hidden: statements - shown.len(),
        functions: List { total: members(spread.entries.keys()), items: functions },
        doubt,
        assumptions: ASSUMPTIONS,
    })
}

impl Doubt {
    /// Whether there is none; calls that leave the tree are no doubt.
    fn is_none(&self) -> bool {
        self.unresolved_calls + self.unresolved_callers + self.calls_beyond + self.closures + self.shared.total == 0
    }
}

fn doubt(loose: &Loose, limit: usize) -> Doubt {
    Doubt {
        unresolved_calls: loose.unresolved.len(),
        unresolved_callers: loose.callers.len(),
        calls_beyond: loose.beyond.len(),
        external_calls: loose.external.len(),
        closures: loose.closures.len(),
        shared: List::new(loose.outer.iter().cloned().collect(), limit),
    }
}

fn members<'s>(spots: impl Iterator<Item = &'s Spot>) -> usize {
    let mut members: Vec<u32> = spots.map(|spot| spot.member).collect();
    members.sort_unstable();
    members.dedup();
    members.len()
}

/// The steps that the limit allows: those with the fewest steps and calls between.
fn nearest(spread: &Spread<'_>, limit: usize) -> Vec<Spot> {
    let mut ranked: Vec<(u32, u32, SymbolKey, Spot)> = Vec::with_capacity(spread.entries.len());
    for (spot, Entry { distance, crossed, .. }) in &spread.entries {
        ranked.push((*distance, *crossed, spread.members[spot.member as usize].row.key, *spot));
    }
    ranked.sort_unstable();
    ranked.truncate(limit);
    ranked.into_iter().map(|(.., spot)| spot).collect()
}

fn parts(spread: &Spread<'_>, shown: &[Spot]) -> Vec<Part> {
    let mut spots: Vec<Spot> = shown.to_vec();
    let place = |spot: &Spot| {
        let member = &spread.members[spot.member as usize];
        (&member.row.path, member.row.span, member.row.key, member.body.span_of(&member.tree, spot.step), spot.step)
    };
    spots.sort_unstable_by(|a, b| place(a).cmp(&place(b)));
    let parts = spots.chunk_by(|a, b| a.member == b.member);
    let part = |spots: &[Spot]| Part {
        symbol: Brief::from(&spread.members[spots[0].member as usize].row),
        statements: spots.iter().map(|spot| statement(spread, *spot)).collect(),
    };
    parts.map(part).collect()
}

fn statement(spread: &Spread<'_>, spot: Spot) -> Statement {
    let member = &spread.members[spot.member as usize];
    let entry = &spread.entries[&spot];
    let span = member.body.span_of(&member.tree, spot.step);
    let (start_line, end_line) = piece::lines(&member.tree.lines, span);
    let (text, text_is_exact) = piece::first_line(span.slice(&member.tree.text), TEXT_BYTES_MAX);
    let from = entry.why.from.map(|spot| {
        let other = &spread.members[spot.member as usize];
        let start = other.body.span_of(&other.tree, spot.step).start;
        (other.row.path.clone(), other.tree.lines.position(start).line)
    });
    let (path, line) = from.unzip();
    let because = Because { reason: entry.why.reason, name: entry.why.name.clone(), path, line };
    let (distance, calls) = (entry.distance, entry.crossed);
    Statement { span, start_line, end_line, text, text_is_exact, distance, calls, because }
}
