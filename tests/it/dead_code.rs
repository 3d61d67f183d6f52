//! What dead code is told and what is only doubted: what was reported of real packages and is alive, a small tree for each.

use std::collections::BTreeMap;
use std::fs;

use super::cli::{json, magellan, stderr};

/// A tree, what is certainly dead in it, and what is doubtful with the doubts.
struct Case {
    /// Files; `//- path` starts one.
    tree: &'static str,
    certain: &'static [&'static str],
    doubtful: &'static [(&'static str, &'static [&'static str])],
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
fn names_of_a_script_are_known_to_the_page() {
    check(&Case {
        tree: "//- page.js\nfunction clicked() { function gone() {} }\nvar later = 1;\n\
            //- module.mjs\nexport const open = 1;\nfunction gone() {}\n",
        certain: &["module.mjs gone"],
        doubtful: &[("page.js clicked", &["linkage"]), ("page.js later", &["linkage"])],
    });
}

#[test]
fn type_that_is_declared_only_may_be_built_on_anything() {
    check(&Case {
        tree: "//- car.h\nstruct Car;\nvoid drive(Car *car);\n\
            //- car.cpp\n#include \"car.h\"\nint Car::weight() const { return 1; }\n\
            static void check(Car *car) {}\nvoid Car::day() { check(this); }\nstatic void gone() {}\n",
        certain: &["car.cpp gone"],
        doubtful: &[
            ("car.cpp check", &["used_by_doubtful"]),
            ("car.cpp day", &["outside_base"]),
            ("car.cpp weight", &["outside_base"]),
        ],
    });
}

#[test]
fn definition_under_an_alias_lives_with_what_declares_it() {
    check(&Case {
        tree: "//- format.cpp\nnamespace io {\nnamespace four { int open(int a); int lost(int a); }\nnamespace f = four;\n\
            int f::open(int a) { return a; }\nint f::lost(int a) { return a; }\n\
            struct Reader { int next(); int last(); };\ntypedef Reader In;\n\
            int In::next() { return 1; }\nint In::last() { return 1; }\n}\n\
            int main() { io::Reader reader; return io::f::open(1) + reader.next(); }\n\
            //- table.h\nclass Table {\n public:\n    int size();\n};\n\
            //- table.cpp\n#include \"table.h\"\ntypedef Table T;\nint T::size() { return 1; }\n",
        certain: &["format.cpp lost"],
        doubtful: &[("format.cpp last", &["outside_base"]), ("table.cpp size", &["outside_base"])],
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
fn special_case_of_a_template_lives_with_the_template() {
    check(&Case {
        tree: "//- main.cpp\ntemplate <typename T> struct Maker { static int make() { return 0; } };\n\
            template <> struct Maker<int> { static int make() { return 1; } };\n\
            template <typename T> struct Lost { };\ntemplate <> struct Lost<int> { };\n\
            template <typename T> int use() { return Maker<T>::make(); }\nint main() { return use<int>(); }\n",
        certain: &["main.cpp Lost", "main.cpp Lost"],
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
fn name_that_is_pasted_to_one_letter_is_doubtful() {
    check(&Case {
        tree: "//- made.h\n#define DECLARE(id) extern const int s_##id\nDECLARE(1f2e);\n\
            //- made.c\nstatic const int t_1f2e = 1;\nstatic const int s_1f2e = 1;\n",
        certain: &["made.c t_1f2e"],
        doubtful: &[("made.c s_1f2e", &["mentions"])],
    });
}

#[test]
fn function_with_a_namesake_in_a_later_namespace_lives_with_it() {
    check(&Case {
        tree: "//- near.cpp\nnamespace { bool near(int a) { return a; } bool gone(int a) { return a; } }\n\
            namespace shop { int ask() { return near(1); } }\nnamespace shop { namespace { bool near(int a) { return !a; } } }\n\
            int main() { return shop::ask(); }\n",
        certain: &["near.cpp gone"],
        doubtful: &[],
    });
}

#[test]
fn member_of_a_type_that_is_not_there_is_not_told() {
    check(&Case {
        tree: "//- member.cpp\n#include \"generated.h\"\nint Missing::call() { return 1; }\nstatic int gone() { return 1; }\n",
        certain: &["member.cpp gone"],
        doubtful: &[],
    });
}

#[test]
fn what_the_library_asks_of_an_iterator_lives_with_it() {
    check(&Case {
        tree: "//- walk.cpp\nnamespace {\nstruct Walk {\n    typedef int value_type;\n    using difference_type = long;\n    typedef int other;\n\
            \x20   Walk begin() { return *this; }\n    int gone() { return 1; }\n};\n}\nint main() { Walk walk; return 0; }\n",
        certain: &["walk.cpp gone", "walk.cpp other"],
        doubtful: &[],
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

/// Asks on every engine.
fn check(case: &Case) {
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
