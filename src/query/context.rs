//! What one has to read to understand or change a symbol, within a budget: its source, the types it needs, what it calls,
//! who calls it. Nothing comes twice, the most useful first, and what was left out is said.
//!
//! Everything related is taken by its signature first, as long as that fits; what is left of the budget goes to whole
//! definitions, in the same order. A token is taken to be four bytes, which is on the safe side for most source.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{LineIndex, Role, Span, SymbolKind};
use crate::store::{FileId, OccurrenceRow, SymbolKey, SymbolRow, Target};

use super::callers::Found;
use super::within::Within;
use super::{Brief, Ground, List, Question, Reply as AnyReply, Result, SymbolName, piece};

/// The row of the table.
pub const QUESTION: Question = Question {
    name: "context",
    version: 1,
    about: "What to read to understand a symbol, within a number of tokens",
    examples: &[
        ("magellan context Parser::next", "its source, the types it needs, callees and callers"),
        ("magellan context Parser::next --tokens 800", "the same in less"),
    ],
    schema: schemars::SchemaGenerator::subschema_for::<Reply>,
    arguments: <Args as clap::Args>::augment_args,
    ask: |ground, matches| run(ground, &super::parse(matches)?).map(|reply| AnyReply::Context(Box::new(reply))),
};

/// Which symbol, and how much.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The symbol to understand.
    #[command(flatten)]
    pub name: SymbolName,
    /// The most tokens that all sources together may take; a token counts as four bytes
    #[arg(long, value_name = "N", default_value_t = 4000)]
    pub tokens: u64,
    /// Which related definitions to tell.
    #[command(flatten)]
    pub within: Within,
}

/// What to read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The symbol.
    pub symbol: SymbolRow,
    /// The budget.
    pub tokens_max: u64,
    /// What the pieces take.
    pub tokens: u64,
    /// The symbol first; then the definition around it, types, callees, callers.
    pub pieces: Vec<Piece>,
    /// What is related but not told, in the same order.
    pub left_out: List<LeftOut>,
    /// Whether every call in it and every caller of it is settled.
    pub complete: bool,
}

/// A definition, whole or in part.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Piece {
    /// What it is to the symbol.
    pub part: Part,
    /// The definition.
    #[serde(flatten)]
    pub definition: Brief,
    /// `whole`, `cut` (its first lines), or `signature`.
    pub form: Form,
    /// 1-based line of the first line of text.
    pub start_line: u32,
    /// Its text.
    pub text: String,
    /// Lines by which it is related: call sites in a caller.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// What that takes.
    pub tokens: u64,
}

/// A line of source.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Line {
    /// 1-based.
    pub number: u32,
    /// Its text without indentation.
    pub text: String,
}

/// What a definition is to the symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Itself.
    Symbol,
    /// It stands in this.
    Around,
    /// A type it needs.
    Type,
    /// It calls this.
    Callee,
    /// This calls it.
    Caller,
}

/// How much of a definition is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Documentation and source.
    Whole,
    /// As many lines as fit.
    Cut,
    /// Documentation and signature.
    Signature,
}

/// A definition that did not fit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LeftOut {
    /// What it is to the symbol.
    pub part: Part,
    /// The definition.
    #[serde(flatten)]
    pub definition: Brief,
    /// What is missing: all of it, or all but its signature.
    pub missing: Missing,
    /// What the whole of it would take.
    pub tokens: u64,
}

/// How much of a definition is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// All of it.
    All,
    /// Its body.
    Body,
    /// The lines after those told.
    Rest,
}

const TOKEN_BYTES: u64 = 4;
/// A caller with more calls is told with these.
const LINES_MAX: usize = 3;
/// Longer lines are cut.
const LINE_BYTES_MAX: usize = 200;

