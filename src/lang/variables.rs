//! Where a language's local variables get and give their values, as data: which nodes name a variable, which constructs
//! bind, assign or change one, and which parts of constructs are steps of their own.
//!
//! Rows are words of the grammar, kinds first, then the field of the kind that is meant; an empty field means every child.
//! A row whose words a dialect does not have says nothing there, so related languages share a table.

/// What happens to the names in the target of a [`Bind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// New variables of the innermost scope.
    New,
    /// New variables of the innermost scope, if it does not have them yet.
    OfScope,
    /// New variables of the callable, if it does not have them yet.
    OfCallable,
    /// New variables that callers give the values of.
    Parameter,
    /// Variables that are there already get new values.
    Assigned,
    /// Variables get values that are made from their old ones.
    Updated,
    /// Variables of this name belong to what is around the callable.
    Outer,
}

/// A construct that gives values to variables.
#[derive(Clone, Copy, Debug)]
pub struct Bind {
    /// Kind of the construct.
    pub kind: &'static str,
    /// The field that holds the names.
    pub target: &'static str,
    /// What happens to them.
    pub bound: Bound,
    /// Where the value comes from.
    pub value: Source,
}

/// Where the value of a [`Bind`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// What else stands in the construct.
    Construct,
    /// What fills this field of the construct, which is a statement with a body.
    Field(&'static str),
    /// What the construct, a pattern or a case, is compared with.
    Subject,
}

/// The value of which part of a construct is the value of the construct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// Of what fills the field.
    Field(&'static str),
    /// Of each child.
    Each,
    /// Of the last child.
    Last,
}

/// Where a declared name can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// From the end of the declaration to the end of the scope.
    Behind,
    /// In all of the scope.
    Everywhere,
}

/// Everything about the variables of a language.
#[derive(Clone, Copy, Debug)]
pub struct Variables {
    /// Kinds of leaves that name a variable.
    pub names: &'static [&'static str],
    /// Parts whose names are no variables.
    pub skipped: &'static [(&'static str, &'static str)],
    /// Parts of targets that are values: defaults, guards.
    pub values: &'static [(&'static str, &'static str)],
    /// What binds.
    pub binds: &'static [Bind],
    /// Where declared names can be seen.
    pub sight: Sight,
    /// Kinds that open a scope for new variables, callables aside.
    pub scopes: &'static [&'static str],
    /// Kinds of callables that may stand inside a callable.
    pub callables: &'static [&'static str],
    /// Kinds whose children are steps of their own: blocks, and statements with a body.
    pub steps: &'static [&'static str],
    /// Parts of values: to assign to such a part, or to call a method of it, may change the variable that it is of.
    pub parts: &'static [(&'static str, &'static str)],
    /// What hands out a variable to be changed elsewhere, with the text it starts with.
    pub references: &'static [(&'static str, &'static str, &'static str)],
    /// Calls: kind, field of what is called, field of the arguments.
    pub calls: &'static [(&'static str, &'static str, &'static str)],
    /// Arguments that are given by name: kind, field of the name.
    pub named_arguments: &'static [(&'static str, &'static str)],
    /// Where the subject of patterns stands.
    pub subjects: &'static [(&'static str, &'static str)],
    /// What gives the value of constructs that are both statement and expression.
    pub tails: &'static [(&'static str, Tail)],
    /// Statements that give the value of the callable.
    pub returns: &'static [&'static str],
    /// Whether the last expression of a body is the value of the callable.
    pub returns_last: bool,
    /// The field of a callable with variables that hold its results.
    pub results: &'static str,
    /// Whether names that start with an upper-case letter are no variables in patterns.
    pub upper_is_constant: bool,
}

/// A row for [`Variables::binds`].
pub(in crate::lang) const fn bind(kind: &'static str, target: &'static str, bound: Bound) -> Bind {
    Bind { kind, target, bound, value: Source::Construct }
}

/// A row for a pattern.
pub(in crate::lang) const fn case(kind: &'static str, target: &'static str, bound: Bound) -> Bind {
    Bind { kind, target, bound, value: Source::Subject }
}

/// A row for a statement with a body that binds elements of a value.
pub(in crate::lang) const fn each(kind: &'static str, target: &'static str, bound: Bound, value: &'static str) -> Bind {
    Bind { kind, target, bound, value: Source::Field(value) }
}

#[cfg(test)]
mod tests {
    use super::{Source, Tail};
    use crate::lang::LANGUAGES;

    #[test]
    fn every_word_is_one_of_some_grammar_that_uses_the_table() {
        let mut missing = Vec::new();
        for language in LANGUAGES {
            let table = language.variables;
            let users = LANGUAGES.iter().filter(|other| std::ptr::eq(other.variables, table));
            let grammars: Vec<_> = users.flat_map(|user| user.dialects).map(|dialect| dialect.names()).collect();
            let has_kind = |kind: &str| grammars.iter().any(|grammar| !grammar.kinds_of(kind).is_empty());
            let has_field =
                |field: &str| field.is_empty() || grammars.iter().any(|grammar| grammar.field_of(field).is_some());
            let kinds = [table.names, table.scopes, table.callables, table.steps, table.returns].concat();
            let pairs = [table.skipped, table.values, table.parts, table.named_arguments, table.subjects].concat();
            let calls =
                table.calls.iter().flat_map(|(kind, callee, arguments)| [(*kind, *callee), (*kind, *arguments)]);
            let binds = table.binds.iter().flat_map(|bind| {
                let value = if let Source::Field(field) = bind.value { field } else { "" };
                [(bind.kind, bind.target), (bind.kind, value)]
            });
            let references = table.references.iter().map(|(kind, field, _)| (*kind, *field));
            let tails =
                table.tails.iter().map(|(kind, tail)| (*kind, if let Tail::Field(field) = tail { *field } else { "" }));
            let alone = kinds.into_iter().map(|kind| (kind, table.results));
            let all = pairs.into_iter().chain(calls).chain(binds).chain(references).chain(tails).chain(alone);
            for (kind, field) in all.filter(|(kind, field)| !has_kind(kind) || !has_field(field)) {
                missing.push(format!("{}: {kind} {field}", language.name));
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }
}
