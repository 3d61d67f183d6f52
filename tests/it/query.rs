//! Questions over a hand-made database: what they say must not depend on any engine or linker.

use std::path::Path;

use magellan::model::{
    Arity, ContentHash, FileFacts, FileMetrics, Function, LineCounts, Marks, NamesBuilder, Position, Reason,
    RelationKind, Role, Rule, Skipped, Span, Stamp, Symbol, SymbolHash, SymbolId, SymbolKind, SymbolMetrics,
    Visibility,
};
use magellan::query::{Freshness, Ground, QueryError, SymbolName, callees, callers, find, outline, refs, show};
use magellan::store::{
    CacheEntry, CacheRow, Chunk, ChunkPattern, Execution, FileEdges, FileId, FileRow, ImportRow, Label, NamePattern,
    OccurrenceRow, Part, RelationRow, Result, Snapshot, SymbolKey, SymbolRow, Target, Totals,
};

pub(super) const LIB: &str = "src/lib.rs";
pub(super) const USE: &str = "src/use.rs";

/// A database in plain lists.
#[derive(Default)]
pub(super) struct Fake {
    pub(super) files: Vec<FileRow>,
    pub(super) symbols: Vec<(SymbolRow, Option<Arity>)>,
    occurrences: Vec<OccurrenceRow>,
    relations: Vec<RelationRow>,
    skipped: Vec<Skipped>,
    pub(super) functions: Vec<(FileId, Function)>,
    pub(super) metrics: Vec<(FileId, SymbolMetrics)>,
    pub(super) file_metrics: Vec<(String, FileMetrics)>,
    pub(super) chunks: Vec<Chunk>,
    pub(super) executions: Vec<Execution>,
}

