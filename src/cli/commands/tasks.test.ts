import { once } from "node:events";
import { createWriteStream, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../../../test/support/cli.ts";
import { cliServer } from "../../../test/support/cli-server.ts";
import { earnestError } from "../../core/errors.ts";

const id = "ab".repeat(16);

function fileWith(name: string, content: string | Buffer): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), content);
  return folder;
}

const jsonl = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const badLines = (folder: string, name: string): unknown[] =>
  readFileSync(join(folder, name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);

async function check(name: string, content: string | Buffer, ...args: string[]) {
  const folder = fileWith(name, content);
  return { folder, ...(await runCli(["check", name, "--json", ...args], { folder })) };
}

describe("check", () => {
  it("takes good CSV and JSON lines, and writes nothing", async () => {
    const csv = await check("a.csv", "id,text\n1,one\n2,two\n");
    expect([csv.exitCode, csv.stdout]).toEqual([0, '{"ok":true,"rows":2,"bad":0,"groups":[]}\n']);
    expect(existsSync(join(csv.folder, "a.bad.jsonl"))).toBe(false);
    const whole = await check("a.jsonl", jsonl([{ id: "1", content: { text: "x" } }]));
    expect([whole.exitCode, whole.stdout]).toEqual([0, '{"ok":true,"rows":1,"bad":0,"groups":[]}\n']);
  });

  it("maps columns to what contributors see", async () => {
    const rows = [
      { id: 1, q: "?", r1: "a", r2: "b" },
      { id: 2, q: "?", r1: "a" },
    ];
    const { exitCode, stdout, folder } = await check("pairs.jsonl", jsonl(rows), "--map", "prompt=q,a=r1,b=r2");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, rows: 2, bad: 1, badFile: "pairs.bad.jsonl" });
    expect(badLines(folder, "pairs.bad.jsonl")).toEqual([
      { row: 2, problem: 'has no "r2"', text: JSON.stringify(rows[1]) },
    ]);
  });

  it("groups the problems, the commonest first", async () => {
    const rows = "abcdefghijklm".split("").map((letter) => ({ id: letter }));
    const { json } = await check("x.jsonl", jsonl([...rows, { id: "n", content: 1 }, { content: 1 }]));
    expect(json.groups[0]).toEqual({ problem: "has no content", rows: 13, first: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] });
    expect(json.groups).toHaveLength(2);
    expect(json.bad).toBe(14);
  });

  it("shows the groups to people", async () => {
    const folder = fileWith("x.csv", "id,text\n1,a\n1,b\n2,c,d\n");
    const { stdout, exitCode } = await runCli(["check", "x.csv"], { folder });
    expect(exitCode).toBe(1);
    expect(stdout).toContain("1     has the id of an earlier row  2");
    expect(stdout).toContain("2 of 3 rows are bad; they are in x.bad.jsonl");
  });

  it.each([
    ["no id", "x.csv", "name\na\n", 'has no "id"'],
    ["an empty id", "x.csv", "id,text\n,a\n", "id: "],
    ["too many fields", "x.csv", "id,text\n1,a,b\n", "has 3 fields instead of 2"],
    ["a quote out of place", "x.csv", 'id,text\n1,a"b"\n2,"a"b\n', "quote out of place"],
    ["a quote that never ends", "x.csv", 'id,text\n1,"a\n', "quote out of place"],
    ["not JSON", "x.jsonl", "{\n", "is not JSON"],
    ["a list", "x.jsonl", "[1]\n", "is not a JSON object"],
    ["a number beyond 2^53", "x.jsonl", '{"id":"1","content":9007199254740993}\n', "cannot be kept exactly"],
    ["an unknown field", "x.jsonl", jsonl([{ id: "1", content: 1, price: 2 }]), "price"],
    ["terms that are wrong", "x.jsonl", jsonl([{ id: "1", content: 1, terms: { reward: 2 } }]), "terms.reward"],
    ["bytes that are not UTF-8", "x.csv", Buffer.from([...Buffer.from("id,text\n1,"), 0xff, 0x0a]), "UTF-8"],
  ])("finds %s", async (_, name, content, problem) => {
    const { exitCode, json } = await check(name, content);
    expect(exitCode).toBe(1);
    expect(json.groups[0].problem).toContain(problem);
  });

  it("finds known answers that are none of the choices", async () => {
    const { json } = await check(
      "x.csv",
      "id,text,gold\n1,a,yes\n2,b,perhaps\n3,c,\n",
      "--control",
      "gold",
      "--choices",
      "yes,no",
    );
    expect(json).toMatchObject({
      rows: 3,
      bad: 1,
      groups: [{ problem: "control: is none of the choices", first: [2] }],
    });
  });

  it.each([
    ["an ending that says nothing", "x.txt", "id\n1\n", [], "--format"],
    ["an empty file", "x.csv", "", [], "empty"],
    ["a header alone", "x.csv", "id,text\n", [], "no rows"],
    ["no line", "x.jsonl", "\n\n", [], "no rows"],
    ["a column twice", "x.csv", "id,id\n1,2\n", [], "twice"],
    ["JSON lines that are not UTF-8", "x.jsonl", Buffer.from([0x7b, 0xff, 0x7d]), [], "UTF-8"],
    ["a map that is none", "x.csv", "id\n1\n", ["--map", "a"], "prompt=q"],
    ["a map with a field twice", "x.csv", "id\n1\n", ["--map", "a=x,a=y"], "twice"],
  ])("refuses %s", async (_, name, content, args, text) => {
    const { exitCode, stderr, json } = await check(name, content, ...args);
    expect(exitCode).toBe(2);
    expect(`${json.error.message} ${json.error.next} ${stderr}`).toContain(text);
  });
});

