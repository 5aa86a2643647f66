import { describe, expect, it } from "vitest";
import {
  bodyFields,
  commands,
  openLane,
  signInOf,
  type TestLane,
  testAuthorisation,
} from "../../test/support/market.ts";
import { named } from "../../test/support/market-hash.ts";
import type { Bytes32 } from "../core/bytes.ts";
import type { Slot } from "../core/slot.ts";
import type { Command } from "./decide.ts";

const keyOf = (contributor: number): Bytes32 => named(`key ${contributor}`);
const noSignature = new Uint8Array(64);

/** An answer that this session signed, with this sign-in. */
const submit = (lane: TestLane, slot: Slot, session: Bytes32, text: string): Command => ({
  type: "submit",
  contributor: 1,
  session,
  authorisation: { text, signature: noSignature },
  signed: { timeMs: lane.timeMs, signature: noSignature },
  submissions: [{ slot, ...bodyFields("yes") }],
  next: 0,
});

describe("a session", () => {
  it("is entered with its first request in a lane, and not again", () => {
    const lane = openLane();
    lane.answer(1, 0, "yes");
    lane.answer(1, 1, "yes");
    expect(lane.entries("authorised")).toMatchObject([{ contributor: 1, ...testAuthorisation(1) }]);
    expect(lane.member(1).sessions.map(({ key }) => key)).toEqual([named("session 1")]);
  });

  it("is one of the four that its contributor came with last", () => {
    const lane = openLane({ tasks: 8 });
    const sessions = ["a", "b", "c", "d", "e"].map(named);
    for (const [task, session] of sessions.entries()) {
      lane.do(submit(lane, lane.take(1, task), session, signInOf(keyOf(1), session)));
    }
    expect(lane.member(1).sessions.map(({ key }) => key)).toEqual(sessions.slice(1));
    const [first] = sessions as [Bytes32];
    lane.do(submit(lane, lane.take(1, 5), first, signInOf(keyOf(1), first)));
    expect(lane.entries("authorised")).toHaveLength(6);
  });

  it.each([
    ["of another contributor", signInOf(keyOf(2), named("session"))],
    ["for another session", signInOf(keyOf(1), named("another"))],
    ["that is no sign-in", "hello"],
    ["until no time", signInOf(keyOf(1), named("session")).replace("2100-01-01T00:00:00.000Z", "for ever")],
    ["that is over", signInOf(keyOf(1), named("session")).replace("2100", "2001")],
    ["with a word more", `${signInOf(keyOf(1), named("session"))} `],
  ])("is not authorised by a text %s", (_, text) => {
    const lane = openLane();
    lane.refuse(submit(lane, lane.take(1, 0), named("session"), text), "MALFORMED_REQUEST");
    expect(lane.entries("signed")).toEqual([]);
  });

  it("signs nothing in the log before it is authorised there", () => {
    const lane = openLane();
    const parts = {
      contributor: 1,
      session: named("session 1"),
      timeMs: lane.timeMs,
      count: 1,
      signature: noSignature,
    };
    lane.refuse(commands.input("signed", parts), "MALFORMED_REQUEST");
  });
});
