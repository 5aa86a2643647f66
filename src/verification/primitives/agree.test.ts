import { describe, expect, it } from "vitest";
import type { Json } from "../../core/json.ts";
import { attestationOf, contextOf, evidenceOf, hashOf, shortOf } from "../algebra/testing.ts";
import { type AgreeParameters, agreeWith } from "./agree.ts";
import type { Bridged, Consensus, Context, Vote } from "./evidence.ts";

const agreed = (parameters: AgreeParameters, context: Partial<Context>, answer: Json = "cat"): string =>
  shortOf(agreeWith(parameters, evidenceOf({ answer, digests: { output: hashOf(1) } }), contextOf(context)));

const label: AgreeParameters = { type: "label", tolerance: 0, tolerancePpm: 0 };
const settledOn = (answer: Json, isDecided = true): Partial<Context> => ({ settled: { answer, isDecided } });

describe("agree with the label", () => {
  it("waits for answers, then compares", () => {
    expect(agreed(label, {})).toBe("waiting WAITING");
    expect(agreed(label, settledOn("cat"))).toBe("passed AGREES");
    expect(agreed(label, settledOn("dog"))).toBe("failed DISAGREES");
  });

  it("does not punish an answer to a task that split", () => {
    const split = agreeWith(label, evidenceOf({ answer: "cat" }), contextOf(settledOn("dog", false)));
    expect(shortOf(split)).toBe("passed UNDECIDED");
    expect(split.isUndecided).toBe(true);
  });

  it("leaves a live control to its hidden answer, and takes a voided one for a task", () => {
    const control = (isVoid: boolean) => ({ control: { answer: "dog", commitment: hashOf(1), isVoid } });
    expect(agreed(label, { ...settledOn("dog"), ...control(false) })).toBe("passed");
    expect(agreed(label, { ...settledOn("dog"), ...control(true) })).toBe("failed DISAGREES");
  });

  it("keeps numbers within a tolerance", () => {
    const near: AgreeParameters = { ...label, tolerance: 3 };
    expect(agreed(near, settledOn(100), 103)).toBe("passed AGREES");
    expect(agreed(near, settledOn(100), 103.5)).toBe("failed DISAGREES");
    expect(agreed(near, settledOn(100), Number.NaN)).toBe("failed DISAGREES");
  });

  it("compares scores where agreement is not yes or no", () => {
    const score: AgreeParameters = { type: "score", scorePpmMin: 500_000 };
    expect(agreed(score, { scorePpm: 1 })).toBe("waiting WAITING");
    expect(agreed(score, settledOn("boxes"))).toBe("waiting WAITING");
    expect(agreed(score, { ...settledOn("boxes"), scorePpm: 500_000 })).toBe("passed AGREES");
    expect(agreed(score, { ...settledOn("boxes"), scorePpm: 499_999 })).toBe("failed SCORE_LOW");
    expect(agreed(score, { ...settledOn("boxes"), scorePpm: Number.NaN })).toBe("failed SCORE_LOW");
  });

  it("pays the share that agrees, where the market says so", () => {
    const share: AgreeParameters = { type: "share", scorePpmMin: 500_000 };
    const found = (context: Partial<Context>) => agreeWith(share, evidenceOf(), contextOf(context));
    expect(found({ ...settledOn("boxes"), scorePpm: 750_000 })).toMatchObject({
      outcome: "passed",
      sharePpm: 750_000,
      reasons: [{ code: "AGREES" }],
    });
    expect(found({ ...settledOn("boxes"), scorePpm: 499_999 })).toMatchObject({ outcome: "failed", sharePpm: 0 });
    // A split is nobody's fault: nothing says how much of the answer is right.
    expect(found({ ...settledOn("boxes", false), scorePpm: 1 })).toMatchObject({
      outcome: "passed",
      sharePpm: 1_000_000,
      isUndecided: true,
    });
  });
});

