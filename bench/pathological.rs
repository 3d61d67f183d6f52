//! Source trees of any size that are made to be hard: each repeats the one thing a mapper may be quadratic or
//! unbounded in. Used by the example that times them and by the tests that check what comes out.

use std::fmt::Write as _;

/// A kind of hard tree.
pub(crate) struct Tree {
    /// What is hard about it, in a few words.
    pub(crate) name: &'static str,
    /// Paths and texts of its files, sorted by path, for a size.
    pub(crate) files: fn(usize) -> Vec<(String, String)>,
}

/// All of them.
pub(crate) const TREES: &[Tree] = &[
    Tree { name: "python: classes with one method", files: python_classes },
    Tree { name: "java: classes with one method", files: java_classes },
    Tree { name: "rust: types with one method", files: rust_types },
    Tree { name: "rust: extensions of outside types", files: rust_extensions },
    Tree { name: "rust: chain of aliases", files: rust_aliases },
    Tree { name: "rust: chain of aliases, last first", files: rust_aliases_backwards },
    Tree { name: "typescript: chain of aliases", files: typescript_aliases },
    Tree { name: "python: chain of re-imports", files: python_imports },
    Tree { name: "typescript: chain of re-exports", files: typescript_exports },
    Tree { name: "python: circle of wildcards", files: python_wildcards },
    Tree { name: "rust: circle of wildcards", files: rust_wildcards },
    Tree { name: "c: chain of includes", files: c_includes },
    Tree { name: "rust: recursive generic types", files: rust_recursive },
    Tree { name: "java: recursive generic bases", files: java_recursive },
    Tree { name: "typescript: recursive types", files: typescript_recursive },
    Tree { name: "javascript: one line, many functions", files: javascript_line },
    Tree { name: "javascript: one line, one name", files: javascript_name },
    Tree { name: "python: tuples that double", files: python_tuples },
    Tree { name: "python: assignments in a circle", files: python_assignments },
    Tree { name: "java: calls of overloads", files: java_overloads },
    Tree { name: "c++: calls of overloads", files: cpp_overloads },
    Tree { name: "java: implementors of one interface", files: java_implementors },
    Tree { name: "go: implementors of one interface", files: go_implementors },
    Tree { name: "go: as many interfaces as types", files: go_interfaces },
    Tree { name: "rust: implementors of one trait", files: rust_implementors },
    Tree { name: "python: subclass of a subclass of ...", files: python_bases },
];

/// Definitions that go into one file where a tree has many.
const PER_FILE: usize = 100;

/// Classes with one method name, each with a call on a known and one on an unknown receiver.
fn python_classes(size: usize) -> Vec<(String, String)> {
    spread(size, "p", "py", |n| {
        format!("class C{n}:\n    def run(self, x):\n        return x.run(C{n}())\n\nC{n}().run(None)\n")
    })
}

fn java_classes(size: usize) -> Vec<(String, String)> {
    each(size, "java", |n| {
        format!("class F{n} {{ int run(F{n} x) {{ var y = other(); y.run(x); return x.run(null); }} }}\n")
    })
}

fn rust_types(size: usize) -> Vec<(String, String)> {
    one("lib.rs", size, |n| {
        format!("pub struct T{n};\nimpl T{n} {{ fn run(&self, x: X) {{ self.run(0); x.run(1); T{n}.run(2); }} }}\n")
    })
}

fn rust_extensions(size: usize) -> Vec<(String, String)> {
    let mut files = one("lib.rs", size, |n| {
        format!("impl Run for outside::T{n} {{ fn run(&self) {{ let x = outside::T{n}::new(); x.run(); }} }}\n")
    });
    files[0].1.insert_str(0, "pub trait Run { fn run(&self); }\n");
    files
}

/// Each alias stands for the one before it, and one value of each is used.
fn rust_aliases(size: usize) -> Vec<(String, String)> {
    let mut files = one("lib.rs", size, |n| {
        let next = n + 1;
        format!("type A{next} = A{n};\nfn f{next}(x: A{next}) {{ x.run(); }}\n")
    });
    files[0].1.insert_str(0, "pub struct A0;\nimpl A0 { fn run(&self) {} }\n");
    files
}

fn rust_aliases_backwards(size: usize) -> Vec<(String, String)> {
    let mut files = one("lib.rs", size, |n| {
        let (this, before) = (size - n, size - n - 1);
        format!("type A{this} = A{before};\nfn f{this}(x: A{this}) {{ x.run(); }}\n")
    });
    files[0].1.push_str("pub struct A0;\nimpl A0 { fn run(&self) {} }\n");
    files
}

