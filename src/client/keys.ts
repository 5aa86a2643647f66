import { type Bytes32, bytes32, concatBytes } from "../core/bytes.ts";

/** Whoever can sign: a wallet, a key in the browser, a key in a file. */
export interface Signer {
  readonly publicKey: Bytes32;
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** RFC 8410: what stands before the 32 bytes of a seed in an Ed25519 private key's DER. */
const pkcs8Prefix = new Uint8Array([0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20]);
const ed25519 = { name: "Ed25519" } as const;

/** WebCrypto's own types, by what its functions return: Node and browsers name them in different places. */
type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;
export interface KeyPair {
  readonly publicKey: Key;
  readonly privateKey: Key;
}

/** A new key. It never leaves WebCrypto unless it is made extractable. */
export async function generateSigner({ extractable = false } = {}): Promise<Signer> {
  const pair = (await crypto.subtle.generateKey(ed25519, extractable, ["sign", "verify"])) as KeyPair;
  return signerFromKeyPair(pair);
}

/** Of a WebCrypto pair, for instance one kept in a browser's database. */
export async function signerFromKeyPair(pair: KeyPair): Promise<Signer> {
  const publicKey = bytes32(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  return { publicKey, sign: (message) => signWith(pair.privateKey, message) };
}

/** Of a 32-byte seed (RFC 8032's private key; the first half of a Solana keypair file). */
export const signerFromSeed = async (seed: Uint8Array): Promise<Signer> => signerFromKeyPair(await keyPairOf(seed));

/** The same as a pair for a browser's database. Its private key cannot be read, unless it is made extractable. */
export async function keyPairOf(seed: Uint8Array, { extractable = false } = {}): Promise<KeyPair> {
  const der = concatBytes(pkcs8Prefix, bytes32(seed));
  const readable = await crypto.subtle.importKey("pkcs8", der, ed25519, true, ["sign"]);
  const { x = "" } = await crypto.subtle.exportKey("jwk", readable);
  const [publicKey, privateKey] = await Promise.all([
    crypto.subtle.importKey("raw", copy(fromBase64Url(x)), ed25519, true, ["verify"]),
    crypto.subtle.importKey("pkcs8", der, ed25519, extractable, ["sign"]),
  ]);
  return { publicKey, privateKey };
}

export async function verifySignature(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const key = await crypto.subtle.importKey("raw", copy(publicKey), ed25519, true, ["verify"]);
  return await crypto.subtle.verify(ed25519, key, copy(signature), copy(message));
}

const signWith = async (key: Key, message: Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.sign(ed25519, key, copy(message)));

/** WebCrypto's types ask for bytes in a buffer that is not shared. */
const copy = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

const fromBase64Url = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
