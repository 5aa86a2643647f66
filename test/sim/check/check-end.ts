import { bytes32, equalBytes, toHex } from "#src/core/bytes";
import { logLeaf, verifyPath } from "#src/core/log-tree";
import { marketIdFromBytes, marketIdToBytes } from "#src/core/market-id";
import { formatSlot } from "#src/core/slot";
import { headStatement } from "#src/core/statements";
import { Replay } from "#src/market/replay";
import { decodeReceipt } from "#src/market/settlement/receipt";
import { ReceiptVerifier } from "#src/market/settlement/verify-receipt";
import { encodeState } from "#src/market/snapshot";
import { emptyLaneState } from "#src/market/state";
import { laneKey, placeKey } from "../model/keys.ts";
import { sha256, verify } from "../world/crypto.ts";
import { insist } from "../world/insist.ts";
import type { Acknowledged } from "../world/journal.ts";
import type { Ran } from "../world/run-seed.ts";

/** Everything that has to come to an end, and has not. */
export function whatIsOpen({ world, watch }: Ran): string {
  const { chain, database } = world;
  const open: string[] = [];
  for (const [key, { state, tracker }] of watch.lanes) {
    if (state.status !== "closed") open.push(`lane ${key} is ${state.status}`);
    if (tracker.open.length > 0) open.push(`${tracker.open.length} slots of lane ${key} have no end`);
  }
  for (const [account] of chain.program.markets) open.push(`the market ${account} is not refunded`);
  if (chain.program.claimed !== chain.program.allocated) {
    open.push(`${chain.program.claimed} of ${chain.program.allocated} are claimed`);
  }
  for (const row of database.tables.lanes.rows.values()) {
    if (row.sequence !== row.cutSequence) open.push(`lane ${toHex(row.market)} is cut at ${row.cutSequence}`);
  }
  return open.slice(0, 6).join("; ");
}

export const isSettled = (ran: Ran): boolean => whatIsOpen(ran) === "";

function must(holds: boolean, what: () => string): asserts holds {
  if (!holds) throw new Error(`at the end: ${what()}`);
}

/** Nobody works any more, and nothing else happens: what runs out has to be ended by whoever looks for it. */
export function checkLeases({ world, watch }: Ran, graceMs: number): void {
  for (const [key, { state }] of watch.lanes) {
    for (const task of state.tasks.keys()) {
      for (const [ordinal, slot] of (state.tasks.get(task)?.slots ?? []).entries()) {
        const isOver = slot.state === "assigned" && slot.expiresAtMs + graceMs < world.scheduler.nowMs;
        if (isOver) world.trace.fail("check", `the lease of ${formatSlot({ task, ordinal })} in ${key} never ends`);
      }
    }
  }
}

/** When nothing is open any more, all that anybody was ever told has to be so. */
export async function checkEnd(ran: Ran): Promise<void> {
  try {
    for (const each of ran.journal.submissions) checkAcknowledged(ran, each);
    checkBonuses(ran);
    for (const key of ran.watch.lanes.keys()) checkLane(ran, key);
    checkPaid(ran);
    await checkReceipts(ran);
  } catch (error) {
    ran.world.trace.fail("check", error instanceof Error ? error.message : String(error));
  }
}

function checkAcknowledged(
  { world, watch, signer }: Ran,
  { who, market, slot, body, view, proof }: Acknowledged,
): void {
  const at = `${who}'s ${formatSlot(slot)} in ${market}`;
  const lane = watch.lanes.get(laneKey(marketIdToBytes(market), 0));
  must(lane !== undefined, () => `${at}: its lane is gone`);
  const { sequence, root, timeMs, signature } = proof.head;
  const statement = headStatement({ market, lane: proof.lane, sequence, root, timeMs });
  must(verify(signer, statement, signature), () => `${at}: its head is not signed`);
  for (const entry of proof.entries) {
    must(verifyPath(sha256, logLeaf(sha256, entry.encoded), entry.path, root), () => `${at}: its path leads elsewhere`);
    const stored = lane.entries[entry.sequence - 1];
    must(
      stored !== undefined && equalBytes(stored.encoded, entry.encoded),
      () => `${at}: entry ${entry.sequence}, which was acknowledged, is not in the log`,
    );
  }
  const submitted = lane.entries[view.sequence - 1]?.entry;
  must(submitted?.kind === "submitted", () => `${at}: entry ${view.sequence} is no submission`);
  const isIts = submitted.task === slot.task && submitted.ordinal === slot.ordinal && equalBytes(submitted.body, body);
  must(isIts, () => `${at}: entry ${view.sequence} is another submission`);
  const end = lane.tracker.ends.get(formatSlot(slot));
  must(end !== undefined && end !== "expired", () => `${at}: was acknowledged, and its end is ${end}`);
  must(view.state !== "accepted" || end === "accepted", () => `${at}: was accepted, and ended ${end}`);
  const verdict = world.database.tables.verdicts.rows.get(
    placeKey(marketIdToBytes(market), 0, slot.task, slot.ordinal),
  );
  must(verdict !== undefined, () => `${at}: has no verdict`);
  must(view.state !== "accepted" || verdict.reward === view.reward, () => `${at}: was paid ${view.reward}`);
  must(
    (end === "accepted") === (verdict.state === "accepted"),
    () => `${at}: ended ${end}, its row is ${verdict.state}`,
  );
}

