import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sessionToken } from "../../src/api/testing-engine.ts";
import { signerFromSeed } from "../../src/client/keys.ts";
import { temporaryFolder } from "./cli.ts";
import type { CliServer } from "./cli-server.ts";

/** Settings of somebody without an API key. */
export const noKey = { apiKey: null };

/** A folder with a profile in which a contributor is signed in to the server. */
export function signedInFolder({ url }: CliServer): string {
  const folder = temporaryFolder();
  const session = { token: sessionToken, key: "k", expiresAtMs: 2_000_000_000_000 };
  const profile = { server: url, apiKey: null, session, network: null };
  mkdirSync(join(folder, "data"));
  writeFileSync(
    join(folder, "data", "credentials.json"),
    JSON.stringify({ version: 1, profiles: { default: profile } }),
  );
  return folder;
}

/** A keypair file of a contributor, by its name in the folder. */
export async function keypairFile(folder: string, name = "id.json"): Promise<string> {
  const seed = new Uint8Array(32).fill(5);
  const { publicKey } = await signerFromSeed(seed);
  writeFileSync(join(folder, name), JSON.stringify([...seed, ...publicKey]));
  return name;
}
