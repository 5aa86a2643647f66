import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../../../test/support/cli.ts";
import { newMarket } from "../../contract/markets.ts";
import type { Json } from "../../core/json.ts";
import { newVerification } from "../../market/composition.ts";

const kinds = join(import.meta.dirname, "../../../kinds");
const guide = readFileSync(join(import.meta.dirname, "../../../docs/kinds.md"), "utf8");
const samples = [...guide.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => text as string);
const shipped = ["judge", "label"];

/** The files of the guide, in a folder. */
function follow(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "count.json"), samples[0] as string);
  writeFileSync(join(folder, "count.vectors.json"), samples[1] as string);
  return folder;
}

describe("kinds", () => {
  it("are listed and shown with where their numbers come from", async () => {
    const listed = await runCli(["kinds", "list", "--json"]);
    expect(listed.json.kinds.map(({ kind }: { kind: string }) => kind)).toEqual(shipped);
    const { stdout, exitCode } = await runCli(["kinds", "show", "label"]);
    expect(exitCode).toBe(0);
    for (const said of ["controlsAnsweredMin = 4 answers (1 to 10000)", "binomial", "Reward:", "consent"]) {
      expect(stdout).toContain(said);
    }
  });

  it("keep what their vectors promise, two of five of them attacks", async () => {
    const { json, exitCode } = await runCli(["kinds", "test", "--json"]);
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ ok: true, kinds: shipped.length, failed: 0 });
    expect(json.attacks / json.cases).toBeGreaterThanOrEqual(0.4);
  });

  it.each(shipped)("%s gives a market that can be created", async (kind) => {
    const { stdout } = await runCli(["kinds", "market", kind, "--set", "reviewWindowMs=3600000"]);
    const description = JSON.parse(stdout) as { readonly verification: Json };
    expect(newMarket.safeParse(description).error).toBeUndefined();
    expect(JSON.stringify(newVerification(description.verification))).toContain('"windowMs":3600000');
    const folder = temporaryFolder();
    writeFileSync(join(folder, "market.json"), stdout);
    expect(await runCli(["markets", "create", "market.json", "--dry-run"], { folder })).toMatchObject({ exitCode: 0 });
  });

  it("can be added by the guide, without a line of code", async () => {
    const folder = follow();
    expect((await runCli(["kinds", "test", "count.json", "--json"], { folder })).json).toEqual({
      ok: true,
      kinds: 1,
      cases: 5,
      attacks: 2,
      failed: 0,
    });
    const { stdout } = await runCli(["kinds", "market", "count.json"], { folder });
    writeFileSync(join(folder, "market.json"), stdout);
    expect(await runCli(["markets", "create", "market.json", "--dry-run"], { folder })).toMatchObject({ exitCode: 0 });
  });

  it("say which vector is not kept, and how", async () => {
    const folder = follow();
    const wrong = (samples[1] as string).replace('"DISAGREES"', '"SCORE_LOW"').replace('"held"', '"accepted"');
    writeFileSync(join(folder, "count.vectors.json"), wrong);
    const { stdout, exitCode } = await runCli(["kinds", "test", "count.json"], { folder });
    expect(exitCode).not.toBe(0);
    expect(stdout).toContain("not near enough: the reasons DISAGREES, not SCORE_LOW");
    expect(stdout).toContain("waits: held (WAITING), not accepted");
  });

  it.each([
    [["kinds", "show", "nothing"], "KIND_NOT_FOUND"],
    [["kinds", "show", "nothing.json"], "FILE_NOT_FOUND"],
    [["kinds", "show", join(kinds, "label.vectors.json")], "MALFORMED_KIND"],
    [["kinds", "market", "label", "--set", "other=1"], "MALFORMED_KIND"],
    [["kinds", "market", "label", "--set", "controlsAnsweredMin=0"], "MALFORMED_KIND"],
  ])("that are wrong are told so: %j", async (args, code) => {
    const { stderr, exitCode } = await runCli(args);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(code);
  });
});

describe("verify", () => {
  const verify = async (text: string, ...more: string[]) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "case.json"), text);
    return await runCli(["verify", "label", "case.json", ...more], { folder });
  };

  it("gives the verdict on a case", async () => {
    const { context } = JSON.parse(readFileSync(join(kinds, "label.vectors.json"), "utf8")) as { context: object };
    const { json, exitCode } = await verify(JSON.stringify({ evidence: { answer: "dog" }, context }), "--json");
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ kind: "label", verdict: "rejected", units: 0, reasons: [{ code: "DISAGREES" }] });
    const spec = { parameters: { controlsAccuracyPpmMin: 990_000 } };
    const other = await verify(JSON.stringify({ spec, evidence: { answer: "cat" }, context }));
    expect(other.stdout).toContain("CONTROL_RATE_LOW");
  });

  it.each([
    ["{", "MALFORMED_FILE"],
    ["[]", "MALFORMED_CASE"],
    ['{"evidence": {"answer": 1, "tracks": {"walk": []}}, "context": {"nowMs": 1}}', "MALFORMED_CASE"],
    ['{"evidence": {"nonce": "x"}, "context": {"nowMs": 1}}', "MALFORMED_CASE"],
    ['{"evidence": {}, "context": {"nowMs": -1}}', "MALFORMED_CASE"],
    ['{"spec": {"parameters": {"acceptedMax": "9"}}, "evidence": {}, "context": {"nowMs": 1}}', "MALFORMED_CASE"],
    ['{"spec": {"version": 1, "composition": {}}, "evidence": {}, "context": {"nowMs": 1}}', "MALFORMED_SPEC"],
  ])("points at what is wrong in %s", async (text, code) => {
    const { stderr, exitCode } = await verify(text);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(code);
  });
});
