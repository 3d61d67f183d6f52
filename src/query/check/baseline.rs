//! What was there before: known violations, by what breaks which rule where. Lines are no part of it.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::query::{QueryError, Result};

use super::Violation;

/// Known violations.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Baseline {
    schema: Schema,
    violations: Vec<Known>,
}

#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Schema {
    name: String,
    version: u32,
}

impl Default for Schema {
    fn default() -> Self {
        Self { name: "baseline".into(), version: 1 }
    }
}

/// A known violation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// File.
    pub path: String,
    /// Name of the rule.
    pub rule: String,
    /// What breaks it.
    pub subject: String,
    /// How much there was of what is limited.
    pub value: u64,
    /// Of a cycle all members, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

impl Baseline {
    /// All of these.
    pub(super) fn of(violations: &[Violation]) -> Self {
        let known = |violation: &Violation| Known {
            path: violation.path.clone(),
            rule: violation.rule.clone(),
            subject: violation.subject.clone(),
            value: violation.value,
            members: violation.members.clone(),
        };
        let mut known: Vec<Known> = violations.iter().map(known).collect();
        known.sort();
        Self { schema: Schema::default(), violations: known }
    }

    /// Those of a file.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let usage = |what: String| QueryError::Rules(format!("the baseline {}: {what}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| usage(error.to_string()))?;
        let mut baseline: Self = serde_json::from_str(&text).map_err(|error| usage(error.to_string()))?;
        if baseline.schema != Schema::default() {
            return Err(usage("it is of another version: `--write-baseline` writes it anew".into()));
        }
        baseline.violations.sort();
        Ok(baseline)
    }

    /// What the file holds, made to be compared by lines.
    pub(super) fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("strings and numbers can always be written as JSON");
        format!("{text}\n")
    }

    /// Takes what is known out of `violations`, and gives what is known and not among them. What has become worse is not
    /// known; of a cycle that is, what is left of it.
    pub(super) fn remove_known(&self, violations: &mut Vec<Violation>) -> Vec<Known> {
        let mut is_there = vec![false; self.violations.len()];
        let mut is_new: Vec<bool> = violations.iter().map(|row| !self.has_circle(row, &mut is_there)).collect();
        let mut known: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
        for (index, row) in self.violations.iter().enumerate().filter(|(_, row)| row.members.is_empty()) {
            known.entry((&row.path, &row.rule, &row.subject)).or_default().push(index);
        }
        // Several of one name, as overloads: each takes the greatest value that is left, the greatest first.
        let mut order: Vec<usize> = (0..violations.len()).filter(|&at| violations[at].members.is_empty()).collect();
        order.sort_by_key(|&at| std::cmp::Reverse(violations[at].value));
        for at in order {
            let violation = &violations[at];
            let key = (violation.path.as_str(), violation.rule.as_str(), violation.subject.as_str());
            let Some(rows) = known.get_mut(&key) else { continue };
            // They come sorted by value.
            if let Some(&row) = rows.last().filter(|&&row| self.violations[row].value >= violation.value) {
                rows.pop();
                is_there[row] = true;
                is_new[at] = false;
            }
        }
        let mut is_new = is_new.into_iter();
        violations.retain(|_| is_new.next().unwrap_or(true));
        let rows = self.violations.iter().zip(is_there);
        rows.filter(|(_, is_there)| !is_there).map(|(row, _)| row.clone()).collect()
    }

    /// Whether a cycle is a known one, or lies in one. Several can be left of one.
    fn has_circle(&self, violation: &Violation, is_there: &mut [bool]) -> bool {
        let mut is_known = false;
        for (row, is_there) in self.violations.iter().zip(is_there) {
            let is_same = row.rule == violation.rule && !violation.members.is_empty();
            if is_same && is_part(&violation.members, &row.members) {
                *is_there = true;
                is_known = true;
            }
        }
        is_known
    }
}

/// Whether all of some sorted names are among others, each as often.
fn is_part(part: &[String], whole: &[String]) -> bool {
    let mut whole = whole.iter();
    part.iter().all(|name| whole.any(|other| other == name))
}

#[cfg(test)]
mod tests {
    use crate::model::Position;

    use super::*;

    fn violation(subject: &str, line: u32, value: u64) -> Violation {
        let position = Position { line, column: 0 };
        Violation { value, ..Violation::new("a.rs", position, "max", subject, String::new()) }
    }

    fn circle(members: &[&str]) -> Violation {
        let members = members.iter().map(|name| (*name).to_owned()).collect();
        Violation { members, ..violation("", 1, 1) }
    }

    #[test]
    fn what_is_new_or_worse_stays_whatever_the_lines() {
        let before = Baseline::of(&[violation("f", 1, 5), violation("f", 9, 7), violation("gone", 3, 3)]);
        let mut now = vec![violation("f", 2, 5), violation("f", 8, 9), violation("new", 3, 1)];
        assert_eq!(before.remove_known(&mut now).len(), 2, "one f and gone");
        assert_eq!(now.iter().map(|row| (row.subject.as_str(), row.value)).collect::<Vec<_>>(), [("f", 9), ("new", 1)]);
        let mut same = vec![violation("f", 4, 7), violation("f", 5, 4)];
        assert_eq!(before.remove_known(&mut same).len(), 1);
        assert!(same.is_empty());
    }

    #[test]
    fn what_is_left_of_a_circle_is_known_but_no_greater_one() {
        let before = Baseline::of(&[circle(&["a", "b", "c", "d"]), circle(&["x", "y"])]);
        let mut now = vec![circle(&["a", "c"]), circle(&["b", "d"]), circle(&["x", "y", "z"]), circle(&["a", "a"])];
        let gone = before.remove_known(&mut now);
        assert_eq!(gone.iter().map(|row| row.members.join("")).collect::<Vec<_>>(), ["xy"]);
        assert_eq!(now.iter().map(|row| row.members.join("")).collect::<Vec<_>>(), ["xyz", "aa"]);
    }
}
