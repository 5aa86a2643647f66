import { Agent, request as http1, type IncomingMessage, type RequestOptions } from "node:http";
import { type ClientHttp2Session, connect as http2 } from "node:http2";
import type { Duplex } from "node:stream";
import { type TLSSocket, connect as tls } from "node:tls";
import type { Channel } from "./channel.ts";

/** A header as it came, in the order in which they came. */
export type Header = readonly [name: string, value: string];

/** What a site answered, as far as it was read. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
  /** Whether only its beginning was read, up to our bound. */
  readonly isTruncated: boolean;
}

export interface Limits {
  readonly bodyBytesMax: number;
  /** From the request to its last byte. */
  readonly pageMsMax: number;
}

/** Certificates of authorities to trust beside those that Node does; of tests alone. */
export type Authorities = readonly string[];

const handshakeMsMax = 10_000;
const freeSocketsMax = 8;

/** Connections to one site, by way of one node; HTTP/2 where the site speaks it, else HTTP/1.1 with its connections kept. */
export class Site {
  readonly #origin: URL;
  readonly #open: () => Promise<Channel>;
  readonly #authorities: Authorities;
  readonly #agent: SiteAgent;
  #session: Promise<ClientHttp2Session | null> | null = null;
  /** SHA-256 of the certificate it showed; null without TLS. */
  certificate: string | null = null;

  constructor(origin: URL, open: () => Promise<Channel>, authorities: Authorities) {
    this.#origin = origin;
    this.#open = open;
    this.#authorities = authorities;
    this.#agent = new SiteAgent(() => this.#connect(["http/1.1"]));
  }

  /** One GET. @throws what the connection, TLS or the protocol have to say */
  async get(url: URL, headers: Readonly<Record<string, string>>, limits: Limits): Promise<Answer> {
    this.#session ??= this.#begin();
    const session = await this.#session;
    return session === null || session.destroyed
      ? await this.#get1(url, headers, limits)
      : await get2(session, url, headers, limits);
  }

  close(): void {
    this.#agent.destroy();
    this.#session?.then(
      (session) => session?.destroy(),
      () => undefined,
    );
  }

  /** Of the first connection the site says which protocol it speaks. */
  async #begin(): Promise<ClientHttp2Session | null> {
    if (this.#origin.protocol === "http:") return null;
    const socket = (await this.#connect(["h2", "http/1.1"])) as TLSSocket;
    if (socket.alpnProtocol !== "h2") {
      this.#agent.keep(socket);
      return null;
    }
    const session = http2(this.#origin, { createConnection: () => socket });
    session.on("error", () => undefined);
    return session;
  }

  async #connect(protocols: string[]): Promise<Duplex> {
    const channel = await this.#open();
    if (this.#origin.protocol === "http:") return channel;
    const { hostname } = this.#origin;
    const isName = !/^[\d.]+$|^\[/.test(hostname);
    const socket = tls({
      socket: channel,
      ...(isName && { servername: hostname }),
      ...(!isName && { host: hostname.replace(/^\[|\]$/g, "") }),
      ALPNProtocols: protocols,
      ...(this.#authorities.length > 0 && { ca: [...this.#authorities] }),
    });
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => socket.destroy(new Error("the handshake took too long")), handshakeMsMax);
      const onError = (error: Error): void => {
        clearTimeout(timer);
        channel.destroy();
        reject(error);
      };
      socket.once("error", onError);
      socket.once("close", () => onError(new Error("the site closed during the handshake")));
      socket.once("secureConnect", () => {
        clearTimeout(timer);
        socket.on("error", () => undefined);
        this.certificate = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(":", "").toLowerCase() ?? null;
        resolve(socket);
      });
    });
  }

  #get1(url: URL, headers: Readonly<Record<string, string>>, limits: Limits): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = http1({
        agent: this.#agent,
        // The agent brings the connection; this only keeps Node from another.
        host: url.hostname,
        path: `${url.pathname}${url.search}`,
        headers: { host: url.host, ...headers },
        maxHeaderSize: 32_768,
      });
      const timer = setTimeout(() => asked.destroy(new Error("the site took too long")), limits.pageMsMax);
      asked.once("error", (error) => {
        clearTimeout(timer);
        reject(error);
      });
      asked.once("response", (message) => {
        collect(message, limits, () => asked.destroy())
          .then(({ body, isTruncated }) =>
            resolve({
              status: message.statusCode ?? 0,
              statusText: message.statusMessage ?? "",
              headers: pairsOf(message),
              body,
              isTruncated,
            }),
          )
          .catch(reject)
          .finally(() => clearTimeout(timer));
      });
      asked.end();
    });
  }
}

