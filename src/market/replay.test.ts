import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bodyFields, closeAndSettle, openLane, type TestLane } from "../../test/support/market.ts";
import { named, sha256 } from "../../test/support/market-hash.ts";
import { lifeArbitrary, live } from "../../test/support/market-random.ts";
import { toHex } from "../core/bytes.ts";
import { isEarnestError } from "../core/errors.ts";
import { logRoot } from "../core/log-tree.ts";
import { readBody } from "./body.ts";
import { decodeEntry, type EntryOf, encodeEntry } from "./entries.ts";
import { Replay, type StoredRecord } from "./replay.ts";
import { stateHash } from "./snapshot.ts";
import { emptyLaneState } from "./state.ts";

const storedLog = ({ log }: TestLane): StoredRecord[] =>
  log.map(({ encoded, attachment }) => ({ encoded, attachment }));

/** Four tasks that three contributors answer, one answer of them wrong. */
function worked(): TestLane {
  const lane = openLane({ tasks: 4, members: 3 });
  for (let task = 0; task < 4; task++) {
    for (const contributor of [1, 2, 3]) lane.answer(contributor, task, task + contributor === 3 ? "no" : "yes");
  }
  closeAndSettle(lane);
  return lane;
}

const headOf = ({ log, state }: TestLane) => ({ size: log.length, root: logRoot(sha256, state.tree) });

/** Where replay of the records says that the log and the rules differ; null where they do not. */
function differenceIn(records: readonly StoredRecord[], head?: ReturnType<typeof headOf>) {
  const replay = new Replay(emptyLaneState(), sha256);
  try {
    replay.feedStored(records);
    replay.end(head);
    return null;
  } catch (error) {
    if (!isEarnestError(error, "REPLAY_MISMATCH")) throw error;
    return { sequence: error.context.sequence, what: error.context.what };
  }
}

