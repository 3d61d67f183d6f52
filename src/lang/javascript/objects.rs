//! Object literals: their functions are methods of what holds the object.

use crate::lang::Definition;
use crate::model::{Expr, ExprId, Literal, Marks, Node, RelationKind, Role, Span, SymbolId, SymbolKind, Visibility};

use super::kinds::{Field, Kind};
use super::visit::{Before, Context, Exported, Keywords, This, Visitor};

/// What the properties of an object literal become members of.
#[derive(Clone, Copy)]
pub(super) enum Holder {
    /// A variable, field or the object itself.
    Symbol(SymbolId),
    /// Instances of a class or constructor function.
    Prototype { class: ExprId, symbol: Option<SymbolId> },
    /// The module.
    Exports,
}

impl Visitor<'_, '_> {
    /// The value of an object literal that is stored nowhere in particular.
    pub(super) fn object(&mut self, node: Node<'_>) -> ExprId {
        if has_functions(node) { self.anonymous_object(node) } else { self.plain_object(node) }
    }

    /// A returned or stored value: an object literal becomes something with members.
    pub(super) fn result(&mut self, node: Node<'_>) -> ExprId {
        let node = self.core(node);
        let is_holder = Kind::of(node) == Kind::Object && has_names(node);
        if is_holder { self.anonymous_object(node) } else { self.visit(node) }
    }

    fn plain_object(&mut self, node: Node<'_>) -> ExprId {
        for child in node.children() {
            match Kind::of(child) {
                Kind::Pair => {
                    self.computed_key(child);
                    if let Some(value) = Field::Value.of(child) {
                        self.visit(value);
                    }
                }
                _ => {
                    self.visit(child);
                }
            }
        }
        self.b.literal(Literal::Map)
    }

    fn anonymous_object(&mut self, node: Node<'_>) -> ExprId {
        let name = self.b.intern("<object>");
        let start = Span::new(node.start(), node.start());
        let mut definition = Definition::new(SymbolKind::Variable, name, start, node).member();
        definition.signature = start;
        let symbol = self.define(definition, Before::default());
        self.object_members(node, Holder::Symbol(symbol));
        self.b.expr(Expr::Instance(symbol))
    }

    /// Defines the properties of an object literal as members of `holder`.
    pub(super) fn object_members(&mut self, node: Node<'_>, holder: Holder) {
        self.deeper(|visitor| {
            let mut before = Before::default();
            for child in node.children() {
                if visitor.is_comment(child) {
                    visitor.comment(child, &mut before);
                } else {
                    visitor.property(child, holder, std::mem::take(&mut before));
                }
            }
        });
    }

    fn property(&mut self, node: Node<'_>, holder: Holder, before: Before) {
        match Kind::of(node) {
            Kind::MethodDefinition => self.object_method(node, holder, before),
            Kind::Pair => self.pair(node, holder, before),
            Kind::ShorthandProperty => {
                let value = self.value_name(node);
                self.b.occurrence(Role::Read, value, node);
                if let Holder::Exports = holder {
                    let name = self.b.name(node);
                    self.b.export(name, value);
                    return;
                }
                let definition = self.definition(node, node, SymbolKind::Field, before);
                let symbol = self.define_property(definition, holder);
                self.b.flow(symbol, value);
            }
            Kind::Spread => self.spread_property(node, holder),
            _ => {
                self.visit(node);
            }
        }
    }

    /// `...require('./x')` in the exports passes on all of that module.
    fn spread_property(&mut self, node: Node<'_>, holder: Holder) {
        let value = node.children().find(|child| !self.is_comment(*child));
        let specifier = value.and_then(|value| self.required(value));
        let (Holder::Exports, Some(value), Some(specifier)) = (holder, value, specifier) else {
            self.visit(node);
            return;
        };
        self.require_call(value);
        self.reexport_all(specifier, node.span());
    }

    fn object_method(&mut self, node: Node<'_>, holder: Holder, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        self.computed_name(name);
        let keywords = self.keywords(node, name.start());
        let mut definition = self.definition(node, name, holder.function_kind(), before);
        definition.marks.add(keywords.marks().with(Marks::RECEIVER));
        if keywords.has(Keywords::GET) || keywords.has(Keywords::SET) {
            definition.marks.add(Marks::ACCESSOR);
        }
        let symbol = self.define_property(definition, holder);
        let is_generator = keywords.has(Keywords::GENERATOR);
        let context = Context { is_generator, ..self.holder_context(holder) };
        self.function(node, Some(symbol), context);
        self.accessor_arity(symbol, keywords);
    }

    fn pair(&mut self, node: Node<'_>, holder: Holder, before: Before) {
        let (Some(key), Some(value)) = (Field::Key.of(node), Field::Value.of(node)) else { return };
        self.computed_name(key);
        let value = self.core(value);
        if matches!(holder, Holder::Exports) && is_reference(value) {
            let expr = self.visit(value);
            let name = self.member_name(key);
            self.b.export(name, expr);
            return;
        }
        let mut definition = self.definition(node, key, SymbolKind::Field, before);
        self.stored(&mut definition, value, holder.function_kind());
        let symbol = self.define_property(definition, holder);
        let context = self.holder_context(holder);
        self.store(symbol, value, context);
    }

