//! One hash over all content: equal for databases of equal content, whatever made them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::store;

use super::{Ground, Result};

/// No arguments of its own.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {}

/// The hash.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// BLAKE3 over every line of the dump, 64 hex digits.
    pub fingerprint: String,
}

/// Computes the hash.
pub fn run(ground: &Ground<'_>, _: &Args) -> Result<Reply> {
    Ok(Reply { fingerprint: store::fingerprint(ground.snapshot)?.to_string() })
}