impl Snapshot for Fake {
    fn meta(&self, _: &str) -> Result<Option<String>> {
        Ok(None)
    }
    fn metas(&self) -> Result<Vec<(String, String)>> {
        Ok(Vec::new())
    }
    fn files(&self) -> Result<Vec<FileRow>> {
        Ok(self.files.clone())
    }
    fn stamps(&self) -> Result<Vec<(String, Stamp)>> {
        Ok(self.files.iter().map(|file| (file.path.clone(), file.stamp)).collect())
    }
    fn file(&self, path: &str) -> Result<Option<FileRow>> {
        Ok(self.files.iter().find(|file| file.path == path).cloned())
    }
    /// No question asks for what links rest on.
    fn link_record(&self, _: FileId) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }
    fn cache(&self) -> Result<Vec<CacheRow>> {
        Ok(Vec::new())
    }
    fn cached(&self, _: u64) -> Result<Option<CacheEntry>> {
        Ok(None)
    }
    /// Questions ask for text and facts, never for how they are packed.
    fn packed(&self, _: FileId, _: Part) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }
    fn text(&self, _: FileId) -> Result<Vec<u8>> {
        Ok(TEXT.as_bytes().to_vec())
    }
    fn facts(&self, file: FileId) -> Result<FileFacts> {
        let mut names = NamesBuilder::default();
        let mut facts = FileFacts::default();
        for (row, arity) in self.symbols.iter().filter(|(row, _)| row.key.file == file) {
            facts.symbols.push(Symbol {
                kind: row.kind,
                name: names.intern(&row.name),
                parent: None,
                qualifier: None,
                span: row.span,
                name_span: row.name_span,
                signature: row.span,
                doc: None,
                visibility: row.visibility,
                marks: row.marks,
                scope: None,
                ty: None,
                arity: *arity,
            });
        }
        facts.names = names.finish();
        Ok(facts)
    }
    /// No question asked here looks at the whole graph.
    fn edges(&self, _: Option<FileId>, _: &mut dyn FnMut(FileEdges)) -> Result<()> {
        Ok(())
    }
    fn symbols(&self, file: FileId) -> Result<Vec<SymbolRow>> {
        Ok(self.symbols.iter().map(|(row, _)| row).filter(|row| row.key.file == file).cloned().collect())
    }
    fn symbol(&self, key: SymbolKey) -> Result<Option<SymbolRow>> {
        Ok(self.symbols.iter().map(|(row, _)| row).find(|row| row.key == key).cloned())
    }
    fn find(&self, pattern: &NamePattern) -> Result<Vec<SymbolRow>> {
        let wanted = |row: &&SymbolRow| match pattern {
            NamePattern::Exact(name) => row.name == *name,
            NamePattern::Qualified(name) => row.qualified_name == *name,
            NamePattern::Prefix(prefix) => row.name.starts_with(prefix),
            NamePattern::Within(name, around) => row.name == *name && row.qualified_name.contains(around),
            NamePattern::Glob(glob) => row.name.contains(glob.trim_matches('*')),
            NamePattern::Id(digits) => row.id.to_string().starts_with(digits),
        };
        Ok(self.symbols.iter().map(|(row, _)| row).filter(wanted).cloned().collect())
    }
    fn labelled(&self, label: Label) -> Result<Vec<SymbolRow>> {
        let has = |row: &&SymbolRow| label.is_on(row.kind, row.visibility, row.marks);
        Ok(self.symbols.iter().map(|(row, _)| row).filter(has).cloned().collect())
    }
    fn occurrences(&self, file: FileId) -> Result<Vec<OccurrenceRow>> {
        Ok(self.occurrences.iter().filter(|row| row.file == file).cloned().collect())
    }
    fn uses(&self, key: SymbolKey) -> Result<Vec<OccurrenceRow>> {
        let means = |row: &&OccurrenceRow| match &row.target {
            Target::Resolved(target, _) => *target == key,
            Target::Candidates(targets, _) => targets.contains(&key),
            _ => false,
        };
        Ok(self.occurrences.iter().filter(means).cloned().collect())
    }
    fn unknown(&self, name: &str) -> Result<Vec<OccurrenceRow>> {
        let open = |row: &&OccurrenceRow| row.name == name && matches!(row.target, Target::Unknown(_));
        Ok(self.occurrences.iter().filter(open).cloned().collect())
    }
    fn imports(&self, _: FileId) -> Result<Vec<ImportRow>> {
        Ok(Vec::new())
    }
    fn relations(&self, key: SymbolKey, outgoing: bool) -> Result<Vec<RelationRow>> {
        let fits = |row: &&RelationRow| match row.target {
            _ if outgoing => row.from == key,
            Target::Resolved(target, _) => target == key,
            _ => false,
        };
        Ok(self.relations.iter().filter(fits).cloned().collect())
    }
    fn relations_in(&self, _: FileId) -> Result<Vec<RelationRow>> {
        Ok(Vec::new())
    }
    fn functions(&self, file: FileId) -> Result<Vec<Function>> {
        Ok(self.functions.iter().filter(|(id, _)| *id == file).map(|(_, function)| function.clone()).collect())
    }
    fn file_metrics(&self, path: &str) -> Result<Option<FileMetrics>> {
        Ok(self.file_metrics.iter().find(|(known, _)| known == path).map(|(_, metrics)| *metrics))
    }
    fn all_file_metrics(&self) -> Result<Vec<(String, FileMetrics)>> {
        Ok(self.file_metrics.clone())
    }
    fn symbol_metrics(&self, file: FileId) -> Result<Vec<SymbolMetrics>> {
        Ok(self.metrics.iter().filter(|(id, _)| *id == file).map(|(_, metrics)| *metrics).collect())
    }
    fn chunks(&self, pattern: &ChunkPattern) -> Result<Vec<Chunk>> {
        let wanted = |chunk: &&Chunk| match pattern {
            ChunkPattern::All => true,
            ChunkPattern::Path(path) => chunk.path == *path,
            ChunkPattern::Span(path, span) => chunk.path == *path && chunk.span == *span,
            ChunkPattern::Symbol(name) => chunk.symbol.as_ref() == Some(name),
        };
        Ok(self.chunks.iter().filter(wanted).cloned().collect())
    }
    fn executions(&self, limit: usize) -> Result<Vec<Execution>> {
        Ok(self.executions.iter().take(limit).cloned().collect())
    }
    fn skipped(&self) -> Result<Vec<Skipped>> {
        Ok(self.skipped.clone())
    }
    fn totals(&self) -> Result<Totals> {
        Ok(Totals::default())
    }
    fn check_until(&self, _: magellan::store::Stop<'_>, _: &mut dyn FnMut(String)) -> Result<()> {
        Ok(())
    }
}

