//! Members of types and values: own, attached, inherited, and those of the implementations a call can reach.

use std::rc::Rc;

use crate::model::{Marks, Reason, Rule, Space, SymbolKind};

use super::bases::last_segment;
use super::den::{Den, Syms, Ty};
use super::lookup::Resolver;
use super::queue::Queue;
use super::world::{Container, Name, Sym};

/// Most types visited while searching one member, and most implementations listed for one call.
pub(super) const TYPES_MAX: usize = 256;

/// Most definitions of one name in one place that are told apart.
pub(super) const NAMESAKES_MAX: usize = 1_024;

/// What is asked of a type and its base types: a member of a space, and the rule if the type has it itself.
pub(super) type TypeMember = (Sym, Name, Space, Rule);

impl Resolver<'_, '_> {
    /// The type that `self` or `this` is inside `symbol`: for an `impl` block or an out-of-line member the type it
    /// belongs to, else the definition itself.
    pub(super) fn self_type(&self, symbol: Sym) -> Option<Sym> {
        match self.bases.owner(symbol) {
            Some(owner) => Some(owner),
            None if self.world.kind(symbol) == SymbolKind::Impl => None,
            None => Some(symbol),
        }
    }

    /// The members of this name that stand in a type's body or are attached to it.
    pub(super) fn own_members(&self, class: Sym, name: Name) -> Syms {
        let declared = self.declared_symbols(Container::Symbol(class), name);
        // What stands inside a function is no member of it, unless it was stored there.
        let is_function = self.world.kind(class).is_callable();
        let is_stored =
            |symbol: &Sym| !is_function || matches!(self.world.kind(*symbol), SymbolKind::Method | SymbolKind::Field);
        let declared = declared.filter(is_stored);
        let mut own: Syms = declared.chain(self.bases.attached(class, name).iter().copied()).collect();
        // A field hides no method.
        if !own.iter().any(|&own| self.world.kind(own).is_callable()) {
            own.extend_from_slice(self.bases.implementing(class, name));
        }
        own
    }

    /// The methods of this name that a type has itself.
    pub(super) fn methods(&self, class: Sym, name: Name) -> Syms {
        let own = self.own_members(class, name);
        own.into_iter().filter(|&symbol| self.world.kind(symbol) == SymbolKind::Method).collect()
    }

    /// The member `name` of a type of the tree: own ones first, then base types, nearest first.
    pub(super) fn type_member(&mut self, class: Sym, name: Name, rule: Rule) -> Den {
        self.type_member_in(class, name, Space::Any, rule)
    }

    /// The same among the members of `space`.
    pub(super) fn type_member_in(&mut self, class: Sym, name: Name, space: Space, rule: Rule) -> Den {
        let key = (class, name, space, rule);
        if let Some((known, reads)) = self.type_members.get(&key) {
            self.reads.again(*reads);
            return known.clone();
        }
        let mark = self.reads.mark();
        let mut is_fixed = true;
        let found = self.search_types(key, &mut is_fixed);
        if is_fixed {
            self.type_members.insert(key, (found.clone(), self.reads.gather(mark)));
        }
        found
    }

    /// Breadth first over a type and its base types; tells whether that depends on nothing but declarations.
    fn search_types(&mut self, (class, name, space, rule): TypeMember, is_fixed: &mut bool) -> Den {
        let mut queue = Queue::new(class);
        let mut outside = None;
        let mut open = false;
        while let Some((visited, class)) = queue.pop() {
            let mut own = self.own_members(class, name);
            if visited > TYPES_MAX || own.len() > NAMESAKES_MAX {
                return Den::Unknown(Reason::Limit);
            }
            own.retain(|symbol| self.world.kind(*symbol).is_in(space));
            if !own.is_empty() {
                let rule = if visited == 0 { rule } else { Rule::Inherited };
                return Den::Symbols(own, rule);
            }
            outside = outside.or_else(|| self.bases.outside(class));
            open |= self.bases.is_open(class);
            *is_fixed &= !self.is_alias(class);
            let aliased = self.aliased(class);
            for base in aliased.into_iter().chain(self.bases.supers(class).iter().copied()) {
                queue.push(base);
            }
        }
        match outside {
            Some(base) if !open => self.outside_member(base, class, name),
            _ => Den::Unknown(Reason::NoSuchMember),
        }
    }

