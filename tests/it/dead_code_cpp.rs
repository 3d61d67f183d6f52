//! What is told and what is doubted of C and C++: what was reported of real packages and is alive, a small tree for each.

use super::dead_code::{Case, check};

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
fn static_member_defined_outside_is_what_its_class_declares() {
    check(&Case {
        tree: "//- file.hpp\nnamespace tag {\nclass File {\n public:\n    static bool open(int a);\n    static bool lost(int a);\n};\n}\n\
            //- page.cpp\nnamespace tag {\nclass Page {\n public:\n    static int cut();\n    static int gone();\n    int use();\n};\n}\n\
            using namespace tag;\nint Page::cut() { return 1; }\nint Page::gone() { return 1; }\n\
            int Page::use() { return Page::cut(); }\nint main() { Page page; return page.use(); }\n\
            //- file.cpp\n#include \"file.hpp\"\nusing namespace tag;\nbool File::open(int a) { return true; }\n\
            static bool closed(int a) { return true; }\n",
        certain: &["file.cpp closed", "page.cpp gone"],
        doubtful: &[],
    });
}

#[test]
fn header_offers_what_is_static_in_it_too() {
    check(&Case {
        tree: "//- sizes.hpp\nnamespace pack {\nstatic const unsigned head = 32;\nstatic inline int twice(int a) { return 2 * a; }\n\
            namespace { const int tail = 1; }\n}\n\
            //- sizes.cpp\nnamespace pack {\nstatic const unsigned gone = 32;\n}\n",
        certain: &["sizes.cpp gone"],
        doubtful: &[],
    });
}

#[test]
fn pointer_to_function_with_a_calling_convention_names_one_type() {
    check(&Case {
        tree: "//- api.c\ntypedef BOOL (WINAPI *Query)(HANDLE handle, BYTE *buffer);\n\
            static Query query;\nint main(void) { return query(0, 0); }\n",
        certain: &[],
        doubtful: &[],
    });
}

#[test]
fn member_that_its_class_does_not_declare_may_be_declared_by_what_the_class_includes() {
    check(&Case {
        tree: "//- job.cpp\nnamespace {\nclass Job {\n public:\n    void run();\n    void gone();\n#include \"declared.inc\"\n};\n}\n\
            void Job::run() {}\nvoid Job::gone() {}\nvoid Job::listed() {}\nint main() { Job job; job.run(); }\n",
        certain: &["job.cpp gone"],
        doubtful: &[("job.cpp listed", &["outside_base"])],
    });
}

#[test]
fn helpers_of_tests_are_tests() {
    check(&Case {
        tree: "//- zip.cc\n#include \"zip.h\"\nstatic int helped() { return 1; }\nTEST(Zip, Works) { helped(); only(); }\n\
            static int gone() { return 1; }\n\
            //- zip.h\n#pragma once\n//- other.cc\nnamespace shop { static int lost() { return 1; } }\n",
        certain: &["other.cc lost", "zip.cc gone"],
        doubtful: &[],
    });
}

#[test]
fn type_that_states_something_at_compile_time_is_used() {
    check(&Case {
        tree: "//- size.c\ntypedef char size_check[sizeof(int) == 4 ? 1 : -1];\ntypedef char gone[4 + 1];\n",
        certain: &["size.c gone"],
        doubtful: &[],
    });
}

#[test]
fn what_stands_in_something_misread_is_doubtful() {
    check(&Case {
        tree: "//- sink.hpp\nextern \"C\" __declspec(dllimport) void __stdcall Output(const char *text);\n\n\
            namespace log {\nnamespace sinks {\nclass Sink {\n public:\n    int a;\n};\n\nusing sink_st = Sink;\n}\n}\n",
        certain: &[],
        doubtful: &[("sink.hpp Sink", &["parse_error"]), ("sink.hpp sink_st", &["parse_error"])],
    });
}

