import { connect, type Socket } from "node:net";
import type { Signer } from "../client/keys.ts";
import { bytes32, fromHex, fromUtf8, toBase58, toBase64, toUtf8 } from "../core/bytes.ts";
import type { Json } from "../core/json.ts";
import { tunnelStatement } from "../core/statements.ts";
import { encodeFrame, type Frame, FrameReader, type FrameType, payloadBytesMax, windowBytes } from "../core/tunnel.ts";
import { isPublicAddress } from "../verification/web/address.ts";

/** Opens connections to sites. A parameter, so that tests have a web of their own. */
export type Dial = (address: string, port: number) => Socket;

export const dialInternet: Dial = (host, port) => connect({ host, port, noDelay: true });

export interface GatewayPlace {
  readonly host: string;
  readonly port: number;
  /** The address of this machine to come from, where it has several. */
  readonly localAddress?: string;
}

export interface RelayOptions {
  readonly gateway: GatewayPlace;
  readonly signer: Signer;
  readonly dial: Dial;
  /** What the gateway says of sessions. */
  readonly onMessage: (type: SessionWord, said: Fields) => void;
  /** Told of every connection to a site. */
  readonly onOpen: (site: string) => void;
  /** So many bytes passed: for how long to take no more from sites. */
  readonly onBytes: (bytes: number) => number;
}

/** What a gateway says of work. */
const sessionWords = ["invited", "refused", "ended", "verdict"] as const;
export type SessionWord = (typeof sessionWords)[number];

export type Fields = { readonly [key: string]: Json };

/** Empty where it is no text. */
export function textIn(fields: Fields, name: string): string {
  const { [name]: value } = fields;
  return typeof value === "string" ? value : "";
}

/** Null where it is no count. */
export function numberIn(fields: Fields, name: string): number | null {
  const { [name]: value } = fields;
  return typeof value === "number" && value >= 0 ? value : null;
}

interface Channel {
  readonly site: Socket;
  /** So much more the gateway takes. */
  credit: number;
  /** From the gateway, and not acknowledged. */
  taken: number;
  timer: NodeJS.Timeout | null;
}

const channelsMax = 64;
const pingMs = 30_000;
/** Without a word for so long a gateway is gone. */
const silenceMsMax = 90_000;

