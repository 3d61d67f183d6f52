//! Facts as bytes: column by column, numbers as differences from the row before, so that they compress well.
//!
//! Each row is described once, for both directions: a [`Coder`] either writes the value it is handed or fills it in.

use super::varint::{Reader, put, put_column, put_delta};
use super::{
    Arity, Binding, BindingTarget, Diagnostic, Export, Expr, ExprId, ExprList, FileFacts, Flow, Import, ImportId,
    LineCounts, Literal, Marks, NameId, Names, Occurrence, Parameter, Relation, Role, Scope, ScopeId, ScopeKind, Space,
    Span, Symbol, SymbolId, SymbolKind, Visibility,
};

const FORMAT: u8 = 2;

/// A column of numbers. Rows of different tables never share one.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Column {
    Lengths,
    SymbolTags,
    SymbolNames,
    SymbolParents,
    SymbolSpans,
    SymbolMarks,
    SymbolScopes,
    SymbolTypes,
    ScopeKinds,
    ScopeParents,
    ScopeSymbols,
    BindingScopes,
    BindingNames,
    BindingPlaces,
    BindingTags,
    BindingTargets,
    ExprTags,
    ExprNames,
    ExprScopes,
    ExprPlaces,
    ExprBases,
    ExprLists,
    ExprItems,
    ListItems,
    OccurrenceTags,
    OccurrenceNames,
    OccurrencePlaces,
    OccurrenceSizes,
    OccurrenceExprs,
    OccurrenceSymbols,
    OccurrenceArities,
    FlowSymbols,
    FlowValues,
    ParameterSymbols,
    ParameterNames,
    ParameterTypes,
    Counts,
}

const COLUMNS: usize = Column::Counts as usize + 1;

/// Writes numbers to columns, or reads them back into the same places.
trait Coder {
    /// A number as its difference from the one before in its column. None if it cannot be read.
    fn near(&mut self, column: Column, value: &mut u32) -> Option<()>;
    /// A number as its difference from `base`.
    fn from(&mut self, column: Column, base: u32, value: &mut u32) -> Option<()>;
    /// A number as it is.
    fn plain(&mut self, column: Column, value: &mut u32) -> Option<()>;

    /// Whether values are filled in.
    fn is_reading(&self) -> bool;

    /// A number that may be missing, near the one before.
    fn optional(&mut self, column: Column, value: &mut Option<u32>) -> Option<()> {
        let mut number = value.map_or(0, |value| value.wrapping_add(1));
        self.near(column, &mut number)?;
        *value = number.checked_sub(1);
        Some(())
    }

    /// One of the values of a table, as its place there.
    fn one_of<T: Copy + PartialEq>(&mut self, column: Column, all: &[T], value: &mut T) -> Option<()> {
        let mut place = all.iter().position(|one| one == value)? as u32;
        self.plain(column, &mut place)?;
        *value = *all.get(place as usize)?;
        Some(())
    }
}

struct Encoder {
    columns: [(Vec<u8>, u32); COLUMNS],
}

impl Coder for Encoder {
    fn near(&mut self, column: Column, value: &mut u32) -> Option<()> {
        let (bytes, before) = &mut self.columns[column as usize];
        put_delta(bytes, *before, *value);
        *before = *value;
        Some(())
    }

    fn from(&mut self, column: Column, base: u32, value: &mut u32) -> Option<()> {
        put_delta(&mut self.columns[column as usize].0, base, *value);
        Some(())
    }

    fn plain(&mut self, column: Column, value: &mut u32) -> Option<()> {
        put(&mut self.columns[column as usize].0, *value);
        Some(())
    }

    fn is_reading(&self) -> bool {
        false
    }
}

struct Decoder<'a> {
    columns: Vec<(Reader<'a>, u32)>,
    /// More rows than this cannot be.
    rows_max: usize,
}

impl Coder for Decoder<'_> {
    fn near(&mut self, column: Column, value: &mut u32) -> Option<()> {
        let (reader, before) = &mut self.columns[column as usize];
        *value = reader.get_delta(*before)?;
        *before = *value;
        Some(())
    }

    fn from(&mut self, column: Column, base: u32, value: &mut u32) -> Option<()> {
        *value = self.columns[column as usize].0.get_delta(base)?;
        Some(())
    }

    fn plain(&mut self, column: Column, value: &mut u32) -> Option<()> {
        *value = self.columns[column as usize].0.get()?;
        Some(())
    }

    fn is_reading(&self) -> bool {
        true
    }
}

