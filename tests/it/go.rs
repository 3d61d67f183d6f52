//! Go: definitions, call forms, packages, and what must not link.

use crate::corpus::{links, outline, survives};

const SAMPLE: &str = r#"
//- app/main.go
// Package main starts it.
package main

import (
    "fmt"
    . "strings"
    _ "embed"
    alias "os/v2"
)

// Limit is a constant.
const Limit = 3

const (
    first Kind = iota
    second
    _
    third, fourth = 1, 2
)

var single, double = pair()

var (
    // hook is called.
    hook = func(n int) error { return nil }
    _    fmt.Stringer = (*Point)(nil)
)

type Kind int
type Handler func(w Writer) error
type Same = Point
type Point struct {
    X, Y int `json:"x"`
    *Base
    fmt.Stringer
    inner struct{ deep bool }
}
type (
    Writer interface {
        fmt.Stringer
        Write(p []byte, rest ...int) (n int, err error)
    }
    Number interface{ ~int | ~float64 }
    List[T any, K comparable] struct{ items []T }
)
type Base struct{}

// Deprecated: use Move.
func (p *Point) Shift(dx, dy int) (int, error) { return dx, nil }
func (List[T, _]) Len() int { return 0 }
func external(a int, rest ...string)
func pair() (a, b int) { return }
func init() {}
func main() {
    local := func(x int) int { return x }
    type Local struct{ field int }
    const inside = 1
    local(inside)
}
//- app/main_test.go
package main

import "testing"

func TestMain(m *testing.M) {}
func TestIt(t *testing.T) {}
func TestHelper(t testing.TB) {}
func Testify(t *testing.T) {}
func BenchmarkIt(b *testing.B) {}
func FuzzIt(f *testing.F) {}
func ExamplePoint() {}
"#;

#[test]
fn every_kind_of_definition_is_found() {
    outline(
        SAMPLE,
        "
        //- app/main.go
        package main
        constant Limit
        constant first
        constant second
        constant third
        constant fourth
        variable single
        variable double
        variable hook
        type_alias Kind
        type_alias Handler
        type_alias Same
        struct Point
          field X
          field Y
          field Base
          field Stringer
          field inner
            struct <struct>
              field deep
        interface Writer
          method Write [abstract receiver]
        interface Number
        struct List
          field items
        struct Base
        method Shift [deprecated receiver]
        method Len [receiver]
        function external [declaration]
        function pair
        function init [entry_point]
        function main [entry_point]
          closure local
          struct Local
            field field
        //- app/main_test.go
        package main
        function TestMain [test]
        function TestIt [test]
        function TestHelper
        function Testify
        function BenchmarkIt [test]
        function FuzzIt [test]
        function ExamplePoint [test]
        ",
    );
}

#[test]
fn broken_and_deep_source_survives() {
    survives("go", SAMPLE);
    let nested = format!("//- deep.go\npackage p\nvar x = {}1{}", "f(".repeat(10_000), ")".repeat(10_000));
    outline(&nested, "package p\nvariable x");
}

