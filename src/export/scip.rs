//! SCIP: one message for the metadata, then one for each file.
//!
//! Messages of protobuf that stand one after the other are read as one, so an index is written as many of them, and
//! memory holds one file. Columns are bytes, said in every document.

use std::io::Write;

use protobuf::{EnumOrUnknown, Message, MessageField};
use scip::types::occurrence::{Typed_enclosing_range, Typed_range};
use scip::types::symbol_information::Kind;
use scip::types::{
    Document, Index, Language, Metadata, MultiLineRange, Occurrence, PositionEncoding, Relationship, Signature,
    SingleLineRange, SymbolInformation, SymbolRole, TextEncoding, ToolInfo,
};

use crate::model::{Marks, RelationKind, Role, SymbolKind};
use crate::store::{FileRow, SymbolKey, SymbolRow};

use super::monikers::Monikers;
use super::places::{Places, Range};
use super::source::{Source, keys};
use super::{ExportError, Result};

/// Writes the index.
pub(super) fn write(source: &Source<'_>, out: &mut dyn Write) -> Result<()> {
    let metadata = Index { metadata: MessageField::some(metadata(source.task.root)), ..Index::default() };
    put(&metadata, out)?;
    let monikers = Monikers::default();
    for file in source.files() {
        source.go_on()?;
        let document = document(source, &monikers, file)?;
        put(&Index { documents: vec![document], ..Index::default() }, out)?;
    }
    Ok(())
}

fn put(index: &Index, out: &mut dyn Write) -> Result<()> {
    let bytes = index.write_to_bytes().map_err(|error| ExportError::Write(std::io::Error::other(error)))?;
    out.write_all(&bytes)?;
    Ok(())
}

fn metadata(root: &str) -> Metadata {
    let tool = ToolInfo { name: "magellan".into(), version: env!("CARGO_PKG_VERSION").into(), ..ToolInfo::default() };
    Metadata {
        tool_info: MessageField::some(tool),
        project_root: root.to_owned(),
        text_document_encoding: EnumOrUnknown::new(TextEncoding::UTF8),
        ..Metadata::default()
    }
}

fn document(source: &Source<'_>, monikers: &Monikers, file: &FileRow) -> Result<Document> {
    let places = Places::new(source.snapshot.text(file.id)?);
    let named = monikers.file(source, file.id)?;
    let mut document = Document {
        language: language(&file.language),
        relative_path: file.path.clone(),
        position_encoding: EnumOrUnknown::new(PositionEncoding::UTF8CodeUnitOffsetFromLineStart),
        ..Document::default()
    };
    // An `impl` block has no name of its own; what it says about its type is told with that.
    let rows = named.rows.iter().zip(&named.names).filter(|(row, _)| row.kind != SymbolKind::Impl);
    for (row, name) in rows.filter(|(row, _)| source.has_kind(row)) {
        let mut occurrence = occurrence(name, places.in_bytes(row.name_span), SymbolRole::Definition as i32);
        enclose(&mut occurrence, places.in_bytes(row.span));
        if row.marks.has(Marks::TEST) {
            occurrence.symbol_roles |= SymbolRole::Test as i32;
        }
        document.occurrences.push(occurrence);
        document.symbols.push(information(source, monikers, row, name, &places, &document.language)?);
    }
    for site in source.occurrences(file.id)? {
        let roles = match site.role {
            Role::Import => SymbolRole::Import as i32,
            Role::Write => SymbolRole::WriteAccess as i32,
            Role::Read => SymbolRole::ReadAccess as i32,
            Role::Call | Role::Type | Role::Inherit | Role::Macro | Role::Decorator => 0,
        };
        for key in keys(&site.target) {
            if let Some(name) = monikers.name(source, *key)? {
                document.occurrences.push(occurrence(&name, places.in_bytes(site.span), roles));
            }
        }
    }
    document.occurrences.sort_by(|a, b| (&a.range, &a.symbol).cmp(&(&b.range, &b.symbol)));
    Ok(document)
}

/// The language as SCIP spells it; as we do where it does not have it.
fn language(name: &str) -> String {
    let spelt = <Language as protobuf::Enum>::VALUES.iter().map(|language| format!("{language:?}"));
    spelt.into_iter().find(|spelt| spelt.eq_ignore_ascii_case(name)).unwrap_or_else(|| name.to_owned())
}

/// Readers of before 0.9 know only the untyped range, so both are given; they say the same.
fn occurrence(symbol: &str, range: Range, roles: i32) -> Occurrence {
    let typed = match single(range) {
        Some(range) => Typed_range::SingleLineRange(range),
        None => Typed_range::MultiLineRange(multi(range)),
    };
    Occurrence {
        symbol: symbol.to_owned(),
        symbol_roles: roles,
        range: untyped(range),
        typed_range: Some(typed),
        ..Occurrence::default()
    }
}

fn enclose(occurrence: &mut Occurrence, range: Range) {
    occurrence.enclosing_range = untyped(range);
    occurrence.typed_enclosing_range = Some(match single(range) {
        Some(range) => Typed_enclosing_range::SingleLineEnclosingRange(range),
        None => Typed_enclosing_range::MultiLineEnclosingRange(multi(range)),
    });
}

