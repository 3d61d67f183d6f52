//! Labels: kinds, marks, visibilities and languages; how many definitions have each, and which have some together.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::lang;
use crate::store::{Label, SymbolRow};

use super::{Ground, List, QueryError, Result};

/// Which labels.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Labels that a symbol must have, all of them: a kind, mark, visibility or language; none lists the labels
    #[arg(value_name = "LABEL")]
    pub labels: Vec<String>,
}

/// The labels, or the definitions that have them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The labels asked for.
    pub wanted: Vec<String>,
    /// Every label in use with the number of its definitions, if none was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<List<Count>>,
    /// The definitions that have all labels asked for, sorted by path and position.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symbols: Option<List<SymbolRow>>,
}

/// A label and how many have it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Count {
    /// The word.
    pub label: String,
    /// What it says: `kind`, `mark`, `visibility` or `language`.
    pub group: &'static str,
    /// How many definitions have it.
    pub symbols: u64,
}

impl Reply {
    /// Whether everything found is shown.
    pub fn is_whole(&self) -> bool {
        self.labels.as_ref().is_none_or(List::is_whole) && self.symbols.as_ref().is_none_or(List::is_whole)
    }

    /// Whether anything was found.
    pub fn is_found(&self) -> bool {
        let labels = self.labels.as_ref().map_or(0, |list| list.total);
        labels + self.symbols.as_ref().map_or(0, |list| list.total) > 0
    }
}

/// Counts or finds.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let wanted = args.labels.clone();
    if wanted.is_empty() {
        return Ok(Reply { wanted, labels: Some(counts(ground)?), symbols: None });
    }
    let (labels, languages) = known(ground, &wanted)?;
    let found = match labels.first() {
        Some(&first) => ground.snapshot.labelled(first)?,
        None => of_language(ground, languages[0])?,
    };
    let has_all = |row: &SymbolRow| {
        languages.iter().all(|language| row.language == *language)
            && labels.iter().all(|label| label.is_on(row.kind, row.visibility, row.marks))
    };
    let found = found.into_iter().filter(has_all).collect();
    Ok(Reply { wanted, labels: None, symbols: Some(List::new(found, ground.limit)) })
}

/// What the words stand for, at least one of them.
fn known<'w>(ground: &Ground<'_>, words: &'w [String]) -> Result<(Vec<Label>, Vec<&'w str>)> {
    let (mut labels, mut languages) = (Vec::new(), Vec::new());
    for word in words {
        match Label::from_word(word) {
            Some(label) => labels.push(label),
            None if is_language(ground, word)? => languages.push(word.as_str()),
            None => return Err(unknown(word)),
        }
    }
    Ok((labels, languages))
}

/// A copied database may have languages that this build does not know.
fn is_language(ground: &Ground<'_>, word: &str) -> Result<bool> {
    let is_stored =
        || -> Result<bool> { Ok(ground.snapshot.totals()?.languages.iter().any(|language| language.language == word)) };
    Ok(lang::by_name(word).is_some() || is_stored()?)
}

fn unknown(word: &str) -> QueryError {
    let languages = lang::LANGUAGES.iter().map(|language| language.name);
    let words: Vec<&str> = Label::all().map(Label::word).chain(languages).collect();
    QueryError::Usage(format!("{word} is no label; labels are {}", words.join(", ")))
}

fn of_language(ground: &Ground<'_>, language: &str) -> Result<Vec<SymbolRow>> {
    let mut symbols = Vec::new();
    for file in ground.snapshot.files()?.iter().filter(|file| file.language == language) {
        symbols.extend(ground.snapshot.symbols(file.id)?);
    }
    Ok(symbols)
}

/// In one pass over all definitions, which costs less than asking for each label.
fn counts(ground: &Ground<'_>) -> Result<List<Count>> {
    let labels: Vec<Label> = Label::all().collect();
    let mut numbers = vec![0; labels.len()];
    let mut languages: BTreeMap<String, u64> = BTreeMap::new();
    for file in ground.snapshot.files()? {
        let symbols = ground.snapshot.symbols(file.id)?;
        for row in &symbols {
            for (label, number) in labels.iter().zip(&mut numbers) {
                *number += u64::from(label.is_on(row.kind, row.visibility, row.marks));
            }
        }
        *languages.entry(file.language).or_default() += symbols.len() as u64;
    }
    let count = |(label, symbols): (&Label, u64)| Count { label: label.word().into(), group: group(*label), symbols };
    let mut counts: Vec<Count> = labels.iter().zip(numbers).map(count).collect();
    let language = |(label, symbols)| Count { label, group: "language", symbols };
    counts.extend(languages.into_iter().map(language));
    counts.retain(|count| count.symbols > 0);
    Ok(List::new(counts, ground.limit))
}

fn group(label: Label) -> &'static str {
    match label {
        Label::Kind(_) => "kind",
        Label::Mark(_) => "mark",
        Label::Visibility(_) => "visibility",
    }
}
