//! Turns changes into entries. What an incremental change writes at once, a full load gathers for the indexes, so
//! that they are sorted and appended at the end.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use zstd::bulk::Compressor;

use crate::model::{NameId, Outcome, Skipped, Stamp, symbol_ordinals};
use crate::store::packed::packed_if_smaller;
use crate::store::{
    Change, Chunk, Execution, FileContent, FileEdges, FileId, LinkContent, MetricsContent, Part, Result, StoreError,
    SymbolKey,
};

use super::index::Row;
use super::kv::{Direction, KvWrite, Table};
use super::records::{FileRecord, StoredChunk, StoredImport, StoredMetrics, StoredRelation};
use super::sites::{Meaning, Site};
use super::tables::{self, Content, IndexRows, Links};
use super::{cache, index, keys, symbols, targets, value};

const CHUNK_LEVEL: i32 = 3;

/// Writes changes into a store.
pub(super) struct Writer<'k> {
    kv: &'k mut dyn KvWrite,
    /// Nothing was there before: nothing to replace, and everything can be sorted before it is written.
    fresh: bool,
    chunks: Compressor<'static>,
    /// Records of files that were looked at, and whether they changed.
    files: BTreeMap<u32, (FileRecord, bool)>,
    numbers: Vec<Gathered<u32>>,
    sites: Vec<Gathered<Site>>,
}

/// Rows for one index that wait to be sorted.
struct Gathered<R> {
    table: Table,
    heads: Vec<u8>,
    rows: Vec<R>,
    files: Vec<GatheredRows>,
}

/// Rows of a file under a head, as places in what was gathered.
struct GatheredRows {
    /// The first bytes of the head, to sort by.
    start: u64,
    head: Range<u32>,
    file: FileId,
    rows: Range<u32>,
}

impl<'k> Writer<'k> {
    pub(super) fn new(kv: &'k mut dyn KvWrite, fresh: bool) -> Result<Self> {
        let chunks = Compressor::new(CHUNK_LEVEL)
            .map_err(|error| StoreError::Engine { path: "zstd".into(), message: error.to_string() })?;
        Ok(Self {
            kv,
            fresh,
            chunks,
            files: BTreeMap::new(),
            numbers: tables::NUMBER_INDEXES.map(Gathered::new).into(),
            sites: tables::SITE_INDEXES.map(Gathered::new).into(),
        })
    }

    /// Writes all changes.
    pub(super) fn write(mut self, changes: &mut dyn Iterator<Item = Change>) -> Result<()> {
        for change in changes {
            self.change(change)?;
        }
        self.finish()
    }

    fn change(&mut self, change: Change) -> Result<()> {
        match change {
            Change::Clear => self.clear(),
            Change::Remove(file) => self.remove(file),
            Change::Put(content) => self.put(&content),
            Change::Link(content) => self.link(&content),
            Change::Metrics(file, content) => self.metrics(file, &content),
            Change::FileMetrics(path, metrics) => {
                self.put_record(Table::FileMetrics, &keys::text(&path), &(path, metrics))
            }
            Change::Chunk(chunk) => self.chunk(&chunk),
            Change::RemoveChunks(path) => self.remove_chunks(&path),
            Change::Touch(file, stamp) => self.touch(file, stamp),
            Change::Skipped(skipped) => self.skipped(&skipped),
            Change::Meta(key, text) => self.meta(&key, &text),
            Change::Execution(execution) => self.execution(&execution),
            Change::Cache(entry) => cache::put(self.kv, &entry),
            Change::Evict(number) => cache::evict(self.kv, number),
            Change::Abort(why) => Err(StoreError::Aborted(why)),
        }
    }

    fn put_record<T: serde::Serialize>(&mut self, table: Table, key: &[u8], record: &T) -> Result<()> {
        self.kv.put(table, key, &value::record(table, key, record))
    }

    fn meta(&mut self, key: &str, text: &str) -> Result<()> {
        let stored = keys::text(key);
        let pair = postcard::to_stdvec(&(key, text)).expect("a Vec grows as needed");
        self.kv.put(Table::Meta, &stored, &group(Table::Meta, &stored, &pair))
    }

