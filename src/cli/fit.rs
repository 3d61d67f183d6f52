//! `--max-bytes`: the most of an answer that fits. What cannot be cut without becoming something else is refused.

use super::exit::Exit;
use super::failure::Failure;
use super::page::{count, grouped};

/// Ages in an answer grow while it is asked for again: what is said to be enough is a little more.
const SLACK: usize = 16;
const ROUNDED_TO: usize = 64;

/// An answer with as many items of each list as fit into `max` bytes. `render` gives the answer with at most so many of
/// each; `longest` is the most that it can show.
pub(super) fn items(
    max: usize,
    longest: usize,
    render: &dyn Fn(usize) -> Result<String, Failure>,
) -> Result<String, Failure> {
    let mut best = render(0)?;
    if best.len() > max {
        return Err(too_small(max, best.len(), "ask about less, or let it have more bytes"));
    }
    // First in steps that double, so that not much more is made than fits.
    let (mut fits, mut step) = (0, 1);
    while step > 0 && fits < longest {
        let tried = (fits + step).min(longest);
        let text = render(tried)?;
        if text.len() <= max {
            (fits, best, step) = (tried, text, step * 2);
        } else {
            return between(max, (fits, tried), best, render);
        }
    }
    Ok(best)
}

/// The number of items that fits is `fits` or more, and less than `exceeds`.
fn between(
    max: usize,
    (mut fits, mut exceeds): (usize, usize),
    mut best: String,
    render: &dyn Fn(usize) -> Result<String, Failure>,
) -> Result<String, Failure> {
    while exceeds - fits > 1 {
        let tried = fits + (exceeds - fits) / 2;
        let text = render(tried)?;
        if text.len() <= max {
            (fits, best) = (tried, text);
        } else {
            exceeds = tried;
        }
    }
    Ok(best)
}

/// The first lines of a text and one that says what is left off.
pub(super) fn lines(max: usize, text: &str) -> Result<String, Failure> {
    if text.len() <= max {
        return Ok(text.to_owned());
    }
    let all: Vec<&str> = text.split_inclusive('\n').collect();
    let last = |shown: usize| {
        let left_off = count((all.len() - shown) as u64, "more line");
        format!("... {left_off} of {}; `--max-bytes {}` shows all\n", grouped(all.len() as u64), enough(text.len()))
    };
    let mut length = text.len();
    for shown in (0..all.len()).rev() {
        length -= all[shown].len();
        let last = last(shown);
        if length + last.len() <= max {
            return Ok(format!("{}{last}", &text[..length]));
        }
    }
    Err(too_small(max, last(0).len(), "let the answer have more bytes"))
}

/// What is of use only as a whole.
pub(super) fn whole(max: usize, size: usize) -> Result<(), Failure> {
    if size <= max {
        return Ok(());
    }
    Err(too_small(
        max,
        size,
        "this form cannot be cut: ask about less, with `--limit` or `--depth` where it takes them",
    ))
}

fn too_small(max: usize, least: usize, otherwise: &str) -> Failure {
    let message = format!("--max-bytes {max} is too small: the answer takes at least {least} bytes");
    Failure::new(Exit::Usage, "max_bytes", message, format!("`--max-bytes {}` is enough; {otherwise}", enough(least)))
}

fn enough(size: usize) -> usize {
    (size + SLACK).next_multiple_of(ROUNDED_TO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_items_as_fit_are_shown_and_no_byte_too_many() {
        let render = |cap: usize| Ok("x".repeat(10 + 3 * cap.min(1000)));
        for max in 10..200 {
            let text = items(max, 1000, &render).unwrap();
            assert_eq!(text.len(), 10 + (max - 10) / 3 * 3, "{max}");
        }
        assert_eq!(items(9_999, 1000, &render).unwrap().len(), 3_010);
        let failure = items(9, 1000, &render).unwrap_err();
        assert!(
            failure.message.contains("at least 10 bytes") && failure.hint.contains("--max-bytes 64"),
            "{failure:?}"
        );
    }

    #[test]
    fn text_ends_with_what_is_left_off() {
        let text = "a line\n".repeat(20);
        assert_eq!(lines(140, &text).unwrap(), text);
        for max in 53..140 {
            let cut = lines(max, &text).unwrap();
            let shown = cut.lines().count() - 1;
            assert!(cut.len() <= max && cut.starts_with(&"a line\n".repeat(shown)), "{max}: {cut}");
            let last = cut.lines().last().unwrap();
            assert_eq!(
                last,
                format!(
                    "... {} more line{} of 20; `--max-bytes 192` shows all",
                    20 - shown,
                    if shown == 19 { "" } else { "s" }
                )
            );
        }
        assert_eq!(lines(20, &text).unwrap_err().exit, Exit::Usage);
    }
}
