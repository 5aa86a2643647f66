import { beforeAll, describe, expect, it } from "vitest";
import type { TestLane } from "../../test/support/market.ts";
import { people, policyMarket, workThrough } from "../../test/support/policy-market.ts";
import { windowErrors } from "./window-errors.ts";

const all = new Set([1, 2, 3, 4, 5, 6]);
let lane: TestLane;

beforeAll(() => {
  lane = policyMarket();
  workThrough(lane, people(0, 0, 1, 1, 3, "yes"));
});

const cellOf = (contributor: number, truth: number, label: number) =>
  windowErrors(lane.state, all)
    ?.get(contributor)
    ?.find((cell) => cell.truth === truth && cell.label === label);

describe("the error matrices of a market's window", () => {
  it("tell who is careful from who says one thing only", () => {
    expect(cellOf(1, 0, 0)?.probability).toBeGreaterThan(0.9);
    expect(cellOf(1, 1, 1)?.probability).toBeGreaterThan(0.9);
    expect(cellOf(6, 0, 0)?.probability).toBeGreaterThan(0.9);
    expect(cellOf(6, 1, 0)?.probability).toBeGreaterThan(0.8);
    expect(cellOf(6, 1, 1)).toMatchObject({ answers: 0 });
  });

  it("have intervals around their means, narrower where there are more answers", () => {
    for (const cells of windowErrors(lane.state, all)?.values() ?? []) {
      for (const { low, probability, high } of cells) {
        expect(low).toBeLessThanOrEqual(probability);
        expect(high).toBeGreaterThanOrEqual(probability);
      }
    }
    const short = policyMarket();
    workThrough(short, people(0, 0, 1, 1, 3, "yes"), 120);
    const early = windowErrors(short.state, all)
      ?.get(1)
      ?.find(({ truth, label }) => truth === 0 && label === 0);
    const late = cellOf(1, 0, 0);
    expect((early?.high ?? 0) - (early?.low ?? 0)).toBeGreaterThan((late?.high ?? 1) - (late?.low ?? 0));
  });

  it("are of those that are wanted alone, and leave out what was never answered", () => {
    const errors = windowErrors(lane.state, new Set([2, 5, 77]));
    expect(new Set(errors?.keys())).toEqual(new Set([2, 5]));
    for (const cells of errors?.values() ?? []) {
      expect(cells.every(({ answers, truth, label }) => answers > 0 || truth === label)).toBe(true);
    }
    expect(errors?.get(5)).toEqual(windowErrors(lane.state, all)?.get(5));
  });

  it("count the answers of the window", () => {
    const answers = [...(windowErrors(lane.state, all)?.values() ?? [])]
      .flat()
      .reduce((sum, cell) => sum + cell.answers, 0);
    expect(answers).toBe(lane.state.lessons.size);
  });

  it("are not there without a model, or where answers are no few classes", () => {
    expect(windowErrors(policyMarket().state, all)).toBeNull();
    const bare = policyMarket({ controls: false });
    workThrough(bare, people(0, 0, 0, 0), 200);
    expect(windowErrors(bare.state, all)).toBeNull();
    const texts = policyMarket({
      tasks: 5,
      controls: false,
      spec: { terms: { answer: { type: "text", charactersMax: 9, normalise: [], distancePpm: 0 } } },
    });
    expect(windowErrors(texts.state, all)).toBeNull();
  });
});
