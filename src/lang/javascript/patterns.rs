//! Variables and the patterns that bind or assign them.

use crate::lang::Definition;
use crate::model::{
    Expr, ExprId, ImportId, ImportPath, ImportShape, Literal, NameId, Node, Role, ScopeId, ScopeKind, Span, SymbolKind,
};

use super::jsdoc::JsDoc;
use super::kinds::{Field, Kind};
use super::objects::{Holder, has_functions};
use super::visit::{Before, Exported, Keywords, Known, Visitor};

/// What binding a name does.
#[derive(Clone, Copy)]
pub(super) struct Binder {
    scope: ScopeId,
    form: BinderForm,
    before: Before,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum BinderForm {
    /// Declares a local variable or parameter.
    Local,
    /// Defines a variable of the module.
    Symbol(SymbolKind),
    /// Assigns to what is declared elsewhere.
    Assign,
}

impl Binder {
    /// Declares locals in `scope`.
    pub(super) fn local(scope: ScopeId) -> Self {
        Self { scope, form: BinderForm::Local, before: Before::default() }
    }
}

/// The value destructured by a pattern.
#[derive(Clone, Copy)]
struct Whole {
    ty: Option<ExprId>,
    init: Option<ExprId>,
}

impl Visitor<'_, '_> {
    /// What a declaration with these keywords does; without any it assigns.
    pub(super) fn binder(&self, keywords: Keywords, before: Before) -> Binder {
        let scope = if keywords.has(Keywords::VAR) { self.var_scope() } else { self.b.scope() };
        let is_module_level = matches!(self.b.scope_kind(scope), ScopeKind::File | ScopeKind::Module);
        let is_constant = keywords.has(Keywords::CONST) || keywords.has(Keywords::USING);
        let form = match (is_module_level, is_constant) {
            _ if !is_constant && !keywords.has(Keywords::LET) && !keywords.has(Keywords::VAR) => BinderForm::Assign,
            (true, true) => BinderForm::Symbol(SymbolKind::Constant),
            (true, false) => BinderForm::Symbol(SymbolKind::Variable),
            (false, _) => BinderForm::Local,
        };
        Binder { scope, form, before }
    }

    /// Declares locals in the current scope.
    pub(super) fn local_binder(&self) -> Binder {
        Binder::local(self.b.scope())
    }

    /// `var`, `let`, `const`, `using`.
    pub(super) fn variables(&mut self, node: Node<'_>, mut before: Before) {
        let is_declarator = |child: &Node<'_>| Kind::of(*child) == Kind::VariableDeclarator;
        let first = node.children().find(is_declarator).map_or(node.end(), Node::start);
        let keywords = self.keywords(node, first);
        before.start.get_or_insert(node.start());
        before.signature.get_or_insert(node.start());
        for declarator in node.children().filter(is_declarator) {
            let binder = self.binder(keywords, before);
            self.declarator(declarator, binder);
            before = Before { start: None, signature: None, doc: None, ..before };
        }
    }

    fn declarator(&mut self, node: Node<'_>, binder: Binder) {
        let Some(name) = Field::Name.of(node) else { return };
        let (targets, value) = chain(Field::Value.of(node));
        let value = value.map(|value| self.core(value));
        if Kind::of(name) == Kind::Identifier {
            self.named_declarator(node, name, value, binder);
        } else {
            self.pattern_declarator(node, name, value, binder);
        }
        for target in targets.into_iter().rev() {
            let value = self.value_name(name);
            self.assign(target, value);
        }
    }

