//! Control flow and complexity of JavaScript and TypeScript.

use crate::corpus::survives;
use crate::flow::{check, deep};

const SAMPLE: &str = r#"async function* f(a = b ? 1 : 2) {
    out: for (let i = 0; i < 9 && a; i++) { for (const x of y) { if (x) continue out; else break out; } }
    do { while (a || b) c(); } while (d ? e : !g);
    switch (o) { case 1: case 2: a(); break; default: b(); case a && c: d ??= e; }
    try { return await r?.s; } catch (e) { throw e; } finally { h(x => x ?? { m() { if (a) b(); } }); }
    class C extends D { static { if (a) b(); } x = y && z; m() { yield* q; } }
}"#;

#[test]
fn javascript_graphs() {
    check("javascript", "jsx");
}

#[test]
fn typescript_graphs() {
    check("typescript", "ts");
}

#[test]
fn broken_javascript_gives_sound_graphs() {
    for dialect in ["javascript", "typescript", "tsx"] {
        survives(dialect, SAMPLE);
    }
}

#[test]
fn deep_javascript_is_walked() {
    for extension in ["js", "ts"] {
        // No labels: `a: {` may start an object, too, and the parser overflows a small stack when it drops that reading.
        for (before, inner, after) in [
            ("x((", "1", "));"),
            ("{", "a();", "}"),
            ("if (0) {", "b();", "}"),
            ("if (a) b(); else ", "{}", ""),
            ("for (;;) {", "break;", "}"),
            ("try { a(); } finally {", "b();", "}"),
            ("switch (0) { case 1:", "b();", "}"),
            ("a && (", "b", ")"),
            ("a ? b : ", "c", ""),
            ("!", "a", ""),
            ("a ||= ", "b", ""),
            ("() => ", "a", ""),
        ] {
            deep(extension, "function f() {", (before, inner, after), "}");
        }
    }
}
