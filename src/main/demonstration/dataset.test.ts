import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readDataset } from "./dataset.ts";
import { percentile, spreadOf } from "./percentiles.ts";

async function folderOf(answers: string, truth = "task,label\nt,a\n"): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "earnest dataset "));
  await writeFile(join(folder, "answers.csv"), answers);
  await writeFile(join(folder, "truth.csv"), truth);
  return folder;
}

describe("readDataset", () => {
  it("reads the recording that ships with the project", async () => {
    const rte = await readDataset("examples/rte");
    expect(rte).toMatchObject({ name: "rte", labels: ["0", "1"], repeated: 0 });
    expect([rte.tasks.length, rte.contributors.length, rte.answers.length]).toEqual([800, 164, 8000]);
    expect(rte.tasks.every(({ truth, answers }) => truth !== null && answers === 10)).toBe(true);
  });

  it("takes either name of the contributor's column, any order, quotes, a byte order mark and Unicode", async () => {
    const folder = await folderOf('\uFEFFlabel,contributor,task\n"ä, b",Zoë,t\nx,Zoë,t2\n');
    expect(await readDataset(folder)).toMatchObject({
      answers: [
        { task: "t", contributor: "Zoë", label: "ä, b" },
        { task: "t2", contributor: "Zoë", label: "x" },
      ],
      labels: ["a", "x", "ä, b"],
    });
  });

  it("counts a repeated answer once", async () => {
    const dataset = await readDataset(await folderOf("task,worker,label\nt,w,a\nt,w,b\n"));
    expect(dataset).toMatchObject({ answers: [{ label: "a" }], repeated: 1, tasks: [{ answers: 1 }] });
  });

  it("orders numbers by value", async () => {
    expect((await readDataset(await folderOf("task,worker,label\nt,w,10\nt,v,9\n", "task,label\n"))).labels).toEqual([
      "9",
      "10",
    ]);
  });

  it.each([
    ["no header", "t,w,a\n", "MALFORMED_ROWS"],
    ["a missing value", "task,worker,label\nt,w,a\nt,,a\n", "MALFORMED_ROWS"],
    ["no answers", "task,worker,label\n", "DATASET_NOT_FOUND"],
  ])("refuses %s", async (_, answers, code) => {
    await expect(readDataset(await folderOf(answers))).rejects.toMatchObject({ code });
  });

  it("names the bad row and the missing file", async () => {
    await expect(readDataset(await folderOf("task,worker,label\nt,w,a\nt,,a\n"))).rejects.toThrow("row 3");
    await expect(readDataset(tmpdir())).rejects.toThrow("truth.csv");
  });
});

describe("percentiles", () => {
  it("are of the nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect([percentile(hundred, 0.5), percentile(hundred, 0.99), percentile(hundred, 1)]).toEqual([50, 99, 100]);
    expect(percentile([], 0.5)).toBe(0);
    expect(spreadOf([1.26])).toEqual({ p50: 1.3, p99: 1.3 });
  });
});
