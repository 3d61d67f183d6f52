//! Definitions for Emacs: a section for each file, in the order of the files.

use std::io::Write;

use super::places::Places;
use super::source::Source;
use super::tags::is_named;
use super::{Result, escape};

/// Writes a TAGS file.
pub(super) fn write(source: &Source<'_>, out: &mut dyn Write) -> Result<()> {
    for file in source.files() {
        source.go_on()?;
        let places = Places::new(source.snapshot.text(file.id)?);
        let mut section = String::new();
        for symbol in source.symbols(file.id)?.iter().filter(|symbol| is_named(symbol)) {
            let line_start = symbol.name_span.start.saturating_sub(symbol.position.column);
            let before = crate::model::Span::new(line_start, symbol.name_span.end);
            // The pattern is the line up to the name; what stands in it beyond UTF-8 or one line cannot be searched for.
            let pattern = places.text(before);
            escape::line(pattern.lines().next_back().unwrap_or(""), &mut section);
            section.push('\u{7f}');
            escape::line(&symbol.name, &mut section);
            section.push_str(&format!("\u{1}{},{line_start}\n", symbol.position.line));
        }
        let mut path = String::new();
        escape::line(&file.path, &mut path);
        out.write_all(format!("\u{c}\n{path},{}\n{section}", section.len()).as_bytes())?;
    }
    Ok(())
}
