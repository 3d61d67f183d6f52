//! Crates and modules of Rust: which file is which module, and what the first segment of a path means.
//!
//! Follows Cargo's layout conventions and the `mod` declarations found in the files themselves. See the Cargo
//! book, "Package Layout" and "Cargo Targets", and the Rust reference, "Modules".

use rustc_hash::{FxHashMap, FxHashSet};

use crate::lang::{Manifest, ModuleMap, ModulePath, ModuleTarget, Project};
use crate::model::{Marks, ScopeKind, SymbolId, SymbolKind};

/// Crates of the toolchain.
const TOOLCHAIN: &[&str] = &["alloc", "core", "proc_macro", "std", "test"];

/// The crates of a tree.
pub(super) struct Crates {
    /// Key of the module and of the crate root, by file number.
    files: Vec<(String, String)>,
    /// Package number by file number.
    packages_of: Vec<Option<usize>>,
    packages: Vec<Package>,
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
        let mut files: Vec<Option<(String, String)>> = vec![None; project.files.len()];
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
            assign(project, &by_path, &mut files, number, &key);
        }
        // What no declaration leads to (`#[path]`, generated modules) is a crate of its own.
        for number in 0..files.len() {
            if files[number].is_none() {
                let key = format!("[{}]", project.files[number].path);
                assign(project, &by_path, &mut files, number, &key);
            }
        }
        let files = files.into_iter().map(|file| file.expect("every file was assigned")).collect();
        Self { files, packages_of, packages }
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
        let path = join(&package.folder, &package.lib_path);
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

/// Gives `root` the key of its crate, and the files its `mod` declarations lead to theirs.
fn assign(
    project: &Project<'_>,
    by_path: &FxHashMap<&str, usize>,
    files: &mut [Option<(String, String)>],
    root: usize,
    key: &str,
) {
    let mut queue = vec![(root, key.to_owned(), true)];
    while let Some((number, module, is_root)) = queue.pop() {
        if files[number].is_some() {
            continue;
        }
        files[number] = Some((module.clone(), key.to_owned()));
        for (inner, folders) in declared_modules(project, number) {
            let folder = children_folder(project.files[number].path, is_root);
            let place = folders.iter().fold(folder, |place, name| join(&place, name));
            let child = [format!("{inner}.rs"), format!("{inner}/mod.rs")]
                .iter()
                .find_map(|name| by_path.get(join(&place, name).as_str()).copied());
            if let Some(child) = child {
                let path: Vec<&str> = folders.iter().map(String::as_str).chain([inner.as_str()]).collect();
                queue.push((child, format!("{module}::{}", path.join("::")), false));
            }
        }
    }
}

/// `mod name;` declarations of a file with the inline modules around each.
fn declared_modules(project: &Project<'_>, number: usize) -> Vec<(String, Vec<String>)> {
    let facts = project.files[number].facts;
    let is_module = |kind: SymbolKind| kind == SymbolKind::Module;
    (0u32..)
        .map(SymbolId)
        .zip(&facts.symbols)
        .filter(|(_, symbol)| is_module(symbol.kind) && symbol.marks.has(Marks::DECLARATION))
        .map(|(_, symbol)| {
            let mut folders = Vec::new();
            let mut next = symbol.parent;
            while let Some(parent) = next {
                let parent = facts.symbol(parent);
                if parent.scope.is_some_and(|scope| facts.scopes[scope.0 as usize].kind == ScopeKind::Module) {
                    folders.insert(0, facts.name(parent.name).to_owned());
                }
                next = parent.parent;
            }
            (facts.name(symbol.name).to_owned(), folders)
        })
        .collect()
}

/// Where the files of a file's child modules are.
fn children_folder(path: &str, is_root: bool) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if is_root || name == "mod.rs" { folder.to_owned() } else { join(folder, name.trim_end_matches(".rs")) }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
