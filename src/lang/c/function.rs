//! Functions, methods, constructors and operators of C and C++, with their bodies.

use crate::model::{
    Expr, ExprId, Marks, NameId, Node, RelationKind, Role, ScopeKind, Space, Span, SymbolId, SymbolKind, Visibility,
};

use super::declare::Modifiers;
use super::ty::{last_segment, outline};
use super::visit::{Before, Field, Kind, Level, Visitor, is_trivia};

/// Macros that open a test, as the common frameworks spell them.
const TEST_MACROS: &[&str] = &[
    "BENCHMARK",
    "BENCHMARK_DEFINE_F",
    "BENCHMARK_F",
    "BOOST_AUTO_TEST_CASE",
    "BOOST_FIXTURE_TEST_CASE",
    "DOCTEST_TEST_CASE",
    "SCENARIO",
    "START_TEST",
    "TEST",
    "TEST_CASE",
    "TEST_CASE_METHOD",
    "TEST_F",
    "TEST_GROUP",
    "TEST_METHOD",
    "TEST_P",
    "TYPED_TEST",
    "TYPED_TEST_P",
];

/// What the grammar may take for the name of a function although it starts a statement.
pub(super) const STATEMENT_WORDS: &[&[u8]] = &[b"if", b"for", b"while", b"switch"];

/// A function to be recorded.
pub(super) struct Callable<'n> {
    /// The declaration or definition as a whole.
    pub(super) node: Node<'n>,
    /// The declared name, path included.
    pub(super) name: Node<'n>,
    /// The part with the parameters.
    pub(super) function: Node<'n>,
    pub(super) before: Before,
    pub(super) modifiers: Modifiers,
    /// `= 0`.
    pub(super) pure: bool,
}

impl Visitor<'_, '_> {
    /// A function with a body, or defaulted or deleted.
    pub(super) fn function_definition(&mut self, node: Node<'_>, before: Before) {
        let outlined = Field::Declarator.of(node).and_then(|declarator| Some((declarator, outline(declarator)?)));
        let Some((declarator, (name, Some(function)))) = outlined else {
            // What the grammar took for a function after a macro it cannot know.
            return self.in_scope(ScopeKind::Block, |visitor| visitor.items(node));
        };
        if self.level() == Level::Local && self.is_statement(declarator, name) {
            return self.macro_statement(node, name, function);
        }
        let modifiers = self.modifiers(node);
        let pure = node.children().any(|child| Kind::of(child) == Kind::PureVirtualClause);
        let symbol = self.callable(&Callable { node, name, function, before, modifiers, pure });
        let ty = self.within(symbol, |visitor| {
            let written = visitor.qualified_type(node);
            visitor.declared(declarator, written).and_then(|declared| declared.ty)
        });
        self.b.symbol_mut(symbol).ty = ty;
        self.body(node, function, symbol);
    }

    /// `MACRO (f(x)) { ... }` and `else if (x) { ... }` after a branch of `#if`: statements that the grammar takes
    /// for functions.
    fn is_statement(&self, declarator: Node<'_>, name: Node<'_>) -> bool {
        self.is_keyword(name) || Kind::of(declarator) == Kind::ParenthesizedDeclarator
    }

    fn is_keyword(&self, name: Node<'_>) -> bool {
        STATEMENT_WORDS.contains(&name.span().slice(self.b.source()))
    }

    fn macro_statement(&mut self, node: Node<'_>, name: Node<'_>, function: Node<'_>) {
        let parameters = Field::Parameters.of(function);
        let arguments = || parameters.iter().flat_map(|list| list.children()).filter(|child| !is_trivia(*child));
        let is_keyword = self.is_keyword(name);
        if let Some(ty) = Field::Type.of(node).filter(|ty| !is_keyword && Kind::of(*ty) == Kind::TypeIdentifier) {
            let callee = self.b.name_expr(ty, Space::Any);
            self.b.call(callee, ty, Some(1));
            let callee = self.b.name_expr(name, Space::Any);
            self.b.call(callee, name, Some(arguments().count() as u16));
        }
        for argument in arguments() {
            match Field::Type.of(argument) {
                Some(ty) if Kind::of(ty) == Kind::TypeIdentifier => {
                    self.path(ty, Role::Read, Space::Any);
                }
                _ => {
                    self.each(argument);
                }
            }
        }
        if let Some(body) = Field::Body.of(node) {
            self.expr(body);
        }
    }

