//! Expressions: names, members, calls, and what is known of their values.

use crate::model::{Expr, ExprId, ImportPath, ImportShape, Literal, NameId, Node, Role, Space, Span};

use super::kinds::{Field, Kind};
use super::visit::{Known, Visitor};

/// The token that names what is called, and its text without quotes.
type Named = (NameId, Span);

impl<'n> Visitor<'_, '_> {
    /// Visits an expression or anything without a rule of its own; gives its value.
    pub(super) fn expr(&mut self, node: Node<'n>) -> ExprId {
        match Kind::of(node) {
            Kind::Identifier => {
                let expr = self.value_name(node);
                self.b.occurrence(Role::Read, expr, node);
                expr
            }
            Kind::ShorthandProperty => {
                let expr = self.value_name(node);
                self.b.occurrence(Role::Read, expr, node);
                expr
            }
            Kind::This => self.this(),
            Kind::Super => self.super_value(),
            Kind::Member => self.member_read(node),
            Kind::Subscript => self.subscript(node),
            Kind::Call => self.call(node),
            Kind::New => self.new_expression(node),
            Kind::FunctionExpression | Kind::GeneratorFunction | Kind::Arrow => self.function_expression(node),
            Kind::Class if !node.is_leaf() => self.class_expression(node),
            Kind::Object => self.object(node),
            Kind::Array => self.array(node),
            Kind::Augmented => self.augmented(node),
            Kind::Binary => self.binary(node),
            Kind::Ternary => self.ternary(node),
            Kind::Unary => self.unary(node),
            Kind::Update => self.update(node),
            Kind::Await => self.wrap(node, |base| Expr::Await { base }),
            Kind::Spread => self.wrap(node, |base| Expr::Element { base }),
            Kind::Parenthesized | Kind::Sequence => self.last(node),
            Kind::NonNull => self.wrap_in(node),
            Kind::As => self.cast(node),
            Kind::TypeAssertion => self.assertion(node),
            Kind::Satisfies | Kind::Instantiation => self.typed_value(node),
            Kind::TypeArguments => {
                self.type_arguments(node);
                self.unknown()
            }
            Kind::Str | Kind::TemplateString => {
                self.substitutions(node);
                self.b.literal(Literal::Str)
            }
            Kind::Number => self.b.literal(Literal::Int),
            Kind::True | Kind::False => self.b.literal(Literal::Bool),
            Kind::Null | Kind::Undefined => self.b.literal(Literal::Null),
            Kind::Regex => self.b.literal(Literal::Regex),
            Kind::JsxElement | Kind::JsxSelfClosing => self.jsx(node),
            Kind::JsxNamespace | Kind::JsxText | Kind::JsxClosing => self.unknown(),
            Kind::Decorator => {
                self.decorator(node);
                self.unknown()
            }
            _ => {
                self.each(node);
                self.unknown()
            }
        }
    }

    fn wrap(&mut self, node: Node<'n>, make: impl FnOnce(ExprId) -> Expr) -> ExprId {
        let base = self.wrap_in(node);
        self.b.expr(make(base))
    }

    /// Visits all children; gives the value of the first.
    fn wrap_in(&mut self, node: Node<'n>) -> ExprId {
        let values: Vec<ExprId> = self.parts(node).into_iter().map(|child| self.visit(child)).collect();
        values.first().copied().unwrap_or_else(|| self.unknown())
    }

    /// Visits all children; gives the value of the last.
    fn last(&mut self, node: Node<'n>) -> ExprId {
        let values: Vec<ExprId> = self.parts(node).into_iter().map(|child| self.visit(child)).collect();
        values.last().copied().unwrap_or_else(|| self.unknown())
    }

    fn substitutions(&mut self, node: Node<'n>) {
        for child in node.children().filter(|child| Kind::of(*child) == Kind::TemplateSubstitution) {
            self.each(child);
        }
    }

    fn super_value(&mut self) -> ExprId {
        match self.state.context.class {
            Some(class) => self.b.expr(Expr::Super(class)),
            None => self.unknown(),
        }
    }

    fn member_read(&mut self, node: Node<'n>) -> ExprId {
        let (expr, name) = self.member_silent(node);
        if let Some((name, span)) = name {
            self.b.occurrence_at(Role::Read, expr, name, span, None);
        }
        expr
    }

    fn member_silent(&mut self, node: Node<'n>) -> (ExprId, Option<Named>) {
        let (Some(object), Some(property)) = (Field::Object.of(node), Field::Property.of(node)) else {
            self.each(node);
            return (self.unknown(), None);
        };
        let base = self.visit(object);
        let name = self.b.name(property);
        let expr = self.b.expr(Expr::Member { base, name });
        if self.is_own_exports(base) {
            self.state.export_uses.push((expr, name));
        }
        (expr, Some((name, property.span())))
    }

    /// Whether a value is this module's own `exports` or `module.exports`.
    fn is_own_exports(&self, value: ExprId) -> bool {
        let facts = self.b.facts();
        let is_free = |value, wanted: &str| match facts.expr(value) {
            Expr::Name { name, scope, .. } => {
                self.b.name_text(name) == wanted && !matches!(self.lookup(scope, name), Some((_, Known::Symbol(_))))
            }
            _ => false,
        };
        match facts.expr(value) {
            Expr::Member { base, name } => self.b.name_text(name) == "exports" && is_free(base, "module"),
            _ => is_free(value, "exports"),
        }
    }

    fn subscript(&mut self, node: Node<'n>) -> ExprId {
        let (expr, name) = self.subscript_silent(node);
        if let Some((name, span)) = name {
            self.b.occurrence_at(Role::Read, expr, name, span, None);
        }
        expr
    }

    /// `object['name']` is a member, `object[index]` is not.
    fn subscript_silent(&mut self, node: Node<'n>) -> (ExprId, Option<Named>) {
        let Some(object) = Field::Object.of(node) else {
            self.each(node);
            return (self.unknown(), None);
        };
        let base = self.visit(object);
        match Field::Index.of(node) {
            Some(index) if Kind::of(index) == Kind::Str => {
                let name = self.string(index);
                (self.b.expr(Expr::Member { base, name }), Some((name, index.span())))
            }
            index => {
                if let Some(index) = index {
                    self.visit(index);
                }
                (self.b.expr(Expr::Index { base }), None)
            }
        }
    }

    /// What is called or extended, and the token that names it, recorded as nothing yet.
    pub(super) fn callee(&mut self, node: Node<'n>) -> (ExprId, Option<Named>) {
        self.deeper(|visitor| visitor.callee_here(node))
    }

    /// `!f!(x)` and `a || f!(x)` are read as if the `!` after the name closed the whole: the last operand is called.
    fn misread_callee(&mut self, node: Node<'n>) -> (ExprId, Option<Named>) {
        if let Some(left) = Field::Left.of(node) {
            self.visit(left);
        }
        let last = self.parts(node).last().copied();
        match last.map(|last| (Kind::of(last), last)) {
            Some((Kind::Binary | Kind::Unary, last)) => self.deeper(|visitor| visitor.misread_callee(last)),
            Some((_, last)) => self.callee(last),
            None => (self.unknown(), None),
        }
    }

    fn callee_here(&mut self, node: Node<'n>) -> (ExprId, Option<Named>) {
        match Kind::of(node) {
            Kind::Identifier => {
                let name = self.b.name(node);
                (self.value_name(node), Some((name, node.span())))
            }
            Kind::Super => {
                let name = self.b.name(node);
                (self.super_value(), Some((name, node.span())))
            }
            Kind::Member => self.member_silent(node),
            Kind::Subscript => self.subscript_silent(node),
            Kind::Parenthesized | Kind::NonNull | Kind::As | Kind::Satisfies | Kind::Instantiation => {
                self.wrapped_callee(node)
            }
            _ => (self.visit(node), None),
        }
    }

    /// A callee in parentheses or with a cast is still the one that is named.
    fn wrapped_callee(&mut self, node: Node<'n>) -> (ExprId, Option<Named>) {
        let parts = self.parts(node);
        let Some((first, rest)) = parts.split_first() else { return (self.unknown(), None) };
        if Kind::of(node) == Kind::NonNull && matches!(Kind::of(*first), Kind::Binary | Kind::Unary) {
            return self.misread_callee(*first);
        }
        let names_it = matches!(
            Kind::of(*first),
            Kind::Identifier | Kind::Member | Kind::Parenthesized | Kind::NonNull | Kind::As | Kind::Satisfies
        );
        if !names_it || (Kind::of(node) == Kind::Parenthesized && !rest.is_empty()) {
            return (self.visit(node), None);
        }
        let callee = self.callee(*first);
        for ty in rest {
            self.ty(*ty);
        }
        callee
    }

    fn call(&mut self, node: Node<'n>) -> ExprId {
        let Some(function) = Field::Function.of(node) else { return self.unknown() };
        if Kind::of(function) == Kind::Import {
            return self.dynamic_import(node, function);
        }
        if let Some(specifier) = self.required(node) {
            self.require_call(node);
            let path = ImportPath::Specifier(specifier);
            let id = self.b.import(path, ImportShape::Whole, None, false, node.span());
            return self.b.expr(Expr::Import(id));
        }
        let (callee, name) = self.callee(function);
        let named = callee;
        let callee = match Field::TypeArgs.of(node).map(|arguments| self.type_arguments(arguments)) {
            Some(types) => {
                let args = self.b.list(&types);
                self.b.expr(Expr::Apply { base: callee, args })
            }
            None => callee,
        };
        let (values, arity) = self.call_arguments(node, callee);
        self.called(named, name, function, arity);
        self.note_inheritance(node, name, &values);
        let args = self.b.list(&values);
        self.b.expr(Expr::Call { callee, args })
    }

    fn called(&mut self, callee: ExprId, name: Option<Named>, function: Node<'n>, arity: Option<u16>) {
        let (name, span) = match name {
            Some(named) => named,
            None => (self.b.intern("<computed>"), self.computed_span(function)),
        };
        self.b.occurrence_at(Role::Call, callee, name, span, arity);
    }

    /// The callee inside its parentheses.
    fn computed_span(&self, mut function: Node<'n>) -> Span {
        while let (Kind::Parenthesized, [inner]) = (Kind::of(function), self.parts(function).as_slice()) {
            function = *inner;
        }
        function.span()
    }

    /// The arguments of a call; a function literal passed to a method of arrays or promises is called with what is
    /// in them.
    fn call_arguments(&mut self, node: Node<'n>, callee: ExprId) -> (Vec<ExprId>, Option<u16>) {
        let arguments = Field::Args.of(node);
        let first = arguments.and_then(|arguments| self.parts(arguments).first().copied());
        let is_literal = first.is_some_and(|first| matches!(Kind::of(first), Kind::Arrow | Kind::FunctionExpression));
        if let (true, Expr::Member { base, name }) = (is_literal && self.is_untyped(), self.b.facts().expr(callee)) {
            self.state.expected = self.passed_values(base, name);
        }
        let result = self.arguments(arguments, Some(callee));
        self.state.expected.clear();
        result
    }

    /// What a method of arrays, sets and promises calls its first argument with.
    fn passed_values(&mut self, base: ExprId, method: NameId) -> Vec<Option<ExprId>> {
        match self.b.name_text(method) {
            "forEach" | "map" | "filter" | "find" | "findIndex" | "findLast" | "findLastIndex" | "some" | "every"
            | "flatMap" => vec![Some(self.b.expr(Expr::Element { base }))],
            "reduce" | "reduceRight" => vec![None, Some(self.b.expr(Expr::Element { base }))],
            "sort" | "toSorted" => {
                let element = self.b.expr(Expr::Element { base });
                vec![Some(element), Some(element)]
            }
            "then" => vec![Some(self.b.expr(Expr::Await { base }))],
            _ => Vec::new(),
        }
    }

    /// Values and number of arguments; no number if some are spread.
    fn arguments(&mut self, node: Option<Node<'n>>, callee: Option<ExprId>) -> (Vec<ExprId>, Option<u16>) {
        let Some(node) = node else { return (Vec::new(), Some(0)) };
        if Kind::of(node) == Kind::TemplateString {
            self.substitutions(node);
            let substitutions = node.children().filter(|child| Kind::of(*child) == Kind::TemplateSubstitution);
            return (Vec::new(), Some(1 + substitutions.count() as u16));
        }
        let parts = self.parts(node);
        let is_spread = parts.iter().any(|part| Kind::of(*part) == Kind::Spread);
        let mut values = Vec::new();
        for part in parts {
            if let Some(callee) = callee.filter(|_| !self.is_untyped()) {
                self.state.expected = self.handed_values(part, callee, values.len() as u16);
            }
            values.push(self.visit(part));
        }
        let arity = (!is_spread).then_some(values.len() as u16);
        (values, arity)
    }

    /// What a callee calls a function literal with that it is given as the argument at `place`.
    fn handed_values(&mut self, argument: Node<'n>, callee: ExprId, place: u16) -> Vec<Option<ExprId>> {
        if !matches!(Kind::of(argument), Kind::Arrow | Kind::FunctionExpression) {
            return Vec::new();
        }
        let count = match Field::Parameters.of(argument) {
            Some(list) => list.children().count() as u16,
            None => 1,
        };
        (0..count).map(|index| Some(self.b.expr(Expr::Passed { callee, place, index }))).collect()
    }

    /// `inherits(Class, Base)` as Node's `util` has it.
    fn note_inheritance(&mut self, node: Node<'n>, name: Option<Named>, values: &[ExprId]) {
        if name.is_none_or(|(name, _)| self.b.name_text(name) != "inherits") {
            return;
        }
        let class = Field::Args.of(node).and_then(|arguments| self.parts(arguments).first().copied());
        if let (Some(class), [_, base]) = (class, values)
            && Kind::of(class) == Kind::Identifier
        {
            self.inherits(class, *base);
        }
    }

    fn new_expression(&mut self, node: Node<'n>) -> ExprId {
        let Some(constructor) = Field::Constructor.of(node) else {
            self.each(node);
            return self.unknown();
        };
        let (class, name) = self.callee(constructor);
        let types = Field::TypeArgs.of(node).map(|arguments| self.type_arguments(arguments));
        let named = class;
        let class = match types {
            Some(types) => {
                let args = self.b.list(&types);
                self.b.expr(Expr::Apply { base: class, args })
            }
            None => class,
        };
        let (values, arity) = self.arguments(Field::Args.of(node), Some(class));
        self.called(named, name, constructor, arity);
        let args = self.b.list(&values);
        self.b.expr(Expr::New { class, args })
    }

    /// `import('x')` gives a promise of the module.
    fn dynamic_import(&mut self, node: Node<'n>, keyword: Node<'n>) -> ExprId {
        let callee = self.b.name_expr(keyword, Space::Value);
        let (_, arity) = self.arguments(Field::Args.of(node), None);
        let name = self.b.name(keyword);
        self.b.occurrence_at(Role::Call, callee, name, keyword.span(), arity);
        let specifier = Field::Args.of(node).and_then(|arguments| self.parts(arguments).first().copied());
        let Some(specifier) = specifier.filter(|specifier| Kind::of(*specifier) == Kind::Str) else {
            return self.unknown();
        };
        let path = ImportPath::Specifier(self.string(specifier));
        let id = self.b.import(path, ImportShape::Whole, None, false, node.span());
        self.b.expr(Expr::Import(id))
    }

    /// The specifier of `require('specifier')`, if `node` is that.
    pub(super) fn required(&mut self, node: Node<'n>) -> Option<NameId> {
        if Kind::of(node) != Kind::Call {
            return None;
        }
        let function = Field::Function.of(node)?;
        if Kind::of(function) != Kind::Identifier || !self.b.is(function, "require") {
            return None;
        }
        let arguments = self.parts(Field::Args.of(node)?);
        match arguments.as_slice() {
            [only] if Kind::of(*only) == Kind::Str => Some(self.string(*only)),
            _ => None,
        }
    }

    /// Records the call of `require` itself.
    pub(super) fn require_call(&mut self, node: Node<'n>) {
        if let Some(function) = Field::Function.of(node) {
            let callee = self.value_name(function);
            self.b.call(callee, function, Some(1));
        }
    }

    fn array(&mut self, node: Node<'n>) -> ExprId {
        let items: Vec<ExprId> = self.parts(node).into_iter().map(|item| self.visit(item)).collect();
        let items = self.b.list(&items);
        self.b.expr(Expr::List { items })
    }

    fn binary(&mut self, node: Node<'n>) -> ExprId {
        let (Some(left), Some(right)) = (Field::Left.of(node), Field::Right.of(node)) else {
            self.each(node);
            return self.unknown();
        };
        let first = self.visit(left);
        let second = self.visit(right);
        let operator = self.b.text_of(Span::new(left.end(), right.start().max(left.end()))).trim().to_owned();
        match operator.as_str() {
            "||" | "??" => self.b.union(&[first, second]),
            "&&" => second,
            "==" | "===" | "!=" | "!==" | "<" | ">" | "<=" | ">=" | "in" | "instanceof" => {
                self.b.literal(Literal::Bool)
            }
            "-" | "*" | "/" | "%" | "**" | "|" | "&" | "^" | "<<" | ">>" | ">>>" => self.b.literal(Literal::Int),
            "+" if self.is_text(first) || self.is_text(second) => self.b.literal(Literal::Str),
            _ => self.unknown(),
        }
    }

    fn is_text(&self, value: ExprId) -> bool {
        matches!(self.b.facts().expr(value), Expr::Literal(Literal::Str))
    }

    fn ternary(&mut self, node: Node<'n>) -> ExprId {
        if let Some(condition) = Field::Condition.of(node) {
            self.visit(condition);
        }
        let branches = [Field::Consequence.of(node), Field::Alternative.of(node)];
        let values: Vec<ExprId> = branches.into_iter().flatten().map(|branch| self.visit(branch)).collect();
        if values.is_empty() { self.unknown() } else { self.b.union(&values) }
    }

    fn unary(&mut self, node: Node<'n>) -> ExprId {
        self.each(node);
        match node.span().slice(self.b.source()).first() {
            Some(b'!' | b'd') => self.b.literal(Literal::Bool),
            Some(b't') => self.b.literal(Literal::Str),
            Some(b'v') => self.b.literal(Literal::Null),
            _ => self.b.literal(Literal::Int),
        }
    }

    /// `x++`, a write.
    fn update(&mut self, node: Node<'n>) -> ExprId {
        for part in self.parts(node) {
            self.write(part);
        }
        self.b.literal(Literal::Int)
    }

    /// Records a write whose value does not matter.
    pub(super) fn write(&mut self, node: Node<'n>) {
        if !matches!(Kind::of(node), Kind::Identifier | Kind::Member) {
            self.visit(node);
            return;
        }
        let (expr, name) = self.callee(node);
        if let Some((name, span)) = name {
            self.b.occurrence_at(Role::Write, expr, name, span, None);
        }
    }

    /// `value as Type`; `value as const` is the value.
    fn cast(&mut self, node: Node<'n>) -> ExprId {
        let parts = self.parts(node);
        let value = parts.first().map(|value| self.visit(*value));
        match (value, parts.get(1)) {
            (_, Some(ty)) => self.typed(*ty),
            (Some(value), None) => value,
            (None, None) => self.unknown(),
        }
    }

    /// `<Type>value`.
    fn assertion(&mut self, node: Node<'n>) -> ExprId {
        let parts = self.parts(node);
        let types = match parts.first() {
            Some(first) if Kind::of(*first) == Kind::TypeArguments => self.type_arguments(*first),
            _ => Vec::new(),
        };
        let value = parts.get(1).map(|value| self.visit(*value));
        match (types.first(), value) {
            (Some(ty), _) => self.b.expr(Expr::Typed { ty: *ty }),
            (None, Some(value)) => value,
            (None, None) => self.unknown(),
        }
    }

    fn typed(&mut self, ty: Node<'n>) -> ExprId {
        let ty = self.ty(ty);
        self.b.expr(Expr::Typed { ty })
    }

    /// `value satisfies Type` and `value<Type>` are the value.
    fn typed_value(&mut self, node: Node<'n>) -> ExprId {
        let parts = self.parts(node);
        let value = parts.first().map(|value| self.visit(*value));
        for ty in parts.iter().skip(1) {
            self.ty(*ty);
        }
        value.unwrap_or_else(|| self.unknown())
    }

    /// An element reads the component it is made of; lower-case names are the page's own elements.
    fn jsx(&mut self, node: Node<'n>) -> ExprId {
        for child in node.children() {
            match Kind::of(child) {
                Kind::JsxOpening => {
                    self.jsx(child);
                }
                Kind::JsxClosing => {}
                _ if Field::Name.is(child) => self.jsx_name(child),
                Kind::JsxAttribute => self.each(child),
                _ => {
                    self.visit(child);
                }
            }
        }
        self.unknown()
    }

    fn jsx_name(&mut self, name: Node<'n>) {
        let is_component = self.b.text(name).starts_with(|first: char| !first.is_ascii_lowercase());
        match Kind::of(name) {
            Kind::Member => {
                self.visit(name);
            }
            Kind::Identifier if is_component => {
                self.visit(name);
            }
            _ => {}
        }
    }
}
