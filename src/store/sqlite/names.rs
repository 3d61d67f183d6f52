//! Strings of the whole database, each kept once with the number of rows that use it.
//!
//! Counting makes removal exact without an index over all occurrences: a name no row uses any more is deleted.

use rusqlite::{Connection, OptionalExtension, params};
use rustc_hash::FxHashMap;

/// Database-wide names during one write.
pub(super) struct NameTable<'c> {
    connection: &'c Connection,
    /// Nothing was in the database before: no need to look there.
    fresh: bool,
    ids: FxHashMap<Box<str>, i64>,
    /// New names in the order of their ids.
    added: Vec<i64>,
    next: i64,
    uses: FxHashMap<i64, i64>,
}

impl<'c> NameTable<'c> {
    pub(super) fn new(connection: &'c Connection, fresh: bool) -> rusqlite::Result<Self> {
        let next = connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM names", [], |row| row.get(0))?;
        let (ids, uses) = (FxHashMap::default(), FxHashMap::default());
        Ok(Self { connection, fresh, ids, added: Vec::new(), next, uses })
    }

    /// The id of `text`, new or known.
    pub(super) fn id(&mut self, text: &str) -> rusqlite::Result<i64> {
        if let Some(&id) = self.ids.get(text) {
            return Ok(id);
        }
        let known = if self.fresh { None } else { self.stored(text)? };
        let id = known.unwrap_or(self.next);
        if known.is_none() {
            self.next += 1;
            self.added.push(id);
        }
        self.ids.insert(text.into(), id);
        Ok(id)
    }

    /// The id of `text`, with one more row that uses it.
    pub(super) fn counted(&mut self, text: &str) -> rusqlite::Result<i64> {
        let id = self.id(text)?;
        self.count(id, 1);
        Ok(id)
    }

    /// Counts rows that begin (or, negative, cease) to use a name.
    pub(super) fn count(&mut self, id: i64, rows: i64) {
        *self.uses.entry(id).or_default() += rows;
    }

    /// Forgets everything: the table was emptied.
    pub(super) fn clear(&mut self) {
        self.ids.clear();
        self.added.clear();
        self.uses.clear();
        self.fresh = true;
    }

    /// Writes new names, new counts, and deletes what is not used any more.
    pub(super) fn finish(mut self) -> rusqlite::Result<()> {
        let mut texts: Vec<(i64, &str)> = Vec::with_capacity(self.added.len());
        let first_new = self.added.first().copied().unwrap_or(i64::MAX);
        texts.extend(self.ids.iter().filter(|(_, id)| **id >= first_new).map(|(text, id)| (*id, &**text)));
        texts.sort_unstable_by_key(|(id, _)| *id);
        let mut insert = self.connection.prepare("INSERT INTO names(id, text, uses) VALUES(?, ?, ?)")?;
        for (id, text) in texts {
            let uses = self.uses.remove(&id).unwrap_or(0);
            if uses > 0 {
                insert.execute(params![id, text, uses])?;
            }
        }
        let mut changed: Vec<(i64, i64)> = self.uses.into_iter().filter(|(_, rows)| *rows != 0).collect();
        changed.sort_unstable();
        let mut update = self.connection.prepare("UPDATE names SET uses = uses + ? WHERE id = ?")?;
        let mut delete = self.connection.prepare("DELETE FROM names WHERE id = ? AND uses <= 0")?;
        for (id, rows) in changed {
            update.execute(params![rows, id])?;
            if rows < 0 {
                delete.execute([id])?;
            }
        }
        Ok(())
    }

    fn stored(&self, text: &str) -> rusqlite::Result<Option<i64>> {
        let mut statement = self.connection.prepare_cached("SELECT id FROM names WHERE text = ?")?;
        statement.query_row([text], |row| row.get(0)).optional()
    }
}
