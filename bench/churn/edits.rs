//! The edits: each changes something that links depend on, in any language, by the spans that extraction finds.

use std::ops::Range;

use magellan::model::{FileFacts, Role, Span, Symbol};

use super::Editor;
use super::editor::is_name;

/// A kind of edit.
pub(crate) struct Edit {
    pub(crate) name: &'static str,
    /// How often it is made compared with others.
    pub(super) weight: u64,
    /// Makes it and says where; none if it cannot be made or changes nothing.
    pub(super) make: fn(&mut Editor) -> Option<String>,
}

/// Every kind of edit.
pub(crate) const EDITS: &[Edit] = &[
    Edit { name: "delete a definition", weight: 5, make: delete_definition },
    Edit { name: "rename a definition", weight: 6, make: rename_definition },
    Edit { name: "rename a name everywhere", weight: 3, make: rename_everywhere },
    Edit { name: "copy a definition", weight: 5, make: copy_definition },
    Edit { name: "move a definition", weight: 5, make: move_definition },
    Edit { name: "swap two definitions", weight: 3, make: swap_definitions },
    Edit { name: "call something else", weight: 4, make: |editor| use_other(editor, &[Role::Call, Role::Read]) },
    Edit { name: "name another type", weight: 5, make: |editor| use_other(editor, &[Role::Type]) },
    Edit { name: "inherit from another type", weight: 4, make: |editor| use_other(editor, &[Role::Inherit]) },
    Edit { name: "import something else", weight: 6, make: change_import },
    Edit { name: "remove an import", weight: 4, make: remove_import },
    Edit { name: "copy an import", weight: 5, make: copy_import },
    Edit { name: "change parameters", weight: 4, make: change_parameters },
    Edit { name: "change a keyword", weight: 6, make: change_keyword },
    Edit { name: "insert lines on top", weight: 3, make: insert_on_top },
    Edit { name: "delete a line", weight: 3, make: delete_line },
    Edit { name: "break the syntax", weight: 4, make: break_syntax },
    Edit { name: "mend a file", weight: 6, make: mend },
    Edit { name: "rename a file", weight: 5, make: rename_file },
    Edit { name: "move a file", weight: 4, make: move_file },
    Edit { name: "copy a file", weight: 2, make: copy_file },
    Edit { name: "remove a file", weight: 4, make: remove_file },
    Edit { name: "move a folder", weight: 2, make: move_folder },
    Edit { name: "swap two files", weight: 2, make: swap_files },
    Edit { name: "put a file", weight: 7, make: put_spare },
    Edit { name: "edit a manifest", weight: 4, make: edit_manifest },
    Edit { name: "edit an ignore file", weight: 4, make: edit_ignore_file },
    Edit { name: "touch a file", weight: 2, make: touch },
    Edit { name: "go back", weight: 3, make: go_back },
];

/// Words that decide what a definition is to others, with what may stand in their place.
const KEYWORDS: &[(&str, &str)] = &[
    ("pub ", ""),
    ("pub ", "pub(crate) "),
    ("static ", ""),
    ("export ", ""),
    ("export default ", "export "),
    ("public ", ""),
    ("private ", "public "),
    ("protected ", "private "),
    ("abstract ", ""),
    ("virtual ", ""),
    (" override", ""),
    ("final ", ""),
    ("extends ", "implements "),
    ("async ", ""),
    ("inline ", ""),
    ("extern ", ""),
    ("const ", ""),
    ("class ", "struct "),
    ("class ", "interface "),
    ("struct ", "enum "),
    ("trait ", "struct "),
    ("self.", ""),
    ("this.", ""),
    ("super.", "this."),
    ("super::", "crate::"),
    ("crate::", "self::"),
    ("::*", ""),
    (".*", ""),
    ("import * as ", "import "),
    ("* from", "{ make } from"),
    ("import *", "import Item"),
    (" as ", " as other_"),
    ("namespace ", "namespace other_"),
    ("package ", "package other_"),
    ("mod ", "pub mod "),
    ("using namespace ", "using "),
    ("type ", ""),
    ("*", ""),
    ("&", ""),
    ("@property", ""),
    ("@classmethod", "@staticmethod"),
    ("#include \"", "#include \"../"),
    ("\"./", "\"../"),
    ("'./", "'../"),
    ("from .", "from "),
    ("return ", ""),
    ("new ", ""),
    ("#define ", "#undef "),
    ("#ifndef", "#ifdef"),
    ("-> ", "-> other."),
];