/// Files have less than 2 GiB, so that every line and column fits.
fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn untyped(range: Range) -> Vec<i32> {
    let mut numbers = vec![range.start.0, range.start.1];
    if range.end.0 != range.start.0 {
        numbers.push(range.end.0);
    }
    numbers.push(range.end.1);
    numbers.into_iter().map(signed).collect()
}

fn single(range: Range) -> Option<SingleLineRange> {
    (range.start.0 == range.end.0).then(|| SingleLineRange {
        line: signed(range.start.0),
        start_character: signed(range.start.1),
        end_character: signed(range.end.1),
        ..SingleLineRange::default()
    })
}

fn multi(range: Range) -> MultiLineRange {
    MultiLineRange {
        start_line: signed(range.start.0),
        start_character: signed(range.start.1),
        end_line: signed(range.end.0),
        end_character: signed(range.end.1),
        ..MultiLineRange::default()
    }
}

fn information(
    source: &Source<'_>,
    monikers: &Monikers,
    row: &SymbolRow,
    name: &str,
    places: &Places,
    language: &str,
) -> Result<SymbolInformation> {
    let signature = Signature { language: language.to_owned(), text: row.signature.clone(), ..Signature::default() };
    Ok(SymbolInformation {
        symbol: name.to_owned(),
        documentation: row.doc.map(|span| places.text(span).into_owned()).into_iter().collect(),
        relationships: relationships(source, monikers, row)?,
        kind: EnumOrUnknown::new(kind(row)),
        display_name: row.name.clone(),
        signature_documentation: MessageField::some(signature),
        ..SymbolInformation::default()
    })
}

fn kind(row: &SymbolRow) -> Kind {
    match row.kind {
        SymbolKind::Package => Kind::Package,
        SymbolKind::Module => Kind::Module,
        SymbolKind::Namespace | SymbolKind::Impl | SymbolKind::ExternBlock => Kind::Namespace,
        SymbolKind::Class | SymbolKind::Record => Kind::Class,
        SymbolKind::Struct => Kind::Struct,
        SymbolKind::Union => Kind::Union,
        SymbolKind::Enum => Kind::Enum,
        SymbolKind::Interface | SymbolKind::Annotation => Kind::Interface,
        SymbolKind::Trait => Kind::Trait,
        SymbolKind::Concept => Kind::Concept,
        SymbolKind::TypeAlias => Kind::TypeAlias,
        SymbolKind::AssociatedType => Kind::AssociatedType,
        SymbolKind::Function | SymbolKind::Closure | SymbolKind::Initializer => Kind::Function,
        SymbolKind::Method if row.marks.has(Marks::ABSTRACT) => Kind::AbstractMethod,
        SymbolKind::Method if row.marks.has(Marks::STATIC) => Kind::StaticMethod,
        SymbolKind::Method | SymbolKind::Destructor => Kind::Method,
        SymbolKind::Constructor => Kind::Constructor,
        SymbolKind::Macro => Kind::Macro,
        SymbolKind::Variable => Kind::Variable,
        SymbolKind::Constant => Kind::Constant,
        SymbolKind::Field => Kind::Field,
        SymbolKind::Property => Kind::Property,
        SymbolKind::EnumMember => Kind::EnumMember,
    }
}

/// A type implements what it inherits; a member also means those of the same name there.
fn relationships(source: &Source<'_>, monikers: &Monikers, row: &SymbolRow) -> Result<Vec<Relationship>> {
    let mut found = Vec::new();
    if row.kind.is_type() {
        for base in bases(source, row.key)? {
            found.extend(monikers.name(source, base)?.map(|name| relationship(name, false)));
        }
    } else if let (Some(parent), true) = (row.parent, row.kind.is_callable()) {
        for base in bases(source, parent)? {
            let named = monikers.file(source, base.file)?;
            for (member, name) in named.rows.iter().zip(&named.names) {
                if member.parent == Some(base) && member.name == row.name && member.kind == row.kind {
                    found.push(relationship(name.clone(), true));
                }
            }
        }
    }
    found.sort_by(|a, b| a.symbol.cmp(&b.symbol));
    found.dedup();
    Ok(found)
}

fn relationship(symbol: String, is_reference: bool) -> Relationship {
    Relationship { symbol, is_reference, is_implementation: true, ..Relationship::default() }
}

/// What a type, also by its `impl` blocks, or a single `impl` block inherits or implements.
fn bases(source: &Source<'_>, key: SymbolKey) -> Result<Vec<SymbolKey>> {
    let snapshot = source.snapshot;
    let blocks = snapshot.relations(key, false)?.into_iter();
    let blocks = blocks.filter(|relation| relation.kind == RelationKind::MemberOf).map(|relation| relation.from);
    let mut bases = Vec::new();
    for from in blocks.chain([key]).collect::<Vec<_>>() {
        for relation in snapshot.relations(from, true)? {
            if relation.kind != RelationKind::MemberOf {
                bases.extend_from_slice(keys(&relation.target));
            }
        }
    }
    bases.sort_unstable();
    bases.dedup();
    Ok(bases)
}