/** Nobody repeats them: each is there at most once, and those that were confirmed are. */
function checkBonuses({ watch, journal }: Ran): void {
  const paid = new Map<string, number>();
  for (const { entries } of watch.lanes.values()) {
    for (const { entry } of entries) {
      if (entry.kind === "bonusPaid") paid.set(entry.note, (paid.get(entry.note) ?? 0) + 1);
    }
  }
  for (const [note, said] of journal.bonuses) {
    const times = paid.get(note) ?? 0;
    must(times <= 1, () => `${note} was paid ${times} times`);
    must(said !== "confirmed" || times === 1, () => `${note} was confirmed and is not in the log`);
  }
}

/** From the first entry, by itself: the state, the books, the rows. */
function checkLane({ world, watch, journal }: Ran, key: string): void {
  const lane = watch.lanes.get(key);
  const { tables } = world.database;
  const row = tables.lanes.rows.get(key);
  must(lane !== undefined && row !== undefined, () => `lane ${key} is gone`);
  const replay = new Replay(emptyLaneState(), sha256);
  replay.feed(
    lane.entries.map(({ entry, encoded }, i) => {
      const stored = tables.entries.rows.get(`${key}/${String(i + 1).padStart(12, "0")}`);
      must(stored !== undefined && equalBytes(stored.encoded, encoded), () => `entry ${i + 1} of ${key} changed`);
      return { entry, attachment: stored.attachment };
    }),
  );
  replay.end();
  must(equalBytes(encodeState(replay.state), encodeState(lane.state)), () => `lane ${key} replays to another state`);
  const { books, members } = lane.state;
  const { free, assigned, held, appealable, appealBudget, newcomerBudget, deposited, earned, bonus, fee, refunded } =
    books;
  const waiting = free + assigned + held + appealable + appealBudget + newcomerBudget;
  must(waiting === 0n, () => `${waiting} of lane ${key} is neither paid nor refunded`);
  must(deposited === earned + bonus + fee + refunded, () => `the books of lane ${key} are not conserved`);
  const market = marketIdFromBytes(row.market);
  must(deposited === (journal.funded.get(market) ?? 0n), () => `${market} was funded with ${deposited}`);
  for (const contributor of members.keys()) {
    const purse = members.get(contributor)?.purse;
    const balance = tables.balances.rows.get(placeKey(row.market, row.lane, contributor));
    must(purse !== undefined && purse.held + purse.staked === 0n, () => `something of ${contributor} is still held`);
    must((balance?.released ?? 0n) === purse.released, () => `the balance of ${contributor} is not its purse`);
  }
}

/** Everybody has on chain what all lanes say, and requesters the rest. */
function checkPaid({ world, watch }: Ran): void {
  const { chain, database } = world;
  const released = new Map<number, bigint>();
  let [fees, refunded] = [0n, 0n];
  for (const { state } of watch.lanes.values()) {
    fees += state.books.fee;
    refunded += state.books.refunded;
    for (const contributor of state.members.keys()) {
      const more = state.members.get(contributor)?.purse.released ?? 0n;
      released.set(contributor, (released.get(contributor) ?? 0n) + more);
    }
  }
  for (const [contributor, value] of released) {
    const claimed = chain.program.claimedOf(contributor);
    must(claimed === value, () => `${contributor} earned ${value} and was paid ${claimed} on chain`);
    const row = [...database.tables.contributors.rows.values()].find((each) => each.contributor === contributor);
    must(row !== undefined, () => `contributor ${contributor} is gone`);
    const tokens = chain.tokens.get(toHex(chain.tokenAccountOf(row.key))) ?? 0n;
    must(tokens === value, () => `${contributor} has ${tokens} tokens, not ${value}`);
  }
  must(chain.program.claimedOf(0) === fees, () => `the operator was paid ${chain.program.claimedOf(0)} of ${fees}`);
  const back = [...chain.refunds.values()].reduce((sum, each) => sum + each, 0n);
  must(back === refunded && chain.program.refunded === refunded, () => `${back} went back, not ${refunded}`);
}

const receiptsMax = 6;

async function checkReceipts(ran: Ran): Promise<void> {
  const { world, nodes, journal, signer } = ran;
  const { chain } = world;
  const { program, cluster, network, pool } = chain.place;
  const { attestors } = chain.parts;
  const sets = { get: () => attestors };
  const trust = { signer: bytes32(signer), commits: { program, cluster, network, pool, sets } };
  const verifier = new ReceiptVerifier(trust, sha256, verify);
  const step = Math.max(1, Math.floor(journal.submissions.length / receiptsMax));
  for (const { market, slot } of journal.submissions.filter((_, i) => i % step === 0)) {
    const encoded = await insist(world, nodes, (node) =>
      node.call("check", "receipt", ({ engine }) => engine.slotReceipt(market, slot)),
    );
    const found = verifier.verify(decodeReceipt(encoded));
    must(found.ok, () => `the receipt of ${formatSlot(slot)}: ${JSON.stringify(found)}`);
  }
}
