import { verifyAcknowledgement } from "#src/client/verify";
import { parseAmount } from "#src/core/amount";
import { equalBytes, fromBase64, fromHex } from "#src/core/bytes";
import { parseSlot } from "#src/core/slot";
import { decodeEntry } from "#src/market/entries";
import type { LaneState } from "#src/market/state";
import type { StoredVerdict } from "./check-database.ts";
import type { ReplayedLane } from "./check-log.ts";
import type { Acknowledged, Journal } from "./journal.ts";

export const decimals = 6;

/** What may have become of a submission that was acknowledged in a state. */
const later: Readonly<Record<string, readonly string[]>> = {
  held: ["held", "review", "appealable", "appealed", "accepted", "rejected", "void"],
  review: ["review", "appealable", "appealed", "accepted", "rejected", "void"],
  appealable: ["appealable", "appealed", "rejected", "accepted"],
  appealed: ["appealed", "rejected", "accepted"],
  rejected: ["rejected"],
  accepted: ["accepted"],
  void: ["void"],
};

/** What the servers hold of one market after all the kills. */
export interface Kept {
  readonly lane: ReplayedLane;
  readonly verdicts: ReadonlyMap<string, StoredVerdict>;
}

/** @returns how many acknowledged submissions are gone or different */
export async function checkAcknowledged(
  journal: Journal,
  kept: ReadonlyMap<string, Kept>,
  signer: string,
): Promise<number> {
  let lost = 0;
  for (const each of [...journal.acknowledged.values(), ...journal.repeated]) {
    const wrong = flawOf(each, kept.get(each.market) as Kept) ?? (await proofFlawOf(each, kept, signer));
    if (wrong === null) continue;
    lost++;
    journal.fail(`${each.slot} of ${each.market}, acknowledged as ${each.state}: ${wrong}`);
  }
  return lost;
}

function flawOf(each: Acknowledged, { lane, verdicts }: Kept): string | null {
  const logged = lane.submissions.get(each.slot);
  if (logged === undefined) return "it is not in the log";
  if (logged.contributor !== each.contributor) return "it is somebody else's";
  if (logged.bodyHash !== each.bodyHash) return "its body is another one";
  if (logged.sequence !== each.sequence) return `it is entry ${logged.sequence}, not ${each.sequence}`;
  const verdict = verdicts.get(each.slot);
  const state = verdict?.state ?? undecidedState(lane.state, each.slot);
  if (!(later[each.state] ?? []).includes(state)) return `it is ${state} now`;
  if (verdict !== undefined && verdict.sequence !== each.sequence) return "its verdict is of another entry";
  if (each.state === "accepted" && verdict?.reward !== parseAmount(each.reward, decimals)) {
    return `${each.reward} was acknowledged, ${verdict?.reward} base units are recorded`;
  }
  return null;
}

/** Without a verdict row: held, or in review, or gone. */
function undecidedState(state: LaneState, slot: string): string {
  const { task, ordinal } = parseSlot(slot);
  return state.tasks.get(task)?.slots[ordinal]?.state ?? "gone";
}

/** The signed proof stands, its entries are in the log as they were, and its head is on the way to today's. */
async function proofFlawOf(
  each: Acknowledged,
  kept: ReadonlyMap<string, Kept>,
  signer: string,
): Promise<string | null> {
  const { acknowledgement, slot } = each;
  const { lane } = kept.get(each.market) as Kept;
  const flaw = await verifyAcknowledgement(acknowledgement, signer);
  if (flaw !== null) return `its acknowledgement has a wrong ${flaw}`;
  const root = lane.roots.get(acknowledgement.head.sequence);
  if (root === undefined || !equalBytes(root, fromHex(acknowledgement.head.root))) return "its head is not of this log";
  for (const { sequence, encoded } of acknowledgement.entries) {
    const stored = lane.encoded[sequence - 1];
    if (stored === undefined || !equalBytes(stored, fromBase64(encoded))) return `entry ${sequence} is another one now`;
  }
  const own = acknowledgement.entries.find(({ sequence }) => sequence === each.sequence);
  if (own === undefined) return "its acknowledgement does not prove it";
  const entry = decodeEntry(fromBase64(own.encoded));
  const { task, ordinal } = parseSlot(slot);
  const isIt = entry.kind === "submitted" && entry.task === task && entry.ordinal === ordinal;
  return isIt ? null : "its acknowledgement proves something else";
}

/** Every client got its answer: nothing stands in the log that its author still waits for, or was refused. */
export function checkConverged(journal: Journal, kept: ReadonlyMap<string, Kept>): void {
  for (const [market, { lane }] of kept) {
    for (const [slot, { contributor }] of lane.submissions) {
      if (!journal.acknowledged.has(`${market} ${slot}`)) {
        const refusals = journal.refused
          .filter((each) => each.market === market && each.task === parseSlot(slot).task)
          .map((each) => `; ${each.contributor} was refused there: ${each.code}`);
        journal.fail(`${slot} of ${market} is in the log, and ${contributor} was never told${refusals.join("")}`);
      }
    }
    for (const place of journal.appealed) {
      const [of, slot] = place.split(" ") as [string, string];
      if (of === market && !lane.appeals.has(slot)) journal.fail(`the acknowledged appeal of ${slot} is gone`);
    }
  }
}

/** @returns bonuses that were paid more often than they were given */
export function checkBonuses(journal: Journal, kept: ReadonlyMap<string, Kept>): number {
  let twice = 0;
  for (const [market, { lane }] of kept) {
    const counts = new Map<string, number>();
    for (const { note } of lane.bonuses) counts.set(note, (counts.get(note) ?? 0) + 1);
    for (const [note, count] of counts) {
      if (count > 1) journal.fail(`${note} of ${market} was paid ${count} times`);
      twice += count - 1;
    }
    for (const bonus of journal.bonuses) {
      if (bonus.market === market && !counts.has(bonus.note)) journal.fail(`the acknowledged ${bonus.note} is gone`);
    }
    const deposited = lane.state.books.deposited;
    if (deposited !== journal.deposited.get(market)) {
      journal.fail(`${market}: ${journal.deposited.get(market)} base units were paid in, ${deposited} are credited`);
    }
  }
  return twice;
}
