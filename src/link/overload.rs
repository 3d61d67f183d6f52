//! Which of several callables of one name a call means: by the number of arguments, and in languages that choose by
//! type, by what is known of the arguments' types.
//!
//! Only what is certain narrows the choice: a type that cannot be passed, or types that fit exactly.

use crate::lang::Overloads;
use crate::model::{Arity, ExprId, ExprList, Marks, SymbolKind, Visibility};

use super::call::Use;
use super::den::{Syms, Ty};
use super::lookup::Resolver;
use super::world::Sym;

/// Most base types searched for overloads of one call.
const TYPES_MAX: usize = 256;

/// What a call passes.
#[derive(Clone, Copy, Default)]
pub(super) struct Site {
    /// Number of arguments, if countable.
    pub(super) arity: Option<u16>,
    /// The arguments, with the file they stand in.
    pub(super) args: Option<(u32, ExprList)>,
    /// What is called, with the file it stands in.
    pub(super) callee: Option<(u32, ExprId)>,
    /// Whether the member is named through `super`, which no subtype can override.
    pub(super) is_super: bool,
    /// The constructor that calls another one of its class, which cannot be itself.
    pub(super) constructor: Option<Sym>,
}

impl From<Use> for Site {
    fn from(Use { file, callee, args }: Use) -> Self {
        let count = u16::try_from(args.len).unwrap_or(u16::MAX);
        Self { arity: Some(count), args: Some((file, args)), callee: Some((file, callee)), ..Self::default() }
    }
}

impl Resolver<'_, '_> {
    /// Those of several callables of one name that a call can mean; all of them if none seems to fit.
    pub(super) fn overloads(&mut self, symbols: Syms, site: Site) -> Syms {
        let chooses_by_type = symbols.first().is_some_and(|&symbol| self.chooses_by_type(symbol));
        // Where declarations join definitions (C++), a member hides those of its name in base types.
        let inherits = chooses_by_type && !self.has_linkage(symbols[0]);
        let symbols = if inherits { self.with_inherited(symbols) } else { symbols };
        if symbols.len() < 2 {
            return symbols;
        }
        let is_other = |symbol: Sym| site.constructor != Some(symbol);
        let takes = |&symbol: &Sym| is_other(symbol) && self.takes(symbol, site);
        let fitting: Syms = symbols.iter().copied().filter(takes).collect();
        match fitting.len() {
            0 => symbols,
            1 => fitting,
            _ if chooses_by_type => self.by_type(fitting, site),
            _ => fitting,
        }
    }

    /// Where a class of C++ declares no constructor that takes so many arguments, an implied one copies it: what is
    /// named is the class.
    pub(super) fn implied_constructor(&self, symbols: Syms, site: Site) -> Syms {
        let is_constructor = |&symbol: &Sym| {
            self.world.kind(symbol) == SymbolKind::Constructor && self.has_linkage(symbol) && !self.takes(symbol, site)
        };
        let class = symbols.first().and_then(|&symbol| self.owner_type(symbol));
        match class {
            Some(class) if site.arity == Some(1) && symbols.iter().all(is_constructor) => Syms::from_slice(&[class]),
            _ => symbols,
        }
    }

    fn takes(&self, symbol: Sym, site: Site) -> bool {
        let Some(arity) = self.world.symbol(symbol).arity else { return true };
        arity.accepts(site.arity) || self.declaration_takes(symbol, arity, site)
    }

    /// Default arguments stand at the declaration alone, where there is one besides the definition.
    fn declaration_takes(&self, definition: Sym, arity: Arity, site: Site) -> bool {
        self.siblings(definition).any(|sibling| {
            let declared = self.world.symbol(sibling);
            let is_same = declared.arity.is_some_and(|other| other.max == arity.max);
            is_same
                && declared.marks.has(Marks::DECLARATION)
                && declared.arity.is_some_and(|other| other.accepts(site.arity))
        })
    }

    fn chooses_by_type(&self, symbol: Sym) -> bool {
        let rules = self.world.files[self.world.file_of(symbol) as usize].rules;
        rules.overloads.by_type() && self.world.kind(symbol).is_callable()
    }

    fn has_linkage(&self, symbol: Sym) -> bool {
        self.world.files[self.world.file_of(symbol) as usize].rules.linkage
    }

