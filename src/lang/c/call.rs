//! Calls, members, and what makes objects: `new`, literals of a type, values in braces.

use crate::model::{Expr, ExprId, Node, Role, Space};

use super::visit::{Field, Kind, Visitor, is_trivia};

impl<'s> Visitor<'_, 's> {
    pub(super) fn call(&mut self, node: Node<'_>) -> ExprId {
        let Some(function) = Field::Function.of(node) else { return self.last_of(node) };
        let arguments = Field::Arguments.of(node);
        if let Some(cast) = self.named_cast(function, arguments) {
            return cast;
        }
        let (callee, name) = match self.spelled_operator(node, function) {
            Some((callee, name)) => (callee, Some(name)),
            None => self.callee(function),
        };
        let (items, arity) = arguments.map(|list| self.arguments(list)).unwrap_or_default();
        let bare = self.bare(callee);
        match name {
            Some(name) => {
                let id = self.token_name(name);
                self.b.occurrence_at(Role::Call, bare, id, self.token_span(name), arity);
            }
            None => {
                let name = self.b.intern("<computed>");
                self.b.occurrence_at(Role::Call, bare, name, function.span(), arity);
            }
        }
        let args = self.b.list(&items);
        self.b.expr(Expr::Call { callee, args })
    }

    /// `static_cast<T>(x)`, `int(x)`, `typeid(x)`: no calls, although they are written like some.
    fn named_cast(&mut self, function: Node<'_>, arguments: Option<Node<'_>>) -> Option<ExprId> {
        let ty = match Kind::of(function) {
            Kind::PrimitiveType | Kind::SizedType => Some(self.ty(function)),
            Kind::TemplateFunction => {
                let name = Field::Name.of(function)?;
                if !self.b.text(name).ends_with("_cast") || !is_cast(&self.b.text(name)) {
                    return None;
                }
                let list = Field::Arguments.of(function)?;
                self.template_arguments(list).first().copied()
            }
            Kind::Identifier if self.b.is(function, "typeid") => None,
            // `unsigned(x)`, which the grammar takes for a call.
            Kind::Identifier if SIZE_WORDS.iter().any(|word| self.b.is(function, word)) => {
                Some(self.b.name_expr(function, Space::Type))
            }
            _ => return None,
        };
        if let Some(arguments) = arguments {
            self.arguments(arguments);
        }
        match ty {
            Some(ty) => Some(self.b.expr(Expr::Typed { ty })),
            None => Some(self.b.unknown()),
        }
    }

    /// `a.operator+(b)`: the grammar takes the operator for an error between callee and arguments.
    fn spelled_operator<'n>(&mut self, call: Node<'n>, function: Node<'n>) -> Option<(ExprId, Node<'n>)> {
        let error = call.children().find(|child| Kind::of(*child) == Kind::Other)?;
        let operator = error.children().find(|child| Kind::of(*child) == Kind::OperatorName)?;
        let base = self.expr(function);
        let name = self.token_name(operator);
        Some((self.b.expr(Expr::Member { base, name }), operator))
    }

    /// Visits the arguments of a call; gives them and their number, none where a pack is expanded.
    pub(super) fn arguments(&mut self, list: Node<'_>) -> (Vec<ExprId>, Option<u16>) {
        let expands = list.children().any(|child| Kind::of(child) == Kind::PackExpansion);
        let items = self.each(list);
        let count = items.len().min(usize::from(u16::MAX)) as u16;
        (items, (!expands).then_some(count))
    }

    /// The callee of a call and the token that names it, recorded as nothing yet.
    fn callee<'n>(&mut self, node: Node<'n>) -> (ExprId, Option<Node<'n>>) {
        match Kind::of(node) {
            Kind::Identifier | Kind::QualifiedIdentifier | Kind::TemplateFunction => self.path_silent(node, Space::Any),
            Kind::FieldExpression => self.member(node),
            // `(f)(x)` and `(*f)(x)` call what `f` names.
            Kind::ParenthesizedExpression | Kind::PointerExpression => {
                let mut inner = node.children().filter(|child| !is_trivia(*child));
                match (inner.next(), inner.next()) {
                    (Some(only), None) if !self.takes_address(node) => self.deeper(|visitor| {
                        let (callee, name) = visitor.callee(only);
                        match Kind::of(node) {
                            Kind::PointerExpression => (visitor.b.expr(Expr::Deref { base: callee }), name),
                            _ => (callee, name),
                        }
                    }),
                    _ => (self.expr(node), None),
                }
            }
            _ => (self.expr(node), None),
        }
    }

    pub(super) fn takes_address(&self, node: Node<'_>) -> bool {
        Kind::of(node) == Kind::PointerExpression && self.b.source().get(node.start() as usize) == Some(&b'&')
    }

    /// `a.b`, `a->b`, `a.b<T>`, `a.Base::b`, `a.~A`: the member and the token that names it.
    fn member<'n>(&mut self, node: Node<'n>) -> (ExprId, Option<Node<'n>>) {
        let (Some(argument), Some(field)) = (Field::Argument.of(node), Field::Selected.of(node)) else {
            return (self.last_of(node), None);
        };
        let base = self.expr(argument);
        match Kind::of(field) {
            // The written class, not that of the object, decides.
            Kind::QualifiedIdentifier => self.path_silent(field, Space::Any),
            Kind::TemplateMethod | Kind::DependentName => {
                let method = match Kind::of(field) {
                    Kind::DependentName => field.children().find(|child| !is_trivia(*child)).unwrap_or(field),
                    _ => field,
                };
                if let Some(list) = Field::Arguments.of(method) {
                    self.template_arguments(list);
                }
                let token = Field::Name.of(method).unwrap_or(method);
                (self.member_of(base, token), Some(token))
            }
            _ => (self.member_of(base, field), Some(field)),
        }
    }

    pub(super) fn member_of(&mut self, base: ExprId, token: Node<'_>) -> ExprId {
        let name = self.token_name(token);
        self.b.expr(Expr::Member { base, name })
    }

    pub(super) fn field_access(&mut self, node: Node<'_>, role: Role) -> ExprId {
        let (expr, name) = self.member(node);
        if let Some(name) = name {
            let (id, bare) = (self.token_name(name), self.bare(expr));
            self.b.occurrence_at(role, bare, id, self.token_span(name), None);
        }
        expr
    }

    pub(super) fn new_expression(&mut self, node: Node<'_>) -> ExprId {
        for part in [Field::Placement, Field::Declarator] {
            if let Some(part) = part.of(node) {
                self.each(part);
            }
        }
        let Some(ty) = Field::Type.of(node) else { return self.b.unknown() };
        let Some(class) = self.written_type(ty) else { return self.b.unknown() };
        let arguments = Field::Arguments.of(node);
        // `new T*[n]` makes pointers.
        let rest = self.b.source().get(ty.end() as usize..).unwrap_or_default();
        let makes_pointers = rest.trim_ascii_start().starts_with(b"*");
        let (items, count) = match arguments {
            Some(list) if Kind::of(list) == Kind::InitializerList => (Vec::new(), self.initializer_list(list, None)),
            Some(list) => self.arguments(list),
            None => (Vec::new(), Some(0)),
        };
        if makes_pointers {
            return self.b.unknown();
        }
        self.constructor_call(ty, class, count);
        let args = self.b.list(&items);
        let base = self.b.expr(Expr::New { class, args });
        self.b.expr(Expr::Ref { base })
    }

    /// `Foo{1}`, in C `(struct foo){1}`.
    pub(super) fn compound_literal(&mut self, node: Node<'_>) -> ExprId {
        let ty = Field::Type.of(node);
        let class = ty.and_then(|ty| self.written_type(ty));
        let value = class.map(|ty| self.b.expr(Expr::Typed { ty }));
        let count = Field::Value.of(node).and_then(|list| self.initializer_list(list, value));
        let (Some(ty), Some(class)) = (ty, class) else { return self.b.unknown() };
        if self.place.cpp && Kind::of(ty) != Kind::TypeDescriptor {
            self.constructor_call(ty, class, count);
        }
        let args = self.b.list(&[]);
        self.b.expr(Expr::New { class, args })
    }

    /// The values in braces, with the fields that designators write; `whole` is what they make up. Gives their
    /// number.
    pub(super) fn initializer_list(&mut self, list: Node<'_>, whole: Option<ExprId>) -> Option<u16> {
        let mut count = 0u16;
        for child in list.children().filter(|child| !is_trivia(*child)) {
            count = count.saturating_add(1);
            match Kind::of(child) {
                Kind::InitializerPair => self.initializer_pair(child, whole),
                Kind::InitializerList => {
                    let element = whole.map(|base| self.b.expr(Expr::Index { base }));
                    self.deeper(|visitor| visitor.initializer_list(child, element));
                }
                _ => {
                    self.expr(child);
                }
            }
        }
        let expands = list.children().any(|child| Kind::of(child) == Kind::PackExpansion);
        (!expands).then_some(count)
    }

    fn initializer_pair(&mut self, pair: Node<'_>, whole: Option<ExprId>) {
        let mut target = whole;
        for designator in pair.children().filter(|child| Field::Designator.is(*child)) {
            let field = match Kind::of(designator) {
                Kind::FieldDesignator => designator.children().find(|child| !is_trivia(*child)),
                Kind::FieldIdentifier => Some(designator),
                _ => {
                    self.each(designator);
                    target = target.map(|base| self.b.expr(Expr::Index { base }));
                    continue;
                }
            };
            let Some(field) = field else { continue };
            let base = target.unwrap_or_else(|| self.b.unknown());
            let expr = self.member_of(base, field);
            self.b.occurrence(Role::Write, expr, field);
            target = Some(expr);
        }
        match Field::Value.of(pair) {
            Some(value) if Kind::of(value) == Kind::InitializerList => {
                self.deeper(|visitor| visitor.initializer_list(value, target));
            }
            Some(value) => {
                self.expr(value);
            }
            None => {}
        }
    }
}

/// Types of the language by a single word that the grammar does not know as such.
const SIZE_WORDS: &[&str] = &["long", "short", "signed", "unsigned"];

fn is_cast(name: &str) -> bool {
    matches!(name, "static_cast" | "dynamic_cast" | "const_cast" | "reinterpret_cast")
}
