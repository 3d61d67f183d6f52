//! The visitor of JavaScript and TypeScript: what it carries along, statements, and what all definitions share.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::lang::{Builder, Definition, StatefulVisitor};
use crate::model::{
    BindingTarget, Expr, ExprId, Literal, Marks, NameId, Node, ScopeId, ScopeKind, Space, Span, SymbolId, SymbolKind,
    Visibility,
};

use super::kinds::{Field, Kind};

/// Visits a file.
pub(in crate::lang) fn visit(b: &mut Builder<'_>, root: Node<'_>) {
    let mut state = State::default();
    let mut visitor = Visitor { b, state: &mut state };
    visitor.items(root);
    visitor.settle_assignments();
    visitor.settle_export_uses();
    visitor.mark_exports();
}

/// What stands before a definition: documentation, decorators, `export`, modifiers of an outer node.
#[derive(Clone, Copy, Default)]
pub(super) struct Before {
    /// First byte of decorators or of the statement around the definition.
    pub(super) start: Option<u32>,
    /// First byte of that statement without decorators.
    pub(super) signature: Option<u32>,
    pub(super) doc: Option<Span>,
    pub(super) marks: Marks,
    pub(super) export: Exported,
}

/// How a definition is exported by the statement it stands in.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Exported {
    #[default]
    No,
    Named,
    Default,
}

/// What `this` means.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum This {
    #[default]
    Unknown,
    /// A value of this class, or made by this function, or this object.
    Instance(SymbolId),
    /// The class or function itself.
    Class(SymbolId),
    /// What this expression gives.
    Value(ExprId),
    /// The `exports` of this module.
    Exports,
}

impl This {
    /// The definition that gets a member by `this.x = ...`.
    pub(super) fn owner(self) -> Option<SymbolId> {
        match self {
            Self::Instance(symbol) | Self::Class(symbol) => Some(symbol),
            Self::Unknown | Self::Value(_) | Self::Exports => None,
        }
    }
}

/// What a function body sees of its surroundings besides names. Arrow functions keep it.
#[derive(Clone, Copy, Default)]
pub(super) struct Context {
    pub(super) this: This,
    /// The class `super` refers to.
    pub(super) class: Option<SymbolId>,
    pub(super) is_generator: bool,
}

/// A name declared so far.
#[derive(Clone, Copy)]
pub(super) enum Known {
    Symbol(SymbolId),
    Local { typed: bool },
    Import,
}

/// `name = value`, to be joined to the declaration of `name` at the end, when all hoisted names are known.
struct Assigned {
    scope: ScopeId,
    name: NameId,
    value: ExprId,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) context: Context,
    /// What is known of the arguments of the function literal that is visited next.
    pub(super) expected: Vec<Option<ExprId>>,
    /// The types of the parameters declared so far in the list that is being visited.
    pub(super) parameter_types: Vec<Option<ExprId>>,
    /// Values returned by the function that is being visited.
    pub(super) returns: Vec<ExprId>,
    /// Members of classes, functions and objects defined so far.
    pub(super) members: FxHashMap<(SymbolId, NameId), SymbolId>,
    /// Names exported by `exports.name = ...` so far.
    pub(super) common_exports: FxHashMap<NameId, SymbolId>,
    /// Members that classes declare in their bodies, visited or not.
    pub(super) declared_members: FxHashSet<(SymbolId, NameId)>,
    /// Values assigned to members that are declared further down.
    pub(super) late_flows: Vec<(SymbolId, NameId, ExprId)>,
    /// Names of export statements so far.
    exported: FxHashSet<NameId>,
    /// Members of the module's own `exports` that are used before it is known what they are.
    pub(super) export_uses: Vec<(ExprId, NameId)>,
    known: FxHashMap<(ScopeId, NameId), Known>,
    assigned: Vec<Assigned>,
    unknown: Option<ExprId>,
}

pub(super) type Visitor<'b, 's> = StatefulVisitor<'b, 's, State>;

