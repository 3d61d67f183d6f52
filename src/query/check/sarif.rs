//! SARIF 2.1.0, for code scanning. Lines only: columns of SARIF are not bytes.

use serde_json::{Value, json};

use crate::model::ContentHash;

use super::Violation;
use super::rules::Rules;

/// The log.
pub(super) fn document(rules: &Rules, violations: &[Violation]) -> String {
    let described = rules.described();
    let index_of = |name: &str| described.iter().position(|(other, _)| *other == name);
    let rule = |(name, meaning): &(&str, String)| json!({"id": name, "shortDescription": {"text": meaning}});
    let results: Vec<Value> = violations.iter().map(|violation| result(violation, index_of(&violation.rule))).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "magellan",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": described.iter().map(rule).collect::<Vec<_>>(),
            }},
            "originalUriBaseIds": {"SRCROOT": {"description": {"text": "the root of the indexed tree"}}},
            "results": results,
        }],
    });
    format!("{}\n", serde_json::to_string_pretty(&log).expect("strings and numbers can always be written as JSON"))
}

fn result(violation: &Violation, rule_index: Option<usize>) -> Value {
    let identity = format!("{}\n{}\n{}", violation.path, violation.rule, violation.subject);
    let hash = ContentHash::of(identity.as_bytes()).to_string();
    json!({
        "ruleId": violation.rule,
        "ruleIndex": rule_index.map_or(-1, |index| index as i64),
        "level": "error",
        "message": {"text": violation.message},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": crate::export::uri(&violation.path), "uriBaseId": "SRCROOT"},
            "region": {"startLine": violation.line, "endLine": violation.end_line},
        }}],
        "partialFingerprints": {"magellanSubject/v1": &hash[..32]},
    })
}
