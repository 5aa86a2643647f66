import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface Reply {
  readonly status: number;
  readonly body: string;
  /** How long a server that has much to do wants to be left alone; 0 where it did not say. */
  readonly retryAfterMs: number;
}

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

const endOfHead = Buffer.from("\r\n\r\n");

/**
 * One keep-alive connection with one request at a time, by hand: what a load generator spends is missing to the server it
 * shares the machine with. Knows answers with a length alone, which is what the API gives.
 */
export class LoadConnection {
  readonly #socket: Socket;
  readonly #host: string;
  #pending: Buffer = Buffer.alloc(0);
  #waiting: Waiting | null = null;

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true);
    socket.on("data", (piece: Buffer) => this.#take(piece));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the server closed the connection")));
  }

  static async open(url: string): Promise<LoadConnection> {
    const { hostname, port, host } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, "connect");
    return new LoadConnection(socket, host);
  }

  ask(method: "GET" | "POST", path: string, body: string, token: string | null): Promise<Reply> {
    const authorization = token === null ? "" : `authorization: Bearer ${token}\r\n`;
    const content =
      method === "GET" ? "" : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
    this.#socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n${authorization}${content}\r\n${body}`);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  /** @throws where the answer is no success */
  async json<T>(method: "GET" | "POST", path: string, body?: object, token: string | null = null): Promise<T> {
    const reply = await this.ask(method, path, body === undefined ? "" : JSON.stringify(body), token);
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${reply.body}`);
    return JSON.parse(reply.body) as T;
  }

  close(): void {
    this.#waiting = null;
    this.#socket.destroy();
  }

  #take(piece: Buffer): void {
    this.#pending = this.#pending.length === 0 ? piece : Buffer.concat([this.#pending, piece]);
    const headEnd = this.#pending.indexOf(endOfHead);
    if (headEnd < 0) return;
    const head = this.#pending.toString("latin1", 0, headEnd);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const bodyStart = headEnd + endOfHead.length;
    if (this.#pending.length < bodyStart + length) return;
    const body = this.#pending.toString("utf8", bodyStart, bodyStart + length);
    this.#pending = this.#pending.subarray(bodyStart + length);
    const waiting = this.#waiting;
    this.#waiting = null;
    const status = Number(head.slice(9, 12));
    const isBusy = status === 429 || status === 503;
    const retryAfterMs = isBusy ? 1_000 * Number(/\r\nretry-after: (\d+)/i.exec(head)?.[1] ?? 0) : 0;
    waiting?.resolve({ status, body, retryAfterMs });
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}
