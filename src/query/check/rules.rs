//! The rules as people write them, in TOML. An unknown key is an error: a misspelt rule would never be broken.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::query::dead_code::Certainty;
use crate::query::{Ground, Paths, QueryError, Result};

use super::section::{Section, Source, allowed};

/// All rules.
#[derive(Default)]
pub(super) struct Rules {
    pub(super) limits: Vec<Limit>,
    pub(super) forbidden: Vec<Forbidden>,
    pub(super) cycles: Vec<Cycles>,
    pub(super) impact: Option<MaxImpact>,
    pub(super) dead: Vec<DeadCode>,
}

/// Something must not be greater than this.
pub(super) struct Limit {
    pub(super) name: String,
    pub(super) measure: Measure,
    pub(super) max: u64,
    pub(super) area: Area,
}

/// Files of one area must not use those of another.
pub(super) struct Forbidden {
    pub(super) name: String,
    pub(super) from: Area,
    pub(super) to: Area,
    pub(super) by: By,
    pub(super) reason: Option<String>,
}

/// Nothing in an area must lead back to itself.
pub(super) struct Cycles {
    pub(super) name: String,
    pub(super) by: Circle,
    pub(super) area: Area,
}

/// A change must not be able to break more than this.
pub(super) struct MaxImpact {
    pub(super) name: String,
    pub(super) definitions: Option<u64>,
    pub(super) files: Option<u64>,
    pub(super) depth: Option<u32>,
    pub(super) no_tests: bool,
}

/// Nothing in an area must be dead.
pub(super) struct DeadCode {
    pub(super) name: String,
    pub(super) area: Area,
    pub(super) entry: Vec<String>,
    /// File and line of those.
    pub(super) entry_place: String,
    pub(super) no_exports: bool,
    pub(super) certainty: Certainty,
}

/// What is limited: the first of callables, the others of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Cyclomatic,
    Cognitive,
    Nesting,
    Parameters,
    Lines,
    FanIn,
    FanOut,
    FileLines,
    FileFanIn,
    FileFanOut,
    FileCyclomatic,
}

impl Measure {
    const WORDS: [(Self, &'static str); 11] = [
        (Self::Cyclomatic, "cyclomatic"),
        (Self::Cognitive, "cognitive"),
        (Self::Nesting, "nesting"),
        (Self::Parameters, "parameters"),
        (Self::Lines, "lines"),
        (Self::FanIn, "fan_in"),
        (Self::FanOut, "fan_out"),
        (Self::FileLines, "file_lines"),
        (Self::FileFanIn, "file_fan_in"),
        (Self::FileFanOut, "file_fan_out"),
        (Self::FileCyclomatic, "file_cyclomatic"),
    ];

    /// As people write it.
    pub(super) fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }
}

/// What counts as a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// Imports that lead to the file.
    Imports,
    /// Uses that are resolved to a definition in the file.
    Uses,
    /// Either.
    Any,
}

const BY: [(By, &str); 3] = [(By::Imports, "imports"), (By::Uses, "uses"), (By::Any, "any")];

/// What leads back to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Circle {
    /// Files through others by imports.
    Imports,
    /// Callables through others by settled calls.
    Calls,
    /// Callables at once.
    SelfCalls,
}

