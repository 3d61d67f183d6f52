//! What dead code is told and what is only doubted: what was reported of real packages and is alive, a small tree for each.

use std::collections::BTreeMap;
use std::fs;

use super::cli::{json, magellan, stderr};

/// A tree, what is certainly dead in it, and what is doubtful with the doubts.
pub(crate) struct Case {
    /// Files; `//- path` starts one.
    pub(crate) tree: &'static str,
    pub(crate) certain: &'static [&'static str],
    pub(crate) doubtful: &'static [(&'static str, &'static [&'static str])],
}

#[test]
fn generator_in_the_folder_of_a_library_makes_no_program_of_it() {
    check(&Case {
        tree: "//- go.mod\nmodule ex.org/text\n\
            //- table/table.go\npackage table\n\nvar Offered = 1\n\nfunc Open() int { return shared }\n\nvar shared = 1\n\nfunc gone() {}\n\
            //- table/gen.go\n//go:build ignore\n\npackage main\n\nfunc main() {}\n\nfunc Lost() {}\n\
            //- tool/tool.go\npackage main\n\nfunc main() {}\n\
            //- tool/more.go\npackage main\n\nfunc Forgotten() {}\n",
        certain: &["table/gen.go Lost", "table/table.go gone", "tool/more.go Forgotten"],
        doubtful: &[],
    });
}

#[test]
fn tests_beside_a_program_make_no_library_of_it() {
    check(&Case {
        tree: "//- Cargo.toml\n[package]\nname = \"app\"\n\
            //- src/main.rs\nmod part;\nfn main() { part::used(); }\n\
            //- src/part.rs\npub fn used() {}\npub fn gone() {}\n\
            //- tests/all.rs\n#[test]\nfn all() { helper(); }\nfn helper() {}\n",
        certain: &["src/part.rs gone"],
        doubtful: &[],
    });
}

#[test]
fn variable_of_a_package_that_a_call_makes_is_made_when_the_program_starts() {
    check(&Case {
        tree: "//- go.mod\nmodule ex.org/tool\n\
            //- main.go\npackage main\n\nimport \"ex.org/flags\"\n\nvar (\n    command = flags.Command(\"go\")\n    plain = 1\n)\n\nfunc main() {}\n",
        certain: &["main.go plain"],
        doubtful: &[],
    });
}

#[test]
fn what_is_declared_of_all_files_is_for_all_readers() {
    check(&Case {
        tree: "//- page.ts\nimport { Data } from 'dom';\ndeclare global {\n  namespace JSX {\n    interface IntrinsicElements { [name: string]: Data }\n  }\n}\n\
            namespace Own { interface Gone { size: number } }\n",
        certain: &["page.ts Gone"],
        doubtful: &[],
    });
}

#[test]
fn names_that_say_that_nothing_reads_them_are_no_news() {
    check(&Case {
        tree: "//- words.py\nfrom gettext import gettext as _\n_DUMMY = (_('full'), _('empty'))\n_gone = 1\n",
        certain: &["words.py _gone"],
        doubtful: &[],
    });
}

#[test]
fn names_of_a_script_are_known_to_the_page() {
    check(&Case {
        tree: "//- page.js\nfunction clicked() { function gone() {} }\nvar later = 1;\n\
            //- module.mjs\nexport const open = 1;\nfunction gone() {}\n",
        certain: &["module.mjs gone"],
        doubtful: &[("page.js clicked", &["linkage"]), ("page.js later", &["linkage"])],
    });
}

#[test]
fn attribute_behind_a_condition_is_an_attribute() {
    check(&Case {
        tree: "//- lib.rs\nuse named::each;\n\n#[cfg_attr(feature = \"decode\", each(a, \"a\"))]\nfn run(decoder: &str) {}\n\n\
            #[cfg_attr(all(unix, not(test)), inline, named::each(a, \"a\"))]\nfn again(decoder: &str) {}\n\n\
            #[cfg_attr(unix, inline, cold)]\nfn gone() {}\n",
        certain: &["lib.rs gone"],
        doubtful: &[],
    });
}

#[test]
fn what_something_doubtful_uses_is_doubtful() {
    check(&Case {
        tree: "//- doubt.py\ndef _named(): _follows()\n\n\ndef _follows(): pass\n\n\ndef _gone(): _only()\n\n\ndef _only(): pass\n\n\n\
            print(globals()[\"_named\"])\n",
        certain: &["doubt.py _gone", "doubt.py _only"],
        doubtful: &[("doubt.py _follows", &["used_by_doubtful"]), ("doubt.py _named", &["mentions"])],
    });
}

