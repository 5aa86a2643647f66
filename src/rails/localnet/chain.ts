import { base58 } from "@scure/base";
import { equalBytes } from "../../core/bytes.ts";
import { upgradeableLoader } from "../solana/program/deployed-program.ts";
import { isTokenAccount, lookupTableHeader, lookupTableProgram, mintDecimals, type StoredAccount } from "./accounts.ts";
import { Activity } from "./activity.ts";
import { addressText } from "./address-text.ts";
import { spentNonce, withNextNonce } from "./durable-nonce.ts";
import { feeOf, unitPriceOf } from "./fees.ts";
import type { Genesis } from "./genesis.ts";
import type { History, HistoryEntry } from "./history.ts";
import { type Holding, type Keys, memoText, type TransactionMeta, transactionMeta } from "./meta.ts";
import { type Change, packMeta } from "./record.ts";
import { Blockhashes, blockhashSlots, type Moment, SlotClock } from "./slots.ts";
import { Storage, type StorageOptions } from "./storage.ts";
import { type Execution, type Simulation, Vm } from "./vm.ts";
import { wasExecuted } from "./vm-error.ts";
import { type WireJson, writeJson } from "./wire-json.ts";
import { isWritable, type WireMessage, type WireTransaction } from "./wire-transaction.ts";

export interface Committed {
  readonly entry: HistoryEntry;
  readonly error: WireJson;
  readonly logs: readonly string[];
  readonly addresses: readonly string[];
  readonly changes: readonly Change[];
}

export type Submission =
  | { readonly kind: "executed"; readonly committed: Committed }
  | { readonly kind: "refused"; readonly execution: Execution };

export interface Simulated extends Execution {
  /** Null where it could not be run at all. */
  readonly ran: {
    readonly simulation: Simulation;
    readonly keys: Keys;
    /** As it would be recorded. */
    readonly meta: TransactionMeta;
    readonly loadedBytes: number;
  } | null;
}

/** What every account counts besides its data. */
const accountBaseBytes = 64;
const programDataOf = ({ data }: StoredAccount): string => addressText(data.subarray(4, 36));

export interface ChainOptions extends Omit<StorageOptions, "now"> {
  readonly clock: () => number;
}

/** One chain: the runtime, what it has done on disk, and time. Everything on it is final when it is durable. */
export class Chain {
  readonly #storage: Storage;
  readonly activity = new Activity();
  readonly #vm = new Vm();
  readonly #slots: SlotClock;
  readonly #blockhashes: Blockhashes;
  #vmSlot = -1;

  static async open(options: ChainOptions): Promise<Chain> {
    return new Chain(await Storage.open({ ...options, now: options.clock() }), options.clock);
  }

  private constructor(storage: Storage, clock: () => number) {
    this.#storage = storage;
    this.#slots = new SlotClock(storage.latest, clock);
    this.#blockhashes = new Blockhashes(storage.genesis.seed);
    // A program can be loaded only when the account that holds its code is there.
    for (const executable of [false, true]) {
      for (const [address, account] of storage.accounts.entries()) {
        if (account.executable === executable) this.#vm.set(address, account);
      }
    }
  }

  get genesis(): Genesis {
    return this.#storage.genesis;
  }

  get history(): History {
    return this.#storage.history;
  }

  get transactions(): number {
    return this.#storage.transactions;
  }

  now(): Moment {
    return this.#slots.now();
  }

