//! Words of source: names are cut at underscores and where the case changes, everything else at what is no letter or
//! digit. `parseHTTPHeader_v2` has the words `parse`, `HTTP`, `Header` and `v2`.

use std::ops::Range;

/// Calls `found` with the range of every word, in order.
pub(super) fn each(text: &[u8], mut found: impl FnMut(Range<usize>)) {
    let mut at = 0;
    while at < text.len() {
        if !is_letter(text[at]) {
            at += 1;
            continue;
        }
        let end = end_of_word(text, at);
        found(at..end);
        at = end;
    }
}

/// The words of a text in lower case.
pub(super) fn of(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    each(text.as_bytes(), |range| words.push(text.get(range).unwrap_or_default().to_lowercase()));
    words
}

fn end_of_word(text: &[u8], start: usize) -> usize {
    let mut end = start + 1;
    while let Some(&byte) = text.get(end).filter(|byte| is_letter(**byte)) {
        let before = text[end - 1];
        let is_upper = byte.is_ascii_uppercase();
        let starts_word = is_upper && !before.is_ascii_uppercase();
        // The last of several capitals belongs to the small letters behind it.
        let ends_capitals =
            is_upper && before.is_ascii_uppercase() && text.get(end + 1).is_some_and(u8::is_ascii_lowercase);
        if starts_word || ends_capitals {
            break;
        }
        end += 1;
    }
    end
}

/// Bytes of characters outside ASCII count as letters.
fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// How well a word fits a term in lower case: wholly, as its beginning, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    Beginning,
    Whole,
}

/// Shorter terms must be whole words.
const BEGINNING_BYTES_MIN: usize = 3;

pub(super) fn fit(term: &str, word: &[u8]) -> Option<Fit> {
    let term = term.as_bytes();
    if !term.is_ascii() {
        let is_same = String::from_utf8_lossy(word).to_lowercase().as_bytes() == term;
        return is_same.then_some(Fit::Whole);
    }
    if !word.get(..term.len())?.eq_ignore_ascii_case(term) {
        return None;
    }
    match word.len() == term.len() {
        true => Some(Fit::Whole),
        false => (term.len() >= BEGINNING_BYTES_MIN).then_some(Fit::Beginning),
    }
}

/// Of some words the one that is most likely meant by a misspelt one, the first of equals.
pub(in crate::query) fn nearest<'w>(given: &str, words: &[&'w str]) -> Option<&'w str> {
    let away = |word: &&&str| slips(&given.to_lowercase(), &word.to_lowercase());
    let near = words.iter().min_by_key(away)?;
    let is_part = |one: &str, other: &str| one.len() >= BEGINNING_BYTES_MIN && other.contains(one);
    if away(&near) <= slips_max(given) {
        return Some(near);
    }
    words.iter().find(|word| is_part(given, word) || is_part(word, given)).copied()
}

/// How many slips lead from a word to another, whatever the case, if they are so few that it may be meant.
pub(in crate::query) fn slips_between(given: &str, word: &str) -> Option<usize> {
    let (given, word) = (given.to_lowercase(), word.to_lowercase());
    let most = slips_max(&given);
    // Each letter more or less is a slip.
    let is_near = given.chars().count().abs_diff(word.chars().count()) <= most;
    Some(()).filter(|()| is_near).map(|()| slips(&given, &word)).filter(|slips| *slips <= most)
}

/// How many slips of the keyboard a word may be away from what was meant.
pub(super) fn slips_max(term: &str) -> usize {
    match term.chars().count() {
        0..=3 => 0,
        4..=5 => 1,
        _ => 2,
    }
}

/// Letters put in, left out, replaced, or two neighbours exchanged: how many of these lead from one word to the other
/// (optimal string alignment).
pub(super) fn slips(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let width = other.len() + 1;
    let mut before_last = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut line = vec![row + 1; width];
        for (column, facing) in other.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != facing);
            line[column + 1] = replaced.min(last[column + 1] + 1).min(line[column] + 1);
            let is_exchanged = row > 0 && column > 0 && one[row - 1] == *facing && other[column - 1] == *letter;
            if is_exchanged {
                line[column + 1] = line[column + 1].min(before_last[column - 1] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, line);
    }
    last[width - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_at_case_and_underscores() {
        assert_eq!(of("parseHTTPHeader_v2"), ["parse", "http", "header", "v2"]);
        assert_eq!(of("SCREAMING_CASE x"), ["screaming", "case", "x"]);
        assert_eq!(of("größe->Länge"), ["größe", "länge"]);
        assert_eq!(of(" _ "), Vec::<String>::new());
    }

    #[test]
    fn a_term_fits_a_word_wholly_or_as_its_beginning() {
        assert_eq!(fit("parse", b"Parse"), Some(Fit::Whole));
        assert_eq!(fit("parse", b"PARSER"), Some(Fit::Beginning));
        assert_eq!(fit("pa", b"parser"), None);
        assert_eq!(fit("parser", b"parse"), None);
        assert_eq!(fit("größe", "GRÖSSE".as_bytes()), None);
        assert_eq!(fit("größe", "Größe".as_bytes()), Some(Fit::Whole));
    }

    #[test]
    fn the_nearest_word_is_near() {
        assert_eq!(nearest("maximun", &["max", "maximum"]), Some("maximum"));
        assert_eq!((nearest("most", &["max"]), nearest("max_lines", &["name", "max"])), (None, Some("max")));
    }

    #[test]
    fn slips_are_counted() {
        assert_eq!((slips("parse", "parse"), slips("prase", "parse"), slips("pars", "parse")), (0, 1, 1));
        assert_eq!((slips("", "abc"), slips("kitten", "sitting"), slips("ab", "ba")), (3, 3, 1));
    }
}
