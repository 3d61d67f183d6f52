//! Types with pointers, references and constness, which `Ty` leaves out: what tells C++ overloads apart.

use crate::lang::Conversions;
use crate::model::{BindingTarget, Expr, ExprId, ExprList, Literal, Marks, ScopeId, SymbolKind};

use super::call::Use;
use super::den::{Den, Syms, Ty};
use super::lookup::Resolver;
use super::overload::Site;
use super::world::Sym;

/// Most other names of a type that are followed.
const ALIASES_MAX: u32 = 16;

/// A type of a parameter or value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    /// What it is at the end of all pointers.
    pub(super) base: Base,
    /// How many pointers lead there, arrays included.
    pub(super) pointers: u8,
    /// Whether what is there cannot be changed.
    pub(super) is_const: Option<bool>,
    pub(super) category: Category,
    /// Whether it is a number as written, which may stand for the null pointer.
    pub(super) is_literal: bool,
}

/// What stands behind the pointers.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Base {
    Unknown,
    /// The null pointer.
    Null,
    /// A number type by its one name, or the type of nothing.
    Number(&'static str),
    /// A type parameter: a binding of a file.
    Parameter(u32, u32),
    Other(Ty),
}

/// How a parameter takes its argument, or what kind of argument a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    /// By value; a value of which no more is known.
    Value,
    /// By reference; something that has a place.
    Place,
    /// By reference to a temporary; a temporary.
    Temporary,
}

impl Base {
    /// Whether two known ones are the same, as far as that can be told: a template of the tree is itself, unless it is
    /// made of types that are surely others.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Other(Ty::Instance(one, made_of)), Self::Other(Ty::Instance(other, others))) => {
                let is_sure = |ty: &Ty| *ty != Ty::Unknown && !ty.is_open();
                one == other && made_of.iter().zip(&**others).all(|(a, b)| a == b || !is_sure(a) || !is_sure(b))
            }
            _ => self == other,
        }
    }
}

impl Shape {
    pub(super) const UNKNOWN: Self =
        Self { base: Base::Unknown, pointers: 0, is_const: None, category: Category::Value, is_literal: false };

    fn of(base: Base) -> Self {
        Self { base, is_const: Some(false), ..Self::UNKNOWN }
    }

    fn temporary(self) -> Self {
        Self { category: Category::Temporary, ..self }
    }

    /// The value of something that has a place.
    fn placed(self) -> Self {
        Self { category: Category::Place, ..self }
    }

    /// What calling a function of this result gives.
    fn result(self) -> Self {
        if self.category == Category::Place { self } else { self.temporary() }
    }
}

impl Resolver<'_, '_> {
    /// The shape of a written type.
    pub(super) fn type_shape(&mut self, conversions: &Conversions, file: u32, ty: ExprId) -> Shape {
        let (mut file, mut expr) = (file, ty);
        let mut shape = Shape::of(Base::Unknown);
        for _ in 0..ALIASES_MAX {
            let data = &self.world.files[file as usize];
            let mut pointers = 0u8;
            let mut is_const = false;
            loop {
                match data.facts.expr(expr) {
                    Expr::Ref { base } => {
                        pointers = pointers.saturating_add(1);
                        expr = base;
                    }
                    Expr::List { items } => {
                        pointers = pointers.saturating_add(1);
                        let Some(&item) = data.facts.list(items).first() else { return Shape::UNKNOWN };
                        expr = item;
                    }
                    Expr::Const { base } => {
                        is_const = true;
                        expr = base;
                    }
                    Expr::Reference { base } => {
                        shape.category = Category::Place;
                        expr = base;
                    }
                    Expr::Temporary { base } => {
                        shape.category = Category::Temporary;
                        expr = base;
                    }
                    Expr::Typed { ty } => expr = ty,
                    _ => break,
                }
            }
            // What is constant outside of a pointer that an alias hides is the pointer.
            let outer = if pointers > 0 { false } else { shape.is_const == Some(true) };
            shape.is_const = Some(is_const || outer);
            shape.pointers = shape.pointers.saturating_add(pointers);
            match self.aliased_type(conversions, file, expr) {
                Named::Base(base) => return Shape { base, ..shape },
                Named::Alias(home, ty) => (file, expr) = (home, ty),
            }
        }
        Shape::UNKNOWN
    }

