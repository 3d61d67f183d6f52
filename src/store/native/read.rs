//! Questions to one consistent view.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::{FileMetrics, Reason, Role, SkipReason, SymbolId, SymbolMetrics};
use crate::store::{
    CacheEntry, CacheRow, Chunk, ChunkPattern, Execution, FileEdges, FileId, FileRow, ImportRow, Label, LanguageTotals,
    NamePattern, OccurrenceRow, OpenSite, Part, RelationRow, Result, Skipped, Snapshot, Stamp, Stop, StoreError,
    SymbolKey, SymbolRow, Target, Totals,
};

use crate::store::record::{container_word, is_within, simple_names};

use super::index::{self, FileRows};
use super::kv::{Direction, KvRead, Table};
use super::records::{self, FileRecord, StoredChunk, StoredImport, StoredMetrics, StoredTarget};
use super::sites::{Meaning, Site};
use super::symbols::{self, StoredSymbol};
use super::tables::{self, Content, FullOccurrence, Links};
use super::{cache, check, keys};
use crate::store::glob::{self, Glob};

/// Makes a record of a key and a value.
type Read<'r, T> = &'r dyn Fn(&[u8], &[u8]) -> Result<T>;

/// One consistent view.
pub(super) struct View {
    kv: Box<dyn KvRead + Send>,
    path: PathBuf,
    files: RefCell<FxHashMap<u32, Arc<FileRecord>>>,
}

impl View {
    pub(super) fn new(kv: Box<dyn KvRead + Send>, path: PathBuf) -> Self {
        Self { kv, path, files: RefCell::default() }
    }

    /// Adds the path to what is said of damage.
    fn named<T>(&self, result: Result<T>) -> Result<T> {
        result.map_err(|error| match error {
            StoreError::Damaged { path, what } if path.is_empty() => {
                StoreError::Damaged { path: self.path.display().to_string(), what }
            }
            other => other,
        })
    }

    fn record(&self, file: FileId) -> Result<Option<Arc<FileRecord>>> {
        if let Some(known) = self.files.borrow().get(&file.0) {
            return Ok(Some(Arc::clone(known)));
        }
        let Some(record) = tables::file(&*self.kv, file)? else { return Ok(None) };
        let record = Arc::new(record);
        self.files.borrow_mut().insert(file.0, Arc::clone(&record));
        Ok(Some(record))
    }

    /// The record of a file that an index or another record names.
    fn named_record(&self, file: FileId) -> Result<Arc<FileRecord>> {
        self.record(file)?.ok_or_else(|| tables::damaged(Table::Files, &keys::file(file)))
    }

    fn all_records(&self) -> Result<Vec<(FileId, Arc<FileRecord>)>> {
        let mut all = Vec::new();
        self.kv.scan(Table::Files, &[], Direction::Forward, &mut |key, value| {
            let file = keys::last_file(key).ok_or_else(|| tables::damaged(Table::Files, key))?;
            all.push((file, Arc::new(tables::read::<FileRecord>(Table::Files, key, value)?)));
            Ok(true)
        })?;
        all.sort_by(|a, b| a.1.path.cmp(&b.1.path));
        Ok(all)
    }

    // Definitions

    fn rows_of_file(&self, file: FileId) -> Result<Vec<SymbolRow>> {
        let Some(record) = self.record(file)? else { return Ok(Vec::new()) };
        let rows = tables::symbols(&*self.kv, file, &record)?;
        Ok((0..).zip(rows).map(|(index, row)| symbol_row(file, index, &record, row)).collect())
    }

    /// The definitions of a file with these numbers, ascending.
    fn rows_at(&self, file: FileId, ordinals: &[u32]) -> Result<Vec<SymbolRow>> {
        let record = self.named_record(file)?;
        let group_of = |ordinal: u32| ordinal / symbols::GROUP_ROWS as u32;
        let mut rows = Vec::with_capacity(ordinals.len());
        for wanted in ordinals.chunk_by(|a, b| group_of(*a) == group_of(*b)) {
            let number = group_of(wanted[0]);
            let group = tables::symbol_group(&*self.kv, file, &record, number as u16)?;
            let first = number * symbols::GROUP_ROWS as u32;
            for (index, row) in (first..).zip(group) {
                if wanted.binary_search(&index).is_ok() {
                    rows.push(symbol_row(file, index, &record, row));
                }
            }
        }
        Ok(rows)
    }

