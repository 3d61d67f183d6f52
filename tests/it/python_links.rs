//! Python: what names, members and imports lead to, and what must not link.

use crate::corpus::links;

#[test]
fn self_super_and_class_receivers_reach_members() {
    links(
        "
//- a.py
class Base:
    def __init__(self, x): self.x = x
    def run(self): return self.step()
    #                          ^^^^ call candidates a.py#Base.step, a.py#Child.step
    def step(self): pass
    @classmethod
    def make(cls): return cls.other()
    #                         ^^^^^ call resolved a.py#Base.other
    @staticmethod
    def other(): pass
class Child(Base):
    def __init__(self):
        super().__init__(1)
    #           ^^^^^^^^ call resolved a.py#Base.__init__ inherited
        self.part = Part()
    #               ^^^^ call resolved a.py#Part
    def step(self):
        super(Child, self).step()
    #                      ^^^^ call resolved a.py#Base.step
        self.part.fit()
    #             ^^^ call resolved a.py#Part.fit
        def nested(): self.run()
    #                      ^^^ call resolved a.py#Base.run
        type(self).make()
    #              ^^^^ call resolved a.py#Base.make
        self.__class__.make()
    #                  ^^^^ call resolved a.py#Base.make
        other = Child()
    #           ^^^^^ call resolved a.py#Child.__init__
        other.part.fit()
    #              ^^^ call resolved a.py#Part.fit
        Heir()
    #   ^^^^ call resolved a.py#Heir
        Heir().step()
    #          ^^^^ call resolved a.py#Child.step inherited
class Part:
    def fit(self): pass
class Heir(Child):
    def __call__(self): pass
",
    );
}

#[test]
fn what_stands_in_for_a_missing_argument_is_a_candidate() {
    links(
        "
//- a.py
class Validator:
    def check(self): return Result()
    def __call__(self): pass
class Strict(Validator):
    def check(self): pass
class Result:
    def show(self): pass
class Other:
    def only(self): pass
class User:
    def __init__(self, validator=None, given=None, named=Result()):
        self.validator = validator or Validator()
        self.given = given
        self.named = named
    def run(self):
        self.validator.check().show()
    #                  ^^^^^ call candidates a.py#Validator.check, a.py#Strict.check
    #                          ^^^^ call candidates a.py#Result.show fallback
        self.validator.only()
    #                  ^^^^ call unknown
        self.given.check()
    #              ^^^^^ call unknown receiver_type
        self.named.show()
    #              ^^^^ call candidates a.py#Result.show fallback
def late(validator=None, required, items=()):
    if validator is None:
        validator = Result()
    validator.show()
    #         ^^^^ call candidates a.py#Result.show fallback
    items.show()
    #     ^^^^ call unknown receiver_type
    required = required or Result()
    required.show()
    #        ^^^^ call unknown receiver_type
def written(validator: Result = None):
    validator = validator or Result()
    validator.show()
    #         ^^^^ call resolved a.py#Result.show value_member
",
    );
}

#[test]
fn tests_of_types_narrow_local_names_where_they_hold() {
    links(
        r#"
//- m.py
class Box: pass
//- a.py
import m
from m import Box
class P:
    def go(self): return 1
class Q:
    def go(self): return 2
shared = None
def f(a, b, c, d, e):
    if isinstance(a, P):
        a.go()
#         ^^ call resolved a.py#P.go value_member
        [a.go() for _ in b]
#          ^^ call resolved a.py#P.go
    elif isinstance(a, (P, Q)) and b:
        a.go()
#         ^^ call candidates a.py#P.go, a.py#Q.go
    else:
        a.go()
#         ^^ call unknown receiver_type
    a.go()
#     ^^ call unknown receiver_type
    if isinstance(a, P) or a.go():
#                            ^^ call unknown receiver_type
        a.go()
#         ^^ call unknown receiver_type
    if isinstance(a, P) and a.go() and isinstance(b, Q) and b.go():
#                             ^^ call resolved a.py#P.go
#                                                             ^^ call resolved a.py#Q.go
        found = a
    found.go()
#         ^^ call resolved a.py#P.go
    if isinstance(b, P):
        b = b.next
        b.go()
#         ^^ call unknown receiver_type
    if isinstance(c, P):
        def inner(): c.go()
#                      ^^ call unknown receiver_type
    inner()
#   ^^^^^ call resolved a.py#f.inner
    assert isinstance(c, P)
    c.go()
#     ^^ call resolved a.py#P.go
    for x in c:
        if not isinstance(x, Q):
            continue
        x.go()
#         ^^ call resolved a.py#Q.go
    x.go()
#     ^^ call unknown receiver_type
    if not isinstance(d, P):
        print(d)
    d.go()
#     ^^ call unknown receiver_type
    if not isinstance(e, P):
        raise TypeError(e)
    else:
        pass
    e.go()
#     ^^ call unknown receiver_type
    if isinstance(shared, P):
        shared.go()
#              ^^ call unknown receiver_type
def g(items: list[P], text):
    if isinstance(items, list):
        for item in items: item.go()
#                               ^^ call resolved a.py#P.go
    if isinstance(text, str):
        text.go()
#            ^^ call external builtins.str.go
"#,
    );
}

