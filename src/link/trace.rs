//! Why an occurrence means what it means: the steps the linker took, told again for single occurrences.

use rustc_hash::FxHashMap;

use crate::lang::Manifest;
use crate::model::{Definition, Expr, ExprId, ExprList, ImportId, ImportPath, NameId, Outcome, Space};

use super::bases::Bases;
use super::den::{Den, Ty};
use super::lookup::Resolver;
use super::reads::Reads;
use super::world::{Sym, World};
use super::{LinkFile, outcome};

/// Steps that are told of one occurrence.
const STEPS_MAX: usize = 40;
/// How deep expressions and types are written out.
const DEPTH_MAX: u32 = 4;

/// What one occurrence means, and how that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The outcome, as [`link`](super::link) gives it.
    pub outcome: Outcome,
    /// What was found on the way, in the order of finding: the last steps rest on the first.
    pub steps: Vec<Step>,
}

/// One thing that was found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was asked about `subject`.
    pub asked: Asked,
    /// A piece of source in short, or the name of a definition.
    pub subject: String,
    /// Index of the file it stands in.
    pub file: u32,
    /// Where it stands: 0-based byte offset; none if it has no name of its own.
    pub at: Option<u32>,
    /// What was found.
    pub found: String,
    /// The definitions that were found.
    pub definitions: Vec<Definition>,
}

/// What can be asked of a piece of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// What a name, path or member denotes.
    Denotes,
    /// What an import brings in.
    Imports,
    /// What a value is.
    Is,
    /// What a written type describes.
    Describes,
    /// What a function gives back.
    Returns,
    /// What a variable or field holds.
    Holds,
}

impl Asked {
    /// The word shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Denotes => "denotes",
            Self::Imports => "imports",
            Self::Is => "is",
            Self::Describes => "describes",
            Self::Returns => "returns",
            Self::Holds => "holds",
        }
    }
}

/// Links single occurrences of `files`, as [`link`](super::link) would among all of them, and tells how. An occurrence
/// is the index of its file, and its index in the facts of that. Gives one answer for each, in their order.
pub fn explain(files: &[LinkFile<'_>], manifests: &[Manifest], occurrences: &[(usize, usize)]) -> Vec<Evidence> {
    let mut families: Vec<&str> = occurrences.iter().map(|&(file, _)| files[file].language.link.family).collect();
    families.sort_unstable();
    families.dedup();
    let mut answers: Vec<(usize, Evidence)> = Vec::with_capacity(occurrences.len());
    for family in families {
        let members: Vec<usize> =
            (0..files.len()).filter(|&index| files[index].language.link.family == family).collect();
        let world = World::new(files, &members, manifests, 1);
        let bases = Bases::new(&world, 1);
        let reads = Reads::new(world.files.len());
        let mut exhausted: FxHashMap<usize, Vec<u32>> = FxHashMap::default();
        for (number, &(file, occurrence)) in occurrences.iter().enumerate() {
            if let Ok(own) = members.binary_search(&file) {
                let counts = exhausted.entry(file).or_insert_with(|| {
                    outcome::exhausted_before(&mut Resolver::new(&world, &bases, &reads), own as u32)
                });
                let mut resolver = Resolver::new(&world, &bases, &reads);
                resolver.start_file(counts[occurrence]);
                resolver.trace = Some(Trace::default());
                let fact = &files[file].facts.occurrences[occurrence];
                let outcome = outcome::outcome(&mut resolver, own as u32, fact);
                let steps = resolver.trace.take().map(|trace| trace.steps(&world)).unwrap_or_default();
                answers.push((number, Evidence { outcome, steps }));
            }
        }
    }
    answers.sort_by_key(|(number, _)| *number);
    answers.into_iter().map(|(_, evidence)| evidence).collect()
}

/// What the resolver found, while it is asked to say so.
#[derive(Default)]
pub(super) struct Trace {
    found: Vec<Found>,
}

/// What was found, in the terms of the linker.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    Denotes(u32, ExprId, Den),
    Imports(u32, ImportId, Den),
    Is(u32, ExprId, Ty),
    Describes(u32, ExprId, Ty),
    Returns(Sym, Ty),
    Holds(Sym, Ty),
}

