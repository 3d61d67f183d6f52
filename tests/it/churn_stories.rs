//! Edits after which a file that did not change must link otherwise: one story for each way in which files depend on each
//! other. Each state of a tree comes after `//= then`, telling what it changes; `//~ path` is a file that goes.

use crate::churn::replayed;

/// Every state but the first changes links of a file that it leaves alone, unless `quiet` states do not.
#[track_caller]
fn story(quiet: usize, text: &str) {
    let states = text.matches("//= then\n").count();
    assert_eq!(replayed(text), states - quiet, "states in which other files link otherwise");
}

#[test]
fn a_definition_moves_in_its_file() {
    story(
        0,
        "//- a.py\ndef f(): pass\n//- b.py\nfrom a import f\nf()\n\
         //= then\n//- a.py\ndef g(): pass\ndef f(): pass\n",
    );
}

#[test]
fn what_was_looked_for_in_vain_comes_and_goes() {
    story(
        0,
        "//- b.py\nfrom a import f\nf()\n\
         //= then\n//- a.py\nfrom c import *\n\
         //= then\n//- c.py\ndef g(): pass\n\
         //= then\n//- c.py\ndef g(): pass\ndef f(): pass\n\
         //= then\n//~ a.py\n",
    );
}

#[test]
fn a_package_takes_the_place_of_a_module() {
    story(
        0,
        "//- m.py\ndef f(): pass\n//- b.py\nimport m\nm.f()\nm.g()\n\
         //= then\n//- m/__init__.py\nfrom .inner import *\n//- m/inner.py\ndef g(): pass\n\
         //= then\n//~ m/__init__.py\n//~ m/inner.py\n",
    );
}

#[test]
fn an_override_far_down_is_reached_through_the_base() {
    story(
        0,
        "//- a.py\nclass A:\n    def act(self): pass\n//- b.py\nfrom a import A\nclass B(A): pass\n\
         //- c.py\nfrom b import B\nclass C(B): pass\n//- use.py\nfrom a import A\ndef run(a: A):\n    a.act()\n\
         //= then\n//- c.py\nfrom b import B\nclass C(B):\n    def act(self): pass\n\
         //= then\n//- b.py\nclass B: pass\n",
    );
}

#[test]
fn a_return_type_changes_three_files_away() {
    story(
        0,
        "//- one.py\nclass One:\n    def act(self): pass\n//- two.py\nclass Two:\n    def act(self): pass\n\
         //- make.py\nfrom one import One\nfrom two import Two\ndef make(): return One()\n\
         //- middle.py\nimport make\ndef get(): return make.make()\n\
         //- use.py\nfrom middle import get\nget().act()\n\
         //= then\n//- make.py\nfrom one import One\nfrom two import Two\ndef make(): return Two()\n",
    );
}

#[test]
fn a_field_of_another_file_is_assigned_another_type() {
    story(
        0,
        "//- a.py\nclass One:\n    def act(self): pass\nclass Two:\n    def act(self): pass\n\
         //- b.py\nimport a\nclass Box:\n    def __init__(self):\n        self.item = a.One()\n\
         //- use.py\nfrom b import Box\nBox().item.act()\n\
         //= then\n//- b.py\nimport a\nclass Box:\n    def __init__(self):\n        self.item = a.Two()\n",
    );
}

#[test]
fn a_re_export_of_a_re_export_is_renamed() {
    story(
        0,
        "//- a.ts\nexport function f() {}\nexport function g() {}\n//- b.ts\nexport { f as h } from './a';\n\
         //- c.ts\nexport * from './b';\n//- use.ts\nimport { h } from './c';\nh();\n\
         //= then\n//- b.ts\nexport { g as h } from './a';\n\
         //= then\n//- b.ts\nexport { g } from './a';\n",
    );
}

#[test]
fn a_folder_takes_the_place_of_a_file() {
    story(
        0,
        "//- m/index.js\nexport function f() {}\n//- use.js\nimport { f } from './m';\nf();\n\
         //= then\n//- m.js\nexport function f() {}\n\
         //= then\n//~ m/index.js\n//- m.js\nexport const f = 1;\nexport function g() {}\n",
    );
}

#[test]
fn a_typescript_file_takes_the_place_of_a_javascript_one() {
    story(
        0,
        "//- m.js\nexport function f() {}\n//- use.js\nimport { f } from './m';\nf();\n\
         //= then\n//- m.ts\nexport function f(): void {}\n//~ m.js\n",
    );
}

#[test]
fn paths_in_tsconfig_lead_elsewhere() {
    story(
        0,
        "//- tsconfig.json\n{ \"compilerOptions\": { \"baseUrl\": \".\", \"paths\": { \"@m\": [\"one.ts\"] } } }\n\
         //- one.ts\nexport function f() {}\n//- two.ts\nexport function f() {}\n//- use.ts\nimport { f } from '@m';\nf();\n\
         //= then\n//- tsconfig.json\n{ \"compilerOptions\": { \"baseUrl\": \".\", \"paths\": { \"@m\": [\"two.ts\"] } } }\n\
         //= then\n//~ tsconfig.json\n",
    );
}

