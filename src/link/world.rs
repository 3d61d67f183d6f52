//! The frozen picture of one family of languages: files, modules, and which names each module and each
//! definition holds. Dense integers throughout; read by all threads at once.

use std::sync::OnceLock;

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::lang::{FileView, LinkRules, Manifest, ModuleMap, ModuleTarget, Project};
use crate::model::{
    BindingTarget, Definition, Expr, ExprId, ExprList, FileFacts, ImportId, ImportPath, ImportShape, Marks, NameId,
    ScopeId, ScopeKind, Symbol, SymbolId, SymbolKind, Visibility,
};

use super::LinkFile;
use super::queue::Queue;

/// A definition of the family, numbered over all its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Sym(pub(super) u32);

/// A name of the family, numbered over all its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name(pub(super) u32);

/// A module of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Module(pub(super) u32);

/// A definition or module that holds named members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Container {
    Module(Module),
    Symbol(Sym),
}

/// A file of the family.
pub(super) struct File<'a> {
    pub(super) path: &'a str,
    pub(super) facts: &'a FileFacts,
    pub(super) rules: &'static LinkRules,
    /// Index among all files of the link run.
    pub(super) index: u32,
    /// Its module.
    pub(super) module: Module,
    /// Its module as people write it.
    pub(super) shown: String,
    first: u32,
    names: Vec<Name>,
    /// Wildcard imports with the scope they stand in.
    pub(super) globs: Vec<(ScopeId, ImportId)>,
    /// The arguments of each call by its callee, once they were asked for.
    arguments: OnceLock<FxHashMap<ExprId, ExprList>>,
    /// What stands directly in each definition, once it was asked for.
    inside: OnceLock<Inside>,
    /// The files that it includes and that those include, itself too, sorted; once it was asked for.
    included: OnceLock<Vec<u32>>,
}

/// The definitions of a file that stand in others, by what they stand in and name, in source order.
#[derive(Default)]
struct Inside {
    keys: Vec<(SymbolId, Name)>,
    members: Vec<Member>,
}

impl File<'_> {
    pub(super) fn name(&self, name: NameId) -> Name {
        self.names[name.0 as usize]
    }

    pub(super) fn sym(&self, symbol: SymbolId) -> Sym {
        Sym(self.first + symbol.0)
    }

    /// Whether others find a name that is imported here.
    fn is_member(&self, import: ImportId) -> bool {
        self.rules.open_imports || self.facts.imports[import.0 as usize].reexport
    }

    /// The arguments of the call of `callee`; none if it is not called.
    pub(super) fn arguments_of(&self, callee: ExprId) -> Option<ExprList> {
        self.arguments.get_or_init(|| arguments(self.facts)).get(&callee).copied()
    }

    fn members(&self, parent: SymbolId, name: Name) -> &[Member] {
        let inside = self.inside.get_or_init(|| Inside::of(self));
        let start = inside.keys.partition_point(|&key| key < (parent, name));
        let len = inside.keys[start..].iter().take_while(|&&key| key == (parent, name)).count();
        &inside.members[start..start + len]
    }
}

impl Inside {
    fn of(file: &File<'_>) -> Self {
        let symbols = (0u32..).map(SymbolId).zip(&file.facts.symbols);
        let inner = symbols.filter_map(|(id, symbol)| Some(((symbol.parent?, file.name(symbol.name)), id)));
        let mut inner: Vec<((SymbolId, Name), SymbolId)> = inner.collect();
        inner.sort_unstable();
        let members = inner.iter().map(|(_, id)| Member::Symbol(file.sym(*id))).collect();
        Self { keys: inner.into_iter().map(|(key, _)| key).collect(), members }
    }
}

/// The names of a family.
struct Lexicon<'a> {
    names: Vec<&'a str>,
    ids: FxHashMap<&'a str, Name>,
}

