//! Packages: what a file's package clause says, whatever folder it stands in.

use std::collections::BTreeSet;

use crate::lang::{FileView, ModuleMap, ModulePath, ModuleTarget, Project};
use crate::model::{Expr, ExprId, FileFacts, ImportPath};

/// First segments of package names that are in common use; sorted. Those that the tree imports from are known
/// anyway: this list is for names written out in full (`org.slf4j.Logger log`).
const ROOTS: &[&str] = &[
    "android", "androidx", "ch", "com", "de", "dev", "edu", "eu", "fr", "gov", "groovy", "io", "jakarta", "java",
    "javafx", "javax", "jdk", "junit", "kotlin", "kotlinx", "lombok", "me", "net", "nl", "org", "ru", "scala", "sun",
    "uk",
];

/// The packages of a tree.
pub(super) struct Packages {
    /// The package of each file.
    files: Vec<String>,
    /// Packages around those that hold files, but holding none themselves.
    containers: BTreeSet<String>,
    /// First segments of the tree's packages.
    inside: BTreeSet<String>,
    /// First segments of other packages.
    outside: BTreeSet<String>,
}

impl Packages {
    /// Reads the package clauses and imports of all files.
    pub(super) fn new(project: &Project<'_>) -> Self {
        let files: Vec<String> = project.files.iter().map(package).collect();
        let inside = files.iter().filter_map(|package| package.split('.').next()).filter(|name| !name.is_empty());
        let inside: BTreeSet<String> = inside.map(str::to_owned).collect();
        let imported = project.files.iter().flat_map(|file| import_roots(file.facts));
        let known = ROOTS.iter().map(|name| (*name).to_owned());
        let outside = imported.chain(known).filter(|name| !inside.contains(name)).collect();
        let parents = files.iter().flat_map(|package| package.match_indices('.').map(|(end, _)| &package[..end]));
        let mut containers: BTreeSet<String> = parents.map(str::to_owned).collect();
        for package in &files {
            containers.remove(package);
        }
        Self { files, containers, inside, outside }
    }
}

impl ModuleMap for Packages {
    fn module(&self, file: usize) -> ModulePath {
        let package = self.files[file].clone();
        ModulePath { key: package.clone(), shown: package }
    }

    fn import(&self, _: usize, specifier: &str) -> ModuleTarget {
        ModuleTarget::External(specifier.to_owned())
    }

    fn root(&self, _: usize, _: &str, name: &str) -> Option<ModuleTarget> {
        if self.inside.contains(name) {
            return Some(ModuleTarget::Module(name.to_owned()));
        }
        self.outside.contains(name).then(|| ModuleTarget::External(name.to_owned()))
    }

    /// `org` may hold packages of the tree and of libraries: what the tree does not have below a package without
    /// files, or looks like a package itself, is a library's.
    fn relative(&self, module: &str, name: &str) -> Option<ModuleTarget> {
        let is_outside = self.containers.contains(module) || name.starts_with(char::is_lowercase);
        is_outside.then(|| ModuleTarget::External(format!("{module}.{name}")))
    }

    fn containers(&self) -> Vec<String> {
        self.containers.iter().cloned().collect()
    }
}

fn package(file: &FileView<'_>) -> String {
    file.facts.package.map(|name| file.facts.name(name).to_owned()).unwrap_or_default()
}

/// The first segments of what a file imports.
fn import_roots(facts: &FileFacts) -> impl Iterator<Item = String> {
    facts.imports.iter().filter_map(|import| match import.path {
        ImportPath::Expr(path) => first_segment(facts, path),
        ImportPath::Specifier(_) => None,
    })
}

fn first_segment(facts: &FileFacts, path: ExprId) -> Option<String> {
    let mut path = path;
    loop {
        match facts.expr(path) {
            Expr::Member { base, .. } => path = base,
            Expr::Name { name, .. } => return Some(facts.name(name).to_owned()),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn roots_are_sorted_and_distinct() {
        assert!(super::ROOTS.is_sorted_by(|a, b| a < b));
    }
}
