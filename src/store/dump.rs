//! The logical content as lines of text in one total order, told from the rows of a [`Snapshot`] alone, so that
//! engines cannot differ. Skipped files, chunks, metrics of paths that are not indexed, then file by path.

use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use crate::model::{ContentHash, FileMetrics, LineCounts, Position, Span, SymbolHash, SymbolMetrics};

use super::{
    Chunk, ChunkPattern, FileRow, ImportRow, OccurrenceRow, Part, RelationRow, Result, Snapshot, Stop, SymbolKey,
    SymbolRow, Target, damaged, go_on, unpack,
};

/// Streams all lines; asks before each file whether to stop.
pub(super) fn dump(snapshot: &dyn Snapshot, stop: Stop<'_>, sink: &mut dyn FnMut(&str)) -> Result<()> {
    let files = snapshot.files()?;
    let mut dump = Dump { line: Line::default(), ids: FxHashMap::default(), found: Vec::new(), sink };
    for file in &files {
        go_on(stop)?;
        dump.ids.extend(snapshot.symbols(file.id)?.into_iter().map(|symbol| (symbol.key, symbol.id)));
    }
    let mut metrics: FxHashMap<String, FileMetrics> = FxHashMap::default();
    dump.outside_files(snapshot, &files, &mut metrics)?;
    for file in &files {
        go_on(stop)?;
        dump.file(snapshot, file, metrics.get(&file.path))?;
    }
    Ok(())
}

struct Dump<'s> {
    line: Line,
    /// What stands for the numbers of definitions, which differ from database to database.
    ids: FxHashMap<SymbolKey, SymbolHash>,
    /// Ids of the candidates of one line.
    found: Vec<Option<SymbolHash>>,
    sink: &'s mut dyn FnMut(&str),
}

impl Dump<'_> {
    /// What belongs to no indexed file; collects the metrics of those that are in `metrics`.
    fn outside_files(
        &mut self,
        snapshot: &dyn Snapshot,
        files: &[FileRow],
        metrics: &mut FxHashMap<String, FileMetrics>,
    ) -> Result<()> {
        for skipped in snapshot.skipped()? {
            self.line.start("skipped").text(&skipped.path).text(skipped.reason.word());
            self.end();
        }
        for chunk in snapshot.chunks(&ChunkPattern::All)? {
            self.chunk(&chunk);
        }
        for (path, values) in snapshot.all_file_metrics()? {
            match files.binary_search_by(|file| file.path.as_str().cmp(&path)) {
                Ok(_) => {
                    metrics.insert(path, values);
                }
                Err(_) => self.file_metrics(&path, &values),
            }
        }
        Ok(())
    }

    fn file(&mut self, snapshot: &dyn Snapshot, file: &FileRow, metrics: Option<&FileMetrics>) -> Result<()> {
        self.line.start("file").text(&file.path).text(&file.language).text(&file.dialect).text(&file.separator);
        self.line.text(&file.module).hex(&file.hash.0).lines(file.lines).number(file.errors);
        self.end();
        if let Some(metrics) = metrics {
            self.file_metrics(&file.path, metrics);
        }
        snapshot.symbols(file.id)?.iter().for_each(|symbol| self.symbol(symbol));
        for metrics in snapshot.symbol_metrics(file.id)? {
            self.symbol_metrics(SymbolKey { file: file.id, symbol: metrics.symbol }, &metrics);
        }
        snapshot.imports(file.id)?.iter().for_each(|import| self.import(import));
        snapshot.occurrences(file.id)?.iter().for_each(|occurrence| self.occurrence(occurrence));
        snapshot.relations_in(file.id)?.iter().for_each(|relation| self.relation(relation));
        for (part, word) in Part::WORDS {
            let bytes = unpack(&snapshot.packed(file.id, part)?).ok_or_else(|| damaged(file.id, part))?;
            self.line.start(word).hex(&ContentHash::of(&bytes).0);
            self.end();
        }
        Ok(())
    }

    fn chunk(&mut self, chunk: &Chunk) {
        self.line.start("chunk").text(&chunk.path).span(chunk.span).text_or_none(chunk.symbol.as_deref());
        self.line.text(&chunk.kind).hex(&ContentHash::of(&chunk.text).0);
        self.end();
    }

    fn file_metrics(&mut self, path: &str, metrics: &FileMetrics) {
        self.line.start("file_metrics").text(path).number(metrics.symbols).number(metrics.functions);
        self.line.lines(metrics.lines).number(metrics.fan_in).number(metrics.fan_out);
        self.line.number(metrics.cyclomatic_total).number(metrics.cyclomatic_max);
        self.line.number(metrics.cognitive_total).number(metrics.cognitive_max);
        self.end();
    }

    fn symbol(&mut self, symbol: &SymbolRow) {
        let parent = symbol.parent.and_then(|parent| self.ids.get(&parent)).copied();
        self.line.start("symbol").hex(&symbol.id.0).text(symbol.kind.word()).text(&symbol.name);
        self.line.text(&symbol.qualified_name).id(parent).text(symbol.visibility.word()).number(symbol.marks.0);
        self.line.span(symbol.span).span(symbol.name_span);
        match symbol.doc {
            Some(doc) => self.line.span(doc),
            None => self.line.none().none(),
        };
        self.line.position(symbol.position).number(symbol.start_line).number(symbol.end_line).text(&symbol.signature);
        self.end();
    }

    fn symbol_metrics(&mut self, key: SymbolKey, metrics: &SymbolMetrics) {
        let id = self.ids.get(&key).copied();
        self.line.start("symbol_metrics").id(id).number(metrics.lines).number(metrics.parameters);
        self.line.number(metrics.cyclomatic).number(metrics.cognitive).number(metrics.nesting);
        self.line.number(metrics.fan_in).number(metrics.fan_out);
        self.end();
    }

    fn import(&mut self, import: &ImportRow) {
        self.line.start("import").position(import.position).text(&import.specifier);
        self.line.text_or_none(import.member.as_deref()).text_or_none(import.bound.as_deref());
        self.line.number(u32::from(import.reexport)).text_or_none(import.file.as_deref());
        self.line.text_or_none(import.external.as_deref());
        self.end();
    }

    fn occurrence(&mut self, occurrence: &OccurrenceRow) {
        let symbol = occurrence.symbol.and_then(|symbol| self.ids.get(&symbol)).copied();
        self.line.start("occurrence").span(occurrence.span).position(occurrence.position);
        self.line.text(occurrence.role.word()).text(&occurrence.name).id(symbol);
        match occurrence.arity {
            Some(arity) => self.line.number(u32::from(arity)),
            None => self.line.none(),
        };
        self.target(&occurrence.target);
        self.end();
    }

    fn relation(&mut self, relation: &RelationRow) {
        let from = self.ids.get(&relation.from).copied();
        self.line.start("relation").id(from).text(relation.kind.word());
        self.target(&relation.target);
        self.end();
    }

    /// Outcome, rule, reason, definition, other name; then the candidates if there are some.
    fn target(&mut self, target: &Target) {
        let line = &mut self.line;
        match target {
            Target::Resolved(key, rule) => {
                let id = self.ids.get(key).copied();
                line.text("resolved").text(rule.word()).none().id(id).none();
            }
            Target::Candidates(keys, rule) => {
                line.text("candidates").text(rule.word()).none().none().none();
                self.found.clear();
                self.found.extend(keys.iter().map(|key| self.ids.get(key).copied()));
                self.found.sort_unstable();
                for id in &self.found {
                    line.id(*id);
                }
            }
            Target::File(path, rule) => {
                line.text("file").text(rule.word()).none().none().text(path);
            }
            Target::External(name, rule) => {
                line.text("external").text(rule.word()).none().none().text(name);
            }
            Target::Unknown(reason) => {
                line.text("unknown").none().text(reason.word()).none().none();
            }
        }
    }

    fn end(&mut self) {
        (self.sink)(&self.line.text);
    }
}

