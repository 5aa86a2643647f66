import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openLane } from "../../../test/support/market.ts";
import { named, sha256 } from "../../../test/support/market-hash.ts";
import {
  chainMarket,
  escrows,
  firstAsOf,
  firstCuts,
  laneCut,
  leafFileHashOf,
  marketIds,
  member,
  pinned,
  secondAsOf,
  secondCuts,
  strangeMarket,
  tokenAccountOf,
  type WorldParts,
  worldWith,
} from "../../../test/support/settlement-world.ts";
import { amount } from "../../core/amount.ts";
import { commitDigest } from "../../core/commit/commit-message.ts";
import type { EpochLeaves } from "../../core/commit/leaf-file.ts";
import { compareMarkets } from "../../core/merkle/leaves.ts";
import { Replay } from "../replay.ts";
import { emptyLaneState } from "../state.ts";
import { aheadSecondsMax, type CommitCheck, checkCommit, type OwnReplay, replayFailure } from "./check-commit.ts";
import { abstentions, differenceText, refusals } from "./differences.ts";
import type { LaneCut } from "./lane-cut.ts";

const outcomeOf = (check: CommitCheck): string => {
  const found = checkCommit(sha256, check);
  return found.outcome === "ok" ? "ok" : `${found.outcome} ${found.difference.code}`;
};

const placeOf = (check: CommitCheck): object | null => {
  const found = checkCommit(sha256, check);
  return found.outcome === "ok" ? null : found.difference.place;
};

/** The proposer's leaves altered, with roots and file that fit them: what a dishonest operator would show. */
function proposing(alter: (leaves: EpochLeaves) => Partial<EpochLeaves>, check = worldWith()): CommitCheck {
  const { message, stored } = check.proposal;
  const leaves = { ...(stored as { leaves: EpochLeaves }).leaves };
  const altered = { ...leaves, ...alter(leaves) };
  const hash = leafFileHashOf(altered, 2);
  const proposal = {
    message: { ...message, body: { ...message.body, leafFileHash: hash } },
    stored: { leaves: altered, hash },
  };
  return { ...check, proposal };
}

