//! Types, paths and patterns of Rust.

use crate::model::{Expr, ExprId, Node, Role, Space, Span, SymbolKind};

use super::expr::is_trivia;
use super::visit::{Field, Kind, Visitor};

impl Visitor<'_, '_> {
    /// A type; every name in it is an occurrence.
    pub(super) fn ty(&mut self, node: Node<'_>) -> ExprId {
        self.ty_in_role(node, Role::Type)
    }

    /// A type whose head is used in `role`.
    pub(super) fn ty_in_role(&mut self, node: Node<'_>, role: Role) -> ExprId {
        self.b.deeper(|b| Visitor { b }.ty_here(node, role))
    }

    fn ty_here(&mut self, node: Node<'_>, role: Role) -> ExprId {
        match Kind::of(node) {
            Kind::TypeIdentifier
            | Kind::Identifier
            | Kind::ScopedTypeIdentifier
            | Kind::ScopedIdentifier
            | Kind::Crate
            | Kind::Super
            | Kind::SelfKeyword
            | Kind::Metavariable => self.path(node, role, Space::Type),
            Kind::PrimitiveType => self.b.name_expr(node, Space::Type),
            Kind::GenericType => {
                let base = Field::Type.of(node).map(|ty| self.ty_in_role(ty, role));
                let args = Field::TypeArgs.of(node).map(|args| self.type_arguments(args)).unwrap_or_default();
                let Some(base) = base else { return self.b.unknown() };
                let args = self.b.list(&args);
                self.b.expr(Expr::Apply { base, args })
            }
            Kind::ReferenceType | Kind::PointerType => {
                let base = self.ty_field(node, Field::Type, role);
                self.b.expr(Expr::Ref { base })
            }
            Kind::DynamicType | Kind::AbstractType => self.ty_field(node, Field::Trait, role),
            Kind::BoundedType => self.bounds(node),
            Kind::TupleType => {
                let items: Vec<ExprId> = node.children().map(|child| self.ty(child)).collect();
                let items = self.b.list(&items);
                self.b.expr(Expr::Tuple { items })
            }
            Kind::ArrayType => {
                let element = self.ty_field(node, Field::Element, Role::Type);
                for length in node.children().filter(|child| !Field::Element.is(*child)) {
                    self.expr(length);
                }
                let items = self.b.list(&[element]);
                self.b.expr(Expr::List { items })
            }
            Kind::FunctionType => self.function_type(node),
            Kind::MacroInvocation => self.expr(node),
            Kind::BracketedType | Kind::QualifiedType => self.qualified(node),
            _ => {
                for child in node.children() {
                    self.ty(child);
                }
                self.b.unknown()
            }
        }
    }

    fn ty_field(&mut self, node: Node<'_>, field: Field, role: Role) -> ExprId {
        match field.of(node) {
            Some(ty) => self.ty_in_role(ty, role),
            None => self.b.unknown(),
        }
    }

    pub(super) fn type_arguments(&mut self, node: Node<'_>) -> Vec<ExprId> {
        node.children()
            .filter(|child| Kind::of(*child) != Kind::Lifetime)
            .map(|child| self.type_argument(child))
            .collect()
    }

    /// One type argument; an associated type that is given (`Iterator<Item = T>`) counts as one.
    fn type_argument(&mut self, node: Node<'_>) -> ExprId {
        match Field::Type.of(node) {
            Some(ty) if Kind::of(node) == Kind::TypeBinding => {
                for part in node.children().filter(|part| !Field::Type.is(*part)) {
                    self.ty(part);
                }
                self.ty(ty)
            }
            _ => self.ty(node),
        }
    }

    /// `fn(A) -> B` or `Fn(A) -> B`.
    fn function_type(&mut self, node: Node<'_>) -> ExprId {
        if let Some(name) = Field::Trait.of(node) {
            self.ty(name);
        }
        let mut parameters = Vec::new();
        for parameter in Field::Parameters.of(node).iter().flat_map(|list| list.children()) {
            parameters.push(match Field::Type.of(parameter) {
                Some(ty) if Kind::of(parameter) == Kind::Parameter => self.ty(ty),
                _ => self.ty(parameter),
            });
        }
        let result = match Field::ReturnType.of(node) {
            Some(result) => self.ty(result),
            None => {
                let items = self.b.list(&[]);
                self.b.expr(Expr::Tuple { items })
            }
        };
        let parameters = self.b.list(&parameters);
        self.b.expr(Expr::Signature { parameters, result })
    }

