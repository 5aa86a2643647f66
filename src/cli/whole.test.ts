import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type CliRun, runCli, temporaryFolder } from "../../test/support/cli.ts";
import { useWholeServer } from "../../test/support/whole-server.ts";
import { Contributor } from "../client/contributor.ts";
import { generateSigner, signerFromSeed } from "../client/keys.ts";
import { amount } from "../core/amount.ts";
import { bytes32, fromHex } from "../core/bytes.ts";
import { marketId } from "../core/market-id.ts";
import { startTestRail, type TestRail } from "../rails/rail-fixture.ts";
import { signerFromSecret } from "../rails/solana/tokens.ts";
import { PendingDeposits, payInOnce } from "./chain/pending-deposits.ts";

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
  const payer = ["--keypair", "id.json", "--rpc", rail.net.rpcUrl] as const;
  const pay = (market: string, tokens: string): Promise<CliRun> => run("markets", "deposit", market, tokens, ...payer);
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return name;
  };
  return { run, pay, payer, wallet, file, folder };
}

async function newKeypair() {
  const seed = randomBytes(32);
  return { seed, publicKey: (await signerFromSeed(seed)).publicKey };
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

describe("work by a program", () => {
  it("does the tasks of a market and is paid", { timeout: 60_000 }, async () => {
    const { run, pay, file } = await requester();
    const wanted = { title: "Cats", answer: { choices: ["cat", "dog"] }, reward: "0.02", overlap: { min: 2, max: 2 } };
    const { json: created } = await run("markets", "create", file("market.json", JSON.stringify(wanted)));
    const market: string = created.market.id;
    await pay(market, "5");
    await run("markets", "open", market);
    file("tasks.csv", "nr,sound\n1,woof\n2,meow\n3,moo\n4,woof\n");
    await run("tasks", "add", market, "tasks.csv", "--id", "nr", "--map", "text=sound");
    file(
      "solver.mjs",
      `import { createInterface } from "node:readline";
       for await (const line of createInterface({ input: process.stdin })) {
         const { content, answer, kind } = JSON.parse(line);
         console.error("asked", kind, answer.choices.join());
         const said = { woof: "dog", meow: "cat" }[content.text];
         console.log(JSON.stringify(said === undefined ? { skip: true } : { answer: said }));
       }`,
    );
    const found = [];
    for (const name of ["one.json", "two.json"]) {
      const { publicKey, seed } = await newKeypair();
      file(name, JSON.stringify([...seed, ...publicKey]));
      found.push(await run("work", market, "--solver", "solver.mjs", "--keypair", name));
    }
    expect(found.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(found.map(({ json }) => json)).toEqual([
      { ok: true, tasks: 3, skipped: 1, accepted: 0, rejected: 0, held: 3 },
      { ok: true, tasks: 3, skipped: 1, accepted: 3, rejected: 0, held: 0 },
    ]);
    expect(found[0]?.stderr).toContain("asked judgement cat,dog");
    expect((await run("markets", "show", market)).json.market.escrow).toMatchObject({ held: "0" });

    const end = file("end.mjs", "process.exit(3)");
    const ended = await run("work", market, "--solver", end, "--keypair", "one.json");
    expect(ended.json).toMatchObject({ ok: true, tasks: 0 });
  });
});

describe("markets of the kinds that come along", () => {
  const kinds = readdirSync("kinds").flatMap((name) => /^(\w+)\.json$/.exec(name)?.slice(1) ?? []);

  it.each(kinds)("are made: %s", async (kind) => {
    const { run, file } = await requester();
    const { json } = await run("kinds", "market", kind);
    const created = await run("markets", "create", file("market.json", JSON.stringify(json)));
    expect(created.exitCode, created.stderr).toBe(0);
  });
});

describe("the command line, from a new keypair to verified receipts", () => {
  it("runs a market", { timeout: 60_000 }, async () => {
    const { run, pay, payer, file, folder } = await requester();
    const wanted = { title: "Cats", answer: { choices: ["cat", "dog"] }, reward: "0.02", overlap: { min: 2, max: 3 } };
    const { json: created } = await run("markets", "create", file("market.json", JSON.stringify(wanted)));
    const market: string = created.market.id;
    expect((await run("markets", "open", market)).exitCode).toBe(4);
    expect((await pay(market, "5")).json).toMatchObject({ ok: true, amount: "5", market: { escrow: { free: "5" } } });
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
    expect(replayed.json.signatures).toMatchObject({ share: "all", wrong: 0 });

    const exported = await run("receipts", "export", market, "-o", "receipts.jsonl");
    const portable = await run("receipts", "verify", "receipts.jsonl");
    expect(portable.json).toMatchObject({ ok: true, verified: exported.json.receipts, failures: 0 });
    expect(portable.json).toMatchObject({ trust: "profile", submissions: { first: 36, verdicts: { accepted: 36 } } });
    expect(portable.json.submissions.paid).toBe(`${Math.round(Number(earned) * 1_000_000)}`);

    const lines = readFileSync(join(folder, "out.jsonl"), "utf8");
    file("forged.jsonl", lines.replace('"cost":"0.0', '"cost":"0.1'));
    expect((await run("receipts", "verify", "forged.jsonl")).exitCode).toBe(1);

    const watched = await run("watch", market, "--all", "--limit", "5");
    expect(watched.stdout.split("\n")[0]).toContain('"kind":"created"');
    const { json: ended } = await run("markets", "close", market, "--yes", ...payer);
    expect([ended.market.status, ended.account]).toEqual(["closing", ended.market.account]);
    expect(ended.endsAtMs).toBeGreaterThan(Date.now());
    expect((await run("keys", "list")).json.keys).toHaveLength(1);
    expect((await run("balance")).json.balance).toEqual({ released: "0", held: "0", settled: "0" });
  });

  it("pays in a token that its requester made", { timeout: 60_000 }, async () => {
    const { run, pay, payer, file } = await requester();
    const created = await run("token", "create", "--supply", "1000", "--decimals", "2", ...payer);
    const mint: string = created.json.mint;
    expect((await run("token", "add", mint)).json).toMatchObject({ ok: true, token: { mint, decimals: 2 } });
    expect((await run("token", "add", mint)).exitCode).toBe(0);
    const wanted = { title: "Cats", answer: { choices: ["cat", "dog"] }, reward: "0.5", mint };
    const { json } = await run("markets", "create", file("market.json", JSON.stringify(wanted)));
    const market: string = json.market.id;
    expect((await pay(market, "20")).json).toMatchObject({ market: { token: { mint }, escrow: { free: "20" } } });
    expect((await run("token", "show", mint, ...payer.slice(2))).json).toMatchObject({ mint, supply: "1000" });
    const tooFine = await run("markets", "create", file("fine.json", JSON.stringify({ ...wanted, reward: "0.001" })));
    expect(tooFine.json.error.code).toBe("MALFORMED_AMOUNT");
    const none = await run("token", "add", "11111111111111111111111111111111");
    expect([none.exitCode, none.json.error.code]).toEqual([1, "MINT_NOT_FOUND"]);
  });

  it("asks a question from a prepaid balance", { timeout: 60_000 }, async () => {
    const { run, pay, file } = await requester();
    const args = ["ask", "Which is shorter?", file("a.txt", "one"), file("b.txt", "three"), "--pay", "0.05"];
    const poor = await run(...args);
    expect([poor.exitCode, poor.json.error.code]).toEqual([4, "ESCROW_INSUFFICIENT"]);

    const { json } = await run("markets", "prepaid");
    const market: string = json.market.id;
    await pay(market, "2");
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

describe("money, from a requester's wallet and back to it", () => {
  const wanted = { title: "Cats", answer: { choices: ["cat", "dog"] }, reward: "0.02" };

  it("is paid in as often as it is asked for, and shown", { timeout: 30_000 }, async () => {
    const { run, pay, payer, file, folder } = await requester();
    const { id: market, account } = (await run("markets", "create", file("m.json", JSON.stringify(wanted)))).json
      .market;
    const show = async () => (await run("markets", "show", market, "--rpc", rail.net.rpcUrl)).json.onChain;
    expect(await show()).toEqual({ account: null });
    const none = await run("markets", "close", market, ...payer);
    expect(none.exitCode, "closing wants a yes").toBe(2);
    for (const [tokens, free] of [
      ["1.5", "1.5"],
      ["1.5", "3"],
      ["0.25", "3.25"],
    ] as const) {
      const { json } = await pay(market, tokens);
      expect(json).toMatchObject({
        amount: tokens,
        account,
        before: [],
        market: { escrow: { free, deposited: free } },
      });
    }
    expect(await show()).toMatchObject({ account: { deposited: "3.25", endsAtMs: null } });
    expect((await run("markets", "show", market)).json.onChain, "no node is known").toBeNull();
    const nowhere = await run("markets", "deposit", market, "1", "--keypair", "id.json");
    expect([nowhere.exitCode, nowhere.json.error.code]).toEqual([2, "MALFORMED_COMMAND"]);
    file("data/localnet.json", JSON.stringify({ rpcUrl: rail.net.rpcUrl }));
    expect((await run("markets", "deposit", market, "0.75", "--keypair", "id.json")).json).toMatchObject({ ok: true });
    expect((await run("markets", "show", market)).json.onChain).toMatchObject({ account: { deposited: "4" } });
    file("data/localnet.json", JSON.stringify({ rpcUrl: "http://127.0.0.1:1" }));
    const silent = await run("markets", "show", market);
    expect([silent.json.onChain, silent.stderr.includes("cannot be shown")]).toEqual([null, false]);
    const named = await run("markets", "show", market, "--rpc", "http://127.0.0.1:1");
    expect([named.json.onChain, named.stderr.includes("cannot be shown")]).toEqual([null, true]);
    const pending = (): string[] => {
      const left = join(folder, "data", "deposits");
      return readdirSync(left).flatMap((name) => readdirSync(join(left, name)));
    };
    expect(pending()).toEqual([]);
    // Until it is said that it was credited, the command that is given again would go on with it.
    let known: string[] = [];
    const args = ["markets", "deposit", market, "0.5", ...payer, "--json"];
    const onOutput = (text: string): void => {
      if (text.startsWith('{"ok":true')) known = pending();
    };
    const told = await runCli(args, { folder, settings: { server }, onOutput });
    expect(told.stdout.trimEnd().split("\n")).toHaveLength(1);
    expect([known.toSorted(), pending()]).toEqual([["500000.json", "lock"], []]);
    const poor = await pay(market, "1000");
    expect([poor.exitCode, poor.json.error.code]).toEqual([4, "TOKENS_INSUFFICIENT"]);
  });

  it("is credited by the next command, where an earlier one was cut short", { timeout: 30_000 }, async () => {
    const { run, pay, wallet, file, folder } = await requester();
    const {
      id: market,
      account,
      specHash,
    } = (await run("markets", "create", file("m.json", JSON.stringify(wanted)))).json.market;
    await rail.fund(wallet, { market: marketId(market), specHash: bytes32(fromHex(specHash)), amount: amount(1n) });
    const pending = await PendingDeposits.open(join(folder, "data"), { cluster: rail.rail.cluster, account });
    const depositing = { market: account, owner: wallet };
    const arrived = await payInOnce(rail.escrow, rail.pool.at, { ...depositing, amount: amount(700_000n) }, pending);
    const dropped = { ...rail.escrow, client: refusing(rail.client) };
    const begun = payInOnce(dropped, rail.pool.at, { ...depositing, amount: amount(300_000n) }, pending);
    await expect(begun).rejects.toThrow("no sending");
    pending.close();

    const other = await pay(market, "0.5");
    expect(other.json).toMatchObject({ before: [arrived], market: { escrow: { free: "1.2" } } });
    expect(other.stderr).toContain("An earlier deposit of 0.7 had arrived");
    expect(other.stderr).toContain(`earnest markets deposit ${market} 0.3`);
    const same = await pay(market, "0.3");
    expect(same.stderr).toContain("Going on with the deposit of 0.3");
    expect(same.json).toMatchObject({ before: [], market: { escrow: { free: "1.5" } } });
    const { onChain } = (await run("markets", "show", market, "--rpc", rail.net.rpcUrl)).json;
    expect(onChain.account.deposited).toBe("1.500001");
  });

  it("is ended on chain by who closed it before, and takes no more", { timeout: 30_000 }, async () => {
    const { run, pay, payer, file } = await requester();
    const { id: market } = (await run("markets", "create", file("m.json", JSON.stringify(wanted)))).json.market;
    await pay(market, "1");
    const { json: closed, stderr } = await run("markets", "close", market, "--yes", "--rpc", rail.net.rpcUrl);
    expect(closed).toMatchObject({ market: { status: "closing" }, endsAtMs: null });
    expect(stderr).toContain("the first commit that is 30 days later");
    for (let i = 0; i < 2; i++) {
      const { json } = await run("markets", "close", market, "--yes", ...payer);
      expect(json.endsAtMs - Date.now()).toBeGreaterThan(29 * 86_400_000);
    }
    const { onChain } = (await run("markets", "show", market, "--rpc", rail.net.rpcUrl)).json;
    expect(onChain.account).toMatchObject({ deposited: "1", endsAtMs: expect.any(Number) });
    const late = await pay(market, "1");
    expect([late.exitCode, late.json.error.code]).toEqual([1, "MARKET_STATE"]);
  });

  it("stays where nobody may have it credited", { timeout: 30_000 }, async () => {
    const [one, two] = [await requester(), await requester()];
    const theirs = { ...wanted, refundTo: two.wallet.address };
    const { id } = (await one.run("markets", "create", one.file("m.json", JSON.stringify(theirs)))).json.market;
    const strange = await two.pay(id, "1");
    // Another's draft is not to be seen, so that nothing can be sent to it by mistake.
    expect([strange.exitCode, strange.json.error.code]).toEqual([1, "MARKET_NOT_FOUND"]);
    expect((await one.run("markets", "show", id, "--rpc", rail.net.rpcUrl)).json.onChain).toEqual({ account: null });
  });
});

/** A node that takes no transaction. */
const refusing = (client: TestRail["client"]): TestRail["client"] => ({
  ...client,
  call: (make) =>
    client.call((rpc) => {
      const sendTransaction = (): never => {
        throw new Error("no sending");
      };
      const get = (of: typeof rpc, name: string | symbol): unknown =>
        name === "sendTransaction" ? sendTransaction : Reflect.get(of, name);
      return make(new Proxy(rpc, { get }));
    }),
});
