//! Which of several callables of one name a call means, by the types of its arguments: Java and C++.
//!
//! A definition's line ends in `// is NAME`, a call's in `// -> NAMES`: what the first call of the line means, and
//! nothing else. More than one name are candidates: the types known do not settle it.

use std::fmt::Write;

use magellan::model::{LineIndex, Outcome, Role};

use crate::corpus::{Linked, linked};

#[track_caller]
fn chooses(fixture: &str) {
    let linked = linked(fixture, 1);
    let mut wrong = String::new();
    let mut checked = 0;
    for (file, source) in linked.sources.iter().enumerate() {
        for (number, line) in (1u32..).zip(source.text.lines()) {
            let Some((_, expected)) = line.split_once("// -> ") else { continue };
            checked += 1;
            let actual = meant(&linked, file, number);
            if actual != expected {
                let _ = writeln!(wrong, "{}:{number}: {line}\n  actual {actual}", source.path);
            }
        }
    }
    assert!(checked > 0, "the fixture expects nothing");
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The names of what the first call of a line means.
fn meant(linked: &Linked, file: usize, line: u32) -> String {
    let index = LineIndex::new(linked.sources[file].text.as_bytes());
    let occurrences = linked.facts[file].occurrences.iter().zip(&linked.links[file].outcomes);
    let mut calls = occurrences
        .filter(|(occurrence, _)| occurrence.role == Role::Call && index.position(occurrence.span.start).line == line);
    let targets = match calls.next() {
        Some((_, Outcome::Resolved(target, _))) => vec![*target],
        Some((_, Outcome::Candidates(targets, _))) => targets.to_vec(),
        Some((_, outcome)) => return format!("{outcome:?}"),
        None => return "no call".to_owned(),
    };
    let mut names: Vec<String> = targets
        .iter()
        .map(|target| {
            let home = target.file as usize;
            let text = &linked.sources[home].text;
            let start = linked.facts[home].symbol(target.symbol).name_span.start;
            let line = LineIndex::new(text.as_bytes()).position(start).line;
            let line = text.lines().nth(line as usize - 1).unwrap();
            line.split_once("// is ").map_or(line, |(_, name)| name).to_owned()
        })
        .collect();
    names.sort();
    names.join(" ")
}

#[test]
fn java_takes_arguments_as_they_are_before_boxing_and_variable_arity() {
    chooses(
        r#"
//- a/Phases.java
package a;
import java.util.*;
class Phases {
    static void f(long x) {} // is long
    static void f(Integer x) {} // is boxed
    static void f(int... x) {} // is many
    static void f(Object x) {} // is object
    static void one(String x) {} // is one
    static void one(String... x) {} // is some
    void calls(int i, byte b, double d, Long l, int[] array, List<Long> longs) {
        f(1); // -> long
        f(b); // -> long
        f('c'); // -> long
        f(i + 1); // -> long
        f(-b); // -> long
        f(b << 3L); // -> long
        f(Integer.valueOf(3)); // -> boxed
        f(d); // -> object
        f(i * d); // -> object
        f(l); // -> object
        f(longs.get(0)); // -> object
        f(array); // -> many
        f(); // -> many
        f(1, 2); // -> many
        f("a".length()); // -> long
        f("text" + 1); // -> object
        one("x"); // -> one
        one(); // -> some
        one("x", "y"); // -> some
        one("a,b".split(",")); // -> some
    }
}
"#,
    );
}

#[test]
fn java_prefers_the_narrowest_parameters() {
    chooses(
        r#"
//- a/Narrow.java
package a;
import java.io.*;
import java.nio.charset.*;
import java.nio.file.Path;
class Narrow {
    static class Base {}
    static class Derived extends Base implements Closeable { public void close() {} }
    static void f(Object x) {} // is object
    static void f(Base x) {} // is base
    static void f(Derived x) {} // is derived
    static void f(Closeable x) {} // is closeable
    static void f(Writer x) {} // is writer
    static void g(CharSequence x, Object y) {} // is sequence
    static void g(String x, String y) {} // is string
    static void h(InputStream in, Charset set) {} // is set
    static void h(InputStream in, String name) {} // is name
    static void h(File in, String name) {} // is file
    static void lambda(Runnable x) {} // is runnable
    static void lambda(String x) {} // is text
    static void lambda(int[] x) {} // is array
    static void nothing(int x) {} // is number
    static void nothing(String x) {} // is word
    static void array(Object[] x) {} // is objects
    static void array(byte[] x) {} // is bytes
    void calls(FileInputStream in, Path path, Unseen unseen) throws Exception {
        f(new Object()); // -> object
        f(new Base()); // -> base
        f(new Derived()); // -> derived
        f(new Base() {}); // -> base
        f(in); // -> closeable
        f(new PrintWriter(System.out)); // -> writer
        f(path); // -> object
        f(path == null ? null : path); // -> object
        g("a", "b"); // -> string
        g("a", path); // -> sequence
        g(new StringBuilder(), "b"); // -> sequence
        h(in, Charset.defaultCharset()); // -> set
        h(in, StandardCharsets.UTF_8); // -> set
        h(in, path.toString().trim()); // -> name
        h(path.toFile(), "x"); // -> file
        lambda(() -> {}); // -> runnable
        lambda(path::toFile); // -> runnable
        nothing(null); // -> word
        array(new String[0]); // -> objects
        array("a".getBytes()); // -> bytes
    }
}
"#,
    );
}

#[test]
fn java_type_parameters_of_a_method_take_any_object() {
    chooses(
        r#"
//- a/Generic.java
package a;
class Generic<E> {
    static <T> void f(T x) {} // is object
    static void f(int x) {} // is int
    static void f(String x) {} // is text
    static <T> void g(T[] x) {} // is objects
    static void g(int[] x) {} // is ints
    static void g(Object x) {} // is any
    static <T extends CharSequence> void h(T x) {} // is sequence
    static <T> void h(T x) {} // is free
    void put(E x) {} // is element
    void put(CharSequence x) {} // is characters
    void calls(int[] ints, String[] texts, String text, Integer boxed, Generic<String> generic, Unseen unseen) {
        f(1); // -> int
        f('c'); // -> int
        f(boxed); // -> object
        f(text); // -> text
        f(texts); // -> object
        g(ints); // -> ints
        g(texts); // -> objects
        g(text); // -> any
        g(unseen.all()); // -> any ints objects
        h(text); // -> sequence
        h(boxed); // -> free
        generic.put(text); // -> characters element
    }
}
"#,
    );
}

#[test]
fn java_keeps_candidates_where_a_type_is_not_known() {
    chooses(
        r#"
//- a/Open.java
package a;
import org.other.*;
class Open {
    static void f(String x) {} // is text
    static void f(int x) {} // is number
    static void f(int x, int y) {} // is two
    static void g(String x, int y) {} // is first
    static void g(String x, Object y) {} // is second
    static void g(Runnable x, Object y) {} // is third
    static <T extends Number> void h(T x) {} // is bounded
    static void h(String x) {} // is string
    void calls(Unseen unseen) {
        f(unseen.size()); // -> number text
        f(Helper.make()); // -> number text
        f(missing); // -> number text
        g("a", unseen.size()); // -> first second
        g(unseen.name(), 1); // -> first second third
        h(3); // -> bounded
        h("3"); // -> string
    }
}
"#,
    );
}

#[test]
fn java_constructors_do_not_call_themselves_nor_what_they_cannot_see() {
    chooses(
        r#"
//- a/Base.java
package a;
import java.util.List;
class Base {
    private Base(List<String> all) {} // is hidden
    Base(String... all) {} // is open
    private static List<String> list() { return null; }
}
//- a/Made.java
package a;
import java.util.List;
class Made extends Base {
    Made(int x) { // is number
        this(x, Unknown.value()); // -> full
    }
    Made(int x, Object y) { // is full
        super(Unknown.value()); // -> open
    }
    Made(String x) { // is text
        this(Unknown.value()); // -> number
    }
}
"#,
    );
}

#[test]
fn java_overrides_of_other_overloads_are_not_reached() {
    chooses(
        r#"
//- a/Listener.java
package a;
interface Listener {
    void handle(Exception e); // is exception
    void handle(String line); // is line
}
class Adapter implements Listener {
    public void handle(Exception e) {} // is adapted exception
    public void handle(String line) {} // is adapted line
}
class User {
    void use(Listener listener) {
        try { go(); } catch (java.io.IOException e) {
            listener.handle(e); // -> adapted exception exception
        }
        listener.handle("a" + 1); // -> adapted line line
    }
    void go() {}
}
"#,
    );
}

#[test]
fn cpp_const_objects_choose_const_members() {
    chooses(
        r#"
//- node.cpp
class Node {
public:
  const Node* First() const { return first_; } // is const first
  Node* First() { return first_; } // is first
  virtual const Node* Self() const { return this; } // is const self
  virtual Node* Self() { return this; } // is self
  int Size() const { return 1; } // is size
  const Node* Inside() const {
    First(); // -> const first
    this->First(); // -> const first
    first_->First(); // -> first
    whole_.Get(); // -> const get
    return 0;
  }
  void Change() {
    First(); // -> first
    First()->First(); // -> first
    const_cast<const Node*>(this)->First(); // -> const first
    whole_.Get(); // -> get
  }
private:
  Node* first_;
  Node& other_;
  static Node* all_;
  Part whole_;
};
class Part {
public:
  const int& Get() const; // is const get
  int& Get(); // is get
};
void use(const Node& fixed, Node& free, const Node* pointer, Node* const place) {
  fixed.First(); // -> const first
  free.First(); // -> first
  pointer->First(); // -> const first
  place->First(); // -> first
  auto again = free.First();
  again->First(); // -> first
  auto* once = fixed.First();
  once->First(); // -> const first
  (free.First() ? &free : 0)->First(); // -> first
}
void both(Node* a, const Node* b, bool which) {
  (which ? a : b)->First(); // -> const first first
  Node list[3];
  list[0].First(); // -> first
  (*a).First(); // -> first
  (*b).First(); // -> const first
}
"#,
    );
}

#[test]
fn cpp_virtual_const_members_reach_const_overrides_only() {
    chooses(
        r#"
//- shape.cpp
struct Shape {
  virtual Shape* self() { return this; } // is self
  virtual const Shape* self() const { return this; } // is const self
};
struct Square : Shape {
  Shape* self() override { return this; } // is square
  const Shape* self() const override { return this; } // is const square
};
void use(const Shape& fixed, Shape& free) {
  fixed.self(); // -> const self const square
  free.self(); // -> self square
}
"#,
    );
}

#[test]
fn cpp_takes_the_best_conversion_of_every_argument() {
    chooses(
        r#"
//- convert.cpp
#include <cstdint>
typedef unsigned int Count;
enum Color { Red };
struct Base {};
struct Derived : Base {};
struct Text { Text(const char* s); };
void f(int x) {} // is int
void f(unsigned x) {} // is unsigned
void f(double x) {} // is double
void f(bool x) {} // is bool
void f(const char* x) {} // is text
void f(const Base* x) {} // is base
void f(Color x) {} // is color
void g(char* x) {} // is free
void g(const char* x) {} // is fixed
void h(const Text& x) {} // is made
void h(bool x) {} // is truth
void two(int a, double b) {} // is int double
void two(double a, int b) {} // is double int
void two(double a, double b) {} // is double double
void any(void* x) {} // is anything
void any(const Base* x) {} // is any base
void paint(int a) {} // is promoted
void paint(double a) {} // is converted
void more(int a, int b = 0) {} // is more
void more(const char* a, ...) {} // is rest
int number();
const char* name();
void use(char* p, const char* q, Count count, short small, float real, Derived* derived, Color color, bool yes) {
  f(1); // -> int
  f(-1); // -> int
  f(small); // -> int
  f('c'); // -> int
  f(number()); // -> int
  f(number() + small); // -> int
  f(number() * 2.5); // -> double
  f(count); // -> unsigned
  f(2u); // -> unsigned
  f(unsigned(2)); // -> unsigned
  f(static_cast<unsigned>(2)); // -> unsigned
  f((unsigned)2); // -> unsigned
  f(1.5); // -> double
  f(real); // -> double
  f(1.5f); // -> double
  f(yes); // -> bool
  f(!p); // -> bool
  f(count < 3); // -> bool
  f("text"); // -> text
  f(p); // -> text
  f(yes ? "yes" : "no"); // -> text
  f(derived); // -> base
  f(color); // -> color
  f(Red); // -> color
  g(p); // -> free
  g(q); // -> fixed
  g("x"); // -> fixed
  g(name()); // -> fixed
  h("x"); // -> truth
  two(1, 2.0); // -> int double
  two(1.0, 2); // -> double int
  two(real, real); // -> double double
  any(p); // -> anything
  any(derived); // -> any base
  paint(Red); // -> promoted
  paint(color); // -> promoted
  more(1); // -> more
  more("a"); // -> rest
  more("a", 1, 2); // -> rest
  f(unseen()); // -> base bool color double int text unsigned
}
"#,
    );
}

#[test]
fn cpp_knows_what_the_most_used_library_functions_give() {
    chooses(
        r#"
//- library.cpp
#include <string>
#include <string.h>
void f(int x) {} // is int
void f(bool x) {} // is bool
void f(const char* x) {} // is text
void f(const std::string& x) {} // is string
void f(size_t x) {} // is size
void use(std::string s, const std::string& fixed) {
  f(s.c_str()); // -> text
  f(s.empty()); // -> bool
  f(strlen("x")); // -> size
  f(fixed.size()); // -> size
  f(strcmp("a", "b")); // -> int
  f(std::to_string(1)); // -> string
  f(s); // -> string
  f(fixed.mystery()); // -> bool int size string text
}
"#,
    );
}

#[test]
fn cpp_references_and_temporaries_tell_apart() {
    chooses(
        r#"
//- refs.cpp
struct Thing { Thing(); };
Thing make();
Thing& borrow();
void f(Thing& x) {} // is place
void f(const Thing& x) {} // is fixed
void f(Thing&& x) {} // is temporary
void use(Thing& free, const Thing& fixed) {
  f(free); // -> place
  f(fixed); // -> fixed
  f(make()); // -> temporary
  f(borrow()); // -> place
  f(Thing()); // -> temporary
}
"#,
    );
}

#[test]
fn cpp_templates_fit_exactly_but_come_after_plain_functions() {
    chooses(
        r#"
//- template.cpp
void f(int a, int b) {} // is int
void f(bool a, bool b) {} // is bool
template <class T> void f(T a, T b) {} // is template
template <class T> struct Holder {
  void put(T x) {} // is own
  void put(const char* x) {} // is text
};
void use(double d, Holder<int> holder, char* name) {
  f(1, 2); // -> int
  f(true, false); // -> bool
  f(d, d); // -> template
  f(1, true); // -> bool int
  holder.put(name); // -> own text
}
"#,
    );
}

#[test]
fn cpp_constructors_are_chosen_and_implied_ones_are_the_class() {
    chooses(
        r#"
//- make.cpp
struct Node {};
struct Leaf : Node {};
struct Handle {
  explicit Handle(Node* node); // is pointer
  explicit Handle(Node& node); // is reference
  Handle(const Handle& other); // is copy
};
Handle::Handle(Node* node) {} // is pointer
Handle::Handle(Node& node) {} // is reference
Handle::Handle(const Handle& other) {} // is copy
struct Plain { // is class
  Plain() {} // is default
};
struct Wrapped : Handle {
  Wrapped(Node* node) : Handle(node) {} // -> pointer
  Wrapped(Leaf& leaf) : Handle(leaf) {} // -> reference
};
void use(Node* node, Leaf& leaf, Handle handle, Plain plain) {
  Handle a(node); // -> pointer
  Handle b(leaf); // -> reference
  Handle c(handle); // -> copy
  new Handle(node); // -> pointer
  new Plain(); // -> default
  new Plain(plain); // -> class
  Node** list = new Node*[3]; // -> no call
}
"#,
    );
}

#[test]
fn cpp_overloads_defined_here_and_elsewhere_are_all_candidates() {
    chooses(
        r#"
//- printer.h cpp
class Printer {
public:
  void Write(const char* text) { Write(text, 1); } // -> sized
  void Write(const char* text, int size);
};
//- printer.cpp
#include "printer.h"
void Printer::Write(const char* text, int size) {} // is sized
"#,
    );
}

#[test]
fn cpp_a_template_is_itself_whatever_it_is_made_of() {
    chooses(
        r#"
//- a.cpp
struct Base {};
template <class T> struct List : Base {
    void go();
    void each(typename T::item** items, int n) {} // is items
    void each(Base* base, int n) {} // is base each
};
template <class T> void take(List<T>& list) {} // is list
void take(Base& base) {} // is base
void keep(List<int>* list) {} // is ints
void keep(List<char>* list) {} // is chars
void keep(Base* base) {} // is base kept
template <class T> void List<T>::go() {
    take(*this); // -> list
}
void calls(List<int> ints, List<int>* pointer, char* text, char*** texts, List<Base> bases) {
    take(ints); // -> list
    keep(pointer); // -> ints
    bases.each(texts, 1); // -> items
}
"#,
    );
}

#[test]
fn cpp_overloads_of_several_included_files_stand_side_by_side() {
    chooses(
        r#"
//- number.h cpp
#pragma once
#include "word.h"
inline void put(int value) {} // is put(int)
static void keep(int value) {} // is keep(int)
void declared(int value); // is declared(int)
template <typename T> void fill(T *value) {} // is fill(T *)
void again(int value); // is again
namespace ns { inline void show(int value) {} } // is show(int)
//- word.h cpp
#pragma once
inline void put(const char *text) {} // is put(text)
static void keep(const char *text) {} // is keep(text)
void declared(const char *text); // is declared(text)
template <typename T> void fill(T *value, int count) {} // is fill(T *, int)
void again(int number);
namespace ns { inline void show(const char *text) {} } // is show(text)
//- apart.h cpp
inline void put(bool value, bool other) {} // is put(bool, bool)
//- user.cpp
#include "number.h"
inline void put(double one, double other) {} // is put(double, double)
void f(int *numbers) {
    put(1); // -> put(int)
    put("x"); // -> put(text)
    put(true, false); // -> put(double, double)
    keep("x"); // -> keep(text)
    declared(1); // -> declared(int)
    declared("x"); // -> declared(text)
    fill(numbers); // -> fill(T *)
    fill(numbers, 1); // -> fill(T *, int)
    again(1); // -> again
}
namespace ns {
inline void show(double value) {} // is show(double)
void g() {
    show(1); // -> show(int)
    show("x"); // -> show(text)
    show(1.0); // -> show(double)
}
}
"#,
    );
}
