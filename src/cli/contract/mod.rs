//! What the JSON of each command looks like, made from the types of the replies. The only place that knows: the
//! schemas in `docs/schemas`, `magellan schema`, and what finds the lists of an answer to cut them or to print a line
//! for each item.

mod close;
mod lists;
#[cfg(test)]
mod shared;

pub(super) use lists::ListPath;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::job::{DEEDS, Deed};
use crate::query::{QUESTIONS, Question};

use super::output::{Envelope, ErrorEnvelope};
use super::{export, index, watch};

/// The JSON form of one command.
#[derive(Clone, Copy)]
pub(super) struct Contract {
    /// The command.
    pub(super) name: &'static str,
    /// Rises when a field changes its meaning or goes.
    pub(super) version: u32,
    /// Help in one line.
    pub(super) about: &'static str,
    /// The shape of the data.
    pub(super) data: fn(&mut SchemaGenerator) -> Schema,
    /// Whether it prints one object after the other, each on a line, and lists stay in them.
    pub(super) is_stream: bool,
}

impl From<&Question> for Contract {
    fn from(question: &Question) -> Self {
        Self {
            name: question.name,
            version: question.version,
            about: question.about,
            data: question.schema,
            is_stream: false,
        }
    }
}

impl From<&Deed> for Contract {
    fn from(deed: &Deed) -> Self {
        Self { name: deed.name, version: deed.version, about: deed.about, data: deed.schema, is_stream: false }
    }
}

/// The form of failures, which have no data.
pub(super) const ERROR: &str = "error";

/// Every contract, in the order in which help lists the commands.
pub(super) fn all() -> Vec<Contract> {
    let others = [index::CONTRACT, watch::CONTRACT, export::CONTRACT];
    others.into_iter().chain(QUESTIONS.iter().map(Contract::from)).chain(DEEDS.iter().map(Contract::from)).collect()
}

impl Contract {
    /// The schema of the object that `--json` prints.
    pub(super) fn schema(&self) -> Value {
        let mut root = self.raw();
        close::close(&mut root);
        root
    }

    /// The schema of each line that `--jsonl` prints.
    pub(super) fn line_schema(&self) -> Value {
        if self.is_stream {
            return self.schema();
        }
        let mut first = self.raw();
        let lines = lists::lines(&mut first);
        let mut whole = heading(&format!("magellan {} --jsonl", self.name), self.about);
        let Some(fields) = first.as_object_mut() else { return first };
        HEADING.iter().for_each(|key| drop(fields.shift_remove(*key)));
        let defs = fields.shift_remove("$defs");
        whole.insert("anyOf".into(), std::iter::once(first).chain(lines).collect());
        whole.extend(defs.map(|defs| ("$defs".to_owned(), defs)));
        let mut whole = Value::Object(whole);
        close::close(&mut whole);
        whole
    }

    /// Where the lists of an answer are.
    pub(super) fn lists(&self) -> Vec<ListPath> {
        lists::lists(&self.raw())
    }

    /// The envelope with this data, as the types say.
    fn raw(&self) -> Value {
        let mut generator = generator();
        let data = (self.data)(&mut generator);
        let envelope = generator.into_root_schema_for::<Envelope<'_, Value>>().to_value();
        let mut whole = heading(&format!("magellan {} --json", self.name), self.about);
        let Value::Object(envelope) = envelope else { return Value::Object(whole) };
        whole.extend(envelope.into_iter().filter(|(key, _)| !HEADING.contains(&key.as_str())));
        let mut whole = Value::Object(whole);
        let properties = &mut whole["properties"];
        properties["data"] = data.to_value();
        properties["schema"] = named(self.name, self.version);
        whole
    }
}

/// The schema of the object that is printed where there is no answer.
pub(super) fn error_schema() -> Value {
    let envelope = generator().into_root_schema_for::<ErrorEnvelope<'_>>().to_value();
    let mut whole = heading("magellan, where a command fails", "What went wrong, and what to type next");
    let Value::Object(envelope) = envelope else { return Value::Object(whole) };
    whole.extend(envelope.into_iter().filter(|(key, _)| !HEADING.contains(&key.as_str())));
    let mut whole = Value::Object(whole);
    whole["properties"]["schema"] = named(ERROR, 1);
    close::close(&mut whole);
    whole
}

const HEADING: [&str; 3] = ["$schema", "title", "description"];

fn heading(title: &str, about: &str) -> Map<String, Value> {
    let values = ["https://json-schema.org/draft/2020-12/schema", title, about].map(|text| json!(text));
    HEADING.map(str::to_owned).into_iter().zip(values).collect()
}

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().for_serialize().into_generator()
}

/// The field that names this very schema.
fn named(name: &str, version: u32) -> Value {
    json!({
        "description": "What this object is.",
        "type": "object",
        "properties": { "name": { "const": name }, "version": { "const": version } },
        "required": ["name", "version"],
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;

    const HOW: &str = "UPDATE_FIXTURES=1 cargo test --lib schemas writes them anew";

    /// Every file of `docs/schemas` with its text.
    fn made() -> BTreeMap<String, String> {
        let mut files = BTreeMap::from([(format!("{ERROR}.json"), error_schema())]);
        for contract in all() {
            files.insert(format!("{}.json", contract.name), contract.schema());
            if !contract.is_stream {
                files.insert(format!("{}.jsonl.json", contract.name), contract.line_schema());
            }
        }
        shared::share(&mut files);
        let text = |value: &Value| format!("{}\n", serde_json::to_string_pretty(value).unwrap());
        files.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    #[test]
    fn schemas_in_the_documentation_are_those_of_the_types() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schemas"));
        let made = made();
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            let _ = std::fs::remove_dir_all(folder);
            std::fs::create_dir_all(folder).unwrap();
            for (name, text) in &made {
                std::fs::write(folder.join(name), text).unwrap();
            }
        }
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let stray: Vec<String> = names.filter(|name| !made.contains_key(name)).collect();
        assert_eq!(stray, Vec::<String>::new(), "no command has these: {HOW}");
        for (name, text) in &made {
            let found = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
            assert!(&found == text, "docs/schemas/{name} is old: {HOW}");
        }
    }

    #[test]
    fn lists_are_found_wherever_they_are() {
        let lists = |name: &str| -> Vec<String> {
            let contract = all().into_iter().find(|contract| contract.name == name).unwrap();
            contract.lists().iter().map(ListPath::to_string).collect()
        };
        assert_eq!(lists("callers"), ["callers", "unresolved.sites"]);
        assert_eq!(lists("find"), ["symbols"]);
        assert_eq!(lists("fingerprint"), Vec::<String>::new());
    }
}
