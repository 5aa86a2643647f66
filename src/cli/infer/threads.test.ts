import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Answers, createAnswers } from "../../verification/inference/answers.ts";
import { type ChunkRunner, oneThread } from "../../verification/inference/chunks.ts";
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

  /** Takes a chunk and does something else. */
  const thief = (then: string): URL =>
    new URL(
      `data:text/javascript,${encodeURIComponent(`
        import { parentPort } from "node:worker_threads";
        parentPort.on("message", ({ step, signals }) => {
          const chunks = step.moved.length;
          for (let stolen = false; !stolen; ) {
            const now = Atomics.load(signals, 0);
            if (now < 0) return;
            stolen = now % 1024 < chunks && Atomics.compareExchange(signals, 0, now, now + 1) === now;
          }
          ${then}
        });`)}`,
    );

  it.each([
    ["dies", "process.exit();"],
    ["never ends", "for (;;);"],
    ["says that it failed", "Atomics.store(signals, 1, -1024); Atomics.notify(signals, 1);"],
  ])("are not waited for where one has a chunk and %s", async (_, then) => {
    const answers = crowdOf(2);
    const runner = new Threads(2, thief(then), 200);
    const used = new Set<ChunkRunner>();
    const labelsBy = (): string =>
      runner.run((each) => {
        used.add(each);
        const { labels, confidence } = inferByDawidSkene(answers, { runner: each });
        return createHash("sha256").update(labels).update(confidence).digest("hex");
      });
    try {
      const found = new Set<string>();
      for (let i = 0; i < 100 && !used.has(oneThread); i++) found.add(labelsBy());
      const { labels, confidence } = inferByDawidSkene(answers);
      const alone = createHash("sha256").update(labels).update(confidence).digest("hex");
      expect([...found]).toEqual([alone]);
      expect(used).toEqual(new Set([runner, oneThread]));
    } finally {
      await runner.end();
    }
  });

  it("let other faults through", () => {
    const fault = (): never => {
      throw new Error("a fault");
    };
    expect(() => new Threads(2, program).run(fault)).toThrow("a fault");
  });

  it("are at most two unless somebody says otherwise", () => {
    expect([1, 2]).toContain(usualThreads());
  });
});
