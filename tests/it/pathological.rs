//! Trees that are made to be hard: every site still has one bounded outcome, the same for any number of threads, and
//! what is beyond the limits says so. How long they take is printed by `examples/pathological.rs`.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::AtomicBool;

use magellan::index::{IndexOptions, index};
use magellan::link::{LinkFile, explain};
use magellan::model::{Outcome, Reason, Role};
use magellan::store;
use magellan::walk::{WalkOptions, walk};

use crate::corpus::{Linked, linked};
use crate::index::Dice;

#[path = "../../bench/pathological.rs"]
mod trees;

use trees::{TREES, Tree};

/// Most definitions one site may list.
const CANDIDATES_MAX: usize = 256;

fn tree(name: &str) -> &'static Tree {
    TREES.iter().find(|tree| tree.name == name).unwrap()
}

fn linked_tree(tree: &Tree, size: usize, threads: usize) -> Linked {
    let files = (tree.files)(size);
    let fixture: Vec<String> = files.iter().map(|(path, text)| format!("//- {path}\n{text}\n")).collect();
    linked(&fixture.concat(), threads)
}

/// How often calls of each name have each outcome.
fn calls(name: &str, size: usize) -> BTreeMap<String, usize> {
    let linked = linked_tree(tree(name), size, 2);
    let mut counts = BTreeMap::new();
    for (file, source) in linked.sources.iter().enumerate() {
        for (occurrence, outcome) in linked.facts[file].occurrences.iter().zip(&linked.links[file].outcomes) {
            if occurrence.role == Role::Call {
                let text = &source.text[occurrence.span.start as usize..occurrence.span.end as usize];
                let callee = text.trim_end_matches(|c: char| c.is_ascii_digit());
                *counts.entry(format!("{callee} {}", brief(outcome))).or_default() += 1;
            }
        }
    }
    counts
}

fn brief(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Resolved(..) => "resolved".to_owned(),
        Outcome::Candidates(definitions, _) => format!("candidates {}", definitions.len()),
        Outcome::File(..) => "file".to_owned(),
        Outcome::External(..) => "external".to_owned(),
        Outcome::Unknown(reason) => format!("unknown {}", reason.word()),
    }
}

#[track_caller]
fn check(name: &str, size: usize, expected: &[(&str, usize)]) {
    let expected: BTreeMap<String, usize> = expected.iter().map(|(key, count)| ((*key).to_owned(), *count)).collect();
    assert_eq!(calls(name, size), expected, "{name}, {size}");
}

#[test]
fn every_site_of_every_hard_tree_has_one_bounded_outcome() {
    for tree in TREES {
        let linked = linked_tree(tree, 60, 1);
        for (facts, links) in linked.facts.iter().zip(&linked.links) {
            assert_eq!(facts.occurrences.len(), links.outcomes.len(), "{}", tree.name);
            for outcome in &links.outcomes {
                if let Outcome::Candidates(definitions, _) = outcome {
                    assert!(definitions.len() <= CANDIDATES_MAX, "{}: {} candidates", tree.name, definitions.len());
                }
            }
        }
        for threads in [2, 8] {
            assert_eq!(linked_tree(tree, 60, threads).links, linked.links, "{}, {threads} threads", tree.name);
        }
    }
}

