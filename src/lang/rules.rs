//! How names of a language find their definitions across files: flags, and one [`ModuleMap`] for what flags
//! cannot say. The linker asks; languages answer with module keys and file numbers, never with symbols.

use serde::{Deserialize, Serialize};

use crate::model::{FileFacts, Literal};

use super::library::Library;

/// Lookup rules of a language.
pub struct LinkRules {
    /// Languages of one family see each other's definitions (`c` and `cpp`; `javascript` and `typescript`).
    pub family: &'static str,
    /// Stands between the parts of a qualified name: `::` or `.`.
    pub separator: &'static str,
    /// Names declared in a class body, own or inherited, are visible in its methods without `this` (Java, C++).
    /// Where false, they are visible in the class body itself only (Python) or need not be declared at all.
    pub open_classes: bool,
    /// Calling a class by its name constructs it (Python, C++).
    pub call_constructs: bool,
    /// What a module offers is only what it exports explicitly (JavaScript, TypeScript).
    pub explicit_exports: bool,
    /// Files of one module see each other's top-level names without import (Go, Java packages; Rust modules and
    /// C++ namespaces, which stand in one file or are spread over several).
    pub shared_modules: bool,
    /// Names around an inline module are not visible inside it (Rust).
    pub closed_modules: bool,
    /// What a module imports can be reached through it by path even where it is not re-exported (Python; Rust from
    /// inside the module).
    pub open_imports: bool,
    /// Every type has members that stand nowhere in the tree (Java's `Object`, Rust's derived and prelude traits).
    pub implicit_bases: bool,
    /// What a parameter without a written type may be is told by its default value, for want of better (Python): its
    /// members are candidates by the rule `fallback`.
    pub default_types: bool,
    /// Callables of one name with other parameters are other callables, across base types too, and the arguments'
    /// types choose among them (Java, C++).
    pub overloads: Overloads,
    /// Types from outside whose members are those of their first type argument as well: `Box`, `shared_ptr`.
    pub wrappers: &'static [&'static str],
    /// What members of types outside the tree give, one signature a row, for a language whose overloads are judged by
    /// no [`Library`]; `Option<T>: map(fn(T) -> R) => Option<R>`.
    pub signatures: &'static [&'static str],
    /// The associated type that says what a value stands for as a pointer to it (Rust's `Target`); empty for none.
    pub pointee: &'static str,
    /// The associated type that says what iteration gives (Rust's `Item`); empty for none.
    pub item: &'static str,
    /// Top-level definitions with external linkage are visible to the whole family, declarations join
    /// definitions of the same name (C, C++).
    pub linkage: bool,
    /// A member call on a type reaches overriding members of its subtypes.
    pub dynamic_dispatch: bool,
    /// Interfaces are implemented by every type that has their methods, and only interface methods have others
    /// behind them (Go).
    pub structural_interfaces: bool,
    /// Names of constructors among a class's members: `__init__`, `constructor`.
    pub constructors: &'static [&'static str],
    /// Names that are always there and lead outside the tree, sorted.
    pub builtins: &'static [&'static str],
    /// Prefix of the external name of a builtin, `builtins` for Python.
    pub builtin_package: &'static str,
    /// What code outside the tree can use of it.
    pub outside: Outside,
    /// Maps files and imports to modules, once for all files of the family.
    pub modules: fn(&Project<'_>) -> Box<dyn ModuleMap>,
}

/// What code outside the tree can use of it, as far as visibilities do not say that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outside {
    /// What a file where a program starts says of the code around it.
    pub programs: Programs,
    /// Whether protected members are for subclasses elsewhere, too.
    pub protected: bool,
    /// Extensions of the files that others are shown; empty where that goes for all files.
    pub headers: &'static [&'static str],
    /// Decorators, annotations and attributes from outside, by last name, that have nobody call what they stand
    /// before; sorted. Any other may: a route, a component, an event handler.
    pub quiet: &'static [&'static str],
    /// Whether an object can be handed to whoever calls its methods, without a type being declared for that.
    pub duck_types: bool,
    /// Endings of files that only declare: whoever sees their modules can use all that is in them.
    pub declaring: &'static [&'static str],
    /// Names and globs of definitions that the language or its library uses by itself.
    pub hooks: &'static [&'static str],
    /// Whether variables outside of callables are made when the program starts, whoever reads them.
    pub early_values: bool,
    /// Attributes that say when what they stand before is there at all.
    pub conditions: &'static [&'static str],
    /// How lines begin, and what they have, that right before a definition tell users of it whatever its name.
    pub telling: &'static [(&'static str, &'static str)],
    /// What stands before names that are imported, in code that comments show; that may be of another language.
    pub importing: &'static [&'static str],
    /// What lines have that pass on all names of a module, and what is right behind the name of the module in them.
    pub passing_on: &'static [(&'static str, &'static str)],
    /// Whether test runners look at files by their names, whatever folder they are in.
    pub named_tests: bool,
    /// Whether a file is part of a program only if another declares it as a module.
    pub declared_files: bool,
}