#[test]
fn macro_between_a_qualifier_and_a_type_is_no_type() {
    check(&Case {
        tree: "//- version.hpp\nnamespace ml { extern const ML_API std::string Version; }\n\
            //- version.cpp\n#include \"version.hpp\"\nnamespace ml { const std::string Version = \"1\"; const std::string Gone = \"1\"; }\n",
        certain: &["version.cpp Gone"],
        doubtful: &[],
    });
}

#[test]
fn what_the_library_asks_of_an_allocator_lives_with_it() {
    check(&Case {
        tree: "//- pool.cpp\nnamespace {\nstruct Pool {\n    using size_type = long;\n    using is_always_equal = int;\n    using other = int;\n\
            \x20   template <typename U> struct rebind { };\n    void deallocate(int *p, long n) {}\n    void gone() {}\n};\n}\n\
            int main() { Pool pool; return 0; }\n",
        certain: &["pool.cpp gone", "pool.cpp other"],
        doubtful: &[],
    });
}

#[test]
fn alias_that_is_called_to_make_its_type_is_used() {
    check(&Case {
        tree: "//- ref.cpp\nnamespace {\nstruct Ref { Ref(int a) {} int get() { return 1; } };\nusing Made = Ref;\ntypedef Ref Gone;\n\
            template <typename T> class Box {\n    typedef Box self;\n public:\n    Box(int a) {}\n    void swap(Box &o) {}\n\
            \x20   void go() { self(1).swap(*this); }\n};\n\
            struct Bag { typedef Bag self; Bag(int a) {} int get() { return self(1).get(); } };\n}\n\
            int main() { Box<int> box(1); box.go(); Bag bag(1); return Made(1).get() + bag.get(); }\n",
        certain: &["ref.cpp Gone"],
        doubtful: &[],
    });
}

#[test]
fn name_that_a_macro_numbers_is_doubtful() {
    check(&Case {
        tree: "//- run.c\n#include <other.h>\n#define PASTE(a, b) a##b\n#define EACH(a, c) (c ? PASTE(a, 8) : PASTE(a, 16))\n\
            static int width8, width16, gone8, taken2;\nint taken;\nint main(int c, char **v) { return EACH(width, c) + taken; }\n",
        certain: &["run.c gone8", "run.c taken2"],
        doubtful: &[("run.c width16", &["external_sites"]), ("run.c width8", &["external_sites"])],
    });
}

#[test]
fn text_that_identifies_a_file_is_for_others() {
    check(&Case {
        tree: "//- id.c\nstatic const char sccsid[] = \"@(#)id.c 1.2\";\nstatic const char rcsid[] = \"$Id: id.c 2 $\" \"x\";\n\
            static const char price[] = \"$5\";\n",
        certain: &["id.c price"],
        doubtful: &[],
    });
}

#[test]
fn attribute_can_keep_what_nothing_names() {
    check(&Case {
        tree: "//- start.c\nstatic void __attribute__((constructor)) begun(void) {}\n\
            __attribute__((__used__)) static void kept(void) {}\nstatic void ended(void) __attribute__((destructor));\n\
            static void ended(void) {}\nstatic void __attribute__((unused)) gone(void) {}\n\
            //- start.cpp\n[[gnu::constructor]] static void started() {}\n",
        certain: &["start.c gone"],
        doubtful: &[],
    });
}

#[test]
fn variable_right_behind_its_type_runs_the_constructor_of_that() {
    check(&Case {
        tree: "//- start.cpp\nint count;\nstruct Open { Open() { count++; } } open;\n\
            static struct Own { Own() { count++; } void gone() {} } own;\n\
            static class Derived : public Open { int size; } derived;\n\
            static struct Plain { int size; } plain;\nint main() { return count; }\n",
        certain: &["start.cpp Plain", "start.cpp gone", "start.cpp plain"],
        doubtful: &[],
    });
}

