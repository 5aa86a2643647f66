import { base58, base64 } from "@scure/base";
import { formatAmount } from "../../core/amount.ts";
import { fromUtf8 } from "../../core/bytes.ts";
import { memoProgram, type StoredAccount, tokenAccountView } from "./accounts.ts";
import type { Execution } from "./vm.ts";
import type { WireJson } from "./wire-json.ts";
import type { WireMessage } from "./wire-transaction.ts";

/** What an account held before or after a transaction. */
export interface Holding {
  readonly lamports: bigint;
  readonly token: StoredAccount | null;
}

export interface Keys {
  readonly addresses: readonly string[];
  readonly writable: readonly boolean[];
  readonly loadedWritable: readonly string[];
  readonly loadedReadonly: readonly string[];
}

interface MetaParts {
  readonly execution: Execution;
  readonly fee: bigint;
  readonly keys: Keys;
  readonly before: readonly Holding[];
  readonly after: readonly Holding[];
  readonly decimalsOf: (mint: string) => number;
}

/** The `meta` of getTransaction, but for jsonParsed, which is made when asked for. */
export function transactionMeta({ execution, fee, keys, before, after, decimalsOf }: MetaParts) {
  const { error } = execution;
  return {
    err: error,
    status: error === null ? { Ok: null } : { Err: error },
    fee: integer(fee),
    preBalances: before.map((each) => integer(each.lamports)),
    postBalances: after.map((each) => integer(each.lamports)),
    preTokenBalances: tokenBalances(before, decimalsOf),
    postTokenBalances: tokenBalances(after, decimalsOf),
    innerInstructions: innerInstructions(execution),
    logMessages: execution.logs,
    loadedAddresses: { writable: keys.loadedWritable, readonly: keys.loadedReadonly },
    computeUnitsConsumed: integer(execution.computeUnits),
    rewards: [],
    returnData: returnDataJson(execution),
  } satisfies WireJson;
}

export type TransactionMeta = ReturnType<typeof transactionMeta>;

/** As a number where one holds it: JSON of numbers is written many times as quickly. */
const integer = (value: bigint): WireJson => (value <= Number.MAX_SAFE_INTEGER ? Number(value) : value);

export const returnDataJson = ({ returnData }: Execution): WireJson | undefined =>
  returnData === null ? undefined : { programId: returnData.program, data: [base64.encode(returnData.data), "base64"] };

/** Instructions that programs called, as they are kept: `jsonParsed` is made of it when asked for. */
export type InnerJson = {
  readonly index: number;
  readonly instructions: readonly {
    readonly programIdIndex: number;
    readonly accounts: readonly number[];
    readonly data: string;
    readonly stackHeight: number;
  }[];
};

export const innerInstructions = (execution: Execution): InnerJson[] =>
  execution.inner.flatMap((list, index) =>
    list.length === 0
      ? []
      : {
          index,
          instructions: list.map((each) => ({
            programIdIndex: each.program,
            accounts: [...each.accounts],
            data: base58.encode(each.data),
            stackHeight: each.stackHeight,
          })),
        },
  );

const tokenBalances = (holdings: readonly Holding[], decimalsOf: (mint: string) => number): WireJson[] =>
  holdings.flatMap(({ token }, accountIndex) => {
    if (token === null) return [];
    const { mint, owner, amount } = tokenAccountView(token);
    return { accountIndex, mint, owner, programId: token.owner, uiTokenAmount: uiAmount(amount, decimalsOf(mint)) };
  });

export function uiAmount(amount: bigint, decimals: number): WireJson {
  const text = formatAmount(amount, decimals);
  return { amount: amount.toString(), decimals, uiAmount: Number(text), uiAmountString: text };
}

/** "[5] hello", as getSignaturesForAddress shows memos. */
export function memoText(message: WireMessage): string {
  const memos = message.instructions.filter((each) => message.addresses[each.program] === memoProgram);
  return memos
    .map(({ data }) => {
      try {
        return `[${data.length}] ${fromUtf8(data)}`;
      } catch {
        return `[${data.length}] (not UTF-8)`;
      }
    })
    .join("; ");
}