/// Ten lines of ten bytes: line `n` starts at byte `10 * (n - 1)`.
pub(super) const TEXT: &str =
    "line 1...\nline 2...\nline 3...\nline 4...\nline 5...\nline 6...\nline 7...\nline 8...\nline 9...\nline 10..\n";

impl Fake {
    pub(super) fn add_file(&mut self, path: &str, language: &str) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(FileRow {
            id,
            path: path.into(),
            language: language.into(),
            dialect: language.into(),
            separator: "::".into(),
            module: String::new(),
            stamp: Stamp { size: 100, modified_ns: 1 },
            size: 100,
            hash: ContentHash::of(b""),
            links_hash: ContentHash::of(b""),
            metrics_hash: ContentHash::default(),
            lines: LineCounts::default(),
            symbols: 0,
            occurrences: 0,
            errors: 0,
        });
        id
    }

    /// Defines something on `lines`; its name stands at column 3 of the first.
    pub(super) fn define(
        &mut self,
        file: FileId,
        kind: SymbolKind,
        qualified: &str,
        lines: (u32, u32),
        parent: Option<SymbolKey>,
    ) -> SymbolKey {
        let ordinal = self.symbols.iter().filter(|(row, _)| row.key.file == file).count() as u32;
        let key = SymbolKey { file, symbol: SymbolId(ordinal) };
        let start = 10 * (lines.0 - 1);
        let mut id = [0; 16];
        id[0] = 0xab;
        id[1] = self.symbols.len() as u8;
        self.symbols.push((
            SymbolRow {
                key,
                id: SymbolHash(id),
                path: self.files[file.0 as usize].path.clone(),
                language: self.files[file.0 as usize].language.clone(),
                kind,
                name: qualified.rsplit("::").next().unwrap().into(),
                qualified_name: qualified.into(),
                parent,
                signature: String::new(),
                visibility: Visibility::Public,
                marks: Marks::default(),
                span: Span::new(start, 10 * lines.1 - 1),
                name_span: Span::new(start + 3, start + 7),
                doc: None,
                position: Position { line: lines.0, column: 3 },
                start_line: lines.0,
                end_line: lines.1,
            },
            None,
        ));
        key
    }

    fn last(&mut self) -> &mut (SymbolRow, Option<Arity>) {
        self.symbols.last_mut().unwrap()
    }

    /// Uses `name` at the start of a line.
    fn use_at(&mut self, file: FileId, line: u32, symbol: Option<SymbolKey>, name: &str, role: Role, target: Target) {
        let start = 10 * (line - 1);
        self.occurrences.push(OccurrenceRow {
            file,
            path: self.files[file.0 as usize].path.clone(),
            language: self.files[file.0 as usize].language.clone(),
            span: Span::new(start, start + 2),
            position: Position { line, column: 0 },
            role,
            name: name.into(),
            symbol,
            arity: (role == Role::Call).then_some(1),
            target,
        });
    }

    pub(super) fn ground(&self) -> Ground<'_> {
        Ground {
            snapshot: self,
            root: Path::new("/p"),
            folder: Path::new("/p/src"),
            database: Path::new("/p/.magellan"),
            backend: "fake",
            limit: usize::MAX,
            freshness: Freshness { changed_files: Some(0), ..Freshness::default() },
        }
    }
}

/// `parse` (one argument) is called in `run` and its closure; a function inside `run` calls it too.
pub(super) fn tree() -> Fake {
    let mut fake = Fake::default();
    let lib = fake.add_file(LIB, "rust");
    let user = fake.add_file(USE, "rust");
    let parse = fake.define(lib, SymbolKind::Function, "k::parse", (1, 2), None);
    fake.last().1 = Some(Arity::exactly(1));
    let parser = fake.define(lib, SymbolKind::Struct, "k::Parser", (4, 8), None);
    fake.define(lib, SymbolKind::Method, "k::Parser::next", (5, 6), Some(parser));
    let run = fake.define(user, SymbolKind::Function, "k::use::run", (1, 8), None);
    let closure = fake.define(user, SymbolKind::Closure, "k::use::run::<closure>", (3, 4), Some(run));
    let inner = fake.define(user, SymbolKind::Function, "k::use::run::inner", (5, 7), Some(run));
    let resolved = || Target::Resolved(parse, Rule::Import);
    fake.use_at(user, 2, Some(run), "parse", Role::Call, resolved());
    fake.use_at(user, 4, Some(closure), "parse", Role::Call, resolved());
    fake.use_at(user, 6, Some(inner), "parse", Role::Call, resolved());
    fake.use_at(user, 8, Some(run), "push", Role::Call, Target::External("std::push".into(), Rule::ExternalMember));
    fake.use_at(user, 9, None, "parse", Role::Import, resolved());
    fake
}

