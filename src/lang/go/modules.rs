//! How Go files and import paths map to packages.
//!
//! A package is a folder; its key is its import path: the path of the nearest `go.mod` upwards and the folders
//! below it, or the folder alone where there is no `go.mod`. Build constraints are not evaluated.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::lang::paths::{self, joined};
use crate::lang::{Manifest, ModuleMap, ModulePath, ModuleTarget, Project};
use crate::model::{FileFacts, ImportPath, ImportShape};

use super::BUILTINS;

/// First segments of the standard library's import paths, sorted; nothing in a tree can take their place.
const STANDARD: &[&str] = &[
    "archive",
    "arena",
    "bufio",
    "builtin",
    "bytes",
    "cmp",
    "compress",
    "container",
    "context",
    "crypto",
    "database",
    "debug",
    "embed",
    "encoding",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "go",
    "hash",
    "html",
    "image",
    "index",
    "io",
    "iter",
    "log",
    "maps",
    "math",
    "mime",
    "net",
    "os",
    "path",
    "plugin",
    "reflect",
    "regexp",
    "runtime",
    "slices",
    "sort",
    "strconv",
    "strings",
    "structs",
    "sync",
    "syscall",
    "testing",
    "text",
    "time",
    "unicode",
    "unique",
    "unsafe",
    "weak",
];

/// The module map of all Go files of a project.
pub(super) fn modules(project: &Project<'_>) -> Box<dyn ModuleMap> {
    let roots = roots(project.manifests);
    let folders: Vec<&str> = project.files.iter().map(|file| paths::folder(file.path)).collect();
    let clauses: Vec<&str> = project.files.iter().map(|file| clause(file.facts)).collect();
    let main_clauses = main_clauses(project, &folders, &clauses);
    let mut map = Packages { roots, ..Packages::default() };
    let tree: BTreeSet<&str> = folders.iter().copied().collect();
    for folder in tree {
        map.add_folder(folder, main_clauses.get(folder).copied().unwrap_or_default());
    }
    for (index, file) in project.files.iter().enumerate() {
        map.add_file(folders[index], clauses[index], main_clauses.get(folders[index]).copied(), file.path);
    }
    map.note_unnamed_imports(project);
    Box::new(map)
}

/// The name by which an import without alias is known, as far as its path says.
pub(super) fn package_name(path: &str) -> &str {
    let mut segments = path.rsplit('/');
    let last = segments.next().unwrap_or(path);
    let name = if is_major_version(last) { segments.next().unwrap_or(last) } else { last };
    // `gopkg.in/yaml.v3`, `nats.go`
    let name = match name.rsplit_once('.') {
        Some((name, suffix)) if suffix == "go" || is_version(suffix) => name,
        _ => name,
    };
    let name = name.strip_prefix("go-").unwrap_or(name);
    name.strip_suffix("-go").unwrap_or(name)
}

fn is_version(text: &str) -> bool {
    text.strip_prefix('v').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `v2` and higher: `v0` and `v1` are never part of a module path.
fn is_major_version(text: &str) -> bool {
    is_version(text) && text != "v0" && text != "v1"
}

fn join(base: &str, rest: &str) -> String {
    match (base.is_empty(), rest.is_empty()) {
        (true, _) => rest.to_owned(),
        (_, true) => base.to_owned(),
        _ => format!("{base}/{rest}"),
    }
}

/// What follows `base` in `path`, which must be `base` itself or below it.
fn below<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    if base.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix(base)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

fn clause(facts: &FileFacts) -> &str {
    facts.package.map_or("", |package| facts.name(package))
}

/// Whether a file belongs to the external test package of its folder.
fn is_external_test(path: &str, clause: &str) -> bool {
    path.ends_with("_test.go") && clause.ends_with("_test")
}

/// The package clause most files of each folder have; the others (`//go:build ignore`) stand apart.
fn main_clauses<'p>(project: &Project<'_>, folders: &[&'p str], clauses: &[&'p str]) -> FxHashMap<&'p str, &'p str> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (index, file) in project.files.iter().enumerate() {
        if !is_external_test(file.path, clauses[index]) {
            *counts.entry((folders[index], clauses[index])).or_default() += 1;
        }
    }
    let mut best: FxHashMap<&str, (bool, usize, &str)> = FxHashMap::default();
    for ((folder, clause), count) in counts {
        let candidate = (clause != "main" && !clause.is_empty(), count, clause);
        let known = best.entry(folder).or_insert(candidate);
        if (candidate.0, candidate.1) > (known.0, known.1) {
            *known = candidate;
        }
    }
    best.into_iter().map(|(folder, (_, _, clause))| (folder, clause)).collect()
}

