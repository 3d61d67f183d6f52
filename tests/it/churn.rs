//! Random edits of trees of every language: after each, a database that followed them on disk is that of a fresh index,
//! with both engines. `examples/churn.rs` does the same for as long as wanted, on any tree.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use magellan::store::Backend;

#[path = "../../bench/churn/mod.rs"]
mod shared;

pub(crate) use shared::Dice;
use shared::edits::EDITS;
use shared::follow::{Mismatch, fresh_fingerprint};
use shared::tree::{show, states};
use shared::{Disk, Editor, Files, Follower, Spare, TREES, shrink};

/// Edits of each tree.
const STEPS: u32 = 50;
/// Every so many steps the database is checked as well.
const CHECKED: u32 = 5;
const SHRINK_TIME: Duration = Duration::from_secs(30);

pub(crate) fn backends() -> Vec<Backend> {
    let all = Backend::WORDS.iter().map(|(backend, _)| *backend);
    all.filter(|backend| magellan::store::memory(*backend).is_ok()).collect()
}

fn edited(name: &str) {
    let tree = TREES.iter().find(|tree| tree.name == name).unwrap();
    let (files, spare) = tree.files();
    let seed = name.len() as u64;
    follow(Editor::new(files, spare, seed), STEPS, &format!("{name}, seed {seed}"));
}

/// Makes so many edits and compares after each.
fn follow(mut editor: Editor, steps: u32, told: &str) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("tree");
    fs::create_dir(&root).unwrap();
    let mut disk = Disk::new(&root, Files::new());
    let mut follower = Follower::new(folder.path(), &backends());
    let mut states = vec![editor.files().clone()];
    disk.hold(editor.files());
    follower.follow(disk.root(), 1).unwrap_or_else(|mismatch| panic!("{told}, first index: {mismatch}"));
    let mut relinked = 0;
    for step in 1..=steps {
        let edit = editor.step();
        states.push(editor.files().clone());
        disk.hold(editor.files());
        editor.take_touched().iter().for_each(|path| disk.touch(path));
        let threads = 1 + step as usize % 3;
        let followed = follower.follow(disk.root(), threads);
        let mut result = followed.map(|files| relinked += u32::from(files > 0));
        if step % CHECKED == 0 {
            result = result.and_then(|()| follower.check()).and_then(|()| engines_agree(disk.root()));
            follower.reopen();
        }
        if let Err(mismatch) = result {
            panic!("{told}, step {step} ({edit}): {mismatch}\n{}", smallest(&states, mismatch.backend));
        }
    }
    // Otherwise the edits prove nothing.
    assert!(relinked * 5 > steps, "{told}: only {relinked} edits changed links of other files");
}

/// A fresh database of either engine has the same content.
fn engines_agree(root: &Path) -> Result<(), Mismatch> {
    let mut found = Vec::new();
    for backend in backends() {
        found.push(fresh_fingerprint(root, backend, 2)?);
    }
    assert!(found.iter().all(|one| *one == found[0]), "{found:?}");
    Ok(())
}

/// The least that shows the same failure, for `churn_stories`.
fn smallest(states: &[Files], backend: Backend) -> String {
    match shrink(states, backend, SHRINK_TIME) {
        Some((states, mismatch)) => format!("the same with less: {mismatch}\n{}", show(&states)),
        None => "the states alone do not show it".into(),
    }
}

#[test]
fn edits_of_c_end_like_a_fresh_index() {
    edited("c");
}

#[test]
fn edits_of_cpp_end_like_a_fresh_index() {
    edited("cpp");
}

#[test]
fn edits_of_go_end_like_a_fresh_index() {
    edited("go");
}

#[test]
fn edits_of_java_end_like_a_fresh_index() {
    edited("java");
}

#[test]
fn edits_of_javascript_end_like_a_fresh_index() {
    edited("javascript");
}

#[test]
fn edits_of_python_end_like_a_fresh_index() {
    edited("python");
}

#[test]
fn edits_of_rust_end_like_a_fresh_index() {
    edited("rust");
}

#[test]
fn edits_of_typescript_end_like_a_fresh_index() {
    edited("typescript");
}

/// All languages in one tree: one family's edits leave the others alone.
#[test]
fn edits_of_all_languages_at_once_end_like_a_fresh_index() {
    let (mut files, mut spare) = (Files::new(), Spare::new());
    for tree in TREES {
        let (own, others) = tree.files();
        let inside = |(path, text): (String, Arc<[u8]>)| (format!("{}/{path}", tree.name), text);
        files.extend(own.into_iter().map(inside));
        spare.extend(others.into_iter().map(inside));
    }
    follow(Editor::new(files, spare, 88), 25, "all languages, seed 88");
}

#[test]
fn edits_of_this_package_end_like_a_fresh_index() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Files::new();
    for folder in ["src/model", "src/walk", "src/lang/go"] {
        for entry in fs::read_dir(package.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let shown = path.strip_prefix(package).unwrap().to_string_lossy().into_owned();
                files.insert(shown, fs::read(&path).unwrap().into());
            }
        }
    }
    for path in ["Cargo.toml", "src/lib.rs", "src/lang/mod.rs"] {
        files.insert(path.into(), fs::read(package.join(path)).unwrap().into());
    }
    follow(Editor::new(files, Spare::new(), 4), 12, "this package, seed 4");
}

#[test]
fn every_kind_of_edit_can_be_made() {
    let mut editors: Vec<Editor> = TREES.iter().map(|tree| Editor::new(tree.files().0, tree.files().1, 5)).collect();
    for edit in EDITS {
        let made = editors.iter_mut().map(|editor| (editor.step(), editor.edit_of(edit.name)).1);
        assert!(made.filter(|told| told != "nothing").count() > 5, "{}", edit.name);
    }
}

/// Follows states of a tree, as failures tell them; gives in how many of them a file that did not change links otherwise
/// than before.
pub(crate) fn replayed(text: &str) -> usize {
    let states = states(text);
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("tree");
    fs::create_dir(&root).unwrap();
    let mut disk = Disk::new(&root, Files::new());
    let follower = Follower::new(folder.path(), &backends());
    let mut relinked = 0;
    for (number, state) in states.iter().enumerate() {
        disk.hold(state);
        let followed = follower.follow(&root, 1).and_then(|files| follower.check().map(|()| files));
        let files = followed.unwrap_or_else(|mismatch| panic!("state {number}: {mismatch}\n{}", show(&states)));
        relinked += usize::from(files > 0);
    }
    relinked
}
