//! Copies a whole database to the other engine, proves that the copy says the same, and only then lets it take the
//! place of the original. Whatever goes wrong before, the original is live and untouched.
//!
//! A migration leaves no execution record: the log of both sides is compared record by record and must be equal.

use std::cell::{Cell, RefCell};
use std::fs::{self, File};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::ContentHash;

use super::backend::{self, Backend};
use super::place::{self, Place, with_suffix};
use super::{
    CacheRow, Change, ChunkPattern, Execution, FileRow, Result, STOPPED, Skipped, Snapshot, Stop, StoreError, copy,
    fingerprint_until,
};

/// Stands after the name of a copy that is not proven yet.
const UNPROVEN: &str = ".migrating";

/// What becomes of the original.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// It stays beside the copy.
    #[default]
    Keep,
    /// It is deleted once the copy is live.
    Remove,
}

/// How to migrate.
#[derive(Clone, Debug)]
pub struct MigrationOptions {
    /// The engine of the copy.
    pub to: Backend,
    /// Where the copy goes, if not beside the original. Then nothing is switched: the original stays live.
    pub output: Option<PathBuf>,
    /// What becomes of the original.
    pub source: Fate,
    /// Copy and compare, then throw the copy away.
    pub dry_run: bool,
}

impl MigrationOptions {
    /// To this engine, in place, the original kept.
    pub fn to(to: Backend) -> Self {
        Self { to, output: None, source: Fate::Keep, dry_run: false }
    }
}

/// What a migration is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Checking the original; not counted.
    Check,
    /// Copying; counted in files, each twice.
    Copy,
    /// Comparing; counted in databases.
    Compare,
    /// Making the copy live; not counted.
    Switch,
}

impl Stage {
    /// Every stage with the word used for it.
    pub const WORDS: [(Self, &'static str); 4] =
        [(Self::Check, "checking"), (Self::Copy, "copying"), (Self::Compare, "comparing"), (Self::Switch, "switching")];

    /// The word shown for this stage.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }
}

/// Hears how much is done of how much; breaking stops the migration.
pub type Watch<'w> = &'w mut dyn FnMut(Stage, u64, u64) -> ControlFlow<()>;

/// What a migration did.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct MigrationReport {
    /// The engine of the original.
    pub from: &'static str,
    /// The engine of the copy.
    pub to: &'static str,
    /// Whether the copy was thrown away again.
    pub dry_run: bool,
    /// Whether there was nothing to do: the database is of that engine.
    pub already: bool,
    /// Whether the copy is live now.
    pub switched: bool,
    /// The file of the original.
    pub source: String,
    /// Whether it is still there.
    pub source_kept: bool,
    /// The file of the copy.
    pub target: String,
    /// Records of each kind on both sides.
    pub records: Vec<RecordCount>,
    /// Fingerprint of the original.
    pub source_fingerprint: String,
    /// Fingerprint of the copy.
    pub target_fingerprint: String,
    /// Size of the original.
    pub source_bytes: u64,
    /// Size of the copy.
    pub target_bytes: u64,
    /// Wall time.
    pub seconds: f64,
}

/// How many records of a kind there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordCount {
    /// The kind, in the plural.
    pub kind: &'static str,
    /// In the original.
    pub source: u64,
    /// In the copy.
    pub target: u64,
}

