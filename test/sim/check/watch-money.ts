import type { Transaction } from "../database/database.ts";
import type { ClaimRecord } from "../database/tables.ts";
import type { World } from "../world/parts.ts";

/** What must hold of money at any time, on both sides. */
export function watchMoney({ chain, database, trace }: World, writes: Transaction["writes"]): void {
  const { program } = chain;
  const { claimed, allocated, deposited, refunded } = program;
  if (claimed > allocated || allocated > deposited - refunded) {
    trace.fail("watch", `on chain ${claimed} is claimed of ${allocated} of ${deposited} - ${refunded}`);
  }
  const claims = writes.get(database.tables.claims) as ReadonlyMap<string, ClaimRecord | null> | undefined;
  for (const row of claims?.values() ?? []) {
    if (row !== null && row.claimed > program.claimedOf(row.contributor)) {
      trace.fail(
        "watch",
        `${row.claimed} is noted as paid to ${row.contributor}: ${program.claimedOf(row.contributor)}`,
      );
    }
  }
}
