import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../../../test/support/cli.ts";
import { openLane } from "../../../test/support/market.ts";
import { logLinesOf, networkOf, newSigner, receiptOf, resultsOf } from "../../../test/support/receipts.ts";
import type { Result } from "../../contract/results.ts";
import { type MarketId, marketId } from "../../core/market-id.ts";
import { writeProfile } from "../credentials.ts";

const signer = newSigner();

/** Three contributors answer two tasks: the first all alike, the second two against one. */
function settledLane(market?: MarketId) {
  const lane = openLane({ tasks: 2, members: 3, ...(market !== undefined && { market }) });
  for (const contributor of [1, 2, 3]) lane.answer(contributor, 0, "yes");
  for (const contributor of [1, 2, 3]) lane.answer(contributor, 1, contributor === 3 ? "no" : "yes");
  return lane;
}

const lane = settledLane();
const rows = resultsOf(lane, signer);

const jsonl = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");

function verify(content: string | Buffer, options: { args?: string[]; name?: string } = {}) {
  const folder = temporaryFolder();
  const name = options.name ?? "results.jsonl";
  writeFileSync(join(folder, name), content);
  return runCli(["receipts", "verify", name, "--json", ...(options.args ?? ["--signer", signer.address])], { folder });
}

const altered = (change: (row: Result) => unknown): string => {
  const copy = structuredClone(rows);
  change(copy[1] as Result);
  return jsonl(copy);
};

describe("good receipts", () => {
  it("are verified, and what they paid is added up", async () => {
    const { exitCode, json } = await verify(jsonl(rows));
    expect(json).toMatchObject({ ok: true, verified: 2, failures: 0, failed: [], paidAnswers: 5, total: "0.005" });
    expect(exitCode).toBe(0);
  });

  it("may come as CSV, with commas and quotes", async () => {
    const columns = Object.keys(rows[0] as Result) as (keyof Result)[];
    const cell = (value: unknown): string =>
      `"${(typeof value === "string" ? value : JSON.stringify(value)).replaceAll('"', '""')}"`;
    const csv = [columns.join(","), ...rows.map((row) => columns.map((name) => cell(row[name])).join(","))].join(
      "\r\n",
    );
    const { json } = await verify(`\uFEFF${csv}\r\n`, { name: "results.csv" });
    expect(json).toMatchObject({ ok: true, verified: 2, total: "0.005" });
  });

  it("of several markets are added up by market, as each may pay in another token", async () => {
    const other = settledLane(marketId("89".repeat(16)));
    const { exitCode, json, stderr } = await verify(jsonl([...rows, ...resultsOf(other, signer).slice(1)]));
    expect(exitCode, stderr).toBe(0);
    const [own, others] = [lane, other].map(({ state }) => state.market);
    const totals = [
      { market: own, total: "0.005" },
      { market: others, total: "0.002" },
    ];
    expect(json).toMatchObject({ ok: true, verified: 3, paidAnswers: 7, total: null, totals });
    expect(stderr).toContain(`7 paid answers, in 2 markets\n  0.005 in market ${own}\n  0.002 in market ${others}\n`);
  });

  it("in two files count once", async () => {
    const folder = temporaryFolder();
    for (const name of ["a.jsonl", "b.jsonl"]) writeFileSync(join(folder, name), jsonl(rows));
    const args = ["receipts", "verify", "a.jsonl", "b.jsonl", "--signer", signer.address, "--json"];
    const { json } = await runCli(args, { folder });
    expect(json).toMatchObject({ ok: true, verified: 4, paidAnswers: 5, total: "0.005" });
    expect((await runCli([...args, "a.jsonl"], { folder })).json).toMatchObject({ ok: false, failures: 2 });
  });

  it("may be bare, or that of an answer", async () => {
    const receipt = receiptOf(lane, signer, [1, 2]);
    const about = (rows[0] as Result).receipt;
    const answer = { market: about.market, task: 0, answer: "yes", confidence: 1, decided: true, cost: "0", votes: {} };
    expect((await verify(jsonl([receipt, { ...answer, receipt: about }]))).json).toMatchObject({
      ok: true,
      verified: 2,
    });
  });

  it("are checked against prices, labels and keys where the log is there", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "rows.jsonl"), jsonl(rows));
    writeFileSync(join(folder, "market.log"), `${logLinesOf(lane, signer).join("\n")}\n`);
    const args = ["receipts", "verify", "rows.jsonl", "--log", "market.log", "--signer", signer.address, "--json"];
    expect((await runCli(args, { folder })).json).toMatchObject({ ok: true, verified: 2 });
  });

  it("take the signer from the profile", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "rows.jsonl"), jsonl(rows));
    const profile = { server: "http://127.0.0.1:1", apiKey: null, session: null, network: networkOf(signer) };
    await writeProfile(join(folder, "data"), "default", profile);
    expect((await runCli(["receipts", "verify", "rows.jsonl"], { folder })).stdout).toContain("2 receipts are good");
  });
});

