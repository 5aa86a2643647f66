import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/cli.ts";
import { cliServer } from "../../../test/support/cli-server.ts";
import { eventOf, resultViewOf } from "../../api/testing-engine.ts";
import { earnestError } from "../../core/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import type { NewQuestion } from "../../engine/types.ts";

const id = "ab".repeat(16);

/** An engine in which task 3 is taken, answered and settled, and that keeps what was asked. */
function answering(changes: Partial<Engine> = {}) {
  const asked: NewQuestion[] = [];
  const engine: Partial<Engine> = {
    ask: async (_owner, question) => {
      asked.push(question);
      return { market: id as never, task: 3 };
    },
    events: async function* () {
      const slot = { task: 3, ordinal: 0, contributor: 1 };
      yield eventOf(5, { kind: "assigned", task: 3, data: { ...slot, expiresAtMs: 9 } });
      yield eventOf(6, { kind: "submitted", task: 3, data: { ...slot, body: "00", next: null } });
      yield eventOf(7, { kind: "settled", task: 3, data: { task: 3, choice: 0, decided: true, rulings: [] } });
    },
    results: async function* () {
      yield resultViewOf(3);
    },
    ...changes,
  };
  return { asked, engine };
}

function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const pay = ["--pay", "0.05"] as const;

describe("a question that is answered", () => {
  it("tells what happens, and ends with answer, confidence, cost and receipt", async () => {
    const { asked, engine } = answering();
    const server = await cliServer(engine);
    const folder = folderWith({ "a.txt": "first", "b.txt": "second" });
    const args = ["ask", "Which is better?", "a.txt", "b.txt", ...pay, "--overlap", "3"];
    const { exitCode, stdout, stderr } = await server.run(args, { folder });
    expect(exitCode).toBe(0);
    expect(stderr).toBe(
      `posted as task 3 of market ${id}\nslot 3.0 is taken\nslot 3.0 is answered\nsettled by entry 7\n`,
    );
    expect(stdout).toContain("✓ a\n  confidence  97.0%\n  votes       a 2\n  cost        0.04\n  receipt     abab");
    expect(asked[0]).toMatchObject({
      question: "Which is better?",
      content: [
        { label: "a", text: "first" },
        { label: "b", text: "second" },
      ],
      choices: ["a", "b"],
      reward: 50_000n,
      overlap: { min: 2, max: 3, targetPpm: 900_000 },
    });
  });

  it("gives programs one object, with the receipt", async () => {
    const server = await cliServer(answering().engine);
    const { stdout, json } = await server.run(["ask", "Is it?", ...pay, "--json"]);
    expect(stdout.split("\n")).toHaveLength(2);
    expect(json).toMatchObject({
      ok: true,
      answer: "a",
      confidence: 0.97,
      cost: "0.04",
      task: 3,
      receipt: { lane: 0 },
    });
  });

  it("keeps the answer in a file where it is wanted", async () => {
    const folder = temporaryFolder();
    const server = await cliServer(answering().engine);
    await server.run(["ask", "Is it?", ...pay, "-o", "answer.jsonl"], { folder });
    expect(JSON.parse(readFileSync(join(folder, "answer.jsonl"), "utf8"))).toMatchObject({ answer: "a" });
  });

  it("shows a person a live line, and clears it", async () => {
    const server = await cliServer(answering().engine);
    const { stderr } = await server.run(["ask", "Is it?", ...pay], { isTerminal: true });
    expect(stderr).toContain("\r\u001b[2Ktask 3: 1 at work, 1 answered");
    expect(stderr.endsWith("\r\u001b[2K")).toBe(true);
  });

  it("nobody answered in time is exit code 5", async () => {
    const { engine } = answering({
      results: async function* () {
        yield* [];
      },
    });
    const server = await cliServer(engine);
    const { exitCode, json } = await server.run(["ask", "Is it?", ...pay, "--json"]);
    expect(exitCode).toBe(5);
    expect(json).toMatchObject({ ok: false, answer: null, task: 3 });
  });
});

