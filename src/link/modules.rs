//! Members of modules: declared, imported, inner modules, and what wildcards bring in from others.

use crate::model::{Reason, Rule, ScopeId};

use super::den::{Den, Syms};
use super::lookup::Resolver;
use super::queue::Queue;
use super::world::{Container, Member, Module, Name};

impl Resolver<'_, '_> {
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
        let world = self.world;
        let mut symbols = Syms::new();
        let mut other = None;
        for &member in world.members(Container::Module(module), name) {
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
        if let Some(inner) = world.submodule(module, separator, name) {
            return Den::Module(inner, Rule::ModulePath);
        }
        if let Some(target) = world.map.relative(&data.key, &world.names[name.0 as usize]) {
            return self.target(target, Rule::ModulePath);
        }
        let nameless = world.nameless.and_then(|nameless| world.submodule(module, separator, nameless));
        match nameless {
            Some(inner) if inner != module => self.own_member(inner, name),
            _ => Den::Unknown(Reason::NoSuchMember),
        }
    }

    fn push_globs(&mut self, module: Module, name: Name, queue: &mut Queue<Module>, external: &mut Option<Den>) {
        let world = self.world;
        let data = &world.modules[module.0 as usize];
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
