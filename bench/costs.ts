import { createHash } from "node:crypto";
import type { Address, Instruction, Signature } from "@solana/kit";
import { getTransferCheckedInstruction } from "@solana-program/token";
import { amount } from "#src/core/amount";
import { toBase58 } from "#src/core/bytes";
import { type ClaimGroup, claimPlan } from "#src/rails/solana/escrow/claims";
import { sendCommit } from "#src/rails/solana/escrow/commits";
import type { TestEscrow } from "#src/rails/solana/escrow/fixture";
import { payClaims, sendAll } from "#src/rails/solana/escrow/paying";
import { createTokenAccount } from "#src/rails/solana/escrow/pools";
import { signPlans, type TransactionPlan, type TransactionVersion } from "#src/rails/solana/escrow/transactions";
import { tokenAddress } from "#src/rails/solana/program/derived-addresses";
import { mintTo } from "#src/rails/solana/tokens";
import { openWorld } from "./claims/world.ts";
import { defineBench, type Say } from "./options.ts";

/** One transaction, as localnet executed and charged it. */
interface Cost {
  readonly what: string;
  /** Contributors it pays or makes accounts for; null: however many. */
  readonly contributors: number | null;
  readonly version: TransactionVersion;
  readonly bytes: number;
  readonly computeUnits: number;
  readonly feeLamports: number;
}

/** Paying this many contributors once. */
interface Run {
  readonly method: string;
  readonly contributors: number;
  readonly transactions: number;
  readonly sol: number;
  /** Where it is done every minute. */
  readonly solPerDay: number;
}

interface Rents {
  readonly tokenAccountLamports: number;
  /** A contributor's share of a page of claims. */
  readonly pageShareLamports: number;
}

const leaves = 1_024;
const scales = [1_000, 50_000, 1_000_000];
const minutesPerDay = 1_440;
const lamportsPerSol = 1e9;
const tokenAccountBytes = 165n;
const pageBytes = 2_104n;
const pageSlots = 256;
/** More than any of them takes. */
const computeUnits = 1_300_000;

/**
 * What payouts cost on chain: sizes, compute units and base fees of transactions that localnet executes in a pool of
 * 1,024 contributors, and what follows for many. Priority fees come on top where a cluster is busy.
 */
export const benchCosts = defineBench({}, bench);

async function bench(_options: object, say: Say): Promise<object> {
  const world = await openWorld(false);
  try {
    const costs = await measureAll(world.escrow);
    const rents = await rentsOf(world.escrow);
    const runs = runsOf(costs);
    tell(say, costs, rents, runs);
    return { leaves, costs, rents, runs };
  } finally {
    await world.remove();
  }
}

async function measureAll(test: TestEscrow): Promise<Cost[]> {
  const { escrow, pool, operator, client, mint } = test;
  const { address: market } = await test.market("costs", 10n * BigInt(leaves));
  const wallets = Array.from({ length: leaves }, (_, i) => walletOf(i));
  for (const wallet of wallets) test.pay(wallet, 10n);
  await test.allocate(market, 10n * BigInt(leaves));
  await sendCommit(escrow, pool.at, await test.message());
  const [newest] = await client.call((rpc) => rpc.getSignaturesForAddress(pool.at.pool, { limit: 1 }));
  const commit = await costOf(test, "commit, 2 signatures", null, 0, newest?.signature as Signature);
  const { source } = test;
  // The others' accounts and pages, so that those that are measured find everything but their own.
  const wishes = wallets.map((wallet, index) => ({ index, wallet })).slice(64);
  await payClaims(escrow, pool.at, { source, wishes, creation: "always", version: 1 });
  await mintTo(client, operator, mint, operator.address, amount(1_000n));
  const creations = (first: number, end: number): Instruction[] =>
    wallets
      .slice(first, end)
      .map((owner, i) => createTokenAccount(operator.address, test.destination(first + i), owner, pool.at));
  const transfers = (count: number): Instruction[] =>
    Array.from({ length: count }, (_, i) =>
      getTransferCheckedInstruction({
        source: tokenAddress(operator.address, pool.at.mint, pool.at.tokenProgram),
        mint: pool.at.mint,
        destination: test.destination(64 + i),
        authority: operator,
        amount: 1n,
        decimals: mint.decimals,
      }),
    );
  const group = (first: number, height: number): ClaimGroup => {
    const indexes = Array.from({ length: 2 ** height }, (_, i) => first + i);
    return { height, leaves: indexes.flatMap((index) => source.leaf(index) ?? []), indexes };
  };
  const measured: Cost[] = [commit];
  const measure = async (what: string, contributors: number, plan: TransactionPlan): Promise<void> => {
    measured.push(await costOf(test, what, contributors, plan.version ?? 0, await run(test, plan)));
  };
  await measure("transfer", 1, { instructions: transfers(1) });
  await measure("transfers", 60, { instructions: transfers(60), version: 1 });
  await measure("token account made", 1, { instructions: creations(0, 1) });
  await measure("token accounts made", 8, { instructions: creations(8, 16) });
  await measure("token accounts made", 12, { instructions: creations(32, 44), version: 1 });
  await run(test, { instructions: creations(44, 56), version: 1 });
  await run(test, { instructions: creations(56, 64), version: 1 });
  await measure("claim", 1, claimPlan(pool.at, source, group(0, 0), 0));
  await measure("claims", 8, claimPlan(pool.at, source, group(8, 3), 0));
  await measure("claims", 32, claimPlan(pool.at, source, group(32, 5), 1));
  return measured;
}

