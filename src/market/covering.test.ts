import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commands, openLane, signInOf, type TestLane, testAuthorisation } from "../../test/support/market.ts";
import { named, sha256 } from "../../test/support/market-hash.ts";
import { amount } from "../core/amount.ts";
import { type Bytes32, toHex, zero32 } from "../core/bytes.ts";
import { marketId } from "../core/market-id.ts";
import { coverageStatement, runningHash } from "../core/statements.ts";
import { heldOf } from "../ledger/purse.ts";
import { uncoveredMax } from "./covering.ts";
import type { Command } from "./decide.ts";
import { cutOf } from "./settlement/lane-cut.ts";
import { decodeState, encodeState } from "./snapshot.ts";
import type { MemberSession } from "./state.ts";

const single = { overlap: { min: 1, max: 1, targetPpm: 0 } };
const laneOf = (tasks = 10): TestLane => openLane({ tasks, members: 2, spec: { terms: single } });

/** Answers tasks by the token of a session: by default that of `commands.submit`. */
function carry(lane: TestLane, contributor: number, tasks: readonly number[], session?: Bytes32): Command {
  const submissions = tasks.map((task) => ({ slot: lane.take(contributor, task), answer: "yes" }));
  const command = commands.carry(contributor, submissions, lane.timeMs) as Extract<Command, { type: "submit" }>;
  if (session === undefined) return command;
  const text = signInOf(named(`key ${contributor}`), session);
  return { ...command, session, authorisation: { ...testAuthorisation(contributor), text } };
}

const sessionOf = (lane: TestLane, contributor = 1): MemberSession =>
  lane.member(contributor).sessions.at(-1) as MemberSession;
type Cover = Extract<Command, { type: "cover" }>;

describe("submissions by a session's token", () => {
  it("are accepted at once, and what they earn stands in held until the session signs", () => {
    const lane = laneOf();
    expect(lane.do(carry(lane, 1, [0, 1])).slots).toMatchObject([
      { state: "accepted", reward: 1_000n },
      { state: "accepted", reward: 1_000n },
    ]);
    expect(lane.entries("signed")).toEqual([]);
    expect(lane.member(1).purse).toMatchObject({ released: 0n, held: 0n, uncovered: 2_000n });
    expect(cutOf(sha256, lane.state, [1]).members).toMatchObject([{ released: 0n, held: 2_000n }]);
    lane.do(commands.cover(1, sessionOf(lane)));
    expect(lane.member(1).purse).toMatchObject({ released: 2_000n, held: 0n, uncovered: 0n });
    expect(sessionOf(lane)).toMatchObject({ coveredCount: 2, uncovered: [] });
  });

  it("cost one entry each: the session is named once", () => {
    const lane = laneOf();
    for (const task of [0, 1, 2]) lane.do(carry(lane, 1, [task]));
    expect(lane.entries("carried")).toHaveLength(1);
    lane.answer(1, 3, "yes");
    lane.do(carry(lane, 1, [4]));
    expect(lane.entries("carried")).toHaveLength(1);
    expect(sessionOf(lane).uncovered.map(({ task }) => task)).toEqual([0, 1, 2, 4]);
    expect(lane.member(1).purse).toMatchObject({ released: 1_000n, uncovered: 4_000n });
  });

  it("may be a hundred, and then none until a checkpoint", () => {
    const lane = laneOf(uncoveredMax + 5);
    const all = Array.from({ length: uncoveredMax }, (_, task) => task);
    lane.do(carry(lane, 1, all.slice(0, 60)));
    // All or nothing: forty would have found room.
    const tooMany = carry(lane, 1, [...all.slice(60), 100]);
    expect(lane.refuse(tooMany, "UNCOVERED_EXCEEDED").message).toContain("100 submissions");
    const { submissions, ...rest } = tooMany as Extract<Command, { type: "submit" }>;
    lane.do({ ...rest, submissions: submissions.slice(0, 40) });
    lane.refuse({ ...rest, submissions: submissions.slice(40) }, "UNCOVERED_EXCEEDED");
    lane.do(commands.cover(1, sessionOf(lane), 1));
    lane.do({ ...rest, submissions: submissions.slice(40) });
    lane.answer(1, 101, "yes");
    expect(lane.earned(1)).toBe(102_000n);
  });

  it("wait of four sessions at most, and are not forgotten with their session", () => {
    const lane = laneOf(20);
    const sessions = ["a", "b", "c", "d", "e"].map(named) as [Bytes32, ...Bytes32[]];
    for (const [task, session] of sessions.slice(0, 4).entries()) lane.do(carry(lane, 1, [task], session));
    lane.refuse(carry(lane, 1, [4], sessions[4]), "UNCOVERED_EXCEEDED");
    lane.do(commands.cover(1, lane.member(1).sessions[3] as MemberSession));
    for (let task = 5; task < 8; task++) lane.do(carry(lane, 1, [task], sessions[4]));
    const [first] = lane.member(1).sessions as [MemberSession];
    expect(first).toMatchObject({ key: sessions[0], uncovered: [{ task: 0, pay: 1_000n }] });
    // A later session signs for the one that is lost.
    lane.do(commands.cover(1, first, 1, sessions[4]));
    expect(lane.member(1).purse.released).toBe(2_000n);
  });

  it("need a session that still lasts", () => {
    const lane = laneOf();
    const session = named("short");
    const command = carry(lane, 1, [0], session) as Extract<Command, { type: "submit" }>;
    const { text, signature } = command.authorisation;
    const untilMs = lane.timeMs + 5_000;
    lane.do({
      ...command,
      authorisation: { text: text.replace("2100-01-01T00:00:00.000Z", new Date(untilMs).toISOString()), signature },
    });
    const later = carry(lane, 1, [1], session);
    lane.wait(6_000);
    lane.refuse(later, "MALFORMED_REQUEST");
    lane.refuse(commands.cover(1, sessionOf(lane)), "MALFORMED_REQUEST");
    expect(lane.member(1).purse).toMatchObject({ released: 0n, uncovered: 1_000n });
    lane.answer(1, 2, "yes");
    lane.do(commands.cover(1, lane.member(1).sessions[0] as MemberSession, 1, named("session 1")));
    expect(lane.member(1).purse).toMatchObject({ released: 2_000n, uncovered: 0n });
  });
});

