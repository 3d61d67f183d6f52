//! Classes, interfaces, type aliases, enums, namespaces and ambient declarations.

use crate::model::{Expr, ExprId, Marks, Node, RelationKind, Role, ScopeKind, Span, SymbolId, SymbolKind, Visibility};

use super::kinds::{Field, Kind};
use super::objects::is_function;
use super::visit::{Before, Context, Keywords, This, Visitor};

impl Visitor<'_, '_> {
    /// `class C {}`.
    pub(super) fn class_declaration(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else {
            self.class_expression(node);
            return;
        };
        let mut definition = self.definition(node, name, SymbolKind::Class, before);
        if Kind::of(node) == Kind::AbstractClass {
            definition.marks.add(Marks::ABSTRACT);
        }
        let symbol = self.define(definition, before);
        self.class_of(symbol, node);
    }

    /// A class that is stored nowhere by name; gives its value.
    pub(super) fn class_expression(&mut self, node: Node<'_>) -> ExprId {
        let before = Before::default();
        let definition = match Field::Name.of(node) {
            Some(name) => self.definition(node, name, SymbolKind::Class, before),
            None => {
                let name = self.b.intern("<anonymous>");
                let start = Span::new(node.start(), node.start());
                self.definition_named(node, name, start, SymbolKind::Class, before)
            }
        };
        let symbol = self.define(definition.member(), before);
        self.class_of(symbol, node);
        self.b.expr(Expr::Symbol(symbol))
    }

    /// Visits a class whose definition is `symbol`.
    pub(super) fn class_of(&mut self, symbol: SymbolId, node: Node<'_>) {
        for decorator in node.children().filter(|child| Kind::of(*child) == Kind::Decorator) {
            self.decorator(decorator);
        }
        let own = Field::Name.of(node).filter(|_| Kind::of(node) == Kind::Class);
        let Some(own) = own else {
            self.class_parts(symbol, node);
            return;
        };
        self.under_own_name(own, symbol, |visitor| visitor.class_parts(symbol, node));
    }

    fn class_parts(&mut self, symbol: SymbolId, node: Node<'_>) {
        let body = Field::Body.of(node);
        for member in body.iter().flat_map(|body| body.children()) {
            if let Some(name) = Field::Name.of(member).or(Field::Property.of(member)) {
                let name = self.member_name(name);
                self.state.declared_members.insert((symbol, name));
            }
        }
        self.in_symbol(symbol, ScopeKind::Class, |visitor| {
            visitor.type_parameters(node);
            for heritage in node.children().filter(|child| Kind::of(*child) == Kind::ClassHeritage) {
                visitor.heritage(heritage, symbol);
            }
            let context = Context { this: This::Instance(symbol), class: Some(symbol), is_generator: false };
            if let Some(body) = body {
                visitor.in_context(context, |visitor| visitor.members(body));
            }
        });
    }

    /// What a class extends and implements.
    fn heritage(&mut self, node: Node<'_>, symbol: SymbolId) {
        for clause in node.children() {
            match Kind::of(clause) {
                Kind::ExtendsClause => {
                    if let Some(value) = Field::Value.of(clause) {
                        self.extends(value, Field::TypeArgs.of(clause), symbol);
                    }
                }
                Kind::Implements => {
                    for ty in self.parts(clause) {
                        let target = self.ty_in_role(ty, Role::Inherit);
                        self.b.relation(symbol, RelationKind::Implements, target);
                    }
                }
                _ if self.is_comment(clause) => {}
                _ => self.extends(clause, None, symbol),
            }
        }
    }

    fn extends(&mut self, base: Node<'_>, arguments: Option<Node<'_>>, symbol: SymbolId) {
        let (mut target, name) = self.callee(base);
        if let Some((name, span)) = name {
            self.b.occurrence_at(Role::Inherit, target, name, span, None);
        }
        if let Some(arguments) = arguments {
            let arguments = self.type_arguments(arguments);
            let args = self.b.list(&arguments);
            target = self.b.expr(Expr::Apply { base: target, args });
        }
        self.b.relation(symbol, RelationKind::Extends, target);
    }

    /// The members of a class, interface or object type.
    pub(super) fn members(&mut self, body: Node<'_>) {
        let mut before = Before::default();
        for child in body.children() {
            if self.is_comment(child) {
                self.comment(child, &mut before);
            } else if Kind::of(child) == Kind::Decorator {
                before.start.get_or_insert(child.start());
                self.decorator(child);
            } else {
                self.deeper(|visitor| visitor.member(child, std::mem::take(&mut before)));
            }
        }
    }

    fn member(&mut self, node: Node<'_>, before: Before) {
        match Kind::of(node) {
            Kind::MethodDefinition | Kind::MethodSignature | Kind::AbstractMethod => self.method(node, before),
            Kind::FieldDefinition | Kind::PublicField | Kind::PropertySignature => self.field(node, before),
            Kind::StaticBlock => self.static_block(node),
            Kind::IndexSignature | Kind::CallSignature | Kind::ConstructSignature => {
                self.signature(node);
            }
            _ => {
                self.visit(node);
            }
        }
    }

