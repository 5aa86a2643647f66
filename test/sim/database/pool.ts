import type { Pool } from "#src/store/pool";
import { isBeforeConnection, mapDatabaseError } from "#src/store/pool-errors";
import { requestWaitMsMax, waitForDatabase } from "#src/store/pool-wait";
import type { Random } from "../../crash/random.ts";
import type { Simulated } from "../link/seam.ts";
import type { Asking, Model } from "../model/asking.ts";
import type { Database, Transaction } from "./database.ts";
import { ServerError } from "./server-error.ts";

/** How the way between a process and its database is just now. */
export interface Wire {
  readonly random: Random;
  readonly delayMs: () => number;
  /** The share of round trips in which the connection breaks. */
  readonly breakShare: number;
}

const lost = (): Error => new Error("Connection terminated unexpectedly");

const refused = (): Error => Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

const connectionsMax = 6;
const connectMsMax = 5_000;

export interface PoolParts {
  readonly database: Database;
  readonly wire: Wire;
  /** The models of the store's functions, by their place. */
  readonly models: ReadonlyMap<string, Model>;
}

/** The server's side of a connection. */
class Session {
  readonly database: Database;
  readonly generation: number;
  transaction: Transaction | null = null;
  readonly advisory = new Set<number>();
  #isBusy = false;
  #isLeft = false;
  #isOver = false;

  constructor(database: Database) {
    this.database = database;
    this.generation = database.generation;
  }

  /** One request after the other, as the client sends them. */
  async serve<T>(request: () => Promise<T>): Promise<T> {
    this.#isBusy = true;
    try {
      return await request();
    } finally {
      this.#isBusy = false;
      if (this.#isLeft) this.end();
    }
  }

  get isGone(): boolean {
    return this.#isOver || this.generation !== this.database.generation || !this.database.isUp;
  }

  /** The client is gone, or said so: nothing of it stays. A server that is at work notices when it is done. */
  end(): void {
    if (this.#isBusy) {
      this.#isLeft = true;
      return;
    }
    this.#isOver = true;
    this.transaction?.end();
    this.transaction = null;
    for (const number of this.advisory) advisoryLocks(this.database).delete(number);
    this.advisory.clear();
  }
}

const advisory = new WeakMap<Database, { generation: number; readonly locks: Map<number, Session> }>();

/** Those of sessions, of this start of the server. */
function advisoryLocks(database: Database): Map<number, Session> {
  let known = advisory.get(database);
  if (known === undefined || known.generation !== database.generation) {
    known = { generation: database.generation, locks: new Map() };
    advisory.set(database, known);
  }
  return known.locks;
}

type Query = string | { readonly text: string };
interface Result {
  readonly rows: readonly unknown[];
  readonly command: string;
}

/** The client's side: what the product takes for a connection of `pg`. */
export class SimulatedConnection implements Simulated, Asking {
  readonly pool: SimulatedPool;
  readonly #session: Session;
  isBroken = false;

  constructor(pool: SimulatedPool, session: Session) {
    this.pool = pool;
    this.#session = session;
  }

  get isUsable(): boolean {
    return !this.isBroken && !this.#session.isGone;
  }

  call(place: string, real: (...values: never[]) => unknown, rest: readonly unknown[]): unknown {
    return callModel(this.pool.parts, this, place, real, rest);
  }

  /** As `runStatement` does it on a connection. */
  async ask<T>(statement: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    try {
      return await this.statement(statement);
    } catch (error) {
      throw mapDatabaseError(error);
    }
  }

  /** One statement in the transaction that was begun, or in one of its own. */
  statement<T>(statement: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    return this.#roundTrip(async () => {
      const begun = this.#session.transaction;
      if (begun === null) return await alone(this.#session, statement);
      if (begun.isFailed) throw new ServerError("25P02", "current transaction is aborted");
      try {
        return await statement(begun);
      } catch (error) {
        begun.isFailed = true;
        throw error;
      }
    });
  }

