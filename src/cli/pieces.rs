//! An answer taken apart into what it says once and its lists, to be put together again with fewer items, as one JSON
//! object or as lines.

use serde_json::{Map, Value, json};

use super::contract::ListPath;

/// An answer as JSON, its lists apart.
pub(super) struct Pieces {
    /// The envelope, with empty lists.
    rest: Value,
    lists: Vec<Piece>,
}

struct Piece {
    path: ListPath,
    /// How many items there are, shown or not.
    total: u64,
    /// Whether the list tells its total itself.
    is_counted: bool,
    items: Vec<Value>,
}

impl Pieces {
    /// Takes the lists at these places out of an envelope.
    pub(super) fn of(mut envelope: Value, paths: Vec<ListPath>) -> Self {
        let lists = paths.into_iter().filter_map(|path| Piece::take(&mut envelope["data"], path)).collect();
        Self { rest: envelope, lists }
    }

    /// How many items each list shows.
    pub(super) fn lengths(&self) -> Vec<usize> {
        self.lists.iter().map(|list| list.items.len()).collect()
    }

    /// The envelope with the first items of each list, as many as its cap.
    pub(super) fn object(&self, caps: &[usize]) -> Value {
        let mut whole = self.told(caps);
        for (list, &cap) in self.lists.iter().zip(caps) {
            let items: Vec<Value> = list.shown(cap).to_vec();
            let Some(place) = at(&mut whole["data"], &list.path) else { continue };
            if list.is_counted { place["items"] = Value::Array(items) } else { *place = Value::Array(items) }
        }
        whole
    }

    /// The envelope with no more than the length of each list, then each of their first items.
    pub(super) fn lines(&self, caps: &[usize]) -> Vec<Value> {
        let mut first = self.told(caps);
        for list in &self.lists {
            let Some(place) = at(&mut first["data"], &list.path) else { continue };
            *place = json!({"total": list.total});
        }
        let mut lines = vec![first];
        for (list, &cap) in self.lists.iter().zip(caps) {
            let name = list.path.to_string();
            lines.extend(list.shown(cap).iter().map(|item| json!({"list": name, "item": item})));
        }
        lines
    }

    /// The envelope, which says what is left off.
    fn told(&self, caps: &[usize]) -> Value {
        let mut envelope = self.rest.clone();
        let is_cut = |(list, cap): &(&Piece, &usize)| list.items.len() > **cap;
        let left_off: Vec<Value> =
            self.lists.iter().zip(caps).filter(is_cut).map(|(list, cap)| list.told(*cap)).collect();
        if !left_off.is_empty() {
            envelope["complete"] = json!(false);
            envelope["truncated"] = json!(true);
            envelope["left_off"] = Value::Array(left_off);
        }
        envelope
    }
}

impl Piece {
    fn take(data: &mut Value, path: ListPath) -> Option<Self> {
        let place = at(data, &path)?;
        let (items, total) = match place {
            Value::Array(items) => (std::mem::take(items), None),
            Value::Object(list) => (taken(list)?, list.get("total").and_then(Value::as_u64)),
            _ => return None,
        };
        let is_counted = total.is_some();
        Some(Self { path, total: total.unwrap_or(items.len() as u64), is_counted, items })
    }

    fn shown(&self, cap: usize) -> &[Value] {
        &self.items[..self.items.len().min(cap)]
    }

    fn told(&self, cap: usize) -> Value {
        json!({"list": self.path.to_string(), "shown": self.shown(cap).len(), "total": self.total})
    }
}

fn taken(list: &mut Map<String, Value>) -> Option<Vec<Value>> {
    match list.get_mut("items")? {
        Value::Array(items) => Some(std::mem::take(items)),
        _ => None,
    }
}

fn at<'a>(data: &'a mut Value, path: &ListPath) -> Option<&'a mut Value> {
    path.0.iter().try_fold(data, |place, name| place.get_mut(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces() -> Pieces {
        let data =
            json!({"of": "x", "found": {"total": 5, "items": [1, 2, 3]}, "in": {"ways": [[1], [2]]}, "no": null});
        let paths = [vec!["found"], vec!["in", "ways"], vec!["no"], vec!["missing", "deep"]];
        let paths = paths.map(|path| ListPath(path.into_iter().map(str::to_owned).collect())).to_vec();
        Pieces::of(json!({"data": data, "complete": true}), paths)
    }

    #[test]
    fn what_is_put_together_whole_is_what_was_taken_apart() {
        let data =
            json!({"of": "x", "found": {"total": 5, "items": [1, 2, 3]}, "in": {"ways": [[1], [2]]}, "no": null});
        assert_eq!(pieces().object(&[3, 2]), json!({"data": data, "complete": true}));
        assert_eq!(pieces().lengths(), [3, 2]);
    }

    #[test]
    fn what_is_left_off_is_told() {
        let cut = pieces().object(&[2, 2]);
        assert_eq!(cut["data"]["found"], json!({"total": 5, "items": [1, 2]}));
        assert_eq!(cut["data"]["in"]["ways"], json!([[1], [2]]));
        assert_eq!((&cut["complete"], &cut["truncated"]), (&json!(false), &json!(true)));
        assert_eq!(cut["left_off"], json!([{"list": "found", "shown": 2, "total": 5}]));
    }

    #[test]
    fn lines_are_the_envelope_and_the_items() {
        let lines = pieces().lines(&[1, 1]);
        assert_eq!(
            lines[0]["data"],
            json!({"of": "x", "found": {"total": 5}, "in": {"ways": {"total": 2}}, "no": null})
        );
        assert_eq!(lines[1..], [json!({"list": "found", "item": 1}), json!({"list": "in.ways", "item": [1]})]);
    }
}
