//! Whether the tree keeps the rules that its people wrote down: limits, forbidden dependencies, no cycles, no dead code, and
//! of a change, how much it can break.
//!
//! A baseline names what is known to break them, so that only what is new or worse counts.

mod baseline;
mod cycles;
mod dead;
mod dependencies;
mod impact;
mod limits;
mod rules;
mod sarif;
mod section;

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::Position;

use super::impact::Change;
use super::network::Network;
use super::{Ground, List, QueryError, Question, Reply as AnyReply, Result};
use baseline::Baseline;
use rules::{Circle, Rules};

pub use baseline::Known;
pub use impact::Told;
pub(crate) use rules::SECTIONS;

/// The file with the rules if no other is named.
const RULES: &str = "magellan.toml";

/// The row of the table.
pub const QUESTION: Question = Question {
    name: "check",
    version: 1,
    about: "Whether the tree keeps the rules in magellan.toml; exit code 1 if not",
    examples: &[
        ("magellan check", "limits, dependencies, cycles and dead code as magellan.toml has them"),
        ("magellan check --diff main", "and how much the change since a revision can break"),
        ("magellan check --write-baseline known.json", "accept what breaks the rules today"),
        ("magellan check --baseline known.json --format sarif", "only what is new or worse, for code scanning"),
    ],
    schema: schemars::SchemaGenerator::subschema_for::<Reply>,
    arguments: <Args as clap::Args>::augment_args,
    ask: |ground, matches| run(ground, &super::parse(matches)?).map(|reply| AnyReply::Check(Box::new(reply))),
};

/// Which rules, and what is known to break them.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The file with the rules; magellan.toml in the root of the tree if not given
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// Leave out what this file says was there before
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what breaks the rules now to this file, as a baseline for later
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub write_baseline: Option<PathBuf>,
    /// Also check the impact of what git says has changed between a revision, HEAD if none is given, and the files on disk
    #[arg(long, value_name = "REV", num_args = 0..=1, default_missing_value = "HEAD", conflicts_with = "staged")]
    pub diff: Option<String>,
    /// Also check the impact of what is staged in git
    #[arg(long)]
    pub staged: bool,
    /// How to show it: lines of text, or SARIF 2.1.0 for code scanning
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// How to show what breaks the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Lines of text
    Text,
    /// A SARIF 2.1.0 log, whole whatever the limit
    Sarif,
}

/// What breaks the rules.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The file with the rules.
    pub rules_file: String,
    /// How many rules there are.
    pub rules: usize,
    /// Rules that no file of the tree is subject to.
    pub idle_rules: Vec<String>,
    /// Rules about changes, if it was not said what has changed.
    pub unchecked_rules: Vec<String>,
    /// What breaks them, by path and line; without what the baseline has.
    pub violations: List<Violation>,
    /// How many more the baseline has.
    pub known: usize,
    /// What the baseline has that is there no longer.
    pub gone: List<Known>,
    /// How much the change can break, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact: Option<Told>,
    /// The log, if it was asked for.
    #[serde(skip)]
    pub document: Option<Vec<u8>>,
    /// A file to write, and its text.
    #[serde(skip)]
    pub keep: Option<(PathBuf, String)>,
}

impl Reply {
    /// Whether every rule was checked and everything that breaks one is listed.
    pub(super) fn is_complete(&self) -> bool {
        let is_impact_known = self.impact.as_ref().is_none_or(|impact| impact.complete);
        self.violations.is_whole() && self.unchecked_rules.is_empty() && is_impact_known
    }
}

/// One thing that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Violation {
    /// File.
    pub path: String,
    /// Where in it.
    #[serde(flatten)]
    pub position: Position,
    /// 1-based last line of what it is about.
    pub end_line: u32,
    /// Name of the rule.
    pub rule: String,
    /// What breaks it: a definition, a file, a file that is used, the first of a cycle. No line is in it, so that it stays
    /// the same through edits elsewhere.
    pub subject: String,
    /// Of a cycle all members: files, or definitions as `path#name`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// How much there is of what is limited; how many uses, how many members.
    pub value: u64,
    /// In words.
    pub message: String,
    /// Places that belong to it: the steps of a cycle, the changes that can break the most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
}

/// A place that belongs to a violation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Related {
    /// File.
    pub path: String,
    /// Where in it.
    #[serde(flatten)]
    pub position: Position,
    /// What it has to do with it.
    pub message: String,
}