  query(query: Query, values: readonly unknown[] = []): Promise<Result> {
    const text = typeof query === "string" ? query : query.text;
    switch (text) {
      case "begin":
      case "begin isolation level repeatable read read only":
        return this.#roundTrip(() => {
          this.#session.transaction = this.#session.database.begin();
          if (text !== "begin") this.#session.transaction.takeSnapshot();
          return Promise.resolve({ rows: [], command: "BEGIN" });
        });
      case "commit":
        return this.#roundTrip(() => this.#commit());
      case "rollback":
        return this.#roundTrip(() => {
          this.#session.transaction?.end();
          this.#session.transaction = null;
          return Promise.resolve({ rows: [], command: "ROLLBACK" });
        });
      case "select 1":
        return this.statement(() => ({ rows: [{}], command: "SELECT" }));
      default:
        return this.#advisory(text, values[0] as number);
    }
  }

  async #commit(): Promise<Result> {
    const { transaction, database } = this.#session;
    if (transaction === null) return { rows: [], command: "COMMIT" };
    try {
      if (!transaction.isFailed) await database.commit(transaction);
    } finally {
      transaction.end();
      this.#session.transaction = null;
    }
    return { rows: [], command: transaction.isFailed ? "ROLLBACK" : "COMMIT" };
  }

  #advisory(text: string, number: number): Promise<Result> {
    const match = /^select pg_(try_advisory_lock|advisory_unlock)\(\$1, \$2\) as answer$/.exec(text);
    if (match === null) throw new Error(`the simulated database does not know: ${text}`);
    return this.statement(() => {
      const locks = advisoryLocks(this.#session.database);
      const owner = locks.get(number);
      const isLock = match[1] === "try_advisory_lock";
      const answer = isLock ? owner === undefined || owner === this.#session : owner === this.#session;
      if (answer && isLock) {
        locks.set(number, this.#session);
        this.#session.advisory.add(number);
      } else if (answer) {
        locks.delete(number);
        this.#session.advisory.delete(number);
      }
      return { rows: [{ answer }], command: "SELECT" };
    });
  }

  release(destroy = false): void {
    if (destroy || this.isBroken || this.#session.isGone) {
      this.isBroken = true;
      this.#session.end();
    }
    this.pool.takeBack(this);
  }

  /** Between client and server: either way a message may be late, and the connection may break, before or after. */
  #roundTrip<T>(serve: () => Promise<T>): Promise<T> {
    if (this.isBroken) {
      return Promise.reject(new Error("Client has encountered a connection error and is not queryable"));
    }
    const { wire, database } = this.pool.parts;
    const { scheduler } = database;
    const breaks = wire.random.chance(wire.breakShare) ? wire.random.pick(["before", "after"] as const) : "never";
    return new Promise((resolve, reject) => {
      const deliver = (settle: () => void): void => {
        scheduler.after(wire.delayMs(), () => {
          if (this.pool.isAlive) settle();
        });
      };
      const breakOff = (): void => {
        this.isBroken = true;
        scheduler.after(wire.delayMs() * wire.random.between(1, 20), () => this.#session.end());
        deliver(() => reject(lost()));
      };
      const answer = (settle: () => void): void => {
        if (this.#session.isGone || breaks === "after") breakOff();
        else deliver(settle);
      };
      scheduler.after(wire.delayMs(), () => {
        if (this.#session.isGone || breaks === "before") return breakOff();
        this.#session.serve(serve).then(
          (value) => answer(() => resolve(value)),
          (error: unknown) => answer(() => reject(error)),
        );
      });
    });
  }

  /** The process died: the server hears of it some time later. */
  abandon(): void {
    const { wire, database } = this.pool.parts;
    this.isBroken = true;
    database.scheduler.after(wire.delayMs() * wire.random.between(1, 40), () => this.#session.end());
  }
}

async function alone<T>(session: Session, statement: (transaction: Transaction) => T | Promise<T>): Promise<T> {
  const transaction = session.database.begin();
  try {
    const result = await statement(transaction);
    await session.database.commit(transaction);
    return result;
  } finally {
    transaction.end();
  }
}

function callModel(
  { models }: PoolParts,
  on: Asking,
  place: string,
  real: (...values: never[]) => unknown,
  rest: readonly unknown[],
): unknown {
  // It speaks to connections only, in words that they know.
  if (place === "store/settlement/settlement-lock#whileSettling") return real(...([on, ...rest] as never[]));
  const model = models.get(place);
  if (model === undefined) throw new Error(`the simulator has no model of ${place}: add one in test/sim/model`);
  return model(on, ...rest);
}

/** What the product takes for a pool of `pg`. It belongs to one process, and dies with it. */
export class SimulatedPool implements Simulated, Asking {
  readonly parts: PoolParts;
  isAlive = true;
  readonly #idle: SimulatedConnection[] = [];
  readonly #used = new Set<SimulatedConnection>();
  /** Connections that are being opened. */
  #opening = 0;
  readonly #waiting: { readonly give: () => void }[] = [];

  constructor(parts: PoolParts) {
    this.parts = parts;
  }

  call(place: string, real: (...values: never[]) => unknown, rest: readonly unknown[]): unknown {
    return callModel(this.parts, this, place, real, rest);
  }

  /** As `runStatement` does it on a pool: it waits a moment for a server that restarts. */
  async ask<T>(statement: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    try {
      return await this.#once(statement);
    } catch (error) {
      if (!isBeforeConnection(error)) throw mapDatabaseError(error);
      await waitForDatabase(this as unknown as Pool, { msMax: requestWaitMsMax });
      return await this.#once(statement).catch((again: unknown) => {
        throw mapDatabaseError(again);
      });
    }
  }

  async #once<T>(statement: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    const connection = await this.connect();
    try {
      return await connection.statement(statement);
    } finally {
      connection.release();
    }
  }

  async query(query: Query): Promise<Result> {
    const connection = await this.connect();
    try {
      return await connection.query(query);
    } finally {
      connection.release();
    }
  }

  connect(): Promise<SimulatedConnection> {
    const { database, wire } = this.parts;
    const { scheduler } = database;
    return new Promise((resolve, reject) => {
      const take = (): void => {
        let idle = this.#idle.pop();
        while (idle?.isUsable === false) idle = this.#idle.pop();
        if (idle !== undefined) {
          this.#lend(idle, resolve);
          return;
        }
        this.#opening++;
        scheduler.after(2 * wire.delayMs(), () => {
          if (!this.isAlive) return;
          this.#opening--;
          if (database.isUp) return this.#lend(new SimulatedConnection(this, new Session(database)), resolve);
          this.#next();
          reject(refused());
        });
      };
      if (this.#used.size + this.#opening < connectionsMax) {
        take();
        return;
      }
      const waiter = {
        give: () => {
          cancel();
          take();
        },
      };
      const cancel = scheduler.after(connectMsMax, () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        if (this.isAlive) reject(new Error("timeout exceeded when trying to connect"));
      });
      this.#waiting.push(waiter);
    });
  }

  #lend(connection: SimulatedConnection, resolve: (connection: SimulatedConnection) => void): void {
    this.#used.add(connection);
    resolve(connection);
  }

  takeBack(connection: SimulatedConnection): void {
    if (!this.#used.delete(connection)) return;
    if (connection.isUsable && this.isAlive) this.#idle.push(connection);
    this.#next();
  }

  #next(): void {
    this.#waiting.shift()?.give();
  }

  kill(): void {
    this.isAlive = false;
    for (const each of [...this.#used, ...this.#idle]) each.abandon();
  }
}
