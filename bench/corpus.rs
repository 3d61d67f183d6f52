//! A source tree to measure on: the Rust files of the crates this package depends on, copied to a scratch folder,
//! where no ignore file of another project counts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Copies up to `bytes_max` bytes of source below `target`; gives how many it copied.
pub(crate) fn build(target: &Path, bytes_max: u64) -> u64 {
    let mut bytes = 0;
    for folder in packages() {
        let name = folder.file_name().expect("a package folder has a name").to_owned();
        bytes += copy(&folder, &target.join(name), bytes_max.saturating_sub(bytes));
    }
    bytes
}

/// Folders of all packages this one depends on, sorted.
fn packages() -> Vec<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--format-version", "1", "--offline", "--filter-platform", &host(), "--manifest-path"]);
    let output = command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("cargo metadata lists packages");
    let is_foreign = |package: &&serde_json::Value| !package["source"].is_null();
    let manifest = |package: &serde_json::Value| package["manifest_path"].as_str().map(PathBuf::from);
    let manifests = packages.iter().filter(is_foreign).filter_map(manifest);
    let mut folders: Vec<PathBuf> = manifests.filter_map(|path| path.parent().map(Path::to_owned)).collect();
    folders.sort();
    folders
}

/// The platform: dependencies of others need not have been downloaded.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host").to_owned()
}

/// Copies the Rust files and manifests of a folder until `bytes_max` is reached; gives how many bytes.
fn copy(from: &Path, to: &Path, bytes_max: u64) -> u64 {
    let mut bytes = 0;
    let mut entries: Vec<PathBuf> =
        fs::read_dir(from).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            bytes += copy(&path, &target, bytes_max.saturating_sub(bytes));
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "toml") {
            let size = path.metadata().map_or(0, |metadata| metadata.len());
            if bytes + size <= bytes_max {
                fs::create_dir_all(to).expect("the scratch folder can be written");
                fs::copy(&path, &target).expect("the scratch folder can be written");
                bytes += size;
            }
        }
    }
    bytes
}
