import { concatBytes } from "./bytes.ts";

/** What passes between a node and a gateway, over one connection that the node opens. Append only. */
export const frameTypes = [
  "hello",
  "join",
  "welcome",
  "refused",
  "open",
  "opened",
  "data",
  "window",
  "close",
  "take",
  "ended",
  "submitted",
  "verdict",
  "ping",
  "pong",
  "ready",
  "invited",
  "declined",
] as const;
export type FrameType = (typeof frameTypes)[number];

export interface Frame {
  readonly type: FrameType;
  /** 0 for what is about no channel. */
  readonly channel: number;
  readonly payload: Uint8Array;
}

/** The most that one frame carries. */
export const payloadBytesMax = 65_536;
/** So much of a channel may be under way before the other side has taken it. */
export const windowBytes = 262_144;
const headBytes = 9;

export function encodeFrame(type: FrameType, channel: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headBytes + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, payload.length);
  frame[4] = frameTypes.indexOf(type);
  view.setUint32(5, channel);
  frame.set(payload, headBytes);
  return frame;
}

/** Puts frames together from whatever pieces the connection brings. */
export class FrameReader {
  #rest: Uint8Array = new Uint8Array(0);

  /**
   * The frames that are whole now; their payloads are views of what was pushed.
   * @returns null where the other side speaks something else
   */
  push(piece: Uint8Array): Frame[] | null {
    let bytes = this.#rest.length === 0 ? piece : concatBytes(this.#rest, piece);
    const frames: Frame[] = [];
    while (bytes.length >= headBytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, headBytes);
      const length = view.getUint32(0);
      const type = frameTypes[bytes[4] as number];
      if (length > payloadBytesMax || type === undefined) return null;
      if (bytes.length < headBytes + length) break;
      frames.push({ type, channel: view.getUint32(5), payload: bytes.subarray(headBytes, headBytes + length) });
      bytes = bytes.subarray(headBytes + length);
    }
    this.#rest = bytes.length === 0 ? empty : new Uint8Array(bytes);
    return frames;
  }
}

const empty = new Uint8Array(0);
