//! `--max-bytes`: the most of an answer that fits. What cannot be cut without becoming something else is refused.

use super::exit::Exit;
use super::failure::Failure;
use super::page::{count, grouped};

/// Ages in an answer grow while it is asked for again: what is said to be enough is a little more.
const SLACK: usize = 16;
const ROUNDED_TO: usize = 64;

/// An answer with as many items of its lists as fit into `max` bytes. `lengths` are those of the lists; `render` gives the
/// answer with at most so many items of each. The longest lists are cut first, to one length; where the next item of each
/// does not fit, those of some may.
pub(super) fn items(
    max: usize,
    lengths: &[usize],
    render: &dyn Fn(&[usize]) -> Result<String, Failure>,
) -> Result<String, Failure> {
    let mut caps = vec![0; lengths.len()];
    let mut best = render(&caps)?;
    if best.len() > max {
        return Err(too_small(max, best.len(), "ask about less, or let it have more bytes"));
    }
    let mut open: Vec<usize> = (0..lengths.len()).collect();
    loop {
        open.retain(|&list| caps[list] < lengths[list]);
        if open.is_empty() {
            return Ok(best);
        }
        together(max, lengths, &open, &mut caps, &mut best, render)?;
        // What does not take one more item now takes none at all.
        let mut taking = Vec::with_capacity(open.len());
        for &list in &open {
            if caps[list] == lengths[list] {
                continue;
            }
            caps[list] += 1;
            let text = render(&caps)?;
            if text.len() <= max {
                best = text;
                taking.push(list);
            } else {
                caps[list] -= 1;
            }
        }
        open = taking;
    }
}

/// Gives each of the `open` lists as many items more as fit, one as many as the other.
fn together(
    max: usize,
    lengths: &[usize],
    open: &[usize],
    caps: &mut Vec<usize>,
    best: &mut String,
    render: &dyn Fn(&[usize]) -> Result<String, Failure>,
) -> Result<(), Failure> {
    let start = caps.clone();
    let longest = open.iter().map(|&list| lengths[list] - start[list]).max().unwrap_or(0);
    let mut try_more = |more: usize| -> Result<bool, Failure> {
        let mut tried = start.clone();
        open.iter().for_each(|&list| tried[list] = (start[list] + more).min(lengths[list]));
        let text = render(&tried)?;
        let fits = text.len() <= max;
        if fits {
            (*caps, *best) = (tried, text);
        }
        Ok(fits)
    };
    // First in steps that double, so that not much more is made than fits.
    let (mut fits, mut exceeds) = (0, longest + 1);
    let mut step = 1;
    while fits + step < exceeds {
        if try_more(fits + step)? {
            (fits, step) = (fits + step, step * 2);
        } else {
            exceeds = fits + step;
        }
    }
    while exceeds - fits > 1 {
        let tried = fits + (exceeds - fits) / 2;
        if try_more(tried)? { fits = tried } else { exceeds = tried }
    }
    Ok(())
}

/// The first lines of a text, one that says what is left off, and the last lines as they are: they say how far what is
/// shown can be trusted.
pub(super) fn lines(max: usize, (text, last): (&str, &str)) -> Result<String, Failure> {
    let whole = text.len() + last.len();
    if whole <= max {
        return Ok(format!("{text}{last}"));
    }
    let all: Vec<&str> = text.split_inclusive('\n').collect();
    let end = |shown: usize| {
        let left_off = count((all.len() - shown) as u64, "more line");
        format!("... {left_off} of {}; `--max-bytes {}` shows all\n{last}", grouped(all.len() as u64), enough(whole))
    };
    let mut length = text.len();
    for shown in (0..all.len()).rev() {
        length -= all[shown].len();
        let end = end(shown);
        if length + end.len() <= max {
            return Ok(format!("{}{end}", &text[..length]));
        }
    }
    let least = if all.is_empty() { whole } else { end(0).len().min(whole) };
    Err(too_small(max, least, "let the answer have more bytes"))
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
        let render = |caps: &[usize]| Ok("x".repeat(10 + 3 * caps[0]));
        for max in 10..200 {
            let text = items(max, &[1000], &render).unwrap();
            assert_eq!(text.len(), 10 + (max - 10) / 3 * 3, "{max}");
        }
        assert_eq!(items(9_999, &[1000], &render).unwrap().len(), 3_010);
        let failure = items(9, &[1000], &render).unwrap_err();
        assert!(
            failure.message.contains("at least 10 bytes") && failure.hint.contains("--max-bytes 64"),
            "{failure:?}"
        );
    }

    #[test]
    fn the_longest_lists_are_cut_first_and_big_items_do_not_keep_small_ones_out() {
        let sizes: [&[usize]; 3] = [&[5, 5, 5], &[5, 5, 500, 5], &[5; 40]];
        let lengths = sizes.map(<[usize]>::len);
        let shown = |max: usize| {
            let told = std::cell::RefCell::new(Vec::new());
            let render = |caps: &[usize]| {
                let size: usize = sizes.iter().zip(caps).flat_map(|(list, cap)| &list[..*cap]).sum();
                if size <= max {
                    *told.borrow_mut() = caps.to_vec();
                }
                Ok("x".repeat(size))
            };
            items(max, &lengths, &render).unwrap();
            told.into_inner()
        };
        assert_eq!(shown(0), [0, 0, 0]);
        assert_eq!(shown(34), [2, 2, 2]);
        assert_eq!(shown(35), [3, 2, 2]);
        assert_eq!(shown(100), [3, 2, 15]);
        assert_eq!(shown(510), [3, 2, 40]);
        assert_eq!(shown(599), [3, 4, 13]);
        assert_eq!(shown(9_999), [3, 4, 40]);
    }

    #[test]
    fn text_ends_with_what_is_left_off_and_its_last_lines() {
        let text = "a line\n".repeat(20);
        let last = "the end\n";
        assert_eq!(lines(148, (&text, last)).unwrap(), format!("{text}{last}"));
        for max in 62..148 {
            let cut = lines(max, (&text, last)).unwrap();
            let shown = cut.lines().count() - 2;
            assert!(cut.len() <= max && cut.starts_with(&"a line\n".repeat(shown)), "{max}: {cut}");
            let plural = if shown == 19 { "" } else { "s" };
            let left_off = format!("... {} more line{plural} of 20; `--max-bytes 192` shows all\n{last}", 20 - shown);
            assert!(cut.ends_with(&left_off), "{max}: {cut}");
        }
        assert_eq!(lines(20, (&text, last)).unwrap_err().exit, Exit::Usage);
        assert_eq!(lines(3, ("", last)).unwrap_err().exit, Exit::Usage);
    }
}
