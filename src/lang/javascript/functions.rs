//! Functions of every form: declarations, expressions, arrows, methods; their parameters and results.

use crate::lang::Definition;
use crate::model::{
    Arity, BindingTarget, Expr, ExprId, Literal, Marks, NameId, Node, Role, ScopeKind, Space, Span, SymbolId,
    SymbolKind, Visibility,
};

use super::jsdoc::JsDoc;
use super::kinds::{Field, Kind};
use super::patterns::Binder;
use super::visit::{Before, Context, Keywords, Known, This, Visitor};

impl<'s> Visitor<'_, 's> {
    /// `function f() {}` and its overload signatures.
    pub(super) fn function_declaration(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else {
            self.function(node, None, Context::default());
            return;
        };
        let mut definition = self.definition(node, name, SymbolKind::Function, before);
        definition.marks.add(self.function_marks(node));
        if Kind::of(node) == Kind::FunctionSignature {
            definition.marks.add(Marks::DECLARATION);
        }
        let symbol = self.define(definition, before);
        self.function(node, Some(symbol), function_context(node, symbol));
    }

    /// A function or class expression that stands for itself; gives its value.
    pub(super) fn function_expression(&mut self, node: Node<'_>) -> ExprId {
        if Kind::of(node) == Kind::Arrow {
            let context = Context { is_generator: false, ..self.state.context };
            return self.function(node, None, context);
        }
        match Field::Name.of(node) {
            Some(name) => {
                let definition = self.definition(node, name, SymbolKind::Function, Before::default()).member();
                let symbol = self.define_function(definition, node, None, Before::default());
                self.b.expr(Expr::Symbol(symbol))
            }
            None => self.function(node, None, Context { is_generator: is_generator(node), ..Context::default() }),
        }
    }

    /// A function value (`function`, generator or arrow) that gets its name from where it is stored. `context` is
    /// that of its body if it is no arrow function; by default what the function itself constructs.
    pub(super) fn define_function(
        &mut self,
        mut definition: Definition,
        value: Node<'_>,
        context: Option<Context>,
        before: Before,
    ) -> SymbolId {
        definition.marks.add(self.function_marks(value));
        definition = definition.body(Field::Body.of(value));
        let symbol = self.define(definition, before);
        self.function_of(symbol, value, context);
        symbol
    }

    /// Visits a function value whose definition is `symbol`.
    pub(super) fn function_of(&mut self, symbol: SymbolId, value: Node<'_>, context: Option<Context>) {
        if Kind::of(value) == Kind::Arrow {
            let context = Context { is_generator: false, ..self.state.context };
            self.function(value, Some(symbol), context);
            return;
        }
        let context = context.unwrap_or_else(|| function_context(value, symbol));
        let context = Context { is_generator: is_generator(value), ..context };
        let Some(own) = Field::Name.of(value) else {
            self.function(value, Some(symbol), context);
            return;
        };
        self.under_own_name(own, symbol, |visitor| {
            visitor.function(value, Some(symbol), context);
        });
    }

    /// Visits the inside of a class or function expression, in which alone its `own` name is visible.
    pub(super) fn under_own_name(&mut self, own: Node<'_>, symbol: SymbolId, visit: impl FnOnce(&mut Visitor<'_, 's>)) {
        let own = self.b.name(own);
        self.in_scope(ScopeKind::Block, |visitor| {
            let scope = visitor.b.scope();
            visitor.b.declare(scope, own, 0, BindingTarget::Symbol(symbol));
            visitor.know(scope, own, Known::Symbol(symbol));
            visit(visitor);
        });
    }

    pub(super) fn function_marks(&self, node: Node<'_>) -> Marks {
        let until = Field::Parameters.of(node).or(Field::Parameter.of(node)).map_or(node.start(), Node::start);
        let mut marks = self.keywords(node, until).marks();
        if is_generator(node) {
            marks.add(Marks::GENERATOR);
        }
        marks
    }

    /// The parts of a function; gives its value.
    pub(super) fn function(&mut self, node: Node<'_>, symbol: Option<SymbolId>, context: Context) -> ExprId {
        let outer = std::mem::take(&mut self.state.returns);
        let declared = self.in_context(context, |visitor| match symbol {
            Some(id) => visitor.in_symbol(id, ScopeKind::Function, |visitor| visitor.function_parts(node, symbol)),
            None => visitor.in_scope(ScopeKind::Function, |visitor| visitor.function_parts(node, None)),
        });
        let returns = std::mem::replace(&mut self.state.returns, outer);
        let Some(symbol) = symbol else { return self.function_value(declared, &returns) };
        match declared {
            Some(_) => self.b.symbol_mut(symbol).ty = declared,
            None => returns.iter().for_each(|value| self.b.flow(symbol, *value)),
        }
        self.b.expr(Expr::Symbol(symbol))
    }

    fn function_value(&mut self, declared: Option<ExprId>, returns: &[ExprId]) -> ExprId {
        let result = match declared {
            Some(ty) => self.b.expr(Expr::Typed { ty }),
            None if returns.is_empty() => return self.b.literal(Literal::Function),
            None => self.b.union(returns),
        };
        self.b.expr(Expr::Function { result })
    }

    /// Type parameters, parameters and body; gives the declared return type.
    fn function_parts(&mut self, node: Node<'_>, symbol: Option<SymbolId>) -> Option<ExprId> {
        let expected = std::mem::take(&mut self.state.expected);
        let doc = symbol.and_then(|id| self.b.facts().symbol(id).doc).filter(|_| self.is_untyped());
        let doc = doc.map(|span| JsDoc::parse(&self.b.text_of(span))).unwrap_or_default();
        self.type_parameters(node);
        for template in &doc.templates {
            let name = self.b.intern(template);
            self.b.type_parameter(name, None);
        }
        let (arity, _) = self.parameters(node, Given { symbol, doc: &doc, expected: &expected });
        if let Some(symbol) = symbol {
            self.b.symbol_mut(symbol).arity = Some(arity);
        }
        let declared = self.return_type(node);
        let declared = declared.or_else(|| doc.returns.as_ref().and_then(|ty| self.doc_type(ty)));
        if let Some(body) = Field::Body.of(node) {
            self.function_body(body);
        }
        declared
    }

    /// The declared return type. That of a type guard is its `boolean`.
    pub(super) fn return_type(&mut self, node: Node<'_>) -> Option<ExprId> {
        let annotation = Field::ReturnType.of(node)?;
        Some(self.ty(annotation))
    }

    fn function_body(&mut self, body: Node<'_>) {
        if Kind::of(body) == Kind::StatementBlock {
            self.items(body);
        } else {
            let value = self.result(body);
            self.returned(value);
        }
    }

    /// Whether types stand in comments only.
    pub(super) fn is_untyped(&self) -> bool {
        self.b.dialect() == "javascript"
    }

    /// Declares the parameters in the current scope; gives their written types.
    pub(super) fn parameters(&mut self, node: Node<'_>, given: Given<'_>) -> (Arity, Vec<Option<ExprId>>) {
        let outer = std::mem::take(&mut self.state.parameter_types);
        let arity = self.parameter_list(node, given);
        let types = std::mem::replace(&mut self.state.parameter_types, outer);
        (arity, types)
    }

    fn parameter_list(&mut self, node: Node<'_>, given: Given<'_>) -> Arity {
        if let Some(name) = Field::Parameter.of(node) {
            self.parameter(name, None, given.value(0), given);
            return self.arity(1, 1);
        }
        let (mut count, mut min, mut is_variadic) = (0, 0, false);
        for child in Field::Parameters.of(node).iter().flat_map(|list| list.children()) {
            if self.is_comment(child) {
                continue;
            }
            let Some(form) = self.one_parameter(child, count, given) else { continue };
            count += 1;
            match form {
                Form::Required => min = count,
                Form::Optional => {}
                Form::Rest => is_variadic = true,
            }
        }
        if is_variadic {
            return self.arity(min.min(count - 1), u16::MAX);
        }
        self.arity(min, count)
    }

    /// Getters take nothing and setters one value, in JavaScript too.
    pub(super) fn accessor_arity(&mut self, symbol: SymbolId, keywords: Keywords) {
        let count = if keywords.has(Keywords::GET) { 0 } else { 1 };
        if keywords.has(Keywords::GET) || keywords.has(Keywords::SET) {
            self.b.symbol_mut(symbol).arity = Some(Arity::exactly(count));
        }
    }

    /// JavaScript lets every function be called with any number of arguments.
    fn arity(&self, min: u16, max: u16) -> Arity {
        if self.is_untyped() { Arity { min: 0, max: u16::MAX } } else { Arity { min, max } }
    }

    /// One parameter; none if it only types `this`.
    fn one_parameter(&mut self, node: Node<'_>, index: u16, given: Given<'_>) -> Option<Form> {
        match Kind::of(node) {
            Kind::RequiredParameter | Kind::OptionalParameter => {
                let ty = Field::Type.of(node).map(|ty| self.ty(ty));
                for decorator in node.children().filter(|child| Kind::of(*child) == Kind::Decorator) {
                    self.decorator(decorator);
                }
                let pattern = Field::Pattern.of(node).or(Field::Name.of(node))?;
                if Kind::of(pattern) == Kind::This {
                    if let Some(ty) = ty {
                        let value = self.b.expr(Expr::Typed { ty });
                        self.state.context.this = This::Value(value);
                    }
                    return None;
                }
                let default = Field::Value.of(node).map(|value| self.visit(value));
                let init = self.either(given.value(index), default);
                self.parameter(pattern, ty, init, given);
                self.parameter_property(node, pattern, ty);
                let is_optional = default.is_some() || Kind::of(node) == Kind::OptionalParameter;
                Some(match Kind::of(pattern) {
                    Kind::RestPattern => Form::Rest,
                    _ if is_optional => Form::Optional,
                    _ => Form::Required,
                })
            }
            Kind::AssignmentPattern => {
                let default = Field::Right.of(node).map(|value| self.visit(value));
                let init = self.either(given.value(index), default);
                if let Some(pattern) = Field::Left.of(node) {
                    self.parameter(pattern, None, init, given);
                }
                Some(Form::Optional)
            }
            Kind::RestPattern => {
                self.parameter(node, None, None, given);
                Some(Form::Rest)
            }
            _ => {
                self.parameter(node, None, given.value(index), given);
                Some(Form::Required)
            }
        }
    }

    fn parameter(&mut self, pattern: Node<'_>, ty: Option<ExprId>, init: Option<ExprId>, given: Given<'_>) {
        let inner = match Kind::of(pattern) {
            Kind::RestPattern => pattern.children().find(|child| Kind::of(*child) == Kind::Identifier),
            Kind::Identifier => Some(pattern),
            _ => None,
        };
        let name = inner.map(|inner| self.b.name(inner));
        let ty = ty.or_else(|| self.documented_parameter(name?, given.doc));
        self.state.parameter_types.push(ty);
        if let Some(symbol) = given.symbol {
            self.b.parameter(symbol, name, ty);
        }
        let binder = Binder::local(self.b.scope());
        self.bind(pattern, ty, init, binder);
    }

    fn documented_parameter(&mut self, name: NameId, doc: &JsDoc) -> Option<ExprId> {
        let text = self.b.name_text(name);
        let (_, ty) = doc.parameters.iter().find(|(parameter, _)| parameter == text)?;
        self.doc_type(ty)
    }

    /// `constructor(private x: T)` defines the field `x` of the class.
    fn parameter_property(&mut self, node: Node<'_>, pattern: Node<'_>, ty: Option<ExprId>) {
        let keywords = self.keywords(node, pattern.start());
        let access = node.children().find(|child| Kind::of(*child) == Kind::Accessibility);
        let is_property = access.is_some()
            || keywords.has(Keywords::READONLY)
            || node.children().any(|child| Kind::of(child) == Kind::Override);
        let class = self.state.context.class;
        let (true, Some(class), Kind::Identifier) = (is_property, class, Kind::of(pattern)) else { return };
        let mut definition = self.definition(node, pattern, SymbolKind::Field, Before::default());
        definition.visibility = self.accessibility(node);
        definition.ty = ty;
        self.define_member_of(class, definition);
    }

    /// Records a member of `class` from inside one of its methods.
    pub(super) fn define_member_of(&mut self, class: SymbolId, definition: Definition) -> SymbolId {
        let id = self.b.define_in(definition.member(), Some(class));
        self.state.members.insert((class, definition.name), id);
        id
    }

    /// `private`, `protected` or neither, and `#name`.
    pub(super) fn accessibility(&self, node: Node<'_>) -> Visibility {
        let is_private_name =
            Field::Name.of(node).or(Field::Property.of(node)).is_some_and(|name| Kind::of(name) == Kind::PrivateName);
        if is_private_name {
            return Visibility::Private;
        }
        match node.children().find(|child| Kind::of(*child) == Kind::Accessibility) {
            Some(access) if self.b.is(access, "private") => Visibility::Private,
            Some(access) if self.b.is(access, "protected") => Visibility::Protected,
            _ => Visibility::Public,
        }
    }

    /// `@name` or `@name(...)`.
    pub(super) fn decorator(&mut self, node: Node<'_>) {
        let Some(inner) = node.children().find(|child| !self.is_comment(*child)) else { return };
        if Kind::of(inner) != Kind::Call {
            let (expr, name) = self.callee(inner);
            if let Some((name, span)) = name {
                self.b.occurrence_at(Role::Decorator, expr, name, span, None);
            }
            return;
        }
        let before = self.b.facts().occurrences.len();
        self.visit(inner);
        // The call of a decorator with arguments is a use as decorator at the same name token.
        let name = Field::Function.of(inner).map(|function| self.last_name(function));
        let call = self.b.facts().occurrences[before..]
            .iter()
            .find(|occurrence| occurrence.role == Role::Call && Some(occurrence.span) == name)
            .copied();
        if let Some(call) = call {
            self.b.occurrence_at(Role::Decorator, call.expr, call.name, call.span, None);
        }
    }

    fn last_name(&self, function: Node<'_>) -> Span {
        Field::Property.of(function).unwrap_or(function).span()
    }

    /// The plain name that `node` is.
    pub(super) fn value_name(&mut self, node: Node<'_>) -> ExprId {
        self.b.name_expr(node, Space::Value)
    }
}

/// What is known of the parameters of a function besides how they are written.
#[derive(Clone, Copy)]
pub(super) struct Given<'d> {
    pub(super) symbol: Option<SymbolId>,
    pub(super) doc: &'d JsDoc,
    pub(super) expected: &'d [Option<ExprId>],
}

impl Given<'_> {
    /// What the parameter at `index` is called with.
    fn value(self, index: u16) -> Option<ExprId> {
        self.expected.get(index as usize).copied().flatten()
    }
}

enum Form {
    Required,
    Optional,
    Rest,
}

fn is_generator(node: Node<'_>) -> bool {
    matches!(Kind::of(node), Kind::GeneratorDeclaration | Kind::GeneratorFunction)
}

/// A plain function may be a constructor: `this` is what it makes.
fn function_context(node: Node<'_>, symbol: SymbolId) -> Context {
    Context { this: This::Instance(symbol), class: None, is_generator: is_generator(node) }
}
