//! Files, definitions, links and execution records: what goes in comes out, and nothing else does.

use std::sync::Arc;

use magellan::model::{
    ContentHash, Expr, Import, ImportPath, ImportShape, Marks, NamesBuilder, Occurrence, Outcome, Reason, Relation,
    RelationKind, Role, Rule, ScopeId, SkipReason, Skipped, Space, Span, Stamp, SymbolId,
};
use magellan::store::{self, Change, ExecutionOutcome, FileId, NamePattern, StoreError, Target, fingerprint};

use super::{apply, dump, execution, facts, functions, key, link, on_every_engine, put, sample, text_of, to};

#[test]
fn files_come_back_as_they_went_in() {
    on_every_engine(|store| {
        apply(store, sample());
        let snapshot = store.snapshot().unwrap();
        let files = snapshot.files().unwrap();
        assert_eq!(files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["a.rs", "b.rs"]);
        let file = snapshot.file("b.rs").unwrap().unwrap();
        assert_eq!(file, files[1]);
        assert_eq!((file.symbols, file.occurrences, file.module.as_str()), (1, 5, "sample"));
        let text = text_of("b.rs", &snapshot.facts(file.id).unwrap());
        assert_eq!(snapshot.text(file.id).unwrap(), text);
        assert_eq!(file.hash, ContentHash::of(&text));
        let a = facts(&["alpha", "beta", "gamma"], &[]);
        assert_eq!(snapshot.facts(FileId(0)).unwrap(), a);
        assert_eq!(snapshot.functions(FileId(0)).unwrap(), functions(&a));
        let nodes = snapshot.ast(FileId(0)).unwrap();
        assert_eq!(nodes.iter().map(|node| node.parent).collect::<Vec<_>>(), [None, Some(0), Some(0), Some(0)]);
        assert_eq!((nodes[0].kind, nodes[3].span), (300, a.symbols[2].span));
        assert_eq!(snapshot.file("c.rs").unwrap(), None);
    });
}

#[test]
fn symbols_are_found_by_name_glob_and_id() {
    on_every_engine(|store| {
        apply(store, sample());
        let snapshot = store.snapshot().unwrap();
        let find = |pattern: NamePattern| -> Vec<String> {
            snapshot.find(&pattern).unwrap().into_iter().map(|row| row.qualified_name).collect()
        };
        assert_eq!(find(NamePattern::Exact("beta".into())), ["sample::beta"]);
        assert_eq!(find(NamePattern::Exact("bet".into())), [""; 0]);
        assert_eq!(find(NamePattern::Within("beta".into(), "sample".into())), ["sample::beta"]);
        assert_eq!(find(NamePattern::Within("beta".into(), "other".into())), [""; 0]);
        assert_eq!(find(NamePattern::Glob("*a".into())), ["sample::alpha", "sample::beta", "sample::beta::gamma"]);
        assert_eq!(find(NamePattern::Glob("[ab]*".into())), ["sample::alpha", "sample::beta"]);
        let beta = snapshot.symbol(key(0, 1)).unwrap().unwrap();
        let digits = beta.id.to_string();
        for length in [8, 9, 32] {
            assert_eq!(find(NamePattern::Id(digits[..length].into())), ["sample::beta"]);
        }
        assert_eq!(find(NamePattern::Id(String::new())).len(), 4);
        for wrong in ["xyz", "+a", "é", &"0".repeat(33)] {
            assert_eq!(find(NamePattern::Id(wrong.into())), [""; 0]);
        }
        assert_eq!(snapshot.symbols(FileId(0)).unwrap().len(), 3);
        let gamma = snapshot.symbol(key(0, 2)).unwrap().unwrap();
        assert_eq!((gamma.parent, beta.doc, gamma.doc), (Some(beta.key), Some(Span::new(100, 102)), None));
        assert_eq!((beta.marks, beta.signature.as_str()), (Marks::TEST.with(Marks::ASYNC), "fn beta()"));
        assert_eq!(snapshot.symbol(key(7, 7)).unwrap(), None);
    });
}

