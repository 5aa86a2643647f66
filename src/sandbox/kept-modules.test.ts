import fc from "fast-check";
import { expect, it } from "vitest";
import { KeptModules } from "./kept-modules.ts";

const megabyte = 1_048_576;

it("sends a module once, and again after it was forgotten for newer ones", () => {
  const kept = new KeptModules();
  const send = (name: string, megabytes: number) => kept.send(name, new Uint8Array(megabytes * megabyte));
  expect(send("a", 8).module).toHaveLength(8 * megabyte);
  expect(send("a", 8)).toMatchObject({ module: null, forget: [] });
  for (const each of ["b", "c", "d"]) expect(send(each, 8).forget).toEqual([]);
  // The one that was used last stays.
  expect(send("a", 8).module).toBeNull();
  expect(send("e", 8).forget).toEqual(["b"]);
  expect(send("b", 8)).toMatchObject({ forget: ["c"] });
  expect(send("f", 33).forget).toEqual(["d", "a", "e", "b"]);
});

it("never says that a thread has what it was told to forget, and bounds what it keeps", () => {
  const sizes = [1, 1, 1, 2, 3, 5, 8, 13, 20].map((size) => new Uint8Array(size * megabyte));
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 100 }), (asked) => {
      const kept = new KeptModules();
      const thread = new Map<string, number>();
      for (const number of asked) {
        const bytes = sizes[number % sizes.length] as Uint8Array;
        const { hash, module, forget } = kept.send(`${number}`, bytes);
        for (const each of forget) expect(thread.delete(each)).toBe(true);
        expect(module === null).toBe(thread.has(hash));
        thread.set(hash, bytes.length);
        expect(thread.size).toBeLessThanOrEqual(16);
        expect([...thread.values()].reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(32 * megabyte);
      }
    }),
    { numRuns: 50 },
  );
});
