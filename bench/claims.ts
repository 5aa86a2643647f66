import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import type { Address } from "@solana/kit";
import { toBase58 } from "#src/core/bytes";
import { sendCommit } from "#src/rails/solana/escrow/commits";
import type { TestEscrow } from "#src/rails/solana/escrow/fixture";
import { payClaims } from "#src/rails/solana/escrow/paying";
import { type Bare, runBare } from "./claims/bare.ts";
import { type Parts, partsOf } from "./claims/parts.ts";
import { Timeline } from "./claims/timeline.ts";
import { openWorld } from "./claims/world.ts";

const defaultContributors = 50_000;
const each = 10n;

/**
 * New contributors are paid on localnet by one commit: their token accounts are made and their claims sent through the
 * RPC that every client uses, each final and on disk before it counts. Wall time, once; `bare` is the same
 * transactions in the same runtime without RPC, disk and records, `parts` what each step costs when it is done alone.
 */
export async function benchClaims(args: readonly string[]): Promise<object> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      contributors: { type: "string", default: String(defaultContributors) },
      "one-thread": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const say = values.json ? console.error : console.log;
  const contributors = Number(values.contributors);
  const world = await openWorld(!values["one-thread"]);
  try {
    const { escrow: test } = world;
    const wallets = await commitFor(test, contributors);
    const { source } = test;
    const timeline = new Timeline(test.client);
    const wishes = wallets.map((wallet, index) => ({ index, wallet }));
    const cpu = process.cpuUsage();
    const started = performance.now();
    const outcome = await payClaims({ ...test.escrow, client: timeline.client }, test.pool.at, {
      source,
      wishes,
      creation: "always",
      version: 1,
    });
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    if (outcome.paid.length !== contributors) throw new Error(`${outcome.paid.length} of ${contributors} were paid`);
    const phases = timeline.phases(started, outcome.transactions, contributors);
    const cpuSeconds = (user + system) / 1e6;
    const parts = await partsOf(test, source, contributors);
    await world.stop();
    const bare = await runBare(world.folder);
    const figures = { contributors, seconds, perSecond: contributors / seconds, cpuSeconds, ...outcomeOf(outcome) };
    tell(say, { ...figures, phases, bare, parts });
    return { ...figures, phases, bare, parts };
  } finally {
    await world.remove();
  }
}

const outcomeOf = ({ transactions }: { readonly transactions: number }) => ({ transactions });

/** Leaves of so many wallets that the chain has never seen, under a committed root. */
async function commitFor(test: TestEscrow, contributors: number): Promise<Address[]> {
  const wallets = Array.from(
    { length: contributors },
    (_, i) => toBase58(createHash("sha256").update(`wallet ${i}`).digest()) as Address,
  );
  const { address } = await test.market("claims", each * BigInt(contributors));
  for (const wallet of wallets) test.pay(wallet, each);
  await test.allocate(address, each * BigInt(contributors));
  await sendCommit(test.escrow, test.pool.at, await test.message());
  return wallets;
}

interface Told {
  readonly contributors: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly cpuSeconds: number;
  readonly transactions: number;
  readonly phases: ReturnType<Timeline["phases"]>;
  readonly bare: Bare;
  readonly parts: Parts;
}

function tell(say: (line: string) => void, told: Told): void {
  const { phases, bare, parts } = told;
  const row = (what: string, seconds: number, more = "") =>
    say(`${what.padEnd(34)}${seconds.toFixed(2).padStart(8)} s  ${more}`);
  const rate = (count: number, seconds: number) => `${Math.round(count / seconds).toLocaleString("en-US")}/s`;
  row(`${told.contributors} new contributors paid`, told.seconds, rate(told.contributors, told.seconds));
  row("  who is due, from the chain", phases.readSeconds);
  row("  token accounts made", phases.creationSeconds, rate(told.contributors, phases.creationSeconds));
  row("  claims", phases.claimSeconds, rate(told.contributors, phases.claimSeconds));
  row("  who was paid, from the chain", phases.checkSeconds);
  row("processor time of it", told.cpuSeconds);
  row("the same in the bare runtime", bare.seconds, rate(told.contributors, bare.seconds));
  say(`times the bare runtime: ${(told.seconds / bare.seconds).toFixed(2)}`);
  const micros = (what: string, value: number) => say(`${what.padEnd(34)}${value.toFixed(0).padStart(8)} µs`);
  say(`alone, a transaction (${told.transactions} in all):`);
  micros("  compile and sign a claim of 32", parts.signMicros);
  micros("  compile and sign 12 creations", parts.signCreationMicros);
  micros("  a request of its own", parts.requestMicros);
  micros("  a call within a batch", parts.batchedCallMicros);
  micros("  execute", bare.executeMicros);
  micros("  execute and read its result", bare.resultMicros);
  micros("  append and sync its record", bare.persistMicros);
  say(`record on disk: ${bare.recordBytes.toFixed(0)} bytes a transaction`);
}
