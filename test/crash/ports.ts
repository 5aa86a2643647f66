import { createServer } from "node:net";

/** Below the range from which systems give ports to outgoing connections: one of those would take it between two lives. */
const first = 20_000;
const last = 31_000;

/** The first of `count` ports in a row that are free now. */
export async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const start = first + Math.floor(Math.random() * (last - first));
    const found = await Promise.all(Array.from({ length: count }, (_, i) => isFree(start + i)));
    if (found.every(Boolean)) return start;
  }
  throw new Error(`no ${count} free ports in a row`);
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
