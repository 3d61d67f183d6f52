//! Types carried through generics: what type parameters stand for, given the value a member is reached through, the
//! type arguments that are written, and what is passed.
//!
//! A type parameter that nothing settles stays what it is: its members are those of its bounds.

use std::rc::Rc;

use smallvec::SmallVec;

use crate::model::{BindingTarget, ExprId, SymbolKind};

use super::bases::last_segment;
use super::den::{Den, Parameter, Syms, Ty};
use super::lookup::Resolver;
use super::world::{Container, Name, Sym};

/// Most types looked through for one base type.
const TYPES_MAX: usize = 256;

/// Most steps from a type to the one behind it: smart pointers, aliases, bounds.
pub(super) const STEPS_MAX: u32 = 8;

/// A type parameter of a definition, by its declaration.
#[derive(Clone, Copy)]
pub(super) struct Declared {
    place: u16,
    pub(super) parameter: Parameter,
    default: Option<ExprId>,
}

/// What type parameters stand for.
#[derive(Default)]
pub(super) struct Substitution {
    types: SmallVec<[((u32, u32), Ty); 4]>,
    /// The type that implements the trait whose members are looked at.
    pub(super) this: Option<Ty>,
}

impl Substitution {
    /// The first thing known of a parameter holds.
    pub(super) fn bind(&mut self, parameter: Parameter, ty: &Ty) {
        let is_itself = matches!(ty, Ty::Parameter(other) if other.declared == parameter.declared);
        if !is_itself && !matches!(ty, Ty::Unknown | Ty::Null) && self.get(parameter).is_none() {
            self.types.push(((parameter.file, parameter.declared), ty.clone()));
        }
    }

    fn get(&self, parameter: Parameter) -> Option<&Ty> {
        let key = (parameter.file, parameter.declared);
        self.types.iter().find(|(known, _)| *known == key).map(|(_, ty)| ty)
    }

    /// Whether a type is a lone parameter that is settled already.
    pub(super) fn covers(&self, ty: &Ty) -> bool {
        matches!(ty, Ty::Parameter(parameter) if self.get(*parameter).is_some())
    }
}

impl Resolver<'_, '_> {
    /// The type parameters of a definition, in order.
    pub(super) fn declared_parameters(&mut self, symbol: Sym) -> Rc<[Declared]> {
        if let Some(known) = self.parameters.get(&symbol) {
            return known.clone();
        }
        let world = self.world;
        let file = world.file_of(symbol);
        let facts = world.files[file as usize].facts;
        let mut found: Vec<Declared> = Vec::new();
        if let Some(scope) = world.symbol(symbol).scope {
            let start = facts.scopes[scope.0 as usize].bindings;
            for (index, binding) in (start..).zip(facts.bindings_in(scope)) {
                if let BindingTarget::TypeParameter { default, place: Some(place), .. } = binding.target {
                    let parameter = Parameter { file, declared: index, seen: index };
                    found.push(Declared { place, parameter, default });
                }
            }
        }
        found.sort_by_key(|declared| declared.place);
        let found: Rc<[Declared]> = found.into();
        self.parameters.insert(symbol, found.clone());
        found
    }

    /// A type parameter as a type: told from others by where it is declared, not by where it gets a further bound.
    pub(super) fn parameter(&self, file: u32, binding: u32) -> Ty {
        let facts = self.world.files[file as usize].facts;
        let seen = facts.bindings[binding as usize];
        let mut declared = binding;
        let mut scope = Some(seen.scope);
        while let Some(id) = scope {
            let same = facts.bindings_of(id, seen.name);
            let is_declaration = |target| matches!(target, BindingTarget::TypeParameter { place: Some(_), .. });
            if let Some(index) = same.iter().position(|binding| is_declaration(binding.target)) {
                let first = facts.position_of(same);
                declared = first + index as u32;
                break;
            }
            scope = facts.scopes[id.0 as usize].parent;
        }
        Ty::Parameter(Parameter { file, declared, seen: binding })
    }