#[test]
fn operators_give_what_their_methods_give() {
    links(
        "
//- a.py
class P:
    def __add__(self, other) -> 'Q': ...
    def __or__(self, other): return P()
    def go(self): pass
class Q:
    def go(self): pass
def f(p: P, q: Q, unknown):
    (p + 1).go()
#           ^^ call resolved a.py#Q.go
    (p | p | q).go()
#               ^^ call resolved a.py#P.go
    (p - q).go()
#           ^^ call unknown
    (unknown + p).go()
#                 ^^ call unknown
    (p  # - q
       + p).go()
#           ^^ call unknown
    ('%s' % p).go()
#              ^^ call external
",
    );
}

#[test]
fn types_written_in_annotations_carry_members() {
    links(
        r#"
//- a.py
from __future__ import annotations
import typing as t
from typing import Any, Callable, Optional, Type, TypeVar
class P:
    def go(self) -> "P": return self
    def __enter__(self): return self
class Q:
    def go(self): pass
T = TypeVar("T", bound="P")
#                       ^ type resolved a.py#P
def f(a: P, b: "P | None", c: Optional[P], d: list[P], e: t.Dict[str, "P"], g: Type[P], h: Any, i: T,
#        ^ type resolved a.py#P
#               ^ type resolved a.py#P
#                                      ^ type resolved a.py#P
      j: tuple[Q, P], k: t.Union[P, None], *l: P):
    a.go()
#     ^^ call resolved a.py#P.go value_member
    b.go()
#     ^^ call resolved a.py#P.go
    c.go().go()
#     ^^ call resolved a.py#P.go
#          ^^ call resolved a.py#P.go
    for x in d: x.go()
#                 ^^ call resolved a.py#P.go
    [y.go() for y in d]
#      ^^ call resolved a.py#P.go
    d[0].go()
#        ^^ call resolved a.py#P.go
    for i in range(2): d[1:].append(a)
#                            ^^^^^^ call external append
    g()
#   ^ call resolved a.py#P
    h.go()
#     ^^ call unknown receiver_type
    j[1].go()
#        ^^ call candidates a.py#P.go, a.py#Q.go
    _, p = j
    p.go()
#     ^^ call resolved a.py#P.go
    with k as m: m.go()
#                  ^^ call resolved a.py#P.go
    l[0].go()
#        ^^ call resolved a.py#P.go
    t.cast("P", h).go()
#     ^^^^ call external typing.cast
#                  ^^ call resolved a.py#P.go
    s: P = unknown()
    s.go()
#     ^^ call resolved a.py#P.go
def k(i: T) -> T:
    i.go()
#     ^^ call resolved a.py#P.go
def generator():
    yield P()
for made in generator(): made.go()
#                             ^^ call resolved a.py#P.go
"#,
    );
}

