//! What brings a definition to life that the graph does not lead to: what it overrides, what declares it elsewhere, what
//! calls it by its name alone.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::lang;
use crate::model::{Marks, RelationKind, SymbolKind, Visibility};
use crate::query::offered::{is_header, outside};
use crate::query::queue::Queue;
use crate::query::{Ground, Result};
use crate::store::{FileId, FileRow, Glob, RelationRow, SymbolKey, Target, Vertex};

use super::conditional::Conditional;
use super::life::{Life, Node};
use super::names::{Names, Namesakes};

/// What would bring a definition to life.
#[derive(Default)]
pub(super) struct Wakes {
    /// It lives if any of these does.
    pub(super) by: Vec<Node>,
    /// It is shown to others under its declaration.
    pub(super) is_offered: bool,
    /// Its type is built on something outside of the tree or not known, which may call it.
    pub(super) outside_base: bool,
}

/// Looks for it, and remembers what it read.
pub(super) struct Search<'a> {
    ground: &'a Ground<'a>,
    life: &'a Life,
    names: &'a Names,
    namesakes: Namesakes<'a>,
    /// The relations of the files that were asked for.
    relations: FxHashMap<FileId, FxHashMap<SymbolKey, Vec<RelationRow>>>,
    hooks: FxHashMap<&'a str, Vec<Glob>>,
    conditional: Conditional<'a>,
}

impl<'a> Search<'a> {
    /// For these definitions.
    pub(super) fn new(ground: &'a Ground<'a>, life: &'a Life, names: &'a Names, wanted: &[Node]) -> Self {
        let namesakes = Namesakes::of(names, life, wanted.iter().map(|node| names.name(life, *node)));
        let conditional = Conditional::new(ground, life, names);
        let (relations, hooks) = (FxHashMap::default(), FxHashMap::default());
        Self { ground, life, names, namesakes, relations, hooks, conditional }
    }

    /// What would bring a definition to life.
    pub(super) fn wakes(&mut self, node: Node) -> Result<Wakes> {
        let mut wakes = Wakes::default();
        let (life, names) = (self.life, self.names);
        let Some((vertex, file)) = life.vertex(node).zip(life.file(node)) else { return Ok(wakes) };
        let parent = life.parent(node);
        let around = parent.and_then(|parent| life.vertex(parent));
        if names.name(life, node).starts_with('<') || self.is_hook(node, file) {
            // At the top level, what the language calls is called.
            wakes.by.push(parent.unwrap_or_else(|| life.top_of(file.id)));
        }
        // What is said of something elsewhere is said for others.
        let mut modules =
            life.around(node).map_while(|around| life.vertex(around).filter(|around| around.kind.is_module()));
        if only_declares(file) || modules.any(|around| around.marks.has(Marks::DECLARATION)) {
            wakes.by.push(life.top_of(file.id));
        }
        if has_linkage(file) {
            self.linked(node, vertex, &mut wakes);
        }
        if parent.is_none() && vertex.kind == SymbolKind::Method {
            self.of_value(node, file, &mut wakes);
        }
        self.twins(node, file, &mut wakes);
        wakes.outside_base |= self.is_bridged(node);
        wakes.by.extend(self.conditional.instead(node, file, &self.namesakes)?);
        if matches!(vertex.kind, SymbolKind::Method | SymbolKind::Property | SymbolKind::Function) {
            self.overridden(node, &mut wakes)?;
        }
        // What stands in a class can say something to what that is built on.
        if has_duck_types(file) && vertex.kind.is_type() && around.is_some_and(|around| around.kind.is_type()) {
            self.overridden(node, &mut wakes)?;
        }
        wakes.by.sort_unstable();
        wakes.by.dedup();
        Ok(wakes)
    }

    fn is_hook(&mut self, node: Node, file: &'a FileRow) -> bool {
        let globs = || outside(&file.language).map_or(&[][..], |outside| outside.hooks).iter();
        let hooks = self.hooks.entry(&file.language).or_insert_with(|| globs().map(|glob| Glob::new(glob)).collect());
        let name = self.names.name(self.life, node);
        hooks.iter().any(|hook| hook.matches(name))
    }