    fn named_declarator(&mut self, node: Node<'_>, name: Node<'_>, value: Option<Node<'_>>, binder: Binder) {
        let ty = Field::Type.of(node).map(|ty| self.ty(ty));
        let kind = match binder.form {
            BinderForm::Symbol(kind) => kind,
            BinderForm::Local | BinderForm::Assign => SymbolKind::Variable,
        };
        let mut definition = self.definition(node, name, kind, binder.before);
        let Some(value) = value else {
            self.plain_variable(definition, ty, None, binder);
            return;
        };
        match Kind::of(value) {
            Kind::FunctionExpression | Kind::GeneratorFunction | Kind::Arrow => {
                definition.kind = SymbolKind::Function;
                self.named_function(definition, value, binder);
            }
            Kind::Class => {
                definition.kind = SymbolKind::Class;
                definition = definition.body(Field::Body.of(value));
                let symbol = self.define_in(definition, binder.scope, binder.before);
                self.class_of(symbol, value);
            }
            Kind::Object if ty.is_none() && (binder.form != BinderForm::Local || has_functions(value)) => {
                definition.signature.end = value.start();
                let symbol = self.define_in(definition, binder.scope, binder.before);
                self.object_members(value, Holder::Symbol(symbol));
            }
            _ if self.require_variable(name, value, binder) => {}
            _ => {
                definition.signature.end = value.start();
                self.plain_variable(definition, ty, Some(value), binder);
            }
        }
    }

    fn named_function(&mut self, mut definition: Definition, value: Node<'_>, binder: Binder) {
        definition.marks.add(self.function_marks(value));
        definition = definition.body(Field::Body.of(value));
        let symbol = self.define_in(definition, binder.scope, binder.before);
        self.function_of(symbol, value, None);
    }

    fn plain_variable(&mut self, definition: Definition, ty: Option<ExprId>, value: Option<Node<'_>>, binder: Binder) {
        let ty = ty.or_else(|| self.documented_type(definition.doc));
        let BinderForm::Symbol(_) = binder.form else {
            // Without a value it is undefined until one is assigned.
            let init = match value {
                Some(value) => self.result(value),
                None => self.b.literal(Literal::Null),
            };
            self.local_in(binder.scope, definition.name, ty, Some(init));
            return;
        };
        let earlier = match self.lookup(binder.scope, definition.name) {
            // `var` may declare a name again; it stays one variable.
            Some((scope, Known::Symbol(id))) if scope == binder.scope => Some(id),
            _ => None,
        };
        let earlier = earlier.filter(|id| self.b.facts().symbol(*id).kind == SymbolKind::Variable);
        let symbol = earlier.unwrap_or_else(|| self.define_in(definition, binder.scope, binder.before));
        if ty.is_some() {
            self.b.symbol_mut(symbol).ty = ty;
        }
        let value = value.map(|value| self.result(value));
        if let (None, Some(value)) = (ty, value) {
            self.b.flow(symbol, value);
        }
    }

    /// The type given by `@type` in a comment.
    pub(super) fn documented_type(&mut self, doc: Option<Span>) -> Option<ExprId> {
        let doc = doc.filter(|_| self.is_untyped())?;
        let ty = JsDoc::parse(&self.b.text_of(doc)).ty?;
        self.doc_type(&ty)
    }

    /// `const x = require('y')` and `const x = require('y').z`: the name stands for what is imported.
    fn require_variable(&mut self, name: Node<'_>, value: Node<'_>, binder: Binder) -> bool {
        let (call, member) = match Kind::of(value) {
            Kind::Member => match (Field::Object.of(value), Field::Property.of(value)) {
                (Some(object), Some(property)) => (object, Some(property)),
                _ => return false,
            },
            _ => (value, None),
        };
        let Some(specifier) = self.required(call) else { return false };
        let shape = match member {
            Some(member) => ImportShape::Member(self.b.name(member)),
            None => ImportShape::Whole,
        };
        self.require_call(call);
        let id = self.import_bound(specifier, shape, name, binder, value.span());
        let expr = self.b.expr(Expr::Import(id));
        self.b.occurrence(Role::Import, expr, member.unwrap_or(name));
        true
    }

    fn import_bound(
        &mut self,
        specifier: NameId,
        shape: ImportShape,
        name: Node<'_>,
        binder: Binder,
        span: Span,
    ) -> ImportId {
        let bound = self.b.name(name);
        let path = ImportPath::Specifier(specifier);
        let id = self.b.import(path, shape, Some(bound), false, span);
        self.know(self.b.scope(), bound, Known::Import);
        if binder.before.export != Exported::No {
            let value = self.b.expr(Expr::Import(id));
            self.b.export(bound, value);
        }
        id
    }