describe("a checkpoint", () => {
  const forged: readonly [string, (honest: Cover["entry"]) => Cover["entry"], code?: "MALFORMED_REQUEST"][] = [
    ["over other submissions", (entry) => ({ ...entry, running: named("others") })],
    ["over more than there are", (entry) => ({ ...entry, count: entry.count + 1 })],
    ["over fewer than it says", (entry) => ({ ...entry, count: entry.count - 1 })],
    ["over none", (entry) => ({ ...entry, count: 0, running: zero32 })],
    ["of a session that brought nothing", (entry) => ({ ...entry, session: named("another") })],
    ["by a session of nobody", (entry) => ({ ...entry, by: named("another") }), "MALFORMED_REQUEST"],
    ["of another contributor", (entry) => ({ ...entry, contributor: 2 }), "MALFORMED_REQUEST"],
  ];
  it.each(forged)("%s is refused, and nothing leaves held", (_, change, code) => {
    const lane = laneOf();
    lane.do(carry(lane, 1, [0, 1, 2]));
    const { entry } = commands.cover(1, sessionOf(lane)) as Cover;
    lane.refuse(commands.input("covered", change(entry)), code ?? "COVERAGE_MISMATCH");
    expect(lane.member(1).purse).toMatchObject({ released: 0n, uncovered: 3_000n });
  });

  it("counts once: the same again is a retry, an older one is refused", () => {
    const lane = laneOf();
    lane.do(carry(lane, 1, [0, 1]));
    const [one, both] = [1, 2].map((count) => commands.cover(1, sessionOf(lane), count)) as [Cover, Cover];
    lane.do(both);
    const size = lane.log.length;
    lane.do(both);
    expect(lane.log.length).toBe(size);
    lane.refuse(one, "COVERAGE_MISMATCH");
    lane.refuse(commands.input("covered", both.entry), "COVERAGE_MISMATCH");
    expect(lane.earned(1)).toBe(2_000n);
  });

  it("covers also what is judged later, and does so after the market has closed", () => {
    const lane = openLane({ members: 3, spec: { terms: { overlap: { min: 2, max: 2, targetPpm: 0 } } } });
    lane.do(carry(lane, 1, [0, 1]));
    lane.do(commands.cover(1, sessionOf(lane), 1));
    lane.answer(2, 0, "yes");
    expect(lane.member(1).purse).toMatchObject({ released: 1_000n, uncovered: 0n });
    lane.answer(2, 1, "yes");
    expect(lane.member(1).purse).toMatchObject({ released: 1_000n, uncovered: 1_000n });
    lane.do(commands.input("closing", {}));
    for (let i = 0; i < 8; i++) lane.wait(lane.state.spec?.refundDelayMs ?? 0);
    expect(lane.state.status).toBe("closed");
    lane.do(commands.cover(1, sessionOf(lane)));
    expect(lane.member(1).purse).toMatchObject({ released: 2_000n, uncovered: 0n });
  });

  it("fills the reserve that its contributor set; what waits for it can not be staked", () => {
    const lane = openLane({
      tasks: 10,
      members: 4,
      spec: {
        terms: { overlap: { min: 3, max: 3, targetPpm: 600_000 } },
        appeal: { windowMs: 60_000, budget: amount(9_000n), panel: 1, cost: amount(500n) },
      },
    });
    lane.do(commands.input("reserveSet", { contributor: 1, target: amount(700n) }));
    lane.do(carry(lane, 1, [0]));
    for (const other of [2, 3]) lane.answer(other, 0, "yes");
    expect(heldOf(lane.member(1).purse)).toBe(1_000n);
    const wrong = [1, 2].map((task) => {
      const { slot } = lane.answer(1, task, "no");
      for (const other of [2, 3]) lane.answer(other, task, "yes");
      return slot;
    });
    lane.do(commands.appeal(1, wrong[0] as (typeof wrong)[number]));
    lane.refuse(commands.appeal(1, wrong[1] as (typeof wrong)[number]), "BUDGET_EXCEEDED");
    lane.do(commands.cover(1, sessionOf(lane)));
    expect(lane.member(1).purse).toMatchObject({ released: 300n, held: 700n, uncovered: 0n });
    lane.do(commands.appeal(1, wrong[1] as (typeof wrong)[number]));
    expect(lane.member(1).purse).toMatchObject({ held: 200n, staked: 500n });
  });

  it("may come in any portions: what is released is what they cover", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        (portions, seed) => {
          const lane = laneOf(40);
          let task = 0;
          for (const [i, portion] of portions.entries()) {
            lane.do(
              carry(
                lane,
                1,
                Array.from({ length: portion }, () => task++),
              ),
            );
            const session = sessionOf(lane);
            const covered = Math.min(session.coveredCount + 1 + ((seed + i) % portion), task);
            if (covered > session.coveredCount) lane.do(commands.cover(1, session, covered));
            const { released, uncovered } = lane.member(1).purse;
            expect(released).toBe(BigInt(sessionOf(lane).coveredCount) * 1_000n);
            expect(uncovered).toBe(BigInt(task) * 1_000n - released);
          }
          expect(toHex(encodeState(decodeState(encodeState(lane.state))))).toBe(toHex(encodeState(lane.state)));
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("the running hash", () => {
  const body = named("key");
  const submissions = [
    { task: 1, ordinal: 2, body },
    { task: 70_000, ordinal: 0, body },
  ];

  it("and what is signed over it are pinned", () => {
    const running = runningHash(sha256, zero32, submissions);
    expect(toHex(running)).toBe("a484f3c955a114128666e6656c07da745d105f808f97e177e0a7fdcbc40ed4e4");
    const market = marketId("00112233445566778899aabbccddeeff");
    expect(toHex(coverageStatement({ market, lane: 0, session: body, count: 2, running }))).toBe(
      "6561726e6573742f636f7665726167652f310020303031313232333334343535363637373838393961616262636364646565666600002c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b68302a484f3c955a114128666e6656c07da745d105f808f97e177e0a7fdcbc40ed4e4",
    );
  });

  it("goes on from where it was", () => {
    const [first, second] = submissions.map((each) => [each]) as [typeof submissions, typeof submissions];
    const portioned = runningHash(sha256, runningHash(sha256, zero32, first), second);
    expect(portioned).toEqual(runningHash(sha256, zero32, submissions));
    expect(runningHash(sha256, zero32, submissions.toReversed())).not.toEqual(portioned);
  });
});