    fn clear(&mut self) -> Result<()> {
        self.files.clear();
        self.numbers = tables::NUMBER_INDEXES.map(Gathered::new).into();
        self.sites = tables::SITE_INDEXES.map(Gathered::new).into();
        self.fresh = true;
        tables::OF_THE_TREE.iter().try_for_each(|&table| self.kv.clear(table))
    }

    // Files

    /// The record of a file, to be changed.
    fn file(&mut self, file: FileId) -> Result<Option<&mut FileRecord>> {
        if !self.files.contains_key(&file.0) {
            let Some(record) = tables::file(&*self.kv, file)? else { return Ok(None) };
            self.files.insert(file.0, (record, false));
        }
        Ok(self.files.get_mut(&file.0).map(|(record, changed)| {
            *changed = true;
            record
        }))
    }

    fn touch(&mut self, file: FileId, stamp: Stamp) -> Result<()> {
        if let Some(record) = self.file(file)? {
            (record.size, record.modified_ns) = (stamp.size, stamp.modified_ns);
        }
        Ok(())
    }

    fn put(&mut self, content: &FileContent) -> Result<()> {
        let file = content.id;
        self.remove(file)?;
        self.kv.delete(Table::FileMetrics, &keys::text(&content.path))?;
        self.remove_chunks(&content.path)?;
        for (part, packed) in [
            (Part::Text, &content.text_packed),
            (Part::Facts, &content.facts_packed),
            (Part::Ast, &content.ast_packed),
            (Part::Functions, &content.functions_packed),
        ] {
            self.put_pieces(Table::Content, file, Content::part(part) as u8, packed)?;
        }
        self.put_symbols(content)?;
        self.files.insert(file.0, (FileRecord::new(content), true));
        Ok(())
    }

    fn put_pieces(&mut self, table: Table, file: FileId, section: u8, long: &[u8]) -> Result<()> {
        for (number, piece) in (0..).zip(value::pieces(long)) {
            self.put_sorted(table, &keys::piece(file, section, number), piece)?;
        }
        Ok(())
    }

