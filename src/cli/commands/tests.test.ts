import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/cli.ts";
import { keypairFile, noKey, signedInFolder } from "../../../test/support/cli-contributor.ts";
import { cliServer } from "../../../test/support/cli-server.ts";
import { testViewOf } from "../../api/testing-engine.ts";
import { earnestError } from "../../core/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import type { NewTest } from "../../engine/types.ts";

const id = "ab".repeat(16);
const wanted = { questions: [{ content: "2 + 2?", choices: ["3", "4"], answer: "4" }] };

function fileWith(content: unknown): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "test.json"), typeof content === "string" ? content : JSON.stringify(content));
  return folder;
}

describe("tests create", () => {
  it("puts a test as its file describes it", async () => {
    const put: [name: string, test: NewTest][] = [];
    const putTest: Engine["putTest"] = async (_owner, _market, name, test) => {
      put.push([name, test]);
      return testViewOf(name);
    };
    const server = await cliServer({ putTest });
    const folder = fileWith({ ...wanted, passingShare: 0.5 });
    const { json } = await server.run(["tests", "create", id, "sums", "test.json", "--json"], { folder });
    expect(json).toMatchObject({ ok: true, test: { name: "sums" } });
    expect(put).toEqual([["sums", { questions: wanted.questions, passPpm: 500_000, validMs: 365 * 86_400_000 }]]);
  });

  it("shows the defaults on a dry run, and changes nothing", async () => {
    const server = await cliServer();
    const args = ["tests", "create", id, "sums", "test.json", "--dry-run", "--json"];
    const { json } = await server.run(args, { folder: fileWith(wanted) });
    expect(json).toMatchObject({ dryRun: true, test: { passingShare: 1, validDays: 365 } });
    expect(server.calls).toEqual([]);
  });

  it.each([
    ["not JSON", "{", "not JSON"],
    ["no questions", { questions: [] }, "questions"],
    ["an unknown field", { ...wanted, level: 1 }, "level"],
    ["one choice", { questions: [{ content: 1, choices: ["a"], answer: "a" }] }, "/questions/0/choices"],
  ])("refuses a file with %s, and says where", async (_, content, where) => {
    const server = await cliServer();
    const { exitCode, stderr } = await server.run(["tests", "create", id, "sums", "test.json"], {
      folder: fileWith(content),
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("MALFORMED_FILE");
    expect(stderr).toContain(where);
    expect(server.calls).toEqual([]);
  });
});

describe("tests list and show", () => {
  it("list those of a market", async () => {
    const server = await cliServer();
    const { stdout } = await server.run(["tests", "list", id]);
    expect(stdout).toMatch(/reading +1 +50\.0% +30 days/);
    expect((await server.run(["tests", "list", id, "--json"])).json.tests).toHaveLength(1);
    const none = await cliServer({ listTests: async () => [] });
    expect((await none.run(["tests", "list", id])).stdout).toBe("No tests.\n");
  });

  it("show the questions with their choices", async () => {
    const server = await cliServer();
    const { stdout } = await server.run(["tests", "show", id, "sums"]);
    expect(stdout).toMatch(/1 +2 \+ 2\? +3, 4/);
    expect((await server.run(["tests", "show", id, "sums", "--json"])).json.test).toMatchObject({ name: "sums" });
  });

  it("say that there is no such test", async () => {
    const test = async (): Promise<never> => {
      throw earnestError("TEST_NOT_FOUND", { test: "sums" });
    };
    const { exitCode, stderr } = await (await cliServer({ test })).run(["tests", "show", id, "sums"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("TEST_NOT_FOUND");
  });
});

/** A server that keeps the answers it is given. */
async function taking(scorePpm = 1_000_000) {
  const taken: (readonly string[])[] = [];
  const server = await cliServer({
    takeTest: async (_session, _market, _name, answers) => {
      taken.push(answers);
      return { scorePpm, isPassed: scorePpm === 1_000_000, expiresAtMs: 2_000_000_000_000 };
    },
  });
  return { server, taken, parts: { folder: signedInFolder(server), settings: noKey } };
}

describe("tests take", () => {
  it("sends the answers as the profile's contributor", async () => {
    const { server, taken, parts } = await taking();
    const { json } = await server.run(["tests", "take", id, "sums", "4", "cat", "--json"], parts);
    expect(json).toMatchObject({ ok: true, passed: true, value: 1_000_000 });
    expect(taken).toEqual([["4", "cat"]]);
  });

  it("or as that of a keypair, and tells a failure from success", async () => {
    const { server } = await taking(250_000);
    const folder = temporaryFolder();
    const args = ["tests", "take", id, "sums", "4", "--keypair", await keypairFile(folder)];
    const { exitCode, stdout } = await server.run(args, { folder, settings: noKey });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("not passed: 25.0% right, stands until 2033");
    expect(server.calls).toContain("endSession");
  });

  it.each([
    ["4\n", ["4"]],
    ["1\n", ["3"]],
    ["7\n\nwhat\n2\n", ["4"]],
  ])("asks at a terminal until an answer is one of the choices (%j)", async (input, expected) => {
    const { server, taken, parts } = await taking();
    const { stderr } = await server.run(["tests", "take", id, "sums"], { ...parts, isTerminal: true, input });
    expect(stderr).toContain("2 + 2?  (1 3, 2 4)?");
    expect(taken).toEqual([expected]);
  });

  it("sends nothing where the questions were left, or nobody can be asked", async () => {
    const { server, taken, parts } = await taking();
    const left = await server.run(["tests", "take", id, "sums"], { ...parts, isTerminal: true, input: "" });
    const alone = await server.run(["tests", "take", id, "sums"], parts);
    expect([left.exitCode, alone.exitCode]).toEqual([2, 2]);
    expect(alone.stderr).toContain("earnest tests show");
    expect(taken).toEqual([]);
  });

  it("needs a contributor", async () => {
    const { server } = await taking();
    const { exitCode, stderr } = await server.run(["tests", "take", id, "sums", "4"], { folder: temporaryFolder() });
    expect(exitCode).toBe(3);
    expect(stderr).toContain("--keypair");
  });
});
