//! Collects the facts of one file while a language's visitor walks its syntax tree.
//!
//! The builder keeps the current scope and the current definition, hands out ids in source order, and drops
//! at the end what needs no link (plain reads of locals). It never looks at node kinds.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::model::{
    Arity, Binding, BindingTarget, Export, Expr, ExprId, ExprList, FileFacts, Flow, Import, ImportId, ImportPath,
    ImportShape, Literal, Marks, NameId, NamesBuilder, Node, Occurrence, Parameter, Relation, RelationKind, Role,
    Scope, ScopeId, ScopeKind, Space, Span, Symbol, SymbolId, SymbolKind, Visibility,
};

/// What a visitor knows of a definition when it meets it. Start from [`Definition::new`].
#[derive(Clone, Copy)]
pub struct Definition {
    /// What it is.
    pub kind: SymbolKind,
    /// Simple name.
    pub name: NameId,
    /// The whole definition, attributes included.
    pub span: Span,
    /// The name itself.
    pub name_span: Span,
    /// From the first modifier to just before the body; defaults to the whole span.
    pub signature: Span,
    /// The documentation.
    pub doc: Option<Span>,
    /// Type of an `impl`, receiver, class of an out-of-line member: tells equal names apart.
    pub qualifier: Option<NameId>,
    /// Who may use it.
    pub visibility: Visibility,
    /// Test, async and so on.
    pub marks: Marks,
    /// Declared type, return type or aliased type.
    pub ty: Option<ExprId>,
    /// Parameters of a callable.
    pub arity: Option<Arity>,
    /// First byte from which its name is visible in the current scope: 0 where hoisted, none where the name is
    /// not visible by itself (members of classes that are reached through a value or type only).
    pub visible_from: Option<u32>,
    /// The body of a callable, by its index in the syntax tree.
    pub body: Option<u32>,
}

impl Definition {
    /// A definition of `name` at `name_span`, the whole being `node`; hoisted, private, without marks.
    pub fn new(kind: SymbolKind, name: NameId, name_span: Span, node: Node<'_>) -> Self {
        Self {
            kind,
            name,
            span: node.span(),
            name_span,
            signature: node.span(),
            doc: None,
            qualifier: None,
            visibility: Visibility::Private,
            marks: Marks::default(),
            ty: None,
            arity: None,
            visible_from: Some(0),
            body: None,
        }
    }

    /// Ends the signature where the body starts, and remembers the body.
    #[must_use]
    pub fn body(mut self, body: Option<Node<'_>>) -> Self {
        if let Some(body) = body {
            self.signature.end = body.start().max(self.signature.start);
            self.body = Some(body.index());
        }
        self
    }

    /// A member that is reached through a value or type only, never by its bare name.
    #[must_use]
    pub fn member(mut self) -> Self {
        self.visible_from = None;
        self
    }
}

/// Collects [`FileFacts`].
pub struct Builder<'s> {
    source: &'s [u8],
    dialect: &'static str,
    facts: FileFacts,
    names: NamesBuilder,
    scope: ScopeId,
    symbol: Option<SymbolId>,
    open_classes: bool,
    bodies: Vec<(SymbolId, u32)>,
    /// How many type parameters each scope has declared so far.
    type_parameters: FxHashMap<ScopeId, u16>,
}

impl<'s> Builder<'s> {
    /// A builder for `source`, standing in the file's scope. `open_classes` as in
    /// [`LinkRules`](super::LinkRules).
    pub fn new(source: &'s [u8], dialect: &'static str, open_classes: bool) -> Self {
        let mut facts = FileFacts::default();
        facts.scopes.push(Scope { kind: ScopeKind::File, parent: None, symbol: None, bindings: 0 });
        Self {
            source,
            dialect,
            facts,
            names: NamesBuilder::default(),
            scope: ScopeId(0),
            symbol: None,
            open_classes,
            bodies: Vec::new(),
            type_parameters: FxHashMap::default(),
        }
    }