    fn symbols_at(
        &self,
        places: Vec<(FileId, Vec<u32>)>,
        wanted: &dyn Fn(&SymbolRow) -> bool,
    ) -> Result<Vec<SymbolRow>> {
        let mut rows = Vec::new();
        for (file, ordinals) in places {
            rows.extend(self.rows_at(file, &ordinals)?.into_iter().filter(wanted));
        }
        rows.sort_by(|a, b| (&a.path, a.key).cmp(&(&b.path, b.key)));
        // A definition that is found by several names stands under several heads.
        rows.dedup_by_key(|row| row.key);
        Ok(rows)
    }

    /// The definitions under heads of the index of names, those that can only stand in something else left out.
    fn symbols_named(
        &self,
        places: Vec<FileRows<u32>>,
        container: Option<&str>,
        wanted: &dyn Fn(&SymbolRow) -> bool,
    ) -> Result<Vec<SymbolRow>> {
        let numbers = |rows: Vec<u32>| rows.into_iter().filter_map(|row| symbols::within(row, container)).collect();
        let places = places.into_iter().map(|(file, rows)| (file, numbers(rows)));
        self.symbols_at(places.collect(), wanted)
    }

    fn named_exactly(
        &self,
        name: &str,
        container: Option<&str>,
        wanted: &dyn Fn(&SymbolRow) -> bool,
    ) -> Result<Vec<SymbolRow>> {
        let places = index::rows_of(&*self.kv, Table::Names, &keys::text_entries(name))?;
        self.symbols_named(places, container, wanted)
    }

    fn found(&self, pattern: &NamePattern) -> Result<Vec<SymbolRow>> {
        match pattern {
            NamePattern::Exact(name) => self.named_exactly(name, None, &|row| row.name == *name),
            NamePattern::Within(name, around) => self.named_exactly(name, Some(around), &|row| {
                row.name == *name && is_within(&row.qualified_name, name, around)
            }),
            NamePattern::Qualified(whole) => self.qualified(whole),
            NamePattern::Prefix(start) => {
                let places = index::rows(&*self.kv, Table::Names, &keys::text_start(start), &|_| true)?;
                self.symbols_named(places, None, &|row| row.name.starts_with(start))
            }
            NamePattern::Glob(pattern) => {
                let glob = Glob::new(pattern);
                let prefix = keys::text_start(glob::literal_start(pattern));
                let wanted = |head: &[u8]| keys::may_match(head, &|name| glob.matches(name));
                let places = index::rows(&*self.kv, Table::Names, &prefix, &wanted)?;
                self.symbols_named(places, None, &|row| glob.matches(&row.name))
            }
            NamePattern::Id(digits) => self.with_id(digits),
        }
    }

    fn qualified(&self, whole: &str) -> Result<Vec<SymbolRow>> {
        let mut rows = Vec::new();
        for name in simple_names(whole) {
            rows.extend(self.named_exactly(name, container_word(whole, name), &|row| row.qualified_name == whole)?);
        }
        rows.sort_by(|a, b| (&a.path, a.key).cmp(&(&b.path, b.key)));
        rows.dedup_by_key(|row| row.key);
        Ok(rows)
    }

    fn with_id(&self, digits: &str) -> Result<Vec<SymbolRow>> {
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if digits.len() > 32 || !is_hex {
            return Ok(Vec::new());
        }
        let wanted = digits.to_ascii_lowercase();
        // The index knows the first three digits.
        let known = wanted.len().min(3);
        let starts = |head: &[u8]| {
            let digits = head.iter().flat_map(|byte| [byte >> 4, byte & 15]);
            digits.take(known).eq(wanted.bytes().take(known).map(hex_value))
        };
        let places = index::rows(&*self.kv, Table::Ids, &[], &starts)?;
        self.symbols_at(places, &|row| row.id.to_string().starts_with(&wanted))
    }

