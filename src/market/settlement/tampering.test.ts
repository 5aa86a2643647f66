import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closeAndSettle, commands, controlFor, openLane, type TestLane } from "../../../test/support/market.ts";
import { sha256 } from "../../../test/support/market-hash.ts";
import { lifeArbitrary, live } from "../../../test/support/market-random.ts";
import { toHex } from "../../core/bytes.ts";
import { isEarnestError } from "../../core/errors.ts";
import { logRoot } from "../../core/log-tree.ts";
import { decodeEntry } from "../entries.ts";
import { Replay, type StoredRecord } from "../replay.ts";
import { emptyLaneState } from "../state.ts";
import { rootOfRecords, type Tampering, tamper, tamperable, tamperings } from "./tampering.ts";

const storedLog = ({ log }: TestLane): StoredRecord[] =>
  log.map(({ encoded, attachment }) => ({ encoded, attachment }));

/** A life with everything that can be tampered with: verdicts, a model, a deposit, a bonus, an expiry, a close. */
function worked(): TestLane {
  const lane = openLane({ tasks: 24, members: 4, controls: [controlFor(0, 0)], deposit: 10_000_000n });
  for (let task = 0; task < 24; task++) {
    for (const contributor of [1, 2, 3]) lane.answer(contributor, task, (task + contributor) % 9 === 0 ? "no" : "yes");
  }
  lane.do(commands.input("bonusPaid", { contributor: 1, amount: lane.state.spec?.terms.reward ?? fail(), note: "" }));
  return lane;
}

const fail = (): never => {
  throw new Error("no reward");
};

const open = worked();
const closed = worked();
closeAndSettle(closed);

/** The entry that replay names; null where the records replay without a difference. */
function namedBy(records: readonly StoredRecord[], root = rootOfRecords(sha256, records)): number | null {
  const replay = new Replay(emptyLaneState(), sha256);
  try {
    replay.feedStored(records);
    replay.end({ size: records.length, root });
    return null;
  } catch (error) {
    if (!isEarnestError(error, "REPLAY_MISMATCH")) throw error;
    return error.context.sequence;
  }
}

