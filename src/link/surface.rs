//! What of a file's facts other files can see: all but its own uses of names, where things stand, and what happens in
//! bodies. The values that flow into a definition can be seen one definition at a time.
//!
//! Told as hashes: of equal ones, everything the linker can find out from outside is equal. Expressions and local
//! bindings are numbered as they are met, so that what a body has besides does not count.

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::Xxh3;

use crate::model::{
    Binding, BindingTarget, Expr, ExprId, ExprList, FileFacts, ImportPath, ImportShape, NameId, ScopeId, ScopeKind,
    SymbolId,
};

use super::world::arguments;

/// What can be seen of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Surface {
    /// Everything but flows.
    pub(super) whole: u64,
    /// What flows into each definition that has flows, by definition.
    pub(super) flows: Vec<(SymbolId, u64)>,
}

impl Surface {
    pub(super) fn of(facts: &FileFacts) -> Self {
        let mut ground = Ground { facts, globs: FxHashMap::default(), arguments: arguments(facts) };
        for (id, import) in (0u32..).zip(&facts.imports) {
            if matches!(import.shape, ImportShape::Glob | ImportShape::GlobTypes) {
                ground.globs.entry(import.scope).or_default().push(id);
            }
        }
        let flows = facts.flows.chunk_by(|one, next| one.symbol == next.symbol).map(|flows| {
            let mut outline = Outline::new(&ground);
            flows.iter().for_each(|flow| outline.expr(Some(flow.value)));
            (flows[0].symbol, outline.digest())
        });
        let flows = flows.collect();
        let mut outline = Outline::new(&ground);
        outline.whole();
        Self { whole: outline.digest(), flows }
    }
}

/// Facts with what is looked up in them.
struct Ground<'f> {
    facts: &'f FileFacts,
    /// Wildcard imports by scope.
    globs: FxHashMap<ScopeId, Vec<u32>>,
    /// The arguments of each call by its callee.
    arguments: FxHashMap<ExprId, ExprList>,
}

/// Something met on a walk that is told once.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Met {
    Expr(ExprId),
    Binding(u32),
}

/// A walk over facts that hashes what it meets.
struct Outline<'f> {
    facts: &'f FileFacts,
    ground: &'f Ground<'f>,
    hasher: Xxh3,
    numbers: FxHashMap<Met, u32>,
    queue: Vec<Met>,
}

impl<'f> Outline<'f> {
    fn new(ground: &'f Ground<'f>) -> Self {
        let (numbers, queue) = (FxHashMap::default(), Vec::new());
        Self { facts: ground.facts, ground, hasher: Xxh3::new(), numbers, queue }
    }

    fn digest(self) -> u64 {
        self.hasher.digest()
    }

    fn number(&mut self, number: u32) {
        self.hasher.update(&number.to_le_bytes());
    }