impl<'a> Lexicon<'a> {
    /// With the names of each file by their numbers there.
    fn of(files: &[LinkFile<'a>]) -> (Vec<Vec<Name>>, Self) {
        let total: usize = files.iter().map(|file| file.facts.names.len()).sum();
        // Most names stand in several files.
        let ids = FxHashMap::with_capacity_and_hasher(total / 3, FxBuildHasher);
        let mut lexicon = Self { names: Vec::with_capacity(total / 3), ids };
        let of_files = files.iter().map(|file| file.facts.names.iter().map(|name| lexicon.intern(name)).collect());
        (of_files.collect(), lexicon)
    }

    fn intern(&mut self, name: &'a str) -> Name {
        let next = Name(self.names.len() as u32);
        let id = *self.ids.entry(name).or_insert(next);
        if id == next {
            self.names.push(name);
        }
        id
    }
}

/// What a module is made of.
pub(super) struct ModuleData {
    pub(super) key: String,
    /// Files whose top level belongs to it.
    pub(super) files: SmallVec<[u32; 1]>,
    /// Inline modules and namespaces that are it.
    pub(super) symbols: SmallVec<[Sym; 1]>,
    /// What it declares, once it was asked for.
    members: OnceLock<FxHashMap<Name, SmallVec<[Member; 2]>>>,
}

impl ModuleData {
    fn new(key: String) -> Self {
        Self { key, files: SmallVec::new(), symbols: SmallVec::new(), members: OnceLock::new() }
    }
}

/// A declared member: a definition, or a name that an import or export gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Member {
    Symbol(Sym),
    Import { file: u32, import: ImportId },
    Export { file: u32, value: ExprId },
}

pub(super) struct World<'a> {
    pub(super) files: Vec<File<'a>>,
    pub(super) modules: Vec<ModuleData>,
    pub(super) map: Box<dyn ModuleMap>,
    pub(super) names: Vec<&'a str>,
    name_ids: FxHashMap<&'a str, Name>,
    module_ids: FxHashMap<String, Module>,
    symbol_files: Vec<u32>,
    symbol_modules: FxHashMap<Sym, Module>,
    /// Names that some module's key ends with: most names are none of a module, and building keys takes long.
    segments: FxHashSet<Name>,
    /// Names of definitions that can be members of a value, to tell "cannot be in this tree" from "unknown".
    defined: Vec<bool>,
}

impl<'a> World<'a> {
    /// The world of those of `all` files that are `members`, made with up to two threads.
    pub(super) fn new(all: &[LinkFile<'a>], members: &[usize], manifests: &[Manifest], threads: usize) -> Self {
        let files: Vec<LinkFile<'a>> = members.iter().map(|&index| all[index]).collect();
        let views =
            files.iter().map(|file| FileView { path: file.path, language: file.language.name, facts: file.facts });
        let project = Project { files: views.collect(), manifests };
        let modules = files[0].language.link.modules;
        let (map, (names, lexicon)) = if threads > 1 {
            std::thread::scope(|scope| {
                let map = scope.spawn(|| modules(&project));
                let lexicon = Lexicon::of(&files);
                (map.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), lexicon)
            })
        } else {
            (modules(&project), Lexicon::of(&files))
        };
        let symbols: usize = files.iter().map(|file| file.facts.symbols.len()).sum();
        let mut world = Self {
            files: Vec::with_capacity(files.len()),
            modules: Vec::new(),
            map,
            defined: vec![false; lexicon.names.len()],
            names: lexicon.names,
            name_ids: lexicon.ids,
            module_ids: FxHashMap::default(),
            symbol_files: Vec::with_capacity(symbols),
            symbol_modules: FxHashMap::default(),
            segments: FxHashSet::default(),
        };
        for ((number, (&index, file)), names) in members.iter().zip(files).enumerate().zip(names) {
            world.add_file(number, index, file, names);
        }
        for key in world.map.containers() {
            world.module_of(key);
        }
        for number in 0..world.files.len() {
            world.add_symbols(number as u32);
        }
        world.mount();
        world.segments = world.last_segments();
        world
    }

