//! Configuration of JavaScript projects: `package.json` and `tsconfig.json`, as far as they steer imports.

use serde_json::Value;

use crate::lang::Manifest;
use crate::lang::paths::joined;

/// Longest chain of `extends` followed.
const EXTENDS_MAX: usize = 16;

/// A `package.json`.
pub(super) struct Package {
    /// The folder it stands in.
    pub(super) folder: String,
    pub(super) name: String,
    json: Value,
}

impl Package {
    /// Reads a manifest that is a `package.json`.
    pub(super) fn read(manifest: &Manifest) -> Option<Self> {
        if manifest.file_name() != "package.json" {
            return None;
        }
        let json: Value = serde_json::from_str(&manifest.text).ok()?;
        let name = json.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(Self { folder: manifest.folder().to_owned(), name, json })
    }

    /// Files, relative to the folder, that `name` or `name/rest` may mean, best first.
    pub(super) fn entries(&self, rest: &str) -> Vec<String> {
        let key = if rest.is_empty() { ".".to_owned() } else { format!("./{rest}") };
        let mut found = Vec::new();
        match self.json.get("exports") {
            Some(Value::Object(map)) if map.keys().any(|key| key.starts_with('.')) => {
                matching(map.iter(), &key, &mut found);
            }
            Some(exports) if rest.is_empty() => leaves(exports, &mut found),
            _ => {}
        }
        if rest.is_empty() {
            let fields = ["source", "module", "main", "types", "typings"];
            found.extend(fields.iter().filter_map(|field| self.json.get(field)?.as_str().map(str::to_owned)));
        }
        let built: Vec<String> = found.iter().filter_map(|target| source_of(target)).collect();
        found.extend(built);
        let default = if rest.is_empty() { "index" } else { rest };
        found.extend([format!("src/{default}"), default.to_owned()]);
        found
    }

    /// Targets of `#name`, relative to the folder, or names of other packages.
    pub(super) fn private_imports(&self, specifier: &str) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(Value::Object(map)) = self.json.get("imports") {
            matching(map.iter(), specifier, &mut found);
        }
        let built: Vec<String> = found.iter().filter_map(|target| source_of(target)).collect();
        found.extend(built);
        found
    }
}

/// Collects the targets of the entries that fit `key`: equal, or with one `*`; the longest fitting one first.
fn matching<'j>(entries: impl Iterator<Item = (&'j String, &'j Value)>, key: &str, found: &mut Vec<String>) {
    let mut fitting: Vec<(usize, &Value, String)> = entries
        .filter_map(|(pattern, value)| star(pattern, key).map(|star| (pattern.len(), value, star.to_owned())))
        .collect();
    fitting.sort_by_key(|(length, ..)| std::cmp::Reverse(*length));
    for (_, value, star) in fitting {
        let mut targets = Vec::new();
        leaves(value, &mut targets);
        found.extend(targets.into_iter().map(|target| target.replace('*', &star)));
    }
}

/// What the `*` of a pattern stands for in `text`; empty if they are equal.
pub(super) fn star<'t>(pattern: &str, text: &'t str) -> Option<&'t str> {
    match pattern.split_once('*') {
        None => (pattern == text).then_some(""),
        Some((front, back)) => {
            let middle = text.strip_prefix(front)?.strip_suffix(back)?;
            Some(middle)
        }
    }
}

/// All file names in a value of `exports`, whatever the conditions: the first that is in the tree is taken.
fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(target) => found.push(target.clone()),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
        Value::Object(map) => {
            let preferred = ["source", "development", "import", "module", "require", "node", "default"];
            preferred.iter().filter_map(|condition| map.get(*condition)).for_each(|value| leaves(value, found));
            let others = map.iter().filter(|(condition, _)| !preferred.contains(&condition.as_str()));
            others.for_each(|(_, value)| leaves(value, found));
        }
        _ => {}
    }
}

/// Where the source of a built file usually stands: `dist/a/b.js` comes from `src/a/b`.
fn source_of(target: &str) -> Option<String> {
    let target = target.trim_start_matches("./");
    let (folder, mut rest) = target.split_once('/')?;
    if !matches!(folder, "dist" | "build" | "lib" | "out" | "output" | "es" | "esm" | "cjs" | "umd") {
        return None;
    }
    while let Some((folder, inner)) = rest.split_once('/') {
        if !matches!(folder, "es" | "esm" | "cjs" | "umd" | "types" | "node" | "browser" | "modern" | "legacy") {
            break;
        }
        rest = inner;
    }
    Some(format!("src/{}", stem(rest)))
}

