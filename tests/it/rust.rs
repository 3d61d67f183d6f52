//! Rust: definitions, call forms, and what must not link.

use crate::corpus::{outline, survives};

const SAMPLE: &str = r#"
//- src/lib.rs
/// Doc.
#[derive(Debug)]
pub struct Point<T> { pub x: T, y: T }
pub struct Pair(u8, u8);
union Bits { a: u32, b: f32 }
enum Shape { Circle(f64), Square { side: f64 }, Empty }
pub trait Area { const SIDES: usize; type Unit; fn area(&self) -> f64; fn twice(&self) -> f64 { self.area() * 2.0 } }
impl Area for Shape { const SIDES: usize = 4; type Unit = f64; fn area(&self) -> f64 { 0.0 } }
impl<T> Point<T> { pub fn new(x: T, y: T) -> Self { Self { x, y } } async fn wait(&self) {} }
type Alias = Point<u8>;
const LIMIT: usize = 3;
static mut COUNT: usize = 0;
mod inner { pub(crate) fn deep() {} }
macro_rules! shout { ($e:expr) => { $e } }
extern "C" { fn strlen(s: *const u8) -> usize; }
#[no_mangle] pub extern "C" fn exported() {}
fn main() { let double = |x: u8| x * 2; double(1); fn nested() {} nested() }
#[test] fn works() {}
"#;

#[test]
fn every_kind_of_definition_is_found() {
    outline(
        SAMPLE,
        "
        struct Point
          field x
          field y
        struct Pair
          field 0
          field 1
        union Bits
          field a
          field b
        enum Shape
          enum_member Circle
            field 0
          enum_member Square
            field side
          enum_member Empty
        trait Area
          constant SIDES
          associated_type Unit
          method area [abstract receiver]
          method twice [receiver]
        impl impl Area for Shape
          constant SIDES
          associated_type Unit
          method area [receiver]
        impl impl Point<T>
          method new [static]
          method wait [async receiver]
        type_alias Alias
        constant LIMIT
        variable COUNT
        module inner
          function deep
        macro shout
        extern_block extern
          function strlen [declaration]
        function exported [foreign]
        function main [entry_point]
          closure double
          function nested
        function works [test]
        ",
    );
}

#[test]
fn broken_and_deep_source_survives() {
    survives("rust", SAMPLE);
}
