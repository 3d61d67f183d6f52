//! JavaScript: definitions, every call form, modules, and what must not link.

use crate::corpus::{links, outline, survives};

const SAMPLE: &str = r##"
//- src/shapes.js
/** Does it. @deprecated use other */
export async function first(a, b = 1, ...rest) { function inner() {} }
export function* numbers() { yield 1; }
const arrow = () => 1, text = 'x';
let count = 0;
var Old = function Named() { this.size = 1; };
Old.prototype.area = function () { return this.size; };
Old.create = () => new Old();
Old.prototype = { reset() {}, get width() { return 1; }, deep: { f() {} } };
class Shape extends Base {
  #hidden = 1;
  static shared = new Map();
  handler = () => this.area();
  static { setup(); }
  constructor(x) { super(x); this.x = x; this.x = 2; }
  get area() { return 1; }
  set area(v) {}
  static async *make() {}
  #secret() {}
  [Symbol.iterator]() {}
  'quoted name'() {}
}
const tools = { run() {}, stop: function () {}, go: () => {}, level: 1, Kind: class {} };
export default class { only() {} }
exports.plain = function () {};
exports.value = compute();
module.exports.helper = (x) => x;
function outer() {
  const local = () => 1;
  const made = { once() {} };
  later = function () {};
  socket.onmessage = function () {};
  return { shorthand, call() {} };
}
array.map(function named() {});
if (x) { var hoisted = 1; let block = 2; }
"##;

#[test]
fn definitions_of_every_kind_are_found() {
    outline(
        SAMPLE,
        r##"
function first [async deprecated exported]
  function inner
function numbers [exported generator]
function arrow
constant text
variable count
function Old
  field size
method area [receiver]
method create [static]
method reset [receiver]
method width [accessor receiver]
field deep
  method f [receiver]
class Shape
  field #hidden
  field shared [static]
  method handler
  initializer <static> [static]
  constructor constructor [receiver]
  field x
  method area [accessor receiver]
  method area [accessor receiver]
  method make [async static generator]
  method #secret [receiver]
  method [Symbol.iterator] [receiver]
  method quoted name [receiver]
constant tools
  method run [receiver]
  method stop [receiver]
  method go
  field level
  class Kind
class default [exported]
  method only [receiver]
function plain [exported]
variable value [exported]
function helper [exported]
function outer
  function local
  variable made
    method once [receiver]
  function later
  method onmessage [receiver]
  variable <object>
    field shorthand
    method call [receiver]
function named
variable hoisted
"##,
    );
}

#[test]
fn broken_and_deep_source_survives() {
    survives("javascript", SAMPLE);
    survives("javascript", "const t = <Foo a={b} {...c}>{x => <ns.Bar/>}</Foo>; a?.b?.(c)`x${y}`;");
    survives("javascript", "module.exports = { a, ...require('./x') }; ({ a: [b.c, d[e]] = f } = g);");
    survives(
        "javascript",
        "/** @param {function(): function(): Array<{a: B}|?C>} x\n@type {import('./x'} */ var f = 1;",
    );
}

