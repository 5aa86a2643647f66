import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MarketId } from "../../core/market-id.ts";
import type { Requirement } from "../../market/spec.ts";
import { type Candidate, Invitations, type OpenMarket } from "./invitations.ts";

const inCountry = (...anyOf: string[]): Requirement => ({ type: "country", anyOf });
const openMarket = (market: string, tasks: number, ...requirements: Requirement[]): OpenMarket => ({
  market: market as MarketId,
  title: market,
  tasks,
  requirements,
});
const nodeOf = (name: string, parts: Partial<Candidate> = {}): Candidate & { readonly name: string } => ({
  name,
  network: name,
  country: null,
  place: null,
  faults: 0,
  merit: 1,
  ...parts,
});
type Node = ReturnType<typeof nodeOf>;

function readied(nodes: readonly Node[], max: number, clock: () => number = () => 0): Invitations<Node> {
  const invitations = new Invitations<Node>(max, clock);
  for (const node of nodes) invitations.ready(node);
  return invitations;
}

const namesOf = (invitations: Invitations<Node>, ...open: OpenMarket[]): readonly string[] =>
  invitations.next(open).map(({ node, market }) => `${node.name}@${market.title}`);

describe("invitations", () => {
  it("go to networks with few under way, then to countries, then to merit, then to who waits longest", () => {
    const inA = { network: "a", country: "DE" };
    const invitations = readied(
      [
        nodeOf("a1", inA),
        nodeOf("a2", { ...inA, merit: 2 }),
        nodeOf("b", { country: "DE", merit: 2 }),
        nodeOf("c", { country: "FR" }),
        nodeOf("d", { country: "FR" }),
      ],
      9,
    );
    expect(namesOf(invitations, openMarket("m", 9))).toEqual(["a2@m", "c@m", "b@m", "d@m", "a1@m"]);
  });

  it("go to those without faults first, wherever they are, and patience is as much longer as there are faults", () => {
    let now = 0;
    const inA = { network: "a", country: "DE" };
    const nodes = [
      nodeOf("twice", { country: "FR", merit: 2, faults: 2 }),
      nodeOf("once", { country: "ES", faults: 1 }),
      ...["a1", "a2", "a3"].map((name) => nodeOf(name, inA)),
    ];
    expect(namesOf(readied(nodes, 4), openMarket("m", 9))).toEqual(["a1@m", "a2@m", "a3@m", "once@m"]);
    const invitations = readied(nodes.slice(0, 2), 9, () => now);
    now = 60_000;
    invitations.ready(nodeOf("new"));
    expect(namesOf(invitations, openMarket("m", 1))).toEqual(["new@m"]);
    now = 120_000;
    invitations.ready(nodeOf("newer"));
    expect(namesOf(invitations, openMarket("m", 1))).toEqual(["once@m"]);
    now = 180_000;
    expect(namesOf(invitations, openMarket("m", 1))).toEqual(["twice@m"]);
  });

  it("are for who is where the market wants pages from, and a market that few can serve comes first", () => {
    const place: Requirement = { type: "place", anyOf: ["891e"] };
    const granted: Requirement = { type: "qualification", name: "known", min: 1 };
    const nodes = [
      nodeOf("none"),
      nodeOf("germany", { country: "DE" }),
      nodeOf("berlin", { country: "DE", place: "891e2" }),
    ];
    const open = [openMarket("anywhere", 9), openMarket("country", 9, inCountry("DE")), openMarket("cell", 9, place)];
    expect(namesOf(readied(nodes, 9), ...open)).toEqual(["berlin@cell", "germany@country", "none@anywhere"]);
    expect(namesOf(readied(nodes, 9), openMarket("nobody", 9, inCountry("FR")))).toEqual([]);
    // What was granted the market knows, and what nodes must be they are asked there.
    expect(namesOf(readied(nodes, 9), openMarket("granted", 1, granted))).toEqual(["none@granted"]);
  });

  it("give every market a node before one has two", () => {
    const nodes = ["1", "2", "3", "4"].map((name) => nodeOf(name));
    const open = [openMarket("large", 100), openMarket("small", 1), openMarket("other", 2)];
    expect(namesOf(readied(nodes, 9), ...open)).toEqual(["1@large", "2@small", "3@other", "4@large"]);
  });

  it("are not given again before they were answered, and what is declined is remembered for a while", () => {
    let now = 0;
    const [one, other] = [nodeOf("one"), nodeOf("other")];
    const invitations = readied([one], 9, () => now);
    const [a, b] = [openMarket("a", 1), openMarket("b", 1)];
    expect(namesOf(invitations, a)).toEqual(["one@a"]);
    invitations.ready(other);
    expect(namesOf(invitations, a)).toEqual([]);
    // A market that does not take it is not tried again; one whose work is taken is, after a while.
    invitations.declined(one, a.market, "NOT_ELIGIBLE");
    invitations.ready(one);
    expect(namesOf(invitations, a)).toEqual(["other@a"]);
    invitations.declined(other, a.market, "NO_WORK");
    invitations.ready(other);
    expect(namesOf(invitations, a)).toEqual([]);
    now = 5_000;
    expect(namesOf(invitations, a, b)).toEqual(["other@a", "one@b"]);
    // Silence is no answer, a session that began is one.
    invitations.began(one, b.market);
    now = 65_000;
    invitations.ready(nodeOf("third"));
    expect(namesOf(invitations, a, b)).toEqual(["third@a"]);
    invitations.left(one);
    expect([invitations.underWay, invitations.waiting]).toEqual([1, 0]);
  });
});

