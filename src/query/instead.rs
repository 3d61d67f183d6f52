//! What was likely meant by an argument that means nothing, or more than one thing.

use crate::store::SymbolRow;

use super::name::place;
use super::pattern::{is_glob, some_files};
use super::search::slips_between;
use super::suggest::{ID_DIGITS, handle};
use super::{Ground, QueryError, Result, SymbolName};

/// What to write instead of an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instead {
    /// The argument, or, of a place, the path in it.
    pub given: String,
    /// What to write.
    pub handle: String,
    /// Whether it is of another kind than was asked for.
    pub is_other_kind: bool,
}

/// Finds it. What it names is in the index, and is named as seen from where the user stands.
pub fn instead(ground: &Ground<'_>, error: &QueryError) -> Result<Option<Instead>> {
    match error {
        QueryError::Ambiguous { name, candidates } => {
            let Some(first) = candidates.first() else { return Ok(None) };
            Ok(Some(Instead { given: name.clone(), handle: named(ground, first)?, is_other_kind: false }))
        }
        QueryError::NoSymbol { name, kind, similar } => {
            let Some(row) = first_of(ground, similar)? else { return Ok(None) };
            let is_other_kind = kind.is_some_and(|kind| kind != row.kind);
            Ok(Some(Instead { given: name.clone(), handle: named(ground, &row)?, is_other_kind }))
        }
        QueryError::NoFile(path) => {
            let Some(near) = near_file(ground, path)? else { return Ok(None) };
            let is_at_root = ground.folder == ground.root;
            let handle = if is_at_root { near } else { ground.root.join(near).display().to_string() };
            Ok(Some(Instead { given: path.clone(), handle, is_other_kind: false }))
        }
        _ => Ok(None),
    }
}

/// Whether a path is that of a folder with indexed files.
pub(crate) fn is_folder(ground: &Ground<'_>, path: &str) -> Result<bool> {
    Ok(!is_glob(path) && !some_files(ground, Some(path))?.is_empty())
}

/// The path and the line of a name that is a place.
pub(crate) fn file_of_place(name: &str) -> Option<(&str, u32)> {
    place(name).map(|(path, line, _)| (path, line))
}

/// A name for exactly this definition, from wherever the user stands.
fn named(ground: &Ground<'_>, row: &SymbolRow) -> Result<String> {
    let handle = handle(ground, row)?;
    // Places are as seen from the root.
    let is_place = ground.folder != ground.root && place(&handle).is_some();
    Ok(if is_place { row.id.to_string()[..ID_DIGITS].to_owned() } else { handle })
}

/// The definition that the first of some names means, or the first that it can mean.
fn first_of(ground: &Ground<'_>, names: &[String]) -> Result<Option<SymbolRow>> {
    let Some(name) = names.first() else { return Ok(None) };
    match (SymbolName { symbol: name.clone(), kind: None }).one(ground) {
        Ok(row) => Ok(Some(row)),
        Err(QueryError::Ambiguous { candidates, .. }) => Ok(candidates.into_iter().next()),
        Err(QueryError::Store(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// The indexed file of the same name that ends most like a path, else one whose name differs by slips.
fn near_file(ground: &Ground<'_>, given: &str) -> Result<Option<String>> {
    if is_glob(given) {
        return Ok(None);
    }
    let wanted: Vec<&str> = given.split('/').collect();
    let last = wanted.last().copied().unwrap_or_default();
    let distance = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let common = path.rsplit('/').zip(wanted.iter().rev()).take_while(|(one, other)| one == *other).count();
        let slips = slips_between(last, name)?;
        Some((slips, std::cmp::Reverse(common), path.len()))
    };
    let files = ground.snapshot.files()?;
    let near = files.iter().filter_map(|file| Some((distance(&file.path)?, &file.path))).min();
    Ok(near.map(|(_, path)| path.clone()))
}
