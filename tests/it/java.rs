//! Java: definitions, call forms, and what must not link.

use crate::corpus::{links, outline, survives};

const SAMPLE: &str = r#"
//- src/a/Shape.java
package a;

import java.util.*;
import static java.lang.Math.max;

/** A shape. */
@Deprecated
public abstract class Shape<T extends Comparable<T>> extends Base implements Drawable, Cloneable {
    public static final int LIMIT = 3, MORE = 4;
    private T[] points[];
    static { load(); }
    { this.points = null; }
    protected Shape(int size) { super(size); }
    Shape() { this(1); }
    public abstract double area();
    private <U> U convert(U value, String... rest) throws Exception { return value; }
    native int handle();
    final void close() { Runnable r = () -> area(); new Thread() { @Override public void run() { area(); } }.start(); }
    void local() { record Pair(int a, int b) {} class Inner { void go() {} } }
    public static void main(String[] args) { System.out.println(max(1, 2)); }
    enum Kind implements Drawable {
        ROUND(1) { void turn() {} }, @Deprecated FLAT;
        final int sides;
        Kind() { this(0); }
        Kind(int sides) { this.sides = sides; }
        void turn() {}
    }
    interface Drawable { int DEPTH = 1; void draw(); default void redraw() { draw(); } static void all() {} private void one() {} class Nested {} }
    public record Point(int x, int... ys) { public Point { assert x > 0; } static int count; }
    @interface Tag { String value() default ""; int rank() default 1; }
    @Test public void works() {}
    @BeforeEach void prepare() {}
}
//- src/module-info.java
module a.shapes { requires java.base; exports a; uses a.Shape; }
"#;

#[test]
fn every_kind_of_definition_is_found() {
    outline(
        SAMPLE,
        "
        //- src/a/Shape.java
        package a
        class Shape [abstract deprecated]
          field LIMIT [static final]
          field MORE [static final]
          field points
          initializer <clinit> [static]
          initializer <init> [receiver]
          constructor Shape
          constructor Shape
          method area [abstract receiver]
          method convert [final receiver]
          method handle [receiver]
          method close [final receiver]
            class <anonymous>
              method run [receiver]
          method local [receiver]
            record Pair
              field a [final]
              field b [final]
            class Inner
              method go [receiver]
          method main [static entry_point]
          enum Kind
            enum_member ROUND [static final]
              class <anonymous>
                method turn [receiver]
            enum_member FLAT [static deprecated final]
            field sides [final]
            constructor Kind
            constructor Kind
            method turn [receiver]
          interface Drawable
            field DEPTH [static final]
            method draw [abstract receiver]
            method redraw [receiver]
            method all [static]
            method one [final receiver]
            class Nested [static]
          record Point
            field x [final]
            field ys [final]
            constructor Point
            field count [static]
          annotation Tag
            method value [abstract receiver]
            method rank [abstract receiver]
          method works [test receiver]
          method prepare [receiver foreign]
        //- src/module-info.java
        module a.shapes
        ",
    );
}

#[test]
fn broken_and_deep_source_survives() {
    survives("java", SAMPLE);
    survives("java", include_str!("java.rs"));
}

