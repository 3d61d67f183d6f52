//! How files and imports of Python map to modules.
//!
//! A module's key is its path, each segment after a dot, so that a child's key is its parent's with one segment
//! more; a stub and its source have the same. Imports are looked up as paths below the folders that can be on
//! Python's search path.

use rustc_hash::{FxHashMap, FxHashSet};
use toml::{Table, Value};

use crate::lang::{Manifest, ModuleMap, ModulePath, ModuleTarget, Project};

use super::names::STANDARD;

/// The modules of a tree.
pub(super) struct Modules {
    files: Vec<Place>,
    /// Paths of modules without extension.
    modules: FxHashSet<String>,
    /// Folders with an `__init__`.
    packages: FxHashSet<String>,
    /// Folders with Python files at any depth.
    folders: FxHashSet<String>,
    /// For each name, the search folders in which it is a module or package, sorted.
    tops: FxHashMap<String, Vec<String>>,
}

/// Where a file stands.
struct Place {
    folder: String,
    /// Path without extension, or the folder for an `__init__`.
    stem: String,
    /// The folder its absolute name starts below.
    root: String,
}

impl Modules {
    pub(super) fn new(project: &Project<'_>) -> Self {
        let mut modules = FxHashSet::default();
        let mut packages = FxHashSet::default();
        let mut folders = FxHashSet::default();
        let mut files = Vec::with_capacity(project.files.len());
        for file in &project.files {
            let (folder, name) = split(file.path);
            let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
            let stem = if name == "__init__" { folder.to_owned() } else { join(folder, name) };
            if name == "__init__" {
                packages.insert(stem.clone());
            } else {
                modules.insert(stem.clone());
            }
            let mut above = Some(folder);
            while let Some(folder) = above.filter(|folder| folders.insert((*folder).to_owned())) {
                above = parent(folder);
            }
            files.push(Place { folder: folder.to_owned(), stem, root: String::new() });
        }
        let stated: Vec<String> = project.manifests.iter().flat_map(stated_roots).collect();
        for file in &mut files {
            file.root = root_of(&file.folder, &packages, &stated);
        }
        let mut found = Self { files, modules, packages, folders, tops: FxHashMap::default() };
        found.tops = found.find_tops(stated);
        found
    }

    /// Which search folders hold which names: folders that manifests state, and those that hold a package.
    fn find_tops(&self, stated: Vec<String>) -> FxHashMap<String, Vec<String>> {
        let holders = self.packages.iter().filter_map(|package| parent(package));
        let holders = holders.filter(|folder| !self.packages.contains(*folder)).map(str::to_owned);
        let roots: FxHashSet<String> = stated.into_iter().chain(holders).chain([String::new()]).collect();
        let mut tops: FxHashMap<String, Vec<String>> = FxHashMap::default();
        for path in self.modules.iter().chain(&self.packages).chain(&self.folders) {
            let (folder, name) = split(path);
            if !name.is_empty() && roots.contains(folder) {
                tops.entry(name.to_owned()).or_default().push(folder.to_owned());
            }
        }
        for folders in tops.values_mut() {
            folders.sort();
            folders.dedup();
        }
        tops
    }

    /// The module at a path.
    fn at(&self, path: &str) -> Option<ModuleTarget> {
        let is_module = self.modules.contains(path) || self.packages.contains(path);
        is_module.then(|| ModuleTarget::Module(key(path)))
    }

    /// `.a.b`: relative to the package of the importing file.
    fn relative(&self, place: &Place, specifier: &str) -> ModuleTarget {
        let rest = specifier.trim_start_matches('.');
        let mut folder = Some(place.folder.as_str());
        for _ in 1..specifier.len() - rest.len() {
            folder = folder.and_then(parent);
        }
        let Some(folder) = folder else { return ModuleTarget::Missing };
        let path =
            rest.split('.').filter(|part| !part.is_empty()).fold(folder.to_owned(), |path, part| join(&path, part));
        let is_folder = self.folders.contains(&path);
        self.at(&path).or_else(|| is_folder.then(|| ModuleTarget::Module(key(&path)))).unwrap_or(ModuleTarget::Missing)
    }

    fn absolute(&self, place: &Place, specifier: &str) -> ModuleTarget {
        let (top, _) = specifier.split_once('.').unwrap_or((specifier, ""));
        let path = specifier.replace('.', "/");
        let roots = self.search_path(place, top);
        if let Some(found) = roots.iter().find_map(|root| self.at(&join(root, &path))) {
            return found;
        }
        let external = ModuleTarget::External(specifier.to_owned());
        if STANDARD.binary_search(&top).is_ok() {
            return external;
        }
        if let Some(root) = roots.iter().find(|root| self.folders.contains(&join(root, &path))) {
            return ModuleTarget::Module(key(&join(root, &path)));
        }
        let is_ours = roots.iter().any(|root| self.at(&join(root, top)).is_some());
        if is_ours { ModuleTarget::Missing } else { external }
    }

