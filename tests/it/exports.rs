//! Exports of a little tree with hostile names: the same bytes from every engine, and those of the files in
//! `tests/exports`; with `UPDATE_FIXTURES=1` in the environment these are written anew instead.

use std::fs;
use std::path::{Path, PathBuf};

use magellan::export::Table;
use protobuf::Message;
use tempfile::TempDir;

use super::cli::{command, json, magellan, stderr, stdout};

const RUST: &str = "//! A crate.\n\n/// Has an area.\npub trait Shape {\n    fn area(&self) -> u32;\n}\n\npub struct Square(u32);\n\n\
    impl Square {\n    pub fn new(side: u32) -> Self {\n        Self(side)\n    }\n}\n\nimpl Shape for Square {\n    \
    fn area(&self) -> u32 {\n        self.0 * one()\n    }\n}\n\nfn one() -> u32 {\n    1\n}\n\n\
    pub fn sum(shapes: &[&dyn Shape]) -> u32 {\n    let mut all = 0;\n    for shape in shapes {\n        \
    all += shape.area();\n    }\n    all\n}\n";
const PYTHON: &str = "import os\nfrom plain import twice\n\n\ndef f():\n    return os.getcwd(), twice(f)\n\n\nf()\n";
const PLAIN: &str = "class A:\n    def run(self):\n        pass\n\n\nclass B(A):\n    def run(self):\n        pass\n\n\n\
    def twice(x):\n    x()\n\n\ndef twice(x):\n    B().run()\n";
const HOSTILE: &str = "const o = {\n  'x\"y,z': function () {},\n  \"<b>&amp;'\": () => 2,\n  \"a\\nb\": function () {},\n  \
    \" =lead\": function () {},\n  \"`tick`\": function () {},\n};\nfunction \u{202e}right() { caf\u{e9}(); }\n\
    function caf\u{e9}() { return \"\u{1d54f}\"; } caf\u{e9}();\n";

/// Backends of this build.
fn backends() -> Vec<&'static str> {
    if cfg!(feature = "native-v2") { vec!["sqlite", "native-v2"] } else { vec!["sqlite"] }
}

fn tree() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    put("Cargo.toml", "[package]\nname = \"little\"\n");
    put("src/lib.rs", RUST);
    put("f.py", PYTHON);
    put("plain.py", PLAIN);
    if cfg!(unix) {
        put("a <\"b\">&,;/odd\tname\n.js", HOSTILE);
    }
    for backend in backends() {
        let output = magellan(folder.path(), &["index", "--backend", backend, "--db", backend_file(backend)]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    folder
}

/// Ignored by the walk, as all hidden files are.
fn backend_file(backend: &str) -> &'static str {
    if backend == "sqlite" { ".sqlite" } else { ".native" }
}

/// The bytes of an export, from every engine.
fn export(tree: &Path, arguments: &[&str]) -> Vec<u8> {
    let one = |backend: &&str| {
        let mut command = command(tree, &["export", "--quiet", "--project-root", "file:///tree"]);
        let output = command.args(arguments).args(["--db", backend_file(backend)]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        output.stdout
    };
    let all: Vec<_> = backends().iter().map(one).collect();
    assert!(all.iter().all(|bytes| *bytes == all[0]), "{arguments:?} depends on the engine");
    all.into_iter().next().unwrap()
}

/// Compares with the file of that name.
fn expect(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/exports").join(name);
    let text = text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        wanted == text,
        "{name} is not as expected; UPDATE_FIXTURES=1 writes it anew, read the difference then:\n{text}"
    );
}

#[test]
#[cfg(unix)]
fn text_formats_are_as_expected_whatever_the_engine() {
    let tree = tree();
    for (name, arguments) in [
        ("all.json", &["--format", "json"][..]),
        ("all.jsonl", &["--format", "jsonl"]),
        ("all.lsif", &["--format", "lsif", "--package", "little"]),
        ("all.tags", &["--format", "tags"]),
        ("all.etags", &["--format", "etags"]),
        ("calls.dot", &["--format", "dot"]),
        ("imports.dot", &["--format", "dot", "--graph", "imports"]),
        ("types.dot", &["--format", "dot", "--graph", "types"]),
        ("calls.graphml", &["--format", "graphml"]),
        ("calls.mmd", &["--format", "mermaid"]),
        ("methods.jsonl", &["--format", "jsonl", "--kind", "method", "--file", "*.py"]),
    ] {
        expect(name, &String::from_utf8(export(tree.path(), arguments)).unwrap());
    }
    for table in Table::ALL {
        let text = export(tree.path(), &["--format", "csv", "--table", table.word()]);
        expect(&format!("{}.csv", table.word()), &String::from_utf8(text).unwrap());
    }
}

/// The index as the bindings of SCIP read it.
fn scip_of(tree: &Path) -> scip::types::Index {
    let bytes = export(tree, &["--format", "scip", "--package", "little", "--package-version", "1 beta"]);
    scip::types::Index::parse_from_bytes(&bytes).unwrap()
}