    /// Adds methods of the same name from base types that none of those found overrides.
    fn with_inherited(&mut self, mut symbols: Syms) -> Syms {
        let first = symbols[0];
        let name = self.world.name_of(first);
        let Some(owner) = self.owner_type(first).filter(|_| self.world.kind(first) == SymbolKind::Method) else {
            return symbols;
        };
        for class in self.ancestors(owner).into_iter().skip(1) {
            for inherited in self.methods(class, name) {
                let is_hidden = symbols.iter().any(|&nearer| self.overrides(nearer, inherited));
                if !is_hidden {
                    symbols.push(inherited);
                }
            }
        }
        symbols
    }

    /// A type and its base types in the tree, nearest first.
    pub(super) fn ancestors(&self, class: Sym) -> Vec<Sym> {
        self.bases.upward(class).take(TYPES_MAX).collect()
    }

    /// Whether `nearer` takes the place of `inherited`: as many parameters, none surely of another type.
    fn overrides(&mut self, nearer: Sym, inherited: Sym) -> bool {
        self.world.symbol(nearer).arity == self.world.symbol(inherited).arity && !self.is_overload(nearer, inherited)
    }

    /// Whether two callables of one name are sure to stand side by side: a parameter has another type in each.
    pub(super) fn is_overload(&mut self, one: Sym, other: Sym) -> bool {
        if !self.chooses_by_type(one) {
            return false;
        }
        if self.world.has_mark(one, Marks::CONST) != self.world.has_mark(other, Marks::CONST) {
            return true;
        }
        let (first, second) = (self.parameter_types(one), self.parameter_types(other));
        first.len() != second.len() || first.iter().zip(&second).any(|(a, b)| differ(a, b))
    }

    /// Drops what cannot take the arguments, and what another one suits better.
    fn by_type(&mut self, symbols: Syms, site: Site) -> Syms {
        let rules = self.world.files[self.world.file_of(symbols[0]) as usize].rules;
        match (rules.overloads, site.args) {
            (Overloads::ByConversion(conversions), _) => self.by_conversion(conversions, symbols, site),
            (Overloads::ByPhase(library), Some((file, args))) => {
                let args = self.values_of(file, args);
                let symbols = self.accessible(symbols, file);
                self.by_phase(library(), symbols, args)
            }
            _ => symbols,
        }
    }

    /// Those that can be named in a file: what is private in another one cannot.
    fn accessible(&self, symbols: Syms, file: u32) -> Syms {
        let is_accessible = |&symbol: &Sym| {
            self.world.file_of(symbol) == file || self.world.symbol(symbol).visibility != Visibility::Private
        };
        let accessible: Syms = symbols.iter().copied().filter(is_accessible).collect();
        if accessible.is_empty() { symbols } else { accessible }
    }

    /// The name of an overload outside the tree, where no one in it takes this many arguments but a base type from
    /// outside may have one that does.
    pub(super) fn outside_overload(&self, symbols: &[Sym], site: Site) -> Option<Box<str>> {
        let &first = symbols.first()?;
        let is_method = self.chooses_by_type(first) && self.world.kind(first) == SymbolKind::Method;
        if !is_method || symbols.iter().any(|&symbol| self.takes(symbol, site)) {
            return None;
        }
        let owner = self.owner_type(first)?;
        let outside = self.ancestors(owner).into_iter().find_map(|class| self.bases.outside(class))?;
        let separator = self.world.files[self.world.file_of(first) as usize].rules.separator;
        Some(format!("{outside}{separator}{}", self.world.names[self.world.name_of(first).0 as usize]).into())
    }
}

/// Whether two written types are sure not to be the same.
fn differ(one: &Ty, other: &Ty) -> bool {
    match (one, other) {
        (Ty::Instance(a, _), Ty::Instance(b, _)) => a != b,
        (Ty::Outside(a, _), Ty::Outside(b, _)) => a != b,
        (Ty::List(a), Ty::List(b)) => differ(a, b),
        (Ty::List(_) | Ty::Outside(..), Ty::Instance(..)) | (Ty::Instance(..), Ty::List(_) | Ty::Outside(..)) => true,
        (Ty::List(_), Ty::Outside(..)) | (Ty::Outside(..), Ty::List(_)) => true,
        _ => false,
    }
}
