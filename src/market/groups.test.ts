import { describe, expect, it } from "vitest";
import { checkLane } from "../../test/support/check-lane.ts";
import { commands, openLane, type SpecParts, specWith, type TestLane } from "../../test/support/market.ts";
import { folderOfPolis, isPolisHere, readPolis } from "../../test/support/polis.ts";
import type { Json } from "../core/json.ts";
import { readComposition } from "../verification/algebra/verify.ts";
import { parseSpec, specToJson } from "./spec.ts";
import { isFinished } from "./state.ts";

const groups = { type: "groups", groupsMin: 2, groupRatingsMin: 5, agreementPpmMin: 600_000 } as const;
const composition: Json = { all: [{ agree: groups }] };
const overlap = { min: 10, max: 24, targetPpm: 600_000 };
const bridging = (rule: Json = composition, terms: SpecParts["terms"] = {}): SpecParts => ({
  verification: { version: 1, composition: readComposition(rule, "composition") },
  terms: { answer: { type: "choice", choices: ["keep", "remove"] }, overlap, ...terms },
});

const isOver = (lane: TestLane, task: number): boolean =>
  isFinished(lane.state, task) || (lane.state.tasks.get(task)?.settled ?? null) !== null;

/** Sixteen of one side and eight of the other, who differ on every task but those that both like. */
const people = Array.from({ length: 24 }, (_, i) => i + 1);
const isFirst = (person: number): boolean => person <= 16;
const bothLike = (task: number): boolean => task % 3 === 0;
const opinion = (person: number, task: number): string =>
  bothLike(task) || (task % 3 === 1) === isFirst(person) ? "keep" : "remove";

function divided(tasks: number): TestLane {
  const lane = openLane({ spec: bridging(), deposit: 10_000_000n, tasks, members: 24 });
  for (let task = 0; task < tasks; task++) {
    for (const person of people) {
      if (isOver(lane, task)) break;
      lane.answer(person, task, opinion(person, task));
    }
  }
  return lane;
}

describe("a market of groups that differ", () => {
  const tasks = 24;
  const lane = divided(tasks);
  const settled = lane.entries("settled");

  it("makes groups of tasks that are settled, on the two sides there are", () => {
    const sides = people.map((person) => lane.member(person).group);
    expect(new Set(sides.slice(0, 16))).toEqual(new Set([sides[0]]));
    expect(new Set(sides.slice(16))).toEqual(new Set([1 - (sides[0] as number)]));
  });

  it("settles what both groups say, and nothing that one of them rejects, however many want it", () => {
    const known = settled.slice(-9);
    expect(known.length).toBe(9);
    for (const { task, decided, label } of known)
      expect([task, decided, decided ? label : 0]).toEqual([task, bothLike(task), 0]);
    // Two of three said `keep` of every second of the others.
    expect(settled.filter(({ task, decided }) => !bothLike(task) && decided)).toEqual([]);
  });

  it("pays for what bridges, and does not punish where nothing did", () => {
    const reasons = new Set(lane.entries("verified").map(({ verdict, reason }) => `${verdict} ${reason}`));
    expect([...reasons].sort()).toEqual(["accepted AGREES", "accepted UNDECIDED"]);
    checkLane(lane);
  });

  it("rejects who says otherwise than both groups, which can be appealed", () => {
    const task = 24;
    lane.do(commands.batch(task, 1));
    for (const person of people) {
      if (isOver(lane, task)) break;
      lane.answer(person, task, person === 2 ? "remove" : "keep");
    }
    expect(lane.entries("verified").at(-1)).toMatchObject({ task });
    const own = lane.entries("verified").filter((entry) => entry.task === task && entry.verdict === "rejected");
    expect(own).toMatchObject([{ reason: "GROUP_DISAGREES", units: 1_000_000 }]);
    checkLane(lane);
  });

  it("decides nothing while it knows no groups", () => {
    const young = openLane({ spec: bridging(), deposit: 1_000_000n, tasks: 1, members: 24 });
    for (const person of people) young.answer(person, 0, "keep");
    expect(young.entries("settled")).toMatchObject([{ decided: false, label: 0 }]);
    checkLane(young);
  });
});

describe("real opinions", () => {
  const name = "vtaiwan.uberx";
  it("never pass where a group rejects them", () => {
    if (!isPolisHere(name)) return console.warn(`${folderOfPolis(name)} is not here: skipped`);
    const { ratings, raters } = readPolis(name);
    // Those who said most, on what was asked most.
    const most = (of: readonly number[]): number[] =>
      [...of.keys()].sort((a, b) => (of[b] as number) - (of[a] as number) || a - b);
    const said = Array.from({ length: raters }, () => 0);
    for (const { rater } of ratings) said[rater] = (said[rater] as number) + 1;
    const crowd = most(said).slice(0, 40);
    const votes = new Map(ratings.map(({ rater, item, valuePpm }) => [`${rater} ${item}`, valuePpm]));
    const items = [...new Set(ratings.map(({ item }) => item))].sort((a, b) => a - b).slice(0, 40);
    const terms = { overlap: { min: 25, max: 40, targetPpm: 600_000 } };
    const lane = openLane({
      spec: bridging(composition, terms),
      deposit: 10_000_000n,
      tasks: items.length,
      members: 60,
    });
    // By task: what each side said of it, with the sides there were when it was said.
    const heard = items.map((): Record<string, number[]> => ({}));
    for (const [task, item] of items.entries()) {
      for (const [i, rater] of crowd.entries()) {
        const vote = votes.get(`${rater} ${item}`);
        if (vote === undefined || isOver(lane, task)) continue;
        const { group } = lane.member(i + 1);
        const side = heard[task] as Record<string, number[]>;
        if (group !== null) side[group] = [...(side[group] ?? []), vote === 1_000_000 ? 0 : 1];
        lane.answer(i + 1, task, vote === 1_000_000 ? "keep" : "remove");
      }
    }
    let bridged = 0;
    for (const { task, decided, label } of lane.entries("settled")) {
      if (!decided) continue;
      bridged++;
      const sides = Object.values(heard[task] as Record<string, number[]>);
      expect(sides).toHaveLength(2);
      for (const side of sides)
        expect(side.filter((each) => each === label).length * 10).toBeGreaterThanOrEqual(side.length * 6);
    }
    expect(bridged).toBeGreaterThan(0);
    checkLane(lane);
  });
});

describe("a specification of groups", () => {
  it.each<[string, Json, SpecParts["terms"]]>([
    ["choice of two", composition, { answer: { type: "choice", choices: ["a", "b", "c"] } }],
    ["groupsMin: must be 2", { agree: { ...groups, groupsMin: 3 } }, {}],
    ["at most half of the overlap", composition, { overlap: { min: 2, max: 9, targetPpm: 0 } }],
  ])("is refused where a market cannot keep it: %s", (problem, rule, terms) => {
    expect(() => parseSpec(specToJson(specWith(bridging(rule, terms))))).toThrow(problem);
  });
});