impl<'s> Visitor<'_, 's> {
    // Walking

    /// Visits with another `this`.
    pub(super) fn in_context<R>(&mut self, context: Context, visit: impl FnOnce(&mut Self) -> R) -> R {
        let outer = std::mem::replace(&mut self.state.context, context);
        let result = visit(self);
        self.state.context = outer;
        result
    }

    /// Visits the statements of `list` in order.
    pub(super) fn items(&mut self, list: Node<'_>) {
        let mut before = Before::default();
        for child in list.children() {
            if self.is_comment(child) {
                self.comment(child, &mut before);
                self.documented_imports(child);
            } else {
                self.item(child, std::mem::take(&mut before));
            }
        }
    }

    /// Visits any node; gives its value if it is an expression.
    pub(super) fn visit(&mut self, node: Node<'_>) -> ExprId {
        self.item(node, Before::default())
    }

    /// Visits any node that has `before` before it.
    pub(super) fn item(&mut self, node: Node<'_>, before: Before) -> ExprId {
        self.deeper(|visitor| visitor.item_here(node, before))
    }

    fn item_here(&mut self, node: Node<'_>, before: Before) -> ExprId {
        match Kind::of(node) {
            Kind::FunctionDeclaration | Kind::GeneratorDeclaration | Kind::FunctionSignature => {
                self.function_declaration(node, before);
            }
            Kind::ClassDeclaration | Kind::AbstractClass => self.class_declaration(node, before),
            Kind::Lexical | Kind::VariableDeclaration | Kind::Using => self.variables(node, before),
            Kind::ImportStatement => self.import_statement(node),
            Kind::ImportAlias => self.import_alias(node, before),
            Kind::ExportStatement => self.export_statement(node, before),
            Kind::Interface => self.interface(node, before),
            Kind::TypeAlias => self.type_alias(node, before),
            Kind::EnumDeclaration => self.enumeration(node, before),
            Kind::InternalModule | Kind::Module => self.namespace(node, before),
            Kind::Ambient => self.ambient(node, before),
            Kind::ExpressionStatement => self.expression_statement(node, before),
            Kind::Assignment => return self.assignment(node, before),
            Kind::Return => self.return_statement(node),
            Kind::StatementBlock => self.in_scope(ScopeKind::Block, |visitor| visitor.items(node)),
            Kind::SwitchBody | Kind::For => self.in_scope(ScopeKind::Block, |visitor| visitor.each(node)),
            Kind::ForIn => self.for_in(node),
            Kind::CatchClause => self.catch_clause(node),
            _ => return self.expr(node),
        }
        self.unknown()
    }

    /// Visits every child.
    pub(super) fn each(&mut self, node: Node<'_>) {
        for child in node.children() {
            self.visit(child);
        }
    }

    fn expression_statement(&mut self, node: Node<'_>, before: Before) {
        for child in node.children() {
            match Kind::of(child) {
                Kind::InternalModule | Kind::Assignment => self.item(child, before),
                _ => self.visit(child),
            };
        }
    }

    fn return_statement(&mut self, node: Node<'_>) {
        let value = node.children().find(|child| !self.is_comment(*child));
        if let Some(value) = value {
            let value = self.result(value);
            self.returned(value);
        }
    }

    /// Notes a value that the current function gives back.
    pub(super) fn returned(&mut self, value: ExprId) {
        if !self.state.context.is_generator {
            self.state.returns.push(value);
        }
    }

    fn for_in(&mut self, node: Node<'_>) {
        let keywords = self.keywords(node, Field::Left.of(node).map_or(node.start(), Node::start));
        self.in_scope(ScopeKind::Block, |visitor| {
            let value = Field::Right.of(node).map(|right| visitor.visit(right));
            let operator = Field::Left.of(node).zip(Field::Right.of(node));
            let is_of = operator.is_some_and(|(left, right)| visitor.gap_has(left, right, "of"));
            let element = match value {
                Some(base) if is_of => visitor.b.expr(Expr::Element { base }),
                _ => visitor.b.literal(Literal::Str),
            };
            if let Some(left) = Field::Left.of(node) {
                let binder = visitor.binder(keywords, Before::default());
                visitor.bind(left, None, Some(element), binder);
            }
            if let Some(body) = Field::Body.of(node) {
                visitor.visit(body);
            }
        });
    }

    fn catch_clause(&mut self, node: Node<'_>) {
        self.in_scope(ScopeKind::Block, |visitor| {
            let ty = Field::Type.of(node).map(|ty| visitor.ty(ty));
            if let Some(parameter) = Field::Parameter.of(node) {
                let binder = visitor.local_binder();
                visitor.bind(parameter, ty, None, binder);
            }
            if let Some(body) = Field::Body.of(node) {
                visitor.visit(body);
            }
        });
    }

    // Comments and keywords

    pub(super) fn is_comment(&self, node: Node<'_>) -> bool {
        matches!(Kind::of(node), Kind::Comment | Kind::HtmlComment | Kind::HashBang)
    }

    /// The children that are not comments.
    pub(super) fn parts<'n>(&self, node: Node<'n>) -> Vec<Node<'n>> {
        node.children().filter(|child| !self.is_comment(*child)).collect()
    }

    /// Notes a documentation comment for the definition after it.
    pub(super) fn comment(&self, comment: Node<'_>, before: &mut Before) {
        let text = comment.span().slice(self.b.source());
        if !text.starts_with(b"/**") || text.len() <= 4 {
            return;
        }
        before.doc = Some(comment.span());
        if memchr::memmem::find(text, b"@deprecated").is_some() {
            before.marks.add(Marks::DEPRECATED);
        }
    }

    /// The keywords written in `node` before byte `until`, outside its kept children.
    pub(super) fn keywords(&self, node: Node<'_>, until: u32) -> Keywords {
        let mut keywords = Keywords::default();
        let mut position = node.start();
        for child in node.children().take_while(|child| child.start() < until) {
            keywords.add(Span::new(position, child.start().max(position)).slice(self.b.source()));
            position = child.end();
        }
        keywords.add(Span::new(position, until.max(position)).slice(self.b.source()));
        keywords
    }

    /// Whether the text between two nodes holds the word.
    pub(super) fn gap_has(&self, left: Node<'_>, right: Node<'_>, word: &str) -> bool {
        let gap = Span::new(left.end(), right.start().max(left.end())).slice(self.b.source());
        gap.split(|byte| byte.is_ascii_whitespace()).any(|part| part == word.as_bytes())
    }

    // Definitions

    /// A definition with the usual parts, named by the token `name`.
    pub(super) fn definition(
        &mut self,
        node: Node<'_>,
        name: Node<'_>,
        kind: SymbolKind,
        before: Before,
    ) -> Definition {
        let name_id = self.member_name(name);
        self.definition_named(node, name_id, name.span(), kind, before)
    }

    /// A definition with the usual parts, named otherwise.
    pub(super) fn definition_named(
        &mut self,
        node: Node<'_>,
        name: NameId,
        name_span: Span,
        kind: SymbolKind,
        before: Before,
    ) -> Definition {
        let mut definition = Definition::new(kind, name, name_span, node).body(Field::Body.of(node));
        definition.span.start = before.start.unwrap_or(node.start()).min(node.start());
        definition.signature.start = before.signature.unwrap_or(node.start()).min(node.start());
        definition.doc = before.doc;
        definition.marks = before.marks;
        if before.export != Exported::No {
            definition.marks.add(Marks::EXPORTED);
            definition.visibility = Visibility::Public;
        }
        definition
    }

    /// Records a definition in the current scope, as exported as its surroundings say.
    pub(super) fn define(&mut self, definition: Definition, before: Before) -> SymbolId {
        let scope = self.b.scope();
        self.define_in(definition, scope, before)
    }

    /// Records a definition that is visible in `scope`, which may lie further out (`var`).
    pub(super) fn define_in(&mut self, definition: Definition, scope: ScopeId, before: Before) -> SymbolId {
        let id = self.b.define(definition.member());
        match definition.visible_from {
            Some(from) => {
                self.b.declare(scope, definition.name, from, BindingTarget::Symbol(id));
                self.know(scope, definition.name, Known::Symbol(id));
            }
            None => {
                if let Some(parent) = self.b.symbol() {
                    self.state.members.entry((parent, definition.name)).or_insert(id);
                }
            }
        }
        let is_of_file = self.b.scope_kind(self.b.scope()) == ScopeKind::File;
        if before.export == Exported::No || !is_of_file {
            return id;
        }
        let name = if before.export == Exported::Default { self.b.intern("default") } else { definition.name };
        // By name, so that one export stands for all definitions of it: overloads, an interface beside a value.
        if definition.visible_from.is_none() {
            let value = self.b.expr(Expr::Symbol(id));
            self.b.export(name, value);
        } else if self.state.exported.insert(name) {
            let value = self.b.name_at(definition.name, definition.name_span.start, Space::Any);
            self.b.export(name, value);
        }
        id
    }

    /// Declares a local variable or parameter in `scope`.
    pub(super) fn local_in(&mut self, scope: ScopeId, name: NameId, ty: Option<ExprId>, init: Option<ExprId>) {
        self.b.declare(scope, name, 0, BindingTarget::Local { ty, init });
        self.know(scope, name, Known::Local { typed: ty.is_some() });
    }

    /// Notes what a name of a scope is. A type does not hide the value of the same name.
    pub(super) fn know(&mut self, scope: ScopeId, name: NameId, known: Known) {
        let is_type_only = match known {
            Known::Symbol(id) => {
                matches!(self.b.facts().symbol(id).kind, SymbolKind::Interface | SymbolKind::TypeAlias)
            }
            Known::Local { .. } | Known::Import => false,
        };
        if is_type_only {
            self.state.known.entry((scope, name)).or_insert(known);
        } else {
            self.state.known.insert((scope, name), known);
        }
    }

    /// What a name means from `scope` outwards, as far as it is declared by now.
    pub(super) fn lookup(&self, scope: ScopeId, name: NameId) -> Option<(ScopeId, Known)> {
        let mut next = Some(scope);
        while let Some(scope) = next {
            if let Some(known) = self.state.known.get(&(scope, name)) {
                return Some((scope, *known));
            }
            next = self.b.facts().scopes[scope.0 as usize].parent;
        }
        None
    }

    /// The definition of this file that the plain name `node` means, as far as it is declared by now.
    pub(super) fn known_symbol(&mut self, node: Node<'_>) -> Option<SymbolId> {
        if Kind::of(node) != Kind::Identifier {
            return None;
        }
        let name = self.b.name(node);
        match self.lookup(self.b.scope(), name)?.1 {
            Known::Symbol(id) => Some(id),
            Known::Local { .. } | Known::Import => None,
        }
    }

    /// The scope that `var` declares in.
    pub(super) fn var_scope(&self) -> ScopeId {
        self.b.nearest_scope(|kind| matches!(kind, ScopeKind::Function | ScopeKind::Module | ScopeKind::File))
    }

    /// The name of a property as it is used: without quotes.
    pub(super) fn member_name(&mut self, node: Node<'_>) -> NameId {
        if Kind::of(node) == Kind::Str { self.string(node) } else { self.b.name(node) }
    }

    /// The text of a string literal.
    pub(super) fn string(&mut self, node: Node<'_>) -> NameId {
        let span = node.span();
        let inner = if span.end >= span.start + 2 { Span::new(span.start + 1, span.end - 1) } else { span };
        let text = self.b.text_of(inner);
        self.b.intern(&text)
    }

    /// The one expression about which nothing is known.
    pub(super) fn unknown(&mut self) -> ExprId {
        match self.state.unknown {
            Some(unknown) => unknown,
            None => *self.state.unknown.insert(self.b.unknown()),
        }
    }

    // At the end of the file

    /// Notes that a value is assigned to a plain name.
    pub(super) fn assigned(&mut self, name: NameId, value: ExprId) {
        let is_null = matches!(self.b.facts().expr(value), Expr::Literal(Literal::Null));
        if !is_null {
            self.state.assigned.push(Assigned { scope: self.b.scope(), name, value });
        }
    }

    /// Joins assignments to the variables and fields they change.
    fn settle_assignments(&mut self) {
        for (owner, name, value) in std::mem::take(&mut self.state.late_flows) {
            let field = self.state.members.get(&(owner, name)).copied();
            if let Some(field) = field.filter(|field| self.b.facts().symbol(*field).ty.is_none()) {
                self.b.flow(field, value);
            }
        }
        for Assigned { scope, name, value } in std::mem::take(&mut self.state.assigned) {
            let Some((scope, known)) = self.lookup(scope, name) else { continue };
            let target = BindingTarget::Local { ty: None, init: Some(value) };
            match known {
                Known::Local { typed: false } => self.b.declare(scope, name, 0, target),
                Known::Symbol(id) => {
                    let symbol = self.b.facts().symbol(id);
                    let is_variable = matches!(symbol.kind, SymbolKind::Variable | SymbolKind::Constant);
                    match (is_variable, symbol.ty) {
                        (true, None) => self.b.flow(id, value),
                        (true, Some(_)) => {}
                        (false, _) => self.b.declare(scope, name, 0, target),
                    }
                }
                Known::Local { typed: true } | Known::Import => {}
            }
        }
    }

    /// Makes uses of this module's own `exports.name` mean what was exported by that name.
    fn settle_export_uses(&mut self) {
        let uses = std::mem::take(&mut self.state.export_uses);
        if uses.is_empty() {
            return;
        }
        let exports = self.b.facts().exports.iter().rev().map(|export| (export.name, export.value));
        let first: FxHashMap<NameId, ExprId> = exports.collect();
        for (expr, name) in uses {
            match first.get(&name).map(|value| self.b.facts().expr(*value)) {
                Some(value @ (Expr::Symbol(_) | Expr::Name { .. } | Expr::Import(_))) => {
                    self.b.replace_expr(expr, value);
                }
                _ => self.b.replace_expr(expr, Expr::Unknown),
            }
        }
    }

    /// Marks what `export { name }`, `export default name` and `module.exports` name.
    fn mark_exports(&mut self) {
        let values: Vec<ExprId> = self.b.facts().exports.iter().map(|export| export.value).collect();
        for value in values {
            let known = match self.b.facts().expr(value) {
                Expr::Name { name, scope, .. } => self.lookup(scope, name).map(|(_, known)| known),
                _ => None,
            };
            if let Some(Known::Symbol(id)) = known {
                let symbol = self.b.symbol_mut(id);
                symbol.marks.add(Marks::EXPORTED);
                symbol.visibility = Visibility::Public;
            }
        }
    }
}