#[test]
fn every_call_form_is_linked() {
    links(
        r#"
//- a/Calls.java
package a;

class Calls extends Parent implements Greeter {
    final Other other = new Other(1);
    //                      ^^^^^ call resolved a/Other.java#Other.Other overload
    Calls() { super(1); }
    //        ^^^^^ call resolved a/Parent.java#Parent.Parent
    Calls(int a) { this(); }
    //             ^^^^ call resolved a/Calls.java#Calls.Calls
    void plain() { helper(); }
    //             ^^^^^^ call resolved a/Calls.java#Calls.helper self_member
    void helper() { inherited(); }
    //              ^^^^^^^^^ call resolved a/Parent.java#Parent.inherited inherited
    void values() { other.instance(); this.other.instance(); new Other(1).instance(); }
    //                    ^^^^^^^^ call resolved a/Other.java#Other.instance value_member
    //                                           ^^^^^^^^ call resolved a/Other.java#Other.instance
    //                                                                    ^^^^^^^^ call resolved a/Other.java#Other.instance
    void statics() { Other.make(); a.Other.make(); Other.make().instance(); }
    //                     ^^^^ call resolved a/Other.java#Other.make type_member
    //                                     ^^^^ call resolved a/Other.java#Other.make
    //                                                          ^^^^^^^^ call resolved a/Other.java#Other.instance
    void bases() { super.inherited(); Greeter.super.greet(); Calls.this.plain(); }
    //                   ^^^^^^^^^ call resolved a/Parent.java#Parent.inherited
    //                                              ^^^^^ call resolved a/Greeter.java#Greeter.greet
    //                                                                  ^^^^^ call resolved a/Calls.java#Calls.plain
    void creations() { Other.Part part = other.new Part(); new Greeter() { public void name() { helper(); } }.name(); }
    //                                             ^^^^ call resolved a/Other.java#Other.Part
    //                                                                                          ^^^^^^ call resolved a/Calls.java#Calls.helper
    //                                                                                                        ^^^^ call resolved a/Calls.java#Calls.creations.<anonymous>.name
    void generic() { this.<String>same("").length(); }
    //                            ^^^^ call resolved a/Calls.java#Calls.same
    <T> T same(T value) { return value; }
    public void name() {}
    Runnable reference() { return this::helper; }
    //                                  ^^^^^^ read resolved a/Calls.java#Calls.helper
    Object lambdas() { Runnable r = () -> { helper(); }; java.util.function.Function<Other, Other> f = (Other o) -> o.self(); return r; }
    //                                      ^^^^^^ call resolved a/Calls.java#Calls.helper
    //                                                                                                                ^^^^ call resolved a/Other.java#Other.self
    @Mark(rank = 2) void annotated() {}
//   ^^^^ decorator resolved a/Mark.java#Mark same_module
    //    ^^^^ read resolved a/Mark.java#Mark.rank
    static int[] table = { Other.count(), new int[Other.count()].length };
    //                           ^^^^^ call resolved a/Other.java#Other.count
    //                                                  ^^^^^ call resolved a/Other.java#Other.count
    { helper(); }
    //^^^^^^ call resolved a/Calls.java#Calls.helper
    static { Other.count(); }
    //             ^^^^^ call resolved a/Other.java#Other.count
}
//- a/Parent.java
package a;
class Parent { Parent(int size) {} void inherited() {} }
//- a/Greeter.java
package a;
interface Greeter { default void greet() { name(); } void name(); }
//                                         ^^^^ call candidates a/Calls.java#Calls.creations.<anonymous>.name, a/Calls.java#Calls.name, a/Greeter.java#Greeter.name dispatch
//- a/Mark.java
package a;
@interface Mark { int rank(); }
//- a/Other.java
package a;
class Other {
    Other(int a) {}
    Other(int a, int b) {}
    static Other make() { return new Other(1, 2); }
    static int count() { return 0; }
    void instance() {}
    Other self() { return this; }
    class Part {}
}
"#,
    );
}

#[test]
fn enum_constants_construct_and_dispatch() {
    links(
        r#"
//- a/Op.java
package a;
enum Op {
    PLUS(1) { int apply() { return one(); } },
//  ^^^^ call resolved a/Op.java#Op.Op overload
    //                             ^^^ call resolved a/Op.java#Op.one
    MINUS;
    Op() { this(2); }
    //     ^^^^ call resolved a/Op.java#Op.Op overload
    Op(int rank) {}
    int apply() { return 0; }
    static int one() { return 1; }
    static void all() {
        Op.PLUS.apply();
        //      ^^^^^ call candidates a/Op.java#Op.PLUS.<anonymous>.apply, a/Op.java#Op.apply dispatch
        Op.values();
        // ^^^^^^ call external values
        Op op = MINUS;
        switch (op) { case PLUS: one(); break; default: }
        //                 ^^^^ read resolved a/Op.java#Op.PLUS
        int r = switch (op) { case PLUS -> one(); case MINUS -> { yield one(); } };
        //                                 ^^^ call resolved a/Op.java#Op.one
        //                         ^^^^ read resolved a/Op.java#Op.PLUS
        //                                                              ^^^ call resolved a/Op.java#Op.one
    }
}
"#,
    );
}

#[test]
fn methods_and_variables_of_one_name_are_kept_apart() {
    links(
        r#"
//- a/Box.java
package a;
class Box {
    private Item size;
    Item size() { return size; }
    //                   ^^^^ read resolved a/Box.java#Box.size self_member
    void use() {
        Item size = size();
        //          ^^^^ call resolved a/Box.java#Box.size self_member
        size().go();
        //     ^^ call resolved a/Box.java#Item.go
        size.go();
        //   ^^ call resolved a/Box.java#Item.go
        this.size.go();
        //        ^^ call resolved a/Box.java#Item.go
        Supplier s = Box::size;
        //                ^^^^ read resolved a/Box.java#Box.size type_member
    }
}
class Item { void go() {} }
"#,
    );
}

