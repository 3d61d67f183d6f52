//! Names by prefix, labels, metrics and chunks, on every engine.

use std::sync::Arc;

use magellan::model::{
    ContentHash, FileMetrics, LineCounts, Marks, Span, SymbolId, SymbolKind, SymbolMetrics, Visibility,
};
use magellan::store::{
    Change, Chunk, ChunkPattern, FileId, Label, MetricsContent, NamePattern, Snapshot, Store, StoreError,
};

use super::{apply, dump, facts, key, on_every_engine, put, sample};

fn names(snapshot: &dyn Snapshot, pattern: NamePattern) -> Vec<String> {
    snapshot.find(&pattern).unwrap().into_iter().map(|row| row.qualified_name).collect()
}

#[test]
fn prefixes_are_found_whatever_letters_they_end_in() {
    let all = ["a", "ab", "abc", "Ab", "b", "z\u{d7ff}a", "z\u{d7ff}", "\u{10ffff}x", "ab%", "ab_"];
    let file = Arc::new(facts(&all, &[]));
    on_every_engine(|store| {
        apply(store, vec![put(0, "a.rs", &file)]);
        let snapshot = store.snapshot().unwrap();
        for prefix in ["", "a", "ab", "A", "ab%", "z\u{d7ff}", "\u{10ffff}", "c", "abcd"] {
            let mut found: Vec<_> =
                snapshot.find(&NamePattern::Prefix(prefix.into())).unwrap().into_iter().map(|row| row.name).collect();
            found.sort();
            let mut expected: Vec<_> =
                all.iter().filter(|name| name.starts_with(prefix)).map(|&name| name.into()).collect();
            expected.sort();
            assert_eq!(found, expected as Vec<String>, "{prefix}");
        }
    });
}

#[test]
fn a_qualified_name_is_found_whole_and_only_whole() {
    on_every_engine(|store| {
        apply(store, sample());
        let snapshot = store.snapshot().unwrap();
        let find = |name: &str| names(&*snapshot, NamePattern::Qualified(name.into()));
        assert_eq!(find("sample::beta::gamma"), ["sample::beta::gamma"]);
        assert_eq!(find("sample::main"), ["sample::main"]);
        for wrong in ["", "gamma", "beta::gamma", "::sample::beta", "sample::bet", "sample.beta", "sample::beta::", "é"]
        {
            assert_eq!(find(wrong), [""; 0], "{wrong}");
        }
    });
}

/// An `impl` block is known by its type, so its qualified name does not end in its own name.
#[test]
fn qualified_names_of_blocks_and_odd_names_are_found() {
    let mut file = facts(&["Show", "operator()", "a.b"], &[]);
    let mut names_of = magellan::model::NamesBuilder::default();
    let ids = ["Show", "operator()", "a.b", "Type"].map(|name| names_of.intern(name));
    file.names = names_of.finish();
    file.symbols[0].kind = SymbolKind::Impl;
    file.symbols[0].qualifier = Some(ids[3]);
    let file = Arc::new(file);
    on_every_engine(|store| {
        apply(store, vec![put(0, "a.rs", &file)]);
        let snapshot = store.snapshot().unwrap();
        for name in ["Type", "operator()", "operator()::a.b"] {
            assert_eq!(names(&*snapshot, NamePattern::Qualified(name.into())), [name]);
        }
        assert_eq!(names(&*snapshot, NamePattern::Qualified("Show".into())), [""; 0]);
    });
}

