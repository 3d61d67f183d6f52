//! What the members of types outside the tree give, as far as a language's table of signatures says so. Which types
//! there are and which are subtypes of which it does not say: that is a [`Library`](crate::lang::Library).
//!
//! A row reads `Type|Other<T>: method|another(argument types) => result`, with `Self` for the receiver's type, lone
//! capital letters for what is settled by receiver and arguments, `_` for what is not known, `fn(A) -> B` for
//! functions. Rows of the type `*` hold for every type; the method `for` is iteration. `Type|Other = Same` says that
//! types have the rows of another one.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::model::{Expr, ExprId};

use super::bases::last_segment;
use super::call::Use;
use super::den::{Den, Parameter, Ty};
use super::generics::{STEPS_MAX, Substitution};
use super::lookup::Resolver;

/// The type that has the rows for all types.
const ANY: &str = "*";

/// A signature.
struct Row {
    /// Type arguments of the receiver.
    receiver: Vec<Ty>,
    takes: Vec<Ty>,
    gives: Ty,
}

/// The signatures of a language by type and member.
#[derive(Default)]
pub(super) struct Signatures {
    /// Types that have the rows of another one.
    same: FxHashMap<&'static str, &'static str>,
    rows: FxHashMap<&'static str, FxHashMap<&'static str, Vec<Rc<Row>>>>,
}

impl Signatures {
    pub(super) fn new(lines: &[&'static str], package: &str, separator: &str) -> Self {
        let prefix = if package.is_empty() { String::new() } else { format!("{package}{separator}") };
        let mut signatures = Self::default();
        for line in lines {
            signatures.add(line, &prefix).expect("the rows of a language are well formed");
        }
        signatures
    }

    fn add(&mut self, line: &'static str, prefix: &str) -> Option<()> {
        if let Some((types, same)) = line.split_once(" = ") {
            self.same.extend(types.split('|').map(|class| (class, same)));
            return Some(());
        }
        let (receivers, rest) = line.split_once(": ")?;
        let (types, arguments) = match receivers.split_once('<') {
            Some((types, arguments)) => (types, arguments.strip_suffix('>')?),
            None => (receivers, ""),
        };
        let (left, gives) = rest.rsplit_once(" => ")?;
        let (members, takes) = match left.split_once('(') {
            Some((members, takes)) => (members, takes.strip_suffix(')')?),
            None => (left, ""),
        };
        for class in types.split('|') {
            let reader = Reader { rest: "", prefix, class };
            let row = Rc::new(Row {
                receiver: reader.list(arguments)?,
                takes: reader.list(takes)?,
                gives: Reader { rest: gives, ..reader }.ty()?,
            });
            for member in members.split('|') {
                self.rows.entry(class).or_default().entry(member).or_default().push(row.clone());
            }
        }
        Some(())
    }

    fn rows(&self, class: &str, member: &str) -> &[Rc<Row>] {
        let class = self.same.get(class).copied().unwrap_or(class);
        self.rows.get(class).and_then(|members| members.get(member)).map_or(&[], Vec::as_slice)
    }
}

/// Reads a type of a row.
struct Reader<'r> {
    rest: &'static str,
    prefix: &'r str,
    /// What `Self<...>` is in this row.
    class: &'static str,
}

impl Reader<'_> {
    fn list(&self, text: &'static str) -> Option<Vec<Ty>> {
        let mut reader = Reader { rest: text, ..*self };
        let mut types = Vec::new();
        while !reader.rest.is_empty() {
            types.push(reader.ty()?);
            reader.skip(",");
        }
        Some(types)
    }

    fn skip(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn until(&mut self, close: &str) -> Option<Rc<[Ty]>> {
        let mut types = Vec::new();
        while !self.skip(close) {
            types.push(self.ty()?);
            self.skip(",");
        }
        Some(types.into())
    }

    fn ty(&mut self) -> Option<Ty> {
        if self.skip("fn(") {
            let takes = self.until(")")?;
            let gives = if self.skip("->") { self.ty()? } else { Ty::Unknown };
            return Some(Ty::Function(takes, Rc::new(gives)));
        }
        if self.skip("(") {
            return Some(Ty::Tuple(self.until(")")?));
        }
        if self.skip("[") {
            let item = self.ty()?;
            return self.skip("]").then(|| Ty::List(Rc::new(item)));
        }
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        let args = if self.skip("<") { self.until(">")? } else { Rc::from([]) };
        Some(match name.as_bytes() {
            [] => return None,
            b"_" => Ty::Unknown,
            b"Self" if !args.is_empty() => Ty::Outside(format!("{}{}", self.prefix, self.class).into(), args),
            b"Self" => Ty::ROW_SELF,
            [letter @ b'A'..=b'Z'] => Ty::Parameter(Parameter::letter(*letter)),
            _ => Ty::Outside(format!("{}{name}", self.prefix).into(), args),
        })
    }
}