    /// A member that the types in the tree do not have comes from a base outside, unless a subtype may have it.
    fn outside_member(&self, base: &str, class: Sym, name: Name) -> Den {
        let file = &self.world.files[self.world.file_of(class) as usize];
        let text = self.world.names[name.0 as usize];
        Den::External(format!("{base}{}{text}", file.rules.separator).into(), Rule::ExternalMember)
    }

    fn is_alias(&self, symbol: Sym) -> bool {
        matches!(self.world.kind(symbol), SymbolKind::TypeAlias | SymbolKind::AssociatedType)
    }

    /// The type behind an alias.
    fn aliased(&mut self, symbol: Sym) -> Option<Sym> {
        if !self.is_alias(symbol) {
            return None;
        }
        match self.alias_target(symbol) {
            Ty::Instance(target, _) if target != symbol => Some(target),
            _ => None,
        }
    }

    /// The member `name` reached by a path through one of `symbols`: `Type::f`, `Class.f`, `Enum::Variant`.
    pub(super) fn static_member(&mut self, symbols: &[Sym], name: Name) -> Den {
        let mut last = Den::Unknown(Reason::NoSuchMember);
        for &symbol in symbols {
            if !self.world.kind(symbol).is_type() && self.world.kind(symbol) != SymbolKind::Impl {
                continue;
            }
            let Some(class) = self.self_type(symbol) else { continue };
            let ty = self.alias_target(class);
            let found = match ty {
                Ty::Outside(..) | Ty::Unknown => self.value_member(&ty, name),
                _ => self.type_member(class, name, Rule::TypeMember),
            };
            if !found.is_unknown() {
                return found;
            }
            last = self.absent(class, name);
        }
        last
    }

    /// What a member is that a fully known type of the tree does not have.
    fn absent(&self, class: Sym, name: Name) -> Den {
        let extensions = self.bases.extensions(name, "");
        if !extensions.is_empty() {
            return Den::Symbols(extensions, Rule::Inherited);
        }
        if !self.is_defined(name) {
            return self.nowhere(name);
        }
        if matches!(self.world.kind(class), SymbolKind::TypeAlias | SymbolKind::AssociatedType) {
            // What stands behind it is not known.
            return Den::Unknown(Reason::ReceiverType);
        }
        let file = &self.world.files[self.world.file_of(class) as usize];
        if file.rules.implicit_bases && !self.has_open_base(class) {
            let text = self.world.names[name.0 as usize];
            let class = self.world.names[self.world.name_of(class).0 as usize];
            return Den::External(format!("{class}{}{text}", file.rules.separator).into(), Rule::ExternalMember);
        }
        Den::Unknown(Reason::NoSuchMember)
    }

    /// Whether some base type could not be found, or there are too many to look at.
    fn has_open_base(&self, class: Sym) -> bool {
        let mut bases = self.bases.upward(class).enumerate();
        bases.any(|(visited, base)| self.bases.is_open(base) || visited > TYPES_MAX)
    }

    /// A name that no definition of the tree has, used as a member.
    fn nowhere(&self, name: Name) -> Den {
        Den::External(Rc::from(self.world.names[name.0 as usize]), Rule::NoSuchName)
    }

