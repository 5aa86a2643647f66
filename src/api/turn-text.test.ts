import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { named, sha256 } from "../../test/support/market-hash.ts";
import { amount } from "../core/amount.ts";
import { appendedPaths, logRoot, logTreeOf } from "../core/log-tree.ts";
import { marketId } from "../core/market-id.ts";
import type { Acknowledgement, OfferView, SubmissionView, TurnView } from "../engine/types.ts";
import { turnText } from "./turn-text.ts";
import { moneyOf } from "./values.ts";
import { acknowledgementView, offerView, submissionView } from "./views.ts";

const money = moneyOf(6);
const market = marketId("00112233445566778899aabbccddeeff");
const leaves = Array.from({ length: 200 }, (_, i) => named(`leaf ${i}`));

const submission = (sequence: number): SubmissionView => ({
  slot: { task: sequence, ordinal: 1 },
  state: "held",
  reason: null,
  reward: amount(10_000n),
  sequence,
});

/** What its requester wrote has to be escaped. */
const offer: OfferView = {
  slot: { task: 7, ordinal: 2 },
  expiresAtMs: 5,
  code: 'a "code"',
  reward: amount(20_000n),
  task: {
    lane: 0,
    task: 7,
    externalId: 'an "id"\n',
    content: { text: 'a "text" of \u2028 lines', "</script>": [1, null] },
    terms: {
      answer: { type: "choice", choices: ["a", "b"] },
      agreement: null,
      reward: amount(20_000n),
      overlap: { min: 1, max: 2, targetPpm: 900_000 },
      leaseMs: 1_000,
      deadlineMs: null,
      eligibility: [],
    },
  },
};

/** The answers to a batch, a turn for each part of what it appended. */
function turnsOf(before: number, counts: readonly number[]): TurnView[] {
  const added = leaves.slice(before, before + counts.reduce((sum, count) => sum + count, 0));
  const tree = logTreeOf(sha256, leaves.slice(0, before));
  const paths = appendedPaths(sha256, tree, added);
  const root = logRoot(sha256, logTreeOf(sha256, leaves.slice(0, before + added.length)));
  const head = { sequence: before + added.length, root, timeMs: 1_700_000_000_000, signature: new Uint8Array(64) };
  const entries = added.map((leaf, i) => ({ sequence: before + i + 1, encoded: leaf, path: paths[i] as never }));
  return counts.map((count, turn) => {
    const from = counts.slice(0, turn).reduce((sum, each) => sum + each, 0);
    const acknowledgement: Acknowledgement = { market, lane: 0, head, entries: entries.slice(from, from + count) };
    return {
      submissions: acknowledgement.entries.map(({ sequence }) => submission(sequence)),
      offers: turn % 2 === 0 ? [offer] : [],
      acknowledgement,
    };
  });
}

const plain = ({ submissions, offers, acknowledgement }: TurnView): string =>
  JSON.stringify({
    submissions: submissions.map((each) => submissionView(money, each)),
    offers: offers.map((each) => offerView(money, each)),
    acknowledgement: acknowledgementView(acknowledgement),
  });

describe("the text of a turn", () => {
  it("is what JSON.stringify writes, whatever the log had before and whoever was answered first", () => {
    const counts = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.nat({ max: 100 }), counts, fc.boolean(), (before, parts, isReversed) => {
        const turns = turnsOf(before, parts);
        for (const turn of isReversed ? turns.reverse() : turns) expect(turnText(money, turn).text).toBe(plain(turn));
      }),
    );
  });

  it("is right again for the same entries under another head", () => {
    const [small] = turnsOf(3, [5]) as [TurnView];
    const [large] = turnsOf(3, [5, 30]) as [TurnView];
    expect(turnText(money, small).text).toBe(plain(small));
    expect(turnText(money, large).text).toBe(plain(large));
    expect(turnText(money, small).text).toBe(plain(small));
  });

  it("has a path without siblings for an entry that is alone", () => {
    const [turn] = turnsOf(0, [1]) as [TurnView];
    expect(JSON.parse(turnText(money, turn).text).acknowledgement.entries[0].path).toEqual({
      index: 0,
      size: 1,
      siblings: [],
    });
  });
});
