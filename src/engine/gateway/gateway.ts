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
import { type Check, checkOf, faultIn, faultOf, faultShown, faultsOf, type Shown, sharingShown } from "./faults.ts";
import { Hosts, type Politeness } from "./hosts.ts";
import { Households } from "./households.ts";
import { Invitations, type OpenMarket } from "./invitations.ts";
import { type Canary, type Checks, type Ended, runSession, type SessionReceipt } from "./session.ts";
import { SessionsFolder } from "./sessions-folder.ts";
import { Tunnel } from "./tunnel.ts";
import { readWork } from "./work.ts";

/** A slot as its market's log has it. */
export interface GatewaySlot {
  readonly key: Bytes32;
  readonly state: string;
  readonly assignedAtMs: number;
  readonly content: Json;
}

export interface GatewayVerdict {
  readonly state: string;
  readonly reason: string | null;
  readonly reward: string;
}

/** What a gateway asks of the markets it works for. */
export interface GatewayMarkets {
  /** Those that have tasks for nodes, the best paid first. */
  open(): Promise<readonly OpenMarket[]>;
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
  | "NOT_INVITED"
  | "SLOT_UNKNOWN"
  | "WORK_UNREADABLE";

/** A node that is connected. */
interface Node {
  readonly tunnel: Tunnel;
  readonly address: string;
  readonly network: string;
  readonly nonce: Uint8Array;
  /** Null until it has proved its key. */
  key: string | null;
  household: string | null;
  standing: NodeStanding;
  faults: number;
  merit: number;
  /** Where it is by its owner's word. */
  country: string | null;
  place: string | null;
  isBusy: boolean;
  /** Of what was relayed, so much stands in sessions; repeats for others come on top of the next one. */
  counted: number;
}

const helloMsMax = 10_000;
/** After so many sessions that went well a node is known. */
const knownSessions = 10;
const pendingMs = 30_000;
/** How old what is known of open markets may be, and how often somebody is looked for; longer while there is nothing to do. */
const openMsMax = 1_000;
const openIdleMsMax = 4_000;
const invitedMax = 100_000;

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
  readonly #households = new Households();
  readonly #invitations: Invitations<Node>;
  /** Where each key was invited last: it may go on with that after its connection broke. */
  readonly #invited = new Map<string, MarketId>();
  readonly #sinceMs: number;
  #open: readonly OpenMarket[] = [];
  #openMs = Number.NEGATIVE_INFINITY;
  #openAgainMs = openMsMax;
  #isLooking = false;
  #isClosing = false;
  readonly #seen = new SeenContents();
  readonly #server: Server;
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #working = new Set<Promise<void>>();

