import type { Address, Base64EncodedWireTransaction } from "@solana/kit";
import { toBase64 } from "#src/core/bytes";
import { type ClaimSource, claimPlan, groupClaims } from "#src/rails/solana/escrow/claims";
import type { TestEscrow } from "#src/rails/solana/escrow/fixture";
import { createTokenAccount } from "#src/rails/solana/escrow/pools";
import { signPlans } from "#src/rails/solana/escrow/transactions";

/** Microseconds a transaction, wall time, each step done alone. */
export interface Parts {
  readonly signClaimMicros: number;
  readonly signCreationMicros: number;
  readonly requestMicros: number;
  readonly batchedCallMicros: number;
}

const most = 300;
const creationsEach = 12;

export async function partsOf(test: TestEscrow, source: ClaimSource, contributors: number): Promise<Parts> {
  const { escrow, pool } = test;
  const leaves = Array.from({ length: Math.min(contributors, most * 32) }, (_, index) => source.leaf(index));
  const groups = groupClaims(
    source,
    leaves.flatMap((leaf) => (leaf === null ? [] : { leaf })),
    1,
  );
  const payer = escrow.payer.address;
  const creations = Array.from({ length: most }, (_, i) => ({
    version: 1 as const,
    computeUnits: 500_000,
    instructions: Array.from({ length: creationsEach }, (__, at) =>
      createTokenAccount(payer, addressOf(test, i * creationsEach + at), payer, pool.at),
    ),
  }));
  const [signClaimMicros, signed] = await microsEach(groups.length, () =>
    signPlans(
      escrow,
      groups.map((group) => claimPlan(pool.at, source, group, 1)),
    ),
  );
  const [signCreationMicros] = await microsEach(creations.length, () => signPlans(escrow, creations));
  const [requestMicros] = await microsEach(most, async () => {
    for (let i = 0; i < most; i++) await escrow.client.call((rpc) => rpc.getHealth());
  });
  // Of a transaction that is refused before it is run, as its signature is wrong.
  const spoilt = signed.map(({ wire }) => spoil(wire));
  const [batchedCallMicros] = await microsEach(spoilt.length, () =>
    Promise.allSettled(
      spoilt.map((wire) => escrow.client.call((rpc) => rpc.sendTransaction(wire, { encoding: "base64" }))),
    ),
  );
  return { signClaimMicros, signCreationMicros, requestMicros, batchedCallMicros };
}

const addressOf = (test: TestEscrow, index: number): Address =>
  test.destination(Math.min(index, test.payouts.length - 1));

function spoil(wire: Uint8Array): Base64EncodedWireTransaction {
  const spoilt = wire.slice();
  spoilt[spoilt.length - 1] = (spoilt.at(-1) as number) ^ 1;
  return toBase64(spoilt) as Base64EncodedWireTransaction;
}

async function microsEach<T>(count: number, work: () => Promise<T>): Promise<[micros: number, result: T]> {
  const begun = performance.now();
  const result = await work();
  return [((performance.now() - begun) * 1000) / count, result];
}
