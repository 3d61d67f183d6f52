//! Control flow of C++.

use magellan::extract::Extractor;
use magellan::lang;

use crate::flow::{check, sound};

#[test]
fn cpp_graphs() {
    check("cpp", "cpp");
}

#[test]
fn deep_nesting_is_walked() {
    let deep = |before: &str, inner: &str, after: &str| {
        let count = 20_000;
        format!("void f() {{ {}{inner}{} }}", before.repeat(count), after.repeat(count))
    };
    let (language, dialect) = lang::by_extension("cpp").unwrap();
    for source in [
        deep("try {", "1;", "} catch (...) {}"),
        deep("try {} catch (...) {", "1;", "}"),
        deep("[] {", "1;", "}();"),
        deep("for (auto x : 1) ", "{}", ""),
        deep("if (int x = 1; 2) ", "{}", ""),
    ] {
        let extraction = Extractor::new().extract(language, dialect, source.as_bytes());
        sound(&extraction, &source[..30]);
        assert!(!extraction.functions.is_empty(), "{}", &source[..30]);
    }
}