/// File names that mean something in some language.
const SPECIAL: &[&str] =
    &["mod", "lib", "main", "index", "__init__", "shapes", "names", "util", "list", "model", "base"];

const IGNORE_FILES: &[&str] = &[".gitignore", ".ignore"];

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// A file, its text and what it says.
fn any_facts(editor: &mut Editor) -> Option<(String, String, FileFacts)> {
    let path = editor.source()?;
    let text = editor.text(&path)?;
    let facts = editor.facts(&path)?;
    Some((path, text, facts))
}

fn symbol<'f>(editor: &mut Editor, facts: &'f FileFacts) -> Option<&'f Symbol> {
    editor.dice.pick(&facts.symbols)
}

/// The whole lines that a range stands on.
fn lines(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[range.end..].find('\n').map_or(text.len(), |at| range.end + at + 1);
    start..end
}

/// A definition's lines if nothing else stands there, else the definition alone.
fn whole(text: &str, symbol: &Symbol) -> Range<usize> {
    let own = range(symbol.span);
    let all = lines(text, own.clone());
    let is_alone = text[all.start..own.start].trim().is_empty()
        && text[own.end..all.end].trim_matches([' ', '\t', '\n', ';', ',']).is_empty();
    if is_alone { all } else { own }
}

fn replace(editor: &mut Editor, path: &str, text: &str, range: Range<usize>, with: &str) -> Option<String> {
    let before = text.get(range.clone())?;
    let line = text[..range.start].matches('\n').count() + 1;
    let new = format!("{}{with}{}", &text[..range.start], &text[range.end..]);
    let shown = |text: &str| text.chars().take(40).collect::<String>().replace('\n', "\\n");
    editor.put(path, new).then(|| format!("{path}:{line} {:?} -> {:?}", shown(before), shown(with)))
}

fn delete_definition(editor: &mut Editor) -> Option<String> {
    let (path, text, facts) = any_facts(editor)?;
    let gone = whole(&text, symbol(editor, &facts)?);
    replace(editor, &path, &text, gone, "")
}

fn rename_definition(editor: &mut Editor) -> Option<String> {
    let (path, text, facts) = any_facts(editor)?;
    let name = range(symbol(editor, &facts)?.name_span);
    let new = editor.name()?;
    if !is_name(&text[name.clone()]) {
        return None;
    }
    replace(editor, &path, &text, name, &new)
}

fn rename_everywhere(editor: &mut Editor) -> Option<String> {
    let (old, new) = (editor.name()?, editor.name()?);
    let mut count = 0;
    for path in editor.files.keys().cloned().collect::<Vec<_>>() {
        let Some(text) = editor.text(&path) else { continue };
        let renamed = rename(&text, &old, &new);
        count += u32::from(editor.put(&path, renamed));
    }
    (count > 0).then(|| format!("{old} -> {new} in {count} files"))
}

