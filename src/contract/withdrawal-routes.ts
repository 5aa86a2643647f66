import { z } from "zod";
import { route } from "./route.ts";
import { ed25519Signature, limitText } from "./wire.ts";
import { newWithdrawal, withdrawal, withdrawalId, withdrawals } from "./withdrawals.ts";

/** What contributors send on, at the network's cost. */
export const withdrawalRoutes = {
  planWithdrawal: route("planWithdrawal", {
    tag: "withdrawals",
    method: "POST",
    path: "/v1/me/withdrawals",
    auth: "session",
    summary: "Plan to send tokens on from one's own wallet: what, where to, what it costs the network, what to sign",
    body: newWithdrawal,
    status: 201,
    response: withdrawal,
    errors: [
      "WITHDRAWAL_REFUSED",
      "WITHDRAWAL_STATE",
      "TRANSFER_REFUSED",
      "TOKENS_INSUFFICIENT",
      "TOKEN_NOT_FOUND",
      "LAMPORTS_INSUFFICIENT",
      "CHAIN_UNAVAILABLE",
    ],
    idempotent: true,
  }),
  sendWithdrawal: route("sendWithdrawal", {
    tag: "withdrawals",
    method: "POST",
    path: "/v1/me/withdrawals/:withdrawal/signature",
    auth: "session",
    summary: "Give the signature of the contributor's own key; the network adds its own, sends it and pays for it",
    params: z.strictObject({ withdrawal: withdrawalId }),
    body: z.strictObject({
      signature: ed25519Signature.meta({ description: "By the contributor's own key, over `toSign.message`." }),
    }),
    response: withdrawal,
    errors: ["WITHDRAWAL_NOT_FOUND", "WITHDRAWAL_STATE", "WITHDRAWAL_REFUSED", "SIGNATURE_MISMATCH"],
  }),
  listWithdrawals: route("listWithdrawals", {
    tag: "withdrawals",
    method: "GET",
    path: "/v1/me/withdrawals",
    auth: "session",
    summary: "What the contributor sent on, the newest first",
    query: z.strictObject({ limit: limitText.optional() }),
    response: withdrawals,
  }),
};