#[test]
fn labels_are_kinds_marks_and_visibilities() {
    let mut file = facts(&["plain", "tested"], &[]);
    file.symbols[0].marks = Marks::default();
    file.symbols[0].visibility = Visibility::Public;
    let file = Arc::new(file);
    on_every_engine(|store| {
        apply(store, vec![put(7, "b.rs", &file), put(9, "a.rs", &Arc::new(facts(&["first"], &[])))]);
        let snapshot = store.snapshot().unwrap();
        let labelled = |word: &str| -> Vec<String> {
            let label = Label::from_word(word).unwrap();
            snapshot.labelled(label).unwrap().into_iter().map(|row| row.name).collect()
        };
        assert_eq!(labelled("function"), ["first", "plain", "tested"]);
        assert_eq!(labelled("test"), ["first", "tested"]);
        assert_eq!(labelled("public"), ["plain"]);
        assert_eq!(labelled("private"), ["first", "tested"]);
        assert_eq!(labelled("class"), [""; 0]);
        for label in Label::all() {
            let on: Vec<_> = snapshot
                .find(&NamePattern::Prefix(String::new()))
                .unwrap()
                .into_iter()
                .filter(|row| label.is_on(row.kind, row.visibility, row.marks))
                .collect();
            assert_eq!(snapshot.labelled(label).unwrap(), on, "{}", label.word());
        }
    });
}

/// Metrics in which every number is another one.
pub(super) fn file_metrics(first: u32) -> FileMetrics {
    FileMetrics {
        symbols: first,
        functions: first + 1,
        lines: LineCounts { code: first + 2, comment: first + 3, blank: first + 4 },
        fan_in: first + 5,
        fan_out: first + 6,
        cyclomatic_total: first + 7,
        cyclomatic_max: first + 8,
        cognitive_total: first + 9,
        cognitive_max: first + 10,
    }
}

fn symbol_metrics(symbol: u32, first: u32) -> SymbolMetrics {
    SymbolMetrics {
        symbol: SymbolId(symbol),
        lines: first,
        parameters: first + 1,
        cyclomatic: first + 2,
        cognitive: first + 3,
        nesting: first + 4,
        fan_in: first + 5,
        fan_out: first + 6,
    }
}

pub(super) fn metrics(file: u32, first: u32, symbols: &[u32]) -> Change {
    let content = MetricsContent {
        file: file_metrics(first),
        symbols: symbols.iter().map(|&symbol| symbol_metrics(symbol, first + 100 * symbol)).collect(),
        hash: ContentHash::of(&first.to_be_bytes()),
    };
    Change::Metrics(FileId(file), Box::new(content))
}

#[test]
fn metrics_come_back_and_are_replaced_as_a_whole() {
    on_every_engine(|store| {
        apply(store, sample());
        let without = dump(store);
        apply(
            store,
            vec![metrics(0, 10, &[0, 2]), metrics(1, 20, &[0]), Change::FileMetrics("x".into(), file_metrics(30))],
        );
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.file_metrics("a.rs").unwrap(), Some(file_metrics(10)));
        assert_eq!(snapshot.file_metrics("none").unwrap(), None);
        let all = [("a.rs", 10), ("b.rs", 20), ("x", 30)].map(|(path, first)| (path.to_owned(), file_metrics(first)));
        assert_eq!(snapshot.all_file_metrics().unwrap(), all);
        assert_eq!(snapshot.symbol_metrics(FileId(0)).unwrap(), [symbol_metrics(0, 10), symbol_metrics(2, 210)]);
        assert_eq!(snapshot.file("a.rs").unwrap().unwrap().metrics_hash, ContentHash::of(&10u32.to_be_bytes()));
        apply(store, vec![metrics(0, 40, &[1]), Change::FileMetrics("x".into(), file_metrics(50))]);
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.symbol_metrics(FileId(0)).unwrap(), [symbol_metrics(1, 140)]);
        assert_eq!(snapshot.file_metrics("x").unwrap(), Some(file_metrics(50)));
        apply(store, sample());
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.symbol_metrics(FileId(0)).unwrap(), []);
        assert_eq!(snapshot.all_file_metrics().unwrap().len(), 1);
        assert_eq!(snapshot.file("a.rs").unwrap().unwrap().metrics_hash, ContentHash::default());
        apply(store, vec![put(5, "x", &Arc::new(facts(&[], &[]))), Change::Remove(FileId(5))]);
        assert_eq!(dump(store), without);
    });
}