#[test]
fn a_package_gets_another_name() {
    story(
        0,
        "//- packages/lib/package.json\n{ \"name\": \"lib\", \"main\": \"m.js\" }\n//- packages/lib/m.js\nexport function f() {}\n\
         //- app/use.js\nimport { f } from 'lib';\nf();\n\
         //= then\n//- packages/lib/package.json\n{ \"name\": \"other\", \"main\": \"m.js\" }\n",
    );
}

#[test]
fn a_crate_gets_another_name() {
    story(
        0,
        "//- lib/Cargo.toml\n[package]\nname = \"one\"\n//- lib/src/lib.rs\npub fn f() {}\n\
         //- app/Cargo.toml\n[package]\nname = \"app\"\n[dependencies]\none = { path = \"../lib\" }\n\
         //- app/src/main.rs\nfn main() { one::f(); two::f(); }\n\
         //= then\n//- lib/Cargo.toml\n[package]\nname = \"two\"\n",
    );
}

#[test]
fn a_module_is_declared_and_undeclared() {
    story(
        0,
        "//- Cargo.toml\n[package]\nname = \"one\"\n//- src/lib.rs\nmod a;\nmod b;\n//- src/a.rs\npub fn f() {}\n\
         //- src/b.rs\nuse crate::a::f;\nfn g() { f(); crate::a::f(); }\n\
         //= then\n//- src/lib.rs\nmod b;\n\
         //= then\n//- src/lib.rs\nmod a { pub fn f() {} }\nmod b;\n",
    );
}

#[test]
fn a_module_has_its_file_elsewhere() {
    story(
        0,
        "//- Cargo.toml\n[package]\nname = \"one\"\n//- src/lib.rs\nmod a;\nmod b;\n//- src/a.rs\npub fn f() {}\n\
         //- src/other.rs\npub fn f() {}\n//- src/b.rs\nfn g() { crate::a::f(); }\n\
         //= then\n//- src/lib.rs\n#[path = \"other.rs\"]\nmod a;\nmod b;\n\
         //= then\n//- src/lib.rs\n#[cfg_attr(unix, path = \"other.rs\")]\nmod a;\nmod b;\n",
    );
}

#[test]
fn a_file_is_the_module_of_a_second_crate() {
    story(
        0,
        "//- Cargo.toml\n[package]\nname = \"one\"\n//- src/lib.rs\nmod a;\n//- src/a.rs\npub fn f() {}\n\
         //- src/main.rs\nmod b;\nfn main() {}\n//- src/b.rs\nfn g() { crate::a::f(); }\n\
         //= then\n//- src/main.rs\nmod a;\nmod b;\nfn main() {}\n\
         //= then\n//- src/main.rs\nmod b;\nfn main() {}\n",
    );
}

#[test]
fn a_trait_is_implemented_in_a_third_file() {
    story(
        0,
        "//- Cargo.toml\n[package]\nname = \"one\"\n//- src/lib.rs\npub mod t;\npub mod s;\npub mod i;\nmod u;\n\
         //- src/t.rs\npub trait T { fn act(&self) {} }\n//- src/s.rs\npub struct S;\n//- src/i.rs\n\
         //- src/u.rs\nuse crate::{t::T, s::S};\nfn run(s: S) { s.act(); }\nfn all(t: &dyn T) { t.act(); }\n\
         //= then\n//- src/i.rs\nimpl crate::t::T for crate::s::S { fn act(&self) {} }\n\
         //= then\n//- src/i.rs\nimpl crate::s::S { pub fn act(&self) {} }\n",
    );
}

#[test]
fn a_name_comes_by_another_glob_import() {
    story(
        1,
        "//- Cargo.toml\n[package]\nname = \"one\"\n//- src/lib.rs\nmod a;\nmod b;\nmod u;\n//- src/a.rs\npub fn f() {}\n\
         //- src/b.rs\npub fn g() {}\n//- src/u.rs\nuse crate::a::*;\nuse crate::b::*;\nfn run() { f(); }\n\
         //= then\n//- src/b.rs\npub fn f() {}\n\
         //= then\n//- src/a.rs\npub fn g() {}\n",
    );
}

#[test]
fn a_header_includes_another() {
    story(
        0,
        "//- a.h\n#include \"b.h\"\n//- b.h\nint f(int x);\n//- c.h\nstatic int f(int x) { return x; }\n\
         //- f.c\nint f(int x) { return x; }\n//- use.c\n#include \"a.h\"\nint run(void) { return f(1); }\n\
         //= then\n//- a.h\n#include \"c.h\"\n\
         //= then\n//- a.h\n\n",
    );
}

#[test]
fn an_included_file_adds_an_overload() {
    story(
        0,
        "//- a.h\ninline void f(int x) {}\n//- b.h\n#include \"c.h\"\n//- c.h\n\n\
         //- m.cpp\n#include \"a.h\"\n#include \"b.h\"\nvoid g() { f(\"x\"); }\n\
         //= then\n//- c.h\ninline void f(const char *x) {}\n\
         //= then\n//- b.h\n\n",
    );
}

