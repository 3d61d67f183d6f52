//! Control flow of C.

use magellan::extract::Extractor;
use magellan::lang;

use crate::flow::{check, sound};

#[test]
fn c_graphs() {
    check("c", "c");
}

#[test]
fn deep_nesting_is_walked() {
    let deep = |before: &str, inner: &str, after: &str| {
        let count = 20_000;
        format!("void f() {{ {}{inner}{} }}", before.repeat(count), after.repeat(count))
    };
    let (language, dialect) = lang::by_extension("c").unwrap();
    for source in [
        deep("(", "1", ")"),
        deep("{", "1;", "}"),
        deep("if (1) {", "2;", "}"),
        deep("if (1) { 2; } else ", "{}", ""),
        deep("1 && (", "2", ")"),
        deep("!", "1", ";"),
        deep("1 ? 2 : ", "3", ";"),
        deep("for (;;) {", "break;", "}"),
        deep("do ", "1;", " while (2);"),
        deep("switch (1) { case 2: ", "3;", "}"),
        deep("#if A\n", "3;", "\n#endif\n"),
        deep("\n#if A\n1;\n#else\n", "3;", "\n#endif\n"),
        deep("l: ", "x();", ""),
    ] {
        let extraction = Extractor::new().extract(language, dialect, source.as_bytes());
        sound(&extraction, &source[..30]);
        assert!(!extraction.functions.is_empty(), "{}", &source[..30]);
    }
}