pub(super) fn chunk(path: &str, start: u32, symbol: Option<&str>, text: &[u8]) -> Chunk {
    Chunk {
        path: path.into(),
        span: Span::new(start, start + text.len() as u32),
        symbol: symbol.map(Into::into),
        kind: "function".into(),
        text: text.to_vec(),
        hash: ContentHash::of(text),
    }
}

fn put_chunk(chunk: &Chunk) -> Change {
    Change::Chunk(Box::new(chunk.clone()))
}

/// Texts that get lost where bytes are taken for text.
pub(super) const ODD_TEXTS: [&[u8]; 6] = [
    b"",
    b"a\r\nb\r\n",
    b"nul \0 in it",
    b"\xff\xfe not UTF-8 \xc3",
    "e\u{301} \u{1f980} \u{10ffff}".as_bytes(),
    b"\xef\xbb\xbfx",
];

#[test]
fn chunks_are_found_by_path_span_and_symbol() {
    on_every_engine(|store| {
        let one = chunk("a.rs", 10, Some("alpha"), b"fn alpha() {}");
        let two = chunk("a.rs", 2, None, b"use x;");
        let three = chunk("dir/z.rs", 0, Some("alpha"), b"other");
        apply(store, [&three, &one, &two].map(put_chunk).into());
        let snapshot = store.snapshot().unwrap();
        let find = |pattern| snapshot.chunks(&pattern).unwrap();
        assert_eq!(find(ChunkPattern::All), [two.clone(), one.clone(), three.clone()]);
        assert_eq!(find(ChunkPattern::Path("a.rs".into())), [two.clone(), one.clone()]);
        assert_eq!(find(ChunkPattern::Path("a".into())), []);
        assert_eq!(find(ChunkPattern::Span("a.rs".into(), one.span)), std::slice::from_ref(&one));
        assert_eq!(find(ChunkPattern::Span("a.rs".into(), Span::new(10, 11))), []);
        assert_eq!(find(ChunkPattern::Symbol("alpha".into())), [one.clone(), three.clone()]);
        assert_eq!(find(ChunkPattern::Symbol("alph".into())), []);
        let renamed = Chunk { symbol: Some("beta".into()), kind: "block".into(), ..one.clone() };
        apply(store, vec![put_chunk(&renamed)]);
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.chunks(&ChunkPattern::Symbol("alpha".into())).unwrap(), [three]);
        assert_eq!(snapshot.chunks(&ChunkPattern::Path("a.rs".into())).unwrap(), [two, renamed]);
    });
}

/// LMDB refuses empty keys.
#[test]
fn the_empty_text_is_a_path_key_and_id_like_any_other() {
    on_every_engine(|store| {
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.file("").unwrap(), None);
        assert_eq!(snapshot.meta("").unwrap(), None);
        assert_eq!(snapshot.file_metrics("").unwrap(), None);
        assert_eq!(snapshot.execution("").unwrap(), None);
        assert_eq!(snapshot.unknown("").unwrap(), []);
        assert_eq!(snapshot.find(&NamePattern::Glob(String::new())).unwrap(), []);
        let empty = chunk("", 0, Some(""), b"");
        let changes = vec![
            Change::Meta(String::new(), "value".into()),
            Change::FileMetrics(String::new(), file_metrics(1)),
            put_chunk(&empty),
        ];
        apply(store, changes);
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.meta("").unwrap().as_deref(), Some("value"));
        assert_eq!(snapshot.file_metrics("").unwrap(), Some(file_metrics(1)));
        assert_eq!(snapshot.chunks(&ChunkPattern::Path(String::new())).unwrap(), std::slice::from_ref(&empty));
        assert_eq!(snapshot.chunks(&ChunkPattern::Symbol(String::new())).unwrap(), [empty]);
    });
}

#[test]
fn chunks_keep_every_byte() {
    on_every_engine(|store| {
        let chunks: Vec<Chunk> =
            ODD_TEXTS.iter().enumerate().map(|(index, text)| chunk("odd", index as u32 * 100, None, text)).collect();
        apply(store, chunks.iter().map(put_chunk).collect());
        assert_eq!(store.snapshot().unwrap().chunks(&ChunkPattern::All).unwrap(), chunks);
    });
}