    /// Completes the definition of something that holds `value` from the start.
    pub(super) fn stored(&self, definition: &mut Definition, value: Node<'_>, function: SymbolKind) {
        definition.signature.end = value.start();
        match Kind::of(value) {
            Kind::FunctionExpression | Kind::GeneratorFunction | Kind::Arrow => {
                definition.kind = function;
                definition.marks.add(self.function_marks(value));
                *definition = definition.body(Field::Body.of(value));
                if Kind::of(value) != Kind::Arrow && function == SymbolKind::Method {
                    definition.marks.add(Marks::RECEIVER);
                }
            }
            Kind::Class => {
                definition.kind = SymbolKind::Class;
                *definition = definition.body(Field::Body.of(value));
            }
            _ => {}
        }
    }

    /// Visits the value that `symbol` holds from the start; `context` is that of its functions.
    pub(super) fn store(&mut self, symbol: SymbolId, value: Node<'_>, context: Context) {
        match Kind::of(value) {
            Kind::FunctionExpression | Kind::GeneratorFunction | Kind::Arrow => {
                self.function_of(symbol, value, Some(context));
            }
            Kind::Class => self.class_of(symbol, value),
            Kind::Object if has_properties(value) => self.object_members(value, Holder::Symbol(symbol)),
            _ => {
                let value = self.visit(value);
                self.b.flow(symbol, value);
            }
        }
    }

    fn holder_context(&mut self, holder: Holder) -> Context {
        match holder {
            Holder::Symbol(symbol) => Context { this: This::Instance(symbol), ..Context::default() },
            Holder::Prototype { class, symbol } => self.prototype_context(class, symbol),
            Holder::Exports => Context { this: This::Exports, ..Context::default() },
        }
    }

    /// What functions of a prototype see: `this` is made by the class.
    pub(super) fn prototype_context(&mut self, class: ExprId, symbol: Option<SymbolId>) -> Context {
        let this = match symbol {
            Some(symbol) => This::Instance(symbol),
            None => {
                let args = self.b.list(&[]);
                This::Value(self.b.expr(Expr::New { class, args }))
            }
        };
        Context { this, class: symbol, is_generator: false }
    }

    fn define_property(&mut self, mut definition: Definition, holder: Holder) -> SymbolId {
        definition.visibility = Visibility::Public;
        match holder {
            Holder::Symbol(symbol) => self.define_member_of(symbol, definition),
            Holder::Prototype { class, symbol } => self.define_prototype_member(definition, class, symbol),
            Holder::Exports => self.define_export(definition),
        }
    }

    /// Records a member of all instances of `class`, written outside of it.
    pub(super) fn define_prototype_member(
        &mut self,
        definition: Definition,
        class: ExprId,
        symbol: Option<SymbolId>,
    ) -> SymbolId {
        let id = self.define(definition.member(), Before::default());
        self.b.relation(id, RelationKind::MemberOf, class);
        if let Some(symbol) = symbol {
            self.state.members.insert((symbol, definition.name), id);
        }
        id
    }

    /// Records what `exports.name` is set to.
    pub(super) fn define_export(&mut self, mut definition: Definition) -> SymbolId {
        definition.marks.add(Marks::EXPORTED);
        definition.visibility = Visibility::Public;
        let id = self.define(definition.member(), Before { export: Exported::No, ..Before::default() });
        let value = self.b.expr(Expr::Symbol(id));
        self.b.export(definition.name, value);
        self.state.common_exports.insert(definition.name, id);
        id
    }

    fn computed_key(&mut self, pair: Node<'_>) {
        if let Some(key) = Field::Key.of(pair) {
            self.computed_name(key);
        }
    }

    /// Visits the expression of `[expression]` as a property name.
    pub(super) fn computed_name(&mut self, name: Node<'_>) {
        if Kind::of(name) == Kind::ComputedName {
            self.each(name);
        }
    }
}

impl Holder {
    fn function_kind(self) -> SymbolKind {
        match self {
            Self::Exports => SymbolKind::Function,
            Self::Symbol(_) | Self::Prototype { .. } => SymbolKind::Method,
        }
    }
}

/// Whether some property of an object literal is a function.
pub(super) fn has_functions(object: Node<'_>) -> bool {
    object.children().any(|child| match Kind::of(child) {
        Kind::MethodDefinition => true,
        Kind::Pair => Field::Value.of(child).is_some_and(is_function),
        _ => false,
    })
}

/// Whether some property of an object literal is a function or may name one.
fn has_names(object: Node<'_>) -> bool {
    has_functions(object)
        || object.children().any(|child| match Kind::of(child) {
            Kind::ShorthandProperty => true,
            Kind::Pair => Field::Value.of(child).is_some_and(is_reference),
            _ => false,
        })
}

/// Whether an object literal has any property.
pub(super) fn has_properties(object: Node<'_>) -> bool {
    object
        .children()
        .any(|child| matches!(Kind::of(child), Kind::MethodDefinition | Kind::Pair | Kind::ShorthandProperty))
}

/// Whether a value is a function or class literal.
pub(super) fn is_function(value: Node<'_>) -> bool {
    matches!(Kind::of(value), Kind::FunctionExpression | Kind::GeneratorFunction | Kind::Arrow | Kind::Class)
}

/// Whether a value is a name or a member of something.
pub(super) fn is_reference(value: Node<'_>) -> bool {
    matches!(Kind::of(value), Kind::Identifier | Kind::Member)
}