    // Occurrences

    /// The occurrences under a head, sorted by path and place; `head` is the definition they mean, if any.
    fn sites(&self, table: Table, head: &[u8], meant: Option<SymbolKey>) -> Result<Vec<OccurrenceRow>> {
        let places: Vec<FileRows<Site>> = index::rows_of(&*self.kv, table, head)?;
        let mut files = Vec::with_capacity(places.len());
        for (file, sites) in places {
            files.push((self.named_record(file)?, file, sites));
        }
        files.sort_by(|a, b| a.0.path.cmp(&b.0.path));
        let mut rows = Vec::with_capacity(files.iter().map(|(_, _, sites)| sites.len()).sum());
        for (record, file, sites) in files {
            let numbers = sites.iter().filter_map(|site| match site.meaning {
                Meaning::OneOf(number) => Some(number),
                Meaning::Resolved(_) | Meaning::Unknown(_) => None,
            });
            let mut candidates = tables::targets_at(&*self.kv, file, &numbers.collect::<Vec<_>>())?.into_iter();
            for site in sites {
                let target = match (site.meaning, meant) {
                    (Meaning::Resolved(rule), Some(key)) => Target::Resolved(key, rule),
                    (Meaning::OneOf(_), Some(_)) => {
                        let stored = candidates.next().ok_or_else(|| tables::damaged(table, head))?;
                        stored.row(&|file| self.path_of(file))?
                    }
                    (Meaning::Unknown(reason), None) => Target::Unknown(reason),
                    _ => return Err(tables::damaged(table, head)),
                };
                rows.push(site_row(file, &record, site, target));
            }
        }
        Ok(rows)
    }

    fn occurrence_row(&self, file: FileId, record: &FileRecord, row: FullOccurrence<'_>) -> Result<OccurrenceRow> {
        let FullOccurrence { name, fact, position, target, .. } = row;
        Ok(OccurrenceRow {
            file,
            path: record.path.clone(),
            language: record.language.clone(),
            span: fact.span,
            position,
            role: fact.role,
            name: name.to_owned(),
            symbol: fact.symbol.map(|symbol| SymbolKey { file, symbol }),
            arity: fact.arity,
            target: target.row(&|file| self.path_of(file))?,
        })
    }

    /// The path of a file, empty if that is gone.
    fn path_of(&self, file: FileId) -> Result<String> {
        Ok(self.record(file)?.map_or_else(String::new, |record| record.path.clone()))
    }

    fn all_occurrences(&self, file: FileId) -> Result<Vec<OccurrenceRow>> {
        let Some(record) = self.record(file)? else { return Ok(Vec::new()) };
        let mut rows = Vec::with_capacity(record.occurrences as usize);
        tables::occurrences(&*self.kv, file, &mut |row| {
            rows.push(self.occurrence_row(file, &record, row)?);
            Ok(())
        })?;
        // A damaged key hides what stands under it.
        if record.is_linked() && rows.len() != record.occurrences as usize {
            return Err(tables::damaged(Table::Links, &keys::section(file, Links::Targets as u8)));
        }
        Ok(rows)
    }

    fn some_occurrences(&self, file: FileId, role: Role) -> Result<Vec<OccurrenceRow>> {
        let Some(record) = self.record(file)? else { return Ok(Vec::new()) };
        let mut rows = Vec::new();
        tables::occurrences(&*self.kv, file, &mut |row| {
            if row.fact.role == role {
                rows.push(self.occurrence_row(file, &record, row)?);
            }
            Ok(())
        })?;
        Ok(rows)
    }

    // Imports and relations