impl Circle {
    const WORDS: [(Self, &'static str); 3] =
        [(Self::Imports, "imports"), (Self::Calls, "calls"), (Self::SelfCalls, "self_calls")];

    fn name(self) -> &'static str {
        match self {
            Self::Imports => "import-cycle",
            Self::Calls => "call-cycle",
            Self::SelfCalls => "self-recursion",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Imports => "files do not import each other in circles",
            Self::Calls => "callables do not call each other in circles",
            Self::SelfCalls => "callables do not call themselves",
        }
    }
}

const CERTAINTY: [(Certainty, &str); 2] = [(Certainty::Certain, "certain"), (Certainty::Doubtful, "doubtful")];

/// The sections of a file, as they are written.
pub(crate) const SECTIONS: &str = "[[limit]], [[forbid]], [[cycles]], [[dead_code]] and [impact]";
const NAMES: [&str; 5] = ["limit", "forbid", "cycles", "dead_code", "impact"];

impl Rules {
    /// Reads them. Paths are relative to the root of the tree.
    pub(super) fn parse(ground: &Ground<'_>, path: &Path, text: &str) -> Result<Self> {
        let source = Source { path, text };
        let document = DeTable::parse(text)
            .map_err(|error| source.error(&error.span().unwrap_or_default(), error.message().trim_end()))?;
        let document = document.get_ref();
        if let Some(key) = document.keys().find(|key| !NAMES.contains(&key.get_ref().as_ref())) {
            let what = format!("there are no rules called {:?}: {}", key.get_ref(), allowed(key.get_ref(), &NAMES));
            return Err(source.error(&key.span(), &what));
        }
        let mut rules = Self::default();
        for value in each(source, document, "limit")? {
            rules.limits.push(limit(ground, source, value)?);
        }
        for value in each(source, document, "forbid")? {
            rules.forbidden.push(forbidden(ground, source, value)?);
        }
        for value in each(source, document, "cycles")? {
            rules.cycles.push(cycles(ground, source, value)?);
        }
        for value in each(source, document, "dead_code")? {
            rules.dead.push(dead_code(ground, source, value)?);
        }
        rules.impact = document.get("impact").map(|value| impact(source, value)).transpose()?;
        match rules.count() {
            0 => Err(QueryError::Rules(format!("{} has no rule", path.display()))),
            _ => Ok(rules),
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        let lists = self.limits.len() + self.forbidden.len() + self.cycles.len() + self.dead.len();
        lists + usize::from(self.impact.is_some())
    }

    /// Name and meaning of each rule, in the order written; rules of one name are told once.
    pub(super) fn described(&self) -> Vec<(&str, String)> {
        let limits = self.limits.iter().map(|rule| {
            (rule.name.as_str(), format!("{} is at most {}", rule.measure.word().replace('_', " "), rule.max))
        });
        let forbidden = self.forbidden.iter().map(|rule| {
            let reason = rule.reason.clone().unwrap_or_else(|| "files of one area do not use those of another".into());
            (rule.name.as_str(), reason)
        });
        let cycles = self.cycles.iter().map(|rule| (rule.name.as_str(), rule.by.meaning().into()));
        let dead = self.dead.iter().map(|rule| (rule.name.as_str(), "every definition is used".into()));
        let impact = self.impact.iter().map(|rule| (rule.name.as_str(), rule.meaning()));
        let mut described: Vec<(&str, String)> = Vec::new();
        for (name, meaning) in limits.chain(forbidden).chain(cycles).chain(dead).chain(impact) {
            if described.iter().all(|(other, _)| *other != name) {
                described.push((name, meaning));
            }
        }
        described
    }

    /// Rules that no indexed file is subject to, as a misspelt path makes them.
    pub(super) fn idle(&self, ground: &Ground<'_>) -> Result<Vec<String>> {
        let limits = self.limits.iter().map(|rule| (&rule.name, &rule.area));
        let forbidden = self.forbidden.iter().flat_map(|rule| [(&rule.name, &rule.from), (&rule.name, &rule.to)]);
        let cycles = self.cycles.iter().map(|rule| (&rule.name, &rule.area));
        let dead = self.dead.iter().map(|rule| (&rule.name, &rule.area));
        let files = ground.snapshot.files()?;
        let is_idle = |area: &Area| !files.iter().any(|file| area.has(&file.path));
        let all = limits.chain(forbidden).chain(cycles).chain(dead);
        let mut idle: Vec<String> = all.filter(|(_, area)| is_idle(area)).map(|(name, _)| name.clone()).collect();
        idle.dedup();
        Ok(idle)
    }
}

impl MaxImpact {
    fn meaning(&self) -> String {
        let count = |count: Option<u64>, what| count.map(|count| format!("{count} {what}"));
        let counts = [count(self.definitions, "definitions"), count(self.files, "files")];
        format!("a change can break at most {}", counts.into_iter().flatten().collect::<Vec<_>>().join(" and "))
    }
}

/// The tables of a list of them.
fn each<'d>(source: Source<'_>, document: &'d DeTable<'d>, name: &str) -> Result<Vec<&'d Spanned<DeValue<'d>>>> {
    let Some(value) = document.get(name) else { return Ok(Vec::new()) };
    match value.get_ref().as_array() {
        Some(items) => Ok(items.iter().collect()),
        None => Err(source.error(&value.span(), &format!("there can be several of these: write [[{name}]]"))),
    }
}

fn limit<'s>(ground: &Ground<'_>, source: Source<'s>, value: &'s Spanned<DeValue<'s>>) -> Result<Limit> {
    let section = Section::of(source, "[[limit]]", value, &["name", "measure", "max", "paths", "except"])?;
    let measure = section.required("measure", section.word("measure", &Measure::WORDS)?)?;
    let name = section.text("name")?.unwrap_or_else(|| format!("max-{}", measure.word().replace('_', "-")));
    let max = section.required("max", section.number("max")?)?;
    Ok(Limit { name, measure, max, area: Area::of(ground, &section, "paths", "except")? })
}