#[test]
fn every_form_of_call_is_one_call_site() {
    links(
        r#"
//- go.mod
module example.com/app
//- a.go
package app

import "fmt"

type T struct{ f func() }

func (t *T) Get() *T { return t }
func (t T) Do(n int) {}
func New() *T { return &T{} }
func two() (*T, error) { return nil, nil }
func Map[A, B any](a A, f func(A) B) B { return f(a) }
//                                              ^ call unknown function_value
func run(arg T, many ...*T) {
    New().Get().Do(1)
//  ^^^ call resolved a.go#New lexical_scope
//        ^^^ call resolved a.go#T.Get value_member
//              ^^ call resolved a.go#T.Do value_member
    defer arg.Do(2)
//            ^^ call resolved a.go#T.Do value_member
    go New()
//     ^^^ call resolved a.go#New
    t, err := two()
//            ^^^ call resolved a.go#two
    t.Do(1)
//    ^^ call resolved a.go#T.Do
    err.Error()
//      ^^^^^ call external builtin.error.Error
    for _, each := range many {
        each.Do(1)
//           ^^ call resolved a.go#T.Do
    }
    many[0].Get()
//          ^^^ call resolved a.go#T.Get
    Map[int, string](1, nil)
//  ^^^ call resolved a.go#Map
    Map[int](1, func(n int) *T { return New() }).Do(3)
//  ^^^ call resolved a.go#Map
//                                      ^^^ call resolved a.go#New
    (*T)(nil).Get()
//    ^ call resolved a.go#T
//            ^^^ call resolved a.go#T.Get
    T(arg).Do(1)
//  ^ call resolved a.go#T
//         ^^ call resolved a.go#T.Do
    T.Do(arg, 1)
//    ^^ call resolved a.go#T.Do type_member
    (New)()
//   ^^^ call resolved a.go#New
    table := []func(){}
    table[0]()
//  ^^^^^^^^ call unknown computed
    arg.f()
//      ^ call unknown function_value
    closure := func() *T { return nil }
    closure().Get()
//  ^^^^^^^ call resolved a.go#run.closure
//            ^^^ call resolved a.go#T.Get
    fmt.Println(len(many), string("x"))
//      ^^^^^^^ call external fmt.Println
//              ^^^ call external builtin.len
//                         ^^^^^^ call external builtin.string
}
var started = New()
//            ^^^ call resolved a.go#New
func after() { started.Do(1) }
//                     ^^ call resolved a.go#T.Do
"#,
    );
}

#[test]
fn types_of_values_follow_declarations() {
    links(
        r#"
//- go.mod
module m
//- m.go
package m

type A struct{ next *A; byName map[string]*A; Named }
type B struct{}
type Named struct{ label string }
type As []A
type Celsius B
type Kind int

const (
    One Kind = iota
    Two
)

func (a A) F()          {}
func (b *B) F()         {}
func (n *Named) Label() {}
func (as As) Len() int  { return 0 }
func (c Celsius) F()    {}
func (k Kind) String() string { return "" }
func asA() A { return A{} }
func asB() *B { return new(B) }

func run(x any, c chan B, as As) {
    var a, b = asA(), asB()
    a.F()
//    ^ call resolved m.go#A.F value_member
    b.F()
//    ^ call resolved m.go#B.F value_member
    a.next.byName["k"].F()
//                     ^ call resolved m.go#A.F
    a.Label()
//    ^^^^^ call resolved m.go#Named.Label inherited
    a.Named.Label()
//          ^^^^^ call resolved m.go#Named.Label
    (<-c).F()
//        ^ call resolved m.go#B.F
    for v := range c {
        v.F()
//        ^ call resolved m.go#B.F
    }
    for _, each := range as {
        each.F()
//           ^ call resolved m.go#A.F
    }
    as[1:].Len()
//         ^^^ call resolved m.go#As.Len
    Celsius(*b).F()
//              ^ call resolved m.go#Celsius.F
    Two.String()
//      ^^^^^^ call resolved m.go#Kind.String
    for k, v := range map[A]B{} {
        k.F()
//        ^ call resolved m.go#A.F
        v.F()
//        ^ call resolved m.go#B.F
    }
    if v, ok := x.(*B); ok {
        v.F()
//        ^ call resolved m.go#B.F
    }
    switch v := x.(type) {
    case A:
        v.F()
//        ^ call resolved m.go#A.F
    case *B, *Named:
        v.F()
//        ^ call external builtin.any.F
    }
    select {
    case v, ok := <-c:
        _ = ok
        v.F()
//        ^ call resolved m.go#B.F
    }
    list := append([]*B{}, &B{})
    list[0].F()
//          ^ call resolved m.go#B.F
    made := make(map[string][]A)
    made["x"][0].F()
//               ^ call resolved m.go#A.F
    _ = []A{{next: nil}, {byName: map[string]*A{"k": {next: nil}}}}
//           ^^^^ write resolved m.go#A.next
//                        ^^^^^^ write resolved m.go#A.byName
//                                                    ^^^^ write resolved m.go#A.next
}
"#,
    );
}