#[test]
fn shadowed_names_resolve_to_the_innermost() {
    links(
        "
//- a.py
def f(): pass
def g(f): f()
#         ^ call unknown function_value
def h():
    f()
#   ^ call unknown function_value
    f = unknown
def i():
    def f(): pass
    f()
#   ^ call resolved a.py#i.f
[f() for f in xs]
#^ call unknown function_value
lambda f: f()
#         ^ call unknown function_value
def j():
    for f in xs: f()
#                ^ call unknown function_value
def k():
    with xs as f: f()
#                 ^ call unknown function_value
def l():
    try: pass
    except E as f: f()
#                  ^ call unknown function_value
def m(x):
    match x:
        case [f, *_]: f()
#                     ^ call unknown function_value
def n():
    if (f := xs): f()
#                 ^ call unknown function_value
def o():
    from other import f
    f()
#   ^ call external other.f
class C:
    def f(self): f()
#                ^ call resolved a.py#f
    y = f()
#       ^ call resolved a.py#C.f
def p[f](x: f): pass
def q():
    global f
    f()
#   ^ call resolved a.py#f
def r():
    def f(): pass
    def s():
        nonlocal f
        f()
#       ^ call resolved a.py#r.f
",
    );
}

#[test]
fn imports_with_renames_lead_to_what_they_name() {
    links(
        "
//- pkg/__init__.py
from .core import run as start, Engine
from . import util as u
#             ^^^^ import file pkg/util.py import
//- pkg/core.py
from .util import helper
#                 ^^^^^^ import resolved pkg/util.py#helper
from ..outside import nothing
#                     ^^^^^^^ import unknown broken_import
import pkg.sub.deep
import pkg.sub.deep as d
from pkg import sub
def run():
    helper()
#   ^^^^^^ call resolved pkg/util.py#helper import
    pkg.sub.deep.dig()
#                ^^^ call resolved pkg/sub/deep.py#dig module_path
    d.dig()
#     ^^^ call resolved pkg/sub/deep.py#dig
    sub.deep.dig()
#            ^^^ call resolved pkg/sub/deep.py#dig
class Engine:
    def go(self): pass
//- pkg/sub/__init__.py
//- pkg/sub/deep.py
from ..util import helper
def dig(): helper()
#          ^^^^^^ call resolved pkg/util.py#helper
//- pkg/util.py
def helper(): pass
def run(): pass
//- main.py
import pkg
import json, os.path
from pkg import start, Engine as E, u
from pkg.core import *
from requests import get as fetch
start()
# <-
pkg.start()
#   ^^^^^ call resolved pkg/core.py#run
pkg.u.run()
#     ^^^ call resolved pkg/util.py#run
u.run()
# ^^^ call resolved pkg/util.py#run
E().go()
#   ^^ call resolved pkg/core.py#Engine.go
run()
# <-
json.dumps(os.path.join())
#    ^^^^^ call external json.dumps
#                  ^^^^ call external os.path.join
x = fetch()
#   ^^^^^ call external requests.get
y = run()
#   ^^^ call resolved pkg/core.py#run glob_import
z = len(start())
#   ^^^ call external builtins.len
#       ^^^^^ call resolved pkg/core.py#run import
"
        .replace("# <-\n", "")
        .as_str(),
    );
}

#[test]
fn calls_that_leave_the_tree_never_link_into_it() {
    links(
        "
//- src/app/json.py
def dumps(): pass
def strip(): pass
//- src/app/use.py
import json
from pathlib import Path
x = json.dumps(1)
#        ^^^^^ call external json.dumps
y = ' '.join([]).strip()
#       ^^^^ call external
z = Path('.').strip()
#             ^^^^^ call unknown receiver_type
def f(p: Path): p.strip()
#                 ^^^^^ call external pathlib.Path.strip
def g(p): p.strip()
#           ^^^^^ call unknown receiver_type
//- src/app/__init__.py
"
        .replace("y = ' '.join([]).strip()\n#       ^^^^ call external\n", "")
        .as_str(),
    );
}

#[test]
fn equal_names_in_two_modules_stay_apart() {
    links(
        "
//- one/__init__.py
//- one/helpers.py
def f(): pass
//- one/use.py
from .helpers import f
def g(): f()
#        ^ call resolved one/helpers.py#f
//- two/__init__.py
//- two/helpers.py
def f(): pass
//- two/use.py
from two.helpers import f
def g(): f()
#        ^ call resolved two/helpers.py#f
def h(): helpers.f()
#                ^ call unknown receiver_type
",
    );
}