    /// What the bounds of a type parameter say of it.
    pub(super) fn bounds(&mut self, parameter: Parameter) -> Ty {
        if parameter.is_letter() {
            return Ty::Unknown;
        }
        let seen = self.type_parameter(parameter.file, parameter.seen);
        if parameter.seen == parameter.declared {
            return seen;
        }
        match (seen, self.type_parameter(parameter.file, parameter.declared)) {
            (Ty::Unknown, other) | (other, Ty::Unknown) => other,
            (Ty::All(seen), Ty::All(declared)) => Ty::All(seen.iter().chain(declared.iter()).cloned().collect()),
            (seen, _) => seen,
        }
    }

    /// What the declaration of an associated type of `base` says of it.
    pub(super) fn associated_bounds(&mut self, base: &Ty, name: Name) -> Ty {
        let Den::Symbols(symbols, _) = self.value_member(base, name) else { return Ty::Unknown };
        let &[symbol] = symbols.as_slice() else { return Ty::Unknown };
        let file = self.world.file_of(symbol);
        match self.world.symbol(symbol).ty {
            Some(ty) => self.all_written(file, ty),
            None => Ty::Unknown,
        }
    }

    /// A type itself, with its own parameters as arguments; for an `impl` block the type it belongs to.
    pub(super) fn own_type(&mut self, symbol: Sym) -> Ty {
        match self.world.kind(symbol) {
            SymbolKind::Impl => match self.bases.target(symbol) {
                Some(target) => self.written(self.world.file_of(symbol), target),
                None => Ty::Unknown,
            },
            SymbolKind::Trait => Ty::This(symbol),
            _ => self.generic_type(symbol),
        }
    }

    fn generic_type(&mut self, symbol: Sym) -> Ty {
        let parameters = self.declared_parameters(symbol);
        Ty::Instance(symbol, parameters.iter().map(|declared| Ty::Parameter(declared.parameter)).collect())
    }

    /// Type arguments with defaults for those that are missing.
    pub(super) fn completed(&mut self, symbol: Sym, mut args: Vec<Ty>) -> Vec<Ty> {
        let parameters = self.declared_parameters(symbol);
        if args.len() < parameters.len() {
            let file = self.world.file_of(symbol);
            for declared in parameters.iter().skip(args.len()) {
                let Some(default) = declared.default else { break };
                let ty = self.written(file, default);
                let substitution = matched(&parameters, &args);
                args.push(self.substitute(&ty, &substitution));
            }
        }
        args
    }

    /// What the alias `symbol` of `target` stands for with these type arguments.
    pub(super) fn aliased_with(&mut self, symbol: Sym, target: &Ty, args: Vec<Ty>) -> Ty {
        if !target.is_open() {
            return target.clone();
        }
        let args = self.completed(symbol, args);
        let parameters = self.declared_parameters(symbol);
        self.substitute(target, &matched(&parameters, &args))
    }

    /// `ty` with all that is known of the parameters in it.
    pub(super) fn substitute(&mut self, ty: &Ty, substitution: &Substitution) -> Ty {
        if !ty.is_open() {
            return ty.clone();
        }
        self.substituted(ty, substitution).bounded()
    }

