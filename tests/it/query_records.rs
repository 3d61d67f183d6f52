//! Questions about chunks, metrics, control flow, labels and runs, over the hand-made database of `query`.

use magellan::model::{
    Block, BlockKind, Cfg, Complexity, ContentHash, Edge, EdgeKind, FileMetrics, Function, LineCounts, Marks, Span,
    SymbolId, SymbolKind, SymbolMetrics, Terminator,
};
use magellan::query::hotspots::By;
use magellan::query::{
    Ground, QueryError, cfg, chunk_by_span, chunk_by_symbol, chunks, get, hotspots, label, log, metrics,
};
use magellan::store::{Chunk, Execution, ExecutionOutcome, FileId};

use super::query::{Fake, LIB, TEXT, USE, name, tree};

fn chunk(path: &str, span: Span, symbol: Option<&str>, text: &[u8]) -> Chunk {
    let symbol = symbol.map(str::to_owned);
    Chunk { path: path.into(), span, symbol, kind: "note".into(), text: text.into(), hash: ContentHash::of(text) }
}

fn with_chunks() -> Fake {
    let mut fake = tree();
    fake.chunks = vec![
        chunk("notes/a.txt", Span::new(0, 3), Some("k::parse"), b"a\xffb"),
        chunk(LIB, Span::new(0, 5), None, b"line!"),
        chunk(USE, Span::new(0, 4), Some("parse"), b"else"),
    ];
    fake
}

fn ask_chunks(fake: &Fake, of: Option<&str>) -> Result<chunks::Reply, QueryError> {
    chunks::run(&fake.ground(), &chunks::Args { of: of.map(str::to_owned), kind: None, no_text: false })
}

fn rows(reply: &chunks::Reply) -> Vec<(&str, u32, u32, &str, bool)> {
    let row = |row: &chunks::Row| (row.span.start, row.span.end);
    reply.chunks.items.iter().map(|r| (r.path.as_str(), row(r).0, row(r).1, r.kind.as_str(), r.stored)).collect()
}

#[test]
fn the_chunks_of_a_file_are_its_definitions_and_what_was_stored() {
    let fake = with_chunks();
    let reply = ask_chunks(&fake, Some("lib.rs")).unwrap();
    assert_eq!(
        rows(&reply),
        [
            (LIB, 0, 19, "function", false),
            (LIB, 0, 5, "note", true),
            (LIB, 30, 79, "struct", false),
            (LIB, 40, 59, "method", false)
        ]
    );
    let parse = &reply.chunks.items[0];
    assert_eq!(parse.text.as_deref(), Some(&TEXT[0..19]));
    assert_eq!(parse.hash, ContentHash::of(&TEXT.as_bytes()[0..19]).to_string());
    assert_eq!(
        (parse.start_line, parse.end_line, parse.qualified_name.as_deref()),
        (Some(1), Some(2), Some("k::parse"))
    );
    assert_eq!(reply.chunks.items[1].text.as_deref(), Some("line!"), "a stored chunk has a text of its own");
}

#[test]
fn chunks_are_asked_for_by_folder_glob_symbol_or_not_at_all() {
    let fake = with_chunks();
    let total = |of| ask_chunks(&fake, of).unwrap().chunks.total;
    assert_eq!(total(None), 9);
    assert_eq!(total(Some(".")), 8);
    assert_eq!(total(Some("../notes")), 1, "a path need not be indexed");
    assert_eq!(total(Some("**/lib.rs")), 4);
    assert_eq!(total(Some("*.none")), 0);
    assert_eq!(
        rows(&ask_chunks(&fake, Some("Parser")).unwrap()),
        [(LIB, 30, 79, "struct", false), (LIB, 40, 59, "method", false)]
    );
    assert!(matches!(ask_chunks(&fake, Some("src/missing.rs")), Err(QueryError::NoFile(_))));
    assert!(matches!(ask_chunks(&fake, Some("missing")), Err(QueryError::NoSymbol { .. })));
    assert!(matches!(ask_chunks(&fake, Some("../../x")), Err(QueryError::Outside { .. })));
    let args = chunks::Args { of: None, kind: Some("note".into()), no_text: true };
    let reply = chunks::run(&Ground { limit: 2, ..fake.ground() }, &args).unwrap();
    assert_eq!((reply.chunks.total, reply.chunks.items.len()), (3, 2));
    assert!(reply.chunks.items.iter().all(|row| row.text.is_none()));
}

