import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const askMsMax = 2_000;
const keptMs = 60_000;

/** Where a system says what its network is. Parameters, so that tests have a system of their own. */
export interface NetworkSystem {
  /** Of Linux. */
  readonly proc: string;
  readonly sys: string;
  /** NetworkManager's property `Metered`, as `busctl` prints it; throws where there is none. */
  readonly ask: () => Promise<string>;
}

const property = [
  "org.freedesktop.NetworkManager",
  "/org/freedesktop/NetworkManager",
  "org.freedesktop.NetworkManager",
];

export const thisSystem: NetworkSystem = {
  proc: "/proc",
  sys: "/sys",
  ask: async () => {
    const words = ["--system", "get-property", ...property, "Metered"];
    return (await promisify(execFile)("busctl", words, { timeout: askMsMax })).stdout;
  },
};

/**
 * Whether the network costs by the byte, as far as Linux tells: NetworkManager says so of the connection in use, or the
 * default route leads through a modem. Elsewhere, and where nothing is said, it does not.
 */
export async function isMetered({ proc, sys, ask }: NetworkSystem): Promise<boolean> {
  const said = /^u ([0-4])\s*$/.exec(await ask().catch(() => ""))?.[1];
  // 1 is yes, 3 is a guess that it is; 2 and 4 are no; 0 is unknown.
  if (said !== undefined && said !== "0") return said === "1" || said === "3";
  const routes = await readFile(join(proc, "net/route"), "utf8").catch(() => "");
  const devices = routes.split("\n").flatMap((line) => {
    const [device = "", destination] = line.split("\t");
    return destination === "00000000" ? [device] : [];
  });
  const isModem = await Promise.all(
    devices.map(async (device) => {
      const facts = await readFile(join(sys, "class/net", device, "uevent"), "utf8").catch(() => "");
      return /^DEVTYPE=wwan$/m.test(facts);
    }),
  );
  return isModem.includes(true);
}

/** Asks at most once a minute. */
export function keptMetered(system: NetworkSystem, clock: () => number): () => Promise<boolean> {
  let askedMs = Number.NEGATIVE_INFINITY;
  let answer = Promise.resolve(false);
  return () => {
    if (clock() - askedMs >= keptMs) {
      askedMs = clock();
      answer = isMetered(system);
    }
    return answer;
  };
}
