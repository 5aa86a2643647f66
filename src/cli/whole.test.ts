import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type CliRun, runCli, temporaryFolder } from "../../test/support/cli.ts";
import { depositInto } from "../../test/support/deposit-into.ts";
import { useWholeServer } from "../../test/support/whole-server.ts";
import { Contributor } from "../client/contributor.ts";
import { generateSigner } from "../client/keys.ts";
import { amount } from "../core/amount.ts";
import { startTestRail, type TestRail } from "../rails/rail-fixture.ts";
import { signerFromSecret } from "../rails/solana/tokens.ts";

/** The command line against the API over the real engine, database and chain. */

let rail: TestRail;
let server: string;
const used = useWholeServer(async () => {
  rail = await startTestRail();
  return rail;
});

beforeAll(() => {
  server = used().url;
});

/** Somebody with a folder of their own, who signed in with a keypair that the command line made. */
async function requester() {
  const folder = temporaryFolder();
  const settings = { server };
  const run = (...args: string[]): Promise<CliRun> => runCli([...args, "--json"], { folder, settings });
  const signedIn = await run("login", "--keypair", "id.json", "--create");
  expect(signedIn.exitCode, signedIn.stderr).toBe(0);
  const secret = JSON.parse(readFileSync(join(folder, "id.json"), "utf8")) as number[];
  const wallet = await signerFromSecret(Uint8Array.from(secret.slice(0, 32)));
  await rail.supply(wallet.address, 20_000_000n);
  const pay = (market: string, value: bigint): Promise<string> =>
    depositInto(rail, wallet, server, market, amount(value));
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return name;
  };
  return { run, pay, file, folder };
}

const person = async (): Promise<Contributor> => new Contributor({ server, signer: await generateSigner() });

/** Answers whatever the market offers until there is nothing more. */
async function work(contributor: Contributor, market: string, answer: (content: unknown) => string): Promise<void> {
  let offers = await contributor.assign(market).catch(() => []);
  for (let [offer] = offers; offer !== undefined; [offer] = offers) {
    const body = { answer: answer(offer.task.content) };
    ({ offers } = await contributor.turn(market, { slot: offer.slot, body }));
  }
}

describe("the command line, from a new keypair to verified receipts", () => {
  it("runs a market", { timeout: 60_000 }, async () => {
    const { run, pay, file, folder } = await requester();
    const wanted = { title: "Cats", answer: { choices: ["cat", "dog"] }, reward: "0.02", overlap: { min: 2, max: 3 } };
    const { json: created } = await run("markets", "create", file("market.json", JSON.stringify(wanted)));
    const market: string = created.market.id;
    expect((await run("markets", "open", market)).exitCode).toBe(4);
    expect((await run("markets", "fund", market, await pay(market, 5_000_000n))).json.market.escrow.free).toBe("5");
    expect((await run("markets", "open", market)).json.market.status).toBe("open");

    const tasks = Array.from({ length: 12 }, (_, i) => `${i},${i % 3 === 0 ? "woof" : "meow"}\n`);
    file("tasks.csv", `nr,sound\n${tasks.join("")}`);
    expect((await run("check", "tasks.csv", "--id", "nr")).json).toMatchObject({ ok: true, rows: 12 });
    const added = await run("tasks", "add", market, "tasks.csv", "--id", "nr", "--map", "text=sound");
    expect(added.json).toEqual({ ok: true, first: 0, count: 12 });

    const [one, two, three] = await Promise.all([person(), person(), person()]);
    const right = (content: unknown): string => ((content as { text: string }).text === "woof" ? "dog" : "cat");
    await work(one, market, right);
    await work(two, market, right);
    await work(three, market, () => "cat");
    await work(one, market, right);

    for (const form of ["jsonl", "csv"]) {
      expect((await run("results", market, "-o", `out.${form}`)).json).toMatchObject({ ok: true, rows: 12 });
    }
    expect((await run("log", market, "-o", "market.log")).exitCode).toBe(0);
    const verified = await run("receipts", "verify", "out.jsonl", "out.csv", "--log", "market.log");
    expect(verified.json).toMatchObject({ ok: true, verified: 24, failures: 0 });
    const { earned } = (await run("markets", "show", market)).json.market.escrow;
    expect(verified.json.total).toBe(earned);
    const replayed = await run("replay", "market.log");
    expect(replayed.json).toMatchObject({ ok: true, firstDifference: null, tasks: { notRecomputed: 0 } });
    expect(replayed.exitCode).toBe(0);

    const lines = readFileSync(join(folder, "out.jsonl"), "utf8");
    file("forged.jsonl", lines.replace('"cost":"0.0', '"cost":"0.1'));
    expect((await run("receipts", "verify", "forged.jsonl")).exitCode).toBe(1);

    const watched = await run("watch", market, "--all", "--limit", "5");
    expect(watched.stdout.split("\n")[0]).toContain('"kind":"created"');
    expect((await run("markets", "close", market, "--yes")).json.market.status).toBe("closing");
    expect((await run("keys", "list")).json.keys).toHaveLength(1);
    expect((await run("balance")).json.balance).toEqual({ released: "0", held: "0", settled: "0" });
  });

  it("asks a question from a prepaid balance", { timeout: 60_000 }, async () => {
    const { run, pay, file } = await requester();
    const args = ["ask", "Which is shorter?", file("a.txt", "one"), file("b.txt", "three"), "--pay", "0.05"];
    const poor = await run(...args);
    expect([poor.exitCode, poor.json.error.code]).toEqual([4, "ESCROW_INSUFFICIENT"]);

    const { json } = await run("markets", "prepaid");
    const market: string = json.market.id;
    await run("markets", "fund", market, await pay(market, 2_000_000n));
    await run("markets", "open", market);
    const crowd = await Promise.all([person(), person()]);
    let isAsked = true;
    const asked = run(...args, "--overlap", "2", "--wait", "30", "-o", "answer.jsonl").finally(() => {
      isAsked = false;
    });
    while (isAsked) {
      for (const each of crowd) await work(each, market, () => "a");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { exitCode, json: answer } = await asked;
    expect(answer).toMatchObject({ ok: true, answer: "a", cost: "0.1", votes: { a: 2 } });
    expect(exitCode).toBe(0);
    expect((await run("receipts", "verify", "answer.jsonl")).json).toMatchObject({ ok: true, verified: 1 });

    const late = await run("ask", "Anybody?", "--pay", "0.05", "--wait", "1");
    expect([late.exitCode, late.json.answer]).toEqual([5, null]);
  });
});
