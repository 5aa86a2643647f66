import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { QuickJS } from "quickjs-wasi";
import type { Limits, Program } from "#src/sandbox/execution";
import { JavaScriptEngine, startQuickJs } from "#src/sandbox/guests/javascript";
import { Sandbox } from "#src/sandbox/sandbox";
import type { Code } from "#src/sandbox/wasm/code";
import { guest } from "#src/sandbox/wasm/testing";
import { type Spread, spreadOf } from "./load/median.ts";
import { defineBench, type Say } from "./options.ts";

/**
 * Small executions in the sandbox, each from a fresh world, in as many threads as there are processors; beside it the
 * engine's own interface with a new engine for each, unmetered and in one thread, and what metering costs a long program.
 * Per second and ratios; medians of rounds.
 */
export const benchSandbox = defineBench({}, bench);

async function bench(_options: object, say: Say): Promise<object> {
  const sandbox = new Sandbox();
  const threads = availableParallelism();
  const rates = {
    executionsPerSecond: await rateOf(running(sandbox, { language: "javascript", source }), 2 * threads),
    moduleExecutionsPerSecond: await rateOf(running(sandbox, { language: "webassembly", module }), 2 * threads),
    unmeteredFreshPerSecond: await rateOf(runUnmetered, 1),
  };
  const large = await largeModule(sandbox);
  await sandbox.close();
  const meteredToPlain = await ratioOfLong();
  for (const [name, { median, least, most }] of Object.entries(rates)) {
    say(`${name.padEnd(28)} ${median.toFixed(0).padStart(8)}   (${least.toFixed(0)} to ${most.toFixed(0)})`);
  }
  say(
    `a module of ${large.largeModuleBytes} bytes: ${large.largeModuleFirstMs} ms at first, ${large.largeModuleAgainMs} ms from then on`,
  );
  say(`a long program takes ${meteredToPlain.toFixed(2)} times as long as without metering`);
  const figures = Object.entries(rates).map(([name, { median }]) => [name, Math.round(median)] as const);
  return { ...Object.fromEntries(figures), ...large, meteredToPlain, threads, rounds, roundMs };
}

/** Small executions a second, as attestors repeat those of a log: in as many threads as there are processors. */
export async function executionsPerSecond(): Promise<number> {
  const sandbox = new Sandbox();
  const { median } = await rateOf(running(sandbox, { language: "javascript", source }), 2 * availableParallelism());
  await sandbox.close();
  return Math.round(median);
}

const running = (sandbox: Sandbox, program: Program) => async (): Promise<void> => {
  const ending = await sandbox.execute(program, input, limits);
  if (ending.outcome !== "finished") throw new Error(`it ended otherwise: ${ending.outcome}`);
};

const rounds = 5;
const roundMs = 1_000;
const limits: Limits = { fuelMax: 5_000_000_000, memoryBytesMax: 16 * 1_048_576, outputBytesMax: 10_000 };
const input = new Uint8Array(100).map((_, i) => i);
const source =
  "const main = (input) => { let h = 0; for (const b of input) h = (Math.imul(h, 31) + b) | 0; return String(h) }";
const long =
  "(() => { const kept = []; let s = 0; for (let i = 0; i < 3e5; i++) { s += i % 7; if (i % 9 === 0) kept.push({ s }) } return kept.length })()";
/** Gives its input back. */
const module = guest((write) => write.localGet(0).op(0xad).i64(32).op(0x86).localGet(1).op(0xad, 0x84));
const engineBytes = readFileSync(createRequire(import.meta.url).resolve("quickjs-wasi/quickjs.wasm"));

async function rateOf(run: () => Promise<void>, atOnce: number): Promise<Spread> {
  for (let i = 0; i < 10; i++) await Promise.all(Array.from({ length: atOnce }, run));
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    let count = 0;
    const keepOn = async (): Promise<void> => {
      while (performance.now() - start < roundMs) {
        await run();
        count++;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, keepOn));
    found.push((count * 1_000) / (performance.now() - start));
  }
  return spreadOf(found);
}

/** As large as a market takes them, of functions that nobody calls: read, metered and compiled once a thread. */
async function largeModule(sandbox: Sandbox) {
  const add = (write: Code): Code => write.i32(1).i32(2).op(0x6a, 0x1a);
  const body = (write: Code): Code => Array.from({ length: 800 }, () => add).reduce((code, each) => each(code), write);
  const bytes = guest((write) => write.i64(0), { functions: Array.from({ length: 1_230 }, () => ({ body })) });
  const run = async (): Promise<number> => {
    const start = performance.now();
    const ending = await sandbox.execute({ language: "webassembly", module: bytes, hash: "large" }, input, limits);
    if (ending.outcome !== "finished") throw new Error(`it ended otherwise: ${ending.outcome}`);
    return performance.now() - start;
  };
  const first = await run();
  const again: number[] = [];
  // One after the other, they go to the same thread.
  for (let round = 0; round < rounds; round++) again.push(await run());
  return {
    largeModuleBytes: bytes.length,
    largeModuleFirstMs: Math.round(first),
    largeModuleAgainMs: Math.round(spreadOf(again).median * 100) / 100,
  };
}

let compiled: Promise<WebAssembly.Module> | null = null;

async function runUnmetered(): Promise<void> {
  compiled ??= Promise.resolve(new WebAssembly.Module(engineBytes));
  const engine = await QuickJS.create({ wasm: await compiled });
  engine.evalCode(source).dispose();
  const main = engine.evalCode("main");
  const bytes = engine.newUint8Array(input);
  engine.callFunction(main, engine.undefined, bytes).toString();
  engine.dispose();
}

/** Pairs of runs, so that a machine that is busy is so for both. */
async function ratioOfLong(): Promise<number> {
  const metered = new JavaScriptEngine(startQuickJs());
  const plain = await QuickJS.create({ wasm: engineBytes });
  const ratios: number[] = [];
  for (let round = 0; round < rounds + 2; round++) {
    const first = timed(() => plain.evalCode(long).dispose());
    const second = timed(() => metered.execute(`const main = () => ${long}`, input, limits));
    if (round >= 2) ratios.push(second / first);
  }
  return spreadOf(ratios).median;
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