#[test]
fn chunks_go_with_the_file_of_their_path_and_no_other() {
    on_every_engine(|store| {
        apply(store, sample());
        let stored =
            |path: &str| -> usize { store.snapshot().unwrap().chunks(&ChunkPattern::Path(path.into())).unwrap().len() };
        let fill = || {
            let chunks = ["a.rs", "b.rs", "c"].map(|path| put_chunk(&chunk(path, 0, None, b"text")));
            apply(store, chunks.into());
        };
        fill();
        apply(store, sample());
        assert_eq!([stored("a.rs"), stored("b.rs"), stored("c")], [0, 0, 1]);
        fill();
        apply(store, vec![Change::Remove(FileId(1))]);
        assert_eq!([stored("a.rs"), stored("b.rs"), stored("c")], [1, 0, 1]);
        apply(store, vec![Change::RemoveChunks("c".into()), Change::RemoveChunks("not there".into())]);
        assert_eq!([stored("a.rs"), stored("b.rs"), stored("c")], [1, 0, 0]);
        assert_eq!(store.snapshot().unwrap().files().unwrap().len(), 1);
        apply(store, vec![Change::Clear]);
        assert_eq!([stored("a.rs"), stored("b.rs"), stored("c")], [0, 0, 0]);
    });
}

/// In one stream, also into an empty database: what comes later counts.
#[test]
fn a_file_put_after_its_metrics_and_chunks_drops_them() {
    on_every_engine(|store| {
        let early = || {
            let chunk = put_chunk(&chunk("a.rs", 0, None, b"text"));
            [chunk, Change::FileMetrics("a.rs".into(), file_metrics(1))].into_iter().chain(sample())
        };
        let is_clean = |store: &dyn Store| {
            let snapshot = store.snapshot().unwrap();
            snapshot.chunks(&ChunkPattern::All).unwrap().is_empty() && snapshot.all_file_metrics().unwrap().is_empty()
        };
        store.load(&mut early()).unwrap();
        assert!(is_clean(store));
        store.apply(&mut early()).unwrap();
        assert!(is_clean(store));
        apply(store, vec![Change::Remove(FileId(0)), Change::FileMetrics("a.rs".into(), file_metrics(1))]);
        apply(store, vec![put_chunk(&chunk("a.rs", 0, None, b"text"))]);
        apply(store, sample());
        assert!(is_clean(store));
    });
}

#[test]
fn an_abort_keeps_metrics_and_chunks_as_they_were() {
    on_every_engine(|store| {
        apply(store, sample());
        apply(store, vec![metrics(0, 10, &[0]), put_chunk(&chunk("b.rs", 0, None, b"text"))]);
        let before = dump(store);
        let changes = vec![
            metrics(0, 20, &[1]),
            put_chunk(&chunk("b.rs", 0, None, b"next")),
            Change::FileMetrics("y".into(), file_metrics(1)),
            Change::Abort("enough".into()),
        ];
        assert!(matches!(store.apply(&mut changes.into_iter()), Err(StoreError::Aborted(_))));
        assert_eq!(dump(store), before);
    });
}

#[test]
fn bookkeeping_values_and_relations_of_a_file_are_listed() {
    on_every_engine(|store| {
        apply(store, sample());
        apply(store, ["b", "a", "c"].map(|key| Change::Meta(key.into(), format!("value of {key}"))).into());
        let snapshot = store.snapshot().unwrap();
        let expected = ["a", "b", "c"].map(|key| (key.to_owned(), format!("value of {key}")));
        assert_eq!(snapshot.metas().unwrap(), expected);
        assert_eq!(snapshot.relations_in(FileId(0)).unwrap(), []);
        assert_eq!(snapshot.relations(key(0, 0), true).unwrap(), []);
    });
}
