//! What is dead although a rule wants everything used.

use crate::query::dead_code::{self, Certainty, Dead};
use crate::query::within::Within;
use crate::query::{Ground, QueryError, Result};

use super::Violation;
use super::rules::{DeadCode, Rules};

/// Finds it.
pub(super) fn check(ground: &Ground<'_>, rules: &Rules) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for rule in &rules.dead {
        let args = dead_code::Args {
            entry: rule.entry.clone(),
            no_exports: rule.no_exports,
            doubtful: rule.certainty == Certainty::Doubtful,
            kind: None,
            within: Within::default(),
        };
        // Nothing found would look like a broken rule: what cannot be found is a mistake in the rules.
        let found = dead_code::run(&Ground { limit: usize::MAX, ..*ground }, &args).map_err(|error| match error {
            QueryError::NoSymbol { .. } => QueryError::Rules(format!("{}: entry: {error}", rule.entry_place)),
            error => error,
        })?;
        let dead = found.dead.items.iter().filter(|dead| rule.area.has(&dead.definition.path));
        violations.extend(dead.map(|dead| violation(rule, dead)));
    }
    Ok(violations)
}

fn violation(rule: &DeadCode, dead: &Dead) -> Violation {
    let definition = &dead.definition;
    let doubt = if dead.certainty == Certainty::Doubtful { ", as far as is known" } else { "" };
    let message = format!("{} {} is {}{doubt}", definition.kind, definition.qualified_name, dead.reason.word());
    Violation::new(&definition.path, definition.position, &rule.name, &definition.qualified_name, message)
}