#[test]
fn whoever_is_handed_an_object_can_call_its_methods() {
    check(&Case {
        tree: "//- job.js\nimport { register } from 'jobs';\nclass Job {\n    run() {}\n    #hidden() {}\n}\nregister(new Job());\n\
            //- job.py\nfrom jobs import register\n\n\nclass _Job:\n    def halt(self): pass\n    def __hidden(self): pass\n\n\nregister(_Job())\n",
        certain: &["job.js #hidden", "job.py __hidden"],
        doubtful: &[("job.js run", &["handed_on"]), ("job.py halt", &["handed_on"])],
    });
}

#[test]
fn what_mage_runs_is_used() {
    check(&Case {
        tree: "//- ci/magefile.go\n//go:build mage && !windows\n\npackage main\n\n\
            import \"github.com/magefile/mage/mg\"\n\nvar Default = Build\n\ntype Check mg.Namespace\n\n\
            func Build() error { return run() }\n\nfunc run() error { return nil }\n\n\
            func (Check) All() error { return each() }\n\nfunc each() error { return nil }\n\nfunc gone() {}\n\
            //- ci/mage.go\n//go:build ignore && !mage\n\npackage main\n\nfunc main() {}\n\nfunc Lost() {}\n",
        certain: &["ci/mage.go Lost", "ci/magefile.go gone"],
        doubtful: &[],
    });
}

#[test]
fn function_told_to_the_linker_anywhere_in_its_file_is_used() {
    check(&Case {
        tree: "//- time/time.go\npackage time\n\nimport _ \"unsafe\"\n\n//go:linkname now\n//go:linkname later other.later\n\n\
            type Time int\n\nfunc now() int { return 1 }\n\nfunc later() int { return 1 }\n\nfunc gone() int { return 1 }\n",
        certain: &["time/time.go gone"],
        doubtful: &[],
    });
}

#[test]
fn doubt_goes_on_over_what_overrides_something_outside() {
    check(&Case {
        tree: "//- shop/Maker.java\npackage shop;\nimport org.other.Base;\n\
            public class Maker extends Base {\n    void make() { new Thing(); }\n}\n\
            class Thing extends Base {\n    public Object next() { return new Last(); }\n}\nclass Last { }\nclass Gone { }\n",
        certain: &["shop/Maker.java Gone"],
        doubtful: &[
            ("shop/Maker.java Last", &["used_by_doubtful"]),
            ("shop/Maker.java Thing", &["used_by_doubtful"]),
            ("shop/Maker.java make", &["outside_base"]),
        ],
    });
}

#[test]
fn what_a_macro_makes_in_a_module_of_tests_uses_what_it_is_given() {
    check(&Case {
        tree: "//- lib.rs\n#[cfg(test)]\nmod tests {\n    enum Id { Field }\n    fn gone() {}\n    mod inner {\n        use super::*;\n\
            \x20       made!(identifier: Id = Id::Field);\n        fn lost() {}\n    }\n}\n",
        certain: &["lib.rs gone", "lib.rs lost"],
        doubtful: &[],
    });
}

#[test]
fn file_that_only_tests_declare_is_one_of_tests() {
    check(&Case {
        tree: "//- src/lib.rs\n#[cfg(all(test, not(miri)))]\nmod helpers;\n\n#[cfg(all(unix, test))]\nfn help() {}\n\n\
            #[cfg(not(test))]\nfn plain() {}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn works() { super::helpers::Animal::new(); super::help(); super::plain() }\n}\n\
            //- src/helpers.rs\nmod more;\npub(crate) struct Animal;\nimpl Animal { pub(crate) fn new() { feed(); more::walk() } }\nfn feed() {}\nfn gone() {}\n\
            //- src/helpers/more.rs\npub(super) fn walk() {}\nfn lost() {}\n",
        certain: &["src/helpers.rs gone", "src/helpers/more.rs lost", "src/lib.rs plain"],
        doubtful: &[],
    });
}

