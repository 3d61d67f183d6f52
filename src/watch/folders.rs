//! The folders that are watched: those of the last walk, each by itself, so that none is watched that is ignored.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::inbox::Doubts;
use super::source::{Refusal, Source};

/// A source with what it was given.
pub(super) struct Folders {
    source: Box<dyn Source>,
    watched: BTreeSet<PathBuf>,
}

impl Folders {
    pub(super) fn new(source: Box<dyn Source>) -> Self {
        Self { source, watched: BTreeSet::new() }
    }

    /// Watches exactly `wanted`, those in doubt anew; gives the number of new watches. What happened in those before is
    /// not told, so the tree has to be walked after them.
    pub(super) fn follow(&mut self, wanted: BTreeSet<PathBuf>, doubts: &Doubts) -> Result<usize, Refusal> {
        let in_doubt = self.in_doubt(doubts);
        let is_kept = |folder: &&PathBuf| wanted.contains(*folder) && !in_doubt.contains(*folder);
        let kept: BTreeSet<PathBuf> = self.watched.iter().filter(is_kept).cloned().collect();
        let forget: Vec<PathBuf> = self.watched.difference(&kept).cloned().collect();
        let take: Vec<PathBuf> = wanted.difference(&kept).cloned().collect();
        if !forget.is_empty() || !take.is_empty() {
            // A folder that got another name has one watch under both: the old name must go before the new one comes.
            self.source.change(&forget, &take)?;
        }
        self.watched = wanted;
        Ok(take.len())
    }

    fn in_doubt(&self, doubts: &Doubts) -> BTreeSet<PathBuf> {
        match doubts {
            Doubts::Everywhere => self.watched.clone(),
            Doubts::At(paths) => {
                // Paths sort by their components, so what is below a folder follows it.
                let below = |path: &PathBuf| {
                    let path = path.clone();
                    self.watched.range(path.clone()..).take_while(move |folder| folder.starts_with(&path))
                };
                paths.iter().flat_map(below).cloned().collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Writes down what is asked of it.
    struct Recorder(Arc<Mutex<Vec<String>>>);

    impl Source for Recorder {
        fn change(&mut self, forget: &[PathBuf], take: &[PathBuf]) -> Result<(), Refusal> {
            let mut log = self.0.lock().expect("one thread");
            log.extend(forget.iter().map(|path| format!("-{}", path.display())));
            log.extend(take.iter().map(|path| format!("+{}", path.display())));
            Ok(())
        }
    }

    fn paths(text: &str) -> BTreeSet<PathBuf> {
        text.split_whitespace().map(PathBuf::from).collect()
    }

    #[test]
    fn only_differences_reach_the_source_and_doubts_are_watched_anew() {
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut folders = Folders::new(Box::new(Recorder(Arc::clone(&log))));
        let mut follow = |wanted: &str, doubts: Doubts| {
            let taken = folders.follow(paths(wanted), &doubts).expect("it refuses nothing");
            (taken, std::mem::take(&mut *log.lock().expect("one thread")).join(" "))
        };
        let at = |path: &str| Doubts::At([path.into()].into());
        assert_eq!(follow("/p /p/a /p/a/x /p/ab", Doubts::none()), (4, "+/p +/p/a +/p/a/x +/p/ab".into()));
        assert_eq!(follow("/p /p/a /p/a/x /p/ab", Doubts::none()), (0, String::new()));
        assert_eq!(follow("/p /p/a /p/a/x /p/ab", at("/p/a")), (2, "-/p/a -/p/a/x +/p/a +/p/a/x".into()));
        assert_eq!(follow("/p /p/b /p/b/x /p/ab", at("/p/a")), (2, "-/p/a -/p/a/x +/p/b +/p/b/x".into()));
        assert_eq!(follow("/p /p/ab", at("/p/f.rs")), (0, "-/p/b -/p/b/x".into()));
        assert_eq!(follow("/p /p/ab", Doubts::Everywhere), (2, "-/p -/p/ab +/p +/p/ab".into()));
    }
}