    fn all_imports(&self, file: FileId) -> Result<Vec<ImportRow>> {
        let Some(record) = self.record(file)? else { return Ok(Vec::new()) };
        let stored: Vec<StoredImport> = tables::section(&*self.kv, file, Links::Imports, record.promise())?;
        let mut rows = Vec::with_capacity(stored.len());
        for import in stored {
            let target = import.file.map(|file| self.record(FileId(file))).transpose()?.flatten();
            rows.push(import.row(target.map(|record| record.path.clone())));
        }
        Ok(rows)
    }

    fn relations_to(&self, key: SymbolKey) -> Result<Vec<RelationRow>> {
        let mut rows = Vec::new();
        for (file, ordinals) in index::rows_of::<u32>(&*self.kv, Table::Subtypes, &keys::symbol(key.packed()))? {
            let record = self.named_record(file)?;
            let relations = (0..).zip(tables::relations(&*self.kv, file, record.promise())?);
            let wanted = relations.filter(|(index, _)| ordinals.binary_search(index).is_ok());
            for (_, relation) in wanted {
                rows.push((record.path.clone(), relation.row(file, &|file| self.path_of(file))?));
            }
        }
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    fn relations_from(&self, file: FileId, wanted: &dyn Fn(SymbolId) -> bool) -> Result<Vec<RelationRow>> {
        let Some(record) = self.record(file)? else { return Ok(Vec::new()) };
        let relations = tables::relations(&*self.kv, file, record.promise())?.into_iter();
        let rows = relations.filter(|relation| wanted(relation.symbol));
        rows.map(|relation| relation.row(file, &|file| self.path_of(file))).collect()
    }

    // Records

    /// All records of a table.
    fn all<T>(&self, table: Table, prefix: &[u8], read: Read<'_, T>) -> Result<Vec<T>> {
        let mut all = Vec::new();
        self.kv.scan(table, prefix, Direction::Forward, &mut |key, value| {
            all.push(read(key, value)?);
            Ok(true)
        })?;
        Ok(all)
    }

    fn chunk(&self, key: &[u8]) -> Result<Option<Chunk>> {
        self.kv.get(Table::Chunks, key)?.map(|value| chunk(key, &value)).transpose()
    }

    fn found_chunks(&self, pattern: &ChunkPattern) -> Result<Vec<Chunk>> {
        let mut found = match pattern {
            ChunkPattern::All => self.all(Table::Chunks, &[], &chunk)?,
            ChunkPattern::Path(path) => self.all(Table::Chunks, &keys::text_entries(path), &chunk)?,
            ChunkPattern::Span(path, span) => self.chunk(&keys::chunk(path, *span))?.into_iter().collect(),
            ChunkPattern::Symbol(name) => {
                let read = |key: &[u8], value: &[u8]| tables::read::<Vec<u8>>(Table::ChunkNames, key, value);
                let keys = self.all(Table::ChunkNames, &keys::text_entries(name), &read)?;
                let missing = |key: &[u8]| tables::damaged(Table::Chunks, key);
                let read = |key: &Vec<u8>| self.chunk(key)?.ok_or_else(|| missing(key));
                keys.iter().map(read).collect::<Result<_>>()?
            }
        };
        found.sort_by(|a, b| (&a.path, a.span).cmp(&(&b.path, b.span)));
        Ok(found)
    }

    fn newest_executions(&self, limit: usize) -> Result<Vec<Execution>> {
        let mut found = Vec::new();
        self.kv.scan(Table::ExecutionTimes, &[], Direction::Backward, &mut |key, value| {
            if found.len() == limit {
                return Ok(false);
            }
            let id: String = tables::read(Table::ExecutionTimes, key, value)?;
            let key = keys::text(&id);
            let record = self.kv.get(Table::Executions, &key)?;
            let record = record.ok_or_else(|| tables::damaged(Table::Executions, &key))?;
            found.push(tables::read(Table::Executions, &key, &record)?);
            Ok(true)
        })?;
        Ok(found)
    }

    fn counted(&self) -> Result<Totals> {
        let mut totals = Totals::default();
        let mut reasons = [0u64; Reason::WORDS.len()];
        for (_, record) in self.all_records()? {
            totals.files_with_errors += u64::from(record.errors > 0);
            for (reason, calls) in &record.unknown {
                reasons[*reason as usize] += u64::from(*calls);
            }
            let known = totals.languages.iter().position(|row| row.language == record.language);
            let index = known.unwrap_or_else(|| {
                totals
                    .languages
                    .push(LanguageTotals { language: record.language.clone(), ..LanguageTotals::default() });
                totals.languages.len() - 1
            });
            count(&mut totals.languages[index], &record);
        }
        totals.languages.sort_by(|a, b| a.language.cmp(&b.language));
        let counted = Reason::WORDS.iter().zip(reasons).filter(|(_, calls)| *calls > 0);
        totals.unknown_reasons = counted.map(|((_, word), calls)| ((*word).to_owned(), calls)).collect();
        totals.unknown_reasons.sort_by_key(|(_, calls)| std::cmp::Reverse(*calls));
        Ok(totals)
    }
}

impl Snapshot for View {
    fn meta(&self, key: &str) -> Result<Option<String>> {
        let stored = keys::text(key);
        let value = self.named(self.kv.get(Table::Meta, &stored))?;
        self.named(value.map(|value| tables::meta(&stored, &value).map(|(_, text)| text)).transpose())
    }