    fn substituted(&mut self, ty: &Ty, substitution: &Substitution) -> Ty {
        let mut all =
            |types: &[Ty]| -> Rc<[Ty]> { types.iter().map(|ty| self.substituted(ty, substitution)).collect() };
        match ty {
            Ty::Parameter(parameter) => substitution.get(*parameter).unwrap_or(ty).clone(),
            Ty::This(_) => substitution.this.clone().unwrap_or_else(|| ty.clone()),
            Ty::Projected(base, name) => {
                let known = self.substituted(base, substitution);
                if known == **base { ty.clone() } else { self.projected(&known, *name) }
            }
            Ty::Instance(symbol, args) => Ty::Instance(*symbol, all(args)),
            Ty::Outside(name, args) => Ty::Outside(name.clone(), all(args)),
            Ty::Tuple(items) => Ty::Tuple(all(items)),
            Ty::Union(items) => Ty::union(all(items).iter().cloned()),
            Ty::All(items) => Ty::All(all(items)),
            Ty::Function(takes, gives) => {
                let takes = all(takes);
                Ty::Function(takes, Rc::new(self.substituted(gives, substitution)))
            }
            Ty::Returns(result) => Ty::Returns(Rc::new(self.substituted(result, substitution))),
            Ty::List(item) => Ty::List(Rc::new(self.substituted(item, substitution))),
            closed => closed.clone(),
        }
    }

    /// The associated type `name` of a type.
    pub(super) fn projected(&mut self, ty: &Ty, name: Name) -> Ty {
        self.step(Ty::Unknown, |this| this.projected_here(ty, name))
    }

    fn projected_here(&mut self, ty: &Ty, name: Name) -> Ty {
        match ty {
            Ty::Parameter(_) | Ty::This(_) | Ty::Projected(..) => Ty::Projected(Rc::new(ty.clone()), name),
            Ty::Instance(class, _) => {
                if self.world.kind(*class) == SymbolKind::Trait {
                    return Ty::Projected(Rc::new(ty.clone()), name);
                }
                let own = self.associated(*class, name);
                let mut found = Vec::new();
                for symbol in own {
                    let written = self.alias_target(symbol);
                    let mut substitution = Substitution::default();
                    if self.bind_receiver(ty, symbol, &mut substitution) {
                        found.push(self.substitute(&written, &substitution));
                    }
                }
                if found.is_empty() { Ty::Unknown } else { Ty::union(found) }
            }
            _ => Ty::Unknown,
        }
    }

    /// A member of a type as an `impl` block sees it through `Self`: its own associated types come first.
    pub(super) fn own_associated(&mut self, symbol: Sym, name: Name) -> Option<Ty> {
        let own = self.declared_symbols(Container::Symbol(symbol), name).next()?;
        let is_associated = self.world.kind(own) == SymbolKind::AssociatedType;
        is_associated.then(|| self.alias_target(own))
    }

    /// The type that a value stands for as a pointer to it, by an associated type that says so.
    pub(super) fn pointed_to(&mut self, ty: &Ty) -> Option<Ty> {
        let file = &self.world.files[0];
        let name = self.find_name(file.rules.pointee)?;
        self.known_associated(ty, name)
    }

    /// What iterating over a value of a type of the tree gives, by an associated type that says so.
    pub(super) fn item(&mut self, ty: &Ty) -> Option<Ty> {
        let file = &self.world.files[0];
        let name = self.find_name(file.rules.item)?;
        self.known_associated(ty, name)
    }

    /// Whether the members of a type outside the tree are those of its first type argument as well.
    pub(super) fn is_wrapper(&self, path: &str) -> bool {
        self.world.files[0].rules.wrappers.contains(&last_segment(path))
    }

    /// The associated types of this name that a type has itself.
    fn associated(&self, class: Sym, name: Name) -> Syms {
        let own = self.own_members(class, name);
        own.into_iter().filter(|&own| self.world.kind(own) == SymbolKind::AssociatedType).collect()
    }

    fn known_associated(&mut self, ty: &Ty, name: Name) -> Option<Ty> {
        let Ty::Instance(class, _) = ty else { return None };
        if self.associated(*class, name).is_empty() {
            return None;
        }
        match self.projected(ty, name) {
            Ty::Unknown | Ty::Null => None,
            known => Some(known),
        }
    }