/// Migrates the database at `path`. Other writers are kept out meanwhile and told `command`; one that is there is an
/// error that names it. Readers are never disturbed.
pub fn migrate(path: &Path, command: &str, options: &MigrationOptions, watch: Watch<'_>) -> Result<MigrationReport> {
    let clock = Instant::now();
    let place = Place::of(path);
    place.live()?;
    let _lock = place.lock(command)?;
    place.sweep()?;
    let live = place.live()?;
    let from = backend::of_file(&live);
    let mut report = MigrationReport::new(from, options, &live);
    if from == options.to {
        // A file too short to be told from others is nobody's database.
        backend::open_place(place, from)?.snapshot()?;
        report.already = true;
        return Ok(report);
    }
    let target = Target::of(&place, &live, options)?;
    report.target = target.file.display().to_string();
    let work = Work { place: &place, from, to: options.to, copy: target.unproven() };
    let proven = work.build(command, &mut report, watch);
    let done = proven.and_then(|()| match options.dry_run {
        true => Ok(()),
        false => work.switch(&target, options, &live, &mut report, watch),
    });
    if (done.is_err() || options.dry_run) && !place.is_live(&work.copy) {
        place::discard(&work.copy);
        target.release();
    }
    report.seconds = clock.elapsed().as_secs_f64();
    done.map(|()| report)
}

impl MigrationReport {
    fn new(from: Backend, options: &MigrationOptions, live: &Path) -> Self {
        Self {
            from: from.word(),
            to: options.to.word(),
            dry_run: options.dry_run,
            already: false,
            switched: false,
            source: live.display().to_string(),
            source_kept: true,
            target: live.display().to_string(),
            records: Vec::new(),
            source_fingerprint: String::new(),
            target_fingerprint: String::new(),
            source_bytes: place::bytes(live),
            target_bytes: 0,
            seconds: 0.0,
        }
    }
}

/// Where the copy goes.
struct Target {
    file: PathBuf,
    /// Whether it is the next generation of its folder; else it gets its name when it is proven.
    generation: bool,
    /// Whether an empty file keeps the name until then.
    reserved: bool,
}

impl Target {
    fn of(place: &Place, live: &Path, options: &MigrationOptions) -> Result<Self> {
        let file = match (&options.output, place) {
            (None, Place::Folder(_)) => {
                return Ok(Self { file: place.next(options.to), generation: true, reserved: false });
            }
            (None, Place::Loose(_)) => live.with_extension(options.to.extension()),
            (Some(output), _) => output.clone(),
        };
        match fs::metadata(&file) {
            Ok(metadata) if metadata.is_file() && metadata.len() == 0 => {}
            Ok(_) => return Err(StoreError::Occupied(file.display().to_string())),
            Err(_) if options.dry_run => {}
            Err(_) => drop(File::create_new(&file).map_err(|error| place::refused(&file, &error))?),
        }
        Ok(Self { file, generation: false, reserved: !options.dry_run })
    }

    /// The name of the copy until it is proven.
    fn unproven(&self) -> PathBuf {
        if self.generation { self.file.clone() } else { with_suffix(&self.file, UNPROVEN) }
    }

    /// Gives the name back.
    fn release(&self) {
        if self.reserved && fs::metadata(&self.file).is_ok_and(|metadata| metadata.len() == 0) {
            // An empty file that stays is taken for a free name next time.
            let _ = fs::remove_file(&self.file);
        }
    }
}

/// A migration under way.
struct Work<'p> {
    place: &'p Place,
    from: Backend,
    to: Backend,
    /// The copy, until it is proven.
    copy: PathBuf,
}

