//! Rules that decide what is ignored but stand in no folder of the tree that is walked.

use std::path::{Path, PathBuf};

use ignore::gitignore;

/// The configuration of the tree at `root` and the ignore files around it; they need not exist.
pub fn distant_rules(root: &Path) -> Vec<PathBuf> {
    let mut rules = vec![root.join(".magellan").join("config.toml"), root.join(".git/info/exclude")];
    for folder in root.ancestors().skip(1) {
        rules.extend([".gitignore", ".ignore"].map(|name| folder.join(name)));
        rules.push(folder.join(".git/info/exclude"));
    }
    rules.extend(gitignore::gitconfig_excludes_path());
    rules
}
