//! The numbers of C and C++ by their many names, and what they are promoted to.

use crate::lang::{Conversions, Number};
use crate::model::Literal;

/// How arguments are converted (C++).
pub(crate) const CONVERSIONS: Conversions = Conversions {
    number,
    literal: |literal| match literal {
        Literal::Int => Some("int"),
        Literal::Float => Some("double"),
        Literal::Bool => Some("bool"),
        Literal::Char => Some("char"),
        _ => None,
    },
    result: |path| RESULTS.iter().find(|(paths, _)| paths.contains(&path)).map(|(_, ty)| *ty),
    character: "char",
    truth: "bool",
    anything: "void",
};

const fn fixed(name: &'static str, promoted: &'static str, rank: u8) -> Number {
    Number { name, promoted, rank, varies: false }
}

/// The number type of this name; none for what is no number.
fn number(name: &str) -> Option<Number> {
    let words = || name.split_ascii_whitespace();
    let has = |word: &str| words().any(|other| other == word);
    let longs = words().filter(|word| *word == "long").count();
    Some(match (name, longs) {
        ("bool", _) => fixed("bool", "int", 0),
        ("char", _) => fixed("char", "int", 0),
        ("wchar_t" | "char16_t" | "char32_t" | "char8_t", _) => {
            Number { name: "wchar_t", promoted: "int", rank: 0, varies: true }
        }
        ("int8_t", _) => fixed("signed char", "int", 0),
        ("uint8_t", _) => fixed("unsigned char", "int", 0),
        ("int16_t", _) => fixed("short", "int", 0),
        ("uint16_t", _) => fixed("unsigned short", "int", 0),
        ("int32_t", _) => fixed("int", "int", 1),
        ("uint32_t", _) => fixed("unsigned int", "unsigned int", 2),
        ("int64_t" | "ssize_t" | "ptrdiff_t" | "intptr_t" | "intmax_t", _) => {
            Number { name: "int64_t", promoted: "int64_t", rank: 4, varies: true }
        }
        ("uint64_t" | "size_t" | "uintptr_t" | "uintmax_t", _) => {
            Number { name: "uint64_t", promoted: "uint64_t", rank: 5, varies: true }
        }
        ("float", _) => fixed("float", "double", 8),
        ("double", _) => fixed("double", "double", 9),
        ("long double", _) => fixed("long double", "long double", 10),
        _ if !words().all(|word| INTEGER_WORDS.contains(&word)) || name.is_empty() => return None,
        _ if has("char") && has("unsigned") => fixed("unsigned char", "int", 0),
        _ if has("char") => fixed("signed char", "int", 0),
        _ if has("short") && has("unsigned") => fixed("unsigned short", "int", 0),
        _ if has("short") => fixed("short", "int", 0),
        (_, 0) if has("unsigned") => fixed("unsigned int", "unsigned int", 2),
        (_, 0) => fixed("int", "int", 1),
        (_, 1) if has("unsigned") => fixed("unsigned long", "unsigned long", 5),
        (_, 1) => fixed("long", "long", 4),
        _ if has("unsigned") => fixed("unsigned long long", "unsigned long long", 7),
        _ => fixed("long long", "long long", 6),
    })
}

/// What the most used functions of the standard libraries give, where it is the same for all their overloads.
const RESULTS: &[(&[&str], &str)] = &[
    (
        &[
            "strlen",
            "std::strlen",
            "fread",
            "fwrite",
            "strftime",
            "strspn",
            "strcspn",
            "std::string::size",
            "std::string::length",
            "std::string::capacity",
            "std::string::find",
            "std::string::rfind",
            "std::string::find_first_of",
            "std::string::find_last_of",
            "std::string::find_first_not_of",
            "std::string::find_last_not_of",
            "std::vector::size",
            "std::vector::capacity",
            "std::map::size",
            "std::set::size",
            "std::unordered_map::size",
            "std::unordered_set::size",
            "std::list::size",
            "std::deque::size",
            "std::array::size",
            "std::string_view::size",
            "std::string_view::length",
        ],
        "size_t",
    ),
    (
        &[
            "strcmp",
            "std::strcmp",
            "strncmp",
            "std::strncmp",
            "memcmp",
            "std::memcmp",
            "atoi",
            "std::atoi",
            "printf",
            "fprintf",
            "sprintf",
            "snprintf",
            "std::snprintf",
            "sscanf",
            "isdigit",
            "isalpha",
            "isspace",
            "isalnum",
            "isupper",
            "islower",
            "tolower",
            "toupper",
            "fclose",
            "fflush",
            "fseek",
            "fgetc",
            "fputs",
            "getc",
            "putc",
            "std::string::compare",
            "std::stoi",
            "rand",
            "std::rand",
            "remove",
            "rename",
            "system",
        ],
        "int",
    ),
    (&["atol", "strtol", "std::strtol", "std::stol", "ftell", "labs"], "long"),
    (&["strtoul", "std::strtoul", "std::stoul"], "unsigned long"),
    (&["atoll", "strtoll", "std::stoll"], "long long"),
    (&["atof", "strtod", "std::stod", "difftime"], "double"),
    (&["strtof", "std::stof"], "float"),
    (
        &[
            "std::string::empty",
            "std::vector::empty",
            "std::map::empty",
            "std::set::empty",
            "std::list::empty",
            "std::deque::empty",
            "std::unordered_map::empty",
            "std::unordered_set::empty",
            "std::string_view::empty",
        ],
        "bool",
    ),
    (&["std::string::c_str", "std::string_view::data"], "const char*"),
    (
        &["getenv", "std::getenv", "strerror", "std::strerror", "strdup", "strcpy", "strncpy", "strcat", "fgets"],
        "char*",
    ),
    (&["malloc", "calloc", "realloc", "std::malloc", "memcpy", "memset", "memmove", "std::memcpy"], "void*"),
    (&["std::to_string", "std::string::substr", "std::ostringstream::str", "std::stringstream::str"], "std::string"),
];

const INTEGER_WORDS: &[&str] = &["char", "int", "long", "short", "signed", "unsigned"];

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn many_names_are_one_number() {
        let name = |text| number(text).map(|number| number.name);
        assert_eq!(name("unsigned"), Some("unsigned int"));
        assert_eq!(name("uint32_t"), Some("unsigned int"));
        assert_eq!(name("long unsigned int"), Some("unsigned long"));
        assert_eq!(name("signed"), Some("int"));
        assert_eq!(name("Foo"), None);
        assert_eq!(name(""), None);
    }
}