fn typescript_aliases(size: usize) -> Vec<(String, String)> {
    let mut files = one("a.ts", size, |n| {
        let next = n + 1;
        format!("type A{next} = A{n};\nfunction f{next}(x: A{next}) {{ x.run(); }}\n")
    });
    files[0].1.insert_str(0, "class A0 { run() {} }\n");
    files
}

/// Each file imports a function from the one before it under another name, and calls it.
fn python_imports(size: usize) -> Vec<(String, String)> {
    each(size, "py", |n| match n {
        0 => "def x0():\n    pass\n".to_owned(),
        n => format!("from F{} import x{} as x{n}\nx{n}()\n", n - 1, n - 1),
    })
}

fn typescript_exports(size: usize) -> Vec<(String, String)> {
    each(size, "ts", |n| match n {
        0 => "export function x() {}\n".to_owned(),
        n => format!("export {{ x }} from './F{0}';\nimport {{ x as y }} from './F{0}';\ny();\n", n - 1),
    })
}

/// Each file imports everything of two others, all in a circle, and calls what one far away declares.
fn python_wildcards(size: usize) -> Vec<(String, String)> {
    each(size, "py", |n| {
        let (next, skip, far) = ((n + 1) % size, (n + 7) % size, (n + size / 2) % size);
        format!("from F{next} import *\nfrom F{skip} import *\ndef f{n}():\n    f{far}()\n    nowhere{n}()\n")
    })
}

fn rust_wildcards(size: usize) -> Vec<(String, String)> {
    let mut files = each(size, "rs", |n| {
        let (next, skip, far) = ((n + 1) % size, (n + 7) % size, (n + size / 2) % size);
        format!("pub use crate::F{next}::*;\npub use crate::F{skip}::*;\npub fn f{n}() {{ f{far}(); nowhere{n}(); }}\n")
    });
    files.push(("src/lib.rs".to_owned(), lines(size, |n| format!("pub mod F{n};\n"))));
    files.sort();
    files
}

/// Each header includes the one before it, and each source file the last header.
fn c_includes(size: usize) -> Vec<(String, String)> {
    let mut files = each(size, "h", |n| match n {
        0 => "int f0(int);\n".to_owned(),
        n => format!("#include \"F{}.h\"\nint f{n}(int);\n", n - 1),
    });
    let last = size - 1;
    files
        .extend(each(size, "c", |n| format!("#include \"F{last}.h\"\nint f{n}(int x) {{ return f0(f{last}(x)); }}\n")));
    files.sort();
    files
}

/// Types that contain ever larger instances of themselves and of each other.
fn rust_recursive(size: usize) -> Vec<(String, String)> {
    one("lib.rs", size, |n| {
        format!(
            "pub struct A{n}<T> {{ a: Box<A{n}<A{n}<T>>>, b: Option<B{n}<(T, T)>> }}\n\
             pub struct B{n}<T> {{ a: A{n}<B{n}<T>>, t: T }}\n\
             impl<T> A{n}<T> {{ fn next(&self) -> B{n}<A{n}<T>> {{ self.a.a.a.next().a.next() }} }}\n"
        )
    })
}

fn java_recursive(size: usize) -> Vec<(String, String)> {
    each(size, "java", |n| {
        format!(
            "class F{n}<T> extends G{n}<F{n}<F{n}<T>>> {{ T get() {{ return it().it().it().get(); }} }}\n\
             class G{n}<U> extends F{n}<G{n}<U>> {{ U it() {{ return get(); }} }}\n"
        )
    })
}

fn typescript_recursive(size: usize) -> Vec<(String, String)> {
    one("a.ts", size, |n| {
        format!(
            "type A{n}<T> = B{n}<[T, T]> | {{ next: A{n}<A{n}<T>> }};\ntype B{n}<T> = A{n}<B{n}<T>>;\n\
             function f{n}(x: A{n}<string>, y: B{n}<B{n}<string>>) {{ x.next.next.next.run(); y.run(); }}\n"
        )
    })
}

/// A minified file: all on one line.
fn javascript_line(size: usize) -> Vec<(String, String)> {
    one("a.js", size, |n| format!("function a{n}(b,c){{return b?a{}(c,1):c.d(b)}}", n / 2))
}

fn javascript_name(size: usize) -> Vec<(String, String)> {
    one("a.js", size, |_| "function a(b){return a(b-1)}".to_owned())
}

/// Each tuple holds the one before it twice.
fn python_tuples(size: usize) -> Vec<(String, String)> {
    let mut files = one("a.py", size, |n| format!("x{} = (x{n}, x{n})\nx{n}.run()\n", n + 1));
    files[0].1.insert_str(0, "class X:\n    def run(self):\n        pass\nx0 = X()\n");
    files
}

