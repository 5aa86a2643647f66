import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closeAndSettle, commands, openLane, startMs, TestLane } from "../../test/support/market.ts";
import { sha256 } from "../../test/support/market-hash.ts";
import { checkState, OutcomeTracker } from "../../test/support/market-invariants.ts";
import {
  byNumber,
  lifeArbitrary,
  live,
  play,
  specArbitrary,
  type TimedBatch,
} from "../../test/support/market-random.ts";
import { amount } from "../core/amount.ts";
import { toHex } from "../core/bytes.ts";
import { type EarnestError, isEarnestError } from "../core/errors.ts";
import { logRoot } from "../core/log-tree.ts";
import { isConserved } from "../ledger/books.ts";
import { decide } from "./decide.ts";
import { commitDraft } from "./draft.ts";
import { decodeRecord, type Entry, encodeRecord, isInput, type LogRecord } from "./entries.ts";
import { isTooFew, labelOf } from "./label.ts";
import { Replay } from "./replay.ts";
import { decodeState, encodeState } from "./snapshot.ts";
import { emptyLaneState, type LaneState, liveSlots, type TaskState } from "./state.ts";

const rules = { hash: sha256, propose: byNumber };
const stateHex = (state: LaneState): string => toHex(encodeState(state));
const logHex = (log: Iterable<LogRecord>): string[] => [...log].map((record) => toHex(encodeRecord(record)));
const rootHex = (state: LaneState): string => toHex(logRoot(sha256, state.tree));

