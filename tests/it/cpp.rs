//! C++: what is found in one file, and what names mean across files.

use crate::corpus::{links, outline, survives};

#[test]
fn every_kind_of_definition_is_found() {
    outline(
        r#"
//- all.cpp
namespace a::b { int nested(); }
inline namespace v1 { void versioned() {} }
namespace { int hidden; void secret() {} class Local {}; }
template <typename T, int N = 3> class Box final : public Base<T> {
 public:
  Box() = default;
  explicit Box(int x) : Base<T>(x), value_(x) {}
  Box(const Box&) = delete;
  virtual ~Box();
  virtual int area(int scale = 1) const = 0;
  int length() const override;
  static Box* make();
  bool operator==(const Box& other) const;
  operator bool() const { return true; }
  template <class U> U as() { return U(); }
  friend void swap(Box& a, Box& b) {}
  friend class Other;
  enum class Color : int { Red };
  enum { kMax = 4 };
  struct Inner { int q; };
  using Value = T;
 private:
  T value_ = 0, *next_;
  static int count_;
  static constexpr int kSize = 4;
  union { int i; float f; };
};
template <> class Box<int, 1> {};
template <class T> concept Printable = requires(T t) { t.print(); };
int Box::count_ = 0;
int Box::length() const { return 1; }
Box::~Box() {}
Box::Box(double) {}
Box::operator int() { return 1; }
using Alias = Box<int>;
typedef Box<int> Old;
enum Plain { One };
auto lambda = [](int x) { return x; };
constexpr int limit = 3;
bool operator<(const Alias& a, const Alias& b) { return true; }
extern "C" { int c_function(int); }
auto trailing(int x) -> Alias*;
int main() { auto local = [] { return 1; }; return local(); }
TEST(Suite, Name) { lambda(1); }
"#,
        "
        namespace a
          namespace b
            function nested [declaration]
        namespace v1
          function versioned
        namespace <anonymous> [static]
          variable hidden [static]
          function secret [static]
          class Local [static]
        class Box [final]
          constructor Box
          constructor Box
          constructor Box [declaration]
          destructor ~Box [declaration virtual receiver]
          method area [abstract virtual receiver const]
          method length [declaration virtual receiver const]
          method make [static declaration]
          method operator== [declaration receiver const]
          method operator bool [receiver const]
          method as [receiver]
        function swap
          enum Color
            enum_member Red
          enum_member kMax
          struct Inner
            field q
          type_alias Value
          field value_
          field next_
          field count_ [static declaration]
          field kSize [static]
          field i
          field f
        class Box
        concept Printable
        field count_ [static]
        method length [receiver const]
        destructor ~Box [receiver]
        constructor Box
        method operator int [receiver]
        type_alias Alias
        type_alias Old
        enum Plain
          enum_member One
        closure lambda
        constant limit
        function operator<
        function c_function [declaration]
        function trailing [declaration]
        function main [entry_point]
          closure local
        function TEST [test]
        ",
    );
}

#[test]
fn macros_in_class_heads_and_declarations_hide_nothing() {
    outline(
        r#"
//- export.hpp
class EXPORT Status {
 public:
  EXPORT Status(int code) REQUIRES(lock_) : code_(code) {}
  void Lock() EXCLUSIVE_LOCK_FUNCTION();
 private:
  int code_ GUARDED_BY(lock_);
  DISALLOW_COPY(Status);
};
class FOO_EXPORT Forward;
FOO_EXPORT Status* make(int a);
"#,
        "
        class Status
          constructor Status
          method Lock [declaration receiver]
          field code_
        class Forward [declaration]
        function make [declaration]
        ",
    );
}

#[test]
fn members_defined_outside_see_their_class() {
    links(
        r#"
//- shape.hpp
namespace geo {
class Shape {
 public:
  Shape(int size);
  int area() const;
  static Shape make(int size);
 private:
  int scaled(int by) const;
  int size_;
};
}
//- shape.cpp
#include "shape.hpp"
namespace geo {
static int helper(int x) { return x; }
  Shape::Shape(int size) : size_(size) {}
//^^^^^ type resolved shape.hpp#geo::Shape
//                         ^^^^^ write resolved shape.hpp#geo::Shape::size_
int Shape::area() const { return scaled(helper(size_)); }
//                               ^^^^^^ call resolved shape.cpp#geo::Shape::scaled
//                                      ^^^^^^ call resolved shape.cpp#geo::helper
//                                             ^^^^^ read resolved shape.hpp#geo::Shape::size_
int Shape::scaled(int by) const { return this->size_ * by; }
//                                             ^^^^^ read resolved shape.hpp#geo::Shape::size_
Shape Shape::make(int size) { return Shape(size); }
//                                   ^^^^^ call resolved shape.cpp#geo::Shape::Shape
}
//- main.cpp
#include "shape.hpp"
int main() {
  geo::Shape made = geo::Shape::make(2);
//                              ^^^^ call resolved shape.cpp#geo::Shape::make
  return made.area();
//            ^^^^ call resolved shape.cpp#geo::Shape::area
}
"#,
    );
}