    fn add_file(&mut self, number: usize, index: usize, file: LinkFile<'a>, names: Vec<Name>) {
        let facts = file.facts;
        let path = self.map.module(number);
        let module = self.module_of(path.key);
        let rules = &file.language.link;
        let own = if rules.linkage { self.module_of(format!("file:{}", file.path)) } else { module };
        self.modules[module.0 as usize].files.push(number as u32);
        if own != module {
            self.modules[own.0 as usize].files.push(number as u32);
        }
        let globs = (0u32..)
            .zip(&facts.imports)
            .filter(|(_, import)| matches!(import.shape, ImportShape::Glob | ImportShape::GlobTypes))
            .map(|(id, import)| (import.scope, ImportId(id)))
            .collect();
        let first = self.symbol_files.len() as u32;
        self.symbol_files.extend(facts.symbols.iter().map(|_| number as u32));
        self.files.push(File {
            path: file.path,
            facts,
            rules,
            index: index as u32,
            module,
            shown: path.shown,
            first,
            names,
            globs,
            arguments: OnceLock::new(),
            inside: OnceLock::new(),
            included: OnceLock::new(),
        });
    }

    /// Modules that go by further keys; a module of its own that has such a key comes first.
    fn mount(&mut self) {
        for (key, first) in self.map.mounts() {
            if let Some(&module) = self.module_ids.get(first) {
                self.module_ids.entry(key.clone()).or_insert(module);
            }
        }
    }

    /// The names that the keys of modules end with, whatever separates them.
    fn last_segments(&self) -> FxHashSet<Name> {
        let tails = self.module_ids.keys().flat_map(|key| {
            let key = key.as_str();
            key.match_indices([':', '.', '/']).map(|(at, _)| &key[at + 1..]).chain([key])
        });
        tails.filter_map(|tail| self.find_name(tail)).collect()
    }

    fn module_of(&mut self, key: String) -> Module {
        if let Some(&module) = self.module_ids.get(&key) {
            return module;
        }
        let module = Module(self.modules.len() as u32);
        self.modules.push(ModuleData::new(key.clone()));
        self.module_ids.insert(key, module);
        module
    }

    /// The names of definitions, and the modules that definitions are.
    fn add_symbols(&mut self, number: u32) {
        let file = &self.files[number as usize];
        let (facts, separator, module) = (file.facts, file.rules.separator, file.module);
        let mut inline: FxHashMap<ScopeId, Module> = FxHashMap::default();
        for (id, symbol) in (0u32..).map(SymbolId).zip(&facts.symbols) {
            let file = &self.files[number as usize];
            let sym = file.sym(id);
            self.defined[file.name(symbol.name).0 as usize] = true;
            let Some(scope) = inline_scope(facts, id) else { continue };
            let outer = facts.scopes[scope.0 as usize].parent;
            let outer = outer.and_then(|outer| inline.get(&outer).copied()).unwrap_or(module);
            let inner = self.module_of(self.child_key(outer, separator, facts.name(symbol.name)));
            self.modules[inner.0 as usize].symbols.push(sym);
            self.symbol_modules.insert(sym, inner);
            inline.insert(scope, inner);
        }
    }

    /// All that a module declares. Files in path order and declarations in source order: lists come out sorted.
    fn declared(&self, module: Module) -> FxHashMap<Name, SmallVec<[Member; 2]>> {
        let data = &self.modules[module.0 as usize];
        let inline = data.symbols.iter().filter_map(|&symbol| {
            let file = self.file_of(symbol);
            Some((file, inline_scope(self.files[file as usize].facts, self.symbol_id(symbol))?))
        });
        let mut parts: Vec<(u32, ScopeId)> = data.files.iter().map(|&file| (file, ScopeId(0))).chain(inline).collect();
        parts.sort_unstable();
        let mut declared: FxHashMap<Name, SmallVec<[Member; 2]>> = FxHashMap::default();
        for of_file in parts.chunk_by(|one, other| one.0 == other.0) {
            let number = of_file[0].0;
            let file = &self.files[number as usize];
            for binding in of_file.iter().flat_map(|(_, scope)| file.facts.bindings_in(*scope)) {
                let member = match binding.target {
                    BindingTarget::Symbol(_) if file.rules.explicit_exports && binding.scope == ScopeId(0) => continue,
                    BindingTarget::Symbol(symbol) => Member::Symbol(file.sym(symbol)),
                    BindingTarget::Import(import) if file.is_member(import) => Member::Import { file: number, import },
                    _ => continue,
                };
                declared.entry(file.name(binding.name)).or_default().push(member);
            }
            for export in file.facts.exports.iter().filter(|_| file.module == module) {
                let member = Member::Export { file: number, value: export.value };
                declared.entry(file.name(export.name)).or_default().push(member);
            }
        }
        forget_repetitions(&mut declared);
        declared
    }