    /// A method that was given to an object lives with that object, which can be handed on.
    fn of_value(&self, node: Node, file: &FileRow, wakes: &mut Wakes) {
        let owners = self.life.owners(node);
        if owners.is_empty() {
            wakes.by.push(self.life.top_of(file.id));
        }
        let is_value = |kind: SymbolKind| !kind.is_type() && kind != SymbolKind::Impl;
        wakes.by.extend(owners.into_iter().filter(|owner| self.life.is(*owner, is_value)));
    }

    /// Declarations inside of callables, which mean what has their name in the program.
    fn linked(&self, node: Node, vertex: Vertex, wakes: &mut Wakes) {
        let life = self.life;
        let is_callable = |node: Node| life.is(node, SymbolKind::is_callable);
        if vertex.kind.is_callable() && vertex.parent.is_none() {
            let declares = |other: &Node| {
                life.vertex(*other).is_some_and(|other| other.marks.has(Marks::DECLARATION))
                    && is_callable(*other)
                    && life.parent(*other).is_some_and(is_callable)
            };
            wakes.by.extend(self.namesakes.others(node).filter(declares));
        }
    }

    /// Whether a foreign block of a module inside declares it to another language, as those of `cxx::bridge` do.
    fn is_bridged(&self, node: Node) -> bool {
        let life = self.life;
        let block =
            |other: Node| life.parent(other).filter(|around| life.kind(*around) == Some(SymbolKind::ExternBlock));
        let is_beside =
            |module: Node| life.file_of(module) == life.file_of(node) && life.parent(module) == life.parent(node);
        self.namesakes.others(node).filter_map(block).filter_map(|block| life.parent(block)).any(is_beside)
    }

    /// What declares it elsewhere, what makes it, what it makes.
    fn twins(&mut self, node: Node, file: &FileRow, wakes: &mut Wakes) {
        let life = self.life;
        // Of definitions under one name, a condition picks one: what uses any of them may use each.
        let twins: Vec<Node> = self.namesakes.twins(node).chain(self.declared_in_owners(node)).collect();
        wakes.by.extend(self.in_other_namespaces(node, file));
        wakes.by.extend(&twins);
        self.of_template(node, wakes);
        let constructors = self.constructors(node, file);
        let made = self.inheriting(node, file);
        wakes.by.extend(constructors.iter().chain(&made));
        let is_offered = |twin: &Node| {
            life.file(*twin).is_some_and(is_header)
                && life.vertex(*twin).is_some_and(|vertex| vertex.visibility == Visibility::Public)
        };
        let declared = twins.iter().filter(|twin| life.is_declared_by(node, **twin));
        wakes.is_offered |= has_linkage(file) && declared.chain(&constructors).chain(&made).any(is_offered);
    }

    /// What declares a definition under its qualified name elsewhere, or what it declares.
    pub(super) fn declared(&mut self, node: Node) -> Vec<Node> {
        self.namesakes.twins(node).filter(|twin| self.life.is_declared_by(node, *twin)).collect()
    }

    /// What declares a definition outside of its namespace or type, which an alias may name there.
    fn declared_in_owners(&self, node: Node) -> Vec<Node> {
        let life = self.life;
        let owners = life.owners(node);
        let is_in_owner = |other: &Node| life.parent(*other).is_some_and(|parent| owners.contains(&parent));
        self.namesakes.others(node).filter(|other| is_in_owner(other) && life.is_declared_by(node, *other)).collect()
    }

    /// Functions of its name in other namespaces of its file: which of them a call means depends on what stands before it.
    fn in_other_namespaces(&self, node: Node, file: &FileRow) -> Vec<Node> {
        let life = self.life;
        let is_free = |node: Node| {
            let around = life.parent(node).and_then(|parent| life.vertex(parent));
            life.kind(node) == Some(SymbolKind::Function) && around.is_none_or(|around| around.kind.is_module())
        };
        if !has_linkage(file) || !is_free(node) {
            return Vec::new();
        }
        let is_beside = |other: &Node| life.file_of(*other) == life.file_of(node) && is_free(*other);
        self.namesakes.others(node).filter(is_beside).collect()
    }

