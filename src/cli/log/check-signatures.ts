import { randomInt } from "node:crypto";
import { readLogFile } from "./log-file.ts";
import type { OnRead } from "./replay-lane.ts";
import { ReplayThread } from "./replay-threads.ts";
import { type Request, Requests, wrongOnes } from "./requests.ts";

export const signatureShares = ["all", "sample", "none"] as const;
export type SignatureShare = (typeof signatureShares)[number];

export interface SignatureResult {
  readonly share: SignatureShare;
  /** Signed requests in the log. */
  readonly requests: number;
  /** Sessions that contributors authorised in it: all of these are checked, but where nothing is. */
  readonly authorisations: number;
  readonly checked: number;
  readonly wrong: number;
  /** The first entry whose signature is not what it should be. */
  readonly first: Pick<Request, "type" | "lane" | "sequence"> | null;
}

/** Of a sample, one in so many: nobody who writes a log knows which. */
const sampleEvery = 100;
const isSampled = ({ type }: Request): boolean => type === "authorisation" || randomInt(sampleEvery) === 0;
const chunkSize = 256;
/** Chunks that wait at another thread. */
const chunksMax = 2;

export interface SignatureOptions {
  readonly share: SignatureShare;
  /** Of all threads, this one among them. */
  readonly threads: number;
  readonly onRead: OnRead;
  readonly program?: URL;
}

/**
 * Checks that sessions signed the requests of a log, and contributors the leave of their sessions. It is apart from
 * replay, as it takes many times as long, and no verdict hangs on it.
 */
export async function checkSignatures(path: string, options: SignatureOptions): Promise<SignatureResult> {
  const { share, threads, program } = options;
  const started = await Promise.all(Array.from({ length: threads - 1 }, () => ReplayThread.start(program)));
  const helpers = started.filter((each) => each !== null);
  const checking = new Checking(helpers);
  const requests = new Requests();
  let [seen, authorisations] = [0, 0];
  let last = 0;
  try {
    for await (const { lines, bytesRead } of readLogFile(path)) {
      options.onRead(bytesRead - last);
      last = bytesRead;
      const found = requests.take(lines);
      const sessions = found.filter(({ type }) => type === "authorisation").length;
      authorisations += sessions;
      seen += found.length - sessions;
      await checking.add(share === "all" ? found : found.filter(isSampled));
    }
    const left = requests.end();
    const { checked, wrong, first } = await checking.end(left);
    return { share, requests: seen + left.length, authorisations, checked, wrong, first };
  } finally {
    await Promise.all(helpers.map((thread) => thread.end()));
  }
}

interface Helper {
  readonly thread: ReplayThread;
  waiting: number;
}

/** Verifies here while the others are busy. */
class Checking {
  readonly #helpers: readonly Helper[];
  #open: Request[] = [];
  readonly #underWay = new Set<Promise<void>>();
  checked = 0;
  wrong = 0;
  first: Request | null = null;

  constructor(threads: readonly ReplayThread[]) {
    this.#helpers = threads.map((thread) => ({ thread, waiting: 0 }));
  }

  async add(requests: readonly Request[]): Promise<void> {
    for (const request of requests) this.#open.push(request);
    while (this.#open.length >= chunkSize) {
      this.#check(this.#open.splice(0, chunkSize));
      // What other threads say is heard only when this one lets go.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async end(requests: readonly Request[]): Promise<Pick<SignatureResult, "checked" | "wrong" | "first">> {
    await this.add(requests);
    this.#check(this.#open);
    await Promise.all(this.#underWay);
    const { checked, wrong, first } = this;
    if (first === null) return { checked, wrong, first };
    const { type, lane, sequence } = first;
    return { checked, wrong, first: { type, lane, sequence } };
  }

  #check(chunk: readonly Request[]): void {
    const helper = this.#helpers.find(({ thread, waiting }) => !thread.isGone && waiting < chunksMax);
    if (helper === undefined) this.#count(chunk, wrongOnes(chunk));
    else {
      const asked = this.#ask(helper, chunk).finally(() => this.#underWay.delete(asked));
      this.#underWay.add(asked);
    }
  }

  async #ask(helper: Helper, chunk: readonly Request[]): Promise<void> {
    helper.waiting++;
    // What a thread had that died is looked at here.
    const asked = helper.thread.ask({ type: "verify", requests: chunk }, "verified").then(({ wrong }) => wrong);
    this.#count(chunk, await asked.catch(() => wrongOnes(chunk)));
    helper.waiting--;
  }

  #count(chunk: readonly Request[], wrong: readonly number[]): void {
    this.checked += chunk.length;
    this.wrong += wrong.length;
    for (const place of wrong) {
      const request = chunk[place] as Request;
      if (this.first === null || isBefore(request, this.first)) this.first = request;
    }
  }
}

const isBefore = (a: Request, b: Request): boolean => (a.lane === b.lane ? a.sequence < b.sequence : a.lane < b.lane);