    /// Records a function; its parameters and body are left to [`Self::body`].
    pub(super) fn callable(&mut self, callable: &Callable<'_>) -> SymbolId {
        let Callable { node, name, before, modifiers, .. } = *callable;
        let token = last_segment(name);
        let owner = self.owner(name);
        let level = self.level();
        let kind = self.callable_kind(node, token, owner.is_some(), owner.map(|(_, last)| last));
        let id = self.token_name(token);
        let span = self.token_span(token);
        let mut definition = self.definition(kind, id, span, node, before);
        let part = |wanted: Kind| node.children().find(|child| Kind::of(*child) == wanted);
        definition = definition.body(Field::Body.of(node).or(part(Kind::TryStatement)));
        if let Some(list) = part(Kind::FieldInitializerList) {
            definition.signature.end = definition.signature.end.min(list.start());
            // The initialisers run before the body; only the whole holds both.
            definition.body = definition.body.map(|_| node.index());
        }
        definition.marks.add(self.callable_marks(callable, kind, level));
        if modifiers.is_static && level == Level::Namespace {
            definition.visibility = Visibility::Private;
        }
        if owner.is_some() || matches!(kind, SymbolKind::Constructor | SymbolKind::Destructor) {
            definition = definition.member();
        }
        definition.qualifier = owner.map(|_| self.qualifier(name, token));
        let untyped = Field::Type.of(node).is_none() && kind == SymbolKind::Function;
        if untyped && TEST_MACROS.contains(&self.b.name_text(id)) {
            definition = definition.member();
            definition.marks.add(Marks::TEST);
        }
        let symbol = self.define(definition);
        if let Some((target, _)) = owner {
            self.b.relation(symbol, RelationKind::MemberOf, target);
        }
        symbol
    }

    /// The class or namespace that an out-of-line definition names, and its last segment.
    pub(super) fn owner(&mut self, name: Node<'_>) -> Option<(ExprId, NameId)> {
        if Kind::of(name) != Kind::QualifiedIdentifier {
            return None;
        }
        let (path, _) = self.path_silent(name, Space::Any);
        let path = self.bare(path);
        let Expr::Member { base, .. } = self.b.facts().expr(path) else { return None };
        Some((base, self.last_name(base)?))
    }

    /// `A::B` for `A::B<T>::f`.
    pub(super) fn qualifier(&mut self, name: Node<'_>, token: Node<'_>) -> NameId {
        let text = self.b.text_of(Span::new(name.start(), token.start()));
        let mut depth = 0usize;
        let mut plain = String::new();
        for c in text.chars().filter(|c| !c.is_whitespace()) {
            match c {
                '<' => depth += 1,
                '>' => depth = depth.saturating_sub(1),
                _ if depth == 0 => plain.push(c),
                _ => {}
            }
        }
        self.b.intern(plain.trim_matches(':'))
    }

    fn callable_kind(&mut self, node: Node<'_>, token: Node<'_>, owned: bool, owner: Option<NameId>) -> SymbolKind {
        if Kind::of(token) == Kind::DestructorName {
            return SymbolKind::Destructor;
        }
        let untyped = Field::Type.of(node).is_none();
        match self.level() {
            _ if owned => {
                let name = self.token_name(token);
                let constructs = untyped && owner == Some(name);
                if constructs { SymbolKind::Constructor } else { SymbolKind::Method }
            }
            Level::Class if untyped && Kind::of(token) == Kind::Identifier => SymbolKind::Constructor,
            Level::Class => SymbolKind::Method,
            _ => SymbolKind::Function,
        }
    }

    fn callable_marks(&mut self, callable: &Callable<'_>, kind: SymbolKind, level: Level) -> Marks {
        let Callable { node, name, function, modifiers, pure, .. } = *callable;
        let mut marks = Marks::default();
        let has = |wanted: Kind| node.children().any(|child| Kind::of(child) == wanted);
        if modifiers.is_static && level != Level::Local {
            marks.add(Marks::STATIC);
        } else if matches!(kind, SymbolKind::Method | SymbolKind::Destructor) {
            marks.add(Marks::RECEIVER);
        }
        if modifiers.is_virtual {
            marks.add(Marks::VIRTUAL);
        }
        for word in function.children().filter(|child| Kind::of(*child) == Kind::VirtualSpecifier) {
            marks.add(if self.b.is(word, "final") { Marks::VIRTUAL.with(Marks::FINAL) } else { Marks::VIRTUAL });
        }
        let is_const = |child: Node<'_>| Kind::of(child) == Kind::TypeQualifier && self.b.is(child, "const");
        if marks.has(Marks::RECEIVER) && function.children().any(is_const) {
            marks.add(Marks::CONST);
        }
        if pure {
            marks.add(Marks::ABSTRACT.with(Marks::VIRTUAL));
        } else if Field::Body.of(node).is_none() && !has(Kind::DefaultMethodClause) && !has(Kind::TryStatement) {
            marks.add(Marks::DECLARATION);
        }
        if level == Level::Namespace && self.b.is(name, "main") && self.b.symbol().is_none() {
            marks.add(Marks::ENTRY_POINT);
        }
        marks
    }

