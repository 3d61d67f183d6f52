//! Compares what is stored twice: rows with the facts, hashes with the bytes, counts with what they count. Told from
//! the rows of a [`Snapshot`] alone, so that it means the same for every engine.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::model::{
    ContentHash, FileFacts, LineIndex, Reason, Role, Symbol, SymbolId, SymbolMetrics, scope_path, symbol_hashes,
};

use super::{
    ChunkPattern, FileEdges, FileId, FileRow, LanguageTotals, OccurrenceRow, Part, RelationRow, Result, Snapshot, Stop,
    SymbolKey, SymbolRow, Target, Totals, go_on, unpack, unreadable,
};

/// Tells each fault of the records in a line; asks before each file whether to stop.
pub(super) fn check(snapshot: &dyn Snapshot, stop: Stop<'_>, fault: &mut dyn FnMut(String)) -> Result<()> {
    let files = snapshot.files()?;
    let symbols = files.iter().map(|file| (file.id, file.symbols)).collect();
    let numbers = files.iter().map(|file| (file.path.clone(), file.id)).collect();
    let mut check = Check { snapshot, symbols, numbers, totals: BTreeMap::new(), reasons: FxHashMap::default(), fault };
    for (file, next) in files.iter().zip(files.iter().skip(1)) {
        if file.path >= next.path {
            (check.fault)(format!("files: {} and {} are out of order", file.path, next.path));
        }
    }
    for file in &files {
        go_on(stop)?;
        check.file(file)?;
    }
    for chunk in snapshot.chunks(&ChunkPattern::All)? {
        if ContentHash::of(&chunk.text) != chunk.hash {
            let place = format!("{} {}..{}", chunk.path, chunk.span.start, chunk.span.end);
            (check.fault)(format!("chunks: the text at {place} is not the one that was hashed"));
        }
    }
    for number in unreadable(snapshot, stop)? {
        (check.fault)(format!("cache: entry {number} cannot be read"));
    }
    let errors = files.iter().filter(|file| file.errors > 0).count() as u64;
    check.totals(errors)
}

struct Check<'s> {
    snapshot: &'s dyn Snapshot,
    /// How many definitions each file has.
    symbols: FxHashMap<FileId, u32>,
    /// The number of each path.
    numbers: BTreeMap<String, FileId>,
    /// What the totals should be, by language and by reason.
    totals: BTreeMap<String, LanguageTotals>,
    reasons: FxHashMap<&'static str, u64>,
    fault: &'s mut dyn FnMut(String),
}

