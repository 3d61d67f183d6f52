//! Modules that are there under a condition only: what stands in one of them stands for what has its name in the others.

use rustc_hash::FxHashMap;

use crate::lang;
use crate::model::{Role, Span, SymbolKind};
use crate::query::{Ground, Result};
use crate::store::{FileId, FileRow};

use super::life::{Life, Node};
use super::names::{Names, Namesakes};

/// Looks for such modules, and remembers what it read.
pub(super) struct Conditional<'a> {
    ground: &'a Ground<'a>,
    life: &'a Life,
    names: &'a Names,
    /// What declares or is the module of a qualified name; found once that is asked for.
    modules: Option<FxHashMap<String, Vec<Node>>>,
    /// Where conditions stand in the files that were asked for.
    conditions: FxHashMap<FileId, Vec<Span>>,
}

impl<'a> Conditional<'a> {
    pub(super) fn new(ground: &'a Ground<'a>, life: &'a Life, names: &'a Names) -> Self {
        Self { ground, life, names, modules: None, conditions: FxHashMap::default() }
    }

    /// The definitions that another condition puts in the place of one.
    pub(super) fn instead(&mut self, node: Node, file: &FileRow, namesakes: &Namesakes<'_>) -> Result<Vec<Node>> {
        if conditions(file).is_empty() || namesakes.others(node).next().is_none() {
            return Ok(Vec::new());
        }
        let whole = self.names.qualified(self.life, node);
        let parts: Vec<&str> = whole.split(file.separator.as_str()).collect();
        let mut found = Vec::new();
        for at in 1..parts.len().saturating_sub(1) {
            if self.is_conditional(&parts[..=at].join(&file.separator))? {
                let is_instead = |other: &Node| self.differs_at(*other, &parts, at, &file.separator);
                found.extend(namesakes.others(node).filter(is_instead));
            }
        }
        Ok(found)
    }

    /// Whether the name of a definition is made of these parts, but for that of one place.
    fn differs_at(&self, other: Node, parts: &[&str], at: usize, separator: &str) -> bool {
        let whole = self.names.qualified(self.life, other);
        let mut others = whole.split(separator);
        let is_same = parts
            .iter()
            .enumerate()
            .all(|(place, part)| others.next().is_some_and(|other| (other == *part) != (place == at)));
        is_same && others.next().is_none()
    }

    fn is_conditional(&mut self, module: &str) -> Result<bool> {
        let (life, names) = (self.life, self.names);
        let modules = self.modules.get_or_insert_with(|| {
            let mut modules: FxHashMap<String, Vec<Node>> = FxHashMap::default();
            for node in life.definitions().filter(|node| life.is(*node, SymbolKind::is_module)) {
                modules.entry(names.qualified(life, node)).or_default().push(node);
            }
            modules
        });
        for node in modules.get(module).cloned().unwrap_or_default() {
            let Some(file) = life.file(node) else { continue };
            let (span, name) = names.spans(life, node);
            let before = Span::new(span.start, name.start);
            if self.conditions_of(file)?.iter().any(|condition| before.contains(condition.start)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn conditions_of(&mut self, file: &FileRow) -> Result<&[Span]> {
        if !self.conditions.contains_key(&file.id) {
            let sites = self.ground.snapshot.occurrences_of(file.id, Role::Decorator)?;
            let is_condition = |name: &str| conditions(file).contains(&name);
            let found = sites.iter().filter(|site| is_condition(&site.name)).map(|site| site.span).collect();
            self.conditions.insert(file.id, found);
        }
        Ok(&self.conditions[&file.id])
    }
}

/// The attributes of a file's language that say when what they stand before is there.
fn conditions(file: &FileRow) -> &'static [&'static str] {
    lang::by_name(&file.language).map_or(&[], |language| language.link.outside.conditions)
}