const node = fc.record({
  network: fc.constantFrom("a", "b", "c", "d"),
  country: fc.constantFrom("DE", "FR", null),
  faults: fc.integer({ min: 0, max: 2 }),
  merit: fc.integer({ min: 0, max: 2 }),
});
const nodes = fc.array(node, { maxLength: 20 }).map((all) => all.map((each, i) => nodeOf(`${i}`, each)));
const markets = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.subarray(["DE", "FR"])), { maxLength: 4 })
  .map((all) =>
    all.map(([tasks, where], i) => openMarket(`${i}`, tasks, ...(where.length > 0 ? [inCountry(...where)] : []))),
  );

describe("whatever is open and whoever is ready", () => {
  it("nobody is invited who may not come, twice, or past a bound, and no work is left that somebody could do", () => {
    fc.assert(
      fc.property(nodes, markets, fc.integer({ min: 1, max: 12 }), (all, open, max) => {
        const invitations = readied(all, max);
        const invited = invitations.next(open);
        const may = (each: Node, { requirements }: OpenMarket): boolean =>
          requirements.every(
            (one) => one.type === "country" && each.country !== null && one.anyOf.includes(each.country),
          );
        expect(invited.every((each) => may(each.node, each.market))).toBe(true);
        expect(new Set(invited.map((each) => each.node)).size).toBe(invited.length);
        expect(invited.length).toBeLessThanOrEqual(max);
        const left = all.filter((each) => !invited.some((one) => one.node === each));
        for (const market of open) {
          const begun = invited.filter((each) => each.market === market).length;
          expect(begun).toBeLessThanOrEqual(market.tasks);
          if (begun < market.tasks && invited.length < max)
            expect(left.filter((each) => may(each, market))).toEqual([]);
        }
        expect([invitations.waiting, invitations.underWay]).toEqual([left.length, invited.length]);
      }),
    );
  });

  it("no network gets a second session while another that waits has none, and the better known come first", () => {
    fc.assert(
      fc.property(nodes, fc.integer({ min: 1, max: 20 }), (any, tasks) => {
        const all = any.map((each) => ({ ...each, faults: 0 }));
        const invited = readied(all, 100).next([openMarket("m", tasks)]);
        const left = all.filter((each) => !invited.some((one) => one.node === each));
        const countIn = (network: string): number => invited.filter((each) => each.node.network === network).length;
        for (const each of left) {
          for (const other of all) expect(countIn(other.network)).toBeLessThanOrEqual(countIn(each.network) + 1);
          const alike = invited.filter(({ node: one }) => one.network === each.network && one.country === each.country);
          for (const { node: one } of alike) expect(one.merit).toBeGreaterThanOrEqual(each.merit);
        }
      }),
    );
  });

  it("nobody with a fault is invited while somebody who may come waits without", () => {
    fc.assert(
      fc.property(nodes, fc.integer({ min: 1, max: 20 }), (all, tasks) => {
        const invited = readied(all, 100).next([openMarket("m", tasks)]);
        const left = all.filter((each) => !invited.some((one) => one.node === each));
        const most = Math.max(0, ...invited.map((each) => each.node.faults));
        for (const each of left) expect(each.faults).toBeGreaterThanOrEqual(most);
      }),
    );
  });

  it("everybody who goes on waiting is invited, whoever the others are", () => {
    const sessionMs = 10_000;
    fc.assert(
      fc.property(nodes, fc.integer({ min: 1, max: 4 }), (all, max) => {
        let now = 0;
        const invitations = readied(all, max, () => now);
        const counts = new Map<Node, number>();
        // After the minutes that patience takes, one round for each who stands before.
        const rounds = 18 + 2 * Math.ceil(all.length / max);
        for (let round = 0; round <= rounds; round++) {
          const invited = invitations.next([openMarket("m", 1_000)]);
          for (const { node: each, market } of invited) {
            counts.set(each, (counts.get(each) ?? 0) + 1);
            invitations.began(each, market.market);
          }
          now += sessionMs;
          for (const { node: each } of invited) {
            invitations.ended(each);
            invitations.ready(each);
          }
        }
        for (const each of all) expect(counts.get(each) ?? 0).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});