describe("a random life of a market", () => {
  it("keeps its invariants after every batch, and ends every slot once", () => {
    fc.assert(
      fc.property(lifeArbitrary(100), (life) => {
        const tracker = new OutcomeTracker();
        let seen = 0;
        const { lane } = live(life, (each) => {
          tracker.see(each.log.slice(seen), each.state);
          seen = each.log.length;
          checkState(each.state);
        });
        expect(lane.log.every(({ sequence }, i) => sequence === i + 1)).toBe(true);
      }),
      { numRuns: 250 },
    );
  });

  it("leaves the state as it was when a draft is dropped, and decides the same again", () => {
    fc.assert(
      fc.property(lifeArbitrary(40), (life) => {
        const { batches } = live(life);
        const lane = new TestLane(byNumber);
        for (const { timeMs, commands: batch } of batches) {
          const before = stateHex(lane.state);
          const dropped = decide(lane.state, timeMs, batch, rules);
          expect(stateHex(lane.state)).toBe(before);
          const again = decide(lane.state, timeMs, batch, rules);
          expect(again.outcomes).toEqual(dropped.outcomes);
          expect(logHex(again.appended)).toEqual(logHex(dropped.appended));
          commitDraft(again.draft);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("shows no trace of a refused command", () => {
    fc.assert(
      fc.property(lifeArbitrary(60), (life) => {
        const { batches } = live(life);
        const lane = new TestLane(byNumber);
        for (const { timeMs, commands: batch } of batches) {
          lane.timeMs = timeMs;
          lane.batch([]);
          for (const command of batch) playAlone(lane, command);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("asks for another answer of few ones, whatever they say, as their label does", () => {
    let few = 0;
    fc.assert(
      fc.property(lifeArbitrary(60), (life) => {
        live(life, ({ state }) => {
          for (const number of state.tasks.keys()) {
            const task = state.tasks.get(number) as TaskState;
            const answered = liveSlots(task).filter(({ body }) => body !== null);
            if (answered.length === 0 || !isTooFew(state, number, answered.length)) continue;
            few++;
            expect(labelOf(state, number, answered).isAsking).toBe(true);
          }
        });
      }),
      { numRuns: 60 },
    );
    expect(few).toBeGreaterThan(100);
  });

  it("writes the same log however its commands are batched", () => {
    fc.assert(
      fc.property(lifeArbitrary(80), fc.infiniteStream(fc.integer({ min: 1, max: 5 })), (life, sizes) => {
        const { lane, batches } = live(life);
        const portioned = play(rebatched(batches, sizes));
        expect(logHex(portioned.log)).toEqual(logHex(lane.log));
        expect(stateHex(portioned.state)).toBe(stateHex(lane.state));
      }),
      { numRuns: 80 },
    );
  });
});

/** One command by itself: it either appends, or changes not a bit but for the time that begins its batch. */
function playAlone(lane: TestLane, command: Parameters<TestLane["do"]>[0]): void {
  const before = stateHex(lane.state);
  const size = lane.log.length;
  const [outcome] = lane.batch([command]);
  if (isEarnestError(outcome)) {
    expect(lane.log.length).toBe(size);
    expect(stateHex(lane.state)).toBe(before);
  } else if (outcome !== undefined) {
    expect(outcome.from + (lane.log.length - size) - 1).toBeGreaterThanOrEqual(outcome.to);
  }
}

/** The same commands at the same times in batches of other sizes. A batch has one time, so it ends where that changes. */
function rebatched(batches: readonly TimedBatch[], sizes: Iterator<number>): TimedBatch[] {
  const portions: TimedBatch[] = [];
  let left = 0;
  for (const { timeMs, commands: batch } of batches) {
    if (batch.length === 0) portions.push({ timeMs, commands: [] });
    for (const command of batch) {
      const last = portions.at(-1);
      if (left > 0 && last?.timeMs === timeMs) {
        portions[portions.length - 1] = { timeMs, commands: [...last.commands, command] };
        left--;
      } else {
        portions.push({ timeMs, commands: [command] });
        left = sizes.next().value - 1;
      }
    }
  }
  return portions;
}

describe("replay", () => {
  it("of a log in portions of any size, through its bytes, gives the live state and root", () => {
    fc.assert(
      fc.property(lifeArbitrary(80), fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (life, sizes) => {
        const { lane } = live(life);
        const stored = lane.log.map(encodeRecord);
        const replay = new Replay(emptyLaneState(), sha256);
        for (let at = 0; at < stored.length; ) {
          const size = sizes.next().value;
          replay.feed(stored.slice(at, at + size).map(decodeRecord));
          at += size;
        }
        replay.end({ size: lane.log.length, root: logRoot(sha256, lane.state.tree) });
        expect(stateHex(replay.state)).toBe(stateHex(lane.state));
        expect(rootHex(replay.state)).toBe(rootHex(lane.state));
      }),
      { numRuns: 200 },
    );
  });

  it("plans what falls due within the second like the live lane did, though it has no draft", () => {
    const terms = { overlap: { min: 2, max: 3, targetPpm: 1_000_000 }, deadlineMs: startMs + 10_000 };
    const lane = openLane({ spec: { terms, review: { windowMs: 500 } } });
    lane.answer(1, 0, "yes");
    lane.wait(10_000);
    const replay = new Replay(emptyLaneState(), sha256);
    replay.feed(lane.log);
    expect(stateHex(replay.state)).toBe(stateHex(lane.state));
  });

  it("of the rest after a checkpoint anywhere equals the whole; a restarted lane goes on the same", () => {
    fc.assert(
      fc.property(lifeArbitrary(60), fc.nat({ max: 1_000 }), (life, at) => {
        const { lane, batches } = live(life);
        const half = at % batches.length;
        const first = play(batches.slice(0, half));
        const checkpoint = encodeState(first.state);
        expect(toHex(encodeState(decodeState(checkpoint)))).toBe(toHex(checkpoint));

        const rest = play(batches.slice(half), new TestLane(byNumber, decodeState(checkpoint)));
        expect(logHex(rest.log)).toEqual(logHex(lane.log.slice(first.log.length)));
        expect(stateHex(rest.state)).toBe(stateHex(lane.state));

        const replay = new Replay(decodeState(checkpoint), sha256);
        replay.feed(lane.log.slice(first.log.length));
        replay.end();
        expect(stateHex(replay.state)).toBe(stateHex(lane.state));
      }),
      { numRuns: 60 },
    );
  });

  it("refuses every tampering with a log, and names the entry", () => {
    fc.assert(
      fc.property(
        lifeArbitrary(30),
        fc.array(tamperingArbitrary, { minLength: 40, maxLength: 40 }),
        (life, tamperings) => {
          const { lane } = live(life);
          const head = { size: lane.log.length, root: logRoot(sha256, lane.state.tree) };
          for (const tampering of tamperings) expectRefused(lane.log, tamper(lane.log, tampering), head);
        },
      ),
      { numRuns: 60 },
    );
  });
});

interface Tampering {
  readonly kind: "drop" | "insert" | "swap" | "flip" | "field" | "attach" | "cut";
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

const tamperingArbitrary: fc.Arbitrary<Tampering> = fc.record({
  kind: fc.constantFrom("drop", "insert", "swap", "flip", "field", "field", "attach", "cut"),
  a: fc.nat(),
  b: fc.nat(),
  c: fc.integer({ min: 1, max: 255 }),
});

/** The log with one thing changed; null where that has no encoding. */
function tamper(log: readonly LogRecord[], { kind, a, b, c }: Tampering): LogRecord[] | null {
  const at = a % log.length;
  const record = log[at] as LogRecord;
  const other = log[b % log.length] as LogRecord;
  switch (kind) {
    case "drop":
      return log.toSpliced(at, 1);
    case "insert":
      return log.toSpliced(at, 0, other);
    case "swap":
      return log.with(at, other).with(b % log.length, record);
    case "cut":
      return log.slice(0, at);
    case "attach":
      return log.with(at, { ...record, attachment: record.attachment === null ? new Uint8Array([c]) : null });
    case "flip": {
      const bytes = encodeRecord(record);
      bytes[b % bytes.length] = (bytes[b % bytes.length] as number) ^ c;
      return decoded(log, at, bytes);
    }
    case "field":
      return decoded(log, at, encodeRecord({ ...record, entry: withOtherField(record.entry, b) }));
  }
}

function decoded(log: readonly LogRecord[], at: number, bytes: Uint8Array): LogRecord[] | null {
  try {
    return log.with(at, decodeRecord(bytes));
  } catch (error) {
    if (!isEarnestError(error, "MALFORMED_ENCODING")) throw error;
    return null;
  }
}

/** Changes one field to another value of its type. */
function withOtherField(entry: Entry, b: number): Entry {
  const names = Object.keys(entry).filter((name) => name !== "kind");
  const name = names[b % Math.max(names.length, 1)];
  if (name === undefined) return entry;
  const value = (entry as unknown as Record<string, unknown>)[name];
  const other = (): unknown => {
    if (typeof value === "number") return value === 0 ? 1 : value - 1;
    if (typeof value === "bigint") return value + 1n;
    if (typeof value === "boolean") return !value;
    if (value instanceof Uint8Array) return value.map((byte, i) => (i === 3 ? byte ^ 1 : byte));
    if (Array.isArray(value)) return value.slice(1);
    if (value !== null && typeof value === "object") return null;
    if (name === "reason") return value === "AGREES" ? "DISAGREES" : "AGREES";
    if (name === "verdict") return value === "accepted" ? "rejected" : "accepted";
    return value;
  };
  return { ...entry, [name]: other() };
}

function expectRefused(
  log: readonly LogRecord[],
  tampered: LogRecord[] | null,
  head: { readonly size: number; readonly root: ReturnType<typeof sha256> },
): void {
  if (tampered === null) return;
  const [was, is] = [logHex(log), logHex(tampered)];
  const differs = is.findIndex((each, i) => each !== was[i]);
  const at = differs >= 0 ? differs : Math.min(was.length, is.length);
  if (at === was.length && is.length === was.length) return;
  const error = refusalOf(tampered, head);
  expect(error).toBeDefined();
  const { sequence } = (error as EarnestError<"REPLAY_MISMATCH">).context;
  // One past the end where the last input now has a consequence that is missing.
  expect(sequence).toBeLessThanOrEqual(Math.max(tampered.length, at) + 1);
  const original = log[at];
  const replacing = tampered[at];
  // A consequence is known to be wrong at once; an input may be as good as the true one until something follows from it.
  const atOnce =
    replacing !== undefined && ((original !== undefined && !isInput(original.entry)) || !isInput(replacing.entry));
  if (atOnce) expect(sequence).toBe(at + 1);
  else expect(sequence).toBeGreaterThanOrEqual(Math.min(at + 1, tampered.length));
}

function refusalOf(
  log: readonly LogRecord[],
  head: { readonly size: number; readonly root: ReturnType<typeof sha256> },
): EarnestError<"REPLAY_MISMATCH"> | undefined {
  const replay = new Replay(emptyLaneState(), sha256);
  try {
    replay.feed(log);
    replay.end(head);
    return undefined;
  } catch (error) {
    if (isEarnestError(error, "REPLAY_MISMATCH")) return error;
    throw error;
  }
}

describe("closing", () => {
  it("ends every slot and gives back what nobody earned", () => {
    fc.assert(
      fc.property(lifeArbitrary(60), (life) => {
        const tracker = new OutcomeTracker();
        let seen = 0;
        const follow = (lane: TestLane): void => {
          tracker.see(lane.log.slice(seen), lane.state);
          seen = lane.log.length;
          checkState(lane.state);
        };
        const { lane } = live(life, follow);
        if (lane.state.status === "closing" || lane.state.status === "closed") lane.wait(10_000_000);
        else closeAndSettle(lane);
        for (let i = 0; i < 5; i++) lane.wait(1_000_000);
        follow(lane);
        const { books, status } = lane.state;
        expect(status).toBe("closed");
        expect(tracker.open).toEqual([]);
        expect(books.refunded).toBe(
          books.deposited + books.received - books.sent - books.earned - books.bonus - books.fee,
        );
        expect([
          books.free,
          books.assigned,
          books.held,
          books.appealable,
          books.appealBudget,
          books.newcomerBudget,
        ]).toEqual([0n, 0n, 0n, 0n, 0n, 0n]);
      }),
      { numRuns: 100 },
    );
  });
});

describe("lanes of one market", () => {
  const transferArbitrary = fc.record({
    from: fc.nat({ max: 2 }),
    to: fc.nat({ max: 2 }),
    value: fc.bigInt({ min: 0n, max: 3_000n }),
    deliver: fc.boolean(),
  });

  it("hand money to each other without making or losing any", () => {
    fc.assert(
      fc.property(specArbitrary, fc.array(transferArbitrary, { maxLength: 40 }), (spec, transfers) => {
        const lanes = [0, 1, 2].map((number) => {
          const lane = new TestLane(byNumber);
          lane.do(commands.created(spec, number));
          if (number === 0) lane.do(commands.funded(20_000n));
          return lane;
        });
        const underWay: { from: number; to: number; value: bigint; number: number }[] = [];
        const deliver = ({ from, to, value, number }: (typeof underWay)[number]): void => {
          const received = commands.input("received", { fromLane: from, amount: amount(value), number });
          (lanes[to] as TestLane).do(received);
          (lanes[to] as TestLane).refuse(received, "MALFORMED_REQUEST");
        };
        for (const { from, to, value, deliver: now } of transfers) {
          const sender = lanes[from] as TestLane;
          const number = (sender.state.sent.get(to) ?? 0) + 1;
          const [sent] = sender.batch([commands.input("sent", { toLane: to, amount: amount(value), number })]);
          if (!isEarnestError(sent)) underWay.push({ from, to, value, number });
          else expect(sent.code).toBe("ESCROW_INSUFFICIENT");
          if (now) for (const each of underWay.splice(0)) deliver(each);
        }
        const total = (name: "free" | "sent" | "received" | "deposited"): bigint =>
          lanes.reduce((sum, lane) => sum + lane.state.books[name], 0n);
        const inTransit = underWay.reduce((sum, { value }) => sum + value, 0n);
        expect(total("sent")).toBe(total("received") + inTransit);
        expect(total("free") + inTransit).toBe(total("deposited"));
        expect(lanes.every((lane) => isConserved(lane.state.books))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