#[test]
fn attribute_of_a_module_or_block_may_have_its_parts_called() {
    check(&Case {
        tree: "//- lib.rs\n#[exported(all)]\nmod functions {\n    pub fn called() { inner() }\n    fn inner() {}\n}\n\
            pub struct Open;\n#[foreign::methods]\nimpl Open { fn method(&self) {} }\nimpl Open { fn gone(&self) {} }\n\
            #[rustfmt::skip]\nmod plain { pub fn lost() {} }\n",
        certain: &["lib.rs gone", "lib.rs lost"],
        doubtful: &[
            ("lib.rs called", &["outside_base"]),
            ("lib.rs inner", &["outside_base"]),
            ("lib.rs method", &["outside_base"]),
        ],
    });
}

#[test]
fn what_a_bridge_declares_to_another_language_is_doubtful() {
    check(&Case {
        tree: "//- lib.rs\n#[cxx::bridge(namespace = \"log\")]\nmod bridged {\n    extern \"Rust\" { fn open(path: &str); }\n}\n\
            fn open(path: &str) {}\nfn gone(path: &str) {}\nmod other { fn open(path: &str) {} }\n",
        certain: &["lib.rs gone", "lib.rs open"],
        doubtful: &[("lib.rs open", &["outside_base"])],
    });
}

#[test]
fn what_uses_one_of_several_imports_of_a_name_may_use_each() {
    check(&Case {
        tree: "//- src/lib.rs\nmod one;\nmod two;\n#[cfg(feature = \"one\")]\nuse one::One as Engine;\n#[cfg(not(feature = \"one\"))]\nuse two::Two as Engine;\n\
            pub fn run() { Engine::start() }\n\
            //- src/one.rs\npub struct One;\nimpl One { pub(crate) fn start() {} pub(crate) fn gone() {} }\n\
            //- src/two.rs\npub struct Two;\nimpl Two { pub(crate) fn start() {} pub(crate) fn lost() {} }\n\
            //- job.py\ntry:\n    from fast import _run\nexcept ImportError:\n    from slow import _run\n_run()\n\
            //- fast.py\ndef _run(): pass\n//- slow.py\ndef _run(): _used()\ndef _used(): pass\ndef _unused(): pass\n",
        certain: &["slow.py _unused", "src/one.rs gone", "src/two.rs lost"],
        doubtful: &[],
    });
}

#[test]
fn module_under_a_condition_stands_for_another() {
    check(&Case {
        tree: "//- src/lib.rs\nmod sys {\n    #[cfg(unix)]\n    mod unix;\n    #[cfg(unix)]\n    pub(crate) use self::unix::*;\n    #[cfg(windows)]\n    mod windows;\n\
            \x20   #[cfg(windows)]\n    pub(crate) use self::windows::*;\n}\npub fn run() { sys::open(); sys::Door.close() }\n\
            //- src/sys/unix.rs\npub(crate) fn open() {}\npub(crate) struct Door;\nimpl Door { pub(crate) fn close(&self) {} }\n\
            //- src/sys/windows.rs\npub(crate) fn open() {}\npub(crate) struct Door;\nimpl Door { pub(crate) fn close(&self) {} pub(crate) fn gone(&self) {} }\n",
        certain: &["src/sys/windows.rs gone"],
        doubtful: &[],
    });
}

#[test]
fn function_with_type_arguments_is_used_as_a_value() {
    check(&Case {
        tree: "//- lib.rs\npub fn all(list: Vec<u8>) -> Vec<u8> { list.into_iter().map(same::<u8>).map(Maker::make::<u8>).collect() }\n\
            fn same<T>(value: T) -> T { value }\nfn gone<T>(value: T) -> T { value }\n\
            struct Maker;\nimpl Maker { fn make<T>(value: T) -> T { value } }\n",
        certain: &["lib.rs gone"],
        doubtful: &[],
    });
}

#[test]
fn name_that_comments_tell_users_of_is_doubtful() {
    check(&Case {
        tree: "//- soup.py\nimport re\n_plain = 1\n\n# For short, e.g. 'from soup import _soup'\n_s = dict\n_soup = dict\n\n#: How deep.\n_depth = 1\n_rename = dict  # backwards compat\n\n\
            # How wide.\n_width = 1\n\n# _called()\ndef _called(): pass\n",
        certain: &["soup.py _called", "soup.py _plain", "soup.py _width"],
        doubtful: &[
            ("soup.py _depth", &["documented"]),
            ("soup.py _rename", &["documented"]),
            ("soup.py _s", &["documented"]),
            ("soup.py _soup", &["mentions"]),
        ],
    });
}

