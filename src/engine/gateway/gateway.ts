import { createServer, type Server, type Socket } from "node:net";
import { type Bytes32, bytes32, fromBase58, fromBase64, toBase58, toHex } from "../../core/bytes.ts";
import type { Json } from "../../core/json.ts";
import { type MarketId, marketId } from "../../core/market-id.ts";
import { parseSlot, type Slot } from "../../core/slot.ts";
import { tunnelStatement } from "../../core/statements.ts";
import type { FrameType } from "../../core/tunnel.ts";
import type { Measured } from "../../market/measured.ts";
import { type NodeStanding, unknownNode } from "../../store/nodes/standings.ts";
import { SeenContents } from "./archive.ts";
import type { Line, Web } from "./browser.ts";
import { Hosts, type Politeness } from "./hosts.ts";
import { type Canary, type Checks, type Ended, isSlow, runSession, type SessionReceipt } from "./session.ts";
import { SessionsFolder } from "./sessions-folder.ts";
import { Tunnel } from "./tunnel.ts";
import { Turns } from "./turns.ts";
import { readWork } from "./work.ts";

/** A slot as its market's log has it. */
export interface GatewaySlot {
  readonly key: Bytes32;
  readonly state: string;
  readonly content: Json;
}

export interface GatewayVerdict {
  readonly state: string;
  readonly reason: string | null;
  readonly reward: string;
}

/** What a gateway asks of the markets it works for. */
export interface GatewayMarkets {
  /** Null where there is no such slot any more. */
  slot(market: MarketId, slot: Slot): Promise<GatewaySlot | null>;
  /** Measures a submission, once. Null where there is none yet; otherwise what became of it. */
  measure(market: MarketId, slot: Slot, measured: Measured): Promise<GatewayVerdict | null>;
}

/** Kept for all gateways of a network, so that none forgives what another saw. */
export interface Standings {
  of(key: Bytes32): Promise<NodeStanding>;
  /** @returns what it comes to */
  note(key: Bytes32, shown: Shown): Promise<NodeStanding>;
}

/** What one session shows: that it went well, or so many strikes. */
export type Shown =
  | { readonly isGood: true }
  | { readonly isGood: false; readonly strikes: number; readonly strikesMax: number; readonly demotedUntilMs: number };

export interface GatewayOptions {
  /** What nodes sign to open a tunnel: nobody else's nonce will do. */
  readonly name: string;
  readonly folder: string;
  readonly markets: GatewayMarkets;
  readonly standings: Standings;
  readonly web: Omit<Web, "hosts" | "robots">;
  readonly politeness: Politeness;
  readonly canary: Canary | null;
  readonly secret: Uint8Array;
  readonly checks: Checks;
  readonly pagesAtOnce: number;
  /** Of a connection's address: whose it is, and what counts as another network than another's. */
  readonly householdOf: (address: string) => string;
  readonly networkOf: (address: string) => string;
  readonly tunnelsMax: number;
  /** Each has its pages in memory until they are on disk. */
  readonly sessionsMax: number;
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;
  readonly random: (length: number) => Uint8Array;
  readonly log: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
}

/** Why a node is not let in, or a session not begun. */
export type Refused =
  | "FULL"
  | "MALFORMED"
  | "SIGNATURE_WRONG"
  | "NETWORK_TAKEN"
  | "DEMOTED"
  | "BUSY"
  | "SLOT_UNKNOWN"
  | "WORK_UNREADABLE";

/** A node that is connected. */
interface Node {
  readonly tunnel: Tunnel;
  readonly address: string;
  readonly nonce: Uint8Array;
  /** Null until it has proved its key. */
  key: string | null;
  household: string | null;
  standing: NodeStanding;
  isBusy: boolean;
  /** Of what was relayed, so much stands in sessions; repeats for others come on top of the next one. */
  counted: number;
}

const helloMsMax = 10_000;
const demotedMs = 86_400_000;
const slackMs = 3_600_000;
const strikesMax = 3;
/** After so many sessions that went well a node is known. */
const knownSessions = 10;
const seenMarketsMax = 100;
const pendingMs = 30_000;

