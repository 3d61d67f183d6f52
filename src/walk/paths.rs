//! Paths as Magellan shows them: relative to the root, `/`-separated, always text.
//!
//! Bytes that are not UTF-8 become `\xHH`, and so does a backslash, so that no two files share a shown path.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// How a path that a user gave stands to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relative {
    /// Inside, shown relative to the root; empty for the root itself.
    Inside(String),
    /// Not under the root.
    Outside,
}

/// Brings a path that a user gave while standing in `folder` into the form of the database. `.`, `..`, repeated
/// and trailing slashes go; what it names need not exist. `root` and `folder` are absolute.
pub fn normalise(root: &Path, folder: &Path, given: &str) -> Relative {
    let mut full = PathBuf::new();
    for component in folder.join(decode(given)).components() {
        match component {
            Component::ParentDir => {
                full.pop();
            }
            Component::CurDir => {}
            other => full.push(other),
        }
    }
    let inside = full.strip_prefix(root).map(Path::to_owned).ok().or_else(|| {
        // The root is canonical; the user may have come through a symbolic link.
        full.canonicalize().ok()?.strip_prefix(root).map(Path::to_owned).ok()
    });
    inside.map_or(Relative::Outside, |path| Relative::Inside(shown(&path)))
}

/// The file that is shown as `path` under `root`.
pub fn real_path(root: &Path, path: &str) -> PathBuf {
    root.join(decode(path))
}

/// The shown form of a relative path.
pub(super) fn shown(path: &Path) -> String {
    let parts: Vec<String> = path.components().map(|part| encode(part.as_os_str().as_encoded_bytes())).collect();
    parts.join("/")
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => text.push_str("\\x5c"),
                other => text.push(other),
            }
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// The reverse of [`encode`]; a backslash that starts no escape stands for itself.
fn decode(text: &str) -> OsString {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        match escape(&bytes[index..]) {
            Some(byte) => {
                decoded.push(byte);
                index += 4;
            }
            None => {
                decoded.push(bytes[index]);
                index += 1;
            }
        }
    }
    os_string(decoded)
}

fn escape(bytes: &[u8]) -> Option<u8> {
    let digits = bytes.strip_prefix(b"\\x")?.get(..2)?;
    let digit = |byte: u8| (byte as char).to_digit(16);
    Some((digit(digits[0])? * 16 + digit(digits[1])?) as u8)
}

#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_path_is_the_same_path() {
        let root = Path::new("/p");
        let inside = |folder: &str, given: &str| normalise(root, Path::new(folder), given);
        let expected = Relative::Inside("src/a.rs".to_owned());
        for (folder, given) in [
            ("/p", "src/a.rs"),
            ("/p", "./src//a.rs"),
            ("/p", "src/../src/a.rs/"),
            ("/p/src", "a.rs"),
            ("/p/src/deep", "../a.rs"),
            ("/elsewhere", "/p/src/./a.rs"),
        ] {
            assert_eq!(inside(folder, given), expected, "{given} from {folder}");
        }
        assert_eq!(inside("/p", "../q"), Relative::Outside);
        assert_eq!(inside("/p", "."), Relative::Inside(String::new()));
    }

    #[cfg(unix)]
    #[test]
    fn odd_names_are_shown_uniquely_and_lead_back_to_the_file() {
        use std::os::unix::ffi::OsStrExt;
        for bytes in [&b"a\xff.rs"[..], b"a\\xff.rs", b"plain.rs", b"\xc3\xa9.rs"] {
            let path = Path::new(std::ffi::OsStr::from_bytes(bytes));
            assert_eq!(real_path(Path::new("/r"), &shown(path)), Path::new("/r").join(path));
        }
        assert_eq!(shown(Path::new(std::ffi::OsStr::from_bytes(b"a\xff.rs"))), "a\\xff.rs");
        assert_eq!(shown(Path::new("a\\xff.rs")), "a\\x5cxff.rs");
    }
}
