//! What the walker finds, and that no file on disk can stop it.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use magellan::lang;
use magellan::model::SkipReason;
use magellan::walk::{Tree, WalkError, WalkOptions, read, stamp, walk};
use tempfile::TempDir;

/// Paths and contents.
type Files<'a> = &'a [(&'a str, &'a [u8])];

/// A folder with these files.
fn folder(files: Files<'_>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

fn tree(folder: &TempDir) -> Tree {
    walk(folder.path(), &WalkOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn paths(tree: &Tree) -> Vec<&str> {
    tree.files.iter().map(|found| found.path.as_str()).collect()
}

fn failure(root: &Path) -> WalkError {
    walk(root, &WalkOptions::default()).err().expect("the walk should be refused")
}

#[test]
fn files_are_sorted_and_known_by_extension_name_and_first_line() {
    let folder = folder(&[
        ("b.rs", b""),
        ("a/z.rs", b"\xef\xbb\xbffn a() {}\r\n"),
        ("SHOUT.RS", b""),
        ("run", b"#!/usr/bin/env rust-script\nfn main() {}\n"),
        ("README", b"nothing"),
        ("notes.txt", b"nothing"),
        ("Cargo.toml", b"[package]\n"),
        ("web/tsconfig.base.json", b"{}"),
    ]);
    let tree = tree(&folder);
    assert_eq!(paths(&tree), ["SHOUT.RS", "a/z.rs", "b.rs", "run"]);
    let manifests: Vec<_> = tree.manifests.iter().map(|manifest| manifest.path.as_str()).collect();
    assert_eq!(manifests, ["Cargo.toml", "web/tsconfig.base.json"]);
    assert!(tree.skipped.is_empty());
}

#[test]
fn every_thread_count_finds_the_same() {
    let names: Vec<String> = (0..200).map(|number| format!("d{}/f{number}.rs", number % 7)).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let folder = folder(&files);
    let of = |threads| walk(folder.path(), &WalkOptions { threads, ..WalkOptions::default() }).unwrap();
    let (one, many) = (of(1), of(8));
    assert_eq!(one.files.len(), 200);
    assert_eq!(paths(&one), paths(&many));
}

#[test]
fn nested_ignore_files_count_without_a_repository() {
    let folder = folder(&[
        (".gitignore", b"/built\n*.gen.rs\n"),
        ("sub/.gitignore", b"private.rs\n!kept.gen.rs\n"),
        ("sub/.ignore", b"scratch/\n"),
        ("a.rs", b""),
        ("a.gen.rs", b""),
        ("built/b.rs", b""),
        ("sub/built/c.rs", b""),
        ("sub/private.rs", b""),
        ("sub/kept.gen.rs", b""),
        ("sub/scratch/d.rs", b""),
        (".hidden/e.rs", b""),
        (".git/f.rs", b""),
        (".magellan/g.rs", b""),
    ]);
    assert_eq!(paths(&tree(&folder)), ["a.rs", "sub/built/c.rs", "sub/kept.gen.rs"]);
}

#[test]
fn configuration_narrows_down_and_never_brings_ignored_files_back() {
    let folder = folder(&[
        (".gitignore", b"ignored.rs\n"),
        (".magellan/config.toml", b"include = [\"src/**\"]\nexclude = [\"vendor/\"]\nmax_file_bytes = 10\n"),
        ("src/a.rs", b"fn a() {}"),
        ("src/ignored.rs", b""),
        ("src/vendor/b.rs", b""),
        ("src/big.rs", b"fn far_too_big() {}"),
        ("other/c.rs", b""),
    ]);
    let tree = tree(&folder);
    assert_eq!(paths(&tree), ["src/a.rs"]);
    assert_eq!(tree.skipped.len(), 1);
    assert_eq!((tree.skipped[0].path.as_str(), tree.skipped[0].reason), ("src/big.rs", SkipReason::TooLarge));
    let options = WalkOptions { max_file_bytes: Some(100), ..WalkOptions::default() };
    assert_eq!(paths(&walk(folder.path(), &options).unwrap()), ["src/a.rs", "src/big.rs"]);
}

#[test]
fn bad_configuration_is_refused_with_its_line() {
    for (text, line) in [
        ("include = []\nexlude = []\n", 2),
        ("max_file_bytes = \"many\"", 1),
        ("\n\nexclude = [\n  \"ok\",\n  \"a[\"\n]\n", 5),
        ("exclude = [\"!a\"]", 1),
        ("include = [", 1),
    ] {
        let folder = folder(&[("a.rs", b""), (".magellan/config.toml", text.as_bytes())]);
        match failure(folder.path()) {
            WalkError::Config { path, line: found, .. } => {
                assert!(path.ends_with(".magellan/config.toml"));
                assert_eq!(found, line, "{text}");
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn what_is_no_project_is_refused() {
    let empty = folder(&[("notes.txt", b"")]);
    assert!(matches!(failure(empty.path()), WalkError::NoSource { skipped: 0, .. }));
    assert!(matches!(failure(&empty.path().join("notes.txt")), WalkError::NotAFolder(_)));
    assert!(matches!(failure(&empty.path().join("missing")), WalkError::Missing(_)));
    assert!(matches!(failure(Path::new("/")), WalkError::TooBroad(_)));
}

#[test]
fn a_cancelled_walk_finds_nothing() {
    static CANCEL: AtomicBool = AtomicBool::new(true);
    let folder = folder(&[("a.rs", b"")]);
    let options = WalkOptions { cancel: Some(&CANCEL), ..WalkOptions::default() };
    assert!(matches!(walk(folder.path(), &options), Err(WalkError::Interrupted)));
}

#[test]
fn reading_tells_binary_vanished_and_odd_text_apart() {
    let folder = folder(&[
        ("binary.rs", b"fn a() {\0}"),
        ("empty.rs", b""),
        ("gone.rs", b"fn b() {}"),
        ("odd.rs", b"\xef\xbb\xbffn c() {} // \xff\xfe\r\n"),
    ]);
    let tree = tree(&folder);
    fs::remove_file(folder.path().join("gone.rs")).unwrap();
    let outcomes: Vec<_> = tree.files.iter().map(|found| read(found).map_err(|(reason, _)| reason)).collect();
    assert_eq!(outcomes[0], Err(SkipReason::Binary));
    assert_eq!(outcomes[1].as_deref(), Ok(&b""[..]));
    assert_eq!(outcomes[2], Err(SkipReason::Vanished));
    assert_eq!(outcomes[3].as_ref().map(Vec::len), Ok(20));
    let root = folder.path();
    assert_eq!(stamp(root, "empty.rs"), Some(tree.files[1].stamp));
    assert_eq!(stamp(root, "gone.rs"), None);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn symbolic_links_are_not_followed() {
        let outside = folder(&[("secret.rs", b"")]);
        let folder = folder(&[("a/a.rs", b"")]);
        symlink(folder.path(), folder.path().join("a/loop")).unwrap();
        symlink(outside.path(), folder.path().join("out")).unwrap();
        symlink(folder.path().join("a/a.rs"), folder.path().join("twin.rs")).unwrap();
        symlink("nowhere", folder.path().join("dangling.rs")).unwrap();
        assert_eq!(paths(&tree(&folder)), ["a/a.rs"]);
    }

    #[test]
    fn a_root_that_is_a_symbolic_link_is_followed() {
        let folder = folder(&[("real/a.rs", b"")]);
        symlink(folder.path().join("real"), folder.path().join("link")).unwrap();
        let tree = walk(&folder.path().join("link"), &WalkOptions::default()).unwrap();
        assert_eq!(paths(&tree), ["a.rs"]);
    }

    #[test]
    fn names_that_are_not_text_are_shown_and_still_open() {
        let folder = folder(&[("a.rs", b"")]);
        for name in [&b"odd\xff.rs"[..], b"odd\\xff.rs"] {
            fs::write(folder.path().join(std::ffi::OsStr::from_bytes(name)), name).unwrap();
        }
        let tree = tree(&folder);
        assert_eq!(paths(&tree), ["a.rs", "odd\\x5cxff.rs", "odd\\xff.rs"]);
        assert_eq!(read(&tree.files[2]).unwrap(), b"odd\xff.rs");
        assert_eq!(stamp(folder.path(), "odd\\xff.rs"), Some(tree.files[2].stamp));
    }

    #[test]
    fn unreadable_files_and_folders_are_skipped_with_a_reason() {
        let folder = folder(&[("a.rs", b""), ("locked.rs", b""), ("closed/b.rs", b"")]);
        let lock = |path: &str, mode| {
            fs::set_permissions(folder.path().join(path), fs::Permissions::from_mode(mode)).unwrap();
        };
        lock("locked.rs", 0);
        lock("closed", 0);
        if fs::read(folder.path().join("locked.rs")).is_ok() {
            eprintln!("the superuser can read everything: nothing to test");
            lock("closed", 0o755);
            return;
        }
        let tree = tree(&folder);
        lock("closed", 0o755);
        assert_eq!(read(&tree.files[1]).unwrap_err().0, SkipReason::Unreadable);
        assert_eq!((tree.skipped[0].path.as_str(), tree.skipped[0].reason), ("closed", SkipReason::Unreadable));
    }
}

/// The grammar chosen for a header; nothing while its language is not known.
fn header_of(files: Files<'_>, path: &str) -> Option<&'static str> {
    let folder = folder(files);
    let tree = walk(folder.path(), &WalkOptions::default()).ok()?;
    tree.files.iter().find(|found| found.path == path).map(|found| found.dialect.name)
}

#[test]
fn headers_are_decided_by_content_then_by_neighbours() {
    let known = |name: &'static str| lang::by_dialect(name).map(|(_, dialect)| dialect.name);
    let plain: &[u8] = b"int f(void);\n";
    let class: &[u8] = b"class A { public: int f(); };\n";
    let cases: [(Files<'_>, &'static str); 6] = [
        (&[("x/a.h", class), ("x/a.c", b"")], "cpp"),
        (&[("x/a.h", plain)], "c"),
        (&[("x/a.h", plain), ("x/a.cc", b""), ("x/b.c", b""), ("x/c.c", b"")], "cpp"),
        (&[("x/a.h", plain), ("x/b.cpp", b""), ("y/b.c", b""), ("y/c.c", b"")], "cpp"),
        (&[("x/a.h", plain), ("y/b.cc", b"")], "cpp"),
        (&[("x/a.h", plain), ("y/b.cc", b""), ("y/b.c", b"")], "c"),
    ];
    for (number, (files, expected)) in cases.into_iter().enumerate() {
        if known("c").is_none() || known("cpp").is_none() {
            // Without both grammars neighbours cannot be told; what is decided must still be a known language.
            assert!(header_of(files, "x/a.h").is_none_or(|name| lang::by_dialect(name).is_some()));
            continue;
        }
        assert_eq!(header_of(files, "x/a.h"), known(expected), "case {number}");
    }
}
