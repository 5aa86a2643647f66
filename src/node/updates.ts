import { type Signer, verifySignature } from "../client/keys.ts";
import { fromBase64, toBase64, toUtf8 } from "../core/bytes.ts";
import { taggedBytes, tags } from "../core/hash.ts";
import { canonicalJson, type Json } from "../core/json.ts";

/** A newer program, as its makers announce it. Nothing is fetched or changed by itself. */
export interface Update {
  readonly version: string;
  readonly url: string;
  /** Of the download, in hexadecimal. */
  readonly sha256: string;
}

/** What the makers' key signs. */
export const updateStatement = ({ version, url, sha256 }: Update): Uint8Array =>
  taggedBytes(tags.update, toUtf8(canonicalJson({ version, url, sha256 })));

/** What its makers put where nodes look. */
export async function announcementOf(update: Update, signer: Signer): Promise<string> {
  return `${JSON.stringify({ ...update, signature: toBase64(await signer.sign(updateStatement(update))) })}\n`;
}

const announcementBytesMax = 10_000;
const fetchMsMax = 10_000;

/**
 * The announcement at an address: an update of another version than this one, signed by the key that this program was
 * given. Null where there is none, or where anything about it is not as it should be.
 */
export async function newerUpdate(url: string, key: Uint8Array, version: string): Promise<Update | null> {
  const response = await fetch(url, { signal: AbortSignal.timeout(fetchMsMax) });
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += piece.length;
    // What is longer is none of ours: no more of it is taken.
    if (length > announcementBytesMax) return null;
    pieces.push(piece);
  }
  return await readUpdate(Buffer.concat(pieces).toString("utf8"), key, version);
}

export async function readUpdate(text: string, key: Uint8Array, version: string): Promise<Update | null> {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    return null;
  }
  if (json === null || typeof json !== "object") return null;
  const { signature, ...fields } = json as { readonly [name: string]: Json };
  const update = fields as unknown as Update;
  const isWhole = [update.version, update.url, update.sha256, signature].every((each) => typeof each === "string");
  if (!isWhole || !/^[0-9a-f]{64}$/.test(update.sha256) || !isAbove(update.version, version)) return null;
  try {
    const isSigned = await verifySignature(key, updateStatement(update), fromBase64(signature as string));
    return isSigned ? { version: update.version, url: update.url, sha256: update.sha256 } : null;
  } catch {
    return null;
  }
}

/** An old announcement that is shown again offers nothing. */
function isAbove(a: string, b: string): boolean {
  if (!/^\d{1,6}\.\d{1,6}\.\d{1,6}$/.test(a)) return false;
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = ((left as number[])[i] ?? 0) - ((right as number[])[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
