//! Which lines git says have changed. Asks the `git` executable, and lets it write nothing.

use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Command;

/// Since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since<'a> {
    /// Between a commit and the files on disk.
    Revision(&'a str),
    /// Between the last commit and what is staged.
    Staged,
}

/// A file that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedFile {
    /// Path relative to the root, as it is now, or as it was if the file is gone.
    pub path: String,
    /// Changed lines of the new content, 1-based; where lines were only removed, those around them.
    pub lines: Vec<RangeInclusive<u32>>,
    /// Whether the file is gone.
    pub is_gone: bool,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no `git` to ask.
    #[error("git cannot be run: {0}")]
    NotRun(std::io::Error),
    /// It does not follow the tree.
    #[error("{0} is in no git repository")]
    NoRepository(String),
    /// It refused.
    #[error("git: {0}")]
    Refused(String),
}

/// The files below `root` that changed, sorted by path. Files that git does not follow yet are not among them.
pub fn changed_lines(root: &Path, since: Since<'_>) -> Result<Vec<ChangedFile>, GitError> {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(["-c", "core.quotePath=false", "diff", "-U0", "--relative", "--no-color"]);
    command.args(["--no-ext-diff", "--no-textconv", "--no-renames", "--src-prefix=a/", "--dst-prefix=b/"]);
    match since {
        Since::Revision(revision) if revision.starts_with('-') => {
            return Err(GitError::Refused(format!("{revision} is no revision")));
        }
        Since::Revision(revision) => command.arg(revision),
        Since::Staged => command.arg("--cached"),
    };
    // Without it, git would refresh its index beside.
    let output =
        command.arg("--").env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C").output().map_err(GitError::NotRun)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        if said.to_lowercase().contains("not a git repository") {
            return Err(GitError::NoRepository(root.display().to_string()));
        }
        let line = said.lines().next().unwrap_or_default();
        return Err(GitError::Refused(line.trim_start_matches("fatal: ").to_owned()));
    }
    Ok(parse(&String::from_utf8_lossy(&output.stdout)))
}

/// Reads a diff without context.
fn parse(diff: &str) -> Vec<ChangedFile> {
    let mut files: Vec<ChangedFile> = Vec::new();
    let mut before = String::new();
    // Lines of a hunk that are still to come: they may look like headings.
    let mut left = 0u32;
    for line in diff.lines() {
        if left > 0 && line.starts_with(['+', '-']) {
            left -= 1;
        } else if let Some(name) = line.strip_prefix("--- ") {
            before = path(name, "a/");
        } else if let Some(name) = line.strip_prefix("+++ ") {
            let is_gone = name == "/dev/null";
            let path = if is_gone { before.clone() } else { path(name, "b/") };
            files.push(ChangedFile { path, lines: Vec::new(), is_gone });
        } else if let Some((removed, start, added)) = line.strip_prefix("@@ ").and_then(hunk) {
            left = removed.saturating_add(added);
            let lines = if added > 0 {
                start..=start.saturating_add(added - 1)
            } else {
                start.max(1)..=start.saturating_add(1)
            };
            if let Some(file) = files.last_mut() {
                file.lines.push(lines);
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Of `-12,3 +14,2 @@ ...`: lines removed, first new line, lines added.
fn hunk(text: &str) -> Option<(u32, u32, u32)> {
    let mut words = text.split(' ');
    let (_, removed) = range(words.next()?.strip_prefix('-')?)?;
    let (start, added) = range(words.next()?.strip_prefix('+')?)?;
    Some((removed, start, added))
}

fn range(text: &str) -> Option<(u32, u32)> {
    match text.split_once(',') {
        Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    }
}

/// A file name of a heading, which git quotes like C if it has odd characters.
fn path(name: &str, prefix: &str) -> String {
    let name = name.strip_suffix('\t').unwrap_or(name);
    let plain = match name.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"')) {
        Some(quoted) => unquoted(quoted),
        None => name.to_owned(),
    };
    plain.strip_prefix(prefix).unwrap_or(&plain).to_owned()
}

fn unquoted(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(digit @ b'0'..=b'7') => {
                let next = [rest.next(), rest.next()].map(|next| next.map_or(0, |next| u32::from(next & 7)));
                bytes.push((u32::from(digit & 7) * 64 + next[0] * 8 + next[1]) as u8);
            }
            Some(letter) => bytes.push(match letter {
                b'a' => 7,
                b'b' => 8,
                b't' => b'\t',
                b'n' => b'\n',
                b'v' => 11,
                b'f' => 12,
                b'r' => b'\r',
                other => other,
            }),
            None => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_become_lines_of_the_new_file() {
        let diff = "diff --git a/b.rs b/b.rs\n--- a/b.rs\n+++ b/b.rs\n@@ -1 +1 @@ fn f\n--- old\n+++ new\n\
            @@ -5,2 +4,0 @@\n-x\n-y\n@@ -9,0 +8,3 @@\n+1\n+2\n+3\n\
            diff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n\
            diff --git \"a/o\\tdd\" \"b/o\\tdd\"\n--- /dev/null\n+++ \"b/o\\tdd \\303\\251\"\n@@ -0,0 +1,2 @@\n+a\n+b\n";
        let file = |path: &str, lines: &[(u32, u32)], is_gone| ChangedFile {
            path: path.into(),
            lines: lines.iter().map(|(start, end)| *start..=*end).collect(),
            is_gone,
        };
        let expected = [
            file("b.rs", &[(1, 1), (4, 5), (8, 10)], false),
            file("gone", &[(1, 1)], true),
            file("o\tdd \u{e9}", &[(1, 2)], false),
        ];
        assert_eq!(parse(diff), expected);
        assert_eq!(parse("Binary files a/x and b/x differ\n@@ odd @@\n@@ -1 +2,99999999999 @@"), []);
    }
}
