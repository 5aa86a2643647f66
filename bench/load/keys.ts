import { createPrivateKey, randomBytes, sign } from "node:crypto";
import { type Bytes32, toBase58, toBase64 } from "#src/core/bytes";
import { signInText } from "#src/core/statements";
import { signerFromSeed } from "#src/main/crypto";

export interface LoadKey {
  readonly seed: Uint8Array;
  readonly publicKey: Bytes32;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** By the platform's own ed25519: a bench is not about how fast its clients are. */
export function keyOf(seed: Uint8Array): LoadKey {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: "der", type: "pkcs8" });
  return {
    seed,
    publicKey: signerFromSeed(seed).publicKey,
    sign: (message) => sign(null, message, key),
  };
}

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
