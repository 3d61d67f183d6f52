//! Definitions for vim and others: the extended format of ctags, sorted by bytes.
//!
//! Sorting needs all lines of a range of names at once. One pass counts bytes by the first two of each line, then each
//! range that fits the limit is read, sorted and written by a pass of its own; so memory is bounded and no file is put
//! aside. Most trees need one range.

use std::io::Write;

use crate::model::SymbolKind;
use crate::store::SymbolRow;

use super::source::Source;
use super::{Result, escape};

const RANGE_BYTES: usize = 1 << 26;
const PREFIXES: usize = 1 << 16;

/// Writes a tags file. Addresses are line numbers, which nothing in a source line can break.
pub(super) fn write(source: &Source<'_>, out: &mut dyn Write) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let head = format!(
        "!_TAG_FILE_FORMAT\t2\t/extended format; --format=1 will not append ;\" to lines/\n\
         !_TAG_FILE_SORTED\t1\t/0=unsorted, 1=sorted, 2=foldcase/\n\
         !_TAG_OUTPUT_EXCMD\tnumber\t/number, pattern, mixed, or combineV2/\n\
         !_TAG_OUTPUT_MODE\tu-ctags\t/u-ctags or e-ctags/\n\
         !_TAG_PROGRAM_NAME\tmagellan\t//\n!_TAG_PROGRAM_VERSION\t{version}\t//\n"
    );
    out.write_all(head.as_bytes())?;
    let mut bytes = vec![0_usize; PREFIXES];
    each(source, &mut |line| bytes[prefix(line)] += line.len())?;
    let mut first = 0;
    while first < PREFIXES {
        let end = range_end(&bytes, first);
        let mut lines = Vec::new();
        if bytes[first..end].iter().any(|bytes| *bytes > 0) {
            each(source, &mut |line| {
                if (first..end).contains(&prefix(line)) {
                    lines.push(line.to_owned());
                }
            })?;
        }
        lines.sort_unstable();
        lines.dedup();
        for line in lines {
            out.write_all(line.as_bytes())?;
        }
        first = end;
    }
    Ok(())
}

/// The end of the longest range from `first` that fits; one prefix always does.
fn range_end(bytes: &[usize], first: usize) -> usize {
    let (mut end, mut sum) = (first, 0);
    while end < bytes.len() && (end == first || sum + bytes[end] <= RANGE_BYTES) {
        sum += bytes[end];
        end += 1;
    }
    end
}

/// The first two bytes as a number that sorts as they do.
fn prefix(line: &str) -> usize {
    let byte = |at: usize| usize::from(line.as_bytes().get(at).copied().unwrap_or(0));
    byte(0) << 8 | byte(1)
}

fn each(source: &Source<'_>, line: &mut dyn FnMut(&str)) -> Result<()> {
    for file in source.files() {
        source.go_on()?;
        let symbols = source.snapshot.symbols(file.id)?;
        for symbol in symbols.iter().filter(|symbol| source.has_kind(symbol) && is_named(symbol)) {
            let parent = symbol.parent.and_then(|key| symbols.get(key.symbol.0 as usize));
            line(&tag(symbol, parent));
        }
    }
    Ok(())
}

/// `<closure>` and the like have no name that anybody could look for; neither has an `impl`.
pub(super) fn is_named(symbol: &SymbolRow) -> bool {
    !symbol.name.is_empty() && !symbol.name.starts_with('<') && symbol.kind != SymbolKind::Impl
}

fn tag(symbol: &SymbolRow, parent: Option<&SymbolRow>) -> String {
    let mut line = String::new();
    escape::tag_name(&symbol.name, &mut line);
    line.push('\t');
    escape::tag(&symbol.path, &mut line);
    line.push_str(&format!(
        "\t{};\"\tkind:{}\tline:{}",
        symbol.position.line,
        symbol.kind.word(),
        symbol.position.line
    ));
    field("language", &symbol.language, &mut line);
    if let Some(parent) = parent {
        field(parent.kind.word(), &parent.qualified_name, &mut line);
    }
    field("access", symbol.visibility.word(), &mut line);
    field("signature", &symbol.signature, &mut line);
    line.push_str(&format!("\tend:{}\n", symbol.end_line));
    line
}

fn field(name: &str, value: &str, line: &mut String) {
    line.push_str(&format!("\t{name}:"));
    escape::tag(value, line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_everything_and_fit_where_they_can() {
        let mut bytes = vec![0; PREFIXES];
        (bytes[7], bytes[8], bytes[9]) = (RANGE_BYTES, 2 * RANGE_BYTES, 5);
        let (mut first, mut ends) = (0, Vec::new());
        while first < PREFIXES {
            first = range_end(&bytes, first);
            ends.push(first);
        }
        assert_eq!(ends, [8, 9, PREFIXES]);
    }
}
