import { describe, expect, it } from "vitest";
import { marketOf as specificationOf, taskOf } from "../../src/api/market-spec.ts";
import { moneyOf } from "../../src/api/values.ts";
import { newMarket } from "../../src/contract/markets.ts";
import { checkedTask, type NewTaskFilled } from "../../src/contract/tasks.ts";
import { toBase58 } from "../../src/core/bytes.ts";
import type { Json } from "../../src/core/json.ts";
import { checkBatch } from "../../src/market/composition.ts";
import { parseSpec, parseTerms, specToJson } from "../../src/market/spec.ts";
import { compositionOf } from "../../src/verification/kinds/compose.ts";
import { costsOf } from "../../web/source/console/create/costs.ts";
import {
  answerOf,
  answerTypes,
  emptyDraft,
  type MarketDraft,
  mappingOf,
  marketOf,
  missingIn,
  presetNames,
  startOf,
  startOfType,
  withKind,
} from "../../web/source/console/create/draft.ts";
import { kinds, kindWith, otherKinds, type TableKind, tableKinds } from "../../web/source/console/create/kinds.ts";
import { prepareTasks } from "../../web/source/console/rows/survey.ts";
import { guessRoles, rolesWith } from "../../web/source/console/rows/tasks.ts";
import { kindOf } from "../support/kind-markets.ts";
import { requesterKey } from "../support/market.ts";

const decimals = 6;
const amounts = { newcomerBudget: "1", tasks: 200, controls: 20, refundTo: toBase58(requesterKey), mint: undefined };

const hash = "ab".repeat(32);
const beacon = {
  device: "11111111111111111111111111111111",
  cell: "8c3f304e42e4bff",
  gainDdb: 12,
  powerDbm: 8,
  region: "EU868",
  frequencyHz: 867_900_000,
  payload: "1c991241",
  sentAtMs: 1_700_000_000_000,
};
/** What rows of each kind need, under names that are recognised. */
const columns = ["id", "text", "Lat", "lng", "sha256", "beacon"];
const fileOf = (...rows: readonly (readonly string[])[]): File =>
  new File(
    [[columns, ...rows].map((fields) => fields.map((each) => `"${each.replaceAll('"', '""')}"`).join(",")).join("\n")],
    "rows.csv",
  );
const goodRow = ["a", "what", "48.2082", "16,3738", hash, JSON.stringify(beacon)];

const draftOf = (kind: TableKind, type: MarketDraft["type"]): MarketDraft => {
  const begun = { ...emptyDraft, ...startOf(kind), ...startOfType(kind, type) };
  return {
    ...begun,
    question: "What is it?",
    names: begun.names || "a\nb\nc",
    roles: rolesWith(columns, guessRoles(columns), kinds[kind].roles),
  };
};

const all = tableKinds.flatMap((kind) => kinds[kind].types.map((type) => [kind, type] as const));

