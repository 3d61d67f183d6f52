//! Rust: what every call form means, and what must not link.

use crate::corpus::links;

#[test]
fn plain_path_and_renamed_calls_resolve_across_modules() {
    links(
        r#"
//- Cargo.toml
[package]
name = "app"
//- src/lib.rs
mod util;
mod deep { pub mod er { pub fn f() { super::super::top(); self::g(); crate::top() } fn g() {} } }
//                                                 ^^^ call resolved src/lib.rs#top module_path
//                                                              ^ call resolved src/lib.rs#deep::er::g module_path
//                                                                          ^^^ call resolved src/lib.rs#top module_path
use util::{helper as renamed, inner};
fn top() { renamed(); inner::leaf(); util::helper(); deep::er::f(); missing(); }
//         ^^^^^^^ call resolved src/util/mod.rs#helper import
//                           ^^^^ call resolved src/util/inner.rs#leaf module_path
//                                         ^^^^^^ call resolved src/util/mod.rs#helper module_path
//                                                             ^ call resolved src/lib.rs#deep::er::f
//                                                                  ^^^^^^^ call unknown not_in_scope
pub fn shared() {}
//- src/util/mod.rs
pub mod inner;
pub use inner::leaf as exported;
pub fn helper() {}
//- src/util/inner.rs
pub fn leaf() {}
//- tests/a.rs
use app::shared;
fn t() { shared(); app::util::exported(); }
//       ^^^^^^ call resolved src/lib.rs#shared import
//                            ^^^^^^^^ call resolved src/util/inner.rs#leaf
"#,
    );
}

#[test]
fn methods_link_by_the_type_of_the_receiver() {
    links(
        r#"
//- Cargo.toml
[package]
name = "app"
//- src/lib.rs
struct A; struct B { a: A, list: Vec<A> }
impl A { fn new() -> Self { Self } fn run(&self) {} fn chain(self) -> B { todo!() } }
impl B { fn new() -> B { B { a: A::new(), list: vec![] } } fn run(&self) { self.a.run(); self.other() } fn other(&self) {} }
//                                 ^^^ call resolved src/lib.rs#A::new type_member
//                                                                                ^^^ call resolved src/lib.rs#A::run value_member
//                                                                                            ^^^^^ call resolved src/lib.rs#B::other self_member
fn typed(a: &A, boxed: Box<B>) { a.run(); boxed.run(); B::new().run(); a.chain().run(); }
//                                 ^^^ call resolved src/lib.rs#A::run value_member
//                                              ^^^ call resolved src/lib.rs#B::run
//                                                              ^^^ call resolved src/lib.rs#B::run
//                                                                               ^^^ call resolved src/lib.rs#B::run
fn inferred(b: B) { let a = A::new(); a.run(); for x in &b.list { x.run() } if let Some(y) = b.list.first() { y.run() } }
//                                      ^^^ call resolved src/lib.rs#A::run
//                                                                  ^^^ call resolved src/lib.rs#A::run
fn macros(a: A) { println!("{} {:?}", a.run(), [B::new().other(), helper(1, 2)]); assert_eq!(A::new(), a) }
//                                      ^^^ call resolved src/lib.rs#A::run
//                                                 ^^^ call resolved src/lib.rs#B::new
//                                                       ^^^^^ call resolved src/lib.rs#B::other
//                                                                ^^^^^^ call resolved src/lib.rs#helper
//                                                                                              ^^^ call resolved src/lib.rs#A::new
fn helper(x: u8, y: u8) { let f = |z: u8| z; f(x); (f)(y); None::<u8>.unwrap(); helper::<>(1, 2) }
//                                           ^ call resolved src/lib.rs#helper::f lexical_scope
//                                                                    ^^^^^^ call external
//                                                                              ^^^^^^ call resolved src/lib.rs#helper
"#,
    );
}

