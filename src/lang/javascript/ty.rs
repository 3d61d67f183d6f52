//! Types of TypeScript, and those that stand in comments of JavaScript.

use crate::lang::Definition;
use crate::model::{Expr, ExprId, ImportPath, ImportShape, Literal, Node, Role, ScopeKind, Space, Span, SymbolKind};

use super::functions::Given;
use super::jsdoc::{DocImport, DocType, JsDoc};
use super::kinds::{Field, Kind};
use super::visit::{Before, Known, Visitor};

impl<'n> Visitor<'_, '_> {
    /// A type or annotation; every name in it is an occurrence.
    pub(super) fn ty(&mut self, node: Node<'n>) -> ExprId {
        self.ty_in_role(node, Role::Type)
    }

    /// A type whose head is used in `role`.
    pub(super) fn ty_in_role(&mut self, node: Node<'n>, role: Role) -> ExprId {
        self.deeper(|visitor| visitor.ty_here(node, role))
    }

    fn ty_here(&mut self, node: Node<'n>, role: Role) -> ExprId {
        match Kind::of(node) {
            Kind::TypeIdentifier | Kind::Identifier | Kind::NestedType | Kind::NestedIdentifier => {
                self.entity(node, role)
            }
            Kind::PredefinedType => self.predefined(node),
            Kind::GenericType => self.generic(node, role),
            Kind::TypeAnnotation
            | Kind::ParenthesizedType
            | Kind::ReadonlyType
            | Kind::OptionalType
            | Kind::RestType
            | Kind::Constraint => self.inner(node, role),
            Kind::ArrayType => {
                let element = self.inner(node, role);
                let items = self.b.list(&[element]);
                self.b.expr(Expr::List { items })
            }
            Kind::TupleType => {
                let items: Vec<ExprId> = self.parts(node).into_iter().map(|item| self.tuple_item(item)).collect();
                let items = self.b.list(&items);
                self.b.expr(Expr::Tuple { items })
            }
            Kind::UnionType | Kind::Intersection => self.alternatives(node),
            Kind::FunctionType | Kind::ConstructorType => self.signature(node),
            Kind::ObjectType => self.object_type(node),
            Kind::LiteralType => self.literal_type(node),
            Kind::ThisType | Kind::This => match self.state.context.class {
                Some(class) => self.b.expr(Expr::Symbol(class)),
                None => self.unknown(),
            },
            Kind::TypePredicateAnnotation | Kind::AssertsAnnotation | Kind::TypePredicate | Kind::Asserts => {
                self.predicate(node)
            }
            Kind::TypeQuery => {
                self.each(node);
                self.unknown()
            }
            Kind::Conditional => self.conditional(node),
            Kind::InferType => self.infer(node),
            Kind::MappedType => self.mapped(node),
            Kind::Member => self.entity(node, role),
            Kind::Call | Kind::ComputedName => self.visit(node),
            _ => {
                for child in node.children() {
                    self.ty(child);
                }
                self.unknown()
            }
        }
    }

    fn inner(&mut self, node: Node<'n>, role: Role) -> ExprId {
        match node.children().find(|child| !self.is_comment(*child)) {
            Some(inner) => self.ty_in_role(inner, role),
            None => self.unknown(),
        }
    }

    /// `any` and its like say nothing about a value; `void` and `never` say that there is none.
    fn predefined(&mut self, node: Node<'n>) -> ExprId {
        if ["void", "never"].iter().any(|name| self.b.is(node, name)) {
            return self.b.literal(Literal::Null);
        }
        let is_opaque = ["any", "unknown", "object"].iter().any(|name| self.b.is(node, name));
        if is_opaque { self.unknown() } else { self.b.name_expr(node, Space::Type) }
    }

    fn generic(&mut self, node: Node<'n>, role: Role) -> ExprId {
        let base = Field::Name.of(node).map(|name| self.ty_in_role(name, role));
        let args = Field::TypeArgs.of(node).map(|args| self.type_arguments(args)).unwrap_or_default();
        let Some(base) = base else { return self.unknown() };
        let args = self.b.list(&args);
        self.b.expr(Expr::Apply { base, args })
    }

    pub(super) fn type_arguments(&mut self, node: Node<'n>) -> Vec<ExprId> {
        self.parts(node).into_iter().map(|ty| self.ty(ty)).collect()
    }

    /// `A`, `name: A` or `name?: A` in a tuple.
    fn tuple_item(&mut self, node: Node<'n>) -> ExprId {
        match Field::Type.of(node) {
            Some(ty) => self.ty(ty),
            None => self.ty(node),
        }
    }

    /// The members of a union or an intersection; `null` and `undefined` have no members.
    fn alternatives(&mut self, node: Node<'n>) -> ExprId {
        let mut parts: Vec<ExprId> = self.parts(node).into_iter().map(|part| self.ty(part)).collect();
        parts.retain(|part| !matches!(self.b.facts().expr(*part), Expr::Literal(Literal::Null)));
        if parts.is_empty() { self.unknown() } else { self.b.union(&parts) }
    }

    fn literal_type(&mut self, node: Node<'n>) -> ExprId {
        let Some(inner) = node.children().next() else { return self.unknown() };
        let name = match Kind::of(inner) {
            Kind::Null | Kind::Undefined => return self.b.literal(Literal::Null),
            Kind::Str => "string",
            Kind::True | Kind::False => "boolean",
            _ => "number",
        };
        let name = self.b.intern(name);
        self.b.name_at(name, node.start(), Space::Type)
    }

    /// `value is Type`, which is a `boolean`.
    fn predicate(&mut self, node: Node<'n>) -> ExprId {
        for child in node.children().filter(|child| !Field::Name.is(*child) && Kind::of(*child) != Kind::Identifier) {
            self.ty(child);
        }
        let name = self.b.intern("boolean");
        self.b.name_at(name, node.start(), Space::Type)
    }

    /// A function or constructor type, or a call, construct or index signature.
    pub(super) fn signature(&mut self, node: Node<'n>) -> ExprId {
        let (types, result) = self.in_scope(ScopeKind::Function, |visitor| {
            visitor.type_parameters(node);
            let (_, types) = visitor.parameters(node, Given { symbol: None, doc: &JsDoc::default(), expected: &[] });
            for ty in
                node.children().filter(|child| Field::IndexType.is(*child) || Kind::of(*child) == Kind::MappedType)
            {
                visitor.ty(ty);
            }
            (types, Field::ReturnType.of(node).or(Field::Type.of(node)).map(|ty| visitor.ty(ty)))
        });
        let result = result.unwrap_or_else(|| self.unknown());
        let types: Vec<ExprId> = types.into_iter().map(|ty| ty.unwrap_or_else(|| self.unknown())).collect();
        let parameters = self.b.list(&types);
        self.b.expr(Expr::Signature { parameters, result })
    }

    /// An object type that stands for itself.
    fn object_type(&mut self, node: Node<'n>) -> ExprId {
        let has_members =
            node.children().any(|child| matches!(Kind::of(child), Kind::PropertySignature | Kind::MethodSignature));
        if !has_members {
            for child in node.children() {
                match Kind::of(child) {
                    Kind::IndexSignature | Kind::CallSignature | Kind::ConstructSignature => self.signature(child),
                    _ => self.ty(child),
                };
            }
            return self.unknown();
        }
        let name = self.b.intern("<object>");
        let start = Span::new(node.start(), node.start());
        let mut definition = Definition::new(SymbolKind::Interface, name, start, node).member();
        definition.signature = start;
        let symbol = self.define(definition, Before::default());
        self.in_symbol(symbol, ScopeKind::Class, |visitor| visitor.type_members(node, symbol));
        self.b.expr(Expr::Symbol(symbol))
    }

    /// `A extends infer B ? C : D`; what is inferred is known in the first branch.
    fn conditional(&mut self, node: Node<'n>) -> ExprId {
        self.in_scope(ScopeKind::Block, |visitor| {
            for part in visitor.parts(node) {
                visitor.ty(part);
            }
        });
        self.unknown()
    }

    fn infer(&mut self, node: Node<'n>) -> ExprId {
        let parts = self.parts(node);
        if let Some(name) = parts.first() {
            let name = self.b.name(*name);
            self.b.type_parameter(name, None);
        }
        for bound in parts.iter().skip(1) {
            self.ty(*bound);
        }
        self.unknown()
    }

    /// `[K in T as U]`.
    fn mapped(&mut self, node: Node<'n>) -> ExprId {
        let bound = Field::Type.of(node).map(|ty| self.ty(ty));
        if let Some(name) = Field::Name.of(node) {
            let name = self.b.name(name);
            self.b.type_parameter(name, bound);
        }
        if let Some(alias) = Field::Alias.of(node) {
            self.ty(alias);
        }
        self.unknown()
    }

    /// Declares the type parameters of a definition in the current scope.
    pub(super) fn type_parameters(&mut self, node: Node<'n>) {
        let Some(list) = Field::TypeParams.of(node) else { return };
        for parameter in list.children().filter(|child| Kind::of(*child) == Kind::TypeParameter) {
            let bound = Field::Constraint.of(parameter).map(|bound| self.ty(bound));
            if let Some(name) = Field::Name.of(parameter) {
                let name = self.b.name(name);
                let default = Field::Value.of(parameter).map(|default| self.inner(default, Role::Type));
                self.b.type_parameter_or(name, bound, default);
            }
        }
    }

    // Types in comments

    /// The expression of a type that stands in a comment.
    pub(super) fn doc_type(&mut self, ty: &DocType) -> Option<ExprId> {
        match ty {
            DocType::Unknown => None,
            DocType::Path(segments) => self.doc_path(segments),
            DocType::Import(specifier, member) => {
                let specifier = self.b.intern(specifier);
                let member = self.b.intern(member);
                // Imports are sorted by where they start.
                let start = self.b.facts().imports.last().map_or(0, |import| import.span.start);
                let span = Span::new(start, start);
                let path = ImportPath::Specifier(specifier);
                let shape = ImportShape::Member(member);
                let id = self.b.import(path, shape, None, false, span);
                Some(self.b.expr(Expr::Import(id)))
            }
            DocType::Apply(base, arguments) => {
                let base = self.doc_type(base)?;
                let args: Vec<ExprId> =
                    arguments.iter().map(|ty| self.doc_type(ty).unwrap_or_else(|| self.unknown())).collect();
                let args = self.b.list(&args);
                Some(self.b.expr(Expr::Apply { base, args }))
            }
            DocType::List(element) => {
                let element = self.doc_type(element).unwrap_or_else(|| self.unknown());
                let items = self.b.list(&[element]);
                Some(self.b.expr(Expr::List { items }))
            }
            DocType::Union(items) => {
                let items: Option<Vec<ExprId>> = items.iter().map(|ty| self.doc_type(ty)).collect();
                let items = items.filter(|items| !items.is_empty())?;
                Some(self.b.union(&items))
            }
            DocType::Function(result) => {
                let result = result.as_ref().and_then(|ty| self.doc_type(ty)).unwrap_or_else(|| self.unknown());
                Some(self.b.expr(Expr::Function { result }))
            }
        }
    }

    /// Declares the names that a comment at top level gives to types of other files, where nothing else has the name.
    pub(super) fn documented_imports(&mut self, comment: Node<'_>) {
        let scope = self.b.scope();
        let text = comment.span().slice(self.b.source());
        let is_documentation = text.starts_with(b"/**") && self.b.scope_kind(scope) == ScopeKind::File;
        if !is_documentation || !self.is_untyped() || memchr::memmem::find(text, b"import").is_none() {
            return;
        }
        // An empty span: no name stands inside this import.
        let span = Span::new(comment.start(), comment.start());
        for DocImport { name, specifier, member } in JsDoc::parse(&self.b.text_of(comment.span())).imports {
            let [name, specifier, member] = [name, specifier, member].map(|text| self.b.intern(&text));
            if self.lookup(scope, name).is_none() {
                let path = ImportPath::Specifier(specifier);
                self.b.import(path, ImportShape::Member(member), Some(name), false, span);
                self.know(scope, name, Known::Import);
            }
        }
    }

    fn doc_path(&mut self, segments: &[String]) -> Option<ExprId> {
        let (first, rest) = segments.split_first()?;
        let name = self.b.intern(first);
        let mut expr = self.b.name_at(name, 0, Space::Any);
        for segment in rest {
            let name = self.b.intern(segment);
            expr = self.b.expr(Expr::Member { base: expr, name });
        }
        Some(expr)
    }
}
