import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../../../test/support/cli.ts";
import { keypairFile, noKey, signedInFolder } from "../../../test/support/cli-contributor.ts";
import { cliServer } from "../../../test/support/cli-server.ts";
import { apiKeyOfOwner } from "../../api/testing-engine.ts";
import { testToken } from "../../api/testing-token.ts";
import { readProfiles } from "../credentials.ts";

const kept = (folder: string) => readProfiles(join(folder, "data"));

describe("login with an API key", () => {
  it("tries the key, and keeps it with what the network is, for nobody else to read", async () => {
    const server = await cliServer();
    const folder = temporaryFolder();
    const { exitCode, stdout } = await server.run(["login"], { folder, settings: noKey, input: `${apiKeyOfOwner}\n` });
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain(apiKeyOfOwner);
    expect(await kept(folder)).toMatchObject({ default: { server: server.url, apiKey: apiKeyOfOwner, session: null } });
    expect((await kept(folder))["default"]?.network).toMatchObject({ decimals: 6, feeBasisPoints: 200 });
    expect(statSync(join(folder, "data", "credentials.json")).mode & 0o777).toBe(0o600);
  });

  it("keeps profiles apart", async () => {
    const server = await cliServer();
    const folder = temporaryFolder();
    await server.run(["login"], { folder });
    const other = { server: null, apiKey: "earnest_live_other" };
    await server.run(["login", "--profile", "second", "--server", server.url], { folder, settings: other });
    expect(Object.keys(await kept(folder))).toEqual(["default", "second"]);
    const settings = { server: null, apiKey: null };
    const args = ["config", "show", "--profile", "second", "--json"];
    expect((await runCli(args, { folder, settings })).json).toMatchObject({ profile: "second", server: server.url });
  });

  it.each([
    ["nothing", "", 2, "No API key"],
    ["something else", "hello\n", 2, "not an API key"],
    ["a key that nobody has", "earnest_test_nobody\n", 3, "No such API key"],
  ])("refuses %s, and keeps nothing", async (_, input, code, text) => {
    const server = await cliServer();
    const folder = temporaryFolder();
    const { exitCode, stderr } = await server.run(["login"], { folder, settings: noKey, input });
    expect(exitCode).toBe(code);
    expect(stderr).toContain(text);
    expect(await kept(folder)).toEqual({});
  });

  it("asks a person, and does not show what they type", async () => {
    const server = await cliServer();
    const folder = temporaryFolder();
    const parts = { folder, settings: noKey, input: `${apiKeyOfOwner}\n`, isTerminal: true };
    const { exitCode, stdout, stderr } = await server.run(["login"], parts);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("API key: ");
    expect(stdout + stderr).not.toContain(apiKeyOfOwner);
  });
});

describe("login with a keypair", () => {
  it("signs in, makes an API key and keeps both", async () => {
    const server = await cliServer();
    const folder = temporaryFolder();
    const { json } = await server.run(["login", "--keypair", await keypairFile(folder), "--json"], {
      folder,
      settings: noKey,
    });
    expect(json).toMatchObject({ ok: true, profile: "default", key: expect.stringMatching(/^\w{43,44}$/) });
    expect(server.calls).toContain("signIn");
  });

  it("makes the keypair where that is wished, and never over another file", async () => {
    const server = await cliServer();
    const folder = temporaryFolder();
    const args = ["login", "--keypair", "new.json"];
    expect((await server.run(args, { folder, settings: noKey })).exitCode).toBe(2);
    await server.run([...args, "--create"], { folder, settings: noKey });
    const made = readFileSync(join(folder, "new.json"), "utf8");
    expect(JSON.parse(made)).toHaveLength(64);
    expect(statSync(join(folder, "new.json")).mode & 0o777).toBe(0o600);
    await server.run([...args, "--create"], { folder, settings: noKey });
    expect(readFileSync(join(folder, "new.json"), "utf8")).toBe(made);
  });

  it.each([
    ["text", "hello"],
    ["too few numbers", JSON.stringify(Array.from({ length: 63 }, () => 1))],
    ["numbers that are no bytes", JSON.stringify(Array.from({ length: 64 }, () => 256))],
    ["a public key of another seed", JSON.stringify(Array.from({ length: 64 }, () => 1))],
    ["an object", "{}"],
  ])("refuses a file with %s", async (_, content) => {
    const server = await cliServer();
    const folder = temporaryFolder();
    writeFileSync(join(folder, "id.json"), content);
    const { exitCode, stderr } = await server.run(["login", "--keypair", "id.json"], { folder, settings: noKey });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("MALFORMED_FILE");
    expect(server.calls).toEqual([]);
  });
});