    fn child_key(&self, module: Module, separator: &str, name: &str) -> String {
        match self.modules[module.0 as usize].key.as_str() {
            "" => name.to_owned(),
            key => format!("{key}{separator}{name}"),
        }
    }

    /// The declared members of this name, in path and source order.
    pub(super) fn members(&self, container: Container, name: Name) -> &[Member] {
        match container {
            Container::Module(module) => {
                let declared = self.modules[module.0 as usize].members.get_or_init(|| self.declared(module));
                declared.get(&name).map_or(&[], |list| list.as_slice())
            }
            Container::Symbol(symbol) => {
                self.files[self.file_of(symbol) as usize].members(self.symbol_id(symbol), name)
            }
        }
    }

    /// The module inside `module` of this name.
    pub(super) fn submodule(&self, module: Module, separator: &str, name: Name) -> Option<Module> {
        if !self.segments.contains(&name) {
            return None;
        }
        let key = self.child_key(module, separator, self.names[name.0 as usize]);
        self.module_ids.get(&key).copied()
    }

    /// The files that a file includes, itself and through others, and the file, sorted.
    pub(super) fn included(&self, file: u32) -> &[u32] {
        self.files[file as usize].included.get_or_init(|| {
            let mut queue = Queue::new(file);
            let mut found = Vec::new();
            while let Some((_, next)) = queue.pop() {
                found.push(next);
                self.direct_includes(next).for_each(|included| queue.push(included));
            }
            found.sort_unstable();
            found
        })
    }

    fn direct_includes(&self, file: u32) -> impl Iterator<Item = u32> {
        let facts = self.files[file as usize].facts;
        facts.imports.iter().filter_map(move |import| {
            let ImportPath::Specifier(text) = import.path else { return None };
            let ModuleTarget::Module(key) = self.map.import(file as usize, facts.name(text)) else { return None };
            self.modules[self.module_by_key(&key)?.0 as usize].files.first().copied()
        })
    }

    /// The module of this key.
    pub(super) fn module_by_key(&self, key: &str) -> Option<Module> {
        self.module_ids.get(key).copied()
    }

    /// The module that an inline module or namespace is.
    pub(super) fn module_of_symbol(&self, symbol: Sym) -> Option<Module> {
        self.symbol_modules.get(&symbol).copied()
    }

    /// Whether a file is one that others include.
    pub(super) fn is_header(&self, file: u32) -> bool {
        let file = &self.files[file as usize];
        let extension = file.path.rsplit_once('.').map_or("", |(_, extension)| extension);
        file.rules.outside.headers.contains(&extension)
    }

    /// The file a definition stands in.
    pub(super) fn file_of(&self, symbol: Sym) -> u32 {
        self.symbol_files[symbol.0 as usize]
    }