    fn metas(&self) -> Result<Vec<(String, String)>> {
        let mut all = self.named(self.all(Table::Meta, &[], &tables::meta))?;
        all.sort();
        Ok(all)
    }

    fn files(&self) -> Result<Vec<FileRow>> {
        let records = self.named(self.all_records())?;
        Ok(records.into_iter().map(|(file, record)| record.row(file)).collect())
    }

    fn stamps(&self) -> Result<Vec<(String, Stamp)>> {
        self.named(self.all(Table::Files, &[], &|key, value| {
            let content = super::value::content(Table::Files, key, value);
            let head = content.and_then(|content| postcard::take_from_bytes::<(String, u64, u64)>(content).ok());
            let ((path, size, modified_ns), _) = head.ok_or_else(|| tables::damaged(Table::Files, key))?;
            Ok((path, Stamp { size, modified_ns }))
        }))
    }

    fn file(&self, path: &str) -> Result<Option<FileRow>> {
        let Some(file) = self.named(tables::file_at(&*self.kv, path))? else { return Ok(None) };
        let record = self.named(self.named_record(file))?;
        Ok((record.path == path).then(|| record.row(file)))
    }

    fn packed(&self, file: FileId, part: Part) -> Result<Vec<u8>> {
        let packed = self.named(tables::long(&*self.kv, Table::Content, file, Content::part(part) as u8))?;
        if packed.is_empty() {
            let what = format!("the {} of file {} is not there", part.word(), file.0);
            return self.named(Err(StoreError::Damaged { path: String::new(), what }));
        }
        Ok(packed)
    }

    fn link_record(&self, file: FileId) -> Result<Vec<u8>> {
        let record = tables::section(&*self.kv, file, tables::Links::Record, tables::Promise::None);
        self.named(record)
    }

    fn symbols(&self, file: FileId) -> Result<Vec<SymbolRow>> {
        self.named(self.rows_of_file(file))
    }

    fn symbol(&self, key: SymbolKey) -> Result<Option<SymbolRow>> {
        match self.named(self.record(key.file))? {
            Some(record) if key.symbol.0 < record.symbols => {
                Ok(self.named(self.rows_at(key.file, &[key.symbol.0]))?.pop())
            }
            _ => Ok(None),
        }
    }

    fn find(&self, pattern: &NamePattern) -> Result<Vec<SymbolRow>> {
        self.named(self.found(pattern))
    }

    fn labelled(&self, label: Label) -> Result<Vec<SymbolRow>> {
        let mut found = Vec::new();
        for (file, record) in self.named(self.all_records())? {
            if record.labels & records::label(label) != 0 {
                let rows = self.named(self.rows_of_file(file))?;
                found.extend(rows.into_iter().filter(|row| label.is_on(row.kind, row.visibility, row.marks)));
            }
        }
        Ok(found)
    }

