//! Functions, variables and type names of C and C++.

use crate::model::{
    BindingTarget, Expr, ExprId, Marks, NameId, Node, RelationKind, Role, ScopeKind, Space, Span, SymbolId, SymbolKind,
    Visibility,
};

use super::ty::{Declared, last_segment, outline};
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

/// The words before and after a declaration that say how it is meant.
#[derive(Clone, Copy, Default)]
struct Modifiers {
    is_static: bool,
    is_extern: bool,
    is_const: bool,
    is_constexpr: bool,
    is_inline: bool,
    is_virtual: bool,
}

/// A function to be recorded.
struct Callable<'n> {
    /// The declaration or definition as a whole.
    node: Node<'n>,
    /// The declared name, path included.
    name: Node<'n>,
    /// The part with the parameters.
    function: Node<'n>,
    before: Before,
    modifiers: Modifiers,
    /// `= 0`.
    pure: bool,
}

/// A declared variable, field or constant.
struct Variable<'n> {
    node: Node<'n>,
    declarator: Node<'n>,
    ty: Option<Node<'n>>,
    written: Option<ExprId>,
    value: Option<Node<'n>>,
    before: Before,
    modifiers: Modifiers,
}

impl<'s> Visitor<'_, 's> {
    fn modifiers(&self, node: Node<'_>) -> Modifiers {
        let mut found = Modifiers::default();
        for child in node.children() {
            match Kind::of(child) {
                Kind::StorageClass if self.b.is(child, "static") => found.is_static = true,
                Kind::StorageClass if self.b.is(child, "extern") => found.is_extern = true,
                Kind::StorageClass if self.b.is(child, "inline") => found.is_inline = true,
                Kind::TypeQualifier if self.b.is(child, "const") => found.is_const = true,
                Kind::TypeQualifier if self.b.text(child).starts_with("const") => found.is_constexpr = true,
                Kind::Virtual => found.is_virtual = true,
                _ => {}
            }
        }
        found
    }

    // Functions

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
            let written = Field::Type.of(node).and_then(|ty| visitor.written_type(ty));
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
        ["if", "for", "while", "switch"].iter().any(|word| self.b.is(name, word))
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
    fn callable(&mut self, callable: &Callable<'_>) -> SymbolId {
        let Callable { node, name, before, modifiers, .. } = *callable;
        let token = last_segment(name);
        let owner = self.owner(name);
        let level = self.level();
        let kind = self.callable_kind(node, token, owner.is_some(), owner.map(|(_, last)| last));
        let id = self.token_name(token);
        let span = self.token_span(token);
        let mut definition = self.definition(kind, id, span, node, before);
        definition = definition.body(Field::Body.of(node));
        if let Some(list) = node.children().find(|child| Kind::of(*child) == Kind::FieldInitializerList) {
            definition.signature.end = definition.signature.end.min(list.start());
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
    fn owner(&mut self, name: Node<'_>) -> Option<(ExprId, NameId)> {
        if Kind::of(name) != Kind::QualifiedIdentifier {
            return None;
        }
        let (path, _) = self.path_silent(name, Space::Any);
        let path = self.bare(path);
        let Expr::Member { base, .. } = self.b.facts().expr(path) else { return None };
        Some((base, self.last_name(base)?))
    }

    /// `A::B` for `A::B<T>::f`.
    fn qualifier(&mut self, name: Node<'_>, token: Node<'_>) -> NameId {
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
                let count = self.arguments(arguments).1;
                if let Some(token) = token {
                    let (id, bare) = (self.token_name(token), self.bare(class));
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

    // Declarations

    /// Variables, fields, prototypes, and types that are declared alone.
    pub(super) fn declaration(&mut self, node: Node<'_>, before: Before) {
        let ty = Field::Type.of(node);
        let parts: Vec<Node<'_>> = node.children().collect();
        if !parts.iter().any(|part| Field::Declarator.is(*part)) {
            return self.type_alone(node, ty, before);
        }
        if ty.is_none() && self.macro_call(node) {
            return;
        }
        let modifiers = self.modifiers(node);
        let written = ty.and_then(|ty| self.written_type(ty));
        for (index, declarator) in parts.iter().enumerate().filter(|(_, part)| Field::Declarator.is(**part)) {
            let after = parts[index + 1..].iter().take_while(|part| !Field::Declarator.is(**part));
            let mut value = after.copied().find(|part| Field::DefaultValue.is(*part) || Field::Value.is(*part));
            if Kind::of(*declarator) == Kind::InitDeclarator {
                value = Field::Value.of(*declarator);
            }
            let Some((name, function)) = outline(*declarator) else {
                self.expr(*declarator);
                continue;
            };
            let variable = Variable { node, declarator: *declarator, ty, written, value, before, modifiers };
            match function {
                Some(function) if !self.is_construction(function) => self.prototype(&variable, name, function),
                Some(function) => self.constructed(&variable, function),
                None => self.variable(&variable),
            }
        }
        for part in parts.iter().filter(|part| Kind::of(**part) == Kind::BitfieldClause) {
            self.each(*part);
        }
    }

    /// `struct x { ... };`, `struct x;`, an unnamed union among the fields.
    fn type_alone(&mut self, node: Node<'_>, ty: Option<Node<'_>>, before: Before) {
        let Some(ty) = ty else {
            self.each(node);
            return;
        };
        match Kind::of(ty) {
            Kind::ClassSpecifier | Kind::StructSpecifier | Kind::UnionSpecifier => {
                self.class(ty, before, None, true);
            }
            Kind::EnumSpecifier => {
                self.enumeration(ty, before, None, true);
            }
            _ => {
                self.ty(ty);
            }
        }
    }

    /// `DISALLOW_COPY(Foo);` among declarations: a macro, although it reads like a constructor.
    fn macro_call(&mut self, node: Node<'_>) -> bool {
        let outlined = Field::Declarator.of(node).and_then(outline);
        let Some((name, Some(function))) = outlined else { return false };
        if Kind::of(name) != Kind::Identifier {
            return false;
        }
        let id = self.b.name(name);
        let class = self.b.symbol().map(|class| self.b.facts().symbol(class).name);
        if self.level() == Level::Class && class == Some(id) {
            return false;
        }
        let parameters = Field::Parameters.of(function);
        let list = || parameters.iter().flat_map(|list| list.children()).filter(|child| !is_trivia(*child));
        let callee = self.b.name_expr(name, Space::Any);
        self.b.call(callee, name, Some(list().count() as u16));
        for parameter in list() {
            self.each(parameter);
        }
        true
    }

    /// `Foo x(y);` in a body, which the grammar reads as a function declaration: arguments that are mere names.
    fn is_construction(&self, function: Node<'_>) -> bool {
        if !self.place.cpp || self.level() != Level::Local {
            return false;
        }
        let Some(list) = Field::Parameters.of(function) else { return false };
        let mut parameters = list.children().filter(|child| !is_trivia(*child)).peekable();
        let plain = |parameter: Node<'_>| {
            let ty = Field::Type.of(parameter).map(Kind::of);
            Field::Declarator.of(parameter).is_none()
                && matches!(ty, Some(Kind::TypeIdentifier | Kind::QualifiedIdentifier))
                && parameter.children().count() == 1
        };
        parameters.peek().is_some() && parameters.all(plain)
    }

    /// Such a declaration read as what it is.
    fn constructed(&mut self, variable: &Variable<'_>, function: Node<'_>) {
        let mut arguments = Vec::new();
        for parameter in Field::Parameters.of(function).iter().flat_map(|list| list.children()) {
            if let Some(name) = Field::Type.of(parameter) {
                arguments.push(self.path(name, Role::Read, Space::Any));
            }
        }
        self.construct(variable, Some(arguments.len() as u16));
        if let Some((name, _)) = outline(function) {
            let id = self.token_name(name);
            self.b.local(id, variable.declarator.end(), variable.written, None);
        }
    }

    fn prototype(&mut self, variable: &Variable<'_>, name: Node<'_>, function: Node<'_>) {
        let Variable { node, declarator, written, value, before, modifiers, .. } = *variable;
        let zero = value.is_some_and(|value| Kind::of(value) == Kind::NumberLiteral);
        let symbol = self.callable(&Callable { node, name, function, before, modifiers, pure: zero });
        let declared = self.within(symbol, |visitor| visitor.declared(declarator, written));
        self.b.symbol_mut(symbol).ty = declared.and_then(|declared| declared.ty);
        let scope = self.b.push_scope(ScopeKind::Function, Some(symbol));
        let place = self.place;
        self.b.resume(symbol, scope, |b| {
            let mut visitor = Visitor { b, place };
            if let Some(list) = Field::Parameters.of(function) {
                let arity = visitor.parameters(list, Some(symbol));
                visitor.b.symbol_mut(symbol).arity = Some(arity);
            }
        });
    }

    // Variables

    fn variable(&mut self, variable: &Variable<'_>) {
        let Some(declared) = self.declared(variable.declarator, variable.written) else { return };
        if Kind::of(declared.name) == Kind::StructuredBinding {
            return self.structured_binding(variable, &declared);
        }
        match self.level() {
            _ if variable.value.is_some_and(|value| Kind::of(value) == Kind::LambdaExpression) => {
                self.named_lambda(variable, &declared);
            }
            Level::Local if Kind::of(declared.name) != Kind::QualifiedIdentifier => {
                let init = self.initial_value(variable, &declared);
                // `extern int x;` in a body means the global.
                if !variable.modifiers.is_extern {
                    let name = self.b.name(declared.name);
                    self.b.local(name, declared.name.end(), declared.ty, init);
                }
            }
            _ => self.global(variable, &declared),
        }
    }

    fn structured_binding(&mut self, variable: &Variable<'_>, declared: &Declared<'_>) {
        let init = self.initial_value(variable, declared);
        self.bind_parts(declared.name, init, variable.declarator.end());
    }

    /// Binds the names of `[a, b]` to the parts of `whole`.
    pub(super) fn bind_parts(&mut self, binding: Node<'_>, whole: Option<ExprId>, from: u32) {
        let names = binding.children().filter(|child| Kind::of(*child) == Kind::Identifier);
        for (index, name) in names.enumerate() {
            let part = whole.map(|base| self.b.expr(Expr::Part { base, index: index as u16 }));
            let id = self.b.name(name);
            self.b.local(id, from, None, part);
        }
    }

    /// A variable of a namespace, a field, or a static member defined outside its class.
    fn global(&mut self, variable: &Variable<'_>, declared: &Declared<'_>) {
        let token = last_segment(declared.name);
        let owner = self.owner(declared.name);
        let id = self.token_name(token);
        let level = self.level();
        let kind = self.variable_kind(variable, declared, owner.is_some());
        let mut definition = self.definition(kind, id, token.span(), variable.node, variable.before);
        if let Some(value) = variable.value {
            definition.signature.end = definition.signature.end.min(value.start());
        }
        definition.ty = declared.ty;
        definition.marks.add(variable_marks(variable, level, owner.is_some()));
        if level == Level::Namespace && variable.modifiers.is_static {
            definition.visibility = Visibility::Private;
        }
        if owner.is_some() {
            definition = definition.member();
            definition.qualifier = Some(self.qualifier(declared.name, token));
        }
        let symbol = self.define(definition);
        if let Some((target, _)) = owner {
            self.b.relation(symbol, RelationKind::MemberOf, target);
        }
        let init = self.within(symbol, |visitor| visitor.initial_value(variable, declared));
        if let (None, Some(init)) = (declared.ty, init) {
            self.b.flow(symbol, init);
        }
    }

    fn variable_kind(&self, variable: &Variable<'_>, declared: &Declared<'_>, owned: bool) -> SymbolKind {
        let Modifiers { is_const, is_constexpr, .. } = variable.modifiers;
        match self.level() {
            Level::Class => SymbolKind::Field,
            _ if owned => SymbolKind::Field,
            _ if is_constexpr || is_const && !declared.indirect => SymbolKind::Constant,
            _ => SymbolKind::Variable,
        }
    }

    /// Visits the value a variable starts with: `= x`, `{x}`, `(x)`.
    fn initial_value(&mut self, variable: &Variable<'_>, declared: &Declared<'_>) -> Option<ExprId> {
        let value = variable.value?;
        let direct = !self.b.text_of(Span::new(variable.declarator.start(), value.start())).trim_end().ends_with('=');
        match Kind::of(value) {
            Kind::InitializerList => {
                let whole = declared.ty.map(|ty| self.b.expr(Expr::Typed { ty }));
                let count = self.initializer_list(value, whole);
                if direct && self.place.cpp && !declared.indirect {
                    self.construct(variable, count);
                }
                None
            }
            _ if Field::Value.is(value) && Kind::of(value) == Kind::ArgumentList => {
                let (items, count) = self.arguments(value);
                match variable.written {
                    Some(class) if !declared.indirect => {
                        self.construct(variable, count);
                        let args = self.b.list(&items);
                        Some(self.b.expr(Expr::New { class, args }))
                    }
                    _ => items.first().copied(),
                }
            }
            _ => Some(self.expr(value)),
        }
    }

    /// The constructor call that a declaration with arguments is, at the written type.
    fn construct(&mut self, variable: &Variable<'_>, count: Option<u16>) {
        let (Some(ty), Some(class)) = (variable.ty, variable.written) else { return };
        self.constructor_call(ty, class, count);
    }

    /// A constructor call at the name in the type `ty`; none if that is no class.
    pub(super) fn constructor_call(&mut self, ty: Node<'_>, class: ExprId, count: Option<u16>) {
        if let Some(token) = type_token(ty) {
            let (id, bare) = (self.b.name(token), self.bare(class));
            self.b.occurrence_at(Role::Call, bare, id, token.span(), count);
        }
    }

    /// `auto f = [](int x) { ... };`: can be called by its name. In a body, what stands in the lambda belongs to
    /// the function around it.
    fn named_lambda(&mut self, variable: &Variable<'_>, declared: &Declared<'_>) {
        let Some(lambda) = variable.value else { return };
        let token = last_segment(declared.name);
        let id = self.token_name(token);
        let mut definition =
            self.definition(SymbolKind::Closure, id, token.span(), variable.node, variable.before).member();
        definition.signature.end = Field::Body.of(lambda).map_or(lambda.end(), |body| body.start());
        if variable.modifiers.is_static && self.level() != Level::Local {
            definition.marks.add(Marks::STATIC);
        }
        let (home, level) = (self.home(), self.level());
        let symbol = self.define(definition);
        let from = if level == Level::Local { token.end() } else { 0 };
        self.b.declare(home, id, from, BindingTarget::Symbol(symbol));
        match level {
            Level::Local => self.lambda(lambda, Some(symbol)),
            _ => self.within(symbol, |visitor| visitor.lambda(lambda, Some(symbol))),
        };
    }

    // Names of types

    /// `typedef T a, *b;`; a type without name gets the first of these.
    pub(super) fn typedef(&mut self, node: Node<'_>, before: Before) {
        let Some(ty) = Field::Type.of(node) else {
            self.each(node);
            return;
        };
        let declarators = || node.children().filter(|child| Field::Declarator.is(*child));
        let nameless = Field::Body.of(ty).is_some() && Field::Name.of(ty).is_none();
        let given = declarators().next().filter(|first| nameless && Kind::of(*first) == Kind::TypeIdentifier);
        let whole = given.map(|name| (node, name));
        let written = match Kind::of(ty) {
            // `typedef struct x x;` declares the tag as well.
            Kind::ClassSpecifier | Kind::StructSpecifier | Kind::UnionSpecifier => {
                Some(self.class(ty, before, whole, !nameless))
            }
            Kind::EnumSpecifier => Some(self.enumeration(ty, before, whole, !nameless)),
            _ => self.written_type(ty),
        };
        for declarator in declarators().skip(usize::from(given.is_some())) {
            let Some(declared) = self.declared(declarator, written) else { continue };
            let mut aliased = declared.ty;
            if let Some(function) = declared.function {
                let result = aliased.unwrap_or_else(|| self.b.unknown());
                aliased = Some(self.wrapped(function, result));
            }
            let name = self.b.name(declared.name);
            let mut definition = self.definition(SymbolKind::TypeAlias, name, declared.name.span(), node, before);
            definition.ty = aliased;
            self.define(definition);
        }
    }

    /// `using A = T;`
    pub(super) fn alias(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let id = self.b.name(name);
        let definition = self.definition(SymbolKind::TypeAlias, id, name.span(), node, before);
        let symbol = self.define(definition);
        let ty = self.within(symbol, |visitor| Field::Type.of(node).map(|ty| visitor.ty(ty)));
        self.b.symbol_mut(symbol).ty = ty;
    }
}

fn variable_marks(variable: &Variable<'_>, level: Level, owned: bool) -> Marks {
    let Modifiers { is_static, is_extern, is_constexpr, is_inline, .. } = variable.modifiers;
    let mut marks = Marks::default();
    if is_static || owned {
        marks.add(Marks::STATIC);
    }
    let in_class = level == Level::Class && is_static && !is_constexpr && !is_inline;
    if variable.value.is_none() && (is_extern || in_class) {
        marks.add(Marks::DECLARATION);
    }
    marks
}

/// The name in a written type: `Foo` of `a::Foo<int>`; none for types of the language itself.
fn type_token(ty: Node<'_>) -> Option<Node<'_>> {
    let mut node = ty;
    loop {
        match Kind::of(node) {
            Kind::TypeIdentifier | Kind::Identifier => return Some(node),
            Kind::QualifiedIdentifier | Kind::TemplateType | Kind::TemplateFunction => node = Field::Name.of(node)?,
            Kind::DependentType | Kind::DependentName | Kind::TypeDescriptor => {
                node = node.children().find(|child| !is_trivia(*child))?;
            }
            _ => return None,
        }
    }
}
