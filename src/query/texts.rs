//! Looks through what is kept of many files at once: it is read in order and looked through by several threads.

use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use crate::store::{FileRow, Part, Snapshot, StoreError, unpack};

use super::Result;

/// How many packed files may wait for a thread.
const WAITING_MAX: usize = 64;

/// What `look` finds in each file's text, in the order of the files.
pub(super) fn each_text<T: Send>(
    snapshot: &dyn Snapshot,
    files: &[FileRow],
    look: impl Fn(&[u8]) -> T + Sync,
) -> Result<Vec<T>> {
    let found = each_packed(snapshot, files, [Part::Text], |_, [packed]| unpack(&packed).map(|text| look(&text)))?;
    let mut results = Vec::with_capacity(files.len());
    for (file, found) in files.iter().zip(found) {
        match found {
            Some(found) => results.push(found),
            // Says which file is damaged, and how.
            None => results.push(look(&snapshot.text(file.id)?)),
        }
    }
    Ok(results)
}

/// What `look` finds in some parts of each file, in the order of the files; it is given the place of the file among them
/// and the packed parts, and gives none where they are damaged.
pub(super) fn each_part<T: Send, const N: usize>(
    snapshot: &dyn Snapshot,
    files: &[FileRow],
    parts: [Part; N],
    look: impl Fn(usize, [Vec<u8>; N]) -> Option<T> + Sync,
) -> Result<Vec<T>> {
    let found = each_packed(snapshot, files, parts, look)?;
    let mut results = Vec::with_capacity(files.len());
    for (file, found) in files.iter().zip(found) {
        match found {
            Some(found) => results.push(found),
            None => return Err(damage(snapshot, file, &parts)?.into()),
        }
    }
    Ok(results)
}

/// What is wrong with parts of a file that could not be looked through.
fn damage(snapshot: &dyn Snapshot, file: &FileRow, parts: &[Part]) -> Result<StoreError> {
    for part in parts {
        match part {
            Part::Text => snapshot.text(file.id).map(drop)?,
            Part::Facts => snapshot.facts(file.id).map(drop)?,
            Part::Ast => snapshot.ast(file.id).map(drop)?,
            Part::Functions => snapshot.functions(file.id).map(drop)?,
        }
    }
    let what = "what is kept of it contradicts itself".to_owned();
    Ok(StoreError::Damaged { path: file.path.clone(), what })
}

/// The reading thread reads; others look.
fn each_packed<T: Send, const N: usize>(
    snapshot: &dyn Snapshot,
    files: &[FileRow],
    parts: [Part; N],
    look: impl Fn(usize, [Vec<u8>; N]) -> Option<T> + Sync,
) -> Result<Vec<Option<T>>> {
    let (give, take) = mpsc::sync_channel::<(usize, [Vec<u8>; N])>(WAITING_MAX);
    let (take, found) = (Mutex::new(take), Mutex::new(Vec::with_capacity(files.len())));
    let next = || take.lock().ok()?.recv().ok();
    let work = || {
        while let Some((index, packed)) = next() {
            let result = look(index, packed);
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
            let mut packed = [const { Vec::new() }; N];
            for (packed, part) in packed.iter_mut().zip(parts) {
                *packed = snapshot.packed(file.id, part)?;
            }
            // No thread ends before the last file, so there is one that takes it.
            give.send((index, packed)).ok();
        }
        Ok(())
    })?;
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_by_key(|(index, _)| *index);
    Ok(found.into_iter().map(|(_, result)| result).collect())
}
