import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Answers, createAnswers } from "../../verification/inference/answers.ts";
import { inferByDawidSkene } from "../../verification/inference/dawid-skene.ts";
import { Threads, usualThreads } from "./threads.ts";

/** Threads run what Node can run: the compiled program, which `npm test` builds first. */
const program = new URL("../../../dist/cli/infer/expectation-thread.js", import.meta.url);

function crowdOf(classes: number): Answers {
  const length = 300_000;
  const at = (place: (i: number) => number): Int32Array => Int32Array.from({ length }, (_, i) => place(i));
  return createAnswers({
    tasks: length / 5,
    contributors: 100,
    classes,
    task: at((i) => i % (length / 5)),
    contributor: at((i) => (i * 7_919) % 100),
    label: at((i) => (i % 3 === 0 ? (i * 31) % classes : (i % (length / 5)) % classes)),
  });
}

/** The labels and probabilities, to be compared at once: they are long. */
const infer = async (answers: Answers, threads: number, url = program): Promise<string> => {
  const runner = new Threads(threads, url);
  const controls = Int32Array.from({ length: answers.tasks }, (_, t) => (t % 100 === 0 ? 0 : -1));
  try {
    // Twice, so that threads which start slowly take part.
    inferByDawidSkene(answers, { controls, runner });
    const { labels, confidence } = inferByDawidSkene(answers, { controls, runner });
    return createHash("sha256").update(labels).update(confidence).digest("hex");
  } finally {
    await runner.end();
  }
};

describe("threads", () => {
  it.skipIf(!existsSync(program)).each([2, 3])("give the same bits, %d classes", async (classes) => {
    const answers = crowdOf(classes);
    const one = await infer(answers, 1);
    for (const count of [2, 5, 64]) expect(await infer(answers, count)).toBe(one);
  });

  it("do without one that cannot start", async () => {
    const answers = crowdOf(2);
    const nowhere = new URL("./nowhere.js", import.meta.url);
    expect(await infer(answers, 2, nowhere)).toBe(await infer(answers, 1));
  });

  it("are at most two unless somebody says otherwise", () => {
    expect([1, 2]).toContain(usualThreads());
  });
});