/// One line: values after tabs; `-` stands for none, a text that would be mistaken for it is escaped.
#[derive(Default)]
struct Line {
    text: String,
}

impl Line {
    fn start(&mut self, noun: &str) -> &mut Self {
        self.text.clear();
        self.text.push_str(noun);
        self
    }

    fn none(&mut self) -> &mut Self {
        self.text.push_str("\t-");
        self
    }

    fn number(&mut self, number: u32) -> &mut Self {
        write!(self.text, "\t{number}").expect("a String takes everything");
        self
    }

    fn span(&mut self, span: Span) -> &mut Self {
        self.number(span.start).number(span.end)
    }

    fn position(&mut self, position: Position) -> &mut Self {
        self.number(position.line).number(position.column)
    }

    fn lines(&mut self, lines: LineCounts) -> &mut Self {
        self.number(lines.code).number(lines.comment).number(lines.blank)
    }

    fn hex(&mut self, bytes: &[u8]) -> &mut Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.text.push('\t');
        for &byte in bytes {
            self.text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            self.text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        self
    }

    fn id(&mut self, id: Option<SymbolHash>) -> &mut Self {
        match id {
            Some(id) => self.hex(&id.0),
            None => self.none(),
        }
    }

    fn text_or_none(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.none(),
        }
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.text.push('\t');
        if text == "-" {
            self.text.push('\\');
        }
        let mut rest = text;
        while let Some(at) = rest.find(['\t', '\n', '\r', '\\']) {
            self.text.push_str(&rest[..at]);
            self.text.push_str(match rest.as_bytes()[at] {
                b'\t' => "\\t",
                b'\n' => "\\n",
                b'\r' => "\\r",
                _ => "\\\\",
            });
            rest = &rest[at + 1..];
        }
        self.text.push_str(rest);
        self
    }
}
