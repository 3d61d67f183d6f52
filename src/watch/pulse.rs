//! What is looked at every second because no event tells of it: ignore rules outside of the watched folders, and
//! whether the database is still there. The folder of the database is never watched, for updates write to it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use crate::store;
use crate::walk::distant_rules;

use super::update::Cause;

const PERIOD: Duration = Duration::from_secs(1);

/// When it was looked, and what was seen.
pub(super) struct Pulse {
    database: PathBuf,
    rules: Vec<PathBuf>,
    seen: Vec<Seen>,
    next: Instant,
}

/// Size and time of a file; none if there is none.
type Seen = Option<(u64, Option<SystemTime>)>;

impl Pulse {
    pub(super) fn new(root: &Path, database: &Path, now: Instant) -> Self {
        let rules = distant_rules(root);
        let seen = look(&rules);
        Self { database: database.to_owned(), rules, seen, next: now + PERIOD }
    }

    /// Why an update is needed, if one is. Looks once a second, however often it is asked.
    pub(super) fn beat(&mut self, now: Instant) -> Option<Cause> {
        if now < self.next {
            return None;
        }
        self.next = now + PERIOD;
        let seen = look(&self.rules);
        if seen != self.seen {
            self.seen = seen;
            return Some(Cause::Rules);
        }
        // One that cannot be used any more is left to the update to tell.
        (!matches!(store::exists(&self.database), Ok(true))).then_some(Cause::Database)
    }
}

fn look(rules: &[PathBuf]) -> Vec<Seen> {
    let seen = |path: &PathBuf| path.metadata().ok().map(|metadata| (metadata.len(), metadata.modified().ok()));
    rules.iter().map(seen).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_change_of_rules_or_a_lost_database_is_noticed_within_a_second() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let root = folder.path().join("project");
        let database = root.join(".magellan");
        fs::create_dir_all(&database).expect("it can be made");
        fs::write(database.join("CURRENT"), "index-1.db\n").expect("it can be written");
        let mut now = Instant::now();
        let mut pulse = Pulse::new(&root, &database, now);
        let mut beat = |second: bool| {
            now += if second { PERIOD } else { PERIOD / 3 };
            pulse.beat(now)
        };
        assert_eq!((beat(true), beat(false)), (None, None));
        fs::write(database.join("config.toml"), "exclude = []\n").expect("it can be written");
        assert_eq!((beat(false), beat(true), beat(true)), (None, Some(Cause::Rules), None));
        fs::write(folder.path().join(".gitignore"), "generated\n").expect("it can be written");
        assert_eq!((beat(true), beat(true)), (Some(Cause::Rules), None));
        fs::remove_file(database.join("CURRENT")).expect("it is there");
        assert_eq!(beat(true), Some(Cause::Database));
    }
}
