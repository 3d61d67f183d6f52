//! What imports bring in, and what modules offer: own definitions, what they import or export again, modules inside.

use std::rc::Rc;

use crate::lang::ModuleTarget;
use crate::model::{ImportId, ImportPath, ImportShape, Reason, Rule, ScopeId};

use super::den::{Den, Syms};
use super::lookup::Resolver;
use super::queue::Queue;
use super::reads::Read;
use super::trace::Found;
use super::world::{Container, Member, Module, Name};

impl Resolver<'_, '_> {
    pub(super) fn target(&self, target: ModuleTarget, rule: Rule) -> Den {
        match target {
            ModuleTarget::Module(key) => match self.module_by_key(&key) {
                Some(module) => Den::Module(module, rule),
                None => Den::Unknown(Reason::BrokenImport),
            },
            ModuleTarget::External(name) => Den::External(name.into(), rule),
            ModuleTarget::Missing => Den::Unknown(Reason::BrokenImport),
        }
    }

    /// What an import brings in (for a wildcard: the thing whose members it brings in).
    pub(super) fn import(&mut self, file: u32, import: ImportId) -> Den {
        let otherwise = Den::Unknown(Reason::NotInScope);
        let den =
            self.cached(|this| &mut this.imports, (file, import), otherwise, |this| this.import_uncached(file, import));
        self.tell(|| Found::Imports(file, import, den.clone()));
        den
    }

    fn import_uncached(&mut self, file: u32, id: ImportId) -> Den {
        let world = self.world;
        let data = &world.files[file as usize];
        let import = data.facts.imports[id.0 as usize];
        let base = match import.path {
            ImportPath::Specifier(text) => {
                self.target(world.map.import(file as usize, data.facts.name(text)), Rule::Import)
            }
            ImportPath::Expr(expr) => self.denote(file, expr),
        };
        match import.shape {
            ImportShape::Glob | ImportShape::GlobTypes => base,
            ImportShape::Whole => self.assigned_export(base.by(Rule::Import)),
            ImportShape::Member(name) => {
                let member = self.imported_member(base, data.name(name), data.rules.separator);
                member.by(Rule::Import)
            }
        }
    }

    /// A module whose whole export was assigned (`module.exports = x`) is that value.
    fn assigned_export(&mut self, base: Den) -> Den {
        let Den::Module(module, _) = base else { return base };
        let Some(name) = self.find_name("export=") else { return base };
        let value = self.module_member(module, name);
        match value {
            Den::Symbols(..) | Den::External(..) => value.by(Rule::Import),
            _ => base,
        }
    }

    fn imported_member(&mut self, base: Den, name: Name, separator: &str) -> Den {
        let world = self.world;
        let found = self.member_of(base.clone(), name, separator);
        if !found.is_unknown() {
            return found;
        }
        if let Den::Module(module, rule) = base {
            if let value @ Den::Symbols(..) = self.assigned_export(base) {
                let is_default = world.names[name.0 as usize] == "default";
                return if is_default { value } else { self.member_of(value, name, separator) };
            }
            // CommonJS modules have no default export: it is the module itself.
            let is_default = world.names[name.0 as usize] == "default";
            return if is_default { Den::Module(module, rule) } else { Den::Unknown(Reason::BrokenImport) };
        }
        found
    }

    /// The member `name` of what `base` denotes, reached by path.
    pub(super) fn member_of(&mut self, base: Den, name: Name, separator: &str) -> Den {
        match base {
            Den::Module(module, _) => self.module_member(module, name),
            Den::External(path, _) => {
                let path: Rc<str> = format!("{path}{separator}{}", self.world.names[name.0 as usize]).into();
                Den::External(path, Rule::ExternalMember)
            }
            Den::Symbols(symbols, _) => self.static_member(&symbols, name),
            Den::TypeParameter { .. } | Den::Local { .. } => Den::Unknown(Reason::ReceiverType),
            unknown => unknown,
        }
    }

    /// The member `name` of a module: declared, imported, a submodule, or brought in by a wildcard.
    pub(super) fn module_member(&mut self, module: Module, name: Name) -> Den {
        let otherwise = Den::Unknown(Reason::NotInScope);
        self.cached(|this| &mut this.members, (module, name), otherwise, |this| this.search_modules(module, name))
    }

