//! What written types describe: names, type arguments, associated types, functions.

use std::rc::Rc;

use crate::model::{Expr, ExprId, ExprList, SymbolKind};

use super::den::{Den, Ty};
use super::infer::literal_value;
use super::lookup::Resolver;
use super::trace::Found;
use super::world::{Name, Sym};

impl Resolver<'_, '_> {
    /// The value that a written type describes.
    pub(super) fn written(&mut self, file: u32, ty: ExprId) -> Ty {
        let described = self.cached(
            |this| &mut this.written,
            (file, ty),
            Ty::Unknown,
            |this| this.written_uncached(file, ty).bounded(),
        );
        self.tell(|| Found::Describes(file, ty, described.clone()));
        described
    }

    fn written_uncached(&mut self, file: u32, expr: ExprId) -> Ty {
        let data = &self.world.files[file as usize];
        match data.facts.expr(expr) {
            Expr::Ref { base }
            | Expr::Deref { base }
            | Expr::Const { base }
            | Expr::Temporary { base }
            | Expr::Reference { base } => self.written(file, base),
            Expr::Apply { base, args } => {
                let types = self.written_all(file, args);
                self.applied(file, base, types)
            }
            Expr::List { items } => Ty::List(Rc::new(Ty::union(self.written_all(file, items)))),
            Expr::Tuple { items } => Ty::Tuple(self.written_all(file, items).into()),
            Expr::Union { items } => Ty::union(self.written_all(file, items)),
            Expr::Function { result } => Ty::Returns(Rc::new(self.written(file, result))),
            Expr::Signature { parameters, result } => {
                let takes = self.written_all(file, parameters);
                Ty::Function(takes.into(), Rc::new(self.written(file, result)))
            }
            Expr::Literal(literal) => literal_value(literal),
            Expr::Instance(symbol) => self.own_value(data.sym(symbol)),
            Expr::Symbol(symbol) if self.is_generic(data.sym(symbol)) => self.own_value(data.sym(symbol)),
            Expr::Typed { ty } => self.written(file, ty),
            Expr::Member { base, name } => {
                let name = data.name(name);
                match self.written_projection(file, base, name) {
                    Some(ty) => ty,
                    None => self.written_name(file, expr),
                }
            }
            _ => self.written_name(file, expr),
        }
    }

    /// Whether a definition, used as a type, is one of its kind for each of its type arguments.
    fn is_generic(&mut self, symbol: Sym) -> bool {
        match self.world.kind(symbol) {
            SymbolKind::Impl | SymbolKind::Trait => true,
            kind => kind.is_type() && !self.declared_parameters(symbol).is_empty(),
        }
    }

    /// `T::Name`, `Self::Name` and `<T as Trait>::Name`, where `T` is not known.
    fn written_projection(&mut self, file: u32, base: ExprId, name: Name) -> Option<Ty> {
        let data = &self.world.files[file as usize];
        let base = match data.facts.expr(base) {
            Expr::Union { items } => *data.facts.list(items).first()?,
            Expr::Symbol(symbol) => {
                if let Some(own) = self.own_associated(data.sym(symbol), name) {
                    return Some(own);
                }
                base
            }
            Expr::Name { .. } => match self.denote(file, base) {
                Den::TypeParameter { .. } => base,
                _ => return None,
            },
            Expr::Member { .. } => base,
            _ => return None,
        };
        let ty = self.written(file, base);
        if !ty.is_open() && !matches!(ty, Ty::Instance(..)) {
            return None;
        }
        match self.projected(&ty, name) {
            Ty::Unknown => None,
            known => Some(known),
        }
    }

    /// A generic type or alias with its arguments.
    fn applied(&mut self, file: u32, base: ExprId, types: Vec<Ty>) -> Ty {
        if let Den::Symbols(symbols, _) = self.denote_type(file, base)
            && let &[symbol] = symbols.as_slice()
            && self.world.kind(symbol) == SymbolKind::TypeAlias
        {
            let target = self.alias_target(symbol);
            let is_own = matches!(target, Ty::Instance(own, _) if own == symbol);
            if !is_own && target != Ty::Unknown {
                return self.aliased_with(symbol, &target, types);
            }
        }
        match self.written(file, base) {
            Ty::Instance(symbol, _) => Ty::Instance(symbol, self.completed(symbol, types).into()),
            Ty::Outside(name, _) => Ty::Outside(name, types.into()),
            other => other,
        }
    }

    fn written_name(&mut self, file: u32, expr: ExprId) -> Ty {
        match self.denote_type(file, expr) {
            Den::Symbols(symbols, _) => self.written_symbols(&symbols),
            Den::External(name, _) => Ty::outside(&name),
            Den::TypeParameter { file, binding } => self.parameter(file, binding),
            _ => Ty::Unknown,
        }
    }

    fn written_symbols(&mut self, symbols: &[Sym]) -> Ty {
        let instances: Vec<Ty> = symbols
            .iter()
            .map(|&symbol| match self.world.kind(symbol) {
                SymbolKind::TypeAlias | SymbolKind::AssociatedType => match self.alias_target(symbol) {
                    Ty::Unknown if self.world.kind(symbol) == SymbolKind::AssociatedType => Ty::Unknown,
                    Ty::Unknown => Ty::instance(symbol),
                    ty => self.aliased_with(symbol, &ty, Vec::new()),
                },
                kind if kind.is_type() => Ty::instance(symbol),
                // A function used as a class makes objects (JavaScript).
                SymbolKind::EnumMember | SymbolKind::Function => Ty::instance(symbol),
                _ => Ty::Unknown,
            })
            .collect();
        Ty::union(instances)
    }

    pub(super) fn written_all(&mut self, file: u32, items: ExprList) -> Vec<Ty> {
        let facts = self.world.files[file as usize].facts;
        facts.list(items).iter().map(|&item| self.written(file, item)).collect()
    }
    /// The written types of the parameters of a callable, unknown where none is written.
    pub(super) fn parameter_types(&mut self, symbol: Sym) -> Vec<Ty> {
        let world = self.world;
        let file = world.file_of(symbol);
        let parameters = world.files[file as usize].facts.parameters_of(world.symbol_id(symbol));
        parameters.iter().map(|parameter| parameter.ty.map_or(Ty::Unknown, |ty| self.written(file, ty))).collect()
    }
}