#[test]
fn a_range_gives_its_exact_bytes() {
    let fake = with_chunks();
    let ask = |path: &str, start, end| {
        chunk_by_span::run(&fake.ground(), &chunk_by_span::Args { path: path.into(), start, end })
    };
    let reply = ask("lib.rs", 0, 5).unwrap();
    let found = reply.chunk.unwrap();
    assert_eq!((found.text.as_deref(), found.kind.as_str()), (Some("line "), "range"));
    assert_eq!(reply.stored.unwrap().text.as_deref(), Some("line!"));
    assert_eq!(reply.symbol.unwrap().qualified_name, "k::parse");
    let exact = ask("lib.rs", 40, 59).unwrap();
    assert_eq!(exact.chunk.unwrap().kind, "method");
    let lossy = ask("../notes/a.txt", 0, 3).unwrap().stored.unwrap();
    assert_eq!((lossy.text.as_deref(), lossy.lossy), (Some("a\u{fffd}b"), true));
    assert_eq!(ask("lib.rs", 100, 100).unwrap().chunk.unwrap().text.as_deref(), Some(""));
    for (start, end) in [(0, 101), (5, 4), (u32::MAX, u32::MAX)] {
        let error = ask("lib.rs", start, end).unwrap_err();
        assert!(matches!(error, QueryError::Usage(_)) && error.to_string().contains("100 bytes"), "{error}");
    }
    assert!(matches!(ask("../notes/a.txt", 0, 2), Err(QueryError::NoFile(_))));
}

#[test]
fn a_symbol_gives_its_source_and_what_is_stored_under_its_name() {
    let fake = with_chunks();
    let ask = |text| chunk_by_symbol::run(&fake.ground(), &chunk_by_symbol::Args { name: name(text) });
    let reply = ask("parse").unwrap();
    let paths: Vec<_> = reply.chunks.items.iter().map(|row| (row.path.as_str(), row.stored)).collect();
    assert_eq!(paths, [(LIB, false), ("notes/a.txt", true)], "the same simple name elsewhere is another symbol");
    let mut fake = with_chunks();
    fake.define(FileId(1), SymbolKind::Function, "k::use::parse", (10, 10), None);
    let ask = |text| chunk_by_symbol::run(&fake.ground(), &chunk_by_symbol::Args { name: name(text) });
    assert!(matches!(ask("parse"), Err(QueryError::Ambiguous { .. })));
    fake.chunks.push(chunk("x", Span::new(0, 1), Some("only_stored"), b"y"));
    let ask = |text| chunk_by_symbol::run(&fake.ground(), &chunk_by_symbol::Args { name: name(text) });
    assert!(ask("only_stored").unwrap().symbol.is_none());
    assert!(matches!(ask("nothing"), Err(QueryError::NoSymbol { .. })));
}

fn measured(symbol: u32, cyclomatic: u32, fan_in: u32, lines: u32) -> SymbolMetrics {
    let symbol = SymbolId(symbol);
    SymbolMetrics {
        symbol,
        lines,
        parameters: 1,
        cyclomatic,
        cognitive: cyclomatic - 1,
        nesting: 1,
        fan_in,
        fan_out: 0,
    }
}

/// `parse`, `next`, `run`, the closure and `inner`.
fn with_metrics() -> Fake {
    let mut fake = tree();
    let (lib, user) = (FileId(0), FileId(1));
    fake.metrics = vec![
        (lib, measured(0, 3, 3, 2)),
        (lib, measured(2, 5, 0, 2)),
        (user, measured(0, 3, 1, 8)),
        (user, measured(1, 3, 3, 2)),
        (user, measured(2, 1, 0, 3)),
    ];
    let lines = LineCounts { code: 6, comment: 3, blank: 1 };
    let of_file = |cyclomatic_total| FileMetrics {
        symbols: 3,
        functions: 2,
        lines,
        cyclomatic_total,
        cyclomatic_max: 5,
        ..FileMetrics::default()
    };
    fake.file_metrics = vec![("notes/a.txt".into(), of_file(0)), (LIB.into(), of_file(8)), (USE.into(), of_file(7))];
    fake
}

