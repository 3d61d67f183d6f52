//! Does a deed of the table and shows its reply.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use crate::job::{Deed, Scene};
use crate::store::{self, StoreError};

use super::contract::Contract;
use super::database::{FOLDER, current_folder};
use super::exit::Exit;
use super::failure::Failure;
use super::index::{CANCEL, listen_for_interrupts};
use super::options::Options;
use super::output::{Envelope, Output};
use super::{progress, text};

/// Does it, prints, and gives the exit code.
pub(super) fn deed(deed: &Deed, matches: &ArgMatches, options: &Options, output: &Output) -> Result<Exit, Failure> {
    let folder = current_folder()?;
    let database = locate(&folder, options)?;
    let root = database.ancestors().take(2).find(|path| path.ends_with(FOLDER)).and_then(Path::parent);
    listen_for_interrupts()?;
    let progress = progress::of_stages(options);
    let limit = options.limit();
    let scene = Scene { database: &database, root, folder: &folder, limit, progress: &*progress, cancel: &CANCEL };
    let reply = (deed.run)(&scene, matches)?;
    drop(progress);
    if options.json {
        let contract = Contract::from(deed);
        output.print_json(&contract, &Envelope::new(&contract, &reply, None, reply.is_complete()))?;
    } else {
        let mut page = output.answer();
        text::deed(&reply, &mut page);
        output.print(&page)?;
    }
    Ok(if reply.is_good() { Exit::Done } else { Exit::Nothing })
}

/// The database meant, opened by nobody yet: it may be of an older format, or damaged.
fn locate(folder: &Path, options: &Options) -> Result<PathBuf, Failure> {
    if let Some(path) = &options.db {
        let path = folder.join(path);
        return match store::exists(&path)? {
            true => Ok(path),
            false => Err(StoreError::Missing(path.display().to_string()).into()),
        };
    }
    for ancestor in folder.ancestors() {
        let path = ancestor.join(FOLDER);
        if path.is_dir() && store::exists(&path)? {
            return Ok(path);
        }
    }
    Err(Failure::no_database(folder))
}
