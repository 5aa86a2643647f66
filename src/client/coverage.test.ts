import { describe, expect, it } from "vitest";
import { named } from "../../test/support/market-hash.ts";
import type { SessionCoverage } from "../contract/coverage.ts";
import { type Bytes32, toBase58, toHex, zero32 } from "../core/bytes.ts";
import { marketId } from "../core/market-id.ts";
import { formatSlot } from "../core/slot.ts";
import { coverageStatement, runningHash } from "../core/statements.ts";
import { sha256 } from "../main/crypto.ts";
import { type CheckpointToSign, Coverage, UnsentSubmission } from "./coverage.ts";

const market = "00112233445566778899aabbccddeeff";
const key = named("session");
const session = toBase58(key);
type Sent = { readonly task: number; readonly ordinal: number; readonly body: Bytes32 };
const sentOf = (...tasks: readonly number[]): Sent[] =>
  tasks.map((task) => ({ task, ordinal: 0, body: named(`body ${task}`) }));

const shownOf = (submissions: readonly Sent[], count = 0, running = zero32): SessionCoverage => ({
  session,
  count,
  running: toHex(running),
  submissions: submissions.map(({ body, ...slot }) => ({ slot: formatSlot(slot), bodyHash: toHex(body) })),
  pay: "0",
});

function withSent(...tasks: readonly number[]): Coverage {
  const coverage = new Coverage();
  coverage.sent(session, market, sentOf(...tasks));
  return coverage;
}

describe("a client's checkpoint", () => {
  it("is over what it sent, in the order of the log", () => {
    const coverage = withSent(1, 2, 3);
    const checkpoint = coverage.toSign(market, shownOf(sentOf(3, 1))) as CheckpointToSign;
    const running = runningHash(sha256, zero32, sentOf(3, 1));
    const parts = { market: marketId(market), lane: 0, session: key, count: 2, running };
    expect(checkpoint).toEqual({ session, count: 2, running, statement: coverageStatement(parts) });
    coverage.covered(market, shownOf(sentOf(3, 1)), checkpoint);
    const next = coverage.toSign(market, shownOf(sentOf(2), 2, running));
    expect(next).toMatchObject({ count: 3, running: runningHash(sha256, running, sentOf(2)) });
    expect(coverage.markets).toEqual([market]);
  });

  it.each<[string, SessionCoverage]>([
    ["a submission that nobody sent", shownOf(sentOf(1, 2, 9))],
    ["another answer in a slot", shownOf([{ task: 1, ordinal: 0, body: named("body 2") }])],
    ["one that is said to be signed for already", shownOf(sentOf(1), 1, runningHash(sha256, zero32, sentOf(9)))],
    ["another beginning", shownOf(sentOf(1), 0, named("forged"))],
  ])("is not given for %s", (_, shown) => {
    expect(() => withSent(1, 2).toSign(market, shown)).toThrow(UnsentSubmission);
  });

  it("is given once: what was signed for is not sent again", () => {
    const coverage = withSent(1);
    const checkpoint = coverage.toSign(market, shownOf(sentOf(1))) as CheckpointToSign;
    coverage.covered(market, shownOf(sentOf(1)), checkpoint);
    expect(coverage.markets).toEqual([]);
    expect(() => coverage.toSign(market, shownOf(sentOf(1), 1, checkpoint.running))).toThrow(UnsentSubmission);
  });

  it("goes on where its answer was lost, and the server has it", () => {
    const coverage = withSent(1, 2);
    const checkpoint = coverage.toSign(market, shownOf(sentOf(1))) as CheckpointToSign;
    coverage.asked(market, checkpoint);
    expect(coverage.toSign(market, shownOf(sentOf(2), 1, checkpoint.running))?.count).toBe(2);
  });

  it("is for this client's sessions alone, and due after fifty answers", () => {
    const coverage = withSent(...Array.from({ length: 49 }, (_, task) => task));
    expect(coverage.toSign(market, { ...shownOf(sentOf(1)), session: toBase58(named("another")) })).toBeNull();
    expect(coverage.toSign(market, shownOf([]))).toBeNull();
    expect(coverage.isDue(session, market)).toBe(false);
    coverage.sent(session, market, sentOf(99));
    expect(coverage.isDue(session, market)).toBe(true);
    coverage.refused(session, market, sentOf(99));
    expect(coverage.isDue(session, market)).toBe(false);
  });
});
