import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TestLane } from "../../../test/support/market.ts";
import { ruledByComposition } from "../../../test/support/market-compositions.ts";
import { lifeArbitrary, live, plainSpecArbitrary, turnArbitrary } from "../../../test/support/market-random.ts";
import { toHex } from "../../core/bytes.ts";
import { isEarnestError } from "../../core/errors.ts";
import { logRoot } from "../../core/log-tree.ts";
import { slotKey } from "../../core/slot.ts";
import type { LogRecord } from "../../market/entries.ts";
import { Replay } from "../../market/replay.ts";
import { emptyLaneState, type LaneState } from "../../market/state.ts";
import { sha256 } from "../crypto.ts";
import { Hints } from "./hints.ts";
import { PublicReplay } from "./public-replay.ts";

/** Every record of a lane, with the attachments that a public log leaves out left out. */
function publicLog(lane: TestLane): LogRecord[] {
  const paid = paidSlots(lane);
  return lane.log.map(({ entry, attachment }) => {
    const isShown = entry.kind === "submitted" && paid.has(slotKey(entry));
    return { entry, attachment: isShown ? attachment : null };
  });
}

/** Keys of slots that were paid, by the verdict or by what came after it. */
function paidSlots(lane: TestLane): Set<number> {
  const paid = new Set<number>();
  const pay = (task: number, ordinal: number): unknown => paid.add(slotKey({ task, ordinal }));
  for (const { entry } of lane.log) {
    if (entry.kind === "settled" || entry.kind === "appealSettled") {
      for (const { ordinal, verdict } of entry.rulings) if (verdict === "accepted") pay(entry.task, ordinal);
    }
    if ((entry.kind === "judged" || entry.kind === "verified") && entry.verdict === "accepted")
      pay(entry.task, entry.ordinal);
    if (entry.kind === "reviewed" && entry.accepted) pay(entry.task, entry.ordinal);
    if (entry.kind === "appealSettled" && entry.won) pay(entry.task, entry.ordinal);
    if (entry.kind === "controlVoided") {
      for (const slot of missedSlots(lane, entry.task)) pay(entry.task, slot);
    }
  }
  return paid;
}

/** Ordinals of a voided control's answers that missed it. Those whose window had passed are not paid, only shown. */
const missedSlots = (lane: TestLane, task: number): number[] =>
  lane.log.flatMap(({ entry }) =>
    (entry.kind === "judged" || entry.kind === "verified") && entry.task === task && entry.reason === "CONTROL_MISSED"
      ? [entry.ordinal]
      : [],
  );

function replayPublic(records: readonly LogRecord[], lane: TestLane): PublicReplay {
  const hints = new Hints();
  for (const record of records) hints.take(record);
  const replay = new PublicReplay(hints);
  for (const record of records) replay.feed(record);
  replay.end({ size: lane.log.length, root: logRoot(sha256, lane.state.tree) });
  return replay;
}

/** Money never hangs on what is withheld: the log says it, and every account must come out the same. */
const moneyOf = (state: LaneState): unknown => ({
  books: Object.entries(state.books).map(([name, value]) => `${name} ${value}`),
  purses: [...state.members.keys()].map((key) => Object.values(state.members.get(key)?.purse ?? {}).map(String)),
});

describe("the public log of a random life", () => {
  it("replays without a difference, to the same root and the same money", () => {
    fc.assert(
      fc.property(
        fc.record({
          spec: plainSpecArbitrary.chain(ruledByComposition),
          deposit: fc.constant(50_000_000n),
          turns: fc.array(turnArbitrary, { minLength: 30, maxLength: 80 }),
        }),
        (life) => {
          const { lane } = live(life);
          const { state } = replayPublic(publicLog(lane), lane);
          expect(toHex(logRoot(sha256, state.tree))).toBe(toHex(logRoot(sha256, lane.state.tree)));
          expect(moneyOf(state)).toEqual(moneyOf(lane.state));
        },
      ),
      { numRuns: 400 },
    );
  });

  it("with everything shown, replays as the market's own replay does", () => {
    fc.assert(
      fc.property(lifeArbitrary(60), (life) => {
        const { lane } = live(life);
        const replay = replayPublic(lane.log, lane);
        expect([...replay.unsure]).toEqual([]);
        const full = new Replay(emptyLaneState(), sha256);
        full.feed(lane.log);
        expect(moneyOf(replay.state)).toEqual(moneyOf(full.state));
      }),
      { numRuns: 50 },
    );
  });

  it("never crashes on an altered record: it differs, or what it was about was withheld", () => {
    fc.assert(
      fc.property(lifeArbitrary(40), fc.nat(), fc.nat(), (life, from, to) => {
        const { lane } = live(life);
        const records = publicLog(lane);
        const [a, b] = [from % records.length, to % records.length];
        [records[a], records[b]] = [records[b] as LogRecord, records[a] as LogRecord];
        try {
          replayPublic(records, lane);
          expect(records[a]?.entry).toEqual(records[b]?.entry);
        } catch (error) {
          expect(isEarnestError(error)).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});