#[test]
fn a_class_is_a_type_inside_itself() {
    links(
        r#"
//- self.cpp
class Node;
struct Tree { Node* root; };
class Node {
 public:
  Node(int v) {}
  int depth() { Node other(1); Node* next = nullptr; return other.depth() + next->depth(); }
//              ^^^^ type resolved self.cpp#Node
//              ^^^^ call resolved self.cpp#Node::Node
//                                                                ^^^^^ call resolved self.cpp#Node::depth
//                                                                                ^^^^^ call resolved self.cpp#Node::depth
  Node copy();
};
Node Node::copy() { Node made(2); return made.copy(); }
//                                            ^^^^ call resolved self.cpp#Node::copy
int use(Tree& tree) { return tree.root->depth(); }
//                                      ^^^^^ call resolved self.cpp#Node::depth
"#,
    );
}

#[test]
fn every_form_of_call_is_a_site() {
    links(
        r#"
//- calls.cpp
#include <memory>
#include <vector>
namespace ns { int free_function(int a) { return a; } }
template <class T> T identity(T t) { return t; }
struct Base { void based() {} };
struct Foo : Base {
  Foo(int a) {}
  Foo() : Foo(1) {}
//        ^^^ call resolved calls.cpp#Foo::Foo overload
  int f(int a) { return a; }
  template <class T> T get() { return T(); }
  static int make() { return 1; }
  Foo& operator+(const Foo& o) { return *this; }
  void self() {
    f(1);
//  ^ call resolved calls.cpp#Foo::f
    this->f(2);
//        ^ call resolved calls.cpp#Foo::f
  }
};
void all(Foo* pointer, Foo& reference, std::unique_ptr<Foo> owned) {
  ns::free_function(1);
//    ^^^^^^^^^^^^^ call resolved calls.cpp#ns::free_function
  ::ns::free_function(1);
//      ^^^^^^^^^^^^^ call resolved calls.cpp#ns::free_function
  identity<int>(3);
//^^^^^^^^ call resolved calls.cpp#identity
  pointer->f(1);
//         ^ call resolved calls.cpp#Foo::f
  reference.f(1);
//          ^ call resolved calls.cpp#Foo::f
  owned->f(1);
//       ^ call resolved calls.cpp#Foo::f
  reference.get<int>();
//          ^^^ call resolved calls.cpp#Foo::get
  pointer->Base::based();
//               ^^^^^ call resolved calls.cpp#Base::based
  Foo::make();
//     ^^^^ call resolved calls.cpp#Foo::make
  reference.operator+(reference);
//          ^^^^^^^^^ call resolved calls.cpp#Foo::operator+
  Foo x(1);
//^^^ call resolved calls.cpp#Foo::Foo overload
  Foo y{1};
//^^^ call resolved calls.cpp#Foo::Foo overload
  auto z = Foo(2);
//         ^^^ call resolved calls.cpp#Foo::Foo overload
  auto w = new Foo(3);
//             ^^^ call resolved calls.cpp#Foo::Foo overload
  z.f(1);
//  ^ call resolved calls.cpp#Foo::f
  w->f(1);
//   ^ call resolved calls.cpp#Foo::f
  static_cast<Foo*>(pointer)->f(4);
//                            ^ call resolved calls.cpp#Foo::f
  std::vector<Foo> many;
  for (auto& one : many) one.f(5);
//                           ^ call resolved calls.cpp#Foo::f
  many.push_back(x);
//     ^^^^^^^^^ call external std::vector::push_back
  auto local = [&](int a) { return reference.f(a); };
//                                           ^ call resolved calls.cpp#Foo::f
  local(6);
//^^^^^ call resolved calls.cpp#all::local
  std::move(x);
//     ^^^^ call external std::move
}
"#,
    );
}

#[test]
fn virtual_calls_reach_their_overriders() {
    links(
        r#"
//- shapes.cpp
class Shape { public: virtual int area() = 0; virtual ~Shape() {} };
class Circle : public Shape { public: int area() override { return 1; } };
class Square : public Shape { public: int area() override { return 2; } };
//                    ^^^^^ inherit resolved shapes.cpp#Shape
int total(Shape* shape, Circle& circle) {
  circle.area();
//       ^^^^ call resolved shapes.cpp#Circle::area
  return shape->area();
//              ^^^^ call candidates shapes.cpp#Shape::area, shapes.cpp#Circle::area, shapes.cpp#Square::area dispatch
}
"#,
    );
}

