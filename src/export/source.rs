//! What an export reads: the chosen files in order, and the definitions that they lead to.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::store::{FileId, FileRow, OccurrenceRow, Snapshot, SymbolKey, SymbolRow, Target};

use super::{ExportError, Result, Task};

/// So many definitions of other files are remembered.
const KNOWN_MAX: usize = 1 << 15;

/// The content to export.
pub(super) struct Source<'a> {
    pub(super) task: &'a Task<'a>,
    pub(super) snapshot: &'a dyn Snapshot,
    files: Vec<FileRow>,
    known: RefCell<FxHashMap<SymbolKey, Option<Rc<SymbolRow>>>>,
}

impl<'a> Source<'a> {
    pub(super) fn new(task: &'a Task<'a>) -> Result<Self> {
        let mut files = task.snapshot.files()?;
        files.retain(|file| (task.has_path)(&file.path));
        Ok(Self { task, snapshot: task.snapshot, files, known: RefCell::default() })
    }

    /// The files, sorted by path. Asked for before each pass.
    pub(super) fn files(&self) -> &[FileRow] {
        &self.files
    }

    /// Whether a file is among them.
    pub(super) fn has_file(&self, path: &str) -> bool {
        (self.task.has_path)(path)
    }

    /// Fails if the export is to stop.
    pub(super) fn go_on(&self) -> Result<()> {
        if (self.task.is_stopped)() { Err(ExportError::Interrupted) } else { Ok(()) }
    }

    /// Whether a definition is of a kind that is wanted.
    pub(super) fn has_kind(&self, symbol: &SymbolRow) -> bool {
        self.task.kinds.is_empty() || self.task.kinds.contains(&symbol.kind)
    }

    /// Whether a definition is exported.
    pub(super) fn has(&self, symbol: &SymbolRow) -> bool {
        self.has_kind(symbol) && self.has_file(&symbol.path)
    }

    /// The definitions of a file that are wanted.
    pub(super) fn symbols(&self, file: FileId) -> Result<Vec<SymbolRow>> {
        let mut symbols = self.snapshot.symbols(file)?;
        symbols.retain(|symbol| self.has_kind(symbol));
        Ok(symbols)
    }

    /// A definition of any file.
    pub(super) fn symbol(&self, key: SymbolKey) -> Result<Option<Rc<SymbolRow>>> {
        if let Some(found) = self.known.borrow().get(&key) {
            return Ok(found.clone());
        }
        let found = self.snapshot.symbol(key)?.map(Rc::new);
        let mut known = self.known.borrow_mut();
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(key, found.clone());
        Ok(found)
    }

    /// The definitions that a target names, of the kinds that are wanted, by path and position: their numbers depend on
    /// the history of the database.
    pub(super) fn definitions(&self, target: &Target) -> Result<Vec<Rc<SymbolRow>>> {
        let mut definitions = Vec::new();
        for key in keys(target) {
            definitions.extend(self.symbol(*key)?.filter(|symbol| self.has_kind(symbol)));
        }
        definitions.sort_by(|a, b| (&a.path, a.key.symbol).cmp(&(&b.path, b.key.symbol)));
        Ok(definitions)
    }

    /// The uses in a file that are wanted.
    pub(super) fn occurrences(&self, file: FileId) -> Result<Vec<OccurrenceRow>> {
        let occurrences = self.snapshot.occurrences(file)?;
        if self.task.kinds.is_empty() {
            return Ok(occurrences);
        }
        let mut wanted = Vec::new();
        for occurrence in occurrences {
            if !self.definitions(&occurrence.target)?.is_empty() {
                wanted.push(occurrence);
            }
        }
        Ok(wanted)
    }
}

/// The definitions that a target names.
pub(super) fn keys(target: &Target) -> &[SymbolKey] {
    match target {
        Target::Resolved(key, _) => std::slice::from_ref(key),
        Target::Candidates(keys, _) => keys,
        Target::File(..) | Target::External(..) | Target::Unknown(_) => &[],
    }
}
