import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DraftTable, MapTable, type Table } from "./table.ts";

type Act = { readonly what: "set" | "delete" | "first"; readonly key: number } | { readonly what: "commit" };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ what: fc.constantFrom("set" as const, "delete" as const, "first" as const), key: fc.nat(12) }),
  fc.constant({ what: "commit" as const }),
);

const over = (base: Table<number>): DraftTable<number> => new DraftTable<number>(base, (value) => value);

const first = (table: Table<number>): number | undefined => {
  for (const key of table.keys()) return key;
  return undefined;
};

/** What a draft has to say, written plainly: what its base had comes first, then what is new, each in order of insertion. */
class Plain {
  readonly #base: readonly number[];
  readonly #now: Map<number, number>;
  readonly #changed = new Set<number>();
  constructor(base: ReadonlyMap<number, number>) {
    this.#base = [...base.keys()];
    this.#now = new Map(base);
  }
  set(key: number, value: number): void {
    this.#now.set(key, value);
    this.#changed.add(key);
  }
  delete(key: number): void {
    if (this.#now.delete(key)) this.#changed.add(key);
  }
  keys(): number[] {
    const fresh = [...this.#changed].filter((key) => !this.#base.includes(key));
    return [...this.#base, ...fresh].filter((key) => this.#now.has(key));
  }
  get now(): ReadonlyMap<number, number> {
    return this.#now;
  }
}

describe("a draft of a table", () => {
  it("gives keys in the order of its base, then its own, whatever was deleted and came again", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(12)), fc.array(act, { maxLength: 60 }), (keys, acts) => {
        const base = new Map(keys.map((key) => [key, key]));
        const batch = over(new MapTable(base));
        const plain = new Plain(base);
        let command = over(batch);
        for (const [i, each] of acts.entries()) {
          if (each.what === "commit") {
            command.commit();
            command = over(batch);
            expect([...batch.keys()]).toEqual(plain.keys());
          } else if (each.what === "first") {
            expect(first(batch)).toBe([...batch.keys()][0]);
          } else {
            if (each.what === "set") command.set(each.key, i);
            else command.delete(each.key);
            // A command's own draft ends with it, as it does in a batch.
            command.commit();
            command = over(batch);
            if (each.what === "set") plain.set(each.key, i);
            else plain.delete(each.key);
          }
          expect([...command.keys()]).toEqual(plain.keys());
          expect(command.size).toBe(plain.now.size);
        }
        batch.commit();
        expect(base).toEqual(plain.now);
      }),
    );
  });

  it("goes on to the end when what it stands at is deleted", () => {
    const draft = over(new MapTable(new Map([1, 2, 3, 4].map((key) => [key, key]))));
    draft.delete(1);
    const seen: number[] = [];
    for (const key of draft.keys()) {
      seen.push(key);
      draft.delete(key);
    }
    expect(seen).toEqual([2, 3, 4]);
    expect([...draft.keys()]).toEqual([]);
  });

  it("passes over what was deleted at the front once, however often somebody looks", () => {
    const map = new Map(Array.from({ length: 2000 }, (_, key) => [key, key]));
    let walked = 0;
    class Counted extends MapTable<number> {
      override *keys(): Iterable<number> {
        for (const key of super.keys()) {
          walked++;
          yield key;
        }
      }
    }
    const draft = over(new Counted(map));
    for (let i = 0; i < 2000; i++) {
      expect(first(draft)).toBe(i);
      draft.delete(i);
    }
    expect(walked).toBeLessThan(2 * 2000);
  });
});
