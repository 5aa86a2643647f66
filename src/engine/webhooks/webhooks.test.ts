import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { manyTasks, openMarket, signInMany, single, workThrough } from "../../../test/support/engine-world.ts";
import { useTestEngine } from "../../../test/support/used-engine.ts";
import { type Bytes32, bytes32 } from "../../core/bytes.ts";
import { randomFill } from "../../main/crypto.ts";
import { pruneMessages } from "../../store/webhooks/messages.ts";
import type { EngineContext } from "../context.ts";
import { Deliveries } from "./deliver.ts";
import { createWebhooks, type Webhooks } from "./webhooks.ts";

interface Sent {
  readonly id: string;
  readonly url: string;
  readonly body: { readonly type: string; readonly data: { readonly market: string; readonly events: Told[] } };
}
interface Told {
  readonly sequence: number;
  readonly kind: string;
  readonly id: string | null;
}

const used = useTestEngine();
const { pool, time } = used;
const kinds = ["opened", "settled", "closing"];
let sent: Sent[] = [];
let status: number | null = 200;
let webhooks: Webhooks;
let deliveries: Deliveries;

beforeEach(async () => {
  await pool().query("delete from webhooks");
  [sent, status] = [[], 200];
  const context: EngineContext = {
    ...used.context(),
    webhooks: {
      refusal: (url) => (url.includes("private") ? "is private" : null),
      send: async ({ url }, { id, body }) => {
        sent.push({ id, url, body: JSON.parse(body) });
        return { status, problem: status === null ? "nobody answers" : null };
      },
    },
  };
  webhooks = createWebhooks(context);
  deliveries = new Deliveries(context);
});
afterEach(() => deliveries.stop());

async function deliver(): Promise<readonly Sent[]> {
  sent = [];
  await deliveries.begin();
  await deliveries.idle();
  return sent;
}

const url = "https://example.com/hook";
const told = (messages: readonly Sent[]): Told[] => messages.flatMap(({ body }) => body.data.events);

/** A market in which one answer settles each task, worked through. */
async function settled(owner: Bytes32, tasks: number) {
  const { market } = await openMarket(used.engine(), {
    owner,
    deposit: 50_000_000n,
    tasks: manyTasks(tasks),
    spec: single,
  });
  const [person] = await signInMany(used.engine(), 1, used.clock);
  if (person === undefined) throw new Error("nobody signed in");
  await workThrough(person, market, () => "a");
  return market;
}

const newOwner = (): Bytes32 => bytes32(randomFill(32));