#[test]
fn making_a_variable_runs_what_its_bases_and_fields_are_made_by() {
    check(&Case {
        tree: "//- make.cpp\nint count;\nnamespace {\nstruct Base { Base() { count++; } };\nstruct Middle : Base { int size; };\n\
            struct Whole { Middle middle; int size; };\nstruct Begun { int size = ++count; };\nstruct Plain { int size; };\n\
            Middle middle;\nWhole whole;\nBegun begun;\nPlain plain;\n}\nint main() { return count; }\n",
        certain: &["make.cpp plain"],
        doubtful: &[],
    });
}

#[test]
fn what_an_alias_of_something_outside_is_built_on_may_call_is_doubtful() {
    check(&Case {
        tree: "//- backend.hh\n#include <outside/device.h>\nnamespace pdf { typedef ::OutputDevice Device; }\n\
            //- guess.cc\n#include \"backend.hh\"\nclass Guess : public pdf::Device {\n public:\n\
            int value() { return 1; }\n virtual bool upside() { return false; }\n};\n\
            class Plain {\n public:\n int value() { return 1; }\n virtual bool gone() { return false; }\n};\n\
            typedef Plain Known;\nclass Near : public Known {\n public:\n virtual bool lost() { return false; }\n};\n\
            int main() { Guess guess; Near plain; return guess.value() + plain.value(); }\n",
        certain: &["guess.cc gone", "guess.cc lost"],
        doubtful: &[("guess.cc upside", &["outside_base"])],
    });
}

#[test]
fn declaration_with_a_macro_behind_its_type_offers_its_definition() {
    check(&Case {
        tree: "//- include/encode.hpp\n#include <string>\nstd::string MY_PUBLIC_SYMBOL encode(std::string const& text, bool strict = false);\n\
            //- encode.cpp\n#include \"include/encode.hpp\"\nstd::string encode(std::string const& text, bool strict) { return text; }\n\
            static int gone() { return 1; }\n",
        certain: &["encode.cpp gone"],
        doubtful: &[],
    });
}

#[test]
fn what_libraries_of_cpp_ask_of_types_by_name_is_used() {
    check(&Case {
        tree: "//- node.cpp\nnamespace {\nstruct Node {\n    template <class Archive> void save(Archive &archive) const {}\n\
            template <class Archive> void load(Archive &archive) {}\n    static void cleanup(int *p) {}\n    void gone() {}\n    int size;\n};\n}\n\
            int main() { Node node; return node.size; }\n",
        certain: &["node.cpp gone"],
        doubtful: &[],
    });
}

#[test]
fn function_that_a_misread_header_declares_elsewhere_is_doubtful() {
    check(&Case {
        tree: "//- common.h\nnamespace outer {\nvoid use_it(int a);\ntemplate <> struct Low<true> { static void f(int a) { UNUSED a UNUSED b } };\n\
            void g(int a) { ( ] }\n}}\n\
            //- common.cpp\n#include \"common.h\"\nnamespace outer { namespace inner {\nvoid use_it(int a) {}\nvoid gone(int a) {}\n} }\n\
            //- main.cpp\nint main() { return 0; }\n",
        certain: &["common.cpp gone"],
        doubtful: &[("common.cpp use_it", &["parse_error"])],
    });
}

#[test]
fn special_case_of_a_template_of_a_library_is_doubtful() {
    check(&Case {
        tree: "//- hash.cpp\nstruct Key { int a; };\ntemplate <typename T> struct Own { };\ntemplate <> struct Own<Key> { };\n\
            namespace std {\ntemplate <> struct hash<Key> { int operator()(const Key &key) const { return key.a; } };\n}\n\
            static int digest(const Key &key) { return key.a; }\nint main() { Key key; return digest(key); }\n",
        certain: &["hash.cpp Own", "hash.cpp Own"],
        doubtful: &[("hash.cpp hash", &["outside_base"])],
    });
}

#[test]
fn value_that_a_call_makes_is_used_when_the_program_starts() {
    check(&Case {
        tree: "//- types.cpp\n#include \"meta.h\"\nnamespace { int note() { return 1; } }\nconst int known = note();\n\
            static const int gone = 1 + 1;\nconst auto listed = registerType<int>();\n",
        certain: &["types.cpp gone"],
        doubtful: &[],
    });
}