fn forbidden<'s>(ground: &Ground<'_>, source: Source<'s>, value: &'s Spanned<DeValue<'s>>) -> Result<Forbidden> {
    let known = ["name", "from", "to", "except_from", "except_to", "by", "reason"];
    let section = Section::of(source, "[[forbid]]", value, &known)?;
    for side in ["from", "to"] {
        section.required(side, section.texts(side)?.first())?;
    }
    Ok(Forbidden {
        name: section.text("name")?.unwrap_or_else(|| "forbidden-dependency".into()),
        from: Area::of(ground, &section, "from", "except_from")?,
        to: Area::of(ground, &section, "to", "except_to")?,
        by: section.word("by", &BY)?.unwrap_or(By::Any),
        reason: section.text("reason")?,
    })
}

fn cycles<'s>(ground: &Ground<'_>, source: Source<'s>, value: &'s Spanned<DeValue<'s>>) -> Result<Cycles> {
    let section = Section::of(source, "[[cycles]]", value, &["name", "by", "paths", "except"])?;
    let by = section.word("by", &Circle::WORDS)?.unwrap_or(Circle::Imports);
    let name = section.text("name")?.unwrap_or_else(|| by.name().into());
    Ok(Cycles { name, by, area: Area::of(ground, &section, "paths", "except")? })
}

fn dead_code<'s>(ground: &Ground<'_>, source: Source<'s>, value: &'s Spanned<DeValue<'s>>) -> Result<DeadCode> {
    let known = ["name", "paths", "except", "entry", "no_exports", "certainty"];
    let section = Section::of(source, "[[dead_code]]", value, &known)?;
    Ok(DeadCode {
        name: section.text("name")?.unwrap_or_else(|| "dead-code".into()),
        area: Area::of(ground, &section, "paths", "except")?,
        entry: section.texts("entry")?,
        entry_place: section.place("entry"),
        no_exports: section.flag("no_exports")?,
        certainty: section.word("certainty", &CERTAINTY)?.unwrap_or(Certainty::Certain),
    })
}

fn impact<'s>(source: Source<'s>, value: &'s Spanned<DeValue<'s>>) -> Result<MaxImpact> {
    let known = ["name", "max_definitions", "max_files", "depth", "no_tests"];
    let section = Section::of(source, "[impact]", value, &known)?;
    let depth = section.number("depth")?.map(|depth| u32::try_from(depth).unwrap_or(u32::MAX));
    let rule = MaxImpact {
        name: section.text("name")?.unwrap_or_else(|| "max-impact".into()),
        definitions: section.number("max_definitions")?,
        files: section.number("max_files")?,
        depth,
        no_tests: section.flag("no_tests")?,
    };
    match rule.definitions.or(rule.files) {
        Some(_) => Ok(rule),
        None => Err(section.error("[impact] needs max_definitions or max_files")),
    }
}

/// Some files of the tree.
pub(super) struct Area {
    paths: Vec<Paths>,
    except: Vec<Paths>,
}

impl Area {
    fn of(ground: &Ground<'_>, section: &Section<'_>, paths: &str, except: &str) -> Result<Self> {
        let from_root = Ground { folder: ground.root, ..*ground };
        let all = |key: &str| -> Result<Vec<Paths>> {
            let given = section.texts(key)?;
            let read = |glob: &String| Paths::of(&from_root, Some(glob));
            let wrong = |error: QueryError| section.error(&format!("{key}: {error}"));
            given.iter().map(|glob| read(glob).map_err(wrong)).collect()
        };
        let (paths, except) = (all(paths)?, all(except)?);
        Ok(Self { paths: if paths.is_empty() { vec![Paths::All] } else { paths }, except })
    }

    /// Whether a file is among them.
    pub(super) fn has(&self, path: &str) -> bool {
        self.paths.iter().any(|paths| paths.has(path)) && !self.except.iter().any(|paths| paths.has(path))
    }
}