describe("altered receipts", () => {
  const cases: readonly (readonly [string, (row: Result) => unknown, string])[] = [
    ["a reward", (row) => Object.assign(row.paid[0] ?? {}, { reward: "0.002" }), "paid differently"],
    ["all rewards", (row) => row.paid.map((each) => Object.assign(each, { reward: "0.5" })), "not the sum"],
    ["the cost", (row) => Object.assign(row, { cost: "1" }), "not the sum"],
    [
      "a contributor",
      (row) => Object.assign(row.paid[0] ?? {}, { contributor: signer.address }),
      "another contributor",
    ],
    ["a slot", (row) => Object.assign(row.paid[0] ?? {}, { slot: "1.2" }), "does not submit slot 1.2"],
    ["a slot of another task", (row) => Object.assign(row.paid[0] ?? {}, { slot: "0.1" }), "another task"],
    ["a slot nobody could have", (row) => Object.assign(row.paid[0] ?? {}, { slot: "1.9999" }), "no slot 1.9999"],
    ["a reason", (row) => Object.assign(row.paid[0] ?? {}, { reason: "REVIEW_ACCEPTED" }), "accepted for AGREES"],
    ["an entry", (row) => Object.assign(row.receipt.entries[0] ?? {}, { encoded: "AAAA" }), "not in the log"],
    [
      "an entry's place",
      (row) => Object.assign(row.receipt.entries[0] ?? {}, { sequence: 1 }),
      "another entry or head",
    ],
    ["a path", (row) => row.receipt.entries[0]?.path.siblings.reverse(), "not in the log"],
    ["the head's time", (row) => Object.assign(row.receipt.head, { timeMs: 1 }), "not signed"],
    ["the market", (row) => Object.assign(row.receipt, { market: "f".repeat(32) }), "not signed"],
    ["the lane", (row) => Object.assign(row, { lane: 3 }), "another lane"],
    ["the confidence", (row) => Object.assign(row, { confidence: 0.5 }), "confidence"],
    ["whether it is decided", (row) => Object.assign(row, { decided: !row.decided }), "decided"],
    ["missing entries", (row) => row.receipt.entries.shift(), "lacks entry"],
    ["no settlement", (row) => row.receipt.entries.pop(), "no entry settles"],
    ["a slot that is paid twice", (row) => twice(row), "paid twice"],
    ["a field too many", (row) => Object.assign(row, { extra: 1 }), "not a receipt"],
  ];

  const twice = (row: Result): void => {
    row.paid.push(structuredClone(row.paid[0] as Result["paid"][number]));
    row.cost = "0.003";
  };

  it.each(cases)("%s is found", async (_, change, reason) => {
    const { exitCode, json } = await verify(altered(change));
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ ok: false, verified: 1, failures: 1, total: "0.003" });
    expect(json.failed[0].where).toBe("results.jsonl:2");
    expect(json.failed[0].reason).toMatch(new RegExp(reason));
  });

  it("a rejected answer that is shown as paid is found", async () => {
    const copy = structuredClone(rows);
    const row = copy[1] as Result;
    const third = lane.log.findLast(({ entry }) => entry.kind === "submitted");
    const [first] = row.paid;
    row.paid.push({ ...(first as Result["paid"][number]), slot: "1.2", submittedSequence: third?.sequence ?? 0 });
    row.cost = "0.003";
    row.receipt = receiptOf(
      lane,
      signer,
      row.paid.flatMap((each) => [each.submittedSequence, each.decidedSequence]),
    );
    const { json } = await verify(jsonl([row]));
    expect(json.failed[0].reason).toBe("slot 1.2 was rejected, not accepted");
  });

  it("the same row twice is found", async () => {
    const { json } = await verify(jsonl([...rows, rows[0]]));
    expect(json).toMatchObject({ ok: false, verified: 2, failures: 1, total: "0.005" });
  });

  it("another network's signature is refused", async () => {
    const { json } = await verify(jsonl(rows), { args: ["--signer", newSigner().address] });
    expect(json).toMatchObject({ ok: false, verified: 0, failures: 2, total: "0" });
  });

  it("a row that is not JSON is one bad receipt", async () => {
    const { json } = await verify(`${jsonl(rows)}{"id": \n\n`);
    expect(json).toMatchObject({ ok: false, verified: 2, failures: 1 });
    expect(json.failed).toEqual([{ where: "results.jsonl:3", reason: "it is not JSON" }]);
  });

  it("what only the log can show is found with it", async () => {
    const folder = temporaryFolder();
    const copy = structuredClone(rows);
    for (const row of copy) {
      row.label = "no";
      for (const each of row.paid) each.reward = "0.002";
      row.cost = row.paid.length === 3 ? "0.006" : "0.004";
    }
    writeFileSync(join(folder, "rows.jsonl"), jsonl(copy));
    writeFileSync(join(folder, "market.log"), logLinesOf(lane, signer).join("\n"));
    const args = ["receipts", "verify", "rows.jsonl", "--signer", signer.address, "--json"];
    expect((await runCli(args, { folder })).json.ok).toBe(true);
    const { json } = await runCli([...args, "--log", "market.log"], { folder });
    expect(json.failed[0].reason).toBe('the task settled on "yes"');
  });

  it("a log that is not the signed one is refused", async () => {
    const folder = temporaryFolder();
    const lines = logLinesOf(lane, signer);
    writeFileSync(join(folder, "rows.jsonl"), jsonl(rows));
    writeFileSync(join(folder, "market.log"), lines.filter((_, i) => i !== 5).join("\n"));
    const args = ["receipts", "verify", "rows.jsonl", "--signer", signer.address, "--log", "market.log", "--json"];
    const { exitCode, json } = await runCli(args, { folder });
    expect(exitCode).toBe(2);
    expect(json.error.message).toContain("not those that its signed head is of");
  });
});

