//! SARIF 2.1.0, for code scanning. Its columns count characters from 1, ours bytes from 0.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::{ContentHash, LineIndex, Position};
use crate::query::{Ground, Result};

use super::rules::Rules;
use super::{Reply, Violation};

/// The log.
pub(super) fn document(ground: &Ground<'_>, rules: &Rules, reply: &Reply, violations: &[Violation]) -> Result<String> {
    let described = rules.described();
    let index_of = |name: &str| described.iter().position(|(other, _)| *other == name);
    let rule = |(name, meaning): &(&str, String)| described_rule(name, meaning);
    let mut texts = Texts { ground, files: BTreeMap::new() };
    let mut results = Vec::with_capacity(violations.len());
    for violation in violations {
        results.push(result(violation, index_of(&violation.rule), &mut texts)?);
    }
    let notice = |text: String| json!({"level": "note", "message": {"text": text}});
    let notices: Vec<Value> = reply.notices().into_iter().map(notice).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "magellan",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": described.iter().map(rule).collect::<Vec<_>>(),
            }},
            "invocations": [{"executionSuccessful": true, "toolConfigurationNotifications": notices}],
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {"SRCROOT": {"description": {"text": "the root of the indexed tree"}}},
            "results": results,
        }],
    });
    let text = serde_json::to_string_pretty(&log).expect("strings and numbers can always be written as JSON");
    Ok(format!("{text}\n"))
}

/// GitHub's code scanning takes no rule without its two longer texts.
fn described_rule(name: &str, meaning: &str) -> Value {
    let full = format!("{meaning}: the rule {name} of `magellan check`, as the rules of this tree say");
    let help = format!(
        "Change the code so that {meaning}. `magellan check` lists every violation; the rules, with the paths that they leave \
         out, stand in magellan.toml or in the file given by --rules, and --baseline forgives what is known."
    );
    json!({
        "id": name,
        "shortDescription": {"text": meaning},
        "fullDescription": {"text": full},
        "help": {"text": help},
    })
}

fn result(violation: &Violation, rule_index: Option<usize>, texts: &mut Texts<'_>) -> Result<Value> {
    let members = violation.members.join("\n");
    let identity = format!("{}\n{}\n{}\n{members}", violation.path, violation.rule, violation.subject);
    let hash = ContentHash::of(identity.as_bytes()).to_string();
    let mut location = location(&violation.path, violation.position, texts)?;
    location["physicalLocation"]["region"]["endLine"] = violation.end_line.into();
    let mut related = Vec::with_capacity(violation.related.len());
    for place in &violation.related {
        let mut location = self::location(&place.path, place.position, texts)?;
        location["message"] = json!({"text": place.message});
        related.push(location);
    }
    let mut result = json!({
        "ruleId": violation.rule,
        "ruleIndex": rule_index.map_or(-1, |index| index as i64),
        "level": "error",
        "message": {"text": violation.message},
        "locations": [location],
        "partialFingerprints": {"magellanSubject/v1": &hash[..32]},
    });
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    Ok(result)
}

fn location(path: &str, position: Position, texts: &mut Texts<'_>) -> Result<Value> {
    let column = texts.column(path, position)?;
    Ok(json!({"physicalLocation": {
        "artifactLocation": {"uri": crate::export::uri(path), "uriBaseId": "SRCROOT"},
        "region": {"startLine": position.line, "startColumn": column},
    }}))
}

/// Files that were needed so far.
struct Texts<'g> {
    ground: &'g Ground<'g>,
    files: BTreeMap<String, Option<(Vec<u8>, LineIndex)>>,
}

impl Texts<'_> {
    /// How many characters stand before a place on its line, and one more.
    fn column(&mut self, path: &str, position: Position) -> Result<usize> {
        if !self.files.contains_key(path) {
            let row = self.ground.snapshot.file(path)?;
            let text = row.map(|row| self.ground.snapshot.text(row.id)).transpose()?;
            let lines = text.map(|text| {
                let lines = LineIndex::new(&text);
                (text, lines)
            });
            self.files.insert(path.to_owned(), lines);
        }
        let Some((text, lines)) = self.files.get(path).and_then(Option::as_ref) else { return Ok(1) };
        let start = lines.line_start(position.line).map_or(text.len(), |start| start as usize);
        let end = start.saturating_add(position.column as usize).min(text.len());
        Ok(1 + String::from_utf8_lossy(&text[start.min(end)..end]).chars().count())
    }
}
