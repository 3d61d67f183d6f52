//! C: what is found in one file, and what names mean across files.

use crate::corpus::{links, outline, survives};

#[test]
fn every_kind_of_definition_is_found() {
    outline(
        r#"
//- all.c
#include <stdio.h>
#define LIMIT 10
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define LOG(format, ...) printf(format, __VA_ARGS__)
typedef unsigned long size;
typedef struct { int x, y; } point;
typedef struct node { struct node *next; union { int i; float f; }; union { int a; } u; } node, *node_ptr;
typedef enum { RED, GREEN = 2 } color;
typedef int (*callback)(void *, int);
struct opaque;
union value { int i; char *s; };
enum state { IDLE, BUSY };
enum { ANONYMOUS = 1 };
extern int shared;
int global = 1, *pointer, array[3];
static const int constant = 3;
static int (*handler)(int);
int prototype(int a, char *b, ...);
static void internal(void) {}
char *text(void) { return 0; }
int (*selector(int which))(char) { return 0; }
int (parenthesised)(int a) { return a; }
int old_style(a, b) int a; char *b; { return a; }
int main(int argc, char **argv) { struct local { int z; }; return 0; }
"#,
        "
        macro LIMIT
        macro MAX
        macro LOG
        type_alias size
        struct point
          field x
          field y
        struct node
          field next
          field i
          field f
          union <anonymous>
            field a
          field u
        type_alias node
        type_alias node_ptr
        enum color
          enum_member RED
          enum_member GREEN
        type_alias callback
        struct opaque [declaration]
        union value
          field i
          field s
        enum state
          enum_member IDLE
          enum_member BUSY
        enum_member ANONYMOUS
        variable shared [declaration]
        variable global
        variable pointer
        variable array
        constant constant [static]
        variable handler [static]
        function prototype [declaration]
        function internal [static]
        function text
        function selector
        function parenthesised
        function old_style
        function main [entry_point]
          struct local
            field z
        ",
    );
}

#[test]
fn macros_before_and_behind_declarations_hide_nothing() {
    outline(
        r#"
//- api.c
API int exported(void);
static INLINE char *both(int a) { return 0; }
API void *(wrapped)(int a) { return 0; }
int checked(const char *format, ...) ATTRS((format(printf, 1, 2)));
DEFINE_TABLE(entries)
int after(void) { return 1; }
#ifdef __cplusplus
extern "C" {
#endif
int guarded(void);
#ifdef __cplusplus
}
#endif
"#,
        "
        function exported [declaration]
        function both [static]
        function wrapped
        function checked [declaration]
        function after
        function guarded [declaration]
        ",
    );
}

#[test]
fn every_branch_of_conditionals_is_read() {
    outline(
        r#"
//- branches.c
#if defined(A) && B > 1
int first(void) { return 1; }
#elif C
int second(void) { return 2; }
#else
int third(void) { return 3; }
#endif
struct s {
#ifdef D
  int d;
#endif
  int e;
};
"#,
        "
        function first
        function second
        function third
        struct s
          field d
          field e
        ",
    );
}

#[test]
fn a_prototype_in_a_header_leads_to_the_definition() {
    links(
        r#"
//- include/lib.h c
#ifndef LIB_H
#define LIB_H
int helper(int value);
extern int counter;
#endif
//- src/lib.c
#include "lib.h"
int counter;
int helper(int value) { return value; }
static int hidden(void) { return 1; }
//- src/main.c
#include "lib.h"
//       ^^^^^^^ import file include/lib.h import
int main(void) {
  counter = 1;
//^^^^^^^ write resolved src/lib.c#counter
  return helper(1);
//       ^^^^^^ call resolved src/lib.c#helper
}
"#,
    );
}

#[test]
fn static_functions_belong_to_their_file() {
    links(
        r#"
//- a.c
static int same(void) { return 1; }
int use_a(void) { return same(); }
//                       ^^^^ call resolved a.c#same lexical_scope
//- b.c
static int same(void) { return 2; }
int use_b(void) { return same(); }
//                       ^^^^ call resolved b.c#same lexical_scope
//- c.c
int same(void);
int use_c(void) { return same(); }
//                       ^^^^ call resolved c.c#same
"#,
    );
}

#[test]
fn every_form_of_call_is_a_site() {
    links(
        r#"
//- calls.c
#define TWICE(x) ((x) + (x))
int plain(int a) { return a; }
struct ops { int (*run)(int); };
static int (*pointer)(int) = plain;
void all(struct ops *ops, struct ops direct, int (*parameter)(int)) {
  plain(1);
//^^^^^ call resolved calls.c#plain lexical_scope
  (plain)(1);
// ^^^^^ call resolved calls.c#plain lexical_scope
  TWICE(plain(2));
//^^^^^ call resolved calls.c#TWICE lexical_scope
//      ^^^^^ call resolved calls.c#plain lexical_scope
  ops->run(1);
//     ^^^ call unknown
  (*direct.run)(2);
//         ^^^ call unknown
  pointer(3);
//^^^^^^^ call unknown
  parameter(4);
//^^^^^^^^^ call unknown
  printf("%d", plain(5));
//^^^^^^ call external std::printf
//             ^^^^^ call resolved calls.c#plain lexical_scope
  int x = sizeof(int) + plain(6), y[] = { plain(7) };
//                      ^^^^^ call resolved calls.c#plain lexical_scope
//                                        ^^^^^ call resolved calls.c#plain lexical_scope
  for (int i = plain(0); i < plain(1); i += plain(2)) {}
//             ^^^^^ call resolved calls.c#plain lexical_scope
//                           ^^^^^ call resolved calls.c#plain lexical_scope
//                                          ^^^^^ call resolved calls.c#plain lexical_scope
  switch (plain(1)) { case 1: plain(2); default: return; }
//        ^^^^^ call resolved calls.c#plain lexical_scope
//                            ^^^^^ call resolved calls.c#plain lexical_scope
}
"#,
    );
}

