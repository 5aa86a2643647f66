import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../../../test/support/cli.ts";
import { areTracesHere, folder as tracesFolder } from "../../../test/support/crash-traces.ts";
import { isWebHere } from "../../../test/support/shared-web.ts";
import { newMarket } from "../../contract/markets.ts";
import { newVerification } from "../../market/composition.ts";

const kinds = join(import.meta.dirname, "../../../kinds");
const guide = readFileSync(join(import.meta.dirname, "../../../docs/kinds.md"), "utf8");
const samples = [...guide.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => text as string);
const shipped = readdirSync(kinds)
  .filter((name) => !name.endsWith(".vectors.json"))
  .map((name) => name.slice(0, -".json".length))
  .sort();

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

  it("give a market's description, with other values where they are set", async () => {
    const { json } = await runCli(["kinds", "market", "label", "--set", "reviewWindowMs=3600000", "--json"]);
    expect(newMarket.safeParse(json).error).toBeUndefined();
    expect(JSON.stringify(newVerification(json.verification))).toContain('"windowMs":3600000');
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
    [["kinds", "test", "--vectors", "x.json"], "MALFORMED_COMMAND"],
    [["kinds", "market", "label", "--set", "controlsAnsweredMin=0"], "MALFORMED_KIND"],
  ])("that are wrong are told so: %j", async (args, code) => {
    const { stderr, exitCode } = await runCli(args);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(code);
  });
});

describe("kinds import clusterfuzz", () => {
  const report = [
    "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x60200000eff0 at pc 0x55d0c0de0000 bp 0x7ffe1 sp 0x7ffe2",
    "READ of size 4 at 0x60200000eff0 thread T0",
    "    #0 0x55d0c0de0010 in take(char const*, unsigned long) src/parser.cc:11:5",
    "    #1 0x55d0c0de0020 in Parser::item() src/parser.cc:27:12",
    "    #2 0x55d0c0de0030 in Parser::parse() src/parser.cc:40:3",
  ].join("\n");
  const importing = (folder: string, file: string) =>
    runCli(["kinds", "import", "clusterfuzz", file, "--out", "out.json", "--json"], { folder });

  it("makes a case of a report, which is verified", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "trace.txt"), report);
    const { json } = await importing(folder, "trace.txt");
    expect(json.crash).toMatchObject({
      type: "Heap-use-after-free\nREAD 4",
      state: ["take", "Parser::item", "Parser::parse"],
      isSecurity: true,
    });
    const verified = await runCli(["verify", "bug", "out.json", "--json"], { folder });
    expect(verified.json).toMatchObject({ kind: "bug", verdict: "accepted" });
    writeFileSync(join(folder, "fine.txt"), "all is well\n");
    expect((await importing(folder, "fine.txt")).json).toMatchObject({ crash: null });
    const other = await runCli(["verify", "bug", "out.json", "--json"], { folder });
    expect(other.json).toMatchObject({ verdict: "rejected", reasons: [{ code: "NOT_REPRODUCED" }] });
  });

  it.each(["../secret.txt", "..", "/etc/hostname"])("reads nothing outside of the reports: %s", async (name) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "secret.txt"), report);
    writeFileSync(join(folder, "cases.json"), JSON.stringify({ cases: [{ file: name, type: "", state: "" }] }));
    const { json } = await importing(folder, "cases.json");
    expect(json.error).toMatchObject({
      code: "MALFORMED_FILE",
      context: { problem: expect.stringContaining("cases[0].file must be a name") },
    });
  });

  it("makes vectors of cases, and says which are read otherwise", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "traces"));
    writeFileSync(join(folder, "traces", "uaf.txt"), report);
    writeFileSync(join(folder, "traces", "none.txt"), "");
    const state = "take\nParser::item\nParser::parse\n";
    const cases = [
      { file: "uaf.txt", type: "Heap-use-after-free\nREAD 4", state },
      { file: "uaf.txt", state },
      { file: "none.txt", type: "", state: "" },
      { file: "uaf.txt", type: "Heap-double-free", state },
    ];
    writeFileSync(join(folder, "expected.json"), JSON.stringify({ cases }));
    const { json } = await importing(folder, "expected.json");
    expect(json).toMatchObject({ cases: 4, agreeing: 3, differing: ["uaf.txt"] });
    const tested = await runCli(["kinds", "test", "bug", "--vectors", "out.json", "--json"], { folder });
    expect(tested.json).toMatchObject({ cases: 4, failed: 1 });
  });

  it.each([
    ['{"cases": [{"file": "gone.txt"}]}', "FILE_NOT_FOUND"],
    ['{"cases": {}}', "MALFORMED_FILE"],
    ["{", "MALFORMED_FILE"],
  ])("points at what is wrong in %s", async (text, code) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "expected.json"), text);
    expect((await importing(folder, "expected.json")).json.error.code).toBe(code);
  });

  it.skipIf(!areTracesHere)("reads the shared traces as ClusterFuzz does", async () => {
    const folder = temporaryFolder();
    const { json } = await importing(folder, join(tracesFolder, "expected.json"));
    expect(json).toMatchObject({ cases: 80, agreeing: 80 });
    const tested = await runCli(["kinds", "test", "bug", "--vectors", "out.json", "--json"], { folder });
    expect(tested.json).toMatchObject({ cases: 80, failed: 0 });
  });
});

describe("vectors on robots.txt", () => {
  it("are read, and those that we say otherwise are named", async () => {
    const folder = temporaryFolder();
    const robots = "user-agent: *\ndisallow: /x\n";
    const vectors = [
      { robots, agent: "Bot", url: "http://a.com/x?y#z", allowed: false },
      { robots, agent: "Bot", url: "http://a.com/y", allowed: false },
    ];
    writeFileSync(join(folder, "vectors.json"), JSON.stringify({ vectors }));
    const { json } = await runCli(["kinds", "import", "robots", "vectors.json", "--json"], { folder });
    expect(json).toMatchObject({ kind: "bandwidth", cases: 2, agreeing: 1, differing: ["Bot at http://a.com/y"] });
  });

  it.skipIf(!isWebHere)("of Google's are all said alike", async () => {
    const path = join(import.meta.dirname, "../../../../shared/data/kinds/robots/google_robotstxt_vectors.json");
    const { json } = await runCli(["kinds", "import", "robots", path, "--json"]);
    expect(json).toMatchObject({ cases: 100, agreeing: 100 });
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