    /// What a type without pointers is, or the type it is another name for.
    fn aliased_type(&mut self, conversions: &Conversions, file: u32, expr: ExprId) -> Named {
        let data = &self.world.files[file as usize];
        if let Expr::Name { name, .. } | Expr::Member { name, .. } = data.facts.expr(expr) {
            let text = data.facts.name(name);
            if text == conversions.anything {
                return Named::Base(Base::Number(conversions.anything));
            }
            if let Some(number) = (conversions.number)(text) {
                return Named::Base(Base::Number(number.name));
            }
        }
        if let Expr::Function { .. } = data.facts.expr(expr) {
            return Named::Base(Base::Other(self.written(file, expr)));
        }
        match self.denote_type(file, expr) {
            Den::TypeParameter { file, binding } => return Named::Base(Base::Parameter(file, binding)),
            Den::Symbols(symbols, _) => {
                if let &[alias] = symbols.as_slice()
                    && self.world.kind(alias) == SymbolKind::TypeAlias
                    && let Some(ty) = self.world.symbol(alias).ty
                {
                    return Named::Alias(self.world.file_of(alias), ty);
                }
            }
            _ => {}
        }
        match self.written(file, expr) {
            // What a type parameter has may be anything.
            Ty::Unknown | Ty::Projected(..) => Named::Base(Base::Unknown),
            ty => Named::Base(Base::Other(ty)),
        }
    }

    /// The shape of the value of an expression.
    pub(super) fn value_shape(&mut self, conversions: &Conversions, file: u32, expr: ExprId) -> Shape {
        self.cached(
            |this| &mut this.shapes,
            (file, expr),
            Shape::UNKNOWN,
            |this| this.value_shape_uncached(conversions, file, expr),
        )
    }

    fn value_shape_uncached(&mut self, conversions: &Conversions, file: u32, expr: ExprId) -> Shape {
        let data = &self.world.files[file as usize];
        match data.facts.expr(expr) {
            Expr::Literal(literal) => literal_shape(conversions, literal),
            Expr::Typed { ty } => self.type_shape(conversions, file, ty).result(),
            Expr::New { class, .. } => self.type_shape(conversions, file, class).temporary(),
            Expr::Ref { base } => {
                let place = self.value_shape(conversions, file, base);
                Shape { pointers: place.pointers.saturating_add(1), ..place }.temporary()
            }
            Expr::Deref { base } | Expr::Index { base } => {
                let pointer = self.value_shape(conversions, file, base);
                match pointer.pointers.checked_sub(1) {
                    Some(pointers) => Shape { pointers, ..pointer }.placed(),
                    None => Shape::UNKNOWN,
                }
            }
            Expr::Const { base } => Shape { is_const: Some(true), ..self.value_shape(conversions, file, base) },
            Expr::Instance(_) => match self.value(file, expr) {
                Ty::Unknown => Shape::UNKNOWN,
                ty => Shape { pointers: 1, ..Shape::of(Base::Other(ty)) }.temporary(),
            },
            Expr::Name { .. } | Expr::Member { .. } | Expr::Apply { .. } => self.named_shape(conversions, file, expr),
            Expr::Call { callee, args } => self.result_shape(conversions, file, callee, args),
            Expr::Union { items } => self.common_shape(conversions, file, items),
            Expr::Sum { items } => self.sum_shape(conversions, file, items),
            _ => Shape::UNKNOWN,
        }
    }

    /// Whether a value is known to be a pointer or an array.
    pub(super) fn is_pointer(&mut self, conversions: &Conversions, file: u32, expr: ExprId) -> bool {
        self.value_shape(conversions, file, expr).pointers > 0
    }

    /// The shape of a variable, field, parameter or enumeration constant.
    fn named_shape(&mut self, conversions: &Conversions, file: u32, expr: ExprId) -> Shape {
        match self.denote(file, expr) {
            Den::Local { file, start, len } => {
                let bindings = &self.world.files[file as usize].facts.bindings[start as usize..(start + len) as usize];
                match bindings.first().map(|binding| binding.target) {
                    Some(BindingTarget::Local { ty: Some(ty), .. }) => self.type_shape(conversions, file, ty).placed(),
                    Some(BindingTarget::Local { ty: None, init: Some(init) }) if len == 1 => {
                        let init = self.value_shape(conversions, file, init);
                        let is_const = init.is_const.filter(|_| init.pointers > 0);
                        Shape { is_const, is_literal: false, ..init }.placed()
                    }
                    _ => Shape::UNKNOWN,
                }
            }
            Den::Symbols(symbols, _) => {
                let symbols = self.definitions_first(symbols);
                match symbols.as_slice() {
                    &[only] => self.variable_shape(conversions, file, expr, only),
                    _ => Shape::UNKNOWN,
                }
            }
            _ => Shape::UNKNOWN,
        }
    }

