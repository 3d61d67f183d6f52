//! The outcome of every occurrence of one file: what is denoted, narrowed by how it is used.

use crate::model::{
    Expr, FileLinks, Import, ImportId, ImportPath, ImportTarget, Occurrence, Outcome, Reason, RelationKind, Role, Rule,
    Space, SymbolKind,
};

use super::den::{Den, Syms, Ty};
use super::lookup::Resolver;
use super::overload::Site;
use super::world::{Module, Sym};

/// Candidates one occurrence may have. A generated file that defines one name thousands of times and uses it as
/// often would otherwise make a database quadratic in its size.
const CANDIDATES_MAX: usize = 256;

/// Links one file, given its occurrences.
pub(super) fn link_file(resolver: &mut Resolver<'_, '_>, file: u32, occurrences: &[Occurrence]) -> FileLinks {
    resolver.start_file(0);
    let data = &resolver.world.files[file as usize];
    let outcomes = occurrences.iter().map(|occurrence| outcome(resolver, file, occurrence)).collect();
    let imports = (0u32..)
        .zip(&data.facts.imports)
        .map(|(id, import)| import_target(resolver, file, ImportId(id), import))
        .collect();
    let relations = data
        .facts
        .relations
        .iter()
        .map(|relation| {
            resolver.refuel();
            let mut den = resolver.denote_type(file, relation.target);
            if relation.kind != RelationKind::MemberOf {
                den = resolver.built_on(den);
            }
            match settle(resolver, file, den, Role::Inherit, Site::default()) {
                Outcome::File(..) => Outcome::Unknown(Reason::NoSuchMember),
                outcome => outcome,
            }
        })
        .collect();
    FileLinks { module: data.shown.clone(), outcomes, imports, relations }
}

/// How many questions of a file took too much before each of its occurrences is linked.
pub(super) fn exhausted_before(resolver: &mut Resolver<'_, '_>, file: u32) -> Vec<u32> {
    resolver.start_file(0);
    let mut counts = Vec::new();
    for occurrence in &resolver.world.files[file as usize].facts.occurrences {
        counts.push(resolver.exhausted());
        outcome(resolver, file, occurrence);
    }
    counts
}

/// Links one occurrence.
pub(super) fn outcome(resolver: &mut Resolver<'_, '_>, file: u32, occurrence: &Occurrence) -> Outcome {
    resolver.refuel();
    let den = match occurrence.role {
        Role::Type | Role::Inherit => resolver.denote_type(file, occurrence.expr),
        Role::Read => read(resolver, file, occurrence),
        _ => resolver.denote(file, occurrence.expr),
    };
    let den = match den {
        Den::Unknown(Reason::Computed) if occurrence.role == Role::Call => computed(resolver, file, occurrence),
        den => den,
    };
    let args = resolver.world.files[file as usize].arguments_of(occurrence.expr);
    let is_super = is_super(resolver, file, occurrence);
    let constructor = delegating_constructor(resolver, file, occurrence);
    let site = Site {
        arity: occurrence.arity,
        args: args.map(|args| (file, args)),
        callee: Some((file, occurrence.expr)),
        is_super,
        constructor,
    };
    let outcome = settle(resolver, file, den, occurrence.role, site);
    if resolver.is_exhausted() { Outcome::Unknown(Reason::Limit) } else { outcome }
}

/// Whether a member is named through `super`.
fn is_super(resolver: &Resolver<'_, '_>, file: u32, occurrence: &Occurrence) -> bool {
    let facts = resolver.world.files[file as usize].facts;
    match facts.expr(occurrence.expr) {
        Expr::Member { base, .. } => matches!(facts.expr(base), Expr::Super(_)),
        _ => false,
    }
}

/// The constructor around a call that names its class as such, not by name: `this(...)`.
fn delegating_constructor(resolver: &Resolver<'_, '_>, file: u32, occurrence: &Occurrence) -> Option<Sym> {
    let data = &resolver.world.files[file as usize];
    let Expr::Symbol(class) = data.facts.expr(occurrence.expr) else { return None };
    let caller = occurrence.symbol.filter(|_| occurrence.role == Role::Call)?;
    let symbol = data.facts.symbol(caller);
    (symbol.kind == SymbolKind::Constructor && symbol.parent == Some(class)).then(|| data.sym(caller))
}