describe("an attestor", () => {
  it("signs what it came to itself", () => {
    const check = worldWith();
    const digest = commitDigest(sha256, check.proposal.message);
    expect(checkCommit(sha256, check)).toEqual({
      outcome: "ok",
      signing: { pool: pinned.pool, epoch: 2n, digest, validUntil: secondAsOf + 300n },
    });
  });

  it("signs the first commit of a pool without a previous one", () => {
    const zeros = new Uint8Array(32) as typeof pinned.pool;
    const parts: WorldParts = {
      pool: { epoch: 0n, asOf: 0n, leafCount: 0n, allocated: amount(0n), digest: zeros },
      context: { previousDigest: zeros },
      body: { epoch: 1n },
    };
    expect(outcomeOf({ ...worldWith(parts), previous: null })).toBe("ok");
  });

  it("signs an epoch in which nothing happened", () => {
    expect(outcomeOf(worldWith({ cuts: firstCuts }))).toBe("ok");
  });

  const other = named("other");
  const cases: readonly (readonly [string, CommitCheck])[] = [
    ["WRONG_CLUSTER", worldWith({ chain: { cluster: other } })],
    ["WRONG_CLUSTER", worldWith({ context: { cluster: other } })],
    ["WRONG_PROGRAM", worldWith({ context: { program: other } })],
    ["WRONG_PROGRAM_HASH", worldWith({ chain: { programHash: other } })],
    ["WRONG_NETWORK", worldWith({ context: { network: other } })],
    ["WRONG_NETWORK", worldWith({ pool: { network: other } })],
    ["WRONG_POOL", worldWith({ context: { pool: other } })],
    ["WRONG_SET_VERSION", worldWith({ context: { setVersion: 2 } })],
    ["WRONG_PREVIOUS_DIGEST", worldWith({ context: { previousDigest: other } })],
    ["POOL_WOUND_DOWN", worldWith({ pool: { isLive: false } })],
    ["WRONG_EPOCH", worldWith({ body: { epoch: 1n } })],
    ["WRONG_FLOOR", worldWith({ body: { floor: 1n } })],
    ["AS_OF_WENT_BACK", worldWith({ body: { asOf: firstAsOf - 1n }, chain: { clock: secondAsOf } })],
    ["EXPIRED", worldWith({ chain: { clock: secondAsOf + 301n } })],
    ["VALID_TOO_LONG", worldWith({ body: { validUntil: secondAsOf + 301n } })],
    ["ALLOCATION_FELL", worldWith({ body: { allocated: amount(1n) } })],
    ["OVER_ALLOCATED", worldWith({ pool: { refunded: amount(20_000n) } })],
    ["LEAF_COUNT_FELL", worldWith({ pool: { leafCount: 7n } })],
    ["LEAF_COUNT_DIFFERS", worldWith({ body: { leafCount: 7n } })],
    ["ALLOCATED_DIFFERS", worldWith({ body: { allocated: amount(561n) } })],
    ["PAYOUT_ROOT_DIFFERS", worldWith({ body: { payoutRoot: other } })],
    ["MARKET_ROOT_DIFFERS", worldWith({ body: { marketRoot: other } })],
    ["LOG_ROOT_DIFFERS", worldWith({ body: { logRoot: other } })],
    ["LEAF_FILE_DIFFERS", worldWith({ body: { leafFileHash: other } })],
  ];

  it.each(cases)("refuses with %s", (code, check) => {
    expect(outcomeOf(check)).toBe(`refuse ${code}`);
  });

  it("abstains where it cannot tell", () => {
    const check = worldWith();
    const failed = { type: "failed", problem: "the disk is full" } as const;
    expect(outcomeOf({ ...check, own: failed })).toBe("abstain OWN_MACHINE_FAILED");
    const away = { type: "notShown", market: marketIds[0], lane: 0, problem: "the server is away" } as const;
    expect(outcomeOf({ ...check, own: away })).toBe("abstain LOG_NOT_SHOWN");
    expect(outcomeOf({ ...check, proposal: { ...check.proposal, stored: null } })).toBe("abstain LEAF_FILE_NOT_STORED");
    expect(outcomeOf({ ...check, previous: null })).toBe("abstain PREVIOUS_UNKNOWN");
    const stale = { digest: named("old"), leaves: { payouts: [], markets: [], lanes: [] } };
    expect(outcomeOf({ ...check, previous: stale })).toBe("abstain PREVIOUS_UNKNOWN");
    expect(outcomeOf(worldWith({ chain: { clock: secondAsOf - 1n } }))).toBe("abstain CHAIN_BEHIND");
    expect(outcomeOf(worldWith({ chain: { clock: secondAsOf } }))).toBe("ok");
    expect(outcomeOf(worldWith({ body: { epoch: 3n } }))).toBe("abstain CHAIN_BEHIND");
  });

  it("refuses what is wrong even where its own machine failed", () => {
    const check = worldWith({ context: { cluster: named("other") } });
    expect(outcomeOf({ ...check, own: { type: "failed", problem: "" } })).toBe("refuse WRONG_CLUSTER");
  });

  it("refuses a log that runs ahead of the chain's clock", () => {
    const limitMs = Number(secondAsOf + 5n + aheadSecondsMax) * 1_000;
    const at = (timeMs: number) => [{ ...(secondCuts[0] as LaneCut), timeMs }, secondCuts[1] as LaneCut];
    expect(outcomeOf(worldWith({ cuts: at(limitMs) }))).toBe("ok");
    const check = worldWith({ cuts: at(limitMs + 1) });
    expect(outcomeOf(check)).toBe("refuse TIME_AHEAD");
    expect(placeOf(check)).toEqual({ type: "lane", market: marketIds[0], lane: 0 });
  });

  it("tells an entry that does not follow from a failure of its own", () => {
    const lane = openLane({ members: 1 });
    const replay = new Replay(emptyLaneState(), sha256);
    const entry = { kind: "released", task: 0, ordinal: 0 } as const;
    const log = [...lane.log, { entry, attachment: null }];
    let own: OwnReplay | null = null;
    try {
      replay.feed(log);
    } catch (error) {
      own = replayFailure(marketIds[0], error);
    }
    const check = { ...worldWith(), own: own as OwnReplay };
    expect(outcomeOf(check)).toBe("refuse ENTRY_DIFFERS");
    expect(placeOf(check)).toEqual({ type: "entry", market: marketIds[0], lane: 0, sequence: log.length });
    const failed = replayFailure(marketIds[0], new RangeError("no memory"));
    expect(outcomeOf({ ...check, own: failed })).toBe("abstain OWN_MACHINE_FAILED");
  });

  it("passes on the entry at which its replay stopped", () => {
    const place = { type: "entry", market: marketIds[0], lane: 0, sequence: 17 } as const;
    const own = { type: "differs", difference: { code: "ENTRY_DIFFERS", place, what: "judged" } } as const;
    const check = { ...worldWith(), own };
    expect(outcomeOf(check)).toBe("refuse ENTRY_DIFFERS");
    expect(placeOf(check)).toEqual(place);
  });
});