/**
 * Takes in tunnels of nodes, runs the sessions of their slots, keeps what came of them, and measures it into the market's
 * log once the node has submitted. Whatever dies when: a session that is on disk is not run again, and a submission is
 * measured once, because the log takes one measure.
 */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #web: Web;
  readonly #folder: SessionsFolder;
  readonly #nodes = new Set<Node>();
  /** The owner behind each household that is connected. */
  readonly #households = new Map<string, { owner: string; lines: number }>();
  readonly #turns: Turns;
  readonly #seen = new Map<MarketId, SeenContents>();
  readonly #server: Server;
  readonly #timer: NodeJS.Timeout;
  readonly #working = new Set<Promise<void>>();

  private constructor(options: GatewayOptions, folder: SessionsFolder) {
    this.#options = options;
    this.#folder = folder;
    const { clock } = options.web;
    this.#web = { ...options.web, hosts: new Hosts(options.politeness, clock), robots: new Map() };
    this.#turns = new Turns(options.sessionsMax, clock);
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    this.#timer = setInterval(() => this.#track(this.measurePending()), pendingMs);
    this.#timer.unref();
  }

  static async open(options: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(options, await SessionsFolder.open(options.folder));
    gateway.#track(gateway.measurePending());
    return gateway;
  }

  /** @returns the port */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host, port, backlog: 4_096 }, resolve);
    });
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  get connected(): number {
    return [...this.#nodes].filter(({ key }) => key !== null).length;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const { tunnel } of this.#nodes) tunnel.close();
    await Promise.allSettled(this.#working);
    await closed;
  }

  /** Measures what was submitted while nobody was here to hear of it. */
  async measurePending(): Promise<void> {
    for (const { market, slot } of await this.#folder.pending()) {
      const receipt = await this.#folder.receipt(market, slot);
      const { markets } = this.#options;
      const isOver = receipt === null || (await markets.measure(market, parseSlot(slot), receipt.measured)) !== null;
      if (isOver) await this.#folder.measured(market, slot);
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#options.log("a session failed", { error: String(error) }))
      .finally(() => this.#working.delete(tracked));
    this.#working.add(tracked);
  }

  #accept(socket: Socket): void {
    const nonce = this.#options.random(32);
    const node: Node = {
      tunnel: new Tunnel(socket, {
        onMessage: (type, said) => this.#message(node, type, said),
        onEnd: () => this.#left(node),
      }),
      address: socket.remoteAddress ?? "",
      nonce,
      key: null,
      household: null,
      standing: unknownNode,
      isBusy: false,
      counted: 0,
    };
    this.#nodes.add(node);
    if (this.#nodes.size > this.#options.tunnelsMax) {
      this.#refuse(node, "FULL");
      return;
    }
    node.tunnel.say("hello", { version: 1, gateway: this.#options.name, nonce: toHex(nonce) });
    setTimeout(() => {
      if (node.key === null) node.tunnel.close();
    }, helloMsMax).unref();
  }

  #left(node: Node): void {
    this.#nodes.delete(node);
    const taken = node.household === null ? undefined : this.#households.get(node.household);
    if (taken === undefined) return;
    taken.lines--;
    if (taken.lines === 0) this.#households.delete(node.household as string);
  }

  #refuse(node: Node, code: Refused): void {
    node.tunnel.say("refused", { code });
    node.tunnel.end();
  }

  #message(node: Node, type: FrameType, said: Json): void {
    const fields = said !== null && typeof said === "object" && !Array.isArray(said) ? (said as Fields) : {};
    if (type === "join") this.#track(this.#join(node, fields));
    else if (node.key === null) node.tunnel.close();
    else if (type === "take") this.#track(this.#begin(node, fields));
    else if (type === "submitted") this.#track(this.#submitted(node, fields));
    else node.tunnel.close();
  }

  async #join(node: Node, { key, signature }: Fields): Promise<void> {
    if (node.key !== null || typeof key !== "string" || typeof signature !== "string") {
      this.#refuse(node, "MALFORMED");
      return;
    }
    if (!(await this.#isGenuine(node, key, signature))) {
      this.#refuse(node, "SIGNATURE_WRONG");
      return;
    }
    node.standing = await this.#options.standings.of(bytes32(fromBase58(key)));
    if (!node.tunnel.isOpen) return;
    if (node.standing.demotedUntilMs > this.#web.clock()) this.#refuse(node, "DEMOTED");
    else if (!this.#takeHousehold(node, key)) this.#refuse(node, "NETWORK_TAKEN");
    else {
      node.key = key;
      node.tunnel.say("welcome", { version: 1 });
    }
  }

  async #isGenuine({ nonce }: Node, key: string, signature: string): Promise<boolean> {
    const statement = tunnelStatement({ gateway: this.#options.name, nonce: bytes32(nonce) });
    try {
      return await this.#options.verify(fromBase58(key), statement, fromBase64(signature));
    } catch {
      return false;
    }
  }

  /** One household is one owner's: two keys behind one line would be paid for checking each other. */
  #takeHousehold(node: Node, key: string): boolean {
    const household = this.#options.householdOf(node.address);
    const taken = this.#households.get(household) ?? { owner: key, lines: 0 };
    if (taken.owner !== key) return false;
    taken.lines++;
    this.#households.set(household, taken);
    node.household = household;
    return true;
  }

  async #begin(node: Node, fields: Fields): Promise<void> {
    const place = placeOf(fields);
    if (place === null) return this.#say(node, fields, "MALFORMED");
    if (node.isBusy) return this.#say(node, fields, "BUSY");
    node.isBusy = true;
    try {
      const { market, slot } = place;
      const done = await this.#folder.receipt(market, place.text);
      if (done !== null) {
        if (done.node === node.key) this.#tell(node, done);
        else this.#say(node, fields, "SLOT_UNKNOWN");
        return;
      }
      const found = await this.#options.markets.slot(market, slot);
      if (found === null || found.state !== "assigned" || toBase58(found.key) !== node.key)
        return this.#say(node, fields, "SLOT_UNKNOWN");
      const work = readWork(found.content);
      if (work === null) return this.#say(node, fields, "WORK_UNREADABLE");
      const ended = await this.#inTurn(node, { market, slot, node: node.key, work });
      // A node that went away in the middle brings nothing: whoever takes the slot next begins anew.
      if (ended === null) return;
      node.counted += ended.receipt.measured.quantities["bytes"] ?? 0;
      await this.#folder.write(ended);
      ended.archive.publish();
      await this.#judge(node, node.key, ended.receipt);
      this.#tell(node, ended.receipt);
    } finally {
      node.isBusy = false;
    }
  }

  async #inTurn(node: Node, job: Parameters<typeof runSession>[2]): Promise<Ended | null> {
    const network = this.#options.networkOf(node.address);
    const leave = await this.#turns.enter({ network, merit: meritOf(node.standing) });
    try {
      if (!node.tunnel.isOpen) return null;
      const ended = await runSession(
        { ...this.#options, web: this.#web, seen: this.#seenOf(job.market), software: this.#web.userAgent },
        {
          own: lineOf(node),
          others: () => this.#others(node).map(lineOf),
          relayed: () => node.tunnel.relayed - node.counted,
        },
        job,
      );
      return node.tunnel.isOpen ? ended : null;
    } finally {
      leave();
    }
  }

  async #submitted(node: Node, fields: Fields): Promise<void> {
    const place = placeOf(fields);
    const receipt = place === null ? null : await this.#folder.receipt(place.market, place.text);
    if (place === null || receipt === null || receipt.node !== node.key) return this.#say(node, fields, "SLOT_UNKNOWN");
    const verdict = await this.#options.markets.measure(place.market, place.slot, receipt.measured);
    if (verdict === null) return this.#say(node, fields, "SLOT_UNKNOWN");
    await this.#folder.measured(place.market, place.text);
    node.tunnel.say("verdict", { market: place.market, slot: place.text, ...verdict });
  }

  /** Up to two of other owners in other networks. */
  #others(own: Node): Node[] {
    const { networkOf } = this.#options;
    const used = new Set([networkOf(own.address)]);
    const found: Node[] = [];
    for (const each of shuffled([...this.#nodes], this.#options.random)) {
      const network = networkOf(each.address);
      if (each === own || each.key === null || each.key === own.key || used.has(network)) continue;
      used.add(network);
      found.push(each);
      if (found.length === 2) break;
    }
    return found;
  }

  /** What a session shows of its node counts: a lie at once, a line that fails or lags where others do not when it goes on. */
  async #judge(node: Node, key: string, { pages, heard, measured }: SessionReceipt): Promise<void> {
    const isLie =
      heard.content !== measured.digests["content"] ||
      (heard.canary !== null && heard.canary !== measured.canaries["canary"]);
    const failed = pages.filter(({ isByOther, outcome }) => isByOther && outcome === "fetched").length;
    const now = this.#web.clock();
    const shown: Shown = isLie
      ? { isGood: false, strikes: strikesMax, strikesMax, demotedUntilMs: now + demotedMs }
      : failed * 2 > pages.length || isSlow(pages)
        ? { isGood: false, strikes: 1, strikesMax, demotedUntilMs: now + slackMs }
        : { isGood: true };
    node.standing = await this.#options.standings.note(bytes32(fromBase58(key)), shown);
    if (node.standing.demotedUntilMs > now) this.#options.log("a node is demoted", { node: key });
  }

  #seenOf(market: MarketId): SeenContents {
    const known = this.#seen.get(market);
    if (known !== undefined) return known;
    if (this.#seen.size >= seenMarketsMax) this.#seen.delete(this.#seen.keys().next().value as MarketId);
    const seen = new SeenContents();
    this.#seen.set(market, seen);
    return seen;
  }

  #tell({ tunnel }: Node, { market, slot, heard, pages }: SessionReceipt): void {
    tunnel.say("ended", { market, slot, heard, pages: pages.length });
  }

  #say({ tunnel }: Node, { market = null, slot = null }: Fields, code: Refused): void {
    tunnel.say("refused", { market, slot, code });
  }
}

type Fields = { readonly [key: string]: Json };

/** A node without strikes comes before one with some, and one that is known before a newcomer. */
const meritOf = ({ strikes, sessions }: NodeStanding): number => (strikes > 0 ? 0 : sessions < knownSessions ? 1 : 2);

const lineOf =
  ({ tunnel }: Node): Line =>
  (address, port, name) =>
    tunnel.connect(address, port, name);

function placeOf({ market, slot }: Fields): { market: MarketId; slot: Slot; text: string } | null {
  if (typeof market !== "string" || typeof slot !== "string") return null;
  try {
    return { market: marketId(market), slot: parseSlot(slot), text: slot };
  } catch {
    return null;
  }
}

function shuffled<T>(items: readonly T[], random: (length: number) => Uint8Array): T[] {
  const bytes = Buffer.from(random(4 * items.length));
  const keyed = items.map((item, i) => ({ item, key: bytes.readUInt32BE(4 * i) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
