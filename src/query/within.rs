//! Which definitions of an answer count: those of some files, and those that are no test code.

use crate::model::{Marks, SymbolId};
use crate::store::SymbolRow;

use super::pattern::{self, Paths};
use super::{Ground, Result};

/// Narrows down what an answer lists.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Within {
    /// Only what stands in a file, in a folder or in files that match a glob as in `.gitignore`
    #[arg(long, value_name = "PATH")]
    pub file: Option<String>,
    /// Leave out tests and what only stands in files of tests
    #[arg(long)]
    pub no_tests: bool,
}

/// The same, read.
pub(super) struct Narrowed {
    paths: Paths,
    no_tests: bool,
}

impl Within {
    /// Reads the path.
    pub(super) fn read(&self, ground: &Ground<'_>) -> Result<Narrowed> {
        Ok(Narrowed { paths: pattern::known(ground, self.file.as_deref())?, no_tests: self.no_tests })
    }
}

impl Narrowed {
    /// Whether anything in the file at `path` can count.
    pub(super) fn has_file(&self, path: &str) -> bool {
        self.paths.has(path) && !(self.no_tests && is_test_path(path))
    }

    /// Whether test code does not count.
    pub(super) fn leaves_out_tests(&self) -> bool {
        self.no_tests
    }

    /// Whether a definition counts that is or is not test code by its marks.
    pub(super) fn has(&self, path: &str, is_test: bool) -> bool {
        self.has_file(path) && !(self.no_tests && is_test)
    }

    /// The same for a single row, whose parents are looked up.
    pub(super) fn has_row(&self, ground: &Ground<'_>, row: &SymbolRow) -> Result<bool> {
        if !self.has_file(&row.path) {
            return Ok(false);
        }
        let mut next = Some(row.clone()).filter(|_| self.no_tests);
        while let Some(symbol) = next {
            if symbol.marks.has(Marks::TEST) {
                return Ok(false);
            }
            next = symbol.parent.map(|parent| ground.snapshot.symbol(parent)).transpose()?.flatten();
        }
        Ok(true)
    }
}

/// Folders that hold nothing but tests and what they need.
const TEST_FOLDERS: &[&str] = &["__tests__", "bench", "benches", "benchmarks", "spec", "test", "testdata", "tests"];

/// Folders in which tests keep what they read by path.
const DATA_FOLDERS: &[&str] = &[
    "__fixtures__",
    "__testfixtures__",
    "cases",
    "compile-fail",
    "data",
    "expand",
    "expected",
    "fail",
    "fixture",
    "fixtures",
    "input",
    "inputs",
    "pass",
    "resources",
    "samples",
    "snapshots",
    "testdata",
    "ui",
];

/// Whether a path is one that test runners look at, or lies in a folder for tests.
pub(super) fn is_test_path(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    is_of_tests(folders) || is_test_name(name)
}

/// Whether a file may be one that tests read and nothing runs, as far as its path tells. With `by_name`, test runners look
/// in folders for tests at the names of files only.
pub(super) fn may_be_data(path: &str, by_name: bool) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_data =
        |folder: &str| DATA_FOLDERS.contains(&folder) || ["_data", "files"].iter().any(|end| folder.ends_with(end));
    let has_data = || folders.split('/').any(is_data);
    let is_read = if is_of_tests(folders) { by_name || has_data() } else { folders.contains("fixture") && has_data() };
    // Tests of types are read and not run.
    name.contains(".test-d.") || is_read && !is_test_name(name)
}

fn is_of_tests(folders: &str) -> bool {
    folders.split('/').any(|folder| TEST_FOLDERS.contains(&folder))
}

fn is_test_name(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    [".test-d", "_test", ".test", ".spec", "-test", "_spec"].iter().any(|end| stem.ends_with(end))
        || ["Test", "Tests"].iter().any(|end| stem.strip_suffix(end).is_some_and(|rest| !rest.is_empty()))
        || stem.starts_with("test_")
        || ["conftest", "test", "tests"].contains(&stem)
}

/// For the definitions of a file in order, by their marks and parents, whether each is test code: marked so, inside of
/// something marked so, or in a file where `all` are.
pub(super) fn test_code(all: bool, symbols: impl Iterator<Item = (Marks, Option<SymbolId>)>) -> Vec<bool> {
    let mut tests: Vec<bool> = Vec::with_capacity(symbols.size_hint().0);
    for (marks, parent) in symbols {
        let is_inside = |parent: SymbolId| tests.get(parent.0 as usize).copied().unwrap_or_default();
        tests.push(all || marks.has(Marks::TEST) || parent.is_some_and(is_inside));
    }
    tests
}

/// The same for the rows of a file at a path.
pub(super) fn test_rows(path: &str, symbols: &[SymbolRow]) -> Vec<bool> {
    test_code(is_test_path(path), symbols.iter().map(|row| (row.marks, row.parent.map(|parent| parent.symbol))))
}

#[cfg(test)]
mod tests {
    use super::{is_test_path, may_be_data};

    #[test]
    fn data_of_tests_is_told_by_paths() {
        for path in ["tests/fixtures/a.x", "tests/data/b.x", "test/issue_files/E1.x", "types/a.test-d.ts"] {
            assert!(may_be_data(path, false), "{path}");
        }
        for path in ["tests/a.x", "tests/data/test_a.x", "src/data/a.x"] {
            assert!(!may_be_data(path, false), "{path}");
        }
        assert!(may_be_data("tests/a.x", true) && !may_be_data("tests/test_a.x", true));
    }

    #[test]
    fn files_of_tests_are_told_by_their_paths() {
        for path in ["tests/a.x", "a/__tests__/b.x", "a/b_test.x", "test_b.x", "a/B.spec.x", "a/BTest.x", "conftest.x"]
        {
            assert!(is_test_path(path), "{path}");
        }
        for path in ["src/a.x", "contest.x", "a/latest.x", "a/Test.x", "testing/a.x", "attest/b.x"] {
            assert!(!is_test_path(path), "{path}");
        }
    }
}
