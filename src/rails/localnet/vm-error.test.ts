import { getSolanaErrorFromTransactionError } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { transactionErrorJson, wasExecuted } from "./vm-error.ts";

class InstructionErrorCustom {
  readonly code = 6001;
}
class TransactionErrorInstructionError {
  readonly index = 2;
  readonly #error: number | object;
  constructor(error: number | object) {
    this.#error = error;
  }
  err(): number | object {
    return this.#error;
  }
}
class TransactionErrorDuplicateInstruction {
  readonly index = 3;
}
class TransactionErrorInsufficientFundsForRent {
  readonly accountIndex = 1;
}

/** What kit calls an error; its own fallback where it does not know the name. */
const kitName = (error: unknown): string => getSolanaErrorFromTransactionError(error as never).message;

describe("transactionErrorJson", () => {
  it("knows every plain variant by the name kit knows", () => {
    for (let variant = 0; variant < 35; variant++) {
      const name = transactionErrorJson(variant);
      // Two that only a block producer sees have no words in kit.
      if (name === "ProgramCacheHitMaxLimit" || name === "CommitCancelled") continue;
      expect(kitName(name), `${variant} ${String(name)}`).not.toMatch(/unrecognized/i);
    }
    expect(transactionErrorJson(35)).toBe("Unknown35");
  });

  it("knows every instruction error by the name kit knows", () => {
    for (let variant = 0; variant < 53; variant++) {
      const json = transactionErrorJson(new TransactionErrorInstructionError(variant));
      expect(kitName(json), JSON.stringify(json)).not.toMatch(/unrecognized/i);
    }
  });

  it("carries what an error carries", () => {
    expect(transactionErrorJson(new TransactionErrorInstructionError(new InstructionErrorCustom()))).toEqual({
      InstructionError: [2, { Custom: 6001 }],
    });
    expect(transactionErrorJson(new TransactionErrorDuplicateInstruction())).toEqual({ DuplicateInstruction: 3 });
    expect(transactionErrorJson(new TransactionErrorInsufficientFundsForRent())).toEqual({
      InsufficientFundsForRent: { account_index: 1 },
    });
  });

  it("tells what reached execution from what no block would hold", () => {
    expect(wasExecuted({ InstructionError: [0, "GenericError"] })).toBe(true);
    expect(wasExecuted({ InsufficientFundsForRent: { account_index: 1 } })).toBe(true);
    expect(wasExecuted({ DuplicateInstruction: 1 })).toBe(false);
    expect(wasExecuted("AccountNotFound")).toBe(false);
    expect(wasExecuted(null)).toBe(false);
  });
});