#[test]
fn a_base_by_another_name_is_that_type() {
    links(
        r#"
//- a.cc
#include <outside.h>
class Plain { public: virtual int size() { return 1; } int width() { return 2; } };
typedef Plain Known;
using Other = Known;
class Near : public Known { public: int size() { return width(); } };
//                                                      ^^^^^ call resolved a.cc#Plain::width
class Far : public Other { public: int size() { return width(); } };
//                                                     ^^^^^ call resolved a.cc#Plain::width
typedef ::Device Foreign;
class Away : public Foreign { public: void go() { start(); } };
//                                                ^^^^^ call external outside.h::start
int call(Plain *plain) { return plain->size(); }
//                                     ^^^^ call candidates a.cc#Plain::size, a.cc#Near::size, a.cc#Far::size dispatch
"#,
    );
}

#[test]
fn only_virtual_members_are_overridden() {
    links(
        r#"
//- plain.hpp
struct Base { int fixed(); virtual int open(); };
struct Derived : Base { int fixed(); int open(); };
//- plain.cpp
#include "plain.hpp"
int Base::fixed() { return 1; }
int Base::open() { return 1; }
int Derived::fixed() { return 2; }
int Derived::open() { return 2; }
int use(Base* base, Derived items[], int i) {
  base->fixed();
//      ^^^^^ call resolved plain.cpp#Base::fixed
  items[i].fixed();
//         ^^^^^ call resolved plain.cpp#Derived::fixed
  return base->open();
//             ^^^^ call candidates plain.cpp#Base::open, plain.cpp#Derived::open dispatch
}
int walk(const Derived* pointer, int i) { return pointer[i].open(); }
//                                                          ^^^^ call resolved plain.cpp#Derived::open
"#,
    );
}

#[test]
fn names_of_type_parameters_and_locals_link_to_nothing_global() {
    links(
        r#"
//- shadow.cpp
struct T { void go() {} };
int run() { return 1; }
template <class T> void generic(T value) { value.go(); }
//                                               ^^ call unknown
void local() {
  auto run = [] { return 2; };
  run();
//^^^ call resolved shadow.cpp#local::run
  for (int run : {1, 2}) { run + 1; }
}
void binding(int (*run)()) { run(); }
//                           ^^^ call unknown
void structured() {
  auto [run, other] = pair();
  run();
//^^^ call unknown
}
void captured() {
  auto closure = [run = 3] { return run(); };
//                                  ^^^ call external int
}
"#,
    );
}

#[test]
fn namespaces_of_equal_name_are_one() {
    links(
        r#"
//- a.hpp
namespace lib { void first(); namespace detail { inline int deep() { return 1; } } }
//- a.cpp
#include "a.hpp"
namespace lib { void first() {} }
//- b.cpp
#include "a.hpp"
namespace lib {
void second() { first(); detail::deep(); }
//              ^^^^^ call resolved a.cpp#lib::first
//                               ^^^^ call resolved a.hpp#lib::detail::deep
}
void third() { lib::second(); }
//                  ^^^^^^ call resolved b.cpp#lib::second
"#,
    );
}

#[test]
fn using_brings_names_in() {
    links(
        r#"
//- lib.hpp
namespace lib { inline void f() {} inline void g() {} namespace deep { inline void h() {} } }
//- use.cpp
#include "lib.hpp"
#include <string>
using lib::f;
namespace d = lib::deep;
using std::string;
void a() {
  f();
//^ call resolved lib.hpp#lib::f
  d::h();
//   ^ call resolved lib.hpp#lib::deep::h
  string("x");
//^^^^^^ call external std::string
}
void b() {
  using namespace lib;
  g();
//^ call resolved lib.hpp#lib::g
}
"#,
    );
}

#[test]
fn methods_of_foreign_types_stay_outside() {
    links(
        r#"
//- foreign.cpp
#include <string>
#include <map>
void append(int x) {}
int size() { return 1; }
void use(std::string s, std::map<int, std::string>& m) {
  s.append("x");
//  ^^^^^^ call external std::string::append
  s.size();
//  ^^^^ call external std::string::size
  m.find(1);
//  ^^^^ call external std::map::find
  append(1);
//^^^^^^ call resolved foreign.cpp#append lexical_scope
}
"#,
    );
}

#[test]
fn same_names_in_two_namespaces_are_told_apart() {
    links(
        r#"
//- two.cpp
namespace a { void f() {} struct S { void m() {} }; }
namespace b { void f() {} struct S { void m() {} }; void call() { f(); S s; s.m(); } }
//                                                                ^ call resolved two.cpp#b::f lexical_scope
//                                                                            ^ call resolved two.cpp#b::S::m
void use() { a::f(); b::S s; s.m(); }
//              ^ call resolved two.cpp#a::f
//                             ^ call resolved two.cpp#b::S::m
"#,
    );
}