/// Gathers it.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let symbol = args.name.one(ground)?;
    let mut texts = Texts { ground, texts: FxHashMap::default() };
    let (related, complete) = related(ground, args, &symbol, &mut texts)?;
    let mut budget = args.tokens;
    let first = texts.first(&symbol, budget)?;
    budget = budget.saturating_sub(first.tokens);
    let told = vec![(symbol.key.file, symbol.span)];
    let chosen = choose(&mut texts, related, budget, told)?;
    let mut reply = Reply {
        tokens_max: args.tokens,
        tokens: first.tokens,
        left_out: List::default(),
        complete,
        pieces: Vec::new(),
        symbol,
    };
    let mut left_out = Vec::new();
    if first.form != Form::Whole {
        let tokens = texts.whole(&reply.symbol)?.tokens;
        let definition = Brief::from(&reply.symbol);
        left_out.push(LeftOut { part: Part::Symbol, definition, missing: Missing::Rest, tokens });
    }
    if !first.text.is_empty() {
        reply.pieces.push(first.piece(Part::Symbol, &reply.symbol, Vec::new()));
    }
    for Chosen { related, excerpt, whole_tokens } in chosen {
        let form = excerpt.as_ref().map(|excerpt| excerpt.form);
        if form != Some(Form::Whole) {
            let missing = if form.is_none() { Missing::All } else { Missing::Body };
            let definition = Brief::from(&related.row);
            left_out.push(LeftOut { part: related.part, definition, missing, tokens: whole_tokens });
        }
        if let Some(excerpt) = excerpt {
            reply.tokens += excerpt.tokens + cost_of_lines(&related.lines);
            reply.pieces.push(excerpt.piece(related.part, &related.row, related.lines));
        }
    }
    reply.left_out = List::new(left_out, ground.limit);
    Ok(reply)
}

/// A related definition, the most useful first within a part.
struct Related {
    part: Part,
    row: SymbolRow,
    lines: Vec<Line>,
}

/// Everything related, each definition once, under its first part; and whether that is all.
fn related(
    ground: &Ground<'_>,
    args: &Args,
    symbol: &SymbolRow,
    texts: &mut Texts<'_>,
) -> Result<(Vec<Related>, bool)> {
    let narrowed = args.within.read(ground)?;
    let mut found: Vec<Related> = Vec::new();
    let mut complete = true;
    let around = symbol.parent.map(|parent| ground.snapshot.symbol(parent)).transpose()?.flatten();
    let add = |part: Part, row: SymbolRow, lines: Vec<Line>, found: &mut Vec<Related>| -> Result<()> {
        let is_own = row.key == symbol.key || is_inside(&row, symbol);
        let is_known = found.iter().any(|known| known.row.key == row.key);
        if !is_own && !is_known && narrowed.has_row(ground, &row)? {
            found.push(Related { part, row, lines });
        }
        Ok(())
    };
    if let Some(around) = around.filter(|around| !around.kind.is_module()) {
        add(Part::Around, around, Vec::new(), &mut found)?;
    }
    let mut inside = ground.snapshot.occurrences(symbol.key.file)?;
    inside.retain(|row| symbol.span.start <= row.span.start && row.span.end <= symbol.span.end);
    for (part, wanted) in [(Part::Type, is_type as fn(&SymbolRow) -> bool), (Part::Callee, |row| !is_type(row))] {
        let roles = |role: Role| match part {
            Part::Type => matches!(role, Role::Type | Role::Inherit | Role::Call | Role::Read),
            _ => matches!(role, Role::Call | Role::Macro | Role::Decorator),
        };
        for row in by_use(ground, inside.iter().filter(|row| roles(row.role)))? {
            if wanted(&row) {
                add(part, row, Vec::new(), &mut found)?;
            }
        }
    }
    complete &= inside.iter().all(|row| !row.role.is_call() || !matches!(row.target, Target::Unknown(_)));
    let callers = Found::of(ground, symbol)?;
    complete &= callers.is_complete();
    for (row, lines) in by_caller(ground, &callers.calls, texts)? {
        add(Part::Caller, row, lines, &mut found)?;
    }
    Ok((found, complete))
}

fn is_inside(row: &SymbolRow, symbol: &SymbolRow) -> bool {
    row.key.file == symbol.key.file && symbol.span.start <= row.span.start && row.span.end <= symbol.span.end
}

fn is_type(row: &SymbolRow) -> bool {
    row.kind.is_type()
}