describe("tasks add", () => {
  it("adds nothing twice where the command is repeated, and refuses nothing where the file has changed", async () => {
    const server = await cliServer();
    const folder = fileWith("tasks.csv", "id,q\nt1,One\n");
    const add = () => server.run(["tasks", "add", id, "tasks.csv", "--json"], { folder });
    const [first, again] = [await add(), await add()];
    expect(again.json).toEqual(first.json);
    expect(server.imported).toHaveLength(1);
    writeFileSync(join(folder, "tasks.csv"), "id,q\nt2,Two\n");
    expect((await add()).exitCode).toBe(0);
    expect(server.imported.map(({ externalId }) => externalId)).toEqual(["t1", "t2"]);
  });

  it("sends a file as it is, with its mapping", async () => {
    const server = await cliServer();
    const folder = fileWith("tasks.csv", '\uFEFFname,q,gold\nt1,"One, two?",a\nt2,Three?,\n');
    const args = ["tasks", "add", id, "tasks.csv", "--id", "name", "--map", "text=q", "--control", "gold", "--json"];
    const { exitCode, json } = await server.run(args, { folder });
    expect([exitCode, json]).toEqual([0, { ok: true, first: 3, count: 2 }]);
    expect(server.imported).toEqual([
      { externalId: "t1", content: { text: "One, two?" }, terms: null, control: "a" },
      { externalId: "t2", content: { text: "Three?" }, terms: null, control: null },
    ]);
  });

  it("shows people how far it is", async () => {
    const server = await cliServer();
    const folder = fileWith("tasks.jsonl", jsonl([{ id: "1", content: "x" }]));
    const { stdout, stderr } = await server.run(["tasks", "add", id, "tasks.jsonl"], { folder, isTerminal: true });
    expect(stdout).toContain("1 tasks added, from number 3");
    expect(stderr).toContain("Sending tasks.jsonl");
    const quiet = await server.run(["tasks", "add", id, "tasks.jsonl"], { folder });
    expect(quiet.stderr).toBe("");
  });

  it("keeps the bad rows that the server names in a file, and says that nothing was added", async () => {
    const server = await cliServer();
    const folder = fileWith("tasks.csv", "id,text\n1,a\n1,b\n,c\n");
    const { exitCode, json, stderr } = await server.run(["tasks", "add", id, "tasks.csv", "--json"], { folder });
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ ok: false, bad: 2, badFile: "tasks.bad.jsonl", error: { code: "MALFORMED_ROWS" } });
    expect(json.groups).toHaveLength(2);
    expect(badLines(folder, "tasks.bad.jsonl")).toMatchObject([{ row: 2, text: "1,b" }, { row: 3 }]);
    expect(stderr).toContain("nothing was added");
    expect(server.imported).toEqual([]);
  });

  it("checks without a server on a dry run", async () => {
    const server = await cliServer();
    const folder = fileWith("tasks.csv", "id,text\n1,a\n");
    const { json } = await server.run(["tasks", "add", id, "tasks.csv", "--dry-run", "--json"], { folder });
    expect(json).toMatchObject({ ok: true, rows: 1 });
    expect(server.calls).toEqual([]);
  });

  it("a market that is not open, a file that is not there", async () => {
    const server = await cliServer({
      importTasks: async () => {
        throw earnestError("MARKET_STATE", { market: id, status: "closed", action: "take tasks" });
      },
    });
    const folder = fileWith("tasks.csv", "id,text\n1,a\n");
    expect((await server.run(["tasks", "add", id, "tasks.csv"], { folder })).exitCode).toBe(1);
    expect((await server.run(["tasks", "add", id, "none.csv"], { folder })).exitCode).toBe(2);
  });

  it("sends no faster than the server takes it: a file may be larger than memory", async () => {
    let count = 0;
    let heldWhileSlow = 0;
    const server = await cliServer({
      importTasks: async (_owner, _market, tasks) => {
        const before = process.memoryUsage().arrayBuffers;
        for await (const portion of tasks) {
          for (const _ of portion) {
            // The first rows are taken slowly: whoever reads ahead has all of the file by then.
            if (++count <= slowRows) await setImmediate();
            if (count === slowRows) heldWhileSlow = process.memoryUsage().arrayBuffers - before;
          }
        }
        return { first: 0, count };
      },
    });
    const folder = temporaryFolder();
    const rows = 40_000;
    await writeLarge(join(folder, "large.csv"), rows);
    const { exitCode } = await server.run(["tasks", "add", id, "large.csv"], { folder });
    expect([exitCode, count]).toEqual([0, rows]);
    expect(heldWhileSlow).toBeLessThan(24 * 1024 * 1024);
    const checked = await runCli(["check", "large.csv", "--json"], { folder });
    expect(checked.json).toMatchObject({ ok: true, rows });
  }, 120_000);
});

const slowRows = 5_000;

/** About a kilobyte a row. */
async function writeLarge(path: string, rows: number): Promise<void> {
  const stream = createWriteStream(path);
  stream.write("id,text\n");
  const filler = "x".repeat(1_000);
  for (let row = 0; row < rows; row++) if (!stream.write(`${row},${filler}\n`)) await once(stream, "drain");
  stream.end();
  await once(stream, "close");
}

describe("tasks list", () => {
  it("shows what contributors see, in short", async () => {
    const server = await cliServer();
    const { stdout } = await server.run(["tasks", "list", id]);
    expect(stdout).toContain('{"text":"task 0"}');
    expect((await server.run(["tasks", "list", id, "--json"])).json.tasks[0]).toMatchObject({ id: "t0", task: 0 });
  });
});
