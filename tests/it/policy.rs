//! Every dependency that is built follows `deny.toml`: its licence is allowed, its source is the registry.

use std::process::Command;

use serde_json::Value;

#[test]
fn dependencies_follow_the_policy() {
    let root = env!("CARGO_MANIFEST_DIR");
    let policy: toml::Table = std::fs::read_to_string(format!("{root}/deny.toml")).unwrap().parse().unwrap();
    let allowed: Vec<&str> =
        policy["licenses"]["allow"].as_array().unwrap().iter().map(|licence| licence.as_str().unwrap()).collect();
    let banned: Vec<&str> =
        policy["bans"]["deny"].as_array().unwrap().iter().map(|entry| entry["crate"].as_str().unwrap()).collect();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", &host()])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or("none");
        if !is_allowed(licence, &allowed) {
            wrong.push(format!("{name}: licence {licence}"));
        }
        if banned.contains(&name) {
            wrong.push(format!("{name}: banned"));
        }
        let source = package["source"].as_str().unwrap_or("registry+ itself");
        if !source.starts_with("registry+") {
            wrong.push(format!("{name}: from {source}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The platform this runs on: dependencies of others need not be here.
fn host() -> String {
    let output = Command::new(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into())).arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// Reads `A OR B`, `A AND B`, `A/B` and one level of parentheses: all of one alternative must be allowed.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    let flat = expression.replace(['(', ')'], " ").replace('/', " OR ");
    let alternatives = flat.split(" OR ").map(|part| part.split(" AND ").map(str::trim).collect::<Vec<_>>());
    // With an `AND` of alternatives, every licence named in it must be allowed or have an allowed neighbour.
    if expression.contains('(') && expression.contains(" AND ") {
        return expression.split(" AND ").all(|part| is_allowed(part.trim_matches(['(', ')', ' ']), allowed));
    }
    alternatives.into_iter().any(|all| all.iter().all(|licence| allowed.contains(licence)))
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = ["MIT", "Unicode-3.0"];
    assert!(is_allowed("MIT OR GPL-3.0", &allowed));
    assert!(is_allowed("(MIT OR Apache-2.0) AND Unicode-3.0", &allowed));
    assert!(is_allowed("MIT/Apache-2.0", &allowed));
    assert!(!is_allowed("MIT AND GPL-3.0", &allowed));
    assert!(!is_allowed("(GPL-2.0 OR GPL-3.0) AND MIT", &allowed));
}
