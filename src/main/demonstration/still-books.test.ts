import { describe, expect, it } from "vitest";
import { whileStill } from "./still-books.ts";

/** Books in which somebody earns with each of so many readings. */
function books(readingsAmong: number) {
  let earned = 10;
  let settled = 0;
  const seen: string[] = [];
  const totals = () => Promise.resolve({ earned: `${earned}`, settled: `${settled}` });
  return {
    seen,
    settle: () => {
      settled = earned;
      return Promise.resolve();
    },
    look: totals,
    read: () => {
      seen.push(`${earned} of which ${settled}`);
      if (seen.length <= readingsAmong) earned++;
      return Promise.resolve(seen.length);
    },
  };
}

describe("reading while the books stand still", () => {
  it("reads once where nobody earns meanwhile", async () => {
    const { seen, settle, look, read } = books(0);
    expect(await whileStill(settle, look, read)).toEqual({ totals: { earned: "10", settled: "10" }, found: 1 });
    expect(seen).toEqual(["10 of which 10"]);
  });

  it("settles and reads again where somebody did", async () => {
    const { seen, settle, look, read } = books(2);
    expect(await whileStill(settle, look, read)).toEqual({ totals: { earned: "12", settled: "12" }, found: 3 });
    expect(seen).toEqual(["10 of which 10", "11 of which 11", "12 of which 12"]);
  });

  it("ends with what it has where they never do", async () => {
    const { settle, look, read } = books(100);
    expect(await whileStill(settle, look, read)).toEqual({ totals: { earned: "15", settled: "14" }, found: 5 });
  });
});
