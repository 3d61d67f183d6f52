//! What lies outside the tree is, by what a language says of it: either a [`Library`](crate::lang::Library), which
//! knows the types with their base types and members (`library.rs`), or signatures of members, which carry type
//! arguments and say what callbacks are handed (`signatures.rs`). A language has one of the two, or neither.

use crate::model::ExprId;

use super::call::Use;
use super::den::Ty;
use super::lookup::Resolver;

impl Resolver<'_, '_> {
    /// The value of an expression that leads outside, to `path`.
    pub(super) fn outside_value(&mut self, file: u32, expr: ExprId, path: &str, is_of_value: bool) -> Ty {
        match self.world.files[file as usize].rules.overloads.library() {
            Some(library) => self.library_value(library, file, expr, path),
            // What a value of the outside holds may come from anywhere.
            None if is_of_value => Ty::Unknown,
            None => Ty::outside(path),
        }
    }

    /// What calling something outside, at `path`, gives.
    pub(super) fn outside_result(&mut self, site: Use, receiver: Option<&Ty>, path: &str) -> Ty {
        let Use { file, callee, args } = site;
        match self.world.files[file as usize].rules.overloads.library() {
            Some(library) => self.library_member(library, file, callee, args, path).unwrap_or(Ty::Unknown),
            None => self.called_by_signature(site, receiver, path),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lang::LANGUAGES;

    use super::super::signatures::Signatures;

    #[test]
    fn a_language_has_a_library_or_signatures_which_can_be_read() {
        for language in LANGUAGES {
            let rules = &language.link;
            assert!(rules.overloads.library().is_none() || rules.signatures.is_empty(), "{}", language.name);
            Signatures::new(rules.signatures, rules.builtin_package, rules.separator);
        }
    }
}
