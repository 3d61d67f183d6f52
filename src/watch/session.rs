//! The loop: wait, look, update, tell.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustc_hash::FxHashSet;

use crate::index::Kept;
use crate::store::{self, StoreError, WatcherLock};
use crate::walk::{Found, Tree, survey};

use super::coalesce::{Coalescer, LONGEST};
use super::folders::Folders;
use super::inbox::{Doubts, Inbox, Mail};
use super::picture::Picture;
use super::pulse::Pulse;
use super::source::{Bystander, Opener, Refusal};
use super::update::{Cause, Report, update, walk_options};
use super::{Event, Options, Tell, WatchError};

/// How often it is looked whether to stop.
const TICK: Duration = Duration::from_millis(200);
/// How often to look at the tree where the system does not tell of changes and the user did not say.
const POLL: Duration = Duration::from_secs(2);
/// After a failed update.
const RETRY: Duration = Duration::from_secs(1);
/// A tree that gets new folders all the time is indexed after so many looks; events will tell of what was missed.
const LOOKS_MAX: usize = 4;

/// Watches until stopped.
pub(super) fn run(options: &Options<'_>, open: Opener<'_>, tell: Tell<'_>) -> Result<(), WatchError> {
    match Session::start(options, open, tell).and_then(|mut session| session.go_on()) {
        Err(error) if error.is_interruption() && options.cancel.load(Ordering::Relaxed) => Ok(()),
        other => other,
    }
}

struct Session<'a, 'o> {
    options: &'a Options<'o>,
    tell: Tell<'a>,
    /// Whether nobody listens any more.
    unheard: Cell<bool>,
    inbox: Arc<Inbox>,
    watching: Watching,
    pulse: Pulse,
    bystander: Bystander,
    /// None until it is known that there is a tree to watch.
    lock: Option<WatcherLock>,
    /// What the last successful update was made of; none if the database may say something else.
    seen: Option<Picture>,
    /// Whether that update had to leave out files that may be readable at any time.
    partial: bool,
    failure: Option<Failure>,
    /// What would be loaded for each update.
    kept: Arc<Kept>,
    /// The files of the last walk.
    files: Vec<Found>,
}

/// How changes are noticed.
enum Watching {
    Events(Folders),
    Polling { period: Duration, next: Instant },
}

/// What a walk found, and when it started, in nanoseconds since 1970.
struct Look {
    tree: Tree,
    at_ns: u64,
    clock: Instant,
}

impl Look {
    fn at(options: &Options<'_>) -> Result<Self, WatchError> {
        let clock = Instant::now();
        let at_ns = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let tree = survey(options.root, &walk_options(options))?;
        Ok(Self { tree, at_ns: u64::try_from(at_ns).unwrap_or(u64::MAX), clock })
    }
}

/// The last update came to nothing.
struct Failure {
    told: String,
    retry: Instant,
    /// Whether watches may be gone, since the tree itself could not be walked.
    are_watches_lost: bool,
}

impl<'a, 'o> Session<'a, 'o> {
    /// Sees to it that no change is missed, then catches up with those so far.
    fn start(options: &'a Options<'o>, open: Opener<'_>, tell: Tell<'a>) -> Result<Self, WatchError> {
        let now = Instant::now();
        let inbox = Arc::new(Inbox::new(Coalescer::new(options.delay, options.max_delay)));
        let period = options.poll.unwrap_or(POLL).min(LONGEST);
        let mut session = Self {
            options,
            tell,
            unheard: Cell::new(false),
            inbox: Arc::clone(&inbox),
            watching: Watching::Polling { period, next: now + period },
            pulse: Pulse::new(options.root, options.database, now),
            bystander: Bystander::of(options.database),
            lock: None,
            seen: None,
            partial: false,
            failure: None,
            kept: Arc::default(),
            files: Vec::new(),
        };
        if options.poll.is_none() {
            match open(inbox) {
                Ok(source) => session.watching = Watching::Events(Folders::new(source)),
                Err(refusal) => session.fall_back(&refusal.0),
            }
        }
        let look = session.look(&Doubts::none())?;
        session.claim()?;
        session.say(Event::Started { folders: look.tree.folders.len(), poll: session.period() });
        match session.apply(Cause::Start, &look) {
            // Only another writer is no reason to give up at once.
            Err(error @ WatchError::Store(StoreError::Locked { .. })) => session.failed(error),
            other => {
                other?;
                match session.load(&look.tree) {
                    Err(error) if session.is_stopped() && error.is_interruption() => {}
                    // Nor is a database that was deleted meanwhile.
                    Err(error) => session.failed(error),
                    Ok(()) => {}
                }
            }
        }
        session.files = look.tree.files;
        Ok(session)
    }

    /// Loads what each update would have to load.
    fn load(&self, tree: &Tree) -> Result<(), WatchError> {
        let stored = store::open(self.options.database)?;
        Ok(self.kept.load(tree, &*stored.snapshot()?, self.options.threads, self.options.cancel)?)
    }

    fn go_on(&mut self) -> Result<(), WatchError> {
        while !self.is_stopped() {
            let Some((cause, doubts)) = self.next() else { continue };
            match self.look(&doubts).and_then(|look| self.bring_in(cause, look)) {
                Ok(()) => {}
                Err(error) if self.is_stopped() && error.is_interruption() => {}
                Err(error @ WatchError::Store(StoreError::Watched { .. })) => return Err(error),
                Err(error) => self.failed(error),
            }
            if let Watching::Polling { period, next } = &mut self.watching {
                *next = Instant::now() + *period;
            }
        }
        Ok(())
    }