#[test]
fn hotspots_are_ranked_and_equal_ones_stand_in_tree_order() {
    let fake = with_metrics();
    let ask = |by, kind, path: Option<&str>| {
        let args = hotspots::Args { path: path.map(str::to_owned), by, kind };
        let reply = hotspots::run(&fake.ground(), &args).unwrap();
        reply.hotspots.items.into_iter().map(|spot| (spot.symbol.qualified_name, spot.score)).collect::<Vec<_>>()
    };
    let names = |rows: Vec<(String, u64)>| rows.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(
        ask(By::Score, None, None),
        [
            ("k::parse".to_owned(), 5 * 3),
            ("k::use::run::<closure>".to_owned(), 5 * 3),
            ("k::use::run".to_owned(), 5 * 2),
            ("k::Parser::next".to_owned(), 9),
            ("k::use::run::inner".to_owned(), 1)
        ]
    );
    assert_eq!(names(ask(By::Cyclomatic, None, None))[..2], ["k::Parser::next", "k::parse"]);
    assert_eq!(names(ask(By::Lines, None, None))[0], "k::use::run");
    assert_eq!(names(ask(By::FanIn, None, Some("use.rs")))[0], "k::use::run::<closure>");
    assert_eq!(names(ask(By::Nesting, Some(SymbolKind::Method), None)), ["k::Parser::next"]);
    let args = hotspots::Args { path: Some("nowhere.rs".into()), by: By::Score, kind: None };
    assert!(matches!(hotspots::run(&fake.ground(), &args), Err(QueryError::NoFile(_))));
    let args = hotspots::Args { path: None, by: By::Score, kind: None };
    let cut = hotspots::run(&Ground { limit: 1, ..fake.ground() }, &args).unwrap();
    assert_eq!((cut.hotspots.total, cut.hotspots.items.len()), (5, 1));
}

#[test]
fn metrics_are_those_of_a_symbol_a_file_or_a_tree() {
    let fake = with_metrics();
    let ask = |of: Option<&str>| metrics::run(&fake.ground(), &metrics::Args { of: of.map(str::to_owned) });
    let Ok(metrics::Reply::Symbol { metrics: of_symbol, .. }) = ask(Some("Parser::next")) else { panic!() };
    assert_eq!(of_symbol.cyclomatic, 5);
    let Ok(metrics::Reply::File { path, metrics: Some(of_file), distribution }) = ask(Some("lib.rs")) else { panic!() };
    assert_eq!((path.as_str(), of_file.cyclomatic_total), (LIB, 8));
    let cyclomatic = &distribution[2];
    assert_eq!((cyclomatic.measure, cyclomatic.count, cyclomatic.median, cyclomatic.max), ("cyclomatic", 2, 3, 5));
    let Ok(metrics::Reply::File { distribution, .. }) = ask(Some("../notes/a.txt")) else { panic!() };
    assert!(distribution.is_empty(), "a file that is only measured has no callables");
    let Ok(metrics::Reply::Files { totals, distribution }) = ask(None) else { panic!() };
    assert_eq!((totals.files, totals.unmeasured_files, totals.cyclomatic_total, totals.lines.code), (2, 0, 15, 12));
    assert_eq!((distribution[0].measure, distribution[0].total), ("lines", 17));
    assert!(matches!(ask(Some("Parser")), Err(QueryError::NoBody { kind: "struct", .. })));
    assert!(matches!(ask(Some("x/y.rs")), Err(QueryError::NoFile(_))));
    let unmeasured = tree();
    let reply = metrics::run(&unmeasured.ground(), &metrics::Args { of: None });
    let Ok(metrics::Reply::Files { totals, distribution }) = reply else { panic!() };
    assert_eq!((totals.unmeasured_files, distribution.len()), (2, 0));
}

