//! One side of a comparison: what is stored, or that with what an index run would change in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::index::{Rehearsal, VERSION};
use crate::model::{ContentHash, FileFacts, Outcome, SymbolId};
use crate::query::Result;
use crate::store::{FileContent, FileId, FileRow, LinkContent, Snapshot, SymbolKey, SymbolRow, Target, unpack};

/// One side of a comparison.
pub(super) enum Side<'s> {
    /// A database.
    Stored(&'s dyn Snapshot),
    /// A tree, as it would be indexed.
    Tree(Box<Overlay<'s>>),
}

/// A file, as far as it tells whether to look into it.
#[derive(Clone)]
pub(super) struct FileState {
    pub(super) id: FileId,
    pub(super) path: String,
    pub(super) language: String,
    pub(super) dialect: String,
    pub(super) module: String,
    pub(super) hash: ContentHash,
    pub(super) links_hash: ContentHash,
}

/// A call site.
pub(super) struct Call {
    /// The innermost definition around it; none at top level.
    pub(super) caller: Option<SymbolKey>,
    /// The name as written.
    pub(super) name: String,
    pub(super) target: Target,
}

impl Side<'_> {
    /// All files, sorted by path.
    pub(super) fn files(&self) -> Result<Vec<FileState>> {
        match self {
            Self::Stored(snapshot) => Ok(snapshot.files()?.iter().map(state).collect()),
            Self::Tree(overlay) => Ok(overlay.files()),
        }
    }

    /// The version of Magellan that it is of.
    pub(super) fn version(&self) -> Result<Option<String>> {
        match self {
            Self::Stored(snapshot) => Ok(snapshot.meta(VERSION)?),
            Self::Tree(_) => Ok(Some(env!("CARGO_PKG_VERSION").into())),
        }
    }

    /// The definitions of a file, in symbol order.
    pub(super) fn symbols(&self, file: FileId) -> Result<Vec<SymbolRow>> {
        let mut rows = match self {
            Self::Stored(snapshot) => snapshot.symbols(file)?,
            Self::Tree(overlay) => overlay.symbols(file)?,
        };
        rows.sort_unstable_by_key(|row| row.key);
        Ok(rows)
    }

    /// One definition; none if links lead to what is gone.
    pub(super) fn symbol(&self, key: SymbolKey) -> Result<Option<SymbolRow>> {
        match self {
            Self::Stored(snapshot) => Ok(snapshot.symbol(key)?),
            Self::Tree(overlay) => overlay.symbol(key),
        }
    }

    pub(super) fn facts(&self, file: FileId) -> Result<Arc<FileFacts>> {
        match self {
            Self::Stored(snapshot) => Ok(Arc::new(snapshot.facts(file)?)),
            Self::Tree(overlay) => match overlay.changed.files.get(&file) {
                Some(content) => Ok(Arc::clone(&content.facts)),
                None => Ok(Arc::new(overlay.base.facts(file)?)),
            },
        }
    }

    pub(super) fn text(&self, file: FileId) -> Result<Vec<u8>> {
        match self {
            Self::Stored(snapshot) => Ok(snapshot.text(file)?),
            Self::Tree(overlay) => match overlay.changed.files.get(&file) {
                Some(content) => Ok(unpack(&content.text_packed).expect("it was packed in this process")),
                None => Ok(overlay.base.text(file)?),
            },
        }
    }

    /// The call sites of a file, in source order.
    pub(super) fn calls(&self, file: FileId) -> Result<Vec<Call>> {
        match self {
            Self::Stored(snapshot) => stored_calls(*snapshot, file),
            Self::Tree(overlay) => match overlay.changed.links.get(&file) {
                Some(content) => Ok(new_calls(content)),
                None => stored_calls(overlay.base, file),
            },
        }
    }
}

/// A database with what a run would change in it.
pub(super) struct Overlay<'s> {
    base: &'s dyn Snapshot,
    changed: Rehearsal,
    /// Files of the database that stay.
    rows: BTreeMap<FileId, FileRow>,
}

impl<'s> Overlay<'s> {
    pub(super) fn new(base: &'s dyn Snapshot, changed: Rehearsal) -> Result<Self> {
        let mut rows = BTreeMap::new();
        if !changed.replaces_all {
            let stays = |row: &FileRow| !changed.removed.contains(&row.id) && !changed.files.contains_key(&row.id);
            rows.extend(base.files()?.into_iter().filter(stays).map(|row| (row.id, row)));
        }
        Ok(Self { base, changed, rows })
    }

    fn files(&self) -> Vec<FileState> {
        let kept = self.rows.values().map(|row| match self.changed.links.get(&row.id) {
            Some(links) => FileState { module: links.links.module.clone(), links_hash: links.links_hash, ..state(row) },
            None => state(row),
        });
        let put = self.changed.files.values().map(|content| FileState {
            id: content.id,
            path: content.path.clone(),
            language: content.language.clone().into_owned(),
            dialect: content.dialect.clone().into_owned(),
            module: self.module(content.id).to_owned(),
            hash: content.hash,
            links_hash: self.changed.links.get(&content.id).map_or_else(ContentHash::default, |links| links.links_hash),
        });
        let mut files: Vec<FileState> = kept.chain(put).collect();
        files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        files
    }

