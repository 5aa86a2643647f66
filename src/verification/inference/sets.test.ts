import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readSet, setFolder, setNames, type TruthSet } from "../../../test/support/truth-sets.ts";
import { inferByAuto } from "./auto.ts";
import { inferByPlainDawidSkene } from "./dawid-skene.ts";
import type { Inferred } from "./inferred.ts";
import { inferByMajority } from "./majority.ts";
import { scoreLabels } from "./metrics.ts";

/** In percent, as published for these sets or measured with crowd-kit on the same files. */
const known: Readonly<Record<string, { readonly majority: number; readonly dawidSkene: number }>> = {
  D_Product: { majority: 89.7, dawidSkene: 94.0 },
  D_PosSent: { majority: 93.2, dawidSkene: 96.0 },
  S_Rel: { majority: 53.6, dawidSkene: 61.4 },
  trec: { majority: 66.1, dawidSkene: 70.2 },
  rte: { majority: 91.9, dawidSkene: 92.8 },
  bluebird: { majority: 75.9, dawidSkene: 88.9 },
  dog: { majority: 81.8, dawidSkene: 84.3 },
  web: { majority: 77.7, dawidSkene: 82.9 },
  MS: { majority: 71.0, dawidSkene: 76.9 },
  SP: { majority: 89.0, dawidSkene: 91.5 },
  SP_amt: { majority: 94.4, dawidSkene: 94.4 },
  labelme: { majority: 76.9, dawidSkene: 79.2 },
};

const percent = ({ answers, truth }: TruthSet, inferred: Inferred): number =>
  100 * (scoreLabels(inferred, truth, answers.classes)?.accuracy ?? 0);

const folders = setNames.map((name) => [name, setFolder(name)] as const);
const areAllHere = folders.every(([, folder]) => folder !== null);

const accuracyOfAuto = new Map<string, number>();

describe.each(folders)("on %s", (name, folder) => {
  it.skipIf(folder === null)(
    "majority and Dawid-Skene have the known accuracy, and auto is not far below",
    () => {
      const set = readSet(folder as string);
      const majority = percent(set, inferByMajority(set.answers));
      expect(Math.abs(majority - (known[name]?.majority ?? 0))).toBeLessThan(0.15);
      // On 108 tasks, one is nearly a percent.
      const plain = percent(set, inferByPlainDawidSkene(set.answers));
      expect(Math.abs(plain - (known[name]?.dawidSkene ?? 0))).toBeLessThan(1);
      const auto = percent(set, inferByAuto(set.answers));
      expect(auto).toBeGreaterThan(majority - 1);
      accuracyOfAuto.set(name, auto);
    },
    180_000,
  );
});

describe("auto", () => {
  it.skipIf(!areAllHere)("is right 85.3% of the time, in the mean of all sets with one configuration", () => {
    expect(accuracyOfAuto.size).toBe(setNames.length);
    const mean = [...accuracyOfAuto.values()].reduce((sum, each) => sum + each, 0) / setNames.length;
    expect(mean).toBeGreaterThanOrEqual(85.3);
  });

  it("has the same bits on every machine", () => {
    const { answers } = readSet(setFolder("rte") as string);
    const { labels, confidence } = inferByAuto(answers);
    const hash = createHash("sha256");
    hash.update(new Uint8Array(labels.buffer)).update(new Uint8Array(confidence.buffer));
    expect(hash.digest("hex")).toBe("ec5d2f44140016dba13ba043a0cf4b921b99fbd55b9f8adadd6e47859b49942f");
  });
});
