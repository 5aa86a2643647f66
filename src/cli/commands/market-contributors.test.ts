import { describe, expect, it } from "vitest";
import { cliServer } from "../../../test/support/cli-server.ts";
import { contributorOf, marketViewOf, otherKey, testSpec } from "../../api/testing-engine.ts";
import type { Engine } from "../../engine/engine.ts";

const id = "ab".repeat(16);

/** Two contributors to a page, four in all. */
const contributors: Engine["contributors"] = async (_owner, _market, after) => ({
  items: [contributorOf(), contributorOf({ contributor: otherKey, automated: false, standing: null, errors: null })],
  next: after === null ? "2" : null,
});

describe("markets contributors", () => {
  it("shows who worked, and what became of it", async () => {
    const server = await cliServer({ contributors });
    const { stdout, exitCode } = await server.run(["markets", "contributors", id]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^contributor +answers +controls +agreed/);
    expect(stdout).toMatch(/\(automated\) +6 +1\/2 +3\/4 +3 +2 +1 +0\.06 +proven, 99\.0%/);
    expect(stdout.match(/\n/g)).toHaveLength(5);
    expect(stdout).not.toContain("where right is");
  });

  it("shows error matrices where they are asked for", async () => {
    const server = await cliServer({ contributors });
    const { stdout } = await server.run(["markets", "contributors", id, "--errors", "--limit", "2"]);
    expect(stdout).toMatch(/where right is +answers +how often/);
    expect(stdout).toMatch(/\na +b +20\.0% +10\.0% +40\.0% +1\n/);
    expect(stdout.match(/where right is/g)).toHaveLength(1);
  });

  it("ends with all of it for programs, page after page", async () => {
    const server = await cliServer({ contributors });
    const { json } = await server.run(["markets", "contributors", id, "--json"]);
    expect(json.contributors).toHaveLength(4);
    const three = await server.run(["markets", "contributors", id, "--json", "--limit", "3"]);
    expect(three.json.contributors).toHaveLength(3);
    expect(json.contributors[0]).toMatchObject({ automated: true, earned: "0.06", errors: [{ truth: "a" }] });
  });

  it("says that nobody came", async () => {
    const server = await cliServer({ contributors: async () => ({ items: [], next: null }) });
    expect((await server.run(["markets", "contributors", id])).stdout).toBe("Nobody has worked here yet.\n");
  });
});

describe("a guide on the command line", () => {
  it("is told of with its examples, and the template in any case", async () => {
    const example = { content: 1, answer: "a", good: true, why: "It is." };
    const spec = { ...testSpec, guide: "Look.", examples: [example, { ...example, good: false }, example] };
    const server = await cliServer({ market: async () => marketViewOf({ spec }) });
    const { stdout } = await server.run(["markets", "show", id]);
    expect(stdout).toMatch(/guide +5 characters\n/);
    expect(stdout).toMatch(/examples +2 good, 1 bad\n/);
    expect(stdout).toMatch(/asked by +choice\n/);
    expect((await (await cliServer()).run(["markets", "show", id])).stdout).not.toMatch(/guide|examples/);
  });
});

describe("warnings on the command line", () => {
  it("stand below the market, for its owner", async () => {
    const server = await cliServer();
    const { stderr, stdout } = await server.run(["markets", "show", id]);
    expect(stdout).not.toContain("control tasks");
    expect(stderr).toContain("! There are no control tasks. Add some.");
    expect((await server.run(["markets", "show", id, "--json"])).json.market.warnings).toHaveLength(1);
  });
});
