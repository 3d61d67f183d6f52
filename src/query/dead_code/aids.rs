//! What only tests use and stands right beside one that does: it is part of them, whatever its marks.

use rustc_hash::FxHashSet;

use super::life::{Life, Node};
use super::{Reason, Told};

/// Leaves out what is told and helps the tests beside it, or what does so.
pub(super) fn without_aids(life: &Life, told: Vec<Told>) -> Vec<Told> {
    let used_by_tests = told.iter().filter(|told| told.reason == Reason::UsedByTestsOnly);
    let open: FxHashSet<Node> = used_by_tests.map(|told| told.node).collect();
    if open.is_empty() {
        return told;
    }
    let users = life.users(&open);
    let mut aids: FxHashSet<Node> = FxHashSet::default();
    loop {
        let before = aids.len();
        for &(node, user) in &users {
            let is_aided = |beside: Node| life.is_test(beside) || aids.contains(&beside);
            if beside(life, node, user).is_some_and(is_aided) {
                aids.insert(node);
            }
        }
        if aids.len() == before {
            return told.into_iter().filter(|told| !aids.contains(&told.node)).collect();
        }
    }
}

/// The definition with a use in it that stands right beside the one that is used; modules of tests do not count.
fn beside(life: &Life, node: Node, user: Node) -> Option<Node> {
    let around = life.parent(node);
    let mut next = user;
    while life.parent(next) != around {
        next = life.parent(next)?;
    }
    let is_module = life.vertex(next)?.kind.is_module();
    (!is_module && next != node && life.file_of(next) == life.file_of(node)).then_some(next)
}
