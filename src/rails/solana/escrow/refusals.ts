import {
  getSolanaErrorFromTransactionError,
  isSolanaError,
  SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
  SOLANA_ERROR__TRANSACTION_ERROR__ACCOUNT_NOT_FOUND,
  SOLANA_ERROR__TRANSACTION_ERROR__INSUFFICIENT_FUNDS_FOR_FEE,
  SOLANA_ERROR__TRANSACTION_ERROR__INSUFFICIENT_FUNDS_FOR_RENT,
  type TransactionError,
} from "@solana/kit";
import { type EarnestError, earnestError, isEarnestError } from "../../../core/errors.ts";
import { type ProgramErrorName, programErrorName, programErrors } from "../program/program-errors.ts";

/** What to do about the errors that people meet; the others mean that a client is wrong. */
const mends: Partial<Record<ProgramErrorName, string>> = {
  WRONG_VERSION: "Use the version of Earnest that belongs to the deployed program.",
  MINT_REFUSED: "Name a mint of the SPL Token or the Token-2022 program.",
  MINT_EXTENSION_REFUSED: "Pay in a token without transfer fees, hooks or a permanent delegate.",
  VAULT_REFUSED: "Open the pool with another number: its token account was made by somebody else.",
  ROTATION_PENDING: "Activate or cancel the rotation that is pending.",
  ROTATION_TOO_EARLY: "Wait until the delay of the rotation has passed, and send the signatures again.",
  TOKEN_ACCOUNT_UNUSABLE: "Mend the token account (thaw it, create it, or drop its memo requirement); the claim stays.",
  POOL_WOUND_DOWN: "Claim or take a refund; a wound-down pool takes nothing in.",
  MARKET_CLOSING: "Open another market; one that closes takes no deposit.",
  NOT_THE_OWNER: "Sign with the wallet that owns the tokens.",
  NOT_THE_REQUESTER: "Sign with the wallet that opened the market.",
  SIGNATURES_TOO_FEW: "Ask more attestors to sign the message.",
  SIGNER_REFUSED: "Leave out signatures of keys that are no attestors now.",
  SIGNATURES_OTHER_MESSAGE: "Read network and pool again: the message was signed for another state of theirs.",
  WRONG_EPOCH: "Read the pool: its next epoch was committed already, or this one is not next.",
  AS_OF_REFUSED: "Wait until the cluster's clock has passed the message's time.",
  EXPIRED: "Have a new message signed.",
  OVER_ALLOCATED: "Fund the market, or wait until its deposit is finalized.",
  UNKNOWN_ROOT: "Prove it under one of the last four roots of the pool.",
  NOTHING_DUE: "Nothing to do: it was paid.",
  REFUND_TOO_EARLY: "Wait for the first commit after the market's closing time.",
  NOT_DEAD_YET: "Wait until the dead time has passed since the last commit.",
};

/** As the program would say it. */
export const refusedWith = (name: ProgramErrorName, cause?: unknown): EarnestError => {
  const mend = mends[name];
  const context = { error: name, meaning: programErrors[name][1] };
  return earnestError("PROGRAM_REFUSED", mend === undefined ? context : { ...context, mend }, { cause });
};

/** Which program refused first: errors pass through its callers. */
const failedProgram = /^Program (\w+) failed/;
const tokenPrograms = ["TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA", "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"];
const systemProgram = "11111111111111111111111111111111";
/** What both say where there is too little. */
const tooLittle = 1;

export interface Refused {
  readonly payer: string;
  readonly signature: string;
  readonly logs: readonly string[];
}

/** A transaction's error, as a sentence of the catalogue. `error` is kit's. */
export function refusal(error: unknown, { payer, signature, logs }: Refused): EarnestError {
  if (isSolanaError(error, SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM)) {
    const code = Number(error.context.code);
    const name = programErrorName(code);
    if (name !== undefined) return refusedWith(name, error);
    const by = logs.map((line) => failedProgram.exec(line)?.[1]).find((each) => each !== undefined) ?? "";
    if (code === tooLittle && by === systemProgram) return noLamports(payer, "the rent cannot be paid", error);
    if (code === tooLittle && tokenPrograms.includes(by)) {
      return earnestError("TOKENS_INSUFFICIENT", { account: "that pays" }, { cause: error });
    }
  }
  if (
    isSolanaError(error, SOLANA_ERROR__TRANSACTION_ERROR__ACCOUNT_NOT_FOUND) ||
    isSolanaError(error, SOLANA_ERROR__TRANSACTION_ERROR__INSUFFICIENT_FUNDS_FOR_FEE)
  ) {
    return noLamports(payer, "the fee cannot be paid", error);
  }
  if (isSolanaError(error, SOLANA_ERROR__TRANSACTION_ERROR__INSUFFICIENT_FUNDS_FOR_RENT)) {
    return noLamports(payer, "the rent cannot be paid", error);
  }
  const words = error instanceof Error ? error.message : String(error);
  const problem = [words, ...logs.slice(-2)].join("; ");
  return earnestError("TRANSACTION_FAILED", { signature, problem }, { cause: error });
}

const noLamports = (payer: string, needed: string, cause: unknown): EarnestError =>
  earnestError("LAMPORTS_INSUFFICIENT", { payer, needed }, { cause });

/** The error of a simulation or a status, which is JSON. */
export const refusalOfJson = (error: TransactionError, refused: Refused): EarnestError =>
  refusal(getSolanaErrorFromTransactionError(error), refused);

/** What `submit` throws where a node refuses, in the words of the escrow program; every other error as it is. */
export function explained(error: unknown, payer: string): unknown {
  if (!isEarnestError(error, "TRANSACTION_FAILED")) return error;
  const { cause } = error;
  if (!isSolanaError(cause, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE)) return error;
  const logs = cause.context.logs ?? [];
  return refusal(cause.cause, { payer, logs, signature: error.context.signature });
}

/** Whether it is this error of the program. */
export const isRefusal = (error: unknown, ...names: readonly ProgramErrorName[]): boolean =>
  isEarnestError(error, "PROGRAM_REFUSED") && (names as readonly string[]).includes(error.context.error);
