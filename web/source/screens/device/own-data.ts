import type { EarnedDay } from "../../../../src/contract/earnings.ts";
import type { Verdict } from "../../../../src/contract/work.ts";
import { enter, network, watched } from "../../connection.ts";
import { readAll } from "../../database.ts";
import { keptWallet } from "../../keys/wallet.ts";
import { settings } from "../../settings.ts";

const firstYear = 2025;
/** So that one file can hold it; receipts of more are in the markets' logs. */
const verdictsMax = 20_000;

/**
 * Everything that the network and this browser have about the contributor who is here, but the key, which belongs into a
 * recovery file. The network's own words are kept, so that it can be compared with the logs.
 */
export async function ownData(): Promise<Readonly<Record<string, unknown>>> {
  const known = await enter();
  const verdicts: Verdict[] = [];
  for await (const verdict of known.verdicts()) {
    verdicts.push(verdict);
    if (verdicts.length === verdictsMax) break;
  }
  const markets = [...new Set(verdicts.map(({ market }) => market))];
  const earnings: EarnedDay[] = [];
  for (let year = firstYear; year <= new Date().getUTCFullYear(); year++)
    earnings.push(...(await known.earnings(year)));
  const records: Record<string, unknown> = {};
  for (const market of markets) records[market] = await known.record(market);
  const [{ cluster, pool }, me, held, { items: withdrawals }] = await watched(
    Promise.all([network(), known.me(), known.held(), known.withdrawals({ limit: 100 })]),
  );
  const inBrowser = {
    settings: settings.value,
    keySaved: keptWallet.value?.saved ?? {},
    answers: await readAll("outcomes"),
    answersOnTheirWay: await readAll("outbox"),
    drafts: await readAll("drafts"),
    tasksInHand: await readAll("offers"),
  };
  return {
    format: "earnest/own-data/1",
    exportedAt: new Date().toISOString(),
    network: { server: location.origin, cluster, pool },
    contributor: me,
    wallet: { held, withdrawals },
    earnings,
    records,
    verdicts,
    inBrowser,
  };
}
