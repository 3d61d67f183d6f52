//! What imports say beyond what they lead to. Of several of one name a condition that is not asked decides which counts,
//! so that what uses one of them may use each; and one of all names of a module may pass these on.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::lang;
use crate::model::{FileFacts, ImportShape, NameId, Role, ScopeId, Span, Visibility};
use crate::query::{Ground, Result};
use crate::store::{FileId, FileRow, OccurrenceRow, Target};

use super::life::{Life, Node};
use super::names::Names;
use super::wakes::Wakes;
use super::{Asleep, Told};

/// Looks for such imports, and remembers what it read.
pub(super) struct Choices<'a> {
    ground: &'a Ground<'a>,
    life: &'a Life,
    names: &'a Names,
    /// What else the name of a definition may mean where that is imported.
    others: FxHashMap<Node, Vec<Node>>,
    /// Of the files that were asked for.
    imports: FxHashMap<FileId, Imports>,
    asked: FxHashSet<Node>,
    /// Of modules that stand in files of others, the files in which all their names are passed on.
    passed_on: FxHashMap<Node, Vec<Node>>,
}

/// Imports of a file that say more than what they lead to.
struct Imports {
    /// Those that share their names, each with what it brings in.
    groups: Vec<Group>,
    /// Those that pass on all names of a module.
    globs: Vec<Span>,
}

/// Imports of one name in one scope.
type Group = Vec<(Span, Vec<Node>)>;

impl<'a> Choices<'a> {
    pub(super) fn new(ground: &'a Ground<'a>, life: &'a Life, names: &'a Names) -> Self {
        Self {
            ground,
            life,
            names,
            others: FxHashMap::default(),
            imports: FxHashMap::default(),
            asked: FxHashSet::default(),
            passed_on: FxHashMap::default(),
        }
    }

    /// What brings to life what is told and was not before, where another definition is chosen instead of it or of its
    /// type.
    pub(super) fn wakes(&mut self, told: &[Told]) -> Result<Asleep> {
        let mut found = Vec::new();
        for node in told.iter().map(|told| told.node) {
            if !self.life.file(node).is_some_and(has_choices) || !self.asked.insert(node) {
                continue;
            }
            let mut by = self.others(node)?.clone();
            for owner in self.life.owners(node) {
                let name = self.names.name(self.life, node);
                let types = self.others(owner)?.clone();
                let members = types.into_iter().flat_map(|other| self.life.whole(other).split_off(1));
                by.extend(members.filter(|member| self.names.name(self.life, *member) == name));
            }
            let is_public = |node| self.life.vertex(node).is_some_and(|vertex| vertex.visibility == Visibility::Public);
            if let Some(module) = self.life.parent(node).filter(|_| is_public(node)) {
                by.extend(self.passed_on(module)?);
            }
            if !by.is_empty() {
                found.push((node, Wakes { by, ..Wakes::default() }));
            }
        }
        Ok(found)
    }

    fn others(&mut self, node: Node) -> Result<&Vec<Node>> {
        if !self.others.contains_key(&node) {
            let mut found = Vec::new();
            for site in self.importing(node)? {
                for group in &self.imports_of(site.file)?.groups {
                    if group.iter().any(|(span, _)| span.contains(site.span.start)) {
                        found.extend(group.iter().flat_map(|(_, brought)| brought).filter(|other| **other != node));
                    }
                }
            }
            found.sort_unstable();
            found.dedup();
            self.others.insert(node, found);
        }
        Ok(&self.others[&node])
    }

    /// The top levels of the files that pass on all names of a module.
    fn passed_on(&mut self, module: Node) -> Result<&[Node]> {
        if !self.passed_on.contains_key(&module) {
            let mut found = Vec::new();
            for site in self.importing(module)? {
                if self.imports_of(site.file)?.globs.iter().any(|glob| glob.contains(site.span.start)) {
                    found.push(self.life.top_of(site.file));
                }
            }
            self.passed_on.insert(module, found);
        }
        Ok(&self.passed_on[&module])
    }

    /// Where imports name a definition.
    fn importing(&self, node: Node) -> Result<Vec<OccurrenceRow>> {
        let uses = self.life.key(node).map(|key| self.ground.snapshot.uses(key)).transpose()?;
        Ok(uses.into_iter().flatten().filter(|site| site.role == Role::Import).collect())
    }

    fn imports_of(&mut self, file: FileId) -> Result<&Imports> {
        if !self.imports.contains_key(&file) {
            let facts = self.ground.snapshot.facts(file)?;
            let shared = shared_names(&facts);
            let groups = if shared.is_empty() { Vec::new() } else { self.brought_in(file, shared)? };
            let globs = facts.imports.iter().filter(|import| import.reexport && import.shape == ImportShape::Glob);
            self.imports.insert(file, Imports { groups, globs: globs.map(|import| import.span).collect() });
        }
        Ok(&self.imports[&file])
    }

    /// What imports bring in: the last name in each says that.
    fn brought_in(&self, file: FileId, shared: Vec<Vec<Span>>) -> Result<Vec<Group>> {
        let sites = self.ground.snapshot.occurrences_of(file, Role::Import)?;
        let meant = |span: Span| {
            let inside = sites.iter().filter(|site| span.contains(site.span.start));
            let keys = match inside.max_by_key(|site| site.span.start).map(|site| &site.target) {
                Some(Target::Resolved(key, _)) => vec![*key],
                Some(Target::Candidates(keys, _)) => keys.clone(),
                _ => Vec::new(),
            };
            (span, keys.into_iter().filter_map(|key| self.life.node(key)).collect())
        };
        Ok(shared.into_iter().map(|spans| spans.into_iter().map(meant).collect()).collect())
    }
}

/// Whether imports in a language are statements like others, which conditions can choose among.
fn has_choices(file: &FileRow) -> bool {
    lang::by_name(&file.language).is_some_and(|language| language.link.open_imports)
}

/// The imports of a file that share their name in one scope.
fn shared_names(facts: &FileFacts) -> Vec<Vec<Span>> {
    let mut named: Vec<(ScopeId, NameId, Span)> =
        facts.imports.iter().filter_map(|import| Some((import.scope, import.bound?, import.span))).collect();
    named.sort_unstable_by_key(|(scope, name, span)| (*scope, *name, span.start));
    let groups = named.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1));
    groups.filter(|group| group.len() > 1).map(|group| group.iter().map(|(_, _, span)| *span).collect()).collect()
}
