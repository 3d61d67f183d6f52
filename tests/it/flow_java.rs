//! Control flow and complexity of Java.

use crate::corpus::survives;
use crate::flow::{check, deep};

const SAMPLE: &str = r#"class A { int f(Object o) {
    out: for (int i = 0; i < 9 && a; i++) { for (var x : y) { if (x) continue out; else break out; } }
    do { while (a || b) c(); } while (d ? e : !g);
    switch (o) { case 1: case 2, 3: a(); break; default: b(); }
    switch (o) { case String s when s.b() -> a(); case P(int p) -> { break; } case null, default -> throw e; }
    int r = switch (o) { case 1 -> { yield 2; } case 3 -> 4; };
    try (var q = open(); z) { return r; } catch (E | F e) { throw e; } finally { synchronized (a) { h(); } }
} }"#;

#[test]
fn java_graphs() {
    check("java", "java");
}

#[test]
fn broken_java_gives_sound_graphs() {
    survives("java", SAMPLE);
}

#[test]
fn deep_java_is_walked() {
    for (before, inner, after) in [
        ("x((", "1", "));"),
        ("{", "a();", "}"),
        ("if (0) {", "b();", "}"),
        ("if (a) b(); else ", "{}", ""),
        ("for (;;) {", "break;", "}"),
        ("try { a(); } finally {", "b();", "}"),
        ("switch (0) { case 1:", "b();", "}"),
        ("a: {", "break a;", "}"),
    ] {
        deep("java", "class A { void f() {", (before, inner, after), "} }");
    }
    for (before, inner, after) in [("a && (", "b", ")"), ("a ? b : ", "c", ""), ("!", "a", ""), ("() -> ", "a", "")] {
        deep("java", "class A { int f() { return ", (before, inner, after), "; } }");
    }
}