#[test]
fn every_outcome_comes_back() {
    on_every_engine(|store| {
        apply(store, sample());
        let snapshot = store.snapshot().unwrap();
        let rows = snapshot.occurrences(FileId(1)).unwrap();
        let targets: Vec<&Target> = rows.iter().map(|row| &row.target).collect();
        assert_eq!(*targets[0], Target::Resolved(key(0, 0), Rule::Import));
        assert_eq!(*targets[1], Target::Candidates(vec![key(0, 1), key(0, 2)], Rule::Dispatch));
        assert_eq!(*targets[2], Target::External("std::print".into(), Rule::Builtin));
        assert_eq!(*targets[3], Target::Unknown(Reason::NotInScope));
        assert_eq!((rows[1].arity, rows[1].symbol, rows[1].role), (Some(1), Some(key(1, 0)), Role::Call));
        assert_eq!(snapshot.uses(key(0, 0)).unwrap(), rows[..1]);
        assert_eq!(snapshot.uses(key(0, 2)).unwrap(), rows[1..2]);
        assert_eq!(snapshot.uses(key(1, 0)).unwrap(), []);
        assert_eq!(snapshot.unknown("gone").unwrap(), rows[3..]);
        assert_eq!(snapshot.unknown("print").unwrap(), []);
        let totals = snapshot.totals().unwrap();
        let calls = totals.languages[0].calls;
        assert_eq!((calls.resolved, calls.candidates, calls.external, calls.unknown), (1, 1, 1, 2));
        assert_eq!(totals.unknown_reasons, [("receiver_type".to_owned(), 1), ("not_in_scope".to_owned(), 1)]);
    });
}

#[test]
fn imports_and_relations_come_back() {
    let mut file = facts(&["alpha", "beta"], &[]);
    let mut names = NamesBuilder::default();
    let ids = ["alpha", "beta", "crate", "util", "u"].map(|name| names.intern(name));
    file.names = names.finish();
    file.exprs.push(Expr::Name { name: ids[2], scope: ScopeId(0), at: 0, space: Space::Any });
    file.exprs.push(Expr::Member { base: magellan::model::ExprId(0), name: ids[3] });
    let import = Import {
        path: ImportPath::Expr(magellan::model::ExprId(1)),
        shape: ImportShape::Whole,
        bound: Some(ids[4]),
        reexport: true,
        scope: ScopeId(0),
        span: Span::new(0, 9),
    };
    let glob = Import { path: ImportPath::Specifier(ids[3]), shape: ImportShape::Glob, bound: None, ..import };
    file.imports = vec![import, glob];
    let target = magellan::model::ExprId(0);
    file.relations.push(Relation { symbol: SymbolId(1), kind: RelationKind::Implements, target });
    let file = Arc::new(file);
    on_every_engine(|store| {
        apply(store, vec![put(4, "a.rs", &file), link(4, &file, Vec::new())]);
        let snapshot = store.snapshot().unwrap();
        let imports = snapshot.imports(FileId(4)).unwrap();
        assert_eq!((imports[0].specifier.as_str(), imports[0].member.as_deref()), ("crate::util", None));
        assert_eq!((imports[0].bound.as_deref(), imports[0].file.as_deref()), (Some("u"), Some("a.rs")));
        assert_eq!((imports[1].specifier.as_str(), imports[1].member.as_deref()), ("util", Some("*")));
        let relations = snapshot.relations(key(4, 1), true).unwrap();
        assert_eq!(relations[0].target, Target::External("std::fmt::Debug".into(), Rule::Import));
        assert_eq!(relations[0].kind, RelationKind::Implements);
        assert_eq!(snapshot.relations(key(4, 0), true).unwrap(), []);
        assert_eq!(snapshot.relations(key(4, 1), false).unwrap(), []);
    });
}

#[test]
fn a_removed_file_leaves_nothing_behind() {
    on_every_engine(|store| {
        let empty = dump(store);
        apply(store, sample());
        apply(store, vec![Change::Remove(FileId(1)), Change::Remove(FileId(0))]);
        assert_eq!(dump(store), empty);
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.find(&NamePattern::Glob("*".into())).unwrap(), []);
        assert_eq!(snapshot.uses(key(0, 0)).unwrap(), []);
        assert_eq!(snapshot.unknown("gone").unwrap(), []);
        assert_eq!(snapshot.totals().unwrap(), store::Totals::default());
        assert!(snapshot.text(FileId(0)).is_err());
    });
}