/// A `go.mod`.
#[derive(Debug, Default)]
struct Root {
    folder: String,
    path: String,
    /// Import path prefixes and the folders that stand in for them.
    replaced: Vec<(String, String)>,
    required: Vec<String>,
}

/// The modules of the tree, those in deeper folders first. A `go.work` replaces for all modules below it.
fn roots(manifests: &[Manifest]) -> Vec<Root> {
    let mut roots: Vec<Root> = manifests.iter().filter(|manifest| manifest.file_name() == "go.mod").map(root).collect();
    for workspace in manifests.iter().filter(|manifest| manifest.file_name() == "go.work").map(root) {
        for member in roots.iter_mut().filter(|member| below(&member.folder, &workspace.folder).is_some()) {
            member.replaced.extend(workspace.replaced.iter().cloned());
        }
    }
    for root in &mut roots {
        root.replaced.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
    }
    roots.sort_by(|a, b| b.folder.len().cmp(&a.folder.len()).then_with(|| a.folder.cmp(&b.folder)));
    roots
}

fn root(manifest: &Manifest) -> Root {
    let mut root = Root { folder: manifest.folder().to_owned(), ..Root::default() };
    let mut block = "";
    for line in manifest.text.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches(['"', '`'])).collect();
        match words[..] {
            [keyword, "("] => block = keyword,
            [")"] => block = "",
            [] => {}
            _ if block.is_empty() => root.directive(words[0], &words[1..]),
            _ => root.directive(block, &words),
        }
    }
    root
}

impl Root {
    fn directive(&mut self, keyword: &str, words: &[&str]) {
        match (keyword, words) {
            ("module", [path]) => self.path = (*path).to_owned(),
            ("require", [path, ..]) => self.required.push((*path).to_owned()),
            ("replace", [path, "=>", target] | [path, _, "=>", target]) if target.starts_with('.') => {
                if let Some(folder) = joined(&self.folder, target) {
                    self.replaced.push(((*path).to_owned(), folder));
                }
            }
            _ => {}
        }
    }

    /// The import path of a folder below the module's own. The standard library's module is named in no path.
    fn import_path(&self, rest: &str) -> String {
        if self.path == "std" { rest.to_owned() } else { join(&self.path, rest) }
    }
}

#[derive(Default)]
struct Packages {
    roots: Vec<Root>,
    /// Key of the package of each folder.
    keys: FxHashMap<String, String>,
    /// Key of the package of each import path.
    by_import: FxHashMap<String, String>,
    /// Package clause of each key.
    clauses: FxHashMap<String, String>,
    files: Vec<ModulePath>,
    folders: Vec<String>,
    /// Names that imports of a file bind although their path does not say so.
    unnamed: Vec<Vec<(String, ModuleTarget)>>,
}

impl Packages {
    fn root_of(&self, folder: &str) -> Option<&Root> {
        self.roots.iter().find(|root| below(folder, &root.folder).is_some())
    }

    /// The import path of a folder, as if nothing were vendored.
    fn full_path(&self, folder: &str) -> String {
        match self.root_of(folder) {
            Some(root) => root.import_path(below(folder, &root.folder).unwrap_or_default()),
            // A workspace of the days before modules.
            None => match below(folder, "src") {
                Some(path) if !path.is_empty() => path.to_owned(),
                _ => folder.rsplit_once("/src/").map_or(folder, |(_, path)| path).to_owned(),
            },
        }
    }

    fn add_folder(&mut self, folder: &str, clause: &str) {
        let path = self.full_path(folder);
        let key = if path.is_empty() { ".".to_owned() } else { path };
        // Two trees in one, such as copies of a module: the key says which.
        let key = if self.clauses.contains_key(&key) { format!("{key} [{folder}]") } else { key };
        if !key.contains("/vendor/") && !key.starts_with("vendor/") {
            self.by_import.entry(key.clone()).or_insert_with(|| key.clone());
        }
        self.clauses.insert(key.clone(), clause.to_owned());
        self.keys.insert(folder.to_owned(), key);
    }

    fn add_file(&mut self, folder: &str, clause: &str, main: Option<&str>, path: &str) {
        let key = self.keys.get(folder).cloned().unwrap_or_default();
        let visible = key.rsplit_once("vendor/").map_or(key.as_str(), |(_, path)| path);
        let visible = visible.split(" [").next().unwrap_or_default();
        let shown = if visible == "." { main.unwrap_or(clause) } else { visible };
        let module = if is_external_test(path, clause) {
            ModulePath { key: format!("{key} [test]"), shown: format!("{shown}_test") }
        } else if Some(clause) == main {
            ModulePath { shown: shown.to_owned(), key }
        } else {
            ModulePath { key: format!("{key} [{clause}]"), shown: shown.to_owned() }
        };
        self.files.push(module);
        self.folders.push(folder.to_owned());
    }