describe("altered leaves", () => {
  const leafWith = (index: number, change: object) =>
    proposing(({ payouts }) => ({
      payouts: payouts.map((leaf) => (leaf.index === index ? { ...leaf, ...change } : leaf)),
    }));

  it("are named: amount, destination, one too few, one too many", () => {
    const changed = [
      leafWith(2, { cumulative: amount(91n) }),
      leafWith(2, { held: amount(1n) }),
      proposing(({ payouts }) => ({ payouts: payouts.filter(({ index }) => index !== 2) })),
    ];
    for (const check of changed) {
      expect(outcomeOf(check)).toBe("refuse LEAF_DIFFERS");
      expect(placeOf(check)).toEqual({ type: "leaf", index: 2 });
    }
    const moved = leafWith(2, { destination: tokenAccountOf(named("key of the operator's friend")) });
    expect(outcomeOf(moved)).toBe("refuse DESTINATION_DIFFERS");
    const invented = { index: 9, destination: named("x"), cumulative: amount(1n), held: amount(0n) };
    const more = proposing(({ payouts }) => ({ payouts: [...payouts, invented] }));
    expect([outcomeOf(more), placeOf(more)]).toEqual(["refuse LEAF_DIFFERS", { type: "leaf", index: 9 }]);
  });

  it("of markets are named", () => {
    const account = escrows[1]?.account;
    const grown = proposing(({ markets }) => ({
      markets: markets.map((leaf) => (leaf.account === account ? { ...leaf, allocated: amount(99n) } : leaf)),
    }));
    const missing = proposing(({ markets }) => ({ markets: markets.filter((leaf) => leaf.account !== account) }));
    for (const check of [grown, missing]) {
      expect(outcomeOf(check)).toBe("refuse MARKET_DIFFERS");
      expect(placeOf(check)).toEqual({ type: "market", account });
    }
    const invented = { account: named("nowhere"), openedAt: 1, allocated: amount(0n) };
    expect(outcomeOf(proposing(({ markets }) => ({ markets: [...markets, invented].sort(compareMarkets) })))).toBe(
      "refuse MARKET_DIFFERS",
    );
  });

  it("of lanes tell another history from one that is further", () => {
    const laneWith = (change: object) =>
      proposing(({ lanes }) => ({ lanes: lanes.map((lane, i) => (i === 0 ? { ...lane, ...change } : lane)) }));
    expect(outcomeOf(laneWith({ root: named("another history") }))).toBe("refuse LANE_DIFFERS");
    expect(placeOf(laneWith({ size: 19 }))).toEqual({ type: "lane", market: marketIds[0], lane: 0 });
    expect(outcomeOf(laneWith({ size: 19 }))).toBe("refuse LANE_DIFFERS");
    expect(outcomeOf(laneWith({ size: 21 }))).toBe("abstain LOG_BEHIND");
    expect(outcomeOf(proposing(({ lanes }) => ({ lanes: lanes.slice(1) })))).toBe("refuse LANE_DIFFERS");
    const unknown = { market: marketIds[1], lane: 4, size: 1, root: named("root") };
    expect(outcomeOf(proposing(({ lanes }) => ({ lanes: [...lanes, unknown] })))).toBe("abstain LOG_BEHIND");
  });

  it("never pass, whichever field of whichever leaf is altered", () => {
    fc.assert(
      fc.property(fc.nat({ max: 20 }), fc.constantFrom("cumulative", "held", "destination"), (at, field) => {
        const check = proposing(({ payouts }) => ({
          payouts: payouts.map((leaf, i) => {
            if (i !== at % payouts.length) return leaf;
            return field === "destination"
              ? { ...leaf, destination: sha256(leaf.destination) }
              : { ...leaf, [field]: amount(leaf[field] + 1n) };
          }),
        }));
        expect(outcomeOf(check)).toMatch(/^refuse (?:LEAF|DESTINATION)_DIFFERS$/);
      }),
      { numRuns: 30 },
    );
  });
});

