import { beforeAll, describe, expect, it } from "vitest";
import { offlineRail } from "../../test/support/engine-world.ts";
import { useWholeServer } from "../../test/support/whole-server.ts";
import { bytes32, fromBase58 } from "../core/bytes.ts";
import { marketId } from "../core/market-id.ts";
import type { Engine } from "../engine/engine.ts";
import { Contributor } from "./contributor.ts";
import { Earnest } from "./earnest.ts";
import { generateSigner } from "./keys.ts";

/** Qualification tests and retired controls through SDK, API, engine and database. */

let engine: Engine;
let server: string;
const used = useWholeServer(async () => ({ rail: offlineRail, close: async () => undefined }));

beforeAll(() => {
  ({ engine, url: server } = used());
});

const person = async (): Promise<Contributor> => new Contributor({ server, signer: await generateSigner() });

async function openMarket() {
  const signer = await generateSigner();
  const signedIn = await Earnest.signIn({ server, signer });
  const { secret } = await signedIn.apiKeys.create({ name: "tests" });
  const client = new Earnest({ server, apiKey: secret });
  const { id, owner } = await client.markets.create({
    title: "Reading",
    answer: { choices: ["a", "b"] },
    reward: "0.02",
    eligibility: [{ type: "qualification", name: "reading", min: 500_000 }],
  });
  await engine.fundMarket(bytes32(fromBase58(owner)), marketId(id), `${id}:5000000:x`);
  await client.markets.open(id);
  await client.markets.addTasks(id, [
    { id: "t0", content: "?", control: "a" },
    { id: "t1", content: "?" },
  ]);
  return { client, market: id, secret };
}

const wanted = {
  questions: [
    { content: "2 + 2?", choices: ["3", "4"], answer: "4" },
    { content: { text: "Which is a cat?" }, choices: ["dog", "cat"], answer: "cat" },
  ],
  passingShare: 1,
  validDays: 30,
};

describe("a qualification test", () => {
  it("is put, read without answers, taken once, and opens the market's tasks", async () => {
    const { client, market } = await openMarket();
    const put = await client.markets.putTest(market, "reading", wanted);
    expect(put).toMatchObject({ name: "reading", passingShare: 1, validDays: 30 });
    expect(JSON.stringify(put)).not.toContain("answer");
    const contributor = await person();
    await expect(contributor.assign(market)).rejects.toMatchObject({ code: "NOT_ELIGIBLE" });
    expect(await contributor.tests(market)).toEqual([put]);
    const score = await contributor.takeTest(market, "reading", ["4", "dog"]);
    expect(score).toMatchObject({ score: 0.5, value: 500_000, passed: false });
    expect(score.expiresAtMs).toBeGreaterThan(Date.now() + 29 * 86_400_000);
    await expect(contributor.takeTest(market, "reading", ["4", "cat"])).rejects.toMatchObject({ code: "TEST_STATE" });
    expect(await contributor.assign(market)).toHaveLength(1);
    const poor = await person();
    await poor.takeTest(market, "reading", ["3", "dog"]);
    await expect(poor.assign(market)).rejects.toMatchObject({ code: "NOT_ELIGIBLE" });
  });

  it("is one of the operations over plain HTTP, with their errors", async () => {
    const { client, market, secret } = await openMarket();
    const url = `${server}/v1/markets/${market}/tests/reading`;
    const call = async (method: string, at: string, body?: unknown, token = secret) => {
      const response = await fetch(at, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as { code?: string } };
    };
    expect(await call("GET", url)).toMatchObject({ status: 404, body: { code: "TEST_NOT_FOUND" } });
    expect(await call("PUT", url, { ...wanted, validDays: 0 })).toMatchObject({ status: 400 });
    expect(await call("PUT", url, { ...wanted, colour: "red" })).toMatchObject({ status: 400 });
    const noChoice = { ...wanted, questions: [{ content: 1, choices: ["a", "b"], answer: "c" }] };
    expect(await call("PUT", url, noChoice)).toMatchObject({ status: 400, body: { code: "MALFORMED_REQUEST" } });
    expect(await call("PUT", url, wanted)).toMatchObject({ status: 200 });
    expect(await call("PUT", url, wanted)).toMatchObject({ status: 200 });
    expect((await client.markets.tests(market)).length).toBe(1);
    const stranger = await openMarket();
    expect(await call("PUT", url, wanted, stranger.secret)).toMatchObject({ status: 403 });
    // A key of a requester takes no tests.
    expect((await call("POST", `${url}/attempts`, { answers: ["4", "cat"] })).status).toBe(401);
  });

  it("answers an attempt that is repeated under its key with the same score", async () => {
    const { client, market } = await openMarket();
    await client.markets.putTest(market, "reading", wanted);
    const contributor = await person();
    const { token } = await contributor.signIn();
    const attempt = async (answers: readonly string[]) => {
      const response = await fetch(`${server}/v1/markets/${market}/tests/reading/attempts`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": "k1" },
        body: JSON.stringify({ answers }),
      });
      return { status: response.status, body: (await response.json()) as { code?: string; score?: number } };
    };
    const first = await attempt(["4", "cat"]);
    expect(first).toMatchObject({ status: 200, body: { score: 1, passed: true } });
    expect(await attempt(["4", "cat"])).toEqual(first);
    expect(await attempt(["3", "cat"])).toMatchObject({ status: 409, body: { code: "IDEMPOTENCY_MISMATCH" } });
  });
});

describe("retired controls", () => {
  it("are told as events, with the answer", async () => {
    const { client, market } = await openMarket();
    expect(await client.markets.retireControls(market)).toEqual({ retired: 1, left: 0 });
    for await (const event of client.markets.events(market, { after: 0 })) {
      if (event.kind !== "controlRetired") continue;
      expect(event).toMatchObject({ task: 0, data: { answer: 0 } });
      break;
    }
  });
});