describe("agree where a policy decides", () => {
  const said = (verdict: Consensus["verdict"], code: Consensus["code"]): Partial<Context> => ({
    ...settledOn("dog"),
    consensus: { verdict, code },
  });

  it.each<[Consensus["verdict"], Consensus["code"], string]>([
    ["held", "UNPROVEN", "waiting WAITING"],
    ["accepted", "AGREES", "passed AGREES"],
    ["accepted", "NOT_CONTRADICTED", "passed NOT_CONTRADICTED"],
    ["accepted", "UNDECIDED", "passed UNDECIDED"],
    ["rejected", "DISAGREES", "failed DISAGREES"],
    ["rejected", "COPIED", "failed COPIED"],
  ])("takes its word: %s %s", (verdict, code, expected) => {
    expect(agreed(label, said(verdict, code))).toBe(expected);
    expect(agreed({ type: "share", scorePpmMin: 1 }, said(verdict, code))).toBe(expected);
    // On a live control whoever is not known to look waits as well; whether the answer is right, the control says.
    const control = { answer: "cat", commitment: hashOf(1), isVoid: false };
    expect(agreed(label, { ...said(verdict, code), control })).toBe(verdict === "accepted" ? "passed" : expected);
  });

  it("escalates what it does not decide, and asks nothing of other checks", () => {
    expect(agreeWith(label, evidenceOf(), contextOf(said("accepted", "UNDECIDED"))).isUndecided).toBe(true);
    expect(agreed({ type: "panel", seats: 1, acceptedMin: 1 }, said("rejected", "COPIED"))).toBe("waiting WAITING");
  });
});

describe("agree with a quorum", () => {
  const quorum: AgreeParameters = { type: "quorum", name: "output", ownersMin: 2 };
  const votes = (...of: [string, number][]): Vote[] => of.map(([owner, hash]) => ({ owner, digest: hashOf(hash) }));
  const check = (list: Vote[], isExhausted = false): string =>
    agreed(quorum, { quorums: { output: { votes: list, isExhausted } }, attestation: attestationOf() });

  it("wants distinct owners", () => {
    expect(check(votes(["alice", 1]))).toBe("waiting WAITING");
    expect(check(votes(["alice", 1], ["bob", 1]))).toBe("passed AGREES");
    expect(check(votes(["alice", 1], ["alice", 1], ["alice", 1]))).toBe("waiting WAITING");
  });

  it("rejects who differs from it", () => {
    expect(check(votes(["alice", 1], ["bob", 2], ["carol", 2]))).toBe("failed QUORUM_DIFFERS");
  });

  it("does not count an owner who votes for both sides, and pays it nothing", () => {
    expect(check(votes(["mallory", 1], ["mallory", 2], ["alice", 1]))).toBe("waiting WAITING");
    expect(check(votes(["alice", 1], ["alice", 2], ["bob", 1], ["carol", 1]))).toBe("failed EQUIVOCATED");
  });

  it("decides nothing where two quorums stand against each other, or none can come", () => {
    const two = votes(["alice", 1], ["bob", 1], ["carol", 2], ["dave", 2], ["erin", 2]);
    expect(check(two)).toBe("passed UNDECIDED");
    expect(check(votes(["alice", 1], ["bob", 2]), true)).toBe("passed UNDECIDED");
  });

  it("does not depend on the order of the votes", () => {
    const list = votes(["alice", 1], ["bob", 2], ["carol", 2], ["mallory", 1], ["mallory", 2]);
    expect(check([...list].reverse())).toBe(check(list));
  });

  it("needs a hash, and a quorum of that name", () => {
    expect(agreed({ ...quorum, name: "other" }, {})).toBe("failed EVIDENCE_MISSING");
    expect(agreed({ ...quorum, name: "toString" }, {})).toBe("failed EVIDENCE_MISSING");
    expect(agreed(quorum, {})).toBe("waiting WAITING");
  });
});