    /// A definition's facts.
    pub(super) fn symbol(&self, symbol: Sym) -> &'a Symbol {
        let file = &self.files[self.file_of(symbol) as usize];
        file.facts.symbol(SymbolId(symbol.0 - file.first))
    }

    /// A definition's number in its file.
    pub(super) fn symbol_id(&self, symbol: Sym) -> SymbolId {
        SymbolId(symbol.0 - self.files[self.file_of(symbol) as usize].first)
    }

    /// A definition's name.
    pub(super) fn name_of(&self, symbol: Sym) -> Name {
        self.files[self.file_of(symbol) as usize].name(self.symbol(symbol).name)
    }

    /// The definition as links name it.
    pub(super) fn definition(&self, symbol: Sym) -> Definition {
        Definition { file: self.files[self.file_of(symbol) as usize].index, symbol: self.symbol_id(symbol) }
    }

    /// Whether what a module declares is visible in `module`: what is private is so to the modules inside only.
    pub(super) fn is_seen_from(&self, symbol: Sym, module: Module) -> bool {
        if self.symbol(symbol).visibility != Visibility::Private {
            return true;
        }
        let file = &self.files[self.file_of(symbol) as usize];
        let declaring = match self.parent(symbol) {
            Some(parent) => self.module_of_symbol(parent),
            None => Some(file.module),
        };
        let key = |module: Module| self.modules[module.0 as usize].key.as_str();
        declaring.is_none_or(|declaring| {
            let rest = key(module).strip_prefix(key(declaring));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(file.rules.separator))
        })
    }

    /// Whether any definition of the family has this name.
    pub(super) fn is_defined(&self, name: Name) -> bool {
        self.defined[name.0 as usize]
    }

    pub(super) fn kind(&self, symbol: Sym) -> SymbolKind {
        self.symbol(symbol).kind
    }

    pub(super) fn has_mark(&self, symbol: Sym, mark: Marks) -> bool {
        self.symbol(symbol).marks.has(mark)
    }

    /// Whether a declared type is a type of its own, not another name for one.
    pub(super) fn is_own_type(&self, symbol: Sym) -> bool {
        let facts = self.files[self.file_of(symbol) as usize].facts;
        self.symbol(symbol).ty.is_none_or(|ty| matches!(facts.expr(ty), Expr::Typed { .. }))
    }

    /// The definition a definition stands in.
    pub(super) fn parent(&self, symbol: Sym) -> Option<Sym> {
        let file = &self.files[self.file_of(symbol) as usize];
        self.symbol(symbol).parent.map(|parent| file.sym(parent))
    }

    /// Looks a string up among the names of the family.
    pub(super) fn find_name(&self, text: &str) -> Option<Name> {
        self.name_ids.get(text).copied()
    }

    /// The innermost inline module around a scope of a file, else the file's module.
    pub(super) fn module_around(&self, file: u32, scope: ScopeId) -> Module {
        let data = &self.files[file as usize];
        let mut next = Some(scope);
        while let Some(id) = next {
            let scope = data.facts.scopes[id.0 as usize];
            if scope.kind == ScopeKind::Module
                && let Some(module) = scope.symbol.and_then(|symbol| self.module_of_symbol(data.sym(symbol)))
            {
                return module;
            }
            next = scope.parent;
        }
        data.module
    }
}

/// The scope of a definition that is a module inside its file.
fn inline_scope(facts: &FileFacts, symbol: SymbolId) -> Option<ScopeId> {
    let symbol = facts.symbol(symbol);
    let scope = symbol.scope.filter(|_| symbol.kind.is_module())?;
    (facts.scopes[scope.0 as usize].kind == ScopeKind::Module).then_some(scope)
}

/// A definition may be declared more than once by one name; the first time counts.
fn forget_repetitions(declared: &mut FxHashMap<Name, SmallVec<[Member; 2]>>) {
    let mut seen = FxHashSet::default();
    for list in declared.values_mut().filter(|list| list.len() > 1) {
        seen.clear();
        list.retain(|member| seen.insert(*member));
    }
}

/// The arguments of each call by its callee.
pub(super) fn arguments(facts: &FileFacts) -> FxHashMap<ExprId, ExprList> {
    let calls = facts.exprs.iter().filter_map(|expr| match *expr {
        Expr::Call { callee, args } | Expr::New { class: callee, args } => Some((callee, args)),
        _ => None,
    });
    calls.collect()
}
