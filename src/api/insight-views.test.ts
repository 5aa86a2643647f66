import { describe, expect, it } from "vitest";
import { warning } from "../contract/warnings.ts";
import { amount } from "../core/amount.ts";
import type { Warning } from "../engine/insight/insight.ts";
import { warningView } from "./insight-views.ts";
import { moneyOf } from "./values.ts";

const said = { what: "So it is.", next: "Do that." };
const found: readonly Warning[] = [
  { code: "TARGET_OUT_OF_REACH", targetPpm: 999_000, accuracy: 0.875, ...said },
  { code: "TARGET_SELDOM_REACHED", targetPpm: 950_000, reached: 0.25, answersMax: 7, ...said },
  { code: "CONTROLS_MISSING", ...said },
  { code: "CONTRIBUTORS_UNPROVEN", contributors: 4, ...said },
  { code: "ESCROW_SHORT", tasks: 12, needed: amount(2_448_000n), free: amount(100_000n), ...said },
];

describe("a warning on the wire", () => {
  it("has its numbers as context, as the contract has them, beside what they say in English", () => {
    const views = found.map((each) => warningView(moneyOf(6), each));
    expect(views.map((each) => warning.parse(each))).toEqual(views);
    expect(views.map(({ code, what, next }) => ({ code, what, next }))).toEqual(
      found.map(({ code }) => ({ code, ...said })),
    );
    expect(views.map(({ context }) => context)).toEqual([
      { target: 0.999, accuracy: 0.875 },
      { target: 0.95, reached: 0.25, answersMax: 7 },
      {},
      { contributors: 4 },
      { tasks: 12, needed: "2.448", free: "0.1" },
    ]);
  });

  it("is written in the token's own decimals", () => {
    const short = found.find(({ code }) => code === "ESCROW_SHORT") as Warning;
    expect(warningView(moneyOf(9), short).context).toMatchObject({ needed: "0.002448", free: "0.0001" });
  });
});
