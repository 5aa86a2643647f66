import { randomBytes } from "node:crypto";
import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { toBase58, toBase64 } from "#src/core/bytes";
import { marketId } from "#src/core/market-id";
import { parseSlot } from "#src/core/slot";
import { bodyHashOf, submissionsStatement } from "#src/core/statements";
import { sha256 } from "#src/main/crypto";
import { newKey, signIn } from "../load/keys.ts";

/** What a newcomer does, and how long all of it takes: four requests. */
export interface Worked {
  readonly seconds: number;
  readonly requests: number;
  /** In base58: where they are paid. */
  readonly wallets: readonly string[];
}

const connections = 64;

/** So many people who were never seen before sign in, take a task, and answer it. */
export async function workAll(url: string, market: string, contributors: number): Promise<Worked> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const ask = asking(agent, new URL(url));
  const { domain } = (await ask("GET", "/v1/network")) as { domain: string };
  const begun = performance.now();
  let next = 0;
  const wallets: string[] = [];
  const lane = async (): Promise<void> => {
    while (next++ < contributors) wallets.push(await workOnce(ask, domain, market));
  };
  await Promise.all(Array.from({ length: connections }, lane));
  agent.destroy();
  return { seconds: (performance.now() - begun) / 1000, requests: 4 * contributors, wallets };
}

type Ask = (method: string, path: string, body?: object, token?: string) => Promise<unknown>;

async function workOnce(ask: Ask, domain: string, market: string): Promise<string> {
  const [wallet, session] = [newKey(), newKey()];
  const token = await signIn(ask, domain, session, wallet);
  const path = `/v1/markets/${market}`;
  const { offers } = (await ask("POST", `${path}/assignments`, {}, token)) as { offers: { slot: string }[] };
  const [offer] = offers;
  if (offer === undefined) throw new Error("there is no task left");
  const body = { answer: "yes", salt: toBase64(randomBytes(16)) };
  const timeMs = Date.now();
  const hashed = [{ ...parseSlot(offer.slot), body: bodyHashOf(sha256, body) }];
  const signed = toBase64(session.sign(submissionsStatement(marketId(market), timeMs, hashed)));
  const submissions = [{ slot: offer.slot, body }];
  await ask("POST", `${path}/submissions`, { timeMs, signature: signed, submissions, next: 0 }, token);
  return toBase58(wallet.publicKey);
}

/** As long as a server that has much to do asks for, and not all at the same moment. */
const afterPause = ({ headers }: IncomingMessage): Promise<void> =>
  sleep(Number(headers["retry-after"]) * 1_000 * (1 + Math.random()));

const asking = (agent: Agent, { hostname, port }: URL): Ask => {
  const askOnce: Ask = (method, path, body, token) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? "" : JSON.stringify(body);
      const headers = {
        ...(body !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      };
      const asked = request({ agent, hostname, port, method, path, headers }, (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("end", () => {
          const answer = Buffer.concat(pieces).toString();
          if (response.statusCode === 429) resolve(afterPause(response).then(() => askOnce(method, path, body, token)));
          else if (response.statusCode !== undefined && response.statusCode < 300) resolve(JSON.parse(answer));
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${answer}`));
        });
      });
      asked.on("error", reject);
      asked.end(text);
    });
  return askOnce;
};