describe("webhooks", () => {
  it("tell of each entry of the kinds they want once, in order, by the requester's own ids", async () => {
    const owner = newOwner();
    const before = await settled(owner, 1);
    const { webhook, secret } = await webhooks.createWebhook(owner, { url, kinds });
    expect(secret).toHaveLength(32);
    expect(await deliver()).toEqual([]);
    const market = await settled(owner, 130);
    await used.engine().changeStatus(owner, before, "close");
    const messages = await deliver();
    const events = told(messages.filter(({ body }) => body.data.market === market));
    expect(events.filter(({ kind }) => kind === "settled").map(({ id }) => id)).toEqual(
      manyTasks(130).map(({ externalId }) => externalId),
    );
    expect(events[0]).toMatchObject({ kind: "opened", id: null });
    const sequences = events.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
    expect(messages.every(({ body }) => body.data.events.length <= 100)).toBe(true);
    expect(told(messages.filter(({ body }) => body.data.market === before)).map(({ kind }) => kind)).toEqual([
      "closing",
    ]);
    expect(await deliver()).toEqual([]);
    const { items } = await webhooks.listWebhookMessages(owner, webhook.id, null, 100);
    expect(items.map(({ id }) => id).reverse()).toEqual(messages.map(({ id }) => id));
    expect(items.every(({ takenAtMs, tries }) => takenAtMs !== null && tries[0]?.status === 200)).toBe(true);
  });

  it("tell the same once more when asked to", async () => {
    const owner = newOwner();
    const { webhook } = await webhooks.createWebhook(owner, { url, kinds });
    await settled(owner, 2);
    const [first] = await deliver();
    await webhooks.repeatWebhookMessage(owner, webhook.id, first?.id ?? "");
    expect(await deliver()).toEqual([first]);
    const [{ tries } = { tries: [] }] = (await webhooks.listWebhookMessages(owner, webhook.id, null, 1)).items;
    expect(tries).toHaveLength(2);
  });

  it("try again later and later, in order, stop in the end, and go on by one press without a gap", async () => {
    const owner = newOwner();
    const { webhook } = await webhooks.createWebhook(owner, { url, kinds });
    status = 500;
    await settled(owner, 120);
    expect(await deliver()).toHaveLength(1);
    expect(await deliver()).toEqual([]);
    const pauses: number[] = [];
    for (let tries = 1; tries < 10; tries++) {
      const [{ nextTryAtMs } = { nextTryAtMs: null }] = await webhooks.listWebhooks(owner);
      pauses.push((nextTryAtMs ?? 0) - time.now);
      time.now = nextTryAtMs ?? 0;
      expect(await deliver()).toHaveLength(1);
    }
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses[0]).toBeGreaterThanOrEqual(5_000);
    const [stopped] = await webhooks.listWebhooks(owner);
    expect(stopped).toMatchObject({ failures: 10, stoppedAtMs: time.now, nextTryAtMs: null });
    time.now += 400_000_000;
    expect(await deliver()).toEqual([]);
    status = 204;
    await webhooks.resumeWebhook(owner, webhook.id);
    expect(told(await deliver()).filter(({ kind }) => kind === "settled")).toHaveLength(120);
    expect((await webhooks.listWebhooks(owner))[0]).toMatchObject({ failures: 0, stoppedAtMs: null });
  });

  it("log why a try failed, forget old messages, and send a trial", async () => {
    const owner = newOwner();
    const { webhook } = await webhooks.createWebhook(owner, { url, kinds });
    status = null;
    await webhooks.tryWebhook(owner, webhook.id);
    expect((await deliver()).map(({ body }) => body.type)).toEqual(["trial"]);
    const messages = async () => (await webhooks.listWebhookMessages(owner, webhook.id, null, 10)).items;
    expect((await messages())[0]).toMatchObject({
      range: null,
      takenAtMs: null,
      tries: [{ status: null, problem: "nobody answers" }],
    });
    await pruneMessages(pool(), time.now + 1);
    expect(await messages()).toHaveLength(1);
    status = 200;
    await webhooks.resumeWebhook(owner, webhook.id);
    await deliver();
    await pruneMessages(pool(), time.now + 1);
    expect(await messages()).toEqual([]);
  });

  it("are their owner's alone, few, and where they may be", async () => {
    const [owner, stranger] = [newOwner(), newOwner()];
    const { webhook } = await webhooks.createWebhook(owner, { url, kinds });
    for (const ask of [
      () => webhooks.resumeWebhook(stranger, webhook.id),
      () => webhooks.tryWebhook(stranger, webhook.id),
      () => webhooks.listWebhookMessages(stranger, webhook.id, null, 1),
      () => webhooks.repeatWebhookMessage(stranger, webhook.id, "msg_1"),
      () => webhooks.repeatWebhookMessage(owner, webhook.id, "msg_1"),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: "WEBHOOK_NOT_FOUND" });
    }
    expect(await webhooks.listWebhooks(stranger)).toEqual([]);
    await webhooks.removeWebhook(stranger, webhook.id);
    expect(await webhooks.listWebhooks(owner)).toHaveLength(1);
    await settled(stranger, 1);
    expect(await deliver()).toEqual([]);
    for (const wanted of [
      { url: "https://private.example/", kinds },
      { url, kinds: ["nothing"] },
    ]) {
      await expect(webhooks.createWebhook(owner, wanted)).rejects.toMatchObject({ code: "MALFORMED_REQUEST" });
    }
    for (let more = 1; more < 20; more++) await webhooks.createWebhook(owner, { url, kinds });
    await expect(webhooks.createWebhook(owner, { url, kinds })).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    await webhooks.removeWebhook(owner, webhook.id);
    expect(await webhooks.listWebhooks(owner)).toHaveLength(19);
  });
});
