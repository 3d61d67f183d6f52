//! What stands in types: methods, constructors, fields, initialisers, enum constants; and annotations.

use crate::lang::Definition;
use crate::model::{Arity, Expr, ExprId, Marks, Node, Role, ScopeKind, Span, SymbolId, SymbolKind, Visibility};

use super::visit::{Field, Kind, Modifiers, Visitor, is_trivia};

impl Visitor<'_, '_> {
    pub(super) fn method(&mut self, node: Node<'_>, doc: Option<Span>) {
        let modifiers = self.modifiers(node, doc);
        let Some(name) = Field::Name.of(node) else { return };
        let kind = if self.in_class() { SymbolKind::Method } else { SymbolKind::Function };
        let mut definition = self.definition(node, name, kind, modifiers);
        if !definition.marks.has(Marks::STATIC) {
            definition.marks.add(Marks::RECEIVER);
        }
        if definition.visibility == Visibility::Private {
            definition.marks.add(Marks::FINAL);
        }
        if self.in_interface() && Field::Body.of(node).is_none() {
            definition.marks.add(Marks::ABSTRACT);
        }
        if self.is_main(name, &definition) {
            definition.marks.add(Marks::ENTRY_POINT);
        }
        let symbol = self.b.define(definition);
        self.callable(node, symbol);
    }

    /// `public static void main`, or any top-level `main` of a class without header.
    fn is_main(&self, name: Node<'_>, definition: &Definition) -> bool {
        let is_public_static = definition.visibility == Visibility::Public && definition.marks.has(Marks::STATIC);
        self.b.is(name, "main") && (is_public_static || definition.kind == SymbolKind::Function)
    }

    pub(super) fn constructor(&mut self, node: Node<'_>, doc: Option<Span>) {
        let modifiers = self.modifiers(node, doc);
        let Some(name) = Field::Name.of(node) else { return };
        let mut definition = self.definition(node, name, SymbolKind::Constructor, modifiers).member();
        if self.parent_kind() == Some(SymbolKind::Enum) {
            definition.visibility = Visibility::Private;
        }
        let symbol = self.b.define(definition);
        self.callable(node, symbol);
    }

    /// Type parameters, parameters, result, exceptions and body of a callable.
    fn callable(&mut self, node: Node<'_>, symbol: SymbolId) {
        self.b.in_symbol(symbol, ScopeKind::Function, |b| {
            let mut visitor = Visitor { b };
            visitor.type_parameters(node);
            let arity = match Field::Parameters.of(node) {
                Some(list) => visitor.parameters(list, symbol),
                None => Arity::exactly(0),
            };
            visitor.b.symbol_mut(symbol).arity = Some(arity);
            if let Some(ty) = Field::Type.of(node) {
                let ty = visitor.ty(ty);
                let ty = visitor.with_dimensions(node, ty);
                visitor.b.symbol_mut(symbol).ty = Some(ty);
            }
            for throws in node.children().filter(|child| Kind::of(*child) == Kind::Throws) {
                visitor.type_arguments(throws);
            }
            if let Some(default) = Field::Value.of(node) {
                visitor.expr(default);
            }
            if let Some(body) = Field::Body.of(node) {
                visitor.items(body);
            }
        });
    }

    fn parameters(&mut self, list: Node<'_>, symbol: SymbolId) -> Arity {
        let (mut count, mut variadic) = (0u16, false);
        for parameter in list.children() {
            let Some((name, ty)) = self.parameter(parameter) else { continue };
            let id = name.map(|name| self.b.name(name));
            if let Some(id) = id {
                self.b.local(id, 0, ty, None);
            }
            self.b.parameter(symbol, id, ty);
            count = count.saturating_add(1);
            variadic |= Kind::of(parameter) == Kind::SpreadParameter;
        }
        if variadic { Arity { min: count - 1, max: u16::MAX } } else { Arity::exactly(count) }
    }

