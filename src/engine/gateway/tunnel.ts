import type { Socket } from "node:net";
import { fromUtf8, toUtf8 } from "../../core/bytes.ts";
import type { Json } from "../../core/json.ts";
import { encodeFrame, type Frame, FrameReader, type FrameType } from "../../core/tunnel.ts";
import { Channel } from "./channel.ts";

/** Channels of one node at a time. */
export const channelsMax = 64;
const openMsMax = 10_000;

interface Opening {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What a tunnel tells its owner. */
export interface TunnelEvents {
  readonly onMessage: (type: FrameType, said: Json) => void;
  readonly onEnd: () => void;
}

/** A node's connection, seen from the gateway. */
export class Tunnel {
  /** Bytes that were relayed through it, both ways, by our count. */
  relayed = 0;
  readonly #socket: Socket;
  readonly #events: TunnelEvents;
  readonly #reader = new FrameReader();
  /** Made when the first channel is: a tunnel that waits costs little. */
  #channels: Map<number, Channel> | null = null;
  #opening: Map<number, Opening> | null = null;
  #lastChannel = 0;

  constructor(socket: Socket, events: TunnelEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.setNoDelay(true);
    socket.on("data", (piece: Buffer) => this.#take(piece));
    socket.on("error", () => undefined);
    socket.on("close", () => this.#ended());
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  get channels(): number {
    return this.#channels?.size ?? 0;
  }

  say(type: FrameType, said: Json): void {
    this.#send(type, 0, toUtf8(JSON.stringify(said)));
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Ends once everything was sent. */
  end(): void {
    this.#socket.end();
  }

  /** A connection from the node to that address, which was checked. @param name of the site, for the node's own log */
  async connect(address: string, port: number, name: string): Promise<Channel> {
    if (this.channels >= channelsMax || !this.isOpen) throw new Error("no channel is free");
    this.#channels ??= new Map();
    this.#opening ??= new Map();
    this.#lastChannel++;
    const id = this.#lastChannel;
    const channel = new Channel({
      data: (payload) => {
        this.relayed += payload.length;
        this.#send("data", id, payload);
      },
      window: (credit) => this.#send("window", id, uint32(credit)),
      close: (reason) => {
        this.#channels?.delete(id);
        this.#send("close", id, toUtf8(reason));
      },
    });
    channel.on("error", () => undefined);
    this.#channels.set(id, channel);
    try {
      await this.#opened(id, `${address} ${port} ${name}`);
      return channel;
    } catch (error) {
      channel.destroy();
      throw error;
    }
  }

  #opened(id: number, where: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => over(() => reject(new Error("the node did not connect in time"))), openMsMax);
      const over = (then: () => void): void => {
        clearTimeout(timer);
        this.#opening?.delete(id);
        then();
      };
      this.#opening?.set(id, {
        resolve: () => over(resolve),
        reject: (error) => over(() => reject(error)),
      });
      this.#send("open", id, toUtf8(where));
    });
  }

  #send(type: FrameType, channel: number, payload: Uint8Array): void {
    if (this.isOpen) this.#socket.write(encodeFrame(type, channel, payload));
  }

  #take(piece: Uint8Array): void {
    const frames = this.#reader.push(piece);
    if (frames === null) {
      this.close();
      return;
    }
    for (const frame of frames) this.#frame(frame);
  }

  #frame({ type, channel: id, payload }: Frame): void {
    const channel = this.#channels?.get(id);
    switch (type) {
      case "opened":
        this.#opening?.get(id)?.resolve();
        break;
      case "data":
        // What comes on a channel that we closed was under way.
        if (channel === undefined) break;
        this.relayed += payload.length;
        if (!channel.arrived(payload)) this.close();
        break;
      case "window":
        if (payload.length === 4) channel?.credited(new DataView(payload.buffer, payload.byteOffset).getUint32(0));
        break;
      case "close": {
        const reason = textOf(payload);
        this.#channels?.delete(id);
        this.#opening?.get(id)?.reject(new Error(reason === "" ? "the site closed" : reason));
        channel?.ended(reason);
        break;
      }
      case "ping":
        this.#send("pong", 0, payload);
        break;
      default:
        this.#message(type, payload);
    }
  }

  #message(type: FrameType, payload: Uint8Array): void {
    let said: Json;
    try {
      said = JSON.parse(fromUtf8(payload)) as Json;
    } catch {
      this.close();
      return;
    }
    this.#events.onMessage(type, said);
  }

  #ended(): void {
    for (const { reject } of this.#opening?.values() ?? []) reject(new Error("the node is gone"));
    for (const channel of this.#channels?.values() ?? []) channel.ended("the node is gone");
    this.#channels = null;
    this.#events.onEnd();
  }
}

function textOf(payload: Uint8Array): string {
  try {
    return fromUtf8(payload).slice(0, 200);
  } catch {
    return "?";
  }
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
