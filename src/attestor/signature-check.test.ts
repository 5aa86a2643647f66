import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signInOf } from "../../test/support/market.ts";
import { named } from "../../test/support/market-hash.ts";
import { type Bytes32, toUtf8, zero32 } from "../core/bytes.ts";
import { marketId } from "../core/market-id.ts";
import { coverageStatement, payToStatement, runningHash, submissionsStatement } from "../core/statements.ts";
import { sha256, signerFromSeed, verifyEd25519 } from "../main/crypto.ts";
import type { Entry, EntryOf } from "../market/entries.ts";
import { emptyLaneState, type Member, newMember, noFacts } from "../market/state.ts";
import { MapTable } from "../market/table.ts";
import { SignatureCheck } from "./signature-check.ts";

const pool = named("pool");
const market = marketId("000102030405060708090a0b0c0d0e0f");
const session = signerFromSeed(named("session"));
const member = signerFromSeed(named("member"));
const state = { ...emptyLaneState(), market };
state.members.set(1, newMember(member.publicKey, named("owner"), false, noFacts));

type Slots = readonly { readonly task: number; readonly ordinal: number }[];

const bodyOf = (task: number): Bytes32 => named(`body ${task}`);

function requestOf(slots: Slots, timeMs = 5): Entry[] {
  const submissions = slots.map((slot) => ({ ...slot, body: bodyOf(slot.task) }));
  const signature = session.sign(submissionsStatement(market, timeMs, submissions));
  return [
    { kind: "signed", contributor: 1, session: session.publicKey, timeMs, count: slots.length, signature },
    ...submissions.map((each): Entry => ({ kind: "submitted", contributor: 1, next: null, ...each })),
  ];
}

/** Null, or the number of the entry that is refused. */
function refused(entries: readonly Entry[], after = state): number | null {
  const check = new SignatureCheck(pool, verifyEd25519);
  try {
    entries.forEach((entry, i) => {
      check.take(after, entry, i + 1);
    });
    return null;
  } catch (error) {
    return (error as { context: { sequence: number } }).context.sequence;
  }
}

const slots = fc.uniqueArray(fc.record({ task: fc.nat(1_000), ordinal: fc.nat(9) }), {
  minLength: 1,
  maxLength: 8,
  selector: ({ task }) => task,
});
const cut: Entry = { kind: "cut", epoch: 1 };

describe("the signatures in a lane", () => {
  it("cover each request as a whole", () => {
    fc.assert(
      fc.property(fc.array(slots, { maxLength: 3 }), (requests) => {
        expect(refused([...requests.flatMap((each) => requestOf(each)), cut])).toBeNull();
      }),
      { numRuns: 30 },
    );
  });

  it("do not cover what was left out, put in, changed or reordered", () => {
    fc.assert(
      fc.property(slots, fc.nat(), (request, at) => {
        const [signed, ...submitted] = requestOf(request) as [Entry, ...Entry[]];
        const place = at % submitted.length;
        const shorter = submitted.toSpliced(place, 1);
        expect(refused([signed, ...shorter, cut])).toBe(1);
        const one = submitted[place] as Extract<Entry, { kind: "submitted" }>;
        expect(refused([signed, ...submitted.with(place, { ...one, body: named("another") }), cut])).toBe(1);
        expect(refused([signed, ...submitted.with(place, { ...one, ordinal: one.ordinal + 1 }), cut])).toBe(1);
        expect(refused([signed, ...submitted, one])).toBe(submitted.length + 2);
        if (submitted.length > 1) expect(refused([signed, ...submitted.toReversed(), cut])).toBe(1);
        expect(refused([signed, ...shorter, ...requestOf(request)])).toBe(1);
      }),
      { numRuns: 30 },
    );
  });

  it("may come later, as a checkpoint over what a session's token brought", () => {
    const members = new MapTable(new Map([[1, newMember(member.publicKey, named("owner"), false, noFacts)]]));
    const token = { ...state, members };
    const submissions = [1, 2].map((task) => ({ task, ordinal: 0, body: bodyOf(task) }));
    const submitted = submissions.map((each): Entry => ({ kind: "submitted", contributor: 1, next: null, ...each }));
    const covered = (place = market, lane = 0, by = session): Entry => {
      const parts = { session: session.publicKey, count: 2, running: runningHash(sha256, zero32, submissions) };
      const signature = by.sign(coverageStatement({ market: place, lane, ...parts }));
      return { kind: "covered", contributor: 1, by: session.publicKey, ...parts, signature };
    };
    // Nobody said that a session carries them.
    expect(refused(submitted, token)).toBe(1);
    (members.edit(1) as Member).carrier = session.publicKey;
    expect(refused([...submitted, covered(), cut], token)).toBeNull();
    expect(refused([...submitted, covered(market, 1)], token)).toBe(3);
    expect(refused([...submitted, covered(marketId("ff".repeat(16)))], token)).toBe(3);
    expect(refused([...submitted, covered(market, 0, member)], token)).toBe(3);
    expect(refused([...submitted, { ...(covered() as EntryOf<"covered">), count: 1 }], token)).toBe(3);
    expect(refused([...submitted, { ...(covered() as EntryOf<"covered">), running: named("others") }], token)).toBe(3);
  });

  it("are of the time and market that they name", () => {
    const [signed, ...submitted] = requestOf([{ task: 1, ordinal: 0 }]) as [Extract<Entry, { kind: "signed" }>, Entry];
    expect(refused([{ ...signed, timeMs: 6 }, ...submitted])).toBe(1);
    const check = new SignatureCheck(pool, verifyEd25519);
    const elsewhere = { ...state, market: marketId("ff".repeat(16)) };
    check.take(elsewhere, signed, 1);
    expect(() => check.take(elsewhere, submitted[0], 2)).toThrow(/REPLAY|signature|entry/);
  });

  it("let a contributor alone say which session signs for it", () => {
    const text = signInOf(member.publicKey, session.publicKey);
    const by = (signer: typeof member, said = text): Entry => ({
      kind: "authorised",
      contributor: 1,
      text: said,
      signature: signer.sign(toUtf8(text)),
    });
    expect(refused([by(member)])).toBeNull();
    expect(refused([by(session)])).toBe(1);
    expect(refused([by(member, signInOf(member.publicKey, named("another session")))])).toBe(1);
    expect(refused([{ ...(by(member) as EntryOf<"authorised">), contributor: 2 }])).toBe(1);
  });

  it("let a contributor alone say where it is paid, and in this pool alone", () => {
    const wallet = named("wallet");
    const payTo = (statement: Uint8Array, contributor = 1): Entry => ({
      kind: "payTo",
      contributor,
      number: 7,
      wallet,
      signature: member.sign(statement),
    });
    expect(refused([payTo(payToStatement({ pool, number: 7, wallet }))])).toBeNull();
    expect(refused([payTo(payToStatement({ pool, number: 8, wallet }))])).toBe(1);
    expect(refused([payTo(payToStatement({ pool: named("other pool"), number: 7, wallet }))])).toBe(1);
    expect(refused([payTo(payToStatement({ pool, number: 7, wallet: named("thief") }))])).toBe(1);
    expect(refused([payTo(payToStatement({ pool, number: 7, wallet }), 2)])).toBe(1);
  });
});
