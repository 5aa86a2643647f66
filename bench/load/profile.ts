import type { Profiler, Runtime } from "node:inspector";
import { Session } from "node:inspector/promises";

/** Microseconds of a process's main thread by part of the program. */
export type Parts = Readonly<Record<string, number>>;

/** Parts of a program by the files that are theirs: the first that fits counts. */
export type Places = readonly (readonly [part: string, pattern: RegExp])[];

const intervalMicroseconds = 500;

/**
 * Whose work a function is, by where it lies. What lies nowhere here works for whoever called it: streams, buffers and
 * sockets are HTTP's or the database's.
 */
export const serverPlaces: Places = [
  ["hashes and signatures", /\/dist\/(core\/(hash|log-tree|log-nodes)|main\/crypto)|^node:internal\/crypto\//],
  ["rules: decide, apply, follow", /\/dist\/(market|verification|ledger|core)\//],
  [
    "rows for PostgreSQL, its driver",
    /\/dist\/store\/|\/node_modules\/pg(-[a-z]+)?\/|\/engine\/(project|transaction)\.js/,
  ],
  ["engine", /\/dist\/engine\//],
  [
    "answers as JSON",
    /\/node_modules\/fastify\/lib\/reply\.js|\/dist\/api\/views|\/node_modules\/fast-json-stringify\//,
  ],
  ["Earnest's API", /\/dist\/(api|main|contract)\//],
  ["Fastify", /\/node_modules\//],
  ["HTTP of Node", /^node:_http_/],
];

const special: ReadonlyMap<string, string> = new Map([
  ["(garbage collector)", "garbage collection"],
  ["(program)", "outside of JavaScript"],
]);

/** Profiles this process until the function that it returns is called. */
export async function startProfile(places: Places = serverPlaces): Promise<() => Promise<Parts>> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: intervalMicroseconds });
  await session.post("Profiler.start");
  return async () => {
    const { profile } = await session.post("Profiler.stop");
    session.disconnect();
    return partsOf(profile, places);
  };
}

/** The time of each part; what was only waiting is left out, and what the profile took itself to begin. */
export function partsOf(
  { nodes, samples = [], timeDeltas = [] }: Profiler.Profile,
  places: Places = serverPlaces,
): Parts {
  const partOf = new Map<number, string>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const visit = (id: number, above: string): void => {
    const node = byId.get(id);
    if (node === undefined) return;
    const part = partOfFrame(node.callFrame, places) ?? above;
    partOf.set(id, part);
    for (const child of node.children ?? []) visit(child, part);
  };
  const [root] = nodes;
  if (root !== undefined) visit(root.id, "Node's own");
  const parts: Record<string, number> = {};
  for (const [i, id] of samples.entries()) {
    const frame = byId.get(id)?.callFrame;
    if (frame?.functionName === "(idle)" || frame?.url === "node:inspector") continue;
    const part = partOf.get(id) as string;
    parts[part] = (parts[part] ?? 0) + (timeDeltas[i] ?? 0);
  }
  return parts;
}

const partOfFrame = ({ functionName, url }: Runtime.CallFrame, places: Places): string | undefined =>
  special.get(functionName) ?? places.find(([, pattern]) => pattern.test(url))?.[0];

/** Of what a process spent in a time, the microseconds of each of `count` things by part of its program, the largest first. */
export function partsEach(parts: Parts, spent: { readonly all: number; readonly main: number }, count: number): Parts {
  const each = 1e6 / count;
  const sum = Object.values(parts).reduce((total, part) => total + part, 0);
  const rounded = (microseconds: number): number => Math.round(microseconds * 10) / 10;
  const shares = Object.entries(parts).map(
    ([name, part]) => [name, rounded((part * spent.main * each) / sum)] as const,
  );
  const others = [otherThreads, rounded((spent.all - spent.main) * each)] as const;
  return Object.fromEntries([...shares, others].sort(([, a], [, b]) => b - a));
}

const otherThreads = "other threads: collector, compiler, signatures";