#[test]
fn alternatives_of_a_failed_import_are_all_candidates() {
    links(
        "
//- fast.py
def f(): pass
//- slow.py
def f(): pass
//- use.py
try:
    from fast import f
except ImportError:
    from slow import f
try:
    import tomllib
except ImportError:
    tomllib = None
def g(): f()
#        ^ call candidates fast.py#f, slow.py#f
def h(): tomllib.loads()
#                ^^^^^ call external tomllib.loads
",
    );
}

#[test]
fn roots_come_from_manifests_and_packages() {
    links(
        r#"
//- pyproject.toml
[tool.setuptools.packages.find]
where = ["lib"]
//- lib/ns/deep/mod.py
from ns.other import f
def g(): f()
#        ^ call resolved lib/ns/other.py#f
//- lib/ns/other.py
def f(): pass
//- scripts/run.py
import helper
from ns.other import f
def g(): helper.h()
#               ^ call resolved scripts/helper.py#h
def k(): f()
#        ^ call resolved lib/ns/other.py#f
//- scripts/helper.py
def h(): pass
"#,
    );
}

#[test]
fn a_stub_and_its_source_are_one_module() {
    links(
        "
//- a.py
def f(): pass
//- a.pyi
def f() -> None: ...
//- use.py
from a import f
def g(): f()
#        ^ call resolved a.py#f
",
    );
}

#[test]
fn accessors_are_read_as_what_they_give() {
    links(
        "
//- a.py
class P:
    @property
    def q(self): return Q()
    @q.setter
    def q(self, value): pass
class Q:
    def go(self): pass
def f(p: P):
    p.q.go()
#       ^^ call resolved a.py#Q.go
",
    );
}

#[test]
fn iterating_over_a_mapping_does_not_give_its_values() {
    links(
        "
//- a.py
from typing import Dict
class V:
    def lower(self): pass
def f(d: Dict[str, V]):
    for k in d: k.lower()
#                 ^^^^^ call external builtins.str.lower
    d['x'].lower()
#          ^^^^^ call resolved a.py#V.lower
",
    );
}

#[test]
fn variables_made_from_themselves_keep_their_type() {
    links(
        "
//- a.py
class A:
    def wider(self): return A()
    def next(self): return B()
    def go(self): pass
class B:
    def next(self): return A()
    def go(self): pass
class Holder:
    def __init__(self): self.part = A()
    def grow(self):
        self.part = self.part.wider()
    #                         ^^^^^ call resolved a.py#A.wider
        self.part.go()
    #             ^^ call resolved a.py#A.go
def f(x, y):
    x = A()
    a = A()
    a = a.wider().wider()
    #             ^^^^^ call resolved a.py#A.wider
    a.go()
    # ^^ call resolved a.py#A.go
    b = A()
    while x:
        b = b.next()
    #         ^^^^ call candidates a.py#A.next, a.py#B.next
    b.go()
    # ^^ call candidates a.py#A.go, a.py#B.go
    y = y.next()
    #     ^^^^ call unknown receiver_type
    x.go()
    # ^^ call unknown receiver_type
def g(n): return A() if n else g(1)
g(1).go()
#    ^^ call resolved a.py#A.go
",
    );
}

#[test]
fn builtin_functions_pass_on_what_they_are_given() {
    links(
        "
//- a.py
class A:
    def go(self): pass
    def strip(self): pass
class Box:
    def __iter__(self):
        yield A()
def f(many: list[A], box: Box):
    for number, a in enumerate(many): a.go()
    #                                   ^^ call resolved a.py#A.go
    for a, b in zip(many, box): b.go()
    #                             ^^ call resolved a.py#A.go
    next(iter(sorted(box))).go()
    #                       ^^ call resolved a.py#A.go
    str(many).strip()
    #         ^^^^^ call external str.strip
    for x in box: x.go()
    #               ^^ call resolved a.py#A.go
//- b.py
from a import A
def str(x): return A()
str(1).strip()
#      ^^^^^ call resolved a.py#A.strip
",
    );
}

#[test]
fn super_searches_every_base_and_is_never_overridden() {
    links(
        "
//- a.py
class One:
    def f(self): pass
class Two:
    def g(self): pass
class Both(One, Two):
    def f(self): super().f()
    #                    ^ call resolved a.py#One.f inherited
    def g(self): super().g()
    #                    ^ call resolved a.py#Two.g inherited
class More(Both):
    def f(self): pass
    def g(self): pass
",
    );
}