impl Trace {
    /// Remembers what was found, once, unless it says nothing. Of too many steps the last are kept: they are nearest
    /// to the outcome.
    pub(super) fn add(&mut self, found: Found) {
        if found.is_telling() && !self.found.contains(&found) {
            if self.found.len() == STEPS_MAX {
                self.found.remove(0);
            }
            self.found.push(found);
        }
    }

    fn steps(self, world: &World<'_>) -> Vec<Step> {
        self.found.iter().map(|found| Teller { world }.step(found)).collect()
    }
}

impl Found {
    /// Names of functions and types are told when they are denoted; that they are themselves is no news.
    fn is_telling(&self) -> bool {
        match self {
            Self::Denotes(_, _, den) => !den.is_unknown(),
            // Whole modules are imported by the dozen.
            Self::Imports(_, _, den) => matches!(den, Den::Symbols(..)),
            Self::Is(_, _, ty) | Self::Holds(_, ty) | Self::Returns(_, ty) | Self::Describes(_, _, ty) => {
                !matches!(ty, Ty::Unknown | Ty::Null | Ty::Callable(_) | Ty::Class(_) | Ty::Module(_))
            }
        }
    }
}

/// Writes out what was found.
struct Teller<'w, 'a> {
    world: &'w World<'a>,
}

impl Teller<'_, '_> {
    fn step(&self, found: &Found) -> Step {
        match found {
            Found::Denotes(file, expr, den) => self.of_expr(Asked::Denotes, *file, *expr, self.den(den)),
            Found::Is(file, expr, ty) => self.of_expr(Asked::Is, *file, *expr, self.ty(ty)),
            Found::Describes(file, expr, ty) => self.of_expr(Asked::Describes, *file, *expr, self.ty(ty)),
            Found::Imports(file, import, den) => self.of_import(*file, *import, self.den(den)),
            Found::Returns(symbol, ty) => self.of_symbol(Asked::Returns, *symbol, self.ty(ty)),
            Found::Holds(symbol, ty) => self.of_symbol(Asked::Holds, *symbol, self.ty(ty)),
        }
    }

    fn of_expr(&self, asked: Asked, file: u32, expr: ExprId, (found, definitions): (String, Vec<Definition>)) -> Step {
        let subject = self.expr(file, expr, 0);
        let file_index = self.world.files[file as usize].index;
        Step { asked, subject, file: file_index, at: self.at(file, expr), found, definitions }
    }

    fn of_import(&self, file: u32, id: ImportId, (found, definitions): (String, Vec<Definition>)) -> Step {
        let data = &self.world.files[file as usize];
        let import = &data.facts.imports[id.0 as usize];
        let subject = match import.path {
            ImportPath::Specifier(text) => data.facts.name(text).to_owned(),
            ImportPath::Expr(expr) => self.expr(file, expr, 0),
        };
        Step { asked: Asked::Imports, subject, file: data.index, at: Some(import.span.start), found, definitions }
    }

    fn of_symbol(&self, asked: Asked, symbol: Sym, (found, definitions): (String, Vec<Definition>)) -> Step {
        let definition = self.world.definition(symbol);
        let at = Some(self.world.symbol(symbol).name_span.start);
        Step { asked, subject: self.name(symbol), file: definition.file, at, found, definitions }
    }

    fn name(&self, symbol: Sym) -> String {
        self.world.names[self.world.name_of(symbol).0 as usize].to_owned()
    }

