//! Types carried through generics, wrappers, patterns and closures: what links, and what must not.

use crate::corpus::links;

#[test]
fn type_arguments_reach_fields_and_results_of_generic_types() {
    links(
        r#"
//- src/lib.rs
struct Foo; impl Foo { fn foo(&self) {} }
struct Bar; impl Bar { fn foo(&self) {} }
struct Pair<A, B> { first: A, second: B }
impl<X, Y> Pair<X, Y> { fn second(&self) -> &Y { &self.second } fn swap(self) -> Pair<Y, X> { todo!() } }
fn fields(pair: Pair<Foo, Bar>) { pair.first.foo(); pair.second.foo(); pair.second().foo(); pair.swap().second().foo(); }
//                                           ^^^ call resolved src/lib.rs#Foo::foo value_member
//                                                              ^^^ call resolved src/lib.rs#Bar::foo value_member
//                                                                                   ^^^ call resolved src/lib.rs#Bar::foo
//                                                                                                               ^^^ call resolved src/lib.rs#Foo::foo
fn open<T>(pair: Pair<T, Bar>) { pair.first.foo(); pair.second.foo(); }
//                                          ^^^ call unknown receiver_type
//                                                             ^^^ call resolved src/lib.rs#Bar::foo
fn made() { let pair = make(Bar); pair.second.foo(); pair.first.foo(); }
//                                            ^^^ call resolved src/lib.rs#Bar::foo
//                                                              ^^^ call resolved src/lib.rs#Foo::foo
fn make<T>(value: T) -> Pair<Foo, T> { todo!() }
fn turbofish() { default_of::<Foo>().foo(); default_of::<Bar>().foo(); }
//                                   ^^^ call resolved src/lib.rs#Foo::foo
//                                                              ^^^ call resolved src/lib.rs#Bar::foo
fn default_of<T>() -> T { todo!() }
"#,
    );
}

#[test]
fn aliases_complete_missing_arguments_with_defaults() {
    links(
        r#"
//- src/lib.rs
struct Failure; impl Failure { fn explain(&self) {} }
struct Other; impl Other { fn explain(&self) {} }
type Result<T = (), E = Failure> = std::result::Result<T, E>;
fn work() -> Result { Ok(()) }
fn other() -> Result<u8, Other> { Ok(1) }
fn caller() {
    if let Err(failure) = work() { failure.explain(); }
//                                         ^^^^^^^ call resolved src/lib.rs#Failure::explain
    work().unwrap_err().explain();
//                      ^^^^^^^ call resolved src/lib.rs#Failure::explain
    match other() { Err(other) => other.explain(), Ok(number) => number.explain() }
//                                      ^^^^^^^ call resolved src/lib.rs#Other::explain
//                                                                      ^^^^^^^ call external
}
"#,
    );
}

#[test]
fn wrappers_of_the_standard_library_give_what_they_hold() {
    links(
        r#"
//- src/lib.rs
use std::{cell::RefCell, collections::HashMap, sync::{Arc, Mutex}};
struct Foo; impl Foo { fn foo(&self) {} fn next(&self) -> Option<Foo> { None } fn map(&self) {} }
struct State { shared: Arc<Mutex<Foo>>, cell: RefCell<Vec<Foo>>, map: HashMap<String, Foo> }
fn run(state: &State) -> Option<()> {
    state.shared.lock().unwrap().foo();
//                               ^^^ call resolved src/lib.rs#Foo::foo
    state.shared.clone().lock().ok()?.foo();
//               ^^^^^ call external
//                                    ^^^ call resolved src/lib.rs#Foo::foo
    state.cell.borrow().first()?.foo();
//                               ^^^ call resolved src/lib.rs#Foo::foo
    state.map.get("a").map(|held| held.foo());
//                     ^^^ call external
//                                     ^^^ call resolved src/lib.rs#Foo::foo
    for (key, value) in &state.map { value.foo(); key.foo(); }
//                                         ^^^ call resolved src/lib.rs#Foo::foo
//                                                    ^^^ call external
    let made = Arc::new(Foo); made.foo(); made.next()?.next()?.foo();
//                                 ^^^ call resolved src/lib.rs#Foo::foo
//                                                             ^^^ call resolved src/lib.rs#Foo::foo
    let list = vec![Foo]; list[0].foo(); list.iter().next()?.foo();
//                                ^^^ call resolved src/lib.rs#Foo::foo
//                                                   ^^^^ call external
//                                                           ^^^ call resolved src/lib.rs#Foo::foo
    let text = format!("{}", 1); text.foo();
//                                    ^^^ call external
    None
}
"#,
    );
}

