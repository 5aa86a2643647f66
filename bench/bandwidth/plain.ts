import { Agent, get } from "node:https";
import { readCertificate } from "./site.ts";

/**
 * The same URLs fetched directly, so many sites at once, one page of each after the other: what there is without nodes,
 * checks, files and pay.
 */
export async function fetchPlainly(
  sessions: readonly (readonly string[])[],
  port: number,
  atOnce: number,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce, ca: readCertificate("authority.pem") });
  const one = (url: URL): Promise<void> =>
    new Promise((resolve, reject) => {
      const { hostname, pathname } = url;
      const headers = { host: hostname };
      get({ agent, host: "127.0.0.1", port, servername: hostname, path: pathname, headers }, (response) => {
        response.resume();
        response.once("end", resolve);
      }).once("error", reject);
    });
  const begun = performance.now();
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < sessions.length) {
      const urls = sessions[next] as readonly string[];
      next++;
      for (const url of urls) await one(new URL(url));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  agent.destroy();
  return (performance.now() - begun) / 1_000;
}