    /// Name of the grammar in use.
    pub fn dialect(&self) -> &'static str {
        self.dialect
    }

    /// The facts so far.
    pub fn facts(&self) -> &FileFacts {
        &self.facts
    }

    // Text

    /// The source.
    pub fn source(&self) -> &'s [u8] {
        self.source
    }

    /// The text of a span, lossily decoded.
    pub fn text_of(&self, span: Span) -> Cow<'s, str> {
        String::from_utf8_lossy(span.slice(self.source))
    }

    /// The text of a node, lossily decoded.
    pub fn text(&self, node: Node<'_>) -> Cow<'s, str> {
        self.text_of(node.span())
    }

    /// Whether the node's text is exactly `text`.
    pub fn is(&self, node: Node<'_>, text: &str) -> bool {
        node.span().slice(self.source) == text.as_bytes()
    }

    /// The id of a string.
    pub fn intern(&mut self, text: &str) -> NameId {
        self.names.intern(text)
    }

    /// The node's text as a name.
    pub fn name(&mut self, node: Node<'_>) -> NameId {
        let text = self.text(node);
        self.names.intern(&text)
    }

    /// The string of a name.
    pub fn name_text(&self, name: NameId) -> &str {
        self.names.get(name)
    }

    // Scopes

    /// The current scope.
    pub fn scope(&self) -> ScopeId {
        self.scope
    }

    /// The definition whose body is being visited.
    pub fn symbol(&self) -> Option<SymbolId> {
        self.symbol
    }

    /// The kind of a scope.
    pub fn scope_kind(&self, scope: ScopeId) -> ScopeKind {
        self.facts.scopes[scope.0 as usize].kind
    }

    /// The nearest scope, from the current one outwards, for which `wanted` holds; the file's scope if none.
    pub fn nearest_scope(&self, wanted: impl Fn(ScopeKind) -> bool) -> ScopeId {
        let mut scope = self.scope;
        loop {
            let data = self.facts.scopes[scope.0 as usize];
            match data.parent {
                Some(parent) if !wanted(data.kind) => scope = parent,
                _ => return scope,
            }
        }
    }

    /// The nearest enclosing definition, from the current one outwards, for which `wanted` holds.
    pub fn nearest_symbol(&self, wanted: impl Fn(&Symbol) -> bool) -> Option<SymbolId> {
        let mut next = self.symbol;
        while let Some(id) = next {
            let symbol = self.facts.symbol(id);
            if wanted(symbol) {
                return Some(id);
            }
            next = symbol.parent;
        }
        None
    }

    /// Visits in a new scope of `kind` inside the current one.
    pub fn in_scope<R>(&mut self, kind: ScopeKind, visit: impl FnOnce(&mut Self) -> R) -> R {
        let scope = self.push_scope(kind, self.symbol);
        let outer = std::mem::replace(&mut self.scope, scope);
        let result = visit(self);
        self.scope = outer;
        result
    }

    /// Visits the body of `symbol` in a new scope of `kind`.
    pub fn in_symbol<R>(&mut self, symbol: SymbolId, kind: ScopeKind, visit: impl FnOnce(&mut Self) -> R) -> R {
        let scope = self.push_scope(kind, Some(symbol));
        self.facts.symbols[symbol.0 as usize].scope = Some(scope);
        self.resume(symbol, scope, visit)
    }

    /// Visits inside `symbol` and `scope`, opened earlier.
    pub fn resume<R>(&mut self, symbol: SymbolId, scope: ScopeId, visit: impl FnOnce(&mut Self) -> R) -> R {
        let outer_scope = std::mem::replace(&mut self.scope, scope);
        let outer_symbol = self.symbol.replace(symbol);
        let result = visit(self);
        self.scope = outer_scope;
        self.symbol = outer_symbol;
        result
    }

    /// Opens a scope of `kind` for `symbol` inside the current one without entering it.
    pub fn push_scope(&mut self, kind: ScopeKind, symbol: Option<SymbolId>) -> ScopeId {
        let id = ScopeId(self.facts.scopes.len() as u32);
        self.facts.scopes.push(Scope { kind, parent: Some(self.scope), symbol, bindings: 0 });
        id
    }

    // Definitions

    /// Records a definition inside the current one and declares its name in the current scope.
    pub fn define(&mut self, definition: Definition) -> SymbolId {
        let id = self.define_in(definition, self.symbol);
        if let Some(from) = definition.visible_from {
            self.declare(self.scope, definition.name, from, BindingTarget::Symbol(id));
        }
        id
    }

    /// Records a definition inside `parent`, declaring no name.
    pub fn define_in(&mut self, definition: Definition, parent: Option<SymbolId>) -> SymbolId {
        let id = SymbolId(self.facts.symbols.len() as u32);
        self.facts.symbols.push(Symbol {
            kind: definition.kind,
            name: definition.name,
            parent,
            qualifier: definition.qualifier,
            span: definition.span,
            name_span: definition.name_span,
            signature: definition.signature,
            doc: definition.doc,
            visibility: definition.visibility,
            marks: definition.marks,
            scope: None,
            ty: definition.ty,
            arity: definition.arity,
        });
        if let Some(body) = definition.body.filter(|_| definition.kind.is_callable()) {
            self.bodies.push((id, body));
        }
        id
    }

    /// The recorded definition, to complete what was not known at first.
    pub fn symbol_mut(&mut self, id: SymbolId) -> &mut Symbol {
        &mut self.facts.symbols[id.0 as usize]
    }

    /// A child of `parent` with this name, the last one recorded.
    pub fn child(&self, parent: Option<SymbolId>, name: NameId) -> Option<SymbolId> {
        let start = parent.map_or(0, |parent| parent.0 as usize);
        let found =
            self.facts.symbols[start..].iter().rposition(|symbol| symbol.parent == parent && symbol.name == name)?;
        Some(SymbolId((start + found) as u32))
    }

    /// The callables so far that have a body, each with the body's index in the syntax tree.
    pub fn bodies(&self) -> &[(SymbolId, u32)] {
        &self.bodies
    }

    /// Declares a name in a scope.
    pub fn declare(&mut self, scope: ScopeId, name: NameId, from: u32, target: BindingTarget) {
        self.facts.bindings.push(Binding { scope, name, from, target });
    }

    /// Declares a local variable or parameter in the current scope.
    pub fn local(&mut self, name: NameId, from: u32, ty: Option<ExprId>, init: Option<ExprId>) {
        self.declare(self.scope, name, from, BindingTarget::Local { ty, init });
    }

    /// Declares a type parameter in the current scope.
    pub fn type_parameter(&mut self, name: NameId, bound: Option<ExprId>) {
        self.type_parameter_or(name, bound, None);
    }

    /// Declares a type parameter that is `default` where it is not given.
    pub fn type_parameter_or(&mut self, name: NameId, bound: Option<ExprId>, default: Option<ExprId>) {
        let place = Some(self.skip_type_parameter());
        self.declare(self.scope, name, 0, BindingTarget::TypeParameter { bound, default, place });
    }

    /// Takes the place of a parameter that is no type (a constant) among the type parameters of the current scope.
    pub fn skip_type_parameter(&mut self) -> u16 {
        let count = self.type_parameters.entry(self.scope).or_default();
        *count = count.saturating_add(1);
        *count - 1
    }

    /// Declares a further bound of a type parameter.
    pub fn type_parameter_bound(&mut self, name: NameId, bound: ExprId) {
        let bound = Some(bound);
        self.declare(self.scope, name, 0, BindingTarget::TypeParameter { bound, default: None, place: None });
    }

    /// Records a parameter of `symbol`, in order, for its callers' arguments.
    pub fn parameter(&mut self, symbol: SymbolId, name: Option<NameId>, ty: Option<ExprId>) {
        self.facts.parameters.push(Parameter { symbol, name, ty });
    }

    /// Records that `symbol` relates to the type `target`.
    pub fn relation(&mut self, symbol: SymbolId, kind: RelationKind, target: ExprId) {
        self.facts.relations.push(Relation { symbol, kind, target });
    }

    /// Records that `value` flows into `symbol`: is returned by it or assigned to it.
    pub fn flow(&mut self, symbol: SymbolId, value: ExprId) {
        self.facts.flows.push(Flow { symbol, value });
    }

    /// Records an import in the current scope and declares the name it binds, visible in the whole scope.
    pub fn import(
        &mut self,
        path: ImportPath,
        shape: ImportShape,
        bound: Option<NameId>,
        reexport: bool,
        span: Span,
    ) -> ImportId {
        let id = ImportId(self.facts.imports.len() as u32);
        self.facts.imports.push(Import { path, shape, bound, reexport, scope: self.scope, span });
        if let Some(name) = bound {
            self.declare(self.scope, name, 0, BindingTarget::Import(id));
        }
        id
    }

    /// Records an explicit export.
    pub fn export(&mut self, name: NameId, value: ExprId) {
        self.facts.exports.push(Export { name, value });
    }

    /// Records the package the file declares.
    pub fn package(&mut self, name: NameId) {
        self.facts.package = Some(name);
    }

    // Expressions and occurrences

    /// Adds an expression.
    pub fn expr(&mut self, expr: Expr) -> ExprId {
        let id = ExprId(self.facts.exprs.len() as u32);
        self.facts.exprs.push(expr);
        id
    }

    /// Sets what an expression is once more is known. The new one must have no operands: they would come later.
    pub fn replace_expr(&mut self, id: ExprId, expr: Expr) {
        self.facts.exprs[id.0 as usize] = expr;
    }

    /// The expression about which nothing is known.
    pub fn unknown(&mut self) -> ExprId {
        self.expr(Expr::Unknown)
    }

    /// A literal.
    pub fn literal(&mut self, literal: Literal) -> ExprId {
        self.expr(Expr::Literal(literal))
    }

    /// A list of expressions.
    pub fn list(&mut self, items: &[ExprId]) -> ExprList {
        let start = self.facts.lists.len() as u32;
        self.facts.lists.extend_from_slice(items);
        ExprList { start, len: items.len() as u32 }
    }

    /// A plain name as seen from the current scope at byte `at`.
    pub fn name_at(&mut self, name: NameId, at: u32, space: Space) -> ExprId {
        self.expr(Expr::Name { name, scope: self.scope, at, space })
    }

    /// The plain name that `node` is, as seen from where it stands.
    pub fn name_expr(&mut self, node: Node<'_>, space: Space) -> ExprId {
        let name = self.name(node);
        self.name_at(name, node.start(), space)
    }

    /// One of several values; the value itself if there is but one.
    pub fn union(&mut self, items: &[ExprId]) -> ExprId {
        if let [only] = items {
            return *only;
        }
        let items = self.list(items);
        self.expr(Expr::Union { items })
    }

    /// Records that `expr` is used at `node` (the name token alone).
    pub fn occurrence(&mut self, role: Role, expr: ExprId, node: Node<'_>) {
        let name = self.name(node);
        self.occurrence_at(role, expr, name, node.span(), None);
    }

    /// Records a call of `callee`, named at `node`, with `arity` arguments (none if not countable).
    pub fn call(&mut self, callee: ExprId, node: Node<'_>, arity: Option<u16>) {
        let name = self.name(node);
        self.occurrence_at(Role::Call, callee, name, node.span(), arity);
    }

    /// Records an occurrence whose name is not simply a node's text.
    pub fn occurrence_at(&mut self, role: Role, expr: ExprId, name: NameId, span: Span, arity: Option<u16>) {
        self.facts.occurrences.push(Occurrence { role, name, span, expr, symbol: self.symbol, arity });
    }

    /// Runs `visit` with room on the stack, however deep the source is nested. To be called once on every
    /// cycle of the visitor's recursion.
    pub fn deeper<R>(&mut self, visit: impl FnOnce(&mut Self) -> R) -> R {
        stacker::maybe_grow(64 * 1024, 4 * 1024 * 1024, || visit(self))
    }

    /// The collected facts, sorted, without reads and writes of locals and uses of type parameters.
    pub fn finish(mut self) -> FileFacts {
        let facts = &mut self.facts;
        facts.names = self.names.finish();
        facts.bindings.sort_by_key(|binding| (binding.scope, binding.name, binding.from));
        facts.find_bindings();
        facts.flows.sort_by_key(|flow| flow.symbol);
        facts.parameters.sort_by_key(|parameter| parameter.symbol);
        facts.occurrences.sort_by_key(|occurrence| (occurrence.span.start, occurrence.span.end));
        let mut occurrences = std::mem::take(&mut facts.occurrences);
        occurrences.retain(|occurrence| !is_local(facts, occurrence, self.open_classes));
        facts.occurrences = occurrences;
        self.facts
    }
}

/// Whether an occurrence is a use of a local variable or type parameter that no one asks for. Calls are kept:
/// every call site counts.
fn is_local(facts: &FileFacts, occurrence: &Occurrence, open_classes: bool) -> bool {
    if !matches!(occurrence.role, Role::Read | Role::Write | Role::Type) {
        return false;
    }
    let Expr::Name { name, scope, at, space } = facts.expr(occurrence.expr) else { return false };
    let bindings = facts.lookup(scope, name, at, space, open_classes);
    bindings.first().is_some_and(|binding| {
        matches!(binding.target, BindingTarget::Local { .. } | BindingTarget::TypeParameter { .. })
    })
}