/** The tunnel to a gateway: carries what it is given to public addresses and back, and looks into nothing. */
export class Relay {
  /** Bytes that passed, both ways, by our count. */
  relayed = 0;
  readonly #options: RelayOptions;
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #channels = new Map<number, Channel>();
  readonly #joined: Promise<string | null>;
  readonly #ended: Promise<void>;
  #settle: { readonly resolve: (check: string | null) => void; readonly reject: (error: Error) => void } | null = null;
  #isJoined = false;
  #pinging: NodeJS.Timeout | null = null;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#joined = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#joined.catch(() => undefined);
    this.#socket = connect({ ...options.gateway, noDelay: true });
    this.#socket.setTimeout(silenceMsMax, () => this.close());
    this.#socket.on("data", (piece: Buffer) => this.#take(piece));
    this.#socket.on("error", (error) => this.#settle?.reject(error));
    this.#ended = new Promise((resolve) => {
      this.#socket.once("close", () => {
        this.#over();
        resolve();
      });
    });
  }

  /**
   * Resolves once the gateway let us in, with the check that put others before us if there is one.
   * @throws with its code where it does not, and the check that is behind it
   */
  get joined(): Promise<string | null> {
    return this.#joined;
  }

  get ended(): Promise<void> {
    return this.#ended;
  }

  close(): void {
    this.#socket.destroy();
  }

  say(type: FrameType, said: Json): void {
    this.#send(type, 0, toUtf8(JSON.stringify(said)));
  }

  #over(): void {
    this.#settle?.reject(new Error("the gateway closed the connection"));
    if (this.#pinging !== null) clearInterval(this.#pinging);
    for (const id of this.#channels.keys()) this.#drop(id);
  }

  #send(type: FrameType, channel: number, payload: Uint8Array): void {
    if (!this.#socket.destroyed) this.#socket.write(encodeFrame(type, channel, payload));
  }

  #take(piece: Uint8Array): void {
    const frames = this.#reader.push(piece);
    if (frames === null) this.close();
    else for (const frame of frames) this.#frame(frame);
  }

  #frame({ type, channel, payload }: Frame): void {
    switch (type) {
      case "open":
        this.#open(channel, textOf(payload));
        break;
      case "data":
        this.#down(channel, payload);
        break;
      case "window":
        this.#credited(channel, payload);
        break;
      case "close":
        this.#drop(channel);
        break;
      case "pong":
        break;
      default:
        this.#message(type, payload);
    }
  }

  #message(type: FrameType, payload: Uint8Array): void {
    const fields = fieldsOf(payload);
    if (fields === null) this.close();
    else if (type === "hello" && !this.#isJoined) {
      this.#join(fields).catch((error: unknown) => this.#settle?.reject(error as Error));
    } else if (type === "welcome") {
      this.#isJoined = true;
      this.#pinging = setInterval(() => this.#send("ping", 0, new Uint8Array(0)), pingMs);
      this.#pinging.unref();
      this.#settle?.resolve(textIn(fields, "check") || null);
    } else if (type === "refused" && !this.#isJoined) this.#settle?.reject(new Error(refusalIn(fields)));
    else {
      const word = sessionWords.find((each) => each === type);
      if (word !== undefined) this.#options.onMessage(word, fields);
    }
  }

  async #join(hello: Fields): Promise<void> {
    const { signer } = this.#options;
    const statement = tunnelStatement({
      gateway: textIn(hello, "gateway"),
      nonce: bytes32(fromHex(textIn(hello, "nonce"))),
    });
    const signature = toBase64(await signer.sign(statement));
    this.say("join", { version: 1, key: toBase58(signer.publicKey), signature });
  }

  /** A gateway that asks for an address inside of our own network does not get it, whatever it was told. */
  #open(id: number, where: string): void {
    const [address = "", port = "", name = ""] = where.split(" ");
    const refuse = (why: string): void => this.#send("close", id, toUtf8(why));
    if (!isPublicAddress(address) || (port !== "80" && port !== "443")) {
      refuse("the node does not go there");
      return;
    }
    if (this.#channels.size >= channelsMax || this.#channels.has(id)) {
      refuse("the node has no channel free");
      return;
    }
    const site = this.#options.dial(address, Number(port));
    const channel: Channel = { site, credit: windowBytes, taken: 0, timer: null };
    this.#channels.set(id, channel);
    let problem = "";
    site.on("connect", () => this.#send("opened", id, new Uint8Array(0)));
    site.on("data", (piece: Buffer) => this.#up(id, channel, piece));
    site.on("error", (error) => {
      problem = error.message;
    });
    site.on("drain", () => this.#acknowledge(id, channel));
    // Half-open sockets end by themselves: `end` is followed by `close`.
    site.on("close", () => {
      if (this.#channels.get(id) !== channel) return;
      this.#drop(id);
      this.#send("close", id, toUtf8(problem));
    });
    this.#options.onOpen(`${name} ${address}:${port}`);
  }

  #up(id: number, channel: Channel, piece: Uint8Array): void {
    this.relayed += piece.length;
    for (let at = 0; at < piece.length; at += payloadBytesMax)
      this.#send("data", id, piece.subarray(at, at + payloadBytesMax));
    channel.credit -= piece.length;
    const waitMs = this.#options.onBytes(piece.length);
    if (waitMs > 0) this.#rest(channel, waitMs);
    else if (channel.credit <= 0) channel.site.pause();
  }

  #rest(channel: Channel, waitMs: number): void {
    channel.site.pause();
    channel.timer ??= setTimeout(() => {
      channel.timer = null;
      if (channel.credit > 0) channel.site.resume();
    }, waitMs);
  }

  #down(id: number, payload: Uint8Array): void {
    // Also what comes for a channel that has just ended: it passed, and the gateway counts what it sends.
    this.relayed += payload.length;
    this.#options.onBytes(payload.length);
    const channel = this.#channels.get(id);
    if (channel === undefined) return;
    channel.taken += payload.length;
    // A copy: what was pushed to the reader is used again.
    if (channel.site.write(Buffer.from(payload))) this.#acknowledge(id, channel);
  }

  #acknowledge(id: number, channel: Channel): void {
    if (channel.taken < windowBytes / 4) return;
    const credit = new Uint8Array(4);
    new DataView(credit.buffer).setUint32(0, channel.taken);
    channel.taken = 0;
    this.#send("window", id, credit);
  }

  #credited(id: number, payload: Uint8Array): void {
    const channel = this.#channels.get(id);
    if (channel === undefined || payload.length !== 4) return;
    channel.credit += new DataView(payload.buffer, payload.byteOffset).getUint32(0);
    if (channel.credit > 0 && channel.timer === null) channel.site.resume();
  }

  #drop(id: number): void {
    const channel = this.#channels.get(id);
    if (channel === undefined) return;
    this.#channels.delete(id);
    if (channel.timer !== null) clearTimeout(channel.timer);
    channel.site.destroy();
  }
}

/** `DEMOTED: METERS_DIFFER`, or the code alone where that says it. */
function refusalIn(fields: Fields): string {
  const code = textIn(fields, "code");
  const check = textIn(fields, "check");
  return code === "DEMOTED" && check !== "" ? `${code}: ${check}` : code;
}

function textOf(payload: Uint8Array): string {
  try {
    return fromUtf8(payload);
  } catch {
    return "";
  }
}

function fieldsOf(payload: Uint8Array): Fields | null {
  try {
    const json = JSON.parse(fromUtf8(payload)) as Json;
    return json !== null && typeof json === "object" && !Array.isArray(json) ? (json as Fields) : null;
  } catch {
    return null;
  }
}
