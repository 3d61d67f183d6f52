//! Looks through the texts of many files at once: texts are read in order and looked through by several threads.

use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use crate::store::{FileRow, Part, Snapshot, unpack};

use super::Result;

/// How many packed texts may wait for a thread.
const WAITING_MAX: usize = 64;

/// What `look` finds in each file's text, in the order of the files. The reading thread reads; others unpack and look.
pub(super) fn each_text<T: Send>(
    snapshot: &dyn Snapshot,
    files: &[FileRow],
    look: impl Fn(&[u8]) -> T + Sync,
) -> Result<Vec<T>> {
    let (give, take) = mpsc::sync_channel::<(usize, Vec<u8>)>(WAITING_MAX);
    let (take, found) = (Mutex::new(take), Mutex::new(Vec::with_capacity(files.len())));
    let next = || take.lock().ok()?.recv().ok();
    let work = || {
        while let Some((index, packed)) = next() {
            let result = unpack(&packed).map(|text| look(&text));
            if let Ok(mut found) = found.lock() {
                found.push((index, result));
            }
        }
    };
    thread::scope(|scope| -> Result<()> {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
        // Dropped at the end of this block, which ends the threads.
        let give = give;
        for (index, file) in files.iter().enumerate() {
            // No thread ends before the last text, so there is one that takes it.
            give.send((index, snapshot.packed(file.id, Part::Text)?)).ok();
        }
        Ok(())
    })?;
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_by_key(|(index, _)| *index);
    let mut results = Vec::with_capacity(files.len());
    for (index, result) in found {
        match result {
            Some(result) => results.push(result),
            // Says which file is damaged, and how.
            None => results.push(look(&snapshot.text(files[index].id)?)),
        }
    }
    Ok(results)
}