#[test]
fn closures_take_what_they_are_handed() {
    links(
        r#"
//- src/lib.rs
struct Foo { id: u8 } impl Foo { fn foo(&self) -> Bar { Bar } }
struct Bar; impl Bar { fn foo(&self) {} fn bar(&self) {} }
fn standard(list: Vec<Foo>) {
    list.iter().map(|x| x.foo()).filter(|bar| bar.bar()).for_each(|bar| bar.foo());
//                        ^^^ call resolved src/lib.rs#Foo::foo
//                                                ^^^ call resolved src/lib.rs#Bar::bar
//                                                                          ^^^ call resolved src/lib.rs#Bar::foo
    list.iter().enumerate().find(|(index, x)| x.foo().bar());
//                                                    ^^^ call resolved src/lib.rs#Bar::bar
    list.into_iter().fold(Bar, |_, x| x.foo()).bar();
//                                      ^^^ call resolved src/lib.rs#Foo::foo
//                                             ^^^ call resolved src/lib.rs#Bar::bar
}
fn apply<F>(f: F) where F: Fn(&Foo, Bar) {}
fn apply_impl<T>(value: T, f: impl FnOnce(T) -> Bar) -> T { value }
struct Cell<T> { value: T }
impl<T> Cell<T> { fn with<R>(&self, f: impl Fn(&T) -> R) -> R { f(&self.value) } }
fn own(cell: Cell<Foo>) {
    apply(|foo, bar| { foo.foo(); bar.bar(); });
//                         ^^^ call resolved src/lib.rs#Foo::foo
//                                    ^^^ call resolved src/lib.rs#Bar::bar
    apply_impl(Foo { id: 1 }, |foo| foo.foo()).foo();
//                                      ^^^ call resolved src/lib.rs#Foo::foo
//                                             ^^^ call resolved src/lib.rs#Foo::foo
    cell.with(|x| x.foo()).bar();
//                  ^^^ call resolved src/lib.rs#Foo::foo
//                         ^^^ call resolved src/lib.rs#Bar::bar
    unknown(|x| x.foo());
//                ^^^ call unknown receiver_type
    let named = |x: u8| Bar; named(1).bar();
//                                    ^^^ call resolved src/lib.rs#Bar::bar
}
"#,
    );
}

#[test]
fn associated_types_are_those_of_the_known_type() {
    links(
        r#"
//- src/lib.rs
trait Value { type View; fn view(&self) -> Self::View; }
struct Foo; struct FooView; impl FooView { fn show(&self) {} }
struct Bar; struct BarView; impl BarView { fn show(&self) {} }
impl Value for Foo { type View = FooView; fn view(&self) -> Self::View { FooView } }
impl Value for Bar { type View = BarView; fn view(&self) -> Self::View { BarView } }
struct Guard<V: Value> { value: V }
impl<V: Value> Guard<V> { fn get(&self) -> V::View { self.value.view() } }
fn known(foo: Guard<Foo>, bar: Guard<Bar>) { foo.get().show(); bar.get().show(); foo.value.view().show(); }
//                                                     ^^^^ call resolved src/lib.rs#FooView::show
//                                                                       ^^^^ call resolved src/lib.rs#BarView::show
//                                                                                                ^^^^ call resolved src/lib.rs#FooView::show
fn open<V: Value>(guard: Guard<V>) { guard.get().show(); }
//                                               ^^^^ call unknown receiver_type
struct Walk; impl Iterator for Walk { type Item = Foo; fn next(&mut self) -> Option<Self::Item> { None } }
fn iterate(mut walk: Walk) { for foo in walk { foo.view().show(); } walk.next().unwrap().view(); Walk.map(|foo| foo.view()); }
//                                                        ^^^^ call resolved src/lib.rs#FooView::show
//                                                                                       ^^^^ call resolved src/lib.rs#Foo::view
//                                                                                                                  ^^^^ call resolved src/lib.rs#Foo::view
struct Smart { inner: Foo }
impl std::ops::Deref for Smart { type Target = Foo; fn deref(&self) -> &Foo { &self.inner } }
fn pointer(smart: Smart) { smart.view(); }
//                               ^^^^ call resolved src/lib.rs#Foo::view
"#,
    );
}

#[test]
fn patterns_count_places_that_are_not_named() {
    links(
        r#"
//- src/lib.rs
struct Foo; impl Foo { fn foo(&self) {} }
struct Bar; impl Bar { fn foo(&self) {} }
struct Both(Foo, Bar);
fn f(pair: (Foo, Bar), both: Both) {
    let (_, second) = pair; second.foo();
//                                 ^^^ call resolved src/lib.rs#Bar::foo
    let Both(_, inner) = both; inner.foo();
//                                   ^^^ call resolved src/lib.rs#Bar::foo
    let (.., last) = pair; last.foo();
//                              ^^^ call unknown receiver_type
    pair.0.foo(); both.1.foo();
//         ^^^ call resolved src/lib.rs#Foo::foo
//                       ^^^ call resolved src/lib.rs#Bar::foo
}
enum State { Leaf { foo: Foo, id: u8 }, Inner { foo: Foo } }
use State::{Inner, Leaf};
fn variants(state: &State) {
    match state { Leaf { foo, .. } | Inner { foo } => foo.foo() }
//                                                        ^^^ call resolved src/lib.rs#Foo::foo
}
fn branches(flag: bool) {
    let value = if flag { Foo } else { return }; value.foo();
//                                                     ^^^ call resolved src/lib.rs#Foo::foo
    let other = match flag { true => Bar, _ => panic!() }; other.foo();
//                                                               ^^^ call resolved src/lib.rs#Bar::foo
}
"#,
    );
}

