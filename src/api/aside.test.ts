import { describe, expect, it } from "vitest";
import { Aside } from "./aside.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("work aside", () => {
  it("is done in the order in which it came, and not at once", async () => {
    const aside = new Aside(() => 0);
    const done: number[] = [];
    for (let i = 0; i < 3; i++) aside.add(() => done.push(i));
    expect(done).toEqual([]);
    await turn();
    expect(done).toEqual([0, 1, 2]);
    aside.add(() => done.push(3));
    await turn();
    expect(done).toEqual([0, 1, 2, 3]);
  });

  it("lets others by after four milliseconds, and goes on in the next turn, also with what it brings itself", async () => {
    let nowMs = 0;
    const aside = new Aside(() => nowMs);
    const done: number[] = [];
    for (let i = 0; i < 10; i++) {
      aside.add(() => {
        done.push(i);
        nowMs++;
        if (i === 9) aside.add(() => done.push(10));
      });
    }
    const counts: number[] = [];
    for (let i = 0; i < 4; i++) {
      await turn();
      counts.push(done.length);
    }
    expect(counts).toEqual([4, 8, 11, 11]);
    expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("is done at once where a thousand wait, so that no flood fills the memory", async () => {
    const aside = new Aside(() => 0);
    const done: number[] = [];
    for (let i = 0; i < 1_002; i++) aside.add(() => done.push(i));
    expect(done).toEqual([1_000, 1_001]);
    await turn();
    expect(done).toHaveLength(1_002);
  });

  it("does one even where that takes longer", async () => {
    let nowMs = 0;
    const aside = new Aside(() => nowMs);
    let done = 0;
    for (let i = 0; i < 2; i++) {
      aside.add(() => {
        done++;
        nowMs += 100;
      });
    }
    await turn();
    expect(done).toBe(1);
    await turn();
    expect(done).toBe(2);
  });
});
