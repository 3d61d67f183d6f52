//! TypeScript and TSX: definitions, types that steer links, module resolution.

use crate::corpus::{links, outline, survives};

const SAMPLE: &str = r#"
//- src/a.ts
export interface Named<T = string> extends Base, Other<T> { name: string; greet?(x: T): void; readonly tags: string[] }
export type Point = { x: number; move(by: Point): Point };
type Either = Point | null;
export enum Color { Red = 1, Green, 'dark blue' = f() }
declare const VERSION: string;
declare function ambient(): void;
declare module 'outside' { export function inside(): void; }
namespace Outer.Inner { export const value = 1; export function help() {} }
export abstract class Shape<T extends Point> implements Named {
  private static count: number = 0;
  protected abstract draw(): void;
  constructor(private readonly origin: Point, public name?: string, plain = 1) {}
  over(a: string): void;
  over(a: any) {}
  @input() size: number;
  create = (): Shape<T> => this;
  async *walk(this: Shape<T>, ...rest: T[]): AsyncGenerator<T> {}
}
export function overloaded(a: string): string;
export function overloaded(a: any) { return a; }
export default interface Props { a: { b(): void } }
export const handler: () => void = () => {};
import Alias = Outer.Inner;
"#;

#[test]
fn definitions_of_every_kind_are_found() {
    outline(
        SAMPLE,
        r#"
interface Named [exported]
  field name [abstract]
  method greet [abstract receiver]
  field tags [abstract]
type_alias Point [exported]
  field x [abstract]
  method move [abstract receiver]
type_alias Either
enum Color [exported]
  enum_member Red
  enum_member Green
  enum_member dark blue
constant VERSION [declaration]
function ambient [declaration]
module outside [declaration]
  function inside [declaration exported]
namespace Outer
  namespace Inner
    constant value [exported]
    function help [exported]
class Shape [abstract exported]
  field count [static]
  method draw [abstract receiver]
  constructor constructor [receiver]
  field origin
  field name
  method over [declaration receiver]
  method over [receiver]
  field size
  method create
  method walk [async generator receiver]
function overloaded [declaration exported]
function overloaded [exported]
interface Props [exported]
  field a [abstract]
  interface <object>
    method b [abstract receiver]
function handler [exported]
"#,
    );
}

#[test]
fn broken_and_deep_source_survives() {
    survives("typescript", SAMPLE);
    survives(
        "typescript",
        "type X<T> = T extends infer U ? { [K in keyof U as `a${K}`]: U[K] } : import('./x').Y<typeof z>;",
    );
    survives("tsx", "const t = <Foo<string> a={b as C}>{x!.y(<T,>(z: T) => z)}</Foo>;");
}

#[test]
fn written_types_steer_member_calls() {
    links(
        r#"
//- src/a.ts
export class Disk { read(): Block { return new Block(); } static open(): Promise<Disk> { return null!; } }
export class Block { size() { return 1; } next(): this { return this; } }
interface Device { disk: Disk; blocks: Block[]; byName: Map<string, Block>; eject(): void }
class Drive implements Device { disk: Disk; blocks: Block[]; byName = new Map<string, Block>(); eject() {} }
class Cached { constructor(private disk: Disk, readonly blocks?: Block[]) {} get first() { return this.blocks[0]; }
  run() { this.disk.read().size(); this.blocks?.[0].next().size(); this.first.size(); for (const b of this.blocks!) b.size(); }
//                  ^^^^ call resolved src/a.ts#Disk.read
//                         ^^^^ call resolved src/a.ts#Block.size
//                                                         ^^^^ call resolved src/a.ts#Block.size
//                                                                            ^^^^ call resolved src/a.ts#Block.size
//                                                                                                                    ^^^^ call resolved src/a.ts#Block.size
}
function use(device: Device, { disk, blocks: [b] }: Device, maybe?: Block | null, any?: any) {
  device.eject(); disk.read(); b.size(); maybe!.size(); device.byName.forEach(x => x.size()); any.size(); device.disk.toString();
//       ^^^^^ call candidates src/a.ts#Device.eject, src/a.ts#Drive.eject dispatch
//                     ^^^^ call resolved src/a.ts#Disk.read
//                               ^^^^ call resolved src/a.ts#Block.size
//                                              ^^^^ call resolved src/a.ts#Block.size
//                                                                                   ^^^^ call resolved src/a.ts#Block.size
//                                                                                                ^^^^ call unknown receiver_type
//                                                                                                                    ^^^^^^^^ call external
}
async function later() { const d = await Disk.open(); d.read(); (any as Block).size(); (<Disk>any).read(); }
//                                                      ^^^^ call resolved src/a.ts#Disk.read
//                                                                             ^^^^ call resolved src/a.ts#Block.size
//                                                                                                 ^^^^ call resolved src/a.ts#Disk.read
function generic<Block>(x: Block) { x.size(); }
//                                    ^^^^ call unknown
function bounded<B extends Block>(x: B) { x.size(); }
//                                          ^^^^ call resolved src/a.ts#Block.size
enum Level { Low } namespace Tools { export function sharpen() {} }
Tools.sharpen(); Level.Low.toFixed(); const f = (b: Block) => b.size(), g: Disk['read'] = null;
//    ^^^^^^^ call resolved src/a.ts#Tools.sharpen
//                                                              ^^^^ call resolved src/a.ts#Block.size
if (!f!(null)) {}
//   ^ call resolved src/a.ts#f lexical_scope
"#,
    );
}

