//! Crates and modules of Rust: which file is which module, and what the first segment of a path means.
//!
//! Follows Cargo's layout conventions and the `mod` declarations found in the files themselves. See the Cargo
//! book, "Package Layout" and "Cargo Targets", and the Rust reference, "Modules".

use rustc_hash::{FxHashMap, FxHashSet};

use crate::lang::paths::{folder, joined};
use crate::lang::{Manifest, ModuleMap, ModulePath, ModuleTarget, Project};
use crate::model::{FileFacts, Marks, ScopeKind, Symbol, SymbolKind};

/// Crates of the toolchain.
const TOOLCHAIN: &[&str] = &["alloc", "core", "proc_macro", "std", "test"];

/// What stands between the places in the qualifier of a module that `#[path]` names; an empty one is the usual place.
pub(super) const PLACES_SEPARATOR: char = '|';

/// The crates of a tree.
pub(super) struct Crates {
    /// Key of the module and of the crate root, by file number.
    files: Vec<(String, String)>,
    /// Package number by file number.
    packages_of: Vec<Option<usize>>,
    packages: Vec<Package>,
    /// Further keys of modules whose file is declared more than once, with the first.
    mounts: Vec<(String, String)>,
}

struct Package {
    folder: String,
    name: String,
    lib_name: String,
    lib_path: String,
    targets: Vec<String>,
    /// Name in code of each dependency, with the crate's own name.
    dependencies: FxHashMap<String, String>,
    lib_key: Option<String>,
}

impl Crates {
    pub(super) fn new(project: &Project<'_>) -> Self {
        let mut packages: Vec<Package> = project.manifests.iter().filter_map(Package::parse).collect();
        let by_path: FxHashMap<&str, usize> =
            project.files.iter().enumerate().map(|(number, file)| (file.path, number)).collect();
        name_libraries(&mut packages, &by_path);
        // Of two packages in one folder the last counts.
        let folders: FxHashMap<String, usize> =
            packages.iter().enumerate().map(|(number, package)| (package.folder.clone(), number)).collect();
        let packages_of: Vec<Option<usize>> = project.files.iter().map(|file| innermost(&folders, file.path)).collect();
        let files = vec![None; project.files.len()];
        let mut assigned = Assigned { project, by_path, files, mounts: Vec::new() };
        let mut roots: Vec<(u8, usize, String)> = project
            .files
            .iter()
            .enumerate()
            .filter_map(|(number, file)| {
                let (rank, key) = root_key(packages_of[number].map(|package| &packages[package]), file.path)?;
                Some((rank, number, key))
            })
            .collect();
        roots.sort();
        for (_, number, key) in roots {
            assigned.assign(number, &key);
        }
        assigned.assign_the_rest();
        let Assigned { files, mounts, .. } = assigned;
        let files = files.into_iter().map(|file| file.expect("every file was assigned")).collect();
        Self { files, packages_of, packages, mounts }
    }
}

impl ModuleMap for Crates {
    fn module(&self, file: usize) -> ModulePath {
        let key = self.files[file].0.clone();
        let shown = shown(&key);
        ModulePath { key, shown }
    }

    fn import(&self, file: usize, specifier: &str) -> ModuleTarget {
        self.root(file, "", specifier).unwrap_or_else(|| ModuleTarget::External(specifier.to_owned()))
    }

    fn root(&self, file: usize, module: &str, name: &str) -> Option<ModuleTarget> {
        match name {
            "crate" | "$crate" => return Some(ModuleTarget::Module(self.files[file].1.clone())),
            "self" => return Some(ModuleTarget::Module(module.to_owned())),
            "super" => return self.relative(module, name),
            _ if TOOLCHAIN.contains(&name) => return Some(ModuleTarget::External(name.to_owned())),
            _ => {}
        }
        let package = &self.packages[self.packages_of[file]?];
        if name == package.lib_name
            && let Some(key) = &package.lib_key
        {
            return Some(ModuleTarget::Module(key.clone()));
        }
        let dependency = package.dependencies.get(name)?;
        let in_tree = self.packages.iter().find(|package| package.name == *dependency && package.lib_key.is_some());
        Some(match in_tree.and_then(|package| package.lib_key.clone()) {
            Some(key) => ModuleTarget::Module(key),
            None => ModuleTarget::External(name.to_owned()),
        })
    }

    fn relative(&self, module: &str, name: &str) -> Option<ModuleTarget> {
        if name != "super" {
            return None;
        }
        module.rsplit_once("::").map(|(parent, _)| ModuleTarget::Module(parent.to_owned()))
    }

    fn mounts(&self) -> &[(String, String)] {
        &self.mounts
    }
}

