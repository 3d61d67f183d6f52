//! Makes schemas strict: an object has the fields it is described with and no others, so that a reply that drifts from
//! its schema is found.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// What one schema can be made of, all of them for the same value.
const PARTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// Closes every object in `root` and its `$defs`, and drops definitions that nothing uses.
pub(super) fn close(root: &mut Value) {
    let defs = root["$defs"].clone();
    close_schema(root, &defs, false);
    prune(root);
}

/// `is_part` is for schemas that describe only some of the fields of what another one closes.
fn close_schema(schema: &mut Value, defs: &Value, is_part: bool) {
    let Some(schema) = schema.as_object_mut() else { return };
    if schema.contains_key("properties") {
        inline(schema, defs);
        if !is_part && !schema.contains_key("additionalProperties") {
            let is_whole = !PARTS.iter().any(|part| schema.contains_key(*part));
            let key = if is_whole { "additionalProperties" } else { "unevaluatedProperties" };
            schema.insert(key.into(), json!(false));
        }
    }
    let has_parts_only = is_part || schema.contains_key("properties");
    for (key, value) in schema.iter_mut() {
        match (key.as_str(), value) {
            ("properties" | "$defs", Value::Object(schemas)) => {
                schemas.values_mut().for_each(|schema| close_schema(schema, defs, false));
            }
            ("items" | "additionalProperties", schema) => close_schema(schema, defs, false),
            ("prefixItems", Value::Array(schemas)) => {
                schemas.iter_mut().for_each(|schema| close_schema(schema, defs, false));
            }
            (part, Value::Array(schemas)) if PARTS.contains(&part) => {
                schemas.iter_mut().for_each(|schema| close_schema(schema, defs, has_parts_only));
            }
            _ => {}
        }
    }
}

/// Puts the fields of what is referred to beside the schema's own: closed by itself, it would refuse them.
fn inline(schema: &mut Map<String, Value>, defs: &Value) {
    while let Some(target) = schema.shift_remove("$ref").and_then(|to| resolved(&to, defs)) {
        for (key, value) in target {
            match (schema.get_mut(&key), value) {
                (Some(Value::Object(own)), Value::Object(others)) => own.extend(others),
                (Some(Value::Array(own)), Value::Array(others)) => own.extend(others),
                (Some(_), _) => {}
                (None, value) => {
                    schema.insert(key, value);
                }
            }
        }
    }
}

/// What a `$ref` leads to.
pub(super) fn resolved(to: &Value, defs: &Value) -> Option<Map<String, Value>> {
    let name = to.as_str()?.strip_prefix("#/$defs/")?;
    defs[name].as_object().cloned()
}

/// Drops definitions that nothing uses.
fn prune(root: &mut Value) {
    let Some(Value::Object(mut defs)) = root.as_object_mut().and_then(|root| root.shift_remove("$defs")) else {
        return;
    };
    let mut used = BTreeSet::new();
    let mut open: Vec<&Value> = vec![root];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                let name = fields.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix("#/$defs/"));
                if let Some(name) = name.filter(|name| used.insert((*name).to_owned())) {
                    open.extend(defs.get(name));
                }
                open.extend(fields.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    defs.retain(|name, _| used.contains(name));
    if !defs.is_empty() {
        root["$defs"] = Value::Object(defs);
    }
}
