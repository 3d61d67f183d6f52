//! How replies look to people: one function for each reply, chosen here.

mod index;
mod lists;
mod sites;
mod status;

pub(super) use index::summary;
pub(super) use sites::candidates;

use crate::query::{List, Reply};

use super::page::{Page, Style, grouped};

/// Writes a reply.
pub(super) fn write(reply: &Reply, page: &mut Page) {
    match reply {
        Reply::Callers(reply) => sites::callers(reply, page),
        Reply::Callees(reply) => sites::callees(reply, page),
        Reply::Refs(reply) => sites::refs(reply, page),
        Reply::Find(reply) => lists::find(reply, page),
        Reply::Show(reply) => lists::show(reply, page),
        Reply::Outline(reply) => lists::outline(reply, page),
        Reply::Files(reply) => lists::files(reply, page),
        Reply::Status(reply) => status::status(reply, page),
        Reply::Log(reply) => lists::log(reply, page),
        Reply::Fingerprint(reply) => page.say(&reply.fingerprint).end(),
    }
}

/// Says how much of a list is not shown.
fn rest<T>(list: &List<T>, page: &mut Page) {
    if !list.is_whole() {
        let hidden = grouped(list.hidden() as u64);
        let total = grouped(list.total as u64);
        page.put(Style::Warn, format!("... {hidden} more of {total}; `--limit 0` shows all")).end();
    }
}