impl Outside {
    /// Of a language of which visibilities say everything.
    pub const NOTHING: Self = Self {
        programs: Programs::Offered,
        protected: true,
        headers: &[],
        quiet: &[],
        duck_types: false,
        declaring: &[],
        hooks: &[],
        early_values: false,
        conditions: &[],
        telling: &[],
        importing: &["import "],
        passing_on: &[],
        named_tests: false,
        declared_files: false,
    };
}

/// Which code nothing outside can use because it is part of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Programs {
    /// Programs are libraries as well.
    Offered,
    /// What is of the module that a program starts in.
    Module,
    /// That and the modules below, unless another file belongs to the module as well.
    Tree,
}

/// How the arguments of a call choose among callables of one name.
#[derive(Clone, Copy)]
pub enum Overloads {
    /// Not at all, or by their number alone.
    ByNumber,
    /// What needs no conversion comes before what does, for every argument (C++).
    ByConversion(&'static Conversions),
    /// First without boxing, then with it, then with variable arity; of those that fit the one with the narrowest
    /// parameters (Java). Which types are subtypes of which the library says.
    ByPhase(fn() -> &'static Library),
}

impl Overloads {
    /// Whether types choose.
    pub fn by_type(self) -> bool {
        !matches!(self, Self::ByNumber)
    }

    /// The standard library by which arguments are judged.
    pub fn library(self) -> Option<&'static Library> {
        match self {
            Self::ByPhase(library) => Some(library()),
            Self::ByNumber | Self::ByConversion(_) => None,
        }
    }

    /// The conversions by which arguments are judged.
    pub fn conversions(self) -> Option<&'static Conversions> {
        match self {
            Self::ByConversion(conversions) => Some(conversions),
            Self::ByNumber | Self::ByPhase(_) => None,
        }
    }
}

/// What an argument may be converted to, where that chooses among overloads.
pub struct Conversions {
    /// The number type of a name.
    pub number: fn(&str) -> Option<Number>,
    /// The name of the type of a literal number, truth value or character.
    pub literal: fn(Literal) -> Option<&'static str>,
    /// The type, as written, of what calling something outside the tree gives.
    pub result: fn(&str) -> Option<&'static str>,
    /// What literal texts are arrays of.
    pub character: &'static str,
    /// The type any pointer and number can be converted to.
    pub truth: &'static str,
    /// The type a pointer to which takes all pointers.
    pub anything: &'static str,
}

/// A type of numbers, characters or truth values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// One name for all its names.
    pub name: &'static str,
    /// What it is promoted to in arithmetic.
    pub promoted: &'static str,
    /// Of two promoted operands the one of higher rank decides.
    pub rank: u8,
    /// Whether it is another name for a type that differs between machines.
    pub varies: bool,
}

/// A file as the module rules see it.
#[derive(Clone, Copy)]
pub struct FileView<'a> {
    /// Path relative to the root.
    pub path: &'a str,
    /// Name of its language.
    pub language: &'a str,
    /// Its facts.
    pub facts: &'a FileFacts,
}

/// A manifest or other configuration found in the tree: `Cargo.toml`, `package.json`, `tsconfig.json`,
/// `pyproject.toml`, `go.mod`, `go.work`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Path relative to the root.
    pub path: String,
    /// Its text, lossily decoded.
    pub text: String,
}

impl Manifest {
    /// The folder it stands in, empty for the root, without a final `/`.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Its file name.
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// The files of one family, sorted by path, and all manifests of the tree, sorted by path.
pub struct Project<'a> {
    /// The files; a file's number is its index here.
    pub files: Vec<FileView<'a>>,
    /// The manifests.
    pub manifests: &'a [Manifest],
}

/// Where a file stands among the modules of its family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModulePath {
    /// Key of its module, unique in the family. Files with equal keys form one module.
    pub key: String,
    /// The module as people write it, the prefix of qualified names; empty where the language has none.
    pub shown: String,
}

/// What an import or the first segment of a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModuleTarget {
    /// The module of this key.
    Module(String),
    /// Outside the tree, by this name.
    External(String),
    /// It should be in the tree, but is not.
    Missing,
}

/// How files and imports of one family map to modules. Built once per link run; a pure function of paths,
/// facts and manifests.
pub trait ModuleMap: Send + Sync {
    /// The module of a file, by its number in [`Project::files`].
    fn module(&self, file: usize) -> ModulePath;

    /// What a textual import specifier in a file leads to.
    fn import(&self, file: usize, specifier: &str) -> ModuleTarget;

    /// What the first segment of a path means when no scope declares it: `crate`, `super`, a dependency's name,
    /// a package root. `module` is the key of the module (inline ones included) the name stands in.
    fn root(&self, file: usize, module: &str, name: &str) -> Option<ModuleTarget> {
        let _ = (file, module, name);
        None
    }

    /// What `name` means after a path to the module `module`, where it is not a name declared there: `super` in
    /// `super::super::f`, a class that only a library has after a package prefix shared with it.
    fn relative(&self, module: &str, name: &str) -> Option<ModuleTarget> {
        let _ = (module, name);
        None
    }

    /// Further keys by which a module goes, each with its own: of a file that several modules declare as theirs.
    fn mounts(&self) -> &[(String, String)] {
        &[]
    }

    /// Keys of modules that stand in no file but have modules inside: `com` where the tree has `com.example`.
    fn containers(&self) -> Vec<String> {
        Vec::new()
    }
}
