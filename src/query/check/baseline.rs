//! What was there before: known violations, by what breaks which rule where. Lines are no part of it.

use std::collections::BTreeMap;
use std::path::Path;

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

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    path: String,
    rule: String,
    subject: String,
    value: u64,
}

impl Baseline {
    /// All of these.
    pub(super) fn of(violations: &[Violation]) -> Self {
        let known = |violation: &Violation| Known {
            path: violation.path.clone(),
            rule: violation.rule.clone(),
            subject: violation.subject.clone(),
            value: violation.value,
        };
        let mut known: Vec<Known> = violations.iter().map(known).collect();
        known.sort();
        Self { schema: Schema::default(), violations: known }
    }

    /// Those of a file.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let usage = |what: String| QueryError::Usage(format!("the baseline {}: {what}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| usage(error.to_string()))?;
        let baseline: Self = serde_json::from_str(&text).map_err(|error| usage(error.to_string()))?;
        match baseline.schema == Schema::default() {
            true => Ok(baseline),
            false => Err(usage("it is of another version".into())),
        }
    }

    /// What the file holds, made to be compared by lines.
    pub(super) fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("strings and numbers can always be written as JSON");
        format!("{text}\n")
    }

    /// Takes what is known out of `violations`, and gives how much that is known is not among them. What has become worse
    /// is not known.
    pub(super) fn remove_known(&self, violations: &mut Vec<Violation>) -> usize {
        let mut known: BTreeMap<(&str, &str, &str), Vec<u64>> = BTreeMap::new();
        for row in &self.violations {
            known.entry((&row.path, &row.rule, &row.subject)).or_default().push(row.value);
        }
        // Several of one name, as overloads: each takes the smallest value that covers it, the greatest first.
        known.values_mut().for_each(|values| values.sort_unstable());
        let mut order: Vec<usize> = (0..violations.len()).collect();
        order.sort_by_key(|&index| std::cmp::Reverse(violations[index].value));
        let mut is_new = vec![true; violations.len()];
        for index in order {
            let violation = &violations[index];
            let key = (violation.path.as_str(), violation.rule.as_str(), violation.subject.as_str());
            let Some(values) = known.get_mut(&key) else { continue };
            if values.last().is_some_and(|value| *value >= violation.value) {
                values.pop();
                is_new[index] = false;
            }
        }
        let gone = known.values().map(Vec::len).sum();
        let mut is_new = is_new.into_iter();
        violations.retain(|_| is_new.next().unwrap_or(true));
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violation(subject: &str, line: u32, value: u64) -> Violation {
        let [path, rule, message] = ["a.rs", "max", ""].map(str::to_owned);
        Violation { path, line, end_line: line, rule, subject: subject.into(), value, message }
    }

    #[test]
    fn what_is_new_or_worse_stays_whatever_the_lines() {
        let before = Baseline::of(&[violation("f", 1, 5), violation("f", 9, 7), violation("gone", 3, 3)]);
        let mut now = vec![violation("f", 2, 5), violation("f", 8, 9), violation("new", 3, 1)];
        assert_eq!(before.remove_known(&mut now), 2, "one f and gone");
        assert_eq!(now.iter().map(|row| (row.subject.as_str(), row.value)).collect::<Vec<_>>(), [("f", 9), ("new", 1)]);
        let mut same = vec![violation("f", 4, 7), violation("f", 5, 4)];
        assert_eq!(before.remove_known(&mut same), 1);
        assert!(same.is_empty());
    }
}
