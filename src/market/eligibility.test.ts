import { describe, expect, it } from "vitest";
import { commands, openLane, startMs, type TestLane } from "../../test/support/market.ts";
import { zero32 } from "../core/bytes.ts";
import { isEligible, unmetRequirements } from "./eligibility.ts";
import { parseFacts } from "./facts.ts";
import { dayMs, type Requirement } from "./spec.ts";
import { type Facts, newMember, noFacts } from "./state.ts";

const needing = (requirement: Requirement, facts: Partial<Facts> = {}): TestLane => {
  const lane = openLane({ members: 0, spec: { terms: { eligibility: [requirement] } } });
  lane.do(commands.joined(1, "owner 1", facts));
  return lane;
};

const grant = (value: number, expiresAtMs = 0, name = "reader"): ReturnType<typeof commands.input> =>
  commands.input("qualified", { contributor: 1, name, value, expiresAtMs, by: "requester" });

describe("a qualification", () => {
  const requirement: Requirement = { type: "qualification", name: "reader", min: 70 };

  it("must be held with at least the value asked for", () => {
    const lane = needing(requirement);
    const error = lane.refuse(commands.assign(1, 0), "NOT_ELIGIBLE");
    expect(error.message).toContain('the qualification "reader" with at least 70');
    lane.do(grant(69));
    lane.refuse(commands.assign(1, 0), "NOT_ELIGIBLE");
    lane.do(grant(99, 0, "writer"));
    lane.refuse(commands.assign(1, 0), "NOT_ELIGIBLE");
    lane.do(grant(70));
    lane.take(1, 0);
  });

  it("ends at its expiry; a slot taken before stays valid", () => {
    const lane = needing(requirement);
    lane.do(grant(80, startMs + 1_000));
    lane.wait(999);
    const slot = lane.take(1, 0);
    lane.wait(1);
    lane.refuse(commands.assign(1, 1), "NOT_ELIGIBLE");
    lane.submit(1, slot, "yes");
  });

  it("is taken back by a lower grant", () => {
    const lane = needing(requirement);
    lane.do(grant(80));
    lane.do(grant(0));
    lane.refuse(commands.assign(1, 0), "NOT_ELIGIBLE");
  });

  it("is granted to contributors of the lane, under a short name", () => {
    const lane = needing(requirement);
    lane.refuse(
      commands.input("qualified", { contributor: 9, name: "reader", value: 1, expiresAtMs: 0, by: "requester" }),
    );
    lane.refuse(grant(80, 0, "x".repeat(65)), "LIMIT_EXCEEDED");
    lane.refuse(grant(2 ** 32), "MALFORMED_REQUEST");
    lane.refuse(grant(-1), "MALFORMED_REQUEST");
  });
});

describe("facts", () => {
  it.each([
    [{ type: "language", anyOf: ["fr", "ja"] }, { languages: ["en", "ja"] }, { languages: ["en"] }],
    [{ type: "country", anyOf: ["FR"] }, { country: "FR" }, { country: "DE" }],
    [{ type: "place", anyOf: ["u09t"] }, { place: "u09tv2" }, { place: "u09" }],
    [{ type: "age", min: 18 }, { birthYear: 2004 }, { birthYear: 2005 }],
  ] as const)("%j is met by %j, not by %j, and not by nothing", (requirement, enough, little) => {
    needing(requirement, enough).take(1, 0);
    needing(requirement, little).refuse(commands.assign(1, 0), "NOT_ELIGIBLE");
    needing(requirement).refuse(commands.assign(1, 0), "NOT_ELIGIBLE");
  });

  it("give the age that somebody has for certain", () => {
    const requirement = [{ type: "age", min: 18 }] as const;
    const born2000 = newMember(zero32, zero32, false, { ...noFacts, birthYear: 2000 });
    const startOf = (year: number): number => (year - 1970) * 365.2425 * dayMs;
    // Whoever was born on the last day of 2000 is 18 at the end of 2018.
    expect(isEligible(requirement, born2000, startOf(2018) + 300 * dayMs)).toBe(false);
    expect(isEligible(requirement, born2000, startOf(2019) + dayMs)).toBe(true);
  });

  it("are read strictly", () => {
    expect(parseFacts("")).toEqual(noFacts);
    expect(parseFacts("{}")).toEqual(noFacts);
    const facts = { languages: ["fr"], country: "FR", birthYear: 1990, place: "u09tv2" };
    expect(parseFacts(JSON.stringify(facts))).toEqual(facts);
    expect(parseFacts('{"country":null}')).toEqual(noFacts);
  });

  it.each([
    "{",
    "[]",
    "null",
    '"FR"',
    '{"name":"Ada"}',
    '{"languages":"fr"}',
    '{"languages":[1]}',
    '{"languages":[""]}',
    '{"country":7}',
    '{"country":""}',
    '{"birthYear":"1990"}',
    '{"birthYear":1990.5}',
    '{"birthYear":-3}',
    '{"birthYear":70000}',
    '{"place":["u09"]}',
    '{"country":"\\ud800"}',
  ])("are refused where they are %s", (text) => {
    expect(() => parseFacts(text)).toThrow(/facts: /);
    const lane = openLane({ members: 0 });
    const joined = commands.joined(1);
    if (joined.type !== "input" || joined.record.entry.kind !== "joined") throw new Error("not a joined entry");
    lane.refuse(
      { type: "input", record: { entry: { ...joined.record.entry, facts: text }, attachment: null } },
      "MALFORMED_REQUEST",
    );
  });
});