    /// The parameters, initialisers and body of a function. The body of an out-of-line member stands in a class
    /// scope of its own, through which it sees the members of its class.
    fn body(&mut self, node: Node<'_>, function: Node<'_>, symbol: SymbolId) {
        let facts = self.b.facts();
        let data = facts.symbol(symbol);
        let (owned, auto) = (data.qualifier.is_some(), data.ty.is_none() && Field::Type.of(node).is_some());
        let returns = auto.then_some(symbol);
        if owned {
            self.in_symbol(symbol, ScopeKind::Class, |visitor| {
                visitor.in_scope(ScopeKind::Function, |visitor| {
                    visitor.place.returns = returns;
                    visitor.function_parts(node, function, symbol);
                });
            });
        } else {
            self.in_symbol(symbol, ScopeKind::Function, |visitor| {
                visitor.place.returns = returns;
                visitor.function_parts(node, function, symbol);
            });
        }
    }

    fn function_parts(&mut self, node: Node<'_>, function: Node<'_>, symbol: SymbolId) {
        let test = self.b.facts().symbol(symbol).marks.has(Marks::TEST);
        if let Some(list) = Field::Parameters.of(function).filter(|_| !test) {
            let arity = self.parameters(list, Some(symbol));
            self.b.symbol_mut(symbol).arity = Some(arity);
        }
        for part in node.children() {
            match Kind::of(part) {
                // The parameter types of an old-style definition.
                Kind::Declaration => self.item(part, Before::default()),
                Kind::FieldInitializerList => self.member_initializers(part, symbol),
                _ if Field::Body.is(part) => self.items(part),
                Kind::TryStatement => {
                    self.expr(part);
                }
                _ => {}
            }
        }
    }

    /// `: base(1), member(2)` of a constructor.
    pub(super) fn member_initializers(&mut self, list: Node<'_>, symbol: SymbolId) {
        for initializer in list.children().filter(|child| Kind::of(*child) == Kind::FieldInitializer) {
            let mut parts = initializer.children().filter(|child| !is_trivia(*child));
            let Some(name) = parts.next() else { continue };
            if Kind::of(name) == Kind::FieldIdentifier && !self.constructs(name, symbol) {
                let id = self.b.name(name);
                if let Some(this) = self.this_symbol() {
                    let base = self.b.expr(Expr::Instance(this));
                    let expr = self.b.expr(Expr::Member { base, name: id });
                    self.b.occurrence(Role::Write, expr, name);
                }
                for arguments in parts {
                    self.each(arguments);
                }
                continue;
            }
            let (class, token) = self.path_silent(name, Space::Type);
            for arguments in parts {
                let (items, count) = self.arguments(arguments);
                if let Some(token) = token {
                    let (id, bare) = (self.token_name(token), self.bare(class));
                    let args = self.b.list(&items);
                    self.b.expr(Expr::New { class: bare, args });
                    self.b.occurrence_at(Role::Call, bare, id, token.span(), count);
                }
            }
        }
    }

    /// Whether an initialiser's name is a class: this one, a base class in sight, or, where the class is defined
    /// in another file, a name written like a type.
    fn constructs(&mut self, name: Node<'_>, symbol: SymbolId) -> bool {
        let id = self.b.name(name);
        let facts = self.b.facts();
        let constructor = facts.symbol(symbol);
        if constructor.name == id {
            return true;
        }
        if constructor.qualifier.is_some() {
            return self.b.text(name).starts_with(|c: char| c.is_uppercase());
        }
        let class = constructor.parent;
        let mut bases = facts.relations.iter().rev().filter(|relation| Some(relation.symbol) == class);
        bases.any(|relation| self.last_name(relation.target) == Some(id))
    }
}