describe("replay of stored records", () => {
  it("leads to the state that replay of decoded ones leads to, in portions of any size", () => {
    fc.assert(
      fc.property(lifeArbitrary(60), fc.integer({ min: 1, max: 40 }), (life, portion) => {
        const { lane } = live(life);
        const decoded = new Replay(emptyLaneState(), sha256);
        decoded.feed(lane.log);
        const stored = new Replay(emptyLaneState(), sha256);
        const records = storedLog(lane);
        for (let at = 0; at < records.length; at += portion) stored.feedStored(records.slice(at, at + portion));
        stored.end(headOf(lane));
        expect(toHex(stateHash(sha256, stored.state))).toBe(toHex(stateHash(sha256, lane.state)));
        expect(toHex(stateHash(sha256, decoded.state))).toBe(toHex(stateHash(sha256, lane.state)));
      }),
      { numRuns: 60 },
    );
  });

  it("without its own tree leads to the same state but for the tree", () => {
    const lane = worked();
    const replay = new Replay(emptyLaneState(), sha256, "elsewhere");
    replay.feedStored(storedLog(lane));
    expect(replay.state.tree).toEqual({ size: lane.log.length, peaks: [] });
    // The root is for whoever has the tree; that nothing is missing is for both.
    replay.end({ size: lane.log.length, root: named("another root") });
    expect(() => replay.end({ size: lane.log.length + 1, root: named("another root") })).toThrow(/its head at/);
    replay.state.tree = lane.state.tree;
    expect(toHex(stateHash(sha256, replay.state))).toBe(toHex(stateHash(sha256, lane.state)));
  });

  it("leaves a tree behind that later entries do not change", () => {
    const lane = worked();
    const replay = new Replay(emptyLaneState(), sha256);
    replay.feedStored(storedLog(lane).slice(0, 7));
    const { tree } = replay.state;
    const root = toHex(logRoot(sha256, tree));
    replay.feedStored(storedLog(lane).slice(7));
    expect(tree.size).toBe(7);
    expect(toHex(logRoot(sha256, tree))).toBe(root);
    expect(toHex(logRoot(sha256, replay.state.tree))).toBe(toHex(headOf(lane).root));
  });

  it("names the entry that was changed, whichever it is, and never one before it", () => {
    const lane = worked();
    const records = storedLog(lane);
    for (const [at, { encoded, attachment }] of records.entries()) {
      const changed = Uint8Array.from(encoded);
      changed[changed.length - 1] = (changed.at(-1) as number) ^ 1;
      const difference = differenceIn(records.with(at, { encoded: changed, attachment }), headOf(lane));
      expect(difference?.sequence).toBeGreaterThan(at);
      const isConsequence = lane.log[at]?.entry.kind === "settled" || lane.log[at]?.entry.kind === "closed";
      if (isConsequence) expect(difference?.sequence).toBe(at + 1);
    }
  });

  it("says what stands in place of a consequence, also where that cannot be decoded", () => {
    const lane = worked();
    const at = lane.log.findIndex(({ entry }) => entry.kind === "settled");
    const records = storedLog(lane);
    const timed = encodeEntry({ kind: "timed", timeMs: 1 });
    expect(differenceIn(records.with(at, { encoded: timed, attachment: null }))).toEqual({
      sequence: at + 1,
      what: "the log says timed, the rules say settled",
    });
    expect(differenceIn(records.with(at, { encoded: Uint8Array.of(255), attachment: null }))?.what).toBe(
      "the log says what cannot be decoded, the rules say settled",
    );
    expect(differenceIn(records.with(at, { ...(records[at] as StoredRecord), attachment: timed }))?.what).toBe(
      "a consequence has no attachment",
    );
    const settled = lane.log[at]?.entry as EntryOf<"settled">;
    const altered = encodeEntry({ ...settled, decided: !settled.decided });
    expect(differenceIn(records.with(at, { encoded: altered, attachment: null }))?.what).toBe(
      `the log's settled says decided ${!settled.decided}, the rules ${settled.decided}`,
    );
    expect(differenceIn(records.slice(0, at))).toEqual({
      sequence: at + 1,
      what: "the log ends before its settled entry",
    });
  });

  it("names an input that cannot be decoded", () => {
    const records = storedLog(worked());
    const difference = differenceIn(records.with(3, { encoded: Uint8Array.of(1, 2, 3), attachment: null }));
    expect(difference?.sequence).toBe(4);
    expect(difference?.what).toMatch(/log entry/);
  });

  it("finds a second consequence that stands in place of the first", () => {
    const lane = openLane({ tasks: 2, members: 3 });
    for (const task of [0, 1]) lane.take(1, task);
    lane.wait(61_000);
    const at = lane.log.findIndex(({ entry }) => entry.kind === "expired");
    const records = storedLog(lane);
    const [first, second] = records.slice(at, at + 2) as [StoredRecord, StoredRecord];
    expect(differenceIn(records.with(at, second).with(at + 1, first))).toEqual({
      sequence: at + 1,
      what: "the log's expired says task 1, the rules 0",
    });
    expect(differenceIn([...records.slice(0, at + 1), ...records.slice(at + 2)])?.sequence).toBe(at + 2);
  });
});

/** Replay hashes an input's bytes as they were read: that is right only while nothing decodes that would encode otherwise. */
describe("the bytes of an entry", () => {
  const { log } = worked();
  const edits = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 3 });

  it("are those of its encoding, wherever they can be decoded", () => {
    let decoded = 0;
    fc.assert(
      fc.property(fc.nat(log.length - 1), edits, fc.boolean(), (at, changes, isShorter) => {
        const bytes = Uint8Array.from(log[at]?.encoded ?? []);
        for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
        const changed = isShorter ? bytes.subarray(0, -1) : bytes;
        const entry = entryIn(changed);
        if (entry === null) return;
        decoded++;
        expect(toHex(encodeEntry(entry))).toBe(toHex(changed));
      }),
      { numRuns: 3_000 },
    );
    expect(decoded).toBeGreaterThan(500);
  });
});

function entryIn(bytes: Uint8Array) {
  try {
    return decodeEntry(bytes);
  } catch (error) {
    if (!isEarnestError(error)) throw error;
    return null;
  }
}

describe("a body", () => {
  it("is read anew under another schema, and by another's content", () => {
    const { body } = bodyFields("yes");
    const schemas = [
      ["yes", "no"],
      ["no", "yes"],
      ["a", "b", "yes"],
    ].map((choices) => ({ type: "choice", choices }) as const);
    expect(schemas.map((schema) => readBody(schema, body))).toEqual([0, 1, 2]);
    const [schema] = schemas as [(typeof schemas)[0]];
    expect(readBody(schema, bodyFields("no").body)).toBe(1);
    expect(readBody(schema, body)).toBe(0);
    expect(() => readBody(schema, bodyFields("maybe").body)).toThrow(/does not fit/);
    expect(readBody(schema, body)).toBe(0);
  });
});
