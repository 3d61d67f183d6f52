//! Files that use what they must not, and files that import each other in circles.

use std::collections::BTreeMap;

use crate::graph::{Adjacency, components};
use crate::query::{Ground, Result};
use crate::store::{FileId, FileRow, Target};

use super::Violation;
use super::rules::{By, Cycles, Forbidden, Rules};

/// Finds both.
pub(super) fn check(ground: &Ground<'_>, rules: &Rules) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    if rules.forbidden.is_empty() && rules.cycles.is_empty() {
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
    for rule in &rules.cycles {
        violations.extend(cycles(ground, rule, &files)?);
    }
    Ok(violations)
}

/// Lines on which a file uses others, by path.
#[derive(Default)]
struct Used {
    imports: BTreeMap<String, Vec<u32>>,
    uses: BTreeMap<String, Vec<u32>>,
}

impl Used {
    fn by(ground: &Ground<'_>, file: &FileRow, paths: &BTreeMap<FileId, &str>) -> Result<Self> {
        let mut used = Self::default();
        for import in ground.snapshot.imports(file.id)? {
            if let Some(to) = import.file.filter(|to| *to != file.path) {
                used.imports.entry(to).or_default().push(import.position.line);
            }
        }
        for site in ground.snapshot.occurrences(file.id)? {
            let to = match &site.target {
                Target::Resolved(key, _) => paths.get(&key.file).copied(),
                Target::File(path, _) => Some(path.as_str()),
                Target::Candidates(..) | Target::External(..) | Target::Unknown(_) => None,
            };
            if let Some(to) = to.filter(|to| *to != file.path && !to.is_empty()) {
                used.uses.entry(to.to_owned()).or_default().push(site.position.line);
            }
        }
        Ok(used)
    }

    /// One for each file that must not be used, at the first line that uses it.
    fn breaking(&self, rule: &Forbidden, file: &FileRow) -> Vec<Violation> {
        let mut lines: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        let imports = self.imports.iter().filter(|_| rule.by != By::Uses);
        let uses = self.uses.iter().filter(|_| rule.by != By::Imports);
        for (to, found) in imports.chain(uses).filter(|(to, _)| rule.to.has(to)) {
            lines.entry(to).or_default().extend(found);
        }
        let violation = |(to, mut lines): (&str, Vec<u32>)| {
            lines.sort_unstable();
            lines.dedup();
            let reason = rule.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
            let noun = if lines.len() == 1 { "line" } else { "lines" };
            Violation {
                path: file.path.clone(),
                line: lines[0],
                end_line: lines[0],
                rule: rule.name.clone(),
                subject: to.to_owned(),
                value: lines.len() as u64,
                message: format!("{} must not use {to}, but does on {} {noun}{reason}", file.path, lines.len()),
            }
        };
        lines.into_iter().map(violation).collect()
    }
}

/// One for each group of files of which every one leads to every other by imports.
fn cycles(ground: &Ground<'_>, rule: &Cycles, files: &[FileRow]) -> Result<Vec<Violation>> {
    let nodes: Vec<&FileRow> = files.iter().filter(|file| rule.area.has(&file.path)).collect();
    let numbers: BTreeMap<&str, u32> = (0..).zip(&nodes).map(|(number, file)| (file.path.as_str(), number)).collect();
    let mut edges = Vec::new();
    let mut lines = BTreeMap::new();
    for (from, file) in (0..).zip(&nodes) {
        for import in ground.snapshot.imports(file.id)? {
            let to = import.file.and_then(|path| numbers.get(path.as_str()).copied()).filter(|to| *to != from);
            if let Some(to) = to {
                edges.push((from, to));
                lines.entry((from, to)).or_insert(import.position.line);
            }
        }
    }
    let found = components(&Adjacency::new(nodes.len(), &edges));
    let groups = (0..).take(found.count()).map(|component| found.members(component)).filter(|group| group.len() > 1);
    let violation = |group: &[u32]| {
        let paths: Vec<&str> = group.iter().map(|node| nodes[*node as usize].path.as_str()).collect();
        // The members are in order, so that the first edge inside the group starts at the first of them.
        let first = lines.iter().find(|((from, to), _)| *from == group[0] && group.contains(to));
        let line = first.map_or(1, |(_, line)| *line);
        let subject = paths.join(" ");
        Violation {
            path: paths[0].to_owned(),
            line,
            end_line: line,
            rule: rule.name.clone(),
            value: paths.len() as u64,
            message: format!("{} files import each other in circles: {}", paths.len(), paths.join(", ")),
            subject,
        }
    };
    Ok(groups.map(violation).collect())
}