/// Codes an identifier that may be missing.
macro_rules! optional_id {
    ($coder:expr, $column:ident, $field:expr, $id:ident) => {{
        let mut number = $field.map(|$id(number)| number);
        $coder.optional(Column::$column, &mut number)?;
        $field = number.map($id);
    }};
}

const VISIBILITIES: [Visibility; 4] =
    [Visibility::Public, Visibility::Package, Visibility::Protected, Visibility::Private];
const SCOPE_KINDS: [ScopeKind; 5] =
    [ScopeKind::File, ScopeKind::Module, ScopeKind::Class, ScopeKind::Function, ScopeKind::Block];
const SPACES: [Space; 8] =
    [Space::Any, Space::Type, Space::Value, Space::Macro, Space::Tag, Space::Method, Space::NonMethod, Space::Root];
const LITERALS: [Literal; 13] = [
    Literal::Str,
    Literal::Bytes,
    Literal::Int,
    Literal::Float,
    Literal::Bool,
    Literal::Char,
    Literal::Null,
    Literal::Regex,
    Literal::List,
    Literal::Map,
    Literal::Set,
    Literal::Range,
    Literal::Function,
];

fn span(coder: &mut impl Coder, column: Column, base: u32, span: &mut Span) -> Option<()> {
    coder.from(column, base, &mut span.start)?;
    coder.from(column, span.start, &mut span.end)
}

fn symbol(coder: &mut impl Coder, symbol: &mut Symbol, _: u32) -> Option<()> {
    use Column::{SymbolMarks, SymbolNames, SymbolSpans, SymbolTags};
    let mut kind = symbol.kind as u32;
    coder.plain(SymbolTags, &mut kind)?;
    symbol.kind = SymbolKind::WORDS.get(kind as usize)?.0;
    coder.one_of(SymbolTags, &VISIBILITIES, &mut symbol.visibility)?;
    coder.near(SymbolNames, &mut symbol.name.0)?;
    optional_id!(coder, SymbolParents, symbol.parent, SymbolId);
    optional_id!(coder, SymbolNames, symbol.qualifier, NameId);
    coder.near(SymbolSpans, &mut symbol.span.start)?;
    let start = symbol.span.start;
    coder.from(SymbolSpans, start, &mut symbol.span.end)?;
    span(coder, SymbolSpans, start, &mut symbol.name_span)?;
    span(coder, SymbolSpans, start, &mut symbol.signature)?;
    let mut has_doc = u32::from(symbol.doc.is_some());
    coder.plain(SymbolMarks, &mut has_doc)?;
    let mut doc = symbol.doc.unwrap_or_default();
    if has_doc == 1 {
        span(coder, SymbolSpans, start, &mut doc)?;
    }
    symbol.doc = (has_doc == 1).then_some(doc);
    coder.plain(SymbolMarks, &mut symbol.marks.0)?;
    optional_id!(coder, SymbolScopes, symbol.scope, ScopeId);
    optional_id!(coder, SymbolTypes, symbol.ty, ExprId);
    let mut arity = symbol.arity.map_or(0, |arity| (u32::from(arity.min) << 16 | u32::from(arity.max)) + 1);
    coder.plain(SymbolMarks, &mut arity)?;
    symbol.arity = arity.checked_sub(1).map(|arity| Arity { min: (arity >> 16) as u16, max: arity as u16 });
    Some(())
}

fn scope(coder: &mut impl Coder, scope: &mut Scope, _: u32) -> Option<()> {
    coder.one_of(Column::ScopeKinds, &SCOPE_KINDS, &mut scope.kind)?;
    optional_id!(coder, ScopeParents, scope.parent, ScopeId);
    optional_id!(coder, ScopeSymbols, scope.symbol, SymbolId);
    Some(())
}