    /// Sets a value in a table that a full load fills from one end to the other.
    fn put_sorted(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<()> {
        if self.fresh { self.kv.append(table, key, value) } else { self.kv.put(table, key, value) }
    }

    fn put_symbols(&mut self, content: &FileContent) -> Result<()> {
        let count = content.facts.symbols.len();
        let ordinals = symbol_ordinals(&content.facts);
        for (number, first) in (0..).zip((0..count).step_by(symbols::GROUP_ROWS)) {
            let key = keys::piece(content.id, Content::Symbols as u8, number);
            let group = group(Table::Content, &key, &symbols::encode(content, first, &ordinals));
            self.put_sorted(Table::Content, &key, &group)?;
        }
        let mut names: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
        for (index, symbol) in (0..).zip(&content.facts.symbols) {
            let scope_path = content.scope_paths.get(index as usize);
            let name = content.facts.name(symbol.name);
            let row = symbols::with_container(index, scope_path, name);
            for name in symbols::found_by(name, scope_path) {
                names.entry(name).or_default().push(row);
            }
        }
        for (name, rows) in names {
            self.put_numbers(Table::Names, &keys::text_entries(name), content.id, &rows)?;
        }
        let mut ids: BTreeMap<[u8; 2], Vec<u32>> = BTreeMap::new();
        for (index, hash) in (0..).zip(&content.hashes) {
            ids.entry(keys::id(*hash)).or_default().push(index);
        }
        ids.iter().try_for_each(|(head, numbers)| self.put_numbers(Table::Ids, head, content.id, numbers))
    }

    /// Adds a file's rows to an index; a full load sorts them first.
    fn put_numbers(&mut self, table: Table, head: &[u8], file: FileId, rows: &[u32]) -> Result<()> {
        let gathered = self.fresh.then_some(&mut self.numbers);
        put_rows(self.kv, gathered, table, head, file, rows)
    }

    fn put_sites(&mut self, table: Table, head: &[u8], file: FileId, rows: &[Site]) -> Result<()> {
        let gathered = self.fresh.then_some(&mut self.sites);
        put_rows(self.kv, gathered, table, head, file, rows)
    }

    fn remove(&mut self, file: FileId) -> Result<()> {
        if self.fresh && self.files.contains_key(&file.0) {
            self.settle()?;
        }
        let Some(record) = self.file(file)?.cloned() else { return Ok(()) };
        self.remove_links(file)?;
        let mut rows = IndexRows::default();
        tables::symbol_rows(&*self.kv, file, &record, &mut rows)?;
        self.remove_rows(file, &rows)?;
        self.kv.delete_prefix(Table::Content, &keys::file(file))?;
        let path = keys::text(&record.path);
        self.kv.delete(Table::FileMetrics, &path)?;
        self.kv.delete(Table::Paths, &path)?;
        self.kv.delete(Table::Files, &keys::file(file))?;
        self.kv.delete(Table::Metrics, &keys::file(file))?;
        self.remove_chunks(&record.path)?;
        self.files.remove(&file.0);
        Ok(())
    }

    fn remove_chunks(&mut self, path: &str) -> Result<()> {
        let prefix = keys::text_entries(path);
        let mut names = Vec::new();
        self.kv.scan(Table::Chunks, &prefix, Direction::Forward, &mut |key, value| {
            let chunk: StoredChunk<'_> = tables::read(Table::Chunks, key, value)?;
            names.extend(chunk.symbol.map(|name| keys::chunk_name(name, key)));
            Ok(true)
        })?;
        names.iter().try_for_each(|key| self.kv.delete(Table::ChunkNames, key))?;
        self.kv.delete_prefix(Table::Chunks, &prefix)
    }

    // Links

    fn link(&mut self, content: &LinkContent) -> Result<()> {
        let file = content.id;
        if self.fresh && self.file(file)?.is_some_and(|record| record.is_linked()) {
            self.settle()?;
        }
        if !self.fresh {
            self.remove_links(file)?;
        }
        let count = content.facts.occurrences.len();
        for (number, first) in (0..).zip((0..count).step_by(targets::GROUP_ROWS)) {
            let key = keys::piece(file, Links::Targets as u8, number);
            let group = group(Table::Links, &key, &targets::encode(content, first));
            self.put_sorted(Table::Links, &key, &group)?;
        }
        self.put_section(file, Links::Imports, &StoredImport::all(content))?;
        let relations = StoredRelation::all(content);
        self.put_section(file, Links::Relations, &relations)?;
        self.put_record_of_links(content)?;
        self.put_edges(content)?;
        self.put_uses(content)?;
        let mut subtypes: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
        for (index, relation) in (0..).zip(&relations) {
            relation.target.definitions().iter().for_each(|key| subtypes.entry(*key).or_default().push(index));
        }
        for (target, mut numbers) in subtypes {
            numbers.dedup();
            self.put_numbers(Table::Subtypes, &keys::symbol(target), file, &numbers)?;
        }
        if let Some(record) = self.file(file)? {
            record.set_links(content);
        }
        Ok(())
    }

    fn put_record_of_links(&mut self, content: &LinkContent) -> Result<()> {
        if content.record.is_empty() {
            return Ok(());
        }
        let section = Links::Record as u8;
        let value = value::record(Table::Links, &keys::section(content.id, section), &content.record);
        self.put_pieces(Table::Links, content.id, section, &value)
    }

    fn put_edges(&mut self, content: &LinkContent) -> Result<()> {
        let key = keys::file(content.id);
        let mut value = value::start();
        value.extend(FileEdges::of_links(content).encode());
        value::seal(Table::Edges, &key, &mut value);
        self.put_sorted(Table::Edges, &key, &value)
    }

    fn put_section<T: serde::Serialize>(&mut self, file: FileId, section: Links, rows: &[T]) -> Result<()> {
        let key = keys::section(file, section as u8);
        let value = value::record(Table::Links, &key, &rows);
        self.put_pieces(Table::Links, file, section as u8, &value)
    }

    fn put_uses(&mut self, content: &LinkContent) -> Result<()> {
        let facts = &*content.facts;
        let mut names: FxHashMap<NameId, Arc<str>> = FxHashMap::default();
        let mut uses: Vec<(u64, u32)> = Vec::new();
        let mut unknown: FxHashMap<NameId, Vec<Site>> = FxHashMap::default();
        let mut sites: Vec<Option<Site>> = Vec::with_capacity(facts.occurrences.len());
        let packed = |to: &crate::model::Definition| SymbolKey { file: FileId(to.file), symbol: to.symbol }.packed();
        let rows = facts.occurrences.iter().zip(&content.positions).zip(&content.links.outcomes);
        for (index, ((occurrence, position), outcome)) in (0..).zip(rows) {
            let site = Meaning::of(index, outcome).map(|meaning| {
                let name = names.entry(occurrence.name).or_insert_with(|| facts.name(occurrence.name).into());
                Site::new(Arc::clone(name), occurrence, *position, meaning)
            });
            match outcome {
                Outcome::Resolved(to, _) => uses.push((packed(to), index)),
                Outcome::Candidates(candidates, _) => uses.extend(candidates.iter().map(|to| (packed(to), index))),
                Outcome::Unknown(_) => unknown.entry(occurrence.name).or_default().extend(site.clone()),
                Outcome::File(..) | Outcome::External(..) => {}
            }
            sites.push(site);
        }
        uses.sort_unstable();
        uses.dedup();
        let mut rows = Vec::new();
        for users in uses.chunk_by(|a, b| a.0 == b.0) {
            rows.clear();
            rows.extend(users.iter().filter_map(|(_, index)| sites[*index as usize].clone()));
            self.put_sites(Table::Uses, &keys::symbol(users[0].0), content.id, &rows)?;
        }
        for (name, rows) in unknown {
            self.put_sites(Table::Unknown, &keys::text_entries(facts.name(name)), content.id, &rows)?;
        }
        Ok(())
    }

    fn remove_links(&mut self, file: FileId) -> Result<()> {
        let mut rows = IndexRows::default();
        tables::link_rows(&*self.kv, file, &mut rows)?;
        self.remove_rows(file, &rows)?;
        self.kv.delete(Table::Edges, &keys::file(file))?;
        self.kv.delete_prefix(Table::Links, &keys::file(file))
    }

    fn remove_rows(&mut self, file: FileId, rows: &IndexRows) -> Result<()> {
        rows.heads().try_for_each(|(table, head)| index::remove(self.kv, *table, head, file).map(drop))
    }

    // Metrics, chunks and the log

    fn metrics(&mut self, file: FileId, content: &MetricsContent) -> Result<()> {
        let Some(record) = self.file(file)? else { return Ok(()) };
        record.metrics_hash = content.hash.0;
        let path = record.path.clone();
        self.put_record(Table::FileMetrics, &keys::text(&path), &(path, content.file))?;
        let rows: Vec<StoredMetrics> = content.symbols.iter().map(StoredMetrics::new).collect();
        let key = keys::file(file);
        self.put_sorted(Table::Metrics, &key, &value::record(Table::Metrics, &key, &rows))
    }

    fn chunk(&mut self, chunk: &Chunk) -> Result<()> {
        let key = keys::chunk(&chunk.path, chunk.span);
        let stored = self.kv.get(Table::Chunks, &key)?;
        let before = stored.map(|stored| {
            let before: StoredChunk<'_> = tables::read(Table::Chunks, &key, &stored)?;
            Ok::<_, StoreError>(before.symbol.map(|name| keys::chunk_name(name, &key)))
        });
        if let Some(name) = before.transpose()?.flatten() {
            self.kv.delete(Table::ChunkNames, &name)?;
        }
        let packed = self.chunks.compress(&chunk.text);
        let packed = packed.map_err(|error| StoreError::Engine { path: "zstd".into(), message: error.to_string() })?;
        self.put_record(Table::Chunks, &key, &StoredChunk::new(chunk, &packed))?;
        if let Some(name) = &chunk.symbol {
            let name = keys::chunk_name(name, &key);
            self.put_record(Table::ChunkNames, &name, &key)?;
        }
        Ok(())
    }

    fn skipped(&mut self, skipped: &[Skipped]) -> Result<()> {
        self.kv.clear(Table::Skipped)?;
        for file in skipped {
            let record = (&file.path, file.reason as u8, &file.detail);
            self.put_record(Table::Skipped, &keys::text(&file.path), &record)?;
        }
        Ok(())
    }

    fn execution(&mut self, execution: &Execution) -> Result<()> {
        put_execution(self.kv, execution)
    }

    // The end

    fn finish(mut self) -> Result<()> {
        self.settle()
    }

    /// Writes what waits; from here on files may be there already.
    fn settle(&mut self) -> Result<()> {
        for (file, (record, changed)) in std::mem::take(&mut self.files) {
            if changed {
                let key = keys::file(FileId(file));
                self.put_sorted(Table::Files, &key, &value::record(Table::Files, &key, &record))?;
                let path = keys::text(&record.path);
                self.put_record(Table::Paths, &path, &file)?;
            }
        }
        self.numbers.iter_mut().try_for_each(|gathered| gathered.write(self.kv))?;
        self.sites.iter_mut().try_for_each(|gathered| gathered.write(self.kv))?;
        self.fresh = false;
        Ok(())
    }
}

/// A group as a value: compressed where that makes it smaller, and sealed.
fn group(table: Table, key: &[u8], rows: &[u8]) -> Vec<u8> {
    let mut group = value::start();
    match packed_if_smaller(rows) {
        Some(packed) => {
            group.push(1);
            group.extend(packed);
        }
        None => {
            group.push(0);
            group.extend_from_slice(rows);
        }
    }
    value::seal(table, key, &mut group);
    group
}

/// Adds a file's rows to an index, or to what is gathered for it.
fn put_rows<R: Row>(
    kv: &mut dyn KvWrite,
    gathered: Option<&mut Vec<Gathered<R>>>,
    table: Table,
    head: &[u8],
    file: FileId,
    rows: &[R],
) -> Result<()> {
    let Some(gathered) = gathered else { return index::set(kv, table, head, file, rows) };
    let index = gathered.iter_mut().find(|gathered| gathered.table == table);
    index.expect("every index is gathered").add(head, file, rows);
    Ok(())
}

impl<R: Row> Gathered<R> {
    fn new(table: Table) -> Self {
        Self { table, heads: Vec::new(), rows: Vec::new(), files: Vec::new() }
    }