describe("a log that is tampered with", () => {
  it.each(tamperings)("by another %s is refused at that very entry, though its head fits", (how) => {
    const records = storedLog(closed);
    expect(namedBy(records)).toBeNull();
    const { records: changed, sequence, shownBy } = tamper(records, how);
    expect(shownBy).toBe("rules");
    expect(namedBy(changed)).toBe(sequence);
  });

  it.each([
    ["verdict", "another verdict in settled", 0],
    ["amount", "another amount in closed", 0],
    ["model", "another model in modelAdopted", 0],
    ["drop", "settled left out", -1],
    ["insert", "a verdict that nothing led to", 1],
    ["reorder", "submitted and settled exchanged", 0],
  ] as const)("by another %s differs from the true one in that alone", (how, what, longer) => {
    const records = storedLog(closed);
    const tampered = tamper(records, how);
    expect(tampered.what).toBe(what);
    expect(tampered.records).toHaveLength(records.length + longer);
    const before = records.slice(0, tampered.sequence - 1);
    expect(tampered.records.slice(0, tampered.sequence - 1)).toEqual(before);
    const changed = how === "reorder" ? 2 : 1;
    const after = records.slice(tampered.sequence - 1 + (longer === 1 ? 0 : changed));
    expect(tampered.records.slice(tampered.sequence - 1 + (longer === -1 ? 0 : changed))).toEqual(after);
    for (const { encoded } of tampered.records) expect(decodeEntry(encoded).kind).not.toBe("");
    expect(toHex(rootOfRecords(sha256, tampered.records))).not.toBe(toHex(logRoot(sha256, closed.state.tree)));
  });

  it("leaves the records that it was given alone", () => {
    const records = storedLog(closed);
    const copies = records.map(({ encoded }) => toHex(encoded));
    for (const how of tamperings) tamper(records, how);
    expect(records.map(({ encoded }) => toHex(encoded))).toEqual(copies);
  });

  it("in an amount that the rules would admit shows in a head that somebody kept", () => {
    const records = storedLog(open);
    const funded = open.log.find(({ entry }) => entry.kind === "funded")?.sequence ?? 0;
    const { records: changed, sequence, shownBy } = tamper(records, "amount", funded);
    expect({ sequence, shownBy }).toEqual({ sequence: funded, shownBy: "head" });
    expect(namedBy(changed)).toBeNull();
    expect(namedBy(changed, logRoot(sha256, open.state.tree))).toBe(records.length);
    // Of an open market, the bonus is the amount that is altered.
    expect(tamper(records, "amount").what).toBe("another amount in bonusPaid");
  });

  it("may be altered at any entry that says such a thing, and at no other", () => {
    const records = storedLog(closed);
    const refused: Record<string, number> = {};
    for (const how of tamperings) {
      const places = tamperable(records, how);
      for (let sequence = 1; sequence <= records.length; sequence++) {
        const tampered = attempt(records, how, sequence);
        expect(places.includes(sequence)).toBe(tampered !== null);
        if (tampered === null) refused[how] = (refused[how] ?? 0) + 1;
        else {
          const found = namedBy(tampered.records);
          if (tampered.shownBy === "rules") expect(found).toBe(sequence);
          else if (found !== null) expect(found).toBeGreaterThanOrEqual(sequence);
        }
      }
    }
    const kinds = closed.log.map(({ entry }) => entry.kind);
    const count = (...some: readonly string[]): number => kinds.filter((kind) => some.includes(kind)).length;
    expect(records.length - (refused["verdict"] ?? 0)).toBe(count("settled", "judged"));
    expect(records.length - (refused["amount"] ?? 0)).toBe(count("funded", "closed", "bonusPaid"));
    expect(records.length - (refused["model"] ?? 0)).toBe(count("modelAdopted"));
    expect(refused["drop"] ?? 0).toBe(0);
    expect(refused["reorder"]).toBe(1);
    expect(refused["insert"]).toBe(kinds.indexOf("submitted") + 1);
  });

  it("is refused in random lives as well, at the entry where the rules show it", () => {
    fc.assert(
      fc.property(lifeArbitrary(60), fc.constantFrom(...tamperings), fc.nat(1_000), (life, how, place) => {
        const { lane } = live(life);
        const records = storedLog(lane);
        const tampered = attempt(records, how, 1 + (place % records.length));
        if (tampered === null) return;
        const found = namedBy(tampered.records, logRoot(sha256, lane.state.tree));
        if (tampered.shownBy === "rules") expect(found).toBe(tampered.sequence);
        else expect(found === null).toBe(sameBytes(tampered.records, records));
      }),
      { numRuns: 60 },
    );
  });

  it("must hold something to tamper with", () => {
    const records = storedLog(openLane({ tasks: 2, members: 1 }));
    for (const how of ["verdict", "model", "drop", "insert", "reorder"] as const) {
      expect(() => tamper(records, how)).toThrow(/the log: has nothing to tamper with/);
    }
    expect(() => tamper(records, "verdict", 3)).toThrow(/entry 3: cannot be tampered with \(verdict\)/);
    expect(() => tamper(records, "drop", records.length + 1)).toThrow(/cannot be tampered with/);
  });
});

const sameBytes = (a: readonly StoredRecord[], b: readonly StoredRecord[]): boolean =>
  a.length === b.length && a.every(({ encoded }, i) => toHex(encoded) === toHex(b[i]?.encoded ?? new Uint8Array(0)));

function attempt(records: readonly StoredRecord[], how: Tampering, sequence: number) {
  try {
    return tamper(records, how, sequence);
  } catch (error) {
    if (!isEarnestError(error, "MALFORMED_REQUEST")) throw error;
    return null;
  }
}