    /// The module of a file that is linked anew; empty for others.
    fn module(&self, file: FileId) -> &str {
        self.changed.links.get(&file).map_or("", |links| &links.links.module)
    }

    fn symbols(&self, file: FileId) -> Result<Vec<SymbolRow>> {
        if let Some(content) = self.changed.files.get(&file) {
            let count = content.facts.symbols.len();
            return Ok((0..count).map(|index| new_row(content, self.module(file), index)).collect());
        }
        let mut rows = self.base.symbols(file)?;
        rows.iter_mut().for_each(|row| self.rename(row));
        Ok(rows)
    }

    fn symbol(&self, key: SymbolKey) -> Result<Option<SymbolRow>> {
        if let Some(content) = self.changed.files.get(&key.file) {
            let index = key.symbol.0 as usize;
            let exists = index < content.facts.symbols.len();
            return Ok(exists.then(|| new_row(content, self.module(key.file), index)));
        }
        if !self.rows.contains_key(&key.file) {
            return Ok(None);
        }
        let mut row = self.base.symbol(key)?;
        row.iter_mut().for_each(|row| self.rename(row));
        Ok(row)
    }

    /// A file that stays can be in another module, if a manifest or a parent module changed.
    fn rename(&self, row: &mut SymbolRow) {
        let (Some(file), Some(links)) = (self.rows.get(&row.key.file), self.changed.links.get(&row.key.file)) else {
            return;
        };
        let module = &links.links.module;
        if *module != file.module {
            let inside = row.qualified_name.strip_prefix(&file.module);
            let scope_path = inside.map_or(&*row.qualified_name, |rest| rest.trim_start_matches(&file.separator));
            row.qualified_name = qualified(module, &file.separator, scope_path);
        }
    }
}

fn state(row: &FileRow) -> FileState {
    FileState {
        id: row.id,
        path: row.path.clone(),
        language: row.language.clone(),
        dialect: row.dialect.clone(),
        module: row.module.clone(),
        hash: row.hash,
        links_hash: row.links_hash,
    }
}

fn qualified(module: &str, separator: &str, scope_path: &str) -> String {
    if module.is_empty() { scope_path.to_owned() } else { [module, separator, scope_path].concat() }
}

fn new_row(content: &FileContent, module: &str, index: usize) -> SymbolRow {
    let symbol = &content.facts.symbols[index];
    let key = |symbol| SymbolKey { file: content.id, symbol };
    let place = content.places[index];
    SymbolRow {
        key: key(SymbolId(index as u32)),
        id: content.hashes[index],
        path: content.path.clone(),
        language: content.language.clone().into_owned(),
        kind: symbol.kind,
        name: content.facts.name(symbol.name).to_owned(),
        qualified_name: qualified(module, &content.separator, content.scope_paths.get(index)),
        parent: symbol.parent.map(key),
        signature: content.signatures.get(index).to_owned(),
        visibility: symbol.visibility,
        marks: symbol.marks,
        span: symbol.span,
        name_span: symbol.name_span,
        doc: symbol.doc,
        position: place.position,
        start_line: place.start_line,
        end_line: place.end_line,
    }
}

fn stored_calls(snapshot: &dyn Snapshot, file: FileId) -> Result<Vec<Call>> {
    let rows = snapshot.occurrences(file)?.into_iter().filter(|row| row.role.is_call());
    Ok(rows.map(|row| Call { caller: row.symbol, name: row.name, target: row.target }).collect())
}

fn new_calls(content: &LinkContent) -> Vec<Call> {
    let key = |symbol| SymbolKey { file: content.id, symbol };
    let sites = content.facts.occurrences.iter().zip(&content.links.outcomes);
    let calls = sites.filter(|(occurrence, _)| occurrence.role.is_call()).map(|(occurrence, outcome)| Call {
        caller: occurrence.symbol.map(key),
        name: content.facts.name(occurrence.name).to_owned(),
        target: target(outcome),
    });
    calls.collect()
}

/// A call never leads to a file.
fn target(outcome: &Outcome) -> Target {
    let key = |to: &crate::model::Definition| SymbolKey { file: FileId(to.file), symbol: to.symbol };
    match outcome {
        Outcome::Resolved(to, rule) => Target::Resolved(key(to), *rule),
        Outcome::Candidates(all, rule) => Target::Candidates(all.iter().map(key).collect(), *rule),
        Outcome::File(_, rule) => Target::File(String::new(), *rule),
        Outcome::External(name, rule) => Target::External(name.to_string(), *rule),
        Outcome::Unknown(reason) => Target::Unknown(*reason),
    }
}
