import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/cli.ts";
import { cliServer } from "../../../test/support/cli-server.ts";
import { marketViewOf } from "../../api/testing-engine.ts";
import { newMarket } from "../../contract/markets.ts";
import { earnestError } from "../../core/errors.ts";
import { newVerification } from "../../market/composition.ts";

const id = "ab".repeat(16);

function fileWith(content: unknown, name = "market.json"): { folder: string; name: string } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  return { folder, name };
}

const wanted = { title: "Which is better?", answer: { choices: ["a", "b"] }, reward: "0.02" };

describe("markets list and show", () => {
  it("lists markets in a table, and whole with --json", async () => {
    const server = await cliServer();
    const { stdout } = await server.run(["markets", "list"]);
    expect(stdout).toMatch(/^id +status +title/);
    expect(stdout).toContain("Which is better?");
    const { json } = await server.run(["markets", "list", "--json", "--limit", "1"]);
    expect(json.markets[0]).toMatchObject({ id, status: "open", escrow: { free: "1" } });
  });

  it("says that there are none", async () => {
    const server = await cliServer({ listMarkets: async () => ({ items: [], next: null }) });
    expect((await server.run(["markets", "list"])).stdout).toBe("No markets.\n");
  });

  it("shows terms and money", async () => {
    const server = await cliServer();
    const { stdout } = await server.run(["markets", "show", id]);
    for (const text of ["reward", "0.02, fee 2%", "2-3, until 95.0% certain", "deposited", "10 min"]) {
      expect(stdout).toContain(text);
    }
  });

  it("shows what a composition checks", async () => {
    const verification = newVerification({
      scale: {
        of: { all: [{ match: { type: "control" } }, { agree: { type: "share", scorePpmMin: 1 } }] },
        sharePpm: 5,
      },
    });
    const found = marketViewOf();
    const server = await cliServer({ market: async () => ({ ...found, spec: { ...found.spec, verification } }) });
    expect((await server.run(["markets", "show", id])).stdout).toMatch(/verified by +match control, agree share/);
  });

  it("a market that is not there is exit code 1, with the server's words and request id", async () => {
    const server = await cliServer();
    const { exitCode, json } = await server.run(["markets", "show", "cd".repeat(16), "--json"]);
    expect(exitCode).toBe(1);
    expect(json.error).toMatchObject({
      code: "MARKET_NOT_FOUND",
      next: expect.any(String),
      requestId: expect.any(String),
    });
  });

  it("an id that cannot be one never reaches the server", async () => {
    const server = await cliServer();
    const { exitCode, stderr } = await server.run(["markets", "show", "../keys"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("32 hexadecimal digits");
    expect(server.calls).toEqual([]);
  });
});

describe("markets deposit", () => {
  const keypair = (folder: string): string => {
    writeFileSync(join(folder, "id.json"), "07".repeat(32));
    return "id.json";
  };

  it("says whose account it is where the keypair is another wallet's, and asks no node", async () => {
    const server = await cliServer();
    const folder = temporaryFolder();
    for (const command of ["deposit", "close"] as const) {
      const args = command === "deposit" ? ["deposit", id, "5"] : ["close", id, "--yes"];
      const { exitCode, stderr } = await server.run(["markets", ...args, "--keypair", keypair(folder)], { folder });
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/The keypair is that of \w{43,44}; the account of market abab\w+ belongs to refund\./);
    }
    expect(server.calls).not.toContain("changeStatus");
  });

  it.each(["-1", "0.0.1", "many", "0"])("refuses %s tokens", async (tokens) => {
    const server = await cliServer();
    const folder = temporaryFolder();
    const args = ["markets", "deposit", "--keypair", keypair(folder), id, "--", tokens];
    expect((await server.run(args, { folder })).exitCode).toBe(2);
  });
});

describe("markets create", () => {
  it("creates a draft and says how to fund it", async () => {
    const server = await cliServer();
    const { folder, name } = fileWith(wanted);
    const { exitCode, stdout } = await server.run(["markets", "create", name], { folder });
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`earnest markets deposit ${id} AMOUNT --keypair FILE`);
    expect(stdout).toMatch(/FILE is the keypair of \w+, which needs SOL and tokens of So1+2/);
  });

  it("fills in nothing on a dry run but shows the defaults", async () => {
    const server = await cliServer();
    const { folder, name } = fileWith(wanted);
    const { json } = await server.run(["markets", "create", name, "--dry-run", "--json"], { folder });
    expect(json.market).toMatchObject({ leaseSeconds: 600, overlap: newMarket.shape.overlap.parse(undefined) });
    expect(server.calls).toEqual([]);
  });

  it.each([
    ["not JSON", "{", "not JSON"],
    ["an unknown field", { ...wanted, price: 1 }, "price"],
    ["a number for money", { ...wanted, reward: 0.02 }, "reward"],
    ["one choice", { ...wanted, answer: { choices: ["a"] } }, "line 1, /answer/choices"],
    ["a list", [], "object"],
  ])("refuses %s before it is sent", async (_, content, problem) => {
    const server = await cliServer();
    const { folder, name } = fileWith(content);
    const { exitCode, json } = await server.run(["markets", "create", name, "--json"], { folder });
    expect(exitCode).toBe(2);
    expect(json.error.code).toBe("MALFORMED_FILE");
    expect(json.error.message).toContain(problem);
    expect(server.calls).toEqual([]);
  });

  it("points at the line on which a composition is wrong, before and after it is sent", async () => {
    const verification = { all: [{ match: { type: "control" } }, { agree: { type: "lable" } }] };
    const here = fileWith(JSON.stringify({ ...wanted, verification }, null, 2));
    const server = await cliServer({
      createMarket: async () => {
        throw earnestError("MALFORMED_SPEC", { path: "/verification/all/0/match", problem: "must have scorePpmMin" });
      },
    });
    const local = await server.run(["markets", "create", here.name, "--json"], { folder: here.folder });
    expect(local.exitCode).toBe(2);
    expect(local.json.error).toMatchObject({ code: "MALFORMED_FILE" });
    expect(local.json.error.message).toMatch(/line 19, \/verification\/all\/1\/agree\/type: must be label, score/);
    expect(server.calls).toEqual([]);
    const good = { ...wanted, verification: { all: [{ match: { type: "control" } }] } };
    const there = fileWith(JSON.stringify(good, null, 2));
    const remote = await server.run(["markets", "create", there.name, "--json"], { folder: there.folder });
    expect(remote.json.error.message).toMatch(/line 13, \/verification\/all\/0\/match: must have scorePpmMin/);
    expect(remote.exitCode).toBe(2);
  });

  it("refuses a folder, a missing and a huge file", async () => {
    const server = await cliServer();
    const folder = temporaryFolder();
    writeFileSync(join(folder, "huge.json"), Buffer.alloc(2_000_000, 32));
    for (const [file, code] of [
      [".", "MALFORMED_FILE"],
      ["none.json", "FILE_NOT_FOUND"],
      ["huge.json", "FILE_SIZE_EXCEEDED"],
    ] as const) {
      const { exitCode, json } = await server.run(["markets", "create", file, "--json"], { folder });
      expect([exitCode, json.error.code]).toEqual([2, code]);
    }
  });
});