    /// A type of the tree seen as its base type `target`.
    fn upcast(&mut self, class: Sym, args: &Rc<[Ty]>, target: Sym) -> Option<Ty> {
        let bases = self.bases;
        let mut queue: Vec<(Sym, Ty)> = vec![(class, Ty::Instance(class, args.clone()))];
        let mut next = 0;
        while let Some((class, ty)) = queue.get(next).cloned() {
            if class == target {
                return Some(ty);
            }
            for &(symbol, base) in bases.relations(class).iter().take(TYPES_MAX) {
                let written = self.written(self.world.file_of(symbol), base);
                let Ty::Instance(base, _) = written else { continue };
                if queue.iter().any(|(seen, _)| *seen == base) || queue.len() > TYPES_MAX {
                    continue;
                }
                let mut substitution = Substitution::default();
                if written.is_open() {
                    let own = self.own_type(symbol);
                    self.unify(&own, &ty, &mut substitution);
                }
                let base_type = self.substitute(&written, &substitution);
                queue.push((base, base_type));
            }
            next += 1;
        }
        None
    }

    /// A value of type `ty` as the member of `owner` sees it, and the type that is then `Self`.
    fn seen_as(&mut self, ty: &Ty, owner: Sym, steps: u32) -> Option<(Ty, Ty)> {
        let steps = steps.checked_sub(1)?;
        match ty {
            Ty::Instance(class, args) => {
                if let Some(view) = self.upcast(*class, args, owner) {
                    return Some((view, ty.clone()));
                }
                let behind = match self.alias_target(*class) {
                    Ty::Instance(target, _) if target == *class => self.pointed_to(ty)?,
                    target => self.aliased_with(*class, &target, args.to_vec()),
                };
                self.seen_as(&behind, owner, steps)
            }
            Ty::Outside(path, args) => {
                let inner = args.first().filter(|_| self.is_wrapper(path))?;
                self.seen_as(inner, owner, steps)
            }
            Ty::This(symbol) => {
                let generic = self.generic_type(*symbol);
                let Ty::Instance(class, args) = &generic else { return None };
                Some((self.upcast(*class, args, owner)?, ty.clone()))
            }
            Ty::Parameter(parameter) => {
                let bounds = self.bounds(*parameter);
                let (view, _) = self.seen_as(&bounds, owner, steps)?;
                Some((view, ty.clone()))
            }
            Ty::Projected(base, name) => {
                let bounds = self.associated_bounds(base, *name);
                let (view, _) = self.seen_as(&bounds, owner, steps)?;
                Some((view, ty.clone()))
            }
            Ty::Union(types) | Ty::All(types) => types.iter().find_map(|ty| self.seen_as(ty, owner, steps)),
            _ => None,
        }
    }

    /// Binds the type parameters around `member` to what a receiver of type `ty` says of them; false if it cannot be
    /// a member of that.
    pub(super) fn bind_receiver(&mut self, ty: &Ty, member: Sym, substitution: &mut Substitution) -> bool {
        let Some(home) = self.world.parent(member) else { return true };
        let (view, this) = match self.owner_type(member) {
            None => (ty.clone(), ty.clone()),
            Some(owner) => match self.seen_as(ty, owner, STEPS_MAX) {
                Some(seen) => seen,
                None => return false,
            },
        };
        substitution.this = Some(this);
        let own = match self.world.kind(home) {
            SymbolKind::Impl => self.own_type(home),
            kind if kind.is_type() => self.generic_type(home),
            _ => return true,
        };
        self.unify(&own, &view, substitution)
    }

