//! The stored syntax of a file, with what its language's table of variables says about each kind of node.

use rustc_hash::FxHashMap;

use crate::lang::{self, Bind, GrammarNames, Source, Tail, Variables};
use crate::model::{FileFacts, Function, LineIndex, Span, SyntaxNode};
use crate::query::{Ground, QueryError, Result};
use crate::store::{FileRow, OccurrenceRow};

/// A field of a row: any child for the empty word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    Any,
    Field(u8),
}

impl Slot {
    fn is(self, field: u8) -> bool {
        match self {
            Self::Any => true,
            Self::Field(number) => number == field,
        }
    }
}

/// What the table says of one kind.
#[derive(Clone, Default)]
pub(super) struct KindRole {
    pub(super) is_name: bool,
    pub(super) is_scope: bool,
    pub(super) is_callable: bool,
    pub(super) is_step: bool,
    pub(super) is_return: bool,
    pub(super) is_comment: bool,
    skipped: Vec<Slot>,
    values: Vec<Slot>,
    binds: Vec<(Slot, &'static Bind)>,
    parts: Vec<Slot>,
    references: Vec<(Slot, &'static str)>,
    call: Option<(Slot, Slot)>,
    named_argument: Option<Slot>,
    subject: Option<Slot>,
    tails: Vec<(Slot, bool)>,
}

impl KindRole {
    pub(super) fn skips(&self, field: u8) -> bool {
        self.skipped.iter().any(|slot| slot.is(field))
    }

    pub(super) fn is_value(&self, field: u8) -> bool {
        self.values.iter().any(|slot| slot.is(field))
    }

    pub(super) fn binds(&self) -> bool {
        !self.binds.is_empty()
    }

    /// The row that the child of this field is the target of.
    pub(super) fn bind(&self, field: u8) -> Option<&'static Bind> {
        self.binds.iter().find(|(slot, _)| slot.is(field)).map(|(_, bind)| *bind)
    }

    /// Whether the child of this field is what the node is a part of.
    pub(super) fn is_base(&self, field: u8) -> bool {
        self.parts.iter().any(|slot| slot.is(field))
    }

    pub(super) fn is_part(&self) -> bool {
        !self.parts.is_empty()
    }

    pub(super) fn is_call(&self) -> bool {
        self.call.is_some()
    }

    pub(super) fn is_callee(&self, field: u8) -> bool {
        self.call.is_some_and(|(callee, _)| callee.is(field))
    }

    fn is_arguments(&self, field: u8) -> bool {
        self.call.is_some_and(|(_, arguments)| arguments.is(field))
    }

    pub(super) fn has_subject(&self) -> bool {
        self.subject.is_some()
    }

    pub(super) fn is_subject(&self, field: u8) -> bool {
        self.subject.is_some_and(|slot| slot.is(field))
    }
}

/// A file that slices go through.
pub(super) struct Tree {
    pub(super) row: FileRow,
    pub(super) text: Vec<u8>,
    pub(super) lines: LineIndex,
    pub(super) nodes: Vec<SyntaxNode>,
    /// One past the last descendant of each node.
    pub(super) next: Vec<u32>,
    pub(super) functions: Vec<Function>,
    pub(super) facts: FileFacts,
    pub(super) occurrences: Vec<OccurrenceRow>,
    pub(super) variables: &'static Variables,
    roles: FxHashMap<u16, KindRole>,
    plain: KindRole,
    names: GrammarNames,
}

impl Tree {
    /// Reads what is stored of a file.
    pub(super) fn read(ground: &Ground<'_>, row: FileRow) -> Result<Self> {
        let Some((language, dialect)) = lang::by_dialect(&row.dialect) else {
            return Err(QueryError::NoGrammar { path: row.path, grammar: row.dialect });
        };
        let snapshot = ground.snapshot;
        let (text, nodes) = (snapshot.text(row.id)?, snapshot.ast(row.id)?);
        let names = dialect.names();
        Ok(Self {
            lines: LineIndex::new(&text),
            next: ends(&nodes),
            functions: snapshot.functions(row.id)?,
            facts: snapshot.facts(row.id)?,
            occurrences: snapshot.occurrences(row.id)?,
            variables: language.variables,
            roles: roles(language.variables, language.comments, &names),
            plain: KindRole::default(),
            names,
            row,
            text,
            nodes,
        })
    }

    pub(super) fn role(&self, node: u32) -> &KindRole {
        self.roles.get(&self.nodes[node as usize].kind).unwrap_or(&self.plain)
    }

    pub(super) fn span(&self, node: u32) -> Span {
        self.nodes[node as usize].span
    }

    pub(super) fn field(&self, node: u32) -> u8 {
        self.nodes[node as usize].field
    }

    pub(super) fn parent(&self, node: u32) -> Option<u32> {
        self.nodes[node as usize].parent
    }

    pub(super) fn is_leaf(&self, node: u32) -> bool {
        self.next[node as usize] == node + 1
    }