/// Each variable is assigned from two others, and all of them depend on each other.
fn python_assignments(size: usize) -> Vec<(String, String)> {
    let text = lines(size, |n| {
        let (next, far) = ((n + 1) % size, (n * 7 + 3) % size);
        format!("    x{n} = x{next}\n    x{n} = x{far}\n    x{n}.run()\n")
    });
    vec![(
        "src/a.py".to_owned(),
        format!("class X:\n    def run(self):\n        pass\ndef f(x0):\n    x0 = X()\n{text}"),
    )]
}

/// Calls of one name with a hundred overloads.
fn java_overloads(size: usize) -> Vec<(String, String)> {
    let overloads = lines(100, |n| format!("void run(C{n} x, int y) {{}}\n"));
    let classes = lines(100, |n| format!("class C{n} {{}}\n"));
    let calls = lines(size, |n| format!("void f{n}(C{} x) {{ run(x, 1); run(other(), 1); }}\n", n % 100));
    vec![("src/A.java".to_owned(), format!("{classes}class A {{\n{overloads}{calls}}}\n"))]
}

fn cpp_overloads(size: usize) -> Vec<(String, String)> {
    let overloads = lines(100, |n| format!("struct C{n} {{}};\nvoid run(const C{n}& x, int y) {{}}\n"));
    let calls = lines(size, |n| format!("void f{n}(C{} x) {{ run(x, 1); run(other(), 1); }}\n", n % 100));
    vec![("src/a.cpp".to_owned(), format!("{overloads}{calls}"))]
}

/// Types that implement one interface, and as many calls through it.
fn java_implementors(size: usize) -> Vec<(String, String)> {
    let mut files = each(size, "java", |n| {
        format!("class F{n} implements Run {{ public int run(Run x) {{ return x.run(this); }} }}\n")
    });
    files.push(("src/Run.java".to_owned(), "interface Run { int run(Run x); }\n".to_owned()));
    files
}

fn go_implementors(size: usize) -> Vec<(String, String)> {
    let mut files = spread(size, "p", "go", |n| {
        format!("type T{n} struct{{}}\nfunc (t T{n}) Run(x Runner) int {{ return x.Run(t) }}\n")
    });
    files.iter_mut().for_each(|(_, text)| text.insert_str(0, "package main\n"));
    files[0].1.push_str("type Runner interface { Run(x Runner) int }\n");
    files
}

fn go_interfaces(size: usize) -> Vec<(String, String)> {
    let mut files = spread(size, "p", "go", |n| {
        format!(
            "type I{n} interface {{ Run(x int) int }}\ntype T{n} struct{{}}\n\
             func (t T{n}) Run(x int) int {{ var y I{n} = t; return y.Run(x) }}\n"
        )
    });
    files.iter_mut().for_each(|(_, text)| text.insert_str(0, "package main\n"));
    files
}

fn rust_implementors(size: usize) -> Vec<(String, String)> {
    let mut files = one("lib.rs", size, |n| {
        format!("pub struct T{n};\nimpl Run for T{n} {{ fn run(&self, x: &dyn Run) {{ x.run(self) }} }}\n")
    });
    files[0].1.insert_str(0, "pub trait Run { fn run(&self, x: &dyn Run); }\n");
    files
}

/// A chain of classes, each with a call of what only the first has.
fn python_bases(size: usize) -> Vec<(String, String)> {
    let mut files = one("a.py", size, |n| {
        let next = n + 1;
        format!("class C{next}(C{n}):\n    def f{next}(self):\n        self.run()\n        super().run()\n")
    });
    files[0].1.insert_str(0, "class C0:\n    def run(self):\n        pass\n");
    files
}

/// One file of all.
fn one(name: &str, size: usize, item: impl Fn(usize) -> String) -> Vec<(String, String)> {
    vec![(format!("src/{name}"), lines(size, item))]
}

/// A file for each.
fn each(size: usize, extension: &str, item: impl Fn(usize) -> String) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = (0..size).map(|n| (format!("src/F{n}.{extension}"), item(n))).collect();
    files.sort();
    files
}

/// Files of `PER_FILE` each.
fn spread(size: usize, stem: &str, extension: &str, item: impl Fn(usize) -> String) -> Vec<(String, String)> {
    let file = |number: usize| {
        let last = size.min((number + 1) * PER_FILE);
        let text: String = (number * PER_FILE..last).map(&item).collect();
        (format!("src/{stem}{number}.{extension}"), text)
    };
    let mut files: Vec<(String, String)> = (0..size.div_ceil(PER_FILE)).map(file).collect();
    files.sort();
    files
}

fn lines(size: usize, item: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for n in 0..size {
        write!(text, "{}", item(n)).expect("a string takes all");
    }
    text
}
