import { base58 } from "@scure/base";
import { accountFormat, accountJson } from "./account-json.ts";
import type { Simulated, Submission } from "./chain.ts";
import type { HistoryEntry } from "./history.ts";
import { returnDataJson } from "./meta.ts";
import { type Methods, type RpcContext, withContext } from "./methods.ts";
import {
  type Config,
  checkedAddress,
  checkedSignature,
  decodeText,
  type Params,
  requireContextSlot,
} from "./params.ts";
import { invalidParams, RpcError, rpcCodes } from "./rpc-error.ts";
import { blockhashSlots } from "./slots.ts";
import { parsedInner, transactionJson } from "./transaction-json.ts";
import type { Execution } from "./vm.ts";
import { readJson, type WireJson } from "./wire-json.ts";
import { readTransaction, WireError, type WireTransaction } from "./wire-transaction.ts";

const statusesMax = 256;
const signaturesMax = 1000;
const simulatedAccountsMax = 64;

export const transactionMethods: Methods = {
  sendTransaction: async ({ chain, sender }, params) => {
    const config = params.config(1);
    const transaction = readParam(params, config);
    requireContextSlot(config, chain.now().slot);
    const signature = base58.encode(transaction.signatures[0] as Uint8Array);
    const skipPreflight = config.flag("skipPreflight");
    const submission = await sender.send(transaction, !skipPreflight);
    // Without preflight a node answers at once and drops what no block can hold; only a wrong signature is told.
    if (submission.kind === "refused" && (!skipPreflight || submission.execution.error === "SignatureFailure")) {
      throw preflightError(submission);
    }
    return signature;
  },

  simulateTransaction: ({ chain }, params) => {
    const config = params.config(1);
    const transaction = readParam(params, config);
    requireContextSlot(config, chain.now().slot);
    const [verify, replace] = [config.flag("sigVerify"), config.flag("replaceRecentBlockhash")];
    if (verify && replace) throw invalidParams("sigVerify may not be used with replaceRecentBlockhash");
    const simulated = chain.simulate(transaction, { verify, checkBlockhash: !replace });
    if (simulated.error === "SignatureFailure") throw signatureError();
    const { slot } = chain.now();
    return withContext(chain, {
      ...simulationJson(simulated, simulated.ran),
      accounts: simulatedAccounts({ chain }, config, simulated),
      innerInstructions: config.flag("innerInstructions") ? innerOf(simulated) : null,
      replacementBlockhash: replace
        ? { blockhash: chain.blockhash(slot), lastValidBlockHeight: slot + blockhashSlots }
        : null,
    });
  },

  requestAirdrop: async ({ sender }, params) => {
    const destination = params.address(0);
    const submission = await sender.airdrop(destination, params.u64(1, "lamports"));
    if (submission.kind === "refused") throw preflightError(submission);
    return submission.committed.entry.signature;
  },

  getSignatureStatuses: ({ chain }, params) => {
    const signatures = params.list(0, "signatures", statusesMax).map(checkedSignature);
    const deep = params.config(1).flag("searchTransactionHistory");
    return withContext(
      chain,
      signatures.map((signature) => statusJson(chain.history.find(signature, deep))),
    );
  },

  getSignaturesForAddress: ({ chain }, params) => {
    const address = params.address(0);
    const config = params.config(1);
    requireContextSlot(config, chain.now().slot);
    const limit = config.integer("limit", signaturesMax) ?? signaturesMax;
    if (limit === 0) throw invalidParams(`limit must be 1 to ${signaturesMax}`);
    const [before, until] = [config.signature("before"), config.signature("until")];
    const found: WireJson[] = [];
    let started = before === null;
    for (const entry of chain.history.of(address)) {
      if (entry.signature === until || found.length === limit) break;
      if (started) found.push(entryJson(entry));
      else started = entry.signature === before;
    }
    return found;
  },

  getTransaction: async ({ chain }, params) => {
    const signature = params.signature(0);
    const config = params.config(1);
    const encoding = config.oneOf("encoding", ["json", "jsonParsed", "base58", "base64"]) ?? "json";
    const versionMax = config.integer("maxSupportedTransactionVersion", 255);
    const entry = chain.history.find(signature, true);
    if (entry === null) return null;
    await chain.durable();
    return transactionJson(await chain.history.read(entry), encoding, versionMax);
  },
};