#[test]
fn stub_declares_what_is_elsewhere() {
    check(&Case {
        tree: "//- native.pyi\n_depth: int\ndef _walk() -> int: ...\n//- plain.py\n_gone = 1\n",
        certain: &["plain.py _gone"],
        doubtful: &[],
    });
}

#[test]
fn file_beside_tests_that_nothing_uses_may_be_read_by_them() {
    check(&Case {
        tree: "//- tests/test_all.py\nimport help\nhelp.run()\n\ndef _gone(): pass\n//- tests/help.py\ndef run(): pass\ndef _lost(): pass\n\
            //- tests/style/E1.py\n_regex = 1\n//- test/run.mjs\nimport 'mocha';\nfunction gone() {}\n//- test/fixtures/one.mjs\nimport 'mocha';\nfunction given() {}\n",
        certain: &["test/run.mjs gone", "tests/help.py _lost", "tests/test_all.py _gone"],
        doubtful: &[("test/fixtures/one.mjs given", &["test_data"]), ("tests/style/E1.py _regex", &["test_data"])],
    });
}

#[test]
fn inner_attribute_makes_a_file_one_of_tests() {
    check(&Case {
        tree: "//- Cargo.toml\n[package]\nname = \"app\"\n//- src/lib.rs\nmod checks;\nmod plain { #![cfg(feature = \"test\")] fn gone() {} }\n\
            //- src/checks.rs\n#![cfg(test)]\n\nfn help() {}\n#[test]\nfn works() { help() }\n",
        certain: &["src/lib.rs gone"],
        doubtful: &[],
    });
}

#[test]
fn value_that_an_attribute_places_is_used() {
    check(&Case {
        tree: "//- lib.rs\n#[used]\n#[link_section = \".init_array\"]\nstatic INIT: extern \"C\" fn() = init;\nextern \"C\" fn init() {}\n\
            #[distributed(ALL)]\nstatic ONE: fn() = one;\nfn one() {}\n#[allow(unused)]\nstatic GONE: u8 = 1;\n",
        certain: &["lib.rs GONE"],
        doubtful: &[],
    });
}

#[test]
fn module_named_in_an_attribute_gives_what_is_asked_of_it() {
    check(&Case {
        tree: "//- lib.rs\n#[derive(Serialize)]\npub struct Config { #[serde(with = \"ports\")] port: u16 }\n\
            mod ports { pub fn serialize() { put() } pub fn deserialize() {} fn put() {} pub fn gone() {} }\n",
        certain: &["lib.rs gone"],
        doubtful: &[],
    });
}

#[test]
fn name_in_a_manifest_is_doubtful() {
    check(&Case {
        tree: "//- pyproject.toml\n[project.scripts]\napp = \"app.cli:_main\"\n//- setup.cfg\n[options.entry_points]\nconsole_scripts =\n  b = app.cli:_other\n\
            //- app.dist-info/entry_points.txt\n[plugins]\napp = app.cli:_plugin\n\
            //- app/cli.py\ndef _main(): pass\ndef _other(): pass\ndef _plugin(): pass\ndef _plug(): pass\n",
        certain: &["app/cli.py _plug"],
        doubtful: &[
            ("app/cli.py _main", &["mentions"]),
            ("app/cli.py _other", &["mentions"]),
            ("app/cli.py _plugin", &["mentions"]),
        ],
    });
}

#[test]
fn class_in_a_class_is_for_what_that_is_built_on() {
    check(&Case {
        tree: "//- rows.py\nfrom orm import Model\n\n\ndef make():\n    class Row(Model):\n        class Meta:\n            table = 1\n    return Row\n\n\n\
            class _Plain:\n    class Meta:\n        table = 1\n\n\n_Plain()\n",
        certain: &["rows.py Meta"],
        doubtful: &[("rows.py Meta", &["outside_base"])],
    });
}

#[test]
fn definition_that_carries_an_example_is_doubtful() {
    check(&Case {
        tree: "//- lib.rs\n/// Does not compile.\n///\n/// ```compile_fail\n/// let a: u8 = \"\";\n/// ```\n#[allow(dead_code)]\nfn carries() {}\n\n/// Plain.\nfn gone() {}\n\
            pub struct Kept;\nimpl Kept {\n    /// ```\n    /// let a = 1;\n    /// ```\n    fn shows() {}\n    /// Plain.\n    fn lost() {}\n}\n",
        certain: &["lib.rs gone", "lib.rs lost"],
        doubtful: &[("lib.rs carries", &["documented"]), ("lib.rs shows", &["documented"])],
    });
}