    fn maybe(&mut self, number: Option<u32>) {
        self.number(number.map_or(0, |number| number + 1));
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u32);
        self.hasher.update(text.as_bytes());
    }

    fn name(&mut self, name: NameId) {
        self.text(self.facts.name(name));
    }

    fn maybe_name(&mut self, name: Option<NameId>) {
        self.number(u32::from(name.is_some()));
        name.into_iter().for_each(|name| self.name(name));
    }

    fn symbol(&mut self, symbol: Option<SymbolId>) {
        self.maybe(symbol.map(|symbol| symbol.0));
    }

    /// All that is not flows.
    fn whole(&mut self) {
        let facts = self.facts;
        self.maybe_name(facts.package);
        self.number(facts.symbols.len() as u32);
        for symbol in &facts.symbols {
            let has_scope = symbol.scope.map(|scope| facts.scopes[scope.0 as usize].kind as u32);
            self.number(symbol.kind as u32);
            self.name(symbol.name);
            self.symbol(symbol.parent);
            self.maybe_name(symbol.qualifier);
            self.number(symbol.visibility as u32);
            self.number(symbol.marks.0);
            self.maybe(has_scope);
            self.maybe(symbol.arity.map(|arity| u32::from(arity.min) << 16 | u32::from(arity.max)));
            self.expr(symbol.ty);
        }
        for parameter in &facts.parameters {
            self.symbol(Some(parameter.symbol));
            self.maybe_name(parameter.name);
            self.expr(parameter.ty);
        }
        self.number(facts.imports.len() as u32);
        for import in &facts.imports {
            match import.path {
                ImportPath::Specifier(text) => self.name(text),
                ImportPath::Expr(path) => self.expr(Some(path)),
            }
            match import.shape {
                ImportShape::Whole => self.number(0),
                ImportShape::Member(name) => {
                    self.number(1);
                    self.name(name);
                }
                ImportShape::Glob => self.number(2),
                ImportShape::GlobTypes => self.number(3),
            }
            self.maybe_name(import.bound);
            self.number(u32::from(import.reexport));
            self.scope(import.scope);
        }
        for export in &facts.exports {
            self.name(export.name);
            self.expr(Some(export.value));
        }
        for relation in &facts.relations {
            self.symbol(Some(relation.symbol));
            self.number(relation.kind as u32);
            self.expr(Some(relation.target));
        }
        self.declarations();
    }

    /// What is declared outside of bodies, and all type parameters of definitions.
    fn declarations(&mut self) {
        let facts = self.facts;
        for (position, binding) in (0u32..).zip(&facts.bindings) {
            let scope = facts.scopes[binding.scope.0 as usize];
            let is_parameter = matches!(binding.target, BindingTarget::TypeParameter { .. });
            if is_local(scope.kind) && !is_parameter {
                continue;
            }
            self.scope(binding.scope);
            self.name(binding.name);
            self.number(u32::from(binding.from == 0));
            self.enqueue(Met::Binding(position));
            self.walk();
        }
    }

    /// What a scope is, as far as it can be told from others from outside.
    fn scope(&mut self, scope: ScopeId) {
        let scope = self.facts.scopes[scope.0 as usize];
        self.number(scope.kind as u32);
        self.symbol(scope.symbol);
    }

    fn expr(&mut self, expr: Option<ExprId>) {
        self.number(u32::from(expr.is_some()));
        if let Some(expr) = expr {
            self.enqueue(Met::Expr(expr));
            self.walk();
        }
    }

    /// Tells the number of something, and that it is new if it is.
    fn enqueue(&mut self, met: Met) {
        let next = self.numbers.len() as u32;
        let number = *self.numbers.entry(met).or_insert(next);
        self.number(number);
        if number == next {
            self.queue.push(met);
        }
    }

    fn walk(&mut self) {
        while let Some(met) = self.queue.pop() {
            match met {
                Met::Expr(expr) => self.told(self.facts.expr(expr)),
                Met::Binding(position) => self.bound(&self.facts.bindings[position as usize]),
            }
        }
    }

    fn bound(&mut self, binding: &Binding) {
        let maybe = |this: &mut Self, expr: Option<ExprId>| {
            this.number(u32::from(expr.is_some()));
            expr.into_iter().for_each(|expr| this.enqueue(Met::Expr(expr)));
        };
        match binding.target {
            BindingTarget::Symbol(symbol) => {
                self.number(0);
                self.symbol(Some(symbol));
            }
            BindingTarget::Import(import) => {
                self.number(1);
                self.number(import.0);
            }
            BindingTarget::Local { ty, init } => {
                self.number(2);
                maybe(self, ty);
                maybe(self, init);
            }
            BindingTarget::TypeParameter { bound, default, place } => {
                self.number(3);
                maybe(self, bound);
                maybe(self, default);
                self.maybe(place.map(u32::from));
            }
            BindingTarget::Outer => self.number(4),
        }
    }

    fn all(&mut self, list: ExprList) {
        self.number(list.len);
        self.facts.list(list).iter().for_each(|&item| self.enqueue(Met::Expr(item)));
    }

    fn told(&mut self, expr: Expr) {
        let one = |this: &mut Self, tag: u32, base: ExprId| {
            this.number(tag);
            this.enqueue(Met::Expr(base));
        };
        match expr {
            Expr::Unknown => self.number(0),
            Expr::Name { name, scope, at, space } => {
                self.number(1);
                self.number(space as u32);
                self.looked_up(name, scope, at);
            }
            Expr::Member { base, name } => {
                one(self, 2, base);
                self.name(name);
            }
            Expr::Call { callee, args } => {
                one(self, 3, callee);
                self.all(args);
            }
            Expr::New { class, args } => {
                one(self, 4, class);
                self.all(args);
            }
            Expr::Symbol(symbol) => {
                self.number(5);
                self.symbol(Some(symbol));
            }
            Expr::Instance(symbol) => {
                self.number(6);
                self.symbol(Some(symbol));
            }
            Expr::Super(symbol) => {
                self.number(7);
                self.symbol(Some(symbol));
            }
            Expr::Import(import) => {
                self.number(8);
                self.number(import.0);
            }
            Expr::Literal(literal) => {
                self.number(9);
                self.number(literal as u32);
            }
            Expr::Apply { base, args } => {
                one(self, 10, base);
                self.all(args);
            }
            Expr::Typed { ty } => one(self, 11, ty),
            Expr::Index { base } => one(self, 12, base),
            Expr::Element { base } => one(self, 13, base),
            Expr::Part { base, index } => {
                one(self, 14, base);
                self.number(u32::from(index));
            }
            Expr::Await { base } => one(self, 15, base),
            Expr::Try { base } => one(self, 16, base),
            Expr::Deref { base } => one(self, 17, base),
            Expr::Ref { base } => one(self, 18, base),
            Expr::Tuple { items } => {
                self.number(19);
                self.all(items);
            }
            Expr::List { items } => {
                self.number(20);
                self.all(items);
            }
            Expr::Union { items } => {
                self.number(21);
                self.all(items);
            }
            Expr::Function { result } => one(self, 22, result),
            Expr::Signature { parameters, result } => {
                one(self, 23, result);
                self.all(parameters);
            }
            Expr::Passed { callee, place, index } => {
                one(self, 24, callee);
                self.number(u32::from(place) << 16 | u32::from(index));
                self.all(self.ground.arguments.get(&callee).copied().unwrap_or_default());
            }
            Expr::Key { base } => one(self, 25, base),
            Expr::Iterate { base, iterator } => {
                one(self, 26, base);
                self.enqueue(Met::Expr(iterator));
            }
            Expr::Sum { items } => {
                self.number(27);
                self.all(items);
            }
            Expr::Const { base } => one(self, 28, base),
            Expr::Temporary { base } => one(self, 29, base),
            Expr::Reference { base } => one(self, 30, base),
            Expr::Argument => self.number(31),
        }
    }

    /// What every scope around makes of a name: local bindings are walked, of others counts which ones are visible.
    fn looked_up(&mut self, name: NameId, scope: ScopeId, at: u32) {
        let facts = self.facts;
        self.name(name);
        let after = facts.imports.partition_point(|import| import.span.start <= at);
        let import = after.checked_sub(1).filter(|&import| facts.imports[import].span.contains(at));
        self.maybe(import.map(|import| import as u32));
        let mut next = Some(scope);
        while let Some(id) = next {
            self.scope(id);
            for import in self.ground.globs.get(&id).into_iter().flatten() {
                self.number(*import);
            }
            let all = facts.bindings_of(id, name);
            let first = facts.position_of(all);
            // Whatever the space: the bindings of each moment that are seen by then.
            let seen = all.iter().take_while(|binding| binding.from <= at).count() as u32;
            self.number(seen);
            let data = facts.scopes[id.0 as usize];
            if is_local(data.kind) {
                (first..first + seen).for_each(|position| {
                    let is_new = position == first
                        || facts.bindings[position as usize].from != facts.bindings[position as usize - 1].from;
                    self.number(u32::from(is_new));
                    self.enqueue(Met::Binding(position));
                });
            }
            next = data.parent;
        }
    }
}

fn is_local(kind: ScopeKind) -> bool {
    matches!(kind, ScopeKind::Function | ScopeKind::Block)
}