    /// What something denotes, and the definitions in that.
    fn den(&self, den: &Den) -> (String, Vec<Definition>) {
        match den {
            Den::Symbols(symbols, rule) => {
                let names: Vec<String> = symbols
                    .iter()
                    .map(|&symbol| format!("{} {}", self.world.kind(symbol).word(), self.name(symbol)))
                    .collect();
                let definitions = symbols.iter().map(|&symbol| self.world.definition(symbol)).collect();
                (format!("{} [{}]", names.join(" or "), rule.word()), definitions)
            }
            Den::Module(module, rule) => {
                (format!("module {} [{}]", self.world.modules[module.0 as usize].key, rule.word()), Vec::new())
            }
            Den::External(name, rule) => (format!("{name} outside the tree [{}]", rule.word()), Vec::new()),
            Den::Local { .. } => ("a local variable".to_owned(), Vec::new()),
            Den::TypeParameter { .. } => ("a type parameter".to_owned(), Vec::new()),
            Den::Unknown(reason) => (format!("unknown [{}]", reason.word()), Vec::new()),
        }
    }

    /// A type, and the definitions in it.
    fn ty(&self, ty: &Ty) -> (String, Vec<Definition>) {
        let mut definitions = Vec::new();
        let text = self.ty_text(ty, 0, &mut definitions);
        definitions.sort_unstable();
        definitions.dedup();
        (text, definitions)
    }

    fn ty_text(&self, ty: &Ty, depth: u32, definitions: &mut Vec<Definition>) -> String {
        if depth > DEPTH_MAX {
            return "...".to_owned();
        }
        let mut named = |symbol: Sym| {
            definitions.push(self.world.definition(symbol));
            self.name(symbol)
        };
        match ty {
            Ty::Unknown => "unknown".to_owned(),
            Ty::Argument => "what a caller passes".to_owned(),
            Ty::Null => "null".to_owned(),
            Ty::Instance(symbol, args) => {
                let name = named(*symbol);
                name + &self.args(args, depth, definitions)
            }
            Ty::Outside(name, args) => name.to_string() + &self.args(args, depth, definitions),
            Ty::Class(symbol) => format!("the type {}", named(*symbol)),
            Ty::Callable(symbol) => format!("the function {}", named(*symbol)),
            Ty::Module(module) => format!("the module {}", self.world.modules[module.0 as usize].key),
            Ty::Returns(result) => format!("a function that returns {}", self.ty_text(result, depth + 1, definitions)),
            Ty::Function(takes, result) => {
                let takes = self.list(takes, ", ", depth, definitions);
                format!("a function of ({takes}) that returns {}", self.ty_text(result, depth + 1, definitions))
            }
            Ty::Parameter(parameter) => {
                let facts = self.world.files[parameter.file as usize].facts;
                facts.name(facts.bindings[parameter.declared as usize].name).to_owned()
            }
            Ty::This(symbol) => format!("Self of {}", named(*symbol)),
            Ty::Projected(of, name) => {
                format!("{}.{}", self.ty_text(of, depth + 1, definitions), self.world.names[name.0 as usize])
            }
            Ty::Tuple(items) => format!("({})", self.list(items, ", ", depth, definitions)),
            Ty::List(item) => format!("[{}]", self.ty_text(item, depth + 1, definitions)),
            Ty::Union(types) => self.list(types, " | ", depth, definitions),
            Ty::All(types) => self.list(types, " + ", depth, definitions),
        }
    }

    fn args(&self, args: &[Ty], depth: u32, definitions: &mut Vec<Definition>) -> String {
        if args.is_empty() { String::new() } else { format!("<{}>", self.list(args, ", ", depth, definitions)) }
    }

    fn list(&self, types: &[Ty], separator: &str, depth: u32, definitions: &mut Vec<Definition>) -> String {
        let texts: Vec<String> = types.iter().map(|ty| self.ty_text(ty, depth + 1, definitions)).collect();
        texts.join(separator)
    }

    /// Where the first name of an expression stands.
    fn at(&self, file: u32, expr: ExprId) -> Option<u32> {
        let facts = self.world.files[file as usize].facts;
        let mut next = expr;
        loop {
            next = match facts.expr(next) {
                Expr::Name { at, .. } => return Some(at),
                Expr::Symbol(symbol) => return Some(facts.symbol(symbol).name_span.start),
                Expr::Import(import) => return Some(facts.imports[import.0 as usize].span.start),
                Expr::Call { callee, .. } => callee,
                Expr::New { class, .. } => class,
                Expr::Passed { callee, .. } => callee,
                Expr::Typed { ty } => ty,
                other => base(other)?,
            };
        }
    }

