//! Files that use what they must not.

use std::collections::BTreeMap;

use crate::model::Position;
use crate::query::{Ground, Result};
use crate::store::{FileId, FileRow, Target};

use super::Violation;
use super::rules::{By, Forbidden, Rules};

/// Finds them.
pub(super) fn check(ground: &Ground<'_>, rules: &Rules) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    if rules.forbidden.is_empty() {
        return Ok(violations);
    }
    let files = ground.snapshot.files()?;
    let paths: BTreeMap<FileId, &str> = files.iter().map(|file| (file.id, file.path.as_str())).collect();
    for file in &files {
        let forbidden: Vec<&Forbidden> = rules.forbidden.iter().filter(|rule| rule.from.has(&file.path)).collect();
        if !forbidden.is_empty() {
            let used = Used::by(ground, file, &paths)?;
            violations.extend(forbidden.into_iter().flat_map(|rule| used.breaking(rule, file)));
        }
    }
    Ok(violations)
}

/// Where a file uses others, by path.
#[derive(Default)]
struct Used {
    imports: BTreeMap<String, Vec<Position>>,
    uses: BTreeMap<String, Vec<Position>>,
}

impl Used {
    fn by(ground: &Ground<'_>, file: &FileRow, paths: &BTreeMap<FileId, &str>) -> Result<Self> {
        let mut used = Self::default();
        for import in ground.snapshot.imports(file.id)? {
            if let Some(to) = import.file.filter(|to| *to != file.path) {
                used.imports.entry(to).or_default().push(import.position);
            }
        }
        for site in ground.snapshot.occurrences(file.id)? {
            let to = match &site.target {
                Target::Resolved(key, _) => paths.get(&key.file).copied(),
                Target::File(path, _) => Some(path.as_str()),
                Target::Candidates(..) | Target::External(..) | Target::Unknown(_) => None,
            };
            if let Some(to) = to.filter(|to| *to != file.path && !to.is_empty()) {
                used.uses.entry(to.to_owned()).or_default().push(site.position);
            }
        }
        Ok(used)
    }

    /// One for each file that must not be used, at the first line that uses it.
    fn breaking(&self, rule: &Forbidden, file: &FileRow) -> Vec<Violation> {
        let mut places: BTreeMap<&str, Vec<Position>> = BTreeMap::new();
        let imports = self.imports.iter().filter(|_| rule.by != By::Uses);
        let uses = self.uses.iter().filter(|_| rule.by != By::Imports);
        for (to, found) in imports.chain(uses).filter(|(to, _)| rule.to.has(to)) {
            places.entry(to).or_default().extend(found);
        }
        let violation = |(to, mut places): (&str, Vec<Position>)| {
            places.sort_unstable();
            places.dedup_by_key(|place| place.line);
            let reason = rule.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
            let noun = if places.len() == 1 { "line" } else { "lines" };
            let message = format!("{} must not use {to}, but does on {} {noun}{reason}", file.path, places.len());
            let violation = Violation::new(&file.path, places[0], &rule.name, to, message);
            Violation { value: places.len() as u64, ..violation }
        };
        places.into_iter().map(violation).collect()
    }
}
