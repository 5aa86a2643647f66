import { type KeyPair, type Signer, signerFromKeyPair } from "../../../src/client/keys.ts";
import type { OpenSession } from "../../../src/client/session.ts";
import { toBase58 } from "../../../src/core/bytes.ts";
import { readOne, write } from "../database.ts";

type KeptSession = Omit<OpenSession, "signer"> & { readonly pair: KeyPair };

const place = "session";

/**
 * Sessions of a wallet's program are kept, so that it asks its owner once a day and not at every visit. The session's key
 * cannot be read.
 */
export function sessionKeeper(): { newKey(): Promise<Signer>; onSession(session: OpenSession): void } {
  let pair: KeyPair | null = null;
  return {
    async newKey() {
      pair = await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
      return await signerFromKeyPair(pair);
    },
    onSession({ signer: _, ...session }) {
      // One that is not kept costs its owner a signature more.
      if (pair !== null) write("keys", place, { ...session, pair } satisfies KeptSession).catch(() => undefined);
    },
  };
}

/** The session of this wallet that was kept, where it has not ended. */
export async function keptSession(wallet: Uint8Array, nowMs: number): Promise<OpenSession | null> {
  const kept = await readOne<KeptSession>("keys", place);
  if (kept === undefined || kept.expiresAtMs <= nowMs || kept.key !== toBase58(wallet)) return null;
  const { pair, ...session } = kept;
  return { ...session, signer: await signerFromKeyPair(pair) };
}
