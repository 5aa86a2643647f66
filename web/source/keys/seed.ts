import { bytes32 } from "../../../src/core/bytes.ts";
import { PageFault } from "../fault.ts";
import { openPasskey } from "./passkey.ts";
import type { KeptWallet } from "./wallet.ts";

/**
 * The key itself, to be put into a passkey or a file. Where a passkey has it, the browser's copy cannot be read, and the
 * passkey is asked for it: nobody takes the key from a device that was left open.
 */
export async function seedOf({ pair, seed, app }: KeptWallet): Promise<Uint8Array> {
  if (app !== undefined) throw new PageFault("KEY_ELSEWHERE", "save.elsewhere", { name: app.name });
  if (seed !== undefined) return seed;
  if (pair?.privateKey.extractable === true) {
    const { d = "" } = await crypto.subtle.exportKey("jwk", pair.privateKey);
    return bytes32(fromBase64Url(d));
  }
  return await openPasskey();
}

const fromBase64Url = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
