import { describe, expect, it } from "vitest";
import { runCli } from "../../../test/support/cli.ts";
import { cliServer } from "../../../test/support/cli-server.ts";

describe("keys create", () => {
  it("writes the secret alone to standard output, so that a script can keep it", async () => {
    const server = await cliServer();
    const { exitCode, stdout, stderr } = await server.run(["keys", "create", "--name", "nightly"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "earnest_test_new\n" });
    expect(stderr).toContain("not shown again");
  });

  it("makes a test key unless a live one is asked for", async () => {
    const server = await cliServer();
    expect((await server.run(["keys", "create", "--json"])).json.key).toMatchObject({ mode: "test" });
    expect((await server.run(["keys", "create", "--live", "--json"])).json.key).toMatchObject({ mode: "live" });
  });

  it("creates nothing on a dry run", async () => {
    const server = await cliServer();
    const { json } = await server.run(["keys", "create", "--dry-run", "--json"]);
    expect(json).toEqual({ ok: true, dryRun: true, key: { name: "command line", mode: "test" } });
    expect(server.calls).toEqual([]);
  });

  it("without credentials is an authentication failure that says what to do", async () => {
    const { url } = await cliServer();
    const { exitCode, stderr, stdout } = await runCli(["keys", "create", "--server", url]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
    expect(stderr).toMatch(/✗ .+\n→ .+\nCREDENTIALS_NOT_FOUND {2}request \S+\n/);
  });

  it("with a wrong key too", async () => {
    const server = await cliServer();
    const { exitCode, json } = await server.run(["keys", "create", "--json"], {
      settings: { apiKey: "earnest_test_no" },
    });
    expect(exitCode).toBe(3);
    expect(json).toMatchObject({ ok: false, error: { code: "API_KEY_NOT_FOUND" } });
    expect(json.error.requestId).toMatch(/./);
  });
});

describe("keys list", () => {
  it("is a table without borders and colours where nobody looks on", async () => {
    const server = await cliServer();
    const { stdout } = await server.run(["keys", "list"]);
    expect(stdout).toMatch(/^id +mode +name +created +state\nk1 +test +mine +1970-01-01 00:00:00Z +active\n$/);
  });

  it("gives programs everything in one line", async () => {
    const server = await cliServer();
    const { stdout, json } = await server.run(["keys", "list", "--json"]);
    expect(stdout.split("\n")).toHaveLength(2);
    expect(json.keys).toHaveLength(1);
  });

  it("lets no name of a key reach the terminal's controls", async () => {
    const key = { id: "k1", mode: "test", name: "\u001b[31mred\nline", createdAtMs: 1, revokedAtMs: 2 } as const;
    const server = await cliServer({ listApiKeys: async (owner) => ({ items: [{ ...key, owner }], next: null }) });
    const { stdout } = await server.run(["keys", "list"]);
    expect(stdout).toContain("[31mred line");
    expect(stdout).not.toContain("\u001b");
    expect(stdout).toContain("revoked 1970");
  });
});

describe("keys revoke", () => {
  it("is refused where nobody can say yes", async () => {
    const server = await cliServer();
    const { exitCode, stderr } = await server.run(["keys", "revoke", "k1"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--yes");
    expect(server.calls).not.toContain("revokeApiKey");
  });

  it("does it with --yes", async () => {
    const server = await cliServer();
    expect((await server.run(["keys", "revoke", "k1", "--yes", "--json"])).json).toEqual({ ok: true, revoked: "k1" });
    expect(server.calls).toContain("revokeApiKey");
  });

  it.each([
    ["y\n", 0, true],
    ["n\n", 2, false],
    ["\n", 2, false],
    ["", 2, false],
  ])("asks a person, who answers %j", async (input, exitCode, isDone) => {
    const server = await cliServer();
    const run = await server.run(["keys", "revoke", "k1"], { isTerminal: true, input });
    expect(run.stderr).toContain("Revoke the API key k1? [y/N]");
    expect(run.exitCode).toBe(exitCode);
    expect(server.calls.includes("revokeApiKey")).toBe(isDone);
  });
});