/// The name under which rows know a type.
fn class_of(ty: &Ty) -> &str {
    match ty {
        Ty::Outside(path, _) => last_segment(path),
        Ty::List(_) => "List",
        _ => ANY,
    }
}

fn arguments_of(ty: &Ty) -> Vec<Ty> {
    match ty {
        Ty::Outside(_, args) => args.to_vec(),
        Ty::List(item) => vec![(**item).clone()],
        _ => Vec::new(),
    }
}

impl Resolver<'_, '_> {
    fn signatures(&mut self) -> Rc<Signatures> {
        if let Some(signatures) = &self.signatures {
            return signatures.clone();
        }
        let rules = self.world.files[0].rules;
        let signatures = Rc::new(Signatures::new(rules.signatures, rules.builtin_package, rules.separator));
        self.signatures = Some(signatures.clone());
        signatures
    }

    /// Whether a type outside the tree is known to have this member itself.
    pub(super) fn has_row(&mut self, path: &str, member: &str) -> bool {
        let class = last_segment(path);
        !self.signatures().rows(class, member).is_empty()
    }

    /// What calling something outside the tree gives; `path` is its full name.
    pub(super) fn called_by_signature(&mut self, site: Use, receiver: Option<&Ty>, path: &str) -> Ty {
        let Some((row, mut substitution, shift)) = self.outside_row(site, receiver, Some(path)) else {
            return Ty::Unknown;
        };
        let facts = self.world.files[site.file as usize].facts;
        if shift == 1
            && let (Some(pattern), Some(&first)) = (row.receiver.first(), facts.list(site.args).first())
        {
            let value = self.value(site.file, first);
            if let Some(inner) = value.first_argument() {
                self.unify(pattern, &inner, &mut substitution);
            }
            substitution.this = Some(value);
        }
        for (pattern, &argument) in row.takes.iter().zip(facts.list(site.args).iter().skip(shift)) {
            let value = self.value(site.file, argument);
            self.unify(pattern, &value, &mut substitution);
        }
        if let Expr::Apply { args, .. } = facts.expr(site.callee) {
            let written = self.written_all(site.file, args);
            if let (Ty::Parameter(_), Some(ty)) = (&row.gives, written.first()) {
                self.unify(&row.gives, ty, &mut substitution);
            }
        }
        self.settled_row(&row.gives, &substitution)
    }

    /// What something outside the tree hands to the parameter `at.1` of the function given as argument `at.0`; `name` is
    /// its full name, if that is known.
    pub(super) fn passed_by_signature(
        &mut self,
        site: Use,
        receiver: Option<&Ty>,
        name: Option<&str>,
        at: (u16, u16),
    ) -> Ty {
        let Use { file, args, .. } = site;
        let Some((row, mut substitution, shift)) = self.outside_row(site, receiver, name) else {
            return Ty::Unknown;
        };
        let facts = self.world.files[file as usize].facts;
        for (place, (pattern, &argument)) in row.takes.iter().zip(facts.list(args).iter().skip(shift)).enumerate() {
            if place + shift != at.0 as usize && pattern.is_open() {
                let value = self.value(file, argument);
                self.unify(pattern, &value, &mut substitution);
            }
        }
        let function = (at.0 as usize).checked_sub(shift).and_then(|place| row.takes.get(place));
        match function.and_then(|function| self.parameter_of(function, at.1)) {
            Some(ty) => self.settled_row(&ty, &substitution),
            None => Ty::Unknown,
        }
    }

    /// The type of a row with all that is known; what is not is unknown.
    fn settled_row(&mut self, ty: &Ty, substitution: &Substitution) -> Ty {
        let ty = self.substitute(ty, substitution);
        ty.without_letters()
    }

