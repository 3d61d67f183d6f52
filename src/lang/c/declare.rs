//! Declarations of C and C++: variables, fields, constants, and what they are told apart from.

use crate::model::{
    BindingTarget, Expr, ExprId, Marks, Node, RelationKind, Role, ScopeKind, Space, Span, SymbolKind, Visibility,
};

use super::function::Callable;
use super::ty::{Declared, last_segment, outline};
use super::visit::{Before, Field, Kind, Level, Visitor, is_trivia};

/// The words before and after a declaration that say how it is meant.
#[derive(Clone, Copy, Default)]
pub(super) struct Modifiers {
    pub(super) is_static: bool,
    pub(super) is_extern: bool,
    pub(super) is_const: bool,
    pub(super) is_constexpr: bool,
    pub(super) is_inline: bool,
    pub(super) is_virtual: bool,
}

/// A declared variable, field or constant.
struct Variable<'n> {
    node: Node<'n>,
    declarator: Node<'n>,
    ty: Option<Node<'n>>,
    written: Option<ExprId>,
    /// The written type with its `const`.
    qualified: Option<ExprId>,
    value: Option<Node<'n>>,
    before: Before,
    modifiers: Modifiers,
}

impl<'s> Visitor<'_, 's> {
    pub(super) fn modifiers(&self, node: Node<'_>) -> Modifiers {
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
        let qualified = self.qualified(node, written);
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
            let declarator = *declarator;
            let variable = Variable { node, declarator, ty, written, qualified, value, before, modifiers };
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
        self.construct(variable, &arguments, Some(arguments.len() as u16));
        if let Some((name, _)) = outline(function) {
            let id = self.token_name(name);
            self.b.local(id, variable.declarator.end(), variable.qualified, None);
        }
    }

    fn prototype(&mut self, variable: &Variable<'_>, name: Node<'_>, function: Node<'_>) {
        let Variable { node, declarator, qualified, value, before, modifiers, .. } = *variable;
        let zero = value.is_some_and(|value| Kind::of(value) == Kind::NumberLiteral);
        let symbol = self.callable(&Callable { node, name, function, before, modifiers, pure: zero });
        let declared = self.within(symbol, |visitor| visitor.declared(declarator, qualified));
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
        let Some(declared) = self.declared(variable.declarator, variable.qualified) else { return };
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
        if variable.value.is_some_and(|value| self.identifies(value)) {
            definition.marks.add(Marks::FOREIGN);
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

    /// `"@(#)name 1.2"` and `"$Id: name 1.2 $"`: text that `what` and `ident` look for in the finished program.
    fn identifies(&self, value: Node<'_>) -> bool {
        let is_keyword = |text: &str| {
            let after = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            text.starts_with(|c: char| c.is_ascii_uppercase()) && after.starts_with([':', '$'])
        };
        let text = self.b.text(value);
        text.starts_with('"') && (text.contains("@(#)") || text.split('$').skip(1).any(is_keyword))
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
                    self.construct(variable, &[], count);
                }
                None
            }
            _ if Field::Value.is(value) && Kind::of(value) == Kind::ArgumentList => {
                let (items, count) = self.arguments(value);
                match declared.indirect {
                    false => self.construct(variable, &items, count),
                    true => items.first().copied(),
                }
            }
            _ => Some(self.expr(value)),
        }
    }

    /// The constructor call that a declaration with arguments is, at the written type.
    fn construct(&mut self, variable: &Variable<'_>, items: &[ExprId], count: Option<u16>) -> Option<ExprId> {
        let (Some(ty), Some(class)) = (variable.ty, variable.written) else { return items.first().copied() };
        // An expression of its own: of several variables of one type each is made of other arguments.
        let named = self.b.facts().expr(self.bare(class));
        let named = self.b.expr(named);
        self.constructor_call(ty, named, count);
        let args = self.b.list(items);
        Some(self.b.expr(Expr::New { class: named, args }))
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
        let body = Field::Body.of(lambda);
        definition.signature.end = body.map_or(lambda.end(), |body| body.start());
        definition.body = body.map(Node::index);
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
