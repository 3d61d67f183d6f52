//! What a language's standard library is, as far as linking needs it: which types there are, what they are subtypes
//! of, and what their members give. A text that each language writes down, read once:
//!
//! ```text
//! package java.lang
//! final String : CharSequence Comparable
//!   int length indexOf
//! ```
//!
//! `primitive`, `interface`, `class` or `final`, then base types; indented, what members give: a name with or without
//! `[]` and `<...>`, `0` and `1` for the type arguments of the owner, `self`, `arg`, `class` and `num` as in [`Given`].

use rustc_hash::FxHashMap;

/// What kind of type a line describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeKind {
    /// A number, character or truth value that is no object. Its base types are those it widens to.
    Primitive,
    /// An interface, which a lambda may implement.
    Interface,
    /// A class that may have subclasses.
    Class,
    /// A class without subclasses.
    Final,
}

/// What a member gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// A value of a type, with type arguments.
    Named(&'static str, Vec<Given>),
    /// An array of this.
    Array(Box<Given>),
    /// The type argument of this number of the type that has the member.
    TypeArgument(usize),
    /// The type of the value the member is taken of.
    Receiver,
    /// The type of the first argument.
    Passed,
    /// The type that the first argument, a class as a value, stands for.
    Described,
    /// What arithmetic with all arguments gives.
    Arithmetic,
}

/// A type of the library.
struct LibraryType {
    package: &'static str,
    path: Box<str>,
    kind: TypeKind,
    supers: Vec<&'static str>,
    members: FxHashMap<&'static str, Given>,
}

/// The standard library of a language.
pub struct Library {
    types: FxHashMap<&'static str, LibraryType>,
    special: Special,
}

/// What a language says of its library besides the types.
pub struct Special {
    /// Primitive types and the classes whose objects hold them.
    pub boxes: &'static [(&'static str, &'static str)],
    /// The base type of all types that are not primitive.
    pub top: &'static str,
    /// Interfaces that types are not said to have although they may.
    pub marks: &'static [&'static str],
    /// What an array is a subtype of.
    pub array: &'static [&'static str],
    /// The type of texts, which anything may be added to.
    pub text: &'static str,
    /// The type of sums of what is smaller.
    pub sum: &'static str,
    /// The type of what comparisons give.
    pub truth: &'static str,
}

