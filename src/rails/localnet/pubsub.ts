import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { accountFormat, accountJson } from "./account-json.ts";
import type { Chain, Committed } from "./chain.ts";
import { errorReply, readCall } from "./dispatcher.ts";
import { withContext } from "./methods.ts";
import { checkedAddress, isObject, Params } from "./params.ts";
import { invalidParams, RpcError, rpcCodes } from "./rpc-error.ts";
import { slotMs } from "./slots.ts";
import { readJson, type WireJson, writeJson } from "./wire-json.ts";

/** What a subscriber may leave unread before it is cut off. */
const backlogBytesMax = 16 << 20;
const messageBytesMax = 64 << 10;
const subscriptionsMax = 10_000;

interface Wanted {
  readonly kind: "slot" | "root" | "signature" | "account" | "program" | "logs";
  /** What it waits for; a commit looks only at the subscriptions it concerns. */
  readonly key: string;
  readonly values: (committed: Committed) => readonly WireJson[];
}

interface Subscription extends Wanted {
  readonly id: number;
  readonly socket: WebSocket;
}

/** Solana's subscriptions. Nothing runs while nobody subscribes to slots. */
export class PubSub {
  readonly #chain: Chain;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax });
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #waiting = new Map<string, Set<Subscription>>();
  #timer: NodeJS.Timeout | null = null;
  #lastSlot = 0;
  #nextId = 1;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  attach(server: Server): void {
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket));
    });
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  #accept(socket: WebSocket): void {
    const own = new Set<number>();
    socket.on("message", (data, binary) => {
      // Clients keep the connection alive with a call named "ping" that has no id.
      if (!binary) this.#receive(socket, own, (data as Buffer).toString());
    });
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      for (const id of own) this.#remove(id);
    });
  }

  #receive(socket: WebSocket, own: Set<number>, text: string): void {
    let id: WireJson | undefined = null;
    try {
      const call = readCall(parse(text));
      id = call.id;
      if (id === undefined) return;
      if (call.method.endsWith("Unsubscribe")) {
        send(socket, { jsonrpc: "2.0", id, result: this.#unsubscribe(own, call.params[0]) });
        return;
      }
      const subscription = this.#subscribe(socket, own, call.method, new Params(call.params));
      send(socket, { jsonrpc: "2.0", id, result: subscription.id });
      if (subscription.kind === "signature") this.#notifyIfKnown(subscription);
    } catch (error) {
      send(socket, errorReply(id ?? null, error));
    }
  }

  #unsubscribe(own: Set<number>, id: WireJson | undefined): true {
    if (typeof id !== "number" || !own.delete(id)) throw invalidParams("Invalid subscription id.");
    this.#remove(id);
    return true;
  }

  #subscribe(socket: WebSocket, own: Set<number>, method: string, params: Params): Subscription {
    const make = Object.hasOwn(subscribers, method) ? subscribers[method] : undefined;
    if (make === undefined) throw new RpcError(rpcCodes.methodNotFound, "Method not found");
    if (own.size >= subscriptionsMax) throw invalidParams("too many subscriptions");
    const subscription: Subscription = { id: this.#nextId++, socket, ...make(this.#chain, params) };
    own.add(subscription.id);
    this.#add(subscription);
    return subscription;
  }

  #add(subscription: Subscription): void {
    const { id, key } = subscription;
    this.#subscriptions.set(id, subscription);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, new Set([subscription]));
    else waiting.add(subscription);
    if (key !== "slot" || this.#timer !== null) return;
    this.#lastSlot = this.#chain.now().slot;
    this.#timer = setInterval(() => this.#announceSlot(), slotMs);
    this.#timer.unref();
  }

  #remove(id: number): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined) return;
    const { key } = subscription;
    this.#subscriptions.delete(id);
    const waiting = this.#waiting.get(key);
    waiting?.delete(subscription);
    if (waiting?.size !== 0) return;
    this.#waiting.delete(key);
    if (key === "slot" && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  #announceSlot(): void {
    const { slot } = this.#chain.now();
    if (slot === this.#lastSlot) return;
    const parent = this.#lastSlot;
    this.#lastSlot = slot;
    for (const each of this.#waiting.get("slot") ?? []) {
      notification(each, each.kind === "root" ? slot : { slot, parent, root: slot });
    }
  }

  /** Called with every transaction, after it is on disk. */
  publish(committed: Committed): void {
    const keys = new Set([
      `signature ${committed.entry.signature}`,
      "logs",
      ...committed.addresses.map((address) => `logs ${address}`),
      ...committed.changes.map(({ address }) => `account ${address}`),
      ...committed.changes.map(({ account }) => `program ${account?.owner}`),
    ]);
    for (const key of keys) {
      for (const subscription of this.#waiting.get(key) ?? []) {
        for (const value of subscription.values(committed)) notification(subscription, value);
        if (subscription.kind === "signature") this.#remove(subscription.id);
      }
    }
  }

  /** The transaction may be final before the client comes to subscribe. */
  #notifyIfKnown(subscription: Subscription): void {
    const entry = this.#chain.history.find(subscription.key.slice("signature ".length), false);
    if (entry === null) return;
    this.#chain.durable().then(
      () => {
        if (!this.#subscriptions.has(subscription.id)) return;
        notification(subscription, withContext(this.#chain, { err: readJson(entry.error) }));
        this.#remove(subscription.id);
      },
      () => subscription.socket.terminate(),
    );
  }
}

const subscribers: Readonly<Record<string, (chain: Chain, params: Params) => Wanted>> = {
  slotSubscribe: () => ({ kind: "slot", key: "slot", values: () => [] }),
  rootSubscribe: () => ({ kind: "root", key: "slot", values: () => [] }),

  signatureSubscribe: (chain, params) => ({
    kind: "signature",
    key: `signature ${params.signature(0)}`,
    values: ({ error }) => [withContext(chain, { err: error })],
  }),

  accountSubscribe: (chain, params) => {
    const address = params.address(0);
    const format = accountFormat(params.config(1));
    return {
      kind: "account",
      key: `account ${address}`,
      values: ({ changes }) => {
        const account = changes.find((change) => change.address === address)?.account ?? emptied;
        return [
          withContext(
            chain,
            accountJson(account, format, (mint) => chain.decimalsOf(mint)),
          ),
        ];
      },
    };
  },

  programSubscribe: (chain, params) => {
    const program = params.address(0);
    const format = accountFormat(params.config(1));
    return {
      kind: "program",
      key: `program ${program}`,
      values: ({ changes }) =>
        changes.flatMap(({ address, account }) => {
          if (account?.owner !== program) return [];
          const shown = accountJson(account, format, (mint) => chain.decimalsOf(mint));
          return withContext(chain, { pubkey: address, account: shown });
        }),
    };
  },

  logsSubscribe: (chain, params) => {
    const filter = params.any(0);
    const values = ({ entry, error, logs }: Committed): WireJson[] => [
      withContext(chain, { signature: entry.signature, err: error, logs }),
    ];
    if (filter === "all" || filter === "allWithVotes") return { kind: "logs", key: "logs", values };
    const mentions =
      isObject(filter) && Array.isArray(filter["mentions"]) ? (filter["mentions"] as readonly WireJson[]) : [];
    if (mentions.length !== 1) throw invalidParams("the filter is all, allWithVotes, or mentions one address");
    return { kind: "logs", key: `logs ${checkedAddress(mentions[0])}`, values };
  },
};

export const subscriptionNames: readonly string[] = Object.keys(subscribers);

/** What a closed account looks like to its subscribers. */
const emptied = {
  lamports: 0n,
  owner: "11111111111111111111111111111111",
  executable: false,
  data: new Uint8Array(0),
};

function parse(text: string): WireJson {
  try {
    return readJson(text);
  } catch {
    throw new RpcError(rpcCodes.parse, "Parse error");
  }
}

function notification({ id, kind, socket }: Subscription, result: WireJson): void {
  send(socket, { jsonrpc: "2.0", method: `${kind}Notification`, params: { result, subscription: id } });
}

function send(socket: WebSocket, message: WireJson): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > backlogBytesMax) socket.terminate();
  else socket.send(writeJson(message));
}