/// The keywords that stand before a name.
#[derive(Clone, Copy, Default)]
pub(super) struct Keywords(u16);

impl Keywords {
    pub(super) const ASYNC: Self = Self(1);
    pub(super) const STATIC: Self = Self(1 << 1);
    pub(super) const GENERATOR: Self = Self(1 << 2);
    pub(super) const GET: Self = Self(1 << 3);
    pub(super) const SET: Self = Self(1 << 4);
    pub(super) const CONST: Self = Self(1 << 5);
    pub(super) const LET: Self = Self(1 << 6);
    pub(super) const VAR: Self = Self(1 << 7);
    pub(super) const USING: Self = Self(1 << 8);
    pub(super) const ABSTRACT: Self = Self(1 << 9);
    pub(super) const READONLY: Self = Self(1 << 10);
    pub(super) const DEFAULT: Self = Self(1 << 11);
    pub(super) const EQUALS: Self = Self(1 << 12);

    const WORDS: [(&'static [u8], Self); 11] = [
        (b"async", Self::ASYNC),
        (b"static", Self::STATIC),
        (b"get", Self::GET),
        (b"set", Self::SET),
        (b"const", Self::CONST),
        (b"let", Self::LET),
        (b"var", Self::VAR),
        (b"using", Self::USING),
        (b"abstract", Self::ABSTRACT),
        (b"readonly", Self::READONLY),
        (b"default", Self::DEFAULT),
    ];

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The marks these keywords stand for.
    pub(super) fn marks(self) -> Marks {
        let mut marks = Marks::default();
        for (keyword, mark) in [
            (Self::ASYNC, Marks::ASYNC),
            (Self::STATIC, Marks::STATIC),
            (Self::GENERATOR, Marks::GENERATOR),
            (Self::ABSTRACT, Marks::ABSTRACT),
        ] {
            if self.has(keyword) {
                marks.add(mark);
            }
        }
        marks
    }

    fn add(&mut self, text: &[u8]) {
        for word in text.split(|byte| !byte.is_ascii_alphabetic()).filter(|word| !word.is_empty()) {
            if let Some((_, keyword)) = Self::WORDS.iter().find(|(known, _)| *known == word) {
                self.0 |= keyword.0;
            }
        }
        if text.contains(&b'*') {
            self.0 |= Self::GENERATOR.0;
        }
        if text.contains(&b'=') {
            self.0 |= Self::EQUALS.0;
        }
    }
}
