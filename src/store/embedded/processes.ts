import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * A process as the system shows it now, or undefined where none runs. A zombie (dead, but its parent never asked)
 * counts as gone, although signal 0 still reaches it: containers without an init process are full of them.
 */
export interface ProcessFacts {
  /** Tells two processes that had the same number apart; without spaces. */
  readonly startedAt: string;
  readonly command: string;
}

export function processFacts(pid: number): ProcessFacts | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return process.platform === "linux" ? linuxFacts(pid) : psFacts(pid);
}

function linuxFacts(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the name in brackets, which may hold spaces and brackets itself.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return { startedAt: fields[19] ?? "", command };
  } catch {
    return undefined;
  }
}

function psFacts(pid: number): ProcessFacts | undefined {
  const ask = (column: string): string =>
    execFileSync("ps", ["-ww", "-o", `${column}=`, "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    return ask("stat").startsWith("Z")
      ? undefined
      : { startedAt: ask("lstart").replaceAll(" ", "_"), command: ask("command") };
  } catch {
    return undefined;
  }
}

export const isRunning = (pid: number): boolean => processFacts(pid) !== undefined;

/** Processes whose working directory is `folder`: every PostgreSQL process stands in its data directory (Linux only). */
export function processesIn(folder: string): number[] {
  if (process.platform !== "linux") return [];
  const pids = readdirSync("/proc").map(Number).filter(Number.isSafeInteger);
  return pids.filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder && isRunning(pid);
    } catch {
      return false;
    }
  });
}

/** False where the process was gone already. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
