//! The lists of an answer, found in its schema: what `--max-bytes` may cut and `--jsonl` prints line by line.
//!
//! A list is an object of `total` and `items`, or an array of objects, that is reached by fields alone. What is inside
//! an item belongs to the item.

use std::fmt;

use serde_json::{Map, Value, json};

use super::close::resolved;

/// The fields that lead to a list, from the data of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct ListPath(pub(in crate::cli) Vec<String>);

impl fmt::Display for ListPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("."))
    }
}

/// Deeper fields are not looked at; replies have three levels.
const DEPTH_MAX: usize = 8;

/// All lists of the data that `root` describes, in the order of the fields.
pub(super) fn lists(root: &Value) -> Vec<ListPath> {
    found(root).into_iter().map(|(path, _)| path).collect()
}

/// The lists and the schema of their items.
fn found(root: &Value) -> Vec<(ListPath, Value)> {
    let defs = &root["$defs"];
    let mut lists: Vec<(ListPath, Value)> = Vec::new();
    let mut open = vec![(root["properties"]["data"].clone(), Vec::new())];
    while let Some((schema, path)) = open.pop() {
        let schema = seen_through(&schema, defs);
        if let Some(items) = items(&schema, defs) {
            let path = ListPath(path);
            if lists.iter().all(|(known, _)| *known != path) {
                lists.push((path, items));
            }
            continue;
        }
        for part in parts(&schema).rev() {
            open.push((part.clone(), path.clone()));
        }
        let fields = schema.get("properties").and_then(Value::as_object).filter(|_| path.len() < DEPTH_MAX);
        for (name, field) in fields.into_iter().flatten().rev() {
            open.push((field.clone(), [path.as_slice(), std::slice::from_ref(name)].concat()));
        }
    }
    lists
}

/// The schema itself where it is no more than a reference to another.
fn seen_through(schema: &Value, defs: &Value) -> Map<String, Value> {
    let mut schema = schema.as_object().cloned().unwrap_or_default();
    while let Some(target) = schema.get("$ref").and_then(|to| resolved(to, defs)) {
        schema.shift_remove("$ref");
        schema = target.into_iter().chain(schema).collect();
    }
    schema
}

/// The schemas that apply to the same value.
fn parts(schema: &Map<String, Value>) -> impl DoubleEndedIterator<Item = &Value> {
    let parts = ["allOf", "anyOf", "oneOf"].map(|key| schema.get(key).and_then(Value::as_array));
    parts.into_iter().flatten().flatten()
}

/// The schema of the items, if this is a list.
fn items(schema: &Map<String, Value>, defs: &Value) -> Option<Value> {
    if let Some(fields) = schema.get("properties").and_then(Value::as_object)
        && fields.len() == 2
        && fields.contains_key("total")
    {
        return fields.get("items").and_then(|list| list.get("items")).cloned();
    }
    let items = schema.get("items").filter(|_| has_type(schema, "array"))?;
    let inner = seen_through(items, defs);
    (inner.contains_key("properties") || parts(&inner).next().is_some()).then(|| items.clone())
}

fn has_type(schema: &Map<String, Value>, wanted: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(name)) => name == wanted,
        Some(Value::Array(names)) => names.iter().any(|name| name == wanted),
        _ => false,
    }
}

/// Turns the schema of an answer into that of its first line, and gives those of the other lines.
pub(super) fn lines(root: &mut Value) -> Vec<Value> {
    let lists = found(root);
    let defs = root["$defs"].clone();
    for (path, _) in &lists {
        shorten(&mut root["properties"]["data"], &path.0, &defs);
    }
    lists.iter().map(|(path, items)| line(path, items)).collect()
}

fn line(path: &ListPath, items: &Value) -> Value {
    json!({
        "description": format!("An item of the list `{path}`."),
        "type": "object",
        "properties": { "list": { "const": path.to_string() }, "item": items },
        "required": ["list", "item"],
    })
}

/// Puts the number of items in the place of the list. What is on the way is no longer shared with other places.
fn shorten(schema: &mut Value, path: &[String], defs: &Value) {
    let mut own = seen_through(schema, defs);
    for key in ["allOf", "anyOf", "oneOf"] {
        let parts = own.get_mut(key).and_then(Value::as_array_mut);
        parts.into_iter().flatten().for_each(|part| shorten(part, path, defs));
    }
    match path.split_first() {
        Some((name, rest)) => {
            let field = own.get_mut("properties").and_then(|fields| fields.get_mut(name.as_str()));
            field.into_iter().for_each(|field| shorten(field, rest, defs));
        }
        None if items(&own, defs).is_some() => {
            let kind = if has_type(&own, "null") { json!(["object", "null"]) } else { json!("object") };
            let description = own.get("description").cloned().unwrap_or_else(|| json!("How long the list is."));
            *schema = json!({
                "description": description,
                "type": kind,
                "properties": { "total": { "description": "How many there are.", "type": "integer", "minimum": 0 } },
                "required": ["total"],
            });
            return;
        }
        None => {}
    }
    *schema = Value::Object(own);
}
