import { describe, expect, it } from "vitest";
import {
  attest,
  bang,
  bodyOf,
  commit,
  control,
  execute,
  finished,
  laneOf,
  programHash,
  replays,
  submit,
} from "../../../test/support/executing-lane.ts";
import { type TestLane, verdictsOn } from "../../../test/support/market.ts";
import { sha256 } from "../../../test/support/market-hash.ts";
import { toHex, toUtf8 } from "../../core/bytes.ts";
import type { Json } from "../../core/json.ts";
import { Hints } from "./hints.ts";
import { PublicReplay } from "./public-replay.ts";

/** Replays the log as everybody may see it: without the bodies of whoever was not paid. */
function checkPublic({ log, state }: TestLane): void {
  const records = log.map(({ entry, attachment }) => {
    const isPaid = entry.kind === "submitted" && verdictsOn(log, entry).some((each) => each.startsWith("accepted"));
    return { entry, attachment: entry.kind === "submitted" && !isPaid ? null : attachment };
  });
  const hints = new Hints();
  for (const record of records) hints.take(record);
  const replay = new PublicReplay(hints);
  for (const record of records) replay.feed(record);
  replay.end();
  expect(replay.state.books).toEqual(state.books);
}

const runOf = (input: Json, output: Json = null): Json => ({ program: { hash: programHash }, input, output });

describe("a public log with executions", () => {
  it("replays where proofs that were not paid are withheld", () => {
    const composition: Json = {
      all: [attest, replays("proof", "fires"), { match: { type: "crash", name: "proof" } }],
    };
    const spec = { terms: { overlap: { min: 4, max: 4, targetPpm: 0 } } };
    const lane = laneOf(composition, spec, { proof: runOf({ content: "proof" }) });
    for (const each of [1, 2, 3]) {
      const body = bodyOf(`proof ${each}`, { proof: toUtf8(`${each}`) });
      const slot = lane.take(each, 0);
      lane.do(commit(each, slot, body));
      submit(lane, each, slot, body);
      execute(lane, slot, () => (each === 3 ? finished() : bang("parse", "main")));
    }
    expect(lane.entries("verified").map(({ reason }) => reason)).toEqual([
      "CHECKS_PASSED",
      "DUPLICATE",
      "NOT_REPRODUCED",
    ]);
    checkPublic(lane);
  });

  it("replays where results that were not paid are withheld", () => {
    const composition: Json = { all: [attest, { agree: { type: "quorum", name: "result", ownersMin: 2 } }] };
    const spec = { terms: { overlap: { min: 1, max: 3, targetPpm: 0 } } };
    const run = runOf({ hash: toHex(sha256(control)) }, { content: "result" });
    const lane = laneOf(composition, spec, { result: run });
    const slots = ["42", "41", "40"].map((result, i) => {
      const slot = lane.take(i + 1, 0);
      const bytes = toUtf8(result);
      submit(lane, i + 1, slot, bodyOf(toHex(sha256(bytes)), { result: bytes }));
      return slot;
    });
    for (const slot of slots) execute(lane, slot, () => finished(toUtf8("41")));
    expect(lane.entries("verified").map(({ verdict }) => verdict)).toEqual(["rejected", "accepted", "rejected"]);
    checkPublic(lane);
  });
});
