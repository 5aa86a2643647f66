import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Earnest } from "#src/client/earnest";
import { parseAmount } from "#src/core/amount";
import { toBase58, toBase64 } from "#src/core/bytes";
import { marketId } from "#src/core/market-id";
import { parseSlot } from "#src/core/slot";
import { bodyHashOf, submissionsStatement } from "#src/core/statements";
import { sha256 } from "#src/main/crypto";
import { LoadConnection } from "../load/connection.ts";
import { newKey, signIn } from "../load/keys.ts";

/** A challenge, a sign-in that takes a task with it as the SDK does it, and an answer. */
export const requestsEach = 3;

/** What a newcomer does, and how long all of it takes. */
export interface Worked {
  readonly seconds: number;
  readonly requests: number;
  /** Requests besides that the server had too much to do for; they came again. */
  readonly turnedAway: number;
  /** In base58: where they are paid. */
  readonly wallets: readonly string[];
}

/** Whoever comes while others do shares their commits; fewer would wait for the disk more often, and not for one another. */
const connections = 128;

/** So many people who were never seen before sign in, take a task, and answer it. */
export async function workAll(
  url: string,
  { domain, market, contributors }: { readonly domain: string; readonly market: string; readonly contributors: number },
): Promise<Worked> {
  const all = await Promise.all(Array.from({ length: connections }, () => LoadConnection.open(url)));
  const begun = performance.now();
  let next = 0;
  const wallets: string[] = [];
  let turnedAway = 0;
  const postOn =
    (connection: LoadConnection): Post =>
    async (path, body, token) => {
      for (const text = JSON.stringify(body); ; turnedAway++) {
        const reply = await connection.ask("POST", path, text, token ?? null);
        if (reply.status < 300) return JSON.parse(reply.body) as unknown;
        if (reply.retryAfterMs === 0) throw new Error(`POST ${path}: ${reply.status} ${reply.body}`);
        // As long as the server says, and not all at the same moment.
        await sleep(reply.retryAfterMs * (1 + Math.random()));
      }
    };
  const workOn = async (connection: LoadConnection): Promise<void> => {
    while (next++ < contributors) wallets.push(await workOnce(postOn(connection), domain, market));
  };
  await Promise.all(all.map(workOn));
  for (const connection of all) connection.close();
  return { seconds: (performance.now() - begun) / 1000, requests: requestsEach * contributors, turnedAway, wallets };
}

type Post = (path: string, body: object, token?: string) => Promise<unknown>;

async function workOnce(post: Post, domain: string, market: string): Promise<string> {
  const [wallet, session] = [newKey(), newKey()];
  const { token, offers } = await signIn((_, path, body) => post(path, body), domain, { session, wallet, market });
  const [offer] = offers ?? [];
  if (offer === undefined) throw new Error("there is no task left");
  const body = { answer: "yes", salt: toBase64(randomBytes(16)) };
  const timeMs = Date.now();
  const hashed = [{ ...parseSlot(offer.slot), body: bodyHashOf(sha256, body) }];
  const signed = toBase64(session.sign(submissionsStatement(marketId(market), timeMs, hashed)));
  const submissions = [{ slot: offer.slot, body }];
  await post(`/v1/markets/${market}/submissions`, { timeMs, signature: signed, submissions, next: 0 }, token);
  return toBase58(wallet.publicKey);
}

/** Each look adds up a table of all contributors, beside whom it waits for. */
const pollMs = 500;

/** Until all that was earned lies in token accounts. */
export async function untilPaid(client: Earnest, decimals: number): Promise<void> {
  for (;;) {
    const { earned, settled } = await client.totals();
    if (parseAmount(earned, decimals) === parseAmount(settled, decimals)) return;
    await sleep(pollMs);
  }
}
