//! Typed views over a database of any engine: chunks, the log, metrics. Each holds the database in an [`Arc`], so
//! that they can be cloned and used from any thread.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::extract::Extractor;
use crate::lang;
use crate::model::{FileMetrics, Span, SymbolMetrics};

use super::{Change, Chunk, ChunkPattern, Execution, ExecutionOutcome, Result, Store, StoreError, Written};

/// Pieces of text kept under a path and span.
///
/// ```
/// use std::sync::Arc;
/// use magellan::ChunkStore;
/// use magellan::model::{ContentHash, Span};
/// use magellan::store::{Backend, Chunk, memory};
///
/// let chunks = ChunkStore::new(Arc::from(memory(Backend::Sqlite)?));
/// let text = b"fn a() {}".to_vec();
/// let hash = ContentHash::of(&text);
/// let span = Span::new(0, 9);
/// chunks.put(Chunk { path: "a.rs".into(), span, symbol: Some("a".into()), kind: "function".into(), text, hash })?;
/// assert_eq!(chunks.by_symbol("a")?[0].text, b"fn a() {}");
/// assert_eq!(chunks.count()?, 1);
/// chunks.delete_file("a.rs")?;
/// assert_eq!(chunks.count()?, 0);
/// # Ok::<(), magellan::store::StoreError>(())
/// ```
#[derive(Clone)]
pub struct ChunkStore {
    store: Arc<dyn Store>,
}

impl ChunkStore {
    /// The chunks of `store`.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Keeps a chunk, replacing one of the same path and span.
    pub fn put(&self, chunk: Chunk) -> Result<()> {
        self.put_many([chunk])
    }

    /// Keeps all of these chunks, or none.
    pub fn put_many(&self, chunks: impl IntoIterator<Item = Chunk>) -> Result<()> {
        self.store.apply(&mut chunks.into_iter().map(|chunk| Change::Chunk(Box::new(chunk))))
    }

    /// The chunk of a path and span.
    pub fn by_span(&self, path: &str, span: Span) -> Result<Option<Chunk>> {
        let found = self.store.snapshot()?.chunks(&ChunkPattern::Span(path.into(), span))?;
        Ok(found.into_iter().next())
    }

    /// The chunks of symbols of this name, sorted by path and span.
    pub fn by_symbol(&self, name: &str) -> Result<Vec<Chunk>> {
        self.store.snapshot()?.chunks(&ChunkPattern::Symbol(name.into()))
    }

    /// The chunks of a file, sorted by span.
    pub fn by_file(&self, path: &str) -> Result<Vec<Chunk>> {
        self.store.snapshot()?.chunks(&ChunkPattern::Path(path.into()))
    }

    /// Drops the chunks of a file.
    pub fn delete_file(&self, path: &str) -> Result<()> {
        self.store.apply(&mut std::iter::once(Change::RemoveChunks(path.into())))
    }

    /// How many chunks there are.
    pub fn count(&self) -> Result<usize> {
        Ok(self.store.snapshot()?.chunks(&ChunkPattern::All)?.len())
    }
}

/// The log of what was done with a database.
///
/// ```
/// use std::sync::Arc;
/// use magellan::ExecutionLog;
/// use magellan::store::{Backend, ExecutionOutcome, Written, memory};
///
/// let log = ExecutionLog::new(Arc::from(memory(Backend::Sqlite)?));
/// let run = log.start("index", vec!["--full".into()], "project")?;
/// log.finish(&run.id, ExecutionOutcome::Success, Written { files: 3, ..Written::default() })?;
/// let newest = &log.recent(1)?[0];
/// assert_eq!((newest.outcome, newest.files), (ExecutionOutcome::Success, 3));
/// # Ok::<(), magellan::store::StoreError>(())
/// ```
#[derive(Clone)]
pub struct ExecutionLog {
    store: Arc<dyn Store>,
}

impl ExecutionLog {
    /// The log of `store`.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Begins a record, with the time of now and an id that sorts by it.
    pub fn start(&self, command: &str, arguments: Vec<String>, root: &str) -> Result<Execution> {
        let execution = Execution::begin(command, arguments, root, now_ms());
        self.put(execution.clone())?;
        Ok(execution)
    }

    /// Ends a record and tells how much was written; none if there is no record of this id. What went wrong is told by
    /// [`put`](Self::put) of the whole record.
    pub fn finish(&self, id: &str, outcome: ExecutionOutcome, written: Written) -> Result<Option<Execution>> {
        let Some(begun) = self.get(id)? else { return Ok(None) };
        let Written { files, symbols, occurrences, links } = written;
        let duration_ms = Some(now_ms().saturating_sub(begun.started_ms));
        let execution = Execution { outcome, duration_ms, files, symbols, occurrences, links, ..begun };
        self.put(execution.clone())?;
        Ok(Some(execution))
    }

