import { createHash } from "node:crypto";
import Fastify, { type FastifyInstance } from "fastify";
import pg from "pg";
import { canonicalJson, type Json } from "#src/core/json";
import { type MarketId, marketIdToBytes } from "#src/core/market-id";
import { formatSlot, parseSlot, type Slot } from "#src/core/slot";
import { bodyHashOf, submissionsStatement } from "#src/core/statements";
import { sha256, verifyEd25519 } from "#src/main/crypto";
import { type StatementName, statements } from "./statements.ts";

interface TurnBody {
  readonly timeMs: number;
  readonly signature: string;
  readonly submissions: readonly { readonly slot: string; readonly body: Json }[];
  readonly next: number;
}

/** A refusal, which undoes the request's transaction. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const skewMsMax = 5 * 60_000;
const sweepMs = 1_000;
const connectionsMax = 32;

/**
 * The service that most teams would write, and well: one transaction a request, row locks, prepared statements, an index
 * for every question. It promises what Earnest promises of a turn: the session and the signature of each request are
 * checked, an owner answers a task once, overlap is never exceeded, the money of an open slot is set aside before it is
 * given, three answers decide by majority, verdict and payment are durable before the answer is sent, and a retry gets
 * what the first request got. It keeps no log, proves nothing to anybody and learns nothing of its contributors.
 */
export function createNaive(databaseUrl: string): FastifyInstance {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: connectionsMax });
  pool.on("error", (error) => console.error(error.message));
  const app = Fastify({ logger: false });
  const sweeper = setInterval(() => {
    pool.query({ name: "expire", text: statements.expire }).catch((error: unknown) => console.error(error));
  }, sweepMs);
  app.setErrorHandler((error, _request, reply) => {
    // A check on the market's money: there is not enough for another slot.
    const isShort = (error as { readonly code?: string }).code === "23514";
    const status = error instanceof Refusal ? error.status : isShort ? 409 : 500;
    if (status === 500) console.error(error);
    reply.code(status).send({ problem: (error as Error).message });
  });
  app.post<{ Params: { market: MarketId } }>("/v1/markets/:market/assignments", async ({ params, headers }) => {
    const offer = await inTransaction(pool, async (dbTx) => {
      const { contributor } = await sessionOf(dbTx, headers.authorization);
      const key = marketIdToBytes(params.market);
      const { price } = await priceOf(dbTx, key);
      const taken = await assign(dbTx, key, contributor);
      if (taken !== null) await run(dbTx, "book", [key, -price, price, 0n, 0n]);
      return taken;
    });
    return { offers: offer === null ? [] : [offer] };
  });
  app.post<{ Params: { market: MarketId }; Body: TurnBody }>(
    "/v1/markets/:market/submissions",
    async ({ params, headers, body }) => await inTransaction(pool, (dbTx) => turn(dbTx, params.market, headers, body)),
  );
  app.addHook("onClose", async () => {
    clearInterval(sweeper);
    await pool.end();
  });
  return app;
}

async function inTransaction<T>(pool: pg.Pool, work: (dbTx: pg.PoolClient) => Promise<T>): Promise<T> {
  const dbTx = await pool.connect();
  try {
    await dbTx.query("begin");
    const result = await work(dbTx);
    await dbTx.query("commit");
    return result;
  } catch (error) {
    await dbTx.query("rollback");
    throw error;
  } finally {
    dbTx.release();
  }
}

type Row = Record<string, never>;

async function run<R extends object = Row>(dbTx: pg.PoolClient, name: StatementName, values: unknown[]): Promise<R[]> {
  return (await dbTx.query({ name, text: statements[name], values })).rows as R[];
}

async function turn(
  dbTx: pg.PoolClient,
  market: MarketId,
  headers: { readonly authorization?: string | undefined },
  { timeMs, signature, submissions, next }: TurnBody,
) {
  const session = await sessionOf(dbTx, headers.authorization);
  const answers = submissions.map(({ slot, body }) => ({
    slot: parseSlot(slot),
    body: canonicalJson(body),
    answer: (body as { readonly answer: string }).answer,
    hash: bodyHashOf(sha256, body),
  }));
  if (Math.abs(timeMs - Date.now()) > skewMsMax) throw new Refusal(400, "the time is another");
  const hashed = answers.map(({ slot, hash }) => ({ ...slot, body: hash }));
  const signed = Buffer.from(signature, "base64");
  if (!verifyEd25519(session.key, submissionsStatement(market, timeMs, hashed), signed))
    throw new Refusal(401, "the signature does not fit");
  const key = marketIdToBytes(market);
  const { reward, fee, price, overlap } = await priceOf(dbTx, key);
  const books = { free: 0n, held: 0n, earned: 0n, fees: 0n };
  const credits = new Map<number, bigint>();
  // In one order in every transaction, so that no two wait for each other.
  const sorted = answers.toSorted((a, b) => a.slot.task - b.slot.task);
  const repeated: boolean[] = [];
  for (const { slot, body, hash } of sorted) {
    repeated.push(await submit(dbTx, key, session.contributor, slot, { body, hash, signature: signed }));
  }
  const isRetry = repeated.every((each) => each);
  if (!isRetry && repeated.includes(true)) throw new Refusal(409, "some of the answers were given before");
  for (const { slot } of isRetry ? [] : sorted) {
    const paid = await settle(dbTx, key, slot.task, overlap, reward);
    if (paid === null) continue;
    books.held -= price * BigInt(overlap);
    books.earned += reward * BigInt(paid.length);
    books.fees += fee * BigInt(paid.length);
    books.free += price * BigInt(overlap - paid.length);
    for (const contributor of paid) credits.set(contributor, (credits.get(contributor) ?? 0n) + reward);
  }
  if (credits.size > 0) {
    const contributors = [...credits.keys()].sort((a, b) => a - b);
    await run(dbTx, "credit", [contributors, contributors.map((each) => credits.get(each))]);
  }
  const states: object[] = [];
  for (const { slot } of answers) {
    const [outcome] = await run(dbTx, "outcome", [key, slot.task, slot.ordinal]);
    states.push({ slot: formatSlot(slot), ...outcome });
  }
  if (isRetry) return { submissions: states, offers: await openOf(dbTx, key, session.contributor) };
  const offers: object[] = [];
  while (offers.length < next) {
    const offer = await assign(dbTx, key, session.contributor);
    if (offer === null) break;
    offers.push(offer);
    books.free -= price;
    books.held += price;
  }
  // The market's row last: everybody wants it.
  await run(dbTx, "book", [key, books.free, books.held, books.earned, books.fees]);
  return { submissions: states, offers };
}