pub(super) fn name(text: &str) -> SymbolName {
    SymbolName { symbol: text.into(), kind: None }
}

fn ask_callers(fake: &Fake, text: &str) -> Result<callers::Reply, QueryError> {
    callers::run(&fake.ground(), &callers::Args { name: name(text), unresolved: true, why: false })
}

fn found(fake: &Fake, text: &str) -> Vec<String> {
    let args = find::Args { name: text.into(), kind: None, language: None };
    let reply = match find::run(&fake.ground(), &args) {
        Err(QueryError::NoSymbol { .. }) => return Vec::new(),
        reply => reply.unwrap_or_else(|error| panic!("{text}: {error}")),
    };
    reply.symbols.items.into_iter().map(|row| row.qualified_name).collect()
}

#[test]
fn every_way_to_name_a_symbol_finds_it() {
    let fake = tree();
    for text in [
        "next",
        "Parser::next",
        "Parser.next",
        "k::Parser::next",
        "lib.rs:5",
        "./lib.rs:6",
        "/p/src/lib.rs:5:4",
        "../src/lib.rs#next",
        "lib.rs#Parser::next",
        "ab02",
        "AB0200",
    ] {
        assert_eq!(found(&fake, text), ["k::Parser::next"], "{text}");
    }
    assert_eq!(found(&fake, "use.rs:2:1"), ["k::parse"], "what is used at a place");
    assert_eq!(found(&fake, "use.rs:4:8"), ["k::use::run::<closure>"], "the innermost around a place");
    assert_eq!(found(&fake, "Parser::ne*"), ["k::Parser::next"], "a glob in a type");
    assert_eq!(found(&fake, "use::ne*"), [""; 0]);
    assert_eq!(found(&fake, "arse"), [""; 0]);
    assert_eq!(found(&fake, "lib.rs:10"), [""; 0]);
}

#[test]
fn a_name_that_finds_nothing_says_what_is_near() {
    match ask_callers(&tree(), "k::pars") {
        Err(QueryError::NoSymbol { similar, .. }) => assert_eq!(similar, ["k::parse"]),
        other => panic!("{other:?}"),
    }
    assert!(matches!(ask_callers(&tree(), "nowhere.rs:3"), Err(QueryError::NoFile(_))));
    assert!(matches!(ask_callers(&tree(), "../../etc/passwd:3"), Err(QueryError::Outside { .. })));
}

#[test]
fn an_ambiguous_name_lists_all_it_can_mean() {
    let mut fake = tree();
    fake.define(FileId(1), SymbolKind::Function, "k::use::parse", (10, 10), None);
    match ask_callers(&fake, "parse") {
        Err(QueryError::Ambiguous { candidates, .. }) => assert_eq!(candidates.len(), 2),
        other => panic!("{other:?}"),
    }
    assert!(ask_callers(&fake, "use::parse").is_ok());
    fake.last().0.marks.add(Marks::DECLARATION);
    assert_eq!(ask_callers(&fake, "parse").unwrap().symbol.path, LIB, "one definition is left");
}

#[test]
fn a_kind_settles_an_ambiguous_name() {
    let mut fake = tree();
    fake.define(FileId(1), SymbolKind::Module, "k::use::parse", (10, 10), None);
    let args = callers::Args {
        name: SymbolName { symbol: "parse".into(), kind: Some(SymbolKind::Function) },
        unresolved: false,
        why: false,
    };
    assert_eq!(callers::run(&fake.ground(), &args).unwrap().symbol.path, LIB);
}