#[test]
fn trait_calls_list_what_they_can_reach() {
    links(
        r#"
//- src/lib.rs
trait Shape { fn area(&self) -> u8; fn twice(&self) -> u8 { self.area() } }
//                                                               ^^^^ call candidates src/lib.rs#Shape::area, src/lib.rs#Dot::area, src/lib.rs#Line::area dispatch
struct Dot; struct Line;
impl Shape for Dot { fn area(&self) -> u8 { 0 } }
impl Shape for Line { fn area(&self) -> u8 { 1 } }
fn dynamic(shape: &dyn Shape) { shape.area(); shape.twice(); }
//                                    ^^^^ call candidates src/lib.rs#Shape::area, src/lib.rs#Dot::area, src/lib.rs#Line::area dispatch
//                                                  ^^^^^ call resolved src/lib.rs#Shape::twice
fn generic<T: Shape>(t: T) { t.area(); T::area(&t); }
//                             ^^^^ call candidates src/lib.rs#Shape::area, src/lib.rs#Dot::area, src/lib.rs#Line::area dispatch
fn concrete(dot: Dot) { dot.area(); dot.twice(); Shape::area(&dot); <Dot as Shape>::area(&dot); }
//                          ^^^^ call resolved src/lib.rs#Dot::area value_member
//                                      ^^^^^ call resolved src/lib.rs#Shape::twice inherited
//                                                                                  ^^^^ call resolved src/lib.rs#Dot::area
"#,
    );
}

#[test]
fn shadowed_names_resolve_to_the_inner_one() {
    links(
        r#"
//- src/lib.rs
fn name() {}
fn parameter(name: fn()) { name(); }
//                         ^^^^ call unknown function_value
fn local() { let name = || {}; name(); }
//                             ^^^^ call resolved src/lib.rs#local::name lexical_scope
fn before() { name(); let name = 1; let _ = name; }
//            ^^^^ call resolved src/lib.rs#name
fn nested() { fn name() {} name() }
//                         ^^^^ call resolved src/lib.rs#nested::name
fn type_parameter<Vec: Default>() { Vec::default(); }
//                                       ^^^^^^^ call external
mod inner { fn caller() { name() } }
//                        ^^^^ call unknown not_in_scope
"#,
    );
}

/// External calls bound to a same-named definition of the tree are the commonest wrong edge of all.
#[test]
fn calls_on_foreign_types_never_link_into_the_tree() {
    links(
        r#"
//- Cargo.toml
[package]
name = "app"
[dependencies]
regex = "1"
//- src/lib.rs
use std::path::Path;
use regex::Regex;
fn strip_prefix(p: &Path) { p.strip_prefix("a"); Path::new("x").join("y"); Regex::new("x"); std::fs::read("x"); }
//                            ^^^^^^^^^^^^ call external std::path::Path::strip_prefix
//                                                     ^^^ call external std::path::Path::new
//                                                                                ^^^ call external regex::Regex::new
//                                                                                                   ^^^^ call external std::fs::read
struct Own;
impl Own { fn new() -> Own { Own } fn join(&self, x: &str) {} fn read(&self) {} fn clone_into(&self) {} }
fn unknown(x: impl Fn() -> u8, y: Box<dyn std::io::Read>) { x().read(); y.read(); Own.clone(); Own.missing() }
//                                                              ^^^^ call external
//                                                                        ^^^^ call external
//                                                                                    ^^^^^ call external
"#,
    );
}

#[test]
fn members_attached_to_foreign_types_are_found_on_them() {
    links(
        r#"
//- src/lib.rs
trait Shout { fn shout(&self) -> String; fn quiet(&self) {} }
impl Shout for str { fn shout(&self) -> String { self.to_uppercase() } }
impl<T: Shout> Shout for Vec<T> { fn shout(&self) -> String { String::new() } }
fn call(s: &str, v: Vec<u8>) { s.shout(); v.shout(); s.len(); }
//                               ^^^^^ call resolved src/lib.rs#str::shout
//                                          ^^^^^ call resolved src/lib.rs#Vec::shout
//                                                     ^^^ call external
"#,
    );
}

