import { fromBase64, toBase64, toUtf8 } from "../../../src/core/bytes.ts";
import { PageFault } from "../fault.ts";

/**
 * A contributor's key in a file, under a password. What is needed to open it but the password stands in it, so that it
 * can be opened without us too: PBKDF2 gives a key for AES-256-GCM, and the address is authenticated beside.
 */
export interface RecoveryFile {
  readonly format: "earnest/recovery-file/1";
  readonly address: string;
  readonly kdf: "PBKDF2-HMAC-SHA-256";
  readonly iterations: number;
  readonly salt: string;
  readonly nonce: string;
  /** 32 bytes of key and a tag of 16. */
  readonly sealed: string;
}

const format = "earnest/recovery-file/1";
const iterations = 600_000;
/** So that nobody's file keeps a page busy for ever. */
const iterationsMax = 10_000_000;
export const passwordCharactersMin = 10;

export async function sealedFile(seed: Uint8Array, address: string, password: string): Promise<RecoveryFile> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const key = await keyOf(password, salt, iterations);
  const sealed = await crypto.subtle.encrypt(cipher(nonce, address), key, new Uint8Array(seed));
  return {
    format,
    address,
    kdf: "PBKDF2-HMAC-SHA-256",
    iterations,
    salt: toBase64(salt),
    nonce: toBase64(nonce),
    sealed: toBase64(new Uint8Array(sealed)),
  };
}

/** What a file says it is; a fault where it is none of ours. */
export function recoveryFileOf(text: string): RecoveryFile {
  const isText = (value: unknown): boolean => typeof value === "string" && value.length <= 200;
  try {
    const file = JSON.parse(text) as RecoveryFile;
    const texts = [file.address, file.salt, file.nonce, file.sealed];
    const isOurs = file.format === format && file.kdf === "PBKDF2-HMAC-SHA-256" && texts.every(isText);
    if (isOurs && Number.isInteger(file.iterations) && file.iterations <= iterationsMax) return file;
  } catch {
    // Not even JSON.
  }
  throw new PageFault("FILE_UNKNOWN", "restore.notAFile");
}

export async function openedFile(file: RecoveryFile, password: string): Promise<Uint8Array> {
  try {
    const key = await keyOf(password, fromBase64(file.salt), file.iterations);
    const sealed = new Uint8Array(fromBase64(file.sealed));
    return new Uint8Array(await crypto.subtle.decrypt(cipher(fromBase64(file.nonce), file.address), key, sealed));
  } catch {
    throw new PageFault("PASSWORD_WRONG", "restore.wrongPassword");
  }
}

const cipher = (nonce: Uint8Array, address: string): AesGcmParams => ({
  name: "AES-GCM",
  iv: new Uint8Array(nonce),
  additionalData: new Uint8Array(toUtf8(address)),
});

async function keyOf(password: string, salt: Uint8Array, count: number): Promise<CryptoKey> {
  const typed = new Uint8Array(toUtf8(password.normalize("NFKC")));
  const base = await crypto.subtle.importKey("raw", typed, "PBKDF2", false, ["deriveKey"]);
  return await crypto.subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt: new Uint8Array(salt), iterations: count },
    base,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}