/// The definitions that uses mean, those used most first, equal ones in order of their first use. What one of many
/// may mean is worth less than what is certain.
fn by_use<'r>(ground: &Ground<'_>, uses: impl Iterator<Item = &'r OccurrenceRow>) -> Result<Vec<SymbolRow>> {
    let mut counts: Vec<(SymbolKey, bool, u32)> = Vec::new();
    for row in uses {
        let (keys, certain) = match &row.target {
            Target::Resolved(key, _) => (std::slice::from_ref(key), true),
            Target::Candidates(keys, _) => (&keys[..], false),
            Target::File(..) | Target::External(..) | Target::Unknown(_) => continue,
        };
        for key in keys {
            match counts.iter_mut().find(|(known, ..)| known == key) {
                Some((_, is_certain, count)) => {
                    *count += 1;
                    *is_certain |= certain;
                }
                None => counts.push((*key, certain, 1)),
            }
        }
    }
    counts.sort_by_key(|&(_, certain, count)| (!certain, std::cmp::Reverse(count)));
    let mut rows = Vec::new();
    for (key, ..) in counts {
        let row = ground.snapshot.symbol(key)?;
        // A local variable says nothing by itself, and a constructor is told by its type.
        rows.extend(row.filter(|row| row.kind.is_type() || row.kind.is_callable() || row.kind == SymbolKind::Macro));
    }
    Ok(rows)
}

/// Who calls, with the lines of the first calls: those with the most calls first, then by path and position.
fn by_caller(
    ground: &Ground<'_>,
    calls: &[OccurrenceRow],
    texts: &mut Texts<'_>,
) -> Result<Vec<(SymbolRow, Vec<Line>)>> {
    let mut callers: BTreeMap<SymbolKey, Vec<&OccurrenceRow>> = BTreeMap::new();
    for call in calls {
        if let Some(key) = call.symbol {
            callers.entry(key).or_default().push(call);
        }
    }
    let mut found = Vec::new();
    for (key, calls) in callers {
        let Some(row) = ground.snapshot.symbol(key)? else { continue };
        let mut lines: Vec<Line> = Vec::new();
        for call in &calls {
            if lines.len() < LINES_MAX && lines.last().is_none_or(|line| line.number != call.position.line) {
                lines.push(texts.line(call.file, call.position.line)?);
            }
        }
        found.push((calls.len(), row, lines));
    }
    found.sort_by(|a, b| (b.0, &a.1.path, a.1.span, a.1.key).cmp(&(a.0, &b.1.path, b.1.span, b.1.key)));
    Ok(found.into_iter().map(|(_, row, lines)| (row, lines)).collect())
}

struct Chosen {
    related: Related,
    excerpt: Option<Excerpt>,
    whole_tokens: u64,
}

/// Signatures as long as they fit, then whole definitions instead of them. What stands in something that is told whole
/// is told already.
fn choose(
    texts: &mut Texts<'_>,
    related: Vec<Related>,
    mut budget: u64,
    mut told: Vec<(FileId, Span)>,
) -> Result<Vec<Chosen>> {
    let mut chosen = Vec::new();
    for related in related {
        let whole_tokens = texts.whole(&related.row)?.tokens;
        let signature = texts.signature(&related.row)?;
        let cost = signature.tokens + cost_of_lines(&related.lines);
        let excerpt = (cost <= budget).then_some(signature);
        budget -= if excerpt.is_some() { cost } else { 0 };
        chosen.push(Chosen { related, excerpt, whole_tokens });
    }
    for one in &mut chosen {
        let Some(signature) = &one.excerpt else { continue };
        // All around the symbol would tell the symbol twice.
        if one.related.part == Part::Around {
            continue;
        }
        let whole = texts.whole(&one.related.row)?;
        let refund = signature.tokens + cost_of_lines(&one.related.lines);
        if whole.tokens <= budget + refund && !told.iter().any(|place| overlaps(place, &one.related.row)) {
            budget = budget + refund - whole.tokens;
            told.push((one.related.row.key.file, one.related.row.span));
            one.related.lines.clear();
            one.excerpt = Some(whole);
        }
    }
    let row_is_told = |one: &Chosen| {
        let row = &one.related.row;
        let is_part = one.excerpt.as_ref().is_none_or(|excerpt| excerpt.form != Form::Whole);
        is_part && told.iter().any(|&(file, span)| file == row.key.file && holds(span, row.span))
    };
    chosen.retain(|one| !row_is_told(one));
    Ok(chosen)
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn overlaps(&(file, span): &(FileId, Span), row: &SymbolRow) -> bool {
    file == row.key.file && span.start < row.span.end && row.span.start < span.end
}

fn tokens(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(TOKEN_BYTES)
}

fn cost_of_lines(lines: &[Line]) -> u64 {
    lines.iter().map(|line| tokens(line.text.len() + 1)).sum()
}

/// Text of a definition.
struct Excerpt {
    form: Form,
    start_line: u32,
    text: String,
    tokens: u64,
}

impl Excerpt {
    fn new(form: Form, start_line: u32, text: String) -> Self {
        let tokens = tokens(text.len());
        Self { form, start_line, text, tokens }
    }

    fn piece(self, part: Part, row: &SymbolRow, lines: Vec<Line>) -> Piece {
        let Self { form, start_line, text, tokens } = self;
        let tokens = tokens + cost_of_lines(&lines);
        Piece { part, definition: Brief::from(row), form, start_line, text, lines, tokens }
    }
}

/// Texts of files that were needed, each read once.
struct Texts<'a> {
    ground: &'a Ground<'a>,
    texts: FxHashMap<FileId, (Vec<u8>, LineIndex)>,
}