    /// The member `name` of a value of type `ty`.
    pub(super) fn value_member(&mut self, ty: &Ty, name: Name) -> Den {
        match ty {
            Ty::Instance(class, _) => self.instance_member(ty, *class, name),
            Ty::This(symbol) => self.instance_member(ty, *symbol, name),
            Ty::Parameter(parameter) => {
                let bounds = self.bounds(*parameter);
                self.member_behind(&bounds, name)
            }
            Ty::Projected(base, associated) => {
                let bounds = self.associated_bounds(base, *associated);
                self.member_behind(&bounds, name)
            }
            Ty::Class(class) => {
                let found = self.type_member(*class, name, Rule::TypeMember);
                if found.is_unknown() { self.absent(*class, name) } else { found }
            }
            Ty::Module(module) => self.module_member(*module, name),
            Ty::Outside(path, args) => self.foreign_member(path, args, name),
            Ty::Callable(function) => {
                let found = self.type_member(*function, name, Rule::TypeMember);
                if found.is_unknown() { self.foreign_member("", &[], name) } else { found }
            }
            Ty::Returns(_) | Ty::Function(..) | Ty::Tuple(_) | Ty::List(_) => self.foreign_member("", &[], name),
            Ty::Union(types) => self.union_member(types, name),
            Ty::All(types) => self.any_member(types, name),
            Ty::Null | Ty::Unknown | Ty::Argument if !self.is_defined(name) => self.nowhere(name),
            Ty::Null | Ty::Unknown | Ty::Argument => Den::Unknown(Reason::ReceiverType),
        }
    }

    /// The member of what stands behind a type: bounds may name each other, and pointers point to each other.
    fn member_behind(&mut self, ty: &Ty, name: Name) -> Den {
        self.step(Den::Unknown(Reason::Limit), |this| this.value_member(ty, name))
    }

    fn instance_member(&mut self, ty: &Ty, class: Sym, name: Name) -> Den {
        let aliased = self.alias_target(class);
        if !matches!(aliased, Ty::Instance(target, _) if target == class) && aliased != Ty::Unknown {
            return self.value_member(&aliased, name);
        }
        let found = self.type_member(class, name, Rule::ValueMember);
        if matches!(found, Den::Symbols(..)) {
            return found;
        }
        if let Some(behind) = self.pointed_to(ty)
            && let found @ Den::Symbols(..) = self.member_behind(&behind, name)
        {
            return found;
        }
        if found.is_unknown() { self.absent(class, name) } else { found }
    }

    /// A member of a value of a type outside the tree: an extension of the tree, a member of what a smart pointer
    /// holds, or outside as well.
    fn foreign_member(&mut self, path: &str, args: &[Ty], name: Name) -> Den {
        let world = self.world;
        let rules = world.files[0].rules;
        let last = last_segment(path);
        let is_wrapper = self.is_wrapper(path);
        if !args.is_empty() && !self.has_row(last, world.names[name.0 as usize]) {
            for (index, inner) in args.iter().enumerate() {
                let found = self.value_member(inner, name);
                let is_found = matches!(found, Den::Symbols(..));
                if is_wrapper && index == 0 && (is_found || *inner == Ty::Unknown) {
                    return found;
                }
                if is_found {
                    // It may be one more wrapper, as well as a container with a member of the same name.
                    return Den::Unknown(Reason::ReceiverType);
                }
            }
        }
        let extensions = self.bases.extensions(name, path);
        if !extensions.is_empty() {
            return Den::Symbols(extensions, Rule::Inherited);
        }
        let text = world.names[name.0 as usize];
        let full = if path.is_empty() { text.to_owned() } else { format!("{path}{}{text}", rules.separator) };
        Den::External(full.into(), Rule::ExternalMember)
    }

    /// Every alternative must be known, but for what callers pass; those in the tree are what it can reach.
    fn union_member(&mut self, types: &[Ty], name: Name) -> Den {
        let mut symbols = Syms::new();
        let mut external = None;
        let mut rule = Rule::ValueMember;
        let is_argument = types.contains(&Ty::Argument);
        for ty in types.iter().filter(|ty| **ty != Ty::Argument) {
            match self.value_member(ty, name) {
                Den::Symbols(found, found_rule) => {
                    rule = found_rule;
                    symbols.extend(found);
                }
                found @ Den::External(..) => external = Some(found),
                unknown => return unknown,
            }
        }
        symbols.sort_unstable();
        symbols.dedup();
        match external {
            _ if is_argument && symbols.is_empty() => self.value_member(&Ty::Argument, name),
            _ if is_argument => Den::Symbols(symbols, Rule::Fallback),
            Some(external) if symbols.is_empty() => external,
            _ => Den::Symbols(symbols, rule),
        }
    }

