//! The outcome of every occurrence of one file: what is denoted, narrowed by how it is used.

use crate::model::{
    FileLinks, Import, ImportPath, ImportTarget, Marks, Occurrence, Outcome, Reason, Role, Rule, Space, SymbolKind,
};

use super::den::{Den, Syms, Ty};
use super::lookup::Resolver;
use super::world::{Container, Member, Module, Sym};

/// Links one file.
pub(super) fn link_file(resolver: &mut Resolver<'_, '_>, file: u32) -> FileLinks {
    let data = &resolver.world.files[file as usize];
    let outcomes = data.facts.occurrences.iter().map(|occurrence| outcome(resolver, file, occurrence)).collect();
    let imports = (0u32..)
        .zip(&data.facts.imports)
        .map(|(id, import)| import_target(resolver, file, crate::model::ImportId(id), import))
        .collect();
    let relations = data
        .facts
        .relations
        .iter()
        .map(|relation| {
            resolver.refuel();
            let den = resolver.denote_type(file, relation.target);
            match settle(resolver, file, den, Role::Inherit, None) {
                Outcome::File(..) => Outcome::Unknown(Reason::NoSuchMember),
                outcome => outcome,
            }
        })
        .collect();
    FileLinks { module: data.shown.clone(), outcomes, imports, relations }
}

fn outcome(resolver: &mut Resolver<'_, '_>, file: u32, occurrence: &Occurrence) -> Outcome {
    resolver.refuel();
    let den = match occurrence.role {
        Role::Type | Role::Inherit => resolver.denote_type(file, occurrence.expr),
        _ => resolver.denote(file, occurrence.expr),
    };
    let den = match den {
        Den::Unknown(Reason::Computed) if occurrence.role == Role::Call => computed(resolver, file, occurrence),
        den => den,
    };
    let outcome = settle(resolver, file, den, occurrence.role, occurrence.arity);
    if resolver.is_exhausted() { Outcome::Unknown(Reason::Limit) } else { outcome }
}

/// The callee of a call that is no name: the function a value is known to be.
fn computed(resolver: &mut Resolver<'_, '_>, file: u32, occurrence: &Occurrence) -> Den {
    match resolver.value(file, occurrence.expr) {
        Ty::Callable(function) => Den::Symbols(Syms::from_slice(&[function]), Rule::FunctionValue),
        _ => Den::Unknown(Reason::Computed),
    }
}

/// The outcome for what an occurrence denotes.
fn settle(resolver: &mut Resolver<'_, '_>, file: u32, den: Den, role: Role, arity: Option<u16>) -> Outcome {
    match den {
        Den::Symbols(symbols, rule) => select(resolver, file, symbols, rule, role, arity),
        Den::Module(module, rule) => module_outcome(resolver, module, role, rule),
        Den::External(name, rule) => Outcome::External(name.as_ref().into(), rule),
        Den::Local { .. } => {
            let value = resolver.value_of(&den);
            called_value(resolver, file, value, role, arity)
        }
        Den::TypeParameter { .. } => Outcome::Unknown(Reason::ReceiverType),
        Den::Unknown(reason) => Outcome::Unknown(reason),
    }
}

/// A value that is used like a name of its own: called, or decorating.
fn called_value(resolver: &mut Resolver<'_, '_>, file: u32, value: Ty, role: Role, arity: Option<u16>) -> Outcome {
    match value {
        Ty::Callable(symbol) | Ty::Class(symbol) => {
            select(resolver, file, Syms::from_slice(&[symbol]), Rule::FunctionValue, role, arity)
        }
        Ty::Outside(name, _) if role == Role::Call => Outcome::External(name.as_ref().into(), Rule::FunctionValue),
        _ => Outcome::Unknown(Reason::FunctionValue),
    }
}

fn module_outcome(resolver: &Resolver<'_, '_>, module: Module, role: Role, rule: Rule) -> Outcome {
    if role == Role::Call {
        return Outcome::Unknown(Reason::FunctionValue);
    }
    let world = resolver.world;
    let data = &world.modules[module.0 as usize];
    match (data.files.first(), data.symbols.first()) {
        (Some(&file), _) => Outcome::File(world.files[file as usize].index, rule),
        (None, Some(&symbol)) => Outcome::Resolved(world.definition(symbol), rule),
        (None, None) => Outcome::Unknown(Reason::BrokenImport),
    }
}

