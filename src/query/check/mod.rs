//! Whether the tree keeps the rules that its people wrote down: limits, forbidden dependencies, no cycles.
//!
//! A baseline names what is known to break them, so that only what is new or worse counts.

mod baseline;
mod dependencies;
mod limits;
mod rules;
mod sarif;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Ground, List, QueryError, Result};
use baseline::Baseline;
use rules::Rules;

/// The file with the rules if no other is named.
const RULES: &str = "magellan.toml";

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
    /// What breaks them, by path and line; without what the baseline has.
    pub violations: List<Violation>,
    /// How many more the baseline has.
    pub known: usize,
    /// How many of the baseline are there no longer.
    pub gone: usize,
    /// The log, if it was asked for.
    #[serde(skip)]
    pub document: Option<Vec<u8>>,
    /// A file to write, and its text.
    #[serde(skip)]
    pub keep: Option<(PathBuf, String)>,
}

/// One thing that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Violation {
    /// File.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// 1-based last line of what it is about.
    pub end_line: u32,
    /// Name of the rule.
    pub rule: String,
    /// What breaks it: a definition, a file, a file that is used, the files of a cycle. No line is in it, so that it stays
    /// the same through edits elsewhere.
    pub subject: String,
    /// How much there is of what is limited; how many uses, how many files.
    pub value: u64,
    /// In words.
    pub message: String,
}

/// Checks.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let path = args.rules.as_ref().map_or_else(|| ground.root.join(RULES), |path| ground.folder.join(path));
    let text = std::fs::read_to_string(&path)
        .map_err(|error| QueryError::Usage(format!("the rules {} cannot be read: {error}", path.display())))?;
    let rules = Rules::parse(ground, &path, &text)?;
    let mut violations = limits::check(ground, &rules)?;
    violations.extend(dependencies::check(ground, &rules)?);
    violations.sort_by(|a, b| {
        (&a.path, a.line, &a.rule, &a.subject, a.value).cmp(&(&b.path, b.line, &b.rule, &b.subject, b.value))
    });
    violations.dedup();
    let baseline = match (&args.baseline, &args.write_baseline) {
        (Some(path), _) => Baseline::read(&ground.folder.join(path))?,
        (None, Some(_)) => Baseline::of(&violations),
        (None, None) => Baseline::default(),
    };
    let keep = args.write_baseline.as_ref().map(|path| (ground.folder.join(path), baseline.text()));
    let found = violations.len();
    let gone = baseline.remove_known(&mut violations);
    let document = (args.format == Format::Sarif).then(|| sarif::document(&rules, &violations).into_bytes());
    Ok(Reply {
        rules_file: path.display().to_string(),
        rules: rules.count(),
        idle_rules: rules.idle(ground)?,
        known: found - violations.len(),
        violations: List::new(violations, ground.limit),
        gone,
        document,
        keep,
    })
}
