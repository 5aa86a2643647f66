import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { type Network, network as networkSchema } from "../contract/network.ts";
import { earnestError, isEarnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { readTextFile, writeFileWhole } from "./files.ts";

/** A server, and what is known and owned there. */
export interface Profile {
  readonly server: string;
  readonly apiKey: string | null;
  readonly session: ProfileSession | null;
  /** As the server said when the profile was written: the signer that receipts are checked against offline. */
  readonly network: Network | null;
}

export interface ProfileSession {
  readonly token: string;
  /** Base58 of the contributor's key. */
  readonly key: string;
  readonly expiresAtMs: number;
}

export type Profiles = Readonly<Record<string, Profile>>;

export const defaultProfile = "default";
const bytesMax = 1_000_000;

export const credentialsPath = (dataFolder: string): string => join(dataFolder, "credentials.json");

export async function readProfiles(dataFolder: string): Promise<Profiles> {
  const path = credentialsPath(dataFolder);
  let text: string;
  try {
    text = await readTextFile(path, bytesMax);
  } catch (error) {
    if (isEarnestError(error, "FILE_NOT_FOUND")) return {};
    throw error;
  }
  return parseProfiles(path, text);
}

/** Adds or replaces one profile. The file holds secrets, so nobody else may read it. */
export async function writeProfile(dataFolder: string, name: string, profile: Profile): Promise<void> {
  const path = credentialsPath(dataFolder);
  const profiles = { ...(await readProfiles(dataFolder)), [name]: profile };
  await writeFileWhole(path, `${JSON.stringify({ version: 1, profiles }, null, 2)}\n`, 0o600);
  await chmod(path, 0o600);
}

function parseProfiles(path: string, text: string): Profiles {
  const fail = (problem: string): never => {
    throw earnestError("MALFORMED_FILE", { path, problem, mend: "Move it away and run `earnest login` again." });
  };
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    return fail("it is not JSON");
  }
  const { version, profiles } = objectOf(json) ?? {};
  if (version !== 1) fail("it is of another version");
  const entries = Object.entries(objectOf(profiles) ?? fail("it has no profiles"));
  return Object.fromEntries(
    entries.map(([name, each]) => [name, parseProfile(each) ?? fail(`its profile "${name}" is damaged`)]),
  );
}

function parseProfile(json: Json): Profile | null {
  const { server, apiKey = null, session = null, network = null } = objectOf(json) ?? {};
  // Facts in the shape of another version are as good as none: the next login writes them anew.
  const known = networkSchema.safeParse(network);
  if (typeof server !== "string" || !(apiKey === null || typeof apiKey === "string")) return null;
  const kept = session === null ? null : parseSession(session);
  if (kept === undefined) return null;
  return { server, apiKey, session: kept, network: known.data ?? null };
}

function parseSession(json: Json): ProfileSession | undefined {
  const { token, key, expiresAtMs } = objectOf(json) ?? {};
  const isWhole = typeof token === "string" && typeof key === "string" && typeof expiresAtMs === "number";
  return isWhole ? { token, key, expiresAtMs } : undefined;
}

const objectOf = (json: Json | undefined): { readonly [key: string]: Json } | undefined =>
  json !== null && typeof json === "object" && !Array.isArray(json)
    ? (json as { readonly [key: string]: Json })
    : undefined;
