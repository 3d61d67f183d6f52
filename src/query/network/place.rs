//! Nodes as replies show them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::Position;
use crate::store::SymbolRow;

use super::super::{Ground, Result};
use super::Network;

/// A definition, or the top level of a file, in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Place {
    /// Id of the definition; none for a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it is; `file` for a file as a whole or its top level.
    pub kind: &'static str,
    /// Its qualified name, or the path.
    pub qualified_name: String,
    /// File path.
    pub path: String,
    /// Position of the name; the start of a file.
    #[serde(flatten)]
    pub position: Position,
}

impl From<&SymbolRow> for Place {
    fn from(row: &SymbolRow) -> Self {
        Self {
            id: Some(row.id.to_string()),
            kind: row.kind.word(),
            qualified_name: row.qualified_name.clone(),
            path: row.path.clone(),
            position: row.position,
        }
    }
}

impl Place {
    /// The file at a path.
    pub(in crate::query) fn file(path: &str) -> Self {
        let position = Position { line: 1, column: 0 };
        Self { id: None, kind: "file", qualified_name: path.to_owned(), path: path.to_owned(), position }
    }
}

/// Finds what nodes are called.
#[derive(Clone, Copy)]
pub(in crate::query) struct Namer<'n> {
    pub(in crate::query) ground: &'n Ground<'n>,
    pub(in crate::query) network: &'n Network,
}

impl Namer<'_> {
    pub(in crate::query) fn place(&self, node: u32) -> Result<Place> {
        let row = self.network.key(node).map(|key| self.ground.snapshot.symbol(key)).transpose()?.flatten();
        Ok(row.as_ref().map_or_else(|| Place::file(&self.network.file(node).path), Place::from))
    }

    pub(in crate::query) fn places(&self, nodes: &[u32]) -> Result<Vec<Place>> {
        nodes.iter().map(|node| self.place(*node)).collect()
    }
}