const walletOf = (index: number): Address =>
  toBase58(createHash("sha256").update(`wallet ${index}`).digest()) as Address;

/** Sends it, and gives its signature. */
async function run({ escrow }: TestEscrow, plan: TransactionPlan): Promise<Signature> {
  const signed = await signPlans(escrow, [{ ...plan, computeUnits }]);
  const [failure] = await sendAll(escrow, signed);
  if (failure !== null) throw failure ?? new Error("nothing was sent");
  return signed[0]?.signature as Signature;
}

async function costOf(
  { client }: TestEscrow,
  what: string,
  contributors: number | null,
  version: TransactionVersion,
  signature: Signature,
): Promise<Cost> {
  const found = await client.call((rpc) =>
    rpc.getTransaction(signature, { commitment: "finalized", encoding: "base64", maxSupportedTransactionVersion: 1 }),
  );
  if (found === null || found.meta === null || found.meta.err !== null) throw new Error(`${what} failed`);
  const { fee, computeUnitsConsumed } = found.meta;
  const bytes = Buffer.from(found.transaction[0], "base64").length;
  return { what, contributors, version, bytes, computeUnits: Number(computeUnitsConsumed), feeLamports: Number(fee) };
}

async function rentsOf({ client }: TestEscrow): Promise<Rents> {
  const rent = (bytes: bigint) => client.call((rpc) => rpc.getMinimumBalanceForRentExemption(bytes));
  return {
    tokenAccountLamports: Number(await rent(tokenAccountBytes)),
    pageShareLamports: Math.ceil(Number(await rent(pageBytes)) / pageSlots),
  };
}

function runsOf(costs: readonly Cost[]): Run[] {
  const methods = [
    ["one transfer each", costs.find((each) => each.what === "transfer")],
    ["60 transfers at once", costs.find((each) => each.what === "transfers")],
    ["commit alone", costs[0]],
    ["claims of 8", costs.find((each) => each.what === "claims" && each.contributors === 8)],
    ["claims of 32", costs.find((each) => each.what === "claims" && each.contributors === 32)],
  ] as const;
  return methods.flatMap(([method, cost]) =>
    scales.map((contributors) => {
      const { contributors: each, feeLamports } = cost as Cost;
      const transactions = each === null ? 1 : Math.ceil(contributors / each);
      const sol = (transactions * feeLamports) / lamportsPerSol;
      return { method, contributors, transactions, sol, solPerDay: sol * minutesPerDay };
    }),
  );
}

function tell(say: Say, costs: readonly Cost[], rents: Rents, runs: readonly Run[]): void {
  const line = (what: string, ...cells: readonly (string | number)[]) =>
    say(what.padEnd(24) + cells.map((cell) => cell.toLocaleString("en-US").padStart(15)).join(""));
  line("a transaction", "contributors", "version", "bytes", "units", "fee, lamports");
  for (const each of costs) {
    const { what, contributors, version, bytes, feeLamports } = each;
    line(what, contributors ?? "any", version, bytes, each.computeUnits, feeLamports);
  }
  say("");
  line("once, for each", "lamports");
  line("token account's rent", rents.tokenAccountLamports);
  line("share of a claim page", rents.pageShareLamports);
  say("");
  line("base fees, SOL", "contributors", "transactions", "once", "a day at 1/min");
  for (const { method, contributors, transactions, sol, solPerDay } of runs) {
    line(method, contributors, transactions, rounded(sol), rounded(solPerDay));
  }
}

const rounded = (value: number): string => value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
