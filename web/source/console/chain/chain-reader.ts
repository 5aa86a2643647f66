import { fromBase64 } from "../../../../src/core/bytes.ts";
import { earnestError } from "../../../../src/core/errors.ts";
import type { ChainAccount, ChainReader } from "../../../../src/core/pool-trust.ts";

const timeoutMs = 10_000;

/** Asks a node of the chain from this page: nobody stands between, and nothing but the question is sent. */
export function chainReaderAt(rpcUrl: string): ChainReader {
  const { origin } = new URL(rpcUrl);
  const unavailable = (problem: string) => earnestError("CHAIN_UNAVAILABLE", { url: origin, problem });
  const ask = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    const answer = await fetch(rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      credentials: "omit",
      signal: AbortSignal.timeout(timeoutMs),
    })
      .then((response) => response.json() as Promise<{ result?: unknown; error?: { message?: string } }>)
      .catch((error: unknown) => {
        throw unavailable(error instanceof Error ? error.message : String(error));
      });
    if (answer.result === undefined) throw unavailable(answer.error?.message ?? "it gave no result");
    return answer.result;
  };
  return {
    origin,
    genesisHash: async () => String(await ask("getGenesisHash", [])),
    async accounts(addresses) {
      const options = { commitment: "finalized", encoding: "base64" };
      const found = await ask("getMultipleAccounts", [addresses, options]);
      try {
        const { context, value } = found as AccountsJson;
        return { slot: BigInt(context.slot), accounts: value.map(accountOf) };
      } catch (error) {
        throw unavailable(`its answer cannot be read: ${String(error)}`);
      }
    },
  };
}

interface AccountsJson {
  readonly context: { readonly slot: number };
  readonly value: readonly (AccountJson | null)[];
}

interface AccountJson {
  readonly owner: string;
  readonly executable: boolean;
  readonly data: readonly [string, string];
}

const accountOf = (account: AccountJson | null): ChainAccount | null =>
  account === null ? null : { owner: account.owner, executable: account.executable, data: fromBase64(account.data[0]) };
