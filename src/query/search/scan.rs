//! Which words of the texts fit which terms.

use std::collections::{BTreeMap, BTreeSet};

use crate::query::Result;
use crate::query::texts::each_text;
use crate::store::{FileRow, Snapshot};

use super::words::{self, Fit};

/// A word of a text that fits a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Match {
    pub(super) start: u32,
    pub(super) term: u8,
    pub(super) fit: Fit,
}

/// Every word that fits one of the terms, file by file.
pub(super) fn matches(snapshot: &dyn Snapshot, files: &[FileRow], terms: &[String]) -> Result<Vec<Vec<Match>>> {
    let filter = First::of(terms);
    each_text(snapshot, files, |_, text| in_text(text, terms, &filter))
}

/// The words that a text has, with which terms each fits.
pub(super) fn in_text(text: &[u8], terms: &[String], first: &First) -> Vec<Match> {
    let mut found = Vec::new();
    words::each(text, |range| {
        let word = &text[range.clone()];
        if !first.has(word[0]) {
            return;
        }
        for (term, wanted) in terms.iter().enumerate() {
            if let Some(fit) = words::fit(wanted, word) {
                found.push(Match { start: range.start as u32, term: term as u8, fit });
            }
        }
    });
    found
}

/// Which bytes a fitting word can begin with.
pub(super) struct First([bool; 256]);

impl First {
    pub(super) fn of(terms: &[String]) -> Self {
        let mut first = [false; 256];
        for byte in terms.iter().filter_map(|term| term.bytes().next()) {
            if byte.is_ascii() {
                first[usize::from(byte)] = true;
                first[usize::from(byte.to_ascii_uppercase())] = true;
            } else {
                // Another case may begin with another byte.
                first[0x80..].fill(true);
            }
        }
        Self(first)
    }

    fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }
}

/// For each term the word of the tree that it is a slip of: the fewest slips, then the most files, then the alphabet.
pub(super) fn meant(snapshot: &dyn Snapshot, files: &[FileRow], terms: &[&str]) -> Result<Vec<Option<String>>> {
    let near = each_text(snapshot, files, |_, text| {
        let mut seen = BTreeSet::new();
        words::each(text, |range| {
            let word = &text[range];
            if terms.iter().any(|term| may_be_near(term, word)) {
                seen.insert(String::from_utf8_lossy(word).to_lowercase());
            }
        });
        let is_near = |term: &str, word: &str| words::slips(term, word) <= words::slips_max(term);
        seen.retain(|word| terms.iter().any(|term| is_near(term, word)));
        seen
    })?;
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for word in near.into_iter().flatten() {
        *counts.entry(word).or_default() += 1;
    }
    let best = |term: &&str| {
        let ranked = counts.iter().map(|(word, &count)| (words::slips(term, word), std::cmp::Reverse(count), word));
        ranked.filter(|(slips, ..)| *slips <= words::slips_max(term)).min().map(|(.., word)| word.clone())
    };
    Ok(terms.iter().map(best).collect())
}

/// Cheap, and never wrong about a word that is near.
fn may_be_near(term: &str, word: &[u8]) -> bool {
    let most = words::slips_max(term);
    // A letter has up to four bytes.
    let is_length_near = if term.is_ascii() && word.is_ascii() {
        term.len().abs_diff(word.len()) <= most
    } else {
        term.len().abs_diff(word.len()) <= most * 4
    };
    // Each slip changes at most two kinds of letters.
    is_length_near && (letters(term.as_bytes()) ^ letters(word)).count_ones() as usize <= most * 2 + non_ascii(word)
}

fn letters(word: &[u8]) -> u32 {
    word.iter().filter(|byte| byte.is_ascii_alphabetic()).fold(0, |set, byte| set | 1 << (byte & 31))
}

/// Letters that may turn into others when their case changes.
fn non_ascii(word: &[u8]) -> usize {
    word.iter().filter(|byte| !byte.is_ascii()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_near_pass_the_cheap_test() {
        for (term, word) in [("parse", "prase"), ("resolver", "resovler"), ("größe", "grösse"), ("index", "inde")] {
            if words::slips(term, word) <= words::slips_max(term) {
                assert!(may_be_near(term, word.as_bytes()), "{term} {word}");
            }
        }
        assert!(!may_be_near("parse", b"unrelated"));
    }

    #[test]
    fn matches_come_in_order_with_their_terms() {
        let terms = ["name".to_owned(), "get".to_owned()];
        let found = in_text(b"getName(names)", &terms, &First::of(&terms));
        let shown: Vec<_> = found.iter().map(|found| (found.start, found.term, found.fit)).collect();
        assert_eq!(shown, [(0, 1, Fit::Whole), (3, 0, Fit::Whole), (8, 0, Fit::Beginning)]);
    }
}
