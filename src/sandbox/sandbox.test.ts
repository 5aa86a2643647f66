import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import type { Execution, Limits, Program } from "./execution.ts";
import { Sandbox } from "./sandbox.ts";
import { code, noResult } from "./wasm/instructions.ts";
import { guest } from "./wasm/testing.ts";

const threadProgram = new URL("../../dist/sandbox/thread-program.js", import.meta.url);
const limits: Limits = { fuelMax: 200_000_000, memoryBytesMax: 8 * 1_048_576, outputBytesMax: 100_000 };
const javascript = (source: string): Program => ({ language: "javascript", source });
const spinning: Program = {
  language: "webassembly",
  module: guest((write) => write.op(code.loop, noResult, code.br, 0, code.end).i64(0)),
};

const sandbox = new Sandbox({ threads: 2, threadProgram });
afterAll(() => sandbox.close());

const run = (program: Program, rest: Partial<Limits> = {}): Promise<Execution> =>
  sandbox.execute(program, new TextEncoder().encode("abc"), { ...limits, ...rest });

describe("a sandbox", () => {
  it("gives many executions at once the same fuel and output", async () => {
    const program = javascript("const main = (i) => [...i].map((b) => Math.sin(b)).join()");
    const all = await Promise.all(Array.from({ length: 200 }, () => run(program)));
    expect(all[0]).toMatchObject({ outcome: "finished" });
    for (const each of all) expect(each).toEqual(all[0]);
  });

  it("runs modules and scripts side by side, and refuses what is neither", async () => {
    const [one, other, third] = await Promise.all([
      run(javascript("const main = () => 1")),
      run(spinning),
      run({ language: "webassembly", module: Uint8Array.of(1) }),
    ]);
    expect(one).toMatchObject({ outcome: "finished" });
    expect(other).toEqual({ outcome: "fuelUsedUp", fuel: limits.fuelMax });
    expect(third).toEqual({ outcome: "refused", problem: "it is no valid WebAssembly", fuel: 0 });
  });

  it("keeps no more than some modules, and runs them again", async () => {
    const modules = Array.from({ length: 12 }, (_, i) => guest((write) => write.i64(i)));
    for (const round of [1, 2]) {
      const lengths = await Promise.all(modules.map((module) => run({ language: "webassembly", module })));
      expect([round, ...lengths.map((each) => each.outcome === "finished" && each.output.length)]).toEqual([
        round,
        ...modules.keys(),
      ]);
    }
  });

  it.each([
    ["arrays", "eval('['.repeat(1e6))"],
    ["brackets", "eval('('.repeat(1e6))"],
    ["arrows", "eval('a=>'.repeat(1e5) + '1')"],
    ["templates", "eval('`${'.repeat(1e5))"],
    ["classes", "eval('class A extends '.repeat(1e5))"],
    ["texts of JSON", "JSON.parse('['.repeat(1e6))"],
    ["values for JSON", "{ let a = []; for (let i = 0; i < 2e4; i++) a = [a]; return JSON.stringify(a) }"],
  ])("is not brought down by deeply nested %s", async (_, body) => {
    const source = `const main = () => ${body}`;
    const execution = await run(javascript(source), { fuelMax: 10_000_000_000, memoryBytesMax: 32 * 1_048_576 });
    expect(execution).toMatchObject({ trap: { kind: "RangeError", message: "Maximum call stack size exceeded" } });
  });

  it("calls deep recursion of a module the module's, not the host's", async () => {
    const module = guest((write) => write.localGet(0).localGet(1).call(1));
    expect(await run({ language: "webassembly", module })).toMatchObject({ trap: { kind: "stackUsedUp" } });
  });
});

describe("a thread", () => {
  it("that takes too long is killed: a fault, not the program's; the next program runs", async () => {
    const hasty = new Sandbox({ threads: 1, wallMsMax: 300, threadProgram });
    const [killed, other] = await Promise.all([
      hasty.execute(spinning, new Uint8Array(0), { ...limits, fuelMax: Number.MAX_SAFE_INTEGER }),
      hasty.execute({ language: "webassembly", module: guest((write) => write.i64(0)) }, new Uint8Array(0), limits),
    ]);
    expect(killed).toEqual({ outcome: "fault", problem: "it took longer than 300 ms", fuel: 0 });
    expect(["finished", "fault"]).toContain(other.outcome);
    await hasty.close();
  });

  it("that dies is a fault and is replaced", async () => {
    const folder = await mkdtemp(join(tmpdir(), "earnest-sandbox-"));
    const path = join(folder, "thread.mjs");
    await writeFile(
      path,
      `import { parentPort } from "node:worker_threads";
       parentPort.on("message", ({ program }) => {
         if (program.source === "throw") throw new Error("broken");
         if (program.source === "exit") process.exit(3);
         if (program.source === "keep") { const kept = []; for (;;) kept.push(new Array(1e5).fill({})); }
         parentPort.postMessage({ execution: { outcome: "finished", output: new Uint8Array(0), fuel: 1 } });
       });`,
    );
    const broken = new Sandbox({ threads: 1, threadProgram: pathToFileURL(path) });
    const say = (source: string) => broken.execute(javascript(source), new Uint8Array(0), limits);
    expect(await say("throw")).toEqual({ outcome: "fault", problem: "broken", fuel: 0 });
    expect(await say("fine")).toMatchObject({ outcome: "finished" });
    expect(await say("exit")).toMatchObject({ outcome: "fault" });
    expect(await say("keep")).toMatchObject({ outcome: "fault" });
    expect(await say("fine")).toMatchObject({ outcome: "finished" });
    await broken.close();
    await rm(folder, { recursive: true });
  });

  it("is killed where the sandbox is closed; what waits is a fault too", async () => {
    const closing = new Sandbox({ threads: 1, threadProgram });
    const endless = { ...limits, fuelMax: Number.MAX_SAFE_INTEGER };
    const both = [
      closing.execute(spinning, new Uint8Array(0), endless),
      closing.execute(spinning, new Uint8Array(0), endless),
    ];
    await closing.close();
    for (const execution of await Promise.all(both)) {
      expect(execution).toEqual({ outcome: "fault", problem: "the sandbox was closed", fuel: 0 });
    }
    expect(await closing.execute(spinning, new Uint8Array(0), limits)).toMatchObject({ outcome: "fault" });
  });
});
