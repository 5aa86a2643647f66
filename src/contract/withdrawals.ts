import { z } from "zod";
import { base64Bytes, count, publicKey, text, timeMs, tokenAmount, transactionSignature } from "./wire.ts";

/** Tokens that contributors send on from their own wallets, in transactions that the network pays for. */

export const newWithdrawal = z.strictObject({
  to: publicKey.meta({ description: "The wallet that gets them; its token account is made where it has none." }),
  mint: publicKey.optional().meta({ description: "The token to send on. Default: the network's home token." }),
  amount: tokenAmount.optional().meta({
    description: "In tokens. Default: everything that the contributor's wallet holds.",
    examples: ["2.5"],
  }),
});
export type NewWithdrawal = z.input<typeof newWithdrawal>;

export const withdrawalStates = ["planned", "sent", "final", "expired", "failed"] as const;

export const withdrawalId = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .meta({ description: "Withdrawal: 32 hexadecimal digits." });

export const withdrawal = z.strictObject({
  id: withdrawalId,
  from: publicKey,
  to: publicKey,
  mint: publicKey,
  amount: tokenAmount,
  state: z.enum(withdrawalStates).meta({
    description:
      "`planned` until it is signed, `sent` until it is final or never will be: then `final`, `failed` or `expired`.",
  }),
  paidByNetwork: z
    .strictObject({
      feeLamports: count,
      rentLamports: count.meta({
        description: "For the token account that the destination lacks; 0 where it has one.",
      }),
    })
    .meta({ description: "What the transaction costs the network at most. It costs the contributor nothing." }),
  toSign: z
    .strictObject({
      message: base64Bytes.meta({
        description: "What the contributor's own key signs: a Solana message of version 0.",
      }),
      transaction: base64Bytes.meta({
        description: "The same with two empty signatures, for wallets that sign those.",
      }),
    })
    .nullable()
    .meta({ description: "Null once it was signed, or is too old to be." }),
  plannedAtMs: timeMs,
  expiresAtMs: timeMs.meta({ description: "By then it has to be signed." }),
  transaction: transactionSignature.nullable().meta({ description: "Its signature on chain, once it was sent." }),
  problem: text(2_000).nullable().meta({ description: "Why it failed, or could not be sent at the last try." }),
});
export type Withdrawal = z.output<typeof withdrawal>;

export const withdrawals = z.strictObject({ items: z.array(withdrawal) });
