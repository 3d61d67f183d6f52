//! Finds definitions by words: of their names, of their documentation, of their code. No index on disk: all texts are
//! looked through, which takes less time than most people need to read the question.
//!
//! Ranking is BM25 over definitions. A word of the name counts as six words of code, one of the documentation as two;
//! a word that only begins with a term counts half. How rare a term is is told by the files that have it.

mod scan;
mod words;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{LineIndex, Position, SymbolKind};
use crate::store::{FileRow, SymbolRow};

use scan::Match;
use words::Fit;

pub(super) use words::{nearest, slips_between};

use super::callers::unseen;
use super::piece::{Around, first_line};
use super::within::{Narrowed, Within, test_rows};
use super::{Brief, Ground, List, QueryError, Question, Reply as AnyReply, Result, pattern};

/// The row of the table.
pub const QUESTION: Question = Question {
    name: "search",
    version: 1,
    about: "Definitions by words of their names, documentation and code, the best first",
    examples: &[
        ("magellan search 'parse header'", "everything about parsing headers, whatever the spelling of names"),
        ("magellan search retry --in docs --kind function", "functions whose documentation speaks of retrying"),
        ("magellan search resovle", "misspelt words find what they are nearest to"),
    ],
    schema: schemars::SchemaGenerator::subschema_for::<Reply>,
    arguments: <Args as clap::Args>::augment_args,
    ask: |ground, matches| run(ground, &super::parse(matches)?).map(AnyReply::Search),
};

/// Which words, and where.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Words; names are cut into words at underscores and changes of case
    #[arg(value_name = "TEXT", required = true)]
    pub text: Vec<String>,
    /// Where to look
    #[arg(long = "in", value_name = "WHERE", default_value = "all")]
    pub part: Part,
    /// Only definitions of this kind: function, method, class, struct, ...
    #[arg(long, value_name = "KIND", value_parser = pattern::kind)]
    pub kind: Option<SymbolKind>,
    /// Which definitions to list.
    #[command(flatten)]
    pub within: Within,
}

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Names, documentation and code
    All,
    /// Names of definitions
    Names,
    /// Documentation of definitions
    Docs,
    /// Code and other comments
    Code,
}

/// What was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The words that were looked for.
    pub terms: Vec<Term>,
    /// The best first, equal ones by path and position. Of a definition, its best line.
    pub hits: List<Hit>,
    /// Files that have any of the words.
    pub files: usize,
    /// How many of them were looked at definition by definition: those with the most and rarest words.
    pub files_ranked: usize,
    /// Whether that were all of them, and every source file could be read.
    pub complete: bool,
}

/// A word that was looked for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Term {
    /// It.
    pub word: String,
    /// What was asked for instead, if that is nowhere in the tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<String>,
    /// Files that have it.
    pub files: usize,
}

/// A definition, or the top level of a file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Hit {
    /// File path.
    pub path: String,
    /// Where the best match stands.
    #[serde(flatten)]
    pub position: Position,
    /// The innermost named definition there; none at top level.
    pub symbol: Option<Brief>,
    /// Comparable within one answer.
    pub score: u64,
    /// Where its matches are: `names`, `docs`, `code`.
    pub parts: Vec<Part>,
    /// How many of the words it has.
    pub terms: usize,
    /// How many matches it has.
    pub matches: usize,
    /// The line, without indentation and at most 200 bytes of it.
    pub text: String,
}

/// More words are no search.
const TERMS_MAX: usize = 16;
/// Files looked at definition by definition; a bound on the time for words that are everywhere.
const FILES_MAX: usize = 250;
const TEXT_BYTES_MAX: usize = 200;

const NAME_WEIGHT: f64 = 6.0;
const DOC_WEIGHT: f64 = 2.0;
/// How soon more matches of one term add nothing.
const SATURATION: f64 = 1.2;
/// How much longer definitions are held back.
const LENGTH_WEIGHT: f64 = 0.4;
const LENGTH_USUAL_BYTES: f64 = 600.0;
/// Scores are shown as whole numbers.
const SCORE_UNIT: f64 = 100.0;