    /// The member of any of several bounds that has it.
    fn any_member(&mut self, types: &[Ty], name: Name) -> Den {
        let mut otherwise = Den::Unknown(Reason::ReceiverType);
        for ty in types {
            match self.value_member(ty, name) {
                found @ Den::Symbols(..) => return found,
                found @ Den::External(..) => otherwise = found,
                _ => {}
            }
        }
        otherwise
    }

    /// The members that override or implement `member` in subtypes of its type, sorted; none if there are too
    /// many to list.
    pub(super) fn overriders(&mut self, member: Sym) -> Option<Rc<[Sym]>> {
        if let Some((known, reads)) = self.overridden.get(&member) {
            self.reads.again(*reads);
            return known.clone();
        }
        let mark = self.reads.mark();
        let found = self.find_overriders(member).map(|found| Rc::from(found.as_slice()));
        self.overridden.insert(member, (found.clone(), self.reads.gather(mark)));
        found
    }

    fn find_overriders(&self, member: Sym) -> Option<Syms> {
        if self.world.files[self.world.file_of(member) as usize].rules.structural_interfaces {
            return self.bases.implementations(member).map(Syms::from_slice);
        }
        let Some(owner) = self.owner_type(member) else { return Some(Syms::new()) };
        let name = self.world.name_of(member);
        let mut queue = vec![owner];
        let mut found = Syms::new();
        let mut next = 0;
        while let Some(&class) = queue.get(next) {
            for &sub in self.bases.subs(class) {
                if queue.contains(&sub) {
                    continue;
                }
                if queue.len() > TYPES_MAX {
                    return None;
                }
                queue.push(sub);
                let own = self.definitions_first(self.own_members(sub, name));
                found.extend(own.into_iter().filter(|&own| own != member && self.world.kind(own).is_callable()));
            }
            next += 1;
        }
        found.sort_unstable();
        found.dedup();
        Some(found)
    }

    /// The type a member belongs to.
    pub(super) fn owner_type(&self, member: Sym) -> Option<Sym> {
        if let Some(owner) = self.bases.owner(member) {
            return Some(owner);
        }
        self.self_type(self.world.parent(member)?)
    }

    /// The constructors that a type itself has. What makes a value through an inherited one names this type, not
    /// the one that it comes from.
    pub(super) fn constructors(&self, class: Sym) -> Syms {
        let world = self.world;
        let names = world.files[world.file_of(class) as usize].rules.constructors;
        for name in names.iter().filter_map(|name| self.find_name(name)) {
            let found = self.own_members(class, name);
            if !found.is_empty() {
                return found;
            }
        }
        let own = self.own_members(class, world.name_of(class));
        own.into_iter().filter(|&symbol| world.kind(symbol) == SymbolKind::Constructor).collect()
    }

    /// Whether a call on a value can end in a subtype's member instead.
    pub(super) fn is_overridable(&self, member: Sym) -> bool {
        let symbol = self.world.symbol(member);
        let fixed = Marks::STATIC;
        let is_open = symbol.kind == SymbolKind::Method && !symbol.marks.has(fixed) && !symbol.marks.has(Marks::FINAL);
        let linkage = self.world.files[self.world.file_of(member) as usize].rules.linkage;
        is_open && (!linkage || self.is_virtual(member))
    }

    /// Whether a member is declared virtual, by its class or a base type: an out-of-line definition does not say it.
    fn is_virtual(&self, member: Sym) -> bool {
        let Some(owner) = self.owner_type(member) else { return false };
        let name = self.world.name_of(member);
        let is_declared_virtual =
            |class| self.own_members(class, name).iter().any(|&own| self.world.has_mark(own, Marks::VIRTUAL));
        self.bases.upward(owner).take(TYPES_MAX).any(is_declared_virtual)
    }
}