    pub(super) fn children(&self, node: u32) -> impl Iterator<Item = u32> {
        let end = self.next[node as usize];
        let mut next = node + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next = self.next[child as usize];
            Some(child)
        })
    }

    /// The nodes around a node, innermost first.
    pub(super) fn ancestors(&self, node: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(self.parent(node), |node| self.parent(*node))
    }

    /// Whether a field of this name is what `field` numbers.
    pub(super) fn is_field(&self, field: u8, word: &str) -> bool {
        !word.is_empty() && self.names.field_of(word) == Some(field)
    }

    /// Whether the kind hands out its child of this field to be changed.
    pub(super) fn is_reference(&self, node: u32, field: u8) -> bool {
        let text = self.span(node).slice(&self.text);
        let references = &self.role(node).references;
        references.iter().any(|(slot, prefix)| slot.is(field) && text.starts_with(prefix.as_bytes()))
    }

    /// The children through which a construct gets its value.
    pub(super) fn tails(&self, node: u32) -> Vec<u32> {
        let mut found = Vec::new();
        for (slot, is_last) in &self.role(node).tails {
            let children =
                self.children(node).filter(|child| slot.is(self.field(*child)) && !self.role(*child).is_comment);
            if *is_last { found.extend(children.last()) } else { found.extend(children) }
        }
        // A statement that ends in `;` has no value where that of the last expression counts.
        found.retain(|tail| !(self.variables.returns_last && self.span(*tail).slice(&self.text).ends_with(b";")));
        found
    }

    /// The arguments of a call node with the names they are given by.
    pub(super) fn arguments(&self, call: u32) -> Vec<Argument> {
        let lists = self.children(call).filter(|child| self.role(call).is_arguments(self.field(*child)));
        let arguments = lists.flat_map(|list| self.children(list)).filter(|node| !self.role(*node).is_comment);
        arguments.map(|node| Argument { span: self.span(node), name: self.argument_name(node) }).collect()
    }

    fn argument_name(&self, node: u32) -> Option<String> {
        let slot = self.role(node).named_argument?;
        let name = self.children(node).find(|child| slot.is(self.field(*child)))?;
        Some(String::from_utf8_lossy(self.span(name).slice(&self.text)).into_owned())
    }
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub(super) struct Argument {
    pub(super) span: Span,
    pub(super) name: Option<String>,
}

/// One past the last descendant of each node of a preorder.
fn ends(nodes: &[SyntaxNode]) -> Vec<u32> {
    let mut ends: Vec<u32> = (1..=nodes.len() as u32).collect();
    for index in (0..nodes.len()).rev() {
        if let Some(parent) = nodes[index].parent {
            ends[parent as usize] = ends[parent as usize].max(ends[index]);
        }
    }
    ends
}

/// Writes a row with one field down.
type Fill = fn(&mut KindRole, Slot);

/// The table of a language in the numbers of one of its grammars. Rows in words that the grammar does not have are left
/// out: they are for a related one.
fn roles(table: &'static Variables, comments: &[&str], names: &GrammarNames) -> FxHashMap<u16, KindRole> {
    let mut roles: FxHashMap<u16, KindRole> = FxHashMap::default();
    let slot = |field: &str| match field {
        "" => Some(Slot::Any),
        field => names.field_of(field).map(Slot::Field),
    };
    let mut each = |kind: &str, fill: &mut dyn FnMut(&mut KindRole)| {
        names.kinds_of(kind).into_iter().for_each(|number| fill(roles.entry(number).or_default()));
    };
    table.names.iter().for_each(|kind| each(kind, &mut |role| role.is_name = true));
    table.scopes.iter().for_each(|kind| each(kind, &mut |role| role.is_scope = true));
    table.callables.iter().for_each(|kind| each(kind, &mut |role| role.is_callable = true));
    table.steps.iter().for_each(|kind| each(kind, &mut |role| role.is_step = true));
    table.returns.iter().for_each(|kind| each(kind, &mut |role| role.is_return = true));
    comments.iter().for_each(|kind| each(kind, &mut |role| role.is_comment = true));
    let pairs: [(_, Fill); 5] = [
        (table.skipped, |role, slot| role.skipped.push(slot)),
        (table.values, |role, slot| role.values.push(slot)),
        (table.parts, |role, slot| role.parts.push(slot)),
        (table.named_arguments, |role, slot| role.named_argument = Some(slot)),
        (table.subjects, |role, slot| role.subject = Some(slot)),
    ];
    for (rows, fill) in pairs {
        for (kind, field) in rows {
            if let Some(slot) = slot(field) {
                each(kind, &mut |role| fill(role, slot));
            }
        }
    }
    for bind in table.binds {
        if let Some(slot) = slot(bind.target) {
            each(bind.kind, &mut |role| role.binds.push((slot, bind)));
        }
    }
    for (kind, field, prefix) in table.references {
        if let Some(slot) = slot(field) {
            each(kind, &mut |role| role.references.push((slot, prefix)));
        }
    }
    for (kind, callee, arguments) in table.calls {
        if let (Some(callee), Some(arguments)) = (slot(callee), slot(arguments)) {
            each(kind, &mut |role| role.call = Some((callee, arguments)));
        }
    }
    for (kind, tail) in table.tails {
        let row = match tail {
            Tail::Field(field) => slot(field).map(|slot| (slot, false)),
            Tail::Each => Some((Slot::Any, false)),
            Tail::Last => Some((Slot::Any, true)),
        };
        each(kind, &mut |role| role.tails.extend(row));
    }
    roles
}

/// The word of the field that a bind takes its value from, if it is one.
pub(super) fn value_field(bind: &Bind) -> &'static str {
    if let Source::Field(field) = bind.value { field } else { "" }
}