#[test]
fn control_flow_is_shown_with_its_source() {
    let mut fake = tree();
    let block =
        |kind, start, end, terminator, reachable| Block { kind, span: Span::new(start, end), terminator, reachable };
    let cfg = Cfg {
        blocks: vec![
            block(BlockKind::Entry, 0, 0, Terminator::Fallthrough, true),
            block(BlockKind::Exit, 19, 19, Terminator::End, true),
            block(BlockKind::Body, 3, 19, Terminator::Return, true),
            block(BlockKind::Body, 12, 16, Terminator::Fallthrough, false),
        ],
        edges: vec![
            Edge { from: 0, to: 2, kind: EdgeKind::Fallthrough },
            Edge { from: 2, to: 1, kind: EdgeKind::Return },
            Edge { from: 3, to: 1, kind: EdgeKind::Fallthrough },
        ],
    };
    let complexity = Complexity { cyclomatic: 1, cognitive: 0, nesting: 0 };
    fake.functions = vec![(FileId(0), Function { symbol: SymbolId(0), complexity, cfg })];
    let ask = |ground: &Ground<'_>, text, format| cfg::run(ground, &cfg::Args { name: name(text), format });
    let reply = ask(&fake.ground(), "parse", cfg::Format::Text).unwrap();
    let body = &reply.blocks.items[2];
    assert_eq!((body.start_line, body.end_line, body.text.as_str(), body.text_is_exact), (1, 2, "e 1...", false));
    assert!(!reply.blocks.items[3].reachable);
    assert_eq!(reply.edges.items[1].kind, "return");
    let narrow = Ground { limit: 1, ..fake.ground() };
    assert_eq!(ask(&narrow, "parse", cfg::Format::Text).unwrap().blocks.items.len(), 1);
    assert_eq!(ask(&narrow, "parse", cfg::Format::Dot).unwrap().blocks.items.len(), 4, "a graph is drawn whole");
    let error = ask(&fake.ground(), "Parser", cfg::Format::Text).unwrap_err();
    assert_eq!(error.to_string(), "struct k::Parser has no body to run");
}

#[test]
fn everything_about_a_symbol_is_told_at_once() {
    let fake = with_metrics();
    let ask = |text| get::run(&fake.ground(), &get::Args { name: name(text) }).unwrap();
    let parse = ask("parse");
    assert_eq!((parse.callers.sites, parse.callers.complete, parse.other_uses), (3, true, 1));
    assert_eq!(parse.metrics.unwrap().fan_in, 3);
    let run = ask("run");
    assert_eq!((run.callees.sites, run.callees.complete, run.callees.calls.external), (3, true, 1));
    let members: Vec<_> = run.members.items.iter().map(|member| member.brief.qualified_name.as_str()).collect();
    assert_eq!(members, ["k::use::run::inner"], "closures are no members");
    let next = ask("Parser::next");
    assert_eq!(next.parent.unwrap().qualified_name, "k::Parser");
    assert!(ask("Parser").metrics.is_none());
}

#[test]
fn labels_are_counted_and_all_of_them_are_wanted() {
    let mut fake = tree();
    fake.symbols[0].0.marks.add(Marks::TEST);
    let ask = |words: &[&str]| {
        let labels = words.iter().map(|&word| word.to_owned()).collect();
        label::run(&fake.ground(), &label::Args { labels })
    };
    let counts = ask(&[]).unwrap().labels.unwrap();
    let count = |word: &str| counts.items.iter().find(|count| count.label == word).map(|count| count.symbols);
    assert_eq!(
        (count("function"), count("test"), count("public"), count("rust")),
        (Some(3), Some(1), Some(6), Some(6))
    );
    assert_eq!(count("class"), None, "labels that nothing has are left out");
    let names = |words: &[&str]| {
        let found = ask(words).unwrap().symbols.unwrap();
        found.items.into_iter().map(|row| row.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&["function"]), ["parse", "run", "inner"]);
    assert_eq!(names(&["rust", "test", "function"]), ["parse"]);
    assert_eq!(names(&["rust"]).len(), 6);
    assert_eq!(names(&["rust", "python"]), [""; 0]);
    let error = ask(&["function", "no_such_label"]).unwrap_err().to_string();
    assert!(error.contains("no_such_label") && error.contains("entry_point") && error.contains("python"), "{error}");
}

#[test]
fn runs_are_listed_by_outcome() {
    let mut fake = tree();
    let run = |id: &str, outcome| Execution {
        id: id.into(),
        version: String::new(),
        command: "index".into(),
        arguments: Vec::new(),
        root: "/p".into(),
        started_ms: 0,
        duration_ms: None,
        outcome,
        error: None,
        files: 0,
        symbols: 0,
        occurrences: 0,
        links: 0,
    };
    fake.executions = vec![
        run("c", ExecutionOutcome::Success),
        run("b", ExecutionOutcome::Error),
        run("a", ExecutionOutcome::Success),
    ];
    let ask = |outcome| log::run(&fake.ground(), &log::Args { outcome }).unwrap().executions;
    assert_eq!(ask(None).total, 3);
    let good: Vec<_> = ask(Some(ExecutionOutcome::Success)).items.into_iter().map(|run| run.id).collect();
    assert_eq!(good, ["c", "a"]);
    assert_eq!(ask(Some(ExecutionOutcome::Interrupted)).total, 0);
}
