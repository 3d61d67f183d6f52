//! The definitions that several schemas have in common, told once in a file beside them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// The file of the definitions.
pub(super) const COMMON: &str = "common.json";

const OWN: &str = "#/$defs/";

/// Name of a file, and a definition in it.
type Place<'a> = (&'a str, &'a str);

/// Moves what several of the schemas define alike into one more file, which they refer to.
pub(super) fn share(files: &mut BTreeMap<String, Value>) {
    let common = most_common(files);
    let mut shared = BTreeSet::new();
    for (file, schema) in files.iter() {
        let defs = definitions(schema).filter(|(name, value)| common.get(name.as_str()) == Some(value));
        shared.extend(defs.map(|(name, _)| (file.as_str(), name.as_str())));
    }
    // What leads to a definition that a file has for itself is its own as well.
    while let Some(own) = shared.iter().copied().find(|place| leads_to_own(files, &shared, *place)) {
        shared.remove(&own);
    }
    let shared: BTreeSet<(String, String)> =
        shared.into_iter().map(|(file, name)| (file.to_owned(), name.to_owned())).collect();
    let is_used = |name: &str| shared.iter().any(|(_, other)| other == name);
    let defs: Map<String, Value> = common.into_iter().filter(|(name, _)| is_used(name)).collect();
    for (file, schema) in files.iter_mut() {
        if let Some(own) = schema.get_mut("$defs").and_then(Value::as_object_mut) {
            own.retain(|name, _| !shared.contains(&(file.clone(), name.clone())));
        }
        redirect(schema, &|name| shared.contains(&(file.clone(), name.to_owned())));
        if schema["$defs"].as_object().is_some_and(Map::is_empty) {
            schema.as_object_mut().expect("it has a field").shift_remove("$defs");
        }
    }
    let text = "What the other schemas of this folder refer to; `magellan schema COMMAND` prints one with all it needs";
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "magellan, common definitions",
        "description": text,
        "$defs": defs,
    });
    files.insert(COMMON.into(), schema);
}

fn definitions(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("$defs").and_then(Value::as_object).into_iter().flatten()
}

/// By name the definition that most files have, if more than one has it; of equals that of the first file.
fn most_common(files: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let mut known: BTreeMap<&String, Vec<(&Value, usize)>> = BTreeMap::new();
    for (name, value) in files.values().flat_map(definitions) {
        let forms = known.entry(name).or_default();
        match forms.iter_mut().find(|(form, _)| *form == value) {
            Some((_, count)) => *count += 1,
            None => forms.push((value, 1)),
        }
    }
    let most = |forms: Vec<(&Value, usize)>| {
        let (value, count) = forms.into_iter().rev().max_by_key(|(_, count)| *count)?;
        (count > 1).then(|| value.clone())
    };
    known.into_iter().filter_map(|(name, forms)| Some((name.clone(), most(forms)?))).collect()
}

fn leads_to_own(files: &BTreeMap<String, Value>, shared: &BTreeSet<Place<'_>>, (file, name): Place<'_>) -> bool {
    let mut found = false;
    each_reference(&files[file]["$defs"][name], &mut |to| {
        found |= to.strip_prefix(OWN).is_some_and(|to| !shared.contains(&(file, to)));
    });
    found
}

fn each_reference(value: &Value, seen: &mut dyn FnMut(&str)) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                fields.get("$ref").and_then(Value::as_str).into_iter().for_each(&mut *seen);
                open.extend(fields.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
}

/// Makes references to shared definitions lead to the common file.
fn redirect(value: &mut Value, is_shared: &dyn Fn(&str) -> bool) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                let to = fields.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix(OWN));
                if let Some(to) = to.filter(|to| is_shared(to)).map(|to| format!("{COMMON}{OWN}{to}")) {
                    fields.insert("$ref".into(), to.into());
                }
                open.extend(fields.values_mut());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
}

#[test]
fn what_files_define_alike_is_told_once() {
    let schema = |name: &str, line: &str| {
        json!({"$ref": format!("#/$defs/{name}"), "$defs": {
            "Site": {"items": {"$ref": "#/$defs/Line"}},
            "Line": {"type": line},
            "Plain": {"type": "boolean"},
        }})
    };
    let texts = [("one", "Site", "string"), ("two", "Plain", "string"), ("six", "Site", "integer")];
    let mut files = texts.map(|(file, name, line)| (file.to_owned(), schema(name, line))).into();
    share(&mut files);
    let common = json!({
        "Line": {"type": "string"}, "Plain": {"type": "boolean"}, "Site": {"items": {"$ref": "#/$defs/Line"}},
    });
    assert_eq!(files[COMMON]["$defs"], common);
    assert_eq!(files["one"], json!({"$ref": "common.json#/$defs/Site"}));
    assert_eq!(files["two"], json!({"$ref": "common.json#/$defs/Plain"}));
    let own = json!({"Site": {"items": {"$ref": "#/$defs/Line"}}, "Line": {"type": "integer"}});
    assert_eq!(files["six"], json!({"$ref": "#/$defs/Site", "$defs": own}));
}