/// Narrows the denoted definitions to those this use can mean.
fn select(
    resolver: &mut Resolver<'_, '_>,
    file: u32,
    symbols: Syms,
    rule: Rule,
    role: Role,
    arity: Option<u16>,
) -> Outcome {
    let mut symbols = fitting(resolver, symbols, role);
    let mut rule = rule;
    if role == Role::Call {
        if let [variable] = symbols.as_slice()
            && is_value(resolver.world.kind(*variable))
        {
            let den = Den::Symbols(symbols.clone(), rule);
            let value = resolver.value_of(&den);
            return called_value_of(resolver, file, value, arity);
        }
        symbols = constructed(resolver, symbols);
    }
    if resolver.world.files[file as usize].rules.linkage {
        symbols = joined(resolver, file, symbols, &mut rule);
    }
    symbols = resolver.definitions_first(symbols);
    if role == Role::Call {
        symbols = by_arity(resolver, symbols, arity, &mut rule);
        let Some(reached) = dispatched(resolver, file, symbols, &mut rule) else {
            return Outcome::Unknown(Reason::Limit);
        };
        symbols = reached;
    }
    let mut definitions: Vec<_> = symbols.iter().map(|&symbol| resolver.world.definition(symbol)).collect();
    definitions.sort_unstable();
    definitions.dedup();
    match definitions.as_slice() {
        [] => Outcome::Unknown(Reason::NoSuchMember),
        [only] => Outcome::Resolved(*only, rule),
        _ => Outcome::Candidates(definitions.into(), rule),
    }
}

fn called_value_of(resolver: &mut Resolver<'_, '_>, file: u32, value: Ty, arity: Option<u16>) -> Outcome {
    match value {
        // A value of the tree's own that is called: only functions are followed.
        Ty::Instance(..) => Outcome::Unknown(Reason::FunctionValue),
        value => called_value(resolver, file, value, Role::Call, arity),
    }
}

fn is_value(kind: SymbolKind) -> bool {
    matches!(kind, SymbolKind::Variable | SymbolKind::Constant | SymbolKind::Field | SymbolKind::Property)
}

/// Those of several definitions of one name that a use in this role means.
fn fitting(resolver: &Resolver<'_, '_>, symbols: Syms, role: Role) -> Syms {
    let wanted = |symbol: &Sym| {
        let kind = resolver.world.kind(*symbol);
        match role {
            Role::Call => {
                kind.is_callable() || kind.is_type() || matches!(kind, SymbolKind::Macro | SymbolKind::EnumMember)
            }
            Role::Read | Role::Write => is_value(kind) || kind == SymbolKind::EnumMember,
            Role::Type | Role::Inherit => resolver.is_in_space(*symbol, Space::Type),
            Role::Macro => kind == SymbolKind::Macro,
            Role::Import | Role::Decorator => true,
        }
    };
    let fitting: Syms = symbols.iter().copied().filter(wanted).collect();
    if fitting.is_empty() { symbols } else { fitting }
}

/// Calling a type runs its constructor, where it has one in the tree.
fn constructed(resolver: &mut Resolver<'_, '_>, symbols: Syms) -> Syms {
    let mut result = Syms::new();
    for symbol in symbols {
        if !resolver.world.kind(symbol).is_type() {
            result.push(symbol);
            continue;
        }
        let class = match resolver.alias_target(symbol) {
            Ty::Instance(class, _) => class,
            _ => symbol,
        };
        let constructors = resolver.constructors(class);
        if constructors.is_empty() { result.push(class) } else { result.extend(constructors) }
    }
    result
}