    /// Adds a record, or replaces the one of its id.
    pub fn put(&self, execution: Execution) -> Result<()> {
        self.put_many([execution])
    }

    /// Adds or replaces all of these records, or none.
    pub fn put_many(&self, executions: impl IntoIterator<Item = Execution>) -> Result<()> {
        self.store.apply(&mut executions.into_iter().map(Change::Execution))
    }

    /// The record of this id.
    pub fn get(&self, id: &str) -> Result<Option<Execution>> {
        self.store.snapshot()?.execution(id)
    }

    /// The newest records, newest first.
    pub fn recent(&self, limit: usize) -> Result<Vec<Execution>> {
        self.store.snapshot()?.executions(limit)
    }

    /// The records that ended so, newest first.
    pub fn by_outcome(&self, outcome: ExecutionOutcome) -> Result<Vec<Execution>> {
        let mut all = self.recent(usize::MAX)?;
        all.retain(|execution| execution.outcome == outcome);
        Ok(all)
    }
}

fn now_ms() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX)
}

/// Numbers about files and callables.
///
/// ```
/// use std::sync::Arc;
/// use magellan::MetricsOps;
/// use magellan::store::{Backend, memory};
///
/// let metrics = MetricsOps::new(Arc::from(memory(Backend::Sqlite)?));
/// let computed = MetricsOps::compute("rust", b"fn a() {}\n\n// done\n").expect("Rust is known");
/// metrics.put_file("a.rs", computed)?;
/// assert_eq!(metrics.file("a.rs")?, Some(computed));
/// assert_eq!((computed.symbols, computed.lines.comment), (1, 1));
/// # Ok::<(), magellan::store::StoreError>(())
/// ```
#[derive(Clone)]
pub struct MetricsOps {
    store: Arc<dyn Store>,
}

impl MetricsOps {
    /// The metrics of `store`.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Keeps the metrics of the file at a path, indexed or not.
    pub fn put_file(&self, path: &str, metrics: FileMetrics) -> Result<()> {
        self.put_files([(path.to_owned(), metrics)])
    }

    /// Keeps the metrics of all of these files, or of none.
    pub fn put_files(&self, files: impl IntoIterator<Item = (String, FileMetrics)>) -> Result<()> {
        self.store.apply(&mut files.into_iter().map(|(path, metrics)| Change::FileMetrics(path, metrics)))
    }

    /// The metrics of the file at a path.
    pub fn file(&self, path: &str) -> Result<Option<FileMetrics>> {
        self.store.snapshot()?.file_metrics(path)
    }

    /// The metrics of the callables of an indexed file, in source order; empty if it is not indexed.
    pub fn symbols(&self, path: &str) -> Result<Vec<SymbolMetrics>> {
        let snapshot = self.store.snapshot()?;
        snapshot.file(path)?.map_or_else(|| Ok(Vec::new()), |file| snapshot.symbol_metrics(file.id))
    }

    /// The files that are hardest to follow: by cognitive, then by cyclomatic complexity, then by path.
    pub fn hotspots(&self, limit: usize) -> Result<Vec<(String, FileMetrics)>> {
        let mut all = self.store.snapshot()?.all_file_metrics()?;
        all.sort_by(|(a_path, a), (b_path, b)| {
            let harder = (b.cognitive_total, b.cyclomatic_total).cmp(&(a.cognitive_total, a.cyclomatic_total));
            harder.then_with(|| a_path.cmp(b_path))
        });
        all.truncate(limit);
        Ok(all)
    }

    /// What a source says by itself, fan-in and fan-out being 0; an error if the language is not known.
    pub fn compute(language: &str, source: &[u8]) -> Result<FileMetrics> {
        let dialect = lang::by_name(language).and_then(|known| known.dialects.first().map(|first| (known, first)));
        let (language, dialect) = dialect.ok_or_else(|| StoreError::Engine {
            path: "metrics".into(),
            message: format!("there is no language {language}"),
        })?;
        let extraction = Extractor::new().extract(language, dialect, source);
        let complexities = || extraction.functions.iter().map(|function| function.complexity);
        Ok(FileMetrics {
            symbols: extraction.facts.symbols.len() as u32,
            functions: extraction.functions.len() as u32,
            lines: extraction.facts.lines,
            fan_in: 0,
            fan_out: 0,
            cyclomatic_total: complexities().map(|row| row.cyclomatic).sum(),
            cyclomatic_max: complexities().map(|row| row.cyclomatic).max().unwrap_or(0),
            cognitive_total: complexities().map(|row| row.cognitive).sum(),
            cognitive_max: complexities().map(|row| row.cognitive).max().unwrap_or(0),
        })
    }
}