#[test]
fn file_that_a_macro_declares_is_doubtful() {
    check(&Case {
        tree: "//- Cargo.toml\n[package]\nname = \"app\"\n//- src/lib.rs\nfeature! { mod layers; pub use self::layers::*; }\nfn gone() {}\n\
            //- src/layers.rs\nmod inner;\npub(crate) fn open() {}\n//- src/layers/inner.rs\nfn close() {}\n",
        certain: &["src/lib.rs gone"],
        doubtful: &[("src/layers.rs open", &["undeclared"]), ("src/layers/inner.rs close", &["undeclared"])],
    });
}

#[test]
fn what_a_wildcard_passes_on_is_offered() {
    check(&Case {
        tree: "//- lib.rs\nmod inline { pub type Open = u8; pub fn run() {} fn gone() {} pub(crate) fn lost() {} }\n#[cfg(unix)]\npub use self::inline::*;\n",
        certain: &["lib.rs gone", "lib.rs lost"],
        doubtful: &[],
    });
    check(&Case {
        tree: "//- Cargo.toml\n[package]\nname = \"app\"\n//- src/lib.rs\nmod sign;\npub use sign::open::*;\nfeature! { pub use self::inner::*; }\n\
            mod inner { pub fn made() {} fn lost() {} }\n#[cfg(all(doctest, unix))]\nmod examples { #[doc = include_str!(\"../README.md\")] struct Readme; }\n\
            //- src/sign.rs\npub(crate) mod open { pub static ONE: u8 = 1; static GONE: u8 = 1; }\n",
        certain: &["src/lib.rs lost", "src/sign.rs GONE"],
        doubtful: &[("src/lib.rs Readme", &["documented"]), ("src/lib.rs made", &["mentions"])],
    });
}

#[test]
fn helper_beside_the_only_tests_that_use_it_is_theirs() {
    check(&Case {
        tree: "//- build.py\ndef _check(): _deeper()\n\n\ndef _deeper(): pass\n\n\ndef test_build(): _check()\n\n\ndef _gone(): pass\n\
            //- lib.rs\npub struct Map;\nimpl Map { fn count(&self) {} }\nfn lost() {}\nfn help(map: Map) { map.count() }\n#[test]\nfn works() { help(Map) }\n\
            #[cfg(test)]\nmod tests { #[test] fn works() { super::lost() } }\n",
        certain: &["build.py _gone", "lib.rs count", "lib.rs lost"],
        doubtful: &[],
    });
}

/// Asks on every engine.
pub(crate) fn check(case: &Case) {
    for backend in if cfg!(feature = "native-v2") { vec!["sqlite", "native-v2"] } else { vec!["sqlite"] } {
        let folder = tempfile::tempdir().unwrap();
        for file in case.tree.split("//- ").skip(1) {
            let (path, text) = file.split_once('\n').unwrap();
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let output = magellan(folder.path(), &["index", "--backend", backend]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let reply = json(&magellan(folder.path(), &["dead-code", "--doubtful", "--json"]));
        let (mut certain, mut doubtful) = (Vec::new(), BTreeMap::new());
        for dead in reply["data"]["dead"]["items"].as_array().unwrap() {
            let name = dead["qualified_name"].as_str().unwrap().rsplit([':', '.']).next().unwrap();
            let name = format!("{} {name}", dead["path"].as_str().unwrap());
            match dead["doubts"].as_array() {
                Some(doubts) => {
                    let doubts: Vec<_> =
                        doubts.iter().map(|doubt| doubt["what"].as_str().unwrap().to_owned()).collect();
                    doubtful.insert(name, doubts);
                }
                None => certain.push(name),
            }
        }
        certain.sort();
        assert_eq!(certain, case.certain, "{backend}: {doubtful:?}");
        let doubtful: Vec<(&str, Vec<&str>)> = doubtful
            .iter()
            .map(|(name, doubts)| (name.as_str(), doubts.iter().map(String::as_str).collect()))
            .collect();
        let expected: Vec<(&str, Vec<&str>)> =
            case.doubtful.iter().map(|(name, doubts)| (*name, doubts.to_vec())).collect();
        assert_eq!(doubtful, expected, "{backend}");
    }
}
