//! What members of the standard library give.

pub(super) const ROWS: &[&str] = &[];
