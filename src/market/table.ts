/** A keyed part of a lane's state. `edit` gives a record that may be changed; `get` one that must not be. */
export interface Table<V> {
  get(key: number): V | undefined;
  edit(key: number): V | undefined;
  set(key: number, value: V): void;
  delete(key: number): void;
  /** Keys in order of insertion. */
  keys(): Iterable<number>;
  readonly size: number;
}

export class MapTable<V> implements Table<V> {
  readonly map: Map<number, V>;
  constructor(map: Map<number, V> = new Map()) {
    this.map = map;
  }
  get(key: number): V | undefined {
    return this.map.get(key);
  }
  edit(key: number): V | undefined {
    return this.map.get(key);
  }
  set(key: number, value: V): void {
    this.map.set(key, value);
  }
  delete(key: number): void {
    this.map.delete(key);
  }
  keys(): Iterable<number> {
    return this.map.keys();
  }
  get size(): number {
    return this.map.size;
  }
}

/** Stands in a draft for a record that it deleted. */
const gone = Symbol("gone");

const none: ReadonlyMap<number, never> = new Map<number, never>();

/**
 * Changes over a base that stays as it is until `commit`: what a batch decided before the database has it. A batch opens
 * one for each of its commands, most of which change few tables: nothing is made before it is needed.
 */
export class DraftTable<V> implements Table<V> {
  readonly #base: Table<V>;
  readonly #clone: (value: V) => V;
  #changed: Map<number, V | typeof gone> | null = null;
  #removed: Map<number, V> | null = null;
  #size: number;

  constructor(base: Table<V>, clone: (value: V) => V) {
    this.#base = base;
    this.#clone = clone;
    this.#size = base.size;
  }

  get(key: number): V | undefined {
    const value = this.#changed?.get(key);
    if (value === undefined) return this.#base.get(key);
    return value === gone ? undefined : value;
  }

  edit(key: number): V | undefined {
    const changed = this.#changed?.get(key);
    if (changed !== undefined) return changed === gone ? undefined : changed;
    const value = this.#base.get(key);
    if (value === undefined) return undefined;
    const copy = this.#clone(value);
    this.#change(key, copy);
    return copy;
  }

  set(key: number, value: V): void {
    if (this.get(key) === undefined) this.#size++;
    this.#change(key, value);
  }

  delete(key: number): void {
    const last = this.get(key);
    if (last === undefined) return;
    this.#size--;
    this.#removed ??= new Map();
    this.#removed.set(key, last);
    this.#change(key, gone);
  }

  #change(key: number, value: V | typeof gone): void {
    this.#changed ??= new Map();
    this.#changed.set(key, value);
  }

  *keys(): Iterable<number> {
    for (const key of this.#base.keys()) if (this.get(key) !== undefined) yield key;
    for (const [key, value] of this.#changed ?? []) {
      if (value !== gone && this.#base.get(key) === undefined) yield key;
    }
  }

  get size(): number {
    return this.#size;
  }

  changedKeys(): Iterable<number> {
    return (this.#changed ?? none).keys();
  }

  /** The last values of records that this draft deleted: what their owner may still want to write down. */
  get removed(): ReadonlyMap<number, V> {
    return this.#removed ?? none;
  }

  commit(): void {
    for (const [key, value] of this.#changed ?? []) {
      if (value === gone) {
        const last = this.#removed?.get(key);
        if (last !== undefined) this.#base.set(key, last);
        this.#base.delete(key);
      } else this.#base.set(key, value);
    }
  }
}
