//! Tables in memory. A snapshot shares them with the writer, who copies a table on its first write to it while
//! somebody still looks.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::kv::{Direction, KvRead, KvWrite, Table, Visit};
use crate::store::Result;

type Map = BTreeMap<Box<[u8]>, Box<[u8]>>;

/// One state of all tables; cheap to copy.
#[derive(Clone, Default)]
pub(super) struct Tables {
    maps: [Arc<Map>; Table::WORDS.len()],
}

/// Tables that live as long as the process.
#[derive(Default)]
pub(super) struct Memory {
    current: Mutex<Tables>,
    writing: Mutex<()>,
}

impl Memory {
    /// The state now.
    pub(super) fn read(&self) -> Tables {
        self.locked().clone()
    }

    /// Runs `work` on a copy that becomes the state if it succeeds.
    pub(super) fn write(&self, work: &mut dyn FnMut(&mut dyn KvWrite) -> Result<()>) -> Result<()> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = self.read();
        work(&mut next)?;
        *self.locked() = next;
        Ok(())
    }

    fn locked(&self) -> MutexGuard<'_, Tables> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn map(&self, table: Table) -> &Map {
        &self.maps[table as usize]
    }

    /// Writes all entries elsewhere.
    pub(super) fn copy_to(&self, kv: &mut dyn KvWrite) -> Result<()> {
        for (table, _) in Table::WORDS {
            self.map(table).iter().try_for_each(|(key, value)| kv.append(table, key, value))?;
        }
        Ok(())
    }

    fn map_mut(&mut self, table: Table) -> &mut Map {
        Arc::make_mut(&mut self.maps[table as usize])
    }
}

impl KvRead for Tables {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>> {
        Ok(self.map(table).get(key).map(|value| Cow::Borrowed(&**value)))
    }

    fn scan(&self, table: Table, prefix: &[u8], direction: Direction, visit: Visit<'_>) -> Result<()> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let entries = self.map(table).range::<[u8], _>(from).map(|(key, value)| (&**key, &**value));
        let entries = entries.take_while(|(key, _)| key.starts_with(prefix));
        match direction {
            Direction::Forward => {
                for (key, value) in entries {
                    if !visit(key, value)? {
                        return Ok(());
                    }
                }
            }
            Direction::Backward => {
                for (key, value) in entries.collect::<Vec<_>>().into_iter().rev() {
                    if !visit(key, value)? {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }
}

impl KvWrite for Tables {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<()> {
        self.map_mut(table).insert(key.into(), value.into());
        Ok(())
    }

    fn append(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<()> {
        self.put(table, key, value)
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<()> {
        self.map_mut(table).remove(key);
        Ok(())
    }

    fn delete_prefix(&mut self, table: Table, prefix: &[u8]) -> Result<()> {
        let map = self.map_mut(table);
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let doomed: Vec<Box<[u8]>> =
            map.range::<[u8], _>(from).map(|(key, _)| key.clone()).take_while(|key| key.starts_with(prefix)).collect();
        for key in doomed {
            map.remove(&key);
        }
        Ok(())
    }

    fn clear(&mut self, table: Table) -> Result<()> {
        self.maps[table as usize] = Arc::default();
        Ok(())
    }
}
