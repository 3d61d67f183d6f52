//! Numbers about callables and files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LineCounts, SymbolId};

/// Metrics of a callable that has a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SymbolMetrics {
    /// The callable in its file.
    #[serde(skip)]
    pub symbol: SymbolId,
    /// Lines of the whole definition.
    pub lines: u32,
    /// Parameters, the receiver not counted.
    pub parameters: u32,
    /// Cyclomatic complexity.
    pub cyclomatic: u32,
    /// Cognitive complexity.
    pub cognitive: u32,
    /// How deep control structures are nested in each other.
    pub nesting: u32,
    /// Other definitions with a call that is resolved to this one; top-level code of a file counts as one.
    pub fan_in: u32,
    /// Other definitions that calls in this one are resolved to.
    pub fan_out: u32,
}

/// Metrics of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileMetrics {
    /// Definitions.
    pub symbols: u32,
    /// Callables that have a body.
    pub functions: u32,
    /// Lines by what stands on them.
    pub lines: LineCounts,
    /// Other files with a call that is resolved to a definition of this one.
    pub fan_in: u32,
    /// Other files with a definition that a call of this one is resolved to.
    pub fan_out: u32,
    /// Sum of the cyclomatic complexities of its callables.
    pub cyclomatic_total: u32,
    /// Greatest cyclomatic complexity of a callable.
    pub cyclomatic_max: u32,
    /// Sum of the cognitive complexities of its callables.
    pub cognitive_total: u32,
    /// Greatest cognitive complexity of a callable.
    pub cognitive_max: u32,
}
