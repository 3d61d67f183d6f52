//! The project's own wishes: `.magellan/config.toml`.

use std::path::Path;

use ignore::overrides::{Override, OverrideBuilder};
use serde::Deserialize;
use toml::Spanned;

use super::WalkError;

/// The configuration in use.
pub(super) struct Config {
    /// Which paths to keep.
    pub(super) globs: Override,
    /// Files over this size are skipped.
    pub(super) max_file_bytes: Option<u64>,
}

/// The file as written. Globs are those of `.gitignore`, relative to the root.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// If any: only these.
    #[serde(default)]
    include: Vec<Spanned<String>>,
    /// Never these.
    #[serde(default)]
    exclude: Vec<Spanned<String>>,
    max_file_bytes: Option<u64>,
}

impl Config {
    /// Reads the configuration of the tree at `root`; the defaults if there is none.
    pub(super) fn load(root: &Path) -> Result<Self, WalkError> {
        let path = root.join(".magellan").join("config.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(WalkError::Config { path, line: 1, message: error.to_string() }),
        };
        let failure = |offset: usize, message: String| {
            let line = 1 + text.as_bytes()[..offset.min(text.len())].iter().filter(|&&byte| byte == b'\n').count();
            WalkError::Config { path: path.clone(), line, message }
        };
        let written: Written = toml::from_str(&text).map_err(|error| {
            failure(error.span().map_or(0, |span| span.start), error.message().trim().replace('\n', ", "))
        })?;
        let globs = globs(root, &written).map_err(|(offset, message)| failure(offset, message))?;
        Ok(Self { globs, max_file_bytes: written.max_file_bytes })
    }
}

/// The later of two matching globs wins, so the exclusions come last.
fn globs(root: &Path, written: &Written) -> Result<Override, (usize, String)> {
    let mut builder = OverrideBuilder::new(root);
    let included = written.include.iter().map(|glob| (glob, ""));
    let excluded = written.exclude.iter().map(|glob| (glob, "!"));
    for (glob, sign) in included.chain(excluded) {
        let offset = glob.span().start;
        let text = glob.get_ref();
        if text.starts_with('!') {
            return Err((
                offset,
                format!("glob {text:?} must not start with `!`: put it under `include` or `exclude`"),
            ));
        }
        builder.add(&format!("{sign}{text}")).map_err(|error| (offset, format!("glob {text:?}: {error}")))?;
    }
    builder.build().map_err(|error| (0, error.to_string()))
}