#[test]
fn shadowed_names_resolve_to_the_innermost() {
    links(
        r#"
//- a/Shadow.java
package a;
class Shadow<Other> {
    Item item;
    void parameter(Local item) { item.local(); }
    //                                ^^^^^ call resolved a/Shadow.java#Local.local
    void field() { item.item(); }
    //                  ^^^^ call resolved a/Shadow.java#Item.item
    void loop(Local[] all) { for (Local item : all) item.local(); item.item(); }
    //                                                   ^^^^^ call resolved a/Shadow.java#Local.local
    //                                                                 ^^^^ call resolved a/Shadow.java#Item.item
    void inferred(Local[] all) { for (var item : all) item.local(); }
    //                                                     ^^^^^ call resolved a/Shadow.java#Local.local
    void caught() { try { } catch (Failure item) { item.fail(); } }
    //                                                  ^^^^ call resolved a/Shadow.java#Failure.fail
    void resource() { try (Local item = new Local()) { item.local(); } finally { item.item(); } }
    //                                                      ^^^^^ call resolved a/Shadow.java#Local.local
    //                                                                                ^^^^ call resolved a/Shadow.java#Item.item
    void pattern(Object o) { if (!(o instanceof Local item)) return; item.local(); }
    //                                                                    ^^^^^ call resolved a/Shadow.java#Local.local
    void cases(Object o) { switch (o) { case Local item -> item.local(); default -> item.item(); } }
    //                                                          ^^^^^ call resolved a/Shadow.java#Local.local
    //                                                                                   ^^^^ call resolved a/Shadow.java#Item.item
    void lambda() { Consumer<Local> c = (Local item) -> item.local(); Runnable r = () -> item.item(); }
    //                                                       ^^^^^ call resolved a/Shadow.java#Local.local
    //                                                                                        ^^^^ call resolved a/Shadow.java#Item.item
    void typeParameter(Other other) { other.other(); }
    //                                      ^^^^^ call unknown receiver_type
    <T extends Local> void bound(T value) { value.local(); }
    //                                            ^^^^^ call resolved a/Shadow.java#Local.local
    void localClass() { class Item { void mine() {} } new Item().mine(); }
    //                                                           ^^^^ call resolved a/Shadow.java#Shadow.localClass.Item.mine
    void cast(Object o) { ((Local) o).local(); (true ? item : item).item(); }
    //                                ^^^^^ call resolved a/Shadow.java#Local.local
    //                                                              ^^^^ call resolved a/Shadow.java#Item.item
}
class Item { void item() {} }
class Local { void local() {} }
class Failure extends Exception { void fail() {} }
class Other { void other() {} }
"#,
    );
}