impl Texts<'_> {
    fn of(&mut self, file: FileId) -> Result<&(Vec<u8>, LineIndex)> {
        if !self.texts.contains_key(&file) {
            let text = self.ground.snapshot.text(file)?;
            let index = LineIndex::new(&text);
            self.texts.insert(file, (text, index));
        }
        Ok(self.texts.entry(file).or_insert_with(|| (Vec::new(), LineIndex::new(&[]))))
    }

    fn line(&mut self, file: FileId, number: u32) -> Result<Line> {
        let (text, index) = self.of(file)?;
        let start = index.line_start(number).map_or(text.len(), |start| start as usize);
        let text = piece::first_line(text[start..].trim_ascii_start(), LINE_BYTES_MAX).0;
        Ok(Line { number, text })
    }

    /// Documentation and definition, from the start of its first line.
    fn whole(&mut self, row: &SymbolRow) -> Result<Excerpt> {
        let (text, index) = self.of(row.key.file)?;
        let start = row.doc.map_or(row.span.start, |doc| doc.start.min(row.span.start));
        let line = index.position(start).line;
        let begin = line_or(index, text, line, start);
        Ok(Excerpt::new(Form::Whole, line, piece::decoded(Span::new(begin, row.span.end).slice(text)).0))
    }

    /// Documentation before the definition, and the signature on one line.
    fn signature(&mut self, row: &SymbolRow) -> Result<Excerpt> {
        let doc = row.doc.filter(|doc| doc.end <= row.span.start);
        let (text, index) = self.of(row.key.file)?;
        let line = index.position(doc.map_or(row.span.start, |doc| doc.start)).line;
        let mut shown = doc.map(|doc| piece::decoded(doc.slice(text)).0.trim_end().to_owned()).unwrap_or_default();
        if !shown.is_empty() {
            shown.push('\n');
        }
        shown.push_str(&row.signature);
        Ok(Excerpt::new(Form::Signature, line, shown))
    }

    /// The symbol itself: whole if that fits, else as many lines as fit.
    fn first(&mut self, row: &SymbolRow, budget: u64) -> Result<Excerpt> {
        let whole = self.whole(row)?;
        if whole.tokens <= budget {
            return Ok(whole);
        }
        let room = usize::try_from(budget.saturating_mul(TOKEN_BYTES)).unwrap_or(usize::MAX);
        let mut end = 0;
        for line in whole.text.split_inclusive('\n') {
            if end + line.len() > room {
                break;
            }
            end += line.len();
        }
        Ok(Excerpt::new(Form::Cut, whole.start_line, whole.text[..end].to_owned()))
    }
}

/// Start of a line, unless something else than white space stands before on it.
fn line_or(index: &LineIndex, text: &[u8], line: u32, start: u32) -> u32 {
    let begin = index.line_start(line).unwrap_or(start).min(start);
    let before = Span::new(begin, start).slice(text);
    if before.iter().all(u8::is_ascii_whitespace) { begin } else { start }
}
