import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { depositInto } from "../../test/support/deposit-into.ts";
import { useWholeServer } from "../../test/support/whole-server.ts";
import { amount } from "../core/amount.ts";
import { toHex } from "../core/bytes.ts";
import { bodyHashOf } from "../core/statements.ts";
import { startTestRail, type TestRail } from "../rails/rail-fixture.ts";
import { Contributor, type Work } from "./contributor.ts";
import { Earnest } from "./earnest.ts";
import { generateSigner, signerFromKeyPair } from "./keys.ts";
import { sha256 } from "./sha256.ts";
import { verifyAcknowledgement } from "./verify.ts";

/** The SDK against the API over the real engine, database and chain. */

let rail: TestRail;
let server: string;
let logged: readonly unknown[];
const used = useWholeServer(async () => {
  rail = await startTestRail();
  return rail;
});

beforeAll(() => {
  ({ url: server, logged } = used());
});

/** A requester with tokens and an API key, made the way a newcomer makes one. */
async function requester(tokens: bigint) {
  const wallet = await rail.requester(tokens);
  const signedIn = await Earnest.signIn({ server, signer: await signerFromKeyPair(wallet.keyPair) });
  const { secret } = await signedIn.apiKeys.create({ name: "tests" });
  const client = new Earnest({ server, apiKey: secret });
  const pay = (market: string, value: bigint): Promise<string> =>
    depositInto(rail, wallet, client, market, amount(value));
  return { client, pay, secret, address: wallet.address };
}

const person = async (): Promise<Contributor> => new Contributor({ server, signer: await generateSigner() });
const people = (count: number): Promise<Contributor[]> => Promise.all(Array.from({ length: count }, person));

/** Takes what there is and answers it, until there is nothing more. */
async function work(contributor: Contributor, market: string, answer: (id: string) => string): Promise<number> {
  let done = 0;
  let offers = await contributor.assign(market).catch(() => []);
  for (let [offer] = offers; offer !== undefined; [offer] = offers) {
    const turn = await contributor.turn(market, { slot: offer.slot, body: { answer: answer(offer.task.id) } });
    expect(turn.submissions).toHaveLength(1);
    done++;
    offers = turn.offers;
  }
  return done;
}