describe("files that cannot be used", () => {
  it("without a signer, says how to give one", async () => {
    const { exitCode, json } = await verify(jsonl(rows), { args: [] });
    expect(exitCode).toBe(2);
    expect(json.error).toMatchObject({ code: "MALFORMED_COMMAND", next: expect.stringContaining("--signer") });
  });

  it("a signer that is no key", async () => {
    expect((await verify(jsonl(rows), { args: ["--signer", "0OIl"] })).exitCode).toBe(2);
  });

  it.each([
    ["empty", "", "empty"],
    ["only white space", " \n\n", "empty"],
    ["binary", Buffer.from([0x89, 0x50, 0, 0, 1]), "binary"],
  ])("%s", async (_, content, problem) => {
    const { exitCode, json } = await verify(content);
    expect(exitCode).toBe(2);
    expect(json.error.message).toContain(problem);
  });

  it("a CSV that has no such columns holds no receipts", async () => {
    const { exitCode, json } = await verify("a,b\n1,2\n", { name: "x.csv" });
    expect(exitCode).toBe(1);
    expect(json.failed[0].reason).toContain("not a receipt");
  });

  it.each([
    ["other JSON", '{"a":1}\n', "it is not a receipt"],
    ["lines that are not JSON", "{ more of it\n", "it is not JSON"],
    ["receipts that nothing reads", '{"receipt":"AAAA"}\n', "its receipt cannot be decoded"],
    ["CSV of something else", "a,b\n", "it is not a receipt"],
  ])("%s is read no further than it takes to see that it holds no receipts", async (_, line, reason) => {
    const { exitCode, json, stderr } = await verify(line.repeat(3_000));
    expect(exitCode, stderr).toBe(2);
    const { code, message } = json.error;
    expect(code).toBe("MALFORMED_FILE");
    expect(message).toMatch(/1000 rows in a row are no receipts, the first at results.jsonl:\d: /);
    expect(message).toContain(reason);
  });

  it("with many rows that are none among those that are some is still told in full", async () => {
    const [good, other] = rows as [Result, Result];
    const strange = '{"a":1}\n'.repeat(999);
    const { exitCode, json } = await verify(`${strange}${jsonl([good])}${strange}${jsonl([other])}`);
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ ok: false, verified: 2, failures: 1_998 });
    expect(json.failed).toHaveLength(1_000);
  });

  it("missing, a folder", async () => {
    const folder = temporaryFolder();
    const missing = await runCli(["receipts", "verify", "no.jsonl", "--signer", signer.address], { folder });
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr).toContain("There is no file");
    expect(missing.stderr).toContain("FILE_NOT_FOUND");
    const other = await runCli(["receipts", "verify", ".", "--signer", signer.address], { folder });
    expect(other.stderr).toContain("folder");
  });
});