    /// What a template is for some arguments is chosen where the template is used, and its members with those of the
    /// template.
    fn of_template(&self, node: Node, wakes: &mut Wakes) {
        let (life, names) = (self.life, self.names);
        let others = self.namesakes.others(node);
        if names.is_special(life, node) {
            wakes.by.extend(others.clone());
            let is_template = |other: Node| life.is(other, SymbolKind::is_type) && !names.is_special(life, other);
            // The template is one of a library's, which chooses.
            wakes.outside_base |= self.is_in_library(node) || !others.clone().any(is_template);
        }
        if let Some(around) = life.parent(node).filter(|parent| names.is_special(life, *parent)) {
            let is_of_namesake = |other: &Node| {
                life.parent(*other).is_some_and(|parent| names.name(life, parent) == names.name(life, around))
            };
            wakes.by.extend(others.filter(is_of_namesake));
        }
    }

    /// Whether a definition is written into the name space of the standard library.
    fn is_in_library(&self, node: Node) -> bool {
        let package = self.life.file(node).and_then(|file| lang::by_name(&file.language));
        let package = package.map(|language| language.link.builtin_package);
        self.life.parent(node).is_some_and(|around| Some(self.names.name(self.life, around)) == package)
    }

    /// The constructors of a type, those written outside of it too.
    pub(super) fn constructors(&self, class: Node, file: &FileRow) -> Vec<Node> {
        let life = self.life;
        if !life.is(class, SymbolKind::is_type) {
            return Vec::new();
        }
        let mut found: Vec<Node> = self.constructors_inside(class, file).collect();
        let is_constructor = |node: &Node| life.kind(*node) == Some(SymbolKind::Constructor);
        let named: Vec<Node> = self.namesakes.others(class).filter(is_constructor).collect();
        found.extend(self.namesakes.outside_of(class, &named));
        found
    }