/// What a read denotes. A method reference (`Type::name`) is written as the function that calls the method; a name
/// that only types can tell apart (`case NAME`, a constant in scope or of the selector's enum) as either.
fn read(resolver: &mut Resolver<'_, '_>, file: u32, occurrence: &Occurrence) -> Den {
    let facts = resolver.world.files[file as usize].facts;
    match facts.expr(occurrence.expr) {
        Expr::Function { result } => match facts.expr(result) {
            Expr::Call { callee, .. } => match resolver.denote(file, callee) {
                Den::Symbols(symbols, rule) => Den::Symbols(fitting(resolver, symbols, Role::Call), rule),
                other => other,
            },
            _ => Den::Unknown(Reason::Computed),
        },
        Expr::Union { items } => {
            let found = facts.list(items).iter().map(|&item| resolver.denote(file, item));
            let found: Vec<Den> = found.collect();
            let known = found.iter().find(|den| matches!(den, Den::Symbols(..)));
            let known = known.or_else(|| found.iter().find(|den| !den.is_unknown()));
            known.cloned().unwrap_or(Den::Unknown(Reason::ReceiverType))
        }
        _ => resolver.denote(file, occurrence.expr),
    }
}

/// The callee of a call that is no name: the function a value is known to be.
fn computed(resolver: &mut Resolver<'_, '_>, file: u32, occurrence: &Occurrence) -> Den {
    match resolver.value(file, occurrence.expr) {
        Ty::Callable(function) => Den::Symbols(Syms::from_slice(&[function]), Rule::FunctionValue),
        _ => Den::Unknown(Reason::Computed),
    }
}

/// The outcome for what an occurrence denotes.
fn settle(resolver: &mut Resolver<'_, '_>, file: u32, den: Den, role: Role, site: Site) -> Outcome {
    match den {
        Den::Symbols(symbols, rule) => select(resolver, file, symbols, rule, role, site),
        Den::Module(module, rule) => module_outcome(resolver, module, role, rule),
        Den::External(name, rule) => Outcome::External(name.as_ref().into(), rule),
        Den::Local { .. } => {
            let value = resolver.value_of(&den);
            called_value(resolver, file, value, role, site)
        }
        Den::TypeParameter { .. } => Outcome::Unknown(Reason::ReceiverType),
        Den::Unknown(reason) => Outcome::Unknown(reason),
    }
}

/// A value that is used like a name of its own: called, or decorating.
fn called_value(resolver: &mut Resolver<'_, '_>, file: u32, value: Ty, role: Role, site: Site) -> Outcome {
    match value {
        Ty::Callable(symbol) | Ty::Class(symbol) => {
            select(resolver, file, Syms::from_slice(&[symbol]), Rule::FunctionValue, role, site)
        }
        Ty::Union(values) => match values.iter().map(function_of).collect::<Option<Syms>>() {
            Some(functions) => select(resolver, file, functions, Rule::FunctionValue, role, site),
            None => Outcome::Unknown(Reason::FunctionValue),
        },
        Ty::Outside(name, _) if role == Role::Call => Outcome::External(name.as_ref().into(), Rule::FunctionValue),
        _ => Outcome::Unknown(Reason::FunctionValue),
    }
}

fn module_outcome(resolver: &Resolver<'_, '_>, module: Module, role: Role, rule: Rule) -> Outcome {
    if role == Role::Call {
        return Outcome::Unknown(Reason::FunctionValue);
    }
    let world = resolver.world;
    let data = resolver.parts(module);
    match (data.files.first(), data.symbols.first()) {
        (Some(&file), _) => Outcome::File(world.files[file as usize].index, rule),
        (None, Some(&symbol)) => Outcome::Resolved(world.definition(symbol), rule),
        (None, None) => Outcome::Unknown(Reason::BrokenImport),
    }
}

