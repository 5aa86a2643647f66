import {
  generateSigner,
  keyPairOf,
  type Signer,
  signerFromKeyPair,
  verifySignature,
} from "../../../src/client/keys.ts";
import { claim, readOne, write } from "../database.ts";
import { Store } from "../store.ts";

/** The contributor's key and the secret its salts are made of, as this browser keeps them. */
export interface Wallet {
  readonly signer: Signer;
  readonly saltSecret: Uint8Array;
  /** The key is in another program, which asks its owner at every signature. */
  readonly isApp: boolean;
}

/** Where else the key is, so that it outlives this browser. */
export interface Saved {
  readonly passkeyAtMs?: number;
  readonly fileAtMs?: number;
}

export interface KeptWallet {
  /**
   * A pair of WebCrypto. Its private key can be read until a passkey keeps it, or nobody could save it; from then on it
   * cannot, and the passkey gives it to whoever wants it in a file.
   */
  readonly pair?: CryptoKeyPair;
  /** The seed of one where this browser has no such pairs. */
  readonly seed?: Uint8Array;
  /** The wallet's program that has it. */
  readonly app?: { readonly name: string; readonly publicKey: Uint8Array };
  readonly saltSecret: Uint8Array;
  readonly createdAtMs: number;
  /** Missing where the key is nowhere else. */
  readonly saved?: Saved;
}

const place = "wallet";

/** What this browser keeps; null where it keeps no key. */
export const keptWallet = new Store<KeptWallet | null>(null);

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
  const kept = await readOne<KeptWallet>("keys", place);
  keptWallet.set(kept ?? null);
  return kept === undefined ? null : await walletOf(kept);
}

/** Makes a key and keeps it. Two tabs that do so at once agree on the one that was there first. */
export async function makeWallet(): Promise<Wallet> {
  const saved = await savedWallet();
  if (saved !== null) return saved;
  const own = newKept();
  const made: KeptWallet = (await canKeepKeys())
    ? { ...own, pair: await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]) }
    : { ...own, seed: crypto.getRandomValues(new Uint8Array(32)) };
  const there = await claim("keys", place, made);
  keptWallet.set(there);
  await persist();
  return await walletOf(there);
}

const newKept = (): Pick<KeptWallet, "saltSecret" | "createdAtMs"> => ({
  saltSecret: crypto.getRandomValues(new Uint8Array(32)),
  createdAtMs: Date.now(),
});

/** So that the browser does not clear it when its disk gets full; it may say no. */
const persist = async (): Promise<unknown> => await navigator.storage?.persist?.().catch(() => false);

/** A wallet of this seed, for a browser to keep: one whose key can be read, until a passkey has it. */
export async function keptOfSeed(seed: Uint8Array, saved: Saved): Promise<KeptWallet> {
  if (!(await canKeepKeys())) return { ...newKept(), seed, saved };
  const extractable = saved.passkeyAtMs === undefined;
  return { ...newKept(), pair: await keyPairOf(seed, { extractable }), saved };
}

export const keptOfApp = (name: string, publicKey: Uint8Array): KeptWallet => ({
  ...newKept(),
  app: { name, publicKey },
});

/** Keeps a wallet in the place of the one that was here. */
export async function keep(kept: KeptWallet): Promise<void> {
  await write("keys", place, kept);
  keptWallet.set(kept);
  await persist();
}

async function walletOf({ pair, seed, app, saltSecret }: KeptWallet): Promise<Wallet> {
  if (app !== undefined) {
    const { appSigner } = await import("./apps.ts");
    return { signer: appSigner(app), saltSecret, isApp: true };
  }
  if (pair !== undefined) return { signer: await signerFromKeyPair(pair), saltSecret, isApp: false };
  const { pureSigner } = await import("./pure.ts");
  return { signer: pureSigner(seed as Uint8Array), saltSecret, isApp: false };
}

/** A key for one session, which signs requests. */
export async function newSessionKey(): Promise<Signer> {
  if (await canKeepKeys()) return await generateSigner();
  const { newSeed, pureSigner } = await import("./pure.ts");
  return pureSigner(newSeed());
}

/** A key that nothing has to keep, as its seed can be had again. */
export async function signerOfSeed(seed: Uint8Array): Promise<Signer> {
  if (await canKeepKeys()) return await signerFromKeyPair(await keyPairOf(seed));
  return (await import("./pure.ts")).pureSigner(seed);
}

export async function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (await canKeepKeys()) return await verifySignature(publicKey, message, signature);
  return (await import("./pure.ts")).pureVerify(publicKey, message, signature);
}
