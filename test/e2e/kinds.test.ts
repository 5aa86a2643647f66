import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ComputeSolver } from "../../src/cli/work/compute-solver.ts";
import { Contributor } from "../../src/client/contributor.ts";
import { Earnest } from "../../src/client/earnest.ts";
import { generateSigner, signerFromKeyPair } from "../../src/client/keys.ts";
import type { NewTask } from "../../src/contract/tasks.ts";
import type { Offer, Submission } from "../../src/contract/work.ts";
import { amount, parseAmount } from "../../src/core/amount.ts";
import { toBase58, toBase64, toHex, toUtf8 } from "../../src/core/bytes.ts";
import type { Json } from "../../src/core/json.ts";
import { sha256 } from "../../src/main/crypto.ts";
import type { Execution } from "../../src/sandbox/execution.ts";
import { useTestDatabase } from "../../src/store/testing.ts";
import { cellAt } from "../../src/verification/places/cell.ts";
import { type AttestedServer, type RunningAttestor, startAttestedServer } from "../support/attested-server.ts";
import { runCli } from "../support/cli.ts";
import { depositInto } from "../support/deposit-into.ts";
import { testSandbox } from "../support/engine.ts";
import { descriptionOf, type KindMarket, kindMarkets, parser, type Sent } from "../support/kind-markets.ts";

/**
 * A market of each kind of work on one network: opened and funded over HTTP and the chain, its evidence sent by people
 * with the SDK, paid by commits that attestors signed after they replayed the log.
 */

const database = useTestDatabase();
const deposit = 100_000_000n;
const wait = { timeout: 120_000, interval: 100 } as const;
const binary = join(import.meta.dirname, "../../dist/main/earnest.js");
const execute = promisify(execFile);

let network: AttestedServer;
let attestors: RunningAttestor[];
/** Slower than the operator: it signs until something was executed. */
let slow: RunningAttestor;
const tooSlow: Execution = { outcome: "fault", problem: "it took longer than 60000 ms", fuel: 0 };
let wallet: Awaited<ReturnType<AttestedServer["chain"]["requester"]>>;
let requester: Earnest;
const folder = mkdtempSync(join(tmpdir(), "earnest-kinds-"));
const opened: { readonly kind: string; readonly market: string; readonly earned: bigint }[] = [];