#[test]
fn inherent_members_come_before_those_of_traits() {
    links(
        r#"
//- src/lib.rs
struct Entry;
trait Colorable { fn path(&self); }
impl Colorable for Entry { fn path(&self) { self.path() } }
//                                               ^^^^ call resolved src/lib.rs#Entry::path
impl Entry { fn path(&self) {} }
struct Pair<T: Colorable>(T, u8);
impl<T: Colorable> Pair<T> { fn go(&self) { self.0.path(); let Pair(first, _) = self; first.path() } }
//                                                 ^^^^ call candidates src/lib.rs#Colorable::path, src/lib.rs#Entry::path
//                                                                                          ^^^^ call candidates src/lib.rs#Colorable::path, src/lib.rs#Entry::path
"#,
    );
}

#[test]
fn a_field_hides_no_method_of_its_name() {
    links(
        r#"
//- Cargo.toml
[package]
name = "app"
//- src/lib.rs
trait Named { fn name(&self) -> &str; }
struct Table { name: String }
impl Named for Table { fn name(&self) -> &str { &self.name } }
//                                                    ^^^^ read resolved src/lib.rs#Table::name self_member
fn show(table: &Table) { table.name(); }
//                             ^^^^ call resolved src/lib.rs#Table::name value_member
"#,
    );
}

#[test]
fn members_written_under_another_name_of_a_type_are_its_own() {
    links(
        r#"
//- src/lib.rs
struct Automaton<T> { table: T }
type Owned = Automaton<Vec<u8>>;
impl Owned {
    fn build(&mut self) { self.extend(); }
//                             ^^^^^^ call resolved src/lib.rs#Owned::extend
    fn extend(&mut self) {}
}
fn run(automaton: &mut Automaton<Vec<u8>>) { automaton.extend(); }
//                                                     ^^^^^^ call resolved src/lib.rs#Owned::extend
"#,
    );
}

#[test]
fn an_impl_for_whatever_has_the_trait_gives_no_type_new_members() {
    links(
        r#"
//- Cargo.toml
[package]
name = "app"
//- src/lib.rs
use std::io::Read;
pub trait Walk { fn get(&self) -> u32; }
impl<'a, I: ?Sized> Walk for &'a mut I where I: Walk { fn get(&self) -> u32 { (**self).get() } }
pub struct Tee<R>(R);
impl<R: Read> Read for &mut R { fn take_some(&mut self) {} }
pub trait Loud { fn shout(&self); }
impl<T: std::fmt::Display> Loud for T { fn shout(&self) {} }
pub fn run(all: &[u32], text: &str, mut file: std::fs::File) {
    all.get(0);
//      ^^^ call external
    file.take_some();
//       ^^^^^^^^^ call external
    text.shout();
//       ^^^^^ call resolved src/lib.rs#T::shout inherited
}
"#,
    );
}

