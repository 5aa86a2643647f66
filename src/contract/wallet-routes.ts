import { z } from "zod";
import { route } from "./route.ts";
import { ofToken } from "./tokens.ts";
import { base64Bytes, hash32, tokenAmount } from "./wire.ts";

const ofSavedKey = z.strictObject({
  id: hash32.meta({ description: "32 bytes that only the passkey gives, in hexadecimal." }),
});

const savedKey = z.strictObject({
  wrapped: base64Bytes.meta({ description: "60 bytes: a nonce of 12, a key of 32 under AES-256-GCM, its tag of 16." }),
});

/** A contributor's wallet: what it holds, and its key for another browser. */
export const walletRoutes = {
  getWallet: route("getWallet", {
    tag: "withdrawals",
    method: "GET",
    path: "/v1/me/wallet",
    auth: "session",
    summary: "What the contributor's own wallet holds on chain: what may be sent on",
    query: ofToken,
    response: z.strictObject({ held: tokenAmount }),
    errors: ["TOKEN_NOT_FOUND", "CHAIN_UNAVAILABLE"],
  }),
  saveKey: route("saveKey", {
    tag: "identity",
    method: "PUT",
    path: "/v1/me/saved-keys/:id",
    auth: "session",
    summary: "Keep the contributor's key, as a passkey wrapped it, for another browser",
    params: ofSavedKey,
    body: savedKey,
    errors: ["LIMIT_EXCEEDED"],
  }),
  getSavedKey: route("getSavedKey", {
    tag: "identity",
    method: "GET",
    path: "/v1/saved-keys/:id",
    auth: "none",
    summary: "A key that a passkey wrapped: whoever knows the id has the passkey, and only it opens the key",
    params: ofSavedKey,
    response: savedKey,
    errors: ["SAVED_KEY_NOT_FOUND"],
  }),
};
