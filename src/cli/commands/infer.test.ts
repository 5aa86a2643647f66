import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../../../test/support/cli.ts";
import { splitCsv } from "../infer/read-rows.ts";

const example = join(import.meta.dirname, "../../../examples/rte");
const answers = join(example, "answers.csv");
const truth = join(example, "truth.csv");

const small = ["task,worker,label", "a,x,1", "a,y,1", "a,z,0", "b,x,0", "b,y,0", "b,z,1"];

const infer = (input: string, ...args: string[]) => runCli(["infer", "-", "--json", ...args], { input });

describe("infer", () => {
  it("labels a crowd's answers and measures them against the truth", async () => {
    const { json } = await runCli(["infer", answers, "--truth", truth, "--compare", "--json"]);
    expect(json).toMatchObject({ ok: true, method: "auto", tasks: 800, contributors: 164, answers: 8_000 });
    expect(json.accuracy).toBeGreaterThan(0.92);
    expect(json.compare).toMatchObject({ answers: 4_000, answersPerTask: 5 });
    expect(json.compare.accuracy).toBeLessThan(json.accuracy);
    for (const key of ["iterations", "seconds", "f1", "ece"]) expect(json[key]).toBeTypeOf("number");
    expect([json.mae, json.rmse]).toEqual([null, null]);
  });

  it("has one hash for any order, form and compression, and it is that of the file it writes", async () => {
    const folder = temporaryFolder();
    const [header = "", ...rows] = readFileSync(answers, "utf8").trim().split("\n");
    const other = [header, ...rows.toReversed()].join("\r\n");
    writeFileSync(join(folder, "other.csv.gz"), gzipSync(other));
    const asJson = rows.map((row) => {
      const [task, contributor, label] = row.split(",");
      return JSON.stringify({ label: Number(label), contributor, task });
    });
    const base = ["infer", "--method", "dawid-skene", "--json"] as const;
    const one = await runCli([...base, answers, "--out", "labels.csv"], { folder });
    const two = await runCli([...base, "other.csv.gz"], { folder });
    const three = await runCli([...base, "-"], { input: asJson.join("\n") });
    const written = readFileSync(join(folder, "labels.csv"));
    expect(one.json.outputHash).toBe(createHash("sha256").update(written).digest("hex"));
    expect([two.json.outputHash, three.json.outputHash]).toEqual([one.json.outputHash, one.json.outputHash]);
    expect(written.toString().split("\n")).toHaveLength(802);
  });

  it.each([
    ["majority", "b8696ec9b1c058c3a5c06f98a45ccd90cf2415ed0d9c28b1120ece1d457f15d0"],
    ["one-coin", "04f13bf836ad404bfb1e38e9a54b8cbc51dbe49dd219b261d2267e91ee53b5e6"],
    ["dawid-skene", "ae83d1e1b3fd6d33383deed7be17fa16106082bdd7a0f77c246aae08dbad3674"],
    ["auto", "2cf2608258cfc970d34b37cd6d0f673979ed8f4449996502e6b5f050a405911c"],
  ])("%s gives the same bits on every machine", async (method, hash) => {
    const { json } = await runCli(["infer", answers, "--method", method, "--json"]);
    expect(json.outputHash).toBe(hash);
  });

  it("learns from controls, and does not count them", async () => {
    const { json } = await runCli(["infer", answers, "--truth", truth, "--controls", truth, "--json"]);
    expect(json).toMatchObject({ scoredTasks: 0, accuracy: null });
    const folder = temporaryFolder();
    writeFileSync(join(folder, "controls.csv"), "task,label\na,7\n");
    writeFileSync(join(folder, "answers.csv"), small.join("\n"));
    await runCli(["infer", "answers.csv", "--controls", "controls.csv", "--out", "labels.csv"], { folder });
    expect(readFileSync(join(folder, "labels.csv"), "utf8")).toContain("a,7,1.000000\n");
  });

  it.each(["mean", "median", "robust-mean"])("takes numbers by %s", async (method) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "answers.csv"), "task,worker,label\na,x,1\na,y,2.5\na,z,4\nb,x,-10\n");
    writeFileSync(join(folder, "truth.csv"), "task,label\na,2\nb,-10\n");
    const args = ["infer", "answers.csv", "--method", method, "--truth", "truth.csv", "--json"];
    expect((await runCli(args, { folder })).json).toMatchObject({ mae: 0.25, rmse: Math.sqrt(0.125), accuracy: null });
  });

  it("measures agreement and calibration, and writes error matrices with intervals", async () => {
    const folder = temporaryFolder();
    const args = [
      "infer",
      answers,
      "--truth",
      truth,
      "--method",
      "dawid-skene",
      "--contributors",
      "errors.csv",
      "--json",
    ];
    const { json } = await runCli(args, { folder });
    expect(json.calibration).toHaveLength(10);
    expect(json.calibration.reduce((sum: number, bin: { tasks: number }) => sum + bin.tasks, 0)).toBe(800);
    for (const key of ["alpha", "alphaOrdinal", "alphaInterval", "kappa", "difficulty"]) {
      expect(json[key]).toBeGreaterThan(0);
      expect(json[key]).toBeLessThan(1);
    }
    // Of two classes all scales are one.
    expect(json.alphaInterval).toBeCloseTo(json.alpha, 12);
    const [header, ...rows] = readFileSync(join(folder, "errors.csv"), "utf8").trim().split("\n");
    expect(header).toBe("contributor,truth,label,answers,probability,low,high");
    expect(new Set(rows.map((row) => row.split(",")[0])).size).toBe(164);
    for (const row of rows) {
      const [probability = 0, low = 0, high = 0] = row.split(",").slice(4).map(Number);
      expect(low <= probability && probability <= high, row).toBe(true);
    }
    const refused = await runCli([...args, "--method", "mean"], { folder });
    expect(refused.json.error.message).toContain("--contributors is of labels");
  });

  it("ranks items from comparisons", async () => {
    const folder = temporaryFolder();
    const rows = ["w1,a,b,a", "w2,b,a,right", "w1,b,c,b", "w2,c,b,tie", "w3,a,c,left"];
    writeFileSync(join(folder, "pairs.csv"), ["worker,left,right,label", ...rows].join("\n"));
    writeFileSync(join(folder, "again.csv"), ["worker,left,right,label", ...rows.toReversed()].join("\n"));
    writeFileSync(join(folder, "truth.csv"), "task,label\na,9\nb,5\nc,1\n");
    const args = ["--method", "bradley-terry", "--truth", "truth.csv", "--out", "items.csv", "--json"];
    const one = await runCli(["infer", "pairs.csv", ...args], { folder });
    expect(one.json).toMatchObject({ ok: true, tasks: 3, contributors: 3, answers: 5, accuracy: 1 });
    const written = readFileSync(join(folder, "items.csv"), "utf8");
    expect(written.split("\n").map((line) => line.split(",")[0])).toEqual(["item", "a", "b", "c", ""]);
    expect((await runCli(["infer", "again.csv", ...args], { folder })).json.outputHash).toBe(one.json.outputHash);
    for (const [row, said] of [
      ["w,a,a,a", "line 2: it compares"],
      ["w,a,b,c", "line 2"],
    ] as const) {
      const bad = await infer(`worker,left,right,label\n${row}`, "--method", "bradley-terry");
      expect(bad.json.error.message).toContain(said);
    }
  });

  it("keeps ids as they are", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.csv"), '\uFEFFLabel,Contributor,Task\n"a ""b""",日本,"x, y"\n');
    await runCli(["infer", "a.csv", "--out", "l.csv"], { folder });
    expect(readFileSync(join(folder, "l.csv"), "utf8").split("\n")[1]).toMatch(/^"x, y","a ""b""",1\.000000$/);
  });

  it.each([
    ["a field less", [...small, "c,x"], "line 8: it has 2 fields instead of 3"],
    ["an empty value after blank lines", [...small, "", "", "c,,1"], "line 10: it has no worker or contributor"],
    ["a quote out of place", [...small, 'c,x"y,1'], "line 8"],
    ["a header without labels", ["task,worker", "a,b"], "the header must name task, worker or contributor, label"],
    ["no JSON", ['{"task":1,"worker":2,"label":3}', "{"], "line 2: it is not JSON"],
    ["no answers", ["task,worker,label"], "it holds no answers"],
    ["nothing", [""], "it is empty"],
  ])("says where there is %s", async (_, lines, said) => {
    const { exitCode, json } = await infer(lines.join("\n"));
    expect(exitCode).toBe(2);
    expect(json.error.message).toContain(said);
  });

  it("refuses what is no number among numbers, and text that is not UTF-8", async () => {
    expect((await infer("task,worker,label\na,x,NaN\n", "--method", "mean")).json.error.message).toContain("line 2");
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.csv"), Buffer.from([0x74, 0x61, 0xff, 0x0a]));
    expect((await runCli(["infer", "a.csv", "--json"], { folder })).json.error.message).toContain("UTF-8");
    writeFileSync(join(folder, "a.gz"), gzipSync(small.join("\n")).subarray(0, 30));
    expect((await runCli(["infer", "a.gz", "--json"], { folder })).json.error.code).toBe("MALFORMED_FILE");
    expect((await runCli(["infer", "no.csv", "--json"], { folder })).json.error.code).toBe("FILE_NOT_FOUND");
  });

  it("says before the work that nothing can be written where it should be", async () => {
    for (const option of ["--out", "--contributors"]) {
      const { exitCode, json } = await infer("bad", option, "no-such-folder/labels.csv");
      expect([exitCode, json.error.code]).toEqual([2, "MALFORMED_FILE"]);
      expect(json.error.message).toContain("its folder is not there");
    }
  });

  it.each([
    ["one answer", ["task,worker,label", "a,x,1"]],
    ["one class", ["task,worker,label", "a,x,1", "b,y,1", "a,y,1"]],
    ["one contributor", ["task,worker,label", "a,x,1", "b,x,2", "c,x,3"]],
    ["nobody who agrees", ["task,worker,label", "a,x,1", "a,y,2", "a,z,3", "b,x,3", "b,y,1", "b,z,2"]],
  ])("has a result for %s", async (_, lines) => {
    for (const method of [
      "auto",
      "majority",
      "weighted-majority",
      "one-coin",
      "dawid-skene",
      "dawid-skene-plain",
      "glad",
      "mace",
    ]) {
      const { exitCode, json } = await infer(lines.join("\n"), "--method", method);
      expect([exitCode, json.answers]).toEqual([0, lines.length - 1]);
    }
  });
});

describe("a line of CSV", () => {
  it.each([
    ["a,b", ["a", "b"]],
    ['"a,""b""",', ['a,"b"', ""]],
    ['a,"b', null],
    ['"a"b', null],
    ['"a\nb",c', ["a\nb", "c"]],
  ])("%j", (line, fields) => {
    expect(splitCsv(line)).toEqual(fields);
  });
});