/// All hard trees in one, where names of one collide with those of another.
#[test]
fn all_hard_trees_together_give_the_same_for_any_threads_and_order() {
    let folder = tempfile::tempdir().unwrap();
    for (number, tree) in TREES.iter().enumerate() {
        for (path, text) in (tree.files)(12) {
            let path = folder.path().join(format!("t{number}")).join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    let mut dice = Dice(77);
    let mut dump = |threads: usize, is_shuffled: bool| {
        let mut tree = walk(folder.path(), &WalkOptions::default()).unwrap();
        for last in (1..tree.files.len()).rev().filter(|_| is_shuffled) {
            tree.files.swap(last, dice.roll(last as u64 + 1) as usize);
        }
        let store = store::memory(store::Backend::Sqlite).unwrap();
        let options = IndexOptions { threads, root: "root".to_owned(), ..IndexOptions::default() };
        index(&options, &tree, &*store, &(), &AtomicBool::new(false)).unwrap();
        let mut lines = Vec::new();
        store::dump(&*store.snapshot().unwrap(), &mut |line| lines.push(line.to_owned())).unwrap();
        lines
    };
    let expected = dump(1, false);
    for (threads, is_shuffled) in [(2, false), (8, false), (1, true), (2, true), (8, true)] {
        let lines = dump(threads, is_shuffled);
        let other: Vec<_> = lines.iter().zip(&expected).filter(|(line, expected)| line != expected).take(6).collect();
        assert!(lines == expected, "{threads} threads, shuffled: {is_shuffled}: {other:#?}");
    }
}

#[test]
fn equal_method_names_in_many_classes_are_told_apart_by_their_receivers() {
    check(
        "python: classes with one method",
        500,
        &[("C resolved", 1_000), ("run resolved", 500), ("run unknown receiver_type", 500)],
    );
}

#[test]
fn names_are_followed_through_many_files() {
    check("python: chain of re-imports", 400, &[("x resolved", 399)]);
    check("typescript: chain of re-exports", 400, &[("y resolved", 399)]);
}

#[test]
fn a_chain_of_aliases_ends_at_the_limit() {
    let calls = calls("rust: chain of aliases", 3_000);
    assert!(calls["run resolved"] > 100, "{calls:?}");
    assert_eq!(calls["run resolved"] + calls["run unknown limit"], 3_000, "{calls:?}");
}

#[test]
fn names_are_found_round_a_circle_of_wildcards() {
    check("python: circle of wildcards", 100, &[("f resolved", 100), ("nowhere unknown not_in_scope", 100)]);
}

#[test]
fn as_many_namesakes_as_calls_are_beyond_the_limit() {
    check("javascript: one line, one name", 200, &[("a candidates 200", 200)]);
    check("javascript: one line, one name", 300, &[("a unknown limit", 300)]);
    check("javascript: one line, one name", 1_100, &[("a unknown limit", 1_100)]);
}

#[test]
fn a_minified_line_is_linked_like_any_other() {
    let calls = calls("javascript: one line, many functions", 1_000);
    assert_eq!(calls["a resolved"], 1_000, "{calls:?}");
}

#[test]
fn overloads_are_chosen_where_the_argument_is_known() {
    for name in ["java: calls of overloads", "c++: calls of overloads"] {
        let calls = calls(name, 100);
        assert_eq!(calls["run resolved"], 100, "{name}: {calls:?}");
        assert_eq!(calls["run candidates 100"], 100, "{name}: {calls:?}");
    }
}

#[test]
fn too_many_implementors_are_beyond_the_limit() {
    for (name, run) in [
        ("java: implementors of one interface", "run"),
        ("go: implementors of one interface", "Run"),
        ("rust: implementors of one trait", "run"),
    ] {
        let few = calls(name, 100);
        let listed: usize = few.iter().filter(|(key, _)| key.contains("candidates 10")).map(|(_, count)| count).sum();
        assert_eq!(listed, 100, "{name}: {few:?}");
        check(name, 300, &[(&format!("{run} unknown limit"), 300)]);
    }
}

#[test]
fn many_questions_that_take_too_much_leave_less_for_the_others() {
    let linked = linked_tree(tree("python: tuples that double"), 200, 1);
    let outcomes = &linked.links[0].outcomes;
    let is_limit = |outcome: &&Outcome| matches!(outcome, Outcome::Unknown(Reason::Limit));
    assert!(outcomes.iter().filter(is_limit).count() > 100, "{outcomes:?}");
    let files = [LinkFile { path: &linked.sources[0].path, language: linked.languages[0], facts: &linked.facts[0] }];
    let all: Vec<(usize, usize)> = (0..outcomes.len()).map(|occurrence| (0, occurrence)).collect();
    let explained: Vec<Outcome> = explain(&files, &[], &all).into_iter().map(|evidence| evidence.outcome).collect();
    assert_eq!(&explained, outcomes, "explained as linked");
}