#[test]
fn callers_are_grouped_and_complete_when_nothing_is_in_doubt() {
    let reply = ask_callers(&tree(), "parse").unwrap();
    let places: Vec<_> =
        reply.callers.items.iter().map(|group| group.symbol.as_ref().unwrap().qualified_name.clone()).collect();
    assert_eq!(places, ["k::use::run", "k::use::run::<closure>", "k::use::run::inner"]);
    assert!(reply.complete);
    assert_eq!(reply.sites, 3, "the import is no call");
}

#[test]
fn an_unresolved_site_of_fitting_name_and_arguments_breaks_completeness() {
    let unknown = || Target::Unknown(Reason::ReceiverType);
    let mut fake = tree();
    fake.use_at(FileId(1), 10, None, "parse", Role::Call, unknown());
    let reply = ask_callers(&fake, "parse").unwrap();
    assert!(!reply.complete);
    assert_eq!((reply.unresolved.total, reply.unresolved.sites.len()), (1, 1));
    assert_eq!(reply.unresolved.reasons, [("receiver_type", 1)]);

    fake.occurrences.last_mut().unwrap().arity = Some(3);
    assert!(ask_callers(&fake, "parse").unwrap().complete, "three arguments do not fit");
    fake.occurrences.last_mut().unwrap().arity = None;
    assert!(!ask_callers(&fake, "parse").unwrap().complete, "a spread argument may fit");

    let mut fake = tree();
    let other = fake.add_file("x.other", "no such language");
    fake.use_at(other, 1, None, "parse", Role::Call, unknown());
    assert!(ask_callers(&fake, "parse").unwrap().complete, "another family of languages");
}

#[test]
fn a_function_taken_as_a_value_and_a_file_not_seen_break_completeness() {
    let mut fake = tree();
    let parse = fake.symbols[0].0.key;
    fake.use_at(FileId(1), 10, None, "parse", Role::Read, Target::Resolved(parse, Rule::Import));
    let reply = ask_callers(&fake, "parse").unwrap();
    assert_eq!((reply.complete, reply.taken_as_value, reply.sites), (false, 1, 3));

    let mut fake = tree();
    let reason = magellan::model::SkipReason::TooLarge;
    fake.skipped.push(Skipped { path: "src/huge.rs".into(), reason, detail: String::new() });
    let reply = ask_callers(&fake, "parse").unwrap();
    assert_eq!((reply.complete, reply.unseen_files), (false, 1));
}

#[test]
fn a_declaration_and_its_definition_share_their_callers() {
    let mut fake = tree();
    let declaration = fake.define(FileId(1), SymbolKind::Function, "k::parse", (10, 10), None);
    fake.last().0.marks.add(Marks::DECLARATION);
    fake.use_at(FileId(0), 9, None, "parse", Role::Call, Target::Resolved(declaration, Rule::Linkage));
    assert_eq!(ask_callers(&fake, "parse").unwrap().sites, 4);
}

#[test]
fn a_type_is_called_through_its_constructors() {
    let mut fake = tree();
    let class = fake.symbols[1].0.key;
    let constructor = fake.define(FileId(0), SymbolKind::Constructor, "k::Parser::Parser", (7, 7), Some(class));
    fake.use_at(FileId(1), 10, None, "Parser", Role::Call, Target::Resolved(constructor, Rule::TypeMember));
    let reply = ask_callers(&fake, "Parser").unwrap();
    assert_eq!((reply.symbol.kind, reply.sites), (SymbolKind::Struct, 1));
}

#[test]
fn what_callers_may_pass_keeps_callers_of_other_members_open() {
    let mut fake = Fake::default();
    let file = fake.add_file("a.py", "python");
    let usual = fake.define(file, SymbolKind::Class, "Usual", (1, 2), None);
    let check = fake.define(file, SymbolKind::Method, "Usual::check", (2, 2), Some(usual));
    let other = fake.define(file, SymbolKind::Class, "Other", (3, 4), None);
    fake.define(file, SymbolKind::Method, "Other::check", (4, 4), Some(other));
    fake.use_at(file, 7, None, "check", Role::Call, Target::Candidates(vec![check], Rule::Fallback));
    let usual = ask_callers(&fake, "Usual::check").unwrap();
    assert_eq!((usual.sites, usual.complete), (1, true));
    let other = ask_callers(&fake, "Other::check").unwrap();
    assert_eq!((other.sites, other.complete), (0, false));
}