describe("a market as it is described on the page", () => {
  it.each(all)(
    "of the kind %s with answers that are %s is one that the server takes, with tasks of its rows",
    async (kind, type) => {
      for (const preset of presetNames) {
        const draft = { ...draftOf(kind, type), preset };
        expect(missingIn(draft, decimals)).toBeNull();
        const wanted = newMarket.parse(marketOf(draft, amounts));
        const { spec } = specificationOf(moneyOf(decimals), 200, requesterKey, wanted);
        expect(parseSpec(specToJson(spec))).toEqual(spec);
        expect([wanted.kind, wanted.verification]).toEqual([kind, compositionOf(kindOf(kind), {})]);
        const made = await prepareTasks(fileOf(goodRow), mappingOf(draft), 20);
        expect(made).toMatchObject({ tasks: 1, problems: [] });
        const task = checkedTask(JSON.parse(await made.sample.text()) as Json) as NewTaskFilled;
        const { terms } = taskOf(moneyOf(decimals), task);
        expect(() => checkBatch(spec, parseTerms(spec, terms ?? {}), kinds[kind].hasControls, new Map())).not.toThrow();
      }
    },
  );

  it("answers in every way that there is", () => {
    expect(new Set(all.map(([, type]) => type))).toEqual(new Set(answerTypes));
    for (const type of answerTypes) {
      const kind = kindWith(type, "label");
      expect(kinds[kind].types).toContain(type);
      // What was chosen stays where it has such answers.
      expect(kindWith(type, kind)).toBe(kind);
    }
    expect(kindWith("choice", "review")).toBe("label");
    expect(kindWith("pair", "judge")).toBe("judge");
  });

  it("has no answers but those that its kind's verification takes", () => {
    const draft = { ...draftOf("review", "choice"), names: "yes\nno" };
    expect(answerOf(draft)).toEqual({ type: "choice", choices: ["keep", "remove"] });
    expect(missingIn({ ...draft, names: "" }, decimals)).toBeNull();
  });

  it("is not begun before its rows have what its kind compares with", () => {
    const bare = (kind: TableKind) => ({
      ...draftOf(kind, kinds[kind].types[0] ?? "choice"),
      roles: ["show"] as const,
    });
    expect(tableKinds.map((kind) => [kind, missingIn(bare(kind), decimals)])).toEqual([
      ["label", null],
      ["judge", null],
      ["mark", null],
      ["review", null],
      ["claim", "source"],
      ["report", "place"],
      ["visit", "place"],
      ["mapping", "place"],
      ["sensing", "place"],
      ["coverage", "beacon"],
    ]);
  });

  it("leaves out rows with nowhere on Earth, no hash, or no beacon, and says so", async () => {
    const rowWith = (at: number, text: string, id: string): string[] =>
      goodRow.map((field, i) => (i === 0 ? id : i === at ? text : field));
    for (const [kind, at, bad, problem] of [
      ["report", 2, ["", "91", "north", "1e1"], "PLACE_UNKNOWN"],
      ["report", 3, ["180.1"], "PLACE_UNKNOWN"],
      ["claim", 4, ["", hash.slice(1), `${hash.slice(1)}g`], "SOURCE_UNKNOWN"],
      ["coverage", 5, ["", "[]", "7", "{"], "BEACON_UNKNOWN"],
    ] as const) {
      const rows = bad.map((text, i) => rowWith(at, text, `bad-${i}`));
      const file = fileOf(goodRow, ...rows);
      const made = await prepareTasks(file, mappingOf(draftOf(kind, "choice")), 20);
      expect(made).toMatchObject({ tasks: 1, problems: [{ problem, count: bad.length }] });
    }
  });

  it("asks for no known answers where nobody looks at them", () => {
    const roles = rolesWith(["text", "gold"], guessRoles(["text", "gold"]), kinds.sensing.roles);
    expect(roles).toEqual(["show", "show"]);
    expect(rolesWith(["text", "lat"], ["latitude", "show"], kinds.report.roles)).toEqual(["latitude", "show"]);
    expect(rolesWith(["text", "lat"], ["show", "latitude"], kinds.label.roles)).toEqual(["show", "show"]);
  });

  it("finds its known answers again after a kind that has no eye for them", () => {
    const names = ["text", "answer"];
    const facts = [null, ["good", "bad"]].map((values) => ({ filled: 4, formulas: 0, values }));
    const begun = { ...emptyDraft, names: "good\nbad", roles: guessRoles(names) };
    const mapped = withKind(begun, "mapping", names, facts);
    expect([mapped.roles, mapped.names, mapped.reward]).toEqual([["show", "show"], "streets\npaths", "20"]);
    const back = withKind(mapped, "label", names, facts);
    expect([back.roles, back.names, back.reward]).toEqual([["show", "control"], "good\nbad", "0.03"]);
    // What was taken for no known answer stays so, where the kind before could have had it.
    const shown = withKind({ ...begun, roles: ["show", "show"] }, "judge", names, facts);
    expect(shown.roles).toEqual(["show", "show"]);
  });

  it("is expected to cost no more than it can", () => {
    const terms = { decimals, feeBasisPoints: 200 };
    for (const kind of tableKinds) {
      const { expected, maximum } = costsOf(draftOf(kind, kinds[kind].types[0] ?? "choice"), 12, null, terms);
      expect([kind, Number(expected) <= Number(maximum)]).toEqual([kind, true]);
    }
  });

  it("leaves no kind unnamed", () => {
    expect([...tableKinds, ...otherKinds].every((kind) => kindOf(kind).kind === kind)).toBe(true);
    expect(new Set([...tableKinds, ...otherKinds]).size).toBe(15);
  });

  it("lets a kind's own guardrails stand beside what the requester asks for", () => {
    const draft = { ...draftOf("visit", "choice"), personsOnly: true, languages: "de" };
    expect(marketOf(draft, amounts).eligibility).toEqual([
      { type: "age", min: 18 },
      { type: "person" },
      { type: "language", anyOf: ["de"] },
    ]);
  });
});