#[test]
fn scip_symbols_parse_and_each_use_has_its_definition() {
    let tree = tree();
    let index = scip_of(tree.path());
    assert_eq!(index.metadata.project_root, "file:///tree");
    let symbols = || index.documents.iter().flat_map(|document| &document.symbols);
    let defined: Vec<&str> = symbols().map(|symbol| symbol.symbol.as_str()).collect();
    for name in &defined {
        let parsed = scip::symbol::parse_symbol(name).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(parsed.package.name, "little");
        assert_eq!(parsed.package.version, "1 beta");
        assert_eq!(
            scip::symbol::format_symbol(scip::types::Symbol {
                package: protobuf::MessageField::some(scip::types::Package {
                    version: "1  beta".into(),
                    ..parsed.package.clone().unwrap()
                }),
                ..parsed
            }),
            **name
        );
    }
    let mut unique = defined.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), defined.len());
    for occurrence in index.documents.iter().flat_map(|document| &document.occurrences) {
        assert!(defined.contains(&occurrence.symbol.as_str()), "{}", occurrence.symbol);
        assert!(occurrence.typed_range.is_some() && occurrence.range.len() == 3);
    }
    let text: Vec<String> = symbols()
        .map(|symbol| {
            let related = symbol.relationships.iter().map(|to| format!("\n  implements {}", to.symbol));
            format!("{} {:?}{}\n", symbol.symbol, symbol.kind, related.collect::<String>())
        })
        .collect();
    if cfg!(unix) {
        expect("symbols.scip.txt", &text.concat());
    }
}

#[test]
#[cfg(feature = "parquet")]
fn parquet_has_a_row_for_each_of_csv() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let tree = tree();
    for table in Table::ALL {
        let bytes = export(tree.path(), &["--format", "parquet", "--table", table.word()]);
        let lines = export(tree.path(), &["--format", "jsonl", "--table", table.word()]);
        let path = tree.path().join("table.parquet");
        fs::write(&path, bytes).unwrap();
        let reader = SerializedFileReader::new(fs::File::open(&path).unwrap()).unwrap();
        let rows: i64 = reader.metadata().row_groups().iter().map(|group| group.num_rows()).sum();
        assert_eq!(rows as usize, String::from_utf8(lines).unwrap().lines().count(), "{}", table.word());
    }
}

#[test]
fn files_are_written_whole_and_told() {
    let tree = tree();
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("tables");
    let asked = ["export", "--format", "csv", "--db", ".sqlite", "--json", "--output", folder.to_str().unwrap()];
    let reply = json(&magellan(tree.path(), &asked));
    assert_eq!(reply["data"]["files"].as_array().unwrap().len(), Table::ALL.len());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), Table::ALL.len(), "no partial file is left");
    let nowhere = out.path().join("no/where.json");
    let failed = magellan(tree.path(), &["export", "--db", ".sqlite", "--output", nowhere.to_str().unwrap()]);
    assert_eq!(failed.status.code(), Some(5), "{}", stderr(&failed));
}

#[test]
fn what_cannot_be_exported_is_told() {
    let tree = tree();
    let code = |arguments: &[&str]| {
        let mut all = vec!["export", "--db", ".sqlite"];
        all.extend(arguments);
        let output = magellan(tree.path(), &all);
        (output.status.code(), stdout(&output))
    };
    assert_eq!(code(&["--format", "csv"]), (Some(2), String::new()), "which table?");
    assert_eq!(code(&["--file", "nothing/**"]).0, Some(1));
    assert_eq!(code(&["--kind", "nothing"]).0, Some(2));
}

#[test]
fn names_of_old_scripts_still_work() {
    let tree = tree();
    let of = |arguments: &[&str]| stdout(&magellan(tree.path(), arguments));
    assert_eq!(of(&["query", "f.py", "--db", ".sqlite"]), of(&["outline", "f.py", "--db", ".sqlite"]));
    assert_eq!(magellan(tree.path(), &["scan", "--quiet"]).status.code(), Some(0));
    let whole = json(&magellan(tree.path(), &["find", "one", "--output", "json"]));
    assert_eq!(whole["data"]["symbols"]["total"], 1);
    assert!(of(&["find", "one", "--output", "pretty"]).starts_with("{\n  \"schema\""));
    assert_eq!(of(&["find", "one", "--output", "human"]), of(&["find", "one"]));
    let failed = json(&magellan(tree.path(), &["find", "--output", "json"]));
    assert_eq!(failed["error"]["code"], "usage");
}

#[test]
fn there_are_completions_and_pages() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        assert!(stdout(&magellan(folder.path(), &["completions", shell])).contains("callers"), "{shell}");
    }
    assert!(stdout(&magellan(folder.path(), &["man", "callers"])).contains("Who calls a symbol"));
    assert_eq!(magellan(folder.path(), &["man", "nothing"]).status.code(), Some(2));
    assert_eq!(magellan(folder.path(), &["man", "--output", "."]).status.code(), Some(0));
    assert!(folder.path().join("magellan.1").exists());
    let page = fs::read_to_string(folder.path().join("magellan-callers.1")).unwrap();
    assert!(page.contains(".TH magellan-callers 1") && page.contains("magellan 0."), "{page}");
    assert!(!folder.path().join("magellan-help-callers.1").exists(), "that is no command");
}

#[test]
fn every_column_is_documented() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/exports.md")).unwrap();
    for table in Table::ALL.into_iter().filter(|table| *table != Table::References) {
        let rows = table.columns().iter();
        let rows = rows.map(|column| format!("| `{}` | {} | {} |\n", column.name, column.form.word(), column.about));
        let head = format!("### {}\n\n| column | form | what it says |\n|---|---|---|\n", table.word());
        let wanted = head + &rows.collect::<String>();
        assert!(text.contains(&wanted), "docs/exports.md should say:\n{wanted}");
    }
}