describe("a market through the SDK", () => {
  it("goes from a wallet to paid answers, labels and proofs", async () => {
    const { client, pay } = await requester(10_000_000n);
    const draft = await client.markets.create({ title: "Cats", answer: { choices: ["cat", "dog"] }, reward: "0.02" });
    expect(draft).toMatchObject({ status: "draft", terms: { reward: "0.02", overlap: { min: 2, max: 5 } } });
    await client.markets.fund(draft.id, await pay(draft.id, 5_000_000n));
    expect((await client.markets.open(draft.id)).status).toBe("open");
    const tasks = Array.from({ length: 6 }, (_, i) => ({ id: `t${i}`, content: { image: `${i}.jpg` } }));
    expect(await client.markets.addTasks(draft.id, tasks)).toEqual({ first: 0, count: 6 });

    const crowd = await people(3);
    const right = (id: string): string => (id === "t0" ? "dog" : "cat");
    const done = await Promise.all(crowd.map((each) => work(each, draft.id, right)));
    // Whoever found nothing while others were at work looks again.
    for (const [i, each] of crowd.entries()) done[i] = (done[i] as number) + (await work(each, draft.id, right));
    expect(done.reduce((a, b) => a + b, 0)).toBe(18);

    const rows = [];
    for await (const row of client.markets.results(draft.id)) rows.push(row);
    expect(rows.map(({ id, label }) => [id, label])).toEqual(tasks.map(({ id }) => [id, id === "t0" ? "dog" : "cat"]));
    const { signer } = await client.network();
    for (const { receipt } of rows) expect(await verifyAcknowledgement(receipt, signer)).toBeNull();

    const [first] = crowd as [Contributor];
    const verdicts = [];
    for await (const verdict of first.verdicts({ limit: 2 })) verdicts.push(verdict);
    expect(verdicts.length).toBe(done[0]);
    const { balance } = await first.me();
    expect(Number(balance.released)).toBeCloseTo(0.02 * (done[0] as number), 9);

    const kinds = new Set<string>();
    for await (const { kind } of client.markets.events(draft.id)) {
      kinds.add(kind);
      if (kind === "settled") break;
    }
    expect([...kinds]).toEqual(expect.arrayContaining(["created", "funded", "opened", "batchAdded", "submitted"]));
    expect(logged).toEqual([]);
  });

  it("imports rows by streaming, exports them as CSV, and pages through them", async () => {
    const { client } = await requester(1n);
    const { id } = await client.markets.create({ title: "Import", answer: { choices: ["a", "b"] }, reward: "0.01" });
    const rows = async function* () {
      yield "nr,question,known\n";
      for (let i = 0; i < 2_500; i++) yield `${i},"what, ${i}?",${i % 100 === 0 ? "a" : ""}\n`;
    };
    const map = { text: "question" };
    const added = await client.markets.importTasks(id, rows(), { format: "csv", id: "nr", control: "known", map });
    expect(added).toEqual({ first: 0, count: 2_500 });
    let count = 0;
    for await (const task of client.markets.tasks(id, { limit: 1_000 })) expect(task.task).toBe(count++);
    expect(count).toBe(2_500);
    expect((await client.markets.taskById(id, "17")).content).toEqual({ text: "what, 17?" });

    const bad = client.markets.importTasks(id, "id,q\nx,1\ny,2,3\n", { format: "csv" });
    await expect(bad).rejects.toMatchObject({ code: "MALFORMED_ROWS", context: { rows: 1 } });
    expect((await client.markets.get(id)).taskCount).toBe(2_500);
    const header = await new Response(await client.markets.resultBytes(id, "csv")).text();
    expect(header).toMatch(/^id,task/);
  });

  it("repeats a request under one key without doing it twice", async () => {
    const { client } = await requester(1n);
    const wanted = { title: "Once", answer: { choices: ["a", "b"] }, reward: "0.01" };
    const [one, two] = [
      await client.markets.create(wanted, { idempotencyKey: "once" }),
      await client.markets.create(wanted, { idempotencyKey: "once" }),
    ];
    expect(two).toEqual(one);
    await expect(
      client.markets.create({ ...wanted, title: "Twice" }, { idempotencyKey: "once" }),
    ).rejects.toMatchObject({
      status: 409,
      code: "IDEMPOTENCY_MISMATCH",
    });
    const listed = [];
    for await (const market of client.markets.list({ owner: one.owner, limit: 1 })) listed.push(market.id);
    expect(listed).toEqual([one.id]);
  });

  it("refuses in the words of the catalogue, in tokens", async () => {
    const { client } = await requester(1n);
    const { client: stranger } = await requester(1n);
    const answer = { choices: ["a", "b"] };
    const { id } = await client.markets.create({ title: "Poor", answer, reward: "0.5" });
    await expect(client.markets.open(id)).rejects.toMatchObject({
      code: "ESCROW_INSUFFICIENT",
      context: { free: "0" },
    });
    await expect(stranger.markets.open(id)).rejects.toMatchObject({ code: "OWNER_MISMATCH", status: 403 });
    await expect(client.markets.get("0".repeat(32))).rejects.toMatchObject({ code: "MARKET_NOT_FOUND" });
    await expect(client.markets.fund(id, "5".repeat(88))).rejects.toMatchObject({ code: "DEPOSIT_NOT_FOUND" });
    await expect(
      client.markets.create({ title: "x", answer, reward: "1", rewardMin: "2", rewardMax: "3" }),
    ).rejects.toMatchObject({ code: "REWARD_MISMATCH", context: { reward: "1", rewardMin: "2" } });
    const twice = client.markets.create({ title: "x", answer: { choices: ["a", "a"] }, reward: "1" });
    await expect(twice).rejects.toMatchObject({ code: "MALFORMED_SPEC" });
    const far = client.markets.addTasks(id, [{ id: "a", content: 1, terms: { reward: "9" } }]);
    await expect(far).rejects.toMatchObject({ code: "REWARD_MISMATCH" });
    const unknown = client.markets.addTasks(id, [{ id: "a", content: 1, control: "c" }]);
    await expect(unknown).rejects.toMatchObject({ code: "MALFORMED_REQUEST" });
  });
});

