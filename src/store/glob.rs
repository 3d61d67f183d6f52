//! Globs over names, as SQLite's `GLOB` reads them: `*`, `?`, `[abc]`, `[^a-z]`, case counts.

/// A pattern, ready to be matched.
pub(crate) struct Glob {
    parts: Vec<Part>,
}

enum Part {
    Any,
    One,
    Is(char),
    /// Ranges of characters, and whether one of them is wanted or none.
    Of(Vec<(char, char)>, bool),
    /// A bracket that is not closed: matches nothing.
    Nothing,
}

impl Glob {
    pub(crate) fn new(pattern: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = pattern.chars();
        while let Some(next) = rest.next() {
            match next {
                '*' if matches!(parts.last(), Some(Part::Any)) => {}
                '*' => parts.push(Part::Any),
                '?' => parts.push(Part::One),
                '[' => parts.push(bracket(&mut rest)),
                other => parts.push(Part::Is(other)),
            }
        }
        Self { parts }
    }

    /// Whether the whole of `text` matches. Linear in the text for each `*`.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut part, mut at) = (0, 0);
        // Where to go on if what follows the last `*` does not fit: behind that `*`, one character later.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            match self.parts.get(part) {
                Some(Part::Any) => {
                    retry = Some((part + 1, at));
                    part += 1;
                    continue;
                }
                Some(wanted) if text.get(at).is_some_and(|&found| wanted.is(found)) => {
                    (part, at) = (part + 1, at + 1);
                    continue;
                }
                None if at == text.len() => return true,
                _ => {}
            }
            match retry {
                Some((after, from)) if from < text.len() => {
                    retry = Some((after, from + 1));
                    (part, at) = (after, from + 1);
                }
                _ => return false,
            }
        }
    }
}

/// What every match of a pattern starts with.
pub(crate) fn literal_start(pattern: &str) -> &str {
    let end = pattern.find(['*', '?', '[']).unwrap_or(pattern.len());
    &pattern[..end]
}

impl Part {
    fn is(&self, found: char) -> bool {
        match self {
            Self::Any | Self::Nothing => false,
            Self::One => true,
            Self::Is(wanted) => found == *wanted,
            Self::Of(ranges, wanted) => ranges.iter().any(|(first, last)| (*first..=*last).contains(&found)) == *wanted,
        }
    }
}

/// What stands in brackets; the opening one is read already. A `]` right at the start stands for itself.
fn bracket(rest: &mut std::str::Chars<'_>) -> Part {
    let inside: Vec<char> = rest.clone().collect();
    let wanted = inside.first() != Some(&'^');
    let start = usize::from(!wanted);
    let Some(length) = inside[start..].iter().skip(1).position(|&found| found == ']').map(|at| at + 1) else {
        rest.by_ref().for_each(drop);
        return Part::Nothing;
    };
    let members = &inside[start..start + length];
    rest.nth(start + length);
    let (mut ranges, mut at) = (Vec::new(), 0);
    while at < members.len() {
        if let [first, '-', last, ..] = members[at..] {
            ranges.push((first, last));
            at += 3;
        } else {
            ranges.push((members[at], members[at]));
            at += 1;
        }
    }
    Part::Of(ranges, wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SQLite's own verdicts must be the same: the patterns of this table are run against it as well.
    #[test]
    fn names_match_as_in_sqlite() {
        let patterns = [
            "*", "", "a", "a*", "*a", "*a*b*", "?", "a?c", "[ab]*", "[^ab]*", "[a-c]x", "[]]", "[^]]", "[a-", "[",
            "a[", "[a-]", "[-a]", "x[]a]", "é?", "**", "*?*", "A*", "[^", "a]b",
        ];
        let texts =
            ["", "a", "b", "abc", "ac", "cx", "dx", "]", "-", "é", "éa", "xa", "x]", "A", "aab", "a]b", "[", "a["];
        let connection = rusqlite::Connection::open_in_memory().expect("memory");
        for pattern in patterns {
            for text in texts {
                let sql: bool = connection
                    .query_row("SELECT ? GLOB ?", [text, pattern], |row| row.get(0))
                    .expect("it is an expression");
                assert_eq!(Glob::new(pattern).matches(text), sql, "{text:?} {pattern:?}");
            }
        }
    }

    #[cfg(feature = "native-v2")]
    #[test]
    fn the_literal_start_ends_before_the_first_sign() {
        assert_eq!(literal_start("parse_*"), "parse_");
        assert_eq!(literal_start("*x"), "");
        assert_eq!(literal_start("plain"), "plain");
    }
}