impl Work<'_> {
    /// Makes the copy and compares it with the original.
    fn build(&self, command: &str, report: &mut MigrationReport, watch: Watch<'_>) -> Result<()> {
        go_on(watch(Stage::Check, 0, 0))?;
        let source = backend::open_place(self.place.clone(), self.from)?;
        let snapshot = source.snapshot()?;
        self.refuse_faults(&*snapshot, watch)?;
        place::discard(&self.copy);
        self.fill(command, &*snapshot, watch)?;
        go_on(watch(Stage::Compare, 0, 2))?;
        let original = Survey::of(&*snapshot, &asking(watch, Stage::Compare, 0, 2))?;
        go_on(watch(Stage::Compare, 1, 2))?;
        let store = backend::open_place(Place::Loose(self.copy.clone()), self.to)?;
        let copied = Survey::of(&*store.snapshot()?, &asking(watch, Stage::Compare, 1, 2))?;
        report.target_bytes = place::bytes(&self.copy);
        report.source_fingerprint.clone_from(&original.fingerprint);
        report.target_fingerprint.clone_from(&copied.fingerprint);
        let counts = original.counts.iter().zip(&copied.counts);
        report.records = counts.map(|(&(kind, source), &(_, target))| RecordCount { kind, source, target }).collect();
        go_on(watch(Stage::Compare, 2, 2))?;
        match original.difference(&copied) {
            Some(what) => Err(StoreError::NotSame { path: self.shown(), what }),
            None => Ok(()),
        }
    }

    fn shown(&self) -> String {
        self.place.path().display().to_string()
    }

    /// Damage must not be passed on to a copy that then looks sound.
    fn refuse_faults(&self, snapshot: &dyn Snapshot, watch: Watch<'_>) -> Result<()> {
        let (mut count, mut first) = (0u64, None);
        snapshot.check_until(&asking(watch, Stage::Check, 0, 0), &mut |fault| {
            count += 1;
            first.get_or_insert(fault);
        })?;
        match first {
            Some(fault) => Err(StoreError::Damaged { path: self.shown(), what: format!("{fault} ({count} faults)") }),
            None => Ok(()),
        }
    }

    fn fill(&self, command: &str, snapshot: &dyn Snapshot, watch: Watch<'_>) -> Result<()> {
        let stopped = Cell::new(false);
        let mut progress = |done, total| stopped.set(watch(Stage::Copy, done, total).is_break() || stopped.get());
        let target = backend::open_place_writer(Place::Loose(self.copy.clone()), self.to, command)?;
        let mut changes = copy(snapshot, &mut progress)?.map(|change| match stopped.get() {
            true => Change::Abort(STOPPED.into()),
            false => change,
        });
        target.load(&mut changes)
    }

    /// Makes the proven copy live, or gives it its name.
    fn switch(
        &self,
        target: &Target,
        options: &MigrationOptions,
        live: &Path,
        report: &mut MigrationReport,
        watch: Watch<'_>,
    ) -> Result<()> {
        go_on(watch(Stage::Switch, 0, 0))?;
        if !target.generation {
            place::publish(&self.copy, &target.file)?;
            if options.source == Fate::Remove {
                place::discard(live);
                report.source_kept = false;
            }
            return Ok(());
        }
        place::unlock(&self.copy);
        if options.source == Fate::Keep {
            self.place.keep_live()?;
        }
        self.place.switch(&self.copy)?;
        report.switched = true;
        report.source_kept = options.source == Fate::Keep;
        // What cannot be swept now is left to the next writer.
        let _ = self.place.sweep();
        Ok(())
    }
}

fn go_on(told: ControlFlow<()>) -> Result<()> {
    super::go_on(&|| told.is_break())
}

/// Asks `watch`, again and again in the midst of something, whether to stop.
fn asking(watch: Watch<'_>, stage: Stage, done: u64, total: u64) -> impl Fn() -> bool {
    let watch = RefCell::new(watch);
    move || (watch.borrow_mut())(stage, done, total).is_break()
}

/// All that must be equal on both sides. What the fingerprint leaves out is kept to be compared.
struct Survey {
    counts: Vec<(&'static str, u64)>,
    fingerprint: String,
    files: Vec<FileRow>,
    skipped: Vec<Skipped>,
    metas: Vec<(String, String)>,
    executions: Vec<Execution>,
    /// With a hash over what was made of each content.
    cache: Vec<(CacheRow, ContentHash)>,
}

impl Survey {
    fn of(snapshot: &dyn Snapshot, stop: Stop<'_>) -> Result<Self> {
        let mut survey = Self {
            counts: Vec::new(),
            fingerprint: fingerprint_until(snapshot, stop)?.to_string(),
            files: snapshot.files()?,
            skipped: snapshot.skipped()?,
            metas: snapshot.metas()?,
            executions: snapshot.executions(usize::MAX)?,
            cache: cache(snapshot, stop)?,
        };
        survey.counts = survey.count(snapshot, stop)?;
        Ok(survey)
    }