    fn in_interface(&self) -> bool {
        let kind = self.b.symbol().map(|id| self.b.facts().symbol(id).kind);
        matches!(kind, Some(SymbolKind::Interface | SymbolKind::TypeAlias))
    }

    fn method(&mut self, node: Node<'_>, before: Before) {
        let (Some(name), Some(class)) = (Field::Name.of(node), self.b.symbol()) else { return };
        self.computed_name(name);
        let keywords = self.keywords(node, name.start());
        let is_static = keywords.has(Keywords::STATIC);
        let is_constructor = self.b.is(name, "constructor") && !is_static && !self.in_interface();
        let kind = if is_constructor { SymbolKind::Constructor } else { SymbolKind::Method };
        let mut definition = self.definition(node, name, kind, before).member();
        definition.visibility = self.accessibility(node);
        definition.marks.add(keywords.marks());
        definition.marks.add(self.method_marks(node, keywords));
        let symbol = self.define(definition, Before::default());
        let this = if is_static { This::Class(class) } else { This::Instance(class) };
        let context = Context { this, class: Some(class), is_generator: keywords.has(Keywords::GENERATOR) };
        self.function(node, Some(symbol), context);
        self.accessor_arity(symbol, keywords);
    }

    fn method_marks(&self, node: Node<'_>, keywords: Keywords) -> Marks {
        let mut marks = Marks::default();
        if !keywords.has(Keywords::STATIC) {
            marks.add(Marks::RECEIVER);
        }
        if keywords.has(Keywords::GET) || keywords.has(Keywords::SET) {
            marks.add(Marks::ACCESSOR);
        }
        match Kind::of(node) {
            Kind::AbstractMethod => marks.add(Marks::ABSTRACT),
            Kind::MethodSignature if self.in_interface() => marks.add(Marks::ABSTRACT),
            Kind::MethodSignature => marks.add(Marks::DECLARATION),
            _ => {}
        }
        marks
    }

