import { randomBytes } from "node:crypto";
import { toBase58, toBase64 } from "#src/core/bytes";
import { signInText } from "#src/core/statements";
import type { Signer } from "#src/engine/context";
import { signerFromSeed } from "#src/main/crypto";

export interface LoadKey extends Signer {
  readonly seed: Uint8Array;
}

export const keyOf = (seed: Uint8Array): LoadKey => ({ seed, ...signerFromSeed(seed) });

export const newKey = (): LoadKey => keyOf(randomBytes(32));

const sessionMs = 86_400_000;

/** A request with its body, and the JSON of the answer. */
type Ask = (method: "POST", path: string, body: object) => Promise<unknown>;

/** Signs in a wallet that was never seen before: two requests. Returns the session's token. */
export async function signIn(ask: Ask, domain: string, session: LoadKey, wallet = newKey()): Promise<string> {
  const { nonce } = (await ask("POST", "/v1/challenges", {})) as { nonce: string };
  const nowMs = Date.now();
  const message = signInText({
    domain,
    address: toBase58(wallet.publicKey),
    nonce,
    issuedAt: new Date(nowMs).toISOString(),
    expirationTime: new Date(nowMs + sessionMs).toISOString(),
    sessionKey: toBase58(session.publicKey),
  });
  const signature = toBase64(wallet.sign(Buffer.from(message)));
  const body = { message, signature, automated: true };
  return ((await ask("POST", "/v1/sessions", body)) as { token: string }).token;
}