fn binding(coder: &mut impl Coder, binding: &mut Binding, _: u32) -> Option<()> {
    use Column::{BindingNames, BindingPlaces, BindingScopes, BindingTags, BindingTargets};
    coder.near(BindingScopes, &mut binding.scope.0)?;
    coder.near(BindingNames, &mut binding.name.0)?;
    coder.near(BindingPlaces, &mut binding.from)?;
    let mut tag = match binding.target {
        BindingTarget::Symbol(_) => 0,
        BindingTarget::Import(_) => 1,
        BindingTarget::Local { .. } => 2,
        BindingTarget::TypeParameter { .. } => 3,
        BindingTarget::Outer => 4,
    };
    coder.plain(BindingTags, &mut tag)?;
    if coder.is_reading() {
        binding.target = match tag {
            0 => BindingTarget::Symbol(SymbolId(0)),
            1 => BindingTarget::Import(ImportId(0)),
            2 => BindingTarget::Local { ty: None, init: None },
            3 => BindingTarget::TypeParameter { bound: None, default: None, place: None },
            4 => BindingTarget::Outer,
            _ => return None,
        };
    }
    match &mut binding.target {
        BindingTarget::Symbol(SymbolId(number)) | BindingTarget::Import(ImportId(number)) => {
            coder.near(BindingTargets, number)?;
        }
        BindingTarget::Local { ty, init } => {
            optional_id!(coder, BindingTargets, *ty, ExprId);
            optional_id!(coder, BindingTargets, *init, ExprId);
        }
        BindingTarget::TypeParameter { bound, default, place } => {
            optional_id!(coder, BindingTargets, *bound, ExprId);
            optional_id!(coder, BindingTargets, *default, ExprId);
            let mut number = place.map_or(0, |place| u32::from(place) + 1);
            coder.plain(BindingTags, &mut number)?;
            *place = number.checked_sub(1).map(u16::try_from).transpose().ok()?;
        }
        BindingTarget::Outer => {}
    }
    Some(())
}

/// Tags of expressions; a plain name's and a literal's say which one.
mod tag {
    pub(super) const NAMES: u32 = 32;
    pub(super) const LITERALS: u32 = 64;
}

fn expr_tag(expr: &Expr) -> Option<u32> {
    Some(match expr {
        Expr::Unknown => 0,
        Expr::Member { .. } => 1,
        Expr::Call { .. } => 2,
        Expr::New { .. } => 3,
        Expr::Symbol(_) => 4,
        Expr::Instance(_) => 5,
        Expr::Super(_) => 6,
        Expr::Import(_) => 7,
        Expr::Apply { .. } => 8,
        Expr::Typed { .. } => 9,
        Expr::Index { .. } => 10,
        Expr::Element { .. } => 11,
        Expr::Part { .. } => 12,
        Expr::Await { .. } => 13,
        Expr::Try { .. } => 14,
        Expr::Deref { .. } => 15,
        Expr::Ref { .. } => 16,
        Expr::Tuple { .. } => 17,
        Expr::List { .. } => 18,
        Expr::Union { .. } => 19,
        Expr::Function { .. } => 20,
        Expr::Key { .. } => 21,
        Expr::Iterate { .. } => 22,
        Expr::Signature { .. } => 23,
        Expr::Passed { .. } => 24,
        Expr::Sum { .. } => 25,
        Expr::Const { .. } => 26,
        Expr::Temporary { .. } => 27,
        Expr::Reference { .. } => 28,
        Expr::Argument => 29,
        Expr::Name { space, .. } => tag::NAMES + SPACES.iter().position(|one| one == space)? as u32,
        Expr::Literal(literal) => tag::LITERALS + LITERALS.iter().position(|one| one == literal)? as u32,
    })
}

fn blank_expr(tag: u32) -> Option<Expr> {
    let (base, args, items) = (ExprId(0), ExprList::default(), ExprList::default());
    Some(match tag {
        0 => Expr::Unknown,
        1 => Expr::Member { base, name: NameId(0) },
        2 => Expr::Call { callee: base, args },
        3 => Expr::New { class: base, args },
        4 => Expr::Symbol(SymbolId(0)),
        5 => Expr::Instance(SymbolId(0)),
        6 => Expr::Super(SymbolId(0)),
        7 => Expr::Import(ImportId(0)),
        8 => Expr::Apply { base, args },
        9 => Expr::Typed { ty: base },
        10 => Expr::Index { base },
        11 => Expr::Element { base },
        12 => Expr::Part { base, index: 0 },
        13 => Expr::Await { base },
        14 => Expr::Try { base },
        15 => Expr::Deref { base },
        16 => Expr::Ref { base },
        17 => Expr::Tuple { items },
        18 => Expr::List { items },
        19 => Expr::Union { items },
        20 => Expr::Function { result: base },
        21 => Expr::Key { base },
        22 => Expr::Iterate { base, iterator: base },
        23 => Expr::Signature { parameters: items, result: base },
        24 => Expr::Passed { callee: base, place: 0, index: 0 },
        25 => Expr::Sum { items },
        26 => Expr::Const { base },
        27 => Expr::Temporary { base },
        28 => Expr::Reference { base },
        29 => Expr::Argument,
        tag::NAMES..tag::LITERALS => {
            let space = *SPACES.get((tag - tag::NAMES) as usize)?;
            Expr::Name { name: NameId(0), scope: ScopeId(0), at: 0, space }
        }
        tag::LITERALS.. => Expr::Literal(*LITERALS.get((tag - tag::LITERALS) as usize)?),
        _ => return None,
    })
}

