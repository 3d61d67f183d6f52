//! Contents that were seen before are not extracted again, and what comes of that is what a fresh index says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use magellan::index::{FileCounts, IndexOptions, index};
use magellan::store::{self, Backend, CacheEntry, CacheRow, Change, Store, cache_bytes_max, counted};
use magellan::walk::{WalkOptions, walk};
use tempfile::TempDir;

use crate::index::Dice;

/// A tree without any source is no tree.
const STAYS: (&str, String) = ("stays.py", String::new());

fn backends() -> impl Iterator<Item = Backend> {
    Backend::WORDS.iter().map(|(backend, _)| *backend).filter(|backend| store::memory(*backend).is_ok())
}

/// A tree with its database, open for writing.
struct Scene {
    root: TempDir,
    database: PathBuf,
    store: Box<dyn Store>,
    cache_bytes_max: Option<u64>,
    _folder: TempDir,
}

/// Files by path.
type Branch<'b> = &'b [(&'b str, String)];

impl Scene {
    fn new(backend: Backend, branch: Branch<'_>) -> Self {
        let (root, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let database = folder.path().join("db");
        let store = store::open_writer(&database, "test", Some(backend)).unwrap();
        let scene = Self { root, database, store, cache_bytes_max: None, _folder: folder };
        scene.check_out(branch);
        let counts = scene.index();
        assert_eq!((counts.added, counts.reused), (branch.len() as u64, 0));
        scene
    }

    fn root(&self) -> &Path {
        self.root.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn remove(&self, path: &str) {
        fs::remove_file(self.root().join(path)).unwrap();
    }

    /// Makes the tree hold exactly these files.
    fn check_out(&self, branch: Branch<'_>) {
        for entry in fs::read_dir(self.root()).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() { fs::remove_dir_all(entry).unwrap() } else { fs::remove_file(entry).unwrap() }
        }
        branch.iter().for_each(|(path, text)| self.write(path, text));
    }

    /// Brings the database up to date and compares it with a fresh one.
    fn index(&self) -> FileCounts {
        let counts = into(&*self.store, self.root(), self.cache_bytes_max);
        let fresh = store::memory(Backend::Sqlite).unwrap();
        into(&*fresh, self.root(), None);
        assert_eq!(dump(&*self.store), dump(&*fresh), "{}", self.store.backend());
        let snapshot = self.store.snapshot().unwrap();
        snapshot.check(&mut |fault| panic!("{}: {fault}", self.store.backend())).unwrap();
        let live: Vec<_> = snapshot.files().unwrap().into_iter().map(|file| (file.hash, file.dialect)).collect();
        let is_doubled = |row: CacheRow| live.contains(&(row.hash, row.dialect));
        assert!(!self.cache().into_iter().any(is_doubled), "the cache has what a file has");
        counts
    }

    fn cache(&self) -> Vec<CacheRow> {
        self.store.snapshot().unwrap().cache().unwrap()
    }

    fn apply(&self, change: Change) {
        self.store.apply(&mut std::iter::once(change)).unwrap();
    }
}

fn into(store: &dyn Store, root: &Path, cache_bytes_max: Option<u64>) -> FileCounts {
    let tree = walk(root, &WalkOptions::default()).unwrap();
    let options = IndexOptions { threads: 2, cache_bytes_max, ..IndexOptions::default() };
    let report = index(&options, &tree, store, &(), &AtomicBool::new(false)).unwrap();
    report.files
}

fn dump(store: &dyn Store) -> Vec<String> {
    let mut lines = Vec::new();
    store::dump(&*store.snapshot().unwrap(), &mut |line| lines.push(line.to_owned())).unwrap();
    lines
}

/// A file of Rust that calls into a neighbour; another `version` is another content.
fn rust(number: u32, version: u32) -> String {
    format!(
        "//! Version {version}.\nuse crate::m{next}::f{next};\n\npub fn f{number}(x: u32) -> u32 {{\n    if x > {version} {{ f{next}(x) }} else {{ x }}\n}}\n",
        next = number + 1
    )
}

/// Two versions of a tree of several languages; some files are the same in both.
fn branches() -> [Vec<(&'static str, String)>; 2] {
    [1, 2].map(|version| {
        vec![
            ("src/lib.rs", "mod m1;\nmod m2;\nmod m3;\n".to_owned()),
            ("src/m1.rs", rust(1, version)),
            ("src/m2.rs", rust(2, version)),
            ("src/m3.rs", rust(3, 0)),
            ("tool.py", format!("def run(x):\n    return help(x) + {version}\n")),
            ("web/a.ts", format!("export class A {{ get(): number {{ return {version}; }} }}\n")),
            ("web/b.tsx", format!("import {{ A }} from './a';\nexport const b = new A().get() + {version};\n")),
            (if version == 1 { "old.c" } else { "new.c" }, "int main(void) { return 0; }\n".to_owned()),
        ]
    })
}

#[test]
fn a_branch_is_left_and_entered_again_without_extracting_anything() {
    for backend in backends() {
        let [one, two] = branches();
        let scene = Scene::new(backend, &one);
        scene.check_out(&two);
        let counts = scene.index();
        assert_eq!((counts.changed, counts.added, counts.removed, counts.reused), (5, 1, 1, 1), "the moved file");
        assert_eq!(scene.cache().len(), 5);
        for branch in [&one, &two, &one] {
            scene.check_out(branch);
            let counts = scene.index();
            assert_eq!((counts.changed, counts.added, counts.reused), (5, 1, 6));
            assert_eq!(scene.cache().len(), 5);
        }
        scene.check_out(&one);
        assert_eq!(scene.index().reused, 0, "nothing has changed");
    }
}

#[test]
fn an_edit_that_is_taken_back_is_not_extracted_again() {
    for backend in backends() {
        let scene = Scene::new(backend, &[("a.rs", rust(1, 1)), ("b.rs", rust(2, 1))]);
        scene.write("a.rs", &rust(1, 2));
        assert_eq!(scene.index().reused, 0);
        scene.write("a.rs", &rust(1, 1));
        let counts = scene.index();
        assert_eq!((counts.changed, counts.reused), (1, 1));
    }
}

#[test]
fn what_is_renamed_moved_or_copied_is_not_extracted_again() {
    for backend in backends() {
        let scene = Scene::new(backend, &[("a.rs", rust(1, 1)), ("b.rs", rust(2, 1)), ("c.py", "x = 1\n".into())]);
        scene.remove("a.rs");
        scene.write("renamed.rs", &rust(1, 1));
        scene.remove("b.rs");
        scene.write("deep/er/b.rs", &rust(2, 1));
        scene.write("copy.py", "x = 1\n");
        let counts = scene.index();
        assert_eq!((counts.added, counts.removed, counts.reused), (3, 2, 3));
        assert_eq!(scene.cache(), [], "every content is still in the tree");
        scene.remove("copy.py");
        scene.index();
        assert_eq!(scene.cache(), []);
        scene.remove("c.py");
        scene.index();
        assert_eq!(scene.cache().len(), 1, "now it is gone");
        scene.write("again.py", "x = 1\n");
        assert_eq!(scene.index().reused, 1);
    }
}

#[test]
fn two_files_that_change_places_are_not_extracted_again() {
    for backend in backends() {
        let scene = Scene::new(backend, &[("a.rs", rust(1, 1)), ("b.rs", rust(2, 1))]);
        scene.write("a.rs", &rust(2, 1));
        scene.write("b.rs", &rust(1, 1));
        let counts = scene.index();
        assert_eq!((counts.changed, counts.reused), (2, 2));
        assert_eq!(scene.cache(), []);
    }
}

#[test]
fn the_same_bytes_in_another_language_are_another_content() {
    for backend in backends() {
        let scene = Scene::new(backend, &[("a.js", "let x = <number>1;\n".into())]);
        scene.write("a.ts", "let x = <number>1;\n");
        assert_eq!(scene.index().reused, 0);
        scene.write("a.tsx", "let x = <number>1;\n");
        assert_eq!(scene.index().reused, 0);
        scene.remove("a.ts");
        scene.index();
        assert_eq!(scene.cache().len(), 1);
        scene.write("b.ts", "let x = <number>1;\n");
        assert_eq!(scene.index().reused, 1);
    }
}

#[test]
fn the_oldest_go_when_there_is_too_much() {
    for backend in backends() {
        let mut scene = Scene::new(backend, &[("a.rs", rust(1, 0))]);
        for version in 1..6 {
            scene.write("a.rs", &rust(1, version));
            scene.index();
        }
        let all = scene.cache();
        assert_eq!(all.len(), 5);
        scene.cache_bytes_max = Some(3 * counted(0) + 100);
        scene.write("a.rs", &rust(1, 6));
        scene.index();
        assert_eq!(scene.cache()[..2], all[3..], "{backend}");
        assert_eq!(scene.cache().len(), 3);
        scene.write("a.rs", &rust(1, 0));
        assert_eq!(scene.index().reused, 0, "it was put aside first");
        scene.write("a.rs", &rust(1, 6));
        assert_eq!(scene.index().reused, 1);
        scene.cache_bytes_max = Some(0);
        scene.write("a.rs", &rust(1, 9));
        scene.index();
        assert_eq!(scene.cache(), []);
    }
}

#[test]
fn more_than_fits_at_once_leaves_what_fits() {
    for backend in backends() {
        let files: Vec<(String, String)> = (0..9).map(|number| (format!("f{number}.rs"), rust(number, 1))).collect();
        let mut branch: Vec<(&str, String)> = files.iter().map(|(path, text)| (&**path, text.clone())).collect();
        branch.push(STAYS);
        let mut scene = Scene::new(backend, &branch);
        scene.cache_bytes_max = Some(5 * counted(0));
        scene.check_out(&[STAYS]);
        scene.index();
        let kept = scene.cache();
        assert_eq!(kept.len(), 5, "{kept:?}");
        scene.cache_bytes_max = None;
        scene.check_out(&branch);
        assert_eq!(scene.index().reused, 5);
    }
}

#[test]
fn the_usual_limit_grows_with_the_tree() {
    assert_eq!(cache_bytes_max(0), 64 << 20);
    assert_eq!(cache_bytes_max(1 << 40), 1 << 40);
}

#[test]
fn what_another_version_of_magellan_made_is_not_used() {
    for backend in backends() {
        let scene = Scene::new(backend, &[("a.rs", rust(1, 1)), ("b.rs", rust(2, 1))]);
        scene.write("a.rs", &rust(1, 2));
        scene.index();
        assert_eq!(scene.cache().len(), 1);
        scene.apply(Change::Meta("version".into(), "0.0.0".into()));
        scene.write("a.rs", &rust(1, 1));
        let counts = scene.index();
        assert_eq!((counts.added, counts.reused), (2, 0));
        assert_eq!(scene.cache(), []);
    }
}

#[test]
fn a_full_run_starts_without_a_cache() {
    for backend in backends() {
        let scene = Scene::new(backend, &[("a.rs", rust(1, 1))]);
        scene.write("a.rs", &rust(1, 2));
        scene.index();
        let tree = walk(scene.root(), &WalkOptions::default()).unwrap();
        let options = IndexOptions { full: true, ..IndexOptions::default() };
        let report = index(&options, &tree, &*scene.store, &(), &AtomicBool::new(false)).unwrap();
        assert_eq!(report.files.reused, 0);
        assert_eq!(scene.cache(), []);
    }
}

/// Each part in turn cut short, empty, or of another content.
#[test]
fn what_is_damaged_in_the_cache_is_extracted_anew() {
    type Damage = fn(&mut CacheEntry);
    let damages: [Damage; 6] = [
        |entry| entry.facts_packed.truncate(9),
        |entry| entry.ast_packed[10] ^= 4,
        |entry| entry.functions_packed.clear(),
        |entry| entry.facts_packed.clone_from(&entry.ast_packed),
        |entry| entry.functions_packed.clone_from(&entry.facts_packed),
        |entry| entry.ast_packed.clone_from(&entry.facts_packed),
    ];
    for backend in backends() {
        let scene = Scene::new(backend, &[("a.rs", rust(1, 1))]);
        for damage in damages {
            scene.write("a.rs", &rust(1, 2));
            scene.index();
            let [row] = &scene.cache()[..] else { panic!("one content is gone") };
            let mut entry = scene.store.snapshot().unwrap().cached(row.number).unwrap().unwrap();
            damage(&mut entry);
            scene.apply(Change::Cache(Box::new(entry)));
            let mut faults = Vec::new();
            scene.store.snapshot().unwrap().check(&mut |fault| faults.push(fault)).unwrap();
            assert_eq!(faults.len(), 1, "{faults:?}");
            scene.write("a.rs", &rust(1, 1));
            let counts = scene.index();
            assert_eq!((counts.changed, counts.reused), (1, 0));
        }
    }
}

#[test]
fn what_is_damaged_in_a_file_is_not_copied_to_another() {
    let scene = Scene::new(Backend::Sqlite, &[("a.rs", rust(1, 1))]);
    let live = scene.database.join(fs::read_to_string(scene.database.join("CURRENT")).unwrap().trim_end());
    rusqlite::Connection::open(live).unwrap().execute("UPDATE asts SET packed = x'00'", []).unwrap();
    scene.write("b.rs", &rust(1, 1));
    assert_eq!(into(&*scene.store, scene.root(), None).reused, 0);
    let snapshot = scene.store.snapshot().unwrap();
    let [a, b] = ["a.rs", "b.rs"].map(|path| snapshot.file(path).unwrap().unwrap().id);
    assert!(snapshot.ast(a).is_err() && snapshot.ast(b).is_ok());
}

#[test]
fn a_run_that_is_given_up_leaves_the_cache_as_it_was() {
    for backend in backends() {
        let scene = Scene::new(backend, &[("a.rs", rust(1, 1))]);
        scene.write("a.rs", &rust(1, 2));
        scene.index();
        let before = scene.cache();
        let changes = [Change::Evict(before[0].number), Change::Abort("enough".into())];
        assert!(scene.store.apply(&mut changes.into_iter()).is_err());
        assert_eq!(scene.cache(), before);
        scene.write("a.rs", &rust(1, 1));
        let tree = walk(scene.root(), &WalkOptions::default()).unwrap();
        let stopped = index(&IndexOptions::default(), &tree, &*scene.store, &(), &AtomicBool::new(true));
        assert!(stopped.is_err());
        assert_eq!(scene.cache(), before);
        assert_eq!(scene.index().reused, 1);
    }
}

#[test]
fn the_cache_goes_with_a_migration_and_still_serves() {
    for backend in backends() {
        let [one, two] = branches();
        let scene = Scene::new(backend, &one);
        scene.check_out(&two);
        scene.index();
        for other in backends() {
            let folder = tempfile::tempdir().unwrap();
            let copy = store::open_writer(&folder.path().join("db"), "test", Some(other)).unwrap();
            let snapshot = scene.store.snapshot().unwrap();
            copy.load(&mut store::copy(&*snapshot, &mut |_, _| {}).unwrap()).unwrap();
            drop(snapshot);
            scene.check_out(&one);
            assert_eq!(into(&*copy, scene.root(), None).reused, 6, "{backend} to {other}");
            scene.check_out(&two);
        }
    }
}

/// A model: the contents that were put aside, by the run that did it. Files are written, removed, moved and swapped at
/// random; after each run the cache is what the model says, and exactly what is known is not extracted.
#[test]
fn random_edits_keep_the_cache_as_a_plain_map_would() {
    for backend in backends() {
        for seed in [0x5eed_cac1, 0x5eed_cac2] {
            random_edits(backend, seed);
        }
    }
}

fn random_edits(backend: Backend, seed: u64) {
    let scene = Scene::new(backend, &[STAYS]);
    let mut dice = Dice(seed);
    let mut roll = |sides: u64| (dice.roll(1 << 40) >> 7) % sides;
    let (mut files, mut cache): (BTreeMap<String, String>, Vec<String>) = Default::default();
    for step in 0..40 {
        let before = files.clone();
        for _ in 0..=roll(4) {
            let path = format!("f{}.rs", roll(6));
            match roll(4) {
                0 => drop(files.remove(&path)),
                1 => {
                    let other = format!("f{}.rs", roll(6));
                    let texts = [files.remove(&path), files.remove(&other)];
                    files.extend([other, path].into_iter().zip(texts).filter_map(|(path, text)| Some((path, text?))));
                }
                _ => drop(files.insert(path, rust(roll(3) as u32, roll(3) as u32))),
            }
        }
        let mut branch: Vec<(&str, String)> = files.iter().map(|(path, text)| (&**path, text.clone())).collect();
        branch.push(STAYS);
        scene.check_out(&branch);
        let counts = scene.index();
        let is_known = |text: &String| before.values().any(|known| known == text) || cache.contains(text);
        let read = files.iter().filter(|(path, text)| before.get(*path) != Some(text));
        let reused = read.filter(|(_, text)| is_known(text)).count();
        let told = format!("{backend}, seed {seed:#x}, step {step}");
        assert_eq!(counts.reused, reused as u64, "{told}");
        let mut gone: Vec<String> = before.into_values().collect();
        gone.retain(|text| !files.values().any(|live| live == text));
        cache.retain(|text| !files.values().any(|live| live == text) && !gone.contains(text));
        for text in gone {
            if !cache.contains(&text) {
                cache.push(text);
            }
        }
        let expected: Vec<_> = cache.iter().map(|text| magellan::model::ContentHash::of(text.as_bytes())).collect();
        assert_eq!(scene.cache().iter().map(|row| row.hash).collect::<Vec<_>>(), expected, "{told}");
    }
}

/// Names of folders need not be UTF-8, and may look like anything.
#[cfg(target_os = "linux")]
#[test]
fn compaction_goes_by_any_path() {
    use std::os::unix::ffi::OsStrExt;
    for (backend, name) in
        backends().flat_map(|backend| [&b"odd \xff?x=1#"[..], b"file:a%20b"].map(|name| (backend, name)))
    {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join(std::ffi::OsStr::from_bytes(name));
        let store = store::open_writer(&database, "test", Some(backend)).unwrap();
        store.load(&mut std::iter::empty()).unwrap();
        // Engines may keep it packed.
        let long =
            (0..10_000u32).map(|number| magellan::model::ContentHash::of(&number.to_le_bytes()).to_string()).collect();
        let long = Change::Meta("key".into(), long);
        store.apply(&mut std::iter::once(long)).unwrap();
        store.apply(&mut std::iter::once(Change::Meta("key".into(), "short".into()))).unwrap();
        let (before, after) = store.compact().unwrap();
        assert!(after < before, "{backend}: {before} {after}");
        assert_eq!(store.snapshot().unwrap().meta("key").unwrap().as_deref(), Some("short"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn compaction_gives_space_back_and_loses_nothing() {
    for backend in backends() {
        let long: String = (0..4_000).map(|number| rust(number, number * 7)).collect();
        let scene = Scene::new(backend, &[("a.rs", rust(1, 1)), ("long.rs", long)]);
        scene.remove("long.rs");
        scene.index();
        let number = scene.cache()[0].number;
        scene.apply(Change::Evict(number));
        let reader = store::open(&scene.database).unwrap();
        let old = reader.snapshot().unwrap();
        let before = dump(&*scene.store);
        let (bytes_before, bytes_after) = scene.store.compact().unwrap();
        assert!(bytes_after < bytes_before / 4, "{backend}: {bytes_before} {bytes_after}");
        assert_eq!(dump(&*scene.store), before);
        assert_eq!(old.files().unwrap().len(), 1, "a reader goes on");
        drop(old);
        assert_eq!(dump(&*reader), before);
        scene.write("a.rs", &rust(1, 2));
        assert_eq!(scene.index().changed, 1);
        assert_eq!(dump(&*reader), dump(&*scene.store));
        let (bytes_before, bytes_after) = scene.store.compact().unwrap();
        assert!(bytes_after <= bytes_before);
    }
}