  private constructor(options: GatewayOptions, folder: SessionsFolder) {
    this.#options = options;
    this.#folder = folder;
    const { clock } = options.web;
    this.#web = { ...options.web, hosts: new Hosts(options.politeness, clock), robots: new Map() };
    this.#sinceMs = clock();
    this.#invitations = new Invitations(options.sessionsMax, clock);
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    this.#timers = [
      setInterval(() => this.#track(this.measurePending()), pendingMs).unref(),
      setInterval(() => this.#invite(), openMsMax).unref(),
    ];
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
    this.#isClosing = true;
    for (const timer of this.#timers) clearInterval(timer);
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
      network: this.#options.networkOf(socket.remoteAddress ?? ""),
      nonce,
      key: null,
      household: null,
      standing: unknownNode,
      faults: 0,
      merit: meritOf(unknownNode),
      country: null,
      place: null,
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
    this.#invitations.left(node);
    if (node.household !== null) this.#households.left(node.household);
  }

  #refuse(node: Node, code: Refused): void {
    node.tunnel.say("refused", { code, check: this.#checkOf(node) });
    node.tunnel.end();
  }

  #message(node: Node, type: FrameType, said: Json): void {
    const fields = said !== null && typeof said === "object" && !Array.isArray(said) ? (said as Fields) : {};
    if (type === "join") this.#track(this.#join(node, fields));
    else if (node.key === null) node.tunnel.close();
    else if (type === "ready") this.#ready(node, fields);
    else if (type === "declined") this.#declined(node, fields);
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
    this.#shown(node, await this.#options.standings.of(bytes32(fromBase58(key))));
    // A second join that came meanwhile is one too many.
    if (!node.tunnel.isOpen || node.household !== null) return;
    if (node.standing.demotedUntilMs > this.#web.clock()) return this.#refuse(node, "DEMOTED");
    const household = this.#options.householdOf(node.address);
    const taken = this.#households.take(household, key);
    if (taken === "other") return await this.#second(node, key, household);
    node.household = household;
    // Whoever has a line to himself now does not stand behind others any more.
    if (taken === "moved" && node.standing.sharingUntilMs > 0)
      await this.#note(node, key, { kind: "sharing", untilMs: 0 });
    node.key = key;
    node.tunnel.say("welcome", { version: 1, check: this.#checkOf(node) });
  }

  /** Two keys behind one line would be paid for checking each other. The first has it: it may be a neighbour's as well. */
  async #second(node: Node, key: string, household: string): Promise<void> {
    if (this.#households.refuse(household, key)) {
      await this.#note(node, key, sharingShown(this.#web.clock()));
      this.#options.log("a node stands behind others", { node: key, check: "NETWORK_TAKEN" });
    }
    this.#refuse(node, "NETWORK_TAKEN");
  }

  #shown(node: Node, standing: NodeStanding): void {
    node.standing = standing;
    node.faults = faultsOf(standing, this.#web.clock());
    node.merit = meritOf(standing);
  }

  #checkOf({ standing }: Node): string | null {
    return checkOf(standing, this.#web.clock());
  }

  #ready(node: Node, { country, place }: Fields): void {
    if (node.standing.demotedUntilMs > this.#web.clock()) {
      this.#refuse(node, "DEMOTED");
      return;
    }
    if (this.#invitations.has(node)) return;
    this.#shown(node, node.standing);
    node.country = typeof country === "string" && /^[A-Z]{2}$/.test(country) ? country : null;
    node.place = typeof place === "string" && /^[0-9a-f]{1,16}$/.test(place) ? place : null;
    this.#invitations.ready(node);
    this.#invite();
  }

  #declined(node: Node, { market, code }: Fields): void {
    if (typeof market !== "string") return;
    const why = code === "NO_WORK" || code === "NOT_ELIGIBLE" ? code : "AWAY";
    this.#invitations.declined(node, market as MarketId, why);
    this.#invited.delete(node.key ?? "");
    this.#invite();
  }

  /** Brings jobs and those who are ready together, as far as there are both. */
  #invite(): void {
    if (this.#invitations.waiting === 0 || this.#isLooking) return;
    this.#isLooking = true;
    this.#track(
      this.#look().finally(() => {
        this.#isLooking = false;
      }),
    );
  }

