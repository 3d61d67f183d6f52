//! Where events come from: the system, through a narrow seam.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Config, ErrorKind, EventKind, EventKindMask, PathOp, RecommendedWatcher, Watcher};

use crate::store;

use super::Inbox;

const GIT: &str = ".git";

/// Tells an [`Inbox`] what happens directly in the folders it was given.
pub trait Source: Send {
    /// First forgets some folders, then takes others in. Folders that are not there (any more), cannot be entered or
    /// were not watched are passed over.
    fn change(&mut self, forget: &[PathBuf], take: &[PathBuf]) -> Result<(), Refusal>;
}

/// Why there are no events, in the system's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

/// Opens a source that fills an inbox.
pub type Opener<'a> = &'a dyn Fn(Arc<Inbox>) -> Result<Box<dyn Source>, Refusal>;

/// The events of this system, but for those that writing to the database causes.
pub fn native(inbox: Arc<Inbox>, database: &Path) -> Result<Box<dyn Source>, Refusal> {
    let bystander = Bystander::of(database);
    // Mere reading is left out at the source: updates read, and would fill the queue by themselves.
    let kinds = EventKindMask::CORE | EventKindMask::ACCESS_CLOSE;
    let config = Config::default().with_event_kinds(kinds).with_follow_symlinks(false);
    let opened = RecommendedWatcher::new(move |event| deliver(event, &bystander, &inbox), config);
    Ok(Box::new(Native(opened.map_err(|error| refusal(&error))?)))
}

struct Native(RecommendedWatcher);

impl Source for Native {
    fn change(&mut self, forget: &[PathBuf], take: &[PathBuf]) -> Result<(), Refusal> {
        let forget = forget.iter().map(PathOp::unwatch);
        let mut steps: Vec<PathOp> = forget.chain(take.iter().map(PathOp::watch_non_recursive)).collect();
        while let Err(error) = self.0.update_paths(steps) {
            let was_forgetting = matches!(error.origin, Some(PathOp::Unwatch(_)));
            if !was_forgetting && !is_about_one_folder(&error.source) {
                return Err(refusal(&error.source));
            }
            steps = error.remaining;
        }
        Ok(())
    }
}

/// A folder that is gone or closed to us says nothing about the others.
fn is_about_one_folder(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound | ErrorKind::WatchNotFound => true,
        ErrorKind::Io(error) => matches!(
            error.kind(),
            std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::NotADirectory
        ),
        _ => false,
    }
}

fn refusal(error: &notify::Error) -> Refusal {
    Refusal(match &error.kind {
        ErrorKind::MaxFilesWatch => "the system allows no more watches (fs.inotify.max_user_watches)".into(),
        ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    })
}

fn deliver(event: notify::Result<notify::Event>, bystander: &Bystander, inbox: &Inbox) {
    match event {
        Err(error) => inbox.failed(refusal(&error).0),
        Ok(event) if event.need_rescan() => inbox.lost(),
        Ok(event) => {
            for path in event.paths.into_iter().filter(|path| !bystander.is_at(path)) {
                match event.kind {
                    EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => {
                        inbox.moved(path);
                    }
                    // The only trace of a file that was written to as memory.
                    EventKind::Access(AccessKind::Close(AccessMode::Write)) => inbox.written(path),
                    EventKind::Access(_) => {}
                    _ => inbox.written(path),
                }
            }
        }
    }
}

/// What stands in the tree but is no part of it: the database, and the repository of git.
pub(super) struct Bystander {
    database: PathBuf,
}

impl Bystander {
    /// Events name real paths, so the path of the database is made one.
    pub(super) fn of(database: &Path) -> Self {
        let real = |path: &Path| Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
        Self { database: real(database).unwrap_or_else(|| database.to_owned()) }
    }

    /// Whether it is at this path, or the path lies in the database.
    fn is_at(&self, path: &Path) -> bool {
        store::is_own(&self.database, path) || path.file_name().is_some_and(|name| name == GIT)
    }

    /// Whether a folder of the tree at `root` lies in it.
    pub(super) fn is_above(&self, root: &Path, folder: &Path) -> bool {
        let inside = folder.strip_prefix(root).unwrap_or(folder);
        folder.starts_with(&self.database) || inside.components().any(|part| part.as_os_str() == GIT)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use notify::event::{CreateKind, Flag};

    use super::super::coalesce::Coalescer;
    use super::super::inbox::{Doubts, Mail};
    use super::*;

    fn mail(event: notify::Event) -> Mail {
        let inbox = Inbox::new(Coalescer::new(Duration::ZERO, Duration::ZERO));
        deliver(Ok(event), &Bystander::of(Path::new("/p/.magellan")), &inbox);
        inbox.wait(Instant::now())
    }

    fn at(kind: EventKind, path: &str) -> notify::Event {
        notify::Event::new(kind).add_path(path.into())
    }

    #[test]
    fn reads_the_database_and_git_wake_nobody() {
        let modified = EventKind::Modify(ModifyKind::Any);
        for event in [
            at(EventKind::Access(AccessKind::Open(AccessMode::Any)), "/p/a.rs"),
            at(EventKind::Access(AccessKind::Close(AccessMode::Read)), "/p/a.rs"),
            at(EventKind::Create(CreateKind::Any), "/p/.magellan"),
            at(modified, "/p/.magellan/index-1.db"),
            at(modified, "/p/.git"),
        ] {
            let told = format!("{event:?}");
            assert_eq!(mail(event), Mail::Nothing, "{told}");
        }
    }

    #[test]
    fn changes_ignore_files_and_lost_events_ask_for_an_update() {
        let modified = EventKind::Modify(ModifyKind::Any);
        let written = EventKind::Access(AccessKind::Close(AccessMode::Write));
        for event in [at(modified, "/p/a.rs"), at(written, "/p/a.rs"), at(modified, "/p/.gitignore")] {
            assert_eq!(mail(event), Mail::Update(Doubts::none()));
        }
        let made = at(EventKind::Create(CreateKind::Any), "/p/d");
        assert_eq!(mail(made), Mail::Update(Doubts::At(["/p/d".into()].into())));
        assert_eq!(mail(notify::Event::new(EventKind::Other).set_flag(Flag::Rescan)), Mail::Update(Doubts::Everywhere));
    }

    #[test]
    fn what_updates_do_themselves_is_not_heard() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let root = folder.path().canonicalize().expect("it is there");
        let write = |name: &str| std::fs::write(root.join(name), "fn a() {}").expect("it can be written");
        write("a.rs");
        let inbox = Arc::new(Inbox::new(Coalescer::new(Duration::ZERO, Duration::ZERO)));
        let mut source = native(Arc::clone(&inbox), &root.join("map.db")).expect("events can be had");
        source.change(&[], &[root.clone(), root.join("not-there")]).expect("there is one folder to watch");
        // Events come in order: if the first one heard is the last one made, the others were not.
        std::fs::read(root.join("a.rs")).expect("it is there");
        std::fs::read_dir(&root).expect("it is there").for_each(drop);
        ["map.db", "map.db-wal", "map.db.lock"].into_iter().for_each(write);
        std::fs::create_dir(root.join("last")).expect("it can be made");
        let heard = inbox.wait(Instant::now() + Duration::from_secs(20));
        assert_eq!(heard, Mail::Update(Doubts::At([root.join("last")].into())));
    }
}