describe("a contributor through the SDK", () => {
  async function openMarket(tasks = 3, changes: object = {}) {
    const owner = await requester(10_000_000n);
    const { id } = await owner.client.markets.create({
      title: "Work",
      answer: { choices: ["a", "b"] },
      reward: "0.02",
      overlap: { min: 3, max: 3 },
      ...changes,
    });
    await owner.client.markets.fund(id, await owner.pay(id, 5_000_000n));
    await owner.client.markets.open(id);
    const given = Array.from({ length: tasks }, (_, i) => ({ id: `t${i}`, content: i }));
    await owner.client.markets.addTasks(id, given);
    return { ...owner, market: id };
  }

  it("gets proof of what it submitted, and the same again when it submits the same", async () => {
    const { market, client } = await openMarket();
    const worker = await person();
    const [offer] = await worker.assign(market, { taskId: "t1" });
    expect(offer).toMatchObject({ reward: "0.02", task: { id: "t1", content: 1 } });
    const answer = { slot: offer?.slot as string, body: { answer: "a" } };
    const first = await worker.submit(market, answer);
    const again = await worker.submit(market, answer);
    expect(again.submissions).toEqual(first.submissions);
    const { signer } = await client.network();
    for (const { acknowledgement } of [first, again]) {
      expect(await verifyAcknowledgement(acknowledgement, signer)).toBeNull();
    }
    const [other] = [worker.submit(market, { ...answer, body: { answer: "b" } })];
    await expect(other).rejects.toMatchObject({ code: "ANSWER_MISMATCH" });
    await expect(worker.assign(market, { task: 1 })).rejects.toMatchObject({ code: "DUPLICATE_ANSWER" });
  });

  it("hides its answers from whoever reads the log, and is known again after a restart", async () => {
    const { market, client } = await openMarket();
    const wallets = await Promise.all([generateSigner(), generateSigner()]);
    const crowd = wallets.map((signer) => new Contributor({ server, signer }));
    const sent = await Promise.all(
      crowd.map(async (each) => {
        const [offer] = await each.assign(market, { taskId: "t0" });
        const given = { slot: offer?.slot as string, body: { answer: "a" } };
        const turn = await each.submit(market, given);
        const [{ body }] = (await each.salted(market, [given])) as [Work];
        return { given, turn, bodyHash: toHex(bodyHashOf(sha256, body)) };
      }),
    );
    const unpaid = await unpaidHashes(client, market, sent.length);
    expect(unpaid.toSorted()).toEqual(sent.map(({ bodyHash }) => bodyHash).toSorted());
    const tried = ["a", "b"].map((answer) => toHex(bodyHashOf(sha256, { answer })));
    expect(new Set([...unpaid, ...tried]).size).toBe(4);
    for (const [i, signer] of wallets.entries()) {
      const { given, turn } = sent[i] as (typeof sent)[number];
      const again = await new Contributor({ server, signer }).submit(market, given);
      expect(again.submissions).toEqual(turn.submissions);
    }
  });

  it("signs at checkpoints: what it earned is released when it signs out, in whatever order the answers came", async () => {
    const { market } = await openMarket();
    const signer = await generateSigner();
    const agent = new Contributor({ server, signer, isCheckpointed: true });
    const slots = (await agent.assign(market, { count: 3 })).map(({ slot }) => slot);
    await Promise.all(slots.map((slot) => agent.submit(market, { slot, body: { answer: "a" } })));
    const others = await people(2);
    for (const other of others) expect(await work(other, market, () => "a")).toBeGreaterThanOrEqual(3);
    const before = await agent.me();
    expect(Number(before.balance.held)).toBeGreaterThan(0);
    expect(before.balance.released).toBe("0");
    await agent.signOut();
    const after = await new Contributor({ server, signer }).me();
    expect(after.balance).toMatchObject({ released: before.balance.held, held: "0" });
  });

  it("is refused a salt that is none, and needs none", async () => {
    const { market } = await openMarket();
    const worker = await person();
    const [offer] = await worker.assign(market);
    const slot = offer?.slot as string;
    for (const salt of ["", "short", "5".repeat(65), 7, null]) {
      await expect(worker.submit(market, { slot, body: { answer: "a", salt } })).rejects.toMatchObject({
        code: "MALFORMED_ANSWER",
      });
    }
    const { submissions } = await worker.submit(market, { slot, body: { answer: "a", salt: "5".repeat(16) } });
    expect(submissions[0]?.state).toBe("held");
  });

  it("submits many under one signature", async () => {
    const { market } = await openMarket(20);
    const worker = await person();
    const offers = await worker.assign(market, { count: 20 });
    const turn = await worker.submit(
      market,
      offers.map(({ slot }) => ({ slot, body: { answer: "a" } })),
    );
    expect(turn.submissions.map(({ state }) => state)).toEqual(offers.map(() => "held"));
  });

  it("signs in again when its session has ended, in the middle of its work", async () => {
    const { market } = await openMarket();
    const worker = await person();
    const [offer] = await worker.assign(market);
    const { token } = await worker.signIn();
    const direct = await fetch(`${server}/v1/sessions/current`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${token}` },
    });
    expect(direct.status).toBe(204);
    const turn = await worker.turn(market, { slot: offer?.slot as string, body: { answer: "a" } });
    expect(turn.submissions[0]?.state).toBe("held");
    expect((await worker.signIn()).token).not.toBe(token);
  });

  it("sends an answer again in a new slot when the first one expired on the way", async () => {
    const { market } = await openMarket(1, { leaseSeconds: 1 });
    const worker = await person();
    const [offer] = await worker.assign(market);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const turn = await worker.submit(market, { slot: offer?.slot as string, body: { answer: "a" } });
    expect(turn.submissions[0]?.slot).not.toBe(offer?.slot);
    expect(turn.submissions[0]?.state).toBe("held");
  });

  it("is refused what is not its own, or not an answer", async () => {
    const { market, secret } = await openMarket();
    const [worker, other] = (await people(2)) as [Contributor, Contributor];
    const [offer] = await worker.assign(market);
    const slot = offer?.slot as string;
    await expect(other.submit(market, { slot, body: { answer: "a" } })).rejects.toMatchObject({
      code: "OWNER_MISMATCH",
    });
    await expect(worker.submit(market, { slot, body: { answer: "c" } })).rejects.toMatchObject({
      code: "MALFORMED_ANSWER",
    });
    const withKey = await fetch(`${server}/v1/markets/${market}/assignments`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: "{}",
    });
    expect(withKey.status).toBe(401);
    expect((await worker.slot(market, slot)).state).toBe("assigned");
  });
});

/** The body hashes of a market's submissions as anybody reads them, of which none has a verdict. */
async function unpaidHashes(client: Earnest, market: string, count: number): Promise<string[]> {
  const hashes: string[] = [];
  for await (const { kind, data } of client.markets.events(market)) {
    expect(["judged", "settled"]).not.toContain(kind);
    if (kind === "submitted") hashes.push((data as unknown as { readonly body: string }).body);
    if (hashes.length === count) break;
  }
  return hashes;
}

describe("asking people", () => {
  it("prints what they say: the sample in examples/ does", async () => {
    const owner = await requester(20_000_000n);
    const balance = await owner.client.balance();
    expect((await owner.client.balance()).id).toBe(balance.id);
    await owner.client.markets.fund(balance.id, await owner.pay(balance.id, 10_000_000n));
    await owner.client.markets.open(balance.id);

    const example = fileURLToPath(new URL("../../examples/ask.mjs", import.meta.url));
    const env = { ...process.env, EARNEST_SERVER: server, EARNEST_API_KEY: owner.secret };
    const running = promisify(execFile)(process.execPath, [example], { env });
    const crowd = await people(3);
    await Promise.all(crowd.map((each) => answerWhenAsked(each, balance.id, "A")));
    const { stdout } = await running;
    expect(stdout.split("\n")[0]).toMatch(/^posted/);
    expect(stdout.match(/^assigned \d+\.\d+$/gm)).toHaveLength(3);
    expect(stdout.match(/^answered \d+\.\d+$/gm)).toHaveLength(3);
    expect(stdout).toMatch(/^A \(confidence 0\.\d+, cost 0\.15\) \{ A: 3 \}$/m);
  });

  it("refuses who has no balance, and says so", async () => {
    const { client } = await requester(1n);
    const asking = client.ask({ question: "Is it?", reward: "0.05" }).answer();
    await expect(asking).rejects.toMatchObject({ code: "ESCROW_INSUFFICIENT", status: 402 });
  });
});

async function answerWhenAsked(contributor: Contributor, market: string, answer: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const offers = await contributor.assign(market).catch(() => []);
    const [offer] = offers;
    if (offer !== undefined) {
      await contributor.submit(market, { slot: offer.slot, body: { answer } });
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("nobody asked");
}

describe("a server that is asked for more than it can do", () => {
  it("turns away what would wait too long, serves the rest, and is there again at once", async () => {
    const { client, secret } = await requester(1n);
    const given = { title: "Much", answer: { choices: ["a", "b"] }, reward: "1" };
    const draft = async () => (await client.markets.create(given)).id;
    const [market, other] = [await draft(), await draft()];
    const add = (to: string, id: string): Promise<Response> =>
      fetch(`${server}/v1/markets/${to}/tasks`, {
        method: "POST",
        headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
        body: JSON.stringify({ tasks: [{ id, content: 0 }] }),
      });
    const lock = await used().pool.connect();
    await lock.query("begin");
    await lock.query("select from lanes where market = decode($1, 'hex') for update", [market]);
    const early: number[] = [];
    const sent = Array.from({ length: 300 }, async (_, i) => {
      const response = await add(market, `t${i}`);
      if (response.status === 429) early.push(i);
      return response;
    });
    // Nobody who was let in is answered while the lane is held; all others are, and so is everybody elsewhere. Before
    // anything was measured or turned away, three quarters more than 64 are let in.
    await expect.poll(() => early.length).toBeGreaterThanOrEqual(300 - 112);
    const turnedAway = await (sent[early[0] as number] as Promise<Response>);
    expect(Number(turnedAway.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(await turnedAway.json()).toMatchObject({ code: "RATE_EXCEEDED", status: 429 });
    expect((await add(other, "t")).ok).toBe(true);
    expect((await fetch(`${server}/healthz`)).status).toBe(200);
    const throughClient = client.markets.addTasks(market, [{ id: "patient", content: 1 }]);
    await lock.query("rollback");
    lock.release();
    const statuses = await Promise.all(sent.map(async (each) => (await each).status));
    const served = statuses.filter((status) => status < 300).length;
    expect([served > 0, served + early.length]).toEqual([true, 300]);
    expect((await add(market, "after")).ok).toBe(true);
    await throughClient;
    expect((await client.markets.get(market)).taskCount).toBe(served + 2);
    const metrics = await (await fetch(`${server}/metrics`)).text();
    const counted = /earnest_http_turned_away_total\{operation="addTasks"\} (\d+)/.exec(metrics)?.[1];
    expect(Number(counted)).toBeGreaterThanOrEqual(early.length);
  });
});
