//! Which files must be linked again after some have changed: those that asked a question whose answer may be another
//! one now.
//!
//! Everything that can be told from the facts of the changed files before and after is compared exactly; what follows
//! from them for the whole family (modules, base types) is made anew and compared with what it was.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::lang::{FileView, Language, LinkRules, Manifest, ModuleMap, Project};
use crate::model::{BindingTarget, Expr, FileFacts, Marks, NameId, ScopeId, ScopeKind};

use super::reads::{
    Key, Record, bases_key, container_key, defined_key, exists_key, extensions_key, file_key, flow_key, hash,
    known_key, member_key, parts_key, several_key,
};
use super::surface::Surface;
use super::world::World;
use super::{Changed, Earlier, LinkFile};

/// The files of the family that must be linked, by number in the family.
pub(super) fn stale(
    world: &World<'_>,
    digests: &[u64],
    all: &[LinkFile<'_>],
    members: &[usize],
    earlier: &Earlier<'_>,
    has_other_manifests: bool,
) -> Vec<usize> {
    let family = all[members[0]].language.link.family;
    let changes: Vec<Change<'_>> =
        earlier.changed.iter().filter_map(|changed| Change::of(changed, all, family)).collect();
    let changed = changes.iter().map(|change| change.path).collect();
    let manifests = earlier.manifests;
    let comparison = Comparison { world, all, members, manifests, has_other_manifests, changes, changed };
    if comparison.has_other_rules() {
        return (0..members.len()).collect();
    }
    let mut keys = Keys::default();
    comparison.compare(&mut keys);
    let records: Vec<Option<Record<'_>>> =
        members.iter().map(|&index| earlier.records[index].as_deref().and_then(Record::decode)).collect();
    let mut found: FxHashSet<usize> = FxHashSet::default();
    for (number, record) in records.iter().enumerate() {
        if record.as_ref().is_none_or(|record| record.digest != digests[number]) {
            found.insert(number);
            comparison.other_bases(number, &mut keys);
        }
    }
    for (number, record) in records.iter().enumerate() {
        let is_own = keys.has(file_key(hash(world.files[number].path)));
        if is_own || record.as_ref().is_some_and(|record| record.keys().any(|key| keys.has(key))) {
            found.insert(number);
        }
    }
    found.extend(comparison.changes.iter().filter_map(|change| members.binary_search(&change.after?.0).ok()));
    let mut found: Vec<usize> = found.into_iter().collect();
    found.sort_unstable();
    found
}

/// Questions whose answer may be another one now.
#[derive(Default)]
struct Keys(FxHashSet<Key>);

impl Keys {
    fn add(&mut self, key: Key) {
        self.0.insert(key);
    }

    fn has(&self, key: Key) -> bool {
        self.0.contains(&key)
    }
}

/// A file of the family before and after; one of them is there.
struct Change<'a> {
    path: &'a str,
    before: Option<(&'static Language, &'a FileFacts)>,
    /// With its index among all files.
    after: Option<(usize, &'a FileFacts)>,
}

impl<'a> Change<'a> {
    fn of(changed: &Changed<'a>, all: &[LinkFile<'a>], family: &str) -> Option<Self> {
        let before = changed.before.filter(|(language, _)| language.link.family == family);
        let after = changed.after.filter(|&index| all[index].language.link.family == family);
        let after = after.map(|index| (index, all[index].facts));
        (before.is_some() || after.is_some()).then_some(Self { path: changed.path, before, after })
    }

    fn both(&self) -> impl Iterator<Item = &'a FileFacts> {
        self.before.map(|(_, facts)| facts).into_iter().chain(self.after.map(|(_, facts)| facts))
    }
}

struct Comparison<'c, 'a> {
    world: &'c World<'a>,
    all: &'c [LinkFile<'a>],
    members: &'c [usize],
    /// Those of before.
    manifests: &'c [Manifest],
    has_other_manifests: bool,
    changes: Vec<Change<'a>>,
    /// Paths of the changes.
    changed: FxHashSet<&'a str>,
}

