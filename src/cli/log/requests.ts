import { type Bytes32, toUtf8, zero32 } from "../../core/bytes.ts";
import { isEarnestError } from "../../core/errors.ts";
import type { MarketId } from "../../core/market-id.ts";
import type { Slot } from "../../core/slot.ts";
import { coverageStatement, submissionsStatement } from "../../core/statements.ts";
import { decodeEntry, type Entry, type EntryOf } from "../../market/entries.ts";
import { isSignedByKey } from "../crypto.ts";
import type { FileRecord, LogLine } from "./log-file.ts";

/** Something that was signed, as the log lets anybody rebuild it. */
export interface Request {
  /** A contributor's leave for a session, what a session sent, or what it signed for afterwards. */
  readonly type: "authorisation" | "submissions" | "checkpoint";
  readonly lane: number;
  /** Of the entry with the signature. */
  readonly sequence: number;
  readonly key: Bytes32;
  /** Null where the log does not hold all that was signed. */
  readonly statement: Uint8Array | null;
  readonly signature: Uint8Array;
}

interface Unfinished {
  readonly signed: EntryOf<"signed">;
  readonly sequence: number;
  readonly submissions: (Slot & { readonly body: Bytes32 })[];
}

/** Collects what was signed in a log, one lane after the other. */
export class Requests {
  #market = "";
  #lane = 0;
  /** Of contributors: the keys that authorise sessions. */
  readonly #keys = new Map<number, Bytes32>();
  /** By contributor: whose submissions follow its signature. */
  readonly #unfinished = new Map<number, Unfinished>();

  /** The requests that these lines complete. */
  take(lines: readonly LogLine[]): Request[] {
    const done: Request[] = [];
    for (const line of lines) {
      if (line.type === "record") this.#takeRecord(line, done);
      else if (line.type === "header" || line.type === "end") {
        done.push(...this.end());
        if (line.type === "header") [this.#market, this.#lane] = [line.market, line.lane];
      }
    }
    return done;
  }

  /** Those that the log's end leaves without all of their submissions. */
  end(): Request[] {
    const left = [...this.#unfinished.values()].map((each) => this.#request(each));
    this.#unfinished.clear();
    this.#keys.clear();
    return left;
  }

  #takeRecord({ sequence, encoded }: FileRecord, done: Request[]): void {
    const entry = decoded(encoded);
    switch (entry?.kind) {
      case "joined":
        this.#keys.set(entry.contributor, entry.key);
        break;
      case "authorised":
        done.push(this.#authorisation(entry, sequence));
        break;
      case "signed": {
        const before = this.#unfinished.get(entry.contributor);
        if (before !== undefined) done.push(this.#request(before));
        this.#unfinished.set(entry.contributor, { signed: entry, sequence, submissions: [] });
        break;
      }
      case "covered":
        done.push(this.#coverage(entry, sequence));
        break;
      case "submitted":
        this.#submitted(entry, done);
        break;
      default:
    }
  }

  #submitted({ contributor, task, ordinal, body }: EntryOf<"submitted">, done: Request[]): void {
    const request = this.#unfinished.get(contributor);
    if (request === undefined) return;
    request.submissions.push({ task, ordinal, body });
    if (request.submissions.length < request.signed.count) return;
    this.#unfinished.delete(contributor);
    done.push(this.#request(request));
  }

  #authorisation({ contributor, text, signature }: EntryOf<"authorised">, sequence: number): Request {
    const key = this.#keys.get(contributor);
    const statement = key === undefined ? null : toUtf8(text);
    return { type: "authorisation", lane: this.#lane, sequence, key: key ?? zero32, statement, signature };
  }

  #coverage({ by, signature, ...covered }: EntryOf<"covered">, sequence: number): Request {
    const statement = coverageStatement({ market: this.#market as MarketId, lane: this.#lane, ...covered });
    return { type: "checkpoint", lane: this.#lane, sequence, key: by, statement, signature };
  }

  #request({ signed, sequence, submissions }: Unfinished): Request {
    const { session, signature, timeMs, count } = signed;
    const isWhole = submissions.length === count;
    const statement = isWhole ? submissionsStatement(this.#market as MarketId, timeMs, submissions) : null;
    return { type: "submissions", lane: this.#lane, sequence, key: session, signature, statement };
  }
}

/** Null for what cannot be decoded: that is for replay to say. */
function decoded(encoded: Uint8Array): Entry | null {
  try {
    return decodeEntry(encoded);
  } catch (error) {
    if (!isEarnestError(error)) throw error;
    return null;
  }
}

/** The places of requests that bear another signature than their key's. */
export const wrongOnes = (requests: readonly Request[]): number[] =>
  requests.flatMap(({ key, statement, signature }, i) =>
    statement !== null && isSignedByKey(key, statement, signature) ? [] : [i],
  );
