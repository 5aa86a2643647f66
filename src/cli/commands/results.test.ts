import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/cli.ts";
import { cliServer } from "../../../test/support/cli-server.ts";
import { resultViewOf } from "../../api/testing-engine.ts";
import { earnestError } from "../../core/errors.ts";

const id = "ab".repeat(16);

describe("results", () => {
  it("streams rows to standard output, and says how many beside it", async () => {
    const server = await cliServer();
    const { exitCode, stdout, stderr } = await server.run(["results", id]);
    const rows = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { id: string });
    expect(rows.map((row) => row.id)).toEqual(["t0", "t1"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "2 rows\n" });
  });

  it("with --json ends with one object", async () => {
    const server = await cliServer();
    const { json } = await server.run(["results", id, "--json"]);
    expect(json).toEqual({ ok: true, rows: 2 });
  });

  it("writes a file, in the form that its name says", async () => {
    const server = await cliServer();
    const folder = temporaryFolder();
    const { json } = await server.run(["results", id, "-o", "out.csv", "--json"], { folder });
    expect(json).toEqual({ ok: true, rows: 2, file: "out.csv" });
    expect(readFileSync(join(folder, "out.csv"), "utf8")).toMatch(/^id,task,lane,label,/);
    await server.run(["results", id, "-o", "out.txt", "--format", "jsonl"], { folder });
    expect(JSON.parse(readFileSync(join(folder, "out.txt"), "utf8").split("\n")[1] ?? "")).toMatchObject({ id: "t1" });
    expect(readdirSync(folder).sort()).toEqual(["out.csv", "out.txt"]);
  });

  it("counts rows of CSV, not the lines within their fields", async () => {
    const odd = { ...resultViewOf(0), externalId: 'two\nlines, "quoted"' };
    const server = await cliServer({
      results: async function* () {
        yield odd;
        yield resultViewOf(1);
      },
    });
    const folder = temporaryFolder();
    expect((await server.run(["results", id, "-o", "x.csv", "--json"], { folder })).json.rows).toBe(2);
    expect((await server.run(["results", id, "-o", "x.jsonl", "--json"], { folder })).json.rows).toBe(2);
  });

  it("can give the row of one task", async () => {
    const server = await cliServer({
      results: async function* (_owner, _market, only) {
        yield resultViewOf(only ?? 0);
      },
    });
    const { stdout } = await server.run(["results", id, "--task", "1"]);
    expect(JSON.parse(stdout).id).toBe("t1");
  });

  it.each([
    // Before the first rows were sent, and after that.
    [100, "INTERNAL"],
    [2_000, "SERVER_UNAVAILABLE"],
  ])("an export of %i rows that breaks off is an error (%s), and leaves the old file as it was", async (rows, code) => {
    const server = await cliServer({
      results: async function* () {
        for (let task = 0; task < rows; task++) yield resultViewOf(task);
        throw new Error("the database is gone");
      },
    });
    const folder = temporaryFolder();
    writeFileSync(join(folder, "out.jsonl"), "old");
    const { exitCode, json } = await server.run(["results", id, "-o", "out.jsonl", "--json"], { folder });
    expect(exitCode).toBe(1);
    expect(json.error.code).toBe(code);
    expect(readFileSync(join(folder, "out.jsonl"), "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["out.jsonl"]);
  });

  it("what is refused leaves no file", async () => {
    const server = await cliServer({
      results: async function* () {
        yield* [];
        throw earnestError("OWNER_MISMATCH", { what: "The market" });
      },
    });
    const folder = temporaryFolder();
    expect((await server.run(["results", id, "-o", "out.jsonl"], { folder })).exitCode).toBe(3);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("a folder that is not there, and a name that is a folder", async () => {
    const server = await cliServer();
    const folder = temporaryFolder();
    const missing = await server.run(["results", id, "-o", "no/out.jsonl"], { folder });
    expect(missing.exitCode).toBe(2);
    expect(existsSync(join(folder, "no"))).toBe(false);
    expect((await server.run(["results", id, "-o", "."], { folder })).exitCode).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("a format that is none", async () => {
    const { run } = await cliServer();
    expect((await run(["results", id, "--format", "xml"])).exitCode).toBe(2);
  });

  it("a reader that leaves after some rows ends it quietly", async () => {
    let sent = 0;
    const server = await cliServer({
      results: async function* () {
        for (; sent < 1_000_000; sent++) yield resultViewOf(sent);
      },
    });
    const { exitCode, stderr } = await server.run(["results", id], { stdout: new ClosedAfter(200_000) });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(sent).toBeLessThan(100_000);
  });

  it("a reader that is slow is waited for: memory stays bounded", async () => {
    const count = 60_000;
    const server = await cliServer({
      results: async function* () {
        for (let task = 0; task < count; task++) yield resultViewOf(task);
      },
    });
    const slow = new Slow();
    const { exitCode } = await server.run(["results", id], { stdout: slow });
    expect(exitCode).toBe(0);
    expect(slow.rows).toBe(count);
    expect(slow.waitingMax).toBeLessThan(2_000_000);
  }, 120_000);
});

class ClosedAfter extends Writable {
  #left: number;
  constructor(bytes: number) {
    super();
    this.#left = bytes;
  }
  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#left -= chunk.length;
    done(this.#left > 0 ? undefined : Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  }
}

class Slow extends Writable {
  rows = 0;
  waitingMax = 0;
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.rows += chunk.toString("latin1").split("\n").length - 1;
    this.waitingMax = Math.max(this.waitingMax, this.writableLength);
    setImmediate(done);
  }
}