#[test]
fn a_function_becomes_static() {
    story(
        0,
        "//- one.c\nint f(int x) { return x; }\n//- use.c\nint f(int x);\nint run(void) { return f(1); }\n\
         //= then\n//- one.c\nstatic int f(int x) { return x; }\n\
         //= then\n//- two.c\nint f(int x) { return 2; }\n",
    );
}

#[test]
fn a_header_changes_its_language() {
    story(
        0,
        "//- lib/a.h\nstruct S { int x; };\nint f();\n\
         //- lib/use.c\n#include \"a.h\"\nint run(struct S *s) { return f(s); }\n\
         //= then\n//- lib/a.h\nnamespace n { struct S { int x; }; int f(); }\n",
    );
}

#[test]
fn an_overload_of_another_file_fits_better() {
    story(
        0,
        "//- a.hpp\nint f(double x);\n//- b.hpp\n#include \"a.hpp\"\n//- use.cpp\n#include \"b.hpp\"\nint run() { return f(1); }\n\
         //= then\n//- b.hpp\n#include \"a.hpp\"\nint f(int x);\n\
         //= then\n//- a.hpp\nint g(double x);\n//- b.hpp\nint f(int *x);\nint f(int x);\n",
    );
}

#[test]
fn a_class_of_the_same_package_hides_an_import_on_demand() {
    story(
        0,
        "//- a/Thing.java\npackage a;\npublic class Thing { public void act() {} }\n\
         //- b/Use.java\npackage b;\nimport a.*;\nclass Use { void run(Thing t) { t.act(); } }\n\
         //= then\n//- b/Thing.java\npackage b;\nclass Thing { void act() {} }\n\
         //= then\n//- b/Thing.java\npackage c;\nclass Thing { void act() {} }\n",
    );
}

#[test]
fn a_supertype_changes_far_up() {
    story(
        0,
        "//- A.java\nclass A { void act() {} }\n//- B.java\nclass B extends A {}\n//- C.java\nclass C extends B {}\n\
         //- D.java\nclass D { void act() {} }\n//- Use.java\nclass Use { void run(C c) { c.act(); take(c); } void take(A a) {} void take(Object o) {} }\n\
         //= then\n//- B.java\nclass B extends D {}\n",
    );
}

#[test]
fn a_type_stops_being_an_interface_by_its_methods() {
    story(
        0,
        "//- go.mod\nmodule m\n//- a/a.go\npackage a\ntype Doer interface { Do() int }\nfunc Run(d Doer) int { return d.Do() }\n\
         //- b/b.go\npackage b\ntype T struct{}\nfunc (t T) Do() int { return 1 }\n\
         //= then\n//- b/b.go\npackage b\ntype T struct{}\nfunc (t T) Do(x int) int { return 1 }\n\
         //= then\n//- b/c.go\npackage b\ntype U struct{}\nfunc (u *U) Do() int { return 2 }\n",
    );
}

#[test]
fn a_module_path_changes() {
    story(
        0,
        "//- go.mod\nmodule one\n//- a/a.go\npackage a\nfunc F() {}\n\
         //- use.go\npackage main\nimport \"one/a\"\nfunc main() { a.F() }\n\
         //= then\n//- go.mod\nmodule two\n",
    );
}

#[test]
fn a_file_is_ignored_and_not_any_more() {
    story(
        0,
        "//- a.py\ndef f(): pass\n//- b.py\nfrom a import f\nf()\n\
         //= then\n//- .gitignore\na.py\n\
         //= then\n//- .gitignore\nother\n",
    );
}

#[test]
fn two_files_swap_their_content() {
    story(
        0,
        "//- a.py\ndef f(): pass\n//- b.py\ndef g(): pass\ndef f(): pass\n//- use.py\nimport a, b\na.f()\nb.g()\n\
         //= then\n//- a.py\ndef g(): pass\ndef f(): pass\n//- b.py\ndef f(): pass\n",
    );
}

#[test]
fn a_circle_of_imports_is_opened() {
    story(
        0,
        "//- a.py\nfrom b import *\nclass A:\n    def act(self): return B()\n\
         //- b.py\nfrom c import *\nclass B:\n    def act(self): return C()\n\
         //- c.py\nfrom a import *\nclass C:\n    def act(self): return A()\n\
         //- use.py\nfrom a import A\nA().act().act().act().act()\n\
         //= then\n//- c.py\nclass C:\n    def act(self): return A()\n",
    );
}

/// No site has more than 256 candidates: the 257th implementation makes all calls of the method unknown.
#[test]
fn a_limit_is_crossed_and_crossed_back() {
    let class = |number| format!("class C{number} implements Doer {{ public void act() {{}} }}\n");
    let full: String = (0..255).map(class).collect();
    story(
        0,
        &format!(
            "//- Doer.java\ninterface Doer {{ void act(); }}\n//- All.java\n{full}\
             //- Use.java\nclass Use {{ void run(Doer doer) {{ doer.act(); }} }}\n\
             //= then\n//- More.java\n{}{}\
             //= then\n//~ More.java\n",
            class(900),
            class(901)
        ),
    );
}