    fn pattern_declarator(&mut self, node: Node<'_>, pattern: Node<'_>, value: Option<Node<'_>>, binder: Binder) {
        let ty = Field::Type.of(node).map(|ty| self.ty(ty));
        let Some(specifier) = value.and_then(|value| self.required(value)) else {
            let init = value.map(|value| self.visit(value));
            self.bind(pattern, ty, init, binder);
            return;
        };
        let value = value.expect("a specifier was found in it");
        self.require_call(value);
        let is_simple = Kind::of(pattern) == Kind::ObjectPattern
            && pattern.children().all(|child| self.is_comment(child) || imported_name(child).is_some());
        if !is_simple {
            let id = self.b.import(ImportPath::Specifier(specifier), ImportShape::Whole, None, false, value.span());
            let init = self.b.expr(Expr::Import(id));
            self.bind(pattern, ty, Some(init), binder);
            return;
        }
        for (name, bound) in pattern.children().filter_map(imported_name) {
            let member = self.member_name(name);
            let id = self.import_bound(specifier, ImportShape::Member(member), bound, binder, name.span());
            let expr = self.b.expr(Expr::Import(id));
            self.b.occurrence_at(Role::Import, expr, member, name.span(), None);
        }
    }

    // Patterns

    /// Binds the names of `pattern` to a value of type `ty` or to the parts of `init`.
    pub(super) fn bind(&mut self, pattern: Node<'_>, ty: Option<ExprId>, init: Option<ExprId>, binder: Binder) {
        self.deeper(|visitor| visitor.bind_here(pattern, Whole { ty, init }, binder));
    }

    fn bind_here(&mut self, node: Node<'_>, whole: Whole, binder: Binder) {
        match Kind::of(node) {
            Kind::Identifier | Kind::ShorthandPattern => self.bind_name(node, whole, binder),
            Kind::ObjectPattern => self.bind_object(node, whole, binder),
            Kind::ArrayPattern => self.bind_array(node, whole, binder),
            Kind::AssignmentPattern | Kind::ObjectAssignmentPattern => {
                let default = Field::Right.of(node).map(|value| self.visit(value));
                let Some(left) = Field::Left.of(node) else { return };
                let init = self.either(whole.init, default);
                self.bind(left, whole.ty, init, binder);
            }
            Kind::RestPattern | Kind::Parenthesized | Kind::NonNull => {
                for inner in self.parts(node) {
                    self.bind(inner, whole.ty, whole.init, binder);
                }
            }
            Kind::Member | Kind::Subscript if binder.form == BinderForm::Assign => {
                let value = self.value(whole).unwrap_or_else(|| self.unknown());
                self.assign(node, value);
            }
            _ if self.is_comment(node) => {}
            _ => {
                self.visit(node);
            }
        }
    }

    fn bind_name(&mut self, node: Node<'_>, whole: Whole, binder: Binder) {
        let name = self.b.name(node);
        match binder.form {
            BinderForm::Local => self.local_in(binder.scope, name, whole.ty, whole.init),
            BinderForm::Symbol(kind) => {
                let mut definition = self.definition(node, node, kind, binder.before);
                definition.ty = whole.ty;
                let symbol = self.define_in(definition, binder.scope, binder.before);
                if let (None, Some(value)) = (whole.ty, whole.init) {
                    self.b.flow(symbol, value);
                }
            }
            BinderForm::Assign => {
                let value = self.value(whole).unwrap_or_else(|| self.unknown());
                self.assign_name(node, value);
            }
        }
    }

    pub(super) fn either(&mut self, first: Option<ExprId>, second: Option<ExprId>) -> Option<ExprId> {
        match (first, second) {
            (Some(first), Some(second)) => Some(self.b.union(&[first, second])),
            (first, second) => first.or(second),
        }
    }

    /// The value that is destructured, as one expression.
    fn value(&mut self, whole: Whole) -> Option<ExprId> {
        match whole.ty {
            Some(ty) => Some(self.b.expr(Expr::Typed { ty })),
            None => whole.init,
        }
    }

