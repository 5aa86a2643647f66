import { type AddressInfo, connect, createServer } from "node:net";
import type { Dial } from "../../src/node/relay.ts";
import type { LocalWeb } from "./local-web.ts";

/** What a node does to the answers that pass through it. */
export type Lie = (answer: Buffer) => Buffer | null;

const isPage = (answer: Buffer): boolean => answer.includes("<title>") && !answer.includes("/canary/");
const inText =
  (change: (text: string) => string): Lie =>
  (answer) =>
    Buffer.from(change(answer.toString("latin1")), "latin1");
const altering = inText((text) => text.replace("words", "lies!"));
export const inventing: Lie = () => Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
const shortPage = Buffer.from("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>");

/** The first page that comes through answers for all that come later. */
function replaying(): Lie {
  let first: Buffer | null = null;
  return (answer) => {
    if (!isPage(answer)) return answer;
    first ??= Buffer.from(answer);
    return first;
  };
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;

export interface Fault {
  readonly fault: string;
  readonly lie?: Lie;
  readonly story?: Story;
  /** How often, where once is not enough. */
  readonly times?: number;
  /** The check that finds it. */
  readonly found: string;
  readonly restsMs: number;
}

export const faults: readonly Fault[] = [
  { fault: "alters content", lie: altering, found: "CANARY_MISSED", restsMs: dayMs },
  {
    fault: "alters all but the hidden checks",
    lie: (answer) => (isPage(answer) ? altering(answer) : answer),
    found: "DIGEST_DIFFERS",
    restsMs: dayMs,
  },
  {
    fault: "truncates pages",
    lie: (answer) => (isPage(answer) ? shortPage : answer),
    found: "DIGEST_DIFFERS",
    restsMs: dayMs,
  },
  { fault: "replays an answer of before", lie: replaying(), found: "DIGEST_DIFFERS", restsMs: dayMs },
  { fault: "invents content", lie: inventing, found: "CANARY_MISSED", restsMs: dayMs },
  {
    fault: "answers hidden checks only",
    lie: (answer) => (answer.includes("/canary/") ? answer : null),
    found: "DIGEST_DIFFERS",
    restsMs: dayMs,
  },
  { fault: "cuts every answer off", lie: () => null, found: "CANARY_MISSED", restsMs: dayMs },
  {
    fault: "says a little more than it relayed",
    story: { bytes: (relayed) => Math.ceil(1.01 * relayed) },
    found: "METERS_DIFFER",
    restsMs: dayMs,
  },
  {
    fault: "has a clock that is fast",
    story: { takenAtMs: () => Date.now() + dayMs },
    found: "TOO_LATE",
    restsMs: hourMs,
  },
  {
    fault: "has a clock that is slow",
    story: { takenAtMs: () => Date.now() - dayMs },
    found: "TOO_EARLY",
    restsMs: hourMs,
  },
  {
    fault: "dies in the middle of pages, again and again",
    story: { isDying: true },
    times: 3,
    found: "BROKEN_OFF",
    restsMs: hourMs,
  },
];

/** Where a liar's connections end: a server that does with an answer as it likes. */
export async function openLiar(web: LocalWeb, lie: Lie): Promise<{ dial: Dial; close(): Promise<void> }> {
  const places: string[] = [];
  const proxy = createServer((down) => {
    const [address = "", at = ""] = (places.shift() ?? "").split(" ");
    const up = web.dial(address, Number(at));
    for (const each of [up, down]) each.on("error", () => undefined);
    down.on("data", (piece) => up.write(piece));
    down.on("close", () => up.destroy());
    up.on("close", () => down.destroy());
    up.on("data", (piece: Buffer) => {
      const told = lie(piece);
      if (told === null) down.destroy();
      else down.write(told);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    dial: (address, at) => {
      places.push(`${address} ${at}`);
      return connect((proxy.address() as AddressInfo).port, "127.0.0.1");
    },
    close: () => new Promise((resolve) => proxy.close(() => resolve())),
  };
}

/** What a node of somebody's own making does other than ours. */
export interface Story {
  readonly dial?: Dial;
  readonly bytes?: (relayed: number) => number;
  readonly takenAtMs?: () => number;
  /** Drops the tunnel as soon as something passed. */
  readonly isDying?: boolean;
  /** Submits without telling the gateway. */
  readonly isSilent?: boolean;
  readonly isSecondBegin?: boolean;
  /** Takes a slot that no job chose it for. */
  readonly isUninvited?: boolean;
}