#[test]
fn every_call_form_is_one_site() {
    links(
        r##"
//- src/a.js
function f(x) {} function g() { return f; }
class A { constructor() {} m() { return this; } static s() {} #p() {} all() { this.#p(); super.toString(); } }
//                                                                                 ^^ call resolved src/a.js#A.#p self_member
//                                                                                             ^^^^^^^^ call unknown
class B extends A { constructor() { super(); super.m(); } }
//                                  ^^^^^ call resolved src/a.js#A.constructor
//                                                 ^ call resolved src/a.js#A.m inherited
const a = new A(), o = { m() {}, n: () => f(1) };
//            ^ call resolved src/a.js#A.constructor
//                                        ^ call resolved src/a.js#f lexical_scope
f(1); f?.(1); (f)(1); f.call(null, 1); f`x${g()}`; f(...[1]);
//    ^ call resolved src/a.js#f lexical_scope
//             ^ call resolved src/a.js#f lexical_scope
//                      ^^^^ call external
//                                     ^ call resolved src/a.js#f lexical_scope
//                                          ^ call resolved src/a.js#g lexical_scope
//                                                 ^ call resolved src/a.js#f lexical_scope
a.m().m(); a?.m?.(); a['m'](); A.s(); o.m(); o.n(); new A().m(); new B().m();
//^ call resolved src/a.js#A.m
//    ^ call resolved src/a.js#A.m
//            ^ call resolved src/a.js#A.m
//                     ^^^ call resolved src/a.js#A.m
//                               ^ call resolved src/a.js#A.s type_member
//                                      ^ call resolved src/a.js#o.m
//                                             ^ call resolved src/a.js#o.n
//                                                          ^ call resolved src/a.js#A.m
//                                                                       ^ call resolved src/a.js#A.m
g()(1); o[key](); (() => f(2))(); (function () { g(); })();
//      ^^^^^^ call unknown computed
//                       ^ call resolved src/a.js#f lexical_scope
//                                               ^ call resolved src/a.js#g lexical_scope
const bound = (x = f(1)) => `${f(x)}`, el = <Part on={() => g()}>{f(3)}</Part>;
//                 ^ call resolved src/a.js#f lexical_scope
//                             ^ call resolved src/a.js#f lexical_scope
//                                           ^^^^ read unknown not_in_scope
//                                                          ^ call resolved src/a.js#g lexical_scope
//                                                                ^ call resolved src/a.js#f lexical_scope
console.log(1); Math.max(1); [1].map(f); 'x'.split(','); JSON.parse('1').items(); fetch('x').then(r => r.json());
//      ^^^ call external console.log
//                   ^^^ call external Math.max
//                               ^^^ call external
//                                           ^^^^^ call external
//                                                            ^^^^^ call external JSON.parse
"##,
    );
}

#[test]
fn shadowed_names_resolve_to_the_inner_declaration() {
    links(
        r##"
//- src/a.js
function f() {}
function parameter(f) { f(); }
//                      ^ call unknown function_value
function local() { f(); { let f = () => 1; f(); } f(); }
//                 ^ call resolved src/a.js#f lexical_scope
//                                         ^ call resolved src/a.js#local.f lexical_scope
//                                                ^ call resolved src/a.js#f lexical_scope
function hoisted() { f(); if (x) { var f = () => 1; } }
//                   ^ call resolved src/a.js#hoisted.f lexical_scope
function loops(list) { for (const f of list) { f(); } try {} catch (f) { f(); } const { f: g, ...h } = list; g(); h(); }
//                                             ^ call unknown function_value
//                                                                       ^ call unknown function_value
//                                                                                                           ^ call unknown function_value
const recursive = function f(n) { return f(n - 1); };
//                                       ^ call resolved src/a.js#recursive lexical_scope
const [f2 = f] = []; f2(); (function f3() { f3(); })(); f3();
//                                          ^^ call resolved src/a.js#f3 lexical_scope
//                                                      ^^ call unknown not_in_scope
class K { f() {} g() { f(); } }
//                     ^ call resolved src/a.js#f lexical_scope
let swap = () => 1; function change(other) { swap = other; } swap();
//                                                           ^^^^ call unknown function_value
let pick = f; if (x) pick = local; pick();
//                                 ^^^^ call candidates src/a.js#f, src/a.js#local function_value
"##,
    );
}

#[test]
fn imports_and_exports_of_every_form_are_followed() {
    links(
        r##"
//- package.json
{ "name": "app", "exports": { ".": "./src/main.js", "./tools/*": "./src/tools/*.js" }, "imports": { "#lib": "./src/lib.js" } }
//- src/main.js
import main, { a as b, list } from './lib.js';
//     ^^^^ import resolved src/lib.js#main import
//             ^ import resolved src/lib.js#a import
import * as lib from './lib';
//          ^^^ import file src/lib.js import
import { z } from '#lib'; import { a as own } from 'app/tools/t'; import fs from 'node:fs'; import { gone } from './gone';
import { through, all, renamed, space } from './barrel';
main(); b(); lib.a(); lib.default(); z(); own(); fs.readFileSync('x'); gone(); list();
//      ^ call resolved src/lib.js#a import
//               ^ call resolved src/lib.js#a
//                        ^^^^^^^ call resolved src/lib.js#main
//                                   ^ call resolved src/lib.js#z import
//                                        ^^^ call resolved src/tools/t.js#a import
//                                                  ^^^^^^^^^^^^ call external node:fs.default.readFileSync
//                                                                     ^^^^ call unknown broken_import
//                                                                             ^^^^ call unknown broken_import
through(); all(); renamed(); space.a(); lib.hidden();
//         ^^^ call resolved src/deep.js#all import
//                ^^^^^^^ call resolved src/lib.js#z import
//                                 ^ call resolved src/lib.js#a
//                                          ^^^^^^ call unknown
async function lazy() { const m = await import('./lib.js'); m.a(); (await import('./deep')).all(); }
//                                                            ^ call resolved src/lib.js#a
//                                                                                          ^^^ call resolved src/deep.js#all
//- src/lib.js
export function a() {} export default function main() {}
const z = () => 1; function hidden() {} export { z };
//- src/barrel/index.js
export { a as through, z as renamed } from '../lib.js'; export * from '../deep'; export * as space from '../lib';
//- src/deep.js
export function all() {}
//- src/tools/t.js
export const a = function () {};
"##,
    );
}

#[test]
fn common_js_modules_are_followed() {
    links(
        r##"
//- lib/main.js
const utils = require('./utils'), { make, run: go } = require('./utils'), Thing = require('./thing');
//    ^^^^^ import file lib/utils.js import
//                                  ^^^^ import resolved lib/utils.js#make import
var one = require('./utils').make, path = require('path'), all = require('./object');
utils.make(); make(); go(); one(); new Thing().use(); Thing.of().use(); path.join('a'); require('./thing').of(); require('x')();
//    ^^^^ call resolved lib/utils.js#make
//            ^^^^ call resolved lib/utils.js#make import
//                    ^^ call resolved lib/utils.js#run import
//                          ^^^ call resolved lib/utils.js#make import
//                                     ^^^^^ call resolved lib/thing.js#Thing import
//                                             ^^^ call resolved lib/thing.js#Thing.use
//                                                          ^^ call resolved lib/thing.js#Thing.of
//                                                               ^^^ call resolved lib/thing.js#Thing.use
//                                                                           ^^^^ call external path.join
//                                                                                                         ^^ call resolved lib/thing.js#Thing.of
all.first(); all.second(); all.third();
//  ^^^^^ call resolved lib/object.js#first
//               ^^^^^^ call resolved lib/object.js#hidden
//                             ^^^^^ call resolved lib/utils.js#make
import both from './object'; both.first();
//                                ^^^^^ call resolved lib/object.js#first
//- lib/utils.js
exports.make = function () { exports.run(); this.run(); };
//                                   ^^^ call resolved lib/utils.js#run
//                                               ^^^ call resolved lib/utils.js#run
module.exports.run = () => module.exports.make();
//                                        ^^^^ call resolved lib/utils.js#make
//- lib/thing.js
module.exports = Thing;
function Thing() { if (!(this instanceof Thing)) return new Thing(); this.part = new Part(); }
Thing.prototype.use = function use() { this.part.go(); this.use(); helper.call(this); return this; };
//                                               ^^ call resolved lib/thing.js#Part.go
//                                                          ^^^ call resolved lib/thing.js#Thing.use
Thing.of = function () { return new Thing(); };
function Part() {} Part.prototype.go = () => {};
//- lib/object.js
function hidden() {}
module.exports = { first() {}, second: hidden, ...require('./utils'), third: require('./utils').make };
"##,
    );
}

#[test]
fn objects_and_this_link_to_their_members() {
    links(
        r##"
//- src/a.js
const api = { start() { this.stop(); }, stop: function () { const run = () => this.start(); run(); } };
//                           ^^^^ call resolved src/a.js#api.stop self_member
//                                                                                 ^^^^^ call resolved src/a.js#api.start self_member
var app = exports = module.exports = {};
app.init = function init() { this.use(); };
//                                ^^^ call resolved src/a.js#app.use self_member
app.use = function use() { return this; };
app.init(); app.use().init();
//  ^^^^ call resolved src/a.js#app.init
//                    ^^^^ call resolved src/a.js#app.init
function factory() { function step() {} return { step, walk() { step(); } }; }
const made = factory(); made.step(); made.walk(); factory().walk();
//                           ^^^^ call resolved src/a.js#factory.step function_value
//                                        ^^^^ call resolved src/a.js#factory.<object>.walk
//                                                          ^^^^ call resolved src/a.js#factory.<object>.walk
class Stack { constructor(other) { this.items = []; this.first = new Item(); this.again = other.first; }
  /** @param {Item} item @returns {Item[]} */
  push(item) { item.open(); this.first.open(); this.first = null; return this.items; }
//                  ^^^^ call resolved src/a.js#Item.open
//                                     ^^^^ call resolved src/a.js#Item.open
  each() { this.push().forEach(i => i.open()); this.push(null)[0].open(); const [x] = this.push(); x.open(); }
//                                    ^^^^ call resolved src/a.js#Item.open
//                                                                ^^^^ call resolved src/a.js#Item.open
//                                                                                                   ^^^^ call resolved src/a.js#Item.open
}
class Item { open() {} }
function other() { this.open(); }
//                      ^^^^ call unknown
"##,
    );
}

#[test]
fn foreign_members_never_link_into_the_tree() {
    links(
        r##"
//- src/a.js
import { map } from 'lodash';
export function filter() {} export function join() {}
const list = [1]; list.filter(x => x); list.map(x => x).join(','); map([1]); Array.from(list).filter(Boolean);
//                     ^^^^^^ call external
//                                          ^^^ call external
//                                                      ^^^^ call external
//                                                                 ^^^ call external lodash.map
//                                                                                            ^^^^^^ call external
function unknown(value) { value.join(); value.nowhere(); }
//                              ^^^^ call unknown receiver_type
//                                            ^^^^^^^ call external nowhere
//- src/b.js
join();
"##,
    );
}

#[test]
fn types_imported_by_comments_are_those_of_the_other_file() {
    links(
        r##"
//- lib/command.js
class Command { name() {} open() {} }
class Other { name() {} }
exports.Command = Command;
//      ^^^^^^^ read resolved lib/command.js#Command lexical_scope
exports.count = 1;
//- lib/help.js
const { Other } = require('./command.js');
/**
 * @typedef { import("./command.js").Command } Command
 * @typedef { import("./nowhere.js").Lost } Lost
 */
/** @import { Command as Renamed } from './command.js' */
class Help {
  /** @param {Command} command @param {Renamed} renamed @param {Lost} lost */
  show(command, renamed, lost) {
    command.name(); renamed.open(); lost.name();
//          ^^^^ call resolved lib/command.js#Command.name value_member
//                          ^^^^ call resolved lib/command.js#Command.open value_member
//                                       ^^^^ call unknown receiver_type
  }
}
//- lib/plain.js
/** @typedef {Command} Label and no import */
class Plain {
  /** @param {Command} command @param {Label} text */
  show(command, text) { command.name(); text.open(); }
//                              ^^^^ call unknown receiver_type
//                                           ^^^^ call unknown receiver_type
}
"##,
    );
}

#[test]
fn a_variable_without_a_value_is_what_is_assigned_to_it() {
    links(
        r##"
//- a.js
function Template(text) { this.text = text; }
Template.prototype = { compile() {} };
function make(text, given) {
  var made;
  let either;
  made = new Template(text);
  made.compile();
//     ^^^^^^^ call resolved a.js#compile value_member
  if (text) either = new Template(text); else either = given;
  either.compile();
//       ^^^^^^^ call unknown receiver_type
  given = new Template(text);
  given.compile();
//      ^^^^^^^ call unknown receiver_type
  let never;
  never.compile();
//      ^^^^^^^ call unknown receiver_type
}
"##,
    );
}