    /// Breadth first over the module and what it imports whole, each module once.
    fn search_modules(&mut self, module: Module, name: Name) -> Den {
        let mut queue = Queue::new(module);
        let mut external = None;
        while let Some((visited, module)) = queue.pop() {
            let found = self.own_member(module, name);
            if !found.is_unknown() {
                return if visited == 0 { found } else { found.by(Rule::GlobImport) };
            }
            self.push_globs(module, name, &mut queue, &mut external);
        }
        external.unwrap_or(Den::Unknown(Reason::NoSuchMember))
    }

    fn own_member(&mut self, module: Module, name: Name) -> Den {
        let mut symbols = Syms::new();
        let mut other = None;
        for &member in self.declared_members(Container::Module(module), name) {
            match member {
                Member::Symbol(symbol) => symbols.push(symbol),
                _ if !symbols.is_empty() => {}
                Member::Import { file, import } => prefer(&mut other, self.import(file, import)),
                Member::Export { file, value } => {
                    prefer(&mut other, self.denote(file, value).by(Rule::ModulePath));
                }
            }
        }
        if !symbols.is_empty() {
            return self.denote_symbols(symbols, Rule::ModulePath);
        }
        if let Some(found) = other.filter(|found| !matches!(found, Den::Local { .. } | Den::Unknown(_))) {
            return found;
        }
        self.nested(module, name)
    }

    /// Modules inside a module: by name, or a nameless one whose members count as its own.
    fn nested(&mut self, module: Module, name: Name) -> Den {
        let world = self.world;
        let data = &world.modules[module.0 as usize];
        let file = data.files.first().copied().or_else(|| data.symbols.first().map(|symbol| world.file_of(*symbol)));
        let separator = file.map_or(".", |file| world.files[file as usize].rules.separator);
        if let Some(inner) = self.submodule(module, separator, name) {
            return Den::Module(inner, Rule::ModulePath);
        }
        self.reads.note(Read::Container(module));
        if let Some(target) = world.map.relative(&data.key, world.names[name.0 as usize]) {
            return self.target(target, Rule::ModulePath);
        }
        let nameless = self.find_name("<anonymous>").and_then(|nameless| self.submodule(module, separator, nameless));
        match nameless {
            Some(inner) if inner != module => self.own_member(inner, name),
            _ => Den::Unknown(Reason::NoSuchMember),
        }
    }

    fn push_globs(&mut self, module: Module, name: Name, queue: &mut Queue<Module>, external: &mut Option<Den>) {
        let world = self.world;
        let data = self.parts(module);
        let files = data.files.iter().map(|&file| (file, ScopeId(0)));
        let inline = data.symbols.iter().map(|&symbol| {
            let scope = world.symbol(symbol).scope.expect("inline modules have a scope");
            (world.file_of(symbol), scope)
        });
        for (file, scope) in files.chain(inline) {
            let rules = world.files[file as usize].rules;
            for &(_, import) in world.files[file as usize].globs.iter().filter(|(glob, _)| *glob == scope) {
                let reexport = world.files[file as usize].facts.imports[import.0 as usize].reexport;
                if !reexport && !rules.open_imports && !rules.linkage {
                    continue;
                }
                match self.import(file, import) {
                    Den::Module(target, _) => queue.push(target),
                    Den::Unknown(_) | Den::External(..) => {}
                    base => {
                        let found = self.member_of(base, name, rules.separator);
                        if !found.is_unknown() {
                            *external = external.take().or(Some(found));
                        }
                    }
                }
            }
        }
    }
}

/// Keeps the better of two findings: something of the tree over something outside over nothing.
pub(super) fn prefer(best: &mut Option<Den>, found: Den) {
    let rank = |den: &Den| match den {
        Den::Unknown(_) => 0,
        Den::External(..) => 1,
        _ => 2,
    };
    if best.as_ref().is_none_or(|known| rank(known) < rank(&found)) {
        *best = Some(found);
    }
}
