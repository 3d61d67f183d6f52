//! Where events come from: the system, through a narrow seam.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Config, ErrorKind, EventKind, EventKindMask, PathOp, RecommendedWatcher, Watcher};

use super::Inbox;

/// Hidden files that matter: they say what is ignored.
const RULES: [&str; 2] = [".gitignore", ".ignore"];

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

/// The events of this system.
pub fn native(inbox: Arc<Inbox>) -> Result<Box<dyn Source>, Refusal> {
    // Mere reading is left out at the source: updates read, and would fill the queue by themselves.
    let kinds = EventKindMask::CORE | EventKindMask::ACCESS_CLOSE;
    let config = Config::default().with_event_kinds(kinds).with_follow_symlinks(false);
    let opened = RecommendedWatcher::new(move |event| deliver(event, &inbox), config);
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

fn deliver(event: notify::Result<notify::Event>, inbox: &Inbox) {
    match event {
        Err(error) => inbox.failed(refusal(&error).0),
        Ok(event) if event.need_rescan() => inbox.lost(),
        Ok(event) => {
            for path in event.paths.into_iter().filter(|path| is_of_interest(path)) {
                match event.kind {
                    EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => {
                        inbox.moved(path);
                    }
                    // The only trace of a file that was written to as memory.
                    EventKind::Access(AccessKind::Close(AccessMode::Write)) => inbox.changed(),
                    EventKind::Access(_) => {}
                    _ => inbox.changed(),
                }
            }
        }
    }
}

/// Hidden files and folders are not walked, so they are of no interest, `.git` and `.magellan` among them.
fn is_of_interest(path: &Path) -> bool {
    let Some(name) = path.file_name() else { return true };
    !name.as_encoded_bytes().starts_with(b".") || RULES.iter().any(|rule| name == *rule)
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
        deliver(Ok(event), &inbox);
        inbox.wait(Instant::now())
    }

    fn at(kind: EventKind, path: &str) -> notify::Event {
        notify::Event::new(kind).add_path(path.into())
    }

    #[test]
    fn reads_and_hidden_files_wake_nobody() {
        let modified = EventKind::Modify(ModifyKind::Any);
        for event in [
            at(EventKind::Access(AccessKind::Open(AccessMode::Any)), "/p/a.rs"),
            at(EventKind::Access(AccessKind::Close(AccessMode::Read)), "/p/a.rs"),
            at(EventKind::Create(CreateKind::Any), "/p/.magellan"),
            at(modified, "/p/.a.rs.swp"),
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
}