impl Check<'_> {
    fn file(&mut self, file: &FileRow) -> Result<()> {
        let text = unpack(&self.snapshot.packed(file.id, Part::Text)?);
        if text.as_ref().is_none_or(|text| ContentHash::of(text) != file.hash) {
            self.tell(file, "its text is not the one that was hashed");
        }
        if self.snapshot.ast(file.id).is_err() {
            self.tell(file, "its syntax tree cannot be unpacked");
        }
        if self.snapshot.functions(file.id).is_err() {
            self.tell(file, "its control flow cannot be unpacked");
        }
        let Ok(facts) = self.snapshot.facts(file.id) else {
            self.tell(file, "its facts cannot be unpacked");
            return Ok(());
        };
        let lines = LineIndex::new(text.as_deref().unwrap_or_default());
        self.counts(file, &facts);
        self.symbols(file, &facts, &lines)?;
        self.occurrences(file, &facts, &lines)?;
        self.imports(file, &facts)?;
        self.relations(file, &facts)?;
        self.edges(file)?;
        self.metrics(file, &facts)
    }

    fn counts(&mut self, file: &FileRow, facts: &FileFacts) {
        let counted = [file.symbols, file.occurrences, file.errors].map(|count| count as usize);
        if counted != [facts.symbols.len(), facts.occurrences.len(), facts.diagnostics.len()]
            || file.lines != facts.lines
        {
            self.tell(file, "its counts are not those of its facts");
        }
        let language = file.language.clone();
        let totals = self.totals.entry(language.clone()).or_default();
        totals.language = language;
        totals.files += 1;
        totals.bytes += file.size;
        totals.lines.code += file.lines.code;
        totals.lines.comment += file.lines.comment;
        totals.lines.blank += file.lines.blank;
        totals.symbols += u64::from(file.symbols);
        totals.occurrences += u64::from(file.occurrences);
    }

    fn symbols(&mut self, file: &FileRow, facts: &FileFacts, lines: &LineIndex) -> Result<()> {
        let rows = self.snapshot.symbols(file.id)?;
        if rows.len() != facts.symbols.len() {
            self.tell(file, &format!("it has {} definitions of {}", rows.len(), facts.symbols.len()));
            return Ok(());
        }
        let ids = symbol_hashes(&file.path, facts);
        for (index, (row, symbol)) in rows.iter().zip(&facts.symbols).enumerate() {
            let path = scope_path(facts, SymbolId(index as u32), &file.separator);
            let qualified =
                if file.module.is_empty() { path } else { [&*file.module, &*file.separator, &*path].concat() };
            let is_same = is_of(row, symbol, facts)
                && row.id == ids[index]
                && row.qualified_name == qualified
                && row.position == lines.position(symbol.name_span.start)
                && row.start_line == lines.position(symbol.span.start).line;
            if !is_same {
                self.tell(file, &format!("definition {index} ({qualified}) is not as its facts say"));
            }
        }
        Ok(())
    }

    fn occurrences(&mut self, file: &FileRow, facts: &FileFacts, lines: &LineIndex) -> Result<()> {
        let rows = self.snapshot.occurrences(file.id)?;
        if rows.len() != facts.occurrences.len() && !is_unlinked(file) {
            self.tell(file, &format!("it has {} occurrences of {}", rows.len(), facts.occurrences.len()));
        }
        for (index, (row, occurrence)) in rows.iter().zip(&facts.occurrences).enumerate() {
            let key = |symbol| SymbolKey { file: file.id, symbol };
            let is_same = (row.role, row.span, row.arity) == (occurrence.role, occurrence.span, occurrence.arity)
                && row.name == facts.name(occurrence.name)
                && row.symbol == occurrence.symbol.map(key)
                && row.position == lines.position(occurrence.span.start);
            if !is_same {
                self.tell(file, &format!("occurrence {index} ({}) is not as its facts say", row.name));
            }
            self.target(file, &row.target, || format!("occurrence {index} ({})", row.name));
            self.count_call(row);
        }
        Ok(())
    }

    fn count_call(&mut self, row: &OccurrenceRow) {
        if row.role != Role::Call {
            return;
        }
        let calls = &mut self.totals.entry(row.language.clone()).or_default().calls;
        match &row.target {
            Target::Resolved(..) | Target::File(..) => calls.resolved += 1,
            Target::Candidates(..) => calls.candidates += 1,
            Target::External(..) => calls.external += 1,
            Target::Unknown(reason) => {
                calls.unknown += 1;
                *self.reasons.entry(reason.word()).or_default() += 1;
            }
        }
    }

    fn imports(&mut self, file: &FileRow, facts: &FileFacts) -> Result<()> {
        let rows = self.snapshot.imports(file.id)?;
        if rows.len() != facts.imports.len() && !is_unlinked(file) {
            self.tell(file, &format!("it has {} imports of {}", rows.len(), facts.imports.len()));
        }
        for (index, (row, import)) in rows.iter().zip(&facts.imports).enumerate() {
            let bound = import.bound.map(|name| facts.name(name));
            if (row.bound.as_deref(), row.reexport) != (bound, import.reexport) {
                self.tell(file, &format!("import {index} ({}) is not as its facts say", row.specifier));
            }
        }
        Ok(())
    }

    fn relations(&mut self, file: &FileRow, facts: &FileFacts) -> Result<()> {
        let rows: Vec<RelationRow> = self.snapshot.relations_in(file.id)?;
        if rows.len() != facts.relations.len() && !is_unlinked(file) {
            self.tell(file, &format!("it has {} relations of {}", rows.len(), facts.relations.len()));
        }
        for (index, (row, relation)) in rows.iter().zip(&facts.relations).enumerate() {
            if (row.from.file, row.from.symbol, row.kind) != (file.id, relation.symbol, relation.kind) {
                self.tell(file, &format!("relation {index} is not as its facts say"));
            }
            self.target(file, &row.target, || format!("relation {index}"));
        }
        Ok(())
    }

    /// Compares what the file brings to the graph with its rows. Imports of files that are gone say nothing.
    fn edges(&mut self, file: &FileRow) -> Result<()> {
        let mut stored = None;
        let is_read = self.snapshot.edges(Some(file.id), &mut |edges| stored = Some(edges)).is_ok();
        let expected = FileEdges::of_rows(self.snapshot, file, &self.numbers)?;
        if let Some(stored) = &mut stored {
            stored.imports.retain(|file| self.symbols.contains_key(file));
        }
        if !is_read || stored != (!is_unlinked(file)).then_some(expected) {
            self.tell(file, "what it brings to the graph is not as its rows say");
        }
        Ok(())
    }

    fn metrics(&mut self, file: &FileRow, facts: &FileFacts) -> Result<()> {
        let rows: Vec<SymbolMetrics> = self.snapshot.symbol_metrics(file.id)?;
        for (index, row) in rows.iter().enumerate() {
            let is_sorted = index == 0 || rows[index - 1].symbol < row.symbol;
            if !is_sorted || facts.symbols.get(row.symbol.0 as usize).is_none() {
                self.tell(file, &format!("metrics {index} belong to no definition"));
            }
        }
        Ok(())
    }

    /// Whether a target is there, and candidates are sorted.
    fn target(&mut self, file: &FileRow, target: &Target, what: impl Fn() -> String) {
        let is_there = |key: &SymbolKey| self.symbols.get(&key.file).is_some_and(|count| key.symbol.0 < *count);
        let (is_there, is_sorted) = match target {
            Target::Resolved(key, _) => (is_there(key), true),
            Target::Candidates(keys, _) => {
                (keys.iter().all(is_there), !keys.is_empty() && keys.is_sorted_by(|a, b| a < b))
            }
            Target::File(path, _) => (!path.is_empty(), true),
            Target::External(..) | Target::Unknown(_) => (true, true),
        };
        if !is_there {
            self.tell(file, &format!("{} leads to something that is not there", what()));
        }
        if !is_sorted {
            self.tell(file, &format!("{} has candidates that are out of order", what()));
        }
    }

    /// Compares the totals with what the files gave.
    fn totals(self, files_with_errors: u64) -> Result<()> {
        let stored = self.snapshot.totals()?;
        let mut reasons: Vec<(String, u64)> = Vec::new();
        for (_, word) in Reason::WORDS {
            reasons.extend(self.reasons.get(word).map(|count| (word.to_owned(), *count)));
        }
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let expected =
            Totals { languages: self.totals.into_values().collect(), files_with_errors, unknown_reasons: reasons };
        for (stored, expected) in stored.languages.iter().zip(&expected.languages) {
            if stored != expected {
                (self.fault)(format!("totals: those of {} are wrong", expected.language));
            }
        }
        if stored.languages.len() != expected.languages.len()
            || stored.files_with_errors != expected.files_with_errors
            || stored.unknown_reasons != expected.unknown_reasons
        {
            (self.fault)("totals: the languages, files with errors or reasons are wrong".into());
        }
        Ok(())
    }

    fn tell(&mut self, file: &FileRow, what: &str) {
        (self.fault)(format!("{}: {what}", file.path));
    }
}

fn is_unlinked(file: &FileRow) -> bool {
    file.links_hash == ContentHash([0; 32])
}

fn is_of(row: &SymbolRow, symbol: &Symbol, facts: &FileFacts) -> bool {
    (row.kind, row.visibility, row.marks) == (symbol.kind, symbol.visibility, symbol.marks)
        && (row.span, row.name_span, row.doc) == (symbol.span, symbol.name_span, symbol.doc)
        && row.parent.map(|parent| parent.symbol) == symbol.parent
        && row.name == facts.name(symbol.name)
}