describe("agree across groups", () => {
  const groups: AgreeParameters = { type: "groups", groupsMin: 2, groupRatingsMin: 5, agreementPpmMin: 600_000 };
  const check = (list: [string, number, number][], isExhausted = false): string =>
    agreed(groups, {
      bridged: {
        groups: list.map(([group, ratings, agreeing]) => ({ group, ratings, agreeing })),
        fit: null,
        isExhausted,
      },
    });

  it("takes the group that agrees least", () => {
    expect(
      check([
        ["a", 100, 100],
        ["b", 5, 3],
      ]),
    ).toBe("passed AGREES");
    expect(
      check([
        ["a", 100, 100],
        ["b", 5, 2],
      ]),
    ).toBe("failed GROUP_DISAGREES");
  });

  it("does not hear groups that are too small, nor one group under two entries", () => {
    expect(
      check([
        ["a", 100, 100],
        ["b", 4, 4],
      ]),
    ).toBe("waiting WAITING");
    expect(
      check([
        ["a", 5, 5],
        ["a", 5, 5],
      ]),
    ).toBe("waiting WAITING");
    expect(
      check(
        [
          ["a", 100, 100],
          ["b", 4, 0],
        ],
        true,
      ),
    ).toBe("passed UNDECIDED");
  });

  it("takes the published thresholds of a factorisation", () => {
    const bridge: AgreeParameters = {
      type: "bridge",
      ratingsMin: 5,
      interceptPpmMin: 400_000,
      factorPpmBelow: 500_000,
    };
    const fitted = (interceptPpm: number, factorPpm: number, ratings = 5): string => {
      const bridged: Bridged = {
        groups: [{ group: "all", ratings, agreeing: 0 }],
        fit: { interceptPpm, factorPpm },
        isExhausted: false,
      };
      return agreed(bridge, { bridged });
    };
    expect(fitted(400_000, 0)).toBe("passed AGREES");
    expect(fitted(399_999, 0)).toBe("failed BRIDGE_LOW");
    expect(fitted(900_000, 500_000)).toBe("failed BRIDGE_ONE_SIDED");
    expect(fitted(900_000, -500_000)).toBe("failed BRIDGE_ONE_SIDED");
    expect(fitted(900_000, -499_999)).toBe("passed AGREES");
    expect(fitted(900_000, Number.NaN)).toBe("failed BRIDGE_ONE_SIDED");
    expect(fitted(900_000, 0, 4)).toBe("waiting WAITING");
  });
});

describe("agree unless challenged, and by panel", () => {
  const open: AgreeParameters = { type: "unchallenged", windowMs: 100 };
  const challenge = (nowMs: number, challengedAtMs: number | null): string =>
    agreed(open, { nowMs, challenge: { openedAtMs: 1_000, challengedAtMs } });

  it("waits for its window to pass", () => {
    expect(agreed(open, {})).toBe("waiting WAITING");
    expect(challenge(1_099, null)).toBe("waiting WAITING");
    expect(challenge(1_100, null)).toBe("passed UNCHALLENGED");
  });

  it("hears challenges up to the window's last millisecond", () => {
    expect(challenge(1_099, 1_099)).toBe("failed CHALLENGED");
    expect(challenge(5_000, 1_099)).toBe("failed CHALLENGED");
    expect(challenge(5_000, 1_100)).toBe("passed UNCHALLENGED");
  });

  it("ends as soon as a panel cannot turn any more", () => {
    const panel: AgreeParameters = { type: "panel", seats: 5, acceptedMin: 3 };
    const votes = (accepted: number, rejected: number): string => agreed(panel, { panel: { accepted, rejected } });
    expect(agreed(panel, {})).toBe("waiting WAITING");
    expect(votes(2, 2)).toBe("waiting WAITING");
    expect(votes(3, 0)).toBe("passed PANEL_ACCEPTED");
    expect(votes(2, 3)).toBe("failed PANEL_REJECTED");
  });
});
