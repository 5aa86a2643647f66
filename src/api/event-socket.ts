import { type IncomingMessage, type Server, STATUS_CODES, validateHeaderValue } from "node:http";
import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import { earnestError } from "../core/errors.ts";

/** A piece of an answer that never ends, as it goes over the wire: made once for all who get it. */
export interface Frame {
  /** As a chunk of HTTP/1.1. */
  readonly chunk: Buffer;
  /** For HTTP/1.0, which balancers still speak, and where an answer lasts as long as its connection. */
  readonly plain: Buffer;
}

export function frameOf(text: string): Frame {
  const plain = Buffer.from(text);
  return { chunk: Buffer.from(`${plain.length.toString(16)}\r\n${text}\r\n`), plain };
}

const lastChunk = "0\r\n\r\n";

/** The newest request that came on a connection. */
const newest = new WeakMap<Socket, IncomingMessage>();
const taken = new WeakSet<Socket>();

/** Whether nothing but events may be written to this connection. */
export const isEventSocket = (socket: Socket): boolean => taken.has(socket);

/** Whoever asks for more behind an answer that never ends would get the one inside of the other. */
export function guardEventSockets(server: Server): void {
  server.prependListener("request", (request: IncomingMessage) => {
    const { socket } = request;
    if (taken.has(socket)) socket.destroy();
    else newest.set(socket, request);
  });
}

/**
 * An answer that stays open for hours, as its connection alone. Node and the framework hold a request, its headers and an
 * answer for as long as the answer lasts, which is twice what the connection takes: here they are told that it is over.
 */
export class EventSocket {
  readonly socket: Socket;
  readonly #isChunked: boolean;

  private constructor(socket: Socket, isChunked: boolean) {
    this.socket = socket;
    this.#isChunked = isChunked;
  }

  /** @throws MALFORMED_REQUEST where the next request came along already */
  static open(request: FastifyRequest, reply: FastifyReply, headers: Readonly<Record<string, string>>): EventSocket {
    const { raw, socket } = request;
    if (newest.get(socket) !== raw) {
      throw earnestError("MALFORMED_REQUEST", { where: "request", problem: "has others behind it, and never ends" });
    }
    reply.hijack();
    newest.delete(socket);
    taken.add(socket);
    const isChunked = raw.httpVersionMajor === 1 && raw.httpVersionMinor >= 1;
    socket.write(headOf({ ...reply.getHeaders(), ...headers }, isChunked));
    // What Node itself says when all of an answer has been written: it forgets request and answer, and keeps the connection.
    reply.raw.emit("finish");
    socket.setTimeout(0);
    return new EventSocket(socket, isChunked);
  }

  get isGone(): boolean {
    return this.socket.destroyed;
  }

  get isFull(): boolean {
    return this.socket.writableNeedDrain;
  }

  /** False where no more should be written for now. */
  write(frame: Frame): boolean {
    return this.socket.write(this.#isChunked ? frame.chunk : frame.plain);
  }

  end(): void {
    if (this.#isChunked) this.socket.write(lastChunk);
    this.socket.end();
  }

  /** Without a last chunk: a broken answer is not taken for a whole one. */
  break(): void {
    this.socket.destroy();
  }
}

function headOf(headers: Readonly<Record<string, unknown>>, isChunked: boolean): string {
  const lines = [`HTTP/1.1 200 ${STATUS_CODES[200]}`];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) {
      validateHeaderValue(name, `${each}`);
      lines.push(`${name}: ${each}`);
    }
  }
  // Nothing of closing where there is a last chunk: some clients would then do without it.
  lines.push(`date: ${new Date().toUTCString()}`, isChunked ? "transfer-encoding: chunked" : "connection: close");
  return `${lines.join("\r\n")}\r\n\r\n`;
}
