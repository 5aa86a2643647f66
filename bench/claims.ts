import { createHash } from "node:crypto";
import type { Address } from "@solana/kit";
import { toBase58 } from "#src/core/bytes";
import { sendCommit } from "#src/rails/solana/escrow/commits";
import type { TestEscrow } from "#src/rails/solana/escrow/fixture";
import { payClaims } from "#src/rails/solana/escrow/paying";
import { type Bare, runBare } from "./claims/bare.ts";
import { type Parts, partsOf } from "./claims/parts.ts";
import { openWorld } from "./claims/world.ts";
import { defineBench, type Say, type ValuesOf } from "./options.ts";

interface Payment {
  /** Wall time, from the chain's state to everybody's payment being final and on disk. */
  readonly seconds: number;
  /** Of this process: client, RPC and runtime. */
  readonly cpuSeconds: number;
  readonly perSecond: number;
  readonly transactions: number;
}

interface Figures {
  readonly contributors: number;
  /** Their token accounts are made and their claims sent. */
  readonly first: Payment;
  /** They have accounts: claims alone. */
  readonly again: Payment;
  /** All of it in the bare runtime: no RPC, no disk, no records. */
  readonly bare: Bare;
  readonly parts: Parts;
  /** Processor time of both payments over that of the bare runtime. */
  readonly timesBare: number;
}

const reward = 10n;

const options = {
  contributors: { type: "count", default: 50_000, about: "contributors" },
  "one-thread": { type: "flag", about: "the chain in the thread of the claims" },
} as const;

/**
 * New contributors are paid on localnet after one commit, and once more after another: through the RPC that every client
 * uses, each payment final and on disk before it counts. Once, after a warm-up; processor time is said beside wall
 * time, as the machine may be busy.
 */
export const benchClaims = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say): Promise<object> {
  const figures = await measure(values.contributors, !values["one-thread"]);
  tell(say, figures);
  return figures;
}

const warmUp = 512;

async function measure(contributors: number, hasOwnThread: boolean): Promise<Figures> {
  const world = await openWorld(hasOwnThread);
  try {
    const { escrow: test } = world;
    const { address: market } = await test.market("claims", 3n * reward * BigInt(contributors + warmUp));
    const wallets = walletsOf(contributors + warmUp);
    for (const wallet of wallets) test.pay(wallet, reward);
    await commit(test, market, reward);
    await pay(test, wallets.slice(0, warmUp), 0);
    const first = await pay(test, wallets.slice(warmUp), warmUp);
    test.payouts.forEach((leaf, i) => {
      test.payouts[i] = { ...leaf, cumulative: (2n * reward) as typeof leaf.cumulative };
    });
    await commit(test, market, 2n * reward);
    const again = await pay(test, wallets.slice(warmUp), warmUp);
    const parts = await partsOf(test, test.source, contributors);
    await world.stop();
    const bare = await runBare(world.folder);
    const timesBare = (first.cpuSeconds + again.cpuSeconds) / bare.cpuSeconds;
    return { contributors, first, again, bare, parts, timesBare };
  } finally {
    await world.remove();
  }
}

/** Wallets that the chain has never seen. */
const walletsOf = (count: number): Address[] =>
  Array.from({ length: count }, (_, i) => toBase58(createHash("sha256").update(`wallet ${i}`).digest()) as Address);

async function commit(test: TestEscrow, market: Address, each: bigint): Promise<void> {
  await test.allocate(market, each * BigInt(test.payouts.length));
  await sendCommit(test.escrow, test.pool.at, await test.message());
}

async function pay(test: TestEscrow, wallets: readonly Address[], firstIndex: number): Promise<Payment> {
  const { escrow, pool, source } = test;
  const wishes = wallets.map((wallet, i) => ({ index: firstIndex + i, wallet }));
  const [cpu, begun] = [process.cpuUsage(), performance.now()];
  const outcome = await payClaims(escrow, pool.at, { source, wishes, creation: "always", version: 1 });
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  if (outcome.paid.length !== wallets.length) throw new Error(`${outcome.paid.length} of ${wallets.length} were paid`);
  const { transactions } = outcome;
  return { seconds, cpuSeconds: (user + system) / 1e6, perSecond: wallets.length / seconds, transactions };
}

function tell(say: Say, { contributors, first, again, bare, parts, timesBare }: Figures): void {
  const row = (what: string, ...cells: readonly (string | number)[]) =>
    say(what.padEnd(38) + cells.map((cell) => String(cell).padStart(14)).join(""));
  const paid = (what: string, { seconds, cpuSeconds, perSecond, transactions }: Payment) =>
    row(what, seconds.toFixed(2), cpuSeconds.toFixed(2), Math.round(perSecond), transactions);
  row(`${contributors} contributors`, "seconds", "processor s", "a second", "transactions");
  paid("new: token accounts and claims", first);
  paid("again: claims alone", again);
  row("both in the bare runtime", bare.seconds.toFixed(2), bare.cpuSeconds.toFixed(2), "", bare.transactions);
  say(`processor time over the bare runtime's: ${timesBare.toFixed(2)}`);
  say("");
  say("microseconds a transaction, alone and one after the other");
  row("compile and sign 12 creations", parts.signCreationMicros.toFixed(0));
  row("compile and sign a claim of 32", parts.signClaimMicros.toFixed(0));
  row("a request over HTTP", parts.requestMicros.toFixed(0));
  row("a call that shares a request", parts.batchedCallMicros.toFixed(0));
  row("execute", bare.executeMicros.toFixed(0));
  row("read what it did", bare.resultMicros.toFixed(0));
  row("write and sync its record", bare.persistMicros.toFixed(0), `${bare.recordBytes.toFixed(0)} bytes`);
}
