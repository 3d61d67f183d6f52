//! What members of the standard library give, and what they hand to the functions they are given.

#[rustfmt::skip]
pub(super) const ROWS: &[&str] = &[
    // Arrays
    "List|Array|ReadonlyArray<T>: filter(fn(T)) => [T]",
    "List|Array|ReadonlyArray<T>: sort|toSorted(fn(T, T)) => [T]",
    "List|Array|ReadonlyArray<T>: slice|reverse|splice|concat|fill|copyWithin|toReversed|toSpliced|with => [T]",
    "List|Array|ReadonlyArray<T>: map(fn(T) -> R) => [R]",
    "List|Array|ReadonlyArray<T>: flatMap(fn(T) -> [R]) => [R]",
    "List|Array|ReadonlyArray<T>: find|findLast(fn(T)) => T",
    "List|Array|ReadonlyArray<T>: pop|shift|at => T",
    "List|Array|ReadonlyArray<T>: forEach|some|every|findIndex|findLastIndex(fn(T)) => _",
    "List|Array|ReadonlyArray<T>: reduce|reduceRight(fn(R, T), R) => R",
    "List|Array|ReadonlyArray<T>: values|for => Iterator<T>",
    "List|Array|ReadonlyArray<T>: entries => Iterator<(number, T)>",
    "Array: from(Self<T>) => [T]",
    "Array: from([T]) => [T]",
    "Array: of(T) => [T]",
    // Sets and maps
    "Set|ReadonlySet<T>: forEach(fn(T)) => _",
    "Set|ReadonlySet<T>: values|keys|for => Iterator<T>",
    "Set|WeakSet<T>: add => Self",
    "Map|ReadonlyMap|WeakMap<K, V>: get => V",
    "Map|ReadonlyMap<K, V>: forEach(fn(V, K)) => _",
    "Map|WeakMap<K, V>: set => Self",
    "Map|ReadonlyMap<K, V>: keys => Iterator<K>",
    "Map|ReadonlyMap<K, V>: values => Iterator<V>",
    "Map|ReadonlyMap<K, V>: entries|for => Iterator<(K, V)>",
    "WeakRef<T>: deref => T",
    "Iterator|IterableIterator|Iterable|MapIterator|SetIterator|ArrayIterator|Generator<T>: for => Iterator<T>",
    "Iterator|IterableIterator|MapIterator|SetIterator|ArrayIterator<T>: forEach(fn(T)) => _",
    // Promises
    "Promise|PromiseLike<Promise<T>>: then(fn(T) -> R) => Promise<R>",
    "Promise|PromiseLike<T>: then(fn(T) -> R) => Promise<R>",
    "Promise|PromiseLike<T>: catch(fn(_)) => Self",
    "Promise|PromiseLike<T>: finally(fn()) => Self",
    "Promise: resolve(T) => Promise<T>",
    "Promise: all([T]) => Promise<[T]>",
    "Promise: race|any([T]) => Promise<T>",
    // Functions and objects
    "Object: freeze|seal|assign|preventExtensions(T) => T",
];
