//! Characters that do something to whoever looks at a text instead of being seen.

/// Whether a character may move the cursor, ring, hide, or turn the direction of what follows. All of these lie in the
/// basic plane, so that four hex digits are enough to write one.
pub fn steers(character: char) -> bool {
    let direction =
        matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    // Line and paragraph separators break lines in some terminals; U+FEFF is invisible.
    let invisible = matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}');
    (character.is_control() && character != '\t') || direction || invisible
}
