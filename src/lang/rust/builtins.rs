//! Names that every Rust file sees: the prelude, primitive types, macros and attributes of the language.

/// Sorted.
#[rustfmt::skip]
pub(super) const NAMES: &[&str] = &[
    "AsMut", "AsRef", "AsyncFn", "AsyncFnMut", "AsyncFnOnce", "Box", "Clone", "Copy", "Debug", "Default",
    "DoubleEndedIterator", "Drop", "Eq", "Err", "ExactSizeIterator", "Extend", "Fn", "FnMut", "FnOnce",
    "From", "FromIterator", "Future", "Hash", "Into", "IntoFuture", "IntoIterator", "Iterator", "None", "Ok",
    "Option", "Ord", "PartialEq", "PartialOrd", "Result", "Send", "Sized", "Some", "String", "Sync",
    "ToOwned", "ToString", "TryFrom", "TryInto", "Unpin", "Vec", "addr_of", "allow", "asm", "assert",
    "assert_eq", "assert_ne", "automatically_derived", "bench", "bool", "cfg", "cfg_attr", "char", "cold",
    "column", "compile_error", "concat", "concat_idents", "dbg", "debug_assert", "debug_assert_eq",
    "debug_assert_ne", "deny", "deprecated", "derive", "doc", "drop", "env", "eprint", "eprintln", "expect",
    "export_name", "f128", "f16", "f32", "f64", "feature", "file", "forbid", "format", "format_args",
    "global_allocator", "global_asm", "i128", "i16", "i32", "i64", "i8", "ignore", "include", "include_bytes",
    "include_str", "inline", "is_x86_feature_detected", "isize", "line", "link", "link_name", "link_section",
    "macro_export", "macro_use", "matches", "module_path", "must_use", "naked_asm", "no_main", "no_mangle",
    "no_std", "non_exhaustive", "option_env", "panic", "panic_handler", "path", "print", "println",
    "proc_macro", "proc_macro_attribute", "proc_macro_derive", "recursion_limit", "repr", "should_panic",
    "str", "stringify", "target_feature", "test", "thread_local", "todo", "track_caller", "try",
    "type_length_limit", "u128", "u16", "u32", "u64", "u8", "unimplemented", "unreachable", "unsafe", "used",
    "usize", "vec", "warn", "write", "writeln",
];