/// The text with every whole word `old` replaced.
fn rename(text: &str, old: &str, new: &str) -> String {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let (mut renamed, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(old) {
        let end = at + old.len();
        let is_whole =
            !renamed.ends_with(is_part) && !rest[..at].ends_with(is_part) && !rest[end..].starts_with(is_part);
        renamed.push_str(&rest[..at]);
        renamed.push_str(if is_whole { new } else { old });
        rest = &rest[end..];
    }
    renamed + rest
}

/// The text of a definition, sometimes under another name.
fn taken(editor: &mut Editor) -> Option<(String, Range<usize>, String)> {
    let (path, text, facts) = any_facts(editor)?;
    let found = symbol(editor, &facts)?;
    let own = whole(&text, found);
    let mut taken = text[own.clone()].to_owned();
    if editor.dice.roll(3) == 0 {
        let name = range(found.name_span);
        let name = name.start.checked_sub(own.start)?..name.end.checked_sub(own.start)?;
        let new = editor.name()?;
        taken.get(name.clone())?;
        taken.replace_range(name, &new);
    }
    taken.push_str(if taken.ends_with('\n') { "" } else { "\n" });
    Some((path, own, taken))
}

/// Puts a text before a definition, at the end or on top of some file.
fn insert(editor: &mut Editor, taken: &str) -> Option<String> {
    let (path, text, facts) = any_facts(editor)?;
    let at = match editor.dice.roll(4) {
        0 => text.len(),
        1 => facts.symbols.first().map_or(0, |first| whole(&text, first).start),
        _ => symbol(editor, &facts).map_or(text.len(), |symbol| whole(&text, symbol).start),
    };
    let glue = if text[..at].ends_with('\n') || at == 0 { "" } else { "\n" };
    replace(editor, &path, &text, at..at, &format!("{glue}{taken}"))
}

fn copy_definition(editor: &mut Editor) -> Option<String> {
    let (path, _, taken) = taken(editor)?;
    Some(format!("from {path} to {}", insert(editor, &taken)?))
}

fn move_definition(editor: &mut Editor) -> Option<String> {
    let (path, own, taken) = taken(editor)?;
    let text = editor.text(&path)?;
    let left = replace(editor, &path, &text, own, "")?;
    Some(format!("{left}, to {}", insert(editor, &taken)?))
}

fn swap_definitions(editor: &mut Editor) -> Option<String> {
    let (path, text, facts) = any_facts(editor)?;
    let (one, other) = (whole(&text, symbol(editor, &facts)?), whole(&text, symbol(editor, &facts)?));
    let (first, second) = if one.start < other.start { (one, other) } else { (other, one) };
    if first.end > second.start {
        return None;
    }
    let swapped = format!("{}{}{}", &text[second.clone()], &text[first.end..second.start], &text[first.clone()]);
    replace(editor, &path, &text, first.start..second.end, &swapped)
}

fn use_other(editor: &mut Editor, roles: &[Role]) -> Option<String> {
    let (path, text, facts) = any_facts(editor)?;
    let such: Vec<_> = facts.occurrences.iter().filter(|occurrence| roles.contains(&occurrence.role)).collect();
    let place = range(editor.dice.pick(&such)?.span);
    let new = editor.name()?;
    replace(editor, &path, &text, place, &new)
}

/// The names in a range of a text.
fn words(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let (mut words, mut start) = (Vec::new(), None);
    for at in range.start..=range.end {
        let is_inside = at < range.end && is_part(text.as_bytes()[at]);
        match (start, is_inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                words.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// Lines of an import somewhere, with its file and place.
fn import(editor: &mut Editor) -> Option<(String, String, Range<usize>)> {
    let (path, text, facts) = any_facts(editor)?;
    let span = range(editor.dice.pick(&facts.imports)?.span);
    Some((path, text, span))
}

fn change_import(editor: &mut Editor) -> Option<String> {
    let (path, text, span) = import(editor)?;
    let all = words(&text, span);
    let place = editor.dice.pick(&all)?.clone();
    let new = match editor.dice.roll(3) {
        0 => editor.name()?,
        1 => stem(&editor.source()?).to_owned(),
        _ => {
            let (_, other, span) = import(editor)?;
            let all = words(&other, span);
            other[editor.dice.pick(&all)?.clone()].to_owned()
        }
    };
    replace(editor, &path, &text, place, &new)
}

fn remove_import(editor: &mut Editor) -> Option<String> {
    let (path, text, span) = import(editor)?;
    let gone = lines(&text, span);
    replace(editor, &path, &text, gone, "")
}

fn copy_import(editor: &mut Editor) -> Option<String> {
    let (_, from, span) = import(editor)?;
    let copied = from[lines(&from, span)].to_owned();
    let (path, text, facts) = any_facts(editor)?;
    let first_line = text.find('\n').map_or(text.len(), |at| at + 1);
    let at = facts.imports.first().map_or(first_line, |first| lines(&text, range(first.span)).start);
    replace(editor, &path, &text, at..at, &copied)
}

fn change_parameters(editor: &mut Editor) -> Option<String> {
    let (path, text, facts) = any_facts(editor)?;
    let found = symbol(editor, &facts)?;
    if !found.kind.is_callable() {
        return None;
    }
    let after = range(found.span);
    let open = found.name_span.end as usize;
    let open = open + text.get(open..after.end)?.find('(')? + 1;
    let close = open + text[open..after.end].find(')')?;
    let list: Vec<&str> = text[open..close].split(',').map(str::trim).filter(|one| !one.is_empty()).collect();
    let mut new = list.clone();
    match editor.dice.index(list.len()) {
        Some(index) if editor.dice.roll(2) == 0 => drop(new.remove(index)),
        Some(index) => new.push(list[index]),
        None => new.push("value"),
    }
    replace(editor, &path, &text, open..close, &new.join(", "))
}

fn change_keyword(editor: &mut Editor) -> Option<String> {
    let path = editor.source()?;
    let text = editor.text(&path)?;
    let such: Vec<_> = KEYWORDS.iter().filter(|(word, _)| text.contains(word)).collect();
    let &&(word, other) = editor.dice.pick(&such)?;
    if editor.dice.roll(4) == 0 {
        let facts = editor.facts(&path)?;
        let at = symbol(editor, &facts)?.span.start as usize;
        return replace(editor, &path, &text, at..at, word);
    }
    let places: Vec<usize> = text.match_indices(word).map(|(at, _)| at).collect();
    let at = *editor.dice.pick(&places)?;
    replace(editor, &path, &text, at..at + word.len(), other)
}

fn insert_on_top(editor: &mut Editor) -> Option<String> {
    let path = editor.source()?;
    let text = editor.text(&path)?;
    let lines = "\n".repeat(1 + editor.dice.roll(3) as usize);
    replace(editor, &path, &text, 0..0, &lines)
}

fn delete_line(editor: &mut Editor) -> Option<String> {
    let path = editor.source()?;
    let text = editor.text(&path)?;
    let starts: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let at = *editor.dice.pick(&starts)?;
    let gone = lines(&text, at..at);
    replace(editor, &path, &text, gone, "")
}

fn break_syntax(editor: &mut Editor) -> Option<String> {
    let path = editor.source()?;
    let text = editor.text(&path)?;
    let is_boundary = |at: &usize| text.is_char_boundary(*at);
    let at = editor.dice.index(text.len() + 1).filter(is_boundary)?;
    match editor.dice.roll(8) {
        0 => replace(editor, &path, &text, at..text.len(), ""),
        1..=3 => {
            let brackets: Vec<usize> = text.match_indices(['(', ')', '{', '}', '"', ':']).map(|(at, _)| at).collect();
            let at = *editor.dice.pick(&brackets)?;
            replace(editor, &path, &text, at..at + 1, "")
        }
        _ => {
            let stray = editor.dice.pick(&["{", "}", "(", ")", "\"", "/*", "class ", "\n", "#", "é", "<", "'"])?;
            replace(editor, &path, &text, at..at, stray)
        }
    }
}

/// A file is put back to what it was, or to what it was in the beginning.
fn mend(editor: &mut Editor) -> Option<String> {
    let from = match editor.dice.roll(2) {
        0 => editor.start.clone(),
        _ => editor.dice.pick(&editor.history)?.clone(),
    };
    let differing: Vec<_> = from.iter().filter(|(path, text)| editor.files.get(*path) != Some(text)).collect();
    let (path, text) = editor.dice.pick(&differing)?;
    editor.put(path, text.to_vec()).then(|| (*path).clone())
}

/// The name of a file without folder and extension.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

/// Folder with the `/` at its end, stem, and extension with its dot.
fn split(path: &str) -> (&str, &str, &str) {
    let at = path.rfind('/').map_or(0, |at| at + 1);
    let stem = stem(path);
    (&path[..at], stem, &path[at + stem.len()..])
}

fn folders(editor: &Editor) -> Vec<String> {
    let mut folders: Vec<String> = editor.files.keys().map(|path| split(path).0.to_owned()).collect();
    folders.dedup();
    folders.push(String::new());
    folders
}

fn move_to(editor: &mut Editor, from: &str, to: &str) -> Option<String> {
    let text = editor.files.get(from)?.to_vec();
    if from == to {
        return None;
    }
    editor.files.remove(from);
    let _ = editor.put(to, text);
    Some(format!("{from} -> {to}"))
}

fn rename_file(editor: &mut Editor) -> Option<String> {
    let path = editor.source()?;
    let (folder, _, extension) = split(&path);
    let new = match editor.dice.roll(3) {
        0 => (*editor.dice.pick(SPECIAL)?).to_owned(),
        1 => editor.name()?,
        _ => stem(&editor.source()?).to_owned(),
    };
    move_to(editor, &path, &format!("{folder}{new}{extension}"))
}

fn move_file(editor: &mut Editor) -> Option<String> {
    let path = editor.source()?;
    let (_, stem, extension) = split(&path);
    let folder = editor.dice.pick(&folders(editor))?.clone();
    let inner = if editor.dice.roll(4) == 0 { format!("{}/", editor.name()?) } else { String::new() };
    move_to(editor, &path, &format!("{folder}{inner}{stem}{extension}"))
}

fn copy_file(editor: &mut Editor) -> Option<String> {
    let path = editor.source()?;
    let (_, stem, extension) = split(&path);
    let folder = editor.dice.pick(&folders(editor))?.clone();
    let new = if editor.dice.roll(2) == 0 { editor.name()? } else { stem.to_owned() };
    let to = format!("{folder}{new}{extension}");
    let text = editor.files.get(&path)?.to_vec();
    editor.put(&to, text).then(|| format!("{path} -> {to}"))
}

fn remove_file(editor: &mut Editor) -> Option<String> {
    let path = editor.source()?;
    editor.files.remove(&path).map(|_| path)
}

fn move_folder(editor: &mut Editor) -> Option<String> {
    let from = editor.dice.pick(&folders(editor))?.clone();
    let (parent, name, _) = split(from.strip_suffix('/')?);
    let new = match editor.dice.roll(3) {
        0 => parent.to_owned(),
        1 => format!("{parent}{}/", editor.name()?),
        _ => format!("{}{name}/", editor.dice.pick(&folders(editor))?),
    };
    if new == from || new.starts_with(&from) {
        return None;
    }
    let inside: Vec<String> = editor.files.keys().filter(|path| path.starts_with(&from)).cloned().collect();
    for path in inside {
        move_to(editor, &path, &format!("{new}{}", &path[from.len()..]));
    }
    Some(format!("{from} -> {new}"))
}

fn swap_files(editor: &mut Editor) -> Option<String> {
    let (one, other) = (editor.source()?, editor.source()?);
    let (first, second) = (editor.files.get(&one)?.to_vec(), editor.files.get(&other)?.to_vec());
    (editor.put(&one, second) && editor.put(&other, first)).then(|| format!("{one}, {other}"))
}

fn put_spare(editor: &mut Editor) -> Option<String> {
    let (path, text) = editor.dice.pick(&editor.spare)?.clone();
    editor.put(&path, text.to_vec()).then_some(path)
}

/// Manifests are the files that are neither source nor ignore files.
fn edit_manifest(editor: &mut Editor) -> Option<String> {
    let sources: Vec<String> = editor.sources().into_iter().cloned().collect();
    let is_manifest =
        |path: &&String| !sources.contains(path) && !split(path).1.is_empty() && !path.starts_with(".magellan");
    let manifests: Vec<String> = editor.files.keys().filter(is_manifest).cloned().collect();
    let path = editor.dice.pick(&manifests)?.clone();
    if editor.dice.roll(6) == 0 {
        return editor.files.remove(&path).map(|_| format!("remove {path}"));
    }
    let text = editor.text(&path)?;
    let all = words(&text, 0..text.len());
    let place = editor.dice.pick(&all)?.clone();
    let new = match editor.dice.roll(3) {
        0 => text[editor.dice.pick(&all)?.clone()].to_owned(),
        1 => stem(&editor.source()?).to_owned(),
        _ => {
            let source = editor.source()?;
            let folders: Vec<&str> = source.split('/').collect();
            (*editor.dice.pick(&folders)?).to_owned()
        }
    };
    replace(editor, &path, &text, place, &new)
}

fn edit_ignore_file(editor: &mut Editor) -> Option<String> {
    let source = editor.source()?;
    let (folder, stem, extension) = split(&source);
    let pattern = match editor.dice.roll(6) {
        0 => format!("{stem}*"),
        1 => format!("/{folder}"),
        2 => format!("!{stem}{extension}"),
        _ => format!("{stem}{extension}"),
    };
    if editor.dice.roll(6) == 0 {
        let config = format!("exclude = [\"{}\"]\n", pattern.trim_start_matches('!'));
        return editor.put(".magellan/config.toml", config).then(|| format!("exclude {pattern}"));
    }
    let name = editor.dice.pick(IGNORE_FILES)?;
    let path = if editor.dice.roll(3) == 0 { format!("{folder}{name}") } else { (*name).to_owned() };
    let before = editor.text(&path).unwrap_or_default();
    if !before.is_empty() && editor.dice.roll(2) == 0 {
        return editor.files.remove(&path).map(|_| format!("remove {path}"));
    }
    editor.put(&path, format!("{before}{pattern}\n")).then(|| format!("{path}: {pattern}"))
}

fn touch(editor: &mut Editor) -> Option<String> {
    let path = editor.source()?;
    editor.touched.push(path.clone());
    Some(path)
}

fn go_back(editor: &mut Editor) -> Option<String> {
    let index = editor.dice.index(editor.history.len())?;
    let back = editor.history.len() - index;
    (editor.files != editor.history[index]).then(|| editor.files = editor.history[index].clone())?;
    Some(format!("{back} steps"))
}