describe("balance", () => {
  it("is that of the profile's contributor", async () => {
    const server = await cliServer();
    const folder = signedInFolder(server);
    const { json } = await server.run(["balance", "--json"], { folder, settings: noKey });
    expect(json).toMatchObject({ ok: true, contributor: 7, balance: { released: "0.02", held: "0", settled: "0" } });
    const later = await server.run(["balance"], { folder, settings: noKey, nowMs: 2_100_000_000_000 });
    expect(later.exitCode).toBe(3);
  });

  it("or of a keypair, which signs in and out again", async () => {
    const server = await cliServer();
    const folder = temporaryFolder();
    const { stdout } = await server.run(["balance", "--keypair", await keypairFile(folder)], {
      folder,
      settings: noKey,
    });
    expect(stdout).toMatch(/token +released +held +settled/);
    expect(stdout).toMatch(new RegExp(`${testToken.mint} +0\\.02`));
    expect(server.calls).toContain("endSession");
  });

  it("without either says how to sign in", async () => {
    const server = await cliServer();
    const { exitCode, stderr } = await server.run(["balance"], { settings: noKey, folder: temporaryFolder() });
    expect(exitCode).toBe(3);
    expect(stderr).toContain("--keypair");
  });
});

describe("config show", () => {
  it("cuts secrets short", async () => {
    const server = await cliServer();
    const folder = temporaryFolder();
    const apiKey = `earnest_test_${"x".repeat(43)}`;
    const { stdout, exitCode } = await server.run(["config", "show"], { folder, settings: { apiKey } });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("earnest_test_xxx…");
    expect(stdout).not.toContain("xxxx");
  });
});

describe("a credentials file", () => {
  const write = (content: string | Buffer): string => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "data"));
    writeFileSync(join(folder, "data", "credentials.json"), content);
    return folder;
  };

  it.each([
    ["not JSON", "{", "not JSON"],
    ["of another version", '{"version":2}', "another version"],
    ["without profiles", '{"version":1}', "no profiles"],
    ["with a profile that is none", '{"version":1,"profiles":{"default":{}}}', "damaged"],
    ["with a damaged session", '{"version":1,"profiles":{"default":{"server":"x","session":{}}}}', "damaged"],
    ["binary", Buffer.from([0, 1, 2]), "binary"],
  ])("%s is named with its path", async (_, content, text) => {
    const { exitCode, json } = await runCli(["config", "show", "--json"], { folder: write(content) });
    expect(exitCode).toBe(2);
    expect(json.error.message).toContain("credentials.json");
    expect(json.error.message).toContain(text);
  });

  it("with facts of another version is as good as without", async () => {
    const profile = { server: "http://127.0.0.1:1", network: { cluster: "old" } };
    const folder = write(JSON.stringify({ version: 1, profiles: { default: profile } }));
    expect((await runCli(["config", "show", "--json"], { folder })).json).toMatchObject({ ok: true, network: null });
  });

  it.runIf(process.getuid?.() !== 0)("that may not be read is said to be so", async () => {
    const folder = write("{}");
    chmodSync(join(folder, "data", "credentials.json"), 0);
    expect((await runCli(["config", "show"], { folder })).stderr).toContain("may not be read");
  });
});
