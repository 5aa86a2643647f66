import type { Chain } from "./chain.ts";
import type { HistoryEntry } from "./history.ts";
import type { Methods } from "./methods.ts";
import type { Config } from "./params.ts";
import { invalidParams, RpcError, rpcCodes } from "./rpc-error.ts";
import { slotMs } from "./slots.ts";
import { type TransactionEncoding, transactionAccountsJson, transactionJson } from "./transaction-json.ts";
import type { WireJson } from "./wire-json.ts";

const blocksMax = 500_000;
const samplesMax = 720;
const addressesMax = 128;
const recentSlots = 150;
const samplePeriodSeconds = 60;

/** Every slot is a block; most are empty, and are made when somebody asks for them. */
export const blockMethods: Methods = {
  getBlock: async ({ chain }, params) => {
    const slot = pastSlot(chain, params.u64(0, "slot"));
    const config = params.config(1);
    await chain.durable();
    const entries = chain.history.atSlot(slot);
    return {
      blockHeight: slot,
      blockTime: chain.timeOf(slot),
      blockhash: chain.blockhash(slot),
      parentSlot: Math.max(0, slot - 1),
      previousBlockhash: chain.blockhash(Math.max(0, slot - 1)),
      ...(await blockContent(chain, entries, config)),
      ...(config.get("rewards") === false ? {} : { rewards: [] }),
    };
  },

  getBlocks: ({ chain }, params) => {
    const { slot: now } = chain.now();
    const start = params.u64(0, "start slot");
    const end = params.any(1);
    const last = end === undefined || end === null || typeof end === "object" ? BigInt(now) : params.u64(1, "end slot");
    return slotsBetween(start, last < BigInt(now) ? last : BigInt(now));
  },

  getBlocksWithLimit: ({ chain }, params) => {
    const [start, limit] = [params.u64(0, "start slot"), params.u64(1, "limit")];
    if (limit > BigInt(blocksMax)) throw invalidParams(`Limit too large; max ${blocksMax}`);
    const [end, now] = [start + limit - 1n, BigInt(chain.now().slot)];
    return slotsBetween(start, end < now ? end : now);
  },

  getRecentPerformanceSamples: ({ chain }, params) => {
    const limit = params.any(0) ?? samplesMax;
    if (typeof limit !== "number" || !(limit >= 1 && limit <= samplesMax)) {
      throw invalidParams(`Invalid limit; max ${samplesMax}`);
    }
    const { slot } = chain.now();
    const numSlots = (samplePeriodSeconds * 1000) / slotMs;
    const numTransactions = chain.activity.transactionsFrom(slot - numSlots + 1);
    const samplePeriodSecs = samplePeriodSeconds;
    return [{ slot, numSlots, numTransactions, numNonVoteTransactions: numTransactions, samplePeriodSecs }];
  },

  getRecentPrioritizationFees: ({ chain }, params) => {
    const given = params.any(0);
    const addresses = given === undefined || given === null ? [] : params.list(0, "addresses", addressesMax);
    const written = addresses.map((_, i) => params.addressIn(0, i));
    const { slot: now } = chain.now();
    const first = Math.max(0, now - recentSlots + 1);
    return Array.from({ length: now - first + 1 }, (_, i) => ({
      slot: first + i,
      prioritizationFee: chain.activity.priceAt(first + i, written),
    }));
  },
};

function pastSlot(chain: Chain, slot: bigint): number {
  if (slot <= BigInt(chain.now().slot)) return Number(slot);
  throw new RpcError(rpcCodes.blockNotAvailable, `Block not available for slot ${slot}`);
}

function slotsBetween(start: bigint, end: bigint): WireJson {
  if (end < start) return [];
  if (end - start >= BigInt(blocksMax)) throw invalidParams(`Slot range too large; max ${blocksMax}`);
  return Array.from({ length: Number(end - start) + 1 }, (_, i) => Number(start) + i);
}

const encodings = ["json", "jsonParsed", "base58", "base64"] as const satisfies readonly TransactionEncoding[];

async function blockContent(
  chain: Chain,
  entries: readonly HistoryEntry[],
  config: Config,
): Promise<{ readonly [key: string]: WireJson }> {
  const encoding = config.oneOf("encoding", encodings) ?? "json";
  const details = config.oneOf("transactionDetails", ["full", "accounts", "signatures", "none"]) ?? "full";
  const versionMax = config.integer("maxSupportedTransactionVersion", 255);
  if (details === "none") return {};
  if (details === "signatures") return { signatures: entries.map((entry) => entry.signature) };
  const records = await Promise.all(entries.map((entry) => chain.history.read(entry)));
  const transactions = records.map((record) => {
    if (details === "accounts") return transactionAccountsJson(record, versionMax);
    const { slot: _, blockTime: __, ...rest } = transactionJson(record, encoding, versionMax);
    return rest;
  });
  return { transactions };
}