/// Searches.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let narrowed = args.within.read(ground)?;
    let mut files = ground.snapshot.files()?;
    files.retain(|file| narrowed.has_file(&file.path));
    let mut terms = terms(args)?;
    let mut found = scan::matches(ground.snapshot, &files, &terms)?;
    let mut instead_of = vec![None; terms.len()];
    if correct(ground, &files, &mut terms, &mut instead_of, &found)? {
        found = scan::matches(ground.snapshot, &files, &terms)?;
    }
    let counts: Vec<usize> = (0..terms.len()).map(|term| files_with(&found, term)).collect();
    let weights: Vec<f64> = counts.iter().map(|&count| rarity(files.len(), count)).collect();
    let ranked = best_files(&found, &weights);
    let shown = &ranked[..ranked.len().min(FILES_MAX)];
    let mut hits = Vec::new();
    for &index in shown {
        let look = Look { ground, args, narrowed: &narrowed, terms: &terms, weights: &weights };
        look.file(&files[index], &found[index], &mut hits)?;
    }
    hits.sort_by(|a, b| {
        (b.score, &a.path, a.position.line, a.position.column).cmp(&(
            a.score,
            &b.path,
            b.position.line,
            b.position.column,
        ))
    });
    let term = |((word, instead_of), files)| Term { word, instead_of, files };
    Ok(Reply {
        terms: terms.into_iter().zip(instead_of).zip(counts).map(term).collect(),
        hits: List::new(hits, ground.limit),
        files: ranked.len(),
        files_ranked: shown.len(),
        complete: shown.len() == ranked.len() && unseen(ground)? == 0,
    })
}

fn terms(args: &Args) -> Result<Vec<String>> {
    let mut terms: Vec<String> = Vec::new();
    for word in args.text.iter().flat_map(|text| words::of(text)) {
        if !terms.contains(&word) {
            terms.push(word);
        }
    }
    match terms.len() {
        0 => Err(QueryError::Usage("there is no word to search for".into())),
        1..=TERMS_MAX => Ok(terms),
        more => Err(QueryError::Usage(format!("{more} words are too many to search for, at most {TERMS_MAX}"))),
    }
}

/// Replaces terms that nothing fits by what they may be slips of; gives whether there were any.
fn correct(
    ground: &Ground<'_>,
    files: &[FileRow],
    terms: &mut [String],
    instead_of: &mut [Option<String>],
    found: &[Vec<Match>],
) -> Result<bool> {
    let missing: Vec<usize> = (0..terms.len()).filter(|&term| files_with(found, term) == 0).collect();
    if missing.is_empty() {
        return Ok(false);
    }
    let wrong: Vec<&str> = missing.iter().map(|&term| terms[term].as_str()).collect();
    let meant = scan::meant(ground.snapshot, files, &wrong)?;
    let mut is_changed = false;
    for (term, meant) in missing.into_iter().zip(meant) {
        if let Some(meant) = meant {
            instead_of[term] = Some(std::mem::replace(&mut terms[term], meant));
            is_changed = true;
        }
    }
    Ok(is_changed)
}

fn files_with(found: &[Vec<Match>], term: usize) -> usize {
    found.iter().filter(|matches| matches.iter().any(|found| usize::from(found.term) == term)).count()
}

/// BM25's inverse document frequency; never negative.
fn rarity(files: usize, with: usize) -> f64 {
    (1.0 + (files as f64 - with as f64 + 0.5) / (with as f64 + 0.5)).ln()
}

/// The files that have any of the terms, those with the most and rarest first, in order of paths again.
fn best_files(found: &[Vec<Match>], weights: &[f64]) -> Vec<usize> {
    let score = |matches: &Vec<Match>| {
        let mut counts = vec![0_u32; weights.len()];
        matches.iter().for_each(|found| counts[usize::from(found.term)] += 1);
        let terms = counts.iter().zip(weights).map(|(&count, weight)| weight * saturated(f64::from(count), 1.0));
        (terms.sum::<f64>() * SCORE_UNIT) as u64
    };
    let with = found.iter().enumerate().filter(|(_, matches)| !matches.is_empty());
    let mut ranked: Vec<(u64, usize)> = with.map(|(index, matches)| (score(matches), index)).collect();
    ranked.sort_by_key(|&(score, index)| (std::cmp::Reverse(score), index));
    ranked.into_iter().map(|(_, index)| index).collect()
}

fn saturated(frequency: f64, length: f64) -> f64 {
    frequency * (SATURATION + 1.0) / (frequency + SATURATION * (1.0 - LENGTH_WEIGHT + LENGTH_WEIGHT * length))
}

/// Looks at a file definition by definition.
struct Look<'a> {
    ground: &'a Ground<'a>,
    args: &'a Args,
    narrowed: &'a Narrowed,
    terms: &'a [String],
    weights: &'a [f64],
}

/// The matches of one definition.
struct Found {
    symbol: Option<SymbolRow>,
    is_test: bool,
    frequencies: Vec<f64>,
    parts: Vec<Part>,
    matches: usize,
    best: (f64, u32),
}