/// The key without what only tells crates of one name apart.
fn shown(key: &str) -> String {
    match (key.find('['), key.find(']')) {
        (Some(start), Some(end)) if start > 0 => format!("{}{}", &key[..start], &key[end + 1..]),
        (Some(start), Some(end)) => {
            let path = &key[start + 1..end];
            let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs");
            format!("{stem}{}", &key[end + 1..])
        }
        _ => key.to_owned(),
    }
}

impl Package {
    fn parse(manifest: &Manifest) -> Option<Self> {
        if manifest.file_name() != "Cargo.toml" {
            return None;
        }
        let table: toml::Table = manifest.text.parse().ok()?;
        let name = table.get("package")?.get("name")?.as_str()?.to_owned();
        let lib = table.get("lib");
        let lib_text = |key: &str| lib.and_then(|lib| lib.get(key)).and_then(toml::Value::as_str);
        let lib_name = lib_text("name").unwrap_or(&name).replace('-', "_");
        let lib_path = lib_text("path").unwrap_or("src/lib.rs").trim_start_matches("./").to_owned();
        let targets = ["bin", "test", "bench", "example"]
            .iter()
            .filter_map(|kind| table.get(*kind)?.as_array())
            .flatten()
            .filter_map(|target| Some(target.get("path")?.as_str()?.trim_start_matches("./").to_owned()))
            .collect();
        let dependencies = dependencies(&table);
        Some(Self {
            folder: manifest.folder().to_owned(),
            name,
            lib_name,
            lib_path,
            targets,
            dependencies,
            lib_key: None,
        })
    }

    /// A path relative to the package, if it is inside.
    fn relative<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.folder.is_empty() {
            return Some(path);
        }
        path.strip_prefix(self.folder.as_str())?.strip_prefix('/')
    }
}

/// Dependencies of every kind and target, by their name in code.
fn dependencies(table: &toml::Table) -> FxHashMap<String, String> {
    let mut found = FxHashMap::default();
    let mut tables: Vec<&toml::Table> = vec![table];
    if let Some(targets) = table.get("target").and_then(toml::Value::as_table) {
        tables.extend(targets.values().filter_map(toml::Value::as_table));
    }
    for table in tables {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, value) in table.get(kind).and_then(toml::Value::as_table).into_iter().flatten() {
                let package = value.get("package").and_then(toml::Value::as_str).unwrap_or(name);
                found.insert(name.replace('-', "_"), package.to_owned());
            }
        }
    }
    found
}

/// Gives each library a key: its name, made unique where two packages have the same.
fn name_libraries(packages: &mut [Package], by_path: &FxHashMap<&str, usize>) {
    let mut taken = FxHashSet::default();
    for package in packages {
        let Some(path) = joined(&package.folder, &package.lib_path) else { continue };
        if !by_path.contains_key(path.as_str()) {
            continue;
        }
        let unique = taken.insert(package.lib_name.clone());
        let key = if unique { package.lib_name.clone() } else { format!("{}[{path}]", package.lib_name) };
        package.lib_key = Some(key);
    }
}

/// The package in the innermost folder around a file, by the folders of packages.
fn innermost(folders: &FxHashMap<String, usize>, path: &str) -> Option<usize> {
    let ends = path.rmatch_indices('/').map(|(end, _)| end).chain([0]);
    ends.filter_map(|end| folders.get(&path[..end])).next().copied()
}

/// The crate a file is the root of, if any, and its rank: libraries before programs before the rest.
fn root_key(package: Option<&Package>, path: &str) -> Option<(u8, String)> {
    let Some(package) = package else {
        let name = path.rsplit('/').next().unwrap_or(path);
        return matches!(name, "lib.rs" | "main.rs").then(|| (u8::from(name != "lib.rs"), format!("crate[{path}]")));
    };
    let relative = package.relative(path)?;
    if relative == package.lib_path {
        return package.lib_key.clone().map(|key| (0, key));
    }
    let segments: Vec<&str> = relative.split('/').collect();
    let is_target = package.targets.iter().any(|target| target == relative)
        || matches!(
            segments.as_slice(),
            ["build.rs"]
                | ["src", "main.rs"]
                | ["src", "bin", _]
                | ["src", "bin", _, "main.rs"]
                | ["tests" | "benches" | "examples", _]
                | ["tests" | "benches" | "examples", _, "main.rs"]
        );
    let rank = if relative.starts_with("src/") { 1 } else { 2 };
    is_target.then(|| (rank, format!("{}[{path}]", package.name.replace('-', "_"))))
}

/// Gives each file its module, starting from the roots of crates.
struct Assigned<'p> {
    project: &'p Project<'p>,
    by_path: FxHashMap<&'p str, usize>,
    /// Key of the module and of the crate root, by file number.
    files: Vec<Option<(String, String)>>,
    mounts: Vec<(String, String)>,
}

