import type { Scheduler } from "../time/scheduler.ts";
import { ServerError } from "./server-error.ts";
import { createTables, type Table, type Tables } from "./tables.ts";

const lockWaitMsMax = 10_000;
const deadlockMs = 1_000;

interface Waiter {
  readonly transaction: Transaction;
  readonly isShared: boolean;
  readonly grant: () => void;
  readonly refuse: (error: Error) => void;
}

interface Lock {
  readonly owners: Set<Transaction>;
  isShared: boolean;
  readonly waiters: Waiter[];
}

export interface DatabaseFaults {
  /** How long a flush takes. */
  readonly flushMs: () => number;
  /** Commits are visible and answered before they are durable: what a disk does that lies, or a lost fsync. */
  isFlushLate: boolean;
}

/** What is told of every commit that wrote, in the moment in which others can see it. */
export type OnCommit = (writes: Transaction["writes"]) => void;

/**
 * PostgreSQL as the store's functions see it: tables of rows, read committed, row locks to the end of the transaction,
 * statements that fail make their transaction fail, commits that others see once they are durable, and a crash that
 * loses all that is not. Functions of the store stand for their statements, one for each.
 */
export class Database {
  readonly tables: Tables = createTables();
  readonly scheduler: Scheduler;
  readonly faults: DatabaseFaults;
  readonly #locks = new Map<string, Lock>();
  readonly #identities = new Map<string, number>();
  /** How to undo what is visible and not yet durable, the newest last. */
  #unflushed: (() => void)[] = [];
  onCommit: OnCommit = () => undefined;
  /** Counts the starts: a session of an earlier one is gone. */
  generation = 0;
  isUp = true;

  constructor(scheduler: Scheduler, faults: DatabaseFaults) {
    this.scheduler = scheduler;
    this.faults = faults;
  }

  begin(): Transaction {
    return new Transaction(this);
  }

  /** All sessions end, with what they had not committed; what was committed and not durable is gone as well. */
  crash(): void {
    this.isUp = false;
    this.generation++;
    for (const undo of this.#unflushed.toReversed()) undo();
    this.#unflushed = [];
    const waiting = [...this.#locks.values()].flatMap(({ waiters }) => waiters);
    this.#locks.clear();
    for (const { refuse } of waiting) refuse(new Error("Connection terminated unexpectedly"));
  }

  restart(): void {
    this.isUp = true;
  }

  /** Numbers that a rollback does not give back. */
  nextIdentity(table: string): number {
    const next = (this.#identities.get(table) ?? 0) + 1;
    this.#identities.set(table, next);
    return next;
  }

  async commit(transaction: Transaction): Promise<void> {
    if (transaction.writes.size === 0) return;
    const { generation } = this;
    if (!this.faults.isFlushLate) await this.scheduler.sleep(this.faults.flushMs());
    if (generation !== this.generation) throw new Error("Connection terminated unexpectedly");
    const undo = apply(transaction.writes);
    if (this.faults.isFlushLate) {
      this.#unflushed.push(undo);
      this.scheduler.after(40 * this.faults.flushMs(), () => {
        this.#unflushed = this.#unflushed.filter((each) => each !== undo);
      });
    }
    this.onCommit(transaction.writes);
  }

  lock(name: string, transaction: Transaction, isShared: boolean): Promise<void> | null {
    const lock = this.#locks.get(name);
    if (lock === undefined) {
      this.#locks.set(name, { owners: new Set([transaction]), isShared, waiters: [] });
      return null;
    }
    if (lock.owners.has(transaction)) return null;
    // Nobody passes whoever waits already.
    if (isShared && lock.isShared && lock.waiters.length === 0) {
      lock.owners.add(transaction);
      return null;
    }
    return this.#wait(name, lock, transaction, isShared);
  }

  #wait(name: string, lock: Lock, transaction: Transaction, isShared: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancels: (() => void)[] = [];
      const leave = (): void => {
        transaction.waitsFor = null;
        for (const cancel of cancels) cancel();
      };
      const waiter: Waiter = {
        transaction,
        isShared,
        grant: () => {
          leave();
          resolve();
        },
        refuse: (error) => {
          leave();
          lock.waiters.splice(lock.waiters.indexOf(waiter), 1);
          reject(error);
        },
      };
      lock.waiters.push(waiter);
      transaction.waitsFor = lock;
      const { scheduler } = this;
      cancels.push(
        scheduler.after(deadlockMs, () => {
          if (waitsForItself(transaction)) waiter.refuse(new ServerError("40P01", `deadlock over ${name}`));
        }),
        scheduler.after(lockWaitMsMax, () => waiter.refuse(new ServerError("55P03", `lock timeout over ${name}`))),
      );
    });
  }

