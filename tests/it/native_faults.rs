//! Damage to a file of the native engine: the right answer or a refusal, never a wrong answer.
//!
//! LMDB maps its file and believes its own pages, so a damaged page can end the process that reads it. Whatever reads
//! damage here is a process of its own.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};

use magellan::store::Backend;

use crate::cli::{magellan, stderr, stdout};
use crate::forest::{self, Forest};
use crate::index::Dice;

const SIGBUS: i32 = 7;
const SIGSEGV: i32 = 11;

/// A tree of files with a native database of it; gives the file.
fn indexed(seed: u64) -> (Forest, PathBuf) {
    let forest = Forest::new(seed, 160);
    forest::indexed(forest.root(), &["--backend", Backend::NativeV2.word()]);
    let folder = forest.root().join(".magellan");
    let live = folder.join(fs::read_to_string(folder.join("CURRENT")).unwrap().trim_end());
    (forest, live)
}

/// What a process of its own says of a database.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Answer(String),
    Refused(String),
    Died(i32),
}

/// Asks for the fingerprint: it reads nearly every record.
fn ask(folder: &Path, database: &Path) -> Said {
    let output = magellan(folder, &["fingerprint", "--quiet", "--db", database.to_str().unwrap()]);
    match (output.status.code(), output.status.signal()) {
        (Some(0), _) => Said::Answer(stdout(&output)),
        (Some(3), _) => {
            let message = stderr(&output);
            assert!(message.contains("hint: "), "{message}");
            Said::Refused(message)
        }
        (_, Some(signal @ (SIGBUS | SIGSEGV))) => Said::Died(signal),
        (code, signal) => panic!("{code:?} {signal:?}: {}{}", stdout(&output), stderr(&output)),
    }
}

#[test]
fn a_file_cut_short_is_refused_or_answers_right() {
    let (_forest, live) = indexed(0x5eed_0001);
    let whole = fs::read(live).unwrap();
    let copies = tempfile::tempdir().unwrap();
    let file = copies.path().join("cut.lmdb");
    fs::write(&file, &whole).unwrap();
    let right = ask(copies.path(), &file);
    assert!(matches!(right, Said::Answer(_)), "{right:?}");
    let mut dice = Dice(0x5eed_0002);
    let mut lengths = vec![0, 1, 16, 20, 151, 152, 4095, 4096, 8191, 8192, whole.len() - 4096, whole.len() - 1];
    lengths.extend((0..30).map(|_| dice.roll(whole.len() as u64) as usize));
    for length in lengths {
        fs::write(&file, &whole[..length]).unwrap();
        let said = ask(copies.path(), &file);
        assert!(said == right || matches!(said, Said::Refused(_)), "{length} of {}: {said:?}", whole.len());
        assert_eq!(fs::read(&file).unwrap(), whole[..length], "nothing is written to it");
    }
}

#[test]
fn flipped_bytes_never_give_a_wrong_answer() {
    const TRIES: usize = 160;
    let seed = 0x5eed_0003;
    let (_forest, live) = indexed(seed);
    let whole = fs::read(live).unwrap();
    let copies = tempfile::tempdir().unwrap();
    let file = copies.path().join("flipped.lmdb");
    fs::write(&file, &whole).unwrap();
    let right = ask(copies.path(), &file);
    assert!(matches!(right, Said::Answer(_)), "{right:?}");
    let mut dice = Dice(seed);
    let (mut same, mut refused, mut died) = (0, 0, 0);
    for _ in 0..TRIES {
        let (at, bit) = (dice.roll(whole.len() as u64) as usize, dice.roll(8));
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << bit;
        fs::write(&file, &flipped).unwrap();
        match ask(copies.path(), &file) {
            Said::Answer(_) if ask(copies.path(), &file) == right => same += 1,
            Said::Refused(_) => refused += 1,
            Said::Died(_) => died += 1,
            wrong => panic!("seed {seed:#x}, byte {at}, bit {bit}: {wrong:?} is not {right:?}"),
        }
    }
    println!("of {TRIES} flipped bits {same} did no harm, {refused} were told, {died} ended the reader");
    assert!(refused > 0 && died * 20 <= TRIES, "{same} {refused} {died}");
}