  timeOf(slot: number): number {
    return Math.floor(this.#slots.startOf(slot) / 1000);
  }

  blockhash(slot: number): string {
    return this.#blockhashes.at(slot);
  }

  isRecent(blockhash: string): boolean {
    return this.#blockhashes.isRecent(blockhash, this.now().slot);
  }

  /** By a recent blockhash, or by the value of a nonce account. */
  isCurrent(message: WireMessage): boolean {
    return this.isRecent(message.blockhash) || this.#spentNonce(message) !== null;
  }

  rentExemption(size: bigint): bigint {
    return this.#vm.rentExemption(size);
  }

  account(address: string): StoredAccount | null {
    const written = this.#storage.accounts.get(address);
    if (written !== undefined) return written;
    // The runtime knows the time of the last transaction; whoever reads the clock wants the present.
    this.#tick();
    return this.#vm.get(address);
  }

  accounts(): IterableIterator<[string, StoredAccount]> {
    return this.#storage.accounts.entries();
  }

  tokenAccountsOf(wallet: string): Iterable<string> {
    return this.#storage.accounts.tokenAccountsOf(wallet);
  }

  decimalsOf(mint: string): number {
    const account = this.account(mint);
    return account === null ? 0 : mintDecimals(account);
  }

  /** Resolves when all that this chain has shown is on disk: an answer given earlier could be taken back by a crash. */
  durable(): Promise<void> {
    return this.#storage.durable();
  }

  close(): Promise<void> {
    return this.#storage.close();
  }

  /** `strict` refuses a transaction that fails, as preflight does, instead of recording it and charging its fee. */
  submit(transaction: WireTransaction, strict: boolean): Submission {
    const moment = this.#tick();
    const keys = this.#keys(transaction.message);
    const refusal = this.#refusal(transaction) ?? (typeof keys === "string" ? keys : null);
    if (refusal !== null || typeof keys === "string") return { kind: "refused", execution: refused(refusal) };
    const before = keys.addresses.map((address, i) => this.#read(address, keys.writable[i] === true));
    const nonce = this.#spentNonce(transaction.message);
    const execution = this.#vm.execute(transaction);
    if (execution.error !== null && (strict || !wasExecuted(execution.error))) {
      // The runtime has charged the fee already.
      this.#vm.set(keys.addresses[0] as string, before[0] ?? null);
      return { kind: "refused", execution };
    }
    if (execution.error !== null && nonce !== null) this.#spendNonce(nonce, transaction.message);
    return { kind: "executed", committed: this.#commit({ transaction, keys, before, execution, moment }) };
  }

  simulate(transaction: WireTransaction, options: { verify: boolean; checkBlockhash: boolean }): Simulated {
    this.#tick();
    const keys = this.#keys(transaction.message);
    const refusal =
      typeof keys === "string"
        ? keys
        : options.checkBlockhash && !this.isCurrent(transaction.message)
          ? "BlockhashNotFound"
          : null;
    if (refusal !== null || typeof keys === "string") return { ...refused(refusal), ran: null };
    const before = keys.addresses.map((address) => this.account(address));
    const simulation = this.#vm.simulate(transaction, options.verify);
    const after = keys.addresses.map((address, i) => simulation.accounts.get(address) ?? before[i] ?? null);
    const meta = transactionMeta({
      execution: simulation,
      fee: feeOf(transaction.message),
      keys,
      before: before.map(holding),
      after: after.map(holding),
      decimalsOf: (mint) => {
        const account = simulation.accounts.get(mint);
        return account === undefined ? this.decimalsOf(mint) : mintDecimals(account);
      },
    });
    return { ...simulation, ran: { simulation, keys, meta, loadedBytes: this.#loadedBytes(keys, before) } };
  }

  /** What its accounts count against a transaction's limit (SIMD-0186), with the code of its programs. */
  #loadedBytes({ addresses }: Keys, accounts: readonly (StoredAccount | null)[]): number {
    const code = accounts.flatMap((account) => {
      if (account?.executable !== true || account.owner !== upgradeableLoader) return [];
      const address = programDataOf(account);
      return addresses.includes(address) ? [] : (this.account(address) ?? []);
    });
    return [...accounts, ...code].reduce(
      (sum, account) => sum + (account === null ? 0 : accountBaseBytes + account.data.length),
      0,
    );
  }

  #tick(): Moment {
    const moment = this.now();
    if (moment.slot === this.#vmSlot) return moment;
    this.#vmSlot = moment.slot;
    this.#vm.setTime(moment, this.#blockhashes.recent(moment.slot));
    for (const [signature, slot] of this.#storage.recent) {
      if (slot >= moment.slot - blockhashSlots) break;
      this.#storage.recent.delete(signature);
    }
    return moment;
  }

  #spentNonce(message: WireMessage): string | null {
    return spentNonce(message, (address) => this.account(address));
  }

  #spendNonce(address: string, message: WireMessage): void {
    const account = this.#vm.get(address);
    if (account !== null) this.#vm.set(address, withNextNonce(account, message));
  }

  #refusal({ signatures, message }: WireTransaction): string | null {
    if (!this.isCurrent(message)) return "BlockhashNotFound";
    return this.#storage.recent.has(base58.encode(signatures[0] as Uint8Array)) ? "AlreadyProcessed" : null;
  }

  /** The accounts of a message with those its lookup tables load, or why they cannot be loaded. */
  #keys(message: WireMessage): Keys | string {
    const loadedWritable: string[] = [];
    const loadedReadonly: string[] = [];
    for (const { table, writable, readonly } of message.lookups) {
      const account = this.account(base58.encode(table));
      if (account === null) return "AddressLookupTableNotFound";
      if (account.owner !== lookupTableProgram) return "InvalidAddressLookupTableOwner";
      const load = (index: number): string => {
        const at = lookupTableHeader + index * 32;
        return base58.encode(account.data.subarray(at, at + 32));
      };
      loadedWritable.push(...[...writable].map(load));
      loadedReadonly.push(...[...readonly].map(load));
    }
    const loaded = [...loadedWritable, ...loadedReadonly];
    if (loaded.some((address) => base58.decode(address).length !== 32)) return "InvalidAddressLookupTableIndex";
    return {
      addresses: [...message.addresses, ...loaded],
      writable: [
        ...message.addresses.map((_, i) => isWritable(message, i)),
        ...loadedWritable.map(() => true),
        ...loadedReadonly.map(() => false),
      ],
      loadedWritable,
      loadedReadonly,
    };
  }

