import { createHash } from "node:crypto";
import type { Address, Signature } from "@solana/kit";
import { toBase58 } from "#src/core/bytes";
import { signedBytes } from "#src/core/commit/commit-message";
import { type ClaimGroup, type ClaimSource, claimPlan } from "#src/rails/solana/escrow/claims";
import type { TestEscrow } from "#src/rails/solana/escrow/fixture";
import { sendAll } from "#src/rails/solana/escrow/paying";
import { createTokenAccount } from "#src/rails/solana/escrow/pools";
import { signPlans, type TransactionPlan } from "#src/rails/solana/escrow/transactions";
import { commit, openPage } from "#src/rails/solana/program/instructions";
import { signaturesInstruction } from "#src/rails/solana/program/signatures-instruction";
import { openWorld } from "../claims/world.ts";

export interface Units {
  /** With three signatures. */
  readonly commitComputeUnits: number;
  readonly claimComputeUnits: number;
  readonly claimMany32ComputeUnits: number;
}

const leaves = 2 ** 17;
/** One alone, and the subtree of 32 that begins at index 32. */
const [single, group] = [0, 32];
const accountsPerTransaction = 8;
const computeUnitsMax = 1_300_000;

/** What the program itself takes, by its own line in the log of a transaction, in a pool of 2^17 contributors. */
export async function measureUnits(): Promise<Units> {
  const world = await openWorld(true);
  try {
    const test = world.escrow;
    const { address: market } = await test.market("units", BigInt(leaves));
    for (let index = 0; index < leaves; index++) payNext(test, index);
    await test.allocate(market, BigInt(leaves));
    const { source } = test;
    const commitComputeUnits = await unitsOf(test, await commitPlan(test));
    await makeAccounts(test);
    const claim = claimPlan(test.pool.at, source, groupAt(source, single, 0), 0);
    const claims = claimPlan(test.pool.at, source, groupAt(source, group, 5), 1);
    return {
      commitComputeUnits,
      claimComputeUnits: await unitsOf(test, claim),
      claimMany32ComputeUnits: await unitsOf(test, claims),
    };
  } finally {
    await world.remove();
  }
}

const walletOf = (index: number): Address =>
  toBase58(createHash("sha256").update(`wallet ${index}`).digest()) as Address;

/** Deriving an account takes long, and nobody looks at those of others: they share one. */
function payNext(test: TestEscrow, index: number): void {
  if (index < group + 32) test.pay(walletOf(index), 1n);
  else test.payouts.push({ ...(test.payouts[0] as (typeof test.payouts)[number]), index });
}

async function commitPlan(test: TestEscrow): Promise<TransactionPlan> {
  const { body, digest } = await test.message();
  const message = signedBytes("commit", digest);
  const signatures = test.attestors.map((each) => ({ key: each.address, signature: each.sign(message).signature }));
  return { instructions: [signaturesInstruction(message, signatures), commit(test.pool.at, body)] };
}

/** The page of claims, and the token accounts of those who are paid. */
async function makeAccounts(test: TestEscrow): Promise<void> {
  const { at } = test.pool;
  const payer = test.operator.address;
  const indexes = [single, ...Array.from({ length: 32 }, (_, i) => group + i)];
  const makings = indexes.map((index) => createTokenAccount(payer, test.destination(index), walletOf(index), at));
  await unitsOf(test, { instructions: [openPage(at, payer, 0n)] });
  for (let from = 0; from < makings.length; from += accountsPerTransaction) {
    await unitsOf(test, { instructions: makings.slice(from, from + accountsPerTransaction) });
  }
}

function groupAt(source: ClaimSource, first: number, height: number): ClaimGroup {
  const indexes = Array.from({ length: 2 ** height }, (_, i) => first + i);
  return { height, leaves: indexes.flatMap((index) => source.leaf(index) ?? []), indexes };
}

/** Of the escrow program alone; 0 where the transaction does not call it. */
async function unitsOf({ escrow, client }: TestEscrow, plan: TransactionPlan): Promise<number> {
  const signed = await signPlans(escrow, [{ ...plan, computeUnits: computeUnitsMax }]);
  const [failure] = await sendAll(escrow, signed);
  if (failure !== null) throw failure ?? new Error("nothing was sent");
  const found = await client.call((rpc) =>
    rpc.getTransaction(signed[0]?.signature as Signature, {
      commitment: "finalized",
      encoding: "base64",
      maxSupportedTransactionVersion: 1,
    }),
  );
  const line = new RegExp(`^Program ${escrow.program} consumed (\\d+) of`);
  const consumed = (found?.meta?.logMessages ?? []).flatMap((text) => line.exec(text)?.[1] ?? []);
  return Number(consumed.at(-1) ?? 0);
}