    /// Name and type of a parameter; none if `node` is no parameter that takes an argument.
    pub(super) fn parameter<'n>(&mut self, node: Node<'n>) -> Option<(Option<Node<'n>>, Option<ExprId>)> {
        match Kind::of(node) {
            Kind::FormalParameter => {
                self.annotations(node);
                let ty = self.declared(Field::Type.of(node));
                let ty = ty.map(|ty| self.with_dimensions(node, ty));
                let name = Field::Name.of(node).filter(|name| Kind::of(*name) == Kind::Identifier);
                Some((name, ty))
            }
            Kind::SpreadParameter => {
                self.annotations(node);
                let declarator = node.children().find(|child| Kind::of(*child) == Kind::VariableDeclarator);
                let is_type = |child: &Node<'_>| !is_trivia(*child) && !is_annotation_or_modifiers(*child);
                let ty = node.children().find(is_type).map(|ty| self.ty(ty));
                let ty = ty.map(|ty| self.array_of(ty));
                Some((declarator.and_then(|declarator| Field::Name.of(declarator)), ty))
            }
            Kind::ReceiverParameter => {
                let parts = |child: &Node<'_>| !matches!(Kind::of(*child), Kind::Identifier | Kind::This);
                for part in node.children().filter(parts).filter(|child| !is_trivia(*child)) {
                    self.ty_or_annotation(part);
                }
                None
            }
            _ => None,
        }
    }

    fn ty_or_annotation(&mut self, node: Node<'_>) {
        if matches!(Kind::of(node), Kind::MarkerAnnotation | Kind::Annotation) {
            self.annotation(node);
        } else {
            self.ty(node);
        }
    }

    /// The components of a record are its private final fields; their accessors are not written anywhere.
    pub(super) fn components(&mut self, record: Node<'_>) {
        let list = Field::Parameters.of(record);
        for component in list.iter().flat_map(|list| list.children()) {
            let Some((Some(name), ty)) = self.parameter(component) else { continue };
            let id = self.b.name(name);
            let mut definition = Definition::new(SymbolKind::Field, id, name.span(), component);
            definition.marks = Marks::FINAL;
            definition.ty = ty;
            self.b.define(definition);
        }
    }

    /// `record R(int a) { R { ... } }`: the parameters are the components.
    pub(super) fn compact_constructor(&mut self, node: Node<'_>, doc: Option<Span>) {
        let modifiers = self.modifiers(node, doc);
        let Some(name) = Field::Name.of(node) else { return };
        let definition = self.definition(node, name, SymbolKind::Constructor, modifiers).member();
        let record = self.b.symbol();
        let symbol = self.b.define(definition);
        let facts = self.b.facts();
        let components = facts
            .symbols
            .iter()
            .filter(|child| child.parent == record && child.kind == SymbolKind::Field && child.marks == Marks::FINAL);
        let components: Vec<_> = components.map(|child| (child.name, child.ty)).collect();
        self.b.symbol_mut(symbol).arity = Some(Arity::exactly(components.len() as u16));
        self.b.in_symbol(symbol, ScopeKind::Function, |b| {
            for (name, ty) in components {
                b.local(name, 0, ty, None);
                b.parameter(symbol, Some(name), ty);
            }
            if let Some(body) = Field::Body.of(node) {
                Visitor { b }.items(body);
            }
        });
    }

    /// `<clinit>` for `static { }`, `<init>` for `{ }`.
    pub(super) fn initializer(&mut self, node: Node<'_>, name: &str, doc: Option<Span>) {
        let block = match Kind::of(node) {
            Kind::Block => Some(node),
            _ => node.children().find(|child| Kind::of(*child) == Kind::Block),
        };
        let name = self.b.intern(name);
        let start = Span::new(node.start(), node.start());
        let mut definition = Definition::new(SymbolKind::Initializer, name, start, node).member().body(block);
        definition.doc = doc;
        definition.marks = if Kind::of(node) == Kind::Block { Marks::RECEIVER } else { Marks::STATIC };
        let symbol = self.b.define(definition);
        self.b.in_symbol(symbol, ScopeKind::Function, |b| {
            if let Some(block) = block {
                Visitor { b }.items(block);
            }
        });
    }

    pub(super) fn fields(&mut self, node: Node<'_>, doc: Option<Span>) {
        let mut modifiers = self.modifiers(node, doc);
        if self.in_interface() {
            modifiers.marks.add(Marks::STATIC.with(Marks::FINAL));
            modifiers.visibility = Some(Visibility::Public);
        }
        let ty = Field::Type.of(node).map(|ty| self.ty(ty));
        let declarators = || node.children().filter(|child| Kind::of(*child) == Kind::VariableDeclarator);
        let is_only = declarators().count() == 1;
        for declarator in declarators() {
            self.field(if is_only { node } else { declarator }, declarator, ty, modifiers);
        }
    }

    fn field(&mut self, whole: Node<'_>, declarator: Node<'_>, ty: Option<ExprId>, modifiers: Modifiers) {
        let Some(name) = Field::Name.of(declarator) else { return };
        let mut definition = self.definition(whole, name, SymbolKind::Field, modifiers);
        definition.ty = ty.map(|ty| self.with_dimensions(declarator, ty));
        let value = Field::Value.of(declarator);
        if let Some(value) = value {
            definition.signature.end = value.start();
        }
        let symbol = self.b.define(definition);
        if let Some(value) = value {
            self.b.in_symbol(symbol, ScopeKind::Block, |b| {
                Visitor { b }.expr(value);
            });
        }
    }

    /// An enum constant; with arguments it is a constructor call at its own name.
    pub(super) fn enum_constant(&mut self, node: Node<'_>, doc: Option<Span>) {
        let modifiers = self.modifiers(node, doc);
        let Some(name) = Field::Name.of(node) else { return };
        let mut definition = self.definition(node, name, SymbolKind::EnumMember, modifiers);
        definition.visibility = Visibility::Public;
        definition.marks.add(Marks::STATIC.with(Marks::FINAL));
        let Some(enumeration) = self.b.symbol() else { return };
        let class = self.b.expr(Expr::Symbol(enumeration));
        definition.ty = Some(class);
        let symbol = self.b.define(definition);
        self.b.in_symbol(symbol, ScopeKind::Block, |b| {
            let mut visitor = Visitor { b };
            if let Some(arguments) = Field::Arguments.of(node) {
                let arguments = visitor.each(arguments);
                let called = visitor.b.expr(Expr::Symbol(enumeration));
                visitor.constructor_call(called, name, &arguments);
            }
            if let Some(body) = Field::Body.of(node) {
                visitor.anonymous(node, body, class);
            }
        });
    }

    // Annotations

    pub(super) fn annotation(&mut self, node: Node<'_>) {
        self.b.deeper(|b| Visitor { b }.annotation_here(node));
    }

    fn annotation_here(&mut self, node: Node<'_>) {
        let Some(name) = Field::Name.of(node) else { return };
        let class = self.ty_in_role(name, Role::Decorator);
        let arguments = Field::Arguments.of(node);
        for argument in arguments.iter().flat_map(|list| list.children()).filter(|child| !is_trivia(*child)) {
            if Kind::of(argument) == Kind::ElementPair {
                self.element_pair(argument, class);
            } else {
                self.expr(argument);
            }
        }
    }

    /// `name = value` uses the element `name` of the annotation type.
    fn element_pair(&mut self, pair: Node<'_>, class: ExprId) {
        if let Some(key) = Field::Key.of(pair) {
            let name = self.b.name(key);
            let element = self.b.expr(Expr::Member { base: class, name });
            self.b.occurrence(Role::Read, element, key);
        }
        if let Some(value) = Field::Value.of(pair) {
            self.expr(value);
        }
    }
}

fn is_annotation_or_modifiers(node: Node<'_>) -> bool {
    matches!(Kind::of(node), Kind::MarkerAnnotation | Kind::Annotation | Kind::Modifiers)
}