  async #look(): Promise<void> {
    const now = this.#web.clock();
    if (now - this.#openMs >= this.#openAgainMs) {
      this.#open = await this.#options.markets.open();
      this.#openMs = now;
      this.#openAgainMs = this.#open.length === 0 ? Math.min(2 * this.#openAgainMs, openIdleMsMax) : openMsMax;
    }
    for (const { node, market } of this.#invitations.next(this.#open)) {
      if (this.#invited.size >= invitedMax) this.#invited.delete(this.#invited.keys().next().value as string);
      this.#invited.set(node.key as string, market.market);
      node.tunnel.say("invited", { market: market.market, title: market.title });
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
      // Nobody chooses its own jobs; what was taken before this gateway began another may have given.
      if (this.#invited.get(node.key) !== market && found.assignedAtMs >= this.#sinceMs)
        return this.#say(node, fields, "NOT_INVITED");
      const work = readWork(found.content);
      if (work === null) return this.#say(node, fields, "WORK_UNREADABLE");
      this.#invitations.began(node, market);
      const ended = await this.#session(node, { market, slot, node: node.key, work });
      // A node that went away in the middle brings nothing: whoever takes the slot next begins anew.
      if (ended === null) return this.#isClosing ? undefined : await this.#fault(node, node.key, "BROKEN_OFF");
      this.#invited.delete(node.key);
      node.counted += ended.receipt.measured.quantities["bytes"] ?? 0;
      await this.#folder.write(ended);
      ended.archive.publish();
      const check = faultIn(ended.receipt);
      if (check === null) await this.#note(node, node.key, { kind: "good" });
      else await this.#fault(node, node.key, check);
      this.#tell(node, ended.receipt);
    } finally {
      node.isBusy = false;
      this.#invitations.ended(node);
      this.#invite();
    }
  }

  async #session(node: Node, job: Parameters<typeof runSession>[2]): Promise<Ended | null> {
    const ended = await runSession(
      { ...this.#options, web: this.#web, seen: this.#seen.of(job.market), software: this.#web.userAgent },
      {
        own: lineOf(node),
        others: () => this.#others(node).map(lineOf),
        relayed: () => node.tunnel.relayed - node.counted,
      },
      job,
    );
    return node.tunnel.isOpen ? ended : null;
  }

  async #submitted(node: Node, fields: Fields): Promise<void> {
    const place = placeOf(fields);
    const receipt = place === null ? null : await this.#folder.receipt(place.market, place.text);
    if (place === null || receipt === null || receipt.node !== node.key) return this.#say(node, fields, "SLOT_UNKNOWN");
    const verdict = await this.#options.markets.measure(place.market, place.slot, receipt.measured);
    if (verdict === null) return this.#say(node, fields, "SLOT_UNKNOWN");
    await this.#folder.measured(place.market, place.text);
    const found = faultOf(verdict);
    if (found !== null) await this.#fault(node, receipt.node, found);
    const { market, text: slot } = place;
    node.tunnel.say("verdict", { market, slot, ...verdict, check: this.#checkOf(node) });
  }

  /** Up to two of other owners in other networks. */
  #others(own: Node): Node[] {
    const used = new Set([own.network]);
    const found: Node[] = [];
    for (const each of shuffled([...this.#nodes], this.#options.random)) {
      if (each === own || each.key === null || each.key === own.key || used.has(each.network)) continue;
      used.add(each.network);
      found.push(each);
      if (found.length === 2) break;
    }
    return found;
  }

  async #fault(node: Node, key: string, check: Check): Promise<void> {
    const now = this.#web.clock();
    await this.#note(node, key, faultShown(check, now));
    const isDemoted = node.standing.demotedUntilMs > now;
    this.#options.log(isDemoted ? "a node is demoted" : "a node stands behind others", { node: key, check });
  }

  async #note(node: Node, key: string, shown: Shown): Promise<void> {
    this.#shown(node, await this.#options.standings.note(bytes32(fromBase58(key)), shown));
  }

  /** With both counts, so that the node's agrees: of the session, and of what it relayed for others since. */
  #tell({ tunnel, counted }: Node, { market, slot, heard, pages, measured }: SessionReceipt): void {
    const { bytes = 0 } = measured.quantities;
    tunnel.say("ended", { market, slot, heard, pages: pages.length, bytes, since: tunnel.relayed - counted });
  }

  #say({ tunnel }: Node, { market = null, slot = null }: Fields, code: Refused): void {
    tunnel.say("refused", { market, slot, code });
  }
}

type Fields = { readonly [key: string]: Json };

/** Who is known comes before a newcomer. */
const meritOf = ({ sessions }: NodeStanding): number => (sessions < knownSessions ? 0 : 1);

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