impl<'a> Comparison<'_, 'a> {
    /// Whether the family goes by the rules of another language now: those of its first file.
    fn has_other_rules(&self) -> bool {
        let first = self.before().min_by_key(|(path, ..)| *path).map(|(_, language, _)| language.name);
        first != self.members.first().map(|&index| self.all[index].language.name)
    }

    /// All files of the family as they were.
    fn before(&self) -> impl Iterator<Item = (&'a str, &'static Language, &'a FileFacts)> {
        let now = self.members.iter().map(|&index| &self.all[index]);
        let kept = now.filter(|file| !self.changed.contains(file.path));
        let changed =
            self.changes.iter().filter_map(|change| change.before.map(|(of, facts)| (change.path, of, facts)));
        kept.map(|file| (file.path, file.language, file.facts)).chain(changed)
    }

    fn compare(&self, keys: &mut Keys) {
        let mut is_seen_outside = false;
        for change in &self.changes {
            is_seen_outside |= surface(change, self.all, keys);
        }
        if !is_seen_outside && !self.has_other_manifests {
            return;
        }
        self.names(keys);
        if !self.has_other_manifests && self.changes.iter().all(|change| !changes_modules(change)) {
            self.offers(&*self.world.map, &self.numbers(), keys);
            return;
        }
        let mut files: Vec<_> = self.before().collect();
        files.sort_unstable_by_key(|(path, ..)| *path);
        let views = files.iter().map(|&(path, language, facts)| FileView { path, language: language.name, facts });
        let rules = &self.all[self.members[0]].language.link;
        let map = (rules.modules)(&Project { files: views.collect(), manifests: self.manifests });
        let numbers = files.iter().enumerate().map(|(number, (path, ..))| (*path, number)).collect();
        self.offers(&*map, &numbers, keys);
        self.places(&*map, &numbers, keys);
        let mounts = |map: &dyn ModuleMap| map.mounts().iter().cloned().collect::<FxHashSet<(String, String)>>();
        for (key, _) in mounts(&*map).symmetric_difference(&mounts(&*self.world.map)) {
            self.module(key, keys);
        }
        let containers = |map: &dyn ModuleMap| map.containers().into_iter().collect::<FxHashSet<String>>();
        let (before, after) = (containers(&*map), containers(&*self.world.map));
        for key in before.symmetric_difference(&after) {
            keys.add(container_key(hash(key)));
            self.module(key, keys);
        }
    }

    /// Number of each file in the family.
    fn numbers(&self) -> FxHashMap<&'a str, usize> {
        self.world.files.iter().enumerate().map(|(number, file)| (file.path, number)).collect()
    }

    /// Names that are new, and names that definitions have now and had not, or the other way round.
    fn names(&self, keys: &mut Keys) {
        let mut names: FxHashSet<&str> = FxHashSet::default();
        for change in &self.changes {
            let sets = [change.before.map(|(_, facts)| facts), change.after.map(|(_, facts)| facts)]
                .map(|facts| facts.map(defined).unwrap_or_default());
            names.extend(sets[0].symmetric_difference(&sets[1]));
            let known: FxHashSet<&str> = change.before.into_iter().flat_map(|(_, facts)| facts.names.iter()).collect();
            let now = change.after.into_iter().flat_map(|(_, facts)| facts.names.iter());
            now.filter(|name| !known.contains(name)).for_each(|name| keys.add(known_key(hash(name))));
        }
        // Those that an unchanged file defines are defined before and after.
        for file in self.world.files.iter().filter(|file| !self.changed.contains(file.path)) {
            if names.is_empty() {
                return;
            }
            for symbol in &file.facts.symbols {
                names.remove(file.facts.name(symbol.name));
            }
        }
        names.iter().for_each(|name| keys.add(defined_key(hash(name))));
    }

    /// What modules offer: `map` and `numbers` are those of before.
    fn offers(&self, map: &dyn ModuleMap, numbers: &FxHashMap<&str, usize>, keys: &mut Keys) {
        let after = self.numbers();
        for change in &self.changes {
            let before = change.before.map(|(language, facts)| {
                Offers::of(facts, &language.link, &map.module(numbers[change.path]).key, change.path)
            });
            let after = change.after.map(|(index, facts)| {
                let key = self.world.map.module(after[change.path]).key;
                Offers::of(facts, &self.all[index].language.link, &key, change.path)
            });
            self.differing(&before.unwrap_or_default(), &after.unwrap_or_default(), keys);
        }
    }

    fn differing(&self, before: &Offers, after: &Offers, keys: &mut Keys) {
        for (module, name) in before.members.symmetric_difference(&after.members) {
            keys.add(member_key(*module, *name));
        }
        for key in before.modules.symmetric_difference(&after.modules) {
            keys.add(parts_key(hash(key)));
            keys.add(several_key(hash(key)));
            self.module(key, keys);
        }
    }

    /// A module that may have come or gone.
    fn module(&self, key: &str, keys: &mut Keys) {
        keys.add(exists_key(hash(key)));
        keys.add(member_key(hash(""), hash(key)));
        for separator in ["::", ".", "/"] {
            for (at, _) in key.match_indices(separator) {
                keys.add(member_key(hash(&key[..at]), hash(&key[at + separator.len()..])));
            }
        }
    }

    /// Files that stand in another module now although they did not change, or whose imports or roots of paths lead
    /// elsewhere.
    fn places(&self, map: &dyn ModuleMap, numbers: &FxHashMap<&str, usize>, keys: &mut Keys) {
        for (after, file) in self.world.files.iter().enumerate() {
            let Some(&before) = numbers.get(file.path) else { continue };
            let (module, moved) = (self.world.map.module(after), map.module(before));
            if module != moved {
                keys.add(file_key(hash(file.path)));
                if !self.changed.contains(file.path) {
                    let offers = |key: &str| Offers::of(file.facts, file.rules, key, file.path);
                    self.differing(&offers(&moved.key), &offers(&module.key), keys);
                }
            } else if self.leads_elsewhere(map, before, after) {
                keys.add(file_key(hash(file.path)));
            }
        }
    }

    fn leads_elsewhere(&self, map: &dyn ModuleMap, before: usize, after: usize) -> bool {
        let (world, file) = (self.world, &self.world.files[after]);
        let other_import = file.facts.imports.iter().any(|import| match import.path {
            crate::model::ImportPath::Specifier(text) => {
                let text = file.facts.name(text);
                world.map.import(after, text) != map.import(before, text)
            }
            crate::model::ImportPath::Expr(_) => false,
        });
        let mut asked: FxHashSet<(NameId, super::world::Module)> = FxHashSet::default();
        other_import
            || file.facts.exprs.iter().any(|expr| {
                let Expr::Name { name, scope, .. } = *expr else { return false };
                let module = world.module_around(after as u32, scope);
                let key = &world.modules[module.0 as usize].key;
                let text = file.facts.name(name);
                asked.insert((name, module)) && world.map.root(after, key, text) != map.root(before, key, text)
            })
    }

    /// A file whose types have other bases, subtypes or members, or that attaches members to other types.
    fn other_bases(&self, number: usize, keys: &mut Keys) {
        let file = &self.world.files[number];
        keys.add(bases_key(hash(file.path)));
        let before = self.changes.iter().filter(|change| change.path == file.path).flat_map(Change::both);
        for facts in before.chain([file.facts]) {
            attachable(facts).for_each(|name| keys.add(extensions_key(hash(name))));
        }
    }
}