#[test]
fn an_inherited_constructor_is_called_by_making_subtypes() {
    let mut fake = Fake::default();
    let file = fake.add_file("a.py", "python");
    let base = fake.define(file, SymbolKind::Class, "Base", (1, 2), None);
    fake.define(file, SymbolKind::Method, "Base::__init__", (2, 2), Some(base));
    let heir = fake.define(file, SymbolKind::Class, "Heir", (3, 3), None);
    let other = fake.define(file, SymbolKind::Class, "Other", (4, 5), None);
    fake.define(file, SymbolKind::Method, "Other::__init__", (5, 5), Some(other));
    for (from, to) in [(heir, base), (other, base), (base, heir)] {
        let target = Target::Resolved(to, Rule::LexicalScope);
        fake.relations.push(RelationRow { from, kind: RelationKind::Extends, target });
    }
    for (line, class, name) in [(7, heir, "Heir"), (8, other, "Other"), (9, base, "Base")] {
        fake.use_at(file, line, None, name, Role::Call, Target::Resolved(class, Rule::LexicalScope));
    }
    assert_eq!(ask_callers(&fake, "Base::__init__").unwrap().sites, 1, "a call of Heir");
    assert_eq!(ask_callers(&fake, "Heir").unwrap().sites, 1);
    assert_eq!(ask_callers(&fake, "Other::__init__").unwrap().sites, 0);
}

#[test]
fn callees_are_those_of_closures_too_but_not_of_functions_inside() {
    let fake = tree();
    let reply = callees::run(&fake.ground(), &callees::Args { name: name("run"), why: false }).unwrap();
    let sites: Vec<_> =
        reply.sites.items.iter().map(|callee| (callee.site.position.line, callee.targets.len())).collect();
    assert_eq!(sites, [(2, 1), (4, 1), (8, 0)]);
    assert_eq!((reply.calls.resolved, reply.calls.external, reply.complete), (2, 1, true));
    assert_eq!(reply.sites.items[2].site.external.as_deref(), Some("std::push"));
}

#[test]
fn refs_tell_every_role_or_only_one() {
    let fake = tree();
    let ask = |role| {
        refs::run(&fake.ground(), &refs::Args { name: name("parse"), role, unresolved: false, why: false }).unwrap()
    };
    assert_eq!(ask(None).uses, 4);
    assert_eq!(ask(Some(Role::Import)).uses, 1);
}

#[test]
fn limits_cut_lists_and_keep_the_total() {
    let fake = tree();
    let ground = Ground { limit: 1, ..fake.ground() };
    let reply = callers::run(&ground, &callers::Args { name: name("parse"), unresolved: false, why: false }).unwrap();
    assert_eq!((reply.callers.total, reply.callers.items.len(), reply.sites), (3, 1, 3));
    let reply = outline::run(&ground, &outline::Args { file: "use.rs".into(), closures: true }).unwrap();
    assert_eq!((reply.symbols.total, reply.symbols.items.len()), (3, 1));
}

#[test]
fn an_outline_nests_and_leaves_closures_out() {
    let fake = tree();
    let reply = outline::run(&fake.ground(), &outline::Args { file: "use.rs".into(), closures: false }).unwrap();
    let rows: Vec<_> = reply.symbols.items.iter().map(|entry| (entry.depth, entry.symbol.name.as_str())).collect();
    assert_eq!(rows, [(0, "run"), (1, "inner")]);
}

#[test]
fn source_is_shown_with_the_lines_around_it() {
    let fake = tree();
    let ask = |text, context| show::run(&fake.ground(), &show::Args { name: name(text), context }).unwrap();
    let reply = ask("Parser::next", 0);
    let lines: Vec<_> = reply.lines.items.iter().map(|line| (line.number, line.text.as_str())).collect();
    assert_eq!(lines, [(5, "line 5..."), (6, "line 6...")]);
    let reply = ask("parse", 1);
    let lines: Vec<_> = reply.lines.items.iter().map(|line| (line.number, line.context)).collect();
    assert_eq!(lines, [(1, false), (2, false), (3, true)], "nothing stands before the first line");
    assert_eq!(ask("Parser", 1_000_000).lines.items.len(), 10);
    assert!(!reply.lossy);
}
