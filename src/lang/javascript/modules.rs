//! Which file an import of JavaScript or TypeScript leads to. Every file is a module of its own.

use std::collections::HashMap;

use crate::lang::paths::{folder, joined};
use crate::lang::{ModuleMap, ModulePath, ModuleTarget, Project};

use super::resolution::{Config, Package, stem};

/// Extensions tried in this order. A declaration file comes last: beside an implementation it is its twin, and
/// calls should reach what runs.
const EXTENSIONS: [&str; 11] =
    [".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".d.ts", ".d.mts", ".d.cts"];

/// Extensions written in imports and those of the sources they may be built from.
const BUILT: [(&str, &[&str]); 4] = [
    (".js", &[".ts", ".tsx", ".d.ts", ".jsx"]),
    (".jsx", &[".tsx", ".d.ts"]),
    (".mjs", &[".mts", ".d.mts"]),
    (".cjs", &[".cts", ".d.cts"]),
];

/// The files, packages and configurations of a tree.
pub(super) struct Modules {
    paths: Vec<String>,
    numbers: HashMap<String, usize>,
    /// Sorted by folder.
    packages: Vec<Package>,
    /// Sorted by folder.
    configs: Vec<Config>,
}

impl Modules {
    pub(super) fn new(project: &Project<'_>) -> Self {
        let paths: Vec<String> = project.files.iter().map(|file| file.path.to_owned()).collect();
        let numbers = paths.iter().enumerate().map(|(number, path)| (path.clone(), number)).collect();
        let mut packages: Vec<Package> = project.manifests.iter().filter_map(Package::read).collect();
        packages.sort_by(|a, b| a.folder.cmp(&b.folder));
        let read = |manifest| Config::read(manifest, project.manifests);
        let mut configs: Vec<Config> = project.manifests.iter().filter_map(read).collect();
        configs.sort_by(|a, b| a.folder.cmp(&b.folder));
        Self { paths, numbers, packages, configs }
    }

    fn folder(&self, file: usize) -> &str {
        folder(&self.paths[file])
    }

    /// The file at a path from the root, with any extension that may be meant, or the entry of that folder.
    fn file(&self, path: &str, prefer_source: bool) -> Option<String> {
        let path = path.trim_end_matches('/');
        let exact = || self.known(path.to_owned());
        let source = || self.built_from(path);
        let found = if prefer_source { source().or_else(exact) } else { exact().or_else(source) };
        found
            .or_else(|| EXTENSIONS.iter().find_map(|extension| self.known(format!("{path}{extension}"))))
            .or_else(|| self.folder_entry(path))
    }

    fn known(&self, path: String) -> Option<String> {
        self.numbers.contains_key(&path).then_some(path)
    }

    /// The source that `path`, written with the extension it is built to, stands for.
    fn built_from(&self, path: &str) -> Option<String> {
        let (extension, sources) = BUILT.iter().find(|(extension, _)| path.ends_with(extension))?;
        let front = &path[..path.len() - extension.len()];
        sources.iter().find_map(|source| self.known(format!("{front}{source}")))
    }

    /// What a folder offers: what its `package.json` says, or its index file.
    fn folder_entry(&self, folder: &str) -> Option<String> {
        let package = self.package_in(folder);
        let entry = package.and_then(|package| self.first_of(package, &package.entries("")));
        entry.or_else(|| {
            let front = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            EXTENSIONS.iter().find_map(|extension| self.known(format!("{front}index{extension}")))
        })
    }

    fn package_in(&self, folder: &str) -> Option<&Package> {
        let index = self.packages.binary_search_by(|package| package.folder.as_str().cmp(folder)).ok()?;
        Some(&self.packages[index])
    }

    /// The first of several targets, relative to a package, that is a file of the tree.
    fn first_of(&self, package: &Package, targets: &[String]) -> Option<String> {
        targets.iter().find_map(|target| {
            let path = joined(&package.folder, target)?;
            // A target that is the folder itself would ask for its entry again.
            if path == package.folder {
                return None;
            }
            self.plain_file(&path)
        })
    }

    /// As [`file`](Self::file), but a folder means its index file only.
    fn plain_file(&self, path: &str) -> Option<String> {
        let exact = self.known(path.to_owned()).or_else(|| self.built_from(path));
        exact
            .or_else(|| EXTENSIONS.iter().find_map(|extension| self.known(format!("{path}{extension}"))))
            .or_else(|| EXTENSIONS.iter().find_map(|extension| self.known(format!("{path}/index{extension}"))))
    }

    fn relative(&self, file: usize, specifier: &str) -> ModuleTarget {
        let Some(path) = joined(self.folder(file), specifier) else {
            return ModuleTarget::External(specifier.to_owned());
        };
        let prefer_source = !is_javascript(&self.paths[file]);
        match self.file(&path, prefer_source) {
            Some(path) => ModuleTarget::Module(path),
            None if is_code(&path) => ModuleTarget::Missing,
            None => ModuleTarget::External(specifier.to_owned()),
        }
    }

    /// The configuration of the nearest folder upwards.
    fn config(&self, file: usize) -> Option<&Config> {
        let mut folder = self.folder(file);
        loop {
            if let Ok(index) = self.configs.binary_search_by(|config| config.folder.as_str().cmp(folder)) {
                return Some(&self.configs[index]);
            }
            folder = upwards(folder)?;
        }
    }

    fn configured(&self, file: usize, specifier: &str) -> Option<String> {
        let candidates = self.config(file)?.candidates(specifier);
        candidates.iter().find_map(|path| self.file(path, true))
    }

    /// A package of the tree by name, or by `#name` the private imports of the package around the file.
    fn package(&self, file: usize, specifier: &str) -> Option<ModuleTarget> {
        if specifier.starts_with('#') {
            return Some(self.private_import(file, specifier));
        }
        let (name, rest) = split_name(specifier);
        let package = self.packages.iter().find(|package| package.name == name)?;
        Some(match self.first_of(package, &package.entries(rest)) {
            Some(path) => ModuleTarget::Module(path),
            None => ModuleTarget::Missing,
        })
    }

    fn private_import(&self, file: usize, specifier: &str) -> ModuleTarget {
        let mut folder = self.folder(file);
        let package = loop {
            match (self.package_in(folder), upwards(folder)) {
                (Some(package), _) => break package,
                (None, Some(outer)) => folder = outer,
                (None, None) => return ModuleTarget::Missing,
            }
        };
        let targets = package.private_imports(specifier);
        if let Some(path) = self.first_of(package, &targets) {
            return ModuleTarget::Module(path);
        }
        match targets.into_iter().find(|target| !target.starts_with('.')) {
            Some(outside) => ModuleTarget::External(outside),
            None => ModuleTarget::Missing,
        }
    }
}

impl ModuleMap for Modules {
    fn module(&self, file: usize) -> ModulePath {
        let path = &self.paths[file];
        ModulePath { key: path.clone(), shown: stem(path).to_owned() }
    }

    fn import(&self, file: usize, specifier: &str) -> ModuleTarget {
        // Bundlers hang options behind a question mark.
        let plain = specifier.split('?').next().unwrap_or(specifier);
        if plain == "." || plain == ".." || plain.starts_with("./") || plain.starts_with("../") {
            return self.relative(file, plain);
        }
        let is_address = plain.starts_with('/') || plain.contains(':');
        let configured = if is_address { None } else { self.configured(file, plain) };
        if let Some(path) = configured {
            return ModuleTarget::Module(path);
        }
        self.package(file, plain).unwrap_or_else(|| ModuleTarget::External(specifier.to_owned()))
    }
}

/// The folder around a folder; none for the root.
fn upwards(folder: &str) -> Option<&str> {
    if folder.is_empty() {
        return None;
    }
    Some(folder.rsplit_once('/').map_or("", |(outer, _)| outer))
}

/// Package name, with its scope, and the path behind it.
fn split_name(specifier: &str) -> (&str, &str) {
    let skip = if specifier.starts_with('@') { specifier.find('/').map_or(0, |slash| slash + 1) } else { 0 };
    match specifier[skip..].find('/') {
        Some(slash) => (&specifier[..skip + slash], &specifier[skip + slash + 1..]),
        None => (specifier, ""),
    }
}

fn is_javascript(path: &str) -> bool {
    [".js", ".jsx", ".mjs", ".cjs"].iter().any(|extension| path.ends_with(extension))
}

/// Whether a path that is not in the tree would be code: it has a code extension or none at all.
fn is_code(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((_, extension)) => !matches!(
            extension,
            "json"
                | "json5"
                | "css"
                | "scss"
                | "sass"
                | "less"
                | "styl"
                | "svg"
                | "png"
                | "jpg"
                | "jpeg"
                | "gif"
                | "webp"
                | "ico"
                | "html"
                | "txt"
                | "md"
                | "mdx"
                | "wasm"
                | "node"
                | "woff"
                | "woff2"
                | "ttf"
                | "graphql"
                | "gql"
                | "yaml"
                | "yml"
                | "toml"
                | "vue"
                | "svelte"
                | "astro"
                | "mp3"
                | "mp4"
                | "csv"
        ),
        None => true,
    }
}
