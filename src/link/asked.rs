//! The doors to what other files say. Whatever a resolver gets to know of another file it gets through one of these,
//! and each notes what was asked: a definition once handed out, all that its file shows of itself may be looked at.

use crate::model::{ExprId, Flow};

use super::bases::Bases;
use super::den::Syms;
use super::lookup::Resolver;
use super::reads::{self, Read, Reads};
use super::world::{Container, Member, Module, ModuleData, Name, Sym, World};

/// Base types and attached members, as a resolver asks for them.
#[derive(Clone, Copy)]
pub(super) struct AskedBases<'w, 'a> {
    bases: &'w Bases,
    world: &'w World<'a>,
    reads: &'w Reads,
}

impl<'w, 'a> AskedBases<'w, 'a> {
    pub(super) fn new(bases: &'w Bases, world: &'w World<'a>, reads: &'w Reads) -> Self {
        Self { bases, world, reads }
    }

    fn about(self, symbol: Sym) -> &'w Bases {
        self.reads.note(Read::Bases(self.world.file_of(symbol)));
        self.bases
    }

    fn hand_out(self, symbols: &[Sym]) {
        symbols.iter().for_each(|&symbol| self.reads.note(Read::File(self.world.file_of(symbol))));
    }

    fn handed(self, symbols: &'w [Sym]) -> &'w [Sym] {
        self.hand_out(symbols);
        symbols
    }

    /// [`Bases::owner`].
    pub(super) fn owner(self, symbol: Sym) -> Option<Sym> {
        let owner = self.about(symbol).owner(symbol);
        self.hand_out(owner.as_slice());
        owner
    }

    /// [`Bases::target`].
    pub(super) fn target(self, symbol: Sym) -> Option<ExprId> {
        self.about(symbol).target(symbol)
    }

    /// [`Bases::relations`].
    pub(super) fn relations(self, class: Sym) -> &'w [(Sym, ExprId)] {
        let found = self.about(class).relations(class);
        found.iter().for_each(|(symbol, _)| self.hand_out(&[*symbol]));
        found
    }

    /// [`Bases::attached`].
    pub(super) fn attached(self, owner: Sym, name: Name) -> &'w [Sym] {
        self.handed(self.about(owner).attached(owner, name))
    }

    /// [`Bases::has_attached`].
    pub(super) fn has_attached(self, owner: Sym) -> bool {
        self.about(owner).has_attached(owner)
    }

    /// [`Bases::implementing`].
    pub(super) fn implementing(self, owner: Sym, name: Name) -> &'w [Sym] {
        self.handed(self.about(owner).implementing(owner, name))
    }

    /// [`Bases::extensions`].
    pub(super) fn extensions(self, name: Name, class: &str) -> Syms {
        self.reads.note(Read::Extensions(name));
        let found = self.bases.extensions(name, class);
        self.hand_out(&found);
        found
    }

    /// [`Bases::supers`].
    pub(super) fn supers(self, symbol: Sym) -> &'w [Sym] {
        self.handed(self.about(symbol).supers(symbol))
    }

    /// [`Bases::upward`].
    pub(super) fn upward(self, class: Sym) -> impl Iterator<Item = Sym> + use<'w, 'a> {
        // What is handed out is asked for its own base types next.
        self.bases.upward(class).inspect(move |&class| {
            self.about(class);
            self.hand_out(&[class]);
        })
    }

    /// [`Bases::subs`].
    pub(super) fn subs(self, symbol: Sym) -> &'w [Sym] {
        self.handed(self.about(symbol).subs(symbol))
    }

    /// [`Bases::implementations`].
    pub(super) fn implementations(self, method: Sym) -> Option<&'w [Sym]> {
        self.about(method).implementations(method).map(|found| self.handed(found))
    }

    /// [`Bases::outside`].
    pub(super) fn outside(self, symbol: Sym) -> Option<&'w str> {
        self.about(symbol).outside(symbol)
    }

    /// [`Bases::outsides`].
    pub(super) fn outsides(self, symbol: Sym) -> impl Iterator<Item = &'w str> {
        self.about(symbol).outsides(symbol)
    }

    /// [`Bases::is_open`].
    pub(super) fn is_open(self, symbol: Sym) -> bool {
        self.about(symbol).is_open(symbol)
    }
}

impl<'w, 'a> Resolver<'w, 'a> {
    /// The declared members of this name, in path and source order.
    pub(super) fn declared_members(&self, container: Container, name: Name) -> &'w [Member] {
        let found = self.world.members(container, name);
        if let Container::Module(module) = container {
            self.reads.note(Read::Member(module, name));
            for member in found {
                self.reads.note(Read::File(match *member {
                    Member::Symbol(symbol) => self.world.file_of(symbol),
                    Member::Import { file, .. } | Member::Export { file, .. } => file,
                }));
            }
        }
        found
    }

    /// The definitions among the declared members of this name.
    pub(super) fn declared_symbols(&self, container: Container, name: Name) -> impl Iterator<Item = Sym> + use<'w, 'a> {
        self.declared_members(container, name).iter().filter_map(|member| match member {
            Member::Symbol(symbol) => Some(*symbol),
            _ => None,
        })
    }

    /// The module inside `module` of this name.
    pub(super) fn submodule(&self, module: Module, separator: &str, name: Name) -> Option<Module> {
        self.reads.note(Read::Member(module, name));
        self.world.submodule(module, separator, name)
    }

    /// The module of this key.
    pub(super) fn module_by_key(&self, key: &str) -> Option<Module> {
        self.reads.note(Read::Exists(reads::hash(key)));
        self.world.module_by_key(key)
    }

    /// What a module consists of, file by file.
    pub(super) fn parts(&self, module: Module) -> &'w ModuleData {
        self.reads.note(Read::Parts(module));
        let data = &self.world.modules[module.0 as usize];
        data.files.iter().for_each(|&file| self.reads.note(Read::File(file)));
        data.symbols.iter().for_each(|&symbol| self.reads.note(Read::File(self.world.file_of(symbol))));
        data
    }

    /// Whether a module consists of more than one part.
    pub(super) fn has_several_parts(&self, module: Module) -> bool {
        self.reads.note(Read::Several(module));
        let data = &self.world.modules[module.0 as usize];
        data.files.len() + data.symbols.len() > 1
    }

    /// Whether a file includes another, itself or through others.
    pub(super) fn includes(&mut self, file: u32, other: u32) -> bool {
        let included = self.world.included(file);
        let note = |this: &mut Self| included.iter().for_each(|&file| this.reads.note(Read::File(file)));
        self.cached(|this| &mut this.included, file, (), note);
        included.binary_search(&other).is_ok()
    }

    /// Looks a string up among the names of the family.
    pub(super) fn find_name(&self, text: &str) -> Option<Name> {
        let found = self.world.find_name(text);
        if found.is_none() {
            self.reads.note(Read::Known(reads::hash(text)));
        }
        found
    }

    /// Whether any definition of the family has this name.
    pub(super) fn is_defined(&self, name: Name) -> bool {
        self.reads.note(Read::Defined(name));
        self.world.is_defined(name)
    }

    /// What flows into a definition.
    pub(super) fn flows_into(&self, symbol: Sym) -> &'w [Flow] {
        self.reads.note(Read::Flow(symbol));
        let facts = self.world.files[self.world.file_of(symbol) as usize].facts;
        facts.flows_of(self.world.symbol_id(symbol))
    }
}