    /// Binds the parameters in `pattern` so that it becomes `actual`; false if that is impossible.
    pub(super) fn unify(&mut self, pattern: &Ty, actual: &Ty, substitution: &mut Substitution) -> bool {
        match (pattern, actual) {
            // A struct used as a value is the one value it has.
            (Ty::Parameter(parameter), Ty::Class(class)) if self.world.kind(*class) == SymbolKind::Struct => {
                let value = self.own_type(*class);
                substitution.bind(*parameter, &value);
                true
            }
            (Ty::Parameter(parameter), _) => {
                substitution.bind(*parameter, actual);
                true
            }
            (Ty::Instance(wanted, of), Ty::Instance(given, args)) if wanted == given => {
                self.unify_all(of, args, substitution)
            }
            (Ty::Instance(wanted, of), Ty::Instance(given, args)) if !of.is_empty() => {
                match self.upcast(*given, args, *wanted) {
                    Some(Ty::Instance(_, args)) => self.unify_all(of, &args, substitution),
                    _ => false,
                }
            }
            (Ty::Outside(wanted, of), Ty::Outside(given, args)) => {
                last_segment(wanted) == last_segment(given) && self.unify_all(of, args, substitution)
            }
            (Ty::List(item), Ty::Outside(_, args)) | (Ty::Outside(_, args), Ty::List(item)) => {
                let Some(argument) = args.last() else { return true };
                match pattern {
                    Ty::List(_) => self.unify(item, argument, substitution),
                    _ => self.unify(argument, item, substitution),
                }
            }
            (Ty::List(wanted), Ty::List(given)) => self.unify(wanted, given, substitution),
            (Ty::Tuple(wanted), Ty::Tuple(given)) => self.unify_all(wanted, given, substitution),
            (Ty::Function(_, wanted) | Ty::Returns(wanted), Ty::Function(_, given) | Ty::Returns(given)) => {
                self.unify(wanted, given, substitution)
            }
            (Ty::Function(_, wanted) | Ty::Returns(wanted), Ty::Callable(function)) => {
                let given = self.returned(*function);
                self.unify(wanted, &given, substitution)
            }
            (Ty::Function(_, wanted) | Ty::Returns(wanted), Ty::Class(class)) => {
                let made = self.own_type(*class);
                self.unify(wanted, &made, substitution)
            }
            (Ty::Union(items), _) => self.unify_any(items, actual, substitution),
            (_, Ty::Unknown | Ty::Null) => true,
            (Ty::Instance(..) | Ty::Outside(..) | Ty::List(_) | Ty::Tuple(_), _) => {
                pattern == actual || !matches!(actual, Ty::Instance(..) | Ty::Outside(..) | Ty::List(_) | Ty::Tuple(_))
            }
            _ => true,
        }
    }

    fn unify_all(&mut self, patterns: &[Ty], actual: &[Ty], substitution: &mut Substitution) -> bool {
        let mut fits = true;
        for (pattern, actual) in patterns.iter().zip(actual) {
            fits &= self.unify(pattern, actual, substitution);
        }
        fits
    }

    /// One of several alternatives: those that say more than a lone parameter come first.
    fn unify_any(&mut self, items: &[Ty], actual: &Ty, substitution: &mut Substitution) -> bool {
        let is_parameter = |ty: &&Ty| matches!(ty, Ty::Parameter(_));
        let shaped = items.iter().filter(|ty| !is_parameter(ty) && ty.is_open());
        for item in shaped {
            if item.is_like(actual) && self.unify(item, actual, substitution) {
                return true;
            }
        }
        if let Some(parameter) = items.iter().find(is_parameter) {
            self.unify(parameter, actual, substitution);
        }
        true
    }

    /// What a member of type `ty`, found through a receiver, is to whoever uses it.
    pub(super) fn seen_through(&mut self, receiver: &Ty, member: Sym, ty: &Ty) -> Ty {
        let mut substitution = Substitution::default();
        self.bind_receiver(receiver, member, &mut substitution);
        self.substitute(ty, &substitution)
    }

    /// The type of the value, or the type itself, that a member is reached through.
    pub(super) fn base_type(&mut self, file: u32, base: ExprId) -> Ty {
        match self.value(file, base) {
            Ty::Class(_) => self.written(file, base),
            value => value,
        }
    }
}

/// Parameters with the arguments that stand for them.
fn matched(parameters: &[Declared], args: &[Ty]) -> Substitution {
    let mut substitution = Substitution::default();
    for (declared, ty) in parameters.iter().zip(args) {
        substitution.bind(declared.parameter, ty);
    }
    substitution
}