async function sessionOf(dbTx: pg.PoolClient, authorization: string | undefined) {
  const hash = createHash("sha256")
    .update(authorization?.replace("Bearer ", "") ?? "")
    .digest();
  const [row] = await run<{ contributor: number; session_key: Buffer }>(dbTx, "session", [hash]);
  if (row === undefined) throw new Refusal(401, "there is no such session");
  return { contributor: row.contributor, key: row.session_key };
}

async function priceOf(dbTx: pg.PoolClient, key: Uint8Array) {
  const [row] = await run<{ reward: string; fee: string; overlap: number }>(dbTx, "market", [key]);
  if (row === undefined) throw new Refusal(404, "there is no such market");
  const [reward, fee] = [BigInt(row.reward), BigInt(row.fee)];
  return { reward, fee, price: reward + fee, overlap: row.overlap };
}

/** Records an answer. @returns whether it was there before */
async function submit(
  dbTx: pg.PoolClient,
  key: Uint8Array,
  contributor: number,
  { task, ordinal }: Slot,
  { body, hash, signature }: { readonly body: string; readonly hash: Uint8Array; readonly signature: Uint8Array },
): Promise<boolean> {
  const locked = await run(dbTx, "lockTask", [key, task]);
  const [slot] = await run<{ contributor: number; state: string; body_hash: Buffer | null; is_late: boolean }>(
    dbTx,
    "slot",
    [key, task, ordinal],
  );
  if (locked.length === 0 || slot?.contributor !== contributor) throw new Refusal(404, "there is no such slot");
  if (slot.body_hash !== null) {
    if (slot.body_hash.equals(hash)) return true;
    throw new Refusal(409, "another answer was given");
  }
  if (slot.state !== "assigned" || slot.is_late) throw new Refusal(409, "the slot has expired");
  await run(dbTx, "answer", [key, task, ordinal, body, hash, signature]);
  return false;
}

/** Judges where the last answer is there. @returns who is paid, or null */
async function settle(dbTx: pg.PoolClient, key: Uint8Array, task: number, overlap: number, reward: bigint) {
  const held = await run<{ ordinal: number; contributor: number; body: string }>(dbTx, "held", [key, task]);
  if (held.length < overlap) return null;
  const answers = held.map(({ body }) => (JSON.parse(body) as { answer: string }).answer);
  const count = (answer: string): number => answers.filter((each) => each === answer).length;
  const label = answers.toSorted((a, b) => count(b) - count(a) || (a < b ? -1 : 1))[0] as string;
  // Where nobody agrees with anybody nobody is punished.
  const isDecided = count(label) * 2 > answers.length;
  const paid = held.filter((_, i) => !isDecided || answers[i] === label);
  const ordinals = paid.map(({ ordinal }) => ordinal);
  const contributors = paid.map(({ contributor }) => contributor);
  await run(dbTx, "label", [key, task, label]);
  await run(dbTx, "judge", [key, task, ordinals, reward]);
  await run(dbTx, "transfer", [key, task, ordinals, contributors, reward]);
  return contributors;
}

async function assign(dbTx: pg.PoolClient, key: Uint8Array, contributor: number): Promise<object | null> {
  const [task] = await run<{ task: number; content: string }>(dbTx, "next", [key, contributor]);
  if (task === undefined) return null;
  await run(dbTx, "take", [key, task.task]);
  const [slot] = await run<{ ordinal: number; expires_at: Date }>(dbTx, "assign", [key, task.task, contributor]);
  if (slot === undefined) throw new Refusal(404, "there is no such market");
  return offerView({ ...task, ...slot });
}

async function openOf(dbTx: pg.PoolClient, key: Uint8Array, contributor: number): Promise<object[]> {
  return (await run<Open>(dbTx, "open", [key, contributor])).map(offerView);
}

interface Open {
  readonly task: number;
  readonly ordinal: number;
  readonly content: string;
  readonly expires_at: Date;
}

const offerView = ({ task, ordinal, content, expires_at }: Open): object => ({
  slot: formatSlot({ task, ordinal }),
  expiresAtMs: expires_at.getTime(),
  task: { task, content: JSON.parse(content) as Json },
});