    /// Notes what each file's imports without alias are really called: the package clause says it for packages of
    /// the tree; for others, any part of the path may be the name.
    fn note_unnamed_imports(&mut self, project: &Project<'_>) {
        let mut unnamed = Vec::with_capacity(project.files.len());
        for (index, file) in project.files.iter().enumerate() {
            let mut names = Vec::new();
            let mut seen = FxHashSet::default();
            for import in &file.facts.imports {
                let (ImportPath::Specifier(path), ImportShape::Whole, Some(bound)) =
                    (import.path, import.shape, import.bound)
                else {
                    continue;
                };
                let (path, bound) = (file.facts.name(path), file.facts.name(bound));
                if package_name(path) == bound && seen.insert(path) {
                    names.extend(self.other_names(index, path, bound));
                }
            }
            unnamed.push(names);
        }
        self.unnamed = unnamed;
    }

    fn other_names(&self, file: usize, path: &str, bound: &str) -> Vec<(String, ModuleTarget)> {
        match self.import(file, path) {
            ModuleTarget::Module(key) => match self.clauses.get(&key) {
                Some(clause) if clause != bound => vec![(clause.clone(), ModuleTarget::Module(key))],
                _ => Vec::new(),
            },
            ModuleTarget::External(name) => {
                let last_two = path.rsplit('/').take(2).flat_map(|segment| segment.split(['-', '.', '_']));
                let joined = path.rsplit('/').take(2).map(|segment| segment.replace(['-', '.', '_'], ""));
                let parts: BTreeSet<String> = last_two
                    .map(str::to_owned)
                    .chain(joined)
                    .filter(|part| !part.is_empty() && part != bound && !BUILTINS.contains(&part.as_str()))
                    .collect();
                parts.into_iter().map(|part| (part, ModuleTarget::External(name.clone()))).collect()
            }
            ModuleTarget::Missing => Vec::new(),
        }
    }

    /// The package vendored under `path` for files of `folder`.
    fn vendored(&self, folder: &str, path: &str) -> Option<&String> {
        let mut base = folder;
        loop {
            if let Some(key) = self.keys.get(&join(base, &format!("vendor/{path}"))) {
                return Some(key);
            }
            if base.is_empty() {
                return None;
            }
            base = paths::folder(base);
        }
    }

    fn replaced(&self, root: &Root, path: &str) -> Option<ModuleTarget> {
        let (folder, rest) = root.replaced.iter().find_map(|(prefix, folder)| Some((folder, below(path, prefix)?)))?;
        let key = self.keys.get(&join(folder, rest));
        Some(key.map_or(ModuleTarget::Missing, |key| ModuleTarget::Module(key.clone())))
    }

    /// Whether a path that is not in the tree belongs to a module that is.
    fn is_own(&self, root: &Root, path: &str) -> bool {
        !root.path.is_empty()
            && below(path, &root.path).is_some()
            && !root.required.iter().any(|required| below(path, required).is_some())
    }
}

impl ModuleMap for Packages {
    fn module(&self, file: usize) -> ModulePath {
        self.files[file].clone()
    }

    fn import(&self, file: usize, specifier: &str) -> ModuleTarget {
        let folder = self.folders[file].as_str();
        let external = || ModuleTarget::External(specifier.to_owned());
        if specifier.starts_with("./") || specifier.starts_with("../") {
            let key = joined(folder, specifier).and_then(|folder| self.keys.get(&folder));
            return key.map_or(ModuleTarget::Missing, |key| ModuleTarget::Module(key.clone()));
        }
        let root = self.root_of(folder);
        let is_standard = STANDARD.binary_search(&specifier.split('/').next().unwrap_or_default()).is_ok();
        if specifier == "C" || is_standard && root.is_none_or(|root| root.path != "std") {
            return external();
        }
        if let Some(key) = self.vendored(folder, specifier) {
            return ModuleTarget::Module(key.clone());
        }
        if let Some(target) = root.and_then(|root| self.replaced(root, specifier)) {
            return target;
        }
        match (self.by_import.get(specifier), root) {
            (Some(key), _) => ModuleTarget::Module(key.clone()),
            (None, Some(root)) if self.is_own(root, specifier) => ModuleTarget::Missing,
            _ => external(),
        }
    }

    fn root(&self, file: usize, _: &str, name: &str) -> Option<ModuleTarget> {
        self.unnamed[file].iter().find(|(known, _)| known == name).map(|(_, target)| target.clone())
    }
}