    fn occurrences(&self, file: FileId) -> Result<Vec<OccurrenceRow>> {
        self.named(self.all_occurrences(file))
    }

    fn occurrences_of(&self, file: FileId, role: Role) -> Result<Vec<OccurrenceRow>> {
        self.named(self.some_occurrences(file, role))
    }

    fn external_starts(&self, file: FileId) -> Result<Vec<u32>> {
        let mut starts = Vec::new();
        let mut keep = |row: FullOccurrence<'_>| {
            if let StoredTarget::External(..) = row.target {
                starts.push(row.fact.span.start);
            }
            Ok(())
        };
        self.named(tables::occurrences(&*self.kv, file, &mut keep))?;
        Ok(starts)
    }

    fn uses(&self, key: SymbolKey) -> Result<Vec<OccurrenceRow>> {
        self.named(self.sites(Table::Uses, &keys::symbol(key.packed()), Some(key)))
    }

    fn unknown(&self, name: &str) -> Result<Vec<OccurrenceRow>> {
        let mut rows = self.named(self.sites(Table::Unknown, &keys::text_entries(name), None))?;
        rows.retain(|row| row.name == name);
        Ok(rows)
    }

    fn open_sites(&self, name: &str) -> Result<Vec<OpenSite>> {
        let places = self.named(index::rows_of::<Site>(&*self.kv, Table::Unknown, &keys::text_entries(name)))?;
        let open = |file| move |site: Site| OpenSite { file, span: site.span, role: site.role, arity: site.arity };
        let of_name = |sites: Vec<Site>| sites.into_iter().filter(|site| &*site.name == name);
        Ok(places.into_iter().flat_map(|(file, sites)| of_name(sites).map(open(file))).collect())
    }

    fn imports(&self, file: FileId) -> Result<Vec<ImportRow>> {
        self.named(self.all_imports(file))
    }

    fn relations(&self, key: SymbolKey, outgoing: bool) -> Result<Vec<RelationRow>> {
        if outgoing {
            return self.named(self.relations_from(key.file, &|symbol| symbol == key.symbol));
        }
        self.named(self.relations_to(key))
    }

    fn relations_in(&self, file: FileId) -> Result<Vec<RelationRow>> {
        self.named(self.relations_from(file, &|_| true))
    }

    fn edges(&self, only: Option<FileId>, visit: &mut dyn FnMut(FileEdges)) -> Result<()> {
        self.named(tables::edges(&*self.kv, only, visit))
    }

    fn file_metrics(&self, path: &str) -> Result<Option<FileMetrics>> {
        let key = keys::text(path);
        let value = self.named(self.kv.get(Table::FileMetrics, &key))?;
        let read = |value: &[u8]| tables::read::<(String, FileMetrics)>(Table::FileMetrics, &key, value);
        self.named(value.map(|value| read(&value).map(|(_, metrics)| metrics)).transpose())
    }

    fn all_file_metrics(&self) -> Result<Vec<(String, FileMetrics)>> {
        let read = |key: &[u8], value: &[u8]| tables::read::<(String, FileMetrics)>(Table::FileMetrics, key, value);
        let mut all = self.named(self.all(Table::FileMetrics, &[], &read))?;
        all.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(all)
    }

    fn symbol_metrics(&self, file: FileId) -> Result<Vec<SymbolMetrics>> {
        let key = keys::file(file);
        let value = self.named(self.kv.get(Table::Metrics, &key))?;
        let Some(value) = value else {
            let record = self.named(self.record(file))?;
            let is_promised = record.is_some_and(|record| record.metrics_hash != [0; 32]);
            return if is_promised { self.named(Err(tables::damaged(Table::Metrics, &key))) } else { Ok(Vec::new()) };
        };
        let rows: Vec<StoredMetrics> = self.named(tables::read(Table::Metrics, &key, &value))?;
        Ok(rows.iter().map(StoredMetrics::row).collect())
    }

    fn chunks(&self, pattern: &ChunkPattern) -> Result<Vec<Chunk>> {
        self.named(self.found_chunks(pattern))
    }