describe("what is asked about", () => {
  it.each([
    ["stems of files", { "x/good.txt": "1", "y/bad.md": "2" }, ["x/good.txt", "y/bad.md"], ["good", "bad"]],
    ["file names where stems are alike", { "a.txt": "1", "a.md": "2" }, ["a.txt", "a.md"], ["a.txt", "a.md"]],
    ["paths where names are alike", { "x/a.txt": "1", "y/a.txt": "2" }, ["x/a.txt", "y/a.txt"], ["x/a.txt", "y/a.txt"]],
    ["texts by themselves", {}, ["red bicycle", "blue car"], ["red bicycle", "blue car"]],
    ["one thing: yes and no", { "a.txt": "1" }, ["a.txt"], ["yes", "no"]],
    ["nothing: yes and no", {}, [], ["yes", "no"]],
  ])("%s", async (_, files, args, choices) => {
    const { asked, engine } = answering();
    const server = await cliServer(engine);
    const { exitCode, stderr } = await server.run(["ask", "Which?", ...args, ...pay], { folder: folderWith(files) });
    expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(asked[0]?.choices).toEqual(choices);
  });

  it("choices, target, overlap and time can be given", async () => {
    const { asked, engine } = answering();
    const server = await cliServer(engine);
    const options = ["--choices", "good, bad ,unsure", "--target", "0.8", "--overlap", "3-7", "--wait", "30"];
    await server.run(["ask", "Is it?", ...pay, ...options]);
    expect(asked[0]).toMatchObject({
      choices: ["good", "bad", "unsure"],
      overlap: { min: 3, max: 7, targetPpm: 800_000 },
    });
  });

  it("one answer is enough where one is asked for", async () => {
    const { asked, engine } = answering();
    const server = await cliServer(engine);
    await server.run(["ask", "Is it?", ...pay, "--overlap", "1"]);
    expect(asked[0]?.overlap).toMatchObject({ min: 1, max: 1 });
  });

  const files = {
    "binary.png": Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0]),
    "latin.txt": Buffer.from([0x66, 0xfc, 0x72]),
    "large.txt": "x".repeat(100_001),
    "empty.txt": " \n",
    "a.txt": "a",
    "folder/file.txt": "x",
  };

  it.each([
    ["a folder", "folder", "MALFORMED_FILE", "folder"],
    ["a binary file", "binary.png", "MALFORMED_FILE", "binary"],
    ["a text that is not UTF-8", "latin.txt", "MALFORMED_FILE", "UTF-8"],
    ["too large a file", "large.txt", "FILE_SIZE_EXCEEDED", "100000"],
    ["an empty file", "empty.txt", "MALFORMED_FILE", "empty"],
    ["a missing file", "missing.txt", "FILE_NOT_FOUND", "missing.txt"],
    ["a missing path", "./missing", "FILE_NOT_FOUND", "missing"],
    ["the same file twice", "a.txt", "MALFORMED_COMMAND", "twice"],
  ])("%s is refused before anybody is asked", async (_, name, code, text) => {
    const { asked, engine } = answering();
    const server = await cliServer(engine);
    const args = ["ask", "Which?", "a.txt", name, ...pay, "--json"];
    const { exitCode, json } = await server.run(args, { folder: folderWith(files) });
    expect([exitCode, json.error.code]).toEqual([2, code]);
    expect(json.error.message).toContain(text);
    expect(asked).toEqual([]);
  });

  it.each([
    [["--pay", "-1"]],
    [["--pay", "1e3"]],
    [["--pay", "0,05"]],
    [["--overlap", "0"]],
    [["--overlap", "5-2"]],
    [["--overlap", "many"]],
    [["--target", "1.5"]],
    [["--choices", "a,a"]],
    [["--choices", "a"]],
    [["--wait", "0"]],
  ])("%j is a usage error", async (options) => {
    const server = await cliServer(answering().engine);
    const args = options.includes("--pay") ? options : [...pay, ...options];
    expect((await server.run(["ask", "Is it?", ...args])).exitCode).toBe(2);
    expect(server.calls).toEqual([]);
  });
});

describe("a question that is not answered", () => {
  it("without money is exit code 4", async () => {
    const { engine } = answering({
      ask: async () => {
        throw earnestError("ESCROW_INSUFFICIENT", { needed: "0.153", free: "0" });
      },
    });
    const { exitCode, json } = await (await cliServer(engine)).run(["ask", "Is it?", ...pay, "--json"]);
    expect([exitCode, json.error.code]).toEqual([4, "ESCROW_INSUFFICIENT"]);
  });

  it("is not sent on a dry run", async () => {
    const server = await cliServer(answering().engine);
    const { json } = await server.run(["ask", "Is it?", "red", "blue", ...pay, "--dry-run", "--json"]);
    expect(json).toMatchObject({ ok: true, dryRun: true, question: { reward: "0.05", deadlineSeconds: 120 } });
    expect(server.calls).toEqual([]);
  });

  it("Ctrl-C while it waits ends at once", async () => {
    const controller = new AbortController();
    const { engine } = answering({
      events: async function* (_market, _after, signal) {
        yield eventOf(5, { kind: "assigned", task: 3, data: { task: 3, ordinal: 0, contributor: 1, expiresAtMs: 9 } });
        controller.abort();
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      },
    });
    const server = await cliServer(engine);
    const { exitCode, stderr } = await server.run(["ask", "Is it?", ...pay], { interrupted: controller.signal });
    expect(exitCode).toBe(130);
    expect(stderr).toContain("Interrupted.");
  });
});
