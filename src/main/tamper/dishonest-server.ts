import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Commit, CommitOutcome } from "../../contract/commits.ts";
import { fromBase64, toBase64, toHex } from "../../core/bytes.ts";
import { encodeCommit } from "../../core/commit/commit-message.ts";
import type { MarketId } from "../../core/market-id.ts";
import type { StoredRecord } from "../../market/replay.ts";
import { type Forged, forgeCommit } from "./forge.ts";

export interface DishonestOptions {
  /** The address of the server that stands behind it. */
  readonly honest: string;
  readonly market: MarketId;
  /** The market's log as this operator would have it. */
  readonly records: readonly StoredRecord[];
  readonly onSigned: (key: string) => void;
  readonly onOutcome: (said: CommitOutcome) => void;
}

export interface DishonestServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * An operator that lies to its attestors: it shows them another log of one market, and a commit that fits it. All else is
 * what the honest server says.
 */
export async function startDishonestServer(options: DishonestOptions): Promise<DishonestServer> {
  const operator = new Operator(options);
  const server = createServer((request, response) => {
    operator.answer(request, response).catch(() => response.writeHead(502).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class Operator {
  readonly #options: DishonestOptions;
  readonly #forged = new Map<string, Forged>();

  constructor(options: DishonestOptions) {
    this.#options = options;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://operator");
    const [, digest = "", part = ""] = /^\/v1\/commits\/([0-9a-f]{64})(?:\/(\w+))?$/.exec(url.pathname) ?? [];
    const forged = this.#forged.get(digest);
    if (url.pathname === "/v1/commits") return sendJson(response, { items: await this.#commits(), next: null });
    if (forged !== undefined && part === "leaves") {
      response.writeHead(200, { "content-type": "application/octet-stream" }).end(forged.leafFile);
      return;
    }
    if (forged !== undefined && request.method === "POST") return await this.#said(request, response, part);
    if (url.pathname === `/v1/markets/${this.#options.market}/log`) return sendJson(response, await this.#log(url));
    await this.#pass(request, response, url);
  }

  /** The newest commit, if it is under way, is shown as this operator would have it. */
  async #commits(): Promise<Commit[]> {
    const { items } = (await this.#ask("/v1/commits")) as { items: Commit[] };
    const shown: Commit[] = [];
    for (const each of items) shown.push(each.state === "proposed" ? await this.#forge(each) : each);
    return shown;
  }

  async #forge(commit: Commit): Promise<Commit> {
    const { honest, market, records } = this.#options;
    const response = await fetch(`${honest}/v1/commits/${commit.digest}/leaves`);
    const file = new Uint8Array(await response.arrayBuffer());
    const forged = forgeCommit(fromBase64(commit.message), file, { market, records });
    const digest = toHex(forged.digest);
    this.#forged.set(digest, forged);
    return { ...commit, digest, message: toBase64(encodeCommit(forged.message)), signatures: [], outcomes: [] };
  }

  async #log(url: URL): Promise<unknown> {
    const from = Number(url.searchParams.get("from") ?? 1);
    const limit = Number(url.searchParams.get("limit") ?? 100);
    const page = this.#options.records.slice(from - 1, from - 1 + limit);
    const { head } = (await this.#ask(`${url.pathname}?limit=1`)) as { head: unknown };
    const records = page.map(({ encoded, attachment }, i) => ({
      sequence: from + i,
      encoded: toBase64(encoded),
      attachment: attachment === null ? null : toBase64(attachment),
    }));
    return { records, head };
  }

  async #said(request: IncomingMessage, response: ServerResponse, part: string): Promise<void> {
    const said = JSON.parse(await textOf(request)) as CommitOutcome;
    if (part === "signatures") this.#options.onSigned(said.key);
    else this.#options.onOutcome(said);
    const [newest] = await this.#commits();
    sendJson(response, newest);
  }

  async #pass(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const { honest } = this.#options;
    const method = request.method ?? "GET";
    const body = method === "GET" || method === "HEAD" ? null : await textOf(request);
    const type = request.headers["content-type"] ?? "application/json";
    const answer = await fetch(`${honest}${url.pathname}${url.search}`, {
      method,
      body,
      headers: { "content-type": type },
    });
    const { status, headers } = answer;
    response.writeHead(status, { "content-type": headers.get("content-type") ?? "application/json" });
    response.end(new Uint8Array(await answer.arrayBuffer()));
  }

  async #ask(path: string): Promise<unknown> {
    return await (await fetch(`${this.#options.honest}${path}`)).json();
  }
}

const sendJson = (response: ServerResponse, value: unknown): void => {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
};

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request) text += String(piece);
  return text;
}
