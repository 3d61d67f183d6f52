//! Types, type parameters, dotted names and patterns of Java.

use crate::model::{Expr, ExprId, Node, Role, Space};

use super::visit::{Field, Kind, Visitor, is_trivia};

/// A type as written.
#[derive(Clone, Copy)]
pub(super) struct Written<'n> {
    /// The class without type arguments.
    pub(super) class: ExprId,
    /// With them, where there are any.
    pub(super) whole: ExprId,
    /// The token that names the class.
    pub(super) token: Option<Node<'n>>,
}

impl Visitor<'_, '_> {
    /// A type; every name in it is an occurrence.
    pub(super) fn ty(&mut self, node: Node<'_>) -> ExprId {
        self.ty_in_role(node, Role::Type)
    }

    /// A type whose head is used in `role`.
    pub(super) fn ty_in_role(&mut self, node: Node<'_>, role: Role) -> ExprId {
        let written = self.written(node);
        if let Some(token) = written.token {
            self.b.occurrence(role, written.class, token);
        }
        written.whole
    }

    /// A type whose head is left to the caller to record.
    pub(super) fn written<'n>(&mut self, node: Node<'n>) -> Written<'n> {
        self.b.deeper(|b| Visitor { b }.written_here(node))
    }

    fn written_here<'n>(&mut self, node: Node<'n>) -> Written<'n> {
        match Kind::of(node) {
            Kind::TypeIdentifier | Kind::Identifier => {
                let class = self.b.name_expr(node, Space::Type);
                Written { class, whole: class, token: Some(node) }
            }
            Kind::ScopedTypeIdentifier | Kind::ScopedIdentifier => self.dotted(node),
            Kind::GenericType => self.generic(node),
            Kind::AnnotatedType => self.annotated(node),
            _ => {
                let whole = self.unnamed(node);
                Written { class: whole, whole, token: None }
            }
        }
    }

    /// Types that are no class: primitives, arrays, wildcards.
    fn unnamed(&mut self, node: Node<'_>) -> ExprId {
        match Kind::of(node) {
            Kind::IntegralType | Kind::FloatingPointType | Kind::BooleanType | Kind::VoidType => {
                self.b.name_expr(node, Space::Type)
            }
            Kind::ArrayType => {
                let element = Field::Element.of(node).map(|element| self.ty(element));
                let element = element.unwrap_or_else(|| self.b.unknown());
                self.with_dimensions(node, element)
            }
            Kind::Wildcard => self.wildcard(node),
            _ => {
                self.each(node);
                self.b.unknown()
            }
        }
    }

    /// `a.b.C` or `Outer<T>.Inner`. Segments that look like packages are no occurrences of their own.
    fn dotted<'n>(&mut self, node: Node<'n>) -> Written<'n> {
        let mut base: Option<ExprId> = None;
        let mut token = None;
        for part in node.children().filter(|part| !is_trivia(*part)) {
            match (Kind::of(part), base) {
                (Kind::MarkerAnnotation | Kind::Annotation, _) => self.annotation(part),
                (_, None) => base = Some(self.qualifying(part)),
                (_, Some(before)) => {
                    let name = self.b.name(part);
                    base = Some(self.b.expr(Expr::Member { base: before, name }));
                    token = Some(part);
                }
            }
        }
        let class = base.unwrap_or_else(|| self.b.unknown());
        Written { class, whole: class, token }
    }

    /// The part of a dotted type name before the dot.
    fn qualifying(&mut self, node: Node<'_>) -> ExprId {
        let written = self.written(node);
        if let Some(token) = written.token
            && !self.looks_like_package(token)
        {
            self.b.occurrence(Role::Type, written.class, token);
        }
        written.whole
    }

    /// By convention, packages begin with a small letter and types do not.
    pub(super) fn looks_like_package(&self, token: Node<'_>) -> bool {
        self.b.text(token).starts_with(char::is_lowercase)
    }

    fn generic<'n>(&mut self, node: Node<'n>) -> Written<'n> {
        let mut head = None;
        let mut arguments = Vec::new();
        for part in node.children().filter(|part| !is_trivia(*part)) {
            match Kind::of(part) {
                Kind::TypeArguments => arguments = self.type_arguments(part),
                _ => head = Some(self.written(part)),
            }
        }
        let Some(head) = head else {
            let class = self.b.unknown();
            return Written { class, whole: class, token: None };
        };
        if arguments.is_empty() {
            return head;
        }
        let args = self.b.list(&arguments);
        Written { whole: self.b.expr(Expr::Apply { base: head.class, args }), ..head }
    }

    fn annotated<'n>(&mut self, node: Node<'n>) -> Written<'n> {
        let mut written = None;
        for part in node.children().filter(|part| !is_trivia(*part)) {
            match Kind::of(part) {
                Kind::MarkerAnnotation | Kind::Annotation => self.annotation(part),
                _ => written = Some(self.written(part)),
            }
        }
        written.unwrap_or_else(|| {
            let class = self.b.unknown();
            Written { class, whole: class, token: None }
        })
    }

    /// `?`, `? extends T` (which gives a `T`) or `? super T` (which gives anything).
    fn wildcard(&mut self, node: Node<'_>) -> ExprId {
        let mut bound = None;
        let mut gives_bound = true;
        for part in node.children().filter(|part| !is_trivia(*part)) {
            match Kind::of(part) {
                Kind::MarkerAnnotation | Kind::Annotation => self.annotation(part),
                Kind::Super => gives_bound = false,
                _ => bound = Some(self.ty(part)),
            }
        }
        bound.filter(|_| gives_bound).unwrap_or_else(|| self.b.unknown())
    }

    pub(super) fn type_arguments(&mut self, node: Node<'_>) -> Vec<ExprId> {
        node.children().filter(|child| !is_trivia(*child)).map(|child| self.ty(child)).collect()
    }

    /// `element` as an array, once for each `[]` among the dimensions of `node`.
    pub(super) fn with_dimensions(&mut self, node: Node<'_>, element: ExprId) -> ExprId {
        let mut ty = element;
        for dimensions in node.children().filter(|child| Field::Dimensions.is(*child)) {
            self.annotations(dimensions);
            let depth = dimensions.span().slice(self.b.source()).iter().filter(|byte| **byte == b'[').count();
            // More levels than any real program has would only be noise.
            for _ in 0..depth.min(16) {
                ty = self.array_of(ty);
            }
        }
        ty
    }

    pub(super) fn array_of(&mut self, element: ExprId) -> ExprId {
        let items = self.b.list(&[element]);
        self.b.expr(Expr::List { items })
    }

    /// The declared type of a variable; none for `var`.
    pub(super) fn declared(&mut self, ty: Option<Node<'_>>) -> Option<ExprId> {
        let ty = ty?;
        let is_inferred = Kind::of(ty) == Kind::TypeIdentifier && self.b.is(ty, "var");
        (!is_inferred).then(|| self.ty(ty))
    }

    /// Type parameters, declared in the current scope.
    pub(super) fn type_parameters(&mut self, node: Node<'_>) {
        let lists = Field::TypeParameters.of(node);
        for parameter in lists.iter().flat_map(|list| list.children()) {
            if Kind::of(parameter) != Kind::TypeParameter {
                continue;
            }
            self.annotations(parameter);
            let name = parameter.children().find(|child| Kind::of(*child) == Kind::TypeIdentifier);
            let bound = parameter.children().find(|child| Kind::of(*child) == Kind::TypeBound);
            let bound = bound.map(|bound| {
                let types: Vec<ExprId> = self.type_arguments(bound);
                self.b.union(&types)
            });
            if let Some(name) = name {
                let name = self.b.name(name);
                self.b.type_parameter(name, bound);
            }
        }
    }

    // Patterns

    /// A `type_pattern` or `record_pattern`, or the `pattern` around one; its variables are visible from where
    /// they are declared to the end of the current scope.
    pub(super) fn pattern(&mut self, node: Node<'_>) {
        self.b.deeper(|b| {
            let mut visitor = Visitor { b };
            match Kind::of(node) {
                Kind::TypePattern | Kind::RecordPatternComponent => visitor.type_pattern(node),
                Kind::RecordPattern => visitor.record_pattern(node),
                Kind::Pattern | Kind::RecordPatternBody => {
                    for child in node.children() {
                        visitor.pattern(child);
                    }
                }
                _ => {}
            }
        });
    }

    fn type_pattern(&mut self, node: Node<'_>) {
        let parts: Vec<Node<'_>> = node.children().filter(|child| !is_trivia(*child)).collect();
        let [ty, .., name] = parts[..] else { return };
        let ty = self.declared(Some(ty));
        if Kind::of(name) == Kind::Identifier {
            let id = self.b.name(name);
            self.b.local(id, name.end(), ty, None);
        }
    }

    fn record_pattern(&mut self, node: Node<'_>) {
        for child in node.children() {
            match Kind::of(child) {
                Kind::RecordPatternBody => self.pattern(child),
                Kind::Identifier | Kind::GenericType => {
                    self.ty(child);
                }
                _ => {}
            }
        }
    }
}
