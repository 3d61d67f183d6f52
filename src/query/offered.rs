//! What code outside of the tree can use of it, and what else is there to be used from outside: the ends from which a
//! tree comes to life.

use crate::lang::{self, Outside, Programs};
use crate::model::{Marks, SymbolKind, Visibility};
use crate::store::{FileId, FileRow, Part, Snapshot, SymbolRow, Vertex, unpack_facts};

use super::Result;
use super::texts::each_part;
use super::within::is_test_path;

/// Why something is used from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    Main,
    Test,
    Foreign,
    Export,
}

impl Reason {
    /// Every reason with the word used for it.
    pub(super) const WORDS: [(Self, &'static str); 4] =
        [(Self::Main, "main"), (Self::Test, "test"), (Self::Foreign, "foreign"), (Self::Export, "export")];

    pub(super) fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }
}

/// The modules that are programs: nothing outside can name what is in them.
#[derive(Default)]
pub(super) struct ProgramModules {
    /// Language and module, sorted; whether the modules below belong to it.
    modules: Vec<(String, String, bool)>,
    /// Files of such modules that say that they belong to another package, sorted.
    apart: Vec<FileId>,
}

impl ProgramModules {
    /// Finds them by the main functions of the tree.
    pub(super) fn of(snapshot: &dyn Snapshot, files: &[FileRow]) -> Result<Self> {
        let mut starts: Vec<SymbolRow> = snapshot.labelled(crate::store::Label::Mark(Marks::ENTRY_POINT))?;
        starts.retain(|row| row.parent.is_none() && row.name == "main");
        let mut modules = Vec::new();
        for start in &starts {
            let Ok(at) = files.binary_search_by(|file| file.path.cmp(&start.path)) else { continue };
            let file = &files[at];
            let programs = outside(&file.language).map_or(Programs::Offered, |outside| outside.programs);
            // A module in which a file has no main of its own is a library as well; tests are programs by themselves.
            let is_start = |path: &str| starts.iter().any(|start| start.path == path) || is_test_path(path);
            let is_same = |other: &&FileRow| other.module == file.module && other.language == file.language;
            let is_alone = || files.iter().filter(is_same).all(|other| is_start(&other.path));
            let below = match programs {
                Programs::Offered => continue,
                Programs::Module => false,
                Programs::Tree if is_alone() => true,
                Programs::Tree => continue,
            };
            modules.push((file.language.clone(), file.module.clone(), below));
        }
        modules.sort();
        modules.dedup();
        let mut programs = Self { modules, apart: Vec::new() };
        programs.apart = programs.apart(snapshot, files, &starts)?;
        Ok(programs)
    }

    /// The files of a module whose package is not that of its main function: a program can stand in the folder of a
    /// library, such as a generator that is run by hand.
    fn apart(&self, snapshot: &dyn Snapshot, files: &[FileRow], starts: &[SymbolRow]) -> Result<Vec<FileId>> {
        let has_packages = |file: &&FileRow| {
            outside(&file.language).is_some_and(|outside| outside.programs == Programs::Module) && self.has(file)
        };
        let members: Vec<FileRow> = files.iter().filter(has_packages).cloned().collect();
        let packages = each_part(snapshot, &members, [Part::Facts], |_, [packed]| {
            let facts = unpack_facts(&packed)?;
            Some(facts.package.map(|package| facts.name(package).to_owned()))
        })?;
        let is_start = |file: &FileRow| starts.iter().any(|start| start.path == file.path);
        let with_packages = || members.iter().zip(&packages);
        let mut started: Vec<(&str, &Option<String>)> = with_packages()
            .filter(|(file, _)| is_start(file))
            .map(|(file, package)| (&*file.module, package))
            .collect();
        started.sort();
        let is_apart = |(file, package): &(&FileRow, &Option<String>)| {
            started.binary_search(&(file.module.as_str(), *package)).is_err()
        };
        let mut apart: Vec<FileId> = with_packages().filter(is_apart).map(|(file, _)| file.id).collect();
        apart.sort_unstable();
        Ok(apart)
    }

    /// Whether a file is part of a program.
    pub(super) fn has(&self, file: &FileRow) -> bool {
        if self.apart.binary_search(&file.id).is_ok() {
            return false;
        }
        self.modules.iter().any(|(language, module, below)| {
            let rest = file.module.strip_prefix(module.as_str()).filter(|_| *language == file.language);
            rest.is_some_and(|rest| rest.is_empty() || (*below && rest.starts_with(&file.separator)))
        })
    }
}

pub(super) fn outside(language: &str) -> Option<Outside> {
    lang::by_name(language).map(|language| language.link.outside)
}

/// Whether others are shown the file at a path: where there are headers, only those.
pub(super) fn is_shown(file: &FileRow) -> bool {
    outside(&file.language).is_some_and(|outside| outside.headers.is_empty()) || is_header(file)
}

/// Whether others include a file and have all of it.
pub(super) fn is_header(file: &FileRow) -> bool {
    let extension = file.path.rsplit_once('.').map_or("", |(_, extension)| extension);
    outside(&file.language).is_some_and(|outside| outside.headers.contains(&extension))
}

/// For the definitions of a file in order, whether visibility and exports let code outside the tree use them, the file
/// being one that it can reach. What stands in a callable can be used by nobody else.
pub(super) fn visible(file: &FileRow, symbols: &[Vertex]) -> Vec<bool> {
    let Some(language) = lang::by_name(&file.language) else { return vec![true; symbols.len()] };
    let outside = language.link.outside;
    let is_included = is_header(file);
    let mut found: Vec<bool> = Vec::with_capacity(symbols.len());
    for symbol in symbols {
        let parent = symbol.parent.map(|parent| parent.0 as usize);
        let around = parent.and_then(|parent| Some((symbols.get(parent)?, *found.get(parent)?)));
        let is_public = match symbol.visibility {
            Visibility::Public => true,
            Visibility::Protected => outside.protected,
            Visibility::Package | Visibility::Private => false,
        };
        let is_block = matches!(symbol.kind, SymbolKind::Impl | SymbolKind::ExternBlock);
        let is_open = match around {
            // Where a block of a type stands does not hide what is in it.
            _ if is_block => true,
            // Of a variable's value, an exported object say, each member can be reached.
            Some((parent, is_visible)) => {
                let is_interface = matches!(parent.kind, SymbolKind::Trait | SymbolKind::Interface);
                let is_beside = is_included && parent.kind.is_module();
                is_visible && !parent.kind.is_callable() && (is_public || is_interface || is_beside)
            }
            None if language.link.explicit_exports => symbol.marks.has(Marks::EXPORTED),
            None => is_public || is_included,
        };
        found.push(is_open || symbol.marks.has(Marks::EXPORTED));
    }
    found
}

/// Why a definition is used from outside whatever its visibility.
pub(super) fn marked(marks: Marks) -> Option<Reason> {
    if marks.has(Marks::TEST) {
        Some(Reason::Test)
    } else if marks.has(Marks::ENTRY_POINT) {
        Some(Reason::Main)
    } else if marks.has(Marks::FOREIGN) {
        Some(Reason::Foreign)
    } else {
        None
    }
}