#[test]
fn generic_types_and_bounds_carry_members() {
    links(
        r#"
//- go.mod
module m
//- m.go
package m

type Shape interface{ Area() int }
type Stack[T Shape] struct{ items []T }

func (s *Stack[T]) Push(item T) *Stack[T] { return s }
//       ^^^^^ type resolved m.go#Stack
func Total[T Shape](items []T) int {
    return items[0].Area()
//                  ^^^^ call resolved m.go#Shape.Area
}
func run(s *Stack[Shape]) { s.Push(nil).Push(nil) }
//                            ^^^^ call resolved m.go#Stack.Push
//                                      ^^^^ call resolved m.go#Stack.Push
"#,
    );
}

#[test]
fn calls_on_interfaces_reach_what_implements_them() {
    links(
        r#"
//- go.mod
module m
//- m.go
package m

import "io"

type Runner interface {
    Run(n int) error
    hidden()
}
type Closer interface { io.Closer; Runner }
type One struct{}
func (o *One) Run(n int) error { return nil }
func (o *One) hidden()         {}
type Two struct{ One }
func (t Two) Run(n Number) error { return nil }
type WrongArity struct{}
func (WrongArity) Run() error { return nil }
func (WrongArity) hidden()    {}
type OnlyRun struct{}
func (OnlyRun) Run(n int) error { return nil }
type Size int
type Number = int
type WrongType struct{}
func (WrongType) Run(n Size) error { return nil }
func (WrongType) hidden()          {}

func use(r Runner, c Closer, one *One) {
    r.Run(1)
//    ^^^ call candidates m.go#Runner.Run, m.go#One.Run, m.go#Two.Run dispatch
    r.hidden()
//    ^^^^^^ call candidates m.go#Runner.hidden, m.go#One.hidden dispatch
    c.Run(1)
//    ^^^ call candidates m.go#Runner.Run, m.go#One.Run, m.go#Two.Run dispatch
    c.Close()
//    ^^^^^ call external io.Closer.Close
    one.Run(1)
//      ^^^ call resolved m.go#One.Run value_member
}
//- other/o.go
package other

type Elsewhere struct{}
func (Elsewhere) Run(n int) error { return nil }
func (Elsewhere) hidden()         {}
"#,
    );
}

#[test]
fn packages_are_found_by_their_import_paths() {
    links(
        r#"
//- go.mod
module example.com/root/v2

require example.com/lib v1.0.0

replace example.com/lib => ./third_party/lib
//- main.go
package main

import (
    "example.com/lib"
    "example.com/root/v2/go-names"
    tools "example.com/root/v2/util"
    . "example.com/root/v2/dot"
    "example.com/root/v2/missing"
    "example.com/vendored/thing"
    "gopkg.in/yaml.v3"
    "github.com/x/golang-lru"
    "other.org/nested"
)

func main() {
    lib.Do()
//      ^^ call resolved third_party/lib/lib.go#Do
    names.Do()
//        ^^ call resolved go-names/n.go#Do
    tools.Do()
//        ^^ call resolved util/u.go#Do
    Dotted()
//  ^^^^^^ call resolved dot/d.go#Dotted glob_import
    missing.Do()
//          ^^ call unknown broken_import
    thing.Do()
//        ^^ call resolved vendor/example.com/vendored/thing/t.go#Do
    yaml.Marshal(nil)
//       ^^^^^^^ call external gopkg.in/yaml.v3.Marshal
    lru.New(1)
//      ^^^ call external github.com/x/golang-lru.New
    nested.Do()
//         ^^ call resolved sub/n.go#Do
    shared()
//  ^^^^^^ call resolved shared.go#shared same_module
}
//- shared.go
package main

func shared() {}
//- gen.go
//go:build ignore

package gen

func main() { shared() }
//            ^^^^^^ call unknown not_in_scope
//- go-names/n.go
package names

func Do() {}
//- go-names/n_test.go
package names_test

import "example.com/root/v2/go-names"

func helper() { names.Do(); Do() }
//                    ^^ call resolved go-names/n.go#Do
//                          ^^ call resolved go-names/own_test.go#Do
//- go-names/own_test.go
package names_test

func Do() {}
//- util/u.go
package util

import "fmt"

func Do() { fmt.Println() }
//              ^^^^^^^ call external fmt.Println
//- fmt/f.go
package fmt

func Println() {}
//- dot/d.go
package dot

func Dotted() {}
//- vendor/example.com/vendored/thing/t.go
package thing

func Do() {}
//- third_party/lib/go.mod
module example.com/lib
//- third_party/lib/lib.go
package lib

func Do() {}
//- sub/go.mod
module other.org/nested
//- sub/n.go
package nested

func Do() {}
"#,
    );
}