#[test]
fn imports_and_packages_lead_to_the_right_file() {
    links(
        r#"
//- src/main/java/com/example/app/Main.java
package com.example.app;

import com.example.util.Text;
//                      ^^^^ import resolved src/main/java/com/example/util/Text.java#Text
import com.example.util.Outer.Inner;
//                      ^^^^^ import resolved src/main/java/com/example/util/Outer.java#Outer
//                            ^^^^^ import resolved src/main/java/com/example/util/Outer.java#Outer.Inner
import com.example.deep.*;
import com.example.util.Helpers.*;
import static com.example.util.Text.trim;
//                                  ^^^^ import resolved src/main/java/com/example/util/Text.java#Text.trim
import static com.example.util.Constants.*;
import static java.lang.String.*;
import com.google.common.Lists;
//                       ^^^^^ import external com.google.common.Lists
import java.util.List;

class Main extends com.example.util.Base {
//                                  ^^^^ inherit resolved src/main/java/com/example/util/Base.java#Base
    void run() {
        Text.join();
        //   ^^^^ call resolved src/main/java/com/example/util/Text.java#Text.join
        new Inner().go();
        //          ^^ call resolved src/main/java/com/example/util/Outer.java#Outer.Inner.go
        Deep.dive();
        //   ^^^^ call resolved src/main/java/com/example/deep/Deep.java#Deep.dive
        trim();
//      ^^^^ call resolved src/main/java/com/example/util/Text.java#Text.trim import
        compute();
//      ^^^^^^^ call resolved src/main/java/com/example/util/Constants.java#Constants.compute glob_import
        format("", 1);
//      ^^^^^^ call unknown not_in_scope
        Nested.inside();
        //     ^^^^^^ call resolved src/main/java/com/example/util/Helpers.java#Helpers.Nested.inside
        Clash.mine();
        //    ^^^^ call resolved src/main/java/com/example/app/Sibling.java#Clash.mine
        Sibling.help();
        //      ^^^^ call resolved src/main/java/com/example/app/Sibling.java#Sibling.help
        com.example.util.Text.join();
        //                    ^^^^ call resolved src/main/java/com/example/util/Text.java#Text.join
        Lists.newArrayList();
        //    ^^^^^^^^^^^^ call external com.google.common.Lists.newArrayList
        List.of();
        //   ^^ call external java.util.List.of
        java.util.Objects.hash();
        //                ^^^^ call external java.util.Objects.hash
        org.slf4j.LoggerFactory.getLogger();
        //                      ^^^^^^^^^ call external org.slf4j.LoggerFactory.getLogger
        Math.abs(1);
        //   ^^^ call external java.lang.Math.abs
        shared();
//      ^^^^^^ call resolved src/main/java/com/example/util/Base.java#Base.shared inherited
    }
}
//- src/main/java/com/example/app/Sibling.java
package com.example.app;
class Sibling { static void help() {} }
class Clash { static void mine() {} }
//- src/main/java/com/example/util/Text.java
package com.example.util;
public class Text { public static void join() {} public static void trim() {} }
//- src/main/java/com/example/util/Outer.java
package com.example.util;
public class Outer { public static class Inner { public void go() {} } }
//- src/main/java/com/example/util/Helpers.java
package com.example.util;
public class Helpers { public static void format(String text, int value) {} public static class Nested { public static void inside() {} } }
//- src/main/java/com/example/util/Base.java
package com.example.util;
public class Base { protected void shared() {} }
//- src/main/java/com/example/util/Constants.java
package com.example.util;
public class Constants { public static void compute() {} }
//- src/main/java/com/example/deep/Deep.java
package com.example.deep;
public class Deep { public static void dive() {} }
public class Clash { public static void mine() {} }
//- src/main/java/com/other/Text.java
package com.other;
public class Text { public static void join() {} }
"#,
    );
}

#[test]
fn calls_that_leave_the_tree_are_never_linked_into_it() {
    links(
        r#"
//- a/Stream.java
package a;

import java.io.InputStream;

class Stream extends InputStream {
    static void copy() {}
    public int read() { close(); return 0; }
    //                  ^^^^^ call external java.io.InputStream.close
    void nested(InputStream in, String text) throws Exception {
        in.read();
        // ^^^^ call external java.io.InputStream.read
        text.strip().length();
        //   ^^^^^ call external java.lang.String.strip
        "".length();
        // ^^^^^^ call external java.lang.String.length
        Tool.copy();
        //   ^^^^ call resolved a/Tool.java#Tool.copy
        super.close();
        //    ^^^^^ call external java.io.InputStream.close
        new Thread() { public void run() { Stream.copy(); toString(); } };
        //  ^^^^^^ call external java.lang.Thread
        //                                        ^^^^ call resolved a/Stream.java#Stream.copy
        //                                                ^^^^^^^^ call external java.lang.toString
    }
    public String toString() { return super.toString(); }
    //                                      ^^^^^^^^ call external java.io.InputStream.toString
}
//- a/Tool.java
package a;
class Tool {
    static void copy() {}
    int read() { return 1; }
    public boolean equals(Object other) { return super.equals(other) && hashCode() == other.hashCode(); }
    //                                                 ^^^^^^ call external java.lang.Object.equals
    //                                                                  ^^^^^^^^ call external java.lang.hashCode
}
//- a/strip.py
def strip(): pass
"#,
    );
}

#[test]
fn overrides_are_reached_with_the_same_number_of_arguments() {
    links(
        r#"
//- a/Filters.java
package a;
interface Filter { boolean accept(String name); boolean accept(String name, int depth); }
class Names implements Filter {
    public boolean accept(String name) { return accept(name, 0); }
    //                                          ^^^^^^ call resolved a/Filters.java#Names.accept overload
    public boolean accept(String name, int depth) { return true; }
}
class User {
    boolean use(Filter filter) { return filter.accept(""); }
    //                                         ^^^^^^ call candidates a/Filters.java#Filter.accept, a/Filters.java#Names.accept dispatch
    static void many(String... all) {}
    static void few(String one) { many(); many(one, one); }
    //                            ^^^^ call resolved a/Filters.java#User.many
    //                                    ^^^^ call resolved a/Filters.java#User.many
}
"#,
    );
}