/// A path without its extension, `.d.ts` and the like taken as one.
pub(super) fn stem(path: &str) -> &str {
    const EXTENSIONS: [&str; 11] =
        [".d.ts", ".d.mts", ".d.cts", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts"];
    EXTENSIONS.iter().find_map(|extension| path.strip_suffix(extension)).unwrap_or(path)
}

/// What a `tsconfig.json` or `jsconfig.json` says about imports, what it extends included.
#[derive(Clone, Default)]
pub(super) struct Config {
    /// The folder it stands in.
    pub(super) folder: String,
    /// Folder that plain specifiers start from.
    pub(super) base: Option<String>,
    /// Patterns and their targets, which are paths from the root of the tree.
    pub(super) paths: Vec<(String, Vec<String>)>,
}

impl Config {
    /// Reads a manifest that is such a file by name.
    pub(super) fn read(manifest: &Manifest, all: &[Manifest]) -> Option<Self> {
        if !matches!(manifest.file_name(), "tsconfig.json" | "jsconfig.json") {
            return None;
        }
        let mut config = Self { folder: manifest.folder().to_owned(), ..Self::default() };
        config.merge(manifest, all, 0);
        Some(config)
    }

    /// Takes over what `manifest` says, after what it extends.
    fn merge(&mut self, manifest: &Manifest, all: &[Manifest], depth: usize) {
        let Ok(json) = serde_json::from_str::<Value>(&plain_json(&manifest.text)) else { return };
        let extended: Vec<&str> = match json.get("extends") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        for specifier in extended {
            if let Some(base) = extended_manifest(manifest, specifier, all).filter(|_| depth < EXTENDS_MAX) {
                self.merge(base, all, depth + 1);
            }
        }
        let Some(options) = json.get("compilerOptions") else { return };
        if let Some(base) = options.get("baseUrl").and_then(Value::as_str) {
            self.base = joined(manifest.folder(), base);
        }
        if let Some(Value::Object(paths)) = options.get("paths") {
            let from = self.base.clone().unwrap_or_else(|| manifest.folder().to_owned());
            self.paths = paths.iter().map(|(pattern, targets)| (pattern.clone(), targets_of(targets, &from))).collect();
            self.paths.sort_by_key(|(pattern, _)| {
                let prefix = pattern.split('*').next().map_or(0, str::len);
                (pattern.contains('*'), std::cmp::Reverse(prefix))
            });
        }
    }

    /// Paths from the root that a specifier may mean, best first.
    pub(super) fn candidates(&self, specifier: &str) -> Vec<String> {
        let mut found = Vec::new();
        if let Some((pattern, targets)) = self.paths.iter().find(|(pattern, _)| star(pattern, specifier).is_some()) {
            let star = star(pattern, specifier).unwrap_or_default();
            found.extend(targets.iter().map(|target| target.replace('*', star)));
        }
        found.extend(self.base.as_ref().and_then(|base| joined(base, specifier)));
        found
    }
}

fn targets_of(targets: &Value, from: &str) -> Vec<String> {
    let targets = targets.as_array().map(Vec::as_slice).unwrap_or_default();
    targets.iter().filter_map(|target| joined(from, target.as_str()?)).collect()
}

fn extended_manifest<'m>(manifest: &Manifest, specifier: &str, all: &'m [Manifest]) -> Option<&'m Manifest> {
    if !specifier.starts_with('.') {
        return None;
    }
    let path = joined(manifest.folder(), specifier)?;
    let names = [path.clone(), format!("{path}.json"), format!("{path}/tsconfig.json")];
    names.iter().find_map(|name| all.iter().find(|manifest| manifest.path == *name))
}

/// JSON without the comments and trailing commas that configuration files may have.
fn plain_json(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.trim_start_matches('\u{feff}');
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            '/' if rest.starts_with("//") => {
                rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
                continue;
            }
            '/' if rest.starts_with("/*") => {
                rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
                continue;
            }
            '}' | ']' => {
                let kept = plain.trim_end();
                if kept.ends_with(',') {
                    plain.truncate(kept.len() - 1);
                }
                1
            }
            _ => first.len_utf8(),
        };
        plain.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    plain
}

/// Length of the string literal at the start of `text`.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !is_escaped => return index + 1,
            b'\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_may_have_comments_and_trailing_commas() {
        let text = "{ // a \"comment\"\n \"a\": \"//no\\\"\", /* x */ \"b\": [1, 2, ], }";
        let json: Value = serde_json::from_str(&plain_json(text)).unwrap();
        assert_eq!(json, serde_json::json!({ "a": "//no\"", "b": [1, 2] }));
        assert_eq!(plain_json("\"open"), "\"open");
        assert_eq!(plain_json("{/*"), "{");
    }

    #[test]
    fn exports_with_conditions_and_patterns_are_followed() {
        let text = r#"{ "name": "p", "exports": {
            ".": { "types": "./dist/index.d.ts", "import": "./dist/index.mjs" },
            "./*": "./features/*.js",
            "./deep/*": ["./deep/*/index.js"] } }"#;
        let manifest = Manifest { path: "packages/p/package.json".to_owned(), text: text.to_owned() };
        let package = Package::read(&manifest).unwrap();
        assert_eq!(package.entries("")[0], "./dist/index.mjs");
        assert!(package.entries("").contains(&"src/index".to_owned()));
        assert_eq!(package.entries("a")[0], "./features/a.js");
        assert_eq!(package.entries("deep/b")[0], "./deep/b/index.js");
    }
}