/** Node's agent, with connections that somebody else opens. */
class SiteAgent extends Agent {
  readonly #open: () => Promise<Duplex>;
  #kept: Duplex | null = null;
  #isDestroyed = false;

  constructor(open: () => Promise<Duplex>) {
    // How many requests are under way is for those to say who make them: with a bound of its own the agent counts only
    // connections that are open already, opens too many, and closes each after one request.
    super({ keepAlive: true, maxFreeSockets: freeSocketsMax });
    this.#open = open;
  }

  /** A connection that is open already, for the first request. */
  keep(socket: Duplex): void {
    if (this.#isDestroyed) socket.destroy();
    else this.#kept = socket;
  }

  override createConnection(
    _: RequestOptions,
    done?: (error: Error | null, socket: Duplex) => void,
  ): Duplex | null | undefined {
    const kept = this.#kept;
    this.#kept = null;
    if (kept !== null && !kept.destroyed) return asSocket(kept);
    this.#bring((error, socket) => done?.(error, socket as Duplex)).catch(() => undefined);
    return undefined;
  }

  async #bring(done: (error: Error | null, socket: Duplex | null) => void): Promise<void> {
    let socket: Duplex;
    try {
      socket = asSocket(await this.#open());
    } catch (error) {
      done(error as Error, null);
      return;
    }
    // Nobody would ever close what opens now.
    if (this.#isDestroyed) socket.destroy();
    done(null, socket);
  }

  override destroy(): void {
    this.#isDestroyed = true;
    this.#kept?.destroy();
    super.destroy();
  }
}

/** The agent sets these on every connection; a stream of ours has nothing to do there. */
function asSocket(stream: Duplex): Duplex {
  const nothing = (): Duplex => stream;
  const needed = { setKeepAlive: nothing, setTimeout: nothing, setNoDelay: nothing, ref: nothing, unref: nothing };
  for (const [name, value] of Object.entries(needed)) if (!(name in stream)) Object.assign(stream, { [name]: value });
  return stream;
}

/** As they came; Transfer-Encoding is of a connection and not of what it brought. */
function pairsOf({ rawHeaders }: IncomingMessage): Header[] {
  const pairs: Header[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) pairs.push([rawHeaders[i] as string, rawHeaders[i + 1] as string]);
  return pairs;
}

type Collected = Pick<Answer, "body" | "isTruncated">;

/** The body, up to its bound; nothing in it is unpacked, so that nothing in it can swell. */
function collect(stream: NodeJS.ReadableStream, { bodyBytesMax }: Limits, stop: () => void): Promise<Collected> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    let length = 0;
    let isOver = false;
    stream.on("data", (piece: Uint8Array) => {
      if (isOver) return;
      const room = bodyBytesMax - length;
      pieces.push(piece.length > room ? piece.subarray(0, room) : piece);
      length += Math.min(piece.length, room);
      if (piece.length <= room) return;
      isOver = true;
      resolve({ body: Buffer.concat(pieces), isTruncated: true });
      stop();
    });
    stream.once("end", () => {
      if (!isOver) resolve({ body: Buffer.concat(pieces), isTruncated: false });
      isOver = true;
    });
    stream.once("error", (error: Error) => {
      if (!isOver) reject(error);
      isOver = true;
    });
    stream.once("close", () => {
      if (!isOver) reject(new Error("the site closed in the middle of a page"));
      isOver = true;
    });
    stream.once("aborted", () => {
      if (!isOver) reject(new Error("the page was cut off"));
      isOver = true;
    });
  });
}

function get2(
  session: ClientHttp2Session,
  url: URL,
  headers: Readonly<Record<string, string>>,
  limits: Limits,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ...headers, ":method": "GET", ":path": `${url.pathname}${url.search}` });
    const timer = setTimeout(() => stream.destroy(new Error("the site took too long")), limits.pageMsMax);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    stream.once("error", fail);
    stream.once("response", (found) => {
      const pairs = Object.entries(found).flatMap(([name, value]): Header[] =>
        name.startsWith(":") || value === undefined ? [] : [value].flat().map((each) => [name, String(each)] as const),
      );
      collect(stream, limits, () => stream.close())
        .then(({ body, isTruncated }) => {
          clearTimeout(timer);
          resolve({ status: found[":status"] ?? 0, statusText: "", headers: pairs, body, isTruncated });
        })
        .catch(fail);
    });
    // A short answer has ended, and is being handed on, when this comes.
    stream.once("close", () => setImmediate(() => fail(new Error("the site closed before it answered"))));
    stream.end();
  });
}