/// Adds the questions about a file that its facts alone answer; tells whether it shows itself otherwise than before.
fn surface(change: &Change<'_>, all: &[LinkFile<'_>], keys: &mut Keys) -> bool {
    let path = hash(change.path);
    if let (Some((language, before)), Some((index, after))) = (change.before, change.after)
        && language.name == all[index].language.name
    {
        let (before, after) = (Surface::of(before), Surface::of(after));
        if before.whole == after.whole {
            let flows: FxHashSet<_> = before.flows.into_iter().collect();
            let others: FxHashSet<_> = after.flows.into_iter().collect();
            flows.symmetric_difference(&others).for_each(|(symbol, _)| keys.add(flow_key(path, symbol.0)));
            return false;
        }
    }
    keys.add(file_key(path));
    if change.after.is_none() {
        let gone = change.both().flat_map(attachable);
        gone.for_each(|name| keys.add(extensions_key(hash(name))));
        keys.add(bases_key(path));
    }
    true
}

fn defined(facts: &FileFacts) -> FxHashSet<&str> {
    facts.symbols.iter().map(|symbol| facts.name(symbol.name)).collect()
}

/// The names of members that could be attached to a type elsewhere.
fn attachable(facts: &FileFacts) -> impl Iterator<Item = &str> {
    facts.symbols.iter().filter(|symbol| symbol.marks.has(Marks::RECEIVER)).map(|symbol| facts.name(symbol.name))
}