impl Library {
    /// Reads the text of a language.
    pub fn new(text: &'static str, special: Special) -> Self {
        let mut types: FxHashMap<&'static str, LibraryType> = FxHashMap::default();
        let (mut package, mut latest) = ("", "");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix("package ") {
                package = name;
            } else if let Some(members) = line.strip_prefix(' ') {
                let mut words = members.split_whitespace();
                if let (Some(given), Some(owner)) = (words.next(), types.get_mut(latest)) {
                    let given = read_given(given);
                    owner.members.extend(words.map(|name| (name, given.clone())));
                }
            } else if let Some((name, ty)) = read_type(package, line) {
                types.insert(name, ty);
                latest = name;
            }
        }
        Self { types, special }
    }

    /// The name of the type that a path means, if the table has it.
    pub fn find(&self, path: &str) -> Option<&'static str> {
        let (package, name) = path.rsplit_once('.')?;
        self.types.get_key_value(name).filter(|(_, ty)| ty.package == package).map(|(name, _)| *name)
    }

    /// The full path of a type.
    pub fn path(&self, name: &str) -> Option<&str> {
        self.types.get(name).map(|ty| &*ty.path)
    }

    /// What is said besides the types.
    pub fn special(&self) -> &Special {
        &self.special
    }

    /// The kind of a type, if it is in the table.
    pub fn kind(&self, name: &str) -> Option<TypeKind> {
        self.types.get(name).map(|ty| ty.kind)
    }

    /// Whether a type is a number, character or truth value.
    pub fn is_primitive(&self, name: &str) -> bool {
        self.kind(name) == Some(TypeKind::Primitive)
    }

    /// The class whose objects hold values of a primitive type.
    pub fn boxed(&self, primitive: &str) -> Option<&'static str> {
        self.special.boxes.iter().find(|(from, _)| *from == primitive).map(|(_, class)| *class)
    }

    /// The primitive type that objects of a class hold.
    pub fn unboxed(&self, class: &str) -> Option<&'static str> {
        self.special.boxes.iter().find(|(_, to)| *to == class).map(|(primitive, _)| *primitive)
    }

    /// Whether an array is a subtype of `name`.
    pub fn holds_arrays(&self, name: &str) -> bool {
        self.special.array.contains(&name)
    }

    /// Whether `name` is a subtype of `base`; none if that is not known.
    pub fn is_subtype(&self, name: &str, base: &str) -> Option<bool> {
        if name == base {
            return Some(true);
        }
        if base == self.special.top {
            return Some(!self.is_primitive(name));
        }
        let Some(known) = self.types.get(name) else {
            let is_closed = matches!(self.kind(base), Some(TypeKind::Final | TypeKind::Primitive));
            return is_closed.then_some(false);
        };
        if self.upward(known).any(|ty| ty == base) {
            return Some(true);
        }
        let is_certain = self.types.contains_key(base) && !self.special.marks.contains(&base);
        (is_certain || known.kind == TypeKind::Primitive).then_some(false)
    }

    /// What the member `name` of the type `owner` gives.
    pub fn member(&self, owner: &str, name: &str) -> Option<&Given> {
        let known = self.types.get(owner)?;
        let inherited = || self.upward(known).find_map(|base| self.types.get(base)?.members.get(name));
        known.members.get(name).or_else(inherited).or_else(|| self.types.get(self.special.top)?.members.get(name))
    }

    /// The names of all base types, some perhaps more than once. The table has no circle: a test walks it.
    fn upward<'l>(&'l self, ty: &'l LibraryType) -> impl Iterator<Item = &'static str> + 'l {
        let mut pending: Vec<&'static str> = ty.supers.iter().rev().copied().collect();
        std::iter::from_fn(move || {
            let next = pending.pop()?;
            if let Some(base) = self.types.get(next) {
                pending.extend(base.supers.iter().rev());
            }
            Some(next)
        })
    }

    /// What is wrong with the table: base types that have no row, circles, groups of members without a name.
    #[cfg(test)]
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (name, ty) in &self.types {
            let unknown = ty.supers.iter().filter(|base| !self.types.contains_key(*base));
            faults.extend(unknown.map(|base| format!("{name}: no row for {base}")));
            if self.upward(ty).take(100).count() == 100 {
                faults.push(format!("{name}: too many base types, or a circle"));
            }
            let results = ty.members.values().filter_map(|given| match given {
                Given::Named(result, _) => Some(*result),
                _ => None,
            });
            let unknown = results.filter(|result| !self.types.contains_key(result));
            faults.extend(unknown.map(|result| format!("{name}: no row for the result {result}")));
        }
        faults.sort();
        faults
    }
}

/// Reads `final String : CharSequence Comparable`.
fn read_type(package: &'static str, line: &'static str) -> Option<(&'static str, LibraryType)> {
    let (head, supers) = line.split_once(" : ").unwrap_or((line, ""));
    let (kind, name) = head.split_once(' ')?;
    let kind = match kind {
        "primitive" => TypeKind::Primitive,
        "interface" => TypeKind::Interface,
        "final" => TypeKind::Final,
        _ => TypeKind::Class,
    };
    let path = format!("{package}.{name}").into();
    let supers = supers.split_whitespace().collect();
    Some((name, LibraryType { package, path, kind, supers, members: FxHashMap::default() }))
}

/// Reads what a member gives: `Map<String,0>[]`.
fn read_given(text: &'static str) -> Given {
    if let Some(item) = text.strip_suffix("[]") {
        return Given::Array(Box::new(read_given(item)));
    }
    match text {
        "self" => Given::Receiver,
        "arg" => Given::Passed,
        "class" => Given::Described,
        "num" => Given::Arithmetic,
        "0" => Given::TypeArgument(0),
        "1" => Given::TypeArgument(1),
        _ => match text.strip_suffix('>').and_then(|text| text.split_once('<')) {
            Some((name, arguments)) => Given::Named(name, split(arguments).into_iter().map(read_given).collect()),
            None => Given::Named(text, Vec::new()),
        },
    }
}

/// Splits at the commas that stand in no inner brackets.
fn split(text: &'static str) -> Vec<&'static str> {
    let mut depth = 0;
    text.split(|c: char| {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_member_gives_is_read_with_arguments_and_arrays() {
        let string = || Given::Named("String", Vec::new());
        assert_eq!(read_given("String[]"), Given::Array(Box::new(string())));
        let entry = Given::Named("Entry", vec![Given::TypeArgument(0), Given::TypeArgument(1)]);
        assert_eq!(read_given("Set<Entry<0,1>>"), Given::Named("Set", vec![entry]));
    }
}
