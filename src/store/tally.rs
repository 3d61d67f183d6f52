//! The call sites of a file by outcome.

use crate::model::{Outcome, Reason, Role, Tally};

use super::LinkContent;

/// The call sites of a file, counted.
pub(super) struct CallCounts {
    /// By outcome.
    pub(super) tally: Tally,
    /// Unknown ones by reason, sorted; reasons that do not occur are left out.
    pub(super) reasons: Vec<(Reason, u32)>,
}

impl CallCounts {
    pub(super) fn of(content: &LinkContent) -> Self {
        let mut tally = Tally::default();
        let mut reasons = [0; Reason::WORDS.len()];
        let rows = content.facts.occurrences.iter().zip(&content.links.outcomes);
        for (_, outcome) in rows.filter(|(occurrence, _)| occurrence.role == Role::Call) {
            tally.count(outcome);
            if let Outcome::Unknown(reason) = outcome {
                reasons[*reason as usize] += 1;
            }
        }
        let counted = Reason::WORDS.iter().zip(reasons).filter(|(_, calls)| *calls > 0);
        Self { tally, reasons: counted.map(|((reason, _), calls)| (*reason, calls)).collect() }
    }
}