/// Operands stand just before their users, so their distance is small.
fn expr(coder: &mut impl Coder, expr: &mut Expr, index: u32) -> Option<()> {
    use Column::{ExprBases, ExprItems, ExprNames, ExprPlaces, ExprScopes, ExprTags};
    let mut tag = expr_tag(expr)?;
    coder.plain(ExprTags, &mut tag)?;
    if coder.is_reading() {
        *expr = blank_expr(tag)?;
    }
    match expr {
        Expr::Unknown | Expr::Argument | Expr::Literal(_) => Some(()),
        Expr::Name { name, scope, at, space: _ } => {
            coder.near(ExprNames, &mut name.0)?;
            coder.near(ExprScopes, &mut scope.0)?;
            coder.near(ExprPlaces, at)
        }
        Expr::Member { base, name } => {
            coder.from(ExprBases, index, &mut base.0)?;
            coder.near(ExprNames, &mut name.0)
        }
        Expr::Call { callee: base, args } | Expr::New { class: base, args } | Expr::Apply { base, args } => {
            coder.from(ExprBases, index, &mut base.0)?;
            list(coder, args)
        }
        Expr::Tuple { items } | Expr::List { items } | Expr::Union { items } | Expr::Sum { items } => {
            list(coder, items)
        }
        Expr::Symbol(SymbolId(id)) | Expr::Instance(SymbolId(id)) | Expr::Super(SymbolId(id)) => {
            coder.near(ExprItems, id)
        }
        Expr::Import(ImportId(id)) => coder.near(ExprItems, id),
        Expr::Part { base, index: part } => {
            coder.from(ExprBases, index, &mut base.0)?;
            short(coder, part)
        }
        Expr::Signature { parameters, result } => {
            coder.from(ExprBases, index, &mut result.0)?;
            list(coder, parameters)
        }
        Expr::Passed { callee, place, index: parameter } => {
            coder.from(ExprBases, index, &mut callee.0)?;
            short(coder, place)?;
            short(coder, parameter)
        }
        Expr::Iterate { base, iterator } => {
            coder.from(ExprBases, index, &mut base.0)?;
            coder.from(ExprBases, index, &mut iterator.0)
        }
        Expr::Typed { ty: base }
        | Expr::Index { base }
        | Expr::Element { base }
        | Expr::Await { base }
        | Expr::Try { base }
        | Expr::Deref { base }
        | Expr::Ref { base }
        | Expr::Function { result: base }
        | Expr::Key { base }
        | Expr::Const { base }
        | Expr::Temporary { base }
        | Expr::Reference { base } => coder.from(ExprBases, index, &mut base.0),
    }
}

/// A small number of an expression.
fn short(coder: &mut impl Coder, value: &mut u16) -> Option<()> {
    let mut number = u32::from(*value);
    coder.plain(Column::ExprItems, &mut number)?;
    *value = u16::try_from(number).ok()?;
    Some(())
}

/// Lists mostly follow each other: each starts near where the last one did, by its length.
fn list(coder: &mut impl Coder, list: &mut ExprList) -> Option<()> {
    coder.near(Column::ExprLists, &mut list.start)?;
    coder.plain(Column::ExprLists, &mut list.len)
}

/// What occurrences are told from: strings and expressions of the file, and where the one before starts.
struct Around<'f> {
    names: &'f Names,
    exprs: &'f [Expr],
    start: u32,
}

