import type { ApiProcess } from "./api-process.ts";
import type { Random } from "./random.ts";

const signInPaths: ReadonlySet<string> = new Set(["/v1/network", "/v1/challenges", "/v1/sessions"]);

/** The API processes as clients see them: one address, behind which each request meets any process that serves. */
export class Fleet {
  readonly processes: readonly ApiProcess[];
  readonly #random: Random;

  constructor(processes: readonly ApiProcess[], random: Random) {
    this.processes = processes;
    this.#random = random;
  }

  /** A balancer that knows who is down a moment late: connections to a killed process fail as they would anywhere. */
  readonly fetch: typeof fetch = async (input, init) => {
    const serving = this.processes.filter((each) => each.url !== null);
    if (serving.length === 0) throw new TypeError("fetch failed: no process serves");
    const asked = new URL(input instanceof Request ? input.url : input);
    // A sign-in names the address of the process that takes it, so all its steps go to the same one.
    const { url } = signInPaths.has(asked.pathname) ? (serving[0] as ApiProcess) : this.#random.pick(serving);
    return await fetch(new URL(`${asked.pathname}${asked.search}`, url as string), init);
  };

  get rpcUrl(): string | null {
    return this.processes.find((each) => each.rpcUrl !== null)?.rpcUrl ?? null;
  }
}

/** Never resolved: requests go where the fleet sends them. */
export const fleetUrl = "http://earnest.test";
