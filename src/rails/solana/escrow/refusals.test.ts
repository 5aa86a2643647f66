import type { TransactionError } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { earnestError } from "../../../core/errors.ts";
import { type ProgramErrorName, programErrors } from "../program/program-errors.ts";
import { explained, isRefusal, refusalOfJson } from "./refusals.ts";

const system = "11111111111111111111111111111111";
const token = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const custom = (code: number): TransactionError => ({ InstructionError: [0, { Custom: code }] }) as never;
const refused = (error: TransactionError, ...logs: string[]) =>
  refusalOfJson(error, { payer: "payer", signature: "signature", logs });

describe("what the chain refuses", () => {
  it.each(Object.keys(programErrors) as ProgramErrorName[])("explains %s and says what to do", (name) => {
    const error = refused(custom(programErrors[name][0]));
    expect(error).toMatchObject({ code: "PROGRAM_REFUSED", context: { error: name } });
    expect(error.message).toBe(`The escrow program refused it (${name}): ${programErrors[name][1]}.`);
    expect(error.next).toMatch(/^[A-Z].*\.$/);
    expect(isRefusal(error, name)).toBe(true);
    expect(isRefusal(error, "UNKNOWN_INSTRUCTION", "EXPIRED")).toBe(["UNKNOWN_INSTRUCTION", "EXPIRED"].includes(name));
  });

  it("tells too few tokens from too few lamports by the program that failed first", () => {
    const one = "failed: custom program error: 0x1";
    const outer = `Program Earnest ${one}`;
    expect(refused(custom(1), `Program ${token} invoke [2]`, `Program ${token} ${one}`, outer).code).toBe(
      "TOKENS_INSUFFICIENT",
    );
    expect(refused(custom(1), `Program ${system} ${one}`, outer).code).toBe("LAMPORTS_INSUFFICIENT");
    expect(refused(custom(1), outer).code).toBe("TRANSACTION_FAILED");
    expect(refused(custom(17), `Program ${token} failed: custom program error: 0x11`).code).toBe("TRANSACTION_FAILED");
  });

  it.each([
    ["InsufficientFundsForFee", "LAMPORTS_INSUFFICIENT"],
    ["AccountNotFound", "LAMPORTS_INSUFFICIENT"],
    [{ InsufficientFundsForRent: { account_index: 0 } }, "LAMPORTS_INSUFFICIENT"],
    ["AccountInUse", "TRANSACTION_FAILED"],
  ])("explains %j", (error, code) => {
    expect(refused(error as never).code).toBe(code);
  });

  it("leaves other errors as they are", () => {
    const gone = earnestError("CHAIN_UNAVAILABLE", { url: "u", problem: "p" });
    const failed = earnestError("TRANSACTION_FAILED", { signature: "s", problem: "p" });
    for (const error of [gone, failed, new Error("x")]) expect(explained(error, "payer")).toBe(error);
  });
});