/// Name and place mostly are those of the expression.
fn occurrence(coder: &mut impl Coder, occurrence: &mut Occurrence, around: &mut Around<'_>) -> Option<()> {
    use Column::{
        OccurrenceArities, OccurrenceExprs, OccurrenceNames, OccurrencePlaces, OccurrenceSizes, OccurrenceTags,
    };
    let mut role = occurrence.role as u32;
    coder.plain(OccurrenceTags, &mut role)?;
    occurrence.role = Role::WORDS.get(role as usize)?.0;
    coder.near(OccurrenceExprs, &mut occurrence.expr.0)?;
    let (name, start) = match around.exprs.get(occurrence.expr.0 as usize) {
        Some(Expr::Name { name, at, .. }) => (name.0, *at),
        Some(Expr::Member { name, .. }) => (name.0, around.start),
        _ => (0, around.start),
    };
    coder.from(OccurrenceNames, name, &mut occurrence.name.0)?;
    coder.from(OccurrencePlaces, start, &mut occurrence.span.start)?;
    around.start = occurrence.span.start;
    let length = around.names.length(occurrence.name)?;
    coder.from(OccurrenceSizes, occurrence.span.start.wrapping_add(length), &mut occurrence.span.end)?;
    optional_id!(coder, OccurrenceSymbols, occurrence.symbol, SymbolId);
    let mut arity = occurrence.arity.map_or(0, |arity| u32::from(arity) + 1);
    coder.plain(OccurrenceArities, &mut arity)?;
    occurrence.arity = arity.checked_sub(1).map(u16::try_from).transpose().ok()?;
    Some(())
}

fn flow(coder: &mut impl Coder, flow: &mut Flow, _: u32) -> Option<()> {
    coder.near(Column::FlowSymbols, &mut flow.symbol.0)?;
    coder.near(Column::FlowValues, &mut flow.value.0)
}

fn parameter(coder: &mut impl Coder, parameter: &mut Parameter, _: u32) -> Option<()> {
    coder.near(Column::ParameterSymbols, &mut parameter.symbol.0)?;
    optional_id!(coder, ParameterNames, parameter.name, NameId);
    optional_id!(coder, ParameterTypes, parameter.ty, ExprId);
    Some(())
}

fn item(coder: &mut impl Coder, item: &mut ExprId, _: u32) -> Option<()> {
    coder.near(Column::ListItems, &mut item.0)
}

/// What is rare, as one record.
type Rare = (Option<NameId>, Vec<Import>, Vec<Export>, Vec<Relation>, Vec<Diagnostic>, LineCounts);

/// Encodes for storage: a version byte, then the columns, the strings and what is rare.
pub(super) fn encode(facts: &FileFacts) -> Vec<u8> {
    let mut coder = Encoder { columns: std::array::from_fn(|_| (Vec::new(), 0)) };
    for name in facts.names.iter() {
        put(&mut coder.columns[Column::Lengths as usize].0, name.len() as u32);
    }
    write(&mut coder, &facts.symbols, symbol);
    write(&mut coder, &facts.scopes, scope);
    write(&mut coder, &facts.bindings, binding);
    write(&mut coder, &facts.exprs, expr);
    write(&mut coder, &facts.lists, item);
    let mut around = Around { names: &facts.names, exprs: &facts.exprs, start: 0 };
    write(&mut coder, &facts.occurrences, |coder, row, _| occurrence(coder, row, &mut around));
    write(&mut coder, &facts.flows, flow);
    write(&mut coder, &facts.parameters, parameter);
    let mut out = Vec::with_capacity(coder.columns.iter().map(|(bytes, _)| bytes.len() + 3).sum());
    out.push(FORMAT);
    coder.columns.iter().for_each(|(bytes, _)| put_column(&mut out, bytes));
    put_column(&mut out, facts.names.text().as_bytes());
    let FileFacts { package, imports, exports, relations, diagnostics, lines, .. } = facts;
    let rare = (package, imports, exports, relations, diagnostics, lines);
    postcard::to_extend(&rare, out).expect("a Vec grows as needed")
}

fn write<T: Copy>(coder: &mut Encoder, rows: &[T], mut code: impl FnMut(&mut Encoder, &mut T, u32) -> Option<()>) {
    put(&mut coder.columns[Column::Counts as usize].0, rows.len() as u32);
    for (index, row) in (0..).zip(rows) {
        let mut row = *row;
        code(coder, &mut row, index).expect("what extraction makes can be coded");
    }
}

