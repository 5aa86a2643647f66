import { readdirSync, readFileSync } from "node:fs";

/** Whoever spends processor time while newcomers are paid. */
export const spenders = ["clients", "server", "pools", "chain", "attestors", "database"] as const;
/** `pools`: the threads on which the server's runtime compiles, collects garbage, checks signatures and reads files. */
export type Spender = (typeof spenders)[number];

/** Seconds of processor time so far; all 0 where the system is not Linux. */
export type Spent = Readonly<Record<Spender, number>>;

/** Of the server, of the main process of its PostgreSQL with those that it started, and of this process. */
export function spentSoFar({ server, database }: { readonly server: number; readonly database: number }): Spent {
  const threads = threadsOf(server);
  const ofName = (name: string) => sum(threads.filter((each) => each.name === name).map((each) => each.seconds));
  const main = threads.find(({ id }) => id === server)?.seconds ?? 0;
  const [chain, attestors] = [ofName("chain"), ofName("attestors")];
  const { user, system } = process.cpuUsage();
  return {
    clients: (user + system) / 1e6,
    server: main,
    pools: sum(threads.map((each) => each.seconds)) - main - chain - attestors,
    chain,
    attestors,
    database: databaseSeconds(database),
  };
}

/** Of PostgreSQL's main process with those that it started. */
export const databaseSeconds = (pid: number): number =>
  sum([statOf(`/proc/${pid}/stat`)?.secondsWithEnded ?? 0, ...childrenOf(pid).map(({ seconds }) => seconds)]);

/** Milliseconds for each of so many, to a hundredth. */
export const perEach = (from: Spent, to: Spent, count: number): Record<Spender, number> =>
  Object.fromEntries(
    spenders.map((name) => [name, Math.round((100_000 * (to[name] - from[name])) / count) / 100]),
  ) as Record<Spender, number>;

interface Stat {
  readonly name: string;
  readonly parent: number;
  readonly seconds: number;
  /** With processes of its own that have ended. */
  readonly secondsWithEnded: number;
}

const ticksPerSecond = 100;

/** Null where it is gone. */
function statOf(path: string): Stat | null {
  try {
    const text = readFileSync(path, "utf8");
    const [begin, end] = [text.indexOf("("), text.lastIndexOf(")")];
    const fields = text.slice(end + 2).split(" ");
    const [user, system, endedUser, endedSystem] = fields
      .slice(11, 15)
      .map((each) => Number(each) / ticksPerSecond) as [number, number, number, number];
    const seconds = user + system;
    return {
      name: text.slice(begin + 1, end),
      parent: Number(fields[1]),
      seconds,
      secondsWithEnded: seconds + endedUser + endedSystem,
    };
  } catch {
    return null;
  }
}

function threadsOf(pid: number): (Stat & { readonly id: number })[] {
  return numbersIn(`/proc/${pid}/task`).flatMap((id) => {
    const stat = statOf(`/proc/${pid}/task/${id}/stat`);
    return stat === null ? [] : [{ id, ...stat }];
  });
}

const childrenOf = (pid: number): Stat[] =>
  numbersIn("/proc").flatMap((id) => {
    const stat = statOf(`/proc/${id}/stat`);
    return stat?.parent === pid ? [stat] : [];
  });

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder)
      .map(Number)
      .filter((id) => Number.isInteger(id));
  } catch {
    return [];
  }
}

const sum = (all: readonly number[]): number => all.reduce((so, each) => so + each, 0);
