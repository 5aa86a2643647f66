import { setTimeout as sleep } from "node:timers/promises";
import type { Address } from "@solana/kit";
import { toBase58 } from "#src/core/bytes";
import { marketId } from "#src/core/market-id";
import { readMarket, readPages, readPool } from "#src/rails/solana/escrow/accounts";
import { marketAt } from "#src/rails/solana/escrow/markets";
import { pageAddress, tokenAddress } from "#src/rails/solana/program/derived-addresses";
import { pageSlots } from "#src/rails/solana/program/layouts";
import { readTokenAccounts } from "#src/rails/solana/token-accounts";
import type { Pool } from "#src/store/pool";
import type { Chain } from "./chain.ts";
import type { Journal } from "./journal.ts";

export interface ChainTotals {
  readonly chainTotal: bigint;
  readonly ledgerTotal: bigint;
  /** Contributors that got more than the ledger gave them. */
  readonly overpaid: number;
  readonly commits: number;
}

const settleMsMax = 60_000;

interface Unsettled {
  readonly proposed: string;
  readonly due: string;
  readonly uncut: string;
  readonly open: string;
}

const unsettled = `
  select (select count(*) from commits where state = 'proposed')::text as proposed,
    (select count(*) from (
       select contributor, sum(released) as owed from shares group by contributor
       union all select 0, sum(fee) from cuts
     ) o left join claims c using (contributor) where o.owed > coalesce(c.claimed, 0))::text as due,
    (select count(*) from lanes where sequence <> cut_sequence)::text as uncut,
    (select coalesce(sum(assigned + appealable), 0) from lanes)::text as open`;

/** Waits until nothing is on its way any more: leases, appeals, cuts, commits, claims. */
export async function untilSettled(pool: Pool, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + settleMsMax;
  for (;;) {
    const { rows } = await pool.query<Unsettled>(unsettled);
    const left = rows[0] as Unsettled;
    if (Object.values(left).every((text) => text === "0")) return;
    if (Date.now() > deadline) {
      throw new Error(`settlement does not end in ${settleMsMax / 1000} s: ${JSON.stringify(left)}`);
    }
    await sleep(100, undefined, { signal });
  }
}

/** What one contributor has, by each book. `index` 0 is the operator, who gets the fees. */
interface Person {
  readonly index: number;
  readonly address: Address;
  /** By the ledger. */
  readonly earned: bigint;
  /** By the newest cuts. */
  readonly cut: bigint;
  /** By the database's copy of the claims pages. */
  readonly claimed: bigint;
}

async function readPeople(pool: Pool, operator: Address): Promise<Person[]> {
  const { rows } = await pool.query<{ contributor: number; key: Uint8Array; sums: string[] }>(
    `select c.contributor, c.key, array[
       (select coalesce(sum(released + held), 0) from balances b where b.contributor = c.contributor),
       (select coalesce(sum(released), 0) from shares s where s.contributor = c.contributor),
       (select coalesce(sum(claimed), 0) from claims p where p.contributor = c.contributor)]::text[] as sums
     from contributors c
     union all select 0, null, array[(select coalesce(sum(fee), 0) from lanes), (select coalesce(sum(fee), 0) from cuts),
       (select coalesce(sum(claimed), 0) from claims where contributor = 0)]::text[]`,
  );
  return rows.map(({ contributor, key, sums }) => {
    const [earned = 0n, cut = 0n, claimed = 0n] = sums.map(BigInt);
    return { index: contributor, address: key === null ? operator : (toBase58(key) as Address), earned, cut, claimed };
  });
}

/** Compares ledger, cuts, claims pages and token accounts with each other, person by person and in all. */
export async function checkChain(
  pool: Pool,
  chain: Chain & { readonly operator: Address; readonly requester: Address; readonly journal: Journal },
): Promise<ChainTotals> {
  const { client, at, journal, operator, requester } = chain;
  const people = await readPeople(pool, operator);
  const accounts = people.map(({ address }) => tokenAddress(address, at.mint, at.tokenProgram));
  const held = (await readTokenAccounts(client, accounts, "finalized")).map((each) => each?.amount ?? 0n);
  const paid = await readPaid(chain, people);
  let [chainTotal, ledgerTotal, overpaid] = [0n, 0n, 0];
  for (const [i, { index, address, earned, cut, claimed }] of people.entries()) {
    const page = paid[i] as bigint;
    // The requester buys tokens, and twice where it was not told that it had them: those are no pay.
    const wallet = address === requester ? page : (held[i] as bigint);
    if (wallet > earned || page > earned) overpaid++;
    if ([cut, claimed, page, wallet].some((each) => each !== earned)) {
      journal.fail(
        `${address} earned ${earned}: ${cut} by cuts, ${claimed} by claims, ${page} by its page, and it holds ${wallet}`,
      );
    }
    if (index === 0) continue;
    chainTotal += wallet;
    ledgerTotal += earned;
  }
  const sum = (values: readonly bigint[]): bigint => values.reduce((all, each) => all + each, 0n);
  const commits = await checkPool(pool, chain, { paid: sum(paid), earned: sum(people.map((each) => each.earned)) });
  return { chainTotal, ledgerTotal, overpaid, commits };
}

/** What the claims pages say. */
async function readPaid({ escrow, at }: Chain, people: readonly Person[]): Promise<bigint[]> {
  const count = Math.ceil((Math.max(0, ...people.map(({ index }) => index)) + 1) / pageSlots);
  const numbers = Array.from({ length: count }, (_, number) => BigInt(number));
  const pages = await readPages(
    escrow,
    numbers.map((number) => pageAddress(at.program, at.pool, number)),
    "finalized",
  );
  return people.map(({ index }) => pages[Math.floor(index / pageSlots)]?.claimed[index % pageSlots] ?? 0n);
}

/** The pool's counters, its vault, its markets and its commits. @returns how many commits landed */
async function checkPool(
  pool: Pool,
  { client, escrow, at, journal, requester }: Chain & { readonly requester: Address; readonly journal: Journal },
  { paid, earned }: { readonly paid: bigint; readonly earned: bigint },
): Promise<number> {
  const found = await readPool(escrow, at.pool, "finalized");
  const [vault] = await readTokenAccounts(client, [at.vault], "finalized");
  const deposited = [...journal.deposited.values()].reduce((all, each) => all + each, 0n);
  const equal = (what: string, ...values: readonly bigint[]): void => {
    if (new Set(values).size > 1) journal.fail(`${what}: ${values.join(", ")}`);
  };
  equal("deposited by the clients, and into the pool", deposited, found.deposited);
  equal("allocated by the ledger, and by the pool", earned, found.allocated);
  equal("claimed by the pages, and from the pool", paid, found.claimed);
  equal("the vault's tokens, and the pool's counters", vault?.amount ?? 0n, found.deposited - found.claimed);
  for (const [market, value] of journal.deposited) {
    const account = await readMarket(escrow, marketAt(at, requester, marketId(market)), "finalized");
    equal(`deposited into ${market}, and into its account`, value, account.deposited);
  }
  const { rows } = await pool.query<{ committed: string; newest: string }>(
    "select count(*)::text as committed, coalesce(max(epoch), 0)::text as newest from commits where state = 'committed'",
  );
  const { committed, newest } = rows[0] as { committed: string; newest: string };
  equal("commits in the database, their newest epoch, and the pool's", BigInt(committed), BigInt(newest), found.epoch);
  return Number(found.epoch);
}
