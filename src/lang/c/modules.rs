//! Maps `#include` to files. All files of the family share one global name space, whose key is empty; a header
//! brought in is the module of just that file, `file:` before its path.

use rustc_hash::FxHashMap;

use crate::lang::paths::{folder, joined};
use crate::lang::{ModuleMap, ModulePath, ModuleTarget, Project};

/// Headers of the C and C++ standards and of POSIX: in angle brackets these are never files of the tree.
const SYSTEM_HEADERS: &[&str] = &[
    "aio.h",
    "arpa/inet.h",
    "assert.h",
    "complex.h",
    "cpio.h",
    "ctype.h",
    "dirent.h",
    "dlfcn.h",
    "errno.h",
    "fcntl.h",
    "fenv.h",
    "float.h",
    "fnmatch.h",
    "ftw.h",
    "glob.h",
    "grp.h",
    "iconv.h",
    "inttypes.h",
    "iso646.h",
    "langinfo.h",
    "libgen.h",
    "limits.h",
    "locale.h",
    "math.h",
    "monetary.h",
    "mqueue.h",
    "net/if.h",
    "netdb.h",
    "netinet/in.h",
    "netinet/tcp.h",
    "nl_types.h",
    "poll.h",
    "pthread.h",
    "pwd.h",
    "regex.h",
    "sched.h",
    "search.h",
    "semaphore.h",
    "setjmp.h",
    "signal.h",
    "spawn.h",
    "stdalign.h",
    "stdarg.h",
    "stdatomic.h",
    "stdbit.h",
    "stdbool.h",
    "stdckdint.h",
    "stddef.h",
    "stdint.h",
    "stdio.h",
    "stdlib.h",
    "stdnoreturn.h",
    "string.h",
    "strings.h",
    "sys/ipc.h",
    "sys/mman.h",
    "sys/msg.h",
    "sys/resource.h",
    "sys/select.h",
    "sys/sem.h",
    "sys/shm.h",
    "sys/socket.h",
    "sys/stat.h",
    "sys/statvfs.h",
    "sys/time.h",
    "sys/times.h",
    "sys/types.h",
    "sys/uio.h",
    "sys/un.h",
    "sys/utsname.h",
    "sys/wait.h",
    "syslog.h",
    "tar.h",
    "termios.h",
    "tgmath.h",
    "threads.h",
    "time.h",
    "uchar.h",
    "ulimit.h",
    "unistd.h",
    "utime.h",
    "utmpx.h",
    "wchar.h",
    "wctype.h",
    "windows.h",
    "wordexp.h",
];

/// Builds the map for all files of the family.
pub(super) fn modules(project: &Project<'_>) -> Box<dyn ModuleMap> {
    let paths: Vec<String> = project.files.iter().map(|file| file.path.to_owned()).collect();
    let mut by_name: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for (number, path) in paths.iter().enumerate() {
        by_name.entry(base_name(path).to_owned()).or_default().push(number);
    }
    Box::new(Includes { paths, by_name })
}

struct Includes {
    /// Sorted, as the files of a project are.
    paths: Vec<String>,
    /// Files by base name, in path order.
    by_name: FxHashMap<String, Vec<usize>>,
}

impl ModuleMap for Includes {
    fn module(&self, _: usize) -> ModulePath {
        ModulePath::default()
    }

    fn root(&self, _: usize, _: &str, name: &str) -> Option<ModuleTarget> {
        (name == "std").then(|| ModuleTarget::External("std".to_owned()))
    }

    fn import(&self, file: usize, specifier: &str) -> ModuleTarget {
        let name = specifier.trim_matches(['"', '<', '>']);
        let quoted = specifier.starts_with('"');
        let system = !quoted && SYSTEM_HEADERS.binary_search(&name).is_ok();
        let found = self.beside(file, name).filter(|_| quoted).or_else(|| self.nearest(file, name));
        match found.filter(|_| !system) {
            Some(found) => ModuleTarget::Module(format!("file:{}", self.paths[found])),
            None => ModuleTarget::External(name.to_owned()),
        }
    }
}

impl Includes {
    /// The file at `name`, seen from the folder of `file`.
    fn beside(&self, file: usize, name: &str) -> Option<usize> {
        let path = joined(folder(&self.paths[file]), &name.replace('\\', "/"))?;
        self.paths.binary_search(&path).ok()
    }

    /// A file whose path ends with `name`, the one nearest to `file`: an include folder is some folder of the tree.
    fn nearest(&self, file: usize, name: &str) -> Option<usize> {
        let name = joined("", name.replace('\\', "/").trim_start_matches("../"))?;
        let from = &self.paths[file];
        let candidates = self.by_name.get(base_name(&name))?;
        let fits = |number: &usize| {
            let path = &self.paths[*number];
            path.strip_suffix(&name).is_some_and(|root| root.is_empty() || root.ends_with('/'))
        };
        // Ties: the shorter path, then the first.
        candidates.iter().copied().filter(fits).min_by_key(|&number| {
            let path = &self.paths[number];
            (usize::MAX - common_folders(from, path), path.matches('/').count(), number)
        })
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Leading folders that two paths have in common.
fn common_folders(left: &str, right: &str) -> usize {
    let (left, right) = (folder(left).split('/'), folder(right).split('/'));
    left.zip(right).take_while(|(left, right)| left == right).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FileFacts;

    fn import(paths: &[&str], from: &str, specifier: &str) -> String {
        let facts = FileFacts::default();
        let view = |path| crate::lang::FileView { path, language: "c", facts: &facts };
        let files = paths.iter().map(|path| view(path)).collect();
        let map = modules(&Project { files, manifests: &[] });
        let file = paths.iter().position(|path| *path == from).expect("the including file is listed");
        match map.import(file, specifier) {
            ModuleTarget::Module(key) => key,
            ModuleTarget::External(name) => format!("external {name}"),
            ModuleTarget::Missing => "missing".to_owned(),
        }
    }

    #[test]
    fn quotes_look_beside_the_file_first() {
        let paths = ["a/util.h", "a/x.c", "b/util.h", "util.h"];
        assert_eq!(import(&paths, "a/x.c", "\"util.h\""), "file:a/util.h");
        assert_eq!(import(&paths, "a/x.c", "\"../b/util.h\""), "file:b/util.h");
    }

    #[test]
    fn include_folders_are_found_by_the_end_of_the_path() {
        let paths = ["db/x.cc", "include/leveldb/env.h", "third/include/leveldb/env.h"];
        assert_eq!(import(&paths, "db/x.cc", "\"leveldb/env.h\""), "file:include/leveldb/env.h");
        assert_eq!(
            import(&paths, "third/include/leveldb/env.h", "<leveldb/env.h>"),
            "file:third/include/leveldb/env.h"
        );
    }

    #[test]
    fn headers_that_are_not_in_the_tree_are_external() {
        let paths = ["src/string.h", "src/x.c"];
        assert_eq!(import(&paths, "src/x.c", "<string.h>"), "external string.h");
        assert_eq!(import(&paths, "src/x.c", "\"string.h\""), "file:src/string.h");
        assert_eq!(import(&paths, "src/x.c", "\"config.h\""), "external config.h");
    }

    #[test]
    fn a_name_is_matched_by_whole_folders() {
        let paths = ["lib/myutil.h", "src/x.c"];
        assert_eq!(import(&paths, "src/x.c", "\"util.h\""), "external util.h");
    }

    #[test]
    fn the_list_of_system_headers_is_sorted() {
        assert!(SYSTEM_HEADERS.is_sorted());
    }
}