    fn variable_shape(&mut self, conversions: &Conversions, file: u32, expr: ExprId, symbol: Sym) -> Shape {
        let kind = self.world.kind(symbol);
        if kind == SymbolKind::EnumMember {
            let enumeration = self.world.parent(symbol).filter(|&parent| self.world.kind(parent) == SymbolKind::Enum);
            return match enumeration {
                Some(parent) => Shape::of(Base::Other(Ty::instance(parent))).temporary(),
                None => Shape::UNKNOWN,
            };
        }
        let is_variable = matches!(kind, SymbolKind::Variable | SymbolKind::Constant | SymbolKind::Field);
        let Some(ty) = self.world.symbol(symbol).ty.filter(|_| is_variable) else { return Shape::UNKNOWN };
        let shape = self.type_shape(conversions, self.world.file_of(symbol), ty).placed();
        if kind != SymbolKind::Field || shape.pointers > 0 || self.world.has_mark(symbol, Marks::STATIC) {
            return shape;
        }
        // A field is as constant as the object it is part of.
        match self.object_is_const(conversions, file, expr) {
            Some(false) => shape,
            Some(true) => Shape { is_const: Some(true), ..shape },
            None => Shape { is_const: shape.is_const.filter(|is_const| *is_const), ..shape },
        }
    }

    /// Whether the object of a member that is named or called cannot be changed.
    pub(super) fn object_is_const(&mut self, conversions: &Conversions, file: u32, member: ExprId) -> Option<bool> {
        match self.world.files[file as usize].facts.expr(member) {
            Expr::Member { base, .. } => self.value_shape(conversions, file, base).is_const,
            Expr::Name { scope, .. } => self.method_is_const(file, scope),
            Expr::Apply { base, .. } => self.object_is_const(conversions, file, base),
            _ => None,
        }
    }

    /// Whether the member function around a scope is `const`; none outside of any.
    fn method_is_const(&self, file: u32, scope: ScopeId) -> Option<bool> {
        let facts = self.world.files[file as usize].facts;
        let mut next = Some(scope);
        while let Some(id) = next {
            let scope = facts.scopes[id.0 as usize];
            let symbol = scope.symbol.map(|symbol| facts.symbol(symbol));
            match symbol.filter(|symbol| symbol.kind.is_callable() && symbol.kind != SymbolKind::Closure) {
                Some(callable) => return Some(callable.marks.has(Marks::CONST)),
                None => next = scope.parent,
            }
        }
        None
    }

    /// The shape of what a call gives: that of the overload it means, or what several have in common.
    fn result_shape(&mut self, conversions: &Conversions, file: u32, callee: ExprId, args: ExprList) -> Shape {
        let symbols = match self.denote(file, callee) {
            Den::Symbols(symbols, _) => symbols,
            Den::External(path, _) => {
                return (conversions.result)(&path).map_or(Shape::UNKNOWN, |ty| spelled(conversions, ty));
            }
            _ => return Shape::UNKNOWN,
        };
        let symbols = self.definitions_first(symbols);
        let chosen: Syms = self.overloads(symbols, Site::from(Use { file, callee, args }));
        let mut shapes = Vec::new();
        for &symbol in &chosen {
            shapes.push(self.called_shape(conversions, symbol));
        }
        shapes.into_iter().reduce(either).unwrap_or(Shape::UNKNOWN)
    }

    fn called_shape(&mut self, conversions: &Conversions, symbol: Sym) -> Shape {
        let data = self.world.symbol(symbol);
        let instance = |class| Shape::of(Base::Other(Ty::instance(class))).temporary();
        match data.kind {
            SymbolKind::Constructor => self.owner_type(symbol).map_or(Shape::UNKNOWN, instance),
            kind if kind.is_callable() => match data.ty {
                Some(ty) => self.type_shape(conversions, self.world.file_of(symbol), ty).result(),
                None => Shape::UNKNOWN,
            },
            SymbolKind::TypeAlias => Shape::UNKNOWN,
            kind if kind.is_type() => instance(symbol),
            _ => Shape::UNKNOWN,
        }
    }