    fn bind_object(&mut self, node: Node<'_>, whole: Whole, binder: Binder) {
        let value = self.value(whole);
        for child in node.children() {
            let target = match Kind::of(child) {
                Kind::PairPattern => Field::Value.of(child),
                Kind::ShorthandPattern | Kind::ObjectAssignmentPattern => Some(child),
                Kind::RestPattern => {
                    self.bind(child, None, None, binder);
                    None
                }
                _ => None,
            };
            let key = match Kind::of(child) {
                Kind::PairPattern => Field::Key.of(child),
                Kind::ObjectAssignmentPattern => Field::Left.of(child),
                _ => Some(child),
            };
            let (Some(target), Some(key)) = (target, key) else { continue };
            let part = value.and_then(|base| self.property_read(base, key));
            if value.is_none() && Kind::of(key) == Kind::ComputedName {
                self.each(key);
            }
            self.bind(target, None, part, binder);
        }
    }

    /// The property `key` of a destructured value.
    fn property_read(&mut self, base: ExprId, key: Node<'_>) -> Option<ExprId> {
        match Kind::of(key) {
            Kind::ComputedName => {
                self.each(key);
                Some(self.b.expr(Expr::Index { base }))
            }
            Kind::PropertyName | Kind::PrivateName | Kind::ShorthandPattern | Kind::Str | Kind::Number => {
                let name = self.member_name(key);
                let expr = self.b.expr(Expr::Member { base, name });
                self.b.occurrence_at(Role::Read, expr, name, key.span(), None);
                Some(expr)
            }
            _ => None,
        }
    }

    fn bind_array(&mut self, node: Node<'_>, whole: Whole, binder: Binder) {
        let value = self.value(whole);
        let (mut position, mut index) = (node.start(), 0u16);
        for child in node.children() {
            // Holes leave nothing but their comma.
            let gap = Span::new(position, child.start().max(position)).slice(self.b.source());
            index = index.saturating_add(gap.iter().filter(|byte| **byte == b',').count() as u16);
            position = child.end();
            let part = match (Kind::of(child), value) {
                (Kind::RestPattern, value) => value,
                (_, Some(base)) => Some(self.b.expr(Expr::Part { base, index })),
                (_, None) => None,
            };
            self.bind(child, None, part, binder);
        }
    }

    /// The value behind parentheses, `as const` and `satisfies T`.
    pub(super) fn core<'n>(&mut self, mut node: Node<'n>) -> Node<'n> {
        loop {
            let mut children = node.children().filter(|child| !self.is_comment(*child));
            let (first, second) = (children.next(), children.next());
            node = match (Kind::of(node), first, second) {
                (Kind::Parenthesized | Kind::As | Kind::NonNull, Some(only), None) => only,
                (Kind::Satisfies, Some(value), Some(ty)) => {
                    self.ty(ty);
                    value
                }
                _ => return node,
            };
        }
    }
}

/// The left sides of `a = b = value` and the value.
pub(super) fn chain(mut value: Option<Node<'_>>) -> (Vec<Node<'_>>, Option<Node<'_>>) {
    let mut targets = Vec::new();
    while let Some(assignment) = value.filter(|value| Kind::of(*value) == Kind::Assignment) {
        targets.extend(Field::Left.of(assignment));
        value = Field::Right.of(assignment);
    }
    (targets, value)
}

/// Property and local name of `{a}` or `{a: b}` in a pattern without defaults and nesting.
fn imported_name(child: Node<'_>) -> Option<(Node<'_>, Node<'_>)> {
    match Kind::of(child) {
        Kind::ShorthandPattern => Some((child, child)),
        Kind::PairPattern => {
            let (key, value) = (Field::Key.of(child)?, Field::Value.of(child)?);
            let is_plain = matches!(Kind::of(key), Kind::PropertyName | Kind::Str);
            (is_plain && Kind::of(value) == Kind::Identifier).then_some((key, value))
        }
        _ => None,
    }
}