#[test]
fn long_chains_stay_within_the_steps_of_a_question() {
    let chain = ".next()".repeat(200);
    links(&format!(
        "\n//- src/lib.rs\nstruct Foo<T> {{ t: T }} impl<T> Foo<T> {{ fn next(&self) -> Foo<T> {{ todo!() }} fn last(&self) {{}} }}\nfn f(foo: Foo<u8>) {{ foo{chain}\n  .last(); }}\n// ^^^^ call resolved src/lib.rs#Foo::last\n"
    ));
}

#[test]
fn types_that_grow_without_end_are_unknown() {
    links(
        r#"
//- src/lib.rs
struct Wrap<T> { inner: T }
impl<T> Wrap<T> { fn wrap(self) -> Wrap<Wrap<T>> { todo!() } fn done(&self) {} }
trait Next { type Of; }
impl<T: Next> Next for Wrap<T> { type Of = <Wrap<Wrap<T>> as Next>::Of; }
fn endless<T: Next>(wrap: Wrap<T>) { let mut it = wrap; loop { it = it.wrap(); } it.done(); }
fn around<T: U, U: T>(value: T) { value.done(); }
//                                      ^^^^ call unknown limit
struct A; impl std::ops::Deref for A { type Target = B; } struct B; impl std::ops::Deref for B { type Target = A; }
fn pointers(a: A) { a.done(); }
//                    ^^^^ call unknown limit
fn projected(of: <Wrap<Wrap<u8>> as Next>::Of) { of.done(); }
//                                                  ^^^^ call unknown receiver_type
"#,
    );
}

#[test]
fn typescript_callbacks_take_what_the_declared_type_hands_them() {
    links(
        r#"
//- a.ts
class Source<T> { value!: T; pipe<R>(project: (value: T, index: number) => R): Source<R> { return null!; } }
class Item { run(): Result { return null!; } }
class Result { run(): void {} end(): void {} }
type Visitor<T> = (item: T) => void;
function visit<T>(source: Source<T>, visitor: Visitor<T>): T { return source.value; }
function make(build: (sink: Item, source: Source<Item>) => void): void {}
export function use(source: Source<Item>, items: Item[], table: Map<string, Item>) {
  source.value.run();
//             ^^^ call resolved a.ts#Item.run
  source.pipe((item) => item.run()).value.end();
//                           ^^^ call resolved a.ts#Item.run
//                                        ^^^ call resolved a.ts#Result.end
  visit(source, (item) => item.run()).run();
//                             ^^^ call resolved a.ts#Item.run
//                                    ^^^ call resolved a.ts#Item.run
  make((sink, inner) => { sink.run(); inner.value.run(); });
//                             ^^^ call resolved a.ts#Item.run
//                                                ^^^ call resolved a.ts#Item.run
  items.map((item) => item.run()).forEach((result) => result.end());
//                         ^^^ call resolved a.ts#Item.run
//                                                           ^^^ call resolved a.ts#Result.end
  items.filter((item, index) => index.run());
//                                    ^^^ call unknown receiver_type
  table.get('a')!.run(); for (const [key, item] of table) { item.run(); key.run(); }
//                ^^^ call resolved a.ts#Item.run
//                                                               ^^^ call resolved a.ts#Item.run
//                                                                          ^^^ call external
  Promise.resolve(source.value).then((item) => Promise.resolve(item.run())).then((result) => result.end());
//                                                                  ^^^ call resolved a.ts#Item.run
//                                                                                                  ^^^ call resolved a.ts#Result.end
  nowhere((item) => item.run());
//                       ^^^ call unknown receiver_type
}
"#,
    );
}

#[test]
fn typescript_base_types_are_seen_with_their_arguments() {
    links(
        r#"
//- a.ts
class Item { run(): void {} }
class Other { run(): void {} }
class Base<T> { constructor(readonly held: T) {} get(): T { return this.held; } }
class Middle<A, B = Other> extends Base<B> { first!: A; }
class Leaf extends Middle<Item> {}
export function use(leaf: Leaf, middle: Middle<Other, Item>) {
  leaf.first.run(); leaf.get().run(); middle.get().run(); leaf.held.run();
//           ^^^ call resolved a.ts#Item.run
//                             ^^^ call resolved a.ts#Other.run
//                                                 ^^^ call resolved a.ts#Item.run
//                                                                  ^^^ call resolved a.ts#Other.run
}
export class Self<T extends Item> { constructor(private item: T) {} go() { this.item.run(); } }
//                                                                                   ^^^ call resolved a.ts#Item.run
"#,
    );
}
