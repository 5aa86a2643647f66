import { generateKeyPairSync, type JsonWebKey, sign } from "node:crypto";
import { bytes32, toBase58, toBase64 } from "#src/core/bytes";
import { signInText } from "#src/core/statements";
import type { Signer } from "#src/engine/context";
import { signerFromSeed } from "#src/main/crypto";

export interface LoadKey extends Signer {
  readonly seed: Uint8Array;
}

export const keyOf = (seed: Uint8Array): LoadKey => ({ seed, ...signerFromSeed(seed) });

/** A new one: making it costs OpenSSL a tenth of reading it from its seed. */
export function newKey(): LoadKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { x, d } = privateKey.export({ format: "jwk" }) as Required<Pick<JsonWebKey, "x" | "d">>;
  const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, "base64url"));
  return {
    seed: bytesOf(d),
    publicKey: bytes32(bytesOf(x)),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

const sessionMs = 86_400_000;

/** A request with its body, and the JSON of the answer. */
type Ask = (method: "POST", path: string, body: object) => Promise<unknown>;

interface Begun {
  readonly token: string;
  readonly offers?: readonly { readonly slot: string }[];
}

/** Signs in a wallet that was never seen before: two requests. Takes a task of `market` with it, where one is named. */
export async function signIn(
  ask: Ask,
  domain: string,
  { session, wallet = newKey(), market }: { session: LoadKey; wallet?: LoadKey; market?: string },
): Promise<Begun> {
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
  const body = { message, signature, automated: true, ...(market !== undefined && { first: { market } }) };
  return (await ask("POST", "/v1/sessions", body)) as Begun;
}