    /// The folders in which an absolute import of `top` is looked up: the file's own root and the folders above
    /// it, other roots (the nearest first), and last the file's own folder, which counts when it is run as a
    /// script. Modules of the standard library are hidden by the file's own root only.
    fn search_path<'a>(&'a self, place: &'a Place, top: &str) -> Vec<&'a str> {
        let mut roots = vec![place.root.as_str()];
        if STANDARD.binary_search(&top).is_ok() {
            return roots;
        }
        let mut above = parent(&place.root);
        while let Some(folder) = above {
            roots.push(folder);
            above = parent(folder);
        }
        let others = self.tops.get(top).map(Vec::as_slice).unwrap_or_default();
        let mut others: Vec<&str> = others.iter().map(String::as_str).filter(|root| !roots.contains(root)).collect();
        others.sort_by_key(|root| std::cmp::Reverse(common_segments(root, &place.folder)));
        roots.extend(others);
        roots.push(&place.folder);
        roots
    }
}

impl ModuleMap for Modules {
    fn module(&self, file: usize) -> ModulePath {
        let place = &self.files[file];
        let below = place.stem.strip_prefix(place.root.as_str()).unwrap_or(&place.stem);
        ModulePath { key: key(&place.stem), shown: below.trim_start_matches('/').replace('/', ".") }
    }

    fn import(&self, file: usize, specifier: &str) -> ModuleTarget {
        let place = &self.files[file];
        if specifier.starts_with('.') { self.relative(place, specifier) } else { self.absolute(place, specifier) }
    }

    fn containers(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.folders.iter().map(|folder| key(folder)).collect();
        keys.sort_unstable();
        keys
    }
}

/// The first folder above `folder` that is no package, or the stated root around that.
fn root_of(folder: &str, packages: &FxHashSet<String>, stated: &[String]) -> String {
    let mut root = folder;
    while packages.contains(root) {
        match parent(root) {
            Some(above) => root = above,
            None => break,
        }
    }
    let around = stated.iter().filter(|stated| is_within(root, stated)).max_by_key(|stated| stated.len());
    around.map_or(root, String::as_str).to_owned()
}

fn is_within(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A module's key. Dots of a path are no separators.
fn key(path: &str) -> String {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.map(|part| format!(".{}", part.replace('.', "%2E"))).collect()
}

fn common_segments(a: &str, b: &str) -> usize {
    a.split('/').zip(b.split('/')).take_while(|(a, b)| a == b).count()
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The folder around a folder; none around the root of the tree.
fn parent(folder: &str) -> Option<&str> {
    (!folder.is_empty()).then(|| split(folder).0)
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() || name.is_empty() { format!("{folder}{name}") } else { format!("{folder}/{name}") }
}

/// The folders that a `pyproject.toml` says packages stand in.
fn stated_roots(manifest: &Manifest) -> Vec<String> {
    let is_project = manifest.file_name() == "pyproject.toml";
    let Some(table) = is_project.then(|| manifest.text.parse::<Table>().ok()).flatten() else { return Vec::new() };
    let mut folders = vec!["src".to_owned()];
    for keys in [
        &["setuptools", "packages", "find", "where"][..],
        &["setuptools", "package-dir", ""],
        &["pytest", "ini_options", "pythonpath"],
        &["hatch", "build", "targets", "wheel", "sources"],
        &["pdm", "build", "package-dir"],
        &["maturin", "python-source"],
        &["uv", "build-backend", "module-root"],
    ] {
        folders.extend(strings(tool(&table, keys)));
    }
    let packages = strings(tool(&table, &["hatch", "build", "targets", "wheel", "packages"]));
    folders.extend(packages.iter().map(|package| split(package).0.to_owned()));
    let included = tool(&table, &["poetry", "packages"]).and_then(Value::as_array);
    let from = included.into_iter().flatten().filter_map(|package| package.get("from"));
    folders.extend(from.filter_map(Value::as_str).map(str::to_owned));
    let inside = folders.iter().filter(|folder| !folder.starts_with('/') && !folder.contains(".."));
    inside.map(|folder| join(manifest.folder(), folder.trim_matches(['.', '/']))).collect()
}

fn tool<'t>(table: &'t Table, keys: &[&str]) -> Option<&'t Value> {
    keys.iter().try_fold(table.get("tool")?, |value, key| value.get(key))
}

/// A string or a list of strings.
fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
