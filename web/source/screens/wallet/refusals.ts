import { isApiError } from "../../../../src/client/errors.ts";
import { UnaskedTransfer } from "../../../../src/client/withdrawals.ts";
import { PageFault } from "../../fault.ts";
import { isMessageKey, type MessageKey } from "../../i18n.ts";

const byCode: Readonly<Record<string, MessageKey>> = {
  TOKENS_INSUFFICIENT: "refused.tokens",
  LAMPORTS_INSUFFICIENT: "refused.emptySponsor",
  CHAIN_UNAVAILABLE: "refused.chain",
  WITHDRAWAL_STATE: "refused.underWay",
  PAYING_ADDRESS_STATE: "refused.noWorkYet",
};

/** Why tokens are not sent, and what to do, in the words of who wanted to send them. */
export function inOwnWords(error: unknown): unknown {
  if (error instanceof UnaskedTransfer) return new PageFault("TRANSFER_UNASKED", "refused.unasked");
  if (!isApiError(error)) return error;
  const { reason } = error.context;
  const key = typeof reason === "string" ? `refused.${reason}` : "";
  const known = isMessageKey(key) ? key : byCode[error.code];
  return known === undefined ? error : new PageFault(error.code, known);
}

/** Runs work whose failures are said so. */
export async function explained<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    throw inOwnWords(error);
  }
}
