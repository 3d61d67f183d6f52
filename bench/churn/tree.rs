//! A tree of files in memory, as one text, and on disk.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Path to content.
pub(crate) type Files = BTreeMap<String, Arc<[u8]>>;

/// Paths with contents, of which a path may have several.
pub(crate) type Spare = Vec<(String, Arc<[u8]>)>;

/// A tree to be edited.
pub(crate) struct Tree {
    /// The language it is of, or what else it is.
    pub(crate) name: &'static str,
    /// `//- path` starts a file; `//~ path` one that an edit may put there, instead of another or as a new one.
    pub(crate) text: &'static str,
}

/// One tree for each language.
pub(crate) const TREES: &[Tree] = &[
    Tree { name: "c", text: include_str!("trees/c.txt") },
    Tree { name: "cpp", text: include_str!("trees/cpp.txt") },
    Tree { name: "go", text: include_str!("trees/go.txt") },
    Tree { name: "java", text: include_str!("trees/java.txt") },
    Tree { name: "javascript", text: include_str!("trees/javascript.txt") },
    Tree { name: "python", text: include_str!("trees/python.txt") },
    Tree { name: "rust", text: include_str!("trees/rust.txt") },
    Tree { name: "typescript", text: include_str!("trees/typescript.txt") },
];

impl Tree {
    /// The files, and those that may be put there.
    pub(crate) fn files(&self) -> (Files, Spare) {
        let (spare, files): (Vec<_>, Vec<_>) = parts(self.text).into_iter().partition(|part| part.mark == "//~");
        let own = |part: Part| (part.path, part.text.into_bytes().into());
        (files.into_iter().map(own).collect(), spare.into_iter().map(own).collect())
    }
}

struct Part {
    mark: &'static str,
    path: String,
    text: String,
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for line in text.lines() {
        let head = |mark| line.strip_prefix(mark).map(|path| (mark, path.trim()));
        if let Some((mark, path)) = head("//-").or_else(|| head("//~")) {
            parts.push(Part { mark, path: path.to_owned(), text: String::new() });
        } else if let Some(part) = parts.last_mut() {
            part.text.push_str(line);
            part.text.push('\n');
        }
    }
    parts
}

/// Writes states of a tree one after the other as a text: all files of the first, then what each changes. `//~ path`
/// alone is a file that goes.
pub(crate) fn show(states: &[Files]) -> String {
    let mut text = String::new();
    let mut before = Files::new();
    for (index, state) in states.iter().enumerate() {
        if index > 0 {
            text.push_str("//= then\n");
        }
        for (path, content) in state.iter().filter(|(path, content)| before.get(*path) != Some(content)) {
            let _ = write!(text, "//- {path}\n{}", String::from_utf8_lossy(content));
            text.push_str(if content.ends_with(b"\n") { "" } else { "\n" });
        }
        before.keys().filter(|path| !state.contains_key(*path)).for_each(|path| {
            let _ = writeln!(text, "//~ {path}");
        });
        before.clone_from(state);
    }
    text
}

/// The states that [`show`] wrote.
pub(crate) fn states(text: &str) -> Vec<Files> {
    let mut states = vec![Files::new()];
    for (index, text) in text.split("//= then\n").enumerate() {
        if index > 0 {
            states.extend(states.last().cloned());
        }
        let state = states.last_mut().expect("there is one from the start");
        for part in parts(text) {
            match part.mark {
                "//~" => state.remove(&part.path),
                _ => state.insert(part.path, part.text.into_bytes().into()),
            };
        }
    }
    states
}

/// A tree on disk that is made to hold what is wanted.
pub(crate) struct Disk {
    root: PathBuf,
    holds: Files,
    /// Counts what is written: each file has a time of its own, all in the past, so that its time tells that it changed
    /// and that no other one did.
    clock: u64,
}

const PAST: Duration = Duration::from_secs(100 * 24 * 3600);

impl Disk {
    /// `root` must be a folder that holds nothing, or the files `holds`.
    pub(crate) fn new(root: &Path, holds: Files) -> Self {
        Self { root: root.to_owned(), holds, clock: 0 }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Writes what differs and removes what is too much.
    pub(crate) fn hold(&mut self, files: &Files) {
        let gone: Vec<String> = self.holds.keys().filter(|path| !files.contains_key(*path)).cloned().collect();
        for path in gone {
            let path = self.root.join(path);
            fs::remove_file(&path).expect("a file that was written can be removed");
            // Folders that are not empty stay.
            path.ancestors().skip(1).take_while(|folder| **folder != *self.root).for_each(|folder| {
                let _ = fs::remove_dir(folder);
            });
        }
        let new: Vec<&String> =
            files.iter().filter(|(path, text)| self.holds.get(*path) != Some(text)).map(|(path, _)| path).collect();
        for path in new {
            let file = self.root.join(path);
            fs::create_dir_all(file.parent().expect("a file is in a folder")).expect("a folder can be made");
            fs::write(&file, &files[path]).expect("a file can be written");
            self.touch(path);
        }
        self.holds.clone_from(files);
    }

    /// Gives a file a new time.
    pub(crate) fn touch(&mut self, path: &str) {
        self.clock += 1;
        let time = SystemTime::now() - PAST + Duration::from_millis(self.clock);
        let file = fs::File::options().write(true).open(self.root.join(path)).expect("a file can be opened");
        file.set_modified(time).expect("a file's time can be set");
    }
}