#[test]
fn a_path_attribute_says_where_the_file_of_a_module_stands() {
    links(
        r##"
//- Cargo.toml
[package]
name = "app"
//- src/lib.rs
#[path = "other/place.rs"]
mod moved;
#[path = "threads"]
mod thread { #[path = "tls.rs"] pub mod local; pub mod plain; }
mod named;
fn top() { moved::f(); thread::local::f(); thread::plain::f(); named::f(); }
//                ^ call resolved src/other/place.rs#f module_path
//                                    ^ call resolved src/threads/tls.rs#f module_path
//                                                        ^ call resolved src/threads/plain.rs#f module_path
//                                                                    ^ call resolved src/named.rs#f module_path
//- src/other/place.rs
mod child;
pub fn f() { child::f(); super::top(); }
//                  ^ call resolved src/other/child.rs#f module_path
//                              ^^^ call resolved src/lib.rs#top module_path
//- src/other/child.rs
pub fn f() {}
//- src/threads/tls.rs
pub fn f() {}
//- src/threads/plain.rs
pub fn f() {}
//- src/named.rs
#[path = r#"beside.rs"#] mod beside;
mod inline { #[path = "deep.rs"] pub mod deep; }
mod below;
pub fn f() { beside::f(); inline::deep::f(); below::f(); }
//                   ^ call resolved src/beside.rs#f module_path
//                                      ^ call resolved src/named/inline/deep.rs#f module_path
//                                                  ^ call resolved src/named/below.rs#f module_path
//- src/beside.rs
pub fn f() {}
//- src/named/inline/deep.rs
pub fn f() {}
//- src/named/below.rs
pub fn f() {}
"##,
    );
}

#[test]
fn a_module_may_stand_in_one_of_several_files() {
    links(
        r#"
//- Cargo.toml
[package]
name = "app"
//- src/lib.rs
#[cfg(unix)]
#[path = "unix.rs"]
mod sys;
#[cfg(windows)]
#[path = "windows.rs"]
mod sys;
#[cfg_attr(unix, path = "posix/io.rs")]
#[cfg_attr(target_os = "wasi", allow(unused), path = "wasi_io.rs")]
mod io;
fn top() { sys::open(); io::read(); }
//              ^^^^ call candidates src/unix.rs#open, src/windows.rs#open overload
//                          ^^^^ call candidates src/io.rs#read, src/posix/io.rs#read, src/wasi_io.rs#read overload
//- src/unix.rs
pub fn open() { own(); }
//              ^^^ call resolved src/unix.rs#own
fn own() {}
//- src/windows.rs
pub fn open() { own(); }
//              ^^^ call resolved src/windows.rs#own
fn own() {}
//- src/io.rs
pub fn read() {}
//- src/posix/io.rs
pub fn read() {}
//- src/wasi_io.rs
pub fn read() {}
"#,
    );
}

#[test]
fn several_crates_may_declare_one_file_as_their_module() {
    links(
        r#"
//- Cargo.toml
[package]
name = "app"
//- src/lib.rs
pub mod shared;
//- src/main.rs
mod shared;
use shared::inner::leaf;
fn main() { shared::f(); crate::shared::inner::leaf(); leaf(); }
//                  ^ call resolved src/shared.rs#f module_path
//                                             ^^^^ call resolved src/shared/inner.rs#leaf module_path
//                                                     ^^^^ call resolved src/shared/inner.rs#leaf import
//- src/shared.rs
pub mod inner;
pub fn f() {}
//- src/shared/inner.rs
pub fn leaf() {}
//- tests/a.rs
mod common;
fn a() { common::helper(); }
//               ^^^^^^ call resolved tests/common/mod.rs#helper module_path
//- tests/b.rs
mod common;
use common::*;
fn b() { helper(); }
//       ^^^^^^ call resolved tests/common/mod.rs#helper glob_import
//- tests/common/mod.rs
pub fn helper() {}
//- generated/part.rs
pub fn f() { super::g(); }
//                  ^ call resolved generated/whole.rs#g module_path
//- generated/whole.rs
#[path = "part.rs"]
mod part;
fn g() { part::f(); }
//             ^ call resolved generated/part.rs#f module_path
"#,
    );
}

#[test]
fn a_wildcard_brings_nothing_private_but_to_the_modules_inside() {
    links(
        r#"
//- Cargo.toml
[package]
name = "app"
//- src/lib.rs
mod first;
mod second;
mod user;
//- src/first.rs
fn shared() {}
pub fn open() {}
mod inner { use super::*; fn f() { shared(); open(); } }
//                                 ^^^^^^ call resolved src/first.rs#shared glob_import
//                                           ^^^^ call resolved src/first.rs#open glob_import
//- src/second.rs
pub(crate) fn shared() {}
//- src/user.rs
use crate::first::*;
use crate::second::*;
fn f() { shared(); open(); }
//       ^^^^^^ call resolved src/second.rs#shared glob_import
//                 ^^^^ call resolved src/first.rs#open glob_import
"#,
    );
}