#[test]
fn overloads_and_merged_declarations_are_one_definition() {
    links(
        r#"
//- src/a.ts
import { pick, Box } from './b';
const box: Box = Box(1); pick('x'); box.open();
//               ^^^ call resolved src/b.ts#Box import
//                       ^^^^ call resolved src/b.ts#pick import
//                                      ^^^^ call resolved src/b.ts#Box.open
//- src/b.ts
export function pick(a: number): void;
export function pick(a: string): void;
export function pick(a: any) {}
export interface Box { open(): void }
export function Box(x: number): Box { return null!; }
"#,
    );
}

#[test]
fn decorators_and_components_are_uses() {
    links(
        r#"
//- src/a.tsx
import { Panel } from './panel';
function Component(options: {}) { return (target: any) => target; }
function Input(target: any, name: string) {}
@Component({ size: 1 })
class Page { @Input title: string; render() { return <Panel on={() => this.render()}><b/><Panel.Part/></Panel>; } }
//            ^^^^^ decorator resolved src/a.tsx#Input lexical_scope
//                                                    ^^^^^ read resolved src/panel.jsx#Panel import
//                                                                         ^^^^^^ call resolved src/a.tsx#Page.render self_member
//- src/panel.jsx
export function Panel() { return <div/>; }
"#,
    );
}

#[test]
fn specifiers_follow_configuration_and_workspaces() {
    links(
        r#"
//- tsconfig.base.json
{ "compilerOptions": { "baseUrl": ".", "paths": { "@core/*": ["packages/core/src/*"], /* one */ "@only": ["./packages/core/src/only.ts"], } } }
//- packages/app/tsconfig.json
{ // extends the base
  "extends": "../../tsconfig.base" }
//- packages/core/package.json
{ "name": "@my/core", "main": "./dist/index.js", "exports": { ".": { "types": "./dist/index.d.ts", "import": "./dist/esm/index.js" }, "./sub": "./dist/sub.js" } }
//- packages/app/src/main.ts
import { util } from '@core/util'; import { only } from '@only'; import { core } from '@my/core'; import { sub } from '@my/core/sub';
import { js } from './written.js'; import { dir } from './dir'; import x = require('./assigned'); import { far } from 'far/away';
import type { T } from './types'; import { plain } from 'packages/core/src/util'; import data from './data.json';
util(); only(); core(); sub(); js(); dir(); x(); far(); plain(); data.f();
//      ^^^^ call resolved packages/core/src/only.ts#only import
//              ^^^^ call resolved packages/core/src/core.ts#core import
//                      ^^^ call resolved packages/core/src/sub.ts#sub import
//                             ^^ call resolved packages/app/src/written.ts#js import
//                                   ^^^ call resolved packages/app/src/dir/index.tsx#dir import
//                                          ^ call resolved packages/app/src/assigned.ts#make import
//                                               ^^^ call external far/away.far
//                                                      ^^^^^ call resolved packages/core/src/util.ts#plain import
//                                                                    ^ call external
let t: T; t.go(); class C { m() { util(); } }
//     ^ type resolved packages/app/src/types.d.ts#T import
//          ^^ call resolved packages/app/src/types.d.ts#T.go
//                                ^^^^ call resolved packages/core/src/util.ts#util import
//- packages/app/src/written.ts
export const js = () => 1;
//- packages/app/src/dir/index.tsx
export const dir = () => <a/>;
//- packages/app/src/assigned.ts
function make() {} export = make;
//- packages/app/src/types.d.ts
export interface T { go(): void }
//- packages/core/src/util.ts
export function util() {} export function plain() {}
//- packages/core/src/only.ts
export function only() {}
//- packages/core/src/index.ts
export * from './core';
//- packages/core/src/core.ts
export function core() {}
//- packages/core/src/sub.ts
export function sub() {}
"#,
    );
}

#[test]
fn unions_with_void_and_wrappers_of_unions_are_never_taken_for_outside() {
    links(
        r#"
//- a.ts
class Sub { parent() {} }
type Teardown = Sub | (() => void) | void;
function add(t: Teardown) { t.parent(); }
//                            ^^^^^^ call resolved a.ts#Sub.parent value_member
function remove(t: Exclude<Teardown, void>) { t.parent(); }
//                                              ^^^^^^ call unknown receiver_type
function open(t: Missing<Sub>) { t.parent(); t.gone(); }
//                                             ^^^^ call external
"#,
    );
}
