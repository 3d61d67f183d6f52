//! What to type after a question that came to nothing: the same command with what was likely meant.

use std::ffi::OsString;

use crate::query::{Freshness, Ground, Instead, QueryError, Question, file_of_place, instead, is_folder, quoted};

use super::failure::Failure;
use super::page::count;

/// The failure that an error of a question is, with the command to type next as its hint.
pub(super) fn failure(error: QueryError, ground: &Ground<'_>, question: &Question) -> Failure {
    // A database that fails now has more to tell about the first error than about the second.
    let meant = instead(ground, &error).ok().flatten();
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let command = meant.and_then(|meant| again(question.name, &arguments, &meant));
    let (is_ambiguous, is_missing) = match &error {
        QueryError::Ambiguous { .. } => (true, false),
        QueryError::NoSymbol { .. } | QueryError::NoFile(_) => (false, true),
        _ => (false, false),
    };
    let about = about(&error, ground, question);
    let mut failure = Failure::from(error);
    failure.hint = about.unwrap_or(failure.hint);
    if let Some(command) = command {
        let others = &failure.hint;
        failure.hint = match is_ambiguous {
            true => format!("`{command}` asks for the first; {others}"),
            false => format!("did you mean `{command}`? {others}"),
        };
    }
    if is_missing {
        failure.hint += &age(ground.freshness);
    }
    failure
}

/// What to type where nothing was likely meant, if the question or the argument says more than the error.
fn about(error: &QueryError, ground: &Ground<'_>, question: &Question) -> Option<String> {
    match error {
        QueryError::Usage(_) => Some(format!("`magellan help {}` tells what it takes", question.name)),
        QueryError::NoFile(path) if matches!(is_folder(ground, path), Ok(true)) => {
            Some(format!("it is a folder: `magellan files {}` lists what is indexed in it", quoted(path)))
        }
        QueryError::NoFile(path) if ground.folder.join(path).is_file() => Some(
            "it is in the tree: `magellan index` reads new files, `magellan status` tells what was skipped and why"
                .into(),
        ),
        QueryError::NoSymbol { name, .. } => {
            let (path, line) = file_of_place(name)?;
            Some(format!(
                "`magellan outline {}` lists what stands there, `magellan explain` what is used on line {line}",
                quoted(path)
            ))
        }
        _ => None,
    }
}

/// What narrowed an answer down to nothing.
const NARROWING: [(&str, bool); 11] = [
    ("--kind", true),
    ("--file", true),
    ("--language", true),
    ("--role", true),
    ("--reason", true),
    ("--field", true),
    ("--text", true),
    ("--outcome", true),
    ("--depth", true),
    ("--no-tests", false),
    ("--certain", false),
];

/// The command that was given without what may have narrowed its answer down to nothing.
pub(super) fn wider(arguments: &[OsString]) -> Option<String> {
    let mut words = vec!["magellan".to_owned()];
    let mut is_wider = false;
    let mut arguments = arguments.iter().map(|argument| argument.to_string_lossy());
    while let Some(argument) = arguments.next() {
        let option = argument.split('=').next().unwrap_or_default();
        match NARROWING.iter().find(|(name, _)| *name == option) {
            None => words.push(quoted(&argument)),
            Some((_, takes_value)) => {
                is_wider = true;
                if *takes_value && option == argument {
                    arguments.next();
                }
            }
        }
    }
    is_wider.then(|| words.join(" "))
}

/// What is not in the index may be in the tree.
fn age(freshness: Freshness) -> String {
    match freshness.changed_files {
        Some(0) | None => String::new(),
        Some(files) => {
            format!("; {} changed since: `magellan index` brings the index up to date", count(files, "file"))
        }
    }
}

/// The command that was given, with something else in place of an argument.
fn again(name: &str, arguments: &[OsString], meant: &Instead) -> Option<String> {
    let mut words = vec!["magellan".to_owned()];
    let (mut is_named, mut is_replaced) = (false, false);
    let mut arguments = arguments.iter().map(|argument| argument.to_string_lossy());
    while let Some(argument) = arguments.next() {
        if !is_named && argument == name {
            is_named = true;
            words.push(argument.into_owned());
        } else if meant.is_other_kind && argument == "--kind" {
            arguments.next();
        } else if meant.is_other_kind && argument.starts_with("--kind=") {
        } else if let Some(replaced) = replaced(&argument, meant).filter(|_| is_named) {
            is_replaced = true;
            words.push(quoted(&replaced));
        } else {
            words.push(quoted(&argument));
        }
    }
    is_replaced.then(|| words.join(" "))
}

/// An argument, or the value or the path in it, with what was meant.
fn replaced(argument: &str, meant: &Instead) -> Option<String> {
    let (option, value) = match argument.split_once('=') {
        Some((option, value)) if option.starts_with("--") => (&argument[..=option.len()], value),
        _ => ("", argument),
    };
    let rest = value.strip_prefix(meant.given.as_str())?;
    let is_place = rest.is_empty() || rest.starts_with([':', '#']);
    is_place.then(|| format!("{option}{}{rest}", meant.handle))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(arguments: &[&str], given: &str, handle: &str, is_other_kind: bool) -> Option<String> {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        again("find", &arguments, &Instead { given: given.into(), handle: handle.into(), is_other_kind })
    }

    #[test]
    fn a_command_is_written_again_without_what_narrows_it_down() {
        let written = |arguments: &[&str]| wider(&arguments.iter().map(OsString::from).collect::<Vec<_>>());
        let wanted = Some("magellan find 'a b' --limit 3".to_owned());
        assert_eq!(written(&["find", "a b", "--kind", "method", "--limit", "3", "--language=go"]), wanted);
        assert_eq!(written(&["cycles", "--no-tests", "--dot"]), Some("magellan cycles --dot".into()));
        assert_eq!(written(&["search", "zzz"]), None);
    }

    #[test]
    fn a_command_is_written_again_with_what_was_meant() {
        let command = |arguments: &[&str]| written(arguments, "find", "a::find", true);
        assert_eq!(command(&["find", "find", "--json"]).unwrap(), "magellan find a::find --json");
        assert_eq!(command(&["--db", "a b", "find", "find"]).unwrap(), "magellan --db 'a b' find a::find");
        assert_eq!(command(&["find", "--kind", "x", "find", "--kind=y"]).unwrap(), "magellan find a::find");
        assert_eq!(command(&["find", "--entry=find"]).unwrap(), "magellan find '--entry=a::find'");
        assert_eq!(command(&["find", "other"]), None);
        let place = written(&["find", "b.rs:3", "--kind", "x"], "b.rs", "src/b.rs", false);
        assert_eq!(place.unwrap(), "magellan find src/b.rs:3 --kind x");
        assert_eq!(written(&["find", "bb"], "b", "c", false), None);
    }
}