/// Whether a change can make files and imports mean other modules: files that come or go, packages, declared modules
/// and imports.
fn changes_modules(change: &Change<'_>) -> bool {
    let (Some((_, before)), Some((_, after))) = (change.before, change.after) else { return true };
    module_facts(before) != module_facts(after)
}

/// What the module rules of any language look at in a file.
fn module_facts(facts: &FileFacts) -> Vec<String> {
    let package = facts.package.map(|name| format!("package {}", facts.name(name)));
    let modules = facts.symbols.iter().filter(|symbol| symbol.kind.is_module()).map(|symbol| {
        let mut path = facts.name(symbol.name).to_owned();
        let mut parent = symbol.parent;
        while let Some(id) = parent {
            let outer = facts.symbol(id);
            path = format!("{}::{path}", facts.name(outer.name));
            parent = outer.parent;
        }
        let place = symbol.qualifier.map(|place| facts.name(place));
        format!("{:?} {path} {:?} {place:?}", symbol.kind, symbol.marks)
    });
    let imports = facts.imports.iter().map(|import| {
        let bound = import.bound.map(|name| facts.name(name));
        format!("{} {bound:?}", facts.import_specifier(import.path, "."))
    });
    package.into_iter().chain(modules).chain(imports).collect()
}

/// What one file puts into modules.
#[derive(Default)]
struct Offers {
    /// Hash of a module's key, and of a name it has a member of.
    members: FxHashSet<(u64, u64)>,
    /// Keys of the modules that it is part of.
    modules: FxHashSet<String>,
}

impl Offers {
    /// Those of a file in the module `key`.
    fn of(facts: &FileFacts, rules: &LinkRules, key: &str, path: &str) -> Self {
        let mut offers = Self::default();
        let mut homes: FxHashMap<ScopeId, Vec<String>> = FxHashMap::default();
        let own = if rules.linkage { vec![key.to_owned(), format!("file:{path}")] } else { vec![key.to_owned()] };
        homes.insert(ScopeId(0), own);
        for symbol in facts.symbols.iter().filter(|symbol| symbol.kind.is_module()) {
            let Some(scope) = symbol.scope.filter(|scope| is_inline(facts, *scope)) else { continue };
            let outer = facts.scopes[scope.0 as usize].parent;
            let outer = outer.and_then(|outer| homes.get(&outer)).map_or(key, |keys| keys[0].as_str());
            let name = facts.name(symbol.name);
            let inner = if outer.is_empty() { name.to_owned() } else { format!("{outer}{}{name}", rules.separator) };
            homes.insert(scope, vec![inner]);
        }
        for binding in &facts.bindings {
            let is_offered = match binding.target {
                BindingTarget::Symbol(_) => !(rules.explicit_exports && binding.scope == ScopeId(0)),
                BindingTarget::Import(import) => rules.open_imports || facts.imports[import.0 as usize].reexport,
                _ => false,
            };
            for home in homes.get(&binding.scope).filter(|_| is_offered).into_iter().flatten() {
                offers.members.insert((hash(home), hash(facts.name(binding.name))));
            }
        }
        for export in &facts.exports {
            offers.members.insert((hash(key), hash(facts.name(export.name))));
        }
        offers.modules = homes.into_values().flatten().collect();
        offers
    }
}

fn is_inline(facts: &FileFacts, scope: ScopeId) -> bool {
    facts.scopes[scope.0 as usize].kind == ScopeKind::Module
}