#[test]
fn unnamed_namespaces_are_private_to_their_file() {
    links(
        r#"
//- one.cpp
namespace { int same() { return 1; } }
int first() { return same(); }
//                   ^^^^ call resolved one.cpp#<anonymous>::same
//- two.cpp
namespace { int same() { return 2; } }
int second() { return same(); }
//                    ^^^^ call resolved two.cpp#<anonymous>::same
"#,
    );
}

#[test]
fn a_c_header_serves_cpp_as_well() {
    links(
        r#"
//- c/util.h c
#ifdef __cplusplus
extern "C" {
#endif
struct thing { int size; };
int util(struct thing *t);
#ifdef __cplusplus
}
#endif
//- c/util.c
#include "util.h"
int util(struct thing *t) { return t->size; }
//- main.cc
#include "c/util.h"
int main() { thing t; return util(&t); }
//           ^^^^^ type resolved c/util.h#thing
//                           ^^^^ call resolved c/util.c#util
"#,
    );
}

#[test]
fn overloads_are_chosen_by_number_of_arguments() {
    links(
        r#"
//- overload.cpp
void f(int a) {}
void f(int a, int b) {}
void g(int a, int b = 2) {}
void text(double value) {}
void text(Narrow value) {}
void declared(int a = 1);
void declared(int a, int b);
void declared(int a) {}
struct Narrow { void only(double a) {} };
struct Wide : Narrow { void only(int a) {} };
using Map = std::map<int, int>;
void use() {
  f(1);
//^ call resolved overload.cpp#f overload
  text(1.5);
//^^^^ call resolved overload.cpp#text overload
  declared();
//^^^^^^^^ call resolved overload.cpp#declared
  Wide wide;
  wide.only(1);
//     ^^^^ call resolved overload.cpp#Wide::only
  Map map(3);
//^^^ call external std::map
  g(1);
//^ call resolved overload.cpp#g lexical_scope
}
"#,
    );
}

#[test]
fn members_defined_outside_see_the_namespaces_of_their_class() {
    links(
        r#"
//- page.hpp
namespace tag {
namespace ogg {
int count();
class Page {
 public:
  static Page *split(int a);
  void store();
  class Part { void cut(); };
  static int parts();
};
}
int total();
}
//- page.cpp
#include "page.hpp"
using namespace tag;
int count() { return 2; }
ogg::Page *ogg::Page::split(int a) { return nullptr; }
int ogg::Page::parts() { return 1; }
void ogg::Page::store() {
  Page *page = Page::split(1);
//             ^^^^ type resolved page.hpp#tag::ogg::Page
//                   ^^^^^ call resolved page.cpp#ogg::Page::split
  count();
//^^^^^ call resolved page.hpp#tag::ogg::count
  total();
//^^^^^ call resolved page.hpp#tag::total
}
void ogg::Page::Part::cut() {
  parts();
//^^^^^ call resolved page.cpp#ogg::Page::parts
}
void other() {
  count();
//^^^^^ call resolved page.cpp#count
}
"#,
    );
}

#[test]
fn names_that_a_file_keeps_to_itself_are_not_found_in_its_namespace() {
    links(
        r#"
//- draw.cpp
namespace lib {
namespace drawing { static int text(double a) { return 1; } static int colour() { return 2; } }
using namespace drawing;
struct Draw { int go() { return text(1.0) + colour(); } };
//                              ^^^^ call resolved draw.cpp#lib::drawing::text
//                                          ^^^^^^ call resolved draw.cpp#lib::drawing::colour
int shown() { return open_one() + inlined(); }
//                   ^^^^^^^^ call resolved other.cpp#lib::open_one
//                                ^^^^^^^ call resolved small.hpp#lib::inlined
int hidden() { return lost(); }
//                    ^^^^ call unknown not_in_scope
}
//- other.cpp
namespace lib {
namespace { int text(double a) { return 3; } int lost() { return 1; } }
namespace showing { static int colour() { return 2; } }
using namespace showing;
int open_one() { return text(2.0) + colour(); }
//                      ^^^^ call resolved other.cpp#lib::<anonymous>::text
//                                  ^^^^^^ call resolved other.cpp#lib::showing::colour
}
//- small.hpp
namespace lib { static inline int inlined() { return 1; } }
"#,
    );
}

#[test]
fn broken_source_survives() {
    survives(
        "cpp",
        r#"
namespace a::b { template <class T, int N> class EXPORT Foo : public Base<T> { public: Foo(int x) : Base<T>(x), y_{x} {}
  template <class U> auto get() const -> U { return [this]<class V>(V v) { return v.template f<U>(); }(1); }
  bool operator==(const Foo& o) const = default; operator bool() const; int y_ GUARDED_BY(m); }; }
R"x(raw)x"; a::b::Foo<int>::~Foo() { for (auto& [k, v] : m) x.operator+(k); }
"#,
    );
}