describe("the floor", () => {
  const moving: readonly LaneCut[] = [
    {
      ...(secondCuts[0] as LaneCut),
      members: (secondCuts[0] as LaneCut).members.map((each) =>
        each.contributor === 1 ? { ...each, paying: { number: 1, wallet: named("new wallet") } } : each,
      ),
    },
    secondCuts[1] as LaneCut,
  ];

  it("rises to the epoch in which a destination changes, so that no accepted root names the old one", () => {
    const check = worldWith({ cuts: moving });
    expect(check.proposal.message.body.floor).toBe(2n);
    expect(outcomeOf(check)).toBe("ok");
    expect(outcomeOf(worldWith({ cuts: moving, body: { floor: 0n } }))).toBe("refuse WRONG_FLOOR");
  });

  it("stays where none does, also when somebody new comes", () => {
    expect(worldWith({ pool: { floor: 1n } }).proposal.message.body.floor).toBe(1n);
    expect(outcomeOf(worldWith({ pool: { floor: 1n } }))).toBe("ok");
    expect(outcomeOf(worldWith({ pool: { floor: 1n }, body: { floor: 2n } }))).toBe("refuse WRONG_FLOOR");
  });
});

describe("what was owed before", () => {
  it("is not taken back", () => {
    const before = [laneCut(marketIds[0], [member(1, 500n)], { fee: amount(1n) }), firstCuts[1] as LaneCut];
    const check = worldWith({ before, cuts: secondCuts, pool: { allocated: amount(0n) } });
    expect([outcomeOf(check), placeOf(check)]).toEqual(["refuse EARNINGS_FELL", { type: "leaf", index: 1 }]);
  });
});

describe("markets on chain", () => {
  const outcomeWith = (markets: WorldParts["markets"], parts: WorldParts = {}) =>
    outcomeOf(worldWith({ ...(markets === undefined ? {} : { markets }), ...parts }));
  const with0 = (parts: object) => [chainMarket(0, parts), chainMarket(1), strangeMarket];

  it("hold what is allocated of them, and were paid what the log credits", () => {
    expect(outcomeWith(with0({ deposited: amount(500n) }))).toBe("refuse MARKET_OVER_ALLOCATED");
    expect(outcomeWith(with0({ deposited: amount(9_999n) }))).toBe("refuse DEPOSIT_NOT_ON_CHAIN");
    expect(outcomeWith(with0({ specHash: named("other") }))).toBe("refuse MARKET_SPEC_DIFFERS");
  });

  it("are closed in the log when they end on chain, to the second", () => {
    const closed = [{ ...(secondCuts[0] as LaneCut), isClosed: true }, secondCuts[1] as LaneCut];
    const at = Number(secondAsOf);
    expect(outcomeWith(with0({ closesAt: at }))).toBe("refuse MARKET_STILL_OPEN");
    expect(outcomeWith(with0({ closesAt: at }), { cuts: closed })).toBe("ok");
    expect(outcomeWith(with0({ closesAt: at + 1 }))).toBe("ok");
  });

  it("stay as they were once a commit reached their end, refunded or not", () => {
    const closed = firstCuts.map((cut) => ({ ...cut, isClosed: true }));
    const grown = [{ ...(secondCuts[0] as LaneCut), isClosed: true }, closed[1] as LaneCut];
    const ended = with0({ closesAt: Number(firstAsOf) });
    const refunded = [chainMarket(1), strangeMarket];
    for (const markets of [ended, refunded]) {
      expect(outcomeWith(markets, { cuts: grown })).toBe("refuse MARKET_FROZEN");
      expect(outcomeWith(markets, { cuts: closed })).toBe("ok");
    }
    // A second later the last commit did not reach its end: this one may still add to it.
    expect(outcomeWith(with0({ closesAt: Number(firstAsOf) + 1 }), { cuts: grown })).toBe("ok");
  });

  it("have a leaf as soon as they were opened by as_of, whoever opened them", () => {
    const late = { ...strangeMarket, account: named("late"), openedAt: Number(secondAsOf) };
    const check = worldWith({ markets: [...with0({}), late] });
    expect(outcomeOf(check)).toBe("ok");
    expect(check.proposal.stored?.leaves.markets).toHaveLength(4);
    const later = worldWith({ markets: [...with0({}), { ...late, openedAt: late.openedAt + 1 }] });
    expect(later.proposal.stored?.leaves.markets).toHaveLength(3);
    expect(outcomeOf(later)).toBe("ok");
  });

  it("that are opened again at their old address are other markets", () => {
    const again = chainMarket(0, { openedAt: 2_500, deposited: amount(10n), closesAt: 0 });
    const closed = firstCuts.map((cut) => ({ ...cut, isClosed: true }));
    const check = worldWith({ markets: [again, chainMarket(1), strangeMarket], cuts: closed });
    expect(outcomeOf(check)).toBe("ok");
    const leaves = check.proposal.stored?.leaves.markets.filter(
      ({ account }) => account === escrows[0]?.account || account === again.account,
    );
    expect(leaves?.map(({ openedAt, allocated }) => [openedAt, allocated])).toEqual([
      [1_000, 188n],
      [2_500, 0n],
    ]);
  });
});