describe("moving a market", () => {
  it.each(["open", "pause", "resume"])("%s", async (move) => {
    const server = await cliServer();
    const { exitCode, stdout } = await server.run(["markets", move, id]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("is open; free 1");
    expect(server.calls).toContain("changeStatus");
  });

  it("closing wants a yes, and says what is still to be done on chain", async () => {
    const server = await cliServer();
    expect((await server.run(["markets", "close", id])).exitCode).toBe(2);
    expect(server.calls).not.toContain("changeStatus");
    const { exitCode, stdout } = await server.run(["markets", "close", id, "--yes"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`earnest markets close ${id} --keypair FILE`);
    expect(stdout).toContain("the network's refund delay later");
  });

  it("a market that is closed already is refused, where nothing is to be done on chain", async () => {
    const server = await cliServer({
      changeStatus: async () => {
        throw earnestError("MARKET_STATE", { market: id, status: "closed", action: "close" });
      },
    });
    const { exitCode, json } = await server.run(["markets", "close", id, "--yes", "--json"]);
    expect([exitCode, json.error.code]).toEqual([1, "MARKET_STATE"]);
  });

  it("too little money is exit code 4", async () => {
    const server = await cliServer({
      changeStatus: async () => {
        throw earnestError("ESCROW_INSUFFICIENT", { needed: "5", free: "1" });
      },
    });
    const { exitCode, stderr } = await server.run(["markets", "open", id]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain("ESCROW_INSUFFICIENT");
  });

  it("somebody else's market is exit code 3", async () => {
    const server = await cliServer({
      changeStatus: async () => {
        throw earnestError("OWNER_MISMATCH", { what: "The market" });
      },
    });
    expect((await server.run(["markets", "pause", id])).exitCode).toBe(3);
  });

  it("fund credits a deposit by its signature", async () => {
    const server = await cliServer();
    const { json } = await server.run(["markets", "fund", id, "5".repeat(88), "--json"]);
    expect(json).toMatchObject({ ok: true, market: { id } });
    expect((await server.run(["markets", "fund", id, "0"])).exitCode).toBe(2);
  });

  it.each(["closing", "closed"] as const)("fund says where a deposit to a %s market goes", async (status) => {
    const server = await cliServer({ fundMarket: async () => marketViewOf({ status }) });
    const { exitCode, stdout } = await server.run(["markets", "fund", id, "5".repeat(88)]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/deposit goes back .*to refund\./);
  });

  it("prepaid shows the balance that questions are paid from", async () => {
    const server = await cliServer();
    const { stdout } = await server.run(["markets", "prepaid"]);
    expect(stdout).toContain("free of");
    expect(stdout).toContain(`earnest markets deposit ${id}`);
  });
});
