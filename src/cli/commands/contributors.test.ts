import { describe, expect, it } from "vitest";
import { cliServer } from "../../../test/support/cli-server.ts";
import { toBase58 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";

const id = "ab".repeat(16);
const key = "11111111111111111111111111111112";
const nowMs = 1_800_000_000_000;

async function giving() {
  const given: unknown[] = [];
  const server = await cliServer({
    qualify: async (_owner, _market, contributor, grant) => {
      given.push([toBase58(contributor), grant]);
    },
    payBonus: async (_owner, _market, contributor, amount, note) => {
      given.push([toBase58(contributor), amount, note]);
    },
  });
  return { server, given };
}

describe("contributors qualify", () => {
  it("grants for good, or for some days, with a value", async () => {
    const { server, given } = await giving();
    const { stdout } = await server.run(["contributors", "qualify", id, key, "reader"]);
    expect(stdout).toContain("has reader = 1 for good");
    const args = ["contributors", "qualify", id, key, "reader", "--value", "70", "--days", "2", "--json"];
    const expiresAtMs = nowMs + 2 * 86_400_000;
    const { json } = await server.run(args, { nowMs });
    expect(json).toEqual({ ok: true, market: id, contributor: key, name: "reader", value: 70, expiresAtMs });
    expect(given).toEqual([
      [key, { name: "reader", value: 1, expiresAtMs: null }],
      [key, { name: "reader", value: 70, expiresAtMs }],
    ]);
  });

  it.each([
    [[id, "nobody", "reader"], "base 58"],
    [["nowhere", key, "reader"], "32 hexadecimal digits"],
    [[id, key, "reader", "--days", "0"], "1 or more"],
    [[id, key], "Missing required argument"],
  ])("refuses %j", async (args, problem) => {
    const { server, given } = await giving();
    const { exitCode, stderr } = await server.run(["contributors", "qualify", ...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(problem);
    expect(given).toEqual([]);
  });

  it("passes on what the server refuses", async () => {
    const server = await cliServer({
      qualify: async () => {
        throw earnestError("CONTRIBUTOR_NOT_FOUND", { contributor: key });
      },
    });
    const { exitCode, json } = await server.run(["contributors", "qualify", id, key, "reader", "--json"]);
    expect([exitCode, json.error.code]).toEqual([1, "CONTRIBUTOR_NOT_FOUND"]);
  });
});

describe("contributors bonus", () => {
  it("pays after a yes, and only then", async () => {
    const { server, given } = await giving();
    const args = ["contributors", "bonus", id, key, "0.5", "--note", "thank you"];
    expect((await server.run(args)).exitCode).toBe(2);
    expect(given).toEqual([]);
    const { json } = await server.run([...args, "--yes", "--json"]);
    expect(json).toMatchObject({ ok: true, amount: "0.5" });
    expect(given).toEqual([[key, 500_000n, "thank you"]]);
  });
});
