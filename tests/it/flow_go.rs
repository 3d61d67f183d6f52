//! Control flow of Go.

use magellan::extract::Extractor;
use magellan::lang;

use crate::flow::{check, sound};

#[test]
fn go_graphs() {
    check("go", "go");
}

#[test]
fn deep_nesting_is_walked() {
    let deep = |before: &str, inner: &str, after: &str| {
        let count = 20_000;
        format!("package p\nfunc f() {{ {}{inner}{} }}", before.repeat(count), after.repeat(count))
    };
    let (language, dialect) = lang::by_extension("go").unwrap();
    for source in [
        deep("(", "1", ")"),
        deep("{", "1", "}"),
        deep("if 1 {", "2", "}"),
        deep("if 1 { } else ", "{}", ""),
        deep("1 && (", "2", ")"),
        deep("a || ", "b", ""),
        deep("for {", "break", "}"),
        deep("switch { case 1: ", "2", "}"),
        deep("select { case <-1: ", "2", "}"),
        deep("defer func() { ", "x()", "}()"),
        deep("l: ", "x()", ""),
    ] {
        let extraction = Extractor::new().extract(language, dialect, source.as_bytes());
        sound(&extraction, &source[..30]);
        assert!(!extraction.functions.is_empty(), "{}", &source[..30]);
    }
}