function readParam(params: Params, config: Config): WireTransaction {
  const wire = decodeText(params.text(0, "transaction"), config.oneOf("encoding", ["base58", "base64"]) ?? "base58");
  try {
    return readTransaction(wire);
  } catch (error) {
    throw error instanceof WireError ? invalidParams(`failed to deserialize transaction: ${error.message}`) : error;
  }
}

function simulationJson(execution: Execution, ran: Simulated["ran"]): { readonly [key: string]: WireJson } {
  const { error, logs, computeUnits } = execution;
  const meta = ran?.meta;
  return {
    err: error,
    // Null where nothing was run, as nodes tell it.
    logs: ran === null && logs.length === 0 ? null : logs,
    unitsConsumed: computeUnits,
    returnData: returnDataJson(execution) ?? null,
    fee: meta?.fee ?? null,
    loadedAccountsDataSize: ran?.loadedBytes ?? 0,
    loadedAddresses: meta?.loadedAddresses ?? null,
    preBalances: meta?.preBalances ?? null,
    postBalances: meta?.postBalances ?? null,
    preTokenBalances: meta?.preTokenBalances ?? null,
    postTokenBalances: meta?.postTokenBalances ?? null,
  };
}

const innerOf = ({ ran }: Simulated): WireJson =>
  ran === null ? [] : parsedInner(ran.keys.addresses, ran.meta.innerInstructions);

function simulatedAccounts({ chain }: Pick<RpcContext, "chain">, config: Config, { ran }: Simulated): WireJson {
  const wanted = config.object("accounts");
  if (wanted === null) return null;
  const addresses = wanted.list("addresses");
  if (addresses.length > simulatedAccountsMax) throw invalidParams("too many accounts");
  const format = accountFormat(wanted, "base64");
  return addresses.map((address) => {
    const account = ran?.simulation.accounts.get(checkedAddress(address)) ?? chain.account(checkedAddress(address));
    return account === null || account.lamports === 0n
      ? null
      : accountJson(account, format, (mint) => chain.decimalsOf(mint), checkedAddress(address));
  });
}

const signatureError = (): RpcError => new RpcError(rpcCodes.signature, "Transaction signature verification failure");

function preflightError({ execution }: Extract<Submission, { kind: "refused" }>): RpcError {
  if (execution.error === "SignatureFailure") return signatureError();
  return new RpcError(rpcCodes.preflight, `Transaction simulation failed: ${sentence(execution.error)}`, {
    ...simulationJson(execution, null),
    accounts: null,
    innerInstructions: null,
    loadedAccountsDataSize: null,
    replacementBlockhash: null,
  });
}

/** The words of Agave for the errors people meet; clients that match on text look for these. */
function sentence(error: WireJson): string {
  if (error === "BlockhashNotFound") return "Blockhash not found";
  if (error === "AlreadyProcessed") return "This transaction has already been processed";
  if (error === "AccountNotFound") return "Attempt to debit an account but found no record of a prior credit.";
  if (error === "InsufficientFundsForFee") return "Insufficient funds for fee";
  const poor = (error as { InsufficientFundsForRent?: { account_index: number } } | null)?.InsufficientFundsForRent;
  if (poor !== undefined) {
    return `Transaction results in an account (${poor.account_index}) with insufficient funds for rent`;
  }
  const instruction = (error as { InstructionError?: readonly [number, WireJson] } | null)?.InstructionError;
  if (instruction === undefined) return typeof error === "string" ? error : JSON.stringify(error);
  const [index, reason] = instruction;
  const custom = (reason as { Custom?: number } | null)?.Custom;
  const words =
    custom === undefined
      ? JSON.stringify(reason).replaceAll('"', "")
      : `custom program error: 0x${custom.toString(16)}`;
  return `Error processing Instruction ${index}: ${words}`;
}

function statusJson(entry: HistoryEntry | null): WireJson {
  if (entry === null) return null;
  const err = readJson(entry.error);
  return {
    slot: entry.slot,
    confirmations: null,
    confirmationStatus: "finalized",
    err,
    status: err === null ? { Ok: null } : { Err: err },
  };
}

const entryJson = (entry: HistoryEntry): WireJson => ({
  signature: entry.signature,
  slot: entry.slot,
  err: readJson(entry.error),
  memo: entry.memo === "" ? null : entry.memo,
  blockTime: entry.blockTime,
  confirmationStatus: "finalized",
});