    fn count(&self, snapshot: &dyn Snapshot, stop: Stop<'_>) -> Result<Vec<(&'static str, u64)>> {
        let mut of_files = OfFiles::default();
        for file in &self.files {
            super::go_on(stop)?;
            of_files.add(snapshot, file)?;
        }
        let OfFiles { symbols, occurrences, imports, relations, nodes, functions, blocks, edges, metrics } = of_files;
        let chunks = snapshot.chunks(&ChunkPattern::All)?.len();
        Ok(vec![
            ("files", self.files.len() as u64),
            ("skipped files", self.skipped.len() as u64),
            ("symbols", symbols),
            ("occurrences", occurrences),
            ("imports", imports),
            ("relations", relations),
            ("syntax nodes", nodes),
            ("functions", functions),
            ("blocks", blocks),
            ("edges", edges),
            ("file metrics", snapshot.all_file_metrics()?.len() as u64),
            ("symbol metrics", metrics),
            ("chunks", chunks as u64),
            ("executions", self.executions.len() as u64),
            ("bookkeeping values", self.metas.len() as u64),
            ("cached contents", self.cache.len() as u64),
        ])
    }

    /// The first thing that differs.
    fn difference(&self, other: &Self) -> Option<String> {
        let counts = self.counts.iter().zip(&other.counts).find(|(ours, theirs)| ours != theirs);
        if let Some(((kind, ours), (_, theirs))) = counts {
            return Some(format!("{theirs} of {ours} {kind}"));
        }
        let parts = [
            ("the fingerprint", self.fingerprint == other.fingerprint),
            ("the bookkeeping of files", self.files == other.files),
            ("the skipped files", self.skipped == other.skipped),
            ("the bookkeeping values", self.metas == other.metas),
            ("the execution log", self.executions == other.executions),
            ("the cache", self.cache == other.cache),
        ];
        parts.iter().find(|(_, same)| !same).map(|(what, _)| format!("{what} differs"))
    }
}

/// What is in the cache. The copy leaves out what cannot be read; the check before has told it.
fn cache(snapshot: &dyn Snapshot, stop: Stop<'_>) -> Result<Vec<(CacheRow, ContentHash)>> {
    let mut rows = Vec::new();
    for row in snapshot.cache()? {
        super::go_on(stop)?;
        let mut hasher = blake3::Hasher::new();
        if let Some(entry) = snapshot.cached(row.number)? {
            for packed in [&entry.facts_packed, &entry.ast_packed, &entry.functions_packed] {
                hasher.update(&(packed.len() as u64).to_le_bytes()).update(packed);
            }
        }
        rows.push((row, ContentHash(*hasher.finalize().as_bytes())));
    }
    Ok(rows)
}

/// Numbers of records that belong to files.
#[derive(Default)]
struct OfFiles {
    symbols: u64,
    occurrences: u64,
    imports: u64,
    relations: u64,
    nodes: u64,
    functions: u64,
    blocks: u64,
    edges: u64,
    metrics: u64,
}

impl OfFiles {
    fn add(&mut self, snapshot: &dyn Snapshot, file: &FileRow) -> Result<()> {
        self.symbols += snapshot.symbols(file.id)?.len() as u64;
        self.occurrences += snapshot.occurrences(file.id)?.len() as u64;
        self.imports += snapshot.imports(file.id)?.len() as u64;
        self.relations += snapshot.relations_in(file.id)?.len() as u64;
        self.nodes += snapshot.ast(file.id)?.len() as u64;
        self.metrics += snapshot.symbol_metrics(file.id)?.len() as u64;
        for function in snapshot.functions(file.id)? {
            self.functions += 1;
            self.blocks += function.cfg.blocks.len() as u64;
            self.edges += function.cfg.edges.len() as u64;
        }
        Ok(())
    }
}