impl<'p> Assigned<'p> {
    /// Gives `root` the key of its crate, and the files its `mod` declarations lead to theirs. A file that has one
    /// already is mounted a second time.
    fn assign(&mut self, root: usize, key: &str) {
        let mut queue = vec![(root, key.to_owned(), true)];
        while let Some((number, module, owns_folder)) = queue.pop() {
            if let Some((first, _)) = &self.files[number] {
                self.mounts.push((module, first.clone()));
                continue;
            }
            for declared in self.declared(number, owns_folder) {
                queue.push((declared.file, format!("{module}::{}", declared.path), declared.owns_folder));
            }
            self.files[number] = Some((module, key.to_owned()));
        }
    }

    /// What no declaration of a crate leads to (generated modules, what macros declare) is a crate of its own,
    /// with the files that it declares itself.
    fn assign_the_rest(&mut self) {
        let rest: Vec<usize> = (0..self.files.len()).filter(|number| self.files[*number].is_none()).collect();
        let declared: FxHashSet<usize> =
            rest.iter().flat_map(|&number| self.declared(number, true)).map(|declared| declared.file).collect();
        let (inner, outer): (Vec<usize>, Vec<usize>) = rest.into_iter().partition(|number| declared.contains(number));
        for number in outer.into_iter().chain(inner) {
            if self.files[number].is_none() {
                self.assign(number, &format!("[{}]", self.project.files[number].path));
            }
        }
    }

    /// The files that the `mod name;` declarations of a file lead to.
    fn declared(&self, number: usize, owns_folder: bool) -> Vec<DeclaredFile> {
        let facts = self.project.files[number].facts;
        let is_module = |symbol: &Symbol| symbol.kind == SymbolKind::Module && symbol.marks.has(Marks::DECLARATION);
        let mut found = Vec::new();
        for symbol in facts.symbols.iter().filter(|symbol| is_module(symbol)) {
            let around = inline_modules(facts, symbol);
            let name = facts.name(symbol.name);
            let names = around.iter().map(|module| facts.name(module.name)).chain([name]);
            let path = names.collect::<Vec<_>>().join("::");
            let places = match symbol.qualifier {
                Some(places) => facts.name(places).split(PLACES_SEPARATOR).collect(),
                None => vec![""],
            };
            for place in places {
                let file = self.at(number, owns_folder, &around, name, place);
                let owns_folder = !place.is_empty();
                found.extend(file.map(|file| DeclaredFile { file, path: path.clone(), owns_folder }));
            }
        }
        found
    }

    /// The file of a module that is declared inside the inline modules `around`: at `place`, or if that is empty where
    /// its name says. See the Rust reference, "The path attribute".
    fn at(&self, number: usize, owns_folder: bool, around: &[&Symbol], name: &str, place: &str) -> Option<usize> {
        let (path, facts) = (self.project.files[number].path, self.project.files[number].facts);
        let is_at_top = around.is_empty();
        let mut inside =
            if is_at_top && !place.is_empty() { folder(path).to_owned() } else { children_folder(path, owns_folder) };
        for (depth, module) in around.iter().enumerate() {
            let (from, named) = match module.qualifier {
                Some(place) if depth == 0 => (folder(path), place),
                Some(place) => (inside.as_str(), place),
                None => (inside.as_str(), module.name),
            };
            inside = joined(from, facts.name(named))?;
        }
        let names = match place {
            "" => vec![format!("{name}.rs"), format!("{name}/mod.rs")],
            place => vec![place.to_owned()],
        };
        names.iter().find_map(|name| self.by_path.get(joined(&inside, name)?.as_str()).copied())
    }
}

/// A file that a `mod` declaration leads to.
struct DeclaredFile {
    file: usize,
    /// Names of the inline modules around and its own.
    path: String,
    /// Whether its own modules are looked for in its folder, not in one of its name.
    owns_folder: bool,
}

/// The inline modules around a definition, outermost first.
fn inline_modules<'f>(facts: &'f FileFacts, symbol: &Symbol) -> Vec<&'f Symbol> {
    let mut around = Vec::new();
    let mut next = symbol.parent;
    while let Some(parent) = next {
        let parent = facts.symbol(parent);
        if parent.scope.is_some_and(|scope| facts.scopes[scope.0 as usize].kind == ScopeKind::Module) {
            around.push(parent);
        }
        next = parent.parent;
    }
    around.reverse();
    around
}

/// Where the files of a file's child modules are.
fn children_folder(path: &str, owns_folder: bool) -> String {
    match path.strip_suffix(".rs") {
        Some(stem) if !owns_folder && !path.ends_with("/mod.rs") && path != "mod.rs" => stem.to_owned(),
        _ => folder(path).to_owned(),
    }
}