/// Where a file starts.
const START: Position = Position { line: 1, column: 0 };

/// More places explain nothing.
const RELATED_MAX: usize = 10;

fn unreadable(path: &Path, error: &std::io::Error) -> QueryError {
    if error.kind() == std::io::ErrorKind::NotFound {
        return QueryError::NoRules(path.display().to_string());
    }
    QueryError::Rules(format!("the rules {} cannot be read: {error}", path.display()))
}

/// Checks.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let path = args.rules.as_ref().map_or_else(|| ground.root.join(RULES), |path| ground.folder.join(path));
    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
    let rules = Rules::parse(ground, &path, &text)?;
    let change = change(args, &rules)?;
    let mut violations = limits::check(ground, &rules)?;
    violations.extend(dependencies::check(ground, &rules)?);
    violations.extend(dead::check(ground, &rules)?);
    let needs_network = change.is_some() || rules.cycles.iter().any(|rule| rule.by != Circle::Imports);
    let network = needs_network.then(|| Network::read(ground)).transpose()?;
    violations.extend(cycles::check(ground, &rules, network.as_ref())?);
    let baseline = match (&args.baseline, &args.write_baseline) {
        (Some(path), _) => Baseline::read(&ground.folder.join(path))?,
        (None, Some(_)) => Baseline::of(&violations),
        (None, None) => Baseline::default(),
    };
    let keep = args.write_baseline.as_ref().map(|path| (ground.folder.join(path), baseline.text()));
    let found = violations.len();
    let gone = baseline.remove_known(&mut violations);
    let known = found - violations.len();
    // A change is checked once: nothing about it is known from before.
    let mut told = None;
    if let (Some(network), Some(change), Some(rule)) = (&network, &change, &rules.impact) {
        let (impact, broken) = impact::check(ground, network, rule, change)?;
        violations.extend(broken);
        told = Some(impact);
    }
    violations.sort_by(|a, b| a.order().cmp(&b.order()));
    violations.dedup();
    let is_unchecked = change.is_none();
    let mut reply = Reply {
        rules_file: path.display().to_string(),
        rules: rules.count(),
        idle_rules: rules.idle(ground)?,
        unchecked_rules: rules.impact.iter().filter(|_| is_unchecked).map(|rule| rule.name.clone()).collect(),
        known,
        violations: List::new(Vec::new(), 0),
        gone: List::new(gone, ground.limit),
        impact: told,
        document: None,
        keep,
    };
    if args.format == Format::Sarif {
        reply.document = Some(sarif::document(ground, &rules, &reply, &violations)?.into_bytes());
    }
    reply.violations = List::new(violations, ground.limit);
    Ok(reply)
}

/// What is said to have changed.
fn change(args: &Args, rules: &Rules) -> Result<Option<Change>> {
    if args.diff.is_none() && !args.staged {
        return Ok(None);
    }
    if rules.impact.is_none() {
        let what = "no rule is about changes: --diff and --staged need [impact] with max_definitions or max_files";
        return Err(QueryError::Rules(what.into()));
    }
    Ok(Some(Change { subject: None, diff: args.diff.clone(), staged: args.staged }))
}

impl Violation {
    /// About something at a place; one of it.
    fn new(path: &str, position: Position, rule: &str, subject: &str, message: String) -> Self {
        Self {
            path: path.to_owned(),
            position,
            end_line: position.line,
            rule: rule.to_owned(),
            subject: subject.to_owned(),
            members: Vec::new(),
            value: 1,
            message,
            related: Vec::new(),
        }
    }

    fn order(&self) -> impl Ord + '_ {
        (&self.path, self.position.line, &self.rule, &self.subject, &self.members, self.value)
    }
}

impl Reply {
    /// What is to be said about the rules themselves.
    pub fn notices(&self) -> Vec<String> {
        let idle = self.idle_rules.iter().map(|rule| format!("no file is subject to rule {rule}; check its paths"));
        let unchecked = self
            .unchecked_rules
            .iter()
            .map(|rule| format!("rule {rule} is not checked: say what has changed with `--diff REV` or `--staged`"));
        let gone = self.gone.total;
        let gone = (gone > 0).then(|| {
            format!("{gone} of the baseline {} there no longer: `--write-baseline` writes it anew", {
                if gone == 1 { "is" } else { "are" }
            })
        });
        idle.chain(unchecked).chain(gone).collect()
    }
}