    /// `<T as Trait>`: members come from the type as well as the trait.
    fn qualified(&mut self, node: Node<'_>) -> ExprId {
        let types: Vec<ExprId> = node.children().map(|child| self.ty(child)).collect();
        if types.is_empty() { self.b.unknown() } else { self.b.union(&types) }
    }

    /// A path of any length, its last segment used in `role`, looked up in `space`.
    pub(super) fn path(&mut self, node: Node<'_>, role: Role, space: Space) -> ExprId {
        let (expr, name) = self.path_silent(node, space);
        if let Some(name) = name {
            self.b.occurrence(role, expr, name);
        }
        expr
    }

    /// A path whose last segment, given back, is left to the caller to record.
    pub(super) fn path_silent<'n>(&mut self, node: Node<'n>, space: Space) -> (ExprId, Option<Node<'n>>) {
        match Kind::of(node) {
            Kind::ScopedIdentifier | Kind::ScopedTypeIdentifier => {
                let base = Field::Path.of(node).map(|path| self.ty(path));
                let Some(name) = Field::Name.of(node) else { return (self.b.unknown(), None) };
                let Some(base) = base else { return (self.b.name_expr(name, space), Some(name)) };
                let id = self.b.name(name);
                (self.b.expr(Expr::Member { base, name: id }), Some(name))
            }
            Kind::GenericType | Kind::BracketedType | Kind::QualifiedType => (self.ty(node), None),
            Kind::Identifier | Kind::TypeIdentifier if self.b.is(node, "Self") => (self.self_type(), None),
            Kind::Identifier | Kind::TypeIdentifier | Kind::Crate | Kind::Super | Kind::SelfKeyword => {
                (self.b.name_expr(node, space), Some(node))
            }
            Kind::Metavariable => (self.b.unknown(), None),
            _ => (self.expr(node), None),
        }
    }

    /// The type `Self` stands for.
    fn self_type(&mut self) -> ExprId {
        match self.self_symbol() {
            Some(symbol) => self.b.expr(Expr::Symbol(symbol)),
            None => self.b.unknown(),
        }
    }

    /// The enclosing impl, trait or type.
    pub(super) fn self_symbol(&self) -> Option<crate::model::SymbolId> {
        self.b.nearest_symbol(|symbol| {
            matches!(
                symbol.kind,
                SymbolKind::Impl | SymbolKind::Trait | SymbolKind::Struct | SymbolKind::Enum | SymbolKind::Union
            )
        })
    }

    /// Binds the names of `pattern` to a value of type `ty` or to the parts of `init`, visible from byte `from`.
    pub(super) fn bind(&mut self, pattern: Node<'_>, ty: Option<ExprId>, init: Option<ExprId>, from: u32) {
        self.b.deeper(|b| Visitor { b }.bind_here(pattern, ty, init, from));
    }

    fn bind_here(&mut self, node: Node<'_>, ty: Option<ExprId>, init: Option<ExprId>, from: u32) {
        match Kind::of(node) {
            Kind::Identifier | Kind::ShorthandFieldIdentifier => self.bind_name(node, ty, init, from),
            Kind::RefPattern | Kind::MutPattern | Kind::ReferencePattern => {
                for inner in node.children().filter(|child| Kind::of(*child) != Kind::MutableSpecifier) {
                    self.bind(inner, ty, init, from);
                }
            }
            Kind::CapturedPattern | Kind::OrPattern => {
                for inner in node.children() {
                    self.bind(inner, ty, init, from);
                }
            }
            Kind::TuplePattern => self.bind_parts(node, ty, init, from),
            Kind::SlicePattern => {
                let element = self.whole(ty, init).map(|base| self.b.expr(Expr::Index { base }));
                for inner in node.children() {
                    self.bind(inner, None, element, from);
                }
            }
            Kind::TupleStructPattern => self.bind_tuple_struct(node, ty, init, from),
            Kind::StructPattern => self.bind_struct(node, from),
            Kind::MatchPattern => {
                for inner in node.children().filter(|child| !Field::Condition.is(*child)) {
                    self.bind(inner, ty, init, from);
                }
                if let Some(condition) = Field::Condition.of(node) {
                    self.expr(condition);
                }
            }
            _ => {
                self.expr(node);
            }
        }
    }

    /// A lone name binds, unless it is written like a constant or variant: then it is compared with.
    fn bind_name(&mut self, node: Node<'_>, ty: Option<ExprId>, init: Option<ExprId>, from: u32) {
        let is_constant = self.b.text(node).starts_with(|c: char| c.is_uppercase());
        if is_constant && Kind::of(node) == Kind::Identifier {
            self.path(node, Role::Read, Space::Value);
            return;
        }
        let name = self.b.name(node);
        self.b.local(name, from, ty, init);
    }

    /// The value that is destructured, as one expression.
    fn whole(&mut self, ty: Option<ExprId>, init: Option<ExprId>) -> Option<ExprId> {
        match ty {
            Some(ty) => Some(self.b.expr(Expr::Typed { ty })),
            None => init,
        }
    }

    fn bind_parts(&mut self, node: Node<'_>, ty: Option<ExprId>, init: Option<ExprId>, from: u32) {
        let whole = self.whole(ty, init);
        for (place, inner) in self.elements(node, node.start()) {
            let base = whole.filter(|_| place.is_some());
            let part = base.map(|base| self.b.expr(Expr::Part { base, index: place.unwrap_or_default() }));
            self.bind(inner, None, part, from);
        }
    }

    fn bind_tuple_struct(&mut self, node: Node<'_>, ty: Option<ExprId>, init: Option<ExprId>, from: u32) {
        let Some(path) = Field::Type.of(node) else { return };
        let variant = self.path(path, Role::Read, Space::Value);
        let text = self.b.text(path);
        // The payload of `Some` and `Ok` is what `?` would give, that of `Err` the last type argument.
        let payload = match text.rsplit("::").next().unwrap_or_default() {
            "Some" | "Ok" => self.whole(ty, init).map(|base| self.b.expr(Expr::Try { base })),
            "Err" => self.whole(ty, init).map(|base| self.b.expr(Expr::Index { base })),
            _ => None,
        };
        let base = self.b.expr(Expr::Typed { ty: variant });
        for (place, inner) in self.elements(node, path.end()) {
            let value = payload.or_else(|| {
                let name = self.b.intern(&place?.to_string());
                Some(self.b.expr(Expr::Member { base, name }))
            });
            self.bind(inner, None, value, from);
        }
    }

    /// The type or variant that a struct pattern or expression names. Variants are types only there.
    pub(super) fn constructed(&mut self, path: Node<'_>) -> ExprId {
        match Kind::of(path) {
            Kind::TypeIdentifier | Kind::Identifier => self.path(path, Role::Type, Space::Any),
            _ => self.ty(path),
        }
    }

    /// The patterns in a list from byte `from`, each with its place. `_` is no node, so commas are counted; what
    /// stands behind `..` has no place that the pattern itself tells.
    pub(super) fn elements<'n>(&self, list: Node<'n>, from: u32) -> Vec<(Option<u16>, Node<'n>)> {
        let (mut position, mut place) = (from, Some(0));
        let mut found = Vec::new();
        for child in list.children().filter(|child| child.start() >= from) {
            let gap = Span::new(position, child.start().max(position));
            let commas = gap.slice(self.b.source()).iter().filter(|byte| **byte == b',').count() as u16;
            place = place.map(|place: u16| place.saturating_add(commas));
            match Kind::of(child) {
                Kind::RemainingFieldPattern => place = None,
                _ if is_trivia(child) => {}
                _ => found.push((place, child)),
            }
            position = child.end();
        }
        found
    }

    fn bind_struct(&mut self, node: Node<'_>, from: u32) {
        let Some(path) = Field::Type.of(node) else { return };
        let ty = self.constructed(path);
        let base = self.b.expr(Expr::Typed { ty });
        for field in node.children().filter(|child| Kind::of(*child) == Kind::FieldPattern) {
            let Some(name) = Field::Name.of(field) else { continue };
            let id = self.b.name(name);
            let value = self.b.expr(Expr::Member { base, name: id });
            self.b.occurrence(Role::Read, value, name);
            match Field::Pattern.of(field) {
                Some(pattern) => self.bind(pattern, None, Some(value), from),
                None => self.b.local(id, from, None, Some(value)),
            }
        }
    }
}