/// Narrows the denoted definitions to those this use can mean.
fn select(resolver: &mut Resolver<'_, '_>, file: u32, symbols: Syms, rule: Rule, role: Role, site: Site) -> Outcome {
    let mut symbols = fitting(resolver, symbols, role);
    let mut rule = rule;
    if role == Role::Call {
        if !symbols.is_empty() && symbols.iter().all(|&symbol| is_value(resolver.world.kind(symbol))) {
            let den = Den::Symbols(symbols.clone(), rule);
            let value = resolver.value_of(&den);
            return called_value(resolver, file, value, role, site);
        }
        if let Some(outside) = outside_alias(resolver, file, &symbols) {
            return Outcome::External(outside, Rule::ExternalMember);
        }
        symbols = constructed(resolver, symbols);
    }
    if let Some(definitions) = resolver.joined(file, &symbols) {
        symbols = definitions;
        rule = Rule::Linkage;
    }
    symbols = resolver.definitions_first(symbols);
    if symbols.len() > CANDIDATES_MAX {
        return Outcome::Unknown(Reason::Limit);
    }
    if role == Role::Call {
        let named = symbols.len();
        symbols = resolver.implied_constructor(symbols, site);
        symbols = resolver.overloads(symbols, site);
        if named > 1 && !matches!(rule, Rule::FunctionValue | Rule::Fallback) {
            rule = Rule::Overload;
        }
        if let Some(outside) = resolver.outside_overload(&symbols, site) {
            return Outcome::External(outside, Rule::ExternalMember);
        }
        let Some(reached) = dispatched(resolver, file, symbols, site, &mut rule) else {
            return Outcome::Unknown(Reason::Limit);
        };
        symbols = reached;
    }
    let mut definitions: Vec<_> = symbols.iter().map(|&symbol| resolver.world.definition(symbol)).collect();
    definitions.sort_unstable();
    definitions.dedup();
    match definitions.as_slice() {
        [] => Outcome::Unknown(Reason::NoSuchMember),
        [only] if rule != Rule::Fallback => Outcome::Resolved(*only, rule),
        many if many.len() > CANDIDATES_MAX => Outcome::Unknown(Reason::Limit),
        _ => Outcome::Candidates(definitions.into(), rule),
    }
}

/// What calling a value runs, where it is a function or type of the tree. Values of other types are not followed.
fn function_of(value: &Ty) -> Option<Sym> {
    match value {
        Ty::Callable(symbol) | Ty::Class(symbol) => Some(*symbol),
        _ => None,
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
            Role::Type | Role::Inherit => kind.is_in(Space::Type),
            Role::Macro => kind == SymbolKind::Macro,
            Role::Import | Role::Decorator => true,
        }
    };
    let fitting: Syms = symbols.iter().copied().filter(wanted).collect();
    let fitting = if fitting.is_empty() { symbols } else { fitting };
    match role {
        Role::Read => resolver.getters_first(fitting),
        Role::Write => resolver.setters_first(fitting),
        _ => fitting,
    }
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

/// The type outside the tree that is constructed through a mere other name of it (C++: `using Map = std::map<...>`).
fn outside_alias(resolver: &mut Resolver<'_, '_>, file: u32, symbols: &[Sym]) -> Option<Box<str>> {
    let &[alias] = symbols else { return None };
    let is_alias = resolver.world.kind(alias) == SymbolKind::TypeAlias;
    if !is_alias || !resolver.world.files[file as usize].rules.linkage {
        return None;
    }
    match resolver.alias_target(alias) {
        Ty::Outside(name, _) => Some(name.as_ref().into()),
        _ => None,
    }
}

/// Adds the overriding members a call on a value can reach; none if there are too many.
fn dispatched(resolver: &mut Resolver<'_, '_>, file: u32, symbols: Syms, site: Site, rule: &mut Rule) -> Option<Syms> {
    let rules = resolver.world.files[file as usize].rules;
    let on_value = matches!(
        *rule,
        Rule::ValueMember | Rule::SelfMember | Rule::Inherited | Rule::Overload | Rule::Linkage | Rule::Fallback
    );
    if !rules.dynamic_dispatch || !on_value || site.is_super {
        return Some(symbols);
    }
    let mut reached = symbols.clone();
    for &symbol in &symbols {
        if !resolver.is_overridable(symbol) {
            continue;
        }
        let world = resolver.world;
        for &other in resolver.overriders(symbol)?.iter() {
            let fits = world.symbol(other).arity.is_none_or(|declared| declared.accepts(site.arity));
            let is_overload = resolver.is_overload(symbol, other)
                || symbols.len() > 1 && world.symbol(other).arity != world.symbol(symbol).arity;
            if fits && !is_overload {
                reached.push(other);
            }
        }
    }
    if reached.len() > symbols.len() {
        *rule = Rule::Dispatch;
    }
    Some(reached)
}

fn import_target(resolver: &mut Resolver<'_, '_>, file: u32, id: ImportId, import: &Import) -> ImportTarget {
    resolver.refuel();
    let world = resolver.world;
    if let ImportPath::Specifier(text) = import.path {
        let specifier = world.files[file as usize].facts.name(text);
        return match world.map.import(file as usize, specifier) {
            crate::lang::ModuleTarget::Module(key) => match resolver.module_by_key(&key) {
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
    let data = resolver.parts(module);
    let file = data.files.first().copied().or_else(|| data.symbols.first().map(|&symbol| world.file_of(symbol)));
    file.map_or(ImportTarget::Unknown, |file| ImportTarget::File(world.files[file as usize].index))
}