impl Look<'_> {
    fn file(&self, file: &FileRow, matches: &[Match], hits: &mut Vec<Hit>) -> Result<()> {
        let symbols = self.ground.snapshot.symbols(file.id)?;
        let tests = test_rows(&file.path, &symbols);
        let text = self.ground.snapshot.text(file.id)?;
        let index = LineIndex::new(&text);
        for found in self.group(&symbols, &tests, matches) {
            let kind = found.symbol.as_ref().map(|symbol| symbol.kind);
            let is_wanted = self.args.kind.is_none_or(|wanted| kind == Some(wanted));
            if is_wanted && self.narrowed.has(&file.path, found.is_test) {
                hits.push(self.hit(file, found, &text, &index));
            }
        }
        Ok(())
    }

    /// Puts each match to the innermost named definition around it; documentation belongs to what it is of.
    fn group(&self, symbols: &[SymbolRow], tests: &[bool], matches: &[Match]) -> Vec<Found> {
        let named = symbols.iter().filter(|row| row.kind != SymbolKind::Closure && !row.name.starts_with('<'));
        let with_docs = named.cloned().map(|mut row| {
            row.span.start = row.doc.map_or(row.span.start, |doc| doc.start.min(row.span.start));
            row.span.end = row.doc.map_or(row.span.end, |doc| doc.end.max(row.span.end));
            row
        });
        let mut around = Around::new(with_docs.collect());
        let mut groups: Vec<Found> = Vec::new();
        let mut places: std::collections::BTreeMap<Option<u32>, usize> = std::collections::BTreeMap::new();
        for found in matches {
            let span = crate::model::Span::new(found.start, found.start + 1);
            let symbol = around.of(span);
            let Some((part, weight)) = self.part(symbol, found) else { continue };
            let place = symbol.map(|row| row.key.symbol.0);
            let at = *places.entry(place).or_insert_with(|| {
                groups.push(Found {
                    symbol: symbol.cloned(),
                    is_test: place.is_some_and(|place| tests.get(place as usize).copied().unwrap_or_default()),
                    frequencies: vec![0.0; self.terms.len()],
                    parts: Vec::new(),
                    matches: 0,
                    best: (-1.0, 0),
                });
                groups.len() - 1
            });
            groups[at].add(found, part, weight);
        }
        groups
    }

    /// Where a match stands in a definition, and what it counts; none if that is not looked at.
    fn part(&self, symbol: Option<&SymbolRow>, found: &Match) -> Option<(Part, f64)> {
        let (part, weight) = match symbol {
            Some(row) if row.name_span.contains(found.start) => (Part::Names, NAME_WEIGHT),
            Some(row) if row.doc.is_some_and(|doc| doc.contains(found.start)) => (Part::Docs, DOC_WEIGHT),
            _ => (Part::Code, 1.0),
        };
        let is_wanted = self.args.part == Part::All || self.args.part == part;
        is_wanted.then_some((part, if found.fit == Fit::Whole { weight } else { weight / 2.0 }))
    }

    fn hit(&self, file: &FileRow, mut found: Found, text: &[u8], index: &LineIndex) -> Hit {
        let score = self.score(&found, file);
        found.parts.sort();
        found.parts.dedup();
        let position = index.position(found.best.1);
        let start = index.line_start(position.line).map_or(0, |start| start as usize);
        let line = text[start.min(text.len())..].trim_ascii_start();
        Hit {
            path: file.path.clone(),
            position,
            symbol: found.symbol.as_ref().map(Brief::from),
            score,
            parts: found.parts,
            terms: found.frequencies.iter().filter(|frequency| **frequency > 0.0).count(),
            matches: found.matches,
            text: first_line(line, TEXT_BYTES_MAX).0,
        }
    }

    /// What has all the terms comes far before what has some; a name that is just the terms comes first.
    fn score(&self, found: &Found, file: &FileRow) -> u64 {
        let bytes = found.symbol.as_ref().map_or(file.size as f64, |row| f64::from(row.span.len()));
        let length = bytes / LENGTH_USUAL_BYTES;
        let frequencies = found.frequencies.iter().zip(self.weights);
        let sum: f64 = frequencies.map(|(&frequency, weight)| weight * saturated(frequency, length)).sum();
        let has = found.frequencies.iter().filter(|frequency| **frequency > 0.0).count() as f64;
        let coverage = has / self.terms.len() as f64;
        let name = found.symbol.as_ref().map(|row| words::of(&row.name)).unwrap_or_default();
        let factor = if name == self.terms {
            2.0
        } else if self.terms.iter().all(|term| name.contains(term)) {
            1.4
        } else {
            1.0
        };
        (sum * coverage * coverage * factor * SCORE_UNIT).round() as u64
    }
}

impl Found {
    fn add(&mut self, found: &Match, part: Part, weight: f64) {
        self.frequencies[usize::from(found.term)] += weight;
        self.matches += 1;
        if !self.parts.contains(&part) {
            self.parts.push(part);
        }
        if weight > self.best.0 {
            self.best = (weight, found.start);
        }
    }
}
