//! Makes text from source trees safe to show: nothing in it may move the cursor, change colours, ring, or turn
//! the direction of what follows.

use std::borrow::Cow;
use std::fmt::Write;

use crate::model::steers;

/// `text` with control characters, escape sequences and direction overrides shown as `\u{..}`. A tab stays.
pub(super) fn for_terminal(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if steers(character) {
            write!(safe, "\\u{{{:x}}}", character as u32).expect("writing to a String cannot fail");
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// Serialised JSON with the same characters as `\uXXXX`: the same value, safe to look at. Such characters stand
/// inside strings only.
pub(super) fn for_json(json: &str) -> Cow<'_, str> {
    let is_hidden = |character| steers(character) && character != '\n';
    if !json.chars().any(is_hidden) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 8);
    for character in json.chars() {
        if is_hidden(character) {
            write!(safe, "\\u{:04x}", character as u32).expect("writing to a String cannot fail");
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_becomes_visible() {
        assert_eq!(for_terminal("\u{1b}[31mred\u{7}"), "\\u{1b}[31mred\\u{7}");
        assert_eq!(for_terminal("a\u{9b}2Jb\rc\nd"), "a\\u{9b}2Jb\\u{d}c\\u{a}d");
        assert_eq!(for_terminal("if x\u{202e}\u{2066}"), "if x\\u{202e}\\u{2066}");
        assert_eq!(for_terminal("plain\té漢"), "plain\té漢");
    }

    #[test]
    fn json_keeps_its_value() {
        let text = "a\u{9b}b\u{202e}\u{7f}\u{1b}\n";
        let json = serde_json::to_string_pretty(&vec![text]).unwrap();
        let safe = for_json(&json);
        assert!(safe.chars().all(|character| !steers(character) || character == '\n'));
        assert_eq!(serde_json::from_str::<Vec<String>>(&safe).unwrap(), [text]);
    }
}