beforeAll(async () => {
  network = await startAttestedServer({
    pool: database().pool,
    clock: Date.now,
    settings: { sponsor: { dueMin: amount(0n), perDayMax: 0, lamportsMax: 0n } },
  });
  slow = await network.attestor(2, { sandbox: { execute: async () => tooSlow } });
  attestors = [await network.attestor(0), slow];
  wallet = await network.chain.requester(deposit * BigInt(kindMarkets.length + 7));
  requester = await Earnest.signIn({ server: network.url, signer: await signerFromKeyPair(wallet.keyPair) });
}, 240_000);
afterAll(async () => {
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(wanted: Omit<KindMarket, "sent">): Promise<string> {
  const { id } = await requester.markets.create(descriptionOf(wanted));
  const paid = await depositInto(network.chain, wallet, requester, id, amount(deposit));
  await requester.markets.fund(id, paid);
  await requester.markets.open(id);
  for (const program of wanted.programs ?? []) await requester.markets.addProgram(id, "javascript", program);
  await requester.markets.addTasks(id, [typeof wanted.task === "function" ? wanted.task() : wanted.task]);
  return id;
}

async function send(market: string, { isCommitted }: KindMarket, sent: Sent): Promise<string> {
  const { answer, evidence, content } = sent;
  const signer = await generateSigner();
  const contributor = new Contributor({ server: network.url, signer });
  // Where one place is for whoever is right, the next one has it after the verdict on the one before.
  const [offer] = (await vi.waitFor(() => contributor.assign(market), wait)) as [Offer];
  const given = typeof evidence === "function" ? evidence(offer, toBase58(signer.publicKey)) : evidence;
  const bytes = Object.entries(content ?? {}).map(([name, each]) => [name, toBase64(each)]);
  const body = {
    answer,
    ...(given !== undefined && { evidence: given }),
    ...(content !== undefined && { content: Object.fromEntries(bytes) }),
  };
  const work = { slot: offer.slot, body };
  if (isCommitted) await contributor.commitTo(market, work);
  await contributor.submit(market, work);
  return offer.slot;
}

async function computeOne(contributor: Contributor, market: string, solver: ComputeSolver): Promise<void> {
  const [offer] = await contributor.assign(market).catch(() => []);
  if (offer === undefined) return await setTimeout(50);
  const { content, terms } = offer.task;
  const body = (await solver.solve({ market, content, known: terms.known })) as { readonly answer: Json };
  await contributor.submit(market, { slot: offer.slot, body });
}

const outcomeOf = ({ state, reward }: Submission) => ({ state, reward });

describe("a market of the kind", () => {
  it.each(kindMarkets.map((wanted) => [wanted.name ?? wanted.kind, wanted] as const))(
    "%s pays for real evidence",
    async (_, wanted) => {
      const market = await open(wanted);
      const slots: string[] = [];
      for (const each of wanted.sent) slots.push(await send(market, wanted, each));
      const found = () => Promise.all(slots.map(async (slot) => outcomeOf(await requester.markets.slot(market, slot))));
      await expect.poll(found, wait).toEqual(wanted.sent.map(({ expected }) => expected));
      const earned = wanted.sent.reduce((sum, { expected }) => sum + parseAmount(expected.reward, 6), 0n);
      opened.push({ kind: wanted.kind, market, earned });
    },
    240_000,
  );

  it("shows its requester a picture without what the camera wrote, and others a cell", async () => {
    const { market } = opened.find(({ kind }) => kind === "visit") as (typeof opened)[number];
    const shown = await requester.markets.evidence(market, "0.0");
    expect(shown).toMatchObject({ cell: "891e15b712bffff", pictures: { shot: { type: "image/jpeg" } } });
    const picture = Buffer.from(shown.pictures["shot"]?.data ?? "", "base64");
    expect([picture.subarray(0, 2).toString("hex"), picture.includes("Exif")]).toEqual(["ffd8", false]);
    expect(Math.abs((shown.exact?.latitudeE7 ?? 0) - 482_082_000)).toBeLessThan(1_000);
    expect(shown.expiresAtMs).toBeGreaterThan(Date.now() + 29 * 86_400_000);
    const url = `${network.url}/v1/markets/${market}/slots/0.0`;
    expect(await (await fetch(`${url}/cell`)).json()).toEqual({ cell: shown.cell });
    expect((await fetch(`${url}/evidence`)).status).toBe(401);
  });

  it("pays a ring of five devices in one flat once a pair, and its report names them", async () => {
    const sentAtMs = Date.now() - 60_000;
    const signers = await Promise.all(Array.from({ length: 5 }, () => generateSigner()));
    const devices = signers.map((signer, i) => ({
      contributor: new Contributor({ server: network.url, signer }),
      device: toBase58(signer.publicKey),
      // What it asserts: a kilometre from the next one.
      cell: cellAt({ latitudeE7: 482_082_000 + i * 100_000, longitudeE7: 163_738_000 }, 12),
    }));
    const air = { region: "EU868", frequencyHz: 867_900_000, payload: "00" } as const;
    const window = { startMs: sentAtMs - 1_000, endMs: sentAtMs + 3_600_000 };
    const beacons = devices.map(({ device, cell }, i): NewTask => {
      const beacon = { ...air, device, cell, gainDdb: 0, powerDbm: 20, sentAtMs };
      return { id: `beacon ${i}`, content: { text: "A beacon." }, terms: { known: { beacon, window } } };
    });
    const market = await open({
      kind: "coverage",
      set: { edgeAcceptedMax: 1 },
      market: { policy: null, eligibility: [], reward: "0.10", overlap: { min: 4, max: 4, target: 0 } },
      task: beacons[0] as NewTask,
    });
    await requester.markets.addTasks(market, beacons.slice(1));
    const states: string[] = [];
    for (const { contributor, device, cell } of devices) {
      for (const task of beacons.keys()) {
        if (devices[task]?.device === device) continue;
        const [offer] = (await contributor.assign(market, { task })) as [Offer];
        const heard = {
          ...air,
          device,
          cell,
          gainDdb: 0,
          isFull: true,
          signalDdbm: -1_500,
          receivedAtMs: sentAtMs + 100,
        };
        const body = { answer: "heard", evidence: { receptions: { heard } } };
        const { submissions } = await contributor.submit(market, { slot: offer.slot, body });
        states.push(...submissions.map(({ state, reason }) => `${state} ${reason}`));
      }
    }
    // Each of ten pairs is heard both ways, and paid once.
    const counted = (state: string): number => states.filter((each) => each.startsWith(state)).length;
    expect([states.length, counted("accepted"), counted("rejected EDGE_CAPPED")]).toEqual([20, 10, 10]);
    const { rings } = await requester.markets.report(market);
    expect(rings).toEqual([{ devices: devices.map(({ device }) => device).sort(), reports: 10 }]);
    opened.push({ kind: "coverage", market, earned: 1_000_000n });
  }, 240_000);

  it("is found near a place, and its tasks are given back without penalty", async () => {
    const wanted = kindMarkets.find(({ kind }) => kind === "mapping") as KindMarket;
    const { id: market } = await requester.markets.create({ ...descriptionOf(wanted), title: "Streets to give back" });
    await requester.markets.fund(market, await depositInto(network.chain, wallet, requester, market, amount(deposit)));
    await requester.markets.open(market);
    await requester.markets.addTasks(market, [typeof wanted.task === "function" ? wanted.task() : wanted.task]);
    const near = await runCli(["near", market, "48.3,16.3", "--json", "--server", network.url], { folder });
    expect(near.json).toMatchObject({ ok: true, items: [{ task: 0, reward: "0.1" }] });
    expect(near.json.items[0].distanceMm).toBeGreaterThan(10_000_000);
    const contributor = new Contributor({ server: network.url, signer: await generateSigner() });
    const [offer] = (await contributor.assign(market)) as [Offer];
    expect(await contributor.giveBack(market, offer.slot)).toMatchObject({ state: "expired", reward: "0" });
    const [again] = (await contributor.assign(market)) as [Offer];
    expect(again.slot).toBe("0.1");
    opened.push({ kind: "none", market, earned: 0n });
  }, 240_000);

  it("computes a file of inputs for a requester, by programs of two owners", async () => {
    const computing = kindMarkets.find(({ kind }) => kind === "compute") as KindMarket;
    const market = await open(computing);
    const [program, inputs] = [join(folder, "sum.js"), join(folder, "numbers.txt")];
    writeFileSync(program, "const main = (input) => String([...input].reduce((sum, each) => sum + each, 0))");
    writeFileSync(inputs, "a\nbc\n\u00e9\n");
    const { secret } = await requester.apiKeys.create({ name: "compute" });
    const args = ["compute", "run", market, "--module", program, "--inputs", inputs, "--server", network.url];
    const running = runCli(args, { folder, settings: { apiKey: secret } });
    const tasks = async () => (await requester.markets.get(market)).taskCount;
    await expect.poll(tasks, wait).toBe(4);
    for (const name of ["one", "other"]) {
      const keypair = network.keypairFile(sha256(toUtf8(name)));
      const work = ["compute", "work", market, "--keypair", keypair, "--limit", "4", "--json"];
      const { stdout } = await execute(process.execPath, [binary, ...work, "--server", network.url, "--data", folder]);
      expect(JSON.parse(stdout)).toMatchObject({ ok: true, tasks: 4, skipped: 0, rejected: 0 });
    }
    const { exitCode, stdout } = await running;
    const results = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly piece: number })
      // As they come: what is drawn takes longer.
      .sort((a, b) => a.piece - b.piece);
    expect({ exitCode, results }).toEqual({
      exitCode: 0,
      results: [
        { piece: 0, output: "97" },
        { piece: 1, output: "197" },
        { piece: 2, output: "364" },
      ],
    });
    opened.push({ kind: "compute", market, earned: 8_000n });
  }, 240_000);

  it("computes a file of bytes piece by piece, and has the results put together", async () => {
    const computing = kindMarkets.find(({ kind }) => kind === "compute") as KindMarket;
    const market = await open({ ...computing, set: { recheckPpm: 1_000_000 } });
    const path = (name: string): string => join(folder, name);
    writeFileSync(path("sum.js"), "const main = (input) => Uint8Array.of(input.reduce((sum, each) => sum + each, 0))");
    writeFileSync(
      path("add.js"),
      `const main = (input) => {
         let sum = 0;
         for (let at = 0; at < input.length; at += 5) {
           if (input[at] !== 1) throw new Error("lengths come before results");
           sum += input[at + 4];
         }
         return Uint8Array.of(sum);
       }`,
    );
    writeFileSync(path("bytes.bin"), Uint8Array.from([1, 2, 3, 4, 250]));
    const { secret } = await requester.apiKeys.create({ name: "compute" });
    const programs = ["--module", path("sum.js"), "--reduce", path("add.js"), "--out", path("sum.bin")];
    const input = ["--inputs", path("bytes.bin"), "--piece-bytes", "2", "--json"];
    const args = ["compute", "run", market, ...programs, ...input, "--server", network.url];
    const running = runCli(args, { folder, settings: { apiKey: secret } });
    const tasks = async () => (await requester.markets.get(market)).taskCount;
    await expect.poll(tasks, wait).toBe(4);
    // Two who make up the same: all is drawn and computed again, and what nobody else did is asked for once more.
    await Promise.all(
      [1, 2].map(async () => {
        const liar = new Contributor({ server: network.url, signer: await generateSigner() });
        for (let task = 0; task < 4; task++) {
          const [offer] = (await vi.waitFor(() => liar.assign(market), wait)) as [Offer];
          const lie = toUtf8("a lie");
          const body = { answer: toHex(sha256(lie)), content: { result: toBase64(lie) } };
          await liar.submit(market, { slot: offer.slot, body });
        }
      }),
    );
    const done = new AbortController();
    const solver = new ComputeSolver(requester, testSandbox);
    const owners = [1, 2].map(async () => {
      const contributor = new Contributor({ server: network.url, signer: await generateSigner() });
      while (!done.signal.aborted) await computeOne(contributor, market, solver);
    });
    const { exitCode, json } = await running.finally(() => done.abort());
    await Promise.all(owners);
    expect({ exitCode, json }).toMatchObject({ exitCode: 0, json: { ok: true, pieces: 3, reductions: 1 } });
    expect([...readFileSync(path("sum.bin"))]).toEqual([(1 + 2 + 3 + 4 + 250) % 256]);
    // Three pieces and what was made of them, by two owners each.
    opened.push({ kind: "compute", market, earned: 8_000n });
  }, 240_000);

  it("is worked in by a program that finds a bug, tries it, and commits to it first", async () => {
    const bugs = kindMarkets.find(({ kind }) => kind === "bug") as KindMarket;
    const market = await open(bugs);
    writeFileSync(join(folder, "parser.js"), parser);
    writeFileSync(join(folder, "proof.bin"), Uint8Array.of(9, 1));
    const trying = ["compute", "try", join(folder, "parser.js"), join(folder, "proof.bin"), "--json"];
    const { stdout } = await execute(process.execPath, [binary, ...trying, "--data", folder]);
    const { outcome, crash } = JSON.parse(stdout);
    expect([outcome, crash.type, crash.state]).toEqual(["trapped", "Uncaught TypeError", ["copy", "main"]]);
    writeFileSync(
      join(folder, "finder.mjs"),
      `import { createInterface } from "node:readline";
       for await (const line of createInterface({ input: process.stdin })) {
         const { known } = JSON.parse(line);
         const isOurs = known.runs.proof.input.content === "proof";
         const found = { answer: "It believes the length.", content: { proof: "CQE=" } };
         const evidence = { digests: { signature: "${crash.signature}" } };
         console.log(JSON.stringify(isOurs ? { ...found, evidence } : { skip: true }));
       }`,
    );
    const keypair = network.keypairFile(sha256(toUtf8("finder")));
    const solving = ["work", market, "--solver", join(folder, "finder.mjs"), "--keypair", keypair, "--json"];
    const worked = await runCli([...solving, "--server", network.url], { folder });
    expect(worked.json).toMatchObject({ ok: true, tasks: 1, held: 1 });
    const found = async () => outcomeOf(await requester.markets.slot(market, "0.0"));
    await expect.poll(found, wait).toEqual({ state: "accepted", reward: "1" });
    opened.push({ kind: "bug", market, earned: 1_000_000n });
    // Whoever has nothing but the exported log repeats what was executed.
    await runCli(["log", market, "-o", "bug.log", "--server", network.url], { folder });
    const replaying = ["replay", join(folder, "bug.log"), "--json", "--data", folder];
    const replayed = JSON.parse((await execute(process.execPath, [binary, ...replaying])).stdout);
    expect(replayed).toMatchObject({ ok: true, executions: { differing: 0, withheld: 0, failed: 0 } });
    expect(replayed.executions.same).toBe(replayed.executions.executions);
    expect(replayed.executions.same).toBeGreaterThan(0);
  }, 240_000);

  it("pays for what both of two groups keep, and for nothing that one of them rejects", async () => {
    const comments = (from: number, count: number): NewTask[] =>
      Array.from({ length: count }, (_, i) => ({ id: `comment ${from + i}`, content: `Comment ${from + i}.` }));
    const market = await open({
      kind: "review",
      set: { groupRatingsMin: 2 },
      market: { overlap: { min: 8, max: 8, target: 0.6 } },
      task: comments(0, 1)[0] as NewTask,
    });
    const people = await Promise.all(
      Array.from({ length: 8 }, async () => new Contributor({ server: network.url, signer: await generateSigner() })),
    );
    // Every third comment is good to all; of the others, five of eight want each second one.
    const opinion = (person: number, task: number): string =>
      task % 3 === 0 || (task % 3 === 1) === person < 5 ? "keep" : "remove";
    const answer = async (contributor: Contributor, person: number): Promise<void> => {
      const offers = await contributor.assign(market, { count: 12 });
      const works = offers.map(({ slot, task: { task } }) => ({ slot, body: { answer: opinion(person, task) } }));
      await contributor.submit(market, works);
    };
    // Nobody has a group before the first of them are settled.
    await requester.markets.addTasks(market, comments(1, 11));
    await Promise.all(people.map(answer));
    await requester.markets.addTasks(market, comments(12, 6));
    await Promise.all(people.map(answer));
    const settled: { readonly task: number; readonly label: Json; readonly decided: boolean }[] = [];
    for await (const { task, label, decided } of requester.markets.results(market))
      settled.push({ task, label, decided });
    expect(settled).toHaveLength(18);
    const decided = settled.filter((each) => each.decided).map(({ task, label }) => [task, label]);
    expect(decided).toEqual([12, 15].map((task) => [task, "keep"]));
    const earned = await requester.markets.get(market);
    opened.push({ kind: "review", market, earned: parseAmount(earned.escrow.earned, 6) });
  }, 240_000);

  it("holds claims while somebody may object, and lets a panel with reserve at stake decide", async () => {
    const source = "5c".repeat(32);
    const market = await open({
      kind: "claim",
      set: { panelSeats: 3, panelAcceptedMin: 2 },
      market: {
        overlap: { min: 3, max: 3, target: 0.5 },
        appeal: { budget: "3", cost: "0.1" },
        known: { digests: { source } },
      },
      task: { id: "known", content: { text: "Water is wet." }, control: "supported" },
    });
    await requester.markets.addTasks(market, [{ id: "open", content: { text: "The bridge was closed in May." } }]);
    // Whoever wants to judge leaves as much in reserve as a seat earns.
    const answer = async (contributor: Contributor, task: number, said: string, reserve?: string): Promise<string> => {
      const [{ slot }] = (await contributor.assign(market, { task })) as [Offer];
      if (reserve !== undefined) await contributor.setReserve(market, reserve);
      await contributor.submit(market, { slot, body: { answer: said, evidence: { digests: { source } } } });
      return slot;
    };
    const people = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const contributor = new Contributor({ server: network.url, signer: await generateSigner() });
        await answer(contributor, 0, "supported", "0.2");
        return contributor;
      }),
    );
    const [first, second, third, ...panel] = people as [Contributor, Contributor, Contributor];
    const sent = [await answer(first, 1, "refuted"), await answer(second, 1, "refuted")];
    sent.push(await answer(third, 1, "supported"));
    const found = () => Promise.all(sent.map(async (slot) => outcomeOf(await requester.markets.slot(market, slot))));
    const held = { state: "held", reward: "0" };
    expect(await found()).toEqual([held, held, held]);
    expect(await first.challenges(market)).toMatchObject([
      { task: 1, label: "refuted", decided: true, stake: "0.1", challenge: null },
    ]);
    expect(await third.challenge(market, 1)).toMatchObject({ challenge: { seats: 3, votes: 0, outcome: null } });
    await expect(first.challenge(market, 1)).rejects.toMatchObject({ code: "CHALLENGE_STATE" });
    for (const each of panel) await answer(each, 1, "supported");
    const rejected = { state: "rejected", reward: "0" };
    expect(await found()).toEqual([rejected, rejected, { state: "accepted", reward: "0.2" }]);
    const settled: Json[] = [];
    for await (const { task, label } of requester.markets.results(market)) settled.push({ task, label });
    expect(settled).toEqual(expect.arrayContaining([{ task: 1, label: "supported" }]));
    const listed = await runCli(["challenges", "list", market, "--json", "--server", network.url], { folder });
    expect(listed.json).toEqual({ ok: true, items: [] });
    opened.push({ kind: "claim", market, earned: 2_000_000n });
  }, 240_000);

  it("is replayed by attestors, who sign what it paid, and proved by receipts", async () => {
    await Promise.all(opened.map(({ market }) => requester.markets.close(market)));
    const books = await Promise.all(opened.map(async ({ market }) => (await requester.markets.get(market)).escrow));
    expect(books.map(({ earned }) => parseAmount(earned, 6))).toEqual(opened.map(({ earned }) => earned));
    // Two of three have to sign, and one of the two that there are abstains from what it cannot repeat.
    const abstained = () => slow.events.flatMap((each) => (each.type === "abstained" ? [each.difference.code] : []));
    await expect.poll(abstained, wait).toContain("EXECUTION_FAILED");
    attestors.push(await network.attestor(1));
    const allocated = books.reduce((sum, { earned, fee }) => sum + parseAmount(earned, 6) + parseAmount(fee, 6), 0n);
    await expect.poll(async () => (await network.chain.rail.readPool()).pool.allocated, wait).toBe(allocated);
    const refusals = attestors.flatMap(({ events }) => events).filter(({ type }) => type === "refused");
    expect(refusals).toEqual([]);
    for (const { market } of opened) {
      const run = (...args: readonly string[]) => runCli([...args, "--json", "--server", network.url], { folder });
      await run("receipts", "export", market, "--out", "receipts.jsonl");
      await run("log", market, "--out", "log.jsonl");
      const replayed = await runCli(["replay", "log.jsonl", "--json"], { folder });
      // Whoever is neither requester nor attestor does not see where somebody was, and checks all the rest.
      expect(replayed.json).toMatchObject({ ok: true, firstDifference: null });
      const { exitCode, json } = await run("receipts", "verify", "receipts.jsonl", "--rpc", network.chain.net.rpcUrl);
      expect({ exitCode, json }, JSON.stringify(json)).toMatchObject({ exitCode: 0, json: { ok: true } });
    }
  }, 240_000);
});