    fn bring_in(&mut self, cause: Cause, look: Look) -> Result<(), WatchError> {
        let applied = self.apply(cause, &look);
        self.kept.forget_ahead();
        self.files = look.tree.files;
        applied
    }

    /// Does beforehand what the update will have to do with files that are known and not ignored.
    fn get_ready(&self, paths: &BTreeSet<PathBuf>) {
        let paths: FxHashSet<&OsStr> = paths.iter().map(|path| path.as_os_str()).collect();
        self.kept.extract_ahead(self.files.iter().filter(|file| paths.contains(file.absolute.as_os_str())));
    }

    fn is_stopped(&self) -> bool {
        self.unheard.get() || self.options.cancel.load(Ordering::Relaxed)
    }

    fn say(&self, event: Event<'_>) {
        if (self.tell)(event) == ControlFlow::Break(()) {
            self.unheard.set(true);
        }
    }

    fn period(&self) -> Option<Duration> {
        match self.watching {
            Watching::Events(_) => None,
            Watching::Polling { period, .. } => Some(period),
        }
    }

    /// Waits a little; gives the next reason to look at the tree, if there is one by then.
    fn next(&mut self) -> Option<(Cause, Doubts)> {
        let are_lost = self.failure.as_ref().is_some_and(|failure| failure.are_watches_lost);
        match self.inbox.wait(Instant::now() + TICK) {
            Mail::Update(_) if are_lost => return Some((Cause::Events, Doubts::Everywhere)),
            Mail::Update(doubts) => return Some((Cause::Events, doubts)),
            Mail::Failure(why) => {
                self.fall_back(&why);
                return None;
            }
            Mail::Lull(paths) => {
                self.get_ready(&paths);
                return None;
            }
            Mail::Nothing => {}
        }
        let now = Instant::now();
        if let Some(failure) = &self.failure {
            let doubts = if are_lost { Doubts::Everywhere } else { Doubts::none() };
            return (failure.retry <= now).then_some((Cause::Retry, doubts));
        }
        if let Watching::Polling { next, .. } = self.watching
            && next <= now
        {
            return Some((Cause::Poll, Doubts::none()));
        }
        self.pulse.beat(now).map(|cause| (cause, Doubts::none()))
    }

    /// From now on the tree is looked at again and again. The source is closed with the folders it was given.
    fn fall_back(&mut self, why: &str) {
        let period = self.options.poll.unwrap_or(POLL).min(LONGEST);
        self.watching = Watching::Polling { period, next: Instant::now() };
        self.say(Event::Polling { why, period });
    }

    /// Walks the tree, all its folders being watched before that.
    fn look(&mut self, doubts: &Doubts) -> Result<Look, WatchError> {
        let clock = Instant::now();
        let mut look = Look::at(self.options)?;
        let none = Doubts::none();
        for round in 0..LOOKS_MAX {
            let Watching::Events(folders) = &mut self.watching else { return Ok(look) };
            let root = look.tree.folders.first().map_or(self.options.root, |root| root);
            let is_wanted = |folder: &&PathBuf| !self.bystander.is_above(root, folder);
            let wanted = look.tree.folders.iter().filter(is_wanted).cloned().collect();
            match folders.follow(wanted, if round == 0 { doubts } else { &none }) {
                Ok(0) => return Ok(look),
                Ok(_) => {}
                Err(Refusal(why)) => self.fall_back(&why),
            }
            look = Look { clock, ..Look::at(self.options)? };
        }
        self.inbox.changed();
        Ok(look)
    }

    /// Is the one watcher of the database, also after that was deleted with the lock in it.
    fn claim(&mut self) -> Result<(), WatchError> {
        if !self.lock.as_ref().is_some_and(WatcherLock::is_seen) {
            self.lock = Some(WatcherLock::take(self.options.database)?);
        }
        Ok(())
    }

    /// Updates the database if there is anything to update.
    fn apply(&mut self, cause: Cause, look: &Look) -> Result<(), WatchError> {
        let picture = Picture::of(&look.tree, look.at_ns);
        if self.is_known(cause, &picture) {
            return Ok(());
        }
        self.claim()?;
        let before = self.seen.take();
        let is_told = self.failure.is_some();
        let waiting = |holder: &str| {
            if !is_told {
                self.say(Event::Waiting { holder });
            }
        };
        let index = update(self.options, &look.tree, cause, Some(Arc::clone(&self.kept)), &waiting)?;
        let paths = before.map_or(Vec::new(), |before| picture.differences(&before));
        let report = Report { cause, paths, took: look.clock.elapsed(), index };
        self.partial = report.is_partial();
        self.seen = Some(picture);
        let had_failed = self.failure.take().is_some();
        if cause == Cause::Start || had_failed || report.is_change() || !report.paths.is_empty() {
            self.say(Event::Updated(report));
        }
        Ok(())
    }

    /// Whether the database holds what was seen.
    fn is_known(&self, cause: Cause, picture: &Picture) -> bool {
        let may_be_readable = self.partial && cause == Cause::Events;
        cause != Cause::Database
            && !may_be_readable
            && self.seen.as_ref().is_some_and(|seen| seen.is_settled() && seen.is_same(picture))
    }

    /// Tells a failure, unless it is the one told last, and sees to it that the update is tried again.
    fn failed(&mut self, error: WatchError) {
        let told = match &error {
            // The full text says how long the lock has been held.
            WatchError::Store(StoreError::Locked { path, .. }) => path.clone(),
            other => other.to_string(),
        };
        let are_watches_lost = matches!(error, WatchError::Walk(_));
        if self.failure.as_ref().is_none_or(|failure| failure.told != told) {
            self.say(Event::Failed(error));
        }
        self.seen = None;
        self.failure = Some(Failure { told, retry: Instant::now() + RETRY, are_watches_lost });
    }
}
