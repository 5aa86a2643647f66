import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { base58 } from "@scure/base";
import { decode, encode } from "../../core/codec.ts";
import { isEarnestError } from "../../core/errors.ts";
import { Accounts } from "./accounts.ts";
import { lockFolder } from "./folder-lock.ts";
import { faucetAccount, type Genesis, openGenesis } from "./genesis.ts";
import { genesisProgram } from "./genesis-program.ts";
import { addressesOf, History, type HistoryEntry } from "./history.ts";
import { Journal, storageError } from "./journal.ts";
import { recordCodec, type TransactionRecord } from "./record.ts";
import { cutSegment, damaged, listSegments, scanSegment, segmentHeaderSize, segmentPath } from "./segment.ts";
import type { Moment } from "./slots.ts";
import { listSnapshots, readSnapshot, snapshotPath, writeSnapshot } from "./snapshot.ts";

export interface StorageOptions {
  readonly folder: string;
  readonly now: number;
  /** A segment this long is closed, and a snapshot written. */
  readonly segmentBytes: number;
  /** Closed segments beyond this are deleted, oldest first: their transactions are forgotten, their effects are not. */
  readonly historyBytes: number;
}

/** What survives: accounts, history, the newest moment, the signatures that must not run again. */
export class Storage {
  readonly genesis: Genesis;
  readonly accounts = new Accounts();
  readonly history: History;
  readonly recent = new Map<string, number>();
  readonly #options: StorageOptions;
  readonly #unlock: () => void;
  readonly #journal: Journal;
  #latest: Moment;
  #sequence = 0;
  /** The newest segment, and the number of the last record before it. */
  #segment = { number: 0, after: 0 };
  #snapshotSegment: number;
  /** The newest segment for which a snapshot was begun: one that fails waits for the next segment. */
  #snapshotTried: number;
  #snapshotting: Promise<void> | null = null;

  static async open(options: StorageOptions): Promise<Storage> {
    const { folder } = options;
    try {
      mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw storageError(folder, error);
    }
    const unlock = lockFolder(folder);
    try {
      removeLeftovers(folder);
      return new Storage(options, await openGenesis(folder, options.now), unlock);
    } catch (error) {
      unlock();
      throw isEarnestError(error) || !isSystemError(error) ? error : storageError(folder, error);
    }
  }

  private constructor(options: StorageOptions, genesis: Genesis, unlock: () => void) {
    const { folder } = options;
    this.#options = options;
    this.#unlock = unlock;
    this.genesis = genesis;
    this.#latest = genesis.start;
    this.accounts.set(genesis.faucet.address, faucetAccount);
    const segments = listSegments(folder);
    this.#snapshotSegment = this.#loadSnapshot(listSnapshots(folder).at(-1));
    this.#snapshotTried = this.#snapshotSegment;
    this.history = new History(
      folder,
      segments.filter((segment) => segment < this.#snapshotSegment),
    );
    this.#journal = this.#replay(segments.filter((segment) => segment >= this.#snapshotSegment));
    for (const [address, account] of genesisProgram()) this.accounts.set(address, account);
  }

  get latest(): Moment {
    return this.#latest;
  }

  get transactions(): number {
    return this.#sequence;
  }

  #loadSnapshot(segment: number | undefined): number {
    if (segment === undefined) return 1;
    const head = readSnapshot(this.#options.folder, segment, (address, account) => this.accounts.set(address, account));
    if (head === null) return 1;
    this.#sequence = head.sequence;
    this.#latest = { slot: head.slot, slotStartMs: head.slotStartMs };
    for (const { signature, slot } of head.recent) this.recent.set(base58.encode(signature), slot);
    return segment;
  }

  #replay(segments: readonly number[]): Journal {
    const { folder, segmentBytes } = this.#options;
    let last = { number: this.#snapshotSegment, size: segmentHeaderSize };
    for (const number of segments) {
      if (number !== last.number && number !== last.number + 1) throw damaged(folder, number, 0);
      const end = scanSegment(folder, number, (payload, place) => {
        const record = decode(recordCodec, payload, "a transaction record");
        if (record.sequence !== this.#sequence + 1) throw damaged(folder, number, place.offset);
        if (number !== this.#segment.number) this.#segment = { number, after: this.#sequence };
        this.#apply(record);
        this.history.add(record, addressesOf(record), place);
      });
      const size = statSync(segmentPath(folder, number)).size;
      if (end < size) {
        // Only the newest segment may end in the middle of a record; elsewhere acknowledged ones would be lost.
        if (number !== segments.at(-1)) throw damaged(folder, number, end);
        cutSegment(folder, number, end);
      }
      last = { number, size: Math.max(end, segmentHeaderSize) };
    }
    return new Journal(folder, segmentBytes, last);
  }

  #apply(record: TransactionRecord): void {
    this.#sequence = record.sequence;
    this.#latest = { slot: record.slot, slotStartMs: record.slotStartMs };
    this.recent.set(base58.encode(record.signature), record.slot);
    for (const { address, account } of record.changes) this.accounts.set(address, account);
  }

  /** Applies at once; durable when `durable` resolves. */
  append(record: Omit<TransactionRecord, "sequence">, addresses: readonly string[]): HistoryEntry {
    const numbered = { ...record, sequence: this.#sequence + 1 };
    const place = this.#journal.append(encode(recordCodec, numbered));
    if (place.segment !== this.#segment.number) this.#segment = { number: place.segment, after: this.#sequence };
    this.#apply(numbered);
    if (place.segment > this.#snapshotTried && this.#snapshotting === null) {
      this.#snapshotTried = place.segment;
      this.#snapshotting = this.#snapshot(this.#segment).finally(() => {
        this.#snapshotting = null;
      });
    }
    return this.history.add(numbered, addresses, place);
  }

  durable(): Promise<void> {
    return this.#journal.durable();
  }

  async #snapshot({ number: segment, after: sequence }: { number: number; after: number }): Promise<void> {
    const { folder } = this.#options;
    const recent = [...this.recent].map(([signature, slot]) => ({ signature: base58.decode(signature), slot }));
    const head = { segment, sequence, ...this.#latest, recent };
    try {
      await writeSnapshot(folder, head, this.accounts.entries(), () => this.durable());
      this.#snapshotSegment = segment;
      for (const older of listSnapshots(folder)) if (older < segment) rmSync(snapshotPath(folder, older));
      this.#forgetOldSegments();
    } catch {
      // The journal still holds everything. A full disk shows in the journal itself.
    }
  }

  #forgetOldSegments(): void {
    const { folder, historyBytes } = this.#options;
    let total = 0;
    for (const segment of this.history.segments().reverse()) {
      total += statSync(segmentPath(folder, segment)).size;
      if (total <= historyBytes || segment >= this.#snapshotSegment) continue;
      this.history.forget(segment);
      rmSync(segmentPath(folder, segment));
    }
  }

  async close(): Promise<void> {
    try {
      await this.#snapshotting;
      await this.#journal.close();
    } finally {
      this.#unlock();
    }
  }
}

function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) if (name.endsWith(".new")) rmSync(join(folder, name));
}

const isSystemError = (error: unknown): boolean => typeof (error as NodeJS.ErrnoException).syscall === "string";
