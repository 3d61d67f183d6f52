//! Counts lines of code, comment and white space.

use crate::model::{LineCounts, Span};

/// Counts the lines of `source`; `comments` are the comment spans in source order.
pub(super) fn count(source: &[u8], comments: &[Span]) -> LineCounts {
    let mut counts = LineCounts::default();
    let mut comments = comments.iter().copied().peekable();
    let mut start = 0;
    while start < source.len() {
        let end = memchr::memchr(b'\n', &source[start..]).map_or(source.len(), |offset| start + offset);
        while comments.next_if(|comment| comment.end as usize <= start).is_some() {}
        match classify(source, start, end, comments.clone()) {
            Line::Blank => counts.blank += 1,
            Line::Comment => counts.comment += 1,
            Line::Code => counts.code += 1,
        }
        start = end + 1;
    }
    counts
}

enum Line {
    Blank,
    Comment,
    Code,
}

fn classify(source: &[u8], start: usize, end: usize, comments: impl Iterator<Item = Span>) -> Line {
    let mut position = skip_space(source, start, end);
    if position == end {
        return Line::Blank;
    }
    for comment in comments {
        if comment.start as usize > position {
            return Line::Code;
        }
        position = skip_space(source, (comment.end as usize).clamp(position, end), end);
        if position == end {
            return Line::Comment;
        }
    }
    Line::Code
}

fn skip_space(source: &[u8], from: usize, end: usize) -> usize {
    source[from..end].iter().position(|byte| !byte.is_ascii_whitespace()).map_or(end, |offset| from + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_code_and_comment_is_code() {
        let source = b"a // x\n// y\n\n/* p\n\n q */ b\n/* r */ /* s */\r\n";
        let comments = [Span::new(2, 6), Span::new(7, 11), Span::new(13, 24), Span::new(27, 34), Span::new(35, 42)];
        let counts = count(source, &comments);
        assert_eq!(counts, LineCounts { code: 2, comment: 3, blank: 2 });
    }
}
