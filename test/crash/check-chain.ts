import { setTimeout as sleep } from "node:timers/promises";
import { toBase58 } from "#src/core/bytes";
import { keptSeed, openDataFolder } from "#src/main/folder";
import { createSolanaClient } from "#src/rails/solana/client";
import { openSolanaRail } from "#src/rails/solana/solana-rail";
import { signerFromSecret } from "#src/rails/solana/tokens";
import type { Pool } from "#src/store/pool";
import type { Journal } from "./journal.ts";

export interface ChainTotals {
  readonly chainTotal: bigint;
  readonly ledgerTotal: bigint;
  /** Payees that got more than the ledger gave them. */
  readonly overpaid: number;
}

const settleMsMax = 60_000;

interface Unsettled {
  readonly pending: string;
  readonly due: string;
  readonly uncut: string;
  readonly open: string;
}

/** Waits until nothing is on its way any more: leases, appeals, cuts, payouts. */
export async function untilSettled(pool: Pool, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + settleMsMax;
  for (;;) {
    const { rows } = await pool.query<Unsettled>(
      `select (select count(*) from payout_transactions where state = 'pending')::text as pending,
         (select count(*) from payees where payee like 'contributor/%' and prepared < allocated)::text as due,
         (select count(*) from lanes where earned + bonus + fee + refunded <> cut_total)::text as uncut,
         (select coalesce(sum(assigned + appealable), 0) from lanes)::text as open`,
    );
    const left = rows[0] as Unsettled;
    if (Object.values(left).every((text) => text === "0")) return;
    if (Date.now() > deadline) {
      throw new Error(`settlement does not end in ${settleMsMax / 1000} s: ${JSON.stringify(left)}`);
    }
    await sleep(100, undefined, { signal });
  }
}

/** Compares what contributors hold on chain with what the ledger says they earned. */
export async function checkChain(
  pool: Pool,
  { dataFolder, rpcUrl, mint, journal }: { dataFolder: string; rpcUrl: string; mint: string; journal: Journal },
): Promise<ChainTotals> {
  const operator = await signerFromSecret(await keptSeed(await openDataFolder(dataFolder), "operator"));
  const rail = await openSolanaRail({ client: createSolanaClient({ rpcUrl }), mint, operator });
  const { rows } = await pool.query<{ key: Uint8Array; earned: string; allocated: string }>(
    `select c.key, coalesce((select sum(released + held) from balances b where b.contributor = c.contributor), 0)::text
         as earned,
       coalesce((select allocated from payees where payee = 'contributor/' || c.contributor), 0)::text as allocated
     from contributors c`,
  );
  const held = await rail.heldBy(rows.map(({ key }) => toBase58(key)));
  let [chainTotal, ledgerTotal, overpaid] = [0n, 0n, 0];
  for (const { key, earned, allocated } of rows) {
    const address = toBase58(key);
    const onChain = held.get(address) ?? 0n;
    chainTotal += onChain;
    ledgerTotal += BigInt(earned);
    if (onChain > BigInt(allocated)) overpaid++;
    if (onChain !== BigInt(earned)) {
      journal.fail(`${address} earned ${earned}, was allocated ${allocated} and holds ${onChain} on chain`);
    }
  }
  return { chainTotal, ledgerTotal, overpaid };
}
