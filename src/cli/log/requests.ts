import type { Bytes32 } from "../../core/bytes.ts";
import { isEarnestError } from "../../core/errors.ts";
import type { MarketId } from "../../core/market-id.ts";
import type { Slot } from "../../core/slot.ts";
import { submissionsStatement } from "../../core/statements.ts";
import { decodeEntry, type Entry, type EntryOf } from "../../market/entries.ts";
import { isSignedByKey } from "../crypto.ts";
import type { FileRecord, LogLine } from "./log-file.ts";

/** What a session signed, as the log lets anybody rebuild it. */
export interface Request {
  readonly lane: number;
  /** Of the `signed` entry. */
  readonly sequence: number;
  readonly session: Bytes32;
  /** Null where not all of the submissions that it covers are in the log. */
  readonly statement: Uint8Array | null;
  readonly signature: Uint8Array;
}

interface Unfinished {
  readonly signed: EntryOf<"signed">;
  readonly sequence: number;
  readonly submissions: (Slot & { readonly body: Bytes32 })[];
}

/** Collects the signed requests of a log, one lane after the other. */
export class Requests {
  #market = "";
  #lane = 0;
  /** By contributor: whose submissions follow its signature. */
  readonly #unfinished = new Map<number, Unfinished>();

  /** The requests that these lines complete. */
  take(lines: readonly LogLine[]): Request[] {
    const done: Request[] = [];
    for (const line of lines) {
      if (line.type === "record") this.#takeRecord(line, done);
      else {
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
    return left;
  }

  #takeRecord({ sequence, encoded }: FileRecord, done: Request[]): void {
    const entry = decoded(encoded);
    if (entry?.kind === "signed") {
      const before = this.#unfinished.get(entry.contributor);
      if (before !== undefined) done.push(this.#request(before));
      this.#unfinished.set(entry.contributor, { signed: entry, sequence, submissions: [] });
    }
    if (entry?.kind !== "submitted") return;
    const request = this.#unfinished.get(entry.contributor);
    if (request === undefined) return;
    const { task, ordinal, body } = entry;
    request.submissions.push({ task, ordinal, body });
    if (request.submissions.length < request.signed.count) return;
    this.#unfinished.delete(entry.contributor);
    done.push(this.#request(request));
  }

  #request({ signed, sequence, submissions }: Unfinished): Request {
    const { session, signature, timeMs, count } = signed;
    const isWhole = submissions.length === count;
    const statement = isWhole ? submissionsStatement(this.#market as MarketId, timeMs, submissions) : null;
    return { lane: this.#lane, sequence, session, signature, statement };
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

/** The places of requests that their sessions did not sign. */
export const wrongOnes = (requests: readonly Request[]): number[] =>
  requests.flatMap(({ session, statement, signature }, i) =>
    statement !== null && isSignedByKey(session, statement, signature) ? [] : [i],
  );