#[test]
fn a_replaced_file_is_as_if_it_had_always_been_so() {
    let new = Arc::new(facts(&["delta"], &["epsilon"]));
    let change =
        || vec![put(1, "b.rs", &new), link(1, &new, vec![Outcome::Candidates([to(0, 0)].into(), Rule::Overload)])];
    on_every_engine(|store| {
        apply(store, sample());
        let first = dump(store);
        apply(store, sample());
        assert_eq!(dump(store), first);
        apply(store, change());
        let replaced = (dump(store), fingerprint(&*store.snapshot().unwrap()).unwrap());
        apply(store, vec![Change::Clear]);
        assert_eq!(dump(store), [""; 0]);
        apply(store, sample());
        apply(store, change());
        assert_eq!((dump(store), fingerprint(&*store.snapshot().unwrap()).unwrap()), replaced);
        assert_eq!(store.snapshot().unwrap().unknown("gone").unwrap(), []);
    });
}

/// An empty database has nothing to replace, so engines do not look; but one stream can put and link a file twice, and
/// hold a newer record of a run that is kept.
#[test]
fn the_last_word_counts_in_a_load_too() {
    let (first, last) = (Arc::new(facts(&["delta"], &["gone"])), Arc::new(facts(&["alpha"], &["beta"])));
    let unknown = || vec![Outcome::Unknown(Reason::Limit)];
    let resolved = || vec![Outcome::Resolved(to(1, 0), Rule::Import)];
    on_every_engine(|store| {
        apply(store, vec![Change::Execution(execution("a", 1, ExecutionOutcome::Running))]);
        let changes = vec![
            put(1, "b.rs", &first),
            link(1, &first, unknown()),
            put(1, "b.rs", &last),
            link(1, &last, resolved()),
            link(1, &last, unknown()),
            put(2, "c.rs", &first),
            link(2, &first, resolved()),
            Change::Remove(FileId(2)),
            Change::Execution(execution("a", 1, ExecutionOutcome::Success)),
        ];
        store.load(&mut changes.into_iter()).unwrap();
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.executions(9).unwrap(), [execution("a", 1, ExecutionOutcome::Success)]);
        assert_eq!(snapshot.files().unwrap().len(), 1);
        assert_eq!(snapshot.find(&NamePattern::Glob("*".into())).unwrap().len(), 1);
        assert_eq!(snapshot.uses(key(1, 0)).unwrap(), []);
        assert_eq!(snapshot.unknown("gone").unwrap(), []);
        assert_eq!(snapshot.unknown("beta").unwrap().len(), 1);
        snapshot.check(&mut |fault| panic!("{fault}")).unwrap();
    });
}

#[test]
fn the_dump_does_not_show_internal_numbers() {
    on_every_engine(|store| {
        apply(store, sample());
        let expected = dump(store);
        let (a, b) = (facts(&["alpha", "beta", "gamma"], &[]), facts(&["main"], &["alpha", "beta", "print", "gone"]));
        let mut b = b;
        b.occurrences.push(Occurrence { span: Span::new(60, 64), arity: Some(4), ..b.occurrences[3] });
        b.exprs.push(Expr::Name { name: b.occurrences[3].name, scope: ScopeId(0), at: 60, space: Space::Value });
        b.occurrences[4].expr = magellan::model::ExprId(4);
        let (a, b) = (Arc::new(a), Arc::new(b));
        let outcomes = vec![
            Outcome::Resolved(to(9, 0), Rule::Import),
            Outcome::Candidates([to(9, 1), to(9, 2)].into(), Rule::Dispatch),
            Outcome::External("std::print".into(), Rule::Builtin),
            Outcome::Unknown(Reason::NotInScope),
            Outcome::Unknown(Reason::ReceiverType),
        ];
        apply(store, vec![Change::Clear]);
        let b_first = vec![put(3, "b.rs", &b), put(9, "a.rs", &a), link(3, &b, outcomes), link(9, &a, Vec::new())];
        apply(store, b_first);
        assert_eq!(dump(store), expected);
    });
}