    /// The row for a callee outside the tree, with what its receiver says, and how many arguments stand for the
    /// receiver.
    fn outside_row(
        &mut self,
        site: Use,
        receiver: Option<&Ty>,
        name: Option<&str>,
    ) -> Option<(Rc<Row>, Substitution, usize)> {
        let Use { file, callee, args } = site;
        let arguments = args.len as usize;
        if self.world.files[file as usize].rules.signatures.is_empty() {
            return None;
        }
        let facts = self.world.files[file as usize].facts;
        let named = match facts.expr(callee) {
            Expr::Apply { base, .. } => base,
            _ => callee,
        };
        if let Expr::Member { base, name } = facts.expr(named) {
            let receiver = match receiver {
                Some(receiver) => receiver.clone(),
                None => self.base_type(file, base),
            };
            let is_path =
                matches!(&receiver, Ty::Outside(path, args) if args.is_empty() && self.is_path(file, base, path));
            if !is_path {
                let found = self.row_of(&receiver, facts.name(name), STEPS_MAX);
                return found.map(|(row, substitution)| (row, substitution, 0));
            }
        }
        let path = name?;
        let member = last_segment(path);
        let owner = path.strip_suffix(member).unwrap_or_default().trim_end_matches([':', '.']);
        let signatures = self.signatures();
        let rows = match signatures.rows(last_segment(owner), member) {
            [] => signatures.rows(ANY, member),
            rows => rows,
        };
        let row = rows.iter().find(|row| row.receiver.is_empty() || row.takes.len() < arguments);
        let row = row.or_else(|| rows.first())?.clone();
        let shift = usize::from(!row.receiver.is_empty() && arguments > row.takes.len());
        let mut substitution = Substitution::default();
        substitution.this = Some(Ty::outside(owner));
        Some((row, substitution, shift))
    }

    /// Whether an expression names a type or module outside, rather than a value of one.
    fn is_path(&mut self, file: u32, base: ExprId, path: &str) -> bool {
        matches!(self.denote(file, base), Den::External(name, _) if *name == *path)
    }

    /// The row for a member of a value, looked for behind smart pointers and in what iteration gives as well.
    fn row_of(&mut self, receiver: &Ty, member: &str, steps: u32) -> Option<(Rc<Row>, Substitution)> {
        let steps = steps.checked_sub(1)?;
        let class = class_of(receiver);
        if class != ANY
            && let Some(found) = self.fitting_row(class, receiver, member)
        {
            return Some(found);
        }
        let found = match receiver {
            Ty::Outside(path, args) if self.is_wrapper(path) => {
                let inner = args.first()?.clone();
                self.row_of(&inner, member, steps)
            }
            Ty::Instance(..) => {
                if let Some(item) = self.item(receiver) {
                    let iterator = Ty::Outside(Rc::from("Iterator"), Rc::from([item]));
                    self.fitting_row("Iterator", &iterator, member)
                } else {
                    let behind = self.pointed_to(receiver);
                    behind.and_then(|behind| self.row_of(&behind, member, steps))
                }
            }
            Ty::Parameter(parameter) => {
                let bounds = self.bounds(*parameter);
                self.row_of(&bounds, member, steps)
            }
            Ty::All(bounds) => bounds.iter().find_map(|bound| self.row_of(bound, member, steps)),
            Ty::Union(types) => types.iter().find_map(|ty| self.row_of(ty, member, steps)),
            Ty::Unknown | Ty::Null => return None,
            _ => None,
        };
        found.or_else(|| self.fitting_row(ANY, receiver, member))
    }

    fn fitting_row(&mut self, class: &str, receiver: &Ty, member: &str) -> Option<(Rc<Row>, Substitution)> {
        let signatures = self.signatures();
        let args = arguments_of(receiver);
        // Types that merely have another's rows must be of its shape: `hash_map::Iter<K, V>` is not `slice::Iter<T>`.
        let is_same = signatures.same.contains_key(class);
        // Rows without a receiver's arguments may be those of functions reached by path.
        let (plain, generic): (Vec<&Rc<Row>>, Vec<&Rc<Row>>) =
            signatures.rows(class, member).iter().partition(|row| row.receiver.is_empty());
        for row in generic.into_iter().chain(plain) {
            let mut substitution = Substitution::default();
            let fits = row.receiver.iter().zip(&args).all(|(pattern, arg)| self.unify(pattern, arg, &mut substitution));
            if fits && !(is_same && row.receiver.len() != args.len()) {
                substitution.this = Some(receiver.clone());
                return Some((row.clone(), substitution));
            }
        }
        None
    }

    /// What iterating over a value gives, where the table says it.
    pub(super) fn iteration_row(&mut self, ty: &Ty) -> Option<Ty> {
        if self.world.files[0].rules.signatures.is_empty() {
            return None;
        }
        let (row, substitution) = self.row_of(ty, "for", STEPS_MAX)?;
        Some(self.settled_row(&row.gives, &substitution))
    }
}