describe("two messages for an epoch", () => {
  const check = worldWith();
  const signing = { pool: pinned.pool, epoch: 2n, digest: named("another"), validUntil: secondAsOf + 5n };

  it("are not both signed while the first may land", () => {
    expect(outcomeOf({ ...check, signed: [signing] })).toBe("refuse SIGNED_ANOTHER");
    expect(outcomeOf({ ...check, signed: [{ ...signing, validUntil: secondAsOf + 4n }] })).toBe("ok");
    expect(outcomeOf({ ...check, signed: [{ ...signing, epoch: 1n }] })).toBe("ok");
    expect(outcomeOf({ ...check, signed: [{ ...signing, pool: named("other pool") }] })).toBe("ok");
    const same = { ...signing, digest: commitDigest(sha256, check.proposal.message) };
    expect(outcomeOf({ ...check, signed: [same] })).toBe("ok");
  });
});

describe("reasons", () => {
  it("are of one list, each with its sentence", () => {
    const codes = [...Object.keys(refusals), ...Object.keys(abstentions)];
    expect(new Set(codes).size).toBe(codes.length);
    for (const sentence of [...Object.values(refusals), ...Object.values(abstentions)]) {
      expect(sentence).toMatch(/^[a-z].*[^.]$/);
    }
    const check = worldWith({ body: { floor: 1n } });
    const found = checkCommit(sha256, check);
    expect(found.outcome === "refuse" && differenceText(found.difference)).toBe(
      "WRONG_FLOOR: the floor is not the one that the last commit and the changed destinations ask for (the message's floor: 1, not 0)",
    );
  });

  it("say where, for each sort of place", () => {
    const texts = [
      { type: "message", field: "epoch" },
      { type: "entry", market: marketIds[0], lane: 1, sequence: 7 },
      { type: "lane", market: marketIds[0], lane: 1 },
      { type: "leaf", index: 3 },
      { type: "market", account: new Uint8Array([1, 2]) },
      { type: "marketLog", market: marketIds[0] },
    ].map((place) => differenceText({ code: "LOG_BEHIND", place: place as never, what: "" }));
    expect(texts.map((text) => /\((.*)\)$/.exec(text)?.[1])).toEqual([
      "the message's epoch",
      `market ${marketIds[0]}, lane 1, entry 7`,
      `market ${marketIds[0]}, lane 1`,
      "payout leaf 3",
      "market account 0102",
      `market ${marketIds[0]}`,
    ]);
  });
});

describe("a log that allocates without an escrow", () => {
  it("has no leaves that anybody would sign", () => {
    expect(() => worldWith({ escrows: [] })).toThrow("MARKET_WITHOUT_ESCROW");
  });
});