    fn executions(&self, limit: usize) -> Result<Vec<Execution>> {
        self.named(self.newest_executions(limit))
    }

    fn execution(&self, id: &str) -> Result<Option<Execution>> {
        let key = keys::text(id);
        let value = self.named(self.kv.get(Table::Executions, &key))?;
        self.named(value.map(|value| tables::read(Table::Executions, &key, &value)).transpose())
    }

    fn skipped(&self) -> Result<Vec<Skipped>> {
        let read = |key: &[u8], value: &[u8]| {
            let (path, reason, detail) = tables::read::<(String, u8, String)>(Table::Skipped, key, value)?;
            let reason = SkipReason::WORDS.get(usize::from(reason)).map(|(reason, _)| *reason);
            let reason = reason.ok_or_else(|| tables::damaged(Table::Skipped, key))?;
            Ok(Skipped { path, reason, detail })
        };
        let mut all = self.named(self.all(Table::Skipped, &[], &read))?;
        all.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(all)
    }

    fn cache(&self) -> Result<Vec<CacheRow>> {
        self.named(cache::list(&*self.kv))
    }

    fn cached(&self, number: u64) -> Result<Option<CacheEntry>> {
        self.named(cache::get(&*self.kv, number))
    }

    fn totals(&self) -> Result<Totals> {
        self.named(self.counted())
    }

    fn check_until(&self, stop: Stop<'_>, fault: &mut dyn FnMut(String)) -> Result<()> {
        self.named(check::check(&*self.kv, fault))?;
        check::tolerant(crate::store::check::check(self, stop, fault), &mut |what| fault(what)).map(drop)
    }
}

/// The value of a hex digit in lower case.
fn hex_value(digit: u8) -> u8 {
    if digit.is_ascii_digit() { digit - b'0' } else { digit - b'a' + 10 }
}

fn chunk(key: &[u8], value: &[u8]) -> Result<Chunk> {
    let stored: StoredChunk<'_> = tables::read(Table::Chunks, key, value)?;
    stored.row().ok_or_else(|| tables::damaged(Table::Chunks, key))
}

fn count(totals: &mut LanguageTotals, record: &FileRecord) {
    totals.files += 1;
    totals.bytes += record.size;
    totals.lines.code += record.lines.code;
    totals.lines.comment += record.lines.comment;
    totals.lines.blank += record.lines.blank;
    totals.symbols += u64::from(record.symbols);
    totals.occurrences += u64::from(record.occurrences);
    totals.calls.resolved += record.calls.resolved;
    totals.calls.candidates += record.calls.candidates;
    totals.calls.external += record.calls.external;
    totals.calls.unknown += record.calls.unknown;
}

fn site_row(file: FileId, record: &FileRecord, site: Site, target: Target) -> OccurrenceRow {
    OccurrenceRow {
        file,
        path: record.path.clone(),
        language: record.language.clone(),
        span: site.span,
        position: site.position,
        role: site.role,
        name: String::from(&*site.name),
        symbol: site.symbol.map(|symbol| SymbolKey { file, symbol }),
        arity: site.arity,
        target,
    }
}

fn symbol_row(file: FileId, index: u32, record: &FileRecord, row: StoredSymbol) -> SymbolRow {
    let qualified_name = if record.module.is_empty() {
        row.scope_path
    } else {
        [&*record.module, &*record.separator, &*row.scope_path].concat()
    };
    SymbolRow {
        key: SymbolKey { file, symbol: SymbolId(index) },
        id: row.hash,
        path: record.path.clone(),
        language: record.language.clone(),
        kind: row.kind,
        name: row.name,
        qualified_name,
        parent: row.parent.map(|parent| SymbolKey { file, symbol: SymbolId(parent) }),
        signature: row.signature,
        visibility: row.visibility,
        marks: row.marks,
        span: row.span,
        name_span: row.name_span,
        doc: row.doc,
        position: row.position,
        start_line: row.start_line,
        end_line: row.end_line,
    }
}
