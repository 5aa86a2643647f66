import { describe, expect, it } from "vitest";
import { commands, openLane } from "../../test/support/market.ts";
import { named, sha256 } from "../../test/support/market-hash.ts";
import type { Json } from "../core/json.ts";
import type { Slot } from "../core/slot.ts";
import { readComposition } from "../verification/algebra/verify.ts";
import { codeOf } from "./code.ts";
import { Replay } from "./replay.ts";
import { encodeState } from "./snapshot.ts";
import { emptyLaneState } from "./state.ts";

const coded: Json = { all: [{ attest: { isSignatureNeeded: true, isNonceNeeded: true, isOnePerOwner: true } }] };

describe("the code of an assignment", () => {
  it("has to come back with the submission, and is another each time", () => {
    const verification = { version: 1, composition: readComposition(coded, "composition") };
    const lane = openLane({ spec: { verification } });
    const offered = [0, 1].map((task) => lane.do(commands.assign(1, task)).offers[0]);
    const [first, second] = offered.map((offer) => offer?.code as string);
    expect(first).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
    expect(second).not.toBe(first);
    const [one, two] = offered.map((offer) => offer?.slot as Slot) as [Slot, Slot];
    expect(lane.submit(1, two, "yes", { nonce: first as string })).toMatchObject({ reason: "NONCE_WRONG" });
    expect(lane.submit(1, one, "yes", { nonce: first as string })).toMatchObject({ state: "accepted" });
    expect(lane.answer(2, 2, "yes")).toMatchObject({ reason: "EVIDENCE_MISSING" });
    const replay = new Replay(emptyLaneState(), sha256);
    replay.feed(lane.log);
    replay.end();
    expect(encodeState(replay.state)).toEqual(encodeState(lane.state));
  });

  it("is told only where one is asked for", () => {
    expect(openLane().do(commands.assign(1, 0)).offers[0]?.code).toBeNull();
  });

  it("is pinned", () => {
    const { market } = openLane().state;
    const slot = { task: 3, ordinal: 1 };
    expect(codeOf({ market, slot, expiresAtMs: 1_700_000_060_000 }, named("key 1"))).toBe("R791ZKXD");
  });
});
