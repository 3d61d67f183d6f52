//! Assignments, and what they define: members of classes, prototypes and objects, CommonJS exports.

use crate::model::{Expr, ExprId, Marks, Node, RelationKind, Role, Space, SymbolId, SymbolKind, Visibility};

use super::kinds::{Field, Kind};
use super::objects::{Holder, has_properties, is_function};
use super::patterns::chain;
use super::visit::{Before, Context, Exported, Known, This, Visitor};

/// What stands on the left of an assignment.
#[derive(Clone, Copy)]
enum Target<'n> {
    /// `module.exports` or `exports`.
    Module,
    /// `exports.name`.
    Export(Node<'n>),
    /// `this.name`.
    This(Node<'n>),
    /// `Class.prototype.name`.
    Prototype(Node<'n>, Node<'n>),
    /// `Class.prototype`.
    WholePrototype(Node<'n>),
    /// `object.name`.
    Member(Node<'n>, Node<'n>),
    /// `name`.
    Name(Node<'n>),
    /// A pattern, an index, anything else.
    Other,
}

impl Target<'_> {
    /// Which of several targets names a function or class best.
    fn rank(self) -> u8 {
        match self {
            Self::Prototype(..) | Self::This(_) => 6,
            Self::Export(_) => 5,
            Self::Member(..) => 4,
            Self::Name(_) => 3,
            Self::WholePrototype(_) => 2,
            Self::Module => 1,
            Self::Other => 0,
        }
    }
}

impl<'n> Visitor<'_, '_> {
    /// `a = b = value`.
    pub(super) fn assignment(&mut self, node: Node<'n>, before: Before) -> ExprId {
        let (targets, value) = chain(Some(node));
        let Some(value) = value else { return self.unknown() };
        let value = self.core(value);
        let is_definition = is_function(value) || Kind::of(value) == Kind::Object;
        let best = (0..targets.len()).max_by_key(|index| (self.target(targets[*index]).rank(), *index));
        let Some(best) = best.filter(|_| is_definition) else {
            let value = if Kind::of(value) == Kind::Object { self.result(value) } else { self.visit(value) };
            for target in targets.iter().rev() {
                self.assign(*target, value);
            }
            self.document_field(&targets, before);
            return value;
        };
        let assigned = self.define_target(node, targets[best], value, before);
        for (index, target) in targets.into_iter().enumerate().rev() {
            if index != best {
                self.assign(target, assigned);
            }
        }
        assigned
    }

    /// `/** @type {T} */ this.name = ...` types the field.
    fn document_field(&mut self, targets: &[Node<'n>], before: Before) {
        let [target] = targets else { return };
        let (Target::This(name), Some(owner)) = (self.target(*target), self.state.context.this.owner()) else { return };
        let name = self.b.name(name);
        let Some(field) = self.state.members.get(&(owner, name)).copied() else { return };
        if self.b.facts().symbol(field).ty.is_none()
            && let Some(ty) = self.documented_type(before.doc)
        {
            let symbol = self.b.symbol_mut(field);
            symbol.ty = Some(ty);
            symbol.doc = before.doc;
        }
    }

    fn target(&self, left: Node<'n>) -> Target<'n> {
        match Kind::of(left) {
            Kind::Identifier if self.b.is(left, "exports") => Target::Module,
            Kind::Identifier => Target::Name(left),
            Kind::Member => match (Field::Object.of(left), Field::Property.of(left)) {
                (Some(object), Some(name)) => self.member_target(object, name),
                _ => Target::Other,
            },
            _ => Target::Other,
        }
    }

    fn member_target(&self, object: Node<'n>, name: Node<'n>) -> Target<'n> {
        let is_prototype = |node: Node<'_>| self.b.is(node, "prototype");
        match Kind::of(object) {
            Kind::This => Target::This(name),
            Kind::Identifier if self.b.is(object, "module") && self.b.is(name, "exports") => Target::Module,
            Kind::Identifier if self.b.is(object, "exports") => Target::Export(name),
            Kind::Member if self.b.is(object, "module.exports") => Target::Export(name),
            Kind::Member if Field::Property.of(object).is_some_and(is_prototype) => match Field::Object.of(object) {
                Some(class) => Target::Prototype(class, name),
                None => Target::Other,
            },
            _ if is_prototype(name) => Target::WholePrototype(object),
            _ => Target::Member(object, name),
        }
    }

    /// Defines what a function, class or object literal becomes by being assigned; gives its value.
    fn define_target(&mut self, node: Node<'n>, left: Node<'n>, value: Node<'n>, before: Before) -> ExprId {
        let is_object = Kind::of(value) == Kind::Object;
        match self.target(left) {
            Target::Module if is_object => {
                self.object_members(value, Holder::Exports);
                self.unknown()
            }
            Target::Module => self.define_module(node, left, value, before),
            Target::WholePrototype(class) if is_object => {
                let symbol = self.known_symbol(class);
                let class = self.visit(class);
                self.object_members(value, Holder::Prototype { class, symbol });
                self.unknown()
            }
            Target::Export(name) if !is_object || has_properties(value) => {
                let mut definition = self.definition(node, name, SymbolKind::Variable, before);
                self.stored(&mut definition, value, SymbolKind::Function);
                let symbol = self.define_export(definition);
                let is_object = Kind::of(value) == Kind::Object;
                let this = if is_object { This::Instance(symbol) } else { This::Exports };
                let context = Context { this, ..Context::default() };
                self.store(symbol, value, context);
                self.b.expr(Expr::Symbol(symbol))
            }
            Target::This(name) if !is_object => self.define_this(node, name, value, before),
            Target::Prototype(class, name) => self.define_prototype(node, class, name, value, before),
            Target::Member(object, name) if !is_object || self.known_symbol(object).is_some() => {
                self.define_member(node, object, name, value, before)
            }
            Target::Name(name) if !is_object => {
                let mut definition = self.definition(node, name, SymbolKind::Function, before).member();
                self.stored(&mut definition, value, SymbolKind::Function);
                let symbol = self.define(definition, Before::default());
                let context = Context { this: This::Instance(symbol), ..Context::default() };
                self.store(symbol, value, context);
                let assigned = self.b.expr(Expr::Symbol(symbol));
                self.assign_name(name, assigned);
                assigned
            }
            Target::Other if Kind::of(left) == Kind::Subscript && !is_object => self.define_computed(left, value),
            _ => {
                let value = self.result(value);
                self.assign(left, value);
                value
            }
        }
    }

    /// `object[name] = function ...`: nameless, but `this` is the object.
    fn define_computed(&mut self, left: Node<'n>, value: Node<'n>) -> ExprId {
        let holder = Field::Object.of(left).and_then(|object| self.known_symbol(object));
        self.visit(left);
        let this = holder.filter(|holder| self.is_object(*holder)).map_or(This::Unknown, This::Instance);
        if Kind::of(value) == Kind::FunctionExpression && Field::Name.of(value).is_none() {
            return self.function(value, None, Context { this, ..Context::default() });
        }
        self.visit(value)
    }

    /// `module.exports = function ...` or `class ...`: named by itself or by what it is.
    fn define_module(&mut self, node: Node<'n>, left: Node<'n>, value: Node<'n>, before: Before) -> ExprId {
        let name = Field::Name.of(value).filter(|_| Kind::of(value) != Kind::Arrow).unwrap_or(left);
        let before = Before { export: Exported::Named, ..before };
        let mut definition = self.definition(node, name, SymbolKind::Function, before).member();
        self.stored(&mut definition, value, SymbolKind::Function);
        let symbol = self.define(definition, Before::default());
        let exported = self.b.expr(Expr::Symbol(symbol));
        self.export_module(exported);
        let context = Context { this: This::Instance(symbol), ..Context::default() };
        self.store(symbol, value, context);
        exported
    }

    /// Records what `require` of this module gives.
    pub(super) fn export_module(&mut self, value: ExprId) {
        let name = self.b.intern("export=");
        self.b.export(name, value);
    }

    /// `this.name = function ...`.
    fn define_this(&mut self, node: Node<'n>, name: Node<'n>, value: Node<'n>, before: Before) -> ExprId {
        let owner = self.state.context.this.owner();
        let name_id = self.b.name(name);
        let is_known = owner.is_some_and(|owner| self.state.members.contains_key(&(owner, name_id)));
        let mut definition = self.definition(node, name, SymbolKind::Field, before).member();
        definition.visibility = self.member_visibility(name);
        self.stored(&mut definition, value, SymbolKind::Method);
        let symbol = match owner.filter(|_| !is_known) {
            Some(owner) => self.define_member_of(owner, definition),
            None => self.define(definition, Before::default()),
        };
        let context = Context { is_generator: false, ..self.state.context };
        self.store(symbol, value, context);
        let assigned = self.b.expr(Expr::Symbol(symbol));
        if is_known {
            self.assign_this(name, assigned);
        }
        assigned
    }

    fn member_visibility(&self, name: Node<'_>) -> Visibility {
        if Kind::of(name) == Kind::PrivateName { Visibility::Private } else { Visibility::Public }
    }

    /// `Class.prototype.name = value`.
    fn define_prototype(
        &mut self,
        node: Node<'n>,
        class: Node<'n>,
        name: Node<'n>,
        value: Node<'n>,
        before: Before,
    ) -> ExprId {
        let symbol = self.known_symbol(class);
        let mut definition = self.definition(node, name, SymbolKind::Field, before);
        definition.visibility = Visibility::Public;
        definition.qualifier = Some(self.b.name(class));
        self.stored(&mut definition, value, SymbolKind::Method);
        let class = self.visit(class);
        let member = self.define_prototype_member(definition, class, symbol);
        let context = self.prototype_context(class, symbol);
        self.store(member, value, context);
        self.b.expr(Expr::Symbol(member))
    }

    /// `object.name = value`: a member of the object if it is defined in this file, else a function on its own.
    fn define_member(
        &mut self,
        node: Node<'n>,
        object: Node<'n>,
        name: Node<'n>,
        value: Node<'n>,
        before: Before,
    ) -> ExprId {
        let holder = self.known_symbol(object);
        let mut definition = self.definition(node, name, SymbolKind::Field, before).member();
        definition.visibility = Visibility::Public;
        definition.qualifier = matches!(Kind::of(object), Kind::Identifier).then(|| self.b.name(object));
        self.stored(&mut definition, value, SymbolKind::Method);
        let base = self.visit(object);
        let this = match holder {
            Some(holder) if self.is_object(holder) => This::Instance(holder),
            Some(holder) => This::Class(holder),
            None => This::Value(base),
        };
        if let This::Class(_) = this {
            definition.marks.add(Marks::STATIC);
        }
        let symbol = self.define(definition, Before::default());
        if let Some(holder) = holder {
            self.b.relation(symbol, RelationKind::MemberOf, base);
            self.state.members.entry((holder, definition.name)).or_insert(symbol);
        }
        let context = Context { this, ..Context::default() };
        self.store(symbol, value, context);
        let assigned = self.b.expr(Expr::Symbol(symbol));
        if holder.is_none() {
            let member = self.b.expr(Expr::Member { base, name: definition.name });
            self.b.occurrence(Role::Write, member, name);
        }
        assigned
    }

    fn is_class(&self, symbol: SymbolId) -> bool {
        self.b.facts().symbol(symbol).kind == SymbolKind::Class
    }

    /// Whether a definition is an object rather than a function or class.
    fn is_object(&self, symbol: SymbolId) -> bool {
        !matches!(self.b.facts().symbol(symbol).kind, SymbolKind::Function | SymbolKind::Class)
    }

    // Assigning values that define nothing by themselves

    /// Assigns `value` to whatever `left` is.
    pub(super) fn assign(&mut self, left: Node<'n>, value: ExprId) {
        match self.target(left) {
            Target::Module => {
                if Kind::of(left) == Kind::Identifier {
                    self.assign_name(left, value);
                } else {
                    self.export_module(value);
                }
            }
            Target::Export(name) => self.assign_export(left, name, value),
            Target::This(name) => self.assign_this(name, value),
            Target::Name(name) => self.assign_name(name, value),
            Target::Prototype(class, name) => {
                let symbol = self.known_symbol(class);
                let class = self.visit(class);
                self.assign_member(left, name, class, symbol, value);
            }
            Target::WholePrototype(class) => self.assign_prototype(class, value),
            Target::Member(object, name) => {
                let symbol = self.known_symbol(object);
                let base = self.visit(object);
                self.assign_member(left, name, base, symbol, value);
            }
            Target::Other if matches!(Kind::of(left), Kind::Member | Kind::Subscript) => {
                self.visit(left);
            }
            Target::Other => {
                let binder = self.binder(Default::default(), Before::default());
                self.bind(left, None, Some(value), binder);
            }
        }
    }

    /// Records a write of a plain name.
    pub(super) fn assign_name(&mut self, name: Node<'_>, value: ExprId) {
        let target = self.value_name(name);
        self.b.occurrence(Role::Write, target, name);
        let name = self.b.name(name);
        self.assigned(name, value);
    }

    /// `exports.name = value`. A plain name is passed on; anything else is a variable of that name.
    fn assign_export(&mut self, left: Node<'_>, name: Node<'_>, value: ExprId) {
        let id = self.b.name(name);
        if let Some(symbol) = self.state.common_exports.get(&id).copied() {
            self.b.flow(symbol, value);
            return;
        }
        match self.b.facts().expr(value) {
            Expr::Literal(_) | Expr::Unknown => {}
            Expr::Name { .. } => {
                self.b.export(id, value);
                // As in `export { value as name }`, the name means what it passes on.
                self.b.occurrence(Role::Read, value, name);
            }
            Expr::Symbol(_) | Expr::Import(_) | Expr::Member { .. } => self.b.export(id, value),
            _ => {
                let definition = self.definition(left, name, SymbolKind::Variable, Before::default());
                let symbol = self.define_export(definition);
                self.b.flow(symbol, value);
            }
        }
    }

    /// `this.name = value`: the first assignment defines the field, each one flows into it.
    pub(super) fn assign_this(&mut self, name: Node<'_>, value: ExprId) {
        let id = self.b.name(name);
        let Some(owner) = self.state.context.this.owner() else {
            self.write_member(name);
            return;
        };
        let known = self.state.members.get(&(owner, id)).copied();
        // TypeScript wants fields declared: here or in a base class.
        let is_declared = self.state.declared_members.contains(&(owner, id));
        if known.is_none() && (is_declared || (!self.is_untyped() && self.is_class(owner))) {
            self.write_member(name);
            self.state.late_flows.push((owner, id, value));
            return;
        }
        let field = known.unwrap_or_else(|| {
            let mut definition = self.definition(name, name, SymbolKind::Field, Before::default());
            definition.visibility = self.member_visibility(name);
            if let This::Class(_) = self.state.context.this {
                definition.marks.add(Marks::STATIC);
            }
            self.define_member_of(owner, definition)
        });
        if known.is_some() {
            self.write_member(name);
        }
        if self.b.facts().symbol(field).ty.is_none() {
            self.b.flow(field, value);
        }
    }

    fn write_member(&mut self, name: Node<'_>) {
        let base = self.this();
        let id = self.b.name(name);
        let member = self.b.expr(Expr::Member { base, name: id });
        self.b.occurrence(Role::Write, member, name);
    }

    /// `object.name = value`: a field if the object is defined in this file.
    fn assign_member(&mut self, left: Node<'_>, name: Node<'_>, base: ExprId, holder: Option<SymbolId>, value: ExprId) {
        let id = self.b.name(name);
        let known = holder.and_then(|holder| self.state.members.get(&(holder, id)).copied());
        if let (Some(holder), None) = (holder, known) {
            let mut definition = self.definition(left, name, SymbolKind::Field, Before::default()).member();
            definition.visibility = Visibility::Public;
            let field = self.define_prototype_member(definition, base, Some(holder));
            self.b.flow(field, value);
            return;
        }
        if let Some(field) = known {
            self.b.flow(field, value);
        }
        let member = self.b.expr(Expr::Member { base, name: id });
        self.b.occurrence(Role::Write, member, name);
    }

    /// `Class.prototype = Object.create(Base.prototype)` or `new Base()`: what it makes has the members of `Base`.
    fn assign_prototype(&mut self, class: Node<'_>, value: ExprId) {
        let symbol = self.known_symbol(class);
        self.visit(class);
        let base = match self.b.facts().expr(value) {
            Expr::New { class, .. } => Some(class),
            Expr::Call { args, .. } => self.b.facts().list(args).first().and_then(|first| self.prototype_of(*first)),
            _ => self.prototype_of(value),
        };
        if let (Some(symbol), Some(base)) = (symbol, base) {
            self.b.relation(symbol, RelationKind::Extends, base);
        }
    }

    /// `Base` for `Base.prototype`.
    fn prototype_of(&self, value: ExprId) -> Option<ExprId> {
        match self.b.facts().expr(value) {
            Expr::Member { base, name } if self.b.name_text(name) == "prototype" => Some(base),
            _ => None,
        }
    }

    /// `util.inherits(Class, Base)`.
    pub(super) fn inherits(&mut self, class: Node<'_>, base: ExprId) {
        let name = self.b.name(class);
        if let Some((_, Known::Symbol(symbol))) = self.lookup(self.b.scope(), name) {
            self.b.relation(symbol, RelationKind::Extends, base);
        }
    }

    /// What `this` is.
    pub(super) fn this(&mut self) -> ExprId {
        match self.state.context.this {
            This::Unknown => self.unknown(),
            This::Instance(symbol) => self.b.expr(Expr::Instance(symbol)),
            This::Class(symbol) => self.b.expr(Expr::Symbol(symbol)),
            This::Value(value) => value,
            This::Exports => {
                let name = self.b.intern("exports");
                self.b.name_at(name, 0, Space::Value)
            }
        }
    }

    /// `a += b`, `a ??= b`.
    pub(super) fn augmented(&mut self, node: Node<'_>) -> ExprId {
        let value = Field::Right.of(node).map(|right| self.visit(right));
        let (Some(left), Some(right)) = (Field::Left.of(node), Field::Right.of(node)) else { return self.unknown() };
        let is_choice = ["??=", "||=", "&&="].iter().any(|operator| self.gap_has(left, right, operator));
        if is_choice {
            let value = value.unwrap_or_else(|| self.unknown());
            self.assign(left, value);
            return value;
        }
        self.write(left);
        self.unknown()
    }
}
