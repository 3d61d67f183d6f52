//! Looks through what is kept of many files at once: it is read in order and looked through by several threads.

use std::mem;
use std::sync::{Mutex, mpsc};
use std::thread;

use crate::store::{FileRow, Part, Snapshot, StoreError, unpack};

use super::Result;

/// How many lots of packed files may wait for a thread.
const WAITING_MAX: usize = 4;

/// A lot is handed over when it has as many packed bytes.
const LOT_BYTES: usize = 64 * 1024;

/// What `look` finds in each file's text, in the order of the files; it is given the place of the file among them too.
pub(super) fn each_text<T: Send>(
    snapshot: &dyn Snapshot,
    files: &[FileRow],
    look: impl Fn(usize, &[u8]) -> T + Sync,
) -> Result<Vec<T>> {
    let look_packed = |at, [packed]: [Vec<u8>; 1]| unpack(&packed).map(|text| look(at, &text));
    let found = each_packed(snapshot, files, [Part::Text], |_| true, look_packed)?;
    let mut results = Vec::with_capacity(files.len());
    for (file, (at, found)) in files.iter().zip(found) {
        match found {
            Some(found) => results.push(found),
            // Says which file is damaged, and how.
            None => results.push(look(at, &snapshot.text(file.id)?)),
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
    let found = each_part_wanted(snapshot, files, parts, |_| true, look)?;
    Ok(found.into_iter().map(|(_, found)| found).collect())
}

/// The same for files that are wanted when their turn comes, with the place of each.
pub(super) fn each_part_wanted<T: Send, const N: usize>(
    snapshot: &dyn Snapshot,
    files: &[FileRow],
    parts: [Part; N],
    is_wanted: impl Fn(usize) -> bool,
    look: impl Fn(usize, [Vec<u8>; N]) -> Option<T> + Sync,
) -> Result<Vec<(usize, T)>> {
    let found = each_packed(snapshot, files, parts, is_wanted, look)?;
    let mut results = Vec::with_capacity(found.len());
    for (at, found) in found {
        match found {
            Some(found) => results.push((at, found)),
            None => return Err(damage(snapshot, &files[at], &parts)?.into()),
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

/// The reading thread reads; others look. Files are handed over in lots, since waking a thread for each takes longer
/// than looking through many a file.
fn each_packed<T: Send, const N: usize>(
    snapshot: &dyn Snapshot,
    files: &[FileRow],
    parts: [Part; N],
    is_wanted: impl Fn(usize) -> bool,
    look: impl Fn(usize, [Vec<u8>; N]) -> Option<T> + Sync,
) -> Result<Vec<(usize, Option<T>)>> {
    let (give, take) = mpsc::sync_channel::<Vec<(usize, [Vec<u8>; N])>>(WAITING_MAX);
    let take = Mutex::new(take);
    let next = || take.lock().ok()?.recv().ok();
    let work = || {
        let mut found = Vec::new();
        while let Some(lot) = next() {
            found.extend(lot.into_iter().map(|(index, packed)| (index, look(index, packed))));
        }
        found
    };
    let mut found = thread::scope(|scope| -> Result<Vec<(usize, Option<T>)>> {
        let count = thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(work)).collect();
        // Dropped at the end of this block, which ends the threads; also where reading fails.
        {
            let give = give;
            let (mut lot, mut bytes) = (Vec::new(), 0);
            for (index, file) in files.iter().enumerate().filter(|(index, _)| is_wanted(*index)) {
                let mut packed = [const { Vec::new() }; N];
                for (packed, part) in packed.iter_mut().zip(parts) {
                    *packed = snapshot.packed(file.id, part)?;
                    bytes += packed.len();
                }
                lot.push((index, packed));
                if bytes >= LOT_BYTES {
                    // No thread ends before the last file, so there is one that takes it.
                    give.send(mem::take(&mut lot)).ok();
                    bytes = 0;
                }
            }
            give.send(lot).ok();
        }
        let mut found = Vec::with_capacity(files.len());
        for thread in threads {
            found.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        Ok(found)
    })?;
    found.sort_unstable_by_key(|(index, _)| *index);
    Ok(found)
}