    /// What a conditional expression gives.
    fn common_shape(&mut self, conversions: &Conversions, file: u32, items: ExprList) -> Shape {
        let facts = self.world.files[file as usize].facts;
        let mut common: Option<Shape> = None;
        for &item in facts.list(items) {
            let shape = self.value_shape(conversions, file, item);
            common = Some(match common {
                None => shape,
                // The null pointer takes the type of the other side.
                Some(other) if shape.base == Base::Null || shape.is_literal && other.pointers > 0 => other,
                Some(other) if other.base == Base::Null || other.is_literal && shape.pointers > 0 => shape,
                Some(other) => either(other, shape),
            });
        }
        common.unwrap_or(Shape::UNKNOWN)
    }

    /// What arithmetic gives: a moved pointer, or a number of the higher rank.
    fn sum_shape(&mut self, conversions: &Conversions, file: u32, items: ExprList) -> Shape {
        let facts = self.world.files[file as usize].facts;
        let operands: Vec<Shape> =
            facts.list(items).iter().map(|&item| self.value_shape(conversions, file, item)).collect();
        let mut highest: Option<(u8, &'static str)> = None;
        for operand in &operands {
            let Base::Number(name) = operand.base else { return Shape::UNKNOWN };
            if operand.pointers > 0 {
                let others = operands.iter().filter(|other| other.pointers > 0).count();
                return if others == 1 { operand.clone().temporary() } else { Shape::UNKNOWN };
            }
            let promoted = (conversions.number)(name).and_then(|number| (conversions.number)(number.promoted));
            let Some(promoted) = promoted else { return Shape::UNKNOWN };
            // A `float` is promoted when passed, but not by arithmetic.
            let (rank, name) = if name == "float" { (8, name) } else { (promoted.rank, promoted.name) };
            if highest.is_none_or(|(known, _)| known < rank) {
                highest = Some((rank, name));
            }
        }
        highest.map_or(Shape::UNKNOWN, |(_, name)| Shape::of(Base::Number(name)).temporary())
    }

    /// Whether a class has a constructor that takes one argument.
    pub(super) fn has_conversion_from(&mut self, class: Sym) -> bool {
        let constructors = self.constructors(class);
        constructors
            .iter()
            .any(|&symbol| self.world.symbol(symbol).arity.is_none_or(|arity| arity.min <= 1 && arity.max >= 1))
    }
}

/// What a type without pointers turns out to be.
enum Named {
    Base(Base),
    /// Another name for this type of a file.
    Alias(u32, ExprId),
}

fn literal_shape(conversions: &Conversions, literal: Literal) -> Shape {
    match literal {
        Literal::Str => {
            let name = (conversions.number)(conversions.character).map(|number| number.name);
            let base = name.map_or(Base::Unknown, Base::Number);
            Shape { pointers: 1, is_const: Some(true), ..Shape::of(base) }.temporary()
        }
        Literal::Null => Shape::of(Base::Null).temporary(),
        other => {
            let number = (conversions.literal)(other).and_then(|name| (conversions.number)(name));
            let base = number.map_or(Base::Unknown, |number| Base::Number(number.name));
            Shape { is_literal: other == Literal::Int, ..Shape::of(base) }.temporary()
        }
    }
}

/// The shape of a type spelled like `const char*`.
fn spelled(conversions: &Conversions, ty: &str) -> Shape {
    let pointee = ty.strip_prefix("const ").unwrap_or(ty);
    let name = pointee.trim_end_matches('*');
    let base = match (conversions.number)(name) {
        Some(number) => Base::Number(number.name),
        None if name == conversions.anything => Base::Number(conversions.anything),
        None => Base::Other(Ty::outside(name)),
    };
    let pointers = (pointee.len() - name.len()) as u8;
    Shape { pointers, is_const: Some(ty != pointee), ..Shape::of(base) }.temporary()
}

/// What is known of a value that is one of two.
fn either(one: Shape, other: Shape) -> Shape {
    if one.base != other.base || one.pointers != other.pointers {
        return Shape::UNKNOWN;
    }
    let is_const = one.is_const.filter(|_| one.is_const == other.is_const);
    let category = if one.category == other.category { one.category } else { Category::Value };
    Shape { is_const, category, is_literal: false, ..one }
}
