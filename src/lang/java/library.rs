//! The JDK as far as it decides what calls mean.

use std::sync::LazyLock;

use crate::lang::library::{Library, Special};

/// The types of `jdk.txt`, read once.
pub(super) fn library() -> &'static Library {
    static LIBRARY: LazyLock<Library> = LazyLock::new(|| Library::new(include_str!("jdk.txt"), SPECIAL));
    &LIBRARY
}

const SPECIAL: Special = Special {
    boxes: &[
        ("boolean", "Boolean"),
        ("byte", "Byte"),
        ("char", "Character"),
        ("double", "Double"),
        ("float", "Float"),
        ("int", "Integer"),
        ("long", "Long"),
        ("short", "Short"),
    ],
    top: "Object",
    marks: &["Serializable", "Cloneable", "Comparable", "Flushable", "AutoCloseable"],
    array: &["Object", "Cloneable", "Serializable"],
    text: "String",
    sum: "int",
    truth: "boolean",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_the_table_names_has_a_line_of_its_own() {
        assert_eq!(library().faults(), Vec::<String>::new());
        let is_type = |line: &&str| !line.starts_with([' ', '#']) && !line.starts_with("package") && !line.is_empty();
        let mut names: Vec<&str> =
            include_str!("jdk.txt").lines().filter(is_type).map(|line| line.split(' ').nth(1).unwrap()).collect();
        names.sort_unstable();
        assert!(names.is_sorted_by(|a, b| a < b), "a type stands twice");
    }

    #[test]
    fn subtypes_are_known_through_several_steps_and_unknown_where_the_table_ends() {
        assert_eq!(library().is_subtype("BufferedReader", "Closeable"), Some(true));
        assert_eq!(library().is_subtype("BufferedReader", "Writer"), Some(false));
        assert_eq!(library().is_subtype("BufferedReader", "Mystery"), None);
        assert_eq!(library().is_subtype("Mystery", "String"), Some(false));
        assert_eq!(library().is_subtype("byte", "double"), Some(true));
        assert_eq!(library().is_subtype("int", "char"), Some(false));
    }
}