#[test]
fn shadowed_names_resolve_to_inner_ones() {
    links(
        r#"
//- m.go
package m

import "path"

type node struct{}

func (n node) walk()      {}
func other() *wrong       { return nil }
func close() int          { return 0 }
func item(i int) int      { return i }

type wrong struct{}

func (w *wrong) walk() {}

func params(node node, item func(int)) {
//               ^^^^ type resolved m.go#node
    node.walk()
//       ^^^^ call resolved m.go#node.walk
    item(1)
//  ^^^^ call unknown function_value
}
func blocks() {
    other().walk()
//          ^^^^ call resolved m.go#wrong.walk
    if other := (node{}); true {
        other.walk()
//            ^^^^ call resolved m.go#node.walk
    }
    other := other()
//           ^^^^^ call resolved m.go#other
    other.walk()
//        ^^^^ call resolved m.go#wrong.walk
    for item := range 3 {
        _ = item
    }
    item(2)
//  ^^^^ call resolved m.go#item
    close()
//  ^^^^^ call resolved m.go#close lexical_scope
    path.Join("a")
//       ^^^^ call external path.Join
    {
        path := node{}
        path.walk()
//           ^^^^ call resolved m.go#node.walk
    }
    a, err := two()
    b, err := three()
    _, _ = a, b
    err.walk()
//      ^^^^ call resolved m.go#node.walk
}
func two() (int, node)     { return 0, node{} }
func three() (int, *wrong) { return 0, nil }
func typed[wrong any](w wrong) {
    var x wrong
    x.walk()
//    ^^^^ call external builtin.any.walk
}
"#,
    );
}

#[test]
fn foreign_members_never_link_into_the_tree() {
    links(
        r#"
//- go.mod
module m
//- m.go
package m

import (
    "bytes"
    "strings"
    "sync"
)

type Guarded struct {
    sync.Mutex
    buf bytes.Buffer
}

func (g *Guarded) Write()    {}
func (g *Guarded) String()   {}
func Lock()                  {}
func TrimSpace(s string)     {}

func run(g *Guarded, b *strings.Builder) {
    g.Lock()
//    ^^^^ call external sync.Mutex.Lock
    g.buf.Write(nil)
//        ^^^^^ call external bytes.Buffer.Write
    b.String()
//    ^^^^^^ call external strings.Builder.String
    strings.TrimSpace("x")
//          ^^^^^^^^^ call external strings.TrimSpace
    var local bytes.Buffer
    local.String()
//        ^^^^^^ call external bytes.Buffer.String
}
//- n/n.go
package n

import "m"

type Guarded struct{}

func (g *Guarded) Write() {}
func use(a *Guarded, b *m.Guarded) {
    a.Write()
//    ^^^^^ call resolved n/n.go#Guarded.Write
    b.Write()
//    ^^^^^ call resolved m.go#Guarded.Write
    Lock()
//  ^^^^ call unknown not_in_scope
}
"#,
    );
}
