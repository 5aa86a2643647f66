/** A keyed part of a lane's state. `edit` gives a record that may be changed; `get` one that must not be. */
export interface Table<V, Key = number> {
  get(key: Key): V | undefined;
  edit(key: Key): V | undefined;
  set(key: Key, value: V): void;
  delete(key: Key): void;
  /** Keys in order of insertion. */
  keys(): Iterable<Key>;
  readonly size: number;
}

export class MapTable<V, Key = number> implements Table<V, Key> {
  readonly map: Map<Key, V>;
  constructor(map: Map<Key, V> = new Map()) {
    this.map = map;
  }
  get(key: Key): V | undefined {
    return this.map.get(key);
  }
  edit(key: Key): V | undefined {
    return this.map.get(key);
  }
  set(key: Key, value: V): void {
    this.map.set(key, value);
  }
  delete(key: Key): void {
    this.map.delete(key);
  }
  keys(): Iterable<Key> {
    return this.map.keys();
  }
  get size(): number {
    return this.map.size;
  }
}

/** Stands in a draft for a record that it deleted. */
const gone = Symbol("gone");

const none: ReadonlyMap<never, never> = new Map<never, never>();

/**
 * The base's keys as far as somebody looked. Tasks are taken and done from the front, so that a batch deletes there what
 * each of its commands would have to pass over again.
 */
interface Front<Key> {
  readonly keys: Key[];
  /** So many at the front were deleted. */
  passed: number;
  readonly rest: Iterator<Key>;
}

function keyAt<Key>(front: Front<Key>, i: number): Key | undefined {
  while (front.keys.length <= i) {
    const next = front.rest.next();
    if (next.done === true) return undefined;
    front.keys.push(next.value);
  }
  return front.keys[i];
}

/**
 * Changes over a base that stays as it is until `commit`: what a batch decided before the database has it. A batch opens
 * one for each of its commands, most of which change few tables: nothing is made before it is needed.
 */
export class DraftTable<V, Key = number> implements Table<V, Key> {
  readonly #base: Table<V, Key>;
  readonly #clone: (value: V) => V;
  #changed: Map<Key, V | typeof gone> | null = null;
  #removed: Map<Key, V> | null = null;
  #front: Front<Key> | null = null;
  #size: number;

  constructor(base: Table<V, Key>, clone: (value: V) => V) {
    this.#base = base;
    this.#clone = clone;
    this.#size = base.size;
  }

  get(key: Key): V | undefined {
    const value = this.#changed?.get(key);
    if (value === undefined) return this.#base.get(key);
    return value === gone ? undefined : value;
  }

  edit(key: Key): V | undefined {
    const changed = this.#changed?.get(key);
    if (changed !== undefined) return changed === gone ? undefined : changed;
    const value = this.#base.get(key);
    if (value === undefined) return undefined;
    const copy = this.#clone(value);
    this.#change(key, copy);
    return copy;
  }

  set(key: Key, value: V): void {
    if (this.get(key) === undefined) this.#size++;
    this.#change(key, value);
  }

  delete(key: Key): void {
    const last = this.get(key);
    if (last === undefined) return;
    this.#size--;
    this.#removed ??= new Map();
    this.#removed.set(key, last);
    this.#change(key, gone);
  }

  #change(key: Key, value: V | typeof gone): void {
    this.#changed ??= new Map();
    if (value !== gone && this.#changed.get(key) === gone) this.#front = null;
    this.#changed.set(key, value);
  }

  *keys(): Iterable<Key> {
    for (const key of this.#removed === null ? this.#base.keys() : this.#fromFront())
      if (this.#changed?.get(key) !== gone) yield key;
    for (const [key, value] of this.#changed ?? []) {
      if (value !== gone && this.#base.get(key) === undefined) yield key;
    }
  }

  *#fromFront(): Iterable<Key> {
    this.#front ??= { keys: [], passed: 0, rest: this.#base.keys()[Symbol.iterator]() };
    const front = this.#front;
    while (this.#changed?.get(keyAt(front, front.passed) as Key) === gone) front.passed++;
    for (let i = front.passed; ; i++) {
      const key = keyAt(front, i);
      if (key === undefined) return;
      yield key;
    }
  }

  get size(): number {
    return this.#size;
  }

  changedKeys(): Iterable<Key> {
    return (this.#changed ?? none).keys();
  }

  /** The last values of records that this draft deleted: what their owner may still want to write down. */
  get removed(): ReadonlyMap<Key, V> {
    return this.#removed ?? none;
  }

  commit(): void {
    if (this.#changed === null) return;
    for (const [key, value] of this.#changed) {
      if (value === gone) {
        const last = this.#removed?.get(key);
        if (last !== undefined) this.#base.set(key, last);
        this.#base.delete(key);
      } else this.#base.set(key, value);
    }
  }
}
