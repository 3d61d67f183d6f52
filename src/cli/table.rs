//! Rows of cells that line up, however wide their characters are on a terminal.

use unicode_width::UnicodeWidthStr;

use super::page::{Page, Style, count};
use super::sanitise;

/// Wider cells push what follows to the right instead of all other rows.
const WIDTH_MAX: usize = 60;

/// Rows under construction.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Row>,
}

struct Row {
    cells: Vec<Cell>,
    /// What is said of it on the next line.
    note: Option<(Style, String)>,
}

/// Text that ends where the next column starts.
pub(super) struct Cell {
    style: Style,
    text: String,
    width: usize,
    is_right: bool,
    /// Of a number with a noun, how many characters longer that is where it stands for several.
    plural: Option<usize>,
}

struct Column {
    width: usize,
    has_plural: bool,
}

impl Column {
    /// How much room a cell leaves behind it, so that what stands for one thing lines up with what stands for several.
    fn behind(&self, cell: &Cell) -> usize {
        cell.plural.filter(|_| self.has_plural).unwrap_or(0)
    }
}

/// A cell that starts where its column does.
pub(super) fn left(style: Style, text: impl Into<String>) -> Cell {
    cell(style, text.into(), false)
}

/// A cell that ends where its column does.
pub(super) fn right(style: Style, text: impl Into<String>) -> Cell {
    cell(style, text.into(), true)
}

/// A number of things, in a cell where numbers and nouns each line up.
pub(super) fn counted(style: Style, number: u64, noun: &str) -> Cell {
    let plural = if number == 1 { count(2, noun).len() - count(1, noun).len() } else { 0 };
    Cell { plural: Some(plural), ..right(style, count(number, noun)) }
}

fn cell(style: Style, text: String, is_right: bool) -> Cell {
    let width = sanitise::for_terminal(&text).width();
    Cell { style, text, width, is_right, plural: None }
}

impl Table {
    /// Adds a row, which may have fewer cells than others.
    pub(super) fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        self.rows.push(Row { cells: cells.into(), note: None });
    }

    /// Says something of the last row, on a line below it.
    pub(super) fn note(&mut self, style: Style, text: &str) {
        if let Some(row) = self.rows.last_mut() {
            row.note = Some((style, text.to_owned()));
        }
    }

    /// Writes every row on a line of its own; `before` starts the line with this number.
    pub(super) fn write(&self, page: &mut Page, before: impl Fn(usize, &mut Page)) {
        let columns = self.columns();
        for (number, row) in self.rows.iter().enumerate() {
            before(number, page);
            for (index, (cell, column)) in row.cells.iter().zip(&columns).enumerate() {
                let behind = column.behind(cell);
                let gap = " ".repeat(column.width.saturating_sub(cell.width + behind));
                page.say(if index > 0 { "  " } else { "" });
                match cell.is_right {
                    true => page.say(gap).put(cell.style, &cell.text).say(" ".repeat(behind)),
                    false => page.put(cell.style, &cell.text).say(gap),
                };
            }
            page.end();
            if let Some((style, text)) = &row.note {
                page.say("  ").put(*style, text).end();
            }
        }
    }

    fn columns(&self) -> Vec<Column> {
        let count = self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        (0..count).map(|index| self.column(index)).collect()
    }

    fn column(&self, index: usize) -> Column {
        let cells = || self.rows.iter().filter_map(|row| row.cells.get(index));
        let mut column = Column { width: 0, has_plural: cells().any(|cell| cell.plural == Some(0)) };
        let widths = cells().map(|cell| cell.width + column.behind(cell));
        column.width = widths.filter(|width| *width <= WIDTH_MAX).max().unwrap_or(0);
        column
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: &[(&str, &str)]) -> String {
        let mut table = Table::default();
        for (name, number) in rows {
            table.row([left(Style::Name, *name), right(Style::Plain, *number), left(Style::Dim, "end")]);
        }
        let mut page = Page::default();
        table.write(&mut page, |_, page| {
            page.say("> ");
        });
        page.text().to_owned()
    }

    #[test]
    fn columns_line_up_by_what_a_terminal_shows() {
        assert_eq!(
            written(&[("a", "1"), ("漢字", "1,000"), ("e\u{301}e\u{301}", "22"), ("\u{202e}x", "3")]),
            "> a              1  end\n> 漢字       1,000  end\n> e\u{301}e\u{301}            22  end\n> \\u{202e}x      3  end\n"
        );
    }

    #[test]
    fn numbers_and_nouns_line_up() {
        let mut table = Table::default();
        for number in [1, 12] {
            table.row([counted(Style::Plain, number, "entry"), left(Style::Plain, "end")]);
        }
        let mut page = Page::default();
        table.write(&mut page, |_, _| ());
        assert_eq!(page.text(), " 1 entry    end\n12 entries  end\n");
        let mut table = Table::default();
        table.row([counted(Style::Plain, 1, "entry"), left(Style::Plain, "end")]);
        let mut page = Page::default();
        table.write(&mut page, |_, _| ());
        assert_eq!(page.text(), "1 entry  end\n");
    }

    #[test]
    fn a_cell_that_is_too_wide_moves_only_its_own_row() {
        let long = "x".repeat(61);
        assert_eq!(written(&[("a", "1"), (&long, "2")]), format!("> a  1  end\n> {long}  2  end\n"));
    }
}
