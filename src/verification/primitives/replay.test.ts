import { describe, expect, it } from "vitest";
import { contextOf, evidenceOf, executionOf, hashOf, shortOf } from "../algebra/testing.ts";
import type { Execution, Run } from "./evidence.ts";
import { type ReplayParameters, replay } from "./replay.ts";

const output: ReplayParameters = {
  name: "proof",
  expect: "output",
  runsMin: 3,
  fuelMax: 1_000,
  memoryBytesMax: 65_536,
  outputBytesMax: 100,
  faultsMax: 3,
};
const claim: Run = { inputHash: hashOf(1), outputHash: hashOf(2) };
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

const replayed = (
  executions: readonly Execution[],
  parameters: Partial<ReplayParameters> = {},
  run: Run = claim,
): string =>
  shortOf(
    replay(
      { ...output, ...parameters },
      evidenceOf({ runs: { proof: run } }),
      contextOf({ executions: { proof: executions } }),
    ),
  );

describe("replay", () => {
  it("waits for as many executions as it was told, then compares", () => {
    expect(replayed(times(2, executionOf()))).toBe("waiting WAITING");
    expect(replayed(times(3, executionOf()))).toBe("passed");
    expect(replayed(times(3, executionOf({ outputHash: hashOf(3) })))).toBe("failed OUTPUT_DIFFERS");
  });

  it("needs a claim", () => {
    const nothing = replay(output, evidenceOf(), contextOf({ executions: { proof: times(3, executionOf()) } }));
    expect(shortOf(nothing)).toBe("failed EVIDENCE_MISSING");
    expect(replayed([], {}, { ...claim, outputHash: null })).toBe("failed EVIDENCE_MISSING");
  });

  it("does not take executions of another input for an answer to the claim", () => {
    expect(replayed(times(3, executionOf({ inputHash: hashOf(9) })))).toBe("waiting WAITING");
  });

  it.each<[Partial<Execution>, string]>([
    [{ outcome: "fuelUsedUp", fuel: 1_000 }, "failed FUEL_USED_UP"],
    [{ fuel: 1_001 }, "failed FUEL_USED_UP"],
    [{ fuel: 1_000 }, "passed"],
    [{ outcome: "memoryUsedUp" }, "failed MEMORY_USED_UP"],
    [{ outputBytes: 101 }, "failed OUTPUT_TOO_LARGE"],
    [{ outputBytes: 100 }, "passed"],
    [{ outcome: "trapped" }, "failed TRAPPED"],
  ])("finds %o to be %s", (execution, expected) => {
    expect(replayed(times(3, executionOf(execution)))).toBe(expected);
  });

  it("rejects used-up fuel at the first execution, whatever else failed", () => {
    expect(replayed([executionOf({ outcome: "fault" }), executionOf({ outcome: "fuelUsedUp" })])).toBe(
      "failed FUEL_USED_UP",
    );
  });

  it("rejects what is not the same each time", () => {
    expect(replayed([executionOf(), executionOf({ outputHash: hashOf(5) })])).toBe("failed NOT_DETERMINISTIC");
    expect(replayed([executionOf(), executionOf({ fuel: 101 })])).toBe("failed NOT_DETERMINISTIC");
  });

  it("never rejects for a fault of ours: it is tried again, and then void", () => {
    const fault = executionOf({ outcome: "fault" });
    expect(
      replay(output, evidenceOf({ runs: { proof: claim } }), contextOf({ executions: { proof: [fault] } })).needs,
    ).toEqual([{ for: "retry", untilMs: null }]);
    expect(replayed(times(2, fault))).toBe("waiting WAITING");
    expect(replayed(times(3, fault))).toBe("fault FAULT");
    expect(replayed([...times(3, fault), ...times(3, executionOf())])).toBe("passed");
  });

  it("wants the oracle to fire on the proof and to be silent on controls", () => {
    const fired = (hasFired: boolean | null) => times(3, executionOf({ outcome: "trapped", hasFired }));
    expect(replayed(fired(true), { expect: "fires" })).toBe("passed");
    expect(replayed(fired(false), { expect: "fires" })).toBe("failed NOT_REPRODUCED");
    expect(replayed(fired(false), { expect: "silent" })).toBe("passed");
    expect(replayed(fired(true), { expect: "silent" })).toBe("failed FIRES_ON_CONTROLS");
  });

  it("takes no run without its oracle for a silent one", () => {
    const mute = times(3, executionOf({ hasFired: null }));
    expect(replayed(mute, { expect: "silent" })).toBe("waiting WAITING");
    expect(replayed(mute, { expect: "fires" })).toBe("waiting WAITING");
  });
});
