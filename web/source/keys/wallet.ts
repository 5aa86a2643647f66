import { generateSigner, type Signer, signerFromKeyPair, verifySignature } from "../../../src/client/keys.ts";
import { claim, readOne } from "../database.ts";

/** The contributor's key and the secret its salts are made of, as this browser keeps them. */
export interface Wallet {
  readonly signer: Signer;
  readonly saltSecret: Uint8Array;
}

interface Kept {
  /** A pair that cannot be read, or the seed of one where this browser has no such pairs. */
  readonly pair?: CryptoKeyPair;
  readonly seed?: Uint8Array;
  readonly saltSecret: Uint8Array;
  readonly createdAtMs: number;
}

const place = "wallet";

let hasEd25519: Promise<boolean> | null = null;

/** A page without HTTPS has no WebCrypto at all, and browsers before 2025 may lack Ed25519. */
function canKeepKeys(): Promise<boolean> {
  hasEd25519 ??= (async () => {
    try {
      await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
      return true;
    } catch {
      return false;
    }
  })();
  return hasEd25519;
}

export async function savedWallet(): Promise<Wallet | null> {
  const kept = await readOne<Kept>("keys", place);
  return kept === undefined ? null : await walletOf(kept);
}

/** Makes a key and keeps it. Two tabs that do so at once agree on the one that was there first. */
export async function makeWallet(): Promise<Wallet> {
  const saved = await savedWallet();
  if (saved !== null) return saved;
  const saltSecret = crypto.getRandomValues(new Uint8Array(32));
  const own = { saltSecret, createdAtMs: Date.now() };
  const kept: Kept = (await canKeepKeys())
    ? {
        ...own,
        pair: await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]),
      }
    : { ...own, seed: crypto.getRandomValues(new Uint8Array(32)) };
  const there = await claim("keys", place, kept);
  // So that the browser does not clear it when its disk gets full; it may say no.
  await navigator.storage?.persist?.().catch(() => false);
  return await walletOf(there);
}

async function walletOf({ pair, seed, saltSecret }: Kept): Promise<Wallet> {
  if (pair !== undefined) return { signer: await signerFromKeyPair(pair), saltSecret };
  const { pureSigner } = await import("./pure.ts");
  return { signer: pureSigner(seed as Uint8Array), saltSecret };
}

/** A key for one session, which signs requests. */
export async function newSessionKey(): Promise<Signer> {
  if (await canKeepKeys()) return await generateSigner();
  const { newSeed, pureSigner } = await import("./pure.ts");
  return pureSigner(newSeed());
}

export async function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (await canKeepKeys()) return await verifySignature(publicKey, message, signature);
  return (await import("./pure.ts")).pureVerify(publicKey, message, signature);
}