/// Which tables are decoded; what is rare and the strings always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tables {
    /// All of them.
    All,
    /// All but the occurrences.
    Declared,
    /// Symbols alone.
    Symbols,
    /// Symbols, and occurrences with the expressions that they are told from.
    Sites,
}

/// Decodes of what [`encode`] wrote the wanted tables; none if the bytes are not that.
pub(super) fn decode(bytes: &[u8], wanted: Tables) -> Option<FileFacts> {
    let (&format, rest) = bytes.split_first()?;
    let mut reader = Reader::new(rest);
    let mut columns = Vec::with_capacity(COLUMNS);
    for _ in 0..COLUMNS {
        columns.push((reader.column()?, 0));
    }
    let text = reader.column()?;
    let text = std::str::from_utf8(text.rest()).ok()?;
    let (package, imports, exports, relations, diagnostics, lines): Rare = postcard::from_bytes(reader.rest()).ok()?;
    let mut coder = Decoder { columns, rows_max: bytes.len() };
    let mut facts = FileFacts { package, imports, exports, relations, diagnostics, lines, ..FileFacts::default() };
    let is_declared = matches!(wanted, Tables::All | Tables::Declared);
    let has_sites = matches!(wanted, Tables::All | Tables::Sites);
    facts.names = coder.names(text)?;
    facts.symbols = coder.read(true, BLANK_SYMBOL, symbol)?;
    facts.scopes =
        coder.read(is_declared, Scope { kind: ScopeKind::File, parent: None, symbol: None, bindings: 0 }, scope)?;
    let target = BindingTarget::Outer;
    let blank = Binding { scope: ScopeId(0), name: NameId(0), from: 0, target };
    facts.bindings = coder.read(is_declared, blank, binding)?;
    facts.exprs = coder.read(is_declared || has_sites, Expr::Unknown, expr)?;
    facts.lists = coder.read(is_declared, ExprId(0), item)?;
    let mut around = Around { names: &facts.names, exprs: &facts.exprs, start: 0 };
    let read_site = |coder: &mut Decoder<'_>, row: &mut Occurrence, _| occurrence(coder, row, &mut around);
    facts.occurrences = coder.read(has_sites, BLANK_OCCURRENCE, read_site)?;
    facts.flows = coder.read(is_declared, Flow { symbol: SymbolId(0), value: ExprId(0) }, flow)?;
    facts.parameters = coder.read(is_declared, Parameter { symbol: SymbolId(0), name: None, ty: None }, parameter)?;
    let is_whole = wanted != Tables::All || coder.columns.iter().all(|(column, _)| column.is_empty());
    facts.find_bindings();
    (format == FORMAT && is_whole).then_some(facts)
}

const BLANK_SYMBOL: Symbol = Symbol {
    kind: SymbolKind::Function,
    name: NameId(0),
    parent: None,
    qualifier: None,
    span: Span::new(0, 0),
    name_span: Span::new(0, 0),
    signature: Span::new(0, 0),
    doc: None,
    visibility: Visibility::Public,
    marks: Marks(0),
    scope: None,
    ty: None,
    arity: None,
};
const BLANK_OCCURRENCE: Occurrence =
    Occurrence { role: Role::Call, name: NameId(0), span: Span::new(0, 0), expr: ExprId(0), symbol: None, arity: None };

impl Decoder<'_> {
    /// The rows of the next table; none are made unless they are wanted.
    fn read<T: Copy>(
        &mut self,
        is_wanted: bool,
        blank: T,
        mut code: impl FnMut(&mut Self, &mut T, u32) -> Option<()>,
    ) -> Option<Vec<T>> {
        let count = self.columns[Column::Counts as usize].0.get()?;
        if !is_wanted {
            return Some(Vec::new());
        }
        // Every row takes a byte at least.
        let mut rows = Vec::with_capacity((count as usize <= self.rows_max).then_some(count as usize)?);
        for index in 0..count {
            let mut row = blank;
            code(self, &mut row, index)?;
            rows.push(row);
        }
        Some(rows)
    }

    fn names(&mut self, text: &str) -> Option<Names> {
        let lengths = &mut self.columns[Column::Lengths as usize].0;
        let mut all = Vec::new();
        while !lengths.is_empty() {
            all.push(lengths.get()?);
        }
        Names::from_parts(text, &all)
    }
}
