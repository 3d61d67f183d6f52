//! Text inside each format: nothing in a name may end a string, a line or an element, or steer whoever looks at it.

use std::fmt::Write;

use crate::model::steers;

/// A JSON string, quotes included; what would steer a terminal is written as `\uXXXX`, which is the same value.
pub(super) fn json(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            other if steers(other) => put(out, format_args!("\\u{:04x}", other as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// A field of CSV: quoted where a comma, a quote or the end of a line would be taken for one, or blanks at the ends for
/// nothing. The value itself is never changed.
pub(super) fn csv(text: &str, out: &mut String) {
    let is_plain = !text.contains([',', '"', '\r', '\n']) && text.trim() == text;
    if is_plain {
        out.push_str(text);
        return;
    }
    out.push('"');
    out.push_str(&text.replace('"', "\"\""));
    out.push('"');
}

/// A quoted string of DOT. A backslash would begin an escape in a label.
pub(super) fn dot(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            // Labels turn entities such as `&amp;` into characters.
            '&' => out.push_str("&amp;"),
            other => visible(other, "\\\\", out),
        }
    }
    out.push('"');
}

/// Text or an attribute of XML. Control characters cannot stand in XML at all, so they are shown.
pub(super) fn xml(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' => out.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => put(out, format_args!("\\u{{{:x}}}", character as u32)),
            other => visible(other, "\\", out),
        }
    }
}

/// A quoted label of Mermaid. Whatever is no letter, digit or plain sign goes by its number.
pub(super) fn mermaid(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            other if steers(other) => put(out, format_args!("u{:04x}", other as u32)),
            other if other.is_alphanumeric() || " _.:/-".contains(other) => out.push(other),
            other => put(out, format_args!("#{};", other as u32)),
        }
    }
    out.push('"');
}

/// The name in a tags file. Readers disagree whether names with escapes sort as written or as meant, so what would need
/// one goes by its bytes, `%0A`: those names sort alike for all.
pub(super) fn tag_name(text: &str, out: &mut String) {
    for (index, character) in text.chars().enumerate() {
        // A line that begins with `!` is about the file, and must come first.
        let is_first = index == 0 && matches!(character, '!' | ' ');
        if is_first || matches!(character, '\\' | '\t') || steers(character) {
            let mut bytes = [0; 4];
            character.encode_utf8(&mut bytes).bytes().for_each(|byte| put(out, format_args!("%{byte:02X}")));
        } else {
            out.push(character);
        }
    }
}

/// A path or a field of a tags file, with the escapes that its format has.
pub(super) fn tag(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            other if other.is_ascii_control() => put(out, format_args!("\\x{:02x}", other as u32)),
            other => visible(other, "\\\\", out),
        }
    }
}

/// One line of text, for formats without escapes.
pub(super) fn line(text: &str, out: &mut String) {
    text.chars().for_each(|character| visible(character, "\\", out));
}

/// A path as the rest of a URI, each segment escaped.
pub(super) fn uri(path: &str, out: &mut String) {
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            other => put(out, format_args!("%{other:02X}")),
        }
    }
}

fn visible(character: char, backslash: &str, out: &mut String) {
    if steers(character) {
        put(out, format_args!("{backslash}u{{{:x}}}", character as u32));
    } else {
        out.push(character);
    }
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a String cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(escape: fn(&str, &mut String), text: &str) -> String {
        let mut out = String::new();
        escape(text, &mut out);
        out
    }

    #[test]
    fn nothing_gets_out_of_its_place() {
        let hostile = "a\"b\\c\n\u{1b}[31m\u{202e}<&>,'\t";
        assert_eq!(serde_json::from_str::<String>(&of(json, hostile)).unwrap(), hostile);
        assert_eq!(of(csv, "plain text"), "plain text");
        assert_eq!(of(csv, "a,\"b\"\r\n"), "\"a,\"\"b\"\"\r\n\"");
        assert_eq!(of(dot, "a\"b\\l\n"), "\"a\\\"b\\\\l\\\\u{a}\"");
        assert_eq!(of(xml, "<a b='c'>\u{0}\u{202e}"), "&lt;a b=&apos;c&apos;&gt;\\u{0}\\u{202e}");
        assert_eq!(of(mermaid, "a\"]-->b"), "\"a#34;#93;--#62;b\"");
        assert_eq!(of(tag, "!a\tb\\\u{7}"), "!a\\tb\\\\\\x07");
        assert_eq!(of(tag_name, "!a b\n\\\u{202e}"), "%21a b%0A%5C%E2%80%AE");
        assert_eq!(of(line, "a\n\u{7f}b"), "a\\u{a}\\u{7f}b");
        assert_eq!(of(uri, "a b/\u{e9}#.rs"), "a%20b/%C3%A9%23.rs");
    }
}
