//! Paths of a tree as text: relative to its root, folders separated by `/`.

/// The folder that a file or folder stands in; empty at the root.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `path` as seen from `folder`, without `.` and `..`; none if that leaves the tree.
pub(super) fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_out_of_the_tree_is_none() {
        assert_eq!(joined("a/b", "../c/./d"), Some("a/c/d".to_owned()));
        assert_eq!(joined("", "x"), Some("x".to_owned()));
        assert_eq!(joined("a", "../../x"), None);
        assert_eq!((folder("a/b/c.rs"), folder("c.rs")), ("a/b", ""));
    }
}