#[test]
fn an_abort_keeps_nothing_wherever_it_comes() {
    on_every_engine(|store| {
        apply(store, sample());
        let before = dump(store);
        let new = Arc::new(facts(&["delta", "main"], &["alpha"]));
        for count in 0..=5 {
            let changes = || {
                vec![
                    Change::Meta("key".into(), "value".into()),
                    put(1, "b.rs", &new),
                    link(1, &new, vec![Outcome::Unknown(Reason::Limit)]),
                    Change::Skipped(vec![Skipped { path: "x".into(), reason: SkipReason::Binary, detail: "".into() }]),
                    Change::Remove(FileId(0)),
                ]
            };
            let aborted = |changes: Vec<Change>| {
                changes.into_iter().take(count).chain(std::iter::once(Change::Abort("enough".into())))
            };
            let result = store.apply(&mut aborted(changes()));
            assert!(matches!(&result, Err(StoreError::Aborted(why)) if why == "enough"), "{result:?}");
            assert!(store.load(&mut aborted(changes())).is_err());
            assert_eq!(dump(store), before);
            assert_eq!(store.snapshot().unwrap().meta("key").unwrap(), None);
        }
        apply(store, vec![Change::Remove(FileId(1))]);
    });
}

#[test]
fn a_snapshot_keeps_its_view_while_others_write() {
    on_every_engine(|store| {
        apply(store, sample());
        let early = store.snapshot().unwrap();
        let before = fingerprint(&*early).unwrap();
        apply(store, vec![Change::Remove(FileId(0)), Change::Remove(FileId(1))]);
        assert_eq!(fingerprint(&*early).unwrap(), before);
        assert_ne!(fingerprint(&*store.snapshot().unwrap()).unwrap(), before);
        store.load(&mut sample().into_iter()).unwrap();
        assert_eq!(fingerprint(&*early).unwrap(), before);
        assert_eq!(fingerprint(&*store.snapshot().unwrap()).unwrap(), before);
        drop(early);
        assert_eq!(fingerprint(&*store.snapshot().unwrap()).unwrap(), before);
    });
}

#[test]
fn execution_records_outlive_everything_and_come_newest_first() {
    on_every_engine(|store| {
        let empty = dump(store);
        let records = [
            execution("b", 1, ExecutionOutcome::Running),
            execution("a", 2, ExecutionOutcome::Error),
            execution("c", 2, ExecutionOutcome::Success),
        ];
        apply(store, records.iter().cloned().map(Change::Execution).collect());
        apply(store, vec![Change::Clear]);
        store.load(&mut std::iter::empty()).unwrap();
        assert_eq!(dump(store), empty);
        let newest = |limit| store.snapshot().unwrap().executions(limit).unwrap();
        assert_eq!(newest(9), [records[2].clone(), records[1].clone(), records[0].clone()]);
        assert_eq!(newest(1), records[2..]);
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.execution("a").unwrap().as_ref(), Some(&records[1]));
        assert_eq!(snapshot.execution("d").unwrap(), None);
        apply(store, vec![Change::Execution(execution("b", 1, ExecutionOutcome::Partial))]);
        assert_eq!(newest(9)[2].outcome, ExecutionOutcome::Partial);
    });
}

#[test]
fn bookkeeping_skips_and_stamps_are_kept() {
    on_every_engine(|store| {
        apply(store, sample());
        let skipped = vec![Skipped { path: "x.rs".into(), reason: SkipReason::TooLarge, detail: "9 MB".into() }];
        let stamp = Stamp { size: 3, modified_ns: u64::MAX };
        apply(
            store,
            vec![
                Change::Meta("k".into(), "1".into()),
                Change::Meta("k".into(), "2".into()),
                Change::Skipped(skipped.clone()),
                Change::Touch(FileId(0), stamp),
            ],
        );
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.meta("k").unwrap().as_deref(), Some("2"));
        assert_eq!(snapshot.skipped().unwrap(), skipped);
        assert_eq!(snapshot.file("a.rs").unwrap().unwrap().stamp, stamp);
        apply(store, vec![Change::Skipped(Vec::new())]);
        assert_eq!(store.snapshot().unwrap().skipped().unwrap(), []);
    });
}

#[test]
fn stamps_are_those_of_the_files() {
    on_every_engine(|store| {
        apply(store, sample());
        let snapshot = store.snapshot().unwrap();
        let mut stamps = snapshot.stamps().unwrap();
        stamps.sort_by(|a, b| a.0.cmp(&b.0));
        let files = snapshot.files().unwrap();
        assert_eq!(stamps, files.into_iter().map(|file| (file.path, file.stamp)).collect::<Vec<_>>());
        assert!(!stamps.is_empty());
    });
}