    fn constructors_inside(&self, class: Node, file: &FileRow) -> impl Iterator<Item = Node> + use<'a> {
        let (life, all) = (self.life, self.names);
        let names = constructor_names(file);
        life.children(class).filter(move |node| {
            life.kind(*node) == Some(SymbolKind::Constructor) || names.contains(&all.name(life, *node))
        })
    }

    /// The types that a constructor makes besides its own: subtypes that have none, where constructors are inherited.
    pub(super) fn inheriting(&self, constructor: Node, file: &FileRow) -> Vec<Node> {
        let life = self.life;
        let is_constructor = constructor_names(file).contains(&self.names.name(life, constructor));
        let Some(class) = life.parent(constructor).filter(|_| is_constructor) else { return Vec::new() };
        let mut classes = Queue::of([class]);
        while let Some(class) = classes.next() {
            classes.add(life.related_to(class).filter(|subtype| {
                let known = life.vertex(*subtype).zip(life.file(*subtype)).filter(|(vertex, _)| vertex.kind.is_type());
                known.is_some_and(|(_, file)| self.constructors_inside(*subtype, file).next().is_none())
            }));
        }
        classes.all().split_off(1)
    }

    /// Members of base types that a call may name instead, and bases that nothing is known of.
    fn overridden(&mut self, node: Node, wakes: &mut Wakes) -> Result<()> {
        let life = self.life;
        let parent = life.parent(node);
        let around = parent.and_then(|parent| life.kind(parent));
        let is_block = around == Some(SymbolKind::Impl);
        let types: Vec<Node> = match parent {
            Some(parent) if is_block || around.is_some_and(SymbolKind::is_type) => vec![parent],
            _ => life.owners(node),
        };
        if types.is_empty() {
            // Of what it is a member is not known.
            wakes.outside_base |= self.relations(node)?.iter().any(|row| row.kind == RelationKind::MemberOf);
            return Ok(());
        }
        // A type that is declared and nowhere defined, or was misread, does not say what it is built on; nor does another
        // name of a type elsewhere.
        let is_only_named = |owner: &Node| {
            let vertex = life.vertex(*owner);
            vertex.is_some_and(|owner| owner.marks.has(Marks::DECLARATION) || owner.kind == SymbolKind::TypeAlias)
        };
        // Nor does one that leaves a member undeclared that is defined outside of it: a macro or an inclusion may declare it.
        let is_outside = parent.is_none_or(|parent| !types.contains(&parent));
        let has_linkage = life.file(node).is_some_and(has_linkage);
        wakes.outside_base |=
            has_linkage && (types.iter().all(is_only_named) || is_outside && !self.is_declared_in(node, &types));
        self.structural(node, wakes);
        let types = life.with_bases(types);
        for &class in &types {
            for relation in self.relations(class)? {
                match (&relation.target, relation.kind) {
                    (_, RelationKind::MemberOf) => {}
                    (Target::External(..) | Target::File(..), _) if is_block => wakes.by.push(class),
                    (Target::External(..) | Target::File(..) | Target::Unknown(_), _) => wakes.outside_base = true,
                    (Target::Resolved(..) | Target::Candidates(..), _) => {}
                }
            }
        }
        let bases: FxHashSet<Node> = types.into_iter().skip(1).collect();
        if !bases.is_empty() {
            let is_member = |other: &Node| {
                life.parent(*other).is_some_and(|parent| bases.contains(&parent))
                    || life.owners(*other).iter().any(|owner| bases.contains(owner))
            };
            wakes.by.extend(self.namesakes.others(node).filter(is_member));
        }
        Ok(())
    }

    /// Whether something of the name of a definition stands in one of these types.
    fn is_declared_in(&self, node: Node, types: &[Node]) -> bool {
        let is_in = |other: Node| self.life.parent(other).is_some_and(|parent| types.contains(&parent));
        self.namesakes.others(node).any(is_in)
    }

    /// Where having a method is implementing it: the methods of that name of any interface, and interfaces outside.
    fn structural(&mut self, node: Node, wakes: &mut Wakes) {
        let life = self.life;
        let Some(language) = life.file(node).map(|file| file.language.as_str()) else { return };
        if !lang::by_name(language).is_some_and(|language| language.link.structural_interfaces) {
            return;
        }
        wakes.outside_base |= life.vertex(node).is_some_and(|vertex| vertex.visibility == Visibility::Public);
        let is_asked = |other: &Node| {
            life.vertex(*other).is_some_and(|vertex| vertex.marks.has(Marks::ABSTRACT))
                && life.file(*other).is_some_and(|file| file.language == language)
        };
        wakes.by.extend(self.namesakes.others(node).filter(is_asked));
    }

    fn relations(&mut self, class: Node) -> Result<&[RelationRow]> {
        let Some(key) = self.life.key(class) else { return Ok(&[]) };
        if !self.relations.contains_key(&key.file) {
            let mut rows: FxHashMap<SymbolKey, Vec<RelationRow>> = FxHashMap::default();
            for row in self.ground.snapshot.relations_in(key.file)? {
                rows.entry(row.from).or_default().push(row);
            }
            self.relations.insert(key.file, rows);
        }
        Ok(self.relations.get(&key.file).and_then(|rows| rows.get(&key)).map_or(&[], |rows| rows))
    }
}

fn constructor_names(file: &FileRow) -> &'static [&'static str] {
    lang::by_name(&file.language).map_or(&[], |language| language.link.constructors)
}

fn only_declares(file: &FileRow) -> bool {
    outside(&file.language).is_some_and(|outside| outside.declaring.iter().any(|end| file.path.ends_with(end)))
}

/// Whether whoever is handed an object may call what it has by name.
pub(super) fn has_duck_types(file: &FileRow) -> bool {
    outside(&file.language).is_some_and(|outside| outside.duck_types)
}

pub(super) fn has_linkage(file: &FileRow) -> bool {
    lang::by_name(&file.language).is_some_and(|language| language.link.linkage)
}
