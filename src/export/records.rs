//! The tables as JSON, JSON lines and CSV.

use std::io::Write;

use super::json::Object;
use super::source::Source;
use super::table::{Cell, Table};
use super::{Result, escape};

/// One object: `schema` as replies have it, then `files`, each with its tables.
pub(super) fn json(source: &Source<'_>, out: &mut dyn Write) -> Result<()> {
    out.write_all(b"{\"schema\":{\"name\":\"export\",\"version\":1},\"files\":[")?;
    for (index, file) in source.files().iter().enumerate() {
        source.go_on()?;
        let mut object = Object::new();
        for row in Table::Files.rows(source, file)? {
            cells(Table::Files, &row, &mut object);
        }
        // The file's own columns count its definitions; the lists go by the names of their tables.
        let mut text = object.open();
        text.push_str(",\"tables\":");
        let mut tables = Object::new();
        for table in wanted(source.task.table) {
            let rows = table.rows(source, file)?;
            let rows: Vec<String> = rows.iter().map(|row| object_of(table, row).end()).collect();
            tables.raw(table.word(), &format!("[{}]", rows.join(",\n")));
        }
        text.push_str(&tables.end());
        let start = if index == 0 { "\n" } else { ",\n" };
        out.write_all(format!("{start}{text}}}").as_bytes())?;
    }
    out.write_all(b"\n]}\n")?;
    Ok(())
}

fn wanted(only: Option<Table>) -> impl Iterator<Item = Table> {
    let tables = Table::ALL.into_iter().filter(|table| *table != Table::Files);
    tables.filter(move |table| only.is_none_or(|only| only == *table))
}

/// A row on each line; `table` says of which table.
pub(super) fn jsonl(source: &Source<'_>, only: Option<Table>, out: &mut dyn Write) -> Result<()> {
    let tables = Table::ALL.into_iter().filter(|table| only.is_none_or(|only| only == *table));
    let tables: Vec<Table> = tables.collect();
    for file in source.files() {
        source.go_on()?;
        for &table in &tables {
            for row in table.rows(source, file)? {
                let mut object = Object::new();
                object.text("table", table.word());
                cells(table, &row, &mut object);
                out.write_all(object.end().as_bytes())?;
                out.write_all(b"\n")?;
            }
        }
    }
    Ok(())
}

fn object_of(table: Table, row: &[Cell]) -> Object {
    let mut object = Object::new();
    cells(table, row, &mut object);
    object
}

fn cells(table: Table, row: &[Cell], object: &mut Object) {
    for (column, cell) in table.columns().iter().zip(row) {
        object.cell(column.name, cell);
    }
}

/// One table: a line of names, then the rows, each line ended with CR LF.
pub(super) fn csv(source: &Source<'_>, table: Table, out: &mut dyn Write) -> Result<()> {
    let names: Vec<&str> = table.columns().iter().map(|column| column.name).collect();
    out.write_all(format!("{}\r\n", names.join(",")).as_bytes())?;
    for file in source.files() {
        source.go_on()?;
        for row in table.rows(source, file)? {
            let mut line = String::new();
            for (index, cell) in row.iter().enumerate() {
                if index > 0 {
                    line.push(',');
                }
                match cell {
                    Cell::Nothing => {}
                    Cell::Text(text) => escape::csv(text, &mut line),
                    Cell::Number(number) => line.push_str(&number.to_string()),
                    Cell::Truth(truth) => line.push_str(if *truth { "true" } else { "false" }),
                }
            }
            line.push_str("\r\n");
            out.write_all(line.as_bytes())?;
        }
    }
    Ok(())
}