  unlock(name: string, transaction: Transaction): void {
    const lock = this.#locks.get(name);
    if (lock === undefined || !lock.owners.delete(transaction) || lock.owners.size > 0) return;
    this.#locks.delete(name);
    const [first] = lock.waiters;
    if (first === undefined) return;
    const rest = lock.waiters.findIndex(({ isShared }) => !isShared);
    const count = first.isShared ? (rest === -1 ? lock.waiters.length : rest) : 1;
    const next = lock.waiters.splice(0, count);
    const owners = new Set(next.map((each) => each.transaction));
    const passed: Lock = { owners, isShared: first.isShared, waiters: lock.waiters };
    this.#locks.set(name, passed);
    for (const each of passed.waiters) each.transaction.waitsFor = passed;
    for (const each of next) {
      each.transaction.holds(name);
      each.grant();
    }
  }
}

function waitsForItself(transaction: Transaction): boolean {
  const seen = new Set<Transaction>();
  const next = [...(transaction.waitsFor?.owners ?? [])];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    if (at === transaction) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    next.push(...(at.waitsFor?.owners ?? []));
  }
  return false;
}

/** Sorted again only where something was committed. */
const sorted = new WeakMap<Table<object>, readonly object[]>();

function sortedRows<Row extends object>(table: Table<Row>): readonly Row[] {
  const known = sorted.get(table) as readonly Row[] | undefined;
  if (known !== undefined) return known;
  const rows = [...table.rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  sorted.set(table, rows);
  return rows;
}

/** Returns what undoes it. */
function apply(writes: Transaction["writes"]): () => void {
  const before: (() => void)[] = [...writes.keys()].map((table) => () => void sorted.delete(table));
  for (const table of writes.keys()) sorted.delete(table);
  for (const [{ rows }, changes] of writes) {
    for (const [key, row] of changes) {
      const old = rows.get(key);
      before.push(() => (old === undefined ? rows.delete(key) : rows.set(key, old)));
      if (row === null) rows.delete(key);
      else rows.set(key, row);
    }
  }
  return () => {
    for (const each of before.toReversed()) each();
  };
}

export class Transaction {
  readonly writes = new Map<Table<object>, Map<string, object | null>>();
  readonly database: Database;
  readonly #held = new Set<string>();
  #snapshot: ReadonlyMap<Table<object>, ReadonlyMap<string, object>> | null = null;
  waitsFor: Lock | null = null;
  isFailed = false;
  #isEnded = false;

  constructor(database: Database) {
    this.database = database;
  }

  get<Row extends object>(table: Table<Row>, key: string): Row | undefined {
    const written = this.writes.get(table)?.get(key) as Row | null | undefined;
    if (written !== undefined) return written ?? undefined;
    return this.#rowsOf(table).get(key);
  }

  /** As they are now, or as they were when the snapshot was taken. */
  #rowsOf<Row extends object>(table: Table<Row>): ReadonlyMap<string, Row> {
    return (this.#snapshot?.get(table) as ReadonlyMap<string, Row> | undefined) ?? table.rows;
  }

  /** Sees what was committed up to here, and nothing that comes later. */
  takeSnapshot(): void {
    const tables: readonly Table<object>[] = Object.values(this.database.tables);
    this.#snapshot = new Map(tables.map((table) => [table, new Map(table.rows)]));
  }

  /** In the order of their keys. */
  all<Row extends object>(table: Table<Row>): Row[] {
    const changes = this.writes.get(table);
    if (changes === undefined && this.#snapshot === null) return [...sortedRows(table)];
    const keys = new Set([...this.#rowsOf(table).keys(), ...(changes?.keys() ?? [])]);
    return [...keys].sort().flatMap((key) => this.get(table, key) ?? []);
  }

  /** The row's lock has to be held, or nobody else can know of the row. */
  put<Row extends object>(table: Table<Row>, key: string, row: Row): void {
    this.#changes(table).set(key, row);
  }

  delete<Row extends object>(table: Table<Row>, key: string): void {
    this.#changes(table).set(key, null);
  }

  #changes(table: Table<object>): Map<string, object | null> {
    let changes = this.writes.get(table);
    if (changes === undefined) {
      changes = new Map();
      this.writes.set(table, changes);
    }
    return changes;
  }

  /** Waits for whoever has the row. */
  lock(table: { readonly name: string }, key: string): Promise<void> {
    return this.#lock(table, key, false);
  }

  /** Together with others who want no more. */
  lockShared(table: { readonly name: string }, key: string): Promise<void> {
    return this.#lock(table, key, true);
  }

  async #lock(table: { readonly name: string }, key: string, isShared: boolean): Promise<void> {
    const name = `${table.name} ${key}`;
    if (this.#held.has(name)) return;
    const waiting = this.database.lock(name, this, isShared);
    if (waiting === null) this.#held.add(name);
    else await waiting;
    // Whoever broke off meanwhile must not keep what it was just given.
    if (this.#isEnded) this.database.unlock(name, this);
  }

  holds(name: string): void {
    this.#held.add(name);
  }

  end(): void {
    this.#isEnded = true;
    for (const name of this.#held) this.database.unlock(name, this);
    this.#held.clear();
  }
}
