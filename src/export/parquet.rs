//! A table as Parquet: one row group for so many rows, Snappy inside.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use super::source::Source;
use super::table::{Cell, Column, Form, Table};
use super::{ExportError, Result};

/// Rows are kept until there are so many.
const GROUP_ROWS: usize = 1 << 16;

/// Writes the table. Every column may be empty.
pub(super) fn write(source: &Source<'_>, table: Table, out: &mut (dyn Write + Send)) -> Result<()> {
    let schema = Arc::new(schema(table).map_err(failed)?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(format!("magellan {}", env!("CARGO_PKG_VERSION")))
        .build();
    let mut writer = SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(failed)?;
    let mut rows = Vec::new();
    for file in source.files() {
        source.go_on()?;
        rows.extend(table.rows(source, file)?);
        if rows.len() >= GROUP_ROWS {
            put_group(&mut writer, table, &rows).map_err(failed)?;
            rows.clear();
        }
    }
    if !rows.is_empty() {
        put_group(&mut writer, table, &rows).map_err(failed)?;
    }
    writer.close().map_err(failed)?;
    Ok(())
}

fn failed(error: ParquetError) -> ExportError {
    match error {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(error) => ExportError::Write(*error),
            Err(other) => ExportError::Write(std::io::Error::other(other)),
        },
        other => ExportError::Write(std::io::Error::other(other)),
    }
}

fn schema(table: Table) -> Result<Type, ParquetError> {
    let mut fields = Vec::new();
    for column in table.columns() {
        let (physical, logical) = match column.form {
            Form::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Form::Number => (Physical::INT64, None),
            Form::Truth => (Physical::BOOLEAN, None),
        };
        let field = Type::primitive_type_builder(column.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical);
        fields.push(Arc::new(field.build()?));
    }
    Type::group_type_builder(table.word()).with_fields(fields).build()
}

fn put_group<W: Write + Send>(
    writer: &mut SerializedFileWriter<W>,
    table: Table,
    rows: &[Vec<Cell>],
) -> Result<(), ParquetError> {
    let mut group = writer.next_row_group()?;
    for (index, column) in table.columns().iter().enumerate() {
        put_column(&mut group, column, rows.iter().map(|row| &row[index]))?;
    }
    group.close()?;
    Ok(())
}

fn put_column<'r, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    column: &Column,
    cells: impl Iterator<Item = &'r Cell> + Clone,
) -> Result<(), ParquetError> {
    let Some(mut writer) = group.next_column()? else { return Ok(()) };
    // 1 where there is a value, 0 where there is none.
    let levels: Vec<i16> = cells.clone().map(|cell| i16::from(*cell != Cell::Nothing)).collect();
    match column.form {
        Form::Text => {
            let values = cells.filter_map(|cell| match cell {
                Cell::Text(text) => Some(ByteArray::from(text.as_str())),
                _ => None,
            });
            writer.typed::<ByteArrayType>().write_batch(&values.collect::<Vec<_>>(), Some(&levels), None)?;
        }
        Form::Number => put_numbers(&mut writer, cells, &levels)?,
        Form::Truth => {
            let values = cells.filter_map(|cell| match cell {
                Cell::Truth(truth) => Some(*truth),
                _ => None,
            });
            writer.typed::<BoolType>().write_batch(&values.collect::<Vec<_>>(), Some(&levels), None)?;
        }
    }
    writer.close()
}

fn put_numbers<'r>(
    writer: &mut SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = &'r Cell>,
    levels: &[i16],
) -> Result<(), ParquetError> {
    let values = cells.filter_map(|cell| match cell {
        Cell::Number(number) => Some(i64::try_from(*number).unwrap_or(i64::MAX)),
        _ => None,
    });
    writer.typed::<Int64Type>().write_batch(&values.collect::<Vec<_>>(), Some(levels), None)?;
    Ok(())
}