    /// A field; one that holds a function from the start is a method.
    fn field(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node).or(Field::Property.of(node)) else { return };
        for decorator in node.children().filter(|child| Kind::of(*child) == Kind::Decorator) {
            self.decorator(decorator);
        }
        self.computed_name(name);
        let keywords = self.keywords(node, name.start());
        let value = Field::Value.of(node).map(|value| self.core(value));
        let mut definition = self.definition(node, name, SymbolKind::Field, before).member();
        definition.visibility = self.accessibility(node);
        definition.marks.add(keywords.marks());
        if Kind::of(node) == Kind::PropertySignature {
            definition.marks.add(Marks::ABSTRACT);
        }
        let function = value.filter(|value| is_function(*value));
        if let Some(value) = value {
            self.stored(&mut definition, value, SymbolKind::Method);
        }
        let is_static = keywords.has(Keywords::STATIC);
        let symbol = self.define(definition, Before::default());
        let ty = Field::Type.of(node).map(|ty| self.ty(ty)).or_else(|| self.documented_type(before.doc));
        if function.is_none() {
            self.b.symbol_mut(symbol).ty = ty;
        }
        let Some(value) = value else { return };
        let this = match self.state.context.class {
            Some(class) if is_static => This::Class(class),
            _ => self.state.context.this,
        };
        let context = Context { this, ..self.state.context };
        self.in_context(context, |visitor| visitor.field_value(symbol, value, context));
    }

    fn field_value(&mut self, symbol: SymbolId, value: Node<'_>, context: Context) {
        if is_function(value) {
            self.store(symbol, value, context);
            return;
        }
        let value = self.in_symbol(symbol, ScopeKind::Block, |visitor| visitor.result(value));
        if self.b.facts().symbol(symbol).ty.is_none() {
            self.b.flow(symbol, value);
        }
    }

    fn static_block(&mut self, node: Node<'_>) {
        let name = self.b.intern("<static>");
        let start = Span::new(node.start(), node.start());
        let before = Before::default();
        let mut definition = self.definition_named(node, name, start, SymbolKind::Initializer, before).member();
        definition.marks.add(Marks::STATIC);
        let symbol = self.define(definition, before);
        let class = self.state.context.class;
        let this = class.map_or(This::Unknown, This::Class);
        let context = Context { this, class, is_generator: false };
        let returns = std::mem::take(&mut self.state.returns);
        self.in_context(context, |visitor| {
            visitor.in_symbol(symbol, ScopeKind::Function, |visitor| {
                if let Some(body) = Field::Body.of(node) {
                    visitor.items(body);
                }
            });
        });
        self.state.returns = returns;
    }

    /// `interface I {}`.
    pub(super) fn interface(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let definition = self.definition(node, name, SymbolKind::Interface, before);
        let symbol = self.define(definition, before);
        self.in_symbol(symbol, ScopeKind::Class, |visitor| {
            visitor.type_parameters(node);
            let clauses = node.children().filter(|child| Kind::of(*child) == Kind::ExtendsTypeClause);
            for base in clauses.flat_map(|clause| clause.children()).filter(|child| Field::Type.is(*child)) {
                let target = visitor.ty_in_role(base, Role::Inherit);
                visitor.b.relation(symbol, RelationKind::Extends, target);
            }
            if let Some(body) = Field::Body.of(node) {
                visitor.type_members(body, symbol);
            }
        });
    }

    /// The members of the type `symbol`, whose scope is entered.
    pub(super) fn type_members(&mut self, body: Node<'_>, symbol: SymbolId) {
        let context = Context { this: This::Instance(symbol), class: Some(symbol), is_generator: false };
        self.in_context(context, |visitor| visitor.members(body));
    }

    /// `type A = ...`; the members of an object type are its own.
    pub(super) fn type_alias(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let definition = self.definition(node, name, SymbolKind::TypeAlias, before);
        let symbol = self.define(definition, before);
        let ty = self.in_symbol(symbol, ScopeKind::Class, |visitor| {
            visitor.type_parameters(node);
            let value = Field::Value.of(node)?;
            if Kind::of(value) == Kind::ObjectType {
                visitor.type_members(value, symbol);
                return None;
            }
            Some(visitor.ty(value))
        });
        self.b.symbol_mut(symbol).ty = ty;
    }

    /// `enum E {}`; members see each other by their bare names.
    pub(super) fn enumeration(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let definition = self.definition(node, name, SymbolKind::Enum, before);
        let symbol = self.define(definition, before);
        self.in_symbol(symbol, ScopeKind::Class, |visitor| {
            let mut before = Before::default();
            for child in Field::Body.of(node).iter().flat_map(|body| body.children()) {
                if visitor.is_comment(child) {
                    visitor.comment(child, &mut before);
                } else {
                    visitor.enum_member(child, std::mem::take(&mut before));
                }
            }
        });
    }

    fn enum_member(&mut self, node: Node<'_>, before: Before) {
        let name = if Kind::of(node) == Kind::EnumAssignment { Field::Name.of(node) } else { Some(node) };
        let Some(name) = name else { return };
        self.computed_name(name);
        let mut definition = self.definition(node, name, SymbolKind::EnumMember, before);
        definition.visibility = Visibility::Public;
        self.define(definition, Before::default());
        if let Some(value) = Field::Value.of(node) {
            self.visit(value);
        }
    }

    /// `namespace A.B {}` and `module 'name' {}`.
    pub(super) fn namespace(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let mut segments = Vec::new();
        let mut next = Some(name);
        while let Some(current) = next {
            let is_nested = matches!(Kind::of(current), Kind::NestedIdentifier | Kind::Member);
            segments.push(if is_nested { Field::Property.of(current).unwrap_or(current) } else { current });
            next = is_nested.then(|| Field::Object.of(current)).flatten();
        }
        let body = Field::Body.of(node);
        let innermost = segments.remove(0);
        self.nested_namespaces(node, &mut segments.into_iter().rev(), innermost, body, before);
    }

    fn nested_namespaces(
        &mut self,
        node: Node<'_>,
        outer: &mut dyn Iterator<Item = Node<'_>>,
        innermost: Node<'_>,
        body: Option<Node<'_>>,
        before: Before,
    ) {
        let next = outer.next();
        let name = next.unwrap_or(innermost);
        let kind = if Kind::of(name) == Kind::Str { SymbolKind::Module } else { SymbolKind::Namespace };
        let definition = self.definition(node, name, kind, before);
        let definition = if kind == SymbolKind::Module { definition.member() } else { definition };
        let symbol = self.define(definition, before);
        let context = Context::default();
        self.in_context(context, |visitor| {
            visitor.in_symbol(symbol, ScopeKind::Module, |visitor| match (next, body) {
                (Some(_), _) => visitor.deeper(|visitor| {
                    let before = Before { doc: None, ..before };
                    visitor.nested_namespaces(node, outer, innermost, body, before);
                }),
                (None, Some(body)) => visitor.items(body),
                (None, None) => {}
            });
        });
    }

    /// `declare ...`.
    pub(super) fn ambient(&mut self, node: Node<'_>, before: Before) {
        let before = Before {
            start: before.start.or(Some(node.start())),
            signature: before.signature.or(Some(node.start())),
            marks: before.marks.with(Marks::DECLARATION),
            ..before
        };
        for child in self.parts(node) {
            if Kind::of(child) == Kind::StatementBlock {
                self.global(node, child, before);
            } else {
                self.item(child, before);
            }
        }
    }

    /// `declare global {}`.
    fn global(&mut self, node: Node<'_>, body: Node<'_>, before: Before) {
        let name = self.b.intern("global");
        let start = Span::new(node.start(), node.start());
        let mut definition = self.definition_named(node, name, start, SymbolKind::Namespace, before).member();
        definition = definition.body(Some(body));
        let symbol = self.define(definition, Before::default());
        self.in_symbol(symbol, ScopeKind::Module, |visitor| visitor.items(body));
    }
}