    /// An expression as it may be written.
    fn expr(&self, file: u32, expr: ExprId, depth: u32) -> String {
        if depth > DEPTH_MAX {
            return "...".to_owned();
        }
        let data = &self.world.files[file as usize];
        let name = |name: NameId| data.facts.name(name).to_owned();
        let inner = |expr: ExprId| self.expr(file, expr, depth + 1);
        match data.facts.expr(expr) {
            Expr::Name { name: text, .. } => name(text),
            Expr::Member { base, name: text } => format!("{}{}{}", inner(base), self.separator(file, base), name(text)),
            Expr::Call { callee, args } => format!("{}({})", inner(callee), dots(args)),
            Expr::New { class, args } => format!("new {}({})", inner(class), dots(args)),
            Expr::Symbol(symbol) => self.name(data.sym(symbol)),
            Expr::Instance(_) => "self".to_owned(),
            Expr::Super(_) => "super".to_owned(),
            Expr::Literal(literal) => format!("{literal:?} literal").to_lowercase(),
            Expr::Typed { ty } => format!("value of type {}", inner(ty)),
            Expr::Index { base } => format!("{}[...]", inner(base)),
            Expr::Element { base } => format!("element of {}", inner(base)),
            Expr::Part { base, index } => format!("part {index} of {}", inner(base)),
            Expr::Await { base } => format!("await {}", inner(base)),
            Expr::Try { base } => format!("{}?", inner(base)),
            Expr::Deref { base } => format!("*{}", inner(base)),
            Expr::Ref { base } => format!("&{}", inner(base)),
            Expr::Apply { base, args } => format!("{}<{}>", inner(base), self.exprs(file, args, ", ", depth)),
            Expr::Tuple { items } => format!("({})", self.exprs(file, items, ", ", depth)),
            Expr::List { items } => format!("[{}]", self.exprs(file, items, ", ", depth)),
            Expr::Union { items } => self.exprs(file, items, " | ", depth),
            Expr::Passed { callee, index, .. } => format!("argument {index} handed over by {}", inner(callee)),
            other => base(other).map_or_else(|| "...".to_owned(), |base| format!("... {}", inner(base))),
        }
    }

    /// What stands between an expression and its member: that of paths only where the expression can be none but a path.
    fn separator(&self, file: u32, base: ExprId) -> &'static str {
        let data = &self.world.files[file as usize];
        let mut first = base;
        while let Expr::Member { base, .. } | Expr::Apply { base, .. } = data.facts.expr(first) {
            first = base;
        }
        match data.facts.expr(first) {
            Expr::Name { space: Space::Type | Space::Root, .. } | Expr::Symbol(_) | Expr::Import(_) => {
                data.rules.separator
            }
            _ => ".",
        }
    }

    fn exprs(&self, file: u32, items: ExprList, separator: &str, depth: u32) -> String {
        let facts = self.world.files[file as usize].facts;
        let texts: Vec<String> = facts.list(items).iter().map(|&item| self.expr(file, item, depth + 1)).collect();
        texts.join(separator)
    }
}

/// The expression that another one is about.
fn base(expr: Expr) -> Option<ExprId> {
    match expr {
        Expr::Member { base, .. }
        | Expr::Apply { base, .. }
        | Expr::Index { base }
        | Expr::Element { base }
        | Expr::Part { base, .. }
        | Expr::Await { base }
        | Expr::Try { base }
        | Expr::Deref { base }
        | Expr::Ref { base }
        | Expr::Key { base }
        | Expr::Iterate { base, .. } => Some(base),
        _ => None,
    }
}

fn dots(args: ExprList) -> &'static str {
    if args.len == 0 { "" } else { "..." }
}
