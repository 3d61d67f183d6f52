//! Text for people, with or without colours. Everything that goes in is sanitised.

use super::sanitise;

/// How a piece of text stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Not at all.
    Plain,
    /// Names of symbols.
    Name,
    /// Places: `path:line:column`.
    Place,
    /// Kinds, rules, what matters less.
    Dim,
    /// Certain.
    Good,
    /// To be looked at.
    Warn,
    /// Wrong.
    Bad,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Name => "1",
            Self::Place => "36",
            Self::Dim => "2",
            Self::Good => "32",
            Self::Warn => "33",
            Self::Bad => "1;31",
        }
    }
}

/// Lines under construction.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
    paints: bool,
    /// Where the last lines start, which stay when others are cut.
    last: Option<usize>,
}

impl Page {
    /// An empty page, with or without colours.
    pub(super) fn new(paints: bool) -> Self {
        Self { text: String::new(), paints, last: None }
    }

    /// Adds a piece of text to the line.
    pub(super) fn put(&mut self, style: Style, text: impl AsRef<str>) -> &mut Self {
        let text = sanitise::for_terminal(text.as_ref());
        if self.paints && style != Style::Plain && !text.is_empty() {
            self.text.push_str(&format!("\x1b[{}m{text}\x1b[0m", style.code()));
        } else {
            self.text.push_str(&text);
        }
        self
    }

    /// Adds plain text to the line.
    pub(super) fn say(&mut self, text: impl AsRef<str>) -> &mut Self {
        self.put(Style::Plain, text)
    }

    /// Ends the line.
    pub(super) fn end(&mut self) {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        self.text.push('\n');
    }

    /// From here on stand the last lines: how much is left out, and how far what is shown can be trusted.
    pub(super) fn conclude(&mut self) {
        self.last = Some(self.text.len());
    }

    /// The finished text before its last lines, and these.
    pub(super) fn parts(&self) -> (&str, &str) {
        self.text.split_at(self.last.unwrap_or(self.text.len()))
    }

    /// The finished text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// `1 file`, `2 files`, `1,234 files`.
pub(super) fn count(number: u64, noun: &str) -> String {
    let plural = match noun.strip_suffix('y') {
        _ if number == 1 => noun.to_owned(),
        Some(stem) if !noun.ends_with("ey") => format!("{stem}ies"),
        _ => format!("{noun}s"),
    };
    format!("{} {plural}", grouped(number))
}

/// A number with a comma between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `123 B`, `4.5 KB`, `6.7 MB`: powers of 1000.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} KB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// `12 ms`, `3.4 s`, `5 min`, `6 h`, `7 days`.
pub(super) fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{:.1} s", milliseconds as f64 / 1e3),
        60_000..3_600_000 => format!("{} min", milliseconds / 60_000),
        3_600_000..172_800_000 => format!("{} h", milliseconds / 3_600_000),
        _ => format!("{} days", milliseconds / 86_400_000),
    }
}

/// `part` of `whole` in per cent, empty for nothing of nothing.
pub(super) fn share(part: u64, whole: u64) -> String {
    if whole == 0 { String::new() } else { format!("{:.1}%", part as f64 * 100.0 / whole as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_easy_to_read() {
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(1_234_567, "entry"), "1,234,567 entries");
        assert_eq!((size(999), size(1_500), size(15_000_000)), ("999 B".into(), "1.5 KB".into(), "15.0 MB".into()));
        assert_eq!(
            (duration(12), duration(90_000), duration(7_200_000)),
            ("12 ms".into(), "1 min".into(), "2 h".into())
        );
        assert_eq!((share(1, 3), share(0, 0)), ("33.3%".into(), String::new()));
    }

    #[test]
    fn colours_are_used_only_when_asked_for_and_never_taken_from_the_text() {
        let mut page = Page::new(true);
        page.put(Style::Name, "a\u{1b}[0m").say("  ").end();
        assert_eq!(page.text(), "\u{1b}[1ma\\u{1b}[0m\u{1b}[0m\n");
        let mut page = Page::new(false);
        page.put(Style::Name, "a").end();
        assert_eq!(page.text(), "a\n");
    }
}