    fn add(&mut self, head: &[u8], file: FileId, rows: &[R]) {
        let mut start = [0; 8];
        let length = head.len().min(8);
        start[..length].copy_from_slice(&head[..length]);
        let (head_at, rows_at) = (self.heads.len() as u32, self.rows.len() as u32);
        self.heads.extend_from_slice(head);
        self.rows.extend_from_slice(rows);
        self.files.push(GatheredRows {
            start: u64::from_be_bytes(start),
            head: head_at..self.heads.len() as u32,
            file,
            rows: rows_at..self.rows.len() as u32,
        });
    }

    /// Writes what was gathered, sorted, and starts anew.
    fn write(&mut self, kv: &mut dyn KvWrite) -> Result<()> {
        let Self { table, heads, rows, mut files } = std::mem::replace(self, Self::new(self.table));
        let head = |file: &GatheredRows| &heads[file.head.start as usize..file.head.end as usize];
        files.sort_unstable_by(|a, b| {
            a.start.cmp(&b.start).then_with(|| head(a).cmp(head(b))).then_with(|| a.file.cmp(&b.file))
        });
        let is_one = |a: &GatheredRows, b: &GatheredRows| index::is_one(a.file, b.file) && head(a) == head(b);
        for entry in files.chunk_by(is_one) {
            let key = index::key(head(&entry[0]), entry[0].file);
            let rows = entry.iter().map(|file| (file.file, &rows[file.rows.start as usize..file.rows.end as usize]));
            kv.append(table, &key, &index::encode(table, &key, rows))?;
        }
        Ok(())
    }
}

/// Adds or replaces one execution record.
pub(super) fn put_execution(kv: &mut dyn KvWrite, execution: &Execution) -> Result<()> {
    let key = keys::text(&execution.id);
    let before =
        kv.get(Table::Executions, &key)?.map(|value| tables::read::<Execution>(Table::Executions, &key, &value));
    if let Some(before) = before.transpose()? {
        kv.delete(Table::ExecutionTimes, &keys::time(before.started_ms, &before.id))?;
    }
    kv.put(Table::Executions, &key, &value::record(Table::Executions, &key, execution))?;
    let time = keys::time(execution.started_ms, &execution.id);
    kv.put(Table::ExecutionTimes, &time, &value::record(Table::ExecutionTimes, &time, &execution.id))
}