it("several requirements must all be met, and the first that is not is named", () => {
  const eligibility: Requirement[] = [
    { type: "country", anyOf: ["FR"] },
    { type: "age", min: 18 },
  ];
  const lane = openLane({ members: 0, spec: { terms: { eligibility } } });
  lane.do(commands.joined(1, "owner 1", { country: "FR" }));
  expect(lane.refuse(commands.assign(1, 0), "NOT_ELIGIBLE").message).toContain("an age of at least 18 years");
  lane.do(commands.joined(2, "owner 2", { birthYear: 1980 }));
  expect(lane.refuse(commands.assign(2, 0), "NOT_ELIGIBLE").message).toContain("a country among FR");
  // Whoever asks for any work is told what is missing, rather than that there is none.
  lane.refuse(commands.assign(1, null), "NOT_ELIGIBLE");
});

it("the requester's owner cannot work in its own market, by whatever key", () => {
  const lane = openLane({ members: 0 });
  lane.do(commands.joined(1, "requester"));
  lane.refuse(commands.assign(1, 0), "OWN_MARKET_WORK");
});

describe("a person", () => {
  const member = (automated: boolean) => newMember(zero32, zero32, automated, noFacts);

  it("is whoever does not say that they are a program", () => {
    expect(isEligible([{ type: "person" }], member(false), startMs)).toBe(true);
    expect(isEligible([{ type: "person" }], member(true), startMs)).toBe(false);
  });
});

describe("everything that is missing", () => {
  it("is named, and not the first alone", () => {
    const age: Requirement = { type: "age", min: 18 };
    const language: Requirement = { type: "language", anyOf: ["de"] };
    const asked = [age, { type: "person" }, language] as const;
    expect(unmetRequirements(asked, newMember(zero32, zero32, true, noFacts), startMs)).toEqual(asked);
    const fitting = newMember(zero32, zero32, false, { ...noFacts, languages: ["de"] });
    expect(unmetRequirements(asked, fitting, startMs)).toEqual([age]);
  });
});

describe("a block", () => {
  const block = (isBlocked: boolean, note = "copies answers"): ReturnType<typeof commands.input> =>
    commands.input("blocked", { contributor: 1, isBlocked, note });

  it("keeps a contributor from further work, not from what was begun, until it is lifted", () => {
    const lane = openLane({ members: 2 });
    const slot = lane.take(1, 0);
    lane.do(block(true));
    expect(lane.refuse(commands.assign(1, 1), "NOT_ELIGIBLE").message).toContain("has not blocked");
    lane.submit(1, slot, "yes");
    lane.take(2, 1);
    lane.do(block(false, ""));
    lane.take(1, 1);
  });

  it("says why, of somebody who is there, and something new", () => {
    const lane = openLane({ members: 2 });
    lane.refuse(block(true, "  "), "MALFORMED_REQUEST");
    lane.refuse(block(false), "MALFORMED_REQUEST");
    lane.refuse(block(true, "x".repeat(2_001)), "LIMIT_EXCEEDED");
    lane.refuse(commands.input("blocked", { contributor: 99, isBlocked: true, note: "x" }), "CONTRIBUTOR_NOT_FOUND");
    lane.do(block(true));
    lane.refuse(block(true), "MALFORMED_REQUEST");
  });
});