/// Declarations joined to the definitions with the same linkage: free functions and variables by name in their
/// namespace, members in their class.
fn joined(resolver: &Resolver<'_, '_>, file: u32, symbols: Syms, rule: &mut Rule) -> Syms {
    let world = resolver.world;
    if symbols.iter().any(|&symbol| !world.has_mark(symbol, Marks::DECLARATION)) {
        return symbols;
    }
    let mut definitions = Syms::new();
    for &declaration in &symbols {
        let name = world.name_of(declaration);
        let home = &world.files[world.file_of(declaration) as usize];
        let parent = world.parent(declaration);
        let container = match parent.map(|parent| (parent, world.module_of_symbol(parent))) {
            None => Container::Module(home.module),
            Some((_, Some(module))) => Container::Module(module),
            Some((class, None)) => Container::Symbol(class),
        };
        let declared = world.members(container, name).iter().filter_map(|member| match member {
            Member::Symbol(symbol) => Some(*symbol),
            _ => None,
        });
        let attached = parent.map_or(&[][..], |parent| resolver.bases.attached(parent, name)).iter().copied();
        definitions.extend(
            declared
                .chain(attached)
                .filter(|&symbol| !world.has_mark(symbol, Marks::DECLARATION))
                .filter(|&symbol| world.kind(symbol) == world.kind(declaration))
                .filter(|&symbol| resolver.is_linked(file, symbol) || world.has_mark(declaration, Marks::STATIC)),
        );
    }
    if definitions.is_empty() {
        return symbols;
    }
    definitions.sort_unstable();
    definitions.dedup();
    *rule = Rule::Linkage;
    definitions
}

/// Of several overloads, those that take this many arguments.
fn by_arity(resolver: &Resolver<'_, '_>, symbols: Syms, arity: Option<u16>, rule: &mut Rule) -> Syms {
    if symbols.len() < 2 {
        return symbols;
    }
    let fits = |symbol: &Sym| resolver.world.symbol(*symbol).arity.is_none_or(|declared| declared.accepts(arity));
    let fitting: Syms = symbols.iter().copied().filter(fits).collect();
    if fitting.is_empty() {
        return symbols;
    }
    *rule = Rule::Overload;
    fitting
}

/// Adds the overriding members a call on a value can reach; none if there are too many.
fn dispatched(resolver: &Resolver<'_, '_>, file: u32, symbols: Syms, rule: &mut Rule) -> Option<Syms> {
    let rules = resolver.world.files[file as usize].rules;
    let on_value =
        matches!(*rule, Rule::ValueMember | Rule::SelfMember | Rule::Inherited | Rule::Overload | Rule::Linkage);
    if !rules.dynamic_dispatch || !on_value {
        return Some(symbols);
    }
    let mut reached = symbols.clone();
    for &symbol in &symbols {
        if !resolver.is_overridable(symbol) {
            continue;
        }
        let overriders = resolver.overriders(symbol)?;
        let arity = resolver.world.symbol(symbol).arity;
        reached.extend(overriders.into_iter().filter(|&other| {
            let other = resolver.world.symbol(other);
            symbols.len() < 2 || other.arity == arity
        }));
    }
    if reached.len() > symbols.len() {
        *rule = Rule::Dispatch;
    }
    Some(reached)
}

fn import_target(
    resolver: &mut Resolver<'_, '_>,
    file: u32,
    id: crate::model::ImportId,
    import: &Import,
) -> ImportTarget {
    resolver.refuel();
    let world = resolver.world;
    if let ImportPath::Specifier(text) = import.path {
        let specifier = world.files[file as usize].facts.name(text);
        return match world.map.import(file as usize, specifier) {
            crate::lang::ModuleTarget::Module(key) => match world.module_by_key(&key) {
                Some(module) => module_file(resolver, module),
                None => ImportTarget::Unknown,
            },
            crate::lang::ModuleTarget::External(name) => ImportTarget::External(name.into()),
            crate::lang::ModuleTarget::Missing => ImportTarget::Unknown,
        };
    }
    match resolver.import(file, id) {
        Den::Module(module, _) => module_file(resolver, module),
        Den::Symbols(symbols, _) => {
            let file = world.file_of(symbols[0]);
            ImportTarget::File(world.files[file as usize].index)
        }
        Den::External(name, _) => ImportTarget::External(name.as_ref().into()),
        _ => ImportTarget::Unknown,
    }
}

fn module_file(resolver: &Resolver<'_, '_>, module: Module) -> ImportTarget {
    let world = resolver.world;
    let data = &world.modules[module.0 as usize];
    let file = data.files.first().copied().or_else(|| data.symbols.first().map(|&symbol| world.file_of(symbol)));
    file.map_or(ImportTarget::Unknown, |file| ImportTarget::File(world.files[file as usize].index))
}