  /** Accounts that nothing has written since genesis (programs, sysvars) are large; their lamports are all one needs. */
  #read(address: string, whole: boolean): StoredAccount | null {
    const known = this.#storage.accounts.get(address);
    if (known !== undefined) return known;
    if (whole) return this.#vm.get(address);
    const lamports = this.#vm.lamports(address);
    return lamports === 0n ? null : { lamports, owner: "", executable: false, data: new Uint8Array(0) };
  }

  #commit(done: {
    transaction: WireTransaction;
    keys: Keys;
    before: readonly (StoredAccount | null)[];
    execution: Execution;
    moment: Moment;
  }): Committed {
    const { transaction, keys, before, execution, moment } = done;
    const after = keys.addresses.map((address, i) =>
      keys.writable[i] === true ? living(this.#vm.get(address)) : (before[i] ?? null),
    );
    const changes = keys.addresses.flatMap((address, i) =>
      sameAccount(before[i] ?? null, after[i] ?? null) ? [] : { address, account: after[i] ?? null },
    );
    const meta = transactionMeta({
      execution,
      fee: feeOf(transaction.message),
      keys,
      before: before.map(holding),
      after: after.map(holding),
      decimalsOf: (mint) => this.#decimalsAfter(mint, changes),
    });
    const record = {
      ...moment,
      signature: transaction.signatures[0] as Uint8Array,
      error: writeJson(execution.error),
      memo: memoText(transaction.message),
      loaded: [...keys.loadedWritable, ...keys.loadedReadonly],
      wire: transaction.wire,
      meta: packMeta(writeJson(meta)),
      changes,
    };
    const written = keys.addresses.filter((_, i) => keys.writable[i] === true);
    this.activity.add(moment.slot, unitPriceOf(transaction.message), written);
    const entry = this.#storage.append(record, keys.addresses);
    return { entry, error: execution.error, logs: execution.logs, addresses: keys.addresses, changes };
  }

  /** A mint may be created by the very transaction that is being described. */
  #decimalsAfter(mint: string, changes: readonly Change[]): number {
    const changed = changes.find((change) => change.address === mint)?.account ?? null;
    return changed === null ? this.decimalsOf(mint) : mintDecimals(changed);
  }
}

const refused = (error: WireJson): Execution => ({ error, logs: [], computeUnits: 0n, inner: [], returnData: null });

const living = (account: StoredAccount | null): StoredAccount | null =>
  account === null || account.lamports === 0n ? null : account;

const holding = (account: StoredAccount | null): Holding => ({
  lamports: account?.lamports ?? 0n,
  token: account !== null && isTokenAccount(account) ? account : null,
});

const sameAccount = (a: StoredAccount | null, b: StoredAccount | null): boolean =>
  a === null || b === null
    ? a === b
    : a.lamports === b.lamports && a.owner === b.owner && a.executable === b.executable && equalBytes(a.data, b.data);