#[test]
fn locals_and_parameters_shadow_globals() {
    links(
        r#"
//- shadow.c
int run(void) { return 1; }
int value;
void parameter(int (*run)(void)) { run(); }
//                                 ^^^ call unknown
void local(void) {
  run();
//^^^ call resolved shadow.c#run lexical_scope
  int (*run)(void) = 0;
  run();
//^^^ call unknown
  {
    value = 1;
//  ^^^^^ write resolved shadow.c#value lexical_scope
  }
}
void outer(void) { extern int value; value = 2; }
//                                   ^^^^^ write resolved shadow.c#value
"#,
    );
}

#[test]
fn tags_and_functions_of_one_name_are_told_apart() {
    links(
        r#"
//- tags.c
struct stat { int size; };
int stat(struct stat *buffer) { return buffer->size; }
//              ^^^^ type resolved tags.c#stat
//                                             ^^^^ read resolved tags.c#stat::size
int use(void) {
  struct stat buffer;
  stat(&buffer);
//^^^^ call resolved tags.c#stat
  return buffer.size;
//              ^^^^ read resolved tags.c#stat::size
}
"#,
    );
}

#[test]
fn fields_are_found_through_typedefs_and_pointers() {
    links(
        r#"
//- types.h c
typedef struct list list;
struct list { list *next; int length; union { int inner; }; };
typedef struct { list *head; } queue;
//- use.c
#include "types.h"
int use(queue *q, list items[]) {
  struct list made = { .length = 1 };
//                      ^^^^^^ write resolved types.h#list::length
  return q->head->next->length + items[0].inner + made.next->length + ((queue *)q)->head->length;
//                      ^^^^^^ read resolved types.h#list::length
//                                        ^^^^^ read resolved types.h#list::inner
//                                                           ^^^^^^ read resolved types.h#list::length
//                                                                                        ^^^^^^ read resolved types.h#list::length
}
"#,
    );
}

#[test]
fn the_nearest_header_of_a_name_is_included() {
    links(
        r#"
//- a/config.h c
#define NAME 1
//- b/config.h c
#define NAME 2
//- a/main.c
#include "config.h"
//       ^^^^^^^^^^ import file a/config.h import
int a = NAME;
//      ^^^^ read resolved a/config.h#NAME
//- b/main.c
#include "config.h"
//       ^^^^^^^^^^ import file b/config.h import
#include <stdio.h>
//       ^^^^^^^^^ import external stdio.h
int b = NAME;
//      ^^^^ read resolved b/config.h#NAME
"#,
    );
}

#[test]
fn functions_of_libraries_are_external() {
    links(
        r#"
//- lib.c
#include <string.h>
#include "missing.h"
int use(const char *s) {
  memcpy(0, s, strlen(s));
//^^^^^^ call external std::memcpy
//             ^^^^^^ call external std::strlen
  return undeclared(s);
//       ^^^^^^^^^^ call external
}
"#,
    );
}

#[test]
fn a_call_in_a_macro_like_loop_belongs_to_the_function() {
    links(
        r#"
//- loop.c
int step(int i) { return i; }
void run(void) {
  vmdispatch (step(1)) {
//            ^^^^ call resolved loop.c#step lexical_scope
    vmcase(2) { step(2); }
//              ^^^^ call resolved loop.c#step lexical_scope
  }
  foreach(item, list) { step(3); }
//                      ^^^^ call resolved loop.c#step lexical_scope
}
"#,
    );
}

#[test]
fn broken_source_survives() {
    survives(
        "c",
        r#"
#define A(x) x /* a */ \
  + 1
typedef struct { int x; union { int y; }; } P, *Q;
API static int f(P *p, int (*cb)(int)) ATTR((x)) { switch (p->x) { case 1: cb((int)p->y); } return (*cb)(1); }
int old(a) int a; { return a; }
"#,
    );
}

#[test]
fn calls_in_macro_bodies_are_call_sites() {
    links(
        r#"
//- a.c
#define SAVE_AND_NEXT(ls) (save(ls, ls->current), (ls)->step(ls), OTHER(ls), ls(1))
//                         ^^^^ call resolved a.c#save lexical_scope
//                                                      ^^^^ call unknown computed
//                                                                ^^^^^ call resolved a.c#OTHER lexical_scope
#define OTHER(x) sizeof(x)
#define TEXT "save(1)" /* save(2) */
static void save(int a, int b) {}
void run(int ls) { SAVE_AND_NEXT(ls); }
//                 ^^^^^^^^^^^^^ call resolved a.c#SAVE_AND_NEXT lexical_scope
"#,
    );
}
