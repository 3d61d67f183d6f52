//! The rules as people write them, in TOML. An unknown key is an error: a misspelt rule would never be broken.

use std::path::Path;

use serde::Deserialize;

use crate::query::{Ground, Paths, QueryError, Result};

/// All rules.
pub(super) struct Rules {
    pub(super) limits: Vec<Limit>,
    pub(super) forbidden: Vec<Forbidden>,
    pub(super) cycles: Vec<Cycles>,
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

/// Files of an area must not import each other in circles.
pub(super) struct Cycles {
    pub(super) name: String,
    pub(super) area: Area,
}

/// What is limited: the first of callables, the others of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// As people write it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Cyclomatic => "cyclomatic",
            Self::Cognitive => "cognitive",
            Self::Nesting => "nesting",
            Self::Parameters => "parameters",
            Self::Lines => "lines",
            Self::FanIn => "fan_in",
            Self::FanOut => "fan_out",
            Self::FileLines => "file_lines",
            Self::FileFanIn => "file_fan_in",
            Self::FileFanOut => "file_fan_out",
            Self::FileCyclomatic => "file_cyclomatic",
        }
    }
}

/// What counts as a dependency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum By {
    /// Imports that lead to the file.
    Imports,
    /// Uses that are resolved to a definition in the file.
    Uses,
    /// Either.
    #[default]
    Any,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    limit: Vec<WrittenLimit>,
    #[serde(default)]
    forbid: Vec<WrittenForbidden>,
    #[serde(default)]
    cycles: Vec<WrittenCycles>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLimit {
    name: Option<String>,
    measure: Measure,
    max: u64,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    except: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenForbidden {
    name: Option<String>,
    from: Vec<String>,
    to: Vec<String>,
    #[serde(default)]
    except_from: Vec<String>,
    #[serde(default)]
    except_to: Vec<String>,
    #[serde(default)]
    by: By,
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCycles {
    name: Option<String>,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    except: Vec<String>,
}

impl Rules {
    /// Reads them. Paths are relative to the root of the tree.
    pub(super) fn parse(ground: &Ground<'_>, path: &Path, text: &str) -> Result<Self> {
        let written: Written = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
            QueryError::Usage(format!("{}:{line}: {}", path.display(), error.message()))
        })?;
        let area = |paths: &[String], except: &[String]| Area::of(ground, paths, except);
        let mut rules = Self { limits: Vec::new(), forbidden: Vec::new(), cycles: Vec::new() };
        for limit in written.limit {
            let name = limit.name.unwrap_or_else(|| format!("max-{}", limit.measure.word().replace('_', "-")));
            let area = area(&limit.paths, &limit.except)?;
            rules.limits.push(Limit { name, measure: limit.measure, max: limit.max, area });
        }
        for rule in written.forbid {
            rules.forbidden.push(Forbidden {
                name: rule.name.unwrap_or_else(|| "forbidden-dependency".into()),
                from: area(&rule.from, &rule.except_from)?,
                to: area(&rule.to, &rule.except_to)?,
                by: rule.by,
                reason: rule.reason,
            });
        }
        for rule in written.cycles {
            let name = rule.name.unwrap_or_else(|| "import-cycle".into());
            rules.cycles.push(Cycles { name, area: area(&rule.paths, &rule.except)? });
        }
        match rules.count() {
            0 => Err(QueryError::Usage(format!(
                "{} has no rule: write [[limit]], [[forbid]] or [[cycles]]",
                path.display()
            ))),
            _ => Ok(rules),
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.limits.len() + self.forbidden.len() + self.cycles.len()
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
        let cycles =
            self.cycles.iter().map(|rule| (rule.name.as_str(), "files do not import each other in circles".into()));
        let mut described: Vec<(&str, String)> = Vec::new();
        for (name, meaning) in limits.chain(forbidden).chain(cycles) {
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
        let files = ground.snapshot.files()?;
        let is_idle = |area: &Area| !files.iter().any(|file| area.has(&file.path));
        let all = limits.chain(forbidden).chain(cycles);
        let mut idle: Vec<String> = all.filter(|(_, area)| is_idle(area)).map(|(name, _)| name.clone()).collect();
        idle.dedup();
        Ok(idle)
    }
}

/// Some files of the tree.
pub(super) struct Area {
    paths: Vec<Paths>,
    except: Vec<Paths>,
}

impl Area {
    fn of(ground: &Ground<'_>, paths: &[String], except: &[String]) -> Result<Self> {
        let from_root = Ground { folder: ground.root, ..*ground };
        let all = |given: &[String]| given.iter().map(|glob| Paths::of(&from_root, Some(glob))).collect::<Result<_>>();
        let paths = if paths.is_empty() { vec![Paths::All] } else { all(paths)? };
        Ok(Self { paths, except: all(except)? })
    }

    /// Whether a file is among them.
    pub(super) fn has(&self, path: &str) -> bool {
        self.paths.iter().any(|paths| paths.has(path)) && !self.except.iter().any(|paths| paths.has(path))
    }
}
