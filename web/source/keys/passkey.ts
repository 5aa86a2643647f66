import { isApiError } from "../../../src/client/errors.ts";
import { routes } from "../../../src/contract/routes.ts";
import { fromBase64, toBase64, toHex, toUtf8 } from "../../../src/core/bytes.ts";
import { transport, watched } from "../connection.ts";
import { PageFault } from "../fault.ts";
import type { MessageKey } from "../i18n.ts";

/**
 * A passkey gives a secret of its own (WebAuthn's extension PRF), the same on every device it is on. From it come a key
 * that wraps the contributor's key, and the id under which the network keeps what was wrapped. The network can neither
 * open it nor tell whose passkey it is of.
 */
interface PasskeySecret {
  readonly id: string;
  readonly key: CryptoKey;
}

const secretInput = new Uint8Array(toUtf8("earnest/saved-key/1"));
const nonceBytes = 12;

/** Why passkeys cannot be used in this page; null where they can. */
export function passkeyLack(): MessageKey | null {
  if (!isSecureContext) return "save.needsHttps";
  if (typeof PublicKeyCredential === "undefined") return "save.noPasskeys";
  return /^[\d.]+$|^\[/.test(location.hostname) ? "save.needsName" : null;
}

/** Makes a passkey for this wallet; what it is called is what its owner sees in the list of their passkeys. */
export async function wrapWithPasskey(
  seed: Uint8Array,
  { publicKey, name }: { readonly publicKey: Uint8Array; readonly name: string },
): Promise<{ readonly id: string; readonly wrapped: string }> {
  const made = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { name: "Earnest" },
        // Of the wallet, so that a second one takes the place of the first.
        user: { id: new Uint8Array(publicKey), name, displayName: name },
        // Nobody checks what it signs: what counts is the secret that it gives.
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        pubKeyCredParams: [-7, -257, -8].map((alg) => ({ type: "public-key", alg })),
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        extensions: { prf: { eval: { first: secretInput } } },
      },
    }),
  );
  const { prf } = made.getClientExtensionResults();
  if (prf?.enabled === false) throw new PageFault("PASSKEY_WITHOUT_SECRET", "save.noSecret");
  // Many give their secret only when they are asked the second time.
  const secret = prf?.results?.first ?? (await secretBy([{ type: "public-key", id: made.rawId }]));
  const { id, key } = await keysOf(secret);
  const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, new Uint8Array(seed));
  return { id, wrapped: toBase64(new Uint8Array([...nonce, ...new Uint8Array(sealed)])) };
}

/** The key that a passkey of this person keeps. */
export async function openPasskey(): Promise<Uint8Array> {
  const { id, key } = await keysOf(await secretBy([]));
  const { wrapped } = await watched(transport.call(routes.getSavedKey, { params: { id } })).catch((error: unknown) => {
    if (isApiError(error, "SAVED_KEY_NOT_FOUND")) throw new PageFault("SAVED_KEY_NOT_FOUND", "restore.nothingSaved");
    throw error;
  });
  const bytes = new Uint8Array(fromBase64(wrapped));
  try {
    const iv = bytes.subarray(0, nonceBytes);
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bytes.subarray(nonceBytes)));
  } catch {
    throw new PageFault("SAVED_KEY_BROKEN", "restore.broken");
  }
}

async function secretBy(allowCredentials: PublicKeyCredentialDescriptor[]): Promise<BufferSource> {
  const used = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        allowCredentials,
        userVerification: "required",
        extensions: { prf: { eval: { first: secretInput } } },
      },
    }),
  );
  const secret = used.getClientExtensionResults().prf?.results?.first;
  if (secret === undefined) throw new PageFault("PASSKEY_WITHOUT_SECRET", "save.noSecret");
  return secret;
}

async function keysOf(secret: BufferSource): Promise<PasskeySecret> {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits", "deriveKey"]);
  const derived = (info: string): HkdfParams => ({
    name: "HKDF",
    hash: "SHA-256",
    salt: new Uint8Array(0),
    info: new Uint8Array(toUtf8(info)),
  });
  const [id, key] = await Promise.all([
    crypto.subtle.deriveBits(derived("earnest/saved-key/id/1"), base, 256),
    crypto.subtle.deriveKey(derived("earnest/saved-key/wrap/1"), base, { name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]),
  ]);
  return { id: toHex(new Uint8Array(id)), key };
}

async function asked(work: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await work();
    if (credential !== null) return credential as PublicKeyCredential;
  } catch (error) {
    // Browsers say no more, so that pages learn nothing of passkeys that are not theirs.
    const isDeclined = error instanceof DOMException && ["NotAllowedError", "AbortError"].includes(error.name);
    if (!isDeclined) throw new PageFault("PASSKEY_FAILED", "save.passkeyFailed", { problem: String(error) });
  }
  throw new PageFault("PASSKEY_DECLINED", "save.declined");
}
